package plan

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// shelf is Books on maps: what the daemon remembers and what the watch has seen.
type shelf struct {
	links   map[store.Key]store.Link
	intents map[store.Key][]store.Intent
	records map[store.Key]store.Record
	seen    map[string]store.Seen
	gone    map[string]string // accounts that were merged into others, or deleted
}

func newShelf() *shelf {
	return &shelf{map[store.Key]store.Link{}, map[store.Key][]store.Intent{}, map[store.Key]store.Record{}, map[string]store.Seen{}, map[string]string{}}
}

func (b *shelf) Gone(account string) (into string, gone bool) {
	into, gone = b.gone[account]
	return into, gone
}

func (b *shelf) MergedInto(account string) (merged []string) {
	for _, id := range slices.Sorted(maps.Keys(b.gone)) {
		if b.gone[id] == account {
			merged = append(merged, id)
		}
	}
	return merged
}

func (b *shelf) Link(k store.Key) (store.Link, bool)     { l, ok := b.links[k]; return l, ok }
func (b *shelf) Intents(k store.Key) []store.Intent      { return b.intents[k] }
func (b *shelf) Record(k store.Key) (store.Record, bool) { r, ok := b.records[k]; return r, ok }
func (b *shelf) SeenByID(kind, id string) (store.Seen, bool) {
	s, ok := b.seen[kind+"/"+id]
	return s, ok
}

func (b *shelf) LinksByXeroID(kind, id string) (found []store.Link) {
	for _, l := range b.links {
		if l.Kind == kind && strings.EqualFold(l.XeroID, id) {
			found = append(found, l)
		}
	}
	return found
}

func (b *shelf) Mirror(kind, word string) []store.Seen {
	var found []store.Seen
	for _, id := range slices.Sorted(maps.Keys(b.seen)) {
		if s := b.seen[id]; s.Kind == kind && slices.Contains(s.Names, word) {
			found = append(found, s)
		}
	}
	return found
}

const (
	orgID      = "00DDn0000000001MAA"
	dealID     = "006Dn0000000001IAA"
	otherDeal  = "006Dn0000000002IAA"
	accountID  = "001Dn0000000001IAA"
	otherID    = "001Dn0000000002IAA"
	contactID  = "11111111-0000-4000-8000-000000000001"
	contactID2 = "11111111-0000-4000-8000-000000000002"
	invoiceID  = "22222222-0000-4000-8000-000000000001"
	invoiceID2 = "22222222-0000-4000-8000-000000000002"
)

var (
	dealKey    = store.Key{Entry: document.Invoices, ID: dealID}
	accountKey = store.Key{Entry: document.Contacts, ID: accountID}
)

// dealRow is a deal as Salesforce shows it. Its customer's name is in each of its texts, so that a log which shows one of
// them is found out.
const dealRow = `{"Id":"006Dn0000000001IAA","Name":"Zanzibar Ferries, spring","AccountId":"001Dn0000000001IAA","Amount":2400.00,"CloseDate":"2026-11-20","CurrencyIsoCode":"NZD",
 "HasOpportunityLineItem":true,"PO_Number__c":"Zanzibar 77","Account":{"BillingCountry":"New Zealand","Region__c":"North"},"Xero_Invoice_Id__c":null,"Xero_Sync_Error__c":null,
 "OpportunityLineItems":[
  {"Description":"Seats for Zanzibar","Quantity":2,"UnitPrice":1000.00,"Discount":null,"Product2":{"Name":"Seat","Family":"Licences","ProductCode":"SEAT"}},
  {"Description":"Setup in Zanzibar","Quantity":1,"UnitPrice":500.00,"Discount":20,"Product2":{"Name":"Setup","Family":"Services","ProductCode":null}}]}`

const accountRow = `{"Id":"001Dn0000000001IAA","Name":"Zanzibar Ferries","AccountNumber":"C-100","Billing_Email__c":"pay@zanzibar.example","BillingStreet":"1 Quay","BillingCity":"Napier",
 "BillingState":null,"BillingPostalCode":"4110","BillingCountry":"New Zealand","Phone":"06 111","Xero_Contact_Id__c":null}`

// desk is everything a plan is made from, for one case to change before Plan is asked.
type desk struct {
	t         testing.TB
	books     *shelf
	reference *xero.Reference
	mapping   string
	row       string
	account   string
	record    store.Record // but for what follows from the row
	facts     Facts
	compiled  *mapping.Mapping
	single    bool // the org has one currency
}

