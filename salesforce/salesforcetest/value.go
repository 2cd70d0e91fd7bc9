package salesforcetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// Values in rows are nil, string (texts and ids), bool, decimal.Decimal, date or time.Time.

// A date is a calendar day, YYYY-MM-DD; as text it compares in the right order.
type date string

const stampLayout = "2006-01-02T15:04:05.000-0700"

func parseDate(s string) (date, bool) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return "", false
	}
	return date(t.Format("2006-01-02")), true
}

// parseTime reads the forms of a datetime that Salesforce takes, with or without fractions, with Z or an offset.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999-0700", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(time.Second), true
		}
	}
	return time.Time{}, false
}

// coerce reads a value as it came in JSON, CSV or from a hand as the field keeps it.
func (f *field) coerce(v any) (any, *refusal) {
	wrong := func() *refusal {
		shown := "VALUE_STRING"
		switch v.(type) {
		case bool:
			shown = "VALUE_BOOLEAN"
		case json.Number, decimal.Decimal, int, int64:
			shown = "VALUE_NUMBER"
		case map[string]any:
			shown = "START_OBJECT"
		case []any:
			shown = "START_ARRAY"
		}
		return badRequest("JSON_PARSER_ERROR", fmt.Sprintf("Cannot deserialize instance of %s from %s value %v or request may be missing a required field at [line:1, column:2]", f.javaType(), shown, v))
	}
	if v == nil {
		if f.kind == kindBool {
			return nil, badRequest("INVALID_TYPE_ON_FIELD_IN_RECORD", f.label+": value not of required type: ", f.name)
		}
		return nil, nil
	}
	switch f.kind {
	case kindBool:
		switch b := v.(type) {
		case bool:
			return b, nil
		case string:
			if strings.EqualFold(b, "true") || strings.EqualFold(b, "false") {
				return strings.EqualFold(b, "true"), nil
			}
		}
		return nil, wrong()
	case kindMoney, kindNumber, kindInt, kindPercent:
		d, ok := numberOf(v)
		if !ok {
			if s, isText := v.(string); isText && s == "" {
				return nil, nil
			}
			return nil, wrong()
		}
		if f.kind == kindMoney {
			d = kept(d)
		}
		return d, f.checkRange(d)
	case kindDate:
		switch t := v.(type) {
		case date:
			return t, nil
		case time.Time:
			return date(t.Format("2006-01-02")), nil
		case string:
			if t == "" {
				return nil, nil
			}
			if d, ok := parseDate(t); ok {
				return d, nil
			}
			if m, ok := parseTime(t); ok {
				return date(m.Format("2006-01-02")), nil
			}
		}
		return nil, wrong()
	case kindTime:
		switch t := v.(type) {
		case time.Time:
			return t.UTC().Truncate(time.Second), nil
		case string:
			if t == "" {
				return nil, nil
			}
			if m, ok := parseTime(t); ok {
				return m, nil
			}
		}
		return nil, wrong()
	case kindReference, kindID:
		s, ok := v.(string)
		if !ok {
			return nil, wrong()
		}
		if s = strings.TrimSpace(s); s == "" {
			return nil, nil
		}
		id, ok := id18(s)
		if !ok {
			return nil, badRequest("MALFORMED_ID", f.label+": id value of incorrect type: "+s, f.name)
		}
		return id, nil
	}
	var s string
	switch t := v.(type) {
	case string:
		s = strings.TrimSpace(t)
	case json.Number, bool, int, int64, decimal.Decimal:
		s = fmt.Sprint(t)
	default:
		return nil, wrong()
	}
	if s == "" {
		return nil, nil
	}
	return s, f.checkText(s)
}

