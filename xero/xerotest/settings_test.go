package xerotest_test

import (
	"strings"
	"testing"

	"sf2xero/xero/xerotest"
)

func TestTheDemoCompany(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{})
	org := c.send("GET", "Organisation", "").want(200)
	for field, want := range map[string]string{"BaseCurrency": "NZD", "CountryCode": "NZ", "Timezone": "NEWZEALANDSTANDARDTIME", "Class": "DEMO", "IsDemoCompany": "true",
		"OrganisationID": c.org.TenantID(), "PeriodLockDate": "", "EndOfYearLockDate": ""} {
		if got := org.text("Organisations", 0, field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if got := c.send("GET", "Organisation/Actions", "").want(200).len("Actions"); got != 13 {
		t.Errorf("%d actions", got)
	}
	column := func(path, plural, field string) string {
		t.Helper()
		res := c.send("GET", path, "").want(200)
		var list []string
		for i := range res.len(plural) {
			list = append(list, res.text(plural, i, field))
		}
		return strings.Join(list, "|")
	}
	for _, tc := range [][4]string{
		{"TaxRates", "TaxRates", "TaxType", "INPUT2|OUTPUT2|EXEMPTOUTPUT|GSTONIMPORTS|NONE|ZERORATED"},
		{"TaxRates?where=CanApplyToRevenue%3D%3Dtrue", "TaxRates", "Name", "15% GST on Income|Exempt Income|No GST|Zero Rated"},
		{"TaxRates?where=TaxType%3D%3D%22OUTPUT2%22", "TaxRates", "EffectiveRate", "15.0000"},
		{"Currencies", "Currencies", "Code", "AUD|NZD"},
		{"TrackingCategories", "TrackingCategories", "Name", "Region"},
		{"BrandingThemes", "BrandingThemes", "Name", "Standard|Very orange invoice!"},
		{"Accounts?where=" + escape(`Type=="REVENUE"`) + "&order=" + escape("Code DESC"), "Accounts", "Code", "270|260|210|200"},
		{"Accounts?where=" + escape(`SystemAccount=="ROUNDING"`), "Accounts", "Code", "860"},
		{"Accounts?where=" + escape(`Class=="REVENUE" AND Status=="ACTIVE" AND Name.Contains("sal")`), "Accounts", "Code", "200"},
		{"Accounts?where=" + escape(`EnablePaymentsToAccount==true`), "Accounts", "Code", "970"},
		{"Items?order=Code", "Items", "Code", "BOOK|DEV-H"},
		{"Invoices?order=InvoiceNumber", "Invoices", "Status", "AUTHORISED|AUTHORISED|DRAFT|VOIDED"},
		{"Contacts?order=Name", "Contacts", "Name", "Bayside Club|Boom FM|City Limousines|Ridgeway University"},
	} {
		if got := column(tc[0], tc[1], tc[2]); got != tc[3] {
			t.Errorf("%s: %s, want %s", tc[0], got, tc[3])
		}
	}
	if got := column("Invoices?createdByMyApp=true", "Invoices", "InvoiceNumber"); got != "" {
		t.Errorf("the demo company's own invoices are ours: %s", got)
	}
	id := c.send("GET", "Accounts", "").text("Accounts", 2, "AccountID")
	if got := c.send("GET", "Accounts/"+id, "").want(200).text("Accounts", 0, "Code"); got != "200" {
		t.Errorf("%s", got)
	}
}

func TestSettingsThatPeopleChange(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{})
	c.raw("PUT", "Currencies", `{"Code":"USD","Description":"United States Dollar"}`).want(200)
	c.org.AddCurrency("EUR")
	if got := c.send("GET", "Currencies", "").len("Currencies"); got != 4 {
		t.Errorf("%d currencies", got)
	}
	c.raw("PUT", "Currencies", `{"Code":"DOLLAR"}`).want(400)
	c.org.AddAccount("201", "Licences", "REVENUE", "OUTPUT2")
	c.done(c.org.ArchiveAccount("201"))
	if got := c.send("GET", "Accounts?where="+escape(`Code=="201"`), "").text("Accounts", 0, "Status"); got != "ARCHIVED" {
		t.Errorf("%s", got)
	}
	c.org.AddTrackingOption("Department", "Sales")
	if got := c.send("GET", "TrackingCategories", "").text("TrackingCategories", 1, "Options", 0, "Name"); got != "Sales" {
		t.Errorf("%s", got)
	}
	if err := c.org.ArchiveAccount("none"); err == nil {
		t.Error("an account that is not there can be archived")
	}
}
