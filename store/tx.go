package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Tx is one transaction. It ends with the function it was given to.
type Tx struct {
	Now    time.Time // the time the transaction began
	db     *DB
	bolt   *bolt.Tx
	after  []func() // what is done once it is stored
	failed error    // a line could not be kept
}

// damage travels as a panic from a read that has no error to return up to View
// or Update. A link that cannot be read must never look like a link that does
// not exist: that would be a second invoice.
type damage struct{ err error }

// misuse is the panic for a mistake in our own code; it is not about the file.
type misuse string

// View runs fn on one consistent state of the store.
func (db *DB) View(fn func(*Tx) error) error {
	return db.transact(false, func(tx *Tx) error {
		defer tx.rollback()
		return fn(tx)
	})
}

// Update runs fn and stores all that it wrote, or nothing if it returns an
// error. One Update runs at a time and another inside it waits for ever. Calls
// to other systems do not belong in it.
func (db *DB) Update(fn func(*Tx) error) error {
	return db.transact(true, func(tx *Tx) error {
		db.writers.Add(1)
		defer db.writers.Add(-1)
		committed := false
		defer func() {
			if !committed {
				tx.rollback() // also when fn panics: the write lock must not stay behind
			}
		}()
		if err := errors.Join(fn(tx), tx.failed); err != nil {
			return err
		}
		told, err := tx.forgetTold()
		if err != nil {
			return err
		}
		if err := db.sameFile(); err != nil {
			return err
		}
		if db.opts.Before != nil {
			if err := db.opts.Before(); err != nil {
				return err
			}
		}
		committed = true
		if err := db.commit(tx); err != nil {
			return err
		}
		db.forgotten(told)
		if db.opts.After != nil {
			if err := db.opts.After(); err != nil {
				return err
			}
		}
		for _, do := range tx.after {
			do()
		}
		return nil
	})
}

// rollback ends the transaction without a trace.
func (tx *Tx) rollback() {
	defer sound("the root")
	_ = tx.bolt.Rollback() // says only that the transaction is over already
}

func (db *DB) transact(write bool, do func(*Tx) error) (err error) {
	if p := db.broken.Load(); p != nil {
		return p
	}
	// A damaged page can send bbolt beyond the mapped file. As a panic the fault
	// can be reported with the file's name; otherwise the process just dies.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch r := recover().(type) {
		case nil:
		case damage:
			p := damagedProblem(db.path, r.err)
			db.broken.Store(p)
			err = p
		default:
			panic(r)
		}
	}()
	b, err := db.bolt.Begin(write)
	if errors.Is(err, bolterrors.ErrDatabaseReadOnly) {
		return &Problem{Path: db.path, What: "was opened only to be read", Remedy: "Let the running program make this change."}
	}
	if err != nil {
		return fmt.Errorf("the store %s is closed: %w", db.path, err)
	}
	return do(&Tx{Now: db.opts.Now(), db: db, bolt: b})
}

// commit stores the transaction. A failed commit leaves the former state, and
// the store goes on, if bbolt's header still is the former one and the cause is
// a lack of room. Otherwise it is unknown what a restart will find: nothing
// more may be built on it.
func (db *DB) commit(tx *Tx) error {
	id := tx.bolt.ID()
	err := func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				panic(damage{fmt.Errorf("while committing: %v", r)})
			}
		}()
		return tx.bolt.Commit()
	}()
	if err == nil {
		return nil
	}
	if isFull(err) && db.lastCommit() < id {
		return &Problem{Path: db.path, What: "cannot grow: the disk is full", Remedy: remedyFull, Err: err}
	}
	p := &Problem{Path: db.path, What: "could not be written", Remedy: remedyInDoubt, Err: err}
	db.broken.Store(p)
	return p
}

// lastCommit is the number of the transaction that the file shows now.
func (db *DB) lastCommit() int {
	b, err := db.bolt.Begin(false)
	if err != nil {
		return int(^uint(0) >> 1)
	}
	defer (&Tx{bolt: b}).rollback()
	return b.ID()
}

