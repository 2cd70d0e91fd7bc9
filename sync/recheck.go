package sync

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/events"
	"sf2xero/sync/plan"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// freshWatch watches Xero before a plan that may send something, if this cycle has not just done so: nothing is pushed on
// what Xero had a while ago. (A first push of contacts may last for minutes, and a machine may be suspended between two entries.)
func (c *Cycle) freshWatch(ctx context.Context, in Inputs, e *mapping.Entry) error {
	if within(c.watcher.from, max(c.Settings.Bound(), time.Minute)) || !c.watcher.from.IsZero() && c.safeguardsOff.PlanAge {
		return nil
	}
	needed := false
	if err := c.Store.View(func(tx *store.Tx) error {
		for r := range tx.Todo(e.Name, "") {
			if needed = r.Cause != plan.CauseDrop; needed { // also for a held one: it may just have been released
				break
			}
		}
		return nil
	}); err != nil || !needed {
		return err
	}
	return c.watch(ctx, in)
}

// freshContacts watches contacts before a plan that may write some: a contact that a person made a minute ago must be
// found, not doubled. An account that waits only for its row to be cleared of a hold, and one that is put off, write none. (Case:
// a validation rule kept such a row from being written, and the contacts were read in each cycle for days.)
func (c *Cycle) freshContacts(ctx context.Context, in Inputs, e *mapping.Entry) error {
	if e.Name != document.Contacts {
		return nil
	}
	needed, now := false, c.xeroNow()
	if err := c.Store.View(func(tx *store.Tx) error {
		for r := range tx.Todo(document.Contacts, "") {
			if r.Hold == nil && r.Gone == "" && r.Cause != plan.CauseDrop && !plan.TooEarly(now, r.NotBefore) {
				needed = true
				break
			}
		}
		if at, ok := tx.Cursor(state.CursorContacts); ok && c.Log.Report.Began.Before(at) {
			needed = false // watched in this cycle already
		}
		return nil
	}); err != nil || !needed {
		return err
	}
	return c.watchContacts(ctx, in)
}

// heldEvery is how often the drafts of held deals are read by their ids. A draft that a person deletes stands in no list
// of Xero's, and deleting it is just what such a hold asks for: it must not wait for the nightly sweep to be noticed.
const heldEvery = 10 * time.Minute

const (
	cursorHeld = "xero/held"
	valueHeld  = "reread/xero" // the last held record whose draft was read
)

// watchHeld reads the drafts of held deals, about as many as fit one call, in turn, those that are to be approved once a
// list has shown them (one that was deleted first never is), and those that we may have deleted ourselves without having
// been told.
func (c *Cycle) watchHeld(ctx context.Context, in Inputs) error {
	now := c.xeroNow()
	var ids []string
	due, turn, last := false, false, ""
	if err := c.Store.View(func(tx *store.Tx) error {
		ids = state.UnsettledDeletes(tx)
		if at, ok := tx.Cursor(cursorHeld); ok && now.Sub(at) < heldEvery {
			due = len(ids) > 0
			return nil
		}
		turn = true
		for r := range tx.Todo(document.Invoices, tx.Value(valueHeld)) {
			if link, _ := tx.Link(r.Key); r.Hold == nil && (link.XeroID == "" || !link.Watched.IsZero()) {
				continue
			}
			if ids = append(ids, state.DraftsOf(tx, r, named(in, r))...); len(ids) >= idsPerCall {
				last = r.ID
				break
			}
		}
		due = len(ids) > 0 || tx.Value(valueHeld) != "" // otherwise the next cycle looks again
		return nil
	}); err != nil || !due {
		return err
	}
	for _, part := range chunks(ids, idsPerCall) {
		if _, err := c.readAgain(ctx, in, xero.Invoices, part); err != nil {
			return err
		}
	}
	if !turn {
		return nil // only deletions were looked at
	}
	return c.Store.Update(func(tx *store.Tx) error {
		if err := tx.SetValue(valueHeld, last); err != nil {
			return err
		}
		return tx.SetCursor(cursorHeld, now)
	})
}

// named is the Xero id in a record's own field.
func named(in Inputs, r store.Record) string {
	if e := in.Mapping.Entry(r.Entry); e != nil {
		return plan.RowText(r.JSON, e.IDField)
	}
	return ""
}

