package mapping

import "strings"

type exprKind uint8

const (
	textExpr exprKind = iota
	numberExpr
	trueExpr
	falseExpr
	nullExpr
	pathExpr
	callExpr
	unaryExpr  // - and not
	binaryExpr // and ??
)

// expr is a node of a parsed formula. Nothing in it is checked yet.
type expr struct {
	kind      exprKind
	at        int      // of the operator, the function's name or the last name of a path
	start     int      // of its first character
	text      string   // the literal, the operator or the function in capitals
	path      []string // as written
	pathAt    []int    // where each name of the path begins
	args      []*expr
	bracketed bool
}

// How tightly operators bind, from loose to tight.
const (
	bindCoalesce = iota + 1
	bindOr
	bindAnd
	bindNot
	bindCompare
	bindAdd
	bindMultiply
	bindMinus
)

func binding(t token) int {
	switch t.kind {
	case nameToken:
		switch strings.ToLower(t.text) {
		case "or":
			return bindOr
		case "and":
			return bindAnd
		}
	case operatorToken:
		switch t.text {
		case "??":
			return bindCoalesce
		case "=", "!=", "<", "<=", ">", ">=":
			return bindCompare
		case "+", "-", "&":
			return bindAdd
		case "*", "/":
			return bindMultiply
		}
	}
	return 0
}

// parseFormula parses a value that begins with "=".
func parseFormula(value string) (*expr, *syntaxError) {
	text := []rune(value)
	tokens, err := lex(text, 1)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	if p.peek().kind == endToken {
		return nil, wrong(0, "there is no formula behind the =")
	}
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != endToken {
		return nil, p.unexpected(t)
	}
	return e, nil
}

type parser struct {
	tokens []token
	next   int
	depth  int
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != endToken {
		p.next++
	}
	return t
}

func (p *parser) at(operator string) bool {
	t := p.peek()
	return t.kind == operatorToken && t.text == operator
}

func (p *parser) unexpected(t token) *syntaxError {
	switch {
	case t.kind == endToken:
		return wrong(t.at, "the formula ends too early: a value is missing here")
	case t.kind == operatorToken && t.text == ")":
		return wrong(t.at, "this ) has no ( before it, or a value is missing before it")
	case t.kind == operatorToken && t.text == ",":
		return wrong(t.at, "a comma stands only between the arguments of a function; thousands are not separated")
	case t.kind == operatorToken:
		return wrong(t.at, "%q does not belong here", t.text)
	}
	return wrong(t.at, "an operator is missing before %q", t.text)
}

// expression parses operators that bind tighter than outer.
func (p *parser) expression(outer int) (*expr, *syntaxError) {
	left, err := p.operand(outer)
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		bind := binding(t)
		if bind == 0 || bind <= outer {
			return left, nil
		}
		p.take()
		right, err := p.expression(bind)
		if err != nil {
			return nil, err
		}
		e := &expr{kind: binaryExpr, at: t.at, start: left.start, text: strings.ToLower(t.text), args: []*expr{left, right}}
		switch bind {
		case bindCoalesce:
			if !left.standsAlone() || !right.standsAlone() {
				return nil, wrong(t.at, "?? beside another operator needs brackets, because it can be read in two ways: write (a ?? b) * c or a ?? (b * c)")
			}
		case bindCompare:
			if binding(p.peek()) == bindCompare {
				return nil, wrong(p.peek().at, "comparisons cannot be chained; write a < b and b < c")
			}
		}
		left = e
	}
}

// standsAlone tells whether an operand of ?? can be read in one way only.
func (e *expr) standsAlone() bool {
	return e.bracketed || e.kind != unaryExpr && (e.kind != binaryExpr || e.text == "??")
}

// nested parses what stands in brackets, in a call, or behind - and not: only
// these can nest without end.
func (p *parser) nested(outer int) (*expr, *syntaxError) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > deepestFormula {
		return nil, wrong(p.peek().at, "the formula is nested more than %d deep", deepestFormula)
	}
	return p.expression(outer)
}

