package salesforcetest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A cursor keeps the rows a query found, so that later pages show what the first one began.
type cursor struct {
	plan    *plan
	hits    []hit
	all     bool
	made    time.Time
	batch   int
	soql    string
	version string
}

// Cursors live two days.
const cursorLife = 48 * time.Hour

func (o *Org) query(c *call, all bool) answer {
	if c.method != http.MethodGet {
		return notAllowed(c.method, "HEAD,GET").answer()
	}
	if len(c.path) > 1 {
		return o.nextPage(c, strings.Join(c.path[1:], "/"))
	}
	soql := c.param("q")
	if strings.TrimSpace(soql) == "" {
		if c.param("explain") != "" {
			return badRequest("MALFORMED_QUERY", "explain is not supported").answer()
		}
		return badRequest("MALFORMED_QUERY", "SOQL statement cannot be empty").answer()
	}
	p, err := o.planSOQL(soql)
	if err != nil {
		return err.answer()
	}
	if strings.EqualFold(c.param("columns"), "true") {
		return jsonAnswer(http.StatusOK, columnsOf(p))
	}
	rd := o.reader(all)
	hits := rd.run(p)
	if most, limited := o.slow[p.obj]; limited && len(hits) > most {
		return badRequest("QUERY_TIMEOUT", "Your query request was running for too long.").answer()
	}
	if p.count {
		b := append([]byte(`{"totalSize":`), strconv.Itoa(len(hits))...)
		return answer{status: http.StatusOK, body: append(b, `,"done":true,"records":[]}`...)}
	}
	cur := &cursor{plan: p, hits: hits, all: all, made: rd.now, batch: pageSize(header(c.header, "Sforce-Query-Options")), soql: soql, version: c.version}
	return answer{status: http.StatusOK, body: o.page(rd, c, cur, "", 0, cur.batch)}
}

// nextPage answers a locator: the cursor's id, a dash, and how many rows were read.
func (o *Org) nextPage(c *call, locator string) answer {
	id, offset, ok := strings.Cut(locator, "-")
	n, err := strconv.Atoi(offset)
	if full, good := id18(id); good {
		id = full
	}
	cur := o.cursors[id]
	if !ok || err != nil || n < 0 || cur == nil || n > len(cur.hits) || o.opt.Now().Sub(cur.made) > cursorLife {
		return badRequest("INVALID_QUERY_LOCATOR", "invalid query locator").answer()
	}
	batch := cur.batch
	if v := header(c.header, "Sforce-Query-Options"); v != "" {
		batch = pageSize(v)
	}
	return answer{status: http.StatusOK, body: o.page(o.reader(cur.all), c, cur, id, n, batch)}
}

func header(h http.Header, name string) string {
	for k, v := range h {
		if strings.EqualFold(k, name) && len(v) > 0 {
			return strings.Join(v, ",")
		}
	}
	return ""
}

// pageSize reads "batchSize=500", which is advisory and lies between 200 and 2,000.
func pageSize(options string) int {
	const most, least = 2000, 200
	for _, part := range strings.FieldsFunc(options, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		if k, v, ok := strings.Cut(part, "="); ok && strings.EqualFold(strings.TrimSpace(k), "batchSize") {
			if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil {
				return min(max(n, least), most)
			}
		}
	}
	return most
}

// keep stores a cursor under an id made of what it reads, and forgets those that are too old.
func (o *Org) keep(cur *cursor, what ...any) string {
	if cur.all {
		what = append(what, "all")
	}
	key := contentID("01g", append([]any{o.opt.Seed, "|", cur.soql, "|", cur.batch, "|"}, what...)...)
	n := o.asked[key]
	o.asked[key]++
	id := contentID("01g", key, n)
	for old, c := range o.cursors {
		if cur.made.Sub(c.made) > cursorLife {
			delete(o.cursors, old)
		}
	}
	o.cursors[id] = cur
	return id
}

// A writer composes one page; room is how many more rows, children included, the page may hold.
type writer struct {
	o     *Org
	rd    *reader
	base  string
	room  int
	batch int
	soql  string
	buf   []byte
	cut   bool // a child result was cut short: the page ends behind its parent
}

