package state

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/events"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
)

// Answered stores what became of a call that was answered, each element for its own record. It returns the steps that Xero
// refuses because what they make exists, and the documents whose contact it says is archived: both are looked into.
func (d Desk) Answered(tx *store.Tx, steps []plan.Step, intent store.Intent, elements []xero.Element) (exists []plan.Step, archived []RefusedCustomer, err error) {
	if err := d.noteTook(tx, intent); err != nil {
		return nil, nil, err
	}
	matched, lost := matchElements(intent, elements)
	documents := documentsOf(intent)
	var unanswered []store.Member
	var created []string
	for i, m := range intent.Members {
		element, ok := matched[i]
		if !ok {
			unanswered = append(unanswered, m)
			continue
		}
		if len(element.Refusals) > 0 {
			if contact := customerOf(tx, intent, m, documents); contact != "" && archivedRefusal(element) {
				archived = append(archived, RefusedCustomer{m, element, contact})
				continue
			}
			found, err := d.refused(tx, steps, m, element)
			if err != nil {
				return nil, nil, err
			}
			exists = append(exists, found...)
			continue
		}
		for _, w := range element.Warnings {
			d.Log.In(tx).Finding(m.Key, element.ID, "xero.warning", w)
		}
		if err := d.landed(tx, steps, intent, m, documents, element); err != nil {
			return nil, nil, err
		}
		created = append(created, strings.ToLower(element.ID))
	}
	if err := d.noteProof(tx, intent, created, lost); err != nil {
		return nil, nil, err
	}
	if len(unanswered) == 0 {
		return exists, archived, tx.DeleteIntent(intent.ID)
	}
	intent.Partly = intent.Partly || len(matched) > 0
	intent.Members = unanswered // they stay unsettled: whether they were made, only a watch can tell
	return exists, archived, tx.PutIntent(intent)
}

// landed stores one element that Xero took.
func (d Desk) landed(tx *store.Tx, steps []plan.Step, intent store.Intent, m store.Member, documents map[string]json.RawMessage, element xero.Element) error {
	if intent.Do == string(plan.Create) {
		link, err := plan.NewLink(intent, m, documents[m.ID], element.JSON, d.Reference)
		if err != nil {
			return err
		}
		link.Made = d.XeroNow
		return d.created(tx, link, m)
	}
	_, seen, err := document.KindOf(intent.Kind).Normal(element.JSON)
	if err != nil {
		return err
	}
	if intent.Do == string(plan.Adopt) {
		s := stepOf(steps, m.Key)
		return d.ContactAdopted(tx, m, s.Meant, seen, s.RestsOn)
	}
	link, ok := tx.Link(m.Key)
	if !ok {
		return nil
	}
	switch intent.Do {
	case string(plan.Delete):
		return d.deleted(tx, link, m)
	case string(plan.Promote):
		return d.promoted(tx, link, m, documents[strings.ToLower(m.XeroID)], seen)
	}
	return d.updated(tx, link, m, documents[strings.ToLower(m.XeroID)], seen)
}

func stepOf(steps []plan.Step, key store.Key) plan.Step {
	for _, s := range steps {
		if s.Key == key {
			return s
		}
	}
	return plan.Step{}
}

// matchElements finds each member's element by mark or id, never by position alone: an answer whose elements cannot be
// told apart settles nothing. Only a refused element may lack its mark, and then its place must be undisputed.
func matchElements(intent store.Intent, elements []xero.Element) (matched map[int]xero.Element, lost bool) {
	matched = map[int]xero.Element{}
	var unmarked []int // places in the answer
	for place, element := range elements {
		fields := document.Fields(element.JSON)
		found := slices.IndexFunc(intent.Members, func(m store.Member) bool { return bears(intent, fields, element, m) })
		if _, taken := matched[found]; found < 0 || taken {
			unmarked = append(unmarked, place)
			continue
		}
		matched[found] = element
	}
	// Only now is it known whose elements are missing. One alone can only be the one that is left; of several each must
	// stand in its own place.
	for _, place := range unmarked {
		member := place
		if len(unmarked) == 1 {
			for member = range intent.Members {
				if _, taken := matched[member]; !taken {
					break
				}
			}
		}
		_, taken := matched[member]
		if refused := len(elements[place].Refusals) > 0; !refused || taken || len(elements) != len(intent.Members) {
			lost = lost || !refused
			continue
		}
		matched[member] = elements[place]
	}
	return matched, lost
}

