package sync_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync/document"
	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// The only deal of a held account is un-won, and the hold cannot be taken off the account because its row is locked. The next
// deal of that account is not passed by: it is held as the first was.
func TestTheNextDealOfAnAccountThatIsBeingForgotten(t *testing.T) {
	edits := []string{"    Xero_Contact_Id__c: =ContactID\n", "    Xero_Contact_Id__c: =ContactID\n    Xero_Hold__c: =Hold\n"}
	inWorld(t, company{New: true, Edits: edits}, func(w *world) {
		w.must(w.crm.AddField("Account", salesforcetest.FieldSpec{Name: "Xero_Hold__c", Type: "string", Length: 255}))
		_, err := w.books.AddContact(xerotest.EditableContact{Name: "Harbour  Cruises Ltd"})
		w.must(err)
		account := w.account("Harbour Cruises Limited", nil)
		first := w.deal(account, "First", nil, w.licence("1", "10.00"))
		w.win(first)
		w.quiet()
		w.wantHeld(first, "contact.held", "sales")
		w.must(w.crm.LockRecord(account))
		w.unwin(first)
		w.runFor(40*time.Minute, 10*time.Minute)
		if !strings.Contains(w.undecided(), account+" forget") {
			w.Fatalf("nothing waits for the locked row: this proves nothing")
		}
		second := w.deal(account, "Second", nil, w.licence("1", "20.00"))
		w.win(second)
		w.runFor(6*time.Hour, 15*time.Minute)
		w.wantHeld(second, "contact.held", "sales")
	})
}

// The answer to the making of a contact is lost, and then its account and its deal are deleted: run --once is done when it is
// certain what became of the contact, and does not wait for hours.
func TestAnUnsettledContactOfADeletedAccount(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		account := w.account("Kayak Shop", nil)
		deal := w.deal(account, "Deleted", nil, w.licence("1", "20.00"))
		w.win(deal)
		w.next("PUT", "/Contacts", 0, 1, faults.LoseRequest)
		time.Sleep(11 * time.Minute)
		_, _ = w.try() // its answer is lost
		if !strings.Contains(w.undecided(), "call ") {
			w.Fatalf("no call is unsettled: this proves nothing")
		}
		w.must(w.crm.Delete("Opportunity", deal))
		w.must(w.crm.Delete("Account", account))
		began := time.Now()
		w.once()
		if took := time.Since(began); took > 30*time.Minute {
			w.Errorf("run --once took %s", took)
		}
	})
}

// Accounts are customers by a condition of their own. One is held for its name and then deleted: nobody waits for it any more.
func TestAHeldAccountIsDeleted(t *testing.T) {
	edits := []string{"  from: Account  ", "  from: Account\n  where: BillingCountry = 'New Zealand'\n  "}
	inWorld(t, company{New: true, Edits: edits}, func(w *world) {
		_, err := w.books.AddContact(xerotest.EditableContact{Name: "Harbour  Cruises Ltd"})
		w.must(err)
		account := w.account("Harbour Cruises Limited", nil)
		w.run()
		time.Sleep(2 * time.Minute)
		w.run()
		if h := w.heldAs(document.Contacts, account); h == nil || h.Cause != "contact.near_miss" {
			w.Fatalf("the account is held for %+v: this proves nothing", h)
		}
		w.must(w.crm.Delete("Account", account))
		w.runFor(50*time.Hour, time.Hour)
		if h := w.heldAs(document.Contacts, account); h != nil {
			w.Errorf("the deleted account is held: %s", h.Text)
		}
	})
}

// A deal of a new customer is held, sales mends it, and run --once makes both the customer's contact and the invoice.
func TestOnceInvoicesAMendedDealOfANewCustomer(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		deal := w.deal(w.account("Kayak Shop", nil), "Mended", nil)
		w.win(deal)
		w.quiet()
		w.wantHeld(deal, "deal.no_products", "sales")
		w.addLine(deal, 1, w.licence("1", "10.00"))
		time.Sleep(12 * time.Minute)
		w.once()
		w.wantFree(deal)
		w.inStep()
	})
}
