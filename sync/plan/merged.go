package plan

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// Accounts are merged in Salesforce, and contacts in Xero, each without the other side being told. Whoever is left on one
// side is served under what is left on the other.

// mergesFollowed is how many merges are followed one after another: a ring of them cannot be, a bound on one costs nothing.
const mergesFollowed = 20

// followMerge follows a contact that was merged into others to the one that is left. Where that one is not known yet, it is
// the last that is, which still says what it was merged into.
func followMerge(b Books, id string) (xero.Contact, string) {
	var contact xero.Contact
	for range mergesFollowed {
		seen, ok := b.SeenByID(string(xero.Contacts), strings.ToLower(id))
		if !ok {
			return contact, contact.ContactID
		}
		var err error
		if contact, err = xero.DecodeContact(seen.JSON); err != nil || contact.MergedToContactID == "" {
			return contact, contact.ContactID
		}
		id = contact.MergedToContactID
	}
	return contact, contact.ContactID
}

// mergedAway is true for a contact that followMerge could not follow to the one that is left. Such a contact reads as archived,
// and restoring it would be the wrong thing to do.
func mergedAway(c xero.Contact) bool { return c.MergedToContactID != "" }

// MergedIntoActive is true for a contact that was merged into another one, to which can be invoiced.
func MergedIntoActive(b Books, id string) bool {
	c, end := followMerge(b, id)
	return end != "" && !strings.EqualFold(end, id) && c.ContactStatus != "ARCHIVED"
}

// EndOfMerge is the id under which a contact is invoiced today.
func EndOfMerge(b Books, id string) string {
	if _, end := followMerge(b, id); end != "" {
		return end
	}
	return id
}

// sameContact is true for two ids of one contact, or of contacts that were merged into one.
func sameContact(b Books, one, other string) bool { return EndOfMerge(b, one) == EndOfMerge(b, other) }

// Heir is the account that is left of one that was merged into others; "" of one that was deleted, and the account itself of
// one that is there.
func Heir(b Books, id string) string {
	for range mergesFollowed {
		into, gone := b.Gone(id)
		if !gone {
			return id
		}
		if into == "" {
			return ""
		}
		id = into
	}
	return id
}

// Inherits is true for an account that is to take over the contact of one that was merged into it, or has a contact beside it.
func Inherits(b Books, id string) bool {
	link, ok := b.Link(store.Key{Entry: document.Contacts, ID: id})
	if !ok || link.XeroID == "" {
		return len(inherited(b, id)) > 0
	}
	return inheritsFor(b, link) || ContactsToMerge(b, link) != nil
}

// merged are the accounts that were merged into an account, and those that were merged into them.
func merged(b Books, id string) []string {
	all := slices.Clone(b.MergedInto(id))
	for i := 0; i < len(all) && i < mergesFollowed; i++ {
		for _, earlier := range b.MergedInto(all[i]) {
			if earlier != id && !slices.Contains(all, earlier) {
				all = append(all, earlier)
			}
		}
	}
	return all
}

// withMerged is a contact, and those that were merged into it in Xero: what one of them was called and numbered, it is too.
func withMerged(b Books, c xero.Contact) []xero.Contact {
	all := []xero.Contact{c}
	for i := 0; i < len(all) && i < mergesFollowed; i++ {
		for _, seen := range b.Mirror(string(xero.Contacts), document.MergedWord(all[i].ContactID)) {
			was, err := xero.DecodeContact(seen.JSON)
			if err == nil && !slices.ContainsFunc(all, func(o xero.Contact) bool { return o.ContactID == was.ContactID }) {
				all = append(all, was)
			}
		}
	}
	return all
}

// owner is the id of the account whose contact this is, or was before it was merged into this one; "" when it is nobody's, or
// that of an account that was deleted.
func owner(b Books, c xero.Contact) string {
	for _, one := range withMerged(b, c) {
		if account := ownerOf(b, one); account != "" {
			return account
		}
	}
	return ""
}

func ownerOf(b Books, c xero.Contact) string {
	if document.IsAccountID(c.ContactNumber) {
		if account := Heir(b, c.ContactNumber); account != "" {
			return account
		}
	}
	for _, link := range b.LinksByXeroID(string(xero.Contacts), c.ContactID) {
		if account := Heir(b, link.ID); account != "" {
			return account
		}
	}
	return ""
}

// claimedByOther is true when a contact is another account's: it bears that account's id, or another program's number and
// was adopted for it.
func claimedByOther(b Books, c xero.Contact, id string) bool {
	account := owner(b, c)
	return account != "" && account != id
}

