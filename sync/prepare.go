package sync

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/events"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// prepare readies a plan's steps for sending. Edits are checked against a fresh reading of their documents: a person may
// have touched one since the watch, and Xero has no compare-and-set. Adoptions of invoices need no call at all.
func (c *Cycle) prepare(ctx context.Context, in Inputs, steps []plan.Step) ([]plan.Step, error) {
	var kept, edits []plan.Step
	for _, s := range steps {
		switch {
		case s.Do == plan.Adopt && !document.KindOfEntry(s.Key.Entry).Matched: // bears our mark already
			if err := c.adoptPlanned(in, s); err != nil {
				return nil, err
			}
		case s.Do == plan.Create:
			kept = append(kept, s)
		default:
			edits = append(edits, s)
		}
	}
	if len(edits) == 0 {
		return kept, nil
	}
	kind := document.KindOfEntry(edits[0].Key.Entry).Name
	for _, part := range chunks(edits, idsPerCall) {
		var ids []string
		for _, s := range part {
			ids = append(ids, s.XeroID)
		}
		fresh, err := c.readAgain(ctx, in, kind, ids)
		if err != nil {
			return nil, err
		}
		for _, s := range part {
			doc, ok := fresh[strings.ToLower(s.XeroID)]
			switch {
			case !ok:
			case s.Do == plan.Adopt:
				ready, err := c.adoptionOf(in, s, doc)
				if err != nil {
					return nil, err
				}
				kept = append(kept, ready...)
			case document.UpdatedAt(doc).Equal(s.SeenAt):
				kept = append(kept, s)
			}
		}
	}
	return kept, nil
}

// readAgain reads documents by their ids, stores what changed, and returns them as Xero shows them now.
func (c *Cycle) readAgain(ctx context.Context, in Inputs, kind xero.Kind, ids []string) (map[string]json.RawMessage, error) {
	fresh := map[string]json.RawMessage{}
	for page, err := range c.Xero.List(ctx, kind, xero.Filter{IDs: ids, Archived: document.KindOf(string(kind)).Archived}) {
		if err != nil {
			return nil, err
		}
		if err := c.Store.Update(func(tx *store.Tx) error {
			d := c.desk(in)
			for _, item := range page.Items {
				head, doc, err := document.KindOf(string(kind)).Normal(item)
				if err != nil {
					return err
				}
				fresh[head.ID] = doc
				if err := d.Observe(tx, kind, item); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// adoptPlanned links an invoice that the plan found by its mark; the next plan takes the record from there.
func (c *Cycle) adoptPlanned(in Inputs, s plan.Step) error {
	return c.Store.Update(func(tx *store.Tx) error {
		c.Log.In(tx).Counted(func(r *events.Report) { r.Adopted++ })
		seen, ok := tx.SeenByID(string(xero.Invoices), strings.ToLower(s.XeroID))
		if !ok {
			return nil
		}
		d := c.desk(in)
		return d.AdoptInvoice(tx, s.Key, seen, d.XeroNow, "adopted")
	})
}

// adoptionOf makes the call that adopts a contact: it writes our mark where no other integration's number stands, fills
// blanks (slot by slot), and nothing else. Where nothing is to be written, the link alone is made.
func (c *Cycle) adoptionOf(in Inputs, s plan.Step, now json.RawMessage) ([]plan.Step, error) {
	fill := document.Blanks(s.Document, now)
	found, err := xero.DecodeContact(now)
	if err != nil {
		return nil, err
	}
	if err := c.Store.View(func(tx *store.Tx) error {
		if plan.MayRenumber(tx, found, s.Key.ID) {
			fill["ContactNumber"] = document.Fields(s.Document)["ContactNumber"]
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if len(fill) == 0 {
		return nil, c.Store.Update(func(tx *store.Tx) error {
			if link, linked := tx.Link(s.Key); linked && strings.EqualFold(link.XeroID, s.XeroID) {
				return nil // when the call of the others has waited for its turn, all are read again
			}
			return c.desk(in).ContactAdopted(tx, store.Member{Key: s.Key, Hash: s.Hash, Today: s.Today, XeroID: s.XeroID}, s.Document, now, s.RestsOn)
		})
	}
	fill["ContactID"] = document.Quote(s.XeroID)
	doc, err := json.Marshal(fill)
	if err != nil {
		return nil, err
	}
	s.Meant, s.Document = s.Document, doc
	return []plan.Step{s}, nil
}

// currenciesKnown is for how long it is believed that an org has one currency.
const currenciesKnown = time.Minute

// severalCurrencies asks, before money is sent, whether an org that had one currency has several since. The describe that
// the mapping was compiled with may be hours old, and a deal in another currency would be taken for one in the org's.
func (c *Cycle) severalCurrencies(ctx context.Context, object string) (noticed bool, err error) {
	if c.session.place.SeveralCurrencies || c.safeguardsOff.Describe || time.Since(c.pusher.currenciesRead) < currenciesKnown {
		return false, nil
	}
	described, err := c.Salesforce.Describe(ctx, object)
	if err != nil {
		return false, err
	}
	c.pusher.currenciesRead = time.Now()
	for _, o := range described {
		noticed = noticed || slices.ContainsFunc(o.Fields, func(f salesforce.Field) bool { return strings.EqualFold(f.Name, "CurrencyIsoCode") })
	}
	if noticed {
		c.session.place.SeveralCurrencies, c.mappings.compiled.described = true, time.Time{} // the next cycle compiles the mapping anew
	}
	return noticed, nil
}

// sendsMoney is true for steps that put amounts into an invoice.
func sendsMoney(kind xero.Kind, steps []plan.Step) bool {
	return kind == xero.Invoices && slices.ContainsFunc(steps, func(s plan.Step) bool { return s.Do == plan.Create || s.Do == plan.Update })
}
