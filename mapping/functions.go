package mapping

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// function is one function of the formula language whose arguments are all
// evaluated. IF, CASE, BLANKVALUE, ISBLANK, AND, OR, NOT and LOOKUP, which
// leave arguments out or take any type, stand in check.go and eval.go.
type function struct {
	name   string
	takes  []Type
	more   bool // the last type may repeat
	gives  Type
	blanks bool // gets empty arguments; otherwise one empty argument makes the answer empty
	call   func(env *environment, args []value) (value, error)
}

// functions has Salesforce's meaning for each name, in the alphabet.
var functions = []function{
	{name: "ABS", takes: []Type{Number}, gives: Number, call: func(_ *environment, a []value) (value, error) {
		return numberValue(a[0].num.Abs()), nil
	}},
	{name: "ADDMONTHS", takes: []Type{Date, Number}, gives: Date, call: addMonths},
	{name: "BEGINS", takes: []Type{Text, Text}, gives: Bool, blanks: true, call: func(_ *environment, a []value) (value, error) {
		return boolValue(strings.HasPrefix(a[0].text, a[1].text)), nil
	}},
	{name: "CONTAINS", takes: []Type{Text, Text}, gives: Bool, blanks: true, call: func(_ *environment, a []value) (value, error) {
		return boolValue(strings.Contains(a[0].text, a[1].text)), nil
	}},
	{name: "DATE", takes: []Type{Number, Number, Number}, gives: Date, call: makeDate},
	{name: "DAY", takes: []Type{Date}, gives: Number, call: func(_ *environment, a []value) (value, error) {
		return wholeValue(a[0].time.Day()), nil
	}},
	{name: "ENDOFMONTH", takes: []Type{Date}, gives: Date, call: func(_ *environment, a []value) (value, error) {
		y, m, _ := a[0].time.Date()
		return dateValue(time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC)), nil
	}},
	{name: "LEFT", takes: []Type{Text, Number}, gives: Text, call: func(_ *environment, a []value) (value, error) {
		r := []rune(a[0].text)
		return textValue(string(r[:within(a[1].num, len(r))])), nil
	}},
	{name: "LEN", takes: []Type{Text}, gives: Number, blanks: true, call: func(_ *environment, a []value) (value, error) {
		return wholeValue(utf8.RuneCountInString(a[0].text)), nil
	}},
	{name: "LOWER", takes: []Type{Text}, gives: Text, call: func(_ *environment, a []value) (value, error) {
		return textValue(strings.ToLower(a[0].text)), nil
	}},
	{name: "MAX", takes: []Type{Number}, more: true, gives: Number, call: func(_ *environment, a []value) (value, error) {
		return extreme(a, 1), nil
	}},
	{name: "MID", takes: []Type{Text, Number, Number}, gives: Text, call: func(_ *environment, a []value) (value, error) {
		r := []rune(a[0].text)
		from := within(a[1].num.Sub(decimal.NewFromInt(1)), len(r))
		return textValue(string(r[from : from+within(a[2].num, len(r)-from)])), nil
	}},
	{name: "MIN", takes: []Type{Number}, more: true, gives: Number, call: func(_ *environment, a []value) (value, error) {
		return extreme(a, -1), nil
	}},
	{name: "MONTH", takes: []Type{Date}, gives: Number, call: func(_ *environment, a []value) (value, error) {
		return wholeValue(int(a[0].time.Month())), nil
	}},
	{name: "RIGHT", takes: []Type{Text, Number}, gives: Text, call: func(_ *environment, a []value) (value, error) {
		r := []rune(a[0].text)
		return textValue(string(r[len(r)-within(a[1].num, len(r)):])), nil
	}},
	{name: "ROUND", takes: []Type{Number, Number}, gives: Number, call: func(_ *environment, a []value) (value, error) {
		places, err := whole(a[1], "the number of decimals in ROUND", mostDigits)
		if err != nil {
			return value{}, err
		}
		return numberValue(a[0].num.Round(int32(places))), nil // half away from zero, as Salesforce and Xero round
	}},
	{name: "SUBSTITUTE", takes: []Type{Text, Text, Text}, gives: Text, blanks: true, call: func(_ *environment, a []value) (value, error) {
		if a[1].text == "" {
			return a[0], nil
		}
		return textValue(strings.ReplaceAll(a[0].text, a[1].text, a[2].text)), nil
	}},
	{name: "TEXT", takes: []Type{0}, gives: Text, call: func(_ *environment, a []value) (value, error) {
		return textValue(a[0].String()), nil
	}},
	{name: "TODAY", gives: Date, call: func(env *environment, _ []value) (value, error) {
		return dateValue(env.today), nil
	}},
	{name: "TRIM", takes: []Type{Text}, gives: Text, call: func(_ *environment, a []value) (value, error) {
		return textValue(strings.TrimSpace(a[0].text)), nil
	}},
	{name: "UPPER", takes: []Type{Text}, gives: Text, call: func(_ *environment, a []value) (value, error) {
		return textValue(strings.ToUpper(a[0].text)), nil
	}},
	{name: "VALUE", takes: []Type{Text}, gives: Number, call: func(_ *environment, a []value) (value, error) {
		return textToNumber(a[0].text)
	}},
	{name: "YEAR", takes: []Type{Date}, gives: Number, call: func(_ *environment, a []value) (value, error) {
		return wholeValue(a[0].time.Year()), nil
	}},
}

