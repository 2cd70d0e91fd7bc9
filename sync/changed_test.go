package sync_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	gosync "sync"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

// A changed deal changes its invoice while that is a draft nobody has touched, and only what changed is sent.
func TestAChangedDealUpdatesItsDraft(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Boats")
		w.quiet()
		first := w.invoice(deal)

		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-9", "CloseDate": "2026-11-12"})
		w.quiet()
		got := w.invoice(deal)
		if got.Reference != "PO-9" || got.Date != "2026-11-12" || got.DueDate != "2026-12-12" || got.InvoiceNumber != first.InvoiceNumber || got.Status != "DRAFT" {
			w.Errorf("the draft is %+v", got)
		}
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": nil})
		w.quiet()
		if got := w.invoice(deal); got.Reference != "" {
			w.Errorf("the reference %q was not cleared", got.Reference)
		}
		// A price, a product more, a product less: the lines are one field.
		w.change("OpportunityLineItem", w.lines(deal)[0], map[string]any{"UnitPrice": json.Number("110.00")})
		w.quiet()
		w.inStep()
		w.addLine(deal, 3, w.licence("1", "7.00"))
		w.quiet()
		w.inStep()
		writes := w.writes()
		w.later(24 * time.Hour) // at most five updates of one invoice in a day
		w.must(w.crm.Delete("OpportunityLineItem", w.lines(deal)[1]))
		w.quiet()
		w.inStep()
		if got := w.invoice(deal); len(got.Lines) != 2 || !got.SubTotal.Equal(money("227")) {
			w.Errorf("the draft has %d lines and %s", len(got.Lines), got.SubTotal)
		}
		if n := w.writes() - writes; n != 1 {
			w.Errorf("one change took %d writes", n)
		}
		w.wantFree(deal)
	})
}

// A line edit that leaves the deal's amount alone moves no stamp of the deal.
func TestALineThatChangesWithoutItsDeal(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Quiet edit")
		w.quiet()
		stamp := w.row(deal)["SystemModstamp"]
		w.change("OpportunityLineItem", w.lines(deal)[0], map[string]any{"Description": "Harbour licence, winter"})
		if now := w.row(deal)["SystemModstamp"]; now != stamp {
			w.Fatalf("the deal's stamp moved from %v to %v: this proves nothing", stamp, now)
		}
		w.quiet()
		if got := w.invoice(deal).Lines[0].Description; got != "Harbour licence, winter" {
			w.Errorf("the line says %q", got)
		}
	})
}

// What the accountant changed in a draft stays; the other fields still follow the deal.
func TestADraftThatTheAccountantEdited(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Edited")
		w.quiet()
		id := w.invoice(deal).InvoiceID
		w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.DueDate = "2027-01-31" }))
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
		w.quiet()
		if got := w.invoice(deal); got.Reference != "PO-1" || got.DueDate != "2027-01-31" {
			w.Errorf("reference %q, due %s; want PO-1, and the accountant's date", got.Reference, got.DueDate)
		}
		w.wantFree(deal)

		// Both sides changed the same field: nothing is sent, and all three values are named.
		writes := w.writes()
		w.change("Opportunity", deal, map[string]any{"CloseDate": "2026-11-20"})
		w.quiet()
		w.wantHeld(deal, "edited.both_sides", "accountant", "2026-12-09", "2027-01-31", "2026-12-20")
		if n := w.writes() - writes; n != 0 {
			w.Errorf("%d writes were sent", n)
		}
		if got := w.invoice(deal); got.DueDate != "2027-01-31" || got.Date != "2026-11-09" {
			w.Errorf("date %s, due %s", got.Date, got.DueDate)
		}
		// The accountant agrees: the hold is gone, and the date that nobody touched follows.
		w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.DueDate = "2026-12-20" }))
		w.quiet()
		w.wantFree(deal)
		if got := w.invoice(deal); got.DueDate != "2026-12-20" || got.Date != "2026-11-20" {
			w.Errorf("date %s, due %s", got.Date, got.DueDate)
		}
	})
}

// An accountant's line edit is kept, and a change of the deal's products then names both.
func TestLinesEditedOnBothSides(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Lines")
		w.quiet()
		id := w.invoice(deal).InvoiceID
		w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.Lines[1].UnitAmount = money("45") }))
		w.quiet()
		w.change("OpportunityLineItem", w.lines(deal)[0], map[string]any{"UnitPrice": json.Number("120.00")})
		w.quiet()
		w.wantHeld(deal, "edited.both_sides", "accountant", "100", "45", "120")
		if got := w.invoice(deal).SubTotal; !got.Equal(money("245")) {
			w.Errorf("the invoice comes to %s", got)
		}
	})
}

// From the moment that a person has it in hand, a changed deal is a hold that names the difference.
func TestAChangeAfterApproval(t *testing.T) {
	for status, act := range map[string]func(*xerotest.Organisation, string) error{"SUBMITTED": (*xerotest.Organisation).Submit, "AUTHORISED": (*xerotest.Organisation).Approve} {
		t.Run(status, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				deal := w.won("Approved")
				w.quiet()
				inv := w.invoice(deal)
				w.must(act(w.books, inv.InvoiceID))
				writes := w.writes()
				w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-2"})
				w.quiet()
				w.wantHeld(deal, "edited.after_approval", "accountant", inv.InvoiceNumber, "PO-2")
				if w.writes() != writes || w.invoice(deal).Reference != "" {
					w.Errorf("the approved invoice was written to")
				}
				// The accountant enters it; the deal is in step.
				w.must(w.books.Edit(inv.InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = "PO-2" }))
				w.quiet()
				w.wantFree(deal)
				// What does not change the invoice is no reason for a hold.
				w.change("Opportunity", deal, map[string]any{"NextStep": "call", "Name": "Approved, renamed"})
				w.quiet()
				w.wantFree(deal)
			})
		})
	}
}

