package sync_test

import (
	"testing"
	"time"

	"sf2xero/sync/document"
	"sf2xero/xero/xerotest"
)

// direct is a company whose accounts are customers by a condition of their own.
func direct() company {
	return company{New: true, Edits: []string{"  from: Account", "  from: Account\n  where: Type = 'Customer - Direct'"}}
}

// doubled has Xero have two contacts of one name, so that an account of that name is held.
func (w *world) doubled(name string) {
	w.Helper()
	for _, number := range []string{"D1", "D2"} {
		_, err := w.books.AddContact(xerotest.EditableContact{Name: name, AccountNumber: number})
		w.must(err)
	}
}

// noContact fails when an account is held or has a contact.
func (w *world) noContact(account string) {
	w.Helper()
	if h := w.heldAs(document.Contacts, account); h != nil {
		w.Errorf("the account is held: %s", h.Text)
	}
	for _, c := range w.books.Contacts() {
		if c.ContactNumber == account {
			w.Errorf("the account has the contact %s", c.Name)
		}
	}
}

// A held account stops matching the condition: it is held no more, and makes no contact when its name is free.
func TestAHeldAccountStopsMatching(t *testing.T) {
	for name, edit := range map[string]map[string]any{
		"first":           {"Type": "Prospect"},
		"with a new name": {"Type": "Prospect", "Name": "Somebody Else"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, direct(), func(w *world) {
				w.doubled("Double")
				account := w.account("Double", map[string]any{"Type": "Customer - Direct"})
				w.quiet()
				if w.heldAs(document.Contacts, account) == nil {
					w.Fatal("not held")
				}
				w.change("Account", account, edit)
				w.later(time.Hour)
				w.noContact(account)
				w.change("Account", account, map[string]any{"Name": "Somebody Else"})
				w.later(time.Hour)
				w.noContact(account)
				w.change("Account", account, map[string]any{"Type": "Customer - Direct"})
				w.later(time.Hour)
				w.contact(account)
			})
		})
	}
}

// An account that does not match the condition is held for a deal, and the deal is un-won: nobody waits for it any more.
func TestAnAccountHeldForADealThatIsUnwon(t *testing.T) {
	inWorld(t, direct(), func(w *world) {
		w.doubled("Double")
		account := w.account("Double", nil)
		deal := w.deal(account, "Un-won", nil, w.licence("1", "10.00"))
		w.win(deal)
		w.quiet()
		if w.heldAs(document.Contacts, account) == nil {
			w.Fatal("not held")
		}
		w.unwin(deal)
		w.later(time.Hour)
		w.noContact(account)
	})
}

// The condition is added while there are accounts that match: as with deals, the edit alone makes no contact. A change on
// the account does, and so does a deal.
func TestAccountsThatMatchSinceAnEdit(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		waiting := w.account("Waiting", map[string]any{"Type": "Customer - Direct"})
		touched := w.account("Touched", map[string]any{"Type": "Customer - Direct"})
		buying := w.account("Buying", map[string]any{"Type": "Customer - Direct"})
		w.quiet()
		w.later(2 * time.Hour)
		recent := w.account("Recent", map[string]any{"Type": "Customer - Direct"})
		time.Sleep(time.Minute)
		w.run()
		w.editMapping("  from: Account", "  from: Account\n  where: Type = 'Customer - Direct'")
		w.quiet()
		for _, account := range []string{waiting, touched, buying, recent} {
			if h := w.heldAs(document.Contacts, account); h == nil || h.Cause != "mapping.changed" || h.Owner != "admin" {
				w.Errorf("held for %+v", h)
			}
		}
		w.change("Account", touched, map[string]any{"BillingCity": "Hastings"})
		deal := w.deal(buying, "Bought", nil, w.licence("1", "10.00"))
		w.win(deal)
		w.later(time.Hour)
		w.contact(touched)
		w.contact(buying)
		w.invoice(deal)
		w.wantFree(deal)
		if w.heldAs(document.Contacts, waiting) == nil {
			w.Errorf("an account that nobody touched waits no more")
		}
		w.editMapping("\n  where: Type = 'Customer - Direct'", "")
		w.later(time.Hour)
		w.noContact(waiting)
	})
}

// An account that matches comes into sight without a stamp of its own: it becomes a contact.
func TestAnAccountThatComesIntoSight(t *testing.T) {
	inWorld(t, direct(), func(w *world) {
		account := w.account("Hidden", map[string]any{"Type": "Customer - Direct"})
		w.must(w.crm.HideRecord(account))
		w.quiet()
		w.later(2 * time.Hour)
		w.must(w.crm.ShowRecord(account))
		w.later(25 * time.Hour)
		w.contact(account)
	})
}
