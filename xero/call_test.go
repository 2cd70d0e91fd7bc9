package xero

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sf2xero/sync/remote"
)

func TestTheBytesOfACallSurviveTheStore(t *testing.T) {
	t.Parallel()
	call := Create(Invoices, docs("{ \"Reference\" : \"<b> & \\u2028 Müller\u2029\",\n \"Total\": 1.10 }", `{"Type":"ACCREC"}`), "key-1")
	stored, err := json.Marshal(call)
	if err != nil {
		t.Fatal(err)
	}
	var back Call
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(call.Body, back.Body) || call.Query.Encode() != back.Query.Encode() || call.Path != back.Path || call.Method != back.Method || call.Key != back.Key {
		t.Errorf("sent %+v\nback %+v", call, back)
	}
	var sent struct{ Invoices []struct{ Reference string } }
	if err := json.Unmarshal(call.Body, &sent); err != nil || len(sent.Invoices) != 2 || sent.Invoices[0].Reference != "<b> & \u2028 Müller\u2029" {
		t.Errorf("the body says %+v (%v)", sent, err)
	}
	if !bytes.Contains(call.Body, []byte(`"Total":1.10`)) {
		t.Errorf("the digits of an amount changed: %s", call.Body)
	}
}

func TestCallsPerKind(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind  Kind
		query string
	}{
		{Invoices, "summarizeErrors=false&unitdp=4"},
		{Contacts, "summarizeErrors=false"},
		{Items, "summarizeErrors=false&unitdp=4"},
		{CreditNotes, "summarizeErrors=false&unitdp=4"},
		{Quotes, "summarizeErrors=false"},
		{Payments, "summarizeErrors=false"},
	} {
		create := Create(tc.kind, docs(`{"a":1}`), "k")
		if create.Method != "PUT" || create.Path != "/api.xro/2.0/"+string(tc.kind) || create.Query.Encode() != tc.query || string(create.Body) != `{"`+string(tc.kind)+`":[{"a":1}]}` {
			t.Errorf("create %s: %+v %s", tc.kind, create, create.Body)
		}
		edit, err := Edit(tc.kind, docs(`{"`+tc.kind.IDField()+`":"x"}`), "k")
		if err != nil || edit.Method != "POST" || edit.Query.Encode() != tc.query {
			t.Errorf("edit %s: %+v (%v)", tc.kind, edit, err)
		}
	}
	for _, bad := range []string{`{}`, `{"InvoiceID":""}`, `{"InvoiceID":null}`, `{"InvoiceID":"` + noID + `"}`, `[]`, `{"ContactID":"x"}`} {
		if _, err := Edit(Invoices, docs(`{"InvoiceID":"x"}`, bad), "k"); err == nil {
			t.Errorf("an update was made of %s", bad)
		}
	}
}

