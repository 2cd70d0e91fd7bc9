package sync_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// duplicates are two accounts of one customer, with an invoiced deal for the first and one that is still open for each.
type duplicates struct {
	first, second   string // accounts
	paid, draft     string // deals of the first that were invoiced
	open, openFirst string // deals, of the second and of the first account, that are not won yet
}

func (w *world) duplicated() duplicates {
	w.Helper()
	d := duplicates{first: w.account("Kowhai Orchards Ltd", map[string]any{"AccountNumber": "K-1"}), second: w.account("Kowhai (duplicate)", nil)}
	d.paid, d.draft = w.deal(d.first, "Paid", nil, w.licence("1", "100.00")), w.deal(d.first, "Draft", nil, w.licence("1", "50.00"))
	d.open, d.openFirst = w.deal(d.second, "Open", nil, w.licence("1", "20.00")), w.deal(d.first, "Open too", nil, w.licence("1", "30.00"))
	w.win(d.paid)
	w.win(d.draft)
	w.quiet()
	inv := w.invoice(d.paid)
	w.must(w.books.Approve(inv.InvoiceID))
	_, err := w.books.Pay(inv.InvoiceID, inv.AmountDue)
	w.must(err)
	w.later(time.Hour)
	return d
}

// noHold fails when any deal or account is held, or was since.
func (w *world) noHold() {
	w.Helper()
	for _, l := range w.logged("hold.added") {
		w.Errorf("%v is held for %v: %v", l["salesforce_id"], l["cause"], l["text"])
	}
}

// The account that is kept is not the one that has the contact: it takes it over, open deals go on, nobody is asked anything.
func TestTheAccountThatIsKeptHasNoContact(t *testing.T) {
	for name, then := range map[string]func(w *world){
		"":                      func(*world) {},
		"and the store is lost": func(w *world) { w.startsAnew(); w.runFor(time.Hour, 5*time.Minute) },
	} {
		t.Run("merged "+name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				d := w.duplicated()
				contact, contacts := w.contact(d.first).ContactID, len(w.books.Contacts())
				w.must(w.crm.Merge("Account", d.second, d.first))
				w.later(10 * time.Minute)
				if c := w.contact(d.second); c.ContactID != contact || c.Name != "Kowhai Orchards Ltd" {
					w.Errorf("the account that is left has the contact %q", c.Name)
				}
				if told := w.logged("contact.adopted"); len(told) != 1 || !strings.Contains(told[0]["rests_on"].(string), d.first) {
					w.Errorf("the log tells %v", told)
				}
				then(w)
				w.win(d.open)
				w.win(d.openFirst)
				w.later(26 * time.Hour) // and the nightly sweep, which sees that old deals hang on another account now
				for _, deal := range []string{d.open, d.openFirst} {
					if inv := w.invoice(deal); inv.ContactID != contact {
						w.Errorf("it was invoiced to %s", inv.ContactName)
					}
				}
				if n := len(w.books.Contacts()); n != contacts {
					w.Errorf("there are %d contacts, where there were %d", n, contacts)
				}
				w.noHold()
				w.inStep()
				if got := w.contactOf(d.second); got != contact {
					w.Errorf("Salesforce shows the contact %q", got)
				}
			})
		})
	}
}

// contactOf is the Xero id that an account's row shows.
func (w *world) contactOf(account string) string {
	w.Helper()
	row, _ := w.crm.Get("Account", account)
	return shown(row["Xero_Contact_Id__c"])
}

