package mapping

import (
	"fmt"
	"strings"
	"unicode"
)

// A formula is at most this long, and nests at most this deep: a stack
// overflow would end the process.
const (
	longestFormula = 1000
	deepestFormula = 50
)

// syntaxError is what is wrong with a formula, at a character of its text.
type syntaxError struct {
	at   int
	text string
}

func (e *syntaxError) Error() string { return e.text }

func wrong(at int, format string, args ...any) *syntaxError {
	return &syntaxError{at, fmt.Sprintf(format, args...)}
}

type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	numberToken
	textToken
	operatorToken // also brackets, comma and dot
)

// token is one word of a formula. For operators text is the one spelling the
// parser knows: "=" for "==" too.
type token struct {
	kind tokenKind
	text string
	at   int
}

// lex splits a formula into tokens, the last of which is endToken. Positions
// count characters of the whole text from 0; lexing begins at character from.
func lex(formula []rune, from int) ([]token, *syntaxError) {
	if len(formula)-from > longestFormula {
		return nil, wrong(from+longestFormula, "the formula is %d characters long; at most %d are allowed", len(formula)-from, longestFormula)
	}
	var tokens []token
	for i := from; i < len(formula); {
		r := formula[i]
		switch {
		case unicode.IsSpace(r):
			i++
		case r == '"':
			text, next, err := lexText(formula, i)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token{textToken, text, i})
			i = next
		case isDigit(r):
			next, err := lexNumber(formula, i)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token{numberToken, string(formula[i:next]), i})
			i = next
		case isNameStart(r):
			next := i
			for next < len(formula) && (isNameStart(formula[next]) || isDigit(formula[next])) {
				next++
			}
			tokens = append(tokens, token{nameToken, string(formula[i:next]), i})
			i = next
		default:
			text, length, err := lexOperator(formula, i)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token{operatorToken, text, i})
			i += length
		}
	}
	return append(tokens, token{endToken, "", len(formula)}), nil
}

func isDigit(r rune) bool     { return r >= '0' && r <= '9' }
func isNameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func lexText(formula []rune, start int) (string, int, *syntaxError) {
	var b strings.Builder
	for i := start + 1; i < len(formula); i++ {
		if formula[i] != '"' {
			b.WriteRune(formula[i])
			continue
		}
		if i+1 < len(formula) && formula[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		return b.String(), i + 1, nil
	}
	return "", 0, wrong(start, `this text has no closing "`)
}

func lexNumber(formula []rune, start int) (int, *syntaxError) {
	i := start
	for i < len(formula) && isDigit(formula[i]) {
		i++
	}
	if i < len(formula) && formula[i] == '.' {
		i++
		if i == len(formula) || !isDigit(formula[i]) {
			return 0, wrong(start, "a number needs a digit behind its decimal point")
		}
		for i < len(formula) && isDigit(formula[i]) {
			i++
		}
	}
	switch {
	case i-start > 40:
		return 0, wrong(start, "this number has too many digits")
	case i < len(formula) && (isNameStart(formula[i]) || formula[i] == '.'):
		return 0, wrong(start, "this is not a number; numbers are written with digits and one decimal point, without exponent: 1500.00")
	case i < len(formula) && formula[i] == '%':
		return 0, wrong(i, "the %% sign is not part of the formula language; percent fields read 10 for 10 %%, so write the number alone")
	}
	return i, nil
}

// operators that are spelt with two characters come first.
var operators = []struct{ spelt, meant string }{
	{"==", "="}, {"<>", "!="}, {"!=", "!="}, {"<=", "<="}, {">=", ">="}, {"??", "??"},
	{"=", "="}, {"<", "<"}, {">", ">"}, {"+", "+"}, {"-", "-"}, {"*", "*"}, {"/", "/"}, {"&", "&"},
	{"(", "("}, {")", ")"}, {",", ","}, {".", "."},
}

// strangers are what people type from other languages.
var strangers = []struct{ spelt, advice string }{
	{"&&", `write "and" for &&`},
	{"||", `write "or" for ||`},
	{"//", "there are no comments in formulas, and only one / divides"},
	{"/*", "there are no comments in formulas; write them behind a # in the file"},
	{"!", `write "not" for !`},
	{"'", `text stands in double quotes: "…"`},
	{"‘", `text stands in straight double quotes: "…"`},
	{"’", `text stands in straight double quotes: "…"`},
	{"“", `text stands in straight double quotes: "…"`},
	{"”", `text stands in straight double quotes: "…"`},
	{"–", "this is a dash; write the minus sign of the keyboard: -"},
	{"−", "this is not the minus sign of the keyboard: -"},
	{";", "arguments are separated by commas"},
	{"^", "there is no operator ^; multiply instead"},
	{"{", "fields are written without braces: =Name"},
	{"$", "there are no global variables; write the field's path from this record"},
}

func lexOperator(formula []rune, at int) (string, int, *syntaxError) {
	rest := string(formula[at:min(at+2, len(formula))])
	for _, s := range strangers {
		if strings.HasPrefix(rest, s.spelt) && !(s.spelt == "!" && rest == "!=") {
			return "", 0, wrong(at, "%s", s.advice)
		}
	}
	for _, o := range operators {
		if strings.HasPrefix(rest, o.spelt) {
			return o.meant, len(o.spelt), nil
		}
	}
	return "", 0, wrong(at, "%q is not part of the formula language", formula[at])
}
