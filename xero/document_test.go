package xero

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestDecodeInvoice(t *testing.T) {
	t.Parallel()
	in, err := DecodeInvoice(json.RawMessage(`{"Type":"ACCREC","InvoiceID":"a","RepeatingInvoiceID":"` + noID + `","BrandingThemeID":"` + noID + `",
		"DateString":"2026-11-01T00:00:00","Date":"/Date(1793404800000+0000)/","DueDateString":"2026-12-01T00:00:00","DueDate":"/Date(1795996800000+0000)/",
		"FullyPaidOnDate":"/Date(1793491200000+0000)/","UpdatedDateUTC":"/Date(1793491200123+0000)/","Total":115.00,"AmountDue":0.00,"CurrencyRate":1.0000000000,
		"Contact":{"ContactID":"c","Name":"Acme","Phones":[],"EmailAddress":"x@example.com"},
		"LineItems":[{"LineItemID":"l","Quantity":1.0000,"UnitAmount":100.0000,"Tracking":[]}],
		"Payments":[{"PaymentID":"p","Date":"/Date(1793491200000+0000)/","Amount":115.00,"CurrencyRate":1}],"CreditNotes":[],"SentToContact":false}`))
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	// The String twins win: the /Date/ values here are a day off, as a wrong time zone makes them.
	want := `{"Type":"ACCREC","InvoiceID":"a","Contact":{"ContactID":"c","Name":"Acme"},"Date":"2026-11-01","DueDate":"2026-12-01",` +
		`"LineItems":[{"LineItemID":"l","Quantity":1.0000,"UnitAmount":100.0000}],"CurrencyRate":1.0000000000,"SentToContact":false,` +
		`"Total":115.00,"AmountDue":0.00,"FullyPaidOnDate":"2026-11-01","Payments":[{"PaymentID":"p","Date":"2026-11-01","Amount":115.00}],` +
		`"UpdatedDateUTC":"2026-11-01T00:00:00.123Z"}`
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Error(diff)
	}
	again, err := DecodeInvoice(out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, again, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("read, written and read again: %s", diff)
	}
	if _, err := DecodeInvoice(json.RawMessage(`{"Total":"much"}`)); err == nil {
		t.Error("an invoice whose total is no number was read")
	}
}

// Xero's lists show of a discount the rate alone, be it sent as an amount: 20.00 off 2 x 148.00 is 6.76 %.
func TestTheDiscountThatListsLeaveOut(t *testing.T) {
	t.Parallel()
	const listed = `"LineItemID":"l","TaxAmount":0,`
	for line, want := range map[string]string{
		listed + `"Quantity":2.0000,"UnitAmount":148.0000,"LineAmount":276.00,"DiscountRate":6.76`:                        "20.00",
		listed + `"Quantity":2.0000,"UnitAmount":148.0000,"LineAmount":276.00,"DiscountRate":6.76,"DiscountAmount":19.99`: "19.99", // as it stands where Xero shows it
		listed + `"Quantity":1.0000,"UnitAmount":22.5000,"LineAmount":19.13,"DiscountRate":15.00`:                         "3.37",
		listed + `"Quantity":1.0000,"UnitAmount":0.1250,"LineAmount":0.12,"DiscountRate":0.00`:                            "0.00", // rounded the other way
		listed + `"Quantity":1.0000,"UnitAmount":99.9900,"LineAmount":99.98,"DiscountRate":0.01`:                          "0.01",
		listed + `"Quantity":1.0000,"UnitAmount":100.0000,"LineAmount":100.00`:                                            "",
		`"Quantity":2,"UnitAmount":148,"LineAmount":276,"DiscountRate":6.76`:                                              "", // one of ours
	} {
		in, err := DecodeInvoice(json.RawMessage(`{"LineItems":[{` + line + `}]}`))
		if err != nil || in.LineItems[0].DiscountAmount.String() != want {
			t.Errorf("%s: DiscountAmount %s, want %s (%v)", line, in.LineItems[0].DiscountAmount, want, err)
		}
	}
}

func TestDecodeContact(t *testing.T) {
	t.Parallel()
	c, err := DecodeContact(json.RawMessage(`{"ContactID":"c","MergedToContactID":"` + noID + `","ContactStatus":"ACTIVE","Name":"Acme","EmailAddress":"","BankAccountDetails":"",
		"Addresses":[{"AddressType":"STREET","City":"","Region":"","PostalCode":"","Country":""},{"AddressType":"POBOX","City":"Napier","Region":""}],
		"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"","PhoneAreaCode":"","PhoneCountryCode":""},{"PhoneType":"MOBILE","PhoneNumber":"555","PhoneAreaCode":""}],
		"PaymentTerms":{},"UpdatedDateUTC":"/Date(1793491200000+0000)/","IsCustomer":true}`))
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"ContactID":"c","ContactStatus":"ACTIVE","Name":"Acme","Addresses":[{"AddressType":"POBOX","City":"Napier"}],"Phones":[{"PhoneType":"MOBILE","PhoneNumber":"555"}],"UpdatedDateUTC":"2026-11-01T00:00:00Z"}`
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Error(diff)
	}
	merged, err := DecodeContact(json.RawMessage(`{"ContactID":"c","MergedToContactID":"d","PaymentTerms":{"Sales":{"Day":20,"Type":"OFFOLLOWINGMONTH"}}}`))
	if err != nil || merged.MergedToContactID != "d" || *merged.PaymentTerms.Sales.Day != 20 {
		t.Errorf("got %+v (%v)", merged, err)
	}
}
