package remote

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Limits are what a service allows one client. 0: no such limit.
type Limits struct {
	InFlight     int
	PerMinute    int
	PerDay       int // until the service's own headers tell how much of the day is left
	WriteReserve int // this many calls of the day are kept for reading
}

// Quota is what is known to be left. -1: not known.
type Quota struct {
	Minute, Day int
	StandDown   time.Time // nothing starts before; zero: now is fine
	Why         string
}

// Lost is the status to hand to done for a call that was sent and got no whole
// answer: the service may still be at work on it, so its place stays taken for a while.
const Lost = -1

const (
	// lostFor is how long a call without an answer counts as in flight.
	lostFor = 30 * time.Second
	// quotaFresh is how long an exhausted day quota is believed without a new answer:
	// when the day begins anew is known to the service alone.
	quotaFresh = 15 * time.Minute
	day        = 24 * time.Hour
)

// Pacer lets calls to one service start no faster than its limits allow, in the
// order in which they asked.
type Pacer struct {
	limits Limits
	turn   chan struct{} // held by the one who starts next: first come, first served
	wake   chan struct{} // tells the holder of turn to look again

	mu          sync.Mutex
	minute      minute
	inFlight    int
	lost        []time.Time // when the places of calls without an answer come back
	solo        time.Time   // one call at a time, until an answer arrives after this moment
	standDown   time.Time
	why         string
	dayLeft     int // as the service last said, less our starts since; -1: never said
	daySeen     time.Time
	dayMost     int  // the most that the service has said to be left of a day, which is nearly all it allows; 0: never said
	dayBegun    bool // a day was seen to begin
	dayCount    int  // our own starts since dayFrom, for a service that does not say
	dayFrom     time.Time
	minuteLeft  int
	onStandDown func(time.Duration, string)
	onStart     func([]time.Time) error
}

// NewPacer makes a pacer that has nothing in flight.
func NewPacer(l Limits) *Pacer {
	return &Pacer{
		limits:     l,
		turn:       make(chan struct{}, 1),
		wake:       make(chan struct{}, 1),
		minute:     newMinute(l.PerMinute),
		dayLeft:    -1,
		minuteLeft: -1,
	}
}

