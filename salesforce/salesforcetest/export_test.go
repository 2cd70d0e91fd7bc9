package salesforcetest_test

import (
	"errors"
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
	d := newDesk(t, salesforcetest.Options{})
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
		{"a row too short", "Account.csv", "Id,Name\n001A00000012345\n", "Account.csv:2: there is 1 value for 2 columns"},
		{"a row too long", "Account.csv", "Id,Name\n001A00000012345,a,b\n", "Account.csv:2: there are 3 values for 2 columns"},
		{"a heading", "Account.csv", "Account Name\nx\n", `column 1, "Account Name", is no field name`},
		{"a column without a name", "Account.csv", "Name,\nx,\n", "column 2 has no name"},
		{"a column twice", "Account.csv", "Name,NAME\nx,y\n", "the column Name is there twice"},
		{"a slip of the pen in a column", "Opportunity.csv", "Name,StageName,CloseDate,Amuont\na,Closed Won,2026-01-01,5\n", "Opportunity.csv:1: Amuont: Opportunity has no field Amuont; did you mean Amount?"},
		{"a column of nothing", "Opportunity.csv", "Name,StageName,CloseDate,Xyzzy\na,Closed Won,2026-01-01,5\n", "Opportunity.csv:1: Xyzzy: Opportunity has no field Xyzzy; a custom field's name ends in __c"},
		{"a file name", "my accounts.csv", "Name\nx\n", `my accounts.csv: "my accounts" is no object name`},
		{"a slip of the pen in a file's name", "Acount.csv", "Name\nx\n", "Acount.csv: Salesforce has no object Acount; did you mean Account?"},
		{"Data Loader's own file name", "extract.csv", "Name\nx\n", "extract.csv: Salesforce has no object extract; a file is named after its object"},
		{"a wrong date", "Opportunity.csv", "Name,StageName,CloseDate\na,Closed Won,2026-01-01\nb,Closed Won,1/2/2026\n", `Opportunity.csv:3: CloseDate: "1/2/2026" is no date; write it like 2026-11-20`},
		{"a time in a date", "Opportunity.csv", "Name,StageName,CloseDate\na,Closed Won,2026-01-01 11:00:00\n", "Opportunity.csv:2: CloseDate: "},
		{"a wrong time", "Account.csv", "Name,SystemModstamp\na,yesterday\n", `Account.csv:2: SystemModstamp: "yesterday" is no time`},
		{"a wrong boolean", "Opportunity.csv", "Name,StageName,CloseDate,IsWon\na,Closed Won,2026-01-01,2\n", `Opportunity.csv:2: IsWon: "2" is neither true nor false; write true or false, 1 or 0`},
		{"a wrong number", "Opportunity.csv", "Name,StageName,CloseDate,Amount\na,Closed Won,2026-01-01,\"1,000\"\n", `Opportunity.csv:2: Amount: "1,000" is no number; write it like 1000.50`},
		{"a number too large", "Opportunity.csv", "Name,StageName,CloseDate,Amount\na,Closed Won,2026-01-01,1.0E20\n", "Opportunity.csv:2: Amount: Amount: value outside of valid range"},
		{"a wrong id", "Account.csv", "Id,Name\n12,x\n", `Account.csv:2: Id: "12" is no id; an id has 15 or 18 letters and digits`},
		{"no id", "Account.csv", "Id,Name\n000000000000000AAA,x\n", "Account.csv:2: Id: 000000000000000AAA is no id of Account, which begins with 001"},
		{"another object's id", "Account.csv", "Id,Name\n006A00000012345,x\n", "Account.csv:2: Id: 006A00000012345IAA is the id of Opportunity, not of Account"},
		{"an id twice", "Account.csv", "Id,Name\n001A00000012345,x\n001A00000012345,y\n", "Account.csv:3: Id: the id 001A00000012345IAA is there twice"},
		{"no name", "Account.csv", "Id,Name\n001A00000012345,\n", "Account.csv:2: Required fields are missing: [Name]"},
		{"ISO-8859-1", "Account.csv", "Id,Name\n001A00000012345,M\xfcller\n", `Account.csv:2: Name: "M\xfcller" is not UTF-8: export it again as UTF-8, or convert the file: iconv -f ISO-8859-1 -t UTF-8`},
		{"UTF-16", "Account.csv", "\xff\xfeI\x00d\x00", "Account.csv: the file is in UTF-16"},
		{"semicolons", "Account.csv", "Id;Name\n1;2\n", `Account.csv: the columns are not separated by commas: "Id;Name"`},
		{"an open quote", "Account.csv", "Id,Name\n,\"Acme\n", "Account.csv:2: a quote is missing, or one is too many, up to line 2, character 8"},
		{"a parent's field without the parent", "Opportunity.csv", "Name,StageName,CloseDate,Account.Name\na,Closed Won,2026-01-01,Acme\n", "Opportunity.csv:1: Account.Name: Name is a field of another record: give it in Account.csv, and that record's id in the column AccountId"},
		{"a record type by its name", "Opportunity.csv", "Name,StageName,CloseDate,RecordType.DeveloperName\na,Closed Won,2026-01-01,New\n", "give the record types in RecordType.csv"},
		{"no such relationship", "Opportunity.csv", "Name,StageName,CloseDate,Acount.Name\na,Closed Won,2026-01-01,Acme\n", "Opportunity has no relationship Acount"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{}
			if tt.file != "" {
				files[tt.file] = tt.text
			}
			err := salesforcetest.New(salesforcetest.Options{}).Load(export(t, files))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant …%s…", err, tt.want)
			}
		})
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	dir := export(t, map[string]string{
		"Account.csv":        "Id,Name,IsDeleted,AnnualRevenue\n12,Acme,maybe,1\n001A00000012345,,0,lots\n",
		"Opportunity.csv":    "Name,StageName,CloseDate,Amuont\n,Closed Won,1/2/2026,5\nb,Closed Won,,5\n",
		"Oportunity.csv":     "Name\nx\n",
		"Product2.csv":       "Id,Name\n,M\xfcller\n",
		"PricebookEntry.csv": "Pricebook2Id,UnitPrice,Product2Id\n" + strings.Repeat(",free,\n", 25),
	})
	err := salesforcetest.New(salesforcetest.Options{}).Load(dir)
	var all *salesforcetest.ExportError
	if !errors.As(err, &all) {
		t.Fatalf("got %v", err)
	}
	text := err.Error() + "\n"
	for _, want := range []string{
		"mistakes in " + dir + ":\n", "\nAccount.csv:2: Id: \"12\" is no id", "\nAccount.csv:2: IsDeleted: \"maybe\" is neither", "\nAccount.csv:3: AnnualRevenue: \"lots\" is no number",
		"\nOpportunity.csv:1: Amuont: ", "\nOpportunity.csv:2: CloseDate: ", "\nOpportunity.csv:3: Required fields are missing: [CloseDate]", "\nOportunity.csv: Salesforce has no object Oportunity; did you mean Opportunity?",
		"\nProduct2.csv:2: Name: ", "\nPricebookEntry.csv:21: UnitPrice: \"free\" is no number", "\nPricebookEntry.csv:26: UnitPrice: and 5 more like it in this column\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "PricebookEntry.csv:22") {
		t.Errorf("a column of mistakes drowns the others:\n%s", text)
	}
}

