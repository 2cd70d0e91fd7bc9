package salesforcetest

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// What may stand around a field in WHERE: a date function, toLabel, and the currency of a literal beside it.

// dateFunctions take a number out of a day.
var dateFunctions = map[string]func(c calendar, t time.Time) int{
	"CALENDAR_MONTH":   func(_ calendar, t time.Time) int { return int(t.Month()) },
	"CALENDAR_QUARTER": func(_ calendar, t time.Time) int { return int(t.Month()-1)/3 + 1 },
	"CALENDAR_YEAR":    func(_ calendar, t time.Time) int { return t.Year() },
	"DAY_IN_MONTH":     func(_ calendar, t time.Time) int { return t.Day() },
	"DAY_IN_WEEK":      func(_ calendar, t time.Time) int { return int(t.Weekday()) + 1 },
	"DAY_IN_YEAR":      func(_ calendar, t time.Time) int { return t.YearDay() },
	"FISCAL_MONTH":     func(c calendar, t time.Time) int { return int(c.into(t.Month())) + 1 },
	"FISCAL_QUARTER":   func(c calendar, t time.Time) int { return int(c.into(t.Month()))/3 + 1 },
	"FISCAL_YEAR":      func(c calendar, t time.Time) int { return c.fiscalYear(t) },
	"HOUR_IN_DAY":      func(_ calendar, t time.Time) int { return t.Hour() },
	"WEEK_IN_MONTH":    func(_ calendar, t time.Time) int { return (t.Day()-1)/7 + 1 },
	"WEEK_IN_YEAR":     func(_ calendar, t time.Time) int { return (t.YearDay()-1)/7 + 1 },
}

// isFunction: what WHERE knows. Aggregates, FORMAT and convertCurrency are refused there by Salesforce too.
func isFunction(word string) bool {
	_, ok := dateFunctions[strings.ToUpper(word)]
	return ok || strings.EqualFold(word, "DAY_ONLY") || strings.EqualFold(word, "toLabel")
}

// call compiles the function of a condition: what kind of value it gives, and how it comes from the field's.
func (pl *planner) call(c *condition, f *field) (*field, func(rd *reader, v any) any, *refusal) {
	name := strings.ToUpper(c.call.text)
	if name == "TOLABEL" {
		if !f.labelled() {
			return nil, nil, pl.fail("INVALID_FIELD", c.pos, "field '%s' does not support toLabel: it is no picklist", f.name)
		}
		return f, func(_ *reader, v any) any { return f.labelOf(v) }, nil
	}
	if f.kind != kindDate && f.kind != kindTime {
		return nil, nil, pl.fail("INVALID_FIELD", c.pos, "field '%s' does not support the function %s: it is no date", f.name, name)
	}
	if f.kind == kindDate && (name == "DAY_ONLY" || name == "HOUR_IN_DAY" || c.local) {
		return nil, nil, pl.fail("INVALID_FIELD", c.pos, "field '%s' is of type date: %s takes a dateTime", f.name, name)
	}
	// Without convertTimezone a dateTime is taken in UTC, whatever the user's zone.
	moment := func(rd *reader, v any) time.Time {
		switch t := v.(type) {
		case time.Time:
			if c.local {
				return t.In(rd.calendar().zone)
			}
			return t.UTC()
		case date:
			day, _ := time.Parse("2006-01-02", string(t))
			return day
		}
		return time.Time{}
	}
	if name == "DAY_ONLY" {
		return &field{name: f.name, kind: kindDate}, func(rd *reader, v any) any {
			if v == nil {
				return nil
			}
			return date(moment(rd, v).Format("2006-01-02"))
		}, nil
	}
	number := dateFunctions[name]
	return &field{name: f.name, kind: kindInt}, func(rd *reader, v any) any {
		if v == nil {
			return nil
		}
		return decimal.NewFromInt(int64(number(rd.calendar(), moment(rd, v))))
	}, nil
}

// labelled: picklists have labels; so has RecordType.Name, and a column of an export may be a picklist for all we know.
func (f *field) labelled() bool {
	return f.kind == kindPicklist || f.kind == kindMulti || f.guessed && f.kind == kindText || f.translated
}

// labelOf is how users see a picklist value, each one of several by itself.
func (f *field) labelOf(v any) any {
	s, ok := v.(string)
	if !ok || len(f.labels) == 0 {
		return v
	}
	all := strings.Split(s, ";")
	for i, value := range all {
		if label, ok := f.labels[value]; ok {
			all[i] = label
		}
	}
	return strings.Join(all, ";")
}

// currencyLiteral splits USD50.5 into its code and its number.
func currencyLiteral(text string) (code, number string, ok bool) {
	if len(text) < 4 {
		return "", "", false
	}
	for i := 0; i < 3; i++ {
		if c := text[i]; (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return "", "", false
		}
	}
	if _, ok := decimalOf(text[3:]); !ok || strings.ContainsAny(text[3:], "eE+") {
		return "", "", false
	}
	return strings.ToUpper(text[:3]), text[3:], true
}

// rate is how much of a currency one unit of the org's own is worth; 0 if the org does not use it.
func (o *Org) rate(code string) decimal.Decimal {
	types := o.objects["currencytype"]
	if types == nil {
		return decimal.Zero
	}
	for _, t := range types.rows {
		if strings.EqualFold(t.text("IsoCode"), code) && t.get("IsActive") == true && !t.deleted() {
			n, _ := t.get("ConversionRate").(decimal.Decimal)
			return n
		}
	}
	return decimal.Zero
}

// inOwn turns an amount into the org's own currency, where it can be compared with others.
func (o *Org) inOwn(amount decimal.Decimal, code string) decimal.Decimal {
	rate := o.rate(code)
	if rate.IsZero() {
		return amount
	}
	return amount.DivRound(rate, 12)
}

// money compiles the reading of an amount beside a literal with a currency: in the org's own, by the currency of its record.
func (pl *planner) money(f *field, code *field, hops []*field) filterValue {
	return func(rd *reader, vals []any) any {
		amount, ok := rd.follow(vals, hops, f).(decimal.Decimal)
		if !ok {
			return nil
		}
		if code == nil {
			return amount
		}
		return rd.o.inOwn(amount, str(rd.follow(vals, hops, code)))
	}
}

// A filterValue reads from a row what a condition compares.
type filterValue func(rd *reader, vals []any) any

// includes compiles INCLUDES and EXCLUDES: 'A;B' asks for both, a further text for an alternative.
func includes(c *condition) func(*reader, any) bool {
	var wanted [][]string
	for _, t := range c.values {
		wanted = append(wanted, strings.Split(strings.ToLower(t.text), ";"))
	}
	want := c.cmp == "INCLUDES"
	return func(_ *reader, v any) bool {
		have := map[string]bool{}
		for _, s := range strings.Split(strings.ToLower(str(v)), ";") {
			have[s] = s != ""
		}
		for _, group := range wanted {
			all := true
			for _, s := range group {
				all = all && have[s]
			}
			if all {
				return want
			}
		}
		return !want
	}
}

// inOrder makes the choice of a multi-select picklist comparable: the order in which it was made does not count.
func inOrder(choice string) string {
	all := strings.Split(strings.ToLower(choice), ";")
	slices.Sort(all)
	return strings.Join(all, ";")
}