// sameFile refuses to go on when the file was removed or replaced while open:
// what is written then is gone with the process.
func (db *DB) sameFile() error {
	ours, err := db.file.Stat()
	if err != nil {
		return openProblem(db.path, err)
	}
	there, err := os.Stat(db.path)
	if err == nil && os.SameFile(ours, there) {
		return nil
	}
	return &Problem{Path: db.path, What: "was removed or replaced while in use", Remedy: "Start the program again; it goes on with the file that is there then.", Err: err}
}

func (tx *Tx) bucket(name string) *bolt.Bucket {
	if tx.bolt.DB() == nil {
		panic(misuse("store: a transaction was used after its end"))
	}
	b := tx.bolt.Bucket([]byte(name))
	if b == nil {
		panic(damage{fmt.Errorf("it has no bucket %q", name)})
	}
	return b
}

// sound turns a panic of bbolt, deferred around nothing but bbolt's own code, into damage.
func sound(bucket string) {
	switch r := recover().(type) {
	case nil:
	case damage, misuse:
		panic(r)
	default:
		panic(damage{fmt.Errorf("in bucket %s: %v", bucket, r)})
	}
}

func (tx *Tx) get(bucket string, key []byte) []byte {
	defer sound(bucket)
	return bytes.Clone(tx.bucket(bucket).Get(key))
}

func (tx *Tx) put(bucket string, key, value []byte) error {
	defer sound(bucket)
	if err := tx.bucket(bucket).Put(key, value); err != nil {
		return fmt.Errorf("the store cannot write %q in %s: %w", key, bucket, err)
	}
	return nil
}

func (tx *Tx) remove(bucket string, key []byte) error {
	defer sound(bucket)
	if err := tx.bucket(bucket).Delete(key); err != nil {
		return fmt.Errorf("the store cannot remove %q from %s: %w", key, bucket, err)
	}
	return nil
}

// scan yields the pairs whose keys begin with prefix and sort behind after. In a
// write transaction it looks for its place again at each step, because a bbolt
// cursor may skip a key when the loop deletes the one before it.
func (tx *Tx) scan(bucket string, prefix, after []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		cursor := tx.cursor(bucket)
		last, next := after, false
		if bytes.Compare(after, prefix) < 0 {
			last = nil
		}
		for {
			k, v := tx.step(cursor, bucket, prefix, last, next)
			if k == nil || !bytes.HasPrefix(k, prefix) {
				return
			}
			k, v = bytes.Clone(k), bytes.Clone(v)
			if !yield(k, v) {
				return
			}
			last = k
			if next = !tx.bolt.Writable(); !next {
				cursor = tx.cursor(bucket)
			}
		}
	}
}

func (tx *Tx) cursor(bucket string) *bolt.Cursor {
	defer sound(bucket)
	return tx.bucket(bucket).Cursor()
}

// step moves to the following key, or to the first one behind last.
func (tx *Tx) step(c *bolt.Cursor, bucket string, prefix, last []byte, next bool) (k, v []byte) {
	defer sound(bucket)
	if next {
		return c.Next()
	}
	if last == nil {
		return c.Seek(prefix)
	}
	return c.Seek(append(bytes.Clone(last), 0))
}

// load decodes what is stored under key.
func load[T any](tx *Tx, bucket string, key []byte) (v T, ok bool) {
	b := tx.get(bucket, key)
	if b == nil {
		return v, false
	}
	return decode[T](bucket, key, b), true
}

func decode[T any](bucket string, key, b []byte) (v T) {
	if err := json.Unmarshal(b, &v); err != nil {
		panic(damage{fmt.Errorf("in bucket %s the value of %q cannot be read: %w", bucket, key, err)})
	}
	return v
}

func (tx *Tx) save(bucket string, key []byte, v any) error {
	b, err := encode(v)
	if err != nil {
		return fmt.Errorf("the store cannot write %q in %s: %w", key, bucket, err)
	}
	return tx.put(bucket, key, b)
}

// encode leaves < > & as they are: in documents they would come back changed.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
