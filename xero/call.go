package xero

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"sf2xero/sync/remote"
)

const (
	// MaxBody is the longest body that is sent. Xero names 10 MB and 3.5 MB on one page.
	MaxBody = 3_500_000
	maxKey  = 128 // Xero's limit for an Idempotency-Key
)

// Call is a write as plain data: it is stored, and then sent byte for byte.
type Call struct {
	Method, Path string
	Query        url.Values
	Body         json.RawMessage
	Key          string
}

// Create is the call that makes new documents: PUT, which never edits. (POST
// without an id edits whatever has the same name or number, and answers 200.)
func Create(k Kind, docs []json.RawMessage, key string) Call {
	return Call{Method: http.MethodPut, Path: k.Path(), Query: k.writeQuery(), Body: envelope(k, docs), Key: key}
}

// Edit is the call that changes documents: POST. It refuses a document without its
// Xero id, because Xero would then choose one by name or number.
func Edit(k Kind, docs []json.RawMessage, key string) (Call, error) {
	id := k.IDField()
	for i, doc := range docs {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(doc, &fields); err != nil {
			return Call{}, fmt.Errorf("document %d of an update of %s is no JSON object: %w", i+1, k, err)
		}
		if realID(text(fields[id])) == "" {
			return Call{}, fmt.Errorf("document %d of an update of %s has no %s; Xero would edit whatever has the same name or number", i+1, k, id)
		}
	}
	return Call{Method: http.MethodPost, Path: k.Path(), Query: k.writeQuery(), Body: envelope(k, docs), Key: key}, nil
}

func (k Kind) writeQuery() url.Values {
	q := url.Values{}
	s, _ := k.shape()
	if s.summarize {
		// Otherwise one bad document makes the answer a 400 that lists only the bad ones,
		// while the good ones have been stored and their ids are lost.
		q.Set("summarizeErrors", "false")
	}
	if s.unitdp {
		q.Set("unitdp", "4")
	}
	return q
}

// envelope puts the documents under their plural name, in a form that encoding/json
// leaves as it is: stored and read again, the bytes are the same.
func envelope(k Kind, docs []json.RawMessage) json.RawMessage {
	var raw bytes.Buffer
	raw.WriteString(`{"` + string(k) + `":[`)
	for i, doc := range docs {
		if i > 0 {
			raw.WriteByte(',')
		}
		raw.Write(doc)
	}
	raw.WriteString(`]}`)
	var compact, escaped bytes.Buffer
	if json.Compact(&compact, raw.Bytes()) != nil {
		return raw.Bytes() // Do refuses it
	}
	json.HTMLEscape(&escaped, compact.Bytes())
	return escaped.Bytes()
}

// Do makes a write, once. before runs when the call's turn has come, before each
// transmission; its error stops the call. An answer 2xx that was read whole gives
// its elements, in its order. Everything else is a *remote.Error, of class Unknown
// when nobody can tell whether it was done; beside a 400 that lists elements, those
// are returned too. The only transmission beyond the first is after a 401 that says
// that the token has expired.
func (c *Client) Do(ctx context.Context, call Call, before func() error) ([]Element, error) {
	return c.DoUnless(ctx, call, before, nil)
}

// DoUnless is Do, with a question that is asked after before, immediately ahead of the
// first byte: an error there means that nothing was sent. What before has stored is
// then to be taken back.
func (c *Client) DoUnless(ctx context.Context, call Call, before, last func() error) ([]Element, error) {
	op := call.Method + " " + call.Path
	r, kind, err := c.prepare(call)
	if err != nil {
		return nil, c.at(op, err)
	}
	r.last = last
	a, failure := c.doOnce(ctx, r, before)
	if failure == nil && a.status == http.StatusUnauthorized && remote.Expired(a.header, a.body) {
		if _, err := c.auth.Replace(ctx, a.token); err != nil {
			// The call itself was refused with a definite answer: that much is known.
			e := c.at(op, err)
			e.Sent = true
			return nil, e
		}
		a, failure = c.doOnce(ctx, r, before)
	}
	if failure != nil {
		return nil, failure
	}
	return c.outcome(op, kind, a)
}

func (c *Client) prepare(call Call) (request, Kind, error) {
	bad := func(format string, args ...any) (request, Kind, error) {
		return request{}, "", &remote.Error{Class: remote.BadConfig, Message: fmt.Sprintf(format, args...) + "; nothing was sent"}
	}
	kind, err := kindOf(call.Path)
	switch {
	case err != nil:
		return bad("%s", err)
	case call.Method != http.MethodPut && call.Method != http.MethodPost:
		return bad("%s is no method that writes", call.Method)
	case len(call.Body) > MaxBody:
		return request{}, "", &remote.Error{Class: remote.BadRecord, Status: http.StatusRequestEntityTooLarge,
			Message: fmt.Sprintf("it has %d bytes and Xero takes %d; nothing was sent", len(call.Body), MaxBody)}
	case !json.Valid(call.Body):
		return bad("the call's body is not JSON")
	case call.Key == "" || len(call.Key) > maxKey || strings.ContainsFunc(call.Key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return bad("the call's idempotency key must be 1 to %d printable characters", maxKey)
	}
	h, err := c.tenantHeader()
	if err != nil {
		return request{}, "", err
	}
	h.Set("Idempotency-Key", call.Key)
	return request{method: call.Method, path: call.Path, query: call.Query, header: h, body: call.Body}, kind, nil
}

// doOnce transmits a write and says whether anything is known of it.
func (c *Client) doOnce(ctx context.Context, r request, before func() error) (answer, error) {
	done, token, refused := c.start(ctx, r, true)
	if refused != nil {
		return answer{}, refused
	}
	if before != nil {
		if err := before(); err != nil {
			done(0, nil)
			return answer{}, c.notSent(r.op(), remote.Retry, "nothing was sent: "+err.Error(), err)
		}
	}
	if ctx.Err() != nil {
		done(0, nil)
		return answer{}, c.notSent(r.op(), remote.Retry, "stopped before anything was sent", context.Cause(ctx))
	}
	c.writes.Add(1)
	a, err := c.transmit(ctx, r, done)
	a.token = token
	return a, err
}

// outcome reads the answer to a write.
func (c *Client) outcome(op string, kind Kind, a answer) ([]Element, error) {
	switch {
	case a.status >= 200 && a.status < 300:
		elements, err := decodeElements(kind, a.body)
		if err != nil {
			return nil, c.unreadable(op, a, "Xero answered "+http.StatusText(a.status)+", but the answer cannot be read: "+err.Error(), err)
		}
		return elements, nil
	case a.status == http.StatusBadRequest:
		e := c.refused(op, a)
		elements := elementsOf(kind, readFault(a).elements)
		if texts := refusalTexts(elements); texts != "" {
			e.Message = c.auth.redact(texts)
		}
		return elements, e
	}
	return nil, c.refused(op, a)
}
