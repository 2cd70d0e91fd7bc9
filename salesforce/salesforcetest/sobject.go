package salesforcetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// decodeBody reads a JSON body with numbers as written.
func decodeBody(c *call, into any) *refusal {
	if ct := header(c.header, "Content-Type"); ct != "" && !c.inside {
		if kind, _, err := mime.ParseMediaType(ct); err != nil || kind != "application/json" {
			return refuse(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Content-Type header specified in HTTP request is not supported: "+ct)
		}
	}
	dec := json.NewDecoder(bytes.NewReader(c.body))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		if errors.Is(err, io.EOF) {
			return badRequest("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.")
		}
		return badRequest("JSON_PARSER_ERROR", "Unexpected content at [line:1, column:"+fmt.Sprint(dec.InputOffset()+1)+"]: "+err.Error())
	}
	if _, err := dec.Token(); err != io.EOF {
		return badRequest("JSON_PARSER_ERROR", "Unexpected content behind the JSON value")
	}
	return nil
}

// saved is the answer to a write of one record.
type saved struct {
	ID      string      `json:"id"`
	Success bool        `json:"success"`
	Errors  []restError `json:"errors"`
	Created *bool       `json:"created,omitempty"`
}

// sobjects answers everything below /sobjects.
func (o *Org) sobjects(c *call) answer {
	path := c.path[1:]
	if len(path) == 0 {
		if c.method != http.MethodGet {
			return notAllowed(c.method, "HEAD,GET").answer()
		}
		return o.describeGlobal(c)
	}
	obj := o.objects[strings.ToLower(path[0])]
	if obj == nil {
		return notFound().answer()
	}
	switch len(path) {
	case 1:
		switch c.method {
		case http.MethodGet:
			return jsonAnswer(http.StatusOK, map[string]any{"objectDescribe": o.summary(c, obj), "recentItems": []any{}})
		case http.MethodPost:
			return o.create(c, obj)
		}
		return notAllowed(c.method, "HEAD,GET,POST").answer()
	case 2:
		if c.method == http.MethodGet {
			switch strings.ToLower(path[1]) {
			case "describe":
				return o.describe(c, obj)
			case "updated":
				return o.updated(c, obj)
			case "deleted":
				return o.deleted(c, obj)
			}
		}
		return o.one(c, obj, path[1])
	case 3:
		return o.byKey(c, obj, path[1], path[2])
	}
	return notFound().answer()
}

func (o *Org) create(c *call, obj *object) answer {
	var fields map[string]any
	if err := decodeBody(c, &fields); err != nil {
		return err.answer()
	}
	r, err := o.insert(obj, fields, origin{})
	if err != nil {
		return err.answer()
	}
	a := jsonAnswer(http.StatusCreated, saved{r.id, true, []restError{}, nil})
	a.header = http.Header{"Location": {c.base() + "/sobjects/" + obj.name + "/" + r.id}}
	return a
}

// find gets a live record of an object by id, as the integration user may see it.
func (o *Org) find(obj *object, id string) (*row, *refusal) {
	full, ok := id18(id)
	if !ok || !strings.HasPrefix(full, obj.prefix) {
		return nil, refuse(http.StatusNotFound, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+id)
	}
	r := o.rows[full]
	if r == nil || r.obj != obj || !o.visible(r) || r.seen(o.opt.Now()) == nil {
		return nil, notFound()
	}
	if r.deleted() {
		return nil, refuse(http.StatusNotFound, "ENTITY_IS_DELETED", "entity is deleted")
	}
	return r, nil
}

// one reads, updates or deletes a record by its id.
func (o *Org) one(c *call, obj *object, id string) answer {
	switch c.method {
	case http.MethodGet, http.MethodPatch, http.MethodDelete:
	default:
		return notAllowed(c.method, "HEAD,GET,PATCH,DELETE").answer()
	}
	r, err := o.find(obj, id)
	if err != nil {
		return err.answer()
	}
	if a, stop := o.conditional(c, r.get("SystemModstamp").(time.Time)); stop {
		return a
	}
	switch c.method {
	case http.MethodGet:
		return o.read(c, r)
	case http.MethodPatch:
		var fields map[string]any
		if err := decodeBody(c, &fields); err != nil {
			return err.answer()
		}
		if err := noID(fields); err != nil {
			return err.answer()
		}
		if err := o.change(r, fields, origin{}); err != nil {
			return err.answer()
		}
	default:
		if err := o.remove(r, origin{}, ""); err != nil {
			return err.answer()
		}
	}
	return answer{status: http.StatusNoContent}
}

