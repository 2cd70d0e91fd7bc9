package sync_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync"
	"sf2xero/sync/faults"
	"sf2xero/sync/remote"
)

// leased is a company whose Salesforce has the object by which its daemons know of each other.
func leased(more ...string) company {
	return company{New: true, Edits: more, Salesforce: salesforcetest.Options{Acts: true}, Holder: "host-1"}
}

// acts are the rows by which the daemons know whose turn it is, in the order of their making.
func (w *world) acts() []map[string]any { return w.crm.Rows("Xero_Act__c") }

// bound is a fifth of settle, and span how long after a sign of life nothing more comes of it.
func (w *world) bound() time.Duration { return min(w.Settle/5, 2*time.Minute) }
func (w *world) span() time.Duration  { return w.Settle + w.bound() }

// The first daemon inserts the first row and waits as long as another one might still be sending, whatever --new says. Idle,
// it asks Salesforce for nothing more than without the object. After a clean stop it waits for nothing.
func TestTheFirstLease(t *testing.T) {
	inWorld(t, leased(), func(w *world) {
		deal := w.won("First")
		time.Sleep(11 * time.Minute)
		r := w.run()
		rows := w.acts()
		if len(rows) != 1 || !strings.HasSuffix(fmt.Sprint(rows[0]["Key__c"]), "/lease/00000001") || rows[0]["Kind__c"] != "lease" || rows[0]["State__c"] != "open" {
			t.Fatalf("the rows are %v", rows)
		}
		if holder := fmt.Sprint(rows[0]["Holder__c"]); !strings.HasPrefix(holder, "host-1, store ") {
			w.Errorf("the holder is called %q", holder)
		}
		if n := len(w.invoices(deal)); n != 0 || r.Until.IsZero() {
			w.Errorf("%d invoices before anybody can know that nobody else is at work; until %s", n, r.Until)
		}
		time.Sleep(w.span() - time.Minute)
		if w.run(); len(w.invoices(deal)) != 0 {
			w.Errorf("it did not wait for %s", w.span())
		}
		time.Sleep(time.Minute)
		w.quiet()
		w.inStep()
		// Idle.
		w.run()
		_, before := w.calls()
		w.run()
		_, idle := w.calls()
		stamp := w.acts()[0]["SystemModstamp"]
		time.Sleep(time.Hour)
		w.run()
		if idle -= before; idle != 1 || w.acts()[0]["SystemModstamp"] != stamp {
			w.Errorf("an idle cycle makes %d calls to Salesforce, and gives a sign of life", idle)
		}
		w.shutDown()
		if row := w.acts()[0]; row["State__c"] != "released" {
			w.Errorf("after a clean stop the row is %v", row)
		}
		// The next start.
		w.New = false
		second := w.won("Second")
		time.Sleep(11 * time.Minute)
		w.run()
		w.invoice(second)
		if rows := w.acts(); len(rows) != 2 || rows[0]["Token__c"] == rows[1]["Token__c"] {
			w.Errorf("the rows are %v", rows)
		}
	})
}

// A first store does not wait at all when it has nothing to create, and takes nothing.
func TestNobodyTakesTheLeaseWithoutNeed(t *testing.T) {
	inWorld(t, leased(), func(w *world) {
		w.later(time.Hour)
		w.later(25 * time.Hour)
		if rows := w.acts(); len(rows) != 0 {
			w.Errorf("the rows are %v", rows)
		}
	})
}

