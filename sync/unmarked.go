package sync

import (
	"context"
	"encoding/json"
	"time"

	"sf2xero/store"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// meetUnmarked looks for documents of ours without their mark while nobody knows what became of a store's first batch.
// Xero may have made it and list it without marks: then nothing can be recognised there, and what was sent must not be
// sent again. It looks in every watch, because a draft that a person deletes may stand in no list any more.
func (c *Cycle) meetUnmarked(ctx context.Context, in Inputs, since time.Time) error {
	var drafts []state.UnansweredDraft
	if err := c.Store.View(func(tx *store.Tx) error { drafts = c.desk(in).Unanswered(tx); return nil }); err != nil || len(drafts) == 0 {
		return err
	}
	for page, err := range c.Xero.List(ctx, xero.Invoices, xero.Filter{Since: since, Statuses: everyStatus(), OurApp: true}) {
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := c.meetOurs(in, item, drafts); err != nil {
				return err
			}
		}
	}
	return nil
}

// meetOurs ends all creating when an invoice that this app made, without a mark, may be one of the drafts: it is made out to
// the same contact and was changed since.
func (c *Cycle) meetOurs(in Inputs, item json.RawMessage, drafts []state.UnansweredDraft) error {
	inv, err := xero.DecodeInvoice(item)
	if err != nil {
		return err
	}
	if !state.MayBeOneOf(drafts, inv) {
		return nil
	}
	return c.Store.Update(func(tx *store.Tx) error { return c.desk(in).Unmarked(tx, inv) })
}
