package xero

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Refusal is one reason why Xero did not take a document, and what to do about it.
type Refusal struct {
	Text   string // Xero's own words, whole
	Where  string // the part of the document that the words hang on; "" for the document itself
	Lines  []int  // of its lines, from 1, those that the words hang on
	Field  string // that the words speak of, by Xero's name; "" where they speak of none
	Cause  string // stable dotted code
	Remedy string
	Owner  string // whose turn it is: sales, admin, accountant
	Stale  bool   // the reference data held here may be out of date …
	Part   Part   // … in this list of it
	Exists bool   // uniqueness: what was to be made is already there
}

const (
	sales      = "sales"
	admin      = "admin"
	accountant = "accountant"

	causeIdempotency = "idempotency.used"
	causeOther       = "refused.other"
)

// String is Xero's words with the place they hang on: "line 2: The quantity value '-1.0000' is invalid.".
func (r Refusal) String() string {
	if place := r.Place(); place != "" {
		return place + ": " + r.Text
	}
	return r.Text
}

// Place says in words which part of the document the words hang on; "" for all of it.
func (r Refusal) Place() string {
	n := len(r.Lines)
	switch n {
	case 0:
		return r.Where
	case 1:
		return "line " + strconv.Itoa(r.Lines[0])
	}
	var numbers []string
	for _, line := range r.Lines[:n-1] {
		numbers = append(numbers, strconv.Itoa(line))
	}
	return fmt.Sprintf("lines %s and %d", strings.Join(numbers, ", "), r.Lines[n-1])
}

// Classify reads a refusal's text. Below the level of documents Xero has no error
// codes: only the words tell, and they vary. Words not known here are a lasting
// refusal shown as they are.
func Classify(text string) Refusal {
	low := strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	for _, p := range refusals() {
		if p.in(low) {
			return Refusal{Text: text, Field: p.field, Cause: p.cause, Remedy: p.remedy, Owner: p.owner, Stale: p.stale != "", Part: p.stale, Exists: p.exists}
		}
	}
	return Refusal{Text: text, Cause: causeOther, Owner: admin,
		Remedy: "Correct the deal or the mapping as Xero's words say; it is sent again when either changes."}
}

// ListsOf names the lists of reference data that show when a refusal's cause is mended in Xero; none where no list does.
func ListsOf(cause string) (lists []Part) {
	for _, p := range refusals() {
		if p.cause == cause && p.stale != "" && !slices.Contains(lists, p.stale) {
			lists = append(lists, p.stale)
		}
	}
	return lists
}

// pattern recognises a refusal by parts of its words that do not vary. An entry of
// all may offer alternatives, separated by |.
type pattern struct {
	all           []string
	field         string
	cause, remedy string
	owner         string
	stale         Part
	exists        bool
}

func (p pattern) in(low string) bool {
	for _, part := range p.all {
		found := false
		for alternative := range strings.SplitSeq(part, "|") {
			found = found || strings.Contains(low, alternative)
		}
		if !found {
			return false
		}
	}
	return true
}
