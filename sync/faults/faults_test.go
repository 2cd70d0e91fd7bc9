package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sf2xero/sync/faults"
)

// shop is the smallest emulator: it takes documents, lists them, and answers
// like Xero at one path and like Salesforce at the others.
type shop struct {
	mu     sync.Mutex
	bodies []string // of every write, in order
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "broken body", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodPatch:
		s.bodies = append(s.bodies, string(body))
		w.WriteHeader(http.StatusNoContent)
	case strings.HasSuffix(r.URL.Path, "/composite"):
		_, _ = io.WriteString(w, `{"compositeResponse":[{"body":{"totalSize":2,"records":[{"attributes":{"type":"Opportunity"},"Id":"006B","Amount":1.10},{"attributes":{"type":"Opportunity"},"Id":"006A","Amount":5E2}]},"httpStatusCode":200}]}`)
	case r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/Invoices/"):
		_, _ = io.WriteString(w, s.list())
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(w, s.list())
	default:
		s.bodies = append(s.bodies, string(body))
		_, _ = fmt.Fprintf(w, `{"Invoices":[{"InvoiceID":"ID-%d","Contact":{"ContactID":"C-1"},"Total":1.10}]}`, len(s.bodies))
	}
}

func (s *shop) list() string {
	var docs []string
	for i := range s.bodies {
		docs = append(docs, fmt.Sprintf(`{"InvoiceID":"id-%d","Contact":{"ContactID":"C-1"},"Total":1.10}`, i+1))
	}
	return `{"pagination":{"itemCount":` + fmt.Sprint(len(docs)) + `},"Invoices":[` + strings.Join(docs, ",") + `]}`
}

func (s *shop) writes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.bodies...)
}

// rig is a door in front of a shop, reached over one of the two ways.
type rig struct {
	shop   *shop
	door   *faults.Door
	client *http.Client
	url    string
}

// bothWays runs a test over TCP and over the network in memory.
func bothWays(t *testing.T, test func(t *testing.T, r rig)) {
	t.Helper()
	t.Run("over TCP", func(t *testing.T) {
		t.Parallel()
		s := &shop{}
		door := faults.NewDoor(s)
		server := httptest.NewServer(door)
		client := &http.Client{Transport: &http.Transport{}}
		t.Cleanup(func() { client.CloseIdleConnections(); door.Close(); server.Close() })
		test(t, rig{s, door, client, server.URL})
	})
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		s := &shop{}
		door := faults.NewDoor(s)
		network := &faults.Network{Hosts: map[string]http.Handler{"api": door}}
		t.Cleanup(func() { network.Close(); door.Close() })
		test(t, rig{s, door, &http.Client{Transport: network}, "http://api"})
	})
}

type got struct {
	Status int
	Body   string
	Err    bool
	Header http.Header
}

