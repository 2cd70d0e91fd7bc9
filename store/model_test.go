package store_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sf2xero/store"
)

// model is the store as plain maps. Its indexes are searches.
type model struct {
	records map[store.Key]store.Record
	links   map[store.Key]store.Link
	intents map[string]store.Intent
	seen    map[string]store.Seen // kind and id in lower case
}

func (m model) clone() model {
	return model{maps.Clone(m.records), maps.Clone(m.links), maps.Clone(m.intents), maps.Clone(m.seen)}
}

// Few ids, so that they meet: in other cases, as beginnings of one another, in two kinds and entries.
var (
	entries = rapid.SampledFrom([]string{"invoices", "invoices/b", "contacts", "i"})
	ids     = rapid.SampledFrom([]string{"006A", "006AB", "006B", "006b", "0"})
	kinds   = rapid.SampledFrom([]string{"Invoices", "Contacts"})
	xeroIDs = rapid.SampledFrom([]string{"", "Ab-1", "AB-1", "ab-12", "c"})
	words   = rapid.SampledFrom([]string{"name:acme", "name:acme ltd", "name:a", "mark:1"})
	keys    = rapid.Custom(func(t *rapid.T) store.Key { return store.Key{Entry: entries.Draw(t, "entry"), ID: ids.Draw(t, "id")} })
)

// step draws one change and makes it in the store and in the model.
func step(t *rapid.T, tx *store.Tx, m model) error {
	switch rapid.SampledFrom([]string{"record", "decide", "link", "unlink", "intent", "settle", "seen"}).Draw(t, "step") {
	case "record":
		r := store.Record{Key: keys.Draw(t, "key"), Hash: rapid.StringN(0, 3, -1).Draw(t, "hash"), JSON: json.RawMessage(`{"A":1.10}`)}
		if rapid.Bool().Draw(t, "held") {
			r.Hold = &store.Hold{Cause: "x"}
		}
		m.records[r.Key] = r
		return tx.PutRecord(r)
	case "decide":
		k := keys.Draw(t, "key")
		delete(m.records, k)
		return tx.Dequeue(k)
	case "link":
		l := store.Link{Key: keys.Draw(t, "key"), Kind: kinds.Draw(t, "kind"), XeroID: xeroIDs.Draw(t, "xero id"), Generation: rapid.IntRange(0, 2).Draw(t, "generation")}
		m.links[l.Key] = l
		return tx.PutLink(l)
	case "unlink":
		k := keys.Draw(t, "key")
		delete(m.links, k)
		return tx.DeleteLink(k)
	case "intent":
		i := store.Intent{ID: ids.Draw(t, "intent"), Kind: kinds.Draw(t, "kind"), Do: "create", Call: json.RawMessage(rapid.SampledFrom([]string{`{}`, "{ \"a\":\n1}", `"<&>"`}).Draw(t, "call"))}
		for _, k := range rapid.SliceOfN(keys, 1, 4).Draw(t, "members") { // one record may be there twice
			i.Members = append(i.Members, store.Member{Key: k})
		}
		m.intents[i.ID] = i
		return tx.PutIntent(i)
	case "settle":
		id := ids.Draw(t, "intent")
		delete(m.intents, id)
		return tx.DeleteIntent(id)
	default:
		s := store.Seen{Kind: kinds.Draw(t, "kind"), XeroID: cmp.Or(xeroIDs.Draw(t, "xero id"), "z"), Names: rapid.SliceOfN(words, 0, 3).Draw(t, "names")}
		if len(s.Names) == 0 {
			s.Names = nil
		}
		m.seen[s.Kind+" "+strings.ToLower(s.XeroID)] = s
		return tx.PutSeen(s)
	}
}

