// Package store keeps what the program must not forget in one bbolt file: the
// records not decided yet, the links between Salesforce and Xero, every call
// before it is sent, and what Xero was last seen to hold.
//
// Documents are JSON to it; it knows neither Salesforce nor Xero. Each bucket
// has its own file here, and an index is always written in the transaction
// that writes what it points to.
package store

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Options says how a store is opened; the zero value suits the daemon.
type Options struct {
	Now           func() time.Time // becomes Tx.Now; nil is time.Now
	Before, After func() error     // run around each commit: after an error of Before nothing is written, after one of After it is
	NoSync        bool             // skip fsync: for tests and throw-away copies only
	ReadOnly      bool
	ID            string // the id of a store that is created here; "" makes a random one

	migrations  []migration // nil: the program's own list; tests bring longer ones
	journalKept uint64      // 0: 100,000 events; tests keep fewer
	unchecked   bool        // skip Check: a copy just made from a checked store
}

// DB is an open store. Its file is locked: no other process can open it, not even to read.
type DB struct {
	path    string
	opts    Options
	bolt    *bolt.DB
	file    *os.File // the descriptor bbolt works on: the way to release the lock when bbolt itself no longer can
	writers atomic.Int32
	broken  atomic.Pointer[Problem] // set once the file proved damaged or a commit ended in doubt; nothing works afterwards

	mu      sync.Mutex
	told    []string // keys of lines that were told and still are stored
	unclean string   // why the file may be older than what was sent; "" when it is not
	closed  bool
}

// Path returns the file's path as it was given to Open.
func (db *DB) Path() string { return db.path }

// InUpdate reports whether a write transaction is open, in whichever goroutine.
func (db *DB) InUpdate() bool { return db.writers.Load() > 0 }

// Unclean reports whether the file may be older than what was sent to Xero, and
// why: it was not closed cleanly, it is a copy or was restored, it was changed
// by somebody else, or it had been emptied. A file that Open made is clean.
func (db *DB) Unclean() (bool, string) {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.unclean != "", db.unclean
}

// Trust ends the doubt of Unclean for this opening, once Xero has been watched
// for long enough; copies made from now on open clean.
func (db *DB) Trust() {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.unclean = ""
}

// Close marks the file as cleanly closed and releases it. The file is released
// whatever the error.
func (db *DB) Close() error {
	if !db.closing() {
		return nil
	}
	var mark error
	if !db.opts.ReadOnly && db.broken.Load() == nil {
		mark = db.markClosed()
	}
	return errors.Join(mark, db.release())
}

// Abandon releases the file as a crash would leave it: the next Open finds it unclean.
func (db *DB) Abandon() error {
	if !db.closing() {
		return nil
	}
	return db.release()
}

// closing reports whether the caller is the first to close.
func (db *DB) closing() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	first := !db.closed
	db.closed = true
	return first
}

// release gives the lock back. After damage bbolt may still hold its own
// mutexes and its Close would wait for ever, so the file is unlocked and closed
// beneath it.
func (db *DB) release() error {
	if db.broken.Load() != nil {
		unlock(db.file)
		if err := db.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			return err
		}
		return nil
	}
	return db.bolt.Close()
}
