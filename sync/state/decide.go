package state

import (
	"encoding/json"
	"errors"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/events"
	"sf2xero/sync/plan"
)

// Facts is everything a plan depends on besides the record itself.
func (d Desk) Facts(tx *store.Tx) plan.Facts {
	var b plan.Books = tx
	if d.Off.MarkWitness {
		b = plan.BooksWithoutMarks{Books: b}
	}
	if d.Off.Merges {
		b = plan.BooksWithoutMerges{Books: b}
	}
	return plan.Facts{Off: d.Off, Books: b, Reference: d.Reference, Mapping: d.Mapping, Start: startIn(tx, d.Mapping), Place: d.Place, XeroNow: d.XeroNow, SalesforceNow: d.SalesforceNow,
		UnknownIDs: d.UnknownIDs, Rates: ratesIn(tx, d.Reference), Unmatched: unmatchedLately(tx), Otherwise: otherwiseUnder(tx, d.Mapping).Fields}
}

// Decide stores what a step says about its record: an id leaves the todo only in the transaction that stores its step,
// its hold, or that there is nothing to do.
func (d Desk) Decide(tx *store.Tx, s plan.Step) error {
	r := *s.Record
	for _, f := range s.Findings {
		d.Log.In(tx).Finding(s.Key, s.XeroID, f.What, f.Text)
		if err := tx.Journal(store.Event{At: d.XeroNow, What: f.What, Key: s.Key.String(), Text: f.Text}); err != nil {
			return err
		}
	}
	if s.Completed != nil {
		if link, ok := tx.Link(s.Key); ok {
			link.Meant = s.Completed
			if err := tx.PutLink(link); err != nil {
				return err
			}
		}
	}
	if s.Admitted {
		r.Cause = plan.CauseAdmitted
	}
	if s.Do == plan.Hold {
		return d.hold(tx, r, s)
	}
	released := r.Hold != nil
	if released {
		if plan.ToldSingly(r.Hold) {
			d.Log.In(tx).Released(s.Key, r.Hold)
		}
		d.Log.In(tx).Counted(func(r *events.Report) { r.Released++ })
		if r.Hold, r.NotBefore = nil, d.XeroNow; r.Cause != plan.CauseAsked && r.Cause != plan.CauseMerged {
			r.Cause = "released"
		}
		if err := tx.Journal(store.Event{At: d.XeroNow, What: "hold.released", Key: s.Key.String(), Text: s.Why}); err != nil {
			return err
		}
		if err := tx.PutWriteBack(store.WriteBack{Key: s.Key}); err != nil {
			return err
		}
	}
	switch {
	case s.Do == plan.Nothing && s.Drop:
		if _, queued := tx.WriteBack(s.Key); queued { // the hold it had is still to be cleared on its row
			r.Cause = plan.CauseDrop
			return tx.PutRecord(r)
		}
		return tx.Dequeue(s.Key)
	case s.Do == plan.Nothing && s.Undecided:
		return tx.Dequeue(s.Key)
	case s.Do == plan.Nothing:
		if link, ok := tx.Link(s.Key); ok {
			if link.Decided == "" { // until now its row was left alone where it names another document
				if err := tx.PutWriteBack(store.WriteBack{Key: s.Key}); err != nil {
					return err
				}
			}
			link.Decided, link.Mapping, link.DecidedUnder, link.Today = s.Hash, d.Mapping.Hash, "", s.Today
			if s.Meant != nil {
				link.Meant = s.Meant
			}
			if len(s.Baseline) > 0 {
				shown := plan.ShownFields(link)
				for field, text := range s.Baseline {
					document.Put(shown, field, text)
					if text == "" {
						delete(shown, field)
					}
				}
				var err error
				if link.Shown, err = json.Marshal(shown); err != nil {
					return err
				}
			}
			if s.Mismatch != "" {
				link.Mismatch = s.Mismatch
				if err := tx.PutWriteBack(store.WriteBack{Key: s.Key}); err != nil {
					return err
				}
			}
			if s.Corrected {
				link.Mismatch, link.AmountMismatch = "", ""
				if err := tx.PutWriteBack(store.WriteBack{Key: s.Key}); err != nil {
					return err
				}
			}
			if err := tx.PutLink(link); err != nil {
				return err
			}
			if s.Key.Entry == document.Contacts {
				if err := d.absorb(tx, link); err != nil {
					return err
				}
			}
		}
		if s.KeepQueued {
			r.Today = s.Today
			return tx.PutRecord(r)
		}
		return tx.Dequeue(s.Key)
	case s.Do == plan.Wait:
		if !s.Until.IsZero() {
			d.Log.Report.SettledAt(s.Until)
		}
	}
	if released || s.Admitted || r.Today != s.Today {
		r.Today = s.Today
		return tx.PutRecord(r)
	}
	return nil
}

// hold sets a record aside, and tells it once.
func (d Desk) hold(tx *store.Tx, r store.Record, s plan.Step) error {
	if plan.SameHold(r.Hold, s.Hold) && r.Hold.Inputs == s.Hold.Inputs && r.Today == s.Today && !s.Admitted {
		return nil
	}
	h := *s.Hold
	h.Since = d.XeroNow
	if r.Hold != nil && r.Hold.Cause == h.Cause {
		h.Since = r.Hold.Since
	}
	if r.Hold != nil && plan.ToldSingly(r.Hold) && plan.IsOtherwise(&h) {
		d.Log.In(tx).Released(s.Key, r.Hold) // it is not the accountant's any more, nor this deal's alone
	}
	r.Hold, r.Today = &h, s.Today
	if s.LetIn != "" && plan.OneOfAGroup(&h) {
		r.LetIn = s.LetIn
	}
	if s.Until.After(r.NotBefore) {
		r.NotBefore = s.Until
	}
	return errors.Join(d.tellHeld(tx, s.Key, &h), tx.PutRecord(r))
}

// tellHeld tells everybody who should know of a hold: the log, the journal, and the people in Salesforce.
func (d Desk) tellHeld(tx *store.Tx, key store.Key, h *store.Hold) error {
	if plan.ToldSingly(h) {
		d.Log.In(tx).Held(key, h)
	}
	if !plan.IsOtherwise(h) {
		d.Log.In(tx).HoldCounted(h)
	}
	return errors.Join(
		tx.Journal(store.Event{At: d.XeroNow, What: "hold.added", Key: key.String(), Text: plan.HoldText(h)}),
		tx.PutWriteBack(store.WriteBack{Key: key}))
}
