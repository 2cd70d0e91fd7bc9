package xerotest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

const noteNotModifiable = "Credit Note not of valid status for modification"

// noteWith puts fields into a good credit note of 100.00 plus 15.00 tax; a field that is named again replaces the good one.
func noteWith(contact, fields string) string {
	return filled(fields, [][2]string{{"Type", `"ACCRECCREDIT"`}, {"Contact", `{"ContactID":"` + contact + `"}`}, {"LineItems", goodLines}})
}

// creditNote makes a credit note through the API and returns its id.
func (c *client) creditNote(contact, fields string) string {
	c.t.Helper()
	res := c.send("PUT", "CreditNotes", `{"CreditNotes":[`+noteWith(contact, fields)+`]}`).want(200)
	return res.text("CreditNotes", 0, "CreditNoteID")
}

// editNote posts fields for a credit note of this id.
func (c *client) editNote(id, fields string) result {
	c.t.Helper()
	return c.send("POST", "CreditNotes", `{"CreditNotes":[{"CreditNoteID":"`+id+`",`+fields+`}]}`)
}

func TestCreditNoteIsMade(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	approve := `"Status":"AUTHORISED"`
	for name, tc := range map[string]struct {
		fields string
		want   map[string]string
	}{
		"as a draft": {`"Reference":"refund"`, map[string]string{"Type": "ACCRECCREDIT", "Status": "DRAFT", "SubTotal": "100.00", "TotalTax": "15.00", "Total": "115.00", "RemainingCredit": "115.00",
			"Reference": "refund", "CurrencyCode": "NZD", "CurrencyRate": "1.0000000000", "DateString": "2026-11-05T00:00:00", "LineAmountTypes": "Exclusive"}},
		"without lines, as Xero's page shows":      {`"LineItems":null`, map[string]string{"Status": "DRAFT", "Total": "0.00"}},
		"approved without a due date, likewise":    {approve, map[string]string{"Status": "AUTHORISED", "RemainingCredit": "115.00", "DueDateString": "", "DueDate": ""}},
		"submitted without a due date":             {`"Status":"SUBMITTED"`, map[string]string{"Status": "SUBMITTED"}},
		"with a due date, which is shown one way":  {`"DueDate":"2026-12-05"`, map[string]string{"DueDate": "/Date(1796428800000+0000)/", "DueDateString": ""}},
		"with prices that include the tax":         {`"LineAmountTypes":"Inclusive"`, map[string]string{"SubTotal": "86.96", "TotalTax": "13.04", "Total": "100.00"}},
		"without tax":                              {`"LineAmountTypes":"NoTax"`, map[string]string{"TotalTax": "0.00", "Total": "100.00"}},
		"in another currency":                      {`"CurrencyCode":"AUD"`, map[string]string{"CurrencyCode": "AUD", "CurrencyRate": "0.9125000000"}},
		"with a number":                            {`"CreditNoteNumber":"CN-001"`, map[string]string{"CreditNoteNumber": "CN-001"}},
		"with the number of an invoice":            {`"CreditNoteNumber":"INV-0001"`, map[string]string{"CreditNoteNumber": "INV-0001"}},
		"a line below zero beside another":         {lines(`{"UnitAmount":20}`, `{"UnitAmount":-7.5}`), map[string]string{"SubTotal": "12.50"}},
		"of a supplier, whose numbers repeat":      {`"Type":"ACCPAYCREDIT","CreditNoteNumber":"CN-001","Reference":"x",` + `"LineItems":[{"Description":"x","UnitAmount":1,"AccountCode":"400"}]`, map[string]string{"CreditNoteNumber": "CN-001", "Reference": "", "TotalTax": "0.15"}},
		"marked as sent, which only people can do": {approve + `,"SentToContact":true`, map[string]string{"SentToContact": "false"}},
		"with a link, which it does not have":      {`"Url":"https://a.example/1"`, map[string]string{"Url": ""}},
	} {
		res := c.raw("PUT", "CreditNotes", `{"CreditNotes":[`+noteWith(contact, tc.fields)+`]}`).want(200)
		for field, want := range tc.want {
			if got := res.text("CreditNotes", 0, field); got != want {
				t.Errorf("%s: %s is %q, want %q", name, field, got, want)
			}
		}
		if strings.Contains(res.body, `"Url"`) || strings.Contains(res.body, "AmountDue") {
			t.Errorf("%s: it shows what a credit note does not have: %s", name, res.body)
		}
	}
}

