package sync

import (
	"context"
	"errors"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
)

// pullNeeded reads the accounts that deals in the todo are for and that are neither linked nor queued: without a `where:`
// of their own, accounts become contacts with their first invoice, and wait no longer than a deal waits for them.
func (c *Cycle) pullNeeded(ctx context.Context, pulled *puller) error {
	in, e := pulled.in, pulled.e
	if e == nil {
		return pulled.dropUnneeded(nil, nil)
	}
	needed, awaited := map[string]bool{}, map[string]bool{}
	if err := c.Store.View(func(tx *store.Tx) error {
		facts := c.facts(tx, in)
		for r := range tx.Todo(e.Name, "") {
			if r.Gone != "" || r.JSON == nil {
				continue
			}
			link, ok := tx.Link(r.Key)
			if plan.LiveLink(link, ok) && link.Decided == r.Hash {
				continue
			}
			result, err := e.Apply(facts.Env(facts.Today(r)), r.JSON)
			if err != nil || result.Contact == "" {
				continue
			}
			if awaited[result.Contact] = true; needed[result.Contact] || (!plan.LiveLink(link, ok) && !readyToInvoice(r, e, facts)) {
				continue
			}
			key := store.Key{Entry: document.Contacts, ID: result.Contact}
			if _, linked := tx.Link(key); linked {
				continue
			}
			if account, queued := tx.Record(key); !queued || account.Cause == plan.CauseMapping {
				needed[result.Contact] = true
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := pulled.dropUnneeded(awaited, needed); err != nil || len(needed) == 0 {
		return err
	}
	p := c.newPulling(in)
	p.cause = "needed"
	return p.readAccounts(ctx, document.SortedNames(needed))
}

// readyToInvoice is true for a deal that nothing of its own keeps from being invoiced: a deal that waits for other reasons
// makes nobody a customer.
func readyToInvoice(r store.Record, e *mapping.Entry, f plan.Facts) bool {
	switch date := plan.CloseDate(r); {
	case r.Hold != nil:
		return strings.HasPrefix(r.Hold.Cause, "contact.")
	case date != "" && date < f.Mapping.Start, r.Cause == plan.CauseMapping:
		return false
	}
	return e.Settle == 0 || !f.SalesforceNow.Before(r.Stamp.Add(e.Settle))
}

// dropUnneeded takes accounts out of the todo that no deal waits for any more and that have no contact: a held one whose
// deal was given another account, that was merged away, or that does not match the accounts' own condition.
func (p *puller) dropUnneeded(awaited, needed map[string]bool) error {
	c, in := p.c, p.in
	var keys, wanted []store.Key
	if err := c.Store.View(func(tx *store.Tx) error {
		for r := range tx.Todo(document.Contacts, "") {
			if (awaited[r.ID] || p.customers[r.ID]) && r.Cause == plan.CauseDrop || needed[r.ID] && r.Cause == plan.CauseMapping {
				wanted = append(wanted, r.Key)
			}
			stray := p.returned[r.ID] && !p.customers[r.ID]
			if in.Mapping.Contacts.Where != "" && r.Gone == "" && !stray {
				continue // it is a customer without any deal
			}
			if _, linked := tx.Link(r.Key); !linked && !awaited[r.ID] && r.Cause != plan.CauseDrop && len(tx.Intents(r.Key)) == 0 {
				keys = append(keys, r.Key)
			}
		}
		return nil
	}); err != nil || len(keys)+len(wanted) == 0 {
		return err
	}
	return c.Store.Update(func(tx *store.Tx) error {
		for _, key := range wanted { // a deal needs it, before its row could be cleared or though an edit alone let it in
			r, _ := tx.Record(key)
			r.Cause = "needed"
			if err := tx.PutRecord(r); err != nil {
				return err
			}
		}
		for _, key := range keys {
			r, _ := tx.Record(key)
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

// readAccounts reads accounts by id into the todo. One that Salesforce does not return is put there too, as unseen: the
// deal that needs it is held for it by name.
func (p *puller) readAccounts(ctx context.Context, ids []string) error {
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
			if err := tx.PutRecord(store.Record{Key: key, Gone: "unseen", Cause: "needed"}); err != nil {
				return err
			}
		}
		return nil
	})
}
