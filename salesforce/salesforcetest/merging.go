package salesforcetest

import (
	"errors"
	"fmt"
)

// Merge moves what hangs on the losers to the winner and deletes the losers, which then name the winner as MasterRecordId and are
// shown by queryAll alone. Merging runs no trigger on the records that it moves. Whether it moves their stamps is not documented:
// here they keep them, with MergeAccounts they do not, and a client must bear both.
func (o *Org) Merge(object, winner string, losers ...string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.merge(object, winner, losers, false)
}

// MergeAccounts merges up to two accounts into a master, as a person does with View Duplicates. Deals, contacts, orders and whatever
// else names a loser name the master afterwards; of those records SystemModstamp moves, LastModifiedDate does not. The master keeps
// its own values, which the person may change along with it by Update. A loser that is taken out of the recycle bin is an account
// like any other again, and what was moved stays with the master.
func (o *Org) MergeAccounts(master string, losers ...string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(losers) < 1 || len(losers) > 2 {
		return fmt.Errorf("salesforcetest: %d accounts to merge into one: Salesforce merges one or two at a time", len(losers))
	}
	return o.merge("Account", master, losers, true)
}

func (o *Org) merge(object, winner string, losers []string, stamps bool) error {
	w, err := o.rowNamed(object, winner)
	if err != nil {
		return err
	}
	master := w.obj.field("MasterRecordId")
	if master == nil {
		return fmt.Errorf("salesforcetest: records of %s cannot be merged", object)
	}
	var rows []*row
	for _, id := range losers {
		l, err := o.rowNamed(object, id)
		if err != nil {
			return err
		}
		if l == w || l.deleted() || w.deleted() {
			return fmt.Errorf("salesforcetest: %s and %s cannot be merged: both must be live and different", winner, id)
		}
		rows = append(rows, l)
	}
	if len(rows) == 2 && rows[0] == rows[1] {
		return errors.New("salesforcetest: an account cannot be merged twice")
	}
	late := o.late(origin{hand: true}, w.obj, w.id)
	for _, l := range rows {
		o.reparent(l, w, master, stamps)
		vals := l.copy()
		vals[master.pos] = w.id
		o.put(l, vals, late)
		o.mark(l, true, late)
	}
	return o.change(w, nil, origin{hand: true}).asError()
}

// reparent moves what names one record to another, deleted records too: an order that comes out of the recycle bin is the master's.
func (o *Org) reparent(from, to *row, master *field, stamps bool) {
	for _, obj := range o.ordered {
		for _, f := range obj.fields {
			if f.refTo != from.obj.name || f == master {
				continue
			}
			for _, below := range append([]*row(nil), obj.below(f, from.id)...) {
				vals := below.copy()
				vals[f.pos] = to.id
				late := o.late(origin{hand: true}, obj, below.id)
				if stamps {
					vals[obj.field("SystemModstamp").pos] = o.now()
				} else {
					late = o.late(origin{hand: true}, to.obj, to.id)
				}
				o.put(below, vals, late)
			}
		}
	}
}
