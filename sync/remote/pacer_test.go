package remote

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// service is Xero's side of the limits: it counts what arrives.
type service struct {
	mu       sync.Mutex
	arrivals []time.Time
	inFlight int
	most     int
}

// legs are the request's and the answer's way, drawn from the call's number alone.
func legs(n int) (there, work time.Duration) {
	h := fnv.New64a()
	fmt.Fprint(h, n)
	there = time.Duration(h.Sum64() % uint64(500*time.Millisecond))
	return there, 3*time.Second - there
}

func (s *service) call(n int) {
	s.travel(legs(n))
}

// travel is a call that takes a while to arrive, and then to be answered.
func (s *service) travel(there, work time.Duration) {
	s.mu.Lock()
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	s.mu.Unlock()
	time.Sleep(there)
	s.mu.Lock()
	s.arrivals = append(s.arrivals, time.Now())
	s.mu.Unlock()
	time.Sleep(work)
	s.mu.Lock()
	s.inFlight--
	s.mu.Unlock()
}

func (s *service) mostInAnyMinute() int {
	slices.SortFunc(s.arrivals, time.Time.Compare)
	most, first := 0, 0
	for i, a := range s.arrivals {
		for !s.arrivals[first].Add(time.Minute).After(a) {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func TestPacerKeepsXerosLimitsAndComesCloseToThem(t *testing.T) {
	t.Parallel()
	for _, calls := range []int{200, 1000} {
		t.Run(fmt.Sprint(calls, " calls"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := NewPacer(Limits{InFlight: 5, PerMinute: 60})
				var s service
				var all sync.WaitGroup
				began := time.Now()
				for n := range calls {
					all.Go(func() {
						done, err := p.Start(t.Context(), true)
						if err != nil {
							t.Error(err)
							return
						}
						s.call(n)
						done(200, nil)
					})
				}
				all.Wait()
				took := time.Since(began)
				if most := s.mostInAnyMinute(); most > 60 {
					t.Errorf("%d calls arrived within a minute", most)
				}
				if s.most > 5 {
					t.Errorf("%d calls were in flight", s.most)
				}
				// The best there is: 60 at 5 at a time, then wait for the next minute.
				rest := (calls - 1) % 60
				ideal := time.Duration((calls-1)/60)*time.Minute + time.Duration(rest/5+1)*3*time.Second
				// 3 s of each minute are the price of not knowing when within its 3 s a call arrived.
				if share := float64(ideal) / float64(took); share < 0.95 {
					t.Errorf("took %s where %s is possible: %.1f %%", took, ideal, 100*share)
				}
			})
		})
	}
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// started makes one call that ends at once and returns how long it had to wait.
func started(t *testing.T, p *Pacer, write bool, status int, h http.Header) time.Duration {
	t.Helper()
	began := time.Now()
	done, err := p.Start(t.Context(), write)
	if err != nil {
		t.Fatal(err)
	}
	done(status, h)
	return time.Since(began)
}

func TestPacerStandsDownForEveryone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		h    http.Header
		want time.Duration
		why  string
	}{
		{"minute", header("X-Rate-Limit-Problem", "Minute", "Retry-After", "17"), 17 * time.Second, "the limit of calls per minute is reached"},
		{"minute, unsaid", header("X-Rate-Limit-Problem", "minute"), 61 * time.Second, "the limit of calls per minute is reached"},
		{"concurrent", header("X-Rate-Limit-Problem", "concurrent"), 5 * time.Second, "too many calls at the same time"},
		{"the whole app", header("X-Rate-Limit-Problem", "appminute", "Retry-After", "3"), 3 * time.Second, "the limit of calls per minute of the whole app is reached"},
		{"a new word", header("X-Rate-Limit-Problem", "egress", "Retry-After", "60"), time.Minute, "the service asks for fewer calls"},
		{"an HTTP date", header("Retry-After", "Sat, 21 Nov 2026 10:00:30 GMT", "Date", "Sat, 21 Nov 2026 10:00:00 GMT"), 30 * time.Second, "the service asks for fewer calls"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := NewPacer(Limits{InFlight: 5, PerMinute: 60})
				var told time.Duration
				var why string
				p.OnStandDown(func(d time.Duration, w string) { told, why = d, w })
				started(t, p, false, 429, tc.h)
				if told != tc.want || why != tc.why {
					t.Errorf("told to stand down for %s (%s), want %s (%s)", told, why, tc.want, tc.why)
				}
				if q := p.Quota(); !q.StandDown.Equal(time.Now().Add(tc.want)) || q.Why != tc.why {
					t.Errorf("quota says %+v", q)
				}
				if waited := started(t, p, false, 200, nil); waited != tc.want {
					t.Errorf("the next call waited %s, want %s", waited, tc.want)
				}
			})
		})
	}
}

