package sync

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/xero"
)

// The cursors of what is read. A store is blank until both of Xero's exist.
const (
	cursorContacts = "xero/contacts"
	cursorInvoices = "xero/invoices"
	cursorDeals    = "salesforce/invoices"
)

// watchOverlap is how far each watch reads back behind the cursor: Xero does not say whether If-Modified-Since is
// inclusive, and a document may appear in lists later than its stamp. Never less than settle, or an attempt could be
// settled by a watch that did not look back to it.
const watchOverlap = 15 * time.Minute

// contactsEvery is how often contacts are watched when no cycle needs them.
const (
	contactsEvery     = time.Hour
	contactsEveryHeld = 10 * time.Minute // while an account is held, because its mending may happen in Xero
)

// watch reads from Xero what changed, so that everything after it decides on what Xero really has: it fills the mirror,
// adopts what bears our mark, and settles what was attempted. A blank store reads everything.
func (c *Cycle) watch(ctx context.Context, in Inputs) error {
	due, err := c.contactsDue()
	if err != nil {
		return err
	}
	if due {
		if err := c.watchContacts(ctx, in); err != nil {
			return err
		}
	}
	if err := c.watchHeld(ctx, in); err != nil {
		return err
	}
	return c.watchInvoices(ctx, in)
}

func (c *Cycle) contactsDue() (due bool, err error) {
	err = c.Store.View(func(tx *store.Tx) error {
		cursor, ok := tx.Cursor(cursorContacts)
		age := c.xeroNow().Sub(cursor)
		_, held := tx.TodoCount(Contacts)
		due = !ok || age < -clockSlack || age >= contactsEvery || (held > 0 && age >= contactsEveryHeld) || quarantined(tx)
		for _, intent := range tx.AllIntents() {
			_, open := lastUnsettled(intent)
			due = due || open && intent.Kind == string(xero.Contacts)
		}
		return nil
	})
	return due, err
}

// clockSlack is how far a service's servers may differ in their clocks.
const clockSlack = time.Minute

// since is where a watch begins to read: the zero time for a store that has not been read into completely once.
func (c *Cycle) since(tx *store.Tx, cursor string) time.Time {
	at, ok := tx.Cursor(cursor)
	switch {
	case (!ok || blank(tx)) && c.without.blank:
		return c.xeroNow().Add(-watchOverlap)
	case !ok || blank(tx):
		return time.Time{}
	case c.without.overlap:
		return at
	}
	if at.After(c.xeroNow().Add(clockSlack)) {
		return time.Time{} // a wrong clock led the cursor into the future: what lies between is not known
	}
	// A proxy may put its own clock on every answer, and If-Modified-Since is compared with Xero's: whichever is earlier.
	if own := time.Now(); own.Before(at) && at.Sub(own) < 24*time.Hour {
		at = own
	}
	return at.Add(-max(watchOverlap, c.Settings.Settle))
}

// blank is true until one full watch of contacts and invoices has completed. The transaction of its last page writes the
// cursor, whose existence is the only test: one that was cut short begins again.
func blank(tx *store.Tx) bool {
	_, ok := tx.Cursor(cursorInvoices)
	return !ok || tx.Value(valueRebuild) != ""
}

// watchContacts brings the identities of Xero's contacts, and what is linked to them, up to date.
func (c *Cycle) watchContacts(ctx context.Context, in Inputs) error {
	filter := xero.Filter{Archived: true}
	full := false
	if err := c.Store.View(func(tx *store.Tx) error {
		filter.Since, full = c.since(tx, cursorContacts), blank(tx)
		return nil
	}); err != nil {
		return err
	}
	seen := 0
	c.watchBegan = time.Now()
	for page, err := range c.Xero.List(ctx, xero.Contacts, filter) {
		if err != nil {
			return err
		}
		seen += len(page.Items)
		if err := c.Store.Update(func(tx *store.Tx) error {
			for _, item := range page.Items {
				if err := c.meetContact(tx, item, page.Asked, full); err != nil {
					return err
				}
			}
			if !page.Last {
				return nil
			}
			if err := c.settle(tx, in, xero.Contacts, page.Asked, nil); err != nil {
				return err
			}
			if err := c.proveMarks(tx, xero.Contacts); err != nil {
				return err
			}
			return tx.SetCursor(cursorContacts, page.Asked)
		}); err != nil {
			return err
		}
	}
	c.Log.watched(string(xero.Contacts), seen, full)
	return nil
}

