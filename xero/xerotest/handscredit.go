package xerotest

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// EditableCreditNote is a credit note open on the screen. Lines may be changed, added and removed; their amounts follow.
type EditableCreditNote struct {
	ContactID, CreditNoteNumber, Reference, Date   string
	CurrencyCode, LineAmountTypes, BrandingThemeID string
	CurrencyRate                                   decimal.Decimal // of a foreign currency; zero for the rate of the day
	SentToContact                                  bool
	Lines                                          []LineView
}

// EditCreditNote opens a credit note, lets a person change it and saves it. One of which something is used stays as it is.
func (o *Organisation) EditCreditNote(creditNoteID string, change func(*EditableCreditNote)) error {
	return o.hand(creditNoteID, func(n *document) error {
		switch {
		case !n.credit():
			return ErrNotThere
		case n.dead():
			return fmt.Errorf("it is %s and cannot be edited", n.status)
		case n.hasMoney():
			return refusal(textMoneyOnDocument)
		}
		e := EditableCreditNote{ContactID: n.contact.id, CreditNoteNumber: n.number, Reference: n.reference, Date: dayText(n.date), CurrencyCode: n.currency,
			CurrencyRate: n.rate, LineAmountTypes: n.amounts, BrandingThemeID: n.theme, SentToContact: n.sent}
		for i := range n.lines {
			e.Lines = append(e.Lines, n.lines[i].view())
		}
		change(&e)
		return o.enter(n, e.sheet(n))
	})
}

// AddCreditNote makes a credit note for a customer by hand, as a draft.
func (o *Organisation) AddCreditNote(e EditableCreditNote) (creditNoteID string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := &document{kind: salesCredit, status: draft, amounts: exclusive, theme: o.company.defaultTheme(), updated: o.now()}
	return o.addByHand(n, e.sheet(n))
}

// sheet is a credit note on the screen that invoices have, too.
func (e EditableCreditNote) sheet(n *document) EditableInvoice {
	return EditableInvoice{ContactID: e.ContactID, InvoiceNumber: e.CreditNoteNumber, Reference: e.Reference, Date: e.Date, DueDate: dayText(n.dueDate),
		CurrencyCode: e.CurrencyCode, CurrencyRate: e.CurrencyRate, LineAmountTypes: e.LineAmountTypes, BrandingThemeID: e.BrandingThemeID,
		SentToContact: e.SentToContact, Lines: e.Lines}
}
