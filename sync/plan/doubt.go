package plan

import (
	"fmt"
	"slices"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// Rule 10: a contact is an account's only when nothing on the two sides contradicts it. (Case: Salesforce numbers its accounts
// 1001, 1002, …, and so did the bookkeeper, for other customers. Case: two people are called David Smith.)
//
//	a number (account, tax, company, contact number) that both have   | differs            | doubtful, whatever else agrees
//	no number agrees; the name, the e-mail, of people the postal code | one of them differs| doubtful
//	a number agrees; name and e-mail                                  | both differ        | doubtful
//	it was the contact of an account that was deleted; as if no number| one of them differs| doubtful
//
// Salesforce's Clone copies every number of an account, and its field for the Xero id: of one that was deleted since they say
// whose copy this is, not who the customer is. (Case: an account was cloned for a new customer and deleted, and the new customer's
// invoices went to the old one.) An account that is there keeps its contact, whoever names it; of accounts that were merged the
// one that is left has it; and one that is taken out of the bin has its own again, if no other was given it.
//
// What one side lacks contradicts nothing. What people write where there is no number ("N/A", "000") agrees with nothing either:
// see document.Worth.

// likeness is how an account and a contact compare, identifier by identifier.
type likeness struct {
	agrees    []agreement
	differs   []difference
	byNumber  bool   // a number is among what agrees
	notNumber bool   // a number is among what differs
	former    string // the account, deleted since, whose contact it was
}

// agreement is an identifier that both sides have and that is the same.
type agreement struct{ field, value string }

// difference is an identifier that both sides have and that differs.
type difference struct{ field, ours, theirs string }

func (d difference) String() string {
	return fmt.Sprintf("the %s is %q in Salesforce and %q in Xero", d.field, d.ours, d.theirs)
}

// likenessOf compares an account, as the contact that the mapping makes of it, with a contact that is in Xero and with those
// that were merged into it there: what one of them was called, it is called too. named is true when the account's own field
// names that contact, which counts as a number that agrees.
func likenessOf(ours xero.Contact, theirs []xero.Contact, person, named bool, match []string) likeness {
	var l likeness
	if named {
		l.agrees, l.byNumber = append(l.agrees, agreement{"ContactID", theirs[0].ContactID}), true
	}
	compare := func(field string, number bool, a string, of func(xero.Contact) string, same func(a, b string) bool) {
		b, worth := "", document.WorthOf(field, a)
		for _, c := range theirs {
			value := of(c)
			switch other := document.WorthOf(field, value); {
			case min(worth, other) == document.Nobodys, max(worth, other) == document.Filler && document.SameFiller(field, a, value):
				continue
			case same(a, value):
				l.agrees, l.byNumber = append(l.agrees, agreement{field, value}), l.byNumber || number && worth == document.Number
				return
			case b == "":
				b = value
			}
		}
		if b != "" {
			l.differs, l.notNumber = append(l.differs, difference{field, a, b}), l.notNumber || number
		}
	}
	folded := func(a, b string) bool { return document.Fold(a) == document.Fold(b) }
	digits := func(a, b string) bool { return document.Digits(a) == document.Digits(b) }
	number := func(c xero.Contact) string { return comparableNumber(c.ContactNumber, match) }
	compare("ContactNumber", true, ours.ContactNumber, number, func(a, b string) bool {
		return a == b || document.IsShortAccountID(b) && strings.HasPrefix(a, b)
	})
	compare("AccountNumber", true, ours.AccountNumber, func(c xero.Contact) string { return c.AccountNumber }, folded)
	compare("TaxNumber", true, ours.TaxNumber, func(c xero.Contact) string { return c.TaxNumber }, digits)
	compare("CompanyNumber", true, ours.CompanyNumber, func(c xero.Contact) string { return c.CompanyNumber }, digits)
	compare("Name", false, ours.Name, func(c xero.Contact) string { return c.Name }, folded)
	compare("EmailAddress", false, ours.EmailAddress, func(c xero.Contact) string { return c.EmailAddress }, folded)
	if person || slices.ContainsFunc(append([]xero.Contact{ours}, theirs...), document.IsPerson) {
		codes := func(c xero.Contact) string { return strings.Join(document.PostalCodes(c), ", ") }
		compare("PostalCode", false, codes(ours), codes, func(a, b string) bool {
			return slices.ContainsFunc(strings.Split(a, ", "), func(code string) bool { return slices.Contains(strings.Split(b, ", "), code) })
		})
	}
	return l
}

// comparableNumber is a contact's number where it can be compared with an account's id: another account's whole id is a
// question of its own (see owner), and another program's number says nothing against an account, unless the mapping matches by
// this very number: nobody can correct it in Xero's screens.
func comparableNumber(number string, match []string) string {
	if document.IsShortAccountID(number) || !document.IsAccountID(number) && slices.Contains(match, "ContactNumber") {
		return number
	}
	return ""
}

// doubtful is true when something contradicts that the two are one customer.
func (l likeness) doubtful() bool {
	differs := func(field string) bool {
		return slices.ContainsFunc(l.differs, func(d difference) bool { return d.field == field })
	}
	switch {
	case l.notNumber:
		return true
	case l.byNumber && l.former == "":
		return differs("Name") && differs("EmailAddress")
	}
	return len(l.differs) > 0
}

// another is true for a contact that is plainly another customer's, so that it does not stand in the way of one that nothing
// contradicts: no number agrees, and one differs. Branches of a group share an e-mail address, and have numbers of their own.
func (l likeness) another() bool { return l.notNumber && !l.byNumber }

// restsOn says what a match rests on, as the log and the plan show it: names of fields, never their values.
func (l likeness) restsOn() string {
	var agrees, differs []string
	for _, a := range l.agrees {
		agrees = append(agrees, a.field)
	}
	for _, d := range l.differs {
		differs = append(differs, d.field)
	}
	text := listed(agrees) + " agree"
	if len(agrees) == 1 {
		text += "s"
	}
	switch len(differs) {
	case 0:
		return text
	case 1:
		return text + "; " + differs[0] + " differs"
	}
	return text + "; " + listed(differs) + " differ"
}

func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// doubtHold names both sides of a match that something contradicts.
func doubtHold(ours, theirs xero.Contact, l likeness) *store.Hold {
	var agrees, fields, differs []string
	for _, a := range l.agrees {
		agrees, fields = append(agrees, fmt.Sprintf("the %s %q is the same", a.field, a.value)), append(fields, a.field)
	}
	for _, d := range l.differs {
		differs = append(differs, d.String())
	}
	if l.former != "" {
		return Held("contact.doubtful", Accountant,
			fmt.Sprintf("the contact %q in Xero was that of account %s, which was deleted in Salesforce, and the account %q may be that customer or a copy made for another: %s, but %s",
				theirs.Name, l.former, ours.Name, strings.Join(agrees, ", "), strings.Join(differs, ", ")),
			"if they are one customer, correct what differs, in Xero or on the account, or empty it on one side; if they are two, empty the "+listed(copiedFields(fields))+" of this account or correct it")
	}
	return Held("contact.doubtful", Accountant,
		fmt.Sprintf("the account %q and the contact %q in Xero may be one customer or two: %s, but %s", ours.Name, theirs.Name, strings.Join(agrees, ", "), strings.Join(differs, ", ")),
		"if they are one customer, correct what differs, in Xero or on the account, or empty it on one side; if they are two, change the "+listed(fields)+" of one of them")
}

// copiedFields are those of some fields by which a copy of an account leads to the contact of its original, as they are called on
// the account: the numbers and the Xero id, or else whatever agrees.
func copiedFields(fields []string) []string {
	var copied []string
	for _, f := range fields {
		switch f {
		case "ContactID":
			copied = append(copied, "field for the Xero contact id")
		case "Name", "EmailAddress", "PostalCode":
		default:
			copied = append(copied, f)
		}
	}
	if copied == nil {
		return fields
	}
	return copied
}

// isPersonAccount is true for the row of an account that stands for a single person.
func isPersonAccount(r store.Record, e *mapping.Entry) bool {
	return e.Person && string(document.Fields(r.JSON)["IsPersonAccount"]) == "true"
}
