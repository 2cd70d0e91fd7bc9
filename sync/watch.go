package sync

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

// cursorDeals is how far Salesforce was read.
const cursorDeals = "salesforce/invoices"

// watchOverlap is how far each watch reads back behind the cursor: Xero does not say whether If-Modified-Since is
// inclusive, and a document may appear in lists later than its stamp. Never less than settle, or an attempt could be
// settled by a watch that did not look back to it.
const watchOverlap = 15 * time.Minute

// contactsEvery is how often contacts are watched when no cycle needs them and nothing is held for one.
const contactsEvery = time.Hour

// watcher is what the watches of Xero leave to each other.
type watcher struct {
	at      time.Time     // when the last one that was answered began
	from    time.Time     // when this cycle's last watch of invoices began, if it has completed
	watches state.Watches // what settles, and ends quarantine
}

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
	look := false
	err = c.Store.View(func(tx *store.Tx) error {
		cursor, ok := tx.Cursor(state.CursorContacts)
		age := c.xeroNow().Sub(cursor)
		due = !ok || !state.Identified(tx) || age < -remote.ClockSlack || age >= contactsEvery || state.Quarantined(tx)
		if since, held := heldFor(tx)[plan.PartContacts]; held && c.Xero.Pacer().Refuses() == 0 && c.lookDue(plan.PartContacts, since) {
			due, look = true, true
		}
		for _, intent := range tx.AllIntents() {
			_, open := state.LastUnsettled(intent)
			due = due || open && intent.Kind == string(xero.Contacts)
		}
		return nil
	})
	if look && err == nil {
		c.looks.count(plan.PartContacts)
	}
	return due, err
}

// since is where a watch begins to read: the zero time for a store that has not been read into completely once.
func (c *Cycle) since(tx *store.Tx, cursor string) time.Time {
	at, ok := tx.Cursor(cursor)
	switch {
	case (!ok || state.Blank(tx)) && c.safeguardsOff.Blank:
		return c.xeroNow().Add(-watchOverlap)
	case !ok || state.Blank(tx) || cursor == state.CursorContacts && !state.Identified(tx):
		return time.Time{}
	case c.safeguardsOff.Overlap:
		return at
	}
	if at.After(c.xeroNow().Add(remote.ClockSlack)) {
		return time.Time{} // a wrong clock led the cursor into the future: what lies between is not known
	}
	// A proxy may put its own clock on every answer, and If-Modified-Since is compared with Xero's: whichever is earlier.
	if own := time.Now(); own.Before(at) && at.Sub(own) < 24*time.Hour {
		at = own
	}
	return at.Add(-max(watchOverlap, c.Settings.Settle))
}

// watchContacts brings the identities of Xero's contacts, and what is linked to them, up to date.
func (c *Cycle) watchContacts(ctx context.Context, in Inputs) error {
	filter := xero.Filter{Archived: true}
	full := false
	if err := c.Store.View(func(tx *store.Tx) error {
		filter.Since, full = c.since(tx, state.CursorContacts), state.Blank(tx)
		return nil
	}); err != nil {
		return err
	}
	seen := 0
	c.watcher.watches.Began = time.Now()
	for page, err := range c.Xero.List(ctx, xero.Contacts, filter) {
		if err != nil {
			return err
		}
		seen += len(page.Items)
		if err := c.Store.Update(func(tx *store.Tx) error {
			d := c.desk(in)
			for _, item := range page.Items {
				if err := d.ObserveContact(tx, item, page.Asked, full); err != nil {
					return err
				}
			}
			if !page.Last {
				return nil
			}
			return d.EndOfContacts(tx, page.Asked)
		}); err != nil {
			return err
		}
	}
	c.looks.looked(plan.PartContacts)
	c.Log.Watched(string(xero.Contacts), seen, full)
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
		filter.Since, full = c.since(tx, state.CursorInvoices), state.Blank(tx)
		return nil
	}); err != nil {
		return err
	}
	met := map[store.Key]bool{}
	seen, looked := 0, false
	c.lease.doubted(false)
	c.watcher.watches.Began = time.Now()
	began, known := c.Salesforce.Time()
	for page, err := range c.Xero.List(ctx, xero.Invoices, filter) {
		if err != nil {
			return err
		}
		seen += len(page.Items)
		if !looked {
			if looked, err = c.whoseChanges(ctx, page.Items); err != nil {
				return err
			}
		}
		var ours state.Ties
		if page.Last {
			// Two live documents with one mark: Xero can say which of them this app made. Asked before the transaction,
			// because no call is made inside one.
			if err := c.meetPage(in, page.Items, page.Asked, met); err != nil {
				return err
			}
			if err := c.meetUnmarked(ctx, in, filter.Since); err != nil {
				return err
			}
			if ours, err = c.breakTies(ctx, met); err != nil {
				return err
			}
			page.Items = nil
		}
		if err := c.Store.Update(func(tx *store.Tx) error {
			d := c.desk(in)
			for _, item := range page.Items {
				if err := d.ObserveInvoice(tx, item, page.Asked, met); err != nil {
					return err
				}
			}
			if !page.Last {
				return nil
			}
			return d.EndOfInvoices(tx, page.Asked, met, ours)
		}); err != nil {
			return err
		}
	}
	c.watcher.from = c.watcher.watches.Began
	c.lease.watched(began, known && c.Salesforce.TimeAgreed())
	c.Log.Watched(string(xero.Invoices), seen, full)
	return c.stopForOtherWriter()
}

