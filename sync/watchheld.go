package sync

import (
	"context"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// heldEvery is how often the drafts of held deals are read by their ids. A draft that a person deletes stands in no list
// of Xero's, and deleting it is just what such a hold asks for: it must not wait for the nightly sweep to be noticed.
const heldEvery = 10 * time.Minute

const (
	cursorHeld = "xero/held"
	valueHeld  = "reread/xero" // the last held record whose draft was read
)

// watchHeld reads the drafts of held deals, about as many as fit one call, in turn, those that are to be approved once a
// list has shown them (one that was deleted first never is), and those that we may have deleted ourselves without having
// been told.
func (c *Cycle) watchHeld(ctx context.Context, in Inputs) error {
	now := c.xeroNow()
	var ids []string
	due, turn, last := false, false, ""
	if err := c.Store.View(func(tx *store.Tx) error {
		ids = state.UnsettledDeletes(tx)
		if at, ok := tx.Cursor(cursorHeld); ok && now.Sub(at) < heldEvery {
			due = len(ids) > 0
			return nil
		}
		turn = true
		for r := range tx.Todo(document.Invoices, tx.Value(valueHeld)) {
			if link, _ := tx.Link(r.Key); r.Hold == nil && (link.XeroID == "" || !link.Watched.IsZero()) {
				continue
			}
			if ids = append(ids, state.DraftsOf(tx, r, named(in, r))...); len(ids) >= idsPerCall {
				last = r.ID
				break
			}
		}
		due = len(ids) > 0 || tx.Value(valueHeld) != "" // otherwise the next cycle looks again
		return nil
	}); err != nil || !due {
		return err
	}
	for _, part := range chunks(ids, idsPerCall) {
		if _, err := c.readAgain(ctx, in, xero.Invoices, part); err != nil {
			return err
		}
	}
	if !turn {
		return nil // only deletions were looked at
	}
	return c.Store.Update(func(tx *store.Tx) error {
		if err := tx.SetValue(valueHeld, last); err != nil {
			return err
		}
		return tx.SetCursor(cursorHeld, now)
	})
}

// named is the Xero id in a record's own field.
func named(in Inputs, r store.Record) string {
	if e := in.Mapping.Entry(r.Entry); e != nil {
		return plan.RowText(r.JSON, e.IDField)
	}
	return ""
}