func (f *field) checkText(s string) *refusal {
	if f.length > 0 && utf8.RuneCountInString(s) > f.length {
		return badRequest("STRING_TOO_LONG", fmt.Sprintf("%s: data value too large: %s (max length=%d)", f.label, s, f.length), f.name)
	}
	if f.kind == kindEmail {
		at := strings.IndexByte(s, '@')
		if at < 1 || at == len(s)-1 || strings.ContainsAny(s, " \t\n,;") || strings.Count(s, "@") != 1 {
			return badRequest("INVALID_EMAIL_ADDRESS", f.label+": invalid email address: "+s, f.name)
		}
	}
	if f.restricted && len(f.picklist) > 0 { // those of CurrencyIsoCode are records, see checkCurrency
		chosen := []string{s}
		if f.kind == kindMulti {
			chosen = strings.Split(s, ";")
		}
		for _, value := range chosen {
			if !slices.Contains(f.picklist, value) {
				return badRequest("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f.label+": bad value for restricted picklist field: "+value, f.name)
			}
		}
	}
	return nil
}

// checkRange: digits behind the point beyond the scale are kept (the API does keep them), too many before it are refused.
func (f *field) checkRange(d decimal.Decimal) *refusal {
	if f.precision > 0 && d.Abs().Cmp(decimal.New(1, int32(f.precision-f.scale))) >= 0 {
		return badRequest("NUMBER_OUTSIDE_VALID_RANGE", fmt.Sprintf("%s: value outside of valid range on numeric field: %s", f.label, javaDouble(d)), f.name)
	}
	if f.kind == kindInt && !d.Equal(d.Truncate(0)) {
		return badRequest("JSON_PARSER_ERROR", "Cannot deserialize instance of int from VALUE_NUMBER value "+d.String()+" or request may be missing a required field at [line:1, column:2]")
	}
	return nil
}

func numberOf(v any) (decimal.Decimal, bool) {
	switch n := v.(type) {
	case decimal.Decimal:
		return n, true
	case int:
		return decimal.NewFromInt(int64(n)), true
	case int64:
		return decimal.NewFromInt(n), true
	case json.Number:
		return decimalOf(n.String())
	case string:
		return decimalOf(strings.TrimSpace(n))
	}
	return decimal.Decimal{}, false
}

// decimalOf refuses exponents that would make a number of millions of digits out of a few bytes.
func decimalOf(s string) (decimal.Decimal, bool) {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if n, err := strconv.Atoi(s[i+1:]); err != nil || n > 40 || n < -40 {
			return decimal.Decimal{}, false
		}
	}
	d, err := decimal.NewFromString(s)
	return d, err == nil && len(s) <= 60
}

// javaType is the name that Salesforce's JSON reader gives the field's type in its complaints.
func (f *field) javaType() string {
	switch f.kind {
	case kindMoney, kindNumber, kindPercent:
		return "double"
	case kindDate, kindBool, kindInt:
		return string(f.kind)
	case kindTime:
		return "datetime"
	}
	return "string"
}

// javaDouble writes a number as Java's Double.toString does, which is what clients of Salesforce meet: 1054.0, 0.5, 1.5E7, 1.0E-4.
func javaDouble(d decimal.Decimal) string {
	if d.IsZero() {
		return "0.0"
	}
	sign := ""
	if d.IsNegative() {
		sign, d = "-", d.Neg()
	}
	if d.Cmp(tenMillion) < 0 && d.Cmp(thousandth) >= 0 {
		s := d.String()
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return sign + s
	}
	digits := d.Coefficient().String()
	exp := len(digits) - 1 + int(d.Exponent())
	digits = strings.TrimRight(digits, "0")
	frac := "0"
	if len(digits) > 1 {
		frac = digits[1:]
	}
	return sign + digits[:1] + "." + frac + "E" + strconv.Itoa(exp)
}

var tenMillion, thousandth = decimal.New(1, 7), decimal.New(1, -3)

// appendValue writes a value as the API answers it.
func (f *field) appendValue(b []byte, v any) []byte {
	switch t := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return appendText(b, t)
	case bool:
		return strconv.AppendBool(b, t)
	case decimal.Decimal:
		if f.kind == kindInt {
			return append(b, t.String()...)
		}
		return append(b, javaDouble(t)...)
	case date:
		return append(append(append(b, '"'), t...), '"')
	case time.Time:
		b = append(b, '"')
		b = t.AppendFormat(b, stampLayout)
		return append(b, '"')
	}
	return append(b, "null"...)
}

func appendText(b []byte, s string) []byte {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x80 || c == '<' || c == '>' || c == '&' {
			plain = false
			break
		}
	}
	if plain {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	q, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, q...)
}
