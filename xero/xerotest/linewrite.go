package xerotest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// lineIn is a line of a request; what is not sent keeps its value when the line is known.
type lineIn struct {
	LineItemID                                  guidIn
	Description, ItemCode, AccountCode, TaxType *string
	AccountID                                   guidIn
	Quantity, UnitAmount, LineAmount, TaxAmount number
	DiscountRate, DiscountAmount                number
	Tracking                                    *trackingIn
}

type trackedIn struct {
	TrackingCategoryID, TrackingOptionID guidIn
	Name, Option                         *string
}

// trackingIn is the list of tracking options. One object in its place makes Xero answer 500.
type trackingIn []trackedIn

func (t *trackingIn) UnmarshalJSON(b []byte) error {
	if b[0] == '{' {
		return errCrash
	}
	var list []trackedIn
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	*t = list
	return nil
}

var maxAmount = decimal.RequireFromString("9999999999.99")

// takeLines replaces the lines of a document: a line with a known LineItemID is changed, any other is added, and every
// stored line that is not mentioned is gone.
func (o *Organisation) takeLines(doc *document, ins []lineIn, places int32, v *verdict) {
	old := doc.lines
	doc.lines = make([]line, 0, len(ins))
	defer func() { v.line = 0 }()
	for i := range ins {
		in := &ins[i]
		v.line = i + 1
		l := line{}
		if at := slices.IndexFunc(old, func(x line) bool { return in.LineItemID.id != "" && x.id == in.LineItemID.id }); at >= 0 {
			l = old[at]
			l.tracking = slices.Clone(l.tracking)
		} else {
			doc.linesMade++
		}
		o.takeLine(doc, &l, in, places, v)
		doc.lines = append(doc.lines, l)
	}
}

// takeLine overlays one line and checks what can be checked without its neighbours.
func (o *Organisation) takeLine(doc *document, l *line, in *lineIn, places int32, v *verdict) {
	if in.ItemCode != nil {
		o.takeItem(l, *in.ItemCode, v)
	}
	if in.Description != nil {
		l.description = *in.Description
	}
	switch n := utf8.RuneCountInString(l.description); {
	case n == 0:
		v.refuse("The description field is mandatory for each line item.")
	case n > 4000:
		v.refuse("The description field must not exceed 4000 characters.")
	}
	o.takeAmounts(doc, l, in, places, v)
	o.takeAccount(doc, l, in, v)
	o.takeTax(doc, l, in, v)
	if in.Tracking != nil {
		o.takeTracking(l, *in.Tracking, v)
	}
}

// takeItem gives a line the description and price of an item; account and tax it does not give, for Xero's pages
// contradict each other about them.
func (o *Organisation) takeItem(l *line, code string, v *verdict) {
	if l.item = nil; code == "" {
		return
	}
	found := o.itemByCode(code)
	if found == nil {
		v.refuse("Item code '" + code + "' is not valid")
		l.item = &item{id: zeroID, code: code} // as it was sent, in the answer that refuses it
		return
	}
	l.item = found
	if l.description == "" {
		l.description = found.description
	}
	if !l.priced && found.sales.price != nil {
		l.quantity, l.unit, l.priced = decimal.New(1, 0), *found.sales.price, true
	}
}

func (o *Organisation) takeAmounts(doc *document, l *line, in *lineIn, places int32, v *verdict) {
	if in.Quantity.sent {
		l.quantity = in.Quantity.Round(4)
	}
	if l.quantity.IsNegative() {
		v.refuse("The quantity value '" + l.quantity.StringFixed(4) + "' is invalid. Quantity must not be less than zero.")
	}
	if in.UnitAmount.sent {
		l.unit = o.round(in.UnitAmount.Decimal, places)
		l.faint = l.unit.IsZero() && !in.UnitAmount.IsZero()
	}
	priced := in.Quantity.sent || in.UnitAmount.sent || in.LineAmount.sent
	if priced {
		l.off = decimal.Decimal{}
	}
	if priced && !l.priced {
		l.priced = true
		if !in.Quantity.sent {
			l.quantity = decimal.New(1, 0)
		}
	}
	o.takeDiscount(l, in)
	o.checkDiscount(doc, l, v)
	if in.LineAmount.sent {
		if !in.UnitAmount.sent && !l.quantity.IsZero() && l.discount.rate.IsZero() && l.discount.amount.IsZero() {
			l.unit = in.LineAmount.DivRound(l.quantity, 4)
		}
		if sent, expected := in.LineAmount.Round(2), o.price(l); !sent.Equal(expected) {
			v.refuse(fmt.Sprintf("The line total %s does not match the expected line total %s", sent.StringFixed(2), expected.StringFixed(2)))
		}
	}
	if o.price(l).Abs().GreaterThan(maxAmount) || l.unit.Abs().GreaterThan(maxAmount) {
		v.refuse("The line amount must be between -9999999999.99 and 9999999999.99")
		l.unit, l.quantity = decimal.Decimal{}, decimal.Decimal{}
	}
}

