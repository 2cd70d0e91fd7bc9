package xerotest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	org := xerotest.New(xerotest.Options{Now: newClock().Now, ClientSecret: "s3cr&t+/="})
	id, secret := org.Credentials()
	grant := "grant_type=client_credentials"
	cases := map[string]struct {
		form, contentType string
		basic             []string
		chunked           bool
		status            int
		error             string
	}{
		"basic header":                   {form: grant, basic: []string{id, secret}, status: 200},
		"basic header, escaped":          {form: grant, basic: []string{url.QueryEscape(id), url.QueryEscape(secret)}, status: 200},
		"credentials in the form":        {form: grant + "&client_id=" + id + "&client_secret=" + url.QueryEscape(secret), status: 200},
		"no Content-Length":              {form: grant, basic: []string{id, secret}, chunked: true, status: 200},
		"with charset":                   {form: grant, basic: []string{id, secret}, contentType: "application/x-www-form-urlencoded; charset=utf-8", status: 200},
		"scopes of the app":              {form: grant + "&scope=accounting.contacts.read+accounting.invoices", basic: []string{id, secret}, status: 200},
		"a parameter nobody knows":       {form: grant + "&scopes=anything", basic: []string{id, secret}, status: 200},
		"a scope that is not ticked":     {form: grant + "&scope=accounting.transactions", basic: []string{id, secret}, status: 400, error: "invalid_scope"},
		"wrong secret":                   {form: grant, basic: []string{id, "no"}, status: 400, error: "invalid_client"},
		"unknown client":                 {form: grant, basic: []string{"no", secret}, status: 400, error: "invalid_client"},
		"no credentials":                 {form: grant, status: 400, error: "invalid_request"},
		"JSON instead of a form":         {form: `{"grant_type":"client_credentials"}`, contentType: "application/json", basic: []string{id, secret}, status: 400, error: "invalid_request"},
		"no grant type":                  {form: "a=b", basic: []string{id, secret}, status: 400, error: "invalid_request"},
		"unknown grant type":             {form: "grant_type=password", basic: []string{id, secret}, status: 400, error: "unsupported_grant_type"},
		"a grant the app may not use":    {form: "grant_type=authorization_code&code=x", basic: []string{id, secret}, status: 400, error: "unauthorized_client"},
		"a refresh token that never was": {form: "grant_type=refresh_token&refresh_token=x", basic: []string{id, secret}, status: 400, error: "invalid_grant"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var body io.Reader = strings.NewReader(tc.form)
			if tc.chunked {
				body = io.MultiReader(body) // hides the length
			}
			req := httptest.NewRequest(http.MethodPost, "/connect/token", body)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if tc.contentType != "" {
				req.Header.Set("Content-Type", tc.contentType)
			}
			if tc.basic != nil {
				req.SetBasicAuth(tc.basic[0], tc.basic[1])
			}
			rec := httptest.NewRecorder()
			org.ServeHTTP(rec, req)
			res := read(t, rec).want(tc.status)
			if got := res.text("error"); got != tc.error {
				t.Errorf("error %q, want %q", got, tc.error)
			}
			if tc.status == 200 && (res.text("expires_in") != "1800" || res.text("token_type") != "Bearer" || res.text("refresh_token") != "") {
				t.Errorf("not a token of a custom connection: %s", res.body)
			}
		})
	}
}

func TestAccessTokenLivesHalfAnHour(t *testing.T) {
	t.Parallel()
	now := newClock()
	c := open(t, xerotest.Options{Now: now.Now})
	now.forward(30*time.Minute - time.Second)
	c.send("GET", "Organisation", "").want(200)
	now.forward(time.Second)
	res := c.send("GET", "Organisation", "").want(401)
	if got := res.text("Detail"); got != "TokenExpired: token expired at 11/05/2026 03:00:00" {
		t.Errorf("detail %q", got)
	}
	c.login("")
	c.send("GET", "Organisation", "").want(200)
	c.org.ExpireTokens()
	c.send("GET", "Organisation", "").want(401)
	c.login("")
	c.org.RevokeTokens()
	res = c.send("GET", "Organisation", "").want(401)
	if got := res.text("Detail"); got != "AuthenticationUnsuccessful" {
		t.Errorf("detail %q", got)
	}
}

