package store_test

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"sf2xero/store"
	"sf2xero/store/storetest"
)

// A line is told once it is stored, in order; what was not stored is never told, and what a process that died between the two
// did not tell, the next one finds, and nobody after it.
func TestLinesAreToldOnceTheyAreStored(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	t.Cleanup(func() { storetest.Check(t, path) })
	var told []string
	tell := func(line []byte) { told = append(told, string(line)) }
	untold := func(db *store.DB) (lines []string) {
		t.Helper()
		if err := db.View(func(tx *store.Tx) error {
			for key, line := range tx.Untold() {
				lines = append(lines, string(line))
				db.Told(key)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return lines
	}
	dies := errors.New("killed")
	var after error
	open := func() *store.DB {
		t.Helper()
		db, err := store.Open(path, store.Options{NoSync: true, After: func() error { return after }})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	say := func(db *store.DB, ends error, lines ...string) error {
		return db.Update(func(tx *store.Tx) error {
			for _, line := range lines {
				tx.Tell([]byte(line), tell)
			}
			if n := len(told); n > 0 && told[n-1] == lines[len(lines)-1] {
				t.Errorf("%q is told before it is stored", told[n-1])
			}
			return ends
		})
	}

	db := open()
	if err := say(db, nil, "one", "two"); err != nil {
		t.Fatal(err)
	}
	if err := say(db, errors.New("no"), "never"); err == nil {
		t.Fatal("the transaction did not fail")
	}
	if want := []string{"one", "two"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	after = dies
	if err := say(db, nil, "at the last moment"); !errors.Is(err, dies) {
		t.Fatal(err)
	}
	after = nil
	if err := db.Abandon(); err != nil {
		t.Fatal(err)
	}

	db = open()
	if got, want := untold(db), []string{"at the last moment"}; !slices.Equal(got, want) {
		t.Errorf("not told were %v, want %v", got, want)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open()
	if got := untold(db); len(got) > 0 {
		t.Errorf("%v are told once more", got)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
