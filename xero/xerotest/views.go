package xerotest

import (
	"errors"
	"time"

	"github.com/shopspring/decimal"
)

// InvoiceView is an invoice as a person sees it on the screen. Dates are YYYY-MM-DD, "" where there is none.
type InvoiceView struct {
	InvoiceID, Type, InvoiceNumber, Reference, Url string
	Status, CurrencyCode, LineAmountTypes          string
	ContactID, ContactName                         string
	Date, DueDate, FullyPaidOnDate                 string
	CurrencyRate                                   decimal.Decimal
	BrandingThemeID                                string
	SentToContact                                  bool
	SubTotal, TotalTax, Total, TotalDiscount       decimal.Decimal
	AmountDue, AmountPaid, AmountCredited          decimal.Decimal
	Lines                                          []LineView
	CreatedByAPI                                   bool // an app made it, not a person
	Updated                                        time.Time
}

// CreditNoteView is a credit note as a person sees it on the screen. Dates are YYYY-MM-DD, "" where there is none.
type CreditNoteView struct {
	CreditNoteID, Type, CreditNoteNumber, Reference string
	Status, CurrencyCode, LineAmountTypes           string
	ContactID, ContactName                          string
	Date, DueDate, FullyPaidOnDate                  string
	CurrencyRate                                    decimal.Decimal
	BrandingThemeID                                 string
	SentToContact                                   bool
	SubTotal, TotalTax, Total, RemainingCredit      decimal.Decimal
	Lines                                           []LineView
	Allocations                                     []AllocationView
	CreatedByAPI                                    bool // an app made it, not a person
	Updated                                         time.Time
}

// AllocationView is what of a credit note was set against an invoice.
type AllocationView struct {
	AllocationID, InvoiceID, Date string
	Amount                        decimal.Decimal
}

// LineView is a line of a document. In Tracking are option names by category name.
type LineView struct {
	LineItemID, Description, ItemCode, AccountCode, TaxType string
	Quantity, UnitAmount, DiscountRate, DiscountAmount      decimal.Decimal // a discount has both forms, whichever was given
	LineAmount, TaxAmount                                   decimal.Decimal
	Tracking                                                map[string]string
}

// ContactView is a contact as a person sees it on the screen.
type ContactView struct {
	ContactID, ContactNumber, AccountNumber, ContactStatus, Name string
	FirstName, LastName, EmailAddress, CompanyNumber, TaxNumber  string
	DefaultCurrency, MergedToContactID                           string
	Street, Postal                                               AddressView // STREET and POBOX
	Phone, Mobile                                                string      // the numbers of DEFAULT and MOBILE
	IsCustomer, CreatedByAPI                                     bool
	Updated                                                      time.Time
}

// AddressView is one of the two addresses of a contact.
type AddressView struct {
	Line1, Line2, Line3, Line4, City, Region, PostalCode, Country, AttentionTo string
}

// ErrNotThere is what a hand gets that reaches for something the organisation does not have.
var ErrNotThere = errors.New("there is no such record in this organisation")

// viewsOf is how people see some records.
func viewsOf[T, V any](all []*T, view func(*T) V) []V {
	list := make([]V, len(all))
	for i, one := range all {
		list[i] = view(one)
	}
	return list
}

// viewOf is how people see a record, if there is one.
func viewOf[T, V any](one *T, view func(*T) V) (v V, found bool) {
	if one == nil {
		return v, false
	}
	return view(one), true
}

// Invoices are all invoices and bills, dead ones included, by age.
func (o *Organisation) Invoices() []InvoiceView {
	o.mu.Lock()
	defer o.mu.Unlock()
	return viewsOf(o.invoices.all, (*document).view)
}

// Invoice finds an invoice by its id or its number.
func (o *Organisation) Invoice(idOrNumber string) (InvoiceView, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return viewOf(o.invoices.find(idOrNumber), (*document).view)
}

// CreditNotes are all credit notes, dead ones included, by age.
func (o *Organisation) CreditNotes() []CreditNoteView {
	o.mu.Lock()
	defer o.mu.Unlock()
	return viewsOf(o.notes.all, (*document).creditNoteView)
}

