package sync

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

const (
	referenceEvery = 24 * time.Hour
	valueReference = "reference"
)

// looks is what this process has looked up in Xero beside its watches: when its lists were last read, by this process's own
// clock, and what it did not know.
type looks struct {
	reference *xero.Reference // what the lists said

	began  time.Time                 // of the process
	all    time.Time                 // when all reference data was read at once
	at     map[xero.Part]time.Time   // when a list was read by itself
	made   map[xero.Part][]time.Time // when it was looked at within a day
	failed map[xero.Part]plan.Failed // when one could not be read
	stale  map[xero.Part]bool        // Xero refused something that our copy of the list allows

	doubts state.Doubts // stale from the next cycle on

	unknown unknown
}

func (l *looks) looked(part xero.Part) {
	if l.at == nil {
		l.at = map[xero.Part]time.Time{}
	}
	l.at[part] = time.Now()
	delete(l.stale, part)
	delete(l.failed, part)
}

// failedAt notes that a list could not be read: it is no look at it, and whatever it is due for it stays due for.
func (l *looks) failedAt(part xero.Part) {
	if l.failed == nil {
		l.failed = map[xero.Part]plan.Failed{}
	}
	l.failed[part] = plan.Failed{At: time.Now(), Times: l.failed[part].Times + 1}
}

// today counts the looks at a list within a day.
func (l *looks) today(part xero.Part) int {
	if l.made == nil {
		l.made = map[xero.Part][]time.Time{}
	}
	l.made[part] = slices.DeleteFunc(l.made[part], func(at time.Time) bool { return time.Since(at) >= 24*time.Hour })
	return len(l.made[part])
}

// count counts a look that is made now, whether it fails or not: either is a call.
func (l *looks) count(part xero.Part) {
	l.today(part)
	l.made[part] = append(l.made[part], time.Now())
}

func (l *looks) last(part xero.Part) time.Time {
	if at := l.at[part]; part == plan.PartContacts || at.After(l.all) {
		return at
	}
	return l.all
}

// tried is when a list was last asked for, in vain or not.
func (l *looks) tried(part xero.Part) time.Time {
	if at := l.failed[part].At; at.After(l.last(part)) {
		return at
	}
	return l.last(part)
}

// doubt has a list read again at once, because Xero contradicts our copy of it.
func (l *looks) doubt(part xero.Part) { l.doubts.Add(part) }

// heed makes stale what was doubted since it was last asked.
func (l *looks) heed() {
	if l.stale == nil {
		l.stale = map[xero.Part]bool{}
	}
	for _, part := range l.doubts.Take() {
		l.stale[part] = true
		delete(l.failed, part)
	}
}

// referenceInForce is what the Xero organisation has: accounts, tax rates, currencies and so on. All of it is read once a day,
// and at the start of a process whose store was not closed cleanly; a single list while anything is held for what it lacks,
// and when Xero refused what it allows.
func (c *Cycle) referenceInForce(ctx context.Context, m *mapping.Mapping) (*xero.Reference, error) {
	needs := needsOf(m)
	if err := c.looks.cached(c.Store); err != nil {
		return nil, err
	}
	if c.looks.reference == nil || !has(c.looks.reference.Has, needs) || c.xeroNow().Sub(c.looks.reference.Read) >= referenceEvery {
		ref, err := c.Xero.Reference(ctx, needs)
		if err != nil {
			return nil, err
		}
		ref.Read = c.xeroNow()
		c.looks.heed()
		c.looks.all, c.looks.stale, c.looks.failed = time.Now(), nil, nil
		return ref, c.looks.keep(c.Store, ref)
	}
	due, err := c.looksDue()
	if err != nil || len(due) == 0 {
		return c.looks.reference, err
	}
	before := c.looks.reference.Hash()
	ref, read := c.lookAgain(ctx, due)
	if ref.Hash() == before { // no commit for nothing
		c.looks.reference = ref
		return ref, nil
	}
	c.Log.ReferenceChanged(read)
	c.puller.at = time.Time{} // what Xero has now may let a deal go out, and make its account a customer
	return ref, c.looks.keep(c.Store, ref)
}

// lookAgain reads lists again, each by itself: one that cannot be read hides none of the others. What is held can wait; whether
// Xero is there at all, the watch finds out, and after two failures in a row the rest is left to the next cycle, where what
// has waited longest comes first. One that is not made costs nothing, and so is neither counted nor failed.
func (c *Cycle) lookAgain(ctx context.Context, due []xero.Part) (ref *xero.Reference, read []xero.Part) {
	ref = c.looks.reference
	slices.SortStableFunc(due, func(a, b xero.Part) int { return c.looks.tried(a).Compare(c.looks.tried(b)) })
	inARow := 0
	for _, part := range due {
		if c.Xero.Pacer().Refuses() > 0 { // since the one before
			break
		}
		c.looks.count(part)
		fresh, err := c.Xero.Refresh(ctx, ref, part)
		if err == nil {
			ref, read, inARow = fresh, append(read, part), 0
			c.looks.looked(part)
			continue
		}
		if ctx.Err() != nil {
			break
		}
		if c.looks.failed[part].Times == 0 { // each is told once until it is read again
			c.Log.Failed("look again at what Xero has ("+string(part)+")", err)
		}
		c.looks.failedAt(part)
		c.Log.Report.LookAt(plan.NextLook(time.Time{}, c.looks.failed[part], plan.LookSoon))
		if inARow++; inARow == 2 {
			break
		}
	}
	return ref, read
}

