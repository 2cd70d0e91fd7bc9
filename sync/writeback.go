package sync

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
)

// writeBackAtOnce is how many rows go out together: five collections of 200 in one Composite call.
const writeBackAtOnce = 1000

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
		if err := c.writeRows(ctx, rows); err != nil {
			return err
		}
		if after = last; !more {
			return nil
		}
	}
	return ctx.Err()
}

// outgoing is one row to be written: the fields that differ, and what the row shows once they are taken.
type outgoing struct {
	key     store.Key
	queued  store.WriteBack
	update  salesforce.Update
	becomes json.RawMessage
}

// rowsToWrite takes the next queued records and finds those whose rows differ. The others leave the queue here.
func (c *Cycle) rowsToWrite(in Inputs, after store.Key) (rows []outgoing, last store.Key, more bool, err error) {
	// A row that cannot be written yet, one that Salesforce does not show above all, must not cost a commit in each cycle.
	waiting, now := false, c.salesforceNow()
	if err := c.Store.View(func(tx *store.Tx) error {
		for w := range tx.WriteBacks(after) {
			if !plan.TooEarly(now, w.NotBefore) && rowKnown(tx, in, w.Key) {
				waiting = true
				break
			}
		}
		return nil
	}); err != nil || !waiting {
		return nil, after, false, err
	}
	err = c.Store.Update(func(tx *store.Tx) error {
		seen := 0
		for w := range tx.WriteBacks(after) {
			if seen == writeBackAtOnce {
				more = true
				break
			}
			seen, last = seen+1, w.Key
			if plan.TooEarly(now, w.NotBefore) {
				continue
			}
			fields, becomes, of, ready := c.difference(tx, in, w.Key)
			switch {
			case !ready: // its row is not known yet; the next pull brings it
			case fields == nil:
				if err := c.rowWritten(tx, outgoing{key: w.Key, queued: w, becomes: becomes}); err != nil {
					return err
				}
			default:
				rows = append(rows, outgoing{key: w.Key, queued: w, becomes: becomes, update: salesforce.Update{Object: of, ID: w.ID, Fields: fields}})
			}
		}
		return nil
	})
	return rows, last, more, err
}

// writeRows sends rows and stores, row by row, what Salesforce took.
func (c *Cycle) writeRows(ctx context.Context, rows []outgoing) error {
	if len(rows) == 0 {
		return nil
	}
	updates := make([]salesforce.Update, len(rows))
	for i, r := range rows {
		updates[i] = r.update
	}
	results, err := c.Salesforce.Update(ctx, updates)
	if err != nil {
		return err
	}
	return c.Store.Update(func(tx *store.Tx) error {
		for i, result := range results {
			if result.Err == nil {
				c.Log.In(tx).WroteBack(rows[i].key, rows[i].update.Fields, rows[i].queued.Tries)
				if err := c.rowWritten(tx, rows[i]); err != nil {
					return err
				}
				continue
			}
			if err := c.rowRefused(tx, rows[i], result.Err); err != nil {
				return err
			}
		}
		return nil
	})
}

// rowWritten notes what a row shows now. Our own write moves the row's stamp; the pull that sees it finds nothing new.
func (c *Cycle) rowWritten(tx *store.Tx, r outgoing) error {
	if link, ok := tx.Link(r.key); ok && r.becomes != nil && string(link.Row) != string(r.becomes) {
		link.Row = r.becomes
		if r.update.Fields != nil {
			link.Wrote = c.salesforceNow()
		}
		if err := tx.PutLink(link); err != nil {
			return err
		}
	}
	if record, ok := tx.Record(r.key); ok {
		if record.Cause == plan.CauseDrop && record.Hold == nil {
			if err := tx.Dequeue(r.key); err != nil {
				return err
			}
		} else if record.JSON != nil && r.becomes != nil {
			row := document.Fields(record.JSON)
			for name, value := range document.Fields(r.becomes) {
				row[name] = value
			}
			var err error
			if record.JSON, err = json.Marshal(row); err != nil {
				return err
			}
			if err := tx.PutRecord(record); err != nil {
				return err
			}
		}
	}
	return tx.DeleteWriteBack(r.key)
}

// rowRefused keeps a row queued. Closed-won deals are the ones that admins lock: that is a normal state, told once.
func (c *Cycle) rowRefused(tx *store.Tx, r outgoing, refusal error) error {
	var e *remote.Error
	if errors.As(refusal, &e) && (e.Code == "ENTITY_IS_DELETED" || e.Code == "NOT_FOUND" || e.Code == "INVALID_CROSS_REFERENCE_KEY") {
		return c.rowGone(tx, r) // the pull decides what that means
	}
	w := r.queued
	w.Tries++
	wait := min(10*time.Minute<<min(w.Tries-1, 8), 24*time.Hour)
	if e != nil && e.Class == remote.Retry {
		wait = min(time.Minute<<min(w.Tries-1, 6), time.Hour)
	}
	// One field that may not be written any more must not keep the others from their rows, the Xero id above all.
	if e != nil && e.Code == "INVALID_FIELD_FOR_INSERT_UPDATE" && c.withhold(r.update.Object, e.Fields) {
		wait = 0
	}
	w.NotBefore = c.salesforceNow().Add(wait)
	if w.Error != refusal.Error() {
		c.Log.In(tx).WriteBackRefused(r.key, r.update.Fields, refusal)
	}
	w.Error = refusal.Error()
	return tx.PutWriteBack(w)
}

// rowGone is for a row that Salesforce says is deleted. Should it come back from the recycle bin before a pull has missed it,
// it is written all the same: a waiting record's after an hour, any other's when it is read again.
func (c *Cycle) rowGone(tx *store.Tx, r outgoing) error {
	link, linked := tx.Link(r.key)
	switch record, queued := tx.Record(r.key); {
	case queued && (record.Gone != "" || record.Cause == plan.CauseDrop): // it is known to be gone; coming back is news of its own
	case queued:
		r.queued.NotBefore = c.salesforceNow().Add(time.Hour)
		return tx.PutWriteBack(r.queued)
	case linked:
		link.Row = nil
		if err := tx.PutLink(link); err != nil {
			return err
		}
	}
	return tx.DeleteWriteBack(r.key)
}

func (c *Cycle) withhold(object string, fields []string) (more bool) {
	if c.withheld == nil {
		c.withheld = map[string]bool{}
	}
	for _, field := range fields {
		more = more || !c.withheld[object+"."+field]
		c.withheld[object+"."+field] = true
	}
	return more
}

// writeWithheld tries again, with each new describe, what was left out: somebody may have given the right back.
func (c *Cycle) writeWithheld() error {
	if len(c.withheld) == 0 {
		return nil
	}
	c.withheld = nil
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
			for _, entry := range document.Entries() {
				for link := range tx.Links(entry, "") {
					if err := tx.PutWriteBack(store.WriteBack{Key: link.Key}); err != nil {
						return err
					}
				}
				for r := range tx.Todo(entry, "") {
					if r.Hold == nil {
						continue
					}
					if err := tx.PutWriteBack(store.WriteBack{Key: r.Key}); err != nil {
						return err
					}
				}
			}
		}
		return tx.SetValue(valueWriteBack, in.Mapping.Hash)
	})
}
