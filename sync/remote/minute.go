package remote

import (
	"slices"
	"time"
)

const (
	// slotBack is how long one call counts from its start. 61 s and not 60: a call that took a second less to arrive
	// than the one whose slot it got would otherwise be the 61st in the service's own minute.
	slotBack = 61 * time.Second
	// arrival is by how much later a call may have arrived for that.
	arrival = slotBack - time.Minute
)

// minute is what a service may have counted in its own last minute. It counts a call when that arrives: at some moment
// between its start and its end, which it does not tell. So a call counts while it is on its way, and then from the latest
// moment. Counted from their starts, eleven calls of which one took 8 seconds to arrive were one too many a minute later
// (seed 30055), and so was one that had started before its machine stood still for 39 seconds.
type minute struct {
	ended []time.Time // from when each of the last calls counts, as many as are allowed in a minute, oldest first; zero: never made
	open  []time.Time // the starts of those that are on their way
}

func newMinute(limit int) minute { return minute{ended: make([]time.Time, limit)} }

// free says when a call may start, as far as a timer can tell.
func (m *minute) free(now time.Time) time.Time {
	switch n := len(m.open); {
	case len(m.ended) == 0:
		return now
	case n >= len(m.ended):
		return now.Add(patience) // an ending call wakes who waits sooner
	case m.ended[n].IsZero() || !m.ended[n].Add(slotBack).After(now):
		return now
	default:
		return m.ended[n].Add(slotBack)
	}
}

// left is how many calls may start now.
func (m *minute) left(now time.Time) int {
	back := 0
	for _, at := range m.ended {
		if at.IsZero() || !at.Add(slotBack).After(now) {
			back++
		}
	}
	return max(0, back-len(m.open))
}

func (m *minute) start(now time.Time) {
	if len(m.ended) > 0 {
		m.open = append(m.open, now)
	}
}

// unsent takes a call back that was started and never left.
func (m *minute) unsent(started time.Time) {
	if i := slices.IndexFunc(m.open, started.Equal); i >= 0 {
		m.open = slices.Delete(m.open, i, i+1)
	}
}

// end counts a call that arrived by a moment at the latest.
func (m *minute) end(started, by time.Time) {
	m.unsent(started)
	at := by.Add(-arrival)
	if at.Before(started) {
		at = started
	}
	m.count(at)
}

// count counts a call from a moment, in place of the oldest.
func (m *minute) count(at time.Time) {
	later := slices.IndexFunc(m.ended, func(other time.Time) bool { return other.After(at) })
	if later < 0 {
		later = len(m.ended)
	}
	if later == 0 {
		return // no minute of those that count more
	}
	copy(m.ended, m.ended[1:later])
	m.ended[later-1] = at
}

// since is how many calls may have arrived after a moment.
func (m *minute) since(at time.Time) int {
	n := len(m.open)
	for _, counted := range m.ended {
		if counted.After(at) {
			n++
		}
	}
	return n
}

// starts are what may still count, oldest first: the last of them are those on their way, which count from now at least.
func (m *minute) starts(now time.Time) []time.Time {
	all := slices.Clone(m.ended)
	for range m.open {
		all = append(all, now)
	}
	return all[len(all)-len(m.ended):]
}
