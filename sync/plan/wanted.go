package plan

import (
	"strings"

	"sf2xero/sync/document"
)

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
