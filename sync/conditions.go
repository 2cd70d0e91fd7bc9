package sync

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
)

// What an edit of mapping.yaml takes away, and puts back when it is taken back. An edited condition may let in what was there
// before, or leave out what waits; the old text must put everything back as it was.
const (
	valueUntil       = "until/"        // + condition: Salesforce's time up to which everything was read while it was in force
	valuePulledUnder = "pulled under/" // + entry: the condition of the last pull
	valueInForce     = "in force/"     // + entry: Salesforce's time from which on that was in force
	// soonTakenBack is for how long a condition may be out of force and what was won meanwhile still is won, not let in.
	soonTakenBack = 24 * time.Hour
)

// edited is true until all matching records were read once under the mapping in force.
func (p *pull) edited(tx *store.Tx) bool {
	under := tx.Value(valueMatched)
	return under != "" && under != p.in.Mapping.Hash
}

// respelt is true when the mapping in force means what the one before meant: nobody has edited it, but an older version of this
// program knew the same text by another hash. The sweep that follows reads everything under the new name, and tells of no edit.
// A text that was edited together with an upgrade has another meaning, and is judged as any edit: the old text, which the store
// keeps, is compiled anew and says what it asked for and read. One that this version does not take any more says nothing: then
// what comes into sight without a change of its own counts as let in by the edit, and waits for a person.
func (m *mappings) respelt(tx *store.Tx, in Inputs) bool {
	before := m.earlier[tx.Value(valueMatched)]
	return before != nil && before.Hash == in.Mapping.Hash
}

