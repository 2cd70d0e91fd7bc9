package salesforcetest

import (
	"strconv"
	"strings"
)

// expression reads conditions joined by one kind of operator: AND, OR and NOT may be mixed only with brackets.
func (p *parser) expression(braced bool) (*condition, *refusal) {
	first, err := p.operand()
	if err != nil {
		return nil, err
	}
	t := p.peek()
	op := ""
	switch {
	case t.is("AND"):
		op = "AND"
	case t.is("OR"):
		op = "OR"
	default:
		if braced {
			first.braced = true
		}
		return first, nil
	}
	if first.op == "NOT" && !first.braced {
		return nil, p.unexpected()
	}
	all := &condition{op: op, kids: []*condition{first}, braced: braced, pos: first.pos}
	for p.word(op) {
		if p.peek().is("NOT") {
			return nil, p.unexpected()
		}
		kid, err := p.operand()
		if err != nil {
			return nil, err
		}
		all.kids = append(all.kids, kid)
	}
	if t := p.peek(); t.is("AND") || t.is("OR") {
		return nil, p.unexpected()
	}
	return all, nil
}

func (p *parser) operand() (*condition, *refusal) {
	if p.deep++; p.deep > 500 {
		return nil, badRequest("MALFORMED_QUERY", "the condition is nested too deeply")
	}
	defer func() { p.deep-- }()
	t := p.peek()
	if p.word("NOT") {
		if p.peek().is("NOT") {
			return nil, p.unexpected()
		}
		kid, err := p.operand()
		if err != nil {
			return nil, err
		}
		return &condition{op: "NOT", kids: []*condition{kid}, pos: t.pos}, nil
	}
	if p.mark("(") {
		c, err := p.expression(true)
		if err != nil {
			return nil, err
		}
		if !p.mark(")") {
			return nil, p.unexpected()
		}
		return &condition{op: "()", kids: []*condition{c}, braced: true, pos: t.pos}, nil
	}
	return p.comparison()
}

func (p *parser) comparison() (*condition, *refusal) {
	c := &condition{pos: p.peek().pos}
	if err := p.subject(c); err != nil {
		return nil, err
	}
	t := p.next()
	switch {
	case t.mark("="), t.mark("<"), t.mark(">"), t.mark("<="), t.mark(">="), t.mark("!="):
		c.cmp = t.text
	case t.mark("<>"):
		c.cmp = "!="
	case t.is("LIKE"):
		c.cmp = "LIKE"
	case t.is("IN"), t.is("INCLUDES"), t.is("EXCLUDES"):
		c.cmp = strings.ToUpper(t.text)
	case t.is("NOT") && p.word("IN"):
		c.cmp = "NOT IN"
	default:
		p.at--
		if t.kind == tokEnd {
			p.at = len(p.toks) - 1
		}
		return nil, p.unexpectedAt(t)
	}
	switch c.cmp {
	case "IN", "NOT IN", "INCLUDES", "EXCLUDES":
	default:
		return c, p.literal(c)
	}
	if !p.mark("(") {
		return nil, p.unexpected()
	}
	if p.peek().is("SELECT") && strings.HasSuffix(c.cmp, "IN") {
		var err *refusal
		if c.join, err = p.statement(1); err != nil {
			return nil, err
		}
	} else {
		for {
			if err := p.literal(c); err != nil {
				return nil, err
			}
			if !p.mark(",") {
				break
			}
		}
	}
	if !p.mark(")") {
		return nil, p.unexpected()
	}
	return c, nil
}

// subject reads what is compared: a field, or one function of it.
func (p *parser) subject(c *condition) (err *refusal) {
	first := p.peek()
	if c.path, err = p.path(); err != nil || !p.peek().mark("(") || len(c.path) > 1 {
		return err
	}
	if !isFunction(first.text) {
		return p.unexpected()
	}
	p.next()
	c.call = first
	if p.word("convertTimezone") {
		if c.local = p.mark("("); !c.local {
			return p.unexpected()
		}
	}
	if c.path, err = p.path(); err != nil {
		return err
	}
	if c.local && !p.mark(")") || !p.mark(")") {
		return p.unexpected()
	}
	return nil
}

// currency reads USD1000 and USD1000.50, of which the lexer made a word and perhaps a number that stands right behind it.
func (p *parser) currency(t *token) bool {
	if _, _, ok := currencyLiteral(t.text); !ok || t.kind != tokWord {
		return false
	}
	p.at++
	if more := p.peek(); more.kind == tokNumber && more.pos == t.pos+len(t.text) && strings.HasPrefix(more.text, ".") {
		p.at++
		t.text += more.text
	}
	return true
}

func (p *parser) literal(c *condition) *refusal {
	t := p.peek()
	arg := ""
	switch {
	case t.kind == tokText, t.kind == tokNumber, t.kind == tokDate, t.kind == tokTime:
		p.at++
	case p.currency(&t):
	case t.kind == tokWord && (t.is("true") || t.is("false") || t.is("null") || isRelative(t.text)):
		p.at++
		if p.mark(":") {
			n, err := p.whole()
			if err != nil {
				return err
			}
			arg = strconv.Itoa(n)
		}
	default:
		return p.unexpected()
	}
	c.values = append(c.values, t)
	c.arg = append(c.arg, arg)
	return nil
}
