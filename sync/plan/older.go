package plan

import (
	"encoding/json"
	"slices"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// What an older version of this program has left in the store. It sent no currency where mapping.yaml names none, and Xero took
// its own: such an invoice says nowhere in which currency it was meant, and nothing would ever compare it. Case: after an upgrade
// NZD 1,150.00 was approved for a deal over USD 1,000, and nobody was told.

// LacksCurrency is true for an invoice in the books of which it is not known in which currency it was meant. Its deal is planned
// once, whatever has been decided about it: then it is known.
func LacksCurrency(link store.Link) bool {
	if link.Kind != string(xero.Invoices) || link.Decided == "" || !LiveLink(link, true) || link.Meant == nil {
		return false
	}
	currency := func(doc json.RawMessage) string { return document.Text(document.Fields(doc)["CurrencyCode"]) } // not Texts: each sweep asks
	return currency(link.Meant) == "" && currency(link.Seen) != ""
}

// planDecided decides about a record that is what was decided about last.
func planDecided(s Step, r store.Record, e *mapping.Entry, f Facts, link store.Link) Step {
	if !LacksCurrency(link) || f.Off.Older {
		return planPromotion(s, r, e, f, link)
	}
	if currencyUnread(r, e) {
		return s.wait(textCurrencyUnread)
	}
	meant, hold := meantCurrency(r, e, f, link, s.Today)
	if hold != nil {
		return s.hold(hold)
	}
	s.Completed, link.Meant = meant, meant
	return planPromotion(s, r, e, f, link).inOtherCurrency(link)
}

// meantCurrency is what an invoice was meant to be, with the currency that its deal says; the hold is for a deal that does not.
func meantCurrency(r store.Record, e *mapping.Entry, f Facts, link store.Link, today string) (json.RawMessage, *store.Hold) {
	result, err := e.Apply(f.Env(today), r.JSON)
	if err != nil || slices.ContainsFunc(result.Faults, func(f mapping.Fault) bool { return f.Field == "CurrencyCode" }) {
		return nil, Held("currency.unknown", Admin, "what mapping.yaml makes of the deal has no currency, and none is assumed",
			"give the deal its currency in Salesforce, or name one in mapping.yaml (CurrencyCode)")
	}
	// What else is amiss with the deal today does not matter to its currency.
	inv := xero.Invoice{CurrencyCode: document.Text(document.Fields(result.JSON)["CurrencyCode"])}
	if hold := setCurrency(&inv, r, e, f, result.Sources["CurrencyCode"]); hold != nil {
		return nil, hold
	}
	currency, _ := json.Marshal(map[string]string{"CurrencyCode": inv.CurrencyCode})
	return document.MeantWith(link.Meant, currency, []string{"CurrencyCode"}), nil
}

// inOtherCurrency tells of an invoice that nothing is to be done with any more, and that is not in the currency of its deal: it
// was approved, perhaps paid. A draft that is to be approved is held instead.
func (s Step) inOtherCurrency(link store.Link) Step {
	differs := document.Compare(link.Meant, link.Seen).Differs("CurrencyCode")
	if differs == "" || s.Do != Nothing {
		return s
	}
	remedy := "correct it in Xero"
	if link.Status == "AUTHORISED" || link.Status == "PAID" { // Xero lets nobody change it any more
		remedy = "void it in Xero, and give its copy there (Invoice options, Copy) the right one; the copy becomes the deal's invoice"
	}
	s.Mismatch = together(link.Mismatch, differs+": it was made by an older version of sf2xero, which sent no currency. Where that is wrong, "+remedy)
	return s.find("invoice.differs", link.Number+" is not what was meant: "+s.Mismatch)
}
