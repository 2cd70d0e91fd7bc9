package xerotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// invoiceIn is an invoice of a request; nil is not sent, and what is not sent keeps its value. Totals are not read:
// Xero computes them.
type invoiceIn struct {
	InvoiceID                                         guidIn
	Type, InvoiceNumber, Reference, URL, CurrencyCode *string
	Status, LineAmountTypes                           *string
	BrandingThemeID                                   guidIn
	Contact                                           *contactIn
	LineItems                                         []lineIn
	Date, DueDate, ExpectedPaymentDate                date
	PlannedPaymentDate                                date
	CurrencyRate                                      number
	SentToContact                                     *bool
}

// writeInvoices answers PUT and POST. PUT creates. POST edits the invoice of the id it is given and, without an id,
// whichever sales invoice has that number; only when there is none does it create one.
func (o *Organisation) writeInvoices(r *request) *answer {
	elements, refused := elementsOf(r.body, "Invoices")
	if refused != nil {
		return refused
	}
	ins, refused := decodeAll[invoiceIn](elements)
	if refused != nil {
		return refused
	}
	post := r.method == http.MethodPost
	if len(r.path) == 2 {
		inv := o.findInvoice(r.path[1])
		if inv == nil || len(ins) != 1 {
			return notFound()
		}
		ins[0].InvoiceID.id = inv.id
	}
	outcomes := make([]outcome, len(ins))
	places := r.query.places()
	for i := range ins {
		in, v := &ins[i], &verdict{shown: r.noErrors}
		inv := o.saveInvoice(r, in, elements[i], post, places, v)
		outcomes[i] = outcome{inv.append(make([]byte, 0, 2048), invoiceFull, places, true, v), v.failed()}
	}
	return o.batch(r, "Invoices", outcomes)
}

// saveInvoice does one element of a write and returns what the answer shows: after a refusal, what was asked for, under
// the all-zero id when it would have been new.
func (o *Organisation) saveInvoice(r *request, in *invoiceIn, raw json.RawMessage, post bool, places int32, v *verdict) *invoice {
	var old *invoice
	if post && in.InvoiceID.id != "" {
		if old = o.invoices.byID[in.InvoiceID.id]; old == nil {
			v.refuse("An existing Invoice with the specified InvoiceID could not be found")
			return echo(r, in)
		}
	} else if post && text(in.InvoiceNumber) != "" && text(in.Type) != bill {
		old = o.invoices.byNumber[fold(*in.InvoiceNumber)]
	}
	if old == nil {
		return o.createInvoice(r, in, raw, places, v)
	}
	return o.editInvoice(r, old, in, places, v)
}

// echo is what an answer shows of an element that was refused before anything could be made of it.
func echo(r *request, in *invoiceIn) *invoice {
	inv := &invoice{id: zeroID, updated: r.now, kind: salesInvoice, number: text(in.InvoiceNumber), reference: text(in.Reference), url: text(in.URL)}
	if in.InvoiceID.id != "" {
		inv.id = in.InvoiceID.id
	}
	return inv
}

func (o *Organisation) createInvoice(r *request, in *invoiceIn, raw json.RawMessage, places int32, v *verdict) *invoice {
	next := &invoice{id: zeroID, kind: text(in.Type), status: draft, amounts: exclusive, currency: o.company.baseCurrency, app: r.app, updated: r.now}
	if next.kind != salesInvoice && next.kind != bill {
		v.refuse("Type is mandatory and must be ACCREC or ACCPAY")
		return echo(r, in)
	}
	if s := text(in.Status); s != "" {
		if next.status = s; !creatable(s) {
			v.refuse("Invoice not of valid status for creation")
			next.status = draft
		}
	}
	o.takeInvoice(r, next, nil, in, places, v)
	if len(next.lines) == 0 {
		v.refuse("One or more line items must be specified")
	}
	if next.date.IsZero() {
		next.date = o.today()
	}
	if next.theme == "" && next.kind == salesInvoice {
		next.theme = o.company.defaultTheme()
	}
	if next.dueDate.IsZero() && next.contact != nil && next.contact.sales != nil && next.kind == salesInvoice {
		next.dueDate = next.contact.sales.from(next.date)
	}
	if !next.rate.IsPositive() {
		next.rate = o.company.dayRate(next.currency)
	}
	o.checkInvoice(next, nil, v)
	if v.failed() {
		return next
	}
	if next.number == "" && next.kind == salesInvoice {
		next.number = o.invoices.nextNumber()
	}
	next.id = o.madeFrom("invoice", raw)
	o.nameLines(next)
	next.settle()
	o.invoices.add(next)
	return next
}

