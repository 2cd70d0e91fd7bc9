package store_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sf2xero/store"
	"sf2xero/store/storetest"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func update(t testing.TB, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Update(fn); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, db *store.DB, fn func(*store.Tx)) {
	t.Helper()
	if err := db.View(func(tx *store.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func deal(id string) store.Key { return store.Key{Entry: "invoices", ID: id} }

func TestEverythingComesBackAsItWasPut(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{Now: at(noon)})
	record := store.Record{
		Key: deal("006A"), Hash: "h1", JSON: json.RawMessage(`{"Amount":1.10,"Name":"A & B <C>"}`), Cause: "new", Stamp: noon,
		Today: "2026-11-21", Tries: 2, NotBefore: noon.Add(time.Hour),
		Hold: &store.Hold{Cause: "tax.unknown", Text: "no tax for Narnia", Remedy: "add it", Owner: "admin", Inputs: "x", Since: noon},
	}
	link := store.Link{
		Key: deal("006A"), Generation: 1, Kind: "Invoices", XeroID: "AB-1", Number: "INV-1", Status: "DRAFT", Decided: "h1", Mapping: "m",
		Today: "2026-11-21", Origin: "created", Mismatch: "f", Meant: json.RawMessage(`{"Total":10.00}`), Seen: json.RawMessage(`{"Total":10}`),
		SeenAt: noon, Row: json.RawMessage(`{"X":null}`), Made: noon, Edits: []time.Time{noon},
	}
	intent := store.Intent{
		ID: "0001", Kind: "Invoices", Do: "create", Mapping: "m",
		Members:  []store.Member{{Key: deal("006B"), Generation: 1, Hash: "h", Today: "2026-11-21", Known: []string{"AB-1"}}, {Key: deal("006A")}},
		Call:     json.RawMessage("{ \"Body\" : {\"a\":\"<&>\"}\n }"),
		Attempts: []store.Attempt{{At: noon}, {At: noon, Answer: "429"}},
	}
	seen := store.Seen{Kind: "Contacts", XeroID: "C-1", Names: []string{"name:acme", "number:1"}, JSON: json.RawMessage(`{"Name":"Acme"}`), At: noon}
	back := store.WriteBack{Key: deal("006A"), Tries: 1, NotBefore: noon, Error: "row locked"}
	event := store.Event{At: noon, What: "invoice.created", Key: "invoices/006A", Text: "INV-1"}

	update(t, db, func(tx *store.Tx) error {
		return errors.Join(
			tx.SetPin("00D", ""), tx.SetPin("", "tenant"), tx.SetCursor("pull", noon), tx.SetValue("stand-down", "2026"),
			tx.PutRecord(record), tx.PutLink(link), tx.PutIntent(intent), tx.PutSeen(seen), tx.PutHistory(deal("006H")),
			tx.PutWriteBack(back), tx.PutCache("reference", json.RawMessage(`{"a":1}`)), tx.Journal(event),
			tx.PutToken("xero", json.RawMessage(`{"t":"<&>"}`)),
		)
	})
	view(t, db, func(tx *store.Tx) {
		type all struct {
			Org, Tenant, Value, Cache, Token string
			Cursor, Cached                   time.Time
			Record                           store.Record
			Link, ByXero                     store.Link
			Intent, OfMember                 store.Intent
			Seen, ByName                     store.Seen
			Back                             store.WriteBack
			History, NoHistory               bool
			Events                           []store.Event
			Entries                          map[string]int
		}
		want := all{
			Org: "00D", Tenant: "tenant", Value: "2026", Cache: `{"a":1}`, Token: `{"t":"<&>"}`, Cursor: noon, Cached: noon, Record: record,
			Link: link, ByXero: link, Intent: intent, OfMember: intent, Seen: seen, ByName: seen, Back: back, History: true,
			Events: []store.Event{event}, Entries: map[string]int{"invoices": 1},
		}
		var got all
		var ok [9]bool
		got.Org, got.Tenant = tx.Pin()
		got.Value = tx.Value("stand-down")
		got.Cursor, ok[0] = tx.Cursor("pull")
		got.Record, ok[1] = tx.Record(deal("006A"))
		got.Link, ok[2] = tx.Link(deal("006A"))
		got.ByXero, ok[3] = tx.LinkByXeroID("Invoices", "ab-1")
		got.Intent, ok[4] = tx.Intent("0001")
		got.OfMember = tx.Intents(deal("006A"))[0]
		got.Seen, ok[5] = tx.SeenByID("Contacts", "c-1")
		got.ByName = tx.Mirror("Contacts", "number:1")[0]
		got.Back, ok[6] = tx.WriteBack(deal("006A"))
		got.History, got.NoHistory = tx.History(deal("006H")), tx.History(deal("006A"))
		cache, when, found := tx.Cache("reference")
		got.Cache, got.Cached, ok[7] = string(cache), when, found
		token, found := tx.Token("xero")
		got.Token, ok[8] = string(token), found
		got.Events = slices.Collect(tx.Events(noon))
		got.Entries = tx.LinkedEntries()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if slices.Contains(ok[:], false) {
			t.Errorf("found: %v", ok)
		}
	})
}

func TestWhatIsSetAsideStandsBesideTheHistory(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{Now: at(noon)})
	kept := store.SetAside{Cause: "new", LetIn: "2026-11-27", Today: "2026-11-20"}
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.PutSetAside(deal("006A"), "wide", kept), tx.PutSetAside(deal("006A"), "other", store.SetAside{Cause: "mapping"}), tx.PutSetAside(deal("006AB"), "wide", kept))
	})
	if err := db.Check(); err != nil {
		t.Error(err)
	}
	has := func(k store.Key, condition string) (ok bool) {
		err := db.View(func(tx *store.Tx) error {
			got, found := tx.SetAside(k, condition)
			if ok = found; found && condition == "wide" && got != kept {
				t.Errorf("got %+v", got)
			}
			if tx.History(k) {
				t.Errorf("%s is history", k)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !has(deal("006A"), "wide") || !has(deal("006A"), "other") || has(deal("006A"), "narrow") || has(deal("006B"), "wide") {
		t.Error("what was set aside is not there, or something else is")
	}
	update(t, db, func(tx *store.Tx) error {
		return errors.Join(tx.PutHistory(deal("006A")), tx.ForgetSetAside(deal("006A")))
	})
	update(t, db, func(tx *store.Tx) error {
		if !tx.History(deal("006A")) {
			t.Error("the history went with it")
		}
		return tx.DeleteHistory(deal("006A"))
	})
	if has(deal("006A"), "wide") || has(deal("006A"), "other") || !has(deal("006AB"), "wide") {
		t.Error("not that record was forgotten")
	}
	update(t, db, func(tx *store.Tx) error { return tx.DeleteSetAside(deal("006AB"), "wide") })
	if has(deal("006AB"), "wide") {
		t.Error("it is still set aside")
	}
}

func TestHistoryCanBeForgotten(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{NoSync: true})
	update(t, db, func(tx *store.Tx) error { return errors.Join(tx.PutHistory(deal("006A")), tx.PutHistory(deal("006B"))) })
	update(t, db, func(tx *store.Tx) error { return tx.DeleteHistory(deal("006A")) })
	view(t, db, func(tx *store.Tx) {
		if tx.History(deal("006A")) || !tx.History(deal("006B")) {
			t.Errorf("history: %v, %v", tx.History(deal("006A")), tx.History(deal("006B")))
		}
	})
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{})
	view(t, db, func(tx *store.Tx) {
		_, record := tx.Record(deal("x"))
		_, link := tx.Link(deal("x"))
		_, byXero := tx.LinkByXeroID("Invoices", "x")
		_, intent := tx.Intent("x")
		_, seen := tx.SeenByID("Invoices", "x")
		_, back := tx.WriteBack(deal("x"))
		_, cursor := tx.Cursor("x")
		_, _, cache := tx.Cache("x")
		_, token := tx.Token("x")
		if record || link || byXero || intent || seen || back || cursor || cache || token || tx.History(deal("x")) || tx.Value("x") != "" {
			t.Error("an empty store knows something")
		}
		if len(tx.Intents(deal("x"))) != 0 || len(tx.Mirror("Invoices", "x")) != 0 || len(tx.AllIntents()) != 0 {
			t.Error("an empty store lists something")
		}
	})
}

func TestAKeyThatCouldBeTwoIsRefused(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{})
	for name, put := range map[string]func(*store.Tx) error{
		"record without id": func(tx *store.Tx) error { return tx.PutRecord(store.Record{Key: deal("")}) },
		"link with NUL":     func(tx *store.Tx) error { return tx.PutLink(store.Link{Key: store.Key{Entry: "a\x00b", ID: "1"}}) },
		"link without kind": func(tx *store.Tx) error { return tx.PutLink(store.Link{Key: deal("1"), XeroID: "x"}) },
		"intent without id": func(tx *store.Tx) error { return tx.PutIntent(store.Intent{}) },
		"seen without id":   func(tx *store.Tx) error { return tx.PutSeen(store.Seen{Kind: "Contacts"}) },
		"name with NUL": func(tx *store.Tx) error {
			return tx.PutSeen(store.Seen{Kind: "C", XeroID: "1", Names: []string{"a\x00"}})
		},
		"history without id": func(tx *store.Tx) error { return tx.PutHistory(deal("")) },
		"value without name": func(tx *store.Tx) error { return tx.SetValue("", "x") },
	} {
		if err := db.Update(put); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestALoopMayChangeWhatItWalks(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{NoSync: true})
	ids := []string{"006A", "006B", "006C", "006D", "006E"}
	update(t, db, func(tx *store.Tx) error {
		for _, id := range ids {
			if err := tx.PutRecord(store.Record{Key: deal(id)}); err != nil {
				return err
			}
		}
		// Neighbours that must not be met.
		return errors.Join(tx.PutRecord(store.Record{Key: store.Key{Entry: "invoice", ID: "1"}}), tx.PutRecord(store.Record{Key: store.Key{Entry: "invoices/b", ID: "1"}}))
	})
	var met []string
	update(t, db, func(tx *store.Tx) error {
		for r := range tx.Todo("invoices", "006A") {
			met = append(met, r.ID)
			if err := tx.Dequeue(r.Key); err != nil {
				return err
			}
		}
		return nil
	})
	if diff := cmp.Diff(ids[1:], met); diff != "" {
		t.Error(diff)
	}
	view(t, db, func(tx *store.Tx) {
		if queued, held := tx.TodoCount("invoices"); queued != 1 || held != 0 {
			t.Errorf("left: %d queued, %d held", queued, held)
		}
	})
}

func TestThePinIsForGood(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{})
	update(t, db, func(tx *store.Tx) error { return tx.SetPin("00D1", "t1") })
	update(t, db, func(tx *store.Tx) error { return tx.SetPin("00D1", "t1") })
	err := db.Update(func(tx *store.Tx) error { return tx.SetPin("00D1", "t2") })
	var p *store.Problem
	if !errors.As(err, &p) || p.Path != db.Path() {
		t.Fatalf("another tenant: %v", err)
	}
	view(t, db, func(tx *store.Tx) {
		if org, tenant := tx.Pin(); org != "00D1" || tenant != "t1" {
			t.Errorf("pinned to %s, %s", org, tenant)
		}
	})
}

