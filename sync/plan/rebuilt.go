package plan

import (
	"cmp"
	"encoding/json"
	"fmt"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// rebuiltStep takes a link that was rebuilt from its mark as it is: what Xero shows counts as what was sent, and nothing
// is updated. A difference is told, not mended.
func rebuiltStep(s Step, r store.Record, e *mapping.Entry, f Facts, link store.Link, inv xero.Invoice, hold *store.Hold) Step {
	if hold != nil && link.Status == "DRAFT" {
		return s.hold(hold) // what it should be nobody knows yet, and so not what in it is a person's
	}
	s = s.nothing("its invoice was found again by its mark")
	if hold != nil {
		return s.find("invoice.differs", link.Number+" was found again by its mark; the deal itself could not be invoiced today: "+hold.Text)
	}
	status := inv.Status
	wanted, err := draftOf(inv)
	if err != nil {
		return s
	}
	s.Meant, s.Baseline = document.Restricted(link.Seen, wanted), shownAnew(e, wanted, link)
	// What departs from the deal of today is a person's, as far as anybody can know: as if the deal had been sent and the
	// person had edited it since.
	// What agrees counts as sent as the deal has it: Xero shows more of a line than was sent, and that is no change of the deal's.
	fields, want := departing(e, wanted, link.Seen), document.Texts(wanted)
	s.Meant = document.MeantWith(s.Meant, wanted, append(document.SortedNames(want), fields...))
	for _, field := range fields {
		s.Baseline[field] = want[field]
	}
	s.KeepQueued = link.Status == "DRAFT" && status != "" && status != "DRAFT"
	if text := cmp.Or(together(fieldMismatch(wanted, link.Seen), AmountMismatch(wanted, link.Seen, f.Reference)), overfilled(e, wanted, link.Seen)); text != "" {
		s = s.find("invoice.differs", link.Number+" was found again by its mark and differs from the deal: "+text)
		if s.KeepQueued { // it is not approved unseen; whether a person wants it so, only a person knows
			s.Mismatch = text
		}
	}
	return s
}

// shownAnew is what counts as shown by Xero of a document found again, from its decision on: what it shows then. It may have been
// read again since it was found, with what another daemon has changed meanwhile, which is nobody's edit (seed 22561).
func shownAnew(e *mapping.Entry, wanted json.RawMessage, link store.Link) map[string]string {
	shown, before, now := map[string]string{}, ShownFields(link), document.Texts(link.Seen)
	for _, field := range append(document.FieldsOf(e.Targets()), document.SortedNames(document.Texts(wanted))...) {
		if before[field] != document.Foreign && document.FieldOf(field).Owner != document.Ours {
			shown[field] = now[field]
		}
	}
	return shown
}

// draftOf is the document that an invoice would be as a draft, its status left aside: what a draft in Xero is compared with.
func draftOf(inv xero.Invoice) (json.RawMessage, error) {
	inv.Status = ""
	doc, err := json.Marshal(inv)
	return document.Draft(doc), err
}

// departing are the fields in which a document found again is not what its record comes to today.
func departing(e *mapping.Entry, wanted, seen json.RawMessage) (fields []string) {
	found := document.Compare(wanted, seen)
	for _, field := range document.SortedNames(found.Wanted) {
		if !found.Taken(field) {
			fields = append(fields, field)
		}
	}
	return append(fields, filledIn(e, found)...)
}

// filledIn are the fields that the mapping sets, that the record leaves empty, and that Xero has a value for: a person's.
func filledIn(e *mapping.Entry, found document.Comparison) (fields []string) {
	for _, field := range document.FieldsOf(e.Targets()) {
		if found.Wanted[field] == "" && found.Now[field] != "" && document.FieldOf(field).Owner == document.Kept {
			fields = append(fields, field)
		}
	}
	return fields
}

// overfilled names the first of those fields; "" when there is none.
func overfilled(e *mapping.Entry, wanted, seen json.RawMessage) string {
	found := document.Compare(wanted, seen)
	for _, field := range filledIn(e, found) {
		return fmt.Sprintf("%s is %s instead of empty", document.FieldWord(field), document.ShownValue(found.Now[field]))
	}
	return ""
}
