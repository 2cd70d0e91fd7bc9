package state

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/events"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// created stores a new link, and takes its record out of the todo unless the draft is still to be approved.
func (d Desk) created(tx *store.Tx, link store.Link, m store.Member) error {
	link.Row = d.knownRow(tx, link)
	if err := tx.PutLink(link); err != nil {
		return err
	}
	d.Log.In(tx).Created(link)
	if link.Mismatch != "" {
		if err := d.tellDiffers(tx, link); err != nil {
			return err
		}
	}
	if err := d.lookAtRate(tx, link); err != nil {
		return err
	}
	if err := tx.Journal(store.Event{At: link.Made, What: "created", Key: link.Key.String(), Text: link.Kind + " " + link.XeroID}); err != nil {
		return err
	}
	if err := tx.PutWriteBack(store.WriteBack{Key: link.Key}); err != nil {
		return err
	}
	return d.done(tx, m, document.KindOf(link.Kind).Promoted && d.wantsApproval())
}

// knownRow is what Salesforce last showed in a record's write-back fields, from the record itself while it is undecided.
func (d Desk) knownRow(tx *store.Tx, link store.Link) json.RawMessage {
	e := d.Mapping.Entry(link.Entry)
	if r, ok := tx.Record(link.Key); ok && link.Row == nil && e != nil && r.JSON != nil && r.Gone != "unseen" {
		return plan.RowFields(r.JSON, e.WriteBack)
	}
	return link.Row
}

// done takes a record out of the todo when the step was decided on what it still is; promote keeps it for one more.
func (d Desk) done(tx *store.Tx, m store.Member, promote bool) error {
	r, ok := tx.Record(m.Key)
	if !ok {
		return nil
	}
	if r.Hash == m.Hash && r.Gone == "" && !promote {
		return tx.Dequeue(m.Key)
	}
	r.Hold, r.Tries, r.Half, r.NotBefore = nil, 0, "", time.Time{}
	return tx.PutRecord(r)
}

// updated stores that Xero took an update.
func (d Desk) updated(tx *store.Tx, link store.Link, m store.Member, sent, seen json.RawMessage) error {
	was := link.Seen
	link.Meant = document.MeantAfter(link.Meant, sent, was)
	d.refreshEcho(&link, sent, seen)
	now := d.XeroNow
	edits := []time.Time{now}
	for _, at := range link.Edits {
		if now.Sub(at) < 24*time.Hour {
			edits = append(edits, at)
		}
	}
	link.Edits, link.Decided, link.DecidedUnder, link.Today = edits, m.Hash, "", m.Today
	before := link.Mismatch
	link.Mismatch = ""
	kind := document.KindOf(link.Kind)
	if kind.Summed {
		// What was amiss in a field that this update left alone still is. The lines Xero works out anew all the same.
		aboutLines, theirs := slices.ContainsFunc(document.SentFields(sent), plan.OfLines), plan.TheirFields(tx, link)
		if aboutLines || plan.Recomputed(was, seen) != "" {
			link.AmountMismatch = plan.AmountMismatch(link.Meant, seen, d.Reference)
		}
		link.Mismatch = plan.Mismatch(link, theirs...)
		if !aboutLines && slices.ContainsFunc(theirs, plan.OfLines) && link.Mismatch == "" {
			link.Mismatch = plan.Recomputed(was, seen) // of a person's lines, which it was not about
		}
		found := document.Compare(sent, seen)
		for _, field := range document.SentFields(sent) {
			if t := found.Differs(field); t != "" && link.Mismatch == "" {
				link.Mismatch = t
			}
		}
	}
	if link.Mismatch != "" && link.Mismatch != before {
		if err := d.tellDiffers(tx, link); err != nil {
			return err
		}
	}
	d.Log.In(tx).Updated(link)
	if err := d.keep(tx, link, "updated"); err != nil {
		return err
	}
	return d.done(tx, m, kind.Promoted && d.wantsApproval())
}

// refreshEcho takes over what Xero answered to our own write: whatever differs from it later, a person did.
func (d Desk) refreshEcho(link *store.Link, sent, seen json.RawMessage) {
	link.Shown, _ = json.Marshal(document.ShownAfter(plan.ShownFields(*link), document.Texts(link.Seen), document.Texts(seen), sent))
	link.Seen, link.SeenAt = seen, document.UpdatedAt(seen)
	if head, err := document.KindOf(link.Kind).Head(seen); err == nil {
		link.Number, link.Status = head.Number, head.Status
	}
}

func (d Desk) keep(tx *store.Tx, link store.Link, what string) error {
	if err := tx.PutLink(link); err != nil {
		return err
	}
	if err := tx.Journal(store.Event{At: d.XeroNow, What: what, Key: link.Key.String(), Text: link.Kind + " " + link.XeroID}); err != nil {
		return err
	}
	return tx.PutWriteBack(store.WriteBack{Key: link.Key})
}

