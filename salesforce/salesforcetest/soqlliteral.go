package salesforcetest

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// A literal is one value, or for TODAY and its like the half-open range of moments it stands for, found when the query runs.
type literal struct {
	null bool
	low  any
	code string // of USD1000
	span span
	kind kind
}

func (l literal) bounds(rd *reader) (low, high any) {
	if l.code != "" {
		own := rd.o.inOwn(l.low.(decimal.Decimal), l.code)
		return own, own
	}
	if l.span == nil {
		return l.low, l.low
	}
	from, to := l.span(rd.calendar(), rd.now)
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

// comparable is a text as it is compared: without regard to case, and of a multi-select picklist to the order of its choice.
func (f *field) comparable(s string) string {
	switch {
	case f.kind.isID():
		return s
	case f.kind == kindMulti:
		return inOrder(s)
	}
	return strings.ToLower(s)
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
		return literal{low: f.comparable(t.text), null: t.text == ""}, nil
	case f.kind == kindBool:
		if !t.is("true") && !t.is("false") {
			return wrong()
		}
		return literal{low: t.is("true")}, nil
	case f.kind.numeric():
		if code, number, ok := currencyLiteral(t.text); ok && t.kind == tokWord && f.kind == kindMoney {
			if pl.o.rate(code).IsZero() {
				return literal{}, pl.fail("INVALID_CURRENCY_ISO", t.pos, "invalid currency ISO code: %s", code)
			}
			n, _ := decimalOf(number)
			return literal{low: n, code: code}, nil
		}
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
