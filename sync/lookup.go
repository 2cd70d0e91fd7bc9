package sync

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// unknown is what Xero was asked for in vain.
type unknown struct {
	ids         map[string]bool // ids in rows that Xero does not know
	contactless map[string]bool // accounts of which it was asked in this hour whether Xero has a contact for them
	since       time.Time       // since when they are gathered
}

// forget asks again, once an hour, for what rows name and Xero did not know: a company that has moved to a new
// organisation has such rows by the hundred, and looked up in every cycle they would use up the day's calls.
func (u *unknown) forget() {
	if u.ids == nil || time.Since(u.since) >= time.Hour {
		u.ids, u.contactless, u.since = map[string]bool{}, map[string]bool{}, time.Now()
	}
}

// lookUp asks Xero for the ids that records name in their own write-back field and that no watch has shown: the third
// witness, for a deal whose invoice lost its mark, and for a deal that was cloned together with its field. A deal whose
// invoice was found again by its mark is asked, too, as long as it names another one.
func (c *Cycle) lookUp(ctx context.Context, e *mapping.Entry, records []store.Record) error {
	wanted := map[string]bool{}
	if err := c.Store.View(func(tx *store.Tx) error {
		for _, r := range records {
			id := strings.ToLower(plan.RowText(r.JSON, e.IDField))
			if id == "" || c.looks.unknown.ids[id] {
				continue
			}
			if _, known := tx.SeenByID(string(xero.Invoices), id); known {
				continue
			}
			if link, ok := tx.Link(r.Key); ok && link.XeroID != "" && !plan.BesideUndecided(link, id, c.safeguardsOff) {
				continue
			}
			wanted[id] = true
		}
		return nil
	}); err != nil || len(wanted) == 0 {
		return err
	}
	for _, ids := range chunks(document.SortedNames(wanted), idsPerCall) {
		if err := c.lookUpIDs(ctx, ids); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cycle) lookUpIDs(ctx context.Context, ids []string) error {
	found := map[string]json.RawMessage{}
	var asked []string
	for _, id := range ids {
		if isGUID(id) { // anything else in the field cannot be a Xero id, and Xero would refuse the whole call for it
			asked = append(asked, id)
		}
	}
	if len(asked) > 0 {
		for page, err := range c.Xero.List(ctx, xero.Invoices, xero.Filter{IDs: asked}) {
			if err != nil {
				return err
			}
			for _, item := range page.Items {
				inv, err := xero.DecodeInvoice(item)
				if err != nil {
					return err
				}
				if found[strings.ToLower(inv.InvoiceID)], err = json.Marshal(inv); err != nil {
					return err
				}
			}
		}
	}
	return c.Store.Update(func(tx *store.Tx) error {
		for _, id := range ids {
			doc, ok := found[id]
			if !ok {
				c.looks.unknown.ids[id] = true
				continue
			}
			inv, err := xero.DecodeInvoice(doc)
			if err != nil {
				return err
			}
			seen := store.Seen{Kind: string(xero.Invoices), XeroID: id, JSON: doc, At: c.xeroNow()}
			if mark, marked := document.MarkOf(inv.Url); marked && mark.Org == c.session.place.Org && inv.Type == "ACCREC" && inv.RepeatingInvoiceID == "" {
				seen.Names = []string{document.MarkWord(mark.Key())}
			}
			if err := tx.PutSeen(seen); err != nil {
				return err
			}
		}
		return nil
	})
}

// isGUID is true for 8-4-4-4-12 hexadecimal digits.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		switch i {
		case 8, 13, 18, 23:
			if r != '-' {
				return false
			}
		default:
			if !strings.ContainsRune("0123456789abcdefABCDEF", r) {
				return false
			}
		}
	}
	return true
}

// lookUpExisting reads what a uniqueness refusal speaks of, archived or not, so that the next plan decides on it.
func (c *Cycle) lookUpExisting(ctx context.Context, in Inputs, steps []plan.Step) error {
	for _, s := range steps {
		doc := document.Fields(s.Document)
		if s.Key.Entry != document.Contacts {
			number := document.Plain(document.Decode(doc["InvoiceNumber"]))
			if number == "" {
				continue
			}
			for page, err := range c.Xero.List(ctx, xero.Invoices, xero.Filter{Numbers: []string{number}}) {
				if err != nil {
					return err
				}
				if err := c.meetPage(in, page.Items, page.Asked, map[store.Key]bool{}); err != nil {
					return err
				}
			}
			continue
		}
		for _, name := range []string{"Name", "ContactNumber", "AccountNumber"} {
			value := document.Plain(document.Decode(doc[name]))
			if value == "" {
				continue
			}
			where := name + `=="` + strings.ReplaceAll(value, `"`, `""`) + `"`
			for page, err := range c.Xero.List(ctx, xero.Contacts, xero.Filter{Where: where, Archived: true}) {
				if remote.ClassOf(err) == remote.BadConfig {
					// A backslash, say. The account is held for what Xero said; the text stays out of the log.
					c.Log.Failed("look up the contact of "+s.Key.String(), errors.New("Xero does not understand a question for its "+name))
					break
				}
				if err != nil {
					return err
				}
				if err := c.Store.Update(func(tx *store.Tx) error {
					d := c.desk(in)
					for _, item := range page.Items {
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
	}
	return nil
}

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