// promoted stores that a draft of ours got the status the mapping asks for. It decides nothing about the record: one is
// promoted only while what was decided is what it is, and an edit of the mapping may have moved both since it was sent.
// Rule 5: what the approval answers is compared as the create's answer was. Xero works the lines out anew when it approves.
func (d Desk) promoted(tx *store.Tx, link store.Link, m store.Member, sent, seen json.RawMessage) error {
	before := link
	link.Meant = document.MeantAfter(link.Meant, sent, link.Seen)
	d.refreshEcho(&link, sent, seen)
	if !d.Off.Approval {
		link.AmountMismatch, link.Mismatch = plan.Approved(before, link, sent, d.Reference, plan.TheirFields(tx, link)...)
	}
	d.Log.In(tx).Promoted(link)
	if link.Mismatch != "" {
		if err := d.tellDiffers(tx, link); err != nil {
			return err
		}
	}
	if err := d.keep(tx, link, "promoted"); err != nil {
		return err
	}
	return d.done(tx, m, false)
}

// deleted stores that we deleted a draft of ours because its deal was un-won. Should the deal be won again, its next
// document is of the next generation: only so can it be told from the dead one.
func (d Desk) deleted(tx *store.Tx, link store.Link, m store.Member) error {
	d.Log.In(tx).Deleted(link)
	inv, err := xero.DecodeInvoice(link.Seen)
	if err != nil {
		return err
	}
	inv.Status = "DELETED"
	dead, err := json.Marshal(identityOf(inv))
	if err != nil {
		return err
	}
	// Also when no list has shown it yet: its row names it, and without the mirror that would be a stranger's.
	if err := tx.PutSeen(store.Seen{Kind: link.Kind, XeroID: link.XeroID, Names: []string{document.MarkWord(link.Key)}, JSON: dead, At: d.XeroNow}); err != nil {
		return err
	}
	link.Generation++
	link.XeroID, link.Number, link.Status, link.Decided, link.DecidedUnder, link.Mismatch, link.AmountMismatch = "", "", "", "", "", "", ""
	link.Sent, link.Rivals = time.Time{}, nil
	link.Meant, link.Seen, link.Shown, link.Watched, link.Today = nil, nil, nil, time.Time{}, "" // another document, another first day
	if err := d.keep(tx, link, "deleted"); err != nil {
		return err
	}
	r, ok := tx.Record(m.Key)
	if !ok {
		return nil
	}
	if r.Hold = nil; r.Gone != "" { // else it was won again meanwhile
		r.Cause = plan.CauseDrop
	}
	return tx.PutRecord(r) // until its row in Salesforce has been cleared
}

// ContactAdopted links the contact that was in Xero already. A field that had a value of its own is a person's.
func (d Desk) ContactAdopted(tx *store.Tx, m store.Member, wanted, seen json.RawMessage, restsOn string) error {
	contact, err := xero.DecodeContact(seen)
	if err != nil {
		return err
	}
	shown, mapped := document.Texts(seen), document.Texts(wanted)
	for field, text := range shown { // what the account has no value for today, too
		if mapped[field] != text {
			shown[field] = document.Foreign
		}
	}
	link := store.Link{Key: m.Key, Generation: 1, Kind: string(xero.Contacts), XeroID: strings.ToLower(contact.ContactID), Number: contact.Name, Status: contact.ContactStatus,
		Origin: "adopted", Decided: m.Hash, Mapping: d.Mapping.Hash, Today: m.Today, Meant: wanted, Seen: seen, SeenAt: contact.UpdatedDateUTC.Time, Made: d.XeroNow}
	if link.Shown, err = json.Marshal(shown); err != nil {
		return err
	}
	link.Row = d.knownRow(tx, link)
	d.Log.In(tx).ContactAdopted(link, restsOn)
	d.Log.In(tx).Counted(func(r *events.Report) { r.Adopted++ })
	if err := tx.PutLink(link); err != nil {
		return err
	}
	if err := tx.Journal(store.Event{At: link.Made, What: "contact.adopted", Key: link.Key.String(), Text: link.Kind + " " + link.XeroID + ": " + restsOn}); err != nil {
		return err
	}
	if err := errors.Join(d.absorb(tx, link), tx.PutWriteBack(store.WriteBack{Key: link.Key})); err != nil {
		return err
	}
	return d.done(tx, m, plan.ContactsToMerge(tx, link) != nil)
}

// absorb forgets the links of accounts that are not there any more to a contact that is now another account's.
func (d Desk) absorb(tx *store.Tx, link store.Link) error {
	for _, key := range plan.Absorbed(tx, link) {
		if err := errors.Join(tx.DeleteWriteBack(key), tx.Dequeue(key), tx.DeleteLink(key)); err != nil {
			return err
		}
	}
	return nil
}
