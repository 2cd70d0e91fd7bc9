package salesforcetest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sf2xero/salesforce/salesforcetest"
)

// export writes files into a folder of their own.
func export(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAnExportIsLoaded(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	err := d.org.Load(export(t, map[string]string{
		"Account.csv": "\ufeffId,Name,BillingStreet,Score__c,Vip__c,Since__c,Seen__c,Code__c,Empty__c,Website\n" +
			"001A00000012345,Acme,\"1 High St\nLevel 2\",1.50,TRUE,2020-02-29,2026-11-21T10:00:00.000Z,0200,,\n" +
			"001A000000123AB,\"Beta, \"\"Ltd\"\"\",,12,false,,2026-11-21T09:00:00.000+0000,0300,,x.nz\n",
		"Opportunity.csv": "ID,NAME,ACCOUNTID,STAGENAME,CLOSEDATE,SYSTEMMODSTAMP\n" +
			"0065g0000000001AAA,One,001A00000012345,Closed Won,2026-11-01,2026-11-02T09:00:00.000+0000\n" +
			"0065g0000000002AAA,Two,001A00000012345,Engaging,2026-11-01,\n",
		"OpportunityLineItem.csv": "Id,OpportunityId,Product2Id,Quantity,UnitPrice,Discount\n,0065g0000000001AAA,01t5g0000000001AAA,3,10.5,\n,0065g0000000001AAA,01t5g0000000001AAA,1,100,10\n",
		"Product2.csv":            "Id,Name,ProductCode\n01t5g0000000001AAA,Licence,LIC\n",
		"Invoice__c.csv":          "Id,Name,Paid__c\na5B5g0000000001AAA,INV-1,true\n",
		"readme.txt":              "not a table",
	}))
	if err != nil {
		t.Fatal(err)
	}
	r := d.query("SELECT Id, Name, BillingStreet, Score__c, Vip__c, Since__c, Seen__c, Code__c, Empty__c, Website, SystemModstamp, Owner.Username FROM Account WHERE Score__c < 13 AND Since__c != 2020-03-01 AND Code__c != '200' AND Vip__c IN (true, false) AND Seen__c < 2026-11-22T00:00:00Z ORDER BY Name")
	for path, want := range map[string]string{
		"Id": "001A00000012345IAA,001A000000123ABIAY", "Name": `Acme,Beta, "Ltd"`, "BillingStreet": "1 High St\nLevel 2,<nil>", "Score__c": "1.5,12.0", "Vip__c": "true,false", "Since__c": "2020-02-29,<nil>",
		"Seen__c": "2026-11-21T10:00:00.000+0000,2026-11-21T09:00:00.000+0000", "Code__c": "0200,0300", "Empty__c": "<nil>,<nil>", "Website": "<nil>,x.nz", "SystemModstamp": "2026-11-21T10:00:00.000+0000,2026-11-21T10:00:00.000+0000",
	} {
		if got := r.column(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	r = d.query("SELECT Name, IsWon, IsClosed, Amount, HasOpportunityLineItem, Account.Name, SystemModstamp, CreatedDate, (SELECT Name, ProductCode, TotalPrice FROM OpportunityLineItems) FROM Opportunity ORDER BY Name")
	for path, want := range map[string]string{
		"IsWon": "true,false", "IsClosed": "true,false", "Amount": "121.5,<nil>", "HasOpportunityLineItem": "true,false",
		"SystemModstamp": "2026-11-02T09:00:00.000+0000,2026-11-21T10:00:00.000+0000", "CreatedDate": "2026-11-02T09:00:00.000+0000,2026-11-21T10:00:00.000+0000",
	} {
		if got := r.column(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	if got := fmt.Sprint(r.Records[0]["OpportunityLineItems"]); !strings.Contains(got, "Name:One Licence") || !strings.Contains(got, "ProductCode:LIC") || !strings.Contains(got, "TotalPrice:90.0") {
		t.Errorf("lines: %s", got)
	}
	if got := d.query("SELECT Name FROM Invoice__c WHERE Paid__c = true").column("Name"); got != "INV-1" {
		t.Errorf("custom object: %s", got)
	}
	fields := d.send("GET", v+"/sobjects/Account/describe", "").Body.String()
	for _, want := range []string{`"name":"Score__c","label":"Score","type":"double"`, `"name":"Vip__c","label":"Vip","type":"boolean"`, `"name":"Since__c","label":"Since","type":"date"`, `"name":"Seen__c","label":"Seen","type":"datetime"`, `"name":"Code__c","label":"Code","type":"string"`} {
		if !strings.Contains(fields, want) {
			t.Errorf("describe lacks %s", want)
		}
	}
	if w := d.send("PATCH", v+"/sobjects/Opportunity/0065g0000000001AAA", `{"Xero_Status__c":"DRAFT"}`); w.Code != 204 {
		t.Errorf("write to a loaded record: %d %s", w.Code, w.Body)
	}
	if id := d.insert("Opportunity", map[string]any{"Name": "Three", "StageName": "Closed Won", "CloseDate": "2026-11-01"}); id == "0065g0000000001AAA" {
		t.Error("a new id is one that was loaded")
	}
}

func TestFilesAreKeptAsTheySay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{MultiCurrency: true})
	err := d.org.Load(export(t, map[string]string{
		"Opportunity.csv":         "Id,Name,StageName,IsWon,IsClosed,CloseDate,Amount,HasOpportunityLineItem,CurrencyIsoCode\n0065g0000000001AAA,One,Signed,true,true,2026-11-01,99,false,EUR\n",
		"OpportunityLineItem.csv": "OpportunityId,Quantity,UnitPrice,TotalPrice\n0065g0000000001AAA,1,10,11.11\n",
		"Organization.csv":        "Id,Name,DefaultCurrencyIsoCode\n00D5g0000000001AAA,From the file,NZD\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	r := d.query("SELECT IsWon, IsClosed, Amount, HasOpportunityLineItem, CurrencyIsoCode, (SELECT TotalPrice, CurrencyIsoCode FROM OpportunityLineItems) FROM Opportunity")
	if got := fmt.Sprint(r.column("IsWon"), r.column("IsClosed"), r.column("Amount"), r.column("HasOpportunityLineItem"), r.column("CurrencyIsoCode")); got != "truetrue99.0falseEUR" {
		t.Errorf("got %s", got)
	}
	if got := d.query("SELECT TotalPrice FROM OpportunityLineItem").column("TotalPrice"); got != "11.11" {
		t.Errorf("the line's total is %s", got)
	}
	if d.org.OrgID() != "00D5g0000000001AAA" || d.query("SELECT Name FROM Organization").column("Name") != "From the file" {
		t.Errorf("the org is %s", d.org.OrgID())
	}
}

func TestExportsThatCannotBeLoaded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, text, want string
	}{
		{"no file", "", "", "there is no CSV file in it"},
		{"an empty file", "Account.csv", "", "Account.csv: the file is empty"},
		{"a row too short", "Account.csv", "Id,Name\n001A00000012345\n", "Account.csv: record on line 2: wrong number of fields"},
		{"a heading", "Account.csv", "Account Name\nx\n", `Account.csv: column 1, "Account Name", is no field name`},
		{"a column twice", "Account.csv", "Name,NAME\nx,y\n", "the column Name is there twice"},
		{"a file name", "my accounts.csv", "Name\nx\n", `"my accounts" is no object name`},
		{"a wrong date", "Opportunity.csv", "Name,StageName,CloseDate\na,Closed Won,2026-01-01\nb,Closed Won,1/2/2026\n", "Opportunity.csv:3: CloseDate: Cannot deserialize"},
		{"a wrong id", "Account.csv", "Id,Name\n12,x\n", "Account.csv:2: Id: "},
		{"an id twice", "Account.csv", "Id,Name\n001A00000012345,x\n001A00000012345,y\n", "Account.csv:3: the id 001A00000012345IAA is there twice"},
		{"no name", "Account.csv", "Id,Name\n001A00000012345,\n", "Account.csv:2: Required fields are missing: [Name]"},
		{"currencies", "Account.csv", "Name,CurrencyIsoCode\nx,NZD\n", "start this one with MultiCurrency"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{}
			if tt.file != "" {
				files[tt.file] = tt.text
			}
			dir := export(t, files)
			err := salesforcetest.New(salesforcetest.Options{}).Load(dir)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want …%s…", err, tt.want)
			}
			several, uerr := salesforcetest.UsesCurrencies(dir)
			if uerr != nil || several != (tt.name == "currencies") {
				t.Errorf("UsesCurrencies: %v %v", several, uerr)
			}
		})
	}
}
