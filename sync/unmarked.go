package sync

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/xero"
)

// meetUnmarked looks for documents of ours without their mark while nobody knows what became of a store's first batch.
// Xero may have made it and list it without marks: then nothing can be recognised there, and what was sent must not be
// sent again. It looks in every watch, because a draft that a person deletes may stand in no list any more.
func (c *Cycle) meetUnmarked(ctx context.Context, in Inputs, since time.Time) error {
	var sent []json.RawMessage
	if err := c.Store.View(func(tx *store.Tx) error {
		if tx.Value(valueRestored) != "" {
			return nil // what is unanswered to this older copy has been answered since, and a person may have taken the link off
		}
		if c.without.proof || tx.Value(valueProof+string(xero.Invoices)) != "pending:"+unanswered {
			return nil
		}
		for _, intent := range tx.AllIntents() {
			if _, open := lastUnsettled(intent); open && intent.Do == string(Create) && intent.Kind == string(xero.Invoices) {
				sent = append(sent, callDocuments(intent.Call)...)
			}
		}
		return nil
	}); err != nil || len(sent) == 0 {
		return err
	}
	for page, err := range c.Xero.List(ctx, xero.Invoices, xero.Filter{Since: since, Statuses: everyStatus(), OurApp: true}) {
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := c.meetOurs(in, item, sent); err != nil {
				return err
			}
		}
	}
	return nil
}

// meetOurs ends all creating when an invoice that this app made says what one of the sent documents says, without its mark.
func (c *Cycle) meetOurs(in Inputs, item json.RawMessage, sent []json.RawMessage) error {
	inv, err := xero.DecodeInvoice(item)
	if err != nil {
		return err
	}
	_, shown, err := normalised(xero.Invoices, item)
	if err != nil {
		return err
	}
	same := func(document json.RawMessage) bool { return departure(document, shown, in.Reference) == "" }
	if _, marked := markOf(inv.Url); marked || !slices.ContainsFunc(sent, same) {
		return nil
	}
	return c.Store.Update(func(tx *store.Tx) error {
		if len(tx.LinksByXeroID(string(xero.Invoices), strings.ToLower(inv.InvoiceID))) > 0 {
			return nil // its link was taken off by a person
		}
		c.Log.markLost(string(xero.Invoices), inv.InvoiceID)
		return tx.SetValue(valueProof+string(xero.Invoices), "failed:"+markless)
	})
}
