package sync_test

import (
	"testing"
	"time"
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
