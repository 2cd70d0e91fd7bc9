package state

import (
	"strconv"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
)

// LetInOf counts what of an entry waits, how much of that is history, and the day of the last edit that let some of it in.
func LetInOf(tx *store.Tx, e *mapping.Entry) (waiting, reached int, day string) {
	if n, err := strconv.Atoi(tx.Value(ValueReached)); err == nil && e.Name != document.Contacts {
		for _, r := range StartOf(tx, e).Reached {
			day = max(day, r.Edited)
		}
		waiting, reached = n, n
	}
	for r := range tx.Todo(e.Name, "") {
		if plan.OneOfAGroup(r.Hold) {
			waiting, day = waiting+1, max(day, r.LetIn)
		}
	}
	return waiting, reached, day
}

// ValueReached is how many deals of before the books an edited start reached at the last sweep.
const ValueReached = "reached"
