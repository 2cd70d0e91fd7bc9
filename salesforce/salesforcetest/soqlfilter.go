package salesforcetest

import (
	"slices"
	"strings"
)

// A filter decides on one row's values.
type filter func(rd *reader, vals []any) bool

// condition compiles WHERE; nested tells whether it stands in brackets, where semi-joins are not allowed.
func (pl *planner) condition(obj *object, st *statement, c *condition, nested int) (filter, *refusal) {
	switch c.op {
	case "()":
		return pl.condition(obj, st, c.kids[0], nested+1)
	case "NOT":
		if hasJoin(c) {
			return nil, badRequest("MALFORMED_QUERY", "Semi join sub-selects are not allowed with the 'NOT' operator")
		}
		kid, err := pl.condition(obj, st, c.kids[0], nested)
		if err != nil {
			return nil, err
		}
		return func(rd *reader, vals []any) bool { return !kid(rd, vals) }, nil
	case "AND", "OR":
		if c.op == "OR" && hasJoin(c) {
			return nil, badRequest("MALFORMED_QUERY", "Semi join sub-selects are not allowed with the 'OR' operator")
		}
		var kids []filter
		for _, k := range c.kids {
			f, err := pl.condition(obj, st, k, nested)
			if err != nil {
				return nil, err
			}
			kids = append(kids, f)
		}
		stop := c.op == "OR"
		return func(rd *reader, vals []any) bool {
			for _, k := range kids {
				if k(rd, vals) == stop {
					return stop
				}
			}
			return !stop
		}, nil
	}
	hops, f, err := pl.resolve(obj, st, c.path)
	if err != nil {
		return nil, err
	}
	if !f.filterable() {
		return nil, pl.fail("INVALID_FIELD", c.pos, "field '%s' can not be filtered in a query call", f.name)
	}
	if c.join != nil && c.call.text == "" {
		return pl.semiJoin(obj, st, c, hops, f, nested)
	}
	value := func(rd *reader, vals []any) any { return rd.follow(vals, hops, f) }
	compared := f
	if c.call.text != "" {
		if c.join != nil {
			return nil, pl.fail("MALFORMED_QUERY", c.pos, "unexpected token: 'SELECT'")
		}
		given, shape, err := pl.call(c, f)
		if err != nil {
			return nil, err
		}
		compared = given
		value = func(rd *reader, vals []any) any { return shape(rd, rd.follow(vals, hops, f)) }
	}
	test, foreign, err := pl.comparison(c, compared)
	if err != nil {
		return nil, err
	}
	if compared.kind == kindMulti {
		chosen := value
		value = func(rd *reader, vals []any) any {
			if s, ok := chosen(rd, vals).(string); ok {
				return inOrder(s)
			}
			return nil
		}
	}
	if foreign {
		holder := obj
		if n := len(hops); n > 0 {
			holder = pl.o.objects[strings.ToLower(hops[n-1].refTo)]
		}
		value = pl.money(f, holder.field("CurrencyIsoCode"), hops)
	}
	return func(rd *reader, vals []any) bool { return test(rd, value(rd, vals)) }, nil
}

func hasJoin(c *condition) bool {
	if c.join != nil {
		return true
	}
	for _, k := range c.kids {
		if hasJoin(k) {
			return true
		}
	}
	return false
}

func (pl *planner) semiJoin(obj *object, st *statement, c *condition, hops []*field, f *field, nested int) (filter, *refusal) {
	inner := c.join
	switch pl.joins++; {
	case nested > 0:
		return nil, badRequest("MALFORMED_QUERY", "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions.")
	case pl.joins > maxSemiJoins:
		return nil, badRequest("EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", "the maximum number of semi join sub-selects is 2")
	case !f.kind.isID():
		return nil, badRequest("MALFORMED_QUERY", "The left operand field in the where expression for outer query should be an id field, cannot use : '"+f.name+"'")
	case inner.count || len(inner.items) != 1 || inner.items[0].path == nil:
		return nil, badRequest("MALFORMED_QUERY", "Semi join sub-selects must select exactly one id field")
	case len(inner.items[0].path) > 2:
		return nil, badRequest("MALFORMED_QUERY", "The inner select field cannot have more than one level of relationships")
	case len(inner.order) > 0 || inner.limit >= 0 || inner.offset > 0:
		return nil, badRequest("MALFORMED_QUERY", "Semi join sub-selects cannot have ORDER BY, LIMIT or OFFSET")
	case inner.where != nil && hasJoin(inner.where):
		return nil, badRequest("MALFORMED_QUERY", "Nesting of semi join sub-selects is not supported")
	}
	in := pl.o.objects[strings.ToLower(inner.from.text)]
	if in == nil {
		return nil, pl.fail("INVALID_TYPE", inner.from.pos, "sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.", inner.from.text)
	}
	if in == obj {
		return nil, badRequest("MALFORMED_QUERY", "The inner and outer selects should not be on the same object type")
	}
	sub, err := pl.plan(inner, in)
	if err != nil {
		return nil, err
	}
	innerHops, innerField, err := pl.resolve(in, inner, inner.items[0].path)
	if err != nil {
		return nil, err
	}
	if pointsTo(obj, hops, f, pl) != pointsTo(in, innerHops, innerField, pl) {
		return nil, badRequest("INVALID_FIELD", "The selected field '"+innerField.name+"' in the subquery and the left operand field in the where expression in the outer query '"+f.name+"' should point to the same object type")
	}
	want := c.cmp == "IN"
	c.found = func(rd *reader) map[string]bool {
		ids := map[string]bool{}
		for _, hit := range rd.run(sub) {
			if id := str(rd.follow(hit.vals, innerHops, innerField)); id != "" {
				ids[id] = true
			}
		}
		return ids
	}
	return func(rd *reader, vals []any) bool { return rd.joined(c)[str(rd.follow(vals, hops, f))] == want }, nil
}

