package plan

import (
	"strings"
	"testing"
)

// A copy bears the deal's mark, the original has lost it, and the store is gone: two invoices stand, and only the deal's own
// field still leads to the second.
func TestADealThatNamesAnotherInvoiceThanTheOneThatBearsItsMark(t *testing.T) {
	t.Parallel()
	// The deal's invoice INV-0007 was found again by its mark, and the deal names INV-0001.
	besides := func(change func(d *desk)) func(d *desk) {
		return func(d *desk) {
			d.invoiced()
			d.rebuilt()
			d.shows(invoiceID2, "INV-0001", "AUTHORISED", dealID, 0)
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"`+strings.ToUpper(invoiceID2)+`"`)
			if change != nil {
				change(d)
			}
		}
	}
	both := []string{"INV-0007 (a draft), which bears its mark", "INV-0001 (approved), which its field Xero_Invoice_Id__c names", "void or delete the wrong one"}
	for _, c := range []planCase{
		{name: "both stand", given: besides(nil), do: Hold, cause: "witness.other", owner: Accountant, says: both},
		{name: "both stand and both bear its mark", given: besides(func(d *desk) { d.shows(invoiceID2, "INV-0001", "AUTHORISED", dealID, 1) }),
			do: Hold, cause: "witness.other", owner: Accountant, says: both},
		{name: "the other one is to be looked up", given: besides(func(d *desk) { delete(d.books.seen, "Invoices/"+invoiceID2) }), do: Wait, says: []string{"looked up"}},
		{name: "Xero does not have the other one", given: besides(func(d *desk) {
			delete(d.books.seen, "Invoices/"+invoiceID2)
			d.facts.UnknownIDs[invoiceID2] = true
		}), do: Nothing},
		{name: "the other one was voided", given: besides(func(d *desk) { d.shows(invoiceID2, "INV-0001", "VOIDED", dealID, 0) }), do: Nothing},
		{name: "the other one is the invoice of the deal that this one was cloned from", given: besides(func(d *desk) { d.shows(invoiceID2, "INV-0001", "AUTHORISED", otherDeal, 1) }), do: Nothing},
		{name: "the deal names what bears its mark", given: besides(func(d *desk) { d.sells(strings.ToUpper(invoiceID2), strings.ToUpper(invoiceID)) }), do: Nothing},
		{name: "the store knew what the deal's invoice is", given: func(d *desk) {
			d.invoiced()
			d.shows(invoiceID2, "INV-0001", "AUTHORISED", dealID, 0)
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"`+invoiceID2+`"`)
		}, do: Nothing},
		{name: "the one that bears the mark was deleted", given: besides(func(d *desk) { d.isNow("DELETED") }),
			do: Hold, cause: "witness.unmarked", owner: Accountant, says: []string{"INV-0001"}},
		{name: "both stand, and the deal is un-won", given: besides(func(d *desk) { d.record.Gone = "unmatched" }), do: Hold, cause: "witness.other", owner: Accountant, says: both},
		{name: "the one that bears the mark was deleted, and the deal is un-won", given: besides(func(d *desk) { d.isNow("DELETED"); d.record.Gone = "unmatched" }),
			do: Hold, cause: "witness.unmarked", owner: Accountant, says: []string{"INV-0001"}},
		{name: "both are gone", given: besides(func(d *desk) {
			d.isNow("DELETED")
			d.shows(invoiceID2, "INV-0001", "VOIDED", dealID, 0)
		}), do: Hold, cause: "invoice.deleted", owner: Accountant, says: []string{"INV-0007 was deleted"}},
		{name: "the store knows nothing of either", given: besides(func(d *desk) { delete(d.books.links, dealKey) }), do: Hold, cause: "witness.other", owner: Accountant, says: both},
		{name: "a copy of the dead one bears the mark", given: besides(func(d *desk) {
			d.isNow("VOIDED")
			d.shows(contactID2, "INV-0008", "DRAFT", dealID, 1)
		}), do: Hold, cause: "witness.other", owner: Accountant, says: []string{"INV-0008 (a draft)", "INV-0001 (approved)"}},
	} {
		c.run(t, (*desk).plan)
	}
}

// Case: people won a deal again whose invoice had been voided, and waited.
func TestWhatHelpsWhenAnInvoiceIsDead(t *testing.T) {
	t.Parallel()
	for _, c := range []planCase{
		{name: "voided", given: func(d *desk) { d.invoiced(); d.isNow("VOIDED") }, do: Hold, cause: "invoice.voided", owner: Accountant,
			says: []string{"INV-0007 was voided", "nor by winning the deal again", "open it in Xero and copy it", "the copy becomes the deal's"}},
		{name: "deleted", given: func(d *desk) { d.invoiced(); d.isNow("DELETED") }, do: Hold, cause: "invoice.deleted", owner: Accountant,
			says: []string{"INV-0007 was deleted", "among the deleted and voided invoices", "un-win the deal"}},
		{name: "voided and copied", given: func(d *desk) {
			d.invoiced()
			d.isNow("VOIDED")
			d.shows(invoiceID2, "INV-0008", "DRAFT", dealID, 1)
		}, do: Adopt, says: []string{"INV-0008"}},
	} {
		c.run(t, (*desk).plan)
	}
}
