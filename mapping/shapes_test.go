package mapping

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An org that sells with objects of its own: everything that follows from
// Salesforce's naming of custom objects and relationships.
func TestDealsMayBeACustomObject(t *testing.T) {
	t.Parallel()
	s := company()
	ref := func(to string) Field { return Field{Type: Text, Length: 18, Reference: true, Object: to} }
	s["Deal__c"] = Object{Name: "Deal__c", Fields: map[string]Field{
		"Id": {Type: Text}, "Customer__c": ref("Account"), "Customer__r": {Type: Parent, Object: "Account"}, "Won_On__c": {Type: DateTime}, "Won__c": {Type: Bool},
		"Total__c": {Type: Number, Scale: 2}, "Invoice__c": {Type: Text, Length: 36},
	}, Children: map[string]Child{"Lines__r": {Object: "Deal_Line__c", Field: "Deal__c"}}}
	s["Deal_Line__c"] = Object{Name: "Deal_Line__c", Fields: map[string]Field{
		"Id": {Type: Text}, "Deal__c": ref("Deal__c"), "Deal__r": {Type: Parent, Object: "Deal__c"}, "Text__c": {Type: Text}, "Price__c": {Type: Number, Scale: 2},
	}}
	f, _ := Parse("mapping.yaml", []byte(`version: 1
start: 2026-11-01
contacts:
  from: Account
  fields: {Name: =Name}
invoices:
  from: Deal__c
  where: Won__c = true
  contact: =Customer__r.Id
  fields: {Date: =Won_On__c}
  lines:
    from: Lines__r
    fields:
      Description: =Text__c & " for " & deal__r.customer__r.Name
      UnitAmount: =Price__c
      Quantity: 1
writeback:
  Deal__c: {Invoice__c: =InvoiceID}
`))
	// Nothing says yet which day of a deal start: means, so such a mapping is refused for that, and for nothing else.
	m, b := f.build(s)
	if len(b.salesforce.missing) > 0 || len(sorted(b.report.problems)) != 1 || !strings.Contains(b.report.problems[0].Text, "invoices cannot be made from Deal__c yet") {
		t.Fatal(b.salesforce.missing, b.report.problems)
	}
	e := m.Documents[0]
	if d := cmp.Diff(Reads{Fields: []string{"Customer__r.Id", "Customer__r.Name", "Won_On__c"}, Children: map[string]Reads{"Lines__r": {Fields: []string{"Price__c", "Text__c"}}}}, e.Reads); d != "" {
		t.Error(d)
	}
	if e.LinesObject != "Deal_Line__c" || e.LinesParent != "Deal__c" || e.Settle != 0 || e.IfUnwon != "hold" || e.HoldField != "" || e.IDField != "Invoice__c" {
		t.Errorf("%+v", e)
	}
	got := apply(t, e, env, []byte(`{"Customer__r":{"Id":"001000000000001AAA","Name":"Acme"},"Won_On__c":"2026-11-20T01:00:00.000Z","Lines__r":[{"Text__c":"Hammer","Price__c":9.90}]}`))
	want := `{"Date":"2026-11-20","LineItems":[{"Description":"Hammer for Acme","Quantity":1,"UnitAmount":9.9}]}`
	if string(got.JSON) != want || got.Contact != "001000000000001AAA" || len(got.Faults) > 0 {
		t.Errorf("%s, %+v", got.JSON, got.Faults)
	}
	if got := apply(t, e, env, []byte(`{"Won_On__c":"2026-11-20T01:00:00.000Z"}`)); !got.NoLines || got.Contact != "" {
		t.Errorf("%+v", got)
	}
}

func TestContactsAlone(t *testing.T) {
	t.Parallel()
	const head = "version: 1\nstart: 2026-11-01\ncontacts:\n  from: Account\n  fields: {Name: =Name}\n"
	if got := complaints(t, []byte(head)); len(got) != 1 || got[0] != "mapping.yaml:3:1: nothing is to be done: there is no key invoices, and contacts has no where" {
		t.Error(got)
	}
	m := compileText(t, []byte(head+"  where: AccountNumber != null\n"))
	if m.Contacts.Where != "AccountNumber != null" || len(m.Documents) != 0 {
		t.Errorf("%+v", m)
	}
}

