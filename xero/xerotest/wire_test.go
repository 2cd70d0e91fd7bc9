package xerotest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"sf2xero/xero/xerotest"
	"sf2xero/xero/xerotest/conform"
)

func TestEveryAnswerSaysWhenAndWhich(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{})
	seen := map[string]bool{}
	for _, path := range []string{"Organisation", "Nothing", "Invoices?where=x", "/connections", "/elsewhere"} {
		h := c.raw("GET", path, "").header
		if h.Get("Date") != "Thu, 05 Nov 2026 02:30:00 GMT" {
			t.Errorf("%s: Date %q is not Xero's clock", path, h.Get("Date"))
		}
		if id := h.Get("Xero-Correlation-Id"); id == "" || seen[id] {
			t.Errorf("%s: Xero-Correlation-Id %q", path, id)
		}
		seen[h.Get("Xero-Correlation-Id")] = true
	}
}

func TestNotFoundIsHTML(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{})
	for _, path := range []string{"Nothing", "Invoices/11111111-1111-1111-1111-111111111111", "Invoices/none", "Invoices/INV-0001/more", "Contacts/none", "Items/none", "Accounts/none",
		"TaxRates/nothing", "Payments/11111111-1111-1111-1111-111111111111", "CreditNotes/none", "Organisation/none", "/api.xro/2.0/", "/"} {
		res := c.raw("GET", path, "").want(404)
		if !strings.HasPrefix(res.header.Get("Content-Type"), "text/html") || strings.Contains(res.body, "{") {
			t.Errorf("%s: %s %s", path, res.header.Get("Content-Type"), res.body)
		}
	}
}

func TestXMLUnlessJSONIsAskedFor(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	for accept, want := range map[string]string{"": "text/xml", "*/*": "text/xml", "application/xml": "text/xml", "application/json": "application/json",
		"text/html, application/json;q=0.9": "application/json", "APPLICATION/JSON": "application/json"} {
		if got := c.through(c.org, "GET", "Organisation", "", "Accept", accept).want(200).header.Get("Content-Type"); !strings.HasPrefix(got, want) {
			t.Errorf("Accept %q is answered as %s", accept, got)
		}
	}
	res := c.through(c.org, "PUT", "Contacts", `{"Contacts":[{"Name":"A"}]}`, "Accept", "").want(200)
	if !strings.HasPrefix(res.body, "<Response") || len(c.org.Contacts()) != 1 {
		t.Errorf("the work is done all the same: %s", res.body)
	}
	if res := c.through(c.org, "GET", "Invoices?where=x", "", "Accept", "").want(400); !strings.HasPrefix(res.body, "<ApiException") {
		t.Errorf("%s", res.body)
	}
}

func TestBadBodies(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	contact := c.contact("Acme")
	for name, tc := range map[string]struct {
		body, contentType string
		status            int
	}{
		"no JSON":                {"<Contacts/>", "", 400},
		"half of it":             {`{"Contacts":[{"Name":"A"}`, "", 400},
		"nothing":                {" ", "", 400},
		"a list":                 {`[{"Name":"A"}]`, "", 400},
		"an empty envelope":      {`{"Contacts":[]}`, "", 400},
		"an object for a list":   {`{"Contacts":{"Name":"A"}}`, "", 400},
		"a number for a name":    {`{"Contacts":[{"Name":"Good"},{"Name":1}]}`, "", 400},
		"an id that is none":     {`{"Contacts":[{"ContactID":"x","Name":"A"}]}`, "", 500},
		"an id that is a number": {`{"Contacts":[{"ContactID":1,"Name":"A"}]}`, "", 500},
		"XML":                    {`<Contacts/>`, "application/xml", 415},
		"a form":                 {`xml=1`, "application/x-www-form-urlencoded", 415},
		"too big":                {`{"Contacts":[{"Name":"` + strings.Repeat("x", 3_500_000) + `"}]}`, "", 413},
	} {
		contentType := "application/json; charset=utf-8"
		if tc.contentType != "" {
			contentType = tc.contentType
		}
		res := c.raw("PUT", "Contacts", tc.body, "Content-Type", contentType).want(tc.status)
		if tc.status == 400 && (res.text("Type") != "PostDataInvalidException" || res.at("Elements") != nil) {
			t.Errorf("%s: %s", name, res.body)
		}
	}
	if got := len(c.org.Contacts()); got != 1 {
		t.Errorf("%d contacts", got)
	}
	for _, bad := range []string{`"Date":"05/11/2026"`, `"Date":"/Date(x)/"`, `"DueDate":"2026-02-30"`} {
		c.raw("PUT", "Invoices", `{"Invoices":[`+with(contact, bad)+`]}`).want(400)
	}
	for _, bad := range []string{`"ten"`, `1e400`, `true`} {
		c.raw("PUT", "Invoices", `{"Invoices":[`+with(contact, `"LineItems":[{"Description":"x","UnitAmount":`+bad+`}]`)+`]}`).want(400)
	}
	c.raw("GET", "Invoices?IDs=x", "").want(500)
	c.raw("GET", "Invoices?%zz", "").want(400)
}

