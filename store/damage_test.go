package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"

	"sf2xero/store"
	"sf2xero/store/storetest"
)

// filled makes a cleanly closed store with a few pages in every tree and returns its bytes.
func filled(t testing.TB, path string) []byte {
	t.Helper()
	db, err := store.Open(path, store.Options{Now: at(noon), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	for part := range 3 { // several commits leave free pages behind
		update(t, db, func(tx *store.Tx) error {
			for i := range 40 {
				id := fmt.Sprintf("006%03d", part*40+i)
				err := errors.Join(
					tx.PutRecord(store.Record{Key: deal(id), JSON: []byte(`{"Name":"` + strings.Repeat("x", 100) + `"}`)}),
					tx.PutLink(store.Link{Key: deal(id), Kind: "Invoices", XeroID: "x" + id}),
					tx.PutSeen(store.Seen{Kind: "Contacts", XeroID: id, Names: []string{"name:" + id}}),
				)
				if err != nil {
					return err
				}
			}
			return tx.PutIntent(store.Intent{ID: fmt.Sprint(part), Members: []store.Member{{Key: deal("006000")}}, Call: bytes.Repeat([]byte("b"), 6_000)})
		})
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// refused asserts that Open refuses the file with a sentence and leaves it and its lock alone.
func refused(t *testing.T, path string, words ...string) {
	t.Helper()
	before, readErr := os.ReadFile(path)
	for _, o := range []store.Options{{}, {ReadOnly: true}} {
		db, err := store.Open(path, o)
		if err == nil {
			_ = db.Close()
			t.Fatal("opened")
		}
		var p *store.Problem
		if !errors.As(err, &p) || p.Path != path || p.What == "" || p.Remedy == "" {
			t.Fatalf("no problem with file and remedy: %v", err)
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%v: does not say %q", err, w)
			}
		}
		if strings.Contains(err.Error(), "goroutine") || strings.Contains(err.Error(), "\n") {
			t.Errorf("not one sentence: %v", err)
		}
	}
	if readErr != nil {
		return
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed, %v", err)
	}
	lockable(t, path)
}

// lockable asserts that nobody holds the file: bbolt itself can lock it at once.
func lockable(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return // a case in which nothing can be written
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: 1})
	if err != nil {
		t.Errorf("the lock is still held: %v", err)
		return
	}
	_ = db.Close()
}

// What the system says of a path is said of nothing in the file: nobody is told to move a sound store away.
func TestAPathThatCannotBeOpenedIsNotADamagedStore(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(file, "store.db"), filepath.Join(t.TempDir(), strings.Repeat("long", 100))} {
		_, err := store.Open(path, store.Options{})
		if err == nil || !strings.Contains(err.Error(), "could not be opened") || strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestFilesThatAreNoSoundStore(t *testing.T) {
	t.Parallel()
	whole := filled(t, filepath.Join(t.TempDir(), "store.db"))
	page := os.Getpagesize()
	for name, c := range map[string]struct {
		content func(t *testing.T, path string) []byte
		words   []string
	}{
		"cut off in the middle": {func(*testing.T, string) []byte { return whole[:len(whole)/2] }, []string{"is damaged", "bytes and should have", "backup"}},
		"cut off after a page":  {func(*testing.T, string) []byte { return whole[:page] }, []string{"is damaged"}},
		"ten bytes":             {func(*testing.T, string) []byte { return whole[:10] }, []string{"is damaged"}},
		"garbage":               {func(*testing.T, string) []byte { return bytes.Repeat([]byte("not a store. "), 10_000) }, []string{"is damaged", "headers"}},
		"all zero":              {func(*testing.T, string) []byte { return make([]byte, len(whole)) }, []string{"is damaged"}},
		"both headers zeroed":   {func(*testing.T, string) []byte { return append(make([]byte, 2*page), whole[2*page:]...) }, []string{"is damaged"}},
		"everything but the headers zeroed": {func(*testing.T, string) []byte {
			return append(bytes.Clone(whole[:2*page]), make([]byte, len(whole)-2*page)...)
		}, []string{"is damaged"}},
		"a newer schema": {func(t *testing.T, path string) []byte {
			return rewritten(t, path, whole, func(tx *bolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte("99")) })
		}, []string{"newer sf2xero", "99", "backup"}},
		"a schema that is no number": {func(t *testing.T, path string) []byte {
			return rewritten(t, path, whole, func(tx *bolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte("x")) })
		}, []string{"another program"}},
		"another program's database": {func(t *testing.T, path string) []byte {
			return rewritten(t, path, nil, func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("photos")); return err })
		}, []string{"another program", "store"}},
		"another program's database with a meta bucket": {func(t *testing.T, path string) []byte {
			return rewritten(t, path, nil, func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("meta")); return err })
		}, []string{"another program"}},
		"a bucket is missing": {func(t *testing.T, path string) []byte {
			return rewritten(t, path, whole, func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("todo")) })
		}, []string{"is damaged", "todo"}},
		"a value that is no JSON": {func(t *testing.T, path string) []byte {
			return rewritten(t, path, whole, func(tx *bolt.Tx) error {
				return tx.Bucket([]byte("links")).Put([]byte("invoices\x00006000"), []byte("{"))
			})
		}, []string{"is damaged", "links"}},
		"a link under another's key": {func(t *testing.T, path string) []byte {
			return rewritten(t, path, whole, func(tx *bolt.Tx) error {
				b := tx.Bucket([]byte("links"))
				return b.Put([]byte("invoices\x00006999"), bytes.Clone(b.Get([]byte("invoices\x00006000"))))
			})
		}, []string{"is damaged", "calls itself"}},
		"an index that points to nothing": {func(t *testing.T, path string) []byte {
			return rewritten(t, path, whole, func(tx *bolt.Tx) error { return tx.Bucket([]byte("links")).Delete([]byte("invoices\x00006000")) })
		}, []string{"is damaged", "points to nothing"}},
		"a document that is not in its index": {func(t *testing.T, path string) []byte {
			return rewritten(t, path, whole, func(tx *bolt.Tx) error {
				return tx.Bucket([]byte("mirror.names")).Delete([]byte("Contacts\x00name:006000\x00006000"))
			})
		}, []string{"is damaged", "lacks 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "store.db")
			if err := os.WriteFile(path, c.content(t, path), 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, path, c.words...)
		})
	}
}

