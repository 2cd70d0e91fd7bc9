package document

import (
	"encoding/json"
	"maps"
)

// Blanks is what of a wanted document a document that a person made has no value for: what its adoption fills in. Lists go
// whole, as Xero may replace them, with the slots that are filled there as they are. Rule 10: slot by slot, because an empty
// postal address beside a street address is a blank. Case: such customers got invoices without an address, and no later
// change of it arrived.
func Blanks(wanted, now json.RawMessage) map[string]json.RawMessage {
	want, have := Fields(wanted), Fields(now)
	fill := map[string]json.RawMessage{}
	for name, value := range want {
		switch row := FieldOf(name); {
		case !row.compared():
		case row.Slots != "":
			if list, filled := blankSlots(row.Slots, value, have[name]); filled {
				fill[name] = list
			}
		case Text(have[name]) == "" && Text(value) != "":
			fill[name] = value
		}
	}
	return fill
}

func blankSlots(slot string, wanted, now json.RawMessage) (list json.RawMessage, filled bool) {
	have := elements(now)
	for _, want := range elements(wanted) {
		at := -1
		for i := range have {
			if Text(have[i][slot]) == Text(want[slot]) {
				at = i
			}
		}
		if at < 0 {
			have, filled = append(have, want), true
			continue
		}
		if missing := missingParts(slot, want, have[at]); len(missing) > 0 {
			have[at] = maps.Clone(have[at])
			maps.Copy(have[at], missing)
			filled = true
		}
	}
	list, _ = json.Marshal(have)
	return list, filled
}

// missingParts are the parts of one slot that it has no value for. Half of one address and half of another are none: where
// something stands there already, the rest is filled only in what is the same address as far as it goes.
func missingParts(slot string, want, have map[string]json.RawMessage) map[string]json.RawMessage {
	missing, blank, alike := map[string]json.RawMessage{}, true, false
	for name, value := range have {
		blank = blank && (name == slot || Text(value) == "")
	}
	for name, value := range want {
		theirs, ours := Text(have[name]), Text(value)
		switch {
		case name == slot || ours == "":
		case theirs == "":
			missing[name] = value
		case theirs != ours:
			return nil
		default:
			alike = true
		}
	}
	if !blank && !alike {
		return nil
	}
	return missing
}
