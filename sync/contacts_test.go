package sync_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/faults"
	"sf2xero/sync/remote"
	"sf2xero/xero/xerotest"
)

// A changed account changes only what `update:` allows; a changed name is told, not sent.
func TestAChangedAccount(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		w.change("Account", w.usual.account, map[string]any{"Billing_Email__c": "pay@napier.example", "BillingCity": "Hastings", "Name": "Hastings Boat Hire"})
		w.quiet()
		c := w.contact(w.usual.account)
		if c.EmailAddress != "pay@napier.example" || c.Postal.City != "Napier" || c.Name != "Napier Boat Hire" {
			w.Errorf("the contact is %+v", c)
		}
		if texts := w.found("contact.renamed"); len(texts) != 1 || !strings.Contains(texts[0], "Hastings Boat Hire") {
			w.Errorf("told of the new name: %q", texts)
		}
		w.change("Account", w.usual.account, map[string]any{"Billing_Email__c": nil})
		w.quiet()
		if c := w.contact(w.usual.account); c.EmailAddress != "" {
			w.Errorf("the address %s was not cleared", c.EmailAddress)
		}
		// The accountant's own address stays.
		w.must(w.books.EditContact(c.ContactID, func(e *xerotest.EditableContact) { e.EmailAddress = "ann@napier.example" }))
		w.later(time.Hour)
		w.change("Account", w.usual.account, map[string]any{"Billing_Email__c": "new@napier.example"})
		w.quiet()
		if c := w.contact(w.usual.account); c.EmailAddress != "ann@napier.example" {
			w.Errorf("the accountant's address was overwritten with %s", c.EmailAddress)
		}
		if h := w.heldAs(document.Contacts, w.usual.account); h == nil || h.Cause != "edited.both_sides" || !strings.Contains(h.Text, "ann@napier.example") || !strings.Contains(h.Text, "new@napier.example") {
			w.Errorf("held for %+v", h)
		}
	})
}

// The contact that is in Xero already is used: by account number, by name, whatever the case.
func TestTheContactThatIsThereAlready(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		byNumber, err := w.books.AddContact(xerotest.EditableContact{Name: "NELSON Boat House", AccountNumber: "N-1", EmailAddress: "old@nbh.example"})
		w.must(err)
		byName, err := w.books.AddContact(xerotest.EditableContact{Name: "WELLINGTON wharves"})
		w.must(err)
		numbered := w.account("Nelson Boat House", map[string]any{"AccountNumber": "N-1", "Billing_Email__c": "new@nbh.example"})
		named := w.account("Wellington Wharves", map[string]any{"Billing_Email__c": "pay@ww.example"})
		first, second := w.deal(numbered, "By number", nil, w.licence("1", "10.00")), w.deal(named, "By name", nil, w.licence("1", "10.00"))
		w.win(first)
		w.win(second)
		w.quiet()
		if w.invoice(first).ContactID != byNumber || w.invoice(second).ContactID != byName {
			w.Errorf("the invoices are for %s and %s", w.invoice(first).ContactName, w.invoice(second).ContactName)
		}
		// Adoption writes our mark and fills blanks, nothing else.
		c := w.contact(numbered)
		if c.Name != "NELSON Boat House" || c.EmailAddress != "old@nbh.example" {
			w.Errorf("the contact's own values were changed: %+v", c)
		}
		if c = w.contact(named); c.EmailAddress != "pay@ww.example" || c.Name != "WELLINGTON wharves" {
			w.Errorf("the blank was not filled, or the name changed: %+v", c)
		}
		// Its own values are the accountant's for ever.
		w.change("Account", numbered, map[string]any{"Billing_Email__c": "third@nbh.example"})
		w.quiet()
		if c := w.contact(numbered); c.EmailAddress != "old@nbh.example" {
			w.Errorf("the accountant's address was overwritten with %s", c.EmailAddress)
		}
		w.inStep()
	})
}

