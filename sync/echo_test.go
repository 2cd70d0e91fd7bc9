package sync_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

// What we write back to Salesforce moves the stamps of deals and accounts. Nothing comes of that.
func TestWriteBackHasNoEcho(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		for range 5 {
			w.won("Deal")
		}
		held := w.deal(w.usual.account, "Held", nil)
		w.win(held)
		w.quiet()
		w.inStep()
		before := w.row(held)["SystemModstamp"]
		log := len(w.logged("writeback.done"))
		for range 20 {
			time.Sleep(time.Minute)
			if r := w.run(); r.Made+r.Changed+r.Adopted+r.Refused+r.Released+r.WroteBack != 0 {
				w.Errorf("a cycle in which nothing happened did %+v", r)
			}
		}
		if n := len(w.logged("writeback.done")); n != log || w.row(held)["SystemModstamp"] != before {
			w.Errorf("%d rows were written again", n-log)
		}
	})
}

// A cycle in which nothing has happened costs one call on either side.
func TestAnIdleCycleMakesOneCallToEachSide(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Deal")
		w.quiet()
		time.Sleep(20 * time.Minute) // our own write-back is read once more, as far as the pull looks back
		w.quiet()
		x, s := w.calls()
		const cycles = 30
		for range cycles {
			time.Sleep(time.Minute)
			w.run()
		}
		xero, crm := w.calls()
		// One of them watches contacts too: once an hour.
		if xero-x > cycles+1 || crm-s > cycles {
			w.Errorf("%d idle cycles made %d calls to Xero and %d to Salesforce", cycles, xero-x, crm-s)
		}
	})
}

// An approval process has locked a won deal: what we write to it waits, is told once, and comes.
func TestALockedDealIsWrittenLater(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		locked, free, busy := w.won("Locked"), w.won("Free"), w.won("Busy")
		w.must(w.crm.LockRecord(locked))
		w.must(w.crm.BusyRecord(busy, 2))
		time.Sleep(11 * time.Minute)
		w.once()
		w.later(time.Hour)
		if w.field(locked, "Xero_Invoice_Number__c") != "" {
			w.Fatalf("a locked deal was written to: this proves nothing")
		}
		if w.field(free, "Xero_Invoice_Number__c") == "" || w.field(busy, "Xero_Invoice_Number__c") == "" {
			w.Errorf("the others were not written")
		}
		if n := len(w.logged("writeback.refused")); n != 1 {
			w.Errorf("told %d times of the locked deal", n)
		}
		w.must(w.crm.UnlockRecord(locked))
		w.later(6 * time.Hour)
		w.inStep()
	})
}

// A person changes one of our fields in Salesforce: Xero knows better, and the field says so again.
func TestAPersonOverwritesOurFields(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Overwritten")
		w.quiet()
		w.change("Opportunity", deal, map[string]any{"Xero_Status__c": "PAID", "Xero_Invoice_Id__c": nil, "Xero_Sync_Error__c": "who knows"})
		writes := w.writes()
		w.quiet()
		w.inStep()
		if w.writes() != writes {
			w.Errorf("something was written to Xero")
		}
	})
}

// A row is deleted between creation and write-back; nobody waits for it.
func TestTheDealIsDeletedBeforeItsNumberArrives(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal, other := w.won("Deleted"), w.won("Other")
		w.afterCalled("PUT", "/Invoices", func() { w.must(w.crm.Delete("Opportunity", deal)) })
		w.quiet()
		w.quiet()
		w.wantHeld(deal, "deal.deleted", "accountant")
		w.wantFree(other)
		w.inStep()
		w.must(w.crm.Undelete("Opportunity", deal))
		w.quiet()
		w.wantFree(deal)
		w.inStep()
	})
}

// The accountant gives a field of their own to a draft that a held deal no longer agrees with: the hold's text follows.
func TestAHoldSaysWhatIsTrueNow(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Text")
		w.quiet()
		id := w.invoice(deal).InvoiceID
		w.must(w.books.Approve(id))
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
		w.quiet()
		w.wantHeld(deal, "edited.after_approval", "accountant", "PO-1")
		since := w.held(deal).Since
		w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.Reference = "PO-0" }))
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-2"})
		w.quiet()
		w.wantHeld(deal, "edited.after_approval", "accountant", "PO-0", "PO-2")
		if !w.held(deal).Since.Equal(since) {
			w.Errorf("the hold is dated %s, it began %s", w.held(deal).Since, since)
		}
	})
}

// Xero answers a batch in another order than it was sent in, and a refused document without its link: each deal gets what
// is its own.
func TestAnAnswerInAnotherOrder(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"    Reference: =PO_Number__c", "    InvoiceNumber: =PO_Number__c"}}, func(w *world) {
		w.won("Before")
		w.quiet()
		made, refused := w.won("Made"), w.won("Refused")
		w.change("Opportunity", made, map[string]any{"PO_Number__c": "A-1"})
		w.change("Opportunity", refused, map[string]any{"PO_Number__c": "INV-0001"}) // which Xero has already
		var reordered atomic.Bool
		w.altered("api.xero.com", func(r *http.Request, answer *httptest.ResponseRecorder) {
			var body map[string]any
			if r.Method != http.MethodPut || json.Unmarshal(answer.Body.Bytes(), &body) != nil {
				return
			}
			elements, _ := body["Invoices"].([]any)
			for _, e := range elements {
				if element := e.(map[string]any); element["StatusAttributeString"] == "ERROR" {
					delete(element, "Url")
				}
			}
			slices.Reverse(elements)
			reordered.Store(reordered.Load() || len(elements) == 2)
			answer.Body.Reset()
			if err := json.NewEncoder(answer.Body).Encode(body); err != nil {
				w.Error(err)
			}
		})
		w.later(time.Hour)
		if !reordered.Load() {
			w.Fatalf("no answer was for two deals: this proves nothing")
		}
		w.wantFree(made)
		w.wantHeld(refused, "xero.exists.invoice_number", "accountant")
		w.inStep()
	})
}
