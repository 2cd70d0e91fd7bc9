package xero

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"sf2xero/sync/remote"
)

const (
	secret   = "s3cr3t-of-the-app+/="
	tenantID = "45e4708e-d862-4111-ab3a-dd8cd03913e1"
)

// xeroServer answers the token endpoint and hands every other request to a handler,
// in one server for both hosts.
type xeroServer struct {
	*httptest.Server
	mu    sync.Mutex
	sent  []string // "PUT /api.xro/2.0/Invoices?unitdp=4 token-1 key body"
	heads []http.Header
	given int // tokens handed out
}

func serveXero(t *testing.T, h http.HandlerFunc) *xeroServer {
	t.Helper()
	s := new(xeroServer)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == tokenPath {
			s.token(w)
			return
		}
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		s.sent = append(s.sent, strings.TrimSpace(strings.Join([]string{r.Method, r.URL.String(), token, r.Header.Get("Idempotency-Key"), string(body)}, " ")))
		s.heads = append(s.heads, r.Header.Clone())
		s.mu.Unlock()
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *xeroServer) token(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given++
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":1800,"token_type":"Bearer"}`, s.given)
}

func (s *xeroServer) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.sent...)
}

// header gives what the n-th request carried, counted from 0.
func (s *xeroServer) header(n int) http.Header {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heads[n]
}

func (s *xeroServer) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(Options{APIURL: s.URL, IdentityURL: s.URL, ClientID: "app", ClientSecret: secret, TenantID: tenantID})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answering(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func docs(raw ...string) []json.RawMessage {
	list := make([]json.RawMessage, 0, len(raw))
	for _, r := range raw {
		list = append(list, json.RawMessage(r))
	}
	return list
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	good := Options{ClientID: "a", ClientSecret: "b"}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"http", func(o *Options) { o.APIURL = "http://api.xero.com" }, "xero.api_url: http://api.xero.com is not encrypted; use https (http only for localhost)"},
		{"no address", func(o *Options) { o.IdentityURL = "identity" }, "xero.identity_url: this is not a web address; write it like https://api.example.com"},
		{"no id", func(o *Options) { o.ClientID = "" }, "xero.client_id is missing; it stands on the app's Configuration page at developer.xero.com"},
		{"no secret", func(o *Options) { o.ClientSecret = "" }, "xero.client_secret is missing; make one on the app's Configuration page at developer.xero.com"},
		{"another way to sign in", func(o *Options) { o.Auth = "password" }, `xero.auth is "password"; only custom_connection is known`},
	} {
		o := good
		tc.change(&o)
		if _, err := New(o); err == nil || err.Error() != tc.want {
			t.Errorf("%s: got %v, want %s", tc.name, err, tc.want)
		}
	}
}

func TestTheAddressMayHoldThePathOfTheAPI(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", "/", "/api.xro/2.0", "/api.xro/2.0/", "/proxy", "/proxy/api.xro/2.0"} {
		s := serveXero(t, answering(200, `[]`))
		c, err := New(Options{APIURL: s.URL + suffix, IdentityURL: s.URL + "/", ClientID: "app", ClientSecret: secret})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Tenants(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := "GET /connections token-1"
		if strings.HasPrefix(suffix, "/proxy") {
			want = "GET /proxy/connections token-1"
		}
		if got := strings.Join(s.calls(), "; "); got != want {
			t.Errorf("%q: called %s, want %s", suffix, got, want)
		}
	}
}

func TestTenants(t *testing.T) {
	t.Parallel()
	s := serveXero(t, answering(200, `[{"id":"1","tenantId":"45E4708E-d862-4111-ab3a-dd8cd03913e1","tenantType":"ORGANISATION","tenantName":"Demo"},{"tenantId":"2","tenantType":"PRACTICE","tenantName":null}]`))
	c := s.client(t)
	tenants, err := c.Tenants(t.Context())
	if err != nil || len(tenants) != 2 || tenants[0] != (Tenant{"45E4708E-d862-4111-ab3a-dd8cd03913e1", "Demo", "ORGANISATION"}) || tenants[1].Type != "PRACTICE" {
		t.Fatalf("got %+v (%v)", tenants, err)
	}
	if !tenants[0].Is(tenantID) || tenants[1].Is(tenantID) {
		t.Error("tenant ids are not compared without regard to case")
	}
	if reads, writes := c.Calls(); reads != 1 || writes != 0 {
		t.Errorf("%d reads and %d writes were counted", reads, writes)
	}
}

func TestNoCallWithoutAnOrganisation(t *testing.T) {
	t.Parallel()
	s := serveXero(t, answering(200, `{}`))
	c := s.client(t)
	c.Use("")
	if _, err := c.Do(t.Context(), Create(Invoices, docs(`{}`), "k"), nil); remote.ClassOf(err) != remote.BadConfig {
		t.Errorf("a write: %v", err)
	}
	if _, err := c.Reference(t.Context(), Needs{}); remote.ClassOf(err) != remote.BadConfig {
		t.Errorf("a read: %v", err)
	}
	if got := s.calls(); len(got) != 0 {
		t.Errorf("called %v", got)
	}
}
