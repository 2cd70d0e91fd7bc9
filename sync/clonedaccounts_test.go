package sync_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/sync/document"
)

// Salesforce's Clone copies the number of an account and its field for the Xero contact id. The clone stands for another customer,
// and is given that one's name; what became of its original says whose the contact is.
func TestAClonedAccount(t *testing.T) {
	const number, email = "K-77", "pay@kauri.example"
	// cloned has an account that was invoiced, and its clone, under another name, with a deal that is not won yet.
	cloned := func(w *world) (original, clone, contact, deal string) {
		original = w.account("Kauri Furniture", map[string]any{"AccountNumber": number, "Billing_Email__c": email})
		w.win(w.deal(original, "Chairs", nil, w.licence("1", "10.00")))
		w.quiet()
		contact = w.contact(original).ContactID
		if got := w.contactOf(original); got != contact {
			w.Fatalf("the account shows the contact %q", got)
		}
		clone = w.account("Kahikatea Flooring", map[string]any{"AccountNumber": number, "Billing_Email__c": email, "Xero_Contact_Id__c": contact})
		deal = w.deal(clone, "Boards", nil, w.licence("1", "20.00"))
		w.later(time.Hour)
		return original, clone, contact, deal
	}
	deleted := func(w *world) (original, clone, contact, deal string) {
		original, clone, contact, deal = cloned(w)
		w.must(w.crm.Delete("Account", original))
		w.later(time.Hour)
		w.win(deal)
		w.quiet()
		w.wantHeld(deal, "contact.held", "accountant", "Kauri Furniture", "Kahikatea Flooring", original, "deleted")
		return original, clone, contact, deal
	}
	inWorld := func(name string, f func(w *world)) {
		t.Run(name, func(t *testing.T) { inWorld(t, company{New: true}, f) })
	}
	inWorld("the original is there", func(w *world) {
		original, clone, contact, deal := cloned(w)
		w.change("Account", clone, map[string]any{"AccountNumber": nil})
		w.win(deal)
		w.quiet()
		if inv := w.invoice(deal); inv.ContactID == contact || w.contact(original).ContactID != contact || w.contactOf(clone) != inv.ContactID {
			w.Errorf("it was invoiced to %s; the clone shows %s", inv.ContactName, w.contactOf(clone))
		}
		w.inStep()
	})
	inWorld("the original was deleted: two customers", func(w *world) {
		_, clone, contact, deal := deleted(w)
		w.change("Account", clone, map[string]any{"Xero_Contact_Id__c": nil, "AccountNumber": "K-78"})
		w.later(time.Hour)
		if inv := w.invoice(deal); inv.ContactID == contact || inv.ContactName != "Kahikatea Flooring" {
			w.Errorf("it was invoiced to %s", inv.ContactName)
		}
		w.wantFree(deal)
		w.inStep()
	})
	inWorld("the original was deleted: one customer", func(w *world) {
		_, clone, contact, deal := deleted(w)
		w.change("Account", clone, map[string]any{"Name": "Kauri Furniture"})
		w.later(time.Hour)
		if inv := w.invoice(deal); inv.ContactID != contact {
			w.Errorf("it was invoiced to %s", inv.ContactName)
		}
		w.wantFree(deal)
		w.inStep()
	})
	inWorld("the original was deleted and taken out of the bin", func(w *world) {
		original, clone, contact, deal := deleted(w)
		w.must(w.crm.Undelete("Account", original))
		w.change("Account", clone, map[string]any{"AccountNumber": nil})
		w.later(2 * time.Hour)
		if inv := w.invoice(deal); inv.ContactID == contact || w.contact(original).ContactID != contact {
			w.Errorf("it was invoiced to %s", inv.ContactName)
		}
		again := w.deal(original, "More chairs", nil, w.licence("1", "30.00"))
		w.win(again)
		w.quiet()
		if inv := w.invoice(again); inv.ContactID != contact {
			w.Errorf("the original's next deal was invoiced to %s", inv.ContactName)
		}
	})
	inWorld("the original was merged into it", func(w *world) {
		original, clone, contact, deal := cloned(w)
		w.must(w.crm.Merge("Account", clone, original))
		w.later(time.Hour)
		w.win(deal)
		w.quiet()
		if inv := w.invoice(deal); inv.ContactID != contact {
			w.Errorf("it was invoiced to %s", inv.ContactName)
		}
		w.wantFree(deal)
		w.noHold()
	})
	inWorld("the original was deleted, and the store is lost", func(w *world) {
		_, clone, contact, deal := deleted(w)
		w.startsAnew()
		w.runFor(3*time.Hour, 5*time.Minute)
		for _, inv := range w.invoices(deal) {
			if inv.ContactID == contact {
				w.Errorf("it was invoiced to %s", inv.ContactName)
			}
		}
		if h := w.heldAs(document.Contacts, clone); len(w.invoices(deal)) == 0 && (h == nil || !strings.HasPrefix(h.Cause, "contact.") && !strings.HasPrefix(h.Cause, "xero.exists.")) {
			w.Errorf("held for %+v", h)
		}
	})
}