func TestScopesAreEnforced(t *testing.T) {
	t.Parallel()
	cases := []struct {
		scope, method, path, body string
		status                    int
	}{
		{"accounting.contacts.read", "GET", "Contacts", "", 200},
		{"accounting.contacts.read", "PUT", "Contacts", `{"Contacts":[{"Name":"A"}]}`, 401},
		{"accounting.contacts", "PUT", "Contacts", `{"Contacts":[{"Name":"A"}]}`, 200},
		{"accounting.contacts", "GET", "Invoices", "", 401},
		{"accounting.invoices", "GET", "CreditNotes", "", 200},
		{"accounting.invoices", "GET", "Payments", "", 401},
		{"accounting.payments.read", "GET", "Payments", "", 200},
		{"accounting.settings.read", "GET", "Items", "", 200},
		{"accounting.settings.read accounting.invoices", "PUT", "Items", `{"Items":[{"Code":"A"}]}`, 401}, // measured on the real service
		{"accounting.settings", "PUT", "Items", `{"Items":[{"Code":"A"}]}`, 200},
		{"accounting.invoices", "GET", "Organisation", "", 401},
	}
	for _, tc := range cases {
		c := open(t, xerotest.Options{})
		c.login(tc.scope)
		res := c.send(tc.method, tc.path, tc.body)
		if res.status != tc.status {
			t.Errorf("%s with %s: %d, want %d", tc.method+" "+tc.path, tc.scope, res.status, tc.status)
		}
		if tc.status == 401 && (res.text("Detail") != "AuthorizationUnsuccessful" || !strings.Contains(res.header.Get("WWW-Authenticate"), "insufficient_scope")) {
			t.Errorf("%s with %s: the refusal does not say that a scope is missing: %v %s", tc.path, tc.scope, res.header, res.body)
		}
	}
}

func TestBroadScopesOfOlderApps(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Scopes: []string{"accounting.transactions", "accounting.contacts"}})
	c.send("GET", "Invoices", "").want(200)
	c.send("GET", "Payments", "").want(200)
	c.send("GET", "Organisation", "").want(401)
}

func TestTenant(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{})
	for _, tenant := range []string{"", "11111111-1111-1111-1111-111111111111"} {
		res := c.raw("GET", "Organisation", "", "Xero-Tenant-Id", tenant).want(403)
		if res.text("Title") != "Forbidden" || res.text("Detail") != "AuthenticationUnsuccessful" {
			t.Errorf("tenant %q: %s", tenant, res.body)
		}
	}
	c.send("GET", "Organisation", "", "xero-tenant-id", strings.ToUpper(c.org.TenantID())).want(200)
	c.org.Disconnect()
	c.send("GET", "Organisation", "").want(403)
	c.org.Reconnect()
	c.send("GET", "Organisation", "").want(200)
}

func TestConnections(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Name: "Acme Ltd"})
	res := c.raw("GET", "/connections", "").want(200)
	for _, want := range []string{`"tenantId":"` + c.org.TenantID() + `"`, `"tenantType":"ORGANISATION"`, `"tenantName":"Acme Ltd"`} {
		if !strings.Contains(res.body, want) {
			t.Errorf("%s is missing in %s", want, res.body)
		}
	}
	id := res.body[strings.Index(res.body, `"id":"`)+6:][:36]
	if res := c.raw("GET", "/connections?authEventId=11111111-1111-1111-1111-111111111111", "").want(200); res.body != "[]" {
		t.Errorf("the filter lets through %s", res.body)
	}
	c.raw("GET", "/connections", "", "Authorization", "Bearer no").want(401)
	c.raw("DELETE", "/connections/"+c.org.TenantID(), "").want(403)
	c.raw("DELETE", "/connections/11111111-1111-1111-1111-111111111111", "").want(404)
	c.raw("DELETE", "/connections/"+id, "").want(204)
	c.raw("DELETE", "/connections/"+id, "").want(404)
	if res := c.raw("GET", "/connections", "").want(200); res.body != "[]" {
		t.Errorf("still connected: %s", res.body)
	}
}