// After kill -9 the row is another's like any: it ages for settle and the bound, and not longer.
func TestTheLeaseAfterAKill(t *testing.T) {
	inWorld(t, leased(), func(w *world) {
		w.won("First")
		w.quiet()
		w.won("Second")
		time.Sleep(11 * time.Minute)
		w.run()
		w.bury()
		killed := time.Now()
		deal := w.won("Third")
		w.New = false
		for len(w.invoices(deal)) == 0 && time.Since(killed) < time.Hour {
			if r := w.run(); r.Holder != "" {
				w.Errorf("it takes its own row for that of a living daemon (%s)", r.Holder)
			}
			time.Sleep(10 * time.Second)
		}
		if waited := time.Since(killed); waited < w.span() || waited > w.span()+time.Minute {
			w.Errorf("it created %s after the kill, want %s", waited, w.span())
		}
		if texts := w.logged("lease.waits"); len(texts) != 1 || !strings.HasPrefix(fmt.Sprint(texts[0]["holder"]), "host-1, store ") {
			w.Errorf("told %v", texts)
		}
		w.quiet()
		w.inStep()
	})
}

// Two daemons, from the first instant: one serves, the other stands aside, says so and names the first, and sends nothing.
// Everything is invoiced once, nobody has to be started again, and when the first is gone the second takes over.
func TestTwoDaemonsAndOneLease(t *testing.T) {
	inWorld(t, leased(), func(w *world) {
		seats := w.seats("host-1", "host-2")
		defer w.leave(seats)
		var deals []string
		win := func(name string) {
			deals = append(deals, w.won(name))
		}
		for i := range 3 {
			win(fmt.Sprint("Deal ", i))
		}
		time.Sleep(11 * time.Minute)
		serve := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Minute) {
				for i, err := range w.meanwhile(seats, func(s *seat) error { return s.cycles(w.Context()) }) {
					if err != nil && (i == 0 || remote.ClassOf(err) != remote.BadConfig) { // --new was wrong for one of them
						w.Errorf("%s: %v", seats[i].holder, err)
					} else if err != nil {
						w.New = false
						seats[i].sits(func() { w.bury(); w.start() })
					}
				}
			}
		}
		serve(20 * time.Minute)
		for i := range 5 {
			win(fmt.Sprint("Later ", i))
			serve(15 * time.Minute)
			if i == 2 {
				w.change("Opportunity", deals[0], map[string]any{"PO_Number__c": "PO-7"})
				serve(5 * time.Minute)
			}
		}
		serve(w.span() + 5*time.Minute) // who took the lease while the other gave a sign of life waits so long
		for _, deal := range deals {
			w.invoice(deal)
			for _, s := range seats {
				s.sits(func() { w.wantFree(deal) })
			}
		}
		told := w.logged("lease.other")
		if len(told) == 0 || !strings.HasPrefix(fmt.Sprint(told[0]["holder"]), "host-") || told[0]["level"] != "error" {
			w.Errorf("told %v", told)
		}
		if ref := w.invoice(deals[0]).Reference; ref != "PO-7" {
			w.Errorf("the draft's reference is %q", ref)
		}
		// Whoever holds it dies.
		rows := w.acts()
		holder := fmt.Sprint(rows[len(rows)-1]["Holder__c"])
		dead, other := seats[0], seats[1]
		if strings.HasPrefix(holder, "host-2") {
			dead, other = other, dead
		}
		dead.sits(w.bury)
		win("Afterwards")
		other.sits(func() {
			w.runFor(time.Hour, time.Minute)
			w.inStep()
		})
	})
}

// run --once of a second daemon waits until it knows whether the first one lives, and ends with an error that names it when
// it does. What the first one has done by then needs nobody.
func TestOnceBesideALivingDaemon(t *testing.T) {
	inWorld(t, leased(), func(w *world) {
		seats := w.twoDaemons("host-1", "host-2")
		defer w.leave(seats)
		w.won("Second")
		time.Sleep(11 * time.Minute)
		ended := make(chan error)
		go func() { ended <- seats[1].once(w.Context()) }()
		for range 60 {
			// The first one is alive, and busy with something else.
			w.must(w.crm.Touch("Xero_Act__c", fmt.Sprint(w.acts()[0]["Id"])))
			select {
			case err := <-ended:
				if held := wantError[*sync.LeaseHeld](w, err); !strings.HasPrefix(held.Holder, "host-1, ") || !strings.Contains(err.Error(), "host-1") {
					w.Errorf("got %v", err)
				}
				if rows := w.acts(); len(rows) != 1 {
					w.Errorf("it has taken the lease of a living daemon: %v", rows)
				}
				return
			case <-time.After(time.Minute):
			}
		}
		t.Fatal("it does not end")
	})
}