// meetContact takes in one contact as a list of Xero showed it.
func (c *Cycle) meetContact(tx *store.Tx, item json.RawMessage, asked time.Time, full bool) error {
	contact, err := xero.DecodeContact(item)
	if err != nil {
		return err
	}
	id := strings.ToLower(contact.ContactID)
	identity, err := json.Marshal(xero.Contact{ContactID: id, ContactNumber: contact.ContactNumber, AccountNumber: contact.AccountNumber,
		ContactStatus: contact.ContactStatus, Name: contact.Name, MergedToContactID: strings.ToLower(contact.MergedToContactID)})
	if err != nil {
		return err
	}
	words := []string{nameWord(contact.Name)}
	if near(contact.Name) != "" {
		words = append(words, nearWord(contact.Name))
	}
	if contact.AccountNumber != "" {
		words = append(words, accountNumberWord(contact.AccountNumber))
	}
	if contact.ContactNumber != "" {
		words = append(words, contactNumberWord(contact.ContactNumber))
	}
	if !asked.IsZero() {
		if err := tx.PutSeen(store.Seen{Kind: string(xero.Contacts), XeroID: id, Names: words, JSON: identity, At: asked}); err != nil {
			return err
		}
	}
	document, err := json.Marshal(contact)
	if err != nil {
		return err
	}
	links := tx.LinksByXeroID(string(xero.Contacts), id)
	for _, link := range links {
		if err := c.refresh(tx, link, document, contact.Name, contact.ContactStatus, contact.UpdatedDateUTC.Time, asked); err != nil {
			return err
		}
	}
	if full && len(links) == 0 && isAccountID(contact.ContactNumber) && contact.ContactStatus != "ARCHIVED" {
		return c.adoptContact(tx, contact, document, asked)
	}
	return nil
}

// everyStatus names DELETED too, which a plain list leaves out: what left the list between two pages would move the rest
// up, and one of them out of sight; and a draft that a person deleted must not be made again.
func everyStatus() []string {
	return []string{"DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"}
}

// watchInvoices brings the documents with our mark, and everything that is linked, up to date.
func (c *Cycle) watchInvoices(ctx context.Context, in Inputs) error {
	filter := xero.Filter{Statuses: everyStatus()}
	full := false
	if err := c.Store.View(func(tx *store.Tx) error {
		filter.Since, full = c.since(tx, cursorInvoices), blank(tx)
		return nil
	}); err != nil {
		return err
	}
	met := map[store.Key]bool{}
	seen := 0
	c.watchBegan = time.Now()
	for page, err := range c.Xero.List(ctx, xero.Invoices, filter) {
		if err != nil {
			return err
		}
		seen += len(page.Items)
		var tied map[store.Key]string
		if page.Last {
			// Two live documents with one mark and no link: Xero can say which of them this app made. Asked before the
			// transaction, because no call is made inside one.
			if err := c.meetPage(in, page.Items, page.Asked, met); err != nil {
				return err
			}
			if err := c.meetUnmarked(ctx, in, filter.Since); err != nil {
				return err
			}
			if tied, err = c.breakTies(ctx, met); err != nil {
				return err
			}
			page.Items = nil
		}
		if err := c.Store.Update(func(tx *store.Tx) error {
			for _, item := range page.Items {
				if err := c.meetInvoice(tx, in, item, page.Asked, met); err != nil {
					return err
				}
			}
			if !page.Last {
				return nil
			}
			return c.endOfWatch(tx, in, page.Asked, met, tied)
		}); err != nil {
			return err
		}
	}
	c.watched = true
	c.Log.watched(string(xero.Invoices), seen, full)
	return c.stopForOtherWriter()
}

func (c *Cycle) meetPage(in Inputs, items []json.RawMessage, asked time.Time, met map[store.Key]bool) error {
	if len(items) == 0 {
		return nil // an idle cycle is spared a commit
	}
	return c.Store.Update(func(tx *store.Tx) error {
		for _, item := range items {
			if err := c.meetInvoice(tx, in, item, asked, met); err != nil {
				return err
			}
		}
		return nil
	})
}

// meetInvoice takes in one invoice as a list of Xero showed it. Purchase bills and what a repeating template makes are
// not ours, whatever link they bear.
func (c *Cycle) meetInvoice(tx *store.Tx, in Inputs, item json.RawMessage, asked time.Time, met map[store.Key]bool) error {
	inv, err := xero.DecodeInvoice(item)
	if err != nil {
		return err
	}
	if inv.Type != "ACCREC" || inv.RepeatingInvoiceID != "" {
		return nil
	}
	id := strings.ToLower(inv.InvoiceID)
	document, err := json.Marshal(inv)
	if err != nil {
		return err
	}
	links := tx.LinksByXeroID(string(xero.Invoices), id)
	for _, link := range links {
		if err := c.refresh(tx, link, document, inv.InvoiceNumber, inv.Status, inv.UpdatedDateUTC.Time, asked); err != nil {
			return err
		}
	}
	mark, marked := markOf(inv.Url)
	if !marked || mark.Org != in.Place.Org || (c.without.parsedMarks && mark.URL(in.Place.Instance, in.Place.Sandbox) != inv.Url) {
		return c.unmarked(tx, inv)
	}
	if asked.IsZero() {
		return c.seenAgain(tx, inv)
	}
	met[mark.key()] = true
	if len(links) > 0 { // the link holds the document; the mirror needs its identity only
		if document, err = json.Marshal(identityOf(inv)); err != nil {
			return err
		}
	}
	return tx.PutSeen(store.Seen{Kind: string(xero.Invoices), XeroID: id, Names: []string{markWord(mark.key())}, JSON: document, At: asked})
}

