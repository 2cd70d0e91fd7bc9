// Package mapping turns mapping.yaml into compiled entries, and rows of one
// schema into objects of another: Salesforce records into Xero documents, and,
// for write-back, Xero documents into Salesforce fields. It does no I/O.
package mapping

import (
	"encoding/json"
	"time"
)

// Schema holds the objects that formulas may read, by API name.
type Schema map[string]Object

// Object is one kind of record. In a Schema, an Object without fields stands
// for one that was asked for and does not exist or may not be seen.
type Object struct {
	Name     string
	Fields   map[string]Field // by API name; relationship names ("Account", "Region__r") are fields of type Parent
	Children map[string]Child // by relationship name
}

// Child says where the rows of a child relationship live.
type Child struct {
	Object string // OpportunityLineItem
	Field  string // the field that points back: OpportunityId
}

// Field is one field of an Object or of a Xero document.
type Field struct {
	Type      Type
	Label     string // what people see it called; "" leaves its name
	Length    int    // of text, in characters; 0: no limit
	Scale     int    // of numbers: digits behind the decimal point
	Enum      []string
	ReadOnly  bool
	Object    string // what a Parent or a Reference points to
	Reference bool   // an id that points to a record (AccountId)
	Computed  bool   // Salesforce works it out, of other records perhaps, and it moves no stamp
}

// Type is the type of a field or of a formula; its zero value is not known.
type Type uint8

// The types of fields.
const (
	Text Type = iota + 1
	Number
	Bool
	Date
	DateTime
	Parent   // a related record: fields are reached through it
	Children // the rows of a child relationship
	Element  // one of several named parts: the POBOX of Addresses
	List     // named parts, an array in Xero: Addresses, Phones, Tracking
)

// String names the type as a sentence does: "a number".
func (t Type) String() string {
	switch t {
	case Text:
		return "text"
	case Number:
		return "a number"
	case Bool:
		return "true or false"
	case Date:
		return "a date"
	case DateTime:
		return "a date with time"
	case Parent:
		return "a related record"
	case Children:
		return "related rows"
	case Element, List:
		return "a block"
	}
	return "anything"
}

// Mapping is a compiled mapping file.
type Mapping struct {
	Hash      string // of what the file means: another comment, another order or spelling leave it
	Start     string // YYYY-MM-DD: what was won before is history; "" when nothing but contacts is made
	Contacts  *Entry
	Documents []*Entry // in the order of pushing; none when only contacts are made
	WriteBack []*Entry // From is Xero's kind, Kind the Salesforce object

	src   *source
	loose []Code // of a draft: the tables of formulas that have mistakes
}

// Entry finds the entry that makes documents, or contacts, by its name; nil when there is none.
func (m *Mapping) Entry(name string) *Entry {
	if m.Contacts != nil && m.Contacts.Name == name {
		return m.Contacts
	}
	for _, e := range m.Documents {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Entry is one compiled item of the mapping. It is safe for concurrent use.
type Entry struct {
	Name        string     // "contacts", "invoices", "writeback/Opportunity"
	Kind        string     // what Apply makes: "Contacts", "Invoices", or a Salesforce object
	From        string     // what Apply reads: a Salesforce object, or Xero's kind
	Where       string     // SOQL, as written
	Parents     []Relation // relationships that Where reads: a change there may let a record in
	ReadsOthers bool       // Where reads more than fields of the record itself: it may stop matching though it was not changed
	Settle      time.Duration
	Admit       string   // YYYY-MM-DD: what edits of the file up to that day let in, goes out; "" admits nothing
	IfUnwon     string   // hold or delete_draft
	Status      string   // the Status every document is to reach, when it is the same for all; otherwise ""
	Match       []string // Xero fields by which an existing contact is recognised
	Update      []string // Xero fields that later changes in Salesforce may change
	Reads       Reads
	WriteBack   []string // fields of From that the write-back writes; not part of Reads
	HoldField   string   // the write-back field that is exactly =Hold
	IDField     string   // the write-back field that is exactly =InvoiceID or =ContactID
	Lines       string   // the child relationship the lines come from
	LinesObject string
	LinesParent string // the field of LinesObject that points back to From
	Person      bool   // From has IsPersonAccount, by which people are told from companies
	Merges      bool   // From has MasterRecordId, by which a merged record names the one that is left
	Line        int    // where the entry begins in the file

	OwnCurrency   bool // From has a CurrencyIsoCode, which is read then: each record says its own currency
	FixedCurrency bool // CurrencyCode is mapped, and is the same for all records

	where     position
	whereEnd  int // its last line
	fromLine  int
	writeBack bool
	pieces    []piece
	contact   *slot
	total     *slot
	lines     []piece
	noLines   [][]piece // nil: hold
	flagged   bool      // From has HasOpportunityLineItem
	linesLine int
}

// Relation is a relationship from an entry's records, through others perhaps: Account.Owner.
type Relation struct {
	Path   string
	Object string // what it leads to: User
}

// Reads lists what Apply needs of a row: its own fields and those of its
// parents ("Account.BillingCountry"), and the same for each child relationship.
type Reads struct {
	Fields   []string // sorted
	Children map[string]Reads
	Order    string // of a child set: SOQL's ORDER BY, as written
}

// Env is what a row is not: the organisation's date, currency and time zone.
type Env struct {
	Today    string // YYYY-MM-DD: what TODAY() gives
	Currency string // for CurrencyIsoCode where the object has no such field
	Location *time.Location
}

// Result is what Apply makes of one row.
type Result struct {
	JSON    json.RawMessage
	Contact string // 18-character id of the record that contact: names; "" when the field is empty
	Total   string // value of total:, a plain decimal; "" when empty or not mapped
	NoLines bool   // Salesforce itself says the record has no products, and no_lines is hold
	Faults  []Fault
	Sources map[string]Source // by place in the document: "Date", "LineItems[0].AccountCode", "contact", "total"
}

// Fault is a reason why a record cannot be mapped.
type Fault struct {
	Field  string // its place in the document
	Text   string
	Line   int    // of the mapping file
	Owner  string // who can mend it: sales or admin
	Tables string // the table that lacks the value
}

// Source says where a value of the document comes from.
type Source struct {
	Line, Column   int // of the formula
	Formula, Value string
	TableLine      int // of the line of tables: that a LOOKUP took the value from; 0: none
}

// Owners of a fault.
const (
	ownerSales = "sales"
	ownerAdmin = "admin"
)
