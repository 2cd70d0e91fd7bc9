package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const (
	bucketMirror = "mirror"       // kind NUL Xero id
	bucketByName = "mirror.names" // kind NUL name NUL Xero id
)

// Seen is the identity of one document in Xero as the watch saw it, ours or not.
type Seen struct {
	Kind, XeroID string
	Names        []string        `json:",omitempty"` // index words the caller chose: "name:acme", "mark:006…/default"
	JSON         json.RawMessage `json:",omitempty"`
	At           time.Time       `json:",omitzero"`
}

// PutSeen stores what was seen in place of what was there, index words included.
func (tx *Tx) PutSeen(s Seen) error {
	what := s.Kind + " " + s.XeroID
	if err := checkParts(what, s.Kind, s.XeroID); err != nil {
		return err
	}
	if err := checkParts("an index word of "+what, s.Names...); err != nil {
		return err
	}
	id := strings.ToLower(s.XeroID)
	if old, ok := tx.SeenByID(s.Kind, id); ok {
		for _, name := range old.Names {
			if err := tx.remove(bucketByName, join(s.Kind, name, id)); err != nil {
				return err
			}
		}
	}
	for _, name := range s.Names {
		if err := tx.put(bucketByName, join(s.Kind, name, id), nil); err != nil {
			return err
		}
	}
	return tx.save(bucketMirror, join(s.Kind, id), s)
}

// SeenByID returns what was last seen of a document, its id in any case.
func (tx *Tx) SeenByID(kind, id string) (Seen, bool) {
	return load[Seen](tx, bucketMirror, join(kind, strings.ToLower(id)))
}

// Mirror returns the documents of a kind that bear an index word, sorted by id.
func (tx *Tx) Mirror(kind, name string) []Seen {
	var found []Seen
	p := prefix(kind, name)
	for at := range tx.scan(bucketByName, p, nil) {
		id := string(at[len(p):])
		s, ok := tx.SeenByID(kind, id)
		if !ok {
			panic(damage{fmt.Errorf("the index of names lists %s %s, which is not there", kind, id)})
		}
		found = append(found, s)
	}
	return found
}
