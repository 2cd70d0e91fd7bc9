package sync_test

import (
	"encoding/json"
	"strings"

	"github.com/shopspring/decimal"

	"sf2xero/xero/xerotest"
)

// customer is what every world has from the beginning: an account and two products.
type customer struct {
	account, licence, service string
}

func (w *world) furnish() {
	w.usual = customer{
		account: w.account("Napier Boat Hire", nil),
		licence: w.insert("Product2", map[string]any{"Name": "Harbour licence", "Family": "Licences", "IsActive": true}),
		service: w.insert("Product2", map[string]any{"Name": "Skipper for a day", "Family": "Services", "IsActive": true}),
	}
}

func (w *world) insert(object string, fields map[string]any) string {
	w.Helper()
	id, err := w.crm.Insert(object, fields)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *world) change(object, id string, fields map[string]any) {
	w.Helper()
	if err := w.crm.Update(object, id, fields); err != nil {
		w.Fatal(err)
	}
}

// account makes a customer in New Zealand.
func (w *world) account(name string, more map[string]any) string {
	w.Helper()
	fields := map[string]any{"Name": name, "BillingCountry": "New Zealand", "BillingCity": "Napier", "Region__c": "North"}
	for k, v := range more {
		fields[k] = v
	}
	return w.insert("Account", fields)
}

// item is one product on a deal.
type item struct {
	product, quantity, price string
	more                     map[string]any
}

func (w *world) licence(quantity, price string) item {
	return item{w.usual.licence, quantity, price, nil}
}
func (w *world) service(quantity, price string) item {
	return item{w.usual.service, quantity, price, nil}
}

// deal opens a deal with its products; it is not won yet.
func (w *world) deal(account, name string, more map[string]any, items ...item) string {
	w.Helper()
	fields := map[string]any{"Name": name, "StageName": "Negotiation/Review", "CloseDate": "2026-11-09"}
	if account != "" {
		fields["AccountId"] = account
	}
	for k, v := range more {
		fields[k] = v
	}
	id := w.insert("Opportunity", fields)
	for i, it := range items {
		w.addLine(id, i+1, it)
	}
	return id
}

func (w *world) addLine(deal string, order int, it item) string {
	w.Helper()
	line := map[string]any{"OpportunityId": deal, "Product2Id": it.product, "Quantity": json.Number(it.quantity), "UnitPrice": json.Number(it.price), "SortOrder": order}
	for k, v := range it.more {
		line[k] = v
	}
	return w.insert("OpportunityLineItem", line)
}

func (w *world) win(deal string) {
	w.Helper()
	w.change("Opportunity", deal, map[string]any{"StageName": "Closed Won"})
}

func (w *world) unwin(deal string) {
	w.Helper()
	w.change("Opportunity", deal, map[string]any{"StageName": "Negotiation/Review"})
}

// won is a deal of the usual customer, won.
func (w *world) won(name string, items ...item) string {
	w.Helper()
	if len(items) == 0 {
		items = []item{w.licence("2", "100.00"), w.service("1", "50.00")}
	}
	id := w.deal(w.usual.account, name, nil, items...)
	w.win(id)
	return id
}

// lines are the ids of a deal's products in their order.
func (w *world) lines(deal string) []string {
	var ids []string
	for _, row := range w.crm.Rows("OpportunityLineItem") {
		if row["OpportunityId"] == deal && row["IsDeleted"] != true {
			ids = append(ids, row["Id"].(string))
		}
	}
	return ids
}

// row is a deal as Salesforce shows it.
func (w *world) row(deal string) map[string]any {
	w.Helper()
	row, ok := w.crm.Get("Opportunity", deal)
	if !ok {
		w.Fatalf("Salesforce has no deal %s", deal)
	}
	return row
}

// field is one field of a deal as text, "" when it is empty.
func (w *world) field(deal, name string) string {
	w.Helper()
	return shown(w.row(deal)[name])
}

func shown(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case decimal.Decimal:
		return v.StringFixed(2)
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

// hold is the text that the people in Salesforce read on a deal.
func (w *world) hold(deal string) string {
	w.Helper()
	return w.field(deal, "Xero_Sync_Error__c")
}

// invoices are all that Xero has for a deal, dead ones included, by age.
func (w *world) invoices(deal string) []xerotest.InvoiceView {
	var found []xerotest.InvoiceView
	for _, inv := range w.books.Invoices() {
		if strings.Contains(inv.Url, deal) {
			found = append(found, inv)
		}
	}
	return found
}

// invoice is the one that Xero has for a deal.
func (w *world) invoice(deal string) xerotest.InvoiceView {
	w.Helper()
	found := w.invoices(deal)
	if len(found) != 1 {
		w.Fatalf("Xero has %d invoices for the deal %s, want 1 (hold: %q)", len(found), w.field(deal, "Name"), w.hold(deal))
	}
	return found[0]
}

// contact is the one contact in Xero that bears an account's id.
func (w *world) contact(account string) xerotest.ContactView {
	w.Helper()
	var found []xerotest.ContactView
	for _, c := range w.books.Contacts() {
		if c.ContactNumber == account {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		w.Fatalf("Xero has %d contacts with the id of account %s, want 1", len(found), account)
	}
	return found[0]
}

// must fails the test when a person's act did not succeed.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func money(s string) decimal.Decimal { return decimal.RequireFromString(s) }
