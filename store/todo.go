package store

import (
	"encoding/json"
	"iter"
	"time"
)

const bucketTodo = "todo"

// Record is a Salesforce record that was read and is not decided yet, or is held.
type Record struct {
	Key
	Hash      string          // of what the mapping reads, write-back fields excluded
	JSON      json.RawMessage `json:",omitempty"` // as read, numbers as written; only blanks between tokens are dropped
	Gone      string          `json:",omitempty"` // "", "deleted", "unmatched", "unseen", "elsewhere", "mapping"
	GoneAt    time.Time       `json:",omitzero"`  // Salesforce's time at which it was seen to match no more
	Cause     string          `json:",omitempty"` // why it is here: "new", "changed", "released", "needed", "swept", "mapping", "admitted"
	LetIn     string          `json:",omitempty"` // the organisation's day of the edit of the mapping that alone let it in, YYYY-MM-DD
	Without   string          `json:",omitempty"` // the condition before that edit, which did not ask for it
	Under     string          `json:",omitempty"` // the condition that it last matched
	Past      bool            `json:",omitempty"` // it was there while the start was later than its date: no edit of the start is a cause for it
	Stamp     time.Time       `json:",omitzero"`  // Salesforce's SystemModstamp, or a line's if later, when the content last changed
	Tried     time.Time       `json:",omitzero"`  // when its last create was answered without saying that it was made, in Xero's time
	Today     string          `json:",omitempty"` // the organisation's date at the first plan, YYYY-MM-DD
	Tries     int             `json:",omitempty"`
	Half      string          `json:"Group,omitempty"` // which half of a failed batch it belongs to: it is sent with no one else
	NotBefore time.Time       `json:",omitzero"`       // not to be planned before, in the server's time
	Hold      *Hold           `json:",omitempty"`
}

// Hold says why a record is set aside, whose turn it is, and what mends it.
type Hold struct {
	Cause  string // stable dotted code
	Text   string
	Remedy string    `json:",omitempty"`
	Owner  string    `json:",omitempty"` // sales, admin, accountant
	Inputs string    `json:",omitempty"` // hash of exactly what the verdict depended on
	Since  time.Time `json:",omitzero"`
}

// Todo yields an entry's undecided records in the order of their ids, beginning
// behind the id after. The loop may decide or change records as it goes.
func (tx *Tx) Todo(entry, after string) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for k, v := range tx.scan(bucketTodo, prefix(entry), behind(entry, after)) {
			if !yield(decode[Record](bucketTodo, k, v)) {
				return
			}
		}
	}
}

// Record returns an undecided or held record.
func (tx *Tx) Record(k Key) (Record, bool) { return load[Record](tx, bucketTodo, k.bytes()) }

// PutRecord puts a record into the todo, in place of what was there.
func (tx *Tx) PutRecord(r Record) error {
	if err := r.Key.check(); err != nil {
		return err
	}
	return tx.save(bucketTodo, r.Key.bytes(), r)
}

// Decide takes a record out of the todo; its step, or that there is nothing to
// do, is stored in the same transaction.
func (tx *Tx) Dequeue(k Key) error { return tx.remove(bucketTodo, k.bytes()) }

// TodoCount counts an entry's undecided records and, apart from them, the held ones.
func (tx *Tx) TodoCount(entry string) (queued, held int) {
	type holding struct{ Hold *struct{} }
	for k, v := range tx.scan(bucketTodo, prefix(entry), nil) {
		if decode[holding](bucketTodo, k, v).Hold != nil {
			held++
		} else {
			queued++
		}
	}
	return queued, held
}

// behind is the key to begin after; nil for the first.
func behind(entry, after string) []byte {
	if after == "" {
		return nil
	}
	return join(entry, after)
}
