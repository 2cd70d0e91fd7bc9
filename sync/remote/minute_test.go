package remote

import (
	"fmt"
	"hash/fnv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhenACallOfTheMinuteIsFree(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	for _, tc := range []struct {
		name  string
		limit int
		calls [][2]int // when each started and ended, in the order of their ends; ended 0: on its way
		now   int
		want  int
		left  int
	}{
		{"no limit", 0, [][2]int{{1, 2}}, 5, 5, 0},
		{"two of three were never made", 3, [][2]int{{1, 2}}, 2, 2, 2},
		{"the oldest still counts", 3, [][2]int{{1, 1}, {2, 2}, {3, 3}}, 3, 62, 0},
		{"the oldest has just gone", 3, [][2]int{{1, 1}, {2, 2}, {3, 3}}, 62, 62, 1},
		{"the oldest went long ago", 3, [][2]int{{1, 1}, {50, 50}, {50, 50}}, 100, 100, 1},
		{"the first was slow and may have arrived last", 3, [][2]int{{2, 3}, {3, 4}, {1, 10}}, 10, 63, 0},
		{"as soon as it may, one that was slow counts no more", 1, [][2]int{{1, 10}}, 69, 70, 0},
		{"one that is on its way counts however long ago it started", 3, [][2]int{{30, 30}, {40, 40}, {1, 0}}, 80, 91, 0},
		{"all are on their way", 2, [][2]int{{1, 0}, {2, 0}}, 90, 90 + int(patience/time.Second), 0},
	} {
		m := newMinute(tc.limit)
		for _, call := range tc.calls {
			if m.start(at(call[0])); call[1] > 0 {
				m.end(at(call[0]), at(call[1]))
			}
		}
		if got := m.free(at(tc.now)); !got.Equal(at(tc.want)) {
			t.Errorf("%s: free after %s, want %s", tc.name, got.Sub(noon), at(tc.want).Sub(noon))
		}
		if got := m.left(at(tc.now)); got != tc.left {
			t.Errorf("%s: %d are left, want %d", tc.name, got, tc.left)
		}
	}
}

func TestACallThatWasNotSentDoesNotCount(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m := newMinute(1)
	m.start(now)
	m.unsent(now)
	if got := m.free(now); !got.Equal(now) {
		t.Errorf("the next one waits for %s", got.Sub(now))
	}
}

// Of fifty calls one takes up to nine seconds until it arrives, and the daemon makes all that it may: no minute of the
// service has one too many. Seed 30055.
func TestSlowCallsAreCountedWhereTheyArrive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{InFlight: 5, PerMinute: 60})
		var s service
		var all sync.WaitGroup
		for n := range 1000 {
			all.Go(func() {
				done, err := p.Start(t.Context(), false)
				if err != nil {
					t.Error(err)
					return
				}
				h := fnv.New64a()
				fmt.Fprint(h, "slow", n)
				there := 50 * time.Millisecond
				if n%50 == 7 {
					there += time.Duration(h.Sum64() % uint64(9*time.Second))
				}
				s.travel(there, 50*time.Millisecond)
				done(200, nil)
			})
		}
		all.Wait()
		if most := s.mostInAnyMinute(); most > 60 {
			t.Errorf("%d calls arrived within a minute", most)
		}
	})
}
