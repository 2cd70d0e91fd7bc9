package plan

import (
	"strings"
	"time"

	"sf2xero/store"
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
	case "xero.currency.unsubscribed", "xero.currency.rate":
		return []xero.Part{xero.PartCurrencies}
	case "xero.account.unknown", "xero.account.archived", "xero.payment.account":
		return []xero.Part{xero.PartAccounts}
	case "xero.tax.unknown":
		return []xero.Part{xero.PartTaxRates}
	case "xero.account.tax":
		return []xero.Part{xero.PartTaxRates, xero.PartAccounts}
	case "xero.item.unknown", "xero.exists.item_code":
		return []xero.Part{xero.PartItems}
	case "xero.tracking.unknown":
		return []xero.Part{xero.PartTracking}
	case "xero.locked_period", "xero.date.locked":
		return []xero.Part{xero.PartOrganisation}
	case "contact.held", causeHidden: // its account is held, too, and for the cause itself
		return nil
	case "xero.contact.archived", "xero.exists.name", "xero.exists.contact_number", "xero.exists.account_number":
		return []xero.Part{PartContacts}
	}
	if strings.HasPrefix(h.Cause, "contact.") {
		return []xero.Part{PartContacts}
	}
	return nil
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
	// quarter of it they end. What is left is for deals.
	spareForLooks = 400
)

// Looked is what looks have cost so far, and what they may cost.
type Looked struct {
	Made  int // looks at this one list within a day
	Spare int // calls of the day that are left beyond those kept for reading
	Known bool
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
	case l.Known && l.Spare <= spareForLooks/4:
		return 0
	case l.Known && l.Spare <= spareForLooks:
		return max(every, lookSeldom)
	}
	return every
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
