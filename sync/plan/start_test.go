package plan

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What becomes of the day from which deals are invoiced while mapping.yaml is edited, taken back and admitted.
func TestWhatAnEditedStartReaches(t *testing.T) {
	t.Parallel()
	const nov, oct, sep = "2026-11-01", "2026-10-01", "2026-09-01"
	one, two := Reached{oct, "2026-11-20"}, Reached{sep, "2026-11-25"}
	for _, c := range []struct {
		name                string
		was                 Start
		start, admit, today string
		want                Start
	}{
		{"the first pull of a store", Start{}, nov, "", "2026-11-20", Start{Begin: nov}},
		{"… with a line admit:", Start{}, nov, "2026-11-27", "2026-11-20", Start{Begin: nov}},
		{"contacts alone", Start{}, "", "", "2026-11-20", Start{}},
		{"nothing edited", Start{Begin: nov}, nov, "", "2026-11-20", Start{Begin: nov}},
		{"moved back", Start{Begin: nov}, oct, "", "2026-11-20", Start{nov, []Reached{one}}},
		{"the same a day later", Start{nov, []Reached{one}}, oct, "", "2026-11-21", Start{nov, []Reached{one}}},
		{"taken back", Start{nov, []Reached{one}}, nov, "", "2026-11-21", Start{Begin: nov}},
		{"moved on beyond", Start{nov, []Reached{one}}, "2026-12-01", "", "2026-11-21", Start{Begin: nov}},
		{"… and back to what was admitted", Start{Begin: nov}, nov, "", "2026-12-21", Start{Begin: nov}},
		{"moved back further", Start{nov, []Reached{one}}, sep, "", "2026-11-25", Start{nov, []Reached{one, two}}},
		{"half taken back", Start{nov, []Reached{one, two}}, oct, "", "2026-11-26", Start{nov, []Reached{one}}},
		{"… to a day between", Start{nov, []Reached{two}}, oct, "", "2026-11-26", Start{nov, []Reached{{oct, "2026-11-25"}}}},
		{"admitted on the day of the edit", Start{Begin: nov}, oct, "2026-11-20", "2026-11-20", Start{Begin: oct}},
		{"admitted later", Start{nov, []Reached{one}}, oct, "2026-11-20", "2026-11-21", Start{Begin: oct}},
		{"a line of the day before admits nothing", Start{nov, []Reached{one}}, oct, "2026-11-19", "2026-11-21", Start{nov, []Reached{one}}},
		{"only the first of two", Start{nov, []Reached{one, two}}, sep, "2026-11-24", "2026-11-26", Start{oct, []Reached{two}}},
		{"both", Start{nov, []Reached{one, two}}, sep, "2026-11-25", "2026-11-26", Start{Begin: sep}},
		{"an admitted day stays admitted", Start{Begin: oct}, nov, "", "2026-11-26", Start{Begin: oct}},
		{"… and back", Start{Begin: oct}, oct, "", "2026-11-26", Start{Begin: oct}},
	} {
		got := c.was.Under(c.start, c.admit, c.today)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		if again := got.Under(c.start, c.admit, "2027-01-01"); !again.Equal(got) {
			t.Errorf("%s: a cycle later it is %+v", c.name, again)
		}
	}
	s := Start{nov, []Reached{one, two}}
	for date, want := range map[string]string{nov: "", "2027-01-01": "", "2026-10-31": "2026-11-20", oct: "2026-11-20", "2026-09-30": "2026-11-25", sep: "2026-11-25", "2026-08-31": "", "": ""} {
		if edited, waits := s.Waits(date); edited != want || waits != (want != "") {
			t.Errorf("%s waits for %q, %t", date, edited, waits)
		}
	}
}

func TestNobodyHasTouchedItSinceTheBooksBegan(t *testing.T) {
	t.Parallel()
	begins := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for stamp, want := range map[time.Time]bool{begins.Add(-15 * time.Hour): true, begins.Add(-14 * time.Hour): false, begins: false, {}: false} {
		if got := Untouched(stamp, "2026-11-01"); got != want {
			t.Errorf("%v: %t", stamp, got)
		}
	}
	if Untouched(begins, "") {
		t.Error("without a day")
	}
}
