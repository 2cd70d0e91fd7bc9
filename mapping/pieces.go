package mapping

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// pieces compiles a block of fields against the targets of a kind. They come
// in the order of the targets, whatever the order of the file.
func (b *builder) pieces(fields *block, kind, prefix string, targets []target, rows *rows) []piece {
	names := fieldsOf(targets)
	var out []piece
	for _, it := range fields.items {
		i := slices.IndexFunc(targets, func(t target) bool { return t.name == it.key })
		if i < 0 {
			b.report.add(it.at, "%s has no field %q%s", xeroPlace(kind, prefix), it.key, didYouMean(it.key, names))
			continue
		}
		t := targets[i]
		if t.refused != "" {
			b.report.add(it.at, "%s cannot be mapped: %s", it.key, t.refused)
			continue
		}
		if p, ok := b.piece(it, kind, prefix, t, rows); ok {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(x, y piece) int {
		return indexOf(targets, x.name) - indexOf(targets, y.name)
	})
	return out
}

func indexOf(targets []target, name string) int {
	return slices.IndexFunc(targets, func(t target) bool { return t.name == name })
}

func fieldsOf(targets []target) []string {
	var names []string
	for _, t := range targets {
		if t.refused == "" {
			names = append(names, t.name)
		}
	}
	return names
}

// xeroPlace names the owner of a field in a sentence.
func xeroPlace(kind, prefix string) string {
	what := map[string]string{"Contacts": "Xero's contact", "Invoices": "Xero's invoice", "LineItems": "Xero's invoice line"}[kind]
	if prefix != "" {
		what += "'s " + strings.TrimSuffix(prefix, ".")
	}
	return what
}

func (b *builder) piece(it item, kind, prefix string, t target, rows *rows) (piece, bool) {
	key := prefix + t.name
	switch {
	case it.value == nil && it.block == nil:
		return piece{}, false // reported when it was read
	case t.Type == List && it.block != nil:
		return b.list(it, kind, key, t, rows), true
	case t.Type == List:
		b.report.add(it.at, "%s takes a block with a line for each of its parts", key)
		return piece{}, false
	case t.Type == Element && it.block != nil && t.short != trackingOption:
		return piece{name: t.name, at: it.at, parts: b.pieces(it.block, kind, key+".", t.parts, rows)}, true
	case t.Type == Element && it.value != nil && t.short != "":
		s := b.slot(it.value, key, t.parts[indexOf(t.parts, t.short)], rows)
		if s != nil && t.short != trackingOption {
			s.key += "." + t.short
		}
		return piece{name: t.name, at: it.at, parts: []piece{{name: t.short, slot: s}}}, s != nil
	case t.Type == Element && it.value != nil:
		b.report.add(it.at, "%s takes a block of fields below it", key)
		return piece{}, false
	case it.block != nil:
		b.report.add(it.at, "%s takes one value, not a block", key)
		return piece{}, false
	}
	s := b.slot(it.value, key, t, rows)
	return piece{name: t.name, slot: s}, s != nil
}

func (b *builder) list(it item, kind, key string, t target, rows *rows) piece {
	parts := t.parts
	if t.open != nil {
		parts = nil
		for _, category := range it.block.items {
			parts = append(parts, t.open(category.key))
		}
		if len(parts) > mostTracking {
			b.report.add(it.at, "Xero takes at most %d tracking categories on a line", mostTracking)
		}
	}
	return piece{name: t.name, tag: t.tag, parts: b.pieces(it.block, kind, key+".", parts, rows)}
}

const (
	mostTracking   = 2 // categories on a line
	trackingOption = "Option"
	trackingList   = "Tracking"
)

// slot compiles one value: a formula, or a plain text that is sent as it stands.
func (b *builder) slot(s *scalar, key string, t target, rows *rows) *slot {
	out := b.plainSlot(s, rows, t)
	if out != nil {
		out.key = key
	} else if field := t.wireName(); slices.Contains(codeFields, field) {
		b.looseCodes(field, s.formula)
	}
	return out
}

func (b *builder) plainSlot(s *scalar, rows *rows, t target) *slot {
	out := &slot{key: t.name, target: t, formula: s.text, at: s.at}
	if s.isFormula() {
		c := b.compileFormula(s, rows)
		if c == nil {
			return nil
		}
		fitted := c.as(t.Type)
		if fitted == nil {
			b.report.add(s.places[min(1, len(s.places)-1)], "%s takes %s, and this formula gives %s%s", t.name, t.Type, c.typ, conversion(c.typ, t.Type))
			return nil
		}
		out.code = fitted
		b.checkConstant(s, out)
		return out
	}
	if complaint := b.forgotten(s, t, rows); complaint != "" {
		b.report.add(s.at, "%s", complaint)
		return nil
	}
	v, err := constant(s.text, t.Type)
	if err != nil {
		b.report.add(s.at, "%s takes %s, and not %q%s", t.name, t.Type, shorten(s.text), formulaHint(s.text))
		return nil
	}
	out.code = &code{kind: constantCode, typ: t.Type, constant: v, at: s.at}
	b.checkConstant(s, out)
	return out
}

// checkConstant finds at once what every record would be held for.
func (b *builder) checkConstant(s *scalar, out *slot) {
	if out.code.kind != constantCode {
		return
	}
	if out.code.constant.empty() {
		if out.target.holds {
			b.report.add(s.at, "%s must not be empty: every record would be held for it", out.target.name)
		}
		return
	}
	if _, complaint := out.target.fit(out.code.constant, out.target.name); complaint != "" {
		b.report.add(s.at, "%s", complaint)
	}
}

// forgotten catches a plain text that is a field's name: the = was forgotten.
func (b *builder) forgotten(s *scalar, t target, rows *rows) string {
	if slices.Contains(t.Enum, s.text) {
		return ""
	}
	path := strings.Split(s.text, ".")
	for _, name := range path {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !isNameStart(r) && !isDigit(r) }) {
			return ""
		}
	}
	object, rest := rows.object, path
	if rows.up != "" && len(path) > 1 && strings.EqualFold(path[0], rows.up) {
		object, rest = rows.upTo, path[1:]
	}
	if o, known := rows.view.names[strings.ToLower(object)]; !known || len(rows.view.schema[o].Fields) == 0 {
		return ""
	}
	var r resolved
	var bad *unresolved
	rows.view.quietly(func() { r, bad = rows.view.resolve(object, rest) })
	if bad != nil || !r.known || r.currency {
		return ""
	}
	return fmt.Sprintf(`%q is a field of %s; to send its value write =%s, and to send these very words write ="%s"`, s.text, object, s.text, s.text)
}

