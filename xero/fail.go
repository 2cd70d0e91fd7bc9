package xero

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sf2xero/sync/remote"
)

const (
	// correlation is the header that Xero's support asks for.
	correlation = "Xero-Correlation-Id"
	// offlineFor is how long Xero says to leave an offline organisation alone.
	offlineFor = 5 * time.Minute
	sampleText = 300
)

// refused makes an error of an answer that is not the wanted one. What is not
// known to be a plain refusal has an unknown outcome.
func (c *Client) refused(op string, a answer) *remote.Error {
	said := readFault(a)
	e := &remote.Error{API: "Xero", Op: op, Class: remote.Unknown, Status: a.status, Sent: true,
		Code: said.code, RequestID: a.header.Get(correlation), Message: c.auth.redact(said.text)}
	if e.RequestID == "" {
		e.RequestID = said.instance
	}
	switch a.status {
	case http.StatusBadRequest:
		e.Class = remote.BadRecord
		if r := Classify(said.text); r.Cause == causeIdempotency {
			// The key is known to Xero: an earlier copy of this call did arrive.
			e.Class, e.Code, e.Remedy = remote.Unknown, r.Cause, r.Remedy
		} else if said.code == "QueryParseException" || said.code == "PostDataInvalidException" {
			e.Class = remote.BadConfig
		}
	case http.StatusUnauthorized:
		e.Class = remote.Auth
		if e.Remedy = "Have the app authorised again by the organisation."; !remote.Expired(a.header, a.body) {
			e.Message = "the app lacks a permission for this call: " + e.Message
			e.Remedy = "Tick these scopes on the app and have the organisation authorise it again: " + strings.Join(c.auth.config.Scopes, " ") + "."
		}
	case http.StatusForbidden:
		e.Class = remote.Auth
		e.Remedy = "Check xero.tenant_id, and that the organisation is still connected to the app."
	case http.StatusNotFound:
		e.Class = remote.BadRecord
		if e.Message == "" {
			e.Message = "Xero does not know what is asked for: an id in it is of another organisation or no longer there"
		}
	case http.StatusRequestEntityTooLarge:
		e.Class = remote.BadRecord // Xero's limit, or that of a proxy on the way: fewer or shorter documents pass
	case http.StatusUnsupportedMediaType:
		e.Class = remote.BadConfig
	case http.StatusTooManyRequests:
		e.Class = remote.Throttled
		e.Message = "too many calls"
		if limit := a.header.Get("X-Rate-Limit-Problem"); limit != "" {
			e.Message += " (limit: " + strings.ToLower(limit) + ")"
		}
		if e.RetryAfter = remote.RetryAfter(a.header, a.received); e.RetryAfter == 0 {
			e.RetryAfter = max(0, time.Until(c.pacer.Quota().StandDown))
		}
		if now, known := c.time.Now(); known {
			e.Until = now.Add(e.RetryAfter)
		}
	case http.StatusServiceUnavailable:
		if strings.Contains(strings.ToLower(said.text), "organisation is offline") {
			e.RetryAfter = offlineFor
		}
	}
	if after := remote.RetryAfter(a.header, a.received); a.status >= 500 && after > e.RetryAfter {
		e.RetryAfter = after
	}
	if e.Message == "" {
		e.Message = strings.ToLower(http.StatusText(a.status))
	}
	return e
}

// fault is what an error's body says, whichever of Xero's shapes it has.
type fault struct {
	code, text, instance string
	elements             []json.RawMessage
}

func readFault(a answer) fault {
	keys, err := fold(a.body)
	if err != nil {
		return fault{text: plain(a.header.Get("Content-Type"), a.body)}
	}
	f := fault{code: text(keys["type"]), instance: text(keys["instance"])}
	for _, key := range []string{"message", "detail", "title"} {
		if f.text = text(keys[key]); f.text != "" {
			break
		}
	}
	if json.Unmarshal(keys["elements"], &f.elements) != nil {
		f.elements = nil
	}
	return f
}

// plain is the beginning of a body that is not JSON: Xero answers 404 as HTML and
// 503 as plain text.
func plain(contentType string, body []byte) string {
	s := string(body[:min(len(body), 64<<10)])
	if strings.Contains(strings.ToLower(contentType), "html") || strings.HasPrefix(strings.TrimSpace(s), "<") {
		s = regexp.MustCompile(`(?s)<(style|script).*?</(style|script)>|<[^>]*>`).ReplaceAllString(s, " ")
	}
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "�")), " ")
	if runes := []rune(s); len(runes) > sampleText {
		return string(runes[:sampleText]) + "…"
	}
	return s
}

// fold decodes an object with its keys in lower case, since their casing varies
// from one of Xero's errors to the next.
func fold(raw json.RawMessage) (map[string]json.RawMessage, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, err
	}
	if object == nil {
		return nil, errors.New("not an object")
	}
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names) // should two names differ in case only, always the same one wins
	folded := make(map[string]json.RawMessage, len(object))
	for _, name := range names {
		folded[strings.ToLower(name)] = object[name]
	}
	return folded, nil
}

// text is a JSON string's value; of a number its digits, of anything else nothing.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	if n := strings.TrimSpace(string(raw)); n != "" {
		if _, err := strconv.ParseInt(n, 10, 64); err == nil {
			return n
		}
	}
	return ""
}
