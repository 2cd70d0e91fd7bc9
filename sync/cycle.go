// Package sync is the cycle that keeps a company's deals in Salesforce and its invoices in Xero in step:
// watch Xero, pull Salesforce, plan, push, write back. It is the only package of the heart with a client, a context and a
// clock: what is decided is in plan, what that means for the store in state. cycle.go is the first page to read, plan/plan.go the
// second; everything else hangs below one of their lines.
//
// The cycle is crash-only: it may be killed at any instruction, because what it must remember is in the store before
// the first byte of a call leaves, and each cycle begins by looking at what Xero really has.
package sync

import (
	"context"
	"errors"
	"time"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/events"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// Cycle keeps one company's Salesforce org and Xero organisation in step. Its exported fields are set once, before the
// first Run. What must be remembered between two cycles is in the store; what a process knows beside that lies with the part of the
// cycle that uses it.
type Cycle struct {
	Salesforce *salesforce.Client
	Xero       *xero.Client
	Store      *store.DB
	Mapping    func() (file string, text []byte, err error) // read at the start of each cycle
	Settings   Settings
	Policy     plan.Policy
	Log        events.Log
	Planned    func(plan.Step) // told of every step of the plan; may be nil

	session  session
	lease    lease
	mappings mappings
	looks    looks
	watcher  watcher
	puller   puller
	pusher   pusher
	writer   writer

	safeguardsOff plan.SafeguardsOff // a simulation's way to see what each safeguard is for
}

// Settings are the times and choices of a cycle.
type Settings struct {
	Settle                time.Duration // after this long, what Xero has not shown it will never do
	Overlap               time.Duration // how far each pull reads back behind its cursor
	TenantID              string        // the Xero organisation to serve; empty: the only one that the connection has
	WatchEvery, PullEvery time.Duration // how often each side is asked in a Loop; zero: in every cycle
	AllowSandbox          bool          // a sandbox may write into books that are no demo company
	New                   bool          // a person says that nobody served this organisation in the last settle time
	Takeover              bool          // a person says that the other daemon, for which this store has stopped, was stopped
	Holder                string        // what this process is called where other daemons of this organisation see it
}

// Run does one cycle: watch Xero, pull Salesforce, plan, push, write back. A cycle that fails changes nothing that the
// next one would not find again.
func (c *Cycle) Run(ctx context.Context) (events.Report, error) {
	c.beginReport()
	c.looks.unknown.forget()
	in, err := c.inputs(ctx)
	if err != nil {
		return c.finish(err)
	}
	// When a side was asked is noted once it has answered: after a failure it is asked again in the next cycle, however seldom
	// it is asked. (An edited mapping has both sides read before anything is planned by it, and the first try may fail.)
	if began := time.Now(); c.due(c.watcher.at, c.Settings.WatchEvery) {
		if err := c.watch(ctx, in); err != nil { // mirror, adoption, settling: nothing is created before this succeeded
			return c.finish(c.lastWords(ctx, in, err))
		}
		c.watcher.at = began
	}
	if began := time.Now(); c.due(c.puller.at, c.Settings.PullEvery) {
		if err := c.pull(ctx, in); err != nil { // todo and cursor in one transaction
			return c.finish(err)
		}
		c.puller.at = began
	}
	aside, err := c.standsAside(ctx, in)
	if err != nil || aside {
		return c.finish(err)
	}
	var pushed error
	for _, e := range pushOrder(in.Mapping) { // contacts, then invoices: an invoice names its contact by Xero's id
		if pushed = c.pushEntry(ctx, in, e); pushed != nil {
			break
		}
	}
	// What Xero refuses or cannot take now, people in Salesforce should read all the same.
	err = errors.Join(pushed, c.writeBack(ctx, in), c.tellLetIn(in))
	c.backupIfDue(ctx, in)
	return c.finish(err)
}

// beginReport begins what this cycle tells, in which its events count themselves.
func (c *Cycle) beginReport() {
	c.Log.Report, c.watcher.from = events.NewReport(), time.Time{}
}

// lastWords tells the people in Salesforce which deals have two invoices, before a daemon stops that has met another one.
func (c *Cycle) lastWords(ctx context.Context, in Inputs, stop error) error {
	var other *OtherWriter
	if errors.As(stop, &other) {
		if err := c.writeBack(ctx, in); err != nil {
			c.Log.Failed("write back why this daemon stops", err)
		}
	}
	return stop
}

// Preview does what a cycle does up to the plan, on a store that is thrown away, and tells Planned what would be done.
func (c *Cycle) Preview(ctx context.Context) (events.Report, error) {
	c.session.preview = true
	c.beginReport()
	c.looks.unknown.forget()
	in, err := c.inputs(ctx)
	if err != nil {
		return c.finish(err)
	}
	if err := c.watch(ctx, in); err != nil {
		return c.finish(err)
	}
	if err := c.pull(ctx, in); err != nil {
		return c.finish(err)
	}
	for _, e := range pushOrder(in.Mapping) {
		if err := c.freshContacts(ctx, in, e); err != nil {
			return c.finish(err)
		}
		for _, err := range c.plan(ctx, e, in) {
			if err != nil {
				return c.finish(err)
			}
		}
	}
	c.puller.swept = true
	return c.finish(c.tellLetIn(in))
}

func pushOrder(m *mapping.Mapping) []*mapping.Entry {
	return append([]*mapping.Entry{m.Contacts}, m.Documents...)
}

func (c *Cycle) pushEntry(ctx context.Context, in Inputs, e *mapping.Entry) error {
	if err := c.freshWatch(ctx, in, e); err != nil {
		return err
	}
	if err := c.freshContacts(ctx, in, e); err != nil {
		return err
	}
	return c.push(ctx, in, e)
}

// due is true when a side that last answered at a moment is to be asked again. A zero interval is always over.
func (c *Cycle) due(last time.Time, every time.Duration) bool {
	return last.IsZero() || time.Since(last) >= every || c.session.hurry
}

// hurry has another cycle follow at once, in which both sides are asked.
func (c *Cycle) hurry() { c.Log.Report.WaitUntil(c.xeroNow().Add(state.Soon)) }

// finish closes the cycle's report: what waits, until when, and what went wrong.
func (c *Cycle) finish(err error) (events.Report, error) {
	report := c.Log.Report
	if verr := c.Store.View(func(tx *store.Tx) error {
		report.Queued, report.Held = 0, 0
		for _, entry := range document.Entries() {
			queued, held := tx.TodoCount(entry)
			report.Queued += queued
			report.Held += held
		}
		for _, intent := range tx.AllIntents() {
			if at, open := c.settlesAt(intent); open {
				report.WaitUntil(at)
			}
		}
		return nil
	}); verr != nil {
		err = errors.Join(err, verr)
	}
	added := report.HoldsAdded()
	for _, cause := range document.SortedNames(added) {
		if n := added[cause]; n >= manyAtOnce && cause != plan.CauseEdited { // that one has a line of its own
			c.Log.ManyHeld(cause, n)
		}
	}
	if err == nil && report.Blocked != "" {
		err = &remote.Error{API: "Xero", Op: "create", Class: remote.BadConfig, Message: report.Blocked, Remedy: "Find out what strips it, then start with an empty store"}
	}
	for _, r := range c.puller.parents {
		report.BehindSince(r.behind)
	}
	report.Reads, report.Writes = c.Xero.Calls()
	report.SalesforceCalls = c.Salesforce.Calls()
	return *report, err
}

// settlesAt is the earliest moment at which a watch may decide about a call's open attempts; when none has come since, one
// is needed first.
func (c *Cycle) settlesAt(intent store.Intent) (at time.Time, open bool) {
	last, open := state.LastUnsettled(intent)
	if !open {
		return at, false
	}
	began, ok := c.watcher.watches.FirstAfter(intent)
	if !ok { // a watch is needed first, which Xero may have asked to wait
		return c.xeroNow().Add(max(state.Soon, time.Until(c.Xero.Pacer().Quota().StandDown))), true
	}
	at = last.Add(c.Settings.span() + remote.DateGrain)
	if later := c.xeroNow().Add(c.Settings.Settle - time.Since(began)); later.After(at) {
		at = later
	}
	return at, true
}

// manyAtOnce is from how many holds of one cause in one cycle an alarm is given: so many records do not go wrong by
// themselves; a permission, the mapping or a clock has changed.
const manyAtOnce = 10

// xeroNow is Xero's time: what was sent, settled and stood down is measured in it, never in the local clock.
func (c *Cycle) xeroNow() time.Time {
	if now, known := c.Xero.Time(); known && !c.safeguardsOff.ServerTime {
		return now.UTC()
	}
	return time.Now().UTC()
}

// desk is what is known of the world outside in the transaction that begins now.
func (c *Cycle) desk(in Inputs) state.Desk {
	return state.Desk{Log: c.Log, XeroNow: c.xeroNow(), SalesforceNow: c.salesforceNow(), Settle: c.Settings.Settle, Bound: c.Settings.Bound(),
		Place: in.Place, Mapping: in.Mapping, Reference: in.Reference, UnknownIDs: c.looks.unknown.ids, Accuses: !c.lease.there || c.lease.holds(), Stranger: c.lease.stranger(),
		New: c.Settings.New, Watches: &c.watcher.watches, Doubts: &c.looks.doubts, Withheld: &c.writer.withheld, Off: c.safeguardsOff}
}

// salesforceNow is Salesforce's time: windows and how long a deal has been left alone are measured in it.
func (c *Cycle) salesforceNow() time.Time {
	if now, known := c.Salesforce.Time(); known && !c.safeguardsOff.ServerTime {
		return now.UTC()
	}
	return time.Now().UTC()
}
