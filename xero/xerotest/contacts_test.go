package xerotest_test

import (
	"fmt"
	"strings"
	"testing"

	"sf2xero/xero/xerotest"
)

const (
	nameTaken = "The contact name %s is already assigned to another contact. The contact name must be unique across all active contacts."
	archived  = "The specified contact details matched an archived contact. Archived contacts cannot currently be edited via the API."
)

// people is an organisation with Acme (number N1, account A1), Old (archived, number N2) and Other.
func people(t *testing.T) (c *client, acme, old, other string) {
	t.Helper()
	c = open(t, xerotest.Options{Empty: true})
	add := func(e xerotest.EditableContact) string {
		id, err := c.org.AddContact(e)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	acme = add(xerotest.EditableContact{Name: "Acmé", ContactNumber: "N1", AccountNumber: "A1", EmailAddress: "a@acme.example"})
	old = add(xerotest.EditableContact{Name: "Old", ContactNumber: "N2"})
	other = add(xerotest.EditableContact{Name: "Other"})
	if err := c.org.ArchiveContact(old); err != nil {
		t.Fatal(err)
	}
	return c, acme, old, other
}

func TestContactIsRefused(t *testing.T) {
	t.Parallel()
	c, acme, old, other := people(t)
	long := strings.Repeat("x", 256)
	cases := map[string]struct{ method, body, text string }{
		"a name that is taken":               {"PUT", `{"Name":"Acmé"}`, fmt.Sprintf(nameTaken, "Acmé")},
		"a name taken, in other letters":     {"PUT", `{"Name":"ACME"}`, fmt.Sprintf(nameTaken, "ACME")},
		"a number that is taken":             {"PUT", `{"Name":"New","ContactNumber":"n1"}`, "Another contact has this contact number. Please enter a different contact number."},
		"a number an archived contact keeps": {"PUT", `{"Name":"New","ContactNumber":"N2"}`, "Another contact has this contact number. Please enter a different contact number."},
		"an account number that is taken":    {"PUT", `{"Name":"New","AccountNumber":"A1"}`, "The Account Number already exists. Please enter a different Account Number."},
		"renaming to a name that is taken":   {"POST", `{"ContactID":"` + other + `","Name":"acmé"}`, fmt.Sprintf(nameTaken, "acmé")},
		"number of one, name of another":     {"POST", `{"ContactNumber":"N1","Name":"Other"}`, fmt.Sprintf(nameTaken, "Other")},
		"editing an archived contact":        {"POST", `{"ContactID":"` + old + `","Name":"Old 2"}`, archived},
		"restoring an archived contact":      {"POST", `{"ContactID":"` + old + `","ContactStatus":"ACTIVE"}`, archived},
		"matching an archived one by number": {"POST", `{"ContactNumber":"N2","Name":"New"}`, archived},
		"nothing to know it by":              {"PUT", `{"EmailAddress":"a@b.example"}`, "The Contact must contain at least 1 of the following elements to identify the contact: Name, ContactID, ContactNumber"},
		"a number without a name":            {"PUT", `{"ContactNumber":"N9"}`, "Contact Name cannot be empty."},
		"emptying the name":                  {"POST", `{"ContactID":"` + acme + `","Name":""}`, "Contact Name cannot be empty."},
		"brackets in the name":               {"PUT", `{"Name":"A <b>"}`, "The contact name cannot contain the characters < or >"},
		"two blanks in the name":             {"PUT", `{"Name":"A  b"}`, "The contact name cannot have leading, trailing or repeated spaces"},
		"a name that is too long":            {"PUT", `{"Name":"` + long + `"}`, "The field Name must be a string with a maximum length of 255."},
		"an umlaut in the address":           {"PUT", `{"Name":"New","EmailAddress":"mü@b.example"}`, "Email address must be valid."},
		"no e-mail address at all":           {"PUT", `{"Name":"New","EmailAddress":"nobody"}`, "Email address must be valid."},
		"people without a primary address":   {"PUT", `{"Name":"New","ContactPersons":[{"FirstName":"A"}]}`, "Additional people cannot be added when the primary person has no email address set."},
		"six people": {"PUT", `{"Name":"New","EmailAddress":"a@b.example","ContactPersons":[{},{},{},{},{},{}]}`,
			"A contact can have at most 5 additional people"},
		"a currency that is not enabled": {"PUT", `{"Name":"New","DefaultCurrency":"EUR"}`, "Organisation is not subscribed to currency EUR"},
		"digits in the country":          {"PUT", `{"Name":"New","Addresses":[{"AddressType":"POBOX","Country":"NZ1"}]}`, "Country can only contain letters."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			before := fmt.Sprintf("%+v", c.org.Contacts())
			for _, path := range []string{"Contacts", "Contacts?summarizeErrors=false"} {
				through := *c
				through.t = t
				res := through.raw(tc.method, path, `{"Contacts":[`+tc.body+`]}`)
				res.wantError("Contacts", tc.text)
				if path != "Contacts" && (res.text("Contacts", 0, "StatusAttributeString") != "ERROR" || res.text("Contacts", 0, "HasValidationErrors") != "true") {
					t.Errorf("the element does not say that it failed: %s", res.body)
				}
			}
			if after := fmt.Sprintf("%+v", c.org.Contacts()); after != before {
				t.Errorf("a refusal changed the books:\n%s\n%s", before, after)
			}
		})
	}
}

