package sync_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync"
	"sf2xero/xero/xerotest"
)

const currencyLine = "    CurrencyCode: =CurrencyIsoCode # the org's own currency where Salesforce has only one\n"

// inCurrency is a won deal of 1,000 in a currency, in an org with several.
func (w *world) inCurrency(code string) string {
	w.Helper()
	id := w.deal(w.usual.account, "In "+code, map[string]any{"CurrencyIsoCode": code}, w.licence("1", "1000.00"))
	w.win(id)
	return id
}

func (w *world) wantCurrency(deal, code string) {
	w.Helper()
	if inv := w.invoice(deal); inv.CurrencyCode != code {
		w.Errorf("%s is over %s %s, want %s", inv.InvoiceNumber, inv.SubTotal, inv.CurrencyCode, code)
	}
}

// approvedIn is an invoice to somebody else, in a currency at the rate of the day, that the accountant has approved.
func (w *world) approvedIn(code string) {
	w.Helper()
	customer, err := w.books.AddContact(xerotest.EditableContact{Name: "Somebody in " + code})
	w.must(err)
	inv, err := w.books.AddInvoice(xerotest.EditableInvoice{ContactID: customer, CurrencyCode: code, DueDate: "2026-12-09",
		Lines: []xerotest.LineView{{Description: "By hand", Quantity: money("1"), UnitAmount: money("10"), AccountCode: "200", TaxType: "OUTPUT2"}}})
	w.must(err)
	w.must(w.books.Approve(inv))
}

// A rate that somebody has approved before the first start is known: the history of the books is read with the first watch.
func TestARateLikeThoseInTheBooks(t *testing.T) {
	inWorld(t, rates(), func(w *world) {
		w.must(w.crm.AddField("Opportunity", salesforcetest.FieldSpec{Name: "Rate__c", Type: "double", Precision: 18, Scale: 6}))
		w.books.AddCurrency("USD")
		w.approvedIn("USD")
		like, upside := w.atRate("0.6"), w.atRate("1.6667")
		w.quiet()
		if got := w.invoice(like).Status; got != "AUTHORISED" {
			w.Errorf("with a rate like the last it is %s", got)
		}
		w.wantHeld(upside, "currency.rate", "accountant", "upside down")
	})
}

// Case: the org is in US dollars, the books in New Zealand dollars, and the mapping says nothing: USD 1,000 became NZD 1,000.
func TestTheOrgsCurrencyIsSentWhereTheMappingSaysNone(t *testing.T) {
	c := company{New: true, Edits: []string{currencyLine, ""}, Salesforce: salesforcetest.Options{Currency: "USD"}}
	inWorld(t, c, func(w *world) {
		deal := w.won("Dollars")
		w.quiet()
		w.wantHeld(deal, "reference.CurrencyCode", "accountant", "USD")
		w.books.AddCurrency("USD")
		w.later(30 * time.Minute)
		w.wantCurrency(deal, "USD")
		w.wantFree(deal)
	})
}

