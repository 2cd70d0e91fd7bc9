package sync

import (
	"context"
	"encoding/json"
	"strings"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// A contact that was merged into another one in Xero reads as archived, and what is sent for it is refused as such. Contacts
// are watched once an hour: until then only the refusal tells. Nobody is asked to restore it: Xero is asked what became of it.

// RefusedCustomer is a document that Xero refused because its contact is archived.
type RefusedCustomer struct {
	Member  store.Member
	Element xero.Element
	Contact string
}

// archivedRefusal is true when Xero says so.
func archivedRefusal(element xero.Element) bool {
	for _, refusal := range element.Refusals {
		if refusal.Cause == "contact.archived" {
			return true
		}
	}
	return false
}

// customerOf is the contact of a document that was sent; "" for one that was still to be made.
func customerOf(tx *store.Tx, intent store.Intent, m store.Member, documents map[string]json.RawMessage) string {
	if intent.Kind == string(xero.Contacts) {
		return m.XeroID
	}
	sent := documents[m.ID]
	if m.XeroID != "" {
		sent = documents[strings.ToLower(m.XeroID)]
	}
	if contact := document.Texts(sent)["Contact"]; contact != "" {
		return contact
	}
	link, _ := tx.Link(m.Key)
	return document.Texts(link.Seen)["Contact"]
}

// lookUpCustomers reads contacts that Xero says are archived, and what they were merged into. Where that explains a refusal,
// the next plan decides on it; where it does not, the document is held for what Xero said.
func (c *Cycle) lookUpCustomers(ctx context.Context, in Inputs, b batch, refused []RefusedCustomer) error {
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
	return c.Store.Update(func(tx *store.Tx) error {
		d := c.desk(in)
		for _, r := range refused {
			if plan.MergedIntoActive(tx, r.Contact) {
				c.report.WaitUntil(c.xeroNow().Add(soon))
				continue
			}
			s := stepOf(b.steps, r.Member.Key)
			s.Inputs = plan.Inputs(s, d.Facts(tx)) // with the contact as it is now: when it is restored, that is another question
			if _, err := d.Refused(tx, []plan.Step{s}, r.Member, r.Element); err != nil {
				return err
			}
		}
		return nil
	})
}
