package sync_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

// failingAt is a Xero, or a proxy before it, that fails with a page of HTML, as a whole, at calls with a bad body.
func (w *world) failingAt(status int, bad func(body string) bool) (mend func()) {
	w.network.Hosts["api.xero.com"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if bad(string(body)) {
			rw.Header().Set("Content-Type", "text/html")
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, "<html>An error occurred</html>")
			return
		}
		w.booksDoor.ServeHTTP(rw, r)
	})
	return func() { w.network.Hosts["api.xero.com"] = w.booksDoor }
}

// poisoned is a Xero that fails whenever a call contains some text.
func (w *world) poisoned(text string, status int) (mend func()) {
	return w.failingAt(status, func(body string) bool { return strings.Contains(body, text) })
}

// One document makes Xero fail whatever it travels with. It is found by halving and held; the others get through.
func TestOneDocumentPoisonsItsBatch(t *testing.T) {
	for _, status := range []int{400, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.poisoned("POISON", status)
				var deals []string
				for i := range 20 {
					deals = append(deals, w.won(fmt.Sprint("Deal ", i)))
				}
				bad := deals[13]
				w.change("Opportunity", bad, map[string]any{"PO_Number__c": "POISON"})
				w.later(6 * time.Hour)
				for _, d := range deals {
					if d != bad {
						w.invoice(d)
						w.wantFree(d)
					}
				}
				h := w.held(bad)
				if h == nil || !strings.HasPrefix(h.Cause, "xero.") || h.Owner == "" {
					w.Fatalf("the poison is held for %+v", h)
				}
				if len(w.invoices(bad)) != 0 {
					w.Errorf("the poison was invoiced")
				}
				w.inStep()
				w.change("Opportunity", bad, map[string]any{"PO_Number__c": "harmless"})
				w.later(time.Hour)
				w.wantFree(bad)
				w.inStep()
			})
		})
	}
}

// When Xero fails for everybody nobody is poison: all wait, and all go out when it is over.
func TestAnOutageIsNotPoison(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		mend := w.poisoned(`"Invoices"`, 500)
		var deals []string
		for i := range 6 {
			deals = append(deals, w.won(fmt.Sprint("Deal ", i)))
		}
		time.Sleep(11 * time.Minute)
		for range 36 {
			_, _ = w.try() // fails
			time.Sleep(10 * time.Minute)
		}
		for _, d := range deals {
			if h := w.held(d); h != nil {
				w.Errorf("held in an outage: %s", h.Text)
			}
		}
		if n := w.writes(); n > 60 {
			w.Errorf("%d writes were sent in six hours of outage", n)
		}
		mend()
		w.later(2 * time.Hour)
		w.inStep()
		for _, d := range deals {
			w.wantFree(d)
		}
	})
}

// Xero refuses single documents of a batch: each is held with Xero's words, the others are made.
func TestXeroRefusesSomeOfABatch(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"    Reference: =PO_Number__c", "    InvoiceNumber: =PO_Number__c"}}, func(w *world) {
		w.quiet()
		var deals []string
		for i := range 6 {
			d := w.won(fmt.Sprint("Deal ", i))
			number := fmt.Sprint("A-", i)
			if i >= 4 {
				number = "A-TWICE"
			}
			w.change("Opportunity", d, map[string]any{"PO_Number__c": number})
			deals = append(deals, d)
		}
		w.quiet()
		for _, d := range deals[:4] {
			w.invoice(d)
			w.wantFree(d)
		}
		if a, b := len(w.invoices(deals[4])), len(w.invoices(deals[5])); a+b != 1 {
			w.Errorf("%d and %d invoices for two deals with one number", a, b)
		}
		bad := deals[4]
		if len(w.invoices(bad)) == 1 {
			bad = deals[5]
		}
		w.wantHeld(bad, "xero.exists.invoice_number", "accountant", "Invoice # must be unique")
		sent := w.writes()
		w.later(3 * time.Hour)
		if w.writes() != sent {
			w.Errorf("what Xero refused was sent again")
		}
		w.change("Opportunity", bad, map[string]any{"PO_Number__c": "A-OTHER"})
		w.quiet()
		w.wantFree(bad)
		w.inStep()
	})
}

// Two documents make Xero fail: both are found, and the others get through.
func TestTwoDocumentsPoisonTheirBatch(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.poisoned("POISON", 400)
		var deals []string
		for i := range 8 {
			deals = append(deals, w.won(fmt.Sprint("Deal ", i)))
		}
		bad, good := deals[:2], deals[2:]
		for _, d := range bad {
			w.change("Opportunity", d, map[string]any{"PO_Number__c": "POISON"})
		}
		w.later(12 * time.Hour)
		for _, d := range good {
			w.wantFree(d)
			w.invoice(d)
		}
		for _, d := range bad {
			if h := w.held(d); h == nil || !strings.HasPrefix(h.Cause, "xero.") {
				w.Fatalf("the poison is held for %+v", h)
			}
			w.change("Opportunity", d, map[string]any{"PO_Number__c": "harmless"})
		}
		w.later(time.Hour)
		for _, d := range bad {
			w.wantFree(d)
		}
		w.inStep()
	})
}

