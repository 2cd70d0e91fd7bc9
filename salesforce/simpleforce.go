package salesforce

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/simpleforce/simpleforce"

	"sf2xero/sync/remote"
)

// Everything that is used of simpleforce is in this file: ApexREST, which carries any method, path and body to the
// instance. Its other functions turn numbers into floating point, drop the reasons of failures, log what they were asked,
// and panic on an error body of [] or null.

// rest makes one HTTP call. Each call has a simpleforce client of its own: three strings, and no data shared by two.
func (c *Client) rest(ctx context.Context, s *session, op, method, path string, body []byte, write bool) ([]byte, error) {
	client := simpleforce.NewClient(s.instance.String(), simpleforce.DefaultClientID, c.version)
	client.SetSidLoc("set by the transport", s.instance.String())
	client.SetHttpClient(&http.Client{Transport: &door{ctx: ctx, op: op, next: &remote.Transport{
		Base: &wire{client: c, write: write}, Host: s.instance.Host, Tokens: s, Time: &c.clock, NoReplay: true,
	}}})
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	answer, err := client.ApexREST(method, strings.TrimPrefix(path, "/"), content)
	if err != nil {
		if ctx.Err() != nil {
			return nil, interrupted(ctx, op)
		}
		e := explain(op, s.instance.Host, err)
		if e.Code == limitExceeded && e.RetryAfter > 0 {
			c.pacer.StandDown(e.RetryAfter, "the organisation's Salesforce calls of 24 hours are used up")
		}
		return nil, e
	}
	return answer, nil
}

// The door stands between simpleforce and the wire: it gives the request what simpleforce does not (the caller's context,
// the page size), and lets no answer in that is not 2xx. Returning an error for an answer that did arrive is not what
// http.RoundTripper promises, but keeps every such body from simpleforce's parser and its log.
type door struct {
	ctx  context.Context
	op   string
	next http.RoundTripper
}

// maxErrorBody is how much of an answer that is not 2xx is read.
const maxErrorBody = 1 << 20

func (d *door) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(d.ctx)
	req.Header.Set("Accept", "application/json")
	req.Header.Set(queryOptions, pageSize)
	resp, err := d.next.RoundTrip(req)
	if err != nil || resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, err
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // the half of a reason is still one
	e := refusal(d.op, resp.StatusCode, resp.Header, body, "")
	if e.Class == remote.BadRecord {
		e.Class = remote.BadConfig // the call as a whole was refused: no single record is at fault
	}
	return nil, e
}

// explain makes a *remote.Error of whatever stopped a call on its way through the layers.
func explain(op, host string, err error) *remote.Error {
	var e *remote.Error
	if errors.As(err, &e) {
		named := *e
		named.API = apiName
		if named.Op == "" {
			named.Op = op
		}
		return &named
	}
	return &remote.Error{
		API: apiName, Op: op, Class: remote.Retry, Sent: true, Err: err,
		Message: "the connection to " + host + " broke in the middle of the answer", Remedy: remedyWait,
	}
}