// What xero-node sends, and other clients that nobody here wrote.
func TestOtherPeoplesHabits(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{})
	c.raw("GET", "Organisation", `{}`, "Content-Type", "application/json").want(200) // every GET of xero-node has this body
	c.raw("GET", "invoices/", "", "xero-tenant-id", c.org.TenantID(), "accept", "application/json").want(200)
	c.raw("DELETE", "Items/BOOK", `{}`).want(204)
	res := c.raw("PUT", "Contacts", `{"contacts":[{"name":"Lower Ltd","contactNumber":"L1","addresses":[{"addressType":"POBOX","city":"X"}]}]}`).want(200)
	id := res.text("Contacts", 0, "ContactID")
	res = c.raw("POST", "Invoices", `{"type":"ACCREC","contact":{"contactid":"`+strings.ToUpper(id)+`"},"lineitems":[{"description":"x","unitamount":1}],"unknown":1}`).want(200)
	if res.text("Invoices", 0, "Contact", "ContactID") != id {
		t.Errorf("%s", res.body)
	}
	invoice := res.text("Invoices", 0, "InvoiceID")
	c.raw("POST", "Invoices/"+invoice, `{"Invoices":[{"Type":"ACCREC","Contact":{},"LineItems":[],"Reference":"changed","InvoiceID":"`+invoice+`"}]}`).want(200)
	c.raw("PUT", "Invoices", `{"Invoices":[{"InvoiceID":"00000000-0000-0000-0000-000000000000","Type":"ACCREC","Contact":{"ContactID":"`+id+`"},"LineItems":[{"Description":"x"}]}]}`).want(200)
	c.done(c.org.Edit(invoice, func(e *xerotest.EditableInvoice) { e.Lines[0].AccountCode, e.Lines[0].TaxType = "200", "NONE" }))
	c.done(c.org.Approve(invoice))
	paid := c.raw("POST", "Payments", `{"Invoice":{"InvoiceID":"`+invoice+`"},"Account":{"Code":"090"},"Date":"2026-11-02","Amount":1}`).want(200)
	c.raw("POST", "Payments/"+paid.text("Payments", 0, "PaymentID"), `{"Status":"DELETED"}`).want(200)
	for _, method := range []string{"PATCH", "DELETE"} {
		if res := c.raw(method, "Invoices", `{}`).want(501); res.text("Type") != "ApiMethodNotImplementedException" {
			t.Errorf("%s", res.body)
		}
	}
}

// The description file's own request examples are accepted, with ids that exist here in place of theirs.
func TestExamplesOfXerosOwnFile(t *testing.T) {
	t.Parallel()
	path := os.Getenv(conform.Env)
	if path == "" {
		t.Skipf("%s is not set", conform.Env)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Paths map[string]map[string]yaml.Node
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"put /Currencies", "put /Items", "post /Items", "post /Items/{ItemID}", "put /Contacts", "post /Contacts", "post /Contacts/{ContactID}", "put /Invoices",
		"post /Invoices", "post /Invoices/{InvoiceID}", "put /CreditNotes", "post /CreditNotes", "post /CreditNotes/{CreditNoteID}", "put /CreditNotes/{CreditNoteID}/Allocations", "put /Payments", "post /Payments", "post /Payments/{PaymentID}"} {
		method, path, _ := strings.Cut(p, " ")
		node := file.Paths[path][method]
		var operation struct {
			RequestBody struct {
				Content map[string]struct{ Example any }
			} `yaml:"requestBody"`
		}
		if err := node.Decode(&operation); err != nil {
			t.Fatal(err)
		}
		example, err := json.Marshal(operation.RequestBody.Content["application/json"].Example)
		if err != nil || len(example) < 10 {
			t.Fatalf("%s has no example: %s %v", p, example, err)
		}
		c := open(t, xerotest.Options{Empty: true})
		contact := c.contact("Acme")
		invoice := c.invoice(contact, `"DueDate":"2026-12-05","Status":"AUTHORISED"`)
		credit := c.creditNote(contact, `"Status":"AUTHORISED"`)
		c.org.AddAccount("140", "Inventory", "INVENTORY", "NONE")
		c.org.AddAccount("500", "Cost of goods sold", "DIRECTCOSTS", "INPUT2")
		c.org.AddItem("ItemCode123", "x", amount("1"))
		item := c.raw("GET", "Items/ItemCode123", "").text("Items", 0, "ItemID")
		payment := c.must(c.org.Pay(invoice, amount("1")))
		body := string(example)
		if !strings.Contains(path, "Contacts") {
			body = strings.ReplaceAll(body, "430fa14a-f945-44d3-9f97-5df5e28441b8", contact)
			body = strings.ReplaceAll(body, "00000000-0000-0000-0000-000000000000", invoice)
			body = strings.ReplaceAll(body, "c45720a1-ade3-4a38-a064-d15489be6841", invoice)
		}
		if strings.Contains(path, "ID}") || !strings.Contains(path, "CreditNotes") {
			body = strings.ReplaceAll(body, "ACCPAY", "ACCREC") // the example edits a bill; here is a sales invoice
		}
		address := strings.NewReplacer("{ItemID}", item, "{ContactID}", contact, "{InvoiceID}", invoice, "{CreditNoteID}", credit, "{PaymentID}", payment).Replace(path)
		if res := c.raw(strings.ToUpper(method), strings.TrimPrefix(address, "/"), body); res.status != http.StatusOK {
			t.Errorf("%s: %d %s\n%s", p, res.status, res.body, body)
		}
	}
}
