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

// planContact decides about an account: its contact is found by our mark, inherited from an account that was merged into it,
// matched by the mapping's `match:`, or created; later only the fields that `update:` names follow Salesforce.
func planContact(s Step, r store.Record, e *mapping.Entry, f Facts) Step {
	link, ok := f.Books.Link(r.Key)
	ok = ok && link.XeroID != ""
	switch {
	case r.Cause == CauseDrop:
		return s.drop("no deal needs its contact any more")
	case r.Gone != "" && ok:
		return planUnseenContact(s, r, e, f, link)
	case r.Gone != "":
		return s.hold(Held(causeUnseen, Admin, "Salesforce does not show this account to the integration user", "give the user access to it, or give the deal another account"))
	case ok && inheritsFor(f.Books, link):
	case ok && ContactsToMerge(f.Books, link) != nil:
		return s.hold(ContactsToMerge(f.Books, link))
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
	case ok && hold == nil && inheritsFor(f.Books, link):
		return s.inherit(f.Books, wanted, r, f)
	case rebuilt:
		s.Meant, s.Baseline = document.Restricted(link.Seen, wanted), shownAnew(e, wanted, link)
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
	if contact.Name = document.SentName(contact.Name); contact.Name == "" {
		return contact, result, Held("record.unmappable", Sales, "the account's name has no sign that can be seen", "give the account a name in Salesforce")
	}
	contact.ContactNumber = r.ID // the mark of a contact
	return contact, result, nil
}

// planNewContact looks for the contact among those that the watch has seen. Our own mark decides, and what people said by
// merging accounts; without these the fields that the mapping matches by. Two candidates, one that something contradicts, or a
// name that is only nearly the same, wait for a person.
func planNewContact(s Step, r store.Record, e *mapping.Entry, f Facts, contact xero.Contact, wanted json.RawMessage) Step {
	ours, archived := markedContacts(f.Books, r.ID)
	switch passed := inherited(f.Books, r.ID); {
	case len(ours) == 1:
		return refusedBefore(s.adopt(ours[0], wanted, "the contact bears this account's id", "ContactNumber agrees"), r, f)
	case len(ours) > 1:
		return s.hold(candidatesHold(asCandidates(ours)))
	case len(passed) > 0:
		return s.inherit(f.Books, wanted, r, f)
	case len(archived) > 0 && mergedAway(archived[0]):
		return s.wait("its contact was merged in Xero into one that is still to be seen")
	case len(archived) > 0:
		return s.hold(archivedHold(archived[0]))
	case r.Cause == CauseMerged:
		return s.drop("none of the accounts that were merged into it has a contact any more")
	}
	person := isPersonAccount(r, e)
	if named, ok := namedContact(f, r, e); ok {
		like := likenessOf(contact, withMerged(f.Books, named), person, true, e.Match)
		like.former = formerOwner(f.Books, named, r.ID)
		switch {
		case mergedAway(named):
			return s.wait("its contact was merged in Xero into one that is still to be seen")
		case named.ContactStatus == "ARCHIVED":
			return s.hold(archivedHold(named))
		case like.doubtful() && !f.Off.Contradiction:
			return s.hold(doubtHold(contact, named, like))
		}
		return refusedBefore(s.adopt(named, wanted, "the account's own field names this contact", like.restsOn()), r, f)
	}
	if held, waits := s.letIn(r, e, f, "the account is to be a contact "+TextMapping); waits {
		return held
	}
	s.Admitted = r.Cause == CauseMapping
	candidates, near := matchingContacts(f.Books, e.Match, contact, person)
	switch {
	case len(candidates) > 1:
		return s.hold(candidatesHold(candidates))
	case len(candidates) == 1 && claimedByOther(f.Books, candidates[0].Contact, r.ID):
		return s.hold(nameTakenHold(f.Books, candidates[0].Contact, e))
	case len(candidates) == 1 && candidates[0].doubtful() && !f.Off.Contradiction:
		return s.hold(doubtHold(contact, candidates[0].Contact, candidates[0].likeness))
	case len(candidates) == 1:
		rests := candidates[0].restsOn()
		return refusedBefore(s.adopt(candidates[0].Contact, wanted, fmt.Sprintf("the contact %q is already in Xero: %s", candidates[0].Name, rests), rests), r, f)
	case len(near) > 0:
		return s.hold(nearHold(near[0], contact.Name))
	}
	if taken, ok := nameHolder(f.Books, contact.Name); ok {
		return s.hold(nameTakenHold(f.Books, taken, e))
	}
	if r.Cause == CauseAsked {
		return s.drop("no deal that could be invoiced now needs a contact for it, and a contact cannot be deleted again")
	}
	s.Do, s.Document, s.Why = Create, wanted, "its first invoice needs a contact, and Xero has none that matches"
	return refusedBefore(s, r, f)
}

func (s Step) adopt(contact xero.Contact, wanted json.RawMessage, why, restsOn string) Step {
	s.Do, s.XeroID, s.Document, s.Why, s.RestsOn = Adopt, contact.ContactID, wanted, why, restsOn
	return s
}

// inherit adopts the contact of an account that was merged into this one. Whether the two are one customer, people have said.
func (s Step) inherit(b Books, wanted json.RawMessage, r store.Record, f Facts) Step {
	from := inherited(b, r.ID)[0]
	accounts := strings.Join(merged(b, r.ID), " and ")
	return refusedBefore(s.adopt(from, wanted, fmt.Sprintf("the contact %q is that of account %s, which was merged into this one", from.Name, accounts), "account "+accounts+" was merged into this one"), r, f)
}

// inheritsFor is true for an account whose own contact is archived while that of an account merged into it is in use.
func inheritsFor(b Books, link store.Link) bool {
	own, end := followMerge(b, link.XeroID)
	return end != "" && own.ContactStatus == "ARCHIVED" && !mergedAway(own) && len(inherited(b, link.ID)) > 0
}

func asCandidates(contacts []xero.Contact) (candidates []candidate) {
	for _, c := range contacts {
		candidates = append(candidates, candidate{Contact: c})
	}
	return candidates
}

func candidatesHold(candidates []candidate) *store.Hold {
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

// nearHold shows the two spellings. Those that differ in an accent alone look the same at a glance, so it says what differs.
func nearHold(c xero.Contact, name string) *store.Hold {
	differ := ""
	if document.AsXeroCompares(c.Name) == document.AsXeroCompares(name) {
		differ = ": they differ in an accent"
	}
	return Held("contact.near_miss", Sales, fmt.Sprintf("Xero has a contact %q, which is nearly this account's name %q%s", c.Name, name, differ),
		"give both the same name if they are one customer, or names that differ clearly")
}

func archivedHold(c xero.Contact) *store.Hold {
	return Held("contact.archived", Accountant, fmt.Sprintf("its contact %q is archived in Xero", c.Name), "restore the contact in Xero (Contacts, Archived, Restore)")
}

// nameTakenHold says whose contact has the name. Of a contact that is nobody's yet only a person knows whether it is this account's:
// a name that people write where there is nothing to be written ("Exempt", "Pending") says as little as one that the mapping does
// not match by. There are firms that are called so, and theirs is to be found all the same.
func nameTakenHold(b Books, c xero.Contact, e *mapping.Entry) *store.Hold {
	if account := owner(b, c); account != "" {
		return Held("contact.name_taken", Sales, fmt.Sprintf("the name %q is taken in Xero by the contact of account %s", c.Name, account),
			"merge the two accounts in Salesforce, or give one of them another name; if Salesforce has that account no more, rename its contact in Xero and merge the two there later")
	}
	text := fmt.Sprintf("the name %q is taken in Xero by another contact", c.Name)
	if slices.Contains(e.Match, "Name") && !document.Tells("Name", c.Name) {
		text += ", and a name like that does not say whether the two are one customer"
	}
	same := ""
	switch other := slices.IndexFunc(e.Match, func(field string) bool { return field != "Name" && field != "ContactNumber" }); {
	case e.IDField != "":
		same = fmt.Sprintf("if they are one customer, enter the contact's id %s in the account's field %s; if they are two, ", c.ContactID, e.IDField)
	case other >= 0:
		same = "if they are one customer, give both the same " + e.Match[other] + "; if they are two, "
	case slices.Contains(e.Match, "Name"):
		same = "if they are one customer, give both one name that says who it is; if they are two, "
	}
	return Held("contact.name_taken", Sales, text, same+"give the account another name in Salesforce, or the contact in Xero")
}

// planContactEdit updates what `update:` allows. A name is never changed: Xero would show it on past invoices too.
func planContactEdit(s Step, r store.Record, e *mapping.Entry, f Facts, link store.Link, wanted json.RawMessage) Step {
	if now, end := followMerge(f.Books, link.XeroID); end != "" && (!strings.EqualFold(end, link.XeroID) || mergedAway(now)) {
		s = s.find("contact.merged", fmt.Sprintf("its contact %q was merged into another in Xero; what changes on the account is not sent to that one", link.Number))
		return s.nothing("its contact was merged into another in Xero")
	}
	s.XeroID, s.SeenAt = link.XeroID, link.SeenAt
	want, sent, now := document.Texts(wanted), document.Texts(link.Meant), document.Texts(link.Seen)
	if !sameName(want["Name"], sent["Name"]) && !sameName(want["Name"], now["Name"]) {
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
		return s.hold(Held(causeBothSides, Accountant, "the contact was edited in Xero and the account in Salesforce: "+document.ThreeValues(clashes, link.Meant, link.Seen, wanted),
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

func sameName(a, b string) bool { return document.Fold(a) == document.Fold(b) }

// SettleClaims holds every account of a plan that wants the same contact, or the same name for a new one, as another
// account of that plan: which of them is the customer is not for a program to say.
func SettleClaims(steps []Step) []Step {
	claims := map[string][]int{}
	for i, s := range steps {
		switch s.Do {
		case Adopt:
			claims["contact "+s.XeroID] = append(claims["contact "+s.XeroID], i)
		case Create:
			word := "name " + document.AsXeroCompares(document.Plain(document.Decode(document.Fields(s.Document)["Name"])))
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
