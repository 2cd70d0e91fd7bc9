package xerotest_test

import (
	"fmt"
	"strings"
	"testing"

	"sf2xero/xero/xerotest"
)

// books is an organisation with one contact, in which INV-0001 is a live draft of 100.00 plus tax.
func books(t *testing.T, opt xerotest.Options) (c *client, contact, draft string) {
	t.Helper()
	opt.Empty = true
	c = open(t, opt)
	contact = c.contact("Acme")
	return c, contact, c.invoice(contact, "")
}

const goodLines = `[{"Description":"Work","Quantity":1,"UnitAmount":100,"AccountCode":"200","TaxType":"OUTPUT2"}]`

// with puts fields into a good invoice; a field that is named again replaces the good one.
func with(contact, fields string) string {
	return filled(fields, [][2]string{{"Type", `"ACCREC"`}, {"Contact", `{"ContactID":"` + contact + `"}`}, {"DueDate", `"2026-12-05"`}, {"LineItems", goodLines}})
}

// filled are fields and, of good ones, those that they do not name.
func filled(fields string, good [][2]string) string {
	body := "{" + fields
	for _, g := range good {
		if !strings.Contains(fields, `"`+g[0]+`":`) {
			if body != "{" {
				body += ","
			}
			body += `"` + g[0] + `":` + g[1]
		}
	}
	return body + "}"
}

func line(fields string) string {
	return `"LineItems":[{"Description":"Work","Quantity":1,"UnitAmount":100,"AccountCode":"200"` + fields + `}]`
}

