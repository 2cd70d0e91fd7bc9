package xerotest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

const (
	notModifiable = "Invoice not of valid status for modification"
	moneyOnIt     = "This document cannot be edited as it has a payment or credit note allocated to it."
)

// edit posts fields for an invoice of this id.
func (c *client) edit(id, fields string) result {
	c.t.Helper()
	return c.send("POST", "Invoices", `{"Invoices":[{"InvoiceID":"`+id+`",`+fields+`}]}`)
}

func TestStatusTransitions(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	states := []string{"DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"}
	allowed := map[string]string{"DRAFT": "DRAFT SUBMITTED AUTHORISED DELETED", "SUBMITTED": "DRAFT SUBMITTED AUTHORISED DELETED", "AUTHORISED": "AUTHORISED VOIDED", "PAID": "PAID AUTHORISED"}
	for _, from := range states {
		for _, to := range states {
			id := c.invoice(contact, `"DueDate":"2026-12-05"`)
			switch from {
			case "SUBMITTED":
				c.done(c.org.Submit(id))
			case "AUTHORISED":
				c.done(c.org.Approve(id))
			case "PAID":
				c.done(c.org.Approve(id))
				c.must(c.org.Pay(id, amount("115")))
			case "VOIDED":
				c.done(c.org.Approve(id))
				c.done(c.org.Void(id))
			case "DELETED":
				c.done(c.org.Delete(id))
			}
			res := c.edit(id, `"Status":"`+to+`"`)
			want, text := to, ""
			switch {
			case !words(allowed[from], to) && from == "PAID" && (to == "VOIDED" || to == "DELETED"):
				want, text = from, "The status "+to+" cannot be applied to the invoice because it has payments or credit notes allocated to it."
			case !words(allowed[from], to):
				want, text = from, notModifiable
			case from == "PAID":
				want = "PAID"
			}
			if text == "" {
				res.want(200)
			} else {
				res.wantError("Invoices", text)
			}
			if v, _ := c.org.Invoice(id); v.Status != want {
				t.Errorf("%s to %s ends in %s, want %s", from, to, v.Status, want)
			}
		}
	}
}

func words(list, word string) bool {
	for _, w := range splitWords(list) {
		if w == word {
			return true
		}
	}
	return false
}

func splitWords(s string) []string {
	var list []string
	for _, w := range []byte(s + " ") {
		if w == ' ' {
			list = append(list, "")
			continue
		}
		if len(list) == 0 {
			list = append(list, "")
		}
		list[len(list)-1] += string(w)
	}
	return list
}

func TestLinesOnUpdate(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	res := c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, `"LineItems":[{"Description":"A","UnitAmount":1},{"Description":"B","UnitAmount":2},{"Description":"C","UnitAmount":3}]`)+`]}`).want(200)
	id, a, b := res.text("Invoices", 0, "InvoiceID"), res.text("Invoices", 0, "LineItems", 0, "LineItemID"), res.text("Invoices", 0, "LineItems", 1, "LineItemID")

	res = c.edit(id, `"LineItems":[{"LineItemID":"`+b+`","UnitAmount":20},{"Description":"D","UnitAmount":4},{"LineItemID":"`+a+`"}]`).want(200)
	if res.len("Invoices", 0, "LineItems") != 3 || res.text("Invoices", 0, "SubTotal") != "25.00" || res.text("Invoices", 0, "LineItems", 0, "Description") != "B" ||
		res.text("Invoices", 0, "LineItems", 0, "LineItemID") != b || res.text("Invoices", 0, "LineItems", 2, "LineItemID") != a {
		t.Errorf("%s", res.body)
	}
	if d := res.text("Invoices", 0, "LineItems", 1, "LineItemID"); d == a || d == b || d == "" || d[0:8] == "00000000" {
		t.Errorf("the added line has the id %s", d)
	}
	res = c.edit(id, `"LineItems":[{"Description":"A","UnitAmount":1}]`).want(200) // the same words, but not the same line
	if res.len("Invoices", 0, "LineItems") != 1 || res.text("Invoices", 0, "LineItems", 0, "LineItemID") == a {
		t.Errorf("%s", res.body)
	}
	res = c.send("POST", "Invoices/"+id, `{"Invoices":[{"Reference":"r","LineItems":[],"Contact":{},"Type":"ACCREC"}]}`).want(200)
	if res.len("Invoices", 0, "LineItems") != 1 || res.text("Invoices", 0, "Reference") != "r" {
		t.Errorf("what typed clients send along changes something: %s", res.body)
	}
	c.send("POST", "Invoices/11111111-1111-1111-1111-111111111111", `{"Invoices":[{"Reference":"r"}]}`).want(404)
	c.edit("11111111-1111-1111-1111-111111111111", `"Reference":"r"`).wantError("Invoices", "An existing Invoice with the specified InvoiceID could not be found")
}

