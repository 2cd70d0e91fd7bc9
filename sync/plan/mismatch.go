package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// Mismatch says how the document of a link differs from what was meant, to the cent; "" when it does not. Left out are the
// fields that are not ours to judge: a person's, or a contact that was merged.
func Mismatch(link store.Link, theirs ...string) string {
	cents := link.AmountMismatch
	if slices.ContainsFunc(theirs, OfLines) {
		cents = ""
	}
	return together(fieldMismatch(link.Meant, link.Seen, theirs...), cents)
}

// fieldMismatch is the same without what Xero computes.
func fieldMismatch(meant, seen json.RawMessage, theirs ...string) string {
	var texts []string
	found := document.Compare(meant, seen)
	for _, field := range document.SortedNames(found.Wanted) {
		if t := found.Differs(field); t != "" && !slices.Contains(theirs, field) {
			texts = append(texts, t)
		}
	}
	return together(texts...)
}

func together(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), "; ")
}

// OfLines is true for the fields that an invoice's amounts are computed of.
func OfLines(field string) bool { return document.FieldOf(field).Amounts }

// AmountMismatch holds what Xero computed of an invoice's lines against what they come to; "" when it agrees. It is asked
// when lines were sent, and remembered: a tax rate that changes later changes no invoice.
func AmountMismatch(meant, seen json.RawMessage, ref *xero.Reference) string {
	inv, err := xero.DecodeInvoice(meant)
	if err != nil || len(inv.LineItems) == 0 {
		return ""
	}
	shown, err := xero.DecodeInvoice(seen)
	if err != nil {
		return ""
	}
	sub, tax, total, err := xero.Total(inv, ref)
	if err != nil {
		return ""
	}
	return amountsDiffer(shown, sub, tax, total)
}

// Recomputed says which of an invoice's amounts a write of ours has changed that was not about its lines; "" when none.
func Recomputed(before, after json.RawMessage) string {
	was, err := xero.DecodeInvoice(before)
	if err != nil {
		return ""
	}
	now, err := xero.DecodeInvoice(after)
	if err != nil {
		return ""
	}
	return amountsDiffer(now, was.SubTotal, was.TotalTax, was.Total)
}

// amountsDiffer says which of an invoice's amounts are not what they should be.
func amountsDiffer(inv xero.Invoice, sub, tax, total xero.Amount) string {
	var texts []string
	for _, amount := range []struct {
		name        string
		want, shown xero.Amount
	}{{"the amount before tax", sub, inv.SubTotal}, {"the tax", tax, inv.TotalTax}, {"the total", total, inv.Total}} {
		if !amount.want.Equal(amount.shown) {
			texts = append(texts, fmt.Sprintf("%s is %s instead of %s", amount.name, amount.shown.StringFixed(2), amount.want.StringFixed(2)))
		}
	}
	return together(texts...)
}

// Approved compares what Xero answered to an approval, or shows after one that was not answered: the amounts with those of
// the draft, which were right to the cent, and the fields with what was meant. Case: an invoice of 317.40 was approved with
// 317.39, and nobody was told.
func Approved(before, after store.Link, sent json.RawMessage, ref *xero.Reference, theirs ...string) (amounts, mismatch string) {
	amounts = Recomputed(before.Seen, after.Seen)
	if amounts == "" && before.SeenAt.Equal(after.SeenAt) { // unanswered: what the draft showed is not known any more
		amounts = AmountMismatch(after.Meant, after.Seen, ref)
	}
	status := ""
	if wanted := document.Text(document.Fields(sent)["Status"]); wanted != after.Status && !(wanted == "AUTHORISED" && after.Status == "PAID") {
		status = "it is " + document.StatusWord(after.Status) + " instead of " + document.StatusWord(wanted)
	}
	return amounts, together(status, fieldMismatch(after.Meant, after.Seen, theirs...), amounts)
}

// TheirFields are the fields of an invoice that a person has changed, and its contact where that was merged with another.
func TheirFields(b Books, link store.Link) []string {
	theirs := TouchedFields(b, link)
	if found := document.Compare(link.Meant, link.Seen); sameContact(b, found.Wanted["Contact"], found.Now["Contact"]) {
		theirs = append(theirs, "Contact")
	}
	return theirs
}
