package document

import (
	"slices"
	"strings"
)

// Owner says whose a field is: who writes it, and what it means when Xero shows a value that nobody sent.
type Owner int

// The owners of fields.
const (
	Kept   Owner = iota // Xero keeps what it is sent and leaves it empty otherwise: what stands there unsent is a person's
	Filled              // Xero gives it a value of its own when it is sent none
	Ours                // ids, the mark and the status asked for: written without a mapping, and not compared
	Xeros               // Xero computes it or counts it: never sent, and not compared
)

// Field is one row of the table of what Xero does with a field. Nothing else says so: a rule that is missing here would be
// a wrong merge that shows only after a store is lost, so a test demands a row for every field that a mapping may write.
type Field struct {
	Name    string
	Owner   Owner
	Slots   string // of a list in slots: the field of an element that names its slot. Each slot is a field of its own: "Phones/FAX"
	Amounts bool   // what Xero computes of an invoice depends on it
	From    string // the status from which on Xero keeps it: it is sent with the approval, and until then it is nothing

	// Of lines, which are compared as one field:
	Zero    bool   // 0 is what Xero shows where there is none
	Alone   bool   // it changes the amount and comes by nobody's doing but a person's: told also where nothing is wanted
	Instead string // the field that says the same in another way: Xero computes each of the other
	Sticks  bool   // a line that is changed under its id keeps it unless it is sent: one that is to lose it is made anew
}

// fieldTable has the fields of contacts and invoices: a name that both have means the same in both.
var fieldTable = []Field{
	// Of both.
	{Name: "UpdatedDateUTC", Owner: Xeros},
	{Name: "StatusAttributeString", Owner: Xeros},
	{Name: "HasErrors", Owner: Xeros},
	{Name: "HasAttachments", Owner: Xeros},
	{Name: "Warnings", Owner: Xeros},
	{Name: "ValidationErrors", Owner: Xeros},

	// Of invoices.
	{Name: "InvoiceID", Owner: Ours},
	{Name: "Type", Owner: Ours},
	{Name: "Url", Owner: Ours},
	{Name: "Status", Owner: Ours},
	{Name: "InvoiceNumber", Owner: Filled},
	{Name: "Reference", Owner: Kept},
	{Name: "Contact", Owner: Kept},
	{Name: "Date", Owner: Filled},
	{Name: "DueDate", Owner: Filled}, // by the contact's payment terms
	{Name: "ExpectedPaymentDate", Owner: Kept},
	{Name: "CurrencyCode", Owner: Filled},
	{Name: "CurrencyRate", Owner: Filled},
	{Name: "LineAmountTypes", Owner: Filled, Amounts: true},
	{Name: "LineItems", Owner: Filled, Amounts: true},
	{Name: "BrandingThemeID", Owner: Filled},
	{Name: "SentToContact", Owner: Filled, From: "AUTHORISED"}, // with false
	{Name: "SubTotal", Owner: Xeros},
	{Name: "TotalTax", Owner: Xeros},
	{Name: "Total", Owner: Xeros},
	{Name: "TotalDiscount", Owner: Xeros},
	{Name: "AmountDue", Owner: Xeros},
	{Name: "AmountPaid", Owner: Xeros},
	{Name: "AmountCredited", Owner: Xeros},
	{Name: "FullyPaidOnDate", Owner: Xeros},
	{Name: "RepeatingInvoiceID", Owner: Xeros},
	{Name: "Payments", Owner: Xeros},
	{Name: "CreditNotes", Owner: Xeros},
	{Name: "Prepayments", Owner: Xeros},
	{Name: "Overpayments", Owner: Xeros},

	// Of contacts.
	{Name: "ContactID", Owner: Ours},
	{Name: "ContactStatus", Owner: Ours},
	{Name: "ContactNumber", Owner: Ours},
	{Name: "Name", Owner: Kept},
	{Name: "AccountNumber", Owner: Kept},
	{Name: "FirstName", Owner: Kept},
	{Name: "LastName", Owner: Kept},
	{Name: "EmailAddress", Owner: Kept},
	{Name: "CompanyNumber", Owner: Kept},
	{Name: "TaxNumber", Owner: Kept},
	{Name: "TaxNumberType", Owner: Kept},
	{Name: "BankAccountDetails", Owner: Kept},
	{Name: "DefaultCurrency", Owner: Kept},
	{Name: "AccountsReceivableTaxType", Owner: Kept},
	{Name: "SalesDefaultAccountCode", Owner: Kept},
	{Name: "ContactPersons", Owner: Kept},
	{Name: "PaymentTerms", Owner: Kept},
	{Name: "Addresses", Owner: Kept, Slots: "AddressType"},
	{Name: "Phones", Owner: Kept, Slots: "PhoneType"},
	{Name: "MergedToContactID", Owner: Xeros},
	{Name: "Balances", Owner: Xeros},
	{Name: "IsCustomer", Owner: Xeros},
	{Name: "IsSupplier", Owner: Xeros},
	{Name: "ContactGroups", Owner: Xeros},
}

const discountAmount = "DiscountAmount"

// lineTable has the fields of a line, in the order in which people are shown them.
var lineTable = []Field{
	{Name: "Description", Owner: Filled}, // by the item
	{Name: "Quantity", Owner: Filled},
	{Name: "UnitAmount", Owner: Filled},
	{Name: "DiscountRate", Owner: Kept, Zero: true, Alone: true, Sticks: true, Instead: discountAmount},
	{Name: discountAmount, Owner: Kept, Zero: true, Alone: true, Sticks: true, Instead: "DiscountRate"},
	{Name: "LineAmount", Owner: Filled},
	{Name: "AccountCode", Owner: Filled, Sticks: true},
	{Name: "TaxType", Owner: Filled, Sticks: true},
	{Name: "TaxAmount", Owner: Filled},
	{Name: "ItemCode", Owner: Kept, Sticks: true},
	{Name: "Tracking", Owner: Kept, Sticks: true},
	{Name: "LineItemID", Owner: Xeros},
	{Name: "AccountID", Owner: Xeros}, // of AccountCode
}

// FieldOf is the row of a field of a contact or invoice; a slot has that of its list. What has no row is compared like any
// value that Xero keeps.
func FieldOf(name string) Field {
	name, _, _ = strings.Cut(name, "/")
	for i := range fieldTable {
		if fieldTable[i].Name == name {
			return fieldTable[i]
		}
	}
	return Field{Name: name}
}

// FieldsOf are the fields that are compared of what a mapping writes: "Addresses.POBOX.City" and the other parts of that slot
// are the one field "Addresses/POBOX".
func FieldsOf(targets []string) (fields []string) {
	for _, target := range targets {
		list, rest, _ := strings.Cut(target, ".")
		if FieldOf(list).Slots != "" {
			slot, _, _ := strings.Cut(rest, ".")
			target = list + "/" + slot
		}
		if !slices.Contains(fields, target) {
			fields = append(fields, target)
		}
	}
	return fields
}

// compared is false for what is not the mapping's to write.
func (f Field) compared() bool { return f.Owner == Kept || f.Owner == Filled }

// later is true for what only an approved invoice can have.
func (f Field) later() bool { return f.From != "" }
