package mapping

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// fit makes a filled value fit its target, or says why it cannot: the value,
// by the name its reader knows it by, and what the target allows.
func (t target) fit(v value, name string) (value, string) {
	switch t.Type {
	case Text:
		return t.fitText(v, name)
	case Number:
		return t.fitNumber(v, name)
	}
	return v, ""
}

func (t target) owner() string {
	if t.cut {
		return salesforceName
	}
	return xeroName
}

func (t target) fitText(v value, name string) (value, string) {
	if t.clean != nil {
		v.text = t.clean(v.text)
	}
	s := v.text
	if len(t.Enum) > 0 && s != "" && !slices.Contains(t.Enum, s) {
		hint := didYouMean(s, t.Enum)
		if hint == "" {
			hint = "; there are " + strings.Join(t.Enum[:min(len(t.Enum), 12)], ", ")
		}
		return v, fmt.Sprintf("%s cannot be %q%s", name, shorten(s), hint)
	}
	if n := utf8.RuneCountInString(s); t.Length > 0 && n > t.Length {
		if t.cut {
			return textValue(string([]rune(s)[:t.Length-1]) + "…"), ""
		}
		return v, fmt.Sprintf("%s is %d characters long, and %s takes at most %d: %q", name, n, t.owner(), t.Length, shorten(s))
	}
	if t.accept != nil && s != "" {
		if complaint := t.accept(s); complaint != "" {
			return v, fmt.Sprintf("%s cannot be %q: %s", name, shorten(s), complaint)
		}
	}
	return v, ""
}

func (t target) fitNumber(v value, name string) (value, string) {
	if t.cut {
		return numberValue(v.num.Round(int32(t.Scale))), ""
	}
	if !v.num.Equal(v.num.Round(int32(t.Scale))) {
		return v, fmt.Sprintf("%s is %s, and %s keeps %d decimals; ROUND(…, %d) says how it is to be rounded%s", name, shorten(v.num.String()), t.owner(), t.Scale, t.Scale, t.finer)
	}
	if t.digits > 0 && v.num.Abs().GreaterThanOrEqual(decimal.New(1, int32(t.digits))) {
		return v, fmt.Sprintf("%s is %s, and %s takes at most %d digits before the decimal point", name, shorten(v.num.String()), t.owner(), t.digits)
	}
	return v, ""
}
