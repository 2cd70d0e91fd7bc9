package plan

import (
	"fmt"
	"slices"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
)

// Unmatched says how many records were seen to have stopped matching at one moment of Salesforce's time, and between which
// moments they did, by their stamps.
type Unmatched struct {
	At          time.Time
	Count       int
	First, Last time.Time // zero where no stamp is known
}

const (
	// manyTogether is how many deals may stop matching together and still each be one of its own. More of them were not
	// un-won: somebody has renamed a stage. A person must look before thirty drafts are deleted for that.
	manyTogether = 20
	// someTogether is from how many on it is waited a while whether more come: Salesforce renames a stage in parts.
	someTogether = 10
	// TogetherWithin is how far apart they may be.
	TogetherWithin = 30 * time.Minute
	moreMayCome    = 10 * time.Minute
)

const causeTogether = "deal.unwon_together"

// Together is true for two moments at which records stopped matching that count as one.
func Together(a, b time.Time) bool {
	return !a.IsZero() && !b.IsZero() && a.Sub(b).Abs() <= TogetherWithin
}

// StoppedAt is the moment from which a record counts that stopped matching, as its stamp says, and was seen now: that of those
// that stopped with it, however long ago they were seen. Seed 23981: four of thirty showed ten hours after the others.
func StoppedAt(all []Unmatched, seen, stamp time.Time) time.Time {
	for _, u := range all {
		if !u.First.IsZero() && !Together(u.At, seen) && !stamp.Before(u.First.Add(-TogetherWithin)) && !stamp.After(u.Last.Add(TogetherWithin)) {
			return u.At
		}
	}
	return seen
}

// CountUnmatched adds a record that counts from one moment, and has a stamp. One that was seen late does not widen what it joins.
func CountUnmatched(all []Unmatched, at, seen, stamp time.Time) []Unmatched {
	i := slices.IndexFunc(all, func(u Unmatched) bool { return u.At.Equal(at) })
	if i < 0 {
		return append(all, Unmatched{At: at, Count: 1, First: stamp, Last: stamp})
	}
	u := &all[i]
	u.Count++
	if at.Equal(seen) && !stamp.IsZero() {
		if u.First.IsZero() || stamp.Before(u.First) {
			u.First = stamp
		}
		if stamp.After(u.Last) {
			u.Last = stamp
		}
	}
	return all
}

// stoppedTogether is how many records stopped matching together with one.
func stoppedTogether(all []Unmatched, at time.Time) (n int) {
	for _, u := range all {
		if Together(u.At, at) {
			n += u.Count
		}
	}
	return n
}

// stopsMany holds each of many deals that stopped matching together. It stays so until the deal matches again or its invoice
// is gone, however long ago it was. Rule 18: absence is not evidence, and least of all that of many.
func (s Step) stopsMany(r store.Record, f Facts, link store.Link, name string) (Step, bool) {
	held := r.Hold != nil && r.Hold.Cause == causeTogether
	if f.Off.Together || !held && stoppedTogether(f.Unmatched, r.GoneAt) <= manyTogether {
		return s, false
	}
	remedy := "let them match again (was a stage renamed in Salesforce? then correct where: in mapping.yaml), or delete those drafts in Xero"
	if link.Status != "DRAFT" && link.Status != "SUBMITTED" {
		remedy = "let them match again (was a stage renamed in Salesforce? then correct where: in mapping.yaml), or void it in Xero"
	}
	return s.hold(Held(causeTogether, Admin, fmt.Sprintf("the deal stopped matching together with many others, more than %d at once; nothing was deleted, and %s is %s in Xero",
		manyTogether, name, document.StatusWord(link.Status)), remedy)), true
}

// moreMayFollow is true for a short while after some deals stopped matching together.
func moreMayFollow(r store.Record, f Facts) (until time.Time, wait bool) {
	until = r.GoneAt.Add(moreMayCome)
	return until, !f.Off.Together && stoppedTogether(f.Unmatched, r.GoneAt) > someTogether && f.SalesforceNow.Before(until) && until.Sub(f.SalesforceNow) <= moreMayCome
}
