package state

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// Observe takes in one document that was read by its id, which proves nothing about Xero's list.
func (d Desk) Observe(tx *store.Tx, kind xero.Kind, item json.RawMessage) error {
	if kind == xero.Contacts {
		return d.ObserveContact(tx, item, time.Time{}, false)
	}
	return d.ObserveInvoice(tx, item, time.Time{}, nil)
}

// ObserveContact takes in one contact as a list of Xero showed it.
func (d Desk) ObserveContact(tx *store.Tx, item json.RawMessage, asked time.Time, full bool) error {
	contact, err := xero.DecodeContact(item)
	if err != nil {
		return err
	}
	id := strings.ToLower(contact.ContactID)
	identity, err := json.Marshal(document.Identity(contact))
	if err != nil {
		return err
	}
	seen := store.Seen{Kind: string(xero.Contacts), XeroID: id, Names: document.IdentityWords(contact), JSON: identity, At: asked}
	before, known := tx.SeenByID(seen.Kind, id)
	if asked.IsZero() {
		seen.At = before.At // read by its id, which puts nothing new into the mirror: what is there has been in a list
	}
	if known || !asked.IsZero() {
		if err := tx.PutSeen(seen); err != nil {
			return err
		}
	}
	doc, err := json.Marshal(contact)
	if err != nil {
		return err
	}
	links := tx.LinksByXeroID(string(xero.Contacts), id)
	for _, link := range links {
		if err := d.observeLinked(tx, link, doc, contact.Name, contact.ContactStatus, contact.UpdatedDateUTC.Time, asked); err != nil {
			return err
		}
	}
	// An older copy of the store was put back: contacts made since are in Xero only, and no deal may ever ask for them again.
	// Case: a kill test's accounts did not show their contacts, because all their deals' invoices were found again.
	if full = full || tx.Value(valueRestored) != ""; full && len(links) == 0 && document.IsAccountID(contact.ContactNumber) && contact.ContactStatus != "ARCHIVED" {
		return d.adoptContact(tx, contact, doc, asked)
	}
	return nil
}

// ObserveInvoice takes in one invoice as a list of Xero showed it. Purchase bills and what a repeating template makes are
// not ours, whatever link they bear.
func (d Desk) ObserveInvoice(tx *store.Tx, item json.RawMessage, asked time.Time, met map[store.Key]bool) error {
	inv, err := xero.DecodeInvoice(item)
	if err != nil {
		return err
	}
	if inv.Type != "ACCREC" || inv.RepeatingInvoiceID != "" {
		return nil
	}
	id := strings.ToLower(inv.InvoiceID)
	doc, err := json.Marshal(inv)
	if err != nil {
		return err
	}
	if err := d.learnRate(tx, inv, false); err != nil {
		return err
	}
	links := tx.LinksByXeroID(string(xero.Invoices), id)
	for _, link := range links {
		if err := d.observeLinked(tx, link, doc, inv.InvoiceNumber, inv.Status, inv.UpdatedDateUTC.Time, asked); err != nil {
			return err
		}
	}
	mark, marked := document.MarkOf(inv.Url)
	if !marked || mark.Org != d.Place.Org || (d.Off.ParsedMarks && mark.URL(d.Place.Instance, d.Place.Sandbox) != inv.Url) {
		return d.seenAgain(tx, inv, false)
	}
	if asked.IsZero() {
		return d.seenAgain(tx, inv, true)
	}
	met[mark.Key()] = true
	if len(links) > 0 { // the link holds the document; the mirror needs its identity only
		if doc, err = json.Marshal(identityOf(inv)); err != nil {
			return err
		}
	}
	return tx.PutSeen(store.Seen{Kind: string(xero.Invoices), XeroID: id, Names: []string{document.MarkWord(mark.Key())}, JSON: doc, At: asked})
}

// ChangesOurs is true when a page of invoices shows one that is linked otherwise than it was last seen.
func ChangesOurs(tx *store.Tx, items []json.RawMessage) bool {
	return slices.ContainsFunc(items, func(item json.RawMessage) bool {
		inv, err := xero.DecodeInvoice(item)
		return err == nil && slices.ContainsFunc(tx.LinksByXeroID(string(xero.Invoices), strings.ToLower(inv.InvoiceID)), func(link store.Link) bool {
			return !link.SeenAt.Equal(inv.UpdatedDateUTC.Time)
		})
	})
}

