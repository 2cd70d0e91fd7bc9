// Package storetest gives tests a store that is checked when they end.
package storetest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sf2xero/store"
)

// Open makes a store in the test's own folder, closes it after the test, and
// fails the test if the file is not consistent then. The test may close it first.
func Open(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := store.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A crash that the test simulates through Before or After goes on failing; the check below does not use them.
		_ = db.Abandon()
		Check(t, path)
	})
	return db
}

// Check fails the test if the closed store at path is not consistent.
func Check(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return // the test removed it
	}
	db, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		t.Errorf("the store is not sound after the test: %v", err)
		return
	}
	if err := db.Check(); err != nil {
		t.Errorf("the store is not sound after the test: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
