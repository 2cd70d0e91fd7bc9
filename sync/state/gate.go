package state

import (
	"errors"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/remote"
	"sf2xero/xero"
)

// The small facts that are kept in the store because they must outlive a clean stop.
const (
	valueQuarantine  = "quarantine"   // server time since which the store is not trusted to know all that was sent
	valueRestored    = "restored"     // the store may be older than what was sent last, until quarantine is over
	valueRebuild     = "rebuild"      // the next watch is a full one
	valueOtherWriter = "other.writer" // why this store has stopped: an invoice that another daemon made
	valueTakeover    = "takeover"     // what the other daemon made may still show, until quarantine is over
	ValueLease       = "lease"        // set once this store has held a lease
	ValueSwept       = "swept"        // server time of the last complete comparison with Salesforce; "" asks for one
	valueProof       = "proof/"       // + kind: "pending:" ids, "proven", "failed:" why
)

// The cursors of what is read of Xero. A store is blank until both exist.
const (
	CursorContacts = "xero/contacts"
	CursorInvoices = "xero/invoices"
)

// gate says whether anything may be created now, and if not, why and until when. It is asked in the transaction that
// stores a batch, not only before.
func (d Desk) gate(tx *store.Tx, kind xero.Kind) (closed string, until time.Time) {
	if Blank(tx) {
		return "the first full watch of Xero is not complete", time.Time{}
	}
	if since, ok := quarantineSince(tx); ok {
		return "this store may be older than what was sent to Xero (a new, restored or uncleanly closed store); Xero is watched until everything sent must have shown", since.Add(d.Settle)
	}
	if text := tx.Value(valueOtherWriter); text != "" {
		return text, time.Time{}
	}
	switch state := tx.Value(valueProof + string(kind)); {
	case d.Off.Proof:
	case strings.HasPrefix(state, "pending:"):
		return "the first documents are to be seen in Xero's list, with their marks, before more are created", time.Time{}
	case strings.HasPrefix(state, "failed:"):
		return strings.TrimPrefix(state, "failed:"), time.Time{}
	}
	return "", time.Time{}
}

// Closed is true when nothing of a kind may be created now; it notes when to look again.
func (d Desk) Closed(tx *store.Tx, kind xero.Kind) bool {
	text, until := d.gate(tx, kind)
	if text == "" {
		return false
	}
	switch proof := tx.Value(valueProof + string(kind)); {
	case strings.HasPrefix(proof, "failed:"):
		d.Log.Report.Block(strings.TrimPrefix(proof, "failed:")) // only a person opens it: there is no hurry
	case !until.IsZero():
		d.Log.Report.WaitUntil(until.Add(remote.DateGrain))
	case proof != "pending:"+unanswered: // else nothing opens it before that call is settled
		d.Log.Report.WaitUntil(d.XeroNow.Add(Soon + remote.DateGrain))
	}
	return true
}

// Unproven is true until the first batch of a kind has gone out.
func Unproven(tx *store.Tx, kind xero.Kind) bool { return tx.Value(valueProof+string(kind)) == "" }

// Quarantined is true while the store is not trusted to know all that was sent.
func Quarantined(tx *store.Tx) bool { _, ok := quarantineSince(tx); return ok }

func quarantineSince(tx *store.Tx) (time.Time, bool) {
	since, err := time.Parse(time.RFC3339Nano, tx.Value(valueQuarantine))
	return since, err == nil
}

// Beginning is how a process finds its store and the lease when it begins.
type Beginning struct {
	Doubt  string // why the store may not know all that was sent: it was not closed cleanly; "" when it was
	Killed bool   // that is all that is wrong with it
	Hidden string // the object of the lease, where Salesforce does not show it
}

// EnterQuarantine begins at the start of a process whose store is blank or was not closed cleanly: what it remembers may
// be older than what was sent, and what was sent last may not show yet. A clean stop in between does not end it.
func (d Desk) EnterQuarantine(tx *store.Tx, start Beginning) (why string, err error) {
	switch {
	case d.Off.Quarantine:
		return "", nil
	case tx.Value(valueOtherWriter) != "":
		// A person has looked, and says so (`run --takeover`): what the other daemon made is taken over by its marks.
		why = "another daemon had been writing to this organisation"
		if err := errors.Join(tx.SetValue(valueOtherWriter, ""), tx.SetValue(valueRebuild, "1"), tx.SetValue(valueTakeover, "1")); err != nil {
			return "", err
		}
	case tx.Value(ValueLease) != "" && start.Hidden != "":
		// Somebody may hold the lease that this process cannot see, and be sending.
		why = "Salesforce no longer shows the object " + start.Hidden
		if err := tx.SetValue(ValueLease, ""); err != nil {
			return "", err
		}
	case start.Doubt != "":
		why = start.Doubt
		if !start.Killed {
			if err := tx.SetValue(valueRestored, "1"); err != nil {
				return "", err
			}
		}
	case Blank(tx) && !Quarantined(tx):
		why = "the store is new"
	case Quarantined(tx):
		why = "it was not over when the daemon was stopped"
		return why, nil
	default:
		return "", nil
	}
	if err := tx.SetValue(valueQuarantine, d.XeroNow.UTC().Format(time.RFC3339Nano)); err != nil {
		return "", err
	}
	return why, tx.ForgetDoubt()
}

