package xerotest

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

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
	return o.hand(invoiceID, func(inv *document) error {
		if inv.credit() {
			return ErrNotThere
		}
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
	return o.addByHand(&document{kind: salesInvoice, status: draft, amounts: exclusive, theme: o.company.defaultTheme(), updated: o.now()}, e)
}

// addByHand saves a new document that stands on the screen.
func (o *Organisation) addByHand(doc *document, e EditableInvoice) (string, error) {
	if e.Date == "" {
		e.Date = dayText(o.today())
	}
	if e.CurrencyCode == "" {
		e.CurrencyCode = o.company.baseCurrency
	}
	if err := o.enter(doc, e); err != nil {
		return "", err
	}
	k := o.bookOf(doc)
	doc.id = o.madeFrom(k.lower()+" by hand", []byte(fmt.Sprintf("%+v", e)))
	if doc.number == "" {
		doc.number = k.nextNumber()
	}
	o.nameLines(doc)
	k.add(doc)
	return doc.id, nil
}

// enter saves what stands on the screen.
func (o *Organisation) enter(inv *document, e EditableInvoice) error {
	c := o.contacts.byID[e.ContactID]
	if c == nil {
		return fmt.Errorf("contact %s: %w", e.ContactID, ErrNotThere)
	}
	if o.taken(e.InvoiceNumber, inv) {
		return refusal(o.bookOf(inv).name + " # must be unique.")
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
	l.description, l.item, l.taxType = view.Description, nil, view.TaxType
	if view.ItemCode != "" {
		if l.item = o.itemByCode(view.ItemCode); l.item == nil {
			return fmt.Errorf("item %s: %w", view.ItemCode, ErrNotThere)
		}
	}
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
	inv := o.invoices.find(invoiceID)
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
