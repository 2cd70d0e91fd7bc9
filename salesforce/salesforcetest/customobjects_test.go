package salesforcetest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

// A company that invoices custom objects: billings of accounts with lines as their details, and a deal that some of them come from.
func billingFiles() map[string]string {
	return map[string]string{
		"Account.csv": "Id,Name,ParentId\n0015g0000000001AAA,Kowhai Orchards,\n0015g0000000002AAA,Kowhai North,0015g0000000001AAA\n",
		"Opportunity.csv": "Id,Name,AccountId,StageName,CloseDate,SystemModstamp\n" +
			"0065g0000000001AAA,Spring order,0015g0000000002AAA,Closed Won,2026-11-20,2026-11-20T09:00:00.000+0000\n",
		"Billing__c.csv": "Id,Name:autonumber,Account__c:Account:Account__r:Billings__r,Deal__c:Opportunity:Deal__r:Billings__r,RecordTypeId,Status__c:picklist(Draft;Ready;Sent),Due__c,Total__c:SUM(Billing_Lines__r.Amount__c),Lines__c:COUNT(Billing_Lines__r),Xero_Invoice_Id__c:string(36) unique external,Xero_Amount_Due__c:currency(16.2),IsDeleted,SystemModstamp\n" +
			"a015g0000000001AAA,B-0007,0015g0000000002AAA,0065g0000000001AAA,0125g0000000001AAA,Ready,2026-12-20,,,,,0,2026-11-20T09:00:00.000+0000\n" +
			"a015g0000000002AAA,B-0008,0015g0000000001AAA,,0125g0000000002AAA,Draft,,,,,,0,2026-11-20T09:00:00.000+0000\n" +
			"a015g0000000003AAA,B-0009,0015g0000000001AAA,,0125g0000000002AAA,Draft,,,,,,1,2026-11-20T09:00:00.000+0000\n",
		"Billing_Line__c.csv": "Id,Name,Billing__c:Billing__c:Billing__r:Billing_Lines__r:master-detail,Product__c:Product2:Product__r:,Amount__c,Text__c,IsDeleted,SystemModstamp\n" +
			"a025g0000000001AAA,One,a015g0000000001AAA,01t5g0000000001AAA,33.335,first,0,2026-11-20T09:00:00.000+0000\n" +
			"a025g0000000002AAA,Two,a015g0000000001AAA,,10,,0,2026-11-20T09:00:00.000+0000\n" +
			"a025g0000000003AAA,Three,a015g0000000003AAA,,5,,1,2026-11-20T09:00:00.000+0000\n",
		"Product2.csv":   "Id,Name,Family\n01t5g0000000001AAA,Apples,Fruit\n",
		"RecordType.csv": "Id,Name,DeveloperName,SobjectType,IsActive\n0125g0000000001AAA,Final,Final,Billing__c,1\n0125g0000000002AAA,Deposit,Deposit,Billing__c,1\n",
	}
}

func billings(t *testing.T, opt salesforcetest.Options) (*desk, salesforcetest.Export) {
	t.Helper()
	d := newDesk(t, opt)
	told, err := d.org.LoadExport(export(t, billingFiles()))
	if err != nil {
		t.Fatal(err)
	}
	return d, told
}