func TestCreditNoteIsRefused(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	old := c.contact("Old")
	c.done(c.org.ArchiveContact(old))
	c.creditNote(contact, "")
	approve := `"Status":"AUTHORISED",`
	for name, tc := range map[string]struct{ fields, text string }{
		"no contact":                    {`"Contact":null`, "A Contact must be specified for this type of transaction"},
		"an archived contact":           {`"Contact":{"ContactID":"` + old + `"}`, "The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes."},
		"an unknown contact":            {`"Contact":{"ContactID":"11111111-1111-1111-1111-111111111111"}`, "The Contact with the specified ContactID could not be found"},
		"an invoice's type":             {`"Type":"ACCREC"`, "Type is mandatory and must be ACCRECCREDIT or ACCPAYCREDIT"},
		"born PAID":                     {`"Status":"PAID"`, "Credit Note not of valid status for creation"},
		"a number that is taken":        {`"CreditNoteNumber":"cn-0001"`, "Credit Note # must be unique."},
		"approved without lines":        {approve + `"LineItems":[]`, "One or more line items must be specified"},
		"approved without an account":   {approve + `"LineItems":[{"Description":"x","UnitAmount":1,"TaxType":"NONE"}]`, "Account code must be specified"},
		"a line without description":    {`"LineItems":[{"Quantity":1,"UnitAmount":1}]`, "The description field is mandatory for each line item."},
		"a negative quantity":           {lines(`{"Quantity":-1,"UnitAmount":10}`), "The quantity value '-1.0000' is invalid. Quantity must not be less than zero."},
		"below zero":                    {lines(`{"UnitAmount":-1}`), "The credit note total cannot be negative"},
		"a discount in percent":         {line(`,"DiscountRate":10`), "Discounts may not be applied to ACCRECCREDIT credit notes."},
		"a discount in money":           {line(`,"DiscountAmount":10`), "Discounts may not be applied to ACCRECCREDIT credit notes."},
		"a currency that is not there":  {`"CurrencyCode":"EUR"`, "Organisation is not subscribed to currency EUR"},
		"an unknown item":               {line(`,"ItemCode":"X"`), "Item code 'X' is not valid"},
		"a purchase's tax on its sales": {`"LineItems":[{"Description":"x","UnitAmount":1,"AccountCode":"200","TaxType":"INPUT2"}]`, "The TaxType code 'INPUT2' cannot be used with account code '200'."},
		"a reference that is too long":  {`"Reference":"` + strings.Repeat("x", 256) + `"`, "Reference must not exceed 255 characters."},
	} {
		t.Run(name, func(t *testing.T) {
			before := fmt.Sprintf("%+v", c.org.CreditNotes())
			through := *c
			through.t = t
			for _, path := range []string{"CreditNotes", "CreditNotes?summarizeErrors=false"} {
				res := through.raw("PUT", path, `{"CreditNotes":[`+noteWith(contact, tc.fields)+`]}`)
				res.wantError("CreditNotes", tc.text)
				if strings.HasSuffix(path, "false") && (res.text("CreditNotes", 0, "StatusAttributeString") != "ERROR" ||
					res.text("CreditNotes", 0, "CreditNoteID") != "00000000-0000-0000-0000-000000000000") {
					t.Errorf("the element does not say that it failed: %s", res.body)
				}
			}
			if fmt.Sprintf("%+v", c.org.CreditNotes()) != before {
				t.Error("a refusal changed the books")
			}
		})
	}
}