// Case: an org in US dollars, and a mapping that fixes New Zealand dollars and converts the prices by a formula. Each deal was held,
// and told to take the currency out: NZD 1,650 would have become USD 1,650. It is refused once, before anything is made, and each
// of the ways out ends with the right amount of the right currency.
func TestAFixedCurrencyThatIsNotTheOrgs(t *testing.T) {
	const price, total = "UnitAmount: =UnitPrice", "total: =ROUND(Amount, 2)"
	for name, way := range map[string]struct {
		edits    []string
		act      func(w *world)
		currency string
		total    string
	}{
		"invoices in the org's currency": {[]string{"CurrencyCode: NZD", "CurrencyCode: =CurrencyIsoCode", "=ROUND(UnitPrice * 1.65, 4)", "=UnitPrice", "=ROUND(Amount * 1.65, 2)", "=ROUND(Amount, 2)"},
			nil, "USD", "100"},
		"each deal says that its amounts are converted": {[]string{"CurrencyCode: NZD", "CurrencyCode: =Invoice_Currency__c"}, nil, "NZD", "165"},
		"the org's currency was wrong": {[]string{"=ROUND(UnitPrice * 1.65, 4)", "=UnitPrice", "=ROUND(Amount * 1.65, 2)", "=ROUND(Amount, 2)"},
			func(w *world) {
				w.change("Organization", w.crm.OrgID(), map[string]any{"DefaultCurrencyIsoCode": "NZD"})
			}, "NZD", "100"},
	} {
		t.Run(name, func(t *testing.T) {
			c := company{New: true, Edits: []string{currencyLine, "    CurrencyCode: NZD\n", price, "UnitAmount: =ROUND(UnitPrice * 1.65, 4)", total, "total: =ROUND(Amount * 1.65, 2)"}}
			c.Salesforce = salesforcetest.Options{Currency: "USD"}
			inWorld(t, c, func(w *world) {
				w.must(w.crm.AddField("Opportunity", salesforcetest.FieldSpec{Name: "Invoice_Currency__c", Type: "string", Length: 3}))
				w.books.AddCurrency("USD")
				deal := w.deal(w.usual.account, "Converted", map[string]any{"Invoice_Currency__c": "NZD"}, w.licence("1", "100.00"))
				w.win(deal)
				_, err := w.try()
				problems := wantError[*sync.MappingProblems](w, err)
				if len(problems.Problems) != 1 || !strings.Contains(err.Error(), "mapping.yaml:32:19: this Salesforce org is in USD, and this makes every invoice one in NZD") {
					w.Fatalf("got %v", err)
				}
				w.bury()
				w.editMapping(way.edits...)
				if way.act != nil {
					way.act(w)
				}
				w.quiet()
				w.wantCurrency(deal, way.currency)
				if inv := w.invoice(deal); !inv.SubTotal.Equal(money(way.total)) {
					w.Errorf("it is over %s %s", inv.SubTotal, inv.CurrencyCode)
				}
				w.wantFree(deal)
			})
		})
	}
}

// Case: an org with several currencies, and a mapping that says none.
func TestADealsOwnCurrencyIsSentWhereTheMappingSaysNone(t *testing.T) {
	c := company{New: true, Edits: []string{currencyLine, ""}, Salesforce: salesforcetest.Options{MultiCurrency: true, Currencies: []string{"AUD"}}}
	inWorld(t, c, func(w *world) {
		aud, nzd := w.inCurrency("AUD"), w.inCurrency("NZD")
		w.quiet()
		w.wantCurrency(aud, "AUD")
		w.wantCurrency(nzd, "NZD")
	})
}

// A formula of the mapping and the deal say two currencies: one of them is wrong, and the deal waits for a person.
func TestADealWhoseCurrencyTheMappingContradicts(t *testing.T) {
	c := company{New: true, Edits: []string{"=CurrencyIsoCode #", "=BLANKVALUE(PO_Number__c, CurrencyIsoCode) #"}, Salesforce: salesforcetest.Options{MultiCurrency: true, Currencies: []string{"AUD"}}}
	inWorld(t, c, func(w *world) {
		deal := w.inCurrency("AUD")
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "NZD"})
		w.quiet()
		w.wantHeld(deal, "currency.differs", "admin", "the deal is in AUD", "NZD")
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": nil})
		w.later(30 * time.Minute)
		w.wantCurrency(deal, "AUD")
	})
}

// An org that had one currency has several from one hour to the next. What Salesforce described to the daemon hours ago does
// not know that, and deals in the new currency must not be taken for deals in the old one.
func TestACurrencyThatIsEnabledWhileTheDaemonRuns(t *testing.T) {
	for name, c := range map[string]struct {
		mapping, wants string
	}{
		"the mapping says none":       {"", ""},
		"the mapping reads the deals": {currencyLine, ""},
		"the mapping says one":        {"    CurrencyCode: NZD\n", "currency.unread"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true, Edits: []string{currencyLine, c.mapping}}, func(w *world) {
				before := w.won("Before")
				w.quiet()
				w.wantCurrency(before, "NZD")
				w.later(20 * time.Minute)
				w.must(w.crm.EnableCurrencies("AUD"))
				aud := w.inCurrency("AUD")
				w.later(30 * time.Minute)
				if c.wants != "" {
					w.wantHeld(aud, c.wants, "admin", "several currencies now")
					if len(w.logged("mapping.refused")) != 1 || len(w.invoices(aud)) != 0 {
						w.Errorf("the mapping was refused %d times", len(w.logged("mapping.refused")))
					}
					w.editMapping("    CurrencyCode: NZD\n", "    CurrencyCode: =CurrencyIsoCode\n")
					w.later(30 * time.Minute)
				}
				w.wantFree(aud)
				w.wantCurrency(aud, "AUD")
				nzd := w.inCurrency("NZD")
				w.change("Opportunity", before, map[string]any{"PO_Number__c": "PO-1"})
				w.later(30 * time.Minute)
				w.wantCurrency(nzd, "NZD")
				if inv := w.invoice(before); inv.CurrencyCode != "NZD" || inv.Reference != "PO-1" {
					w.Errorf("the invoice of before is %+v", inv)
				}
				if n := len(w.logged("hold.added")); c.wants == "" && n != 0 {
					w.Errorf("%d deals were held meanwhile", n)
				}
			})
		})
	}
}

