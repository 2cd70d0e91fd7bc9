package sync

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

const (
	referenceEvery = 24 * time.Hour
	valueReference = "reference"
)

// looks is when lists of Xero were last read in this process, by its own clock.
type looks struct {
	began   time.Time               // of the process
	all     time.Time               // when all reference data was read at once
	at      map[xero.Part]time.Time // when a list was read by itself
	stale   map[xero.Part]bool      // Xero refused something that our copy of the list allows
	failing bool
}

func (l *looks) looked(parts ...xero.Part) {
	if l.at == nil {
		l.at = map[xero.Part]time.Time{}
	}
	for _, part := range parts {
		l.at[part] = time.Now()
		delete(l.stale, part)
	}
}

func (l *looks) last(part xero.Part) time.Time {
	if at := l.at[part]; part == plan.PartContacts || at.After(l.all) {
		return at
	}
	return l.all
}

// doubt has a list read again at once, because Xero contradicts our copy of it.
func (l *looks) doubt(part xero.Part) {
	if l.stale == nil {
		l.stale = map[xero.Part]bool{}
	}
	l.stale[part] = true
}

// referenceInForce is what the Xero organisation has: accounts, tax rates, currencies and so on. All of it is read once a day,
// and at the start of a process whose store was not closed cleanly; a single list while anything is held for what it lacks,
// and when Xero refused what it allows.
func (c *Cycle) referenceInForce(ctx context.Context, m *mapping.Mapping) (*xero.Reference, error) {
	needs := needsOf(m)
	if err := c.cachedReference(); err != nil {
		return nil, err
	}
	if c.reference == nil || !has(c.reference.Has, needs) || c.xeroNow().Sub(c.reference.Read) >= referenceEvery {
		ref, err := c.Xero.Reference(ctx, needs)
		if err != nil {
			return nil, err
		}
		ref.Read = c.xeroNow()
		c.looks.all, c.looks.stale = time.Now(), nil
		return ref, c.keepReference(ref)
	}
	due, err := c.looksDue()
	if err != nil || len(due) == 0 {
		return c.reference, err
	}
	before := c.reference.Hash()
	ref, err := c.Xero.Refresh(ctx, c.reference, due...)
	c.looks.looked(due...)
	if err != nil {
		// What is held can wait; whether Xero is there at all, the watch finds out.
		if !c.looks.failing && ctx.Err() == nil {
			c.Log.Failed("look again at what Xero has", err)
		}
		c.looks.failing = true
		return c.reference, nil
	}
	c.looks.failing = false
	if ref.Hash() == before { // no commit for nothing
		c.reference = ref
		return ref, nil
	}
	c.Log.ReferenceChanged(due)
	c.pulledAt = time.Time{} // what Xero has now may let a deal go out, and make its account a customer
	return ref, c.keepReference(ref)
}

// cachedReference takes what the process before has read, unless that one was killed: people mend things in Xero while a
// daemon is down, and whoever kills one wants it to look again.
func (c *Cycle) cachedReference() error {
	if unclean, _ := c.Store.Unclean(); c.reference != nil || unclean {
		return nil
	}
	return c.Store.View(func(tx *store.Tx) error {
		var ref xero.Reference
		if cached, _, ok := tx.Cache(valueReference); ok && json.Unmarshal(cached, &ref) == nil {
			c.reference = &ref
		}
		return nil
	})
}

func (c *Cycle) keepReference(ref *xero.Reference) error {
	text, err := json.Marshal(ref)
	if err != nil {
		return err
	}
	c.reference = ref
	return c.Store.Update(func(tx *store.Tx) error { return tx.PutCache(valueReference, text) })
}

// looksDue are the parts of reference data that are to be read again now.
func (c *Cycle) looksDue() ([]xero.Part, error) {
	due := maps.Clone(c.looks.stale)
	if due == nil {
		due = map[xero.Part]bool{}
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
	return slices.DeleteFunc(parts, func(p xero.Part) bool { return c.reference.ReadAt(p).IsZero() || c.Xero.Pacer().Reserved() }), nil
}

// heldFor is which lists something is held for, and since when the last of it.
func heldFor(tx *store.Tx) map[xero.Part]time.Time {
	held := map[xero.Part]time.Time{}
	for _, entry := range document.Entries() {
		for r := range tx.Todo(entry, "") {
			for _, part := range plan.MendedBy(r.Hold) {
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
	every := plan.LookEvery(c.xeroNow().Sub(since), time.Since(c.looks.began))
	if c.safeguardsOff.Looks { // as it was: hourly, whenever the process began
		if every = time.Hour; last.IsZero() && c.reference != nil {
			last = time.Now().Add(-c.xeroNow().Sub(c.reference.Read))
		}
	}
	if last.IsZero() || time.Since(last) >= every {
		c.report.LookAt(time.Now().Add(every))
		return true
	}
	c.report.LookAt(last.Add(every))
	return false
}
