package events

import (
	"maps"
	gosync "sync"
	"time"
)

// Report says what one cycle did, and what is left to do.
type Report struct {
	Made, Changed, Adopted, Refused, Released, WroteBack int
	Held, Queued                                         int // records in the todo at the end of the cycle
	LetIn, Reached                                       int // told of in this cycle: what only edits of the mapping let in, and how much of it is history and not held one by one
	Reads, Writes, SalesforceCalls                       int // since the process began

	WayOut  string    // of what waits for that
	Until   time.Time // Xero's time from which what the protocol keeps waiting may go on; zero: nothing waits for that
	Settled time.Time // Salesforce's time from which the next deal has been left alone long enough; zero: none waits
	Looks   time.Time // our own time from which Xero is looked at again for what it lacked; zero: nothing is held for that

	Behind time.Time // Salesforce's time since which changed parents may have let in records that could not be asked for; zero: all were

	Holder string // another daemon that serves this organisation, as its row calls it: this one sends nothing

	Began   time.Time // by Xero's clock
	Blocked string    // why nothing more is created at all

	causes map[string]int // holds added, by cause
	mu     *gosync.Mutex
}

// NewReport begins one. It is safe for concurrent use by pointer.
func NewReport() *Report { return &Report{mu: &gosync.Mutex{}, causes: map[string]int{}} }

// note is how whoever works at the same time writes into it.
func (r *Report) note(what func(*Report)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	what(r)
}

// WaitUntil notes when it is worth looking again: the earliest of all.
func (r *Report) WaitUntil(until time.Time) {
	r.note(func(r *Report) { r.Until = earliest(r.Until, until) })
}

// SettledAt notes when the next deal has been left alone for long enough, in Salesforce's time.
func (r *Report) SettledAt(until time.Time) {
	r.note(func(r *Report) { r.Settled = earliest(r.Settled, until) })
}

// LookAt notes when Xero is looked at again, by our own clock.
func (r *Report) LookAt(at time.Time) {
	r.note(func(r *Report) { r.Looks = earliest(r.Looks, at) })
}

// BehindSince notes since when, in Salesforce's time, changed parents could not be asked about.
func (r *Report) BehindSince(at time.Time) {
	r.note(func(r *Report) { r.Behind = earliest(r.Behind, at) })
}

// HeldBy notes who else serves this organisation.
func (r *Report) HeldBy(holder string) { r.note(func(r *Report) { r.Holder = holder }) }

// Block notes why nothing more is created at all.
func (r *Report) Block(why string) { r.note(func(r *Report) { r.Blocked = why }) }

// HoldsAdded is how many holds were added in this cycle, by cause.
func (r *Report) HoldsAdded() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.causes)
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// Progress is true when the cycle did something that may let a further one do more.
func (r Report) Progress() bool { return r.Made+r.Changed+r.Adopted+r.Released > 0 }

// Plus adds what a further cycle did; what waits is what waits after that one.
func (r Report) Plus(o Report) Report {
	o.Made, o.Changed, o.Adopted, o.Refused = o.Made+r.Made, o.Changed+r.Changed, o.Adopted+r.Adopted, o.Refused+r.Refused
	o.Released, o.WroteBack = o.Released+r.Released, o.WroteBack+r.WroteBack
	if o.LetIn == 0 {
		o.LetIn, o.Reached, o.WayOut = r.LetIn, r.Reached, r.WayOut
	}
	return o
}