func TestPostWithoutIDEditsWhateverMatches(t *testing.T) {
	t.Parallel()
	c, acme, _, _ := people(t)
	for i, body := range []string{`{"Name":"ACMÉ","EmailAddress":"1@b.example"}`, `{"ContactNumber":"N1","EmailAddress":"1@b.example"}`} {
		res := c.send("POST", "Contacts", `{"Contacts":[`+body+`]}`).want(200)
		if res.text("Contacts", 0, "ContactID") != acme {
			t.Errorf("case %d made another contact: %s", i, res.body)
		}
	}
	if v, _ := c.org.Contact(acme); v.EmailAddress != "1@b.example" {
		t.Errorf("%+v", v)
	}
	res := c.raw("POST", "Contacts", `{"Name":"Old"}`).want(200) // an archived contact's name is free
	if len(c.org.Contacts()) != 4 {
		t.Errorf("no new contact: %s", res.body)
	}
}

func TestPartialUpdateOfAContact(t *testing.T) {
	t.Parallel()
	c, acme, _, _ := people(t)
	c.send("POST", "Contacts", `{"Contacts":[{"ContactID":"`+acme+`","EmailAddress":"b@acme.example","ContactPersons":[{"FirstName":"P","EmailAddress":"p@acme.example"}],
		"Addresses":[{"AddressType":"POBOX","AddressLine1":"1 Road","City":"Town"}],"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"}],
		"PaymentTerms":{"Sales":{"Day":20,"Type":"OFFOLLOWINGMONTH"}}}]}`).want(200)
	res := c.send("POST", "Contacts/"+acme, `{"Contacts":[{"Addresses":[{"AddressType":"POBOX","City":""},{"AddressType":"STREET","City":"S"}]}]}`).want(200)
	for path, want := range map[string]string{"Name": "Acmé", "ContactNumber": "N1", "AccountNumber": "A1", "EmailAddress": "b@acme.example"} {
		if got := res.text("Contacts", 0, path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	for i, want := range []string{"S", ""} {
		if got := res.text("Contacts", 0, "Addresses", i, "City"); got != want {
			t.Errorf("city %d is %q, want %q", i, got, want)
		}
	}
	if res.text("Contacts", 0, "Addresses", 1, "AddressLine1") != "1 Road" || res.len("Contacts", 0, "Phones") != 4 ||
		res.text("Contacts", 0, "ContactPersons", 0, "FirstName") != "P" || res.text("Contacts", 0, "PaymentTerms", "Sales", "Day") != "20" {
		t.Errorf("what was not sent is gone: %s", res.body)
	}
	if got := c.send("POST", "Contacts", `{"Contacts":[{"ContactID":"`+acme+`","ContactPersons":[]}]}`).want(200).len("Contacts", 0, "ContactPersons"); got != 0 {
		t.Errorf("%d persons left: the list is replaced as a whole", got)
	}
}

func TestUnknownContactRefusesTheWholeCall(t *testing.T) {
	t.Parallel()
	c, _, _, _ := people(t)
	res := c.send("POST", "Contacts?summarizeErrors=false", `{"Contacts":[{"Name":"New"},{"ContactID":"11111111-1111-1111-1111-111111111111","Name":"X"}]}`).want(404)
	if !strings.HasPrefix(res.header.Get("Content-Type"), "text/html") {
		t.Errorf("404 as %s", res.header.Get("Content-Type"))
	}
	if len(c.org.Contacts()) != 3 {
		t.Error("the good element was stored")
	}
}

func TestArchivingThroughTheAPI(t *testing.T) {
	t.Parallel()
	c, acme, _, _ := people(t)
	c.send("POST", "Contacts", `{"Contacts":[{"ContactID":"`+acme+`","ContactStatus":"ARCHIVED"}]}`).want(200)
	c.send("POST", "Contacts", `{"Contacts":[{"ContactID":"`+acme+`","ContactStatus":"ACTIVE"}]}`).wantError("Contacts", archived)
	c.must(c.org.AddContact(xerotest.EditableContact{Name: "Acmé"}))
	if err := c.org.RestoreContact(acme); err == nil || err.Error() != "contact Acmé: "+fmt.Sprintf(nameTaken, "Acmé") {
		t.Errorf("restored beside an active contact of its name: %v", err)
	}
	c.done(c.org.EditContact(acme, func(e *xerotest.EditableContact) { e.Name = "Acmé 2" }))
	c.done(c.org.RestoreContact(acme))
	c.done(c.org.EditContact(acme, func(e *xerotest.EditableContact) { e.Name = "Acmé" }))
	if got := c.send("GET", `Contacts?where=Name%3D%3D%22acme%22&page=1`, "").want(200).len("Contacts"); got != 2 {
		t.Errorf("%d contacts of one name; people can do in the screens what the API refuses", got)
	}
}

func TestMergedContact(t *testing.T) {
	t.Parallel()
	c, acme, _, other := people(t)
	made := c.invoice(acme, "")
	if err := c.org.MergeContacts(other, acme); err != nil {
		t.Fatal(err)
	}
	if got := c.send("GET", "Contacts/"+acme, "").want(200); got.text("Contacts", 0, "MergedToContactID") != other || got.text("Contacts", 0, "ContactStatus") != "ARCHIVED" {
		t.Errorf("%s", got.body)
	}
	list := c.send("GET", "Contacts?includeArchived=true&IDs="+acme, "").want(200)
	if list.text("Contacts", 0, "MergedToContactID") != "" {
		t.Error("an unpaged list shows the merge")
	}
	list = c.send("GET", "Contacts?includeArchived=true&page=1&IDs="+acme, "").want(200)
	if list.text("Contacts", 0, "MergedToContactID") != other {
		t.Error("a paged list does not show the merge")
	}
	if inv, _ := c.org.Invoice(made); inv.ContactID != other {
		t.Errorf("the invoice stays with %s", inv.ContactID)
	}
	c.send("PUT", "Invoices", `{"Invoices":[{"Type":"ACCREC","Contact":{"ContactID":"`+acme+`"},"LineItems":[{"Description":"x"}]}]}`).
		wantError("Invoices", "The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes.")
}

func TestGoodContactsAreStoredThoughTheCallIsRefused(t *testing.T) {
	t.Parallel()
	c, _, _, _ := people(t)
	res := c.send("PUT", "Contacts", `{"Contacts":[{"Name":"Good"},{"Name":"Other"},{"Name":"Better"}]}`).want(400)
	if res.len("Elements") != 1 || res.text("Elements", 0, "Name") != "Other" || res.text("Message") != "A validation exception occurred" {
		t.Errorf("the answer lists more than the bad one: %s", res.body)
	}
	if got := len(c.org.Contacts()); got != 5 {
		t.Errorf("%d contacts, want the two good ones beside the three", got)
	}
	res = c.raw("PUT", "Contacts?SummarizeErrors=False", `{"contacts":[{"name":"Best"},{"NAME":"other"},{"name":"Last"}]}`).want(200)
	for i, want := range []string{"OK", "ERROR", "OK"} {
		if got := res.text("Contacts", i, "StatusAttributeString"); got != want {
			t.Errorf("element %d is %s, want %s, in the order of the request", i, got, want)
		}
	}
	if got := res.text("Contacts", 1, "ContactID"); got != "00000000-0000-0000-0000-000000000000" {
		t.Errorf("a failed new element has the id %s", got)
	}
}

func TestBalances(t *testing.T) {
	t.Parallel()
	c, acme, _, _ := people(t)
	made := c.invoice(acme, `"Date":"2026-10-01","DueDate":"2026-10-20","Status":"AUTHORISED"`)
	c.must(c.org.Pay(made, amount("15.00")))
	res := c.send("GET", "Contacts/"+acme, "").want(200)
	if res.text("Contacts", 0, "Balances", "AccountsReceivable", "Outstanding") != "100.00" || res.text("Contacts", 0, "Balances", "AccountsReceivable", "Overdue") != "100.00" ||
		res.text("Contacts", 0, "IsCustomer") != "true" {
		t.Errorf("%s", res.body)
	}
}
