package sync

import (
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
)

// store puts one row where it belongs: into the todo when it differs from what was last decided, into history when it is
// older than the books, and nowhere when nothing about it is new. Write-back fields never make it new.
func (p *puller) store(tx *store.Tx, t received) error {
	key := store.Key{Entry: t.entry.Name, ID: t.row.ID}
	link, linked := tx.Link(key)
	old, queued := tx.Record(key)
	shown := rowFields(t.row.JSON, t.entry.WriteBack)
	if t.gone == "unseen" {
		shown = nil
	}
	if linked && shown != nil && !sameRow(link.Row, shown) {
		link.Row = shown
		if err := tx.PutLink(link); err != nil {
			return err
		}
		if err := tx.PutWriteBack(store.WriteBack{Key: key}); err != nil {
			return err
		}
	}
	if t.past || tx.History(key) {
		return p.storePast(tx, t, key, linked || queued)
	}
	if t.gone != "" {
		return p.storeGone(tx, t, key, old, queued, link, linked)
	}
	reads, err := t.entry.Reads.Project(t.row.JSON)
	if err != nil {
		return err
	}
	hash := plan.Digest(reads)
	edited := p.edited(tx)
	moved := linked && (link.Mapping != p.in.Mapping.Hash || !link.Stamp.Equal(t.row.Modstamp))
	if linked && wasDecided(link) && decidedUnder(link) != p.in.Mapping.Hash {
		link.DecidedUnder = decidedUnder(link)
		if p.unchanged(t, link, edited && !queued) {
			link.Decided, link.DecidedUnder = hash, "" // another formula is no change of the record: what was sent stays until the record changes
			moved = true
		}
	}
	if moved {
		// Should it stop matching later, then not because of the edit, and only a later stamp is a change of its own.
		link.Mapping, link.Stamp = p.in.Mapping.Hash, t.row.Modstamp
		if err := tx.PutLink(link); err != nil {
			return err
		}
	}
	if queued {
		// Somebody has changed what its row shows: a hold's text is put back.
		if shown != nil && !sameRow(rowFields(old.JSON, t.entry.WriteBack), shown) {
			if err := tx.PutWriteBack(store.WriteBack{Key: key}); err != nil {
				return err
			}
		}
		if old.Hash == hash && old.Gone == "" && string(old.JSON) == string(t.row.JSON) {
			return nil
		}
		if old.Hash != hash || old.Gone != "" {
			// What Xero refused, and what was searched for poison, was another document.
			old.Stamp, old.Tries, old.Half, old.NotBefore = t.row.Modstamp, 0, "", time.Time{}
			if old.Cause != "promote" && (old.Cause != plan.CauseMapping || !edited) {
				old.Cause = "changed"
			}
			if old.Hold != nil {
				old.Hold.Inputs = ""
			}
		}
		old.Hash, old.JSON, old.Gone = hash, t.row.JSON, ""
		return tx.PutRecord(old)
	}
	if linked && link.XeroID != "" && link.Decided == hash && isDecided(link) {
		return nil
	}
	r := store.Record{Key: key, Hash: hash, JSON: t.row.JSON, Cause: p.causeOf(tx, linked, t), Stamp: t.row.Modstamp, Today: link.Today}
	return tx.PutRecord(r)
}

// unchanged is true for a record that still is, or is again, what was decided under an earlier mapping. Where rows cannot be
// compared under that one, what the sweep reads right after the edit counts as unchanged, and what bears the stamp of before.
func (p *puller) unchanged(t received, link store.Link, justEdited bool) bool {
	before := p.c.under(link.DecidedUnder, t.entry)
	if before == nil {
		return justEdited && (p.sweeping || link.Stamp.Equal(t.row.Modstamp))
	}
	was, err := before.Reads.Project(t.row.JSON)
	return err == nil && plan.Digest(was) == link.Decided
}

// isDecided is false for a link whose document died: such a record is in the todo, held, until a person has acted.
func isDecided(link store.Link) bool {
	return document.KindOfEntry(link.Entry).Live(link.Status)
}

// edited is true until all matching records were read once under the mapping in force.
func (p *puller) edited(tx *store.Tx) bool {
	under := tx.Value(valueMatched)
	return under != "" && under != p.in.Mapping.Hash
}

// widened is true while a record may match only because the condition was edited; another formula lets nothing in.
func (p *puller) widened(tx *store.Tx, entry string) bool {
	return p.edited(tx) && !p.sameCondition(tx, entry, tx.Value(valueMatched))
}

