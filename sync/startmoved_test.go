package sync_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// past wins some deals in each of the months before the books begin.
func (w *world) past(each int) (deals []string) {
	w.Helper()
	for _, month := range []string{"2026-08", "2026-09", "2026-10"} {
		for i := range each {
			deal := w.deal(w.usual.account, fmt.Sprint(month, " ", i), map[string]any{"CloseDate": fmt.Sprintf("%s-%02d", month, 10+i)}, w.licence("1", "10.00"))
			w.win(deal)
			deals = append(deals, deal)
		}
	}
	return deals
}

// Case: for one cycle of a start moved back the whole history was held, in Salesforce too, and stayed so. It is one line with a
// count, nothing is held or written, and when the old text is put back nothing is left of it.
func TestAStartIsMovedBackAndTakenBack(t *testing.T) {
	for name, while := range map[string]time.Duration{"for a cycle": 0, "for days": 50 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				deals := w.past(4)
				late := w.deal(w.usual.account, "Late", map[string]any{"CloseDate": "2026-10-28"}, w.licence("1", "10.00"))
				w.quiet()
				w.win(late)
				invoiced := w.won("Invoiced")
				w.quiet()
				w.wantCauses("before", "deal.before_start", 1)
				time.Sleep(20 * time.Minute)
				text, writes := w.hold(late), w.writes()
				w.editMapping("start: 2026-11-01", "start: 2026-09-01")
				w.run()
				if n, remedy := w.lastLetIn(); n != 9 || !strings.Contains(remedy, "admit: 2026-11-09") {
					w.Errorf("told of %v: %s", n, remedy)
				}
				w.later(while)
				// What is edited on a deal of the past is no cause either.
				w.change("Opportunity", deals[10], map[string]any{"PO_Number__c": "PO-1"})
				w.later(while)
				w.wantCauses("moved back", "mapping.changed", 1) // the late one, which was held already
				w.editMapping("start: 2026-09-01", "start: 2026-11-01")
				w.quiet()
				if n, _ := w.lastLetIn(); n != 0 {
					w.Errorf("told of %v that wait", n)
				}
				w.wantCauses("taken back", "deal.before_start", 1)
				if got := w.hold(late); got != text {
					w.Errorf("the late deal shows %q, before the edit %q", got, text)
				}
				for _, deal := range deals {
					w.wantFree(deal)
					if w.field(deal, "Xero_Status__c")+w.field(deal, "Xero_Sync_Error__c") != "" || len(w.invoices(deal)) != 0 {
						w.Errorf("a deal of the past was touched")
					}
				}
				if w.writes() != writes {
					w.Errorf("%d calls were made in Xero", w.writes()-writes)
				}
				// Won anew after it was opened again, a deal of the past is held as ever.
				w.unwin(deals[0])
				w.later(time.Hour)
				w.win(deals[0])
				w.later(time.Hour)
				w.wantHeld(deals[0], "deal.before_start", "accountant")
				w.wantFree(invoiced)
			})
		})
	}
}

// A person admits an earlier start: what it reaches is invoiced, and what lies before stays history. What a second edit reaches
// waits for a line of its own.
func TestAnEarlierStartIsAdmitted(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deals := w.past(2)
		w.quiet()
		w.editMapping("start: 2026-11-01", "start: 2026-10-01")
		w.quiet()
		w.later(26 * time.Hour)
		if n, _ := w.lastLetIn(); n != 2 || len(w.books.Invoices()) > 4 {
			w.Errorf("told of %v, Xero has %d invoices", n, len(w.books.Invoices()))
		}
		w.editMapping("start: 2026-10-01", "start: 2026-09-01")
		w.quiet()
		if n, remedy := w.lastLetIn(); n != 4 || !strings.Contains(remedy, "admit: 2026-11-10") {
			w.Errorf("told of %v: %s", n, remedy)
		}
		w.editMapping("  settle: 10m", "  admit: 2026-11-09\n  settle: 10m")
		w.quiet()
		for i, want := range []int{0, 0, 0, 0, 1, 1} {
			if n := len(w.invoices(deals[i])); n != want {
				w.Errorf("deal %d has %d invoices, want %d", i, n, want)
			}
		}
		if n, _ := w.lastLetIn(); n != 2 {
			w.Errorf("told of %v", n)
		}
		w.editMapping("admit: 2026-11-09", "admit: 2026-11-10")
		w.quiet()
		for i, want := range []int{0, 0, 1, 1, 1, 1} {
			if n := len(w.invoices(deals[i])); n != want {
				w.Errorf("deal %d has %d invoices, want %d", i, n, want)
			}
		}
		w.wantCauses("admitted")
		w.inStepSince("2026-09-01")
	})
}

