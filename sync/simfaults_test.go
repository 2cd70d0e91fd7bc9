package sync_test

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"sf2xero/sync/faults"
)

// What becomes of a call follows from the seed and the call itself: method, path, query, body, and how often this very
// call was made before. Two runs of a seed make the same calls, so they meet the same fates.
func (s *simulation) callHash(what string, c faults.Call) uint64 {
	return s.hash(what, c.Method, c.Path, c.Query, c.Seen, c.Body)
}

func (s *simulation) latencyOf(c faults.Call) (there, back time.Duration) {
	h := s.callHash("latency", c)
	there = 20*time.Millisecond + time.Duration(h%80_000_000)
	back = 20*time.Millisecond + time.Duration((h>>32)%80_000_000)
	if h%50 == 0 && !s.draw.Tight {
		there += time.Duration((h >> 16) % 9_000_000_000)
	}
	if s.draw.TwinTogether && c.Method != http.MethodGet && strings.HasPrefix(c.Path, "/api.xro/") {
		back += time.Duration((h >> 20) % 12_000_000_000) // Xero takes so long that what one daemon makes is not there for the other to see
	}
	return there, back
}

func (s *simulation) latenessOf(c faults.Call) time.Duration {
	return time.Duration(s.callHash("lateness", c) % uint64(s.draw.Late+time.Nanosecond))
}

func (s *simulation) unlucky(what string, c faults.Call) (lot uint64, hit bool) {
	h := s.callHash(what, c)
	return h >> 20, !s.isCalm() && h%1000 < s.draw.Faults/2
}

func (s *simulation) isCalm() bool {
	s.noted.Lock()
	defer s.noted.Unlock()
	return s.calm
}

func (s *simulation) fateOf(c faults.Call) faults.Fate {
	fate := faults.Deliver
	if lot, hit := s.unlucky("fate", c); hit {
		fates := []faults.Fate{faults.Refuse, faults.LoseRequest, faults.LoseAnswer, faults.LoseAnswer, faults.Late, faults.Late, faults.Twice}
		if s.draw.Tight {
			fates = fates[:4] // a call that the network doubles or delays is not the daemon's to count
		}
		fate = fates[lot%uint64(len(fates))]
	}
	s.note("%s %s%s #%d: %s", c.Method, c.Path, short(c), c.Seen, fate)
	return fate
}

// short tells calls of one path apart in the history.
func short(c faults.Call) string {
	if c.Query == "" && len(c.Body) == 0 {
		return ""
	}
	return " " + string([]byte("0123456789abcdef")[hashed(0, c.Query, c.Body)%16]) + string([]byte("0123456789abcdef")[hashed(1, c.Query, c.Body)%16])
}

// poison is a text in a deal's lines at which Xero always fails.
const poison = "Poisoned chalice"

func (s *simulation) faultInXero(c faults.Call) (faults.Fault, bool) {
	write := c.Method != http.MethodGet && strings.HasPrefix(c.Path, "/api.xro/")
	if write && bytes.Contains(c.Body, []byte(poison)) {
		return s.struck(c, faults.Fault{Kind: "status", Status: []int{500, 400, 503}[s.seed%3]}), true
	}
	if write && s.draw.Narrow > 0 && len(c.Body) > s.draw.Narrow {
		return s.struck(c, faults.Fault{Kind: "status", Status: http.StatusRequestEntityTooLarge, Body: "<html><body>413 Request Entity Too Large</body></html>"}), true
	}
	lot, hit := s.unlucky("fault", c)
	if !hit {
		return faults.Fault{}, false
	}
	r := int(lot >> 8)
	kinds := []faults.Fault{
		{Kind: "status", Status: 500}, {Kind: "status", Status: 500, Done: true}, {Kind: "status", Status: 503}, {Kind: "status", Status: 503, Done: true},
		{Kind: "status", Status: 504, Done: true}, {Kind: "status", Status: 502, Body: "<html><body>Bad Gateway</body></html>"},
		{Kind: "status", Status: 429, Problem: "minute", RetryAfter: 1 + r%50}, {Kind: "status", Status: 429, Problem: "concurrent"},
		{Kind: "status", Status: 429, Problem: "appminute", RetryAfter: 1 + r%50}, {Kind: "status", Status: 429, Problem: "day", RetryAfter: 300 + r%7000},
		{Kind: "status", Status: 401}, {Kind: "truncate"}, {Kind: "malformed"}, {Kind: "drop_before"}, {Kind: "drop_after"},
		{Kind: "hang", DelayMS: 1000 + r%160_000},
	}
	if write {
		stale := faults.Fault{Kind: "stale", DelayMS: 1 + r%int(s.draw.Stale/time.Millisecond+1)}
		kinds = append(kinds, stale, stale, stale, stale, stale)
	}
	if s.draw.Tight {
		kinds = kinds[:15]
	}
	return s.struck(c, kinds[lot%uint64(len(kinds))]), true
}

