package mapping

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

type codeKind uint8

const (
	constantCode codeKind = iota
	fieldCode
	callCode    // of a function in functions
	specialCode // of one in specialFunctions
	operatorCode
	toDateCode // a date with time becomes the organisation's date
)

// code is a checked formula, ready to run. Its type is 0 when it can only be
// empty, or while a describe is missing.
type code struct {
	kind     codeKind
	typ      Type
	constant value
	at       position // of a constant
	path     []string // API names
	label    string   // of a field: what people see it called
	up       bool     // read from the row the lines belong to
	currency bool     // the organisation's currency stands in
	name     string   // function or operator
	function *function
	table    *table
	args     []*code
}

// checker types one formula against the fields its rows have.
type checker struct {
	report *report
	places []position
	view   *view
	object string
	up     string // in lines: the relationship back to the row they belong to
	upTo   string // and that row's object
	tables map[string]*table
	reads  func(up bool, r resolved, at position) // told of every field
}

func (c *checker) place(at int) position { return c.places[min(at, len(c.places)-1)] }

func (c *checker) wrong(at int, format string, args ...any) *code {
	c.report.add(c.place(at), format, args...)
	return nil
}

// check returns nil when it has reported a problem.
func (c *checker) check(e *expr) *code {
	switch e.kind {
	case textExpr:
		return &code{kind: constantCode, typ: Text, constant: textValue(e.text), at: c.place(e.start)}
	case numberExpr:
		// The lexer let only digits and one point through.
		return &code{kind: constantCode, typ: Number, constant: numberValue(decimal.RequireFromString(e.text))}
	case trueExpr, falseExpr:
		return &code{kind: constantCode, typ: Bool, constant: boolValue(e.kind == trueExpr)}
	case nullExpr:
		return &code{kind: constantCode}
	case pathExpr:
		return c.path(e)
	case unaryExpr:
		return c.unary(e)
	case binaryExpr:
		return c.binary(e)
	}
	return c.call(e)
}

func (c *checker) path(e *expr) *code {
	object, path, up := c.object, e.path, false
	if c.up != "" && len(path) > 1 && strings.EqualFold(path[0], c.up) {
		object, path, up = c.upTo, path[1:], true
	}
	r, bad := c.view.resolve(object, path)
	if bad != nil {
		index := bad.index
		if up {
			index++
		}
		text := bad.text
		if c.up != "" && !up {
			// In lines people forget that a field is the deal's.
			if found, missing := c.view.resolve(c.upTo, path); missing == nil && found.known && !found.currency {
				text = fmt.Sprintf("%s has no field %q; did you mean %q?", c.object, strings.Join(path, "."), c.up+"."+strings.Join(found.path, "."))
				index = 0
			}
		}
		return c.wrong(e.pathAt[index], "%s", text)
	}
	c.reads(up, r, c.place(e.start))
	return &code{kind: fieldCode, typ: r.field.Type, path: r.path, label: r.label(), up: up, currency: r.currency}
}

func (c *checker) unary(e *expr) *code {
	want := Number
	if e.text == "not" {
		want = Bool
	}
	of := c.checkAs(e.args[0], want, fmt.Sprintf("%q", e.text))
	if of == nil {
		return nil
	}
	return &code{kind: operatorCode, typ: want, name: "unary " + e.text, args: []*code{of}}
}

// checkAs checks an argument that must have one type.
func (c *checker) checkAs(e *expr, want Type, what string) *code {
	got := c.check(e)
	if got == nil {
		return nil
	}
	if out := got.as(want); out != nil {
		return out
	}
	return c.wrong(e.start, "%s takes %s, and this is %s%s", what, want, got.typ, conversion(got.typ, want))
}

// as converts a date with time to a date where one is wanted; a type that is
// not known yet passes.
func (c *code) as(want Type) *code {
	switch {
	case want == 0 || c.typ == 0 || c.typ == want:
		return c
	case want == Date && c.typ == DateTime:
		return &code{kind: toDateCode, typ: Date, args: []*code{c}}
	}
	return nil
}

// conversion is the advice that goes with a wrong type.
func conversion(got, want Type) string {
	switch {
	case want == Text && got != Bool:
		return "; TEXT(…) makes text of it"
	case want == Number && got == Text:
		return "; VALUE(…) reads a number from text"
	case want == Bool:
		return `; a condition compares something, as in Amount > 0`
	}
	return ""
}

func (c *checker) both(e *expr) (left, right *code) {
	left, right = c.check(e.args[0]), c.check(e.args[1])
	if left == nil || right == nil {
		return nil, nil
	}
	return left, right
}