func TestWhatAWritesAnswerMeans(t *testing.T) {
	t.Parallel()
	const stored = `{"Invoices":[{"InvoiceID":"046d8a6d-1ae1-4b4d-9340-5601bdf41b87","Status":"DRAFT","StatusAttributeString":"OK"}]}`
	abort := func(after string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if after != "" {
				w.Header().Set("Content-Length", "1000")
				fmt.Fprint(w, after)
				w.(http.Flusher).Flush()
			}
			panic(http.ErrAbortHandler)
		}
	}
	for _, tc := range []struct {
		name    string
		handler http.HandlerFunc
		class   remote.Class // 0: done
		status  int
		code    string
		message string // part of the error's text
		wrote   int    // transmissions
	}{
		{"stored", answering(200, stored), 0, 0, "", "", 1},
		{"created", answering(201, stored), 0, 0, "", "", 1},
		{"answer of another shape", answering(200, `{"Contacts":[]}`), remote.Unknown, 200, "", "it has no Invoices", 1},
		{"answer without elements", answering(200, `{"Invoices":[]}`), remote.Unknown, 200, "", "its list of Invoices is empty", 1},
		{"answer that is no JSON", answering(200, `<html>`), remote.Unknown, 200, "", "it is no JSON object", 1},
		{"answer of a null", answering(200, `{"Invoices":[null]}`), remote.Unknown, 200, "", "is no object", 1},
		{"empty answer", answering(204, ``), remote.Unknown, 204, "", "cannot be read", 1},
		{"cut answer", abort(stored[:20]), remote.Unknown, 200, "", "the answer broke off", 1},
		{"no answer", abort(""), remote.Unknown, 0, "", "no answer came", 1},
		{"validation", answering(400, `{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred","Elements":[{"ValidationErrors":[{"Message":"Invoice # must be unique."}]}]}`),
			remote.BadRecord, 400, "ValidationException", "Invoice # must be unique", 1},
		{"bad JSON", answering(400, `{"errornumber":17,"type":"PostDataInvalidException","message":"JSON for post data was invalid"}`), remote.BadConfig, 400, "PostDataInvalidException", "JSON for post data was invalid", 1},
		{"a key used before", answering(400, `{"Message":"Idempotency Key: k1 is used with a different request."}`), remote.Unknown, 400, "idempotency.used", "Idempotency Key: k1", 1},
		{"no permission", answering(401, `{"Title":"Unauthorized","Detail":"AuthorizationUnsuccessful"}`), remote.Auth, 401, "", "lacks a permission", 1},
		{"no permission, in a header", answering(401, ``, "WWW-Authenticate", `Bearer error="insufficient_scope"`), remote.Auth, 401, "", "accounting.invoices", 1},
		{"refused for ever", answering(401, `{"Title":"Unauthorized","Detail":"TokenExpired: token expired at 08/12/2022 07:00:40"}`), remote.Auth, 401, "", "TokenExpired", 2},
		{"wrong organisation", answering(403, `{"title":"Forbidden","status":403,"detail":"AuthenticationUnsuccessful","instance":"7e9c"}`), remote.Auth, 403, "", "xero.tenant_id", 1},
		{"unknown id", answering(404, `<html><body>The resource you're looking for cannot be found</body></html>`, "Content-Type", "text/html"), remote.BadRecord, 404, "", "The resource you're looking for cannot be found", 1},
		{"unknown id, without a word", answering(404, ``, "Content-Type", "text/html"), remote.BadRecord, 404, "", "an id in it", 1},
		{"timed out at the gateway", answering(408, ``), remote.Unknown, 408, "", "request timeout", 1},
		{"conflict", answering(409, ``), remote.Unknown, 409, "", "conflict", 1},
		{"too large", answering(413, ``), remote.BadRecord, 413, "", "too large", 1},
		{"wrong type", answering(415, ``), remote.BadConfig, 415, "", "unsupported media type", 1},
		{"too many", answering(429, `whatever`, "X-Rate-Limit-Problem", "Minute", "Retry-After", "27"), remote.Throttled, 429, "", "too many calls (limit: minute)", 1},
		{"server error", answering(500, `{"Title":"An error occurred","Detail":"An error occurred in Xero.","Status":500,"Instance":"abc"}`), remote.Unknown, 500, "", "An error occurred in Xero", 1},
		{"not made", answering(501, `{"Type":"ApiMethodNotImplementedException"}`), remote.Unknown, 501, "ApiMethodNotImplementedException", "", 1},
		{"gateway", answering(502, `<html><h1>Bad gateway</h1></html>`), remote.Unknown, 502, "", "Bad gateway", 1},
		{"maintenance", answering(503, `The Xero API is currently offline for maintenance`), remote.Unknown, 503, "", "offline for maintenance", 1},
		{"redirect", answering(307, ``, "Location", "https://example.com/"), remote.Unknown, 307, "", "temporary redirect", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := serveXero(t, tc.handler)
			c := s.client(t)
			before := 0
			call := Create(Invoices, docs(`{"Type":"ACCREC"}`), "k1")
			elements, err := c.Do(t.Context(), call, func() error { before++; return nil })
			if got := len(s.calls()); got != tc.wrote || before != tc.wrote {
				t.Errorf("sent %d times, announced %d times, want %d", got, before, tc.wrote)
			}
			for _, got := range s.calls() {
				if !strings.HasSuffix(got, ` k1 {"Invoices":[{"Type":"ACCREC"}]}`) || !strings.HasPrefix(got, "PUT /api.xro/2.0/Invoices?summarizeErrors=false&unitdp=4 token-") {
					t.Errorf("sent %s", got)
				}
			}
			if _, writes := c.Calls(); writes != tc.wrote {
				t.Errorf("counted %d writes", writes)
			}
			if tc.class == 0 {
				if err != nil || len(elements) != 1 || elements[0].ID != "046d8a6d-1ae1-4b4d-9340-5601bdf41b87" || elements[0].Status != "DRAFT" {
					t.Errorf("got %+v (%v)", elements, err)
				}
				return
			}
			var e *remote.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Class != tc.class || e.Status != tc.status || e.Code != tc.code || !strings.Contains(e.Error(), tc.message) || !e.Sent || e.API != "Xero" || e.Op != "PUT /api.xro/2.0/Invoices" {
				t.Errorf("got  %v: %+v\nwant %v, %d, %q, %q", e, *e, tc.class, tc.status, tc.code, tc.message)
			}
		})
	}
}

