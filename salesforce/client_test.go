package salesforce

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/sync/remote"
)

func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header string
		body   string
		class  remote.Class
		words  string
		calls  int
	}{
		"an empty error array":          {400, "", `[]`, remote.BadConfig, "gave no reason", 1},
		"an error of null":              {400, "", `null`, remote.BadConfig, "gave no reason", 1},
		"an error that is an object":    {400, "", `{"error":"x"}`, remote.BadConfig, "gave no reason", 1},
		"an error that is HTML":         {503, "", `<html><body>down</body></html>`, remote.Retry, "503 Service Unavailable", 4},
		"an error cut short":            {500, "", `[{"message":"An unexp`, remote.Retry, "500", 4},
		"an error with nothing":         {502, "", ``, remote.Retry, "502", 4},
		"a network's own refusal":       {420, "", ``, remote.Throttled, "420", 4},
		"not acceptable":                {406, "", ``, remote.Retry, "406", 4},
		"too many, with a long wait":    {429, "Retry-After: 600", ``, remote.Throttled, "10m0s", 1},
		"a redirect":                    {302, "Location: https://elsewhere.example/", ``, remote.BadConfig, "login_url", 1},
		"a retired version":             {410, "", `[{"errorCode":"GONE","message":"API version retired"}]`, remote.BadConfig, "api_version", 1},
		"an unknown version":            {404, "", `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`, remote.BadConfig, "api_version", 1},
		"no API access":                 {403, "", `[{"errorCode":"API_DISABLED_FOR_ORG","message":"The REST API is not enabled for this Organization."}]`, remote.BadConfig, "API Enabled", 1},
		"success with an empty array":   {200, "", `[]`, remote.Retry, "cut short", 4},
		"success with null":             {200, "", `null`, remote.Retry, "cut short", 4},
		"success with nothing":          {200, "", ``, remote.Retry, "cut short", 4},
		"success with HTML":             {200, "", `<html>please sign in</html>`, remote.Retry, "cut short", 4},
		"success cut short":             {200, "", `{"compositeResponse":[{"body":{"totalSize":1,"do`, remote.Retry, "cut short", 4},
		"success for something else":    {200, "", `{"compositeResponse":[{"referenceId":"other","httpStatusCode":200,"body":{}}]}`, remote.Retry, "cut short", 4},
		"success with an empty answer":  {200, "", `{"compositeResponse":[{"referenceId":"r0","httpStatusCode":200,"body":null}]}`, remote.Retry, "cut short", 1},
		"an inner answer without state": {200, "", `{"compositeResponse":[{"referenceId":"r0","body":null}]}`, remote.BadConfig, "gave no reason", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				org := &canned{answer: func(w http.ResponseWriter, _ *http.Request, _ []byte) {
					if key, value, ok := strings.Cut(c.header, ": "); ok {
						w.Header().Set(key, value)
					}
					w.WriteHeader(c.status)
					io.WriteString(w, c.body)
				}}
				client := org.client(t)
				want(t, queryWon(client), c.class, "query Opportunity", c.words)
				if client.Calls() != c.calls {
					t.Errorf("%d calls; want %d", client.Calls(), c.calls)
				}
			})
		})
	}
}

func TestRetriesUntilItWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		good := parts(func(compositePart) (int, string) { return 200, `{"totalSize":0,"done":true,"records":[]}` })
		n := 0
		org := &canned{}
		org.answer = func(w http.ResponseWriter, r *http.Request, body []byte) {
			if n++; n < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			w.Header().Set("Sforce-Limit-Info", "api-usage=18/15000")
			w.Header().Set("Date", "Sat, 21 Nov 2026 10:00:00 GMT")
			good.answer(w, r, body)
		}
		client := org.client(t)
		if _, known := client.Time(); known || client.Usage() != (Usage{}) {
			t.Error("it knows Salesforce's time or usage before any answer")
		}
		if err := queryWon(client); err != nil || client.Calls() != 3 {
			t.Errorf("%v after %d calls; want none after 3", err, client.Calls())
		}
		if now, known := client.Time(); !known || !now.Equal(time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)) {
			t.Errorf("Salesforce's time is %v, %v", now, known)
		}
		if client.Usage() != (Usage{18, 15000}) {
			t.Errorf("usage %v", client.Usage())
		}
	})
}

func TestStopsWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		org := &canned{answer: func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(503) }}
		client := org.client(t)
		_, err := collect(client.Query(ctx, won))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "query Opportunity: stopped") || client.Calls() != 1 {
			t.Errorf("%v after %d calls", err, client.Calls())
		}
	})
}

func TestNoAnswerInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := new(canned)
		hang := roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/services/oauth2/token" {
				return org.RoundTrip(r)
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		e := want(t, queryWon(org.client(t, func(o *Options) { o.Base = hang })), remote.Retry, "no answer within 5m0s")
		if !e.Sent {
			t.Error("it says that nothing was sent")
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestUnreachable(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	unknown := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: cannedHost, IsNotFound: true}}
	for _, where := range []string{"/services/oauth2/token", "/services/data/v66.0/composite"} {
		for _, c := range []struct {
			err   error
			words string
			sent  bool
		}{
			{refused, "cannot reach example.my.salesforce.com", false},
			{unknown, "cannot find the host example.my.salesforce.com", false},
			{io.ErrUnexpectedEOF, "the connection to example.my.salesforce.com broke", true},
		} {
			synctest.Test(t, func(t *testing.T) {
				org := new(canned)
				client := org.client(t, func(o *Options) {
					o.Base = roundTripper(func(r *http.Request) (*http.Response, error) {
						if r.URL.Path == where {
							return nil, c.err
						}
						return org.RoundTrip(r)
					})
				})
				if e := want(t, queryWon(client), remote.Retry, c.words, "salesforce.login_url"); e.Sent != c.sent {
					t.Errorf("%v: Sent is %v", e, e.Sent)
				}
			})
		}
	}
}

// Over TCP, with a port where nobody listens.
func TestUnreachableForReal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	client := new(canned).client(t, func(o *Options) { o.LoginURL, o.Base = address, nil })
	_, err := client.tokens.Token(t.Context())
	if e := want(t, err, remote.Retry, "sign in: cannot reach 127.0.0.1"); e.Sent {
		t.Error("it says that something was sent")
	}
}

// Over TLS, with a certificate that nobody vouches for.
func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	client := new(canned).client(t, func(o *Options) { o.LoginURL, o.Base = server.URL, nil })
	_, err := client.tokens.Token(t.Context())
	want(t, err, remote.BadConfig, "the certificate of 127.0.0.1", "not trusted")
}

