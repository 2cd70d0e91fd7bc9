package main

import (
	"os"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"sf2xero/xero/xerotest"
)

// The week of a company, through the binary: after each act, what the log, the deal and Xero say.
func TestTheWeekOfACompany(t *testing.T) {
	t.Parallel()
	w := newWeek(t)
	w.after("won", "One", func() { w.win("One", "Harbour Ferries", "1000.00", nil) })
	w.after("its price is corrected before the approval", "One", func() { w.price("One", "1100.00") })
	w.after("approved", "One", func() { w.must(w.e.Books.Approve(w.invoice("One"))) })
	w.after("its price is changed after the approval", "One", func() { w.price("One", "1200.00") })
	w.after("and put back", "One", func() { w.price("One", "1100.00") })
	w.after("half is paid", "One", func() { w.pay("One", "632.50") })
	w.after("the rest is paid", "One", func() { w.pay("One", "632.50") })
	w.after("cloned, as people do it, with everything that stands on it", "Two", func() { w.clone("One", "Two") })
	w.after("un-won", "Two", func() { w.change("Two", map[string]any{"StageName": "Negotiation/Review"}) })
	w.after("won again", "Two", func() { w.change("Two", map[string]any{"StageName": "Closed Won"}) })
	w.after("its account is renamed", "One", func() { w.rename("Harbour Ferries", "Harbour Ferries Group") })
	w.after("the next deal of the renamed account", "Three", func() { w.win("Three", "Harbour Ferries", "300.00", nil) })
	w.after("a deal of a customer that is there twice", "Four", func() { w.win("Four", "Kauri Coffee", "400.00", nil) })
	w.after("the two accounts are merged", "Four", func() {
		w.must(w.e.Org.Merge("Account", w.accounts["Kauri Coffee Roasters"], w.accounts["Kauri Coffee"]))
	})
	w.after("the survivor's next deal", "Five", func() { w.win("Five", "Kauri Coffee Roasters", "500.00", nil) })
	w.after("a deal in a currency that Xero does not have", "Six", func() { w.win("Six", "Harbour Ferries", "600.00", map[string]any{"CurrencyIsoCode": "USD"}) })
	w.after("the currency is enabled", "Six", func() { w.e.Books.AddCurrency("USD"); w.restart() })
	w.after("a draft's period is locked", "Three", func() { w.must(w.e.Books.Lock(w.today())); w.restart(); w.price("Three", "310.00") })
	w.after("and opened again", "Three", func() { w.must(w.e.Books.Lock("2025-12-31")); w.restart() })
	w.after("an approved invoice is credited in full", "Three", func() {
		w.must(w.e.Books.Approve(w.invoice("Three")))
		_, err := w.e.Books.Credit(w.invoice("Three"), decimal.RequireFromString("356.50"))
		w.must(err)
	})
	w.after("an invoice is approved and voided", "Five", func() { w.must(w.e.Books.Approve(w.invoice("Five"))); w.must(w.e.Books.Void(w.invoice("Five"))) })
	w.after("and copied in Xero, as its hold says", "Five", func() {
		_, err := w.e.Books.Copy(w.invoice("Five"))
		w.must(err)
	})
	w.after("its customer's contact is archived, and the deal won", "Seven", func() {
		w.must(w.e.Books.ArchiveContact(w.contactOf("Harbour Ferries")))
		w.win("Seven", "Harbour Ferries", "700.00", nil)
	})
	w.after("the contact is restored", "Seven", func() { w.must(w.e.Books.RestoreContact(w.contactOf("Harbour Ferries"))) })
	w.after("its contact is merged into another in Xero, and another deal won", "Eight", func() {
		group, err := w.e.Books.AddContact(xerotest.EditableContact{Name: "Harbour Group"})
		w.must(err)
		w.must(w.e.Books.MergeContacts(group, w.contactOf("Harbour Ferries")))
		w.restart()
		w.win("Eight", "Harbour Ferries", "800.00", nil)
	})
	w.after("its product is renamed", "Eight", func() {
		w.must(w.e.Org.Update("Product2", w.licence, map[string]any{"Name": "Harbour licence, all ports"}))
		w.must(w.e.Org.Touch("Opportunity", w.deals["Eight"]))
	})
	w.after("it is deleted", "Eight", func() { w.must(w.e.Org.Delete("Opportunity", w.deals["Eight"])) })
	w.after("it is undeleted", "Eight", func() { w.must(w.e.Org.Undelete("Opportunity", w.deals["Eight"])) })
	if *writeWeek {
		w.must(os.WriteFile(weekFile, []byte(strings.Join(w.written, "\n")), 0o644))
		return
	}
	if len(w.told) > 0 {
		t.Errorf("testdata/week.txt tells of more: %q", w.told)
	}
}

func (w *week) pay(deal, amount string) {
	w.Helper()
	_, err := w.e.Books.Pay(w.invoice(deal), decimal.RequireFromString(amount))
	w.must(err)
}

func (w *week) rename(account, name string) {
	w.Helper()
	w.must(w.e.Org.Update("Account", w.accounts[account], map[string]any{"Name": name}))
}

// clone is Salesforce's button "Clone with Products": every field that may be written is copied, the Xero ones too.
func (w *week) clone(from, to string) {
	w.Helper()
	fields := map[string]any{}
	row, _ := w.e.Org.Get("Opportunity", w.deals[from])
	for _, name := range []string{"AccountId", "CurrencyIsoCode", "PO_Number__c", "Xero_Invoice_Id__c", "Xero_Invoice_Number__c", "Xero_Status__c", "Xero_Total__c"} {
		fields[name] = row[name]
	}
	w.win(to, "Harbour Ferries", "1100.00", fields)
}
