package mapping

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// put sets one field of a JSON row; a nil value takes it away. Path names are
// separated by dots, rows of a list are counted from 0.
func put(t testing.TB, row, path string, v any) []byte {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(row))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	at := root
	names := strings.Split(path, ".")
	for _, n := range names[:len(names)-1] {
		switch c := at.(type) {
		case map[string]any:
			at = c[n]
		case []any:
			at = c[n[0]-'0']
		}
	}
	o, ok := at.(map[string]any)
	if !ok {
		t.Fatalf("%s is not in the row", path)
	}
	if v == nil {
		delete(o, names[len(names)-1])
	} else {
		o[names[len(names)-1]] = v
	}
	out, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func apply(t testing.TB, e *Entry, env Env, row []byte) Result {
	t.Helper()
	r, err := e.Apply(env, row)
	if err != nil {
		t.Fatalf("%v\n%s", err, row)
	}
	if !json.Valid(r.JSON) {
		t.Fatalf("not JSON: %s", r.JSON)
	}
	return r
}

func TestADealThatCannotBeInvoicedSaysWhy(t *testing.T) {
	t.Parallel()
	m := compileText(t, exampleText(t))
	for _, c := range []struct {
		path string
		v    any
		want Fault
	}{
		{"CurrencyIsoCode", nil, Fault{"CurrencyCode", "CurrencyIsoCode has no value in Salesforce; Xero's CurrencyCode is made from it", 32, "sales", ""}},
		{"AccountId", "acme", Fault{"contact", `contact gives "acme", which is not the id of a record`, 24, "admin", ""}},
		{"Amount", nil, Fault{"total", "Amount has no value in Salesforce; the invoice's total cannot be compared with it", 25, "sales", ""}},
		{"Amount", json.Number("10.005"), Fault{"total", "total is 10.005, and Xero keeps 2 decimals; ROUND(…, 2) says how it is to be rounded", 25, "admin", ""}},
		{"OpportunityLineItems.0.Quantity", nil, Fault{"LineItems[0].Quantity", "line 1: Quantity has no value in Salesforce; Xero's Quantity is made from it", 39, "sales", ""}},
		{"OpportunityLineItems.1.UnitPrice", nil, Fault{"LineItems[1].UnitAmount", "line 2: Sales Price has no value in Salesforce; Xero's UnitAmount is made from it", 40, "sales", ""}},
		{"OpportunityLineItems.0.Product2.Name", nil, Fault{"LineItems[0].Description", "line 1: Line Description and Product Name of the Product have no value in Salesforce; Xero's Description is made from them", 38, "sales", ""}},
		{"OpportunityLineItems.0.Product2.Family", nil, Fault{"LineItems[0].AccountCode", "line 1: Product2.Family has no value in Salesforce; Xero's AccountCode is made from it", 43, "sales", ""}},
		{"OpportunityLineItems.0.Product2.Family", "Licenses", Fault{"LineItems[0].AccountCode", `line 1: AccountCode: "Licenses" is not in the table "revenue" (mapping.yaml:66), which has Licences and Services`, 43, "admin", "revenue"}},
		{"OpportunityLineItems.1.UnitPrice", json.Number("12.34567"), Fault{"LineItems[1].UnitAmount", "line 2: UnitAmount is 12.34567, and Xero keeps 4 decimals; ROUND(…, 4) says how it is to be rounded", 40, "admin", ""}},
		{"OpportunityLineItems.1.UnitPrice", json.Number("1.5E10"), Fault{"LineItems[1].UnitAmount", "line 2: Sales Price (Xero's UnitAmount) is 15000000000, and Xero takes at most 10 digits before the decimal point", 40, "sales", ""}},
		{"PO_Number__c", strings.Repeat("x", 256), Fault{"Reference", `Purchase Order (Xero's Reference) is 256 characters long, and Xero takes at most 255: "` + strings.Repeat("x", 59) + `…"`, 31, "sales", ""}},
		{"CurrencyIsoCode", "Dollar", Fault{"CurrencyCode", `CurrencyIsoCode (Xero's CurrencyCode) is 6 characters long, and Xero takes at most 3: "Dollar"`, 32, "sales", ""}},
		{"OpportunityLineItems", nil, Fault{"LineItems", "its products are not visible: Salesforce says that the record has products, but shows the integration user none of them", 34, "admin", ""}},
		{"OpportunityLineItems", []any{}, Fault{"LineItems", "its products are not visible: Salesforce says that the record has products, but shows the integration user none of them", 34, "admin", ""}},
		{"OpportunityLineItems", "x", Fault{"LineItems", "OpportunityLineItems is not a list of rows", 34, "admin", ""}},
		{"Amount", true, Fault{"total", "total: Amount: true is not a number", 25, "admin", ""}},
	} {
		got := apply(t, m.Documents[0], env, put(t, deal, c.path, c.v))
		if d := cmp.Diff([]Fault{c.want}, got.Faults); d != "" {
			t.Errorf("%s = %v: %s", c.path, c.v, d)
		}
	}
	// An unknown country is wrong on every line, and both say so.
	got := apply(t, m.Documents[0], env, put(t, deal, "Account.BillingCountry", "Fiji"))
	if len(got.Faults) != 2 || got.Faults[1].Text != `line 2: TaxType: "Fiji" is not in the table "tax" (mapping.yaml:63), which has Australia and New Zealand` {
		t.Error(got.Faults)
	}
	got = apply(t, m.Documents[0], env, put(t, deal, "CloseDate", nil))
	if d := cmp.Diff([]Fault{
		{"Date", "Close Date has no value in Salesforce; Xero's Date is made from it", 29, "sales", ""},
		{"DueDate", "Close Date has no value in Salesforce; Xero's DueDate is made from it", 30, "sales", ""},
	}, got.Faults); d != "" {
		t.Error(d)
	}
}

