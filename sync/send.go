package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// send makes one call of a batch and stores what became of it.
func (c *Cycle) send(ctx context.Context, in Inputs, b batch) error {
	intent, call, err := c.intentFor(in, b)
	if err != nil || len(intent.Members) == 0 {
		return err
	}
	// Waiting for a place in the pace may be given up; a call that has begun to leave may not: it is finished even when
	// the daemon is asked to stop, because its answer is worth more than a few seconds.
	calling, give := context.WithCancel(context.WithoutCancel(ctx))
	defer give()
	release := context.AfterFunc(ctx, give)
	defer release()
	var stored time.Time
	elements, err := c.Xero.DoUnless(calling, call, func() error {
		if !release() && ctx.Err() != nil {
			return ctx.Err()
		}
		if c.outdated(b.do, b.watch) {
			c.hurry() // both sides are asked then
			return state.ErrOvertaken
		}
		if b.do != plan.Create && !within(b.read, readFor) {
			return errStale
		}
		// A contact cannot be deleted again: what people did while it waited for its turn may have made it a second one.
		if b.do == plan.Create && b.kind == xero.Contacts && !within(b.read, plannedFor) {
			c.hurry()
			return state.ErrOvertaken
		}
		stored = time.Now()
		return c.writeAhead(in, &intent)
	}, func() error { return c.lastLook(intent, stored) })
	if errors.Is(err, errLate) {
		return c.takeBack(in, intent)
	}
	if err != nil && len(intent.Attempts) == 0 {
		if errors.Is(err, errStale) {
			return c.sendAgain(ctx, in, b)
		}
		if errors.Is(err, state.ErrBeat) {
			return c.beatAgain(ctx, in, b)
		}
		if errors.Is(err, state.ErrOvertaken) {
			return nil // the next cycle plans anew
		}
		if e := (*remote.Error)(nil); errors.As(err, &e) && e.Class == remote.BadRecord {
			return c.Store.Update(func(tx *store.Tx) error { return c.desk(in).TooLarge(tx, intent, e) })
		}
		return err // nothing was stored and nothing was sent
	}
	return c.land(ctx, in, b, intent, elements, err)
}

// errStale stops an edit that has waited for its turn for so long that a person may have been at the document since it was
// read.
var errStale = errors.New("what it changes was read too long ago")

const (
	readFor    = 15 * time.Second
	readsAgain = 3 // then the next cycle has its turn
	plannedFor = 3 * time.Minute
)

// sendAgain reads the documents of an edit once more, now that its turn has come, and sends what still holds.
func (c *Cycle) sendAgain(ctx context.Context, in Inputs, b batch) (err error) {
	if b.again++; b.again > readsAgain {
		return nil
	}
	b.read = time.Now()
	if b.steps, err = c.prepare(ctx, in, b.plan); err != nil || len(b.steps) == 0 {
		return err
	}
	return c.send(ctx, in, b)
}

// beatAgain gives a new sign of life for a create that has waited for its turn for too long.
func (c *Cycle) beatAgain(ctx context.Context, in Inputs, b batch) error {
	if b.again++; b.again > readsAgain {
		c.hurry()
		return nil
	}
	if ok, err := c.leased(ctx, true); err != nil || !ok {
		return err
	}
	return c.send(ctx, in, b)
}

// intentFor makes the call of a batch: its exact bytes, and whose they are.
func (c *Cycle) intentFor(in Inputs, b batch) (store.Intent, xero.Call, error) {
	intent := store.Intent{Kind: string(b.kind), Do: string(b.do), Mapping: in.Mapping.Hash}
	var documents []json.RawMessage
	err := c.Store.View(func(tx *store.Tx) error {
		intent.ID = fmt.Sprintf("%s-%08d-%08d", tx.StoreID(), c.pusher.sequence, b.number)
		for _, s := range b.steps {
			doc := s.Document
			if b.do == plan.Create && document.KindOf(string(b.kind)).Billed {
				contact, ok := tx.Link(s.Contact)
				if !ok || contact.XeroID == "" {
					continue // its contact could not be made; the next plan says why
				}
				doc = document.WithContact(doc, plan.EndOfMerge(tx, contact.XeroID))
			}
			documents = append(documents, doc)
			intent.Members = append(intent.Members, store.Member{Key: s.Key, Generation: s.Generation, Hash: s.Hash, Today: s.Today, XeroID: s.XeroID, Inputs: s.Inputs, SeenAt: s.SeenAt})
		}
		return nil
	})
	if err != nil || len(documents) == 0 {
		return intent, xero.Call{}, err
	}
	key := "sf2xero-" + plan.Digest([]byte(in.Place.Tenant), []byte(intent.ID))
	call := xero.Create(b.kind, documents, key)
	if b.do != plan.Create {
		if call, err = xero.Edit(b.kind, documents, key); err != nil {
			return intent, call, err
		}
	}
	intent.Call, err = json.Marshal(call)
	return intent, call, err
}

