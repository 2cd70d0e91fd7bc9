package mapping

import (
	"fmt"
	"strings"
	"unicode"
)

// target is a field that a mapping may write, with what its owner refuses.
type target struct {
	name string
	Field
	digits  int                          // of numbers: most digits before the decimal point; 0: no limit
	finer   string                       // of numbers: what else helps when there are too many decimals
	holds   bool                         // an empty value holds the record
	refused string                       // why a mapping may not write it
	clean   func(string) string          // what is done to text before it is sent
	accept  func(string) string          // what is wrong with text, or ""
	tag     string                       // of a List: the field that names its elements
	parts   []target                     // of a List: its elements; of an Element: its fields
	short   string                       // of an Element: the field meant by a plain value
	idle    bool                         // a 0 is left out: it says nothing, and Xero refuses some
	wire    string                       // its name in Xero, when people write another
	cut     bool                         // in write-back, which is for reading: long text is cut, numbers are rounded
	open    func(category string) target // of a List whose elements the organisation defines
}

func text(name string, length int) target {
	return target{name: name, Field: Field{Type: Text, Length: length}}
}

func number(name string, digits, scale int) target {
	return target{name: name, Field: Field{Type: Number, Scale: scale}, digits: digits}
}

func typed(name string, t Type) target { return target{name: name, Field: Field{Type: t}} }

func oneOf(name string, values ...string) target {
	return target{name: name, Field: Field{Type: Text, Enum: values}}
}

func (t target) holding() target { t.holds = true; return t }

func (t target) accepting(f func(string) string) target { t.accept = f; return t }

// wireName is what Xero calls the field.
func (t target) wireName() string {
	if t.wire != "" {
		return t.wire
	}
	return t.name
}

func refused(name, why string) target { return target{name: name, refused: why} }

// xeroTargets gives the fields of Contacts, Invoices or LineItems that exist
// in Xero's API description, in the order in which documents carry them.
func xeroTargets(kind string) []target {
	switch kind {
	case "Contacts":
		return contactTargets()
	case "Invoices":
		return invoiceTargets()
	case "LineItems":
		return lineTargets()
	}
	return nil
}

func contactTargets() []target {
	name := text("Name", 255).holding().accepting(noAngles)
	name.clean = oneLine
	return []target{
		name,
		text("AccountNumber", 50),
		text("FirstName", 255),
		text("LastName", 255),
		text("EmailAddress", 255).accepting(emailAddress),
		text("CompanyNumber", 50),
		text("TaxNumber", 50),
		text("DefaultCurrency", 3).accepting(currencyCode),
		{name: "Addresses", Field: Field{Type: List}, tag: "AddressType", parts: []target{address("POBOX"), address("STREET")}},
		{name: "Phones", Field: Field{Type: List}, tag: "PhoneType", parts: []target{phone("DEFAULT"), phone("DDI"), phone("MOBILE"), phone("FAX"), phone("OFFICE")}},
		refused("ContactNumber", "ContactNumber is where the Account's id stands, by which a contact is recognised; it is set without a mapping"),
		refused("ContactID", "Xero gives the ContactID"),
		refused("ContactStatus", "a contact is archived and restored in Xero"),
		refused("AccountsReceivableTaxType", "a contact's defaults are kept in Xero; every invoice line says its own TaxType"),
		refused("SalesDefaultAccountCode", "a contact's defaults are kept in Xero; every invoice line says its own AccountCode"),
		refused("BankAccountDetails", "bank details are entered in Xero"),
		refused("ContactPersons", "the list of people is kept in Xero, which replaces it as a whole"),
		refused("IsCustomer", "Xero sets IsCustomer with the first invoice"),
		refused("IsSupplier", "Xero sets IsSupplier with the first bill"),
		refused("Website", "Xero's API cannot change Website"),
		refused("Discount", "Xero's API cannot change Discount"),
		refused("UpdatedDateUTC", "Xero sets UpdatedDateUTC"),
	}
}

