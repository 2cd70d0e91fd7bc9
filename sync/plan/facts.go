package plan

import (
	"encoding/json"
	"sort"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// Books is what the plan may ask of our memory: a *store.Tx, or a map in a table test.
type Books interface {
	Link(store.Key) (store.Link, bool)
	Intents(store.Key) []store.Intent
	Mirror(kind, name string) []store.Seen
	SeenByID(kind, id string) (store.Seen, bool)
	LinksByXeroID(kind, id string) []store.Link
	Record(store.Key) (store.Record, bool)
	Gone(account string) (into string, gone bool)
	MergedInto(account string) []string
}

var _ Books = (*store.Tx)(nil)

// Place is where the two services are: which org, whose organisation.
type Place struct {
	Org, Instance, Tenant, Currency string
	Sandbox                         bool
	SeveralCurrencies               bool // records have a currency of their own; Currency is the org's
}

// Facts is everything a plan depends on besides the record itself.
type Facts struct {
	Books         Books
	Reference     *xero.Reference
	Mapping       *mapping.Mapping
	Start         Start // from which day deals are invoiced, and which earlier ones wait for a person
	Place         Place
	XeroNow       time.Time            // Xero's time: settling, days of the books
	SalesforceNow time.Time            // Salesforce's time: how long a deal has been left alone
	UnknownIDs    map[string]bool      // Xero ids found in write-back fields that Xero does not know
	Unmatched     []Unmatched          // how many records stopped matching lately, and when
	Otherwise     map[string]Otherwise // by field: where Xero keeps something else than the mapping writes
	Rates         map[string]Rate      // by currency: the last one that invoices in Xero show

	Off SafeguardsOff
}

// Today is the organisation's date at the record's first plan: a formula that says TODAY() gives the same day on every
// later plan, or else every midnight would be an edit.
func (f Facts) Today(r store.Record) string {
	if r.Today != "" {
		return r.Today
	}
	if link, ok := f.Books.Link(r.Key); ok && link.Today != "" {
		return link.Today
	}
	return f.localDay(f.XeroNow)
}

// localDay is the organisation's date at a moment.
func (f Facts) localDay(at time.Time) string {
	return at.In(f.Reference.Location()).Format(time.DateOnly)
}

func (f Facts) Env(today string) mapping.Env {
	return mapping.Env{Today: today, Currency: f.Place.Currency, Location: f.Reference.Location()}
}

// Unsettled finds a call about this record whose fate is not known yet.
func Unsettled(intents []store.Intent) (store.Intent, bool) {
	for _, in := range intents {
		for _, a := range in.Attempts {
			if a.Answer == "" {
				return in, true
			}
		}
	}
	return store.Intent{}, false
}

// Witnesses are the documents in Xero that bear a record's mark, as far as the watch has seen them.
func Witnesses(b Books, key store.Key) (live, dead []xero.Invoice) {
	for _, seen := range b.Mirror(string(xero.Invoices), document.MarkWord(key)) {
		inv, err := xero.DecodeInvoice(seen.JSON)
		if err != nil {
			continue // the mirror holds only what decoded once
		}
		if IsLive(inv.Status) {
			live = append(live, inv)
		} else {
			dead = append(dead, inv)
		}
	}
	sort.Slice(live, func(i, j int) bool { return live[i].InvoiceID < live[j].InvoiceID })
	sort.Slice(dead, func(i, j int) bool { return dead[i].InvoiceID < dead[j].InvoiceID })
	return live, dead
}

// IsLive is true for an invoice that stands in the books or may come to.
func IsLive(status string) bool {
	return document.KindOf(string(xero.Invoices)).Live(status)
}

// LiveLink is a link to a document that is not voided or deleted.
func LiveLink(l store.Link, ok bool) bool { return ok && l.XeroID != "" && IsLive(l.Status) }

// RowText reads one field of a Salesforce row as text; empty when it is null, absent or no text.
func RowText(row json.RawMessage, field string) string {
	if field == "" {
		return ""
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(row, &fields) != nil {
		return ""
	}
	var text string
	if json.Unmarshal(fields[field], &text) != nil {
		return ""
	}
	return text
}

// RowFields are the write-back fields of a row, as Salesforce shows them now.
func RowFields(row json.RawMessage, names []string) json.RawMessage {
	fields, kept := document.Fields(row), map[string]json.RawMessage{}
	for _, name := range names {
		if v, ok := fields[name]; ok {
			kept[name] = v
		} else {
			kept[name] = json.RawMessage("null")
		}
	}
	out, _ := json.Marshal(kept)
	return out
}
