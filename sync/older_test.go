package sync_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
	"sf2xero/store"
	"sf2xero/xero/xerotest"
)

// A store that the version of 22 November 2026 (commit 7ba867b) has written is safe under this one. testdata/older has what that
// version left behind, made by its own code: in a checkout of it, with the emulators and sync/faults of this one, a test of
// this package had olderYears served by its daemon, as the comments there say, in a world of the same options and mapping.yaml.
// After shutDown the store file was copied (…db.gz), and each call of its daemon that writes was noted with its time (calls.json;
// they are the same in both worlds). Both emulators name and date what is made by its content and by the clock alone, so that
// the same acts and calls at the same times make the very world that the store speaks of.
const olderFolder = "testdata/older"

// writing is a call of the older daemon that writes, and when it reached its server; without a host it is the end of serving.
type writing struct {
	After                         time.Duration
	Host, Method, URI, Type, Body string
}

// inOlderWorld runs a test in a company that the older version has served until a minute ago. several is an org with several
// currencies, the other one has US dollars alone; Xero's books are in New Zealand dollars, and that version did not send a
// currency where mapping.yaml names none.
func inOlderWorld(t *testing.T, several bool, test func(w *world, deals olderDeals)) {
	t.Helper()
	inWorld(t, olderCompany(several), func(w *world) { test(w, w.servedByOlder()) })
}

func olderCompany(several bool) company {
	if several {
		return company{Salesforce: salesforcetest.Options{MultiCurrency: true, Currencies: []string{"USD"}}}
	}
	return company{Salesforce: salesforcetest.Options{Currency: "USD"}}
}

// servedByOlder has the older version serve an olderCompany, and leave its store.
func (w *world) servedByOlder() olderDeals {
	w.Helper()
	w.mapping = string(w.older("mapping.yaml"))
	var calls []writing
	w.must(json.Unmarshal(w.older("calls.json"), &calls))
	name, several := "dollars.db.gz", w.Salesforce.MultiCurrency
	if several {
		name = "several.db.gz"
	}
	deals := w.olderYears(several, func() {
		for len(calls) > 0 {
			call := calls[0]
			calls = calls[1:]
			time.Sleep(time.Until(monday().Add(call.After)))
			if call.Host == "" {
				return
			}
			w.repeat(call)
		}
		w.Fatal("the older daemon did not serve that often")
	})
	w.must(os.WriteFile(w.path, w.older(name), 0o600))
	w.closedCleanly()
	time.Sleep(time.Minute)
	return deals
}

func (w *world) older(name string) []byte {
	w.Helper()
	f, err := os.Open(filepath.Join(filepath.FromSlash(olderFolder), name))
	w.must(err)
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		r, err = gzip.NewReader(f)
		w.must(err)
	}
	text, err := io.ReadAll(r)
	w.must(err)
	return text
}

// closedCleanly gives a copied store file the mark of one that was closed where it stands, as at an upgrade.
func (w *world) closedCleanly() {
	w.Helper()
	db, err := store.Open(w.path, store.Options{NoSync: true})
	w.must(err)
	w.must(db.Update(func(tx *store.Tx) error { return tx.ForgetDoubt() }))
	w.must(db.Close())
}

