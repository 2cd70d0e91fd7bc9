package plan

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"sf2xero/store"
	"sf2xero/xero"
)

// singleCurrency is an org in which no record has a currency of its own.
func singleCurrency(d *desk, org string) {
	d.facts.Place.Currency, d.single = org, true
	d.sells(`"CurrencyIsoCode":"NZD",`, ``)
}

const currencyLine = "    CurrencyCode: =CurrencyIsoCode # the org's own currency where Salesforce has only one\n"

func TestTheCurrencyOfADeal(t *testing.T) {
	t.Parallel()
	inUSD := func(d *desk) {
		d.reference.Currencies = append(d.reference.Currencies, "USD")
		d.sells(`"NZD"`, `"USD"`)
	}
	for _, c := range []planCase{
		{name: "it is the deal's own where the mapping names none", given: func(d *desk) { inUSD(d); d.maps(currencyLine, "") }, do: Create},
		{name: "it is one that Xero does not have", given: func(d *desk) { d.sells(`"NZD"`, `"USD"`); d.maps(currencyLine, "") },
			do: Hold, cause: "reference.CurrencyCode", owner: Accountant, says: []string{"USD"}},
		{name: "the org has one, and Xero does not have it", given: func(d *desk) { singleCurrency(d, "USD"); d.maps(currencyLine, "") },
			do: Hold, cause: "reference.CurrencyCode", owner: Accountant, says: []string{"USD"}},
		{name: "the org has one", given: func(d *desk) { singleCurrency(d, "NZD"); d.maps(currencyLine, "") }, do: Create},
		{name: "the org does not say its own", given: func(d *desk) { singleCurrency(d, ""); d.maps(currencyLine, "") },
			do: Hold, cause: "currency.unknown", owner: Admin, says: []string{"none is assumed"}},
		{name: "the org does not say its own, the mapping does", given: func(d *desk) { singleCurrency(d, ""); d.maps(currencyLine, "    CurrencyCode: NZD\n") }, do: Create},
		{name: "the deal does not say its own", given: func(d *desk) { d.sells(`"NZD"`, `""`); d.maps(currencyLine, "") },
			do: Hold, cause: "currency.unknown", owner: Admin},
		{name: "the mapping makes another of it", given: func(d *desk) {
			inUSD(d)
			d.maps("=CurrencyIsoCode #", `=BLANKVALUE(PO_Number__c, CurrencyIsoCode) #`)
			d.sells("Zanzibar 77", "NZD")
		}, do: Hold, cause: "currency.differs", owner: Admin, says: []string{"the deal is in USD, and mapping.yaml line 32 makes its invoice one in NZD", "=CurrencyIsoCode"}},
		{name: "the mapping makes another of the org's only one", given: func(d *desk) { singleCurrency(d, "USD"); d.maps(currencyLine, "    CurrencyCode: NZD\n") },
			do: Hold, cause: "currency.differs", owner: Admin, says: []string{"this Salesforce org is in USD", "To invoice converted amounts in NZD, let each deal say so", "Company Information"}},
		{name: "a field of the deal says it, in an org with one", given: func(d *desk) {
			singleCurrency(d, "USD")
			d.maps(currencyLine, "    CurrencyCode: =PO_Number__c\n")
			d.sells("Zanzibar 77", "NZD")
		}, do: Create},
		{name: "the org has several since, and the mapping in force does not know", given: func(d *desk) {
			singleCurrency(d, "NZD")
			d.facts.Place.SeveralCurrencies = true
		}, do: Hold, cause: "currency.unread", owner: Admin, says: []string{"several currencies now", "mapping.refused"}},
		{name: "the deal was read before it had one", given: func(d *desk) { d.sells(`"CurrencyIsoCode":"NZD",`, ``) }, do: Wait, says: []string{"read first"}},
	} {
		c.run(t, (*desk).plan)
	}
}

