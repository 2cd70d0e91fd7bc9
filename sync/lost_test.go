package sync_test

import (
	"fmt"
	"testing"
	"time"

	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// Whatever the network does to a write, there is one invoice for each deal once everything has settled.
func TestAnswersThatAreLost(t *testing.T) {
	for _, path := range []string{"/Contacts", "/Invoices"} {
		for _, fate := range []faults.Fate{faults.Refuse, faults.LoseRequest, faults.LoseAnswer, faults.Twice, faults.Late} {
			t.Run(fmt.Sprintf("PUT %s %s", path, fate), func(t *testing.T) {
				inWorld(t, company{New: true}, func(w *world) {
					deals := []string{w.won("One"), w.won("Two"), w.won("Three")}
					w.next("PUT", path, 0, 1, fate)
					time.Sleep(11 * time.Minute)
					_, _ = w.tryOnce() // a connection that is refused ends it; the next one goes on
					w.quiet()
					for _, d := range deals {
						w.wantFree(d)
						w.invoice(d)
					}
					w.inStep()
				})
			})
		}
	}
}

// A lost answer is not sent again before Xero must have shown what it did.
func TestNothingIsSentAgainBeforeItHasSettled(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before")
		w.quiet()
		w.won("Lost")
		w.next("PUT", "/Invoices", 0, 1, faults.LoseRequest)
		time.Sleep(11 * time.Minute)
		if _, err := w.try(); err == nil {
			w.Logf("one lost answer does not fail the cycle")
		}
		sent := w.writes()
		lost := time.Now()
		for w.writes() == sent {
			if time.Since(lost) > time.Hour {
				w.Fatal("it is never sent again")
			}
			time.Sleep(time.Minute)
			w.run()
		}
		if waited := time.Since(lost); waited < w.Settle {
			w.Errorf("sent again after %s", waited)
		}
		w.quiet()
		w.inStep()
	})
}

// An update whose answer is lost, arrives late, or twice.
func TestUpdatesThatAreLost(t *testing.T) {
	for _, fate := range []faults.Fate{faults.Refuse, faults.LoseRequest, faults.LoseAnswer, faults.Twice, faults.Late} {
		t.Run(fate.String(), func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				deal := w.won("Updated")
				w.quiet()
				w.next("POST", "/Invoices", 0, 1, fate)
				w.next("POST", "/Contacts", 0, 1, fate)
				w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
				w.change("Account", w.usual.account, map[string]any{"Billing_Email__c": "pay@napier.example"})
				for range 2 {
					time.Sleep(time.Minute)
					_, _ = w.tryOnce() // a connection that is refused ends it; the next one goes on
				}
				w.quiet()
				if got := w.invoice(deal).Reference; got != "PO-1" {
					w.Errorf("the reference is %q (held: %+v)", got, w.held(deal))
				}
				if got := w.contact(w.usual.account).EmailAddress; got != "pay@napier.example" {
					w.Errorf("the address is %q", got)
				}
				w.wantFree(deal)
				// A further change still goes through: what we did ourselves is not taken for a person's edit.
				w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-2"})
				w.quiet()
				w.wantFree(deal)
				if got := w.invoice(deal).Reference; got != "PO-2" {
					w.Errorf("the reference is %q", got)
				}
			})
		})
	}
}

// A deletion whose answer is lost: the deal is won again and gets its next invoice.
func TestADeletionThatIsLost(t *testing.T) {
	for _, fate := range []faults.Fate{faults.LoseRequest, faults.LoseAnswer, faults.Twice, faults.Late} {
		t.Run(fate.String(), func(t *testing.T) {
			inWorld(t, company{New: true, Edits: []string{"if_unwon: hold", "if_unwon: delete_draft"}}, func(w *world) {
				deal := w.won("Deleted")
				w.quiet()
				w.next("POST", "/Invoices", 0, 1, fate)
				w.unwin(deal)
				w.quiet()
				w.wantFree(deal)
				if got := w.invoice(deal).Status; got != "DELETED" {
					w.Errorf("the draft is %s", got)
				}
				w.win(deal)
				w.quiet()
				if all := w.invoices(deal); len(all) != 2 || all[1].Status != "DRAFT" {
					w.Errorf("won again it has %d invoices (held: %+v)", len(all), w.held(deal))
				}
			})
		})
	}
}

