package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// environment is what one evaluation sees.
type environment struct {
	row      map[string]any
	root     map[string]any // the row that lines belong to; the row itself elsewhere
	today    time.Time
	currency string
	location *time.Location
	looked   *scalar // the line of a table that was used last
}

// evalFault is a formula that has no answer for this row.
type evalFault struct {
	text, owner, table string
	fields             []string // labels of the fields whose values have no answer
}

func (f *evalFault) Error() string { return f.text }

func salesFault(format string, args ...any) error {
	return &evalFault{text: fmt.Sprintf(format, args...), owner: ownerSales}
}

// faultOf makes any error of an evaluation a fault.
func faultOf(err error) *evalFault {
	var f *evalFault
	if errors.As(err, &f) {
		return f
	}
	return &evalFault{text: err.Error(), owner: ownerAdmin}
}

// run evaluates a checked formula.
func (c *code) run(env *environment) (value, error) {
	switch c.kind {
	case constantCode:
		return c.constant, nil
	case fieldCode:
		return c.read(env)
	case specialCode:
		return c.special(env)
	}
	args := make([]value, len(c.args))
	for i, a := range c.args {
		v, err := a.run(env)
		if err != nil {
			return value{}, err
		}
		args[i] = v
	}
	switch c.kind {
	case toDateCode:
		if args[0].empty() {
			return value{}, nil
		}
		y, m, d := args[0].time.In(env.location).Date()
		return dateValue(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)), nil
	case callCode:
		if !c.function.blanks && slices.ContainsFunc(args, value.empty) {
			return value{}, nil
		}
		v, err := c.function.call(env, args)
		return v, c.blame(err)
	}
	v, err := c.operate(args)
	return v, c.blame(err)
}

// blame notes the fields of the part of a formula that has no answer.
func (c *code) blame(err error) error {
	var f *evalFault
	if errors.As(err, &f) && f.owner == ownerSales {
		f.fields = c.fields(func(*code) bool { return true })
	}
	return err
}

// read follows the path; a related record that is missing makes it empty.
func (c *code) read(env *environment) (value, error) {
	if c.currency {
		return textValue(env.currency), nil
	}
	row := env.row
	if c.up {
		row = env.root
	}
	raw, err := along(row, c.path)
	if err != nil {
		return value{}, &evalFault{text: err.Error(), owner: ownerAdmin}
	}
	v, err := fromJSON(raw, c.typ)
	if err != nil {
		return value{}, &evalFault{text: fmt.Sprintf("%s: %v", strings.Join(c.path, "."), err), owner: ownerAdmin}
	}
	return v, nil
}

// special evaluates what must not evaluate all its arguments: a fault in a
// branch that is not taken is none.
func (c *code) special(env *environment) (value, error) {
	switch c.name {
	case "AND", "OR":
		return c.conditions(env, c.name == "OR")
	}
	first, err := c.args[0].run(env)
	if err != nil {
		return value{}, err
	}
	switch c.name {
	case "IF":
		if !first.empty() && first.flag {
			return c.args[1].run(env)
		}
		return c.args[2].run(env)
	case "BLANKVALUE":
		if first.empty() {
			return c.args[1].run(env)
		}
		return first, nil
	case "ISBLANK":
		return boolValue(first.empty()), nil
	case "LOOKUP":
		return c.table.look(first, env)
	}
	// CASE: the subject, n values, n results, else.
	n := (len(c.args) - 2) / 2
	for i := 1; i <= n; i++ {
		v, err := c.args[i].run(env)
		if err != nil {
			return value{}, err
		}
		if first.equal(v) {
			return c.args[n+i].run(env)
		}
	}
	return c.args[2*n+1].run(env)
}

// conditions combines conditions of which some may be unknown, because they
// compare something empty: an unknown one decides nothing by itself.
func (c *code) conditions(env *environment, decisive bool) (value, error) {
	unknown := false
	for _, a := range c.args {
		v, err := a.run(env)
		switch {
		case err != nil:
			return value{}, err
		case v.empty():
			unknown = true
		case v.flag == decisive:
			return boolValue(decisive), nil
		}
	}
	if unknown {
		return value{}, nil
	}
	return boolValue(!decisive), nil
}

// operate applies an operator to its values. Text and equality know what
// empty is; of everything else the answer is empty when one side is.
func (c *code) operate(v []value) (value, error) {
	switch {
	case c.name == "=":
		return boolValue(v[0].equal(v[1])), nil
	case c.name == "!=":
		return boolValue(!v[0].equal(v[1])), nil
	case c.typ == Text:
		return textValue(v[0].String() + v[1].String()), nil
	case slices.ContainsFunc(v, value.empty):
		return value{}, nil
	}
	switch c.name {
	case "unary -":
		return numberValue(v[0].num.Neg()), nil
	case "unary not":
		return boolValue(!v[0].flag), nil
	case "<":
		return boolValue(v[0].compare(v[1]) < 0), nil
	case "<=":
		return boolValue(v[0].compare(v[1]) <= 0), nil
	case ">":
		return boolValue(v[0].compare(v[1]) > 0), nil
	case ">=":
		return boolValue(v[0].compare(v[1]) >= 0), nil
	case "*":
		return numberValue(v[0].num.Mul(v[1].num)), nil
	case "/":
		if v[1].num.IsZero() {
			return value{}, salesFault("%s is divided by zero", v[0].num)
		}
		return numberValue(v[0].num.DivRound(v[1].num, divisionPlaces)), nil
	}
	if v[0].typ == Date {
		return dateSum(v[0], v[1], c.name)
	}
	if c.name == "-" {
		return numberValue(v[0].num.Sub(v[1].num)), nil
	}
	return numberValue(v[0].num.Add(v[1].num)), nil
}

// divisionPlaces is far behind what any field keeps, so that a quotient that
// is multiplied back rounds to what it came from.
const divisionPlaces = 30

func dateSum(date, other value, operator string) (value, error) {
	if other.typ == Date {
		return numberValue(decimal.NewFromInt((date.time.Unix() - other.time.Unix()) / (24 * 60 * 60))), nil
	}
	days, err := whole(other, "the number of days added to a date", 366*lastYear)
	if err != nil {
		return value{}, err
	}
	if operator == "-" {
		days = -days
	}
	return inCalendar(date.time.AddDate(0, 0, int(days)))
}
