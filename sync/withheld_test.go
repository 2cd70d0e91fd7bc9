package sync_test

import (
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync/faults"
)

// An administrator takes away the right to write one field of the deals: all the others are written, the invoice's id above
// all, and when the right is given back that field is written too.
func TestOneFieldMayNotBeWrittenForAWhile(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		w.must(w.crm.FreezeField("Opportunity", "Xero_Total__c"))
		deal := w.won("Meanwhile")
		w.runFor(100*time.Minute, 5*time.Minute)
		inv := w.invoice(deal)
		for field, want := range map[string]string{
			"Xero_Invoice_Id__c": inv.InvoiceID, "Xero_Invoice_Number__c": inv.InvoiceNumber, "Xero_Status__c": "DRAFT", "Xero_Total__c": "",
		} {
			if got := w.field(deal, field); got != want {
				w.Errorf("%s is %q, want %q", field, got, want)
			}
		}
		w.must(w.crm.GrantField("Opportunity", "Xero_Total__c"))
		w.runFor(7*time.Hour, 5*time.Minute)
		if got := w.field(deal, "Xero_Total__c"); got != "287.50" {
			w.Errorf("the total shows as %q", got)
		}
		w.wantFree(deal)
		w.inStep()
	})
}

// The right to write the hold's text is away for a while: a deal that is held meanwhile shows why once it is back.
func TestADealIsHeldWhileItsHoldMayNotBeWritten(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		w.must(w.crm.FreezeField("Opportunity", "Xero_Sync_Error__c"))
		deal := w.deal(w.usual.account, "No products", nil)
		w.win(deal)
		w.runFor(100*time.Minute, 5*time.Minute)
		if w.held(deal) == nil {
			w.Fatal("not held")
		}
		w.must(w.crm.GrantField("Opportunity", "Xero_Sync_Error__c"))
		w.runFor(7*time.Hour, 5*time.Minute)
		w.wantHeld(deal, "deal.no_products", "sales")
	})
}

// The hold's field is added to writeback: while a deal is held: its row shows the hold.
func TestTheHoldsFieldIsAddedLater(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"    Xero_Sync_Error__c: =Hold\n", ""}}, func(w *world) {
		w.won("Before")
		deal := w.deal(w.usual.account, "No products", nil)
		w.win(deal)
		w.quiet()
		w.editMapping("    Xero_Fully_Paid_On__c: =FullyPaidOnDate\n", "    Xero_Fully_Paid_On__c: =FullyPaidOnDate\n    Xero_Sync_Error__c: =Hold\n")
		w.later(time.Hour)
		w.wantHeld(deal, "deal.no_products", "sales")
	})
}

// A deal is deleted while its row is written, and restored before anybody has noticed: its row is written all the same.
func TestADealIsDeletedForAMoment(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Paid")
		w.quiet()
		id := w.invoice(deal).InvoiceID
		w.must(w.books.Approve(id))
		w.later(time.Hour)
		_, err := w.books.Pay(id, w.invoice(deal).Total)
		w.must(err)
		w.fates = append(w.fates, fate{method: "POST", path: "/composite", skip: 1, times: 1, what: faults.Deliver, meanwhile: func() { w.must(w.crm.Delete("Opportunity", deal)) }})
		time.Sleep(time.Minute)
		w.run()
		if got := w.field(deal, "Xero_Status__c"); got != "AUTHORISED" {
			w.Fatalf("the row was written before the deal was deleted: %s", got)
		}
		w.must(w.crm.Undelete("Opportunity", deal))
		w.later(time.Hour)
		w.inStep()
	})
}

// The same with a deal that is held: it shows why.
func TestAHeldDealIsDeletedForAMoment(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		deal := w.deal(w.usual.account, "No products", nil)
		w.win(deal)
		time.Sleep(11 * time.Minute)
		w.fates = append(w.fates, fate{method: "POST", path: "/composite", skip: 1, times: 1, what: faults.Deliver, meanwhile: func() { w.must(w.crm.Delete("Opportunity", deal)) }})
		w.run()
		if w.held(deal) == nil || w.hold(deal) != "" {
			w.Fatalf("held: %v, and its row shows %q", w.held(deal), w.hold(deal))
		}
		w.must(w.crm.Undelete("Opportunity", deal))
		w.runFor(2*time.Hour, time.Minute)
		w.wantHeld(deal, "deal.no_products", "sales")
	})
}

// A checkbox has no empty: the rows of deals without an invoice are written whole, with the reason for it.
func TestACheckboxIsWrittenBack(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"    Xero_Sync_Error__c: =Hold", "    Xero_Sync_Error__c: =Hold\n    Xero_Open__c: =AmountDue > 0"}}, func(w *world) {
		w.must(w.crm.AddField("Opportunity", salesforcetest.FieldSpec{Name: "Xero_Open__c", Type: "boolean"}))
		open, held := w.won("Open"), w.deal(w.usual.account, "No products", nil)
		w.win(held)
		w.quiet()
		w.wantHeld(held, "deal.no_products", "sales")
		for deal, want := range map[string]string{open: "true", held: "false"} {
			if got := w.field(deal, "Xero_Open__c"); got != want {
				w.Errorf("%s shows %s, want %s", w.field(deal, "Name"), got, want)
			}
		}
		w.inStep()
	})
}

// A held deal without an invoice is deleted for good: nothing waits for its row.
func TestAHeldDealIsDeletedForGood(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		deal := w.deal(w.usual.account, "No products", nil)
		w.win(deal)
		w.quiet()
		w.wantHeld(deal, "deal.no_products", "sales")
		w.must(w.crm.Delete("Opportunity", deal))
		w.runFor(3*time.Hour, 5*time.Minute)
		if r := w.run(); r.Queued+r.Held != 0 {
			w.Errorf("still to do: %s", w.undecided())
		}
	})
}

// A deal whose invoice stands is deleted: its row is not written again and again.
func TestAnInvoicedDealIsDeletedForGood(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Deleted")
		w.quiet()
		w.must(w.crm.Delete("Opportunity", deal))
		w.runFor(30*time.Minute, time.Minute)
		w.wantHeld(deal, "deal.deleted", "accountant")
		_, before := w.calls()
		w.runFor(time.Hour, time.Minute)
		if _, after := w.calls(); after-before > 122 { // the pull, and the question whether the deal is still gone
			w.Errorf("%d calls to Salesforce in an hour in which nothing happened", after-before)
		}
	})
}
