package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"sf2xero/xero/xerotest"
)

// week is a company whose people do in a minute what others do in a week, and the real daemon that serves it: the binary,
// real HTTP, a real store file.
type week struct {
	*testing.T
	e               *emulators
	dir, binary     string
	env             []string
	daemon          *exec.Cmd
	stderr          bytes.Buffer
	log             *os.File
	read            int64 // how much of the log belongs to the acts before
	accounts, deals map[string]string
	licence         string
	told            []string // what testdata/week.txt says of the acts to come
	written         []string // what is to stand there
}

var writeWeek = flag.Bool("week", false, "write testdata/week.txt anew, to be read before it is believed")

const weekFile = "testdata/week.txt"

// said is what three readers find after an act: in the log, on the deal, in Xero. testdata/week.txt has one for each act.
type said struct {
	Log  []string // the events about records: the event, what or cause, owner, amount
	Deal string   // status, total, due, paid, credited; the hold behind a bar
	Xero []string // each of the deal's documents: number, status, total, contact
}

func newWeek(t *testing.T) *week {
	t.Helper()
	e, err := startEmulators(emulatorOptions{Salesforce: "127.0.0.1:0", Xero: "127.0.0.1:0", Currencies: []string{"USD"}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	w := &week{T: t, e: e, dir: t.TempDir(), accounts: map[string]string{}, deals: map[string]string{}}
	w.binary = filepath.Join(w.dir, "sf2xero")
	if out, err := exec.Command("go", "build", "-o", w.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text := strings.Replace(mappingTemplate, templateStart, "start: 2026-01-01", 1)
	text = strings.Replace(text, "settle: 10m ", "settle: 1s  ", 1)
	w.must(os.WriteFile(filepath.Join(w.dir, "mapping.yaml"), []byte(text), 0o600))
	w.env = append(e.environment(), "SF2XERO_STORE="+filepath.Join(w.dir, "sf2xero.db"), "SF2XERO_MAPPING="+filepath.Join(w.dir, "mapping.yaml"),
		"SF2XERO_LOG_FORMAT=json", "SF2XERO_XERO_SETTLE=2s", "SF2XERO_XERO_POLL_INTERVAL=2s", "SF2XERO_SALESFORCE_POLL_INTERVAL=1s")
	w.log, err = os.Create(filepath.Join(w.dir, "daemon.log"))
	w.must(err)
	t.Cleanup(func() { w.log.Close() })
	w.licence = w.insert("Product2", map[string]any{"Name": "Harbour licence", "ProductCode": "H-1", "Family": "Licences", "IsActive": true})
	e.Books.AddItem("H-1", "Harbour licence", decimal.Zero)
	for _, name := range []string{"Harbour Ferries", "Kauri Coffee", "Kauri Coffee Roasters"} {
		w.accounts[name] = w.insert("Account", map[string]any{"Name": name, "BillingCountry": "New Zealand", "Region__c": "North", "CurrencyIsoCode": "NZD"})
	}
	story, err := os.ReadFile(weekFile)
	w.must(err)
	w.told = strings.SplitAfter(string(story), "\n\n")
	for i, paragraph := range w.told {
		w.told[i] = strings.TrimSpace(paragraph) + "\n"
	}
	w.start("--new")
	t.Cleanup(w.stop)
	return w
}

func (w *week) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *week) start(args ...string) {
	w.Helper()
	w.daemon = exec.Command(w.binary, append([]string{"run"}, args...)...)
	w.daemon.Env, w.daemon.Dir, w.daemon.Stdout, w.daemon.Stderr = w.env, w.dir, w.log, &w.stderr
	w.must(w.daemon.Start())
}

func (w *week) stop() {
	w.Helper()
	_ = w.daemon.Process.Signal(syscall.SIGTERM) // one that has ended by itself says so below
	if err := w.daemon.Wait(); err != nil {
		w.Errorf("the daemon ended with %v: %s", err, w.stderr.String())
	}
}

// restart is a person who does not want to wait until the daemon looks again at what was changed in Xero's settings.
func (w *week) restart() { w.stop(); w.start() }

func (w *week) insert(object string, fields map[string]any) string {
	w.Helper()
	id, err := w.e.Org.Insert(object, fields)
	w.must(err)
	return id
}

func (w *week) change(deal string, fields map[string]any) {
	w.Helper()
	w.must(w.e.Org.Update("Opportunity", w.deals[deal], fields))
}

// win enters a deal of one licence and wins it.
func (w *week) win(deal, account, price string, more map[string]any) {
	w.Helper()
	fields := map[string]any{"Name": deal, "AccountId": w.accounts[account], "StageName": "Negotiation/Review", "CloseDate": w.today(), "CurrencyIsoCode": "NZD", "PO_Number__c": "PO-" + deal}
	for name, value := range more {
		fields[name] = value
	}
	w.deals[deal] = w.insert("Opportunity", fields)
	w.insert("OpportunityLineItem", map[string]any{"OpportunityId": w.deals[deal], "Product2Id": w.licence, "SortOrder": 1, "Quantity": json.Number("1"), "UnitPrice": json.Number(price)})
	w.change(deal, map[string]any{"StageName": "Closed Won"})
}

// today is the day in the organisation's zone, which is New Zealand's.
func (w *week) today() string {
	zone, err := time.LoadLocation("Pacific/Auckland")
	w.must(err)
	return time.Now().In(zone).Format(time.DateOnly)
}

func (w *week) lines(deal string) (ids []string) {
	for _, row := range w.e.Org.Rows("OpportunityLineItem") {
		if row["OpportunityId"] == w.deals[deal] && row["IsDeleted"] != true {
			ids = append(ids, fmt.Sprint(row["Id"]))
		}
	}
	return ids
}

func (w *week) price(deal, price string) {
	w.Helper()
	w.must(w.e.Org.Update("OpportunityLineItem", w.lines(deal)[0], map[string]any{"UnitPrice": json.Number(price)}))
}

// invoices are the documents in Xero that stand for a deal, the newest last.
func (w *week) invoices(deal string) (found []xerotest.InvoiceView) {
	for _, inv := range w.e.Books.Invoices() {
		if strings.Contains(inv.Url, w.deals[deal]) {
			found = append(found, inv)
		}
	}
	slices.SortFunc(found, func(a, b xerotest.InvoiceView) int { return strings.Compare(a.InvoiceNumber, b.InvoiceNumber) })
	return found
}

// invoice is the id of the newest of them.
func (w *week) invoice(deal string) string {
	w.Helper()
	found := w.invoices(deal)
	if len(found) == 0 {
		w.Fatalf("%s has no invoice", deal)
	}
	return found[len(found)-1].InvoiceID
}

func (w *week) contactOf(account string) string {
	w.Helper()
	for _, c := range w.e.Books.Contacts() {
		if c.ContactNumber == w.accounts[account] {
			return c.ContactID
		}
	}
	w.Fatalf("%s has no contact", account)
	return ""
}

// says gathers what is to be read about a deal now.
func (w *week) says(deal string) said {
	w.Helper()
	var s said
	text, err := os.ReadFile(w.log.Name())
	w.must(err)
	lines := bufio.NewScanner(bytes.NewReader(text[w.read:]))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if line := told(lines.Bytes()); line != "" {
			s.Log = append(s.Log, line)
		}
	}
	slices.Sort(s.Log) // which of two deals is told of first says nothing
	row, _ := w.e.Org.Get("Opportunity", w.deals[deal])
	show := func(name string) string {
		switch v := row[name].(type) {
		case nil:
			return "-"
		case decimal.Decimal:
			return v.StringFixed(2)
		default:
			return fmt.Sprint(v)
		}
	}
	s.Deal = fmt.Sprintf("%s, total %s, due %s, paid %s on %s, credited %s", show("Xero_Status__c"), show("Xero_Total__c"), show("Xero_Amount_Due__c"),
		show("Xero_Amount_Paid__c"), show("Xero_Fully_Paid_On__c"), show("Xero_Amount_Credited__c"))
	s.Deal = strings.ReplaceAll(s.Deal, w.today(), "today")
	if show("Xero_Status__c") == "-" {
		s.Deal = "no invoice"
	}
	if hold := show("Xero_Sync_Error__c"); hold != "-" {
		s.Deal += " | " + w.anonymous(hold)
	}
	for _, inv := range w.invoices(deal) {
		s.Xero = append(s.Xero, fmt.Sprintf("%s %s %s %s to %s", inv.InvoiceNumber, inv.Status, inv.Total.StringFixed(2), inv.CurrencyCode, inv.ContactName))
	}
	return s
}

// anonymous takes out of a text what differs from run to run.
func (w *week) anonymous(text string) string {
	for name, id := range w.accounts {
		text = strings.ReplaceAll(text, id, "<"+name+">")
	}
	for name, id := range w.deals {
		text = strings.ReplaceAll(text, id, "<"+name+">")
	}
	return strings.ReplaceAll(text, w.today(), "today")
}

// told is one line of the log as the test compares it: what is about a record, or asks for a person.
func told(line []byte) string {
	var e struct{ Event, Cause, Owner, What, Status, Was, Amount, Currency, Origin, Error string }
	if json.Unmarshal(line, &e) != nil {
		return "unreadable: " + string(line)
	}
	switch family, _, _ := strings.Cut(e.Event, "."); {
	case family == "daemon", family == "watch", family == "pull", family == "sweep", family == "writeback", family == "cycle", family == "backup", family == "quarantine":
		return ""
	case e.Event == "mapping.loaded":
		return ""
	}
	words := []string{e.Event}
	for _, word := range []string{e.Cause, e.What, e.Owner, e.Was, e.Status, e.Amount, e.Currency, e.Origin, e.Error} {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// after plays one act and waits until log, deal and Xero say what testdata/week.txt says they do: at most as long as the
// daemon may take until it sees what was mended in Xero.
func (w *week) after(what, deal string, act func()) {
	w.Helper()
	info, err := w.log.Stat()
	w.must(err)
	w.read = info.Size()
	act()
	if *writeWeek {
		w.pause(9 * time.Second)
		w.written = append(w.written, w.says(deal).paragraph(what, deal))
		return
	}
	if len(w.told) == 0 {
		w.Fatalf("testdata/week.txt does not tell of %q", what)
	}
	want, got := w.told[0], ""
	w.told = w.told[1:]
	for end := time.Now().Add(150 * time.Second); ; w.pause(100 * time.Millisecond) {
		if got = w.says(deal).paragraph(what, deal); got == want || time.Now().After(end) {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("%s, %s (-want +got):\n%s", what, deal, diff)
	}
}

func (s said) paragraph(what, deal string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Deal %s: %s\n", deal, what)
	for _, line := range s.Log {
		fmt.Fprintf(&b, "  log         %s\n", line)
	}
	fmt.Fprintf(&b, "  Salesforce  %s\n", s.Deal)
	for _, line := range s.Xero {
		fmt.Fprintf(&b, "  Xero        %s\n", line)
	}
	return b.String()
}

func (w *week) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.Context().Done():
	}
}
