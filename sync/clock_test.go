package sync_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sf2xero/sync/faults"
)

// misdated gives the next answers of a host to calls of a kind a Date that is ahead of the host's clock.
func (w *world) misdated(host, method, path string, answers int32, ahead time.Duration) {
	var left atomic.Int32
	left.Store(answers)
	w.altered(host, func(r *http.Request, answer *httptest.ResponseRecorder) {
		if r.Method == method && answer.Code == http.StatusOK && strings.HasSuffix(r.URL.Path, path) && left.Add(-1) >= 0 {
			answer.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		}
	})
}

// For the length of a cycle all answers of Salesforce are dated hours ahead, and after the next one the daemon pauses: the
// deal that was won meanwhile is not passed by.
func TestSalesforceIsDatedAheadForACycle(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		right := w.network.Hosts[crmHost]
		w.misdated(crmHost, "POST", "/composite", 100, 3*time.Hour)
		w.run()
		w.network.Hosts[crmHost] = right
		time.Sleep(time.Minute)
		w.run()
		deal := w.won("Seen")
		time.Sleep(40 * time.Minute)
		w.runFor(time.Hour, 10*time.Minute)
		w.wantFree(deal)
		w.inStep()
	})
}

// One answer of Xero is dated hours ahead: what people do there meanwhile is seen.
func TestOneAnswerOfXeroIsDatedAhead(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Approved")
		w.quiet()
		w.misdated("api.xero.com", "GET", "", 1, 3*time.Hour)
		w.run()
		w.must(w.books.Approve(w.invoice(deal).InvoiceID))
		w.later(40 * time.Minute)
		w.inStep()
	})
}

// One list of Xero is dated ahead, the answer to the next create is lost, and the daemon pauses: what Xero has made is found
// and is not made again.
func TestAWrongDateAndALostAnswer(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		w.won("One", w.licence("1", "5.00"))
		w.won("Two")
		w.win(w.deal(w.account("New Customer", nil), "Three", nil, w.licence("1", "7.00"))) // the contact's answer is dated right
		time.Sleep(13 * time.Minute)
		w.misdated("api.xero.com", "GET", "/Invoices", 1, time.Hour)
		w.next("PUT", "/Invoices", 0, 1, faults.LoseAnswer)
		_, _ = w.try() // its answer is lost
		time.Sleep(16 * time.Minute)
		w.runFor(30*time.Minute, 5*time.Minute)
		w.inStep()
	})
}

// The machine is suspended in the moment in which a create is sent, the answer is lost, and Xero's list lags: by the daemon's
// notes the call is older than it is, and still nothing is made twice.
func TestTheMachineIsSuspendedInMidCall(t *testing.T) {
	var suspended atomic.Int64 // for how long; the clock by which this process measures stood still meanwhile
	now := func() time.Time { return time.Now().Add(time.Duration(suspended.Load())) }
	c := company{New: true}
	c.Xero.Now, c.Salesforce.Now = now, now
	inWorld(t, c, func(w *world) {
		w.won("Before")
		w.quiet()
		w.won("Suspended")
		time.Sleep(11 * time.Minute)
		w.books.ExpireTokens() // so that the one in use is young
		w.breaks(faults.Fault{Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "stale", DelayMS: int((5 * time.Minute).Milliseconds()), Times: 1})
		w.nextMeanwhile("PUT", "/Invoices", faults.LoseAnswer, func() { suspended.Store(int64(12 * time.Minute)) })
		w.runFor(15*time.Minute, time.Minute)
		w.inStep()
	})
}

// datedAhead gives all answers of a host a Date that is ahead of the host's clock, until that is ended.
func (w *world) datedAhead(host string, ahead time.Duration) (end func()) {
	right := w.network.Hosts[host]
	w.altered(host, func(_ *http.Request, answer *httptest.ResponseRecorder) {
		answer.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	})
	return func() { w.network.Hosts[host] = right }
}

// The very first answer of Xero is dated a year ahead: the wait before a new store creates anything is not a year long.
func TestTheFirstAnswerOfXeroIsDatedAYearAhead(t *testing.T) {
	inWorld(t, company{}, func(w *world) {
		w.misdated("api.xero.com", "GET", "/connections", 1, 365*24*time.Hour)
		deal := w.won("Waiting")
		time.Sleep(time.Minute)
		w.run()
		w.runFor(30*time.Hour, time.Hour)
		w.wantFree(deal)
		w.inStep()
	})
}

// The answer to the last create is lost, the machine dies, and an older copy of the store is put back. The first answer of Xero
// is dated an hour behind: creating waits all the same until Xero shows what it has made, and nothing is made twice.
func TestTheFirstAnswerAfterARestoreIsDatedBehind(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		w.shutDown()
		w.New = false
		restore := w.copyStore()
		deal := w.won("Lost")
		w.run()
		w.shutDown() // without this restart the test does not see a wait that is cut short
		time.Sleep(11 * time.Minute)
		w.breaks(faults.Fault{Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "stale", DelayMS: int((5 * time.Minute).Milliseconds()), Times: 1})
		w.next("PUT", "/Invoices", 0, 1, faults.LoseAnswer)
		_, _ = w.try() // its answer is lost
		w.invoice(deal)
		w.bury()
		restore()
		w.misdated("api.xero.com", "GET", "/connections", 1, -time.Hour)
		w.runFor(time.Minute, 2*time.Second)
		w.runFor(20*time.Minute, time.Minute)
		w.invoice(deal)
		w.later(time.Hour)
		w.inStep()
	})
}

// For half an hour a proxy dates all answers of Xero hours ahead, and the answer to a create is lost meanwhile: what Xero has
// made is found and is not made again.
func TestAProxyAheadAndALostAnswer(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		w.won("One")
		time.Sleep(11 * time.Minute)
		end := w.datedAhead("api.xero.com", 5*time.Hour)
		w.run()
		deal := w.won("Two")
		w.runFor(9*time.Minute, time.Minute)
		w.next("PUT", "/Invoices", 0, 1, faults.LoseAnswer)
		w.runFor(16*time.Minute, time.Minute)
		end()
		w.runFor(20*time.Minute, time.Minute)
		w.invoice(deal)
		w.inStep()
	})
}

// Xero refuses a call while its answers are dated a year ahead: what was put off for that is not put off for a year.
func TestARefusalThatIsDatedAYearAhead(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		deal := w.won("Refused")
		time.Sleep(11 * time.Minute)
		end := w.datedAhead("api.xero.com", 365*24*time.Hour)
		w.breaks(faults.Fault{Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "status", Status: 400, Times: 1,
			Body: `{"Type":"ValidationException","Message":"A validation exception occurred","Elements":[]}`})
		_, _ = w.try() // it is refused
		_, _ = w.try()
		end()
		w.runFor(100*time.Hour, time.Hour)
		w.wantFree(deal)
		w.inStep()
	})
}
