package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// planContact decides about an account: its contact is found by our mark, matched by the mapping's `match:`, or created;
// later only the fields that `update:` names follow Salesforce.
func planContact(s Step, r store.Record, e *mapping.Entry, f Facts) Step {
	link, ok := f.Books.Link(r.Key)
	ok = ok && link.XeroID != ""
	switch {
	case r.Cause == CauseDrop:
		return s.drop("no deal needs its contact any more")
	case r.Gone != "" && ok:
		return s.nothing("the account is gone; its contact in Xero stays")
	case r.Gone != "":
		return s.hold(Held("account.unseen", Admin, "Salesforce does not show this account to the integration user", "give the user access to it, or give the deal another account"))
	case ok && link.Decided == r.Hash:
		return s.nothing("in step")
	}
	contact, result, hold := wantContact(r, e, f, s.Today)
	s.Sources = result.Sources
	rebuilt := ok && link.Decided == ""
	if hold != nil && !rebuilt {
		return s.hold(hold)
	}
	wanted, err := json.Marshal(contact)
	switch {
	case err != nil:
		return s.hold(Held("record.unmappable", Admin, err.Error(), "report this"))
	case rebuilt:
		s.Meant, s.Baseline = document.Restricted(link.Seen, wanted), map[string]string{}
		// A person may have written whatever departs from the account of today, and all of it where that cannot be told.
		fields := departing(e, wanted, link.Seen)
		if hold != nil {
			fields = append(document.SortedNames(document.Texts(link.Seen)), e.Update...)
		}
		for _, field := range fields {
			s.Baseline[field] = document.Foreign
		}
		return s.nothing("its contact was found again by its mark")
	case ok:
		return planContactEdit(s, r, e, f, link, wanted)
	}
	return planNewContact(s, r, e, f, contact, wanted)
}

// wantContact is what the mapping makes of an account, bearing its mark.
func wantContact(r store.Record, e *mapping.Entry, f Facts, today string) (xero.Contact, mapping.Result, *store.Hold) {
	result, err := e.Apply(f.Env(today), r.JSON)
	if err != nil {
		return xero.Contact{}, result, Held("record.unmappable", Admin, err.Error(), "correct mapping.yaml or the record")
	}
	if len(result.Faults) > 0 {
		return xero.Contact{}, result, faultHold(result.Faults)
	}
	contact, err := xero.DecodeContact(result.JSON)
	if err != nil {
		return contact, result, Held("record.unmappable", Admin, err.Error(), "correct mapping.yaml")
	}
	contact.ContactNumber = r.ID // the mark of a contact
	return contact, result, nil
}

// planNewContact looks for the contact among those that the watch has seen. Our own mark decides; without it the fields
// that the mapping matches by; two candidates, or a name that is only nearly the same, wait for a person.
func planNewContact(s Step, r store.Record, e *mapping.Entry, f Facts, contact xero.Contact, wanted json.RawMessage) Step {
	if ours, archived := markedContacts(f.Books, r.ID); len(ours)+len(archived) > 0 {
		switch {
		case len(ours) == 1:
			return refusedBefore(s.adopt(ours[0], wanted, "the contact bears this account's id"), r, f)
		case len(ours) > 1:
			return s.hold(candidatesHold(ours))
		default:
			return s.hold(archivedHold(archived[0]))
		}
	}
	if named, ok := namedContact(f, r, e); ok {
		if named.ContactStatus == "ARCHIVED" {
			return s.hold(archivedHold(named))
		}
		return refusedBefore(s.adopt(named, wanted, "the account's own field names this contact"), r, f)
	}
	if held, waits := s.letIn(r, e, f, "the account is to be a contact "+TextMapping); waits {
		return held
	}
	s.Admitted = r.Cause == CauseMapping
	candidates, near := matchingContacts(f.Books, e.Match, contact)
	switch {
	case len(candidates) > 1:
		return s.hold(candidatesHold(candidates))
	case len(candidates) == 1 && claimedByOther(f.Books, candidates[0], r.ID):
		return s.hold(nameTakenHold(f.Books, candidates[0]))
	case len(candidates) == 1:
		return refusedBefore(s.adopt(candidates[0], wanted, fmt.Sprintf("the contact %q is already in Xero", candidates[0].Name)), r, f)
	}
	for _, taken := range byWord(f.Books, document.NameWord(contact.Name)) {
		if taken.ContactStatus != "ARCHIVED" {
			return s.hold(nameTakenHold(f.Books, taken))
		}
	}
	if len(near) > 0 {
		return s.hold(Held("contact.near_miss", Sales,
			fmt.Sprintf("Xero has a contact %q, which is nearly this account's name %q", near[0].Name, contact.Name),
			"give both the same name if they are one customer, or names that differ clearly"))
	}
	s.Do, s.Document, s.Why = Create, wanted, "its first invoice needs a contact, and Xero has none that matches"
	return refusedBefore(s, r, f)
}

func (s Step) adopt(contact xero.Contact, wanted json.RawMessage, why string) Step {
	s.Do, s.XeroID, s.Document, s.Why = Adopt, contact.ContactID, wanted, why
	return s
}

