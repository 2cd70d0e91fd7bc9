package xero

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/sync/faults"
	"sf2xero/sync/remote"
	"sf2xero/xero/xerotest"
	"sf2xero/xero/xerotest/conform"
)

// company is a whole Xero in memory: the organisation, the door that breaks calls,
// and a client. With XERO_OPENAPI set, every call passes Xero's own file.
type company struct {
	*Client
	org  *xerotest.Organisation
	door *faults.Door
}

// inCompany runs a test against an organisation in fake time.
func inCompany(t *testing.T, o xerotest.Options, test func(t *testing.T, x *company)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := &company{org: xerotest.New(o)}
		x.door = faults.NewDoor(conform.Handler(t, x.org)) // behind the door: what it breaks on purpose is no finding
		network := &faults.Network{Hosts: map[string]http.Handler{"api.xero.com": x.door, "identity.xero.com": x.door}}
		id, password := x.org.Credentials()
		c, err := New(Options{ClientID: id, ClientSecret: remote.Secret(password), TenantID: strings.ToUpper(x.org.TenantID()), Base: network})
		if err != nil {
			t.Fatal(err)
		}
		x.Client = c
		test(t, x)
		network.Close()
		x.door.Close()
	})
}

func (x *company) create(t *testing.T, k Kind, key string, raw ...string) []Element {
	t.Helper()
	elements, err := x.Do(t.Context(), Create(k, docs(raw...), key), nil)
	if err != nil {
		t.Fatal(err)
	}
	return elements
}

func (x *company) contact(t *testing.T, name string) string {
	t.Helper()
	return x.create(t, Contacts, "contact-"+strings.ReplaceAll(name, " ", "-"), `{"Name":"`+name+`"}`)[0].ID
}

func describe(elements []Element) []string {
	var got []string
	for _, e := range elements {
		causes := []string{e.Status}
		for _, r := range e.Refusals {
			causes = append(causes, r.Cause)
		}
		got = append(got, strings.Join(causes, " "))
	}
	return got
}

func TestContactsInACompany(t *testing.T) {
	t.Parallel()
	inCompany(t, xerotest.Options{Empty: true}, func(t *testing.T, x *company) {
		elements := x.create(t, Contacts, "one",
			`{"Name":"Acme","ContactNumber":"001000000000001AAA","EmailAddress":"a@acme.example","Addresses":[{"AddressType":"POBOX","City":"Napier"}],"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"123"}]}`,
			`{"Name":"Bolt & Sons","AccountNumber":"B-1"}`)
		if got, want := describe(elements), []string{"ACTIVE", "ACTIVE"}; !slices.Equal(got, want) {
			t.Fatalf("got %q", got)
		}
		again := x.create(t, Contacts, "two", `{"Name":"ACME"}`, `{"Name":"Other","ContactNumber":"001000000000001AAA"}`, `{"Name":"Cargo"}`)
		if !again[0].Refusals[0].Exists || !again[1].Refusals[0].Exists || len(again[2].Refusals) != 0 || again[0].ID != "" {
			t.Errorf("got %q", describe(again))
		}
		edit, err := Edit(Contacts, docs(fmt.Sprintf(`{"ContactID":%q,"EmailAddress":"b@acme.example"}`, elements[0].ID)), "three")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Do(t.Context(), edit, nil); err != nil {
			t.Fatal(err)
		}
		items, _, err := collect(t.Context(), x.Client, Contacts, Filter{Archived: true, IDs: []string{elements[0].ID}})
		if err != nil || len(items) != 1 {
			t.Fatalf("got %q (%v)", items, err)
		}
		c, err := DecodeContact(json.RawMessage(items[0]))
		if err != nil {
			t.Fatal(err)
		}
		if c.Name != "Acme" || c.ContactNumber != "001000000000001AAA" || c.EmailAddress != "b@acme.example" ||
			!slices.Equal(c.Addresses, []Address{{AddressType: "POBOX", City: "Napier"}}) ||
			!slices.Equal(c.Phones, []Phone{{PhoneType: "DEFAULT", PhoneNumber: "123"}}) || c.UpdatedDateUTC.IsZero() {
			t.Errorf("got %+v", c)
		}
		unknown, err := Edit(Contacts, docs(`{"ContactID":"11111111-2222-3333-4444-555555555555","Name":"Nobody"}`), "four")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Do(t.Context(), unknown, nil); remote.ClassOf(err) != remote.BadRecord {
			t.Errorf("an unknown contact: %v", err)
		}
	})
}

