package sync

import (
	"encoding/json"
	"errors"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/plan"
)

// valueStart + entry: from which day its deals are invoiced, and which earlier days edits have set.
const valueStart = "start/"

// moveStart is the start in force, stored when mapping.yaml has moved it. What an edited start reaches is not taken up one by
// one: it stays history until a person admits it. Case: for one cycle of a start moved back a company's whole history was
// held, in Salesforce too.
func (c *Cycle) moveStart(in Inputs, e *mapping.Entry, today string) (now plan.Start, err error) {
	var before plan.Start
	stored := false
	if err := c.Store.View(func(tx *store.Tx) error {
		text := tx.Value(valueStart + e.Name)
		if stored = json.Unmarshal([]byte(text), &before) == nil && before.Begin != ""; !stored {
			before = plan.Start{Begin: c.startBefore(tx)}
		}
		now = before.Under(in.Mapping.Start, e.Admit, today)
		return nil
	}); err != nil || stored && now.Equal(before) {
		return now, err
	}
	return now, c.Store.Update(func(tx *store.Tx) error {
		text, err := json.Marshal(now)
		if err != nil {
			return err
		}
		return errors.Join(tx.SetValue(valueStart+e.Name, string(text)), letInByStart(tx, e, before, now))
	})
}

// startBefore is the start under which a store of an earlier version has read its records; "" for a new store.
func (c *Cycle) startBefore(tx *store.Tx) string {
	if before := c.earlier[tx.Value(valueMatched)]; before != nil {
		return before.Start
	}
	return ""
}

// letInByStart gives a deal that was held for its old close date the edit as its only cause, when it is that edit which
// reaches its date.
func letInByStart(tx *store.Tx, e *mapping.Entry, before, now plan.Start) error {
	for r := range tx.Todo(e.Name, "") {
		date := plan.CloseDate(r)
		_, waited := before.Waits(date)
		edited, waits := now.Waits(date)
		if link, _ := tx.Link(r.Key); !waits || waited || link.XeroID != "" || r.Gone != "" || r.Cause == plan.CauseMapping || r.Cause == plan.CauseDrop {
			continue
		}
		r.Cause, r.LetIn = plan.CauseMapping, edited
		if err := tx.PutRecord(r); err != nil {
			return err
		}
	}
	return nil
}

// booksBegin is the day before which what was once seen is history, whatever is edited on it.
func (p *puller) booksBegin() string { return max(p.start.Begin, p.in.Mapping.Start) }

// takeReached takes a deal of before the books that only an edited start reaches: it is counted and stays history. What is
// known already is read whole.
func (p *puller) takeReached(row salesforce.Record) error {
	known := false
	if err := p.c.Store.View(func(tx *store.Tx) error { known = kept(tx, store.Key{Entry: p.e.Name, ID: row.ID}); return nil }); err != nil {
		return err
	}
	if known {
		p.late[row.ID] = true
		return nil
	}
	p.reached++
	return p.takeHistory(row)
}
