package mapping

import (
	"slices"
	"strings"
)

// Targets names the fields of the target document that the mapping sets, lines and parts included: "DueDate",
// "LineItems.AccountCode", "Addresses.POBOX.City". They bear the names that Xero calls them.
func (e *Entry) Targets() []string {
	var names []string
	var walk func(prefix string, pieces []piece)
	walk = func(prefix string, pieces []piece) {
		for _, p := range pieces {
			if p.slot != nil {
				names = append(names, prefix+p.slot.target.wireName())
			}
			walk(prefix+p.name+".", p.parts)
		}
	}
	walk("", e.pieces)
	walk("LineItems.", e.lines)
	for _, line := range e.noLines {
		walk("LineItems.", line)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// LineOf is the line of mapping.yaml that writes a field, given by the name that Xero calls it, or the first that writes a
// part of it: of "Addresses.POBOX", of "LineItems.Tracking". It is 0 for what the mapping does not write.
func (e *Entry) LineOf(field string) int {
	first := 0
	var walk func(prefix string, pieces []piece)
	walk = func(prefix string, pieces []piece) {
		for _, p := range pieces {
			name := prefix + p.name
			if p.slot != nil {
				name = prefix + p.slot.target.wireName()
			}
			if p.slot != nil && (name == field || strings.HasPrefix(name, field+".")) && (first == 0 || p.slot.at.Line < first) {
				first = p.slot.at.Line
			}
			walk(prefix+p.name+".", p.parts)
		}
	}
	walk("", e.pieces)
	walk("LineItems.", e.lines)
	return first
}
