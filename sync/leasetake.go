package sync

import (
	"context"
	"errors"
	"time"

	"sf2xero/store"
	"sf2xero/sync/plan"
	"sf2xero/sync/state"
)

// takeLease inserts the next row where nobody uses the newest any more, and finds out what became of that by reading:
// whatever the answer to an insert was, a row with our token is ours and any other is not.
func (c *Cycle) takeLease(ctx context.Context) (taken bool, err error) {
	l := &c.lease
	newest, err := c.newestRow(ctx)
	if err != nil {
		return false, err
	}
	if !l.isTried(newest) {
		step := c.decideLease(newest)
		c.lease.noteOther(newest, step.Do == plan.LeaseTake)
		if step.Do != plan.LeaseTake {
			c.waitForLease(step.Until)
			return false, nil
		}
		l.mu.Lock()
		if l.tried.N != step.N {
			l.tried = plan.Lease{N: step.N, Token: l.token()}
		}
		tried := l.tried
		l.mu.Unlock()
		inserted := c.insertRow(ctx, tried)
		if newest, err = c.newestRow(ctx); err != nil {
			return false, err
		}
		switch {
		case c.safeguardsOff.LeaseInsert && newest != nil && newest.N == tried.N:
			l.tried.Token = newest.Token
		case newest == nil || newest.N < tried.N:
			c.Log.Report.WaitUntil(c.xeroNow().Add(state.Soon)) // it was not made, or not yet
			return false, forPeopleOnly(inserted)
		case !l.isTried(newest):
			c.lease.noteOther(newest, false)
			c.stepAside()
			return false, nil
		}
	}
	return c.noteTaken(ctx, newest)
}

// noteTaken reads the row before ours once more, now that nobody can miss ours, and so when we may begin to create.
func (c *Cycle) noteTaken(ctx context.Context, ours *plan.LeaseRow) (bool, error) {
	l := &c.lease
	var before *plan.LeaseRow
	if ours.N > 1 {
		var err error
		if before, err = c.rowNumber(ctx, ours.N-1); err != nil {
			return false, err
		}
	}
	free := before != nil && !before.Deleted && before.Closing != "" && (before.Closing == l.closing || c.safeguardsOff.LeaseClosing)
	from := plan.LeaseFrom(free, before, ours.Stamp, c.Settings.span())
	if err := c.Store.Update(func(tx *store.Tx) error {
		return errors.Join(tx.SetValue(valueClosing, ""), tx.SetValue(state.ValueLease, "1"))
	}); err != nil {
		return false, err
	}
	l.mu.Lock()
	l.mine, l.row, l.other, l.alive, l.closing = plan.Lease{N: ours.N, Token: ours.Token, From: from}, ours.ID, nil, false, ""
	l.beat, l.sure, l.told = time.Time{}, time.Time{}, 0
	l.mu.Unlock()
	c.Log.LeaseTaken(ours.N, from)
	return true, nil
}

func (l *lease) isTried(row *plan.LeaseRow) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return row != nil && !row.Deleted && l.tried.N > 0 && row.N == l.tried.N && row.Token == l.tried.Token
}

func (c *Cycle) decideLease(newest *plan.LeaseRow) plan.LeaseStep {
	l := &c.lease
	l.mu.Lock()
	defer l.mu.Unlock()
	return plan.DecideLease(plan.LeaseFacts{Mine: l.mine, Newest: newest, Closing: l.closing, Watch: l.watch, Span: c.Settings.span(), Off: c.safeguardsOff})
}
