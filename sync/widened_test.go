package sync_test

import (
	"testing"
	"time"
)

// The mapping is edited so that more deals match: those are one kind of hold, not invoices by surprise.
func TestAWidenedMapping(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"where: IsWon = true", "where: IsWon = true AND Type = 'New Customer'"}}, func(w *world) {
		fresh, existing := w.won("Fresh"), w.won("Existing")
		w.change("Opportunity", fresh, map[string]any{"Type": "New Customer"})
		w.change("Opportunity", existing, map[string]any{"Type": "Existing Customer - Upgrade"})
		w.later(2 * time.Hour)
		w.invoice(fresh)
		if n := len(w.invoices(existing)); n != 0 {
			w.Fatalf("a deal that does not match has %d invoices", n)
		}
		w.editMapping(" AND Type = 'New Customer'", "")
		later := w.won("Later")
		w.quiet()
		w.wantHeld(existing, "mapping.changed", "admin")
		w.editMapping("Reference: =PO_Number__c", "Reference: =PO_Number__c & NextStep") // a further edit is no cause either
		w.quiet()
		w.wantHeld(existing, "mapping.changed", "admin")
		w.wantFree(fresh)
		w.invoice(later)
		// Touched by sales, it is invoiced.
		w.change("Opportunity", existing, map[string]any{"PO_Number__c": "yes"})
		w.quiet()
		w.wantFree(existing)
		w.inStep()
	})
}

// The mapping is edited a few minutes after a deal was won that did not match: the edit is still no cause. A deal won since
// the last pull is new, whatever was edited.
func TestAWidenedMappingAndARecentDeal(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"where: IsWon = true", "where: IsWon = true AND Type = 'New Customer'"}}, func(w *world) {
		w.won("Before")
		w.quiet()
		existing := w.won("Existing")
		time.Sleep(12 * time.Minute)
		w.run()
		time.Sleep(2 * time.Second)
		fresh := w.won("Fresh")
		w.editMapping(" AND Type = 'New Customer'", "")
		w.quiet()
		w.wantHeld(existing, "mapping.changed", "admin")
		w.wantFree(fresh)
		w.invoice(fresh)
	})
}

// The start is moved to an earlier day a few minutes after a deal of before the old one was touched: that is no cause
// either, and that deal stays history until the edit is admitted. A deal of those days that is won since the last pull is new.
func TestAnEarlierStartAndARecentDeal(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		old := w.october()
		w.change("Opportunity", old, map[string]any{"PO_Number__c": "PO-1"})
		time.Sleep(12 * time.Minute)
		w.run()
		time.Sleep(2 * time.Second)
		fresh := w.deal(w.usual.account, "Fresh", map[string]any{"CloseDate": "2026-10-20"}, w.licence("1", "10.00"))
		w.win(fresh)
		w.editMapping("start: 2026-11-01", "start: 2026-10-01")
		w.quiet()
		w.wantFree(old)
		if n := len(w.invoices(old)); n != 0 {
			w.Errorf("a deal of before the books has %d invoices", n)
		}
		if told := w.logged("mapping.let_in"); len(told) != 1 || told[0]["count"] != 1.0 {
			w.Errorf("told %v", told)
		}
		w.wantFree(fresh)
		w.invoice(fresh)
	})
}

// A formula is edited while a deal is not visible yet: nothing but its coming into sight lets it in, and it is invoiced.
func TestAnEditedFormulaLetsNothingIn(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		deal := w.won("Hidden")
		w.must(w.crm.HideRecord(deal))
		w.later(2 * time.Hour)
		w.must(w.crm.ShowRecord(deal))
		w.editMapping("Reference: =PO_Number__c", "Reference: =NextStep")
		w.later(time.Hour)
		w.wantFree(deal)
		w.inStep()
	})
}

// A deal that was out of sight while the condition was edited comes into sight. It matches the condition of before, too, so no
// edit let it in: it is invoiced like any other.
func TestAnEditLetsInOnlyWhatDidNotMatchBefore(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		hidden := w.won("Hidden")
		w.must(w.crm.HideRecord(hidden))
		w.later(2 * time.Hour)
		w.must(w.crm.ShowRecord(hidden))
		w.editMapping("where: IsWon = true", "where: IsWon = true AND Amount > 50")
		w.later(time.Hour)
		w.wantFree(hidden)
		w.inStep()
	})
}
