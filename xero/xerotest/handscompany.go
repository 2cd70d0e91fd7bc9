package xerotest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What a person does with contacts and under Settings in Xero's own screens.

// EditableContact is a contact open on the screen.
type EditableContact struct {
	Name, ContactNumber, AccountNumber, FirstName, LastName, EmailAddress string
	CompanyNumber, TaxNumber, DefaultCurrency, Phone, Mobile              string
	Street, Postal                                                        AddressView
}

// AddContact makes a contact by hand. The screens allow what the API refuses: a name or number that is taken.
func (o *Organisation) AddContact(e EditableContact) (contactID string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.addContact(e)
}

func (o *Organisation) addContact(e EditableContact) (string, error) {
	if strings.TrimSpace(e.Name) == "" {
		return "", refusal("Contact Name cannot be empty.")
	}
	c := &contact{id: o.madeFrom("contact by hand", []byte(fmt.Sprintf("%+v", e))), updated: o.now()}
	c.enter(e)
	o.contacts.add(c)
	return c.id, nil
}

func (c *contact) enter(e EditableContact) {
	c.name, c.number, c.accountNumber = e.Name, e.ContactNumber, e.AccountNumber
	c.first, c.last, c.email, c.companyNumber, c.taxNumber = e.FirstName, e.LastName, e.EmailAddress, e.CompanyNumber, e.TaxNumber
	c.currency = e.DefaultCurrency
	c.phones[0].number, c.phones[3].number = e.Phone, e.Mobile
	c.addresses = [2]AddressView{street: e.Street, postal: e.Postal}
}

// contactHand runs one act on a contact; afterwards the contact bears a new stamp.
func (o *Organisation) contactHand(id string, act func(*contact) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.contacts.byID[id]
	if c == nil {
		return fmt.Errorf("contact %s: %w", id, ErrNotThere)
	}
	next := *c
	if err := act(&next); err != nil {
		return fmt.Errorf("contact %s: %w", c.name, err)
	}
	next.updated = o.now()
	o.contacts.change(c, next)
	return nil
}

// EditContact opens a contact, lets a person change it and saves it.
func (o *Organisation) EditContact(id string, change func(*EditableContact)) error {
	return o.contactHand(id, func(c *contact) error {
		e := EditableContact{Name: c.name, ContactNumber: c.number, AccountNumber: c.accountNumber, FirstName: c.first, LastName: c.last,
			EmailAddress: c.email, CompanyNumber: c.companyNumber, TaxNumber: c.taxNumber, DefaultCurrency: c.currency,
			Phone: c.phones[0].number, Mobile: c.phones[3].number, Street: c.addresses[street], Postal: c.addresses[postal]}
		change(&e)
		if strings.TrimSpace(e.Name) == "" {
			return refusal("Contact Name cannot be empty.")
		}
		c.enter(e)
		return nil
	})
}

// ArchiveContact archives a contact; its open invoices stay.
func (o *Organisation) ArchiveContact(id string) error {
	return o.contactHand(id, func(c *contact) error { c.archived = true; return nil })
}

// RestoreContact brings an archived or merged contact back, which the API cannot. What a merge has moved stays with the
// other one. While an active contact has the same name, the screen refuses.
func (o *Organisation) RestoreContact(id string) error {
	return o.contactHand(id, func(c *contact) error {
		if c.archived && o.contacts.active(c.name, nil) != nil {
			return refusal(o.textNameTaken(c.name))
		}
		c.archived, c.merged = false, nil
		return nil
	})
}

// MergeContacts moves the invoices and credit notes of the loser to the winner and archives the loser, which points to
// the winner from then on and keeps its numbers. The winner keeps what it says of itself. Documents that moved bear new
// stamps, unless Options.QuietMerge says otherwise.
func (o *Organisation) MergeContacts(winner, loser string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	w, l := o.contacts.byID[winner], o.contacts.byID[loser]
	switch {
	case w == nil || l == nil || w == l:
		return fmt.Errorf("contacts %s and %s cannot be merged: %w", winner, loser, ErrNotThere)
	case w.archived || l.archived:
		return fmt.Errorf("contacts %s and %s cannot be merged: one of them is archived", winner, loser)
	}
	now := o.now()
	stampOf := func(doc *document) time.Time {
		if o.opt.QuietMerge {
			return doc.updated
		}
		return now
	}
	for _, inv := range slices.Clone(l.invoices) {
		o.touch(inv, stampOf(inv), func(x *document) { x.contact = w })
	}
	for _, n := range o.notes.all {
		if n.contact == l {
			o.touch(n, stampOf(n), func(x *document) { x.contact = w })
		}
	}
	into, gone := *w, *l
	into.customer, into.supplier, into.updated = w.customer || l.customer, w.supplier || l.supplier, now
	gone.archived, gone.merged, gone.updated = true, w, now
	o.contacts.change(w, into)
	o.contacts.change(l, gone)
	return nil
}

// Lock sets the period lock date, YYYY-MM-DD: nothing dated on or before it may be entered or changed. "" unlocks.
func (o *Organisation) Lock(date string) error {
	day, ok := enteredDay(date)
	if !ok {
		return fmt.Errorf("%q is not a date: write YYYY-MM-DD", date)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.company.periodLock = day
	return nil
}

// LockYear sets the end of year lock date, YYYY-MM-DD. "" unlocks.
func (o *Organisation) LockYear(date string) error {
	day, ok := enteredDay(date)
	if !ok {
		return fmt.Errorf("%q is not a date: write YYYY-MM-DD", date)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.company.yearLock = day
	return nil
}

// AddTheme adds a branding theme and returns its id.
func (o *Organisation) AddTheme(name string) (brandingThemeID string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	id := o.madeFrom("theme by hand", []byte(name))
	o.company.themes = append(o.company.themes, theme{id, name, len(o.company.themes)})
	return id
}

// AddAccount adds an account to the chart. Type is Xero's: REVENUE, EXPENSE, BANK, CURRLIAB, …
func (o *Organisation) AddAccount(code, name, kind, taxType string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if a := o.company.accountByCode(code); a != nil {
		a.name, a.kind, a.class, a.taxType, a.archived, a.updated = name, kind, accountClass(kind), taxType, false, o.now()
		return
	}
	o.company.accounts = append(o.company.accounts, &account{id: o.named("account", code), code: code, name: name, kind: kind, class: accountClass(kind),
		taxType: taxType, updated: o.now()})
}

// ArchiveAccount archives an account.
func (o *Organisation) ArchiveAccount(code string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	a := o.company.accountByCode(code)
	if a == nil {
		return fmt.Errorf("account %s: %w", code, ErrNotThere)
	}
	a.archived, a.updated = true, o.now()
	return nil
}

// AddTrackingOption adds an option to a tracking category, and the category where there is none of that name.
func (o *Organisation) AddTrackingOption(category, option string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.IndexFunc(o.company.tracking, func(c *trackingCategory) bool { return c.name == category })
	if i < 0 {
		i = len(o.company.tracking)
		o.company.tracking = append(o.company.tracking, &trackingCategory{id: o.named("tracking", category), name: category})
	}
	c := o.company.tracking[i]
	c.options = append(c.options, &trackingOption{id: o.named("tracking", category, option), name: option})
}
