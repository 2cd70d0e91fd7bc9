package xerotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// contactIn is a contact of a request; nil is not sent, and what is not sent keeps its value.
type contactIn struct {
	ContactID                                            guidIn
	ContactNumber, AccountNumber, ContactStatus, Name    *string
	FirstName, LastName, EmailAddress, CompanyNumber     *string
	TaxNumber, TaxNumberType, BankAccountDetails         *string
	DefaultCurrency                                      *string
	AccountsReceivableTaxType, AccountsPayableTaxType    *string
	SalesDefaultAccountCode, PurchasesDefaultAccountCode *string
	SalesDefaultLineAmountType                           *string
	PurchasesDefaultLineAmountType                       *string
	ContactPersons                                       *[]person
	Addresses                                            *[]addressIn
	Phones                                               *[]phoneIn
	PaymentTerms                                         *struct{ Bills, Sales *termsIn }
}

type addressIn struct {
	AddressType                                            string
	AddressLine1, AddressLine2, AddressLine3, AddressLine4 *string
	City, Region, PostalCode, Country, AttentionTo         *string
}

type phoneIn struct {
	PhoneType                                    string
	PhoneNumber, PhoneAreaCode, PhoneCountryCode *string
}

type termsIn struct {
	Day  *int
	Type *string
}

// Texts of refusals that several places give.
const (
	textArchivedEdit    = "The specified contact details matched an archived contact. Archived contacts cannot currently be edited via the API."
	textArchivedInvoice = "The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes."
	textNoIdentity      = "The Contact must contain at least 1 of the following elements to identify the contact: Name, ContactID, ContactNumber"
)

// writeContacts answers PUT and POST. PUT creates. POST edits the contact of the id it is given and, without an id,
// whichever contact has that number or name; only when there is none does it create one.
func (o *Organisation) writeContacts(r *request) *answer {
	elements, refused := elementsOf(r.body, "Contacts")
	if refused != nil {
		return refused
	}
	ins, refused := decodeAll[contactIn](elements)
	if refused != nil {
		return refused
	}
	post := r.method == http.MethodPost
	if len(r.path) == 2 {
		id, ok := parseGUID(r.path[1])
		if !ok || len(ins) != 1 {
			return notFound()
		}
		ins[0].ContactID.id = id
	}
	for _, in := range ins { // an unknown id refuses the whole call, as HTML, before anything is done
		if post && in.ContactID.id != "" && o.contacts.byID[in.ContactID.id] == nil {
			return notFound()
		}
	}
	outcomes := make([]outcome, len(ins))
	today := o.today()
	for i := range ins {
		v := &verdict{shown: r.noErrors}
		var target *contact
		if post {
			target = o.matchContact(&ins[i])
		}
		c := o.saveContact(r, target, &ins[i], elements[i], v)
		outcomes[i] = outcome{c.append(nil, contactFull, today, v), v.failed()}
	}
	return o.batch(r, "Contacts", outcomes)
}

// matchContact finds the contact that a POST means: by id, else by number, else by name among the active ones.
func (o *Organisation) matchContact(in *contactIn) *contact {
	if in.ContactID.id != "" {
		return o.contacts.byID[in.ContactID.id]
	}
	if c := holder(o.contacts.byNumber, text(in.ContactNumber), nil); c != nil {
		return c
	}
	if text(in.Name) == "" {
		return nil
	}
	return o.contacts.active(text(in.Name), nil)
}

// saveContact creates a contact, or changes target, and returns what the answer shows: after a refusal, what was asked
// for, under the all-zero id when it would have been new.
func (o *Organisation) saveContact(r *request, target *contact, in *contactIn, raw json.RawMessage, v *verdict) *contact {
	next := contact{id: zeroID, app: r.app, updated: r.now}
	if target != nil {
		next = *target
		next.persons = slices.Clone(target.persons)
		if target.archived {
			v.refuse(textArchivedEdit)
			return target
		}
	}
	next.take(in, v)
	o.checkContact(&next, target, in, v)
	if v.failed() {
		return &next
	}
	next.updated = r.now
	if target != nil {
		o.contacts.change(target, next)
		return target
	}
	next.id = o.madeFrom("contact", raw)
	c := &next
	o.contacts.add(c)
	return c
}

