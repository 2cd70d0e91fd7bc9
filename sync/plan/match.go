package plan

import (
	"slices"
	"sort"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// namedContact is the contact that the account's own field for the Xero id names. It is how a contact is found again that
// bears another program's number and has been renamed since. A cloned account names the contact of another one.
func namedContact(f Facts, r store.Record, e *mapping.Entry) (xero.Contact, bool) {
	id := strings.ToLower(RowText(r.JSON, e.IDField))
	if id == "" || f.Off.RowWitness {
		return xero.Contact{}, false
	}
	if _, known := f.Books.SeenByID(string(xero.Contacts), id); !known {
		return xero.Contact{}, false // of another organisation perhaps; one of ours has been in the watch
	}
	c, end := followMerge(f.Books, id)
	return c, end != "" && !claimedByOther(f.Books, c, r.ID)
}

// markedContacts are the contacts that bear an account's id, byte for byte: ids that differ in case are two accounts.
func markedContacts(b Books, id string) (live, archived []xero.Contact) {
	for _, c := range byWord(b, document.ContactNumberWord(id)) {
		if c.ContactStatus == "ARCHIVED" {
			archived = append(archived, c)
		} else {
			live = append(live, c)
		}
	}
	return live, archived
}

// matchingContacts are the active contacts that the mapping's match fields lead to, and those whose name is nearly equal.
func matchingContacts(b Books, match []string, contact xero.Contact) (candidates, nearly []xero.Contact) {
	add := func(list []xero.Contact, found []xero.Contact) []xero.Contact {
		for _, c := range found {
			if c.ContactStatus != "ARCHIVED" && !slices.ContainsFunc(list, func(o xero.Contact) bool { return o.ContactID == c.ContactID }) {
				list = append(list, c)
			}
		}
		return list
	}
	for _, field := range match {
		switch {
		case field == "AccountNumber" && contact.AccountNumber != "":
			candidates = add(candidates, byWord(b, document.AccountNumberWord(contact.AccountNumber)))
		case field == "Name" && contact.Name != "":
			candidates = add(candidates, byWord(b, document.NameWord(contact.Name)))
			if document.Near(contact.Name) != "" {
				nearly = add(nearly, byWord(b, document.NearWord(contact.Name)))
			}
		}
	}
	// A contact that belongs to another account is no candidate: only when nothing else is left does it explain why the
	// name cannot be used.
	free := slices.DeleteFunc(slices.Clone(candidates), func(c xero.Contact) bool { return claimedByOther(b, c, contact.ContactNumber) })
	nearly = slices.DeleteFunc(nearly, func(c xero.Contact) bool { return claimedByOther(b, c, contact.ContactNumber) })
	if len(free) > 0 {
		return free, nil
	}
	for _, c := range candidates {
		if document.Fold(c.Name) == document.Fold(contact.Name) {
			return []xero.Contact{c}, nil
		}
	}
	return nil, nearly
}

// claimedByOther is true when a contact is another account's: it bears that account's id, or another program's number and
// was adopted for it.
func claimedByOther(b Books, c xero.Contact, id string) bool {
	account := owner(b, c)
	return account != "" && account != id
}

// owner is the id of the account whose contact this is; "" when it is nobody's.
func owner(b Books, c xero.Contact) string {
	if document.IsAccountID(c.ContactNumber) {
		return c.ContactNumber
	}
	for _, link := range b.LinksByXeroID(string(xero.Contacts), c.ContactID) {
		return link.ID
	}
	return ""
}

func byWord(b Books, word string) []xero.Contact {
	var found []xero.Contact
	for _, seen := range b.Mirror(string(xero.Contacts), word) {
		c, end := followMerge(b, seen.XeroID)
		if end == "" || slices.ContainsFunc(found, func(o xero.Contact) bool { return o.ContactID == end }) {
			continue
		}
		found = append(found, c)
	}
	sort.Slice(found, func(i, j int) bool { return found[i].ContactID < found[j].ContactID })
	return found
}

// followMerge follows a contact that was merged into others to the one that is left.
func followMerge(b Books, id string) (xero.Contact, string) {
	var contact xero.Contact
	for range 20 { // a ring of merges cannot be, a bound on one costs nothing
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

// EndOfMerge is the id under which a contact is invoiced today.
func EndOfMerge(b Books, id string) string {
	if _, end := followMerge(b, id); end != "" {
		return end
	}
	return id
}

// sameContact is true for two ids of one contact, or of contacts that were merged into one.
func sameContact(b Books, one, other string) bool { return EndOfMerge(b, one) == EndOfMerge(b, other) }
