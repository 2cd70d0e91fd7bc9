package sync_test

import (
	"testing"
	"time"

	"sf2xero/sync"
	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

func authorised() company {
	return company{New: true, Edits: []string{"Status: DRAFT", "Status: AUTHORISED"}}
}

// An invoice that the mapping wants approved is born a draft, and approved when Xero's list has shown it.
func TestBornADraftApprovedLater(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		w.quiet()
		deal := w.won("Approved by us")
		w.whenCalled("POST", "/Invoices", func() {
			if got := w.invoice(deal).Status; got != "DRAFT" {
				w.Errorf("before its approval the invoice is %s", got)
			}
		})
		w.quiet()
		if got := w.invoice(deal).Status; got != "AUTHORISED" {
			w.Errorf("the invoice is %s", got)
		}
		w.inStep()
		w.wantFree(deal)
		if len(w.logged("invoice.approved")) != 1 {
			w.Errorf("the approval was not told")
		}
		writes := w.writes()
		w.later(time.Hour)
		if w.writes() != writes {
			w.Errorf("something was written again")
		}
		// Submitted and voided later is a person's business.
		w.must(w.books.Void(w.invoice(deal).InvoiceID))
		w.later(time.Hour)
		w.wantHeld(deal, "invoice.voided", "accountant")
	})
}

func TestSubmittedForApproval(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"Status: DRAFT", "Status: SUBMITTED"}}, func(w *world) {
		deal := w.won("Submitted by us")
		w.quiet()
		if got := w.invoice(deal).Status; got != "SUBMITTED" {
			w.Errorf("the invoice is %s", got)
		}
		w.must(w.books.Approve(w.invoice(deal).InvoiceID))
		w.later(time.Hour)
		w.wantFree(deal)
		w.inStep()
	})
}

// A draft that a person has touched before it was approved is not approved by us, nor is one beside which there is another.
func TestNotApprovedWhenTouched(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		touched, copied := w.won("Touched"), w.won("Copied")
		w.whenCalled("POST", "/Invoices", func() { w.Errorf("an approval was sent") })
		// Right after the creation, before the list is read.
		w.afterCalled("PUT", "/Invoices", func() {
			w.must(w.books.Edit(w.invoice(touched).InvoiceID, func(e *xerotest.EditableInvoice) { e.Lines[0].UnitAmount = money("99") }))
			_, err := w.books.Copy(w.invoice(copied).InvoiceID)
			w.must(err)
		})
		time.Sleep(11 * time.Minute)
		_, err := w.try() // made within minutes of ours, it may be another daemon's
		wantError[*sync.OtherWriter](w, err)
		w.wantHeld(copied, "invoice.twice", "accountant", w.invoices(copied)[0].InvoiceNumber, w.invoices(copied)[1].InvoiceNumber)
		w.takeOver()
		w.quiet()
		w.wantHeld(touched, "invoice.edited", "accountant")
		w.wantHeld(copied, "invoice.twice", "accountant")
		// A person decides.
		w.must(w.books.Approve(w.invoice(touched).InvoiceID))
		w.must(w.books.Delete(w.invoices(copied)[1].InvoiceID))
		w.calm()
		w.later(25 * time.Hour)
		w.wantFree(touched)
		w.wantFree(copied)
		if got := w.invoices(copied)[0].Status; got != "AUTHORISED" {
			w.Errorf("the one that is left is %s", got)
		}
	})
}

// The deal changes between creation and approval: first the draft follows, then it is approved.
func TestTheDealChangesBeforeTheApproval(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		deal := w.won("Changed")
		w.afterCalled("PUT", "/Invoices", func() {
			w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-8"})
		})
		w.quiet()
		w.quiet()
		if got := w.invoice(deal); got.Status != "AUTHORISED" && got.Status != "DRAFT" || got.Reference != "PO-8" && w.held(deal) == nil {
			w.Errorf("the invoice is %s with reference %q, held: %v", got.Status, got.Reference, w.held(deal))
		}
		w.inStep()
	})
}

// The answer to an approval is lost: it is not sent twice, and what Xero shows counts.
func TestALostApproval(t *testing.T) {
	for _, lost := range []faults.Fate{faults.LoseRequest, faults.LoseAnswer, faults.Late, faults.Twice} {
		t.Run(lost.String(), func(t *testing.T) {
			inWorld(t, authorised(), func(w *world) {
				deal := w.won("Lost")
				w.next("POST", "/Invoices", 0, 1, lost)
				w.quiet()
				if got := w.invoice(deal).Status; got != "AUTHORISED" {
					w.Errorf("the invoice is %s", got)
				}
				w.wantFree(deal)
				w.inStep()
			})
		})
	}
}

// Two contacts are merged in Xero, which makes a waiting draft out to the one that is left: nobody has edited the draft.
func TestADraftWhoseContactWasMerged(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		winner, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boat Hire (2019)"})
		w.must(err)
		deal := w.won("Merged")
		time.Sleep(11 * time.Minute)
		w.run()
		inv := w.invoice(deal)
		w.must(w.books.MergeContacts(winner, inv.ContactID))
		w.later(2 * time.Hour)
		w.wantFree(deal)
		if inv = w.invoice(deal); inv.Status != "AUTHORISED" || inv.ContactID != winner {
			w.Errorf("it is %s and made out to %s: %s", inv.Status, inv.ContactID, w.hold(deal))
		}
	})
}

// A deal changes in what does not change its invoice, before that was approved: it is approved all the same.
func TestADealThatChangesNothingBeforeTheApproval(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"Status: DRAFT", "Status: AUTHORISED", "Reference: =PO_Number__c", `Reference: =IF(ISBLANK(PO_Number__c), "", "ordered")`}}, func(w *world) {
		deal := w.deal(w.usual.account, "Ordered", map[string]any{"PO_Number__c": "PO-1"}, w.licence("1", "10.00"))
		w.win(deal)
		w.run()
		time.Sleep(11 * time.Minute)
		w.run()
		if got := w.invoice(deal).Status; got != "DRAFT" {
			w.Fatalf("it is %s before its deal changes", got)
		}
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-2"})
		w.later(time.Hour)
		if got := w.invoice(deal).Status; got != "AUTHORISED" {
			w.Errorf("it is %s", got)
		}
	})
}