// Start waits until a call may start and returns what to call when it has ended:
// done with the status and headers of the answer, with Lost when it was sent and
// no answer came, with 0 when it was not sent. It refuses what would have to wait
// for longer than a cycle should: a day's quota, a long stand-down.
func (p *Pacer) Start(ctx context.Context, write bool) (done func(status int, h http.Header), err error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, stopped(ctx)
	}
	for {
		if ctx.Err() != nil {
			return nil, stopped(ctx)
		}
		now := time.Now()
		wait, refusal := p.admit(now, write)
		if refusal != nil {
			return nil, refusal
		}
		if wait == 0 {
			return p.started(now)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-p.wake:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// started lets the start be remembered before the call leaves: after a kill, the next process counts it.
func (p *Pacer) started(now time.Time) (done func(int, http.Header), err error) {
	done = p.done(now)
	p.mu.Lock()
	remember := p.onStart
	p.mu.Unlock()
	if remember == nil {
		return done, nil
	}
	if err := remember(p.Starts()); err != nil {
		done(0, nil)
		return nil, &Error{Class: Retry, Message: "the call could not be counted, so it was not made", Err: err}
	}
	return done, nil
}

func stopped(ctx context.Context) error {
	return &Error{Class: Retry, Message: "stopped while waiting for its turn; nothing was sent", Err: context.Cause(ctx)}
}

// admit takes a place for a call if there is one, else says how long to wait for
// it (until a timer or a wake, whichever is first) or why not to wait.
func (p *Pacer) admit(now time.Time, write bool) (wait time.Duration, refusal *Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if refusal := p.refuse(now, write); refusal != nil {
		return 0, refusal
	}
	at := p.minute.free(now)
	if p.standDown.After(at) {
		at = p.standDown
	}
	if free := p.placeFree(now); free.After(at) {
		at = free
	}
	if at.After(now) {
		return at.Sub(now), nil
	}
	p.minute.start(now)
	p.inFlight++
	if p.dayLeft > 0 {
		p.dayLeft--
	}
	if now.Sub(p.dayFrom) >= day {
		p.dayFrom, p.dayCount = now, 0
	}
	p.dayCount++
	if p.minuteLeft > 0 {
		p.minuteLeft--
	}
	return 0, nil
}

// placeFree says when a place among those in flight is free, as far as a timer can tell.
func (p *Pacer) placeFree(now time.Time) time.Time {
	limit := p.limits.InFlight
	if !p.solo.IsZero() {
		limit = 1
	}
	for len(p.lost) > 0 && !p.lost[0].After(now) {
		p.lost = p.lost[1:]
	}
	switch {
	case limit == 0 || p.inFlight+len(p.lost) < limit:
		return now
	case len(p.lost) > 0:
		return p.lost[0]
	}
	return now.Add(patience) // an ending call wakes us sooner
}

// refuse names what would take too long to wait for.
func (p *Pacer) refuse(now time.Time, write bool) *Error {
	if left := p.standDown.Sub(now); left > patience {
		return &Error{Class: Throttled, Message: "no call is made for " + left.Round(time.Second).String() + ": " + p.why,
			RetryAfter: left, Remedy: "It goes on by itself."}
	}
	left := p.dayRemaining(now)
	reserve := p.limits.WriteReserve
	switch {
	case left < 0 || left > reserve || (!write && left > 0):
		return nil
	case write && left > 0:
		return &Error{Class: Throttled, RetryAfter: quotaFresh,
			Message: fmt.Sprintf("only %d calls of today's quota are left, and %d are kept for reading", left, reserve),
			Remedy:  "It goes on by itself when the service's day begins anew."}
	}
	return &Error{Class: Throttled, RetryAfter: quotaFresh,
		Message: "today's quota of calls is used up",
		Remedy:  "It goes on by itself when the service's day begins anew."}
}

// dayRemaining is what is left of the day, -1 if that is not known.
func (p *Pacer) dayRemaining(now time.Time) int {
	if p.dayLeft >= 0 {
		// An old "nothing left" may be yesterday's: the next call finds out.
		if p.dayLeft <= p.limits.WriteReserve && now.Sub(p.daySeen) > quotaFresh {
			return -1
		}
		return p.dayLeft
	}
	if p.limits.PerDay == 0 {
		return -1
	}
	if now.Sub(p.dayFrom) >= day {
		return p.limits.PerDay
	}
	return max(0, p.limits.PerDay-p.dayCount)
}

// done is what the caller of Start gets: it gives the place back and learns from the answer.
func (p *Pacer) done(started time.Time) func(int, http.Header) {
	var once sync.Once
	return func(status int, h http.Header) {
		once.Do(func() { p.end(started, status, h) })
	}
}

func (p *Pacer) end(started time.Time, status int, h http.Header) {
	now := time.Now()
	p.mu.Lock()
	p.inFlight--
	switch status {
	case 0:
		p.minute.unsent(started)
	case Lost:
		p.lost = append(p.lost, now.Add(lostFor))
		p.minute.end(started, now.Add(lostFor))
	default:
		p.minute.end(started, now)
	}
	if !p.solo.IsZero() && status > 0 && !now.Before(p.solo) {
		p.solo = time.Time{}
	}
	if left, ok := dayLeft(h); ok {
		if begins := p.dayLeft >= 0 && left > p.dayLeft+max(p.limits.PerMinute, p.limits.InFlight); begins || left > p.dayMost {
			p.dayMost, p.dayBegun = left, p.dayBegun || begins // on a new day it may be less than on the days before: that of another tier
		}
		p.dayLeft, p.daySeen = left, now
	}
	if left, ok := minuteLeft(h); ok {
		p.minuteLeft = left
		p.countOthers(left, started, now)
	}
	p.mu.Unlock()

	if d, why := standDownFor(status, h, now); d > 0 {
		p.StandDown(d, why)
		return
	}
	p.nudge()
}

// countOthers counts the calls that the service has counted in the
// last minute and we have not made: another process with the same credentials, or
// our own before a crash. The window reaches back by this call's own duration,
// because the service counts arrivals and we count starts.
func (p *Pacer) countOthers(left int, started, now time.Time) {
	ours := p.minute.since(started.Add(-slotBack))
	for n := p.limits.PerMinute - left - ours; n > 0; n-- {
		p.minute.count(now)
	}
}

// StandDown lets nothing start for d.
func (p *Pacer) StandDown(d time.Duration, why string) {
	p.mu.Lock()
	until := time.Now().Add(d)
	longer := until.After(p.standDown)
	if longer {
		p.standDown, p.why = until, why
		if d > patience {
			p.dayLeft = -1 // whatever was known of the day is old when this is over
		}
	}
	tell := p.onStandDown
	p.mu.Unlock()
	if longer && tell != nil {
		tell(d, why)
	}
	p.nudge()
}

// OnStandDown names who is told of each stand-down, so that it can outlive the process.
func (p *Pacer) OnStandDown(tell func(d time.Duration, why string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onStandDown = tell
}

// AssumeBusy is for the start after an unclean stop: the process before may have
// made all the calls of the minute a moment ago and have left some in flight. So
// no slot is free before theirs would be back, and for the first 30 s, and until
// an answer has shown what the service has counted, calls go one at a time.
func (p *Pacer) AssumeBusy() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for range p.limits.PerMinute {
		p.minute.count(now)
	}
	p.solo = now.Add(lostFor)
}

// Resume counts the remembered calls of the process before as our own. Those that were on their way when they were
// remembered ended nobody knows when: they count from now. After a kill some may still be at work: then calls go one at a
// time for the first 30 s.
func (p *Pacer) Resume(starts []time.Time, killed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for i, at := range starts {
		switch {
		case at.IsZero():
			continue
		case at.After(now), p.limits.InFlight == 0 || i >= len(starts)-p.limits.InFlight:
			at = now // the clock was set back, or it was on its way
		}
		p.minute.count(at)
	}
	if killed {
		p.solo = now.Add(lostFor)
	}
}

// Starts are from when the calls count that still may, oldest first.
func (p *Pacer) Starts() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.minute.starts(time.Now())
}

// OnStart names who remembers the starts that count, oldest first, before each call leaves.
func (p *Pacer) OnStart(remember func(starts []time.Time) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onStart = remember
}

// Quota is what is known to be left right now.
func (p *Pacer) Quota() Quota {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	q := Quota{Minute: p.minuteLeft, Day: p.dayRemaining(now)}
	if p.limits.PerMinute > 0 {
		q.Minute = p.minute.left(now)
	}
	if p.standDown.After(now) {
		q.StandDown, q.Why = p.standDown, p.why
	}
	return q
}

// Spare is how many calls of the day are left beyond those that are kept for reading, which may be none or fewer: what can wait
// is not asked for then. An old word on the day counts here, because whoever must read will have a new one.
func (p *Pacer) Spare() (calls int, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := p.dayLeft
	if left < 0 {
		left = p.dayRemaining(time.Now())
	}
	return left - p.limits.WriteReserve, left >= 0
}

// PerDay is how many calls the service allows in a day, as far as it is known: the most that it has said to be left, or what was
// configured. 0: not known. What is left when a process begins says little: it may begin late in
// a day, and only the first day that it sees begin tells.
func (p *Pacer) PerDay() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dayBegun {
		return p.dayMost
	}
	return max(p.dayMost, p.limits.PerDay)
}

// Reserved is true when nothing is spare.
func (p *Pacer) Reserved() bool {
	spare, known := p.Spare()
	return known && spare <= 0
}

// Refuses says for how long no call at all is made; 0 when one may be made, or will be within a cycle.
func (p *Pacer) Refuses() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if refusal := p.refuse(time.Now(), false); refusal != nil {
		return refusal.RetryAfter
	}
	return 0
}

func (p *Pacer) nudge() {
	select {
	case p.wake <- struct{}{}:
	default: // a wake is already waiting to be seen
	}
}
