package faults

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// maxBody is more than either service takes: a larger request is cut off and the emulator sees a broken body.
const maxBody = 64 << 20

// Door is an http.Handler around an emulator. It counts what arrives, applies
// the faults it was given, and serves /_emulator/.
type Door struct {
	// Choose gives a call its fault where none that was added is due; nil: none. It must go by the call alone. Set it
	// before the first call.
	Choose func(Call) (Fault, bool)

	inner http.Handler
	late  sync.WaitGroup

	mu     sync.Mutex
	plan   plan
	tally  tally
	stale  stale
	seen   sightings
	closed bool
}

// NewDoor puts a door in front of an emulator.
func NewDoor(inner http.Handler) *Door {
	return &Door{inner: inner, tally: newTally(), stale: newStale()}
}

// Add appends faults; the first one that fits a call is applied to it. An
// unknown kind or an impossible number is an error, and then nothing is added.
func (d *Door) Add(faults ...Fault) error {
	for _, f := range faults {
		if err := f.check(); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range faults {
		if f.Times == 0 {
			f.Times = 1
		}
		d.plan = append(d.plan, &f)
	}
	return nil
}

// Clear removes all faults still to come; documents hidden by a stale one show again.
func (d *Door) Clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plan, d.stale = nil, newStale()
}

// Faults returns the faults still to come.
func (d *Door) Faults() []Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	faults := make([]Fault, len(d.plan))
	for i, f := range d.plan {
		faults[i] = *f
	}
	return faults
}

// Close waits until all late work is done. A late call that comes afterwards is done at once.
func (d *Door) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.late.Wait()
}

// afterwards does work whose client has been told that the connection broke.
func (d *Door) afterwards(delay time.Duration, work func()) {
	done := func() {
		defer func() {
			if p := recover(); p != nil && !aborted(p) {
				panic(p)
			}
		}()
		work()
	}
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		done()
		return
	}
	defer d.mu.Unlock() // Close must know of this piece of work before it waits
	d.late.Go(func() {
		wait(context.Background(), delay) // what was sent will be done, whoever gave up: only the clock ends this
		done()
	})
}

// ServeHTTP applies the fault that is due for this call, if one is.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.control(w, r) {
		return
	}
	answer := &recorder{header: http.Header{}}
	done := d.arrive(r)
	defer func() { done(answer.status) }()
	fault, hit := d.due(r)
	if !hit && d.Choose == nil && !d.watching() {
		pass := &passing{ResponseWriter: w}
		defer func() { answer.status = pass.status }()
		d.inner.ServeHTTP(pass, r)
		if pass.status == 0 {
			pass.status = http.StatusOK // what net/http sends for a handler that says nothing
		}
		return
	}

	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	if !hit && d.Choose != nil {
		if fault, hit = d.Choose(d.sight(r, body)); !hit {
			fault = Fault{}
		}
	}
	deliver := func(ctx context.Context) *recorder { return d.deliver(ctx, r, body, fault) }
	switch fault.Kind {
	case "drop_before":
		panic(http.ErrAbortHandler)
	case "late":
		d.afterwards(fault.delay(), func() { deliver(context.WithoutCancel(r.Context())) })
		panic(http.ErrAbortHandler)
	case "status":
		if fault.Done {
			deliver(r.Context())
		}
		answer = refusal(fault, r.URL.Path)
	case "twice":
		deliver(r.Context())
		answer = deliver(r.Context())
	case "drop_after":
		deliver(r.Context())
		panic(http.ErrAbortHandler)
	case "hang":
		answer = deliver(r.Context())
		if !wait(r.Context(), fault.delay()) {
			answer.status = 0
			panic(http.ErrAbortHandler) // the client gave up
		}
	case "truncate":
		answer = deliver(r.Context())
		answer.sendHalf(w)
		panic(http.ErrAbortHandler)
	case "malformed":
		answer = deliver(r.Context())
		answer.garble()
	default: // no fault, or a stale one: what it hides is noted in deliver
		answer = deliver(r.Context())
	}
	answer.send(w)
}

// due is the fault for this call.
func (d *Door) due(r *http.Request) (Fault, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.plan.next(r)
}

// sight counts how often this very call has come.
func (d *Door) sight(r *http.Request, body []byte) Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.seen == nil {
		d.seen = sightings{}
	}
	return d.seen.count(Call{Method: r.Method, Host: r.Host, Path: r.URL.Path, Query: r.URL.RawQuery, Body: body})
}

// deliver hands the call to the emulator, notes what it committed if a stale
// fault wants that, and takes out of lists what is not to be seen yet.
func (d *Door) deliver(ctx context.Context, r *http.Request, body []byte, fault Fault) *recorder {
	inner := r.Clone(ctx)
	inner.Body = io.NopCloser(bytes.NewReader(body))
	inner.Header.Del("Accept-Encoding") // the answer has to be read here
	rec := &recorder{header: http.Header{}}
	d.inner.ServeHTTP(rec, inner)
	if rec.status == 0 {
		rec.status = http.StatusOK
	}

	if rec.status < 300 {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.stale.apply(r, rec, fault, d.plan.remembers(), time.Now())
	}
	return rec
}

// watching reports whether answers have to be read although no fault is due.
func (d *Door) watching() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.plan.remembers() || d.stale.active(time.Now())
}

// wait lets a time pass; false if the context ended first.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// passing notes the status on its way to the client.
type passing struct {
	http.ResponseWriter
	status int
}

func (p *passing) WriteHeader(status int) {
	if p.status == 0 && status >= 200 {
		p.status = status
	}
	p.ResponseWriter.WriteHeader(status)
}

func (p *passing) Write(b []byte) (int, error) {
	if p.status == 0 {
		p.status = http.StatusOK
	}
	return p.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (p *passing) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// aborted reports whether a recovered panic is a handler's way to break the connection.
func aborted(r any) bool {
	err, ok := r.(error)
	return ok && errors.Is(err, http.ErrAbortHandler)
}
