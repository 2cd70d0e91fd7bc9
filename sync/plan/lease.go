package plan

import "time"

// LeaseRow is the newest of the rows by which the daemons of one organisation know whose turn it is (rule 52): who inserted
// number n holds the lease until somebody inserts n+1.
type LeaseRow struct {
	ID, Token, Holder string
	N                 int
	Closing           string    // the number that its holder left at a clean stop; "" while it is not released
	Stamp             time.Time // when its holder last gave a sign, in Salesforce's time
	Deleted           bool      // it lies in the recycle bin since Stamp: nobody holds it, and its number is not used again
}

// Lease is what one process holds: number n, by a token that nobody else has seen. The zero value holds nothing.
type Lease struct {
	N     int
	Token string
	From  time.Time // nothing is created before a watch that began then, in Salesforce's time
}

// LeaseFacts is what a daemon knows when it wants to send something.
type LeaseFacts struct {
	Mine    Lease
	Newest  *LeaseRow     // as just read; nil: there is none
	Closing string        // what this store left in its row at its last clean stop
	Watch   time.Time     // when the last complete watch of Xero began, in Salesforce's time; zero: that is not known for certain
	Span    time.Duration // after a sign of life, until all that was sent because of it must have shown: settle and the bound
	Off     SafeguardsOff
}

// LeaseDo is what is to be done about the lease.
type LeaseDo string

// The ways to go on.
const (
	LeaseGo   LeaseDo = "go"   // it is ours: send
	LeaseTake LeaseDo = "take" // nobody uses it any more: insert the next row
	LeaseWait LeaseDo = "wait" // not before Until
	LeaseLost LeaseDo = "lost" // it was ours and is another's now, or nobody's: step back
)

// LeaseStep is one decision about the lease.
type LeaseStep struct {
	Do    LeaseDo
	N     int       // of the row to insert
	Until time.Time // Salesforce's time at which a watch has to begin before there is anything new to decide
}

// stampGrain is how far a stamp or a date may lag behind: they have whole seconds.
const stampGrain = time.Second

// DecideLease says whether something may be sent now. A row is another's as soon as this process has not inserted it, its
// own store's included: a copy of the store must not recognise itself.
func DecideLease(f LeaseFacts) LeaseStep {
	if f.Mine.N > 0 {
		switch {
		case f.Newest == nil || f.Newest.Deleted || f.Newest.N != f.Mine.N || f.Newest.Token != f.Mine.Token:
			return LeaseStep{Do: LeaseLost}
		case !f.Off.LeaseReread && f.Watch.Before(f.Mine.From):
			return LeaseStep{Do: LeaseWait, Until: f.Mine.From}
		}
		return LeaseStep{Do: LeaseGo}
	}
	if f.Newest == nil {
		return LeaseStep{Do: LeaseTake, N: 1}
	}
	released := f.Newest.Closing != "" && !f.Newest.Deleted && (f.Newest.Closing == f.Closing || f.Off.LeaseClosing)
	silent := f.Newest.Stamp.Add(f.Span + stampGrain)
	if released || !f.Watch.Before(silent) {
		return LeaseStep{Do: LeaseTake, N: f.Newest.N + 1}
	}
	return LeaseStep{Do: LeaseWait, Until: silent}
}

// LeaseFrom is when a watch must have begun before whoever has taken a row creates something. before is the row before it,
// read again now that ours is there: a sign of life since it was looked at moves the wait. Without any the wait runs from
// our own row, because whoever removed the rows may still be sending. A row that was released to this very store is free:
// what was sent because of it is in its own memory.
func LeaseFrom(free bool, before *LeaseRow, inserted time.Time, span time.Duration) time.Time {
	switch {
	case free:
		return time.Time{}
	case before == nil:
		return inserted.Add(span + stampGrain)
	}
	return before.Stamp.Add(span + stampGrain)
}
