package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// identity is a hash of what the file means. Two texts that compile to the
// same are the same mapping: no comment, no blank, no order of keys and no
// other spelling of a field's name makes records look edited. What Salesforce
// describes is no part of it, or an org that switches a second currency on
// would look as if somebody had edited the file.
func (m *Mapping) identity() string {
	w := &meaning{}
	w.say("start", m.Start)
	if m.Contacts != nil {
		w.entry(m.Contacts)
	}
	for _, e := range m.Documents {
		w.entry(e)
	}
	back := slices.Clone(m.WriteBack)
	slices.SortFunc(back, func(a, b *Entry) int { return strings.Compare(a.Name, b.Name) })
	for _, e := range back {
		w.entry(e)
	}
	sum := sha256.Sum256([]byte(w.text.String()))
	return hex.EncodeToString(sum[:])
}

// Condition is what Where asks for, the same for every spelling of it: two
// entries with one condition let the same records in.
func (e *Entry) Condition() string { return e.From + " where " + soqlMeaning(e.Where) }

// WhereProblem says at the place of an entry's where what is wrong with it.
func (m *Mapping) WhereProblem(e *Entry, text string) Problem {
	return Problem{File: m.src.file, Line: e.where.Line, Column: e.where.Column, Text: text, Excerpt: m.src.excerpt(e.where)}
}

// ConcernsWhere tells the problems of an entry's where, and of its object.
func (m *Mapping) ConcernsWhere(e *Entry) func(Problem) bool {
	return func(p Problem) bool { return p.Line >= e.where.Line && p.Line <= e.whereEnd || p.Line == e.fromLine }
}

// meaning writes what a mapping means, each part in quotes, so that no two
// meanings have one text.
type meaning struct{ text strings.Builder }

func (w *meaning) say(words ...string) {
	for _, word := range words {
		fmt.Fprintf(&w.text, "%q ", word)
	}
	w.text.WriteByte('\n')
}

func (w *meaning) entry(e *Entry) {
	updates := slices.Sorted(slices.Values(e.Update))
	w.say("entry", e.Name, e.Kind, e.From, soqlMeaning(e.Where), e.Settle.String(), e.Admit, e.IfUnwon)
	w.say(append([]string{"match"}, e.Match...)...)
	w.say(append([]string{"update"}, updates...)...)
	w.pieces("fields", e.pieces)
	w.slot("contact", e.contact)
	w.slot("total", e.total)
	w.say("lines", e.Lines, soqlMeaning(e.Reads.Children[e.Lines].Order))
	w.pieces("line", e.lines)
	for _, line := range e.noLines {
		w.pieces("no line", line)
	}
}

func (w *meaning) pieces(what string, pieces []piece) {
	w.say(what)
	for _, p := range pieces {
		w.slot(p.name, p.slot)
		if p.slot == nil {
			w.pieces(p.name, p.parts)
		}
	}
	w.say("end")
}

func (w *meaning) slot(name string, s *slot) {
	if s == nil {
		return
	}
	w.say(name)
	w.code(s.code)
}

func (w *meaning) code(c *code) {
	switch c.kind {
	case toDateCode: // follows from the field's type
		w.code(c.args[0])
		return
	case constantCode:
		w.say("constant", fmt.Sprint(c.constant.typ), c.constant.String())
		return
	case fieldCode:
		w.say("field", fmt.Sprint(c.up), strings.ToLower(strings.Join(c.path, ".")))
		return
	}
	w.say("call", c.name, fmt.Sprint(len(c.args)))
	if c.table != nil {
		for _, key := range slices.Sorted(maps.Keys(c.table.values)) {
			w.say(key, c.table.values[key].text)
		}
		w.say("end")
	}
	for _, a := range c.args {
		w.code(a)
	}
}

// soqlMeaning leaves out what SOQL does not see: blanks between words, and
// the case of all that does not stand in quotes.
func soqlMeaning(soql string) string {
	all, _ := words([]rune(soql))
	parts := make([]string, len(all))
	for i, w := range all {
		if parts[i] = w.text; !w.quoted {
			parts[i] = strings.ToLower(w.text)
		}
	}
	return strings.Join(parts, " ")
}
