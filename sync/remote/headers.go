package remote

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// dayLeft reads what is left of the day: Xero's X-DayLimit-Remaining, or Salesforce's
// "Sforce-Limit-Info: api-usage=25/15000", other parts behind it. An absent header means unknown, not zero.
func dayLeft(h http.Header) (int, bool) {
	if n, ok := count(h.Get("X-DayLimit-Remaining")); ok {
		return n, true
	}
	for part := range strings.FieldsFuncSeq(h.Get("Sforce-Limit-Info"), func(r rune) bool { return r == ',' || r == ';' }) {
		usage, ok := strings.CutPrefix(strings.TrimSpace(part), "api-usage=")
		if !ok {
			continue
		}
		usage, _, _ = strings.Cut(usage, " ")
		used, limit, _ := strings.Cut(usage, "/")
		u, okUsed := count(used)
		l, okLimit := count(limit)
		if okUsed && okLimit {
			return max(0, l-u), true
		}
	}
	return 0, false
}

func minuteLeft(h http.Header) (int, bool) { return count(h.Get("X-MinLimit-Remaining")) }

func count(s string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return n, err == nil && n >= 0
}

// longestRetryAfter is as long as a service is left alone at its word: the longest that either of the two has
// to say is what is left of the day, and a mistake in the header must not silence the daemon for years.
const longestRetryAfter = 24 * time.Hour

// RetryAfter reads a Retry-After header: seconds, or an HTTP date, which is
// measured against the answer's own Date. 0: not said. At most a day.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if s == "" {
		return 0
	}
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		return min(max(0, time.Duration(n)*time.Second), longestRetryAfter)
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0
	}
	if server, err := http.ParseTime(h.Get("Date")); err == nil {
		now = server
	}
	return min(max(0, at.Sub(now)), longestRetryAfter)
}

// standDownFor says how long a 429 silences everything, and why. Xero names the
// limit in X-Rate-Limit-Problem, in changing case; calls made meanwhile can prolong it.
func standDownFor(status int, h http.Header, now time.Time) (time.Duration, string) {
	if status != http.StatusTooManyRequests {
		return 0, ""
	}
	problem := strings.ToLower(strings.TrimSpace(h.Get("X-Rate-Limit-Problem")))
	d := RetryAfter(h, now)
	switch problem {
	case "concurrent":
		// Xero may leave Retry-After out here: the calls in flight end within seconds.
		return max(d, 5*time.Second), "too many calls at the same time"
	case "day":
		if d == 0 {
			d = time.Hour
		}
		return d, "the limit of calls per day is reached"
	case "appminute":
		return max(d, time.Second, fallback(d)), "the limit of calls per minute of the whole app is reached"
	case "minute":
		return max(d, time.Second, fallback(d)), "the limit of calls per minute is reached"
	}
	return max(d, time.Second, fallback(d)), "the service asks for fewer calls"
}

// fallback is the wait of a minute limit that did not say how long.
func fallback(said time.Duration) time.Duration {
	if said > 0 {
		return 0
	}
	return slotBack
}
