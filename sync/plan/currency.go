package plan

import (
	"encoding/json"
	"fmt"
	"slices"
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
		remedy := "write CurrencyCode: =CurrencyIsoCode in " + at + " (and take formulas out that convert its amounts), or correct the deal's currency in Salesforce"
		if !e.OwnCurrency {
			remedy = foreignRemedy(own, inv.CurrencyCode)
		}
		return Held("currency.differs", Admin, fmt.Sprintf("%s in %s, and %s makes its invoice one in %s: the same number of something else", whose, own, at, inv.CurrencyCode), remedy)
	}
	return nil
}

// ForeignCurrency refuses a currency that a mapping fixes and that is not the org's only one: each deal would be held for it. It has one
// line with ways out that keep amount and currency together. Where formulas convert the amounts, taking the currency out would make
// USD 1,650 of NZD 1,650; and what a formula converts cannot be told from what it rounds.
func ForeignCurrency(m *mapping.Mapping, codes []mapping.Code, place Place) (problems []mapping.Problem) {
	own := currencyCode(place.Currency)
	fixed := func(e *mapping.Entry) bool { return e.FixedCurrency && !e.OwnCurrency }
	if own == "" || place.SeveralCurrencies || !slices.ContainsFunc(m.Documents, fixed) {
		return nil
	}
	for _, code := range codes {
		if code.Field != "CurrencyCode" || code.Value == "" {
			continue
		}
		fixes := currencyCode(code.Value)
		if fixes == own {
			return nil // a formula decides between several
		}
		problems = append(problems, code.Problem(fmt.Sprintf("this Salesforce org is in %s, and this makes every invoice one in %s: the same number of something else. %s",
			own, fixes, sentence(foreignRemedy(own, fixes)))))
	}
	return problems
}

// foreignRemedy is for an org whose only currency is not what its mapping fixes.
func foreignRemedy(own, fixes string) string {
	return fmt.Sprintf("to invoice in %[1]s, write CurrencyCode: =CurrencyIsoCode and send prices and total as they are, without a formula that converts them. "+
		"To invoice converted amounts in %[2]s, let each deal say so: a field of the deal that holds %[2]s, and CurrencyCode: = that field. "+
		"If Salesforce's amounts are in %[2]s, correct the org's currency (Setup, Company Information) and start sf2xero again", own, fixes)
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

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
