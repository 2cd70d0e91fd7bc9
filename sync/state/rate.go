package state

import (
	"encoding/json"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// valueRate + a currency: the last rate that an invoice in Xero shows for it.
const valueRate = "rate/"

func ratesIn(tx *store.Tx, ref *xero.Reference) map[string]plan.Rate {
	rates := map[string]plan.Rate{}
	for _, code := range ref.Currencies {
		var rate plan.Rate
		if text := tx.Value(valueRate + code); text != "" && json.Unmarshal([]byte(text), &rate) == nil {
			rates[code] = rate
		}
	}
	return rates
}

// learnRate remembers what an invoice teaches of its currency's rate. own: its rate is Xero's own, and not the mapping's.
func (d Desk) learnRate(tx *store.Tx, inv xero.Invoice, own bool) error {
	if inv.CurrencyCode == "" || inv.CurrencyCode == d.Reference.Organisation.BaseCurrency {
		return nil
	}
	rate, learnt := plan.LearnRate(inv, own, d.Facts(tx))
	if !learnt {
		return nil
	}
	text, err := json.Marshal(rate)
	if err != nil {
		return err
	}
	return tx.SetValue(valueRate+inv.CurrencyCode, string(text))
}

// valueRates is set once the rates of linked invoices are learnt.
const valueRates = "rates"

// learnRates learns once what the invoices of a store teach that an older version has written: its watch has read them long ago,
// and will not list them again. Without it each draft at a rate of the deal would be held as the first of its currency.
func (d Desk) learnRates(tx *store.Tx) error {
	if tx.Value(valueRates) != "" {
		return nil
	}
	for link := range tx.Links(document.Invoices, "") {
		inv, err := xero.DecodeInvoice(link.Seen)
		if err != nil {
			continue // a link without a document
		}
		if err := d.learnRate(tx, inv, false); err != nil {
			return err
		}
	}
	return tx.SetValue(valueRates, "learnt")
}

// lookAtRate tells of an invoice just made whose rate is in doubt, and learns from one whose rate is not.
func (d Desk) lookAtRate(tx *store.Tx, link store.Link) error {
	if link.Kind != string(xero.Invoices) {
		return nil
	}
	if doubt := plan.LinkedRateDoubt(link, d.Facts(tx)); doubt != "" {
		text := "the rate of " + link.Number + " is in doubt: " + doubt
		d.Log.In(tx).Finding(link.Key, link.XeroID, "currency.rate", text)
		return tx.Journal(store.Event{At: d.XeroNow, What: "currency.rate", Key: link.Key.String(), Text: text})
	}
	inv, err := xero.DecodeInvoice(link.Seen)
	if err != nil {
		return err
	}
	sent, err := xero.DecodeInvoice(link.Meant)
	if err != nil {
		return err
	}
	return d.learnRate(tx, inv, !sent.CurrencyRate.Set)
}