func TestCreditNotesOfOneCallStandAndFallByThemselves(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	body := `{"CreditNotes":[` + noteWith(contact, `"CreditNoteNumber":"A"`) + `,` + noteWith(contact, `"CreditNoteNumber":"a"`) + `,` + noteWith(contact, `"CreditNoteNumber":"B"`) + `]}`
	res := c.send("PUT", "CreditNotes?summarizeErrors=false", body, "Idempotency-Key", "k").want(200)
	for i, want := range []string{"OK", "ERROR", "OK"} {
		if got := res.text("CreditNotes", i, "StatusAttributeString"); got != want {
			t.Errorf("element %d is %s, want %s: %s", i, got, want, res.body)
		}
	}
	if again := c.send("PUT", "CreditNotes?summarizeErrors=false", body, "Idempotency-Key", "k").want(200); again.body != res.body || len(c.org.CreditNotes()) != 2 {
		t.Errorf("the same key makes %d credit notes and answers %s", len(c.org.CreditNotes()), again.body)
	}
	res = c.send("PUT", "CreditNotes", `{"CreditNotes":[`+noteWith(contact, `"CreditNoteNumber":"B"`)+`,`+noteWith(contact, `"CreditNoteNumber":"C"`)+`]}`).want(400)
	if res.len("Elements") != 1 || len(c.org.CreditNotes()) != 3 {
		t.Errorf("the good one of a refused call is not stored: %s", res.body)
	}
}

func TestCreditNoteTransitions(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	states := []string{"DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"}
	allowed := map[string]string{"DRAFT": "DRAFT SUBMITTED AUTHORISED DELETED", "SUBMITTED": "DRAFT SUBMITTED AUTHORISED DELETED", "AUTHORISED": "AUTHORISED VOIDED"}
	for _, from := range states {
		for _, to := range states {
			id := c.creditNote(contact, "")
			switch from {
			case "SUBMITTED":
				c.done(c.org.Submit(id))
			case "AUTHORISED":
				c.done(c.org.Approve(id))
			case "PAID":
				c.done(c.org.Approve(id))
				c.must(c.org.Allocate(id, c.invoice(contact, `"DueDate":"2026-12-05","Status":"AUTHORISED"`), amount("115")))
			case "VOIDED":
				c.done(c.org.Approve(id))
				c.done(c.org.Void(id))
			case "DELETED":
				c.done(c.org.Delete(id))
			}
			res, want := c.editNote(id, `"Status":"`+to+`"`), from
			switch {
			case words(allowed[from], to):
				res.want(200)
				want = to
			case from == "PAID" && (to == "VOIDED" || to == "DELETED"):
				res.wantError("CreditNotes", "The status "+to+" cannot be applied to the credit note because it has payments or credit notes allocated to it.")
			case from == "PAID" && (to == "PAID" || to == "AUTHORISED"):
				res.wantError("CreditNotes", moneyOnIt)
			default:
				res.wantError("CreditNotes", noteNotModifiable)
			}
			if v, _ := c.org.CreditNote(id); v.Status != want {
				t.Errorf("%s to %s ends in %s, want %s", from, to, v.Status, want)
			}
		}
	}
}

