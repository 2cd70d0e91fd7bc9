package sync_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/xero/xerotest"
)

// What the simulation cannot show, or only with luck, is shown by a story that goes well with the safeguard and badly
// without it.
func TestSafeguardsThatTheSimulationMisses(t *testing.T) {
	for _, c := range []struct {
		safeguard string
		why       string // why the simulation does not show it
		company   company
		story     func(w *world, start func()) (bad bool)
	}{
		{"cause", "only a person can say whether a deal that an edited mapping lets in is to be invoiced",
			company{New: true, Edits: []string{"where: IsWon = true", "where: IsWon = true AND Amount > 500"}}, func(w *world, start func()) bool {
				start()
				deal := w.won("Small")
				w.quiet()
				w.later(time.Hour)
				w.editMapping("where: IsWon = true AND Amount > 500", "where: IsWon = true")
				w.later(time.Hour)
				return len(w.invoices(deal)) > 0
			}},
		{"entry identity", "its mapping has one entry, as every mapping so far, and cannot lose it", company{}, func(w *world, start func()) bool {
			deal := renamed(w, start)
			for range 5 {
				_, _ = w.try() // says which entry is gone
				time.Sleep(5 * time.Minute)
			}
			return len(w.invoices(deal)) > 1
		}},
		{"todo", "the daemon must die at one commit out of hundreds, just when a deal was won longer ago than the overlap, and the nightly sweep would find the deal", company{New: true}, func(w *world, start func()) bool {
			w.won("Before")
			w.quiet()
			forgotten := false
			for n := 1; n < 12; n++ {
				if w.db != nil {
					w.bury()
				}
				deal := w.won(fmt.Sprint("Deal ", n))
				time.Sleep(40 * time.Minute)
				w.company.New = false
				start()
				w.killAt(afterCommit, n)
				_, _ = w.try() // killed
				w.killing.at = never
				w.bury()
				time.Sleep(20 * time.Minute)
				start()
				for range 8 {
					_, _ = w.try() // waits until what was sent must have shown
					time.Sleep(3 * time.Minute)
				}
				forgotten = forgotten || len(w.invoices(deal)) == 0
			}
			return forgotten
		}},
		{"look up", "the nightly and hourly watches find the same contact a little later", company{New: true}, func(w *world, start func()) bool {
			w.win(w.deal(w.account("Somebody before", nil), "Before", nil, w.licence("1", "10.00")))
			time.Sleep(11 * time.Minute)
			start()
			w.run()
			deal := w.won("Existing")
			w.whenCalled("PUT", "/Contacts", func() {
				_, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boat Hire"})
				w.must(err)
			})
			time.Sleep(11 * time.Minute)
			for range 3 {
				w.run()
				time.Sleep(10 * time.Second)
			}
			return len(w.invoices(deal)) == 0
		}},
	} {
		t.Run(c.safeguard, func(t *testing.T) {
			t.Parallel()
			t.Log(c.why)
			for _, off := range []bool{false, true} {
				var bad bool
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, c.company)
					bad = c.story(w, func() {
						w.start()
						if off {
							w.cycle.SetWithout(c.safeguard)
						}
					})
				})
				if bad != off {
					t.Errorf("with the safeguard off=%t it goes badly=%t", off, bad)
				}
			}
		})
	}
}
