package xerotest_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

// What people report of contacts, and of refusals that Xero words in two ways.

func TestBothSpellings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		method, path, plural, body string
		one, other                 string
	}{
		{"PUT", "Contacts", "Contacts", `{"Name":"Other"}`, "The contact name Other is already assigned to another contact. The contact name must be unique across all active contacts.",
			"The Contact Name already exists. Please enter a different Contact Name."},
		{"PUT", "Contacts", "Contacts", `{"Name":"New","ContactNumber":"N2"}`, "Another contact has this contact number. Please enter a different contact number.",
			"The contact number N2 is already assigned to another contact. The contact number must be unique across all contacts."},
		{"PUT", "Contacts", "Contacts", `{"Name":"New","AccountNumber":"A1"}`, "The Account Number already exists. Please enter a different Account Number.",
			"The Account Number already exists. Please enter a different Account Number."},
		{"POST", "Invoices", "Invoices", `{"InvoiceID":"VOIDED","Reference":"x"}`, "Invoice not of valid status for modification", "Document not of valid status for modification"},
		{"POST", "Invoices", "Invoices", `{"InvoiceID":"PAID","Status":"VOIDED"}`, "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.",
			"The status VOIDED cannot be applied to the invoice because it has payment or Credit notes allocated to it."},
		{"POST", "Invoices", "Invoices", `{"InvoiceID":"DRAFT","LineItems":[{"Description":"x","TaxType":"GST on Income"}]}`,
			"The TaxType code GST on Income does not exist or cannot be used for this type of transaction.", "The TaxType code 'GST on Income' is not valid"},
	} {
		for _, other := range []bool{false, true} {
			c := open(t, xerotest.Options{Empty: true, OtherWords: other})
			acme := c.must(c.org.AddContact(xerotest.EditableContact{Name: "Acme", ContactNumber: "N2", AccountNumber: "A1"}))
			c.contact("Other")
			body := tc.body
			for _, stage := range []string{"VOIDED", "PAID", "DRAFT"} {
				id := c.invoice(acme, `"DueDate":"2026-12-05"`)
				if stage != "DRAFT" {
					c.done(c.org.Approve(id))
				}
				switch stage {
				case "VOIDED":
					c.done(c.org.Void(id))
				case "PAID":
					c.must(c.org.Pay(id, amount("115")))
				}
				body = strings.Replace(body, `"InvoiceID":"`+stage+`"`, `"InvoiceID":"`+id+`"`, 1)
			}
			want := tc.one
			if other {
				want = tc.other
			}
			c.send(tc.method, tc.path, `{"`+tc.plural+`":[`+body+`]}`).wantError(tc.plural, want)
		}
	}
}

// A client that matches customers by what identifies them reads it from every form of the list.
func TestContactsAreKnownByTheirNumbersInEveryList(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	made := c.must(c.org.AddContact(xerotest.EditableContact{Name: "Tūī Ltd", ContactNumber: "N1", AccountNumber: "A1", EmailAddress: "a@tui.example",
		CompanyNumber: "9429", TaxNumber: "101-2-303"}))
	c.send("PUT", "Contacts", `{"Contacts":[{"Name":"Kea Ltd","CompanyNumber":"9430","TaxNumber":"404-5-606"}]}`).want(200)
	want := map[string]string{"ContactID": made, "Name": "Tūī Ltd", "ContactNumber": "N1", "AccountNumber": "A1", "EmailAddress": "a@tui.example",
		"CompanyNumber": "9429", "TaxNumber": "101-2-303"}
	for _, path := range []string{"Contacts?IDs=" + made, "Contacts?page=1&IDs=" + made, "Contacts?summaryOnly=true&IDs=" + made, "Contacts/" + made,
		"Contacts?where=" + escape(`TaxNumber=="101-2-303"`), "Contacts?where=" + escape(`CompanyNumber=="9429"`), "Contacts?where=" + escape(`EmailAddress=="A@TUI.example"`),
		"Contacts?where=" + escape(`Name=="tui ltd"`)} {
		res := c.send("GET", path, "").want(200)
		if res.len("Contacts") != 1 {
			t.Errorf("%s: %d contacts", path, res.len("Contacts"))
			continue
		}
		for field, value := range want {
			if got := res.text("Contacts", 0, field); got != value {
				t.Errorf("%s: %s is %q, want %q", path, field, got, value)
			}
		}
	}
}

