package sync

import (
	"context"
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
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
		ids = unsettledDeletes(tx)
		if at, ok := tx.Cursor(cursorHeld); ok && now.Sub(at) < heldEvery {
			due = len(ids) > 0
			return nil
		}
		turn = true
		for r := range tx.Todo(document.Invoices, tx.Value(valueHeld)) {
			if link, _ := tx.Link(r.Key); r.Hold == nil && (link.XeroID == "" || !link.Watched.IsZero()) {
				continue
			}
			if ids = append(ids, draftsOf(tx, r, named(in, r))...); len(ids) >= idsPerCall {
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
	if e := entryOf(in.Mapping, r.Entry); e != nil {
		return plan.RowText(r.JSON, e.IDField)
	}
	return ""
}

// draftsOf are the drafts that stand for a record as far as we know: its own, a person's copies of it, and what the record
// names.
func draftsOf(tx *store.Tx, r store.Record, named string) (ids []string) {
	add := func(id, status string) {
		if id = strings.ToLower(id); (status == "DRAFT" || status == "SUBMITTED") && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if link, ok := tx.Link(r.Key); ok {
		add(link.XeroID, link.Status)
	}
	if seen, known := tx.SeenByID(string(xero.Invoices), strings.ToLower(named)); known && named != "" {
		add(seen.XeroID, statusOf(seen))
	}
	live, _ := plan.Witnesses(tx, r.Key)
	for _, inv := range live {
		add(inv.InvoiceID, inv.Status)
	}
	return ids
}

func unsettledDeletes(tx *store.Tx) (ids []string) {
	for _, intent := range tx.AllIntents() {
		if _, open := lastUnsettled(intent); !open || intent.Do != string(plan.Delete) {
			continue
		}
		for _, m := range intent.Members {
			ids = append(ids, m.XeroID)
		}
	}
	return ids
}
