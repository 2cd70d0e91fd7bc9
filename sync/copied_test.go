package sync_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

// A cloned deal brings the Xero fields of the first along: it gets an invoice of its own.
func TestAClonedDeal(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		first := w.won("First")
		w.quiet()
		inv := w.invoice(first)
		clone := w.deal(w.usual.account, "Second", map[string]any{"Xero_Invoice_Id__c": inv.InvoiceID, "Xero_Invoice_Number__c": inv.InvoiceNumber, "Xero_Status__c": "DRAFT"}, w.licence("1", "30.00"))
		w.win(clone)
		w.quiet()
		if got := w.field(clone, "Xero_Invoice_Id__c"); got == inv.InvoiceID || got == "" {
			w.Errorf("the clone shows the invoice %q", got)
		}
		if texts := w.found("deal.cloned"); len(texts) == 0 || !strings.Contains(texts[0], inv.InvoiceNumber) {
			w.Errorf("nobody was told of the clone: %q", texts)
		}
		w.inStep()
	})
}

// A clone that cannot be invoiced shows why, and not somebody else's invoice.
func TestAHeldClone(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		first := w.won("First")
		w.quiet()
		clone := w.deal(w.usual.account, "Second", map[string]any{"Xero_Invoice_Id__c": w.invoice(first).InvoiceID, "Xero_Invoice_Number__c": w.invoice(first).InvoiceNumber})
		w.win(clone)
		w.quiet()
		w.wantHeld(clone, "deal.no_products", "sales")
		if got := w.field(clone, "Xero_Invoice_Number__c"); got != "" {
			w.Errorf("the clone shows the invoice %s", got)
		}
	})
}

// A deal whose field names an invoice that Xero does not have, or one that bears no mark, is for a person to look at.
func TestAFieldThatNamesTheWrongInvoice(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		unknown := w.deal(w.usual.account, "Unknown", map[string]any{"Xero_Invoice_Id__c": "11111111-2222-3333-4444-555555555555"}, w.licence("1", "10.00"))
		rubbish := w.deal(w.usual.account, "Rubbish", map[string]any{"Xero_Invoice_Id__c": "see Ann"}, w.licence("1", "10.00"))
		customer, err := w.books.AddContact(xerotest.EditableContact{Name: "Somebody else"})
		w.must(err)
		byHand, err := w.books.AddInvoice(xerotest.EditableInvoice{ContactID: customer, Lines: []xerotest.LineView{{Description: "By hand", Quantity: money("1"), UnitAmount: money("10"), AccountCode: "200", TaxType: "OUTPUT2"}}})
		w.must(err)
		manual := w.deal(w.usual.account, "By hand", map[string]any{"Xero_Invoice_Id__c": strings.ToUpper(byHand)}, w.licence("1", "10.00"))
		for _, d := range []string{unknown, rubbish, manual} {
			w.win(d)
		}
		w.quiet()
		w.wantHeld(unknown, "witness.unknown", "accountant", "11111111-2222-3333-4444-555555555555")
		w.wantHeld(rubbish, "witness.unknown", "accountant", "see ann")
		w.wantHeld(manual, "witness.unmarked", "accountant")
		for _, d := range []string{unknown, rubbish, manual} {
			if w.field(d, "Xero_Invoice_Id__c") == "" {
				w.Errorf("the field that a person is to look at was cleared")
			}
			if len(w.invoices(d)) != 0 {
				w.Errorf("a deal with a doubtful field was invoiced")
			}
			w.change("Opportunity", d, map[string]any{"Xero_Invoice_Id__c": nil})
		}
		w.quiet()
		w.inStep()
		for _, d := range []string{unknown, rubbish, manual} {
			w.wantFree(d)
		}
	})
}

// A person copies our invoice in Xero, link and all, later than another daemon could have made it: the copy is left alone,
// and told once.
func TestAPersonsCopyOfOurInvoice(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Copied")
		w.quiet()
		w.later(w.Settle)
		original := w.invoice(deal)
		copied, err := w.books.Copy(original.InvoiceID)
		w.must(err)
		w.later(time.Hour)
		w.later(time.Hour)
		second, _ := w.books.Invoice(copied)
		if texts := w.found("invoice.copied"); len(texts) != 1 || !strings.Contains(texts[0], original.InvoiceNumber) || !strings.Contains(texts[0], second.InvoiceNumber) {
			w.Errorf("told %q", texts)
		}
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-5"})
		w.quiet()
		if second, _ = w.books.Invoice(copied); second.Reference != "" {
			w.Errorf("the copy was changed")
		}
		if got := w.field(deal, "Xero_Invoice_Number__c"); got != original.InvoiceNumber {
			w.Errorf("the deal shows %s, want %s", got, original.InvoiceNumber)
		}
		if first, _ := w.books.Invoice(original.InvoiceID); first.Reference != "PO-5" {
			w.Errorf("our invoice was not updated")
		}
	})
}

