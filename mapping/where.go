package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// word is one piece of a where clause: a name, a sign, or quoted text.
type word struct {
	text   string
	at     int
	quoted bool
}

// words splits SOQL far enough to see names outside of quotes.
func words(soql []rune) (out []word, open int) {
	for i := 0; i < len(soql); {
		r := soql[i]
		from := i
		switch {
		case r == '\'':
			for i++; i < len(soql) && soql[i] != '\''; i++ {
				if soql[i] == '\\' {
					i++
				}
			}
			if i >= len(soql) {
				return out, from
			}
			i++
			out = append(out, word{string(soql[from:i]), from, true})
			continue
		case isNameStart(r) || isDigit(r):
			for i < len(soql) && (isNameStart(soql[i]) || isDigit(soql[i]) || soql[i] == '.' || soql[i] == ':') {
				i++
			}
		case strings.ContainsRune("=!<>", r):
			for i < len(soql) && strings.ContainsRune("=!<>", soql[i]) {
				i++
			}
		default:
			i++
		}
		if t := strings.TrimSpace(string(soql[from:i])); t != "" {
			out = append(out, word{t, from, false})
		}
	}
	return out, -1
}

// relativeDate matches SOQL's date literals that mean another day tomorrow:
// with one, records would leave the query by themselves.
var relativeDate = regexp.MustCompile(`(?i)^(TODAY|YESTERDAY|TOMORROW|(LAST|THIS|NEXT)_(N_)?(90_)?(FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S?(:\d+)?|N_(FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO(:\d+)?)$`)

var whereOperators = []string{"=", "!=", "<>", "<", "<=", ">", ">=", "LIKE", "IN", "NOT", "INCLUDES", "EXCLUDES"}

// checkWhere finds in a where clause what would fail, or worse succeed, later.
// Salesforce evaluates it; only field names and what the daemon adds around it
// are looked at here.
func (b *builder) checkWhere(s *scalar, object string, known bool) {
	add := func(at int, format string, args ...any) {
		b.report.add(s.places[min(at, len(s.places)-1)], format, args...)
	}
	if s.broken {
		return
	}
	if s.isFormula() {
		add(0, "where is SOQL, not a formula: IsWon = true")
		return
	}
	all, open := words([]rune(s.text))
	if open >= 0 {
		add(open, "this text has no closing '")
		return
	}
	if len(all) == 0 {
		add(0, "where is empty")
		return
	}
	depth, selects := 0, 0
	for i, w := range all {
		next := ""
		if i+1 < len(all) && !all[i+1].quoted {
			next = strings.ToUpper(all[i+1].text)
		}
		upper := strings.ToUpper(w.text)
		switch {
		case w.quoted:
		case w.text == "(":
			depth++
			if next == "SELECT" {
				selects = depth
			}
		case w.text == ")":
			if depth == selects {
				selects = 0
			}
			if depth--; depth < 0 {
				add(w.at, "this ) has no ( before it")
				return
			}
		case i == 0 && upper == "WHERE":
			add(w.at, "leave the word WHERE out; it is put before the clause")
		case w.text == `"`:
			add(w.at, "SOQL writes text in single quotes: 'Closed Won'")
			return
		case w.text == ";" || upper == "LIMIT" || upper == "OFFSET" || (upper == "ORDER" || upper == "GROUP") && next == "BY":
			add(w.at, "where takes conditions only, and not %q", w.text)
		case relativeDate.MatchString(w.text) && !slices.Contains(whereOperators, next):
			add(w.at, "%s means another day tomorrow, so deals would fall out of the mapping by themselves; write a date, or leave it to start:", w.text)
		case selects == 0 && slices.Contains(whereOperators, next) && isNameStart([]rune(w.text)[0]) && upper != "NOT" && upper != "AND" && upper != "OR" && (next != "NOT" || i+2 < len(all) && strings.EqualFold(all[i+2].text, "IN")):
			b.whereField(s, w, object, known)
		}
	}
	if depth > 0 {
		add(0, "where has a ( that is never closed")
	}
}

func (b *builder) whereField(s *scalar, w word, object string, known bool) {
	if !known {
		return
	}
	path := strings.Split(w.text, ".")
	if len(path) > 1 && strings.EqualFold(path[0], object) {
		path = path[1:] // SOQL lets a field be written with its object's name
	}
	r, bad := b.salesforce.resolve(object, path)
	at := s.places[min(w.at, len(s.places)-1)]
	switch {
	case bad != nil:
		b.report.add(at, "%s", bad.text)
	case r.currency:
		b.report.add(at, "%s has no field CurrencyIsoCode, because the org has one currency", r.object)
	default:
		b.noteRead(b.salesforce, r, at)
	}
}

// checkOrder checks the fields of an ORDER BY.
func (b *builder) checkOrder(s *scalar, object string, known bool) {
	offset := 0
	for part := range strings.SplitSeq(s.text, ",") {
		at := s.places[min(offset+len([]rune(part))-len([]rune(strings.TrimLeft(part, " "))), len(s.places)-1)]
		offset += len([]rune(part)) + 1
		names := strings.Fields(part)
		if len(names) == 0 || !orderTail.MatchString(strings.ToUpper(strings.Join(names[1:], " "))) {
			b.report.add(at, "order takes fields with commas between them, each with ASC or DESC if needed: SortOrder, Name DESC")
			continue
		}
		if !known {
			continue
		}
		r, bad := b.salesforce.resolve(object, strings.Split(names[0], "."))
		if bad != nil {
			b.report.add(at, "%s", bad.text)
		} else if r.currency {
			b.report.add(at, "%s", fmt.Sprintf("%s has no field CurrencyIsoCode", r.object))
		} else {
			b.noteRead(b.salesforce, r, at)
		}
	}
}

var orderTail = regexp.MustCompile(`^(ASC|DESC)?\s?(NULLS (FIRST|LAST))?$`)