// takeAccount finds the account of a line. A draft loses an account that does not exist, with a warning; a document
// that is further on is refused.
func (o *Organisation) takeAccount(doc *document, l *line, in *lineIn, v *verdict) {
	code := text(in.AccountCode)
	switch {
	case in.AccountID.id != "":
		l.account = o.company.accountByID(in.AccountID.id)
		code = in.AccountID.id
	case in.AccountCode == nil:
		return
	case code == "":
		l.account = nil
		return
	default:
		l.account = o.company.accountByCode(code)
	}
	switch a := l.account; {
	case a == nil && doc.status == draft:
		v.warn("Account code '" + code + "' has been removed as it does not match a recognised account")
	case a == nil:
		v.refuse("Account code '" + code + "' is not a valid code for this document.")
	case a.archived:
		v.refuse("Account code '" + code + "' has been archived, or deleted. Each line item must reference a valid account.")
		l.account = nil
	case a.kind == "BANK" || a.system != "" && a.system != "ROUNDING":
		v.refuse("Account code '" + code + "' is not a valid code for this document.")
		l.account = nil
	}
}

// takeTax finds the tax rate of a line: the one that was sent, else that of the account.
func (o *Organisation) takeTax(doc *document, l *line, in *lineIn, v *verdict) {
	if in.TaxAmount.sent {
		l.tax, l.ownTax = o.round(in.TaxAmount.Decimal, 2), true
	} else if in.Quantity.sent || in.UnitAmount.sent || in.LineAmount.sent || in.TaxType != nil {
		l.ownTax = false
	}
	if text(in.TaxType) != "" {
		l.taxType = *in.TaxType
	}
	if doc.amounts == noTax {
		l.taxType = "NONE"
		return
	}
	if l.taxType == "" && l.account != nil {
		l.taxType = l.account.taxType
	}
	if l.taxType == "" {
		return
	}
	rate, known := o.company.taxRate(l.taxType)
	allowed := rate.revenue || rate.liabilities
	if !doc.sale() {
		allowed = rate.expenses || rate.liabilities
	}
	switch {
	case !known || !allowed:
		v.refuse(o.textUnknownTaxType(l.taxType))
		if l.account != nil {
			v.refuse("The TaxType code '" + l.taxType + "' cannot be used with account code '" + l.account.code + "'.")
		}
	case l.account != nil && !rate.fits(l.account.class):
		v.refuse("The TaxType code '" + l.taxType + "' cannot be used with account code '" + l.account.code + "'.")
	}
	if l.ownTax && l.tax.Abs().GreaterThan(o.price(l).Abs()) {
		v.refuse("The tax amount cannot be greater than the line amount!")
	}
}

// takeTracking finds tracking options. An unknown category is refused; an option that is unknown or archived is dropped
// without a word, which only the echo shows.
func (o *Organisation) takeTracking(l *line, ins []trackedIn, v *verdict) {
	l.tracking = nil
	for _, in := range ins {
		var c *trackingCategory
		for _, known := range o.company.tracking {
			if !known.archived && (known.id == in.TrackingCategoryID.id || in.TrackingCategoryID.id == "" && fold(known.name) == fold(text(in.Name))) {
				c = known
			}
		}
		if c == nil && in.TrackingCategoryID.id == "" && text(in.Name) != "" {
			v.refuse("There is no ACTIVE tracking category with the name '" + text(in.Name) + "'")
		}
		if c == nil {
			continue
		}
		if slices.ContainsFunc(l.tracking, func(t tracked) bool { return t.category == c }) {
			v.refuse("For each specified tracking option the name must be unique.")
			continue
		}
		for _, p := range c.options {
			if !p.archived && (p.id == in.TrackingOptionID.id || in.TrackingOptionID.id == "" && strings.EqualFold(p.name, text(in.Option))) {
				l.tracking = append(l.tracking, tracked{c, p})
			}
		}
	}
}
