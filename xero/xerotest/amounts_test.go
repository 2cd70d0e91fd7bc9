package xerotest_test

import (
	"testing"

	"sf2xero/xero/xerotest"
)

func TestAmounts(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		query, fields, lines string
		evenly               bool
		sub, tax, total      string
		discount             string
		unit, amount         string // of the first line
	}{
		"tax on top":                   {lines: `{"Quantity":3,"UnitAmount":19.99,"TaxType":"OUTPUT2"}`, sub: "59.97", tax: "9.00", total: "68.97", unit: "19.99", amount: "59.97"},
		"tax is rounded line by line":  {lines: `{"UnitAmount":0.10,"TaxType":"OUTPUT2"},{"UnitAmount":0.10,"TaxType":"OUTPUT2"},{"UnitAmount":0.10,"TaxType":"OUTPUT2"}`, sub: "0.30", tax: "0.06", total: "0.36", unit: "0.10", amount: "0.10"},
		"half a cent, to even":         {evenly: true, lines: `{"UnitAmount":0.30,"TaxType":"OUTPUT2"}`, sub: "0.30", tax: "0.04", total: "0.34", unit: "0.30", amount: "0.30"},
		"half a cent, away from zero":  {lines: `{"UnitAmount":0.30,"TaxType":"OUTPUT2"}`, sub: "0.30", tax: "0.05", total: "0.35", unit: "0.30", amount: "0.30"},
		"tax inside":                   {fields: `"LineAmountTypes":"Inclusive",`, lines: `{"UnitAmount":115,"TaxType":"OUTPUT2"}`, sub: "100.00", tax: "15.00", total: "115.00", unit: "115.00", amount: "115.00"},
		"tax inside, odd":              {fields: `"LineAmountTypes":"Inclusive",`, lines: `{"UnitAmount":0.99,"TaxType":"OUTPUT2"}`, sub: "0.86", tax: "0.13", total: "0.99", unit: "0.99", amount: "0.99"},
		"no tax":                       {fields: `"LineAmountTypes":"NoTax",`, lines: `{"UnitAmount":100,"TaxType":"OUTPUT2"}`, sub: "100.00", tax: "0.00", total: "100.00", unit: "100.00", amount: "100.00"},
		"zero rated":                   {lines: `{"UnitAmount":100,"TaxType":"ZERORATED"}`, sub: "100.00", tax: "0.00", total: "100.00", unit: "100.00", amount: "100.00"},
		"the account's tax":            {lines: `{"UnitAmount":100}`, sub: "100.00", tax: "15.00", total: "115.00", unit: "100.00", amount: "100.00"},
		"four decimals":                {query: "?unitdp=4", lines: `{"Quantity":1000,"UnitAmount":0.0049,"TaxType":"NONE"}`, sub: "4.90", tax: "0.00", total: "4.90", unit: "0.0049", amount: "4.90"},
		"four decimals without unitdp": {lines: `{"Quantity":1000,"UnitAmount":0.0051,"TaxType":"NONE"}`, sub: "10.00", tax: "0.00", total: "10.00", unit: "0.01", amount: "10.00"},
		"more than four decimals":      {query: "?unitdp=4", lines: `{"Quantity":2,"UnitAmount":1.00005,"TaxType":"NONE"}`, sub: "2.00", tax: "0.00", total: "2.00", unit: "1.0001", amount: "2.00"},
		"a discount in percent":        {lines: `{"Quantity":3,"UnitAmount":33.33,"DiscountRate":10,"TaxType":"OUTPUT2"}`, sub: "89.99", tax: "13.50", total: "103.49", discount: "10.00", unit: "33.33", amount: "89.99"},
		"a discount in money":          {lines: `{"Quantity":2,"UnitAmount":50,"DiscountAmount":12.5,"TaxType":"NONE"}`, sub: "87.50", tax: "0.00", total: "87.50", discount: "12.50", unit: "50.00", amount: "87.50"},
		"all of it discounted":         {lines: `{"UnitAmount":50,"DiscountRate":100,"TaxType":"OUTPUT2"}`, sub: "0.00", tax: "0.00", total: "0.00", discount: "50.00", unit: "50.00", amount: "0.00"},
		"a total without a price":      {query: "?unitdp=4", lines: `{"Quantity":3,"LineAmount":10,"TaxType":"NONE"}`, sub: "10.00", tax: "0.00", total: "10.00", unit: "3.3333", amount: "10.00"},
		"a total that agrees":          {lines: `{"Quantity":3,"UnitAmount":2,"LineAmount":6,"TaxType":"NONE"}`, sub: "6.00", tax: "0.00", total: "6.00", unit: "2.00", amount: "6.00"},
		"tax by hand":                  {lines: `{"UnitAmount":1,"TaxType":"OUTPUT2","TaxAmount":0.04},{"UnitAmount":1,"TaxType":"OUTPUT2","TaxAmount":0.03}`, sub: "2.00", tax: "0.07", total: "2.07", unit: "1.00", amount: "1.00"},
		"more tax than the unit price": {lines: `{"Quantity":10,"UnitAmount":0.50,"TaxType":"OUTPUT2","TaxAmount":1}`, sub: "5.00", tax: "1.00", total: "6.00", unit: "0.50", amount: "5.00"},
		"a negative line":              {lines: `{"UnitAmount":10,"TaxType":"OUTPUT2"},{"Quantity":1,"UnitAmount":-4,"TaxType":"OUTPUT2"}`, sub: "6.00", tax: "0.90", total: "6.90", unit: "10.00", amount: "10.00"},
		"a description alone":          {lines: `{"UnitAmount":10,"TaxType":"NONE"},{}`, sub: "10.00", tax: "0.00", total: "10.00", unit: "10.00", amount: "10.00"},
		"many digits":                  {query: "?unitdp=4", lines: `{"Quantity":12345.6789,"UnitAmount":9.8765,"TaxType":"NONE"}`, sub: "121932.10", tax: "0.00", total: "121932.10", unit: "9.8765", amount: "121932.10"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, xerotest.Options{Empty: true, HalfEven: tc.evenly})
			lines := ""
			for _, l := range splitObjects(tc.lines) {
				if lines != "" {
					lines += ","
				}
				head := `{"Description":"x","AccountCode":"200"`
				if l != "{}" {
					head += ","
				}
				lines += head + l[1:]
			}
			res := c.send("PUT", "Invoices"+tc.query, `{"Invoices":[`+with(c.contact("Acme"), tc.fields+`"LineItems":[`+lines+`]`)+`]}`).want(200)
			for _, f := range [][2]string{{"SubTotal", tc.sub}, {"TotalTax", tc.tax}, {"Total", tc.total}, {"TotalDiscount", tc.discount}, {"AmountDue", tc.total}} {
				if got := res.text("Invoices", 0, f[0]); got != f[1] {
					t.Errorf("%s is %q, want %q", f[0], got, f[1])
				}
			}
			if unit, sum := res.text("Invoices", 0, "LineItems", 0, "UnitAmount"), res.text("Invoices", 0, "LineItems", 0, "LineAmount"); unit != tc.unit || sum != tc.amount {
				t.Errorf("first line %s, %s; want %s, %s", unit, sum, tc.unit, tc.amount)
			}
		})
	}
}

