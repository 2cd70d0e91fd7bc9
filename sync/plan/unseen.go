package plan

import (
	"fmt"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
)

// causeUnseen holds an account that Salesforce does not show.
const causeUnseen = "account.unseen"

// planUnseenContact decides about an account that has a contact and that Salesforce does not show. It may have been deleted or
// merged away, which is known then; else it is out of sight, for the length of one pull perhaps, or for ever: of one that was
// taken out of the recycle bin as well nothing is ever heard again. Nothing of it is lost meanwhile: it is decided upon as it was
// last seen, what it is held for it stays held for until that is mended, and what changed on it is sent when it is seen again.
// Who knows that it does not come back says so in Xero, which is all that is left of it.
func planUnseenContact(s Step, r store.Record, e *mapping.Entry, f Facts, link store.Link) Step {
	if _, gone := f.Books.Gone(r.ID); gone || r.JSON == nil {
		return s.undecided("the account is gone; its contact in Xero stays")
	}
	if link.Status == "ARCHIVED" {
		return s.undecided("Salesforce does not show the account, and its contact is archived in Xero")
	}
	r.Gone = ""
	seen := planContact(s, r, e, f)
	switch {
	case seen.Do == Nothing, seen.Do == Wait:
		return seen
	case seen.Do != Hold:
		return s.hold(unsentHold(link, seen))
	case seen.Hold.Owner != Accountant: // what it asks for is done to the account, which may not be there any more
		h := *seen.Hold
		if strings.HasSuffix(h.Remedy, textArchive) { // it is the record's own, of the cycle before
			return seen
		}
		h.Remedy += "; " + textArchive
		return seen.hold(&h)
	}
	return seen
}

const (
	textForGood = "if the account was deleted for good, "
	textArchive = textForGood + "archive its contact in Xero"
)

// unsentHold names what is not sent to a contact, so that a person can enter it there.
func unsentHold(link store.Link, seen Step) *store.Hold {
	changed, remedy := "what changed on it before", ""
	before, after := document.Texts(link.Meant), document.Texts(seen.Meant)
	var values []string
	for _, field := range document.SortedNames(after) {
		if seen.Do == Update && after[field] != before[field] {
			values = append(values, document.FieldWord(field)+" "+document.ShownValue(after[field]))
		}
	}
	if values != nil {
		changed, remedy = "its "+strings.Join(values, ", "), "enter this in its contact in Xero, or "
	}
	return Held(causeUnseen, Admin, fmt.Sprintf("Salesforce no longer shows this account to the integration user; %s is not sent to its contact %q in Xero", changed, link.Number),
		"give the user access to it again; "+textForGood+remedy+"archive the contact")
}
