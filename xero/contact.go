package xero

import (
	"encoding/json"
	"fmt"
)

// Contact is a customer as far as this program writes or reads one.
type Contact struct {
	ContactID                 string          `json:",omitempty"`
	ContactNumber             string          `json:",omitempty"` // settable by API only: another system's id
	AccountNumber             string          `json:",omitempty"`
	ContactStatus             string          `json:",omitempty"` // ACTIVE, ARCHIVED, GDPRREQUEST
	Name                      string          `json:",omitempty"`
	FirstName                 string          `json:",omitempty"`
	LastName                  string          `json:",omitempty"`
	EmailAddress              string          `json:",omitempty"`
	CompanyNumber             string          `json:",omitempty"`
	TaxNumber                 string          `json:",omitempty"`
	TaxNumberType             string          `json:",omitempty"`
	BankAccountDetails        string          `json:",omitempty"`
	DefaultCurrency           string          `json:",omitempty"`
	AccountsReceivableTaxType string          `json:",omitempty"`
	SalesDefaultAccountCode   string          `json:",omitempty"`
	Addresses                 []Address       `json:",omitempty"`
	Phones                    []Phone         `json:",omitempty"`
	ContactPersons            []ContactPerson `json:",omitempty"` // replaced as a whole
	PaymentTerms              *PaymentTerms   `json:",omitempty"`

	// What follows is Xero's to say.
	MergedToContactID string `json:",omitempty"` // in pages and single reads only
	UpdatedDateUTC    Time   `json:",omitzero"`
}

// Address is a postal (POBOX) or street address.
type Address struct {
	AddressType  string `json:",omitempty"`
	AddressLine1 string `json:",omitempty"`
	AddressLine2 string `json:",omitempty"`
	AddressLine3 string `json:",omitempty"`
	AddressLine4 string `json:",omitempty"`
	City         string `json:",omitempty"`
	Region       string `json:",omitempty"`
	PostalCode   string `json:",omitempty"`
	Country      string `json:",omitempty"`
	AttentionTo  string `json:",omitempty"`
}

// Phone is a number of type DEFAULT, DDI, MOBILE or FAX.
type Phone struct {
	PhoneType        string `json:",omitempty"`
	PhoneNumber      string `json:",omitempty"`
	PhoneAreaCode    string `json:",omitempty"`
	PhoneCountryCode string `json:",omitempty"`
}

// ContactPerson is one of up to five further people of a contact.
type ContactPerson struct {
	FirstName       string `json:",omitempty"`
	LastName        string `json:",omitempty"`
	EmailAddress    string `json:",omitempty"`
	IncludeInEmails *bool  `json:",omitempty"`
}

// PaymentTerms are when the contact's bills and invoices fall due.
type PaymentTerms struct {
	Bills *PaymentTerm `json:",omitempty"`
	Sales *PaymentTerm `json:",omitempty"`
}

// PaymentTerm is a day and how it is counted: DAYSAFTERBILLDATE, OFFOLLOWINGMONTH, …
type PaymentTerm struct {
	Day  *int   `json:",omitempty"`
	Type string `json:",omitempty"`
}

// DecodeContact reads a contact out of Xero's answer (or out of a document of ours).
// Xero always names four phones and two addresses and fills the empty ones with
// blanks: those are left out.
func DecodeContact(raw json.RawMessage) (Contact, error) {
	var c Contact
	if err := json.Unmarshal(raw, &c); err != nil {
		return Contact{}, fmt.Errorf("a contact of Xero's cannot be read: %w", err)
	}
	c.ContactID = realID(c.ContactID)
	c.MergedToContactID = realID(c.MergedToContactID)
	c.Addresses = filled(c.Addresses, func(a Address) bool { return a != Address{AddressType: a.AddressType} })
	c.Phones = filled(c.Phones, func(p Phone) bool { return p != Phone{PhoneType: p.PhoneType} })
	if t := c.PaymentTerms; t != nil && t.Bills == nil && t.Sales == nil {
		c.PaymentTerms = nil
	}
	return c, nil
}

func filled[T any](all []T, has func(T) bool) []T {
	var kept []T
	for _, one := range all {
		if has(one) {
			kept = append(kept, one)
		}
	}
	return kept
}
