package salesforcetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

func TestSingleRecords(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	acc := d.insert("Account", map[string]any{"Name": "Acme", "BillingStreet": "1 High St\nLevel 2", "BillingCity": "Wellington"})
	gone := d.insert("Account", map[string]any{"Name": "Gone"})
	if err := d.org.Delete("Account", gone); err != nil {
		t.Fatal(err)
	}
	d.insert("Account", map[string]any{"Name": "K1", "Xero_Contact_Id__c": "twin"})
	d.insert("Account", map[string]any{"Name": "K2", "Xero_Contact_Id__c": "TWIN"})
	d.insert("Account", map[string]any{"Name": "K3", "Xero_Contact_Id__c": "a/b"})
	sob := v + "/sobjects/"
	tests := []struct {
		name, method, path, body string
		code                     int
		want                     string
	}{
		{"read", "GET", sob + "Account/" + acc, "{}", 200, `"Name":"Acme"`},
		{"read by 15 characters, slash behind", "GET", sob + "account/" + acc[:15] + "/", "", 200, `"BillingStreet":"1 High St\nLevel 2"`},
		{"read the compound address", "GET", sob + "Account/" + acc + "?fields=BillingAddress", "", 200, `"BillingAddress":{"city":"Wellington","country":null,"postalCode":null,"state":null,"street":"1 High St\nLevel 2","geocodeAccuracy":null`},
		{"read some fields", "GET", sob + "Account/" + acc + "?fields=id,NAME", "", 200, `"Id":"` + acc + `","Name":"Acme"}`},
		{"read a field that is not there", "GET", sob + "Account/" + acc + "?fields=Foo", "", 400, "INVALID_FIELD"},
		{"read what is deleted", "GET", sob + "Account/" + gone, "", 404, `[{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED"}]`},
		{"read what never was", "GET", sob + "Account/001000000000000AAA", "", 404, `[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]`},
		{"read a deal as an account", "GET", sob + "Account/006000000000000AAA", "", 404, "Provided external ID field does not exist or is not accessible: 006000000000000AAA"},
		{"unknown object", "GET", sob + "Foo/" + acc, "", 404, "NOT_FOUND"},
		{"create", "POST", sob + "Account", `{"attributes":{"type":"Account"},"Name":"New","Phone":"1"}`, 201, `"success":true,"errors":[]}`},
		{"create without a name", "POST", sob + "Account", `{"Phone":"1"}`, 400, `[{"message":"Required fields are missing: [Name]","errorCode":"REQUIRED_FIELD_MISSING","fields":["Name"]}]`},
		{"create an empty deal", "POST", sob + "Opportunity", `{}`, 400, `Required fields are missing: [Name, StageName, CloseDate]`},
		{"create with an unknown field", "POST", sob + "Account", `{"Name":"x","Foo__c":1}`, 400, `[{"message":"No such column 'Foo__c' on sobject of type Account","errorCode":"INVALID_FIELD"}]`},
		{"create with read-only fields", "POST", sob + "Opportunity", `{"Name":"x","StageName":"Closed Won","CloseDate":"2026-11-21","IsWon":true,"SystemModstamp":"2026-11-21T00:00:00Z"}`, 400, `"message":"Unable to create/update fields: IsWon, SystemModstamp. Please check the security settings of this field and verify that it is read/write for your profile or permission set.","errorCode":"INVALID_FIELD_FOR_INSERT_UPDATE","fields":["IsWon","SystemModstamp"]`},
		{"too long", "POST", sob + "Account", `{"Name":"` + strings.Repeat("ü", 256) + `"}`, 400, `(max length=255)","errorCode":"STRING_TOO_LONG","fields":["Name"]`},
		{"long enough", "POST", sob + "Account", `{"Name":"` + strings.Repeat("ü", 255) + `"}`, 201, `"success":true`},
		{"a date that is none", "POST", sob + "Opportunity", `{"Name":"x","StageName":"Closed Won","CloseDate":"21/11/2026"}`, 400, `Cannot deserialize instance of date from VALUE_STRING value 21/11/2026`},
		{"text in a number", "PATCH", sob + "Account/" + acc, `{"AnnualRevenue":"lots"}`, 400, `Cannot deserialize instance of double from VALUE_STRING value lots`},
		{"a number in quotes", "PATCH", sob + "Account/" + acc, `{"AnnualRevenue":"12.5"}`, 204, ""},
		{"a number out of range", "PATCH", sob + "Account/" + acc, `{"AnnualRevenue":10000000000000000}`, 400, `NUMBER_OUTSIDE_VALID_RANGE`},
		{"a number of a million digits", "PATCH", sob + "Account/" + acc, `{"AnnualRevenue":1e1000000}`, 400, `JSON_PARSER_ERROR`},
		{"half an employee", "PATCH", sob + "Account/" + acc, `{"NumberOfEmployees":1.5}`, 400, `Cannot deserialize instance of int`},
		{"a wrong e-mail address", "PATCH", sob + "Account/" + acc, `{"Billing_Email__c":"nobody"}`, 400, `invalid email address: nobody","errorCode":"INVALID_EMAIL_ADDRESS","fields":["Billing_Email__c"]`},
		{"an id of the wrong type", "PATCH", sob + "Account/" + acc, `{"ParentId":"006000000000000AAA"}`, 400, `MALFORMED_ID`},
		{"an id that is not there", "PATCH", sob + "Account/" + acc, `{"ParentId":"001000000000000AAA"}`, 400, `"errorCode":"INVALID_CROSS_REFERENCE_KEY","fields":["ParentId"]`},
		{"a parent that is deleted", "PATCH", sob + "Account/" + acc, `{"ParentId":"` + gone + `"}`, 400, `ENTITY_IS_DELETED`},
		{"clear what is required", "PATCH", sob + "Account/" + acc, `{"Name":null}`, 400, `REQUIRED_FIELD_MISSING`},
		{"clear a checkbox", "PATCH", sob + "Product2/" + d.insert("Product2", map[string]any{"Name": "P"}), `{"IsActive":null}`, 400, `INVALID_TYPE_ON_FIELD_IN_RECORD`},
		{"the id in the body", "PATCH", sob + "Account/" + acc, `{"Id":"` + acc + `"}`, 400, `The Id field should not be specified in the sobject data.`},
		{"no body", "PATCH", sob + "Account/" + acc, "", 400, `The HTTP entity body is required`},
		{"broken JSON", "PATCH", sob + "Account/" + acc, `{"Name":`, 400, `JSON_PARSER_ERROR`},
		{"POST as PATCH", "POST", sob + "Account/" + acc + "?_HttpMethod=PATCH", `{"Phone":"2"}`, 204, ""},
		{"PUT", "PUT", sob + "Account/" + acc, `{}`, 405, `[{"message":"HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,PATCH,DELETE","errorCode":"METHOD_NOT_ALLOWED"}]`},
		{"upsert a new one", "PATCH", sob + "Account/Xero_Contact_Id__c/n%2F1", `{"Name":"N"}`, 201, `"created":true`},
		{"upsert it again", "PATCH", sob + "Account/xero_contact_id__c/N%2F1", `{"Name":"N2"}`, 200, `"success":true,"errors":[],"created":false`},
		{"upsert it again at an old version", "PATCH", "/services/data/v45.0/sobjects/Account/Xero_Contact_Id__c/n%2F1", `{"Name":"N3"}`, 204, ""},
		{"upsert where two match", "PATCH", sob + "Account/Xero_Contact_Id__c/twin", `{"Name":"N"}`, 300, v + "/sobjects/Account/001"},
		{"upsert by a plain field", "PATCH", sob + "Account/Name/x", `{}`, 404, `Provided external ID field does not exist or is not accessible: Name`},
		{"upsert with the key in the body", "PATCH", sob + "Account/Xero_Contact_Id__c/q", `{"Name":"N","Xero_Contact_Id__c":"q"}`, 400, `should not be specified`},
		{"read by external id", "GET", sob + "Account/Xero_Contact_Id__c/a%2Fb", "", 200, `"Name":"K3"`},
		{"parent by external id", "POST", sob + "Contact", `{"LastName":"L","Account":{"Xero_Contact_Id__c":"a/b"}}`, 201, `"success":true`},
		{"parent by an external id that is not there", "POST", sob + "Contact", `{"LastName":"L","Account":{"Xero_Contact_Id__c":"zz"}}`, 400, `Foreign key external ID: zz not found for field Xero_Contact_Id__c in entity Account`},
		{"basic information", "GET", sob + "Account", "", 200, `"objectDescribe":{"name":"Account"`},
		{"delete", "DELETE", sob + "Account/" + d.insert("Account", map[string]any{"Name": "D"}), "", 204, ""},
		{"wrong content type", "POST", sob + "Account", `<Account/>`, 415, `UNSUPPORTED_MEDIA_TYPE`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var more []string
			if strings.HasPrefix(tt.body, "<") {
				more = []string{"Content-Type", "application/xml"}
			}
			w := d.send(tt.method, tt.path, tt.body, more...)
			if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) || tt.code == 204 && w.Body.Len() > 0 {
				t.Errorf("got %d %s\nwant %d …%s…", w.Code, w.Body, tt.code, tt.want)
			}
		})
	}
}