// Every field that may be mapped takes a value of its type and shows up in the
// document.
func TestEveryMappableFieldReachesTheDocument(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"Status": "SUBMITTED", "Date": "2026-11-20", "DueDate": "2026-11-20", "ExpectedPaymentDate": "2026-11-20", "CurrencyCode": "NZD", "CurrencyRate": "1.5",
		"LineAmountTypes": "NoTax", "BrandingThemeID": "dabc7637-62c1-4941-8a6e-ee44fa5090e7", "SentToContact": "false", "Quantity": "2", "UnitAmount": "2.5", "DiscountRate": "10",
		"DiscountAmount": "1", "EmailAddress": "a@b.example", "DefaultCurrency": "AUD",
	}
	for kind, owner := range map[string]string{"Contacts": "contacts", "Invoices": "invoices", "LineItems": "invoices"} {
		names := Mappable(kind)
		if len(names) < 8 {
			t.Errorf("%s: only %v", kind, names)
		}
		if kind == "Invoices" {
			names = append(names, "BrandingTheme")
		}
		for _, name := range names {
			last := name[strings.LastIndexByte(name, '.')+1:]
			value := values[last]
			if value == "" {
				value = "words"
			}
			fields := map[string]string{"Contacts": "Name: A", "Invoices": "Reference: x", "LineItems": "Description: A"}
			nested := value
			if last == "CurrencyCode" { // where deals have currencies of their own
				nested = "=CurrencyIsoCode"
			}
			parts := strings.Split(strings.Replace(name, "*.Option", "Team", 1), ".")
			for i := len(parts) - 1; i > 0; i-- {
				nested = "{" + parts[i] + ": " + nested + "}"
			}
			if name == strings.Split(fields[kind], ":")[0] {
				fields[kind] = name + ": " + nested
			} else {
				fields[kind] += ", " + parts[0] + ": " + nested
			}
			if name == "Status" {
				fields["Invoices"] += ", DueDate: 2026-12-20"
			}
			text := "version: 1\nstart: 2026-11-01\ncontacts:\n  from: Account\n  fields: {" + fields["Contacts"] + "}\ninvoices:\n  from: Opportunity\n  where: IsWon = true\n  contact: =AccountId\n" +
				"  fields: {" + fields["Invoices"] + "}\n  lines:\n    from: OpportunityLineItems\n    fields: {" + fields["LineItems"] + "}\n"
			m := compileText(t, []byte(text))
			e := m.Contacts
			if owner == "invoices" {
				e = m.Documents[0]
			}
			got := apply(t, e, env, []byte(`{"CurrencyIsoCode":"NZD","OpportunityLineItems":[{}]}`))
			if last == "BrandingTheme" { // by the name that Xero shows; Xero takes the id
				last = "BrandingThemeID"
			}
			if !strings.Contains(string(got.JSON), `"`+last+`":`) || !strings.Contains(string(got.JSON), value) || len(got.Faults) > 0 {
				t.Errorf("%s %s: %s %v", kind, name, got.JSON, got.Faults)
			}
		}
	}
}

func TestTargetsNameWhatIsMapped(t *testing.T) {
	t.Parallel()
	m := compileText(t, exampleText(t))
	if got := m.Contacts.Targets(); !slices.Equal(got, []string{"AccountNumber", "Addresses.POBOX.AddressLine1", "Addresses.POBOX.City", "Addresses.POBOX.Country", "Addresses.POBOX.PostalCode", "Addresses.POBOX.Region", "EmailAddress", "Name"}) {
		t.Error(got)
	}
	got := m.Documents[0].Targets()
	for _, want := range []string{"DueDate", "LineItems.AccountCode", "LineItems.Tracking.Region.Option"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not in %v", want, got)
		}
	}
}

func TestSuggestionsAreWhatThePersonMeant(t *testing.T) {
	t.Parallel()
	names := []string{"CloseDate", "CreatedDate", "Name", "AccountNumber", "Xero_Status__c", "Id"}
	for word, want := range map[string]string{"Closedate": "CloseDate", "ClsoeDate": "CloseDate", "Xero_Status": "Xero_Status__c", "Nmae": "Name", "account_number": "AccountNumber", "Frobnicate": "", "": ""} {
		if got := nearest(word, names); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestExcerptsPointAtThePlaceInAnyLine(t *testing.T) {
	t.Parallel()
	s := newSource("m", "\tä: =X\n"+strings.Repeat("x", 300)+"!\n")
	for _, c := range []struct {
		at   position
		want string
	}{
		{position{1, 5}, "\tä: =X\n\t   ^"}, {position{1, 99}, "\tä: =X\n\t     ^"}, {position{9, 1}, ""},
		{position{2, 301}, strings.Repeat("x", 79) + "!\n" + strings.Repeat(" ", 79) + "^"},
	} {
		if got := s.excerpt(c.at); got != c.want {
			t.Errorf("%v:\n%q, want\n%q", c.at, got, c.want)
		}
	}
}