// take overlays what was sent. Addresses and phones merge into the slot of their type, persons are replaced as a whole.
func (c *contact) take(in *contactIn, v *verdict) {
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&c.number, in.ContactNumber)
	set(&c.accountNumber, in.AccountNumber)
	set(&c.name, in.Name)
	set(&c.first, in.FirstName)
	set(&c.last, in.LastName)
	set(&c.email, in.EmailAddress)
	set(&c.companyNumber, in.CompanyNumber)
	set(&c.taxNumber, in.TaxNumber)
	set(&c.taxNumType, in.TaxNumberType)
	set(&c.bank, in.BankAccountDetails)
	set(&c.currency, in.DefaultCurrency)
	set(&c.salesTax, in.AccountsReceivableTaxType)
	set(&c.purchasesTax, in.AccountsPayableTaxType)
	set(&c.salesAccount, in.SalesDefaultAccountCode)
	set(&c.purchasesAccount, in.PurchasesDefaultAccountCode)
	set(&c.salesAmounts, in.SalesDefaultLineAmountType)
	set(&c.purchasesAmounts, in.PurchasesDefaultLineAmountType)
	if in.ContactStatus != nil {
		c.archived = *in.ContactStatus == "ARCHIVED"
	}
	if in.ContactPersons != nil {
		c.persons = *in.ContactPersons
	}
	if in.Addresses != nil {
		kinds := addressTypes()
		for _, a := range *in.Addresses {
			i := slices.Index(kinds[:], a.AddressType)
			if i < 0 {
				v.refuse("The address type '" + a.AddressType + "' is not valid")
				continue
			}
			to := &c.addresses[i]
			set(&to.Line1, a.AddressLine1)
			set(&to.Line2, a.AddressLine2)
			set(&to.Line3, a.AddressLine3)
			set(&to.Line4, a.AddressLine4)
			set(&to.City, a.City)
			set(&to.Region, a.Region)
			set(&to.PostalCode, a.PostalCode)
			set(&to.Country, a.Country)
			set(&to.AttentionTo, a.AttentionTo)
		}
	}
	if in.Phones != nil {
		kinds := phoneTypes()
		for _, p := range *in.Phones {
			i := slices.Index(kinds[:], p.PhoneType)
			if i < 0 {
				v.refuse("The phone type '" + p.PhoneType + "' is not valid")
				continue
			}
			set(&c.phones[i].number, p.PhoneNumber)
			set(&c.phones[i].area, p.PhoneAreaCode)
			set(&c.phones[i].country, p.PhoneCountryCode)
		}
	}
	if in.PaymentTerms != nil {
		c.bills = in.PaymentTerms.Bills.over(c.bills, v)
		c.sales = in.PaymentTerms.Sales.over(c.sales, v)
	}
}

func (in *termsIn) over(old *terms, v *verdict) *terms {
	switch {
	case in == nil || in.Day == nil && in.Type == nil:
		return old
	case in.Day == nil || in.Type == nil || *in.Type == "":
		v.refuse("Both Day and Type must be supplied when adding or updating payment terms")
		return old
	}
	return &terms{*in.Day, *in.Type}
}

