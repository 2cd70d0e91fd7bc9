package sync

import (
	"context"
	"time"

	"sf2xero/store"
	"sf2xero/xero"
)

// heldEvery is how often the drafts of held deals are read by their ids. A draft that a person deletes stands in no list
// of Xero's, and deleting it is just what such a hold asks for: it must not wait for the nightly sweep to be noticed.
const heldEvery = 10 * time.Minute

const (
	cursorHeld = "xero/held"
	valueHeld  = "reread/xero" // the last held record whose draft was read
)

// watchHeld reads the drafts of held deals, as many as fit one call, in turn, and those that we may have deleted ourselves
// without having been told.
func (c *Cycle) watchHeld(ctx context.Context, in Inputs) error {
	now := c.xeroNow()
	var ids []string
	due, last := false, ""
	if err := c.Store.View(func(tx *store.Tx) error {
		ids = unsettledDeletes(tx)
		if at, ok := tx.Cursor(cursorHeld); ok && now.Sub(at) < heldEvery {
			due = len(ids) > 0
			last = tx.Value(valueHeld)
			return nil
		}
		for r := range tx.Todo(Invoices, tx.Value(valueHeld)) {
			link, ok := tx.Link(r.Key)
			if r.Hold == nil || !ok || (link.Status != "DRAFT" && link.Status != "SUBMITTED") {
				continue
			}
			if ids = append(ids, link.XeroID); len(ids) >= idsPerCall {
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
	return c.Store.Update(func(tx *store.Tx) error {
		if err := tx.SetValue(valueHeld, last); err != nil {
			return err
		}
		return tx.SetCursor(cursorHeld, now)
	})
}

func unsettledDeletes(tx *store.Tx) (ids []string) {
	for _, intent := range tx.AllIntents() {
		if _, open := lastUnsettled(intent); !open || intent.Do != string(Delete) {
			continue
		}
		for _, m := range intent.Members {
			ids = append(ids, m.XeroID)
		}
	}
	return ids
}
