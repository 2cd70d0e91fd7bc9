package sync_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/remote"
	"sf2xero/xero/xerotest"
)

// Salesforce numbers its accounts, and so did the bookkeeper in Xero, for other customers. The deal waits, with both sides
// named; whoever corrects either of them has it go out.
func TestAnotherCustomerHasTheAccountNumber(t *testing.T) {
	for name, mend := range map[string]func(w *world, account, harbour string){
		"the account's number is corrected": func(w *world, account, _ string) {
			w.change("Account", account, map[string]any{"AccountNumber": "2001"})
		},
		"the account's number is emptied": func(w *world, account, _ string) {
			w.change("Account", account, map[string]any{"AccountNumber": nil})
		},
		"the contact's number is corrected": func(w *world, _, harbour string) {
			w.must(w.books.EditContact(harbour, func(e *xerotest.EditableContact) { e.AccountNumber = "3001" }))
		},
		"the contact's number is emptied": func(w *world, _, harbour string) {
			w.must(w.books.EditContact(harbour, func(e *xerotest.EditableContact) { e.AccountNumber = "" }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				harbour, err := w.books.AddContact(xerotest.EditableContact{Name: "Harbour Cleaning Services", AccountNumber: "1001", EmailAddress: "office@harbourclean.example"})
				w.must(err)
				account := w.account("Acme Pty Ltd", map[string]any{"AccountNumber": "1001", "Billing_Email__c": "ap@acme.example"})
				deal := w.deal(account, "Beams", nil, w.licence("1", "100.00"))
				w.win(deal)
				w.quiet()
				w.wantHeld(deal, "contact.held", "accountant", "Acme Pty Ltd", "Harbour Cleaning Services", "1001", "office@harbourclean.example")
				if len(w.invoices(deal)) > 0 {
					w.Errorf("it was invoiced")
				}
				mend(w, account, harbour)
				w.later(15 * time.Minute)
				w.wantFree(deal)
				if inv := w.invoice(deal); inv.ContactName != "Acme Pty Ltd" {
					w.Errorf("it was invoiced to %s", inv.ContactName)
				}
				if c, _ := w.books.Contact(harbour); c.ContactNumber != "" {
					w.Errorf("the other customer's contact bears the number %s", c.ContactNumber)
				}
				w.inStep()
			})
		})
	}
}

// Two people have one name. The account numbers say that they are two customers.
func TestAnotherCustomerHasTheName(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		dave, err := w.books.AddContact(xerotest.EditableContact{Name: "David Smith", AccountNumber: "C-0001", EmailAddress: "dave@north.example"})
		w.must(err)
		account := w.account("David Smith", map[string]any{"AccountNumber": "C-0002", "Billing_Email__c": "david@south.example"})
		deal := w.deal(account, "Ladders", nil, w.licence("4", "25.00"))
		w.win(deal)
		w.quiet()
		w.wantHeld(deal, "contact.held", "accountant", "C-0001", "C-0002", "dave@north.example", "david@south.example")
		if c, _ := w.books.Contact(dave); c.ContactNumber != "" {
			w.Errorf("C-0001's contact is marked as C-0002's")
		}
		w.change("Account", account, map[string]any{"Name": "David Smith (Southland)"})
		w.later(15 * time.Minute)
		if inv := w.invoice(deal); inv.ContactName != "David Smith (Southland)" {
			w.Errorf("it was invoiced to %s", inv.ContactName)
		}
		w.inStep()
	})
}

// What a link between an account and somebody else's contact rested on can be read afterwards, in the log and in the journal.
func TestAnAdoptionIsTold(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		_, err := w.books.AddContact(xerotest.EditableContact{Name: "Nelson B. H.", AccountNumber: "N-1", EmailAddress: "pay@nbh.example"})
		w.must(err)
		account := w.account("Nelson Boat House", map[string]any{"AccountNumber": "N-1", "Billing_Email__c": "pay@nbh.example"})
		w.win(w.deal(account, "Boats", nil, w.licence("1", "10.00")))
		w.quiet()
		const rests = "AccountNumber and EmailAddress agree; Name differs"
		if told := w.logged("contact.adopted"); len(told) != 1 || told[0]["rests_on"] != rests {
			w.Errorf("the log tells %v", told)
		}
		if texts := w.found("contact.adopted"); len(texts) != 1 || !strings.HasSuffix(texts[0], rests) {
			w.Errorf("the journal tells %q", texts)
		}
		w.startsAnew()
		w.runFor(time.Hour, 5*time.Minute)
		if told := w.logged("contact.adopted"); len(told) != 2 || told[1]["rests_on"] != "ContactNumber agrees" {
			w.Errorf("after the loss of the store the log tells %v", told)
		}
		w.inStep()
	})
}

