package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/store"
	"sf2xero/store/storetest"
)

func reopen(t testing.TB, path string) *store.DB {
	t.Helper()
	db, err := store.Open(path, store.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// put stores one record, so that the file differs afterwards.
func put(t testing.TB, db *store.DB, id string) {
	t.Helper()
	update(t, db, func(tx *store.Tx) error { return tx.PutRecord(store.Record{Key: deal(id)}) })
}

func TestWhatMakesAStoreUnclean(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		happens func(t *testing.T, path string, db *store.DB) // to an open store with one record
		why     string                                        // part of the reason; "" for a clean one
	}{
		"closed as it should be": {func(t *testing.T, path string, db *store.DB) { closed(t, db) }, ""},
		"closed twice": {func(t *testing.T, path string, db *store.DB) {
			closed(t, db)
			closed(t, reopen(t, path))
		}, ""},
		"read in between": {func(t *testing.T, path string, db *store.DB) {
			closed(t, db)
			read, err := store.Open(path, store.Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			closed(t, read)
		}, ""},
		"killed": {func(t *testing.T, path string, db *store.DB) { abandoned(t, db) }, "not closed cleanly"},
		"killed before it did anything": {func(t *testing.T, path string, db *store.DB) {
			closed(t, db)
			abandoned(t, reopen(t, path))
		}, "not closed cleanly"},
		"copied": {func(t *testing.T, path string, db *store.DB) {
			closed(t, db)
			must(t, os.WriteFile(path+".new", content(t, path), 0o600))
			must(t, os.Rename(path+".new", path))
		}, "a copy or was restored"},
		"copied with its time": {func(t *testing.T, path string, db *store.DB) {
			closed(t, db)
			info, err := os.Stat(path)
			must(t, err)
			must(t, os.WriteFile(path+".new", content(t, path), 0o600))
			must(t, os.Chtimes(path+".new", info.ModTime(), info.ModTime()))
			must(t, os.Rename(path+".new", path))
		}, "a copy or was restored"},
		"an older state written over it": {func(t *testing.T, path string, db *store.DB) {
			closed(t, db)
			old := content(t, path)
			db = reopen(t, path)
			put(t, db, "006B")
			closed(t, db)
			must(t, os.WriteFile(path, old, 0o600))
		}, "changed after it had been closed"},
		"emptied": {func(t *testing.T, path string, db *store.DB) {
			closed(t, db)
			must(t, os.Truncate(path, 0))
		}, "what it held is lost"},
		"removed": {func(t *testing.T, path string, db *store.DB) {
			closed(t, db)
			must(t, os.Remove(path))
		}, ""},
		"its newer header half written": {func(t *testing.T, path string, db *store.DB) {
			closed(t, db)
			b := content(t, path)
			page := os.Getpagesize()
			newer := 0
			if bytes.Compare(b[page+16+48:page+16+56], b[16+48:16+56]) > 0 { // transaction numbers below 256: the first byte tells
				newer = page
			}
			clear(b[newer+16 : newer+16+64])
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			must(t, err)
			_, err = f.Write(b)
			must(t, errors.Join(err, f.Close()))
		}, "not closed cleanly"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "store.db")
			db := reopen(t, path)
			if unclean, why := db.Unclean(); unclean {
				t.Errorf("a new store: %s", why)
			}
			put(t, db, "006A")
			c.happens(t, path, db)
			db = reopen(t, path)
			defer func() { _ = db.Close() }()
			unclean, why := db.Unclean()
			if unclean != (c.why != "") || !strings.Contains(why, c.why) {
				t.Errorf("unclean: %v, %q; want %q", unclean, why, c.why)
			}
		})
	}
}

// In a simulation this process's clock and the file system's are decades apart.
func TestACleanCloseInSimulatedTime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	synctest.Test(t, func(t *testing.T) {
		for range 3 {
			db := reopen(t, path)
			if unclean, why := db.Unclean(); unclean {
				t.Error(why)
			}
			time.Sleep(24 * time.Hour)
			closed(t, db)
		}
	})
}

func TestACrashInTheLastCommitLeavesItUnclean(t *testing.T) {
	t.Parallel()
	crash := errors.New("crash")
	for name, o := range map[string]func(*error) store.Options{
		"before": func(e *error) store.Options { return store.Options{Before: func() error { return *e }} },
		"after":  func(e *error) store.Options { return store.Options{After: func() error { return *e }} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "store.db")
			var now error
			db, err := store.Open(path, o(&now))
			must(t, err)
			now = crash
			if err := db.Close(); !errors.Is(err, crash) {
				t.Errorf("close: %v", err)
			}
			if _, err := store.Open(path, o(&now)); !errors.Is(err, crash) {
				t.Errorf("open: %v", err)
			}
			db = reopen(t, path)
			if unclean, _ := db.Unclean(); !unclean {
				t.Error("taken for clean")
			}
			closed(t, db)
		})
	}
}

