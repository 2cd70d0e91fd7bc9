package xerotest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/xero/xerotest"
)

func TestMinuteLimitSlides(t *testing.T) {
	t.Parallel()
	now := newClock()
	c := open(t, xerotest.Options{Now: now.Now, PerMinute: 3})
	for i, left := range []string{"2", "1", "0"} {
		if got := c.send("GET", "Currencies", "").want(200).header.Get("X-MinLimit-Remaining"); got != left {
			t.Errorf("call %d: %q left, want %q", i, got, left)
		}
		now.forward(10 * time.Second)
	}
	res := c.send("GET", "Currencies", "").want(429)
	if res.header.Get("X-Rate-Limit-Problem") != "minute" || res.header.Get("Retry-After") != "30" {
		t.Errorf("%v", res.header)
	}
	now.forward(29 * time.Second)
	if got := c.send("GET", "Currencies", "").want(429).header.Get("Retry-After"); got != "1" {
		t.Errorf("calls made meanwhile prolong the wait: Retry-After %s", got)
	}
	now.forward(time.Second)
	c.send("GET", "Currencies", "").want(200)
	c.send("GET", "Currencies", "").want(429) // only one slot has come back: the window slides
}

func TestDayLimit(t *testing.T) {
	t.Parallel()
	now := newClock()
	c := open(t, xerotest.Options{Now: now.Now, PerDay: 2})
	c.send("GET", "Currencies", "").want(200)
	if got := c.send("GET", "Currencies", "").want(200).header.Get("X-DayLimit-Remaining"); got != "0" {
		t.Errorf("%s left", got)
	}
	now.forward(10 * time.Minute)
	res := c.send("GET", "Currencies", "").want(429)
	if res.header.Get("X-Rate-Limit-Problem") != "day" || res.header.Get("Retry-After") != fmt.Sprint((24*60-10)*60) {
		t.Errorf("%v", res.header)
	}
	now.forward(24*time.Hour - 10*time.Minute)
	c.login("")
	c.send("GET", "Currencies", "").want(200)
}

func TestLimitsSwitchedOffAreNotAnnounced(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{PerDay: -1, PerMinute: -1})
	h := c.send("GET", "Currencies", "").want(200).header
	if h.Get("X-DayLimit-Remaining") != "" || h.Get("X-MinLimit-Remaining") != "" || h.Get("X-AppMinLimit-Remaining") == "" {
		t.Errorf("%v", h)
	}
}

// The sixth call of six that take three seconds each is refused at once, without a time to wait.
func TestFiveCallsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, xerotest.Options{Now: time.Now, Latency: func(string, string) time.Duration { return 3 * time.Second }})
		start := time.Now()
		var wg sync.WaitGroup
		var mu sync.Mutex
		count := map[int]int{}
		for range 6 {
			wg.Go(func() {
				req := httptest.NewRequest(http.MethodGet, "/api.xro/2.0/Currencies", nil)
				req.Header.Set("Authorization", "Bearer "+c.token)
				req.Header.Set("Xero-Tenant-Id", c.org.TenantID())
				rec := httptest.NewRecorder()
				c.org.ServeHTTP(rec, req)
				mu.Lock()
				defer mu.Unlock()
				count[rec.Code]++
				if rec.Code == 429 && (rec.Header().Get("X-Rate-Limit-Problem") != "concurrent" || rec.Header().Get("Retry-After") != "" || time.Since(start) != 0) {
					t.Errorf("%v after %v", rec.Header(), time.Since(start))
				}
			})
		}
		wg.Wait()
		if count[200] != 5 || count[429] != 1 || time.Since(start) != 3*time.Second {
			t.Errorf("%v in %v", count, time.Since(start))
		}
		c.send("GET", "Currencies", "").want(200)
	})
}

// A client that gives up early has changed the books all the same.
func TestWorkIsDoneBeforeTheAnswerIsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, xerotest.Options{Now: time.Now, Empty: true, Latency: func(method, _ string) time.Duration {
			if method == http.MethodPut {
				return time.Minute
			}
			return 0
		}})
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.send("PUT", "Contacts", `{"Contacts":[{"Name":"A"}]}`)
		}()
		synctest.Wait()
		if got := len(c.org.Contacts()); got != 1 {
			t.Errorf("%d contacts while the answer is on its way", got)
		}
		<-done
	})
}

func TestManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{InFlight: -1, PerDay: -1, Empty: true})
	contact := c.contact("Acme")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				c.raw("PUT", "Invoices?summarizeErrors=false", invoiceBatch(contact, i*100+j*10, 10)).want(200)
				c.raw("GET", "Invoices?page=1&order=InvoiceID", "").want(200)
				c.org.Invoices()
			}
		})
	}
	wg.Wait()
	numbers := map[string]bool{}
	for _, inv := range c.org.Invoices() {
		numbers[inv.InvoiceNumber] = true
	}
	if len(numbers) != 400 {
		t.Errorf("%d numbers for 400 invoices", len(numbers))
	}
}
