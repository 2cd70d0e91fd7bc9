package plan

import (
	"encoding/json"
	"fmt"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// CurrencyField is where Salesforce keeps a record's currency, in orgs that have several.
const CurrencyField = "CurrencyIsoCode"

// setCurrency gives an invoice the currency of its deal: what the mapping says, else what the deal itself says, else the
// org's. It is always sent, because Xero takes its own where none is. Case: an org in US dollars, books in New Zealand
// dollars, and a mapping without CurrencyCode made NZD 1,000 of USD 1,000, and nobody was told.
func setCurrency(inv *xero.Invoice, r store.Record, e *mapping.Entry, f Facts, source mapping.Source) *store.Hold {
	if f.Off.Currency {
		return nil
	}
	inv.CurrencyCode = currencyCode(inv.CurrencyCode)
	own := currencyCode(f.Place.Currency)
	whose := "this Salesforce org is"
	if e.OwnCurrency {
		own, whose = currencyCode(RowText(r.JSON, CurrencyField)), "the deal is"
	}
	switch {
	case f.Place.SeveralCurrencies && !e.OwnCurrency:
		// The mapping in force was compiled when the org had one currency, and its edit for several was refused.
		return Held("currency.unread", Admin, "this Salesforce org has several currencies now, and mapping.yaml, as it is in force, does not read in which one the deal is",
			"write CurrencyCode: =CurrencyIsoCode in mapping.yaml; the log says what else is wrong there (mapping.refused)")
	case own == "" && (e.OwnCurrency || inv.CurrencyCode == ""):
		return Held("currency.unknown", Admin, "Salesforce does not say in which currency the deal is, and none is assumed",
			"give the deal its currency in Salesforce, or name one in mapping.yaml (CurrencyCode)")
	case inv.CurrencyCode == "":
		inv.CurrencyCode = own
	case own != "" && inv.CurrencyCode != own && (e.OwnCurrency || e.FixedCurrency):
		at := "mapping.yaml"
		if source.Line > 0 {
			at = fmt.Sprintf("mapping.yaml line %d", source.Line)
		}
		remedy := "write CurrencyCode: =CurrencyIsoCode in " + at + ", or correct the deal's currency in Salesforce"
		if !e.OwnCurrency {
			remedy = "take CurrencyCode out of " + at + ", or correct the org's currency in Salesforce (Setup, Company Information)"
		}
		return Held("currency.differs", Admin, fmt.Sprintf("%s in %s, and %s makes its invoice one in %s: the same number of something else", whose, own, at, inv.CurrencyCode), remedy)
	}
	return nil
}

func currencyCode(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// currencyUnread is true for a record that was read before its object was known to have currencies of its own: it is read
// again, by its id, before anything is decided about its money.
func currencyUnread(r store.Record, e *mapping.Entry) bool {
	if !e.OwnCurrency || r.JSON == nil {
		return false
	}
	_, read := document.Fields(r.JSON)[CurrencyField]
	return !read
}

const textCurrencyUnread = "its currency is to be read first"

// valuedAlike is what was sent of an invoice's currency: one that was made before it was always sent has Xero's word for it.
func valuedAlike(sent, wanted, seen json.RawMessage) string {
	now := document.Texts(seen)["CurrencyCode"]
	if before := document.Texts(sent)["CurrencyCode"]; before != "" || now != document.Texts(wanted)["CurrencyCode"] {
		return before
	}
	return now
}
