package sync

import (
	"context"
	"errors"
	"strings"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// land stores what became of a call: one transaction takes the answer's elements, each for its own record, and the
// intent. A call without a whole answer stays unsettled.
func (c *Cycle) land(ctx context.Context, in Inputs, b batch, intent store.Intent, elements []xero.Element, failure error) error {
	if failure != nil {
		return c.landFailure(in, intent, failure)
	}
	var exists []plan.Step
	var strange []state.RefusedCustomer
	err := c.Store.Update(func(tx *store.Tx) (err error) {
		exists, strange, err = c.desk(in).Answered(tx, b.steps, intent, elements)
		return err
	})
	if err != nil {
		return err
	}
	if len(strange) > 0 {
		if err := c.lookUpCustomers(ctx, in, b, strange); err != nil {
			return err
		}
	}
	if len(exists) == 0 {
		return nil
	}
	c.Log.Report.WaitUntil(c.xeroNow().Add(state.Soon)) // the next plan decides on what is found
	return c.lookUpExisting(ctx, in, exists)
}

// landFailure stores what is known about a call that failed as a whole.
func (c *Cycle) landFailure(in Inputs, intent store.Intent, failure error) error {
	var e *remote.Error
	if !errors.As(failure, &e) {
		e = &remote.Error{API: "Xero", Class: remote.Unknown, Sent: true, Err: failure}
	}
	answer := state.AnswerOf(e)
	c.Log.CallFailed(intent, e)
	if answer == "" {
		return failure
	}
	err := c.Store.Update(func(tx *store.Tx) error { return c.desk(in).Failed(tx, intent, answer, e) })
	if err != nil {
		return err
	}
	if state.RefusedWhole(e) {
		return nil // its members are searched for the bad one; the others go on
	}
	return failure
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
