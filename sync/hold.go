package sync

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
	sales      = "sales"
	admin      = "admin"
	accountant = "accountant"
)

// held sets a record aside. cause is a stable dotted code; text says what is wrong, remedy what releases it.
func held(cause, owner, text, remedy string) *store.Hold {
	return &store.Hold{Cause: cause, Owner: owner, Text: text, Remedy: remedy}
}

// holdText is what the people in Salesforce read on their record: what is wrong, whose turn it is, what to do.
func holdText(h *store.Hold) string {
	if h == nil {
		return ""
	}
	text := strings.TrimRight(h.Text, ". ")
	if h.Remedy != "" {
		text += " (" + h.Owner + ": " + strings.TrimRight(h.Remedy, ". ") + ")"
	}
	return text
}

// sameHold is true when nothing that a person would read has changed.
func sameHold(a, b *store.Hold) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Cause == b.Cause && a.Text == b.Text && a.Remedy == b.Remedy && a.Owner == b.Owner
}

// faultHold turns what the mapping could not do with a record into one hold that names every field.
func faultHold(faults []mapping.Fault) *store.Hold {
	var texts []string
	owner := sales
	lines := map[string][]string{} // of the invoice, by what is wrong with them: twenty lines have one country
	for _, f := range faults {
		if f.Owner == admin {
			owner = admin
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
	if owner == admin {
		remedy = "complete mapping.yaml, or correct the record in Salesforce"
	}
	return held("record.unmappable", owner, strings.Join(texts, "; "), remedy)
}

// refusalHold is a hold for what Xero itself answered about a document. Its inputs are the bytes that were refused: the
// same bytes are not sent again until a day has passed or what Xero's verdict depended on has changed.
func refusalHold(refusals []xero.Refusal, inputs string) *store.Hold {
	if len(refusals) == 0 {
		h := held("xero.refused", accountant, "Xero refused the document without saying why", "look at the account in Xero; it is tried again once a day")
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
		owner = accountant
	}
	h := held("xero."+cause, owner, "Xero refused: "+strings.Join(texts, "; "), first.Remedy)
	h.Inputs = inputs
	return h
}

// digest is the hash that records, documents and verdicts are compared by.
func digest(parts ...[]byte) string {
	sum := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(sum, "%d:", len(p))
		sum.Write(p)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
