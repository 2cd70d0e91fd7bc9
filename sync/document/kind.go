package document

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/xero"
)

// Kind is one row of the table of kinds of documents: what differs between a contact and an invoice, and is no decision.
type Kind struct {
	Name     xero.Kind
	Entry    string // the store's name of its first entry
	Noun     string // what people call one
	Promoted bool   // it is born a draft, and may be approved later
	Summed   bool   // Xero computes what it comes to
	Billed   bool   // it is made out to a contact
	Matched  bool   // one that a person made may be a record's: its records are planned together
	Archived bool   // Xero leaves archived ones out of lists that do not ask for them

	live    []string // the statuses in which it stands in the books or may come to; nil: each
	address string   // of its page in Xero, without its id
	decode  func(json.RawMessage) (head Head, document any, err error)
	word    func(store.Key) string                                                      // by which the mirror knows a record's documents
	record  func(fields map[string]json.RawMessage) string                              // whose document it is by its mark
	bears   func(fields map[string]json.RawMessage, key store.Key, generation int) bool // whether it has the mark of a record
}

// Head is what is kept of a document beside it.
type Head struct {
	ID, Number, Status string // Number is what people know it by: the number of an invoice, the name of a contact
	Updated            time.Time
}

// Kinds is the table.
func Kinds() []Kind { return []Kind{invoices(), contacts()} }

// Entries are the store's names of the kinds' first entries.
func Entries() (entries []string) {
	for _, k := range Kinds() {
		entries = append(entries, k.Entry)
	}
	return entries
}

func contacts() Kind {
	return Kind{
		Name: xero.Contacts, Entry: Contacts, Noun: "contact", Matched: true, Archived: true,
		address: "https://go.xero.com/Contacts/View/",
		decode: func(item json.RawMessage) (Head, any, error) {
			c, err := xero.DecodeContact(item)
			return Head{strings.ToLower(c.ContactID), c.Name, c.ContactStatus, c.UpdatedDateUTC.Time}, c, err
		},
		word:   func(key store.Key) string { return ContactNumberWord(key.ID) },
		record: func(fields map[string]json.RawMessage) string { return Text(fields["ContactNumber"]) },
		bears: func(fields map[string]json.RawMessage, key store.Key, _ int) bool {
			return Text(fields["ContactNumber"]) == key.ID
		},
	}
}

func invoices() Kind {
	return Kind{
		Name: xero.Invoices, Entry: Invoices, Noun: "invoice", Promoted: true, Summed: true, Billed: true,
		live:    []string{"DRAFT", "SUBMITTED", "AUTHORISED", "PAID"},
		address: "https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID=",
		decode: func(item json.RawMessage) (Head, any, error) {
			inv, err := xero.DecodeInvoice(item)
			return Head{strings.ToLower(inv.InvoiceID), inv.InvoiceNumber, inv.Status, inv.UpdatedDateUTC.Time}, inv, err
		},
		word: MarkWord,
		record: func(fields map[string]json.RawMessage) string {
			mark, _ := MarkOf(Text(fields["Url"]))
			return mark.Record
		},
		bears: func(fields map[string]json.RawMessage, key store.Key, generation int) bool {
			mark, ok := MarkOf(Text(fields["Url"]))
			return ok && mark.Key() == key && mark.Generation == generation
		},
	}
}

// KindOf is the row of one of Xero's kinds.
func KindOf(name string) Kind {
	for _, k := range Kinds() {
		if string(k.Name) == name {
			return k
		}
	}
	return unknown(xero.Kind(name))
}

// unknown is the row of what is not in the table: nothing of it is promoted, live or marked.
func unknown(name xero.Kind) Kind {
	return Kind{Name: name, Noun: "document", live: []string{},
		decode: func(json.RawMessage) (Head, any, error) {
			return Head{}, nil, fmt.Errorf("nothing is known of Xero's %q", name)
		},
		word:   func(store.Key) string { return "" },
		record: func(map[string]json.RawMessage) string { return "" },
		bears:  func(map[string]json.RawMessage, store.Key, int) bool { return false },
	}
}

// KindOfEntry is the row of an entry by its name in the store.
func KindOfEntry(entry string) Kind {
	first, _, _ := strings.Cut(entry, "/")
	for _, k := range Kinds() {
		if k.Entry == first {
			return k
		}
	}
	return unknown("")
}

// Live is true for a status in which a document stands in the books or may come to.
func (k Kind) Live(status string) bool { return k.live == nil || slices.Contains(k.live, status) }

// Link is the address of a document's page in Xero.
func (k Kind) Link(id string) string { return k.address + url.QueryEscape(id) }

// Normal is a document as it is kept, Xero's own field order and doubled dates gone, and what is kept beside it.
func (k Kind) Normal(item json.RawMessage) (Head, json.RawMessage, error) {
	head, document, err := k.decode(item)
	if err != nil {
		return head, nil, err
	}
	kept, err := json.Marshal(document)
	return head, kept, err
}

// Head is what is kept beside a document that is kept already.
func (k Kind) Head(document json.RawMessage) (Head, error) {
	head, _, err := k.decode(document)
	return head, err
}

// UpdatedAt is when a document was last changed in Xero.
func UpdatedAt(document json.RawMessage) time.Time {
	var stamp struct{ UpdatedDateUTC xero.Time }
	if json.Unmarshal(document, &stamp) != nil {
		return time.Time{}
	}
	return stamp.UpdatedDateUTC.Time
}

// MarkWord is the word by which the mirror knows a record's documents.
func (k Kind) MarkWord(key store.Key) string { return k.word(key) }

// ID is the id in a document that has one.
func (k Kind) ID(fields map[string]json.RawMessage) string { return Text(fields[k.Name.IDField()]) }

// Record is whose document it is by its mark; "" when it has none.
func (k Kind) Record(fields map[string]json.RawMessage) string { return k.record(fields) }

// Bears is true for a document with the mark of a record: which invoice of it, too.
func (k Kind) Bears(fields map[string]json.RawMessage, key store.Key, generation int) bool {
	return k.bears(fields, key, generation)
}
