package sync_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/sync/faults"
)

// renamedStage is a company that invoices by the name of a stage and deletes drafts of deals that are un-won, with some deals.
func renamedStage(w *world, n int) (deals []string) {
	w.Helper()
	for i := range n {
		deals = append(deals, w.deal(w.usual.account, fmt.Sprint("Deal ", i), nil, w.licence("1", "10.00")))
		w.win(deals[i])
	}
	w.quiet()
	time.Sleep(20 * time.Minute)
	return deals
}

var byStage = []string{"where: IsWon = true", "where: StageName = 'Closed Won'", "if_unwon: hold", "if_unwon: delete_draft"}

// Case: an admin renamed a stage, and thirty drafts were deleted. Many deals that stop matching together are held, each of them,
// nothing is deleted, and one alarm says how many. They release themselves when they match again, or when a person has deleted
// their drafts.
func TestAStageIsRenamed(t *testing.T) {
	inWorld(t, company{New: true, Edits: byStage}, func(w *world) {
		deals := renamedStage(w, 30)
		writes := w.writes()
		for _, d := range deals {
			w.change("Opportunity", d, map[string]any{"StageName": "Won - Signed"})
		}
		w.quiet()
		w.later(3 * time.Hour)
		w.later(26 * time.Hour)
		if w.writes() != writes {
			w.Fatalf("%d calls were made in Xero", w.writes()-writes)
		}
		w.wantCauses("renamed", "deal.unwon_together", 30)
		w.wantHeld(deals[7], "deal.unwon_together", "admin", w.invoice(deals[7]).InvoiceNumber, "nothing was deleted")
		alarms := w.logged("hold.many")
		if len(alarms) != 1 || alarms[0]["count"] != 30.0 || alarms[0]["cause"] != "deal.unwon_together" {
			w.Errorf("the alarms are %v", alarms)
		}
		// The accountant deletes two of them, sales wins one again by hand, and the admin corrects the mapping for the others.
		w.must(w.books.Delete(w.invoice(deals[0]).InvoiceID))
		w.must(w.books.Delete(w.invoice(deals[1]).InvoiceID))
		w.change("Opportunity", deals[2], map[string]any{"StageName": "Closed Won"})
		w.later(time.Hour)
		w.wantCauses("looked at", "deal.unwon_together", 27)
		for _, d := range deals[:3] {
			w.wantFree(d)
		}
		w.editMapping("where: StageName = 'Closed Won'", "where: StageName IN ('Closed Won', 'Won - Signed')")
		w.quiet()
		w.wantCauses("corrected", "invoice.deleted", 2)
		w.inStep()
	})
}

// The admin renames a stage, and edits mapping.yaml in the same minutes: most deals are held for the edit, and the few that show
// late are no less part of the burst. Seed 31451 deleted their drafts.
func TestAStageIsRenamedAndTheMappingEdited(t *testing.T) {
	inWorld(t, company{New: true, Edits: byStage}, func(w *world) {
		deals := renamedStage(w, 28)
		rename := func(deals []string) {
			for _, d := range deals {
				w.change("Opportunity", d, map[string]any{"StageName": "Won - Signed"})
			}
		}
		rename(deals[:24])
		w.editMapping("where: StageName = 'Closed Won'", "where: StageName = 'Closed Won' AND Amount > 1")
		w.run()
		rename(deals[24:])
		w.quiet()
		w.later(3 * time.Hour)
		for _, d := range deals {
			if got := w.invoice(d).Status; got != "DRAFT" {
				w.Errorf("a draft is %s", got)
			}
		}
		for _, d := range deals[24:] {
			w.wantHeld(d, "deal.unwon_together", "admin")
		}
	})
}

// A burst that comes in parts is one burst: whether more follow is waited for before a draft is deleted.
func TestAStageIsRenamedInParts(t *testing.T) {
	inWorld(t, company{New: true, Edits: byStage}, func(w *world) {
		deals := renamedStage(w, 36)
		for i, d := range deals {
			w.change("Opportunity", d, map[string]any{"StageName": "Won - Signed"})
			if i%12 == 11 {
				time.Sleep(2 * time.Minute)
				w.run()
			}
		}
		w.quiet()
		w.later(3 * time.Hour)
		w.wantCauses("renamed", "deal.unwon_together", 36)
		for _, d := range deals {
			if got := w.invoice(d).Status; got != "DRAFT" {
				w.Errorf("a draft is %s", got)
			}
		}
	})
}

// Xero fails for hours just then, and one more deal is un-won before anything can be decided: how many stopped matching together
// is known as long as any of them waits. Seed 23981.
func TestAStageIsRenamedWhileXeroFails(t *testing.T) {
	inWorld(t, company{New: true, Edits: byStage}, func(w *world) {
		deals := renamedStage(w, 31)
		for _, d := range deals[:30] {
			w.change("Opportunity", d, map[string]any{"StageName": "Won - Signed"})
		}
		time.Sleep(time.Minute)
		// Its customer is new: before one is made, contacts are read, and that fails.
		w.win(w.deal(w.account("Kaikoura Whales", nil), "New", nil, w.licence("1", "10.00")))
		time.Sleep(15 * time.Minute)
		w.breaks(faults.Fault{Method: "GET", Path: "/api.xro/2.0/Contacts", Kind: "status", Status: 500, Times: 100})
		if _, err := w.try(); err == nil {
			w.Fatal("Xero answered: this proves nothing")
		}
		if text := w.undecided(); strings.Count(text, " changed") != 30 {
			w.Errorf("%s: this proves nothing", text)
		}
		w.calm()
		time.Sleep(2 * time.Hour)
		w.unwin(deals[30])
		w.later(4 * time.Hour)
		w.wantCauses("after the outage", "deal.unwon_together", 30)
		for i, d := range deals {
			if got, want := w.invoice(d).Status, map[bool]string{true: "DRAFT", false: "DELETED"}[i < 30]; got != want {
				w.Errorf("draft %d is %s, want %s", i, got, want)
			}
		}
	})
}

