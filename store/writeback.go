package store

import (
	"iter"
	"time"
)

const bucketWriteBack = "writeback"

// WriteBack is a record whose row in Salesforce may differ from what it should show.
type WriteBack struct {
	Key
	Tries     int       `json:",omitempty"`
	NotBefore time.Time `json:",omitzero"`
	Error     string    `json:",omitempty"` // of the last try, for people
}

// PutWriteBack queues a record for write-back, in place of what was queued for it.
func (tx *Tx) PutWriteBack(w WriteBack) error {
	if err := w.Key.check(); err != nil {
		return err
	}
	return tx.save(bucketWriteBack, w.Key.bytes(), w)
}

// WriteBack returns what is queued for a record.
func (tx *Tx) WriteBack(k Key) (WriteBack, bool) {
	return load[WriteBack](tx, bucketWriteBack, k.bytes())
}

// DeleteWriteBack takes a record out of the queue.
func (tx *Tx) DeleteWriteBack(k Key) error { return tx.remove(bucketWriteBack, k.bytes()) }

// WriteBacks yields the queue by entry and id, beginning behind the key after
// (the zero Key: all). The loop may change the queue as it goes.
func (tx *Tx) WriteBacks(after Key) iter.Seq[WriteBack] {
	return func(yield func(WriteBack) bool) {
		var from []byte
		if after != (Key{}) {
			from = after.bytes()
		}
		for k, v := range tx.scan(bucketWriteBack, nil, from) {
			if !yield(decode[WriteBack](bucketWriteBack, k, v)) {
				return
			}
		}
	}
}