// constant reads a plain value as its target's type.
func constant(text string, t Type) (value, error) {
	switch t {
	case Number:
		if strings.Trim(text, "0123456789.-") != "" || text == "" {
			return value{}, fmt.Errorf("not a number")
		}
		d, err := parseNumber(text)
		return numberValue(d), err
	case Bool:
		if text != "true" && text != "false" {
			return value{}, fmt.Errorf("not true or false")
		}
		return boolValue(text == "true"), nil
	case Date:
		d, err := time.Parse(time.DateOnly, text)
		return dateValue(d), err
	case DateTime:
		d, err := time.Parse(time.RFC3339, text)
		return value{typ: DateTime, time: d.UTC()}, err
	}
	return textValue(text), nil
}

func formulaHint(text string) string {
	if strings.ContainsAny(text, "(.+*&_") || strings.ContainsFunc(text, isNameStart) {
		return "; a formula begins with ="
	}
	return ""
}

// contactSlot compiles contact:, which must give the id of the record that
// contacts are made from.
func (b *builder) contactSlot(s *scalar, rows *rows) *slot {
	if !s.isFormula() {
		b.report.add(s.at, "contact is a formula that names the deal's account: =AccountId")
		return nil
	}
	out := b.plainSlot(s, rows, text("contact", 0))
	if out == nil || s.formula.kind != pathExpr || b.file.contacts == nil || b.file.contacts.from == nil {
		return out
	}
	r, bad := rows.view.resolve(rows.object, s.formula.path)
	if bad != nil || !r.known {
		return out
	}
	want, _ := b.salesforce.object(b.file.contacts.from.text)
	last := r.path[len(r.path)-1]
	id := strings.EqualFold(last, "Id") && r.object == want.Name
	points := r.field.Reference && (r.field.Object == "" || strings.EqualFold(r.field.Object, want.Name))
	if !id && !points {
		b.report.add(s.places[min(1, len(s.places)-1)], "contact must name a field that points to %s, from which contacts are made; %s.%s does not", want.Name, r.object, last)
		return nil
	}
	return out
}
