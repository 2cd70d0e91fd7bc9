package salesforcetest

import (
	"fmt"
	"net/http"
	"strings"
)

const (
	maxCollection = 200
	maxChunks     = 10 // runs of neighbours of one type
)

// rowError is the shape of errors in collections: statusCode where single requests say errorCode.
type rowError struct {
	StatusCode string   `json:"statusCode"`
	Message    string   `json:"message"`
	Fields     []string `json:"fields"`
}

// A failed row carries no id: results are matched by their place.
type rowResult struct {
	ID      string     `json:"id,omitempty"`
	Success bool       `json:"success"`
	Errors  []rowError `json:"errors"`
	Created *bool      `json:"created,omitempty"`
}

type collectionRequest struct {
	AllOrNone bool             `json:"allOrNone"`
	Records   []map[string]any `json:"records"`
}

// A job is one row of a collection, checked and ready to be written.
type job func() (id string, created *bool, err *refusal)

// collections answers /composite/sobjects.
func (o *Org) collections(c *call, forced bool) answer {
	path := c.path[2:]
	if c.method == http.MethodDelete && len(path) == 0 {
		return o.deleteMany(c, forced)
	}
	if len(path) == 1 && (c.method == http.MethodGet || c.method == http.MethodPost) {
		return o.retrieveMany(c, path[0])
	}
	if c.method != http.MethodPost && c.method != http.MethodPatch || len(path) == 2 && c.method != http.MethodPatch || len(path) == 1 {
		return notAllowed(c.method, "HEAD,GET,POST,PATCH,DELETE").answer()
	}
	if len(path) > 2 {
		return notFound().answer()
	}
	var req collectionRequest
	if err := decodeBody(c, &req); err != nil {
		return err.answer()
	}
	objs, err := o.typesOf(req.Records, path)
	if err != nil {
		return err.answer()
	}
	jobs := make([]job, len(req.Records))
	taken := map[string]bool{}
	for i, rec := range req.Records {
		obj := objs[i]
		if err := o.readable(obj, rec); err != nil {
			return err.answer() // a value of the wrong JSON type fails the request as a whole
		}
		switch {
		case len(path) == 2:
			jobs[i] = o.upsertJob(obj, path[1], rec)
		case c.method == http.MethodPost:
			jobs[i] = func() (string, *bool, *refusal) {
				if id, _ := takeID(rec); id != "" {
					return "", nil, badRequest("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")
				}
				r, err := o.insert(obj, rec, origin{})
				if err != nil {
					return "", nil, err
				}
				return r.id, nil, nil
			}
		default:
			jobs[i] = o.updateJob(obj, rec, taken)
		}
	}
	return o.perform(jobs, req.AllOrNone || forced)
}

// typesOf reads attributes.type of each record, and refuses too many records or too many changes of type.
func (o *Org) typesOf(records []map[string]any, path []string) ([]*object, *refusal) {
	if len(records) > maxCollection {
		return nil, badRequest("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call")
	}
	objs := make([]*object, len(records))
	chunks, last := 0, ""
	for i, rec := range records {
		name := ""
		if at, ok := anyCase(rec, "attributes").(map[string]any); ok {
			name = str(at["type"])
		}
		if len(path) == 2 {
			if name != "" && !strings.EqualFold(name, path[0]) {
				return nil, badRequest("INVALID_INPUT", "The type of each record must be "+path[0])
			}
			name = path[0]
		}
		if name == "" {
			return nil, badRequest("INVALID_INPUT", "Include an entity type in the attributes of each record")
		}
		if objs[i] = o.objects[strings.ToLower(name)]; objs[i] == nil {
			return nil, badRequest("INVALID_TYPE", fmt.Sprintf("sObject type '%s' is not supported.", name))
		}
		if objs[i].name != last {
			chunks, last = chunks+1, objs[i].name
		}
	}
	if chunks > maxChunks {
		return nil, badRequest("LIMIT_EXCEEDED", "Cannot have more than 10 chunks in a single operation. Please rearrange the data to reduce chunking.")
	}
	return objs, nil
}

func anyCase(m map[string]any, name string) any {
	for _, k := range sortedKeys(m) {
		if strings.EqualFold(k, name) {
			return m[k]
		}
	}
	return nil
}

// takeID removes the id from a record, under whichever case it came.
func takeID(rec map[string]any) (string, bool) {
	for _, k := range sortedKeys(rec) {
		if strings.EqualFold(k, "id") {
			id := str(rec[k])
			delete(rec, k)
			return id, true
		}
	}
	return "", false
}

func (o *Org) readable(obj *object, rec map[string]any) *refusal {
	for _, name := range sortedNames(rec) {
		if f := obj.seen(name); f != nil {
			if _, err := f.coerce(rec[name]); err != nil && err.code == "JSON_PARSER_ERROR" {
				return err
			}
		}
	}
	return nil
}

func (o *Org) updateJob(obj *object, rec map[string]any, taken map[string]bool) job {
	return func() (string, *bool, *refusal) {
		id, given := takeID(rec)
		if !given || id == "" {
			return "", nil, badRequest("MISSING_ARGUMENT", "Id not specified in an update call", "Id")
		}
		r, err := o.target(obj, id)
		if err != nil {
			return "", nil, err
		}
		if taken[r.id] {
			return "", nil, badRequest("DUPLICATE_VALUE", "duplicate Id specified: "+r.id, "Id")
		}
		taken[r.id] = true
		if err := o.change(r, rec, origin{}); err != nil {
			return "", nil, err
		}
		return r.id, nil, nil
	}
}

