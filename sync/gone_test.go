package sync_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// Un-won, deleted, hidden: three holds for three different people, each released when its cause is gone.
func TestADealThatIsNoLongerThere(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		unwon, deleted, hidden, approved := w.won("Un-won"), w.won("Deleted"), w.won("Hidden"), w.won("Un-won late")
		w.quiet()
		w.must(w.books.Approve(w.invoice(approved).InvoiceID))
		writes := w.writes()
		w.unwin(unwon)
		w.unwin(approved)
		w.must(w.crm.Delete("Opportunity", deleted))
		w.must(w.crm.HideRecord(hidden))
		w.quiet()
		w.wantHeld(unwon, "deal.unwon", "accountant", w.invoice(unwon).InvoiceNumber)
		w.wantHeld(approved, "deal.unwon", "accountant", w.invoice(approved).InvoiceNumber)
		w.wantHeld(deleted, "deal.deleted", "accountant", w.invoice(deleted).InvoiceNumber)
		// Nothing in Salesforce tells that a record is out of sight: the nightly comparison finds it.
		w.later(24 * time.Hour)
		if h := w.held(hidden); h == nil || h.Cause != "deal.unseen" || h.Owner != "admin" {
			w.Errorf("the hidden deal is held for %+v", h)
		}
		if w.writes() != writes {
			w.Errorf("something was written to Xero")
		}

		w.win(unwon)
		w.win(approved)
		w.must(w.crm.Undelete("Opportunity", deleted))
		w.must(w.crm.ShowRecord(hidden))
		w.later(time.Hour)
		for _, deal := range []string{unwon, approved, deleted, hidden} {
			w.wantFree(deal)
		}
		w.inStep()
	})
}

// A deal that is un-won before it was invoiced, or while it was held, is nobody's business any more.
func TestUnwonBeforeItWasInvoiced(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		early, held := w.won("Too early"), w.deal(w.usual.account, "Held", nil)
		w.win(held)
		w.quiet()
		time.Sleep(2 * time.Second) // stamps have whole seconds, and rows were just written
		w.unwin(held)
		again := w.won("Won again")
		w.run()
		w.unwin(again)
		w.unwin(early)
		w.quiet()
		w.wantHeld(early, "deal.unwon", "accountant")
		w.wantFree(held)
		w.wantFree(again)
		if len(w.invoices(held))+len(w.invoices(again)) != 0 {
			w.Errorf("a deal that is not won was invoiced")
		}
		w.win(again)
		w.quiet()
		w.invoice(again)
	})
}

// The accountant deletes the draft of an un-won deal: both sides agree, and the hold is gone.
func TestTheAccountantDeletesTheDraftOfAnUnwonDeal(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Agreed")
		w.quiet()
		w.unwin(deal)
		w.quiet()
		w.wantHeld(deal, "deal.unwon", "accountant")
		w.must(w.books.Delete(w.invoice(deal).InvoiceID))
		w.later(time.Minute)
		w.wantFree(deal)
		// Won again, it is held: what a person deleted does not come back by itself.
		w.win(deal)
		w.quiet()
		w.wantHeld(deal, "invoice.deleted", "accountant")
		if n := len(w.invoices(deal)); n != 1 {
			w.Errorf("there are %d invoices", n)
		}
	})
}

