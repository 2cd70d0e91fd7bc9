package mapping

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// value is one value of a formula. The zero value is empty; so is empty text,
// as in Salesforce.
type value struct {
	typ  Type
	text string
	num  decimal.Decimal
	flag bool
	time time.Time // a Date is midnight UTC
}

func textValue(s string) value            { return value{typ: Text, text: s} }
func numberValue(d decimal.Decimal) value { return value{typ: Number, num: d} }
func boolValue(b bool) value              { return value{typ: Bool, flag: b} }
func dateValue(t time.Time) value         { return value{typ: Date, time: t} }

func (v value) empty() bool { return v.typ == 0 || v.typ == Text && v.text == "" }

// String is the value as TEXT() and & write it.
func (v value) String() string {
	switch v.typ {
	case Text:
		return v.text
	case Number:
		return v.num.String()
	case Bool:
		return strconv.FormatBool(v.flag)
	case Date:
		return v.time.Format(time.DateOnly)
	case DateTime:
		return v.time.UTC().Format("2006-01-02 15:04:05Z")
	}
	return ""
}

// equal compares two values of one type; empty equals empty and nothing else.
func (v value) equal(w value) bool {
	if v.empty() || w.empty() {
		return v.empty() && w.empty()
	}
	switch v.typ {
	case Text:
		return v.text == w.text
	case Number:
		return v.num.Equal(w.num)
	case Bool:
		return v.flag == w.flag
	}
	return v.time.Equal(w.time)
}

// compare orders two filled values of one type.
func (v value) compare(w value) int {
	if v.typ == Number {
		return v.num.Cmp(w.num)
	}
	return v.time.Compare(w.time)
}

// mostDigits bounds what a number from outside may have on either side of its
// decimal point. Salesforce's have 18 in all; 1E9999 would fill the memory.
const mostDigits = 40

// parseNumber reads a JSON number exactly; Salesforce writes large ones with
// an exponent (1.5E7).
func parseNumber(s string) (decimal.Decimal, error) {
	if len(s) > 2*mostDigits {
		return decimal.Decimal{}, fmt.Errorf("the number %.20s… has too many digits", s)
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Decimal{}, fmt.Errorf("%q is not a number", s)
	}
	if e := d.Exponent(); e > mostDigits || e < -2*mostDigits {
		return decimal.Decimal{}, fmt.Errorf("the number %s is too large or too fine", s)
	}
	return d, nil
}

// fromJSON reads a field of a row as its schema types it.
func fromJSON(raw any, as Type) (value, error) {
	if raw == nil {
		return value{}, nil
	}
	switch as {
	case Text:
		switch v := raw.(type) {
		case string:
			return textValue(v), nil
		case json.Number:
			return textValue(v.String()), nil
		case bool:
			return textValue(strconv.FormatBool(v)), nil
		}
	case Number:
		var written string
		switch v := raw.(type) {
		case json.Number:
			written = v.String()
		case string:
			if v == "" {
				return value{}, nil
			}
			written = v
		default:
			return value{}, fmt.Errorf("%s is not a number", describe(raw))
		}
		d, err := parseNumber(written)
		if err != nil {
			return value{}, err
		}
		return numberValue(d), nil
	case Bool:
		if v, ok := raw.(bool); ok {
			return boolValue(v), nil
		}
	case Date, DateTime:
		v, ok := raw.(string)
		if !ok {
			break
		}
		if v == "" {
			return value{}, nil
		}
		t, ok := parseTime(v)
		if !ok {
			break
		}
		if as == Date {
			y, m, d := t.Date() // a calendar date is the day it names, in whatever zone it is written
			return dateValue(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)), nil
		}
		return value{typ: DateTime, time: t.UTC()}, nil
	}
	return value{}, fmt.Errorf("%s is not %s", describe(raw), as)
}

func describe(raw any) string {
	text, err := json.Marshal(raw)
	if err != nil {
		return "the value"
	}
	return shorten(string(text))
}

// shorten keeps a complaint readable: the value's beginning is enough to find it.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// timeForms are the forms in which Salesforce and Xero write dates and times.
var timeForms = []string{
	time.DateOnly,
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04:05.999999999Z07:00",
	"2006-01-02T15:04:05.999999999",
}

func parseTime(s string) (time.Time, bool) {
	if inner, ok := strings.CutPrefix(s, "/Date("); ok {
		// Xero: milliseconds since 1970; the zone behind them changes only how
		// the instant is shown.
		inner, ok = strings.CutSuffix(inner, ")/")
		if !ok {
			return time.Time{}, false
		}
		if i := strings.IndexAny(inner, "+-"); i > 0 {
			inner = inner[:i]
		}
		ms, err := strconv.ParseInt(inner, 10, 64)
		return time.UnixMilli(ms).UTC(), err == nil
	}
	for _, form := range timeForms {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