// specialFunctions are checked and evaluated one by one.
var specialFunctions = []string{"AND", "BLANKVALUE", "CASE", "IF", "ISBLANK", "LOOKUP", "NOT", "OR"}

func functionNamed(name string) *function {
	for i := range functions {
		if functions[i].name == name {
			return &functions[i]
		}
	}
	return nil
}

func functionNames() []string {
	names := append([]string(nil), specialFunctions...)
	for _, f := range functions {
		names = append(names, f.name)
	}
	return names
}

func wholeValue(n int) value { return numberValue(decimal.NewFromInt(int64(n))) }

// whole reads a number that must have no decimals and lie within ±most.
func whole(v value, what string, most int64) (int64, error) {
	if !v.num.IsInteger() || v.num.Abs().GreaterThan(decimal.NewFromInt(most)) {
		return 0, salesFault("%s is %s; it must be a whole number between -%d and %d", what, v.num, most, most)
	}
	return v.num.IntPart(), nil
}

// within cuts a count of characters to what there is: less than none is none.
func within(n decimal.Decimal, most int) int {
	if n.Sign() <= 0 {
		return 0
	}
	if n.GreaterThanOrEqual(decimal.NewFromInt(int64(most))) {
		return most
	}
	return int(n.IntPart())
}

func extreme(args []value, sign int) value {
	best := args[0]
	for _, a := range args[1:] {
		if a.num.Cmp(best.num) == sign {
			best = a
		}
	}
	return best
}

// Dates that formulas may give; both services refuse others anyway.
const firstYear, lastYear = 1700, 4000

func makeDate(_ *environment, a []value) (value, error) {
	var parts [3]int
	for i, what := range []string{"the year in DATE", "the month in DATE", "the day in DATE"} {
		n, err := whole(a[i], what, lastYear)
		if err != nil {
			return value{}, err
		}
		parts[i] = int(n)
	}
	t := time.Date(parts[0], time.Month(parts[1]), parts[2], 0, 0, 0, 0, time.UTC)
	if t.Year() != parts[0] || int(t.Month()) != parts[1] || t.Day() != parts[2] {
		return value{}, salesFault("%d-%02d-%02d is not a day of the calendar", parts[0], parts[1], parts[2])
	}
	return inCalendar(t)
}

func inCalendar(t time.Time) (value, error) {
	if t.Year() < firstYear || t.Year() > lastYear {
		return value{}, salesFault("a date in the year %d is out of range", t.Year())
	}
	return dateValue(t), nil
}

// addMonths does as Salesforce: the last day of a month stays the last day,
// and a day that the other month lacks becomes its last.
func addMonths(_ *environment, a []value) (value, error) {
	months, err := whole(a[1], "the number of months in ADDMONTHS", 12*lastYear)
	if err != nil {
		return value{}, err
	}
	y, m, d := a[0].time.Date()
	lastDay := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
	target := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC)
	if d < lastDay && d < target.Day() {
		target = time.Date(target.Year(), target.Month(), d, 0, 0, 0, 0, time.UTC)
	}
	return inCalendar(target)
}

func textToNumber(text string) (value, error) {
	t := strings.TrimSpace(text)
	if t == "" {
		return value{}, nil
	}
	if strings.Trim(t, "0123456789.+-") == "" {
		if d, err := parseNumber(t); err == nil {
			return numberValue(d), nil
		}
	}
	return value{}, salesFault("%q cannot be read as a number", shorten(text))
}
