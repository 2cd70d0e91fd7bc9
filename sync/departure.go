package sync

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sf2xero/store"
	"sf2xero/xero"
)

// departure says how a document in Xero differs from what was meant, to the cent; "" when it does not. Left out are the
// fields that are not ours to judge: a person's, or a contact that was merged.
func departure(meant, seen json.RawMessage, ref *xero.Reference, theirs ...string) string {
	var texts []string
	found := compare(meant, seen)
	for _, field := range sortedNames(found.wanted) {
		if t := found.differs(field); t != "" && !slices.Contains(theirs, field) {
			texts = append(texts, t)
		}
	}
	if !slices.Contains(theirs, "LineItems") && !slices.Contains(theirs, "LineAmountTypes") {
		texts = append(texts, amountsDiffer(meant, seen, ref)...)
	}
	return strings.Join(texts, "; ")
}

// amountsDiffer holds what Xero computed of an invoice's lines against what they come to.
func amountsDiffer(meant, seen json.RawMessage, ref *xero.Reference) (texts []string) {
	inv, err := xero.DecodeInvoice(meant)
	if err != nil || len(inv.LineItems) == 0 {
		return nil
	}
	shown, err := xero.DecodeInvoice(seen)
	if err != nil {
		return nil
	}
	sub, tax, total, err := xero.Total(inv, ref)
	if err != nil {
		return nil
	}
	for _, amount := range []struct {
		name        string
		want, shown xero.Amount
	}{{"the amount before tax", sub, shown.SubTotal}, {"the tax", tax, shown.TotalTax}, {"the total", total, shown.Total}} {
		if !amount.want.Equal(amount.shown) {
			texts = append(texts, fmt.Sprintf("%s is %s instead of %s", amount.name, amount.shown.StringFixed(2), amount.want.StringFixed(2)))
		}
	}
	return texts
}

// notOurs are the fields of an invoice that a person has changed, and its contact where that was merged with another.
func notOurs(b Books, link store.Link) []string {
	theirs := touchedFields(b, link)
	if found := compare(link.Meant, link.Seen); sameContact(b, found.wanted["Contact"], found.now["Contact"]) {
		theirs = append(theirs, "Contact")
	}
	return theirs
}
