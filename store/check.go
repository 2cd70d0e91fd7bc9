package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// reported is how many complaints about one file are told; the first says what to do, the rest is for us.
const reported = 5

// Check reads the whole store and returns a *Problem if the file's structure is
// broken, a value cannot be read, or an index disagrees with what it points to.
func (db *DB) Check() error {
	var found []error
	note := func(err error) {
		if len(found) < reported {
			found = append(found, err)
		}
	}
	// bbolt compares the pages with its list of free ones, which a writer changes
	// meanwhile: the writer's lock is taken, and nothing written.
	err := db.transact(!db.opts.ReadOnly, func(tx *Tx) error {
		defer tx.rollback()
		for err := range tx.bolt.Check() {
			note(err)
		}
		return nil
	})
	if err == nil && len(found) == 0 { // else it would only stumble over the same page
		err = db.View(func(tx *Tx) error {
			tx.checkValues()
			tx.checkIndexes(note)
			return nil
		})
	}
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return nil
	}
	return damagedProblem(db.path, errors.Join(found...))
}

// checkValues decodes everything; what cannot be read panics as damage.
func (tx *Tx) checkValues() {
	for _, name := range buckets() {
		tx.bucket(name)
	}
	for k := range tx.scan(bucketCursors, nil, nil) {
		tx.Cursor(string(k))
	}
	for k, v := range tx.scan(bucketTodo, nil, nil) {
		same(bucketTodo, k, decode[Record](bucketTodo, k, v).Key.bytes())
	}
	for k, v := range tx.scan(bucketLinks, nil, nil) {
		same(bucketLinks, k, decode[Link](bucketLinks, k, v).Key.bytes())
	}
	for k, v := range tx.scan(bucketIntents, nil, nil) {
		same(bucketIntents, k, []byte(decode[intentRow](bucketIntents, k, v).ID))
	}
	for k, v := range tx.scan(bucketMirror, nil, nil) {
		s := decode[Seen](bucketMirror, k, v)
		same(bucketMirror, k, join(s.Kind, strings.ToLower(s.XeroID)))
	}
	for k, v := range tx.scan(bucketWriteBack, nil, nil) {
		same(bucketWriteBack, k, decode[WriteBack](bucketWriteBack, k, v).Key.bytes())
	}
	tx.checkSetAside()
	for k, v := range tx.scan(bucketCache, nil, nil) {
		decode[cached](bucketCache, k, v)
	}
	for k, v := range tx.scan(bucketJournal, nil, nil) {
		decode[Event](bucketJournal, k, v)
		if len(k) != 16 {
			panic(damage{fmt.Errorf("in bucket %s there is a key of %d bytes", bucketJournal, len(k))})
		}
	}
}

func same(bucket string, stored, own []byte) {
	if !bytes.Equal(stored, own) {
		panic(damage{fmt.Errorf("in bucket %s the value of %q calls itself %q", bucket, stored, own)})
	}
}

// checkIndexes compares each index with what it should hold, both ways.
func (tx *Tx) checkIndexes(note func(error)) {
	byXero, byMember, byName := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for k, v := range tx.scan(bucketLinks, nil, nil) {
		if l := decode[Link](bucketLinks, k, v); l.XeroID != "" {
			byXero[string(xeroIndex(l))] = true
		}
	}
	for k, v := range tx.scan(bucketIntents, nil, nil) {
		for _, m := range decode[intentRow](bucketIntents, k, v).Members {
			byMember[string(join(m.Entry, m.ID, string(k)))] = true
		}
	}
	for k, v := range tx.scan(bucketMirror, nil, nil) {
		s := decode[Seen](bucketMirror, k, v)
		for _, name := range s.Names {
			byName[string(join(s.Kind, name, strings.ToLower(s.XeroID)))] = true
		}
	}
	for _, index := range []struct {
		bucket string
		want   map[string]bool
	}{{bucketByXero, byXero}, {bucketByMember, byMember}, {bucketByName, byName}} {
		for k := range tx.scan(index.bucket, nil, nil) {
			if !index.want[string(k)] {
				note(fmt.Errorf("the index %s has %q, which points to nothing", index.bucket, k))
			}
			delete(index.want, string(k))
		}
		if n := len(index.want); n > 0 {
			note(fmt.Errorf("the index %s lacks %d entries", index.bucket, n))
		}
	}
}
