package xero

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"sf2xero/sync/remote"
)

// identity is a transport that is only a token endpoint.
type identity struct {
	mu       sync.Mutex
	requests []string
	inFlight int
	most     int
	answer   func(n int) (status int, body string) // n counts from 1; status 0: no answer
	takes    time.Duration
}

func (i *identity) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	user, password, _ := r.BasicAuth()
	i.mu.Lock()
	i.requests = append(i.requests, fmt.Sprintf("%s %s %s %s %s", r.Method, r.URL, user, password, body))
	n := len(i.requests)
	i.inFlight++
	i.most = max(i.most, i.inFlight)
	i.mu.Unlock()
	timer := time.NewTimer(i.takes)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
	i.mu.Lock()
	i.inFlight--
	i.mu.Unlock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	status, text := i.answer(n)
	if status == 0 {
		return nil, errors.New("no route to host")
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

func numbered(n int) (int, string) {
	return 200, fmt.Sprintf(`{"access_token":"token-%d","expires_in":1800,"token_type":"Bearer"}`, n)
}

func connection(t *testing.T, i *identity, store TokenStore) *customConnection {
	t.Helper()
	c, err := New(Options{ClientID: "app", ClientSecret: secret, Base: i, Tokens: store})
	if err != nil {
		t.Fatal(err)
	}
	return c.auth
}

func TestOneTokenForEverybodyUntilShortlyBeforeItEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &identity{answer: numbered, takes: time.Second}
		a := connection(t, i, nil)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if token, err := a.Token(t.Context()); err != nil || token != "token-1" {
					t.Errorf("got %q (%v)", token, err)
				}
			})
		}
		all.Wait()
		want := "POST https://identity.xero.com/connect/token app " + url.QueryEscape(secret) + " grant_type=client_credentials&scope=accounting.contacts+accounting.invoices+accounting.payments+accounting.settings"
		if len(i.requests) != 1 || i.requests[0] != want {
			t.Errorf("asked %q\nwant %q once", i.requests, want)
		}
		time.Sleep(27 * time.Minute)
		if token, err := a.Token(t.Context()); err != nil || token != "token-1" {
			t.Errorf("after 27 minutes: %q (%v)", token, err)
		}
		time.Sleep(62 * time.Second)
		if token, err := a.Token(t.Context()); err != nil || token != "token-2" {
			t.Errorf("two minutes before the end: %q (%v)", token, err)
		}
	})
}

func TestARefusedTokenIsReplacedOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &identity{answer: numbered, takes: time.Second}
		a := connection(t, i, nil)
		bad, err := a.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if token, err := a.Replace(t.Context(), bad); err != nil || token != "token-2" {
					t.Errorf("got %q (%v)", token, err)
				}
			})
		}
		all.Wait()
		if len(i.requests) != 2 || i.most != 1 {
			t.Errorf("%d requests, %d at a time", len(i.requests), i.most)
		}
	})
}

func TestOneCancelledCallerDoesNotSpoilTheSignInOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &identity{answer: numbered, takes: 5 * time.Second}
		a := connection(t, i, nil)
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := a.Token(hasty); err == nil {
				t.Error("the cancelled caller got a token")
			}
		})
		synctest.Wait()
		all.Go(func() {
			if token, err := a.Token(t.Context()); err != nil || token != "token-2" {
				t.Errorf("got %q (%v)", token, err)
			}
		})
		all.Wait()
		if i.most != 1 {
			t.Errorf("%d requests at a time", i.most)
		}
	})
}

func TestATokenOfUnknownOrShortLife(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body string
		good, ends time.Duration
	}{
		{"not said: half an hour", `{"access_token":"token-%d"}`, 27 * time.Minute, 29 * time.Minute},
		{"a minute", `{"access_token":"token-%d","expires_in":60}`, 44 * time.Second, 46 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			i := &identity{answer: func(n int) (int, string) { return 200, fmt.Sprintf(tc.body, n) }}
			a := connection(t, i, nil)
			began := time.Now()
			for _, step := range []struct {
				at   time.Duration
				want string
			}{{0, "token-1"}, {tc.good, "token-1"}, {tc.ends, "token-2"}} {
				time.Sleep(step.at - time.Since(began))
				if token, err := a.Token(t.Context()); err != nil || token != step.want {
					t.Errorf("%s, after %s: %q (%v), want %s", tc.name, step.at, token, err, step.want)
				}
			}
		})
	}
}

// shelf is a TokenStore.
type shelf struct {
	token *oauth2.Token
	full  error
	saved []string
}

func (s *shelf) Load() (*oauth2.Token, error) { return s.token, nil }
func (s *shelf) Save(t *oauth2.Token) error {
	s.saved = append(s.saved, t.AccessToken)
	return s.full
}

func TestATokenMayOutliveTheProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &identity{answer: numbered}
		s := &shelf{token: &oauth2.Token{AccessToken: "stored", Expiry: time.Now().Add(10 * time.Minute)}}
		a := connection(t, i, s)
		if token, err := a.Token(t.Context()); err != nil || token != "stored" {
			t.Errorf("got %q (%v)", token, err)
		}
		if token, err := a.Replace(t.Context(), "stored"); err != nil || token != "token-1" || len(s.saved) != 1 || s.saved[0] != "token-1" {
			t.Errorf("got %q (%v), saved %q", token, err, s.saved)
		}
		s.full = errors.New("disk full")
		if _, err := a.Replace(t.Context(), "token-1"); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("got %v", err)
		}
	})
}

func TestASignInThatFailsSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		body   string
		class  remote.Class
		want   string
	}{
		{"wrong id or secret", 400, `{"error":"invalid_client"}`, remote.Auth, "Xero: sign in at identity.xero.com: Xero does not accept the client id or the client secret (HTTP 400, invalid_client). Compare xero.client_id and xero.client_secret with the app's Configuration page at developer.xero.com."},
		{"a scope not ticked", 400, `{"error":"invalid_scope"}`, remote.Auth, "Xero: sign in at identity.xero.com: the app lacks a permission that is needed (HTTP 400, invalid_scope). Tick these scopes on the custom connection and let the organisation authorise it again: accounting.contacts accounting.invoices accounting.payments accounting.settings."},
		{"another kind of app", 400, `{"error":"unauthorized_client"}`, remote.Auth, "Xero: sign in at identity.xero.com: this app may not sign in by itself (HTTP 400, unauthorized_client). Use an app of the kind Custom connection, authorised by the organisation, or a different client id."},
		{"disconnected", 400, `{"error":"invalid_grant","error_description":"x"}`, remote.Auth, "Xero: sign in at identity.xero.com: the organisation has not authorised this app, or has disconnected it (HTTP 400, invalid_grant). Have the custom connection authorised again from developer.xero.com."},
		{"malformed", 400, `{"error":"invalid_request"}`, remote.BadConfig, "Xero: sign in at identity.xero.com: Xero does not understand the sign-in (HTTP 400, invalid_request). Check xero.client_id, xero.client_secret and xero.identity_url."},
		{"no word why", 401, ``, remote.Auth, "Xero: sign in at identity.xero.com: Xero does not let this app sign in (HTTP 401). Compare xero.client_id and xero.client_secret with the app's Configuration page at developer.xero.com."},
		{"not Xero", 404, `<html>`, remote.BadConfig, "Xero: sign in at identity.xero.com: the sign-in was refused (HTTP 404). Check xero.identity_url and the app's Configuration page at developer.xero.com."},
		{"a page instead of a token", 200, `<html>`, remote.Retry, "Xero: sign in at identity.xero.com: the answer is no token. Check xero.identity_url if this stays."},
		{"an answer without a token", 200, `{}`, remote.Retry, "Xero: sign in at identity.xero.com: the answer is no token. Check xero.identity_url if this stays."},
		{"a redirect", 307, ``, remote.BadConfig, "Xero: sign in at identity.xero.com: the sign-in was refused (HTTP 307). Check xero.identity_url and the app's Configuration page at developer.xero.com."},
		{"trouble", 503, `x`, remote.Retry, "Xero: sign in at identity.xero.com: the sign-in service has trouble (HTTP 503)"},
		{"too many", 429, ``, remote.Throttled, "Xero: sign in at identity.xero.com: too many sign-ins (HTTP 429)"},
		{"no network", 0, ``, remote.Retry, "Xero: sign in at identity.xero.com: no answer: no route to host. Check the network and xero.identity_url if this stays."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			i := &identity{answer: func(int) (int, string) { return tc.status, tc.body }}
			a := connection(t, i, nil)
			_, err := a.Token(t.Context())
			var e *remote.Error
			if !errors.As(err, &e) || e.Class != tc.class || e.Sent || e.Error() != tc.want {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

func TestNoSecretInAnyError(t *testing.T) {
	t.Parallel()
	var all []error
	note := func(err error) {
		if err != nil {
			all = append(all, err)
		}
	}
	echo := func(status int, kind string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			said, _ := json.Marshal("you sent " + r.Header.Get("Authorization") + " and " + secret)
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			switch kind {
			case "application/json":
				fmt.Fprintf(w, `{"Type":"ValidationException","Message":%s,"Detail":%s,"Elements":[{"ValidationErrors":[{"Message":%s}]}]}`, said, said, said)
			default:
				fmt.Fprintf(w, "<p>%s</p>", said)
			}
		}
	}
	call := Create(Invoices, docs(`{}`), "k")
	for _, status := range []int{200, 302, 400, 401, 403, 404, 408, 413, 429, 500, 503} {
		for _, kind := range []string{"application/json", "text/html"} {
			s := serveXero(t, echo(status, kind))
			// One try is enough here: reads that fail with 5xx would wait.
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			c := s.client(t)
			_, err := c.Do(ctx, call, nil)
			note(err)
			_, err = c.Reference(ctx, Needs{})
			note(err)
			cancel()
		}
	}
	for _, body := range []string{`{"error":"invalid_client","error_description":"` + secret + `"}`, `{"error":"` + secret + `"}`, secret} {
		i := &identity{answer: func(int) (int, string) { return 400, body }}
		_, err := connection(t, i, nil).Token(t.Context())
		note(err)
	}
	if len(all) < 40 {
		t.Fatalf("only %d errors were provoked", len(all))
	}
	for _, err := range all {
		var texts []string
		for e := err; e != nil; e = errors.Unwrap(e) {
			texts = append(texts, e.Error(), fmt.Sprintf("%+v %#v", e, e))
			if raw, jsonErr := json.Marshal(e); jsonErr == nil {
				texts = append(texts, string(raw))
			}
		}
		for _, text := range texts {
			for _, leak := range []string{secret, url.QueryEscape(secret), "token-1", "Bearer token", "Basic "} {
				if strings.Contains(text, leak) {
					t.Errorf("%q shows in %s", leak, text)
				}
			}
		}
	}
	c, err := New(Options{ClientID: "app", ClientSecret: secret})
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v", Options{ClientSecret: secret}, c.Pacer().Quota()); strings.Contains(text, secret) {
		t.Errorf("the secret shows in %s", text)
	}
}
