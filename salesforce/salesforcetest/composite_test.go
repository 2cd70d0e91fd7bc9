package salesforcetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sf2xero/salesforce/salesforcetest"
)

type subanswer struct {
	Body           json.RawMessage
	HTTPHeaders    map[string]string
	HTTPStatusCode int
	ReferenceID    *string
}

func (d *desk) composite(allOrNone bool, subs ...string) []subanswer {
	d.t.Helper()
	w := d.send("POST", v+"/composite", fmt.Sprintf(`{"allOrNone":%v,"compositeRequest":[%s]}`, allOrNone, strings.Join(subs, ",")))
	if w.Code != http.StatusOK {
		d.t.Fatalf("composite: %d %s", w.Code, w.Body)
	}
	return decode[struct{ CompositeResponse []subanswer }](d.t, w).CompositeResponse
}

func get(name, url string) string {
	return fmt.Sprintf(`{"method":"GET","referenceId":"%s","url":"%s"}`, name, url)
}

func TestCompositeAnswersEachOnItsOwn(t *testing.T) {
	t.Parallel()
	d := warehouse(t, 250, 0, 0)
	before := d.org.Calls()
	first := d.composite(false,
		`{"method":"GET","referenceId":"q","url":"`+v+`/query?q=SELECT+Id+FROM+Opportunity","httpHeaders":{"Sforce-Query-Options":"batchSize=200"}}`,
		get("all", v+"/queryAll/?q=SELECT+COUNT()+FROM+Opportunity"),
		get("d", v+"/sobjects/Opportunity/describe"),
		get("bad", v+"/query?q=SELECT+Foo+FROM+Account"),
		get("space", v+"/query?q=SELECT Id FROM Account"),
		get("limits", v+"/limits"),
		get("old", "/query?q=SELECT+Id+FROM+Account"),
		get("nested", v+"/composite"),
		`{"method":"POST","referenceId":"new","url":"`+v+`/sobjects/Account","body":{"Name":"N"}}`,
		get("ref", v+"/sobjects/Account/@{new.id}?fields=Name"),
		`{"method":"PATCH","referenceId":"up","url":"`+v+`/composite/sobjects","body":{"records":[{"attributes":{"type":"Account"},"id":"@{new.id}","Phone":"@{ref.Name}"},{"attributes":{"type":"Account"},"id":"001000000000000AAA"}]}}`,
		get("onbad", v+"/sobjects/Account/@{bad.Id}"),
		get("nothere", v+"/sobjects/Account/@{new.foo}"),
	)
	if calls := d.org.Calls() - before; calls != 1 {
		t.Errorf("one composite request counted as %d calls", calls)
	}
	want := []struct {
		status int
		text   string
	}{
		{200, `"nextRecordsUrl":"/services/data/v66.0/query/01g`}, {200, `{"totalSize":250,"done":true,"records":[]}`}, {200, `"name":"Opportunity"`}, {400, "INVALID_FIELD"},
		{400, "Illegal character in query at index"}, {404, "NOT_FOUND"}, {404, "NOT_FOUND"}, {404, "NOT_FOUND"}, {201, `"success":true`}, {200, `"Name":"N"`}, {200, `"success":false`},
		{400, "PROCESSING_HALTED"}, {400, "Invalid reference specified. No value for new.foo found in new."},
	}
	for i, sub := range first {
		if sub.HTTPStatusCode != want[i].status || !strings.Contains(string(sub.Body), want[i].text) {
			t.Errorf("%s: got %d %.300s, want %d …%s…", *sub.ReferenceID, sub.HTTPStatusCode, sub.Body, want[i].status, want[i].text)
		}
	}
	if first[8].HTTPHeaders["Location"] == "" {
		t.Error("a created record has no Location")
	}
	var page result
	if err := json.Unmarshal(first[0].Body, &page); err != nil {
		t.Fatal(err)
	}
	second := d.composite(false, get("more", page.NextRecordsURL))
	if err := json.Unmarshal(second[0].Body, &page); err != nil || len(page.Records) != 50 {
		t.Errorf("second page inside composite: %d rows, %v", len(page.Records), err)
	}
	if r := d.query("SELECT Phone FROM Account WHERE Name = 'N'"); r.column("Phone") != "N" {
		t.Errorf("the reference became %q", r.column("Phone"))
	}
}

