package sync_test

import (
	"testing"
	"time"
)

// The accountant copies an approved invoice, voids it and works on the copy: that is not approved by itself.
func TestACopyThatAPersonWorksOnIsNotApproved(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		deal := w.won("Copied")
		w.quiet()
		id := w.invoice(deal).InvoiceID
		copied, err := w.books.Copy(id)
		w.must(err)
		w.must(w.books.Void(id))
		w.later(26 * time.Hour)
		for _, inv := range w.invoices(deal) {
			if inv.InvoiceID == copied && inv.Status != "DRAFT" {
				w.Errorf("the accountant's copy is %s", inv.Status)
			}
		}
	})
}

// Drafts from before mapping.yaml asked for approval stay drafts, also when the store is lost and they are found again.
func TestOldDraftsStayDraftsAfterALoss(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Draft")
		w.quiet()
		w.editMapping("Status: DRAFT", "Status: AUTHORISED")
		w.later(50 * time.Hour)
		if got := w.invoice(deal).Status; got != "DRAFT" {
			w.Fatalf("it is %s before the loss", got)
		}
		w.startsAnew()
		w.later(time.Hour)
		if got := w.invoice(deal).Status; got != "DRAFT" {
			w.Errorf("it is %s after the loss", got)
		}
	})
}

// The approver hands an invoice back as a draft, and the deal changes: it is updated, and not submitted again.
func TestAnInvoiceThatWasHandedBackStaysADraft(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"Status: DRAFT", "Status: SUBMITTED"}}, func(w *world) {
		deal := w.won("Handed back")
		w.quiet()
		id := w.invoice(deal).InvoiceID
		if got := w.invoice(deal).Status; got != "SUBMITTED" {
			w.Fatalf("it is %s", got)
		}
		w.must(w.books.Reject(id))
		w.later(time.Hour)
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
		w.later(time.Hour)
		if got := w.invoice(deal).Status; got != "DRAFT" {
			w.Errorf("it is %s again", got)
		}
	})
}

// Xero refuses an approval because the customer was archived meanwhile; when the contact is back, it goes through.
func TestAnApprovalIsTriedAgainOnceItsContactIsRestored(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		w.won("Before")
		w.quiet()
		deal := w.won("Archived")
		time.Sleep(11 * time.Minute)
		w.afterCalled("PUT", "/Invoices", func() { w.must(w.books.ArchiveContact(w.contact(w.usual.account).ContactID)) })
		w.run()
		w.later(time.Hour)
		t.Logf("%s %+v", w.invoice(deal).Status, w.held(deal))
		w.must(w.books.RestoreContact(w.contact(w.usual.account).ContactID))
		w.later(5 * time.Hour)
		w.wantFree(deal)
		if got := w.invoice(deal).Status; got != "AUTHORISED" {
			w.Errorf("it is %s", got)
		}
	})
}
