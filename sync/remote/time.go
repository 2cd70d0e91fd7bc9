package remote

import (
	"net/http"
	"sync"
	"time"
)

// Time is a server's time: its last Date header plus the monotonic time since.
// It never runs ahead of the server. Safe for concurrent use; the zero value knows nothing.
type Time struct {
	mu       sync.Mutex
	server   time.Time
	received time.Time
}

// step is how far a server's clock must fall back before it is believed. Less is
// the whole seconds of the Date header or an answer that was long on its way.
const step = 10 * time.Second

// Observe takes the Date header of an answer received at the given moment.
func (t *Time) Observe(date string, received time.Time) {
	server, err := http.ParseTime(date)
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.received.IsZero() {
		// Each reading is a lower bound of the server's time: the highest is the best.
		known := t.server.Add(received.Sub(t.received))
		if server.Before(known) && known.Sub(server) < step {
			return
		}
	}
	t.server, t.received = server, received
}

// Now is the server's time, once an answer has told it.
func (t *Time) Now() (now time.Time, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.received.IsZero() {
		return time.Time{}, false
	}
	return t.server.Add(time.Since(t.received)).UTC(), true
}
