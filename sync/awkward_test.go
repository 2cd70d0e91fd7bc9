package sync_test

import (
	"encoding/json"
	"testing"
	"time"
)

// awkward is a deal that cannot be invoiced as it stands: why, whose turn it is, and what mends it.
type awkward struct {
	name, deal   string
	cause, owner string
	says         []string
	mend         func()
}

// Every awkward deal is held with its reason, for the one who can mend it; the others go on; mended, each releases itself.
func TestAwkwardDealsAreHeldAndReleaseThemselves(t *testing.T) {
	c := company{New: true, Edits: []string{"Services: 210", "Services: 210\n    Rentals: 260"}}
	c.Salesforce.MultiCurrency, c.Salesforce.Currencies = true, []string{"AUD", "USD"}
	inWorld(t, c, func(w *world) {
		rental := w.insert("Product2", map[string]any{"Name": "Dinghy for a week", "Family": "Rentals", "IsActive": true})
		odd := w.insert("Product2", map[string]any{"Name": "Odd thing", "Family": "Curiosities", "IsActive": true})
		w.must(w.books.ArchiveAccount("260"))
		w.must(w.books.Lock("2026-11-02"))
		w.once() // history ends here

		fine := w.won("Fine")
		noProducts := w.deal(w.usual.account, "No products", map[string]any{"Amount": json.Number("500")})
		twins := [2]string{w.account("Twin Peaks Ltd", nil), w.account("Twin Peaks  LTD", nil)}
		twin := [2]string{w.deal(twins[0], "Twin one", nil, w.licence("1", "10.00")), w.deal(twins[1], "Twin two", nil, w.licence("1", "20.00"))}
		dollars := w.deal(w.account("Reno Rafting", map[string]any{"CurrencyIsoCode": "USD"}), "In dollars", map[string]any{"CurrencyIsoCode": "USD"})
		w.addLine(dollars, 1, w.licence("1", "70.00"))
		fiji := w.account("Suva Sails", map[string]any{"BillingCountry": "Fiji"})
		abroad := w.deal(fiji, "Abroad", nil, w.licence("1", "10.00"))
		short := w.deal(w.usual.account, "A cent short", nil, item{w.usual.licence, "1", "100.00", map[string]any{"TotalPrice": json.Number("99.99")}})
		nobody := w.deal("", "Nobody's", nil, w.licence("1", "10.00"))
		early := w.deal(w.usual.account, "Backdated", map[string]any{"CloseDate": "2026-10-15"}, w.licence("1", "10.00"))
		archived := w.deal(w.usual.account, "Archived account", nil, item{rental, "1", "10.00", nil})
		unknown := w.deal(w.usual.account, "Unknown family", nil, item{odd, "1", "10.00", nil})
		locked := w.deal(w.usual.account, "Locked period", map[string]any{"CloseDate": "2026-11-02"}, w.licence("1", "10.00"))

		cases := []awkward{
			{"no products", noProducts, "deal.no_products", "sales", []string{"no products"}, func() { w.addLine(noProducts, 1, w.licence("5", "100.00")) }},
			{"a name that another account has too", twin[0], "contact.held", "sales", []string{"same name as account " + twins[1]}, func() { w.change("Account", twins[1], map[string]any{"Name": "Other Peaks"}) }},
			{"the other one of that name", twin[1], "contact.held", "sales", []string{"same name as account " + twins[0]}, nil},
			{"a currency Xero has not enabled", dollars, "reference.CurrencyCode", "accountant", []string{"USD"}, func() { w.books.AddCurrency("USD") }},
			{"a country that is not in the tax table", abroad, "record.unmappable", "admin", []string{"Fiji", "tax"}, func() { w.change("Account", fiji, map[string]any{"BillingCountry": "Australia"}) }},
			{"lines that do not come to the amount", short, "total.mismatch", "sales", []string{"100.00", "99.99", "-0.01"}, func() {
				w.change("OpportunityLineItem", w.lines(short)[0], map[string]any{"TotalPrice": json.Number("100.00")})
			}},
			{"no account", nobody, "deal.no_account", "sales", nil, func() { w.change("Opportunity", nobody, map[string]any{"AccountId": w.usual.account}) }},
			{"won now, dated before the start", early, "deal.before_start", "accountant", []string{"2026-10-15", "2026-11-01"}, func() { w.change("Opportunity", early, map[string]any{"CloseDate": "2026-11-09"}) }},
			{"an account code that is archived", archived, "reference.AccountCode", "admin", []string{"260"}, func() { w.books.AddAccount("260", "Other Revenue", "REVENUE", "OUTPUT2") }},
			{"a product family without an account", unknown, "record.unmappable", "admin", []string{"Curiosities", "revenue"}, func() { w.change("Product2", odd, map[string]any{"Family": "Services"}) }},
			{"a locked period", locked, "xero.locked_period", "accountant", []string{"2026-11-02"}, func() { w.must(w.books.Lock("")) }},
		}
		for _, c := range cases {
			w.win(c.deal)
		}
		w.quiet()
		w.wantFree(fine)
		w.invoice(fine)
		for _, c := range cases {
			w.Log(c.name)
			w.wantHeld(c.deal, c.cause, c.owner, c.says...)
			if n := len(w.invoices(c.deal)); n != 0 {
				w.Errorf("%s: there are %d invoices", c.name, n)
			}
		}
		writes := w.writes()
		if w.later(30 * time.Minute); w.writes() != writes {
			w.Errorf("held deals were sent to Xero")
		}

		for _, c := range cases {
			if c.mend != nil {
				c.mend()
			}
		}
		w.later(61 * time.Minute) // what the organisation has is read again each hour while something waits for it
		for _, c := range cases {
			w.Log(c.name)
			w.wantFree(c.deal)
			w.invoice(c.deal)
		}
		w.inStep()
		if released := len(w.logged("hold.released")); released < len(cases) {
			w.Errorf("%d releases were told, want at least %d", released, len(cases))
		}
	})
}

