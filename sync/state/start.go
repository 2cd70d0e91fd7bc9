package state

import (
	"encoding/json"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/plan"
)

// valueStart + entry: from which day its deals are invoiced, and which earlier days edits have set.
const valueStart = "start/"

// StartOf is from which day an entry's deals are invoiced; without any day when that was never stored.
func StartOf(tx *store.Tx, e *mapping.Entry) (s plan.Start) {
	_ = json.Unmarshal([]byte(tx.Value(valueStart+e.Name)), &s) // what does not decode was not stored by us, and is found out anew
	return s
}

// startIn is the same for the deals of a mapping.
func startIn(tx *store.Tx, m *mapping.Mapping) plan.Start {
	if len(m.Documents) == 0 {
		return plan.Start{}
	}
	return StartOf(tx, m.Documents[0])
}

// PutStart stores it.
func PutStart(tx *store.Tx, e *mapping.Entry, s plan.Start) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return tx.SetValue(valueStart+e.Name, string(text))
}

// NotePast notes of the deals in the todo which of them only the edited start reaches, so that the edit is no cause for them,
// whatever becomes of them until a person admits it. Case: deals that were held for their old close dates were invoiced when
// they came back into sight (seed 22484).
func NotePast(tx *store.Tx, e *mapping.Entry, before, now plan.Start) error {
	for r := range tx.Todo(e.Name, "") {
		date := plan.CloseDate(r)
		_, waited := before.Waits(date)
		_, waits := now.Waits(date)
		if link, _ := tx.Link(r.Key); !waits || waited || link.XeroID != "" || r.Past {
			continue
		}
		r.Past = true
		if err := tx.PutRecord(r); err != nil {
			return err
		}
	}
	return nil
}
