package sync_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// wantApproved fails unless a deal's invoice was approved by us, to the cent, and nobody is told anything of it.
func (w *world) wantApproved(deal, total string) {
	w.Helper()
	w.wantFree(deal)
	if got := w.invoice(deal); got.Status != "AUTHORISED" || !got.Total.Equal(money(total)) {
		w.Errorf("%s is %s with a total of %s, want %s approved", got.InvoiceNumber, got.Status, got.Total, total)
	}
	if told := w.logged("finding"); len(told) > 0 {
		w.Errorf("something is told of it: %v", told)
	}
}

// What Xero writes otherwise than it was sent is no edit and no difference. Each of these made a draft for ever of every
// invoice, and the accountant was told to have edited it.
func TestWhatXeroWritesOtherwiseIsNoDifference(t *testing.T) {
	trade := map[string]any{"Discount": json.Number("0")}
	for _, c := range []struct {
		name  string
		edits []string
		item  item
		deal  map[string]any
		total string
	}{
		{name: "a discount as a rate, of which the answer to a write shows the amount too, and no list does", item: item{more: map[string]any{"Discount": json.Number("12.5")}, price: "100.00"}, total: "201.25"},
		{name: "a discount as an amount, of which a list shows a rounded rate, and an approval would work it out anew", item: item{price: "148.00"}, total: "317.40",
			edits: []string{"      DiscountRate: =Discount\n", "      DiscountAmount: 20\n", "  total: =ROUND(Amount, 2) ", "  total: =Amount - 20 "}},
		{name: "a discount as an amount that is less than a hundredth of a percent", item: item{price: "1000.00"}, total: "2299.89",
			edits: []string{"      DiscountRate: =Discount\n", "      DiscountAmount: 0.1\n", "  total: =ROUND(Amount, 2) ", "  total: =Amount - 0.1 "}},
		{name: "a discount of nothing", item: item{more: trade, price: "100.00"}, total: "230.00"},
		{name: "an invoice that counts as sent, which a draft cannot", item: item{price: "100.00"}, total: "230.00", edits: []string{"    LineAmountTypes: Exclusive\n", "    LineAmountTypes: Exclusive\n    SentToContact: =TRUE\n"}},
		{name: "one that does not", item: item{price: "100.00"}, total: "230.00", edits: []string{"    LineAmountTypes: Exclusive\n", "    LineAmountTypes: Exclusive\n    SentToContact: =FALSE\n"}},
		{name: "a rate of the organisation's own currency, which is 1", item: item{price: "100.00"}, total: "230.00", edits: []string{"    LineAmountTypes: Exclusive\n", "    LineAmountTypes: Exclusive\n    CurrencyRate: 0.6\n"}},
		{name: "no tax, which every line then shows as NONE", item: item{price: "100.00"}, total: "200.00", deal: map[string]any{"NextStep": "export"},
			edits: []string{"    LineAmountTypes: Exclusive\n", "    LineAmountTypes: =IF(NextStep = \"export\", \"NoTax\", \"Exclusive\")\n"}},
		{name: "a branding theme by the name that Xero shows", item: item{price: "100.00"}, total: "230.00", edits: []string{"    LineAmountTypes: Exclusive\n", "    LineAmountTypes: Exclusive\n    BrandingTheme: very orange invoice!\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			conditions := authorised()
			conditions.Edits = append(conditions.Edits, c.edits...)
			inWorld(t, conditions, func(w *world) {
				it := w.licence("2", c.item.price)
				it.more = c.item.more
				deal := w.deal(w.usual.account, "Deal", c.deal, it)
				w.win(deal)
				w.quiet()
				w.wantApproved(deal, c.total)
			})
		})
	}
}

