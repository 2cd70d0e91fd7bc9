package salesforcetest_test

import (
	"strings"
	"testing"

	"sf2xero/salesforce/salesforcetest"
)

func TestHeadingsThatSayNonsense(t *testing.T) {
	t.Parallel()
	const account = "Id,Name\n0015g0000000001AAA,Kowhai\n"
	const billing = "Billing__c.csv"
	for _, tt := range []struct {
		name, file, text, want string
	}{
		{"an object that is not there", billing, "Account__c:Acount:Account__r:Billings__r\n,\n", `Billing__c.csv:1: Account__c: it points to "Acount", and there is no such object; did you mean Account?`},
		{"a custom object without a file", billing, "Job__c:Job__c:Job__r:Billings__r\n,\n", "Billing__c.csv:1: Job__c: it points to Job__c, which this org does not have; its file would be Job__c.csv"},
		{"a standard object without a file", billing, "Case__c:Case:Case__r:Billings__r\n,\n", "Billing__c.csv:1: Case__c: it points to Case, of which there is no file; Case.csv with its column Id is enough"},
		{"two colons", billing, "Account__c:Account:Account__r\n,\n", `Billing__c.csv:1: Account__c: "Account__c:Account:Account__r" has 2 colons; a column is a field's name, or Field:type, or Field:Object:Parent__r:Children__r`},
		{"five colons", billing, "Account__c:Account:Account__r:Billings__r:master-detail:x\n,\n", "has 5 colons"},
		{"four colons, the last for nothing", billing, "Account__c:Account:Account__r:Billings__r:detail\n,\n", `ends in "detail", where only master-detail can stand`},
		{"no field", billing, ":Account:Account__r:Billings__r\n,\n", `Billing__c.csv:1: ":Account:Account__r:Billings__r" names no field before its first colon`},
		{"no object", billing, "Account__c::Account__r:Billings__r\n,\n", "leaves out the object that the field points to, or the name of the way there"},
		{"no way up", billing, "Account__c:Account::Billings__r\n,\n", "leaves out the object that the field points to, or the name of the way there"},
		{"another way up", billing, "Account__c:Account:Customer__r:Billings__r\n,\n", "Billing__c.csv:1: Account__c: the way from Account__c up is Account__r and not Customer__r: Salesforce names it after the field"},
		{"children without __r", billing, "Account__c:Account:Account__r:Billings\n,\n", `"Billings" is no name of children; a custom one ends in __r`},
		{"details without a name", billing, "Account__c:Account:Account__r::master-detail\n,\n", "has a name for the details below the master"},
		{"children's names twice", billing, "Account__c:Account:Account__r:Billings__r,Payer__c:Account:Payer__r:billings__R\n,\n", "Billing__c.csv:1: Payer__c: Billings__r is already the name of the children of Account that Billing__c.Account__c makes"},
		{"a third master", billing, "A__c:Account:A__r:As__r:master-detail,B__c:Account:B__r:Bs__r:master-detail,C__c:Account:C__r:Cs__r:master-detail\n,,\n", "Billing__c.csv:1: C__c: Billing__c has two masters already"},
		{"a master of itself", billing, "B__c:Billing__c:B__r:Bs__r:master-detail\n\n", "Billing__c cannot be above itself"},
		{"a detail with an owner", billing, "OwnerId,Account__c:Account:Account__r:Billings__r:master-detail\n,0015g0000000001AAA\n", "Billing__c.csv:1: OwnerId: Billing__c has no OwnerId: a detail belongs to whoever its master belongs to"},
		{"a standard object as a detail", "Product2.csv", "Name,Account__c:Account:Account__r:Products__r:master-detail\nx,\n", "Product2.csv:1: Account__c: Product2 is a standard object, which cannot be a detail"},
		{"a standard field that points elsewhere", "Order.csv", "AccountId:Contact:Account:Orders\n,\n", "Order.csv:1: AccountId: Order.AccountId is AccountId:Account:Account:Orders already; leave out what stands behind the colon"},
		{"a field that is none", billing, "Account:Account:Account__r:Billings__r\n\n", "Billing__c.csv:1: Account: Billing__c has no field Account; a custom field's name ends in __c"},
		{"a type that is none", billing, "Amount__c:money\n1\n", `Billing__c.csv:1: Amount__c: "money" is no type of a field; types are string, textarea,`},
		{"another type than it has", "Opportunity.csv", "Name,StageName,CloseDate,Amount:string\na,Closed Won,2026-01-01,1\n", "Opportunity.csv:1: Amount: Opportunity.Amount is a currency already"},
		{"a standard field that is unique", "Account.csv", "Id,Name:string(255) unique\n0015g0000000001AAA,Kowhai\n", "Account.csv:1: Name: Account.Name is a standard field, which Salesforce says all about"},
		{"a user that is not there", billing, "Rep__c:User:Rep__r:Billings__r\n0055g0000000009AAA\n", "Billing__c.csv:2: Rep__c: no User has the id 0055g0000000009AAA; give it in User.csv"},
		{"a size that cannot be", billing, "Amount__c:currency(20.2)\n1\n", "18 together at most, such as currency(16.2)"},
		{"a length that cannot be", billing, "Text__c:string(300)\nx\n", "the length is a number from 1 to 255"},
		{"a size of what has none", billing, "Due__c:date(3)\n\n", "a date has no size; leave (3) out"},
		{"a comma in a bracket", billing, "Amount__c:currency(16,2)\n1\n", "lacks its closing bracket: a comma ends the column, so write currency(16.2)"},
		{"a value twice", billing, "Status__c:picklist(Draft;Draft)\nDraft\n", "has an empty value, or one twice"},
		{"a word behind a type", billing, "Key__c:string(36) primary\nx\n", `says "primary" of the field; it can be required, unique, case-sensitive, external or formula`},
		{"a roll-up of no details", billing, "Total__c:SUM(Lines__r.Amount__c)\n\n", "Billing__c.csv:1: Total__c: Billing__c has no children Lines__r"},
		{"a sum of nothing", billing, "Total__c:SUM(Lines__r)\n\n", "COUNT counts records, as in COUNT(Lines__r); the others name a field"},
		{"half a roll-up", billing, "Total__c:SUM()\n\n", `"SUM()" is no roll-up; one is written like SUM(Lines__r.Amount__c)`},
		{"a custom object's file without __c", "Billing.csv", "Id,Name\n,x\n", "Billing.csv: Salesforce has no object Billing; a file is named after its object, as in Account.csv, and a custom object's with __c: Billing__c.csv"},
		{"a record that is not there", billing, "Id,Account__c:Account:Account__r:Billings__r\na015g0000000001AAA,0015g0000000001AAA\na015g0000000002AAA,0015g0000000009AAA\n", "Billing__c.csv:3: Account__c: no Account has the id 0015g0000000009AAA; give it in Account.csv"},
		{"a record of another object", billing, "Account__c:Account:Account__r:Billings__r\n0065g0000000001AAA\n", "Billing__c.csv:2: Account__c: 0065g0000000001AAA is the id of Opportunity, not of Account"},
		{"what is no id", billing, "Account__c:Account:Account__r:Billings__r\nKowhai\n", `Billing__c.csv:2: Account__c: "Kowhai" is no id; an id has 15 or 18 letters and digits`},
		{"a detail without a master", billing, "Name,Account__c:Account:Account__r:Billings__r:master-detail\nx,\n", "Billing__c.csv:2: Account__c: it is empty, and a detail has a master: give the id of its Account"},
		{"a value of another type", billing, "Name,Paid__c:checkbox,Amount__c:currency,Due__c:date\nx,perhaps,much,soon\n", "Billing__c.csv:2: Due__c: \"soon\" is no date"},
		{"a value that the picklist lacks", billing, "Name,Status__c:picklist(Draft;Sent)\nx,Lost\n", "Billing__c.csv:2: Status__c: Status: bad value for restricted picklist field: Lost"},
		{"a required value that is not there", billing, "Name,Due__c:date required\nx,\n", "Billing__c.csv:2: Required fields are missing: [Due__c]"},
		{"a unique value twice", billing, "Name,Key__c:string(36) unique\nx,1\ny,1\n", "Billing__c.csv:2: duplicate value found: Key__c duplicates value on record"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := salesforcetest.New(salesforcetest.Options{}).Load(export(t, map[string]string{"Account.csv": account, tt.file: tt.text}))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant …%s…", err, tt.want)
			}
		})
	}
}