// rates is a company whose deals say the rate of their currency.
func rates(edits ...string) company {
	c := authorised()
	c.Edits = append(append(c.Edits, currencyLine, currencyLine+"    CurrencyRate: =Rate__c\n"), edits...)
	c.Salesforce = salesforcetest.Options{MultiCurrency: true, Currencies: []string{"USD"}}
	return c
}

func (w *world) atRate(rate string) string {
	w.Helper()
	id := w.deal(w.usual.account, "At "+rate, map[string]any{"CurrencyIsoCode": "USD", "Rate__c": json.Number(rate)}, w.licence("1", "1000.00"))
	w.win(id)
	return id
}

// Cases: a rate of 1 on foreign invoices; a rate upside down. The deal is held before anything is made of it; only the very
// first rate of a currency, of which nothing is known, waits as a draft for the accountant.
func TestARateThatTheDealSays(t *testing.T) {
	inWorld(t, rates(), func(w *world) {
		w.must(w.crm.AddField("Opportunity", salesforcetest.FieldSpec{Name: "Rate__c", Type: "double", Precision: 18, Scale: 6}))
		w.books.AddCurrency("USD")
		one, first := w.atRate("1"), w.atRate("0.6")
		w.quiet()
		w.wantHeld(one, "currency.rate", "accountant", "no market's rate")
		w.wantHeld(first, "currency.rate", "accountant", "the first rate for USD", w.invoice(first).InvoiceNumber)
		if texts := w.found("currency.rate"); len(texts) != 1 || w.invoice(first).Status != "DRAFT" {
			w.Errorf("told %q of a draft that is %s", texts, w.invoice(first).Status)
		}
		w.must(w.books.Approve(w.invoice(first).InvoiceID))
		w.later(30 * time.Minute)
		w.wantFree(first)
		like, upside := w.atRate("0.61"), w.atRate("1.6667")
		w.quiet()
		if got := w.invoice(like).Status; got != "AUTHORISED" {
			w.Errorf("with a rate like the last it is %s", got)
		}
		w.wantHeld(upside, "currency.rate", "accountant", "upside down")
		w.change("Opportunity", upside, map[string]any{"Rate__c": json.Number("0.59")})
		w.change("Opportunity", one, map[string]any{"Rate__c": json.Number("0.6")})
		w.later(30 * time.Minute)
		for _, deal := range []string{one, upside} {
			w.wantFree(deal)
			if got := w.invoice(deal); got.Status != "AUTHORISED" {
				w.Errorf("once its rate is right it is %s", got.Status)
			}
		}
	})
}

// The mapping says no rate, and Xero has none: it answers with 1, as people report. Nobody but a person approves that.
func TestARateThatXeroDoesNotKnow(t *testing.T) {
	c := authorised()
	c.Salesforce = salesforcetest.Options{MultiCurrency: true, Currencies: []string{"USD"}}
	inWorld(t, c, func(w *world) {
		w.books.AddCurrency("USD")
		right := w.inCurrency("USD")
		w.quiet()
		if got := w.invoice(right); got.Status != "AUTHORISED" {
			w.Errorf("at %s it is %s", got.CurrencyRate, got.Status)
		}
		for _, rate := range []string{"0", "0.40"} { // none, and one that has fallen by a third
			w.books.SetRate("USD", money(rate))
			deal := w.inCurrency("USD")
			w.quiet()
			inv := w.invoice(deal)
			w.wantHeld(deal, "currency.rate", "accountant", inv.InvoiceNumber+" stays a draft", inv.CurrencyRate.String())
			w.must(w.books.Approve(inv.InvoiceID))
			w.later(30 * time.Minute)
			w.wantFree(deal)
		}
		// What a person has approved is what is compared with from then on; a rate of 1 never is.
		deal := w.inCurrency("USD")
		w.quiet()
		if got := w.invoice(deal); got.Status != "AUTHORISED" {
			w.Errorf("at %s it is %s", got.CurrencyRate, got.Status)
		}
	})
}

