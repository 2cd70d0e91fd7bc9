// Package faults stands between a client and an emulator and does to their
// calls what networks and services do: lose them, delay them, do them twice,
// answer with an error page. It counts the calls as well. Door is the
// middleware behind the /_emulator/ paths, Network a network in memory.
package faults

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault says which calls go wrong and how.
type Fault struct {
	Method     string `json:"method,omitempty"`      // "" is every method
	Path       string `json:"path,omitempty"`        // exact, or a beginning that ends in /*; "" is every path
	Kind       string `json:"kind"`                  // see Kinds
	Times      int    `json:"times,omitempty"`       // how many calls; 0 is one, negative is all
	Skip       int    `json:"skip,omitempty"`        // how many matching calls go well before
	Status     int    `json:"status,omitempty"`      // for status; 0 is 503
	RetryAfter int    `json:"retry_after,omitempty"` // for status: seconds
	DelayMS    int    `json:"delay_ms,omitempty"`    // for late, hang, stale
	Problem    string `json:"problem,omitempty"`     // for status 429: X-Rate-Limit-Problem
	Body       string `json:"body,omitempty"`        // for status: instead of the service's usual text
	Done       bool   `json:"done,omitempty"`        // for status: the work is done all the same
}

// Kinds lists the kinds of fault.
//
//	status       an answer with Status; nothing was done unless Done
//	drop_before  the connection breaks, nothing was done
//	drop_after   the work is done, then the connection breaks
//	late         the connection breaks, the work is done DelayMS later
//	hang         the work is done, the answer comes DelayMS later
//	stale        what the call commits is missing from lists for DelayMS
//	twice        the call arrives twice; the second answer is the one seen
//	truncate     the work is done, the connection breaks in mid-answer
//	malformed    the work is done, the answer is whole but its JSON is not
func Kinds() []string {
	return []string{"status", "drop_before", "drop_after", "late", "hang", "stale", "twice", "truncate", "malformed"}
}

func (f Fault) check() error {
	switch {
	case !slices.Contains(Kinds(), f.Kind):
		return fmt.Errorf("there is no fault of kind %q; there are %s", f.Kind, strings.Join(Kinds(), ", "))
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("%d is no status to answer with: 200 to 599", f.Status)
	case f.Skip < 0 || f.RetryAfter < 0 || f.DelayMS < 0:
		return errors.New("skip, retry_after and delay_ms cannot be negative")
	case f.Path != "" && !strings.HasPrefix(f.Path, "/"):
		return fmt.Errorf("the path %q does not begin with a slash", f.Path)
	}
	return nil
}

func (f Fault) delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

// hits reports whether the fault is about this request.
func (f Fault) hits(r *http.Request) bool {
	if f.Method != "" && !strings.EqualFold(f.Method, r.Method) {
		return false
	}
	// A read commits nothing to be missing: a stale fault for any method waits for a write.
	if f.Kind == "stale" && f.Method == "" && reading(r) {
		return false
	}
	if beginning, ok := strings.CutSuffix(f.Path, "*"); ok && strings.HasSuffix(beginning, "/") {
		return strings.HasPrefix(r.URL.Path, beginning)
	}
	return f.Path == "" || f.Path == r.URL.Path
}

func reading(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// plan is the list of faults still to come, in the order they were added.
type plan []*Fault

// next is the fault for this request, if any, and uses one of its times. A
// fault that skips lets the ones behind it have a look.
func (p *plan) next(r *http.Request) (Fault, bool) {
	for i, f := range *p {
		switch {
		case !f.hits(r):
		case f.Skip > 0:
			f.Skip--
		default:
			hit := *f
			if f.Times > 0 {
				f.Times--
			}
			if f.Times == 0 {
				*p = slices.Delete(*p, i, i+1)
			}
			return hit, true
		}
	}
	return Fault{}, false
}
