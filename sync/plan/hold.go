package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/xero"
)

// Whose turn it is when a record is held.
const (
	Sales      = "sales"
	Admin      = "admin"
	Accountant = "accountant"
)

// Held sets a record aside. cause is a stable dotted code; text says what is wrong, remedy what releases it.
func Held(cause, owner, text, remedy string) *store.Hold {
	return &store.Hold{Cause: cause, Owner: owner, Text: text, Remedy: remedy}
}

// HoldText is what the people in Salesforce read on their record: what is wrong, whose turn it is, what to do.
func HoldText(h *store.Hold) string {
	if h == nil {
		return ""
	}
	text := strings.TrimRight(h.Text, ". ")
	if h.Remedy != "" {
		text += " (" + h.Owner + ": " + strings.TrimRight(h.Remedy, ". ") + ")"
	}
	if len(MendedBy(h)) > 0 {
		text += ". " + TextLooks
	}
	return text
}

// SameHold is true when nothing that a person would read has changed.
func SameHold(a, b *store.Hold) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Cause == b.Cause && a.Text == b.Text && a.Remedy == b.Remedy && a.Owner == b.Owner
}

// faultHold turns what the mapping could not do with a record into one hold that names every field.
func faultHold(faults []mapping.Fault) *store.Hold {
	var texts []string
	owner := Sales
	lines := map[string][]string{} // of the invoice, by what is wrong with them: twenty lines have one country
	for _, f := range faults {
		if f.Owner == Admin {
			owner = Admin
		}
		line, text := "", f.Text
		if n, rest, ok := strings.Cut(f.Text, ": "); ok && strings.HasPrefix(n, "line ") && strings.HasPrefix(f.Field, "LineItems[") {
			line, text = strings.TrimPrefix(n, "line "), rest
		}
		if f.Line > 0 && f.Tables == "" { // a missing value names its table's line itself, which is where to go
			text += fmt.Sprintf(" (mapping.yaml line %d)", f.Line)
		}
		if _, told := lines[text]; !told {
			texts, lines[text] = append(texts, text), nil
		}
		if line != "" {
			lines[text] = append(lines[text], line)
		}
	}
	for i, text := range texts {
		switch on := lines[text]; {
		case len(on) > 1:
			texts[i] = "lines " + strings.Join(on[:len(on)-1], ", ") + " and " + on[len(on)-1] + ": " + text
		case len(on) == 1:
			texts[i] = "line " + on[0] + ": " + text
		}
	}
	remedy := "correct it in Salesforce"
	if owner == Admin {
		remedy = "complete mapping.yaml, or correct the record in Salesforce"
	}
	return Held("record.unmappable", owner, strings.Join(texts, "; "), remedy)
}

// RefusalHold is a hold for what Xero itself answered about a document. Its inputs are the bytes that were refused: the
// same bytes are not sent again until a day has passed or what Xero's verdict depended on has changed.
func RefusalHold(refusals []xero.Refusal, inputs string) *store.Hold {
	if len(refusals) == 0 {
		h := Held("xero.refused", Accountant, "Xero refused the document without saying why", "look at the account in Xero; it is tried again once a day")
		h.Inputs = inputs
		return h
	}
	first := refusals[0]
	var texts []string
	for _, r := range refusals {
		texts = append(texts, strings.TrimRight(r.Text, ". "))
	}
	cause, owner := first.Cause, first.Owner
	if cause == "" {
		cause = "refused"
	}
	if owner == "" {
		owner = Accountant
	}
	h := Held("xero."+cause, owner, "Xero refused: "+strings.Join(texts, "; "), first.Remedy)
	h.Inputs = inputs
	return h
}

// Digest is the hash that records, documents and verdicts are compared by.
func Digest(parts ...[]byte) string {
	sum := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(sum, "%d:", len(p))
		sum.Write(p)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
