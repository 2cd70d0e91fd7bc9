package remote

import (
	"net/http"
	"sync"
	"time"
)

const (
	DateGrain  = time.Second // how far a server's Date header may lag behind its clock: it has whole seconds
	ClockSlack = time.Minute // how far a service's servers may differ in their clocks
)

// Time is a server's time: its last Date header plus the monotonic time since.
// It never runs ahead of the server. Safe for concurrent use; the zero value knows nothing.
type Time struct {
	mu     sync.Mutex
	known  reading
	jumped reading // the last answer, if its clock was another one; zero: it was not
	agreed bool    // two answers in a row have told the known time
}

// reading is what a server's clock showed, and when we saw it.
type reading struct{ server, received time.Time }

// at is what that clock shows at a later moment.
func (r reading) at(now time.Time) time.Time { return r.server.Add(now.Sub(r.received)) }

// step is how far a server's clock must depart from what is known before it counts
// as set anew. Less is the whole seconds of the Date header or an answer that was
// long on its way.
const step = 10 * time.Second

// Observe takes the Date header of an answer received at the given moment.
func (t *Time) Observe(date string, received time.Time) {
	server, err := http.ParseTime(date)
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := reading{server, received}
	if !t.known.received.IsZero() {
		ahead := server.Sub(t.known.at(received))
		switch {
		case ahead <= -step || ahead >= step:
			// One answer may come by way of a proxy, or from one server of many, whose clock is wrong; cursors and the
			// wait for lost answers must not follow it. Two in a row that agree are believed.
			if t.jumped.received.IsZero() || server.Sub(t.jumped.at(received)).Abs() >= step {
				t.jumped = now
				return
			}
		case ahead < 0:
			t.jumped, t.agreed = reading{}, true
			return // each reading is a lower bound of the server's time: the highest is the best
		}
	}
	// Of the very first answer nobody knows yet whether its clock was the right one.
	t.agreed = !t.known.received.IsZero()
	t.known, t.jumped = now, reading{}
}

// Now is the server's time, once an answer has told it.
func (t *Time) Now() (now time.Time, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known.received.IsZero() {
		return time.Time{}, false
	}
	return t.known.at(time.Now()).UTC(), true
}

// Agreed is true once two answers have told the same time: what must not follow from the wrong clock of a single one, the
// first, waits for that.
func (t *Time) Agreed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.agreed
}