func (s *simulation) faultInSalesforce(c faults.Call) (faults.Fault, bool) {
	lot, hit := s.unlucky("fault", c)
	if !hit {
		return faults.Fault{}, false
	}
	kinds := []faults.Fault{
		{Kind: "status", Status: 500}, {Kind: "status", Status: 503}, {Kind: "status", Status: 503, Done: true}, {Kind: "status", Status: 502}, {Kind: "status", Status: 401},
		{Kind: "status", Status: 429}, {Kind: "truncate"}, {Kind: "malformed"}, {Kind: "drop_before"}, {Kind: "drop_after"}, {Kind: "hang", DelayMS: int(1000 + lot%330_000)},
	}
	return s.struck(c, kinds[(lot>>8)%uint64(len(kinds))]), true
}

func (s *simulation) struck(c faults.Call, f faults.Fault) faults.Fault {
	s.note("%s %s%s #%d: fault %s %d done=%t %s retry=%d delay=%dms", c.Method, c.Path, short(c), c.Seen, f.Kind, f.Status, f.Done, f.Problem, f.RetryAfter, f.DelayMS)
	return f
}

// visible is how long after its stamp a change made by a person is seen by readers of Salesforce.
func (s *simulation) visible(object, id string) time.Duration {
	if s.draw.Visible == 0 || s.isCalm() || !s.booted.Load() && (s.draw.Edited || s.draw.Stage) {
		return 0
	}
	h := s.hash("visible", object, id, time.Now().UnixNano())
	if h%3 != 0 {
		return 0
	}
	return time.Duration((h >> 8) % uint64(s.draw.Visible))
}

// collides is true when an insert of a value of a unique field runs into another one.
func (s *simulation) collides(object, value string, nth int) bool {
	return !s.isCalm() && s.hash("collides", object, value, nth)%3 == 0
}

// RoundTrip is the daemon's way to the network; what it may be killed at.
func (s *simulation) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.db != nil && s.db.InUpdate() && insideUpdate() {
		s.breach("%s %s is called inside a write transaction of the store", r.Method, r.URL.Path)
	}
	if s.dead.Load() || s.dies(beforeCall) {
		return nil, errKilled
	}
	s.leaves(r, firstDaemon)
	if s.astray && strings.HasSuffix(r.URL.Host, ".xero.com") {
		r = r.Clone(r.Context())
		r.URL.Host += ".strangers"
	}
	answer, err := s.network.RoundTrip(r)
	if h := s.hash("date", r.URL.Path, time.Now().UnixNano()); err == nil && s.draw.WrongDates && !s.isCalm() && h%100 == 0 {
		wrong := time.Now().Add(time.Duration(h>>8%uint64(6*time.Hour)) - 3*time.Hour)
		answer.Header.Set("Date", wrong.UTC().Format(http.TimeFormat))
		s.note("%s %s is answered by a clock that shows %s", r.Method, r.URL.Path, wrong.Format(time.TimeOnly))
	}
	if s.dead.Load() || s.dies(afterCall) {
		return nil, errKilled
	}
	return answer, err
}

// leaves remembers when a write was first let go, and looks at how it goes.
func (s *simulation) leaves(r *http.Request, who string) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return
	}
	if r.GetBody != nil {
		s.breach("a write to Xero could be sent again by net/http itself")
	}
	s.noted.Lock()
	defer s.noted.Unlock()
	if _, again := s.sent[key]; !again {
		s.sent[key] = time.Now()
	}
	s.sentBy[key] = who // a daemon and the copy of its store count their calls alike: seed 84444
}
