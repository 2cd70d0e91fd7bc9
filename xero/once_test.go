package xero

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/sync/remote"
)

// flaky is a server on the other end of a pipe. It answers every GET, and every
// token, and takes a PUT whole and then drops the connection if that had been used before.
type flaky struct {
	mu     sync.Mutex
	puts   int
	served sync.WaitGroup
}

func (f *flaky) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	f.served.Go(func() { f.serve(theirs) })
	return ours, nil
}

func (f *flaky) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for n := 0; ; n++ {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		answer := `{"Items":[]}`
		switch {
		case r.Method == http.MethodPut:
			f.mu.Lock()
			f.puts++
			f.mu.Unlock()
			if n > 0 {
				return // the work is done, the answer never leaves
			}
			answer = `{"Invoices":[{"InvoiceID":"x"}]}`
		case strings.Contains(string(body), "grant_type"):
			answer = `{"access_token":"token","expires_in":1800}`
		}
		if _, err := fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", time.Now().UTC().Format(http.TimeFormat), len(answer), answer); err != nil {
			return
		}
	}
}

func TestADroppedConnectionDoesNotSendAWriteTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := new(flaky)
		transport := &http.Transport{DialContext: f.dial}
		c, err := New(Options{APIURL: "http://localhost:1", IdentityURL: "http://localhost:1", ClientID: "app", ClientSecret: secret, TenantID: tenantID, Base: transport})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := collect(t.Context(), c, Items, Filter{}); err != nil { // leaves a used connection behind
			t.Fatal(err)
		}
		announced := 0
		_, err = c.Do(t.Context(), Create(Invoices, docs(`{}`), "k"), func() error { announced++; return nil })
		if remote.ClassOf(err) != remote.Unknown {
			t.Errorf("got %v", err)
		}
		if f.puts != 1 || announced != 1 {
			t.Errorf("the write was handled %d times and announced %d times", f.puts, announced)
		}

		// The danger is real: the same request as net/http makes it by itself is sent again.
		f.puts = 0
		if _, _, err := collect(t.Context(), c, Items, Filter{}); err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://localhost:1/", bytes.NewReader([]byte(`{}`)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Idempotency-Key", "k")
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if f.puts != 2 {
			t.Errorf("net/http's own request was handled %d times; this test no longer shows anything", f.puts)
		}
		transport.CloseIdleConnections()
		f.served.Wait()
	})
}

func TestAWriteGivesNetHTTPNothingToSendAgain(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	c, err := New(Options{ClientID: "app", ClientSecret: secret, TenantID: tenantID, Base: inMemory(func(r *http.Request) (int, string) {
		seen = r
		return 200, `{"Invoices":[{"InvoiceID":"x"}]}`
	})})
	if err != nil {
		t.Fatal(err)
	}
	call := Create(Invoices, docs(`{}`), "k")
	if _, err := c.Do(t.Context(), call, nil); err != nil {
		t.Fatal(err)
	}
	if seen.GetBody != nil || seen.ContentLength != int64(len(call.Body)) {
		t.Errorf("GetBody is set: %v, length %d", seen.GetBody != nil, seen.ContentLength)
	}
}