// The holder's machine is suspended between storing an attempt and its first byte, for so long that another daemon takes
// over and makes the invoice. When it wakes it sends nothing, steps back, and takes the other's invoice for what it is: no
// reason to stop.
func TestAHolderThatIsSuspended(t *testing.T) {
	inWorld(t, leased(), func(w *world) {
		seats := w.twoDaemons("host-1", "host-2")
		defer w.leave(seats)
		deal := w.won("Second")
		time.Sleep(11 * time.Minute)
		w.suspends.Store(int64(40 * time.Minute))
		woke := make(chan error)
		go func() { woke <- seats[0].cycles(w.Context()) }()
		time.Sleep(time.Second)
		for range 35 {
			if err := seats[1].cycles(w.Context()); err != nil {
				w.Error(err)
			}
			time.Sleep(time.Minute)
		}
		made := w.invoice(deal).InvoiceID
		if err := <-woke; err != nil {
			w.Errorf("the cycle in which it was suspended: %v", err)
		}
		for range 3 {
			time.Sleep(time.Minute)
			for _, s := range seats {
				if err := s.cycles(w.Context()); err != nil {
					w.Errorf("%s: %v", s.holder, err)
				}
			}
		}
		if got := w.invoice(deal).InvoiceID; got != made {
			w.Errorf("the invoice is %s, want %s", got, made)
		}
		if told := w.logged("lease.other"); len(told) == 0 || !strings.HasPrefix(fmt.Sprint(told[len(told)-1]["holder"]), "host-2") {
			w.Errorf("told %v", told)
		}
	})
}

// One daemon alone, without the object: a machine that was suspended just then sends nothing any more, and nothing waits for
// what was not sent.
func TestAMachineSuspendedBeforeTheFirstByte(t *testing.T) {
	for _, d := range []time.Duration{3 * time.Minute, time.Hour} {
		t.Run(d.String(), func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.won("First")
				w.quiet()
				deal := w.won("Second")
				time.Sleep(11 * time.Minute)
				sent := w.writes()
				w.suspends.Store(int64(d))
				w.run()
				if w.writes() != sent || len(w.invoices(deal)) != 0 {
					w.Errorf("it was sent all the same")
				}
				woke := time.Now()
				for len(w.invoices(deal)) == 0 && time.Since(woke) < time.Hour {
					w.run()
					time.Sleep(10 * time.Second)
				}
				if waited := time.Since(woke); waited > time.Minute {
					w.Errorf("it waited %s for what had not left", waited)
				}
				w.inStep()
			})
		})
	}
}

// An answer to the insert is lost: reading tells that the row is ours.
func TestALostAnswerToTheInsert(t *testing.T) {
	for _, fate := range []faults.Fate{faults.LoseAnswer, faults.LoseRequest, faults.Late} {
		t.Run(fate.String(), func(t *testing.T) {
			inWorld(t, leased(), func(w *world) {
				deal := w.won("First")
				time.Sleep(11 * time.Minute)
				w.next(http.MethodPost, "/composite/sobjects", 0, 1, fate)
				for len(w.invoices(deal)) == 0 {
					if time.Sleep(time.Minute); time.Since(monday()) > 2*time.Hour {
						t.Fatal("nothing is made")
					}
					w.run()
				}
				if rows := w.acts(); len(rows) != 1 {
					w.Errorf("there are %d rows", len(rows))
				}
				if told := w.logged("lease.other"); len(told) != 0 {
					w.Errorf("it takes its own row for another's: %v", told)
				}
				w.inStep()
			})
		})
	}
}

