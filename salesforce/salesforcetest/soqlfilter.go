package salesforcetest

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
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
	if c.join != nil {
		return pl.semiJoin(obj, st, c, hops, f, nested)
	}
	test, err := pl.comparison(c, f)
	if err != nil {
		return nil, err
	}
	if len(hops) == 0 {
		return func(rd *reader, vals []any) bool { return test(rd, f.in(vals)) }, nil
	}
	return func(rd *reader, vals []any) bool { return test(rd, rd.follow(vals, hops, f)) }, nil
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

// comparison compiles one operator with its literals, which must be of the field's type and quoted or not as that type asks.
func (pl *planner) comparison(c *condition, f *field) (func(*reader, any) bool, *refusal) {
	var bounds []literal
	for i, t := range c.values {
		l, err := pl.literalOf(f, t, c.arg[i])
		if err != nil {
			return nil, err
		}
		bounds = append(bounds, l)
	}
	if f.sensitive && (c.cmp == "=" || c.cmp == "!=" || strings.HasSuffix(c.cmp, "IN")) {
		return exactly(c), nil
	}
	ordered := strings.ContainsAny(c.cmp, "<>")
	switch {
	case c.cmp == "LIKE":
		if !f.kind.textual() {
			return nil, pl.fail("INVALID_QUERY_FILTER_OPERATOR", c.pos, "invalid operator on %s field", f.kind)
		}
		pattern := likePattern(c.values[0].like)
		if bounds[0].null {
			return nil, pl.fail("INVALID_QUERY_FILTER_OPERATOR", c.pos, "invalid operator on null value")
		}
		return func(_ *reader, v any) bool { return v != nil && matchLike(pattern, strings.ToLower(str(v))) }, nil
	case ordered && (f.kind == kindBool || bounds[0].null):
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
				set[l.low.(string)] = true
			}
		}
		return func(_ *reader, v any) bool {
			if v == nil {
				return null == want
			}
			key := str(v)
			if !f.kind.isID() {
				key = strings.ToLower(key)
			}
			return set[key] == want
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

// A literal is one value, or for TODAY and its like the half-open range of moments it stands for, found when the query runs.
type literal struct {
	null bool
	low  any
	span func(now time.Time) (from, to time.Time)
	kind kind
}

func (l literal) bounds(rd *reader) (low, high any) {
	if l.span == nil {
		return l.low, l.low
	}
	from, to := l.span(rd.now)
	if l.kind == kindDate {
		return date(from.Format("2006-01-02")), date(to.Add(-time.Second).Format("2006-01-02"))
	}
	return from, to.Add(-time.Second)
}

func (l literal) equal(rd *reader, v any) bool {
	if l.null || v == nil {
		return l.null && v == nil
	}
	return l.compare(rd, v) == 0
}

// compare places v before, in, or after the literal.
func (l literal) compare(rd *reader, v any) int {
	low, high := l.bounds(rd)
	if compareValues(v, low) < 0 {
		return -1
	}
	if compareValues(v, high) > 0 {
		return 1
	}
	return 0
}

// compareValues orders two values of one field; texts without regard to case.
func compareValues(a, b any) int {
	switch x := a.(type) {
	case string:
		return strings.Compare(strings.ToLower(x), strings.ToLower(str(b)))
	case decimal.Decimal:
		if y, ok := b.(decimal.Decimal); ok {
			return x.Cmp(y)
		}
	case date:
		if y, ok := b.(date); ok {
			return strings.Compare(string(x), string(y))
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y)
		}
	case bool:
		if y, ok := b.(bool); ok && x != y {
			if y {
				return -1
			}
			return 1
		}
	}
	return 0
}

func (pl *planner) literalOf(f *field, t token, arg string) (literal, *refusal) {
	if t.is("null") {
		return literal{null: true}, nil
	}
	quotes := "should not be enclosed in quotes"
	kindName := f.javaType()
	if kindName == "datetime" {
		kindName = "dateTime"
	}
	if f.kind.textual() || f.kind.isID() {
		quotes = "should be enclosed in quotes"
	}
	wrong := func() (literal, *refusal) {
		return literal{}, pl.fail("INVALID_FIELD", t.pos, "value of filter criterion for field '%s' must be of type %s and %s", f.name, kindName, quotes)
	}
	switch {
	case f.kind.isID():
		if t.kind != tokText {
			return wrong()
		}
		id, ok := id18(t.text)
		if !ok && t.text != "" {
			return literal{}, pl.fail("INVALID_QUERY_FILTER_OPERATOR", t.pos, "invalid ID field: %s", t.text)
		}
		return literal{low: id, null: t.text == ""}, nil
	case f.kind.textual():
		if t.kind != tokText {
			return wrong()
		}
		return literal{low: strings.ToLower(t.text), null: t.text == ""}, nil
	case f.kind == kindBool:
		if !t.is("true") && !t.is("false") {
			return wrong()
		}
		return literal{low: t.is("true")}, nil
	case f.kind.numeric():
		n, ok := decimalOf(t.text)
		if t.kind != tokNumber || !ok {
			return wrong()
		}
		return literal{low: n}, nil
	}
	if t.kind == tokWord {
		span, ok := relative(t.text, arg)
		if !ok {
			return wrong()
		}
		return literal{span: span, kind: f.kind}, nil
	}
	if f.kind == kindDate && t.kind == tokDate {
		if d, ok := parseDate(t.text); ok {
			return literal{low: d}, nil
		}
	}
	if f.kind == kindTime && t.kind == tokTime {
		if m, ok := parseTime(t.text); ok {
			return literal{low: m}, nil
		}
	}
	return wrong()
}
