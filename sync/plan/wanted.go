package plan

import (
	"strings"

	"sf2xero/store"
	"sf2xero/sync/document"
)

// noContact stands for the contact of an account that has none yet. It is another one than any that an invoice is made out to,
// which is all that has to be known of it where the invoice cannot be changed any more.
const noContact = "00000000-0000-0000-0000-000000000000"

const textNoContact = "its customer's contact is to be made first"

// customerOf is the contact to which the invoice of a linked deal is to be made out. It stays with the contact of an account that
// was merged into the deal's: the two are one customer, and Xero moves the invoice when the contacts are merged there.
func customerOf(b Books, invoice store.Link, account store.Key) (contactID string, missing bool) {
	if made := document.Texts(invoice.Seen)["Contact"]; made != "" && sameCustomer(b, made, account.ID) {
		return made, false
	}
	if link, ok := b.Link(account); ok && link.XeroID != "" {
		return EndOfMerge(b, link.XeroID), false
	}
	return noContact, true
}

// WantedAccount is the account for which a step of a deal needs a contact, and why: CauseNeeded where the invoice could go out
// now if there were one, CauseAsked where the deal was given to another account after its invoice was approved, so that the
// invoice is only to be compared. "" where something else is amiss with the deal, or nothing is.
func WantedAccount(s Step) (account, why string) {
	if s.Contact.ID == "" || s.Contact.Entry != document.Contacts {
		return "", ""
	}
	switch {
	case s.Do == Create, s.Do == Update, s.Do == Wait && s.Why == textNoContact:
		return s.Contact.ID, CauseNeeded
	case s.Do != Hold:
		return "", ""
	case strings.HasPrefix(s.Hold.Cause, "contact."): // all that is amiss is the account, or its contact
		return s.Contact.ID, CauseNeeded
	case s.Hold.Cause == causeTooLate:
		return s.Contact.ID, CauseAsked
	}
	return "", ""
}
