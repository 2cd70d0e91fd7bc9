package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// editsADay is how often one document may be updated within a day before a person must look: more is a loop.
const editsADay = 5

// planLinked decides about a record that has a document in Xero.
func planLinked(s Step, r store.Record, e *mapping.Entry, f Facts, link store.Link) Step {
	s.XeroID, s.SeenAt = link.XeroID, link.SeenAt
	if hold := Rivals(f.Books, link); hold != nil {
		return s.hold(hold)
	}
	if link.Decided == "" {
		if other, stands := besideLink(s, r, e, f, link); stands {
			return other
		}
	}
	if r.Gone != "" {
		return planGone(s, r, e, f, link)
	}
	if !IsLive(link.Status) {
		return planDead(s, r, f, link)
	}
	if link.Decided == r.Hash {
		return planPromotion(s, r, e, f, link)
	}
	if currencyUnread(r, e) {
		return s.wait(textCurrencyUnread)
	}
	inv, result, hold := wantInvoice(r, e, f, s.Today)
	s.Sources = result.Sources
	if link.Decided == "" {
		return rebuiltStep(s, r, e, f, link, inv, hold)
	}
	if hold != nil && !strings.HasPrefix(hold.Cause, "reference.") {
		return s.hold(hold)
	}
	s.Contact = store.Key{Entry: document.Contacts, ID: result.Contact}
	contact, ok := f.Books.Link(s.Contact)
	if !ok || contact.XeroID == "" {
		if hold := contactHold(f, s.Contact); hold != nil {
			return s.hold(hold)
		}
		return s.wait("its customer's contact is to be made first")
	}
	inv.Contact = &xero.ContactRef{ContactID: EndOfMerge(f.Books, contact.XeroID)}
	s.Status, inv.Status = inv.Status, ""
	return planEdit(s, r, f, link, inv, hold)
}

// planDead decides about a record whose document was voided or deleted in Xero.
func planDead(s Step, r store.Record, f Facts, link store.Link) Step {
	live, _ := Witnesses(f.Books, r.Key)
	switch {
	case len(live) == 1:
		s.Do, s.XeroID, s.Why = Adopt, live[0].InvoiceID, link.Number+" is "+strings.ToLower(link.Status)+"; Xero has "+live[0].InvoiceNumber+" with this deal's mark"
		return s
	case len(live) > 1:
		return s.hold(TwoLive(live))
	}
	inv, _ := xero.DecodeInvoice(link.Seen)
	inv.InvoiceNumber, inv.Status = link.Number, link.Status
	return s.hold(deadHold(inv, f))
}

// planEdit decides field by field what a changed deal may change in its invoice. lacks is what Xero has no more of what
// the invoice uses (an account, a tax rate): it matters only when the invoice is to change.
func planEdit(s Step, r store.Record, f Facts, link store.Link, inv xero.Invoice, lacks *store.Hold) Step {
	wanted, err := json.Marshal(inv)
	if err != nil {
		return s.hold(Held("record.unmappable", Admin, err.Error(), "report this"))
	}
	agree := document.Compare(wanted, link.Seen).Agrees
	shown := ShownFields(link)
	if !agree("Contact") { // else a merge has brought what is wanted
		shown = shownNow(f.Books, link)
	}
	if f.Off.LastSent {
		shown = document.Texts(link.Seen)
	}
	want, sent := document.Texts(wanted), document.Texts(link.Meant)
	document.Put(sent, "CurrencyCode", valuedAlike(link.Meant, wanted, link.Seen))
	ours, clashes := document.CompareFields(want, sent, shown, document.Texts(link.Seen), agree)
	switch {
	case len(ours)+len(clashes) == 0:
		// Where a person and the deal came to the same, that is what counts as sent: should the deal go back, it is a change.
		s.Meant = document.MeantWith(link.Meant, wanted, agreed(want, sent, agree))
		return s.nothing("what changed on the deal does not change its invoice")
	case link.Status != "DRAFT":
		return planApproved(s, link, wanted, append(clashes, ours...))
	case len(clashes) > 0:
		return s.hold(Held("edited.both_sides", Accountant, link.Number+" was edited in Xero and the deal in Salesforce: "+document.ThreeValues(clashes, link.Meant, link.Seen, wanted),
			"make the two sides agree, in Xero or on the deal"))
	case lacks != nil:
		return s.hold(lacks)
	}
	if hold := cmp.Or(lockedHold(inv, f), contactHold(f, s.Contact)); hold != nil {
		return s.hold(hold)
	}
	if slices.Contains(ours, "CurrencyRate") || slices.Contains(ours, "CurrencyCode") {
		if hold := rateHold(inv, f, s.Sources["CurrencyRate"]); hold != nil {
			return s.hold(hold)
		}
	}
	if recentEdits(link, f.XeroNow) >= editsADay {
		s.Until = f.XeroNow.Add(time.Hour)
		return s.hold(Held("edited.often", Admin, fmt.Sprintf("%s was already updated %d times within a day", link.Number, editsADay), "find out what keeps changing the deal; it is tried again when a day has passed"))
	}
	update := document.Patch(wanted, ours, link.Seen)
	update["InvoiceID"] = document.Quote(link.XeroID)
	update["Status"] = document.Quote(link.Status) // the only compare-and-set that Xero offers: it refuses DRAFT over AUTHORISED
	s.Document, _ = json.Marshal(update)
	s.Meant = document.MeantWith(link.Meant, wanted, append(ours, agreed(want, sent, agree)...))
	s.Do, s.Status, s.Why = Update, link.Status, "changed on the deal: "+strings.Join(ours, ", ")
	return refusedBefore(s, r, f)
}

