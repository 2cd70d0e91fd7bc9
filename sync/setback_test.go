package sync_test

import (
	"testing"
	"time"

	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// The deal went to B, its draft followed, and a person set that back to A. A copy of the store from before is restored: it
// must not take the A for its own.
func TestAPersonSetItBackAndAnOlderStoreIsRestored(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.deal(w.usual.account, "Back", map[string]any{"PO_Number__c": "A"}, w.licence("1", "10.00"))
		w.win(deal)
		w.quiet()
		w.shutDown()
		w.New = false
		restore := w.copyStore()
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "B"})
		w.quiet()
		id := w.invoice(deal).InvoiceID
		w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.Reference = "A" }))
		w.later(time.Hour)
		if got := w.invoice(deal).Reference; got != "A" {
			w.Fatalf("before the restore the reference is %q", got)
		}
		w.shutDown()
		restore()
		w.later(time.Hour)
		if got := w.invoice(deal).Reference; got != "A" {
			w.Errorf("the reference is %q; a person had set it to A", got)
		}
	})
}

// The answer to an update is lost, and a person sets back what it did before it has settled.
func TestAPersonSetBackAnUpdateWhoseAnswerWasLost(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.deal(w.usual.account, "Back", map[string]any{"PO_Number__c": "A"}, w.licence("1", "10.00"))
		w.win(deal)
		w.quiet()
		id := w.invoice(deal).InvoiceID
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "B"})
		time.Sleep(time.Minute)
		w.next("POST", "/Invoices", 0, 1, faults.LoseAnswer)
		w.afterCalled("POST", "/Invoices", func() {
			time.Sleep(5 * time.Second)
			if got := w.invoice(deal).Reference; got != "B" {
				w.Errorf("not done: %q", got)
			}
			w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.Reference = "A" }))
		})
		_, _ = w.try()
		w.later(time.Hour)
		if got := w.invoice(deal).Reference; got != "A" {
			w.Errorf("the reference is %q; a person had set it to A", got)
		}
	})
}
