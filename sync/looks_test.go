package sync_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync/faults"
	"sf2xero/sync/plan"
	"sf2xero/xero"
	"sf2xero/xero/xerotest"
)

// asked counts the calls for one of Xero's lists.
func (w *world) asked(list string) (n int) {
	for _, c := range w.booksDoor.Counts() {
		if c.Method == "GET" && c.Path == "/api.xro/2.0/"+list {
			n += c.Count
		}
	}
	return n
}

// lacking is a deal that is held for something that Xero lacks, and how a person mends it there.
type lacking struct {
	name, cause string
	company     company
	spoil       func(w *world)
	deal        func(w *world) string
	mend        func(w *world)
}

func lacks() []lacking {
	usual := func(w *world) string { return w.won("Usual") }
	several := company{New: true, Salesforce: salesforcetest.Options{MultiCurrency: true, Currencies: []string{"USD"}}}
	return []lacking{
		{"a currency", "reference.CurrencyCode", several, nil, func(w *world) string {
			id := w.deal(w.usual.account, "Dollars", map[string]any{"CurrencyIsoCode": "USD"}, w.licence("1", "10.00"))
			w.win(id)
			return id
		}, func(w *world) { w.books.AddCurrency("USD") }},
		{"a lock date", "xero.locked_period", company{New: true}, func(w *world) { w.must(w.books.Lock("2026-12-31")) }, usual, func(w *world) { w.must(w.books.Lock("")) }},
		{"an account", "reference.AccountCode", company{New: true}, func(w *world) { w.must(w.books.ArchiveAccount("210")) }, usual,
			func(w *world) { w.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2") }},
		{"a tracking option", "reference.Tracking", company{New: true}, func(w *world) { w.change("Account", w.usual.account, map[string]any{"Region__c": "West"}) }, usual,
			func(w *world) { w.books.AddTrackingOption("Region", "West") }},
		{"an item", "reference.ItemCode", company{New: true}, func(w *world) { w.change("Product2", w.usual.licence, map[string]any{"ProductCode": "OARS-9"}) }, usual,
			func(w *world) { w.books.AddItem("OARS-9", "Oars", money("10")) }},
		{"a contact that is archived", "contact.archived", company{New: true}, func(w *world) {
			w.won("Before")
			w.quiet()
			w.must(w.books.ArchiveContact(w.contact(w.usual.account).ContactID))
			w.later(2 * time.Hour)
		}, usual, func(w *world) { w.must(w.books.RestoreContact(w.contact(w.usual.account).ContactID)) }},
		{"an account that Xero refused", "xero.account.archived", company{New: true}, func(w *world) {
			w.won("Before")
			w.quiet()
			w.must(w.books.ArchiveAccount("210"))
		}, usual, func(w *world) { w.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2") }},
	}
}

// Case: an accountant adds the currency a deal is held for, and nothing happens for an hour, or for a day where Xero itself
// had refused the deal. What is mended within an hour of the hold is seen within two minutes.
func TestWhatIsMendedInXeroIsSeenWithinTwoMinutes(t *testing.T) {
	for i, c := range lacks() {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, c.company, func(w *world) {
				if c.spoil != nil {
					c.spoil(w)
				}
				deal := c.deal(w)
				var waited time.Duration
				_, err := w.serve(time.Minute, func() {
					time.Sleep(30*time.Minute + time.Duration(i)*17*time.Second) // just after a look, or just before the next
					if h := w.held(deal); h == nil || h.Cause != c.cause && h.Cause != "reference.AccountCode" {
						w.Errorf("held for %+v, want %s", h, c.cause)
					}
					if !strings.Contains(w.hold(deal), "looked at again every 2 minutes") {
						w.Errorf("the deal does not say when Xero is looked at again: %q", w.hold(deal))
					}
					c.mend(w)
					for mended := time.Now(); len(w.invoices(deal)) == 0 && waited < time.Hour; waited = time.Since(mended) {
						time.Sleep(time.Second)
					}
				})
				if err != nil || waited > 2*time.Minute {
					w.Errorf("it took %s to notice (%v)", waited, err)
				}
			})
		})
	}
}

// An account is archived while a deal is sent, and restored before the list is read again: nothing seems to have been, and
// what Xero refused is sent again all the same. So it is with a contact.
func TestWhatWasRefusedAndMendedBetweenTwoLooks(t *testing.T) {
	for name, c := range map[string]struct{ spoil, mend func(w *world) }{
		"an account": {func(w *world) { w.must(w.books.ArchiveAccount("210")) }, func(w *world) { w.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2") }},
		"a contact": {func(w *world) { w.must(w.books.ArchiveContact(w.contact(w.usual.account).ContactID)) },
			func(w *world) { w.must(w.books.RestoreContact(w.contact(w.usual.account).ContactID)) }},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.won("Before")
				w.quiet()
				w.later(2 * time.Hour)
				w.whenCalled("PUT", "/Invoices", func() { c.spoil(w) })
				w.afterCalled("PUT", "/Invoices", func() { c.mend(w) })
				deal := w.won("Between")
				_, err := w.serve(20*time.Minute, nil)
				w.must(err)
				w.invoice(deal)
				w.wantFree(deal)
				if n := len(w.logged("hold.added")); n != 1 {
					w.Errorf("held %d times: this proves nothing", n)
				}
			})
		})
	}
}

