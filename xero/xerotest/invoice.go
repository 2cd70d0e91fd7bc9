package xerotest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

const (
	salesInvoice = "ACCREC"
	bill         = "ACCPAY"
)

// Statuses of a document.
const (
	draft      = "DRAFT"
	submitted  = "SUBMITTED"
	authorised = "AUTHORISED"
	paid       = "PAID"
	voided     = "VOIDED"
	deleted    = "DELETED"
)

// Line amount types.
const (
	exclusive = "Exclusive"
	inclusive = "Inclusive"
	noTax     = "NoTax"
)

// invoice is a sales invoice or a bill.
type invoice struct {
	id, kind, number, reference, url string
	status, currency, amounts, theme string // amounts: LineAmountTypes
	contact                          *contact
	date, dueDate, expected, planned time.Time
	fullyPaid                        time.Time
	rate                             decimal.Decimal
	sent                             bool
	lines                            []line
	linesMade                        int // over its life, for line ids
	subTotal, totalTax, total        decimal.Decimal
	discount                         decimal.Decimal
	payments                         []*payment    // those that count
	allocations                      []*allocation // of credit notes
	app                              *app          // that created it; nil for people
	updated                          time.Time
	revision                         int
	cache                            [2]rendering // by unitdp: 2, 4
}

// rendering is a paged list element as it was last written.
type rendering struct {
	revision, contact int
	hideURL           bool
	json              []byte
}

func (inv *invoice) paid() decimal.Decimal {
	var sum decimal.Decimal
	for _, p := range inv.payments {
		sum = sum.Add(p.amount)
	}
	return sum
}

func (inv *invoice) credited() decimal.Decimal {
	var sum decimal.Decimal
	for _, a := range inv.allocations {
		sum = sum.Add(a.amount)
	}
	return sum
}

func (inv *invoice) due() decimal.Decimal {
	if inv.status == voided || inv.status == deleted {
		return decimal.Decimal{}
	}
	return inv.total.Sub(inv.paid()).Sub(inv.credited())
}

// hasMoney tells whether payments or credits restrict what may change.
func (inv *invoice) hasMoney() bool { return len(inv.payments)+len(inv.allocations) > 0 }

// entered tells whether an invoice counts in the books: what lies in a closed period stays as it is then.
func (inv *invoice) entered() bool { return inv.status == authorised || inv.status == paid }

func (inv *invoice) dead() bool { return inv.status == voided || inv.status == deleted }

// settle moves an approved invoice to PAID when nothing is due, and back when something is again.
func (inv *invoice) settle() {
	switch {
	case inv.status == authorised && inv.due().IsZero():
		inv.status, inv.fullyPaid = paid, time.Time{}
		for _, p := range inv.payments {
			if p.date.After(inv.fullyPaid) {
				inv.fullyPaid = p.date
			}
		}
		for _, a := range inv.allocations {
			if a.date.After(inv.fullyPaid) {
				inv.fullyPaid = a.date
			}
		}
		if !inv.hasMoney() { // it came to nothing
			inv.fullyPaid = inv.date
		}
	case inv.status == paid && !inv.due().IsZero():
		inv.status, inv.fullyPaid = authorised, time.Time{}
	}
}

// invoiceBook finds invoices by what identifies them.
type invoiceBook struct {
	all      []*invoice // by age
	byID     map[string]*invoice
	byNumber map[string]*invoice // sales invoices: their numbers are unique, dead ones included
	sorted   []*invoice          // by id; nil when it has to be made anew
	next     int                 // of the sequence
}

func newInvoiceBook() invoiceBook {
	return invoiceBook{byID: map[string]*invoice{}, byNumber: map[string]*invoice{}, next: 1}
}

func (k *invoiceBook) add(inv *invoice) {
	k.all = append(k.all, inv)
	k.byID[inv.id] = inv
	k.sorted = nil
	inv.contact.invoices = append(inv.contact.invoices, inv)
	if inv.kind == salesInvoice {
		k.byNumber[fold(inv.number)] = inv
		inv.contact.customer = true
	} else {
		inv.contact.supplier = true
	}
}

// change replaces what an invoice says and keeps the indexes true.
func (k *invoiceBook) change(inv *invoice, next invoice) {
	if inv.contact != next.contact {
		inv.contact.invoices = slices.DeleteFunc(inv.contact.invoices, func(x *invoice) bool { return x == inv })
		next.contact.invoices = append(next.contact.invoices, inv)
	}
	if inv.kind == salesInvoice && inv.number != next.number {
		delete(k.byNumber, fold(inv.number))
		k.byNumber[fold(next.number)] = inv
	}
	next.revision = inv.revision + 1
	*inv = next
}

// nextNumber draws from the organisation's sequence, past numbers that are taken.
func (k *invoiceBook) nextNumber() string {
	for {
		number := fmt.Sprintf("INV-%04d", k.next)
		k.next++
		if k.byNumber[fold(number)] == nil {
			return number
		}
	}
}

func (k *invoiceBook) inOrder() []*invoice {
	if k.sorted == nil {
		k.sorted = slices.Clone(k.all)
		slices.SortFunc(k.sorted, func(a, b *invoice) int { return strings.Compare(a.id, b.id) })
	}
	return k.sorted
}

// discounted tells whether a discount was given on a line, be it of nothing: TotalDiscount is there, if only with 0.00.
func (inv *invoice) discounted() bool {
	return slices.ContainsFunc(inv.lines, func(l line) bool { return l.discount.given })
}

