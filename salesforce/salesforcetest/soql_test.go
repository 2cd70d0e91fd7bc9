package salesforcetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

// library is an org with a few deals that differ in everything the conditions ask for.
func library(t testing.TB, opt salesforcetest.Options) *desk {
	d := newDesk(t, opt)
	acme := d.insert("Account", map[string]any{"Name": "Acme", "BillingCountry": "New Zealand", "NumberOfEmployees": 5, "Description": "long text"})
	beta := d.insert("Account", map[string]any{"Name": "beta & Söhne", "ParentId": acme, "Phone": "100%"})
	prod := d.insert("Product2", map[string]any{"Name": "Licence", "ProductCode": "LIC", "Family": "Licences"})
	deal := func(name string, acc any, stage, close string, amount any) string {
		return d.insert("Opportunity", map[string]any{"Name": name, "AccountId": acc, "StageName": stage, "CloseDate": close, "Amount": amount})
	}
	one := deal("One", acme, "Closed Won", "2026-11-01", 100)
	d.now = d.now.Add(time.Minute)
	deal("Two", beta, "Closed Lost", "2026-11-20", json.Number("250.50"))
	d.now = d.now.Add(time.Minute)
	deal("three", nil, "Prospecting", "2026-12-24", nil)
	d.now = d.now.Add(time.Minute)
	deal("It's four", beta, "Closed Won", "2026-11-21", json.Number("12345678.9"))
	d.insert("OpportunityLineItem", map[string]any{"OpportunityId": one, "Product2Id": prod, "Quantity": 1, "UnitPrice": 100, "Description": "a_b"})
	return d
}

