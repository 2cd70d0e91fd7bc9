package sync_test

import (
	"fmt"
	"testing"
	"time"
)

// A company has moved to a new organisation: its deals name invoices of the old one. They wait for a person, and do not cost
// a call in every cycle.
func TestRowsThatNameInvoicesOfAnotherOrganisation(t *testing.T) {
	slowUnderRace(t)
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		var moved []string
		for i := range 120 {
			deal := w.deal(w.usual.account, fmt.Sprint("Moved ", i), map[string]any{"Xero_Invoice_Id__c": fmt.Sprintf("11111111-2222-3333-4444-%012d", i)}, w.licence("1", "10.00"))
			w.win(deal)
			moved = append(moved, deal)
		}
		w.quiet()
		w.wantHeld(moved[7], "witness.unknown", "accountant")
		before, _ := w.calls()
		w.runFor(time.Hour, time.Minute)
		if after, _ := w.calls(); after-before > 70 {
			w.Errorf("%d calls to Xero in an hour in which nothing happened", after-before)
		}
	})
}
