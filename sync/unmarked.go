package sync

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// unansweredDraft is a document that was sent and of which nobody knows whether Xero has made it.
type unansweredDraft struct {
	contact string
	sent    time.Time // when it first left, by Xero's clock
}

// meetUnmarked looks for documents of ours without their mark while nobody knows what became of a store's first batch.
// Xero may have made it and list it without marks: then nothing can be recognised there, and what was sent must not be
// sent again. It looks in every watch, because a draft that a person deletes may stand in no list any more.
func (c *Cycle) meetUnmarked(ctx context.Context, since time.Time) error {
	var drafts []unansweredDraft
	if err := c.Store.View(func(tx *store.Tx) error {
		if tx.Value(valueRestored) != "" {
			return nil // what is unanswered to this older copy has been answered since, and a person may have taken the link off
		}
		if c.safeguardsOff.Proof || tx.Value(valueProof+string(xero.Invoices)) != "pending:"+unanswered {
			return nil
		}
		for _, intent := range tx.AllIntents() {
			if _, open := lastUnsettled(intent); open && intent.Do == string(plan.Create) && intent.Kind == string(xero.Invoices) {
				for _, doc := range callDocuments(intent.Call) {
					drafts = append(drafts, unansweredDraft{document.Texts(doc)["Contact"], intent.Attempts[0].At})
				}
			}
		}
		return nil
	}); err != nil || len(drafts) == 0 {
		return err
	}
	for page, err := range c.Xero.List(ctx, xero.Invoices, xero.Filter{Since: since, Statuses: everyStatus(), OurApp: true}) {
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := c.meetOurs(item, drafts); err != nil {
				return err
			}
		}
	}
	return nil
}

// meetOurs ends all creating when an invoice that this app made, without a mark, may be one of the drafts: it is made out to
// the same contact and was changed since. Nothing else of it is asked: Xero may have computed another cent, or a person may
// have been at it already.
func (c *Cycle) meetOurs(item json.RawMessage, drafts []unansweredDraft) error {
	inv, err := xero.DecodeInvoice(item)
	if err != nil {
		return err
	}
	one := func(d unansweredDraft) bool {
		return inv.Contact != nil && strings.EqualFold(inv.Contact.ContactID, d.contact) && !inv.UpdatedDateUTC.Before(d.sent.Add(-clockSlack))
	}
	if _, marked := document.MarkOf(inv.Url); marked || !slices.ContainsFunc(drafts, one) {
		return nil
	}
	return c.Store.Update(func(tx *store.Tx) error {
		if len(tx.LinksByXeroID(string(xero.Invoices), strings.ToLower(inv.InvoiceID))) > 0 {
			return nil // its link was taken off by a person
		}
		if _, named := tx.SeenByID(string(xero.Invoices), inv.InvoiceID); named {
			return nil // a deal's own field led to it, and no field names what nobody has answered for
		}
		c.Log.In(tx).MarkLost(string(xero.Invoices), inv.InvoiceID)
		return tx.SetValue(valueProof+string(xero.Invoices), "failed:"+markless)
	})
}