// When nobody has mended it for an hour, the one list is read every quarter of an hour; no other list is.
func TestAfterAnHourXeroIsLookedAtSeldom(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.must(w.books.ArchiveAccount("210"))
		deal := w.won("Waits")
		_, err := w.serve(0, func() {
			time.Sleep(20 * time.Minute)
			if w.held(deal) == nil {
				w.Error("not held")
			}
			time.Sleep(time.Hour)
			accounts, taxes, contacts := w.asked("Accounts"), w.asked("TaxRates"), w.asked("Contacts")
			time.Sleep(4 * time.Hour)
			if n := w.asked("Accounts") - accounts; n < 14 || n > 17 {
				w.Errorf("the accounts were read %d times in four hours, want one in 15 minutes", n)
			}
			if n := w.asked("TaxRates") - taxes; n != 0 {
				w.Errorf("the tax rates, which nothing is held for, were read %d times", n)
			}
			if n := w.asked("Contacts") - contacts; n > 5 {
				w.Errorf("the contacts were read %d times", n)
			}
		})
		w.must(err)
	})
}

// Case: with a new hold each hour a list was read every two minutes all day. Such a day has its share of calls, and the looks of
// its first hours are as frequent as ever.
func TestHoldsAllDayDoNotUseUpTheDay(t *testing.T) {
	slowUnderRace(t)
	inWorld(t, company{New: true, Edits: []string{"settle: 10m", "settle: 0s"}}, func(w *world) {
		w.must(w.books.ArchiveAccount("210"))
		w.won("Waits")
		_, err := w.serve(0, func() {
			time.Sleep(10 * time.Minute)
			began, before := w.asked("Accounts"), ""
			for hour := range 24 {
				time.Sleep(50 * time.Minute)
				if before != "" {
					w.unwin(before) // two that wait are enough
				}
				before = w.won(fmt.Sprint("Waits since hour ", hour))
				time.Sleep(10 * time.Minute)
				switch n := w.asked("Accounts") - began; {
				case hour == 1 && n < 55:
					w.Errorf("the accounts were read %d times in two hours, want one in two minutes", n)
				case hour == 23 && (n < 150 || n > 260):
					w.Errorf("the accounts were read %d times in a day", n)
				}
			}
		})
		w.must(err)
	})
}