func (o *Organisation) editInvoice(r *request, old *invoice, in *invoiceIn, places int32, v *verdict) *invoice {
	next := *old
	next.lines = slices.Clone(old.lines)
	next.cache = [2]rendering{}
	if old.dead() {
		v.refuse(o.textNotModifiable())
		return &next
	}
	if t := text(in.Type); t != "" && t != old.kind {
		v.refuse("The Type of an invoice cannot be changed")
		return &next
	}
	if s := text(in.Status); s != "" {
		if refused := o.checkTransition(old, s); refused != "" {
			v.refuse(refused)
			return &next
		}
		if old.status != paid {
			next.status = s
		}
	}
	o.takeInvoice(r, &next, old, in, places, v)
	if old.entered() && !old.date.Equal(next.date) {
		v.refuse(o.company.locked(old.date))
	}
	if old.hasMoney() || old.status == paid {
		checkMoneyed(old, &next, v)
	}
	o.checkInvoice(&next, old, v)
	if v.failed() {
		return &next
	}
	if !quiet(old, &next) {
		next.updated = r.now
	}
	o.nameLines(&next)
	next.settle()
	o.invoices.change(old, next)
	return old
}

// quiet tells whether a change leaves UpdatedDateUTC as it is: on a part-paid document, DueDate and SentToContact do.
func quiet(old, next *invoice) bool {
	return old.hasMoney() && (!old.dueDate.Equal(next.dueDate) || old.sent != next.sent) &&
		old.reference == next.reference && old.url == next.url && old.number == next.number && old.theme == next.theme && old.status == next.status &&
		slices.EqualFunc(old.lines, next.lines, func(a, b line) bool {
			return a.description == b.description && a.account == b.account && slices.Equal(a.tracking, b.tracking)
		})
}

// takeInvoice overlays what was sent.
func (o *Organisation) takeInvoice(r *request, inv, old *invoice, in *invoiceIn, places int32, v *verdict) {
	if c := o.contactOf(r, in.Contact, old, v); c != nil {
		inv.contact = c
	}
	if in.InvoiceNumber != nil && (*in.InvoiceNumber != "" || inv.kind == bill) {
		inv.number = *in.InvoiceNumber
	}
	if in.Reference != nil && inv.kind == salesInvoice {
		inv.reference = *in.Reference
	}
	if in.URL != nil {
		inv.url = *in.URL
	}
	if in.BrandingThemeID.id != "" {
		inv.theme = in.BrandingThemeID.id
	}
	if in.Date.sent {
		inv.date = in.Date.Time
	}
	if in.DueDate.sent {
		inv.dueDate = in.DueDate.Time
	}
	if in.ExpectedPaymentDate.sent {
		inv.expected = in.ExpectedPaymentDate.Time
	}
	if in.PlannedPaymentDate.sent {
		inv.planned = in.PlannedPaymentDate.Time
	}
	if t := text(in.LineAmountTypes); t != "" {
		if i := slices.IndexFunc([]string{exclusive, inclusive, noTax}, func(known string) bool { return strings.EqualFold(t, known) }); i >= 0 {
			inv.amounts = []string{exclusive, inclusive, noTax}[i]
		} else {
			v.refuse("The LineAmountTypes '" + t + "' is not valid")
		}
	}
	if c := text(in.CurrencyCode); c != "" && c != inv.currency {
		if o.company.subscribed(c) {
			inv.currency, inv.rate = c, decimal.Decimal{}
		} else {
			v.refuse("Organisation is not subscribed to currency " + c)
		}
	}
	if in.CurrencyRate.sent {
		o.takeRate(inv, in.CurrencyRate.Decimal, v)
	}
	if !inv.rate.IsPositive() {
		inv.rate = o.company.dayRate(inv.currency)
	}
	if len(in.LineItems) > 0 { // an empty list is what typed clients send for "not touched"
		o.takeLines(inv, in.LineItems, places, v)
	} else if old != nil {
		o.leaveLines(inv, old, in, places, v)
	}
	if in.SentToContact != nil && (inv.status == authorised || inv.status == paid) {
		inv.sent = *in.SentToContact // without effect before approval
	}
	o.totals(inv)
}

