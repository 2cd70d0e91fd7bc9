package salesforcetest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

// diary is an org in which each deal closes on another day; its people live in Auckland, where Friday the 20th is over by 11:00 UTC.
func diary(t testing.TB, opt salesforcetest.Options, days ...string) *desk {
	d := newDesk(t, opt)
	for _, day := range days {
		d.insert("Opportunity", map[string]any{"Name": day, "StageName": "Closed Won", "CloseDate": day})
	}
	return d
}

func (d *desk) names(where string) string {
	d.t.Helper()
	return d.query("SELECT Name FROM Opportunity WHERE " + where + " ORDER BY Name").column("Name")
}

func TestRelativeDatesAreTheUsersOwn(t *testing.T) {
	t.Parallel()
	// It is Friday the 20th, 11:30 in UTC, and half an hour into Saturday the 21st in Auckland.
	now := time.Date(2026, 11, 20, 11, 30, 0, 0, time.UTC)
	d := diary(t, salesforcetest.Options{Now: func() time.Time { return now }},
		"2024-12-31", "2025-06-30", "2025-11-01", "2026-01-01", "2026-08-22", "2026-08-23", "2026-10-31", "2026-11-01", "2026-11-14", "2026-11-15", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-29", "2026-12-06", "2027-02-19", "2027-02-20", "2027-04-01")
	for where, want := range map[string]string{
		"CloseDate = TODAY":                                          "2026-11-21",
		"CloseDate = YESTERDAY":                                      "2026-11-20",
		"CloseDate = tomorrow":                                       "2026-11-22",
		"CloseDate = LAST_N_DAYS:1":                                  "2026-11-20,2026-11-21",
		"CloseDate = NEXT_N_DAYS:8":                                  "2026-11-22,2026-11-29",
		"CloseDate = N_DAYS_AGO:6":                                   "2026-11-15",
		"CloseDate = THIS_WEEK":                                      "2026-11-15,2026-11-20,2026-11-21", // weeks begin on Sunday
		"CloseDate = LAST_WEEK":                                      "2026-11-14",
		"CloseDate = NEXT_WEEK":                                      "2026-11-22",
		"CloseDate = NEXT_N_WEEKS:2":                                 "2026-11-22,2026-11-29",
		"CloseDate = LAST_N_WEEKS:2":                                 "2026-11-01,2026-11-14",
		"CloseDate = N_WEEKS_AGO:2":                                  "2026-11-01",
		"CloseDate = THIS_MONTH AND CloseDate < TODAY":               "2026-11-01,2026-11-14,2026-11-15,2026-11-20",
		"CloseDate = LAST_MONTH":                                     "2026-10-31",
		"CloseDate = LAST_N_MONTHS:3":                                "2026-08-22,2026-08-23,2026-10-31",
		"CloseDate = N_MONTHS_AGO:3":                                 "2026-08-22,2026-08-23",
		"CloseDate = NEXT_QUARTER":                                   "2027-02-19,2027-02-20",
		"CloseDate = LAST_QUARTER":                                   "2026-08-22,2026-08-23",
		"CloseDate = N_QUARTERS_AGO:3":                               "2026-01-01",
		"CloseDate = LAST_N_QUARTERS:1":                              "2026-08-22,2026-08-23",
		"CloseDate = NEXT_N_QUARTERS:2 AND CloseDate > NEXT_QUARTER": "2027-04-01",
		"CloseDate = LAST_90_DAYS AND CloseDate != THIS_MONTH":       "2026-08-23,2026-10-31",
		"CloseDate = NEXT_90_DAYS AND CloseDate > NEXT_N_DAYS:60":    "2027-02-19",
		"CloseDate = LAST_YEAR":                                      "2025-06-30,2025-11-01",
		"CloseDate = N_YEARS_AGO:2":                                  "2024-12-31",
		"CloseDate = LAST_N_YEARS:2":                                 "2024-12-31,2025-06-30,2025-11-01",
		"CloseDate = NEXT_N_YEARS:1":                                 "2027-02-19,2027-02-20,2027-04-01",
		"CloseDate = LAST_FISCAL_YEAR":                               "2025-06-30,2025-11-01",
		"CloseDate >= NEXT_FISCAL_QUARTER":                           "2027-02-19,2027-02-20,2027-04-01",
		"CreatedDate = TODAY AND CloseDate = TODAY":                  "2026-11-21", // all were made just now
		"CreatedDate = YESTERDAY":                                    "",
	} {
		if got := d.names(where); got != want {
			t.Errorf("%s: got %s, want %s", where, got, want)
		}
	}
	for where, want := range map[string]string{
		"CloseDate = LAST_N_DAYS": "must be of type date", "CloseDate = TODAY:1": "must be of type date", "CloseDate = LAST_N_DAYS:-1": "unexpected token: '-1'", "CloseDate = LAST_N_EONS:1": "unexpected token: 'LAST_N_EONS'",
	} {
		if w := d.send("GET", queryPath("SELECT Id FROM Opportunity WHERE "+where), ""); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", where, w.Code, w.Body)
		}
	}
}