// splitObjects splits "{…},{…}" whose objects hold no others.
func splitObjects(s string) []string {
	var list []string
	start := 0
	for i := range len(s) {
		if s[i] == '}' {
			list = append(list, s[start:i+1])
			start = i + 2
		}
	}
	return list
}

func TestUnitDecimalsOnReading(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	res := c.send("PUT", "Invoices?unitdp=4", `{"Invoices":[`+with(c.contact("Acme"), `"LineItems":[{"Description":"x","Quantity":100,"UnitAmount":1.2345}]`)+`]}`).want(200)
	id := res.text("Invoices", 0, "InvoiceID")
	for _, path := range []string{"Invoices/" + id + "?x=1", "Invoices?page=1"} {
		if got := c.raw("GET", path, "").text("Invoices", 0, "LineItems", 0, "UnitAmount"); got != "1.23" {
			t.Errorf("%s without unitdp: %s", path, got)
		}
		if got := c.raw("GET", path+"&unitdp=4", "").text("Invoices", 0, "LineItems", 0, "UnitAmount"); got != "1.2345" {
			t.Errorf("%s with unitdp=4: %s", path, got)
		}
	}
	c.send("POST", "Invoices?unitdp=4", `{"Invoices":[{"InvoiceID":"`+id+`","Reference":"x"}]}`).want(200)
	if v, _ := c.org.Invoice(id); v.Total.StringFixed(2) != "123.45" {
		t.Errorf("an update made it %s", v.Total)
	}
	// Reported by somebody who only marked invoices as sent: without unitdp, what was not even named is rounded.
	c.send("POST", "Invoices", `{"Invoices":[{"InvoiceID":"`+id+`","Reference":"y"}]}`).want(200)
	if v, _ := c.org.Invoice(id); v.Total.StringFixed(2) != "123.00" {
		t.Errorf("an update without unitdp leaves it at %s", v.Total)
	}
}

func TestItemsGiveDescriptionAndPrice(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	c.org.AddItem("LIC", "Licence", amount("12.50"))
	res := c.send("PUT", "Invoices", `{"Invoices":[`+with(c.contact("Acme"), `"LineItems":[{"ItemCode":"LIC"},{"ItemCode":"LIC","Description":"Two","Quantity":2,"UnitAmount":1}]`)+`]}`).want(200)
	if res.text("Invoices", 0, "LineItems", 0, "Description") != "Licence" || res.text("Invoices", 0, "LineItems", 0, "UnitAmount") != "12.50" ||
		res.text("Invoices", 0, "LineItems", 0, "AccountCode") != "" || res.text("Invoices", 0, "SubTotal") != "14.50" {
		t.Errorf("%s", res.body)
	}
}
