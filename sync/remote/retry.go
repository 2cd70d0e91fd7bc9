package remote

import (
	"fmt"
	"time"
)

const (
	// tries is how often a call is made in all before the cycle gives up on it.
	tries = 4
	// patience is the longest wait inside a call. Whoever has to wait longer is told
	// so instead, and the cycle goes on with what needs no call.
	patience = 2 * time.Minute
)

// Decision says whether to make a failed call again, when, and why (or why not).
type Decision struct {
	Again bool
	After time.Duration
	Why   string
}

// Decide says what to do after the given try (1 is the first) failed with e.
// It is pure: the caller supplies the jitter, from 0 up to 1.
func Decide(try int, e *Error, jitter float64) Decision {
	if e == nil {
		return Decision{Why: "it did not fail"}
	}
	switch e.Class {
	case Retry, Throttled:
	case Unknown:
		return Decision{Why: "it may have been done: only looking can tell"}
	default:
		return Decision{Why: "the same call would fail again: " + e.Class.String()}
	}
	if try >= tries {
		return Decision{Why: fmt.Sprintf("tried %d times", try)}
	}
	// 1 s, 4 s, 9 s, less up to a quarter: callers that failed together do not come back together.
	after := time.Duration(float64(try*try) * (1 - jitter/4) * float64(time.Second))
	if e.RetryAfter > after {
		after = e.RetryAfter
	}
	if after > patience {
		return Decision{Why: fmt.Sprintf("the service asks for %s of silence", after)}
	}
	return Decision{Again: true, After: after, Why: e.Class.String()}
}
