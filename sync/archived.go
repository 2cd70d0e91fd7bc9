package sync

import (
	"context"
	"strings"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// A contact that was merged into another one in Xero reads as archived, and what is sent for it is refused as such. Contacts
// are watched once an hour: until then only the refusal tells. Nobody is asked to restore it: Xero is asked what became of it.

// lookUpCustomers reads contacts that Xero says are archived, and what they were merged into. Where that explains a refusal,
// the next plan decides on it; where it does not, the document is held for what Xero said.
func (c *Cycle) lookUpCustomers(ctx context.Context, in Inputs, b batch, refused []state.RefusedCustomer) error {
	asked, next := map[string]bool{}, map[string]bool{}
	for _, r := range refused {
		next[strings.ToLower(r.Contact)] = true
	}
	for len(next) > 0 {
		ids := document.SortedNames(next)
		clear(next)
		for _, part := range chunks(ids, idsPerCall) {
			for page, err := range c.Xero.List(ctx, xero.Contacts, xero.Filter{IDs: part, Archived: true}) {
				if err != nil {
					return err
				}
				if err := c.Store.Update(func(tx *store.Tx) error {
					d := c.desk(in)
					for _, item := range page.Items {
						contact, err := xero.DecodeContact(item)
						if err != nil {
							return err
						}
						if into := strings.ToLower(contact.MergedToContactID); into != "" && !asked[into] {
							next[into] = true
						}
						if err := d.ObserveContact(tx, item, page.Asked, false); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					return err
				}
			}
		}
		for _, id := range ids {
			asked[id] = true
			delete(next, id)
		}
	}
	return c.Store.Update(func(tx *store.Tx) error { return c.desk(in).RefusedStill(tx, b.steps, refused) })
}
