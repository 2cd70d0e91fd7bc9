package sync_test

import (
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

// addressed is a company whose mapping writes the postal address and the main telephone number, and keeps them up to date.
func addressed() company {
	return company{New: true, Edits: []string{"update: [EmailAddress, Phones] ", "update: [EmailAddress, Addresses, Phones] ", "    Addresses:\n", "    Phones:\n      DEFAULT: =Phone\n    Addresses:\n"}}
}

// The customer is in Xero with a street address and a mobile number. Adoption fills in the postal address and the main
// number, which are blank, and later changes of the account arrive there; the rest stays as the person entered it.
func TestAnAdoptedContactGetsItsPostalAddress(t *testing.T) {
	inWorld(t, addressed(), func(w *world) {
		street := xerotest.AddressView{Line1: "Shed 4", City: "Te Puke"}
		id, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boat Hire", Street: street, Mobile: "021 555 0199"})
		w.must(err)
		w.change("Account", w.usual.account, map[string]any{"BillingStreet": "12 Quay St", "Phone": "06 555 0100"})
		w.won("First")
		w.quiet()
		want := func(line1, phone string) {
			w.Helper()
			got, _ := w.books.Contact(id)
			if got.Postal.Line1 != line1 || got.Postal.City != "Napier" || got.Phone != phone || got.Street != street || got.Mobile != "021 555 0199" || got.ContactNumber != w.usual.account {
				w.Errorf("the contact is %+v, want the postal address %s and the number %s", got, line1, phone)
			}
		}
		want("12 Quay St", "06 555 0100")
		w.change("Account", w.usual.account, map[string]any{"BillingStreet": "99 New Rd"})
		w.later(2 * time.Hour)
		want("99 New Rd", "06 555 0100")
		w.change("Account", w.usual.account, map[string]any{"Phone": "06 555 0101"})
		w.later(2 * time.Hour)
		want("99 New Rd", "06 555 0101")
	})
}

// A postal address that a person has entered is not completed with half of another one, and stays theirs.
func TestAnAdoptedContactKeepsItsPostalAddress(t *testing.T) {
	inWorld(t, addressed(), func(w *world) {
		id, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boat Hire", Postal: xerotest.AddressView{Line1: "PO Box 5"}})
		w.must(err)
		w.change("Account", w.usual.account, map[string]any{"BillingStreet": "12 Quay St"})
		w.won("First")
		w.quiet()
		w.change("Account", w.usual.account, map[string]any{"BillingStreet": "99 New Rd", "Phone": "06 555 0100"})
		w.later(2 * time.Hour)
		got, _ := w.books.Contact(id)
		if (got.Postal != xerotest.AddressView{Line1: "PO Box 5"}) || got.Phone != "06 555 0100" {
			w.Errorf("the contact is %+v", got)
		}
	})
}

// The store is lost. What a person has entered in a slot that the account leaves empty, or that the mapping does not write,
// stays theirs when the account gets a value, or anything else of it changes.
func TestAPersonsSlotsOutliveTheStore(t *testing.T) {
	inWorld(t, addressed(), func(w *world) {
		w.change("Account", w.usual.account, map[string]any{"BillingCity": nil, "BillingCountry": "New Zealand", "Billing_Email__c": "pay@napier.example"})
		w.won("First")
		w.quiet()
		id := w.contact(w.usual.account).ContactID
		street := xerotest.AddressView{Line1: "Shed 4", City: "Te Puke"}
		w.must(w.books.EditContact(id, func(e *xerotest.EditableContact) { e.Street, e.Phone = street, "06 555 0199" }))
		w.later(2 * time.Hour)
		w.startsAnew()
		w.later(2 * time.Hour)
		w.change("Account", w.usual.account, map[string]any{"BillingCity": "Hastings", "Phone": "06 555 0100"})
		w.later(2 * time.Hour)
		if got := w.contact(w.usual.account); got.Street != street || got.Phone != "06 555 0199" || got.Postal.City != "Hastings" {
			w.Errorf("the contact is %+v", got)
		}
	})
}
