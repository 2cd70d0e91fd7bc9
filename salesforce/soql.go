package salesforce

import (
	"strconv"
	"strings"
	"time"
)

// Select is one question to Salesforce: which rows of which object, and what of each.
type Select struct {
	From     string
	Fields   []string // paths to parents included: Account.BillingCountry
	Children []Select // related rows, each with its Relationship
	Where    string   // SOQL, as the mapping has it
	And      string   // a further condition, without OR
	Order    string

	Since, Before time.Time // half-open window on SystemModstamp, to the second
	Parents       []string  // relationships ("Account"): rows whose parent changed since Since count as changed
	IDs           []string  // only these rows; empty but not nil: none
	Of            string    // a relationship ("Account"): the IDs are those of its records, and the rows are theirs
	Deleted       bool      // deleted and archived rows as well (queryAll)
	Relationship  string    // for a child: OpportunityLineItems
	Limit         int
	Nothing       bool // no rows: only whether it may be asked
}

// SOQL gives the query's text. Id and SystemModstamp are always among its fields.
func (s Select) SOQL() string {
	var b strings.Builder
	s.write(&b, s.From, false)
	return b.String()
}

func (s Select) write(b *strings.Builder, from string, child bool) {
	b.WriteString("SELECT ")
	b.WriteString(strings.Join(s.columns(child), ", "))
	for _, c := range s.Children {
		// queryAll would show deleted lines of a living deal too.
		if s.Deleted {
			c.Deleted, c.Where = true, and(bracketed(c.Where), "IsDeleted = false")
		}
		b.WriteString(", (")
		c.write(b, c.Relationship, true)
		b.WriteString(")")
	}
	b.WriteString(" FROM ")
	b.WriteString(from)
	if where := s.condition(); where != "" {
		b.WriteString(" WHERE ")
		b.WriteString(where)
	}
	if order := s.order(child); order != "" {
		b.WriteString(" ORDER BY ")
		b.WriteString(order)
	}
	switch {
	case s.Nothing:
		b.WriteString(" LIMIT 0")
	case s.Limit > 0:
		b.WriteString(" LIMIT ")
		b.WriteString(strconv.Itoa(s.Limit))
	}
}

// columns names each field once: Salesforce refuses a query that names one twice, in whatever case.
func (s Select) columns(child bool) []string {
	all := []string{"Id", "SystemModstamp"}
	if s.Deleted && !child {
		all = append(all, "IsDeleted")
	}
	all = append(all, s.Fields...)
	seen := make(map[string]bool, len(all))
	var once []string
	for _, f := range all {
		if folded := strings.ToLower(f); !seen[folded] {
			seen[folded] = true
			once = append(once, f)
		}
	}
	return once
}

func (s Select) condition() string {
	where := bracketed(s.Where)
	if s.And != "" {
		where = and(where, s.And)
	}
	if len(s.IDs) > 0 {
		quoted := make([]string, len(s.IDs))
		for i, id := range s.IDs {
			quoted[i] = quote(id)
		}
		id := "Id"
		if s.Of != "" {
			id = s.Of + ".Id"
		}
		where = and(where, id+" IN ("+strings.Join(quoted, ",")+")")
	}
	if window := s.window(); window != "" {
		where = and(where, window)
	}
	return where
}

func (s Select) window() (window string) {
	if !s.Since.IsZero() {
		window = "SystemModstamp >= " + dateTime(s.Since)
	}
	if !s.Before.IsZero() {
		window = and(window, "SystemModstamp < "+dateTime(s.Before))
	}
	if len(s.Parents) == 0 || s.Since.IsZero() {
		return window
	}
	// One question for both: a call carries five, and a pull needs them.
	window = "(" + window + ")"
	for _, parent := range s.Parents {
		window += " OR " + parent + ".SystemModstamp >= " + dateTime(s.Since)
	}
	return "(" + window + ")"
}

// order ends with Id wherever an order matters, so that rows that tie come the same way each time: lines that change
// places would look like an edited deal.
func (s Select) order(child bool) string {
	order := strings.TrimSpace(s.Order)
	if order == "" {
		if child {
			return "Id"
		}
		return ""
	}
	for _, item := range strings.Split(order, ",") {
		if words := strings.Fields(item); len(words) > 0 && strings.EqualFold(words[0], "Id") {
			return order
		}
	}
	return order + ", Id"
}

func and(a, b string) string {
	if a == "" {
		return b
	}
	return a + " AND " + b
}

// dateTime is a SOQL literal: not quoted, in UTC with Z, because the plus sign of an offset turns into a space on its way.
func dateTime(t time.Time) string {
	return t.UTC().Truncate(time.Second).Format("2006-01-02T15:04:05Z")
}

var escapes = strings.NewReplacer(
	`\`, `\\`, `'`, `\'`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`,
)

func quote(text string) string { return "'" + escapes.Replace(text) + "'" }

// bracketed puts a condition into brackets where something is going to be added to it with AND and it would change its
// meaning: where it has an OR at its top level, or begins with NOT. Nowhere else, since Salesforce takes semi-joins
// (Id IN (SELECT …)) only outside brackets.
func bracketed(where string) string {
	where = strings.TrimSpace(where)
	words := topLevelWords(where)
	for i, word := range words {
		if strings.EqualFold(word, "OR") || i == 0 && strings.EqualFold(word, "NOT") {
			return "(" + where + ")"
		}
	}
	return where
}

// topLevelWords lists the words of a condition that stand outside brackets and quotes.
func topLevelWords(where string) []string {
	var words []string
	depth, word := 0, -1
	for i := 0; i <= len(where); i++ {
		var c byte
		if i < len(where) {
			c = where[i]
		}
		if isWord(c) {
			if word < 0 {
				word = i
			}
			continue
		}
		if word >= 0 && depth == 0 {
			words = append(words, where[word:i])
		}
		word = -1
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case '\'':
			i = closingQuote(where, i)
		}
	}
	return words
}

// closingQuote finds the end of the text that opens at i; of a text that never ends, the end of the condition.
func closingQuote(s string, i int) int {
	for i++; i < len(s) && s[i] != '\''; i++ {
		if s[i] == '\\' {
			i++
		}
	}
	return i
}

func isWord(c byte) bool {
	return c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// literals lists the quoted texts of a query, unescaped as far as an error message would show them: they may be names of
// customers, and must not reach one.
func literals(soql string) []string {
	var found []string
	for i := 0; i < len(soql); i++ {
		if soql[i] == '\'' {
			end := min(closingQuote(soql, i), len(soql))
			if text := soql[i+1 : end]; text != "" {
				found = append(found, text)
			}
			i = end
		}
	}
	return found
}