// The store was written by a version that knew less of contacts: all of them are read once before an account is decided.
func TestAStoreOfAnOlderVersionKnowsLessOfContacts(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"match: [AccountNumber, Name]", "match: [EmailAddress]"}}, func(w *world) {
		id, err := w.books.AddContact(xerotest.EditableContact{Name: "Tōtara Timber", EmailAddress: "accounts@totara.example"})
		w.must(err)
		w.quiet()
		time.Sleep(time.Hour)
		w.must(w.db.Update(func(tx *store.Tx) error {
			seen, _ := tx.SeenByID("Contacts", id)
			seen.JSON, seen.Names = []byte(`{"ContactID":"`+id+`","ContactStatus":"ACTIVE","Name":"Tōtara Timber"}`), []string{"name:tōtara timber"}
			if err := tx.PutSeen(seen); err != nil {
				return err
			}
			return tx.SetValue("identities", "")
		}))
		account := w.account("Totara Timber Limited Partnership", map[string]any{"Billing_Email__c": "accounts@totara.example"})
		deal := w.deal(account, "Beams", nil, w.licence("1", "100.00"))
		w.win(deal)
		w.quiet()
		w.wantHeld(deal, "contact.held", "accountant", "accounts@totara.example", "Tōtara Timber", "Totara Timber Limited Partnership")
		full := 0
		for _, l := range w.logged("watch.done") {
			if l["kind"] == "Contacts" && l["count"].(float64) > 4 {
				full++
			}
		}
		if full != 2 { // of the new store, and this one
			w.Errorf("all contacts were read %d times", full)
		}
	})
}

// Names are pasted from the web and typed on all kinds of machines: what looks the same is the same customer.
func TestNamesThatOnlyLookDifferentToAMachine(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		for _, name := range []string{"Caf\u00e9 Rotorua", "Harbour View Motel", "Brown - Green Ltd", "Tui Tours"} {
			_, err := w.books.AddContact(xerotest.EditableContact{Name: name})
			w.must(err)
		}
		before := len(w.books.Contacts())
		deals := map[string]string{}
		for name, account := range map[string]string{"Caf\u00e9 Rotorua": "Cafe\u0301 Rotorua", "Harbour View Motel": "Harbour\u200b View Motel", "Brown - Green Ltd": "Brown – Green Ltd", "": "Tūi Tours"} {
			deals[name] = w.deal(w.account(account, nil), account, nil, w.licence("1", "10.00"))
			w.win(deals[name])
		}
		fresh := w.account("Kea\u200b Kayaks\u00a0 (Napier)", nil)
		w.win(w.deal(fresh, "Fresh", nil, w.licence("1", "10.00")))
		w.quiet()
		for name, deal := range deals {
			if name == "" {
				w.wantHeld(deal, "contact.held", "sales", `"Tui Tours"`, `"Tūi Tours"`, "accent")
			} else if inv := w.invoice(deal); inv.ContactName != name {
				w.Errorf("%q was invoiced to %q", name, inv.ContactName)
			}
		}
		if c := w.contact(fresh); c.Name != "Kea Kayaks (Napier)" {
			w.Errorf("the new contact is called %q", c.Name)
		}
		if n := len(w.books.Contacts()) - before; n != 1 {
			w.Errorf("%d contacts were made", n)
		}
	})
}

// One wrong table on the first run: nothing can be invoiced, so nobody becomes a contact, which could not be undone. With the
// table put right everybody does.
func TestAWrongTableMakesNoContacts(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"    Licences: 200\n", "    Lizenzen: 200\n"}}, func(w *world) {
		before := len(w.books.Contacts())
		var deals []string
		for _, name := range []string{"Alpha", "Beta", "Gamma", "Delta"} {
			deals = append(deals, w.deal(w.account(name, nil), name, nil, w.licence("1", "10.00")))
			w.win(deals[len(deals)-1])
		}
		w.quiet()
		for _, deal := range deals {
			w.wantHeld(deal, "record.unmappable", "admin")
		}
		if n := len(w.books.Contacts()) - before; n != 0 {
			w.Errorf("%d contacts were made", n)
		}
		w.editMapping("    Lizenzen: 200\n", "    Licences: 200\n")
		w.later(time.Hour)
		for _, deal := range deals {
			w.wantFree(deal)
		}
		w.inStep()
	})
}

