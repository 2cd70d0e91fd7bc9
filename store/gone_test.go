package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sf2xero/store"
	"sf2xero/store/storetest"
)

// What became of an account is known from both of its ends, until it is there again.
func TestWhatBecameOfAccounts(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.Options{})
	update(t, db, func(tx *store.Tx) error {
		for id, into := range map[string]string{"001B": "001A", "001C": "001A", "001D": "", "001E": "001AA"} {
			if err := tx.PutGone(id, into); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, db, func(tx *store.Tx) {
		if d := cmp.Diff([]string{"001B", "001C"}, tx.MergedInto("001A")); d != "" {
			t.Error(d)
		}
		for id, want := range map[string]struct {
			into string
			gone bool
		}{"001B": {"001A", true}, "001D": {"", true}, "001A": {}, "001": {}} {
			if into, gone := tx.Gone(id); into != want.into || gone != want.gone {
				t.Errorf("%s became %q (%t)", id, into, gone)
			}
		}
	})
	update(t, db, func(tx *store.Tx) error {
		if err := tx.PutGone("001C", "001B"); err != nil { // it was taken out of the recycle bin, and merged anew
			return err
		}
		return tx.ForgetGone("001B")
	})
	view(t, db, func(tx *store.Tx) {
		if _, gone := tx.Gone("001B"); gone || len(tx.MergedInto("001A")) > 0 || len(tx.MergedInto("001B")) != 1 {
			t.Errorf("001A took in %q, 001B %q", tx.MergedInto("001A"), tx.MergedInto("001B"))
		}
	})
	if err := db.Update(func(tx *store.Tx) error { return tx.PutGone("", "001A") }); err == nil {
		t.Error("nobody was merged")
	}
}
