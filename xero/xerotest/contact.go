package xerotest

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// contact is a row of the contact list.
type contact struct {
	id, number, accountNumber, name      string
	first, last, email                   string
	companyNumber, taxNumber, taxNumType string
	bank, currency                       string
	salesTax, purchasesTax               string
	salesAccount, purchasesAccount       string
	salesAmounts, purchasesAmounts       string
	archived, customer, supplier         bool
	persons                              []person
	addresses                            [2]AddressView // STREET, POBOX: both always exist
	phones                               [4]phone       // DEFAULT, DDI, FAX, MOBILE: all always exist
	bills, sales                         *terms
	merged                               *contact
	app                                  *app // that created it; nil for people
	updated                              time.Time
	invoices                             []*document
	revision                             int
}

type person struct {
	FirstName, LastName, EmailAddress string
	IncludeInEmails                   bool
}

type phone struct{ number, area, country string }

type terms struct {
	day  int
	kind string
}

const (
	street = iota
	postal
)

func addressTypes() [2]string { return [2]string{street: "STREET", postal: "POBOX"} }

func phoneTypes() [4]string { return [4]string{"DEFAULT", "DDI", "FAX", "MOBILE"} }

func (c *contact) status() string {
	if c.archived {
		return "ARCHIVED"
	}
	return "ACTIVE"
}

// contactBook finds contacts by what identifies them. Names and numbers may have several holders: people can do in the
// screens what the API refuses.
type contactBook struct {
	all       []*contact // by age
	byID      map[string]*contact
	byName    map[string][]*contact
	byNumber  map[string][]*contact
	byAccount map[string][]*contact
	sorted    []*contact // by id; nil when it has to be made anew
}

func newContactBook() contactBook {
	return contactBook{byID: map[string]*contact{}, byName: map[string][]*contact{}, byNumber: map[string][]*contact{}, byAccount: map[string][]*contact{}}
}

func (k *contactBook) add(c *contact) {
	k.all = append(k.all, c)
	k.byID[c.id] = c
	k.sorted = nil
	k.index(c)
}

func (k *contactBook) index(c *contact) {
	enter(k.byName, c.name, c)
	enter(k.byNumber, c.number, c)
	enter(k.byAccount, c.accountNumber, c)
}

func (k *contactBook) unindex(c *contact) {
	leave(k.byName, c.name, c)
	leave(k.byNumber, c.number, c)
	leave(k.byAccount, c.accountNumber, c)
}

func enter(index map[string][]*contact, word string, c *contact) {
	if word != "" {
		index[fold(word)] = append(index[fold(word)], c)
	}
}

func leave(index map[string][]*contact, word string, c *contact) {
	if word != "" {
		index[fold(word)] = slices.DeleteFunc(slices.Clone(index[fold(word)]), func(x *contact) bool { return x == c })
	}
}

// change replaces what a contact says and keeps the indexes true.
func (k *contactBook) change(c *contact, next contact) {
	k.unindex(c)
	next.revision = c.revision + 1
	*c = next
	k.index(c)
}

// active returns the first active contact of a name other than c.
func (k *contactBook) active(name string, other *contact) *contact {
	for _, c := range k.byName[fold(name)] {
		if !c.archived && c != other {
			return c
		}
	}
	return nil
}

// holder returns the first contact in an index, archived or not, other than c.
func holder(index map[string][]*contact, word string, other *contact) *contact {
	if word == "" {
		return nil
	}
	for _, c := range index[fold(word)] {
		if c != other {
			return c
		}
	}
	return nil
}

func (k *contactBook) inOrder() []*contact {
	if k.sorted == nil {
		k.sorted = slices.Clone(k.all)
		slices.SortFunc(k.sorted, func(a, b *contact) int { return strings.Compare(a.id, b.id) })
	}
	return k.sorted
}

// balances are what the contact owes on approved sales invoices, and what of it is overdue.
func (c *contact) balances(today time.Time) (outstanding, overdue decimal.Decimal) {
	for _, inv := range c.invoices {
		if inv.kind == salesInvoice && inv.status == authorised {
			due := inv.due()
			outstanding = outstanding.Add(due)
			if !inv.dueDate.IsZero() && inv.dueDate.Before(today) {
				overdue = overdue.Add(due)
			}
		}
	}
	return outstanding, overdue
}

// Forms of a contact in answers.
type contactForm uint8

const (
	contactFull    contactForm = iota // single and write answers
	contactPaged                      // lists with a page
	contactPlain                      // lists without: a subset, and no trace of a merge
	contactSummary                    // summaryOnly=true
)

// append writes a contact; v is the verdict of a write, nil otherwise.
func (c *contact) append(b []byte, form contactForm, today time.Time, v *verdict) []byte {
	b = append(b, `{"ContactID":`...)
	b = appendText(b, c.id)
	if c.merged != nil && form != contactPlain {
		b = appendField(b, "MergedToContactID", c.merged.id)
	}
	b = appendOptional(b, "ContactNumber", c.number)
	b = appendOptional(b, "AccountNumber", c.accountNumber)
	b = appendField(b, "ContactStatus", c.status())
	b = appendField(b, "Name", c.name)
	b = appendOptional(b, "FirstName", c.first)
	b = appendOptional(b, "LastName", c.last)
	b = appendOptional(b, "CompanyNumber", c.companyNumber)
	b = appendField(b, "EmailAddress", c.email)
	b = appendField(b, "BankAccountDetails", c.bank)
	b = appendOptional(b, "TaxNumber", c.taxNumber)
	b = appendOptional(b, "TaxNumberType", c.taxNumType)
	if form != contactSummary {
		b = c.appendDetails(b, form, today)
	} else {
		b = c.appendPhones(b)
	}
	b = appendOptional(b, "DefaultCurrency", c.currency)
	b = appendStampField(b, "UpdatedDateUTC", c.updated)
	b = appendBool(b, "HasAttachments", false)
	if v == nil {
		b = appendBool(b, "HasValidationErrors", false)
	} else {
		b = v.append(b, "HasValidationErrors")
	}
	return append(b, '}')
}