func TestAnUpdateIsAllOrNothing(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{})
	mine := errors.New("no")
	err := db.Update(func(tx *store.Tx) error {
		if !db.InUpdate() {
			t.Error("InUpdate is false inside an Update")
		}
		return errors.Join(tx.PutRecord(store.Record{Key: deal("006A")}), mine)
	})
	if !errors.Is(err, mine) {
		t.Error(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the caller's own panic was swallowed")
			}
		}()
		_ = db.Update(func(tx *store.Tx) error {
			_ = tx.PutRecord(store.Record{Key: deal("006B")})
			panic("a mistake of the caller")
		})
	}()
	if db.InUpdate() {
		t.Error("InUpdate stays true")
	}
	view(t, db, func(tx *store.Tx) {
		if queued, _ := tx.TodoCount("invoices"); queued != 0 {
			t.Errorf("%d records were stored", queued)
		}
	})
	update(t, db, func(tx *store.Tx) error { return tx.PutRecord(store.Record{Key: deal("006C")}) })
}

func TestTheHooksStandAroundEachCommit(t *testing.T) {
	t.Parallel()
	crash := errors.New("crash")
	var before, after error
	db := storetest.Open(t, store.Options{Before: func() error { return before }, After: func() error { return after }})
	put := func(id string) error {
		return db.Update(func(tx *store.Tx) error { return tx.PutRecord(store.Record{Key: deal(id)}) })
	}
	before = crash
	if err := put("006A"); !errors.Is(err, crash) {
		t.Errorf("before: %v", err)
	}
	before, after = nil, crash
	if err := put("006B"); !errors.Is(err, crash) {
		t.Errorf("after: %v", err)
	}
	view(t, db, func(tx *store.Tx) {
		_, a := tx.Record(deal("006A"))
		_, b := tx.Record(deal("006B"))
		if a || !b {
			t.Errorf("before: stored %v, after: stored %v", a, b)
		}
	})
}

func TestSequenceAndIDOutliveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	var ids []string
	for want := uint64(1); want <= 3; want++ {
		db, err := store.Open(path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		update(t, db, func(tx *store.Tx) error {
			n, err := tx.NextSequence()
			if n != want {
				t.Errorf("sequence %d, want %d", n, want)
			}
			ids = append(ids, tx.StoreID())
			return err
		})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if ids[0] == "" || ids[0] != ids[1] || ids[1] != ids[2] {
		t.Errorf("ids %v", ids)
	}
	other := storetest.Open(t, store.Options{ID: "chosen"})
	view(t, other, func(tx *store.Tx) {
		if tx.StoreID() != "chosen" {
			t.Errorf("id %q", tx.StoreID())
		}
	})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
