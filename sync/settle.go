package sync

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
	"sf2xero/xero"
)

// settle decides about attempts whose answer was never read whole. What Xero shows is taken; what it has not shown in a
// watch that began a settle time after the attempt's bytes left, it will never do, and the record may be sent again in a new
// call. Rule 2: they left at most the bound after the attempt was stored.
func (c *Cycle) settle(tx *store.Tx, in Inputs, kind xero.Kind, asked time.Time, ours ties) error {
	for _, intent := range tx.AllIntents() {
		last, open := lastUnsettled(intent)
		if !open || intent.Kind != string(kind) {
			continue
		}
		unseen, err := c.settleSeen(tx, in, intent, asked, ours)
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
		case c.safeguardsOff.Settle || c.looked(intent) && !asked.Before(last.Add(c.Settings.span()+dateGrain)):
			c.Log.In(tx).Settled(intent, len(intent.Members)-len(unseen), len(unseen))
			if intent.Do == "create" {
				if err := settleProof(tx, kind, intent.Partly || len(unseen) < len(intent.Members)); err != nil {
					return err
				}
			}
			if err := c.failedWhole(tx, intent, unseen, !intent.Partly && len(unseen) == len(intent.Members), nil); err != nil {
				return err
			}
			if err := c.touchedMeanwhile(tx, intent, unseen); err != nil {
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
func (c *Cycle) touchedMeanwhile(tx *store.Tx, intent store.Intent, unseen []store.Member) error {
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
			shown, sent := plan.ShownFields(link), document.Texts(doc)
			for _, field := range document.SentFields(doc) {
				shown[field] = sent[field]
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
func (c *Cycle) looked(intent store.Intent) bool {
	if c.firstWatchAfter == nil {
		c.firstWatchAfter = map[string]time.Time{}
	}
	began, ok := c.firstWatchAfter[lookAt(intent)]
	if !ok {
		c.firstWatchAfter[lookAt(intent)] = c.watchBegan
		return false
	}
	return c.watchBegan.Sub(began) >= c.Settings.Settle
}

// lookAt names a call and its last attempt.
func lookAt(intent store.Intent) string { return fmt.Sprint(intent.ID, " ", len(intent.Attempts)) }

// settlesAt is the earliest moment at which a watch may decide about a call's open attempts; when none has come since, one
// is needed first.
func (c *Cycle) settlesAt(intent store.Intent) (at time.Time, open bool) {
	last, open := lastUnsettled(intent)
	if !open {
		return at, false
	}
	began, ok := c.firstWatchAfter[lookAt(intent)]
	if !ok { // a watch is needed first, which Xero may have asked to wait
		return c.xeroNow().Add(max(soon, time.Until(c.Xero.Pacer().Quota().StandDown))), true
	}
	at = last.Add(c.Settings.span() + dateGrain)
	if later := c.xeroNow().Add(c.Settings.Settle - time.Since(began)); later.After(at) {
		at = later
	}
	return at, true
}

func statusOf(seen store.Seen) string {
	inv, err := xero.DecodeInvoice(seen.JSON)
	if err != nil {
		return ""
	}
	return inv.Status
}

func lastUnsettled(intent store.Intent) (at time.Time, open bool) {
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
func (c *Cycle) settleSeen(tx *store.Tx, in Inputs, intent store.Intent, asked time.Time, ours ties) (unseen []store.Member, err error) {
	documents := documentsOf(intent)
	for _, m := range intent.Members {
		sent, done := documents[m.ID], false
		if intent.Do != "create" {
			sent = documents[strings.ToLower(m.XeroID)]
		}
		if intent.Do == "create" {
			done, err = c.settleCreate(tx, in, intent, m, sent, asked, ours.one(m.Key))
		} else {
			done, err = c.settleEdit(tx, intent, m, sent)
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
func (c *Cycle) settleCreate(tx *store.Tx, in Inputs, intent store.Intent, m store.Member, sent json.RawMessage, asked time.Time, mine string) (bool, error) {
	kind := document.KindOf(intent.Kind)
	for _, seen := range tx.Mirror(intent.Kind, kind.MarkWord(m.Key)) {
		if slices.Contains(m.Known, seen.XeroID) || (kind.Promoted && plan.IsLive(statusOf(seen)) && seen.XeroID != mine) {
			continue
		}
		link, err := plan.NewLink(intent, m, sent, seen.JSON, in.Reference)
		if err != nil {
			return false, err
		}
		link.Watched, link.Made = asked, c.xeroNow()
		if link.Shown, err = json.Marshal(shownBySending(sent, link.Seen)); err != nil {
			return false, err
		}
		r, queued := tx.Record(m.Key)
		if err := errors.Join(c.created(tx, in, link, m), c.noteTook(tx, intent)); err != nil {
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
// departs from what was sent, and where it has what was not sent and Xero does not fill in by itself, a person has been
// at it since.
func shownBySending(sent, seen json.RawMessage) map[string]string {
	shown, found := document.Texts(seen), document.Compare(sent, seen)
	for field, text := range found.Wanted {
		if !found.Agrees(field) {
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
func (c *Cycle) settleEdit(tx *store.Tx, intent store.Intent, m store.Member, sent json.RawMessage) (bool, error) {
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
			return true, c.deleted(tx, link, m)
		}
		return true, c.promoted(tx, link, m, document.Agreeing(sent, link.Seen), link.Seen)
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
		if !found.Agrees(field) {
			return false, nil
		}
	}
	return true, c.updated(tx, link, m, sent, link.Seen)
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