// browser opens the consent page and returns where it sends the user.
func browser(t *testing.T, org *xerotest.Organisation, q url.Values) (int, url.Values) {
	t.Helper()
	rec := httptest.NewRecorder()
	org.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/identity/connect/authorize?"+q.Encode(), nil))
	u, err := url.Parse(rec.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return rec.Code, u.Query()
}

func TestAuthorizationCodeWithPKCE(t *testing.T) {
	t.Parallel()
	now := newClock()
	c := &client{t: t, org: xerotest.New(xerotest.Options{Now: now.Now})}
	verifier := strings.Repeat("v", 43)
	sum := sha256.Sum256([]byte(verifier))
	ask := url.Values{"response_type": {"code"}, "client_id": {c.org.DesktopApp()}, "redirect_uri": {"http://localhost:8742/callback"}, "state": {"s"},
		"scope": {"offline_access accounting.contacts"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}}
	code := func() string {
		t.Helper()
		status, back := browser(t, c.org, ask)
		if status != http.StatusFound || back.Get("state") != "s" || back.Get("code") == "" {
			t.Fatalf("%d %v", status, back)
		}
		return back.Get("code")
	}
	redeem := func(code, verifier string) result {
		return c.post("/connect/token", url.Values{"grant_type": {"authorization_code"}, "client_id": {c.org.DesktopApp()}, "code": {code},
			"redirect_uri": {"http://localhost:8742/callback"}, "code_verifier": {verifier}}, "", "")
	}
	refuse := func(res result, error string) {
		t.Helper()
		if res.want(400).text("error") != error {
			t.Errorf("%s, want %s", res.body, error)
		}
	}
	used := code()
	refuse(redeem(used, "wrong"+verifier), "invalid_grant")
	refuse(redeem(used, verifier), "invalid_grant") // a code works once, even after a failure
	late := code()
	now.forward(5 * time.Minute)
	refuse(redeem(late, verifier), "invalid_grant")
	good := code()
	token := redeem(good, verifier).want(200)
	refuse(redeem(good, verifier), "invalid_grant")

	refresh := func(token string) result {
		return c.post("/connect/token", url.Values{"grant_type": {"refresh_token"}, "client_id": {c.org.DesktopApp()}, "refresh_token": {token}}, "", "")
	}
	first := token.text("refresh_token")
	second := refresh(first).want(200).text("refresh_token")
	if second == first || second == "" {
		t.Fatalf("the refresh token did not rotate: %q, %q", first, second)
	}
	now.forward(30*time.Minute - time.Second)
	third := refresh(first).want(200).text("refresh_token") // the answer may have been lost
	now.forward(time.Second)
	refuse(refresh(first), "invalid_grant")
	now.forward(60*24*time.Hour - time.Minute)
	fourth := refresh(third).want(200).text("refresh_token")
	now.forward(2 * time.Minute)
	refuse(refresh(second), "invalid_grant") // 60 days old
	c.token = refresh(fourth).want(200).text("access_token")
	c.raw("GET", "Contacts", "").want(200)

	c.post("/connect/revocation", url.Values{"client_id": {c.org.DesktopApp()}, "token": {fourth}}, "", "").want(200)
	c.raw("GET", "Contacts", "").want(403)
	refuse(refresh(fourth), "invalid_grant")
}

func TestConsentPage(t *testing.T) {
	t.Parallel()
	org := xerotest.New(xerotest.Options{Now: newClock().Now})
	web, _ := org.WebApp()
	custom, _ := org.Credentials()
	good := map[string]string{"response_type": "code", "client_id": web, "redirect_uri": "https://app.example/cb?x=1", "scope": "accounting.contacts"}
	cases := map[string]struct {
		change map[string]string
		status int
	}{
		"a good request":            {nil, 302},
		"unknown client":            {map[string]string{"client_id": "x"}, 400},
		"a custom connection":       {map[string]string{"client_id": custom}, 400},
		"http on a number":          {map[string]string{"redirect_uri": "http://127.0.0.1/cb"}, 400},
		"http on localhost":         {map[string]string{"redirect_uri": "http://localhost:1/cb"}, 302},
		"http elsewhere":            {map[string]string{"redirect_uri": "http://app.example/cb"}, 400},
		"a broad scope":             {map[string]string{"scope": "accounting.transactions"}, 400},
		"no scope":                  {map[string]string{"scope": ""}, 400},
		"implicit flow":             {map[string]string{"response_type": "token"}, 400},
		"a plain challenge":         {map[string]string{"code_challenge": "x", "code_challenge_method": "plain"}, 400},
		"desktop app, no challenge": {map[string]string{"client_id": org.DesktopApp()}, 400},
	}
	for name, tc := range cases {
		q := url.Values{}
		for _, m := range []map[string]string{good, tc.change} {
			for k, v := range m {
				q.Set(k, v)
			}
		}
		if status, _ := browser(t, org, q); status != tc.status {
			t.Errorf("%s: %d, want %d", name, status, tc.status)
		}
	}
	q := url.Values{}
	for k, v := range good {
		q.Set(k, v)
	}
	org.RefuseConsent(true)
	if _, back := browser(t, org, q); back.Get("error") != "access_denied" || back.Get("x") != "1" {
		t.Errorf("Cancel sends back %v", back)
	}
	strict := xerotest.New(xerotest.Options{RedirectURIs: []string{"https://app.example/cb"}})
	q.Set("redirect_uri", "https://app.example/cb/")
	if status, _ := browser(t, strict, q); status != 400 {
		t.Errorf("a redirect address that differs by a slash: %d", status)
	}
}

func TestIdsComeFromTheSeed(t *testing.T) {
	t.Parallel()
	ids := func(seed string) []byte {
		c := open(t, xerotest.Options{Seed: seed})
		res := c.send("PUT", "Contacts?summarizeErrors=false", `{"Contacts":[{"Name":"A"},{"Name":"A"},{"Name":"B"}]}`).want(200)
		return []byte(res.body + c.org.TenantID())
	}
	if !bytes.Equal(ids("1"), ids("1")) {
		t.Error("the same seed and calls give another world")
	}
	if bytes.Equal(ids("1"), ids("2")) {
		t.Error("another seed gives the same ids")
	}
}
