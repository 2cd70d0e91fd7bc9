package sync

import (
	"encoding/json"
	"slices"

	"sf2xero/store"
	"sf2xero/sync/plan"
)

// valueUnmatched is how many deals stopped matching, and when, within the last hour.
const valueUnmatched = "unmatched"

// noteUnmatched adds what was just stored as matching no more.
func (p *puller) noteUnmatched(tx *store.Tx) error {
	if p.unmatched == 0 {
		return nil
	}
	all := append(unmatchedLately(tx), plan.Unmatched{At: p.began, Count: p.unmatched})
	p.unmatched = 0
	all = slices.DeleteFunc(all, func(u plan.Unmatched) bool { return p.began.Sub(u.At).Abs() > 2*plan.TogetherWithin })
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return tx.SetValue(valueUnmatched, string(text))
}

func unmatchedLately(tx *store.Tx) (all []plan.Unmatched) {
	_ = json.Unmarshal([]byte(tx.Value(valueUnmatched)), &all) // empty when none did
	return all
}