// target finds the row a collection names; obj is nil where any type will do.
func (o *Org) target(obj *object, id string) (*row, *refusal) {
	full, ok := id18(id)
	if !ok || obj != nil && !strings.HasPrefix(full, obj.prefix) {
		return nil, badRequest("MALFORMED_ID", "malformed id "+id, "Id")
	}
	r := o.rows[full]
	if r == nil || r.seen(o.opt.Now()) == nil {
		return nil, badRequest("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	}
	return r, nil
}

func (o *Org) upsertJob(obj *object, name string, rec map[string]any) job {
	return func() (string, *bool, *refusal) {
		f := obj.seen(name)
		if f == nil || !f.external && f.kind != kindID {
			return "", nil, badRequest("INVALID_FIELD", "Field name provided, "+name+" is not an External ID or indexed field for "+obj.name)
		}
		created := false
		if f.kind == kindID {
			id, _ := takeID(rec)
			if id == "" {
				created = true
				r, err := o.insert(obj, rec, origin{})
				if err != nil {
					return "", nil, err
				}
				return r.id, &created, nil
			}
			r, err := o.target(obj, id)
			if err == nil {
				err = o.change(r, rec, origin{})
			}
			if err != nil {
				return "", nil, err
			}
			return r.id, &created, nil
		}
		if id, _ := takeID(rec); id != "" {
			return "", nil, badRequest("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an upsert by "+f.name, "Id")
		}
		key := anyCase(rec, f.name)
		if key == nil || fmt.Sprint(key) == "" {
			return "", nil, badRequest("MISSING_ARGUMENT", f.name+" not specified", f.name)
		}
		found := o.visibleOf(obj.live(f, fmt.Sprint(key)))
		switch len(found) {
		case 0:
			created = true
			r, err := o.insert(obj, rec, origin{})
			if err != nil {
				return "", nil, err
			}
			return r.id, &created, nil
		case 1:
			if err := o.change(found[0], rec, origin{}); err != nil {
				return "", nil, err
			}
			return found[0].id, &created, nil
		}
		return "", nil, badRequest("DUPLICATE_EXTERNAL_ID", fmt.Sprintf("%s: more than one record found for external id field: [%s, %s]", f.name, found[0].id, found[1].id), f.name)
	}
}

func (o *Org) deleteMany(c *call, forced bool) answer {
	ids := strings.FieldsFunc(c.param("ids"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(ids) == 0 {
		return badRequest("MISSING_ARGUMENT", "ids: the ids of the records to delete must be given").answer()
	}
	if len(ids) > maxCollection {
		return badRequest("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call").answer()
	}
	jobs := make([]job, len(ids))
	for i, id := range ids {
		jobs[i] = func() (string, *bool, *refusal) {
			r, err := o.target(nil, id)
			if err == nil {
				err = o.remove(r, origin{}, "")
			}
			if err != nil {
				return "", nil, err
			}
			return r.id, nil, nil
		}
	}
	return o.perform(jobs, forced || strings.EqualFold(c.param("allOrNone"), "true"))
}

// perform writes the rows one by one and answers 200 even if every one of them failed.
func (o *Org) perform(jobs []job, allOrNone bool) answer {
	results := make([]rowResult, len(jobs))
	end := func(bool) {}
	if allOrNone {
		end = o.begin()
	}
	failed := false
	for i, do := range jobs {
		id, created, err := do()
		if err != nil {
			failed = true
			results[i] = failedRow(err)
			continue
		}
		results[i] = rowResult{id, true, []rowError{}, created}
	}
	end(!failed)
	if failed && allOrNone {
		for i := range results {
			if results[i].Success {
				results[i] = failedRow(badRequest("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header"))
			}
		}
	}
	return jsonAnswer(http.StatusOK, results)
}

func failedRow(err *refusal) rowResult {
	fields := err.fields
	if fields == nil {
		fields = []string{}
	}
	return rowResult{Errors: []rowError{{err.code, err.message, fields}}}
}

// retrieveMany reads records by id, null where there is none, ids and fields as a comma-joined list or a JSON body.
func (o *Org) retrieveMany(c *call, name string) answer {
	obj := o.objects[strings.ToLower(name)]
	if obj == nil {
		return notFound().answer()
	}
	var req struct{ Ids, Fields []string }
	if c.method == http.MethodPost {
		if err := decodeBody(c, &req); err != nil {
			return err.answer()
		}
	} else {
		req.Ids, req.Fields = strings.Split(c.param("ids"), ","), strings.Split(c.param("fields"), ",")
	}
	n := &node{obj: obj}
	for _, name := range req.Fields {
		f := obj.seen(strings.TrimSpace(name))
		if f == nil {
			return badRequest("INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", name, obj.name)).answer()
		}
		n.cols = append(n.cols, column{name: f.name, f: f})
	}
	rd := o.reader(false)
	w := &writer{o: o, rd: rd, base: c.base(), buf: []byte{'['}}
	for i, id := range req.Ids {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		full, _ := id18(strings.TrimSpace(id))
		r := o.rows[full]
		if vals := rd.see(r); vals != nil && r.obj == obj {
			w.record(n, hit{r, vals})
		} else {
			w.buf = append(w.buf, "null"...)
		}
	}
	return answer{status: http.StatusOK, body: append(w.buf, ']')}
}
