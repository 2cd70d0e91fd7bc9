package sync

import (
	"context"
	"errors"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/plan"
	"sf2xero/sync/state"
)

// moveStart is the start in force, stored when mapping.yaml has moved it. What an edited start reaches is not taken up one by
// one: it stays history until a person admits it. Case: for one cycle of a start moved back a company's whole history was
// held, in Salesforce too.
func (c *Cycle) moveStart(in Inputs, e *mapping.Entry, today string) (now plan.Start, err error) {
	var before plan.Start
	stored := false
	if err := c.Store.View(func(tx *store.Tx) error {
		before = state.StartOf(tx, e)
		if stored = before.Begin != ""; !stored {
			before = plan.Start{Begin: c.mappings.startBefore(tx)}
		}
		now = before.Under(in.Mapping.Start, e.Admit, today)
		return nil
	}); err != nil || stored && now.Equal(before) {
		return now, err
	}
	return now, c.Store.Update(func(tx *store.Tx) error {
		return errors.Join(state.PutStart(tx, e, now), state.NotePast(tx, e, before, now))
	})
}

// startBefore is the start under which a store of an earlier version has read its records; "" for a new store.
func (m *mappings) startBefore(tx *store.Tx) string {
	if before := m.earlier[tx.Value(valueMatched)]; before != nil {
		return before.Start
	}
	return ""
}

// startAfterLoss finds out what an edited start reached that nobody had admitted when the store was lost: many deals without any
// trace, all of them older than each that was ever dealt with, were not missed but never let in.
func (p *pull) startAfterLoss(ctx context.Context) error {
	links := 0
	if err := p.c.Store.View(func(tx *store.Tx) error {
		if p.e != nil {
			links = tx.LinkedEntries()[p.e.Name]
		}
		return nil
	}); err != nil || links == 0 || p.e.From != "Opportunity" {
		return err
	}
	oldest, untraced := "", map[string]int{}
	traces := salesforce.Select{From: p.e.From, Fields: append([]string{"CloseDate"}, p.e.WriteBack...), Where: p.e.Where, And: "CloseDate >= " + p.in.Mapping.Start}
	if err := p.read(ctx, []purpose{{traces, func(row salesforce.Record) error {
		date := plan.CloseDate(store.Record{JSON: row.JSON})
		known, err := p.knows(p.e.Name, row.ID)
		if err != nil {
			return err
		}
		if !known && plan.RowText(row.JSON, p.e.IDField) == "" && plan.RowText(row.JSON, p.e.HoldField) == "" {
			untraced[date]++
		} else if oldest == "" || date < oldest {
			oldest = date
		}
		return nil
	}}}); err != nil {
		return err
	}
	older := 0
	for date, n := range untraced {
		if date < oldest {
			older += n
		}
	}
	if older <= manyUntraced {
		return nil
	}
	p.start = plan.Start{Begin: oldest}.Under(p.in.Mapping.Start, p.e.Admit, p.today)
	return p.c.Store.Update(func(tx *store.Tx) error { return state.PutStart(tx, p.e, p.start) })
}

// manyUntraced is how many deals may be older than all that were dealt with and still count as missed.
const manyUntraced = 20

// booksBegin is the day before which what was once seen is history, whatever is edited on it.
func (p *pull) booksBegin() string { return max(p.start.Begin, p.in.Mapping.Start) }

// takeReached takes a deal of before the books that only an edited start reaches: it is counted and stays history. What is
// known already is read whole.
func (p *pull) takeReached(row salesforce.Record) error {
	known, err := p.knows(p.e.Name, row.ID)
	if err == nil && !known {
		known, err = p.isAside(row.ID)
	}
	if err != nil {
		return err
	}
	if known {
		p.late[row.ID] = true
		return nil
	}
	p.reached++
	return p.takeHistory(row)
}