func address(kind string) target {
	return target{name: kind, Field: Field{Type: Element}, parts: []target{
		text("AddressLine1", 500), text("AddressLine2", 500), text("AddressLine3", 500), text("AddressLine4", 500),
		text("City", 255), text("Region", 255), text("PostalCode", 50),
		text("Country", 50).accepting(noDigits),
		text("AttentionTo", 255),
	}}
}

func phone(kind string) target {
	return target{name: kind, Field: Field{Type: Element}, short: "PhoneNumber", parts: []target{
		text("PhoneNumber", 50), text("PhoneAreaCode", 10), text("PhoneCountryCode", 20),
	}}
}

const (
	amountTypes = "LineAmountTypes"
	noTax       = "NoTax"
	taxType     = "TaxType"
	themeName   = "BrandingTheme"
	themeID     = "BrandingThemeID"
)

func invoiceTargets() []target {
	theme := text(themeName, 0) // the name that Xero shows
	theme.wire = themeID
	return []target{
		oneOf("Status", "DRAFT", "SUBMITTED", "AUTHORISED"),
		text("InvoiceNumber", 255).accepting(printableASCII),
		text("Reference", 255),
		typed("Date", Date).holding(),
		typed("DueDate", Date).holding(),
		typed("ExpectedPaymentDate", Date),
		text("CurrencyCode", 3).holding().accepting(currencyCode),
		number("CurrencyRate", 18, 6),
		oneOf(amountTypes, "Exclusive", "Inclusive", noTax),
		theme,
		text(themeID, 0).accepting(guid),
		typed("SentToContact", Bool),
		refused("Type", "every document made here is a sales invoice (ACCREC)"),
		refused("Contact", "the contact comes from the key contact: of invoices"),
		refused("LineItems", "the lines come from the key lines: of invoices"),
		refused("Url", "Url is where the deal's address stands, by which an invoice is recognised; it is set without a mapping"),
		refused("InvoiceID", "Xero gives the InvoiceID"),
		refused("SubTotal", "Xero computes SubTotal from the lines; to have it checked, use the key total: of invoices"),
		refused("TotalTax", "Xero computes TotalTax from the lines"),
		refused("Total", "Xero computes Total from the lines; to have it checked, use the key total: of invoices"),
		refused("TotalDiscount", "Xero computes TotalDiscount from the lines"),
		refused("AmountDue", "Xero computes AmountDue"),
		refused("AmountPaid", "Xero computes AmountPaid"),
		refused("AmountCredited", "Xero computes AmountCredited"),
		refused("FullyPaidOnDate", "Xero sets FullyPaidOnDate"),
		refused("PlannedPaymentDate", "PlannedPaymentDate belongs to bills; of an invoice it is ExpectedPaymentDate"),
		refused("UpdatedDateUTC", "Xero sets UpdatedDateUTC"),
	}
}

func lineTargets() []target {
	rate, amount := number("DiscountRate", 3, 2), number("DiscountAmount", 10, 2)
	rate.idle, amount.idle = true, true
	rate.finer = ", which may change the line's amount by cents; DiscountAmount takes the discount as an amount"
	return []target{
		text("Description", 4000).holding(),
		number("Quantity", 10, 4).holding(),
		number("UnitAmount", 10, 4).holding(), // four decimals with unitdp=4
		rate,
		amount,
		text("ItemCode", 30),
		text("AccountCode", 0).holding(), // a code, or the name Xero shows
		text(taxType, 0).holding(),
		{name: trackingList, Field: Field{Type: List}, tag: "Name", open: func(category string) target {
			return target{name: category, Field: Field{Type: Element}, short: trackingOption, parts: []target{text(trackingOption, 100)}}
		}},
		refused("LineAmount", "Xero computes LineAmount and refuses one that differs by a cent; map Quantity and UnitAmount"),
		refused("TaxAmount", "Xero computes TaxAmount from the TaxType"),
		refused("AccountID", "map AccountCode, with the account's code or name"),
		refused("LineItemID", "Xero gives the LineItemID"),
	}
}

