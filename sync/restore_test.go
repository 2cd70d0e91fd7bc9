package sync_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"sf2xero/store"
	"sf2xero/sync"
	"sf2xero/sync/document"
	"sf2xero/sync/faults"
	"sf2xero/sync/remote"
	"sf2xero/xero/xerotest"
)

// links counts what the store knows of.
func (w *world) links() (n int) {
	w.view(func(tx *store.Tx) error {
		for range tx.Links(document.Invoices, "") {
			n++
		}
		return nil
	})
	return n
}

// The store file is lost. Nothing is invoiced twice, and the links are back.
func TestTheStoreIsLost(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		var deals []string
		for i := range 20 {
			deals = append(deals, w.won(fmt.Sprint("Deal ", i)))
		}
		held := w.deal(w.usual.account, "Held", nil)
		w.win(held)
		w.quiet()
		w.inStep()
		_, err := w.books.Pay(w.invoice(deals[0]).InvoiceID, money("100"))
		w.must(err)
		w.shutDown()
		w.loseStore()
		w.New = false
		late := w.won("While nobody looked")
		writes := w.writes()
		w.quiet()
		if n := w.links(); n != len(deals)+1 {
			w.Errorf("%d links are back, want %d", n, len(deals)+1)
		}
		if n := w.writes() - writes; n != 2 { // the new deal's creation and its approval
			w.Errorf("%d writes after the loss", n)
		}
		w.wantHeld(held, "deal.no_products", "sales")
		w.invoice(late)
		w.inStep()
		// A rebuild changes nothing; a later change of the deal does, where that is still allowed.
		w.change("Opportunity", deals[1], map[string]any{"PO_Number__c": "PO-1"})
		w.quiet()
		w.wantHeld(deals[1], "edited.after_approval", "accountant", "PO-1")
	})
}

// Drafts that were found again by their marks still follow their deals.
func TestDraftsAfterALoss(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Draft")
		w.quiet()
		w.shutDown()
		w.loseStore()
		w.New = false
		w.quiet()
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
		w.quiet()
		w.wantFree(deal)
		if got := w.invoice(deal).Reference; got != "PO-1" {
			w.Errorf("the reference is %q", got)
		}
		w.inStep()
	})
}

// The store is lost in the middle of the first run, with answers under way.
func TestTheStoreIsLostInMidBatch(t *testing.T) {
	for _, fate := range []faults.Fate{faults.LoseAnswer, faults.Late} {
		t.Run(fate.String(), func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				for i := range 5 {
					w.won(fmt.Sprint("Deal ", i))
				}
				w.next("PUT", "/Invoices", 0, 1, fate)
				time.Sleep(11 * time.Minute)
				_, _ = w.try() // its answer is lost
				w.bury()
				w.loseStore()
				w.New = false
				w.quiet()
				w.inStep()
			})
		})
	}
}

// An old copy of the store is put back: it must not send again what the lost one had sent.
func TestAnOldCopyIsRestored(t *testing.T) {
	for _, fate := range []faults.Fate{faults.Deliver, faults.Late, faults.LoseAnswer} {
		t.Run(fate.String(), func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.won("Before the copy")
				w.quiet()
				w.shutDown()
				restore := w.copyStore()
				w.New = false
				for i := range 3 {
					w.won(fmt.Sprint("After the copy ", i))
				}
				time.Sleep(11 * time.Minute)
				w.next("PUT", "/Invoices", 0, 1, fate)
				_, _ = w.try() // its answer may be lost
				w.shutDown()
				restore()
				sent := w.writes()
				w.run()
				if w.writes() != sent {
					w.Errorf("a restored copy sent something at once")
				}
				w.quiet()
				w.inStep()
				if n := w.links(); n != 4 {
					w.Errorf("%d links, want 4", n)
				}
			})
		})
	}
}

// run --new is refused where invoices of ours are.
func TestNewIsRefusedWhereOursAre(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		w.shutDown()
		w.loseStore()
		w.won("Second")
		time.Sleep(11 * time.Minute)
		sent := w.writes()
		_, err := w.try()
		if e := wantError[*remote.Error](w, err); e.Class != remote.BadConfig || w.writes() != sent {
			w.Errorf("got %v", err)
		}
		w.bury()
		w.New = false
		w.quiet()
		w.inStep()
	})
}