func TestAThrottledWriteSaysUntilWhen(t *testing.T) {
	t.Parallel()
	s := serveXero(t, answering(429, ``, "X-Rate-Limit-Problem", "day", "Retry-After", "73451", "Date", "Sat, 21 Nov 2026 10:00:00 GMT"))
	_, err := s.client(t).Do(t.Context(), Create(Invoices, docs(`{}`), "k"), nil)
	var e *remote.Error
	if !errors.As(err, &e) || e.RetryAfter != 73451*time.Second {
		t.Fatalf("got %v", err)
	}
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC).Add(73451 * time.Second)
	if e.Until.Before(at) || e.Until.After(at.Add(time.Minute)) {
		t.Errorf("until %s, want %s", e.Until, at)
	}
}

func TestATokenThatExpiredIsReplacedOnce(t *testing.T) {
	t.Parallel()
	s := serveXero(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer token-1" {
			answering(401, `{"Title":"Unauthorized","Status":401,"Detail":"TokenExpired: token expired at 08/12/2022 07:00:40"}`)(w, r)
			return
		}
		answering(200, `{"Invoices":[{"InvoiceID":"x"}]}`)(w, r)
	})
	c := s.client(t)
	var order []string
	elements, err := c.Do(t.Context(), Create(Invoices, docs(`{}`), "k"), func() error {
		order = append(order, fmt.Sprint("before after ", len(s.calls()), " calls"))
		return nil
	})
	if err != nil || len(elements) != 1 {
		t.Fatalf("got %+v (%v)", elements, err)
	}
	if want := []string{"before after 0 calls", "before after 1 calls"}; !slices.Equal(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
	want := []string{
		`PUT /api.xro/2.0/Invoices?summarizeErrors=false&unitdp=4 token-1 k {"Invoices":[{}]}`,
		`PUT /api.xro/2.0/Invoices?summarizeErrors=false&unitdp=4 token-2 k {"Invoices":[{}]}`,
	}
	if got := s.calls(); !slices.Equal(got, want) {
		t.Errorf("sent %q\nwant %q", got, want)
	}
}