func TestPacerRefusesWhatWouldBlockACycle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{InFlight: 5, PerMinute: 60})
		started(t, p, false, 429, header("X-Rate-Limit-Problem", "day", "Retry-After", "73451"))
		_, err := p.Start(t.Context(), false)
		var e *Error
		if !errors.As(err, &e) || e.Class != Throttled || e.RetryAfter != 73451*time.Second || e.Sent {
			t.Fatalf("got %v", err)
		}
		time.Sleep(time.Second)
		if left := p.Refuses(); left != 73450*time.Second {
			t.Errorf("no call is made for %s", left)
		}
		time.Sleep(73450 * time.Second)
		if left := p.Refuses(); left != 0 {
			t.Errorf("after that none is made for %s", left)
		}
		if waited := started(t, p, true, 200, nil); waited != 0 {
			t.Errorf("after the day's stand-down a call waited %s", waited)
		}
	})
}

func TestPacerKeepsAReserveForReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{PerDay: 1000, WriteReserve: 100})
		started(t, p, false, 200, header("X-DayLimit-Remaining", "102"))
		started(t, p, true, 200, nil)
		started(t, p, true, 200, nil) // 100 left now
		if _, err := p.Start(t.Context(), true); ClassOf(err) != Throttled {
			t.Errorf("a write at the reserve: got %v", err)
		}
		started(t, p, false, 200, header("X-DayLimit-Remaining", "1"))
		started(t, p, false, 200, header("X-DayLimit-Remaining", "0"))
		if _, err := p.Start(t.Context(), false); ClassOf(err) != Throttled {
			t.Errorf("a read at nothing left: got %v", err)
		}
		if q := p.Quota(); q.Day != 0 || p.Refuses() == 0 {
			t.Errorf("quota says %d left, and no call is made for %s", q.Day, p.Refuses())
		}
		time.Sleep(16 * time.Minute) // nobody but the service knows when its day begins anew: ask
		started(t, p, false, 200, header("X-DayLimit-Remaining", "999"))
		started(t, p, true, 200, nil)
		if q := p.Quota(); q.Day != 998 {
			t.Errorf("quota says %d left, want 998", q.Day)
		}
	})
}

// How many calls a day has is not said; the most that was ever left of it tells, anew when a day begins.
func TestPacerLearnsHowLongADayIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{PerDay: 5000, PerMinute: 60, InFlight: 5})
		says := func(left string, want int) {
			t.Helper()
			started(t, p, false, 200, header("X-DayLimit-Remaining", left))
			if got := p.PerDay(); got != want {
				t.Errorf("%s are left: a day has %d calls, want %d", left, got, want)
			}
			time.Sleep(2 * time.Second)
		}
		if got := p.PerDay(); got != 5000 {
			t.Errorf("before any answer a day has %d calls", got)
		}
		says("700", 5000) // it may have begun late in a day
		says("699", 5000)
		says("701", 5000) // answers overtake each other
		says("12", 5000)
		says("14", 5000)
		says("999", 999)
		says("40", 999)
		says("386", 386) // another tier
	})
}

func TestPacerCountsADayThatNoHeaderTells(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{PerDay: 3, WriteReserve: 1})
		started(t, p, true, 200, nil)
		started(t, p, true, 200, nil)
		if _, err := p.Start(t.Context(), true); ClassOf(err) != Throttled {
			t.Errorf("got %v", err)
		}
		started(t, p, false, 200, nil)
		time.Sleep(24 * time.Hour)
		started(t, p, true, 200, nil)
	})
}

func TestPacerAfterAnUncleanStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{InFlight: 5, PerMinute: 60})
		p.AssumeBusy()
		began := time.Now()
		done, err := p.Start(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited != slotBack {
			t.Errorf("the first call waited %s, want %s", waited, slotBack)
		}
		second := make(chan time.Time)
		go func() {
			d, err := p.Start(t.Context(), false)
			if err != nil {
				t.Error(err)
			} else {
				d(200, nil)
			}
			second <- time.Now()
		}()
		time.Sleep(7 * time.Second)
		// The service has counted 58 of others beside this one: 1 may start, the next waits a minute.
		done(200, header("X-MinLimit-Remaining", "1"))
		ended := time.Now()
		if at := <-second; !at.Equal(ended) {
			t.Errorf("the second call did not wait for the first: %s", at.Sub(ended))
		}
		if waited := started(t, p, false, 200, nil); waited < 50*time.Second {
			t.Errorf("the third call waited %s although the service said that the minute is full", waited)
		}
	})
}

func TestPacerWithoutAMinuteLimitGoesOneAtATimeForHalfAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{InFlight: 5})
		p.AssumeBusy()
		var s service
		var all sync.WaitGroup
		for n := range 30 {
			all.Go(func() {
				done, err := p.Start(t.Context(), true)
				if err != nil {
					t.Error(err)
					return
				}
				s.call(n)
				s.mu.Lock()
				if time.Since(s.arrivals[0]) < 25*time.Second && s.most > 1 {
					t.Errorf("%d in flight within the first half minute", s.most)
				}
				s.mu.Unlock()
				done(200, nil)
			})
		}
		all.Wait()
		if s.most != 5 {
			t.Errorf("%d in flight afterwards, want 5", s.most)
		}
	})
}

func TestPacerCountsALostCallAsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{InFlight: 1})
		started(t, p, true, Lost, nil)
		if waited := started(t, p, true, 0, nil); waited != lostFor {
			t.Errorf("waited %s after a lost call, want %s", waited, lostFor)
		}
		if waited := started(t, p, true, 200, nil); waited != 0 {
			t.Errorf("waited %s after a call that was not sent", waited)
		}
	})
}

func TestPacerStopsWaitingWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{InFlight: 1})
		if _, err := p.Start(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 2 { // one waits for a place, one for its turn
			go func() {
				_, err := p.Start(ctx, true)
				var e *Error
				if !errors.As(err, &e) || e.Sent || e.Class != Retry || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
			}()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
	})
}

func TestDayLeft(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		h    http.Header
		want int
		ok   bool
	}{
		{"absent", header(), 0, false},
		{"Xero", header("X-DayLimit-Remaining", "4999"), 4999, true},
		{"Salesforce", header("Sforce-Limit-Info", "api-usage=25/15000"), 14975, true},
		{"Salesforce, past the limit", header("Sforce-Limit-Info", "api-usage=15010/15000"), 0, true},
		{"Salesforce with bursts", header("Sforce-Limit-Info", "api-usage=25/5000; api-bursts=1/750"), 4975, true},
		{"Salesforce with a per-app part", header("Sforce-Limit-Info", "api-usage=1/100, per-app-api-usage=17/250(appName=x)"), 99, true},
		{"nonsense", header("X-DayLimit-Remaining", "lots", "Sforce-Limit-Info", "x"), 0, false},
	} {
		if got, ok := dayLeft(tc.h); got != tc.want || ok != tc.ok {
			t.Errorf("%s: got %d %v", tc.name, got, ok)
		}
	}
}

func TestTheCallsOfTheProcessBeforeCount(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		inFlight int
		killed   bool
		takes    time.Duration // each call; the last one ends when nothing is remembered any more
		want     time.Duration // from the start of the process after
	}{
		{"it had made one at a time, and only the last may have ended later", 1, false, time.Second, slotBack - 3*time.Second},
		{"it was killed", 1, true, time.Second, slotBack - 3*time.Second},
		{"any of its calls may have been on its way", 3, false, time.Second, slotBack},
		{"its calls took long to arrive", 1, false, 20 * time.Second, time.Minute - 40*time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var remembered []time.Time
				before := NewPacer(Limits{PerMinute: 3, InFlight: tc.inFlight})
				before.OnStart(func(starts []time.Time) error { remembered = starts; return nil })
				for range 3 {
					done, err := before.Start(t.Context(), false)
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(tc.takes)
					done(200, nil)
				}
				after := NewPacer(Limits{PerMinute: 3, InFlight: tc.inFlight})
				after.Resume(remembered, tc.killed)
				if waited := started(t, after, false, 200, nil); waited != tc.want {
					t.Errorf("the first call afterwards waited %s, want %s", waited, tc.want)
				}
			})
		})
	}
}

func TestACallThatCannotBeCountedIsNotMade(t *testing.T) {
	t.Parallel()
	p := NewPacer(Limits{PerMinute: 3, InFlight: 1})
	full := errors.New("no space left")
	p.OnStart(func([]time.Time) error { return full })
	if _, err := p.Start(t.Context(), true); !errors.Is(err, full) {
		t.Fatalf("got %v, want the reason why it could not be counted", err)
	}
	p.OnStart(nil)
	if _, err := p.Start(t.Context(), true); err != nil {
		t.Fatalf("its place in flight was not given back: %v", err)
	}
}

// A start is stored, and then the disk takes 39 seconds: the service counts the call when it arrives, and no minute of its own
// has more than it allows.
func TestACallThatLeavesLateCountsFromThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(Limits{PerMinute: 9, InFlight: 2})
		stored := 0
		p.OnStart(func([]time.Time) error {
			if stored++; stored == 1 {
				time.Sleep(39 * time.Second)
			}
			return nil
		})
		var arrivals []time.Time
		for range 30 {
			done, err := p.Start(t.Context(), false)
			if err != nil {
				t.Fatal(err)
			}
			arrivals = append(arrivals, time.Now())
			time.Sleep(100 * time.Millisecond)
			done(http.StatusOK, nil)
		}
		for i, at := range arrivals {
			n := 1
			for _, later := range arrivals[i+1:] {
				if later.Sub(at) < time.Minute {
					n++
				}
			}
			if n > 9 {
				t.Errorf("%d calls arrive within a minute of the %d.", n, i+1)
			}
		}
	})
}
