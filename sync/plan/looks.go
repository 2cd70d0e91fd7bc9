package plan

import (
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// PartContacts is the list of contacts, which is looked at again as the parts of reference data are.
const PartContacts xero.Part = "Contacts"

// MendedBy names the lists of Xero that show when the cause of a hold is mended there; none where no list does. They alone
// are read again while something is held for what Xero lacks: whoever has added a currency should not wait for an hour.
func MendedBy(h *store.Hold) []xero.Part {
	if h == nil {
		return nil
	}
	if field, lacks := strings.CutPrefix(h.Cause, "reference."); lacks {
		return []xero.Part{PartOf(field)}
	}
	switch h.Cause {
	case "xero.account.tax", "xero.line.below_a_cent": // Xero names one of the two, and means the pair, or neither of them
		return []xero.Part{xero.PartTaxRates, xero.PartAccounts}
	case "xero.locked_period":
		return []xero.Part{xero.PartOrganisation}
	case "contact.held", causeHidden: // its account is held, too, and for the cause itself
		return nil
	case "xero.contact.archived", "xero.exists.name", "xero.exists.contact_number", "xero.exists.account_number":
		return []xero.Part{PartContacts}
	}
	if cause, refused := strings.CutPrefix(h.Cause, "xero."); refused {
		return xero.ListsOf(cause) // what Xero's words say is out of date
	}
	if strings.HasPrefix(h.Cause, "contact.") {
		return []xero.Part{PartContacts}
	}
	return nil
}

// MendedIn is the same for what is held under an entry: an account may be held for what a person changed in its contact, and
// a list shows that too. (A document that is held is read by its id.)
func MendedIn(entry string, h *store.Hold) []xero.Part {
	if h != nil && (h.Cause == causeBothSides || h.Cause == causeUnseen) && entry == document.Contacts {
		return []xero.Part{PartContacts}
	}
	return MendedBy(h)
}

// PartOf is the list of Xero in which what a field names has to be.
func PartOf(field string) xero.Part {
	switch field {
	case "CurrencyCode":
		return xero.PartCurrencies
	case "AccountCode":
		return xero.PartAccounts
	case "TaxType":
		return xero.PartTaxRates
	case "ItemCode":
		return xero.PartItems
	case "Tracking":
		return xero.PartTracking
	case "BrandingTheme", "BrandingThemeID":
		return xero.PartThemes
	}
	return xero.PartOrganisation
}

// How often such a list is read: often while somebody may be mending it just now, and seldom when nobody has for an hour.
const (
	LookSoon  = 110 * time.Second // so that with the cycle it takes, two minutes are enough
	LookLater = 15 * time.Minute
	lookHour  = time.Hour
	// lookSeldom is how often it is read when the day's calls run low.
	lookSeldom = time.Hour
	// looksAtOnce is how many looks at one list within a day are made at a pace before that is halved: those of two hours.
	looksAtOnce = 66
	// spareForLooks is how many calls of the day are left, beyond those kept for reading, when looks become seldom; at a
	// quarter of it they end. What is left is for deals. It is the share of spareOfDay percent of the 5,000 that most have; of
	// a smaller day as much. Case: of 388 calls 288 are spare in the morning, and no list was looked at often on any day.
	spareForLooks = 400
	spareOfDay    = 8
)

// Looked is what looks have cost so far, and what they may cost.
type Looked struct {
	Made  int // looks at this one list within a day
	Spare int // calls of the day that are left beyond those kept for reading
	Known bool
	Day   int // calls that the service allows in a day; 0: not known
}

// low is how many spare calls are few.
func (l Looked) low() int {
	if l.Day <= 0 {
		return spareForLooks
	}
	return min(spareForLooks, l.Day*spareOfDay/100)
}

// LookEvery is how long after one look the next is due; 0: none is. held: since when anything is held for what the list lacks; runs:
// since when this process runs, because people restart a daemon after they have mended something. Case: with a new hold each
// hour every list was read every two minutes all day, until no call was left for a deal.
func LookEvery(held, runs time.Duration, l Looked) time.Duration {
	every := LookLater
	if runs < lookHour || held > -lookHour && held < lookHour { // a moment far ahead was stored by a wrong clock
		every = min(LookSoon<<min(l.Made/looksAtOnce, 10), LookLater)
	}
	switch {
	case l.Known && l.Spare <= l.low()/4:
		return 0
	case l.Known && l.Spare <= l.low():
		return max(every, lookSeldom)
	}
	return every
}

// Failed is when a list could not be read, and how often in a row by then.
type Failed struct {
	At    time.Time
	Times int
}

// NextLook is when a list is to be read again that was last read at one moment and could not be read at another. A failed look
// is none: it is made again soon, however seldom the list is looked at by now, and ever more seldom while it goes on failing,
// because each costs several calls of the day.
func NextLook(last time.Time, failed Failed, every time.Duration) time.Time {
	if failed.At.After(last) {
		return failed.At.Add(min(LookSoon<<min(max(failed.Times-1, 0), 10), LookLater))
	}
	return last.Add(every)
}

// TextLooks is when Xero is looked at again, for whoever reads a hold.
const TextLooks = "Xero is looked at again every 2 minutes for an hour, then every 15"

// RetryAfter is how long what Xero refused for the n-th time is not sent again while nothing we know of has changed. What a
// list of Xero may mend is tried soon, and then ever more seldom: an account that was archived when the call came and
// restored before the list was read looks as if nothing had been. Seed 5339: such a deal waited for a day.
func RetryAfter(h *store.Hold, tries int) time.Duration {
	if len(MendedBy(h)) == 0 {
		return RefusedFor
	}
	return min(LookSoon<<min(max(tries-1, 0), 10), RefusedFor)
}