func TestWhatStopsACallBeforeItIsSent(t *testing.T) {
	t.Parallel()
	gone := errors.New("the link exists by now")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	ok := Create(Invoices, docs(`{}`), "k")
	change := func(f func(*Call)) Call { c := ok; f(&c); return c }
	for _, tc := range []struct {
		name   string
		ctx    context.Context
		call   Call
		before func() error
		class  remote.Class
		cause  error
	}{
		{"the caller has second thoughts", nil, ok, func() error { return gone }, remote.Retry, gone},
		{"it is over", cancelled, ok, nil, remote.Retry, context.Canceled},
		{"too large", nil, Create(Invoices, docs(`"`+strings.Repeat("x", MaxBody)+`"`), "k"), nil, remote.BadRecord, nil},
		{"not JSON", nil, Create(Invoices, docs(`{`), "k"), nil, remote.BadConfig, nil},
		{"no key", nil, change(func(c *Call) { c.Key = "" }), nil, remote.BadConfig, nil},
		{"a long key", nil, change(func(c *Call) { c.Key = strings.Repeat("k", 129) }), nil, remote.BadConfig, nil},
		{"a key of two lines", nil, change(func(c *Call) { c.Key = "a\nb" }), nil, remote.BadConfig, nil},
		{"another path", nil, change(func(c *Call) { c.Path = "/api.xro/2.0/Journals" }), nil, remote.BadConfig, nil},
		{"beyond the API", nil, change(func(c *Call) { c.Path = "/connections" }), nil, remote.BadConfig, nil},
		{"another method", nil, change(func(c *Call) { c.Method = "DELETE" }), nil, remote.BadConfig, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := serveXero(t, answering(200, `{"Invoices":[{}]}`))
			ctx := tc.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			_, err := s.client(t).Do(ctx, tc.call, tc.before)
			var e *remote.Error
			if !errors.As(err, &e) || e.Sent || e.Class != tc.class || tc.cause != nil && !errors.Is(err, tc.cause) {
				t.Errorf("got %v", err)
			}
			if got := s.calls(); len(got) != 0 {
				t.Errorf("sent %q", got)
			}
		})
	}
}

func TestACallThatReachesNobodyWasNotSent(t *testing.T) {
	t.Parallel()
	s := serveXero(t, answering(200, `{}`))
	nobody := serveXero(t, answering(200, `{}`))
	nobody.Close()
	c, err := New(Options{APIURL: nobody.URL, IdentityURL: s.URL, ClientID: "app", ClientSecret: secret, TenantID: tenantID})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Do(t.Context(), Create(Invoices, docs(`{}`), "k"), nil)
	var e *remote.Error
	if !errors.As(err, &e) || e.Sent || e.Class != remote.Retry {
		t.Errorf("got %v", err)
	}
}

func TestAWriteCarriesWhatXeroWants(t *testing.T) {
	t.Parallel()
	s := serveXero(t, answering(200, `{"Invoices":[{}]}`))
	if _, err := s.client(t).Do(t.Context(), Create(Invoices, docs(`{}`), "k"), nil); err != nil {
		t.Fatal(err)
	}
	h := s.header(0)
	for name, want := range map[string]string{
		"Accept": "application/json", "Content-Type": "application/json", "Xero-Tenant-Id": tenantID, "Idempotency-Key": "k",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestAWriteToOneDocument(t *testing.T) {
	t.Parallel()
	s := serveXero(t, answering(200, `{"Payments":[{"PaymentID":"p","Status":"DELETED"}]}`))
	call := Call{Method: "POST", Path: "/api.xro/2.0/Payments/p", Query: url.Values{}, Body: json.RawMessage(`{"Status":"DELETED"}`), Key: "k"}
	elements, err := s.client(t).Do(t.Context(), call, nil)
	if err != nil || len(elements) != 1 || elements[0].ID != "p" || elements[0].Status != "DELETED" {
		t.Errorf("got %+v (%v)", elements, err)
	}
}

func TestAnErrorNamesTheRequestForXerosSupport(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"in the header", answering(500, `{"Instance":"i"}`, "Xero-Correlation-Id", "c"), "c"},
		{"in the body", answering(500, `{"instance":"i"}`), "i"},
		{"beside an answer that cannot be read", answering(200, `x`, "Xero-Correlation-Id", "c"), "c"},
	} {
		_, err := serveXero(t, tc.handler).client(t).Do(t.Context(), Create(Invoices, docs(`{}`), "k"), nil)
		var e *remote.Error
		if !errors.As(err, &e) || e.RequestID != tc.want {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}