func bears(intent store.Intent, fields map[string]json.RawMessage, element xero.Element, m store.Member) bool {
	kind := document.KindOf(intent.Kind)
	if m.XeroID != "" {
		return strings.EqualFold(element.ID, m.XeroID) || strings.EqualFold(kind.ID(fields), m.XeroID)
	}
	return kind.Bears(fields, m.Key, m.Generation)
}

// noteProof remembers which documents the next watch must show before more are created, and stops creating when the echo
// itself has lost a mark.
func (d Desk) noteProof(tx *store.Tx, intent store.Intent, created []string, lost bool) error {
	if intent.Do != string(plan.Create) {
		return nil
	}
	name := valueProof + intent.Kind
	switch {
	case lost:
		d.Log.In(tx).MarkLost(intent.Kind, "")
		return tx.SetValue(name, "failed:Xero's answer to a create lacks the mark that was sent (the invoice's link, the contact's number); nothing more is created")
	case tx.Value(name) != "pending:"+unanswered:
		return nil
	case len(created) == 0:
		return tx.SetValue(name, "")
	}
	return tx.SetValue(name, "pending:"+strings.Join(created, ","))
}

// refused holds a record for what Xero said about it. A refusal that means "it exists" is looked into first.
func (d Desk) refused(tx *store.Tx, steps []plan.Step, m store.Member, element xero.Element) (exists []plan.Step, err error) {
	r, ok := tx.Record(m.Key)
	if !ok || r.Hash != m.Hash {
		return nil, nil // the record changed meanwhile; it is planned anew
	}
	s := stepOf(steps, m.Key)
	for _, refusal := range element.Refusals {
		if refusal.Stale {
			d.Doubts.Add(refusal.Part)
		}
		if refusal.Exists && !d.Off.LookUp {
			exists = []plan.Step{s}
		}
	}
	s.Hold, s.Today = plan.RefusalHold(element.Refusals, s.Inputs), m.Today
	r.Tries++
	r.NotBefore = d.XeroNow.Add(plan.RetryAfter(s.Hold, r.Tries))
	s.Record = &r
	d.Log.In(tx).Counted(func(r *events.Report) { r.Refused++ })
	return exists, d.hold(tx, r, s)
}

// AnswerOf is what is noted of a call that failed as a whole; "" when nobody knows whether Xero has it.
func AnswerOf(e *remote.Error) string {
	switch {
	case e.Class == remote.Unknown:
		return ""
	case !e.Sent && e.Status == 0:
		return notSent
	}
	return fmt.Sprint(e.Status)
}

// Failed stores the answer of a call that failed as a whole.
func (d Desk) Failed(tx *store.Tx, intent store.Intent, answer string, e *remote.Error) error {
	if intent.Do == string(plan.Create) {
		if err := settleProof(tx, xero.Kind(intent.Kind), false); err != nil {
			return err
		}
	}
	// An earlier transmission of this very call may still be unsettled; then so is the intent.
	stored, over, err := noteAnswer(tx, intent.ID, answer)
	if err != nil || !over {
		return err
	}
	if RefusedWhole(e) {
		if err := d.failedWhole(tx, stored, stored.Members, true, wholeHold(e)); err != nil {
			return err
		}
	}
	if intent.Do == string(plan.Create) && answer != notSent {
		if err := d.noteTried(tx, stored.Members); err != nil {
			return err
		}
	}
	return tx.DeleteIntent(intent.ID)
}

