package xerotest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/xero/xerotest"
	"sf2xero/xero/xerotest/conform"
)

// client is a bare HTTP client of the organisation. Everything it sends and gets is checked against Xero's own API
// description when XERO_OPENAPI names the file.
type client struct {
	t      testing.TB
	org    *xerotest.Organisation
	base   http.Handler
	token  string
	header http.Header
}

// clock is Xero's clock in these tests.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time          { return c.now }
func (c *clock) forward(d time.Duration) { c.now = c.now.Add(d) }
func newClock() *clock                   { return &clock{time.Date(2026, 11, 5, 2, 30, 0, 0, time.UTC)} }

func open(t testing.TB, opt xerotest.Options) *client {
	t.Helper()
	if opt.Now == nil {
		opt.Now = newClock().Now
	}
	if opt.PerMinute == 0 {
		opt.PerMinute = -1
	}
	c := &client{t: t, org: xerotest.New(opt), header: http.Header{}}
	c.base = conform.Handler(t, c.org)
	c.login("")
	return c
}

// login fetches a token with these scopes, "" for all.
func (c *client) login(scope string) {
	c.t.Helper()
	id, secret := c.org.Credentials()
	form := url.Values{"grant_type": {"client_credentials"}}
	if scope != "" {
		form.Set("scope", scope)
	}
	res := c.post("/connect/token", form, id, secret)
	if res.status != http.StatusOK {
		c.t.Fatalf("no token: %d %s", res.status, res.body)
	}
	c.token = res.text("access_token")
}

func (c *client) post(path string, form url.Values, id, secret string) result {
	c.t.Helper()
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if id != "" {
		req.SetBasicAuth(id, secret)
	}
	rec := httptest.NewRecorder()
	c.org.ServeHTTP(rec, req)
	return read(c.t, rec)
}

// result is an answer.
type result struct {
	t      testing.TB
	status int
	header http.Header
	body   string
	json   map[string]any
}

func read(t testing.TB, rec *httptest.ResponseRecorder) result {
	t.Helper()
	body, err := io.ReadAll(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	res := result{t: t, status: rec.Code, header: rec.Header(), body: string(body)}
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") {
		d := json.NewDecoder(strings.NewReader(res.body))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatalf("not JSON: %v\n%s", err, body)
		}
		res.json, _ = v.(map[string]any)
	}
	return res
}

// send makes a call of the Accounting API; headers come in pairs.
func (c *client) send(method, path, body string, headers ...string) result {
	c.t.Helper()
	return c.through(c.base, method, path, body, headers...)
}

// raw is send without the check of the request, for calls that are wrong on purpose.
func (c *client) raw(method, path, body string, headers ...string) result {
	c.t.Helper()
	return c.through(conform.Answers(c.t, c.org), method, path, body, headers...)
}

func (c *client) through(h http.Handler, method, path, body string, headers ...string) result {
	c.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/api.xro/2.0/" + path
	}
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, "https://api.xero.com"+path, reader)
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Xero-Tenant-Id", c.org.TenantID())
	req.Header.Set("Accept", "application/json")
	if body != "" && method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		} else {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return read(c.t, rec)
}

// at walks an answer: "Invoices", 0, "Status".
func (r result) at(path ...any) any {
	r.t.Helper()
	var v any = r.json
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				r.t.Fatalf("%v: no object at %v in %d %s", path, p, r.status, r.body)
			}
			v = m[p]
		case int:
			l, ok := v.([]any)
			if !ok || p >= len(l) {
				r.t.Fatalf("%v: no element %d in %d %s", path, p, r.status, r.body)
			}
			v = l[p]
		}
	}
	return v
}

// text is a value of an answer as text, "" when it is not there.
func (r result) text(path ...any) string {
	r.t.Helper()
	switch v := r.at(path...).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	case nil:
		return ""
	}
	r.t.Fatalf("%v is neither text nor number: %v", path, r.at(path...))
	return ""
}

func (r result) len(path ...any) int {
	r.t.Helper()
	l, _ := r.at(path...).([]any)
	return len(l)
}

// messages are the texts of a list such as ValidationErrors.
func (r result) messages(path ...any) []string {
	r.t.Helper()
	list, _ := r.at(path...).([]any)
	var texts []string
	for _, m := range list {
		texts = append(texts, m.(map[string]any)["Message"].(string))
	}
	return texts
}

func (r result) want(status int) result {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("answer is %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// wantError wants exactly this refusal of the first element.
func (r result) wantError(plural, text string) {
	r.t.Helper()
	if r.status == http.StatusOK {
		if got := r.messages(plural, 0, "ValidationErrors"); len(got) == 0 || got[0] != text {
			r.t.Fatalf("refused with %q, want %q: %s", got, text, r.body)
		}
		return
	}
	r.want(http.StatusBadRequest)
	if got := r.messages("Elements", 0, "ValidationErrors"); len(got) == 0 || got[0] != text {
		r.t.Fatalf("refused with %q, want %q: %s", got, text, r.body)
	}
}

// contact makes a contact of this name and returns its id.
func (c *client) contact(name string) string {
	c.t.Helper()
	id, err := c.org.AddContact(xerotest.EditableContact{Name: name})
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

// invoice makes an invoice of 100.00 plus 15.00 tax through the API and returns its id; fields are added to it.
func (c *client) invoice(contact, fields string) string {
	c.t.Helper()
	if fields != "" {
		fields += ","
	}
	res := c.raw("PUT", "Invoices?summarizeErrors=false", `{"Invoices":[{`+fields+`"Type":"ACCREC","Contact":{"ContactID":"`+contact+`"},
		"LineItems":[{"Description":"Work","Quantity":1,"UnitAmount":100,"AccountCode":"200","TaxType":"OUTPUT2"}]}]}`).want(http.StatusOK)
	if res.text("Invoices", 0, "HasErrors") == "true" {
		c.t.Fatalf("not made: %s", res.body)
	}
	return res.text("Invoices", 0, "InvoiceID")
}

// must fails the test when a hand could not do its work.
func (c *client) must(id string, err error) string {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

func (c *client) done(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func amount(s string) decimal.Decimal { return decimal.RequireFromString(s) }
