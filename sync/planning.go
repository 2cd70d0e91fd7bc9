package sync

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// recordsAtOnce bounds how much of a large todo is in memory at a time.
const recordsAtOnce = 500

// plan puts an entry's todo through Plan and yields, part by part, the steps that need a call. Everything that can be
// decided without one (held, nothing to do, waiting) is stored before the part is yielded.
func (c *Cycle) plan(ctx context.Context, e *mapping.Entry, in Inputs) iter.Seq2[[]plan.Step, error] {
	return func(yield func([]plan.Step, error) bool) {
		after, more, kind := "", true, document.KindOf(e.Kind)
		for more && ctx.Err() == nil {
			var records []store.Record
			records, more = nil, false
			err := c.Store.View(func(tx *store.Tx) error {
				for r := range tx.Todo(e.Name, after) {
					// Accounts are planned all together: two that want one contact must know of each other.
					if len(records) == recordsAtOnce && !kind.Matched {
						more = true
						break
					}
					records, after = append(records, r), r.ID
				}
				return nil
			})
			if err == nil && !kind.Matched {
				err = c.lookUp(ctx, e, records)
			}
			var steps []plan.Step
			if err == nil {
				steps, err = c.planRecords(e, in, records)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(steps, nil) {
				return
			}
		}
	}
}

func (c *Cycle) planRecords(e *mapping.Entry, in Inputs, records []store.Record) ([]plan.Step, error) {
	var steps, calls []plan.Step
	err := c.Store.View(func(tx *store.Tx) error {
		facts := c.desk(in).Facts(tx)
		for _, r := range records {
			if r.Hash == unread && r.Gone == "" {
				c.Log.Report.WaitUntil(facts.XeroNow.Add(state.Soon)) // the next cycle has read it
				continue
			}
			if r.Hold == nil && plan.TooEarly(facts.XeroNow, r.NotBefore) {
				c.Log.Report.WaitUntil(r.NotBefore)
				continue
			}
			steps = append(steps, c.Policy(plan.Plan(r, e, facts)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return nil, nil
	}
	if document.KindOf(e.Kind).Matched {
		steps = plan.SettleClaims(steps)
	}
	err = c.Store.Update(func(tx *store.Tx) error {
		d := c.desk(in)
		for _, s := range steps {
			if c.Planned != nil {
				c.Planned(s)
			}
			if err := d.Decide(tx, s); err != nil {
				return err
			}
			if s.Do != plan.Hold && s.Do != plan.Nothing && s.Do != plan.Wait {
				calls = append(calls, s)
			}
		}
		return nil
	})
	return calls, err
}

// unknown is what Xero was asked for in vain.
type unknown struct {
	ids         map[string]bool // ids in rows that Xero does not know
	contactless map[string]bool // accounts of which it was asked in this hour whether Xero has a contact for them
	since       time.Time       // since when they are gathered
}

// forget asks again, once an hour, for what rows name and Xero did not know: a company that has moved to a new
// organisation has such rows by the hundred, and looked up in every cycle they would use up the day's calls.
func (u *unknown) forget() {
	if u.ids == nil || time.Since(u.since) >= time.Hour {
		u.ids, u.contactless, u.since = map[string]bool{}, map[string]bool{}, time.Now()
	}
}

// lookUp asks Xero for the ids that records name in their own write-back field and that no watch has shown: the third
// witness, for a deal whose invoice lost its mark, and for a deal that was cloned together with its field. A deal whose
// invoice was found again by its mark is asked, too, as long as it names another one.
func (c *Cycle) lookUp(ctx context.Context, e *mapping.Entry, records []store.Record) error {
	wanted := map[string]bool{}
	if err := c.Store.View(func(tx *store.Tx) error {
		for _, r := range records {
			id := strings.ToLower(plan.RowText(r.JSON, e.IDField))
			if id == "" || c.looks.unknown.ids[id] {
				continue
			}
			if _, known := tx.SeenByID(string(xero.Invoices), id); known {
				continue
			}
			if link, ok := tx.Link(r.Key); ok && link.XeroID != "" && !plan.BesideUndecided(link, id, c.safeguardsOff) {
				continue
			}
			wanted[id] = true
		}
		return nil
	}); err != nil || len(wanted) == 0 {
		return err
	}
	for _, ids := range chunks(document.SortedNames(wanted), idsPerCall) {
		if err := c.lookUpIDs(ctx, ids); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cycle) lookUpIDs(ctx context.Context, ids []string) error {
	found := map[string]json.RawMessage{}
	var asked []string
	for _, id := range ids {
		if isGUID(id) { // anything else in the field cannot be a Xero id, and Xero would refuse the whole call for it
			asked = append(asked, id)
		}
	}
	if len(asked) > 0 {
		for page, err := range c.Xero.List(ctx, xero.Invoices, xero.Filter{IDs: asked}) {
			if err != nil {
				return err
			}
			for _, item := range page.Items {
				inv, err := xero.DecodeInvoice(item)
				if err != nil {
					return err
				}
				if found[strings.ToLower(inv.InvoiceID)], err = json.Marshal(inv); err != nil {
					return err
				}
			}
		}
	}
	return c.Store.Update(func(tx *store.Tx) error {
		for _, id := range ids {
			doc, ok := found[id]
			if !ok {
				c.looks.unknown.ids[id] = true
				continue
			}
			inv, err := xero.DecodeInvoice(doc)
			if err != nil {
				return err
			}
			seen := store.Seen{Kind: string(xero.Invoices), XeroID: id, JSON: doc, At: c.xeroNow()}
			if mark, marked := document.MarkOf(inv.Url); marked && mark.Org == c.session.place.Org && inv.Type == "ACCREC" && inv.RepeatingInvoiceID == "" {
				seen.Names = []string{document.MarkWord(mark.Key())}
			}
			if err := tx.PutSeen(seen); err != nil {
				return err
			}
		}
		return nil
	})
}

// isGUID is true for 8-4-4-4-12 hexadecimal digits.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		switch i {
		case 8, 13, 18, 23:
			if r != '-' {
				return false
			}
		default:
			if !strings.ContainsRune("0123456789abcdefABCDEF", r) {
				return false
			}
		}
	}
	return true
}
