package xero

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the test needs no time zones of the machine

	"github.com/google/go-cmp/cmp"
)

func shop(t *testing.T) *Reference {
	t.Helper()
	return &Reference{
		Organisation: Organisation{Name: "Demo Company (NZ)", BaseCurrency: "NZD", Timezone: "NEWZEALANDSTANDARDTIME", PeriodLockDate: "2026-06-30"},
		Actions:      []Action{{"UseMulticurrency", "ALLOWED"}, {"CreateApprovedInvoice", "NOT-ALLOWED"}},
		Accounts: []Account{
			{Code: "200", Name: "Sales", Status: "ACTIVE", Class: "REVENUE"}, {Code: "210", Name: "Services", Status: "ARCHIVED", Class: "REVENUE"},
			{Code: "211", Name: "Twice", Status: "ACTIVE"}, {Code: "212", Name: "twice", Status: "ACTIVE"},
			{Code: "213", Name: "Renewed", Status: "ARCHIVED"}, {Code: "214", Name: "Renewed", Status: "ACTIVE"},
			{Name: "Bank", Type: "BANK", Status: "ACTIVE"},
		},
		TaxRates: []TaxRate{
			{TaxType: "OUTPUT2", Name: "15% GST on Income", Status: "ACTIVE", CanApplyToRevenue: true, EffectiveRate: amount(t, "15.0000")},
			{TaxType: "INPUT2", Name: "15% GST on Expenses", Status: "ACTIVE", EffectiveRate: amount(t, "15")},
			{TaxType: "NONE", Name: "No GST", Status: "ACTIVE", CanApplyToRevenue: true, EffectiveRate: amount(t, "0")},
			{TaxType: "OUTPUT", Name: "12.5% GST", Status: "DELETED", CanApplyToRevenue: true, EffectiveRate: amount(t, "12.5")},
		},
		Currencies: []string{"NZD", "AUD"},
		Tracking: []TrackingCategory{{Name: "Region", Status: "ACTIVE", Options: []TrackingOption{
			{Name: "North", Status: "ACTIVE"}, {Name: "South", Status: "ARCHIVED"}}}},
		Items:  []Item{{Code: "BOOK", IsSold: true}, {Code: "PAPER"}},
		Themes: []Theme{{BrandingThemeID: "dabc7637-62c1-4941-8a6e-ee44fa5090e7", Name: "Standard"}},
		Has:    Needs{Tracking: true, Items: true, Themes: true},
		Read:   time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
		Again:  map[Part]time.Time{PartCurrencies: time.Date(2026, 11, 21, 10, 2, 0, 0, time.UTC)},
	}
}

func TestLookingUpWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	ref := shop(t)
	for _, tc := range []struct {
		name string
		find func() (string, error)
		want string
		err  string
	}{
		{"account by code", func() (string, error) { a, err := ref.Account("200"); return a.Name, err }, "Sales", ""},
		{"account by name", func() (string, error) { a, err := ref.Account("sales"); return a.Code, err }, "200", ""},
		{"account misspelt", func() (string, error) { a, err := ref.Account("Slaes"); return a.Code, err }, "", `there is no account "Slaes" in Xero; it has 200 (Sales)`},
		{"account unlike any", func() (string, error) { a, err := ref.Account("Hovercraft"); return a.Code, err }, "", `there is no account "Hovercraft" in Xero; it has 200 (Sales)`},
		{"account archived", func() (string, error) { a, err := ref.Account("210"); return a.Code, err }, "", `the account "210" is archived in Xero`},
		{"account name used twice", func() (string, error) { a, err := ref.Account("Twice"); return a.Code, err }, "", `of accounts called "Twice" there are 2 in Xero; write the code instead`},
		{"account name used again after archiving", func() (string, error) { a, err := ref.Account("Renewed"); return a.Code, err }, "214", ""},
		{"account without a code", func() (string, error) { a, err := ref.Account("Bank"); return a.Code, err }, "", `the account "Bank" has no code in Xero; give it one there`},
		{"account nearly by code", func() (string, error) { a, err := ref.Account("201"); return a.Code, err }, "", `there is no account "201" in Xero; it has 200 (Sales)`},
		{"tax by nearly a name", func() (string, error) { r, err := ref.TaxType("15% GST"); return r.TaxType, err }, "", `there is no tax rate "15% GST" in Xero; it has "15% GST on Income" (OUTPUT2), "No GST" (NONE)`},
		{"tax by code", func() (string, error) { r, err := ref.TaxType("OUTPUT2"); return r.Name, err }, "15% GST on Income", ""},
		{"tax by name", func() (string, error) { r, err := ref.TaxType("15% GST on income"); return r.TaxType, err }, "OUTPUT2", ""},
		{"tax for purchases", func() (string, error) { r, err := ref.TaxType("INPUT2"); return r.TaxType, err }, "", `the tax rate "INPUT2" cannot be used on sales`},
		// "No GST" is nearer in letters than any rate that was meant.
		{"tax rate of another country", func() (string, error) {
			au := &Reference{TaxRates: []TaxRate{{TaxType: "OUTPUT", Name: "GST on Income", CanApplyToRevenue: true}, {TaxType: "EXEMPTOUTPUT", Name: "No GST", CanApplyToRevenue: true}, {TaxType: "INPUT", Name: "GST on Expenses"}}}
			r, err := au.TaxType("15% GST")
			return r.TaxType, err
		}, "", `there is no tax rate "15% GST" in Xero; it has "GST on Income" (OUTPUT), "No GST" (EXEMPTOUTPUT)`},
		{"an account that is near in digits", func() (string, error) {
			au := &Reference{Accounts: []Account{{Code: "210", Name: "Freight", Type: "REVENUE"}, {Code: "429", Name: "Rent", Type: "EXPENSE"}}}
			a, err := au.Account("219")
			return a.Code, err
		}, "", `there is no account "219" in Xero; it has 210 (Freight)`},
		{"no account at all", func() (string, error) { a, err := (&Reference{}).Account("219"); return a.Code, err }, "", `there is no account "219" in Xero; it has none`},
		{"tax deleted", func() (string, error) { r, err := ref.TaxType("OUTPUT"); return r.TaxType, err }, "", `the tax rate "OUTPUT" is deleted in Xero`},
		{"currency", func() (string, error) { return "", ref.Currency("AUD") }, "", ""},
		{"currency not subscribed", func() (string, error) { return "", ref.Currency("AUX") }, "", `there is no currency "AUX" in Xero`},
		{"item", func() (string, error) { return "", ref.Item("book") }, "", ""},
		{"item not sold", func() (string, error) { return "", ref.Item("PAPER") }, "", `the item "PAPER" is not for sale in Xero`},
		{"item unknown", func() (string, error) { return "", ref.Item("BOOKS") }, "", `there is no item "BOOKS" in Xero; did you mean "BOOK"?`},
		{"tracking", func() (string, error) { return "", ref.TrackingOption("region", "north") }, "", ""},
		{"tracking category unknown", func() (string, error) { return "", ref.TrackingOption("Team", "North") }, "", `there is no tracking category "Team" in Xero`},
		{"tracking option unknown", func() (string, error) { return "", ref.TrackingOption("Region", "Nort") }, "", `there is no option of the tracking category "Region" "Nort" in Xero; did you mean "North"?`},
		{"tracking option archived", func() (string, error) { return "", ref.TrackingOption("Region", "South") }, "", `the option "South" of the tracking category "Region" is archived in Xero`},
		{"theme by name", func() (string, error) { th, err := ref.Theme("standard"); return th.BrandingThemeID, err }, "dabc7637-62c1-4941-8a6e-ee44fa5090e7", ""},
		{"theme by id", func() (string, error) {
			th, err := ref.Theme("DABC7637-62c1-4941-8a6e-ee44fa5090e7")
			return th.Name, err
		}, "Standard", ""},
		{"theme unknown", func() (string, error) { th, err := ref.Theme("Standrd"); return th.Name, err }, "", `there is no branding theme "Standrd" in Xero; it has Standard`},
		{"without the lists nothing is said", func() (string, error) {
			bare := &Reference{}
			if err := bare.Item("x"); err != nil {
				return "", err
			}
			return "", bare.TrackingOption("x", "y")
		}, "", ""},
	} {
		got, err := tc.find()
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != tc.want && tc.err == "" || text != tc.err {
			t.Errorf("%s: got %q, %q; want %q, %q", tc.name, got, text, tc.want, tc.err)
		}
	}
	if allowed, known := ref.Allowed("createapprovedinvoice"); allowed || !known {
		t.Errorf("CreateApprovedInvoice: %v, %v", allowed, known)
	}
	if allowed, known := ref.Allowed("UseMulticurrency"); !allowed || !known {
		t.Errorf("UseMulticurrency: %v, %v", allowed, known)
	}
	if _, known := ref.Allowed("Fly"); known {
		t.Error("Fly is said to be known")
	}
}

// A chart of accounts can be long: a message names fifteen and counts the rest.
func TestAMessageNamesFifteenAccounts(t *testing.T) {
	t.Parallel()
	ref := &Reference{}
	for n := range 18 {
		ref.Accounts = append(ref.Accounts, Account{Code: fmt.Sprint(200 + n), Name: fmt.Sprint("Sales ", n), Status: "ACTIVE", Class: "REVENUE"})
	}
	ref.Accounts = append(ref.Accounts, Account{Code: "400", Name: "Advertising", Status: "ACTIVE", Class: "EXPENSE"}, Account{Name: "No code", Class: "REVENUE"})
	_, err := ref.Account("Revenue")
	if err == nil || !strings.HasPrefix(err.Error(), `there is no account "Revenue" in Xero; it has 200 (Sales 0), 201 (Sales 1), `) || !strings.HasSuffix(err.Error(), "214 (Sales 14) and 3 more") {
		t.Errorf("%v", err)
	}
}

func TestReferenceComesBackFromTheStore(t *testing.T) {
	t.Parallel()
	ref := shop(t)
	raw, err := json.Marshal(ref)
	if err != nil {
		t.Fatal(err)
	}
	var back Reference
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ref, &back); diff != "" {
		t.Error(diff)
	}
	if back.Hash() != ref.Hash() {
		t.Error("the hash changed on the way")
	}
	back.Read, back.Again = back.Read.Add(time.Hour), map[Part]time.Time{PartAccounts: back.Read}
	if back.Hash() != ref.Hash() {
		t.Error("the hash changes with the time of reading")
	}
	back.Accounts[0].Status = "ARCHIVED"
	if back.Hash() == ref.Hash() {
		t.Error("the hash does not change with an account")
	}
}

func TestLocation(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"NEWZEALANDSTANDARDTIME":      "Pacific/Auckland",
		"New Zealand Standard Time":   "Pacific/Auckland",
		"CENTRALSTANDARDTIME(MEXICO)": "America/Mexico_City",
		"UTC":                         "Etc/UTC",
		"UTC+12":                      "Etc/GMT-12",
		"UTC08":                       "Etc/GMT+8",
		"NARNIASTANDARDTIME":          "UTC",
		"":                            "UTC",
	} {
		r := &Reference{Organisation: Organisation{Timezone: name}}
		if got := r.Location().String(); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
	if got := (*Reference)(nil).Location(); got != time.UTC {
		t.Errorf("without reference data: got %s", got)
	}
}
