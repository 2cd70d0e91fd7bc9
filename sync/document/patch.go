package document

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"sf2xero/xero"
)

// Patch is the part of a wanted document that an update sends: only the fields that are ours to change. A field that is
// wanted empty now is cleared with a blank, because one that is left out keeps its value.
func Patch(wanted json.RawMessage, ours []string, meant, seen json.RawMessage) map[string]json.RawMessage {
	want, now := Fields(wanted), Fields(seen)
	update := map[string]json.RawMessage{}
	for _, field := range ours {
		name, kind, typed := strings.Cut(field, "/")
		switch {
		case typed:
			// Xero is said to replace some of these lists whole, so the slots that are not ours go along as they are.
			if update[name] == nil {
				update[name] = now[name]
			}
			update[name] = withSlot(update[name], want[name], FieldOf(name).Slots, kind)
		case name == "LineItems":
			update[name] = withLineIDs(want[name], now[name])
		case want[name] == nil:
			update[name] = Quote("")
		default:
			update[name] = want[name]
		}
	}
	keepLines(update, meant, seen)
	nameLines(update, seen)
	return update
}

// sameSlots are the elements of a list whose slots another list has, too: a street address of a person's is none of ours
// because the mapping writes postal ones.
func sameSlots(slot string, list, other json.RawMessage) json.RawMessage {
	kept := []map[string]json.RawMessage{}
	for _, e := range elements(list) {
		if slices.ContainsFunc(elements(other), func(o map[string]json.RawMessage) bool { return Text(o[slot]) == Text(e[slot]) }) {
			kept = append(kept, e)
		}
	}
	out, _ := json.Marshal(kept)
	return out
}

// MeantWith is the document as meant after an update of some fields.
func MeantWith(meant, wanted json.RawMessage, ours []string) json.RawMessage {
	doc, want := Fields(meant), Fields(wanted)
	for _, field := range ours {
		name, _, _ := strings.Cut(field, "/")
		if want[name] == nil {
			delete(doc, name)
		} else {
			doc[name] = want[name]
		}
	}
	out, _ := json.Marshal(doc)
	return out
}

// Draft is what of a wanted document a draft can have. What Xero keeps of approved ones only is sent with the approval; on a
// draft it would look like something that Xero had changed. Case: a mapping that marks its invoices as sent left drafts for
// ever.
func Draft(wanted json.RawMessage) json.RawMessage { return without(wanted, Field.later) }

// Sendable is what of a wanted document can be compared with what was sent: as in a draft, until it was approved with more.
func Sendable(wanted, meant json.RawMessage) json.RawMessage {
	sent := Fields(meant)
	return without(wanted, func(f Field) bool { return f.later() && sent[f.Name] == nil })
}

func without(document json.RawMessage, left func(Field) bool) json.RawMessage {
	doc := Fields(document)
	n := len(doc)
	for name := range doc {
		if left(FieldOf(name)) {
			delete(doc, name)
		}
	}
	if len(doc) == n {
		return document
	}
	out, _ := json.Marshal(doc)
	return out
}

// Approval is what the approval of a draft sends: the status, and what Xero keeps from that status on.
func Approval(id, status string, wanted, meant, seen json.RawMessage) json.RawMessage {
	doc := map[string]json.RawMessage{}
	for name, value := range Fields(wanted) {
		if FieldOf(name).From == status && Text(value) != "false" { // which it is by itself
			doc[name] = value
		}
	}
	keepLines(doc, meant, seen)
	doc["InvoiceID"], doc["Status"] = Quote(id), Quote(status)
	out, _ := json.Marshal(doc)
	return out
}

// Agreeing is what of an unanswered update Xero shows as it was sent: of the rest it is not known whether Xero has changed it
// or a person since.
func Agreeing(sent, seen json.RawMessage) json.RawMessage {
	found := Compare(sent, seen)
	return without(sent, func(f Field) bool { return f.compared() && !found.Taken(f.Name) })
}

// Restricted is the part of a document in Xero that the mapping is about.
func Restricted(seen, wanted json.RawMessage) json.RawMessage {
	now, doc := Fields(seen), map[string]json.RawMessage{}
	for name, value := range Fields(wanted) {
		switch row := FieldOf(name); {
		case now[name] == nil:
		case row.Slots != "":
			doc[name] = sameSlots(row.Slots, now[name], value)
		default:
			doc[name] = now[name]
		}
	}
	if now["Contact"] != nil {
		doc["Contact"] = now["Contact"]
	}
	out, _ := json.Marshal(doc)
	return out
}