func invoiceFor(contact, number, lines string) string {
	return fmt.Sprintf(`{"Type":"ACCREC","Contact":{"ContactID":%q},"InvoiceNumber":%q,"Date":"2026-11-01","DueDate":"2026-12-01","LineAmountTypes":"Exclusive","LineItems":%s}`, contact, number, lines)
}

func TestInvoicesInACompany(t *testing.T) {
	t.Parallel()
	inCompany(t, xerotest.Options{Empty: true}, func(t *testing.T, x *company) {
		ref, err := x.Reference(t.Context(), Needs{Tracking: true, Items: true, Themes: true})
		if err != nil {
			t.Fatal(err)
		}
		if ref.Organisation.BaseCurrency != "NZD" || ref.Location().String() != "Pacific/Auckland" || !slices.Contains(ref.Currencies, "AUD") || len(ref.Themes) == 0 || ref.Read.IsZero() {
			t.Errorf("reference data: %+v", ref)
		}
		if err := ref.TrackingOption("Region", "North"); err != nil {
			t.Error(err)
		}
		acme := x.contact(t, "Acme")
		lines := `[{"Description":"Licence","Quantity":3,"UnitAmount":33.3333,"AccountCode":"200","TaxType":"OUTPUT2","Tracking":[{"Name":"Region","Option":"North"}]},
			{"Description":"Services","Quantity":1.5,"UnitAmount":100.10,"DiscountRate":20,"AccountCode":"210","TaxType":"ZERORATED"}]`
		elements := x.create(t, Invoices, "first",
			invoiceFor(acme, "D-1", lines),
			invoiceFor(acme, "D-1", lines),
			invoiceFor(acme, "D-2", strings.Replace(lines, `"200"`, `"9999"`, 1)),
			invoiceFor("11111111-2222-3333-4444-555555555555", "D-3", lines),
			strings.Replace(invoiceFor(acme, "D-4", lines), `"Type"`, `"CurrencyCode":"EUR","Type"`, 1))
		got := describe(elements)
		if got[0] != "DRAFT" || elements[0].ID == "" || len(elements) != 5 || !elements[1].Refusals[0].Exists {
			t.Fatalf("got %q", got)
		}
		for i, cause := range map[int]string{1: "exists.invoice_number", 4: "currency.unsubscribed"} {
			if elements[i].ID != "" || len(elements[i].Refusals) == 0 || elements[i].Refusals[0].Cause != cause {
				t.Errorf("element %d: got %+v, want %s", i, elements[i].Refusals, cause)
			}
		}
		if e := elements[2]; e.ID == "" || len(e.Warnings) != 1 || Classify(e.Warnings[0]).Cause != "account.unknown" {
			t.Errorf("a draft with an unknown account: %+v", e)
		}
		if len(elements[3].Refusals) == 0 {
			t.Error("an invoice for an unknown contact was taken")
		}

		echo, err := DecodeInvoice(elements[0].JSON)
		if err != nil {
			t.Fatal(err)
		}
		var meant Invoice
		if err := json.Unmarshal([]byte(invoiceFor(acme, "D-1", lines)), &meant); err != nil {
			t.Fatal(err)
		}
		p, err := Predict(meant, ref)
		if err != nil || !echo.SubTotal.Equal(p.Sub) || !echo.TotalTax.Equal(p.Tax) || !echo.Total.Equal(p.Total) || len(p.Ties) != 0 {
			t.Errorf("Xero came to %s + %s = %s, predicted %+v (%v)", echo.SubTotal, echo.TotalTax, echo.Total, p, err)
		}
		if echo.Date != "2026-11-01" || echo.DueDate != "2026-12-01" || echo.Contact.Name != "Acme" || echo.LineItems[0].UnitAmount.String() != "33.3333" ||
			echo.LineItems[0].Tracking[0].Option != "North" || echo.LineItems[0].LineItemID == "" || echo.CurrencyCode != "NZD" {
			t.Errorf("the echo says %+v", echo)
		}

		items, pages, err := collect(t.Context(), x.Client, Invoices, Filter{Numbers: []string{"D-1"}})
		if err != nil || len(items) != 1 || !pages[len(pages)-1].Last {
			t.Fatalf("got %q (%v)", items, err)
		}
		listed, err := DecodeInvoice(json.RawMessage(items[0]))
		if err != nil || listed.InvoiceID != echo.InvoiceID || !listed.Total.Equal(echo.Total) || listed.LineItems[1].UnitAmount.String() != echo.LineItems[1].UnitAmount.String() {
			t.Errorf("listed %+v (%v)", listed, err)
		}

		promote, err := Edit(Invoices, docs(fmt.Sprintf(`{"InvoiceID":%q,"Status":"AUTHORISED"}`, echo.InvoiceID)), "second")
		if err != nil {
			t.Fatal(err)
		}
		promoted, err := x.Do(t.Context(), promote, nil)
		if err != nil || describe(promoted)[0] != "AUTHORISED" {
			t.Fatalf("got %q (%v)", describe(promoted), err)
		}
		if _, err := x.org.Pay(echo.InvoiceID, decimal.RequireFromString("50.05")); err != nil {
			t.Fatal(err)
		}
		items, _, err = collect(t.Context(), x.Client, Invoices, Filter{IDs: []string{echo.InvoiceID}})
		if err != nil || len(items) != 1 {
			t.Fatalf("got %q (%v)", items, err)
		}
		paid, err := DecodeInvoice(json.RawMessage(items[0]))
		if err != nil || paid.AmountPaid.String() != "50.05" || len(paid.Payments) != 1 || paid.Payments[0].PaymentID == "" ||
			!paid.AmountDue.Decimal.Equal(paid.Total.Sub(paid.AmountPaid.Decimal)) {
			t.Errorf("after a payment: %+v (%v)", paid, err)
		}
		back, err := Edit(Invoices, docs(fmt.Sprintf(`{"InvoiceID":%q,"Status":"DRAFT"}`, echo.InvoiceID)), "third")
		if err != nil {
			t.Fatal(err)
		}
		refused, err := x.Do(t.Context(), back, nil)
		if err != nil || len(refused) != 1 || len(refused[0].Refusals) == 0 {
			t.Errorf("an approved invoice went back to draft: %q (%v)", describe(refused), err)
		}
	})
}

