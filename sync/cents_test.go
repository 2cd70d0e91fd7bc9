package sync_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

// evenly is a Xero that rounds half cents to the even one, which its documents do not exclude: a line of 0.30 has 0.04 of
// tax there, where 0.05 were meant.
func evenly(c company) company {
	c.Xero.HalfEven = true
	return c
}

// An invoice that is a cent off is told, held, and never approved by us, whatever else happens to it.
func TestACentOffIsNeverApproved(t *testing.T) {
	for name, then := range map[string]func(w *world, deal string){
		"a PO number comes in on the deal": func(w *world, deal string) {
			w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
			w.later(time.Hour)
			if got := w.invoice(deal).Reference; got != "PO-1" {
				w.Errorf("the draft's reference is %q", got)
			}
		},
		"the accountant types something and takes it back": func(w *world, deal string) {
			id := w.invoice(deal).InvoiceID
			w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.Reference = "hm" }))
			time.Sleep(time.Minute)
			w.run()
			w.must(w.books.Edit(id, func(e *xerotest.EditableInvoice) { e.Reference = "" }))
			w.later(time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, evenly(authorised()), func(w *world) {
				deal := w.won("Cent", w.licence("1", "0.30"))
				w.quiet()
				w.wantHeld(deal, "invoice.differs", "accountant", "the tax is 0.04 instead of 0.05")
				then(w, deal)
				w.wantHeld(deal, "invoice.differs", "accountant", "the tax is 0.04 instead of 0.05")
				if got := w.invoice(deal); got.Status != "DRAFT" {
					w.Errorf("%s is %s with a total of %s", got.InvoiceNumber, got.Status, got.Total)
				}
				w.change("OpportunityLineItem", w.lines(deal)[0], map[string]any{"UnitPrice": json.Number("0.40")})
				w.later(time.Hour)
				w.wantFree(deal)
				if got := w.invoice(deal).Status; got != "AUTHORISED" {
					w.Errorf("without a cent in doubt it is %s", got)
				}
			})
		})
	}
}

// The cent comes with an update of ours: somebody is told of that one, too.
func TestAnUpdateBringsACent(t *testing.T) {
	inWorld(t, evenly(company{New: true}), func(w *world) {
		deal := w.won("Cent", w.licence("1", "0.40"))
		w.quiet()
		if n := len(w.logged("finding")); n != 0 {
			w.Errorf("%d findings before anything was amiss", n)
		}
		w.change("OpportunityLineItem", w.lines(deal)[0], map[string]any{"UnitPrice": json.Number("0.30")})
		w.later(time.Hour)
		told := w.logged("finding")
		if len(told) != 1 || told[0]["what"] != "invoice.differs" || told[0]["salesforce_id"] != deal {
			w.Errorf("told was %v", told)
		}
	})
}

// A line comes to a tenth of a cent. Xero keeps it on a draft, and says of its good account and tax rate that they must be valid when
// it is approved. It is not asked to: the deal names the line, and goes out when that is corrected.
func TestALineBelowACentIsNamedBeforeItIsApproved(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"Status: DRAFT", "Status: AUTHORISED"}}, func(w *world) {
		deal := w.deal(w.usual.account, "A tenth of a cent", nil, w.licence("1", "100.00"), w.licence("0.01", "0.10"))
		w.win(deal)
		w.quiet()
		w.wantHeld(deal, "line.below_a_cent", "sales", "INV-", "line 2 is 0.001")
		if told := w.logged("hold.added"); len(told) != 1 || !strings.Contains(told[0]["text"].(string), "line 2 is 0.001") {
			w.Errorf("the log does not name the line: %v", told)
		}
		if n := len(w.logged("call.failed")); n != 0 {
			w.Errorf("Xero was asked all the same: %v", w.logged("call.failed"))
		}
		w.change("OpportunityLineItem", w.lines(deal)[1], map[string]any{"Quantity": json.Number("1")})
		w.later(time.Hour)
		w.wantApproved(deal, "115.12")
		w.wantFree(deal)
	})
}