// What is sent says its currency, whatever the mapping leaves out.
func TestACurrencyIsAlwaysSent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.maps(currencyLine, "")
	if s := d.plan(); s.Do != Create || !strings.Contains(string(s.Document), `"CurrencyCode":"NZD"`) || s.Amount != "2760.00 NZD" {
		t.Errorf("%s: %s %s", s.Why, s.Document, s.Amount)
	}
}

// An invoice that was made before its currency was always sent is not sent it again for that alone.
func TestAnInvoiceFromBeforeTheCurrencyWasSent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.invoiced()
	d.link(func(l *store.Link) {
		l.Meant = []byte(strings.Replace(string(l.Meant), `"CurrencyCode":"NZD"`, `"Type":"ACCREC"`, 1))
	})
	d.sells("Zanzibar 77", "Zanzibar 78")
	if s := d.plan(); s.Do != Update || strings.Contains(string(s.Document), "CurrencyCode") {
		t.Errorf("%s %s: %s", s.Do, s.Why, s.Document)
	}
	d.reference.Currencies = append(d.reference.Currencies, "USD")
	d.sells(`"NZD"`, `"USD"`)
	if s := d.plan(); s.Do != Update || !strings.Contains(string(s.Document), `"CurrencyCode":"USD"`) {
		t.Errorf("once the deal is in another: %s %s: %s", s.Do, s.Why, s.Document)
	}
}

// rated is a deal in US dollars whose rate stands on it.
func rated(rate string, last ...string) func(d *desk) {
	return func(d *desk) {
		d.reference.Currencies = append(d.reference.Currencies, "USD")
		d.maps(currencyLine, currencyLine+"    CurrencyRate: =Rate__c\n")
		d.sells(`"NZD",`, `"USD","Rate__c":`+rate+`,`)
		for _, l := range last {
			d.facts.Rates = map[string]Rate{"USD": {Rate: decimal.RequireFromString(l), Date: "2026-11-02", Number: "INV-0003"}}
		}
	}
}

// Cases: a rate of 1 on foreign invoices; a rate upside down.
func TestARateThatNoMarketHas(t *testing.T) {
	t.Parallel()
	held := func(name string, given func(*desk), says ...string) planCase {
		return planCase{name: name, given: given, do: Hold, cause: "currency.rate", owner: Accountant, says: append(says, "take CurrencyRate out of mapping.yaml line 33")}
	}
	for _, c := range []planCase{
		held("a rate of one", rated("1"), "1 NZD = 1 USD is no market's rate"),
		held("a rate of one where another was seen", rated("1.000", "0.6012"), "no market's rate"),
		held("upside down", rated("1.6633", "0.6012"), "where INV-0003 of 2026-11-02 has 0.6012", "upside down: Xero wants how much USD one NZD buys"),
		held("a fifth too high", rated("0.72144", "0.6012"), "where INV-0003"),
		held("a fifth too low", rated("0.48096", "0.6012"), "where INV-0003"),
		{name: "less than a fifth away", given: rated("0.7214", "0.6012"), do: Create},
		{name: "the first of its currency", given: rated("1.6633"), do: Create},
		{name: "a currency that is kept at one for one", given: func(d *desk) {
			rated("1")(d)
			d.reference.Organisation.BaseCurrency = "BSD"
		}, do: Create},
		{name: "the books' own currency", given: func(d *desk) { rated("1")(d); d.reference.Organisation.BaseCurrency = "USD" }, do: Create},
	} {
		c.run(t, (*desk).plan)
	}
}

