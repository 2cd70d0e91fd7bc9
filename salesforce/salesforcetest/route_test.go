package salesforcetest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

func TestVersionsAndPaths(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	for path, code := range map[string]int{
		"/services/data": 200, "/services/data/": 200, "/services/data/v66.0": 200, "/services/data/v41.0/sobjects/": 200, "/services/data/v68.0/sobjects/account/describe/": 200,
		"/services/data/v30.0/sobjects": 410, "/services/data/v99.0/sobjects": 404, "/services/data/v66/sobjects": 404, "/services/data/66.0/sobjects": 404, "/services/data/vv66.0/sobjects": 404,
		"/services/data/v66.0/foo": 404, "/foo": 404, "/": 404, "/services/data/v66.0/limits/": 200,
	} {
		if w := d.send("GET", path, "{}"); w.Code != code {
			t.Errorf("%s: %d %.200s, want %d", path, w.Code, w.Body, code)
		}
	}
	w := d.send("GET", "/services/data/", "", "Authorization", "")
	var all []struct{ Label, URL, Version string }
	if err := json.Unmarshal(w.Body.Bytes(), &all); err != nil || all[len(all)-1].Version != "68.0" || all[len(all)-1].Label != "Winter '27" || all[len(all)-3].Label != "Spring '26" {
		t.Errorf("versions without signing in: %v %v", all, err)
	}
	if w.Header().Get("Sforce-Limit-Info") != "" {
		t.Error("the versions list counts as a call")
	}
}

func TestCallsAreCountedAndLimited(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{DailyLimit: 3})
	for i := range 3 {
		if got, want := d.send("GET", v+"/sobjects", "").Header().Get("Sforce-Limit-Info"), fmt.Sprintf("api-usage=%d/3", i+1); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	w := d.send("GET", v+"/sobjects", "")
	if w.Code != 403 || w.Body.String() != `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]` {
		t.Errorf("the fourth call: %d %s", w.Code, w.Body)
	}
	d.now = d.now.Add(25 * time.Hour)
	d.signIn()
	if got := d.send("GET", v+"/limits", "").Body.String(); !strings.Contains(got, `"DailyApiRequests":{"Max":3,"Remaining":2}`) {
		t.Errorf("a day later: %s", got)
	}
}

func TestDescribeTellsTypesAndRelationships(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	type describe struct {
		Name, KeyPrefix string
		Fields          []struct {
			Name, Type             string
			Length, Precision      int
			Scale                  int
			Updateable, Createable bool
			Nillable, Custom       bool
			ExternalID             bool `json:"externalId"`
			RelationshipName       *string
			ReferenceTo            []string
			PicklistValues         []struct{ Value string }
		}
		ChildRelationships []struct {
			ChildSObject, Field string
			RelationshipName    *string
		}
	}
	got := decode[describe](t, d.send("GET", v+"/sobjects/opportunity/describe", "{}"))
	have := map[string]string{}
	for _, f := range got.Fields {
		up := ""
		if f.RelationshipName != nil {
			up = *f.RelationshipName
		}
		have[f.Name] = fmt.Sprintf("%s(%d/%d.%d) %v %v %s", f.Type, f.Length, f.Precision, f.Scale, f.Createable, f.Updateable, up)
	}
	for name, want := range map[string]string{
		"Id": "id(18/0.0) false false ", "Name": "string(120/0.0) true true ", "Amount": "currency(0/18.2) true true ", "CloseDate": "date(0/0.0) true true ", "IsWon": "boolean(0/0.0) false false ",
		"AccountId": "reference(18/0.0) true true Account", "OwnerId": "reference(18/0.0) true true Owner", "SystemModstamp": "datetime(0/0.0) false false ", "PO_Number__c": "string(255/0.0) true true ",
		"Xero_Invoice_Id__c": "string(36/0.0) true true ", "Xero_Invoice_Number__c": "string(255/0.0) true true ", "Xero_Status__c": "string(20/0.0) true true ", "Xero_Total__c": "currency(0/18.2) true true ",
		"Xero_Amount_Due__c": "currency(0/18.2) true true ", "Xero_Amount_Paid__c": "currency(0/18.2) true true ", "Xero_Fully_Paid_On__c": "date(0/0.0) true true ", "Xero_Sync_Error__c": "textarea(32768/0.0) true true ",
	} {
		if have[name] != want {
			t.Errorf("%s: got %q, want %q", name, have[name], want)
		}
	}
	if _, there := have["CurrencyIsoCode"]; there {
		t.Error("an org with one currency has CurrencyIsoCode")
	}
	lines := false
	for _, c := range got.ChildRelationships {
		lines = lines || c.RelationshipName != nil && *c.RelationshipName == "OpportunityLineItems" && c.ChildSObject == "OpportunityLineItem" && c.Field == "OpportunityId"
	}
	if !lines {
		t.Error("OpportunityLineItems is not among the child relationships")
	}
	global := decode[struct{ Sobjects []struct{ Name string } }](t, d.send("GET", v+"/sobjects", "{}"))
	var names []string
	for _, s := range global.Sobjects {
		names = append(names, s.Name)
	}
	if got, want := strings.Join(names, ","), "Account,Contact,Contract,Opportunity,OpportunityContactRole,OpportunityLineItem,OpportunityStage,Order,OrderItem,Organization,Pricebook2,PricebookEntry,Product2,Profile,Quote,QuoteLineItem,RecordType,User,UserRole"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if w := d.send("GET", v+"/sobjects/Account/describe", "", "If-Modified-Since", firstDay.Format(http.TimeFormat)); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("an unchanged describe: %d", w.Code)
	}
	d.now = d.now.Add(time.Minute)
	if err := d.org.HideField("Account", "Phone"); err != nil {
		t.Fatal(err)
	}
	if w := d.send("GET", v+"/sobjects/Account/describe", "", "If-Modified-Since", firstDay.Format(http.TimeFormat)); w.Code != 200 {
		t.Errorf("a changed describe: %d", w.Code)
	}
}

func TestACompressedBodyIsRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(`{"Name":"Zip Ltd"}`))
	z.Close()
	if w := d.send("POST", v+"/sobjects/Account", b.String(), "content-encoding", "gzip"); w.Code != 201 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := d.send("GET", v+"/limits", "", "content-encoding", "gzip"); w.Code != 200 {
		t.Errorf("a GET that announces gzip and has no body: %d %s", w.Code, w.Body)
	}
	if w := d.send("POST", v+"/sobjects/Account", "\x1f\x8bbroken", "content-encoding", "gzip"); w.Code != 400 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestIdsAreTheSameInEveryRun(t *testing.T) {
	t.Parallel()
	one, two := newDesk(t, salesforcetest.Options{Seed: "x"}), newDesk(t, salesforcetest.Options{Seed: "x"})
	other := newDesk(t, salesforcetest.Options{Seed: "y"})
	fields := map[string]any{"Name": "A"}
	a, b, c := one.insert("Account", fields), two.insert("Account", fields), other.insert("Account", fields)
	if a != b || a == c || len(a) != 18 || one.token != two.token || one.org.OrgID() == other.org.OrgID() {
		t.Errorf("%s %s %s", a, b, c)
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	srv := httptest.NewServer(d.org)
	defer srv.Close()
	req, err := http.NewRequest("HEAD", srv.URL+v+"/sobjects/Account/describe", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "OAuth "+d.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || resp.ContentLength < 1000 {
		t.Errorf("%d, %d bytes", resp.StatusCode, resp.ContentLength)
	}
}
