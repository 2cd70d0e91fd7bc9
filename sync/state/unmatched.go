package state

import (
	"encoding/json"
	"slices"
	"time"

	"sf2xero/store"
	"sf2xero/sync/plan"
)

// valueUnmatched is how many deals stopped matching, and when: within the last hour, and before, while any of them waits.
const valueUnmatched = "unmatched"

// Stopped is a record that stopped matching: from when it counts, and its stamp.
type Stopped struct{ At, Stamp time.Time }

// StoppedAt says from when a record counts that was seen, in a pull that began at a moment, to match no more.
func StoppedAt(tx *store.Tx, began, stamp time.Time) Stopped {
	return Stopped{plan.StoppedAt(unmatchedLately(tx), began, stamp), stamp}
}

// NoteUnmatched adds what a pull has just stored as matching no more.
func NoteUnmatched(tx *store.Tx, entry string, began time.Time, stopped []Stopped) error {
	all := unmatchedLately(tx)
	old := func(u plan.Unmatched) bool { return began.Sub(u.At).Abs() > 2*plan.TogetherWithin }
	if slices.ContainsFunc(all, old) {
		waiting := goneMoments(tx, entry)
		all = slices.DeleteFunc(all, func(u plan.Unmatched) bool {
			return old(u) && !slices.ContainsFunc(waiting, func(at time.Time) bool { return plan.Together(u.At, at) })
		})
	}
	for _, s := range stopped {
		all = plan.CountUnmatched(all, s.At, began, s.Stamp)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return tx.SetValue(valueUnmatched, string(text))
}

// goneMoments are those at which undecided records stopped matching. However long ago that was, how many did so with them is
// not forgotten before they are decided. Seed 23981: thirty stopped matching as Xero's day ended, one more the next morning, and
// the thirty drafts were deleted, each as one of its own.
func goneMoments(tx *store.Tx, entry string) (moments []time.Time) {
	for r := range tx.Todo(entry, "") {
		if !r.GoneAt.IsZero() && !slices.ContainsFunc(moments, r.GoneAt.Equal) {
			moments = append(moments, r.GoneAt)
		}
	}
	return moments
}

func unmatchedLately(tx *store.Tx) (all []plan.Unmatched) {
	_ = json.Unmarshal([]byte(tx.Value(valueUnmatched)), &all) // empty when none did
	return all
}
