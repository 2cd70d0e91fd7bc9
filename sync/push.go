package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	gosync "sync"
	"sync/atomic"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

const (
	inFlight      = 5 // Xero's limit for one organisation
	unknownsAPush = 3 // calls without an answer after which Xero is left alone for this cycle
)

// pusher is what the pushes of this process leave to each other.
type pusher struct {
	sequence       uint64            // of this process among those of its store: with a call's number it makes its key
	calls          uint64            // to Xero that were planned in this process
	currenciesRead time.Time         // when the org last said that it has one currency
	beforeCall     func(call uint64) // a simulation's way to have no two calls begin at one instant
}

// push carries out the steps of one entry: batches of up to 50, five calls in flight, every call stored before its first
// byte leaves. What cannot go out now stays queued.
func (c *Cycle) push(ctx context.Context, in Inputs, e *mapping.Entry) error {
	kind := xero.Kind(e.Kind)
	work, stop := make(chan batch), make(chan struct{})
	var once gosync.Once
	var first error
	var unknown atomic.Int32
	fail := func(err error) { once.Do(func() { first = err; close(stop) }) }
	run := func(b batch) {
		switch err := c.send(ctx, in, b); {
		case err == nil:
		case remote.ClassOf(err) == remote.Unknown && ctx.Err() == nil:
			// One lost answer is no reason to keep the other deals waiting; several are an outage.
			if unknown.Add(1) >= unknownsAPush {
				fail(err)
			}
		default:
			fail(err)
		}
	}
	var workers gosync.WaitGroup
	for range inFlight {
		workers.Go(func() {
			for b := range work {
				if c.pusher.beforeCall != nil {
					c.pusher.beforeCall(b.number)
				}
				run(b)
			}
		})
	}
	err := c.feed(ctx, in, e, func(b batch) bool {
		select {
		case <-stop:
			return false
		default:
		}
		if b.do == plan.Create && c.closed(in, kind) {
			return true // edits go on; what was to be created stays queued until the gate opens
		}
		if b.do == plan.Create && c.unproven(kind) {
			// A store's first create batch goes alone: only Xero's own list proves that it keeps the marks.
			run(b)
			if err := c.watchKind(ctx, in, kind); err != nil {
				fail(err)
			}
			return true
		}
		select {
		case work <- b:
			return true
		case <-stop:
			return false
		case <-ctx.Done():
			return false
		}
	})
	close(work)
	workers.Wait()
	return errors.Join(first, err)
}

// closed asks the gate before a batch is made, so that one which may not go out costs nothing.
func (c *Cycle) closed(in Inputs, kind xero.Kind) (yes bool) {
	_ = c.Store.View(func(tx *store.Tx) error { yes = c.desk(in).Closed(tx, kind); return nil })
	return yes
}

func (c *Cycle) unproven(kind xero.Kind) (yes bool) {
	_ = c.Store.View(func(tx *store.Tx) error { yes = state.Unproven(tx, kind); return nil })
	return yes
}

func (c *Cycle) watchKind(ctx context.Context, in Inputs, kind xero.Kind) error {
	if kind == xero.Contacts {
		return c.watchContacts(ctx, in)
	}
	return c.watchInvoices(ctx, in)
}

// feed plans the entry's todo and hands it on as batches, until there is nothing left or `out` says stop.
func (c *Cycle) feed(ctx context.Context, in Inputs, e *mapping.Entry, out func(batch) bool) error {
	for steps, err := range c.plan(ctx, e, in) {
		if err != nil {
			return err
		}
		if sendsMoney(xero.Kind(e.Kind), steps) {
			noticed, err := c.severalCurrencies(ctx, e.From)
			if err != nil {
				return err
			}
			if noticed {
				c.Log.Report.WaitUntil(c.xeroNow().Add(state.Soon))
				return nil
			}
		}
		for _, b := range batches(xero.Kind(e.Kind), steps) {
			if xero.Kind(e.Kind) == xero.Contacts || b.do != plan.Adopt { // an invoice is adopted without a call
				ok, err := c.leased(ctx, b.do == plan.Create)
				if err != nil {
					return err
				}
				if !ok {
					continue // it stays queued
				}
			}
			// Just before, so that as little time as can be lies between what is read and what is written.
			b.plan, b.read, b.watch = b.steps, time.Now(), c.watcher.from
			if b.steps, err = c.prepare(ctx, in, b.steps); err != nil {
				return err
			}
			if len(b.steps) == 0 {
				continue
			}
			c.pusher.calls++
			if b.number = c.pusher.calls; !out(b) {
				return ctx.Err()
			}
		}
	}
	return nil
}

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
		if b.do != plan.Create && stale(b.read, readFor) {
			return errStale
		}
		// A contact cannot be deleted again: what people did while it waited for its turn may have made it a second one.
		if b.do == plan.Create && b.kind == xero.Contacts && stale(b.read, plannedFor) {
			c.Log.Report.WaitUntil(c.xeroNow().Add(state.Soon))
			return state.ErrOvertaken
		}
		// The deletion of an un-won deal's draft may wait less long than other calls: the deal may have been won again.
		if b.do == plan.Create && !c.recent(b.watch) || !c.recentPull() || b.do == plan.Delete && stale(c.puller.at, plannedFor) {
			c.Log.Report.WaitUntil(c.xeroNow().Add(state.Soon)) // both sides are asked then
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

// stale compares wall clocks: while a machine is suspended the monotonic one stands still.
func stale(read time.Time, most time.Duration) bool {
	age := time.Now().Round(0).Sub(read.Round(0))
	return age < 0 || age > most
}

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
		c.Log.Report.WaitUntil(c.xeroNow().Add(state.Soon))
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
