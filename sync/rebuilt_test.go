package sync_test

import (
	"fmt"
	"testing"
	"time"

	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// startsAnew has the daemon start without the store that it had.
func (w *world) startsAnew() {
	w.Helper()
	w.shutDown()
	w.loseStore()
	w.New = false
	w.start()
}

// The very first draft is deleted by a person before any list has shown it: its deal is held, the others are invoiced.
func TestTheFirstDraftIsDeletedBeforeAnyListShowsIt(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.breaks(faults.Fault{Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "stale", DelayMS: int((3 * time.Minute).Milliseconds()), Times: 1})
		first := w.won("First")
		time.Sleep(11 * time.Minute)
		w.run()
		w.must(w.books.Delete(w.invoice(first).InvoiceID))
		second := w.won("Second")
		w.runFor(2*time.Hour, 5*time.Minute)
		w.wantHeld(first, "invoice.deleted", "accountant")
		w.wantFree(second)
		w.inStep()
	})
}

// The store is lost, and while the daemon reads Xero's invoices anew, page by page, a person deletes a draft that a page
// has shown already: what comes after it moves up by one place, and is still seen. Nothing is made a second time.
func TestADraftDeletedBetweenTwoPages(t *testing.T) {
	c := company{New: true, Edits: []string{"    Xero_Invoice_Id__c: =InvoiceID\n", ""}}
	c.Xero.PageMax, c.Xero.Empty = 2, true
	inWorld(t, c, func(w *world) {
		for i := range 6 {
			w.won(fmt.Sprint("Deal ", i))
		}
		w.quiet()
		time.Sleep(time.Hour)
		first := w.books.Invoices()[0]
		for _, inv := range w.books.Invoices() {
			if inv.InvoiceID < first.InvoiceID { // which is how the pages are ordered
				first = inv
			}
		}
		w.startsAnew()
		w.afterCalled("GET", "/Invoices", func() { w.must(w.books.Delete(first.InvoiceID)) })
		w.runFor(time.Hour, 5*time.Minute)
		if n := len(w.books.Invoices()); n != 6 {
			w.Errorf("there are %d invoices for six deals", n)
		}
		if n := w.links(); n != 6 {
			w.Errorf("%d links are back, want 6", n)
		}
	})
}

// A person wrote the reference of a draft, and the store is lost. It stays theirs when something else of the deal changes,
// even where the deal could not be mapped when its draft was found again.
func TestAPersonsReferenceOutlivesTheStore(t *testing.T) {
	for _, country := range []string{"New Zealand", "Atlantis"} {
		t.Run(country, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				deal := w.won("Referenced")
				w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
				w.quiet()
				w.must(w.books.Edit(w.invoice(deal).InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = "by hand" }))
				w.quiet()
				w.change("Account", w.usual.account, map[string]any{"BillingCountry": country})
				w.startsAnew()
				w.quiet()
				w.change("Account", w.usual.account, map[string]any{"BillingCountry": "New Zealand"})
				w.quiet()
				w.change("Opportunity", deal, map[string]any{"CloseDate": "2026-11-12"})
				w.quiet()
				if got := w.invoice(deal); got.Reference != "by hand" || got.Date != "2026-11-12" {
					w.Errorf("the reference is %q and the date %s", got.Reference, got.Date)
				}
				w.wantFree(deal)
			})
		})
	}
}

// A person wrote the address of a contact, and the store is lost. It stays theirs when something else of the account changes.
func TestAPersonsAddressOutlivesTheStore(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.change("Account", w.usual.account, map[string]any{"Billing_Email__c": "pay@napier.example"})
		w.won("First")
		w.quiet()
		w.must(w.books.EditContact(w.contact(w.usual.account).ContactID, func(e *xerotest.EditableContact) { e.EmailAddress = "ann@napier.example" }))
		w.later(2 * time.Hour)
		w.startsAnew()
		w.later(2 * time.Hour)
		w.change("Account", w.usual.account, map[string]any{"BillingCity": "Hastings"})
		w.later(2 * time.Hour)
		if got := w.contact(w.usual.account).EmailAddress; got != "ann@napier.example" {
			w.Errorf("the address is %s", got)
		}
	})
}

// Deals wait because only mapping.yaml was edited, and the store is lost: they still wait.
func TestAWidenedMappingAndALostStore(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"where: IsWon = true", "where: IsWon = true AND Type = 'New Customer'"}}, func(w *world) {
		fresh, existing := w.won("Fresh"), w.won("Existing")
		w.change("Opportunity", fresh, map[string]any{"Type": "New Customer"})
		w.later(2 * time.Hour)
		w.editMapping(" AND Type = 'New Customer'", "")
		w.quiet()
		w.wantHeld(existing, "mapping.changed", "admin")
		w.startsAnew()
		w.later(time.Hour)
		w.wantHeld(existing, "mapping.changed", "admin")
		if n := len(w.invoices(existing)); n != 0 {
			w.Errorf("there are %d invoices", n)
		}
		w.wantFree(fresh)
		w.inStep()
	})
}

// The store is lost, and a draft is found again that a person had altered: it is not approved but told. When the person has
// put it right and approved it, nothing is told of it any more.
func TestADraftFoundAgainIsPutRight(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.deal(w.usual.account, "Put right", map[string]any{"PO_Number__c": "PO-1"}, w.licence("1", "100.00"))
		w.win(deal)
		w.quiet()
		id := w.invoice(deal).InvoiceID
		w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.Reference = "PO-9" }))
		w.editMapping("Status: DRAFT", "Status: AUTHORISED")
		w.startsAnew()
		w.quiet()
		w.wantHeld(deal, "invoice.differs", "accountant", "PO-9", "PO-1")
		w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.Reference = "PO-1" }))
		w.later(time.Hour)
		if w.invoice(deal).Status == "DRAFT" {
			w.must(w.books.Approve(id))
		}
		w.later(31 * time.Hour)
		w.wantFree(deal)
		w.inStep()
	})
}

// An invoice was voided before the store was lost. The accountant copies it: that is a person's copy, not another daemon.
func TestAVoidedInvoiceIsCopiedAfterALoss(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal, other := w.won("Voided"), w.won("Other")
		w.quiet()
		id := w.invoice(deal).InvoiceID
		w.must(w.books.Approve(id))
		w.must(w.books.Void(id))
		w.later(time.Hour)
		w.shutDown()
		w.loseStore()
		w.New = false
		w.quiet()
		w.wantHeld(deal, "invoice.voided", "accountant")
		w.later(24 * time.Hour)
		_, err := w.books.Copy(id)
		w.must(err)
		w.later(time.Hour)
		w.wantFree(deal)
		w.invoice(other)
		late := w.won("Late")
		w.later(time.Hour)
		w.invoice(late)
	})
}

// A deal of before the books was held when the store was lost. It is held again for the same, not for what of it was not
// read yet.
func TestADealOfBeforeTheBooksAfterALoss(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		old := w.deal(w.usual.account, "Old", map[string]any{"CloseDate": "2026-10-20"}, w.licence("1", "10.00"))
		w.win(old)
		w.quiet()
		w.wantHeld(old, "deal.before_start", "accountant")
		w.shutDown()
		w.loseStore()
		w.New = false
		time.Sleep(time.Hour)
		w.quiet()
		w.wantHeld(old, "deal.before_start", "accountant")
		for _, l := range w.logged("hold.added") {
			if l["salesforce_id"] == old && l["cause"] != "deal.before_start" {
				w.Errorf("told that it is held for %v: %v", l["cause"], l["text"])
			}
		}
	})
}