// A rate shows in Xero's answer at the latest: an invoice whose rate is in doubt is approved by a person or not at all.
func TestAnInvoiceWhoseRateIsInDoubtIsNotApproved(t *testing.T) {
	t.Parallel()
	invoice := func(rate string, mapped bool, last ...string) func(d *desk) {
		return func(d *desk) {
			d.reference.Currencies = append(d.reference.Currencies, "USD")
			d.maps("Status: DRAFT", "Status: AUTHORISED")
			d.sells(`"NZD"`, `"USD"`)
			d.invoiced()
			d.link(func(l *store.Link) {
				if mapped {
					l.Meant = []byte(strings.Replace(string(l.Meant), `"CurrencyCode":"USD"`, `"CurrencyCode":"USD","CurrencyRate":`+rate, 1))
				}
				l.Seen = []byte(strings.Replace(string(l.Seen), `"CurrencyCode":"USD"`, `"CurrencyCode":"USD","CurrencyRate":`+rate, 1))
				l.Shown = nil
			})
			for _, l := range last {
				d.facts.Rates = map[string]Rate{"USD": {Rate: decimal.RequireFromString(l), Date: "2026-11-02", Number: "INV-0003"}}
			}
		}
	}
	held := func(name string, given func(*desk), says ...string) planCase {
		return planCase{name: name, given: given, do: Hold, cause: "currency.rate", owner: Accountant, says: append(says, "INV-0007 stays a draft", "approve it in Xero if the rate is right")}
	}
	for _, c := range []planCase{
		{name: "Xero's own rate, the first seen", given: invoice("0.6012", false), do: Promote},
		{name: "Xero's own rate, like the last", given: invoice("0.61", false, "0.6012"), do: Promote},
		{name: "a mapped rate, like the last", given: invoice("0.61", true, "0.6012"), do: Promote},
		held("Xero itself answers with one", invoice("1", false), "no market's rate"),
		held("Xero itself answers with one far from the last", invoice("0.4", false, "0.6012"), "INV-0003 of 2026-11-02"),
		held("a mapped rate, the first seen", invoice("1.6633", true), "the first rate for USD"),
	} {
		c.run(t, (*desk).plan)
	}
}

func TestWhatAnInvoiceTeachesOfARate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	usd := func(rate, date, status string) xero.Invoice {
		return xero.Invoice{InvoiceNumber: "INV-0009", CurrencyCode: "USD", CurrencyRate: amount(rate), Date: xero.Date(date), Status: status}
	}
	known := Rate{Rate: decimal.RequireFromString("0.6"), Date: "2026-11-10", Number: "INV-0003"}
	for _, c := range []struct {
		name   string
		inv    xero.Invoice
		own    bool
		before Rate
		learnt string
	}{
		{"approved", usd("0.61", "2026-11-12", "AUTHORISED"), false, known, "0.61"},
		{"approved, although far from the last: a person did it", usd("0.9", "2026-11-12", "PAID"), false, known, "0.9"},
		{"approved, the first", usd("0.61", "2026-11-12", "AUTHORISED"), false, Rate{}, "0.61"},
		{"older than the last", usd("0.61", "2026-11-09", "AUTHORISED"), false, known, ""},
		{"the same day, not changed since", usd("0.61", "2026-11-10", "AUTHORISED"), false, known, ""},
		{"the same day, approved since", func() xero.Invoice {
			inv := usd("0.61", "2026-11-10", "AUTHORISED")
			inv.UpdatedDateUTC.Time = d.facts.XeroNow
			return inv
		}(), false, known, "0.61"},
		{"of the future", usd("0.61", "2027-11-12", "AUTHORISED"), false, known, ""},
		{"a draft of somebody's", usd("0.61", "2026-11-12", "DRAFT"), false, known, ""},
		{"a draft with Xero's own rate", usd("0.61", "2026-11-12", "DRAFT"), true, known, "0.61"},
		{"a draft with Xero's own rate, far from the last", usd("0.9", "2026-11-12", "DRAFT"), true, known, ""},
		{"one for one", usd("1.0", "2026-11-12", "AUTHORISED"), false, known, ""},
		{"voided", usd("0.61", "2026-11-12", "VOIDED"), false, known, ""},
		{"the books' own currency", xero.Invoice{CurrencyCode: "NZD", CurrencyRate: amount("1"), Date: "2026-11-12", Status: "AUTHORISED"}, false, known, ""},
	} {
		f := d.all(d.compile())
		if c.before.Number != "" {
			f.Rates = map[string]Rate{"USD": c.before}
		}
		got, ok := LearnRate(c.inv, c.own, f)
		if ok != (c.learnt != "") || ok && got.Rate.String() != c.learnt {
			t.Errorf("%s: %t %+v", c.name, ok, got)
		}
	}
}
