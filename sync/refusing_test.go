package sync_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/sync/faults"
	"sf2xero/sync/remote"
	"sf2xero/xero/xerotest"
)

// Xero fails in one of its many ways, on reads or on writes; nothing is lost, and nothing is there twice.
func TestXeroFails(t *testing.T) {
	for name, f := range map[string]faults.Fault{
		"reads fail for a while":               {Method: "GET", Kind: "status", Status: 503, Times: 3},
		"reads fail for long":                  {Method: "GET", Kind: "status", Status: 500, Times: 12},
		"a list breaks off":                    {Method: "GET", Path: "/api.xro/2.0/Invoices", Kind: "truncate", Times: 2},
		"a list is no JSON":                    {Method: "GET", Path: "/api.xro/2.0/Invoices", Kind: "malformed", Times: 2},
		"a write fails and was not done":       {Method: "PUT", Kind: "status", Status: 503},
		"a write fails and was done":           {Method: "PUT", Kind: "status", Status: 500, Done: true},
		"a write times out at a gateway":       {Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "status", Status: 504, Done: true},
		"the answer to a write breaks off":     {Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "truncate"},
		"the answer to a write is no JSON":     {Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "malformed"},
		"a write hangs for ten minutes":        {Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "hang", DelayMS: 600_000},
		"a proxy says 403 with a page of HTML": {Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "status", Status: 403, Body: "<html>no</html>"},
		"an unmarked 404":                      {Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "status", Status: 404},
		"the body is too large for a proxy":    {Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "status", Status: 413},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				for i := range 3 {
					w.won(fmt.Sprint("Deal ", i))
				}
				w.breaks(f)
				time.Sleep(11 * time.Minute)
				for range 8 {
					_, _ = w.tryOnce() // may fail while Xero does
					time.Sleep(2 * time.Minute)
				}
				w.quiet()
				w.inStep()
				for _, row := range w.crm.Rows("Opportunity") {
					w.wantFree(row["Id"].(string))
				}
			})
		})
	}
}

