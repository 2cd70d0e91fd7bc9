package xerotest

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

type currency struct{ code, description string }

// dayRates are what one unit of New Zealand's currency buys on the day the organisation opens.
func dayRates() map[string]decimal.Decimal {
	rates := map[string]decimal.Decimal{}
	for code, rate := range map[string]string{"AUD": "0.9125", "USD": "0.6012", "EUR": "0.5523", "GBP": "0.4718"} {
		rates[code] = decimal.RequireFromString(rate)
	}
	return rates
}

func (c *company) subscribed(code string) bool {
	return slices.ContainsFunc(c.currencies, func(k currency) bool { return k.code == code })
}

// dayRate is what one unit of the base currency buys. A currency without a rate gets 1, as people met it on invoices.
func (c *company) dayRate(code string) decimal.Decimal {
	if rate, known := c.rates[code]; known && code != c.baseCurrency {
		return rate
	}
	return decimal.New(1, 0)
}

// takeRate takes a rate as it is; one that no market has only gives a warning. An invoice in the base currency has 1,
// whatever is sent.
func (o *Organisation) takeRate(doc *document, rate decimal.Decimal, v *verdict) {
	if doc.currency == o.company.baseCurrency {
		return
	}
	day := o.company.dayRate(doc.currency)
	ten := decimal.New(10, 0)
	if rate.IsPositive() {
		doc.rate = rate.Round(6)
	}
	if !rate.IsPositive() || rate.GreaterThan(day.Mul(ten)) || rate.Mul(ten).LessThan(day) {
		v.warn("The currency rate " + rate.String() + " is very different from the rate of the day")
	}
}

// AddCurrency subscribes the organisation to a currency; on a plan with one currency the subscriber changes the plan first.
func (o *Organisation) AddCurrency(code string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.company.oneCurrency = false
	o.addCurrency(code, "")
}

func (o *Organisation) addCurrency(code, description string) {
	if o.company.subscribed(code) {
		return
	}
	if description == "" {
		description = code
	}
	o.company.currencies = append(o.company.currencies, currency{code, description})
	slices.SortFunc(o.company.currencies, func(a, b currency) int { return strings.Compare(a.code, b.code) })
}

// SetRate sets the rate of the day of a currency: what one unit of the base currency buys. Zero takes it away, and
// invoices in that currency get 1 until there is one again. Invoices that are there keep their rate.
func (o *Organisation) SetRate(code string, rate decimal.Decimal) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if rate.IsPositive() {
		o.company.rates[code] = rate.Round(6)
	} else {
		delete(o.company.rates, code)
	}
}
