package document

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// SentName is a name as it is sent to Xero: composed (an accent that was typed on a Mac is a sign of its own), on one line,
// with plain blanks, and without signs that nobody sees.
func SentName(s string) string {
	if isASCII(s) {
		return strings.Join(strings.Fields(withoutInvisible(s)), " ")
	}
	return strings.Join(strings.Fields(norm.NFC.String(withoutInvisible(s))), " ")
}

// Fold is how names and numbers are compared: without regard to case, to the Unicode form, to signs that nobody sees, and
// to which of the many dashes and blanks was typed. "Café – Bar" is one name however it was pasted.
func Fold(s string) string {
	if isASCII(s) {
		return strings.Join(strings.Fields(strings.ToLower(withoutInvisible(s))), " ")
	}
	return strings.Join(strings.Fields(norm.NFC.String(strings.ToLower(plainDashes(withoutInvisible(s))))), " ")
}

// AsXeroCompares is Fold without accents: Xero keeps two such names from being active at once, and takes Tui for Tūi.
func AsXeroCompares(s string) string { return withoutAccents(Fold(s)) }

// Near reduces a company's name to what two spellings of it have in common: no punctuation, no accents, no legal form. Two
// names that are near but not equal are for a person to judge.
func Near(s string) string {
	words := strings.FieldsFunc(withoutAccents(norm.NFKD.String(Fold(s))), func(r rune) bool {
		return strings.ContainsRune(".,;:&/\\-_'\"()+!*‘’“”", r) || unicode.IsSpace(r)
	})
	kept := words[:0]
	for _, w := range words {
		switch w {
		case "ltd", "limited", "inc", "incorporated", "llc", "llp", "plc", "pty", "corp", "corporation", "co", "company", "gmbh", "ag", "sa", "bv", "and", "the":
		default:
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, "")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// withoutInvisible takes out format and control characters: zero-width blanks and joiners, soft hyphens, marks of direction.
func withoutInvisible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}

func plainDashes(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Pd, r) || r == '−' { // the minus sign is no dash to Unicode, and is to everybody else
			return '-'
		}
		return r
	}, s)
}

// withoutAccents works on folded text. Some letters with a stroke have no accent that could be taken off.
func withoutAccents(s string) string {
	if isASCII(s) {
		return s
	}
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
	return strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ð", "d", "ħ", "h", "ŧ", "t", "ı", "i", "ß", "ss", "æ", "ae", "œ", "oe", "þ", "th").Replace(bare)
}