func TestTrustEndsTheDoubtUntilTheNextCrash(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	abandoned(t, reopen(t, path))
	db := reopen(t, path)
	db.Trust()
	if unclean, why := db.Unclean(); unclean {
		t.Error(why)
	}
	abandoned(t, db)
	db = reopen(t, path)
	if unclean, _ := db.Unclean(); !unclean {
		t.Error("a crash after Trust goes unnoticed")
	}
	closed(t, db)
}

func TestARemovedFileStopsTheStore(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(path string) error{
		"removed": os.Remove,
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "store.db")
			db := reopen(t, path)
			must(t, take(path))
			for what, err := range map[string]error{
				"update": db.Update(func(tx *store.Tx) error { return tx.SetValue("a", "b") }),
				"close":  db.Close(),
			} {
				var p *store.Problem
				if !errors.As(err, &p) || !strings.Contains(err.Error(), "removed or replaced") {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}

func TestOthersMayNotReadIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	closed(t, reopen(t, path))
	must(t, os.Chmod(path, 0o644))
	db := reopen(t, path)
	defer func() { _ = db.Close() }()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestABackupIsAStoreWithoutTokens(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{Now: at(noon), ID: "mine"})
	secret := []byte(`"very-secret-token"`)
	update(t, db, func(tx *store.Tx) error {
		for i := range 1300 { // more than one portion
			if err := tx.PutLink(store.Link{Key: deal(string(rune('a'+i%26)) + strings.Repeat("x", i/26)), Kind: "Invoices", XeroID: "X"}); err != nil {
				return err
			}
		}
		_, err := tx.NextSequence()
		return errors.Join(err, tx.PutToken("xero", secret), tx.SetPin("00D", "t"), tx.Journal(store.Event{What: "x"}))
	})
	var b bytes.Buffer
	must(t, db.Backup(&b))
	put(t, db, "after the backup")
	if bytes.Contains(b.Bytes(), []byte("very-secret")) {
		t.Error("the token is in the backup")
	}
	if left, err := filepath.Glob(db.Path() + ".*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	path := filepath.Join(t.TempDir(), "restored.db")
	must(t, os.WriteFile(path, b.Bytes(), 0o600))
	restored := reopen(t, path)
	if unclean, why := restored.Unclean(); !unclean || !strings.Contains(why, "backup made at 2026-11-21T12:00:00Z") {
		t.Errorf("unclean: %v, %q", unclean, why)
	}
	update(t, restored, func(tx *store.Tx) error {
		if n := len(tx.LinksByXeroID("Invoices", "x")); n != 1300 {
			t.Errorf("%d links", n)
		}
		if _, ok := tx.Token("xero"); ok {
			t.Error("it has a token")
		}
		if _, ok := tx.Record(deal("after the backup")); ok {
			t.Error("it has what came later")
		}
		if org, tenant := tx.Pin(); org != "00D" || tenant != "t" || tx.StoreID() != "mine" {
			t.Errorf("pin %s %s, id %s", org, tenant, tx.StoreID())
		}
		if n, err := tx.NextSequence(); n != 2 || err != nil {
			t.Errorf("sequence %d, %v", n, err)
		}
		return tx.Journal(store.Event{What: "y"})
	})
	must(t, restored.Check())
	closed(t, restored)
}

func TestADoubtOutlivesWhoeverDrewNoConclusionsFromIt(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{Now: at(noon)})
	put(t, db, "one")
	path, _, err := db.DatedBackup(noon, 7)
	must(t, err)
	const want = "it is a backup made at 2026-11-21T12:00:00Z"
	for _, life := range []struct {
		name  string
		after func(*store.DB)
		want  string
	}{
		{"restored", func(db *store.DB) { closed(t, db) }, want},
		{"closed cleanly by a program that failed at its start", func(db *store.DB) { must(t, db.Abandon()) }, want},
		{"killed before anything was stored", func(db *store.DB) {
			update(t, db, (*store.Tx).ForgetDoubt)
			must(t, db.Abandon())
		}, want},
		{"killed afterwards", func(db *store.DB) { closed(t, db) }, "it was not closed cleanly: the process was killed, or the machine stopped"},
		{"closed again by a program that failed", func(db *store.DB) {
			update(t, db, (*store.Tx).ForgetDoubt)
			closed(t, db)
		}, "it was not closed cleanly: the process was killed, or the machine stopped"},
		{"in use, then closed", func(db *store.DB) { closed(t, db) }, ""},
	} {
		restored := reopen(t, path)
		if _, why := restored.Unclean(); why != life.want {
			t.Errorf("%s: %q, want %q", life.name, why, life.want)
		}
		if got, want := restored.Killed(), strings.HasPrefix(life.want, "it was not closed"); got != want {
			t.Errorf("%s: killed %v", life.name, got)
		}
		life.after(restored)
	}
}

func TestABackupCutShortIsCleanedUp(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a [strange] folder")
	must(t, os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, "store.db")
	left := path + ".unfinished-backup-123"
	must(t, os.WriteFile(left, nil, 0o600))
	closed(t, reopen(t, path))
	if _, err := os.Stat(left); err == nil {
		t.Error("it is still there")
	}
}

func TestTheLastDatedBackupsAreKept(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{Now: at(noon)})
	mine := []string{db.Path() + ".backup-before-the-move", db.Path() + ".backup-2020-01-01.gz", db.Path() + "x.backup-2020-01-01"}
	for _, name := range mine {
		must(t, os.WriteFile(name, nil, 0o644))
	}
	for day := range 10 {
		put(t, db, string(rune('a'+day)))
		path, size, err := db.DatedBackup(noon.AddDate(0, 0, day), 7)
		must(t, err)
		info, err := os.Stat(path)
		must(t, err)
		if info.Size() != size || info.Mode() != 0o600 {
			t.Errorf("%d bytes of %d, mode %v", size, info.Size(), info.Mode())
		}
	}
	if _, _, err := db.DatedBackup(noon.AddDate(0, 0, 9), 7); err != nil {
		t.Errorf("the second of one day: %v", err)
	}
	got, err := filepath.Glob(db.Path() + "*")
	must(t, err)
	want := append([]string{db.Path()}, mine...)
	for day := 24; day <= 30; day++ {
		want = append(want, fmt.Sprintf("%s.backup-2026-11-%d", db.Path(), day))
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("there are %q\nwant %q", got, want)
	}
	last := reopen(t, db.Path()+".backup-2026-11-30")
	defer closed(t, last)
	must(t, last.Check())
	update(t, last, func(tx *store.Tx) error {
		if _, ok := tx.Record(deal("j")); !ok {
			t.Error("the last backup lacks the last record")
		}
		return nil
	})
}

