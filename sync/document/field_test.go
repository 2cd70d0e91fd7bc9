package document

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/xero"
)

func hasRow(table []Field, name string) bool {
	return slices.ContainsFunc(table, func(f Field) bool { return f.Name == name })
}

// A field without a row would be merged wrongly, and only after a store is lost.
func TestEachFieldThatAMappingMayWriteHasItsRow(t *testing.T) {
	t.Parallel()
	for kind, table := range map[string][]Field{"Contacts": fieldTable, "Invoices": fieldTable, "LineItems": lineTable} {
		names := mapping.Mappable(kind)
		if len(names) == 0 {
			t.Errorf("a mapping may write nothing of %s", kind)
		}
		for _, name := range names {
			top, rest, parts := strings.Cut(name, ".")
			if top == "BrandingTheme" { // the name that people see, of what Xero calls by an id
				top = "BrandingThemeID"
			}
			if !hasRow(table, top) {
				t.Errorf("%s of %s has no row in the table of fields", top, kind)
			}
			if parts && rest[0] != '*' && FieldOf(top).Slots == "" {
				t.Errorf("%s of %s has slots, of which its row does not know", top, kind)
			}
		}
	}
}

// Whatever this program reads or writes of a document has a row, once.
func TestEachFieldOfADocumentHasItsRow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		table []Field
		of    any
	}{{fieldTable, xero.Contact{}}, {fieldTable, xero.Invoice{}}, {lineTable, xero.LineItem{}}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(c.of)) {
			if !hasRow(c.table, f.Name) {
				t.Errorf("%s of %T has no row in the table of fields", f.Name, c.of)
			}
		}
		seen := map[string]bool{}
		for _, row := range c.table {
			if seen[row.Name] {
				t.Errorf("%s has two rows", row.Name)
			}
			seen[row.Name] = true
		}
	}
	for _, row := range lineTable {
		if row.Instead != "" && !hasRow(lineTable, row.Instead) {
			t.Errorf("%s is said instead of %s, which has no row", row.Instead, row.Name)
		}
	}
}

func TestWhatDiffersBetweenKinds(t *testing.T) {
	t.Parallel()
	const account, deal = "001Dn0000000001IAA", "006Dn0000000001IAA"
	link := MarkFor("00DDn0000000001MAM", store.Key{Entry: Invoices, ID: deal}, 2).URL("https://example.my.salesforce.com", false)
	for _, c := range []struct {
		kind                   Kind
		document               string
		head                   Head
		record                 string
		bears, other           store.Key
		generation             int
		live, dead             []string
		word, address, ownNoun string
	}{
		{KindOf("Contacts"), `{"ContactID":"AB","Name":"Napier Boat Hire","ContactStatus":"ARCHIVED","ContactNumber":"` + account + `"}`, Head{ID: "ab", Number: "Napier Boat Hire", Status: "ARCHIVED"}, account,
			store.Key{Entry: Contacts, ID: account}, store.Key{Entry: Contacts, ID: strings.ToLower(account)}, 1, []string{"ACTIVE", "ARCHIVED"}, nil,
			"number:" + account, "https://go.xero.com/Contacts/View/ab", "contact"},
		{KindOf("Invoices"), `{"InvoiceID":"AB","InvoiceNumber":"INV-1","Status":"DRAFT","Url":"` + link + `"}`, Head{ID: "ab", Number: "INV-1", Status: "DRAFT"}, deal,
			store.Key{Entry: Invoices, ID: deal}, store.Key{Entry: Invoices + "/other", ID: deal}, 2, []string{"DRAFT", "SUBMITTED", "AUTHORISED", "PAID"}, []string{"VOIDED", "DELETED", ""},
			"mark:" + store.Key{Entry: Invoices, ID: deal}.String(), "https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID=ab", "invoice"},
	} {
		head, kept, err := c.kind.Normal(json.RawMessage(c.document))
		if err != nil || head != c.head {
			t.Errorf("%s: the head is %+v, %v", c.kind.Name, head, err)
		}
		if again, err := c.kind.Head(kept); err != nil || again != c.head {
			t.Errorf("%s: the head of what is kept is %+v, %v", c.kind.Name, again, err)
		}
		fields := Fields(json.RawMessage(c.document))
		if got := c.kind.Record(fields); got != c.record {
			t.Errorf("%s: it is the document of %q", c.kind.Name, got)
		}
		if !c.kind.Bears(fields, c.bears, c.generation) || c.kind.Bears(fields, c.other, c.generation) {
			t.Errorf("%s: the mark is not told from another", c.kind.Name)
		}
		for _, status := range c.live {
			if !c.kind.Live(status) {
				t.Errorf("%s: %s is not live", c.kind.Name, status)
			}
		}
		for _, status := range c.dead {
			if c.kind.Live(status) {
				t.Errorf("%s: %q is live", c.kind.Name, status)
			}
		}
		if c.kind.MarkWord(c.bears) != c.word || c.kind.Link("ab") != c.address || c.kind.Noun != c.ownNoun || KindOfEntry(c.bears.Entry).Name != c.kind.Name || KindOfEntry(c.other.Entry).Name != c.kind.Name {
			t.Errorf("%s: %s, %s, %s", c.kind.Name, c.kind.MarkWord(c.bears), c.kind.Link("ab"), c.kind.Noun)
		}
	}
	if _, _, err := KindOf("Quotes").Normal(json.RawMessage(`{}`)); err == nil {
		t.Error("a quote counts as something that is known")
	}
}
