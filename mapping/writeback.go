package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// writeBack compiles one object of writeback: Xero's fields in, the fields of
// the Salesforce object out. It is the same machine as the entries, reversed.
func (b *builder) writeBack(w item, m *Mapping) *Entry {
	o, known, complaint := b.salesforce.visible(w.key)
	if complaint != "" {
		b.report.add(w.at, "%s", complaint)
		return nil
	}
	source := b.sourceOf(o.Name, m)
	if source == nil {
		b.report.add(w.at, "nothing is made from %s, so nothing can be written back to it; writeback takes the objects named by from:", o.Name)
		return nil
	}
	rows := b.rows(b.xero, source.Kind)
	e := &Entry{Name: "writeback/" + o.Name, Kind: o.Name, From: source.Kind, Line: w.at.Line, writeBack: true}
	seen := map[string]bool{}
	for _, it := range w.block.items {
		name, field, complaint := it.key, Field{}, ""
		if known {
			name, field, complaint = writable(o, it.key)
		}
		if complaint == "" && seen[strings.ToLower(name)] {
			complaint = fmt.Sprintf("%s.%s is written twice", o.Name, name)
		}
		seen[strings.ToLower(name)] = true
		if complaint == "" && it.block != nil {
			complaint = fmt.Sprintf("%s takes one value, not a block", name)
		}
		if complaint != "" {
			b.report.add(it.at, "%s", complaint)
			continue
		}
		if it.value == nil {
			continue
		}
		t := target{name: name, Field: field, cut: true}
		s := b.slot(it.value, name, t, rows)
		b.written = append(b.written, written{o.Name, name, it.at})
		source.WriteBack = append(source.WriteBack, name)
		if s == nil {
			continue
		}
		e.pieces = append(e.pieces, piece{name: name, slot: s})
		b.special(s, name, field, it, e, source)
	}
	slices.SortFunc(e.pieces, func(x, y piece) int { return strings.Compare(x.name, y.name) })
	slices.Sort(source.WriteBack)
	e.Reads.Fields = slices.Sorted(maps.Keys(rows.own))
	return e
}

func (b *builder) sourceOf(object string, m *Mapping) *Entry {
	for _, e := range m.Documents {
		if strings.EqualFold(e.From, object) {
			return e
		}
	}
	if m.Contacts != nil && strings.EqualFold(m.Contacts.From, object) {
		return m.Contacts
	}
	return nil
}

func writable(o Object, key string) (string, Field, string) {
	name, f, ok := o.field(key)
	switch {
	case !ok:
		return key, f, o.noField(salesforceName, key)
	case f.Type == Parent:
		return name, f, fmt.Sprintf("%s.%s is a related record, not a field that can be written", o.Name, name)
	case f.ReadOnly:
		return name, f, fmt.Sprintf("%s.%s cannot be written: it is computed, or the integration user may only read it", o.Name, name)
	}
	return name, f, ""
}

const xeroIDLength = 36

// special notes the two write-back fields that have a meaning of their own:
// the one for the text of a hold, and the one for Xero's id, which later says
// that a record has its document.
func (b *builder) special(s *slot, name string, f Field, it item, e, source *Entry) {
	if s.code.kind != fieldCode || len(s.code.path) != 1 {
		return
	}
	switch s.code.path[0] {
	case holdName:
		if source.HoldField == "" {
			source.HoldField, e.HoldField = name, name
		}
	case "InvoiceID", "ContactID":
		if f.Type == Text && f.Length > 0 && f.Length < xeroIDLength {
			b.report.add(it.at, "%s has %d characters, and an id of Xero's has %d", name, f.Length, xeroIDLength)
		}
		if source.IDField == "" {
			source.IDField, e.IDField = name, name
		}
	}
}

// refuseLoops reports fields that are both read and written: each write-back
// would be a change that is sent to Xero again.
func (b *builder) refuseLoops() {
	for _, w := range b.written {
		if at, both := b.read[[2]string{w.object, w.field}]; both {
			b.report.add(at, "%s.%s is read here and written back in line %d; a mapping must not read what it writes", w.object, w.field, w.at.Line)
		}
	}
}