// cached takes what the process before has read, unless that one was killed: people mend things in Xero while a
// daemon is down, and whoever kills one wants it to look again.
func (l *looks) cached(db *store.DB) error {
	if unclean, _ := db.Unclean(); l.reference != nil || unclean {
		return nil
	}
	return db.View(func(tx *store.Tx) error {
		var ref xero.Reference
		if cached, _, ok := tx.Cache(valueReference); ok && json.Unmarshal(cached, &ref) == nil {
			l.reference = &ref
		}
		return nil
	})
}

// keep keeps what was read for the next process, too.
func (l *looks) keep(db *store.DB, ref *xero.Reference) error {
	text, err := json.Marshal(ref)
	if err != nil {
		return err
	}
	l.reference = ref
	return db.Update(func(tx *store.Tx) error { return tx.PutCache(valueReference, text) })
}

// looksDue are the parts of reference data that are to be read again now. While no call is made at all none is, and each stays due
// for what it was: such a look would cost nothing and say nothing about its list. Seed 5085: after two hours for which Xero had
// asked for silence, the list with the restored account was read at the next start.
func (c *Cycle) looksDue() ([]xero.Part, error) {
	if c.Xero.Pacer().Refuses() > 0 {
		return nil, nil
	}
	c.looks.heed()
	due := map[xero.Part]bool{}
	for part := range c.looks.stale {
		if at := plan.NextLook(time.Time{}, c.looks.failed[part], plan.LookSoon); !at.After(time.Now()) {
			due[part] = true
		}
	}
	if err := c.Store.View(func(tx *store.Tx) error {
		for part, since := range heldFor(tx) {
			if part != plan.PartContacts && c.lookDue(part, since) {
				due[part] = true
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	parts := slices.Sorted(maps.Keys(due))
	return slices.DeleteFunc(parts, func(p xero.Part) bool { return c.looks.reference.ReadAt(p).IsZero() || c.Xero.Pacer().Reserved() }), nil
}

// heldFor is which lists something is held for, and since when the last of it.
func heldFor(tx *store.Tx) map[xero.Part]time.Time {
	held := map[xero.Part]time.Time{}
	for _, entry := range document.Entries() {
		for r := range tx.Todo(entry, "") {
			for _, part := range plan.MendedIn(entry, r.Hold) {
				if since, known := held[part]; !known || since.Before(r.Hold.Since) {
					held[part] = r.Hold.Since
				}
			}
		}
	}
	return held
}

// lookDue is true when a list that something is held for since a moment is to be read again, and notes when else.
func (c *Cycle) lookDue(part xero.Part, since time.Time) bool {
	last := c.looks.last(part)
	spare, known := c.Xero.Pacer().Spare()
	every := plan.LookEvery(c.xeroNow().Sub(since), time.Since(c.looks.began),
		plan.Looked{Made: c.looks.today(part), Spare: spare, Known: known, Day: c.Xero.Pacer().PerDay()})
	if every == 0 {
		return false
	}
	if c.safeguardsOff.Looks { // as it was: hourly, whenever the process began
		if every = time.Hour; last.IsZero() && c.looks.reference != nil {
			last = time.Now().Add(-c.xeroNow().Sub(c.looks.reference.Read))
		}
	}
	next := plan.NextLook(last, c.looks.failed[part], every)
	if last.IsZero() && c.looks.failed[part].Times == 0 || !next.After(time.Now()) {
		c.Log.Report.LookAt(time.Now().Add(every))
		return true
	}
	c.Log.Report.LookAt(next)
	return false
}

// has is true when the reference data that was read covers what the mapping needs.
func has(read, needs xero.Needs) bool {
	return (read.Tracking || !needs.Tracking) && (read.Items || !needs.Items) && (read.Themes || !needs.Themes)
}

// needsOf spares the lists that the mapping has no use for.
func needsOf(m *mapping.Mapping) xero.Needs {
	var needs xero.Needs
	for _, e := range m.Documents {
		for _, field := range e.Targets() {
			switch {
			case strings.Contains(field, "Tracking"):
				needs.Tracking = true
			case strings.HasSuffix(field, "ItemCode"):
				needs.Items = true
			case strings.HasSuffix(field, "BrandingThemeID"):
				needs.Themes = true
			}
		}
	}
	return needs
}