func TestCompositeLimits(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	several := func(n int, url string) []string {
		var subs []string
		for i := range n {
			subs = append(subs, get(fmt.Sprintf("r%d", i), url))
		}
		return subs
	}
	tests := []struct {
		name string
		subs []string
		want string
	}{
		{"26 subrequests", several(26, v+"/sobjects/Account/describe"), "The request can’t contain more than 25 operations."},
		{"6 queries", several(6, v+"/query?q=SELECT+Id+FROM+Account"), "can’t contain more than 5 query or sObject Collections operations"},
		{"5 queries and a locator", append(several(5, v+"/query?q=SELECT+Id+FROM+Account"), get("l", v+"/query/01gDn0000000001-200")), "can’t contain more than 5 query or sObject Collections operations"},
		{"the same name twice", append(several(1, v+"/sobjects"), several(1, v+"/sobjects")...), "Duplicate ReferenceId"},
		{"a name with a hyphen", []string{get("a-b", v+"/sobjects")}, "must start with a letter"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &desk{t: t, org: d.org, token: d.token}
			subs := d.composite(false, tt.subs...)
			if len(subs) != 1 || subs[0].HTTPStatusCode != 400 || subs[0].ReferenceID != nil || !strings.Contains(string(subs[0].Body), tt.want) {
				t.Errorf("got %d answers, first %d %s", len(subs), subs[0].HTTPStatusCode, subs[0].Body)
			}
		})
	}
	if subs := d.composite(false, append(several(20, v+"/sobjects/Account/describe"), get("a1", v+"/query?q=SELECT+Id+FROM+Account"), get("a2", v+"/query?q=SELECT+Id+FROM+Account"), get("a3", v+"/query?q=SELECT+Id+FROM+Account"), get("a4", v+"/query?q=SELECT+Id+FROM+Account"), get("a5", v+"/query?q=SELECT+Id+FROM+Account"))...); len(subs) != 25 {
		t.Errorf("25 subrequests, 5 of them queries: %d answers", len(subs))
	}
	for name, body := range map[string]string{"empty": `{}`, "no JSON": `x`} {
		if w := d.send("POST", v+"/composite", body); w.Code != 400 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestACompositeRequestAllOrNoneIsTakenBackWhole(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	prod := d.insert("Product2", map[string]any{"Name": "P"})
	deal := d.insert("Opportunity", map[string]any{"Name": "D", "StageName": "Closed Won", "CloseDate": "2026-11-21", "Amount": 7})
	before := fmt.Sprint(d.org.Rows("Opportunity"), d.org.Rows("Account"), d.org.Rows("OpportunityLineItem"))
	subs := d.composite(true,
		`{"method":"POST","referenceId":"a","url":"`+v+`/sobjects/Account","body":{"Name":"N"}}`,
		`{"method":"PATCH","referenceId":"b","url":"`+v+`/sobjects/Opportunity/`+deal+`","body":{"AccountId":"@{a.id}","Name":"E"}}`,
		`{"method":"POST","referenceId":"c","url":"`+v+`/sobjects/OpportunityLineItem","body":{"OpportunityId":"`+deal+`","Product2Id":"`+prod+`","Quantity":2,"UnitPrice":5}}`,
		`{"method":"PATCH","referenceId":"d","url":"`+v+`/composite/sobjects","body":{"allOrNone":false,"records":[{"attributes":{"type":"Opportunity"},"id":"`+deal+`","Name":"F"},{"attributes":{"type":"Opportunity"},"id":"`+deal[:14]+`9","Name":"G"}]}}`,
		get("e", v+"/sobjects/Account/describe"),
	)
	for i, want := range []string{"PROCESSING_HALTED", "PROCESSING_HALTED", "PROCESSING_HALTED", "INVALID_CROSS_REFERENCE_KEY", "PROCESSING_HALTED"} {
		if !strings.Contains(string(subs[i].Body), want) {
			t.Errorf("answer %d: %s, want %s", i, subs[i].Body, want)
		}
	}
	if after := fmt.Sprint(d.org.Rows("Opportunity"), d.org.Rows("Account"), d.org.Rows("OpportunityLineItem")); after != before {
		t.Errorf("something stayed:\n%s\n%s", before, after)
	}
	if got := d.query("SELECT Id FROM Opportunity WHERE AccountId != null").column("Id"); got != "" {
		t.Errorf("an index still finds %s", got)
	}
}