// liftQuarantine ends it with the first complete watch that began a settle time after the start. `run --new`, by which a
// person says that nobody served this organisation lately, ends it at once, unless Xero has documents of ours.
func (d Desk) liftQuarantine(tx *store.Tx, asked time.Time) error {
	since, ok := quarantineSince(tx)
	if !ok {
		return nil
	}
	if d.New {
		for entry := range tx.LinkedEntries() {
			if entry != document.Contacts {
				return &remote.Error{API: "Xero", Op: "run --new", Class: remote.BadConfig,
					Message: "this organisation already has invoices that sf2xero made for this Salesforce org", Remedy: "Start without --new: they are found by their marks"}
			}
		}
	} else {
		// The stored moment may be that of one answer with a wrong clock: it counts no later than now, and the settle time
		// also runs from this process's first watch, by the monotonic clock.
		if d.Watches.quarantine.IsZero() {
			d.Watches.quarantine = d.Watches.Began
		}
		if since.After(asked.Add(remote.ClockSlack)) {
			return tx.SetValue(valueQuarantine, asked.UTC().Format(time.RFC3339Nano))
		}
		if asked.Before(since.Add(d.Settle+remote.DateGrain)) || d.Watches.Began.Sub(d.Watches.quarantine) < d.Settle {
			return nil
		}
	}
	d.Log.In(tx).QuarantineOver()
	return errors.Join(tx.SetValue(valueQuarantine, ""), tx.SetValue(valueRestored, ""), tx.SetValue(valueTakeover, ""))
}

// proveMarks lets creating go on once Xero's own list shows the first batch with its marks. The echo of a create proves
// nothing: it may repeat what was sent and Xero keep something else.
func (d Desk) proveMarks(tx *store.Tx, kind xero.Kind) error {
	name := valueProof + string(kind)
	ids, pending := strings.CutPrefix(tx.Value(name), "pending:")
	if !pending || ids == unanswered {
		return nil
	}
	shown := false
	for _, id := range strings.Split(ids, ",") {
		if id == "" {
			continue
		}
		seen, ok := tx.SeenByID(string(kind), id)
		if ok && len(seen.Names) > 0 && (kind != xero.Contacts || marked(seen)) {
			shown = true
			continue
		}
		listed, edited := false, false
		for _, link := range tx.LinksByXeroID(string(kind), id) {
			listed = listed || !link.Watched.IsZero()
			edited = edited || link.SeenAt.After(link.Made.Add(2*remote.DateGrain))
		}
		switch {
		case listed && edited:
			continue // a person had it in hand since: what it lacks proves nothing
		case listed:
			d.Log.In(tx).MarkLost(string(kind), id)
			return tx.SetValue(name, "failed:"+markless)
		}
		return nil // not listed yet; the next watch looks again
	}
	if !shown {
		return tx.SetValue(name, "") // the next batch is the first again
	}
	return tx.SetValue(name, "proven")
}

// markless is why creating has stopped.
const markless = "Xero lists what was just created without its mark (the invoice's link, the contact's number), so it could not be recognised after a loss; nothing more is created"

// unanswered stands for the ids of a first batch whose answer is not known yet.
const unanswered = "-"

// settleProof ends the wait for a first batch that was never answered: what the list showed, it showed with its mark;
// where nothing was made, the next batch is the first again.
func settleProof(tx *store.Tx, kind xero.Kind, shown bool) error {
	name := valueProof + string(kind)
	if tx.Value(name) != "pending:"+unanswered {
		return nil
	}
	if shown {
		return tx.SetValue(name, "proven")
	}
	return tx.SetValue(name, "")
}

func marked(seen store.Seen) bool {
	for _, word := range seen.Names {
		if strings.HasPrefix(word, "number:") {
			return true
		}
	}
	return false
}

// Identified is false for a store whose mirror was made by an older program: it does not say all that contacts are compared
// by, and finds them under other words. All contacts are read once, before any account is decided.
func Identified(tx *store.Tx) bool { return tx.Value(valueIdentities) == document.IdentityVersion }

// Blank is true until one full watch of contacts and invoices has completed. The transaction of its last page writes the
// cursor, whose existence is the only test: one that was cut short begins again.
func Blank(tx *store.Tx) bool {
	_, ok := tx.Cursor(CursorInvoices)
	return !ok || tx.Value(valueRebuild) != ""
}

// valueIdentities says by which rules the mirror's identities of contacts were made.
const valueIdentities = "identities"