func TestInvoiceIsRefused(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	old := c.contact("Old")
	c.done(c.org.ArchiveContact(old))
	c.done(c.org.ArchiveAccount("260"))
	approve := `"Status":"AUTHORISED",`
	cases := map[string]struct{ fields, text string }{
		"no contact":                         {`"Contact":null`, "A Contact must be specified for this type of transaction"},
		"an empty contact":                   {`"Contact":{}`, "The Contact must contain at least 1 of the following elements to identify the contact: Name, ContactID, ContactNumber"},
		"an unknown contact":                 {`"Contact":{"ContactID":"11111111-1111-1111-1111-111111111111"}`, "The Contact with the specified ContactID could not be found"},
		"an archived contact":                {`"Contact":{"ContactID":"` + old + `"}`, "The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes."},
		"no lines":                           {`"LineItems":[]`, "One or more line items must be specified"},
		"a line without description":         {`"LineItems":[{"Quantity":1,"UnitAmount":1}]`, "The description field is mandatory for each line item."},
		"a description that is too long":     {`"LineItems":[{"Description":"` + strings.Repeat("x", 4001) + `"}]`, "The description field must not exceed 4000 characters."},
		"a number that is taken":             {`"InvoiceNumber":"inv-0001"`, "Invoice # must be unique."},
		"a number with an umlaut":            {`"InvoiceNumber":"R-ü"`, "The invoice number can only contain printable ASCII characters."},
		"a reference that is too long":       {`"Reference":"` + strings.Repeat("x", 256) + `"`, "Reference must not exceed 255 characters."},
		"born PAID":                          {`"Status":"PAID"`, "Invoice not of valid status for creation"},
		"born VOIDED":                        {`"Status":"VOIDED"`, "Invoice not of valid status for creation"},
		"a status nobody knows":              {`"Status":"SENT"`, "Invoice not of valid status for creation"},
		"a type nobody knows":                {`"Type":"BILL"`, "Type is mandatory and must be ACCREC or ACCPAY"},
		"a currency that is not enabled":     {`"CurrencyCode":"EUR"`, "Organisation is not subscribed to currency EUR"},
		"amounts of a kind nobody knows":     {`"LineAmountTypes":"Gross"`, "The LineAmountTypes 'Gross' is not valid"},
		"a link with Xero's name in it":      {`"Url":"https://xero.my.salesforce.com/1"`, "Url must be a valid link and must not contain xero"},
		"a link that is none":                {`"Url":"salesforce"`, "Url must be a valid link and must not contain xero"},
		"an unknown branding theme":          {`"BrandingThemeID":"11111111-1111-1111-1111-111111111111"`, "The branding theme could not be found"},
		"approved without a due date":        {approve + `"DueDate":null`, "The document DueDate field must be specified."},
		"approved without an account":        {approve + `"LineItems":[{"Description":"x","UnitAmount":1,"TaxType":"NONE"}]`, "Account code must be specified"},
		"approved without a tax type":        {approve + `"LineItems":[{"Description":"x","UnitAmount":1}]`, "Account code must be specified"},
		"approved, unknown account":          {approve + `"LineItems":[{"Description":"x","UnitAmount":1,"AccountCode":"999"}]`, "Account code '999' is not a valid code for this document."},
		"an archived account":                {`"LineItems":[{"Description":"x","UnitAmount":1,"AccountCode":"260"}]`, "Account code '260' has been archived, or deleted. Each line item must reference a valid account."},
		"a bank account":                     {`"LineItems":[{"Description":"x","UnitAmount":1,"AccountCode":"090"}]`, "Account code '090' is not a valid code for this document."},
		"a system account":                   {`"LineItems":[{"Description":"x","UnitAmount":1,"AccountCode":"610"}]`, "Account code '610' is not a valid code for this document."},
		"an unknown tax type":                {line(`,"TaxType":"15% GST on Income"`), "The TaxType code 15% GST on Income does not exist or cannot be used for this type of transaction."},
		"a tax type of another country":      {line(`,"TaxType":"ZERORATEDOUTPUT"`), "The TaxType code ZERORATEDOUTPUT does not exist or cannot be used for this type of transaction."},
		"a purchase tax that fits the side":  {`"LineItems":[{"Description":"x","UnitAmount":1,"AccountCode":"200","TaxType":"INPUT2"}]`, "The TaxType code 'INPUT2' cannot be used with account code '200'."},
		"an unknown item":                    {line(`,"ItemCode":"X"`), "Item code 'X' is not valid"},
		"an unknown tracking category":       {line(`,"Tracking":[{"Name":"Area","Option":"North"}]`), "There is no ACTIVE tracking category with the name 'Area'"},
		"one category twice":                 {line(`,"Tracking":[{"Name":"Region","Option":"North"},{"Name":"Region","Option":"South"}]`), "For each specified tracking option the name must be unique."},
		"a line total that is off by a cent": {line(`,"LineAmount":100.01`), "The line total 100.01 does not match the expected line total 100.00"},
		"more tax than money":                {line(`,"TaxType":"OUTPUT2","TaxAmount":100.01`), "The tax amount cannot be greater than the line amount!"},
		"a discount over 100 %":              {line(`,"DiscountRate":101`), "The discount rate '101.00' is invalid. Discount must not be greater than the line total."},
		"a discount on a bill":               {`"Type":"ACCPAY",` + line(`,"TaxType":"NONE","DiscountRate":10`), "Discounts may not be applied to ACCPAY invoices."},
		"an invoice below zero":              {`"LineItems":[{"Description":"x","Quantity":1,"UnitAmount":-1,"AccountCode":"200"}]`, "The invoice total cannot be negative"},
		"a line that is too big":             {`"LineItems":[{"Description":"x","Quantity":1,"UnitAmount":10000000000}]`, "The line amount must be between -9999999999.99 and 9999999999.99"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			before := fmt.Sprintf("%+v", c.org.Invoices())
			for _, path := range []string{"Invoices?unitdp=4", "Invoices?summarizeErrors=false"} {
				through := *c
				through.t = t
				res := through.raw("PUT", path, `{"Invoices":[`+with(contact, tc.fields)+`]}`)
				res.wantError("Invoices", tc.text)
				if strings.HasSuffix(path, "false") && (res.text("Invoices", 0, "StatusAttributeString") != "ERROR" || res.text("Invoices", 0, "HasErrors") != "true" ||
					res.text("Invoices", 0, "InvoiceID") != "00000000-0000-0000-0000-000000000000") {
					t.Errorf("the element does not say that it failed: %s", res.body)
				}
			}
			if after := fmt.Sprintf("%+v", c.org.Invoices()); after != before {
				t.Errorf("a refusal changed the books")
			}
		})
	}
}