// rewritten changes a database behind the store's back.
func rewritten(t *testing.T, path string, start []byte, change func(*bolt.Tx) error) []byte {
	t.Helper()
	if start != nil {
		if err := os.WriteFile(path, start, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever is in the file, the process neither dies nor takes a broken store for a sound one.
func TestEveryPageOverwritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := filled(t, filepath.Join(dir, "whole.db"))
	page := os.Getpagesize()
	draw := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, page)
	for i := range noise {
		noise[i] = byte(draw.Uint32())
	}
	refusals := 0
	for n := range len(whole) / page {
		for name, with := range map[string][]byte{
			"zeros": make([]byte, page), "noise": noise, "ones": bytes.Repeat([]byte{0xff}, page),
			"the page before":       whole[max(0, n-1)*page : max(1, n)*page],
			"noise below its head":  append(bytes.Clone(whole[n*page:n*page+16]), noise[16:]...),
			"a huge number of rows": append(append(bytes.Clone(whole[n*page:n*page+10]), 0xff, 0xff), whole[n*page+12:(n+1)*page]...),
		} {
			path := filepath.Join(dir, "damaged.db")
			b := bytes.Clone(whole)
			copy(b[n*page:], with)
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := store.Open(path, store.Options{NoSync: true})
			if err != nil {
				var p *store.Problem
				if !errors.As(err, &p) || strings.Contains(err.Error(), "in use") { // a lock left behind by the page before
					t.Fatalf("page %d, %s: %v", n, name, err)
				}
				refusals++
			} else {
				if unclean, _ := db.Unclean(); !unclean {
					t.Errorf("page %d, %s: taken for the file that was closed", n, name)
				}
				if err := db.Check(); err != nil {
					t.Errorf("page %d, %s: opened, but %v", n, name, err)
				}
				_ = db.Close()
			}
		}
	}
	if refusals == 0 {
		t.Error("no damage was noticed")
	}
}

// A page that names itself as its own child sent bbolt round for ever.
func TestAPageThatContainsItself(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	b := filled(t, path)
	page := os.Getpagesize()
	n := binary.NativeEndian
	changed := 0
	for id := 2; id < len(b)/page; id++ {
		at := b[id*page:]
		if n.Uint16(at[8:]) != 1 || n.Uint64(at) != uint64(id) { // a branch page
			continue
		}
		n.PutUint64(at[16+8:], uint64(id))
		changed++
	}
	if changed == 0 {
		t.Fatal("the store has no branch page")
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, path, "is damaged", "used twice")
}

// A header may be intact and still point into nowhere.
func TestAHeaderThatPointsIntoNowhere(t *testing.T) {
	t.Parallel()
	page := os.Getpagesize()
	n := binary.NativeEndian
	for name, at := range map[string]int{"root": 16, "freelist": 32, "end": 40} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "store.db")
			b := filled(t, path)
			for _, start := range []int{0, page} {
				meta := b[start+16:]
				n.PutUint64(meta[at:], 1<<40)
				h := fnv.New64a()
				_, _ = h.Write(meta[:56])
				n.PutUint64(meta[56:], h.Sum64())
			}
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, path, "is damaged")
		})
	}
}

func TestPlacesWhereNoStoreCanBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	t.Run("a folder", func(t *testing.T) { refused(t, dir, "is a folder") })
	t.Run("in a folder that is not there", func(t *testing.T) {
		path := filepath.Join(dir, "no", "store.db")
		_, err := store.Open(path, store.Options{})
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), filepath.Dir(path)) {
			t.Error(err)
		}
	})
	t.Run("not there, to be read", func(t *testing.T) {
		path := filepath.Join(dir, "none.db")
		if _, err := store.Open(path, store.Options{ReadOnly: true}); err == nil || !strings.Contains(err.Error(), "does not exist") {
			t.Error(err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("reading made a file")
		}
	})
	t.Run("a device", func(t *testing.T) {
		if _, err := store.Open(os.DevNull, store.Options{}); err == nil || !strings.Contains(err.Error(), "ordinary file") {
			t.Error(err)
		}
	})
}

func TestDamageFoundLaterIsNamedAndStopsTheStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	filled(t, path)
	db, err := store.Open(path, store.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	// All pages but the headers: what bbolt has mapped changes under it.
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	if _, err := f.WriteAt(make([]byte, int(info.Size())-2*page), int64(2*page)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var p *store.Problem
	err = db.View(func(tx *store.Tx) error { tx.Link(deal("006000")); return nil })
	if !errors.As(err, &p) || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("read: %v", err)
	}
	if err := db.Update(func(tx *store.Tx) error { return nil }); !errors.As(err, &p) {
		t.Errorf("write after damage: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	lockable(t, path)
}

func TestAStoreInUseIsLocked(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{})
	for _, o := range []store.Options{{}, {ReadOnly: true}} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			_, err := store.Open(db.Path(), o)
			if err == nil || !strings.Contains(err.Error(), "in use by another process") || !strings.Contains(err.Error(), db.Path()) {
				t.Error(err)
			}
			if waited := time.Since(began); waited > 3*time.Second {
				t.Errorf("it waited %s", waited)
			}
		})
	}
}

func TestReadOnlyWritesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	before := filled(t, path)
	db, err := store.Open(path, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(*store.Tx) error { return nil }); err == nil || !strings.Contains(err.Error(), "only to be read") {
		t.Error(err)
	}
	if unclean, why := db.Unclean(); unclean {
		t.Error(why)
	}
	if err := errors.Join(db.Check(), db.Close()); err != nil {
		t.Error(err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed, %v", err)
	}
	if db, err = store.Open(path, store.Options{}); err != nil {
		t.Fatal(err)
	}
	if unclean, why := db.Unclean(); unclean {
		t.Errorf("after reading: %s", why)
	}
	_ = db.Close()
}