// With if_unwon: delete_draft our own untouched draft goes with the deal, and a deal won again gets a new one.
func TestDeleteDraftAndWinAgain(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"if_unwon: hold", "if_unwon: delete_draft"}}, func(w *world) {
		deal, edited, submitted := w.won("Back and forth"), w.won("Edited"), w.won("Submitted")
		w.quiet()
		w.must(w.books.Edit(w.invoice(edited).InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = "mine" }))
		w.must(w.books.Submit(w.invoice(submitted).InvoiceID))
		for _, d := range []string{deal, edited, submitted} {
			w.unwin(d)
		}
		w.quiet()
		if got := w.invoice(deal).Status; got != "DELETED" {
			w.Errorf("the draft is %s", got)
		}
		w.wantFree(deal)
		if number := w.field(deal, "Xero_Invoice_Number__c"); number != "" {
			w.Errorf("the deal still shows %s", number)
		}
		w.wantHeld(edited, "deal.unwon", "accountant")
		w.wantHeld(submitted, "deal.unwon", "accountant")
		if w.invoice(edited).Status != "DRAFT" || w.invoice(submitted).Status != "SUBMITTED" {
			w.Errorf("a document that a person has touched was deleted")
		}

		for round := 2; round <= 3; round++ {
			w.win(deal)
			w.quiet()
			all := w.invoices(deal)
			last := all[len(all)-1]
			if len(all) != round || last.Status != "DRAFT" || last.Url != crmURL+"/"+deal+"?d="+w.crm.OrgID()+".default."+string(rune('0'+round)) {
				w.Fatalf("round %d: %d invoices, the last is %s %s", round, len(all), last.Status, last.Url)
			}
			if got := w.field(deal, "Xero_Invoice_Number__c"); got != last.InvoiceNumber {
				w.Errorf("the deal shows %s, want %s", got, last.InvoiceNumber)
			}
			if round == 2 {
				w.unwin(deal)
				w.quiet()
			}
		}
		w.wantFree(deal)
	})
}

// Many deals at once leave the sight of the integration user: all are held, nothing is deleted, and all come back.
func TestTheUserLosesSightOfEverything(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"if_unwon: hold", "if_unwon: delete_draft"}}, func(w *world) {
		var deals []string
		for range 12 {
			deals = append(deals, w.won("Hidden"))
		}
		w.quiet()
		for _, d := range deals {
			w.must(w.crm.HideRecord(d))
		}
		w.later(25 * time.Hour)
		for _, d := range deals {
			if h := w.held(d); h == nil || h.Cause != "deal.unseen" {
				w.Errorf("held for %+v", h)
			}
			if s := w.invoice(d).Status; s != "DRAFT" {
				w.Errorf("the draft is %s", s)
			}
			w.must(w.crm.ShowRecord(d))
		}
		w.later(time.Hour)
		w.inStep()
		for _, d := range deals {
			w.wantFree(d)
		}
	})
}

// A deal matches no more because its account is another kind of customer, and nobody touched the deal: its draft stays, and
// a person decides.
func TestADealStopsMatchingThoughNobodyTouchedIt(t *testing.T) {
	edits := []string{"if_unwon: hold", "if_unwon: delete_draft", "where: IsWon = true", "where: IsWon = true AND Account.Type = 'Customer - Direct'"}
	inWorld(t, company{New: true, Edits: edits}, func(w *world) {
		w.change("Account", w.usual.account, map[string]any{"Type": "Customer - Direct"})
		deal := w.won("Direct")
		w.quiet()
		w.later(2 * time.Hour)
		w.change("Account", w.usual.account, map[string]any{"Type": "Prospect"})
		w.later(25 * time.Hour)
		if got := w.invoice(deal).Status; got != "DRAFT" {
			w.Errorf("the draft is %s", got)
		}
		w.wantHeld(deal, "deal.elsewhere", "accountant", w.invoice(deal).InvoiceNumber)
		w.change("Account", w.usual.account, map[string]any{"Type": "Customer - Direct"})
		w.later(25 * time.Hour)
		w.wantFree(deal)
		w.inStep()
	})
}

// A deal is un-won while a formula of mapping.yaml is edited that has nothing to do with it: its draft goes all the same.
func TestUnwonWhileTheMappingIsEdited(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"if_unwon: hold", "if_unwon: delete_draft"}}, func(w *world) {
		deal := w.won("Un-won")
		w.quiet()
		w.later(time.Hour)
		w.unwin(deal)
		w.editMapping("Reference: =PO_Number__c", `Reference: ="Deal " & Name`)
		w.later(time.Hour)
		w.wantFree(deal)
		if got := w.invoice(deal).Status; got != "DELETED" {
			w.Errorf("the draft is %s", got)
		}
	})
}