func candidatesHold(candidates []xero.Contact) *store.Hold {
	var names []string
	for _, c := range candidates {
		name := fmt.Sprintf("%q", c.Name)
		if c.AccountNumber != "" {
			name += " (account number " + c.AccountNumber + ")"
		}
		names = append(names, name)
	}
	return Held("contact.ambiguous", Accountant, "more than one contact in Xero could be this account: "+strings.Join(names, ", "), "merge them in Xero, or give only one of them the account's name and number")
}

func archivedHold(c xero.Contact) *store.Hold {
	return Held("contact.archived", Accountant, fmt.Sprintf("its contact %q is archived in Xero", c.Name), "restore the contact in Xero (Contacts, Archived, Restore)")
}

func nameTakenHold(b Books, c xero.Contact) *store.Hold {
	text := fmt.Sprintf("the name %q is taken in Xero by another contact", c.Name)
	if account := owner(b, c); account != "" {
		text = fmt.Sprintf("the name %q is taken in Xero by the contact of account %s", c.Name, account)
	}
	return Held("contact.name_taken", Sales, text, "give one of the two accounts another name in Salesforce")
}

// planContactEdit updates what `update:` allows. A name is never changed: Xero would show it on past invoices too.
func planContactEdit(s Step, r store.Record, e *mapping.Entry, f Facts, link store.Link, wanted json.RawMessage) Step {
	if end := EndOfMerge(f.Books, link.XeroID); !strings.EqualFold(end, link.XeroID) {
		s = s.find("contact.merged", fmt.Sprintf("its contact %q was merged into another in Xero; what changes on the account is not sent to that one", link.Number))
		return s.nothing("its contact was merged into another in Xero")
	}
	s.XeroID, s.SeenAt = link.XeroID, link.SeenAt
	want, sent, now := document.Texts(wanted), document.Texts(link.Meant), document.Texts(link.Seen)
	if want["Name"] != sent["Name"] && want["Name"] != now["Name"] {
		s = s.find("contact.renamed", fmt.Sprintf("the account is now called %q, its contact in Xero %q; a changed name is not sent, because past invoices would show it too", want["Name"], now["Name"]))
	}
	for _, fields := range []map[string]string{want, sent} {
		for name := range fields {
			top, _, _ := strings.Cut(name, "/")
			if !slices.Contains(e.Update, top) {
				delete(fields, name)
			}
		}
	}
	ours, clashes := document.CompareFields(want, sent, ShownFields(link), now, func(field string) bool { return want[field] == now[field] })
	switch {
	case len(clashes) > 0:
		return s.hold(Held("edited.both_sides", Accountant, "the contact was edited in Xero and the account in Salesforce: "+document.ThreeValues(clashes, link.Meant, link.Seen, wanted),
			"make the two sides agree, in Xero or on the account"))
	case len(ours) == 0:
		return s.nothing("nothing changed that `update:` allows")
	case link.Status == "ARCHIVED":
		return s.hold(Held("contact.archived", Accountant, "the contact "+link.Number+" is archived in Xero and cannot be changed", "restore the contact in Xero (Contacts, Archived, Restore)"))
	case recentEdits(link, f.XeroNow) >= editsADay:
		return s.hold(Held("edited.often", Admin, fmt.Sprintf("the contact was already updated %d times within a day", editsADay), "find out what keeps changing the account"))
	}
	update := document.Patch(wanted, ours, link.Meant, link.Seen)
	update["ContactID"] = document.Quote(link.XeroID)
	s.Document, _ = json.Marshal(update)
	s.Meant = document.MeantWith(link.Meant, wanted, ours)
	s.Do, s.Why = Update, "changed on the account: "+strings.Join(ours, ", ")
	return refusedBefore(s, r, f)
}

// SettleClaims holds every account of a plan that wants the same contact, or the same name for a new one, as another
// account of that plan: which of them is the customer is not for a program to say.
func SettleClaims(steps []Step) []Step {
	claims := map[string][]int{}
	for i, s := range steps {
		switch s.Do {
		case Adopt:
			claims["contact "+s.XeroID] = append(claims["contact "+s.XeroID], i)
		case Create:
			word := document.NameWord(document.Plain(document.Decode(document.Fields(s.Document)["Name"])))
			claims[word] = append(claims[word], i)
		}
	}
	for _, claim := range document.SortedNames(claims) {
		indexes := claims[claim]
		if len(indexes) < 2 {
			continue
		}
		for _, i := range indexes {
			var others []string
			for _, j := range indexes {
				if j != i {
					others = append(others, steps[j].Key.ID)
				}
			}
			hold := Held("contact.name_taken", Sales, fmt.Sprintf("the account has the same name as account %s, and Xero allows a name once", strings.Join(others, " and ")),
				"give each account a name of its own in Salesforce, or merge them")
			if steps[i].Do == Adopt {
				hold = Held("contact.claimed", Sales, fmt.Sprintf("one contact in Xero matches both this account and account %s", strings.Join(others, " and ")),
					"merge the accounts in Salesforce, or give them names and account numbers of their own")
			}
			steps[i] = steps[i].hold(hold)
		}
	}
	return steps
}
