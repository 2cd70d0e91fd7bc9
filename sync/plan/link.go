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
	for _, a := range intent.Attempts {
		if a.At.After(link.Sent) {
			link.Sent = a.At
		}
	}
	kind := document.KindOf(intent.Kind)
	head, seen, err := kind.Normal(shown)
	if err != nil {
		return link, err
	}
	link.XeroID, link.Number, link.Status, link.Seen, link.SeenAt = head.ID, head.Number, head.Status, seen, head.Updated
	if kind.Summed {
		link.AmountMismatch = AmountMismatch(sent, seen, ref)
		link.Mismatch = Mismatch(link)
	}
	link.Shown, err = json.Marshal(document.Texts(seen))
	return link, err
}