func TestNumbersOfCreditNotes(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	c.creditNote(contact, `"CreditNoteNumber":"CN-0002"`)
	first, third := c.creditNote(contact, ""), c.creditNote(contact, "")
	if a, _ := c.org.CreditNote(first); a.CreditNoteNumber != "CN-0001" {
		t.Errorf("%s", a.CreditNoteNumber)
	}
	if b, _ := c.org.CreditNote(third); b.CreditNoteNumber != "CN-0003" {
		t.Errorf("a number that is taken is not passed over: %s", b.CreditNoteNumber)
	}
	res := c.send("POST", "CreditNotes", `{"CreditNotes":[`+noteWith(contact, `"CreditNoteNumber":"cn-0001","Reference":"taken over"`)+`]}`).want(200)
	if res.text("CreditNotes", 0, "CreditNoteID") != first || len(c.org.CreditNotes()) != 3 {
		t.Errorf("a POST with a taken number edits that credit note: %s", res.body)
	}
	c.send("POST", "CreditNotes", `{"CreditNotes":[`+noteWith(contact, `"CreditNoteNumber":"NEW"`)+`]}`).want(200)
	c.editNote(third, `"CreditNoteNumber":"new"`).wantError("CreditNotes", "Credit Note # must be unique.")
	c.done(c.org.Delete(first))
	c.send("PUT", "CreditNotes", `{"CreditNotes":[`+noteWith(contact, `"CreditNoteNumber":"CN-0001"`)+`]}`).wantError("CreditNotes", "Credit Note # must be unique.")
	c.send("POST", "CreditNotes", `{"CreditNotes":[`+noteWith(contact, `"CreditNoteNumber":"CN-0001"`)+`]}`).wantError("CreditNotes", noteNotModifiable)
	c.editNote("11111111-1111-1111-1111-111111111111", `"Reference":"r"`).wantError("CreditNotes", "An existing Credit Note with the specified CreditNoteID could not be found")
	c.send("POST", "CreditNotes/11111111-1111-1111-1111-111111111111", `{"CreditNotes":[{"Reference":"r"}]}`).want(404)
	c.send("POST", "CreditNotes/"+third, `{"CreditNotes":[{"Reference":"r"}]}`).want(200)
	if res := c.raw("GET", "CreditNotes/cn-0003", "").want(200); res.text("CreditNotes", 0, "Reference") != "r" {
		t.Errorf("%s", res.body)
	}
}

func TestListsOfCreditNotes(t *testing.T) {
	t.Parallel()
	now := newClock()
	c, contact, _ := books(t, xerotest.Options{Now: now.Now})
	other := c.contact("Öther & Co")
	var ids []string
	for i := range 5 {
		whose := contact
		if i == 4 {
			whose = other
		}
		ids = append(ids, c.creditNote(whose, fmt.Sprintf(`"Reference":"PO-%d","Date":"2026-11-%02d"`, i, 1+i)))
		now.forward(time.Second)
	}
	c.done(c.org.Delete(ids[1]))
	c.done(c.org.Approve(ids[2]))
	c.done(c.org.Void(ids[2]))
	c.done(c.org.Approve(ids[3]))
	c.must(c.org.Allocate(ids[3], c.invoice(contact, `"DueDate":"2026-12-05","Status":"AUTHORISED"`), amount("15")))
	where := func(s string) string { return "where=" + escape(s) }
	for _, tc := range []struct{ query, want string }{
		{"page=1", "0 2 3 4"}, // nothing says that deleted ones are listed
		{"", "0 2 3 4"},
		{"Statuses=DELETED&IDs=" + ids[0], "0 2 3 4"}, // invoices alone can be asked for in this way
		{where(`Status=="DELETED"`), "1"},
		{where(`Status=="AUTHORISED" AND RemainingCredit==100`), "3"},
		{where(`CreditNoteID==guid("` + ids[4] + `")`), "4"},
		{where(`CreditNoteNumber=="cn-0005"`), "4"},
		{where(`Reference=="po-0"`), "0"},
		{where(`Type=="ACCRECCREDIT" AND Contact.ContactID==guid("` + other + `")`), "4"},
		{where(`Contact.Name=="other & co"`), "4"},
		{where(`Date>=DateTime(2026,11,04)`), "3 4"},
		{"page=2", ""},
		{"page=2&pageSize=3&order=Date", "4"},
	} {
		res := c.raw("GET", "CreditNotes?"+tc.query, "").want(200)
		var got []string
		for i := range ids {
			for j := range res.len("CreditNotes") {
				if res.text("CreditNotes", j, "CreditNoteID") == ids[i] {
					got = append(got, fmt.Sprint(i))
				}
			}
		}
		if strings.Join(got, " ") != tc.want || res.len("CreditNotes") != len(got) {
			t.Errorf("%s finds %v, want %s", tc.query, got, tc.want)
		}
	}
	if res := c.send("GET", "CreditNotes?where="+escape(`InvoiceNumber=="x"`), "").want(400); res.text("Type") != "QueryParseException" {
		t.Errorf("%s", res.body)
	}
	page := c.send("GET", "CreditNotes?page=1&pageSize=1&where="+escape(`Status!="DRAFT"`)+"&order="+escape("Date DESC"), "").want(200)
	if page.text("pagination", "itemCount") != "3" || page.len("CreditNotes", 0, "LineItems") != 1 || page.len("CreditNotes", 0, "Allocations") != 1 {
		t.Errorf("%s", page.body)
	}
	if plain := c.send("GET", "CreditNotes", "").want(200); plain.len("CreditNotes", 0, "LineItems") != 0 {
		t.Errorf("a list without pages shows lines: %s", plain.body)
	}
	changed := c.send("GET", "CreditNotes?page=1", "", "If-Modified-Since", now.now.Add(-time.Second).Format(time.RFC3339)).want(200)
	if changed.len("CreditNotes") != 2 {
		t.Errorf("the voided and the used one have changed: %s", changed.body)
	}
}

