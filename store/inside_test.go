package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

func TestWhatTheSystemSaysBecomesASentence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cause error
		words string
	}{
		{syscall.EROFS, "read-only file system"},
		{syscall.ENOSPC, "the disk is full"},
		{syscall.EDQUOT, "the disk is full"},
		{syscall.EACCES, "may not be opened by this user"},
		{syscall.ENOENT, "its folder /data does not exist"},
		{syscall.ENOLCK, "without file locks"},
		{syscall.ENOTSUP, "without file locks"},
		{errors.New("file size too small"), "is damaged"},
	} {
		err := openProblem("/data/store.db", &fs.PathError{Op: "open", Path: "/data/store.db", Err: c.cause})
		var p *Problem
		if !errors.As(err, &p) || p.Remedy == "" || !strings.Contains(err.Error(), c.words) || !strings.HasPrefix(err.Error(), "the store /data/store.db ") {
			t.Errorf("%v: %v", c.cause, err)
		}
		if !errors.Is(err, c.cause) {
			t.Errorf("%v: the cause is lost", c.cause)
		}
	}
}

// longer is the program of a later version, with one more step.
func longer(step func(*DB, *bolt.Tx) error) []migration {
	return append(migrations(), migration{to: 2, do: step})
}

func TestAnOlderStoreIsBroughtUpToDateOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	open := func(o Options) (*DB, error) { return Open(path, o) }
	db, err := open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(func(tx *Tx) error { return tx.SetValue("kept", "yes") }), db.Close()); err != nil {
		t.Fatal(err)
	}

	if _, err := open(Options{ReadOnly: true, migrations: longer(nil)}); err == nil || !strings.Contains(err.Error(), "older sf2xero") {
		t.Errorf("to be read only: %v", err)
	}
	fails := errors.New("no")
	_, err = open(Options{migrations: longer(func(_ *DB, tx *bolt.Tx) error {
		return errors.Join(fails, tx.Bucket([]byte(bucketValues)).Put([]byte("half"), []byte("done")))
	})})
	if !errors.Is(err, fails) || !strings.Contains(err.Error(), path) {
		t.Errorf("a step that fails: %v", err)
	}
	runs := 0
	later := longer(func(_ *DB, tx *bolt.Tx) error {
		runs++
		return tx.Bucket([]byte(bucketValues)).Put([]byte("new"), []byte("yes"))
	})
	for range 2 {
		db, err := open(Options{migrations: later})
		if err != nil {
			t.Fatal(err)
		}
		err = db.View(func(tx *Tx) error {
			if got := fmt.Sprint(tx.Value("kept"), tx.Value("new"), tx.Value("half")); got != "yesyes" {
				t.Errorf("values %q", got)
			}
			return nil
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if runs != 1 {
		t.Errorf("the step ran %d times", runs)
	}
	if _, err := open(Options{}); err == nil || !strings.Contains(err.Error(), "newer sf2xero (its schema is 2, this program knows 1)") {
		t.Errorf("with the former program: %v", err)
	}
}

func TestTheJournalKeepsTheOrderOfWritingAndItsLastEvents(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	db, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{Now: func() time.Time { return noon }, NoSync: true, journalKept: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for part := range 3 {
		err := db.Update(func(tx *Tx) error {
			for i := range 334 {
				if err := tx.Journal(Event{At: noon.Add(time.Duration(part*334+i) * time.Second)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err = db.Update(func(tx *Tx) error {
		// The clock is set back, and one event has no time of its own.
		return errors.Join(tx.Journal(Event{At: noon.Add(-time.Hour), What: "back"}), tx.Journal(Event{What: "now"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(tx *Tx) error {
		all := slices.Collect(tx.Events(time.Time{}))
		if n := len(all); n != 1000 || !all[0].At.Equal(noon.Add(4*time.Second)) || all[n-2].What != "back" || !all[n-1].At.Equal(noon) {
			t.Errorf("%d events, first %v, last %v", n, all[0], all[n-1])
		}
		if n := len(slices.Collect(tx.Events(noon.Add(1001 * time.Second)))); n != 1 {
			t.Errorf("%d events since the last one", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
