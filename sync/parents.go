package sync

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
)

// A deal may begin to match because a record changed that the condition reads through it: its account, the account's parent,
// its owner. Which of those have changed is asked first, which costs nothing where it is accounts, since they are read anyway;
// then, once for each change, for what matches of theirs. Case: an account with a long past was touched, and for a quarter of
// an hour each cycle read all its deals again; and when that question took Salesforce too long, no deal was read at all.

// valueParents + an entry: since when it could not be asked what changed parents let in; "" while it can.
const valueParents = "parents/"

// noID is an id that no record has.
const noID = "000000000000000AAA"

// parentsRead is what was asked about a condition's parents in this process. A new process asks once more about the overlap.
type parentsRead struct {
	seen     map[string]map[string]time.Time // by relationship and id: the stamp of the parent when its records were read
	failures int
	behind   time.Time // while it fails: from which on changes are still to be asked about
	next     time.Time // our own time before which it is not tried again
}

// parentsQuestion is what one pull finds out about an entry's parents.
type parentsQuestion struct {
	e      *mapping.Entry
	behind time.Time     // from which on changes are still to be asked about
	since  time.Time     // from which on it asks
	asked  []parentAsked // what was asked about, and answered
	err    error         // why it stopped
	more   bool          // it stopped because it has asked about many
	waits  bool          // it is not tried again yet
}

// parentAsked is one changed record to be asked about.
type parentAsked struct {
	parent mapping.Relation
	id     string
	stamp  time.Time
	last   bool // for the last time, whether anything of it has shown late
}

const (
	// parentsAtOnce are asked about together: a failure undoes no more than that. Case: a data loader touched 40,000 accounts, and
	// each time Salesforce did not answer one of the questions all of them were asked again.
	parentsAtOnce = 1000
	// parentsAPull are asked about in one pull, so that what is not about them goes on.
	parentsAPull = 5 * parentsAtOnce
)

func parentKey(e *mapping.Entry, parent mapping.Relation) string {
	return parent.Path + " of " + e.Condition()
}

// parentsOf are the relationships whose records may let one in by changing. Salesforce may refuse to be asked through one.
func (p *pull) parentsOf(e *mapping.Entry) (parents []mapping.Relation) {
	for _, parent := range e.Parents {
		if !p.c.mappings.parentless[parentKey(e, parent)] {
			parents = append(parents, parent)
		}
	}
	return parents
}

func changedParents(parent mapping.Relation, since, before time.Time) salesforce.Select {
	return salesforce.Select{From: parent.Object, Since: since, Before: before}
}

func childrenOf(e *mapping.Entry, parent mapping.Relation, ids []string) salesforce.Select {
	return salesforce.Select{From: e.From, Where: e.Where, Of: parent.Path, IDs: ids}
}

// askParents reads what changed parents let in. That Salesforce does not answer this keeps nobody else waiting: the next pulls
// ask again from where it failed, ever less often.
func (p *pull) askParents(ctx context.Context, before time.Time) error {
	if !p.incremental {
		return nil // everything is read
	}
	for _, e := range pushOrder(p.in.Mapping) {
		if len(p.parentsOf(e)) == 0 {
			continue
		}
		q := parentsQuestion{e: e, behind: p.cursor}
		noted, err := p.c.noted(valueParents + e.Name)
		if err != nil {
			return err
		}
		if at, err := time.Parse(time.RFC3339Nano, noted); err == nil && at.Before(p.cursor) {
			q.behind = at
		}
		q.since = q.behind.Add(-p.c.Settings.Overlap)
		if q.waits = time.Now().Before(p.c.puller.parents[e.Condition()].next); !q.waits {
			q.err = p.askParentsOf(ctx, &q, before)
		}
		var refused *remote.Error
		if q.err != nil && (ctx.Err() != nil || !errors.As(q.err, &refused)) {
			return q.err // the store's
		}
		p.parents = append(p.parents, q)
	}
	return nil
}

// askParentsOf asks about the changed parents of an entry, those that changed first before the others, and notes after each part
// from where on changes are still to be asked about.
func (p *pull) askParentsOf(ctx context.Context, q *parentsQuestion, before time.Time) error {
	seen := p.c.puller.parents[q.e.Condition()].seen
	var all []parentAsked
	for _, parent := range p.parentsOf(q.e) {
		changed := p.touched
		if parent.Object != p.in.Mapping.Contacts.From || q.since.Before(p.since) {
			changed = map[string]time.Time{}
			if err := p.read(ctx, []purpose{{changedParents(parent, q.since, before), func(row salesforce.Record) error {
				changed[row.ID] = row.Modstamp
				return nil
			}}}); err != nil {
				return err
			}
		}
		for id, stamp := range changed {
			if !seen[parent.Path][id].Equal(stamp) {
				all = append(all, parentAsked{parent: parent, id: id, stamp: stamp})
			}
		}
		for id, stamp := range seen[parent.Path] {
			if _, again := changed[id]; !again && stamp.Before(q.since.Truncate(time.Second)) { // no later pull comes upon it
				all = append(all, parentAsked{parent: parent, id: id, stamp: stamp, last: true})
			}
		}
	}
	slices.SortFunc(all, func(a, b parentAsked) int {
		return cmp.Or(a.stamp.Compare(b.stamp), cmp.Compare(a.id, b.id), cmp.Compare(a.parent.Path, b.parent.Path))
	})
	// What lies before the mark was asked about already, by a process that is no more: it does not count, or one that ends after
	// each cycle would never get beyond it.
	mark, counted := q.behind.Truncate(time.Second), 0 // stamps have whole seconds
	for part := range slices.Chunk(all, parentsAtOnce) {
		if counted >= parentsAPull {
			q.more = true
			p.c.hurry()
			return nil
		}
		if err := p.askAbout(ctx, q.e, part); err != nil {
			return err
		}
		q.asked = append(q.asked, part...)
		for _, a := range part {
			if !a.stamp.Before(mark) {
				counted++
			}
		}
		if rest := all[len(q.asked):]; len(rest) > 0 && rest[0].stamp.After(q.behind) {
			q.behind = rest[0].stamp
		}
	}
	return nil
}

