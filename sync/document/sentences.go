package document

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// ThreeValues shows fields that changed on both sides, each with what was sent, what Xero has now and what Salesforce
// has now. Of lines it shows only what differs: a person must find it at a glance.
func ThreeValues(fields []string, sent, now, wanted json.RawMessage) string {
	s, n, w := Texts(sent), Texts(now), Texts(wanted)
	var texts []string
	for _, f := range fields {
		switch f {
		case "LineItems":
			texts = append(texts, "LineItems: "+strings.Join(threeLines(Fields(sent)[f], Fields(now)[f], Fields(wanted)[f]), ", "))
		case "Contact": // ids, which say nothing to people
			texts = append(texts, "the invoice was moved to another contact in Xero, and the deal to another account in Salesforce")
		default:
			if s[f] == n[f] { // the deal said so, too, for a while: it was not sent
				texts = append(texts, fmt.Sprintf("%s is %s in Xero, where a person entered it, and %s in Salesforce",
					FieldWord(f), ShownValue(n[f]), ShownValue(w[f])))
				continue
			}
			texts = append(texts, fmt.Sprintf("%s was sent as %s, is %s in Xero and %s in Salesforce", FieldWord(f), ShownValue(s[f]), ShownValue(n[f]), ShownValue(w[f])))
		}
	}
	return strings.Join(texts, "; ")
}

func threeLines(sent, now, wanted json.RawMessage) []string {
	s, n, w := lineTexts(sent), lineTexts(now), lineTexts(wanted)
	if len(s) != len(n) || len(s) != len(w) {
		return []string{fmt.Sprintf("%d lines were sent, there are %d in Xero and %d in Salesforce", len(s), len(n), len(w))}
	}
	var texts []string
	for i := range s {
		var sent, now, wanted []string
		for _, row := range lineTable {
			f := row.Name
			shown, mapped := n[i][f], s[i][f] != "" || w[i][f] != ""
			if mapped {
				shown = shownAs(row, n[i])
			}
			// What was neither sent nor is wanted Xero fills in, but for a discount, which only a person gives.
			mapped = mapped || row.Alone && s[i][row.Instead]+w[i][row.Instead] == ""
			if mapped && (s[i][f] != shown || s[i][f] != w[i][f]) {
				sent, now, wanted = append(sent, lineValue(f, s[i][f])), append(now, lineValue(f, shown)), append(wanted, lineValue(f, w[i][f]))
			}
		}
		switch {
		case len(sent) == 0:
		case slices.Equal(sent, now):
			texts = append(texts, fmt.Sprintf("line %d has %s in Xero, where a person entered it, and %s in Salesforce",
				i+1, strings.Join(now, ", "), strings.Join(wanted, ", ")))
		default:
			texts = append(texts, fmt.Sprintf("line %d was sent with %s, has %s in Xero and %s in Salesforce", i+1, strings.Join(sent, ", "), strings.Join(now, ", "), strings.Join(wanted, ", ")))
		}
	}
	return texts
}

func lineValue(field, value string) string {
	if value == "" {
		return "no " + field
	}
	return field + " " + value
}

// FieldWord is a field as people write it: "Phones/DEFAULT" is the DEFAULT one of Phones.
func FieldWord(field string) string {
	if name, kind, typed := strings.Cut(field, "/"); typed {
		return name + " (" + kind + ")"
	}
	return field
}

func ShownValue(s string) string {
	if s == "" {
		return "empty"
	}
	return `"` + s + `"`
}

// StatusWord is an invoice's status as accountants say it.
func StatusWord(status string) string {
	switch status {
	case "DRAFT":
		return "a draft"
	case "SUBMITTED":
		return "submitted for approval"
	case "AUTHORISED":
		return "approved"
	}
	return strings.ToLower(status)
}
