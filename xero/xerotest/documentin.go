package xerotest

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// documentIn is an invoice or a credit note of a request; nil is not sent, and what is not sent keeps its value. Totals
// are not read: Xero computes them.
type documentIn struct {
	InvoiceID, CreditNoteID            guidIn
	InvoiceNumber, CreditNoteNumber    *string
	Type, Reference, URL, CurrencyCode *string
	Status, LineAmountTypes            *string
	BrandingThemeID                    guidIn
	Contact                            *contactIn
	LineItems                          []lineIn
	Date, DueDate                      date
	ExpectedPaymentDate                date
	PlannedPaymentDate                 date
	CurrencyRate                       number
	SentToContact                      *bool

	id     string  // of its family
	number *string // of its family
}

// as reads the element as one of a family. What the family does not have is passed over as any unknown field is: a credit
// note has no link, nobody expects its payment, and it is marked as sent by people alone.
func (in *documentIn) as(f family) {
	in.id, in.number = in.InvoiceID.id, in.InvoiceNumber
	if f.plural != "Invoices" {
		in.id, in.number = in.CreditNoteID.id, in.CreditNoteNumber
		in.URL, in.SentToContact, in.ExpectedPaymentDate, in.PlannedPaymentDate = nil, nil, date{}, date{}
	}
}

// takeDocument overlays what was sent.
func (o *Organisation) takeDocument(r *request, doc, old *document, in *documentIn, places int32, v *verdict) {
	if c := o.contactOf(r, in.Contact, old, v); c != nil {
		doc.contact = c
	}
	if in.number != nil && (*in.number != "" || !doc.sale()) {
		doc.number = *in.number
	}
	if in.Reference != nil && doc.sale() {
		doc.reference = *in.Reference
	}
	if in.URL != nil {
		doc.url = *in.URL
	}
	if in.BrandingThemeID.id != "" {
		doc.theme = in.BrandingThemeID.id
	}
	if in.Date.sent {
		doc.date = in.Date.Time
	}
	if in.DueDate.sent {
		doc.dueDate = in.DueDate.Time
	}
	if in.ExpectedPaymentDate.sent {
		doc.expected = in.ExpectedPaymentDate.Time
	}
	if in.PlannedPaymentDate.sent {
		doc.planned = in.PlannedPaymentDate.Time
	}
	if t := text(in.LineAmountTypes); t != "" {
		if i := slices.IndexFunc([]string{exclusive, inclusive, noTax}, func(known string) bool { return strings.EqualFold(t, known) }); i >= 0 {
			doc.amounts = []string{exclusive, inclusive, noTax}[i]
		} else {
			v.refuse("The LineAmountTypes '" + t + "' is not valid")
		}
	}
	if c := text(in.CurrencyCode); c != "" && c != doc.currency {
		if o.company.subscribed(c) {
			doc.currency, doc.rate = c, decimal.Decimal{}
		} else {
			v.refuse("Organisation is not subscribed to currency " + c)
		}
	}
	if in.CurrencyRate.sent {
		o.takeRate(doc, in.CurrencyRate.Decimal, v)
	}
	if !doc.rate.IsPositive() {
		doc.rate = o.company.dayRate(doc.currency)
	}
	if len(in.LineItems) > 0 { // an empty list is what typed clients send for "not touched"
		o.takeLines(doc, in.LineItems, places, v)
	} else if old != nil {
		o.leaveLines(doc, old, in, places, v)
	}
	if in.SentToContact != nil && (doc.status == authorised || doc.status == paid) {
		doc.sent = *in.SentToContact // without effect before approval
	}
	o.totals(doc)
}

// leaveLines is what happens to lines that a POST does not name.
func (o *Organisation) leaveLines(doc, old *document, in *documentIn, places int32, v *verdict) {
	if !old.hasMoney() && old.status != paid && !doc.dead() {
		o.rework(doc, places)
	}
	if in.LineAmountTypes != nil {
		for i := range doc.lines {
			o.takeTax(doc, &doc.lines[i], &lineIn{}, v)
		}
	}
	if approves := doc.status == authorised && (old.status == draft || old.status == submitted); approves && o.opt.Miscount != nil {
		if i := slices.IndexFunc(doc.lines, func(l line) bool { return l.priced }); i >= 0 {
			doc.lines[i].off = doc.lines[i].off.Add(o.opt.Miscount(doc.number))
		}
	}
}
