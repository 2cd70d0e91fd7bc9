package sync_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/sync"
	"sf2xero/sync/faults"
)

// A condition that Salesforce refuses never comes into force: it is asked before, the message says where it stands and what to
// do, and the invoices go on. When the file is right again, the log says so.
func TestAConditionThatSalesforceRefuses(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		const good, bad = "where: IsWon = true\n", "where: IsWon = true AND Amount > 1 OR Amount = 0\n"
		for round := 1; round <= 2; round++ {
			w.editMapping(good, bad)
			deal := w.won(fmt.Sprint("Meanwhile ", round))
			w.quiet()
			w.invoice(deal)
			told := w.logged("mapping.refused")
			if len(told) != round || len(w.logged("mapping.accepted")) != round-1 {
				w.Fatalf("told %v, %v", told, w.logged("mapping.accepted"))
			}
			text, _ := told[round-1]["error"].(string)
			for _, part := range []string{"mapping.yaml:22:10: Salesforce refuses this condition: ", "unexpected token", "Correct where:"} {
				if !strings.Contains(text, part) {
					w.Errorf("%q does not say %q", text, part)
				}
			}
			w.editMapping(bad, good)
			w.run()
			if n := len(w.logged("mapping.accepted")); n != round {
				w.Errorf("%d times told that it is accepted, want %d", n, round)
			}
		}
		if n := len(w.logged("cycle.failed")) + len(w.logged("mapping.let_in")); n != 0 {
			w.Errorf("%d lines about failures or edits that never came into force", n)
		}
	})
}

// At the start it ends the daemon with its place, and nothing was read by it.
func TestAConditionThatSalesforceRefusesAtTheStart(t *testing.T) {
	inWorld(t, company{Edits: []string{"where: IsWon = true", "where: IsWon = true AND Amount > 1 OR Amount = 0"}}, func(w *world) {
		_, err := w.try()
		wantError[*sync.MappingProblems](w, err)
		if !strings.Contains(err.Error(), "mapping.yaml:22:10: Salesforce refuses this condition") {
			w.Errorf("got %v", err)
		}
	})
}

// An outage of Salesforce says nothing about the condition: the edit comes into force when Salesforce answers.
func TestAnEditWhileSalesforceIsDown(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		w.editMapping("where: IsWon = true\n", "where: IsWon = true AND Amount > 5\n")
		w.must(w.crmDoor.Add(faults.Fault{Method: "POST", Path: "/services/data/v66.0/composite", Kind: "status", Status: 503, Times: 12}))
		w.runFor(20*time.Minute, time.Minute)
		w.calm()
		w.quiet()
		if n := len(w.logged("mapping.refused")); n != 0 {
			w.Errorf("refused %d times", n)
		}
		if n, _ := w.lastLetIn(); n != 0 {
			w.Errorf("let in %v", n)
		}
	})
}

// Case: finance releases a customer by a field of the account that the condition asks for. Nothing on the deal changes, and it
// is invoiced with the next cycle, not after the nightly comparison. An idle cycle costs one call all the same.
func TestADealBeginsToMatchBecauseItsAccountChanged(t *testing.T) {
	for name, c := range map[string]struct{ where, object, field, held, released string }{
		"a field of the account":    {" AND Account.Type = 'Customer - Direct'", "Account", "Type", "Prospect", "Customer - Direct"},
		"of the account's parent":   {" AND Account.Parent.Type = 'Customer - Direct'", "parent", "Type", "Prospect", "Customer - Direct"},
		"an account that is joined": {" AND AccountId IN (SELECT Id FROM Account WHERE Type = 'Customer - Direct')", "Account", "Type", "Prospect", "Customer - Direct"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true, Edits: []string{"where: IsWon = true", "where: IsWon = true" + c.where, "settle: 10m", "settle: 0s"}}, func(w *world) {
				parent := w.account("Holding", map[string]any{"Type": c.held})
				w.change("Account", w.usual.account, map[string]any{"ParentId": parent, "Type": c.held})
				record := map[string]string{"Account": w.usual.account, "parent": parent}[c.object]
				deal := w.won("Waits for finance")
				old := w.deal(w.usual.account, "Before the books", map[string]any{"CloseDate": "2026-10-20"}, w.licence("1", "10.00"))
				w.win(old)
				w.quiet()
				w.later(2 * time.Hour)
				w.run() // which has done with the account that was touched two hours ago
				if n := len(w.invoices(deal)); n != 0 {
					w.Fatalf("it has %d invoices", n)
				}
				_, before := w.calls()
				w.run()
				if _, after := w.calls(); after != before+1 {
					w.Errorf("an idle cycle made %d calls", after-before)
				}
				w.change("Account", record, map[string]any{c.field: c.released})
				time.Sleep(time.Minute)
				for range 3 { // the account's contact is made first
					w.run()
					time.Sleep(2 * time.Second)
				}
				w.invoice(deal)
				w.wantFree(deal)
				w.wantHeld(old, "deal.before_start", "accountant") // somebody has won it since the books began
			})
		})
	}
}

// The past of a customer who is released is history: nobody has touched those deals since before the books began.
func TestTheHistoryOfACustomerWhoIsReleased(t *testing.T) {
	begin := []string{"where: IsWon = true", "where: IsWon = true AND Account.Type = 'Customer - Direct'", "start: 2026-11-01", "start: 2026-11-12"}
	inWorld(t, company{New: true, Edits: begin}, func(w *world) {
		w.change("Account", w.usual.account, map[string]any{"Type": "Prospect"})
		old := w.won("Before the books")
		time.Sleep(5 * 24 * time.Hour)
		w.quiet()
		w.change("Account", w.usual.account, map[string]any{"Type": "Customer - Direct"})
		w.later(time.Hour)
		w.wantFree(old)
		w.later(26 * time.Hour)
		w.wantFree(old)
		if n := len(w.invoices(old)); n != 0 {
			w.Errorf("it has %d invoices", n)
		}
	})
}