// whoseChanges reads whether the lease still is ours before a change of an invoice of ours is taken for a person's: who sends
// nothing does not notice that another daemon has taken over. Seed 84028: what that one had changed was held as edited in Xero.
func (c *Cycle) whoseChanges(ctx context.Context, items []json.RawMessage) (looked bool, err error) {
	if !c.lease.there || c.lease.stranger() {
		return true, nil
	}
	if err := c.Store.View(func(tx *store.Tx) error { looked = state.ChangesOurs(tx, items); return nil }); err != nil || !looked {
		return false, err
	}
	var failed *remote.Error
	if err := c.stillHolds(ctx); !errors.As(err, &failed) || ctx.Err() != nil {
		return true, err
	}
	c.lease.doubted(true) // Salesforce does not say: it may have been another daemon, and what Xero shows is noted all the same
	return true, nil
}

func (c *Cycle) meetPage(in Inputs, items []json.RawMessage, asked time.Time, met map[store.Key]bool) error {
	if len(items) == 0 {
		return nil // an idle cycle is spared a commit
	}
	return c.Store.Update(func(tx *store.Tx) error {
		d := c.desk(in)
		for _, item := range items {
			if err := d.ObserveInvoice(tx, item, asked, met); err != nil {
				return err
			}
		}
		return nil
	})
}

// breakTies asks Xero which of a record's live documents this app made, where that decides: of two without a link exactly
// one is the record's; a second one beside a link is a person's copy or another daemon's. It asks about a single one, too,
// while an attempt at the record is unsettled: before the original shows, a person's copy of it may.
func (c *Cycle) breakTies(ctx context.Context, met map[store.Key]bool) (state.Ties, error) {
	var asked map[string]store.Key
	accuses := false
	if err := c.Store.View(func(tx *store.Tx) error { asked, accuses = state.Undecided(tx, met); return nil }); err != nil {
		return nil, err
	}
	if accuses {
		if err := c.stillHolds(ctx); err != nil {
			return nil, err
		}
	}
	mine := state.Ties{}
	for _, ids := range chunks(document.SortedNames(asked), idsPerCall) {
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
				if key, ok := asked[id]; ok && plan.IsLive(inv.Status) {
					mine[key] = append(mine[key], id)
				}
			}
		}
	}
	return mine, nil
}

// meetUnmarked looks for documents of ours without their mark while nobody knows what became of a store's first batch.
// Xero may have made it and list it without marks: then nothing can be recognised there, and what was sent must not be
// sent again. It looks in every watch, because a draft that a person deletes may stand in no list any more.
func (c *Cycle) meetUnmarked(ctx context.Context, in Inputs, since time.Time) error {
	var drafts []state.UnansweredDraft
	if err := c.Store.View(func(tx *store.Tx) error { drafts = c.desk(in).Unanswered(tx); return nil }); err != nil || len(drafts) == 0 {
		return err
	}
	for page, err := range c.Xero.List(ctx, xero.Invoices, xero.Filter{Since: since, Statuses: everyStatus(), OurApp: true}) {
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := c.meetOurs(in, item, drafts); err != nil {
				return err
			}
		}
	}
	return nil
}

// meetOurs ends all creating when an invoice that this app made, without a mark, may be one of the drafts: it is made out to
// the same contact and was changed since.
func (c *Cycle) meetOurs(in Inputs, item json.RawMessage, drafts []state.UnansweredDraft) error {
	inv, err := xero.DecodeInvoice(item)
	if err != nil {
		return err
	}
	if !state.MayBeOneOf(drafts, inv) {
		return nil
	}
	return c.Store.Update(func(tx *store.Tx) error { return c.desk(in).Unmarked(tx, inv) })
}
