package store

import (
	"crypto/rand"
	"fmt"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// migration brings a store from the version before to its own. It may find its
// work done already and must then change nothing.
type migration struct {
	to int
	do func(db *DB, tx *bolt.Tx) error
}

// migrations is every step since the first version, in order. A store is never
// brought back: an older program refuses a newer store.
func migrations() []migration {
	return []migration{
		{to: 1, do: makeBuckets},
	}
}

// schemaVersion is the version this program writes.
func (o Options) schemaVersion() int { return o.migrations[len(o.migrations)-1].to }

func buckets() []string {
	return []string{
		bucketMeta, bucketValues, bucketCursors, bucketTodo, bucketLinks, bucketByXero, bucketIntents, bucketByMember,
		bucketMirror, bucketByName, bucketHistory, bucketWriteBack, bucketCache, bucketTokens, bucketJournal,
	}
}

func makeBuckets(db *DB, tx *bolt.Tx) error {
	for _, name := range buckets() {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	meta := tx.Bucket([]byte(bucketMeta))
	if meta.Get([]byte("id")) != nil {
		return nil
	}
	id := db.opts.ID
	if id == "" {
		id = rand.Text()
	}
	return meta.Put([]byte("id"), []byte(id))
}

// schemaOf reads the version of a file; 0 for one without anything in it.
func schemaOf(path string, tx *bolt.Tx) (int, error) {
	meta := tx.Bucket([]byte(bucketMeta))
	if meta == nil {
		if k, _ := tx.Cursor().First(); k != nil {
			return 0, foreign(path)
		}
		return 0, nil
	}
	version, err := strconv.Atoi(string(meta.Get([]byte("schema"))))
	if err != nil || version < 1 {
		return 0, foreign(path)
	}
	return version, nil
}

func foreign(path string) error {
	return &Problem{Path: path, What: "is a database of another program", Remedy: "Set `store` to another path; this file was left as it is."}
}

// checkSchema refuses what this program cannot work on.
func (o Options) checkSchema(path string, version int) error {
	know := o.schemaVersion()
	switch {
	case version > know:
		return &Problem{
			Path:   path,
			What:   fmt.Sprintf("was written by a newer sf2xero (its schema is %d, this program knows %d)", version, know),
			Remedy: "Use that version again, or put a backup made by this one in its place; the file was left as it is.",
		}
	case version < know && o.ReadOnly && version > 0:
		return &Problem{
			Path:   path,
			What:   fmt.Sprintf("was written by an older sf2xero (its schema is %d, this program reads %d)", version, know),
			Remedy: "Start the daemon once; it brings the file up to date.",
		}
	case version == 0 && o.ReadOnly:
		return &Problem{Path: path, What: "is empty", Remedy: "Start the daemon once; it fills the file."}
	}
	return nil
}

// migrate brings the schema up to date inside one transaction.
func (db *DB) migrate(tx *bolt.Tx, version int) error {
	for _, m := range db.opts.migrations {
		if m.to <= version {
			continue
		}
		if err := m.do(db, tx); err != nil {
			return fmt.Errorf("bringing the store %s to schema %d: %w", db.path, m.to, err)
		}
	}
	return tx.Bucket([]byte(bucketMeta)).Put([]byte("schema"), []byte(strconv.Itoa(db.opts.schemaVersion())))
}
