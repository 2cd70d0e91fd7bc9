package sync

import (
	"context"
	"slices"
	"strings"
	"time"

	"sf2xero/salesforce"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// currenciesKnown is for how long it is believed that an org has one currency.
const currenciesKnown = time.Minute

// severalCurrencies asks, before money is sent, whether an org that had one currency has several since. The describe that
// the mapping was compiled with may be hours old, and a deal in another currency would be taken for one in the org's.
func (c *Cycle) severalCurrencies(ctx context.Context, object string) (noticed bool, err error) {
	if c.place.SeveralCurrencies || c.safeguardsOff.Describe || time.Since(c.currenciesRead) < currenciesKnown {
		return false, nil
	}
	described, err := c.Salesforce.Describe(ctx, object)
	if err != nil {
		return false, err
	}
	c.currenciesRead = time.Now()
	for _, o := range described {
		noticed = noticed || slices.ContainsFunc(o.Fields, func(f salesforce.Field) bool { return strings.EqualFold(f.Name, "CurrencyIsoCode") })
	}
	if noticed {
		c.place.SeveralCurrencies, c.compiled.described = true, time.Time{} // the next cycle compiles the mapping anew
	}
	return noticed, nil
}

// sendsMoney is true for steps that put amounts into an invoice.
func sendsMoney(kind xero.Kind, steps []plan.Step) bool {
	return kind == xero.Invoices && slices.ContainsFunc(steps, func(s plan.Step) bool { return s.Do == plan.Create || s.Do == plan.Update })
}