func TestInvoiceIsMade(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	cases := map[string]struct {
		fields string
		want   map[string]string
	}{
		"the least":                 {`"LineItems":[{"Description":"Thanks"}]`, map[string]string{"Status": "DRAFT", "Total": "0.00", "LineAmountTypes": "Exclusive", "CurrencyCode": "NZD", "DateString": "2026-11-05T00:00:00"}},
		"no date: today over there": {`"DueDate":null`, map[string]string{"DateString": "2026-11-05T00:00:00", "Date": "/Date(1793836800000+0000)/", "DueDateString": ""}},
		"an ISO date-time":          {`"Date":"2026-10-01T12:00:00Z"`, map[string]string{"DateString": "2026-10-01T00:00:00"}},
		"a /Date()/":                {`"Date":"/Date(1793836800000+1300)/"`, map[string]string{"DateString": "2026-11-05T00:00:00"}},
		"approved":                  {`"Status":"AUTHORISED"`, map[string]string{"Status": "AUTHORISED", "AmountDue": "115.00"}},
		"approved for nothing":      {`"Status":"AUTHORISED","LineItems":[{"Description":"Free"}]`, map[string]string{"Status": "PAID", "AmountDue": "0.00"}},
		"submitted":                 {`"Status":"SUBMITTED"`, map[string]string{"Status": "SUBMITTED"}},
		"another currency":          {`"CurrencyCode":"AUD"`, map[string]string{"CurrencyCode": "AUD", "CurrencyRate": "0.9125000000"}},
		"another currency, a rate":  {`"CurrencyCode":"AUD","CurrencyRate":0.95`, map[string]string{"CurrencyRate": "0.9500000000"}},
		"number and reference":      {`"InvoiceNumber":"R-1","Reference":"PO","Url":"https://a.example/1"`, map[string]string{"InvoiceNumber": "R-1", "Reference": "PO", "Url": "https://a.example/1"}},
		"amounts in quotes":         {`"LineItems":[{"Description":"x","Quantity":"2","UnitAmount":"1.50"}]`, map[string]string{"SubTotal": "3.00"}},
		"a bill":                    {`"Type":"ACCPAY","InvoiceNumber":"INV-0001",` + `"LineItems":[{"Description":"x","UnitAmount":1,"AccountCode":"400"}]`, map[string]string{"InvoiceNumber": "INV-0001", "TotalTax": "0.15"}},
		"sent before approval":      {`"SentToContact":true`, map[string]string{"SentToContact": "false"}},
	}
	for name, tc := range cases {
		res := c.raw("PUT", "Invoices", `{"Invoices":[`+with(contact, tc.fields)+`]}`).want(200)
		for field, want := range tc.want {
			if got := res.text("Invoices", 0, field); got != want {
				t.Errorf("%s: %s is %q, want %q", name, field, got, want)
			}
		}
	}
}

func TestNumbersFollowTheSequencePastTakenOnes(t *testing.T) {
	t.Parallel()
	c, contact, first := books(t, xerotest.Options{})
	c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, `"InvoiceNumber":"INV-0002"`)+`]}`).want(200)
	third := c.invoice(contact, "")
	if a, _ := c.org.Invoice(first); a.InvoiceNumber != "INV-0001" {
		t.Errorf("%s", a.InvoiceNumber)
	}
	if b, _ := c.org.Invoice(third); b.InvoiceNumber != "INV-0003" {
		t.Errorf("%s", b.InvoiceNumber)
	}
	c.done(c.org.Delete(first))
	c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, `"InvoiceNumber":"INV-0001"`)+`]}`).wantError("Invoices", "Invoice # must be unique.")
	c.send("POST", "Invoices", `{"Invoices":[`+with(contact, `"InvoiceNumber":"INV-0001"`)+`]}`).wantError("Invoices", "Invoice not of valid status for modification")
}

