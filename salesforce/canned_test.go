package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"sf2xero/sync/remote"
)

const cannedHost = "example.my.salesforce.com"

// canned is a Salesforce that says what a test tells it to. It works in the goroutine of the caller, so that tests with
// waits can run in synctest.
type canned struct {
	// answer is given each call that is not for a token; nil where only tokens matter.
	answer func(w http.ResponseWriter, r *http.Request, body []byte)
	// token overrides the answer of the token endpoint.
	token func(w http.ResponseWriter, r *http.Request, n int)

	mu      sync.Mutex
	tokens  int
	calls   int
	bearers []string
}

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	w := httptest.NewRecorder()
	c.mu.Lock()
	if r.URL.Path == "/services/oauth2/token" {
		c.tokens++
		n := c.tokens
		c.mu.Unlock()
		if c.token != nil {
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			c.token(w, r, n)
		} else {
			grant(w, fmt.Sprintf("token-%d", n), "https://"+cannedHost)
		}
		return w.Result(), nil
	}
	c.calls++
	c.bearers = append(c.bearers, r.URL.Host+" "+r.Header.Get("Authorization"))
	c.mu.Unlock()
	c.answer(w, r, body)
	return w.Result(), nil
}

func grant(w http.ResponseWriter, token, instance string) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token":%q,"signature":"x","instance_url":%q,"id":"https://login.salesforce.com/id/00D000000000062EAA/005000000000001AAA","token_type":"Bearer","issued_at":"1"}`, token, instance)
}

func (c *canned) client(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{LoginURL: "https://" + cannedHost, ClientID: "consumer-key", ClientSecret: "consumer-secret", Base: c}
	for _, f := range change {
		f(&o)
	}
	client, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// parts makes a canned Salesforce out of the answer to each subrequest: status and body.
func parts(answer func(sub compositePart) (int, string)) *canned {
	return &canned{answer: func(w http.ResponseWriter, r *http.Request, body []byte) {
		var call compositeCall
		if err := json.Unmarshal(body, &call); err != nil || r.URL.Path != "/services/data/v66.0/composite" || call.AllOrNone || len(call.CompositeRequest) > 25 {
			http.Error(w, "not a call as it should be", http.StatusTeapot)
			return
		}
		var out []string
		for _, sub := range call.CompositeRequest {
			status, inner := answer(sub)
			out = append(out, fmt.Sprintf(`{"body":%s,"httpHeaders":{},"httpStatusCode":%d,"referenceId":%q}`, inner, status, sub.ReferenceID))
		}
		fmt.Fprintf(w, `{"compositeResponse":[%s]}`, strings.Join(out, ","))
	}}
}

func collect(records iter.Seq2[Record, error]) ([]Record, error) {
	var all []Record
	for r, err := range records {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

// want checks class and words of an error, and that no secret and no query is in it.
func want(t *testing.T, err error, class remote.Class, words ...string) *remote.Error {
	t.Helper()
	var e *remote.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v; want a %v error", err, class)
	}
	if e.Class != class {
		t.Errorf("%v is classed %v; want %v", err, e.Class, class)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
	for _, secret := range []string{"consumer-secret", "token-1", "SELECT", "Acme"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q gives away %q", err, secret)
		}
	}
	return e
}

var won = Select{From: "Opportunity", Fields: []string{"Amount"}, Where: "Account.Name = 'Acme'"}

func queryWon(c *Client) error {
	_, err := collect(c.Query(context.Background(), won))
	return err
}

// countCalls begins a new element of counts with each call that is not for a token.
func countCalls(org *canned, counts *[]int) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		if r.URL.Path != "/services/oauth2/token" {
			*counts = append(*counts, 0)
		}
		return org.RoundTrip(r)
	}
}
