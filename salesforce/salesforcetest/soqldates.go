package salesforcetest

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the user's zone must be known on any machine

	"github.com/shopspring/decimal"
)

// A calendar is what dates in a query depend on: the zone of the user who asks, and how the company counts its years.
type calendar struct {
	zone       *time.Location
	fiscal     time.Month // in which a fiscal year begins
	byStarting bool       // a fiscal year is called after the calendar year it begins in, else after the one it ends in
}

// calendar is that of the integration user, found when a query first needs it.
func (rd *reader) calendar() calendar {
	if rd.cal == nil {
		c := calendar{zone: time.UTC, fiscal: time.January}
		if zone, err := time.LoadLocation(rd.o.rows[rd.o.user].text("TimeZoneSidKey")); err == nil {
			c.zone = zone
		}
		if company := rd.o.rows[rd.o.orgID]; company != nil {
			if n, ok := company.get("FiscalYearStartMonth").(decimal.Decimal); ok && n.IntPart() >= 1 && n.IntPart() <= 12 {
				c.fiscal = time.Month(n.IntPart())
			}
			c.byStarting = company.get("UsesStartDateAsFiscalYearName") == true
		}
		rd.cal = &c
	}
	return *rd.cal
}

// start is the first moment of the unit that lies n units from the one that t is in. Weeks begin on Sunday, as for en_US.
func (c calendar) start(unit string, t time.Time, n int) time.Time {
	t = t.In(c.zone)
	y, m, d := t.Date()
	switch unit {
	case "WEEK":
		d += 7*n - int(t.Weekday())
	case "MONTH":
		m, d = m+time.Month(n), 1
	case "QUARTER":
		m, d = m-(m-1)%3+time.Month(3*n), 1
	case "YEAR":
		y, m, d = y+n, 1, 1
	case "FISCAL_QUARTER":
		m, d = m-c.into(m)%3+time.Month(3*n), 1
	case "FISCAL_YEAR":
		m, d = m-c.into(m)+time.Month(12*n), 1
	default:
		d += n
	}
	return time.Date(y, m, d, 0, 0, 0, 0, c.zone)
}

// into is how many months of its fiscal year lie before a month.
func (c calendar) into(m time.Month) time.Month { return (m - c.fiscal + 12) % 12 }

// fiscalYear is the year's name: in a company whose year begins in July, August 2026 is in 2027 unless names go by the beginning.
func (c calendar) fiscalYear(t time.Time) int {
	begins := time.Date(t.Year(), t.Month()-c.into(t.Month()), 1, 0, 0, 0, 0, time.UTC)
	if c.fiscal == time.January || c.byStarting {
		return begins.Year()
	}
	return begins.Year() + 1
}

var (
	wholeUnit = regexp.MustCompile(`^(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)$`)
	manyUnits = regexp.MustCompile(`^(LAST|NEXT)_N_(DAY|WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)S$`)
	unitsAgo  = regexp.MustCompile(`^N_(DAY|WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)S_AGO$`)
)

// A span is the half-open range of moments that a date literal stands for.
type span func(c calendar, now time.Time) (from, to time.Time)

func units(unit string, from, to int) (span, bool) {
	return func(c calendar, now time.Time) (time.Time, time.Time) {
		return c.start(unit, now, from), c.start(unit, now, to)
	}, true
}

func isRelative(word string) bool {
	_, plain := relative(word, "")
	_, counted := relative(word, "1")
	return plain || counted
}

// relative reads a date literal: TODAY, THIS_FISCAL_QUARTER, LAST_N_DAYS:30, N_WEEKS_AGO:2. Of the literals that look back over n
// units only LAST_N_DAYS and LAST_90_DAYS take in the unit that today is in; those that look ahead begin behind it.
func relative(word, arg string) (span, bool) {
	word = strings.ToUpper(word)
	n, err := strconv.Atoi(arg)
	if arg != "" && err != nil {
		return nil, false
	}
	if m := manyUnits.FindStringSubmatch(word); m != nil && arg != "" {
		switch {
		case m[1] == "NEXT":
			return units(m[2], 1, n+1)
		case m[2] == "DAY":
			return units(m[2], -n, 1)
		}
		return units(m[2], -n, 0)
	}
	if m := unitsAgo.FindStringSubmatch(word); m != nil && arg != "" {
		return units(m[1], -n, 1-n)
	}
	if arg != "" {
		return nil, false
	}
	if m := wholeUnit.FindStringSubmatch(word); m != nil {
		at := map[string]int{"LAST": -1, "THIS": 0, "NEXT": 1}[m[1]]
		return units(m[2], at, at+1)
	}
	switch word {
	case "YESTERDAY":
		return units("DAY", -1, 0)
	case "TODAY":
		return units("DAY", 0, 1)
	case "TOMORROW":
		return units("DAY", 1, 2)
	case "LAST_90_DAYS":
		return units("DAY", -90, 1)
	case "NEXT_90_DAYS":
		return units("DAY", 1, 91)
	}
	return nil, false
}
