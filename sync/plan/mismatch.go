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
	var texts []string
	for _, amount := range []struct {
		name        string
		want, shown xero.Amount
	}{{"the amount before tax", sub, shown.SubTotal}, {"the tax", tax, shown.TotalTax}, {"the total", total, shown.Total}} {
		if !amount.want.Equal(amount.shown) {
			texts = append(texts, fmt.Sprintf("%s is %s instead of %s", amount.name, amount.shown.StringFixed(2), amount.want.StringFixed(2)))
		}
	}
	return together(texts...)
}

// TheirFields are the fields of an invoice that a person has changed, and its contact where that was merged with another.
func TheirFields(b Books, link store.Link) []string {
	theirs := TouchedFields(b, link)
	if found := document.Compare(link.Meant, link.Seen); sameContact(b, found.Wanted["Contact"], found.Now["Contact"]) {
		theirs = append(theirs, "Contact")
	}
	return theirs
}
