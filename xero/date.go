package xero

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is a calendar date, YYYY-MM-DD; "" is none.
type Date string

// UnmarshalJSON reads /Date(…)/ as well as ISO dates with or without a time.
func (d *Date) UnmarshalJSON(raw []byte) error {
	s, err := dateText(raw)
	if err != nil || s == "" {
		*d = ""
		return err
	}
	if t, ok, err := slashDate(s); ok || err != nil {
		// In its own offset, not in UTC: midnight in Auckland is yesterday in UTC.
		*d = Date(t.Format(time.DateOnly))
		return err
	}
	day, _, _ := strings.Cut(s, "T")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return fmt.Errorf("%q is no date", s)
	}
	*d = Date(day)
	return nil
}

// Time is a moment, in UTC.
type Time struct{ time.Time }

// UnmarshalJSON reads /Date(…)/ as well as ISO times; without a zone they are UTC.
func (t *Time) UnmarshalJSON(raw []byte) error {
	s, err := dateText(raw)
	if err != nil || s == "" {
		*t = Time{}
		return err
	}
	if at, ok, err := slashDate(s); ok || err != nil {
		*t = Time{at.UTC()}
		return err
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			*t = Time{at.UTC()}
			return nil
		}
	}
	return fmt.Errorf("%q is no time", s)
}

// MarshalJSON writes RFC 3339.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.UTC().Format(time.RFC3339Nano))
}

func dateText(raw []byte) (string, error) {
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", fmt.Errorf("%s is no date", raw)
	}
	if s == nil {
		return "", nil
	}
	return strings.TrimSpace(*s), nil
}

// slashDate reads /Date(1539129600000+0000)/: milliseconds since 1970 in UTC, which
// may be negative, and an offset, which may be missing, in which the moment is meant.
func slashDate(s string) (time.Time, bool, error) {
	inner, ok := strings.CutPrefix(s, "/Date(")
	if !ok {
		return time.Time{}, false, nil
	}
	inner, ok = strings.CutSuffix(inner, ")/")
	if !ok {
		return time.Time{}, false, fmt.Errorf("%q is no date", s)
	}
	digits, zone := inner, time.UTC
	if at := strings.LastIndexAny(inner, "+-"); at > 0 {
		digits = inner[:at]
		offset, err := time.Parse("-0700", inner[at:])
		if err != nil {
			return time.Time{}, false, fmt.Errorf("%q is no date", s)
		}
		_, seconds := offset.Zone()
		zone = time.FixedZone("", seconds)
	}
	ms, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("%q is no date", s)
	}
	return time.UnixMilli(ms).In(zone), true, nil
}
