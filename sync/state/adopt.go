package state

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// recognise decides what a record's marked documents mean, after a complete watch. The same rules as in the plan's case
// table; here for records that the plan may never see again, because their deal has left the mapping's sight.
func (d Desk) recognise(tx *store.Tx, key store.Key, asked time.Time, ours Ties) error {
	live, _ := plan.Witnesses(tx, key)
	tied := ours.one(key)
	if intent, waiting := plan.Unsettled(tx.Intents(key)); waiting {
		if intent.Do == string(plan.Create) && len(ours[key]) > 1 {
			return d.twoUnlinked(tx, key, live)
		}
		return nil // settle decides about this one
	}
	if d.Off.Adoption && len(live) > 1 {
		live, tied = live[:1], ""
	}
	if d.Off.MarkWitness {
		live = nil
	}
	link, linked := tx.Link(key)
	if plan.LiveLink(link, linked) {
		return d.secondDocuments(tx, link, live, ours[key])
	}
	switch {
	case len(live) == 0:
		return nil
	case len(live) > 1 && len(ours[key]) > 1 && !linked && d.mayAccuse(tx):
		return d.twoUnlinked(tx, key, live)
	case len(live) > 1 && tied == "":
		d.Log.In(tx).Finding(key, "", "invoice.two", plan.TwoLive(live).Text)
		return nil // the plan holds the record
	}
	inv := live[0]
	if tied != "" {
		inv.InvoiceID = tied
	}
	// Outside quarantine every document with our mark has a link or an intent of ours: this one was made by another
	// daemon. A dead link in the store says that a person copied a voided invoice of ours; after a lost store, the dead
	// document itself does. Seed 81884: an invoice of ours of which we had been told that there were too many calls was taken
	// for another daemon's.
	if mark, _ := document.MarkOf(inv.Url); !linked && d.mayAccuse(tx) && !hasDead(tx, key, mark.Generation) && !d.tried(tx, key, inv) {
		return noteOtherWriter(tx, fmt.Sprintf("Xero has %s for %s, which this store did not make", inv.InvoiceNumber, key.ID))
	}
	seen, ok := tx.SeenByID(string(xero.Invoices), strings.ToLower(inv.InvoiceID))
	if !ok {
		return nil
	}
	return d.AdoptInvoice(tx, key, seen, asked, "rebuilt")
}

// AdoptInvoice links a document that bears a record's mark. It was not decided by this store, so Decided stays empty:
// the plan takes it as it is and updates nothing.
func (d Desk) AdoptInvoice(tx *store.Tx, key store.Key, seen store.Seen, asked time.Time, origin string) error {
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
		Origin: origin, Mapping: d.Mapping.Hash, Seen: seen.JSON, Shown: shown, SeenAt: inv.UpdatedDateUTC.Time, Watched: asked, Made: d.XeroNow}
	link.Row = d.knownRow(tx, link)
	if err := tx.PutLink(link); err != nil {
		return err
	}
	// Its record may have changed unseen, and nothing may ever change there again: the next pull reads it.
	if err := tx.SetValue(ValueSwept, ""); err != nil {
		return err
	}
	if seen.JSON, err = json.Marshal(identityOf(inv)); err != nil {
		return err
	}
	if err := tx.PutSeen(seen); err != nil {
		return err
	}
	d.Log.In(tx).Adopted(link)
	if err := tx.Journal(store.Event{At: d.XeroNow, What: "invoice.adopted", Key: key.String(), Text: inv.InvoiceNumber + " bears this record's mark"}); err != nil {
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
func (d Desk) adoptContact(tx *store.Tx, contact xero.Contact, doc json.RawMessage, asked time.Time) error {
	key := store.Key{Entry: document.Contacts, ID: contact.ContactNumber}
	if _, linked := tx.Link(key); linked {
		return nil
	}
	shown, err := json.Marshal(document.Texts(doc))
	if err != nil {
		return err
	}
	link := store.Link{Key: key, Generation: 1, Kind: string(xero.Contacts), XeroID: strings.ToLower(contact.ContactID), Number: contact.Name, Status: contact.ContactStatus,
		Origin: "rebuilt", Seen: doc, Shown: shown, SeenAt: contact.UpdatedDateUTC.Time, Watched: asked, Made: d.XeroNow}
	if err := tx.PutLink(link); err != nil {
		return err
	}
	d.Log.In(tx).ContactAdopted(link, restsOnMark)
	return tx.PutWriteBack(store.WriteBack{Key: key})
}

// restsOnMark is what a contact is recognised by that bears our mark.
const restsOnMark = "ContactNumber agrees"

// Ties are, for records with several live documents, the ids of those that Xero says this app made.
type Ties map[store.Key][]string

// one is the single one of them; "" when there is none or more.
func (t Ties) one(key store.Key) string {
	if len(t[key]) != 1 {
		return ""
	}
	return t[key][0]
}

// Undecided are the ids of the documents of which only Xero can say whose they are, each with its record. accuses: the answer may
// prove another writer.
func Undecided(tx *store.Tx, met map[store.Key]bool) (asked map[string]store.Key, accuses bool) {
	asked = map[string]store.Key{}
	for _, key := range slices.SortedFunc(maps.Keys(met), store.Key.Compare) {
		live, _ := plan.Witnesses(tx, key)
		link, linked := tx.Link(key)
		_, attempted := plan.Unsettled(tx.Intents(key))
		second := plan.LiveLink(link, linked) && untold(tx, link, live)
		accuses = accuses || second || !linked && !attempted && len(live) > 0
		switch {
		case second:
			asked[link.XeroID] = key // a person may have taken its mark off
		case plan.LiveLink(link, linked) || !attempted && len(live) < 2:
			continue
		}
		for _, inv := range live {
			asked[strings.ToLower(inv.InvoiceID)] = key
		}
	}
	return asked, accuses
}

// untold is true when a linked record has another live document that nothing was said about yet.
func untold(tx *store.Tx, link store.Link, live []xero.Invoice) bool {
	return slices.ContainsFunc(live, func(inv xero.Invoice) bool {
		return !strings.EqualFold(inv.InvoiceID, link.XeroID) && tx.Value(valueSecond+strings.ToLower(inv.InvoiceID)) == ""
	})
}
