package store

import (
	"encoding/json"
	"fmt"
	"time"
)

const (
	bucketIntents  = "intents"
	bucketByMember = "intents.members" // entry NUL Salesforce id NUL intent id
)

// Intent is one call to Xero, stored before it is sent.
type Intent struct {
	ID       string
	Kind     string          // Xero's kind
	Do       string          // create, update, promote, delete
	Mapping  string          `json:",omitempty"` // hash of the mapping in force
	Members  []Member        // in the order of the bytes
	Call     json.RawMessage // kept byte for byte
	Attempts []Attempt       `json:",omitempty"`
	Partly   bool            `json:",omitempty"` // some of what the call was about is known to be done; Members are the others
}

// Member is one record that a call is about.
type Member struct {
	Key
	Generation int       `json:",omitempty"`
	Hash       string    `json:",omitempty"`
	Today      string    `json:",omitempty"`
	XeroID     string    `json:",omitempty"`
	Inputs     string    `json:",omitempty"` // hash of what Xero's verdict about its document depends on
	SeenAt     time.Time `json:",omitzero"`  // the document's UpdatedDateUTC when an edit of it was decided
	Known      []string  `json:",omitempty"` // Xero ids with this record's mark that the store knew at the attempt
}

// Attempt is one sending of a call. Without an answer it is unsettled until a watch says.
type Attempt struct {
	At     time.Time
	Answer string `json:",omitempty"`
}

// intentRow is an Intent as stored: a JSON encoder would drop the blanks in
// Call, and what is sent again must be what was sent.
type intentRow struct {
	Intent
	Call []byte
}

func (r intentRow) intent() Intent {
	i := r.Intent
	i.Call = r.Call
	return i
}

// Intents returns the calls that a record is a member of, by id.
func (tx *Tx) Intents(k Key) []Intent {
	var found []Intent
	p := prefix(k.Entry, k.ID)
	for at := range tx.scan(bucketByMember, p, nil) {
		id := string(at[len(p):])
		i, ok := tx.Intent(id)
		if !ok {
			panic(damage{fmt.Errorf("the index of members names the intent %s, which is not there", id)})
		}
		found = append(found, i)
	}
	return found
}

// AllIntents returns every stored call, by id.
func (tx *Tx) AllIntents() []Intent {
	var all []Intent
	for k, v := range tx.scan(bucketIntents, nil, nil) {
		all = append(all, decode[intentRow](bucketIntents, k, v).intent())
	}
	return all
}

// Intent returns a stored call.
func (tx *Tx) Intent(id string) (Intent, bool) {
	r, ok := load[intentRow](tx, bucketIntents, []byte(id))
	return r.intent(), ok
}

// PutIntent stores a call in place of what was there under its id.
func (tx *Tx) PutIntent(i Intent) error {
	if err := checkParts("the intent "+i.ID, i.ID); err != nil {
		return err
	}
	for _, m := range i.Members {
		if err := m.Key.check(); err != nil {
			return err
		}
	}
	if err := tx.DeleteIntent(i.ID); err != nil {
		return err
	}
	for _, m := range i.Members {
		if err := tx.put(bucketByMember, join(m.Entry, m.ID, i.ID), nil); err != nil {
			return err
		}
	}
	return tx.save(bucketIntents, []byte(i.ID), intentRow{Intent: i, Call: i.Call})
}

// DeleteIntent forgets a call whose outcome is known and recorded.
func (tx *Tx) DeleteIntent(id string) error {
	old, ok := tx.Intent(id)
	if !ok {
		return nil
	}
	for _, m := range old.Members {
		if err := tx.remove(bucketByMember, join(m.Entry, m.ID, id)); err != nil {
			return err
		}
	}
	return tx.remove(bucketIntents, []byte(id))
}