// Where it is not certain which contact an account is, a person says so.
func TestContactsThatWaitForAPerson(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		add := func(e xerotest.EditableContact) string {
			id, err := w.books.AddContact(e)
			w.must(err)
			return id
		}
		add(xerotest.EditableContact{Name: "Two Tuis", EmailAddress: "a@tuis.example"})
		second := add(xerotest.EditableContact{Name: "Tui Trading", AccountNumber: "T-2"})
		near := add(xerotest.EditableContact{Name: "Kea Kayaks Limited"})
		archived := add(xerotest.EditableContact{Name: "Moa Motors", AccountNumber: "M-1"})
		w.must(w.books.ArchiveContact(archived))
		other := add(xerotest.EditableContact{Name: "Pukeko Pumps", ContactNumber: "POS-77"})

		deals := map[string]string{}
		for name, fields := range map[string]map[string]any{
			"Two Tuis": {"AccountNumber": "T-2"}, "Kea Kayaks Ltd": nil, "Moa Motors": {"AccountNumber": "M-1"}, "Pukeko Pumps": nil,
		} {
			deals[name] = w.deal(w.account(name, fields), name, nil, w.licence("1", "10.00"))
			w.win(deals[name])
		}
		w.quiet()
		w.wantHeld(deals["Two Tuis"], "contact.held", "accountant", "Two Tuis", "Tui Trading")
		w.wantHeld(deals["Kea Kayaks Ltd"], "contact.held", "sales", "Kea Kayaks Limited")
		// An archived contact is none: a new one is made, unless its name still stands in the way.
		if h := w.held(deals["Moa Motors"]); h != nil && h.Cause != "contact.held" {
			w.Errorf("held for %s: %s", h.Cause, h.Text)
		}
		// Another program's number is not overwritten: the contact is used as it is.
		if got := w.invoice(deals["Pukeko Pumps"]); got.ContactID != other {
			w.Errorf("invoiced to %s", got.ContactName)
		}
		for _, c := range w.books.Contacts() {
			if c.ContactID == other && c.ContactNumber != "POS-77" {
				w.Errorf("the other program's number became %q", c.ContactNumber)
			}
		}

		w.must(w.books.EditContact(second, func(e *xerotest.EditableContact) { e.AccountNumber = "" }))
		w.must(w.books.EditContact(near, func(e *xerotest.EditableContact) { e.Name = "Kea Kayaks Ltd" }))
		w.must(w.books.RestoreContact(archived))
		w.later(time.Hour)
		for name, deal := range deals {
			w.wantFree(deal)
			if got := w.invoice(deal); got.ContactName != name {
				w.Errorf("%s was invoiced to %s", name, got.ContactName)
			}
		}
		w.inStep()
	})
}

// The contact of a customer is archived in Xero: no invoice until it is restored.
func TestACustomersContactIsArchived(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		id := w.contact(w.usual.account).ContactID
		w.must(w.books.ArchiveContact(id))
		w.later(time.Hour)
		second := w.won("Second")
		w.quiet()
		w.wantHeld(second, "contact.archived", "accountant", "Napier Boat Hire")
		w.must(w.books.RestoreContact(id))
		w.later(time.Hour)
		w.wantFree(second)
		w.inStep()
	})
}

// Contacts that were merged in Xero: the next invoice goes to the one that is left.
func TestContactsAreMerged(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		first := w.won("First")
		w.quiet()
		left, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boats (all)"})
		w.must(err)
		w.must(w.books.MergeContacts(left, w.contact(w.usual.account).ContactID))
		w.later(time.Hour)
		second := w.won("Second")
		w.quiet()
		if got := w.invoice(second).ContactID; got != left {
			w.Errorf("invoiced to %s", w.invoice(second).ContactName)
		}
		w.change("Opportunity", first, map[string]any{"PO_Number__c": "PO-1"})
		w.quiet()
		w.wantFree(first)
		if got := w.invoice(first); got.Reference != "PO-1" || got.ContactID != left {
			w.Errorf("the first invoice has reference %q and is for %s", got.Reference, got.ContactName)
		}
		w.inStep()
	})
}

// A contact that a person made a minute ago is found before ours is created.
func TestAContactMadeAMinuteAgo(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		deal := w.won("Just in time")
		id, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boat Hire"})
		w.must(err)
		w.quiet()
		if got := w.invoice(deal).ContactID; got != id {
			w.Errorf("invoiced to another contact than the one that was there")
		}
	})
}

// One made in the very moment in which ours is created: Xero refuses the name, we look, and use it.
func TestAContactMadeInTheSameMoment(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		deal := w.won("Same moment")
		var id string
		w.whenCalled("PUT", "/Contacts", func() {
			var err error
			id, err = w.books.AddContact(xerotest.EditableContact{Name: "Napier Boat Hire", AccountNumber: "N-9"})
			w.must(err)
		})
		w.later(time.Hour)
		if got := w.invoice(deal).ContactID; got != id {
			w.Errorf("invoiced to another contact than the one that was there")
		}
		w.inStep()
	})
}