// A deal keeps its account from being a customer until nothing of its own is amiss.
func TestADealWithSomethingAmissMakesNoContact(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.must(w.books.Lock("2026-11-05"))
		w.quiet()
		wrong := w.licence("1", "10.00")
		wrong.more = map[string]any{"TotalPrice": json.Number("11.00")}
		deals := map[string]string{
			"total.mismatch":     w.deal(w.account("Wrong total", nil), "Total", nil, wrong),
			"xero.locked_period": w.deal(w.account("Locked", nil), "Locked", map[string]any{"CloseDate": "2026-11-03"}, w.licence("1", "10.00")),
			"deal.no_products":   w.deal(w.account("Nothing", nil), "Nothing", map[string]any{"Amount": json.Number("10")}),
			"record.unmappable":  w.deal(w.account("Far away", map[string]any{"BillingCountry": "Narnia"}), "Narnia", nil, w.licence("1", "10.00")),
		}
		before := len(w.books.Contacts())
		for _, deal := range deals {
			w.win(deal)
		}
		w.quiet()
		for cause, deal := range deals {
			w.wantHeld(deal, cause, w.held(deal).Owner)
		}
		if n := len(w.books.Contacts()) - before; n != 0 {
			w.Errorf("%d contacts were made", n)
		}
		w.must(w.books.Lock(""))
		w.later(2 * time.Hour)
		w.wantFree(deals["xero.locked_period"])
		if n := len(w.books.Contacts()) - before; n != 1 {
			w.Errorf("%d contacts were made, want that of the deal in the period that was locked", n)
		}
	})
}

// A contact waits for a person, and meanwhile its deal gets something amiss: when the contact is cleared up, none is made.
func TestADealGoesWrongWhileItsAccountIsHeld(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		near, err := w.books.AddContact(xerotest.EditableContact{Name: "Kea Kayaks Limited"})
		w.must(err)
		account := w.account("Kea Kayaks Ltd", nil)
		deal := w.deal(account, "Kayaks", nil, w.licence("1", "10.00"))
		w.win(deal)
		w.quiet()
		w.wantHeld(deal, "contact.held", "sales")
		w.change("OpportunityLineItem", w.lines(deal)[0], map[string]any{"TotalPrice": json.Number("12.00")})
		w.change("Opportunity", deal, map[string]any{"CloseDate": "2026-01-01"})
		w.quiet()
		before := len(w.books.Contacts())
		w.must(w.books.EditContact(near, func(e *xerotest.EditableContact) { e.Name = "Somebody else altogether" }))
		w.later(time.Hour)
		w.wantHeld(deal, "deal.before_start", "accountant")
		if h := w.heldAs(document.Contacts, account); h != nil || len(w.books.Contacts()) != before {
			w.Errorf("the account is held for %+v, and there are %d contacts", h, len(w.books.Contacts()))
		}
	})
}

// Two people have one name, and nothing but their addresses tells them apart: a person account is not taken for the other.
func TestAPersonIsNotTakenForTheirNamesake(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.must(w.crm.AddField("Account", salesforcetest.FieldSpec{Name: "IsPersonAccount", Type: "boolean"}))
		other, err := w.books.AddContact(xerotest.EditableContact{Name: "Jane Doe", Postal: xerotest.AddressView{City: "Nelson", PostalCode: "7010"}})
		w.must(err)
		_, err = w.books.AddContact(xerotest.EditableContact{Name: "Doe Ltd", Postal: xerotest.AddressView{City: "Nelson", PostalCode: "7010"}})
		w.must(err)
		person := w.account("Jane Doe", map[string]any{"IsPersonAccount": true, "BillingPostalCode": "4110"})
		firm := w.account("Doe Ltd", map[string]any{"IsPersonAccount": false, "BillingPostalCode": "4110"})
		hers, its := w.deal(person, "Hers", nil, w.licence("1", "10.00")), w.deal(firm, "Its", nil, w.licence("1", "10.00"))
		w.win(hers)
		w.win(its)
		w.quiet()
		w.wantHeld(hers, "contact.held", "accountant", "Jane Doe", "4110", "7010")
		w.wantFree(its) // a firm may have moved
		w.must(w.books.EditContact(other, func(e *xerotest.EditableContact) { e.Postal.PostalCode = "4110" }))
		w.later(15 * time.Minute)
		w.wantFree(hers)
		if got := w.invoice(hers); got.ContactID != other {
			w.Errorf("it was invoiced to %s", got.ContactName)
		}
		w.inStep()
	})
}