// formerOwner is the account, deleted since and merged into no other, whose contact this was; "" of one that is or was nobody's, and
// of an account's own.
func formerOwner(b Books, c xero.Contact, id string) string {
	deleted := func(account string) bool {
		_, gone := b.Gone(account)
		return account != id && gone && Heir(b, account) == ""
	}
	for _, one := range withMerged(b, c) {
		if document.IsAccountID(one.ContactNumber) && deleted(one.ContactNumber) {
			return one.ContactNumber
		}
		for _, link := range b.LinksByXeroID(string(xero.Contacts), one.ContactID) {
			if deleted(link.ID) {
				return link.ID
			}
		}
	}
	return ""
}

// inherited are the active contacts of the accounts that were merged into an account, the one that was linked first before
// the others.
func inherited(b Books, id string) (contacts []xero.Contact) {
	made := map[string]store.Link{}
	add := func(c xero.Contact, link store.Link) {
		if c.ContactID == "" || c.ContactStatus == "ARCHIVED" || owner(b, c) != id {
			return
		}
		if _, known := made[c.ContactID]; !known {
			made[c.ContactID], contacts = link, append(contacts, c)
		}
	}
	for _, loser := range merged(b, id) {
		if link, ok := b.Link(store.Key{Entry: document.Contacts, ID: loser}); ok && link.XeroID != "" {
			c, _ := followMerge(b, link.XeroID)
			add(c, link)
		}
		live, _ := markedContacts(b, loser)
		for _, c := range live {
			add(c, store.Link{})
		}
	}
	sort.SliceStable(contacts, func(i, j int) bool {
		a, b := made[contacts[i].ContactID], made[contacts[j].ContactID]
		if !a.Made.Equal(b.Made) {
			return a.Made.Before(b.Made)
		}
		return contacts[i].ContactID < contacts[j].ContactID
	})
	return contacts
}

// ContactsToMerge is the hold of an account that has a contact in Xero beside those of the accounts that were merged into it;
// nil when there is only one. The deals go on meanwhile.
func ContactsToMerge(b Books, link store.Link) *store.Hold {
	own, end := followMerge(b, link.XeroID)
	if end == "" {
		return nil
	}
	var others []string
	for _, c := range inherited(b, link.ID) {
		if c.ContactID != end {
			others = append(others, fmt.Sprintf("%q", c.Name))
		}
	}
	if len(others) == 0 {
		return nil
	}
	return Held("contact.merge", Accountant,
		fmt.Sprintf("account %s was merged into this one in Salesforce, and Xero has a contact for each: %q, to which invoices go now, and %s",
			strings.Join(merged(b, link.ID), " and "), own.Name, strings.Join(others, " and ")),
		"merge these contacts in Xero (Contacts, tick them, Merge)")
}

// sameCustomer is true for a contact that stands for an account although it is not the one that the account is linked to: the
// contact of an account that was merged into it.
func sameCustomer(b Books, contactID, account string) bool {
	c, end := followMerge(b, contactID)
	return end != "" && owner(b, c) == account
}

// Absorbed are the accounts that were deleted, or merged into another one, whose contact is now that account's own.
func Absorbed(b Books, link store.Link) (keys []store.Key) {
	for _, other := range b.LinksByXeroID(string(xero.Contacts), link.XeroID) {
		if _, gone := b.Gone(other.ID); gone && other.ID != link.ID {
			keys = append(keys, other.Key)
		}
	}
	for _, id := range merged(b, link.ID) {
		key := store.Key{Entry: document.Contacts, ID: id}
		if other, ok := b.Link(key); ok && other.XeroID != "" && !slices.Contains(keys, key) && sameContact(b, other.XeroID, link.XeroID) {
			keys = append(keys, key)
		}
	}
	return keys
}

// MayRenumber is true when the number of a contact may become an account's id: it has none, or that of an account that is not
// there any more. Another program's number stays.
func MayRenumber(b Books, c xero.Contact, id string) bool {
	switch {
	case c.ContactNumber == id:
		return false
	case c.ContactNumber == "":
	case !document.IsAccountID(c.ContactNumber):
		return false
	default:
		if _, gone := b.Gone(c.ContactNumber); !gone || claimedByOther(b, c, id) {
			return false
		}
	}
	// Xero allows a number once, archived contacts included.
	return !slices.ContainsFunc(b.Mirror(string(xero.Contacts), document.ContactNumberWord(id)), func(s store.Seen) bool {
		return !strings.EqualFold(s.XeroID, c.ContactID)
	})
}