// A row that somebody deletes, and an object that is made by half or taken away, are told.
func TestTheObjectInTheHandsOfItsAdmin(t *testing.T) {
	inWorld(t, leased(), func(w *world) {
		w.won("First")
		w.quiet()
		deal := w.won("Second")
		time.Sleep(11 * time.Minute)
		w.must(w.crm.Delete("Xero_Act__c", fmt.Sprint(w.acts()[0]["Id"])))
		deleted := time.Now()
		w.run()
		if len(w.logged("lease.gone")) != 1 || len(w.invoices(deal)) != 0 {
			w.Errorf("nobody was told, or it went on")
		}
		for len(w.invoices(deal)) == 0 && time.Since(deleted) < time.Hour {
			time.Sleep(30 * time.Second)
			w.run()
		}
		if waited := time.Since(deleted); waited < w.span() || waited > w.span()+2*time.Minute {
			w.Errorf("it waited %s", waited)
		}
		w.bury()
		w.New = false
		w.must(w.crm.HideField("Xero_Act__c", "Beat__c"))
		_, err := w.try()
		if e := wantError[*remote.Error](w, err); e.Class != remote.BadConfig || !strings.Contains(e.Error(), "Xero_Act__c has no field Beat__c") {
			w.Errorf("got %v", err)
		}
	})
}

// An old copy of the store knows the number of an earlier clean stop, and nothing of the later row: it is a stranger.
func TestACopyOfTheStoreIsAStranger(t *testing.T) {
	inWorld(t, leased(), func(w *world) {
		seats := w.seats("host-1", "copy")
		defer w.leave(seats)
		seats[0].sits(func() {
			w.won("First")
			w.quiet()
			w.shutDown()
		})
		w.New = false
		seats[1].sits(func() { w.copyFrom(seats[0].path) })
		deal := w.won("Second")
		time.Sleep(11 * time.Minute)
		for range 60 {
			for i, err := range w.meanwhile(seats, func(s *seat) error { return s.cycles(w.Context()) }) {
				if err != nil {
					w.Errorf("%s: %v", seats[i].holder, err)
				}
			}
			time.Sleep(time.Minute)
		}
		w.invoice(deal)
	})
}

// foreign is the row of another daemon, which gives a sign of life whenever it is called.
func (w *world) foreign() (sign func()) {
	w.Helper()
	id, err := w.crm.Insert("Xero_Act__c", map[string]any{"Key__c": w.books.TenantID() + "/lease/00000007", "Token__c": "theirs", "Kind__c": "lease", "State__c": "open", "Holder__c": "host-9"})
	w.must(err)
	return func() { w.must(w.crm.Touch("Xero_Act__c", id)) }
}

// A deal is held; while another daemon serves, mapping.yaml is narrowed, somebody clears the hold's text, and mapping.yaml is
// put back. When this daemon serves again the deal shows why it is held. Seed 20098.
func TestATextThatIsClearedWhileAnotherServes(t *testing.T) {
	inWorld(t, leased(), func(w *world) {
		held := w.deal(w.usual.account, "Held", nil)
		w.win(held)
		w.quiet()
		w.wantHeld(held, "deal.no_products", "sales")
		sign := w.foreign()
		w.won("To be made")
		for range 30 {
			sign()
			w.run()
			time.Sleep(time.Minute)
		}
		if len(w.logged("lease.other")) != 1 {
			t.Fatalf("it does not stand aside: %v", w.logged("lease.other"))
		}
		for _, edit := range [][2]string{{"where: IsWon = true\n", "where: IsWon = true AND Amount > 500\n"}, {"where: IsWon = true AND Amount > 500\n", "where: IsWon = true\n"}} {
			w.editMapping(edit[0], edit[1])
			w.change("Opportunity", held, map[string]any{"Xero_Sync_Error__c": nil})
			sign()
			w.run()
			time.Sleep(time.Minute)
		}
		w.later(time.Hour)
		w.wantHeld(held, "deal.no_products", "sales")
	})
}
