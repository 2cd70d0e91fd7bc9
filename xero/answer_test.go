package xero

import (
	"fmt"
	"slices"
	"testing"
)

func TestElements(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		kind     Kind
		body     string
		want     []string // "id status"
		refusals []string // "element: where: cause"
		warnings []string
	}{
		{"one stored, one refused", Invoices, `{"Invoices":[
			{"InvoiceID":"a","Status":"DRAFT","StatusAttributeString":"OK","HasErrors":false,"ValidationErrors":[]},
			{"InvoiceID":"00000000-0000-0000-0000-000000000000","Status":"DRAFT","StatusAttributeString":"ERROR","HasErrors":true,
			 "ValidationErrors":[{"Message":"Invoice # must be unique."},{"Message":"Account code must be specified"}]}]}`,
			[]string{"a DRAFT", " DRAFT"}, []string{"1: : exists.invoice_number", "1: : account.missing"}, nil},
		{"refusals inside", Invoices, `{"Invoices":[{"InvoiceID":"00000000-0000-0000-0000-000000000000",
			"Contact":{"ValidationErrors":[{"Message":"The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes."}]},
			"LineItems":[{},{"ValidationErrors":[{"Message":"Account code '9' is not a valid code for this document."}],"Tracking":[{"ValidationErrors":[{"Message":"There is no ACTIVE tracking category with the name 'X'"}]}]}]}]}`,
			[]string{" "}, []string{"0: Contact: contact.archived", "0: LineItems 2: account.unknown", "0: LineItems 2, Tracking 1: tracking.unknown"}, nil},
		{"the same refusal twice is one, where it hangs deepest", Invoices, `{"Invoices":[{"ValidationErrors":[{"Message":"Account code must be specified"}],"LineItems":[{"ValidationErrors":[{"Message":"Account code must be specified"}]}]}]}`,
			[]string{" "}, []string{"0: LineItems 1: account.missing"}, nil},
		{"complained of inside, and stored", Invoices, `{"Invoices":[{"InvoiceID":"a","Status":"DRAFT","StatusAttributeString":"OK","LineItems":[{"ValidationErrors":[{"Message":"Account code '9' has been removed as it does not match a recognised account."}]}]}]}`,
			[]string{"a DRAFT"}, nil, []string{"Account code '9' has been removed as it does not match a recognised account."}},
		{"called OK, and without an id", Invoices, `{"Invoices":[{"InvoiceID":"00000000-0000-0000-0000-000000000000","StatusAttributeString":"OK","ValidationErrors":[{"Message":"Account code must be specified"}]}]}`,
			[]string{" "}, []string{"0: : account.missing"}, nil},
		{"called OK, and erroneous", Invoices, `{"Invoices":[{"InvoiceID":"00000000-0000-0000-0000-000000000000","StatusAttributeString":"OK","HasErrors":true,"ValidationErrors":[{"Message":"Account code must be specified"}]}]}`,
			[]string{" "}, []string{"0: : account.missing"}, nil},
		{"warnings", Invoices, `{"Invoices":[{"InvoiceID":"a","Status":"DRAFT","StatusAttributeString":"WARNING","Warnings":[{"Message":"Account code '9' has been removed as it does not match a recognised account."}]}]}`,
			[]string{"a DRAFT"}, nil, []string{"Account code '9' has been removed as it does not match a recognised account."}},
		{"a warning of the whole answer", Invoices, `{"Warnings":[{"Message":"The rate looks odd"}],"Invoices":[{"InvoiceID":"a","Status":"DRAFT"}]}`,
			[]string{"a DRAFT"}, nil, []string{"The rate looks odd"}},
		{"keys in other cases", Invoices, `{"invoices":[{"invoiceID":"a","status":"DRAFT","validationErrors":[{"message":"Invoice # must be unique."}]}]}`,
			[]string{"a DRAFT"}, []string{"0: : exists.invoice_number"}, nil},
		{"refused without a word", Contacts, `{"Contacts":[{"ContactID":"c","ContactStatus":"ACTIVE","HasValidationErrors":true}]}`,
			[]string{"c ACTIVE"}, []string{"0: : refused.other"}, nil},
		{"an address refused", Contacts, `{"Contacts":[{"ContactID":"c","ContactStatus":"ACTIVE","Addresses":[{"ValidationErrors":["Email address must be valid."]}]}]}`,
			[]string{"c ACTIVE"}, []string{"0: Addresses 1: contact.email"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			elements, err := decodeElements(tc.kind, []byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			var got, refusals, warnings []string
			for i, e := range elements {
				got = append(got, e.ID+" "+e.Status)
				for _, r := range e.Refusals {
					refusals = append(refusals, fmt.Sprintf("%d: %s: %s", i, r.Where, r.Cause))
				}
				warnings = append(warnings, e.Warnings...)
				if len(e.JSON) == 0 {
					t.Errorf("element %d lost its JSON", i)
				}
			}
			if !slices.Equal(got, tc.want) || !slices.Equal(refusals, tc.refusals) || !slices.Equal(warnings, tc.warnings) {
				t.Errorf("got %q, refusals %q, warnings %q", got, refusals, warnings)
			}
		})
	}
}

func TestARefusalTellsItsLinesAndItsField(t *testing.T) {
	t.Parallel()
	const text = "The quantity value '-1.0000' is invalid. Quantity must not be less than zero."
	hung := `{"ValidationErrors":[{"Message":"` + text + `"}]}`
	for _, tc := range []struct{ lines, want string }{
		{``, text},
		{`{},` + hung, "line 2: " + text},
		{`{},` + hung + `,` + hung, "lines 2 and 3: " + text},
		{hung + `,` + hung + `,{},` + hung, "lines 1, 2 and 4: " + text},
	} {
		elements, err := decodeElements(Invoices, []byte(`{"Invoices":[{"HasErrors":true,"ValidationErrors":[{"Message":"`+text+`"}],"LineItems":[`+tc.lines+`]}]}`))
		if err != nil || len(elements[0].Refusals) != 1 {
			t.Fatalf("%s: %+v (%v)", tc.lines, elements, err)
		}
		r := elements[0].Refusals[0]
		if r.String() != tc.want || r.Text != text || r.Field != "Quantity" {
			t.Errorf("got %q of %s, want %q", r, r.Field, tc.want)
		}
	}
	if r := (Refusal{Text: "Email address must be valid.", Where: "Contact"}); r.String() != "Contact: Email address must be valid." {
		t.Errorf("%s", r)
	}
}

func TestARefused400StillNamesItsElements(t *testing.T) {
	t.Parallel()
	s := serveXero(t, answering(400, `{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred",
		"Elements":[{"ContactID":"00000000-0000-0000-0000-000000000000","Name":"A","ValidationErrors":[{"Message":"The contact name A is already assigned to another contact. The contact name must be unique across all active contacts."}]}]}`))
	elements, err := s.client(t).Do(t.Context(), Create(Contacts, docs(`{"Name":"A"}`), "k"), nil)
	if err == nil || len(elements) != 1 || len(elements[0].Refusals) != 1 || !elements[0].Refusals[0].Exists {
		t.Errorf("got %+v (%v)", elements, err)
	}
}
