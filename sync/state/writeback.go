package state

import (
	"encoding/json"
	"errors"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
)

// Row is one row to be written: the fields that differ, and what the row shows once they are taken.
type Row struct {
	Key     store.Key
	Object  string          // Salesforce's
	Fields  json.RawMessage // what differs
	queued  store.WriteBack
	becomes json.RawMessage
}

// Tries is how often Salesforce has refused it.
func (r Row) Tries() int { return r.queued.Tries }

// RowsWait is true when one of the queued rows after a key can be written now.
func (d Desk) RowsWait(tx *store.Tx, after store.Key) bool {
	for w := range tx.WriteBacks(after) {
		if !plan.TooEarly(d.SalesforceNow, w.NotBefore) && d.rowKnown(tx, w.Key) {
			return true
		}
	}
	return false
}

// RowsToWrite takes at most so many queued records and returns those whose rows differ. The others leave the queue here.
func (d Desk) RowsToWrite(tx *store.Tx, after store.Key, most int) (rows []Row, last store.Key, more bool, err error) {
	seen := 0
	for w := range tx.WriteBacks(after) {
		if seen == most {
			more = true
			break
		}
		seen, last = seen+1, w.Key
		if plan.TooEarly(d.SalesforceNow, w.NotBefore) {
			continue
		}
		fields, becomes, of, ready := d.difference(tx, w.Key)
		switch {
		case !ready: // its row is not known yet; the next pull brings it
		case fields == nil:
			if err := d.RowWritten(tx, Row{Key: w.Key, queued: w, becomes: becomes}); err != nil {
				return nil, last, more, err
			}
		default:
			rows = append(rows, Row{Key: w.Key, queued: w, becomes: becomes, Object: of, Fields: fields})
		}
	}
	return rows, last, more, nil
}

// CompareAllRows queues every linked or held record, so that its row is compared anew.
func CompareAllRows(tx *store.Tx) error {
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
	return nil
}

// Withheld are the fields of Salesforce that may not be written any more, until the next describe.
type Withheld struct{ fields map[string]bool }

func (w *Withheld) add(object string, fields []string) (more bool) {
	if w.fields == nil {
		w.fields = map[string]bool{}
	}
	for _, field := range fields {
		more = more || !w.fields[object+"."+field]
		w.fields[object+"."+field] = true
	}
	return more
}

func (w *Withheld) has(object, field string) bool { return w.fields[object+"."+field] }

// None is true while all fields may be written.
func (w *Withheld) None() bool { return len(w.fields) == 0 }

// RowWritten notes what a row shows now. Our own write moves the row's stamp; the pull that sees it finds nothing new.
func (d Desk) RowWritten(tx *store.Tx, r Row) error {
	if link, ok := tx.Link(r.Key); ok && r.becomes != nil && string(link.Row) != string(r.becomes) {
		link.Row = r.becomes
		if r.Fields != nil {
			link.Wrote = d.SalesforceNow
		}
		if err := tx.PutLink(link); err != nil {
			return err
		}
	}
	if record, ok := tx.Record(r.Key); ok {
		if record.Cause == plan.CauseDrop && record.Hold == nil {
			if err := tx.Dequeue(r.Key); err != nil {
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
	return tx.DeleteWriteBack(r.Key)
}

// RowRefused keeps a row queued. Closed-won deals are the ones that admins lock: that is a normal state, told once.
func (d Desk) RowRefused(tx *store.Tx, r Row, refusal error) error {
	var e *remote.Error
	if errors.As(refusal, &e) && (e.Code == "ENTITY_IS_DELETED" || e.Code == "NOT_FOUND" || e.Code == "INVALID_CROSS_REFERENCE_KEY") {
		return d.rowGone(tx, r) // the pull decides what that means
	}
	w := r.queued
	w.Tries++
	wait := min(10*time.Minute<<min(w.Tries-1, 8), 24*time.Hour)
	if e != nil && e.Class == remote.Retry {
		wait = min(time.Minute<<min(w.Tries-1, 6), time.Hour)
	}
	// One field that may not be written any more must not keep the others from their rows, the Xero id above all.
	if e != nil && e.Code == "INVALID_FIELD_FOR_INSERT_UPDATE" && d.Withheld.add(r.Object, e.Fields) {
		wait = 0
	}
	w.NotBefore = d.SalesforceNow.Add(wait)
	if w.Error != refusal.Error() {
		d.Log.In(tx).WriteBackRefused(r.Key, r.Fields, refusal)
	}
	w.Error = refusal.Error()
	return tx.PutWriteBack(w)
}

// rowGone is for a row that Salesforce says is deleted. Should it come back from the recycle bin before a pull has missed it,
// it is written all the same: a waiting record's after an hour, any other's when it is read again.
func (d Desk) rowGone(tx *store.Tx, r Row) error {
	link, linked := tx.Link(r.Key)
	switch record, queued := tx.Record(r.Key); {
	case queued && (record.Gone != "" || record.Cause == plan.CauseDrop): // it is known to be gone; coming back is news of its own
	case queued:
		r.queued.NotBefore = d.SalesforceNow.Add(time.Hour)
		return tx.PutWriteBack(r.queued)
	case linked:
		link.Row = nil
		if err := tx.PutLink(link); err != nil {
			return err
		}
	}
	return tx.DeleteWriteBack(r.Key)
}
