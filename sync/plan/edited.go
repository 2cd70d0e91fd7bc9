package plan

import (
	"fmt"
	"regexp"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
)

// CauseEdited is the hold of what only an edit of mapping.yaml lets in. All that waits for it is one group with one way out,
// so the log tells of the group and not of each.
const CauseEdited = "mapping.changed"

// OneOfAGroup is true for holds that the log tells of as a group.
func OneOfAGroup(h *store.Hold) bool { return h != nil && h.Cause == CauseEdited }

// TextMapping is what a row shows of a record that only an edited mapping lets in; a store that was lost knows it by that.
const TextMapping = "only since mapping.yaml was edited"

// admitLine is the way out as it stands in the remedy.
var admitLine = regexp.MustCompile("admit: ([0-9]{4}-[0-9]{2}-[0-9]{2})")

// DayShown is the day of the edit, as the row of such a record shows it; "" when it does not.
func DayShown(text string) string {
	if m := admitLine.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// WaysOut are what a person can do about what an edit of a day let in.
func WaysOut(e *mapping.Entry, day string) string {
	return fmt.Sprintf("write `admit: %s` below %s: in mapping.yaml, which lets out what edits up to that day let in, or take the edit back", day, e.Name)
}

// Admitted is true for a record that a person has let out, or that no edit let in.
func Admitted(r store.Record, e *mapping.Entry, f Facts) bool {
	return r.Cause != CauseMapping || e.Admit != "" && letInOn(r, f) <= e.Admit
}

// letInOn is the organisation's day of the edit that let a record in.
func letInOn(r store.Record, f Facts) string {
	switch {
	case r.LetIn != "":
		return r.LetIn
	case OneOfAGroup(r.Hold) && !r.Hold.Since.IsZero():
		return r.Hold.Since.In(f.Reference.Location()).Format(time.DateOnly)
	}
	return f.XeroNow.In(f.Reference.Location()).Format(time.DateOnly)
}

// letIn holds what is there only because mapping.yaml was edited, until a person admits it. Rule 19: a create needs a cause in
// the record. Whether only an edited start reaches a deal that was there before is asked anew each time, whatever has become of
// the deal since.
func (s Step) letIn(r store.Record, e *mapping.Entry, f Facts, text string) (Step, bool) {
	day, waits := "", false
	if r.Past && !f.Off.Cause {
		day, waits = f.Start.Waits(CloseDate(r))
	}
	if r.Cause == CauseMapping {
		if s.LetIn = letInOn(r, f); !Admitted(r, e, f) {
			day, waits = max(day, s.LetIn), true
		}
	}
	if !waits {
		return s, false
	}
	s.LetIn = day
	return s.hold(Held(CauseEdited, Admin, text, WaysOut(e, day))), true
}
