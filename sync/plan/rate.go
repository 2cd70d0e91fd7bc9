package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/xero"
)

// Rate is what one unit of the organisation's own currency last bought of another, as an invoice in Xero shows it: one that
// somebody has approved, or one whose rate is Xero's own.
type Rate struct {
	Rate   decimal.Decimal
	Date   string    // of that invoice
	Day    string    `json:",omitempty"` // whose rate it is, where that is not the invoice's date
	At     time.Time // when it last changed
	Number string
}

// day is the day whose rate it is.
func (r Rate) day() string { return cmp.Or(r.Day, r.Date) }

// rateDoubt says what is wrong with a foreign rate; "" when nothing is. Case: programs that know no rate send 1, and one
// that had it upside down booked USD 100 as NZD 60 instead of 166.
func rateDoubt(inv xero.Invoice, f Facts) string {
	base, code, rate := f.Reference.Organisation.BaseCurrency, inv.CurrencyCode, inv.CurrencyRate
	if f.Off.Rate || !rate.Set || code == "" || base == "" || code == base {
		return ""
	}
	what := fmt.Sprintf("1 %s = %s %s", base, rate.Decimal, code)
	if !rate.IsPositive() {
		return what + " is no rate"
	}
	if rate.Decimal.Equal(decimal.NewFromInt(1)) && !pegged(base, code) {
		return what + " is no market's rate; it is what programs send that know none"
	}
	last, known := f.Rates[code]
	if !known || withinAFifth(rate.Decimal, last.Rate) {
		return ""
	}
	text := fmt.Sprintf("%s, where %s of %s has %s", what, last.Number, last.Date, last.Rate)
	if withinAFifth(decimal.NewFromInt(1).Div(rate.Decimal), last.Rate) {
		text += fmt.Sprintf("; it looks upside down: Xero wants how much %s one %s buys", code, base)
	}
	return text
}

// withinAFifth is true for a rate that is not 20 % away from the last one.
func withinAFifth(rate, last decimal.Decimal) bool {
	return rate.Sub(last).Abs().LessThan(last.Mul(decimal.New(2, -1)))
}

// pegged is true for currencies that are kept at one for one.
func pegged(a, b string) bool {
	for _, alike := range [][]string{{"SGD", "BND"}, {"GBP", "GIP", "FKP", "SHP", "IMP", "JEP", "GGP"}, {"USD", "BSD", "BMD", "PAB"}, {"ZAR", "NAD", "LSL", "SZL"}, {"INR", "BTN"}, {"XAF", "XOF"}} {
		if slices.Contains(alike, a) && slices.Contains(alike, b) {
			return true
		}
	}
	return false
}

// rateHold holds a deal whose own rate is in doubt, before anything is made of it. Xero's own rate shows in its answer only.
func rateHold(inv xero.Invoice, f Facts, source mapping.Source) *store.Hold {
	doubt := rateDoubt(inv, f)
	if doubt == "" {
		return nil
	}
	at := "mapping.yaml"
	if source.Line > 0 {
		at = fmt.Sprintf("mapping.yaml line %d", source.Line)
	}
	return Held("currency.rate", Accountant, "the rate of the deal is in doubt: "+doubt,
		"correct the rate on the deal, or take CurrencyRate out of "+at+": Xero then takes the rate of the day. Where the rate is right, approve an invoice with it in Xero: the next are compared with that one")
}

// LinkedRateDoubt is the same of an invoice as Xero shows it. What the mapping gave as the very first rate of a currency is
// in doubt too: nobody has looked at it yet.
func LinkedRateDoubt(link store.Link, f Facts) string {
	shown, err := xero.DecodeInvoice(link.Seen)
	if err != nil || link.Kind != string(xero.Invoices) || f.Off.Rate {
		return ""
	}
	if doubt := rateDoubt(shown, f); doubt != "" {
		return doubt
	}
	base, code := f.Reference.Organisation.BaseCurrency, shown.CurrencyCode
	if _, known := f.Rates[code]; known || code == "" || code == base || !rateMapped(link.Meant) {
		return ""
	}
	return fmt.Sprintf("1 %s = %s %s is the first rate for %s here, and there is nothing to compare it with", base, shown.CurrencyRate.Decimal, code, code)
}

func rateMapped(meant json.RawMessage) bool {
	inv, err := xero.DecodeInvoice(meant)
	return err == nil && inv.CurrencyRate.Set
}

// LearnRate is what an invoice in Xero teaches about its currency; false when it teaches nothing. Later ones are compared
// with the newest by its own date, not by when it was listed: a first watch lists years in no order. No market knows the rate
// of a day to come: what such an invoice bears is the rate of the day on which it was last changed. Seed 20642: where deals are
// invoiced ahead of their day nothing was ever learnt, and a rate that had fallen by half was approved.
func LearnRate(inv xero.Invoice, own bool, f Facts) (Rate, bool) {
	base, code := f.Reference.Organisation.BaseCurrency, inv.CurrencyCode
	switch {
	case code == "" || base == "" || code == base || !inv.CurrencyRate.Set || !inv.CurrencyRate.IsPositive():
		return Rate{}, false
	case inv.CurrencyRate.Decimal.Equal(decimal.NewFromInt(1)) && !pegged(base, code):
		return Rate{}, false
	case inv.Status != "AUTHORISED" && inv.Status != "PAID" && (!own || rateDoubt(inv, f) != ""):
		return Rate{}, false
	}
	learnt := Rate{Rate: inv.CurrencyRate.Decimal, Date: string(inv.Date), At: inv.UpdatedDateUTC.Time, Number: inv.InvoiceNumber}
	if day := f.localDay(f.XeroNow); learnt.Date > day {
		learnt.Day = min(day, f.localDay(learnt.At))
	}
	last, known := f.Rates[code]
	newer := !known || last.day() < learnt.day() || last.day() == learnt.day() && last.At.Before(learnt.At)
	return learnt, newer
}
