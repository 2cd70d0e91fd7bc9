package salesforcetest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sf2xero/salesforce/salesforcetest"
)

func (d *desk) hand(body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.org.Hand(w, httptest.NewRequest("POST", "/_emulator/hands", strings.NewReader(body)))
	return w
}

func TestPeopleActOverHTTPToo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	insert := func(body string) string {
		w := d.hand(body)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", body, w.Code, w.Body)
		}
		return decode[struct{ ID string }](t, w).ID
	}
	master, loser := insert(`{"do":"insert","object":"Account","fields":{"Name":"Master"}}`), insert(`{"do":"insert","object":"Account","fields":{"Name":"Loser"}}`)
	deal := insert(`{"do":"insert","object":"Opportunity","fields":{"Name":"Deal","AccountId":"` + loser + `","StageName":"Closed Won","CloseDate":"2026-11-21","Amount":84.915}}`)
	for _, tt := range []struct{ body, want string }{
		{`{"do":"merge_accounts","master":"` + master + `","losers":["` + loser + `"]}`, "{}"},
		{`{"do":"add_stage","name":"Signed","closed":true,"won":true,"probability":100}`, "{}"},
		{`{"do":"replace_stage","from":"Closed Won","to":"Signed"}`, `{"count":1}`},
		{`{"do":"rename_stage","from":"Signed","to":"Sealed"}`, `{"count":1}`},
		{`{"do":"enable_currencies","currencies":["USD"]}`, "{}"},
		{`{"do":"hide_field","object":"Account","field":"Phone"}`, "{}"},
		{`{"do":"lock_record","id":"` + deal + `"}`, "{}"},
		{`{"do":"update","object":"Opportunity","id":"` + deal + `","fields":{"NextStep":"an approver may"}}`, "{}"},
	} {
		if w := d.hand(tt.body); w.Code != 200 || strings.TrimSpace(w.Body.String()) != tt.want {
			t.Errorf("%s: %d %s", tt.body, w.Code, w.Body)
		}
	}
	r := d.query("SELECT AccountId, StageName, IsWon, CurrencyIsoCode, Amount, NextStep FROM Opportunity")
	if got := strings.Join([]string{r.column("AccountId"), r.column("StageName"), r.column("IsWon"), r.column("CurrencyIsoCode"), r.column("Amount"), r.column("NextStep")}, " "); got != master+" Sealed true NZD 84.915 an approver may" {
		t.Errorf("the deal: %s", got)
	}
	for body, want := range map[string]string{
		`{"do":"merge"}`:                                         "there are add_record_type, add_stage, ",
		`{"do":"delete","obejct":"Account"}`:                     "unknown field",
		`{"do":"delete","object":"Acount"}`:                      `"the org has no object Acount"`,
		`{"do":"undelete","object":"Account"}`:                   "there is no Account",
		`merge`:                                                  "cannot be read",
		`{"do":"merge_accounts","master":"x"}`:                   "Salesforce merges one or two at a time",
		`{"do":"enable_currencies","currencies":["US dollars"]}`: "is no currency code",
	} {
		if w := d.hand(body); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

func TestQueriesThatAreTooMuchForALargeOrg(t *testing.T) {
	t.Parallel()
	d := diary(t, salesforcetest.Options{}, "2026-01-01", "2026-02-01", "2026-03-01")
	if w := d.hand(`{"do":"slow_queries","object":"Opportunity","rows":2}`); w.Code != 200 {
		t.Fatal(w.Body)
	}
	if w := d.send("GET", queryPath("SELECT Id FROM Opportunity"), ""); w.Code != 400 || !strings.Contains(w.Body.String(), `"errorCode":"QUERY_TIMEOUT"`) {
		t.Errorf("all of them: %d %s", w.Code, w.Body)
	}
	if got := d.names("CloseDate < 2026-03-01"); got != "2026-01-01,2026-02-01" {
		t.Errorf("a narrower one: %s", got)
	}
	must(t, d.org.SlowQueries("Opportunity", -1))
	if got := d.query("SELECT Id FROM Opportunity").TotalSize; got != 3 {
		t.Errorf("taken back: %d", got)
	}
}

func TestSignInsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	id, secret, _ := d.org.Credentials()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}.Encode()
	d.org.RefuseSignIns("invalid_grant", "user is inactive")
	if w := d.send("POST", "/services/oauth2/token", form, "Content-Type", "application/x-www-form-urlencoded"); w.Code != 400 || w.Body.String() != `{"error":"invalid_grant","error_description":"user is inactive"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if d.query("SELECT Id FROM Organization").TotalSize != 1 {
		t.Error("an open session was ended")
	}
	d.org.RefuseSignIns("", "")
	d.signIn()
}