// A person approves between our look and our write: Xero refuses a draft's update over an approved invoice, and nothing is lost.
func TestApprovedInTheLastMoment(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Race")
		w.quiet()
		id := w.invoice(deal).InvoiceID
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-3"})
		time.Sleep(time.Minute)
		w.whenCalled("POST", "/Invoices", func() { w.must(w.books.Approve(id)) })
		w.quiet()
		if got := w.invoice(deal); got.Status != "AUTHORISED" || got.Reference != "" {
			w.Errorf("the approved invoice is %s with reference %q", got.Status, got.Reference)
		}
		w.quiet() // the next cycle sees why Xero refused
		w.wantHeld(deal, "edited.after_approval", "accountant", "PO-3")
	})
}

// A deal that something keeps changing is a loop: after five updates in a day a person must look.
func TestADealThatKeepsChanging(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Restless")
		w.quiet()
		for i := range 7 {
			w.change("Opportunity", deal, map[string]any{"PO_Number__c": string(rune('A' + i))})
			w.quiet()
		}
		w.wantHeld(deal, "edited.often", "admin", "5 times")
		if got := w.invoice(deal).Reference; got != "E" {
			w.Errorf("the reference is %q, want that of the fifth change", got)
		}
		w.later(25 * time.Hour)
		w.wantFree(deal)
		if got := w.invoice(deal).Reference; got != "G" {
			w.Errorf("the reference is %q a day later, want the last", got)
		}
	})
}

// A deal is moved to another account: its draft is made out to that customer.
func TestADealMovesToAnotherAccount(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Moved")
		w.quiet()
		account := w.account("Bay Cruises", nil)
		w.change("Opportunity", deal, map[string]any{"AccountId": account})
		w.later(time.Hour)
		if got := w.invoice(deal); got.ContactID != w.contact(account).ContactID {
			w.Errorf("the draft is made out to %s", got.ContactName)
		}
		w.wantFree(deal)
		w.inStep()
	})
}

// An update must wait for its turn, because Xero asks for a pause, and a person edits the draft meanwhile: the draft is read
// again before anything is sent, and the person's value stays.
func TestADraftEditedWhileItsUpdateWaits(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Waiting")
		w.later(time.Hour)
		id := w.invoice(deal).InvoiceID
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
		time.Sleep(time.Minute)
		var once gosync.Once
		w.altered("api.xero.com", func(r *http.Request, _ *httptest.ResponseRecorder) {
			if r.URL.Query().Get("IDs") == "" {
				return // only the read just before the update is for single documents
			}
			once.Do(func() {
				w.cycle.Xero.Pacer().StandDown(110*time.Second, "asked")
				time.AfterFunc(time.Minute, func() {
					if err := w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.Reference = "by hand" }); err != nil {
						w.Error(err)
					}
				})
			})
		})
		w.later(time.Minute)
		if got := w.invoice(deal).Reference; got != "by hand" {
			w.Errorf("the reference is %q", got)
		}
		w.wantHeld(deal, "edited.both_sides", "accountant", "by hand", "PO-1")
	})
}

// A person makes the same edit in Xero as sales on the deal; when the deal goes back, the two differ, and that is told.
func TestADealThatGoesBackAfterBothSidesAgreed(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Agreed")
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
		w.quiet()
		w.must(w.books.Edit(w.invoice(deal).InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = "PO-2" }))
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-2"})
		w.quiet()
		w.wantFree(deal)
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
		w.quiet()
		w.wantHeld(deal, "edited.both_sides", "accountant", `Reference is "PO-2" in Xero, where a person entered it, and "PO-1" in Salesforce`)
	})
}

// An invoiced deal is given an account that has no contact yet, and a close date before the books begin: its contact is
// made, and its draft moves to it.
func TestAnInvoicedDealMovesToANewAccountAndAnOldDate(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Moved")
		w.quiet()
		w.change("Opportunity", deal, map[string]any{"AccountId": w.account("Bay Cruises", nil), "CloseDate": "2026-10-20"})
		w.quiet()
		w.wantFree(deal)
		if c, _ := w.books.Contact(w.invoice(deal).ContactID); c.Name != "Bay Cruises" {
			w.Errorf("it is made out to %s", c.Name)
		}
	})
}

// What the deal stops saying of a line is taken off the draft's line, too.
func TestALineLosesItsRegion(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.change("Account", w.usual.account, map[string]any{"Region__c": "North"})
		deal := w.won("Somewhere")
		w.quiet()
		if got := w.invoice(deal).Lines[0].Tracking["Region"]; got != "North" {
			w.Fatalf("its region is %q", got)
		}
		w.change("Account", w.usual.account, map[string]any{"Region__c": nil})
		w.must(w.crm.Touch("Opportunity", deal))
		w.quiet()
		if got := w.invoice(deal).Lines[0].Tracking["Region"]; got != "" {
			w.Errorf("its region is still %q", got)
		}
	})
}
