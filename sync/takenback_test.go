package sync_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero/xerotest"
)

// causes are the causes of all holds, and how many are held for each.
func (w *world) causes() map[string]int {
	w.Helper()
	causes := map[string]int{}
	w.view(func(tx *store.Tx) error {
		for _, entry := range []string{document.Contacts, document.Invoices} {
			for r := range tx.Todo(entry, "") {
				if r.Hold != nil {
					causes[r.Hold.Cause]++
				}
			}
		}
		return nil
	})
	return causes
}

// wantCauses fails unless exactly so many are held for each of some causes: name, number, name, number, …
func (w *world) wantCauses(when string, want ...any) {
	w.Helper()
	wanted := map[string]int{}
	for i := 0; i < len(want); i += 2 {
		wanted[want[i].(string)] = want[i+1].(int)
	}
	if got := w.causes(); fmt.Sprint(got) != fmt.Sprint(wanted) {
		w.Errorf("%s: held for %v, want %v", when, got, wanted)
	}
}

// lastLetIn is how many records the log said last that an edit let in.
func (w *world) lastLetIn() (count float64, remedy string) {
	w.Helper()
	told := w.logged("mapping.let_in")
	if len(told) == 0 {
		w.Fatal("the log tells of no edit")
	}
	last := told[len(told)-1]
	remedy, _ = last["remedy"].(string)
	return last["count"].(float64), remedy
}

const narrower = " AND Amount > 50"

// Case: a condition was narrowed for one cycle and restored, and ten held deals were held for the edit for good. Putting the
// old text back puts everything back: also after days in which every record was touched, and after a restart.
func TestANarrowedConditionIsTakenBack(t *testing.T) {
	for name, meanwhile := range map[string]func(w *world){
		"after one cycle": func(w *world) { w.run() },
		"after two":       func(w *world) { w.run(); time.Sleep(time.Minute); w.run() },
		"before any":      func(w *world) {},
		"after days":      func(w *world) { w.later(time.Hour); w.later(50 * time.Hour) },
		"after a restart": func(w *world) { w.quiet(); w.shutDown(); w.New = false },
		"after two further": func(w *world) {
			w.quiet()
			w.editMapping("> 50", "> 60")
			w.quiet()
			w.editMapping("> 60", "> 50")
			w.quiet()
		},
		"and all was touched": func(w *world) {
			w.quiet()
			for _, row := range w.crm.Rows("Opportunity") {
				w.must(w.crm.Touch("Opportunity", row["Id"].(string)))
			}
			w.later(26 * time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				var held []string
				for i := range 10 {
					deal := w.deal(w.usual.account, fmt.Sprint("Without products ", i), nil)
					w.win(deal)
					held = append(held, deal)
				}
				invoiced := w.deal(w.usual.account, "Small", nil, w.licence("1", "10.00"))
				w.win(invoiced)
				w.quiet()
				w.wantCauses("before", "deal.no_products", 10)
				text := w.hold(held[0])
				time.Sleep(20 * time.Minute)
				writes := w.writes()
				w.editMapping("where: IsWon = true", "where: IsWon = true"+narrower)
				meanwhile(w)
				w.editMapping(narrower, "")
				w.quiet()
				w.wantCauses("taken back", "deal.no_products", 10)
				if got := w.hold(held[0]); got != text {
					w.Errorf("the deal shows %q, before the edit %q", got, text)
				}
				if w.writes() != writes {
					w.Errorf("%d calls were made in Xero", w.writes()-writes)
				}
				w.wantFree(invoiced)
				// Mended, they are invoiced like any other.
				w.addLine(held[0], 1, w.licence("1", "10.00"))
				w.later(time.Hour)
				w.wantFree(held[0])
				w.invoice(held[0])
				w.inStep()
			})
		})
	}
}

// What is won while a condition is narrower by mistake is won all the same, when that is taken back within a day. Later it is
// let in by an edit like anything else: a person says so.
func TestADealIsWonWhileTheConditionIsNarrower(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		cause string
	}{"taken back soon": {time.Hour, ""}, "taken back after a week": {7 * 24 * time.Hour, "mapping.changed"}} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.quiet()
				time.Sleep(20 * time.Minute)
				w.editMapping("where: IsWon = true", "where: IsWon = true"+narrower)
				w.quiet()
				deal := w.deal(w.usual.account, "Meanwhile", nil, w.licence("1", "10.00"))
				w.win(deal)
				w.later(c.after)
				w.editMapping(narrower, "")
				w.quiet()
				if c.cause != "" {
					w.wantHeld(deal, c.cause, "admin", "only since mapping.yaml was edited")
					return
				}
				w.wantFree(deal)
				w.invoice(deal)
			})
		})
	}
}

// What an edit let in stays the group that it was, however often the edit is taken back and made again, and although a member
// is hidden for a while.
func TestAGroupStaysAGroup(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"where: IsWon = true", "where: IsWon = true" + narrower}}, func(w *world) {
		small := w.deal(w.usual.account, "Small", nil, w.licence("1", "10.00"))
		w.win(small)
		hidden := w.deal(w.usual.account, "Small and hidden", nil, w.licence("1", "20.00"))
		w.win(hidden)
		w.quiet()
		w.wantFree(small)
		w.later(2 * time.Hour)
		for range 3 {
			w.editMapping(narrower, "")
			w.quiet()
			w.wantCauses("widened", "mapping.changed", 2)
			w.wantHeld(small, "mapping.changed", "admin")
			if n, remedy := w.lastLetIn(); n != 2 || !strings.Contains(remedy, "`admit: 2026-11-09` below invoices:") {
				w.Errorf("told of %v, %s", n, remedy)
			}
			w.must(w.crm.HideRecord(hidden))
			w.later(time.Hour)
			w.must(w.crm.ShowRecord(hidden))
			w.later(time.Hour)
			w.wantCauses("hidden for a while", "mapping.changed", 2)
			w.editMapping("where: IsWon = true", "where: IsWon = true"+narrower)
			w.quiet()
			w.wantCauses("taken back")
			w.wantFree(small)
			if n, _ := w.lastLetIn(); n != 0 {
				w.Errorf("told of %v that wait", n)
			}
		}
		if n := len(w.invoices(small)) + len(w.invoices(hidden)); n != 0 {
			w.Errorf("%d invoices were made", n)
		}
		for _, l := range w.logged("hold.added") {
			w.Errorf("a hold of its own was told of: %v", l)
		}
	})
}

