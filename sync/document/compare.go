package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/shopspring/decimal"

	"sf2xero/xero"
)

// Texts reduces a document to comparable texts, field by field: blanks are left out, numbers lose their trailing
// zeros, what Xero computes or owns is not among them. Lines are one field; addresses and phones one for each type.
func Texts(document json.RawMessage) map[string]string {
	fields := map[string]string{}
	var raw map[string]json.RawMessage
	if json.Unmarshal(document, &raw) != nil {
		return fields
	}
	for name, value := range raw {
		switch row := FieldOf(name); {
		case !row.compared():
		case row.Slots != "":
			putSlots(fields, row, value)
		case name == "LineItems":
			Put(fields, name, linesText(value))
		case name == "Contact":
			var ref xero.ContactRef
			if json.Unmarshal(value, &ref) == nil {
				Put(fields, name, strings.ToLower(ref.ContactID))
			}
		default:
			Put(fields, name, Plain(Decode(value)))
		}
	}
	return fields
}

func Put(fields map[string]string, name, text string) {
	if text != "" {
		fields[name] = text
	}
}

// putSlots keeps the elements of a list by their slots: Xero always answers with every slot, blank ones included.
func putSlots(fields map[string]string, row Field, value json.RawMessage) {
	var elements []map[string]any
	if json.Unmarshal(value, &elements) != nil {
		return
	}
	for _, e := range elements {
		slot, _ := e[row.Slots].(string)
		delete(e, row.Slots)
		Put(fields, row.Name+"/"+slot, Plain(e))
	}
}

// Decode reads a value with its numbers as written. Plain texts and numbers, which are most, need no decoder.
func Decode(value json.RawMessage) any {
	if len(value) == 0 {
		return nil
	}
	switch c := value[0]; {
	case c == '"':
		var s string
		if json.Unmarshal(value, &s) != nil {
			return nil
		}
		return s
	case c == '-' || c >= '0' && c <= '9':
		return json.Number(value)
	case c == 'n':
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// Text is a field's value as comparable text.
func Text(value json.RawMessage) string { return Plain(Decode(value)) }

// Plain is a value as comparable text; "" for everything that is blank.
func Plain(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n"))
	case json.Number:
		if d, err := decimal.NewFromString(v.String()); err == nil {
			return d.String()
		}
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	case []any:
		var parts []string
		for _, e := range v {
			if t := Plain(e); t != "" {
				parts = append(parts, t)
			}
		}
		return strings.Join(parts, "; ")
	case map[string]any:
		var names []string
		for name := range v {
			names = append(names, name)
		}
		sort.Strings(names)
		var parts []string
		for _, name := range names {
			if t := Plain(v[name]); t != "" {
				parts = append(parts, name+" "+t)
			}
		}
		return strings.Join(parts, ", ")
	}
	return ""
}

// foreign is what is remembered as shown of a field that had a value of its own when its contact was adopted: a person's,
// kept for ever.
const Foreign = "\x00"

// ShownAfter is what counts as shown by Xero once it took an update of ours. A field that a person had changed before,
// and that was not sent, keeps what was shown then: the edit must still be seen as theirs.
func ShownAfter(shown, before, after map[string]string, sent json.RawMessage) map[string]string {
	mine := Fields(sent)
	if onlyNamed("LineItems", mine["LineItems"]) {
		delete(mine, "LineItems")
	}
	out := maps.Clone(after)
	for _, fields := range []map[string]string{shown, before} {
		for field := range fields {
			name, _, typed := strings.Cut(field, "/")
			written := mine[name] != nil && (!typed || before[field] != after[field])
			if shown[field] == Foreign || (shown[field] != before[field] && !written) {
				out[field] = shown[field]
			}
		}
	}
	return out
}

// CompareFields decides field by field what may be updated. Each field has three values: wanted now, last sent, and in
// Xero now. shown is what Xero showed right after we last wrote: a field that differs from it was touched by a person,
// and is theirs for ever. clashes are the fields that changed on both sides to different values.
func CompareFields(wanted, sent, shown, now map[string]string, agree func(field string) bool) (ours, clashes []string) {
	names := map[string]bool{}
	for f := range wanted {
		names[f] = true
	}
	for f := range sent {
		names[f] = true
	}
	for _, f := range SortedNames(names) {
		if shown[f] == Foreign {
			continue
		}
		theirs := now[f] != shown[f]
		switch {
		case wanted[f] == sent[f]:
		case !theirs:
			ours = append(ours, f)
		case agree(f):
		default:
			clashes = append(clashes, f)
		}
	}
	return ours, clashes
}

func SortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// OtherContact is how an invoice differs whose contact does.
const OtherContact = "it is made out to another contact"

// Comparison holds a document in Xero against what is wanted. Of a line only what is wanted is compared: Xero fills in the
// rest.
type Comparison struct {
	Wanted, Now           map[string]string
	wantedLines, nowLines []map[string]string
}

func Compare(wanted, now json.RawMessage) Comparison {
	return Comparison{
		Wanted: Texts(wanted), Now: Texts(now),
		wantedLines: lineTexts(Fields(wanted)["LineItems"]), nowLines: lineTexts(Fields(now)["LineItems"]),
	}
}

func (c Comparison) Agrees(field string) bool { return c.Differs(field) == "" }

// Differing are the fields that depart from what is wanted, but for some: those of the lines singly ("LineItems.TaxType").
func (c Comparison) Differing(except ...string) (fields []string) {
	for _, field := range SortedNames(c.Wanted) {
		if slices.Contains(except, field) || c.Agrees(field) {
			continue
		}
		if field == "LineItems" {
			fields = append(fields, differingOfLines(c.wantedLines, c.nowLines)...)
		} else {
			fields = append(fields, field)
		}
	}
	return fields
}

// Differs says how the document departs from what is wanted in one field; "" when it does not.
func (c Comparison) Differs(field string) string {
	if field != "LineItems" {
		w, n := c.Wanted[field], c.Now[field]
		switch {
		case w == n:
			return ""
		case field == "Contact": // ids, which say nothing to people
			return OtherContact
		}
		return fmt.Sprintf("%s is %s instead of %s", FieldWord(field), ShownValue(n), ShownValue(w))
	}
	return linesDiffer(c.wantedLines, c.nowLines)
}