// The answer to the deletion of an un-won deal's draft is lost, and the deal is won again before Xero shows what became of
// it: the deal is not forgotten, though the first sending of its next invoice is lost too.
func TestWonAgainBeforeItsDeletionSettled(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"if_unwon: hold", "if_unwon: delete_draft"}}, func(w *world) {
		before, after, _ := strings.Cut(w.mapping, "writeback:\n")
		_, after, _ = strings.Cut(after, "\ntables:")
		w.mapping = before + "\ntables:" + after
		deal := w.won("Won again")
		w.later(time.Hour)
		w.unwin(deal)
		time.Sleep(time.Minute)
		w.next("POST", "/Invoices", 0, 1, faults.LoseAnswer)
		_, _ = w.try() // its answer is lost
		w.win(deal)
		w.breaks(faults.Fault{Method: "GET", Path: "/api.xro/2.0/Invoices", Kind: "status", Status: 503, Times: 1000})
		w.cycle.Settings.WatchEvery = time.Hour
		w.runFor(30*time.Minute, 5*time.Minute)
		w.calm()
		w.cycle.Settings.WatchEvery = 0
		w.next("PUT", "/Invoices", 0, 1, faults.LoseRequest)
		w.later(time.Hour)
		if all := w.invoices(deal); len(all) != 2 || all[0].Status != "DELETED" || all[1].Status != "DRAFT" {
			w.Errorf("won again it has %d invoices (held: %+v)", len(all), w.held(deal))
		}
	})
}

// The same a minute after the daemon itself has written to the deal: that is no change of the deal either.
func TestADealStopsMatchingJustAfterItsInvoiceWasMade(t *testing.T) {
	edits := []string{"if_unwon: hold", "if_unwon: delete_draft", "where: IsWon = true", "where: IsWon = true AND Account.Type = 'Customer - Direct'"}
	inWorld(t, company{New: true, Edits: edits}, func(w *world) {
		w.change("Account", w.usual.account, map[string]any{"Type": "Customer - Direct"})
		deal := w.won("One")
		time.Sleep(11 * time.Minute)
		w.run()
		time.Sleep(time.Minute)
		w.run()
		w.change("Account", w.usual.account, map[string]any{"Type": "Prospect"})
		for range 20 {
			time.Sleep(time.Minute)
			w.run()
		}
		w.later(25 * time.Hour)
		w.wantHeld(deal, "deal.elsewhere", "accountant", w.invoice(deal).InvoiceNumber)
		if got := w.invoice(deal).Status; got != "DRAFT" {
			w.Errorf("the draft is %s", got)
		}
	})
}

// What the daemon wrote to a deal is no change of the deal, also when the account is stopped before the next pull has seen it,
// and when the answer to the writing was lost. Where the condition reads the deal alone, whoever un-won it right then is
// believed all the same.
func TestADealStopsMatchingBeforeAPullSeesWhatWasWritten(t *testing.T) {
	for _, c := range []struct {
		name, where string
		lost        bool
		act         func(w *world, deal string)
		status      string
	}{
		{name: "its account is stopped", where: "IsWon = true AND Account.Type = 'Customer - Direct'", act: stopsUsual, status: "DRAFT"},
		{name: "its account is stopped and the answer was lost", where: "IsWon = true AND Account.Type = 'Customer - Direct'", lost: true, act: stopsUsual, status: "DRAFT"},
		{name: "it is un-won a minute later", where: "IsWon = true AND Account.Type = 'Customer - Direct'", act: func(w *world, deal string) { w.unwin(deal) }, status: "DELETED"},
		{name: "it is un-won and its condition reads nothing else", where: "IsWon = true", lost: true, act: func(w *world, deal string) { w.unwin(deal) }, status: "DELETED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, company{New: true, Edits: []string{"if_unwon: hold", "if_unwon: delete_draft", "where: IsWon = true", "where: " + c.where}}, func(w *world) {
				w.change("Account", w.usual.account, map[string]any{"Type": "Customer - Direct"})
				w.won("Before")
				w.quiet()
				deal := w.won("Written")
				time.Sleep(11 * time.Minute)
				if c.lost {
					w.afterCalled("PUT", "/Invoices", func() { w.next("POST", "/composite", 0, 10, faults.LoseAnswer) })
				}
				_, _ = w.try() // may fail: the answer is lost
				w.calm()
				if w.field(deal, "Xero_Invoice_Id__c") == "" {
					w.Fatalf("its row was not written")
				}
				time.Sleep(time.Minute)
				c.act(w, deal)
				w.later(time.Hour)
				if got := w.invoice(deal).Status; got != c.status {
					w.Errorf("the draft is %s", got)
				}
				if c.status == "DRAFT" {
					w.wantHeld(deal, "deal.elsewhere", "accountant", w.invoice(deal).InvoiceNumber)
				}
			})
		})
	}
}

