package xero

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sf2xero/sync/remote"
)

// callTimeout is longer than Xero's own gateway waits, so that a slow call ends
// with an answer rather than with nobody knowing.
const callTimeout = 100 * time.Second

// answer is an HTTP answer read whole.
type answer struct {
	status   int
	header   http.Header
	body     []byte
	token    string    // that the request was made with
	asked    time.Time // when the request left, by this machine's monotonic clock
	received time.Time
}

// request is made anew for each transmission.
type request struct {
	method, path string
	query        url.Values
	header       http.Header
	body         []byte
	last         func() error // asked immediately before the first byte; may be nil
}

func (r request) op() string { return r.method + " " + r.path }

// transmit makes one call whose turn has come and gives its place back to the pacer.
func (c *Client) transmit(ctx context.Context, r request, done func(int, http.Header)) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ctx, departure := remote.Watch(ctx)
	gate := &byteGate{last: r.last}
	req, err := c.build(ctx, r, gate)
	if err != nil {
		done(0, nil)
		return answer{}, c.notSent(r.op(), remote.BadConfig, "the call cannot be made: "+err.Error(), err)
	}
	a := answer{asked: time.Now()}
	var resp *http.Response
	if err = gate.ask(); err == nil {
		resp, err = c.transport.RoundTrip(req)
	}
	if err != nil {
		if refused := gate.refusal(); refused != nil {
			done(0, nil)
			return a, c.notSent(r.op(), remote.Retry, "nothing was sent: "+refused.Error(), refused)
		}
		if !departure.Left(err) {
			done(0, nil)
			e := c.notSent(r.op(), classBeforeSending(err), "nothing was sent: "+err.Error(), err)
			if e.Class == remote.Retry {
				e.Remedy = "Check xero.api_url, the network and its proxy."
			}
			return a, e
		}
		done(remote.Lost, nil)
		return a, c.broken(r.op(), "no answer came: "+err.Error(), err)
	}
	defer resp.Body.Close()
	a.status, a.header = resp.StatusCode, resp.Header
	a.body, err = io.ReadAll(resp.Body)
	a.received = time.Now()
	if err != nil {
		done(remote.Lost, resp.Header)
		e := c.broken(r.op(), "the answer broke off: "+err.Error(), err)
		e.Status = a.status
		return a, e
	}
	done(a.status, a.header)
	return a, nil
}

