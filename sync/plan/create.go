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

// planNew decides about a record that has no document yet. Before anything is created three witnesses must be silent:
// the store, the marks in Xero, and the record's own field for the Xero id.
func planNew(s Step, r store.Record, e *mapping.Entry, f Facts) Step {
	live, dead := Witnesses(f.Books, r.Key)
	switch {
	case len(live) == 1 || len(live) > 1 && f.Off.Adoption:
		if other, stands := beside(s, r, e, f, live[0]); stands {
			return other
		}
		s.Do, s.XeroID, s.Why = Adopt, live[0].InvoiceID, "Xero already has "+live[0].InvoiceNumber+" with this deal's mark"
		return s
	case len(live) > 1:
		return s.hold(TwoLive(live))
	}
	switch r.Gone {
	case "":
	case "unseen":
		return s.hold(Held("deal.unseen", Admin, "Salesforce no longer shows this deal to the integration user", "give the user access to it again"))
	default:
		return s.drop("the deal no longer matches and has no invoice")
	}
	// The invoice that the deal itself names comes first: a dead copy must not hide that it stands, with its link taken off.
	named, decides := fieldWitness(&s, r, e, f)
	if decides && (named.Hold == nil || named.Hold.Cause != causeUnknown) {
		return named
	}
	for _, inv := range dead {
		if m, ok := document.MarkOf(inv.Url); ok && m.Generation >= s.Generation {
			return s.hold(deadHold(inv, f))
		}
	}
	if decides {
		return named
	}
	if date := CloseDate(r); date != "" && date < f.Mapping.Start {
		return s.hold(Held("deal.before_start", Accountant,
			fmt.Sprintf("its close date %s is before %s, the day from which deals are invoiced", date, f.Mapping.Start),
			"set the close date to the day it was won, or invoice it by hand in Xero"))
	}
	if held, waits := s.letIn(r, e, f, "the deal is to be invoiced "+TextMapping); waits {
		return held
	}
	s.Admitted = r.Cause == CauseMapping
	until := r.Stamp.Add(e.Settle)
	settling := e.Settle > 0 && f.SalesforceNow.Before(until)
	if settling && r.Hold == nil { // a deal that is held is judged at once: whoever mends it wants to know
		s.Until = until
		return s.wait(settlingText(e))
	}
	if currencyUnread(r, e) {
		return s.wait(textCurrencyUnread)
	}
	inv, result, hold := wantInvoice(r, e, f, s.Today)
	s.Sources = result.Sources
	if hold == nil {
		hold = cmp.Or(rateHold(inv, f, result.Sources["CurrencyRate"]), lockedHold(inv, f))
	}
	if s.Contact = (store.Key{Entry: document.Contacts, ID: result.Contact}); hold != nil && hold.Cause == causeHidden {
		hold = cmp.Or(contactHold(f, s.Contact), hold)
	}
	if hold != nil {
		return s.hold(hold)
	}
	if hold := contactHold(f, s.Contact); hold != nil {
		return s.hold(hold)
	}
	if settling {
		s.Until = until
		return s.wait(settlingText(e))
	}
	if _, _, total, err := xero.Total(inv, f.Reference); err == nil {
		s.Amount = total.StringFixed(2) + " " + inv.CurrencyCode
	}
	// Born DRAFT, whatever the mapping's Status: an approved invoice cannot be taken back, a draft can, and only the
	// watch can tell that it is the only one.
	if s.Status = inv.Status; !f.Off.BornDraft {
		inv.Status = "DRAFT"
	}
	inv.Type = "ACCREC"
	inv.Url = document.MarkFor(f.Place.Org, r.Key, s.Generation).URL(f.Place.Instance, f.Place.Sandbox)
	doc, err := json.Marshal(inv)
	if err != nil {
		return s.hold(Held("record.unmappable", Admin, err.Error(), "report this"))
	}
	s.Do, s.Document, s.Why = Create, document.Draft(doc), "the deal matches and has no invoice"
	return refusedBefore(s, r, f)
}

