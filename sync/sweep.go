package sync

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
	"sf2xero/xero"
)

const (
	sweepEvery = 24 * time.Hour
	// sweepByID is up to how many unfinished invoices the sweep reads by their ids; beyond that the whole list is cheaper.
	sweepByID = 400
)

// sweepIfDue compares everything that matches with everything that is linked, once a day: what moves no stamp (an account's
// country, a record that became visible, a deal hidden by sharing) is found here. It also runs when links were rebuilt,
// and when mapping.yaml was edited, since then other records may match.
func (c *Cycle) sweepIfDue(ctx context.Context, in Inputs) error {
	due, edit, respelt := false, false, false
	if err := c.Store.View(func(tx *store.Tx) error {
		last, err := time.Parse(time.RFC3339, tx.Value(state.ValueSwept))
		age := c.salesforceNow().Sub(last)
		edit = tx.Value(valueMatched) != in.Mapping.Hash || cameBack(tx, in)
		respelt = c.mappings.respelt(tx, in)
		due = err == nil && (age >= sweepEvery || age < -remote.ClockSlack) || edit || (err != nil && rebuilt(tx))
		return nil
	}); err != nil {
		return err
	}
	if !due && !c.puller.sweepNow {
		return c.noteSweep(in, false)
	}
	p, err := c.newPull(in)
	if err != nil {
		return err
	}
	p.incremental, p.sweeping = true, true
	if err := p.sweepDeals(ctx); err != nil {
		return err
	}
	if err := p.sweepContacts(ctx); err != nil {
		return err
	}
	if err := p.flush(nil); err != nil {
		return err
	}
	if err := c.sweepXero(ctx, in); err != nil {
		return err
	}
	c.Log.Swept(len(p.matched))
	if edit {
		if err := p.acquit(ctx); err != nil {
			return err
		}
	}
	if err := p.noteReached(); err != nil {
		return err
	}
	c.puller.swept, c.puller.sweptEdit = true, c.puller.sweptEdit || edit && !respelt
	return c.noteSweep(in, true)
}

// sweepDeals reads all deals that match, and asks by id for those that we know and that did not come back.
func (p *pull) sweepDeals(ctx context.Context) error {
	if p.e == nil {
		return nil
	}
	deals := p.selectOf(p.e)
	deals.Where = p.e.Where
	purposes := []purpose{{deals, p.takeMatched}}
	if p.e.From == "Opportunity" {
		purposes[0].And = "CloseDate >= " + p.booksBegin()
		if p.in.Mapping.Start < p.booksBegin() {
			purposes = append(purposes, p.sweepReached())
		}
		purposes = append(purposes, p.sweepPast())
	}
	if err := p.read(ctx, purposes); err != nil {
		return err
	}
	for _, ids := range []func() []string{
		func() []string { return document.SortedNames(p.late) },
		func() []string { return p.c.linkedWithout(p.e.Name, p.matched) },
		func() []string { return p.c.queuedWithout(p.e.Name, p.matched) },
	} {
		if err := p.confirmAll(ctx, ids()); err != nil {
			return err
		}
	}
	return nil
}

// sweepReached reads of what an edited start reaches only the ids: it waits for a person, and may be a company's whole past.
func (p *pull) sweepReached() purpose {
	return purpose{salesforce.Select{From: p.e.From, Fields: append([]string{"CloseDate"}, p.e.WriteBack...), Where: p.e.Where,
		And: "CloseDate >= " + p.in.Mapping.Start + " AND CloseDate < " + p.booksBegin()}, p.takeReached}
}

// sweepPast reads of what was won before the books begin only the ids, of which there may be very many, and notes those that
// are unknown: they came into sight late, and are to be held. What an edited condition lets in is history, as it is to a new
// store.
func (p *pull) sweepPast() purpose {
	past := salesforce.Select{From: p.e.From, Where: p.e.Where, And: "CloseDate < " + p.in.Mapping.Start}
	widened := false
	_ = p.c.Store.View(func(tx *store.Tx) error { widened = p.widened(tx, p.e.Name); return nil })
	if widened {
		past.Fields = append(past.Fields, p.e.WriteBack...)
		return purpose{past, p.takePast}
	}
	return purpose{past, p.takeLate}
}

// takePast takes a deal of before the books as history, but for one that was held when an edit left it out: that is read whole.
func (p *pull) takePast(row salesforce.Record) error {
	aside, err := p.isAside(row.ID)
	if err != nil {
		return err
	}
	if aside {
		p.late[row.ID] = true
		return nil
	}
	return p.takeHistory(row)
}