func TestOtherEmptyFieldsAreLeftOut(t *testing.T) {
	t.Parallel()
	m := compileText(t, exampleText(t))
	for _, c := range []struct {
		path  string
		v     any
		field string
	}{
		{"PO_Number__c", nil, `"Reference"`}, {"PO_Number__c", "", `"Reference"`}, {"Account.Region__c", nil, `"Tracking"`},
	} {
		got := apply(t, m.Documents[0], env, put(t, deal, c.path, c.v))
		if strings.Contains(string(got.JSON), c.field) || len(got.Faults) > 0 {
			t.Errorf("without %s: %s, %v", c.path, got.JSON, got.Faults)
		}
	}
}

func TestADealWithoutProducts(t *testing.T) {
	t.Parallel()
	without := string(put(t, deal, "OpportunityLineItems", nil))
	empty := put(t, without, "HasOpportunityLineItem", false)
	hold := compileText(t, exampleText(t)).Documents[0]
	got := apply(t, hold, env, empty)
	if !got.NoLines || len(got.Faults) > 0 || strings.Contains(string(got.JSON), "LineItems") {
		t.Errorf("hold: %v, %v, %s", got.NoLines, got.Faults, got.JSON)
	}
	got = apply(t, hold, env, put(t, string(empty), "Amount", nil))
	if !got.NoLines || len(got.Faults) > 0 {
		t.Errorf("no products and no amount is one cause, not two: %v, %v", got.NoLines, got.Faults)
	}
	got = apply(t, hold, env, put(t, without, "HasOpportunityLineItem", nil))
	if got.NoLines || len(got.Faults) != 1 {
		t.Errorf("a flag that cannot be read is no proof: %v, %v", got.NoLines, got.Faults)
	}

	lines := "no_lines:\n    - Description: =Name\n      Quantity: 1\n      UnitAmount: =Amount\n      AccountCode: 0200\n      TaxType: NONE\n"
	instead := compileText(t, change(t, "no_lines: hold", lines)).Documents[0]
	got = apply(t, instead, env, put(t, string(empty), "Name", "Big deal"))
	want := `"LineItems":[{"Description":"Big deal","Quantity":1,"UnitAmount":3450,"AccountCode":"0200","TaxType":"NONE"}]}`
	if got.NoLines || len(got.Faults) > 0 || !strings.HasSuffix(string(got.JSON), want) {
		t.Errorf("%v %v\n got %s\nwant …%s", got.NoLines, got.Faults, got.JSON, want)
	}
	got = apply(t, instead, env, []byte(without))
	if len(got.Faults) != 1 || !strings.HasPrefix(got.Faults[0].Text, "its products are not visible") {
		t.Errorf("products that are only not visible must not become another line: %v", got.Faults)
	}

	// An object without Salesforce's flag: an empty child set is all there is to go by.
	s := company()
	delete(s["Opportunity"].Fields, productsFlag)
	f, _ := Parse("mapping.yaml", exampleText(t))
	m, _, problems := f.Compile(s)
	if m == nil {
		t.Fatal(problems)
	}
	if got := apply(t, m.Documents[0], env, []byte(without)); !got.NoLines || len(got.Faults) > 0 {
		t.Errorf("without the flag: %v, %v", got.NoLines, got.Faults)
	}
}

