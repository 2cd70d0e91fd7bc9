package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// tokens hands out token-1, token-2 and so on.
type tokens struct {
	mu       sync.Mutex
	n        int
	replaced []string
}

func (t *tokens) Token(context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fmt.Sprintf("token-%d", t.n+1), nil
}

func (t *tokens) Replace(_ context.Context, bad string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.replaced = append(t.replaced, bad)
	t.n++
	return fmt.Sprintf("token-%d", t.n+1), nil
}

// seen is what a server was sent.
type seen struct {
	mu    sync.Mutex
	calls []string
}

func (s *seen) add(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, r.Header.Get("Authorization"), body)))
}

func (s *seen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.calls, "; ")
}

func serve(t *testing.T, h http.HandlerFunc) (*httptest.Server, *seen) {
	t.Helper()
	var s seen
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.add(r)
		h(w, r)
	}))
	t.Cleanup(server.Close)
	return server, &s
}

func transportFor(server *httptest.Server) (*Transport, *tokens) {
	tk := new(tokens)
	return &Transport{Base: server.Client().Transport, Host: strings.TrimPrefix(server.URL, "http://"), Tokens: tk, Time: new(Time)}, tk
}

func TestTransportReplaysOnceAfter401(t *testing.T) {
	t.Parallel()
	expired := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer token-1" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"Detail":"TokenExpired: token expired at 08/12/2022 07:00:40"}`)
		}
	}
	always := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	scope := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer error="insufficent_scope"`)
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, "no scope")
	}
	body := func(s string, again bool) *http.Request {
		req := httptest.NewRequest("POST", "/x", nil)
		req.Body = io.NopCloser(strings.NewReader(s))
		if again {
			req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
		}
		return req
	}
	for _, tc := range []struct {
		name     string
		handler  http.HandlerFunc
		req      *http.Request
		noReplay bool
		status   int
		seen     string
	}{
		{"a read", expired, httptest.NewRequest("GET", "/x", nil), false, 200, "GET /x Bearer token-1; GET /x Bearer token-2"},
		{"a body that can be had again", expired, body("b", true), false, 200, "POST /x Bearer token-1 b; POST /x Bearer token-2 b"},
		{"a body that can not", expired, body("b", false), false, 401, "POST /x Bearer token-1 b"},
		{"only once", always, httptest.NewRequest("GET", "/x", nil), false, 401, "GET /x Bearer token-1; GET /x Bearer token-2"},
		{"not for a missing scope", scope, httptest.NewRequest("GET", "/x", nil), false, 401, "GET /x Bearer token-1"},
		{"not when the client does it", expired, httptest.NewRequest("GET", "/x", nil), true, 401, "GET /x Bearer token-1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server, s := serve(t, tc.handler)
			transport, _ := transportFor(server)
			transport.NoReplay = tc.noReplay
			tc.req.URL.Scheme, tc.req.URL.Host, tc.req.RequestURI = "http", transport.Host, ""
			resp, err := transport.RoundTrip(tc.req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != tc.status || s.String() != tc.seen {
				t.Errorf("got %d after %s\nwant %d after %s", resp.StatusCode, s, tc.status, tc.seen)
			}
			if tc.name == "not for a missing scope" {
				if text, _ := io.ReadAll(resp.Body); string(text) != "no scope" {
					t.Errorf("the body of the 401 came back as %q", text)
				}
			}
			if _, known := transport.Time.Now(); !known {
				t.Error("the answer's Date was not observed")
			}
		})
	}
}

func TestTheTokenLeavesForNoOtherHost(t *testing.T) {
	t.Parallel()
	other, stolen := serve(t, func(http.ResponseWriter, *http.Request) {})
	server, s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, other.URL+"/loot", http.StatusTemporaryRedirect)
		case "/same":
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		}
	})
	transport, _ := transportFor(server)
	client := &http.Client{Transport: transport}
	for _, u := range []string{other.URL + "/direct", server.URL + "/elsewhere", server.URL + "/same", "http://api.xero.com/x", "ftp://" + transport.Host + "/x"} {
		resp, err := client.Get(u)
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s: answered", u)
			continue
		}
		if ClassOf(err) != BadConfig {
			t.Errorf("%s: %v", u, err)
		}
		if strings.Contains(err.Error(), "token-1") {
			t.Errorf("%s: the token shows in %v", u, err)
		}
	}
	if stolen.String() != "" {
		t.Errorf("the other host was sent %s", stolen)
	}
	if want := "GET /elsewhere Bearer token-1; GET /same Bearer token-1"; s.String() != want {
		t.Errorf("the host was sent %s, want %s", s, want)
	}
}

func TestALongAnswerIsAnErrorNotACut(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, strings.Repeat("x", 1000)) })
	transport, _ := transportFor(server)
	for limit, fits := range map[int64]bool{999: false, 1000: true, 1001: true, 10: false} {
		tr := &Transport{Base: transport.Base, Host: transport.Host, Tokens: transport.Tokens, MaxBody: limit}
		resp, err := (&http.Client{Transport: tr}).Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if fits != (err == nil) || fits && len(got) != 1000 {
			t.Errorf("limit %d: read %d bytes, error %v", limit, len(got), err)
		}
		if !fits && ClassOf(err) != BadConfig {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

func TestSecureURL(t *testing.T) {
	t.Parallel()
	for raw, ok := range map[string]bool{
		"https://api.xero.com":         true,
		"http://localhost:8080":        true,
		"http://127.0.0.1:1":           true,
		"http://[::1]:1/x":             true,
		"http://api.xero.com":          false,
		"http://localhost.example.com": false,
		"http://127.0.0.1.example.com": false,
		"ftp://localhost":              false,
		"api.xero.com":                 false,
		"":                             false,
		"https://user:hunter2@x.com":   false,
		"https://user:hunter2@x.com:y": false,
	} {
		_, err := SecureURL(raw)
		if ok != (err == nil) {
			t.Errorf("%q: %v", raw, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password shows in %v", err)
		}
	}
}

func TestWhetherAnythingWasSent(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + closed.Addr().String()
	closed.Close()
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	inMemory := func(err error) http.RoundTripper {
		return roundTripper(func(*http.Request) (*http.Response, error) { return nil, err })
	}
	stopping, stop := context.WithCancel(t.Context())
	plain := func() *http.Transport { return &http.Transport{} }
	for _, tc := range []struct {
		name string
		ctx  context.Context
		base http.RoundTripper
		url  string
		want bool
	}{
		{"nobody listens", t.Context(), plain(), nobody, false},
		{"an answer was lost", t.Context(), plain(), server.URL, true},
		{"no such host", t.Context(), inMemory(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host"}}), "https://x.invalid", false},
		{"a transport that does not tell", t.Context(), inMemory(errors.New("broken")), "https://x.invalid", true},
		{"refused by our own side", t.Context(), inMemory(&Error{Class: BadConfig}), "https://x.invalid", false},
		{"stopped before a connection", stopping, &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			stop()
			return nil, ctx.Err()
		}}, "http://127.0.0.1:1", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ctx, departure := Watch(tc.ctx)
			req, err := http.NewRequestWithContext(ctx, "GET", tc.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := tc.base.RoundTrip(req)
			if err == nil {
				resp.Body.Close()
				t.Fatal("answered")
			}
			if got := departure.Left(err); got != tc.want {
				t.Errorf("after %v: got %v, want %v", err, got, tc.want)
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"30":                            30 * time.Second,
		"-5":                            0,
		"soon":                          0,
		"99999999999":                   0,
		"Sat, 21 Nov 2026 12:01:00 GMT": time.Minute,
		"Sat, 21 Nov 2026 11:00:00 GMT": 0,
		"86400":                         24 * time.Hour,
		"2147483647":                    24 * time.Hour,
		"Fri, 31 Dec 9999 23:59:59 GMT": 24 * time.Hour,
	} {
		if got := RetryAfter(header("Retry-After", value), noon); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}