func settlingText(e *mapping.Entry) string {
	return "the deal was changed less than " + e.Settle.String() + " ago"
}

// causeUnknown is for a deal whose field names an invoice that Xero does not have, causeUnmarked for one that names an
// invoice which does not bear its mark.
const (
	causeUnknown  = "witness.unknown"
	causeUnmarked = "witness.unmarked"
)

// fieldWitness asks the record's own field for the Xero id: the only witness that survives the loss of the store and of
// the mark together.
func fieldWitness(s *Step, r store.Record, e *mapping.Entry, f Facts) (Step, bool) {
	id := strings.ToLower(RowText(r.JSON, e.IDField))
	if id == "" || f.Off.RowWitness {
		return Step{}, false
	}
	seen, known := f.Books.SeenByID(string(xero.Invoices), id)
	if !known {
		if !f.UnknownIDs[id] {
			return s.wait("its field " + e.IDField + " names a Xero invoice that is to be looked up"), true
		}
		return s.hold(Held(causeUnknown, Accountant,
			fmt.Sprintf("its field %s names the Xero invoice %s, which this organisation does not have", e.IDField, id),
			"empty that field if the deal really has no invoice")), true
	}
	inv, err := xero.DecodeInvoice(seen.JSON)
	if err != nil {
		return s.wait("the invoice that its field names is to be read again"), true
	}
	mark, marked := document.MarkOf(inv.Url)
	marked = marked && inv.Type == "ACCREC" && inv.RepeatingInvoiceID == ""
	switch {
	case marked && mark.Org == f.Place.Org && mark.Record == r.ID && mark.Key() != r.Key:
		return s.hold(Held("witness.entry", Admin,
			fmt.Sprintf("its field %s names %s, which was made for this very deal under %q, a name that mapping.yaml does not have", e.IDField, inv.InvoiceNumber, mark.Entry),
			"give the entry that name again in mapping.yaml")), true
	case marked && mark.Org == f.Place.Org && mark.Key() != r.Key:
		*s = s.find("deal.cloned", fmt.Sprintf("its field %s names %s, the invoice of deal %s: a cloned deal; the field is overwritten", e.IDField, inv.InvoiceNumber, mark.Record))
		return Step{}, false
	case !marked || mark.Org != f.Place.Org:
		return s.hold(Held(causeUnmarked, Accountant,
			fmt.Sprintf("its field %s names %s, which was not made for this deal", e.IDField, inv.InvoiceNumber),
			"empty that field if the deal has no invoice of its own")), true
	case mark.Generation < s.Generation: // the draft that we deleted ourselves
		return Step{}, false
	case IsLive(inv.Status):
		s.Do, s.XeroID, s.Why = Adopt, inv.InvoiceID, "its own field names "+inv.InvoiceNumber+", which bears its mark"
		return *s, true
	}
	return s.hold(deadHold(inv, f)), true
}

func TwoLive(live []xero.Invoice) *store.Hold {
	var numbers []string
	for _, inv := range live {
		numbers = append(numbers, inv.InvoiceNumber+" ("+document.StatusWord(inv.Status)+")")
	}
	return Held("invoice.two", Accountant, "Xero has more than one invoice for this deal: "+strings.Join(numbers, ", "), "void or delete all but one of them in Xero")
}

