package sync

import (
	"time"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
)

// received is one row on its way into the todo.
type received struct {
	entry *mapping.Entry
	row   salesforce.Record
	gone  string
	past  bool // won before start: history
}

// store puts one row where it belongs: into the todo when it differs from what was last decided, into history when it is
// older than the books, and nowhere when nothing about it is new. Write-back fields never make it new.
func (p *pull) store(tx *store.Tx, t received) error {
	key := store.Key{Entry: t.entry.Name, ID: t.row.ID}
	link, linked := tx.Link(key)
	old, queued := tx.Record(key)
	shown := plan.RowFields(t.row.JSON, t.entry.WriteBack)
	if t.gone == "unseen" {
		shown = nil
	}
	if linked && shown != nil && !state.SameRow(link.Row, shown) {
		if _, queued := tx.WriteBack(key); queued {
			link.Wrote = t.row.Modstamp // it was ours to write, and the answer was lost
		}
		link.Row = shown
		if err := tx.PutLink(link); err != nil {
			return err
		}
		if err := tx.PutWriteBack(store.WriteBack{Key: key}); err != nil {
			return err
		}
	}
	if _, gone := tx.Gone(key.ID); gone && t.gone == "" && t.entry.Name == document.Contacts {
		if err := tx.ForgetGone(key.ID); err != nil { // it was taken out of the recycle bin
			return err
		}
	}
	switch {
	case t.past || tx.History(key):
		return p.storePast(tx, t, key, linked || queued)
	case t.gone != "":
		return p.storeGone(tx, t, key, old, queued, link, linked)
	case !linked && !queued && p.isPast(tx, t):
		return tx.PutHistory(key)
	}
	reads, err := t.entry.Reads.Project(t.row.JSON)
	if err != nil {
		return err
	}
	hash := plan.Digest(reads)
	moved := linked && (link.Mapping != p.in.Mapping.Hash || !link.Stamp.Equal(t.row.Modstamp))
	if linked && wasDecided(link) && decidedUnder(link) != p.in.Mapping.Hash {
		link.DecidedUnder = decidedUnder(link)
		if p.unchanged(t, link, p.edited(tx) && !queued) {
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
	condition := p.conditionOf(tx, t)
	if queued {
		return p.storeAgain(tx, t, old, hash, shown, condition)
	}
	if linked && link.XeroID != "" && link.Decided == hash && isDecided(link) && (!plan.LacksCurrency(link) || p.c.safeguardsOff.Older) {
		return nil
	}
	r := store.Record{Key: key, Hash: hash, JSON: t.row.JSON, Stamp: t.row.Modstamp, Today: link.Today, Under: condition}
	if err := p.putBack(tx, &r); err != nil {
		return err
	}
	if r.Cause == "" {
		p.giveCause(tx, &r, linked && link.XeroID != "", t)
	}
	return tx.PutRecord(r)
}

// storeAgain stores what came back of a record that is in the todo.
func (p *pull) storeAgain(tx *store.Tx, t received, old store.Record, hash string, shown []byte, condition string) error {
	if err := rowChanged(tx, t, old, shown); err != nil {
		return err
	}
	moved := condition != "" && old.Under != condition
	if old.Hash == hash && old.Gone == "" && !moved && string(old.JSON) == string(t.row.JSON) {
		return nil
	}
	r := old
	r.Hash, r.JSON, r.Gone, r.GoneAt = hash, t.row.JSON, "", time.Time{}
	if condition != "" {
		r.Under = condition
	}
	if old.Hash != hash || old.Gone != "" {
		// What Xero refused, and what was searched for poison, was another document.
		r.Stamp, r.Tries, r.Half, r.NotBefore = t.row.Modstamp, 0, "", time.Time{}
		p.causeAgain(tx, t, old, &r)
		if old.Hold != nil {
			h := *old.Hold
			h.Inputs = ""
			r.Hold = &h
		}
	}
	if old.Gone != "" || moved && r.Cause == plan.CauseMapping {
		if err := p.putBack(tx, &r); err != nil {
			return err
		}
	}
	return tx.PutRecord(r)
}

// rowChanged has a record's row compared anew when somebody has changed what it shows: a hold's text is put back.
func rowChanged(tx *store.Tx, t received, old store.Record, shown []byte) error {
	if shown == nil || state.SameRow(plan.RowFields(old.JSON, t.entry.WriteBack), shown) {
		return nil
	}
	return tx.PutWriteBack(store.WriteBack{Key: old.Key})
}

// causeAgain notes the cause of a record of the todo that came back changed, or came back at all. What only an edit let in has
// a cause of its own once its content changes; to be hidden and shown again, or read by another formula, is none.
func (p *pull) causeAgain(tx *store.Tx, t received, old store.Record, r *store.Record) {
	switch letIn := old.Cause == plan.CauseMapping; {
	case old.Cause == "promote", old.Cause == plan.CauseMerged, old.Hash == unread:
	case letIn && (p.edited(tx) || old.Gone == "unseen" && old.Hash == r.Hash):
	case old.Cause == plan.CauseDrop && !t.row.Modstamp.After(old.Stamp): // it was to be forgotten, and nobody has touched it
		p.giveCause(tx, r, false, t)
	default:
		r.Cause = "changed"
	}
}

// unchanged is true for a record that still is, or is again, what was decided under an earlier mapping. Where rows cannot be
// compared under that one, what the sweep reads right after the edit counts as unchanged, and what bears the stamp of before.
func (p *pull) unchanged(t received, link store.Link, justEdited bool) bool {
	before := p.c.mappings.under(link.DecidedUnder, t.entry)
	if before == nil {
		return justEdited && (p.sweeping || link.Stamp.Equal(t.row.Modstamp))
	}
	for _, reads := range []mapping.Reads{before.Reads, before.Reads.Without(plan.CurrencyField)} {
		// An older version read a record's currency only where mapping.yaml names it. Case: after an upgrade every deal of an
		// org with several currencies counted as changed, so that no draft was approved any more.
		if was, err := reads.Project(t.row.JSON); err == nil && plan.Digest(was) == link.Decided {
			return true
		}
	}
	return false
}

// isDecided is false for a link whose document died: such a record is in the todo, held, until a person has acted.
func isDecided(link store.Link) bool {
	return document.KindOfEntry(link.Entry).Live(link.Status)
}

// storePast keeps what was won before the books begin. A record among it that was being dealt with when the store was
// lost is not history: it names a Xero invoice, or says why it was held.
func (p *pull) storePast(tx *store.Tx, t received, key store.Key, known bool) error {
	if known {
		return nil
	}
	if !tx.History(key) {
		if plan.RowText(t.row.JSON, t.entry.IDField) == "" && plan.RowText(t.row.JSON, t.entry.HoldField) == "" {
			return tx.PutHistory(key)
		}
		r := store.Record{Key: key, Hash: unread, JSON: t.row.JSON, Cause: "new", Stamp: t.row.Modstamp}
		if edited, waits := p.start.Waits(plan.CloseDate(r)); waits {
			r.Cause, r.LetIn = plan.CauseMapping, edited
		}
		return tx.PutRecord(r)
	}
	if p.opened(tx, t) { // whoever wins it anew does so after the books began
		return tx.DeleteHistory(key)
	}
	if date := plan.CloseDate(store.Record{JSON: t.row.JSON}); t.past || t.gone != "" || date == "" || date < p.booksBegin() {
		return nil
	}
	if err := tx.DeleteHistory(key); err != nil { // its close date was moved into the books, or a person has admitted an earlier start
		return err
	}
	return p.store(tx, t)
}

// isPast is true for a record that comes into sight and is history all the same: nobody has touched it since before the books
// began, or only an edit of the start or of the condition reaches it. One that names a Xero invoice, or says why it was held, is none.
func (p *pull) isPast(tx *store.Tx, t received) bool {
	date := plan.CloseDate(store.Record{JSON: t.row.JSON})
	if _, aside := tx.SetAside(store.Key{Entry: t.entry.Name, ID: t.row.ID}, p.conditionOf(tx, t)); aside {
		return false
	}
	if t.entry != p.e || date == "" || t.entry.From != "Opportunity" || plan.RowText(t.row.JSON, t.entry.IDField) != "" || plan.RowText(t.row.JSON, t.entry.HoldField) != "" {
		return false
	}
	if _, waits := p.start.Waits(date); waits {
		return p.readBefore(t)
	}
	return date < p.booksBegin() && (plan.Untouched(t.row.Modstamp, p.start.Begin) || p.letInByEdit(tx, t))
}

// unread is the hash of a record of which only the row was read: nothing is decided about it until the next pull has read
// it whole, by its id.
const unread = "?"

// untouched is true for a record that matches no more and was not changed itself since it last did: what it refers to has
// changed, or what the words of the condition mean. What was stored while it matched is the newest stamp of the record and
// its lines; what is compared is the record's own, because its lines are not read any more.
//
// What we wrote to its row moved its stamp, too, and would hide a person's change of just before. Where the condition reads
// other records it is then not known what ended it, and a person decides. Seed 32545: an account was stopped before the next
// pull after its deal's invoice had been made, and the draft was deleted as that of a deal that was un-won.
func (p *pull) untouched(t received, link store.Link) bool {
	if p.c.safeguardsOff.Absence {
		return false
	}
	known := link.Stamp
	if wrote := link.Wrote.Add(remote.DateGrain); t.entry.ReadsOthers && !link.Wrote.IsZero() && wrote.After(known) {
		known = wrote
	}
	return !p.changed[t.row.ID] || !known.IsZero() && !t.row.Modstamp.After(known)
}

// storeGone puts a record that left our sight back into the todo, for the plan to decide what its invoice needs.
func (p *pull) storeGone(tx *store.Tx, t received, key store.Key, old store.Record, queued bool, link store.Link, linked bool) error {
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
	if queued && old.Gone == gone {
		return nil
	}
	var goneAt time.Time
	if gone == "mapping" && !p.untouched(t, link) && link.XeroID != "" {
		// Whether it stopped for the edit or with others, nobody can say: it counts with those. Seed 31451: a stage was renamed
		// within minutes of an edit, most deals were held for the edit, and the four that showed late lost their drafts.
		p.stoppedAt(tx, t.row.Modstamp)
	}
	if gone == "unmatched" && (link.XeroID != "" || len(tx.Intents(key)) > 0) { // Xero may have made what nobody told us of
		goneAt = p.stoppedAt(tx, t.row.Modstamp)
	}
	if queued {
		if gone != "unseen" && t.row.JSON != nil {
			if err := rowChanged(tx, t, old, plan.RowFields(t.row.JSON, t.entry.WriteBack)); err != nil {
				return err
			}
		}
		if link.XeroID == "" {
			if err := p.setAside(tx, old, p.conditionOf(tx, t), gone); err != nil {
				return err
			}
		}
		if gone == "unseen" {
			t.row.JSON = old.JSON
		}
		old.Gone, old.GoneAt, old.JSON, old.NotBefore = gone, goneAt, t.row.JSON, time.Time{}
		return tx.PutRecord(old)
	}
	if t.row.JSON == nil {
		t.row.JSON = link.Row
	}
	return tx.PutRecord(store.Record{Key: key, Hash: link.Decided, JSON: t.row.JSON, Gone: gone, GoneAt: goneAt, Cause: "changed", Stamp: t.row.Modstamp, Today: link.Today})
}