// agreed are the fields that changed on the deal to what Xero already has.
func agreed(wanted, sent map[string]string, agree func(field string) bool) (fields []string) {
	for _, f := range document.SortedNames(wanted) {
		if wanted[f] != sent[f] && agree(f) {
			fields = append(fields, f)
		}
	}
	return fields
}

// planApproved holds a change that comes too late: from SUBMITTED on a person has the invoice in hand.
func planApproved(s Step, link store.Link, wanted json.RawMessage, changed []string) Step {
	var texts []string
	found := document.Compare(wanted, link.Seen)
	for _, f := range changed {
		if t := found.Differs(f); t != "" {
			texts = append(texts, t)
		}
	}
	if len(texts) == 0 {
		return s.nothing("the invoice already has what changed on the deal")
	}
	return s.hold(Held("edited.after_approval", Accountant,
		fmt.Sprintf("the deal changed after %s was %s: on the invoice %s", link.Number, document.StatusWord(link.Status), strings.Join(texts, "; ")),
		"change the invoice in Xero, or set the deal back"))
}

// planPromotion gives a draft of ours the status that the mapping asks for, once it is certain that it is the only
// document of its record, cent-exact, untouched, and seen in Xero's own list.
func planPromotion(s Step, r store.Record, e *mapping.Entry, f Facts, link store.Link) Step {
	wanted := wantedStatus(r, e, f, s.Today)
	if link.Status != "DRAFT" || wanted == "" || wanted == "DRAFT" {
		return s.nothing("in step")
	}
	switch {
	case link.Risen:
		return s.nothing("it was handed back in Xero; it is approved there")
	case link.Origin == "copied":
		return s.nothing("it is a copy that a person made in Xero; it is approved there")
	}
	if link.Mismatch != "" {
		return s.hold(differsHold(link, link.Mismatch))
	}
	if live, _ := Witnesses(f.Books, r.Key); len(live) > 1 {
		return s.hold(TwoLive(live))
	}
	if touched := TouchedFields(f.Books, link); len(touched) > 0 {
		// Its link to the deal is among them: without its mark nobody can say that it is the only one.
		return s.hold(Held("invoice.edited", Accountant, link.Number+" stays a draft because it was edited in Xero ("+strings.Join(touched, ", ")+")", "approve it in Xero"))
	}
	if link.Origin != "created" {
		// What was sent is not known, nor what a person has done since: an approval cannot be taken back.
		return s.hold(Held("invoice.found", Accountant, link.Number+" stays a draft because it was found again after the store was lost: whether it was to be approved is not known", "approve it in Xero"))
	}
	// The finding is forgotten when a person takes the invoice in hand, who may have put everything back as it was.
	if text := Mismatch(link, TheirFields(f.Books, link)...); text != "" {
		return s.hold(differsHold(link, text))
	}
	if doubt := LinkedRateDoubt(link, f); doubt != "" {
		return s.hold(Held("currency.rate", Accountant, link.Number+" stays a draft because its rate is in doubt: "+doubt, "approve it in Xero if the rate is right, else correct the rate there"))
	}
	if link.Watched.IsZero() {
		return s.wait("it is approved once Xero's list has shown it")
	}
	doc, _ := json.Marshal(map[string]string{"InvoiceID": link.XeroID, "Status": wanted})
	s.Do, s.Status, s.Document, s.Why = Promote, wanted, doc, link.Number+" is the only draft with this deal's mark, cent-exact and untouched"
	return refusedBefore(s, r, f)
}

func wantedStatus(r store.Record, e *mapping.Entry, f Facts, today string) string {
	if e.Status != "" {
		return e.Status
	}
	result, err := e.Apply(f.Env(today), r.JSON)
	if err != nil || len(result.Faults) > 0 {
		return ""
	}
	inv, err := xero.DecodeInvoice(result.JSON)
	if err != nil {
		return ""
	}
	return inv.Status
}

