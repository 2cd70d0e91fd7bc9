package plan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sf2xero/mapping"
	"sf2xero/xero"
)

func TestNamesBecomeXerosOwnCodes(t *testing.T) {
	t.Parallel()
	ref := nzReference()
	ref.Items = append(ref.Items, xero.Item{Code: "seat", IsSold: true}, xero.Item{Code: "Mast", IsSold: true})
	inv := xero.Invoice{CurrencyCode: "nzd", BrandingThemeID: "boats", LineItems: []xero.LineItem{
		{AccountCode: "sales", TaxType: "15% gst on income", ItemCode: "MAST", Tracking: []xero.Tracking{{Name: "region", Option: "SOUTH"}}},
		{AccountCode: "210", TaxType: "ZERORATEDOUTPUT", ItemCode: "seat"},
		{Description: "a line of words"},
	}}
	if hold := resolveCodes(&inv, ref, nil); hold != nil {
		t.Fatal(hold.Text)
	}
	want := xero.Invoice{CurrencyCode: "NZD", BrandingThemeID: "33333333-0000-4000-8000-000000000001", LineItems: []xero.LineItem{
		{AccountCode: "200", TaxType: "OUTPUT2", ItemCode: "Mast", Tracking: []xero.Tracking{{Name: "Region", Option: "South"}}},
		{AccountCode: "210", TaxType: "ZERORATEDOUTPUT", ItemCode: "seat"},
		{Description: "a line of words"},
	}}
	if d := cmp.Diff(want, inv); d != "" {
		t.Error(d)
	}
}

func TestWhatXeroDoesNotHaveHoldsTheDeal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                      string
		inv                       xero.Invoice
		lacks                     func(*xero.Reference)
		sources                   map[string]mapping.Source
		cause, owner, text, mends string
	}{
		{"a currency", xero.Invoice{CurrencyCode: "AUD"}, nil, nil, "reference.CurrencyCode", Accountant,
			"the deal is in AUD, a currency that this Xero organisation does not use", "add the currency in Xero (Settings, Currencies), or correct the deal"},
		{"an account, written in a table", xero.Invoice{LineItems: []xero.LineItem{{}, {AccountCode: "999"}}}, nil, map[string]mapping.Source{"LineItems[1].AccountCode": {Line: 43, TableLine: 67}},
			"reference.AccountCode", Admin, `line 2: AccountCode: there is no account "999" in Xero; it has 200 (Sales), 210 (Services)`, "correct mapping.yaml line 67, or mend it in Xero"},
		{"a tax rate, written in the formula", xero.Invoice{LineItems: []xero.LineItem{{TaxType: "VAT"}}}, nil, map[string]mapping.Source{"LineItems[0].TaxType": {Line: 44}},
			"reference.TaxType", Admin, `line 1: TaxType: there is no tax rate "VAT" in Xero; it has "15% GST on Income" (OUTPUT2), "Zero Rated" (ZERORATEDOUTPUT)`, "correct mapping.yaml line 44, or mend it in Xero"},
		{"a tax rate for purchases", xero.Invoice{LineItems: []xero.LineItem{{TaxType: "OUTPUT2"}}}, func(r *xero.Reference) { r.TaxRates[0].CanApplyToRevenue = false }, nil,
			"reference.TaxType", Admin, `line 1: TaxType: the tax rate "OUTPUT2" cannot be used on sales`, "correct mapping.yaml, or mend it in Xero"},
		{"an item", xero.Invoice{LineItems: []xero.LineItem{{ItemCode: "OARS-2026"}}}, nil, map[string]mapping.Source{"LineItems[0].ItemCode": {Line: 42}},
			"reference.ItemCode", Admin, `line 1: ItemCode: there is no item "OARS-2026" in Xero`, "correct mapping.yaml line 42, or mend it in Xero"},
		{"a tracking option", xero.Invoice{LineItems: []xero.LineItem{{Tracking: []xero.Tracking{{Name: "Region", Option: "Overseas"}}}}}, nil, map[string]mapping.Source{"LineItems[0].Tracking.Region": {Line: 46}},
			"reference.Tracking", Admin, `line 1: Tracking: there is no option of the tracking category "Region" "Overseas" in Xero`, "correct mapping.yaml line 46, or mend it in Xero"},
		{"a theme", xero.Invoice{BrandingThemeID: "Aeroplanes"}, nil, map[string]mapping.Source{"BrandingThemeID": {Line: 30}},
			"reference.BrandingThemeID", Admin, `BrandingThemeID: there is no branding theme "Aeroplanes" in Xero; it has Boats`, "correct mapping.yaml line 30, or mend it in Xero"},
		{"several: the first is told", xero.Invoice{CurrencyCode: "AUD", LineItems: []xero.LineItem{{AccountCode: "999"}}}, nil, nil, "reference.CurrencyCode", Accountant,
			"the deal is in AUD, a currency that this Xero organisation does not use", "add the currency in Xero (Settings, Currencies), or correct the deal"},
	} {
		ref := nzReference()
		if c.lacks != nil {
			c.lacks(ref)
		}
		hold := resolveCodes(&c.inv, ref, c.sources)
		if hold == nil {
			t.Errorf("%s: not held", c.name)
			continue
		}
		if hold.Cause != c.cause || hold.Owner != c.owner || hold.Text != c.text || hold.Remedy != c.mends {
			t.Errorf("%s:\n%+v, want\n%s %s %s | %s", c.name, *hold, c.cause, c.owner, c.text, c.mends)
		}
	}
}

