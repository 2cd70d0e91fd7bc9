package state

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// noteOtherWriter remembers that a document with our mark is not ours. The watch completes; then the cycle stops.
func noteOtherWriter(tx *store.Tx, text string) error {
	return tx.SetValue(valueOtherWriter, text+": another sf2xero serves this organisation, or this store is an old copy")
}

// OtherWriter is why this store has stopped for another writer; "" when it has not.
func OtherWriter(tx *store.Tx) string { return tx.Value(valueOtherWriter) }

// mayAccuse is true when a document with our mark that this store did not make proves another writer. A store that may be
// older than what was sent has forgotten its own, and who does not hold the lease must expect the holder's.
func (d Desk) mayAccuse(tx *store.Tx) bool {
	return !Quarantined(tx) && !Blank(tx) && d.Accuses
}

// secondDocuments looks at further live documents with the mark of a record that has its invoice. Rule 8: a person copied it,
// and Xero copied the mark along; such a copy is never linked and never touched. But a daemon like this one made it when
// Xero says that this app made both, or when it appeared at the time at which we made ours: the app may be another then.
func (d Desk) secondDocuments(tx *store.Tx, link store.Link, live []xero.Invoice, mine []string) error {
	var rivals []string
	for _, inv := range live {
		id := strings.ToLower(inv.InvoiceID)
		told := valueSecond + id
		if strings.EqualFold(id, link.XeroID) || tx.Value(told) != "" {
			continue
		}
		if d.isRival(link, inv, mine) {
			rivals = append(rivals, id)
		} else if err := d.tellCopy(tx, link, inv); err != nil {
			return err
		}
		if err := tx.SetValue(told, "told"); err != nil {
			return err
		}
	}
	if len(rivals) == 0 {
		return nil
	}
	link.Rivals = append(slices.Clone(link.Rivals), rivals...)
	if err := tx.PutLink(link); err != nil {
		return err
	}
	hold := plan.Rivals(tx, link)
	if hold == nil {
		return nil
	}
	r, queued := tx.Record(link.Key)
	if !queued {
		r = store.Record{Key: link.Key, Hash: link.Decided, Cause: "changed", Stamp: link.SeenAt, Today: link.Today, JSON: link.Row}
	}
	// A store that may be older than what was sent still knows what it made: never another one beside that.
	accuses := !Blank(tx) && tx.Value(valueTakeover) == "" && d.Accuses
	if err := d.holdPair(tx, r, hold); err != nil || !accuses {
		return err
	}
	return noteOtherWriter(tx, hold.Text)
}

// valueSecond + a document's id: it was told that it bears a mark that another document has too.
const valueSecond = "copy/"

func (d Desk) isRival(link store.Link, inv xero.Invoice, mine []string) bool {
	if d.Off.OtherWriter {
		return false
	}
	mark, _ := document.MarkOf(inv.Url)
	if mark.Generation != link.Generation {
		return false
	}
	if slices.Contains(mine, strings.ToLower(inv.InvoiceID)) && slices.Contains(mine, strings.ToLower(link.XeroID)) {
		return true
	}
	return !link.Sent.IsZero() && inv.UpdatedDateUTC.Sub(link.Sent).Abs() <= d.Settle
}

func (d Desk) tellCopy(tx *store.Tx, link store.Link, inv xero.Invoice) error {
	text := fmt.Sprintf("%s bears the mark of %s too: a copy made in Xero, which is left alone", inv.InvoiceNumber, link.Number)
	d.Log.In(tx).Finding(link.Key, inv.InvoiceID, "invoice.copied", text)
	return tx.Journal(store.Event{At: d.XeroNow, What: "invoice.copied", Key: link.Key.String(), Text: text})
}

// holdPair sets a record aside in the transaction that finds two invoices for it: when the daemon stops there, nobody else
// would tell the accountant.
func (d Desk) holdPair(tx *store.Tx, r store.Record, hold *store.Hold) error {
	if plan.SameHold(r.Hold, hold) {
		return nil
	}
	hold.Since = d.XeroNow
	r.Hold, r.NotBefore = hold, time.Time{}
	if err := d.tellHeld(tx, r.Key, hold); err != nil {
		return err
	}
	return tx.PutRecord(r)
}

// twoUnlinked is about two or more live documents with one mark that this app made, none of which this store has linked:
// either none is its own, or one is the doing of an attempt whose answer was lost, and nobody can say which.
func (d Desk) twoUnlinked(tx *store.Tx, key store.Key, live []xero.Invoice) error {
	hold := plan.TwoLive(live)
	if r, queued := tx.Record(key); queued {
		if err := d.holdPair(tx, r, hold); err != nil {
			return err
		}
	}
	if d.Off.OtherWriter || !d.mayAccuse(tx) {
		return nil
	}
	return noteOtherWriter(tx, hold.Text)
}
