package sync_test

import (
	"compress/gzip"
	"encoding/json"
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
// version left behind, made by its own code: in a checkout of it olderYears was a test of this package that served with its
// daemon (quiet, and run where it says once), in a world of the same options and mapping.yaml. After shutDown the store file was
// copied (…db.gz), and each call of its daemon that writes was noted with its time (calls.json; they are the same in both
// worlds). Both emulators name and date what is made by its content and by the clock alone, so that the same acts and calls at
// the same times make the very world that the store speaks of.
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
	c, name := company{Salesforce: salesforcetest.Options{Currency: "USD"}}, "dollars"
	if several {
		c, name = company{Salesforce: salesforcetest.Options{MultiCurrency: true, Currencies: []string{"USD"}}}, "several"
	}
	inWorld(t, c, func(w *world) {
		w.mapping = string(w.older("mapping.yaml"))
		var calls []writing
		w.must(json.Unmarshal(w.older("calls.json"), &calls))
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
		w.must(os.WriteFile(w.path, w.older(name+".db.gz"), 0o600))
		w.closedCleanly()
		time.Sleep(time.Minute)
		test(w, deals)
	})
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
	approved, approvedReduced, approvedAbroad, productless, edited string // as they stand
	reduced, abroad, plain                                         string // drafts, which are to be approved next
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
	d.approvedReduced = deal(w.usual.account, "Approved reduced", nil, reduced("10.00"))
	d.approvedAbroad = deal(known, "Approved abroad", foreign, w.licence("1", "1000.00"))
	d.productless = deal(known, "Without products", nil)
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

func TestAnOlderStoreOfAnOrgWithSeveralCurrencies(t *testing.T) {
	inOlderWorld(t, true, func(w *world, d olderDeals) {
		writes := w.writes()
		w.later(time.Hour)
		w.later(25 * time.Hour)
		t.Log(w.writes() - writes)
		t.Log(w.log.text())
	})
}