func TestADealWithoutAnAccountNamesNoContact(t *testing.T) {
	t.Parallel()
	e := compileText(t, exampleText(t)).Documents[0]
	for _, c := range []struct {
		id   any
		want string
	}{{nil, ""}, {"001D000000IRFma", "001D000000IRFmaIAH"}, {"001D000000IRFmaIAH", "001D000000IRFmaIAH"}} {
		if got := apply(t, e, env, put(t, deal, "AccountId", c.id)); got.Contact != c.want || len(got.Faults) > 0 {
			t.Errorf("%v: %q, %v", c.id, got.Contact, got.Faults)
		}
	}
}

func TestOneCurrencyOrgUsesTheOrganisationsOwn(t *testing.T) {
	t.Parallel()
	s := company()
	delete(s["Opportunity"].Fields, currencyField)
	f, _ := Parse("mapping.yaml", exampleText(t))
	m, _, problems := f.Compile(s)
	if m == nil {
		t.Fatal(problems)
	}
	if strings.Contains(fmt.Sprint(m.Documents[0].Reads), currencyField) {
		t.Error("a field is read that does not exist")
	}
	got := apply(t, m.Documents[0], Env{Today: "2026-11-20", Currency: "AUD"}, put(t, deal, "CurrencyIsoCode", nil))
	if !strings.Contains(string(got.JSON), `"CurrencyCode":"AUD"`) {
		t.Errorf("%s", got.JSON)
	}
}

const account = `{"Name":"  Acme   Ltd\t& Sons ","AccountNumber":"A-1","Billing_Email__c":"pay@acme.example","BillingStreet":"1 High Street\nLevel 3","BillingCity":"Wellington","BillingState":null,"BillingPostalCode":"0610","BillingCountry":"New Zealand"}`

func TestAnAccountBecomesAContact(t *testing.T) {
	t.Parallel()
	contacts := compileText(t, exampleText(t)).Contacts
	got := apply(t, contacts, env, []byte(account))
	want := `{"Name":"Acme Ltd & Sons","AccountNumber":"A-1","EmailAddress":"pay@acme.example","Addresses":[{"AddressType":"POBOX","AddressLine1":"1 High Street\nLevel 3","City":"Wellington","PostalCode":"0610","Country":"New Zealand"}]}`
	if d := cmp.Diff(want, string(got.JSON)); d != "" || len(got.Faults) > 0 {
		t.Error(d, got.Faults)
	}
	if got.Sources["Addresses.POBOX.City"].Value != "Wellington" || got.Contact != "" || got.Total != "" {
		t.Errorf("%+v", got)
	}
	for _, c := range []struct{ path, v, want string }{
		{"Name", "<Acme>", `Account Name (Xero's Name) cannot be "<Acme>": Xero refuses < and > in it`},
		{"Name", " ", "Account Name has no value in Salesforce; Xero's Name is made from it"},
		{"AccountNumber", strings.Repeat("9", 51), `AccountNumber is 51 characters long, and Xero takes at most 50: "` + strings.Repeat("9", 51) + `"`},
		{"Billing_Email__c", "pay at acme", `Billing Email (Xero's EmailAddress) cannot be "pay at acme": it is not one e-mail address`},
		{"Billing_Email__c", "müller@acme.example", `Billing Email (Xero's EmailAddress) cannot be "müller@acme.example": Xero takes no umlauts or accents in it`},
		{"BillingCountry", "NZ 1", `BillingCountry (Xero's Country) cannot be "NZ 1": Xero takes letters only`},
	} {
		got := apply(t, contacts, env, put(t, account, c.path, c.v))
		if len(got.Faults) != 1 || got.Faults[0].Text != c.want || got.Faults[0].Owner != "sales" {
			t.Errorf("%s = %q: %v; want %s", c.path, c.v, got.Faults, c.want)
		}
	}
	bare := apply(t, contacts, env, []byte(`{"Name":"Acme"}`))
	if string(bare.JSON) != `{"Name":"Acme"}` || len(bare.Faults) > 0 {
		t.Errorf("%s %v", bare.JSON, bare.Faults)
	}
}

