package faults

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// Count says how many calls of one kind arrived. Status 0: broken off without an answer.
type Count struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"`
	Count  int    `json:"count"`
}

// tally counts calls as they arrive.
type tally struct {
	counts       map[Count]int // by the other three fields
	inFlight     int
	maxInFlight  int
	lastMinute   []time.Time
	maxPerMinute int
}

func newTally() tally { return tally{counts: map[Count]int{}} }

// paced reports whether a call counts against a service's limits. Signing in does not, on either side.
func paced(r *http.Request) bool {
	switch r.URL.Path {
	case "/connect/token", "/connections", "/services/oauth2/token":
		return false
	}
	return true
}

// arrive counts a call in; the function it returns counts it out.
func (d *Door) arrive(r *http.Request) (done func(status int)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tally
	limited := paced(r)
	if limited {
		now := time.Now()
		t.inFlight++
		t.maxInFlight = max(t.maxInFlight, t.inFlight)
		for len(t.lastMinute) > 0 && now.Sub(t.lastMinute[0]) >= time.Minute {
			t.lastMinute = t.lastMinute[1:]
		}
		t.lastMinute = append(t.lastMinute, now)
		t.maxPerMinute = max(t.maxPerMinute, len(t.lastMinute))
	}
	return func(status int) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if limited {
			d.tally.inFlight--
		}
		d.tally.counts[Count{Method: r.Method, Path: r.URL.Path, Status: status}]++
	}
}

// Counts lists the finished calls by path, method and status.
func (d *Door) Counts() []Count {
	d.mu.Lock()
	defer d.mu.Unlock()
	counts := make([]Count, 0, len(d.tally.counts))
	for c, n := range d.tally.counts {
		c.Count = n
		counts = append(counts, c)
	}
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Status, b.Status))
	})
	return counts
}

// MaxInFlight is the most calls that were in flight at once, sign-in left out.
func (d *Door) MaxInFlight() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tally.maxInFlight
}

// MaxPerMinute is the most calls that arrived in any 60 seconds, sign-in left out.
func (d *Door) MaxPerMinute() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tally.maxPerMinute
}