// Both accounts had a contact. One hold asks for the merge in Xero, and the deals go on meanwhile; old invoices are no news.
func TestBothAccountsHaveAContact(t *testing.T) {
	for name, keep := range map[string]bool{"the accountant keeps the contact of the account that is left": true, "the accountant keeps the other contact": false} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				d := w.duplicated()
				w.win(d.open)
				w.later(time.Hour)
				approved := w.invoice(d.draft)
				w.must(w.books.Approve(approved.InvoiceID))
				w.later(time.Hour)
				kept, away := w.contact(d.second).ContactID, w.contact(d.first).ContactID
				w.must(w.crm.Merge("Account", d.second, d.first))
				w.later(10 * time.Minute)
				next := w.deal(d.second, "Next", nil, w.licence("1", "40.00"))
				w.win(next)
				w.later(26 * time.Hour)
				held := w.logged("hold.added")
				if len(held) != 1 || held[0]["salesforce_id"] != d.second || held[0]["cause"] != "contact.merge" {
					w.Fatalf("held are %v", held)
				}
				if h := w.heldAs(document.Contacts, d.second); h == nil || !strings.Contains(h.Text, "Kowhai Orchards Ltd") || !strings.Contains(h.Text, "Kowhai (duplicate)") || !strings.Contains(h.Remedy, "in Xero") {
					w.Errorf("held for %+v", h)
				}
				if inv := w.invoice(next); inv.ContactID != kept {
					w.Errorf("the next deal was invoiced to %s", inv.ContactName)
				}
				if inv, _ := w.books.Invoice(approved.InvoiceID); inv.ContactID != away {
					w.Errorf("an approved invoice was moved to %s", inv.ContactName)
				}
				if !keep {
					kept, away = away, kept
				}
				w.must(w.books.MergeContacts(kept, away))
				w.later(time.Hour)
				if h := w.heldAs(document.Contacts, d.second); h != nil {
					w.Errorf("it is still held: %s", h.Text)
				}
				last := w.deal(d.second, "Last", nil, w.licence("1", "40.00"))
				w.win(last)
				w.later(26 * time.Hour)
				if inv := w.invoice(last); inv.ContactID != kept {
					w.Errorf("the last deal was invoiced to %s", inv.ContactName)
				}
				if n := len(w.logged("hold.added")); n != 1 {
					w.Errorf("there were %d holds", n)
				}
				w.inStep()
			})
		})
	}
}

// People merge by hand: they move the deals, delete the duplicate and give its name and number to the one that is kept.
func TestAnAccountIsDeletedAndItsNameTakenOver(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		d := w.duplicated()
		contact := w.contact(d.first).ContactID
		for _, deal := range []string{d.paid, d.draft, d.openFirst} {
			w.change("Opportunity", deal, map[string]any{"AccountId": d.second})
		}
		w.must(w.crm.Delete("Account", d.first))
		w.change("Account", d.second, map[string]any{"Name": "Kowhai Orchards Ltd", "AccountNumber": "K-1"})
		w.win(d.open)
		w.later(time.Hour)
		if inv := w.invoice(d.open); inv.ContactID != contact {
			w.Errorf("it was invoiced to %s", inv.ContactName)
		}
		if c := w.contact(d.second); c.ContactID != contact {
			w.Errorf("its contact is %s", c.Name)
		}
		w.later(26 * time.Hour)
		w.inStep()
		// It is taken out of the recycle bin: the contact is another account's by then.
		w.must(w.crm.Undelete("Account", d.first))
		again := w.deal(d.first, "Again", nil, w.licence("1", "5.00"))
		w.win(again)
		w.later(time.Hour)
		w.wantHeld(again, "contact.held", "sales", "account "+d.second)
		w.change("Account", d.first, map[string]any{"Name": "Kowhai Nursery", "AccountNumber": "K-2"})
		w.later(time.Hour)
		if inv := w.invoice(again); inv.ContactName != "Kowhai Nursery" {
			w.Errorf("it was invoiced to %s", inv.ContactName)
		}
	})
}

// An account was held because another one had its contact, and that one is merged into it, as the hold asks.
func TestTheRivalOfAnAccountIsMergedIntoIt(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		d := w.duplicated()
		w.change("Account", d.second, map[string]any{"Name": "Kowhai Orchards Ltd"})
		w.win(d.open)
		w.later(time.Hour)
		w.wantHeld(d.open, "contact.held", "sales", "account "+d.first)
		w.must(w.crm.Merge("Account", d.second, d.first))
		w.later(15 * time.Minute)
		w.wantFree(d.open)
		if inv := w.invoice(d.open); inv.ContactName != "Kowhai Orchards Ltd" {
			w.Errorf("it was invoiced to %s", inv.ContactName)
		}
		w.inStep()
	})
}

