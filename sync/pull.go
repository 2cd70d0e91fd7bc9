package sync

import (
	"context"
	"errors"
	"slices"
	"time"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
)

// rereadAtOnce is how many undecided records are read again in each pull, in turn.
const rereadAtOnce = 200

// pull reads from Salesforce what changed, into the todo; the cursor moves in the transaction that stores the last of it,
// so it never passes what is not durable. Everything is asked together, in one Composite call when the answers fit:
// the matching deals, what changed of any kind, the lines, the accounts, and the records that wait.
func (c *Cycle) pull(ctx context.Context, in Inputs) error {
	p := c.newPulling(in)
	before := c.salesforceNow()
	if err := c.Store.View(func(tx *store.Tx) error {
		p.cursor, p.incremental = tx.Cursor(cursorDeals)
		if p.e != nil {
			p.waiting = waitingIDs(tx, p.e.Name, tx.Value(valueReread+p.e.Name))
		}
		p.accounts = waitingIDs(tx, document.Contacts, tx.Value(valueReread+document.Contacts))
		if c.safeguardsOff.Reread {
			p.waiting, p.accounts = nil, nil
		}
		return nil
	}); err != nil {
		return err
	}
	if c.sweepNow = p.cursor.After(before.Add(clockSlack)); c.sweepNow {
		p.cursor = before
	}
	p.since = p.cursor.Add(-c.Settings.Overlap)
	if err := p.read(ctx, p.selects(p.since, before)); err != nil {
		return err
	}
	if err := p.confirm(ctx, p.doubtful()); err != nil {
		return err
	}
	if err := p.confirmAccounts(); err != nil {
		return err
	}
	if c.safeguardsOff.Todo {
		if err := c.Store.Update(func(tx *store.Tx) error { return tx.SetCursor(cursorDeals, before) }); err != nil {
			return err
		}
	}
	if err := p.flush(func(tx *store.Tx) error {
		waiting := map[string][]string{document.Contacts: p.accounts}
		if p.e != nil {
			waiting[p.e.Name] = p.waiting
		}
		for entry, ids := range waiting {
			last := ""
			if len(ids) == rereadAtOnce {
				last = ids[len(ids)-1]
			}
			if err := tx.SetValue(valueReread+entry, last); err != nil {
				return err
			}
		}
		if !p.incremental {
			if err := c.noteMatched(tx, in); err != nil {
				return err
			}
		}
		return tx.SetCursor(cursorDeals, before)
	}); err != nil {
		return err
	}
	c.Log.pulled(p.taken, !p.incremental)
	if err := c.sweepIfDue(ctx, in); err != nil {
		return err
	}
	return c.pullNeeded(ctx, p)
}

const (
	valueReread  = "reread/" // + entry: the last id that was read again
	valueMatched = "matched" // hash of the mapping under which all matching records were last read
)

// waitingIDs are the next records of the todo to be read again: their parents' fields move no stamp of theirs.
func waitingIDs(tx *store.Tx, entry, after string) []string {
	var ids []string
	for r := range tx.Todo(entry, after) {
		if ids = append(ids, r.ID); len(ids) == rereadAtOnce {
			break
		}
	}
	return ids
}

// puller is one pull on its way.
type puller struct {
	c           *Cycle
	in          Inputs
	e           *mapping.Entry // nil when nothing but contacts is made
	incremental bool
	sweeping    bool
	cursor      time.Time       // up to which the pulls before have read; zero in a sweep
	since       time.Time       // from which this pull reads
	cause       string          // overrides the cause of what is taken
	matched     map[string]bool // ids that came back as matching
	changed     map[string]bool // ids that changed in some way, matching or not
	late        map[string]bool // ids of before the books that a sweep sees for the first time
	waiting     []string        // undecided records that are read again
	accounts    []string        // waiting accounts, which are read again
	returned    map[string]bool // accounts that Salesforce did show
	customers   map[string]bool // accounts that matched a condition of their own
	buffer      []received
	taken       int
}

func (c *Cycle) newPulling(in Inputs) *puller {
	p := &puller{c: c, in: in, matched: map[string]bool{}, changed: map[string]bool{},
		late: map[string]bool{}, returned: map[string]bool{}, customers: map[string]bool{}}
	if len(in.Mapping.Documents) > 0 {
		p.e = in.Mapping.Documents[0]
	}
	return p
}

// received is one row on its way into the todo.
type received struct {
	entry *mapping.Entry
	row   salesforce.Record
	gone  string
	past  bool // won before start: history
}

func (p *puller) read(ctx context.Context, purposes []purpose) error {
	var selects []salesforce.Select
	for _, q := range purposes {
		selects = append(selects, q.Select)
	}
	for row, err := range p.c.Salesforce.Query(ctx, selects...) {
		if err != nil {
			p.c.withoutEarlier(err)
			return err
		}
		if err := purposes[row.Select].take(row); err != nil {
			return err
		}
	}
	return nil
}

