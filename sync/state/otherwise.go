package state

import (
	"encoding/json"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/plan"
)

// valueOtherwise is where the fields stand that Xero keeps otherwise than the mapping writes them.
const valueOtherwise = "otherwise"

// keptOtherwise is what was seen under one mapping. What was seen under the one before says nothing of this one.
type keptOtherwise struct {
	Mapping string // its hash
	Fields  map[string]plan.Otherwise
}

func otherwiseUnder(tx *store.Tx, m *mapping.Mapping) (kept keptOtherwise) {
	if json.Unmarshal([]byte(tx.Value(valueOtherwise)), &kept) != nil || kept.Mapping != m.Hash || kept.Fields == nil {
		return keptOtherwise{Mapping: m.Hash, Fields: map[string]plan.Otherwise{}}
	}
	return kept
}

// tellDiffers tells that a document is not what was meant. Where the mapping is to blame, because others differ in the same
// field, that is told instead, once.
func (d Desk) tellDiffers(tx *store.Tx, link store.Link) error {
	m := d.Mapping
	e := m.Entry(link.Entry)
	fields := plan.Differing(tx, link)
	if e == nil || len(fields) == 0 || d.Off.Otherwise {
		d.Log.In(tx).Differs(link)
		return nil
	}
	kept, alone := otherwiseUnder(tx, m), false
	for _, field := range fields {
		line := e.LineOf(strings.Replace(field, "/", ".", 1))
		if line == 0 { // no line that could be corrected
			alone = true
			continue
		}
		before := kept.Fields[field]
		now := before.Counted(line, link.ID)
		kept.Fields[field] = now
		if alone = alone || !now.Alarming(); now.Alarming() && !before.Alarming() {
			d.Log.In(tx).Otherwise(field, now)
			if err := tx.Journal(store.Event{At: d.XeroNow, What: "mapping.differs", Text: plan.OtherwiseName(field) + ": " + plan.OtherwiseRemedy(line)}); err != nil {
				return err
			}
		}
	}
	if alone {
		d.Log.In(tx).Differs(link)
	}
	text, err := json.Marshal(kept)
	if err != nil || string(text) == tx.Value(valueOtherwise) {
		return err
	}
	return tx.SetValue(valueOtherwise, string(text))
}
