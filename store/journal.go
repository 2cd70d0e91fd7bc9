package store

import (
	"encoding/binary"
	"iter"
	"math"
	"time"
)

const (
	bucketJournal = "journal" // running number, time: both 8 bytes
	journalKept   = 100_000   // unless Options say otherwise
)

// Event is one line of the journal: what was decided or done, to which record.
type Event struct {
	At              time.Time
	What, Key, Text string
}

// Journal appends an event; a zero At is the transaction's time. The oldest goes when there are more than 100,000.
func (tx *Tx) Journal(e Event) error {
	if e.At.IsZero() {
		e.At = tx.Now
	}
	n, err := tx.journalNumber()
	if err != nil {
		return err
	}
	// Numbered in the order of writing: a clock set back must not move an event
	// before older ones, from where pruning would take it first.
	key := binary.BigEndian.AppendUint64(nil, n)
	key = binary.BigEndian.AppendUint64(key, sortableTime(e.At))
	if err := tx.save(bucketJournal, key, e); err != nil {
		return err
	}
	for old := range tx.scan(bucketJournal, nil, nil) {
		if binary.BigEndian.Uint64(old)+tx.db.opts.journalKept > n {
			break
		}
		if err := tx.remove(bucketJournal, old); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) journalNumber() (uint64, error) {
	defer sound(bucketJournal)
	return tx.bucket(bucketJournal).NextSequence()
}

// Events yields the journal since a time, in the order it was written.
func (tx *Tx) Events(since time.Time) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		from := sortableTime(since)
		for k, v := range tx.scan(bucketJournal, nil, nil) {
			if binary.BigEndian.Uint64(k[8:]) < from {
				continue
			}
			if !yield(decode[Event](bucketJournal, k, v)) {
				return
			}
		}
	}
}

// sortableTime keeps the order of times in unsigned numbers; the zero time comes first.
func sortableTime(t time.Time) uint64 {
	if t.Year() < 1678 { // UnixNano holds no earlier ones
		return 0
	}
	return uint64(t.UnixNano()) + -math.MinInt64
}