func TestCreditNotesInACompany(t *testing.T) {
	t.Parallel()
	inCompany(t, xerotest.Options{Empty: true}, func(t *testing.T, x *company) {
		acme := x.contact(t, "Acme")
		note := func(number, lines string) string {
			return fmt.Sprintf(`{"Type":"ACCRECCREDIT","Contact":{"ContactID":%q},"CreditNoteNumber":%q,"Date":"2026-11-01","LineAmountTypes":"Exclusive","LineItems":%s}`, acme, number, lines)
		}
		lines := `[{"Description":"Licence, taken back","Quantity":3,"UnitAmount":33.3333,"AccountCode":"200","TaxType":"OUTPUT2"}]`
		elements := x.create(t, CreditNotes, "first", note("CN-1", lines), note("cn-1", lines), note("CN-2", strings.Replace(lines, `"Quantity"`, `"DiscountRate":5,"Quantity"`, 1)))
		if got := describe(elements); got[0] != "DRAFT" || elements[0].ID == "" || !elements[1].Refusals[0].Exists {
			t.Fatalf("got %q", got)
		}
		for i, cause := range map[int]string{1: "exists.credit_note_number", 2: "discount.refused"} {
			if elements[i].ID != "" || elements[i].Refusals[0].Cause != cause {
				t.Errorf("element %d: got %+v, want %s", i, elements[i].Refusals, cause)
			}
		}
		promote, err := Edit(CreditNotes, docs(fmt.Sprintf(`{"CreditNoteID":%q,"Status":"AUTHORISED"}`, elements[0].ID)), "second")
		if err != nil {
			t.Fatal(err)
		}
		if promoted, err := x.Do(t.Context(), promote, nil); err != nil || describe(promoted)[0] != "AUTHORISED" {
			t.Fatalf("got %q (%v)", describe(promoted), err)
		}
		items, _, err := collect(t.Context(), x.Client, CreditNotes, Filter{})
		if err != nil || len(items) != 1 || !strings.Contains(items[0], `"UnitAmount":33.3333`) || !strings.Contains(items[0], `"RemainingCredit":115.00`) {
			t.Fatalf("got %q (%v)", items, err)
		}
		back, err := Edit(CreditNotes, docs(fmt.Sprintf(`{"CreditNoteID":%q,"Status":"DRAFT"}`, elements[0].ID)), "third")
		if err != nil {
			t.Fatal(err)
		}
		if refused, err := x.Do(t.Context(), back, nil); err != nil || len(refused) != 1 || refused[0].Refusals[0].Cause != "status.modification" {
			t.Errorf("an approved credit note went back to draft: %q (%v)", describe(refused), err)
		}
	})
}

