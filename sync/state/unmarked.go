package state

import (
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
)

// UnansweredDraft is a document that was sent and of which nobody knows whether Xero has made it.
type UnansweredDraft struct {
	contact string
	sent    time.Time // when it first left, by Xero's clock
}

// Unanswered are the documents of a store's first batch while nobody knows what became of it.
func (d Desk) Unanswered(tx *store.Tx) (drafts []UnansweredDraft) {
	if tx.Value(valueRestored) != "" {
		return nil // what is unanswered to this older copy has been answered since, and a person may have taken the link off
	}
	if d.Off.Proof || tx.Value(valueProof+string(xero.Invoices)) != "pending:"+unanswered {
		return nil
	}
	for _, intent := range tx.AllIntents() {
		if _, open := LastUnsettled(intent); open && intent.Do == string(plan.Create) && intent.Kind == string(xero.Invoices) {
			for _, doc := range callDocuments(intent.Call) {
				drafts = append(drafts, UnansweredDraft{document.Texts(doc)["Contact"], intent.Attempts[0].At})
			}
		}
	}
	return drafts
}

// MayBeOneOf is true for an invoice without a mark that may be one of the drafts: it is made out to the same contact and was
// changed since. Nothing else of it is asked: Xero may have computed another cent, or a person may have been at it already.
func MayBeOneOf(drafts []UnansweredDraft, inv xero.Invoice) bool {
	one := func(d UnansweredDraft) bool {
		return inv.Contact != nil && strings.EqualFold(inv.Contact.ContactID, d.contact) && !inv.UpdatedDateUTC.Before(d.sent.Add(-remote.ClockSlack))
	}
	_, marked := document.MarkOf(inv.Url)
	return !marked && slices.ContainsFunc(drafts, one)
}

// Unmarked ends all creating for an invoice that this app made and that bears no mark.
func (d Desk) Unmarked(tx *store.Tx, inv xero.Invoice) error {
	if len(tx.LinksByXeroID(string(xero.Invoices), strings.ToLower(inv.InvoiceID))) > 0 {
		return nil // its link was taken off by a person
	}
	if _, named := tx.SeenByID(string(xero.Invoices), inv.InvoiceID); named {
		return nil // a deal's own field led to it, and no field names what nobody has answered for
	}
	d.Log.In(tx).MarkLost(string(xero.Invoices), inv.InvoiceID)
	return tx.SetValue(valueProof+string(xero.Invoices), "failed:"+markless)
}