// A list that cannot be read hides no other: what the others show is seen in time. And a look that failed is none: also in the
// hours in which a list is looked at seldom it is made again soon.
func TestAListThatCannotBeRead(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.must(w.books.ArchiveAccount("210"))
		w.must(w.books.Lock("2026-12-31"))
		locked := w.deal(w.usual.account, "Locked", nil, w.licence("1", "10.00"))
		w.win(locked)
		lacking := w.won("Lacks an account")
		_, err := w.serve(0, func() {
			time.Sleep(20 * time.Minute)
			w.breaks(faults.Fault{Method: "GET", Path: "/api.xro/2.0/Accounts", Kind: "status", Status: 500, Times: 100000})
			time.Sleep(2 * time.Hour)
			for deal, cause := range map[string]string{locked: "xero.locked_period", lacking: "reference.AccountCode"} {
				if h := w.held(deal); h == nil || h.Cause != cause {
					w.Errorf("held for %+v, want %s", h, cause)
				}
			}
			asked := w.asked("Accounts")
			w.must(w.books.Lock(""))
			w.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2")
			time.Sleep(plan.LookLater + 2*time.Minute)
			w.invoice(locked)
			w.wantHeld(lacking, "reference.AccountCode", "admin")
			if n := w.asked("Accounts") - asked; n == 0 || n > 20 { // each look is tried several times
				w.Errorf("the accounts were asked for %d times in vain", n)
			}
			w.calm()
			time.Sleep(plan.LookLater + 2*time.Minute)
			w.invoice(lacking)
			// One look alone fails, in the hours in which it is made seldom: the next is made soon.
			w.must(w.books.ArchiveAccount("210"))
			again := w.won("Lacks it again")
			time.Sleep(5 * time.Hour)
			w.wantHeld(again, "reference.AccountCode", "admin")
			w.breaks(faults.Fault{Method: "GET", Path: "/api.xro/2.0/Accounts", Kind: "status", Status: 400, Times: 1})
			w.whenCalled("GET", "/Accounts", func() { w.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2") })
			for asked := w.asked("Accounts"); w.asked("Accounts") == asked; {
				time.Sleep(time.Second)
			}
			time.Sleep(4 * time.Minute)
			w.invoice(again)
		})
		w.must(err)
		if n := len(w.logged("internal.failed")); n != 2 { // once each time
			w.Errorf("the failures were told %d times: %v", n, w.logged("internal.failed"))
		}
	})
}

// What is held for many lists while none of them can be read: a cycle gives up after two, and each list is charged with the looks
// that were made at it and no others, or else it is read half as often for a day though nobody has read it.
func TestALookCountsOnceItIsMade(t *testing.T) {
	for name, fault := range map[string]faults.Fault{
		"each fails":          {Method: "GET", Kind: "status", Status: 400, Times: 100000},
		"Xero wants no calls": {Method: "GET", Kind: "status", Status: 429, Problem: "day", RetryAfter: 600, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.refused = true
				w.must(w.books.ArchiveAccount("210"))
				w.must(w.books.Lock("2026-12-31"))
				locked := w.deal(w.usual.account, "Locked", nil, w.licence("1", "10.00"))
				w.win(locked)
				w.won("Lacks an account")
				west := w.account("West", map[string]any{"Region__c": "West"})
				w.win(w.deal(west, "Lacks an option", nil, w.licence("1", "10.00")))
				lists := map[string]xero.Part{"Accounts": xero.PartAccounts, "Organisation": xero.PartOrganisation, "TrackingCategories": xero.PartTracking}
				asked, made := map[string]int{}, map[string]int{}
				serves := func(d time.Duration) { // and has ended before it is asked what it counted
					_, err := w.serve(0, func() { time.Sleep(d) })
					w.must(err)
				}
				serves(20 * time.Minute)
				for list, part := range lists {
					asked[list], made[list] = w.asked(list), w.cycle.LooksMade(part)
					f := fault
					f.Path = "/api.xro/2.0/" + list
					w.breaks(f)
				}
				serves(2 * time.Hour)
				for list, part := range lists {
					calls, looks := w.asked(list)-asked[list], w.cycle.LooksMade(part)-made[list]
					if calls != looks || calls == 0 {
						w.Errorf("%s was asked for %d times, which counts as %d looks", list, calls, looks)
					}
				}
			})
		})
	}
}

// While Xero wants no calls none is made, and that says nothing about a list: after that it is read within two minutes, however
// often a cycle has failed meanwhile. Seed 5085.
func TestAListIsReadWhenXeroTakesCallsAgain(t *testing.T) {
	for _, spell := range []time.Duration{20 * time.Minute, 2*time.Hour + 7*time.Minute, 23 * time.Hour} {
		t.Run(spell.String(), func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.must(w.books.ArchiveAccount("210"))
				w.refused = true
				deal := w.won("Lacks an account")
				_, err := w.serve(0, func() {
					time.Sleep(20 * time.Minute)
					w.wantHeld(deal, "reference.AccountCode", "admin")
					w.breaks(faults.Fault{Path: "/api.xro/*", Kind: "status", Status: 429, Problem: "day", RetryAfter: int(spell / time.Second), Times: 1})
					for before := w.refusals(); w.refusals() == before; {
						time.Sleep(time.Second)
					}
					time.Sleep(spell / 2)
					w.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2")
					time.Sleep(spell - spell/2 + 2*time.Minute)
					w.invoice(deal)
				})
				w.must(err)
			})
		})
	}
}

