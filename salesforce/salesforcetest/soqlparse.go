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