// noteTried notes when the records of a call that created nothing were sent. Should the document of one show all the same,
// whoever stands between us and Xero has sent the call twice: it was made by the first and refused by the second.
func (d Desk) noteTried(tx *store.Tx, members []store.Member) error {
	for _, m := range members {
		if r, ok := tx.Record(m.Key); ok {
			r.Tried = d.XeroNow
			if err := tx.PutRecord(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// tried is true for a document that may be the doing of a call of ours, whatever was answered to that.
func (d Desk) tried(tx *store.Tx, key store.Key, inv xero.Invoice) bool {
	r, queued := tx.Record(key)
	return queued && !r.Tried.IsZero() && inv.UpdatedDateUTC.Sub(r.Tried).Abs() <= d.span()
}

// RefusedWhole is true for a call that Xero refused for what is in it, whatever it calls that: one bad document may be all
// that is wrong with it.
func RefusedWhole(e *remote.Error) bool {
	return e.Class == remote.BadRecord || e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound
}

// TooLarge stores that a call did not leave because it is longer than Xero takes, which is one document's fault.
func (d Desk) TooLarge(tx *store.Tx, intent store.Intent, e *remote.Error) error {
	return d.failedWhole(tx, intent, intent.Members, true, wholeHold(e))
}

// causeTooLong holds a document that whoever stands between us and Xero finds too long.
const causeTooLong = "xero.too_long"

// wholeHold is the hold of the one document for which a whole call was refused.
func wholeHold(e *remote.Error) *store.Hold {
	switch {
	case e.Status != http.StatusRequestEntityTooLarge:
	case e.Sent:
		return plan.Held(causeTooLong, plan.Admin, "Xero, or a proxy on the way to it, takes no call of its length", "raise the proxy's limit, or shorten the record's texts; it is tried again every hour")
	default:
		return plan.Held("record.too_large", plan.Sales, "its document is too large for Xero: "+e.Message, "shorten its texts, or divide it in two")
	}
	return plan.RefusalHold([]xero.Refusal{xero.Classify(e.Message)}, "")
}

// RefusedCustomer is a document that Xero refused because its contact is archived.
type RefusedCustomer struct {
	Member  store.Member
	Element xero.Element
	Contact string
}

// archivedRefusal is true when Xero says so.
func archivedRefusal(element xero.Element) bool {
	for _, refusal := range element.Refusals {
		if refusal.Cause == "contact.archived" {
			return true
		}
	}
	return false
}

// customerOf is the contact of a document that was sent; "" for one that was still to be made.
func customerOf(tx *store.Tx, intent store.Intent, m store.Member, documents map[string]json.RawMessage) string {
	if intent.Kind == string(xero.Contacts) {
		return m.XeroID
	}
	sent := documents[m.ID]
	if m.XeroID != "" {
		sent = documents[strings.ToLower(m.XeroID)]
	}
	if contact := document.Texts(sent)["Contact"]; contact != "" {
		return contact
	}
	link, _ := tx.Link(m.Key)
	return document.Texts(link.Seen)["Contact"]
}

// RefusedStill stores what Xero says of documents whose contacts were looked up since. One of which the contact was merged into
// another is no refusal: the next plan decides on that.
func (d Desk) RefusedStill(tx *store.Tx, steps []plan.Step, refused []RefusedCustomer) error {
	for _, r := range refused {
		if plan.MergedIntoActive(tx, r.Contact) {
			d.Log.Report.WaitUntil(d.XeroNow.Add(Soon))
			continue
		}
		s := stepOf(steps, r.Member.Key)
		s.Inputs = plan.Inputs(s, d.Facts(tx)) // with the contact as it is now: when it is restored, that is another question
		if _, err := d.refused(tx, []plan.Step{s}, r.Member, r.Element); err != nil {
			return err
		}
	}
	return nil
}
