package salesforcetest

import (
	"sort"
	"strings"
	"time"
)

// A reader is one query's view of the org: its moment, and whether the recycle bin is in it.
type reader struct {
	o    *Org
	now  time.Time
	all  bool
	cal  *calendar
	sets map[*condition]map[string]bool // ids found by semi-joins
}

func (o *Org) reader(all bool) *reader {
	rd := &reader{o: o, now: o.opt.Now(), all: all, sets: map[*condition]map[string]bool{}}
	for _, obj := range o.ordered {
		for r := range obj.pending {
			r.forget(rd.now)
		}
	}
	return rd
}

// A hit is a row with the values it had when the query ran.
type hit struct {
	r    *row
	vals []any
}

// see returns a row's values if this reader may see it.
func (rd *reader) see(r *row) []any {
	if r == nil {
		return nil
	}
	vals := r.vals
	if len(r.older) > 0 {
		vals = r.seen(rd.now)
	}
	if vals == nil || !rd.o.visible(r) {
		return nil
	}
	if vals[1] == true { // the second field is IsDeleted
		gone, _ := r.obj.field("SystemModstamp").in(vals).(time.Time)
		if !rd.all || rd.now.Sub(gone) > deletedDays*24*time.Hour {
			return nil
		}
	}
	return vals
}

// follow reads a field through references; a parent that cannot be seen gives null.
func (rd *reader) follow(vals []any, hops []*field, f *field) any {
	for _, h := range hops {
		if vals = rd.see(rd.o.rows[str(h.in(vals))]); vals == nil {
			return nil
		}
	}
	return f.in(vals)
}

func (rd *reader) joined(c *condition) map[string]bool {
	set, ok := rd.sets[c]
	if !ok {
		set = c.found(rd)
		rd.sets[c] = set
	}
	return set
}

// pick finds rows by the values of an indexed field, or by id, in the order of their making.
func (rd *reader) pick(obj *object, f *field, keys map[string]bool) ([]*row, bool) {
	if f.kind == kindID {
		var found []*row
		for id := range keys {
			if r := rd.o.rows[id]; r != nil && r.obj == obj {
				found = append(found, r)
			}
		}
		sort.Slice(found, func(i, j int) bool { return found[i].seq < found[j].seq })
		return found, true
	}
	var found []*row
	seen := map[string]bool{}
	for k := range keys {
		if k = indexKey(f, k); !seen[k] {
			seen[k] = true
			found = append(found, obj.index[f.pos][k]...)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].seq < found[j].seq })
	return obj.candidates(found), true
}

// run finds, sorts and cuts the rows of a plan.
func (rd *reader) run(p *plan) []hit {
	rows := p.obj.rows
	if p.lookup != nil {
		if found, ok := p.lookup(rd); ok {
			rows = found
		}
	}
	return rd.sift(p, rows, func([]any) bool { return true })
}

// below runs a child plan for one parent.
func (rd *reader) below(c *childPlan, parent string) []hit {
	rows := c.obj.candidates(c.obj.below(c.link.field, parent))
	return rd.sift(c.plan, rows, func(vals []any) bool { return str(c.link.field.in(vals)) == parent })
}

func (rd *reader) sift(p *plan, rows []*row, belongs func([]any) bool) []hit {
	var hits []hit
	for _, r := range rows {
		vals := rd.see(r)
		if vals == nil || !belongs(vals) || p.where != nil && !p.where(rd, vals) {
			continue
		}
		hits = append(hits, hit{r, vals})
	}
	rd.sort(p, hits)
	if p.offset > 0 {
		hits = hits[min(p.offset, len(hits)):]
	}
	if p.limit >= 0 && p.limit < len(hits) {
		hits = hits[:p.limit]
	}
	return hits
}

func (rd *reader) sort(p *plan, hits []hit) {
	if len(p.order) == 0 || len(hits) < 2 {
		return
	}
	keys := make([][]any, len(hits))
	at := make([]int, len(hits))
	for i, h := range hits {
		at[i] = i
		keys[i] = make([]any, len(p.order))
		for j, s := range p.order {
			v := rd.follow(h.vals, s.hops, s.f)
			if t, ok := v.(string); ok && !s.f.kind.isID() {
				v = strings.ToLower(t)
			}
			keys[i][j] = v
		}
	}
	sort.SliceStable(at, func(x, y int) bool {
		a, b := keys[at[x]], keys[at[y]]
		for j, s := range p.order {
			if c := s.compare(a[j], b[j]); c != 0 {
				return c < 0
			}
		}
		return false
	})
	sorted := make([]hit, len(hits))
	for i, k := range at {
		sorted[i] = hits[k]
	}
	copy(hits, sorted)
}

// compare: nulls come first unless the query says otherwise, whatever the direction.
func (s sorter) compare(a, b any) int {
	if a == nil || b == nil {
		switch {
		case a == nil && b == nil:
			return 0
		case (a == nil) == s.nullsLast:
			return 1
		}
		return -1
	}
	c := 0
	if x, ok := a.(string); ok {
		c = strings.Compare(x, str(b)) // already in one case
	} else {
		c = compareValues(a, b)
	}
	if s.down {
		return -c
	}
	return c
}
