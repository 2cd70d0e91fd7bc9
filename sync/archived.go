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

// refusedCustomer is a document that Xero refused because its contact is archived.
type refusedCustomer struct {
	member  store.Member
	element xero.Element
	contact string
}

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
func (c *Cycle) lookUpCustomers(ctx context.Context, in Inputs, b batch, refused []refusedCustomer) error {
	asked, next := map[string]bool{}, map[string]bool{}
	for _, r := range refused {
		next[strings.ToLower(r.contact)] = true
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
					for _, item := range page.Items {
						contact, err := xero.DecodeContact(item)
						if err != nil {
							return err
						}
						if into := strings.ToLower(contact.MergedToContactID); into != "" && !asked[into] {
							next[into] = true
						}
						if err := c.observeContact(tx, item, page.Asked, false); err != nil {
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
		for _, r := range refused {
			if plan.MergedIntoActive(tx, r.contact) {
				c.report.WaitUntil(c.xeroNow().Add(soon))
				continue
			}
			s := stepOf(b.steps, r.member.Key)
			s.Inputs = plan.Inputs(s, c.facts(tx, in)) // with the contact as it is now: when it is restored, that is another question
			if _, err := c.refused(tx, []plan.Step{s}, r.member, r.element); err != nil {
				return err
			}
		}
		return nil
	})
}
