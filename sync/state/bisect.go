package state

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/plan"
)

// failedWhole decides how the members of a call that failed as a whole go out next: in halves, each for itself, because
// one of them may poison the rest. While Xero has taken no such call at all since that batch was first tried, the trouble may
// not be in the documents: then everybody waits longer and longer, and only the first half is split on, because two
// halves may well have a poison each, and searched like that they cost an ailing Xero few calls.
func (d Desk) failedWhole(tx *store.Tx, intent store.Intent, members []store.Member, failed bool, refusal *store.Hold) error {
	if len(members) == 0 {
		return nil
	}
	first, _ := tx.Record(members[0].Key)
	group, tries := first.Half, first.Tries+1
	outage := group != "" && !tookSince(tx, intent, began(group)) && awaited(tx, first.Entry, sibling(group))
	switch {
	case len(members) == 1 && tries >= 4*badDocumentTries || len(members) == 1 && refusal != nil && tries >= 2*badDocumentTries:
		outage = false // whatever it is, it has lasted for hours: the record is held for what is true of it, and tried again
	case len(members) > 1 && tries >= badDocumentTries && strings.HasSuffix(group, "/0"):
		outage = false
	}
	for i, m := range members {
		r, ok := tx.Record(m.Key)
		if !ok {
			continue
		}
		r.Tries++
		var err error
		switch {
		case !failed:
			r.Half = "" // part of the batch was done, so nothing in it is poison
		case len(members) == 1 && refusal != nil && !outage:
			h := *refusal
			h.Since, h.Inputs = d.XeroNow, m.Inputs
			r.Hold, r.NotBefore = &h, d.XeroNow.Add(plan.RetryAfter(&h, r.Tries))
			if h.Cause == causeTooLong {
				r.NotBefore = d.XeroNow.Add(failingFor)
			}
			err = d.tellHeld(tx, m.Key, r.Hold)
		case len(members) == 1 && r.Tries >= badDocumentTries && !outage:
			h := plan.Held("xero.failing", plan.Accountant, "Xero fails whenever this record is sent, without saying why", "look at the record's texts and amounts; it is tried again every hour")
			h.Since, h.Inputs = d.XeroNow, m.Inputs
			r.Hold, r.NotBefore = h, d.XeroNow.Add(failingFor)
			err = d.tellHeld(tx, m.Key, r.Hold)
		case len(members) > 1 && !outage && !d.Off.Halving:
			half := 0
			if i >= (len(members)+1)/2 {
				half = 1
			}
			base := group
			if base == "" {
				at := d.XeroNow
				if len(intent.Attempts) > 0 {
					at = intent.Attempts[0].At
				}
				base = at.UTC().Format(time.RFC3339Nano) + " " + intent.ID
			}
			r.Half = base + "/" + strconv.Itoa(half)
			d.Log.Report.WaitUntil(d.XeroNow.Add(Soon))
		default:
			r.NotBefore = d.XeroNow.Add(backOff(r.Tries))
		}
		if err := errors.Join(err, tx.PutRecord(r)); err != nil {
			return err
		}
	}
	return nil
}

// began is when the batch that a half was split from was first tried.
func began(group string) time.Time {
	at, _, _ := strings.Cut(group, " ")
	t, _ := time.Parse(time.RFC3339Nano, at)
	return t
}

// valueTook is when Xero last took a call of a kind, whatever it said to its elements.
func valueTook(intent store.Intent) string { return "took/" + intent.Kind + "/" + intent.Do }

func (d Desk) noteTook(tx *store.Tx, intent store.Intent) error {
	return tx.SetValue(valueTook(intent), d.XeroNow.Format(time.RFC3339Nano))
}

func tookSince(tx *store.Tx, intent store.Intent, since time.Time) bool {
	last, err := time.Parse(time.RFC3339Nano, tx.Value(valueTook(intent)))
	return err == nil && !last.Before(since)
}

const (
	badDocumentTries = 3                // a lone record that fails this often without a word is held
	failingFor       = time.Hour        // a record at which Xero fails is tried again every hour
	longestWait      = 30 * time.Minute // between two tries while Xero fails for everybody
)

// backOff is how long a record waits after its n-th failing try.
func backOff(tries int) time.Duration {
	return min(time.Minute<<min(max(tries-1, 0), 10), longestWait)
}

// awaited is true while somebody in a half is still to go out: a half whose members have all been decided otherwise will
// never say whether it goes through.
func awaited(tx *store.Tx, entry, group string) bool {
	for r := range tx.Todo(entry, "") {
		if (r.Half == group || strings.HasPrefix(r.Half, group+"/")) && r.Hold == nil {
			return true
		}
	}
	return false
}

func sibling(group string) string {
	if s, ok := strings.CutSuffix(group, "/0"); ok {
		return s + "/1"
	}
	return strings.TrimSuffix(group, "/1") + "/0"
}
