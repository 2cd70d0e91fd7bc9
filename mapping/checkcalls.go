package mapping

import "fmt"

// otherFunctions is advice for those that Salesforce or Excel have and this
// language has not.
var otherFunctions = map[string]string{
	"ISPICKVAL": `compare the field itself: StageName = "Closed Won"`, "DATEVALUE": "a date with time counts as a date by itself",
	"CONCATENATE": "join text with &", "CONCAT": "join text with &", "EOMONTH": "write ENDOFMONTH(ADDMONTHS(date, months))",
	"NULLVALUE": "write BLANKVALUE", "ISNULL": "write ISBLANK", "NOW": "write TODAY()", "VLOOKUP": `write LOOKUP("table", value)`,
	"STARTSWITH": "write BEGINS", "IFERROR": "say which values are possible with IF or CASE", "IFS": "write CASE or IF", "SWITCH": "write CASE",
	"DAYS": "add a number to a date: CloseDate + 30", "SUM": "add with +", "PROPER": "there is nothing like it here",
}

func (c *checker) call(e *expr) *code {
	switch e.text {
	case "IF":
		return c.callIf(e)
	case "CASE":
		return c.callCase(e)
	case "AND", "OR":
		return c.callConditions(e)
	case "ISBLANK":
		if !c.count(e, 1, 1) {
			return nil
		}
		of := c.check(e.args[0])
		if of == nil {
			return nil
		}
		return &code{kind: specialCode, typ: Bool, name: "ISBLANK", args: []*code{of}}
	case "BLANKVALUE":
		if !c.count(e, 2, 2) {
			return nil
		}
		return c.alike(e, "BLANKVALUE", nil, e.args)
	case "LOOKUP":
		return c.callLookup(e)
	}
	f := functionNamed(e.text)
	if f == nil {
		if advice, ok := otherFunctions[e.text]; ok {
			return c.wrong(e.at, "there is no function %s; %s", e.text, advice)
		}
		return c.wrong(e.at, "there is no function %s%s", e.text, didYouMean(e.text, functionNames()))
	}
	most := len(f.takes)
	if f.more {
		most = longestFormula
	}
	if !c.count(e, len(f.takes), most) {
		return nil
	}
	if f.name == "TODAY" && c.view.api == xeroName {
		return c.wrong(e.at, "TODAY() in writeback would write something new every day; name one of Xero's dates")
	}
	out := &code{kind: callCode, typ: f.gives, name: f.name, function: f}
	for i, arg := range e.args {
		a := c.checkAs(arg, f.takes[min(i, len(f.takes)-1)], e.text)
		if a != nil && f.name == "TEXT" && a.typ == Bool {
			a = c.wrong(arg.start, `TEXT takes numbers, dates and picklists, not true or false; write IF(…, "yes", "no")`)
		}
		out.args = append(out.args, a)
	}
	return complete(out)
}

// complete gives nil when an argument had a problem.
func complete(c *code) *code {
	for _, a := range c.args {
		if a == nil {
			return nil
		}
	}
	return c
}

func (c *checker) count(e *expr, least, most int) bool {
	n := len(e.args)
	if n >= least && n <= most {
		return true
	}
	want := fmt.Sprintf("%d arguments", least)
	switch {
	case most == 0:
		want = "no arguments"
	case most > least:
		want = "at least one argument" // no function that takes more needs two
	case least == 1:
		want = "one argument"
	}
	c.wrong(e.at, "%s takes %s, and here are %d", e.text, want, n)
	return false
}

// alike checks that args can stand for each other: the results of IF and CASE.
func (c *checker) alike(e *expr, name string, before []*code, args []*expr) *code {
	checked := make([]*code, len(args))
	known := &code{}
	for i, a := range args {
		if checked[i] = c.check(a); checked[i] == nil {
			continue
		}
		t, ok := common(known, checked[i])
		if !ok {
			checked[i] = c.wrong(a.start, "the results of %s must be of one kind; here are %s and %s", e.text, known.typ, checked[i].typ)
			continue
		}
		known.typ = t
	}
	out := &code{kind: specialCode, typ: known.typ, name: name, args: before}
	for _, a := range checked {
		if a != nil {
			a = a.as(known.typ)
		}
		out.args = append(out.args, a)
	}
	return complete(out)
}

func (c *checker) callIf(e *expr) *code {
	if !c.count(e, 3, 3) {
		return nil
	}
	return c.alike(e, "IF", []*code{c.checkAs(e.args[0], Bool, "the condition of IF")}, e.args[1:])
}

// callCase orders the arguments as subject, values, results, else.
func (c *checker) callCase(e *expr) *code {
	if len(e.args) < 4 || len(e.args)%2 != 0 {
		return c.wrong(e.at, "CASE takes a value, pairs of value and result, and last what else it is: CASE(Type, \"A\", 1, \"B\", 2, 0)")
	}
	subject := c.check(e.args[0])
	if subject != nil && subject.typ == DateTime {
		subject = subject.as(Date)
	}
	before := []*code{subject}
	var results []*expr
	for i := 1; i < len(e.args)-1; i += 2 {
		v := c.check(e.args[i])
		if v != nil && subject != nil {
			if t, ok := common(subject, v); ok {
				v = v.as(t)
				c.checkLiteral(e.args[0], e.args[i])
			} else {
				v = c.wrong(e.args[i].start, "CASE compares %s with %s%s", subject.typ, v.typ, comparison(subject.typ, v.typ))
			}
		}
		before = append(before, v)
		results = append(results, e.args[i+1])
	}
	return c.alike(e, "CASE", before, append(results, e.args[len(e.args)-1]))
}

func (c *checker) callConditions(e *expr) *code {
	if !c.count(e, 1, longestFormula) {
		return nil
	}
	out := &code{kind: specialCode, typ: Bool, name: e.text}
	for _, a := range e.args {
		out.args = append(out.args, c.checkAs(a, Bool, e.text))
	}
	return complete(out)
}

func (c *checker) callLookup(e *expr) *code {
	if !c.count(e, 2, 2) {
		return nil
	}
	name := e.args[0]
	of := c.checkAs(e.args[1], Text, "LOOKUP")
	if name.kind != textExpr {
		return c.wrong(name.start, `the table's name stands in quotes: LOOKUP("tax", …)`)
	}
	t := c.tables[name.text]
	if t == nil {
		names := make([]string, 0, len(c.tables))
		for n := range c.tables {
			names = append(names, n)
		}
		return c.wrong(name.start, "there is no table %q in tables:%s", name.text, didYouMean(name.text, names))
	}
	if of == nil {
		return nil
	}
	return &code{kind: specialCode, typ: Text, name: "LOOKUP", table: t, args: []*code{of}}
}
