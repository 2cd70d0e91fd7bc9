package sync

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
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

// moveStart is the start in force, stored when mapping.yaml has moved it. What an edited start reaches is not taken up one by
// one: it stays history until a person admits it. Case: for one cycle of a start moved back a company's whole history was
// held, in Salesforce too.
func (c *Cycle) moveStart(in Inputs, e *mapping.Entry, today string) (now plan.Start, err error) {
	var before plan.Start
	stored := false
	if err := c.Store.View(func(tx *store.Tx) error {
		before = state.StartOf(tx, e)
		if stored = before.Begin != ""; !stored {
			before = plan.Start{Begin: c.mappings.startBefore(tx)}
		}
		now = before.Under(in.Mapping.Start, e.Admit, today)
		return nil
	}); err != nil || stored && now.Equal(before) {
		return now, err
	}
	return now, c.Store.Update(func(tx *store.Tx) error {
		return errors.Join(state.PutStart(tx, e, now), state.NotePast(tx, e, before, now))
	})
}

// startBefore is the start under which a store of an earlier version has read its records; "" for a new store.
func (m *mappings) startBefore(tx *store.Tx) string {
	if before := m.earlier[tx.Value(valueMatched)]; before != nil {
		return before.Start
	}
	return ""
}

// startAfterLoss finds out what an edited start reached that nobody had admitted when the store was lost: many deals without any
// trace, all of them older than each that was ever dealt with, were not missed but never let in.
func (p *pull) startAfterLoss(ctx context.Context) error {
	links := 0
	if err := p.c.Store.View(func(tx *store.Tx) error {
		if p.e != nil {
			links = tx.LinkedEntries()[p.e.Name]
		}
		return nil
	}); err != nil || links == 0 || p.e.From != "Opportunity" {
		return err
	}
	oldest, untraced := "", map[string]int{}
	traces := salesforce.Select{From: p.e.From, Fields: append([]string{"CloseDate"}, p.e.WriteBack...), Where: p.e.Where, And: "CloseDate >= " + p.in.Mapping.Start}
	if err := p.read(ctx, []purpose{{traces, func(row salesforce.Record) error {
		date := plan.CloseDate(store.Record{JSON: row.JSON})
		known, err := p.knows(p.e.Name, row.ID)
		if err != nil {
			return err
		}
		if !known && plan.RowText(row.JSON, p.e.IDField) == "" && plan.RowText(row.JSON, p.e.HoldField) == "" {
			untraced[date]++
		} else if oldest == "" || date < oldest {
			oldest = date
		}
		return nil
	}}}); err != nil {
		return err
	}
	older := 0
	for date, n := range untraced {
		if date < oldest {
			older += n
		}
	}
	if older <= manyUntraced {
		return nil
	}
	p.start = plan.Start{Begin: oldest}.Under(p.in.Mapping.Start, p.e.Admit, p.today)
	return p.c.Store.Update(func(tx *store.Tx) error { return state.PutStart(tx, p.e, p.start) })
}

// manyUntraced is how many deals may be older than all that were dealt with and still count as missed.
const manyUntraced = 20

// booksBegin is the day before which what was once seen is history, whatever is edited on it.
func (p *pull) booksBegin() string { return max(p.start.Begin, p.in.Mapping.Start) }

// takeReached takes a deal of before the books that only an edited start reaches: it is counted and stays history. What is
// known already is read whole.
func (p *pull) takeReached(row salesforce.Record) error {
	known, err := p.knows(p.e.Name, row.ID)
	if err == nil && !known {
		known, err = p.isAside(row.ID)
	}
	if err != nil {
		return err
	}
	if known {
		p.late[row.ID] = true
		return nil
	}
	p.reached++
	return p.takeHistory(row)
}

// What edits of mapping.yaml let in waits as one group: one line in the log says how many records it holds, which is how many
// drafts the edit would have made otherwise, and what lets them out.

// tellLetIn tells of each group after a sweep, when an edit was just swept or something waits, and whenever more has joined.
func (c *Cycle) tellLetIn(in Inputs) error {
	if !c.puller.swept && !c.puller.sweptEdit && c.Log.Report.HoldsAdded()[plan.CauseEdited] == 0 {
		return nil
	}
	entries := pushOrder(in.Mapping)
	for i, e := range entries {
		waiting, reached, day := 0, 0, ""
		if err := c.Store.View(func(tx *store.Tx) error { waiting, reached, day = state.LetInOf(tx, e); return nil }); err != nil {
			return err
		}
		if reached > 0 {
			c.Log.Report.Reached = reached
		}
		if waiting > 0 {
			c.Log.Report.LetIn += waiting
			c.Log.Report.WayOut = plan.WaysOut(e, day)
		}
		if waiting > 0 || c.puller.sweptEdit && i == len(entries)-1 {
			c.Log.LetIn(e, waiting, day)
		}
	}
	c.puller.swept, c.puller.sweptEdit = false, false
	return nil
}

func (p *pull) noteReached() error {
	text := ""
	if p.reached > 0 {
		text = strconv.Itoa(p.reached)
	}
	if noted, err := p.c.noted(state.ValueReached); err != nil || noted == text {
		return err
	}
	return p.c.Store.Update(func(tx *store.Tx) error { return tx.SetValue(state.ValueReached, text) })
}
