package sync

import (
	"context"
	"encoding/json"
	"errors"
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

// land stores what became of a call: one transaction takes the answer's elements, each for its own record, and the
// intent. A call without a whole answer stays unsettled.
func (c *Cycle) land(ctx context.Context, in Inputs, b batch, intent store.Intent, elements []xero.Element, failure error) error {
	if failure != nil {
		return c.landFailure(in, intent, failure)
	}
	var exists []plan.Step
	var strange []RefusedCustomer
	err := c.Store.Update(func(tx *store.Tx) (err error) {
		exists, strange, err = c.desk(in).Answered(tx, b.steps, intent, elements)
		return err
	})
	if err != nil {
		return err
	}
	if len(strange) > 0 {
		if err := c.lookUpCustomers(ctx, in, b, strange); err != nil {
			return err
		}
	}
	if len(exists) == 0 {
		return nil
	}
	c.report.WaitUntil(c.xeroNow().Add(soon)) // the next plan decides on what is found
	return c.lookUpExisting(ctx, in, exists)
}

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
			found, err := d.Refused(tx, steps, m, element)
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

// Refused holds a record for what Xero said about it. A refusal that means "it exists" is looked into first.
func (d Desk) Refused(tx *store.Tx, steps []plan.Step, m store.Member, element xero.Element) (exists []plan.Step, err error) {
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

// landFailure stores what is known about a call that failed as a whole.
func (c *Cycle) landFailure(in Inputs, intent store.Intent, failure error) error {
	var e *remote.Error
	if !errors.As(failure, &e) {
		e = &remote.Error{API: "Xero", Class: remote.Unknown, Sent: true, Err: failure}
	}
	answer := fmt.Sprint(e.Status)
	switch {
	case e.Class == remote.Unknown:
		answer = ""
	case !e.Sent && e.Status == 0:
		answer = notSent
	}
	c.Log.CallFailed(intent, e)
	if answer == "" {
		return failure
	}
	err := c.Store.Update(func(tx *store.Tx) error { return c.desk(in).Failed(tx, intent, answer, e) })
	if err != nil {
		return err
	}
	if refusedWhole(e) {
		return nil // its members are searched for the bad one; the others go on
	}
	return failure
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
	if refusedWhole(e) {
		if err := d.failedWhole(tx, stored, stored.Members, true, wholeHold(e)); err != nil {
			return err
		}
	}
	return tx.DeleteIntent(intent.ID)
}

// refusedWhole is true for a call that Xero refused for what is in it, whatever it calls that: one bad document may be all
// that is wrong with it.
func refusedWhole(e *remote.Error) bool {
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

// lookUpExisting reads what a uniqueness refusal speaks of, archived or not, so that the next plan decides on it.
func (c *Cycle) lookUpExisting(ctx context.Context, in Inputs, steps []plan.Step) error {
	for _, s := range steps {
		doc := document.Fields(s.Document)
		if s.Key.Entry != document.Contacts {
			number := document.Plain(document.Decode(doc["InvoiceNumber"]))
			if number == "" {
				continue
			}
			for page, err := range c.Xero.List(ctx, xero.Invoices, xero.Filter{Numbers: []string{number}}) {
				if err != nil {
					return err
				}
				if err := c.meetPage(in, page.Items, page.Asked, map[store.Key]bool{}); err != nil {
					return err
				}
			}
			continue
		}
		for _, name := range []string{"Name", "ContactNumber", "AccountNumber"} {
			value := document.Plain(document.Decode(doc[name]))
			if value == "" {
				continue
			}
			where := name + `=="` + strings.ReplaceAll(value, `"`, `""`) + `"`
			for page, err := range c.Xero.List(ctx, xero.Contacts, xero.Filter{Where: where, Archived: true}) {
				if remote.ClassOf(err) == remote.BadConfig {
					// A backslash, say. The account is held for what Xero said; the text stays out of the log.
					c.Log.Failed("look up the contact of "+s.Key.String(), errors.New("Xero does not understand a question for its "+name))
					break
				}
				if err != nil {
					return err
				}
				if err := c.Store.Update(func(tx *store.Tx) error {
					d := c.desk(in)
					for _, item := range page.Items {
						if err := d.ObserveContact(tx, item, page.Asked, false); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