// compare asks the store everything the model knows.
func compare(t *rapid.T, tx *store.Tx, m model) {
	same := func(what string, want, got any) {
		if !reflect.DeepEqual(want, got) { // cmp.Diff is ten times slower
			t.Fatalf("%s: model (-), store (+):\n%s", what, gocmp.Diff(want, got))
		}
	}
	byID := func(a, b store.Key) int { return cmp.Compare(a.ID, b.ID) }
	counts := map[string]int{}
	for k := range m.links {
		counts[k.Entry]++
	}
	same("entries", counts, tx.LinkedEntries())
	for _, entry := range []string{"invoices", "invoices/b", "contacts", "i"} {
		for _, after := range []string{"", "006A", "006a"} {
			var records []store.Record
			var queued, held int
			for _, k := range slices.SortedFunc(maps.Keys(m.records), byID) {
				if k.Entry != entry {
					continue
				}
				if m.records[k].Hold != nil {
					held++
				} else {
					queued++
				}
				if after == "" || k.ID > after {
					records = append(records, m.records[k])
				}
			}
			same("todo of "+entry+" after "+after, records, slices.Collect(tx.Todo(entry, after)))
			q, h := tx.TodoCount(entry)
			same("todo count of "+entry, [2]int{queued, held}, [2]int{q, h})
			var links []store.Link
			for _, k := range slices.SortedFunc(maps.Keys(m.links), byID) {
				if k.Entry == entry && (after == "" || k.ID > after) {
					links = append(links, m.links[k])
				}
			}
			same("links of "+entry+" after "+after, links, slices.Collect(tx.Links(entry, after)))
		}
		for _, id := range []string{"006A", "006AB", "006B", "006b", "0"} {
			k := store.Key{Entry: entry, ID: id}
			var intents []store.Intent
			for _, name := range slices.Sorted(maps.Keys(m.intents)) {
				if slices.ContainsFunc(m.intents[name].Members, func(x store.Member) bool { return x.Key == k }) {
					intents = append(intents, m.intents[name])
				}
			}
			same("intents of "+k.String(), intents, tx.Intents(k))
			link, ok := tx.Link(k)
			want, known := m.links[k]
			same("link "+k.String(), []any{want, known}, []any{link, ok})
		}
	}
	var all []store.Intent
	for _, name := range slices.Sorted(maps.Keys(m.intents)) {
		all = append(all, m.intents[name])
	}
	same("all intents", all, tx.AllIntents())
	for _, kind := range []string{"Invoices", "Contacts"} {
		for _, id := range []string{"ab-1", "AB-12", "C", "z"} {
			var links []store.Link
			for _, k := range slices.SortedFunc(maps.Keys(m.links), func(a, b store.Key) int { return cmp.Or(cmp.Compare(a.Entry, b.Entry), byID(a, b)) }) {
				if l := m.links[k]; l.Kind == kind && strings.EqualFold(l.XeroID, id) {
					links = append(links, l)
				}
			}
			// Keys sort with a NUL between their parts, before every letter: invoices before invoices/b.
			same("links to "+kind+" "+id, links, tx.LinksByXeroID(kind, id))
			seen, ok := tx.SeenByID(kind, id)
			want, known := m.seen[kind+" "+strings.ToLower(id)]
			same("seen "+kind+" "+id, []any{want, known}, []any{seen, ok})
		}
		for _, word := range []string{"name:acme", "name:acme ltd", "name:a", "mark:1"} {
			var found []store.Seen
			for _, id := range slices.Sorted(maps.Keys(m.seen)) {
				if s := m.seen[id]; s.Kind == kind && slices.Contains(s.Names, word) {
					found = append(found, s)
				}
			}
			same("mirror of "+kind+" "+word, found, tx.Mirror(kind, word))
		}
	}
}

func TestTheStoreIsItsModel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := 0
	rapid.Check(t, func(t *rapid.T) {
		file++
		path := filepath.Join(dir, fmt.Sprint(file, ".db"))
		crash := errors.New("crash")
		var before, after error
		o := store.Options{NoSync: true, Before: func() error { return before }, After: func() error { return after }}
		open := func() *store.DB {
			before, after = nil, nil
			db, err := store.Open(path, o)
			if err != nil {
				t.Fatal(err)
			}
			return db
		}
		db := open() // and every later one checks the file and its indexes
		defer func() {
			if err := errors.Join(db.Check(), db.Abandon()); err != nil {
				t.Error(err)
			}
		}()
		m := model{map[store.Key]store.Record{}, map[store.Key]store.Link{}, map[string]store.Intent{}, map[string]store.Seen{}}
		t.Repeat(map[string]func(*rapid.T){
			"transaction": func(t *rapid.T) {
				next := m.clone()
				end := rapid.SampledFrom([]string{"commit", "commit", "commit", "error", "crash before", "crash after"}).Draw(t, "end")
				before, after = nil, nil
				switch end {
				case "crash before":
					before = crash
				case "crash after":
					after = crash
				}
				err := db.Update(func(tx *store.Tx) error {
					for range rapid.IntRange(1, 8).Draw(t, "steps") {
						if err := step(t, tx, next); err != nil {
							return err
						}
					}
					if rapid.Bool().Draw(t, "look") {
						compare(t, tx, next) // a transaction sees its own writes
					}
					if end == "error" {
						return crash
					}
					return nil
				})
				if (err != nil) != (end != "commit") {
					t.Fatalf("%s: %v", end, err)
				}
				if end == "commit" || end == "crash after" {
					m = next
				}
				if end == "crash before" || end == "crash after" {
					_ = db.Abandon()
					db = open()
				}
			},
			"restart": func(t *rapid.T) {
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				db = open()
			},
			"": func(t *rapid.T) {
				if err := db.View(func(tx *store.Tx) error { compare(t, tx, m); return nil }); err != nil {
					t.Fatal(err)
				}
			},
		})
	})
}
