package sync

import (
	"context"
	"errors"
	gosync "sync"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
)

// lease is what this process knows of whose turn it is (rule 52). Where the org has the object Xero_Act__c one store serves
// one organisation at a time: whoever inserted the newest row sends, everybody else adopts what bears our mark. Where the
// org has not, two daemons find out by each other's invoices and stop.
type lease struct {
	there   bool          // the org has the object
	keys    string        // what the keys of this organisation's rows begin with
	holder  string        // what this process is called in its row
	closing string        // the number that this store left in its row at its last clean stop
	turn    chan struct{} // taken by whoever asks Salesforce: two at once would each insert a row

	mu     gosync.Mutex   // guards the following; nobody makes a call under it
	mine   plan.Lease     // what this process holds
	row    string         // the id of that row
	tried  plan.Lease     // the row that was to be inserted last: it keeps its token for as long as its number is free
	beat   time.Time      // when the last answered sign of life was begun
	sure   time.Time      // when reading that the newest row is ours was last begun
	other  *plan.LeaseRow // the newest row as it was last read, when it is another's
	alive  bool           // that other has given a sign since we first saw its row
	watch  time.Time      // Salesforce's time when the last complete watch of invoices began
	told   int            // the number of the row whose holder was told of
	unsure bool           // it could not be read whether the lease still is ours, when a document of ours had changed
	newKey func() string  // makes tokens and closing numbers; nil: random ones
	store  string         // the store's id in place of a token: a safeguard switched off
}

const valueClosing = "lease/closing" // what was written into our row at the last clean stop

// holds is true for a process that may create as far as it knows; what is newest it reads again before it does.
func (l *lease) holds() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mine.N > 0 && !l.watch.Before(l.mine.From)
}

// stranger is true for a process that has seen another's row and taken none of its own since: what changes in Xero may be
// that other's doing.
func (l *lease) stranger() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.there && (l.mine.N == 0 && l.other != nil || l.unsure)
}

// doubted notes whether it is unknown whose lease it is.
func (l *lease) doubted(unsure bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unsure = unsure
}

// watched notes when a watch that has completed began. Of a clock that only one answer has told nothing is concluded.
func (l *lease) watched(began time.Time, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.watch = began; !known {
		l.watch = time.Time{}
	}
}

