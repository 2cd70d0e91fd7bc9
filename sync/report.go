package sync

import (
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

	began   time.Time
	causes  map[string]int // holds added, by cause
	blocked string
	mu      *gosync.Mutex
}

func newReport() *Report { return &Report{mu: &gosync.Mutex{}, causes: map[string]int{}} }

// waitUntil notes when it is worth looking again: the earliest of all.
func (r *Report) waitUntil(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Until = earliest(r.Until, until)
}

func (r *Report) settledAt(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Settled = earliest(r.Settled, until)
}

func (r *Report) heldBy(holder string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Holder = holder
}

func (r *Report) lookAt(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Looks = earliest(r.Looks, at)
}

func (r *Report) block(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blocked = why
}

func (r *Report) count(n *int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*n++
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// Progress is true when the cycle did something that may let a further one do more.
func (r Report) Progress() bool { return r.Made+r.Changed+r.Adopted+r.Released > 0 }
