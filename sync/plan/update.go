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
		return planDecided(s, r, e, f, link)
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
	contact, missing := customerOf(f.Books, link, s.Contact)
	inv.Contact = &xero.ContactRef{ContactID: contact}
	s.Status, inv.Status = inv.Status, ""
	step := planEdit(s, r, f, link, inv, hold)
	if missing && step.Do == Update {
		return s.wait(textNoContact)
	}
	return step
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
	wanted = document.Sendable(wanted, link.Meant)
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
		s.KeepQueued = link.Status == "DRAFT" && s.Status != "" && s.Status != "DRAFT" // it is still to be approved
		return s.nothing("what changed on the deal does not change its invoice")
	case link.Status != "DRAFT":
		return planApproved(s, link, wanted, append(clashes, ours...))
	case len(clashes) > 0:
		return s.hold(Held(causeBothSides, Accountant, link.Number+" was edited in Xero and the deal in Salesforce: "+document.ThreeValues(clashes, link.Meant, link.Seen, wanted),
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
	update := document.Patch(wanted, ours, link.Meant, link.Seen)
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

// causeBothSides holds what was changed in Xero and in Salesforce to two different values.
const causeBothSides = "edited.both_sides"

// causeTooLate holds a deal that was changed after its invoice was approved.
const causeTooLate = "edited.after_approval"

// planApproved holds a change that comes too late: from SUBMITTED on a person has the invoice in hand.
func planApproved(s Step, link store.Link, wanted json.RawMessage, changed []string) Step {
	var texts []string
	found := document.Compare(wanted, link.Seen)
	if link.Status == "PAID" { // whoever's account the deal hangs on today, somebody has paid it
		changed = slices.DeleteFunc(changed, func(f string) bool { return f == "Contact" })
	}
	for _, f := range changed {
		if t := found.Differs(f); t != "" {
			texts = append(texts, t)
		}
	}
	if len(texts) == 0 {
		// What was told about the invoice is told no more where the deal was corrected to what it is.
		s.Meant = document.MeantWith(link.Meant, wanted, changed)
		s.Corrected = link.Mismatch != "" && fieldMismatch(s.Meant, link.Seen) == "" && link.AmountMismatch == ""
		return s.nothing("the invoice already has what changed on the deal")
	}
	return s.hold(Held(causeTooLate, Accountant,
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
	// Xero may have put it on the contact that the one it was sent for was merged into.
	if link.Mismatch != "" && (link.Mismatch != document.OtherContact || !slices.Contains(TheirFields(f.Books, link), "Contact")) {
		return planMismatch(s, r, e, f, link, link.Mismatch)
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
		return planMismatch(s, r, e, f, link, text)
	}
	if doubt := LinkedRateDoubt(link, f); doubt != "" {
		return s.hold(Held("currency.rate", Accountant, link.Number+" stays a draft because its rate is in doubt: "+doubt, "approve it in Xero if the rate is right, else correct the rate there"))
	}
	if seen, err := xero.DecodeInvoice(link.Seen); err == nil {
		if hold := lockedHold(seen, f); hold != nil { // a draft may stand in a closed period, an approved invoice may not
			return s.hold(hold)
		}
	}
	if hold := belowACent(link, f); hold != nil {
		return s.hold(hold)
	}
	if link.Watched.IsZero() {
		return s.wait("it is approved once Xero's list has shown it")
	}
	if contact, _ := followMerge(f.Books, document.Texts(link.Seen)["Contact"]); archivedCustomer(contact) != nil {
		return s.hold(archivedCustomer(contact))
	}
	s.Do, s.Status, s.Document, s.Why = Promote, wanted, approval(r, e, f, link, wanted, s.Today), link.Number+" is the only draft with this deal's mark, cent-exact and untouched"
	return refusedBefore(s, r, f)
}

// approval is what is sent to approve a draft.
func approval(r store.Record, e *mapping.Entry, f Facts, link store.Link, status, today string) json.RawMessage {
	var wanted json.RawMessage
	if result, err := e.Apply(f.Env(today), r.JSON); err == nil && len(result.Faults) == 0 {
		wanted = result.JSON
	}
	return document.Approval(link.XeroID, status, wanted, link.Meant, link.Seen)
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
		return s.hold(Held("deal.unseen", Admin, "Salesforce no longer shows this deal to the integration user; "+stands, "give the user access to it again; if the deal was deleted for good, void or delete the invoice in Xero"))
	case "elsewhere":
		return s.hold(Held("deal.elsewhere", Accountant, "the deal no longer matches, though no change of its own was seen: something that mapping.yaml asks about it was, its account perhaps; "+stands, remedy))
	case "mapping":
		return s.hold(Held("deal.unmapped", Admin, "the deal no longer matches since mapping.yaml was edited; "+stands, "widen where: in mapping.yaml again"))
	}
	return s.hold(Held("deal.unwon", Accountant, "the deal is no longer one to invoice (is it still won?); "+stands, remedy))
}

// ShownFields is what Xero showed right after we last wrote.
func ShownFields(link store.Link) map[string]string {
	if shown, ok := document.Shown(link.Shown); ok {
		return shown
	}
	return document.Texts(link.Seen)
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