// Some rows show late, and the daemon stands still meanwhile: by their stamps they stopped with the others.
func TestAStageIsRenamedAndSomeRowsShowLate(t *testing.T) {
	c, late := company{New: true, Edits: byStage}, map[string]bool{}
	c.Salesforce.Visible = func(object, id string) time.Duration {
		if late[id] {
			return 9 * time.Minute
		}
		return 0
	}
	inWorld(t, c, func(w *world) {
		deals := renamedStage(w, 30)
		for i, d := range deals {
			late[d] = i < 8
			w.change("Opportunity", d, map[string]any{"StageName": "Won - Signed"})
		}
		time.Sleep(time.Minute)
		w.run()
		w.wantCauses("at once", "deal.unwon_together", 22)
		w.later(10 * time.Hour)
		w.wantCauses("in the evening", "deal.unwon_together", 30)
		for i, d := range deals {
			if got := w.invoice(d).Status; got != "DRAFT" {
				w.Errorf("draft %d is %s", i, got)
			}
		}
	})
}

// A stage is renamed before Xero's lists have shown what it made without our being told: those stopped matching together, too.
func TestAStageIsRenamedBeforeAnAnswerCame(t *testing.T) {
	inWorld(t, company{New: true, Edits: byStage}, func(w *world) {
		renamedStage(w, 1)
		var deals []string
		for i := range 30 {
			deals = append(deals, w.deal(w.usual.account, fmt.Sprint("Late ", i), nil, w.licence("1", "10.00")))
			w.win(deals[i])
		}
		time.Sleep(15 * time.Minute)
		w.breaks(faults.Fault{Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "late", DelayMS: 200_000, Times: 1})
		_, _ = w.try()
		for _, d := range deals {
			w.change("Opportunity", d, map[string]any{"StageName": "Won - Signed"})
		}
		time.Sleep(time.Minute)
		w.run()
		if len(w.invoices(deals[0])) != 0 {
			w.Error("Xero has made them already: this proves nothing")
		}
		w.later(3 * time.Hour)
		w.wantCauses("renamed", "deal.unwon_together", 30)
		for _, d := range deals {
			if got := w.invoice(d).Status; got != "DRAFT" {
				w.Errorf("a draft is %s", got)
			}
		}
	})
}

// Fewer are un-won, and their drafts go: at once, or, when several stopped matching together, after a while.
func TestSomeDealsAreUnwonTogether(t *testing.T) {
	for _, n := range []int{1, 10, 11, 20} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			inWorld(t, company{New: true, Edits: byStage}, func(w *world) {
				deals := renamedStage(w, n)
				for _, d := range deals {
					w.unwin(d)
				}
				time.Sleep(time.Minute)
				w.run()
				deleted := 0
				for _, d := range deals {
					if w.invoice(d).Status == "DELETED" {
						deleted++
					}
				}
				if want := map[bool]int{true: n, false: 0}[n <= 10]; deleted != want {
					w.Errorf("at once %d of %d drafts were deleted", deleted, n)
				}
				w.later(time.Hour)
				w.wantCauses("later")
				for _, d := range deals {
					if got := w.invoice(d).Status; got != "DELETED" {
						w.Errorf("a draft is %s", got)
					}
				}
			})
		})
	}
}

// Deals that are un-won over a day are each one of its own, however many they are.
func TestManyDealsAreUnwonOneByOne(t *testing.T) {
	inWorld(t, company{New: true, Edits: byStage}, func(w *world) {
		deals := renamedStage(w, 24)
		for _, d := range deals {
			w.unwin(d)
			w.later(time.Hour)
		}
		w.wantCauses("one by one")
	})
}

// With if_unwon: hold, and approved invoices, it is the same hold: somebody must look at the stage and not at each deal.
func TestAStageIsRenamedWithoutDeleting(t *testing.T) {
	inWorld(t, company{New: true, Edits: byStage[:2]}, func(w *world) {
		deals := renamedStage(w, 22)
		w.must(w.books.Approve(w.invoice(deals[0]).InvoiceID))
		w.later(time.Hour)
		for _, d := range deals {
			w.change("Opportunity", d, map[string]any{"StageName": "Won - Signed"})
		}
		w.quiet()
		w.wantCauses("renamed", "deal.unwon_together", 22)
		for _, d := range deals {
			w.change("Opportunity", d, map[string]any{"StageName": "Closed Won"})
		}
		w.quiet()
		w.wantCauses("named as before")
		w.inStep()
	})
}
