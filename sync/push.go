package sync

import (
	"context"
	"errors"
	"iter"
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

// recordsAtOnce bounds how much of a large todo is in memory at a time.
const recordsAtOnce = 500

// plan puts an entry's todo through Plan and yields, part by part, the steps that need a call. Everything that can be
// decided without one (held, nothing to do, waiting) is stored before the part is yielded.
func (c *Cycle) plan(ctx context.Context, e *mapping.Entry, in Inputs) iter.Seq2[[]plan.Step, error] {
	return func(yield func([]plan.Step, error) bool) {
		after, more, kind := "", true, document.KindOf(e.Kind)
		for more && ctx.Err() == nil {
			var records []store.Record
			records, more = nil, false
			err := c.Store.View(func(tx *store.Tx) error {
				for r := range tx.Todo(e.Name, after) {
					// Accounts are planned all together: two that want one contact must know of each other.
					if len(records) == recordsAtOnce && !kind.Matched {
						more = true
						break
					}
					records, after = append(records, r), r.ID
				}
				return nil
			})
			if err == nil && !kind.Matched {
				err = c.lookUp(ctx, e, records)
			}
			var steps []plan.Step
			if err == nil {
				steps, err = c.planRecords(e, in, records)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(steps, nil) {
				return
			}
		}
	}
}

func (c *Cycle) planRecords(e *mapping.Entry, in Inputs, records []store.Record) ([]plan.Step, error) {
	var steps, calls []plan.Step
	err := c.Store.View(func(tx *store.Tx) error {
		facts := c.desk(in).Facts(tx)
		for _, r := range records {
			if r.Hash == unread && r.Gone == "" {
				c.Log.Report.WaitUntil(facts.XeroNow.Add(state.Soon)) // the next cycle has read it
				continue
			}
			if r.Hold == nil && plan.TooEarly(facts.XeroNow, r.NotBefore) {
				c.Log.Report.WaitUntil(r.NotBefore)
				continue
			}
			steps = append(steps, c.Policy(plan.Plan(r, e, facts)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return nil, nil
	}
	if document.KindOf(e.Kind).Matched {
		steps = plan.SettleClaims(steps)
	}
	err = c.Store.Update(func(tx *store.Tx) error {
		d := c.desk(in)
		for _, s := range steps {
			if c.Planned != nil {
				c.Planned(s)
			}
			if err := d.Decide(tx, s); err != nil {
				return err
			}
			if s.Do != plan.Hold && s.Do != plan.Nothing && s.Do != plan.Wait {
				calls = append(calls, s)
			}
		}
		return nil
	})
	return calls, err
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
				c.hurry()
				return nil
			}
		}
		for _, b := range batches(xero.Kind(e.Kind), steps) {
			if c.outdated(b.do, c.watcher.from) { // asked before anything is read for it
				c.hurry()
				if b.do == plan.Delete && c.recentPull() {
					continue
				}
				return nil // the next cycle asks both sides again and goes on
			}
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

const (
	elementsPerCall = 50      // what Xero advises; there is no limit but the bytes
	bytesPerCall    = 3 << 20 // Xero refuses 3.5 MB
)

// batch is what one call is made of.
type batch struct {
	kind   xero.Kind
	do     plan.Action
	steps  []plan.Step
	plan   []plan.Step // the same, as they were before their documents were read
	read   time.Time   // when those were
	watch  time.Time   // when the watch of Xero began that it rests on
	again  int         // how often they were read once more
	number uint64      // of the call in this process: given in the order of the plan, not in that of the workers
}

// batches groups steps into calls: edits first, because they concern what exists; then what is created. The members of a
// half that is being searched for poison go with nobody else.
func batches(kind xero.Kind, steps []plan.Step) []batch {
	var out []batch
	for _, do := range []plan.Action{plan.Delete, plan.Adopt, plan.Update, plan.Promote, plan.Create} {
		groups := map[string][]plan.Step{}
		for _, s := range steps {
			if s.Do == do {
				groups[s.Record.Half] = append(groups[s.Record.Half], s)
			}
		}
		for _, group := range document.SortedNames(groups) {
			b, size := batch{kind: kind, do: do}, 0
			for _, s := range groups[group] {
				if len(b.steps) > 0 && (len(b.steps) == elementsPerCall || size+len(s.Document) > bytesPerCall) {
					out = append(out, b)
					b, size = batch{kind: kind, do: do}, 0
				}
				b.steps, size = append(b.steps, s), size+len(s.Document)
			}
			out = append(out, b)
		}
	}
	return out
}

// idsPerCall keeps a list by ids well within the length of a URL.
const idsPerCall = elementsPerCall

func chunks[T any](all []T, size int) [][]T {
	var out [][]T
	for len(all) > size {
		out, all = append(out, all[:size]), all[size:]
	}
	if len(all) > 0 {
		out = append(out, all)
	}
	return out
}
