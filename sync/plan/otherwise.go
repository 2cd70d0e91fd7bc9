package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
)

// A field that Xero keeps otherwise than mapping.yaml writes it makes a draft for ever of every invoice. The accountant, who
// would be asked about each, can do nothing about it: it is the admin's, once, with the line. Case: eighty invoices were
// blamed on the accountant because a rate had three decimals.

// manyAlike is how many documents must differ in one field: one may be a person's doing, and two a coincidence.
const manyAlike = 3

// Otherwise is a field in which documents differ from what was sent under the mapping in force.
type Otherwise struct {
	Line    int      // of mapping.yaml, which writes the field
	Records []string // whose documents they are: the first few
}

// Alarming is true when so many differ in it that the mapping is to blame.
func (o Otherwise) Alarming() bool { return len(o.Records) >= manyAlike }

// Counted is the same with one more document.
func (o Otherwise) Counted(line int, record string) Otherwise {
	if o.Line = line; !o.Alarming() && !slices.Contains(o.Records, record) {
		o.Records = append(slices.Clone(o.Records), record)
	}
	return o
}

// OtherwiseName is a field as the log and holds call it.
func OtherwiseName(field string) string { return strings.TrimPrefix(field, "LineItems.") }

// OtherwiseRemedy is what the admin is to do about it.
func OtherwiseRemedy(line int) string {
	return fmt.Sprintf("write in mapping.yaml line %d what Xero keeps, or take the line out; drafts that are then as mapping.yaml makes them are approved by themselves, the others in Xero", line)
}

// Differing are the fields in which the document of a link is not what was meant: those of its lines singly, and a person's
// left out.
func Differing(b Books, link store.Link) []string {
	return document.Compare(link.Meant, link.Seen).Differing(TheirFields(b, link)...)
}

const causeOtherwise = "mapping.differs"

// IsOtherwise is true for holds of drafts for which the mapping is to blame.
func IsOtherwise(h *store.Hold) bool { return h != nil && h.Cause == causeOtherwise }

// ToldSingly is true for holds of which the log tells one by one.
func ToldSingly(h *store.Hold) bool { return !OneOfAGroup(h) && !IsOtherwise(h) }

// planMismatch holds a draft that differs from what was meant: for the admin where the mapping is to blame, else for the
// accountant. Once the mapping says what Xero has, it is no mismatch any more.
func planMismatch(s Step, r store.Record, e *mapping.Entry, f Facts, link store.Link, text string) Step {
	if meant, ok := corrected(r, e, f, link, s.Today); ok {
		s = s.nothing("mapping.yaml has been corrected and now says what " + link.Number + " has in Xero")
		s.Meant, s.KeepQueued, s.Corrected = meant, true, true
		return s
	}
	blamed := 0
	for _, field := range Differing(f.Books, link) {
		o := f.Otherwise[field]
		if !o.Alarming() {
			blamed = 0
			break
		}
		blamed = max(blamed, o.Line)
	}
	if blamed == 0 || f.Off.Otherwise {
		return s.hold(differsHold(link, text))
	}
	return s.hold(Held(causeOtherwise, Admin, fmt.Sprintf("%s stays a draft because Xero keeps a field otherwise than mapping.yaml writes it: %s", link.Number, text), OtherwiseRemedy(blamed)))
}

// corrected is the document that the mapping makes of the record today, when it is another one than was sent and just what
// Xero has.
func corrected(r store.Record, e *mapping.Entry, f Facts, link store.Link, today string) (json.RawMessage, bool) {
	if link.Origin != "created" {
		return nil, false // what was sent is not known of a draft that was found again: who altered it was a person, not Xero
	}
	inv, _, hold := wantInvoice(r, e, f, today)
	if hold != nil {
		return nil, false
	}
	wanted, err := draftOf(inv)
	if err != nil {
		return nil, false
	}
	want, sent := document.Texts(wanted), document.Texts(link.Meant)
	delete(sent, "Contact")
	var changed []string
	for _, fields := range []map[string]string{want, sent} {
		for field := range fields {
			if want[field] != sent[field] && !slices.Contains(changed, field) {
				changed = append(changed, field)
			}
		}
	}
	meant := document.MeantWith(link.Meant, wanted, changed)
	if len(changed) == 0 || fieldMismatch(meant, link.Seen, TheirFields(f.Books, link)...) != "" || AmountMismatch(meant, link.Seen, f.Reference) != "" {
		return nil, false
	}
	return meant, true
}
