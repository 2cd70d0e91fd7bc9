package document

import "github.com/shopspring/decimal"

// Taken is true for a field that Xero shows as it was sent, or as Xero itself rounds that: where it is not, a person has been at
// it. An answer that came says what Xero made of what was sent; of what was never answered only this tells (seed 21989: a line of
// 16.675 less 0.44 came to a cent less, and the invoice counted as edited by a person for ever).
func (c Comparison) Taken(field string) bool {
	return c.Agrees(field) || field == "LineItems" && roundedOnly(c.wantedLines, c.nowLines)
}

// roundedOnly is true for lines that depart by nothing but half cents of a discount in money.
func roundedOnly(sent, now []map[string]string) bool {
	if len(sent) != len(now) {
		return false
	}
	for i := range sent {
		for _, f := range lineTable {
			if lineDiffers(f, sent[i], now[i]) && !(f.Name == discountAmount && roundedDiscount(sent[i], now[i])) {
				return false
			}
		}
	}
	return true
}

// roundedDiscount is true for a discount in money that stands in a list as the rate that it comes to, of a line that comes to what
// it should but for half a cent.
func roundedDiscount(sent, now map[string]string) bool {
	var n [5]decimal.Decimal
	for i, text := range []string{sent[discountAmount], now["DiscountRate"], now["Quantity"], now["UnitAmount"], now["LineAmount"]} {
		var err error
		if n[i], err = decimal.NewFromString(text); err != nil {
			return false
		}
	}
	discount, rate, gross, amount := n[0], n[1], n[2].Mul(n[3]), n[4]
	cents, hundredths := gross.Sub(discount).Sub(amount), discount.Shift(2).Sub(rate.Mul(gross))
	half := decimal.New(5, -3)
	return cents.Abs().LessThanOrEqual(half) && hundredths.Abs().LessThanOrEqual(gross.Abs().Mul(half))
}