// call makes one call; a broken connection and a broken body are both Err.
func (r rig) call(method, path, body string) got {
	req, err := http.NewRequestWithContext(context.Background(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		return got{Err: true}
	}
	req.GetBody = nil // as the daemon's writes: net/http must not send them again by itself
	resp, err := r.client.Do(req)
	if err != nil {
		return got{Err: true}
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return got{Status: resp.StatusCode, Body: string(b), Err: err != nil, Header: resp.Header}
}

const invoices = "/api.xro/2.0/Invoices"

const firstAnswer = `{"Invoices":[{"InvoiceID":"ID-1","Contact":{"ContactID":"C-1"},"Total":1.10}]}`

func TestEveryKindOfFault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  faults.Fault
		status int
		body   string
		broken bool
		done   int // how often the write was done when the answer was there
		later  int // and once the door was closed
	}{
		"no fault":                              {fault: faults.Fault{Kind: "status", Path: "/elsewhere"}, status: 200, body: firstAnswer, done: 1, later: 1},
		"an outage":                             {fault: faults.Fault{Kind: "status"}, status: 503, body: "The Xero API is temporarily unavailable"},
		"an outage after the work":              {fault: faults.Fault{Kind: "status", Done: true}, status: 503, body: "The Xero API is temporarily unavailable", done: 1, later: 1},
		"a text of one's own":                   {fault: faults.Fault{Kind: "status", Status: 400, Body: `{"a":1}`}, status: 400, body: `{"a":1}`},
		"lost on the way there":                 {fault: faults.Fault{Kind: "drop_before"}, broken: true},
		"lost on the way back":                  {fault: faults.Fault{Kind: "drop_after"}, broken: true, done: 1, later: 1},
		"done after the connection broke":       {fault: faults.Fault{Kind: "late", DelayMS: 1}, broken: true, done: -1, later: 1},
		"answered after a while":                {fault: faults.Fault{Kind: "hang", DelayMS: 1}, status: 200, body: firstAnswer, done: 1, later: 1},
		"missing from lists, answered as usual": {fault: faults.Fault{Kind: "stale", DelayMS: 1}, status: 200, body: firstAnswer, done: 1, later: 1},
		"delivered twice":                       {fault: faults.Fault{Kind: "twice"}, status: 200, body: strings.Replace(firstAnswer, "ID-1", "ID-2", 1), done: 2, later: 2},
		"cut off in mid-answer":                 {fault: faults.Fault{Kind: "truncate"}, status: 200, body: firstAnswer[:len(firstAnswer)/2], broken: true, done: 1, later: 1},
		"JSON that is none":                     {fault: faults.Fault{Kind: "malformed"}, status: 200, body: firstAnswer[:len(firstAnswer)/2], done: 1, later: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(t *testing.T, r rig) {
				if err := r.door.Add(c.fault); err != nil {
					t.Fatal(err)
				}
				g := r.call("PUT", invoices, "doc")
				if g.Status != c.status || g.Body != c.body || g.Err != c.broken {
					t.Errorf("answer %d %q, broken %v; want %d %q, %v", g.Status, g.Body, g.Err, c.status, c.body, c.broken)
				}
				if n := len(r.shop.writes()); c.done >= 0 && n != c.done {
					t.Errorf("done %d times, want %d", n, c.done)
				}
				r.door.Close()
				if n := len(r.shop.writes()); n != c.later {
					t.Errorf("in the end done %d times, want %d", n, c.later)
				}
				for _, b := range r.shop.writes() {
					if b != "doc" {
						t.Errorf("the body arrived as %q", b)
					}
				}
				r.door.Clear()
				if g := r.call("PUT", invoices, "doc"); g.Status != 200 || g.Err {
					t.Errorf("afterwards: %d, broken %v", g.Status, g.Err)
				}
			})
		})
	}
}

