package xero

import (
	"encoding/json"
	"fmt"

	"github.com/shopspring/decimal"
)

// Invoice is a sales invoice as far as this program writes or reads one. Absent
// fields are left out of its JSON, so that a document keeps exactly its fields.
type Invoice struct {
	Type                string      `json:",omitempty"`
	InvoiceID           string      `json:",omitempty"`
	InvoiceNumber       string      `json:",omitempty"`
	Reference           string      `json:",omitempty"`
	Url                 string      `json:",omitempty"`
	Contact             *ContactRef `json:",omitempty"`
	Date                Date        `json:",omitempty"`
	DueDate             Date        `json:",omitempty"`
	ExpectedPaymentDate Date        `json:",omitempty"`
	Status              string      `json:",omitempty"`
	LineAmountTypes     string      `json:",omitempty"`
	LineItems           []LineItem  `json:",omitempty"`
	CurrencyCode        string      `json:",omitempty"`
	CurrencyRate        Amount      `json:",omitzero"`
	BrandingThemeID     string      `json:",omitempty"`
	SentToContact       *bool       `json:",omitempty"`

	// What follows is Xero's to say.
	SubTotal           Amount    `json:",omitzero"`
	TotalTax           Amount    `json:",omitzero"`
	Total              Amount    `json:",omitzero"`
	TotalDiscount      Amount    `json:",omitzero"`
	AmountDue          Amount    `json:",omitzero"`
	AmountPaid         Amount    `json:",omitzero"`
	AmountCredited     Amount    `json:",omitzero"`
	FullyPaidOnDate    Date      `json:",omitempty"`
	RepeatingInvoiceID string    `json:",omitempty"` // only on invoices made from a repeating template
	Payments           []Settled `json:",omitempty"`
	CreditNotes        []Settled `json:",omitempty"`
	Prepayments        []Settled `json:",omitempty"`
	Overpayments       []Settled `json:",omitempty"`
	UpdatedDateUTC     Time      `json:",omitzero"`
}

// LineItem is one line. Xero keeps a line whose LineItemID an update names and
// deletes every line that it does not.
type LineItem struct {
	LineItemID     string     `json:",omitempty"`
	Description    string     `json:",omitempty"`
	Quantity       Amount     `json:",omitzero"`
	UnitAmount     Amount     `json:",omitzero"`
	ItemCode       string     `json:",omitempty"`
	AccountCode    string     `json:",omitempty"`
	AccountID      string     `json:",omitempty"`
	TaxType        string     `json:",omitempty"`
	TaxAmount      Amount     `json:",omitzero"`
	LineAmount     Amount     `json:",omitzero"`
	DiscountRate   Amount     `json:",omitzero"` // percent
	DiscountAmount Amount     `json:",omitzero"`
	Tracking       []Tracking `json:",omitempty"`
}

// Tracking is one option of one tracking category.
type Tracking struct {
	TrackingCategoryID string `json:",omitempty"`
	TrackingOptionID   string `json:",omitempty"`
	Name               string `json:",omitempty"`
	Option             string `json:",omitempty"`
}

// ContactRef is the contact inside a document. Sent, it holds the ContactID and
// nothing else: any further field would edit the contact.
type ContactRef struct {
	ContactID     string `json:",omitempty"`
	Name          string `json:",omitempty"`
	ContactNumber string `json:",omitempty"`
}

// Settled is a payment, credit note, prepayment or overpayment set against an invoice.
type Settled struct {
	PaymentID        string `json:",omitempty"`
	CreditNoteID     string `json:",omitempty"`
	CreditNoteNumber string `json:",omitempty"`
	PrepaymentID     string `json:",omitempty"`
	OverpaymentID    string `json:",omitempty"`
	Reference        string `json:",omitempty"`
	Date             Date   `json:",omitempty"`
	Amount           Amount `json:",omitzero"` // of a payment
	AppliedAmount    Amount `json:",omitzero"` // of the others
}

// DecodeInvoice reads an invoice out of Xero's answer (or out of a document of ours).
func DecodeInvoice(raw json.RawMessage) (Invoice, error) {
	// Calendar dates come twice; the String twin needs no conversion.
	var wire struct {
		Invoice
		DateString, DueDateString Date
	}
	if err := json.Unmarshal(raw, &wire); err != nil {
		return Invoice{}, fmt.Errorf("an invoice of Xero's cannot be read: %w", err)
	}
	in := wire.Invoice
	if wire.DateString != "" {
		in.Date = wire.DateString
	}
	if wire.DueDateString != "" {
		in.DueDate = wire.DueDateString
	}
	in.InvoiceID = realID(in.InvoiceID)
	in.RepeatingInvoiceID = realID(in.RepeatingInvoiceID)
	in.BrandingThemeID = realID(in.BrandingThemeID)
	for i := range in.LineItems {
		in.LineItems[i].completeDiscount()
	}
	return in, nil
}

// completeDiscount fills in the discount in money that Xero's lists leave out: they show the rate alone, whichever was
// sent, and its two decimals do not give the amount back. A line of ours is left as it is.
func (l *LineItem) completeDiscount() {
	listed := l.LineItemID != "" && l.TaxAmount.Set && l.LineAmount.Set && l.Quantity.Set && l.UnitAmount.Set
	if !listed || !l.DiscountRate.Set || l.DiscountAmount.Set {
		return
	}
	gross := l.Quantity.Mul(l.UnitAmount.Decimal)
	off := gross.Round(2).Sub(l.LineAmount.Decimal)
	if between := gross.Round(2).Sub(gross).Abs().Equal(halfCent()); between && l.DiscountRate.Decimal.IsZero() {
		off = decimal.Zero // Xero may have rounded half a cent the other way: that is no discount
	}
	l.DiscountAmount = cents(off)
}