// Reported by an app store's vendors: an address that is there stays, an empty one of the other type is filled.
func TestAddressesAndPhonesMergeSlotBySlot(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	id := c.must(c.org.AddContact(xerotest.EditableContact{Name: "Tui", Mobile: "021 555", Street: xerotest.AddressView{Line1: "Shed 4", City: "Te Puke"}}))
	c.send("POST", "Contacts", `{"Contacts":[{"ContactID":"`+id+`","Addresses":[{"AddressType":"POBOX","AddressLine1":"12 Quay St"}],"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"07 555"}]}]}`).want(200)
	c.send("POST", "Contacts", `{"Contacts":[{"ContactID":"`+id+`","Addresses":[{"AddressType":"POBOX","City":"Napier"}]}]}`).want(200)
	v, _ := c.org.Contact(id)
	if v.Street.Line1 != "Shed 4" || v.Street.City != "Te Puke" || v.Postal.Line1 != "12 Quay St" || v.Postal.City != "Napier" || v.Mobile != "021 555" || v.Phone != "07 555" {
		t.Errorf("%+v", v)
	}
}

// By the help pages of four apps: a merge archives the loser, its documents move, restoring it brings none of them back,
// and while an active contact has its name it cannot be restored.
func TestAMergeByHand(t *testing.T) {
	t.Parallel()
	for _, quiet := range []bool{false, true} {
		now := newClock()
		c := open(t, xerotest.Options{Empty: true, Now: now.Now, QuietMerge: quiet})
		winner := c.contact("Kea Ltd")
		loser := c.must(c.org.AddContact(xerotest.EditableContact{Name: "Kea Limited", ContactNumber: "N2", EmailAddress: "old@kea.example"}))
		id := c.invoice(loser, `"DueDate":"2026-12-05","Status":"AUTHORISED"`)
		c.must(c.org.Credit(id, amount("15")))
		before, _ := c.org.Invoice(id)
		now.forward(time.Minute)
		c.done(c.org.MergeContacts(winner, loser))
		if err := c.org.MergeContacts(winner, loser); err == nil {
			t.Error("merged twice")
		}
		after, _ := c.org.Invoice(id)
		kept, gone := c.send("GET", "Contacts/"+winner, ""), c.send("GET", "Contacts/"+loser, "")
		if after.ContactID != winner || after.Updated.Equal(before.Updated) != quiet {
			t.Errorf("quiet %v: the invoice is %s's, stamped %s", quiet, after.ContactName, after.Updated)
		}
		if kept.text("Contacts", 0, "Name") != "Kea Ltd" || kept.text("Contacts", 0, "EmailAddress") != "" || kept.text("Contacts", 0, "IsCustomer") != "true" ||
			gone.text("Contacts", 0, "ContactStatus") != "ARCHIVED" || gone.text("Contacts", 0, "MergedToContactID") != winner || gone.text("Contacts", 0, "ContactNumber") != "N2" {
			t.Errorf("%s\n%s", kept.body, gone.body)
		}
		if got := c.send("GET", "CreditNotes?page=1", "").text("CreditNotes", 0, "Contact", "ContactID"); got != winner {
			t.Errorf("the credit note stays with %s", got)
		}
		c.done(c.org.EditContact(winner, func(e *xerotest.EditableContact) { e.Name = "Kea Limited" }))
		if err := c.org.RestoreContact(loser); err == nil {
			t.Error("restored beside an active contact of its name")
		}
		c.done(c.org.EditContact(winner, func(e *xerotest.EditableContact) { e.Name = "Kea Ltd" }))
		c.done(c.org.RestoreContact(loser))
		back, _ := c.org.Contact(loser)
		if v, _ := c.org.Invoice(id); v.ContactID != winner || back.ContactStatus != "ACTIVE" || back.MergedToContactID != "" {
			t.Errorf("after the restoring: %+v, the invoice is %s's", back, v.ContactName)
		}
	}
}

// By users of three libraries, whose models send days of 0.
func TestPaymentTermsThatAreRefused(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	for terms, want := range map[string]string{
		`{"Sales":{"Day":0,"Type":"OFCURRENTMONTH"}}`:    "Due Date for Sales Invoices must be between 1 and 31 when set to the following (or current) month",
		`{"Bills":{"Day":32,"Type":"OFFOLLOWINGMONTH"}}`: "Due Date for Bills must be between 1 and 31 when set to the following (or current) month",
		`{"Sales":{"Type":"DAYSAFTERBILLDATE"}}`:         "Both Day and Type must be supplied when adding or updating payment terms",
		`{"Sales":{"Day":0,"Type":"DAYSAFTERBILLDATE"}}`: "",
	} {
		res := c.raw("PUT", "Contacts", `{"Contacts":[{"Name":"`+escape(terms)+`","PaymentTerms":`+terms+`}]}`)
		if want == "" {
			res.want(200)
		} else {
			res.wantError("Contacts", want)
		}
	}
}