// Ours is voided and a copy of it goes to the customer: the copy is the deal's invoice from then on.
func TestACopyTakesThePlaceOfAVoidedInvoice(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Replaced")
		w.quiet()
		original := w.invoice(deal).InvoiceID
		w.must(w.books.Approve(original))
		w.later(time.Minute)
		copied, err := w.books.Copy(original)
		w.must(err)
		w.must(w.books.Void(original))
		w.later(time.Hour)
		second, _ := w.books.Invoice(copied)
		if got := w.field(deal, "Xero_Invoice_Number__c"); got != second.InvoiceNumber {
			w.Errorf("the deal shows %s, want the copy %s (hold: %q)", got, second.InvoiceNumber, w.hold(deal))
		}
		if n := len(w.invoices(deal)); n != 2 {
			w.Errorf("there are %d invoices", n)
		}
	})
}

// A person takes the link off an invoice, a copy of it is deleted, and the store is lost: what the deal is held for is
// the invoice that stands and that its own field names, not the copy.
func TestAnUnlinkedInvoiceBesideADeadCopy(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Unlinked")
		w.quiet()
		inv := w.invoice(deal)
		copied, err := w.books.Copy(inv.InvoiceID)
		w.must(err)
		w.must(w.books.Edit(inv.InvoiceID, func(e *xerotest.EditableInvoice) { e.Url = "" }))
		w.must(w.books.Delete(copied))
		w.shutDown()
		w.loseStore()
		w.New = false
		w.quiet()
		w.wantHeld(deal, "witness.unmarked", "accountant", inv.InvoiceNumber)
	})
}

// A person makes two copies of an invoice, edits one, and deletes the original and the other: the edited one becomes the
// deal's invoice as it is, nothing untrue is told about it, and what the person wrote in it stays.
func TestTheLastOfTwoCopiesTakesThePlace(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Copied")
		w.quiet()
		original := w.invoice(deal).InvoiceID
		w.later(w.Settle)
		other, err := w.books.Copy(original)
		w.must(err)
		last, err := w.books.Copy(original)
		w.must(err)
		w.must(w.books.Edit(last, func(e *xerotest.EditableInvoice) { e.Lines[0].Description = "by hand" }))
		w.later(time.Hour)
		w.must(w.books.Delete(original))
		w.later(25 * time.Hour)
		w.wantHeld(deal, "invoice.two", "accountant")
		w.must(w.books.Delete(other))
		w.later(time.Hour)
		for _, text := range w.found("invoice.differs") {
			if strings.Contains(text, "0 lines") {
				w.Errorf("told what is not true: %s", text)
			}
		}
		w.change("Opportunity", deal, map[string]any{"CloseDate": "2026-11-19"})
		w.quiet()
		w.wantFree(deal)
		if inv, _ := w.books.Invoice(last); inv.Lines[0].Description != "by hand" || inv.Date != "2026-11-19" {
			w.Errorf("the copy is dated %s and its first line says %q", inv.Date, inv.Lines[0].Description)
		}
	})
}

// A deal's row names an invoice that bears this very deal's mark under an entry that mapping.yaml does not have: that is no
// clone, and no second invoice is made.
func TestAnInvoiceOfThisDealUnderAnotherName(t *testing.T) {
	inWorld(t, company{}, func(w *world) {
		deal := w.won("Once")
		customer, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boat Hire", ContactNumber: w.usual.account})
		w.must(err)
		inv, err := w.books.AddInvoice(xerotest.EditableInvoice{ContactID: customer, Url: crmURL + "/" + deal + "?d=" + w.crm.OrgID() + ".sales.1",
			Lines: []xerotest.LineView{{Description: "Sale", Quantity: money("1"), UnitAmount: money("250"), AccountCode: "200", TaxType: "OUTPUT2"}}})
		w.must(err)
		w.change("Opportunity", deal, map[string]any{"Xero_Invoice_Id__c": inv})
		w.runFor(8*time.Hour, 10*time.Minute)
		if n := len(w.invoices(deal)); n != 1 {
			w.Errorf("there are %d invoices for one deal", n)
		}
	})
}