// The contact of a customer was merged into another, and then the account changes: the one that is left is nobody's to
// overwrite. The accountant is told, and nobody waits.
func TestTheAccountOfAMergedContactChanges(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		left, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boats (all)", EmailAddress: "ann@napier.example"})
		w.must(err)
		w.must(w.books.MergeContacts(left, w.contact(w.usual.account).ContactID))
		w.later(2 * time.Hour)
		w.change("Account", w.usual.account, map[string]any{"Billing_Email__c": "new@napier.example"})
		w.later(25 * time.Hour)
		if h := w.heldAs(document.Contacts, w.usual.account); h != nil {
			w.Errorf("the account is held: %s", h.Text)
		}
		if c, ok := w.books.Contact(left); !ok || c.EmailAddress != "ann@napier.example" {
			w.Errorf("the address of the contact that is left is %s", c.EmailAddress)
		}
		if texts := w.found("contact.merged"); len(texts) != 1 || !strings.Contains(texts[0], "Napier Boat Hire") {
			w.Errorf("told %q", texts)
		}
	})
}

// Two accounts of one name are held, and sales merges them in Salesforce as the hold asks: both deals are invoiced.
func TestAccountsOfOneNameAreMerged(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		left, away := w.account("Twin Peaks", nil), w.account("Twin Peaks", nil)
		one, two := w.deal(left, "One", nil, w.licence("1", "10.00")), w.deal(away, "Two", nil, w.licence("1", "20.00"))
		w.win(one)
		w.win(two)
		w.quiet()
		w.wantHeld(one, "contact.held", "sales")
		w.wantHeld(two, "contact.held", "sales")
		w.must(w.crm.Merge("Account", left, away))
		w.later(time.Hour)
		w.wantFree(one)
		w.wantFree(two)
		w.inStep()
	})
}

// A deal is held for an account that nobody may see, and is given another account: nothing waits for the first any more.
func TestAHeldDealIsGivenAnotherAccount(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		hidden := w.account("Hidden", nil)
		w.must(w.crm.HideRecord(hidden))
		deal := w.deal(hidden, "One", nil, w.licence("1", "10.00"))
		w.win(deal)
		w.runFor(30*time.Minute, 5*time.Minute)
		if w.held(deal) == nil || w.heldAs(document.Contacts, hidden) == nil {
			w.Fatalf("the deal, or its account, is not held: this proves nothing")
		}
		w.change("Opportunity", deal, map[string]any{"AccountId": w.usual.account})
		w.later(time.Hour)
		w.wantFree(deal)
		if h := w.heldAs(document.Contacts, hidden); h != nil {
			w.Errorf("the account is still held: %s", h.Text)
		}
		w.inStep()
	})
}

// A deal that something of its own keeps from being invoiced makes nobody a customer in Xero.
func TestAHeldDealMakesNoContact(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		account := w.account("Long Gone Ltd", nil)
		deal := w.deal(account, "Old", map[string]any{"CloseDate": "2026-01-01"}, w.licence("1", "10.00"))
		w.win(deal)
		w.quiet()
		w.wantHeld(deal, "deal.before_start", "accountant")
		for _, c := range w.books.Contacts() {
			if c.ContactNumber == account {
				w.Errorf("%s was made a contact", c.Name)
			}
		}
		w.change("Opportunity", deal, map[string]any{"CloseDate": "2026-11-09"})
		w.quiet()
		w.contact(account)
		w.inStep()
	})
}

// Two accounts find their contacts in Xero. One has all that there is to write, and is linked at once; the call for the
// other waits for its turn, for so long that both are read again: the first is not linked once more, without its row.
func TestAContactIsFoundOnceThoughItIsReadTwice(t *testing.T) {
	inWorld(t, company{New: true, Limits: &remote.Limits{InFlight: 5, PerMinute: 3}}, func(w *world) {
		w.quiet()
		time.Sleep(time.Hour)
		_, err := w.books.AddContact(xerotest.EditableContact{Name: "Pukeko Pumps", ContactNumber: "POS-77", EmailAddress: "pay@pukeko.example", Postal: xerotest.AddressView{City: "Napier", Country: "New Zealand"}})
		w.must(err)
		_, err = w.books.AddContact(xerotest.EditableContact{Name: "Weka Works"})
		w.must(err)
		whole := w.account("Pukeko Pumps", map[string]any{"Billing_Email__c": "pay@pukeko.example"})
		blank := w.account("Weka Works", map[string]any{"Billing_Email__c": "pay@weka.example"})
		for _, account := range []string{whole, blank} {
			w.win(w.deal(account, "Pumps", nil, w.licence("1", "10.00")))
		}
		time.Sleep(11 * time.Minute)
		w.quiet()
		for _, c := range w.booksDoor.Counts() {
			if c.Method == "GET" && c.Path == "/api.xro/2.0/Contacts" && c.Count < 4 {
				w.Fatalf("the contacts were not read again: this proves nothing")
			}
		}
		if n := len(w.logged("contact.adopted")); n != 2 {
			w.Errorf("%d contacts were found", n)
		}
		w.inStep()
	})
}

