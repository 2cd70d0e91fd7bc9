package sync

import (
	"encoding/json"
	"slices"
	"time"

	"sf2xero/store"
	"sf2xero/sync/plan"
)

// valueUnmatched is how many deals stopped matching, and when: within the last hour, and before, while any of them waits.
const valueUnmatched = "unmatched"

// stopped is a record that stopped matching: from when it counts, and its stamp.
type stopped struct{ at, stamp time.Time }

// stoppedAt says from when a record counts that was seen to match no more, and has it counted.
func (p *puller) stoppedAt(tx *store.Tx, stamp time.Time) time.Time {
	at := plan.StoppedAt(unmatchedLately(tx), p.began, stamp)
	p.unmatched = append(p.unmatched, stopped{at, stamp})
	return at
}

// noteUnmatched adds what was just stored as matching no more.
func (p *puller) noteUnmatched(tx *store.Tx) error {
	if len(p.unmatched) == 0 {
		return nil
	}
	all := unmatchedLately(tx)
	old := func(u plan.Unmatched) bool { return p.began.Sub(u.At).Abs() > 2*plan.TogetherWithin }
	if slices.ContainsFunc(all, old) {
		waiting := goneMoments(tx, p.e.Name)
		all = slices.DeleteFunc(all, func(u plan.Unmatched) bool {
			return old(u) && !slices.ContainsFunc(waiting, func(at time.Time) bool { return plan.Together(u.At, at) })
		})
	}
	for _, s := range p.unmatched {
		all = plan.CountUnmatched(all, s.at, p.began, s.stamp)
	}
	p.unmatched = nil
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
