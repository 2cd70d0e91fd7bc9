package mapping

import (
	"fmt"
	"slices"
	"strings"
)

func (a *application) fault(s *slot, key, owner, table, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if n, ok := lineNumber(key); ok {
		text = fmt.Sprintf("line %d: %s", n, text)
	}
	a.result.Faults = append(a.result.Faults, Fault{Field: key, Text: text, Line: s.at.Line, Owner: owner, Tables: table})
}

// lineNumber reads "LineItems[1].TaxType" as line 2.
func lineNumber(key string) (int, bool) {
	var n int
	if _, err := fmt.Sscanf(key, "LineItems[%d]", &n); err != nil {
		return 0, false
	}
	return n + 1, true
}

// missing reports a value that must not be empty. Sales reads its text in
// Salesforce, where the fields have labels and nobody knows the formula.
func (a *application) missing(s *slot, key string, env *environment) {
	if s.code.kind == fieldCode {
		a.fault(s, key, ownerSales, "", "%s has no value in Salesforce; %s", s.code.label, s.purpose("it"))
		return
	}
	switch empty := s.code.emptyFields(env); len(empty) {
	case 0:
		a.fault(s, key, ownerAdmin, "", "%s is empty: %s gives nothing for this record", s.key, s.formula)
	case 1:
		a.fault(s, key, ownerSales, "", "%s has no value in Salesforce; %s", empty[0], s.purpose("it"))
	default:
		a.fault(s, key, ownerSales, "", "%s have no value in Salesforce; %s", conjunction(empty), s.purpose("them"))
	}
}

// purpose says what a value is for.
func (s *slot) purpose(it string) string {
	if s.target.name == totalName {
		return "the invoice's total cannot be compared with " + it
	}
	return xeroName + "'s " + s.target.name + " is made from " + it
}

// unfit reports a value that its target does not take.
func (a *application) unfit(s *slot, key string, v value, complaint string) {
	owner := s.owner(v)
	if label := s.code.fieldLabel(); owner == ownerSales && label != "" && label != s.target.name && !a.entry.writeBack {
		_, complaint = s.target.fit(v, fmt.Sprintf("%s (%s's %s)", label, xeroName, s.target.name))
	}
	a.fault(s, key, owner, "", "%s", complaint)
}

// failed reports a formula that has no answer for this row.
func (a *application) failed(s *slot, key string, f *evalFault) {
	switch {
	case f.owner != ownerSales || a.entry.writeBack:
		a.fault(s, key, f.owner, f.table, "%s: %s", s.key, f.text)
	case len(f.fields) == 0: // no field of the record can change the answer
		a.fault(s, key, ownerAdmin, f.table, "%s: %s", s.key, f.text)
	default:
		a.fault(s, key, ownerSales, f.table, "%s: %s; %s", conjunction(f.fields), f.text, s.purpose("it"))
	}
}

// owner is who can mend a value that does not fit: a field's value sales, a
// formula the admin, and only the mapping can say how a number is rounded.
func (s *slot) owner(v value) string {
	tooFine := s.target.Type == Number && !v.num.Equal(v.num.Round(int32(s.target.Scale)))
	if tooFine || s.code.fieldLabel() == "" {
		return ownerAdmin
	}
	return ownerSales
}

// fieldLabel is the label of the one field that a value is taken from as it
// stands; "" for any other formula.
func (c *code) fieldLabel() string {
	switch c.kind {
	case fieldCode:
		return c.label
	case toDateCode:
		return c.args[0].label
	}
	return ""
}

// fields gives the labels of the fields that a formula reads and that has
// accepts, each once.
func (c *code) fields(has func(*code) bool) []string {
	var labels []string
	var walk func(*code)
	walk = func(c *code) {
		if c.kind == fieldCode && has(c) && !slices.Contains(labels, c.label) {
			labels = append(labels, c.label)
		}
		for _, a := range c.args {
			walk(a)
		}
	}
	walk(c)
	return labels
}

// emptyFields names the fields of a formula that are empty in this row, which
// is usually why its answer is.
func (c *code) emptyFields(env *environment) []string {
	return c.fields(func(f *code) bool {
		v, err := f.read(env)
		return err == nil && v.empty()
	})
}

// conjunction joins names as a sentence does: "a, b and c".
func conjunction(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