// planGone decides about a document whose record is un-won, deleted or out of sight: three different holds, because
// three different people can mend them.
func planGone(s Step, r store.Record, e *mapping.Entry, f Facts, link store.Link) Step {
	if !IsLive(link.Status) {
		return s.nothing("neither the deal nor its invoice stands any more")
	}
	name := link.Number
	if name == "" {
		name = "its invoice"
	}
	if r.Gone == "unmatched" {
		if held, stops := s.stopsMany(r, f, link, name); stops {
			return held
		}
	}
	// Only of a draft that this store made it is known what was sent, and so that nobody touched it.
	if r.Gone == "unmatched" && e.IfUnwon == "delete_draft" && link.Status == "DRAFT" && link.Origin == "created" && !link.Risen && len(TouchedFields(f.Books, link)) == 0 {
		if until, wait := moreMayFollow(r, f); wait {
			s.Until = until
			return s.wait("several deals stopped matching at once; whether more follow is to be seen before a draft is deleted")
		}
		doc, _ := json.Marshal(map[string]string{"InvoiceID": link.XeroID, "Status": "DELETED"})
		s.Do, s.Status, s.Document, s.Why = Delete, link.Status, doc, "the deal no longer matches and "+name+" is an untouched draft"
		return refusedBefore(s, r, f)
	}
	remedy := "void it in Xero, or win the deal again"
	if link.Status == "DRAFT" || link.Status == "SUBMITTED" {
		remedy = "delete the draft in Xero, or win the deal again"
	}
	stands := name + " is " + document.StatusWord(link.Status) + " in Xero"
	switch r.Gone {
	case "deleted":
		return s.hold(Held("deal.deleted", Accountant, "the deal was deleted in Salesforce; "+stands, "void or delete the invoice in Xero, or restore the deal from the recycle bin"))
	case "unseen":
		return s.hold(Held("deal.unseen", Admin, "Salesforce no longer shows this deal to the integration user; "+stands, "give the user access to it again"))
	case "elsewhere":
		return s.hold(Held("deal.elsewhere", Accountant, "the deal no longer matches, though it was not changed itself: something that mapping.yaml asks about it was, its account perhaps; "+stands, remedy))
	case "mapping":
		return s.hold(Held("deal.unmapped", Admin, "the deal no longer matches since mapping.yaml was edited; "+stands, "widen where: in mapping.yaml again"))
	}
	return s.hold(Held("deal.unwon", Accountant, "the deal is no longer one to invoice (is it still won?); "+stands, remedy))
}

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
	inv.Status = ""
	wanted, err := json.Marshal(inv)
	if err != nil {
		return s
	}
	s.Meant, s.Baseline = document.Restricted(link.Seen, wanted), map[string]string{}
	// What departs from the deal of today is a person's, as far as anybody can know: as if the deal had been sent and the
	// person had edited it since.
	fields, want := departing(e, wanted, link.Seen), document.Texts(wanted)
	s.Meant = document.MeantWith(s.Meant, wanted, fields)
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

// departing are the fields in which a document found again is not what its record comes to today.
func departing(e *mapping.Entry, wanted, seen json.RawMessage) (fields []string) {
	found := document.Compare(wanted, seen)
	for _, field := range document.SortedNames(found.Wanted) {
		if !found.Agrees(field) {
			fields = append(fields, field)
		}
	}
	return append(fields, filledIn(e, found)...)
}

// filledIn are the fields that the mapping sets, that the record leaves empty, and that Xero has a value for: a person's.
func filledIn(e *mapping.Entry, found document.Comparison) (fields []string) {
	for _, field := range e.Targets() {
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

// ShownFields is what Xero showed right after we last wrote.
func ShownFields(link store.Link) map[string]string {
	shown := map[string]string{}
	if json.Unmarshal(link.Shown, &shown) != nil {
		return document.Texts(link.Seen)
	}
	return shown
}

func differsHold(link store.Link, text string) *store.Hold {
	return Held("invoice.differs", Accountant, link.Number+" stays a draft because Xero shows something else than was meant: "+text, "correct and approve it in Xero")
}

// shownNow is what Xero showed when we last wrote. Two contacts that were merged into one since have changed nobody's
// invoice.
func shownNow(b Books, link store.Link) map[string]string {
	shown, now := ShownFields(link), document.Texts(link.Seen)["Contact"]
	if now != "" && sameContact(b, shown["Contact"], now) {
		shown["Contact"] = now
	}
	return shown
}

// TouchedFields are the fields a person has changed in Xero since we last wrote, the mapping's and any other.
func TouchedFields(b Books, link store.Link) []string {
	shown, now := shownNow(b, link), document.Texts(link.Seen)
	touched := map[string]bool{}
	for _, fields := range []map[string]string{shown, now} {
		for f := range fields {
			if shown[f] != document.Foreign && shown[f] != now[f] {
				touched[f] = true
			}
		}
	}
	if inv, err := xero.DecodeInvoice(link.Seen); err == nil && link.Kind == string(xero.Invoices) {
		if mark, ok := document.MarkOf(inv.Url); !ok || mark.Key() != link.Key {
			touched["Url"] = true
		}
	}
	return document.SortedNames(touched)
}

func recentEdits(link store.Link, now time.Time) int {
	n := 0
	for _, at := range link.Edits {
		if now.Sub(at) < 24*time.Hour {
			n++
		}
	}
	return n
}
