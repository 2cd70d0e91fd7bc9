package document

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/shopspring/decimal"

	"sf2xero/xero"
)

func linesText(value json.RawMessage) string {
	var lines []string
	for _, line := range lineTexts(value) {
		var parts []string
		for _, f := range lineTable {
			if line[f.Name] != "" {
				parts = append(parts, f.Name+" "+line[f.Name])
			}
		}
		lines = append(lines, strings.Join(parts, ", "))
	}
	return strings.Join(lines, " | ")
}

func lineTexts(value json.RawMessage) []map[string]string {
	var lines []map[string]json.RawMessage
	if json.Unmarshal(value, &lines) != nil {
		return nil
	}
	var texts []map[string]string
	for _, line := range lines {
		text := map[string]string{}
		for _, f := range lineTable {
			value := ""
			switch {
			case !f.compared():
			case f.Name == "Tracking":
				value = trackingText(line[f.Name])
			case f.Name == discountAmount && Text(line["DiscountRate"]) != "":
				// Xero shows both forms in the answer to a write, and the rate alone in a list.
			default:
				value = Text(line[f.Name])
			}
			if !f.Zero || value != "0" {
				Put(text, f.Name, value)
			}
		}
		texts = append(texts, text)
	}
	return texts
}

func trackingText(value json.RawMessage) string {
	var tracking []xero.Tracking
	if json.Unmarshal(value, &tracking) != nil {
		return ""
	}
	var texts []string
	for _, t := range tracking {
		texts = append(texts, t.Name+"="+t.Option)
	}
	sort.Strings(texts)
	return strings.Join(texts, ";")
}

// linesDiffer says how the lines depart from what is wanted; "" when they do not.
func linesDiffer(wanted, now []map[string]string) string {
	if len(wanted) != len(now) {
		return fmt.Sprintf("it has %d lines instead of %d", len(now), len(wanted))
	}
	for i, want := range wanted {
		for _, f := range lineTable {
			if lineDiffers(f, want, now[i]) {
				return fmt.Sprintf("line %d: %s is %s instead of %s", i+1, f.Name, ShownValue(shownAs(f, now[i])), ShownValue(want[f.Name]))
			}
		}
	}
	return ""
}

// differingOfLines are the fields in which lines depart; all lines are one when there are more or fewer of them.
func differingOfLines(wanted, now []map[string]string) (fields []string) {
	if len(wanted) != len(now) {
		return []string{"LineItems"}
	}
	for _, f := range lineTable {
		for i, want := range wanted {
			if lineDiffers(f, want, now[i]) {
				fields = append(fields, "LineItems."+f.Name)
				break
			}
		}
	}
	return fields
}

// lineDiffers compares one field of a line. Only what is wanted is compared, because Xero fills in the rest, and what no line
// gets by itself.
func lineDiffers(f Field, wanted, now map[string]string) bool {
	added := f.Alone && now[f.Name] != "" && wanted[f.Name]+wanted[f.Instead] == ""
	return (wanted[f.Name] != "" || added) && shownAs(f, now) != wanted[f.Name]
}

// shownAs is a field of a line as Xero shows it. A discount that was sent as an amount stands in lists as a rate alone,
// rounded: what it comes to is what is missing from price and quantity.
func shownAs(f Field, line map[string]string) string {
	if f.Name != discountAmount || line[discountAmount] != "" {
		return line[f.Name]
	}
	var parts [3]decimal.Decimal
	for i, name := range []string{"Quantity", "UnitAmount", "LineAmount"} {
		var err error
		if parts[i], err = decimal.NewFromString(line[name]); err != nil {
			return ""
		}
	}
	if off := parts[0].Mul(parts[1]).Round(2).Sub(parts[2]); !off.IsZero() {
		return off.String()
	}
	return ""
}
