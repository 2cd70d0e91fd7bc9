package sync_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/store"
	"sf2xero/sync/faults"
)

// editedReference puts the deal's name behind the reference: another formula for every deal.
func (w *world) editedReference() {
	w.Helper()
	w.editMapping("Reference: =PO_Number__c", `Reference: =PO_Number__c & " " & Name`)
}

// keptMappings is what the store keeps of mappings that are not in force any more.
func (w *world) keptMappings() (text string) {
	w.view(func(tx *store.Tx) error { text = tx.Value("mappings"); return nil })
	return text
}

// ordered is a deal with an order number, invoiced and, if so wanted, approved.
func (w *world) ordered(status string) (deal string) {
	w.Helper()
	deal = w.deal(w.usual.account, "Ordered", map[string]any{"PO_Number__c": "PO-1"}, w.licence("1", "10.00"))
	w.win(deal)
	w.quiet()
	if status == "AUTHORISED" {
		w.must(w.books.Approve(w.invoice(deal).InvoiceID))
	}
	w.later(time.Hour)
	return deal
}

// An approved invoice's deal is changed, mapping.yaml is edited, and the deal is set back as the hold asks: it is held no
// more, also after a restart and a second edit. Then the earlier mapping is forgotten.
func TestADealIsSetBackAfterAnEdit(t *testing.T) {
	for name, meanwhile := range map[string]func(*world){
		"at once":               func(*world) {},
		"after a restart":       func(w *world) { w.shutDown() },
		"after a second edit":   func(w *world) { w.editMapping(`& " " & Name`, `& Name`); w.later(25 * time.Hour) },
		"after the edit's undo": func(w *world) { w.editMapping(` & " " & Name`, ``); w.later(25 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				deal := w.ordered("AUTHORISED")
				w.New = false
				w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-2"})
				w.later(time.Hour)
				w.wantHeld(deal, "edited.after_approval", "accountant", "PO-2")
				w.editedReference()
				w.later(time.Hour)
				if !strings.Contains(w.keptMappings(), "PO_Number__c") {
					t.Error("the mapping that the deal was decided under is not kept")
				}
				meanwhile(w)
				w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
				w.later(time.Hour)
				w.wantFree(deal)
				w.later(25 * time.Hour)
				w.wantFree(deal)
				if text := w.keptMappings(); text != "" {
					t.Errorf("still kept: %s", text)
				}
				w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-3"})
				w.later(time.Hour)
				w.wantHeld(deal, "edited.after_approval", "accountant", "PO-3")
			})
		})
	}
}

// A deal is out of sight while mapping.yaml is edited, and comes back exactly as it was invoiced: nothing is sent.
func TestADealIsOutOfSightDuringAnEdit(t *testing.T) {
	for _, status := range []string{"DRAFT", "AUTHORISED"} {
		t.Run(status, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				deal := w.ordered(status)
				w.must(w.crm.HideRecord(deal))
				w.later(25 * time.Hour)
				if h := w.held(deal); h == nil || h.Cause != "deal.unseen" {
					w.Fatalf("held for %+v", h)
				}
				w.editedReference()
				w.later(time.Hour)
				w.must(w.crm.ShowRecord(deal))
				w.later(25 * time.Hour)
				w.wantFree(deal)
				if got := w.invoice(deal).Reference; got != "PO-1" {
					w.Errorf("the reference is %q; the deal has not changed", got)
				}
			})
		})
	}
}

// A deal is out of sight while mapping.yaml stops reading a field, which is then taken away: the daemon goes on without it.
func TestAFieldThatOnlyAnEarlierMappingReads(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.ordered("DRAFT")
		w.must(w.crm.HideRecord(deal))
		w.later(25 * time.Hour)
		w.editMapping("Reference: =PO_Number__c", "Reference: =Name")
		w.later(time.Hour)
		w.must(w.crm.HideField("Opportunity", "PO_Number__c"))
		other := w.won("Other")
		w.runFor(time.Hour, 10*time.Minute)
		w.invoice(other)
		w.must(w.crm.ShowRecord(deal))
		w.quiet()
		w.wantFree(deal)
	})
}

// The same with what moves no stamp of the deal: its account moves to another country and, after an edit, back.
func TestAnAccountIsSetBackAfterAnEdit(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.ordered("AUTHORISED")
		w.change("Account", w.usual.account, map[string]any{"BillingCountry": "Australia"})
		w.later(25 * time.Hour)
		w.wantHeld(deal, "edited.after_approval", "accountant")
		w.editedReference()
		w.later(25 * time.Hour)
		w.wantHeld(deal, "edited.after_approval", "accountant")
		w.change("Account", w.usual.account, map[string]any{"BillingCountry": "New Zealand"})
		w.later(time.Hour)
		w.wantFree(deal)
	})
}

// What a deal is changed to after the edit is a change as ever, made by the formula of now.
func TestADealComesBackChangedAfterAnEdit(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.ordered("DRAFT")
		w.must(w.crm.HideRecord(deal))
		w.later(25 * time.Hour)
		w.editedReference()
		w.later(time.Hour)
		w.must(w.crm.ShowRecord(deal))
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-2"})
		w.later(time.Hour)
		w.wantFree(deal)
		if got := w.invoice(deal).Reference; got != "PO-2 Ordered" {
			w.Errorf("the reference is %q", got)
		}
	})
}

// An approval's answer is late, and mapping.yaml is edited meanwhile: nobody has changed the deal.
func TestAnEditWhileAnApprovalIsUnderWay(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		w.won("Before")
		w.quiet()
		deal := w.won("Late")
		time.Sleep(11 * time.Minute)
		w.run()
		w.next("POST", "/Invoices", 0, 1, faults.Late)
		for range 4 {
			_, _ = w.try()
			time.Sleep(time.Minute)
		}
		if len(w.logged("call.failed")) == 0 {
			w.Fatal("the approval was answered")
		}
		w.editedReference()
		w.later(time.Hour)
		if got := w.invoice(deal).Status; got != "AUTHORISED" {
			w.Errorf("it is %s", got)
		}
		w.wantFree(deal)
	})
}

// An edit after which rows cannot be compared with the ones of before: deals that were approved minutes ago have not changed.
func TestAnEditOfTheOrderOfLines(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		w.quiet()
		old := w.won("Old")
		w.later(3 * time.Hour)
		recent := w.won("Recent")
		time.Sleep(11 * time.Minute)
		w.runFor(3*time.Minute, time.Minute)
		if got := w.invoice(recent).Status; got != "AUTHORISED" {
			w.Fatalf("it is %s", got)
		}
		w.editMapping("order: SortOrder", "order: Name", "Reference: =PO_Number__c", "Reference: =Name")
		w.runFor(30*time.Minute, time.Minute)
		w.wantFree(old)
		w.wantFree(recent)
	})
}