// Salesforce fails: nothing is missed, and a row that was not written is written later.
func TestSalesforceFails(t *testing.T) {
	for name, f := range map[string]faults.Fault{
		"for a while":              {Kind: "status", Status: 503, Times: 4},
		"for long":                 {Kind: "status", Status: 500, Times: 15},
		"its answers break off":    {Kind: "truncate", Times: 3},
		"its answers are no JSON":  {Kind: "malformed", Times: 3},
		"the answers do not come":  {Kind: "drop_after", Times: 3},
		"too many calls of others": {Kind: "status", Status: 403, Times: 2, Body: `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.quiet()
				for i := range 3 {
					w.won(fmt.Sprint("Deal ", i))
				}
				f.Path = "/services/data/*"
				if err := w.crmDoor.Add(f); err != nil {
					w.Fatal(err)
				}
				time.Sleep(11 * time.Minute)
				for range 8 {
					_, _ = w.tryOnce() // may fail while Salesforce does
					time.Sleep(2 * time.Minute)
				}
				time.Sleep(time.Hour)
				w.quiet()
				w.inStep()
			})
		})
	}
}

// Xero asks to be left alone; it is, until the moment it named, across a restart.
func TestXeroAsksToBeLeftAlone(t *testing.T) {
	for name, c := range map[string]struct {
		f      faults.Fault
		atMost time.Duration // how long it may take until the invoices are there
	}{
		"for the minute":              {faults.Fault{Status: 429, RetryAfter: 40, Problem: "minute"}, 5 * time.Minute},
		"for the day":                 {faults.Fault{Status: 429, RetryAfter: 3 * 3600, Problem: "day"}, 4 * time.Hour},
		"for calls at the same time":  {faults.Fault{Status: 429, Problem: "concurrent"}, 5 * time.Minute},
		"on a list, for half an hour": {faults.Fault{Method: "GET", Status: 429, RetryAfter: 1800, Problem: "minute"}, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.refused = true
				w.quiet()
				deal := w.won("Patience")
				time.Sleep(11 * time.Minute)
				c.f.Kind = "status"
				if c.f.Method == "" {
					c.f.Method, c.f.Path = "PUT", "/api.xro/2.0/Contacts"
				}
				w.breaks(c.f)
				began := time.Now()
				_, err := w.try()
				if c.f.RetryAfter > 60 {
					if e := wantError[*remote.Error](w, err); e.Class != remote.Throttled {
						w.Errorf("got %v", err)
					}
				}
				w.shutDown()
				w.New = false
				calls, _ := w.calls()
				until := began.Add(time.Duration(c.f.RetryAfter) * time.Second)
				for len(w.invoices(deal)) == 0 && time.Since(began) < 6*time.Hour {
					_, _ = w.try() // refuses while it stands down
					if now, _ := w.calls(); now != calls && time.Now().Before(until) && time.Until(until) > 2*time.Minute {
						w.Fatalf("called Xero %s before the time it named", time.Until(until))
					}
					time.Sleep(2 * time.Minute)
				}
				if took := time.Since(began); took > c.atMost || time.Now().Before(until) {
					w.Errorf("the invoice came after %s", took)
				}
				w.quiet()
				w.inStep()
			})
		})
	}
}

// The real limits, with more to do than a minute allows: no call is refused, and all is done.
func TestMoreWorkThanAMinuteAllows(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		var deals []string
		for i := range 12 {
			deals = append(deals, w.won(fmt.Sprint("Deal ", i)))
		}
		w.quiet()
		for i := range 4 {
			for _, d := range deals {
				w.change("Opportunity", d, map[string]any{"PO_Number__c": fmt.Sprint("PO-", i)})
			}
			for range 10 { // impatient: again and again without a pause
				w.run()
			}
			time.Sleep(2 * time.Second)
		}
		w.quiet()
		w.inStep()
		if n := w.booksDoor.MaxPerMinute(); n < 45 {
			w.Errorf("only %d calls a minute: this proves nothing", n)
		}
	})
}

// The day's calls run out: reading goes on with the reserve, creating waits for the next day.
func TestTheDaysCallsRunOut(t *testing.T) {
	c := company{New: true}
	c.Xero = xerotest.Options{PerDay: 140}
	inWorld(t, c, func(w *world) {
		w.quiet()
		for {
			if _, err := w.try(); err != nil {
				if remote.ClassOf(err) != remote.Throttled {
					w.Fatal(err)
				}
				break
			}
			deal := w.won("Small")
			time.Sleep(11 * time.Minute)
			_, _ = w.try() // until the quota is short
			if len(w.invoices(deal)) == 0 {
				break
			}
		}
		late := w.won("At the end of the day")
		time.Sleep(11 * time.Minute)
		_, err := w.try()
		if remote.ClassOf(err) != remote.Throttled {
			w.Errorf("got %v", err)
		}
		paid := w.logged("invoice.created")
		if len(paid) == 0 {
			w.Fatal("nothing was created at all")
		}
		// Payments are still seen: the reserve is for the watch.
		inv := w.books.Invoices()[len(w.books.Invoices())-1]
		w.must(w.books.Approve(inv.InvoiceID))
		time.Sleep(2 * time.Minute)
		_, _ = w.try() // still throttled
		for _, row := range w.crm.Rows("Opportunity") {
			if strings.EqualFold(shown(row["Xero_Invoice_Id__c"]), inv.InvoiceID) && shown(row["Xero_Status__c"]) != "AUTHORISED" {
				w.Errorf("the approval does not show while the day's calls are short")
			}
		}
		time.Sleep(25 * time.Hour)
		w.quiet()
		w.invoice(late)
		w.inStep()
	})
}

// Xero refuses a whole call for a text that stands in mapping.yaml. Once that is mended, the deal goes out again.
func TestAMendedMappingReleasesWhatXeroRefusedWhole(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"Reference: =PO_Number__c", "Reference: POISON"}}, func(w *world) {
		w.poisoned("POISON", 400)
		deal := w.won("Refused")
		w.later(2 * time.Hour)
		if h := w.held(deal); h == nil || !strings.HasPrefix(h.Cause, "xero.") {
			w.Fatalf("held for %+v", h)
		}
		w.editMapping("Reference: POISON", "Reference: harmless")
		w.later(12 * time.Hour)
		w.wantFree(deal)
		w.inStep()
	})
}
