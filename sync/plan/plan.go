package plan

import (
	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
)

// Plan decides what is to be done about one record: a pure function of the record, the mapping and the facts. It is where
// a reader learns what the program does. For invoices:
//
//	what we know of the record                              | what Xero has              | step
//	--------------------------------------------------------+----------------------------+------------------------------
//	a call about it is unsettled                            | anything                   | wait for the watch
//	no link                                                 | one live document, marked  | adopt it
//	                                                        | two or more, marked        | hold: which is the right one
//	                                                        | only dead ones, marked     | hold: voided or deleted
//	no link, its own field names a Xero id                  | that document, our mark    | adopt it; dead: hold
//	                                                        | … another record's mark    | a cloned deal: go on
//	                                                        | … no mark, or unknown id   | hold
//	no link, un-won or deleted                              | nothing                    | nothing
//	no link, not visible                                    | nothing                    | hold
//	no link, dated before start                             | nothing                    | hold
//	no link, matching only since the mapping was edited     | nothing                    | hold, until a person admits it
//	no link, touched less than `settle` ago, not held       | nothing                    | wait
//	no link, cannot be mapped, wrong total, code unknown    | nothing                    | hold
//	no link, all well                                       | nothing                    | create, as a DRAFT
//	link, record as decided                                 | DRAFT, Status wanted higher| promote, once seen untouched
//	                                                        | as it should be            | nothing
//	link, record changed                                    | the document stays the same| nothing, whatever Xero lacks by now
//	                                                        | DRAFT, field as we left it | update that field
//	                                                        | DRAFT, field edited there  | keep theirs; both: hold
//	                                                        | SUBMITTED and later        | hold that names the difference
//	link, record un-won                                     | untouched DRAFT, opted in  | delete the draft
//	link, record un-won together with many                  | live                       | hold: a stage was renamed, perhaps
//	link, record un-won, deleted, not visible or unmapped   | live                       | hold, each its own
//	                                                        | voided or deleted there    | nothing
//	link                                                    | voided or deleted there    | hold: nothing comes back by itself
//	                                                        | … and one copy is live     | adopt the copy
//	link rebuilt from the mark                              | anything                   | nothing; differences are findings
//
// Contacts are planned in contact.go.
func Plan(r store.Record, e *mapping.Entry, f Facts) Step {
	s := Step{Key: r.Key, Hash: r.Hash, Today: f.Today(r), Name: RowText(r.JSON, "Name"), Record: &r}
	if in, waiting := Unsettled(f.Books.Intents(r.Key)); waiting {
		return s.wait("the answer to an earlier call (" + in.Do + ") is not known yet; Xero is watched until it must have shown")
	}
	if document.KindOf(e.Kind).Matched {
		return planContact(s, r, e, f)
	}
	link, ok := f.Books.Link(r.Key)
	s.Generation = max(link.Generation, 1)
	if ok && link.XeroID != "" && !f.Off.StoreWitness {
		return planLinked(s, r, e, f, link)
	}
	return planNew(s, r, e, f)
}

func (s Step) nothing(why string) Step { s.Do, s.Why = Nothing, why; return s }
func (s Step) wait(why string) Step    { s.Do, s.Why = Wait, why; return s }

// forget is nothing to do for a record that has no document and needs none.
func (s Step) drop(why string) Step { s.Drop = true; return s.nothing(why) }

// undecided is nothing to do now for a record with a document, of which nothing is known: whatever changed on it is still to be
// dealt with should it be seen again.
func (s Step) undecided(why string) Step { s.Undecided = true; return s.nothing(why) }

func (s Step) hold(h *store.Hold) Step {
	s.Do, s.Why, s.Hold = Hold, h.Text, h
	return s
}

func (s Step) find(what, text string) Step {
	s.Findings = append(s.Findings, Finding{What: what, Text: text})
	return s
}
