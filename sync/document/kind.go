package document

import (
	"encoding/json"
	"strings"
	"time"

	"sf2xero/xero"
)

// Normal is a document as it is kept: Xero's own field order and doubled dates gone.
func Normal(kind xero.Kind, item json.RawMessage) (id string, document json.RawMessage, err error) {
	if kind == xero.Contacts {
		contact, err := xero.DecodeContact(item)
		if err != nil {
			return "", nil, err
		}
		document, err = json.Marshal(contact)
		return strings.ToLower(contact.ContactID), document, err
	}
	inv, err := xero.DecodeInvoice(item)
	if err != nil {
		return "", nil, err
	}
	document, err = json.Marshal(inv)
	return strings.ToLower(inv.InvoiceID), document, err
}

func UpdatedAt(document json.RawMessage) time.Time {
	var stamp struct{ UpdatedDateUTC xero.Time }
	if json.Unmarshal(document, &stamp) != nil {
		return time.Time{}
	}
	return stamp.UpdatedDateUTC.Time
}

// IDField is the field that holds the id of a document of a kind.
func IDField(kind string) string {
	if kind == string(xero.Contacts) {
		return "ContactID"
	}
	return "InvoiceID"
}
