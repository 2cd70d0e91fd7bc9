// Package remote is what the cycle expects of any API: how a call can fail, when
// it may be repeated, how fast to call, and a sealed transport that lets the
// bearer token out to one host only.
package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Class says what a failed call means for whoever made it.
type Class uint8

const (
	// Retry: nothing was done (or the call was a read); the same call may be made again.
	Retry Class = iota + 1
	// Throttled: the service wants silence for a while; nothing was done.
	Throttled
	// Auth: the service does not accept who we are or what we may do; a person must act.
	Auth
	// BadRecord: the service refuses this record; others may still be accepted.
	BadRecord
	// BadConfig: the call itself is wrong, whatever record it carries.
	BadConfig
	// Unknown: it may have been done, and only looking can tell.
	Unknown
)

func (c Class) String() string {
	switch c {
	case Retry:
		return "retry"
	case Throttled:
		return "throttled"
	case Auth:
		return "auth"
	case BadRecord:
		return "bad record"
	case BadConfig:
		return "bad configuration"
	case Unknown:
		return "outcome unknown"
	}
	return "no error"
}

// Error is a call that failed, in words for people.
type Error struct {
	API, Op   string // "Xero", "PUT /api.xro/2.0/Invoices": no query string, no secret
	Class     Class
	Status    int // of the HTTP answer, 0 when there was none
	Code      string
	Message   string
	Remedy    string
	Fields    []string // those that were complained about, where the service names them
	RequestID string   // what the service's support asks for

	Until      time.Time     // Throttled: the server's time before which nothing may be sent; zero if not said
	RetryAfter time.Duration // as the server said it; 0 if it did not
	Sent       bool          // at least one byte of the request may have left; false proves that nothing was done
	Err        error
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.API != "" {
		b.WriteString(e.API)
		b.WriteString(": ")
	}
	if e.Op != "" {
		b.WriteString(e.Op)
		b.WriteString(": ")
	}
	b.WriteString(e.text())
	if notes := e.notes(); notes != "" {
		b.WriteString(" (" + notes + ")")
	}
	if e.Remedy != "" {
		b.WriteString(". " + e.Remedy)
	}
	return b.String()
}

func (e *Error) text() string {
	switch {
	case e.Message != "":
		return strings.TrimRight(e.Message, ". ")
	case e.Err != nil:
		return e.Err.Error()
	}
	return e.Class.String()
}

func (e *Error) notes() string {
	var notes []string
	if e.Status != 0 {
		notes = append(notes, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.Code != "" {
		notes = append(notes, e.Code)
	}
	if e.Class == Unknown {
		notes = append(notes, Unknown.String())
	}
	if e.RetryAfter > 0 {
		notes = append(notes, "not before "+e.RetryAfter.String()+" have passed")
	}
	if e.RequestID != "" {
		notes = append(notes, "request "+e.RequestID)
	}
	return strings.Join(notes, ", ")
}

func (e *Error) Unwrap() error { return e.Err }

// ClassOf says what an error means: the class of the *Error inside it; Unknown
// for a cancelled or expired context, which tells nothing about what was done;
// Retry for anything else; 0 for nil.
func ClassOf(err error) Class {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Unknown
	}
	return Retry
}
