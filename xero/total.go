package xero

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// Prediction is what Xero will compute for an invoice. A tie is a sum that lies
// exactly between two cents: Xero does not document which way it goes then, so a
// prediction with ties may be a cent off for each.
type Prediction struct {
	Sub, Tax, Total Amount
	Lines           []LineTotal
	Inclusive       bool // the prices hold the tax
	Ties            []string
}

// LineTotal is what one line comes to.
type LineTotal struct {
	Exact  decimal.Decimal // with every decimal that quantity, price and discount make
	Amount decimal.Decimal // to the cent: Xero's LineAmount
	Tax    decimal.Decimal
}

// BelowACent tells whether a line comes to something and yet to 0.00: Xero keeps it on a draft and approves none. A line
// that comes to nothing is none of these.
func (l LineTotal) BelowACent() bool { return !l.Exact.IsZero() && l.Amount.IsZero() }

// AsPriced is the sum of the lines as their prices are: with the tax where these hold it, else before tax. It is what
// somebody means who adds the lines up.
func (p Prediction) AsPriced() Amount {
	if p.Inclusive {
		return p.Total
	}
	return p.Sub
}

// Exact is the sum of the lines before each was rounded to the cent, which is how Salesforce adds them up.
func (p Prediction) Exact() decimal.Decimal {
	var sum decimal.Decimal
	for _, l := range p.Lines {
		sum = sum.Add(l.Exact)
	}
	return sum
}

// Total predicts an invoice's SubTotal, TotalTax and Total.
func Total(in Invoice, ref *Reference) (sub, tax, total Amount, err error) {
	p, err := Predict(in, ref)
	return p.Sub, p.Tax, p.Total, err
}

// Predict computes as Xero does: each line's amount, then its tax, rounded to the
// cent (half away from zero) and only then added up.
func Predict(in Invoice, ref *Reference) (Prediction, error) {
	kind := strings.ToLower(in.LineAmountTypes)
	if kind == "" {
		kind = "exclusive"
	}
	if kind != "exclusive" && kind != "inclusive" && kind != "notax" {
		return Prediction{}, fmt.Errorf("LineAmountTypes is %q; Xero knows Exclusive, Inclusive and NoTax", in.LineAmountTypes)
	}
	p := Prediction{Inclusive: kind == "inclusive"}
	var amounts, taxes decimal.Decimal
	for i, line := range in.LineItems {
		where := fmt.Sprintf("line %d", i+1)
		exact, amount, err := p.lineAmount(where, line)
		if err != nil {
			return Prediction{}, err
		}
		tax := decimal.Zero
		if kind != "notax" {
			if tax, err = p.lineTax(where, line, amount, p.Inclusive, ref); err != nil {
				return Prediction{}, err
			}
		}
		p.Lines = append(p.Lines, LineTotal{exact, amount, tax})
		amounts, taxes = amounts.Add(amount), taxes.Add(tax)
	}
	sub, total := amounts, amounts.Add(taxes)
	if p.Inclusive {
		sub, total = amounts.Sub(taxes), amounts
	}
	p.Sub, p.Tax, p.Total = cents(sub), cents(taxes), cents(total)
	return p, nil
}

func cents(d decimal.Decimal) Amount {
	return Money(decimal.RequireFromString(d.StringFixed(2))) // with both decimals on the wire: 40.00
}

func (p *Prediction) lineAmount(where string, line LineItem) (exact, amount decimal.Decimal, err error) {
	switch {
	case !line.UnitAmount.Set && !line.Quantity.Set && line.LineAmount.Set:
		return line.LineAmount.Decimal, p.round(where, line.LineAmount.Decimal), nil
	case !line.UnitAmount.Set && !line.Quantity.Set:
		return decimal.Zero, decimal.Zero, nil // a line may be a description only
	case !line.UnitAmount.Set:
		return exact, amount, fmt.Errorf("%s has a quantity but no UnitAmount", where)
	case !line.Quantity.Set:
		return exact, amount, fmt.Errorf("%s has a UnitAmount but no quantity", where)
	case line.discountedTwice() && line.LineItemID == "":
		return exact, amount, fmt.Errorf("%s has both a DiscountRate and a DiscountAmount; Xero takes one of them", where)
	}
	exact = line.exact()
	amount = p.round(where, exact)
	if line.LineAmount.Set && !line.LineAmount.Decimal.Equal(amount) {
		return exact, amount, fmt.Errorf("%s comes to %s, but its LineAmount says %s", where, amount.StringFixed(2), line.LineAmount)
	}
	return exact, amount, nil
}

