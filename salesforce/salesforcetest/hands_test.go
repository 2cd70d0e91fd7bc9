package salesforcetest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/salesforce/salesforcetest"
)

// deal shows a deal as the API does, in one line.
func (d *desk) deal(id string) string {
	d.t.Helper()
	w := d.send("GET", v+"/sobjects/Opportunity/"+id+"?fields=Amount,HasOpportunityLineItem,IsWon,IsClosed,SystemModstamp", "")
	_, fields, _ := strings.Cut(w.Body.String(), `"},`)
	fields = strings.ReplaceAll(fields, `"`, "")
	return strings.NewReplacer("HasOpportunityLineItem", "Lines", "SystemModstamp:2026-11-21T", "", ".000+0000}", "").Replace(fields)
}

func TestADealFollowsItsLinesAndItsStage(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	prod := d.insert("Product2", map[string]any{"Name": "Licence", "ProductCode": "LIC"})
	deal := d.insert("Opportunity", map[string]any{"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-11-21", "Amount": 5})
	var one, two string
	steps := []struct {
		name string
		do   func() error
		want string
	}{
		{"as made", func() error { return nil }, "Amount:5.0,Lines:false,IsWon:false,IsClosed:false,10:01:00"},
		{"its amount is its own", func() error { return d.org.Update("Opportunity", deal, map[string]any{"Amount": 6}) }, "Amount:6.0,Lines:false,IsWon:false,IsClosed:false,10:02:00"},
		{"a line comes", func() (err error) {
			one, err = d.org.Insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": prod, "Quantity": 3, "UnitPrice": json.Number("33.335"), "Discount": 10})
			return err
		}, "Amount:90.0045,Lines:true,IsWon:false,IsClosed:false,10:03:00"},
		{"a free line comes", func() (err error) {
			two, err = d.org.Insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": prod, "Quantity": 1, "UnitPrice": 0})
			return err
		}, "Amount:90.0045,Lines:true,IsWon:false,IsClosed:false,10:04:00"},
		{"a write to the amount is ignored", func() error { return d.org.Update("Opportunity", deal, map[string]any{"Amount": 1}) }, "Amount:90.0045,Lines:true,IsWon:false,IsClosed:false,10:05:00"},
		{"through the API as well", func() error {
			d.send("PATCH", v+"/sobjects/Opportunity/"+deal, `{"Amount":1}`)
			return nil
		}, "Amount:90.0045,Lines:true,IsWon:false,IsClosed:false,10:06:00"},
		{"a line's text changes, the deal's stamp does not", func() error {
			return d.org.Update("OpportunityLineItem", two, map[string]any{"Description": "free"})
		}, "Amount:90.0045,Lines:true,IsWon:false,IsClosed:false,10:06:00"},
		{"a line's price changes", func() error {
			return d.org.Update("OpportunityLineItem", two, map[string]any{"UnitPrice": decimal.RequireFromString("0.01")})
		}, "Amount:90.0145,Lines:true,IsWon:false,IsClosed:false,10:08:00"},
		{"won", func() error {
			return d.org.Update("Opportunity", deal, map[string]any{"StageName": "Closed Won"})
		}, "Amount:90.0145,Lines:true,IsWon:true,IsClosed:true,10:09:00"},
		{"a line goes", func() error { return d.org.Delete("OpportunityLineItem", one) }, "Amount:0.01,Lines:true,IsWon:true,IsClosed:true,10:10:00"},
		{"the last line goes, the amount stays", func() error { return d.org.Delete("OpportunityLineItem", two) }, "Amount:0.01,Lines:false,IsWon:true,IsClosed:true,10:11:00"},
		{"a line comes back", func() error { return d.org.Undelete("OpportunityLineItem", one) }, "Amount:90.0045,Lines:true,IsWon:true,IsClosed:true,10:12:00"},
		{"lost", func() error {
			return d.org.Update("Opportunity", deal, map[string]any{"StageName": "Closed Lost"})
		}, "Amount:90.0045,Lines:true,IsWon:false,IsClosed:true,10:13:00"},
		{"a stage of the company's own, made a won one by hand", func() error {
			return d.org.Update("Opportunity", deal, map[string]any{"StageName": "Signed", "IsWon": true})
		}, "Amount:90.0045,Lines:true,IsWon:true,IsClosed:true,10:14:00"},
	}
	for i, s := range steps {
		if d.now = firstDay.Add(time.Duration(i+1) * time.Minute); i == 0 {
			d.now = firstDay.Add(time.Minute)
			if err := d.org.Touch("Opportunity", deal); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.do(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if got := d.deal(deal); got != s.want {
			t.Errorf("%s:\ngot  %s\nwant %s", s.name, got, s.want)
		}
	}
	line, _ := d.org.Get("OpportunityLineItem", one)
	if line["Name"] != "Deal Licence" || line["ProductCode"] != "LIC" || fmt.Sprint(line["TotalPrice"], line["Subtotal"]) != "90.0045 100.005" {
		t.Errorf("line: %v %v %v %v", line["Name"], line["ProductCode"], line["TotalPrice"], line["Subtotal"])
	}
}

func TestAChangeByHandIsSeenLaterThanItsStampSays(t *testing.T) {
	t.Parallel()
	delay := 5 * time.Minute
	d := newDesk(t, salesforcetest.Options{Visible: func(object, id string) time.Duration {
		if object == "Opportunity" {
			return delay
		}
		return 0
	}})
	a := d.insert("Account", map[string]any{"Name": "A"})
	b := d.insert("Account", map[string]any{"Name": "B"})
	deal := d.insert("Opportunity", map[string]any{"Name": "old", "AccountId": a, "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	names := func() string { return d.query("SELECT Name FROM Opportunity").column("Name") }
	if got := names(); got != "" {
		t.Fatalf("a deal not committed yet is seen: %s", got)
	}
	if w := d.send("GET", v+"/sobjects/Opportunity/"+deal, ""); w.Code != 404 {
		t.Errorf("and read: %d", w.Code)
	}
	if rows := d.org.Rows("Opportunity"); len(rows) != 1 {
		t.Errorf("hands see it at once, got %v", rows)
	}
	window := v + "/sobjects/Opportunity/updated?start=2026-11-21T09:00:00Z&end=2026-11-21T12:00:00%2B00:00"
	if got := d.send("GET", window, "").Body.String(); got != `{"ids":[],"latestDateCovered":"2026-11-21T10:00:00.000+0000"}` {
		t.Errorf("updated, before the commit: %s", got)
	}
	d.now = firstDay.Add(5 * time.Minute)
	r := d.query("SELECT Name, SystemModstamp FROM Opportunity WHERE SystemModstamp < 2026-11-21T10:01:00Z")
	if r.column("Name") != "old" || r.column("SystemModstamp") != "2026-11-21T10:00:00.000+0000" {
		t.Errorf("after the commit: %v", r)
	}
	if got := d.send("GET", window, "").Body.String(); got != `{"ids":["`+deal+`"],"latestDateCovered":"2026-11-21T10:05:00.000+0000"}` {
		t.Errorf("updated, after the commit: %s", got)
	}
	if err := d.org.Update("Opportunity", deal, map[string]any{"Name": "new", "AccountId": b}); err != nil {
		t.Fatal(err)
	}
	delay = 0
	if err := d.org.Update("Opportunity", deal, map[string]any{"NextStep": "quick"}); err != nil {
		t.Fatal(err)
	}
	under := func(acc string) string {
		return d.query("SELECT Name FROM Opportunity WHERE AccountId = '" + acc + "'").column("Name")
	}
	if names() != "old" || under(a) != "old" || under(b) != "" {
		t.Errorf("a later change was seen before the one it builds on: %s, %s, %s", names(), under(a), under(b))
	}
	if r := d.query("SELECT Id, (SELECT Name FROM Opportunities) FROM Account ORDER BY Name"); r.column("Opportunities", "totalSize") != "1,<nil>" {
		t.Errorf("below the accounts: %s", r.column("Opportunities", "totalSize"))
	}
	d.now = firstDay.Add(10 * time.Minute)
	if names() != "new" || under(a) != "" || under(b) != "new" {
		t.Errorf("after both commits: %s, %s, %s", names(), under(a), under(b))
	}
	delay = time.Hour
	if err := d.org.Update("Opportunity", deal, map[string]any{"NextStep": "slow"}); err != nil {
		t.Fatal(err)
	}
	d.send("PATCH", v+"/sobjects/Opportunity/"+deal, `{"Name":"by API"}`)
	if names() != "by API" {
		t.Errorf("an answered API write is not seen: %s", names())
	}
}

func TestPermissionsTakenAway(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	acc := d.insert("Account", map[string]any{"Name": "Acme", "Region__c": "North"})
	prod := d.insert("Product2", map[string]any{"Name": "P"})
	deal := d.insert("Opportunity", map[string]any{"Name": "Deal", "AccountId": acc, "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	d.insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": prod, "Quantity": 1, "UnitPrice": 1})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(method, path, body, want string) {
		t.Helper()
		if w := d.send(method, path, body); w.Code < 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s %s: %d %s, want %s", method, path, w.Code, w.Body, want)
		}
	}
	must(d.org.HideField("Account", "region__c"))
	refused("GET", queryPath("SELECT Region__c FROM Account"), "", "INVALID_FIELD")
	refused("GET", queryPath("SELECT Account.Region__c FROM Opportunity"), "", "No such column 'Region__c' on entity 'Account'")
	refused("PATCH", v+"/sobjects/Account/"+acc, `{"Region__c":"South"}`, "No such column 'Region__c' on sobject of type Account")
	for _, path := range []string{"/sobjects/Account/describe", "/sobjects/Account/" + acc} {
		if got := d.send("GET", v+path, "").Body.String(); strings.Contains(got, "Region__c") {
			t.Errorf("%s shows the hidden field", path)
		}
	}
	must(d.org.FreezeField("Account", "Region__c"))
	refused("PATCH", v+"/sobjects/Account/"+acc, `{"Region__c":"South"}`, `"errorCode":"INVALID_FIELD_FOR_INSERT_UPDATE","fields":["Region__c"]`)
	if got := d.query("SELECT Region__c FROM Account").column("Region__c"); got != "North" {
		t.Errorf("a field that may only be read reads %q", got)
	}
	must(d.org.GrantField("Account", "Region__c"))
	if w := d.send("PATCH", v+"/sobjects/Account/"+acc, `{"Region__c":"South"}`); w.Code != 204 {
		t.Errorf("granted again: %d %s", w.Code, w.Body)
	}

	must(d.org.HideRecord(acc))
	if r := d.query("SELECT Name, Account.Name, AccountId FROM Opportunity"); r.column("Account") != "<nil>" || r.column("AccountId") != acc {
		t.Errorf("a parent that is not shared: %v", r)
	}
	must(d.org.HideRecord(deal))
	for _, soql := range []string{"SELECT Id FROM Opportunity", "SELECT Id FROM OpportunityLineItem", "SELECT Id FROM Opportunity WHERE Id = '" + deal + "'", "SELECT Id FROM Account"} {
		if r := d.query(soql); r.TotalSize != 0 {
			t.Errorf("%s finds what is not shared", soql)
		}
	}
	refused("GET", v+"/sobjects/Opportunity/"+deal, "", "NOT_FOUND")
	must(d.org.ShowRecord(deal))
	if r := d.query("SELECT (SELECT Id FROM OpportunityLineItems) FROM Opportunity"); r.column("OpportunityLineItems", "totalSize") != "1" {
		t.Errorf("shared again: %v", r)
	}

	must(d.org.LockRecord(deal))
	refused("PATCH", v+"/sobjects/Opportunity/"+deal, `{"NextStep":"x"}`, "ENTITY_IS_LOCKED")
	refused("DELETE", v+"/sobjects/Opportunity/"+deal, "", "ENTITY_IS_LOCKED")
	must(d.org.Update("Opportunity", deal, map[string]any{"NextStep": "an approver may"}))
	must(d.org.UnlockRecord(deal))
	if w := d.send("PATCH", v+"/sobjects/Opportunity/"+deal, `{"NextStep":"x"}`); w.Code != 204 {
		t.Errorf("unlocked: %d %s", w.Code, w.Body)
	}
}

func TestAnAdminAddsFields(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	a := d.insert("Account", map[string]any{"Name": "A"})
	specs := []salesforcetest.FieldSpec{
		{Name: "Rep__c", Type: "reference", ReferenceTo: "Contact", ChildRelationship: "Repped__r"}, {Name: "Ok__c", Type: "boolean"}, {Name: "Code__c", Type: "string", Length: 5, Unique: true},
		{Name: "Tier__c", Type: "picklist", Restricted: true, Picklist: []string{"Gold", "Tin"}}, {Name: "Sum__c", Type: "currency", ReadOnly: true}, {Name: "Secret__c", Type: "date", Hidden: true},
	}
	for _, s := range specs {
		if err := d.org.AddField("Account", s); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []salesforcetest.FieldSpec{{Name: "Ok__c", Type: "boolean"}, {Name: "x y", Type: "date"}, {Name: "Foo__c", Type: "colour"}, {Name: "Foo__c", Type: "reference", ReferenceTo: "Nothing"}} {
		if d.org.AddField("Account", s) == nil {
			t.Errorf("%+v was taken", s)
		}
	}
	con := d.insert("Contact", map[string]any{"FirstName": "Jo", "LastName": "Doe"})
	if err := d.org.Update("Account", a, map[string]any{"Rep__c": con, "Code__c": "ab", "Sum__c": 3}); err != nil {
		t.Fatal(err)
	}
	r := d.query("SELECT Rep__r.Name, Ok__c, Sum__c FROM Account WHERE Rep__r.Name = 'jo doe' AND Ok__c = false")
	if r.column("Rep__r", "Name")+r.column("Ok__c")+r.column("Sum__c") != "Jo Doefalse3.0" {
		t.Errorf("got %v", r)
	}
	if r := d.query("SELECT (SELECT Name FROM Repped__r) FROM Contact"); r.column("Repped__r", "totalSize") != "1" {
		t.Errorf("got %v", r)
	}
	for body, want := range map[string]string{
		`{"Name":"B","Code__c":"AB"}`: "duplicate value found: Code__c duplicates value on record with id: " + a, `{"Name":"B","Tier__c":"Iron"}`: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
		`{"Name":"B","Code__c":"123456"}`: "STRING_TOO_LONG", `{"Name":"B","Sum__c":1}`: "INVALID_FIELD_FOR_INSERT_UPDATE", `{"Name":"B","Secret__c":"2026-11-21"}`: "No such column",
	} {
		if w := d.send("POST", v+"/sobjects/Account", body); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", body, w.Code, w.Body, want)
		}
	}
}

func TestMergedAccountsHandOverWhatHangsOnThem(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	win := d.insert("Account", map[string]any{"Name": "Winner"})
	lose := d.insert("Account", map[string]any{"Name": "Loser"})
	deal := d.insert("Opportunity", map[string]any{"Name": "Deal", "AccountId": lose, "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	d.now = d.now.Add(time.Hour)
	if err := d.org.Merge("Account", win, lose); err != nil {
		t.Fatal(err)
	}
	r := d.query("SELECT Account.Name, SystemModstamp FROM Opportunity WHERE AccountId = '" + win + "'")
	if r.column("Account", "Name") != "Winner" || r.column("SystemModstamp") != "2026-11-21T10:00:00.000+0000" {
		t.Errorf("the deal: %v", r)
	}
	all := decode[result](t, d.send("GET", v+"/queryAll?q=SELECT+Name,MasterRecordId,IsDeleted,SystemModstamp+FROM+Account+ORDER+BY+Name", ""))
	if all.column("MasterRecordId") != win+",<nil>" || all.column("IsDeleted") != "true,false" || all.column("SystemModstamp") != "2026-11-21T11:00:00.000+0000,2026-11-21T11:00:00.000+0000" {
		t.Errorf("the accounts: %v", all)
	}
	if d.org.Merge("Account", win, lose) == nil || d.org.Merge("Opportunity", deal, deal) == nil {
		t.Error("impossible merges were done")
	}
}

func TestDeletedRecordsAreListed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	a := d.insert("Account", map[string]any{"Name": "A"})
	c := d.insert("Contact", map[string]any{"LastName": "C", "AccountId": a})
	d.now = d.now.Add(time.Hour)
	if err := d.org.Delete("Account", a); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(time.Minute)
	for object, id := range map[string]string{"Account": a, "Contact": c} {
		got := d.send("GET", v+"/sobjects/"+object+"/deleted/?start=2026-11-21T10:00:59Z&end=2026-11-21T11:30:00Z", "").Body.String()
		want := `{"deletedRecords":[{"id":"` + id + `","deletedDate":"2026-11-21T11:00:00.000+0000"}],"earliestDateAvailable":"2026-11-06T11:01:00.000+0000","latestDateCovered":"2026-11-21T11:01:00.000+0000"}`
		if got != want {
			t.Errorf("%s: %s", object, got)
		}
	}
	for query, want := range map[string]string{
		"start=2026-11-21T11:00:00Z&end=2026-11-21T11:00:30Z": "INVALID_REPLICATION_DATE", // seconds are dropped
		"start=2026-11-01T11:00:00Z&end=2026-11-21T11:00:30Z": "INVALID_REPLICATION_DATE",
		"start=2026-11-22T11:00:00Z&end=2026-11-23T11:00:30Z": "INVALID_REPLICATION_DATE",
		"start=yesterday&end=2026-11-23T11:00:30Z":            "MISSING_ARGUMENT",
	} {
		if w := d.send("GET", v+"/sobjects/Account/deleted?"+query, ""); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

func TestCurrencies(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{MultiCurrency: true, Currencies: []string{"AUD", "USD"}})
	prod := d.insert("Product2", map[string]any{"Name": "P"})
	deal := d.insert("Opportunity", map[string]any{"Name": "D", "StageName": "Closed Won", "CloseDate": "2026-11-21", "CurrencyIsoCode": "AUD"})
	d.insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": prod, "Quantity": 1, "UnitPrice": 1})
	r := d.query("SELECT CurrencyIsoCode, Opportunity.CurrencyIsoCode, Product2.CurrencyIsoCode FROM OpportunityLineItem")
	if r.column("CurrencyIsoCode")+r.column("Opportunity", "CurrencyIsoCode")+r.column("Product2", "CurrencyIsoCode") != "AUDAUDNZD" {
		t.Errorf("got %v", r)
	}
	if got := d.query("SELECT IsoCode FROM CurrencyType WHERE IsActive = true").column("IsoCode"); got != "NZD,AUD,USD" {
		t.Errorf("currencies: %s", got)
	}
	if w := d.send("PATCH", v+"/sobjects/Opportunity/"+deal, `{"CurrencyIsoCode":"USD"}`); w.Code != 400 || !strings.Contains(w.Body.String(), "FIELD_INTEGRITY_EXCEPTION") {
		t.Errorf("another currency for a deal with lines: %d %s", w.Code, w.Body)
	}
	if w := d.send("POST", v+"/sobjects/Account", `{"Name":"A","CurrencyIsoCode":"EUR"}`); w.Code != 400 || !strings.Contains(w.Body.String(), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST") {
		t.Errorf("a currency the org does not have: %d %s", w.Code, w.Body)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	d := warehouse(t, 20, 1, 1)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				switch i % 4 {
				case 0:
					d.send("GET", queryPath("SELECT Id, (SELECT Id FROM OpportunityLineItems) FROM Opportunity"), "")
				case 1:
					d.send("POST", v+"/sobjects/Account", fmt.Sprintf(`{"Name":"%d-%d"}`, i, j))
				case 2:
					d.org.Insert("Account", map[string]any{"Name": "by hand"})
				default:
					d.org.Rows("Account")
				}
			}
		})
	}
	wg.Wait()
	if r := d.query("SELECT COUNT() FROM Account"); r.TotalSize != 1+80 {
		t.Errorf("%d accounts, want 81", r.TotalSize)
	}
}