func (c *contact) appendPhones(b []byte) []byte {
	b = append(b, `,"Phones":[`...)
	for i, kind := range phoneTypes() {
		if i > 0 {
			b = append(b, ',')
		}
		p := c.phones[i]
		b = append(b, `{"PhoneType":"`+kind+`"`...)
		b = appendField(b, "PhoneNumber", p.number)
		b = appendField(b, "PhoneAreaCode", p.area)
		b = append(appendField(b, "PhoneCountryCode", p.country), '}')
	}
	return append(b, ']')
}

// appendDetails writes what summaryOnly leaves out.
func (c *contact) appendDetails(b []byte, form contactForm, today time.Time) []byte {
	b = append(b, `,"Addresses":[`...)
	for i, kind := range addressTypes() {
		if i > 0 {
			b = append(b, ',')
		}
		a := c.addresses[i]
		b = append(b, `{"AddressType":"`+kind+`"`...)
		for _, f := range [...]struct{ name, value string }{{"AddressLine1", a.Line1}, {"AddressLine2", a.Line2}, {"AddressLine3", a.Line3}, {"AddressLine4", a.Line4}} {
			b = appendOptional(b, f.name, f.value)
		}
		b = appendField(b, "City", a.City)
		b = appendField(b, "Region", a.Region)
		b = appendField(b, "PostalCode", a.PostalCode)
		b = appendField(b, "Country", a.Country)
		b = append(appendOptional(b, "AttentionTo", a.AttentionTo), '}')
	}
	b = append(b, ']')
	b = c.appendPhones(b)
	b = append(b, `,"ContactGroups":[]`...)
	b = appendBool(b, "IsSupplier", c.supplier)
	b = appendBool(b, "IsCustomer", c.customer)
	if form == contactPlain {
		return b
	}
	b = appendOptional(b, "AccountsReceivableTaxType", c.salesTax)
	b = appendOptional(b, "AccountsPayableTaxType", c.purchasesTax)
	b = appendOptional(b, "SalesDefaultAccountCode", c.salesAccount)
	b = appendOptional(b, "PurchasesDefaultAccountCode", c.purchasesAccount)
	b = appendOptional(b, "SalesDefaultLineAmountType", c.salesAmounts)
	b = appendOptional(b, "PurchasesDefaultLineAmountType", c.purchasesAmounts)
	b = append(b, `,"SalesTrackingCategories":[],"PurchasesTrackingCategories":[],"ContactPersons":[`...)
	for i, p := range c.persons {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"FirstName":`...)
		b = appendText(b, p.FirstName)
		b = appendField(b, "LastName", p.LastName)
		b = appendField(b, "EmailAddress", p.EmailAddress)
		b = append(appendBool(b, "IncludeInEmails", p.IncludeInEmails), '}')
	}
	b = append(b, ']')
	b = c.appendTerms(b)
	if c.customer || c.supplier {
		outstanding, overdue := c.balances(today)
		b = append(b, `,"Balances":{"AccountsReceivable":{"Outstanding":`...)
		b = append(b, outstanding.StringFixed(2)...)
		b = appendAmount(b, "Overdue", overdue, 2)
		b = append(b, `},"AccountsPayable":{"Outstanding":0.00,"Overdue":0.00}}`...)
	}
	return b
}

func (c *contact) appendTerms(b []byte) []byte {
	if c.bills == nil && c.sales == nil {
		return b
	}
	b = append(b, `,"PaymentTerms":{`...)
	for i, t := range [...]struct {
		name string
		*terms
	}{{"Bills", c.bills}, {"Sales", c.sales}} {
		if t.terms == nil {
			continue
		}
		if i > 0 && c.bills != nil {
			b = append(b, ',')
		}
		b = append(b, `"`+t.name+`":{"Day":`...)
		b = append(b, decimal.New(int64(t.day), 0).String()...)
		b = append(appendField(b, "Type", t.kind), '}')
	}
	return append(b, '}')
}

// appendRef writes a contact as it stands inside another document.
func (c *contact) appendRef(b []byte, full bool, v *verdict) []byte {
	b = append(b, `{"ContactID":`...)
	b = appendText(b, c.id)
	b = appendOptional(b, "ContactNumber", c.number)
	if full {
		b = appendField(b, "ContactStatus", c.status())
	}
	b = appendField(b, "Name", c.name)
	if full {
		b = appendOptional(b, "FirstName", c.first)
		b = appendOptional(b, "LastName", c.last)
		b = appendField(b, "EmailAddress", c.email)
	}
	b = append(b, `,"Addresses":[],"Phones":[],"ContactGroups":[],"ContactPersons":[]`...)
	if v == nil || len(v.contact) == 0 {
		return append(b, `,"HasValidationErrors":false}`...)
	}
	b = appendBool(b, "HasValidationErrors", true)
	return append(appendMessages(b, "ValidationErrors", v.contact), '}')
}
