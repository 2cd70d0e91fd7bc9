package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/xero/xerotest"
)

// The demo's sample company: what its people have entered on both sides before sf2xero is started for the first time.

type customer struct{ Name, Number, Country, Region, Currency string }

type product struct{ Code, Name, Family string }

// sold is one product line of a deal. Total is empty unless somebody wrote over the line's own total.
type sold struct{ Code, Quantity, Price, Discount, Total string }

// sale is a deal. Expect says what is to become of it at first sight, so that the demo can tell when it does not.
type sale struct {
	Customer, Name, Stage string
	DaysAgo               int    // when it closes; negative: in the future
	Amount                string // only where no products say it
	Lines                 []sold
	Expect                string // invoice, history, open, or the code of a hold
}

// What the story tells of by name.
const (
	dealDiscounted   = "Pukeko Press, newsroom"
	dealFourDecimals = "Tasman Freight, text messages"
	dealWonLive      = "Kauri Coffee, second roastery"
	dealCredited     = "Tasman Freight, rollout"
	dealNoProducts   = "Kauri Coffee, onboarding"
	dealEdited       = "Moa Motors, all workshops"
	dealUnwon        = "Moa Motors, extra training"
	dealAfterwards   = "Southern Dental, reminders"
	dealLost         = "Moa Motors, second brand"
	dealRimuOne      = "Rimu Legal, team licence"
	dealRimuTwo      = "Rimu Legal, migration"
	sharedName       = "Rimu Legal"
	knownInXero      = "Golden Bay Kayaks"
)

// wonTogether are the deals that are won just before the daemon is killed.
func wonTogether() []string {
	return []string{"Wattle Street, training", "Barossa Cellars, team licence", "Tasman Freight, depot licence"}
}

func customers() []customer {
	const nz = "New Zealand"
	return []customer{
		{"Kauri Coffee Roasters", "C-101", nz, "North", "NZD"},
		{"Tasman Freight", "C-102", nz, "South", "NZD"},
		{"Pukeko Press", "C-103", nz, "North", "NZD"},
		{"Southern Dental", "C-104", nz, "South", "NZD"},
		{"Wattle Street Architects", "C-105", "Australia", "Eastside", "AUD"},
		{"Barossa Cellars", "C-106", "Australia", "Eastside", "AUD"},
		{knownInXero, "C-107", nz, "West Coast", "NZD"},
		{sharedName, "C-108", nz, "North", "NZD"},
		{sharedName, "C-109", nz, "South", "NZD"},
		{"Moana Exports", "C-110", nz, "North", "USD"},
		{"Fjord Film", "C-111", "Norway", "Eastside", "NZD"},
		{"Moa Motors", "C-112", nz, "North", "NZD"},
	}
}

func products() []product {
	return []product{
		{"TEAM", "Team licence, one year", "Licences"},
		{"SITE", "Site licence, one year", "Licences"},
		{"DAY", "Consulting day", "Services"},
		{"MSG", "Text messages", "Services"},
	}
}

func team(quantity string) sold { return sold{Code: "TEAM", Quantity: quantity, Price: "1200.00"} }
func site() sold                { return sold{Code: "SITE", Quantity: "1", Price: "4800.00"} }
func days(quantity string) sold { return sold{Code: "DAY", Quantity: quantity, Price: "980.00"} }