// xeroSchema lists what write-back formulas may read of an invoice or contact: what package xero keeps of one.
// Hold is ours: the text of the hold, empty when the record is not held.
func xeroSchema() Schema {
	t, n, b, d := Field{Type: Text}, Field{Type: Number, Scale: 2}, Field{Type: Bool}, Field{Type: Date}
	stamp := Field{Type: DateTime}
	return Schema{
		"Invoices": {Name: "Invoices", Fields: map[string]Field{
			"InvoiceID": t, "InvoiceNumber": t, "Type": t, "Reference": t, "LineAmountTypes": t, "CurrencyCode": t, "BrandingThemeID": t, "Url": t,
			"Status": {Type: Text, Enum: []string{"DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"}},
			"Date":   d, "DueDate": d, "ExpectedPaymentDate": d, "FullyPaidOnDate": d,
			"SubTotal": n, "TotalTax": n, "Total": n, "TotalDiscount": n, "AmountDue": n, "AmountPaid": n, "AmountCredited": n,
			"CurrencyRate": {Type: Number, Scale: 6}, "SentToContact": b, "UpdatedDateUTC": stamp,
			"Contact": {Type: Parent, Object: "Contact"}, holdName: t,
		}},
		"Contacts": {Name: "Contacts", Fields: map[string]Field{
			"ContactID": t, "ContactNumber": t, "AccountNumber": t, "Name": t, "FirstName": t, "LastName": t, "EmailAddress": t,
			"CompanyNumber": t, "TaxNumber": t, "DefaultCurrency": t, "UpdatedDateUTC": stamp,
			"ContactStatus": {Type: Text, Enum: []string{"ACTIVE", "ARCHIVED", "GDPRREQUEST"}}, holdName: t,
		}},
		"Contact": {Name: "Contact", Fields: map[string]Field{"ContactID": t, "ContactNumber": t, "Name": t}}, // as it stands in an invoice
	}
}

const holdName = "Hold"

// Mappable lists the fields of Contacts, Invoices or LineItems that a mapping
// may write, as Xero calls them, parts with their list: "Addresses.POBOX.City".
func Mappable(kind string) []string {
	var names []string
	var walk func(prefix string, targets []target)
	walk = func(prefix string, targets []target) {
		for _, t := range targets {
			switch {
			case t.refused != "":
			case t.open != nil:
				walk(prefix+t.name+".*.", t.open("*").parts)
			case len(t.parts) > 0:
				walk(prefix+t.name+".", t.parts)
			case t.wire != "": // another way to write a field that has a line of its own
			default:
				names = append(names, prefix+t.name)
			}
		}
	}
	walk("", xeroTargets(kind))
	return names
}

// oneLine does what Xero demands of a contact's name: no blanks around it and
// none doubled.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func noAngles(s string) string {
	if strings.ContainsAny(s, "<>") {
		return "Xero refuses < and > in it"
	}
	return ""
}

func noDigits(s string) string {
	if strings.ContainsFunc(s, unicode.IsDigit) {
		return "Xero takes letters only"
	}
	return ""
}

func currencyCode(s string) string {
	if len(s) != 3 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "a currency code has three capital letters"
	}
	return ""
}

func printableASCII(s string) string {
	for _, r := range s {
		if r < ' ' || r > '~' {
			return fmt.Sprintf("Xero takes plain letters, digits and signs only, not %q", r)
		}
	}
	return ""
}

func emailAddress(s string) string {
	user, host, ok := strings.Cut(s, "@")
	switch {
	case !ok || user == "" || host == "" || strings.ContainsAny(host, "@") || strings.ContainsAny(s, " \t\n,;"):
		return "it is not one e-mail address"
	case printableASCII(s) != "":
		return "Xero takes no umlauts or accents in it"
	}
	return ""
}

func guid(s string) string {
	parts := strings.Split(s, "-")
	lengths := []int{8, 4, 4, 4, 12}
	good := len(parts) == len(lengths)
	for i, p := range parts {
		good = good && len(p) == lengths[i] && strings.Trim(strings.ToLower(p), "0123456789abcdef") == ""
	}
	if !good {
		return "it is not an id of Xero's (8-4-4-4-12 hexadecimal digits)"
	}
	return ""
}
