package xerotest_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"sf2xero/xero/xerotest"
)

// What Xero makes of what it is sent, as people report it.

func TestDiscountsAsPeopleReportThem(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		line                      string
		rate, money, sum, overall string // as a single answer shows them
	}{
		"no discount": {`{"UnitAmount":30}`, "", "", "30.00", ""},
		"two decimals of a rate, by a collections tool":              {`{"UnitAmount":30,"DiscountRate":33.3333}`, "33.33", "10.00", "20.00", "10.00"},
		"a rate whose third decimal would have been a cent":          {`{"Quantity":10,"UnitAmount":100,"DiscountRate":6.666}`, "6.67", "66.70", "933.30", "66.70"},
		"a rate of which nothing is left":                            {`{"UnitAmount":30,"DiscountRate":0.004}`, "0.00", "0.00", "30.00", "0.00"},
		"what a rate takes off, by Xero's staff":                     {`{"UnitAmount":22.5,"DiscountRate":15}`, "15.00", "3.37", "19.13", "3.37"},
		"a rate beside the amount that was sent, by a brewery":       {`{"Quantity":2,"UnitAmount":148,"DiscountAmount":20}`, "6.76", "20.00", "276.00", "20.00"},
		"the rate wins over the amount, by a library's author":       {`{"UnitAmount":100,"DiscountRate":10,"DiscountAmount":5}`, "10.00", "10.00", "90.00", "10.00"},
		"a rate of 0 from typed clients, beside an amount":           {`{"UnitAmount":100,"DiscountRate":0,"DiscountAmount":5}`, "5.00", "5.00", "95.00", "5.00"},
		"a rate of 0, after which a library met a TotalDiscount 0.0": {`{"UnitAmount":100,"DiscountRate":0}`, "0.00", "0.00", "100.00", "0.00"},
		"an amount of 0, likewise":                                   {`{"UnitAmount":100,"DiscountAmount":0}`, "0.00", "0.00", "100.00", "0.00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, xerotest.Options{Empty: true})
			res := c.send("PUT", "Invoices?unitdp=4", `{"Invoices":[`+with(c.contact("Acme"), lines(tc.line))+`]}`).want(200)
			id := res.text("Invoices", 0, "InvoiceID")
			for how, answer := range map[string]result{"the write": res, "a single read": c.send("GET", "Invoices/"+id, "").want(200)} {
				for field, want := range map[string]string{"DiscountRate": tc.rate, "DiscountAmount": tc.money, "LineAmount": tc.sum} {
					if got := answer.text("Invoices", 0, "LineItems", 0, field); got != want {
						t.Errorf("%s says %s %q, want %q", how, field, got, want)
					}
				}
				if got := answer.text("Invoices", 0, "TotalDiscount"); got != tc.overall {
					t.Errorf("%s says TotalDiscount %q, want %q", how, got, tc.overall)
				}
			}
			// Two people miss the amount in lists, where the rate stands.
			for _, path := range []string{"Invoices?page=1", "Invoices?page=1&IDs=" + id} {
				list := c.send("GET", path, "").want(200)
				if list.text("Invoices", 0, "LineItems", 0, "DiscountRate") != tc.rate || list.text("Invoices", 0, "LineItems", 0, "DiscountAmount") != "" {
					t.Errorf("%s: %s", path, list.body)
				}
			}
			// And one found that a summary denies every discount.
			if got := c.send("GET", "Invoices?summaryOnly=true", "").want(200); got.text("Invoices", 0, "IsDiscounted") != "false" || got.text("Invoices", 0, "TotalDiscount") != "" {
				t.Errorf("%s", got.body)
			}
		})
	}
}

