package xerotest

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// allocation is the part of a credit note that was set against an invoice.
type allocation struct {
	id      string
	note    *document
	invoice *document
	amount  decimal.Decimal
	date    time.Time
}

// unallocatable says why an amount of a credit note may not be set against an invoice: everything at once, as people
// quote it.
func (o *Organisation) unallocatable(note, inv *document, amount decimal.Decimal) []string {
	var why []string
	if note.status != authorised {
		why = append(why, "Credit notes must have a Status of AUTHORISED to be available for allocation")
	}
	if inv.status == paid {
		why = append(why, "The invoice you are trying to allocate to has already been paid off")
	} else if inv.status != authorised {
		why = append(why, "Credit Note can only be allocated to an Authorised invoice")
	}
	if amount.GreaterThan(inv.due()) || amount.GreaterThan(note.due()) {
		why = append(why, "Credit Note cannot be allocated as amount is greater than amount outstanding")
	}
	if note.sale() != inv.sale() {
		why = append(why, "Credit Note cannot be allocated to an incorrect invoice type")
	}
	if note.contact != inv.contact {
		why = append(why, "Credit Note cannot be allocated to an invoice of another contact")
	}
	if note.currency != inv.currency {
		why = append(why, "Credit Note cannot be allocated to an invoice in another currency")
	}
	if locked := o.company.locked(allocationDay(note, inv)); locked != "" {
		why = append(why, locked)
	}
	return why
}

// allocationDay is the later one of the two dates; nobody chooses another.
func allocationDay(note, inv *document) time.Time {
	if inv.date.After(note.date) {
		return inv.date
	}
	return note.date
}

// allocate sets an amount that has been checked against an invoice. Both bear a new stamp, and are PAID when nothing is
// left.
func (o *Organisation) allocate(note, inv *document, amount decimal.Decimal, now time.Time) *allocation {
	a := &allocation{id: o.madeFrom("allocation", []byte(note.id+inv.id+amount.String())), note: note, invoice: inv, amount: amount, date: allocationDay(note, inv)}
	for _, doc := range []*document{note, inv} {
		o.touch(doc, now, func(x *document) { x.allocations = append(slices.Clip(x.allocations), a) })
	}
	return a
}

// unallocate takes an allocation back.
func (o *Organisation) unallocate(a *allocation, now time.Time) {
	for _, doc := range []*document{a.note, a.invoice} {
		o.touch(doc, now, func(x *document) {
			x.allocations = slices.DeleteFunc(slices.Clone(x.allocations), func(y *allocation) bool { return y == a })
		})
	}
}

// Allocate sets an amount of an approved credit note against an invoice of the same customer.
func (o *Organisation) Allocate(creditNoteID, invoiceID string, amount decimal.Decimal) (allocationID string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	note, inv := o.notes.find(creditNoteID), o.invoices.find(invoiceID)
	if note == nil || inv == nil {
		return "", fmt.Errorf("credit note %s and invoice %s: %w", creditNoteID, invoiceID, ErrNotThere)
	}
	if !amount.IsPositive() {
		return "", fmt.Errorf("credit note %s: %s is no amount to allocate", note.number, amount)
	}
	if why := o.unallocatable(note, inv, amount.Round(2)); len(why) > 0 {
		return "", fmt.Errorf("credit note %s: %w", note.number, refusal(why[0]))
	}
	return o.allocate(note, inv, amount.Round(2), o.now()).id, nil
}

// Credit makes an approved credit note of this amount for the invoice's contact and sets it against the invoice whole.
func (o *Organisation) Credit(invoiceID string, amount decimal.Decimal) (creditNoteID string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	inv := o.invoices.find(invoiceID)
	if inv == nil {
		return "", fmt.Errorf("invoice %s: %w", invoiceID, ErrNotThere)
	}
	switch {
	case inv.status != authorised:
		return "", fmt.Errorf("invoice %s: it is %s, only approved invoices can be credited", inv.number, inv.status)
	case !amount.IsPositive() || amount.GreaterThan(inv.due()):
		return "", fmt.Errorf("invoice %s: Credit Note cannot be allocated as amount is greater than amount outstanding", inv.number)
	}
	amount = amount.Round(2)
	n := &document{id: o.madeFrom("credit note", []byte(inv.id+amount.String())), kind: salesCredit, number: o.notes.nextNumber(), status: authorised,
		contact: inv.contact, date: o.today(), currency: inv.currency, amounts: noTax, rate: inv.rate, updated: o.now()}
	n.lines = []line{{description: "Credit for " + inv.number, priced: true, quantity: decimal.New(1, 0), unit: amount,
		taxType: "NONE", account: o.company.accountByCode("200")}}
	o.nameLines(n)
	o.totals(n)
	o.notes.add(n)
	o.allocate(n, inv, amount, n.updated)
	return n.id, nil
}

// Uncredit takes the allocations of a credit note back, so that it is unused again.
func (o *Organisation) Uncredit(creditNoteID string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.notes.find(creditNoteID)
	if n == nil {
		return fmt.Errorf("credit note %s: %w", creditNoteID, ErrNotThere)
	}
	for _, a := range slices.Clone(n.allocations) {
		o.unallocate(a, o.now())
	}
	return nil
}