// page writes {"totalSize","done","nextRecordsUrl","records"} from one row on.
func (o *Org) page(rd *reader, c *call, cur *cursor, id string, from, batch int) []byte {
	w := &writer{o: o, rd: rd, base: c.base(), room: batch, batch: cur.batch, soql: cur.soql}
	n, more := w.records(cur.plan.node, cur.hits[from:])
	next := ""
	if more {
		if id == "" {
			id = o.keep(cur)
		}
		next = id + "-" + strconv.Itoa(from+n)
	}
	return append(append(w.opening(nil, len(cur.hits), next), w.buf...), `]}`...)
}

// opening begins a result, up to its first record.
func (w *writer) opening(b []byte, total int, next string) []byte {
	b = append(b, `{"totalSize":`...)
	b = strconv.AppendInt(b, int64(total), 10)
	b = append(b, `,"done":`...)
	b = strconv.AppendBool(b, next == "")
	if next != "" {
		b = append(b, `,"nextRecordsUrl":`...)
		b = appendText(b, w.base+"/query/"+next)
	}
	return append(b, `,"records":[`...)
}

// records writes rows while there is room and says how many it wrote and whether any are left.
func (w *writer) records(n *node, hits []hit) (written int, more bool) {
	for i, h := range hits {
		// A parent with no room left for a single child begins the next page instead, unless it is the first.
		if w.room <= 0 || w.cut || i > 0 && w.room == 1 && n.hasChildren() {
			return i, true
		}
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.room--
		w.record(n, h)
	}
	return len(hits), false
}

func (n *node) hasChildren() bool {
	for _, c := range n.cols {
		if c.child != nil {
			return true
		}
	}
	return false
}

func (w *writer) record(n *node, h hit) {
	w.buf = append(w.buf, `{"attributes":{"type":"`...)
	w.buf = append(w.buf, h.r.obj.name...)
	w.buf = append(w.buf, `","url":"`...)
	w.buf = append(w.buf, w.base...)
	w.buf = append(w.buf, `/sobjects/`...)
	w.buf = append(w.buf, h.r.obj.name...)
	w.buf = append(w.buf, '/')
	w.buf = append(w.buf, h.r.id...)
	w.buf = append(w.buf, `"}`...)
	for _, c := range n.cols {
		w.buf = append(w.buf, `,"`...)
		w.buf = append(w.buf, c.name...)
		w.buf = append(w.buf, `":`...)
		switch {
		case c.child != nil:
			w.children(c.child, h.r.id)
		case c.up != nil:
			up := w.o.rows[str(c.f.in(h.vals))]
			if vals := w.rd.see(up); vals != nil {
				w.record(c.up, hit{up, vals})
			} else {
				w.buf = append(w.buf, "null"...)
			}
		case c.f.kind == kindAddress:
			w.buf = appendAddress(w.buf, c.f, h.vals)
		case c.label:
			w.buf = c.f.appendValue(w.buf, c.f.labelOf(c.f.in(h.vals)))
		default:
			w.buf = c.f.appendValue(w.buf, c.f.in(h.vals))
		}
	}
	w.buf = append(w.buf, '}')
}

// children writes a child result, which pages on its own: what does not fit gets a nextRecordsUrl, whatever the parents do.
func (w *writer) children(c *childPlan, parent string) {
	hits := w.rd.below(c, parent)
	if len(hits) == 0 {
		w.buf = append(w.buf, "null"...)
		return
	}
	start := len(w.buf)
	w.buf = w.opening(w.buf, len(hits), "")
	body := len(w.buf)
	n, more := w.records(c.node, hits)
	if more { // rare: only now is it known that the beginning must name a locator
		cur := &cursor{plan: c.plan, hits: hits, all: w.rd.all, made: w.rd.now, batch: w.batch, soql: w.soql}
		next := w.o.keep(cur, c.link.name, "|", parent) + "-" + strconv.Itoa(n)
		rows := append([]byte(nil), w.buf[body:]...)
		w.buf = append(w.opening(w.buf[:start], len(hits), next), rows...)
		w.cut = true
	}
	w.buf = append(w.buf, `]}`...)
}

func appendAddress(b []byte, f *field, vals []any) []byte {
	empty := true
	for _, p := range f.parts {
		empty = empty && p.in(vals) == nil
	}
	if empty {
		return append(b, "null"...)
	}
	b = append(b, '{')
	for _, p := range f.parts {
		name := p.name[len(f.name)-len("Address"):]
		b = append(append(append(b, '"'), strings.ToLower(name[:1])+name[1:]...), `":`...)
		b = p.appendValue(b, p.in(vals))
		b = append(b, ',')
	}
	return append(b, `"geocodeAccuracy":null,"latitude":null,"longitude":null}`...)
}