// A second daemon, with a store of its own, serves the same company: one of them sees it and stops.
func TestASecondDaemon(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		first, db := w.cycle, w.db
		path := w.path
		w.path, w.New, w.cycle, w.db = filepath.Join(w.TempDir(), "second.db"), false, nil, nil
		w.quiet()
		second := w.cycle
		deal := w.won("Seen by the second alone")
		time.Sleep(11 * time.Minute)
		if _, err := second.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.invoice(deal)
		w.won("For whom?")
		time.Sleep(11 * time.Minute)
		sent := w.writes()
		_, err := first.Run(w.Context())
		other := wantError[*sync.OtherWriter](w, err)
		if w.writes() != sent || other.Text == "" {
			w.Errorf("it went on writing: %v", err)
		}
		// A person stops the second and starts the first again: it takes over what the other has made.
		w.must(w.db.Close())
		w.must(db.Close())
		w.path, w.cycle, w.db = path, nil, nil
		_, err = w.try()
		if wantError[*sync.OtherWriter](w, err); w.writes() != sent {
			w.Errorf("a start alone lifts the stop")
		}
		w.takeOver()
		w.quiet()
		w.inStep()
	})
}

// Only Xero's own list proves that it keeps our marks: after the first batch nothing more goes out until it has shown them.
func TestTheFirstBatchIsProvenByTheList(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.breaks(faults.Fault{Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "stale", DelayMS: int((5 * time.Minute).Milliseconds())})
		for i := range 52 {
			w.won(fmt.Sprint("Deal ", i), w.licence("1", "10.00"))
		}
		time.Sleep(11 * time.Minute)
		began := time.Now()
		w.run()
		if n := len(w.logged("invoice.created")); n != 50 {
			w.Errorf("%d invoices were created before the list showed the first, want 50", n)
		}
		for time.Since(began) < 4*time.Minute {
			time.Sleep(30 * time.Second)
			w.run()
		}
		if n := len(w.logged("invoice.created")); n != 50 {
			w.Errorf("%d invoices were created before the list showed the first, want 50", n)
		}
		w.quiet()
		w.inStep()
	})
}

// A proxy, or Xero itself, drops the link in lists: nothing more is created than the first batch.
func TestMarksThatTheListDoesNotShow(t *testing.T) {
	c := company{New: true}
	c.Xero.HideURL = true
	inWorld(t, c, func(w *world) {
		for i := range 52 {
			w.won(fmt.Sprint("Deal ", i), w.licence("1", "10.00"))
		}
		time.Sleep(11 * time.Minute)
		for range 5 {
			_, _ = w.try() // says why it creates no more
			time.Sleep(time.Minute)
		}
		if n := len(w.logged("invoice.created")); n != 50 {
			w.Errorf("%d invoices were created, want the first 50 alone", n)
		}
		if len(w.logged("mark.lost")) == 0 {
			w.Errorf("nobody was told")
		}
		_, err := w.try()
		if err == nil {
			w.Errorf("the cycle says that all is well")
		}
	})
}

// Only a person opens that again. Until then the daemon looks as seldom as after any failure, so that the calls of Xero's day
// last for what it still does. Seed 30055 made a cycle every three seconds.
func TestADaemonThatCreatesNothingMoreIsInNoHurry(t *testing.T) {
	c := company{New: true}
	c.Xero.HideURL = true
	inWorld(t, c, func(w *world) {
		w.won("First")
		time.Sleep(11 * time.Minute)
		for range 5 {
			_, _ = w.try() // says why it creates no more
			time.Sleep(time.Minute)
		}
		w.won("Waits")
		time.Sleep(11 * time.Minute)
		before, _ := w.calls()
		if _, err := w.serve(12*time.Hour, nil); err != nil {
			w.Fatal(err)
		}
		if after, _ := w.calls(); after-before > 400 {
			w.Errorf("%d calls in half a day", after-before)
		}
	})
}

// markless is a world in which lists leave the links out, and in which the answer to the first batch, of one deal, is lost.
func markless(t *testing.T, test func(w *world, deal string)) {
	t.Helper()
	c := company{New: true}
	c.Xero.HideURL = true
	inWorld(t, c, func(w *world) {
		deal := w.won("Lost")
		time.Sleep(11 * time.Minute)
		w.next("PUT", "/Invoices", 0, 1, faults.LoseAnswer)
		test(w, deal)
	})
}

