package sync

import (
	"context"
	"time"

	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
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