// leaveLines is what happens to lines that a POST does not name.
func (o *Organisation) leaveLines(inv, old *invoice, in *invoiceIn, places int32, v *verdict) {
	if !old.hasMoney() && old.status != paid && !inv.dead() {
		o.rework(inv, places)
	}
	if in.LineAmountTypes != nil {
		for i := range inv.lines {
			o.takeTax(inv, &inv.lines[i], &lineIn{}, v)
		}
	}
	if approves := inv.status == authorised && (old.status == draft || old.status == submitted); approves && o.opt.Miscount != nil {
		if i := slices.IndexFunc(inv.lines, func(l line) bool { return l.priced }); i >= 0 {
			inv.lines[i].off = inv.lines[i].off.Add(o.opt.Miscount(inv.number))
		}
	}
}

// contactOf finds the contact of a document. Anything beside the ContactID edits that contact, and a name or number that
// no one has makes a new one.
func (o *Organisation) contactOf(r *request, in *contactIn, old *invoice, v *verdict) *contact {
	if in == nil {
		if old == nil {
			v.refuse("A Contact must be specified for this type of transaction")
		}
		return nil
	}
	if in.ContactID.id == "" && text(in.Name) == "" && text(in.ContactNumber) == "" {
		if old == nil {
			v.refuse(textNoIdentity)
		}
		return nil
	}
	found := o.matchContact(in)
	switch {
	case found == nil && in.ContactID.id != "":
		v.refuse("The Contact with the specified ContactID could not be found")
		return nil
	case found != nil && found.archived:
		v.refuse(textArchivedInvoice)
		return found
	case found != nil && !in.says():
		return found
	case v.failed():
		return found // nothing is edited for a document that is refused already
	}
	if found != nil && in.ContactPersons == nil {
		in.ContactPersons = &[]person{} // persons that are not listed are dropped
	}
	raw, err := json.Marshal(in.Name)
	if err != nil {
		return found
	}
	nested := &verdict{}
	c := o.saveContact(r, found, in, raw, nested)
	v.contact = nested.errors // told inside the Contact, not beside the document's own errors
	return c
}

// says tells whether a contact inside a document carries more than what identifies it.
func (in *contactIn) says() bool {
	bare := contactIn{ContactID: in.ContactID, ContactStatus: in.ContactStatus}
	if in.ContactID.id == "" {
		bare.Name, bare.ContactNumber = in.Name, in.ContactNumber
	}
	return *in != bare
}

// nameLines gives new lines their ids.
func (o *Organisation) nameLines(inv *invoice) {
	for i := range inv.lines {
		if inv.lines[i].id == "" {
			inv.lines[i].id = o.named("line", inv.id, fmt.Sprint(inv.linesMade, " ", i))
		}
	}
}

// from computes the due date that payment terms give.
func (t *terms) from(day time.Time) time.Time {
	y, m, _ := day.Date()
	switch t.kind {
	case "DAYSAFTERBILLDATE":
		return day.AddDate(0, 0, t.day)
	case "DAYSAFTERBILLMONTH":
		return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).AddDate(0, 0, t.day)
	case "OFCURRENTMONTH":
		return time.Date(y, m, t.day, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(y, m+1, t.day, 0, 0, 0, 0, time.UTC)
}
