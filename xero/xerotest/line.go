package xerotest

import (
	"github.com/shopspring/decimal"
)

// line is a line of a document.
type line struct {
	id, description, taxType string
	item                     *item
	account                  *account
	priced                   bool // it has a quantity and a price; a line may be a description alone
	faint                    bool // its price is less than the decimals that are kept
	quantity, unit           decimal.Decimal
	discount                 discount
	off                      decimal.Decimal // by how much an approval miscounted it: Options.Miscount
	amount, tax              decimal.Decimal
	ownTax                   bool // TaxAmount was given and stands instead of the rate
	tracking                 []tracked
}

type tracked struct {
	category *trackingCategory
	option   *trackingOption
}

// append writes a line: full in answers that show one document, and with the errors of a write.
func (l *line) append(b []byte, places int32, full bool, errors []string) []byte {
	b = append(b, `{"LineItemID":`...)
	if l.id == "" {
		b = appendText(b, zeroID)
	} else {
		b = appendText(b, l.id)
	}
	if l.item != nil {
		b = appendOptional(b, "ItemCode", l.item.code)
	}
	b = appendField(b, "Description", l.description)
	if l.priced {
		b = appendAmount(b, "UnitAmount", l.unit, places)
		b = appendAmount(b, "Quantity", l.quantity, 4)
	}
	b = appendOptional(b, "TaxType", l.taxType)
	b = appendAmount(b, "TaxAmount", l.tax, 2)
	b = appendAmount(b, "LineAmount", l.amount, 2)
	if l.account != nil {
		b = appendField(b, "AccountCode", l.account.code)
		b = appendField(b, "AccountID", l.account.id)
	}
	if l.item != nil && l.item.id != zeroID {
		b = l.item.itemOfLine(b)
	}
	b = l.discount.append(b, full)
	if len(errors) > 0 {
		b = appendMessages(b, "ValidationErrors", errors)
	}
	b = append(b, `,"Tracking":[`...)
	for i, t := range l.tracking {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"Name":`...)
		b = appendText(b, t.category.name)
		b = appendField(b, "Option", t.option.name)
		b = appendField(b, "TrackingCategoryID", t.category.id)
		b = append(appendField(b, "TrackingOptionID", t.option.id), '}')
	}
	return append(b, ']', '}')
}

// round rounds money; half cents go away from zero, or to even with Options.HalfEven: Xero documents neither.
func (o *Organisation) round(d decimal.Decimal, places int32) decimal.Decimal {
	if o.opt.HalfEven {
		return d.RoundBank(places)
	}
	return d.Round(places)
}

// gross is quantity times price, before the discount and with all its decimals.
func (l *line) gross() decimal.Decimal { return l.quantity.Mul(l.unit) }

// exact is what a line comes to with all its decimals.
func (l *line) exact() decimal.Decimal {
	if l.discount.byAmount {
		return l.gross().Sub(l.discount.amount)
	}
	return l.gross().Mul(decimal.New(100, 0).Sub(l.discount.rate)).Shift(-2)
}

// price computes what a line comes to: quantity times price less discount, to the cent.
func (o *Organisation) price(l *line) decimal.Decimal { return o.round(l.exact(), 2).Add(l.off) }

// belowACent tells whether a line comes to something and yet to 0.00. A line that comes to nothing is none.
func (o *Organisation) belowACent(l *line) bool {
	return l.faint || !l.exact().IsZero() && o.round(l.exact(), 2).IsZero()
}

// taxOf computes the tax on one line, to the cent: Xero taxes lines, not totals.
func (o *Organisation) taxOf(l *line, amounts string) decimal.Decimal {
	rate, known := o.company.taxRate(l.taxType)
	if !known || amounts == noTax || !l.priced {
		return decimal.Decimal{}
	}
	if amounts == inclusive {
		return o.round(l.amount.Mul(rate.rate).DivRound(decimal.New(100, 0).Add(rate.rate), 16), 2)
	}
	return o.round(l.amount.Mul(rate.rate).Shift(-2), 2)
}

// totals adds the lines up.
func (o *Organisation) totals(doc *document) {
	var lines, tax, discount decimal.Decimal
	for i := range doc.lines {
		l := &doc.lines[i]
		if !l.priced {
			l.amount, l.tax = decimal.Decimal{}, decimal.Decimal{}
			continue
		}
		l.amount = o.price(l)
		o.complete(l)
		if !l.ownTax || doc.amounts == noTax {
			l.tax = o.taxOf(l, doc.amounts)
		}
		lines, tax = lines.Add(l.amount), tax.Add(l.tax)
		if l.discount.given {
			discount = discount.Add(o.round(l.gross(), 2).Sub(l.amount))
		}
	}
	doc.totalTax, doc.discount = tax, discount
	doc.subTotal, doc.total = lines, lines.Add(tax)
	if doc.amounts == inclusive {
		doc.subTotal, doc.total = lines.Sub(tax), lines
	}
}
