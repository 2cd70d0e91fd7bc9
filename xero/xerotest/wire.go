package xerotest

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// refusal is an error in Xero's own words.
type refusal string

func (r refusal) Error() string { return string(r) }

// number is a decimal of a request; the zero value was not sent, or sent as an empty text.
type number struct {
	decimal.Decimal
	sent bool
}

// UnmarshalJSON reads the digits as they stand. Xero's reader also takes a number in quotes.
func (n *number) UnmarshalJSON(b []byte) error {
	text := string(b)
	if text == "null" {
		return nil
	}
	if text[0] == '"' {
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
		if text == "" { // n8n's node sends this for whatever a person left empty
			return nil
		}
	}
	if len(text) > 40 || strings.ContainsAny(text, "eE") && len(text) > 12 {
		return refusal("Value was either too large or too small for a Decimal.")
	}
	d, err := decimal.NewFromString(text)
	if err != nil || d.Exponent() > 28 || d.Exponent() < -28 {
		return refusal("Input string was not in a correct format.")
	}
	n.Decimal, n.sent = d, true
	return nil
}

// date is a calendar date of a request; the zero value was not sent.
type date struct {
	time.Time
	sent bool
}

// UnmarshalJSON reads the forms that clients send: 2026-11-05, an ISO date-time whose clock part is dropped, /Date(ms)/.
func (d *date) UnmarshalJSON(b []byte) error {
	var text string
	if string(b) == "null" {
		return nil
	}
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	if text == "" {
		return nil
	}
	t, ok := parseDate(text)
	if !ok {
		return refusal("The string '" + text + "' is not a valid AllXsd value.")
	}
	d.Time, d.sent = t, true
	return nil
}

func parseDate(text string) (time.Time, bool) {
	if inner, ok := strings.CutPrefix(text, "/Date("); ok {
		inner, ok = strings.CutSuffix(inner, ")/")
		if !ok {
			return time.Time{}, false
		}
		if i := strings.LastIndexAny(inner, "+-"); i > 0 {
			inner = inner[:i]
		}
		ms, err := strconv.ParseInt(inner, 10, 64)
		if err != nil {
			return time.Time{}, false
		}
		return midnight(time.UnixMilli(ms).UTC()), true
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04:05.999999999", time.RFC3339Nano} {
		if t, err := time.Parse(layout, text); err == nil {
			return midnight(t), t.Year() > 1752
		}
	}
	return time.Time{}, false
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// text is the value of an optional string, "" when it was not sent.
func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// The append functions write answers by hand: lists of thousands of documents are this emulator's hot path.

func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, err := json.Marshal(s)
			if err != nil {
				return append(b, `""`...)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// appendField writes ,"name":"value".
func appendField(b []byte, name, value string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return appendText(b, value)
}

// appendOptional is appendField for what Xero leaves out when it is empty.
func appendOptional(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendField(b, name, value)
}

func appendAmount(b []byte, name string, d decimal.Decimal, places int32) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return append(b, d.StringFixed(places)...)
}

func appendBool(b []byte, name string, v bool) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return strconv.AppendBool(b, v)
}

// appendStamp writes an instant in the /Date(ms+0000)/ form.
func appendStamp(b []byte, t time.Time) []byte {
	b = append(b, `"/Date(`...)
	b = strconv.AppendInt(b, t.UnixMilli(), 10)
	return append(b, `+0000)/"`...)
}

func appendStampField(b []byte, name string, t time.Time) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return appendStamp(b, t)
}

// appendDate writes a calendar date twice: nameString readable, name in the /Date()/ form.
func appendDate(b []byte, name string, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	b = appendField(b, name+"String", t.Format("2006-01-02T15:04:05"))
	return appendStampField(b, name, t)
}

// appendMessages writes a list of {"Message": …}, the shape of ValidationErrors and Warnings.
func appendMessages(b []byte, name string, messages []string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, `":[`...)
	for i, m := range messages {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"Message":`...)
		b = appendText(b, m)
		b = append(b, '}')
	}
	return append(b, ']')
}

// guidIn is an id of a request; absent, empty and all-zero ones count as not sent. Xero does not survive malformed ones.
type guidIn struct{ id string }

func (g *guidIn) UnmarshalJSON(b []byte) error {
	var s string
	if string(b) == "null" {
		return nil
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return errCrash
	}
	if s == "" {
		return nil
	}
	id, ok := parseGUID(s)
	if !ok {
		return errCrash
	}
	if id != zeroID {
		g.id = id
	}
	return nil
}
