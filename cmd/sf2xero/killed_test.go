package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/sync/faults"
)

// killing is one company, with a daemon that is killed again and again.
type killing struct {
	*testing.T
	rng              *rand.Rand
	e                *emulators
	dir, store       string
	binary           string
	env              []string
	log              *os.File
	running          *process
	accounts         []string
	licence, service string
	won, killed      int
	refusals         int // 429s that faults may have asked for
}

// killMapping is the example with a start that nothing is before, and less patience.
func killMapping() string {
	text := strings.Replace(mappingTemplate, templateStart, "start: 2020-01-01", 1)
	return strings.Replace(text, "settle: 10m ", "settle: 1s  ", 1)
}

func newKilling(t *testing.T, binary string, rng *rand.Rand, data string) *killing {
	w := &killing{T: t, rng: rng, e: startTestEmulators(t, data), dir: t.TempDir(), binary: binary}
	w.store = filepath.Join(w.dir, "sf2xero.db")
	if err := os.WriteFile(filepath.Join(w.dir, "mapping.yaml"), []byte(killMapping()), 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.e.environment(), "SF2XERO_STORE="+w.store, "SF2XERO_MAPPING="+filepath.Join(w.dir, "mapping.yaml"), "SF2XERO_LOG_FORMAT=json", "SF2XERO_LOG_LEVEL=debug",
		"SF2XERO_XERO_SETTLE=2s", "SF2XERO_XERO_POLL_INTERVAL=1s", "SF2XERO_SALESFORCE_POLL_INTERVAL=1s")
	var err error
	if w.log, err = os.Create(filepath.Join(w.dir, "daemon.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.end)
	w.licence = w.insert("Product2", map[string]any{"Name": "Harbour licence", "ProductCode": "H-1", "Family": "Licences", "IsActive": true})
	w.service = w.insert("Product2", map[string]any{"Name": "Skipper for a day", "ProductCode": "S-1", "Family": "Services", "IsActive": true})
	w.e.Books.AddItem("H-1", "Harbour licence", decimal.Zero)
	w.e.Books.AddItem("S-1", "Skipper for a day", decimal.Zero)
	return w
}

// end stops what a failed test left running, and shows its log.
func (w *killing) end() {
	if w.running != nil {
		_ = w.running.cmd.Process.Kill() // it has ended, unless the test failed
		<-w.running.ended
	}
	w.log.Close()
	if w.Failed() {
		text, _ := os.ReadFile(w.log.Name())
		if kept := os.Getenv("SF2XERO_KILL_LOG"); kept != "" {
			_ = os.WriteFile(kept, text, 0o600)
		}
		w.Logf("the end of the daemon's log:\n%s", text[max(0, len(text)-20_000):])
	}
}

func (w *killing) insert(object string, fields map[string]any) string {
	id, err := w.e.Org.Insert(object, fields)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *killing) someOf(texts ...string) string { return texts[w.rng.IntN(len(texts))] }

func (w *killing) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.Context().Done():
	}
}

// winSome wins deals, now and then one of a new customer.
func (w *killing) winSome(n int) {
	for range n {
		if len(w.accounts) == 0 || w.rng.IntN(5) == 0 {
			w.accounts = append(w.accounts, w.insert("Account", map[string]any{"Name": fmt.Sprintf("Customer %d", len(w.accounts)), "BillingCountry": "New Zealand", "Region__c": "North"}))
		}
		w.win(w.accounts[w.rng.IntN(len(w.accounts))])
	}
}

// win wins a deal of a customer.
func (w *killing) win(account string) {
	w.won++
	deal := w.insert("Opportunity", map[string]any{"Name": fmt.Sprintf("Deal %d", w.won), "AccountId": account,
		"StageName": "Negotiation/Review", "CloseDate": time.Now().Format(time.DateOnly)})
	for i := range 1 + w.rng.IntN(3) {
		product := w.someOf(w.licence, w.service)
		w.insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": product, "SortOrder": i + 1,
			"Quantity": json.Number(fmt.Sprint(1 + w.rng.IntN(9))), "UnitPrice": json.Number(fmt.Sprintf("%d.%02d", w.rng.IntN(2000), w.rng.IntN(100)))})
	}
	if err := w.e.Org.Update("Opportunity", deal, map[string]any{"StageName": "Closed Won"}); err != nil {
		w.Fatal(err)
	}
}