func TestWarningsStoreTheDocument(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	res := c.send("PUT", "Invoices?summarizeErrors=false", `{"Invoices":[`+with(contact, `"LineItems":[{"Description":"x","UnitAmount":1,"AccountCode":"999"}]`)+`]}`).want(200)
	if got := res.messages("Invoices", 0, "Warnings"); len(got) != 1 || got[0] != "Account code '999' has been removed as it does not match a recognised account" {
		t.Errorf("%q", got)
	}
	if res.text("Invoices", 0, "StatusAttributeString") != "WARNING" || res.text("Invoices", 0, "LineItems", 0, "AccountCode") != "" || len(c.org.Invoices()) != 2 {
		t.Errorf("%s", res.body)
	}
	res = c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, `"CurrencyCode":"AUD","CurrencyRate":91`)+`]}`).want(200)
	if res.len("Invoices", 0, "Warnings") != 1 {
		t.Errorf("an implausible rate: %s", res.body)
	}
}

func TestTracking(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	track := func(tracking string) result {
		return c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, line(`,"Tracking":`+tracking))+`]}`).want(200)
	}
	byName := track(`[{"Name":"region","Option":"north"}]`)
	category, option := byName.text("Invoices", 0, "LineItems", 0, "Tracking", 0, "TrackingCategoryID"), byName.text("Invoices", 0, "LineItems", 0, "Tracking", 0, "TrackingOptionID")
	byID := track(`[{"TrackingCategoryID":"` + category + `","TrackingOptionID":"` + option + `"}]`)
	if byID.text("Invoices", 0, "LineItems", 0, "Tracking", 0, "Option") != "North" || byName.text("Invoices", 0, "LineItems", 0, "Tracking", 0, "Name") != "Region" {
		t.Errorf("%s\n%s", byName.body, byID.body)
	}
	for _, dropped := range []string{`[{"Name":"Region","Option":"Mars"}]`, `[{"TrackingCategoryID":"11111111-1111-1111-1111-111111111111","TrackingOptionID":"` + option + `"}]`} {
		if res := track(dropped); res.len("Invoices", 0, "LineItems", 0, "Tracking") != 0 {
			t.Errorf("%s was not dropped: %s", dropped, res.body)
		}
	}
	c.org.AddTrackingOption("Region", "Mars")
	if res := track(`[{"Name":"Region","Option":"Mars"}]`); res.len("Invoices", 0, "LineItems", 0, "Tracking") != 1 {
		t.Errorf("%s", res.body)
	}
	c.raw("PUT", "Invoices", `{"Invoices":[`+with(contact, line(`,"Tracking":{"Name":"Region","Option":"North"}`))+`]}`).want(500)
}

func TestContactInsideAnInvoice(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	c.send("POST", "Contacts", `{"Contacts":[{"ContactID":"`+contact+`","EmailAddress":"a@acme.example","ContactPersons":[{"FirstName":"P"}]}]}`).want(200)

	c.invoice(contact, "")
	if got := c.send("GET", "Contacts/"+contact, "").len("Contacts", 0, "ContactPersons"); got != 1 {
		t.Errorf("an id alone drops persons: %d left", got)
	}
	c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, `"Contact":{"ContactID":"`+contact+`","Name":"Acme Ltd"}`)+`]}`).want(200)
	res := c.send("GET", "Contacts/"+contact, "")
	if res.text("Contacts", 0, "Name") != "Acme Ltd" || res.len("Contacts", 0, "ContactPersons") != 0 {
		t.Errorf("a further field edits the contact and drops its persons: %s", res.body)
	}
	if got := c.send("GET", "Invoices?page=1", "").text("Invoices", 0, "Contact", "Name"); got != "Acme Ltd" {
		t.Errorf("past invoices show %q", got)
	}
	c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, `"Contact":{"Name":"acme LTD"}`)+`,`+with(contact, `"Contact":{"Name":"Someone new"}`)+`]}`).want(200)
	if got := len(c.org.Contacts()); got != 2 {
		t.Errorf("%d contacts: a known name is found, an unknown one makes a contact", got)
	}
	res = c.send("PUT", "Invoices?summarizeErrors=false", `{"Invoices":[`+with(contact, `"Contact":{"ContactID":"`+contact+`","Name":"Someone new"}`)+`]}`).want(200)
	nested := res.messages("Invoices", 0, "Contact", "ValidationErrors")
	if len(nested) != 1 || nested[0] != fmt.Sprintf(nameTaken, "Someone new") || res.text("Invoices", 0, "HasErrors") != "true" || res.at("Invoices", 0, "ValidationErrors") != nil {
		t.Errorf("the contact's refusal stands inside the contact: %s", res.body)
	}
}

