package sync

import (
	"context"
	"errors"
	"time"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
)

// rereadAtOnce is how many undecided records are read again in each pull, in turn.
const rereadAtOnce = 200

// puller is what the pulls and the sweeps of this process leave to each other.
type puller struct {
	at        time.Time              // when the last one that was answered began; zero: it is due at once
	parents   map[string]parentsRead // by condition: which changed parents it was asked about
	swept     bool                   // a sweep has completed and what waits was not told since
	sweptEdit bool                   // … after an edit of mapping.yaml
	sweepNow  bool                   // Salesforce's clock was ahead of itself: the windows of the pull may have missed something
}

// pull reads from Salesforce what changed, into the todo; the cursor moves in the transaction that stores the last of it,
// so it never passes what is not durable. Everything is asked together, in one Composite call when the answers fit:
// the matching deals, what changed of any kind, the lines, the accounts, and the records that wait.
func (c *Cycle) pull(ctx context.Context, in Inputs) error {
	p, err := c.newPull(in)
	if err != nil {
		return err
	}
	before := p.began
	if err := c.Store.View(func(tx *store.Tx) error {
		p.cursor, p.incremental = tx.Cursor(cursorDeals)
		if p.e != nil {
			p.waiting = waitingIDs(tx, p.e.Name, tx.Value(valueReread+p.e.Name))
		}
		p.accounts = waitingIDs(tx, document.Contacts, tx.Value(valueReread+document.Contacts))
		if c.safeguardsOff.Reread {
			p.waiting, p.accounts = nil, nil
		}
		p.rivals = c.rivals(tx, in, p.accounts)
		return nil
	}); err != nil {
		return err
	}
	if c.puller.sweepNow = p.cursor.After(before.Add(remote.ClockSlack)); c.puller.sweepNow {
		p.cursor = before
	}
	if !p.incremental {
		if err := p.startAfterLoss(ctx); err != nil {
			return err
		}
	}
	p.since = p.cursor.Add(-c.Settings.Overlap)
	if err := p.read(ctx, p.selects(p.since, before)); err != nil {
		return err
	}
	if err := p.askParents(ctx, before); err != nil {
		return err
	}
	if err := p.confirm(ctx, p.doubtful()); err != nil {
		return err
	}
	unseen, err := p.unseenAccounts()
	if err != nil {
		return err
	}
	if err := p.askGone(ctx, unseen); err != nil {
		return err
	}
	if err := p.noteGone(ctx); err != nil {
		return err
	}
	if err := p.noteUnseen(unseen); err != nil {
		return err
	}
	if c.safeguardsOff.Todo {
		if err := c.Store.Update(func(tx *store.Tx) error { return tx.SetCursor(cursorDeals, before) }); err != nil {
			return err
		}
	}
	if err := p.flush(func(tx *store.Tx) error {
		for entry, ids := range map[string][]string{document.Invoices: p.waiting, document.Contacts: p.accounts} {
			last := ""
			if len(ids) == rereadAtOnce {
				last = ids[len(ids)-1]
			}
			if err := tx.SetValue(valueReread+entry, last); err != nil {
				return err
			}
		}
		if !p.incremental {
			if err := c.mappings.noteMatched(tx, in); err != nil {
				return err
			}
		}
		return errors.Join(p.noteConditions(tx), p.noteParents(tx), tx.SetCursor(cursorDeals, before))
	}); err != nil {
		return err
	}
	p.parentsAsked()
	if !p.incremental && p.reached > 0 {
		if err := p.noteReached(); err != nil {
			return err
		}
		c.puller.swept = true
	}
	c.Log.Pulled(p.taken, !p.incremental)
	if err := c.sweepIfDue(ctx, in); err != nil {
		return err
	}
	return c.pullNeeded(ctx, p)
}

const (
	valueReread  = "reread/" // + entry: the last id that was read again
	valueMatched = "matched" // hash of the mapping under which all matching records were last read
)