func pointsTo(obj *object, hops []*field, f *field, pl *planner) string {
	if f.refTo != "" {
		return f.refTo
	}
	for _, h := range hops {
		obj = pl.o.objects[strings.ToLower(h.refTo)]
	}
	return obj.name
}

// comparison compiles one operator with its literals, which must be of the field's type and quoted or not as that type asks;
// foreign tells that they name a currency.
func (pl *planner) comparison(c *condition, f *field) (test func(*reader, any) bool, foreign bool, err *refusal) {
	var bounds []literal
	named := 0
	for i, t := range c.values {
		l, err := pl.literalOf(f, t, c.arg[i])
		if err != nil {
			return nil, false, err
		}
		if l.code != "" {
			named++
		}
		bounds = append(bounds, l)
	}
	if named > 0 && named < len(bounds) {
		return nil, false, pl.fail("MALFORMED_QUERY", c.pos, "values with and without a currency cannot stand in one list")
	}
	test, err = pl.operator(c, f, bounds)
	return test, named > 0, err
}

func (pl *planner) operator(c *condition, f *field, bounds []literal) (func(*reader, any) bool, *refusal) {
	if f.sensitive && (c.cmp == "=" || c.cmp == "!=" || strings.HasSuffix(c.cmp, "IN")) {
		return exactly(c), nil
	}
	ordered := strings.ContainsAny(c.cmp, "<>")
	switch {
	case strings.HasSuffix(c.cmp, "CLUDES"):
		if f.kind != kindMulti {
			return nil, pl.fail("INVALID_QUERY_FILTER_OPERATOR", c.pos, "invalid operator on %s field: %s is for multi-select picklists", f.kind, c.cmp)
		}
		return includes(c), nil
	case c.cmp == "LIKE":
		if !f.kind.textual() || f.kind == kindMulti {
			return nil, pl.fail("INVALID_QUERY_FILTER_OPERATOR", c.pos, "invalid operator on %s field", f.kind)
		}
		pattern := likePattern(c.values[0].like)
		if bounds[0].null {
			return nil, pl.fail("INVALID_QUERY_FILTER_OPERATOR", c.pos, "invalid operator on null value")
		}
		return func(_ *reader, v any) bool { return v != nil && matchLike(pattern, strings.ToLower(str(v))) }, nil
	case ordered && (f.kind == kindBool || f.kind == kindMulti || bounds[0].null):
		return nil, pl.fail("INVALID_QUERY_FILTER_OPERATOR", c.pos, "invalid operator on %s field", f.kind)
	}
	switch c.cmp {
	case "=":
		return func(rd *reader, v any) bool { return bounds[0].equal(rd, v) }, nil
	case "!=":
		return func(rd *reader, v any) bool { return !bounds[0].equal(rd, v) }, nil
	case "<":
		return func(rd *reader, v any) bool { return v != nil && bounds[0].compare(rd, v) < 0 }, nil
	case "<=":
		return func(rd *reader, v any) bool { return v != nil && bounds[0].compare(rd, v) <= 0 }, nil
	case ">":
		return func(rd *reader, v any) bool { return v != nil && bounds[0].compare(rd, v) > 0 }, nil
	case ">=":
		return func(rd *reader, v any) bool { return v != nil && bounds[0].compare(rd, v) >= 0 }, nil
	}
	want := c.cmp == "IN"
	if f.kind.textual() || f.kind.isID() {
		set, null := map[string]bool{}, false
		for _, l := range bounds {
			null = null || l.null
			if !l.null {
				set[f.comparable(l.low.(string))] = true
			}
		}
		return func(_ *reader, v any) bool {
			if v == nil {
				return null == want
			}
			key := str(v)
			return set[f.comparable(key)] == want
		}, nil
	}
	return func(rd *reader, v any) bool {
		for _, l := range bounds {
			if l.equal(rd, v) {
				return want
			}
		}
		return !want
	}, nil
}

// exactly compares the texts of a case-sensitive unique field, the only ones whose case SOQL minds.
func exactly(c *condition) func(*reader, any) bool {
	want := c.cmp == "=" || c.cmp == "IN"
	return func(_ *reader, v any) bool {
		return slices.ContainsFunc(c.values, func(t token) bool {
			return t.is("null") && v == nil || t.kind == tokText && v != nil && t.text == str(v)
		}) == want
	}
}
