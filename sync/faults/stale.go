package faults

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"time"
)

// stale knows which documents lists do not show yet. The door cannot know what
// an emulator has committed, so it reads the ids in the answers to writes and
// takes the elements with these ids out of later lists. Nothing else in an
// answer changes: neither stamps nor counts.
type stale struct {
	until     map[string]time.Time // by id in lower case: hidden by a fault on the write
	committed map[string]time.Time // when; for faults on a GET, which ask how old a document is
}

func newStale() stale {
	return stale{until: map[string]time.Time{}, committed: map[string]time.Time{}}
}

// remembers reports whether a fault to come will ask when documents were committed.
func (p plan) remembers() bool {
	for _, f := range p {
		if f.Kind == "stale" && strings.EqualFold(f.Method, http.MethodGet) {
			return true
		}
	}
	return false
}

// active reports whether something is hidden.
func (s *stale) active(now time.Time) bool {
	for id, t := range s.until {
		if !t.After(now) {
			delete(s.until, id)
		}
	}
	return len(s.until) > 0
}

// apply notes what a call committed and takes out of its answer what is not to be seen yet.
func (s *stale) apply(r *http.Request, answer *recorder, fault Fault, remember bool, now time.Time) {
	body := answer.body.Bytes()
	if !reading(r) && (remember || fault.Kind == "stale") {
		for _, id := range committedIDs(r, body) {
			s.committed[id] = now
			if fault.Kind == "stale" {
				s.until[id] = now.Add(fault.delay())
			}
		}
	}
	recent := fault.Kind == "stale" && reading(r)
	if !recent && !s.active(now) {
		return
	}
	// Asked for by its own address a document is there: only lists lag.
	own := strings.ToLower(path.Base(r.URL.Path))
	hidden := func(id string) bool {
		id = strings.ToLower(id)
		if id == own {
			return false
		}
		if t, ok := s.until[id]; ok && t.After(now) {
			return true
		}
		t, ok := s.committed[id]
		return recent && ok && now.Sub(t) < fault.delay()
	}
	if shown, cut := without(body, hidden, reading(r)); cut {
		answer.replace(shown)
	}
}

// committedIDs finds the ids in the answer to a write, in lower case. Salesforce
// says {"id":…,"success":true}, alone, in a list, or inside a composite answer;
// Xero sends the documents back in an envelope named after them. A successful
// answer without any is about the document in the path.
func committedIDs(r *http.Request, body []byte) []string {
	var ids []string
	var results func(raw json.RawMessage)
	results = func(raw json.RawMessage) {
		if list, ok := elements(raw); ok {
			for _, e := range list {
				results(e)
			}
			return
		}
		o := object(raw)
		if string(o["success"]) == "true" {
			if id := quoted(o["id"]); id != "" {
				ids = append(ids, strings.ToLower(id))
			}
			return
		}
		for _, name := range []string{"compositeResponse", "body", "results", "result"} {
			if v, ok := o[name]; ok {
				results(v)
			}
		}
	}
	results(body)
	for name, v := range object(body) {
		list, _ := elements(v)
		for _, e := range list {
			if id := ownID(name, object(e)); id != "" && strings.Trim(id, "0-") != "" {
				ids = append(ids, strings.ToLower(id))
			}
		}
	}
	if len(ids) == 0 && len(bytes.TrimSpace(body)) == 0 {
		ids = append(ids, strings.ToLower(path.Base(r.URL.Path)))
	}
	return ids
}

// ownID is the id of an element of the array called name: InvoiceID in
// Invoices, Id in Salesforce's records. Ids of what it refers to are not its own.
func ownID(name string, o map[string]json.RawMessage) string {
	single := strings.TrimSuffix(name, "s")
	if stem, ok := strings.CutSuffix(name, "ies"); ok {
		single = stem + "y"
	}
	if v, ok := o[single+"ID"]; ok {
		return quoted(v)
	}
	if v, ok := o["Id"]; ok {
		return quoted(v)
	}
	return ""
}

func object(raw json.RawMessage) map[string]json.RawMessage {
	var o map[string]json.RawMessage
	if json.Unmarshal(raw, &o) != nil {
		return nil
	}
	return o
}

func elements(raw json.RawMessage) ([]json.RawMessage, bool) {
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		return nil, false
	}
	var list []json.RawMessage
	err := json.Unmarshal(raw, &list)
	return list, err == nil
}

// quoted is a JSON string's content, "" for anything else.
func quoted(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// without takes the hidden elements out of every array of a JSON document and
// leaves names, their order and numbers as they are. In the answer to anything but a read only
// Salesforce's records are taken out (a composite call carries queries), not
// the documents that the call itself has just made.
func without(doc []byte, hidden func(id string) bool, read bool) (out []byte, cut bool) {
	if !json.Valid(doc) {
		return doc, false
	}
	f := filter{hidden: hidden, read: read}
	out = f.value("", doc)
	return out, f.cut
}

type filter struct {
	hidden func(id string) bool
	read   bool
	cut    bool
}

// value copies the JSON value raw, which stands under name.
func (f *filter) value(name string, raw []byte) []byte {
	raw = bytes.TrimSpace(raw)
	switch raw[0] {
	case '{':
		return f.object(raw)
	case '[':
		return f.array(name, raw)
	}
	return raw
}

func (f *filter) object(raw []byte) []byte {
	out := []byte{'{'}
	dec := json.NewDecoder(bytes.NewReader(raw))
	_, _ = dec.Token() // the document is valid: without checks none of these can fail
	for dec.More() {
		key, _ := dec.Token()
		var v json.RawMessage
		_ = dec.Decode(&v)
		name, _ := key.(string)
		written, _ := json.Marshal(name)
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(out, written...), ':')
		out = append(out, f.value(name, v)...)
	}
	return append(out, '}')
}

func (f *filter) array(name string, raw []byte) []byte {
	list, _ := elements(raw)
	out := []byte{'['}
	for _, e := range list {
		if o := object(e); o != nil {
			_, record := o["attributes"]
			if id := ownID(name, o); id != "" && (f.read || record) && f.hidden(id) {
				f.cut = true
				continue
			}
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, f.value(name, e)...)
	}
	return append(out, ']')
}