// Xero stores the documents and shows them in its lists minutes later.
func TestListsThatLag(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.breaks(faults.Fault{Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "stale", Times: -1, DelayMS: int((3 * time.Minute).Milliseconds())})
		w.next("PUT", "/Invoices", 1, 1, faults.LoseAnswer)
		for i := range 52 {
			w.won(fmt.Sprint("Deal ", i), w.licence("1", "10.00"))
		}
		w.quiet()
		w.inStep()
	})
}

// A row of Salesforce that readers see minutes after its stamp is not passed by.
func TestRowsThatBecomeVisibleLate(t *testing.T) {
	c := company{New: true}
	c.Salesforce.Visible = func(object, id string) time.Duration {
		if object == "Opportunity" && id[14]%2 == 0 {
			return 7 * time.Minute
		}
		return 0
	}
	inWorld(t, c, func(w *world) {
		w.quiet()
		var deals []string
		for range 6 {
			deals = append(deals, w.won("Late"))
			for range 3 {
				time.Sleep(time.Minute)
				w.run()
			}
		}
		w.later(30 * time.Minute)
		for _, d := range deals {
			w.invoice(d)
		}
		w.inStep()
	})
}

// Everything fails now and then, over and over; in the end all is in step.
func TestABadDay(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		w.refused = true
		for i := range 3 {
			for range 10 {
				w.won(fmt.Sprint("Deal of round ", i))
			}
			for skip, f := range []faults.Fate{faults.LoseAnswer, faults.Late, faults.Twice, faults.LoseRequest, faults.Refuse} {
				w.next("PUT", "/Invoices", i%2, 1, f)
				w.next("POST", "/Invoices", skip%2, 1, f)
				w.next("GET", "/Invoices", skip, 1, f)
				w.next("POST", "/composite", skip, 1, f)
			}
			w.breaks(faults.Fault{Method: "GET", Kind: "truncate"}, faults.Fault{Method: "GET", Kind: "malformed"}, faults.Fault{Method: "PUT", Kind: "status", Status: 503, Done: true},
				faults.Fault{Method: "POST", Path: "/api.xro/2.0/Invoices", Kind: "truncate"})
			time.Sleep(11 * time.Minute)
			for range 6 {
				_, _ = w.tryOnce() // may fail: the next one goes on
				time.Sleep(2 * time.Minute)
			}
		}
		w.calm()
		time.Sleep(time.Hour)
		w.quiet()
		w.inStep()
		for _, row := range w.crm.Rows("Opportunity") {
			w.wantFree(row["Id"].(string))
		}
	})
}

// The answers to the creation of a contact and of its invoice are lost, and a person fills in what was left empty before
// the daemon sees either: what they wrote stays, and the draft is not approved unseen.
func TestFilledInBeforeALostAnswerSettled(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		w.won("Before")
		w.quiet()
		account := w.account("Second Customer", nil)
		deal := w.deal(account, "Filled in", nil, w.licence("1", "10.00"))
		w.win(deal)
		time.Sleep(11 * time.Minute)
		w.next("PUT", "/Contacts", 0, 1, faults.LoseAnswer)
		w.afterCalled("PUT", "/Contacts", func() {
			w.must(w.books.EditContact(w.contact(account).ContactID, func(e *xerotest.EditableContact) { e.EmailAddress = "ann@example.com" }))
		})
		w.next("PUT", "/Invoices", 0, 1, faults.LoseAnswer)
		w.afterCalled("PUT", "/Invoices", func() {
			w.must(w.books.Edit(w.invoice(deal).InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = "by hand" }))
		})
		for range 3 {
			_, _ = w.try() // its answers are lost
			time.Sleep(11 * time.Minute)
		}
		w.quiet()
		w.wantHeld(deal, "invoice.edited", "accountant", "Reference")
		w.change("Account", account, map[string]any{"Billing_Email__c": "pay@second.example"})
		w.quiet()
		if got := w.contact(account).EmailAddress; got != "ann@example.com" {
			w.Errorf("the address is %s", got)
		}
	})
}
