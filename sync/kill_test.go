package sync_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// The daemon is killed at every commit and every call of a small company's first invoices, approvals and changes; each
// time it is started again, and each time there is one invoice for each deal.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	for _, at := range []moment{beforeCommit, afterCommit, beforeCall, afterCall} {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			for n, fired := 1, true; fired; n += stride {
				t.Run(fmt.Sprint(n), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { fired = killedAt(newWorld(t, authorised()), at, n) })
				})
				if n == 1 && !fired {
					t.Error("the daemon was never killed: this proves nothing")
				}
			}
		})
	}
}

// killedAt kills the daemon at its n-th commit or call, if it comes to that, and starts it again.
func killedAt(w *world, at moment, n int) bool {
	deals := []string{w.won("One"), w.won("Two"), w.deal(w.account("Second Customer", nil), "Three", nil, w.licence("1", "10.00"))}
	w.win(deals[2])
	held := w.deal(w.usual.account, "Held", nil)
	w.win(held)
	time.Sleep(11 * time.Minute)
	w.killAt(at, n)
	if _, err := w.tryOnce(); err == nil && !w.killing.fired.Load() {
		w.change("Account", w.usual.account, map[string]any{"Billing_Email__c": "pay@napier.example"})
		time.Sleep(time.Minute)
		_, _ = w.tryOnce() // may be killed as well
	}
	fired := w.killing.fired.Load()
	w.killing.at.Store(uint32(never))
	w.bury()
	w.New = false
	w.change("Opportunity", deals[1], map[string]any{"NextStep": "call"})
	w.quiet()
	w.wantHeld(held, "deal.no_products", "sales")
	for _, d := range deals {
		w.wantFree(d)
		w.invoice(d)
	}
	w.inStep()
	return fired
}

// Killed again and again, each time a little later, without a quiet moment in between.
func TestKilledAgainAndAgain(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		for i := range 6 {
			w.won(fmt.Sprint("Deal ", i))
		}
		time.Sleep(11 * time.Minute)
		for n := 1; n < 25; n++ {
			w.killAt([]moment{beforeCommit, afterCommit, beforeCall, afterCall}[n%4], n)
			_, _ = w.tryOnce() // killed
			w.bury()
			w.New = false
			time.Sleep(time.Duration(n) * 20 * time.Second)
		}
		w.killing.at.Store(uint32(never))
		w.quiet()
		w.inStep()
	})
}

// A clean stop is trusted: the next start creates at once.
func TestACleanStopIsTrusted(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		w.shutDown()
		w.New = false
		deal := w.won("After")
		time.Sleep(11 * time.Minute)
		began := time.Now()
		w.once()
		w.invoice(deal)
		if waited := time.Since(began); waited > time.Minute {
			w.Errorf("a clean start waited %s", waited)
		}
	})
}
