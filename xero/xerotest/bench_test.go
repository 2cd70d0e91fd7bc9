package xerotest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sf2xero/xero/xerotest"
)

// invoiceBatch are n invoices of two lines for one contact.
func invoiceBatch(contact string, from, n int) string {
	var b strings.Builder
	b.WriteString(`{"Invoices":[`)
	for i := from; i < from+n; i++ {
		if i > from {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"Type":"ACCREC","Status":"DRAFT","Contact":{"ContactID":%q},"Date":"2026-11-05","DueDate":"2026-12-05","Reference":"PO-%d",`+
			`"Url":"https://acme.my.salesforce.com/006Ax%013d?d=00DAx0000000001EAA.default.1","CurrencyCode":"NZD","LineAmountTypes":"Exclusive","LineItems":[`+
			`{"Description":"Licence","Quantity":3,"UnitAmount":19.9950,"AccountCode":"200","TaxType":"OUTPUT2","Tracking":[{"Name":"Region","Option":"North"}]},`+
			`{"Description":"Services","Quantity":1,"UnitAmount":%d.25,"AccountCode":"210","TaxType":"ZERORATED","DiscountRate":10}]}`, contact, i, i, i)
	}
	b.WriteString(`]}`)
	return b.String()
}

// call makes a call and does not look into the answer.
func (c *client) call(method, path, body, key string) {
	c.t.Helper()
	req := httptest.NewRequest(method, "/api.xro/2.0/"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Xero-Tenant-Id", c.org.TenantID())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	rec := httptest.NewRecorder()
	c.org.ServeHTTP(rec, req)
	if rec.Code != http.StatusOK {
		c.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
}

// BenchmarkBackfill is what the rest of the project's benchmarks stand on: 10,000 invoices made in batches of 50, then
// listed in pages of 1,000.
func BenchmarkBackfill(b *testing.B) {
	const invoices, batch = 10_000, 50
	for b.Loop() {
		c := open(b, xerotest.Options{Empty: true, PerDay: -1, Now: newClock().Now})
		contact := c.contact("Acme")
		for i := 0; i < invoices; i += batch {
			c.call(http.MethodPut, "Invoices?summarizeErrors=false&unitdp=4", invoiceBatch(contact, i, batch), fmt.Sprint(i))
		}
		for page := 1; page <= invoices/1000; page++ {
			c.call(http.MethodGet, fmt.Sprintf("Invoices?order=InvoiceID&unitdp=4&pageSize=1000&page=%d", page), "", "")
		}
	}
}
