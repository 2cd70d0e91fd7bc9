package xerotest

import (
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	bodyLimit  = 3_500_000 // Xero's page names 10 MB and 3.5 MB; the smaller one holds here
	queryLimit = 2048      // the web server in front of the API denies a longer query string, as if nothing were there
)

// request is a call that has passed the gate.
type request struct {
	app      *app
	method   string
	path     []string // after /api.xro/2.0/
	query    query
	since    time.Time // If-Modified-Since, zero without
	body     []byte
	now      time.Time
	noErrors bool // summarizeErrors=false: every element gets its own verdict in a 200
}

// write tells whether the method changes anything.
func (r *request) write() bool { return r.method != http.MethodGet && r.method != http.MethodHead }

// serveAccounting takes a call through the gate in Xero's order: token, tenant, limits, scope, headers, idempotency,
// work. The limit is counted before the idempotency store is asked, so repeats cost budget too.
func (o *Organisation) serveAccounting(w http.ResponseWriter, req *http.Request) {
	var token *accessToken
	var a *answer
	var kept *keyedCall
	o.alone(func() { token, a = o.admit(req) })
	if a != nil {
		o.write(w, a)
		return
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, bodyLimit+1))
	switch {
	case err != nil:
		a = postDataInvalid("The request body could not be read.")
	case len(body) > bodyLimit:
		a = &answer{status: http.StatusRequestEntityTooLarge, contentType: typeHTML}
	default:
		o.alone(func() { a, kept = o.work(token, req, body) })
	}
	o.stay(req.Context(), req.Method, req.URL.Path)

	sent := a.copy()
	o.alone(func() {
		if kept != nil {
			kept.answer = a
		}
		token.app.limits.leave()
		token.app.limits.remaining(sent)
	})
	o.write(w, negotiate(req.Header.Get("Accept"), sent, o.now()))
}

// admit checks what does not need the body: token, tenant, limits.
func (o *Organisation) admit(req *http.Request) (*accessToken, *answer) {
	token, refused := o.bearer(req)
	if refused != nil {
		return nil, refused
	}
	if token.app.connection == nil || !strings.EqualFold(req.Header.Get("Xero-Tenant-Id"), o.tenantID) {
		return nil, o.problem(http.StatusForbidden, "Forbidden", "AuthenticationUnsuccessful")
	}
	if refused := token.app.limits.admit(o.now()); refused != nil {
		return nil, refused
	}
	return token, nil
}

// bearer finds the token of a call.
func (o *Organisation) bearer(req *http.Request) (*accessToken, *answer) {
	scheme, value, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	token := o.identity.access[strings.TrimSpace(value)]
	if !strings.EqualFold(scheme, "Bearer") || token == nil {
		return nil, o.problem(http.StatusUnauthorized, "Unauthorized", "AuthenticationUnsuccessful").
			with("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	if !o.now().Before(token.expires) {
		return nil, o.problem(http.StatusUnauthorized, "Unauthorized", "TokenExpired: token expired at "+token.expires.Format("01/02/2006 15:04:05")).
			with("WWW-Authenticate", `Bearer error="invalid_token", error_description="The token is expired"`)
	}
	return token, nil
}

// work answers a call that has its slot. The returned keyedCall is the one that must remember the answer.
func (o *Organisation) work(token *accessToken, req *http.Request, body []byte) (*answer, *keyedCall) {
	if len(req.URL.RawQuery) > queryLimit {
		return notFound(), nil
	}
	path := strings.Split(strings.Trim(req.URL.Path[len("/api.xro/2.0/"):], "/"), "/")
	e, known := endpoints()[strings.ToLower(path[0])]
	if !known {
		return notFound(), nil
	}
	r := &request{app: token.app, method: req.Method, path: path, query: newQuery(req.URL.RawQuery), body: body, now: o.now()}
	if !allows(token.scopes, e.scope, r.write()) {
		return o.problem(http.StatusUnauthorized, "Unauthorized", "AuthorizationUnsuccessful").
			with("WWW-Authenticate", `Bearer error="insufficient_scope"`), nil
	}
	if r.query.bad {
		return validationText("The query string could not be read."), nil
	}
	if v := req.Header.Get("If-Modified-Since"); v != "" && !r.write() {
		t, ok := parseSince(v)
		if !ok {
			return &answer{status: http.StatusPreconditionFailed, contentType: typeHTML}, nil
		}
		r.since = t
	}
	if r.write() && r.method != http.MethodDelete {
		media, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
		if err != nil || media != "application/json" && media != "text/json" {
			return &answer{status: http.StatusUnsupportedMediaType, contentType: typeHTML}, nil
		}
	}
	r.noErrors = r.query.is("summarizeErrors", "false")

	key := req.Header.Get("Idempotency-Key")
	if key == "" || !keyed(req.Method) {
		return e.serve(o, r), nil
	}
	known2, call := token.app.keys.begin(key, fingerprint(req.Method, req.URL.RequestURI(), o.tenantID, body), r.now)
	if known2 != nil {
		return known2, nil
	}
	return e.serve(o, r), call
}

// parseSince reads If-Modified-Since: an ISO date-time, taken as UTC when it names no zone, or an HTTP date. Its
// precision is the second.
func parseSince(v string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05.999999999", time.RFC3339Nano, "2006-01-02", http.TimeFormat, time.RFC1123} {
		if t, err := time.Parse(layout, v); err == nil {
			return t.UTC().Truncate(time.Second), true
		}
	}
	return time.Time{}, false
}

// endpoint is one resource of the Accounting API.
type endpoint struct {
	scope string
	serve func(*Organisation, *request) *answer
}

func endpoints() map[string]endpoint {
	return map[string]endpoint{
		"organisation":       {"accounting.settings", (*Organisation).serveOrganisation},
		"accounts":           {"accounting.settings", (*Organisation).serveAccounts},
		"taxrates":           {"accounting.settings", (*Organisation).serveTaxRates},
		"trackingcategories": {"accounting.settings", (*Organisation).serveTracking},
		"currencies":         {"accounting.settings", (*Organisation).serveCurrencies},
		"brandingthemes":     {"accounting.settings", (*Organisation).serveThemes},
		"items":              {"accounting.settings", (*Organisation).serveItems},
		"contacts":           {"accounting.contacts", (*Organisation).serveContacts},
		"invoices":           {"accounting.invoices", (*Organisation).serveInvoices},
		"creditnotes":        {"accounting.invoices", (*Organisation).serveCreditNotes},
		"payments":           {"accounting.payments", (*Organisation).servePayments},
	}
}

// query reads the query string the way ASP.NET does: names in any case, repeated names joined by commas.
type query struct {
	values map[string]string
	bad    bool
}

func newQuery(raw string) query {
	values, err := url.ParseQuery(raw)
	q := query{values: make(map[string]string, len(values)), bad: err != nil}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		joined := strings.Join(values[name], ",")
		if earlier := q.values[strings.ToLower(name)]; earlier != "" {
			joined = earlier + "," + joined
		}
		q.values[strings.ToLower(name)] = joined
	}
	return q
}

func (q query) get(name string) string { return q.values[strings.ToLower(name)] }

func (q query) has(name string) bool { return q.get(name) != "" }

func (q query) is(name, value string) bool { return strings.EqualFold(q.get(name), value) }

// list splits a comma list and drops the quotes some clients put around its members.
func (q query) list(name string) []string {
	if !q.has(name) {
		return nil
	}
	parts := strings.Split(q.get(name), ",")
	for i, p := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(p), `"`)
	}
	return parts
}