// The files of Setup, Data Export: all values in quotes, 1 and 0, times with a blank, an id of noughts for none, the fields that nobody asked for.
func TestTheWeeklyDataExport(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	told, err := d.org.LoadExport(export(t, map[string]string{
		"Account.csv": `"Id","IsDeleted","MasterRecordId","Name","Type","ParentId","BillingStreet","BillingLatitude","PhotoUrl","CleanStatus","NumberOfEmployees","AnnualRevenue","CreatedDate","LastModifiedDate","SystemModstamp","LastActivityDate","Vip__c","Parent_Deal__c","Score__c","Tier__c"
"0015g0000000001AAA","0","000000000000000AAA","Kowhai Orchards Ltd","","000000000000000AAA","12 Rata St
Level 2","","/services/images/photo/x","Pending","12","1.5E7","2026-10-01 09:00:00","2026-10-01 09:00:00","2026-10-02 09:30:00","2026-09-30 00:00:00","1","0065g0000000001AAA","2.5E-4","Gold"
"0015g0000000002AAA","1","0015g0000000001AAA","Kowhai","","000000000000000AAA","","","","Pending","","","2026-10-01 09:00:00","2026-10-01 09:00:00","2026-11-20 09:00:00","","0","000000000000000AAA","","0200"
`,
		"Opportunity.csv": `"Id","IsDeleted","AccountId","RecordTypeId","IsPrivate","Name","StageName","Amount","Probability","ExpectedRevenue","CloseDate","IsClosed","IsWon","HasOpportunityLineItem","CampaignId","FiscalYear","Fiscal","CreatedDate","SystemModstamp","Regions__c","Notes__c","Scope__c"
"0065g0000000001AAA","0","0015g0000000001AAA","012000000000000AAA","0","Spring order","Signed","84.915","100","84.915","2026-11-20 00:00:00","1","1","1","000000000000000AAA","2026","2026 4","2026-11-20 09:00:00","2026-11-20 09:00:00","North;South","first; then second","<p>5&nbsp;seats &amp; hosting</p>"
"0065g0000000002AAA","0","0015g0000000001AAA","012000000000000AAA","0","Summer order","Prospecting","","10","","2026-12-20 00:00:00","0","0","0","000000000000000AAA","2026","2026 4","2026-11-20 09:00:00","2026-11-20 09:00:00","North","","plain"
`,
		"Task.csv":        `"Id","Subject","IsClosed","WhatId"` + "\n" + `"00T5g0000000001AAA","Call","1","0065g0000000001AAA"` + "\n",
		"Product2.csv":    `"Id","Name","IsActive","IsArchived"` + "\n" + `"01t5g0000000001AAA","Apples","1","0"` + "\n",
		"Invoice__c.csv":  `"Id","Name","Paid__c","LastViewedDate"` + "\n" + `"a015g0000000001AAA","INV-1","1","2026-11-20 09:00:00"` + "\n",
		"UserRole.csv":    `"Id","Name","RollupDescription"` + "\n" + `"00E5g0000000001AAA","Partner",""` + "\n",
		"User.csv":        `"Id","Username","LastName","Email","IsActive","UserRoleId","UserPermissionsMarketingUser","LocaleSidKey"` + "\n" + `"0055g0000000001AAA","rep@example.com","Rep","rep@example.com","1","00E5g0000000001AAA","0","en_NZ"` + "\n",
		"Attachments.txt": "not a table",
	}))
	if err != nil {
		t.Fatal(err)
	}
	r := d.query("SELECT IsWon, IsClosed, IsPrivate, CloseDate, Amount, RecordTypeId, CampaignId, SystemModstamp, Account.Name, Account.AnnualRevenue, Account.Score__c, Account.Vip__c, Account.LastActivityDate, Scope__c FROM Opportunity WHERE StageName = 'Signed'")
	for path, want := range map[string]string{
		"IsWon": "true", "IsClosed": "true", "IsPrivate": "false", "CloseDate": "2026-11-20", "Amount": "84.915", "RecordTypeId": "<nil>", "CampaignId": "<nil>", "SystemModstamp": "2026-11-20T09:00:00.000+0000",
		"Account.Name": "Kowhai Orchards Ltd", "Account.AnnualRevenue": "1.5E7", "Account.Score__c": "2.5E-4", "Account.Vip__c": "true", "Account.LastActivityDate": "2026-09-30", "Scope__c": "<p>5&nbsp;seats &amp; hosting</p>",
	} {
		if got := r.column(strings.Split(path, ".")...); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	for where, want := range map[string]string{
		"Regions__c INCLUDES ('South')": "Spring order", "Account.Parent_Deal__r.Name = 'Spring order'": "Spring order,Summer order", "Account.ParentId = null": "Spring order,Summer order", "toLabel(Account.Tier__c) = 'gold'": "Spring order,Summer order",
	} {
		if got := d.names(where); got != want {
			t.Errorf("%s: %s, want %s", where, got, want)
		}
	}
	if got := d.queryAll("SELECT MasterRecordId FROM Account WHERE IsDeleted = true").column("MasterRecordId"); got != "0015g0000000001AAA" {
		t.Errorf("the merged account's master is %s", got)
	}
	if got := d.query("SELECT Subject FROM Task WHERE WhatId = '0065g0000000001'").column("Subject"); got != "Call" {
		t.Errorf("an object that nobody asked for: %s", got)
	}
	if got := d.query("SELECT Name FROM User WHERE UserRole.Name != 'Partner'").column("Name"); got != "Invoice Integration" {
		t.Errorf("by role: %s", got)
	}
	fields := d.send("GET", v+"/sobjects/Opportunity/describe", "").Body.String()
	for _, want := range []string{`"name":"Regions__c","label":"Regions","type":"multipicklist"`, `"name":"Notes__c","label":"Notes","type":"string"`, `"name":"Scope__c","label":"Scope","type":"textarea"`, `"name":"CampaignId","label":"Campaign","type":"reference"`} {
		if !strings.Contains(fields, want) {
			t.Errorf("describe lacks %s", want)
		}
	}
	// The stage is of the company's own making; that it is a won one was learnt from the deals.
	must(t, d.org.Update("Opportunity", "0065g0000000002AAA", map[string]any{"StageName": "Signed"}))
	if got := d.query("SELECT IsWon FROM Opportunity WHERE Id = '0065g0000000002AAA'").column("IsWon"); got != "true" {
		t.Errorf("won in the company's own stage: %s", got)
	}
	if len(told.Objects) != 7 || told.Objects[0].Name != "Account" || told.Objects[0].Rows != 2 || told.Objects[0].Deleted != 1 || told.Currency != "NZD" || told.Currencies != nil || len(told.Notes) != 0 {
		t.Errorf("told: %+v", told)
	}
	deals := told.Objects[2]
	if deals.Name != "Opportunity" || fmt.Sprint(deals.Won) != "[{NZD 1 84.915}]" {
		t.Errorf("told of the deals: %+v", deals)
	}
	if got, want := strings.Join(deals.Fields, ", "), "CampaignId (lookup), FiscalYear (number), Fiscal (text), Regions__c (multi-select picklist), Notes__c (text), Scope__c (rich text)"; got != want {
		t.Errorf("new fields:\ngot  %s\nwant %s", got, want)
	}
}

// The files of Data Loader and of the bulk API, from an org with several currencies; nobody has said so but the files.
func TestAnExportOfAnOrgWithSeveralCurrencies(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	told, err := d.org.LoadExport(export(t, map[string]string{
		"Account.csv":      "ID,NAME,CURRENCYISOCODE,SYSTEMMODSTAMP\n0015g0000000001AAA,Manuka,EUR,2026-11-20T09:00:00.000Z\n",
		"Opportunity.csv":  "Id,Name,AccountId,ACCOUNT.NAME,Amount,CloseDate,StageName,IsClosed,IsWon,CurrencyIsoCode\n0065g0000000001AAA,First,0015g0000000001AAA,Manuka,1.0E3,2026-11-20,Closed Won,true,true,USD\n0065g0000000002AAA,Second,0015g0000000009AAA,,100.10,2026-11-20,Closed Won,true,true,USD\n0065g0000000003AAA,Third,,,7,2026-11-20T00:00:00.000Z,Closed Won,true,true,XPF\n0065g0000000004AAA,Lost,,,7,2026-11-20,Closed Lost,true,false,XPF\n",
		"Organization.csv": "Id,Name,DefaultCurrencyIsoCode,IsSandbox\n00D5g0000000002EAA,Manuka USA,USD,TRUE\n",
		"CurrencyType.csv": "Id,IsoCode,ConversionRate,DecimalPlaces,IsActive,IsCorporate\n01L5g0000000001AAA,USD,1,2,true,true\n01L5g0000000002AAA,EUR,0.9,2,true,false\n01L5g0000000003AAA,XPF,110,0,false,false\n",
		"RecordType.csv":   "Id,Name,DeveloperName,SobjectType,IsActive\n0125g000000AbCdAAK,New Business,New_Business,Opportunity,true\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := d.query("SELECT CurrencyIsoCode FROM Opportunity ORDER BY Name").column("CurrencyIsoCode"); got != "USD,XPF,USD,XPF" {
		t.Errorf("deals are in %s", got)
	}
	if got := d.query("SELECT IsoCode FROM CurrencyType WHERE IsActive = true").column("IsoCode"); got != "USD,EUR" {
		t.Errorf("active currencies: %s", got)
	}
	if r := d.query("SELECT IsSandbox, DefaultCurrencyIsoCode FROM Organization"); r.column("IsSandbox")+r.column("DefaultCurrencyIsoCode") != "trueUSD" || d.org.OrgID() != "00D5g0000000002EAA" {
		t.Errorf("the company: %v", r)
	}
	if id := d.insert("Opportunity", map[string]any{"Name": "x", "StageName": "Closed Won", "CloseDate": "2026-11-20"}); d.query("SELECT CurrencyIsoCode FROM Opportunity WHERE Id = '"+id+"'").column("CurrencyIsoCode") != "USD" {
		t.Error("a new deal is not in the org's own currency")
	}
	var won []salesforcetest.WonDeals
	for _, x := range told.Objects {
		won = append(won, x.Won...)
	}
	if fmt.Sprint(won) != "[{USD 2 1100.1} {XPF 1 7}]" || told.Currency != "USD" || fmt.Sprint(told.Currencies) != "[EUR USD]" {
		t.Errorf("told: %v %s %v", won, told.Currency, told.Currencies)
	}
	if got := strings.Join(told.Notes, "\n"); got != "Opportunity.csv: the column ACCOUNT.NAME is left out: it stands in Account.csv\nOpportunity.csv: AccountId names 1 record of Account that no file has, such as 0015g0000000009AAA" {
		t.Errorf("notes: %s", got)
	}
}

// Somebody chose a few fields in Data Loader: what is not there follows from what is.
func TestAnExportOfAFewFields(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	must(t, d.org.Load(export(t, map[string]string{
		"Opportunity.csv":         "Id,Name,CloseDate,StageName,CurrencyIsoCode\n0065g0000000001AAA,First,2026-11-20,Closed Won,USD\n",
		"OpportunityLineItem.csv": "OpportunityId,PricebookEntryId,Quantity,TotalPrice\n0065g0000000001AAA,01u5g0000000001AAA,3,100\n",
		"PricebookEntry.csv":      "Id,Pricebook2Id,Product2Id,UnitPrice\n01u5g0000000001AAA,01s5g0000000001AAA,01t5g0000000001AAA,50\n",
	})))
	r := d.query("SELECT IsWon, Amount, HasOpportunityLineItem, (SELECT UnitPrice, CurrencyIsoCode, Product2Id FROM OpportunityLineItems) FROM Opportunity")
	if got := fmt.Sprint(r.column("IsWon"), r.column("Amount"), r.column("HasOpportunityLineItem"), r.Records[0]["OpportunityLineItems"]); !strings.HasPrefix(got, "true100.0true") ||
		!strings.Contains(got, "CurrencyIsoCode:USD Product2Id:01t5g0000000001AAA UnitPrice:33.33333333") {
		t.Errorf("got %s", got)
	}
}

func TestRecordTypesOfAnExport(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	must(t, d.org.Load(export(t, map[string]string{
		"Opportunity.csv": "Id,Name,CloseDate,StageName,RecordTypeId\n0065g0000000001AAA,First,2026-11-20,Closed Won,0125g000000AbCdAAK\n",
		"RecordType.csv":  "Id,Name,DeveloperName,SobjectType,IsActive\n0125g000000AbCd,New Business,New_Business,Opportunity,1\n",
	})))
	for _, where := range []string{"RecordType.DeveloperName = 'New_Business'", "RecordTypeId = '0125g000000AbCd'", "RecordType.Name LIKE 'new%'"} {
		if got := d.names(where); got != "First" {
			t.Errorf("%s: %s", where, got)
		}
	}
}

// A custom column of nothing but 0 is a number: as a checkbox it would be in no sum. One of 0 and 1 is a checkbox.
func TestAColumnOfNothingButNoughts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	if err := d.org.Load(export(t, map[string]string{"Account.csv": "Name,Rebate__c,Vip__c\nAcme,0,0\nBeta,0,1\n"})); err != nil {
		t.Fatal(err)
	}
	r := d.query("SELECT Rebate__c, Vip__c FROM Account WHERE Rebate__c < 1 AND Vip__c IN (true, false) ORDER BY Name")
	for path, want := range map[string]string{"Rebate__c": "0.0,0.0", "Vip__c": "false,true"} {
		if got := r.column(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
