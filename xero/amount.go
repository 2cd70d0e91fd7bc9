package xero

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/shopspring/decimal"
)

// Amount is a number of Xero's: exact, and possibly absent. On the wire it is a
// JSON number with the digits it has, so that 1.10 stays 1.10.
type Amount struct {
	decimal.Decimal
	Set bool
}

// Money makes an amount of a decimal.
func Money(d decimal.Decimal) Amount { return Amount{Decimal: d, Set: true} }

// mostDigits bounds what a number may have on either side of its decimal point: 1E999999999 would fill the memory.
const mostDigits = 40

// ParseAmount makes an amount of its digits; "" is an absent one.
func ParseAmount(s string) (Amount, error) {
	if s == "" {
		return Amount{}, nil
	}
	if len(s) > 2*mostDigits {
		return Amount{}, fmt.Errorf("the number %.20s… has too many digits", s)
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return Amount{}, fmt.Errorf("%q is no number", s)
	}
	if e := d.Exponent(); e > mostDigits || e < -2*mostDigits {
		return Amount{}, fmt.Errorf("the number %s is too large or too fine", s)
	}
	return Money(d), nil
}

// IsZero says that the amount is absent, which is what encoding/json asks for
// omitzero. Whether an amount is nought says Decimal.IsZero.
func (a Amount) IsZero() bool { return !a.Set }

// Equal compares by value: 1.1 is 1.10, and absent equals only absent.
func (a Amount) Equal(b Amount) bool {
	return a.Set == b.Set && (!a.Set || a.Decimal.Equal(b.Decimal))
}

func (a Amount) String() string {
	if !a.Set {
		return ""
	}
	return a.StringFixed(max(0, -a.Exponent()))
}

// Format prints the digits as they are, for every verb; decimal's own drops trailing zeros.
func (a Amount) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) }

// MarshalJSON writes a bare number; decimal's own method quotes it, and Xero's
// schema wants a number.
func (a Amount) MarshalJSON() ([]byte, error) {
	if !a.Set {
		return []byte("null"), nil
	}
	return []byte(a.String()), nil
}

// MarshalText serves whoever wants the amount as text.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalJSON reads a number, or one in quotes, digit by digit: it never becomes
// a binary fraction.
func (a *Amount) UnmarshalJSON(raw []byte) error {
	raw = bytes.TrimSpace(raw)
	if bytes.Equal(raw, []byte("null")) {
		*a = Amount{}
		return nil
	}
	digits := string(raw)
	if len(raw) > 0 && raw[0] == '"' {
		if err := json.Unmarshal(raw, &digits); err != nil {
			return err
		}
	}
	parsed, err := ParseAmount(digits)
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// UnmarshalText is the counterpart of MarshalText.
func (a *Amount) UnmarshalText(raw []byte) error {
	parsed, err := ParseAmount(string(raw))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