// inStepSince is inStep without the deals of before a day.
func (w *world) inStepSince(day string) {
	w.Helper()
	for _, row := range w.crm.Rows("Opportunity") {
		deal := row["Id"].(string)
		if shown(row["CloseDate"]) >= day && (w.invoice(deal).InvoiceNumber != w.field(deal, "Xero_Invoice_Number__c") || w.hold(deal) != "") {
			w.Errorf("%s shows %q, %q", row["Name"], w.field(deal, "Xero_Invoice_Number__c"), w.hold(deal))
		}
	}
}

// A deal that is held for its old close date is not let out by an edit alone; a person admits it.
func TestAnEarlierStartAndADealHeldForItsDate(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		late := w.heldForItsDate()
		w.editMapping("start: 2026-11-01", "start: 2026-10-01")
		w.quiet()
		w.wantHeld(late, "mapping.changed", "admin")
		if n, _ := w.lastLetIn(); n != 1 {
			w.Errorf("told of %v", n)
		}
		w.editMapping("  settle: 10m", "  admit: 2026-11-09\n  settle: 10m")
		w.quiet()
		w.wantFree(late)
		w.invoice(late)
	})
}

// The start is moved on, and back: what was held or on its way then is as it was, and nothing waits for a person.
func TestAStartIsMovedOnAndTakenBack(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		early := w.deal(w.usual.account, "Early without products", map[string]any{"CloseDate": "2026-11-02"})
		w.win(early)
		fine := w.deal(w.usual.account, "Early", map[string]any{"CloseDate": "2026-11-02"}, w.licence("1", "10.00"))
		w.win(fine)
		w.quiet()
		w.invoice(fine)
		time.Sleep(20 * time.Minute)
		w.editMapping("start: 2026-11-01", "start: 2026-11-05")
		meanwhile := w.deal(w.usual.account, "Meanwhile", map[string]any{"CloseDate": "2026-11-03"}, w.licence("1", "10.00"))
		w.win(meanwhile)
		w.later(time.Hour)
		w.wantCauses("moved on", "deal.before_start", 2)
		w.wantFree(fine)
		w.editMapping("start: 2026-11-05", "start: 2026-11-01")
		w.later(time.Hour)
		w.wantHeld(early, "deal.no_products", "sales")
		w.wantFree(meanwhile)
		w.invoice(meanwhile)
		w.wantFree(fine)
	})
}

// The store is lost while an earlier start waits for a person's word: the past is not invoiced by the new store either.
func TestAnEarlierStartAndALostStore(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deals := w.past(9)
		invoiced, held := w.won("Invoiced"), w.deal(w.usual.account, "Held", nil)
		w.win(held)
		w.quiet()
		w.editMapping("start: 2026-11-01", "start: 2026-08-01")
		w.quiet()
		w.shutDown()
		w.loseStore()
		w.New = false
		w.later(time.Hour)
		w.later(26 * time.Hour)
		for _, deal := range deals {
			if len(w.invoices(deal)) != 0 || w.hold(deal) != "" {
				w.Fatalf("a deal of the past was taken up")
			}
		}
		if n, remedy := w.lastLetIn(); n != 27 {
			w.Errorf("told of %v: %s", n, remedy)
		}
		w.wantHeld(held, "deal.no_products", "sales")
		w.invoice(invoiced)
		w.editMapping("  settle: 10m", "  admit: 2026-11-09\n  settle: 10m")
		w.quiet()
		for _, deal := range deals {
			w.invoice(deal)
		}
	})
}