// repeat does what a call of the older daemon did.
func (w *world) repeat(c writing) {
	w.Helper()
	h, sign, head := w.network.Hosts[crmHost], "https://"+crmHost+"/services/oauth2/token", http.Header{"Content-Type": {c.Type}}
	id, secret, _ := w.crm.Credentials()
	if c.Host != crmHost {
		h, sign = w.network.Hosts[c.Host], "https://identity.xero.com/connect/token"
		id, secret = w.books.Credentials()
		head.Set("Xero-Tenant-Id", w.books.TenantID())
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	r := httptest.NewRequest("POST", sign, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(id, secret)
	var token struct {
		Access string `json:"access_token"`
	}
	w.must(json.Unmarshal(answerOf(h, r), &token))
	r = httptest.NewRequest(c.Method, "https://"+c.Host+c.URI, strings.NewReader(c.Body))
	r.Header = head
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer "+token.Access)
	if answer := string(answerOf(h, r)); strings.Contains(answer, `"success":false`) || strings.Contains(answer, "ValidationException") || token.Access == "" {
		w.Fatalf("%s %s: %s", c.Method, c.URI, answer)
	}
}

func answerOf(h http.Handler, r *http.Request) []byte {
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer.Body.Bytes()
}

// olderDeals are the deals of that company.
type olderDeals struct {
	approved, approvedAbroad, productless, edited, open string // as they stand
	reducedThen                                         string // the older version took its draft for edited in Xero
	reduced, abroad, plain                              string // drafts, which are to be approved next
}

// olderYears is what people did while the older version served.
func (w *world) olderYears(several bool, serve func()) (d olderDeals) {
	w.Helper()
	_, err := w.books.AddContact(xerotest.EditableContact{Name: "Known Boats"})
	w.must(err)
	foreign := map[string]any{}
	if several {
		foreign["CurrencyIsoCode"] = "USD"
	}
	known := w.account("Known Boats", nil)
	deal := func(account, name string, more map[string]any, items ...item) string {
		id := w.deal(account, name, more, items...)
		w.win(id)
		return id
	}
	reduced := func(price string) item {
		it := w.licence("3", price)
		it.more = map[string]any{"Discount": json.Number("12.5")}
		return it
	}
	d.approved = deal(w.usual.account, "Approved", nil, w.licence("2", "100.00"))
	d.reducedThen = deal(w.usual.account, "Approved reduced", nil, reduced("10.00"))
	d.approvedAbroad = deal(known, "Approved abroad", foreign, w.licence("1", "1000.00"))
	d.productless = deal(known, "Without products", nil)
	d.open = w.deal(w.usual.account, "Open", nil, w.licence("1", "10.00"))
	serve() // w.quiet()
	d.edited = deal(w.usual.account, "Edited", nil, w.licence("1", "70.00"))
	serve() // time.Sleep(11 * time.Minute); w.run()
	w.must(w.books.Edit(w.invoice(d.edited).InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = "by hand" }))
	serve() // w.quiet()
	d.reduced = deal(w.usual.account, "Reduced", nil, reduced("19.99"))
	d.abroad = deal(w.usual.account, "Abroad", foreign, w.licence("1", "1000.00"))
	d.plain = deal(w.usual.account, "Plain", nil, w.licence("1", "55.00"))
	serve() // time.Sleep(11 * time.Minute); w.run()
	return d
}

// wantFound fails unless an invoice is told once as not what was meant, and its deal says so with some words.
func (w *world) wantFound(deal string, says ...string) {
	w.Helper()
	told := 0
	for _, l := range w.logged("finding") {
		if l["salesforce_id"] == deal {
			told++
		}
	}
	if told != 1 {
		w.Errorf("the invoice of %s is told %d times", w.field(deal, "Name"), told)
	}
	for _, text := range says {
		if shown := w.hold(deal); !strings.Contains(shown, text) {
			w.Errorf("the deal %s shows %q, without %q", w.field(deal, "Name"), shown, text)
		}
	}
}

// statuses are the status, number and currency of each deal's one invoice.
func (w *world) statuses(deals ...string) (all []string) {
	for _, deal := range deals {
		inv := w.invoice(deal)
		all = append(all, inv.Status+" "+inv.CurrencyCode+" "+inv.Total.String())
	}
	return all
}

// An upgrade in an org with several currencies: drafts go on to be approved, also discounted ones, and also one that the older
// version took for edited; what is in another currency than its deal is held or told; and nothing else is said or sent.
func TestAnOlderStoreIsTakenOver(t *testing.T) {
	inOlderWorld(t, true, func(w *world, d olderDeals) {
		for range 2 {
			w.later(time.Hour)
			if got, want := strings.Join(w.statuses(d.approved, d.reducedThen, d.reduced, d.plain), ", "),
				"AUTHORISED NZD 230, AUTHORISED NZD 30.19, AUTHORISED NZD 60.34, AUTHORISED NZD 63.25"; got != want {
				w.Errorf("the invoices are %s, want %s", got, want)
			}
			for _, deal := range []string{d.approved, d.reducedThen, d.reduced, d.plain} {
				w.wantFree(deal)
			}
			w.wantHeld(d.productless, "deal.no_products", "sales")
			w.wantHeld(d.edited, "invoice.edited", "accountant", "Reference")
			w.wantHeld(d.abroad, "invoice.differs", "accountant", `CurrencyCode is "NZD" instead of "USD"`)
			w.wantFound(d.approvedAbroad, `CurrencyCode is "NZD" instead of "USD"`, "void it in Xero", "Copy")
			if h := w.held(d.abroad); h == nil || h.Remedy != "correct and approve it in Xero" {
				w.Errorf("the hold is %+v", h)
			}
			w.later(25 * time.Hour)
			w.shutDown()
		}
		w.run()
		if n := w.writes(); n != 1 {
			w.Errorf("%d calls of the daemon write to Xero, want one, which approves", n)
		}
		for event, want := range map[string]int{"invoice.created": 0, "contact.created": 0, "invoice.updated": 0, "invoice.adopted": 0, "mapping.let_in": 0,
			"invoice.approved": 3, "hold.added": 1, "hold.released": 1, "finding": 1, "alarm": 0} {
			if got := len(w.logged(event)); got != want {
				w.Errorf("%d lines %s, want %d", got, event, want)
			}
		}
	})
}

// What the holds and findings of an upgrade ask for works when it is done.
func TestTheRemediesOfAnUpgradeWork(t *testing.T) {
	inOlderWorld(t, true, func(w *world, d olderDeals) {
		w.later(time.Hour)
		w.books.AddCurrency("USD")
		draft, dead := w.invoice(d.abroad).InvoiceID, w.invoice(d.approvedAbroad).InvoiceID
		w.must(w.books.Edit(draft, func(e *xerotest.EditableInvoice) { e.CurrencyCode = "USD" }))
		w.must(w.books.Approve(draft))
		w.must(w.books.Void(dead))
		copied, err := w.books.Copy(dead)
		w.must(err)
		w.must(w.books.Edit(copied, func(e *xerotest.EditableInvoice) { e.CurrencyCode = "USD" }))
		w.later(time.Hour)
		w.later(time.Hour) // the list of currencies was read before that one was added
		w.wantFree(d.abroad)
		w.wantFree(d.approvedAbroad)
		if got := w.field(d.approvedAbroad, "Xero_Invoice_Id__c"); got != copied {
			w.Errorf("the deal names the invoice %s, want the copy %s", got, copied)
		}
	})
}

// Or the deals were wrong, and the invoices are right.
func TestADealIsCorrectedAfterAnUpgrade(t *testing.T) {
	inOlderWorld(t, true, func(w *world, d olderDeals) {
		w.later(time.Hour)
		for _, deal := range []string{d.abroad, d.approvedAbroad} {
			w.must(w.crm.Delete("OpportunityLineItem", w.lines(deal)[0])) // of a deal with products nobody can change it
			w.change("Opportunity", deal, map[string]any{"CurrencyIsoCode": "NZD"})
			w.addLine(deal, 1, w.licence("1", "1000.00"))
		}
		w.later(time.Hour)
		if got, want := strings.Join(w.statuses(d.abroad, d.approvedAbroad), ", "), "AUTHORISED NZD 1150, AUTHORISED NZD 1150"; got != want {
			w.Errorf("the invoices are %s, want %s", got, want)
		}
		w.wantFree(d.abroad)
		w.wantFree(d.approvedAbroad)
	})
}

// An org with US dollars alone: no row says a currency, and all was invoiced in New Zealand dollars. Nothing more is approved.
func TestAnOlderStoreOfAnOrgInAnotherCurrency(t *testing.T) {
	inOlderWorld(t, false, func(w *world, d olderDeals) {
		w.later(time.Hour)
		w.later(25 * time.Hour)
		for _, deal := range []string{d.abroad, d.plain, d.reduced, d.reducedThen} {
			w.wantHeld(deal, "invoice.differs", "accountant", `CurrencyCode is "NZD" instead of "USD"`)
		}
		w.wantHeld(d.edited, "invoice.edited", "accountant", "Reference")
		w.wantFound(d.approved, `CurrencyCode is "NZD" instead of "USD"`)
		w.wantFound(d.approvedAbroad, `CurrencyCode is "NZD" instead of "USD"`)
		if n := w.writes(); n != 0 {
			w.Errorf("%d calls of the daemon write to Xero, want none", n)
		}
	})
}

// A discounted deal was changed while the daemon was upgraded: its draft follows, and nobody is blamed for an edit in Xero.
func TestADiscountedDealChangesDuringAnUpgrade(t *testing.T) {
	inOlderWorld(t, true, func(w *world, d olderDeals) {
		for _, deal := range []string{d.reduced, d.reducedThen} {
			w.change("OpportunityLineItem", w.lines(deal)[0], map[string]any{"Quantity": 4})
		}
		w.later(time.Hour)
		if got, want := strings.Join(w.statuses(d.reduced, d.reducedThen), ", "), "AUTHORISED NZD 80.47, AUTHORISED NZD 40.25"; got != want {
			w.Errorf("the invoices are %s, want %s", got, want)
		}
		w.wantFree(d.reduced)
		w.wantFree(d.reducedThen)
	})
}

// mapping.yaml is edited together with an upgrade. What only the edit lets in waits for a person, as after any edit, and nothing
// that was invoiced counts as changed by it.
func TestAnEditTogetherWithAnUpgrade(t *testing.T) {
	for name, c := range map[string]struct {
		edit  []string
		waits bool
	}{
		"a comment":         {[]string{"version: 1", "version: 1 # ours"}, false},
		"another formula":   {[]string{"Reference: =PO_Number__c", `Reference: =PO_Number__c & " " & Name`}, false},
		"another condition": {[]string{"where: IsWon = true", "where: Amount > 0"}, true},
		"a condition and a formula": {[]string{"where: IsWon = true", "where: Amount > 0 AND IsWon != null",
			"    DueDate: =CloseDate + 30\n", "    DueDate: =CloseDate + 31\n"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			inOlderWorld(t, true, func(w *world, d olderDeals) {
				w.editMapping(c.edit...)
				w.later(time.Hour)
				if got := len(w.invoices(d.open)); got != 0 {
					w.Errorf("%d invoices for a deal that is not won", got)
				}
				if c.waits {
					w.wantHeld(d.open, "mapping.changed", "admin")
				}
				if got, want := len(w.logged("mapping.let_in")) > 0, name != "a comment"; got != want {
					w.Errorf("an edit is told: %v, want %v", got, want)
				}
				if got, want := strings.Join(w.statuses(d.approved, d.reduced, d.plain), ", "),
					"AUTHORISED NZD 230, AUTHORISED NZD 60.34, AUTHORISED NZD 63.25"; got != want {
					w.Errorf("the invoices are %s, want %s", got, want)
				}
				w.wantFree(d.approved)
				w.wantHeld(d.abroad, "invoice.differs", "accountant")
				w.wantFound(d.approvedAbroad)
			})
		})
	}
}

// An older version noted no rates. Those of the invoices that it knows are not read again from Xero, and are known all the same.
func TestTheRatesInAnOlderStoreAreKnown(t *testing.T) {
	inWorld(t, rates(), func(w *world) {
		w.must(w.crm.AddField("Opportunity", salesforcetest.FieldSpec{Name: "Rate__c", Type: "double", Precision: 18, Scale: 6}))
		w.books.AddCurrency("USD")
		first := w.atRate("0.6")
		w.quiet()
		w.must(w.books.Approve(w.invoice(first).InvoiceID))
		w.later(time.Hour)
		w.later(time.Hour)
		w.must(w.db.Update(func(tx *store.Tx) error { return errors.Join(tx.SetValue("rate/USD", ""), tx.SetValue("rates", "")) }))
		w.shutDown()
		w.New = false
		like := w.atRate("0.61")
		w.later(time.Hour)
		if got := w.invoice(like).Status; got != "AUTHORISED" {
			w.Errorf("with a rate like the last it is %s, held: %+v", got, w.held(like))
		}
	})
}
