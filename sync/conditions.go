package sync

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
)

// What an edit of mapping.yaml takes away, and puts back when it is taken back. An edited condition may let in what was there
// before, or leave out what waits; the old text must put everything back as it was.
const (
	valueUntil = "until/" // + condition: Salesforce's time up to which everything was read while it was in force
	// soonTakenBack is for how long a condition may be out of force and what was won meanwhile still is won, not let in.
	soonTakenBack = 24 * time.Hour
)

// edited is true until all matching records were read once under the mapping in force.
func (p *puller) edited(tx *store.Tx) bool {
	under := tx.Value(valueMatched)
	return under != "" && under != p.in.Mapping.Hash
}

// widened is true while a record may match only because the condition was edited; another formula lets nothing in.
func (p *puller) widened(tx *store.Tx, entry string) bool {
	return p.edited(tx) && !p.sameCondition(tx, entry, tx.Value(valueMatched))
}

// conditionUnder is the condition by which an entry asked for its records under a mapping; "" when that is not known.
func conditionUnder(tx *store.Tx, entry, mappingHash string) string {
	if entry == document.Contacts {
		return tx.Value(valueCustomers + mappingHash)
	}
	return tx.Value(valueCondition + mappingHash)
}

// sameCondition is true when an earlier mapping asked for the same records.
func (p *puller) sameCondition(tx *store.Tx, entry, earlier string) bool {
	return conditionUnder(tx, entry, earlier) == conditionUnder(tx, entry, p.in.Mapping.Hash)
}

// conditionOf is the condition that a record is read by; "" for an account that is read because a deal needs it.
func (p *puller) conditionOf(tx *store.Tx, t received) string {
	if t.entry.Name == document.Contacts && !p.customers[t.row.ID] {
		return ""
	}
	return conditionUnder(tx, t.entry.Name, p.in.Mapping.Hash)
}

// readBefore is true for a record that did not change since the pull before. The window ended on a whole second: what was
// changed in that second was not read yet.
func (p *puller) readBefore(t received) bool {
	return p.sweeping || t.row.Modstamp.Before(p.cursor.Truncate(time.Second))
}

// causeOf says why a record is new to us, and on which day an edit let it in, if that is why. A record that matches after the
// condition was edited although nothing about it changed, found by the sweep or in the pull's overlap, matches only because of
// that edit.
func (p *puller) causeOf(tx *store.Tx, linked bool, t received) (cause, letIn string) {
	shown := plan.RowText(t.row.JSON, t.entry.HoldField)
	switch {
	case linked:
		return "changed", ""
	case p.readBefore(t) && p.widened(tx, t.entry.Name) && !p.wonMeanwhile(tx, t) && !p.c.safeguardsOff.Cause:
		return plan.CauseMapping, p.today
	case !p.incremental && strings.Contains(shown, plan.TextMapping):
		return plan.CauseMapping, cmp.Or(plan.DayShown(shown), p.today) // it waited for that when the store was lost
	case p.sweeping:
		return "swept", ""
	}
	return "new", ""
}

// wonMeanwhile is true for a record that changed while another condition was in force for a short time: without that edit it
// would have been new.
func (p *puller) wonMeanwhile(tx *store.Tx, t received) bool {
	until, ok := outOfForce(tx, conditionUnder(tx, t.entry.Name, p.in.Mapping.Hash))
	return ok && !p.c.safeguardsOff.Restore && p.began.Sub(until) <= soonTakenBack && !t.row.Modstamp.Before(until.Truncate(time.Second))
}

// outOfForce is the time at which a condition went out of force that was in force before.
func outOfForce(tx *store.Tx, condition string) (until time.Time, ok bool) {
	until, err := time.Parse(time.RFC3339Nano, tx.Value(valueUntil+condition))
	return until, err == nil && condition != ""
}

// noteOutOfForce notes, when the cursor moves under another condition for the first time, up to when the one before had read
// everything.
func (p *puller) noteOutOfForce(tx *store.Tx) error {
	for _, entry := range []string{document.Invoices, document.Contacts} {
		before, now := conditionUnder(tx, entry, tx.Value(valueMatched)), conditionUnder(tx, entry, p.in.Mapping.Hash)
		if before == "" || before == now || tx.Value(valueUntil+before) != "" {
			continue
		}
		if err := tx.SetValue(valueUntil+before, p.cursor.UTC().Format(time.RFC3339Nano)); err != nil {
			return err
		}
	}
	return nil
}

// noteInForce forgets that: everything that the conditions in force ask for was read.
func (c *Cycle) noteInForce(tx *store.Tx, in Inputs) error {
	var errs []error
	for _, entry := range []string{document.Invoices, document.Contacts} {
		if now := conditionUnder(tx, entry, in.Mapping.Hash); now != "" && tx.Value(valueUntil+now) != "" {
			errs = append(errs, tx.SetValue(valueUntil+now, ""))
		}
	}
	return errors.Join(errs...)
}

// cameBack is true while a condition in force was out of force and has not read everything anew.
func cameBack(tx *store.Tx, in Inputs) bool {
	for _, entry := range []string{document.Invoices, document.Contacts} {
		if _, out := outOfForce(tx, conditionUnder(tx, entry, in.Mapping.Hash)); out {
			return true
		}
	}
	return false
}

// setAside keeps what is known of an undecided record that left our sight while another condition than the one it matched is
// in force: it may be that edit's doing. Case: one cycle with a narrower condition turned ten held deals into ones that only
// an edit had let in, for good.
func (p *puller) setAside(tx *store.Tx, r store.Record, condition, gone string) error {
	byEdit := r.Under != "" && r.Under != condition && (gone == "unmatched" || gone == "mapping")
	if !byEdit || r.Cause == plan.CauseDrop || r.Hash == unread || p.c.safeguardsOff.Restore {
		return nil
	}
	return tx.PutSetAside(r.Key, r.Under, store.SetAside{Cause: r.Cause, LetIn: r.LetIn, Today: r.Today})
}

// putBack gives a record that matches again what was kept of it when its condition went out of force. One that has got a
// cause of its own meanwhile keeps that.
func (p *puller) putBack(tx *store.Tx, r *store.Record) error {
	if r.Under == "" || p.c.safeguardsOff.Restore {
		return nil
	}
	kept, ok := tx.SetAside(r.Key, r.Under)
	if !ok {
		return nil
	}
	r.Cause, r.LetIn, r.Today = kept.Cause, kept.LetIn, kept.Today
	return tx.DeleteSetAside(r.Key, r.Under)
}
