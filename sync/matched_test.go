package sync_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

// A contact that bears another program's number was taken for one account; a second account of that name does not get it
// too: its invoices would go to the other customer.
func TestAContactIsOneAccounts(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		_, err := w.books.AddContact(xerotest.EditableContact{Name: "Twin Limited", ContactNumber: "ERP-9"})
		w.must(err)
		w.quiet()
		first := w.deal(w.account("Twin Limited", nil), "First", nil, w.licence("1", "10.00"))
		w.win(first)
		w.quiet()
		w.invoice(first)
		second := w.deal(w.account("Twin Limited", map[string]any{"BillingCity": "Auckland"}), "Second", nil, w.licence("1", "10.00"))
		w.win(second)
		w.quiet()
		if n := len(w.invoices(second)); n != 0 && w.invoice(first).ContactID == w.invoice(second).ContactID {
			w.Errorf("the deals of two accounts are invoiced to one contact, and nobody is told: %v %v", w.held(second), w.logged("finding"))
		}
	})
}

// A contact that bears another program's number is renamed in Xero, and the store is lost: the account's own field for the
// Xero id still names it, and no second one is made.
func TestAContactIsFoundByTheFieldOfItsAccount(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		id, err := w.books.AddContact(xerotest.EditableContact{Name: "Old Name", ContactNumber: "ERP-9"})
		w.must(err)
		w.quiet()
		account := w.account("Old Name", nil)
		first := w.deal(account, "First", nil, w.licence("1", "10.00"))
		w.win(first)
		w.quiet()
		w.must(w.books.EditContact(id, func(e *xerotest.EditableContact) { e.Name = "New Name" }))
		w.later(2 * time.Hour)
		w.startsAnew()
		w.quiet()
		second := w.deal(account, "Second", nil, w.licence("1", "10.00"))
		w.win(second)
		w.quiet()
		if n := len(w.invoices(second)); n == 1 && w.invoice(second).ContactID != id {
			w.Errorf("the second deal went to a new contact")
		}
		w.change("Opportunity", first, map[string]any{"PO_Number__c": "PO-1"})
		w.quiet()
		if w.invoice(first).ContactID != id {
			w.Errorf("the first draft was moved to the new contact")
		}
	})
}

// Contacts are merged in Xero, which moves an invoice to the one that stays; then its deal is given another account. Nobody
// has edited the invoice.
func TestADealMovesAfterItsContactWasMerged(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		alpha, beta := w.account("Alpha Boats", nil), w.account("Beta Ferries", nil)
		moved, other := w.deal(alpha, "Moved", nil, w.licence("1", "10.00")), w.deal(beta, "Beta's", nil, w.licence("1", "10.00"))
		w.win(moved)
		w.win(other)
		w.quiet()
		keep, err := w.books.AddContact(xerotest.EditableContact{Name: "Alpha Boats (old)"})
		w.must(err)
		w.must(w.books.MergeContacts(keep, w.contact(alpha).ContactID))
		w.later(2 * time.Hour)
		w.change("Opportunity", moved, map[string]any{"AccountId": beta})
		w.later(2 * time.Hour)
		w.wantFree(moved)
		if got := w.invoice(moved).ContactID; got != w.contact(beta).ContactID {
			w.Errorf("the invoice is made out to %s", got)
		}
	})
}

// A name that somebody takes in Xero in the same moment, with a character that Xero cannot be asked for: its account is
// held, and the others go on in the same cycle.
func TestANameThatXeroCannotBeAskedFor(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		odd := w.deal(w.account(`Back\slash`, nil), "Odd", nil, w.licence("1", "10.00"))
		w.win(odd)
		fine := w.won("Fine")
		time.Sleep(11 * time.Minute)
		w.whenCalled("PUT", "/Contacts", func() {
			_, err := w.books.AddContact(xerotest.EditableContact{Name: `Back\slash`})
			w.must(err)
		})
		w.run()
		w.invoice(fine)
		if told := w.logged("internal.failed"); len(told) == 0 || strings.Contains(fmt.Sprint(told), "slash") {
			w.Errorf("told was %v", told)
		}
		w.later(time.Hour)
		w.invoice(odd)
		w.inStep()
	})
}