// A deal is un-won and won again while Xero takes minutes to answer: its draft is not deleted for what Salesforce had before.
func TestWonAgainWhileXeroTakesMinutes(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"if_unwon: hold", "if_unwon: delete_draft"}}, func(w *world) {
		deal := w.won("Won again")
		w.later(time.Hour)
		w.unwin(deal)
		time.Sleep(time.Minute)
		w.afterCalled("POST", "/composite", func() { // the watch is over
			w.breaks(faults.Fault{Method: "GET", Path: "/api.xro/2.0/Invoices", Kind: "hang", DelayMS: 95_000, Times: 1},
				faults.Fault{Method: "GET", Path: "/api.xro/2.0/Invoices", Kind: "hang", DelayMS: 150_000, Times: 1})
			time.AfterFunc(30*time.Second, func() { w.win(deal) })
		})
		_, _ = w.try() // may fail
		w.calm()
		w.later(time.Hour)
		w.wantFree(deal)
		if all := w.invoices(deal); len(all) != 1 || all[0].Status != "DRAFT" {
			w.Errorf("it has %d invoices, the first is %s", len(all), all[0].Status)
		}
	})
}

func stopsUsual(w *world, _ string) {
	w.change("Account", w.usual.account, map[string]any{"Type": "Prospect"})
}

// A deal is un-won, later the condition in mapping.yaml is edited, and then somebody touches the deal: it is still the
// accountant's turn, because the deal is no longer won.
func TestTheMappingIsEditedAfterADealWasUnwon(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Un-won")
		w.quiet()
		w.unwin(deal)
		w.later(time.Hour)
		w.wantHeld(deal, "deal.unwon", "accountant")
		w.editMapping("where: IsWon = true", "where: IsWon = true AND Amount > 1")
		w.later(time.Hour)
		w.wantHeld(deal, "deal.unwon", "accountant")
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
		w.later(time.Hour)
		w.wantHeld(deal, "deal.unwon", "accountant")
	})
}

// The same when only a line was edited shortly before, which is no change of the deal itself.
func TestALineIsEditedBeforeTheDealStopsMatching(t *testing.T) {
	edits := []string{"if_unwon: hold", "if_unwon: delete_draft", "where: IsWon = true", "where: IsWon = true AND Account.Region__c = 'North'"}
	inWorld(t, company{New: true, Edits: edits}, func(w *world) {
		deal := w.won("Line")
		w.quiet()
		w.later(3 * time.Hour)
		w.change("OpportunityLineItem", w.lines(deal)[0], map[string]any{"Description": "clearer"})
		time.Sleep(time.Minute)
		w.run()
		w.change("Account", w.usual.account, map[string]any{"Region__c": "South"})
		w.runFor(30*time.Minute, time.Minute)
		if got := w.invoice(deal).Status; got != "DRAFT" {
			w.Errorf("the draft of a deal that did not change is %s", got)
		}
		w.wantHeld(deal, "deal.elsewhere", "accountant")
	})
}

// A draft that Xero's lists do not show yet is deleted with its deal: its row shows it no more.
func TestADraftIsDeletedBeforeAnyListShowsIt(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"if_unwon: hold", "if_unwon: delete_draft"}}, func(w *world) {
		w.won("Before")
		w.quiet()
		deal := w.won("Back")
		time.Sleep(11 * time.Minute)
		w.breaks(faults.Fault{Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "stale", DelayMS: int((5 * time.Minute).Milliseconds())})
		w.run()
		w.unwin(deal)
		time.Sleep(time.Minute)
		w.whenCalled("POST", "/composite", func() { w.booksDoor.Clear() }) // the watch is over; from now on Xero shows it
		w.run()
		if got := w.invoice(deal).Status; got != "DELETED" {
			w.Fatalf("it is %s", got)
		}
		w.runFor(time.Hour, 5*time.Minute)
		if got := w.field(deal, "Xero_Invoice_Number__c"); got != "" {
			w.Errorf("the row still shows %s, %s", got, w.field(deal, "Xero_Status__c"))
		}
	})
}
