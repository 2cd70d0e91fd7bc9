package plan

import (
	"strings"
	"testing"
)

// keepsNames fails when what may be logged of a step holds the customer's name. Every case of the plan tables goes through
// it, and each text of their records has that name in it.
func keepsNames(t *testing.T, s Step) {
	t.Helper()
	var told []string
	if s.Hold != nil {
		told = append(told, s.Hold.Cause, s.Hold.Owner, s.Hold.Remedy)
		if Nameless(s.Hold.Cause) {
			told = append(told, s.Hold.Text)
		}
	}
	for _, f := range s.Findings {
		told = append(told, f.What)
		if Nameless(f.What) {
			told = append(told, f.Text)
		}
	}
	if text := strings.Join(told, "\n"); strings.Contains(strings.ToLower(text), "zanzib") {
		t.Errorf("the log would name a customer: %s", text)
	}
}
