package sync

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// recognise decides what a record's marked documents mean, after a complete watch. The same rules as in the plan's case
// table; here for records that the plan may never see again, because their deal has left the mapping's sight.
func (c *Cycle) recognise(tx *store.Tx, in Inputs, key store.Key, asked time.Time, tied string) error {
	if _, waiting := plan.Unsettled(tx.Intents(key)); waiting {
		return nil // settle decides about this one
	}
	live, _ := plan.Witnesses(tx, key)
	if c.safeguardsOff.Adoption && len(live) > 1 {
		live, tied = live[:1], ""
	}
	if c.safeguardsOff.MarkWitness {
		live = nil
	}
	link, linked := tx.Link(key)
	if plan.LiveLink(link, linked) {
		return c.reportCopies(tx, link, live)
	}
	switch {
	case len(live) == 0:
		return nil
	case len(live) > 1 && tied == "":
		c.Log.finding(key, "", "invoice.two", plan.TwoLive(live).Text)
		return nil // the plan holds the record
	}
	inv := live[0]
	if tied != "" {
		inv.InvoiceID = tied
	}
	// Outside quarantine every document with our mark has a link or an intent of ours: this one was made by another
	// daemon. A dead link in the store says that a person copied a voided invoice of ours; after a lost store, the dead
	// document itself does.
	if mark, _ := document.MarkOf(inv.Url); !linked && !quarantined(tx) && !blank(tx) && !hasDead(tx, key, mark.Generation) {
		return noteOtherWriter(tx, key, inv)
	}
	seen, ok := tx.SeenByID(string(xero.Invoices), strings.ToLower(inv.InvoiceID))
	if !ok {
		return nil
	}
	return c.adoptInvoice(tx, in, key, seen, asked, "rebuilt")
}

// adoptInvoice links a document that bears a record's mark. It was not decided by this store, so Decided stays empty:
// the plan takes it as it is and updates nothing.
func (c *Cycle) adoptInvoice(tx *store.Tx, in Inputs, key store.Key, seen store.Seen, asked time.Time, origin string) error {
	inv, err := xero.DecodeInvoice(seen.JSON)
	if err != nil {
		return err
	}
	mark, ok := document.MarkOf(inv.Url)
	if !ok || mark.Key() != key {
		return fmt.Errorf("the Xero invoice %s does not bear the mark of %s", inv.InvoiceID, key)
	}
	shown, err := json.Marshal(document.Texts(seen.JSON))
	if err != nil {
		return err
	}
	// Each generation is made once: beside one of the same that was voided or deleted, this one is a person's copy of it.
	before, linked := tx.Link(key)
	if linked && before.XeroID != "" && before.Generation == mark.Generation || hasDead(tx, key, mark.Generation) {
		origin = "copied"
	}
	link := store.Link{Key: key, Generation: mark.Generation, Kind: string(xero.Invoices), XeroID: seen.XeroID, Number: inv.InvoiceNumber, Status: inv.Status,
		Origin: origin, Mapping: in.Mapping.Hash, Seen: seen.JSON, Shown: shown, SeenAt: inv.UpdatedDateUTC.Time, Watched: asked, Made: c.xeroNow()}
	link.Row = knownRow(tx, in, link)
	if err := tx.PutLink(link); err != nil {
		return err
	}
	// Its record may have changed unseen, and nothing may ever change there again: the next pull reads it.
	if err := tx.SetValue(valueSwept, ""); err != nil {
		return err
	}
	if seen.JSON, err = json.Marshal(identityOf(inv)); err != nil {
		return err
	}
	if err := tx.PutSeen(seen); err != nil {
		return err
	}
	c.Log.adopted(link)
	if err := tx.Journal(store.Event{At: c.xeroNow(), What: "invoice.adopted", Key: key.String(), Text: inv.InvoiceNumber + " bears this record's mark"}); err != nil {
		return err
	}
	return tx.PutWriteBack(store.WriteBack{Key: key})
}

// hasDead is true when a record's document of a generation was voided or deleted.
func hasDead(tx *store.Tx, key store.Key, generation int) bool {
	_, dead := plan.Witnesses(tx, key)
	return slices.ContainsFunc(dead, func(inv xero.Invoice) bool { m, _ := document.MarkOf(inv.Url); return m.Generation == generation })
}

