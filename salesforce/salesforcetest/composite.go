package salesforcetest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const (
	maxSubrequests = 25
	maxHeavy       = 5 // of which queries, locators and collections
)

type subrequest struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	Body        json.RawMessage   `json:"body"`
	Headers     map[string]string `json:"httpHeaders"`
}

type subanswer struct {
	Body        json.RawMessage   `json:"body"`
	Headers     map[string]string `json:"httpHeaders"`
	Status      int               `json:"httpStatusCode"`
	ReferenceID *string           `json:"referenceId"`
}

func (o *Org) compositeAt(c *call) answer {
	if len(c.path) > 1 {
		if strings.EqualFold(c.path[1], "sobjects") {
			return o.collections(c, false)
		}
		return notFound().answer()
	}
	if c.method != http.MethodPost {
		return notAllowed(c.method, "HEAD,GET,POST").answer()
	}
	if c.inside {
		return notFound().answer()
	}
	var req struct {
		AllOrNone bool         `json:"allOrNone"`
		Requests  []subrequest `json:"compositeRequest"`
	}
	if err := decodeBody(c, &req); err != nil {
		return err.answer()
	}
	if len(req.Requests) == 0 {
		return badRequest("MISSING_ARGUMENT", "compositeRequest is missing or empty").answer()
	}
	if err := limitsOf(req.Requests); err != nil {
		// Too many operations come back as a composite answer with a single refusal in it.
		return compositeAnswer([]subanswer{{marshal(err.rest()), map[string]string{}, http.StatusBadRequest, nil}})
	}
	return compositeAnswer(o.runComposite(c, req.Requests, req.AllOrNone))
}

func marshal(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}

func compositeAnswer(subs []subanswer) answer {
	return jsonAnswer(http.StatusOK, struct {
		Answers []subanswer `json:"compositeResponse"`
	}{subs})
}

var (
	referenceName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	referenceStep = regexp.MustCompile(`[A-Za-z0-9_]+`)
	reference     = regexp.MustCompile(`@\{([A-Za-z][A-Za-z0-9_]*)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}`)
)

func limitsOf(reqs []subrequest) *refusal {
	if len(reqs) > maxSubrequests {
		return badRequest("LIMIT_EXCEEDED", "The request can’t contain more than 25 operations.")
	}
	heavy, names := 0, map[string]bool{}
	for _, r := range reqs {
		if !referenceName.MatchString(r.ReferenceID) {
			return badRequest("INVALID_INPUT", "Provided referenceId '"+r.ReferenceID+"' must start with a letter and hold only letters, digits and underscores")
		}
		if names[r.ReferenceID] {
			return badRequest("INVALID_INPUT", "Duplicate ReferenceId provided in the request: "+r.ReferenceID)
		}
		names[r.ReferenceID] = true
		if _, path, ok := splitURL(r.URL); ok && len(path) > 0 {
			switch strings.ToLower(path[0]) {
			case "query", "queryall":
				heavy++
			case "composite":
				if len(path) > 1 && strings.EqualFold(path[1], "sobjects") {
					heavy++
				}
			}
		}
	}
	if heavy > maxHeavy {
		return badRequest("LIMIT_EXCEEDED", "The request can’t contain more than 5 query or sObject Collections operations.")
	}
	return nil
}

// splitURL takes /services/data/vNN.0/query?q=… apart; path segments come back decoded.
func splitURL(raw string) (version string, path []string, ok bool) {
	p, _, _ := strings.Cut(raw, "?")
	parts := strings.Split(strings.Trim(p, "/"), "/")
	if len(parts) < 3 || parts[0] != "services" || parts[1] != "data" {
		return "", nil, false
	}
	m := versionSegment.FindStringSubmatch(parts[2])
	if m == nil {
		return "", nil, false
	}
	for _, s := range parts[3:] {
		u, err := url.PathUnescape(s)
		if err != nil {
			return "", nil, false
		}
		path = append(path, u)
	}
	return m[1] + ".0", path, true
}

