package salesforcetest_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) queryAll(soql string) result {
	d.t.Helper()
	return decode[result](d.t, d.send("GET", strings.Replace(queryPath(soql), "/query?", "/queryAll?", 1), ""))
}

func TestAccountsMergedByAPerson(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	master, loser, other := d.insert("Account", map[string]any{"Name": "Kowhai (duplicate)"}), d.insert("Account", map[string]any{"Name": "Kowhai"}), d.insert("Account", map[string]any{"Name": "Other"})
	deal := d.insert("Opportunity", map[string]any{"Name": "Deal", "AccountId": loser, "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	gone := d.insert("Opportunity", map[string]any{"Name": "Gone", "AccountId": loser, "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	contact := d.insert("Contact", map[string]any{"LastName": "Ngaio", "AccountId": loser})
	d.insert("Account", map[string]any{"Name": "Branch", "ParentId": loser})
	untouched := d.insert("Opportunity", map[string]any{"Name": "Untouched", "AccountId": other, "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	must(t, d.org.Delete("Opportunity", gone))
	d.now = d.now.Add(time.Hour)
	must(t, d.org.MergeAccounts(master, loser))
	const before, now = "2026-11-21T10:00:00.000+0000", "2026-11-21T11:00:00.000+0000"
	for soql, want := range map[string]string{
		"SELECT AccountId, SystemModstamp, LastModifiedDate FROM Opportunity WHERE Id = '" + deal + "'":      master + " " + now + " " + before,
		"SELECT AccountId, SystemModstamp, LastModifiedDate FROM Contact WHERE Id = '" + contact + "'":       master + " " + now + " " + before,
		"SELECT ParentId, SystemModstamp, LastModifiedDate FROM Account WHERE Name = 'Branch'":               master + " " + now + " " + before,
		"SELECT AccountId, SystemModstamp, LastModifiedDate FROM Opportunity WHERE Id = '" + untouched + "'": other + " " + before + " " + before,
		"SELECT Name, SystemModstamp, LastModifiedDate FROM Account WHERE Id = '" + master + "'":             "Kowhai (duplicate) " + now + " " + now,
	} {
		r := d.query(soql)
		names := strings.Split(strings.TrimPrefix(strings.Split(soql, " FROM")[0], "SELECT "), ", ")
		got := r.column(names[0]) + " " + r.column(names[1]) + " " + r.column(names[2])
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", soql, got, want)
		}
	}
	where := "SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE Id = '" + loser + "'"
	if r := d.query(where); r.TotalSize != 0 {
		t.Errorf("query shows the loser: %v", r)
	}
	if r := d.queryAll(where); r.column("IsDeleted") != "true" || r.column("MasterRecordId") != master {
		t.Errorf("queryAll: %v", r)
	}
	for name, refused := range map[string]error{
		"with what is gone": d.org.MergeAccounts(master, loser), "with itself": d.org.MergeAccounts(master, master), "four at once": d.org.MergeAccounts(master, other, other, other),
		"one twice": d.org.MergeAccounts(master, other, other), "with nothing": d.org.MergeAccounts(master), "of a deal": d.org.MergeAccounts(deal, other),
	} {
		if refused == nil {
			t.Errorf("a merge %s was done", name)
		}
	}
	// Salesforce takes a merged account out of the recycle bin like any other; what was moved stays where it is.
	d.now = d.now.Add(time.Hour)
	d.signIn()
	must(t, d.org.Undelete("Account", loser))
	if r := d.query(where); r.column("IsDeleted") != "false" || r.column("MasterRecordId") != "<nil>" {
		t.Errorf("out of the recycle bin: %v", r)
	}
	if got := d.query("SELECT AccountId FROM Opportunity WHERE Id = '" + deal + "'").column("AccountId"); got != master {
		t.Errorf("the deal went back to %s", got)
	}
	must(t, d.org.Undelete("Opportunity", gone))
	if got := d.query("SELECT AccountId FROM Opportunity WHERE Id = '" + gone + "'").column("AccountId"); got != master {
		t.Errorf("a deal that was in the recycle bin comes out at %s", got)
	}
}

func TestAnAccountsEditDoesNotTouchItsDeals(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	must(t, d.org.AddField("Account", salesforcetest.FieldSpec{Name: "Credit_Checked__c", Type: "boolean"}))
	acc := d.insert("Account", map[string]any{"Name": "Manuka"})
	d.insert("Opportunity", map[string]any{"Name": "Deal", "AccountId": acc, "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	d.now = d.now.Add(time.Hour)
	if w := d.send("PATCH", v+"/sobjects/Account/"+acc, `{"Credit_Checked__c":true}`); w.Code != 204 {
		t.Fatal(w.Body)
	}
	r := d.query("SELECT SystemModstamp, Account.SystemModstamp FROM Opportunity WHERE Account.Credit_Checked__c = true")
	if r.column("SystemModstamp") != "2026-11-21T10:00:00.000+0000" || r.column("Account", "SystemModstamp") != "2026-11-21T11:00:00.000+0000" {
		t.Errorf("%v", r)
	}
}

func TestAStageIsReplacedInAllDealsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	for range 30 {
		d.insert("Opportunity", map[string]any{"Name": "Deal", "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	}
	d.insert("Opportunity", map[string]any{"Name": "Open", "StageName": "Prospecting", "CloseDate": "2026-11-21"})
	must(t, d.org.AddRule("Opportunity", func(map[string]any) string { return "closed deals are not to be changed" }))
	if _, err := d.org.ReplaceStage("Closed Won", "Won - Signed"); err == nil {
		t.Error("a stage that nobody made was taken")
	}
	must(t, d.org.AddStage("Won - Signed", true, true, 100))
	if d.org.AddStage("won - signed", true, true, 100) == nil {
		t.Error("a stage was added twice")
	}
	d.now = d.now.Add(time.Hour)
	n, err := d.org.ReplaceStage("Closed Won", "Won - Signed")
	if must(t, err); n != 30 {
		t.Errorf("%d deals replaced", n)
	}
	if r := d.query("SELECT COUNT() FROM Opportunity WHERE StageName = 'Won - Signed' AND IsWon = true AND SystemModstamp = 2026-11-21T11:00:00Z AND LastModifiedDate = 2026-11-21T11:00:00Z"); r.TotalSize != 30 {
		t.Errorf("%d deals follow", r.TotalSize)
	}
	d.now = d.now.Add(time.Hour)
	d.signIn()
	n, err = d.org.RenameStage("Won - Signed", "Won: signed")
	if must(t, err); n != 30 {
		t.Errorf("%d deals renamed", n)
	}
	if r := d.query("SELECT COUNT() FROM Opportunity WHERE StageName = 'Won: signed' AND IsWon = true AND SystemModstamp = 2026-11-21T12:00:00Z AND LastModifiedDate = 2026-11-21T11:00:00Z"); r.TotalSize != 30 {
		t.Errorf("%d deals are renamed without an edit of anybody", r.TotalSize)
	}
	got := d.send("GET", v+"/sobjects/Opportunity/describe", "").Body.String()
	if !strings.Contains(got, `"value":"Won: signed"`) || strings.Contains(got, `"value":"Won - Signed"`) {
		t.Error("describe has another list of stages")
	}
	if r := d.query("SELECT ApiName, DefaultProbability FROM OpportunityStage WHERE IsWon = true ORDER BY SortOrder"); r.column("ApiName") != "Closed Won,Won: signed" || r.column("DefaultProbability") != "100.0,100.0" {
		t.Errorf("the stages: %v", r)
	}
	// Through the API too the stage says whether a deal is won.
	id := d.query("SELECT Id FROM Opportunity WHERE Name = 'Open'").column("Id")
	must(t, d.org.Update("Opportunity", id, map[string]any{"StageName": "Won: signed"}))
	if r := d.query("SELECT IsWon, Probability FROM Opportunity WHERE Id = '" + id + "'"); r.column("IsWon") != "true" || r.column("Probability") != "100.0" {
		t.Errorf("%v", r)
	}
}

func TestSeveralCurrenciesSwitchedOnLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{Currency: "USD", Visible: func(object, _ string) time.Duration {
		if object == "Account" {
			return time.Minute
		}
		return 0
	}})
	prod := d.insert("Product2", map[string]any{"Name": "P"})
	deal := d.insert("Opportunity", map[string]any{"Name": "Old", "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	acc := d.insert("Account", map[string]any{"Name": "Acme"})
	d.now = d.now.Add(2 * time.Minute)
	must(t, d.org.Update("Account", acc, map[string]any{"Name": "Acme Ltd"})) // still on its way to readers
	if w := d.send("GET", queryPath("SELECT CurrencyIsoCode FROM Opportunity"), ""); w.Code != 400 {
		t.Fatalf("before: %d %s", w.Code, w.Body)
	}
	must(t, d.org.EnableCurrencies("EUR", "NZD"))
	must(t, d.org.EnableCurrencies("AUD"))
	r := d.query("SELECT CurrencyIsoCode, SystemModstamp FROM Opportunity")
	if r.column("CurrencyIsoCode") != "USD" || r.column("SystemModstamp") != "2026-11-21T10:00:00.000+0000" {
		t.Errorf("what was there: %v", r)
	}
	if r := d.query("SELECT Name, CurrencyIsoCode FROM Account"); r.column("Name")+r.column("CurrencyIsoCode") != "AcmeUSD" {
		t.Errorf("what readers see of a change that is on its way: %v", r)
	}
	if got := d.query("SELECT IsoCode, IsCorporate FROM CurrencyType").column("IsoCode"); got != "USD,EUR,NZD,AUD" {
		t.Errorf("currencies: %s", got)
	}
	d.insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": prod, "Quantity": 1, "UnitPrice": 1})
	eur := d.insert("Opportunity", map[string]any{"Name": "New", "StageName": "Closed Won", "CloseDate": "2026-11-21", "CurrencyIsoCode": "EUR"})
	d.insert("OpportunityLineItem", map[string]any{"OpportunityId": eur, "Product2Id": prod, "Quantity": 1, "UnitPrice": 1})
	if got := d.query("SELECT CurrencyIsoCode FROM OpportunityLineItem ORDER BY CurrencyIsoCode").column("CurrencyIsoCode"); got != "EUR,USD" {
		t.Errorf("lines are in %s, want each in its deal's", got)
	}
	if w := d.send("POST", v+"/sobjects/Account", `{"Name":"A","CurrencyIsoCode":"GBP"}`); w.Code != 400 {
		t.Errorf("a currency that is not active: %d", w.Code)
	}
	if d.org.EnableCurrencies("euro") == nil {
		t.Error("euro was taken as a code")
	}
}

func TestRecordTypes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	d.insert("Opportunity", map[string]any{"Name": "None", "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	if w := d.send("GET", queryPath("SELECT RecordTypeId FROM Opportunity"), ""); w.Code != 400 {
		t.Errorf("an object without record types has RecordTypeId: %d", w.Code)
	}
	business, err := d.org.AddRecordType("Opportunity", "New_Business", "New Business")
	must(t, err)
	of, err := d.org.AddRecordType("Account", "Partner", "Partner")
	must(t, err)
	d.insert("Opportunity", map[string]any{"Name": "New", "StageName": "Closed Won", "CloseDate": "2026-11-21", "RecordTypeId": business[:15]})
	for where, want := range map[string]string{
		"RecordType.DeveloperName = 'new_business'": "New", "RecordType.Name = 'New Business'": "New", "RecordTypeId = '" + business + "'": "New", "RecordTypeId = '" + business[:15] + "'": "New",
		"RecordTypeId IN ('" + business[:15] + "')": "New", "RecordTypeId = null": "None", "RecordType.DeveloperName != 'New_Business'": "None", "toLabel(RecordType.Name) = 'New Business'": "New",
		"RecordTypeId IN (SELECT Id FROM RecordType WHERE SobjectType = 'Opportunity')": "New",
	} {
		if got := d.names(where); got != want {
			t.Errorf("%s: %s, want %s", where, got, want)
		}
	}
	r := d.query("SELECT Id, RecordType.Name, RecordType.DeveloperName FROM Opportunity WHERE Name = 'New'")
	if r.column("RecordType", "Name") != "New Business" || r.column("RecordType", "DeveloperName") != "New_Business" {
		t.Errorf("%v", r)
	}
	path := v + "/sobjects/Opportunity/" + r.column("Id")
	if w := d.send("PATCH", path, `{"RecordTypeId":"`+of+`"}`); w.Code != 400 || !strings.Contains(w.Body.String(), "INVALID_CROSS_REFERENCE_KEY") {
		t.Errorf("a record type of accounts: %d %s", w.Code, w.Body)
	}
	if w := d.send("PATCH", path, `{"RecordTypeId":"`+business[:15]+`"}`); w.Code != 204 {
		t.Errorf("its own, in 15 characters: %d %s", w.Code, w.Body)
	}
	got := d.send("GET", v+"/sobjects/Opportunity/describe", "").Body.String()
	for _, want := range []string{`"name":"RecordTypeId","label":"Record Type","type":"reference"`, `"developerName":"New_Business","master":false,"name":"New Business","recordTypeId":"` + business + `"`, `"developerName":"Master","master":true`} {
		if !strings.Contains(got, want) {
			t.Errorf("describe lacks %s", want)
		}
	}
}

func TestRichTextIsDescribedAsSuch(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	must(t, d.org.AddField("OpportunityLineItem", salesforcetest.FieldSpec{Name: "Scope__c", Type: "textarea", RichText: true}))
	got := d.send("GET", v+"/sobjects/OpportunityLineItem/describe", "").Body.String()
	at := strings.Index(got, `"name":"Scope__c"`)
	field, _, _ := strings.Cut(got[at:], "}")
	if !strings.Contains(field, `"extraTypeInfo":"richtextarea","htmlFormatted":true`) || !strings.Contains(field, `"type":"textarea"`) {
		t.Errorf("%s", field)
	}
	if !strings.Contains(d.send("GET", v+"/sobjects/Account/describe", "").Body.String(), `"extraTypeInfo":"plaintextarea","htmlFormatted":false`) {
		t.Error("a plain text area is not described as one")
	}
}