// Four people: whoever approves an invoice, or marks it as sent, without naming its lines has them worked out anew from
// the rate that is shown, under new ids. 2 x 148.00 less 20.00 then comes to 275.99.
func TestAPostThatNamesNoLinesWorksThemOutAnew(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]string{"approved": `"Status":"AUTHORISED"`, "named anew": `"Reference":"x"`, "an empty list of lines": `"Reference":"x","LineItems":[]`} {
		c, contact, _ := books(t, xerotest.Options{})
		made := c.send("PUT", "Invoices?unitdp=4", `{"Invoices":[`+with(contact, lines(`{"Quantity":2,"UnitAmount":148,"DiscountAmount":20,"TaxType":"OUTPUT2"}`))+`]}`).want(200)
		id := made.text("Invoices", 0, "InvoiceID")
		res := c.send("POST", "Invoices?unitdp=4", `{"Invoices":[{"InvoiceID":"`+id+`",`+fields+`}]}`).want(200)
		for field, want := range map[string]string{"LineAmount": "275.99", "TaxAmount": "41.40", "DiscountRate": "6.76", "DiscountAmount": "20.01"} {
			if got := res.text("Invoices", 0, "LineItems", 0, field); got != want {
				t.Errorf("%s: %s is %s, want %s", name, field, got, want)
			}
		}
		if res.text("Invoices", 0, "Total") != "317.39" || res.text("Invoices", 0, "LineItems", 0, "LineItemID") == made.text("Invoices", 0, "LineItems", 0, "LineItemID") {
			t.Errorf("%s: %s", name, res.body)
		}
	}
	// Who names the lines keeps the amount; so does who approves by hand; and money on an invoice holds its lines.
	c, contact, _ := books(t, xerotest.Options{})
	fields := `"DueDate":"2026-12-05",` + lines(`{"Quantity":2,"UnitAmount":148,"DiscountAmount":20,"TaxType":"OUTPUT2"}`)
	res := c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, fields)+`]}`).want(200)
	id := res.text("Invoices", 0, "InvoiceID")
	c.edit(id, `"LineItems":[{"LineItemID":"`+res.text("Invoices", 0, "LineItems", 0, "LineItemID")+`"}]`).want(200)
	c.done(c.org.Approve(id))
	c.must(c.org.Pay(id, amount("10")))
	c.edit(id, `"SentToContact":true`).want(200)
	if v, _ := c.org.Invoice(id); !v.Total.Equal(amount("317.40")) || !v.SentToContact {
		t.Errorf("it comes to %s", v.Total)
	}
}

// A plain cent, of a line without any discount: Options.Miscount lets whoever tests a client choose the invoices.
func TestAnApprovalThatIsACentOff(t *testing.T) {
	t.Parallel()
	off := func(number string) decimal.Decimal {
		if strings.HasPrefix(number, "ODD") {
			return amount("-0.01")
		}
		return decimal.Decimal{}
	}
	c, contact, _ := books(t, xerotest.Options{Miscount: off})
	for number, want := range map[string]string{"ODD": "114.99", "EVEN": "115.00"} {
		id := c.invoice(contact, `"InvoiceNumber":"`+number+`","DueDate":"2026-12-05"`)
		res := c.edit(id, `"Status":"AUTHORISED"`).want(200)
		again := c.edit(id, `"Status":"AUTHORISED","Reference":"x"`).want(200)
		listed := c.send("GET", "Invoices?page=1&IDs="+id, "").want(200)
		if res.text("Invoices", 0, "Total") != want || again.text("Invoices", 0, "AmountDue") != want || listed.text("Invoices", 0, "Total") != want {
			t.Errorf("%s: %s", number, res.body)
		}
	}
	id := c.invoice(contact, `"InvoiceNumber":"ODD-2"`)
	c.done(c.org.Approve(id)) // by hand
	if v, _ := c.org.Invoice(id); !v.Total.Equal(amount("115")) {
		t.Errorf("%s", v.Total)
	}
}

func TestWhatXeroFillsInAndIgnores(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	standard := c.send("GET", "BrandingThemes", "").text("BrandingThemes", 0, "BrandingThemeID")
	orange := c.org.AddTheme("Orange")
	field := func(id, name string) string {
		return c.send("GET", "Invoices/"+id, "").want(200).text("Invoices", 0, name)
	}

	id := c.invoice(contact, `"SentToContact":true`) // by Xero's own pages: only approved ones can be marked as sent
	c.edit(id, `"SentToContact":true`).want(200)
	if field(id, "SentToContact") != "false" || field(id, "BrandingThemeID") != standard {
		t.Errorf("a draft: sent %s, theme %s", field(id, "SentToContact"), field(id, "BrandingThemeID"))
	}
	c.edit(id, `"DueDate":"2026-12-05","Status":"AUTHORISED"`).want(200)
	if field(id, "SentToContact") != "false" {
		t.Error("the approval brings back what the draft ignored")
	}
	c.edit(id, `"SentToContact":true,"BrandingThemeID":"`+orange+`"`).want(200)
	if field(id, "SentToContact") != "true" || field(id, "BrandingThemeID") != orange {
		t.Errorf("approved: sent %s, theme %s", field(id, "SentToContact"), field(id, "BrandingThemeID"))
	}
	at := c.invoice(contact, `"DueDate":"2026-12-05"`)
	c.edit(at, `"Status":"AUTHORISED","SentToContact":true`).want(200)
	if field(at, "SentToContact") != "true" {
		t.Error("in one call with the approval it is not taken")
	}

	free := c.invoice(contact, `"LineAmountTypes":"NoTax"`) // whose lines say OUTPUT2
	if res := c.send("GET", "Invoices/"+free, ""); res.text("Invoices", 0, "LineItems", 0, "TaxType") != "NONE" || res.text("Invoices", 0, "Total") != "100.00" {
		t.Errorf("%s", res.body)
	}
	if open := c.invoice(contact, ""); field(open, "DueDateString") != "" {
		t.Errorf("a draft without a due date falls due %s", field(open, "DueDateString"))
	}
}

