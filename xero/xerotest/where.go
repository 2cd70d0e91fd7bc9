package xerotest

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Filters and orders of the query string, as far as Xero documents them: comparisons of a field with a literal joined by
// AND or OR, brackets, and Contains, StartsWith and EndsWith on text. Anything else is a QueryParseException.

type kind uint8

const (
	isText kind = iota + 1
	isGUID
	isNumber
	isDate
	isBool
	isNull
)

func (k kind) String() string {
	return [...]string{"", "String", "Guid", "Decimal", "DateTime", "Boolean", "Null"}[k]
}

// value is one operand; null is a text or date that is not there.
type value struct {
	kind   kind
	text   string // lower case and without accents: Xero compares like that
	number decimal.Decimal
	time   time.Time
	bool   bool
}

func textValue(s string) value {
	if s == "" {
		return value{kind: isNull}
	}
	return value{kind: isText, text: fold(s)}
}

func guidValue(s string) value { return value{kind: isGUID, text: s} }

func numberValue(d decimal.Decimal) value { return value{kind: isNumber, number: d} }

func boolValue(b bool) value { return value{kind: isBool, bool: b} }

func dateValue(t time.Time) value {
	if t.IsZero() {
		return value{kind: isNull}
	}
	return value{kind: isDate, time: t}
}

