package sync_test

import (
	"context"
	"testing"
	"time"

	"sf2xero/sync/events"
	"sf2xero/sync/faults"
	"sf2xero/sync/remote"
)

// serve runs the daemon for some time and stops it as SIGTERM does.
func (w *world) serve(d time.Duration, meanwhile func()) (cycles int, err error) {
	w.Helper()
	if w.cycle == nil {
		w.start()
	}
	ctx, stop := context.WithCancel(w.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.cycle.Loop(ctx, time.Minute, func(events.Report) { cycles++ }) }()
	if meanwhile != nil {
		meanwhile()
	}
	time.Sleep(d)
	stop()
	return cycles, <-ended
}

// The daemon serves for a morning: deals come, payments come, nobody starts anything by hand.
func TestTheDaemonServesForAMorning(t *testing.T) {
	inWorld(t, company{}, func(w *world) {
		var deals []string
		cycles, err := w.serve(time.Hour, func() {
			for range 2 {
				deals = append(deals, w.won("Deal"))
				time.Sleep(time.Hour)
			}
			w.must(w.books.Approve(w.invoice(deals[0]).InvoiceID))
			_, err := w.books.Pay(w.invoice(deals[0]).InvoiceID, money("287.50"))
			w.must(err)
		})
		if err != nil || cycles < 150 {
			w.Errorf("%d cycles, %v", cycles, err)
		}
		w.inStep()
		if got := w.field(deals[0], "Xero_Status__c"); got != "PAID" {
			w.Errorf("the paid deal shows %s", got)
		}
	})
}

// A failure is told once, then counted with ever longer pauses; its end is told.
func TestAFailureIsToldOnce(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		w.breaks(faults.Fault{Method: "GET", Kind: "status", Status: 503, Times: -1})
		if _, err := w.serve(3*time.Hour, nil); err != nil {
			w.Fatal(err)
		}
		failed := w.logged("cycle.failed")
		if len(failed) == 0 || len(failed) > 3 {
			w.Errorf("told %d times in three hours", len(failed))
		}
		deal := w.won("Afterwards")
		w.calm()
		if _, err := w.serve(time.Hour, nil); err != nil {
			w.Fatal(err)
		}
		w.invoice(deal)
		w.inStep()
	})
}

func TestItsEndIsTold(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		if _, err := w.serve(2*time.Hour, func() {
			w.breaks(faults.Fault{Method: "GET", Kind: "status", Status: 503, Times: -1})
			time.Sleep(time.Hour)
			w.calm()
		}); err != nil {
			w.Fatal(err)
		}
		told := w.logged("cycle.recovered")
		if len(told) != 1 || told[0]["failures"].(float64) < 2 {
			w.Errorf("told %v", told)
		}
	})
}

// Wrong from the start is said at once; a daemon that looks alive and does nothing helps nobody.
func TestWrongFromTheStart(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.start()
		w.cycle.Settings.TenantID = "11111111-2222-3333-4444-555555555555"
		began := time.Now()
		err := w.cycle.Loop(w.Context(), time.Minute, func(events.Report) {})
		if remote.ClassOf(err) != remote.BadConfig || time.Since(began) > time.Minute {
			w.Errorf("got %v after %s", err, time.Since(began))
		}
	})
}

// Asked to stop in the middle of a call, the daemon finishes it: its answer is worth more than a few seconds.
func TestStoppedInMidCall(t *testing.T) {
	inWorld(t, company{New: true, Slow: 5 * time.Second}, func(w *world) {
		w.quiet()
		deal := w.won("In hand")
		time.Sleep(10*time.Minute + 30*time.Second)
		ctx, stop := context.WithCancel(w.Context())
		w.whenCalled("PUT", "/Invoices", stop)
		for len(w.invoices(deal)) == 0 && ctx.Err() == nil {
			_, _ = w.cycle.Run(ctx) // ends early when stopped
			time.Sleep(10 * time.Second)
		}
		w.shutDown()
		if len(w.logged("invoice.created")) != 1 {
			w.Errorf("the call in hand was given up")
		}
		w.New = false
		w.quiet()
		w.inStep()
	})
}
