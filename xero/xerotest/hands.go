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

// hand runs one act on an invoice or a credit note; afterwards it bears a new stamp.
func (o *Organisation) hand(id string, act func(doc *document) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	doc := o.find(id)
	if doc == nil {
		return fmt.Errorf("invoice or credit note %s: %w", id, ErrNotThere)
	}
	k := o.bookOf(doc)
	next := *doc
	next.cache = [2]rendering{}
	next.lines = slices.Clone(doc.lines)
	if err := act(&next); err != nil {
		return fmt.Errorf("%s %s: %w", k.lower(), doc.number, err)
	}
	next.updated = o.now()
	next.settle()
	k.change(doc, next)
	return nil
}

// setStatus moves a document from one of some statuses to another.
func (o *Organisation) setStatus(id, to string, from ...string) error {
	return o.hand(id, func(doc *document) error {
		if !slices.Contains(from, doc.status) {
			return fmt.Errorf("it is %s and cannot become %s", doc.status, to)
		}
		if err := o.closed(doc, doc.date); err != nil {
			return err
		}
		if (to == voided || to == deleted) && doc.hasMoney() {
			return fmt.Errorf("payments or credits stand on it: remove them before it becomes %s", to)
		}
		if doc.status = to; to == submitted {
			doc.fallDue()
		}
		return nil
	})
}

// closed says why an approved document stays as it is: the books are locked for its day. Drafts are not in the books, and
// whoever acts is no adviser.
func (o *Organisation) closed(doc *document, days ...time.Time) error {
	for _, day := range days {
		if refused := o.company.locked(day); refused != "" && doc.entered() {
			return refusal(refused)
		}
	}
	return nil
}

// Submit hands a draft of an invoice or a credit note to the approver; the screen fills in a due date where there is none.
func (o *Organisation) Submit(id string) error {
	return o.setStatus(id, submitted, draft)
}

// Reject hands an invoice or a credit note that waits for approval back as a draft.
func (o *Organisation) Reject(id string) error {
	return o.setStatus(id, draft, submitted)
}

// Approve approves a draft of an invoice or a credit note; the screen fills in a due date where there is none.
func (o *Organisation) Approve(id string) error {
	return o.hand(id, func(doc *document) error {
		if doc.status != draft && doc.status != submitted {
			return fmt.Errorf("it is %s and cannot be approved", doc.status)
		}
		doc.fallDue()
		v := verdict{}
		v.refuse(o.company.locked(doc.date))
		if doc.credit() && len(doc.lines) == 0 {
			v.refuse("One or more line items must be specified")
		}
		if o.checkApproval(doc, &v); v.failed() {
			return refusal(strings.Join(v.errors, " "))
		}
		doc.status = authorised
		return nil
	})
}

// fallDue gives an invoice without a due date its own date for one.
func (doc *document) fallDue() {
	if doc.dueDate.IsZero() && !doc.credit() {
		doc.dueDate = doc.date
	}
}

// Void voids an approved invoice or credit note.
func (o *Organisation) Void(id string) error {
	return o.setStatus(id, voided, authorised)
}

// Delete deletes a draft of an invoice or a credit note, or one that waits for approval.
func (o *Organisation) Delete(id string) error {
	return o.setStatus(id, deleted, draft, submitted)
}

// Pay enters a payment from today on the business bank account: received for an invoice, or given back for a credit note.
func (o *Organisation) Pay(id string, amount decimal.Decimal) (paymentID string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	doc := o.find(id)
	if doc == nil {
		return "", fmt.Errorf("invoice or credit note %s: %w", id, ErrNotThere)
	}
	if refused := payable(doc, amount); refused != "" || !amount.IsPositive() {
		return "", fmt.Errorf("%s %s: a payment of %s is refused: %s", o.bookOf(doc).lower(), doc.number, amount, refused)
	}
	p := &payment{id: o.madeFrom("payment by hand", []byte(doc.id+amount.String())), document: doc, account: o.company.accountByCode("090"), date: o.today(),
		amount: amount.Round(2), rate: doc.rate, updated: o.now()}
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