func sales() []sale {
	const won, open = "Closed Won", "Negotiation/Review"
	return []sale{
		{"Kauri Coffee Roasters", "Kauri Coffee, team licence", won, 20, "", []sold{team("2")}, "invoice"},
		{"Tasman Freight", dealCredited, won, 18, "", []sold{site(), days("3")}, "invoice"},
		{"Tasman Freight", dealFourDecimals, won, 3, "", []sold{{Code: "MSG", Quantity: "12345", Price: "0.0375"}}, "invoice"},
		{"Pukeko Press", dealDiscounted, won, 15, "", []sold{{Code: "TEAM", Quantity: "5", Price: "1200.00", Discount: "10"}}, "invoice"},
		{"Pukeko Press", "Pukeko Press, workshop", won, 9, "", []sold{days("2")}, "invoice"},
		{"Southern Dental", "Southern Dental, site licence", won, 12, "", []sold{site()}, "invoice"},
		{"Southern Dental", "Southern Dental, migration", won, 5, "", []sold{days("6.5")}, "invoice"},
		{"Wattle Street Architects", "Wattle Street, site licence", won, 11, "", []sold{site()}, "invoice"},
		{"Barossa Cellars", "Barossa Cellars, audit", won, 7, "", []sold{days("4")}, "invoice"},
		{knownInXero, "Golden Bay Kayaks, team licence", won, 6, "", []sold{team("1")}, "invoice"},
		{"Moa Motors", dealEdited, won, 4, "", []sold{site(), team("3")}, "invoice"},
		{"Moa Motors", dealUnwon, won, 2, "", []sold{days("1")}, "invoice"},

		{"Kauri Coffee Roasters", dealNoProducts, won, 8, "1500.00", nil, "deal.no_products"},
		{sharedName, dealRimuOne, won, 10, "", []sold{team("2")}, "contact.held"},
		{sharedName, dealRimuTwo, won, 10, "", []sold{days("2")}, "contact.held"},
		{"Moana Exports", "Moana Exports, site licence", won, 5, "", []sold{site()}, "reference.CurrencyCode"},
		{"Fjord Film", "Fjord Film, team licence", won, 6, "", []sold{team("1")}, "record.unmappable"},
		{knownInXero, "Golden Bay Kayaks, training", won, 1, "", []sold{{Code: "DAY", Quantity: "2", Price: "980.00", Total: "1900.00"}}, "total.mismatch"},

		{"Pukeko Press", "Pukeko Press, first year", won, 300, "", []sold{team("4")}, "history"},
		{"Kauri Coffee Roasters", dealWonLive, open, 0, "", []sold{team("3"), days("1")}, "open"},
		{"Wattle Street Architects", "Wattle Street, training", open, 0, "", []sold{days("2")}, "open"},
		{"Barossa Cellars", "Barossa Cellars, team licence", open, 0, "", []sold{team("2")}, "open"},
		{"Tasman Freight", "Tasman Freight, depot licence", open, 0, "", []sold{team("1")}, "open"},
		{"Southern Dental", dealAfterwards, open, 0, "", []sold{days("1")}, "open"},
		{"Moa Motors", dealLost, "Closed Lost", 14, "", []sold{site()}, "open"},
	}
}

// company fills both sides and remembers which record is which.
type company struct {
	e        *emulators
	accounts map[string][]string // by name: two of them share one
	products map[string]string   // by code
	deals    map[string]string   // by name
}

func moveIn(e *emulators, today time.Time) (*company, error) {
	c := &company{e: e, accounts: map[string][]string{}, products: map[string]string{}, deals: map[string]string{}}
	for _, x := range customers() {
		id, err := e.Org.Insert("Account", map[string]any{"Name": x.Name, "AccountNumber": x.Number, "BillingCountry": x.Country, "Region__c": x.Region,
			"CurrencyIsoCode": x.Currency, "BillingStreet": "1 Example Street", "BillingCity": "Exampleton", "Billing_Email__c": "accounts@" + x.Number + ".example"})
		if err != nil {
			return nil, err
		}
		c.accounts[x.Name] = append(c.accounts[x.Name], id)
	}
	for _, x := range products() {
		id, err := e.Org.Insert("Product2", map[string]any{"Name": x.Name, "ProductCode": x.Code, "Family": x.Family, "IsActive": true})
		if err != nil {
			return nil, err
		}
		c.products[x.Code] = id
		e.Books.AddItem(x.Code, x.Name, decimal.Zero)
	}
	shared := 0
	for i, x := range sales() {
		account := c.accounts[x.Customer][0]
		if x.Customer == sharedName {
			account = c.accounts[sharedName][shared]
			shared++
		}
		if err := c.enter(x, account, fmt.Sprintf("PO-%d", 7001+i), today); err != nil {
			return nil, fmt.Errorf("%s: %w", x.Name, err)
		}
	}
	_, err := e.Books.AddContact(xerotest.EditableContact{Name: knownInXero, AccountNumber: "C-107", EmailAddress: "office@goldenbay.example"})
	return c, err
}