func TestDateFunctions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 11, 30, 0, 0, time.UTC)
	d := diary(t, salesforcetest.Options{Now: func() time.Time { return now }}, "2026-03-31", "2026-06-30", "2026-07-01", "2026-12-08")
	for where, want := range map[string]string{
		"CALENDAR_YEAR(CloseDate) = 2026 AND CALENDAR_QUARTER(CloseDate) = 1": "2026-03-31",
		"calendar_month(CloseDate) IN (6, 12)":                                "2026-06-30,2026-12-08",
		"CALENDAR_YEAR(CloseDate) > 2026":                                     "",
		"DAY_IN_MONTH(CloseDate) >= 30":                                       "2026-03-31,2026-06-30",
		"DAY_IN_WEEK(CloseDate) = 3":                                          "2026-03-31,2026-06-30,2026-12-08", // Tuesdays
		"DAY_IN_YEAR(CloseDate) = 90":                                         "2026-03-31",
		"WEEK_IN_MONTH(CloseDate) = 2":                                        "2026-12-08",
		"WEEK_IN_YEAR(CloseDate) = 13":                                        "2026-03-31",
		"FISCAL_QUARTER(CloseDate) = 3":                                       "2026-07-01",
		"DAY_ONLY(CreatedDate) = 2026-11-20":                                  "2026-03-31,2026-06-30,2026-07-01,2026-12-08",
		"DAY_ONLY(convertTimezone(CreatedDate)) = 2026-11-20":                 "",
		"HOUR_IN_DAY(CreatedDate) = 11 AND CloseDate > 2026-07-01":            "2026-12-08",
		"HOUR_IN_DAY(convertTimezone(CreatedDate)) = 0":                       "2026-03-31,2026-06-30,2026-07-01,2026-12-08",
		"CALENDAR_YEAR(Account.CreatedDate) = 2026":                           "",
	} {
		if got := d.names(where); got != want {
			t.Errorf("%s: got %s, want %s", where, got, want)
		}
	}
	// A company whose year begins in July and is called after the year it ends in.
	if err := d.org.Update("Organization", d.org.OrgID(), map[string]any{"FiscalYearStartMonth": 7}); err != nil {
		t.Fatal(err)
	}
	for where, want := range map[string]string{
		"FISCAL_YEAR(CloseDate) = 2027": "2026-07-01,2026-12-08", "FISCAL_MONTH(CloseDate) = 12": "2026-06-30", "FISCAL_QUARTER(CloseDate) = 3": "2026-03-31",
		"CloseDate = LAST_FISCAL_YEAR": "2026-03-31,2026-06-30", "CloseDate = LAST_FISCAL_QUARTER": "2026-07-01", "CloseDate = N_FISCAL_QUARTERS_AGO:2": "2026-06-30",
	} {
		if got := d.names(where); got != want {
			t.Errorf("%s: got %s, want %s", where, got, want)
		}
	}
	for where, want := range map[string]string{
		"HOUR_IN_DAY(CloseDate) = 1": "takes a dateTime", "DAY_ONLY(CloseDate) = 2026-11-20": "takes a dateTime", "CALENDAR_YEAR(Name) = 2026": "is no date",
		"CALENDAR_YEAR(CloseDate) = '2026'": "must be of type int", "AVG(Amount) > 1": "unexpected token: '('", "CALENDAR_YEAR(CloseDate = 2026": "unexpected token: '='",
	} {
		if w := d.send("GET", queryPath("SELECT Id FROM Opportunity WHERE "+where), ""); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", where, w.Code, w.Body)
		}
	}
}

func TestMultiSelectPicklists(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	if err := d.org.AddField("Opportunity", salesforcetest.FieldSpec{Name: "Regions__c", Type: "multipicklist", Picklist: []string{"North", "South", "West"}, Restricted: true}); err != nil {
		t.Fatal(err)
	}
	for name, regions := range map[string]any{"none": nil, "n": "North", "ns": "North;South", "nsw": "West;North;South"} {
		d.insert("Opportunity", map[string]any{"Name": name, "StageName": "Closed Won", "CloseDate": "2026-11-20", "Regions__c": regions})
	}
	for where, want := range map[string]string{
		"Regions__c INCLUDES ('north')":             "n,ns,nsw",
		"Regions__c INCLUDES ('North;West')":        "nsw",
		"Regions__c includes ('South;West','West')": "nsw",
		"Regions__c EXCLUDES ('South')":             "n,none",
		"Regions__c = 'South;North'":                "ns",
		"Regions__c != 'North'":                     "none,ns,nsw",
		"Regions__c IN ('North', 'South;North')":    "n,ns",
		"Regions__c = null":                         "none",
	} {
		if got := d.names(where); got != want {
			t.Errorf("%s: got %s, want %s", where, got, want)
		}
	}
	for soql, want := range map[string]string{
		"SELECT Id FROM Opportunity WHERE Name INCLUDES ('x')":               "INVALID_QUERY_FILTER_OPERATOR",
		"SELECT Id FROM Opportunity WHERE Regions__c > 'North'":              "INVALID_QUERY_FILTER_OPERATOR",
		"SELECT Id FROM Opportunity WHERE Regions__c LIKE 'N%'":              "INVALID_QUERY_FILTER_OPERATOR",
		"SELECT Id FROM Opportunity ORDER BY Regions__c":                     "can not be sorted",
		"SELECT Id FROM Opportunity WHERE Regions__c INCLUDES 'North'":       "MALFORMED_QUERY",
		"SELECT Id FROM Opportunity WHERE Regions__c INCLUDES (SELECT Id F)": "MALFORMED_QUERY",
	} {
		if w := d.send("GET", queryPath(soql), ""); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", soql, w.Code, w.Body)
		}
	}
	if w := d.send("POST", v+"/sobjects/Opportunity", `{"Name":"x","StageName":"Closed Won","CloseDate":"2026-11-20","Regions__c":"North;East"}`); w.Code != 400 || !strings.Contains(w.Body.String(), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST") {
		t.Errorf("a choice the field does not have: %d %s", w.Code, w.Body)
	}
}