// The daemon was down while accounts were merged, and came back without its store.
func TestAccountsAreMergedWhileNobodyLooks(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		d := w.duplicated()
		contact := w.contact(d.first).ContactID
		w.shutDown()
		w.must(w.crm.Merge("Account", d.second, d.first))
		w.win(d.open)
		time.Sleep(3 * time.Hour)
		w.loseStore()
		w.New = false
		w.start()
		w.runFor(2*time.Hour, 5*time.Minute)
		if inv := w.invoice(d.open); inv.ContactID != contact {
			w.Errorf("it was invoiced to %s", inv.ContactName)
		}
		if c := w.contact(d.second); c.ContactID != contact {
			w.Errorf("its contact is %s", c.Name)
		}
		w.wantFree(d.open)
		w.inStep()
	})
}

// The account that is left of a merge is merged away in its turn. Whoever is left at the end has the contact, though nobody knew
// the one between, and whether both merges are seen in one pull or the first hours later by the sweep.
func TestTheAccountThatIsKeptIsMergedAway(t *testing.T) {
	for name, hidden := range map[string]bool{"between two pulls": false, "and the first merge is out of sight meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				d := w.duplicated()
				last := w.account("Kowhai (of the other office)", nil)
				contact, contacts := w.contact(d.first).ContactID, len(w.books.Contacts())
				w.later(time.Hour)
				w.must(w.crm.Merge("Account", d.second, d.first))
				w.must(w.crm.Merge("Account", last, d.second))
				if hidden {
					w.must(w.crm.HideRecord(d.first))
					w.runFor(2*time.Hour, 5*time.Minute)
					w.must(w.crm.ShowRecord(d.first))
					w.later(26 * time.Hour)
				}
				w.win(d.open)
				w.later(11 * time.Minute) // one pull sees the deal, left alone for long enough, and all else that is new
				if inv := w.invoice(d.open); inv.ContactID != contact {
					w.Errorf("it was invoiced to %s", inv.ContactName)
				}
				if n := len(w.books.Contacts()); n != contacts {
					w.Errorf("there are %d contacts, where there were %d", n, contacts)
				}
				w.noHold()
			})
		})
	}
}

// A customer's contact is merged into another one in Xero. The next deal goes there at once, and nobody is asked to restore
// what was merged.
func TestADealIsWonRightAfterItsContactWasMerged(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		left, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boats (all)"})
		w.must(err)
		w.later(2 * time.Hour)
		w.must(w.books.MergeContacts(left, w.contact(w.usual.account).ContactID))
		second := w.won("Second")
		time.Sleep(11 * time.Minute)
		w.quiet()
		if got := w.invoice(second); got.ContactID != left {
			w.Errorf("invoiced to %s", got.ContactName)
		}
		w.noHold()
		w.inStep()
	})
}

// The same, into a contact that was made since the contacts were last read, and that is archived itself soon after.
func TestAContactIsMergedIntoANewOne(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"Status: DRAFT ", "Status: AUTHORISED "}}, func(w *world) {
		w.won("First")
		w.quiet()
		left, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boats (all)"})
		w.must(err)
		w.must(w.books.MergeContacts(left, w.contact(w.usual.account).ContactID))
		second := w.won("Second")
		time.Sleep(11 * time.Minute)
		w.quiet()
		if got := w.invoice(second); got.ContactID != left || got.Status != "AUTHORISED" {
			w.Errorf("%s is invoiced to %s", got.Status, got.ContactName)
		}
		w.noHold()
		w.must(w.books.ArchiveContact(left))
		third := w.won("Third")
		w.later(time.Hour)
		w.wantHeld(third, "contact.archived", "accountant", "Napier Boats (all)")
		w.must(w.books.RestoreContact(left))
		w.later(time.Hour)
		w.wantFree(third)
		w.inStep()
	})
}

