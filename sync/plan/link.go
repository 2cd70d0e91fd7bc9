package plan

import (
	"encoding/json"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// NewLink is the link to a document that Xero has made of what was sent.
func NewLink(intent store.Intent, m store.Member, sent, shown json.RawMessage, ref *xero.Reference) (store.Link, error) {
	link := store.Link{Key: m.Key, Generation: max(m.Generation, 1), Kind: intent.Kind, Decided: m.Hash, Mapping: intent.Mapping, Today: m.Today, Origin: "created", Meant: sent}
	id, seen, err := document.Normal(xero.Kind(intent.Kind), shown)
	if err != nil {
		return link, err
	}
	link.XeroID, link.Seen, link.SeenAt = id, seen, document.UpdatedAt(seen)
	if link.Kind == string(xero.Contacts) {
		contact, err := xero.DecodeContact(seen)
		if err != nil {
			return link, err
		}
		link.Number, link.Status = contact.Name, contact.ContactStatus
	} else {
		inv, err := xero.DecodeInvoice(seen)
		if err != nil {
			return link, err
		}
		link.Number, link.Status = inv.InvoiceNumber, inv.Status
		link.AmountMismatch = AmountMismatch(sent, seen, ref)
		link.Mismatch = Mismatch(link)
	}
	link.Shown, err = json.Marshal(document.Texts(seen))
	return link, err
}