// Two files can give the children of one object one name; and a deleted master, a foreign record type, are seen across files as well.
func TestMistakesBetweenFilesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	err := salesforcetest.New(salesforcetest.Options{}).Load(export(t, map[string]string{
		"Account.csv": "Id,Name\n0015g0000000001AAA,\n",
		"Billing__c.csv": "Id,Account__c:Account:Account__r:Billings__r,RecordTypeId,IsDeleted\n" +
			"a015g0000000001AAA,0015g0000000001AAA,0125g0000000001AAA,1\na015g0000000002AAA,0015g0000000007AAA,0125g0000000002AAA,0\na015g0000000003AAA,0015g0000000001AAA,0125g0000000003AAA,maybe\n",
		"Line__c.csv":    "Billing__c:Billing__c:Billing__r:Lines__r:master-detail,Amount__c:currency\na015g0000000001AAA,1\na015g0000000003AAA,2\na015g0000000008AAA,x\n",
		"Invoice__c.csv": "Account__c:Account:Account__r:Billings__r,Billing__c:Billing__c:Billing__r\n,\n",
		"RecordType.csv": "Id,Name,DeveloperName,SobjectType,IsActive\n0125g0000000001AAA,A,A,Billing__c,1\n0125g0000000002AAA,B,B,Opportunity,1\n",
		"Job.csv":        "Id\n",
	}))
	if err == nil {
		t.Fatal("all is well")
	}
	told := strings.Split(err.Error(), "\n")[1:]
	want := []string{
		"Job.csv: Salesforce has no object Job; a file is named after its object, as in Account.csv, and a custom object's with __c: Job__c.csv",
		"Invoice__c.csv:1: Account__c: Billings__r is already the name of the children of Account that Billing__c.Account__c makes",
		`Invoice__c.csv:1: Billing__c: "Billing__c:Billing__c:Billing__r" has 2 colons; a column is a field's name, or Field:type, or Field:Object:Parent__r:Children__r, or that with :master-detail behind it`,
		`Billing__c.csv:4: IsDeleted: "maybe" is neither true nor false; write true or false, 1 or 0`,
		`Line__c.csv:4: Amount__c: "x" is no number; write it like 1000.50`,
		"Billing__c.csv:3: Account__c: no Account has the id 0015g0000000007AAA; give it in Account.csv",
		"Billing__c.csv:3: RecordTypeId: 0125g0000000002AAA is a record type of Opportunity, not of Billing__c",
		"Line__c.csv:2: Billing__c: a015g0000000001AAA is deleted, and its details went with it: this record needs IsDeleted true",
		"Account.csv:2: Required fields are missing: [Name]",
	}
	if got := strings.Join(told, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestHeadingsThatSayMore(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	must(t, d.org.Load(export(t, map[string]string{
		"Account.csv": "Id,Name:string,ParentId:Account:Parent:ChildAccounts,Terms__c:int,Note__c:richtext,Region__c:string(5) unique\n0015g0000000001AAA,Kowhai,,20,,North\n",
		// The ids of an object without records are not those of one with some.
		"Addition__c.csv": "Id,Name,Account__c:account:account__R:Empties__r\n",
		"Billing__c.csv":  "Id,\"Amount__c:currency(16,2)\",Code__c:text,Stage__c:picklist,Parent__c:Billing__c:Parent__r:Parts__r,Account__c:Account:Account__r:\na005g0000000001AAA,1,0200,New,,0015g0000000001\na005g0000000002AAA,2,0300,Old,a005g0000000001,\n",
	})))
	if got := d.query("SELECT Account__r.Name, Code__c FROM Billing__c WHERE Parent__r.Account__r.Terms__c = 20").column("Code__c"); got != "0300" {
		t.Errorf("the part of a billing of Kowhai: %s", got)
	}
	if got := d.query("SELECT (SELECT Code__c FROM Parts__r) FROM Billing__c WHERE Stage__c = 'New'").Records[0]["Parts__r"]; got == nil {
		t.Error("the first billing has no part")
	}
	if w := d.send("POST", v+"/sobjects/Addition__c", `{"Account__c":"0015g0000000001AAA"}`); w.Code != 201 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, name := range []string{"North", "Norths"} { // the org has a Region__c of its own, which the file says otherwise of
		if w := d.send("POST", v+"/sobjects/Account", `{"Name":"x","Region__c":"`+name+`"}`); w.Code != 400 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	fields := d.send("GET", v+"/sobjects/Billing__c/describe", "").Body.String()
	for _, want := range []string{`"picklistValues":[{"value":"New","label":"New","active":true,"defaultValue":false},{"value":"Old"`, `"keyPrefix":"a00"`} {
		if !strings.Contains(fields, want) {
			t.Errorf("describe lacks %s", want)
		}
	}
}