func TestPhonesTakeANumberOrItsParts(t *testing.T) {
	t.Parallel()
	text := change(t, "    Addresses:\n", "    Phones:\n      MOBILE: {PhoneCountryCode: 64, PhoneNumber: =Phone}\n      DEFAULT: =Phone\n    Addresses:\n")
	got := apply(t, compileText(t, text).Contacts, env, []byte(`{"Name":"Acme","Phone":"04 123"}`))
	want := `{"Name":"Acme","Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"04 123"},{"PhoneType":"MOBILE","PhoneNumber":"04 123","PhoneCountryCode":"64"}]}`
	if d := cmp.Diff(want, string(got.JSON)); d != "" {
		t.Error(d)
	}
	if got.Sources["Phones.DEFAULT.PhoneNumber"].Formula != "=Phone" {
		t.Error(got.Sources)
	}
}

func TestConstantsAreSentAsTheyStand(t *testing.T) {
	t.Parallel()
	text := string(change(t, "=PO_Number__c", `0200`))
	text = strings.Replace(text, "LineAmountTypes: Exclusive", "LineAmountTypes: Inclusive\n    SentToContact: true\n    ExpectedPaymentDate: 2026-12-24", 1)
	text = strings.Replace(text, "AccountCode: =LOOKUP(\"revenue\", Product2.Family)", `AccountCode: "090"`, 1)
	got := apply(t, compileText(t, []byte(text)).Documents[0], env, []byte(deal))
	for _, want := range []string{`"Reference":"0200"`, `"LineAmountTypes":"Inclusive"`, `"SentToContact":true`, `"ExpectedPaymentDate":"2026-12-24"`, `"AccountCode":"090"`} {
		if !strings.Contains(string(got.JSON), want) {
			t.Errorf("%s is not in %s", want, got.JSON)
		}
	}
}

func TestDatesWithTimeAreTheOrganisationsDates(t *testing.T) {
	t.Parallel()
	e := compileText(t, change(t, "Date: =CloseDate\n", "Date: =CreatedDate\n")).Documents[0]
	row := put(t, deal, "CreatedDate", "2026-11-19T12:30:00.000+0000")
	for _, c := range []struct {
		where *time.Location
		want  string
	}{{auckland(t), "2026-11-20"}, {time.UTC, "2026-11-19"}, {nil, "2026-11-19"}} {
		got := apply(t, e, Env{Today: "2026-11-20", Location: c.where}, row)
		if !strings.Contains(string(got.JSON), `"Date":"`+c.want+`"`) {
			t.Errorf("%v: %s", c.where, got.JSON)
		}
	}
}

func TestStatusIsKnownBeforehandWhenItIsConstant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{"Status: AUTHORISED ", "AUTHORISED"}, {`Status: =IF(Amount > 5, "SUBMITTED", "DRAFT") `, ""}, {"", "DRAFT"}, {`Status: ="SUBMITTED" `, "SUBMITTED"},
	} {
		if got := compileText(t, change(t, "Status: DRAFT ", c.line)).Documents[0].Status; got != c.want {
			t.Errorf("%q: %q, want %q", c.line, got, c.want)
		}
	}
	e := compileText(t, change(t, "Status: DRAFT ", `Status: =PO_Number__c `)).Documents[0]
	if got := apply(t, e, env, []byte(deal)); len(got.Faults) != 1 || got.Faults[0].Text != `Purchase Order (Xero's Status) cannot be "PO-77"; there are DRAFT, SUBMITTED, AUTHORISED` {
		t.Error(got.Faults)
	}
}