// The contact of a draft that is to be approved is archived: Xero would refuse it, so it waits for the contact.
func TestADraftIsToBeApprovedAndItsContactIsArchived(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"Status: DRAFT ", "Status: AUTHORISED "}}, func(w *world) {
		w.won("First")
		w.quiet()
		deal := w.won("Second")
		time.Sleep(11 * time.Minute)
		w.afterCalled("PUT", "/Invoices", func() { w.must(w.books.ArchiveContact(w.contact(w.usual.account).ContactID)) })
		w.quiet()
		if h := w.held(deal); h == nil || !strings.HasSuffix(h.Cause, "contact.archived") {
			w.Fatalf("held for %+v", h)
		}
		w.must(w.books.RestoreContact(w.contact(w.usual.account).ContactID))
		w.later(time.Hour)
		w.wantFree(deal)
		if got := w.invoice(deal); got.Status != "AUTHORISED" {
			w.Errorf("it is %s", got.Status)
		}
	})
}

// A deal is given another account when its invoice is paid: no news, and no contact for the new account.
func TestThePaidInvoiceOfADealThatIsGivenAnotherAccount(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		d := w.duplicated()
		before := len(w.books.Contacts())
		w.change("Opportunity", d.paid, map[string]any{"AccountId": d.second})
		w.later(time.Hour)
		w.noHold()
		if n := len(w.books.Contacts()); n != before {
			w.Errorf("a contact was made for an invoice that is paid")
		}
		// An approved one is held, and nobody is made a customer for it either.
		w.must(w.books.Approve(w.invoice(d.draft).InvoiceID))
		w.later(time.Hour)
		w.change("Opportunity", d.draft, map[string]any{"AccountId": d.second})
		w.later(2 * time.Hour)
		w.wantHeld(d.draft, "edited.after_approval", "accountant", "another contact")
		if n := len(w.books.Contacts()); n != before {
			w.Errorf("a contact was made for an invoice that cannot be changed")
		}
		w.view(func(tx *store.Tx) error {
			if r, queued := tx.Record(store.Key{Entry: document.Contacts, ID: d.second}); queued {
				w.Errorf("the account waits for ever: %+v", r)
			}
			return nil
		})
	})
}

// The contact of the account that is kept is archived, that of the other one in use: the account goes over to that one, and
// its deals with it, though there is nothing to be written into the contact.
func TestTheContactOfTheAccountThatIsKeptIsArchived(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		d := w.duplicated()
		w.win(d.open)
		w.later(time.Hour)
		archived, used := w.contact(d.second).ContactID, w.contact(d.first).ContactID
		w.must(w.books.ArchiveContact(archived))
		w.later(time.Hour)
		w.must(w.crm.Merge("Account", d.second, d.first))
		next := w.deal(d.second, "Next", nil, w.licence("1", "40.00"))
		w.win(next)
		w.later(time.Hour)
		w.wantFree(next)
		if got := w.invoice(next); got.ContactID != used {
			w.Errorf("it was invoiced to %s", got.ContactName)
		}
		w.later(26 * time.Hour)
		w.inStep()
	})
}

// An approved invoice was made out to another customer in Xero, and its deal given that customer's account, of which Salesforce
// is asked in vain: it is asked again in the next cycle, and the deal is in step.
func TestTheQuestionForAnAccountFails(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Moved")
		w.quiet()
		id := w.invoice(deal).InvoiceID
		w.must(w.books.Approve(id))
		w.later(time.Hour)
		other, err := w.books.AddContact(xerotest.EditableContact{Name: "Rimu Joinery"})
		w.must(err)
		w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.ContactID = other }))
		w.change("Opportunity", deal, map[string]any{"AccountId": w.account("Rimu Joinery", nil)})
		time.Sleep(2 * time.Minute)
		w.next("POST", "/composite", 1, 20, faults.LoseRequest)
		_, err = w.try()
		failed := err != nil
		w.calm()
		w.runFor(10*time.Minute, time.Minute)
		w.wantFree(deal)
		if !failed || w.contact(w.field(deal, "AccountId")).ContactID != other {
			w.Errorf("the question failed: %t: this proves nothing", failed)
		}
	})
}
