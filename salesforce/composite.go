package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sf2xero/sync/remote"
)

const (
	// A Composite call counts as one call, whatever it carries: 25 subrequests, of which 5 may be queries, links that
	// continue queries, or collections.
	subrequestsPerCall = 25
	heavyPerCall       = 5

	queryOptions = "Sforce-Query-Options"
	pageSize     = "batchSize=2000" // the most; rows of children count toward it
)

// A subrequest is one of the requests that travel in a Composite call.
type subrequest struct {
	op, method, url string
	paged           bool            // a query or its continuation
	soql            string          // so that an error's text can be cleared of what it quotes
	body            json.RawMessage // of a write
}

// An answer is what one subrequest came to: the body of a 2xx, or an error.
type answer struct {
	body []byte
	err  *remote.Error
}

type compositeCall struct {
	AllOrNone        bool            `json:"allOrNone"`
	CompositeRequest []compositePart `json:"compositeRequest"`
}

type compositePart struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	HTTPHeaders map[string]string `json:"httpHeaders,omitempty"` // the outer call's headers do not reach the subrequests
	Body        json.RawMessage   `json:"body,omitempty"`
}

// composite makes the subrequests in one call, and those that failed for a moment again, until each has an answer or is
// not worth another try. It fails only if the call as a whole does.
func (c *Client) composite(ctx context.Context, subs []subrequest) ([]answer, error) {
	answers := make([]answer, len(subs))
	pending := make([]int, len(subs))
	for i := range pending {
		pending[i] = i
	}
	for try := 1; ; try++ {
		now := make([]subrequest, len(pending))
		for i, p := range pending {
			now[i] = subs[p]
		}
		call, err := compose(now)
		if err != nil {
			return nil, err
		}
		var failed *remote.Error
		got, err := c.send(ctx, now, call)
		if err != nil && !errors.As(err, &failed) {
			return nil, err
		}
		if err == nil {
			var again []int
			for i, a := range got {
				answers[pending[i]] = a
				if a.err != nil && worthWaiting(a.err) {
					again, failed = append(again, pending[i]), a.err
				}
			}
			if pending = again; len(pending) == 0 {
				return answers, nil
			}
		}
		if stop := pause(ctx, try, failed, call); stop != nil {
			if err == nil && ctx.Err() == nil {
				return answers, nil // each with its own error
			}
			return nil, stop
		}
	}
}

func worthWaiting(e *remote.Error) bool {
	return (e.Class == remote.Retry || e.Class == remote.Throttled) && e.Code != lostLocator
}

func compose(subs []subrequest) ([]byte, error) {
	call := compositeCall{CompositeRequest: make([]compositePart, len(subs))}
	for i, s := range subs {
		part := compositePart{Method: s.method, URL: s.url, ReferenceID: reference(i), Body: s.body}
		if s.paged {
			part.HTTPHeaders = map[string]string{queryOptions: pageSize}
		}
		call.CompositeRequest[i] = part
	}
	body, err := json.Marshal(call)
	if err != nil {
		return nil, &remote.Error{API: apiName, Op: subs[0].op, Class: remote.BadRecord, Message: "what is to be written is not JSON", Err: err}
	}
	return body, nil
}

func reference(i int) string { return "r" + strconv.Itoa(i) }

// send makes the call once and gives the answers in the order of the subrequests.
func (c *Client) send(ctx context.Context, subs []subrequest, call []byte) ([]answer, error) {
	op := opOf(subs)
	write := slices.ContainsFunc(subs, func(s subrequest) bool { return s.method != http.MethodGet })
	body, err := c.once(ctx, op, http.MethodPost, c.path("composite"), call, write)
	if err != nil {
		return nil, err
	}
	if !json.Valid(body) {
		return nil, unreadable(op, errors.New("the answer is not JSON"))
	}
	answers := make([]answer, len(subs))
	answered := make([]bool, len(subs))
	for name, parts := range members(body) {
		if name != "compositeResponse" {
			continue
		}
		for part := range elements(parts) {
			ref, status, header, inner := readPart(part)
			i, err := strconv.Atoi(strings.TrimPrefix(ref, "r"))
			if err != nil || i < 0 || i >= len(subs) {
				return nil, unreadable(op, errors.New("an answer to something that was not asked"))
			}
			answered[i] = true
			if status >= 200 && status < 300 {
				answers[i].body = inner
			} else {
				answers[i].err = refusal(subs[i].op, status, header, inner, subs[i].soql)
			}
		}
	}
	if slices.Contains(answered, false) {
		return nil, unreadable(op, errors.New("not everything that was asked was answered"))
	}
	return answers, nil
}

func readPart(part []byte) (ref string, status int, header http.Header, body []byte) {
	header = http.Header{}
	for name, value := range members(part) {
		switch name {
		case "body":
			body = value
		case "httpStatusCode":
			status, _ = strconv.Atoi(string(value)) // 0 is no 2xx
		case "referenceId":
			ref = text(value)
		case "httpHeaders":
			for key, v := range members(value) {
				header.Set(key, text(v))
			}
		}
	}
	return ref, status, header, body
}

// opOf names what a call was for: "query Opportunity, query Account".
func opOf(subs []subrequest) string {
	var ops []string
	for _, s := range subs {
		if !slices.Contains(ops, s.op) {
			ops = append(ops, s.op)
		}
	}
	return strings.Join(ops, ", ")
}
