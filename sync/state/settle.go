package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
)

// settle decides about attempts whose answer was never read whole. What Xero shows is taken; what it has not shown in a
// watch that began a settle time after the attempt's bytes left, it will never do, and the record may be sent again in a new
// call. Rule 2: they left at most the bound after the attempt was stored.
func (d Desk) settle(tx *store.Tx, kind xero.Kind, asked time.Time, ours Ties) error {
	for _, intent := range tx.AllIntents() {
		last, open := LastUnsettled(intent)
		if !open || intent.Kind != string(kind) {
			continue
		}
		unseen, err := d.settleSeen(tx, intent, asked, ours)
		if err != nil {
			return err
		}
		switch {
		case len(unseen) == 0:
			if intent.Do == "create" {
				if err := settleProof(tx, kind, true); err != nil {
					return err
				}
			}
			err = tx.DeleteIntent(intent.ID)
		case d.Off.Settle || d.looked(intent) && !asked.Before(last.Add(d.span()+remote.DateGrain)):
			d.Log.In(tx).Settled(intent, len(intent.Members)-len(unseen), len(unseen))
			if intent.Do == "create" {
				if err := settleProof(tx, kind, intent.Partly || len(unseen) < len(intent.Members)); err != nil {
					return err
				}
			}
			if err := d.failedWhole(tx, intent, unseen, !intent.Partly && len(unseen) == len(intent.Members), nil); err != nil {
				return err
			}
			if err := d.touchedMeanwhile(tx, intent, unseen); err != nil {
				return err
			}
			err = tx.DeleteIntent(intent.ID)
		case len(unseen) < len(intent.Members):
			// A batch is immutable; who is left of it only waits. The members that were seen are free already.
			intent.Members, intent.Partly = unseen, true
			err = tx.PutIntent(intent)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// touchedMeanwhile gives to the person what an edit was about when Xero shows neither what was sent nor the document as it
// was: somebody has been at it since, and may have set back what we did.
func (d Desk) touchedMeanwhile(tx *store.Tx, intent store.Intent, unseen []store.Member) error {
	documents := documentsOf(intent)
	for _, m := range unseen {
		link, ok := tx.Link(m.Key)
		if !ok || m.SeenAt.IsZero() || !strings.EqualFold(link.XeroID, m.XeroID) || link.SeenAt.Equal(m.SeenAt) {
			continue
		}
		switch intent.Do {
		case string(plan.Promote):
			link.Risen = true
		case string(plan.Update):
			doc := documents[strings.ToLower(m.XeroID)]
			shown, found := plan.ShownFields(link), document.Compare(doc, link.Seen)
			for _, field := range document.SentFields(doc) {
				if shown[field] = found.Wanted[field]; found.Taken(field) {
					shown[field] = found.Now[field]
				}
			}
			var err error
			if link.Shown, err = json.Marshal(shown); err != nil {
				return err
			}
		default:
			continue
		}
		if err := tx.PutLink(link); err != nil {
			return err
		}
	}
	return nil
}

// looked is true when this process's first watch after a call's attempts began a settle time ago, by the monotonic clock.
// The stored moment of an attempt alone is not enough: a machine that was suspended just then has sent much later.
func (d Desk) looked(intent store.Intent) bool {
	if d.Watches.first == nil {
		d.Watches.first = map[string]time.Time{}
	}
	began, ok := d.Watches.first[lookAt(intent)]
	if !ok {
		d.Watches.first[lookAt(intent)] = d.Watches.Began
		return false
	}
	return d.Watches.Began.Sub(began) >= d.Settle
}

// lookAt names a call and its last attempt.
func lookAt(intent store.Intent) string { return fmt.Sprint(intent.ID, " ", len(intent.Attempts)) }

// LastUnsettled is when the last of a call's open attempts was stored, if any is open.
func LastUnsettled(intent store.Intent) (at time.Time, open bool) {
	for _, a := range intent.Attempts {
		if a.Answer == "" {
			open = true
			if a.At.After(at) {
				at = a.At
			}
		}
	}
	return at, open
}

// settleSeen takes what the watch has seen of a call's members and returns the rest.
func (d Desk) settleSeen(tx *store.Tx, intent store.Intent, asked time.Time, ours Ties) (unseen []store.Member, err error) {
	documents := documentsOf(intent)
	for _, m := range intent.Members {
		sent, done := documents[m.ID], false
		if intent.Do != "create" {
			sent = documents[strings.ToLower(m.XeroID)]
		}
		if intent.Do == "create" {
			done, err = d.settleCreate(tx, intent, m, sent, asked, ours.one(m.Key))
		} else {
			done, err = d.settleEdit(tx, intent, m, sent)
		}
		if err != nil {
			return nil, err
		}
		if !done {
			unseen = append(unseen, m)
		}
	}
	return unseen, nil
}

// settleCreate links the document that a create made after all: one with the member's mark which the store did not know
// when the attempt was made. A live invoice must be the one that Xero says this app made: the other is a person's copy.
func (d Desk) settleCreate(tx *store.Tx, intent store.Intent, m store.Member, sent json.RawMessage, asked time.Time, mine string) (bool, error) {
	kind := document.KindOf(intent.Kind)
	for _, seen := range tx.Mirror(intent.Kind, kind.MarkWord(m.Key)) {
		if slices.Contains(m.Known, seen.XeroID) || (kind.Promoted && plan.IsLive(statusOf(seen)) && seen.XeroID != mine) {
			continue
		}
		link, err := plan.NewLink(intent, m, sent, seen.JSON, d.Reference)
		if err != nil {
			return false, err
		}
		link.Watched, link.Made = asked, d.XeroNow
		if link.Shown, err = json.Marshal(shownBySending(sent, link.Seen)); err != nil {
			return false, err
		}
		r, queued := tx.Record(m.Key)
		if err := errors.Join(d.created(tx, link, m), d.noteTook(tx, intent)); err != nil {
			return false, err
		}
		if queued && !kind.Live(link.Status) {
			return true, tx.PutRecord(r) // a person has ended it already: the plan says what that means
		}
		return true, nil
	}
	return false, nil
}

// shownBySending is what counts as shown by Xero of a document that was first seen some time after it was made: where it
// departs from what was sent, but for Xero's own rounding, and where it has what was not sent and Xero does not fill in by
// itself, a person has been at it since.
func shownBySending(sent, seen json.RawMessage) map[string]string {
	shown, found := document.Texts(seen), document.Compare(sent, seen)
	for field, text := range found.Wanted {
		if !found.Taken(field) {
			shown[field] = text
		}
	}
	for field := range found.Now {
		if found.Wanted[field] == "" && document.FieldOf(field).Owner == document.Kept {
			delete(shown, field)
		}
	}
	return shown
}

// settleEdit takes an update, promotion or deletion as done when Xero shows what was sent.
func (d Desk) settleEdit(tx *store.Tx, intent store.Intent, m store.Member, sent json.RawMessage) (bool, error) {
	link, ok := tx.Link(m.Key)
	if intent.Do != "adopt" && (!ok || !strings.EqualFold(link.XeroID, m.XeroID)) {
		return true, nil
	}
	switch intent.Do {
	case "delete", "promote":
		if status := document.Plain(document.Decode(document.Fields(sent)["Status"])); link.Status != status {
			return false, nil
		}
		if intent.Do == "delete" {
			return true, d.deleted(tx, link, m)
		}
		if err := takeAsApproved(&link); err != nil {
			return false, err
		}
		return true, d.promoted(tx, link, m, document.Agreeing(sent, link.Seen), link.Seen)
	}
	if intent.Do == "adopt" {
		seen, ok := tx.SeenByID(intent.Kind, strings.ToLower(m.XeroID))
		if !ok {
			return false, nil
		}
		contact, err := xero.DecodeContact(seen.JSON)
		return err == nil && contact.ContactNumber == m.ID, err // the plan adopts it again, by its mark
	}
	found := document.Compare(sent, link.Seen)
	for _, field := range document.SentFields(sent) {
		if !found.Taken(field) {
			return false, nil
		}
	}
	return true, d.updated(tx, link, m, sent, link.Seen)
}

// takeAsApproved counts as shown by Xero whatever of an invoice is still as it was meant, once an approval of ours has come to
// pass of which no answer came: Xero works the lines out anew, and what it makes of them is nobody's edit. Else a cent that it
// has lost was told no more as soon as a person touched anything else (seed 32441).
func takeAsApproved(link *store.Link) (err error) {
	shown, found := plan.ShownFields(*link), document.Compare(link.Meant, link.Seen)
	for field := range found.Wanted {
		if found.Taken(field) {
			shown[field] = found.Now[field]
		}
	}
	link.Shown, err = json.Marshal(shown)
	return err
}

// documentsOf finds a stored call's documents by whose they are: the Xero id of an edit, the record of a create.
func documentsOf(intent store.Intent) map[string]json.RawMessage {
	found, kind := map[string]json.RawMessage{}, document.KindOf(intent.Kind)
	for _, doc := range callDocuments(intent.Call) {
		fields := document.Fields(doc)
		if id := kind.ID(fields); id != "" {
			found[strings.ToLower(id)] = doc
		} else if record := kind.Record(fields); record != "" {
			found[record] = doc
		}
	}
	return found
}

func callDocuments(call json.RawMessage) []json.RawMessage {
	var stored xero.Call
	if json.Unmarshal(call, &stored) != nil {
		return nil
	}
	var envelope map[string][]json.RawMessage
	if json.Unmarshal(stored.Body, &envelope) != nil {
		return nil
	}
	for _, documents := range envelope {
		return documents // one envelope key
	}
	return nil
}