// askAbout asks about some parents.
func (p *pull) askAbout(ctx context.Context, e *mapping.Entry, some []parentAsked) error {
	var questions []purpose
	for _, parent := range p.parentsOf(e) {
		var first, last []string
		for _, a := range some {
			switch {
			case a.parent.Path != parent.Path:
			case a.last:
				last = append(last, a.id)
			default:
				first = append(first, a.id)
			}
		}
		if len(first) > 0 {
			questions = append(questions, p.childrenOfParents(e, parent, first)...)
		}
		if len(last) > 0 {
			questions = append(questions, p.lateOfParents(e, parent, last)...)
		}
	}
	if err := p.read(ctx, questions); err != nil {
		return err
	}
	return p.readLate(ctx)
}

// childrenOfParents are the questions for what matches of some parents: of deals those of the books, and of their past only
// which of those that somebody has touched since the books began are unknown, since they may have been won now.
func (p *pull) childrenOfParents(e *mapping.Entry, parent mapping.Relation, ids []string) []purpose {
	children := p.selectOf(e)
	children.Where, children.Of, children.IDs = e.Where, parent.Path, ids
	if e != p.e {
		return []purpose{{children, p.takeCustomer}}
	}
	all := []purpose{{children, p.takeMatched}}
	if begins, ok := plan.FirstMoment(p.start.Begin); e.From == "Opportunity" && ok {
		all[0].And = "CloseDate >= " + p.booksBegin()
		past := p.sweepPast()
		past.Of, past.IDs, past.Since = parent.Path, ids, begins
		all = append(all, past)
		if p.in.Mapping.Start < p.booksBegin() {
			reached := p.sweepReached()
			reached.Of, reached.IDs, reached.Since = past.Of, past.IDs, past.Since
			all = append(all, reached)
		}
	}
	return all
}

// lateOfParents are the questions for what matches of some parents by now and is unknown.
func (p *pull) lateOfParents(e *mapping.Entry, parent mapping.Relation, ids []string) []purpose {
	all := p.childrenOfParents(e, parent, ids)
	if e == p.e { // what they ask about the past is about the unknown anyway
		all[0].Fields, all[0].Children, all[0].take = nil, nil, p.takeLate
	}
	return all
}

// takeLate notes a deal that matches and that nobody knows, for readLate.
func (p *pull) takeLate(row salesforce.Record) error {
	return p.c.Store.View(func(tx *store.Tx) error {
		if key := (store.Key{Entry: p.e.Name, ID: row.ID}); !kept(tx, key) && !tx.History(key) {
			p.late[row.ID] = true
		}
		return nil
	})
}

// readLate reads whole what is unknown, as the sweep does.
func (p *pull) readLate(ctx context.Context) error {
	if err := p.confirmAll(ctx, document.SortedNames(p.late)); err != nil {
		return err
	}
	clear(p.late)
	return nil
}

// noteParents notes, in the transaction that moves the cursor, from where the parents that could not be asked about are asked
// about again.
func (p *pull) noteParents(tx *store.Tx) error {
	behind := map[string]string{}
	for _, q := range p.parents {
		if q.err != nil || q.more || q.waits {
			behind[q.e.Name] = q.behind.UTC().Format(time.RFC3339Nano)
		}
	}
	for _, entry := range document.Entries() {
		if tx.Value(valueParents+entry) == behind[entry] {
			continue
		}
		if err := tx.SetValue(valueParents+entry, behind[entry]); err != nil {
			return err
		}
	}
	return nil
}

// parentsAsked remembers, once everything that was read is stored, which parents were asked about, and tells of those that
// could not be.
func (p *pull) parentsAsked() {
	now := map[string]parentsRead{}
	for _, q := range p.parents {
		r := p.c.puller.parents[q.e.Condition()]
		r.seen = stillSeen(r.seen, q.asked)
		switch {
		case q.waits:
			r.behind = q.behind
		case q.err != nil:
			r.failures, r.behind = r.failures+1, q.behind
			r.next = time.Now().Add(pauseAfter(r.failures, time.Minute))
			if len(q.asked) > 0 { // it gets on
				r.next = time.Now().Add(pauseAfter(1, time.Minute))
			}
			p.c.Log.PullBehind(q.e.Name, q.behind, q.err, r.failures)
		default: // also when there is more: the next cycle follows at once
			if r.failures > 0 {
				p.c.Log.PullCaughtUp(q.e.Name, r.failures)
			}
			r = parentsRead{seen: r.seen}
		}
		now[q.e.Condition()] = r
	}
	p.c.puller.parents = now
}

// stillSeen adds what was asked about now, and forgets what was asked about for the last time.
func stillSeen(seen map[string]map[string]time.Time, asked []parentAsked) map[string]map[string]time.Time {
	if len(asked) == 0 {
		return seen
	}
	all := map[string]map[string]time.Time{}
	for path, stamps := range seen {
		all[path] = maps.Clone(stamps)
	}
	for _, a := range asked {
		switch {
		case a.last:
			delete(all[a.parent.Path], a.id)
		case all[a.parent.Path] == nil:
			all[a.parent.Path] = map[string]time.Time{a.id: a.stamp}
		default:
			all[a.parent.Path][a.id] = a.stamp
		}
	}
	return all
}
