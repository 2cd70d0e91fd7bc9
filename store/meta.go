package store

import (
	"fmt"
	"time"
)

const (
	bucketMeta    = "meta"
	bucketValues  = "values"
	bucketCursors = "cursors"
)

// Pin returns the Salesforce organisation and the Xero tenant the store belongs to; "" while not pinned.
func (tx *Tx) Pin() (org, tenant string) {
	return string(tx.get(bucketMeta, []byte("org"))), string(tx.get(bucketMeta, []byte("tenant")))
}

// SetPin binds the store to one organisation and one tenant, for good. "" leaves that side as it is.
func (tx *Tx) SetPin(org, tenant string) error {
	haveOrg, haveTenant := tx.Pin()
	for _, pin := range []struct{ name, key, have, want string }{
		{"Salesforce organisation", "org", haveOrg, org},
		{"Xero organisation", "tenant", haveTenant, tenant},
	} {
		switch {
		case pin.want == "" || pin.want == pin.have:
		case pin.have != "":
			return &Problem{
				Path:   tx.db.path,
				What:   fmt.Sprintf("belongs to the %s %s, not to %s", pin.name, pin.have, pin.want),
				Remedy: "Sign in to the organisation it belongs to, or set `store` to another file for this one.",
			}
		default:
			if err := tx.put(bucketMeta, []byte(pin.key), []byte(pin.want)); err != nil {
				return err
			}
		}
	}
	return nil
}

// StoreID returns the id the store was given when it was made.
func (tx *Tx) StoreID() string { return string(tx.get(bucketMeta, []byte("id"))) }

// NextSequence returns a number this store has not returned before.
func (tx *Tx) NextSequence() (uint64, error) {
	defer sound(bucketMeta)
	return tx.bucket(bucketMeta).NextSequence()
}

// Value returns a small fact by its name; "" if there is none.
func (tx *Tx) Value(name string) string { return string(tx.get(bucketValues, []byte(name))) }

// SetValue keeps a small fact under a name; "" removes it.
func (tx *Tx) SetValue(name, value string) error {
	if err := checkParts("the value "+name, name); err != nil {
		return err
	}
	if value == "" {
		return tx.remove(bucketValues, []byte(name))
	}
	return tx.put(bucketValues, []byte(name), []byte(value))
}

// Cursor returns how far a reading has come; false if it never began.
func (tx *Tx) Cursor(name string) (time.Time, bool) {
	b := tx.get(bucketCursors, []byte(name))
	if b == nil {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		panic(damage{fmt.Errorf("the cursor %q cannot be read: %w", name, err)})
	}
	return t, true
}

// SetCursor moves a cursor. Whatever was read up to t belongs in the same transaction.
func (tx *Tx) SetCursor(name string, t time.Time) error {
	if err := checkParts("the cursor "+name, name); err != nil {
		return err
	}
	return tx.put(bucketCursors, []byte(name), []byte(t.UTC().Format(time.RFC3339Nano)))
}
