package sync

import (
	"fmt"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/xero"
)

// resolveCodes puts Xero's own codes in place of the names that people wrote, and holds what this organisation does not
// have: an account, a tax rate, a currency, an item, a tracking option. Xero would refuse it, or worse, drop it.
func resolveCodes(inv *xero.Invoice, ref *xero.Reference, sources map[string]mapping.Source) *store.Hold {
	refuse := func(field string, err error) *store.Hold {
		text := err.Error()
		remedy := "correct mapping.yaml"
		source := sources[field]
		line := source.Line
		if source.TableLine > 0 { // where the person wrote the code, not the formula that looks it up
			line = source.TableLine
		}
		if line > 0 {
			remedy = fmt.Sprintf("correct mapping.yaml line %d", line)
		}
		_, name, _ := strings.Cut(field, ".")
		name, _, _ = strings.Cut(name, ".")
		return held("reference."+name, admin, text, remedy+", or mend it in Xero")
	}
	if inv.CurrencyCode != "" {
		if err := ref.Currency(inv.CurrencyCode); err != nil {
			return held("reference.CurrencyCode", accountant, err.Error(), "add the currency in Xero (Settings, Currencies), or correct the deal")
		}
	}
	for i := range inv.LineItems {
		line := &inv.LineItems[i]
		at := func(field string) string { return fmt.Sprintf("LineItems[%d].%s", i, field) }
		if line.AccountCode != "" {
			account, err := ref.Account(line.AccountCode)
			if err != nil {
				return refuse(at("AccountCode"), err)
			}
			line.AccountCode = account.Code
		}
		if line.TaxType != "" {
			rate, err := ref.TaxType(line.TaxType)
			if err != nil {
				return refuse(at("TaxType"), err)
			}
			line.TaxType = rate.TaxType
		}
		if line.ItemCode != "" {
			if err := ref.Item(line.ItemCode); err != nil {
				return refuse(at("ItemCode"), err)
			}
		}
		for j := range line.Tracking {
			if err := ref.TrackingOption(line.Tracking[j].Name, line.Tracking[j].Option); err != nil {
				return refuse(at("Tracking."+line.Tracking[j].Name), err)
			}
		}
	}
	return nil
}
