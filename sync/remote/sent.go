package remote

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// Departure watches whether anything of a request has left.
type Departure struct{ asked, connected atomic.Bool }

// Watch returns a context for one request and what its sending can be learnt from.
func Watch(ctx context.Context) (context.Context, *Departure) {
	d := new(Departure)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { d.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { d.connected.Store(true) },
	}), d
}

// Left says whether at least one byte may have left, given how the request failed.
// It says no only on proof: the error is that of a connection that was never made,
// or net/http asked for a connection and never got one. A transport that does not
// tell (one in memory) counts as having sent.
func (d *Departure) Left(err error) bool {
	if d.connected.Load() {
		return true
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Sent // refused before the transport, by our own side
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return false
	}
	return !d.asked.Load()
}
