package salesforcetest

import (
	"strings"
)

// A plan is a statement whose names are resolved against the org as the integration user sees it.
type plan struct {
	obj    *object
	node   *node
	count  bool
	where  filter
	lookup func(*reader) ([]*row, bool) // rows by index, if the condition names ids
	order  []sorter
	limit  int
	offset int
}

// A node is what is read of one record: its fields, its parents, its children, in the order selected.
type node struct {
	obj  *object
	cols []column
}

type column struct {
	name  string
	f     *field
	label bool  // the value's label instead of the value
	up    *node // parent: f is the reference
	child *childPlan
}

type childPlan struct {
	*plan
	link childLink
}

type sorter struct {
	hops      []*field
	f         *field
	down      bool
	nullsLast bool
}

type planner struct {
	o     *Org
	soql  string
	joins int
}

const (
	maxChildQueries = 20
	maxParentHops   = 5
	maxSemiJoins    = 2
)

func (o *Org) planSOQL(soql string) (*plan, *refusal) {
	st, err := parseSOQL(soql)
	if err != nil {
		return nil, err
	}
	pl := &planner{o: o, soql: soql}
	obj := o.objects[strings.ToLower(st.from.text)]
	if obj == nil {
		return nil, pl.fail("INVALID_TYPE", st.from.pos, "sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.", st.from.text)
	}
	return pl.plan(st, obj)
}

func (pl *planner) fail(code string, pos int, format string, args ...any) *refusal {
	return soqlError(code, pl.soql, pos, format, args...)
}

func (pl *planner) plan(st *statement, obj *object) (*plan, *refusal) {
	p := &plan{obj: obj, node: &node{obj: obj}, count: st.count, limit: st.limit, offset: st.offset}
	children := 0
	for _, it := range st.items {
		switch {
		case it.child != nil:
			if children++; children > maxChildQueries {
				return nil, pl.fail("MALFORMED_QUERY", it.pos, "SOQL statements cannot have more than %d aggregate relationships", maxChildQueries)
			}
			if err := pl.child(p, it); err != nil {
				return nil, err
			}
		case it.all != "":
			if it.all != "STANDARD" && (st.limit < 0 || st.limit > 200) {
				return nil, pl.fail("MALFORMED_QUERY", it.pos, "The SOQL FIELDS function must have a LIMIT of at most 200")
			}
			for _, f := range obj.fields {
				if f.hidden || it.all == "STANDARD" && f.custom || it.all == "CUSTOM" && !f.custom {
					continue
				}
				if err := pl.add(p.node, f, item{pos: it.pos}); err != nil {
					return nil, err
				}
			}
		default:
			if err := pl.column(p.node, st, it); err != nil {
				return nil, err
			}
		}
	}
	for _, o := range st.order {
		hops, f, err := pl.resolve(obj, st, o.path)
		if err != nil {
			return nil, err
		}
		if !f.sortable() {
			return nil, pl.fail("INVALID_FIELD", o.path[0].pos, "field '%s' can not be sorted in a query call", f.name)
		}
		p.order = append(p.order, sorter{hops, f, o.down, o.nullsLast})
	}
	if st.where != nil {
		var err *refusal
		if p.where, err = pl.condition(obj, st, st.where, 0); err != nil {
			return nil, err
		}
		p.lookup = pl.index(obj, st, st.where)
	}
	return p, nil
}

func (pl *planner) add(n *node, f *field, it item) *refusal {
	name := f.name
	if it.alias != "" {
		name = it.alias
	}
	for _, c := range n.cols {
		if c.up == nil && c.child == nil && strings.EqualFold(c.name, name) {
			return pl.fail("INVALID_FIELD", it.pos, "duplicate field selected: %s", name)
		}
	}
	if it.label && !f.labelled() {
		return pl.fail("INVALID_FIELD", it.pos, "field '%s' does not support toLabel: it is no picklist", f.name)
	}
	n.cols = append(n.cols, column{name: name, f: f, label: it.label})
	return nil
}

