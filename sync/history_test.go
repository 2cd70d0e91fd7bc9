package sync_test

import (
	"testing"
	"time"
)

// october is a deal that was won before the books begin, and seen by the first pull.
func (w *world) october() (deal string) {
	w.Helper()
	deal = w.deal(w.usual.account, "October", map[string]any{"CloseDate": "2026-10-20"}, w.licence("1", "10.00"))
	w.win(deal)
	w.quiet()
	return deal
}

// A deal of before the books is opened again and won anew, its close date left as it was: it is held, not skipped.
func TestADealOfHistoryIsWonAnew(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.october()
		w.unwin(deal)
		w.later(24 * time.Hour)
		w.wantFree(deal)
		w.win(deal)
		w.later(time.Hour)
		w.wantHeld(deal, "deal.before_start", "accountant")
	})
}

// A deal of before the books stays history whatever is edited on it, on its products and in mapping.yaml, and also when
// somebody touches it while an edited condition leaves it out.
func TestHistoryStaysHistory(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"where: IsWon = true", "where: IsWon = true AND Type = null"}}, func(w *world) {
		deal := w.october()
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1", "Xero_Status__c": "by hand"})
		w.later(time.Hour)
		w.addLine(deal, 2, w.licence("1", "10.00"))
		w.later(time.Hour)
		w.change("Opportunity", deal, map[string]any{"NextStep": "none"})
		w.editMapping(" AND Type = null", " AND Type = 'New Customer'")
		w.later(time.Hour)
		w.editMapping(" AND Type = 'New Customer'", " AND Type = null")
		w.later(50 * time.Hour)
		w.wantFree(deal)
		if n := len(w.invoices(deal)); n != 0 {
			w.Errorf("it has %d invoices", n)
		}
	})
}

// A deal with an old close date is won while it is hidden, and comes into sight without a new stamp: it is held, not skipped.
func TestADealOfBeforeTheBooksComesIntoSight(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		deal := w.deal(w.usual.account, "Late", map[string]any{"CloseDate": "2026-10-20"}, w.licence("1", "10.00"))
		w.must(w.crm.HideRecord(deal))
		w.win(deal)
		w.later(2 * time.Hour)
		w.must(w.crm.ShowRecord(deal))
		w.later(25 * time.Hour)
		w.wantHeld(deal, "deal.before_start", "accountant")
	})
}

// The condition is widened, and deals of before the books match that did not before: they are history, as they are to a
// new store, and nobody is asked about them.
func TestAWidenedMappingAndHistory(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"where: IsWon = true", "where: IsWon = true AND Type = 'New Customer'"}}, func(w *world) {
		deal := w.october()
		w.later(2 * time.Hour)
		w.editMapping(" AND Type = 'New Customer'", "")
		w.later(50 * time.Hour)
		w.wantFree(deal)
		w.unwin(deal)
		w.later(time.Hour)
		w.win(deal)
		w.later(time.Hour)
		w.wantHeld(deal, "deal.before_start", "accountant")
	})
}