func TestBrokenInTheMiddle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := new(canned)
		half := roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/services/oauth2/token" {
				return org.RoundTrip(r)
			}
			body := io.NopCloser(io.MultiReader(strings.NewReader(`{"composite`), brokenReader{}))
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, Request: r}, nil
		})
		want(t, queryWon(org.client(t, func(o *Options) { o.Base = half })), remote.Retry, "broke in the middle of the answer")
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestSpentQuotaSilencesTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := &canned{answer: func(w http.ResponseWriter, _ *http.Request, _ []byte) {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`)
		}}
		client := org.client(t)
		if e := want(t, queryWon(client), remote.Throttled, "REQUEST_LIMIT_EXCEEDED"); e.RetryAfter != 15*time.Minute {
			t.Errorf("RetryAfter %v", e.RetryAfter)
		}
		want(t, queryWon(client), remote.Throttled, "no call is made")
		if client.Calls() != 1 {
			t.Errorf("%d calls; want 1", client.Calls())
		}
		time.Sleep(16 * time.Minute)
		_ = queryWon(client)
		if client.Calls() != 2 {
			t.Errorf("%d calls after the silence; want 2", client.Calls())
		}
	})
}

func TestEndedSession(t *testing.T) {
	t.Parallel()
	empty := parts(func(compositePart) (int, string) { return 200, `{"done":true,"records":[]}` })
	expired := `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`
	for name, c := range map[string]struct {
		status     int
		body, good string // good: the token that is accepted
		tokens     int
		class      remote.Class
	}{
		"a new token works":                  {401, expired, "Bearer token-2", 2, 0},
		"a 403 that says so":                 {403, expired, "Bearer token-2", 2, 0},
		"a 401 that says nothing":            {401, ``, "Bearer token-2", 2, 0},
		"not a second time":                  {401, expired, "none", 2, remote.Auth},
		"a 401 for another reason":           {401, `[{"errorCode":"INVALID_AUTH_HEADER","message":"x"}]`, "none", 1, remote.Auth},
		"a 403 for another reason":           {403, `[{"errorCode":"INSUFFICIENT_ACCESS","message":"x"}]`, "none", 1, remote.BadConfig},
		"an expired password is not a token": {403, `[{"errorCode":"INVALID_OPERATION_WITH_EXPIRED_PASSWORD","message":"x"}]`, "none", 1, remote.Auth},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := &canned{answer: func(w http.ResponseWriter, r *http.Request, body []byte) {
				if r.Header.Get("Authorization") != c.good {
					w.WriteHeader(c.status)
					io.WriteString(w, c.body)
					return
				}
				empty.answer(w, r, body)
			}}
			err := queryWon(org.client(t))
			if remote.ClassOf(err) != c.class || org.tokens != c.tokens {
				t.Errorf("%v after %d tokens; want class %v and %d", err, org.tokens, c.class, c.tokens)
			}
		})
	}
}

// The organisation can move while the daemon runs: the new session is used where it is valid, and no token goes elsewhere.
func TestOrganisationMoves(t *testing.T) {
	t.Parallel()
	empty := parts(func(compositePart) (int, string) { return 200, `{"done":true,"records":[]}` })
	org := &canned{
		token: func(w http.ResponseWriter, _ *http.Request, n int) {
			if n == 1 {
				grant(w, "token-1", "https://old.my.salesforce.com/")
			} else {
				grant(w, "token-2", "https://new.my.salesforce.com")
			}
		},
		answer: func(w http.ResponseWriter, r *http.Request, body []byte) {
			if r.URL.Host == "old.my.salesforce.com" {
				w.WriteHeader(401)
				return
			}
			empty.answer(w, r, body)
		},
	}
	if err := queryWon(org.client(t)); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(org.bearers, ", ")
	if got != "old.my.salesforce.com Bearer token-1, new.my.salesforce.com Bearer token-2" {
		t.Errorf("calls went to %s", got)
	}
}

func TestOneSignInForMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		empty := parts(func(compositePart) (int, string) { return 200, `{"done":true,"records":[]}` })
		org := &canned{}
		org.token = func(w http.ResponseWriter, r *http.Request, n int) {
			time.Sleep(time.Second)
			grant(w, []string{"", "token-1", "token-2"}[n], "https://"+cannedHost)
		}
		org.answer = func(w http.ResponseWriter, r *http.Request, body []byte) {
			if r.Header.Get("Authorization") == "Bearer token-1" {
				w.WriteHeader(401)
				return
			}
			empty.answer(w, r, body)
		}
		client := org.client(t)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := queryWon(client); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if org.tokens != 2 {
			t.Errorf("%d sign-ins for 20 calls and one ended session; want 2", org.tokens)
		}
	})
}

// Who gives up while another fetches the token does not spoil it for the others.
func TestSignInOutlivesItsFirstCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := &canned{}
		org.token = func(w http.ResponseWriter, r *http.Request, _ int) {
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
			}
			grant(w, "token-1", "https://"+cannedHost)
		}
		client := org.client(t)
		first, cancel := context.WithCancel(context.Background())
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := client.tokens.Token(first); !errors.Is(err, context.Canceled) {
				t.Errorf("the one who gave up got %v", err)
			}
		})
		synctest.Wait()
		all.Go(func() {
			if token, err := client.tokens.Token(context.Background()); err != nil || token != "token-1" {
				t.Errorf("the other got %q, %v", token, err)
			}
		})
		synctest.Wait()
		cancel()
		all.Wait()
		if got, err := client.tokens.Replace(context.Background(), "an older token"); err != nil || got != "token-1" {
			t.Errorf("Replace of an older token gave %q, %v", got, err)
		}
		if org.tokens != 2 {
			t.Errorf("%d fetches; want 2", org.tokens)
		}
		s, err := client.tokens.session(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Replace(context.Background(), s.token); err != nil || org.tokens != 3 {
			t.Errorf("%v, %d fetches; want a third for a session that ended", err, org.tokens)
		}
	})
}