func TestItemsInACompany(t *testing.T) {
	t.Parallel()
	inCompany(t, xerotest.Options{Empty: true}, func(t *testing.T, x *company) {
		elements := x.create(t, Items, "first", `{"Code":"LIC","Name":"Licence","IsSold":true,"SalesDetails":{"UnitPrice":33.3333,"AccountCode":"200"}}`,
			`{"Code":"lic","Name":"Again"}`, `{"Code":"OAR","SalesDetails":{"AccountCode":"999"}}`)
		if elements[0].ID == "" || len(elements[0].Refusals) != 0 || !elements[1].Refusals[0].Exists || elements[1].ID != "" {
			t.Fatalf("got %q", describe(elements))
		}
		for i, cause := range map[int]string{1: "exists.item_code", 2: "account.unknown"} {
			if elements[i].Refusals[0].Cause != cause {
				t.Errorf("element %d: got %+v, want %s", i, elements[i].Refusals, cause)
			}
		}
		edit, err := Edit(Items, docs(fmt.Sprintf(`{"ItemID":%q,"Code":"LIC","Name":"Licence A"}`, elements[0].ID)), "second")
		if err != nil {
			t.Fatal(err)
		}
		if edited, err := x.Do(t.Context(), edit, nil); err != nil || len(edited[0].Refusals) != 0 {
			t.Fatalf("got %q (%v)", describe(edited), err)
		}
		items, pages, err := collect(t.Context(), x.Client, Items, Filter{})
		if err != nil || len(items) != 1 || !pages[0].Last || !strings.Contains(items[0], `"UnitPrice":33.3333`) || !strings.Contains(items[0], `"Name":"Licence A"`) {
			t.Errorf("got %q (%v)", items, err)
		}
	})
}

func TestWhatBrokenCallsLeaveBehind(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fault faults.Fault
		class remote.Class // 0: done
		sent  bool
		books int // invoices right after the call
		later int // and when everything late has arrived
	}{
		{faults.Fault{Kind: "status", Status: 503}, remote.Unknown, true, 0, 0},
		{faults.Fault{Kind: "status", Status: 500, Done: true}, remote.Unknown, true, 1, 1},
		{faults.Fault{Kind: "status", Status: 429, RetryAfter: 20, Problem: "minute"}, remote.Throttled, true, 0, 0},
		{faults.Fault{Kind: "drop_before"}, remote.Unknown, true, 0, 0},
		{faults.Fault{Kind: "drop_after"}, remote.Unknown, true, 1, 1},
		{faults.Fault{Kind: "late", DelayMS: 60_000}, remote.Unknown, true, 0, 1},
		{faults.Fault{Kind: "hang", DelayMS: 30_000}, 0, false, 1, 1},
		{faults.Fault{Kind: "hang", DelayMS: 300_000}, remote.Unknown, true, 1, 1},
		{faults.Fault{Kind: "twice"}, 0, false, 1, 1}, // Xero gives the second the first's answer
		{faults.Fault{Kind: "truncate"}, remote.Unknown, true, 1, 1},
		{faults.Fault{Kind: "malformed"}, remote.Unknown, true, 1, 1},
	} {
		name := fmt.Sprint(tc.fault.Kind, " ", tc.fault.Status, " ", tc.fault.DelayMS)
		t.Run(name, func(t *testing.T) {
			inCompany(t, xerotest.Options{Empty: true}, func(t *testing.T, x *company) {
				acme := x.contact(t, "Acme")
				tc.fault.Method, tc.fault.Path = "PUT", "/api.xro/2.0/Invoices"
				if err := x.door.Add(tc.fault); err != nil {
					t.Fatal(err)
				}
				announced := 0
				call := Create(Invoices, docs(invoiceFor(acme, "D-1", `[{"Description":"x","Quantity":1,"UnitAmount":1,"AccountCode":"200","TaxType":"OUTPUT2"}]`)), "k")
				elements, err := x.Do(t.Context(), call, func() error { announced++; return nil })
				if announced != 1 || remote.ClassOf(err) != tc.class || len(x.org.Invoices()) != tc.books {
					t.Errorf("announced %d times, %v, %d invoices", announced, err, len(x.org.Invoices()))
				}
				if tc.class == 0 && (len(elements) != 1 || len(elements[0].Refusals) != 0) {
					t.Errorf("got %q", describe(elements))
				}
				time.Sleep(10 * time.Minute)
				if got := len(x.org.Invoices()); got != tc.later {
					t.Errorf("%d invoices in the end, want %d", got, tc.later)
				}
			})
		})
	}
}