func TestACustomObjectIsReadUpwardAndDownward(t *testing.T) {
	t.Parallel()
	d, told := billings(t, salesforcetest.Options{})
	for soql, want := range map[string]string{
		"SELECT Name FROM Billing__c WHERE Account__r.Parent.Name = 'Kowhai Orchards'":                                                                        "B-0007",
		"SELECT Name FROM Billing__c WHERE RecordType.DeveloperName = 'Deposit'":                                                                              "B-0008",
		"SELECT Name FROM Billing__c WHERE RecordTypeId = '0125g0000000001'":                                                                                  "B-0007",
		"SELECT Name FROM Billing__c WHERE Account__c = '0015g0000000002' AND Due__c > 2026-12-01 AND Total__c > 43.33 AND Lines__c = 2":                      "B-0007",
		"SELECT Name FROM Billing__c WHERE Status__c IN ('Ready', 'Sent')":                                                                                    "B-0007",
		"SELECT Name FROM Billing__c WHERE Id IN (SELECT Billing__c FROM Billing_Line__c WHERE Amount__c > 20)":                                               "B-0007",
		"SELECT Name FROM Billing_Line__c WHERE Billing__r.Account__r.Parent.Name = 'Kowhai Orchards' AND Billing__r.Deal__r.IsWon = true ORDER BY Amount__c": "Two,One",
		"SELECT Name FROM Account WHERE Id IN (SELECT Account__c FROM Billing__c) ORDER BY Name":                                                              "Kowhai North,Kowhai Orchards",
		"SELECT Name FROM Billing_Line__c WHERE Product__r.Family = 'Fruit'":                                                                                  "One",
	} {
		if got := d.query(soql).column("Name"); got != want {
			t.Errorf("%s: %s, want %s", soql, got, want)
		}
	}
	r := d.query("SELECT Name, Account__r.Name, Deal__r.Account.Parent.Name, Total__c, (SELECT Name, Amount__c, Billing__r.Account__r.Name FROM Billing_Lines__r ORDER BY Amount__c) FROM Billing__c ORDER BY Name")
	if got := r.column("Name") + r.column("Account__r", "Name") + r.column("Deal__r", "Account", "Parent", "Name") + r.column("Total__c"); got != "B-0007,B-0008Kowhai North,Kowhai OrchardsKowhai Orchards,<nil>43.335,0.0" {
		t.Errorf("billings: %s", got)
	}
	lines := fmt.Sprint(r.Records[0]["Billing_Lines__r"])
	for _, want := range []string{"totalSize:2", "Name:Two", "Amount__c:10.0", "Amount__c:33.335", "Name:Kowhai North"} {
		if !strings.Contains(lines, want) {
			t.Errorf("the lines lack %s: %s", want, lines)
		}
	}
	if none := r.Records[1]["Billing_Lines__r"]; none != nil {
		t.Errorf("lines where there are none: %v", none)
	}
	r = d.query("SELECT Name, (SELECT Name FROM Billings__r ORDER BY Name) FROM Account ORDER BY Name")
	if got := fmt.Sprint(r.Records[0]["Billings__r"], r.Records[1]["Billings__r"]); !strings.Contains(got, "B-0007") || !strings.Contains(got, "B-0008") || strings.Contains(got, "B-0009") {
		t.Errorf("the accounts' billings: %s", got)
	}
	r = d.query("SELECT (SELECT Name FROM Billings__r) FROM Opportunity") // one name below two objects
	if got := fmt.Sprint(r.Records[0]["Billings__r"]); !strings.Contains(got, "B-0007") {
		t.Errorf("the deal's billings: %s", got)
	}
	var fields []string
	for _, x := range told.Objects {
		if strings.HasPrefix(x.Name, "Billing") {
			fields = append(fields, x.Fields...)
		}
	}
	if got, want := strings.Join(fields, ", "), "Billing__c (master-detail to Billing__c), Product__c (lookup to Product2), Amount__c (number), Text__c (text), "+
		"Account__c (lookup to Account), Deal__c (lookup to Opportunity), Status__c (picklist), Due__c (date), Total__c (roll-up), Lines__c (roll-up), "+
		"Xero_Invoice_Id__c (text), Xero_Amount_Due__c (currency)"; got != want {
		t.Errorf("told:\ngot  %s\nwant %s", got, want)
	}
}

func TestDeletedRowsOfACustomObject(t *testing.T) {
	t.Parallel()
	d, _ := billings(t, salesforcetest.Options{})
	if got := d.query("SELECT Name FROM Billing__c ORDER BY Name").column("Name"); got != "B-0007,B-0008" {
		t.Errorf("query: %s", got)
	}
	r := d.queryAll("SELECT Name, IsDeleted, (SELECT Name FROM Billing_Lines__r) FROM Billing__c ORDER BY Name")
	if got := r.column("Name") + r.column("IsDeleted") + fmt.Sprint(r.Records[2]["Billing_Lines__r"]); !strings.HasPrefix(got, "B-0007,B-0008,B-0009false,false,true") || !strings.Contains(got, "Three") {
		t.Errorf("queryAll: %s", got)
	}
	d.now = firstDay.AddDate(0, 0, 15) // the recycle bin keeps them 15 days
	d.signIn()
	if got := d.queryAll("SELECT Name FROM Billing__c ORDER BY Name").column("Name"); got != "B-0007,B-0008" {
		t.Errorf("after 15 days: %s", got)
	}
}