func TestAnAnswerWithoutABodyCanBreakToo(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]got{
		"truncate":  {Status: 200, Err: true},
		"malformed": {Status: 200, Body: "{"},
		"hang":      {Status: 204},
	} {
		t.Run(kind, func(t *testing.T) {
			bothWays(t, func(t *testing.T, r rig) {
				if err := r.door.Add(faults.Fault{Kind: kind}); err != nil {
					t.Fatal(err)
				}
				g := r.call("PATCH", "/services/data/v60.0/sobjects/Account/001", "{}")
				g.Header = nil
				if diff := cmp.Diff(want, g); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestEachServiceRefusesInItsOwnWords(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, r rig) {
		for _, c := range []struct {
			path         string
			fault        faults.Fault
			kind, body   string
			retry, limit string
		}{
			{invoices, faults.Fault{Status: 429, RetryAfter: 30, Problem: "minute"}, "text/plain", "", "30", "minute"},
			{invoices, faults.Fault{Status: 429, Problem: "concurrent"}, "text/plain", "", "", "concurrent"},
			{invoices, faults.Fault{Status: 429, RetryAfter: 73451, Problem: "day"}, "text/plain", "", "73451", "day"},
			{invoices, faults.Fault{Status: 401}, "application/json", "TokenExpired", "", ""},
			{invoices, faults.Fault{Status: 404}, "text/html", "cannot be found", "", ""},
			{invoices, faults.Fault{Status: 500}, "application/json", "An error occurred in Xero", "", ""},
			{invoices, faults.Fault{Status: 504}, "text/html", "<h1>504 Gateway Timeout</h1>", "", ""},
			{"/connect/token", faults.Fault{Status: 400}, "application/json", `"invalid_grant"`, "", ""},
			{"/connect/token", faults.Fault{Status: 503}, "text/html", "<h1>503", "", ""},
			{"/services/oauth2/token", faults.Fault{Status: 401}, "application/json", `"invalid_client"`, "", ""},
			{"/services/data/v60.0/query", faults.Fault{Status: 401}, "application/json", `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`, "", ""},
			{"/services/data/v60.0/query", faults.Fault{Status: 403}, "application/json", "REQUEST_LIMIT_EXCEEDED", "", ""},
			{"/services/data/v60.0/query", faults.Fault{Status: 502}, "text/html", "<h1>502 Bad Gateway</h1>", "", ""},
			{"/services/data/v60.0/query", faults.Fault{Status: 420}, "text/plain", "", "", ""},
		} {
			c.fault.Kind = "status"
			if err := r.door.Add(c.fault); err != nil {
				t.Fatal(err)
			}
			g := r.call("GET", c.path, "")
			if g.Status != c.fault.Status || !strings.HasPrefix(g.Header.Get("Content-Type"), c.kind) || !strings.Contains(g.Body, c.body) || (c.body == "") != (g.Body == "") ||
				g.Header.Get("Retry-After") != c.retry || g.Header.Get("X-Rate-Limit-Problem") != c.limit {
				t.Errorf("%s %+v: %d %v %q", c.path, c.fault, g.Status, g.Header, g.Body)
			}
			if strings.HasPrefix(c.kind, "application/json") && !json.Valid([]byte(g.Body)) {
				t.Errorf("%s %d: no JSON: %s", c.path, c.fault.Status, g.Body)
			}
		}
	})
}

func TestWhichCallsAFaultHits(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, r rig) {
		if err := r.door.Add(
			faults.Fault{Kind: "status", Status: 500, Method: "put", Path: "/a", Skip: 1, Times: 2},
			faults.Fault{Kind: "status", Status: 502, Path: "/b/*", Times: -1},
		); err != nil {
			t.Fatal(err)
		}
		for i, c := range []struct {
			method, path string
			want         int
		}{
			{"PUT", "/a", 200}, // skipped
			{"POST", "/a", 200},
			{"PUT", "/a/x", 200},
			{"PUT", "/a", 500},
			{"PUT", "/a", 500},
			{"PUT", "/a", 200}, // used up
			{"PUT", "/b", 200},
			{"PUT", "/b/1", 502},
			{"GET", "/b/1/2", 502},
			{"GET", "/bb", 200},
		} {
			if g := r.call(c.method, c.path, ""); g.Status != c.want {
				t.Errorf("call %d, %s %s: %d, want %d", i+1, c.method, c.path, g.Status, c.want)
			}
		}
		want := []faults.Fault{{Kind: "status", Status: 502, Path: "/b/*", Times: -1}}
		if diff := cmp.Diff(want, r.door.Faults()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheDoorOverHTTP(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, r rig) {
		post := func(body string) got { return r.call("POST", "/_emulator/faults", body) }
		for _, bad := range []string{`{"kind":"explode"}`, `{"kind":"status","status":99}`, `{"knid":"late"}`, `[]`, `nonsense`, `{"kind":"late","path":"x"}`, `{"kind":"late","skip":-1}`} {
			if g := post(bad); g.Status != 400 || !strings.Contains(g.Body, `"error"`) {
				t.Errorf("%s: %d %s", bad, g.Status, g.Body)
			}
		}
		if g := post(`{"method":"PUT","path":"/api.xro/2.0/Invoices","times":1,"skip":0,"kind":"status","status":503,"retry_after":30,"delay_ms":500}`); g.Status != 201 {
			t.Errorf("one fault: %d %s", g.Status, g.Body)
		}
		if g := post(` [{"kind":"drop_after","path":"/x"},{"kind":"twice","path":"/y"}]`); g.Status != 201 {
			t.Errorf("a list: %d %s", g.Status, g.Body)
		}
		if g := r.call("GET", "/_emulator/faults", ""); g.Body != `[{"method":"PUT","path":"/api.xro/2.0/Invoices","kind":"status","times":1,"status":503,"retry_after":30,"delay_ms":500},{"path":"/x","kind":"drop_after","times":1},{"path":"/y","kind":"twice","times":1}]`+"\n" {
			t.Errorf("faults: %s", g.Body)
		}
		if g := r.call("PUT", invoices, ""); g.Status != 503 || g.Header.Get("Retry-After") != "30" {
			t.Errorf("the fault: %d %v", g.Status, g.Header)
		}
		if g := r.call("DELETE", "/_emulator/faults", ""); g.Status != 204 {
			t.Errorf("delete: %d", g.Status)
		}
		if g := r.call("PUT", "/x", ""); g.Status != 200 || g.Err {
			t.Errorf("after delete: %+v", g)
		}
		r.call("GET", "/x?a=1", "")
		r.call("GET", "/x?a=2", "")
		r.call("POST", "/connect/token", "")
		var seen struct {
			Requests     []faults.Count `json:"requests"`
			MaxInFlight  int            `json:"max_in_flight"`
			MaxPerMinute int            `json:"max_per_minute"`
		}
		if err := json.Unmarshal([]byte(r.call("GET", "/_emulator/requests", "").Body), &seen); err != nil {
			t.Fatal(err)
		}
		want := []faults.Count{
			{Method: "PUT", Path: invoices, Status: 503, Count: 1}, {Method: "POST", Path: "/connect/token", Status: 200, Count: 1},
			{Method: "GET", Path: "/x", Status: 200, Count: 2}, {Method: "PUT", Path: "/x", Status: 200, Count: 1},
		}
		if diff := cmp.Diff(want, seen.Requests); diff != "" {
			t.Error(diff)
		}
		if seen.MaxInFlight != 1 || seen.MaxPerMinute != 4 {
			t.Errorf("most in flight %d, in a minute %d; want 1 and, without the sign-in, 4", seen.MaxInFlight, seen.MaxPerMinute)
		}
		if g := r.call("GET", "/_emulator/nothing", ""); g.Status != 404 {
			t.Errorf("an unknown page: %d", g.Status)
		}
	})
}

func TestABrokenCallIsCountedWithoutAStatus(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, r rig) {
		if err := r.door.Add(faults.Fault{Kind: "drop_after"}); err != nil {
			t.Fatal(err)
		}
		r.call("PUT", invoices, "")
		want := []faults.Count{{Method: "PUT", Path: invoices, Count: 1}}
		if diff := cmp.Diff(want, r.door.Counts()); diff != "" {
			t.Error(diff)
		}
	})
}

// memory is a rig inside a synctest bubble.
func memory(network *faults.Network) (rig, func()) {
	s := &shop{}
	door := faults.NewDoor(s)
	network.Hosts = map[string]http.Handler{"api": door}
	return rig{s, door, &http.Client{Transport: network}, "http://api"}, func() { network.Close(); door.Close() }
}

func TestAStaleDocumentShowsWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	const (
		one    = `{"InvoiceID":"id-1","Contact":{"ContactID":"C-1"},"Total":1.10}`
		two    = `{"InvoiceID":"id-2","Contact":{"ContactID":"C-1"},"Total":1.10}`
		listOf = `{"pagination":{"itemCount":2},"Invoices":[%s]}`
	)
	lists := func(docs ...string) string { return fmt.Sprintf(listOf, strings.Join(docs, ",")) }
	for name, fault := range map[string]faults.Fault{
		"a fault on the write": {Kind: "stale", DelayMS: 60_000, Path: invoices, Skip: 1},
		"a fault on the reads": {Kind: "stale", DelayMS: 60_000, Method: "GET", Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, end := memory(&faults.Network{})
				defer end()
				if err := r.door.Add(fault); err != nil {
					t.Fatal(err)
				}
				r.call("PUT", invoices, "first")
				time.Sleep(time.Hour)
				if g := r.call("PUT", invoices, "second"); !strings.Contains(g.Body, "ID-2") {
					t.Errorf("the answer to the write: %s", g.Body)
				}
				time.Sleep(59 * time.Second)
				if g := r.call("GET", invoices, ""); g.Body != lists(one) {
					t.Errorf("59 s later: %s", g.Body)
				}
				if g := r.call("GET", invoices+"/ID-2", ""); g.Body != lists(one, two) {
					t.Errorf("asked for by its id: %s", g.Body)
				}
				time.Sleep(time.Second)
				if g := r.call("GET", invoices, ""); g.Body != lists(one, two) {
					t.Errorf("a minute later: %s", g.Body)
				}
			})
		})
	}
}

