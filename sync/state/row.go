package state

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// rowKnown is true when it can be told what a record's row in Salesforce shows, or that there is none to write.
func (d Desk) rowKnown(tx *store.Tx, key store.Key) bool {
	link, linked := tx.Link(key)
	record, queued := tx.Record(key)
	return link.Row != nil || record.JSON != nil || (!linked && !queued) || writeBackFor(d.Mapping, d.Mapping.Entry(key.Entry)) == nil
}

// difference compares what a record's row should show with what Salesforce last showed.
func (d Desk) difference(tx *store.Tx, key store.Key) (fields, becomes json.RawMessage, of string, ready bool) {
	e := d.Mapping.Entry(key.Entry)
	back := writeBackFor(d.Mapping, e)
	if back == nil {
		return nil, nil, "", true
	}
	link, linked := tx.Link(key)
	record, queued := tx.Record(key)
	row := link.Row
	if row == nil && queued && record.JSON != nil {
		row = plan.RowFields(record.JSON, e.WriteBack)
	}
	if row == nil {
		return nil, nil, "", !linked && !queued
	}
	source := map[string]json.RawMessage{}
	if linked && link.XeroID != "" {
		source = shownToSales(link.Seen)
	}
	hold := ""
	switch {
	case queued && record.Hold != nil:
		hold = plan.HoldText(record.Hold)
	case link.Mismatch != "":
		hold = link.Number + " is not what was meant: " + link.Mismatch
	case link.Status == "DRAFT" || link.Status == "SUBMITTED":
		if doubt := plan.LinkedRateDoubt(link, d.Facts(tx)); doubt != "" {
			hold = "the rate of " + link.Number + " is in doubt: " + doubt
		}
	}
	if hold != "" {
		source["Hold"] = document.Quote(hold)
	}
	doc, err := json.Marshal(source)
	if err != nil {
		return nil, row, back.Kind, true
	}
	result, err := back.Apply(mapping.Env{Today: d.XeroNow.In(d.Reference.Location()).Format(time.DateOnly), Currency: d.Place.Currency, Location: d.Reference.Location()}, doc)
	if err != nil {
		d.Log.In(tx).Finding(key, link.XeroID, "writeback.unmappable", err.Error())
		return nil, row, back.Kind, true
	}
	for _, f := range result.Faults { // that field is left as it is; the others are written
		d.Log.In(tx).Finding(key, link.XeroID, "writeback.unmappable", f.Field+": "+f.Text)
	}
	wanted := document.Fields(result.JSON)
	switch {
	case !linked || link.XeroID == "":
		spareWitness(tx, e, key, link, row, wanted)
	case plan.BesideUndecided(link, plan.RowText(row, e.IDField), d.Off), plan.NamesRival(tx, link, plan.RowText(row, e.IDField)):
		keepOnly(wanted, e.HoldField)
	}
	for field := range wanted {
		if d.Withheld.has(back.Kind, field) {
			delete(wanted, field)
		}
	}
	return changedFields(wanted, row, back.Kind)
}

// shownToSales is an invoice as its deal shows it. Xero gives a day of full payment to what was credited in full, too, and
// that is no payment; what was paid before the invoice was made (a prepayment, an overpayment) is one.
func shownToSales(seen json.RawMessage) map[string]json.RawMessage {
	fields := document.Fields(seen)
	if inv, err := xero.DecodeInvoice(seen); err == nil && inv.AmountPaid.Decimal.IsZero() && len(inv.Prepayments)+len(inv.Overpayments) == 0 {
		delete(fields, "FullyPaidOnDate")
	}
	return fields
}

// spareWitness leaves the Xero id alone on the row of a record that has no document: it is a witness, and a person may
// have to look at it. It is cleared when it is a copy from another deal, or names the draft that we deleted ourselves.
func spareWitness(tx *store.Tx, e *mapping.Entry, key store.Key, link store.Link, row json.RawMessage, wanted map[string]json.RawMessage) {
	id := strings.ToLower(plan.RowText(row, e.IDField))
	if id == "" {
		return
	}
	if seen, known := tx.SeenByID(string(xero.Invoices), id); known {
		if inv, err := xero.DecodeInvoice(seen.JSON); err == nil {
			if mark, ok := document.MarkOf(inv.Url); ok && (mark.Record != key.ID || mark.Key() == key && mark.Generation < link.Generation) {
				return
			}
		}
	}
	keepOnly(wanted, e.HoldField)
}

func keepOnly(wanted map[string]json.RawMessage, field string) {
	for name := range wanted {
		if name != field {
			delete(wanted, name)
		}
	}
}

// changedFields are the wanted values that a row does not show yet. Numbers are compared by value: Salesforce writes 1.5E7
// and 100.0 where we wrote 15000000 and 100.00.
func changedFields(wanted map[string]json.RawMessage, row json.RawMessage, of string) (fields, becomes json.RawMessage, kind string, ready bool) {
	shown := document.Fields(row)
	changed := map[string]json.RawMessage{}
	for _, name := range document.SortedNames(wanted) {
		if !sameValue(wanted[name], shown[name]) {
			changed[name] = wanted[name]
		}
		shown[name] = wanted[name]
	}
	becomes, _ = json.Marshal(shown)
	if len(changed) == 0 {
		return nil, becomes, of, true
	}
	fields, _ = json.Marshal(changed)
	return fields, becomes, of, true
}

func sameValue(a, b json.RawMessage) bool {
	return bytes.Equal(a, b) || document.Plain(document.Decode(a)) == document.Plain(document.Decode(b))
}

// SameRow is true when two readings of a row show the same values, however they are written.
func SameRow(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, y := document.Fields(a), document.Fields(b)
	if a == nil || b == nil || len(x) != len(y) {
		return false
	}
	for name := range x {
		if v, ok := y[name]; !ok || !sameValue(x[name], v) {
			return false
		}
	}
	return true
}

func writeBackFor(m *mapping.Mapping, e *mapping.Entry) *mapping.Entry {
	if e == nil {
		return nil
	}
	for _, back := range m.WriteBack {
		if back.Kind == e.From {
			return back
		}
	}
	return nil
}
