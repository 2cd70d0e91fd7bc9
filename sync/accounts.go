package sync

import (
	"context"
	"errors"
	"maps"
	"slices"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
)

// pullNeeded reads the accounts that deals in the todo are for and that are neither linked nor queued: without a `where:`
// of their own, accounts become contacts with their first invoice, and wait no longer than a deal waits for them.
func (c *Cycle) pullNeeded(ctx context.Context, pulled *pull) error {
	in, e := pulled.in, pulled.e
	if e == nil {
		return pulled.dropUnneeded(nil)
	}
	wanted, err := c.wantedAccounts(ctx, in, e)
	if err != nil {
		return err
	}
	missing := map[string]bool{}
	if err := c.Store.View(func(tx *store.Tx) error {
		for id := range wanted {
			key := store.Key{Entry: document.Contacts, ID: id}
			if link, linked := tx.Link(key); linked && link.XeroID != "" {
				continue
			}
			account, queued := tx.Record(key)
			if !queued && wanted[id] == plan.CauseAsked && c.looks.unknown.contactless[id] {
				continue // Xero had no contact for it within this hour
			}
			if !queued || account.Cause == plan.CauseMapping {
				missing[id] = true
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := pulled.dropUnneeded(wanted); err != nil || len(missing) == 0 {
		return err
	}
	p, err := c.newPull(in)
	if err != nil {
		return err
	}
	if err := p.readAccounts(ctx, document.SortedNames(missing)); err != nil {
		return err
	}
	if err := c.Store.Update(func(tx *store.Tx) error {
		for _, id := range document.SortedNames(missing) {
			r, queued := tx.Record(store.Key{Entry: document.Contacts, ID: id})
			if !queued || wanted[id] != plan.CauseAsked {
				continue
			}
			r.Cause = plan.CauseAsked
			if err := tx.PutRecord(r); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for id := range missing { // only now: what was asked in vain is asked again in the next cycle
		c.looks.unknown.contactless[id] = true
	}
	return nil
}

// wantedAccounts are the accounts that deals in the todo need a contact for, each with why. A contact cannot be deleted again
// by API: one is made only for a deal of which nothing else is amiss, so that its invoice could go out with it now. (Case: one
// wrong table on a first run made 85 contacts and no invoice.)
func (c *Cycle) wantedAccounts(ctx context.Context, in Inputs, e *mapping.Entry) (map[string]string, error) {
	wanted := map[string]string{}
	after, more := "", true
	for more {
		var deals []store.Record
		more = false
		if err := c.Store.View(func(tx *store.Tx) error {
			for r := range tx.Todo(e.Name, after) {
				if len(deals) == recordsAtOnce {
					more = true
					break
				}
				if deals, after = append(deals, r), r.ID; r.Gone != "" || r.JSON == nil || r.Hash == unread {
					deals = deals[:len(deals)-1]
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
		if err := c.lookUp(ctx, e, deals); err != nil && ctx.Err() != nil {
			return nil, err // else those deals wait, and the plan that asks again says what is wrong
		}
		if err := c.Store.View(func(tx *store.Tx) error {
			facts := c.desk(in).Facts(tx)
			for _, r := range deals {
				account, why := c.wantedAccount(r, e, facts)
				if account != "" && wanted[account] != plan.CauseNeeded {
					wanted[account] = why
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return wanted, nil
}

// wantedAccount is the account for which a deal needs a contact now, and whether one may be made for it.
func (c *Cycle) wantedAccount(r store.Record, e *mapping.Entry, f plan.Facts) (account, why string) {
	if f.Off.FirstInvoice {
		result, err := e.Apply(f.Env(f.Today(r)), r.JSON)
		if err != nil {
			return "", ""
		}
		return result.Contact, plan.CauseNeeded
	}
	return plan.WantedAccount(c.Policy(plan.Plan(r, e, f)))
}

// dropUnneeded takes accounts out of the todo that no deal waits for any more and that have no contact: a held one whose
// deal was given another account or has something else amiss, that was merged away, or that does not match the accounts' own
// condition.
func (p *pull) dropUnneeded(wanted map[string]string) error {
	c, in := p.c, p.in
	var keys []store.Key
	if err := p.causes(wanted); err != nil {
		return err
	}
	if err := c.Store.View(func(tx *store.Tx) error {
		for r := range tx.Todo(document.Contacts, "") {
			stray := p.returned[r.ID] && !p.customers[r.ID]
			if in.Mapping.Contacts.Where != "" && r.Gone == "" && !stray {
				continue // it is a customer without any deal
			}
			if _, linked := tx.Link(r.Key); !linked && wanted[r.ID] == "" && r.Cause != plan.CauseDrop && r.Cause != plan.CauseMerged && len(tx.Intents(r.Key)) == 0 {
				keys = append(keys, r.Key)
			}
		}
		return nil
	}); err != nil || len(keys) == 0 {
		return err
	}
	return c.Store.Update(func(tx *store.Tx) error {
		for _, key := range keys {
			r, _ := tx.Record(key)
			if err := p.setAside(tx, r, conditionUnder(tx, key.Entry, in.Mapping.Hash), "unmatched"); err != nil {
				return err
			}
			if r.Hold == nil || r.Gone != "" {
				if err := errors.Join(tx.DeleteWriteBack(key), tx.Dequeue(key)); err != nil {
					return err
				}
				continue
			}
			r.Hold, r.Cause = nil, plan.CauseDrop // its row in Salesforce still shows the hold
			if err := errors.Join(tx.PutWriteBack(store.WriteBack{Key: key}), tx.PutRecord(r)); err != nil {
				return err
			}
		}
		return nil
	})
}

// causes gives the accounts in the todo the reason for which they are wanted now: a deal may need one before its row could be
// cleared, or though an edit of the mapping alone let it in; and what only an old invoice asks for must not be made.
func (p *pull) causes(wanted map[string]string) error {
	change := map[store.Key]string{}
	if err := p.c.Store.View(func(tx *store.Tx) error {
		for r := range tx.Todo(document.Contacts, "") {
			why := wanted[r.ID]
			switch {
			case why == plan.CauseAsked && p.in.Mapping.Contacts.Where != "" && r.Cause != plan.CauseDrop:
				continue // by its own condition, perhaps
			case why == "" && p.customers[r.ID] && r.Cause == plan.CauseDrop:
				why = plan.CauseNeeded
			case why == "", r.Cause == why, r.Cause == plan.CauseMerged, why == plan.CauseAsked && r.Cause == plan.CauseMapping:
				continue
			case why == plan.CauseNeeded && r.Cause != plan.CauseDrop && r.Cause != plan.CauseMapping && r.Cause != plan.CauseAsked:
				continue // it may be made a contact as it is
			}
			change[r.Key] = why
		}
		return nil
	}); err != nil || len(change) == 0 {
		return err
	}
	return p.c.Store.Update(func(tx *store.Tx) error {
		for _, key := range slices.SortedFunc(maps.Keys(change), store.Key.Compare) {
			r, _ := tx.Record(key)
			r.Cause = change[key]
			if err := tx.PutRecord(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// readAccounts reads accounts by id into the todo. One that Salesforce does not return is put there too, as unseen: the
// deal that needs it is held for it by name.
func (p *pull) readAccounts(ctx context.Context, ids []string) error {
	contacts := p.in.Mapping.Contacts
	account := p.selectOf(contacts)
	account.IDs = ids
	if err := p.read(ctx, []purpose{{account, p.takeNeeded}}); err != nil {
		return err
	}
	return p.flush(func(tx *store.Tx) error {
		for _, id := range ids {
			if p.returned[id] {
				continue
			}
			key := store.Key{Entry: document.Contacts, ID: id}
			if err := tx.PutRecord(store.Record{Key: key, Gone: "unseen", Cause: plan.CauseNeeded}); err != nil {
				return err
			}
		}
		return nil
	})
}
