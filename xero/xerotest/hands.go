package xerotest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// What a person does with documents in Xero's own screens. Hands are not bound by the rules of the API, only by those of
// the books.

// hand runs one act on an invoice; afterwards the invoice bears a new stamp.
func (o *Organisation) hand(invoiceID string, act func(inv *invoice) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	inv := o.findInvoice(invoiceID)
	if inv == nil {
		return fmt.Errorf("invoice %s: %w", invoiceID, ErrNotThere)
	}
	next := *inv
	next.cache = [2]rendering{}
	next.lines = slices.Clone(inv.lines)
	if err := act(&next); err != nil {
		return fmt.Errorf("invoice %s: %w", inv.number, err)
	}
	next.updated = o.now()
	next.settle()
	o.invoices.change(inv, next)
	return nil
}

// status moves an invoice from one of some statuses to another.
func (o *Organisation) setStatus(invoiceID, to string, from ...string) error {
	return o.hand(invoiceID, func(inv *invoice) error {
		if !slices.Contains(from, inv.status) {
			return fmt.Errorf("it is %s and cannot become %s", inv.status, to)
		}
		if err := o.closed(inv, inv.date); err != nil {
			return err
		}
		if (to == voided || to == deleted) && inv.hasMoney() {
			return fmt.Errorf("payments or credits stand on it: remove them before it becomes %s", to)
		}
		if inv.status = to; to == submitted {
			inv.fallDue()
		}
		return nil
	})
}

// closed says why an approved invoice stays as it is: the books are locked for its day. Drafts are not in the books, and
// whoever acts is no adviser.
func (o *Organisation) closed(inv *invoice, days ...time.Time) error {
	for _, day := range days {
		if refused := o.company.locked(day); refused != "" && inv.entered() {
			return refusal(refused)
		}
	}
	return nil
}

// Submit hands a draft to the approver; the screen fills in a due date where there is none.
func (o *Organisation) Submit(invoiceID string) error {
	return o.setStatus(invoiceID, submitted, draft)
}

// Reject hands an invoice that waits for approval back as a draft.
func (o *Organisation) Reject(invoiceID string) error {
	return o.setStatus(invoiceID, draft, submitted)
}

// Approve approves a draft; the screen fills in a due date where there is none.
func (o *Organisation) Approve(invoiceID string) error {
	return o.hand(invoiceID, func(inv *invoice) error {
		if inv.status != draft && inv.status != submitted {
			return fmt.Errorf("it is %s and cannot be approved", inv.status)
		}
		inv.fallDue()
		v := verdict{}
		v.refuse(o.company.locked(inv.date))
		if o.checkApproval(inv, &v); v.failed() {
			return refusal(strings.Join(v.errors, " "))
		}
		inv.status = authorised
		return nil
	})
}

// fallDue gives an invoice without a due date its own date for one.
func (inv *invoice) fallDue() {
	if inv.dueDate.IsZero() {
		inv.dueDate = inv.date
	}
}

// Void voids an approved invoice.
func (o *Organisation) Void(invoiceID string) error {
	return o.setStatus(invoiceID, voided, authorised)
}

// Delete deletes a draft, or one that waits for approval.
func (o *Organisation) Delete(invoiceID string) error {
	return o.setStatus(invoiceID, deleted, draft, submitted)
}

// Pay enters a payment from today on the business bank account.
func (o *Organisation) Pay(invoiceID string, amount decimal.Decimal) (paymentID string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	inv := o.findInvoice(invoiceID)
	if inv == nil {
		return "", fmt.Errorf("invoice %s: %w", invoiceID, ErrNotThere)
	}
	if refused := payable(inv, amount); refused != "" || !amount.IsPositive() {
		return "", fmt.Errorf("invoice %s: a payment of %s is refused: %s", inv.number, amount, refused)
	}
	p := &payment{id: o.madeFrom("payment by hand", []byte(inv.id+amount.String())), invoice: inv, account: o.company.accountByCode("090"), date: o.today(),
		amount: amount.Round(2), rate: inv.rate, updated: o.now()}
	o.pay(p)
	return p.id, nil
}

// Unpay removes a payment.
func (o *Organisation) Unpay(paymentID string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := o.findPayment(paymentID)
	if p == nil || p.deleted {
		return fmt.Errorf("payment %s: %w", paymentID, ErrNotThere)
	}
	o.unpay(p, o.now())
	return nil
}

// Credit makes an approved credit note of this amount for the invoice's contact and sets it against the invoice whole.
func (o *Organisation) Credit(invoiceID string, amount decimal.Decimal) (creditNoteID string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	inv := o.findInvoice(invoiceID)
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
	id := o.madeFrom("credit note", []byte(inv.id+amount.String()))
	n := &creditNote{id: id, number: fmt.Sprintf("CN-%04d", len(o.credits)+1), status: paid, contact: inv.contact, date: o.today(), currency: inv.currency,
		amounts: noTax, rate: inv.rate, subTotal: amount, total: amount, updated: o.now()}
	n.lines = []line{{id: o.named("line", id), description: "Credit for " + inv.number, priced: true, quantity: decimal.New(1, 0), unit: amount, amount: amount,
		taxType: "NONE", account: o.company.accountByCode("200")}}
	a := &allocation{id: o.named("allocation", id), note: n, invoice: inv, amount: amount, date: n.date}
	n.allocations = []*allocation{a}
	o.credits = append(o.credits, n)
	o.touch(inv, n.updated, func(x *invoice) { x.allocations = append(slices.Clip(x.allocations), a) })
	return id, nil
}

// Uncredit takes the allocations of a credit note back, so that it is unused again.
func (o *Organisation) Uncredit(creditNoteID string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range o.credits {
		if n.id != creditNoteID {
			continue
		}
		n.status, n.updated = authorised, o.now()
		for _, a := range n.allocations {
			o.touch(a.invoice, n.updated, func(x *invoice) {
				x.allocations = slices.DeleteFunc(slices.Clone(x.allocations), func(y *allocation) bool { return y == a })
			})
		}
		n.allocations = nil
		return nil
	}
	return fmt.Errorf("credit note %s: %w", creditNoteID, ErrNotThere)
}