func TestXeroIsWrittenBack(t *testing.T) {
	t.Parallel()
	text := change(t, "    Xero_Sync_Error__c: =Hold\n", "    Xero_Sync_Error__c: =Hold\n    Xero_Seen__c: =UpdatedDateUTC\n    Xero_Sent__c: =SentToContact\n")
	m := compileText(t, text)
	invoices, contacts := m.WriteBack[0], m.WriteBack[1]
	if invoices.Name != "writeback/Opportunity" || invoices.Kind != "Opportunity" || invoices.From != "Invoices" || contacts.From != "Contacts" {
		t.Errorf("%+v", invoices)
	}
	if d := cmp.Diff([]string{"AmountDue", "AmountPaid", "FullyPaidOnDate", "Hold", "InvoiceID", "InvoiceNumber", "SentToContact", "Status", "Total", "UpdatedDateUTC"}, invoices.Reads.Fields); d != "" {
		t.Error(d)
	}
	paid := `{"InvoiceID":"0b1","InvoiceNumber":"INV-1","Status":"PAID","Total":3967.5,"AmountDue":0.00,"AmountPaid":3967.50,"FullyPaidOnDate":"/Date(1795132800000+0000)/","UpdatedDateUTC":"/Date(1795166096789)/","SentToContact":false}`
	want := `{"Xero_Amount_Due__c":0,"Xero_Amount_Paid__c":3967.5,"Xero_Fully_Paid_On__c":"2026-11-20","Xero_Invoice_Id__c":"0b1","Xero_Invoice_Number__c":"INV-1","Xero_Seen__c":"2026-11-20T09:14:56.000+0000","Xero_Sent__c":false,"Xero_Status__c":"PAID","Xero_Sync_Error__c":null,"Xero_Total__c":3967.5}`
	got := apply(t, invoices, Env{}, []byte(paid))
	if d := cmp.Diff(want, string(got.JSON)); d != "" {
		t.Error(d)
	}
	// A held deal without an invoice: the text fits the field, everything else is cleared; a checkbox has no empty.
	held, err := json.Marshal(map[string]string{"Hold": strings.Repeat("ä", 300)})
	if err != nil {
		t.Fatal(err)
	}
	got = apply(t, invoices, Env{}, held)
	if !strings.Contains(string(got.JSON), `"Xero_Sync_Error__c":"`+strings.Repeat("ä", 254)+`…"`) || !strings.Contains(string(got.JSON), `"Xero_Invoice_Id__c":null`) || !strings.Contains(string(got.JSON), `"Xero_Sent__c":false`) {
		t.Errorf("%s", got.JSON)
	}
	for _, date := range []string{"2026-11-20", "2026-11-20T00:00:00", "2026-11-20T00:00:00+00:00"} {
		got := apply(t, invoices, Env{}, put(t, paid, "FullyPaidOnDate", date))
		if !strings.Contains(string(got.JSON), `"Xero_Fully_Paid_On__c":"2026-11-20"`) {
			t.Errorf("%s: %s", date, got.JSON)
		}
	}
	if got := apply(t, contacts, Env{}, []byte(`{"ContactID":"c1","Name":"Acme"}`)); string(got.JSON) != `{"Xero_Contact_Id__c":"c1"}` {
		t.Errorf("%s", got.JSON)
	}
}

func TestRowsThatAreNoRecordsAreErrors(t *testing.T) {
	t.Parallel()
	e := compileText(t, exampleText(t)).Documents[0]
	for _, row := range []string{``, `null`, `[]`, `{`, `{} {}`, `5`} {
		if _, err := e.Apply(env, []byte(row)); err == nil {
			t.Errorf("%q is accepted", row)
		}
		if _, err := e.Reads.Project([]byte(row)); err == nil {
			t.Errorf("%q is projected", row)
		}
	}
	if _, err := e.Apply(Env{Today: "today"}, []byte(deal)); err == nil {
		t.Error("a date that is none is accepted")
	}
}

func TestFifteenCharacterIdsAreCompleted(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{"001D000000IRFma": "001D000000IRFmaIAH", "001D000000IRFmaIAH": "001D000000IRFmaIAH", "x": "", "001D000000IRF-a": ""} {
		if got, ok := id18(id); got != want || ok != (want != "") {
			t.Errorf("%s: %q", id, got)
		}
	}
}

func TestProjectKeepsWhatIsReadAndNothingElse(t *testing.T) {
	t.Parallel()
	e := compileText(t, exampleText(t)).Documents[0]
	base, err := e.Reads.Project([]byte(deal))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Account":{"BillingCountry":"New Zealand","Region__c":"North"},"AccountId":"001000000000001AAA","Amount":3450.00,"CloseDate":"2026-11-20","CurrencyIsoCode":"NZD","HasOpportunityLineItem":true,` +
		`"OpportunityLineItems":[{"Product2":{"Family":"Licences","Name":"Licence","ProductCode":"LIC"},"Quantity":2.00,"UnitPrice":1.5E3},` +
		`{"Description":"Setup & go","Discount":10,"Product2":{"Family":"Services","Name":"Service"},"Quantity":1,"UnitPrice":500.00}],"PO_Number__c":"PO-77"}`
	if d := cmp.Diff(want, string(base)); d != "" {
		t.Error(d)
	}
	for _, same := range [][]byte{
		put(t, deal, "Xero_Status__c", "PAID"), put(t, deal, "Id", "other"), put(t, deal, "Account.Phone", "1"), put(t, deal, "OpportunityLineItems.0.Id", "x"),
	} {
		if got, err := e.Reads.Project(same); err != nil || string(got) != string(base) {
			t.Errorf("%s, %v", got, err)
		}
	}
	if got, _ := e.Reads.Project(put(t, deal, "OpportunityLineItems.0.Quantity", 3)); string(got) == string(base) {
		t.Error("a changed quantity is not seen")
	}
	a, _ := e.Reads.Project([]byte(`{"Account":null,"OpportunityLineItems":[]}`))
	b, _ := e.Reads.Project([]byte(`{"Account":{"BillingCountry":null}}`))
	if string(a) != `{}` || string(b) != `{}` {
		t.Errorf("%s, %s", a, b)
	}
}

