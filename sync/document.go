package sync

import (
	"encoding/json"
	"strings"

	"sf2xero/xero"
)

// picked is the part of a wanted document that an update sends: only the fields that are ours to change. A field that is
// wanted empty now is cleared with a blank, because one that is left out keeps its value.
func picked(wanted json.RawMessage, ours []string, seen json.RawMessage) map[string]json.RawMessage {
	want, now := object(wanted), object(seen)
	update := map[string]json.RawMessage{}
	for _, field := range ours {
		name, kind, typed := strings.Cut(field, "/")
		switch {
		case typed:
			// Xero is said to replace some of these lists whole, so the slots that are not ours go along as they are.
			if update[name] == nil {
				update[name] = now[name]
			}
			update[name] = withSlot(update[name], want[name], strings.TrimSuffix(strings.TrimSuffix(name, "s"), "e")+"Type", kind)
		case name == "LineItems":
			update[name] = withLineIDs(want[name], now[name])
		case want[name] == nil:
			update[name] = quoted("")
		default:
			update[name] = want[name]
		}
	}
	return update
}

// merged is the document as meant after an update of some fields.
func merged(meant, wanted json.RawMessage, ours []string) json.RawMessage {
	doc, want := object(meant), object(wanted)
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

// restricted is the part of a document in Xero that the mapping is about.
func restricted(seen, wanted json.RawMessage) json.RawMessage {
	now, doc := object(seen), map[string]json.RawMessage{}
	for name := range object(wanted) {
		if now[name] != nil {
			doc[name] = now[name]
		}
	}
	if now["Contact"] != nil {
		doc["Contact"] = now["Contact"]
	}
	out, _ := json.Marshal(doc)
	return out
}

func object(document json.RawMessage) map[string]json.RawMessage {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(document, &fields) != nil || fields == nil {
		return map[string]json.RawMessage{}
	}
	return fields
}

func quoted(s string) json.RawMessage {
	b, _ := json.Marshal(s)
	return b
}

// withSlot replaces the element of one type in a list of addresses or phones.
func withSlot(list, wanted json.RawMessage, typeField, kind string) json.RawMessage {
	kept := []map[string]json.RawMessage{}
	for _, e := range elements(list) {
		if string(e[typeField]) != string(quoted(kind)) {
			kept = append(kept, e)
		}
	}
	for _, e := range elements(wanted) {
		if string(e[typeField]) == string(quoted(kind)) {
			kept = append(kept, e)
		}
	}
	out, _ := json.Marshal(kept)
	return out
}

// withLineIDs gives the wanted lines the ids of the lines that stand at their places, so that Xero changes them instead
// of deleting and making them anew.
func withLineIDs(wanted, now json.RawMessage) json.RawMessage {
	lines, old := elements(wanted), elements(now)
	for i := range lines {
		if i < len(old) && old[i]["LineItemID"] != nil {
			lines[i]["LineItemID"] = old[i]["LineItemID"]
		}
	}
	out, _ := json.Marshal(lines)
	return out
}

func elements(list json.RawMessage) []map[string]json.RawMessage {
	var out []map[string]json.RawMessage
	if json.Unmarshal(list, &out) != nil {
		return nil
	}
	return out
}

// withContact is an invoice with its customer: the Xero id and nothing else, because any further field would edit the
// contact.
func withContact(document json.RawMessage, contactID string) json.RawMessage {
	doc := object(document)
	doc["Contact"], _ = json.Marshal(xero.ContactRef{ContactID: contactID})
	out, _ := json.Marshal(doc)
	return out
}