func TestCollections(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	one := d.insert("Account", map[string]any{"Name": "One"})
	two := d.insert("Account", map[string]any{"Name": "Two"})
	deal := d.insert("Opportunity", map[string]any{"Name": "Deal", "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	locked := d.insert("Opportunity", map[string]any{"Name": "Locked", "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	hidden := d.insert("Opportunity", map[string]any{"Name": "Hidden", "StageName": "Closed Won", "CloseDate": "2026-11-21"})
	busy := d.insert("Account", map[string]any{"Name": "Busy"})
	for _, err := range []error{d.org.LockRecord(locked), d.org.HideRecord(hidden), d.org.BusyRecord(busy, 1),
		d.org.AddRule("Account", func(f map[string]any) string {
			if f["Phone"] == "0" {
				return "A phone number is not 0."
			}
			return ""
		})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	row := func(kind, id, fields string) string {
		return fmt.Sprintf(`{"attributes":{"type":"%s"},"id":"%s",%s}`, kind, id, fields)
	}
	records := func(allOrNone bool, recs ...string) string {
		return fmt.Sprintf(`{"allOrNone":%v,"records":[%s]}`, allOrNone, strings.Join(recs, ","))
	}
	many := func(n int, rec string) string {
		return records(false, strings.Split(strings.Repeat(rec+"|", n)[:(len(rec)+1)*n-1], "|")...)
	}
	const coll = v + "/composite/sobjects"
	acc := `{"attributes":{"type":"Account"},"Name":"x"}`
	ok := func(id string) string { return `{"id":"` + id + `","success":true,"errors":[]}` }
	bad := func(code, message, fields string) string {
		return `{"success":false,"errors":[{"statusCode":"` + code + `","message":"` + message + `","fields":[` + fields + `]}]}`
	}
	tests := []struct {
		name, method, path, body string
		code                     int
		want                     string
	}{
		{"update", "PATCH", coll, records(false, row("Account", one, `"Phone":"1"`), row("opportunity", deal, `"Xero_Total__c":12.5`)), 200, "[" + ok(one) + "," + ok(deal) + "]"},
		{"Id in capitals, slash behind", "PATCH", coll + "/", `{"records":[{"Attributes":{"type":"Account"},"Id":"` + one[:15] + `","Phone":"2"}]}`, 200, "[" + ok(one) + "]"},
		{"rows that fail beside rows that do not", "PATCH", coll, records(false,
			row("Opportunity", locked, `"Xero_Status__c":"PAID"`), row("Opportunity", hidden, `"Xero_Status__c":"PAID"`), row("Account", "001000000000000AAA", `"Phone":"1"`),
			row("Account", busy, `"Phone":"1"`), row("Account", one, `"Phone":"0"`), row("Account", two, `"Foo":"1"`), row("Account", two, `"Phone":"3"`), row("Account", two, `"Phone":"4"`)),
			200, "[" + bad("ENTITY_IS_LOCKED", "the entity is locked for editing", "") + "," + bad("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id", "") + "," +
				bad("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "") + "," + bad("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: "+busy, "") + "," +
				bad("FIELD_CUSTOM_VALIDATION_EXCEPTION", "A phone number is not 0.", "") + "," + bad("INVALID_FIELD", "No such column 'Foo' on sobject of type Account", "") + "," +
				bad("DUPLICATE_VALUE", "duplicate Id specified: "+two, `"Id"`) + "," + bad("DUPLICATE_VALUE", "duplicate Id specified: "+two, `"Id"`) + "]"},
		{"the busy row is free again", "PATCH", coll, records(false, row("Account", busy, `"Phone":"1"`)), 200, ok(busy)},
		{"no id", "PATCH", coll, records(false, acc), 200, bad("MISSING_ARGUMENT", "Id not specified in an update call", `"Id"`)},
		{"a deal's id as an account's", "PATCH", coll, records(false, row("Account", deal, `"Phone":"1"`)), 200, "MALFORMED_ID"},
		{"all or none", "PATCH", coll, records(true, row("Account", one, `"Phone":"rolled back"`), row("Account", two, `"Foo":1`)), 200,
			"[" + bad("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header", "") + "," + bad("INVALID_FIELD", "No such column 'Foo' on sobject of type Account", "") + "]"},
		{"a number that is none fails the whole request", "PATCH", coll, records(false, row("Account", one, `"Phone":"9"`), row("Account", two, `"AnnualRevenue":"x"`)), 400, "JSON_PARSER_ERROR"},
		{"no type", "PATCH", coll, `{"records":[{"id":"` + one + `"}]}`, 400, "INVALID_INPUT"},
		{"unknown type", "PATCH", coll, records(false, row("Foo", one, `"a":1`)), 400, "INVALID_TYPE"},
		{"201 records", "POST", coll, many(201, acc), 400, `[{"message":"record limit reached. cannot submit more than 200 records into this call","errorCode":"EXCEEDED_ID_LIMIT"}]`},
		{"200 records", "POST", coll, many(200, acc), 200, `"success":true`},
		{"11 changes of type", "PATCH", coll, records(false, strings.Split(strings.TrimSuffix(strings.Repeat(row("Account", one, `"Phone":"1"`)+"|"+row("Opportunity", deal, `"NextStep":"1"`)+"|", 6), "|"), "|")...), 400, "Cannot have more than 10 chunks in a single operation."},
		{"create", "POST", coll, records(false, acc, `{"attributes":{"type":"Contact"},"FirstName":"no last name"}`), 200, `,{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [LastName]","fields":["LastName"]}]}]`},
		{"create with an id", "POST", coll, records(false, row("Account", one, `"Name":"x"`)), 200, "cannot specify Id in an insert call"},
		{"upsert", "PATCH", coll + "/Account/Xero_Contact_Id__c", records(false, `{"Name":"U","Xero_Contact_Id__c":"u1"}`, `{"attributes":{"type":"Account"},"Name":"U2","xero_contact_id__c":"u1"}`), 200, `"success":true,"errors":[],"created":false}]`},
		{"upsert without the key", "PATCH", coll + "/Account/Xero_Contact_Id__c", records(false, `{"Name":"U"}`), 200, "Xero_Contact_Id__c not specified"},
		{"upsert by Id", "PATCH", coll + "/Account/Id", records(false, `{"Name":"U"}`, row("Account", one, `"Name":"One"`)), 200, `"created":true},{"id":"` + one + `","success":true,"errors":[],"created":false}]`},
		{"upsert by a plain field", "PATCH", coll + "/Account/Name", records(false, `{"Name":"U"}`), 200, "is not an External ID or indexed field for Account"},
		{"read", "GET", coll + "/Account?ids=" + one + ",001000000000000AAA," + two + "&fields=Name", "{}", 200, `"Name":"One"},null,{"attributes"`},
		{"read by POST", "POST", coll + "/Account", `{"ids":["` + two + `"],"fields":["id","name"]}`, 200, `"Name":"Two"}]`},
		{"delete", "DELETE", coll + "?ids=" + two + ",001000000000000AAA&allOrNone=false", "{}", 200, "[" + ok(two) + "," + bad("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "") + "]"},
		{"delete all or none", "DELETE", coll + "?ids=" + one + "," + two + "&allOrNone=true", "", 200, "ALL_OR_NONE_OPERATION_ROLLED_BACK"},
		{"delete nothing", "DELETE", coll, "", 400, "MISSING_ARGUMENT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := d.send(tt.method, tt.path, tt.body)
			if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("got  %d %.1500s\nwant %d …%s…", w.Code, w.Body, tt.code, tt.want)
			}
		})
	}
	if got, _ := d.org.Get("Account", one); got["Phone"] != "2" || got["IsDeleted"] != false {
		t.Errorf("after the rolled back requests: phone %v, deleted %v", got["Phone"], got["IsDeleted"])
	}
}

func TestEveryWriteMovesTheStamp(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	acc := d.insert("Account", map[string]any{"Name": "Acme"})
	stamp := func() string {
		return d.query("SELECT SystemModstamp FROM Account WHERE Id = '" + acc + "'").column("SystemModstamp")
	}
	if got := stamp(); got != "2026-11-21T10:00:00.000+0000" {
		t.Fatalf("made at %s", got)
	}
	d.now = d.now.Add(90*time.Second + 700*time.Millisecond)
	d.send("PATCH", v+"/sobjects/Account/"+acc, `{"Phone":"1"}`)
	if got := stamp(); got != "2026-11-21T10:01:30.000+0000" {
		t.Errorf("updated: %s", got)
	}
	d.now = d.now.Add(time.Minute)
	d.send("PATCH", v+"/composite/sobjects", `{"records":[{"attributes":{"type":"Account"},"id":"`+acc+`","Phone":"1"}]}`)
	if got := stamp(); got != "2026-11-21T10:02:30.000+0000" {
		t.Errorf("written with the value it had: %s", got)
	}
	w := d.send("GET", v+"/sobjects/Account/"+acc, "", "if-modified-since", d.now.Format(http.TimeFormat))
	if w.Code != 304 {
		t.Errorf("If-Modified-Since: %d", w.Code)
	}
	if w := d.send("PATCH", v+"/sobjects/Account/"+acc, `{"Phone":"2"}`, "If-Unmodified-Since", firstDay.Format(http.TimeFormat)); w.Code != 412 {
		t.Errorf("If-Unmodified-Since: %d", w.Code)
	}
	if date := w.Header().Get("Date"); date != "Sat, 21 Nov 2026 10:02:30 GMT" {
		t.Errorf("Date is %s", date)
	}
}
