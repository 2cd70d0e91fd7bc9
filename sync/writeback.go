package sync

import (
	"context"

	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/state"
)

// writeBackAtOnce is how many rows go out together: five collections of 200 in one Composite call.
const writeBackAtOnce = 1000

// writer is what the write-backs of this process leave to each other.
type writer struct {
	withheld state.Withheld // what may not be written any more, until the next describe
}

// writeBack brings invoice numbers, payment status and the text of holds to the rows in Salesforce. It is a comparison of
// what we know with what Salesforce last showed, not a reaction to an event: only values that differ are sent, and a row
// that could not be written stays queued.
func (c *Cycle) writeBack(ctx context.Context, in Inputs) error {
	if err := c.requeueForMapping(in); err != nil {
		return err
	}
	var after store.Key
	for ctx.Err() == nil {
		rows, last, more, err := c.rowsToWrite(in, after)
		if err != nil {
			return err
		}
		if err := c.writeRows(ctx, in, rows); err != nil {
			return err
		}
		if after = last; !more {
			return nil
		}
	}
	return ctx.Err()
}

// rowsToWrite takes the next queued records and finds those whose rows differ. The others leave the queue here.
func (c *Cycle) rowsToWrite(in Inputs, after store.Key) (rows []state.Row, last store.Key, more bool, err error) {
	// A row that cannot be written yet, one that Salesforce does not show above all, must not cost a commit in each cycle.
	waiting := false
	if err := c.Store.View(func(tx *store.Tx) error { waiting = c.desk(in).RowsWait(tx, after); return nil }); err != nil || !waiting {
		return nil, after, false, err
	}
	err = c.Store.Update(func(tx *store.Tx) (err error) {
		rows, last, more, err = c.desk(in).RowsToWrite(tx, after, writeBackAtOnce)
		return err
	})
	return rows, last, more, err
}

// writeRows sends rows and stores, row by row, what Salesforce took.
func (c *Cycle) writeRows(ctx context.Context, in Inputs, rows []state.Row) error {
	if len(rows) == 0 {
		return nil
	}
	updates := make([]salesforce.Update, len(rows))
	for i, r := range rows {
		updates[i] = salesforce.Update{Object: r.Object, ID: r.Key.ID, Fields: r.Fields}
	}
	results, err := c.Salesforce.Update(ctx, updates)
	if err != nil {
		return err
	}
	return c.Store.Update(func(tx *store.Tx) error {
		d := c.desk(in)
		for i, result := range results {
			if result.Err == nil {
				d.Log.In(tx).WroteBack(rows[i].Key, rows[i].Fields, rows[i].Tries())
				if err := d.RowWritten(tx, rows[i]); err != nil {
					return err
				}
				continue
			}
			if err := d.RowRefused(tx, rows[i], result.Err); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeWithheld tries again, with each new describe, what was left out: somebody may have given the right back.
func (c *Cycle) writeWithheld() error {
	if c.writer.withheld.None() {
		return nil
	}
	c.writer.withheld = state.Withheld{}
	return c.Store.Update(func(tx *store.Tx) error { return tx.SetValue(valueWriteBack, "all rows anew") })
}

const valueWriteBack = "writeback.mapping" // hash of the mapping under which all rows were last compared

// requeueForMapping compares every linked or held row anew when mapping.yaml was edited: the write-back may name other fields.
func (c *Cycle) requeueForMapping(in Inputs) error {
	old, err := c.noted(valueWriteBack)
	if err != nil || old == in.Mapping.Hash {
		return err
	}
	return c.Store.Update(func(tx *store.Tx) error {
		if old != "" {
			if err := state.CompareAllRows(tx); err != nil {
				return err
			}
		}
		return tx.SetValue(valueWriteBack, in.Mapping.Hash)
	})
}
