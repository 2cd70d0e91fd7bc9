package plan

import (
	"fmt"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// beside asks the deal's own field whether another invoice stands beside the one that was found by its mark. Which of two
// live ones is the deal's, the mark alone does not say. Seed 8003981: a person copied an invoice, took the link off the
// original, and the store was lost; the copy bears the mark, and the deal still names the original.
func beside(s Step, r store.Record, e *mapping.Entry, f Facts, found xero.Invoice) (Step, bool) {
	id := strings.ToLower(RowText(r.JSON, e.IDField))
	if id == "" || strings.EqualFold(id, found.InvoiceID) || f.Off.Beside {
		return s, false
	}
	seen, known := f.Books.SeenByID(string(xero.Invoices), id)
	if !known {
		if f.UnknownIDs[id] {
			return s, false // Xero does not have it; the field is overwritten
		}
		return s.wait("its field " + e.IDField + " names another Xero invoice, which is to be looked up"), true
	}
	other, err := xero.DecodeInvoice(seen.JSON)
	if err != nil {
		return s.wait("the invoice that its field names is to be read again"), true
	}
	mark, marked := document.MarkOf(other.Url)
	switch {
	case !IsLive(other.Status), other.Type != "ACCREC", other.RepeatingInvoiceID != "":
		return s, false
	case marked && mark.Org == f.Place.Org && mark.Key() != r.Key: // another deal's, of which this one is a clone
		return s, false
	}
	return s.hold(Held("witness.other", Accountant,
		fmt.Sprintf("Xero has two invoices for this deal: %s (%s), which bears its mark, and %s (%s), which its field %s names", found.InvoiceNumber, document.StatusWord(found.Status),
			other.InvoiceNumber, document.StatusWord(other.Status), e.IDField),
		"void or delete the wrong one in Xero; if "+other.InvoiceNumber+" is not this deal's, empty that field in Salesforce")), true
}

// besideLink is the same for a deal whose link was rebuilt, which is not decided yet.
func besideLink(s Step, r store.Record, e *mapping.Entry, f Facts, link store.Link) (Step, bool) {
	if IsLive(link.Status) {
		return beside(s, r, e, f, xero.Invoice{InvoiceID: link.XeroID, InvoiceNumber: link.Number, Status: link.Status})
	}
	switch live, _ := Witnesses(f.Books, r.Key); len(live) {
	case 0:
		return namesLive(s, r, e, f, link.XeroID)
	case 1:
		return beside(s, r, e, f, live[0])
	}
	return s, false
}

// namesLive asks for a deal whose invoice is dead whether its own field names another one that stands.
func namesLive(s Step, r store.Record, e *mapping.Entry, f Facts, dead string) (Step, bool) {
	id := strings.ToLower(RowText(r.JSON, e.IDField))
	seen, known := f.Books.SeenByID(string(xero.Invoices), id)
	if !known || strings.EqualFold(id, dead) || f.Off.Beside {
		return s, false
	}
	if inv, err := xero.DecodeInvoice(seen.JSON); err != nil || !IsLive(inv.Status) {
		return s, false
	}
	named, decides := fieldWitness(&s, r, e, f)
	return named, decides && named.Hold != nil && named.Hold.Cause == causeUnmarked
}

// BesideUndecided is true while a deal's row names another invoice than the one that was found again for it, and nobody has
// said yet what that means: the row is the last witness of the other one, and is not overwritten.
func BesideUndecided(link store.Link, named string, off SafeguardsOff) bool {
	return link.Decided == "" && named != "" && !strings.EqualFold(named, link.XeroID) && !off.Beside
}
