package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

const (
	loserID    = otherID
	contactID3 = "11111111-0000-4000-8000-000000000003"
)

// Accounts that were merged in Salesforce: whoever is left is served under the contact that is there.
func TestAccountsThatWereMerged(t *testing.T) {
	t.Parallel()
	loserKey := store.Key{Entry: document.Contacts, ID: loserID}
	// merged has another account merged into this one, which has no contact but those that are given.
	merged := func(and func(*desk), contacts ...xero.Contact) func(*desk) {
		return func(d *desk) {
			delete(d.books.links, accountKey)
			clear(d.books.seen)
			d.books.gone[loserID] = accountID
			for _, c := range contacts {
				d.customer(c)
			}
			d.record.Cause = CauseMerged
			if and != nil {
				and(d)
			}
		}
	}
	losers := xero.Contact{ContactID: contactID, ContactNumber: loserID, AccountNumber: "K-1", Name: "Zanzibar (old)", EmailAddress: "old@zanzibar.example", ContactStatus: "ACTIVE"}
	own := xero.Contact{ContactID: contactID2, ContactNumber: accountID, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"}
	linked := func(key store.Key, to string, made time.Time) func(*desk) {
		return func(d *desk) {
			d.books.links[key] = store.Link{Key: key, Kind: "Contacts", XeroID: to, Status: "ACTIVE", Made: made, Decided: "?"}
		}
	}
	also := func(all ...func(*desk)) func(*desk) {
		return func(d *desk) {
			for _, f := range all {
				f(d)
			}
		}
	}
	decided := func(d *desk) {
		link := d.books.links[accountKey]
		link.Decided = d.project(d.compile().Contacts, d.account)
		d.books.links[accountKey] = link
	}
	early, late := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	// clone is an account that was made as a copy of another one, its numbers and its field for the Xero id included, which was
	// then given another name or address. The other one was deleted.
	clone := func(name, email string) func(*desk) {
		return func(d *desk) {
			merged(nil, xero.Contact{ContactID: contactID, ContactNumber: loserID, AccountNumber: "C-100", Name: "Zanzibar Ferries", EmailAddress: "pay@zanzibar.example", ContactStatus: "ACTIVE"})(d)
			d.books.gone[loserID], d.record.Cause = "", CauseNeeded
			edits := []string{"Zanzibar Ferries", name, `"Xero_Contact_Id__c":null`, `"Xero_Contact_Id__c":"` + contactID + `"`}
			if email != "" {
				edits = append(edits, "pay@zanzibar.example", email)
			}
			d.account = swap(d.t, d.account, edits)
		}
	}
	for _, c := range []planCase{
		{name: "the loser has a contact, whatever it is called", given: merged(linked(loserKey, contactID, early), losers), do: Adopt, says: []string{`"Zanzibar (old)"`, "account " + loserID, "merged into this one"}},
		{name: "its mark alone is known", given: merged(nil, losers), do: Adopt},
		{name: "it bears another program's number", given: merged(linked(loserKey, contactID, early), xero.Contact{ContactID: contactID, ContactNumber: "POS-1", Name: "Z", ContactStatus: "ACTIVE"}), do: Adopt},
		{name: "neither has one", given: merged(nil), do: Nothing},
		{name: "the loser's contact is archived", given: merged(linked(loserKey, contactID, early), xero.Contact{ContactID: contactID, ContactNumber: loserID, Name: "Z", ContactStatus: "ARCHIVED"}), do: Nothing},
		{name: "the loser's contact was merged into another in Xero", given: merged(linked(loserKey, contactID, early),
			xero.Contact{ContactID: contactID, ContactNumber: loserID, Name: "Z", ContactStatus: "ARCHIVED", MergedToContactID: contactID3},
			xero.Contact{ContactID: contactID3, Name: "All Ferries", ContactStatus: "ACTIVE"}), do: Adopt, says: []string{`"All Ferries"`}},
		{name: "both have one", given: merged(also(linked(loserKey, contactID, early), linked(accountKey, contactID2, late)), losers, own),
			do: Hold, cause: "contact.merge", owner: Accountant, says: []string{`"Zanzibar Ferries"`, `"Zanzibar (old)"`, "account " + loserID, "merge these contacts in Xero"}},
		{name: "both had one, which are merged in Xero", given: merged(also(linked(loserKey, contactID, early), linked(accountKey, contactID2, late), decided),
			xero.Contact{ContactID: contactID, ContactNumber: loserID, Name: "Z", ContactStatus: "ARCHIVED", MergedToContactID: contactID2}, own), do: Nothing, says: []string{"in step"}},
		{name: "… the other way round", given: merged(also(linked(loserKey, contactID, early), linked(accountKey, contactID2, late)), losers,
			xero.Contact{ContactID: contactID2, ContactNumber: accountID, Name: "Y", ContactStatus: "ARCHIVED", MergedToContactID: contactID}), do: Nothing, finds: "contact.merged"},
		{name: "its own is archived, the loser's in use", given: merged(also(linked(loserKey, contactID, early), linked(accountKey, contactID2, late)), losers,
			xero.Contact{ContactID: contactID2, ContactNumber: accountID, Name: "Y", ContactStatus: "ARCHIVED"}), do: Adopt, says: []string{`"Zanzibar (old)"`}},
		{name: "three accounts became one, of which two have a contact", given: merged(func(d *desk) {
			d.books.gone["001Dn0000000003IAA"] = loserID
			linked(store.Key{Entry: document.Contacts, ID: "001Dn0000000003IAA"}, contactID3, early)(d)
			linked(loserKey, contactID, late)(d)
		}, losers, xero.Contact{ContactID: contactID3, ContactNumber: "001Dn0000000003IAA", Name: "Zanzibar first", ContactStatus: "ACTIVE"}), do: Adopt, says: []string{`"Zanzibar first"`}},
		{name: "a deal needs it and the loser's contact is there", given: merged(func(d *desk) { d.record.Cause = CauseNeeded; linked(loserKey, contactID, early)(d) }, losers), do: Adopt},

		{name: "the account that has its name was deleted", given: func(d *desk) {
			merged(nil, xero.Contact{ContactID: contactID, ContactNumber: loserID, AccountNumber: "C-100", Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"})(d)
			d.books.gone[loserID], d.record.Cause = "", CauseNeeded
		}, do: Adopt, says: []string{"AccountNumber and Name agree"}},
		{name: "… and was another customer", given: func(d *desk) {
			merged(nil, xero.Contact{ContactID: contactID, ContactNumber: loserID, AccountNumber: "C-999", Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"})(d)
			d.books.gone[loserID], d.record.Cause = "", CauseNeeded
		}, do: Hold, cause: "contact.doubtful", owner: Accountant},
		{name: "it is a clone, under another name, of an account that was deleted", given: clone("Other Ferries", "pay@zanzibar.example"),
			do: Hold, cause: "contact.doubtful", owner: Accountant, says: []string{`"Other Ferries"`, "account " + loserID + ", which was deleted", "empty the field for the Xero contact id", "AccountNumber"}},
		{name: "… under another address", given: clone("Zanzibar Ferries", "pay@other.example"), do: Hold, cause: "contact.doubtful", owner: Accountant, says: []string{"pay@other.example"}},
		{name: "… that is left as it was", given: clone("Zanzibar Ferries", "pay@zanzibar.example"), do: Adopt, says: []string{"the account's own field names this contact"}},
		{name: "… and its original is there", given: func(d *desk) { clone("Other Ferries", "")(d); delete(d.books.gone, loserID) }, do: Create},
		{name: "… and its original was merged into it", given: func(d *desk) { clone("Other Ferries", "")(d); d.books.gone[loserID] = accountID }, do: Adopt, says: []string{"was merged into this one"}},
		{name: "… and its original was merged into another", given: func(d *desk) { clone("Other Ferries", "")(d); d.books.gone[loserID] = "001Dn0000000003IAA" }, do: Create},
		{name: "… its field was emptied, and its number is still a copy", given: func(d *desk) {
			clone("Other Ferries", "")(d)
			d.account = swap(d.t, d.account, []string{`"Xero_Contact_Id__c":"` + contactID + `"`, `"Xero_Contact_Id__c":null`})
		}, do: Hold, cause: "contact.doubtful", owner: Accountant, says: []string{"empty the AccountNumber of this account"}},
		{name: "… its field was emptied, and its number too", given: func(d *desk) {
			clone("Other Ferries", "")(d)
			d.account = swap(d.t, d.account, []string{`"Xero_Contact_Id__c":"` + contactID + `"`, `"Xero_Contact_Id__c":null`, `"C-100"`, "null"})
		}, do: Create},
		{name: "… of an account whose contact bears another program's number", given: func(d *desk) {
			clone("Other Ferries", "")(d)
			d.customer(xero.Contact{ContactID: contactID, ContactNumber: "ERP-9", AccountNumber: "C-100", Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"})
			linked(loserKey, contactID, early)(d)
		}, do: Hold, cause: "contact.doubtful", owner: Accountant},
		{name: "its own contact was merged into one that is still to be seen", given: func(d *desk) {
			delete(d.books.links, accountKey)
			clear(d.books.seen)
			d.customer(xero.Contact{ContactID: contactID, ContactNumber: accountID, Name: "Z", ContactStatus: "ARCHIVED", MergedToContactID: contactID3})
		}, do: Wait},
	} {
		c.run(t, (*desk).planAccount)
	}
}

// Deals of accounts that were merged go on, and what was invoiced before is no news.
func TestDealsOfAccountsThatWereMerged(t *testing.T) {
	t.Parallel()
	// invoiced is a deal that was invoiced to the loser's contact, and hangs on this account since.
	invoiced := func(status string, and func(*desk)) func(*desk) {
		return func(d *desk) {
			d.invoiced()
			d.isNow(status)
			d.inXero(func(inv *xero.Invoice) { inv.Contact = &xero.ContactRef{ContactID: contactID2} })
			d.link(func(l *store.Link) {
				l.Meant = document.WithContact(l.Meant, contactID2)
				l.Shown = []byte(asText(document.Texts(l.Seen)))
				l.Decided = "as it hung on the other account"
			})
			d.customer(xero.Contact{ContactID: contactID2, ContactNumber: loserID, Name: "Zanzibar (old)", ContactStatus: "ACTIVE"})
			and(d)
		}
	}
	merged := func(d *desk) { d.books.gone[loserID] = accountID }
	elsewhere := func(*desk) {}
	for _, c := range []planCase{
		{name: "a draft stays with the loser's contact, which is to be merged", given: invoiced("DRAFT", merged), do: Nothing},
		{name: "an approved invoice", given: invoiced("AUTHORISED", merged), do: Nothing},
		{name: "a paid invoice", given: invoiced("PAID", merged), do: Nothing},
		{name: "a draft of a deal that was given another account", given: invoiced("DRAFT", elsewhere), do: Update, says: []string{"Contact"}},
		{name: "an approved invoice of a deal that was given another account", given: invoiced("AUTHORISED", elsewhere), do: Hold, cause: "edited.after_approval", owner: Accountant, says: []string{"another contact"}},
		{name: "a paid invoice of a deal that was given another account", given: invoiced("PAID", elsewhere), do: Nothing},
		{name: "a paid invoice of a deal whose account and reference changed", given: invoiced("PAID", func(d *desk) { d.sells("Zanzibar 77", "Zanzibar 78") }), do: Hold, cause: "edited.after_approval", owner: Accountant, says: []string{"Reference"}},
		{name: "the contact was merged away, into one that is still to be seen", given: func(d *desk) {
			d.customer(xero.Contact{ContactID: contactID, ContactNumber: accountID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED", MergedToContactID: contactID3})
		}, do: Create},
		{name: "the contact is archived", given: func(d *desk) {
			d.customer(xero.Contact{ContactID: contactID, ContactNumber: accountID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED"})
		}, do: Hold, cause: "contact.archived", owner: Accountant},
	} {
		c.run(t, (*desk).plan)
	}
}

// An account becomes a contact for a deal that could be invoiced now, and for no other.
func TestWhichDealsMakeTheirAccountAContact(t *testing.T) {
	t.Parallel()
	moved := func(status string) func(*desk) {
		return func(d *desk) {
			d.invoiced()
			d.isNow(status)
			d.sells(`"AccountId":"001Dn0000000001IAA"`, `"AccountId":"`+otherID+`"`)
		}
	}
	for _, c := range []struct {
		name    string
		given   func(*desk)
		account string
		why     string
	}{
		{"all well", nil, accountID, CauseNeeded},
		{"its account is held", func(d *desk) {
			delete(d.books.links, accountKey)
			d.books.records[accountKey] = store.Record{Key: accountKey, Hold: Held("contact.near_miss", Sales, "nearly", "rename it")}
		}, accountID, CauseNeeded},
		{"its total is wrong", func(d *desk) { d.sells("2400.00", "2401.00") }, "", ""},
		{"its country is in no table", func(d *desk) { d.sells(`"BillingCountry":"New Zealand"`, `"BillingCountry":"Narnia"`) }, "", ""},
		{"Xero lacks its account code", func(d *desk) { d.reference.Accounts = d.reference.Accounts[:1] }, "", ""},
		{"Xero lacks its currency", func(d *desk) { d.sells(`"CurrencyIsoCode":"NZD"`, `"CurrencyIsoCode":"USD"`) }, "", ""},
		{"the books are locked", func(d *desk) { d.reference.Organisation.PeriodLockDate = "2026-11-30" }, "", ""},
		{"it has no products", func(d *desk) { d.sells(`"HasOpportunityLineItem":true`, `"HasOpportunityLineItem":false`); d.noLines() }, "", ""},
		{"it was changed a minute ago", func(d *desk) { d.record.Stamp = d.facts.SalesforceNow.Add(-time.Minute) }, "", ""},
		{"it is history", func(d *desk) { d.sells("2026-11-20", "2026-10-20") }, "", ""},
		{"only an edit of the mapping lets it in", func(d *desk) { d.record.Cause = CauseMapping }, "", ""},
		{"it is un-won", func(d *desk) { d.record.Gone = "unmatched" }, "", ""},
		{"its account is out of sight", func(d *desk) {
			d.sells(`"Account":{"BillingCountry":"New Zealand","Region__c":"North"}`, `"Account":null`)
		}, accountID, CauseNeeded},
		{"Xero refused it an hour ago", func(d *desk) {
			s := d.plan()
			d.record.Hold, d.record.NotBefore = RefusalHold(nil, s.Inputs), d.facts.XeroNow.Add(23*time.Hour)
		}, "", ""},
		{"its draft is to be made out to another account", moved("DRAFT"), otherID, CauseNeeded},
		{"its approved invoice is, which is too late", moved("AUTHORISED"), otherID, CauseAsked},
		{"its paid invoice is", moved("PAID"), "", ""},
		{"its draft is as it should be", func(d *desk) { d.invoiced() }, "", ""},
	} {
		d := newDesk(t)
		if c.given != nil {
			c.given(d)
		}
		if account, why := WantedAccount(d.plan()); account != c.account || why != c.why {
			t.Errorf("%s: wanted is %q (%s), want %q (%s)", c.name, account, why, c.account, c.why)
		}
	}
	// An account that only an old invoice asks for is taken from what Xero has; none is made.
	for _, exists := range []bool{false, true} {
		d := newDesk(t)
		delete(d.books.links, accountKey)
		if clear(d.books.seen); exists {
			d.customer(xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"})
		}
		d.record.Cause = CauseAsked
		if s := d.planAccount(); s.Do != map[bool]Action{false: Nothing, true: Adopt}[exists] {
			t.Errorf("with a contact in Xero %t: %s: %s", exists, s.Do, s.Why)
		}
	}
}

func (d *desk) noLines() {
	i := strings.Index(d.row, ` "OpportunityLineItems"`)
	d.row = strings.TrimRight(d.row[:i], ", \n") + `,"OpportunityLineItems":[]}`
}

// What of a contact's number may be overwritten with an account's id.
func TestANumberThatMayBeOverwritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, number string
		given        func(*desk)
		want         bool
	}{
		{"none", "", nil, true},
		{"its own", accountID, nil, false},
		{"another program's", "POS-77", nil, false},
		{"another account's", otherID, nil, false},
		{"that of an account that was deleted", otherID, func(d *desk) { d.books.gone[otherID] = "" }, true},
		{"that of an account merged into this one", otherID, func(d *desk) { d.books.gone[otherID] = accountID }, true},
		{"that of an account merged into a third", otherID, func(d *desk) { d.books.gone[otherID] = "001Dn0000000003IAA" }, false},
		{"none, and an archived contact has the account's", "", func(d *desk) {
			d.customer(xero.Contact{ContactID: contactID3, ContactNumber: accountID, Name: "Z", ContactStatus: "ARCHIVED"})
		}, false},
	} {
		d := newDesk(t)
		clear(d.books.seen)
		delete(d.books.links, accountKey)
		contact := xero.Contact{ContactID: contactID, ContactNumber: c.number, Name: "Z", ContactStatus: "ACTIVE"}
		d.customer(contact)
		if c.given != nil {
			c.given(d)
		}
		if got := MayRenumber(d.books, contact, accountID); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestLinksThatAnAccountTakesOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	link := func(id, to string) store.Key {
		key := store.Key{Entry: document.Contacts, ID: id}
		d.books.links[key] = store.Link{Key: key, Kind: "Contacts", XeroID: to}
		return key
	}
	d.customer(xero.Contact{ContactID: contactID2, ContactStatus: "ARCHIVED", MergedToContactID: contactID})
	d.customer(xero.Contact{ContactID: contactID3, ContactStatus: "ACTIVE"})
	deleted, merged := link("001Dn0000000003IAA", contactID), link(otherID, contactID2)
	link("001Dn0000000004IAA", contactID)  // two live accounts may have one contact
	link("001Dn0000000005IAA", contactID3) // is still to be merged
	d.books.gone["001Dn0000000003IAA"], d.books.gone[otherID], d.books.gone["001Dn0000000005IAA"] = "", accountID, accountID
	got := Absorbed(d.books, d.books.links[accountKey])
	if diff := cmp.Diff([]store.Key{deleted, merged}, got); diff != "" {
		t.Error(diff)
	}
}