// The same, and the answer to that first batch is lost: what Xero lists without its mark was made, and is not made again.
func TestMarksThatTheListDoesNotShowAndALostAnswer(t *testing.T) {
	markless(t, func(w *world, deal string) {
		for range 5 {
			_, _ = w.try() // says why it creates no more
			time.Sleep(6 * time.Minute)
		}
		if n := len(w.invoices(deal)); n != 1 || len(w.logged("mark.lost")) == 0 {
			w.Errorf("there are %d invoices", n)
		}
		if _, err := w.try(); err == nil {
			w.Errorf("the cycle says that all is well")
		}
	})
}

// The same, and the accountant is quick to edit that draft.
func TestAMarklessDraftThatIsEditedBeforeItSettles(t *testing.T) {
	markless(t, func(w *world, deal string) {
		_, _ = w.try() // its answer is lost
		w.must(w.books.Edit(w.invoice(deal).InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = "mine" }))
		for range 5 {
			time.Sleep(6 * time.Minute)
			_, _ = w.try()
		}
		if n := len(w.invoices(deal)); n != 1 {
			w.Errorf("there are %d invoices", n)
		}
	})
}

// The same, and the accountant deletes that draft before the settle time is over: no list shows it from then on.
func TestAMarklessDraftThatIsDeletedBeforeItSettles(t *testing.T) {
	markless(t, func(w *world, deal string) {
		_, _ = w.try() // its answer is lost
		time.Sleep(2 * time.Minute)
		_, _ = w.try() // Xero lists it
		w.must(w.books.Delete(w.invoice(deal).InvoiceID))
		for range 5 {
			_, _ = w.try() // says why it creates no more
			time.Sleep(6 * time.Minute)
		}
		if n := len(w.invoices(deal)); n != 1 || len(w.logged("mark.lost")) == 0 {
			w.Errorf("there are %d invoices", n)
		}
	})
}

// A copy of the store is made while the answer to its very first call is open, and put back days later, when the
// accountant has taken that invoice's link off: Xero keeps the links, and the daemon goes on.
func TestAnOlderCopyAndALinkThatWasTakenOff(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("First")
		time.Sleep(11 * time.Minute)
		w.next("PUT", "/Invoices", 0, 1, faults.LoseAnswer)
		w.next("GET", "/Invoices", 1, 9, faults.LoseRequest) // nor can the list be read after it
		_, _ = w.try()                                       // its answer is lost
		w.shutDown()
		w.New = false
		w.calm()
		restore := w.copyStore()
		w.runFor(time.Hour, 5*time.Minute)
		id := w.invoice(deal).InvoiceID
		w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.Url = "" }))
		w.later(time.Hour)
		w.shutDown()
		restore()
		w.runFor(2*time.Hour, 5*time.Minute)
		if n := len(w.logged("mark.lost")); n != 0 {
			w.Errorf("the links were taken for lost %d times", n)
		}
		later := w.won("Later")
		w.later(time.Hour)
		w.invoice(later)
		if n := len(w.books.Invoices()); n != 6 {
			w.Errorf("there are %d invoices", n)
		}
	})
}

// An older copy is put back, and all that was made since is found again: the invoices, and the contacts of customers of whom no deal
// waits. Case: accounts of a kill test did not show their contacts any more.
func TestContactsMadeAfterTheCopyAreFoundAgain(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Before the copy")
		w.quiet()
		w.shutDown()
		restore := w.copyStore()
		w.New = false
		account := w.account("Made since", nil)
		w.win(w.deal(account, "After the copy", nil, w.licence("1", "10.00")))
		w.quiet()
		contact := w.contact(account).ContactID
		w.shutDown()
		w.change("Account", account, map[string]any{"Xero_Contact_Id__c": nil}) // killed before it was written
		restore()
		w.later(2 * time.Hour)
		row, _ := w.crm.Get("Account", account)
		if got := fmt.Sprint(row["Xero_Contact_Id__c"]); got != contact {
			w.Errorf("the account shows %s, want %s", got, contact)
		}
	})
}
