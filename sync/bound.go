package sync

import (
	"errors"
	"time"

	"sf2xero/store"
	"sf2xero/sync/plan"
	"sf2xero/sync/state"
)

// Bound is how long after an attempt was stored its first byte may leave (rule 2): a fifth of settle, never more than two
// minutes. Without it a machine that is suspended between the two sends something that nobody waits for any more.
func (s Settings) Bound() time.Duration { return min(s.Settle/5, 2*time.Minute) }

// span is how long after an attempt was stored what became of it must show: the bound until it left, settle until it shows.
func (s Settings) span() time.Duration { return s.Settle + s.Bound() }

// within is true while no more than d has passed since a moment of this process, by both clocks: while a machine is
// suspended the monotonic one stands still, and the wall clock may be set back meanwhile.
func within(began time.Time, d time.Duration) bool {
	now := time.Now()
	wall := now.Round(0).Sub(began.Round(0))
	return !began.IsZero() && now.Sub(began) <= d && wall >= 0 && wall <= d
}

// recent is true for a watch that a create may rest on. What another daemon has made since it began must bear a time within
// settle of our own attempt, or it passes for a copy that a person made (rule 8). Seed 50230: two daemons without a lease, and
// one machine slept for eighteen minutes between the watch and the create.
func (c *Cycle) recent(watch time.Time) bool {
	return within(watch, c.Settings.Settle) || c.safeguardsOff.PlanAge
}

// recentPull is false for what Salesforce said so long ago that the machine must have been suspended since, or Xero kept us
// waiting: what it says now may be another currency, or another customer. (Seed 60092: while a machine slept, a deal that it
// had planned was quoted again in Australian dollars.)
func (c *Cycle) recentPull() bool {
	return within(c.puller.at, max(c.Settings.Settle, c.Settings.PullEvery+c.Settings.Bound())) || c.safeguardsOff.PlanAge
}

// errLate stops a call that could not leave at once after its attempt was stored.
var errLate = errors.New("too long after it was stored; the machine was busy or suspended")

// fresh is asked in the hook that stores a create and again before its first byte: it leaves at most one bound after the
// sign of life that it rests on was begun.
func (c *Cycle) fresh() bool {
	l := &c.lease
	if !l.there || c.safeguardsOff.LeaseBound {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mine.N > 0 && within(l.beat, c.Settings.Bound())
}

// lastLook is asked immediately before the first byte leaves. Rule 2: what was stored too long ago does not leave any more.
// Rule 52: nor is anything created when the sign of life that it rests on is too old.
func (c *Cycle) lastLook(intent store.Intent, stored time.Time) error {
	switch {
	case c.safeguardsOff.ByteCheck:
	case !within(stored, c.Settings.Bound()), intent.Do == string(plan.Create) && !c.fresh():
		return errLate
	}
	return nil
}

// takeBack notes that a stored attempt was none: not a byte of it has left, and nothing waits for it.
func (c *Cycle) takeBack(in Inputs, intent store.Intent) error {
	c.Log.Report.WaitUntil(c.xeroNow().Add(state.Soon)) // the next cycle plans anew
	return c.Store.Update(func(tx *store.Tx) error { return c.desk(in).TakeBack(tx, intent) })
}