type described struct {
	Name, Label, LabelPlural, KeyPrefix string
	Custom                              bool
	Fields                              []struct {
		Name, Label, Type, RelationshipName                   string
		ReferenceTo                                           []string
		Createable, Updateable, Nillable, CascadeDelete       bool
		Calculated, Unique, ExternalID, AutoNumber, NameField bool
		Custom, RestrictedPicklist                            bool
		RelationshipOrder                                     *int
		Length, Precision, Scale                              int
		PicklistValues                                        []struct{ Value string }
	}
	ChildRelationships []struct {
		ChildSObject, Field, RelationshipName string
		CascadeDelete                         bool
	}
	RecordTypeInfos []struct {
		DeveloperName, RecordTypeID string
		Master                      bool
	}
}

func TestACustomObjectIsDescribed(t *testing.T) {
	t.Parallel()
	d, _ := billings(t, salesforcetest.Options{})
	describe := func(object string) described {
		return decode[described](t, d.send("GET", v+"/sobjects/"+object+"/describe", ""))
	}
	field := func(of described, name string) string {
		for _, f := range of.Fields {
			if f.Name != name {
				continue
			}
			s := fmt.Sprint(f.Type, f.ReferenceTo, f.RelationshipName, " length ", f.Length, " of ", f.Precision, ",", f.Scale)
			for word, is := range map[string]bool{"a": f.AutoNumber, "c": f.Createable, "u": f.Updateable, "n": f.Nillable, "d": f.CascadeDelete, "f": f.Calculated, "1": f.Unique, "x": f.ExternalID, "r": f.RestrictedPicklist, "m": f.RelationshipOrder != nil} {
				if is {
					s += " " + word
				}
			}
			words := strings.Fields(s)
			return strings.Join(words[:5], " ") + " " + sortedWords(words[5:]) + fmt.Sprint(f.PicklistValues)
		}
		return "none"
	}
	billing, line := describe("Billing__c"), describe("Billing_Line__c")
	if billing.Label != "Billing" || billing.LabelPlural != "Billings" || billing.KeyPrefix != "a01" || !billing.Custom || line.Label != "Billing Line" {
		t.Errorf("%+v", billing)
	}
	for _, tt := range []struct {
		of         described
		name, want string
	}{
		{billing, "Name", "string[] length 80 of 0,0 an[]"},
		{billing, "Account__c", "reference[Account]Account__r length 18 of 0,0 cnu[]"},
		{billing, "Status__c", "picklist[] length 255 of 0,0 cnru[{Draft} {Ready} {Sent}]"},
		{billing, "Due__c", "date[] length 0 of 0,0 cnu[]"},
		{billing, "Total__c", "double[] length 0 of 18,3 fn[]"},
		{billing, "Lines__c", "double[] length 0 of 18,0 fn[]"},
		{billing, "Xero_Invoice_Id__c", "string[] length 36 of 0,0 1cnux[]"},
		{billing, "Xero_Amount_Due__c", "currency[] length 0 of 18,2 cnu[]"},
		{billing, "OwnerId", "reference[User]Owner length 18 of 0,0 cnu[]"},
		{billing, "RecordTypeId", "reference[RecordType]RecordType length 18 of 0,0 cnu[]"},
		{line, "Billing__c", "reference[Billing__c]Billing__r length 18 of 0,0 cdm[]"},
		{line, "Product__c", "reference[Product2]Product__r length 18 of 0,0 cnu[]"},
		{line, "Amount__c", "double[] length 0 of 19,3 cnu[]"},
		{line, "OwnerId", "none"}, // whoever owns the billing owns it
	} {
		if got := field(tt.of, tt.name); got != tt.want {
			t.Errorf("%s.%s: %s, want %s", tt.of.Name, tt.name, got, tt.want)
		}
	}
	if got := fmt.Sprint(billing.ChildRelationships); got != "[{Billing_Line__c Billing__c Billing_Lines__r true}]" {
		t.Errorf("below a billing: %s", got)
	}
	if got := fmt.Sprint(describe("Account").ChildRelationships); !strings.Contains(got, "{Billing__c Account__c Billings__r false}") {
		t.Errorf("below an account: %s", got)
	}
	if got := fmt.Sprint(describe("Product2").ChildRelationships); !strings.Contains(got, "{Billing_Line__c Product__c  false}") {
		t.Errorf("below a product, without a name: %s", got)
	}
	if got := fmt.Sprint(billing.RecordTypeInfos); got != "[{Final 0125g0000000001AAA false} {Deposit 0125g0000000002AAA false} {Master 012000000000000AAA true}]" {
		t.Errorf("record types: %s", got)
	}
}

