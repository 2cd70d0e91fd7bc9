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

// Case: an admin renames a stage, or an account is merged into another while a condition is narrower by mistake. Salesforce moves
// SystemModstamp of every old deal then, and nobody has opened any of them: none is asked about when the mapping is corrected.
func TestHistoryThatSalesforceTouches(t *testing.T) {
	for name, happens := range map[string]func(w *world){
		"a stage is renamed": func(w *world) {
			_, err := w.crm.RenameStage("Closed Won", "Won - Signed")
			w.must(err)
			w.quiet()
			w.editMapping("where: StageName = 'Closed Won'", "where: StageName = 'Won - Signed'")
		},
		"accounts are merged": func(w *world) {
			w.editMapping("where: StageName = 'Closed Won'", "where: StageName = 'Closed Won' AND Amount > 50")
			w.later(2 * time.Hour)
			w.must(w.crm.MergeAccounts(w.account("Survivor", nil), w.usual.account))
			w.quiet()
			w.editMapping(" AND Amount > 50", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true, Edits: []string{"where: IsWon = true", "where: StageName = 'Closed Won'"}}, func(w *world) {
				deal := w.october()
				w.later(24 * time.Hour)
				happens(w)
				w.quiet()
				w.later(26 * time.Hour)
				w.wantFree(deal)
				if n := len(w.invoices(deal)); n != 0 {
					w.Errorf("it has %d invoices", n)
				}
			})
		})
	}
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