func TestPostWithATakenNumberEditsThatInvoice(t *testing.T) {
	t.Parallel()
	c, contact, draft := books(t, xerotest.Options{})
	res := c.send("POST", "Invoices", `{"Invoices":[`+with(contact, `"InvoiceNumber":"INV-0001","Reference":"taken over"`)+`]}`).want(200)
	if res.text("Invoices", 0, "InvoiceID") != draft || len(c.org.Invoices()) != 1 {
		t.Errorf("%s", res.body)
	}
	c.send("POST", "Invoices", `{"Invoices":[`+with(contact, `"InvoiceNumber":"NEW-1"`)+`]}`).want(200)
	if len(c.org.Invoices()) != 2 {
		t.Error("a POST with a free number makes no invoice")
	}
	c.edit(draft, `"InvoiceNumber":"new-1"`).wantError("Invoices", "Invoice # must be unique.")
}

func TestEditsOfApprovedAndPaidInvoices(t *testing.T) {
	t.Parallel()
	type edit struct{ fields, refused string }
	lineOf := func(fields string) string { return `"LineItems":[{"LineItemID":"LINE",` + fields + `}]` } // by its present id
	for _, stage := range []string{"approved", "part-paid", "credited", "paid"} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			c, contact, _ := books(t, xerotest.Options{})
			id := c.invoice(contact, `"DueDate":"2026-12-05","Status":"AUTHORISED"`)
			money := moneyOnIt
			switch stage {
			case "approved":
				money = ""
			case "part-paid":
				c.must(c.org.Pay(id, amount("15")))
			case "credited":
				c.must(c.org.Credit(id, amount("15")))
			case "paid":
				c.must(c.org.Pay(id, amount("115")))
			}
			date := money
			if date != "" {
				date = "Date cannot be changed on an invoice that has payment or credit notes allocated to it."
			}
			for _, e := range []edit{
				{`"Reference":"r2"`, ""}, {`"Url":"https://a.example/2"`, ""}, {`"DueDate":"2027-01-01"`, ""}, {`"InvoiceNumber":"X-1"`, ""},
				{lineOf(`"Description":"Other words"`), ""}, {lineOf(`"AccountCode":"210"`), ""}, {lineOf(`"Tracking":[{"Name":"Region","Option":"North"}]`), ""},
				{`"Reference":"r3","Status":"AUTHORISED"`, ""},
				{`"Date":"2026-11-04"`, date}, {lineOf(`"UnitAmount":1000`), money}, {lineOf(`"Quantity":2`), money}, {lineOf(`"TaxType":"ZERORATED"`), money},
				{`"LineItems":[{"Description":"New","UnitAmount":500,"AccountCode":"200"}]`, money}, {`"CurrencyCode":"AUD"`, money}, {`"LineAmountTypes":"Inclusive"`, money},
				{`"Status":"DRAFT"`, notModifiable}, {`"Status":"SUBMITTED"`, notModifiable},
			} {
				before := fmt.Sprintf("%+v", c.org.Invoices())
				v, _ := c.org.Invoice(id)
				res := c.edit(id, strings.Replace(e.fields, "LINE", v.Lines[0].LineItemID, 1))
				if e.refused == "" {
					res.want(200)
					continue
				}
				res.wantError("Invoices", e.refused)
				if fmt.Sprintf("%+v", c.org.Invoices()) != before {
					t.Errorf("%s was refused and done", e.fields)
				}
			}
		})
	}
}

func TestWhatBumpsTheStamp(t *testing.T) {
	t.Parallel()
	now := newClock()
	c, contact, _ := books(t, xerotest.Options{Now: now.Now})
	id := c.invoice(contact, `"DueDate":"2026-12-05","Status":"AUTHORISED"`)
	bumps := func(what string, want bool, act func()) {
		t.Helper()
		before, _ := c.org.Invoice(id)
		now.forward(time.Second)
		act()
		if after, _ := c.org.Invoice(id); after.Updated.After(before.Updated) != want {
			t.Errorf("%s: the stamp moves %v, want %v", what, !want, want)
		}
	}
	bumps("a new due date", true, func() { c.edit(id, `"DueDate":"2026-12-06"`).want(200) })
	payment := ""
	bumps("a payment", true, func() { payment = c.must(c.org.Pay(id, amount("15"))) })
	bumps("a new due date of a part-paid invoice", false, func() { c.edit(id, `"DueDate":"2026-12-07"`).want(200) })
	bumps("sent, part-paid", false, func() { c.edit(id, `"SentToContact":true`).want(200) })
	bumps("a new reference", true, func() { c.edit(id, `"Reference":"r"`).want(200) })
	bumps("the payment taken back", true, func() { c.done(c.org.Unpay(payment)) })
}

func TestVoidingNeedsALiveContactAndNoMoney(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	id := c.invoice(contact, `"DueDate":"2026-12-05","Status":"AUTHORISED"`)
	payment := c.must(c.org.Pay(id, amount("15")))
	c.edit(id, `"Status":"VOIDED"`).wantError("Invoices", "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.")
	c.done(c.org.Unpay(payment))
	c.done(c.org.ArchiveContact(contact))
	c.edit(id, `"Status":"VOIDED"`).wantError("Invoices", "The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes.")
	c.done(c.org.RestoreContact(contact))
	c.edit(id, `"Status":"VOIDED"`).want(200)
	c.edit(id, `"Reference":"r"`).wantError("Invoices", notModifiable)
}
