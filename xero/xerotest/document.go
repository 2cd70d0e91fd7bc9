package xerotest

import (
	"time"

	"github.com/shopspring/decimal"
)

// Kinds of documents, by their Type.
const (
	salesInvoice   = "ACCREC"
	bill           = "ACCPAY"
	salesCredit    = "ACCRECCREDIT"
	purchaseCredit = "ACCPAYCREDIT"
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

// document is an invoice, a bill or a credit note. Xero treats them alike: lines, taxes, totals, statuses, and the money
// that settles them. What a kind does not have stays empty.
type document struct {
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
	allocations                      []*allocation // those on an invoice, or those of a credit note
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

func (doc *document) paid() decimal.Decimal {
	var sum decimal.Decimal
	for _, p := range doc.payments {
		sum = sum.Add(p.amount)
	}
	return sum
}

// credited is what is credited on an invoice, or what of a credit note is used.
func (doc *document) credited() decimal.Decimal {
	var sum decimal.Decimal
	for _, a := range doc.allocations {
		sum = sum.Add(a.amount)
	}
	return sum
}

// due is what is outstanding on an invoice, or what remains of a credit note.
func (doc *document) due() decimal.Decimal {
	if doc.status == voided || doc.status == deleted {
		return decimal.Decimal{}
	}
	return doc.total.Sub(doc.paid()).Sub(doc.credited())
}

// hasMoney tells whether payments or credits restrict what may change.
func (doc *document) hasMoney() bool { return len(doc.payments)+len(doc.allocations) > 0 }

// entered tells whether a document counts in the books: what lies in a closed period stays as it is then.
func (doc *document) entered() bool { return doc.status == authorised || doc.status == paid }

func (doc *document) dead() bool { return doc.status == voided || doc.status == deleted }

// settle moves an approved document to PAID when nothing is due, and back when something is again.
func (doc *document) settle() {
	switch {
	case doc.status == authorised && doc.due().IsZero():
		doc.status, doc.fullyPaid = paid, time.Time{}
		for _, p := range doc.payments {
			if p.date.After(doc.fullyPaid) {
				doc.fullyPaid = p.date
			}
		}
		for _, a := range doc.allocations {
			if a.date.After(doc.fullyPaid) {
				doc.fullyPaid = a.date
			}
		}
		if !doc.hasMoney() { // it came to nothing
			doc.fullyPaid = doc.date
		}
	case doc.status == paid && !doc.due().IsZero():
		doc.status, doc.fullyPaid = authorised, time.Time{}
	}
}

// credit tells a credit note from an invoice.
func (doc *document) credit() bool { return doc.kind == salesCredit || doc.kind == purchaseCredit }

// sale tells whether a document goes to a customer: only then it has a unique number and a reference.
func (doc *document) sale() bool { return doc.kind == salesInvoice || doc.kind == salesCredit }
