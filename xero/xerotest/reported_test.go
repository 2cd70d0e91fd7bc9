package xerotest_test

import (
	"slices"
	"strings"
	"testing"

	"sf2xero/xero/xerotest"
)

// What people report in public of the real service, each with who says so. What they say it refuses is refused, in the
// words they quote; what they say it takes is taken.

const (
	tooLarge      = "Discount must not be greater than the line total."
	accountsBelow = "Account must be valid."
	taxBelow      = "Tax rate must be valid."
	noDueDate     = "The document DueDate field must be specified."
)

func TestWhatPeopleReportToBeRefused(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	approve := `"Status":"AUTHORISED",`
	for name, tc := range map[string]struct {
		fields string
		texts  []string
		line   int // the one that the words hang on too, from 1; 0: none
	}{
		"a negative quantity, by a job system's list of Xero's messages": {lines(`{"Quantity":2,"UnitAmount":10}`, `{"Quantity":-1,"UnitAmount":10}`),
			[]string{"The quantity value '-1.0000' is invalid. Quantity must not be less than zero."}, 2},
		"a discount of 0 in money on a line below zero, by a user of the API explorer": {lines(`{"UnitAmount":20}`, `{"UnitAmount":-10,"DiscountAmount":0}`),
			[]string{"The discount rate '0.00' is invalid. " + tooLarge}, 2},
		"a discount on a line below zero, likewise": {lines(`{"UnitAmount":20}`, `{"UnitAmount":-10,"DiscountAmount":2.5}`),
			[]string{"The discount rate '2.50' is invalid. " + tooLarge}, 2},
		"a discount that its cents lift above the line, by a shop's plugin": {lines(`{"UnitAmount":27.826,"DiscountAmount":27.826}`),
			[]string{"The discount rate '27.83' is invalid. " + tooLarge}, 1},
		"a discount of more than the line, likewise": {lines(`{"Quantity":2,"UnitAmount":10,"DiscountAmount":20.01}`, `{"UnitAmount":1}`),
			[]string{"The discount rate '20.01' is invalid. " + tooLarge}, 1},
		"approved, a line of less than a cent, by a messaging service": {approve + lines(`{"UnitAmount":1}`, `{"Quantity":2,"UnitAmount":0.001,"TaxType":"NONE"}`),
			[]string{accountsBelow, taxBelow}, 2},
		"approved, a price of less than four decimals, by a billing system": {approve + lines(`{"Quantity":8555500,"UnitAmount":0.000029104}`),
			[]string{accountsBelow, taxBelow}, 1},
		"approved, a discount that leaves less than a cent": {approve + lines(`{"UnitAmount":1}`, `{"UnitAmount":0.01,"DiscountRate":60}`),
			[]string{accountsBelow, taxBelow}, 2},
		"approved without a due date, by users of a library": {approve + `"DueDate":null`, []string{noDueDate}, 0},
		"sent to the approver without a due date, likewise":  {`"Status":"SUBMITTED","DueDate":null`, []string{noDueDate}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			before := c.org.Invoices()
			through := *c
			through.t = t
			res := through.raw("PUT", "Invoices?unitdp=4&summarizeErrors=false", `{"Invoices":[`+with(contact, tc.fields)+`]}`).want(200)
			if got := res.messages("Invoices", 0, "ValidationErrors"); !slices.Equal(got, tc.texts) {
				t.Errorf("refused with %q, want %q", got, tc.texts)
			}
			for i := range res.len("Invoices", 0, "LineItems") {
				var want []string
				if i+1 == tc.line {
					want = tc.texts
				}
				if got := res.messages("Invoices", 0, "LineItems", i, "ValidationErrors"); !slices.Equal(got, want) {
					t.Errorf("line %d bears %q, want %q", i+1, got, want)
				}
			}
			if len(c.org.Invoices()) != len(before) {
				t.Error("refused and made")
			}
		})
	}
}

// lines are the lines of an invoice, each good but for the fields it is given.
func lines(each ...string) string {
	for i, fields := range each {
		each[i] = `{"Description":"Work","AccountCode":"200",` + fields[1:]
	}
	return `"LineItems":[` + strings.Join(each, ",") + `]`
}