func Fields(document json.RawMessage) map[string]json.RawMessage {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(document, &fields) != nil || fields == nil {
		return map[string]json.RawMessage{}
	}
	return fields
}

func Quote(s string) json.RawMessage {
	b, _ := json.Marshal(s)
	return b
}

// withSlot replaces the element of one type in a list of addresses or phones. What the slot shows and is wanted no more
// goes as a blank: Xero keeps what an element does not name.
func withSlot(list, wanted json.RawMessage, typeField, kind string) json.RawMessage {
	kept, slot := []map[string]json.RawMessage{}, map[string]json.RawMessage{typeField: Quote(kind)}
	for _, e := range elements(list) {
		if string(e[typeField]) != string(Quote(kind)) {
			kept = append(kept, e)
			continue
		}
		for name := range e {
			if name != typeField {
				slot[name] = Quote("")
			}
		}
	}
	for _, e := range elements(wanted) {
		if string(e[typeField]) == string(Quote(kind)) {
			maps.Copy(slot, e)
		}
	}
	out, _ := json.Marshal(append(kept, slot))
	return out
}

// SentFields are the fields that an update speaks of, those that it clears among them.
func SentFields(sent json.RawMessage) []string {
	names := map[string]bool{}
	for name, value := range Fields(sent) {
		switch row := FieldOf(name); {
		case row.Owner == Ours, onlyNamed(name, value):
		case row.Slots != "":
			for _, e := range elements(value) {
				names[name+"/"+Plain(Decode(e[row.Slots]))] = true
			}
		default:
			names[name] = true
		}
	}
	return SortedNames(names)
}

// MeantAfter is the document as meant once an update was taken, by what was sent. Slots of a list that went along as Xero
// showed them are a person's and stay out of it, or the next update would clear them.
func MeantAfter(meant, sent, shown json.RawMessage) json.RawMessage {
	doc, now := Fields(meant), Texts(shown)
	before := Texts(meant)
	for name, value := range Fields(sent) {
		switch row := FieldOf(name); {
		case row.Owner == Ours, onlyNamed(name, value):
		case row.Slots != "":
			kept := []map[string]json.RawMessage{}
			for _, e := range elements(value) {
				one, _ := json.Marshal([]map[string]json.RawMessage{e})
				field := name + "/" + Plain(Decode(e[row.Slots]))
				text := Texts(json.RawMessage(`{"` + name + `":` + string(one) + `}`))[field]
				if text != "" && (before[field] != "" || text != now[field]) {
					kept = append(kept, e)
				}
			}
			doc[name], _ = json.Marshal(kept)
		default:
			if string(value) == `""` {
				delete(doc, name)
			} else {
				doc[name] = value
			}
		}
	}
	out, _ := json.Marshal(doc)
	return out
}

// withLineIDs gives the wanted lines the ids of the lines that stand at their places, so that Xero changes them instead
// of deleting and making them anew. A line that is to lose something is made anew: under its id it would keep it.
func withLineIDs(wanted, now json.RawMessage) json.RawMessage {
	lines, old := elements(wanted), elements(now)
	want, shown := lineTexts(wanted), lineTexts(now)
	for i := range lines {
		if i < len(old) && old[i]["LineItemID"] != nil && !loses(want[i], shown[i]) {
			lines[i]["LineItemID"] = old[i]["LineItemID"]
		}
	}
	out, _ := json.Marshal(lines)
	return out
}

func loses(wanted, now map[string]string) bool {
	for _, f := range lineTable {
		if f.Sticks && wanted[f.Name]+wanted[f.Instead] == "" && now[f.Name] != "" {
			return true
		}
	}
	return false
}

func elements(list json.RawMessage) []map[string]json.RawMessage {
	var out []map[string]json.RawMessage
	if json.Unmarshal(list, &out) != nil {
		return nil
	}
	return out
}

// WithContact is an invoice with its customer: the Xero id and nothing else, because any further field would edit the
// contact.
func WithContact(document json.RawMessage, contactID string) json.RawMessage {
	doc := Fields(document)
	doc["Contact"], _ = json.Marshal(xero.ContactRef{ContactID: contactID})
	out, _ := json.Marshal(doc)
	return out
}
