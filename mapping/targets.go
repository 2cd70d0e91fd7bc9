package mapping

import "slices"

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