// leased says whether this process may send now; create, whether what it wants to send makes something new. Nothing is
// created without an answered sign of life and, read after it, our number and our token. Edits need to know that the lease
// is ours: two daemons would take each other's for a person's. They do not wait for what the one before may have sent last.
func (c *Cycle) leased(ctx context.Context, create bool) (bool, error) {
	l := &c.lease
	if !l.there {
		return true, nil
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	ours, known := c.stillOurs(create)
	if !known {
		var err error
		if ours, err = c.askLease(ctx, create); err != nil || !ours {
			return false, err
		}
	}
	step := c.decideLease(&plan.LeaseRow{N: l.mine.N, Token: l.mine.Token})
	if step.Do == plan.LeaseWait && create {
		c.waitForLease(step.Until)
		return false, nil
	}
	return ours, nil
}

// stillOurs is true while what was last read is good for a while yet.
func (c *Cycle) stillOurs(create bool) (ours, known bool) {
	l := &c.lease
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mine.N == 0 {
		return false, false
	}
	if create {
		return true, within(l.beat, c.Settings.Bound()/4) || c.safeguardsOff.LeaseBound && !l.beat.IsZero() // a call may have to wait for its turn at Xero
	}
	return true, within(l.sure, c.Settings.Bound()/2)
}

// askLease finds out whose the lease is, and takes it where it is free.
func (c *Cycle) askLease(ctx context.Context, create bool) (ours bool, err error) {
	if c.lease.mine.N == 0 {
		if taken, err := c.takeLease(ctx); err != nil || !taken {
			return false, err
		}
	}
	return c.keepLease(ctx, create)
}

// keepLease gives a sign of life, where something is to be created, and then reads whether the lease still is ours. In this
// order: who takes it reads our row once more after inserting its own, and so either sees the sign or is seen.
func (c *Cycle) keepLease(ctx context.Context, beat bool) (ours bool, err error) {
	l := &c.lease
	began := time.Now()
	if beat && !c.safeguardsOff.LeaseBeat {
		var e *remote.Error
		if err := c.beatRow(ctx, l.row); err != nil && (!errors.As(err, &e) || e.Class != remote.BadRecord) {
			return false, err // a row that cannot be written any more may be gone, which is seen below
		} else if err != nil {
			beat = false
		}
	}
	if !c.safeguardsOff.LeaseLook {
		newest, err := c.newestRow(ctx)
		if err != nil {
			return false, err
		}
		if c.decideLease(newest).Do == plan.LeaseLost {
			c.stepBack(newest)
			return false, nil
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sure = began; beat {
		l.beat = began
	}
	return true, nil
}

// stillHolds looks again before anything is concluded from the belief that the lease is ours: a machine that was suspended
// finds documents that another has made meanwhile, and that is no reason to stop.
func (c *Cycle) stillHolds(ctx context.Context) error {
	l := &c.lease
	if !l.there || l.mine.N == 0 {
		return nil
	}
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	_, err := c.keepLease(ctx, false)
	return err
}

// Release gives the lease back at a clean stop. Only the store that holds the closing number is free at once after that;
// for everybody else the row ages. Who still waits for what the one before may have sent keeps its row, and lets it age.
func (c *Cycle) Release(ctx context.Context) {
	l := &c.lease
	if !l.holds() {
		return
	}
	closing := l.random()
	err := c.Store.Update(func(tx *store.Tx) error { return tx.SetValue(valueClosing, closing) })
	var newest *plan.LeaseRow
	if err == nil {
		newest, err = c.newestRow(ctx)
	}
	if err == nil && c.decideLease(newest).Do != plan.LeaseLost {
		err = c.closeRow(ctx, l.row, closing)
	}
	if err != nil {
		c.Log.Failed("give the lease back", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mine, l.row = plan.Lease{}, ""
}

// LeaseHeld ends a run that was to do what can be done and end: another daemon serves the organisation.
type LeaseHeld struct{ Holder string }

func (e *LeaseHeld) Error() string {
	return "another sf2xero serves this organisation (" + e.Holder + "): this one has sent nothing; stop one of the two"
}

// stepBack makes a stranger of this process: it sends nothing any more, and adopts what bears our mark. Either somebody has
// taken the lease, and lives; or our row is gone, and nobody has.
func (c *Cycle) stepBack(newest *plan.LeaseRow) {
	l := &c.lease
	l.mu.Lock()
	taken := newest != nil && !newest.Deleted && newest.N >= l.mine.N
	l.mine, l.row, l.tried, l.other, l.alive = plan.Lease{}, "", plan.Lease{}, newest, taken
	l.beat, l.sure = time.Time{}, time.Time{}
	l.mu.Unlock()
	c.hurry()
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
func (c *Cycle) standsAside(ctx context.Context, in Inputs) (bool, error) {
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
		owed = c.desk(in).RowsWait(tx, store.Key{})
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
	case (queued > 0 || owed) && !c.salesforceNow().Before(c.silentFrom(other)):
		newest, err := c.newestRow(ctx)
		if err != nil {
			return false, err
		}
		silent := newest == nil || c.decideLease(newest).Do == plan.LeaseTake
		c.lease.noteOther(newest, silent && queued > 0)
		if silent && queued == 0 {
			// The other one is idle, or has ended, which cannot be told apart. What was paid is written to Salesforce all the same.
			// Seed 82693: the other one had ended, no deal was queued, and no payment was brought back any more.
			c.stepAside()
			return true, c.writeBack(ctx, in)
		}
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
