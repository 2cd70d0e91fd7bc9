package sync_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/faults"
	"sf2xero/sync/plan"
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
		off       func(w *world) // how it is switched off; nil: in the cycle
	}{
		{safeguard: "page order", why: "a row must move over the end of a page while a lost store is rebuilt, and its deal must not name it",
			company: company{New: true, Edits: []string{"    Xero_Invoice_Id__c: =InvoiceID\n", ""}, Xero: xerotest.Options{PageMax: 2, Empty: true}},
			off:     disorderly, story: func(w *world, start func()) bool {
				for i := range 6 {
					w.won(fmt.Sprint("Deal ", i))
				}
				w.quiet()
				time.Sleep(time.Hour)
				w.shutDown()
				w.loseStore()
				w.New = false
				first := w.books.Invoices()[0]
				for _, inv := range w.books.Invoices() {
					if inv.InvoiceID < first.InvoiceID { // they were made at one instant, so it is on the first page in either order
						first = inv
					}
				}
				w.afterCalled("GET", "/Invoices", func() {
					w.must(w.books.Edit(first.InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = "looked at" }))
				})
				start()
				w.run()
				return w.links() < 6 // what is missing would be invoiced again
			}},
		{safeguard: "adoption", why: "a copy must be there when the store is lost, and no field may name the original", company: company{New: true, Edits: []string{"    Xero_Invoice_Id__c: =InvoiceID\n", ""}}, story: func(w *world, start func()) bool {
			deal := w.won("Deal")
			w.quiet()
			original := w.invoice(deal).InvoiceID
			time.Sleep(time.Hour)
			for range 4 { // whichever comes first in the list
				_, err := w.books.Copy(original)
				w.must(err)
			}
			w.shutDown()
			w.loseStore()
			w.New = false
			start()
			w.quiet()
			w.later(time.Hour)
			linked := ""
			w.view(func(tx *store.Tx) error {
				link, _ := tx.Link(store.Key{Entry: document.Invoices, ID: deal})
				linked = link.XeroID
				return nil
			})
			return !strings.EqualFold(linked, original)
		}},
		{safeguard: "cause", why: "only a person can say whether a deal that an edited mapping lets in is to be invoiced", company: company{New: true, Edits: []string{"where: IsWon = true", "where: IsWon = true AND Amount > 500"}}, story: func(w *world, start func()) bool {
			start()
			deal := w.won("Small")
			w.quiet()
			w.later(time.Hour)
			w.editMapping("where: IsWon = true AND Amount > 500", "where: IsWon = true")
			w.later(time.Hour)
			return len(w.invoices(deal)) > 0
		}},
		{safeguard: "cause", why: "deals of before the books are seldom held there, and seldom out of sight just when the start is moved back", company: company{New: true}, story: func(w *world, start func()) bool {
			start()
			w.quiet()
			late := w.deal(w.usual.account, "Late", map[string]any{"CloseDate": "2026-10-28"}, w.licence("1", "10.00"))
			w.win(late)
			w.quiet()
			w.must(w.crm.HideRecord(late))
			w.later(26 * time.Hour)
			w.editMapping("start: 2026-11-01", "start: 2026-10-01")
			w.quiet()
			w.must(w.crm.ShowRecord(late))
			w.later(26 * time.Hour)
			return len(w.invoices(late)) > 0
		}},
		{safeguard: "older", why: "its stores are all of this version", company: olderCompany(false), story: func(w *world, start func()) bool {
			deals := w.servedByOlder()
			start()
			w.later(time.Hour)
			return w.invoice(deals.abroad).Status == "AUTHORISED" // NZD 1,150.00 for a deal over USD 1,000
		}},
		{safeguard: "entry identity", why: "its mapping has one entry, as every mapping so far, and cannot lose it", company: company{}, story: func(w *world, start func()) bool {
			deal := renamed(w, start)
			for range 5 {
				_, _ = w.try() // says which entry is gone
				time.Sleep(5 * time.Minute)
			}
			return len(w.invoices(deal)) > 1
		}},
		{safeguard: "todo", why: "the daemon must die at one commit out of hundreds, just when a deal was won longer ago than the overlap, and the nightly sweep would find the deal", company: company{New: true}, story: func(w *world, start func()) bool {
			w.won("Before")
			w.quiet()
			forgotten := false
			for n := 1; n < 20; n++ { // of which the first store what the process calls and what it reads about the organisation
				if w.db != nil {
					w.bury()
				}
				deal := w.won(fmt.Sprint("Deal ", n))
				time.Sleep(40 * time.Minute)
				w.company.New = false
				start()
				w.killAt(afterCommit, n)
				_, _ = w.try() // killed
				w.killing.at.Store(uint32(never))
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
		{safeguard: "otherwise", why: "nothing is left that Xero is known to keep otherwise and that a mapping may write", company: authorised(), story: func(w *world, start func()) bool {
			start()
			shouting(w)
			for i := range 5 {
				w.win(w.deal(w.usual.account, fmt.Sprint("Deal ", i), map[string]any{"PO_Number__c": fmt.Sprint(i)}, w.licence("1", "10.00")))
			}
			w.quiet()
			return len(w.logged("hold.added")) > 2 // the accountant is asked about each
		}},
		{safeguard: "look up", why: "the nightly and hourly watches find the same contact a little later", company: company{New: true}, story: func(w *world, start func()) bool {
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
		{safeguard: "age of the plan", why: "a machine must sleep just between its watch and a create, while another daemon invoices the same deal", company: company{New: true}, story: sleepsBeforeItCreates},
		{safeguard: "lease re-read", why: "the holder must give a sign of life between the look and the insert of another, and its call must be late", company: leased(), story: takenBetweenTwoSigns},
		{safeguard: "lease closing", why: "a daemon must be stopped with a late call on its way, and another one must want to create at once", company: leased(), story: releasedWithACallOnItsWay},
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
						switch {
						case off && c.off != nil:
							c.off(w)
						case off:
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

// disorderly has Xero list in its own order, by the time of change, whatever is asked for.
func disorderly(w *world) {
	inner := w.network.Hosts["api.xero.com"]
	w.network.Hosts["api.xero.com"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		q.Del("order")
		r.URL.RawQuery = q.Encode()
		inner.ServeHTTP(rw, r)
	})
}

// sleepsBeforeItCreates: two daemons without a lease. The machine of the first one is suspended once it has planned an
// invoice, and the second one makes it meanwhile, longer ago than settle when the first one wakes.
func sleepsBeforeItCreates(w *world, start func()) bool {
	seats := w.seats("host-1", "host-2")
	w.won("Before")
	for _, s := range seats {
		s.sits(func() { start(); w.quiet(); w.New = false })
	}
	deal, slept := w.won("Both"), false
	time.Sleep(11 * time.Minute)
	seats[0].cycle.Planned = func(plan.Step) {
		if slept {
			return
		}
		slept = true
		for range 18 {
			_ = seats[1].cycles(w.Context())
			time.Sleep(time.Minute)
		}
	}
	_ = seats[0].cycles(w.Context()) // may stop, as the other one did
	return onlyOne(w, deal, seats)
}

// twoStores are two daemons that have served the company for a while; the first one holds the lease and was silent long enough.
func twoStores(w *world, start func()) (seats []*seat) {
	seats = w.seats("host-1", "host-2")
	seats[0].sits(func() {
		w.won("First")
		w.quiet()
		w.shutDown()
		w.New = false
		start()
		w.won("Second")
		w.later(time.Hour)
	})
	seats[1].sits(func() { start(); w.later(time.Hour) })
	return seats
}

// onlyOne says whether a deal has two invoices, and ends what must not be in anybody's books.
func onlyOne(w *world, deal string, seats []*seat) (twice bool) {
	all := w.invoices(deal)
	for _, inv := range all[1:] {
		w.must(w.books.Delete(inv.InvoiceID))
	}
	for _, s := range seats {
		s.sits(w.bury)
	}
	return len(all) > 1
}

// takenBetweenTwoSigns: while the second daemon's insert is on its way, the first one gives a sign of life and sends an
// invoice, which arrives late. Who does not read that sign makes the invoice again.
func takenBetweenTwoSigns(w *world, start func()) bool {
	seats := twoStores(w, start)
	deal := w.won("Both")
	time.Sleep(11 * time.Minute)
	w.whenCalled(http.MethodPost, "/composite/sobjects", func() {
		w.next(http.MethodPut, "/Invoices", 0, 1, faults.Late)
		_ = seats[0].cycles(w.Context()) // its answer is lost
	})
	for end := time.Now().Add(time.Hour); time.Now().Before(end); time.Sleep(time.Minute) {
		_ = seats[1].cycles(w.Context()) // may stop, when the safeguard is off
	}
	return onlyOne(w, deal, seats)
}

// releasedWithACallOnItsWay: the first daemon is stopped while an invoice of its own has not arrived yet. Only its own store
// knows of that.
func releasedWithACallOnItsWay(w *world, start func()) bool {
	seats := twoStores(w, start)
	deal := w.won("Both")
	time.Sleep(11 * time.Minute)
	w.next(http.MethodPut, "/Invoices", 0, 1, faults.Late)
	_ = seats[0].cycles(w.Context()) // its answer is lost
	seats[0].sits(w.shutDown)
	for end := time.Now().Add(time.Hour); time.Now().Before(end); time.Sleep(time.Minute) {
		_ = seats[1].cycles(w.Context()) // may stop, when the safeguard is off
	}
	return onlyOne(w, deal, seats)
}