var _ Books = (*shelf)(nil)

func newDesk(t testing.TB) *desk {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "mapping", "testdata", "example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 20, 22, 0, 0, 0, time.UTC) // the 21st in Auckland
	d := &desk{t: t, books: newShelf(), reference: nzReference(), mapping: string(text), row: dealRow, account: accountRow,
		record: store.Record{Key: dealKey, Cause: "new", Stamp: now.Add(-time.Hour)}}
	d.facts = Facts{XeroNow: now, SalesforceNow: now, UnknownIDs: map[string]bool{}, Place: Place{Org: orgID, Instance: "https://example.my.salesforce.com", Tenant: "t", Currency: "NZD"}}
	d.customer(xero.Contact{ContactID: contactID, ContactNumber: accountID, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"})
	d.books.links[accountKey] = store.Link{Key: accountKey, Kind: string(xero.Contacts), XeroID: contactID, Number: "Zanzibar Ferries", Status: "ACTIVE", Decided: "?"}
	return d
}

func nzReference() *xero.Reference {
	money := func(s string) xero.Amount { a, _ := xero.ParseAmount(s); return a }
	return &xero.Reference{
		Organisation: xero.Organisation{Name: "Napier Boats", BaseCurrency: "NZD", Timezone: "NEWZEALANDSTANDARDTIME"},
		Accounts:     []xero.Account{{Code: "200", Name: "Sales", Type: "REVENUE", Status: "ACTIVE", TaxType: "OUTPUT2"}, {Code: "210", Name: "Services", Type: "REVENUE", Status: "ACTIVE", TaxType: "OUTPUT2"}},
		TaxRates: []xero.TaxRate{{TaxType: "OUTPUT2", Name: "15% GST on Income", Status: "ACTIVE", CanApplyToRevenue: true, EffectiveRate: money("15")},
			{TaxType: "ZERORATEDOUTPUT", Name: "Zero Rated", Status: "ACTIVE", CanApplyToRevenue: true, EffectiveRate: money("0")}},
		Currencies: []string{"NZD"},
		Tracking:   []xero.TrackingCategory{{Name: "Region", Status: "ACTIVE", Options: []xero.TrackingOption{{Name: "North", Status: "ACTIVE"}, {Name: "South", Status: "ACTIVE"}}}},
		Items:      []xero.Item{{Code: "SEAT", IsSold: true}},
		Themes:     []xero.Theme{{BrandingThemeID: "33333333-0000-4000-8000-000000000001", Name: "Boats"}},
		Has:        xero.Needs{Tracking: true, Items: true, Themes: true},
	}
}

// salesSchema is the org of the example as far as its mapping reads and writes it.
func salesSchema() mapping.Schema {
	text, number := mapping.Field{Type: mapping.Text}, mapping.Field{Type: mapping.Number, Scale: 2}
	parent := func(object string) mapping.Field { return mapping.Field{Type: mapping.Parent, Object: object} }
	fields := func(names ...string) map[string]mapping.Field {
		all := map[string]mapping.Field{}
		for _, n := range names {
			all[n] = text
		}
		return all
	}
	account := fields("Id", "Name", "AccountNumber", "Billing_Email__c", "BillingStreet", "BillingCity", "BillingState", "BillingPostalCode", "BillingCountry", "Phone", "Region__c", "Xero_Contact_Id__c")
	deal := fields("Id", "Name", "PO_Number__c", "CurrencyIsoCode", "Xero_Invoice_Id__c", "Xero_Invoice_Number__c", "Xero_Status__c", "Xero_Sync_Error__c")
	deal["AccountId"] = mapping.Field{Type: mapping.Text, Length: 18, Reference: true, Object: "Account"}
	deal["Account"], deal["Amount"], deal["CloseDate"] = parent("Account"), number, mapping.Field{Type: mapping.Date}
	for _, flag := range []string{"IsWon", "HasOpportunityLineItem"} {
		deal[flag] = mapping.Field{Type: mapping.Bool, ReadOnly: true}
	}
	for _, n := range []string{"Xero_Total__c", "Xero_Amount_Due__c", "Xero_Amount_Paid__c"} {
		deal[n] = number
	}
	deal["Rate__c"] = mapping.Field{Type: mapping.Number, Scale: 6}
	deal["Xero_Fully_Paid_On__c"] = mapping.Field{Type: mapping.Date}
	line := fields("Id", "OpportunityId", "Description", "Product2Id")
	line["Opportunity"], line["Product2"] = parent("Opportunity"), parent("Product2")
	for _, n := range []string{"Quantity", "UnitPrice", "Discount", "SortOrder"} {
		line[n] = number
	}
	return mapping.Schema{
		"Account":             {Name: "Account", Fields: account},
		"Opportunity":         {Name: "Opportunity", Fields: deal, Children: map[string]mapping.Child{"OpportunityLineItems": {Object: "OpportunityLineItem", Field: "OpportunityId"}}},
		"OpportunityLineItem": {Name: "OpportunityLineItem", Fields: line},
		"Product2":            {Name: "Product2", Fields: fields("Id", "Name", "Family", "ProductCode")},
	}
}

func swap(t testing.TB, text string, edits []string) string {
	t.Helper()
	for i := 0; i+1 < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("there is no %q", edits[i])
		}
		text = strings.ReplaceAll(text, edits[i], edits[i+1])
	}
	return text
}

