package plan

import (
	"slices"
	"time"
)

// Start is from which day deals are invoiced, and which earlier days edits of mapping.yaml have set since. What such an edit
// reaches stays history until a person admits it, so that an edit that is taken back leaves nothing behind.
type Start struct {
	Begin   string    // the earliest day that a store began with, or that a person admitted
	Reached []Reached `json:",omitempty"` // the latest day first
}

// Reached is an earlier start that is not admitted, with the organisation's day of the edit that set it.
type Reached struct{ From, Edited string }

// Under is what becomes of it in a mapping with a start and a line admit:, on a day of the organisation.
func (s Start) Under(start, admit, today string) Start {
	switch {
	case start == "":
		return s // nothing but contacts
	case s.Begin == "":
		return Start{Begin: start}
	}
	now, lowest := Start{Begin: s.Begin}, s.Begin
	for _, r := range s.Reached {
		r.From = max(r.From, start) // the start was moved back up to there
		if r.From >= lowest {
			continue
		}
		now.Reached, lowest = append(now.Reached, r), r.From
	}
	if start < lowest {
		now.Reached = append(now.Reached, Reached{From: start, Edited: today})
	}
	for len(now.Reached) > 0 && now.Reached[0].Edited <= admit {
		now.Begin, now.Reached = now.Reached[0].From, now.Reached[1:]
	}
	if len(now.Reached) == 0 {
		now.Reached = nil
	}
	return now
}

// Equal is true for the same days.
func (s Start) Equal(o Start) bool { return s.Begin == o.Begin && slices.Equal(s.Reached, o.Reached) }

// Waits is true for a day that only edits have reached which nobody admitted, with the day of that edit.
func (s Start) Waits(date string) (edited string, waits bool) {
	if date == "" || date >= s.Begin {
		return "", false
	}
	for _, r := range s.Reached {
		if date >= r.From {
			return r.Edited, true
		}
	}
	return "", false
}

// Untouched is true for a record that nobody has changed since before a day, in whichever zone that day begins first. One that
// was won before the books begin, and comes into sight only because its account changed, is history and no late deal.
func Untouched(stamp time.Time, day string) bool {
	begins, ok := FirstMoment(day)
	return ok && !stamp.IsZero() && stamp.Before(begins)
}

// FirstMoment is when a day begins on earth, in the zone where it begins first; not ok for what is no day.
func FirstMoment(day string) (begins time.Time, ok bool) {
	at, err := time.Parse(time.DateOnly, day)
	return at.Add(-14 * time.Hour), err == nil
}