func TestWhatPeopleReportToBeTaken(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	c.done(c.org.Lock("2026-10-31"))
	for name, tc := range map[string]struct{ fields, status, sub string }{
		"a positive quantity and a negative price, by the list that refuses the other": {lines(`{"UnitAmount":20}`, `{"Quantity":1,"UnitAmount":-7.5}`), "DRAFT", "12.50"},
		"a rate of 0 on a line below zero, by who was refused an amount of 0":          {lines(`{"UnitAmount":20}`, `{"UnitAmount":-7.5,"DiscountRate":0}`), "DRAFT", "12.50"},
		"a rate on a line below zero, as the screens allow":                            {lines(`{"UnitAmount":20}`, `{"UnitAmount":-10,"DiscountRate":25}`), "DRAFT", "12.50"},
		"all of a line discounted, by a wholesaler":                                    {`"Status":"AUTHORISED",` + lines(`{"UnitAmount":795,"DiscountRate":100}`), "PAID", "0.00"},
		"a draft with a line of less than a cent, by a messaging service":              {lines(`{"UnitAmount":1}`, `{"Quantity":2,"UnitAmount":0.001}`), "DRAFT", "1.00"},
		"a draft in a closed period, by a practice manager's help page":                {`"Date":"2026-10-15"`, "DRAFT", "100.00"},
		"one that waits for approval in a closed period, by a bill scanner's":          {`"Date":"2026-10-15","Status":"SUBMITTED"`, "SUBMITTED", "100.00"},
		"a free line, by a billing system":                                             {`"Status":"AUTHORISED",` + lines(`{"UnitAmount":100}`, `{"UnitAmount":0}`), "AUTHORISED", "100.00"},
	} {
		t.Run(name, func(t *testing.T) {
			through := *c
			through.t = t
			res := through.raw("PUT", "Invoices?unitdp=4", `{"Invoices":[`+with(contact, tc.fields)+`]}`).want(200)
			if res.text("Invoices", 0, "Status") != tc.status || res.text("Invoices", 0, "SubTotal") != tc.sub {
				t.Errorf("%s", res.body)
			}
			id := res.text("Invoices", 0, "InvoiceID")
			if !strings.Contains(tc.fields, "2026-10-15") {
				return
			}
			through.edit(id, `"Reference":"still open"`).want(200)
			through.edit(id, `"Status":"AUTHORISED"`).wantError("Invoices", "The document date cannot be before the period lock date, currently set at 31-Oct-2026")
			through.edit(id, `"Date":"2026-11-01"`).want(200)
			through.edit(id, `"Status":"AUTHORISED"`).want(200)
		})
	}
}

// n8n's node sends every field of a line, an empty text for what nobody filled in, the quantity in quotes and an id of
// its own beside. Its whole run of a hundred deals ended without an invoice here.
func TestAnEmptyTextForANumberByAnAutomationTool(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	res := c.raw("POST", "Invoices", `{"organizationId":"x","Type":"ACCREC","Contact":{"ContactID":"`+contact+`"},"LineItems":[{"Tracking":[],"AccountCode":"200",
		"Description":"Licence","DiscountRate":"","ItemCode":"","LineAmount":"","Quantity":"2","TaxAmount":"","TaxType":"OUTPUT2","UnitAmount":"49.50"}],
		"Date":"2026-11-05T00:00:00","DueDate":"2026-12-05T00:00:00","Status":"AUTHORISED","CurrencyRate":""}`).want(200)
	if res.text("Invoices", 0, "Total") != "113.85" || res.text("Invoices", 0, "LineItems", 0, "DiscountRate") != "" {
		t.Errorf("%s", res.body)
	}
	c.raw("POST", "Invoices", `{"Invoices":[`+with(contact, lines(`{"UnitAmount":"ten"}`))+`]}`).want(400)
}

func TestAQueryThatIsTooLongByFiveUsersOfLibraries(t *testing.T) {
	t.Parallel()
	c, _, draft := books(t, xerotest.Options{})
	for _, tc := range []struct {
		ids, status int
		comma       string
	}{{52, 200, "%2C"}, {53, 404, "%2C"}, {55, 200, ","}, {56, 404, ","}} {
		query := "IDs=" + strings.Join(slices.Repeat([]string{draft}, tc.ids), tc.comma)
		res := c.raw("GET", "Invoices?"+query, "").want(tc.status)
		if tc.status == 404 && (!strings.HasPrefix(res.header.Get("Content-Type"), "text/html") || res.body != "The resource you're looking for cannot be found") {
			t.Errorf("%d ids: %s %q", tc.ids, res.header.Get("Content-Type"), res.body)
		}
	}
	padding := strings.Repeat("a", 2048-len("page=1&padding=")) // by padding somebody found the very byte
	c.raw("GET", "Contacts?page=1&padding="+padding, "").want(200)
	c.raw("GET", "Contacts?page=1&padding="+padding+"a", "").want(404)
	c.raw("POST", "Invoices?padding="+padding+strings.Repeat("a", 20), `{"Invoices":[{"InvoiceID":"`+draft+`","Reference":"x"}]}`).want(404)
	if v, _ := c.org.Invoice(draft); v.Reference != "" {
		t.Error("denied and done")
	}
}
