package sync_test

import (
	"testing"
	"time"

	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// unlinkedAndCopied is a deal whose invoice a person has copied and then taken the link off, and whose store is lost.
func unlinkedAndCopied(w *world) (deal, original, copied string) {
	w.Helper()
	deal = w.won("Twice")
	w.quiet()
	original = w.invoice(deal).InvoiceID
	w.must(w.books.Approve(original))
	copied, err := w.books.Copy(original)
	w.must(err)
	w.must(w.books.Edit(original, func(e *xerotest.EditableInvoice) { e.Url = "" }))
	w.startsAnew()
	w.quiet()
	return deal, original, copied
}

// Two invoices stand for one deal, and only the deal's own field leads to the one without the mark: it is not overwritten,
// both are named, and neither is touched. Whichever the accountant ends, the hold goes with it.
func TestARowThatNamesAnotherInvoiceAfterTheStoreIsLost(t *testing.T) {
	for name, then := range map[string]func(w *world, deal, original, copied string){
		"the copy is deleted": func(w *world, deal, original, copied string) {
			w.must(w.books.Delete(copied))
			w.later(30 * time.Minute)
			w.wantHeld(deal, "witness.unmarked", "accountant")
			if got := w.field(deal, "Xero_Invoice_Id__c"); got != original {
				w.Errorf("the deal names %s, want %s", got, original)
			}
		},
		"the original is voided": func(w *world, deal, original, copied string) {
			w.must(w.books.Void(original))
			w.later(30 * time.Minute)
			w.wantFree(deal)
			if got := w.field(deal, "Xero_Invoice_Id__c"); got != copied {
				w.Errorf("the deal names %s, want the copy %s", got, copied)
			}
		},
		"the field is emptied": func(w *world, deal, original, copied string) {
			w.change("Opportunity", deal, map[string]any{"Xero_Invoice_Id__c": nil})
			w.later(30 * time.Minute)
			w.wantFree(deal)
			if got := w.field(deal, "Xero_Invoice_Id__c"); got != copied {
				w.Errorf("the deal names %s, want the copy %s", got, copied)
			}
		},
		"the deal is un-won": func(w *world, deal, original, copied string) {
			w.unwin(deal)
			w.later(30 * time.Minute)
			w.wantHeld(deal, "witness.other", "accountant")
			w.must(w.books.Void(original))
			w.must(w.books.Delete(copied))
			w.later(30 * time.Minute)
			w.wantFree(deal)
			w.win(deal)
			w.later(30 * time.Minute)
			w.wantHeld(deal, "invoice.deleted", "accountant")
		},
		"the deal is un-won and the copy deleted": func(w *world, deal, original, copied string) {
			w.unwin(deal)
			w.must(w.books.Delete(copied))
			w.later(30 * time.Minute)
			w.wantHeld(deal, "witness.unmarked", "accountant")
			if got := w.field(deal, "Xero_Invoice_Id__c"); got != original {
				w.Errorf("the deal names %s, want %s", got, original)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true, Edits: []string{"if_unwon: hold", "if_unwon: delete_draft"}}, func(w *world) {
				deal, original, copied := unlinkedAndCopied(w)
				first, _ := w.books.Invoice(original)
				second, _ := w.books.Invoice(copied)
				w.wantHeld(deal, "witness.other", "accountant", first.InvoiceNumber+" (approved)", second.InvoiceNumber+" (a draft)")
				if got := w.field(deal, "Xero_Invoice_Id__c"); got != original {
					w.Errorf("the deal names %s, want %s as before", got, original)
				}
				writes := w.writes()
				w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-9"})
				w.later(time.Hour)
				w.wantHeld(deal, "witness.other", "accountant")
				then(w, deal, original, copied)
				if w.writes() != writes {
					w.Errorf("something was written to Xero")
				}
				if n := len(w.books.Invoices()); n != 6 {
					w.Errorf("there are %d invoices", n)
				}
			})
		})
	}
}

// The answer to a new store's first batch is lost while the accountant has the invoice without a link in hand: that one is
// known by the deal that names it, and is no sign that Xero loses the links.
func TestAnUnlinkedInvoiceThatADealNamesIsNoLostMark(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal, original, _ := unlinkedAndCopied(w)
		next := w.won("Next")
		time.Sleep(11 * time.Minute)
		w.breaks(faults.Fault{Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "stale", DelayMS: int((8 * time.Minute).Milliseconds())})
		w.next("PUT", "/Invoices", 0, 1, faults.LoseAnswer)
		_, _ = w.try() // its answer is lost
		w.must(w.books.Edit(original, func(e *xerotest.EditableInvoice) { e.Reference = "looked at" }))
		time.Sleep(2 * time.Minute)
		w.run()
		w.later(time.Hour)
		if n := len(w.logged("mark.lost")); n != 0 {
			w.Errorf("the links were taken for lost %d times", n)
		}
		w.invoice(next)
		w.wantHeld(deal, "witness.other", "accountant")
	})
}

// The deleted draft that a deal names is seen to be gone, although no list shows it.
func TestTheDraftThatARowNamesIsDeleted(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Twice")
		w.quiet()
		original := w.invoice(deal).InvoiceID
		copied, err := w.books.Copy(original)
		w.must(err)
		w.must(w.books.Edit(original, func(e *xerotest.EditableInvoice) { e.Url = "" }))
		w.startsAnew()
		w.quiet()
		w.wantHeld(deal, "witness.other", "accountant")
		w.must(w.books.Delete(original))
		w.later(30 * time.Minute)
		w.wantFree(deal)
		if got := w.field(deal, "Xero_Invoice_Id__c"); got != copied {
			w.Errorf("the deal names %s, want the copy %s", got, copied)
		}
	})
}

// Where nothing was paid no day of payment is shown. Case: a deal credited in full read "paid in full on" its last day.
func TestADealThatIsCreditedInFull(t *testing.T) {
	inWorld(t, authorised(), func(w *world) {
		credited, paid, partly := w.won("Credited"), w.won("Paid"), w.won("Half of each")
		w.quiet()
		due := w.invoice(credited).AmountDue
		for _, deal := range []string{credited, paid, partly} {
			w.must(w.books.Edit(w.invoice(deal).InvoiceID, func(e *xerotest.EditableInvoice) {}))
		}
		_, err := w.books.Credit(w.invoice(credited).InvoiceID, due)
		w.must(err)
		_, err = w.books.Pay(w.invoice(paid).InvoiceID, due)
		w.must(err)
		_, err = w.books.Pay(w.invoice(partly).InvoiceID, money("100"))
		w.must(err)
		_, err = w.books.Credit(w.invoice(partly).InvoiceID, due.Sub(money("100")))
		w.must(err)
		w.later(time.Hour)
		for deal, want := range map[string]bool{credited: false, paid: true, partly: true} {
			if got := w.field(deal, "Xero_Fully_Paid_On__c"); w.field(deal, "Xero_Status__c") != "PAID" || (got != "") != want {
				w.Errorf("%s is %s, paid in full on %q", w.field(deal, "Name"), w.field(deal, "Xero_Status__c"), got)
			}
		}
	})
}