// widened is true while a record may match only because the condition was edited; another formula lets nothing in.
func (p *pull) widened(tx *store.Tx, entry string) bool {
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
func (p *pull) sameCondition(tx *store.Tx, entry, earlier string) bool {
	// A store of an earlier version noted conditions by other words.
	if now := p.in.Mapping.Entry(entry); now != nil {
		if before := p.c.mappings.under(earlier, now); before != nil {
			return before.Condition() == now.Condition()
		}
	}
	return conditionUnder(tx, entry, earlier) == conditionUnder(tx, entry, p.in.Mapping.Hash)
}

// conditionOf is the condition that a record is read by; "" for an account that is read because a deal needs it.
func (p *pull) conditionOf(tx *store.Tx, t received) string {
	if t.entry.Name == document.Contacts && !p.customers[t.row.ID] {
		return ""
	}
	return conditionUnder(tx, t.entry.Name, p.in.Mapping.Hash)
}

// readBefore is true for a record that did not change since the pull before. The window ended on a whole second: what was
// changed in that second was not read yet.
func (p *pull) readBefore(t received) bool {
	return p.sweeping || t.row.Modstamp.Before(p.cursor.Truncate(time.Second))
}

// giveCause notes why a record is new to us, and on which day an edit let it in, if that is why. A record that matches after
// the condition was edited although nothing about it changed, found by the sweep or in the pull's overlap, matches only because
// of that edit.
func (p *pull) giveCause(tx *store.Tx, r *store.Record, linked bool, t received) {
	shown := plan.RowText(t.row.JSON, t.entry.HoldField)
	switch {
	case linked:
		r.Cause = "changed"
	case p.letInByEdit(tx, t) && !p.c.safeguardsOff.Cause:
		r.Cause, r.LetIn, r.Without = plan.CauseMapping, p.today, conditionUnder(tx, t.entry.Name, tx.Value(valueMatched))
	case !p.incremental && strings.Contains(shown, plan.TextMapping):
		r.Cause, r.LetIn = plan.CauseMapping, cmp.Or(plan.DayShown(shown), p.today) // it waited for that when the store was lost
	case p.sweeping:
		r.Cause = "swept"
	default:
		r.Cause = "new"
	}
}

// letInByEdit is true for a record that did not change and matches under an edited condition.
func (p *pull) letInByEdit(tx *store.Tx, t received) bool {
	return p.readBefore(t) && p.widened(tx, t.entry.Name) && !p.wonMeanwhile(tx, t)
}

// wonMeanwhile is true for a record that changed while another condition was in force for a short time: without that edit it
// would have been new.
func (p *pull) wonMeanwhile(tx *store.Tx, t received) bool {
	until, ok := p.soonBack(tx, t.entry.Name)
	return ok && !t.row.Modstamp.Before(until)
}

// soonBack is the time since which changes count as such although another condition was in force, when that was not for long. It
// reaches back as each pull does: rows show later than their stamp.
func (p *pull) soonBack(tx *store.Tx, entry string) (since time.Time, ok bool) {
	until, ok := outOfForce(tx, conditionUnder(tx, entry, p.in.Mapping.Hash))
	if !ok || p.c.safeguardsOff.Restore || p.began.Sub(until) > soonTakenBack {
		return time.Time{}, false
	}
	return until.Add(-p.c.Settings.Overlap).Truncate(time.Second), true
}

// outOfForce is the time at which a condition went out of force that was in force before.
func outOfForce(tx *store.Tx, condition string) (until time.Time, ok bool) {
	until, err := time.Parse(time.RFC3339Nano, tx.Value(valueUntil+condition))
	return until, err == nil && condition != ""
}

// noteConditions notes, in the transaction that moves the cursor, under which conditions it moved: up to when the one before
// had read everything, and from when on this one is in force.
func (p *pull) noteConditions(tx *store.Tx) error {
	for _, entry := range document.Entries() {
		before, now := tx.Value(valuePulledUnder+entry), conditionUnder(tx, entry, p.in.Mapping.Hash)
		if before == "" {
			before = conditionUnder(tx, entry, tx.Value(valueMatched)) // of a store of an earlier version
		}
		if tx.Value(valuePulledUnder+entry) == now {
			continue
		}
		at := p.cursor.UTC().Format(time.RFC3339Nano)
		if err := errors.Join(tx.SetValue(valuePulledUnder+entry, now), tx.SetValue(valueInForce+entry, at)); err != nil {
			return err
		}
		if before == "" || before == now || tx.Value(valueUntil+before) != "" {
			continue
		}
		if err := tx.SetValue(valueUntil+before, at); err != nil {
			return err
		}
	}
	return nil
}

// opened is true for a record that matches no more and that a person has changed since the last pulls, under the condition in
// force: somebody opened it again. A condition that was edited, or a parent that changed, opens nothing; nor does what Salesforce
// does itself to many records at once, which moves SystemModstamp only. Case: while a condition was narrower by mistake two
// accounts were merged, and the old deals of both were held as opened and won again when that was taken back.
func (p *pull) opened(tx *store.Tx, t received) bool {
	since := p.since
	if from, err := time.Parse(time.RFC3339Nano, tx.Value(valueInForce+t.entry.Name)); err == nil && from.After(since) {
		since = from
	}
	stamp := t.row.Modstamp
	if byUser, err := salesforce.ReadTime(plan.RowText(t.row.JSON, lastModified)); err == nil {
		stamp = byUser
	}
	return t.gone == "unmatched" && !stamp.Before(since.Truncate(time.Second)) && !p.widened(tx, t.entry.Name)
}

// lastModified is when a user changed a record last, in whole seconds; SystemModstamp moves with what Salesforce does, too.
const lastModified = "LastModifiedDate"

// noteInForce forgets that: everything that the conditions in force ask for was read.
func noteInForce(tx *store.Tx, in Inputs) error {
	var errs []error
	for _, entry := range document.Entries() {
		if now := conditionUnder(tx, entry, in.Mapping.Hash); now != "" && tx.Value(valueUntil+now) != "" {
			errs = append(errs, tx.SetValue(valueUntil+now, ""))
		}
	}
	return errors.Join(errs...)
}

// cameBack is true while a condition in force was out of force and has not read everything anew.
func cameBack(tx *store.Tx, in Inputs) bool {
	for _, entry := range document.Entries() {
		if _, out := outOfForce(tx, conditionUnder(tx, entry, in.Mapping.Hash)); out {
			return true
		}
	}
	return false
}

// setAside keeps what is known of an undecided record that left our sight while another condition than the one it matched is
// in force: it may be that edit's doing. Case: one cycle with a narrower condition turned ten held deals into ones that only
// an edit had let in, for good. Rule 19.
func (p *pull) setAside(tx *store.Tx, r store.Record, condition, gone string) error {
	byEdit := r.Under != "" && r.Under != condition && (gone == "unmatched" || gone == "mapping")
	if !byEdit || r.Cause == plan.CauseDrop || r.Hash == unread || p.c.safeguardsOff.Restore {
		return nil
	}
	date := plan.CloseDate(r)
	past := r.Past || date != "" && date < p.in.Mapping.Start
	return tx.PutSetAside(r.Key, r.Under, store.SetAside{Cause: r.Cause, LetIn: r.LetIn, Today: r.Today, Past: past})
}

// isAside is true for a deal that was dealt with when the condition in force went out of force: it is put back, and no history
// although it is of before the books.
func (p *pull) isAside(id string) (aside bool, err error) {
	err = p.c.Store.View(func(tx *store.Tx) error {
		_, aside = tx.SetAside(store.Key{Entry: p.e.Name, ID: id}, conditionUnder(tx, p.e.Name, p.in.Mapping.Hash))
		return nil
	})
	return aside, err
}

// putBack gives a record that matches again what was kept of it when its condition went out of force. One that has got a
// cause of its own meanwhile keeps that.
func (p *pull) putBack(tx *store.Tx, r *store.Record) error {
	if r.Under == "" || p.c.safeguardsOff.Restore {
		return nil
	}
	kept, ok := tx.SetAside(r.Key, r.Under)
	if !ok {
		return nil
	}
	r.Cause, r.LetIn, r.Today, r.Past = kept.Cause, kept.LetIn, kept.Today, kept.Past
	return tx.DeleteSetAside(r.Key, r.Under)
}

// acquit asks again about the records that an edit seems to have let in. One that matches the condition of before, too, was only
// hidden, or seen late, when that was edited: rule 19, seed 60. One whose account changed while a condition was out of force for
// a short time would have matched without that edit: seed 2035.
func (p *pull) acquit(ctx context.Context) error {
	for _, e := range pushOrder(p.in.Mapping) {
		var ids []string
		var selects []salesforce.Select
		if err := p.c.Store.View(func(tx *store.Tx) error {
			without := conditionUnder(tx, e.Name, tx.Value(valueMatched))
			if where := tx.Value(valueWhere + without); where != "" { // else it asked for nothing, or that is not known any more
				selects = append(selects, salesforce.Select{From: e.From, Where: where})
			}
			if until, ok := p.soonBack(tx, e.Name); ok && len(p.parentsOf(e)) > 0 {
				changed := salesforce.Select{From: e.From, Where: e.Where, Since: until}
				for _, parent := range p.parentsOf(e) {
					changed.Parents = append(changed.Parents, parent.Path)
				}
				selects = append(selects, changed)
			}
			for r := range tx.Todo(e.Name, "") {
				if r.Cause == plan.CauseMapping && r.Without == without && r.Gone == "" {
					ids = append(ids, r.ID)
				}
			}
			return nil
		}); err != nil {
			return err
		}
		for _, part := range chunks(ids, 5*rereadAtOnce) {
			for _, s := range selects {
				if err := p.acquitPart(ctx, e, s, part); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *pull) acquitPart(ctx context.Context, e *mapping.Entry, s salesforce.Select, ids []string) error {
	s.IDs = ids
	var matched []string
	for row, err := range p.c.Salesforce.Query(ctx, s) {
		if remote.ClassOf(err) == remote.BadConfig { // Salesforce takes it no more
			return nil
		}
		if err != nil {
			return err
		}
		matched = append(matched, row.ID)
	}
	if len(matched) == 0 {
		return nil
	}
	return p.c.Store.Update(func(tx *store.Tx) error {
		for _, id := range matched {
			r, ok := tx.Record(store.Key{Entry: e.Name, ID: id})
			if !ok || r.Cause != plan.CauseMapping {
				continue
			}
			r.Cause, r.LetIn, r.Without = "swept", "", ""
			if err := tx.PutRecord(r); err != nil {
				return err
			}
		}
		return nil
	})
}