// causeOf says why a record is new to us. A record that matches after the condition was edited although nothing about it
// changed, found by the sweep or in the pull's overlap, matches only because of that edit.
func (p *puller) causeOf(tx *store.Tx, linked bool, t received) string {
	// The window ended on a whole second: what was changed in that second was not read yet.
	readBefore := p.sweeping || t.row.Modstamp.Before(p.cursor.Truncate(time.Second))
	switch {
	case linked:
		return "changed"
	case readBefore && p.widened(tx, t.entry.Name) && !p.c.safeguardsOff.Cause:
		return plan.CauseMapping
	case !p.incremental && strings.Contains(plan.RowText(t.row.JSON, t.entry.HoldField), plan.TextMapping):
		return plan.CauseMapping // it waited for that when the store was lost
	case p.sweeping:
		return "swept"
	}
	return "new"
}

// storePast keeps what was won before the books begin. A record among it that was being dealt with when the store was
// lost is not history: it names a Xero invoice, or says why it was held.
func (p *puller) storePast(tx *store.Tx, t received, key store.Key, known bool) error {
	if known {
		return nil
	}
	if !tx.History(key) {
		if plan.RowText(t.row.JSON, t.entry.IDField) == "" && plan.RowText(t.row.JSON, t.entry.HoldField) == "" {
			return tx.PutHistory(key)
		}
		return tx.PutRecord(store.Record{Key: key, Hash: unread, JSON: t.row.JSON, Cause: "new", Stamp: t.row.Modstamp})
	}
	// It was opened again: whoever wins it anew does so after the books began. A condition that was edited, or a parent that
	// changed, opens nothing.
	if t.gone == "unmatched" && !t.row.Modstamp.Before(p.since) && !p.widened(tx, t.entry.Name) {
		return tx.DeleteHistory(key)
	}
	if date := plan.CloseDate(store.Record{JSON: t.row.JSON}); t.gone != "" || date == "" || date < p.in.Mapping.Start {
		return nil
	}
	if err := tx.DeleteHistory(key); err != nil { // its close date was moved into the books: it is won anew
		return err
	}
	return p.store(tx, t)
}

// unread is the hash of a record of which only the row was read: nothing is decided about it until the next pull has read
// it whole, by its id.
const unread = "?"

// sameCondition is true when an earlier mapping asked for the same records.
func (p *puller) sameCondition(tx *store.Tx, entry, earlier string) bool {
	condition := valueCondition
	if entry == document.Contacts {
		condition = valueCustomers
	}
	return tx.Value(condition+earlier) == tx.Value(condition+p.in.Mapping.Hash)
}

// untouched is true for a record that matches no more and was not changed itself since it last did: what it refers to has
// changed, or what the words of the condition mean. What was stored while it matched is the newest stamp of the record and
// its lines; what is compared is the record's own, because its lines are not read any more.
func (p *puller) untouched(t received, link store.Link) bool {
	return !p.c.safeguardsOff.Absence && (!p.changed[t.row.ID] || !link.Stamp.IsZero() && !t.row.Modstamp.After(link.Stamp))
}

// storeGone puts a record that left our sight back into the todo, for the plan to decide what its invoice needs.
func (p *puller) storeGone(tx *store.Tx, t received, key store.Key, old store.Record, queued bool, link store.Link, linked bool) error {
	if !queued && !linked {
		return nil
	}
	gone := t.gone
	switch untouched := linked && p.untouched(t, link); {
	case gone != "unmatched":
	case !linked, queued && old.Gone == "unmatched": // it was un-won before, whatever was edited since
	case queued && old.Gone == "elsewhere" && !untouched:
		gone = "elsewhere" // the stamp may have moved with the text that says so
	case untouched && link.Decided == "": // nothing is known of what it was before
	case link.Mapping != p.in.Mapping.Hash && link.Mapping != "" && !p.sameCondition(tx, t.entry.Name, link.Mapping):
		gone = "mapping" // it never matched under this mapping: the condition changed, and perhaps nothing else
	case untouched:
		gone = "elsewhere"
	}
	if queued {
		if old.Gone == gone {
			return nil
		}
		if gone == "unseen" {
			t.row.JSON = old.JSON
		}
		old.Gone, old.JSON, old.NotBefore = gone, t.row.JSON, time.Time{}
		return tx.PutRecord(old)
	}
	if t.row.JSON == nil {
		t.row.JSON = link.Row
	}
	return tx.PutRecord(store.Record{Key: key, Hash: link.Decided, JSON: t.row.JSON, Gone: gone, Cause: "changed", Stamp: t.row.Modstamp, Today: link.Today})
}