// refusals counts the calls that Xero refused for their number.
func (w *world) refusals() (n int) {
	for _, c := range w.booksDoor.Counts() {
		if c.Status == 429 {
			n += c.Count
		}
	}
	return n
}

// Salesforce is asked seldom, and once in vain: that was not the time at which it was asked, and the next cycle asks.
func TestAPullThatFails(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		w.cycle.Settings.PullEvery = 2 * time.Hour
		deal := w.won("Seldom")
		time.Sleep(2 * time.Hour)
		w.must(w.crmDoor.Add(faults.Fault{Kind: "status", Status: 500, Times: 100}))
		if _, err := w.try(); err == nil {
			w.Error("the pull did not fail: this proves nothing")
		}
		w.calm()
		w.runFor(5*time.Minute, time.Minute)
		w.invoice(deal)
	})
}

// A restart hurries it: whoever has mended something starts the daemon again.
func TestARestartLooksAtOnce(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.must(w.books.ArchiveAccount("210"))
		deal := w.won("Waits")
		w.quiet()
		w.later(5 * time.Hour)
		w.shutDown()
		w.New = false
		w.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2")
		taxes := w.asked("TaxRates")
		w.once()
		w.invoice(deal)
		if n := w.asked("TaxRates") - taxes; n != 0 {
			w.Errorf("after a clean stop the tax rates, which nothing is held for, were read %d times", n)
		}
		w.quiet()
		w.wantFree(deal)
	})
}

// After a kill everything is read afresh.
func TestAKillReadsReferenceDataAfresh(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		w.bury()
		w.New = false
		w.must(w.books.ArchiveAccount("210"))
		accounts, taxes := w.asked("Accounts"), w.asked("TaxRates")
		deal := w.won("After")
		w.quiet()
		if w.asked("Accounts") == accounts || w.asked("TaxRates") == taxes {
			w.Error("what the process before had read was taken for true")
		}
		w.wantHeld(deal, "reference.AccountCode", "admin")
		if n := len(w.logged("hold.added")); n != 1 {
			w.Errorf("%d holds: Xero was asked to refuse it first", n)
		}
	})
}

// An organisation allows fewer calls in a day than most: what is mended there is seen as soon as anywhere, for as long as a fair
// share of that day is left.
func TestADayOfFewCallsHasItsShareOfLooks(t *testing.T) {
	c := company{New: true}
	c.Xero = xerotest.Options{PerDay: 480}
	inWorld(t, c, func(w *world) {
		w.must(w.books.ArchiveAccount("210"))
		deal := w.won("Waits")
		_, err := w.serve(0, func() {
			time.Sleep(20 * time.Minute)
			w.wantHeld(deal, "reference.AccountCode", "admin")
			w.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2")
			time.Sleep(3 * time.Minute)
			w.wantFree(deal)
			w.invoice(deal)
		})
		w.must(err)
	})
}

// The reserve of the day's calls is not spent on looking.
func TestTheReserveIsNotSpentOnLooking(t *testing.T) {
	c := company{New: true}
	c.Xero = xerotest.Options{PerDay: 180}
	inWorld(t, c, func(w *world) {
		w.must(w.books.ArchiveAccount("210"))
		w.won("Waits")
		_, err := w.serve(0, func() {
			time.Sleep(70 * time.Minute) // of 180 calls 100 are kept for reading
			accounts, all := w.asked("Accounts"), w.asked("Invoices")
			time.Sleep(15 * time.Minute)
			if n := w.asked("Accounts") - accounts; n != 0 {
				w.Errorf("the accounts were read %d times out of the reserve", n)
			}
			if w.asked("Invoices") == all {
				w.Error("nothing was watched: this proves nothing")
			}
		})
		w.must(err)
	})
}