// compare orders two values of one kind; null comes first.
func (v value) compare(w value) int {
	if v.kind == isNull || w.kind == isNull {
		return cmp.Compare(btoi(v.kind != isNull), btoi(w.kind != isNull))
	}
	switch v.kind {
	case isNumber:
		return v.number.Cmp(w.number)
	case isDate:
		return v.time.Compare(w.time)
	case isBool:
		return cmp.Compare(btoi(v.bool), btoi(w.bool))
	}
	return strings.Compare(v.text, w.text)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// field is something a filter or an order may name.
type field[T any] struct {
	kind kind
	of   func(T) value
}

// fieldsOf finds a field by its name in lower case.
type fieldsOf[T any] func(name string) (field[T], bool)

// parser reads one where expression for elements of type T.
type parser[T any] struct {
	tokens []string
	at     int
	fields fieldsOf[T]
}

func parseWhere[T any](text string, fields fieldsOf[T]) (func(T) bool, error) {
	tokens, err := whereTokens(text)
	if err != nil {
		return nil, err
	}
	p := &parser[T]{tokens: tokens, fields: fields}
	test, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.at < len(p.tokens) {
		return nil, refusal("Syntax error")
	}
	return test, nil
}

func (p *parser[T]) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

func (p *parser[T]) accept(words ...string) bool {
	for _, w := range words {
		if strings.EqualFold(p.peek(), w) {
			p.at++
			return true
		}
	}
	return false
}

func (p *parser[T]) or() (func(T) bool, error) {
	left, err := p.and()
	for err == nil && p.accept("OR", "||") {
		var right func(T) bool
		a := left
		if right, err = p.and(); err == nil {
			left = func(v T) bool { return a(v) || right(v) }
		}
	}
	return left, err
}

func (p *parser[T]) and() (func(T) bool, error) {
	left, err := p.term()
	for err == nil && p.accept("AND", "&&") {
		var right func(T) bool
		a := left
		if right, err = p.term(); err == nil {
			left = func(v T) bool { return a(v) && right(v) }
		}
	}
	return left, err
}

func (p *parser[T]) term() (func(T) bool, error) {
	if p.accept("(") {
		test, err := p.or()
		if err == nil && !p.accept(")") {
			err = refusal("')' or operator expected")
		}
		return test, err
	}
	name := p.peek()
	p.at++
	f, known := p.fields(strings.ToLower(name))
	if !known {
		path, method, found := cutLast(name, ".")
		if f, known = p.fields(strings.ToLower(path)); found && known && f.kind == isText && p.accept("(") {
			return p.call(f, method)
		}
		return nil, refusal(fmt.Sprintf("No property or field '%s' exists in this type", name))
	}
	operator := p.peek()
	p.at++
	literal, err := p.literal()
	if err != nil {
		return nil, err
	}
	if literal.kind != f.kind && literal.kind != isNull {
		return nil, refusal(fmt.Sprintf("Operator '%s' incompatible with operand types '%s' and '%s'", operator, f.kind, literal.kind))
	}
	ordered := literal.kind == isNumber || literal.kind == isDate
	switch {
	case operator == "==" || operator == "=":
		return func(v T) bool { return f.of(v).compare(literal) == 0 }, nil
	case operator == "!=" || operator == "<>":
		return func(v T) bool { return f.of(v).compare(literal) != 0 }, nil
	case operator == "<" && ordered:
		return func(v T) bool { w := f.of(v); return w.kind != isNull && w.compare(literal) < 0 }, nil
	case operator == "<=" && ordered:
		return func(v T) bool { w := f.of(v); return w.kind != isNull && w.compare(literal) <= 0 }, nil
	case operator == ">" && ordered:
		return func(v T) bool { return f.of(v).compare(literal) > 0 }, nil
	case operator == ">=" && ordered:
		return func(v T) bool { return f.of(v).compare(literal) >= 0 }, nil
	}
	return nil, refusal("Syntax error")
}

// call is Field.Method("text"), the bracket already read.
func (p *parser[T]) call(f field[T], method string) (func(T) bool, error) {
	arg, err := p.literal()
	if err != nil || arg.kind != isText || !p.accept(")") {
		return nil, refusal("Syntax error")
	}
	var test func(s, part string) bool
	switch strings.ToLower(method) {
	case "contains":
		test = strings.Contains
	case "startswith":
		test = strings.HasPrefix
	case "endswith":
		test = strings.HasSuffix
	default:
		return nil, refusal(fmt.Sprintf("No applicable method '%s' exists in type 'String'", method))
	}
	return func(v T) bool { return test(f.of(v).text, arg.text) }, nil
}

func (p *parser[T]) literal() (value, error) {
	t := p.peek()
	p.at++
	switch {
	case t == "":
		return value{}, refusal("Expression expected")
	case t[0] == '"':
		s := strings.ReplaceAll(t[1:len(t)-1], `""`, `"`)
		return value{kind: isText, text: fold(s)}, nil
	case strings.EqualFold(t, "null"):
		return value{kind: isNull}, nil
	case strings.EqualFold(t, "true"), strings.EqualFold(t, "false"):
		return boolValue(strings.EqualFold(t, "true")), nil
	case strings.EqualFold(t, "guid"):
		arg := ""
		if p.accept("(") {
			arg = strings.Trim(p.peek(), `"`)
			p.at++
		}
		id, ok := parseGUID(arg)
		if !ok || !p.accept(")") {
			return value{}, refusal("Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).")
		}
		return guidValue(id), nil
	case strings.EqualFold(t, "DateTime"):
		return p.dateTime()
	}
	d, err := decimal.NewFromString(strings.TrimRight(t, "mM"))
	if err != nil || len(t) > 40 || strings.ContainsAny(t, "eE") {
		return value{}, refusal(fmt.Sprintf("Unknown identifier '%s'", t))
	}
	return numberValue(d), nil
}

// dateTime reads the arguments of DateTime(2026,11,05) or DateTime(2026,11,05,10,30,0).
func (p *parser[T]) dateTime() (value, error) {
	bad := refusal("No applicable constructor exists in type 'DateTime'")
	if !p.accept("(") {
		return value{}, bad
	}
	var n []int
	for {
		i, err := strconv.Atoi(p.peek())
		if err != nil {
			return value{}, bad
		}
		n = append(n, i)
		p.at++
		if p.accept(")") {
			break
		}
		if !p.accept(",") {
			return value{}, bad
		}
	}
	if len(n) != 3 && len(n) != 6 {
		return value{}, bad
	}
	n = append(n, 0, 0, 0)
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
	if t.Day() != n[2] || int(t.Month()) != n[1] {
		return value{}, refusal("Year, Month, and Day parameters describe an un-representable DateTime.")
	}
	return dateValue(t), nil
}

// whereTokens splits an expression into names, literals and signs. Inside a text a quote is doubled; a backslash does
// not escape, it is refused.
func whereTokens(s string) ([]string, error) {
	var tokens []string
	for i := 0; i < len(s); {
		c := s[i]
		start := i
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '"':
			for i++; ; i++ {
				if i >= len(s) {
					return nil, refusal("Unterminated string literal")
				}
				if s[i] == '\\' {
					return nil, refusal(`Syntax error '\'`)
				}
				if s[i] == '"' {
					if i+1 < len(s) && s[i+1] == '"' {
						i++
						continue
					}
					break
				}
			}
			i++
		case strings.IndexByte("(),", c) >= 0:
			i++
		case strings.IndexByte("=!<>&|", c) >= 0:
			for i < len(s) && strings.IndexByte("=!<>&|", s[i]) >= 0 {
				i++
			}
		case c == '-' || c == '.' || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z':
			for i++; i < len(s) && (s[i] == '.' || s[i] == '_' || s[i] >= '0' && s[i] <= '9' || s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z'); i++ {
			}
		default:
			return nil, refusal(fmt.Sprintf("Syntax error '%c'", c))
		}
		tokens = append(tokens, s[start:i])
	}
	if len(tokens) == 0 {
		return nil, refusal("Expression expected")
	}
	return tokens, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// parseOrder reads "UpdatedDateUTC DESC, InvoiceID".
func parseOrder[T any](text string, fields fieldsOf[T]) (func(a, b T) int, error) {
	var keys []func(a, b T) int
	for _, part := range strings.Split(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 {
			return nil, refusal("Syntax error")
		}
		f, known := fields(strings.ToLower(words[0]))
		if !known {
			return nil, refusal(fmt.Sprintf("No property or field '%s' exists in this type", words[0]))
		}
		sign := 1
		if len(words) == 2 {
			switch strings.ToUpper(words[1]) {
			case "ASC", "ASCENDING":
			case "DESC", "DESCENDING":
				sign = -1
			default:
				return nil, refusal("Syntax error")
			}
		}
		keys = append(keys, func(a, b T) int { return sign * f.of(a).compare(f.of(b)) })
	}
	return func(a, b T) int {
		for _, k := range keys {
			if c := k(a, b); c != 0 {
				return c
			}
		}
		return 0
	}, nil
}