// The line admit: lets out what edits up to that day let in, and nothing that a later edit lets in.
func TestALineAdmit(t *testing.T) {
	edits := []string{"where: IsWon = true", "where: IsWon = true" + narrower}
	inWorld(t, company{New: true, Edits: edits}, func(w *world) {
		small := w.deal(w.usual.account, "Small", nil, w.licence("1", "10.00"))
		w.win(small)
		broken := w.deal(w.usual.account, "Small without products", map[string]any{"Amount": money("40")})
		w.win(broken)
		w.quiet()
		w.later(2 * time.Hour)
		w.editMapping(narrower, " AND Amount > 5")
		w.quiet()
		w.wantCauses("widened", "mapping.changed", 2)
		w.editMapping("  settle: 10m", "  admit: 2026-11-08\n  settle: 10m")
		w.quiet()
		w.wantCauses("admitted up to the day before", "mapping.changed", 2)
		w.editMapping("admit: 2026-11-08", "admit: 2026-11-09")
		w.quiet()
		w.wantCauses("admitted", "deal.no_products", 1)
		w.invoice(small)
		w.inStep()
		// It is let out for good, and a later edit waits for a line of its own.
		w.editMapping("  admit: 2026-11-09\n", "")
		w.later(26 * time.Hour)
		w.wantCauses("without the line", "deal.no_products", 1)
		tiny := w.deal(w.usual.account, "Tiny", nil, w.licence("1", "2.00"))
		w.win(tiny)
		w.later(2 * time.Hour)
		w.editMapping(" AND Amount > 5", "", "  settle: 10m", "  admit: 2026-11-09\n  settle: 10m")
		w.quiet()
		w.wantHeld(tiny, "mapping.changed", "admin")
		if _, remedy := w.lastLetIn(); !strings.Contains(remedy, "admit: 2026-11-11") {
			w.Errorf("the way out is %s", remedy)
		}
		w.editMapping("admit: 2026-11-09", "admit: 2026-11-11")
		w.quiet()
		w.wantFree(tiny)
		w.invoice(tiny)
	})
}

// The day of an edit is the organisation's: in Auckland it is the 10th while the 9th is in London.
func TestALineAdmitIsOfTheOrganisationsDay(t *testing.T) {
	edits := []string{"where: IsWon = true", "where: IsWon = true" + narrower, "  settle: 10m", "  admit: 2026-11-09\n  settle: 10m"}
	inWorld(t, company{New: true, Edits: edits}, func(w *world) {
		small := w.deal(w.usual.account, "Small", nil, w.licence("1", "10.00"))
		w.win(small)
		w.quiet()
		w.later(4 * time.Hour) // past midnight in Auckland
		w.editMapping(narrower, "")
		w.quiet()
		w.wantHeld(small, "mapping.changed", "admin")
		w.editMapping("admit: 2026-11-09", "admit: 2026-11-10")
		w.quiet()
		w.wantFree(small)
		w.invoice(small)
	})
}

// What waits for a person's word does so also when the store is lost: each row says so, and of which day the edit was.
func TestAGroupAndALostStore(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"where: IsWon = true", "where: IsWon = true" + narrower}}, func(w *world) {
		small := w.deal(w.usual.account, "Small", nil, w.licence("1", "10.00"))
		w.win(small)
		w.won("Large")
		w.quiet()
		w.later(2 * time.Hour)
		w.editMapping(narrower, "")
		w.quiet()
		w.shutDown()
		w.loseStore()
		w.New = false
		w.later(26 * time.Hour)
		w.wantHeld(small, "mapping.changed", "admin", "only since mapping.yaml was edited")
		w.editMapping("  settle: 10m", "  admit: 2026-11-09\n  settle: 10m")
		w.quiet()
		w.wantFree(small)
		w.inStep()
	})
}

// The same for accounts that are contacts by a condition of their own.
func TestACustomersConditionIsTakenBack(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"  from: Account ", "  where: Type != 'Prospect'\n  from: Account "}}, func(w *world) {
		for _, number := range []string{"1", "2"} {
			_, err := w.books.AddContact(xerotest.EditableContact{Name: "Twin Limited " + number, AccountNumber: "T-9"})
			w.must(err)
		}
		account := w.account("Twin Limited", map[string]any{"AccountNumber": "T-9"})
		w.quiet()
		held := w.heldAs(document.Contacts, account)
		if held == nil {
			w.Fatal("the account is not held")
		}
		time.Sleep(20 * time.Minute)
		for range 2 {
			w.editMapping("where: Type != 'Prospect'", "where: Type = 'Customer'")
			w.quiet()
			if h := w.heldAs(document.Contacts, account); h != nil {
				w.Errorf("left out it is still held: %+v", h)
			}
			w.editMapping("where: Type = 'Customer'", "where: Type != 'Prospect'")
			w.quiet()
			if h := w.heldAs(document.Contacts, account); h == nil || h.Cause != held.Cause {
				w.Errorf("taken back it is held for %+v, want %+v", h, held)
			}
		}
	})
}