// xeroCalls counts the calls to Xero that have come to an end, those of one method or all.
func (w *killing) xeroCalls(method string) (n int) {
	for _, c := range w.e.XeroDoor.Counts() {
		if strings.HasPrefix(c.Path, "/api.xro/") && (method == "" || c.Method == method) {
			n += c.Count
		}
	}
	return n
}

// breakCalls lets some of the next calls go wrong, on both sides; those that no call has met yet stay. What is late is late
// by less than xero.settle: more would break the one assumption.
func (w *killing) breakCalls() {
	late := func() int { return 100 + w.rng.IntN(1500) }
	var atXero, atSalesforce []faults.Fault
	for range 1 + w.rng.IntN(4) - len(w.e.XeroDoor.Faults()) {
		f := []faults.Fault{
			{Kind: "drop_after"}, {Kind: "drop_after"}, {Kind: "truncate"}, {Kind: "malformed"}, {Kind: "twice"}, {Kind: "drop_before"},
			{Kind: "late", DelayMS: late()}, {Kind: "hang", DelayMS: late()}, {Kind: "hang", DelayMS: late()}, {Kind: "stale", DelayMS: late()},
			{Kind: "status", Status: 500}, {Kind: "status", Status: 503, Done: true}, {Kind: "status", Status: 429, RetryAfter: 1, Problem: "minute"}, {Kind: "status", Status: 429, Problem: "concurrent"},
		}[w.rng.IntN(14)]
		f.Method = w.someOf("PUT", "PUT", "PUT", "", "GET")
		f.Path = w.someOf("/api.xro/2.0/Invoices", "/api.xro/2.0/Invoices", "/api.xro/2.0/Contacts", "/api.xro/*", "/connect/token")
		if f.Path == "/connect/token" {
			f.Method = ""
		}
		if f.Status == 429 {
			w.refusals++
		}
		f.Skip = w.rng.IntN(2)
		atXero = append(atXero, f)
	}
	for range w.rng.IntN(4) - len(w.e.SalesforceDoor.Faults()) {
		f := []faults.Fault{
			{Kind: "drop_after"}, {Kind: "drop_before"}, {Kind: "truncate"}, {Kind: "malformed"}, {Kind: "twice"},
			{Kind: "late", DelayMS: late()}, {Kind: "hang", DelayMS: late()}, {Kind: "stale", DelayMS: late()}, {Kind: "status", Status: 503}, {Kind: "status", Status: 500},
		}[w.rng.IntN(10)]
		f.Method, f.Path = w.someOf("", "POST", "PATCH"), w.someOf("/services/*", "/services/data/*")
		f.Skip = w.rng.IntN(6)
		atSalesforce = append(atSalesforce, f)
	}
	if len(atXero) > 0 {
		w.door(w.e.XeroURL, atXero)
	}
	if len(atSalesforce) > 0 {
		w.door(w.e.SalesforceURL, atSalesforce)
	}
}

// mend ends all faults.
func (w *killing) mend() {
	w.door(w.e.XeroURL, nil)
	w.door(w.e.SalesforceURL, nil)
}

