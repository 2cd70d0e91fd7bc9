package xerotest_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

func TestCreditIsSetAgainstInvoices(t *testing.T) {
	t.Parallel()
	now := newClock()
	c, contact, draft := books(t, xerotest.Options{Now: now.Now})
	inv := c.invoice(contact, `"Date":"2026-11-20","DueDate":"2026-12-05","Status":"AUTHORISED"`)
	id := c.creditNote(contact, `"Status":"AUTHORISED"`)
	aud := c.invoice(contact, `"CurrencyCode":"AUD","DueDate":"2026-12-05","Status":"AUTHORISED"`)
	other := c.invoice(c.contact("Other"), `"DueDate":"2026-12-05","Status":"AUTHORISED"`)
	unapproved := c.creditNote(contact, "")
	for _, refused := range []struct{ name, note, invoice, amount, text string }{
		{"more than the invoice", id, inv, "115.01", "Credit Note cannot be allocated as amount is greater than amount outstanding"},
		{"a draft's credit", unapproved, inv, "1", "Credit notes must have a Status of AUTHORISED to be available for allocation"},
		{"to a draft", id, draft, "1", "Credit Note can only be allocated to an Authorised invoice"},
		{"in another currency", id, aud, "1", "Credit Note cannot be allocated to an invoice in another currency"},
		{"to another customer", id, other, "1", "Credit Note cannot be allocated to an invoice of another contact"},
		{"nothing", id, inv, "0", "0 is no amount to allocate"},
	} {
		if _, err := c.org.Allocate(refused.note, refused.invoice, amount(refused.amount)); err == nil || !strings.Contains(err.Error(), refused.text) {
			t.Errorf("%s: %v", refused.name, err)
		}
	}
	now.forward(time.Minute)
	c.must(c.org.Allocate(id, inv, amount("15")))
	seen := c.send("GET", "Invoices/"+inv, "").want(200)
	if seen.text("Invoices", 0, "AmountCredited") != "15.00" || seen.text("Invoices", 0, "AmountDue") != "100.00" || seen.text("Invoices", 0, "CreditNotes", 0, "CreditNoteID") != id {
		t.Errorf("%s", seen.body)
	}
	c.editNote(id, `"Reference":"part used"`).want(200)
	c.editNote(id, `"Date":"2026-11-04"`).wantError("CreditNotes", moneyOnIt)
	c.editNote(id, `"LineItems":[{"Description":"New","UnitAmount":500,"AccountCode":"200"}]`).wantError("CreditNotes", moneyOnIt)
	c.editNote(id, `"Status":"VOIDED"`).wantError("CreditNotes", "The status VOIDED cannot be applied to the credit note because it has payments or credit notes allocated to it.")
	if err := c.org.Void(id); err == nil {
		t.Error("a credit note that is used is voided by hand")
	}

	c.must(c.org.Allocate(id, inv, amount("100")))
	spent := c.send("GET", "CreditNotes/"+id, "").want(200)
	for field, want := range map[string]string{"Status": "PAID", "RemainingCredit": "0.00", "FullyPaidOnDate": "/Date(1795132800000+0000)/"} {
		if got := spent.text("CreditNotes", 0, field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if spent.text("CreditNotes", 0, "Allocations", 1, "Amount") != "100.00" || spent.text("CreditNotes", 0, "Allocations", 1, "Invoice", "InvoiceID") != inv ||
		spent.text("CreditNotes", 0, "Allocations", 1, "Date") != "/Date(1795132800000+0000)/" {
		t.Errorf("allocated on the later day of the two: %s", spent.body)
	}
	if v, _ := c.org.Invoice(inv); v.Status != "PAID" || !v.Updated.Equal(now.now) {
		t.Errorf("%+v", v)
	}
	c.editNote(id, `"Reference":"frozen"`).wantError("CreditNotes", moneyOnIt)
	c.done(c.org.Uncredit(id))
	if v, _ := c.org.Invoice(inv); v.Status != "AUTHORISED" || v.AmountDue.String() != "115" {
		t.Errorf("%+v", v)
	}
	if v, _ := c.org.CreditNote(id); v.Status != "AUTHORISED" || v.RemainingCredit.String() != "115" || v.FullyPaidOnDate != "" {
		t.Errorf("%+v", v)
	}
	c.editNote(id, `"Status":"VOIDED"`).want(200)
}

func TestCreditByHand(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	id := c.invoice(contact, `"DueDate":"2026-12-05","Status":"AUTHORISED"`)
	if _, err := c.org.Credit(id, amount("115.01")); err == nil {
		t.Error("more credited than due")
	}
	used := c.must(c.org.Credit(id, amount("15")))
	c.must(c.org.Pay(id, amount("100")))
	inv := c.send("GET", "Invoices/"+id, "").want(200)
	if inv.text("Invoices", 0, "AmountCredited") != "15.00" || inv.text("Invoices", 0, "AmountPaid") != "100.00" || inv.text("Invoices", 0, "Status") != "PAID" ||
		inv.text("Invoices", 0, "CreditNotes", 0, "CreditNoteID") != used {
		t.Errorf("%s", inv.body)
	}
	res := c.send("GET", "CreditNotes/"+used, "").want(200)
	if res.text("CreditNotes", 0, "Status") != "PAID" || res.text("CreditNotes", 0, "RemainingCredit") != "0.00" || res.text("CreditNotes", 0, "CreditNoteNumber") != "CN-0001" {
		t.Errorf("%s", res.body)
	}

	made := c.must(c.org.AddCreditNote(xerotest.EditableCreditNote{ContactID: contact, Reference: "by hand",
		Lines: []xerotest.LineView{{Description: "x", Quantity: amount("2"), UnitAmount: amount("7"), AccountCode: "200", TaxType: "OUTPUT2"}}}))
	if err := c.org.EditCreditNote(made, func(e *xerotest.EditableCreditNote) { e.CreditNoteNumber = "cn-0001" }); err == nil || !strings.Contains(err.Error(), "Credit Note # must be unique.") {
		t.Errorf("%v", err)
	}
	c.done(c.org.EditCreditNote(made, func(e *xerotest.EditableCreditNote) {
		e.Lines[0].UnitAmount, e.CreditNoteNumber, e.SentToContact = amount("10"), "HAND-1", true
	}))
	v, there := c.org.CreditNote("hand-1")
	if !there || v.Total.String() != "23" || v.CreatedByAPI || !v.SentToContact || v.Status != "DRAFT" {
		t.Errorf("%+v", v)
	}
	if c.org.Edit(made, func(*xerotest.EditableInvoice) {}) == nil || c.org.EditCreditNote(id, func(*xerotest.EditableCreditNote) {}) == nil {
		t.Error("a credit note is edited as an invoice, or the other way round")
	}
	if err := c.org.EditCreditNote(used, func(*xerotest.EditableCreditNote) {}); err == nil || !strings.Contains(err.Error(), moneyOnIt) {
		t.Errorf("%v", err)
	}
	c.done(c.org.Submit(made))
	c.done(c.org.Reject(made))
	c.done(c.org.Approve(made))
	c.done(c.org.Void(made))
}

func TestAllocationsThroughTheAPI(t *testing.T) {
	t.Parallel()
	now := newClock()
	c, contact, _ := books(t, xerotest.Options{Now: now.Now})
	inv := c.invoice(contact, `"Date":"2026-11-20","DueDate":"2026-12-05","Status":"AUTHORISED"`)
	other := c.invoice(contact, `"DueDate":"2026-12-05","Status":"AUTHORISED"`)
	id := c.creditNote(contact, `"Status":"AUTHORISED"`)
	put := func(query, body string, headers ...string) result {
		return c.raw("PUT", "CreditNotes/"+id+"/Allocations"+query, body, headers...)
	}
	one := func(invoice, amount string) string {
		return `{"Amount":` + amount + `,"Date":"2026-11-06","Invoice":{"InvoiceID":"` + invoice + `"}}`
	}
	put("", `{"Allocations":[`+one("11111111-1111-1111-1111-111111111111", "1")+`]}`).wantError("Allocations", "An existing Invoice with the specified InvoiceID could not be found")
	put("", `{"Allocations":[`+one(inv, "0")+`]}`).wantError("Allocations", "The amount to allocate must be greater than zero")
	put("", `{"Allocations":[`+one(inv, "115.01")+`]}`).wantError("Allocations", "Credit Note cannot be allocated as amount is greater than amount outstanding")
	c.raw("PUT", "CreditNotes/11111111-1111-1111-1111-111111111111/Allocations", one(inv, "1")).want(404)
	c.raw("GET", "CreditNotes/"+id+"/Allocations", "").want(501)

	res := put("?summarizeErrors=false", `{"Allocations":[`+one(inv, "15")+`,`+one(inv, "100.01")+`]}`, "Idempotency-Key", "k").want(200)
	if res.text("Allocations", 0, "StatusAttributeString") != "OK" || res.text("Allocations", 1, "StatusAttributeString") != "ERROR" ||
		res.text("Allocations", 0, "Date") != "/Date(1795132800000+0000)/" || res.at("Allocations", 0, "AllocationID") != nil {
		t.Errorf("%s", res.body)
	}
	put("?summarizeErrors=false", `{"Allocations":[`+one(inv, "15")+`,`+one(inv, "100.01")+`]}`, "Idempotency-Key", "k").want(200)
	if v, _ := c.org.Invoice(inv); v.AmountCredited.String() != "15" {
		t.Errorf("the same key allocates again: %+v", v)
	}
	put("", one(inv, "15")).want(200) // what is sent again is allocated again
	if v, _ := c.org.CreditNote(id); v.RemainingCredit.String() != "85" || len(v.Allocations) != 2 {
		t.Errorf("%+v", v)
	}
	put("", `{"Invoice":{"InvoiceNumber":"INV-0003"},"Amount":85}`).want(200) // as Xero's page shows it, without a date
	put("", one(other, "1")).wantError("Allocations", "Credit notes must have a Status of AUTHORISED to be available for allocation")

	allocation := c.send("GET", "CreditNotes/"+id, "").text("CreditNotes", 0, "Allocations", 2, "AllocationID")
	now.forward(time.Minute)
	gone := c.send("DELETE", "CreditNotes/"+id+"/Allocations/"+allocation, "").want(200)
	if gone.text("Allocations", 0, "IsDeleted") != "true" || gone.text("Allocations", 0, "AllocationID") != allocation {
		t.Errorf("%s", gone.body)
	}
	c.send("DELETE", "CreditNotes/"+id+"/Allocations/"+allocation, "").want(404)
	note, _ := c.org.CreditNote(id)
	freed, _ := c.org.Invoice(other)
	if note.Status != "AUTHORISED" || note.RemainingCredit.String() != "85" || freed.AmountCredited.String() != "0" || !freed.Updated.Equal(now.now) {
		t.Errorf("%+v\n%+v", note, freed)
	}
	c.done(c.org.Lock("2026-11-30"))
	put("", one(inv, "1")).want(400)
	c.send("DELETE", "CreditNotes/"+id+"/Allocations/"+note.Allocations[0].AllocationID, "").want(400)
}

func TestCreditIsGivenBackInCash(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	id, waiting := c.creditNote(contact, `"Status":"AUTHORISED"`), c.creditNote(contact, "")
	refund := func(note, amount string) result {
		return c.send("PUT", "Payments", `{"Payments":[{"CreditNote":{"CreditNoteID":"`+note+`"},"Account":{"Code":"090"},"Date":"2026-11-04","Amount":`+amount+`}]}`)
	}
	refund(waiting, "1").wantError("Payments", "Payments can only be made against Authorised documents")
	refund(id, "115.01").wantError("Payments", "Payment amount exceeds the amount outstanding on this document")
	refund("11111111-1111-1111-1111-111111111111", "1").wantError("Payments", "An existing Credit Note with the specified CreditNoteID could not be found")
	res := refund(id, "15").want(200)
	payment := res.text("Payments", 0, "PaymentID")
	if res.text("Payments", 0, "PaymentType") != "ARCREDITPAYMENT" || res.text("Payments", 0, "Invoice", "Type") != "ACCRECCREDIT" || res.text("Payments", 0, "Invoice", "InvoiceID") != id {
		t.Errorf("Xero's own list shows the credit note as an invoice: %s", res.body)
	}
	c.must(c.org.Pay(id, amount("100")))
	spent := c.send("GET", "CreditNotes/"+id, "").want(200)
	if spent.text("CreditNotes", 0, "Status") != "PAID" || spent.text("CreditNotes", 0, "RemainingCredit") != "0.00" || spent.len("CreditNotes", 0, "Payments") != 2 {
		t.Errorf("%s", spent.body)
	}
	if res := c.send("GET", "Payments?where="+escape(`PaymentType=="ACCRECPAYMENT"`), "").want(200); res.len("Payments") != 0 {
		t.Errorf("%s", res.body)
	}
	c.send("POST", "Payments/"+payment, `{"Status":"DELETED"}`).want(200)
	if v, _ := c.org.CreditNote(id); v.Status != "AUTHORISED" || v.RemainingCredit.String() != "15" {
		t.Errorf("%+v", v)
	}
}

func TestCreditNotesOfMergedContacts(t *testing.T) {
	t.Parallel()
	c, winner, _ := books(t, xerotest.Options{})
	loser := c.contact("Acme again")
	id := c.creditNote(loser, `"Status":"AUTHORISED"`)
	c.done(c.org.MergeContacts(winner, loser))
	if v, _ := c.org.CreditNote(id); v.ContactID != winner {
		t.Errorf("%+v", v)
	}
}
