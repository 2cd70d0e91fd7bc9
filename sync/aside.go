package sync

import (
	"context"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
)

// stepBack makes a stranger of this process: it sends nothing any more, and adopts what bears our mark. Either somebody has
// taken the lease, and lives; or our row is gone, and nobody has.
func (c *Cycle) stepBack(newest *plan.LeaseRow) {
	l := &c.lease
	l.mu.Lock()
	taken := newest != nil && !newest.Deleted && newest.N >= l.mine.N
	l.mine, l.row, l.tried, l.other, l.alive = plan.Lease{}, "", plan.Lease{}, newest, taken
	l.beat, l.sure = time.Time{}, time.Time{}
	l.mu.Unlock()
	c.Log.Report.WaitUntil(c.xeroNow().Add(state.Soon))
	if taken {
		c.stepAside()
	} else {
		c.Log.LeaseGone()
	}
}

// noteOther notes another's row as it is now. One that has changed since it was first seen has a living holder; one that
// has been silent for so long that it may be taken has none, as far as anybody can know.
func (l *lease) noteOther(row *plan.LeaseRow, silent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	moved := row != nil && !row.Deleted && (l.tried.N == row.N || l.other != nil && (l.other.N != row.N || !l.other.Stamp.Equal(row.Stamp)))
	l.alive = !silent && (l.alive && row != nil && !row.Deleted || moved)
	l.other = row
}

// stepAside tells, once, that another daemon is at work here.
func (c *Cycle) stepAside() {
	l := &c.lease
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.alive {
		return
	}
	c.Log.Report.HeldBy(l.other.Holder)
	if l.told != l.other.N {
		l.told = l.other.N
		c.Log.LeaseOther(l.other.Holder, l.other.Stamp)
	}
}

// waitForLease notes when it is worth asking again, and tells who is waited for.
func (c *Cycle) waitForLease(until time.Time) {
	l := &c.lease
	c.Log.Report.WaitUntil(c.xeroNow().Add(max(until.Sub(c.salesforceNow())+remote.DateGrain, state.Soon)))
	l.mu.Lock()
	other, alive, told := l.other, l.alive, l.told
	if other != nil && !other.Deleted && !alive && told == 0 {
		l.told = -other.N
		c.Log.LeaseWaits(other.Holder, until)
	}
	l.mu.Unlock()
	if alive {
		c.stepAside()
	}
}

// standsAside is asked once in a cycle, after both sides were read: while another daemon is known to be at work here, this
// one decides nothing. A holder with a call whose fate is open gives a sign of life, so that nobody takes over meanwhile.
func (c *Cycle) standsAside(ctx context.Context) (bool, error) {
	l := &c.lease
	if !l.there {
		return false, nil
	}
	open, queued, owed := false, 0, false
	if err := c.Store.View(func(tx *store.Tx) error {
		for _, intent := range tx.AllIntents() {
			_, unsettled := state.LastUnsettled(intent)
			open = open || unsettled
		}
		for _, entry := range document.Entries() {
			n, _ := tx.TodoCount(entry)
			queued += n
		}
		for range tx.WriteBacks(store.Key{}) {
			owed = true
			break
		}
		return nil
	}); err != nil {
		return false, err
	}
	l.mu.Lock()
	holding, alive, other := l.mine.N > 0, l.alive, l.other
	l.mu.Unlock()
	switch {
	case holding && open:
		_, err := c.leased(ctx, true)
		if err != nil {
			return false, err
		}
	case holding || !alive:
		return false, nil
	// Seed 82693: the other one had ended, no deal was queued, and what had been paid was not written to Salesforce any more.
	case (queued > 0 || owed) && !c.salesforceNow().Before(c.silentFrom(other)):
		newest, err := c.newestRow(ctx)
		if err != nil {
			return false, err
		}
		c.lease.noteOther(newest, newest == nil || c.decideLease(newest).Do == plan.LeaseTake)
	}
	l.mu.Lock()
	alive, other = l.alive, l.other
	l.mu.Unlock()
	if !alive {
		return false, nil
	}
	if c.stepAside(); queued > 0 {
		c.waitForLease(c.silentFrom(other))
	}
	return true, nil
}

// silentFrom is when another's row will have been without a sign for so long that it may be taken.
func (c *Cycle) silentFrom(row *plan.LeaseRow) time.Time {
	return row.Stamp.Add(c.Settings.span() + 2*remote.DateGrain)
}
