package document

import (
	"strings"
	"unicode"
)

// Worth is how far what stands in an identifying field says whose it is. People fill fields that a form demands with "N/A", "0"
// or "tba": two customers that both have "N/A" for a number do not share one. Case: an account without a number went to the one
// contact whose number was "n/a", too.
//
//	worth   | example             | the same on both sides | something else on the other side
//	--------+---------------------+------------------------+---------------------------------
//	Nobodys | N/A, -, tba, none   | says nothing           | contradicts nothing, as an empty field
//	Filler  | 000, 999, 123456789 | says nothing           | contradicts, for it may be a number all the same
//	Shared  | ACME, ap@acme.com   | agrees, as a name does | contradicts
//	Number  | 7, A1, C-100        | is the same number     | contradicts
//
// What is taken for less than it is leads to a weaker match or to a hold, never to another customer's contact: only what no
// number can look like is taken for an empty field.
type Worth int

// The worths, in rising order.
const (
	Nobodys Worth = iota
	Filler
	Shared
	Number
)

// WorthOf is the worth of a value in one of the fields that contacts are matched by, by Xero's name of the field.
func WorthOf(field, value string) Worth {
	word := Digits(value)
	if word == "" || nobodys(word) {
		return Nobodys
	}
	switch field {
	case "Name":
		return Shared
	case "EmailAddress":
		return worthOfAddress(value)
	case "PostalCode": // 2222 and 3333 are two places, and nobody is matched by a place alone
		return Shared
	}
	switch {
	case filler(word):
		return Filler
	case strings.ContainsFunc(word, func(r rune) bool { return unicode.IsDigit(r) && r != '0' }):
		return Number
	case field == "TaxNumber" || field == "CompanyNumber": // no office gives one without a digit
		if strings.Contains(word, "0") {
			return Filler
		}
		return Nobodys
	}
	return Shared // bookkeepers number by short names, too
}

// nobodys is true for words that people write where there is nothing to be written; without blanks and signs, in capitals.
func nobodys(word string) bool {
	switch word {
	case "NA", "NAN", "NIL", "NULL", "NONE", "NOTHING", "EMPTY", "BLANK", "MISSING", "UNDEFINED", "UNSPECIFIED", "UNASSIGNED",
		"TBA", "TBC", "TBD", "TBS", "TBN", "TOBEADVISED", "TOBEANNOUNCED", "TOBECONFIRMED", "TOBEDEFINED", "TODO", "PENDING", "APPLIEDFOR",
		"UNKNOWN", "UNK", "NOTKNOWN", "DONTKNOW", "NOTAPPLICABLE", "NOTAVAILABLE", "NOTPROVIDED", "NOTSUPPLIED", "NOTGIVEN", "NOTSET", "NOTYET",
		"NOTREGISTERED", "UNREGISTERED", "NOTREQUIRED", "NOTNEEDED", "EXEMPT",
		"NONUMBER", "NOACCOUNT", "NOACCOUNTNUMBER", "NOVAT", "NOVATNUMBER", "NOGST", "NOABN", "NOTAXNUMBER", "NOEMAIL", "NOMAIL", "NOEMAILADDRESS",
		"DUMMY", "PLACEHOLDER", "XXX", "XXXX", "XXXXX":
		return true
	}
	return false
}

// filler is true for what a hand types that has to type some number: zeros, one digit over and over, 123456789; such a run after
// the two letters of a country, too.
func filler(word string) bool {
	if rest := strings.TrimLeftFunc(word, unicode.IsLetter); len(word)-len(rest) == 2 && len(rest) >= 6 {
		word = rest
	}
	if strings.Trim(word, "0") == "" {
		return true
	}
	runes := []rune(word)
	return len(runes) >= 3 && strings.Trim(word, string(runes[0])) == "" ||
		len(word) >= 9 && (strings.HasPrefix("1234567890", word) || strings.HasPrefix("0123456789", word) || strings.HasPrefix("9876543210", word))
}

// worthOfAddress is the worth of an e-mail address. What has no @ is none; one that takes no mail is nobody's own, but may be the
// only one that a customer has.
func worthOfAddress(address string) Worth {
	local, domain, ok := strings.Cut(Fold(address), "@")
	label, _, _ := strings.Cut(domain, ".")
	if !ok || local == "" || label == "" || nobodys(Digits(local)) || nobodys(Digits(label)) {
		return Nobodys
	}
	switch Digits(local) {
	case "NOREPLY", "DONOTREPLY", "NOTREPLY", "DONTREPLY", "NOBODY", "X", "XX", "A", "AA", "AAA", "ASDF", "TEST":
		return Filler
	}
	return Shared
}

// Tells is true for a value that says something when it is the same on both sides.
func Tells(field, value string) bool { return WorthOf(field, value) >= Shared }

// SameFiller is true for two fillers that may be one: the same, or zeros on both sides; of e-mail addresses two of one domain. Two
// others may be the numbers of two customers: a bookkeeper who counts comes to 111 and 222, too.
func SameFiller(field, one, other string) bool {
	if field == "EmailAddress" {
		_, one, _ = strings.Cut(Fold(one), "@")
		_, other, _ = strings.Cut(Fold(other), "@")
		return one == other
	}
	bare := func(s string) string { // without the letters of a country
		s = strings.TrimLeftFunc(Digits(s), unicode.IsLetter)
		if strings.Trim(s, "0") == "" {
			return ""
		}
		return s
	}
	return bare(one) == bare(other)
}