// Many contacts are to be made, and the last calls of them wait for their turn for minutes. A person has made a contact for one
// of those accounts by then: what was planned is planned anew, and the account waits for a person.
func TestAContactIsMadeWhileOursWaitsForItsTurn(t *testing.T) {
	c := company{New: true, Limits: &remote.Limits{InFlight: 5, PerMinute: 1}, Edits: []string{"match: [AccountNumber, Name]", "match: [EmailAddress]"}}
	inWorld(t, c, func(w *world) {
		w.won("First")
		w.quiet()
		deals := map[string]string{} // by account
		for i := range 201 {
			account := w.account(fmt.Sprint("Customer ", i), map[string]any{"Billing_Email__c": fmt.Sprintf("pay%d@example.com", i)})
			deals[account] = w.deal(account, fmt.Sprint("Deal ", i), nil, w.licence("1", "10.00"))
			w.win(deals[account])
		}
		time.Sleep(11 * time.Minute)
		late := ""
		w.afterCalled("PUT", "/Contacts", func() {})
		w.afterCalled("PUT", "/Contacts", func() {
			made := map[string]bool{}
			for _, contact := range w.books.Contacts() {
				made[contact.ContactNumber] = true
			}
			late = slices.DeleteFunc(sorted(deals), func(account string) bool { return made[account] })[0]
			row, _ := w.crm.Get("Account", late)
			_, err := w.books.AddContact(xerotest.EditableContact{Name: "Somebody's customer", EmailAddress: shown(row["Billing_Email__c"])})
			w.must(err)
		})
		w.runFor(time.Hour, time.Minute)
		w.quiet()
		for _, contact := range w.books.Contacts() {
			if contact.ContactNumber == late {
				w.Errorf("%s was made beside the contact that was there", contact.Name)
			}
		}
		w.wantHeld(deals[late], "contact.held", "accountant", "Somebody's customer")
		w.inStep()
	})
}

// Both sides fill the number that they do not have with the same word: that makes them no one customer, and neither does an
// address that takes no mail.
func TestAFillerIsNoNumber(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"match: [AccountNumber, Name]", "match: [AccountNumber, EmailAddress, Name]"}}, func(w *world) {
		for filler, theirs := range map[string]string{"N/A": "n/a", "000": "000", "tba": "TBA", "-": "-"} {
			other, err := w.books.AddContact(xerotest.EditableContact{Name: "Harbour " + filler, AccountNumber: theirs, EmailAddress: "none@none.com"})
			w.must(err)
			account := w.account("Acme "+filler, map[string]any{"AccountNumber": filler, "Billing_Email__c": "none@none.com"})
			deal := w.deal(account, filler, nil, w.licence("1", "100.00"))
			w.win(deal)
			w.quiet()
			if c, _ := w.books.Contact(other); c.ContactNumber != "" {
				w.Errorf("%s: the other customer's contact became the account's", filler)
			}
			if all := w.invoices(deal); len(all) == 1 && all[0].ContactName != "Acme "+filler || len(all) == 0 && w.held(deal) == nil {
				w.Errorf("%s: it was invoiced to %+v, and is held for %+v", filler, all, w.held(deal))
			}
		}
	})
}

// A customer is called what people write where there is nothing to be written, and the bookkeeper has it already: a name like that
// finds nobody, and the way out that the hold names is taken.
func TestACustomerIsCalledLikeAFiller(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		contact, err := w.books.AddContact(xerotest.EditableContact{Name: "Exempt"})
		w.must(err)
		account := w.account("Exempt", nil)
		deal := w.deal(account, "Lifeboat", nil, w.licence("1", "100.00"))
		w.win(deal)
		w.quiet()
		h := w.held(deal)
		if h == nil || h.Cause != "contact.held" || h.Owner != "sales" || !strings.Contains(h.Remedy, contact) || !strings.Contains(h.Remedy, "Xero_Contact_Id__c") {
			w.Fatalf("held for %+v", h)
		}
		w.change("Account", account, map[string]any{"Xero_Contact_Id__c": contact})
		w.quiet()
		w.wantFree(deal)
		if got := w.invoice(deal).ContactName; got != "Exempt" {
			w.Errorf("it was invoiced to %q", got)
		}
		if c, _ := w.books.Contact(contact); c.ContactNumber != account {
			w.Errorf("the contact bears %q", c.ContactNumber)
		}
		w.inStep()
	})
}
