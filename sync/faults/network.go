package faults

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Call is what latency and fate of a call may depend on. They must be functions
// of nothing else, least of all of the order in which calls arrive: goroutines
// that wake at the same instant run in any order, and one seed would be many worlds.
type Call struct {
	Method, Host, Path, Query string
	Body                      []byte
	Seen                      int // how often this very call was made before
}

// Fate is what becomes of a call.
type Fate uint8

const (
	Deliver     Fate = iota // it arrives, its answer too
	Refuse                  // no connection: nothing was sent
	LoseRequest             // it is sent and never arrives
	LoseAnswer              // it is done, the answer is lost
	Twice                   // it arrives twice; the second answer is the one seen
	Late                    // the connection breaks, it arrives afterwards
)

func (f Fate) String() string {
	names := []string{"deliver", "refuse", "lose request", "lose answer", "twice", "late"}
	if int(f) < len(names) {
		return names[f]
	}
	return "fate " + strconv.Itoa(int(f))
}

// Network is an http.RoundTripper over handlers in memory. It behaves as TCP
// and net/http do, without a socket, so it works inside testing/synctest. A
// client that gives up does not unsend: its call arrives all the same.
type Network struct {
	Hosts    map[string]http.Handler                // by host, with the port if the URL has one
	Latency  func(Call) (there, back time.Duration) // nil: none
	Fate     func(Call) Fate                        // nil: Deliver
	Lateness func(Call) time.Duration               // how much later a Late call arrives; nil: 30 s

	work   sync.WaitGroup
	mu     sync.Mutex
	seen   sightings
	closed bool
}

// Close refuses further calls and waits until everything on its way has arrived and is done.
func (n *Network) Close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.work.Wait()
}

// answer is what comes back over a connection.
type answer struct {
	response *http.Response
	err      error
}

// RoundTrip makes one call.
func (n *Network) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace == nil {
		trace = &httptrace.ClientTrace{}
	}
	if trace.GetConn != nil {
		trace.GetConn(r.URL.Host)
	}
	call, handler, err := n.dial(r, body)
	if err != nil {
		return nil, err
	}
	fate := Deliver
	if n.Fate != nil {
		fate = n.Fate(call)
	}
	if fate == Refuse {
		n.work.Done()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	// From here on the caller must assume that its bytes left: who counts on
	// "nothing was sent" asks these hooks.
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}

	// The handler's context ends when the client gives up, as over TCP; values do not cross the wire.
	serving, hangUp := context.WithCancel(context.Background())
	back := make(chan answer, 1)
	go func() {
		defer n.work.Done()
		n.travel(serving, call, fate, handler, arriving(r, body), back)
	}()
	select {
	case a := <-back:
		if a.err != nil {
			hangUp()
			return nil, a.err
		}
		if trace.GotFirstResponseByte != nil {
			trace.GotFirstResponseByte()
		}
		hangUp()
		a.response.Request = r
		return a.response, nil
	case <-ctx.Done():
		hangUp()
		return nil, context.Cause(ctx)
	}
}

// dial finds the host and counts the call; the network owns one piece of work afterwards.
func (n *Network) dial(r *http.Request, body []byte) (Call, http.Handler, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	handler := n.Hosts[r.URL.Host]
	switch {
	case n.closed:
		return Call{}, nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("the network is closed")}
	case handler == nil:
		return Call{}, nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}}
	}
	n.work.Add(1)
	call := Call{Method: r.Method, Host: r.URL.Host, Path: r.URL.Path, Query: r.URL.RawQuery, Body: body}
	if n.seen == nil {
		n.seen = sightings{}
	}
	return n.seen.count(call), handler, nil
}

// sightings tells how often each call was made, by its content.
type sightings map[[sha256.Size]byte]int

func (s sightings) count(call Call) Call {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%q %q %q %q ", call.Method, call.Host, call.Path, call.Query) // a hash takes everything
	_, _ = h.Write(call.Body)
	id := [sha256.Size]byte(h.Sum(nil))
	call.Seen = s[id]
	s[id]++
	return call
}

// travel takes a call to its host and the answer back.
func (n *Network) travel(ctx context.Context, call Call, fate Fate, h http.Handler, r *http.Request, back chan<- answer) {
	var there, home time.Duration
	if n.Latency != nil {
		there, home = n.Latency(call)
	}
	// Only time ends these waits: bytes on their way are not the client's any more.
	wait(context.Background(), there)
	switch fate {
	case LoseRequest:
		wait(context.Background(), home)
		back <- answer{err: io.EOF}
		return
	case Late:
		back <- answer{err: io.EOF}
		lateness := 30 * time.Second
		if n.Lateness != nil {
			lateness = n.Lateness(call)
		}
		wait(context.Background(), lateness)
		serve(context.Background(), h, r)
		return
	case Twice:
		serve(ctx, h, r)
	}
	a := serve(ctx, h, r)
	wait(context.Background(), home)
	if fate == LoseAnswer {
		a = answer{err: io.EOF}
	}
	back <- a
}

// serve runs the handler as net/http would. Any panic but http.ErrAbortHandler
// is a bug of the handler and ends the program, with its stack.
func serve(ctx context.Context, h http.Handler, r *http.Request) (a answer) {
	body, err := r.GetBody()
	if err != nil {
		return answer{err: err}
	}
	r = r.Clone(ctx)
	r.Body = body
	rec := &recorder{header: http.Header{}}
	whole := false
	defer func() {
		if whole {
			return
		}
		if p := recover(); p != nil && !aborted(p) {
			panic(p)
		}
		// Broken off. What was flushed before has arrived, the rest has not.
		a = answer{err: io.EOF}
		if rec.flushed {
			a = answer{response: rec.response(r.Method, io.ErrUnexpectedEOF)}
		}
	}()
	h.ServeHTTP(rec, r)
	whole = true
	rec.WriteHeader(http.StatusOK)
	return answer{response: rec.response(r.Method, nil)}
}