func TestCreditNotesInAClosedPeriod(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	approved := c.creditNote(contact, `"Date":"2026-10-15","Status":"AUTHORISED"`)
	inv := c.invoice(contact, `"Date":"2026-10-15","DueDate":"2026-12-05","Status":"AUTHORISED"`)
	c.done(c.org.Lock("2026-10-31"))
	period := "The document date cannot be before the period lock date, currently set at 31-Oct-2026"
	waiting := c.creditNote(contact, `"Date":"2026-10-15"`)
	c.editNote(waiting, `"Status":"AUTHORISED"`).wantError("CreditNotes", period)
	for _, fields := range []string{`"Reference":"x"`, `"Date":"2026-11-07"`, `"Status":"VOIDED"`} {
		c.editNote(approved, fields).wantError("CreditNotes", period)
	}
	for name, err := range map[string]error{
		"approved": c.org.Approve(waiting), "voided": c.org.Void(approved),
		"edited":    c.org.EditCreditNote(approved, func(e *xerotest.EditableCreditNote) { e.Reference = "x" }),
		"allocated": func() error { _, err := c.org.Allocate(approved, inv, amount("1")); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), period) {
			t.Errorf("a credit note in a closed period is %s by hand: %v", name, err)
		}
	}
	c.editNote(waiting, `"Date":"2026-11-05"`).want(200)
	c.editNote(waiting, `"Status":"AUTHORISED"`).want(200)
}

func TestApprovalWorksTheLinesOfACreditNoteOutAnew(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	res := c.send("PUT", "CreditNotes?unitdp=4", `{"CreditNotes":[`+noteWith(contact, lines(`{"Quantity":100,"UnitAmount":0.1234}`))+`]}`).want(200)
	id := res.text("CreditNotes", 0, "CreditNoteID")
	if got := res.text("CreditNotes", 0, "SubTotal"); got != "12.34" {
		t.Errorf("%s", got)
	}
	if got := c.editNote(id, `"Status":"AUTHORISED"`).want(200).text("CreditNotes", 0, "SubTotal"); got != "12.00" {
		t.Errorf("approved without unitdp=4 it comes to %s, want 12.00", got)
	}
}

func TestOtherWordsForCreditNotes(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{OtherWords: true})
	id := c.creditNote(contact, "")
	c.done(c.org.Delete(id))
	c.editNote(id, `"Reference":"r"`).wantError("CreditNotes", "Document not of valid status for modification")
	if all := c.org.CreditNotes(); len(all) != 1 || !slices.ContainsFunc(all, func(v xerotest.CreditNoteView) bool { return v.CreatedByAPI }) {
		t.Errorf("%+v", all)
	}
}

func TestOneSequenceOfNumbers(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{OneSequence: true})
	c.send("PUT", "CreditNotes", `{"CreditNotes":[`+noteWith(contact, `"CreditNoteNumber":"INV-0001"`)+`]}`).wantError("CreditNotes", "Credit Note # must be unique.")
	c.creditNote(contact, `"CreditNoteNumber":"D-1"`)
	c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, `"InvoiceNumber":"d-1"`)+`]}`).wantError("Invoices", "Invoice # must be unique.")
}
