// Package events tells what happened: the log, which is an interface, and what a cycle reports. An event counts itself, and what
// happens inside a transaction is told when that is stored: an invoice.created of a commit that failed never was.
package events

import (
	"bytes"
	"io"

	"github.com/rs/zerolog"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
)

// Log writes the daemon's events: JSON lines that carry ids, numbers, amounts and links, never names of customers.
type Log struct {
	Logger zerolog.Logger
	Place  plan.Place // both ends, once they are known
	Report *Report    // of the cycle that runs, in which events count themselves; nil: nobody counts
	out    io.Writer  // where the lines of Logger go
	tx     *store.Tx
}

// New writes lines to out, which must take several at once.
func New(out io.Writer) Log { return Log{Logger: zerolog.New(out), out: out} }

// In is the log of what happens inside a transaction: it is told, and counted, once that is stored, and else not at all.
func (l Log) In(tx *store.Tx) Log {
	l.tx = tx
	l.Logger = l.Logger.Output(stored{l.out, tx})
	return l
}

// stored takes the lines of a transaction.
type stored struct {
	out io.Writer
	tx  *store.Tx
}

func (s stored) Write(line []byte) (int, error) {
	s.tx.Tell(bytes.Clone(line), func(line []byte) { _, _ = s.out.Write(line) }) // a full pipe is no reason to fail
	return len(line), nil
}

// Again tells what the process before had stored when it died, and may not have told: each such line says so. What cannot be
// written stays for the next start; a full pipe stops nothing.
func (l Log) Again(db *store.DB) error {
	return db.View(func(tx *store.Tx) error {
		for key, line := range tx.Untold() {
			if _, err := l.out.Write(append([]byte(`{"again":true,`), bytes.TrimPrefix(line, []byte("{"))...)); err != nil {
				return nil
			}
			db.Told(key)
		}
		return nil
	})
}

func (l Log) event(level zerolog.Level, name string) *zerolog.Event {
	return l.Logger.WithLevel(level).Str("event", name)
}

// Counted counts, once it is stored, what has no event of its own, or none of which this is the only cause.
func (l Log) Counted(count func(*Report)) {
	report := l.Report
	switch {
	case report == nil:
	case l.tx == nil:
		report.note(count)
	default:
		l.tx.AfterCommit(func() { report.note(count) })
	}
}

// often is true for the first of several failures in a row and for every tenth: those are told.
func often(failures int) bool { return failures == 1 || failures%10 == 0 }

// about adds which record and document an event is about, with links to both.
func (l Log) about(e *zerolog.Event, key store.Key, xeroID string) *zerolog.Event {
	e = e.Str("entry", key.Entry).Str("salesforce_id", key.ID)
	if l.Place.Instance != "" {
		e = e.Str("salesforce_url", l.Place.Instance+"/"+key.ID)
	}
	if xeroID != "" {
		e = e.Str("xero_id", xeroID).Str("xero_url", document.KindOfEntry(key.Entry).Link(xeroID))
	}
	return e
}
