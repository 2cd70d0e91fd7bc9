package xero

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sf2xero/xero/xerotest"
)

// What people report of Xero, met by this client.

// In either of its spellings Xero's word that something is there already is known as that.
func TestWhatIsThereAlreadyIsKnownInBothSpellings(t *testing.T) {
	t.Parallel()
	for _, other := range []bool{false, true} {
		inCompany(t, xerotest.Options{Empty: true, OtherWords: other}, func(t *testing.T, x *company) {
			x.create(t, Contacts, "one", `{"Name":"Acme","ContactNumber":"N1","AccountNumber":"A1"}`)
			again := x.create(t, Contacts, "two", `{"Name":"ACME"}`, `{"Name":"Other","ContactNumber":"N1"}`, `{"Name":"Third","AccountNumber":"A1"}`)
			for i, cause := range []string{"exists.name", "exists.contact_number", "exists.account_number"} {
				if r := again[i].Refusals; len(r) != 1 || r[0].Cause != cause || !r[0].Exists {
					t.Errorf("other words %v: %+v, want %s", other, r, cause)
				}
			}
		})
	}
}

// Customers are matched by what identifies them, and all of that stands in a list.
func TestAContactsNumbersAreReadFromAList(t *testing.T) {
	t.Parallel()
	inCompany(t, xerotest.Options{Empty: true}, func(t *testing.T, x *company) {
		if _, err := x.org.AddContact(xerotest.EditableContact{Name: "Tui", AccountNumber: "A1", EmailAddress: "a@tui.example", CompanyNumber: "9429", TaxNumber: "101-2-303"}); err != nil {
			t.Fatal(err)
		}
		for _, f := range []Filter{{}, {Archived: true}, {Where: `TaxNumber=="101-2-303"`}, {Where: `CompanyNumber=="9429"`}, {Where: `EmailAddress=="A@tui.example"`}} {
			items, _, err := collect(t.Context(), x.Client, Contacts, f)
			if err != nil || len(items) != 1 {
				t.Fatalf("%+v: %q (%v)", f, items, err)
			}
			c, err := DecodeContact(json.RawMessage(items[0]))
			if err != nil || c.AccountNumber != "A1" || c.EmailAddress != "a@tui.example" || c.CompanyNumber != "9429" || c.TaxNumber != "101-2-303" {
				t.Errorf("%+v: %+v (%v)", f, c, err)
			}
		}
	})
}

// What lists leave out of a discount is worked out; so a document reads the same wherever it was shown.
func TestADiscountReadsTheSameInAListAndAlone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		price string
		even  bool
	}{{"148", false}, {"148.0125", false}, {"148.0126", true}} {
		inCompany(t, xerotest.Options{Empty: true, HalfEven: tc.even}, func(t *testing.T, x *company) {
			ref, err := x.Reference(t.Context(), Needs{})
			if err != nil {
				t.Fatal(err)
			}
			acme := x.contact(t, "Acme")
			var sent []string
			for i, discount := range []string{`"DiscountAmount":20`, `"DiscountAmount":0`, `"DiscountRate":6.756`, `"DiscountRate":0`, `"TaxType":"OUTPUT2"`} {
				sent = append(sent, invoiceFor(acme, fmt.Sprint("D-", i), strings.Replace(`[{"Description":"A","Quantity":2,"UnitAmount":PRICE,"AccountCode":"200","TaxType":"OUTPUT2",`+discount+`},
					{"Description":"B","Quantity":3,"UnitAmount":-0.3333,"AccountCode":"200","TaxType":"OUTPUT2"}]`, "PRICE", tc.price, 1)))
			}
			made := x.create(t, Invoices, "one", sent...)
			items, _, err := collect(t.Context(), x.Client, Invoices, Filter{})
			if err != nil || len(items) != len(made) {
				t.Fatalf("%d listed (%v)", len(items), err)
			}
			listed := map[string]Invoice{}
			for _, item := range items {
				in, err := DecodeInvoice(json.RawMessage(item))
				if err != nil {
					t.Fatal(err)
				}
				listed[in.InvoiceID] = in
			}
			for i, e := range made {
				alone, err := DecodeInvoice(e.JSON)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(alone.LineItems, listed[e.ID].LineItems); diff != "" {
					t.Errorf("%s: %s", sent[i], diff)
				}
				p, err := Predict(alone, ref)
				if err != nil || !p.Total.Equal(alone.Total) {
					t.Errorf("%s: %s is predicted as %s (%v)", sent[i], alone.Total, p.Total, err)
				}
			}
		})
	}
}