// Forms of an invoice in answers.
type invoiceForm uint8

const (
	invoiceFull    invoiceForm = iota // single and write answers
	invoicePaged                      // lists with a page
	invoicePlain                      // lists without: no lines
	invoiceSummary                    // summaryOnly=true
)

// append writes an invoice; v is the verdict of a write, nil otherwise.
func (inv *invoice) append(b []byte, form invoiceForm, places int32, url bool, v *verdict) []byte {
	b = append(b, `{"Type":`...)
	b = appendText(b, inv.kind)
	b = appendField(b, "InvoiceID", inv.id)
	b = appendField(b, "InvoiceNumber", inv.number)
	if inv.kind == salesInvoice {
		b = appendField(b, "Reference", inv.reference)
	}
	if url {
		b = appendOptional(b, "Url", inv.url)
	}
	if form != invoiceSummary {
		b = inv.appendPayments(b)
	}
	b = inv.appendCredits(b)
	b = append(b, `,"Prepayments":[],"Overpayments":[]`...)
	b = appendAmount(b, "AmountDue", inv.due(), 2)
	b = appendAmount(b, "AmountPaid", inv.paid(), 2)
	b = appendAmount(b, "AmountCredited", inv.credited(), 2)
	b = appendBool(b, "SentToContact", inv.sent)
	b = appendAmount(b, "CurrencyRate", inv.rate, 10)
	// Without the lines Xero does not know of discounts: what it says of them in a summary is always no.
	b = appendBool(b, "IsDiscounted", form != invoiceSummary && !inv.discount.IsZero())
	if form != invoiceSummary {
		b = appendBool(b, "HasAttachments", false)
	}
	b = append(b, `,"Contact":`...)
	if inv.contact == nil {
		b = append(b, "{}"...)
	} else {
		b = inv.contact.appendRef(b, form == invoiceFull, v)
	}
	b = appendDate(b, "Date", inv.date)
	b = appendDate(b, "DueDate", inv.dueDate)
	b = appendDate(b, "ExpectedPaymentDate", inv.expected)
	b = appendDate(b, "PlannedPaymentDate", inv.planned)
	b = appendOptional(b, "BrandingThemeID", inv.theme)
	b = appendOptional(b, "Status", inv.status)
	b = appendOptional(b, "LineAmountTypes", inv.amounts)
	switch form {
	case invoicePlain:
		b = append(b, `,"LineItems":[]`...)
	case invoiceFull, invoicePaged:
		b = append(b, `,"LineItems":[`...)
		for i := range inv.lines {
			if i > 0 {
				b = append(b, ',')
			}
			b = inv.lines[i].append(b, places, form == invoiceFull, v.ofLine(i))
		}
		b = append(b, ']')
	}
	b = appendAmount(b, "SubTotal", inv.subTotal, 2)
	b = appendAmount(b, "TotalTax", inv.totalTax, 2)
	b = appendAmount(b, "Total", inv.total, 2)
	if inv.discounted() && form != invoiceSummary {
		b = appendAmount(b, "TotalDiscount", inv.discount, 2)
	}
	b = appendStampField(b, "UpdatedDateUTC", inv.updated)
	b = appendField(b, "UpdatedDateUTCString", inv.updated.Format(time.RFC3339))
	b = appendOptional(b, "CurrencyCode", inv.currency)
	if !inv.fullyPaid.IsZero() {
		b = appendStampField(b, "FullyPaidOnDate", inv.fullyPaid)
	}
	if v == nil {
		b = appendBool(b, "HasErrors", false)
	} else {
		b = v.append(b, "HasErrors")
	}
	return append(b, '}')
}

func (inv *invoice) appendPayments(b []byte) []byte {
	b = append(b, `,"Payments":[`...)
	for i, p := range inv.payments {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"PaymentID":`...)
		b = appendText(b, p.id)
		b = appendStampField(b, "Date", p.date)
		b = appendAmount(b, "Amount", p.amount, 2)
		b = appendOptional(b, "Reference", p.reference)
		b = appendAmount(b, "CurrencyRate", p.rate, 10)
		b = append(b, `,"HasAccount":false,"HasValidationErrors":false}`...)
	}
	return append(b, ']')
}

func (inv *invoice) appendCredits(b []byte) []byte {
	b = append(b, `,"CreditNotes":[`...)
	for i, a := range inv.allocations {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"CreditNoteID":`...)
		b = appendText(b, a.note.id)
		b = appendField(b, "CreditNoteNumber", a.note.number)
		b = appendField(b, "ID", a.note.id)
		b = appendDate(b, "Date", a.date)
		b = appendAmount(b, "AppliedAmount", a.amount, 2)
		b = appendAmount(b, "Total", a.note.total, 2)
		b = append(b, `,"LineItems":[],"HasErrors":false}`...)
	}
	return append(b, ']')
}

// listed returns the element of a paged list, written anew only after a change: lists of thousands are read over and
// over.
func (inv *invoice) listed(places int32, hideURL bool) []byte {
	c := &inv.cache[places/4]
	if c.json == nil || c.revision != inv.revision || c.contact != inv.contact.revision || c.hideURL != hideURL {
		*c = rendering{inv.revision, inv.contact.revision, hideURL, inv.append(c.json[:0], invoicePaged, places, !hideURL, nil)}
	}
	return c.json
}
