package sync_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/salesforce/salesforcetest"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
)

// Case: an account was to be forgotten, and a validation rule kept its row from being cleared: the contacts were read in each
// cycle for days, 120 calls an hour instead of 60. Nothing is to be made of it, so nothing is read for it.
func TestAnAccountThatIsForgottenCostsNoCalls(t *testing.T) {
	forget := func(t *testing.T, lock bool) (xero int) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, company{New: true, Edits: []string{"  Account:\n", "  Account:\n    Xero_Sync_Error__c: =Hold\n"}})
			w.must(w.crm.AddField("Account", salesforcetest.FieldSpec{Name: "Xero_Sync_Error__c", Type: "textarea", Length: 32768}))
			w.doubled("Napier Boat Hire")
			deal := w.won("Waits")
			w.quiet()
			if w.heldAs(document.Contacts, w.usual.account) == nil {
				t.Fatal("the account is not held: this proves nothing")
			}
			if lock {
				w.must(w.crm.LockRecord(w.usual.account))
			}
			w.unwin(deal)
			w.runFor(3*time.Hour, 5*time.Minute)
			w.view(func(tx *store.Tx) error {
				r, queued := tx.Record(store.Key{Entry: document.Contacts, ID: w.usual.account})
				if queued != lock || queued && r.Cause != plan.CauseDrop {
					t.Fatalf("queued %t, %s: this proves nothing", queued, r.Cause)
				}
				return nil
			})
			before, _ := w.calls()
			w.runFor(time.Hour, time.Minute)
			after, _ := w.calls()
			xero = after - before
		})
		return xero
	}
	if free, locked := forget(t, false), forget(t, true); locked != free {
		t.Errorf("%d calls to Xero in an idle hour, and %d where nothing waits", locked, free)
	}
}