// exact is what a line comes to with all its decimals. Xero keeps four of a price and of a quantity (with unitdp=4), and
// two of a discount, be it percent or money.
func (l LineItem) exact() decimal.Decimal {
	gross := l.Quantity.Round(4).Mul(l.UnitAmount.Round(4))
	byRate := gross.Mul(decimal.NewFromInt(100).Sub(l.DiscountRate.Round(2))).Shift(-2)
	byAmount := gross.Sub(l.DiscountAmount.Round(2))
	switch {
	case l.discountedTwice() && l.LineAmount.Set && byAmount.Round(2).Equal(l.LineAmount.Decimal), l.DiscountRate.Decimal.IsZero():
		return byAmount
	default:
		return byRate
	}
}

// discountedTwice tells whether a line has both forms of a discount. Xero's answers do, whichever was sent, and only their
// LineAmount says which one counts.
func (l LineItem) discountedTwice() bool {
	return l.DiscountRate.Set && l.DiscountAmount.Set && !l.DiscountRate.Decimal.IsZero() && !l.DiscountAmount.Decimal.IsZero()
}

func (p *Prediction) lineTax(where string, line LineItem, amount decimal.Decimal, inclusive bool, ref *Reference) (decimal.Decimal, error) {
	if line.TaxAmount.Set { // Xero honours it
		return line.TaxAmount.Decimal, nil
	}
	if amount.IsZero() {
		return decimal.Zero, nil
	}
	rate, err := rateOf(where, line, ref)
	if err != nil {
		return decimal.Zero, err
	}
	if !inclusive {
		return p.round(where+"'s tax", amount.Mul(rate).Shift(-2)), nil
	}
	return p.roundRatio(where+"'s tax", amount.Mul(rate), rate.Add(decimal.NewFromInt(100)))
}

// rateOf is the line's own tax rate or, as in Xero, that of its account.
func rateOf(where string, line LineItem, ref *Reference) (decimal.Decimal, error) {
	if ref == nil {
		return decimal.Zero, fmt.Errorf("the tax of %s cannot be computed without Xero's tax rates", where)
	}
	code := line.TaxType
	if code == "" && line.AccountCode != "" {
		account, err := ref.Account(line.AccountCode)
		if err != nil {
			return decimal.Zero, fmt.Errorf("%s: %w", where, err)
		}
		code = account.TaxType
	}
	if code == "" {
		return decimal.Zero, fmt.Errorf("%s has no TaxType, and neither has its account", where)
	}
	rate, err := ref.TaxType(code)
	switch {
	case err != nil:
		return decimal.Zero, fmt.Errorf("%s: %w", where, err)
	case !rate.EffectiveRate.Set:
		return decimal.Zero, fmt.Errorf("%s: Xero does not say the rate of %s", where, code)
	}
	return rate.EffectiveRate.Decimal, nil
}

// round rounds to the cent, half away from zero, and notes an exact half.
func (p *Prediction) round(what string, d decimal.Decimal) decimal.Decimal {
	rounded := d.Round(2)
	if rounded.Sub(d).Abs().Equal(halfCent()) {
		p.Ties = append(p.Ties, fmt.Sprintf("%s is exactly %s", what, d))
	}
	return rounded
}

// roundRatio rounds n/d to the cent without a division that could hide a tie.
func (p *Prediction) roundRatio(what string, n, d decimal.Decimal) (decimal.Decimal, error) {
	if d.Sign() <= 0 {
		return decimal.Zero, fmt.Errorf("%s cannot be taken out of its amount: its rate is -100 %% or less", what)
	}
	quotient, rest := n.QuoRem(d, 2) // cut towards zero
	switch rest.Abs().Cmp(d.Mul(halfCent())) {
	case -1:
		return quotient, nil
	case 0:
		p.Ties = append(p.Ties, fmt.Sprintf("%s is exactly half a cent past %s", what, quotient))
	}
	return quotient.Add(decimal.New(int64(n.Sign()), -2)), nil
}

func halfCent() decimal.Decimal { return decimal.New(5, -3) }
