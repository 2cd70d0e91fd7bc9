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

// candidate is a contact in Xero that may be an account's.
type candidate struct {
	xero.Contact
	likeness
}

// matchingContacts are the active contacts that the mapping's match fields lead to, and those whose name is nearly equal.
func matchingContacts(b Books, match []string, contact xero.Contact, person bool) (candidates []candidate, nearly []xero.Contact) {
	var found, near []xero.Contact
	add := func(list []xero.Contact, word string) []xero.Contact {
		for _, c := range byWord(b, word) {
			if c.ContactStatus != "ARCHIVED" && !slices.ContainsFunc(list, func(o xero.Contact) bool { return o.ContactID == c.ContactID }) {
				list = append(list, c)
			}
		}
		return list
	}
	for _, field := range match {
		if word := matchWord(field, contact); word != "" {
			found = add(found, word)
		}
		if field == "Name" && document.Near(contact.Name) != "" && document.Tells(field, contact.Name) {
			near = add(near, document.NearWord(contact.Name))
		}
	}
	// A contact that belongs to another account is no candidate: only when nothing else is left does it explain why the
	// name cannot be used.
	claimed := func(c xero.Contact) bool { return claimedByOther(b, c, contact.ContactNumber) }
	free := slices.DeleteFunc(slices.Clone(found), claimed)
	if len(free) == 0 {
		free = slices.DeleteFunc(found, func(c xero.Contact) bool { return document.Fold(c.Name) != document.Fold(contact.Name) })
		free = free[:min(1, len(free))]
	}
	for _, c := range free {
		like := likenessOf(contact, withMerged(b, c), person, false, match)
		like.former = formerOwner(b, c, contact.ContactNumber)
		candidates = append(candidates, candidate{c, like})
	}
	if len(candidates) > 0 {
		return withoutStrangers(candidates), nil
	}
	return nil, slices.DeleteFunc(near, claimed)
}

// withoutStrangers leaves out what is plainly another customer's contact where one is left that nothing contradicts.
func withoutStrangers(candidates []candidate) []candidate {
	kept := slices.DeleteFunc(slices.Clone(candidates), func(c candidate) bool { return c.another() })
	if slices.ContainsFunc(kept, func(c candidate) bool { return !c.doubtful() }) {
		return kept
	}
	return candidates
}

// matchWord is the word under which the mirror finds contacts that agree with an account in one field; "" when the account has
// nothing there that says whose it is.
func matchWord(field string, c xero.Contact) string {
	value, word := "", document.AccountNumberWord
	switch field {
	case "ContactNumber": // whole, it is the mark; other programs write the 15 characters of the address bar
		return document.ContactNumberWord(c.ContactNumber[:min(15, len(c.ContactNumber))])
	case "AccountNumber":
		value = c.AccountNumber
	case "TaxNumber":
		value, word = c.TaxNumber, document.TaxNumberWord
	case "CompanyNumber":
		value, word = c.CompanyNumber, document.CompanyNumberWord
	case "EmailAddress":
		value, word = c.EmailAddress, document.EmailWord
	case "Name":
		value, word = c.Name, document.NameWord
	}
	if !document.Tells(field, value) {
		return ""
	}
	return word(value)
}

// nameHolder is the active contact whose name keeps Xero from taking another one of that name, accents or not.
func nameHolder(b Books, name string) (xero.Contact, bool) {
	words := []string{document.NameWord(name)}
	if document.Near(name) != "" {
		words = append(words, document.NearWord(name))
	}
	for _, word := range words {
		for _, c := range byWord(b, word) {
			if c.ContactStatus != "ARCHIVED" && document.AsXeroCompares(c.Name) == document.AsXeroCompares(name) {
				return c, true
			}
		}
	}
	return xero.Contact{}, false
}

// RivalAccounts are the accounts whose contacts stand in an account's way. Salesforce is asked whether it still has them.
func RivalAccounts(r store.Record, e *mapping.Entry, f Facts) (accounts []string) {
	contact, _, hold := wantContact(r, e, f, f.Today(r))
	if hold != nil {
		return nil
	}
	words := []string{document.NameWord(contact.Name)}
	for _, field := range e.Match {
		if word := matchWord(field, contact); word != "" {
			words = append(words, word)
		}
	}
	for _, word := range words {
		for _, c := range byWord(f.Books, word) {
			if account := owner(f.Books, c); account != "" && account != r.ID && !slices.Contains(accounts, account) {
				accounts = append(accounts, account)
			}
		}
	}
	return accounts
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