// A contact that keeps another program's number is adopted once the account is given its e-mail. What both sides had then follows
// the account, also where the contact had its e-mail from a person; what the account did not agree with stays a person's.
func TestTheEmailOfAnAdoptedContactFollowsTheAccount(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		id, err := w.books.AddContact(xerotest.EditableContact{Name: "Pukeko Pumps", ContactNumber: "POS-77", EmailAddress: "pay@pukeko.example"})
		w.must(err)
		account := w.account("Pukeko Pumps", map[string]any{"Billing_Email__c": "other@pukeko.example"})
		deal := w.deal(account, "Pumps", nil, w.licence("1", "10.00"))
		w.win(deal)
		w.later(11 * time.Minute)
		w.wantHeld(deal, "contact.held", "accountant", "pay@pukeko.example")
		w.change("Account", account, map[string]any{"Billing_Email__c": "pay@pukeko.example"})
		w.later(time.Hour)
		w.wantFree(deal)
		w.change("Account", account, map[string]any{"Billing_Email__c": "new@pukeko.example"})
		w.later(time.Hour)
		if c, _ := w.books.Contact(id); c.EmailAddress != "new@pukeko.example" || c.ContactNumber != "POS-77" {
			w.Errorf("the contact is %+v", c)
		}
		w.must(w.books.EditContact(id, func(c *xerotest.EditableContact) { c.EmailAddress = "by-hand@pukeko.example" }))
		w.later(time.Hour)
		w.change("Account", account, map[string]any{"Billing_Email__c": "newer@pukeko.example"})
		w.later(time.Hour)
		if c, _ := w.books.Contact(id); c.EmailAddress != "by-hand@pukeko.example" {
			w.Errorf("a person's e-mail was overwritten with %s", c.EmailAddress)
		}
	})
}

// goesWithAChangeUnsent leaves the usual account out of sight, with a contact and a change that could not be sent.
func goesWithAChangeUnsent(w *world, goes func(account string)) {
	w.Helper()
	w.won("First")
	w.quiet()
	w.later(2 * time.Hour)
	w.next("POST", "/Contacts", 0, 1000, faults.LoseRequest)
	w.change("Account", w.usual.account, map[string]any{"Billing_Email__c": "new@napier.example"})
	time.Sleep(2 * time.Minute)
	_, _ = w.try()
	goes(w.usual.account)
	time.Sleep(2 * time.Minute)
	_, _ = w.try()
	w.calm()
}

