package salesforcetest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokWord
	tokText   // in quotes
	tokNumber // 12, -1.5
	tokDate   // 2026-11-21
	tokTime   // 2026-11-21T10:00:00Z
	tokMark   // punctuation and operators
)

type token struct {
	kind tokenKind
	text string // as written; of a tokText the unescaped value
	like string // of a tokText: the value with \% and \_ still escaped, for LIKE
	pos  int    // byte offset
}

func (t token) is(word string) bool { return t.kind == tokWord && strings.EqualFold(t.text, word) }
func (t token) mark(m string) bool  { return t.kind == tokMark && t.text == m }

func (t token) shown() string {
	if t.kind == tokEnd {
		return "<EOF>"
	}
	return t.text
}

// Salesforce takes up to 100,000 characters of SOQL and 4,000 in one literal.
const (
	maxSOQL    = 100000
	maxLiteral = 4000
)

var (
	timeLiteral   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})`)
	dateLiteral   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}`)
	numberLiteral = regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?`)
	wordLiteral   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*`)
)

// soqlError is a refusal that shows the place in the query, as Salesforce does.
func soqlError(code, soql string, pos int, format string, args ...any) *refusal {
	pos = min(pos, len(soql))
	row, lineStart := 1, 0
	for i := 0; i < pos; i++ {
		if soql[i] == '\n' {
			row, lineStart = row+1, i+1
		}
	}
	flat := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		return r
	}, soql)
	from, to := max(0, pos-40), min(len(flat), pos+40)
	for from > 0 && !utf8.RuneStart(flat[from]) {
		from--
	}
	for to < len(flat) && !utf8.RuneStart(flat[to]) {
		to++
	}
	column := utf8.RuneCountInString(soql[lineStart:pos]) + 1
	caret := strings.Repeat(" ", utf8.RuneCountInString(flat[from:pos])) + "^"
	return refuse(http.StatusBadRequest, code, fmt.Sprintf("\n%s\n%s\nERROR at Row:%d:Column:%d\n%s", flat[from:to], caret, row, column, fmt.Sprintf(format, args...)))
}

func lexSOQL(soql string) ([]token, *refusal) {
	if utf8.RuneCountInString(soql) > maxSOQL {
		return nil, badRequest("MALFORMED_QUERY", fmt.Sprintf("SOQL statements can not be longer than %d characters", maxSOQL))
	}
	var toks []token
	for i := 0; i < len(soql); {
		rest := soql[i:]
		c := rest[0]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'':
			t, n, err := lexText(soql, i)
			if err != nil {
				return nil, err
			}
			toks = append(toks, t)
			i += n
		case c >= '0' && c <= '9' || (c == '-' || c == '+' || c == '.') && len(rest) > 1 && (rest[1] >= '0' && rest[1] <= '9' || rest[1] == '.'):
			k, s := tokTime, timeLiteral.FindString(rest)
			if s == "" {
				k, s = tokDate, dateLiteral.FindString(rest)
			}
			if s == "" {
				k, s = tokNumber, numberLiteral.FindString(rest)
			}
			if s == "" {
				return nil, soqlError("MALFORMED_QUERY", soql, i, "unexpected token: '%c'", c)
			}
			if tail := wordLiteral.FindString(soql[i+len(s):]); tail != "" {
				return nil, soqlError("MALFORMED_QUERY", soql, i, "unexpected token: '%s%s'", s, tail)
			}
			toks = append(toks, token{kind: k, text: s, pos: i})
			i += len(s)
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			s := wordLiteral.FindString(rest)
			toks = append(toks, token{kind: tokWord, text: s, pos: i})
			i += len(s)
		case strings.HasPrefix(rest, "!=") || strings.HasPrefix(rest, "<>") || strings.HasPrefix(rest, "<=") || strings.HasPrefix(rest, ">="):
			toks = append(toks, token{kind: tokMark, text: rest[:2], pos: i})
			i += 2
		case strings.IndexByte("(),.=<>:", c) >= 0:
			if c == ':' && (len(toks) == 0 || toks[len(toks)-1].kind != tokWord) {
				return nil, soqlError("MALFORMED_QUERY", soql, i, "Bind variables only allowed in Apex code")
			}
			toks = append(toks, token{kind: tokMark, text: rest[:1], pos: i})
			i++
		default:
			r, _ := utf8.DecodeRuneInString(rest)
			return nil, badRequest("MALFORMED_QUERY", fmt.Sprintf("line 1:%d no viable alternative at character '%c'", utf8.RuneCountInString(soql[:i]), r))
		}
	}
	return append(toks, token{kind: tokEnd, pos: len(soql)}), nil
}

// lexText reads a quoted literal with the escapes of SOQL; an escape that SOQL does not know is refused.
func lexText(soql string, start int) (token, int, *refusal) {
	var b, like strings.Builder
	for i := start + 1; i < len(soql); i++ {
		c := soql[i]
		switch c {
		case '\'':
			if b.Len() > maxLiteral && utf8.RuneCountInString(b.String()) > maxLiteral {
				return token{}, 0, badRequest("INVALID_QUERY_FILTER_OPERATOR", fmt.Sprintf("string literal is longer than %d characters", maxLiteral))
			}
			return token{kind: tokText, text: b.String(), like: like.String(), pos: start}, i + 1 - start, nil
		case '\n', '\r':
			return token{}, 0, soqlError("MALFORMED_QUERY", soql, start, "line breaks not allowed in string literals")
		case '\\':
			i++
			if i == len(soql) {
				break
			}
			at := strings.IndexByte(`nrtbf"'\_%`, soql[i])
			if at < 0 {
				at = strings.IndexByte(`NRTBF`, soql[i])
			}
			if at < 0 {
				return token{}, 0, soqlError("MALFORMED_QUERY", soql, i, "Invalid string literal '\\%c'. Illegal character sequence '\\%c' in string literal", soql[i], soql[i])
			}
			out := "\n\r\t\b\f\"'\\_%"[at]
			b.WriteByte(out)
			if out == '_' || out == '%' || out == '\\' {
				like.WriteByte('\\')
			}
			like.WriteByte(out)
		default:
			b.WriteByte(c)
			like.WriteByte(c)
		}
	}
	return token{}, 0, soqlError("MALFORMED_QUERY", soql, start, "unexpected token: '<EOF>'")
}