// adoptContact links a contact that bears an account's id, while a lost store is rebuilt.
func (c *Cycle) adoptContact(tx *store.Tx, contact xero.Contact, doc json.RawMessage, asked time.Time) error {
	key := store.Key{Entry: document.Contacts, ID: contact.ContactNumber}
	if _, linked := tx.Link(key); linked {
		return nil
	}
	shown, err := json.Marshal(document.Texts(doc))
	if err != nil {
		return err
	}
	link := store.Link{Key: key, Generation: 1, Kind: string(xero.Contacts), XeroID: strings.ToLower(contact.ContactID), Number: contact.Name, Status: contact.ContactStatus,
		Origin: "rebuilt", Seen: doc, Shown: shown, SeenAt: contact.UpdatedDateUTC.Time, Watched: asked, Made: c.xeroNow()}
	if err := tx.PutLink(link); err != nil {
		return err
	}
	c.Log.contactAdopted(link, restsOnMark)
	return tx.PutWriteBack(store.WriteBack{Key: key})
}

// restsOnMark is what a contact is recognised by that bears our mark.
const restsOnMark = "ContactNumber agrees"

// reportCopies tells of further live documents with the mark of a record that has its invoice: a person copied it, and
// Xero copied the mark along. They are never linked and never touched; each is told once.
func (c *Cycle) reportCopies(tx *store.Tx, link store.Link, live []xero.Invoice) error {
	for _, inv := range live {
		told := "copy/" + strings.ToLower(inv.InvoiceID)
		if strings.EqualFold(inv.InvoiceID, link.XeroID) || tx.Value(told) != "" {
			continue
		}
		text := fmt.Sprintf("%s bears the mark of %s too: a copy made in Xero, which is left alone", inv.InvoiceNumber, link.Number)
		c.Log.finding(link.Key, inv.InvoiceID, "invoice.copied", text)
		if err := tx.Journal(store.Event{At: c.xeroNow(), What: "invoice.copied", Key: link.Key.String(), Text: text}); err != nil {
			return err
		}
		if err := tx.SetValue(told, "told"); err != nil {
			return err
		}
	}
	return nil
}

// breakTies asks Xero which of a record's two live documents this app made; exactly one is the record's. It asks about a
// single one, too, while an attempt at the record is unsettled: before the original shows, a person's copy of it may.
func (c *Cycle) breakTies(ctx context.Context, met map[store.Key]bool) (map[store.Key]string, error) {
	two := map[string]store.Key{}
	if err := c.Store.View(func(tx *store.Tx) error {
		for _, key := range sortedKeys(met) {
			if link, ok := tx.Link(key); plan.LiveLink(link, ok) {
				continue
			}
			_, attempted := plan.Unsettled(tx.Intents(key))
			if live, _ := plan.Witnesses(tx, key); len(live) > 1 || attempted {
				for _, inv := range live {
					two[strings.ToLower(inv.InvoiceID)] = key
				}
			}
		}
		return nil
	}); err != nil || len(two) == 0 {
		return nil, err
	}
	mine := map[store.Key][]string{}
	for _, ids := range chunks(document.SortedNames(two), idsPerCall) {
		for page, err := range c.Xero.List(ctx, xero.Invoices, xero.Filter{IDs: ids, OurApp: true}) {
			if err != nil {
				return nil, err
			}
			for _, item := range page.Items {
				inv, err := xero.DecodeInvoice(item)
				if err != nil {
					return nil, err
				}
				id := strings.ToLower(inv.InvoiceID)
				if key, asked := two[id]; asked && plan.IsLive(inv.Status) {
					mine[key] = append(mine[key], id)
				}
			}
		}
	}
	tied := map[store.Key]string{}
	for key, ids := range mine {
		if len(ids) == 1 {
			tied[key] = ids[0]
		}
	}
	return tied, nil
}

// idsPerCall keeps a list by ids well within the length of a URL.
const idsPerCall = elementsPerCall

func chunks[T any](all []T, size int) [][]T {
	var out [][]T
	for len(all) > size {
		out, all = append(out, all[:size]), all[size:]
	}
	if len(all) > 0 {
		out = append(out, all)
	}
	return out
}

func sortedKeys[V any](m map[store.Key]V) []store.Key {
	keys := make([]store.Key, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].Entry < keys[j].Entry || (keys[i].Entry == keys[j].Entry && keys[i].ID < keys[j].ID)
	})
	return keys
}