func TestAnExpiredTokenInACompany(t *testing.T) {
	t.Parallel()
	inCompany(t, xerotest.Options{Empty: true}, func(t *testing.T, x *company) {
		acme := x.contact(t, "Acme")
		for n, spoil := range []func(){x.org.ExpireTokens, x.org.RevokeTokens} {
			spoil()
			announced := 0
			_, err := x.Do(t.Context(), Create(Invoices, docs(invoiceFor(acme, fmt.Sprint("D-", n), `[{"Description":"x"}]`)), fmt.Sprint("k", n)), func() error { announced++; return nil })
			if err != nil || announced != 2 || len(x.org.Invoices()) != n+1 {
				t.Errorf("%v after %d transmissions, %d invoices", err, announced, len(x.org.Invoices()))
			}
			spoil()
			if _, _, err := collect(t.Context(), x.Client, Contacts, Filter{}); err != nil {
				t.Errorf("a read: %v", err)
			}
		}
	})
}

func TestAMissingPermissionDoesNotBurnTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := xerotest.New(xerotest.Options{})
		door := faults.NewDoor(org)
		network := &faults.Network{Hosts: map[string]http.Handler{"api.xero.com": door, "identity.xero.com": door}}
		id, password := org.Credentials()
		c, err := New(Options{ClientID: id, ClientSecret: remote.Secret(password), TenantID: org.TenantID(), Base: network, Scopes: []string{"accounting.contacts"}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Do(t.Context(), Create(Invoices, docs(`{}`), "k"), nil)
		if remote.ClassOf(err) != remote.Auth || !strings.Contains(err.Error(), "accounting.contacts") {
			t.Errorf("got %v", err)
		}
		for _, count := range door.Counts() {
			if count.Count != 1 {
				t.Errorf("%+v", count)
			}
		}
		network.Close()
	})
}

func TestACompanysLimitsAreNeverReached(t *testing.T) {
	t.Parallel()
	o := xerotest.Options{Latency: func(method, path string) time.Duration { return 700 * time.Millisecond }}
	inCompany(t, o, func(t *testing.T, x *company) {
		if _, err := x.Tenants(t.Context()); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for n := range 150 {
			all.Go(func() {
				var err error
				if n%2 == 0 {
					_, _, err = collect(t.Context(), x.Client, Items, Filter{})
				} else {
					_, err = x.Do(t.Context(), Create(Contacts, docs(fmt.Sprintf(`{"Name":"C %d"}`, n)), fmt.Sprint("k", n)), nil)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if x.door.MaxPerMinute() > 60 || x.door.MaxInFlight() > 5 {
			t.Errorf("%d calls in a minute, %d in flight", x.door.MaxPerMinute(), x.door.MaxInFlight())
		}
		for _, count := range x.door.Counts() {
			if count.Status != 200 {
				t.Errorf("%+v", count)
			}
		}
	})
}

func TestWrongCredentialsInACompany(t *testing.T) {
	t.Parallel()
	inCompany(t, xerotest.Options{}, func(t *testing.T, x *company) {
		x.Use("11111111-2222-3333-4444-555555555555")
		_, err := x.Reference(t.Context(), Needs{})
		if remote.ClassOf(err) != remote.Auth || !strings.Contains(err.Error(), "xero.tenant_id") {
			t.Errorf("a foreign organisation: %v", err)
		}
		x.auth.config.ClientSecret = "wrong"
		x.org.RevokeTokens()
		_, err = x.Tenants(t.Context())
		if remote.ClassOf(err) != remote.Auth || !strings.Contains(err.Error(), "xero.client_secret") {
			t.Errorf("a wrong secret: %v", err)
		}
	})
}