// waitingIDs are the next records of the todo to be read again: their parents' fields move no stamp of theirs. What only an
// edited mapping lets in waits for nothing but a person, and may be very much.
func waitingIDs(tx *store.Tx, entry, after string) []string {
	var ids []string
	for r := range tx.Todo(entry, after) {
		if r.Cause == plan.CauseMapping && r.Gone == "" && plan.OneOfAGroup(r.Hold) {
			continue
		}
		if ids = append(ids, r.ID); len(ids) == rereadAtOnce {
			break
		}
	}
	return ids
}

// pull is one pull on its way.
type pull struct {
	c           *Cycle
	in          Inputs
	e           *mapping.Entry // of the deals; nil when the mapping makes nothing but contacts
	began       time.Time      // Salesforce's time at the beginning
	today       string         // the organisation's day
	start       plan.Start     // from which day deals are invoiced
	incremental bool
	sweeping    bool
	cursor      time.Time            // up to which the pulls before have read; zero in a sweep
	since       time.Time            // from which this pull reads
	matched     map[string]bool      // ids that came back as matching
	touched     map[string]time.Time // accounts that changed since p.since, and when
	parents     []parentsQuestion    // what changed parents let in
	changed     map[string]bool      // ids that changed in some way, matching or not
	late        map[string]bool      // ids of before the books that a sweep is to read whole
	reached     int                  // deals of before the books that an edited start reaches and nobody has admitted
	unmatched   []state.Stopped      // records with a document that were seen to match no more, not counted yet
	waiting     []string             // undecided records that are read again
	accounts    []string             // waiting accounts, which are read again
	returned    map[string]bool      // accounts that Salesforce did show
	customers   map[string]bool      // accounts that matched a condition of their own
	rivals      []string             // accounts whose contacts keep waiting ones from theirs
	gone        map[string]string    // accounts that Salesforce has no more: what each was merged into, "" if it was deleted
	buffer      []received
	taken       int
}

func (c *Cycle) newPull(in Inputs) (*pull, error) {
	p := &pull{c: c, in: in, began: c.salesforceNow(), today: c.xeroNow().In(in.Reference.Location()).Format(time.DateOnly),
		matched: map[string]bool{}, touched: map[string]time.Time{}, changed: map[string]bool{}, late: map[string]bool{}, returned: map[string]bool{}, customers: map[string]bool{}, gone: map[string]string{}}
	if len(in.Mapping.Documents) == 0 {
		return p, nil
	}
	p.e = in.Mapping.Documents[0]
	var err error
	p.start, err = c.moveStart(in, p.e, p.today)
	return p, err
}

func (p *pull) read(ctx context.Context, purposes []purpose) error {
	var selects []salesforce.Select
	for _, q := range purposes {
		selects = append(selects, q.Select)
	}
	for row, err := range p.c.Salesforce.Query(ctx, selects...) {
		if err != nil {
			p.c.mappings.withoutEarlier(err)
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

// knows is the same outside a transaction.
func (p *pull) knows(entry, id string) (known bool, err error) {
	err = p.c.Store.View(func(tx *store.Tx) error { known = kept(tx, store.Key{Entry: entry, ID: id}); return nil })
	return known, err
}

func (p *pull) take(t received) error {
	if p.buffer = append(p.buffer, t); len(p.buffer) < recordsAtOnce {
		return nil
	}
	return p.flush(nil)
}

// flush stores what was read so far. What lands in the todo before the cursor moves is only read twice after a crash.
func (p *pull) flush(last func(*store.Tx) error) error {
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
		if err := p.noteUnmatched(tx); err != nil || last == nil {
			return err
		}
		return last(tx)
	})
}

// stoppedAt says from when a record counts that was seen to match no more, and has it counted.
func (p *pull) stoppedAt(tx *store.Tx, stamp time.Time) time.Time {
	s := state.StoppedAt(tx, p.began, stamp)
	p.unmatched = append(p.unmatched, s)
	return s.At
}

// noteUnmatched adds what was just stored as matching no more.
func (p *pull) noteUnmatched(tx *store.Tx) error {
	if len(p.unmatched) == 0 {
		return nil
	}
	stopped := p.unmatched
	p.unmatched = nil
	return state.NoteUnmatched(tx, p.e.Name, p.began, stopped)
}
