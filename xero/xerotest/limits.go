package xerotest

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

const appPerMinute = 10000 // over all organisations of an app

// limits counts the calls of one app in this organisation.
type limits struct {
	inFlight, perMinute, perDay int // negative: switched off

	flying   int
	starts   []time.Time // admitted calls of the last minute, oldest first
	day      int         // admitted calls since dayStart
	dayStart time.Time

	until time.Time // a stand-down: everything is refused before then
	why   string
}

func newLimits(opt Options) limits {
	or := func(v, xero int) int {
		if v == 0 {
			return xero
		}
		return v
	}
	return limits{inFlight: or(opt.InFlight, 5), perMinute: or(opt.PerMinute, 60), perDay: or(opt.PerDay, 5000)}
}

// admit takes a slot or says why there is none. The minute slides; the day begins with its first call and ends 24 hours
// later. A refusal begins a stand-down until the moment that Retry-After names; calls made meanwhile are refused too
// but count for nothing.
func (l *limits) admit(now time.Time) *answer {
	for len(l.starts) > 0 && now.Sub(l.starts[0]) >= time.Minute {
		l.starts = l.starts[1:]
	}
	if l.dayStart.IsZero() || now.Sub(l.dayStart) >= 24*time.Hour {
		l.dayStart, l.day = now, 0
	}
	if now.Before(l.until) {
		return l.refuse(l.why, l.until.Sub(now))
	}
	if l.perDay > 0 && l.day >= l.perDay {
		l.until, l.why = l.dayStart.Add(24*time.Hour), "day"
		return l.refuse(l.why, l.until.Sub(now))
	}
	if l.perMinute > 0 && len(l.starts) >= l.perMinute {
		l.until, l.why = l.starts[0].Add(time.Minute), "minute"
		return l.refuse(l.why, l.until.Sub(now))
	}
	if l.inFlight > 0 && l.flying >= l.inFlight {
		return l.refuse("concurrent", 0)
	}
	l.flying++
	l.day++
	l.starts = append(l.starts, now)
	return nil
}

func (l *limits) leave() { l.flying-- }

// refuse is a 429; its body says nothing that could be parsed. A concurrency refusal names no time to wait.
func (l *limits) refuse(why string, wait time.Duration) *answer {
	a := (&answer{status: http.StatusTooManyRequests, contentType: typeHTML}).with("X-Rate-Limit-Problem", why)
	if wait > 0 {
		a.with("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	return l.remaining(a)
}

// remaining adds the headers that every answer carries. A limit that is switched off has none.
func (l *limits) remaining(a *answer) *answer {
	if l.perDay > 0 {
		a.with("X-DayLimit-Remaining", strconv.Itoa(max(0, l.perDay-l.day)))
	}
	if l.perMinute > 0 {
		a.with("X-MinLimit-Remaining", strconv.Itoa(max(0, l.perMinute-len(l.starts))))
	}
	return a.with("X-AppMinLimit-Remaining", strconv.Itoa(max(0, appPerMinute-len(l.starts))))
}