// CreditNote finds a credit note by its id or its number.
func (o *Organisation) CreditNote(idOrNumber string) (CreditNoteView, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return viewOf(o.notes.find(idOrNumber), (*document).creditNoteView)
}

// Contacts are all contacts, archived ones included, by age.
func (o *Organisation) Contacts() []ContactView {
	o.mu.Lock()
	defer o.mu.Unlock()
	return viewsOf(o.contacts.all, (*contact).view)
}

// Contact finds a contact by its id.
func (o *Organisation) Contact(id string) (ContactView, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return viewOf(o.contacts.byID[id], (*contact).view)
}

func (inv *document) view() InvoiceView {
	v := InvoiceView{InvoiceID: inv.id, Type: inv.kind, InvoiceNumber: inv.number, Reference: inv.reference, Url: inv.url, Status: inv.status,
		CurrencyCode: inv.currency, LineAmountTypes: inv.amounts, ContactID: inv.contact.id, ContactName: inv.contact.name,
		Date: dayText(inv.date), DueDate: dayText(inv.dueDate), FullyPaidOnDate: dayText(inv.fullyPaid),
		CurrencyRate: inv.rate, BrandingThemeID: inv.theme, SentToContact: inv.sent, SubTotal: inv.subTotal, TotalTax: inv.totalTax, Total: inv.total, TotalDiscount: inv.discount,
		AmountDue: inv.due(), AmountPaid: inv.paid(), AmountCredited: inv.credited(), CreatedByAPI: inv.app != nil, Updated: inv.updated}
	for _, l := range inv.lines {
		v.Lines = append(v.Lines, l.view())
	}
	return v
}

func (n *document) creditNoteView() CreditNoteView {
	v := CreditNoteView{CreditNoteID: n.id, Type: n.kind, CreditNoteNumber: n.number, Reference: n.reference, Status: n.status, CurrencyCode: n.currency,
		LineAmountTypes: n.amounts, ContactID: n.contact.id, ContactName: n.contact.name, Date: dayText(n.date), DueDate: dayText(n.dueDate),
		FullyPaidOnDate: dayText(n.fullyPaid), CurrencyRate: n.rate, BrandingThemeID: n.theme, SentToContact: n.sent, SubTotal: n.subTotal,
		TotalTax: n.totalTax, Total: n.total, RemainingCredit: n.due(), CreatedByAPI: n.app != nil, Updated: n.updated}
	for _, l := range n.lines {
		v.Lines = append(v.Lines, l.view())
	}
	for _, a := range n.allocations {
		v.Allocations = append(v.Allocations, AllocationView{a.id, a.invoice.id, dayText(a.date), a.amount})
	}
	return v
}

func (l *line) view() LineView {
	v := LineView{LineItemID: l.id, Description: l.description, TaxType: l.taxType, Quantity: l.quantity, UnitAmount: l.unit,
		DiscountRate: l.discount.rate, DiscountAmount: l.discount.amount, LineAmount: l.amount, TaxAmount: l.tax}
	if l.item != nil {
		v.ItemCode = l.item.code
	}
	if l.account != nil {
		v.AccountCode = l.account.code
	}
	for _, t := range l.tracking {
		if v.Tracking == nil {
			v.Tracking = map[string]string{}
		}
		v.Tracking[t.category.name] = t.option.name
	}
	return v
}

func (c *contact) view() ContactView {
	v := ContactView{ContactID: c.id, ContactNumber: c.number, AccountNumber: c.accountNumber, ContactStatus: c.status(), Name: c.name,
		FirstName: c.first, LastName: c.last, EmailAddress: c.email, CompanyNumber: c.companyNumber, TaxNumber: c.taxNumber,
		DefaultCurrency: c.currency, Street: c.addresses[street], Postal: c.addresses[postal],
		Phone: c.phones[0].number, Mobile: c.phones[3].number, IsCustomer: c.customer, CreatedByAPI: c.app != nil, Updated: c.updated}
	if c.merged != nil {
		v.MergedToContactID = c.merged.id
	}
	return v
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02")
}
