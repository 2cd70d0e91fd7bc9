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

// EditableInvoice is an invoice open on the screen. Lines may be changed, added and removed; their amounts follow.
type EditableInvoice struct {
	ContactID, InvoiceNumber, Reference, Url, Date, DueDate string
	CurrencyCode, LineAmountTypes, BrandingThemeID          string
	CurrencyRate                                            decimal.Decimal // of a foreign currency; zero for the rate of the day
	SentToContact                                           bool
	Lines                                                   []LineView
}

// Edit opens an invoice, lets a person change it and saves it.
func (o *Organisation) Edit(invoiceID string, change func(*EditableInvoice)) error {
	return o.hand(invoiceID, func(inv *invoice) error {
		if inv.dead() {
			return fmt.Errorf("it is %s and cannot be edited", inv.status)
		}
		e := EditableInvoice{ContactID: inv.contact.id, InvoiceNumber: inv.number, Reference: inv.reference, Url: inv.url, Date: dayText(inv.date),
			DueDate: dayText(inv.dueDate), CurrencyCode: inv.currency, CurrencyRate: inv.rate, LineAmountTypes: inv.amounts, BrandingThemeID: inv.theme,
			SentToContact: inv.sent}
		for i := range inv.lines {
			e.Lines = append(e.Lines, inv.lines[i].view())
		}
		change(&e)
		return o.enter(inv, e)
	})
}

// AddInvoice makes a sales invoice by hand, as a draft.
func (o *Organisation) AddInvoice(e EditableInvoice) (invoiceID string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.addInvoice(e)
}

func (o *Organisation) addInvoice(e EditableInvoice) (string, error) {
	inv := &invoice{kind: salesInvoice, status: draft, amounts: exclusive, theme: o.company.defaultTheme(), updated: o.now()}
	if e.Date == "" {
		e.Date = dayText(o.today())
	}
	if e.CurrencyCode == "" {
		e.CurrencyCode = o.company.baseCurrency
	}
	if err := o.enter(inv, e); err != nil {
		return "", err
	}
	inv.id = o.madeFrom("invoice by hand", []byte(fmt.Sprintf("%+v", e)))
	if inv.number == "" {
		inv.number = o.invoices.nextNumber()
	}
	o.nameLines(inv)
	o.invoices.add(inv)
	return inv.id, nil
}

// enter saves what stands on the screen.
func (o *Organisation) enter(inv *invoice, e EditableInvoice) error {
	c := o.contacts.byID[e.ContactID]
	if c == nil {
		return fmt.Errorf("contact %s: %w", e.ContactID, ErrNotThere)
	}
	if other := o.invoices.byNumber[fold(e.InvoiceNumber)]; e.InvoiceNumber != "" && other != nil && other.id != inv.id {
		return refusal("Invoice # must be unique.")
	}
	date, okDate := enteredDay(e.Date)
	due, okDue := enteredDay(e.DueDate)
	if !okDate || !okDue || date.IsZero() {
		return fmt.Errorf("%q or %q is not a date: write YYYY-MM-DD", e.Date, e.DueDate)
	}
	if !o.company.subscribed(e.CurrencyCode) {
		return fmt.Errorf("the organisation is not subscribed to currency %s", e.CurrencyCode)
	}
	if err := o.closed(inv, inv.date, date); err != nil {
		return err
	}
	inv.contact, inv.reference, inv.url, inv.sent, inv.date, inv.dueDate = c, e.Reference, e.Url, e.SentToContact, date, due
	if e.InvoiceNumber != "" {
		inv.number = e.InvoiceNumber
	}
	shown := inv.rate
	if e.CurrencyCode != inv.currency || !e.CurrencyRate.IsPositive() {
		inv.currency, inv.rate = e.CurrencyCode, o.company.dayRate(e.CurrencyCode)
	}
	if e.CurrencyRate.IsPositive() && !e.CurrencyRate.Equal(shown) {
		o.takeRate(inv, e.CurrencyRate, &verdict{})
	}
	if e.BrandingThemeID != "" {
		if !slices.ContainsFunc(o.company.themes, func(t theme) bool { return t.id == e.BrandingThemeID }) {
			return fmt.Errorf("branding theme %s: %w", e.BrandingThemeID, ErrNotThere)
		}
		inv.theme = e.BrandingThemeID
	}
	if e.LineAmountTypes != "" {
		inv.amounts = e.LineAmountTypes
	}
	lines := make([]line, 0, len(e.Lines))
	for _, view := range e.Lines {
		l := line{}
		if i := slices.IndexFunc(inv.lines, func(x line) bool { return x.id != "" && x.id == view.LineItemID }); i >= 0 {
			l = inv.lines[i]
		} else {
			inv.linesMade++
		}
		if err := o.enterLine(&l, view); err != nil {
			return err
		}
		lines = append(lines, l)
	}
	inv.lines = lines
	o.nameLines(inv)
	o.totals(inv)
	return nil
}

func (o *Organisation) enterLine(l *line, view LineView) error {
	if view.TaxType != l.taxType || !view.UnitAmount.Equal(l.unit) || !view.Quantity.Equal(l.quantity) {
		l.ownTax = false
	}
	l.description, l.item, l.taxType = view.Description, view.ItemCode, view.TaxType
	if !view.UnitAmount.Equal(l.unit) || !view.Quantity.Equal(l.quantity) {
		l.off, l.faint = decimal.Decimal{}, false
	}
	l.quantity, l.unit = view.Quantity, view.UnitAmount
	switch { // the one that a person has changed stands
	case !view.DiscountAmount.Equal(l.discount.amount):
		l.discount = discount{given: true, byAmount: true, amount: view.DiscountAmount}
	case !view.DiscountRate.Equal(l.discount.rate):
		l.discount = discount{given: true, rate: view.DiscountRate.Round(2)}
	}
	l.priced = !l.quantity.IsZero() || !l.unit.IsZero()
	l.account = nil
	if view.AccountCode != "" {
		if l.account = o.company.accountByCode(view.AccountCode); l.account == nil {
			return fmt.Errorf("account %s: %w", view.AccountCode, ErrNotThere)
		}
	}
	l.tracking = nil
	for _, c := range o.company.tracking { // in the company's order, not the map's
		want, given := view.Tracking[c.name]
		if !given {
			continue
		}
		i := slices.IndexFunc(c.options, func(p *trackingOption) bool { return p.name == want })
		if i < 0 {
			return fmt.Errorf("tracking option %s: %w", want, ErrNotThere)
		}
		l.tracking = append(l.tracking, tracked{c, c.options[i]})
	}
	return nil
}

func enteredDay(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	t, err := time.Parse("2006-01-02", s)
	return t, err == nil
}

// Copy makes a draft of an invoice with everything that stands on it, the link included; its number is the next of the
// sequence.
func (o *Organisation) Copy(invoiceID string) (newID string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	inv := o.findInvoice(invoiceID)
	if inv == nil {
		return "", fmt.Errorf("invoice %s: %w", invoiceID, ErrNotThere)
	}
	c := *inv
	c.id = o.madeFrom("copy", []byte(inv.id))
	c.number, c.status, c.app, c.sent = o.invoices.nextNumber(), draft, nil, false
	c.payments, c.allocations, c.fullyPaid, c.cache = nil, nil, time.Time{}, [2]rendering{}
	c.updated = o.now()
	c.lines = slices.Clone(inv.lines)
	for i := range c.lines {
		c.lines[i].id = ""
	}
	o.nameLines(&c)
	o.invoices.add(&c)
	return c.id, nil
}
