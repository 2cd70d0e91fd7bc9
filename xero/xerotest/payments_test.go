package xerotest_test

import (
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

func TestPayments(t *testing.T) {
	t.Parallel()
	now := newClock()
	c, contact, draft := books(t, xerotest.Options{Now: now.Now})
	id := c.invoice(contact, `"DueDate":"2026-12-05","Status":"AUTHORISED"`)
	pay := func(fields string) result {
		return c.send("PUT", "Payments", `{"Payments":[{`+fields+`}]}`)
	}
	c.org.AddAccount("650", "Old bank", "BANK", "NONE")
	c.done(c.org.ArchiveAccount("650"))
	for _, refused := range []struct{ fields, text string }{
		{`"Invoice":{"InvoiceID":"` + draft + `"},"Account":{"Code":"090"},"Amount":1`, "Payments can only be made against Authorised documents"},
		{`"Invoice":{"InvoiceID":"` + id + `"},"Account":{"Code":"090"},"Amount":115.01`, "Payment amount exceeds the amount outstanding on this document"},
		{`"Invoice":{"InvoiceID":"` + id + `"},"Account":{"Code":"200"},"Amount":1`, "Account could not be found"},
		{`"Invoice":{"InvoiceID":"` + id + `"},"Account":{"Code":"650"},"Amount":1`, "Account could not be found"},
		{`"Invoice":{"InvoiceID":"` + id + `"},"Amount":1`, "Account could not be found"},
		{`"Invoice":{"InvoiceID":"11111111-1111-1111-1111-111111111111"},"Account":{"Code":"090"},"Amount":1`, "An existing Invoice with the specified InvoiceID could not be found"},
		{`"Invoice":{"InvoiceID":"` + id + `"},"Account":{"Code":"090"},"Amount":0`, "Payment amount must be greater than zero"},
	} {
		pay(refused.fields).wantError("Payments", refused.text)
	}
	res := pay(`"Invoice":{"InvoiceID":"` + id + `"},"Account":{"Code":"090"},"Date":"2026-11-03","Amount":15,"Reference":"deposit"`).want(200)
	first := res.text("Payments", 0, "PaymentID")
	if res.text("Payments", 0, "PaymentType") != "ACCRECPAYMENT" || res.text("Payments", 0, "Status") != "AUTHORISED" || res.text("Payments", 0, "Invoice", "InvoiceID") != id {
		t.Errorf("%s", res.body)
	}
	pay(`"Invoice":{"InvoiceNumber":"INV-0002"},"Account":{"Code":"970"},"Date":"2026-11-04","Amount":100`).want(200)
	inv := c.send("GET", "Invoices/"+id, "").want(200)
	for field, want := range map[string]string{"Status": "PAID", "AmountDue": "0.00", "AmountPaid": "115.00", "FullyPaidOnDate": "/Date(1793750400000+0000)/"} {
		if got := inv.text("Invoices", 0, field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if inv.len("Invoices", 0, "Payments") != 2 || inv.text("Invoices", 0, "Payments", 0, "Reference") != "deposit" {
		t.Errorf("%s", inv.body)
	}
	pay(`"Invoice":{"InvoiceID":"`+id+`"},"Account":{"Code":"090"},"Amount":1`).wantError("Payments", "Payments can only be made against Authorised documents")

	now.forward(time.Minute)
	seen := now.now.Add(-time.Second).Format(time.RFC3339)
	c.send("POST", "Payments/"+first, `{"Status":"AUTHORISED"}`).wantError("Payments", "Payments cannot be updated, only created and deleted")
	c.send("POST", "Payments/"+first, `{"Status":"DELETED"}`).want(200)
	c.raw("POST", "Payments/"+first, `{"Payments":[{"Status":"DELETED"}]}`).wantError("Payments", "The payment has already been deleted")
	c.send("POST", "Payments/11111111-1111-1111-1111-111111111111", `{"Status":"DELETED"}`).want(404)
	if v, _ := c.org.Invoice(id); v.Status != "AUTHORISED" || v.AmountDue.String() != "15" || v.FullyPaidOnDate != "" {
		t.Errorf("%+v", v)
	}
	changed := c.send("GET", "Payments?page=1", "", "If-Modified-Since", seen).want(200)
	if changed.len("Payments") != 1 || changed.text("Payments", 0, "Status") != "DELETED" {
		t.Errorf("a deleted payment is not in the feed: %s", changed.body)
	}
	for where, want := range map[string]int{`PaymentType=="ACCRECPAYMENT"`: 2, `Status=="DELETED"`: 1, `Invoice.InvoiceID==guid("` + id + `") AND Amount>=100`: 1, `Reference=="deposit"`: 1} {
		if got := c.send("GET", "Payments?where="+escape(where), "").want(200).len("Payments"); got != want {
			t.Errorf("%s finds %d, want %d", where, got, want)
		}
	}
	c.send("GET", "Payments/"+first, "").want(200)

	done := pay(`"Invoice":{"InvoiceID":"`+id+`"},"Account":{"Code":"090"},"Amount":15,"IsReconciled":true`).want(200).text("Payments", 0, "PaymentID")
	c.send("POST", "Payments/"+done, `{"Status":"DELETED"}`).wantError("Payments", "The payment cannot be deleted because it has been reconciled")
	c.done(c.org.Lock("2026-11-05"))
	pay(`"Invoice":{"InvoiceID":"`+id+`"},"Account":{"Code":"090"},"Amount":1`).wantError("Payments", "Organisation accounts are locked on the specified payment date")
}
