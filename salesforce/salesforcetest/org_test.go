package salesforcetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

// A desk is an org with a signed-in client beside it.
type desk struct {
	t     testing.TB
	org   *salesforcetest.Org
	token string
	now   time.Time
}

var firstDay = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

func newDesk(t testing.TB, opt salesforcetest.Options) *desk {
	t.Helper()
	d := &desk{t: t, now: firstDay}
	if opt.Now == nil {
		opt.Now = func() time.Time { return d.now }
	}
	d.org = salesforcetest.New(opt)
	d.signIn()
	return d
}

func (d *desk) signIn() {
	d.t.Helper()
	id, secret, _ := d.org.Credentials()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	w := d.send("POST", "/services/oauth2/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	var tok struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &tok); err != nil || w.Code != 200 {
		d.t.Fatalf("sign in: %d %s", w.Code, w.Body)
	}
	d.token = tok.AccessToken
}

func (d *desk) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://acme.my.salesforce.com"+path, strings.NewReader(body))
	if d.token != "" {
		r.Header.Set("Authorization", "Bearer "+d.token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.org.ServeHTTP(w, r)
	return w
}

const v = "/services/data/v66.0"

func queryPath(soql string) string { return v + "/query?q=" + url.QueryEscape(soql) }

type result struct {
	TotalSize      int
	Done           bool
	NextRecordsURL string `json:"nextRecordsUrl"`
	Records        []map[string]any
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var out T
	dec := json.NewDecoder(w.Body)
	dec.UseNumber()
	if err := dec.Decode(&out); err != nil {
		t.Fatalf("answer %d is no JSON: %v: %s", w.Code, err, w.Body)
	}
	return out
}

func (d *desk) query(soql string) result {
	d.t.Helper()
	w := d.send("GET", queryPath(soql), "")
	if w.Code != http.StatusOK {
		d.t.Fatalf("%s: %d %s", soql, w.Code, w.Body)
	}
	return decode[result](d.t, w)
}

func (d *desk) insert(object string, fields map[string]any) string {
	d.t.Helper()
	id, err := d.org.Insert(object, fields)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// names joins one field of the rows found.
func (r result) column(path ...string) string {
	var all []string
	for _, rec := range r.Records {
		var v any = rec
		for _, p := range path {
			m, ok := v.(map[string]any)
			if !ok {
				v = nil
				break
			}
			v = m[p]
		}
		all = append(all, fmt.Sprint(v))
	}
	return strings.Join(all, ",")
}

func TestADealIsReadWithItsAccountAndItsLines(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	acc := d.insert("Account", map[string]any{"Name": "Acme", "BillingCountry": "New Zealand"})
	prod := d.insert("Product2", map[string]any{"Name": "Licence", "ProductCode": "LIC", "Family": "Licences"})
	deal := d.insert("Opportunity", map[string]any{"Name": "Big", "AccountId": acc, "StageName": "Closed Won", "CloseDate": "2026-11-20"})
	d.insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": prod, "Quantity": 2, "UnitPrice": 10, "Discount": 10, "SortOrder": 2})
	d.insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": prod, "Quantity": 1, "UnitPrice": json.Number("15000000"), "SortOrder": 1})
	w := d.send("GET", queryPath("select id, name, Amount, iswon, CloseDate, SystemModstamp, account.name, Account.BillingCountry, (SELECT Quantity, UnitPrice, TotalPrice, Product2.Family FROM OpportunityLineItems ORDER BY SortOrder) FROM opportunity WHERE IsWon = true"), "{}")
	want := `{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Opportunity","url":"/services/data/v66.0/sobjects/Opportunity/` + deal + `"},"Id":"` + deal +
		`","Name":"Big","Amount":1.5000018E7,"IsWon":true,"CloseDate":"2026-11-20","SystemModstamp":"2026-11-21T10:00:00.000+0000",` +
		`"Account":{"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/` + acc + `"},"Name":"Acme","BillingCountry":"New Zealand"},` +
		`"OpportunityLineItems":{"totalSize":2,"done":true,"records":[`
	if got := w.Body.String(); !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s…", got, want)
	}
	if got := d.query("SELECT Quantity, UnitPrice, TotalPrice, Opportunity.Account.Name FROM OpportunityLineItem ORDER BY SortOrder DESC"); got.column("TotalPrice") != "18.0,1.5E7" || got.column("Opportunity", "Account", "Name") != "Acme,Acme" {
		t.Errorf("lines: %v", got)
	}
}