// door adds faults to those still to come at one side, or ends them all: nil.
func (w *killing) door(base string, list []faults.Fault) {
	call := func(method string, body []byte) {
		request, err := http.NewRequestWithContext(w.Context(), method, base+"/_emulator/faults", bytes.NewReader(body))
		if err != nil {
			w.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			w.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode/100 != 2 {
			w.Fatalf("%s of the faults at %s: %s", method, base, answer.Status)
		}
	}
	if list == nil {
		call(http.MethodDelete, nil)
		return
	}
	text, err := json.Marshal(list)
	if err != nil {
		w.Fatal(err)
	}
	call(http.MethodPost, text)
}

// compare holds the two sides against each other, prints the figures, and asks the emulator what it was put through.
func (w *killing) compare() {
	live, customers := map[string]int{}, map[string]int{}
	for _, inv := range w.e.Books.Invoices() {
		if inv.Status != "VOIDED" && inv.Status != "DELETED" {
			live[inv.Url]++
		}
	}
	for _, c := range w.e.Books.Contacts() {
		customers[c.ContactNumber]++
	}
	lost, twice := 0, 0
	for _, count := range slices.Concat(slices.Collect(maps.Values(live)), slices.Collect(maps.Values(customers))) {
		if count > 1 {
			twice++
		}
	}
	for _, row := range w.e.Org.Rows("Opportunity") {
		name := row["Name"]
		inv, found := w.e.Books.Invoice(fmt.Sprint(row["Xero_Invoice_Id__c"]))
		switch amount, _ := row["Amount"].(decimal.Decimal); {
		case !found:
			lost++
			w.Errorf("%s has no invoice; Salesforce shows the hold %q", name, row["Xero_Sync_Error__c"])
			continue
		case !strings.Contains(inv.Url, fmt.Sprint(row["Id"])):
			w.Errorf("%s names %s, which is another deal's: %s", name, inv.InvoiceNumber, inv.Url)
		case !amount.Equal(inv.SubTotal):
			w.Errorf("%s was won for %s, %s is over %s before tax", name, amount, inv.InvoiceNumber, inv.SubTotal)
		}
		total, _ := row["Xero_Total__c"].(decimal.Decimal)
		if row["Xero_Invoice_Number__c"] != inv.InvoiceNumber || row["Xero_Status__c"] != inv.Status || !total.Equal(inv.Total) || row["Xero_Sync_Error__c"] != nil {
			w.Errorf("%s shows %v %v %v and the hold %v, Xero has %s %s %s", name, row["Xero_Invoice_Number__c"], row["Xero_Status__c"], row["Xero_Total__c"], row["Xero_Sync_Error__c"],
				inv.InvoiceNumber, inv.Status, inv.Total)
		}
	}
	for _, row := range w.e.Org.Rows("Account") {
		if row["Xero_Contact_Id__c"] == nil && customers[fmt.Sprint(row["Id"])] > 0 {
			w.Errorf("%s is in Xero and does not show its contact", row["Name"])
		}
	}
	if twice > 0 {
		w.Errorf("%d documents are in Xero more than once: %v %v", twice, live, customers)
	}
	refused := 0
	for _, c := range w.e.XeroDoor.Counts() {
		if c.Status == http.StatusTooManyRequests {
			refused += c.Count
		}
	}
	if refused > w.refusals || w.e.XeroDoor.MaxInFlight() > 5 || w.e.XeroDoor.MaxPerMinute() > 60 {
		w.Errorf("Xero refused %d calls for their number, of which %d were asked for; at most %d in flight, %d in a minute", refused, w.refusals, w.e.XeroDoor.MaxInFlight(), w.e.XeroDoor.MaxPerMinute())
	}
	text, err := os.ReadFile(w.log.Name())
	if err != nil {
		w.Fatal(err)
	}
	said := func(event string) int { return bytes.Count(text, []byte(`"event":"`+event+`"`)) }
	w.Logf("%d kills, %d deals, %d live invoices, %d twice, %d lost; %d calls to Xero, at most %d in flight and %d in a minute; %d calls failed, %d settled by a watch, %d invoices adopted, %d holds",
		w.killed, w.won, len(live), twice, lost, w.xeroCalls(""), w.e.XeroDoor.MaxInFlight(), w.e.XeroDoor.MaxPerMinute(), said("call.failed"), said("call.settled"), said("invoice.adopted"), said("hold.added"))
}
