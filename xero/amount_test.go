package xero

import (
	"encoding/json"
	"testing"
	"time"
)

func TestAmountsKeepTheirDigits(t *testing.T) {
	t.Parallel()
	type line struct {
		Price Amount `json:",omitzero"`
	}
	for _, tc := range []struct{ in, out, text string }{
		{`{"Price":1.10}`, `{"Price":1.10}`, "1.10"},
		{`{"Price":"1.10"}`, `{"Price":1.10}`, "1.10"},
		{`{"Price":0}`, `{"Price":0}`, "0"},
		{`{"Price":-0.005}`, `{"Price":-0.005}`, "-0.005"},
		{`{"Price":9007199254740993.01}`, `{"Price":9007199254740993.01}`, "9007199254740993.01"},
		{`{"Price":1.0E7}`, `{"Price":10000000}`, "10000000"},
		{`{"Price":null}`, `{}`, ""},
		{`{"Price":""}`, `{}`, ""},
		{`{}`, `{}`, ""},
	} {
		var l line
		if err := json.Unmarshal([]byte(tc.in), &l); err != nil {
			t.Errorf("%s: %v", tc.in, err)
			continue
		}
		out, err := json.Marshal(l)
		if err != nil || string(out) != tc.out || l.Price.String() != tc.text {
			t.Errorf("%s: got %s and %q (%v), want %s and %q", tc.in, out, l.Price, err, tc.out, tc.text)
		}
	}
	for _, bad := range []string{`{"Price":"ten"}`, `{"Price":true}`, `{"Price":{}}`, `{"Price":1e50000000}`} {
		var l line
		if err := json.Unmarshal([]byte(bad), &l); err == nil {
			t.Errorf("%s was read as %s", bad, l.Price)
		}
	}
}

func amount(t *testing.T, s string) Amount {
	t.Helper()
	a, err := ParseAmount(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAmountsAreComparedByValue(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want bool
	}{{"1.1", "1.10", true}, {"0", "0.00", true}, {"1", "2", false}, {"", "0", false}, {"", "", true}} {
		if got := amount(t, tc.a).Equal(amount(t, tc.b)); got != tc.want {
			t.Errorf("%q = %q: got %v", tc.a, tc.b, got)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Date{
		`"/Date(1539993600000+0000)/"`: "2018-10-20",
		`"/Date(1539993600000)/"`:      "2018-10-20",
		`"/Date(1539946800000+1300)/"`: "2018-10-20", // midnight in Auckland, still the 19th in UTC
		`"/Date(1540008000000-0400)/"`: "2018-10-20",
		`"/Date(-86400000+0000)/"`:     "1969-12-31",
		`"/Date(-86400000)/"`:          "1969-12-31",
		`"2018-10-20T00:00:00"`:        "2018-10-20",
		`"2018-10-20T23:59:59Z"`:       "2018-10-20",
		`"2018-10-20"`:                 "2018-10-20",
		`""`:                           "",
		`null`:                         "",
	} {
		var d Date
		if err := json.Unmarshal([]byte(in), &d); err != nil || d != want {
			t.Errorf("%s: got %q (%v), want %q", in, d, err, want)
		}
	}
	for _, bad := range []string{`"tomorrow"`, `"/Date(x)/"`, `"/Date(1"`, `"2018-13-01"`, `17`, `"/Date(1+99)/"`} {
		var d Date
		if err := json.Unmarshal([]byte(bad), &d); err == nil {
			t.Errorf("%s was read as %q", bad, d)
		}
	}
	if out, err := json.Marshal(Invoice{Date: "2026-11-01"}); err != nil || string(out) != `{"Date":"2026-11-01"}` {
		t.Errorf("got %s (%v)", out, err)
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"/Date(1541176290160+0000)/"`: `"2018-11-02T16:31:30.16Z"`,
		`"/Date(1541176290160+1300)/"`: `"2018-11-02T16:31:30.16Z"`,
		`"2018-11-02T16:31:30"`:        `"2018-11-02T16:31:30Z"`,
		`"2018-11-02T17:31:30+01:00"`:  `"2018-11-02T16:31:30Z"`,
		`""`:                           `null`,
		`null`:                         `null`,
	} {
		var at Time
		if err := json.Unmarshal([]byte(in), &at); err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		out, err := json.Marshal(at)
		if err != nil || string(out) != want {
			t.Errorf("%s: got %s (%v), want %s", in, out, err, want)
		}
		var again Time
		if err := json.Unmarshal(out, &again); err != nil || !again.Equal(at.Time) {
			t.Errorf("%s did not come back from %s: %s (%v)", in, out, again.Format(time.RFC3339), err)
		}
	}
}