func (c *checker) binary(e *expr) *code {
	switch e.text {
	case "and", "or":
		left, right := c.checkAs(e.args[0], Bool, `"`+e.text+`"`), c.checkAs(e.args[1], Bool, `"`+e.text+`"`)
		if left == nil || right == nil {
			return nil
		}
		return &code{kind: specialCode, typ: Bool, name: strings.ToUpper(e.text), args: []*code{left, right}}
	}
	left, right := c.both(e)
	if left == nil {
		return nil
	}
	out := func(t Type, args ...*code) *code {
		return &code{kind: operatorCode, typ: t, name: e.text, args: args}
	}
	switch e.text {
	case "??":
		if t, ok := common(left, right); ok {
			return &code{kind: specialCode, typ: t, name: "BLANKVALUE", args: []*code{left.as(t), right.as(t)}}
		}
		return c.wrong(e.at, "both sides of ?? must be of one kind; here are %s and %s", left.typ, right.typ)
	case "=", "!=":
		if t, ok := common(left, right); ok {
			c.checkLiteral(e.args[0], e.args[1])
			c.checkLiteral(e.args[1], e.args[0])
			return out(Bool, left.as(t), right.as(t))
		}
		return c.wrong(e.at, "%s and %s cannot be compared%s", left.typ, right.typ, comparison(left.typ, right.typ))
	case "<", "<=", ">", ">=":
		t, ok := common(left, right)
		if !ok {
			return c.wrong(e.at, "%s and %s cannot be compared%s", left.typ, right.typ, comparison(left.typ, right.typ))
		}
		if t == Text || t == Bool {
			return c.wrong(e.at, "%s has no order; only numbers and dates can be compared with %s", t, e.text)
		}
		return out(Bool, left.as(t), right.as(t))
	case "&":
		if left.typ == Bool || right.typ == Bool {
			return c.wrong(e.at, `& joins text, numbers and dates, not true or false; write IF(…, "yes", "no")`)
		}
		return out(Text, left, right)
	case "+", "-":
		return c.sum(e, left, right, out)
	}
	l, r := left.as(Number), right.as(Number)
	if l == nil || r == nil {
		return c.wrong(e.at, "%s takes two numbers; here are %s and %s", e.text, left.typ, right.typ)
	}
	return out(Number, l, r)
}

// sum types + and -, which are the only operators with dates.
func (c *checker) sum(e *expr, left, right *code, out func(Type, ...*code) *code) *code {
	dated := func(t Type) bool { return t == Date || t == DateTime }
	switch {
	case (left.typ == 0 || right.typ == 0) && left.typ != Text && right.typ != Text && left.typ != Bool && right.typ != Bool:
		return out(0, left, right) // a field that is not described yet may be a date or a number
	case dated(left.typ) && dated(right.typ) && e.text == "-":
		return out(Number, left.as(Date), right.as(Date))
	case dated(left.typ) && right.typ == Number:
		return out(Date, left.as(Date), right)
	case dated(right.typ) && left.typ == Number && e.text == "+":
		return out(Date, right.as(Date), left)
	case e.text == "+" && left.as(Text) != nil && right.as(Text) != nil && (left.typ == Text || right.typ == Text):
		return out(Text, left, right)
	case left.as(Number) != nil && right.as(Number) != nil:
		return out(Number, left, right)
	}
	hint := ""
	if left.typ == Text || right.typ == Text {
		hint = "; & joins text with anything, VALUE(…) reads a number from text"
	}
	return c.wrong(e.at, "%s cannot take %s and %s%s", e.text, left.typ, right.typ, hint)
}

func comparison(a, b Type) string {
	switch {
	case a == Bool && b == Text || a == Text && b == Bool:
		return "; write TRUE or FALSE without quotes"
	case a == Text && b == Number || a == Number && b == Text:
		return "; VALUE(…) reads a number from text, TEXT(…) makes text of a number"
	}
	return ""
}

// common finds the type in which two values can be compared or exchanged.
func common(a, b *code) (Type, bool) {
	switch {
	case a.typ == 0:
		return b.typ, true
	case b.typ == 0 || a.typ == b.typ:
		return a.typ, true
	case a.as(Date) != nil && b.as(Date) != nil:
		return Date, true
	}
	return 0, false
}

// checkLiteral refuses a picklist value in the wrong case: the comparison
// would be false for ever, and nobody would notice.
func (c *checker) checkLiteral(field, literal *expr) {
	if field.kind != pathExpr || literal.kind != textExpr {
		return
	}
	object, path := c.object, field.path
	if c.up != "" && len(path) > 1 && strings.EqualFold(path[0], c.up) {
		object, path = c.upTo, path[1:]
	}
	r, bad := c.view.resolve(object, path)
	if bad != nil {
		return
	}
	near := ""
	for _, v := range r.field.Enum {
		if v == literal.text {
			return
		}
		if strings.EqualFold(v, literal.text) {
			near = v
		}
	}
	if near != "" {
		c.wrong(literal.start, "%s has no value %q; did you mean %q?", strings.Join(r.path, "."), literal.text, near)
	}
}
