package store

import (
	"fmt"
	"iter"
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

// Untold yields the lines of which it is not known that they were told, in the order of their storing, each with its key.
func (tx *Tx) Untold() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for k, v := range tx.scan(bucketValues, []byte(untold), nil) {
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

// forgetTold removes lines that were told, as the last of a transaction, and says how many of them.
func (tx *Tx) forgetTold() (n int, err error) {
	tx.db.mu.Lock()
	told := tx.db.told
	tx.db.mu.Unlock()
	for _, key := range told {
		if err := tx.remove(bucketValues, []byte(key)); err != nil {
			return 0, err
		}
	}
	return len(told), nil
}

// forgotten takes the first lines of those that were told away, once their removal is stored.
func (db *DB) forgotten(n int) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.told = db.told[n:]
}
