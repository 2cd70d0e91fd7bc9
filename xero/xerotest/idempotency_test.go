package xerotest_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/xero/xerotest"
)

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	now := newClock()
	c := open(t, xerotest.Options{Now: now.Now, Empty: true})
	key := []string{"Idempotency-Key", "k"}
	first := c.send("PUT", "Contacts", `{"Contacts":[{"Name":"A"}]}`, key...).want(200)
	if again := c.send("PUT", "Contacts", `{"Contacts":[{"Name":"A"}]}`, key...).want(200); again.body != first.body {
		t.Errorf("the answer is not repeated:\n%s\n%s", first.body, again.body)
	}
	for _, other := range [][3]string{{"PUT", "Contacts", `{"Contacts":[{"Name":"B"}]}`}, {"POST", "Contacts", `{"Contacts":[{"Name":"A"}]}`},
		{"PUT", "Contacts?summarizeErrors=false", `{"Contacts":[{"Name":"A"}]}`}} {
		res := c.send(other[0], other[1], other[2], key...).want(400)
		if got := res.text("Message"); got != "Idempotency Key: k is used with a different request." {
			t.Errorf("%v: %q", other, got)
		}
	}
	now.forward(6*time.Minute - time.Second)
	c.send("PUT", "Contacts", `{"Contacts":[{"Name":"A"}]}`, key...).want(200)
	now.forward(time.Second) // six minutes from the first call, not from the last
	c.send("PUT", "Contacts", `{"Contacts":[{"Name":"A"}]}`, key...).wantError("Contacts", "The contact name A is already assigned to another contact. The contact name must be unique across all active contacts.")
	if got := len(c.org.Contacts()); got != 1 {
		t.Errorf("%d contacts", got)
	}
}

func TestIdempotencyKeepsRefusals(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	contact := c.contact("Acme")
	body := `{"Invoices":[{"Type":"ACCREC","Contact":{"ContactID":"` + contact + `"},"CurrencyCode":"EUR","LineItems":[{"Description":"x"}]}]}`
	c.send("PUT", "Invoices", body, "Idempotency-Key", "k").wantError("Invoices", "Organisation is not subscribed to currency EUR")
	c.org.AddCurrency("EUR")
	c.send("PUT", "Invoices", body, "Idempotency-Key", "k").wantError("Invoices", "Organisation is not subscribed to currency EUR")
	c.send("PUT", "Invoices", body, "Idempotency-Key", "k2").want(200)

	crash := `{"Invoices":[{"Type":"ACCREC","Contact":{"ContactID":"x"}}]}`
	c.raw("PUT", "Invoices", crash, "Idempotency-Key", "k3").want(500)
	c.raw("PUT", "Invoices", crash, "Idempotency-Key", "k3").want(500)
}

func TestIdempotencyKeyIsCountedAndBounded(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{PerMinute: 3, Empty: true})
	body := `{"Contacts":[{"Name":"A"}]}`
	c.send("PUT", "Contacts", body, "Idempotency-Key", "k").want(200)
	if got := c.send("PUT", "Contacts", body, "Idempotency-Key", "k").want(200).header.Get("X-MinLimit-Remaining"); got != "1" {
		t.Errorf("a repeat shows %q calls left, want 1: the limit is counted first and the header is of this call", got)
	}
	c.raw("PUT", "Contacts", body, "Idempotency-Key", strings.Repeat("k", 129)).want(400)
	c.raw("PUT", "Contacts", body, "Idempotency-Key", "k").want(429)
}

func TestIdempotencyKeyIsPerApp(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	c.send("GET", "Contacts", "", "Idempotency-Key", "k").want(200) // without effect on a GET
	c.send("PUT", "Contacts", `{"Contacts":[{"Name":"A"}]}`, "Idempotency-Key", "k").want(200)
}

// Two calls with one key at once: undocumented. The second learns nothing that it could rely on.
func TestSecondCallWhileTheFirstIsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, xerotest.Options{Now: time.Now, Empty: true, Latency: func(method, _ string) time.Duration { return time.Second }})
		body := `{"Contacts":[{"Name":"A"}]}`
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.send("PUT", "Contacts", body, "Idempotency-Key", "k").want(http.StatusOK)
		}()
		synctest.Wait()
		c.raw("PUT", "Contacts", body, "Idempotency-Key", "k").want(http.StatusInternalServerError)
		<-done
		c.send("PUT", "Contacts", body, "Idempotency-Key", "k").want(http.StatusOK)
	})
}
