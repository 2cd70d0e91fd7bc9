package plan

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/xero"
)

// checkTotal holds a deal whose lines do not come to its amount: a cent here is the cent that the accountant finds later.
// Prices that include tax are compared with the total that includes it.
func checkTotal(inv xero.Invoice, result mapping.Result, ref *xero.Reference) *store.Hold {
	p, err := xero.Predict(inv, ref)
	if err != nil {
		return Held("total.unknown", Admin, err.Error(), "correct the line in Salesforce or mapping.yaml")
	}
	if result.Total == "" {
		return nil
	}
	want, err := decimal.NewFromString(result.Total)
	if err != nil {
		return Held("total.unknown", Admin, "the deal's total "+result.Total+" is no number", "correct total: in mapping.yaml")
	}
	t := totals{want: want, predicted: p, billed: p.AsPriced().Decimal, other: p.Total.Decimal, tax: "before tax", where: totalLine(result)}
	if p.Inclusive {
		t.other, t.tax = p.Sub.Decimal, "with tax"
	}
	if t.billed.Equal(want) {
		return nil
	}
	return t.hold(inv.LineItems)
}

// totals are what a deal says and what its lines come to.
type totals struct {
	want, billed, other decimal.Decimal // other: with tax where billed is without, and the other way round
	predicted           xero.Prediction
	tax, where          string
}

func (t totals) hold(lines []xero.LineItem) *store.Hold {
	text := fmt.Sprintf("its lines come to %s %s, the deal says %s (difference %s)", t.billed.StringFixed(2), t.tax, t.want.StringFixed(2), t.want.Sub(t.billed).StringFixed(2))
	grain := decimal.New(5*int64(len(lines)), -3) // what rounding each line may make of it
	switch {
	case t.predicted.Exact().Round(2).Equal(t.want):
		return centsHold(t, text, lines)
	case t.predicted.Inclusive && t.other.Sub(t.want).Abs().LessThanOrEqual(grain):
		return Held("total.mismatch", Admin, text+"; "+t.other.StringFixed(2)+" is what they come to before tax",
			"its prices include tax (LineAmountTypes: Inclusive), so let total: in "+t.where+" be the amount with tax, such as total: =ROUND(Amount, 2)")
	case !t.predicted.Inclusive && t.other.Equal(t.want):
		return Held("total.mismatch", Admin, text+", which is what they come to with tax",
			"let total: in "+t.where+" be the amount before tax, or write LineAmountTypes: Inclusive if the prices of the products include it")
	}
	return Held("total.mismatch", Sales, text, "correct the products of the deal, of which Salesforce computes its amount, or the amount if it has none; where a product's Total Price is not what its quantity, "+
		"price and discount come to, have mapping.yaml send it as it is: Quantity: 1, UnitAmount: =TotalPrice, and no DiscountRate")
}

// centsHold is for a deal that is right on both sides. Salesforce adds up line totals that it does not round, Xero bills
// whole cents of each line: two lines of 42.4575 are 84.92 there and 84.92 or 84.93 here. Amount cannot be edited, so the
// remedy is a price.
func centsHold(t totals, text string, lines []xero.LineItem) *store.Hold {
	var fine, prices []string
	for i, line := range lines {
		exact := t.predicted.Lines[i].Exact
		if exact.Equal(exact.Round(2)) {
			continue
		}
		fine = append(fine, fmt.Sprintf("line %d is %s", i+1, exact))
		if price, ok := wholePrice(line, exact); ok {
			prices = append(prices, fmt.Sprintf("%s for line %d", price, i+1))
		}
	}
	example := ""
	if len(prices) > 0 {
		example = ", for example a Sales Price of " + several(prices) + " and no discount"
	}
	return Held("total.cents", Sales, text+": Salesforce adds up before it rounds, Xero bills whole cents of each line; "+several(fine),
		"give these products a price and discount in Salesforce that come to whole cents"+example+"; for all deals at once, the admin can have total: in "+t.where+
			" read a roll-up field that adds up ROUND(TotalPrice, 2) of the products")
}

// belowACent holds a draft that Xero would not approve, with the line that is to blame: Xero itself says only that an account or a tax
// rate must be valid, of lines where both are.
func belowACent(link store.Link, f Facts) *store.Hold {
	meant, err := xero.DecodeInvoice(link.Meant)
	if err != nil {
		return nil
	}
	p, err := xero.Predict(meant, f.Reference)
	if err != nil {
		return nil
	}
	var below []string
	for i, line := range p.Lines {
		if line.BelowACent() {
			below = append(below, fmt.Sprintf("line %d is %s", i+1, line.Exact))
		}
	}
	if len(below) == 0 {
		return nil
	}
	return Held("line.below_a_cent", Sales, link.Number+" stays a draft: Xero approves no line that comes to something and yet to less than a cent; "+several(below),
		"take this product off the deal in Salesforce, or give it a price of nothing or of a cent")
}

// several lists the first few of some texts.
func several(texts []string) string {
	const shown = 5
	if more := len(texts) - shown; more > 0 {
		texts = append(texts[:shown:shown], fmt.Sprintf("%d more", more))
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " and " + texts[len(texts)-1]
}

// wholePrice is a price with which a line comes to whole cents without a discount, as near as may be to what it is.
func wholePrice(line xero.LineItem, exact decimal.Decimal) (string, bool) {
	if !line.Quantity.IsPositive() {
		return "", false
	}
	price := exact.DivRound(line.Quantity.Decimal, 2)
	whole := price.Mul(line.Quantity.Decimal)
	return price.StringFixed(2), whole.Equal(whole.Round(2))
}

// unroundedTotal is the hold of a deal whose mapping takes Salesforce's sum as it is: 84.915 is what the screen shows as
// 84.92. nil when more than that is wrong with the deal, or something else.
func unroundedTotal(result mapping.Result) *store.Hold {
	source := result.Sources["total"]
	want, err := decimal.NewFromString(source.Value)
	if len(result.Faults) != 1 || result.Faults[0].Field != "total" || err != nil || want.Equal(want.Round(2)) {
		return nil
	}
	hold := faultHold(result.Faults)
	hold.Remedy = fmt.Sprintf("write total: =ROUND(%s, 2) in %s: Salesforce adds up line totals that it does not round, and shows cents", strings.TrimPrefix(source.Formula, "="), totalLine(result))
	return hold
}

func totalLine(result mapping.Result) string {
	if line := result.Sources["total"].Line; line > 0 {
		return fmt.Sprintf("mapping.yaml line %d", line)
	}
	return "mapping.yaml"
}