// checkContact refuses what Xero refuses in a contact that is about to be stored in place of old, nil for a new one.
func (o *Organisation) checkContact(c, old *contact, in *contactIn, v *verdict) {
	switch {
	case c.name == "" && c.number == "" && old == nil:
		v.refuse(textNoIdentity)
	case c.name == "":
		v.refuse("Contact Name cannot be empty.")
	}
	if in.ContactStatus != nil && !slices.Contains([]string{"ACTIVE", "ARCHIVED", "GDPRREQUEST"}, *in.ContactStatus) {
		v.refuse("The contact status '" + *in.ContactStatus + "' is not valid")
	}
	if strings.ContainsAny(c.name, "<>") {
		v.refuse("The contact name cannot contain the characters < or >")
	}
	if c.name != strings.TrimSpace(c.name) || strings.Contains(c.name, "  ") {
		v.refuse("The contact name cannot have leading, trailing or repeated spaces")
	}
	c.checkLengths(v)
	if c.email != "" && !validEmail(c.email) {
		v.refuse("Email address must be valid.")
	}
	for _, p := range c.persons {
		if p.EmailAddress != "" && !validEmail(p.EmailAddress) {
			v.refuse("Email address must be valid.")
		}
	}
	if len(c.persons) > 5 {
		v.refuse("A contact can have at most 5 additional people")
	}
	if len(c.persons) > 0 && c.email == "" {
		v.refuse("Additional people cannot be added when the primary person has no email address set.")
	}
	for _, t := range [...]struct {
		of string
		*terms
	}{{"Sales Invoices", c.sales}, {"Bills", c.bills}} {
		if t.terms != nil && t.kind != "DAYSAFTERBILLDATE" && t.kind != "DAYSAFTERBILLMONTH" && (t.day < 1 || t.day > 31) {
			v.refuse("Due Date for " + t.of + " must be between 1 and 31 when set to the following (or current) month")
		}
	}
	if c.currency != "" && !o.company.subscribed(c.currency) {
		v.refuse("Organisation is not subscribed to currency " + c.currency)
	}
	if c.archived {
		return // no one else has to be unlike an archived contact's name
	}
	if c.name != "" && o.contacts.active(c.name, old) != nil {
		v.refuse(o.textNameTaken(c.name))
	}
	if holder(o.contacts.byNumber, c.number, old) != nil {
		v.refuse(o.textContactNumberTaken(c.number))
	}
	if holder(o.contacts.byAccount, c.accountNumber, old) != nil {
		v.refuse("The Account Number already exists. Please enter a different Account Number.")
	}
}

func (c *contact) checkLengths(v *verdict) {
	limit := func(name string, value *string, most int) {
		if utf8.RuneCountInString(*value) > most {
			v.refuse(fmt.Sprintf("The field %s must be a string with a maximum length of %d.", name, most))
			*value = string([]rune(*value)[:most]) // the echo keeps to the length too
		}
	}
	limit("Name", &c.name, 255)
	limit("ContactNumber", &c.number, 50)
	limit("AccountNumber", &c.accountNumber, 50)
	limit("FirstName", &c.first, 255)
	limit("LastName", &c.last, 255)
	limit("EmailAddress", &c.email, 255)
	limit("CompanyNumber", &c.companyNumber, 50)
	limit("TaxNumber", &c.taxNumber, 50)
	for i := range c.addresses {
		a := &c.addresses[i]
		limit("AddressLine1", &a.Line1, 500)
		limit("AddressLine2", &a.Line2, 500)
		limit("AddressLine3", &a.Line3, 500)
		limit("AddressLine4", &a.Line4, 500)
		limit("City", &a.City, 255)
		limit("Region", &a.Region, 255)
		limit("PostalCode", &a.PostalCode, 50)
		limit("Country", &a.Country, 50)
		limit("AttentionTo", &a.AttentionTo, 255)
		if strings.ContainsAny(a.Country, "0123456789") {
			v.refuse("Country can only contain letters.")
		}
	}
	for i := range c.phones {
		p := &c.phones[i]
		limit("PhoneNumber", &p.number, 50)
		limit("PhoneAreaCode", &p.area, 10)
		limit("PhoneCountryCode", &p.country, 20)
	}
}

// validEmail is about as strict as Xero, which knows no umlauts.
func validEmail(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	if !found || local == "" || strings.ContainsAny(domain, "@_") || !strings.Contains(strings.Trim(domain, "."), ".") || strings.Contains(domain, "..") {
		return false
	}
	for _, r := range s {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`,;:<>()[]\"`, r) {
			return false
		}
	}
	return true
}
