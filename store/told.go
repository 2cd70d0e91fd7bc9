package store

import (
	"fmt"
	"iter"
	"slices"
)

// untold + running number: lines that were stored, and of which it is not known that they were told.
const untold = "untold/"

// AfterCommit has something done once the transaction is stored: never when it is not, and then in the order of the calls. In
// a View, which stores nothing, it is done at once. It may not fail, and begins no transaction.
func (tx *Tx) AfterCommit(do func()) {
	if !tx.bolt.Writable() {
		do()
		return
	}
	tx.after = append(tx.after, do)
}

// Tell has a line told once the transaction is stored. It is stored along, until the next Update: what a process that dies in
// between did not tell, its successor finds in Untold. So nothing is told that is not so, and nothing that is so is kept quiet.
func (tx *Tx) Tell(line []byte, tell func(line []byte)) {
	if !tx.bolt.Writable() {
		tell(line)
		return
	}
	n, err := tx.lineNumber()
	key := fmt.Sprintf("%s%016x", untold, n)
	if err == nil {
		err = tx.put(bucketValues, []byte(key), line)
	}
	if err != nil {
		tx.failed = err
		return
	}
	tx.AfterCommit(func() {
		tell(line)
		tx.db.Told(key)
	})
}

func (tx *Tx) lineNumber() (uint64, error) {
	defer sound(bucketValues)
	return tx.bucket(bucketValues).NextSequence()
}

// Untold yields the lines of which it is not known that they were told, in the order of their storing, each with its key. One that
// was told since, and waits for the next Update to forget it, is none.
func (tx *Tx) Untold() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		tx.db.mu.Lock()
		told := setOf(tx.db.told)
		tx.db.mu.Unlock()
		for k, v := range tx.scan(bucketValues, []byte(untold), nil) {
			if told[string(k)] {
				continue
			}
			if !yield(string(k), v) {
				return
			}
		}
	}
}

// Told notes that a line was told; the next Update forgets it.
func (db *DB) Told(key string) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.told = append(db.told, key)
}

// forgetTold removes lines that were told, as the last of a transaction, and says which.
func (tx *Tx) forgetTold() (told []string, err error) {
	tx.db.mu.Lock()
	told = slices.Clone(tx.db.told)
	tx.db.mu.Unlock()
	for _, key := range told {
		if err := tx.remove(bucketValues, []byte(key)); err != nil {
			return nil, err
		}
	}
	return told, nil
}

// forgotten notes that the removal of some lines is stored. The next transaction may have begun, and removed them once more; so it
// is these lines that are forgotten, and not as many as they are. Case: of five calls in flight two answers were stored at once, and
// lines that were told stayed in the store.
func (db *DB) forgotten(keys []string) {
	if len(keys) == 0 {
		return
	}
	gone := setOf(keys)
	db.mu.Lock()
	defer db.mu.Unlock()
	db.told = slices.DeleteFunc(db.told, func(key string) bool { return gone[key] })
}

func setOf(keys []string) map[string]bool {
	set := make(map[string]bool, len(keys))
	for _, key := range keys {
		set[key] = true
	}
	return set
}
