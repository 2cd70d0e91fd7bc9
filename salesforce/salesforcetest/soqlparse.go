package salesforcetest

import (
	"strconv"
	"strings"
)

// A statement is a query as written; names are resolved when it is planned.
type statement struct {
	soql   string
	from   token
	alias  string
	items  []item
	count  bool // SELECT COUNT()
	where  *condition
	order  []ordering
	limit  int // -1: none
	offset int
	deep   int
}

// An item of the field list: a path, toLabel of one, a child query, or FIELDS(…).
type item struct {
	path  []token
	child *statement
	all   string // ALL, STANDARD, CUSTOM
	label bool   // toLabel(…)
	alias string
	pos   int
}

type condition struct {
	op     string // AND, OR, NOT, or "" for a comparison
	kids   []*condition
	braced bool
	path   []token
	call   token  // a function around the path: CALENDAR_YEAR, toLabel
	local  bool   // convertTimezone between the two
	cmp    string // = != < <= > >= LIKE IN NOT IN INCLUDES EXCLUDES
	values []token
	arg    []string // n of LAST_N_DAYS:n, beside values
	join   *statement
	found  func(*reader) map[string]bool // the ids that join finds
	pos    int
}

type ordering struct {
	path      []token
	down      bool
	nullsLast bool
}

type parser struct {
	soql string
	toks []token
	at   int
	deep int
}

func parseSOQL(soql string) (*statement, *refusal) {
	toks, err := lexSOQL(soql)
	if err != nil {
		return nil, err
	}
	p := &parser{soql: soql, toks: toks}
	st, err := p.statement(0)
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokEnd {
		return nil, p.unexpected()
	}
	return st, nil
}

func (p *parser) peek() token { return p.toks[p.at] }

func (p *parser) next() token {
	t := p.toks[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *parser) word(words ...string) bool {
	for i, w := range words {
		if p.at+i >= len(p.toks) || !p.toks[p.at+i].is(w) {
			return false
		}
	}
	p.at += len(words)
	return true
}

func (p *parser) mark(m string) bool {
	if p.peek().mark(m) {
		p.at++
		return true
	}
	return false
}

func (p *parser) unexpected() *refusal { return p.unexpectedAt(p.peek()) }

func (p *parser) unexpectedAt(t token) *refusal {
	return soqlError("MALFORMED_QUERY", p.soql, t.pos, "unexpected token: '%s'", t.shown())
}

func (p *parser) statement(deep int) (*statement, *refusal) {
	st := &statement{soql: p.soql, limit: -1, deep: deep}
	if !p.word("SELECT") {
		return nil, p.unexpected()
	}
	if p.at+2 < len(p.toks) && p.peek().is("COUNT") && p.toks[p.at+1].mark("(") && p.toks[p.at+2].mark(")") {
		p.at += 3
		st.count = true
	} else {
		for {
			it, err := p.item(deep)
			if err != nil {
				return nil, err
			}
			st.items = append(st.items, it)
			if !p.mark(",") {
				break
			}
		}
	}
	if !p.word("FROM") {
		return nil, p.unexpected()
	}
	if p.peek().kind != tokWord {
		return nil, p.unexpected()
	}
	st.from = p.next()
	if p.mark(".") { // FROM Account.Contacts is the old way to name a child; only the last name counts
		st.from = p.next()
	}
	p.word("AS")
	if t := p.peek(); t.kind == tokWord && !isClause(t) {
		st.alias = p.next().text
	}
	if p.word("USING", "SCOPE") {
		p.next()
	}
	return st, p.clauses(st)
}

func isClause(t token) bool {
	for _, w := range []string{"WHERE", "ORDER", "LIMIT", "OFFSET", "GROUP", "HAVING", "WITH", "FOR", "USING", "ALL", "UPDATE"} {
		if t.is(w) {
			return true
		}
	}
	return false
}

func (p *parser) clauses(st *statement) *refusal {
	var err *refusal
	if p.word("WHERE") {
		if st.where, err = p.expression(false); err != nil {
			return err
		}
	}
	if p.word("ORDER", "BY") {
		for {
			o := ordering{}
			if o.path, err = p.path(); err != nil {
				return err
			}
			if p.word("DESC") {
				o.down = true
			} else {
				p.word("ASC")
			}
			if p.word("NULLS", "LAST") {
				o.nullsLast = true
			} else {
				p.word("NULLS", "FIRST")
			}
			st.order = append(st.order, o)
			if !p.mark(",") {
				break
			}
		}
	}
	if p.word("LIMIT") {
		if st.limit, err = p.whole(); err != nil {
			return err
		}
	}
	if p.word("OFFSET") {
		at := p.peek().pos
		if st.offset, err = p.whole(); err != nil {
			return err
		}
		if st.offset > 2000 {
			return soqlError("NUMBER_OUTSIDE_VALID_RANGE", p.soql, at, "Maximum SOQL offset allowed is 2000")
		}
	}
	if p.word("FOR") {
		if !p.word("VIEW") && !p.word("REFERENCE") {
			return p.unexpected()
		}
	}
	return nil
}

func (p *parser) whole() (int, *refusal) {
	t := p.peek()
	n, err := strconv.Atoi(t.text)
	if t.kind != tokNumber || err != nil || n < 0 {
		return 0, p.unexpected()
	}
	p.at++
	return n, nil
}

func (p *parser) path() ([]token, *refusal) {
	var path []token
	for {
		if p.peek().kind != tokWord {
			return nil, p.unexpected()
		}
		path = append(path, p.next())
		if !p.mark(".") {
			return path, nil
		}
	}
}

func (p *parser) item(deep int) (item, *refusal) {
	t := p.peek()
	if p.mark("(") {
		if deep >= 4 {
			return item{}, soqlError("MALFORMED_QUERY", p.soql, t.pos, "SOQL statements cannot query aggregate relationships more than 4 levels away from the root entity object.")
		}
		child, err := p.statement(deep + 1)
		if err != nil {
			return item{}, err
		}
		if !p.mark(")") {
			return item{}, p.unexpected()
		}
		return item{child: child, pos: t.pos}, nil
	}
	if t.is("FROM") {
		return item{}, p.unexpected()
	}
	path, err := p.path()
	if err != nil {
		return item{}, err
	}
	it := item{path: path, pos: t.pos}
	if p.peek().mark("(") {
		if len(path) == 1 && t.is("FIELDS") && p.at+2 < len(p.toks) && p.toks[p.at+2].mark(")") {
			it.all = strings.ToUpper(p.toks[p.at+1].text)
			p.at += 3
			if it.all != "ALL" && it.all != "STANDARD" && it.all != "CUSTOM" {
				return item{}, soqlError("MALFORMED_QUERY", p.soql, t.pos, "unexpected token: '%s'", it.all)
			}
			return it, nil
		}
		if len(path) == 1 && t.is("toLabel") {
			return p.labelled(it)
		}
		// Aggregates, convertCurrency and format are beyond this org.
		return item{}, p.unexpected()
	}
	return it, nil
}

// labelled reads the rest of toLabel(StageName), with or without an alias.
func (p *parser) labelled(it item) (item, *refusal) {
	p.next()
	var err *refusal
	if it.path, err = p.path(); err != nil {
		return item{}, err
	}
	if !p.mark(")") {
		return item{}, p.unexpected()
	}
	it.label = true
	if t := p.peek(); t.kind == tokWord && !t.is("FROM") {
		it.alias = p.next().text
	}
	return it, nil
}

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
