package sync_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/events"
	"sf2xero/xero/xerotest"
)

// try does one cycle.
func (w *world) try() (events.Report, error) {
	w.Helper()
	if w.cycle == nil {
		w.start()
	}
	ctx, stop := context.WithCancel(w.Context())
	defer stop()
	w.stop = stop
	return w.cycle.Run(ctx)
}

// run does one cycle, which must succeed.
func (w *world) run() events.Report {
	w.Helper()
	r, err := w.try()
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// tryOnce is run --once.
func (w *world) tryOnce() (events.Report, error) {
	w.Helper()
	if w.cycle == nil {
		if err := w.tryStart(); err != nil {
			return events.Report{}, err
		}
	}
	ctx, stop := context.WithCancel(w.Context())
	defer stop()
	w.stop = stop
	return w.cycle.Once(ctx, func(events.Report) {})
}

// once is run --once, which must succeed.
func (w *world) once() events.Report {
	w.Helper()
	r, err := w.tryOnce()
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// takeOver is a person who has stopped the other daemon, and starts this one with run --takeover: it serves again.
func (w *world) takeOver() {
	w.Helper()
	w.bury()
	w.Takeover, w.New = true, false
	w.run()
	w.Takeover = false
}

// quiet runs the daemon until there is nothing left that time alone would bring: every deal has been left alone long
// enough, every call is settled, every row written.
func (w *world) quiet() events.Report {
	w.Helper()
	time.Sleep(time.Minute) // what happened in this second is not asked for yet
	for range 40 {
		r := w.once()
		if r.Queued == 0 && !w.owesRows() {
			return r
		}
		time.Sleep(5 * time.Minute)
	}
	w.Fatalf("the daemon does not come to rest: %s", w.undecided())
	return events.Report{}
}

// later lets time pass, then runs the daemon until it is quiet.
func (w *world) later(d time.Duration) events.Report {
	w.Helper()
	time.Sleep(d)
	return w.quiet()
}

// runFor has the daemon work for a time, with a cycle every so often, some of which may fail.
func (w *world) runFor(d, every time.Duration) {
	w.Helper()
	for began := time.Now(); time.Since(began) < d; time.Sleep(every) {
		_, _ = w.try()
	}
}

func (w *world) view(f func(tx *store.Tx) error) {
	w.Helper()
	if err := w.db.View(f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) owesRows() (owes bool) {
	w.Helper()
	w.view(func(tx *store.Tx) error {
		for b := range tx.WriteBacks(store.Key{}) {
			owes = owes || b.Tries == 0
		}
		return nil
	})
	return owes
}

func (w *world) undecided() string {
	var texts []string
	w.view(func(tx *store.Tx) error {
		for _, entry := range []string{document.Contacts, document.Invoices} {
			for r := range tx.Todo(entry, "") {
				text := r.Key.String() + " " + r.Cause
				if r.Hold != nil {
					text += " held: " + r.Hold.Text
				}
				texts = append(texts, text)
			}
		}
		for _, in := range tx.AllIntents() {
			texts = append(texts, "call "+in.ID+" "+in.Do)
		}
		return nil
	})
	return strings.Join(texts, "\n")
}

// held is the hold of a deal as the store has it; nil when it is not held.
func (w *world) held(deal string) *store.Hold {
	w.Helper()
	return w.heldAs(document.Invoices, deal)
}

func (w *world) heldAs(entry, id string) (hold *store.Hold) {
	w.Helper()
	w.view(func(tx *store.Tx) error {
		if r, ok := tx.Record(store.Key{Entry: entry, ID: id}); ok {
			hold = r.Hold
		}
		return nil
	})
	return hold
}

// wantHeld fails unless a deal is held for a cause, by one whose turn it is, with a text that says all of some things,
// and unless Salesforce shows that text.
func (w *world) wantHeld(deal, cause, owner string, says ...string) {
	w.Helper()
	h := w.held(deal)
	if h == nil {
		w.Fatalf("%s is not held, want %s", w.field(deal, "Name"), cause)
	}
	if h.Cause != cause || h.Owner != owner {
		w.Errorf("held for %s by %s (%s), want %s by %s", h.Cause, h.Owner, h.Text, cause, owner)
	}
	for _, s := range says {
		if !strings.Contains(h.Text, s) {
			w.Errorf("the hold %q does not say %q", h.Text, s)
		}
	}
	if h.Remedy == "" {
		w.Errorf("the hold %q names no remedy", h.Text)
	}
	if row := w.row(deal); row["IsDeleted"] != true && !strings.Contains(w.hold(deal), strings.TrimRight(h.Text, ".")) {
		w.Errorf("Salesforce shows %q, want the hold %q", w.hold(deal), h.Text)
	}
}

// wantFree fails when a deal is held, or still shows a hold.
func (w *world) wantFree(deal string) {
	w.Helper()
	if h := w.held(deal); h != nil {
		w.Errorf("%s is held: %s", w.field(deal, "Name"), h.Text)
	}
	if text := w.hold(deal); text != "" {
		w.Errorf("%s still shows %q", w.field(deal, "Name"), text)
	}
}

// inStep fails unless each won deal has its one invoice, to the cent, with Salesforce showing its number, or is held.
func (w *world) inStep() {
	w.Helper()
	for _, row := range w.crm.Rows("Opportunity") {
		deal := row["Id"].(string)
		if row["IsWon"] != true || row["IsDeleted"] == true || w.held(deal) != nil {
			continue
		}
		inv := w.invoice(deal)
		if amount, ok := row["Amount"].(decimal.Decimal); !ok || !amount.Round(2).Equal(inv.SubTotal) {
			w.Errorf("%s came to %s before tax, the deal says %v", inv.InvoiceNumber, inv.SubTotal, row["Amount"])
		}
		for field, want := range map[string]string{
			"Xero_Invoice_Id__c": inv.InvoiceID, "Xero_Invoice_Number__c": inv.InvoiceNumber, "Xero_Status__c": inv.Status,
			"Xero_Total__c": inv.Total.StringFixed(2), "Xero_Amount_Due__c": inv.AmountDue.StringFixed(2), "Xero_Amount_Paid__c": inv.AmountPaid.StringFixed(2),
			"Xero_Fully_Paid_On__c": paidOn(inv), "Xero_Sync_Error__c": "",
		} {
			if got := shown(row[field]); !strings.EqualFold(got, want) {
				w.Errorf("%s of %s is %q, want %q", field, row["Name"], got, want)
			}
		}
	}
}

// paidOn is the day on which an invoice was paid in full; "" when it was credited and nothing paid.
func paidOn(inv xerotest.InvoiceView) string {
	if inv.AmountPaid.IsZero() {
		return ""
	}
	return inv.FullyPaidOnDate
}

// nothingTwice fails when a deal has two live invoices that the API made, or an account two contacts.
func (w *world) nothingTwice() {
	w.Helper()
	live := map[string][]string{}
	for _, inv := range w.books.Invoices() {
		if inv.Status == "VOIDED" || inv.Status == "DELETED" || !inv.CreatedByAPI {
			continue
		}
		live[inv.Url] = append(live[inv.Url], inv.InvoiceNumber+" "+inv.Status)
	}
	for _, c := range w.books.Contacts() {
		if c.CreatedByAPI {
			live[c.ContactNumber] = append(live[c.ContactNumber], c.Name)
		}
	}
	for mark, documents := range live {
		if mark != "" && len(documents) > 1 {
			w.Errorf("Xero has %s more than once: %s", mark, strings.Join(documents, ", "))
		}
	}
}

// withinLimits fails when Xero ever saw more calls than it allows, or had to refuse one for their number.
func (w *world) withinLimits() {
	w.Helper()
	if w.Limits != nil {
		return // a benchmark without limits
	}
	if n := w.booksDoor.MaxInFlight(); n > 5 {
		w.Errorf("%d calls to Xero were in flight at once", n)
	}
	if n := w.booksDoor.MaxPerMinute(); n > 60 {
		w.Errorf("%d calls reached Xero within a minute", n)
	}
	for _, c := range w.booksDoor.Counts() {
		if c.Status == 429 && !w.refused {
			w.Errorf("Xero answered 429 to %d calls of %s %s", c.Count, c.Method, c.Path)
		}
	}
}

// keepsSecrets fails when the log has a credential in it.
func (w *world) keepsSecrets() {
	w.Helper()
	_, crm, _ := w.crm.Credentials()
	_, books := w.books.Credentials()
	for _, secret := range []string{crm, books, "Bearer "} {
		if strings.Contains(w.log.text(), secret) {
			w.Errorf("the log has a secret in it")
		}
	}
}

// line is one line of the daemon's log.
type line map[string]any

// logged are the lines of one event, all of them for "".
func (w *world) logged(event string) []line {
	w.Helper()
	var found []line
	for text := range strings.Lines(w.log.text()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			w.Fatalf("the log has a line that is not JSON: %s", text)
		}
		if event == "" || l["event"] == event {
			found = append(found, l)
		}
	}
	return found
}

// found are the findings of one kind, as texts.
func (w *world) found(what string) []string {
	w.Helper()
	var texts []string
	w.view(func(tx *store.Tx) error {
		for e := range tx.Events(time.Time{}) {
			if e.What == what {
				texts = append(texts, e.Text)
			}
		}
		return nil
	})
	return texts
}

// calls counts what has reached Xero and Salesforce, sign-in left out.
func (w *world) calls() (toXero, toSalesforce int) {
	for _, c := range w.booksDoor.Counts() {
		if strings.HasPrefix(c.Path, "/api.xro/") {
			toXero += c.Count
		}
	}
	for _, c := range w.crmDoor.Counts() {
		if strings.HasPrefix(c.Path, "/services/data/") {
			toSalesforce += c.Count
		}
	}
	return toXero, toSalesforce
}

// writes counts the calls that the daemon has sent to change something in Xero, arrived or not.
func (w *world) writes() int { return int(w.sent.Load()) }

// wantError fails unless an error is of a kind.
func wantError[T error](w *world, err error) T {
	w.Helper()
	var want T
	if !errors.As(err, &want) {
		w.Fatalf("got %v, want a %T", err, want)
	}
	return want
}