// Prices that are hard on rounding come to the deal's amount, to the cent.
func TestAwkwardPrices(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		discount := map[string]any{"Discount": json.Number("10")}
		deals := map[string]string{
			"discount":           w.won("Discount", item{w.usual.licence, "3", "33.35", discount}),
			"odd discount":       w.won("Odd discount", item{w.usual.licence, "7", "13.37", map[string]any{"Discount": json.Number("12.5")}}),
			"four decimals":      w.won("Four decimals", w.licence("100", "12.3456")),
			"third of a cent":    w.won("Third of a cent", w.licence("3", "0.3333")),
			"half a piece":       w.won("Half a piece", w.licence("0.5", "0.01")),
			"large":              w.won("Large", w.licence("1000000", "15.0000")),
			"a gift beside":      w.won("A gift beside", w.licence("1", "10.00"), w.service("1", "0")),
			"a credit beside it": w.won("A credit beside it", w.licence("1", "10.00"), w.service("1", "-2.50")),
		}
		w.quiet()
		for name, deal := range deals {
			if h := w.held(deal); h != nil {
				w.Errorf("%s is held: %s", name, h.Text)
			}
		}
		w.inStep()
	})
}

// A product that the org's people archive in Xero after we read its chart of accounts: Xero refuses, we look again.
func TestAnAccountArchivedMeanwhile(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		w.must(w.books.ArchiveAccount("210"))
		both, fine := w.won("Both"), w.won("Fine", w.licence("1", "10.00"))
		w.quiet()
		w.invoice(fine)
		if w.held(both) == nil || len(w.invoices(both)) != 0 {
			w.Fatalf("the deal with the archived account is not held")
		}
		w.later(20 * time.Minute)
		w.wantHeld(both, "reference.AccountCode", "admin", "210")
		w.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2")
		w.later(61 * time.Minute)
		w.wantFree(both)
		w.inStep()
	})
}

// Somebody empties the text of a hold in Salesforce: it is written there again, as long as the deal is held.
func TestAHoldsTextThatSomebodyEmptied(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.deal(w.usual.account, "Held", nil)
		w.win(deal)
		w.quiet()
		w.change("Opportunity", deal, map[string]any{"Xero_Sync_Error__c": nil})
		w.later(time.Hour)
		w.wantHeld(deal, "deal.no_products", "sales")
	})
}