// Drafts that nobody asked us to approve: the deal says that the rate is in doubt until the accountant has approved it.
func TestADoubtfulRateOnADraft(t *testing.T) {
	c := company{New: true, Salesforce: salesforcetest.Options{MultiCurrency: true, Currencies: []string{"USD"}}}
	inWorld(t, c, func(w *world) {
		w.books.AddCurrency("USD")
		w.books.SetRate("USD", money("0"))
		deal := w.inCurrency("USD")
		w.quiet()
		if text := w.hold(deal); !strings.Contains(text, "the rate of "+w.invoice(deal).InvoiceNumber+" is in doubt: 1 NZD = 1 USD is no market's rate") {
			w.Errorf("the deal shows %q", text)
		}
		w.must(w.books.Approve(w.invoice(deal).InvoiceID))
		w.later(30 * time.Minute)
		w.wantFree(deal)
	})
}

// Case: Salesforce adds up line totals that it does not round. A deal of one discounted line is invoiced; one of two, which
// are a cent apart, is held with prices that help.
func TestADealWhoseLinesHaveHalfCents(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		half := func(price string) item {
			return item{w.usual.licence, "1", price, map[string]any{"Discount": json.Number("50")}}
		}
		one, two := w.won("One", half("169.83")), w.won("Two", half("84.91"), half("84.91"))
		w.quiet()
		if got := w.invoice(one).SubTotal.String(); got != "84.92" {
			w.Errorf("one line of 84.915 is billed as %s", got)
		}
		w.wantHeld(two, "total.cents", "sales", "come to 84.92 before tax, the deal says 84.91", "line 1 is 42.455 and line 2 is 42.455")
		if text := w.hold(two); !strings.Contains(text, "a Sales Price of 42.46 for line 1 and 42.46 for line 2 and no discount") {
			w.Errorf("the deal shows %q", text)
		}
		for _, line := range w.lines(two) { // as it says
			w.change("OpportunityLineItem", line, map[string]any{"UnitPrice": json.Number("42.46"), "Discount": nil})
		}
		w.later(30 * time.Minute)
		w.wantFree(two)
		if got := w.invoice(two).SubTotal.String(); got != "84.92" {
			w.Errorf("it is billed as %s", got)
		}
	})
}

// Case: a shop whose prices include tax: the invoice comes to the deal's amount, tax included.
func TestPricesThatIncludeTax(t *testing.T) {
	c := company{New: true, Edits: []string{"LineAmountTypes: Exclusive", "LineAmountTypes: Inclusive"}}
	inWorld(t, c, func(w *world) {
		var bolts []item
		for range 7 {
			bolts = append(bolts, w.licence("1", "0.55"))
		}
		lanterns, many := w.won("Lanterns", w.licence("4", "59.99")), w.won("Bolts", bolts...)
		w.quiet()
		for deal, want := range map[string]string{lanterns: "239.96", many: "3.85"} {
			if got := w.invoice(deal); got.Total.String() != want {
				w.Errorf("%s comes to %s, want %s", w.field(deal, "Name"), got.Total, want)
			}
		}
	})
}

// An org with one currency is asked, before money is sent, whether it still has one; a cycle in which nothing is sent asks
// nothing.
func TestOnlyMoneyAsksForCurrencies(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		w.later(30 * time.Minute)
		_, before := w.calls()
		for range 10 {
			time.Sleep(time.Minute)
			w.run()
		}
		if _, after := w.calls(); after-before != 10 {
			w.Errorf("ten idle cycles made %d calls to Salesforce", after-before)
		}
	})
}
