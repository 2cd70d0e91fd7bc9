package store

import (
	"cmp"
	"fmt"
	"strings"
)

// Key names one record under one entry of the mapping.
type Key struct{ Entry, ID string }

// String writes the key as people see it: invoices/006….
func (k Key) String() string { return k.Entry + "/" + k.ID }

// Compare orders keys by their entry, then by their id.
func (k Key) Compare(o Key) int {
	return cmp.Or(strings.Compare(k.Entry, o.Entry), strings.Compare(k.ID, o.ID))
}

// bytes is the key as stored: the entry, NUL, the Salesforce id. NUL sorts
// before every character, so an entry's records stand together.
func (k Key) bytes() []byte { return join(k.Entry, k.ID) }

func (k Key) check() error { return checkParts("the key "+k.String(), k.Entry, k.ID) }

func keyOf(b []byte) Key {
	entry, id, _ := strings.Cut(string(b), "\x00")
	return Key{entry, id}
}

func join(parts ...string) []byte { return []byte(strings.Join(parts, "\x00")) }

func prefix(parts ...string) []byte { return append(join(parts...), 0) }

// checkParts refuses what would make two different keys look alike.
func checkParts(what string, parts ...string) error {
	for _, p := range parts {
		if p == "" || strings.Contains(p, "\x00") {
			return fmt.Errorf("the store cannot file %q: a part of it is empty or contains a NUL", what)
		}
	}
	return nil
}
