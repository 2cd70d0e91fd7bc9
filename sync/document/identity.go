package document

import (
	"slices"
	"strings"
	"unicode"

	"sf2xero/xero"
)

// The words under which the mirror of Xero's contacts is searched. Salesforce ids differ by case alone, so they are kept as
// they are.
func NameWord(name string) string            { return "name:" + Fold(name) }
func NearWord(name string) string            { return "near:" + Near(name) }
func AccountNumberWord(number string) string { return "account:" + Fold(number) }
func ContactNumberWord(number string) string { return "number:" + number }
func TaxNumberWord(number string) string     { return "tax:" + Digits(number) }
func CompanyNumberWord(number string) string { return "company:" + Digits(number) }
func EmailWord(address string) string        { return "email:" + Fold(address) }
func MergedWord(contactID string) string     { return "merged:" + strings.ToLower(contactID) }

// IdentityVersion changes whenever identities or their words do: a store whose mirror was made by an older program has all
// contacts read once.
const IdentityVersion = "3"

// Identity is what a contact is recognised by, which is all that the mirror keeps of it.
func Identity(c xero.Contact) xero.Contact {
	identity := xero.Contact{ContactID: strings.ToLower(c.ContactID), ContactNumber: c.ContactNumber, AccountNumber: c.AccountNumber, ContactStatus: c.ContactStatus,
		Name: c.Name, FirstName: c.FirstName, LastName: c.LastName, EmailAddress: c.EmailAddress, CompanyNumber: c.CompanyNumber, TaxNumber: c.TaxNumber,
		MergedToContactID: strings.ToLower(c.MergedToContactID)}
	for _, a := range c.Addresses {
		if a.PostalCode != "" {
			identity.Addresses = append(identity.Addresses, xero.Address{AddressType: a.AddressType, PostalCode: a.PostalCode})
		}
	}
	return identity
}

// IdentityWords are the words under which a contact stands in the mirror. What is worth nothing is none: it would lead to
// whoever wrote the same.
func IdentityWords(c xero.Contact) []string {
	var words []string
	tells := func(field string, of func(string) string) func(string) string {
		return func(value string) string {
			if !Tells(field, value) {
				return ""
			}
			return of(value)
		}
	}
	add := func(value string, word func(string) string, of func(string) string) {
		if of(value) != "" {
			words = append(words, word(value))
		}
	}
	asIs := func(s string) string { return s }
	add(c.Name, NameWord, Fold)
	add(c.Name, NearWord, Near)
	add(c.AccountNumber, AccountNumberWord, tells("AccountNumber", Fold))
	add(c.ContactNumber, ContactNumberWord, asIs)
	add(c.TaxNumber, TaxNumberWord, tells("TaxNumber", Digits))
	add(c.CompanyNumber, CompanyNumberWord, tells("CompanyNumber", Digits))
	add(c.EmailAddress, EmailWord, tells("EmailAddress", Fold))
	add(c.MergedToContactID, MergedWord, asIs)
	return words
}

// Digits is a tax or company number as it is compared: its letters and digits. People group them as they like, and it is
// still the same number: "12-345 678", "12345678".
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}

// PostalCodes are the postal codes of a contact's addresses, without blanks, in capital letters.
func PostalCodes(c xero.Contact) (codes []string) {
	for _, a := range c.Addresses {
		if code := Digits(a.PostalCode); code != "" && !nobodys(code) && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// IsPerson is true for a contact that is nobody but the person it names: its name is made of the first and last name, and it
// has no company number. Of a company the two are its contact person.
func IsPerson(c xero.Contact) bool {
	first, last := Fold(c.FirstName), Fold(c.LastName)
	if last == "" || c.CompanyNumber != "" {
		return false
	}
	name := strings.ReplaceAll(Fold(c.Name), ",", "")
	return name == Fold(first+" "+last) || name == Fold(last+" "+first)
}