func TestConditionsFindTheRowsTheyDescribe(t *testing.T) {
	t.Parallel()
	d := library(t, salesforcetest.Options{})
	tests := []struct{ where, want string }{
		{"IsWon = true", "One,It's four"},
		{"IsWon = TRUE AND IsClosed = true AND Amount > 100", "It's four"},
		{"IsWon != true", "Two,three"},
		{"(IsWon = true OR Amount = null) AND CloseDate >= 2026-11-02", "three,It's four"},
		{"NOT IsWon = true", "Two,three"},
		{"(NOT IsWon = true) AND Amount != null", "Two"},
		{"NOT (IsWon = true OR Amount = null)", "Two"},
		{"Name = 'ONE'", "One"},
		{"Name != 'one'", "Two,three,It's four"},
		{`Name = 'It\'s four'`, "It's four"},
		{"Name LIKE 't%'", "Two,three"},
		{"Name LIKE '%E'", "One,three"},
		{"Name LIKE '_wo'", "Two"},
		{"Name IN ('one', 'TWO')", "One,Two"},
		{"Name NOT IN ('one', 'TWO')", "three,It's four"},
		{"Amount IN (100, 250.5)", "One,Two"},
		{"Amount NOT IN (100)", "Two,three,It's four"},
		{"Amount = null", "three"},
		{"Amount <> null", "One,Two,It's four"},
		{"Amount >= 1.0E2 AND Amount < 300", "One,Two"},
		{"Amount < 101", "One"},
		{"CloseDate = 2026-11-20", "Two"},
		{"CloseDate > 2026-11-20", "three,It's four"},
		{"CloseDate = TODAY", "It's four"},
		{"CloseDate = LAST_N_DAYS:1", "Two,It's four"},
		{"CloseDate > TODAY", "three"},
		{"CloseDate = NEXT_MONTH", "three"},
		{"CreatedDate = THIS_YEAR", "One,Two,three,It's four"},
		{"SystemModstamp >= 2026-11-21T10:01:00Z AND SystemModstamp < 2026-11-21T10:03:00Z", "Two,three"},
		{"SystemModstamp = 2026-11-21T10:02:00.789Z", "three"},
		{"SystemModstamp <= 2026-11-21T23:01:00+13:00", "Two"},
		{"Account.Name = 'acme'", "One"},
		{"Account.Parent.Name = 'Acme'", "Two,It's four"},
		{"Account.Name = null", "three"},
		{"AccountId = null", "three"},
		{"Opportunity.Account.BillingCountry LIKE 'new%'", "One"},
		{"Owner.Username = 'integration@example.com' AND Name = 'One'", "One"},
		{"Id IN (SELECT OpportunityId FROM OpportunityLineItem WHERE Quantity = 1)", "One"},
		{"Id NOT IN (SELECT OpportunityId FROM OpportunityLineItem) AND IsWon = true", "It's four"},
		{"AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'a%')", "One"},
		{"IsWon = true AND Id IN (SELECT OpportunityId FROM OpportunityLineItem WHERE Product2.Family = 'licences')", "One"},
	}
	for _, tt := range tests {
		t.Run(tt.where, func(t *testing.T) {
			r := (&desk{t: t, org: d.org, token: d.token}).query("SELECT Name FROM Opportunity WHERE " + tt.where + " ORDER BY CreatedDate")
			if got := r.column("Name"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestIdsAreComparedInEitherLength(t *testing.T) {
	t.Parallel()
	d := library(t, salesforcetest.Options{})
	id := d.query("SELECT Id FROM Opportunity WHERE Name = 'Two'").column("Id")
	for _, where := range []string{"Id = '" + id + "'", "Id = '" + id[:15] + "'", "Id IN ('" + id[:15] + "', '006000000000000AAA')"} {
		if got := d.query("SELECT Name FROM Opportunity WHERE " + where).column("Name"); got != "Two" {
			t.Errorf("%s found %q", where, got)
		}
	}
}

func TestLikeTakesEscapedSignsLiterally(t *testing.T) {
	t.Parallel()
	d := library(t, salesforcetest.Options{})
	for where, want := range map[string]string{
		`Phone LIKE '100\%'`: "beta & Söhne", `Phone LIKE '10\%'`: "", `Phone LIKE '1%'`: "beta & Söhne", `Phone LIKE '100_'`: "beta & Söhne", `Phone LIKE '100\_'`: "",
		`Name LIKE '%SÖHNE'`: "beta & Söhne", `Name LIKE '%a%s%h%'`: "beta & Söhne", `Name LIKE ''`: "",
	} {
		soql := "SELECT Name FROM Account WHERE " + where
		if strings.Contains(where, "''") {
			if w := d.send("GET", queryPath(soql), ""); w.Code != 400 {
				t.Errorf("%s: %d", where, w.Code)
			}
			continue
		}
		if got := d.query(soql).column("Name"); got != want {
			t.Errorf("%s: got %q, want %q", where, got, want)
		}
	}
}

func TestOrderLimitOffsetAndCount(t *testing.T) {
	t.Parallel()
	d := library(t, salesforcetest.Options{})
	tests := []struct{ tail, want string }{
		{"ORDER BY Name", "It's four,One,three,Two"},
		{"ORDER BY Name DESC", "Two,three,One,It's four"},
		{"ORDER BY Amount", "three,One,Two,It's four"},
		{"ORDER BY Amount DESC", "three,It's four,Two,One"},
		{"ORDER BY Amount DESC NULLS LAST", "It's four,Two,One,three"},
		{"ORDER BY Amount ASC NULLS LAST", "One,Two,It's four,three"},
		{"ORDER BY Account.Name NULLS LAST, Amount DESC", "One,It's four,Two,three"},
		{"ORDER BY Name LIMIT 2", "It's four,One"},
		{"ORDER BY Name LIMIT 2 OFFSET 1", "One,three"},
		{"ORDER BY Name OFFSET 3", "Two"},
		{"ORDER BY Name LIMIT 0", ""},
	}
	for _, tt := range tests {
		if got := d.query("SELECT Name FROM Opportunity " + tt.tail).column("Name"); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.tail, got, tt.want)
		}
	}
	if r := d.query("SELECT COUNT() FROM Opportunity WHERE IsWon = true"); r.TotalSize != 2 || len(r.Records) != 0 || !r.Done {
		t.Errorf("count: %+v", r)
	}
}

func TestNamesComeBackAsDescribeSpellsThem(t *testing.T) {
	t.Parallel()
	d := library(t, salesforcetest.Options{})
	got := d.send("GET", queryPath("select NAME, aMount, o.ACCOUNT.name, account.OWNER.lastname from opportunity o where NAME = 'two'"), "").Body.String()
	for _, want := range []string{`"Name":"Two"`, `"Amount":250.5,`, `"Account":{"attributes":{"type":"Account"`, `"Owner":{"attributes":{"type":"User"`, `"LastName":"Integration"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

func TestQueriesThatSalesforceRefuses(t *testing.T) {
	t.Parallel()
	d := library(t, salesforcetest.Options{})
	tests := []struct{ soql, code, text string }{
		{"SELECT Foo FROM Account", "INVALID_FIELD", "\nSELECT Foo FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Foo' on entity 'Account'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."},
		{"SELECT Id FROM Account WHERE Clsoe__c = 1", "INVALID_FIELD", "No such column 'Clsoe__c' on entity 'Account'"},
		{"SELECT Id,\nFoo FROM Account", "INVALID_FIELD", "ERROR at Row:2:Column:1\n"},
		{"SELECT CurrencyIsoCode FROM Opportunity", "INVALID_FIELD", "No such column 'CurrencyIsoCode'"},
		{"SELECT Account FROM Opportunity", "INVALID_FIELD", "No such column 'Account' on entity 'Opportunity'"},
		{"SELECT Acount.Name FROM Opportunity", "INVALID_FIELD", "Didn't understand relationship 'Acount' in field path."},
		{"SELECT Id, Name, id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"},
		{"SELECT Id FROM Opportunities", "INVALID_TYPE", "sObject type 'Opportunities' is not supported."},
		{"SELECT Id, (SELECT Id FROM OpportunityLineItem) FROM Opportunity", "INVALID_TYPE", "Didn't understand relationship 'OpportunityLineItem' in FROM part of query call."},
		{"", "MALFORMED_QUERY", ""},
		{"SELECT FROM Account", "MALFORMED_QUERY", "unexpected token: 'FROM'"},
		{"SELECT * FROM Account", "MALFORMED_QUERY", "no viable alternative at character '*'"},
		{"SELECT Id Account", "MALFORMED_QUERY", "unexpected token: 'Account'"},
		{"SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "ERROR at Row:1:Column:29\nunexpected token: '<EOF>'"},
		{"SELECT Id FROM Account WHERE Name", "MALFORMED_QUERY", "unexpected token: '<EOF>'"},
		{"SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", "unexpected token: '<EOF>'"},
		{"SELECT Id FROM Account WHERE Name = \"x\"", "MALFORMED_QUERY", `no viable alternative at character '"'`},
		{"SELECT Id FROM Account WHERE Name = 'a' AND Phone = 'b' OR Fax = 'c'", "MALFORMED_QUERY", "unexpected token: 'OR'"},
		{"SELECT Id FROM Account WHERE Name = 'a' OR Phone = 'b' AND Fax = 'c'", "MALFORMED_QUERY", "unexpected token: 'AND'"},
		{"SELECT Id FROM Account WHERE NOT Name = 'a' AND Phone = 'b'", "MALFORMED_QUERY", "unexpected token: 'AND'"},
		{"SELECT Id FROM Account WHERE Phone = 'b' AND NOT Name = 'a'", "MALFORMED_QUERY", "unexpected token: 'NOT'"},
		{"SELECT Id FROM Account WHERE (Name = 'a'", "MALFORMED_QUERY", "unexpected token: '<EOF>'"},
		{"SELECT Id FROM Account WHERE Name IN ()", "MALFORMED_QUERY", "unexpected token: ')'"},
		{"SELECT Id FROM Account WHERE Name NOT 'a'", "MALFORMED_QUERY", "unexpected token: 'NOT'"},
		{"SELECT Id FROM Account WHERE Name = :name", "MALFORMED_QUERY", "Bind variables only allowed in Apex code"},
		{"SELECT Id FROM Account WHERE Name == 'a'", "MALFORMED_QUERY", "unexpected token: '='"},
		{"SELECT Id FROM Account LIMIT -1", "MALFORMED_QUERY", "unexpected token: '-1'"},
		{"SELECT Id FROM Account LIMIT 5 ORDER BY Name", "MALFORMED_QUERY", "unexpected token: 'ORDER'"},
		{"SELECT Id FROM Account; DELETE", "MALFORMED_QUERY", "no viable alternative at character ';'"},
		{`SELECT Id FROM Account WHERE Name = 'a\z'`, "MALFORMED_QUERY", "Illegal character sequence"},
		{"SELECT Id FROM Account WHERE Name = 12", "INVALID_FIELD", "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes"},
		{"SELECT Id FROM Opportunity WHERE Amount = '12'", "INVALID_FIELD", "value of filter criterion for field 'Amount' must be of type double and should not be enclosed in quotes"},
		{"SELECT Id FROM Opportunity WHERE CloseDate = '2026-11-21'", "INVALID_FIELD", "value of filter criterion for field 'CloseDate' must be of type date and should not be enclosed in quotes"},
		{"SELECT Id FROM Opportunity WHERE CloseDate = 2026-11-21T00:00:00Z", "INVALID_FIELD", "must be of type date"},
		{"SELECT Id FROM Opportunity WHERE CloseDate = 2026-13-01", "INVALID_FIELD", "must be of type date"},
		{"SELECT Id FROM Opportunity WHERE SystemModstamp > 2026-11-21", "INVALID_FIELD", "must be of type dateTime and should not be enclosed in quotes"},
		{"SELECT Id FROM Opportunity WHERE IsWon = 'true'", "INVALID_FIELD", "must be of type boolean"},
		{"SELECT Id FROM Opportunity WHERE IsWon > true", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field"},
		{"SELECT Id FROM Opportunity WHERE Id LIKE '006%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid"},
		{"SELECT Id FROM Opportunity WHERE AccountId = 'acme'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: acme"},
		{"SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"},
		{"SELECT Id FROM Account ORDER BY Description", "INVALID_FIELD", "field 'Description' can not be sorted in a query call"},
		{"SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"},
		{"SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200"},
		{"SELECT Id FROM Opportunity WHERE Id IN (SELECT OpportunityId FROM OpportunityLineItem) OR IsWon = true", "MALFORMED_QUERY", "Semi join sub-selects are not allowed with the 'OR' operator"},
		{"SELECT Id FROM Opportunity WHERE IsWon = true AND (Id IN (SELECT OpportunityId FROM OpportunityLineItem))", "MALFORMED_QUERY", "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions."},
		{"SELECT Id FROM Opportunity WHERE (IsWon = true AND Id IN (SELECT OpportunityId FROM OpportunityLineItem))", "MALFORMED_QUERY", "Semi join sub-selects are only allowed at the top level"},
		{"SELECT Id FROM Opportunity WHERE NOT Id IN (SELECT OpportunityId FROM OpportunityLineItem)", "MALFORMED_QUERY", "Semi join sub-selects are not allowed with the 'NOT' operator"},
		{"SELECT Id FROM Opportunity WHERE Name IN (SELECT OpportunityId FROM OpportunityLineItem)", "MALFORMED_QUERY", "should be an id field, cannot use : 'Name'"},
		{"SELECT Id FROM Opportunity WHERE Id IN (SELECT Id FROM Opportunity)", "MALFORMED_QUERY", "The inner and outer selects should not be on the same object type"},
		{"SELECT Id FROM Opportunity WHERE Id IN (SELECT OpportunityId FROM OpportunityLineItem LIMIT 5)", "MALFORMED_QUERY", "cannot have ORDER BY, LIMIT or OFFSET"},
		{"SELECT Id FROM Opportunity WHERE Id IN (SELECT Product2Id FROM OpportunityLineItem)", "INVALID_FIELD", "should point to the same object type"},
		{"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE Id IN (SELECT OpportunityId FROM OpportunityLineItem))", "MALFORMED_QUERY", "Nesting of semi join sub-selects is not supported"},
		{"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity) AND Id IN (SELECT AccountId FROM Contact) AND Id IN (SELECT AccountId FROM Order)", "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", "2"},
		{"SELECT Id FROM Account WHERE Name = '" + strings.Repeat("x", 4001) + "'", "INVALID_QUERY_FILTER_OPERATOR", "4000"},
	}
	for _, tt := range tests {
		t.Run(tt.soql[:min(60, len(tt.soql))], func(t *testing.T) {
			w := d.send("GET", queryPath(tt.soql), "")
			var errs []struct{ Message, ErrorCode string }
			if err := json.Unmarshal(w.Body.Bytes(), &errs); err != nil || len(errs) != 1 || w.Code != http.StatusBadRequest {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			if errs[0].ErrorCode != tt.code || !strings.Contains(errs[0].Message, tt.text) {
				t.Errorf("got  %s %s\nwant %s …%s…", errs[0].ErrorCode, errs[0].Message, tt.code, tt.text)
			}
		})
	}
}

func TestAQueryOfMoreThan100000CharactersIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	body := fmt.Sprintf(`{"compositeRequest":[{"method":"GET","referenceId":"q","url":"%s/query?q=SELECT+Id+FROM+Account+%s"}]}`, v, strings.Repeat("+", 100000))
	if got := d.send("POST", v+"/composite", body).Body.String(); !strings.Contains(got, "SOQL statements can not be longer than 100000 characters") {
		t.Errorf("got %.300s", got)
	}
	if w := d.send("GET", queryPath("SELECT Id FROM Account WHERE Name = '"+strings.Repeat("x", 17000)+"'"), ""); w.Code != http.StatusRequestURITooLong {
		t.Errorf("a URI of 17,000 bytes: %d", w.Code)
	}
}

func TestDeletedRowsAreSeenByQueryAllFor15Days(t *testing.T) {
	t.Parallel()
	d := library(t, salesforcetest.Options{})
	id := d.query("SELECT Id FROM Opportunity WHERE Name = 'One'").column("Id")
	if err := d.org.Delete("Opportunity", id); err != nil {
		t.Fatal(err)
	}
	all := func(soql string) string {
		return decode[result](t, d.send("GET", strings.Replace(queryPath(soql), "/query?", "/queryAll/?", 1), "")).column("Name")
	}
	if got := d.query("SELECT Name FROM Opportunity WHERE Id = '" + id + "'").column("Name"); got != "" {
		t.Errorf("query shows the deleted deal %s", got)
	}
	if got := all("SELECT Name FROM Opportunity WHERE IsDeleted = true"); got != "One" {
		t.Errorf("queryAll shows %q", got)
	}
	if got := decode[result](t, d.send("GET", v+"/queryAll?q=SELECT+Description+FROM+OpportunityLineItem+WHERE+IsDeleted=true", "")).column("Description"); got != "a_b" {
		t.Errorf("the deal's line went with it, but queryAll shows %q", got)
	}
	if err := d.org.Undelete("Opportunity", id); err != nil {
		t.Fatal(err)
	}
	if got := d.query("SELECT (SELECT Id FROM OpportunityLineItems) FROM Opportunity WHERE Id = '"+id+"'").column("OpportunityLineItems", "totalSize"); got != "1" {
		t.Errorf("undeleted, the deal has %s lines", got)
	}
	if err := d.org.Delete("Opportunity", id); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.AddDate(0, 0, 16)
	d.signIn()
	if got := all("SELECT Name FROM Opportunity WHERE IsDeleted = true"); got != "" {
		t.Errorf("after 16 days queryAll still shows %q", got)
	}
}

func FuzzAnyQueryIsAnsweredOrRefused(f *testing.F) {
	for _, s := range []string{
		"SELECT Id, Account.Name, (SELECT Id FROM OpportunityLineItems ORDER BY SortOrder) FROM Opportunity o WHERE (NOT Name LIKE 'a\\_%') AND Amount IN (1, 2.5e3) ORDER BY Name DESC NULLS LAST LIMIT 5 OFFSET 1",
		"SELECT COUNT() FROM Account WHERE Id NOT IN (SELECT AccountId FROM Opportunity WHERE CloseDate = LAST_N_DAYS:3)", "SELECT FIELDS(ALL) FROM Account LIMIT 3", "SELECT Id FROM Account WHERE Name = 'ü\\'",
	} {
		f.Add(s)
	}
	d := library(f, salesforcetest.Options{})
	f.Fuzz(func(t *testing.T, soql string) {
		w := d.send("GET", queryPath(soql), "")
		if w.Code != 200 && w.Code != 400 && w.Code != 414 || !json.Valid(w.Body.Bytes()) && w.Code != 414 {
			t.Errorf("%q: %d %s", soql, w.Code, w.Body)
		}
	})
}
