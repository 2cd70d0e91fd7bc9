package xerotest

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// discount is what is taken off a line. Once the line has been worked out it has both forms, whichever was given: people
// report an amount beside every rate and a rate beside every amount.
type discount struct {
	given    bool            // one was sent or entered, be it of nothing
	byAmount bool            // the amount stands; else the rate does
	rate     decimal.Decimal // percent, of which Xero keeps two decimals
	amount   decimal.Decimal
}

func (d discount) equal(other discount) bool {
	return d.rate.Equal(other.rate) && d.amount.Equal(other.amount)
}

// takeDiscount overlays the discount of a line that was sent. Where both forms are, the rate was seen to win.
func (o *Organisation) takeDiscount(l *line, in *lineIn) {
	switch {
	case in.DiscountRate.sent && (!in.DiscountRate.IsZero() || !in.DiscountAmount.sent):
		l.discount = discount{given: true, rate: o.round(in.DiscountRate.Decimal, 2)}
	case in.DiscountAmount.sent:
		l.discount = discount{given: true, byAmount: true, amount: o.round(in.DiscountAmount.Decimal, 2)}
	}
}

// checkDiscount refuses what Xero refuses of a discount that was sent. An amount of nothing is larger than a line below
// zero; a rate of nothing is taken there.
func (o *Organisation) checkDiscount(doc *document, l *line, v *verdict) {
	d := l.discount
	switch {
	case doc.kind != salesInvoice && (!d.rate.IsZero() || !d.amount.IsZero()):
		v.refuse("Discounts may not be applied to " + doc.kind + " " + o.bookOf(doc).lower() + "s.")
	case d.byAmount && d.amount.GreaterThan(l.gross()):
		v.refuse(discountTooLarge(d.amount))
	case d.rate.GreaterThan(decimal.New(100, 0)):
		v.refuse(discountTooLarge(d.rate))
	case d.rate.IsNegative():
		v.refuse(fmt.Sprintf("The discount rate '%s' is invalid.", d.rate.StringFixed(2)))
	}
}

// discountTooLarge calls an amount a rate too, as Xero does.
func discountTooLarge(d decimal.Decimal) string {
	return fmt.Sprintf("The discount rate '%s' is invalid. Discount must not be greater than the line total.", d.StringFixed(2))
}

// complete works out the form of a discount that was not given, once the line has its amount.
func (o *Organisation) complete(l *line) {
	d := &l.discount
	gross := l.gross()
	switch {
	case !d.given || gross.IsZero():
		return
	case d.byAmount:
		d.rate = o.round(d.amount.Shift(2).DivRound(gross, 16), 2)
	default:
		d.amount = o.round(gross, 2).Sub(l.amount)
	}
}

// append writes a discount. Lists show the rate alone, single answers the amount too.
func (d discount) append(b []byte, full bool) []byte {
	if !d.given {
		return b
	}
	b = appendAmount(b, "DiscountRate", d.rate, 2)
	if full {
		b = appendAmount(b, "DiscountAmount", d.amount, 2)
	}
	return b
}

// rework is what Xero does with the lines of a document when a POST names none of them: it deletes them and makes them
// anew, with the decimals that unitdp asks for and from the discount rate as it is shown. So approving 2 x 148.00 less
// 20.00, which is 6.7568 %, makes 275.99 of 276.00.
func (o *Organisation) rework(doc *document, places int32) {
	doc.linesMade++
	for i := range doc.lines {
		l := &doc.lines[i]
		l.id = ""
		l.unit = o.round(l.unit, places)
		l.discount.byAmount = false
	}
}