// sells edits the deal, customer the account, maps the mapping: old, new, old, new, …
func (d *desk) sells(edits ...string) { d.t.Helper(); d.row = swap(d.t, d.row, edits) }
func (d *desk) isCalled(edits ...string) {
	d.t.Helper()
	d.account = swap(d.t, d.account, edits)
}
func (d *desk) maps(edits ...string) {
	d.t.Helper()
	d.mapping, d.compiled = swap(d.t, d.mapping, edits), nil
}

// compile is the mapping of this desk.
func (d *desk) compile() *mapping.Mapping {
	d.t.Helper()
	if d.compiled != nil {
		return d.compiled
	}
	file, problems := mapping.Parse("mapping.yaml", []byte(d.mapping))
	if len(problems) > 0 {
		d.t.Fatal(problems)
	}
	schema := salesSchema()
	if d.single {
		delete(schema["Opportunity"].Fields, "CurrencyIsoCode")
	}
	m, missing, problems := file.Compile(schema)
	if len(problems)+len(missing) > 0 {
		d.t.Fatal(missing, problems)
	}
	d.compiled = m
	return m
}

// customer puts a contact before the watch's eyes.
func (d *desk) customer(c xero.Contact) {
	d.t.Helper()
	doc, err := json.Marshal(c)
	if err != nil {
		d.t.Fatal(err)
	}
	d.books.seen["Contacts/"+c.ContactID] = store.Seen{Kind: "Contacts", XeroID: c.ContactID, Names: document.IdentityWords(c), JSON: doc}
}

// shows puts an invoice before the watch's eyes, with the mark of a deal's n-th document; n 0: without any mark.
func (d *desk) shows(id, number, status, deal string, n int) {
	d.t.Helper()
	inv := xero.Invoice{Type: "ACCREC", InvoiceID: id, InvoiceNumber: number, Status: status, UpdatedDateUTC: xero.Time{Time: d.facts.XeroNow}}
	seen := store.Seen{Kind: "Invoices", XeroID: id}
	if n > 0 {
		mark := document.MarkFor(orgID, store.Key{Entry: document.Invoices, ID: deal}, n)
		inv.Url, seen.Names = mark.URL("https://example.my.salesforce.com", false), []string{document.MarkWord(mark.Key())}
	}
	seen.JSON, _ = json.Marshal(inv)
	d.books.seen["Invoices/"+id] = seen
}

func (d *desk) project(e *mapping.Entry, row string) string {
	d.t.Helper()
	reads, err := e.Reads.Project(json.RawMessage(row))
	if err != nil {
		d.t.Fatal(err)
	}
	return Digest(reads)
}

// plan asks for the deal's step.
func (d *desk) plan() Step {
	d.t.Helper()
	m := d.compile()
	r := d.record
	r.JSON, r.Hash = json.RawMessage(d.row), d.project(m.Documents[0], d.row)
	return Plan(r, m.Documents[0], d.all(m))
}