func noID(fields map[string]any) *refusal {
	for name := range fields {
		if strings.EqualFold(name, "Id") {
			return badRequest("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
		}
	}
	return nil
}

// conditional obeys If-Modified-Since on reads and If-Unmodified-Since on writes, to the second.
func (o *Org) conditional(c *call, changed time.Time) (answer, bool) {
	if t, err := http.ParseTime(header(c.header, "If-Modified-Since")); err == nil && c.method == http.MethodGet && !changed.After(t) {
		return answer{status: http.StatusNotModified}, true
	}
	if t, err := http.ParseTime(header(c.header, "If-Unmodified-Since")); err == nil && c.method == http.MethodPatch && changed.After(t) {
		return refuse(http.StatusPreconditionFailed, "PRECONDITION_FAILED", "The record was changed since the time given").answer(), true
	}
	return answer{}, false
}

// read answers with all fields, or with those that ?fields= names.
func (o *Org) read(c *call, r *row) answer {
	n := &node{obj: r.obj}
	if list := c.param("fields"); list != "" {
		for _, name := range strings.Split(list, ",") {
			f := r.obj.seen(strings.TrimSpace(name))
			if f == nil {
				return badRequest("INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", strings.TrimSpace(name), r.obj.name)).answer()
			}
			n.cols = append(n.cols, column{name: f.name, f: f})
		}
	} else {
		for _, f := range r.obj.fields {
			if !f.hidden {
				n.cols = append(n.cols, column{name: f.name, f: f})
			}
		}
	}
	rd := o.reader(false)
	w := &writer{o: o, rd: rd, base: c.base()}
	w.record(n, hit{r, r.seen(rd.now)})
	h := http.Header{"Last-Modified": {r.get("LastModifiedDate").(time.Time).Format(http.TimeFormat)}}
	return answer{status: http.StatusOK, header: h, body: w.buf}
}

// byKey reads, upserts or deletes a record by an external id.
func (o *Org) byKey(c *call, obj *object, name, value string) answer {
	f := obj.seen(name)
	if f == nil || !f.external && f.kind != kindID {
		return refuse(http.StatusNotFound, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+name).answer()
	}
	if f.kind == kindID {
		return o.one(c, obj, value)
	}
	found := o.visibleOf(obj.live(f, value))
	if len(found) > 1 {
		var urls []string
		for _, r := range found {
			urls = append(urls, c.base()+"/sobjects/"+obj.name+"/"+r.id)
		}
		return jsonAnswer(http.StatusMultipleChoices, urls)
	}
	if c.method == http.MethodPatch || c.method == http.MethodPost {
		var fields map[string]any
		if err := decodeBody(c, &fields); err != nil {
			return err.answer()
		}
		return o.upsertOne(c, obj, f, value, fields, found)
	}
	if len(found) == 0 {
		return notFound().answer()
	}
	return o.one(c, obj, found[0].id)
}

func (o *Org) visibleOf(rows []*row) []*row {
	var seen []*row
	for _, r := range rows {
		if o.visible(r) {
			seen = append(seen, r)
		}
	}
	return seen
}

func (o *Org) upsertOne(c *call, obj *object, f *field, value string, fields map[string]any, found []*row) answer {
	if err := noID(fields); err != nil {
		return err.answer()
	}
	for name := range fields {
		if strings.EqualFold(name, f.name) {
			return badRequest("INVALID_FIELD", "The "+f.name+" field should not be specified in the sobject data.").answer()
		}
	}
	if len(found) == 1 {
		if err := o.change(found[0], fields, origin{}); err != nil {
			return err.answer()
		}
		if c.version < "46.0" && len(c.version) == 4 { // older versions answer an update without a body
			return answer{status: http.StatusNoContent}
		}
		no := false
		return jsonAnswer(http.StatusOK, saved{found[0].id, true, []restError{}, &no})
	}
	with := map[string]any{f.name: value}
	for k, v := range fields {
		with[k] = v
	}
	r, err := o.insert(obj, with, origin{})
	if err != nil {
		return err.answer()
	}
	yes := true
	return jsonAnswer(http.StatusCreated, saved{r.id, true, []restError{}, &yes})
}