// Two documents make Xero fail, one in each half of their batch: neither half proves that Xero works, and both are found
// all the same, while the others get through.
func TestAPoisonInEachHalf(t *testing.T) {
	for _, status := range []int{400, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.poisoned("POISON", status)
				var deals []string
				for i := range 12 {
					deals = append(deals, w.won(fmt.Sprint("Deal ", i)))
				}
				for _, bad := range []string{deals[0], deals[11]} {
					w.change("Opportunity", bad, map[string]any{"PO_Number__c": "POISON"})
				}
				time.Sleep(11 * time.Minute)
				for range 24 {
					_, _ = w.try() // may fail: what Xero says to a batch
					time.Sleep(30 * time.Minute)
				}
				held := map[any]bool{} // now and then it is tried again
				for _, line := range w.logged("hold.added") {
					held[line["salesforce_id"]] = strings.HasPrefix(line["cause"].(string), "xero.")
				}
				for i, d := range deals {
					if i > 0 && i < 11 {
						w.invoice(d)
					} else if !held[d] {
						w.Errorf("deal %d was never held: %s", i, w.undecided())
					}
				}
			})
		})
	}
}

// The same with nobody else in their batch; another deal that goes through meanwhile proves that Xero works, and the two
// are held within the hour.
func TestTwoPoisonsAloneAndADealThatGoesThrough(t *testing.T) {
	for _, status := range []int{400, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.poisoned("POISON", status)
				w.won("Before")
				w.quiet()
				bad := []string{w.won("First"), w.won("Second")}
				for _, d := range bad {
					w.change("Opportunity", d, map[string]any{"PO_Number__c": "POISON"})
				}
				time.Sleep(11 * time.Minute)
				_, _ = w.try() // may fail: what Xero says to the two
				good := w.won("Good")
				held := map[any]bool{} // now and then it is tried again
				for range 40 {
					time.Sleep(2 * time.Minute)
					_, _ = w.try()
				}
				w.invoice(good)
				for _, line := range w.logged("hold.added") {
					held[line["salesforce_id"]] = strings.HasPrefix(line["cause"].(string), "xero.")
				}
				for i, d := range bad {
					if !held[d] {
						w.Errorf("deal %d was never held: %s", i, w.undecided())
					}
				}
			})
		})
	}
}

// Xero fails at one update of two in a call: the other one goes through, and the bad deal is held.
func TestAnUpdateAtWhichXeroFails(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		bad, good := w.won("Bad"), w.won("Good")
		w.quiet()
		w.poisoned("POISON", 500)
		w.change("Opportunity", bad, map[string]any{"PO_Number__c": "POISON"})
		w.change("Opportunity", good, map[string]any{"PO_Number__c": "PO-2"})
		w.runFor(24*time.Hour, 10*time.Minute)
		if got := w.invoice(good).Reference; got != "PO-2" {
			w.Errorf("the good draft's reference is %q a day later", got)
		}
		if h := w.held(bad); h == nil {
			w.Errorf("the bad deal is not held: %s", w.undecided())
		}
	})
}

// Xero fails at one of two contacts that are taken over in a call: the other customer gets its invoice.
func TestAnAdoptionAtWhichXeroFails(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		for _, name := range []string{"Bad Customer", "Good Customer"} {
			_, err := w.books.AddContact(xerotest.EditableContact{Name: name})
			w.must(err)
		}
		w.quiet()
		w.poisoned("poison@", 500)
		bad := w.deal(w.account("Bad Customer", map[string]any{"Billing_Email__c": "poison@bad.example"}), "Bad", nil, w.licence("1", "10.00"))
		good := w.deal(w.account("Good Customer", map[string]any{"Billing_Email__c": "pay@good.example"}), "Good", nil, w.licence("1", "10.00"))
		w.win(bad)
		w.win(good)
		w.runFor(24*time.Hour, 10*time.Minute)
		if n := len(w.invoices(good)); n != 1 {
			w.Errorf("the good deal has %d invoices a day later, hold %v", n, w.held(good))
		}
		if len(w.logged("hold.added")) == 0 { // now and then it is tried again
			w.Errorf("the bad deal is not held: %s", w.undecided())
		}
	})
}

// Xero fails at one approval of two in a call: the other invoice is approved.
func TestAnApprovalAtWhichXeroFails(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		w.won("Before")
		w.quiet()
		bad := w.won("Bad")
		good := w.won("Good")
		time.Sleep(11 * time.Minute)
		w.run()
		w.poisoned(w.invoice(bad).InvoiceID, 500)
		w.runFor(24*time.Hour, 10*time.Minute)
		if got := w.invoice(good).Status; got != "AUTHORISED" {
			w.Errorf("the good one is %s a day later", got)
		}
		if w.held(bad) == nil {
			w.Errorf("the bad one is not held: %s", w.undecided())
		}
	})
}