// prepare readies a plan's steps for sending. Edits are checked against a fresh reading of their documents: a person may
// have touched one since the watch, and Xero has no compare-and-set. Adoptions of invoices need no call at all.
func (c *Cycle) prepare(ctx context.Context, in Inputs, steps []plan.Step) ([]plan.Step, error) {
	var kept, edits []plan.Step
	for _, s := range steps {
		switch {
		case s.Do == plan.Adopt && !document.KindOfEntry(s.Key.Entry).Matched: // bears our mark already
			if err := c.adoptPlanned(in, s); err != nil {
				return nil, err
			}
		case s.Do == plan.Create:
			kept = append(kept, s)
		default:
			edits = append(edits, s)
		}
	}
	if len(edits) == 0 {
		return kept, nil
	}
	kind := document.KindOfEntry(edits[0].Key.Entry).Name
	for _, part := range chunks(edits, idsPerCall) {
		var ids []string
		for _, s := range part {
			ids = append(ids, s.XeroID)
		}
		fresh, err := c.readAgain(ctx, in, kind, ids)
		if err != nil {
			return nil, err
		}
		for _, s := range part {
			doc, ok := fresh[strings.ToLower(s.XeroID)]
			switch {
			case !ok:
			case s.Do == plan.Adopt:
				ready, err := c.adoptionOf(in, s, doc)
				if err != nil {
					return nil, err
				}
				kept = append(kept, ready...)
			case document.UpdatedAt(doc).Equal(s.SeenAt):
				kept = append(kept, s)
			}
		}
	}
	return kept, nil
}

// readAgain reads documents by their ids, stores what changed, and returns them as Xero shows them now.
func (c *Cycle) readAgain(ctx context.Context, in Inputs, kind xero.Kind, ids []string) (map[string]json.RawMessage, error) {
	fresh := map[string]json.RawMessage{}
	for page, err := range c.Xero.List(ctx, kind, xero.Filter{IDs: ids, Archived: document.KindOf(string(kind)).Archived}) {
		if err != nil {
			return nil, err
		}
		if err := c.Store.Update(func(tx *store.Tx) error {
			d := c.desk(in)
			for _, item := range page.Items {
				head, doc, err := document.KindOf(string(kind)).Normal(item)
				if err != nil {
					return err
				}
				fresh[head.ID] = doc
				if err := d.Observe(tx, kind, item); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// adoptPlanned links an invoice that the plan found by its mark; the next plan takes the record from there.
func (c *Cycle) adoptPlanned(in Inputs, s plan.Step) error {
	return c.Store.Update(func(tx *store.Tx) error {
		c.Log.In(tx).Counted(func(r *events.Report) { r.Adopted++ })
		seen, ok := tx.SeenByID(string(xero.Invoices), strings.ToLower(s.XeroID))
		if !ok {
			return nil
		}
		d := c.desk(in)
		return d.AdoptInvoice(tx, s.Key, seen, d.XeroNow, "adopted")
	})
}

// adoptionOf makes the call that adopts a contact: it writes our mark where no other integration's number stands, fills
// blanks (slot by slot), and nothing else. Where nothing is to be written, the link alone is made.
func (c *Cycle) adoptionOf(in Inputs, s plan.Step, now json.RawMessage) ([]plan.Step, error) {
	fill := document.Blanks(s.Document, now)
	found, err := xero.DecodeContact(now)
	if err != nil {
		return nil, err
	}
	if err := c.Store.View(func(tx *store.Tx) error {
		if plan.MayRenumber(tx, found, s.Key.ID) {
			fill["ContactNumber"] = document.Fields(s.Document)["ContactNumber"]
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if len(fill) == 0 {
		return nil, c.Store.Update(func(tx *store.Tx) error {
			if link, linked := tx.Link(s.Key); linked && strings.EqualFold(link.XeroID, s.XeroID) {
				return nil // when the call of the others has waited for its turn, all are read again
			}
			return c.desk(in).ContactAdopted(tx, store.Member{Key: s.Key, Hash: s.Hash, Today: s.Today, XeroID: s.XeroID}, s.Document, now, s.RestsOn)
		})
	}
	fill["ContactID"] = document.Quote(s.XeroID)
	doc, err := json.Marshal(fill)
	if err != nil {
		return nil, err
	}
	s.Meant, s.Document = s.Document, doc
	return []plan.Step{s}, nil
}

// currenciesKnown is for how long it is believed that an org has one currency.
const currenciesKnown = time.Minute

// severalCurrencies asks, before money is sent, whether an org that had one currency has several since. The describe that
// the mapping was compiled with may be hours old, and a deal in another currency would be taken for one in the org's.
func (c *Cycle) severalCurrencies(ctx context.Context, object string) (noticed bool, err error) {
	if c.session.place.SeveralCurrencies || c.safeguardsOff.Describe || time.Since(c.pusher.currenciesRead) < currenciesKnown {
		return false, nil
	}
	described, err := c.Salesforce.Describe(ctx, object)
	if err != nil {
		return false, err
	}
	c.pusher.currenciesRead = time.Now()
	for _, o := range described {
		noticed = noticed || slices.ContainsFunc(o.Fields, func(f salesforce.Field) bool { return strings.EqualFold(f.Name, "CurrencyIsoCode") })
	}
	if noticed {
		c.session.place.SeveralCurrencies, c.mappings.compiled.described = true, time.Time{} // the next cycle compiles the mapping anew
	}
	return noticed, nil
}

// sendsMoney is true for steps that put amounts into an invoice.
func sendsMoney(kind xero.Kind, steps []plan.Step) bool {
	return kind == xero.Invoices && slices.ContainsFunc(steps, func(s plan.Step) bool { return s.Do == plan.Create || s.Do == plan.Update })
}