// noteSweep remembers a completed sweep; a store's first pull has read everything and counts as one. What changed parents let in
// until then was read with the rest: where they cannot be asked about for weeks, each question would grow with every day.
func (c *Cycle) noteSweep(in Inputs, done bool) error {
	if noted, err := c.noted(state.ValueSwept); err != nil || (noted != "" && !done) {
		return err
	}
	return c.Store.Update(func(tx *store.Tx) error {
		if err := c.mappings.noteMatched(tx, in); err != nil {
			return err
		}
		for _, entry := range document.Entries() {
			if tx.Value(valueParents+entry) == "" {
				continue
			}
			if err := tx.SetValue(valueParents+entry, ""); err != nil {
				return err
			}
		}
		return tx.SetValue(state.ValueSwept, c.salesforceNow().UTC().Format(time.RFC3339))
	})
}

// noteMatched remembers under which mapping all matching records have been read.
func (m *mappings) noteMatched(tx *store.Tx, in Inputs) error {
	return errors.Join(m.keepEarlier(tx, in), noteInForce(tx, in), tx.SetValue(valueMatched, in.Mapping.Hash), tx.SetValue(valueMapping, m.compiled.text))
}

// noted reads one small fact. A cycle in which nothing happens should not cost a commit for each thing it asks itself.
func (c *Cycle) noted(name string) (value string, err error) {
	err = c.Store.View(func(tx *store.Tx) error { value = tx.Value(name); return nil })
	return value, err
}

// rebuilt is true while there are links that were made from marks and whose records have not been read since.
func rebuilt(tx *store.Tx) bool {
	for _, entry := range document.Entries() {
		for link := range tx.Links(entry, "") {
			if link.Decided == "" && link.XeroID != "" {
				return true
			}
		}
	}
	return false
}

// linkedWithout are the linked records that did not come back as matching and are not known to be gone.
func (c *Cycle) linkedWithout(entry string, matched map[string]bool) []string {
	var ids []string
	_ = c.Store.View(func(tx *store.Tx) error {
		for link := range tx.Links(entry, "") {
			if r, queued := tx.Record(link.Key); matched[link.ID] || link.XeroID == "" || (queued && r.Gone != "") {
				continue
			}
			ids = append(ids, link.ID)
		}
		return nil
	})
	return ids
}

// queuedWithout are the undecided records that did not come back as matching: an edit may have left them out.
func (c *Cycle) queuedWithout(entry string, matched map[string]bool) []string {
	var ids []string
	_ = c.Store.View(func(tx *store.Tx) error {
		for r := range tx.Todo(entry, "") {
			if link, _ := tx.Link(r.Key); link.XeroID == "" && !matched[r.ID] && r.Cause != plan.CauseDrop {
				ids = append(ids, r.ID)
			}
		}
		return nil
	})
	return ids
}

// sweepContacts reads the accounts that match a condition of their own, and the linked ones.
func (p *pull) sweepContacts(ctx context.Context) error {
	contacts := p.in.Mapping.Contacts
	if contacts.Where != "" {
		account := p.selectOf(contacts)
		account.Where = contacts.Where
		if err := p.read(ctx, []purpose{{account, p.takeCustomer}}); err != nil {
			return err
		}
	}
	for _, part := range chunks(p.c.linkedWithout(document.Contacts, p.customers), 5*rereadAtOnce) {
		account := p.selectOf(contacts)
		account.IDs = part
		if err := p.read(ctx, []purpose{{account, p.takeNeeded}}); err != nil {
			return err
		}
		if err := p.askGone(ctx, slices.DeleteFunc(part, func(id string) bool { return p.returned[id] })); err != nil {
			return err
		}
	}
	return p.noteGone(ctx)
}

// sweepXero reads the linked invoices that are not finished: not every change moves their stamp in Xero.
func (c *Cycle) sweepXero(ctx context.Context, in Inputs) error {
	var ids []string
	if err := c.Store.View(func(tx *store.Tx) error {
		for link := range tx.Links(document.Invoices, "") {
			if link.Status == "DRAFT" || link.Status == "SUBMITTED" || link.Status == "AUTHORISED" {
				ids = append(ids, link.XeroID)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if len(ids) > sweepByID {
		listed := map[string]bool{}
		for page, err := range c.Xero.List(ctx, xero.Invoices, xero.Filter{}) {
			if err != nil {
				return err
			}
			if err := c.meetPage(in, page.Items, page.Asked, map[store.Key]bool{}); err != nil {
				return err
			}
			for _, item := range page.Items {
				listed[strings.ToLower(document.Plain(document.Decode(document.Fields(item)["InvoiceID"])))] = true
			}
		}
		// A deleted draft stands in no list; only its own id still leads to it.
		ids = slices.DeleteFunc(ids, func(id string) bool { return listed[id] })
	}
	for _, part := range chunks(ids, idsPerCall) {
		if _, err := c.readAgain(ctx, in, xero.Invoices, part); err != nil {
			return err
		}
	}
	return nil
}
