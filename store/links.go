package store

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"
)

const (
	bucketLinks  = "links"
	bucketByXero = "links.xero" // kind NUL Xero id NUL entry NUL Salesforce id
)

// Link is the durable cross-reference from a Salesforce record to its Xero document.
type Link struct {
	Key
	Generation     int             `json:",omitempty"`
	Kind           string          `json:",omitempty"` // Xero's kind: Invoices, Contacts
	XeroID         string          `json:",omitempty"`
	Number         string          `json:",omitempty"`        // number or name
	Status         string          `json:",omitempty"`        // as last seen
	Stamp          time.Time       `json:",omitzero"`         // SystemModstamp of the record when it last came back as matching
	Decided        string          `json:",omitempty"`        // hash of the record last decided
	Mapping        string          `json:",omitempty"`        // hash of the mapping under which it was last decided or seen to match
	DecidedUnder   string          `json:"Earlier,omitempty"` // … under which it was decided, when that was another one
	Today          string          `json:",omitempty"`
	Risen          bool            `json:",omitempty"`        // it was more than a draft once: should it be one again, a person has handed it back
	Origin         string          `json:",omitempty"`        // created, adopted, rebuilt, copied
	Mismatch       string          `json:"Finding,omitempty"` // what differs between meant and seen, for people
	AmountMismatch string          `json:"Cents,omitempty"`   // what Xero computed otherwise of the lines as last sent, for people
	Meant          json.RawMessage `json:",omitempty"`        // the document as last sent
	Seen           json.RawMessage `json:",omitempty"`        // the document as last seen in Xero
	Shown          json.RawMessage `json:",omitempty"`        // its fields as Xero showed them right after we last wrote
	SeenAt         time.Time       `json:",omitzero"`         // its UpdatedDateUTC
	Watched        time.Time       `json:",omitzero"`         // when a list of Xero last showed it
	Row            json.RawMessage `json:",omitempty"`        // the write-back fields as Salesforce last showed or took them
	Wrote          time.Time       `json:",omitzero"`         // when Salesforce took its row from us last, or was seen to have taken it
	Made           time.Time       `json:",omitzero"`
	Sent           time.Time       `json:",omitzero"`  // when the last attempt of the call that made it was stored
	Rivals         []string        `json:",omitempty"` // Xero ids of further documents of this record that another daemon made
	Edits          []time.Time     `json:",omitempty"` // our updates of the last day
}

// Link returns the link of a record.
func (tx *Tx) Link(k Key) (Link, bool) { return load[Link](tx, bucketLinks, k.bytes()) }

// LinkByXeroID returns the link to a Xero document, its id in any case; of
// several the first by key (see LinksByXeroID).
func (tx *Tx) LinkByXeroID(kind, id string) (Link, bool) {
	for _, l := range tx.LinksByXeroID(kind, id) {
		return l, true
	}
	return Link{}, false
}

// LinksByXeroID returns every link to a Xero document, by key. There can be
// several: contacts merged in Xero leave two Accounts with one contact.
func (tx *Tx) LinksByXeroID(kind, id string) []Link {
	var links []Link
	p := prefix(kind, strings.ToLower(id))
	for at := range tx.scan(bucketByXero, p, nil) {
		k := keyOf(at[len(p):])
		l, ok := tx.Link(k)
		if !ok {
			panic(damage{fmt.Errorf("the index of Xero ids names the link %s, which is not there", k)})
		}
		links = append(links, l)
	}
	return links
}

// PutLink stores a link in place of what was there.
func (tx *Tx) PutLink(l Link) error {
	if err := l.Key.check(); err != nil {
		return err
	}
	if l.XeroID != "" {
		if err := checkParts("the link "+l.Key.String()+" to "+l.Kind+" "+l.XeroID, l.Kind, l.XeroID); err != nil {
			return err
		}
	}
	if old, ok := tx.Link(l.Key); ok {
		if err := tx.unindex(old); err != nil {
			return err
		}
	}
	if l.XeroID != "" {
		if err := tx.put(bucketByXero, xeroIndex(l), nil); err != nil {
			return err
		}
	}
	return tx.save(bucketLinks, l.Key.bytes(), l)
}

// DeleteLink forgets a link.
func (tx *Tx) DeleteLink(k Key) error {
	old, ok := tx.Link(k)
	if !ok {
		return nil
	}
	if err := tx.unindex(old); err != nil {
		return err
	}
	return tx.remove(bucketLinks, k.bytes())
}

func (tx *Tx) unindex(l Link) error {
	if l.XeroID == "" {
		return nil
	}
	return tx.remove(bucketByXero, xeroIndex(l))
}

func xeroIndex(l Link) []byte { return join(l.Kind, strings.ToLower(l.XeroID), l.Entry, l.ID) }

// Links yields an entry's links in the order of Salesforce ids, beginning
// behind the id after. The loop may change or delete links as it goes.
func (tx *Tx) Links(entry, after string) iter.Seq[Link] {
	return func(yield func(Link) bool) {
		for k, v := range tx.scan(bucketLinks, prefix(entry), behind(entry, after)) {
			if !yield(decode[Link](bucketLinks, k, v)) {
				return
			}
		}
	}
}

// LinkedEntries counts the links of every entry that has any.
func (tx *Tx) LinkedEntries() map[string]int {
	entries := map[string]int{}
	for k := range tx.scan(bucketLinks, nil, nil) {
		entries[keyOf(k).Entry]++
	}
	return entries
}