// operand parses what stands between operators.
func (p *parser) operand(outer int) (*expr, *syntaxError) {
	t := p.peek()
	switch {
	case t.kind == textToken:
		p.take()
		return &expr{kind: textExpr, at: t.at, start: t.at, text: t.text}, nil
	case t.kind == numberToken:
		p.take()
		return &expr{kind: numberExpr, at: t.at, start: t.at, text: t.text}, nil
	case t.kind == nameToken:
		return p.name(outer)
	case p.at("-"):
		p.take()
		of, err := p.nested(bindMultiply)
		if err != nil {
			return nil, err
		}
		return &expr{kind: unaryExpr, at: t.at, start: t.at, text: "-", args: []*expr{of}}, nil
	case p.at("("):
		p.take()
		e, err := p.nested(0)
		if err != nil {
			return nil, err
		}
		if !p.at(")") {
			return nil, p.unclosed(t)
		}
		p.take()
		e.bracketed = true
		e.start = t.at
		return e, nil
	case p.at("+"):
		return nil, wrong(t.at, "a value is missing before +")
	case p.at("."):
		return nil, wrong(t.at, "a name is missing before the dot; numbers begin with a digit: 0.5")
	}
	return nil, p.unexpected(t)
}

func (p *parser) unclosed(open token) *syntaxError {
	t := p.peek()
	if t.kind == endToken {
		return wrong(open.at, "this ( has no closing )")
	}
	return p.unexpected(t)
}

// name parses what begins with a word: a literal, not, a call or a path.
func (p *parser) name(outer int) (*expr, *syntaxError) {
	first := p.take()
	word := strings.ToUpper(first.text)
	call := p.at("(")
	switch {
	case word == "NOT":
		// NOT(a) is Salesforce's function, not a the operator. Both mean the
		// same: comparing two conditions before or after gives one answer.
		if outer > bindNot {
			return nil, wrong(first.at, `put "not" and what it denies in brackets here`)
		}
		return p.not(first)
	case (word == "AND" || word == "OR") && !call:
		return nil, wrong(first.at, "a condition is missing before %q", first.text)
	case call:
		return p.call(first)
	case word == "TRUE" && !p.at("."):
		return &expr{kind: trueExpr, at: first.at, start: first.at}, nil
	case word == "FALSE" && !p.at("."):
		return &expr{kind: falseExpr, at: first.at, start: first.at}, nil
	case word == "NULL" && !p.at("."):
		return &expr{kind: nullExpr, at: first.at, start: first.at}, nil
	}
	e := &expr{kind: pathExpr, at: first.at, start: first.at, path: []string{first.text}, pathAt: []int{first.at}}
	for p.at(".") {
		dot := p.take()
		t := p.peek()
		if t.kind != nameToken {
			return nil, wrong(dot.at, "a field's name is missing behind the dot")
		}
		p.take()
		e.path = append(e.path, t.text)
		e.pathAt = append(e.pathAt, t.at)
		e.at = t.at
	}
	if p.at("(") {
		return nil, wrong(e.at, "%q is not a function; functions have no dot", strings.Join(e.path, "."))
	}
	return e, nil
}

func (p *parser) not(first token) (*expr, *syntaxError) {
	if p.peek().kind == endToken {
		return nil, wrong(first.at, "a condition is missing behind %q", first.text)
	}
	of, err := p.nested(bindAnd)
	if err != nil {
		return nil, err
	}
	return &expr{kind: unaryExpr, at: first.at, start: first.at, text: "not", args: []*expr{of}}, nil
}

func (p *parser) call(name token) (*expr, *syntaxError) {
	open := p.take()
	e := &expr{kind: callExpr, at: name.at, start: name.at, text: strings.ToUpper(name.text)}
	if p.at(")") {
		p.take()
		return e, nil
	}
	for {
		if p.at(",") || p.at(")") {
			return nil, wrong(p.peek().at, "an argument is missing here")
		}
		arg, err := p.nested(0)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, arg)
		if p.at(",") {
			p.take()
			continue
		}
		if !p.at(")") {
			return nil, p.unclosed(open)
		}
		p.take()
		return e, nil
	}
}
