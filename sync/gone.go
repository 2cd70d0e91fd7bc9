package sync

import (
	"context"
	"slices"
	"time"

	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// doubtful are the records we know that did not come back as matching although they changed, or were asked for by id.
func (p *pull) doubtful() []string {
	if p.e == nil {
		return nil
	}
	ids := map[string]bool{}
	_ = p.c.Store.View(func(tx *store.Tx) error {
		for id := range p.changed {
			key := store.Key{Entry: p.e.Name, ID: id}
			if !p.matched[id] && (kept(tx, key) || tx.History(key)) {
				ids[id] = true
			}
		}
		return nil
	})
	for _, id := range p.waiting {
		if !p.matched[id] {
			ids[id] = true
		}
	}
	return document.SortedNames(ids)
}

// confirmAll does so for as many as there are, so many in a call as an address takes.
func (p *pull) confirmAll(ctx context.Context, ids []string) error {
	for _, part := range chunks(ids, 5*rereadAtOnce) {
		if err := p.confirm(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// confirm asks for records by id, with and without the mapping's condition: absence from a list proves nothing. Only a
// record that Salesforce returns as deleted, or as not matching, is gone; one it does not return at all is out of sight.
func (p *pull) confirm(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	there := map[string]salesforce.Record{}
	matching := p.selectOf(p.e)
	matching.Where, matching.IDs = p.e.Where, ids
	bare := salesforce.Select{From: p.e.From, Fields: append([]string{lastModified}, p.e.WriteBack...), IDs: ids, Deleted: true}
	if p.e.From == "Opportunity" {
		bare.Fields = append(bare.Fields, "Name", "CloseDate")
	}
	if err := p.read(ctx, []purpose{{matching, p.takeMatched}, {bare, func(row salesforce.Record) error { there[row.ID] = row; return nil }}}); err != nil {
		return err
	}
	for _, id := range ids {
		if p.matched[id] {
			continue
		}
		row, found := there[id]
		gone := "unseen"
		switch {
		case found && row.Deleted:
			gone = "deleted"
		case found || p.c.safeguardsOff.Absence:
			gone = "unmatched"
		default:
			row = salesforce.Record{Object: p.e.From, ID: id}
		}
		if err := p.take(received{entry: p.e, row: row, gone: gone}); err != nil {
			return err
		}
	}
	return nil
}

// unseenAccounts are the waiting accounts that Salesforce does not show any more, of which that is news: deleted, merged away or
// out of sight.
func (p *pull) unseenAccounts() (unseen []string, err error) {
	err = p.c.Store.View(func(tx *store.Tx) error {
		for _, id := range p.accounts {
			if r, ok := tx.Record(store.Key{Entry: document.Contacts, ID: id}); ok && r.Gone == "" && !p.returned[id] {
				unseen = append(unseen, id)
			}
		}
		return nil
	})
	return unseen, err
}

// noteUnseen notes them: they must not go on claiming a contact. What became of them is asked and noted before: an answer that
// does not come is asked for again in the next pull.
func (p *pull) noteUnseen(unseen []string) error {
	if len(unseen) == 0 {
		return nil
	}
	return p.c.Store.Update(func(tx *store.Tx) error {
		for _, id := range unseen {
			r, ok := tx.Record(store.Key{Entry: document.Contacts, ID: id})
			if !ok {
				continue
			}
			r.Gone, r.NotBefore = "unseen", time.Time{}
			if err := tx.PutRecord(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// Accounts are merged and deleted in Salesforce. A list shows neither: the account is just not there any more, and what hung
// on it hangs on another one, with the stamps it had. Only queryAll says what became of it.

// goneAccounts asks for accounts that were deleted, and what they were merged into.
func (p *pull) goneAccounts() salesforce.Select {
	contacts := p.in.Mapping.Contacts
	s := salesforce.Select{From: contacts.From, Deleted: true, And: "IsDeleted = true"}
	if contacts.Merges {
		s.Fields = []string{masterRecord}
	}
	return s
}

// masterRecord is the field of a merged record that names the one that is left.
const masterRecord = "MasterRecordId"

func (p *pull) takeGone(row salesforce.Record) error {
	if row.Deleted {
		p.gone[row.ID] = plan.RowText(row.JSON, masterRecord)
	}
	return nil
}

// askGone asks what became of accounts that Salesforce does not show.
func (p *pull) askGone(ctx context.Context, ids []string) error {
	for _, part := range chunks(ids, 5*rereadAtOnce) {
		s := p.goneAccounts()
		s.IDs = part
		if err := p.read(ctx, []purpose{{s, p.takeGone}}); err != nil {
			return err
		}
	}
	return nil
}

// rivals are the accounts whose contacts keep waiting accounts from theirs. One that was merged away or deleted does so no more.
func (c *Cycle) rivals(tx *store.Tx, in Inputs, waiting []string) []string {
	rivals := map[string]bool{}
	facts := c.desk(in).Facts(tx)
	for _, id := range waiting {
		r, ok := tx.Record(store.Key{Entry: document.Contacts, ID: id})
		if !ok || r.Hold == nil || r.Hold.Cause != "contact.name_taken" || r.JSON == nil {
			continue
		}
		for _, rival := range plan.RivalAccounts(r, in.Mapping.Contacts, facts) {
			rivals[rival] = true
		}
	}
	return document.SortedNames(rivals)
}

// noteGone remembers what became of the accounts that have a contact, and reads those that take a contact over, or that have
// two of them now. The account that is left may have been merged away in its turn.
func (p *pull) noteGone(ctx context.Context) error {
	if p.c.safeguardsOff.Merges {
		return nil
	}
	for known := -1; len(p.gone) > max(known, 0); {
		known = len(p.gone)
		heirs, err := p.storeGoneAccounts()
		if err != nil || len(heirs) == 0 {
			return err
		}
		account := p.selectOf(p.in.Mapping.Contacts)
		account.IDs = heirs
		there := map[string]bool{}
		if err := p.read(ctx, []purpose{{account, func(row salesforce.Record) error { there[row.ID] = true; return p.takeHeir(row) }}}); err != nil {
			return err
		}
		if err := p.askGone(ctx, slices.DeleteFunc(heirs, func(id string) bool { return there[id] })); err != nil {
			return err
		}
	}
	return nil
}

// storeGoneAccounts stores which accounts are gone, and returns those that are left in their place and are to be read.
func (p *pull) storeGoneAccounts() (heirs []string, err error) {
	var news []string
	if err := p.c.Store.View(func(tx *store.Tx) error {
		concern := p.concerning(tx)
		for _, id := range document.SortedNames(p.gone) {
			if into, known := tx.Gone(id); (!known || into != p.gone[id]) && concern[id] {
				news = append(news, id)
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if len(news) > 0 { // an idle cycle is spared a commit
		if err := p.c.Store.Update(func(tx *store.Tx) error {
			for _, id := range news {
				if err := tx.PutGone(id, p.gone[id]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	err = p.c.Store.View(func(tx *store.Tx) error {
		for _, id := range document.SortedNames(p.gone) {
			heir := plan.Heir(tx, id)
			r, queued := tx.Record(store.Key{Entry: document.Contacts, ID: heir})
			if heir != "" && heir != id && !slices.Contains(heirs, heir) && (!queued || r.Cause == plan.CauseDrop) && plan.Inherits(tx, heir) {
				heirs = append(heirs, heir)
			}
		}
		return nil
	})
	return heirs, err
}

// concerning are the accounts that are gone and that have a contact, that wait for one, or into which such an account was merged,
// by what this pull tells as well as by what is stored. Seed 32977: two merges, one after the other, came in one pull; of the
// second it was not seen that it concerned anybody, and the account that was left was given another contact.
func (p *pull) concerning(tx *store.Tx) map[string]bool {
	concern := map[string]bool{}
	var note func(id string)
	note = func(id string) {
		if into, gone := p.gone[id]; gone && !concern[id] {
			concern[id] = true
			note(into)
		}
	}
	for id := range p.gone {
		if concerns(tx, id) {
			note(id)
		}
	}
	return concern
}

// concerns is true for an account that has a contact, that waits for one, or into which such an account was merged.
func concerns(tx *store.Tx, id string) bool {
	return kept(tx, store.Key{Entry: document.Contacts, ID: id}) || len(tx.MergedInto(id)) > 0 ||
		len(tx.Mirror(string(xero.Contacts), document.ContactNumberWord(id))) > 0
}

// takeHeir puts an account into the todo for what it takes over, though nothing about the account itself has changed.
func (p *pull) takeHeir(row salesforce.Record) error {
	reads, err := p.in.Mapping.Contacts.Reads.Project(row.JSON)
	if err != nil {
		return err
	}
	return p.c.Store.Update(func(tx *store.Tx) error {
		key := store.Key{Entry: document.Contacts, ID: row.ID}
		if r, queued := tx.Record(key); queued && r.Cause != plan.CauseDrop {
			return nil
		}
		return tx.PutRecord(store.Record{Key: key, Hash: plan.Digest(reads), JSON: row.JSON, Cause: plan.CauseMerged, Stamp: row.Modstamp})
	})
}