// An approved invoice is marked as sent with its approval, not before and not by itself.
func TestAnInvoiceIsMarkedAsSentWhenItIsApproved(t *testing.T) {
	for status, want := range map[string]bool{"AUTHORISED": true, "SUBMITTED": false, "DRAFT": false} {
		t.Run(status, func(t *testing.T) {
			inWorld(t, company{New: true, Edits: []string{"Status: DRAFT ", "Status: " + status + " ", "    LineAmountTypes: Exclusive\n", "    LineAmountTypes: Exclusive\n    SentToContact: =NextStep <> \"by hand\"\n"}}, func(w *world) {
				deal := w.won("Sent")
				byHand := w.deal(w.usual.account, "By hand", map[string]any{"NextStep": "by hand"}, w.licence("1", "10.00"))
				w.win(byHand)
				w.quiet()
				w.wantFree(deal)
				w.wantFree(byHand)
				if got := w.invoice(deal); got.Status != status || got.SentToContact != want {
					w.Errorf("it is %s and sent: %t", got.Status, got.SentToContact)
				}
				if w.invoice(byHand).SentToContact {
					w.Errorf("it is marked as sent although the deal says otherwise")
				}
				if status != "AUTHORISED" {
					w.must(w.books.Approve(w.invoice(deal).InvoiceID))
				}
				writes := w.writes()
				w.change("Opportunity", deal, map[string]any{"NextStep": "by hand"})
				w.later(time.Hour)
				if status == "AUTHORISED" { // which is a change that comes too late
					w.wantHeld(deal, "edited.after_approval", "accountant", "SentToContact")
				} else { // it was never ours to say
					w.wantFree(deal)
				}
				if told := w.logged("finding"); len(told) > 0 || w.writes() != writes {
					w.Errorf("told was %v, and %d calls were made", told, w.writes()-writes)
				}
			})
		})
	}
}

// Whatever else of a draft is changed, a discount that was given as an amount keeps its cents.
func TestAnUpdateLeavesADiscountAlone(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"      DiscountRate: =Discount\n", "      DiscountAmount: 20\n", "  total: =ROUND(Amount, 2) ", "  total: =Amount - 20 "}}, func(w *world) {
		deal := w.won("Discounted", w.licence("2", "148.00"))
		w.quiet()
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-1"})
		w.later(time.Hour)
		if got := w.invoice(deal); got.Reference != "PO-1" || !got.Total.Equal(money("317.40")) {
			w.Errorf("it has the reference %q and comes to %s", got.Reference, got.Total)
		}
		// A person gives more off: that stays, and is what a change of the deal is compared with.
		w.must(w.books.Edit(w.invoice(deal).InvoiceID, func(e *xerotest.EditableInvoice) { e.Lines[0].UnitAmount = money("100.00") }))
		w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-2"})
		w.later(time.Hour)
		if got := w.invoice(deal); got.Reference != "PO-2" || !got.Lines[0].UnitAmount.Equal(money("100.00")) {
			w.Errorf("it has the reference %q and a price of %s", got.Reference, got.Lines[0].UnitAmount)
		}
		w.wantFree(deal)
	})
}

// miscounting is a Xero that comes to a cent less whenever it approves.
func miscounting(c company) company {
	c.Xero.Miscount = func(string) decimal.Decimal { return money("-0.01") }
	return c
}

// An approval that changes a cent is told at once, in the log and on the deal, also when its answer is lost.
func TestAnApprovalChangesACent(t *testing.T) {
	for name, fault := range map[string]*faults.Fault{
		"and says so":            nil,
		"and its answer is lost": {Method: "POST", Path: "/api.xro/2.0/Invoices", Kind: "drop_after", Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, miscounting(authorised()), func(w *world) {
				if fault != nil {
					w.breaks(*fault)
				}
				deal := w.won("Cent")
				w.quiet()
				if got := w.invoice(deal); got.Status != "AUTHORISED" || !got.Total.Equal(money("287.49")) {
					w.Fatalf("it is %s with a total of %s: this proves nothing", got.Status, got.Total)
				}
				told := w.logged("finding")
				if len(told) != 1 || told[0]["what"] != "invoice.differs" || told[0]["salesforce_id"] != deal {
					w.Errorf("told was %v", told)
				}
				w.wantHold(deal, "the total is 287.49 instead of 287.50")
				w.later(26 * time.Hour)
				w.wantHold(deal, "the total is 287.49 instead of 287.50")
				if n := len(w.logged("finding")); n != 1 {
					w.Errorf("told %d times", n)
				}
			})
		})
	}
}

// wantHold fails unless Salesforce shows a text on a deal.
func (w *world) wantHold(deal, says string) {
	w.Helper()
	if text := w.hold(deal); !strings.Contains(text, says) {
		w.Errorf("Salesforce shows %q, want %q", text, says)
	}
}