// Rivals holds a record whose invoice has another one beside it that a second daemon made, for as long as both stand; nil
// when they do not.
func Rivals(b Books, link store.Link) *store.Hold {
	if !LiveLink(link, true) {
		return nil
	}
	var numbers []string
	for _, id := range link.Rivals {
		seen, known := b.SeenByID(link.Kind, id)
		inv, err := xero.DecodeInvoice(seen.JSON)
		if known && err == nil && IsLive(inv.Status) {
			numbers = append(numbers, inv.InvoiceNumber+" ("+document.StatusWord(inv.Status)+")")
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	numbers = append(numbers, link.Number+" ("+document.StatusWord(link.Status)+")")
	slices.Sort(numbers) // both daemons write the same into the deal
	last := len(numbers) - 1
	return Held("invoice.twice", Accountant,
		fmt.Sprintf("%s and %s were both made for this deal, by two sf2xero that served this organisation at one time", strings.Join(numbers[:last], ", "), numbers[last]),
		"void or delete all but one of them in Xero")
}

// NamesRival is true while a deal's row names the invoice that a second daemon made beside ours. Each of the two would write
// its own over the other's for as long as both stand. And the row may be the last witness of that invoice: somebody takes its
// mark off, and then the store is lost (seed 33017).
func NamesRival(b Books, link store.Link, named string) bool {
	named = strings.ToLower(named)
	if !LiveLink(link, true) || !slices.Contains(link.Rivals, named) {
		return false
	}
	seen, known := b.SeenByID(link.Kind, named)
	inv, err := xero.DecodeInvoice(seen.JSON)
	return known && err == nil && IsLive(inv.Status)
}

// deadHold keeps what a person voided or deleted from coming back. What helps is Xero's own Copy: it takes the mark along,
// and the copy is the deal's invoice from then on. Case: people won the deal again and waited.
func deadHold(inv xero.Invoice, f Facts) *store.Hold {
	what := strings.ToLower(inv.Status)
	when := ""
	if !inv.UpdatedDateUTC.IsZero() {
		when = " on " + inv.UpdatedDateUTC.In(f.Reference.Location()).Format(time.DateOnly)
	}
	name := inv.InvoiceNumber
	if name == "" {
		name = "the deal's invoice"
	}
	where := "open it in Xero and copy it"
	if what == "deleted" {
		where = "find it in Xero among the deleted and voided invoices and copy it"
	}
	return Held("invoice."+what, Accountant, fmt.Sprintf("%s was %s in Xero%s", name, what, when),
		"it is not made again by itself, nor by winning the deal again. If there is to be an invoice, "+where+" (Invoice options, Copy): the copy becomes the deal's. If not, un-win the deal in Salesforce")
}

// CloseDate is the day that decides whether a deal is history.
func CloseDate(r store.Record) string {
	date := RowText(r.JSON, "CloseDate")
	if len(date) > len(time.DateOnly) {
		date = date[:len(time.DateOnly)]
	}
	return date
}

// wantInvoice is what the mapping makes of a record, with Xero's own codes in place of the names that people wrote, or
// the hold that says why it cannot be an invoice.
func wantInvoice(r store.Record, e *mapping.Entry, f Facts, today string) (xero.Invoice, mapping.Result, *store.Hold) {
	result, err := e.Apply(f.Env(today), r.JSON)
	if err != nil {
		return xero.Invoice{}, result, Held("record.unmappable", Admin, err.Error(), "correct mapping.yaml or the record")
	}
	// Without an account much else is empty too; what to mend is the account.
	if result.Contact == "" && !slices.ContainsFunc(result.Faults, func(f mapping.Fault) bool { return f.Field == "contact" }) {
		return xero.Invoice{}, result, Held("deal.no_account", Sales, "the deal has no account, so there is nobody to invoice", "set the account of the deal")
	}
	if hold := unroundedTotal(result); hold != nil {
		return xero.Invoice{}, result, hold
	}
	switch {
	case len(result.Faults) > 0 && hidesAccount(r):
		return xero.Invoice{}, result, Held(causeHidden, Admin, "Salesforce does not show the deal's account to the integration user", "give the user access to it, or give the deal another account")
	case len(result.Faults) > 0:
		return xero.Invoice{}, result, faultHold(result.Faults)
	}
	if result.NoLines {
		return xero.Invoice{}, result, Held("deal.no_products", Sales, "the deal has no products", "add its products in Salesforce, or give mapping.yaml a no_lines: line for such deals")
	}
	inv, err := xero.DecodeInvoice(result.JSON)
	if err != nil {
		return inv, result, Held("record.unmappable", Admin, err.Error(), "correct mapping.yaml")
	}
	// All of them are asked: what can be resolved is, so that an unchanged document is seen to be unchanged.
	currency, codes := setCurrency(&inv, r, e, f, result.Sources["CurrencyCode"]), resolveCodes(&inv, f.Reference, result.Sources)
	return inv, result, cmp.Or(currency, codes, checkTotal(inv, result, f.Reference))
}

// causeHidden holds a deal whose account is out of sight: what the mapping reads of it is missing, and cannot be corrected there.
const causeHidden = "contact.hidden"

// hidesAccount is true for a row that names an account and shows nothing of it.
func hidesAccount(r store.Record) bool {
	row := document.Fields(r.JSON)
	return RowText(r.JSON, "AccountId") != "" && string(row["Account"]) == "null"
}

// lockedHold is a hold when the books are closed for an invoice's date: nothing can be made or changed there.
func lockedHold(inv xero.Invoice, f Facts) *store.Hold {
	lock := max(f.Reference.Organisation.PeriodLockDate, f.Reference.Organisation.EndOfYearLockDate)
	if lock == "" || inv.Date == "" || inv.Date > lock {
		return nil
	}
	return Held("xero.locked_period", Accountant,
		fmt.Sprintf("its date %s lies in a period that is locked in Xero up to %s", inv.Date, lock), "unlock the period in Xero, or give the deal a later date")
}

// contactHold is a hold when the deal's customer cannot be invoiced: its account is held, or its contact archived.
func contactHold(f Facts, key store.Key) *store.Hold {
	if link, ok := f.Books.Link(key); ok && link.XeroID != "" {
		contact, end := followMerge(f.Books, link.XeroID)
		if end == "" {
			contact.ContactStatus, contact.Name = link.Status, link.Number
		}
		return archivedCustomer(contact)
	}
	if r, ok := f.Books.Record(key); ok && r.Hold != nil {
		return Held("contact.held", r.Hold.Owner, "its account is held: "+r.Hold.Text, r.Hold.Remedy)
	}
	return nil
}

// archivedCustomer is a hold when nothing can be invoiced to a contact. One that was merged into another reads as archived too,
// and is to be left so: Xero is asked what it was merged into.
func archivedCustomer(c xero.Contact) *store.Hold {
	if c.ContactStatus != "ARCHIVED" || mergedAway(c) {
		return nil
	}
	return Held("contact.archived", Accountant, "its customer's contact "+c.Name+" is archived in Xero", "restore the contact in Xero (Contacts, Archived, Restore)")
}

// refusedBefore keeps a hold that Xero itself gave, so that bytes which Xero refused are not sent again every minute. A
// changed document, refreshed reference data or a day's wait lifts it.
func refusedBefore(s Step, r store.Record, f Facts) Step {
	s.Inputs = s.inputs(f)
	if r.Hold != nil && r.Hold.Inputs != "" && r.Hold.Inputs == s.Inputs && TooEarly(f.XeroNow, r.NotBefore) {
		return s.hold(r.Hold)
	}
	return s
}

// Inputs is the hash of what Xero's verdict about a step's document depends on, as we see it now.
func Inputs(s Step, f Facts) string { return s.inputs(f) }

// inputs is the hash of what Xero's verdict about a document depends on, as far as we can see it.
func (s Step) inputs(f Facts) string {
	contact := ""
	if link, ok := f.Books.Link(s.Contact); ok {
		contact = link.XeroID
	} else if link, ok := f.Books.Link(s.Key); ok && (s.Do == Promote || s.Do == Delete) {
		contact = document.Texts(link.Seen)["Contact"]
	}
	seen, _ := followMerge(f.Books, contact)
	contact += seen.ContactStatus
	return Digest([]byte(s.Do), []byte(s.XeroID), s.Document, []byte(contact), []byte(f.Reference.Hash()))
}