func TestTermsOfTheContactGiveTheDueDate(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	for _, tc := range []struct{ kind, day, want string }{{"DAYSAFTERBILLDATE", "14", "2026-11-19"}, {"DAYSAFTERBILLMONTH", "5", "2026-12-05"},
		{"OFCURRENTMONTH", "30", "2026-11-30"}, {"OFFOLLOWINGMONTH", "20", "2026-12-20"}} {
		c.send("POST", "Contacts", `{"Contacts":[{"ContactID":"`+contact+`","PaymentTerms":{"Sales":{"Day":`+tc.day+`,"Type":"`+tc.kind+`"}}}]}`).want(200)
		res := c.send("PUT", "Invoices", `{"Invoices":[`+strings.Replace(with(contact, `"Status":"AUTHORISED"`), `"DueDate":"2026-12-05",`, "", 1)+`]}`).want(200)
		if got := res.text("Invoices", 0, "DueDateString"); got != tc.want+"T00:00:00" {
			t.Errorf("%s %s: %s, want %s", tc.day, tc.kind, got, tc.want)
		}
	}
}

func TestLockDates(t *testing.T) {
	t.Parallel()
	c, contact, draft := books(t, xerotest.Options{})
	c.done(c.org.Lock("2026-11-05"))
	period := "The document date cannot be before the period lock date, currently set at 05-Nov-2026"
	approved := c.invoice(contact, `"Date":"2026-11-06","DueDate":"2026-12-05","Status":"AUTHORISED"`)
	c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, `"Date":"2026-11-05","Status":"AUTHORISED"`)+`]}`).wantError("Invoices", period)
	c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, `"Date":"2026-11-06","Status":"AUTHORISED"`)+`]}`).want(200)
	c.edit(approved, `"Date":"2026-11-05"`).wantError("Invoices", period)
	c.done(c.org.Lock("2026-11-06"))
	period = "The document date cannot be before the period lock date, currently set at 06-Nov-2026"
	for _, fields := range []string{`"Reference":"x"`, `"Date":"2026-11-07"`, `"Status":"VOIDED"`} {
		c.edit(approved, fields).wantError("Invoices", period)
	}
	for name, act := range map[string]error{
		"edited":   c.org.Edit(approved, func(e *xerotest.EditableInvoice) { e.Date = "2026-11-08" }),
		"voided":   c.org.Void(approved),
		"approved": c.org.Approve(draft),
	} {
		if act == nil || !strings.Contains(act.Error(), period) {
			t.Errorf("an invoice in a closed period is %s by hand: %v", name, act)
		}
	}
	c.done(c.org.Lock("2026-11-05"))
	if got := c.send("GET", "Organisation", "").text("Organisations", 0, "PeriodLockDate"); got != "/Date(1793836800000+0000)/" {
		t.Errorf("%q", got)
	}
	c.done(c.org.LockYear("2026-11-05"))
	c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, `"Date":"2026-11-05","Status":"AUTHORISED"`)+`]}`).
		wantError("Invoices", "The document date cannot be before the end of year lock date, currently set at 05-Nov-2026")
	c.done(c.org.Lock(""))
	c.done(c.org.LockYear(""))
	c.edit(draft, `"DueDate":"2026-12-05","Status":"AUTHORISED"`).want(200)
}
