package plan

import (
	"testing"
)

// cents is a deal of some lines of one product each, with what Salesforce says it comes to.
func cents(amount string, lines string) func(d *desk) {
	return func(d *desk) {
		d.maps("total: =Amount ", "total: =ROUND(Amount, 2) ")
		d.row = `{"Id":"006Dn0000000001IAA","Name":"Zanzibar Ferries, spring","AccountId":"001Dn0000000001IAA","Amount":` + amount + `,"CloseDate":"2026-11-20","CurrencyIsoCode":"NZD",
 "HasOpportunityLineItem":true,"PO_Number__c":null,"Account":{"BillingCountry":"New Zealand","Region__c":"North"},"Xero_Invoice_Id__c":null,"Xero_Sync_Error__c":null,"OpportunityLineItems":[` + lines + `]}`
	}
}

func line(quantity, price, discount string) string {
	return `{"Description":"Rope","Quantity":` + quantity + `,"UnitPrice":` + price + `,"Discount":` + discount + `,"Product2":{"Name":"Rope","Family":"Licences","ProductCode":null}}`
}

// Case: Salesforce adds up line totals that it has not rounded, so that every discounted deal was held, some for ever, with
// a remedy that nobody could carry out. Case: a shop whose prices include tax.
func TestTotals(t *testing.T) {
	t.Parallel()
	inclusive := func(amount, lines, total string) func(d *desk) {
		return func(d *desk) {
			cents(amount, lines)(d)
			d.maps("LineAmountTypes: Exclusive", "LineAmountTypes: Inclusive", "=ROUND(Amount, 2)", total)
		}
	}
	for _, c := range []planCase{
		{name: "one line of 84.915, which both round alike", given: cents("84.915", line("3", "33.30", "15")), do: Create},
		{name: "two lines of 42.455: 84.91 there, 84.92 here", given: cents("84.91", line("1", "84.91", "50")+","+line("1", "84.91", "50")),
			do: Hold, cause: "total.cents", owner: Sales, says: []string{
				"its lines come to 84.92 before tax, the deal says 84.91 (difference -0.01)", "line 1 is 42.455 and line 2 is 42.455",
				"a Sales Price of 42.46 for line 1 and 42.46 for line 2 and no discount", "mapping.yaml line 25", "ROUND(TotalPrice, 2)"}},
		{name: "and after the remedy", given: cents("84.92", line("1", "42.46", "null")+","+line("1", "42.46", "null")), do: Create},
		{name: "a quantity in halves has no such price", given: cents("1.01", line("0.5", "1.01", "null")+","+line("0.5", "1.01", "null")),
			do: Hold, cause: "total.cents", owner: Sales, says: []string{"line 1 is 0.505 and line 2 is 0.505", "come to whole cents; for all deals"}},
		{name: "seven lines: the first five are told", given: cents("3.54", line("1", "1.01", "50")+","+line("1", "1.01", "50")+","+line("1", "1.01", "50")+","+line("1", "1.01", "50")+","+line("1", "1.01", "50")+","+line("1", "1.01", "50")+","+line("1", "1.01", "50")),
			do: Hold, cause: "total.cents", owner: Sales, says: []string{"line 5 is 0.505 and 2 more"}},
		{name: "a whole unit off", given: cents("85.92", line("1", "84.92", "null")),
			do: Hold, cause: "total.mismatch", owner: Sales, says: []string{"its lines come to 84.92 before tax, the deal says 85.92 (difference 1.00)", "UnitAmount: =TotalPrice"}},
		{name: "the deal says it with tax", given: cents("115", line("1", "100", "null")),
			do: Hold, cause: "total.mismatch", owner: Admin, says: []string{"which is what they come to with tax", "LineAmountTypes: Inclusive", "mapping.yaml line 25"}},

		{name: "prices with tax: four lanterns", given: inclusive("239.96", line("4", "59.99", "null"), "=ROUND(Amount, 2)"), do: Create},
		{name: "prices with tax, total before tax", given: inclusive("239.96", line("4", "59.99", "null"), "=ROUND(Amount / 1.15, 2)"),
			do: Hold, cause: "total.mismatch", owner: Admin, says: []string{"come to 239.96 with tax, the deal says 208.66", "208.66 is what they come to before tax", "total: =ROUND(Amount, 2)"}},
		{name: "prices with tax, a unit off", given: inclusive("240.96", line("4", "59.99", "null"), "=ROUND(Amount, 2)"),
			do: Hold, cause: "total.mismatch", owner: Sales, says: []string{"come to 239.96 with tax"}},
		{name: "prices with tax and half cents", given: inclusive("84.91", line("1", "84.91", "50")+","+line("1", "84.91", "50"), "=ROUND(Amount, 2)"),
			do: Hold, cause: "total.cents", owner: Sales, says: []string{"84.92 with tax"}},
		{name: "no tax", given: func(d *desk) {
			cents("100", line("1", "100", "null"))(d)
			d.maps("LineAmountTypes: Exclusive", "LineAmountTypes: NoTax", `      TaxType: =LOOKUP("tax", Opportunity.Account.BillingCountry)`+"\n", "")
		}, do: Create},

		{name: "Salesforce's sum as it is", given: func(d *desk) {
			cents("84.915", line("3", "33.30", "15"))(d)
			d.maps("=ROUND(Amount, 2) ", "=Amount ")
		}, do: Hold, cause: "record.unmappable", owner: Admin, says: []string{"total is 84.915", "write total: =ROUND(Amount, 2) in mapping.yaml line 25"}},
		{name: "Salesforce's sum as it is, and a country that is in no table", given: func(d *desk) {
			cents("84.915", line("3", "33.30", "15"))(d)
			d.maps("=ROUND(Amount, 2) ", "=Amount ")
			d.sells("New Zealand", "Tanzania")
		}, do: Hold, cause: "record.unmappable", owner: Admin, says: []string{"total is 84.915", "ROUND(", "Tanzania"}},
	} {
		c.run(t, (*desk).plan)
	}
}
