package xero

import (
	"fmt"
	"strings"
)

// Kind is one of Xero's lists, by the name it has in paths and envelopes.
type Kind string

// The kinds this client can list and write.
const (
	Contacts    Kind = "Contacts"
	Items       Kind = "Items"
	Invoices    Kind = "Invoices"
	CreditNotes Kind = "CreditNotes"
	Quotes      Kind = "Quotes"
	Payments    Kind = "Payments"
)

// shape is what differs between the kinds.
type shape struct {
	id, number string // fields of a document
	status     string
	paged      bool
	pageSize   bool // takes pageSize (else a page has 100)
	unitdp     bool // prices with 4 decimals instead of 2 have to be asked for
	summarize  bool // takes summarizeErrors
	numbers    string
}

func (k Kind) shape() (shape, bool) {
	switch k {
	case Contacts:
		return shape{id: "ContactID", number: "ContactNumber", status: "ContactStatus", paged: true, pageSize: true, summarize: true}, true
	case Items:
		return shape{id: "ItemID", number: "Code", unitdp: true, summarize: true}, true
	case Invoices:
		return shape{id: "InvoiceID", number: "InvoiceNumber", status: "Status", paged: true, pageSize: true, unitdp: true, summarize: true, numbers: "InvoiceNumbers"}, true
	case CreditNotes:
		return shape{id: "CreditNoteID", number: "CreditNoteNumber", status: "Status", paged: true, pageSize: true, unitdp: true, summarize: true}, true
	case Quotes:
		return shape{id: "QuoteID", number: "QuoteNumber", status: "Status", paged: true, summarize: true}, true
	case Payments:
		return shape{id: "PaymentID", status: "Status", paged: true, pageSize: true, summarize: true}, true
	}
	return shape{}, false
}

// Path is where the kind lives on the API host.
func (k Kind) Path() string { return accounting + "/" + string(k) }

// IDField is the name of a document's id.
func (k Kind) IDField() string { s, _ := k.shape(); return s.id }

// NumberField is the name of a document's number, "" if it has none.
func (k Kind) NumberField() string { s, _ := k.shape(); return s.number }

// kindOf is the kind that a path belongs to: itself or one document of it.
func kindOf(path string) (Kind, error) {
	rest, ok := strings.CutPrefix(path, accounting+"/")
	name, _, _ := strings.Cut(rest, "/")
	if _, known := Kind(name).shape(); !ok || !known {
		return "", fmt.Errorf("%s is no path that is written to", path)
	}
	return Kind(name), nil
}

const noID = "00000000-0000-0000-0000-000000000000"

// realID drops the all-zero id that Xero gives to what it did not store.
func realID(id string) string {
	if id == noID {
		return ""
	}
	return id
}