func (o *Org) runComposite(c *call, reqs []subrequest, allOrNone bool) []subanswer {
	subs := make([]subanswer, len(reqs))
	done := map[string]any{} // answers by referenceId, for @{…}
	failed := map[string]bool{}
	end := func(bool) {}
	if allOrNone {
		end = o.begin()
	}
	bad := -1
	for i, r := range reqs {
		name := r.ReferenceID
		if allOrNone && bad >= 0 {
			break
		}
		a := o.subrequest(c, r, done, failed, allOrNone)
		subs[i] = subanswer{a.body, map[string]string{}, a.status, &name}
		if a.body == nil {
			subs[i].Body = json.RawMessage("null")
		}
		for k, v := range a.header {
			if k == "Location" {
				subs[i].Headers[k] = v[0]
			}
		}
		if a.status >= 300 || allOrNone && rowFailed(a.body) {
			bad, failed[name] = i, true
		} else {
			var v any
			dec := json.NewDecoder(strings.NewReader(string(a.body)))
			dec.UseNumber()
			if dec.Decode(&v) == nil {
				done[name] = v
			}
		}
	}
	end(!allOrNone || bad < 0)
	if allOrNone && bad >= 0 {
		halted := marshal(badRequest("PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed.").rest())
		for i := range subs {
			if i != bad {
				name := reqs[i].ReferenceID
				subs[i] = subanswer{halted, map[string]string{}, http.StatusBadRequest, &name}
			}
		}
	}
	return subs
}

// rowFailed tells whether a collection's answer holds a failed row.
func rowFailed(body []byte) bool {
	var rows []struct {
		Success *bool `json:"success"`
	}
	if json.Unmarshal(body, &rows) != nil {
		return false
	}
	for _, r := range rows {
		if r.Success != nil && !*r.Success {
			return true
		}
	}
	return false
}

func (o *Org) subrequest(c *call, r subrequest, done map[string]any, failed map[string]bool, allOrNone bool) answer {
	link, err := substitute(r.URL, done, failed)
	if err != nil {
		return err.answer()
	}
	body, err := substitute(string(r.Body), done, failed)
	if err != nil {
		return err.answer()
	}
	if at := strings.IndexAny(link, " \t\n\"<>\\^`"); at >= 0 {
		return badRequest("INVALID_INPUT", "Illegal character in query at index "+strconv.Itoa(at)+": "+link).answer()
	}
	version, path, ok := splitURL(link)
	if !ok || len(path) == 0 || strings.EqualFold(path[0], "limits") || strings.EqualFold(path[0], "composite") && (len(path) < 2 || !strings.EqualFold(path[1], "sobjects")) {
		return notFound().answer()
	}
	_, rawQuery, _ := strings.Cut(link, "?")
	query, perr := url.ParseQuery(rawQuery)
	if perr != nil {
		return badRequest("INVALID_INPUT", "Illegal character in query: "+rawQuery).answer()
	}
	h := http.Header{}
	for k, v := range r.Headers {
		h.Set(k, v)
	}
	if body == "null" {
		body = ""
	}
	sub := &call{method: strings.ToUpper(r.Method), version: version, path: path, query: query, header: h, body: []byte(body), host: c.host, inside: true}
	if strings.EqualFold(path[0], "composite") {
		return o.collections(sub, allOrNone)
	}
	return o.route(sub)
}

// substitute puts values of earlier answers where @{name.path} stands.
func substitute(s string, done map[string]any, failed map[string]bool) (string, *refusal) {
	var err *refusal
	out := reference.ReplaceAllStringFunc(s, func(m string) string {
		parts := reference.FindStringSubmatch(m)
		if failed[parts[1]] {
			err = badRequest("PROCESSING_HALTED", "Invalid reference specified. No value for "+m[2:len(m)-1]+" found in "+parts[1]+". Make sure field names are correct.")
			return m
		}
		v := done[parts[1]]
		for _, step := range referenceStep.FindAllString(parts[2], -1) {
			v = stepInto(v, step)
		}
		switch t := v.(type) {
		case string:
			q := marshal(t)
			return string(q[1 : len(q)-1])
		case json.Number:
			return t.String()
		case bool:
			return strconv.FormatBool(t)
		}
		err = badRequest("INVALID_INPUT", "Invalid reference specified. No value for "+m[2:len(m)-1]+" found in "+parts[1]+". Make sure field names are correct.")
		return m
	})
	return out, err
}

// stepInto follows one step of a reference; nil where there is nothing.
func stepInto(v any, step string) any {
	switch t := v.(type) {
	case map[string]any:
		return t[step]
	case []any:
		if n, err := strconv.Atoi(step); err == nil && n < len(t) {
			return t[n]
		}
	}
	return nil
}