// Where a list was not read because the mapping has no use for it, nothing is said about what it lacks.
func TestListsThatWereNotReadLackNothing(t *testing.T) {
	t.Parallel()
	ref := nzReference()
	ref.Has, ref.Items, ref.Tracking, ref.Themes = xero.Needs{}, nil, nil, nil
	inv := xero.Invoice{BrandingThemeID: "x", LineItems: []xero.LineItem{{ItemCode: "x", Tracking: []xero.Tracking{{Name: "x", Option: "y"}}}}}
	if hold := resolveCodes(&inv, ref, nil); hold != nil {
		t.Error(hold.Text)
	}
}

// A deal of twenty lines to one country says once what is wrong, and where in mapping.yaml.
func TestWhatCannotBeMapped(t *testing.T) {
	t.Parallel()
	tax := func(line string) mapping.Fault {
		return mapping.Fault{Field: "LineItems[0].TaxType", Text: "line " + line + `: TaxType: "Fiji" is not in the table "tax" (mapping.yaml:63)`, Line: 44, Owner: Admin, Tables: "tax"}
	}
	date := mapping.Fault{Field: "Date", Text: "Date is empty: CloseDate has no value in Salesforce", Line: 29, Owner: Sales}
	quantity := mapping.Fault{Field: "LineItems[1].Quantity", Text: "line 2: Quantity is empty", Line: 39, Owner: Sales}
	for _, c := range []struct {
		name        string
		faults      []mapping.Fault
		owner, text string
	}{
		{"a field", []mapping.Fault{date}, Sales, "Date is empty: CloseDate has no value in Salesforce (mapping.yaml line 29)"},
		{"a line", []mapping.Fault{quantity}, Sales, "line 2: Quantity is empty (mapping.yaml line 39)"},
		{"three lines", []mapping.Fault{tax("1"), quantity, tax("2"), tax("3")}, Admin,
			`lines 1, 2 and 3: TaxType: "Fiji" is not in the table "tax" (mapping.yaml:63); line 2: Quantity is empty (mapping.yaml line 39)`},
		{"the admin's among the salesperson's", []mapping.Fault{date, tax("1")}, Admin,
			`Date is empty: CloseDate has no value in Salesforce (mapping.yaml line 29); line 1: TaxType: "Fiji" is not in the table "tax" (mapping.yaml:63)`},
	} {
		hold := faultHold(c.faults)
		if hold.Cause != "record.unmappable" || hold.Owner != c.owner || hold.Text != c.text {
			t.Errorf("%s: %s: %s", c.name, hold.Owner, hold.Text)
		}
		if strings.Contains(hold.Remedy, "mapping.yaml") != (c.owner == Admin) {
			t.Errorf("%s: %s is told to %s", c.name, c.owner, hold.Remedy)
		}
	}
}

func TestWhatPeopleReadInSalesforce(t *testing.T) {
	t.Parallel()
	if got := HoldText(nil); got != "" {
		t.Errorf("no hold reads %q", got)
	}
	for _, c := range []struct {
		hold [4]string
		want string
	}{
		{[4]string{"deal.no_products", Sales, "the deal has no products", "add its products in Salesforce"}, "the deal has no products (sales: add its products in Salesforce)"},
		{[4]string{"xero.contact.email", Sales, "Xero refused: no such address.", "Correct it."}, "Xero refused: no such address (sales: Correct it)"},
		{[4]string{"x", Admin, "so it is", ""}, "so it is"},
	} {
		if got := HoldText(Held(c.hold[0], c.hold[1], c.hold[2], c.hold[3])); got != c.want {
			t.Errorf("it reads %q, want %q", got, c.want)
		}
	}
}

func TestWhatXeroRefused(t *testing.T) {
	t.Parallel()
	h := RefusalHold([]xero.Refusal{{Text: "The first.", Cause: "account.unknown", Owner: Admin, Remedy: "Mend it."}, {Text: "The second."}}, "in")
	if h.Cause != "xero.account.unknown" || h.Owner != Admin || h.Text != "Xero refused: The first; The second" || h.Remedy != "Mend it." || h.Inputs != "in" {
		t.Errorf("%+v", *h)
	}
	h = RefusalHold(nil, "in")
	if h.Cause != "xero.refused" || h.Owner != Accountant || h.Remedy == "" || h.Inputs != "in" {
		t.Errorf("without words: %+v", *h)
	}
	h = RefusalHold([]xero.Refusal{{Text: "No."}}, "")
	if h.Cause != "xero.refused" || h.Owner != Accountant {
		t.Errorf("without a cause: %+v", *h)
	}
}