func TestLabelsOfPicklistValues(t *testing.T) {
	t.Parallel()
	d := diary(t, salesforcetest.Options{}, "2026-11-20")
	if err := d.org.LabelValue("Opportunity", "StageName", "Closed Won", "Gewonnen"); err != nil {
		t.Fatal(err)
	}
	if got := d.names("toLabel(StageName) = 'gewonnen' AND StageName = 'Closed Won'"); got != "2026-11-20" {
		t.Errorf("by label: %s", got)
	}
	r := d.query("SELECT StageName, toLabel(StageName) shown FROM Opportunity WHERE toLabel(StageName) LIKE 'Gew%'")
	if r.column("StageName") != "Closed Won" || r.column("shown") != "Gewonnen" {
		t.Errorf("%v", r)
	}
	if got := d.query("SELECT toLabel(StageName) FROM Opportunity").column("StageName"); got != "Gewonnen" {
		t.Errorf("without an alias the label stands under the field's own name: %s", got)
	}
	if got := d.send("GET", v+"/sobjects/Opportunity/describe", "").Body.String(); !strings.Contains(got, `{"value":"Closed Won","label":"Gewonnen",`) {
		t.Errorf("describe lacks the label: %s", got)
	}
	for _, soql := range []string{"SELECT toLabel(Name) FROM Opportunity", "SELECT Id FROM Opportunity WHERE toLabel(Amount) = 'x'", "SELECT StageName, toLabel(StageName) FROM Opportunity"} {
		if w := d.send("GET", queryPath(soql), ""); w.Code != 400 || !strings.Contains(w.Body.String(), "INVALID_FIELD") {
			t.Errorf("%s: %d %s", soql, w.Code, w.Body)
		}
	}
}

func TestAmountsAreComparedAcrossCurrencies(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{MultiCurrency: true, Currencies: []string{"USD", "JPY"}})
	rates := map[string]string{"USD": "0.5", "JPY": "80"} // one New Zealand dollar is so much
	for _, c := range d.org.Rows("CurrencyType") {
		if rate, ok := rates[c["IsoCode"].(string)]; ok {
			if err := d.org.Update("CurrencyType", c["Id"].(string), map[string]any{"ConversionRate": json.Number(rate)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, deal := range map[string][2]string{"nz": {"NZD", "10000"}, "us": {"USD", "5001"}, "us less": {"USD", "4999.99"}, "jp": {"JPY", "7000"}} {
		d.insert("Opportunity", map[string]any{"Name": name, "StageName": "Closed Won", "CloseDate": "2026-11-20", "CurrencyIsoCode": deal[0], "Amount": json.Number(deal[1])})
	}
	for where, want := range map[string]string{
		"Amount > USD5000":                 "us",
		"Amount >= usd5000":                "nz,us",
		"Amount = USD5000":                 "nz",
		"Amount = JPY800000":               "nz",
		"Amount < USD4999.995":             "jp,us less",
		"Amount IN (USD5000, USD5001)":     "nz,us",
		"Amount > 5000":                    "jp,nz,us", // without a currency the bare numbers are compared
		"Amount != null AND Amount > USD0": "jp,nz,us,us less",
	} {
		if got := d.names(where); got != want {
			t.Errorf("%s: got %s, want %s", where, got, want)
		}
	}
	for where, want := range map[string]string{
		"Amount > GBP5": "INVALID_CURRENCY_ISO", "Amount IN (USD5, 5)": "MALFORMED_QUERY", "Probability > USD5": "must be of type double", "Name = USD5": "must be of type string",
	} {
		if w := d.send("GET", queryPath("SELECT Id FROM Opportunity WHERE "+where), ""); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", where, w.Code, w.Body)
		}
	}
	one := newDesk(t, salesforcetest.Options{Currency: "USD"})
	if w := one.send("GET", queryPath("SELECT Id FROM Opportunity WHERE Amount > USD5"), ""); w.Code != 400 || !strings.Contains(w.Body.String(), "INVALID_CURRENCY_ISO") {
		t.Errorf("an org with one currency: %d %s", w.Code, w.Body)
	}
}