// seenAgain brings the mirror up to date with a document that was read by its id, or that we deleted: a draft that is gone
// stands in no list, and must not bear witness as if it were live. It puts nothing new there: what is in the mirror has
// been in a list. A document whose mark a person has taken off is no witness any more.
func (d Desk) seenAgain(tx *store.Tx, inv xero.Invoice, marked bool) error {
	seen, known := tx.SeenByID(string(xero.Invoices), strings.ToLower(inv.InvoiceID))
	if !known {
		return nil
	}
	if !marked {
		seen.Names = nil
	}
	if !marked || len(tx.LinksByXeroID(seen.Kind, seen.XeroID)) > 0 {
		inv = identityOf(inv) // a link holds the whole document
	}
	var err error
	if seen.JSON, err = json.Marshal(inv); err != nil {
		return err
	}
	return tx.PutSeen(seen)
}

func identityOf(inv xero.Invoice) xero.Invoice {
	return xero.Invoice{Type: inv.Type, InvoiceID: inv.InvoiceID, InvoiceNumber: inv.InvoiceNumber, Status: inv.Status, Url: inv.Url, UpdatedDateUTC: inv.UpdatedDateUTC}
}

// observeLinked stores what Xero shows of a linked document, and queues the write-back when anything changed. asked is the time
// of the watch; zero when single documents were read by their ids, which proves nothing about Xero's list.
func (d Desk) observeLinked(tx *store.Tx, link store.Link, doc json.RawMessage, number, status string, updated, asked time.Time) error {
	if link.Watched.IsZero() && !asked.IsZero() {
		link.Watched = asked
	} else if string(link.Seen) == string(doc) && link.Status == status {
		return nil
	}
	changed, kind := string(link.Seen) != string(doc), document.KindOf(link.Kind)
	var before []string
	if link.Mismatch != "" {
		before = plan.TouchedFields(tx, link)
	}
	if changed && link.Status != status && link.Status != "" {
		d.Log.In(tx).StatusChanged(link, status)
	}
	link.Risen = link.Risen || link.Status == "SUBMITTED" || link.Status == "AUTHORISED"
	unknown := tx.Value(valueRestored) != "" || tx.Value(valueTakeover) != "" || d.Stranger
	if unknown && link.SeenAt.Before(updated) && (status == "DRAFT" || !kind.Promoted) {
		// This store may be older than our last update, or another daemon made this one: it holds the lease, or what it sent before
		// a person stopped it still shows (seed 20076). A person may have set it back, and what was sent is not known.
		link.Decided, link.Origin = "", "rebuilt"
	}
	link.Seen, link.Number, link.Status, link.SeenAt = doc, number, status, updated
	if link.Mismatch != "" && !slices.Equal(plan.TouchedFields(tx, link), before) {
		link.Mismatch = plan.Mismatch(link, plan.TheirFields(tx, link)...) // a person has taken the rest of it in hand
	}
	if err := tx.PutLink(link); err != nil {
		return err
	}
	if !changed {
		return nil
	}
	// A linked record whose invoice died needs a decision, and so does a held one whose invoice was changed.
	if !kind.Live(status) {
		if _, queued := tx.Record(link.Key); !queued {
			if err := tx.PutRecord(store.Record{Key: link.Key, Hash: link.Decided, Cause: "changed", Stamp: updated, Today: link.Today, JSON: link.Row}); err != nil {
				return err
			}
		}
	}
	return tx.PutWriteBack(store.WriteBack{Key: link.Key})
}

// EndOfContacts is the transaction of the last page of a watch of contacts.
func (d Desk) EndOfContacts(tx *store.Tx, asked time.Time) error {
	if err := d.settle(tx, xero.Contacts, asked, nil); err != nil {
		return err
	}
	if err := d.proveMarks(tx, xero.Contacts); err != nil {
		return err
	}
	return errors.Join(tx.SetValue(valueIdentities, document.IdentityVersion), tx.SetCursor(CursorContacts, asked))
}

// EndOfInvoices is the transaction of a watch's last page: only now, with the whole list seen, is it known which record has
// how many documents, which attempts were in vain, and how far the watch has come.
func (d Desk) EndOfInvoices(tx *store.Tx, asked time.Time, met map[store.Key]bool, ours Ties) error {
	if err := d.settle(tx, xero.Invoices, asked, ours); err != nil {
		return err
	}
	for _, key := range slices.SortedFunc(maps.Keys(met), store.Key.Compare) {
		if err := d.recognise(tx, key, asked, ours); err != nil {
			return err
		}
	}
	if err := d.proveMarks(tx, xero.Invoices); err != nil {
		return err
	}
	if err := d.learnRates(tx); err != nil {
		return err
	}
	if err := d.liftQuarantine(tx, asked); err != nil {
		return err
	}
	if err := tx.SetValue(valueRebuild, ""); err != nil {
		return err
	}
	return tx.SetCursor(CursorInvoices, asked)
}