func TestAStaleSalesforceRowIsMissingFromQueriesInACompositeCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, end := memory(&faults.Network{})
		defer end()
		if err := r.door.Add(faults.Fault{Kind: "stale", DelayMS: 1000, Method: "PATCH"}); err != nil {
			t.Fatal(err)
		}
		r.call("PATCH", "/services/data/v60.0/sobjects/Opportunity/006A", "{}")
		const with, without = `{"attributes":{"type":"Opportunity"},"Id":"006B","Amount":1.10},{"attributes":{"type":"Opportunity"},"Id":"006A","Amount":5E2}`, `{"attributes":{"type":"Opportunity"},"Id":"006B","Amount":1.10}`
		for _, want := range []string{without, with} {
			g := r.call("POST", "/services/data/v60.0/composite", "{}")
			if g.Body != `{"compositeResponse":[{"body":{"totalSize":2,"records":[`+want+`]},"httpStatusCode":200}]}` {
				t.Errorf("%s", g.Body)
			}
			time.Sleep(time.Second)
		}
	})
}

func TestMostInFlightAndInAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, end := memory(&faults.Network{})
		defer end()
		if err := r.door.Add(faults.Fault{Kind: "hang", DelayMS: 3000, Times: -1}); err != nil {
			t.Fatal(err)
		}
		var calls sync.WaitGroup
		for range 4 {
			calls.Go(func() { r.call("PUT", invoices, "") })
		}
		calls.Wait()
		time.Sleep(57*time.Second - time.Nanosecond) // 60 s after the first four, less one instant
		r.call("PUT", invoices, "")
		time.Sleep(time.Minute)
		r.call("PUT", invoices, "")
		if r.door.MaxInFlight() != 4 || r.door.MaxPerMinute() != 5 {
			t.Errorf("most in flight %d, in a minute %d; want 4 and 5", r.door.MaxInFlight(), r.door.MaxPerMinute())
		}
	})
}

func TestAHandlersOwnAbortBreaksTheConnection(t *testing.T) {
	t.Parallel()
	abort := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	server := httptest.NewServer(faults.NewDoor(abort))
	defer server.Close()
	network := &faults.Network{Hosts: map[string]http.Handler{"api": faults.NewDoor(abort)}}
	defer network.Close()
	for url, transport := range map[string]http.RoundTripper{server.URL: &http.Transport{DisableKeepAlives: true}, "http://api": network} {
		resp, err := (&http.Client{Transport: transport}).Get(url)
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// reach makes a client for a handler over one of the two ways.
func reach(way string, h http.Handler) (client *http.Client, url string, end func()) {
	if way == "memory" {
		network := &faults.Network{Hosts: map[string]http.Handler{"api": h}}
		return &http.Client{Transport: network}, "http://api", network.Close
	}
	server := httptest.NewServer(h)
	transport := &http.Transport{DisableCompression: true}
	return &http.Client{Transport: transport}, server.URL, func() { transport.CloseIdleConnections(); server.Close() }
}
