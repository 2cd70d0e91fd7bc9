package sync

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
)

// The texts of earlier mappings. What moved no stamp since the last of them (an account's country) is found by it, and is
// not taken for the edit's doing; a record that was held or out of sight during an edit is compared with what was decided.
const (
	valueMapping = "mapping"  // under which all matching records were last read
	valueEarlier = "mappings" // by hash: under which records were decided that have been in the todo since
)

// compileEarlier compiles them anew. One is left out when Salesforce no longer has what it reads, or its lines stood in
// another order.
func (c *Cycle) compileEarlier(ctx context.Context, file, hash string, m *mapping.Mapping) (map[string]*mapping.Mapping, error) {
	var texts map[string]string
	matched := ""
	if err := c.Store.View(func(tx *store.Tx) error {
		texts = earlierTexts(tx)
		texts[""], matched = tx.Value(valueMapping), tx.Value(valueMatched)
		return nil
	}); err != nil {
		return nil, err
	}
	compiled := map[string]*mapping.Mapping{}
	for _, name := range document.SortedNames(texts) {
		// The store knows a mapping by the hash that it had when it was in force: an earlier version of this program may
		// have made another one of the same text.
		under := name
		if under == "" {
			under = matched
		}
		text := []byte(texts[name])
		if len(text) == 0 || under == m.Hash {
			continue
		}
		if plan.Digest(text) == hash {
			compiled[under] = m
			continue
		}
		old, err := c.compile(ctx, file, text)
		var problems *MappingProblems
		switch {
		case errors.As(err, &problems):
		case err != nil:
			return nil, err
		case comparesWith(old, m):
			compiled[under] = old
		}
	}
	return compiled, nil
}

func earlierTexts(tx *store.Tx) map[string]string {
	texts := map[string]string{}
	_ = json.Unmarshal([]byte(tx.Value(valueEarlier)), &texts) // empty when there is none
	return texts
}

// comparesWith is true when rows read for one mapping tell what another one made of them.
func comparesWith(old, m *mapping.Mapping) bool {
	for _, e := range m.Documents {
		before := old.Entry(e.Name)
		if before == nil || before.From != e.From {
			return false
		}
		for name, child := range e.Reads.Children {
			if was, ok := before.Reads.Children[name]; ok && was.Order != child.Order {
				return false
			}
		}
	}
	return true
}

// under is an entry as it was under an earlier mapping; nil when that one is not known any more.
func (m *mappings) under(hash string, e *mapping.Entry) *mapping.Entry {
	if old := m.earlier[hash]; old != nil {
		return old.Entry(e.Name)
	}
	return nil
}

// decidedUnder is the hash of the mapping under which a link's record was decided.
func decidedUnder(link store.Link) string {
	if link.DecidedUnder != "" {
		return link.DecidedUnder
	}
	return link.Mapping
}

// wasDecided is true for a link whose record can be compared with what was decided.
func wasDecided(link store.Link) bool {
	return link.XeroID != "" && link.Decided != "" && isDecided(link)
}

// keepEarlier keeps the mappings that records in the todo were decided under, and forgets the others.
func (m *mappings) keepEarlier(tx *store.Tx, in Inputs) error {
	noted := tx.Value(valueEarlier)
	texts, kept, earlier := earlierTexts(tx), map[string]string{}, map[string]*mapping.Mapping{}
	if before := tx.Value(valueMatched); before != "" && before != in.Mapping.Hash {
		texts[before] = tx.Value(valueMapping)
	}
	for _, entry := range document.Entries() {
		for r := range tx.Todo(entry, "") {
			link, linked := tx.Link(r.Key)
			hash := decidedUnder(link)
			if !linked || !wasDecided(link) || hash == in.Mapping.Hash || texts[hash] == "" {
				continue
			}
			if kept[hash] = texts[hash]; m.earlier[hash] != nil {
				earlier[hash] = m.earlier[hash]
			}
		}
	}
	m.earlier = earlier
	if len(kept) == 0 && noted == "" {
		return nil
	}
	text := ""
	if len(kept) > 0 {
		j, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		text = string(j)
	}
	if text == noted {
		return nil
	}
	return tx.SetValue(valueEarlier, text)
}

// withoutEarlier has Salesforce described anew when it refused a field: one that the mapping in force does not read may be
// what an earlier one read, which is then left out.
func (m *mappings) withoutEarlier(err error) {
	var e *remote.Error
	if len(m.earlier) > 0 && errors.As(err, &e) && e.Code == "INVALID_FIELD" {
		m.compiled.described = time.Time{}
	}
}