// seenAgain brings the mirror up to date with a document that was read by its id, or that we deleted: a draft that is gone
// stands in no list, and must not bear witness as if it were live. It puts nothing new there: what is in the mirror has
// been in a list.
func (c *Cycle) seenAgain(tx *store.Tx, inv xero.Invoice) error {
	seen, known := tx.SeenByID(string(xero.Invoices), strings.ToLower(inv.InvoiceID))
	if !known {
		return nil
	}
	if len(tx.LinksByXeroID(string(xero.Invoices), strings.ToLower(inv.InvoiceID))) > 0 {
		inv = identityOf(inv) // the link holds the document
	}
	var err error
	if seen.JSON, err = json.Marshal(inv); err != nil {
		return err
	}
	return tx.PutSeen(seen)
}

// unmarked takes a document whose mark a person has taken off out of the witnesses: it would go on as what it was then.
func (c *Cycle) unmarked(tx *store.Tx, inv xero.Invoice) error {
	seen, known := tx.SeenByID(string(xero.Invoices), strings.ToLower(inv.InvoiceID))
	if !known {
		return nil
	}
	var err error
	seen.Names = nil
	if seen.JSON, err = json.Marshal(identityOf(inv)); err != nil {
		return err
	}
	return tx.PutSeen(seen)
}

func identityOf(inv xero.Invoice) xero.Invoice {
	return xero.Invoice{Type: inv.Type, InvoiceID: inv.InvoiceID, InvoiceNumber: inv.InvoiceNumber, Status: inv.Status, Url: inv.Url, UpdatedDateUTC: inv.UpdatedDateUTC}
}

// refresh stores what Xero shows of a linked document, and queues the write-back when anything changed. asked is the time
// of the watch; zero when single documents were read by their ids, which proves nothing about Xero's list.
func (c *Cycle) refresh(tx *store.Tx, link store.Link, document json.RawMessage, number, status string, updated, asked time.Time) error {
	if link.Watched.IsZero() && !asked.IsZero() {
		link.Watched = asked
	} else if string(link.Seen) == string(document) && link.Status == status {
		return nil
	}
	changed := string(link.Seen) != string(document)
	var before []string
	if link.Finding != "" {
		before = touchedFields(tx, link)
	}
	if changed && link.Status != status && link.Status != "" {
		c.Log.statusChanged(link, status)
	}
	link.Seen, link.Number, link.Status, link.SeenAt = document, number, status, updated
	if link.Finding != "" && !slices.Equal(touchedFields(tx, link), before) {
		link.Finding = "" // a person has taken the difference in hand
	}
	if err := tx.PutLink(link); err != nil {
		return err
	}
	if !changed {
		return nil
	}
	// A linked record whose invoice died needs a decision, and so does a held one whose invoice was changed.
	if !isLive(status) && link.Kind == string(xero.Invoices) {
		if _, queued := tx.Record(link.Key); !queued {
			if err := tx.PutRecord(store.Record{Key: link.Key, Hash: link.Decided, Cause: "changed", Stamp: updated, Today: link.Today, JSON: link.Row}); err != nil {
				return err
			}
		}
	}
	return tx.PutWriteBack(store.WriteBack{Key: link.Key})
}

// endOfWatch is the transaction of a watch's last page: only now, with the whole list seen, is it known which record has
// how many documents, which attempts were in vain, and how far the watch has come.
func (c *Cycle) endOfWatch(tx *store.Tx, in Inputs, asked time.Time, met map[store.Key]bool, tied map[store.Key]string) error {
	if err := c.settle(tx, in, xero.Invoices, asked, tied); err != nil {
		return err
	}
	for _, key := range sortedKeys(met) {
		if err := c.recognise(tx, in, key, asked, tied[key]); err != nil {
			return err
		}
	}
	if err := c.proveMarks(tx, xero.Invoices); err != nil {
		return err
	}
	if err := c.liftQuarantine(tx, asked); err != nil {
		return err
	}
	if err := tx.SetValue(valueRebuild, ""); err != nil {
		return err
	}
	return tx.SetCursor(cursorInvoices, asked)
}
