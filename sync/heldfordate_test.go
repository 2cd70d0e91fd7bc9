package sync_test

import (
	"testing"
	"time"

	"sf2xero/sync/plan"
)

// Deals that are held for their old close dates, and edits of the mapping that reach or hide them.

// heldForItsDate is a deal that is won after the start with a close date of before it.
func (w *world) heldForItsDate() (late string) {
	w.Helper()
	w.quiet()
	late = w.deal(w.usual.account, "Late", map[string]any{"CloseDate": "2026-10-28"}, w.licence("1", "10.00"))
	w.win(late)
	w.quiet()
	w.wantHeld(late, "deal.before_start", "accountant")
	return late
}

// Case: deals were held for their old close dates. While a condition was narrower by mistake the start was moved back, too, and
// when the condition was put right all of them were invoiced. They wait for a person's word, and are held as before when the
// start is put back: however much time lies between the edits.
func TestADealHeldForItsDateAndTwoEdits(t *testing.T) {
	for name, between := range map[string]time.Duration{"at once": 0, "within hours": 2 * time.Hour, "within days": 50 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				late := w.heldForItsDate()
				text := w.hold(late)
				time.Sleep(20 * time.Minute)
				w.editMapping("where: IsWon = true", "where: IsWon = true"+narrower)
				w.quiet()
				w.later(between)
				w.wantFree(late)
				w.editMapping("start: 2026-11-01", "start: 2026-10-01")
				w.quiet()
				w.later(between)
				w.editMapping(narrower, "")
				w.quiet()
				w.later(between)
				w.wantHeld(late, "mapping.changed", "admin")
				w.editMapping("start: 2026-10-01", "start: 2026-11-01")
				w.quiet()
				w.later(between)
				w.wantHeld(late, "deal.before_start", "accountant")
				if got := w.hold(late); got != text {
					w.Errorf("the deal shows %q, before the edits %q", got, text)
				}
				if n := len(w.invoices(late)); n != 0 {
					w.Errorf("it has %d invoices", n)
				}
			})
		})
	}
}

// A deal that is held for its old close date stays so when the condition is narrowed and put back.
func TestADealHeldForItsDateAndANarrowedCondition(t *testing.T) {
	for name, while := range map[string]time.Duration{"at once": 0, "within hours": 2 * time.Hour, "within days": 50 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				late := w.heldForItsDate()
				time.Sleep(20 * time.Minute)
				w.editMapping("where: IsWon = true", "where: IsWon = true"+narrower)
				w.quiet()
				w.later(while)
				w.wantFree(late)
				w.editMapping(narrower, "")
				w.quiet()
				w.later(while)
				w.wantHeld(late, "deal.before_start", "accountant")
			})
		})
	}
}

// Case: the accountant set the close date of such a deal as the hold says, and in the same minutes the start was moved back. The deal
// is none that the edit reaches any more: it is invoiced (seed 23086).
func TestACloseDateIsMendedWhileTheStartMoves(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		late := w.heldForItsDate()
		time.Sleep(20 * time.Minute)
		w.change("Opportunity", late, map[string]any{"CloseDate": "2026-11-09"})
		w.editMapping("start: 2026-11-01", "start: 2026-10-01")
		w.quiet()
		w.wantFree(late)
		w.invoice(late)
	})
}

// A deal that is held for its old close date is out of sight while the start is moved back, or somebody edits it then: it waits for
// a person's word like those that stayed. One that is opened and won anew is won under the start in force, as a new one would be.
func TestADealHeldForItsDateWhileTheStartMoves(t *testing.T) {
	for name, c := range map[string]struct {
		away, back func(w *world, deal string)
		cause      string
	}{
		"hidden": {func(w *world, deal string) { w.must(w.crm.HideRecord(deal)) }, func(w *world, deal string) { w.must(w.crm.ShowRecord(deal)) }, "mapping.changed"},
		"edited": {func(w *world, deal string) {}, func(w *world, deal string) {
			w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
		}, "mapping.changed"},
		"opened": {func(w *world, deal string) { w.unwin(deal) }, func(w *world, deal string) { w.win(deal) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				late := w.heldForItsDate()
				c.away(w, late)
				w.later(26 * time.Hour)
				w.editMapping("start: 2026-11-01", "start: 2026-10-01")
				w.later(time.Hour)
				c.back(w, late)
				w.later(26 * time.Hour)
				if c.cause == "" {
					w.wantFree(late)
					w.invoice(late)
					return
				}
				w.wantHeld(late, c.cause, "admin")
				w.editMapping("start: 2026-10-01", "start: 2026-11-01")
				w.later(time.Hour)
				w.wantHeld(late, "deal.before_start", "accountant")
				if n := len(w.invoices(late)); n != 0 {
					w.Errorf("it has %d invoices", n)
				}
				w.editMapping("start: 2026-11-01", "start: 2026-10-01")
				w.quiet()
				_, remedy := w.lastLetIn()
				w.editMapping("  settle: 10m", "  admit: "+plan.DayShown(remedy)+"\n  settle: 10m")
				w.quiet()
				w.wantFree(late)
				w.invoice(late)
			})
		})
	}
}