func (c *Client) build(ctx context.Context, r request, gate *byteGate) (*http.Request, error) {
	u := *c.api
	u.Path += r.path
	u.RawQuery = r.query.Encode()
	var body io.Reader
	if r.body != nil {
		// Behind the gate net/http does not see the bytes.Reader and so sets no GetBody.
		// With it, net/http itself sends a request that carries an Idempotency-Key a
		// second time when a kept-alive connection drops.
		gate.Reader = bytes.NewReader(r.body)
		body = gate
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if r.body != nil {
		req.ContentLength = int64(len(r.body))
		req.Header.Set("Content-Type", "application/json")
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", "application/json") // Xero answers XML otherwise
	req.Header.Set("User-Agent", "sf2xero")
	return req, nil
}

func (c *Client) tenantHeader() (http.Header, error) {
	tenant, _ := c.tenant.Load().(string)
	if tenant == "" {
		return nil, &remote.Error{API: "Xero", Class: remote.BadConfig, Message: "no organisation has been chosen", Remedy: "Set xero.tenant_id."}
	}
	h := http.Header{}
	h.Set("Xero-Tenant-Id", tenant)
	return h, nil
}

// classBeforeSending is the class of a failure that happened before the first byte:
// its own if it has one, else the same call may simply be made again.
func classBeforeSending(err error) remote.Class {
	if class := remote.ClassOf(err); class != remote.Unknown {
		return class
	}
	return remote.Retry
}

func (c *Client) notSent(op string, class remote.Class, message string, err error) *remote.Error {
	return &remote.Error{API: "Xero", Op: op, Class: class, Message: c.auth.redact(message), Err: err}
}

func (c *Client) broken(op, message string, err error) *remote.Error {
	return &remote.Error{API: "Xero", Op: op, Class: remote.Unknown, Message: c.auth.redact(message), Sent: true, Err: err}
}

// reading is one read.
type reading struct {
	path   string
	query  url.Values
	since  time.Time
	global bool // of no tenant
}

// get makes a read, again while that makes sense. A read does nothing at Xero, so
// no failure of it leaves anything unknown.
func (c *Client) get(ctx context.Context, what reading) (answer, error) {
	r := request{method: http.MethodGet, path: what.path, query: what.query, header: http.Header{}}
	if !what.global {
		h, err := c.tenantHeader()
		if err != nil {
			return answer{}, err
		}
		r.header = h
	}
	if !what.since.IsZero() {
		r.header.Set("If-Modified-Since", what.since.UTC().Format("2006-01-02T15:04:05Z"))
	}
	replaced := false
	for try := 1; ; try++ {
		a, failure := c.getOnce(ctx, r)
		if failure == nil {
			return a, nil
		}
		if a.status == http.StatusUnauthorized && !replaced && remote.Expired(a.header, a.body) {
			replaced = true
			if _, err := c.auth.Replace(ctx, a.token); err != nil {
				return a, c.at(r.op(), err)
			}
			continue
		}
		if ctx.Err() != nil {
			return a, failure
		}
		d := remote.Decide(try, failure, jitter(r.op(), r.query, try))
		if !d.Again {
			return a, failure
		}
		timer := time.NewTimer(d.After)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return a, failure
		}
	}
}

// start waits for a call's turn. The token comes first, and is there afterwards: Xero counts the calls of a minute as they
// arrive, so that a call must follow its start at once, and not when a slow sign-in has ended.
func (c *Client) start(ctx context.Context, r request, write bool) (done func(int, http.Header), token string, e *remote.Error) {
	if _, err := c.auth.Token(ctx); err != nil {
		return nil, "", c.at(r.op(), err)
	}
	done, err := c.pacer.Start(ctx, write)
	if err != nil {
		return nil, "", c.at(r.op(), err)
	}
	if token, err = c.auth.Token(ctx); err != nil { // kept since, unless the wait was longer than any
		done(0, nil)
		return nil, "", c.at(r.op(), err)
	}
	return done, token, nil
}

func (c *Client) getOnce(ctx context.Context, r request) (answer, *remote.Error) {
	done, token, refused := c.start(ctx, r, false)
	if refused != nil {
		return answer{}, refused
	}
	c.reads.Add(1)
	a, err := c.transmit(ctx, r, done)
	a.token = token
	var e *remote.Error
	switch {
	case err != nil:
		e = c.at(r.op(), err)
	case a.status == http.StatusNotModified:
		return a, nil
	case a.status != http.StatusOK:
		e = c.refused(r.op(), a)
	case json.Valid(a.body):
		return a, nil
	default:
		e = c.unreadable(r.op(), a, "the answer is not JSON", nil)
	}
	switch {
	case e.Class == remote.Unknown && e.Status >= 300 && e.Status < 400:
		e.Class = remote.BadConfig
		e.Remedy = "Check xero.api_url."
	case e.Class == remote.Unknown:
		e.Class = remote.Retry
	case e.Class == remote.BadRecord:
		e.Class = remote.BadConfig
	}
	return a, e
}

// at makes an error of ours out of any, naming the call it happened in.
func (c *Client) at(op string, err error) *remote.Error {
	var e *remote.Error
	if !errors.As(err, &e) {
		return &remote.Error{API: "Xero", Op: op, Class: remote.ClassOf(err), Message: c.auth.redact(err.Error()), Err: err}
	}
	named := *e
	named.API = "Xero"
	if named.Op == "" {
		named.Op = op
	}
	if named.Class == remote.Throttled && named.RetryAfter > 0 && named.Until.IsZero() {
		if now, known := c.time.Now(); known {
			named.Until = now.Add(named.RetryAfter)
		}
	}
	return &named
}

// jitter spreads retries. It is drawn from the call itself, so that a simulated
// run can be repeated exactly.
func jitter(op string, query url.Values, try int) float64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, strings.Join([]string{op, query.Encode(), strconv.Itoa(try)}, "\x00"))
	return float64(h.Sum64()>>11) / (1 << 53)
}

// undecodable is an answer that is JSON but not in the shape that Xero documents.
func (c *Client) undecodable(op string, a answer, err error) *remote.Error {
	e := c.unreadable(op, a, "the answer is not what Xero documents: "+err.Error(), err)
	e.Class = remote.BadConfig
	e.Remedy = "Check xero.api_url."
	return e
}

func (c *Client) unreadable(op string, a answer, message string, err error) *remote.Error {
	return &remote.Error{API: "Xero", Op: op, Class: remote.Unknown, Status: a.status, Sent: true,
		RequestID: a.header.Get(correlation), Message: c.auth.redact(message), Err: err}
}