// column adds a path to the tree; the fields of one parent stand together, where the first of them was named.
func (pl *planner) column(n *node, st *statement, it item) *refusal {
	hops, f, err := pl.resolve(n.obj, st, it.path)
	if err != nil {
		return err
	}
	for _, hop := range hops {
		var below *node
		for _, c := range n.cols {
			if c.f == hop && c.up != nil {
				below = c.up
			}
		}
		if below == nil {
			below = &node{obj: pl.o.objects[strings.ToLower(hop.refTo)]}
			n.cols = append(n.cols, column{name: hop.relationship, f: hop, up: below})
		}
		n = below
	}
	return pl.add(n, f, it)
}

func (pl *planner) child(p *plan, it item) *refusal {
	st := it.child
	link, ok := p.obj.child(st.from.text)
	if !ok {
		return pl.fail("INVALID_TYPE", st.from.pos, "Didn't understand relationship '%s' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", st.from.text)
	}
	if st.count {
		return pl.fail("MALFORMED_QUERY", it.pos, "unexpected token: 'COUNT'")
	}
	for _, c := range p.node.cols {
		if c.child != nil && c.name == link.name {
			return pl.fail("MALFORMED_QUERY", it.pos, "duplicate child relationship selected: %s", link.name)
		}
	}
	sub, err := pl.plan(st, link.object)
	if err != nil {
		return err
	}
	p.node.cols = append(p.node.cols, column{name: link.name, child: &childPlan{sub, link}})
	return nil
}

// resolve follows a path upward: Account.Owner.Name, with or without the object's own name or its alias in front.
func (pl *planner) resolve(obj *object, st *statement, path []token) (hops []*field, f *field, err *refusal) {
	if len(path) > 1 && obj.parent(path[0].text) == nil && (strings.EqualFold(path[0].text, obj.name) || st.alias != "" && strings.EqualFold(path[0].text, st.alias)) {
		path = path[1:]
	}
	if len(path) > maxParentHops+1 {
		return nil, nil, pl.fail("MALFORMED_QUERY", path[0].pos, "SOQL statements cannot query more than %d levels of parents", maxParentHops)
	}
	for _, t := range path[:len(path)-1] {
		hop := obj.parent(t.text)
		if hop == nil {
			return nil, nil, pl.fail("INVALID_FIELD", t.pos, "Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", t.text)
		}
		hops = append(hops, hop)
		obj = pl.o.objects[strings.ToLower(hop.refTo)]
	}
	last := path[len(path)-1]
	if f = obj.seen(last.text); f == nil {
		return nil, nil, pl.fail("INVALID_FIELD", last.pos, "No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", last.text, obj.name)
	}
	return hops, f, nil
}

// index finds the one comparison of a top-level AND that names ids or external ids, so that only those rows are looked at.
func (pl *planner) index(obj *object, st *statement, c *condition) func(*reader) ([]*row, bool) {
	if c.op == "()" {
		return pl.index(obj, st, c.kids[0])
	}
	if c.op == "AND" {
		for _, kid := range c.kids {
			if look := pl.index(obj, st, kid); look != nil {
				return look
			}
		}
		return nil
	}
	if c.op != "" || c.cmp != "=" && c.cmp != "IN" || c.call.text != "" {
		return nil
	}
	hops, f, err := pl.resolve(obj, st, c.path)
	if err != nil || len(hops) > 0 || f.kind != kindID && !f.indexed() {
		return nil
	}
	if c.join != nil {
		return func(rd *reader) ([]*row, bool) { return rd.pick(obj, f, rd.joined(c)) }
	}
	keys := map[string]bool{}
	for _, v := range c.values {
		if v.kind != tokText {
			return nil // null
		}
		key := v.text
		if f.kind.isID() {
			key, _ = id18(key)
		}
		keys[key] = true
	}
	return func(rd *reader) ([]*row, bool) { return rd.pick(obj, f, keys) }
}