func (c *company) enter(x sale, account, order string, today time.Time) error {
	currency := "NZD"
	for _, customer := range customers() {
		if customer.Name == x.Customer {
			currency = customer.Currency
		}
	}
	fields := map[string]any{"Name": x.Name, "AccountId": account, "StageName": x.Stage, "CloseDate": today.AddDate(0, 0, -x.DaysAgo).Format(time.DateOnly),
		"PO_Number__c": order, "CurrencyIsoCode": currency}
	if x.Amount != "" {
		fields["Amount"] = json.Number(x.Amount)
	}
	id, err := c.e.Org.Insert("Opportunity", fields)
	if err != nil {
		return err
	}
	c.deals[x.Name] = id
	return c.addProducts(x.Name, x.Lines...)
}

// addProducts puts product lines on a deal, as sales does.
func (c *company) addProducts(deal string, lines ...sold) error {
	for i, l := range lines {
		fields := map[string]any{"OpportunityId": c.deals[deal], "Product2Id": c.products[l.Code], "Quantity": json.Number(l.Quantity), "UnitPrice": json.Number(l.Price), "SortOrder": i + 1}
		if l.Discount != "" {
			fields["Discount"] = json.Number(l.Discount)
		}
		if l.Total != "" {
			fields["TotalPrice"] = json.Number(l.Total)
		}
		if _, err := c.e.Org.Insert("OpportunityLineItem", fields); err != nil {
			return err
		}
	}
	return nil
}

// change does on a deal what a person does in Salesforce.
func (c *company) change(deal, field string, value any) error {
	return c.e.Org.Update("Opportunity", c.deals[deal], map[string]any{field: value})
}

func (c *company) win(deal string) error { return c.change(deal, "StageName", "Closed Won") }

// deal is what Salesforce shows of a deal now.
func (c *company) deal(name string) shown {
	fields, _ := c.e.Org.Get("Opportunity", c.deals[name])
	return shownDeal(fields)
}

// shown is a deal with everything that sf2xero writes back to it.
type shown struct {
	tieDeal
	Number, Status, PaidOn string
	Total, Due, Paid       decimal.Decimal
}

func shownDeal(fields map[string]any) shown {
	text := func(name string) string { s, _ := fields[name].(string); return s }
	number := func(name string) decimal.Decimal { d, _ := fields[name].(decimal.Decimal); return d }
	won, _ := fields["IsWon"].(bool)
	return shown{
		// Salesforce keeps sums unrounded and shows them in cents.
		tieDeal: tieDeal{Name: text("Name"), Currency: text("CurrencyIsoCode"), CloseDate: text("CloseDate"), Won: won, Amount: number("Amount").Round(2),
			InvoiceID: text("Xero_Invoice_Id__c"), Hold: text("Xero_Sync_Error__c")},
		Number: text("Xero_Invoice_Number__c"), Status: text("Xero_Status__c"), PaidOn: text("Xero_Fully_Paid_On__c"),
		Total: number("Xero_Total__c"), Due: number("Xero_Amount_Due__c"), Paid: number("Xero_Amount_Paid__c"),
	}
}

// invoice is what Xero itself has for a deal; nothing when the deal names none.
func (c *company) invoice(deal string) xerotest.InvoiceView {
	inv, _ := c.e.Books.Invoice(c.deal(deal).InvoiceID)
	return inv
}

// sides are both sides as they stand, for the tie-out: the deals from Salesforce's rows, the invoices from Xero's books.
func (c *company) sides() (deals []tieDeal, invoices []tieInvoice) {
	for _, fields := range c.e.Org.Rows("Opportunity") {
		if fields["IsDeleted"] != true {
			deals = append(deals, shownDeal(fields).tieDeal)
		}
	}
	for _, inv := range c.e.Books.Invoices() {
		if inv.Type == "ACCREC" {
			invoices = append(invoices, tieInvoice{ID: inv.InvoiceID, Number: inv.InvoiceNumber, Currency: inv.CurrencyCode, Status: inv.Status,
				SubTotal: inv.SubTotal, Tax: inv.TotalTax, Total: inv.Total, Paid: inv.AmountPaid, Credited: inv.AmountCredited, Due: inv.AmountDue})
		}
	}
	return deals, invoices
}

// liveInvoices counts what stands in Xero's books.
func (c *company) liveInvoices() int {
	n := 0
	for _, inv := range c.e.Books.Invoices() {
		if inv.Status != "VOIDED" && inv.Status != "DELETED" {
			n++
		}
	}
	return n
}
