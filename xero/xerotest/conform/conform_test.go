package conform_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"sf2xero/xero/xerotest/conform"
)

// notes collects what a check reports.
type notes struct{ errors, logs []string }

func (n *notes) Helper() {}
func (n *notes) Errorf(format string, args ...any) {
	n.errors = append(n.errors, fmt.Sprintf(format, args...))
}
func (n *notes) Logf(format string, args ...any) {
	n.logs = append(n.logs, fmt.Sprintf(format, args...))
}

func TestCalls(t *testing.T) {
	if os.Getenv(conform.Env) == "" {
		n := &notes{}
		inner := http.NotFoundHandler()
		if conform.Handler(n, inner); len(n.logs) != 1 || !strings.Contains(n.logs[0], conform.Env) {
			t.Errorf("without the file the check does not say that it checks nothing: %q", n.logs)
		}
		t.Skipf("%s is not set", conform.Env)
	}
	id := "11111111-1111-1111-1111-111111111111"
	good := `{"Invoices":[{"Type":"ACCREC","Contact":{"ContactID":"` + id + `"},"Date":"2026-11-05","LineItems":[{"Description":"x","Quantity":1,"UnitAmount":1.10}]}]}`
	for name, tc := range map[string]struct {
		method, path, body string
		header             [2]string
		wrong              string
	}{
		"a good invoice":               {"PUT", "Invoices?summarizeErrors=false&unitdp=4", good, [2]string{}, ""},
		"a good list":                  {"GET", "Invoices?page=1&IDs=" + id + "," + id + "&order=InvoiceID", "", [2]string{"If-Modified-Since", "2026-11-05T10:00:00Z"}, ""},
		"an edit of a contact":         {"POST", "Contacts/" + id, `{"Contacts":[{"Name":"A"}]}`, [2]string{}, ""},
		"another service's address":    {"POST", "/connect/token", `x`, [2]string{}, ""},
		"an unknown property":          {"PUT", "Invoices", strings.Replace(good, "Description", "Descripton", 1), [2]string{}, "Descripton"},
		"an unknown property, deeper":  {"PUT", "Invoices", strings.Replace(good, `"ContactID"`, `"ContactId"`, 1), [2]string{}, "ContactId"},
		"a property that is read only": {"PUT", "Invoices", strings.Replace(good, `"Type"`, `"Total":1,"Type"`, 1), [2]string{}, "readOnly"},
		"an amount in quotes":          {"PUT", "Invoices", strings.Replace(good, "1.10", `"1.10"`, 1), [2]string{}, "UnitAmount"},
		"a bad enumeration":            {"PUT", "Invoices", strings.Replace(good, "ACCREC", "SALE", 1), [2]string{}, "Type"},
		"an id that is none":           {"PUT", "Invoices", strings.Replace(good, id, "x", 1), [2]string{}, "uuid"},
		"an id of the address":         {"GET", "Invoices/x", "", [2]string{}, "uuid"},
		"a list of ids that are none":  {"GET", "Invoices?IDs=x", "", [2]string{}, "uuid"},
		"a stamp without a zone":       {"GET", "Invoices", "", [2]string{"If-Modified-Since", "2026-11-05T10:00:00"}, "date-time"},
		"no tenant":                    {"GET", "Invoices", "", [2]string{"Xero-Tenant-Id", ""}, "xero-tenant-id"},
		"a key that is too long":       {"PUT", "Invoices", good, [2]string{"Idempotency-Key", strings.Repeat("k", 129)}, "129"},
		"an unknown address":           {"GET", "Nothing", "", [2]string{}, "no matching operation"},
		"a page that is no number":     {"GET", "Invoices?page=one", "", [2]string{}, "page"},
	} {
		n := &notes{}
		reached := ""
		h := conform.Handler(n, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := make([]byte, 10_000)
			size, _ := r.Body.Read(body)
			reached = string(body[:size])
			w.WriteHeader(http.StatusNotFound)
		}))
		path := tc.path
		if !strings.HasPrefix(path, "/") {
			path = "/api.xro/2.0/" + path
		}
		req := httptest.NewRequest(tc.method, "http://127.0.0.1:8080"+path, strings.NewReader(tc.body))
		req.Header.Set("Xero-Tenant-Id", id)
		req.Header.Set("Content-Type", "application/json")
		if tc.header[0] != "" {
			req.Header.Del(tc.header[0])
			if tc.header[1] != "" {
				req.Header.Set(tc.header[0], tc.header[1])
			}
		}
		h.ServeHTTP(httptest.NewRecorder(), req)
		if reached != tc.body {
			t.Errorf("%s: the body did not go on as it was: %q", name, reached)
		}
		switch {
		case tc.wrong == "" && len(n.errors) > 0:
			t.Errorf("%s is reported: %q", name, n.errors)
		case tc.wrong != "" && (len(n.errors) != 1 || !strings.Contains(n.errors[0], tc.wrong)):
			t.Errorf("%s is reported as %q", name, n.errors)
		}
	}
}

// roundTrip is an http.RoundTripper made of a handler.
type roundTrip struct{ http.Handler }

func (h roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Result(), nil
}

func TestAnswers(t *testing.T) {
	if os.Getenv(conform.Env) == "" {
		t.Skipf("%s is not set", conform.Env)
	}
	for name, tc := range map[string]struct {
		status     int
		kind, body string
		wrong      bool
	}{
		"good":                        {200, "application/json", `{"Invoices":[{"Type":"ACCREC","Total":1.00,"HasErrors":false,"Extra":1}],"Id":"x"}`, false},
		"an amount as text":           {200, "application/json", `{"Invoices":[{"Total":"1.00"}]}`, true},
		"a bad status":                {200, "application/json", `{"Invoices":[{"Status":"SENT"}]}`, true},
		"a list that is none":         {200, "application/json", `{"Invoices":{}}`, true},
		"an id that is none":          {200, "application/json", `{"Invoices":[{"InvoiceID":"x"}]}`, true},
		"XML":                         {200, "text/xml", `<a/>`, true},
		"a status nobody described":   {429, "text/html", ``, false},
		"not found":                   {404, "text/html", `no`, false},
		"a refusal that has no shape": {400, "application/json", `{"ErrorNumber":"ten"}`, true},
	} {
		n := &notes{}
		client := http.Client{Transport: conform.Transport(n, roundTrip{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", tc.kind)
			w.WriteHeader(tc.status)
			fmt.Fprint(w, tc.body)
		})})}
		req := httptest.NewRequest("PUT", "https://api.xero.com/api.xro/2.0/Invoices", strings.NewReader(`{"Invoices":[{"Type":"ACCREC"}]}`))
		req.RequestURI = ""
		req.Header.Set("Xero-Tenant-Id", "x")
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 1000)
		size, _ := res.Body.Read(got)
		if err := res.Body.Close(); err != nil || string(got[:size]) != tc.body || res.StatusCode != tc.status {
			t.Errorf("%s: the answer did not come through: %q %v", name, got[:size], err)
		}
		if wrong := len(n.errors) > 0; wrong != tc.wrong {
			t.Errorf("%s is reported as %q", name, n.errors)
		}
	}
}