// planAccount asks for the account's step.
func (d *desk) planAccount() Step {
	d.t.Helper()
	m := d.compile()
	r := d.record
	r.Key, r.JSON, r.Hash = accountKey, json.RawMessage(d.account), d.project(m.Contacts, d.account)
	if _, known := d.books.links[accountKey]; r.Gone == "unseen" && !known {
		r.JSON = nil // it was never read; of one that was, that is kept
	}
	return Plan(r, m.Contacts, d.all(m))
}

func (d *desk) all(m *mapping.Mapping) Facts {
	f := d.facts
	f.Books, f.Reference, f.Mapping = d.books, d.reference, m
	return f
}

// invoiced is the deal after its invoice was made: the link says what was sent, and what Xero made of it.
func (d *desk) invoiced() {
	d.t.Helper()
	s := d.plan()
	if s.Do != Create {
		d.t.Fatalf("the deal cannot be invoiced: %s: %s", s.Do, s.Why)
	}
	sent := document.WithContact(s.Document, contactID)
	inv, err := xero.DecodeInvoice(sent)
	if err != nil {
		d.t.Fatal(err)
	}
	if inv.SubTotal, inv.TotalTax, inv.Total, err = xero.Total(inv, d.reference); err != nil {
		d.t.Fatal(err)
	}
	inv.InvoiceID, inv.InvoiceNumber, inv.UpdatedDateUTC = invoiceID, "INV-0007", xero.Time{Time: d.facts.XeroNow.Add(-time.Hour)}
	inv.AmountDue = inv.Total
	for i := range inv.LineItems {
		inv.LineItems[i].LineItemID = "44444444-0000-4000-8000-00000000000" + string(rune('1'+i))
	}
	echo, err := json.Marshal(inv)
	if err != nil {
		d.t.Fatal(err)
	}
	intent := store.Intent{Kind: string(xero.Invoices), Do: "create"}
	link, err := NewLink(intent, store.Member{Key: dealKey, Generation: 1, Hash: s.Hash, Today: s.Today}, sent, echo, d.reference)
	if err != nil {
		d.t.Fatal(err)
	}
	link.Watched, link.Made = d.facts.XeroNow, d.facts.XeroNow
	d.books.links[dealKey] = link
	d.shows(invoiceID, "INV-0007", "DRAFT", dealID, 1)
	d.record.Cause = "changed"
}

// link changes what is remembered of the deal's invoice.
func (d *desk) link(change func(*store.Link)) {
	d.t.Helper()
	l, ok := d.books.links[dealKey]
	if !ok {
		d.t.Fatal("the deal has no invoice")
	}
	change(&l)
	d.books.links[dealKey] = l
}

// inXero is a person at work on the invoice, which the watch then saw.
func (d *desk) inXero(edit func(*xero.Invoice)) {
	d.t.Helper()
	d.link(func(l *store.Link) {
		inv, err := xero.DecodeInvoice(l.Seen)
		if err != nil {
			d.t.Fatal(err)
		}
		edit(&inv)
		if l.Seen, err = json.Marshal(inv); err != nil {
			d.t.Fatal(err)
		}
		l.Status = inv.Status
		d.shows(inv.InvoiceID, inv.InvoiceNumber, inv.Status, dealID, 1)
	})
}

func (d *desk) isNow(status string) {
	d.t.Helper()
	d.inXero(func(inv *xero.Invoice) { inv.Status = status })
}

// rebuilt is the deal after the store was lost and its invoice found again by its mark.
func (d *desk) rebuilt() {
	d.t.Helper()
	d.link(func(l *store.Link) {
		l.Origin, l.Decided, l.Meant = "rebuilt", "", nil
		l.Shown, _ = json.Marshal(document.Texts(l.Seen))
	})
}

// unanswered is a call about a record whose answer was never read.
func (d *desk) unanswered(key store.Key, do string) {
	d.books.intents[key] = []store.Intent{{ID: "1", Do: do, Members: []store.Member{{Key: key}}, Attempts: []store.Attempt{{At: d.facts.XeroNow, Answer: ""}}}}
}

func amount(s string) xero.Amount {
	a, err := xero.ParseAmount(s)
	if err != nil {
		panic(err)
	}
	return a
}

// lineOf finds the line of the desk's mapping.yaml that has a text in it.
func (d *desk) lineOf(text string) int {
	d.t.Helper()
	for i, line := range strings.Split(d.mapping, "\n") {
		if strings.Contains(line, text) {
			return i + 1
		}
	}
	d.t.Fatalf("mapping.yaml has no %q", text)
	return 0
}