func TestADatedBackupThatFailsLeavesTheOthers(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{Now: at(noon)})
	_, _, err := db.DatedBackup(noon, 1)
	must(t, err)
	must(t, os.Mkdir(db.Path()+".backup-2026-11-22", 0o700)) // in the way
	if _, _, err := db.DatedBackup(noon.AddDate(0, 0, 1), 1); err == nil || !strings.Contains(err.Error(), ".backup-2026-11-22") {
		t.Error(err)
	}
	left, err := filepath.Glob(db.Path() + ".*")
	must(t, err)
	if want := []string{db.Path() + ".backup-2026-11-21", db.Path() + ".backup-2026-11-22"}; !slices.Equal(left, want) {
		t.Errorf("left: %q", left)
	}
}

func TestABackupThatCannotBeWrittenSaysSo(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{})
	broken := errors.New("no room")
	if err := db.Backup(failing{broken}); !errors.Is(err, broken) || !strings.Contains(err.Error(), db.Path()) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestACopyIsAsCleanAsItsSource(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	for _, c := range []struct {
		name  string
		leave func(*store.DB) error
		clean bool
	}{{"new", (*store.DB).Close, true}, {"closed", (*store.DB).Abandon, true}, {"killed", (*store.DB).Close, false}} {
		db := reopen(t, path)
		update(t, db, func(tx *store.Tx) error { return tx.PutToken("t", []byte(`"secret"`)) })
		to := filepath.Join(t.TempDir(), "copy.db")
		must(t, db.Copy(to))
		var p *store.Problem
		if err := db.Copy(to); !errors.As(err, &p) {
			t.Errorf("over an existing file: %v", err)
		}
		if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		copied := reopen(t, to)
		if unclean, why := copied.Unclean(); unclean == c.clean {
			t.Errorf("copy of a %s store: unclean %v, %q", c.name, unclean, why)
		}
		view(t, copied, func(tx *store.Tx) {
			if _, ok := tx.Token("t"); !ok {
				t.Error("the copy has no token")
			}
		})
		must(t, errors.Join(copied.Check(), copied.Close(), c.leave(db)))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func closed(t testing.TB, db *store.DB)    { t.Helper(); must(t, db.Close()) }
func abandoned(t testing.TB, db *store.DB) { t.Helper(); must(t, db.Abandon()) }

func content(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return b
}