func TestCurrencyRates(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	c.org.AddCurrency("USD")
	c.org.AddCurrency("XPF")
	rate := func(fields string) string {
		res := c.raw("PUT", "Invoices", `{"Invoices":[`+with(contact, fields)+`]}`).want(200)
		return res.text("Invoices", 0, "CurrencyRate")
	}
	for _, tc := range []struct{ name, fields, want string }{
		{"of the day", `"CurrencyCode":"USD"`, "0.6012000000"},
		{"sent, six decimals of it", `"CurrencyCode":"USD","CurrencyRate":0.61234567`, "0.6123460000"},
		{"of 1 from a library that sends one, taken without a word", `"CurrencyCode":"USD","CurrencyRate":1`, "1.0000000000"},
		{"upside down, taken too", `"CurrencyCode":"USD","CurrencyRate":1.6633`, "1.6633000000"},
		{"of a currency without one", `"CurrencyCode":"XPF"`, "1.0000000000"},
		{"of the base currency, by Xero's staff always 1", `"CurrencyCode":"NZD","CurrencyRate":0.6`, "1.0000000000"},
	} {
		if got := rate(tc.fields); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	kept := c.invoice(contact, `"CurrencyCode":"USD"`)
	c.org.SetRate("USD", amount("0.7"))
	c.org.SetRate("XPF", amount("68.25"))
	if usd, xpf := rate(`"CurrencyCode":"USD"`), rate(`"CurrencyCode":"XPF"`); usd != "0.7000000000" || xpf != "68.2500000000" {
		t.Errorf("%s, %s", usd, xpf)
	}
	c.org.SetRate("USD", decimal.Decimal{})
	if got := rate(`"CurrencyCode":"USD"`); got != "1.0000000000" {
		t.Errorf("without a rate: %s", got)
	}
	if v, _ := c.org.Invoice(kept); !v.CurrencyRate.Equal(amount("0.6012")) {
		t.Errorf("an old invoice has got the new rate %s", v.CurrencyRate)
	}
	c.done(c.org.Edit(kept, func(e *xerotest.EditableInvoice) { e.CurrencyRate = amount("0.65") }))
	if v, _ := c.org.Invoice(kept); !v.CurrencyRate.Equal(amount("0.65")) {
		t.Errorf("by hand: %s", v.CurrencyRate)
	}
}

func TestAPlanWithOneCurrency(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true, OneCurrency: true})
	allowed := func() string {
		res := c.send("GET", "Organisation/Actions", "").want(200)
		for i := range res.len("Actions") {
			if res.text("Actions", i, "Name") == "UseMulticurrency" {
				return res.text("Actions", i, "Status")
			}
		}
		return ""
	}
	if got := c.send("GET", "Currencies", ""); got.len("Currencies") != 1 || got.text("Currencies", 0, "Code") != "NZD" || allowed() != "NOT-ALLOWED" {
		t.Errorf("%s %s", got.body, allowed())
	}
	c.raw("PUT", "Currencies", `{"Code":"USD"}`).want(400)
	contact := c.contact("Acme")
	body := `{"Invoices":[` + with(contact, `"CurrencyCode":"USD"`) + `]}`
	c.send("PUT", "Invoices", body).wantError("Invoices", "Organisation is not subscribed to currency USD")
	c.send("PUT", "Invoices", strings.Replace(body, "USD", "NZD", 1)).want(200)
	c.org.AddCurrency("USD") // the subscriber changes the plan
	c.send("PUT", "Invoices", body).want(200)
	if allowed() != "ALLOWED" {
		t.Error("the plan has not changed")
	}
}