// An account that is held, or that has a change not sent yet, is out of sight for a while: nothing of that is lost.
func TestAnAccountIsOutOfSightForAWhile(t *testing.T) {
	email := func(w *world) string { return w.contact(w.usual.account).EmailAddress }
	t.Run("with a change that was not sent", func(t *testing.T) {
		inWorld(t, company{New: true}, func(w *world) {
			goesWithAChangeUnsent(w, func(account string) { w.must(w.crm.HideRecord(account)) })
			w.runFor(time.Hour, 5*time.Minute)
			if h := w.heldAs(document.Contacts, w.usual.account); h == nil || h.Cause != "account.unseen" || h.Owner != "admin" {
				w.Errorf("held for %+v", h)
			}
			w.must(w.crm.ShowRecord(w.usual.account))
			w.later(time.Hour)
			if got := email(w); got != "new@napier.example" || w.heldAs(document.Contacts, w.usual.account) != nil {
				w.Errorf("the contact has %q, the account is held for %+v", got, w.heldAs(document.Contacts, w.usual.account))
			}
		})
	})
	t.Run("held", func(t *testing.T) {
		inWorld(t, company{New: true}, func(w *world) {
			w.won("First")
			w.quiet()
			w.must(w.books.EditContact(w.contact(w.usual.account).ContactID, func(e *xerotest.EditableContact) { e.EmailAddress = "ann@napier.example" }))
			w.later(2 * time.Hour)
			w.change("Account", w.usual.account, map[string]any{"Billing_Email__c": "new@napier.example"})
			w.quiet()
			before := w.heldAs(document.Contacts, w.usual.account)
			w.must(w.crm.HideRecord(w.usual.account))
			time.Sleep(2 * time.Minute)
			w.run()
			during := w.heldAs(document.Contacts, w.usual.account)
			w.must(w.crm.ShowRecord(w.usual.account))
			w.later(time.Hour)
			after := w.heldAs(document.Contacts, w.usual.account)
			for _, h := range []*store.Hold{before, during, after} {
				if h == nil || h.Cause != "edited.both_sides" || !h.Since.Equal(before.Since) {
					w.Fatalf("held for %+v, then %+v, then %+v", before, during, after)
				}
			}
			w.must(w.books.EditContact(w.contact(w.usual.account).ContactID, func(e *xerotest.EditableContact) { e.EmailAddress = "new@napier.example" }))
			w.later(time.Hour)
			if h := w.heldAs(document.Contacts, w.usual.account); h != nil {
				w.Errorf("mended, it is held for %+v", h)
			}
		})
	})
	// Deleted it is really gone. Taken out of the bin, the change is sent. Whether it was deleted is asked again when the question fails.
	for name, fails := range map[string]bool{"deleted": false, "deleted, and the question fails": true} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				goesWithAChangeUnsent(w, func(account string) { w.must(w.crm.HideRecord(account)) })
				w.must(w.crm.ShowRecord(w.usual.account))
				w.run()
				w.change("Account", w.usual.account, map[string]any{"Billing_Email__c": "newer@napier.example"})
				w.must(w.books.EditContact(w.contact(w.usual.account).ContactID, func(e *xerotest.EditableContact) { e.EmailAddress = "ann@napier.example" }))
				w.later(time.Hour)
				if h := w.heldAs(document.Contacts, w.usual.account); h == nil || h.Cause != "edited.both_sides" {
					w.Fatalf("held for %+v", h)
				}
				w.must(w.crm.Delete("Account", w.usual.account))
				if fails {
					w.next("POST", "/composite", 1, 20, faults.LoseRequest)
				}
				time.Sleep(2 * time.Minute)
				if _, err := w.try(); (err != nil) != fails {
					w.Errorf("the pull: %v", err)
				}
				w.calm()
				w.later(time.Hour)
				if h := w.heldAs(document.Contacts, w.usual.account); h != nil {
					w.Errorf("deleted, it is held for %+v", h)
				}
				w.must(w.crm.Undelete("Account", w.usual.account))
				w.later(time.Hour)
				if h := w.heldAs(document.Contacts, w.usual.account); h == nil || h.Cause != "edited.both_sides" {
					w.Errorf("taken out of the bin, it is held for %+v", h)
				}
			})
		})
	}
}

// An account is deleted, and taken out of the recycle bin before we look: nothing tells it from one that is hidden, and nobody can
// give access to it. Both ways out that its hold names lead out.
func TestAnAccountIsDeletedForGood(t *testing.T) {
	for name, mend := range map[string]func(w *world, contact string){
		"what changed is entered in Xero": func(w *world, contact string) {
			w.must(w.books.EditContact(contact, func(e *xerotest.EditableContact) { e.EmailAddress = "new@napier.example" }))
		},
		"its contact is archived": func(w *world, contact string) { w.must(w.books.ArchiveContact(contact)) },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				goesWithAChangeUnsent(w, func(account string) {
					w.must(w.crm.Delete("Account", account))
					w.must(w.crm.Purge("Account", account))
				})
				w.later(time.Hour)
				h := w.heldAs(document.Contacts, w.usual.account)
				if h == nil || h.Cause != "account.unseen" || !strings.Contains(h.Remedy, "deleted for good") || !strings.Contains(h.Text, "new@napier.example") {
					w.Fatalf("held for %+v", h)
				}
				mend(w, w.contact(w.usual.account).ContactID)
				w.later(time.Hour)
				if h := w.heldAs(document.Contacts, w.usual.account); h != nil {
					w.Errorf("mended, it is held for %+v", h)
				}
				w.later(25 * time.Hour) // and the nightly comparison does not bring it back
				if h := w.heldAs(document.Contacts, w.usual.account); h != nil {
					w.Errorf("a day later it is held for %+v", h)
				}
			})
		})
	}
}