// writeAhead stores a call before its first byte leaves.
func (c *Cycle) writeAhead(in Inputs, intent *store.Intent) error {
	return c.Store.Update(func(tx *store.Tx) error { return c.desk(in).WriteAhead(tx, intent, c.fresh()) })
}

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

// leastAge is how old what a call rests on may be in any case: a settle of seconds would leave no time to send anything.
const leastAge = 2 * time.Minute

// recentWatch is true for a watch that a create may rest on. What another daemon has made since it began must bear a time within
// settle of our own attempt, or it passes for a copy that a person made (rule 8). Seed 50230: two daemons without a lease, and
// one machine slept for eighteen minutes between the watch and the create.
func (c *Cycle) recentWatch(watch time.Time) bool {
	return within(watch, max(c.Settings.Settle, leastAge)) || c.safeguardsOff.PlanAge
}

// recentPull is false for what Salesforce said long ago: the machine was suspended since, Xero kept us waiting, or there is much to
// send. What it says now may be another currency, or another customer. (Seed 60092: while a machine slept, a deal that it had
// planned was quoted again in Australian dollars.)
func (c *Cycle) recentPull() bool {
	return within(c.puller.at, max(c.Settings.Settle, leastAge, c.Settings.PullEvery+c.Settings.Bound())) || c.safeguardsOff.PlanAge
}

// outdated is true for a call that rests on what either side said too long ago: the next cycle asks both again and plans anew. The
// deletion of an un-won deal's draft may wait less long than other calls, because the deal may have been won again.
func (c *Cycle) outdated(do plan.Action, watch time.Time) bool {
	return do == plan.Create && !c.recentWatch(watch) || !c.recentPull() || do == plan.Delete && !within(c.puller.at, plannedFor)
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
	c.hurry() // the next cycle plans anew
	return c.Store.Update(func(tx *store.Tx) error { return c.desk(in).TakeBack(tx, intent) })
}

// land stores what became of a call: one transaction takes the answer's elements, each for its own record, and the
// intent. A call without a whole answer stays unsettled.
func (c *Cycle) land(ctx context.Context, in Inputs, b batch, intent store.Intent, elements []xero.Element, failure error) error {
	if failure != nil {
		return c.landFailure(in, intent, failure)
	}
	var exists []plan.Step
	var strange []state.RefusedCustomer
	err := c.Store.Update(func(tx *store.Tx) (err error) {
		exists, strange, err = c.desk(in).Answered(tx, b.steps, intent, elements)
		return err
	})
	if err != nil {
		return err
	}
	if len(strange) > 0 {
		if err := c.lookUpCustomers(ctx, in, b, strange); err != nil {
			return err
		}
	}
	if len(exists) == 0 {
		return nil
	}
	c.hurry() // the next plan decides on what is found
	return c.lookUpExisting(ctx, in, exists)
}

// landFailure stores what is known about a call that failed as a whole.
func (c *Cycle) landFailure(in Inputs, intent store.Intent, failure error) error {
	var e *remote.Error
	if !errors.As(failure, &e) {
		e = &remote.Error{API: "Xero", Class: remote.Unknown, Sent: true, Err: failure}
	}
	answer := state.AnswerOf(e)
	c.Log.CallFailed(intent, e)
	if answer == "" {
		return failure
	}
	err := c.Store.Update(func(tx *store.Tx) error { return c.desk(in).Failed(tx, intent, answer, e) })
	if err != nil {
		return err
	}
	if state.RefusedWhole(e) {
		return nil // its members are searched for the bad one; the others go on
	}
	return failure
}
