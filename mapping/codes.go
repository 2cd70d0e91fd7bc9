package mapping

import "slices"

// Code is a value that the mapping itself names and the Xero organisation has
// to have: a constant, or the value of a line of tables.
type Code struct {
	Field    string // in Xero: AccountCode, TaxType, ItemCode, CurrencyCode, BrandingThemeID, Tracking
	Category string // of Tracking: the category, which has to exist too
	Value    string // "" for a category whose option comes from the record

	at  position
	src *source
}

// Problem says at the value's place what is wrong with it.
func (c Code) Problem(text string) Problem {
	return Problem{File: c.src.file, Line: c.at.Line, Column: c.at.Column, Text: text, Excerpt: c.src.excerpt(c.at)}
}

// Same is true for the same value of the same field, wherever it stands.
func (c Code) Same(d Code) bool {
	return c.Field == d.Field && c.Category == d.Category && c.Value == d.Value
}

// codeFields are the fields of an invoice or a line that name what the
// organisation has set up.
var codeFields = []string{"CurrencyCode", themeID, "AccountCode", taxType, "ItemCode"}

// looseCodes notes what the tables of a formula name that has a mistake: that
// Xero lacks it shall not be told only when the mistake is mended.
func (b *builder) looseCodes(field string, e *expr) {
	if e == nil {
		return
	}
	if e.kind == callExpr && e.text == "LOOKUP" && len(e.args) > 0 && e.args[0].kind == textExpr && b.file.tables[e.args[0].text] != nil {
		for _, s := range b.file.tables[e.args[0].text].values {
			b.loose = append(b.loose, Code{Field: field, Value: s.text, at: s.at, src: b.file.src})
		}
	}
	for _, a := range e.args {
		b.looseCodes(field, a)
	}
}

// Codes lists such values of all documents in the order of the file, each
// place once.
func (m *Mapping) Codes() []Code {
	var out []Code
	add := func(field, category, value string, at position) {
		code := Code{Field: field, Category: category, Value: value, at: at, src: m.src}
		if (value != "" || category != "") && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	var walk func(pieces []piece, list, part string, at position)
	walk = func(pieces []piece, list, part string, at position) {
		for _, p := range pieces {
			if p.slot == nil {
				if p.tag != "" {
					walk(p.parts, p.name, "", at)
				} else {
					walk(p.parts, list, p.name, p.at)
				}
				continue
			}
			field, category := p.slot.target.wireName(), ""
			if list == trackingList {
				field, category = trackingList, part
			}
			switch {
			case category != "":
				add(field, category, "", at)
			case !slices.Contains(codeFields, field):
				continue
			}
			for _, leaf := range p.slot.code.leaves() {
				switch {
				case leaf.kind == constantCode:
					add(field, category, leaf.constant.text, leaf.at)
				case leaf.table != nil:
					for _, s := range leaf.table.values {
						add(field, category, s.text, s.at)
					}
				}
			}
		}
	}
	for _, e := range m.Documents {
		walk(e.pieces, "", "", position{})
		for _, lines := range append([][]piece{e.lines}, e.noLines...) {
			walk(lines, "", "", position{})
		}
	}
	for _, code := range m.loose {
		add(code.Field, "", code.Value, code.at)
	}
	slices.SortStableFunc(out, func(a, b Code) int { return a.at.compare(b.at) })
	return out
}