// kept is true for a record that is linked or in the todo.
func kept(tx *store.Tx, key store.Key) bool {
	_, linked := tx.Link(key)
	_, queued := tx.Record(key)
	return linked || queued
}

func (p *puller) takeMatched(row salesforce.Record) error {
	if p.matched[row.ID] {
		return nil
	}
	p.matched[row.ID] = true
	return p.take(received{entry: p.e, row: row})
}

func (p *puller) takeHistory(row salesforce.Record) error {
	return p.take(received{entry: p.e, row: row, past: true})
}

func (p *puller) takeChanged(row salesforce.Record) error {
	p.changed[row.ID] = true
	return nil
}

func (p *puller) takeLine(row salesforce.Record) error {
	if id := plan.RowText(row.JSON, p.e.LinesParent); id != "" {
		p.changed[id] = true
	}
	return nil
}

// takeAccount takes a changed account only if it is a customer already; the others wait for their first invoice.
func (p *puller) takeAccount(row salesforce.Record) error {
	known := false
	if err := p.c.Store.View(func(tx *store.Tx) error {
		known = kept(tx, store.Key{Entry: document.Contacts, ID: row.ID})
		return nil
	}); err != nil || !known {
		return err
	}
	return p.takeNeeded(row)
}

func (p *puller) takeNeeded(row salesforce.Record) error {
	p.returned[row.ID] = true
	return p.take(received{entry: p.in.Mapping.Contacts, row: row})
}

// takeCustomer takes an account that matches a condition of its own, and so is a customer without any deal.
func (p *puller) takeCustomer(row salesforce.Record) error {
	return errors.Join(p.noteCustomer(row), p.takeNeeded(row))
}

func (p *puller) noteCustomer(row salesforce.Record) error {
	p.customers[row.ID] = true
	return nil
}

// confirmAccounts notes the waiting accounts that Salesforce does not show any more: deleted, merged away or out of sight,
// they must not go on claiming a contact.
func (p *puller) confirmAccounts() error {
	gone := slices.DeleteFunc(slices.Clone(p.accounts), func(id string) bool { return p.returned[id] })
	if len(gone) == 0 {
		return nil
	}
	return p.c.Store.Update(func(tx *store.Tx) error {
		for _, id := range gone {
			r, ok := tx.Record(store.Key{Entry: document.Contacts, ID: id})
			if !ok || r.Gone != "" {
				continue
			}
			r.Gone, r.NotBefore = "unseen", time.Time{}
			if err := tx.PutRecord(r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *puller) take(t received) error {
	if p.buffer = append(p.buffer, t); len(p.buffer) < recordsAtOnce {
		return nil
	}
	return p.flush(nil)
}

// flush stores what was read so far. What lands in the todo before the cursor moves is only read twice after a crash.
func (p *puller) flush(last func(*store.Tx) error) error {
	if len(p.buffer) == 0 && last == nil {
		return nil
	}
	return p.c.Store.Update(func(tx *store.Tx) error {
		for _, t := range p.buffer {
			if err := p.store(tx, t); err != nil {
				return err
			}
		}
		p.taken += len(p.buffer)
		p.buffer = p.buffer[:0]
		if last == nil {
			return nil
		}
		return last(tx)
	})
}

// doubtful are the records we know that did not come back as matching although they changed, or were asked for by id.
func (p *puller) doubtful() []string {
	ids := map[string]bool{}
	_ = p.c.Store.View(func(tx *store.Tx) error {
		for id := range p.changed {
			key := store.Key{Entry: p.e.Name, ID: id}
			if !p.matched[id] && (kept(tx, key) || tx.History(key)) {
				ids[id] = true
			}
		}
		return nil
	})
	for _, id := range p.waiting {
		if !p.matched[id] {
			ids[id] = true
		}
	}
	return document.SortedNames(ids)
}

// confirm asks for records by id, with and without the mapping's condition: absence from a list proves nothing. Only a
// record that Salesforce returns as deleted, or as not matching, is gone; one it does not return at all is out of sight.
func (p *puller) confirm(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	there := map[string]salesforce.Record{}
	matching := p.selectOf(p.e)
	matching.Where, matching.IDs = p.e.Where, ids
	bare := salesforce.Select{From: p.e.From, Fields: append([]string{}, p.e.WriteBack...), IDs: ids, Deleted: true}
	if p.e.From == "Opportunity" {
		bare.Fields = append(bare.Fields, "Name", "CloseDate")
	}
	if err := p.read(ctx, []purpose{{matching, p.takeMatched}, {bare, func(row salesforce.Record) error { there[row.ID] = row; return nil }}}); err != nil {
		return err
	}
	for _, id := range ids {
		if p.matched[id] {
			continue
		}
		row, found := there[id]
		gone := "unseen"
		switch {
		case found && row.Deleted:
			gone = "deleted"
		case found || p.c.safeguardsOff.Absence:
			gone = "unmatched"
		default:
			row = salesforce.Record{Object: p.e.From, ID: id}
		}
		if err := p.take(received{entry: p.e, row: row, gone: gone}); err != nil {
			return err
		}
	}
	return nil
}