func sortedWords(words []string) string {
	for i := range words {
		for j := i; j > 0 && words[j] < words[j-1]; j-- {
			words[j], words[j-1] = words[j-1], words[j]
		}
	}
	return strings.Join(words, "")
}

// What the daemon writes back, and what it would be refused.
func TestWritesToCustomObjects(t *testing.T) {
	t.Parallel()
	d, _ := billings(t, salesforcetest.Options{})
	d.now = d.now.Add(time.Minute)
	record := func(fields string) string { return `{"attributes":{"type":"Billing__c"},` + fields + `}` }
	for _, tt := range []struct{ name, record, want string }{
		{"what is written back", record(`"id":"a015g0000000001AAA","Xero_Invoice_Id__c":"x-1","Xero_Amount_Due__c":43.34,"Status__c":"Sent"`), `[{"id":"a015g0000000001AAA","success":true,"errors":[]}]`},
		{"a value that the picklist lacks", record(`"id":"a015g0000000002AAA","Status__c":"Lost"`), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"},
		{"a roll-up", record(`"id":"a015g0000000002AAA","Total__c":1`), "Unable to create/update fields: Total__c"},
		{"a number that Salesforce counts", record(`"id":"a015g0000000002AAA","Name":"x"`), "Unable to create/update fields: Name"},
		{"a deleted record", record(`"id":"a015g0000000003AAA","Status__c":"Sent"`), "ENTITY_IS_DELETED"},
		{"another master", `{"attributes":{"type":"Billing_Line__c"},"id":"a025g0000000001AAA","Billing__c":"a015g0000000002AAA"}`, "Unable to create/update fields: Billing__c"},
		{"another object's record", record(`"id":"a015g0000000002AAA","Account__c":"0065g0000000001AAA"`), "MALFORMED_ID"},
		{"a record that is not there", record(`"id":"a015g0000000002AAA","Account__c":"0015g0000000009AAA"`), "INVALID_CROSS_REFERENCE_KEY"},
		{"a record type that is not there", record(`"id":"a015g0000000002AAA","RecordTypeId":"0125g0000000009AAA"`), "INVALID_CROSS_REFERENCE_KEY"},
	} {
		body := fmt.Sprintf(`{"compositeRequest":[{"method":"PATCH","url":"%s/composite/sobjects","referenceId":"a","body":{"allOrNone":false,"records":[%s]}}]}`, v, tt.record)
		if got := d.send("POST", v+"/composite", body).Body.String(); !strings.Contains(got, tt.want) {
			t.Errorf("%s: it lacks %s: %s", tt.name, tt.want, got)
		}
	}
	r := d.query("SELECT Xero_Invoice_Id__c, Xero_Amount_Due__c, Status__c, SystemModstamp FROM Billing__c WHERE Name = 'B-0007'")
	if got := r.column("Xero_Invoice_Id__c") + r.column("Xero_Amount_Due__c") + r.column("Status__c") + r.column("SystemModstamp"); got != "x-143.34Sent2026-11-21T10:01:00.000+0000" {
		t.Errorf("written: %s", got)
	}
	w := d.send("POST", v+"/sobjects/Billing__c", `{"Account__c":"0015g0000000001AAA","Xero_Invoice_Id__c":"X-1"}`)
	if !strings.Contains(w.Body.String(), "DUPLICATE_VALUE") {
		t.Errorf("a second one with its invoice: %s", w.Body)
	}
	w = d.send("POST", v+"/sobjects/Billing__c", `{"Account__c":"0015g0000000001AAA"}`)
	made := decode[struct{ ID string }](t, w)
	if r := d.query("SELECT Name, Total__c FROM Billing__c WHERE Id = '" + made.ID + "'"); r.column("Name")+r.column("Total__c") != "B-00100.0" {
		t.Errorf("a new billing is numbered and comes to nothing: %v", r)
	}
	w = d.send("POST", v+"/sobjects/Billing_Line__c", `{"Amount__c":1}`)
	if !strings.Contains(w.Body.String(), "Required fields are missing: [Billing__c]") {
		t.Errorf("a line without its billing: %s", w.Body)
	}
	w = d.send("POST", v+"/sobjects/Billing_Line__c", `{"Amount__c":1,"Billing__c":"`+made.ID+`"}`)
	if id := decode[struct{ ID string }](t, w).ID; d.query("SELECT Name FROM Billing_Line__c WHERE Id = '"+id+"'").column("Name") != id {
		t.Error("a record without a name has its id for one")
	}
}

// A value that describe lists may still be none of a record's type.
func TestARecordTypeLimitsAPicklist(t *testing.T) {
	t.Parallel()
	d, _ := billings(t, salesforcetest.Options{})
	must(t, d.org.LimitPicklist("Billing__c", "Deposit", "Status__c", "Draft", "Sent"))
	for _, tt := range []struct{ id, status, want string }{
		{"a015g0000000002AAA", "Sent", ""},
		{"a015g0000000002AAA", "Ready", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"},
		{"a015g0000000001AAA", "Draft", ""}, // of another type
	} {
		got := d.send("PATCH", v+"/sobjects/Billing__c/"+tt.id, `{"Status__c":"`+tt.status+`"}`).Body.String()
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s of %s: %s, want %q", tt.status, tt.id, got, tt.want)
		}
	}
	if got := d.send("GET", v+"/sobjects/Billing__c/describe", "").Body.String(); !strings.Contains(got, `{"value":"Ready","label":"Ready","active":true`) {
		t.Error("describe lists it no more")
	}
	for _, err := range []error{d.org.LimitPicklist("Billing__c", "None", "Status__c"), d.org.LimitPicklist("Billing__c", "Deposit", "Name"), d.org.LimitPicklist("Nothing__c", "Deposit", "Name")} {
		if err == nil {
			t.Error("a slip of the pen is taken")
		}
	}
}

func TestACustomObjectHasTheCurrencyOfItsMaster(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	must(t, d.org.Load(export(t, map[string]string{
		"CurrencyType.csv":    "IsoCode,ConversionRate,DecimalPlaces,IsActive,IsCorporate\nNZD,1,2,true,true\nUSD,0.5,2,true,false\n",
		"Billing__c.csv":      "Id,CurrencyIsoCode,Total__c:SUM(Lines__r.Amount__c)\na015g0000000001AAA,USD,\n",
		"Billing_Line__c.csv": "Billing__c:Billing__c:Billing__r:Lines__r:master-detail,CurrencyIsoCode,Amount__c:currency\na015g0000000001AAA,,10\na015g0000000001AAA,NZD,30\n",
	})))
	if got := d.query("SELECT CurrencyIsoCode FROM Billing_Line__c ORDER BY Amount__c").column("CurrencyIsoCode"); got != "USD,NZD" {
		t.Errorf("lines are in %s", got)
	}
	if got := d.query("SELECT Total__c FROM Billing__c").column("Total__c"); got != "25.0" {
		t.Errorf("USD 10 and NZD 30 at 0.50 come to USD %s", got)
	}
}