// Equal input gives equal bytes, however the keys of the row are ordered; what
// Project drops does not matter; and no row makes Apply fail or write bad JSON.
func TestEqualInputGivesEqualBytes(t *testing.T) {
	t.Parallel()
	m := compileText(t, exampleText(t))
	scalars := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.String(), func(s string) any { return s }), rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.SampledFrom([]string{"0", "1.50", "-3", "1.5E7", "2e-3", "99999999999999999999.99", "1E400"}), func(s string) any { return json.Number(s) }),
		rapid.Map(rapid.SampledFrom([]string{"2026-11-20", "New Zealand", "Australia", "Licences", "NZD", "001D000000IRFma", "<a>", "2026-11-19T12:30:00.000+0000"}), func(s string) any { return s }),
	)
	record := func(t *rapid.T, fields []string, label string) map[string]any {
		row := map[string]any{}
		for _, f := range fields {
			at := row
			names := strings.Split(f, ".")
			for _, n := range names[:len(names)-1] {
				next, ok := at[n].(map[string]any)
				if !ok {
					next = map[string]any{}
					at[n] = next
				}
				at = next
			}
			at[names[len(names)-1]] = scalars.Draw(t, label+f)
		}
		return row
	}
	rapid.Check(t, func(t *rapid.T) {
		for _, e := range []*Entry{m.Contacts, m.Documents[0], m.WriteBack[0]} {
			row := record(t, e.Reads.Fields, e.Name+" ")
			for name, r := range e.Reads.Children {
				lines := make([]any, rapid.IntRange(0, 3).Draw(t, "lines"))
				for i := range lines {
					lines[i] = record(t, r.Fields, fmt.Sprint(i, " "))
				}
				row[name] = lines
			}
			text, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			projected, err := e.Reads.Project(text)
			if err != nil {
				t.Fatal(err)
			}
			a, errA := e.Apply(env, text)
			b, errB := e.Apply(env, reversed(row))
			c, errC := e.Apply(env, projected)
			if errA != nil || errB != nil || errC != nil {
				t.Fatal(errA, errB, errC)
			}
			if d := cmp.Diff(a, b); d != "" {
				t.Fatalf("another order of keys: %s", d)
			}
			if d := cmp.Diff(a, c); d != "" {
				t.Fatalf("after Project: %s", d)
			}
			if !json.Valid(a.JSON) || strings.ContainsAny(strings.Join(numbers(a.JSON), ""), "eE") {
				t.Fatalf("%s", a.JSON)
			}
		}
	})
}

// reversed encodes a row with its keys in falling order.
func reversed(v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		var out []string
		for k, e := range v {
			name, _ := json.Marshal(k)
			out = append(out, string(name)+":"+string(reversed(e)))
		}
		// Falling order, so that it differs from json.Marshal's for certain.
		for i := range out {
			for j := i + 1; j < len(out); j++ {
				if out[i] < out[j] {
					out[i], out[j] = out[j], out[i]
				}
			}
		}
		return []byte("{" + strings.Join(out, ",") + "}")
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, string(reversed(e)))
		}
		return []byte("[" + strings.Join(out, ",") + "]")
	}
	text, _ := json.Marshal(v)
	return text
}

func numbers(text []byte) []string {
	var all []string
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return all
		}
		if n, ok := token.(json.Number); ok {
			all = append(all, n.String())
		}
	}
}

func BenchmarkApply(b *testing.B) {
	e := compileText(b, exampleText(b)).Documents[0]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Apply(env, []byte(deal)); err != nil {
			b.Fatal(err)
		}
	}
}
