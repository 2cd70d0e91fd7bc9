package sync_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"

	"sf2xero/xero/xerotest"
)

func TestAWonDealBecomesAnInvoice(t *testing.T) {
	inWorld(t, company{}, func(w *world) {
		w.books.AddItem("HL-1", "Harbour licence", money("100.00"))
		w.change("Product2", w.usual.licence, map[string]any{"ProductCode": "HL-1"})
		deal := w.deal(w.usual.account, "Spring season", map[string]any{"PO_Number__c": "PO-77"},
			item{w.usual.service, "1.5", "80.00", map[string]any{"Description": "Two skippers, half days"}}, w.licence("3", "33.33"))
		w.win(deal)
		w.quiet()

		got := w.invoice(deal)
		want := xerotest.InvoiceView{
			Type: "ACCREC", Status: "DRAFT", CurrencyCode: "NZD", LineAmountTypes: "Exclusive", Reference: "PO-77", ContactName: "Napier Boat Hire",
			Date: "2026-11-09", DueDate: "2026-12-09", Url: crmURL + "/" + deal + "?d=" + w.crm.OrgID() + ".default.1",
			SubTotal: money("219.99"), TotalTax: money("33.00"), Total: money("252.99"), AmountDue: money("252.99"), CurrencyRate: money("1"), CreatedByAPI: true,
			ContactID: w.contact(w.usual.account).ContactID,
			Lines: []xerotest.LineView{
				{Description: "Two skippers, half days", Quantity: money("1.5"), UnitAmount: money("80"), AccountCode: "210", TaxType: "OUTPUT2", LineAmount: money("120"), TaxAmount: money("18"), Tracking: map[string]string{"Region": "North"}},
				{Description: "Harbour licence", ItemCode: "HL-1", Quantity: money("3"), UnitAmount: money("33.33"), AccountCode: "200", TaxType: "OUTPUT2", LineAmount: money("99.99"), TaxAmount: money("15.00"), Tracking: map[string]string{"Region": "North"}},
			},
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(xerotest.InvoiceView{}, "InvoiceID", "InvoiceNumber", "BrandingThemeID", "Updated"), cmpopts.IgnoreFields(xerotest.LineView{}, "LineItemID"), sameMoney()); diff != "" {
			w.Errorf("the invoice differs (-want +got):\n%s", diff)
		}
		if number := w.field(deal, "Xero_Invoice_Number__c"); number == "" || number != got.InvoiceNumber {
			w.Errorf("Salesforce shows the number %q, Xero gave %q", number, got.InvoiceNumber)
		}
		account, _ := w.crm.Get("Account", w.usual.account)
		if account["Xero_Contact_Id__c"] != got.ContactID {
			w.Errorf("the account shows the contact %v, want %s", account["Xero_Contact_Id__c"], got.ContactID)
		}
		c := w.contact(w.usual.account)
		if c.Name != "Napier Boat Hire" || c.Postal.City != "Napier" || c.Postal.Country != "New Zealand" {
			w.Errorf("the contact is %+v", c)
		}
		w.inStep()
	})
}

func sameMoney() cmp.Option {
	return cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) })
}

func TestADealIsLeftAloneUntilItIsLeftAlone(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.once()
		deal := w.won("Late products")
		time.Sleep(6 * time.Minute)
		w.once()
		w.addLine(deal, 3, w.service("1", "10.00"))
		time.Sleep(6 * time.Minute)
		if r := w.once(); len(w.invoices(deal)) != 0 || r.Settled.IsZero() {
			w.Errorf("invoiced %d minutes after its last change", 6)
		}
		time.Sleep(5 * time.Minute)
		w.once()
		if got := w.invoice(deal).SubTotal; !got.Equal(money("260")) {
			w.Errorf("invoiced at %s, want 260", got)
		}
	})
}

// What happens to an invoice in Xero shows on the deal.
func TestPaymentsCreditsAndVoidsReachTheDeal(t *testing.T) {
	inWorld(t, company{}, func(w *world) {
		paid, credited, voided := w.won("Paid"), w.won("Credited"), w.won("Voided")
		w.quiet()
		for _, deal := range []string{paid, credited, voided} {
			w.must(w.books.Approve(w.invoice(deal).InvoiceID))
		}
		wants := func(deal, status, due, got, on string) {
			w.Helper()
			shown := []string{w.field(deal, "Xero_Status__c"), w.field(deal, "Xero_Amount_Due__c"), w.field(deal, "Xero_Amount_Paid__c"), w.field(deal, "Xero_Fully_Paid_On__c")}
			if diff := cmp.Diff([]string{status, due, got, on}, shown); diff != "" {
				w.Errorf("%s shows (-want +got):\n%s", w.field(deal, "Name"), diff)
			}
		}
		w.later(time.Minute)
		wants(paid, "AUTHORISED", "287.50", "0.00", "")

		payment, err := w.books.Pay(w.invoice(paid).InvoiceID, money("143.75"))
		w.must(err)
		_, err = w.books.Credit(w.invoice(credited).InvoiceID, money("87.50"))
		w.must(err)
		w.must(w.books.Void(w.invoice(voided).InvoiceID))
		w.later(time.Minute)
		wants(paid, "AUTHORISED", "143.75", "143.75", "")
		wants(credited, "AUTHORISED", "200.00", "0.00", "")
		wants(voided, "VOIDED", "0.00", "0.00", "")
		w.wantHeld(voided, "invoice.voided", "accountant", w.invoice(voided).InvoiceNumber, "voided in Xero on 2026-11-09")

		_, err = w.books.Pay(w.invoice(paid).InvoiceID, money("143.75"))
		w.must(err)
		_, err = w.books.Credit(w.invoice(credited).InvoiceID, money("200.00"))
		w.must(err)
		w.later(time.Minute)
		wants(paid, "PAID", "0.00", "287.50", "2026-11-09")
		wants(credited, "PAID", "0.00", "0.00", "") // credited in full: nobody paid anything

		w.must(w.books.Unpay(payment))
		w.later(time.Minute)
		wants(paid, "AUTHORISED", "143.75", "143.75", "")
		w.inStep()
		if len(w.invoices(voided)) != 1 {
			w.Errorf("a voided invoice came back by itself")
		}
	})
}
