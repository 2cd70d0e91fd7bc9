package xerotest

import (
	"fmt"
	"slices"
	"strings"
)

// family is what differs between invoices and credit notes where both are treated alike.
type family struct {
	name, plural string    // in Xero's words
	prefix       string    // of the numbers that it gives
	kinds        [2]string // on the side of sales, of purchases
}

func invoiceFamily() family {
	return family{"Invoice", "Invoices", "INV-", [2]string{salesInvoice, bill}}
}

func creditFamily() family {
	return family{"Credit Note", "CreditNotes", "CN-", [2]string{salesCredit, purchaseCredit}}
}

// The two sides of a family, by their place in its kinds.
const (
	sales = iota
	purchases
)

// idField is the name of a document's id.
func (f family) idField() string { return strings.TrimSuffix(f.plural, "s") + "ID" }

// lower is the name within a sentence.
func (f family) lower() string { return strings.ToLower(f.name) }

// book finds the documents of a family by what identifies them.
type book struct {
	family
	all      []*document // by age
	byID     map[string]*document
	byNumber map[string]*document // those to customers: their numbers are unique, dead ones included
	sorted   []*document          // by id; nil when it has to be made anew
	next     int                  // of the sequence
}

func newBook(f family) book {
	return book{family: f, byID: map[string]*document{}, byNumber: map[string]*document{}, next: 1}
}

// bookOf is where a document stands.
func (o *Organisation) bookOf(doc *document) *book {
	if doc.credit() {
		return &o.notes
	}
	return &o.invoices
}

// taken tells whether another document has this number already.
func (o *Organisation) taken(number string, doc *document) bool {
	if number == "" || !doc.sale() {
		return false
	}
	for _, k := range []*book{&o.invoices, &o.notes} {
		if other := k.byNumber[fold(number)]; other != nil && other.id != doc.id && (other.credit() == doc.credit() || o.opt.OneSequence) {
			return true
		}
	}
	return false
}

// find finds an invoice or a credit note by its id or number.
func (o *Organisation) find(idOrNumber string) *document {
	if inv := o.invoices.find(idOrNumber); inv != nil {
		return inv
	}
	return o.notes.find(idOrNumber)
}

// find finds a document by the id or the number of its address.
func (k *book) find(name string) *document {
	if id, ok := parseGUID(name); ok {
		return k.byID[id]
	}
	return k.byNumber[fold(name)]
}

func (k *book) add(doc *document) {
	k.all = append(k.all, doc)
	k.byID[doc.id] = doc
	k.sorted = nil
	if doc.sale() {
		k.byNumber[fold(doc.number)] = doc
	}
	if doc.credit() {
		return
	}
	doc.contact.invoices = append(doc.contact.invoices, doc)
	if doc.sale() {
		doc.contact.customer = true
	} else {
		doc.contact.supplier = true
	}
}

// change replaces what a document says and keeps the indexes true.
func (k *book) change(doc *document, next document) {
	if doc.contact != next.contact && !doc.credit() {
		doc.contact.invoices = slices.DeleteFunc(doc.contact.invoices, func(x *document) bool { return x == doc })
		next.contact.invoices = append(next.contact.invoices, doc)
	}
	if doc.sale() && doc.number != next.number {
		delete(k.byNumber, fold(doc.number))
		k.byNumber[fold(next.number)] = doc
	}
	next.revision = doc.revision + 1
	*doc = next
}

// nextNumber draws from the organisation's sequence, past numbers that are taken.
func (k *book) nextNumber() string {
	for {
		number := fmt.Sprintf("%s%04d", k.prefix, k.next)
		k.next++
		if k.byNumber[fold(number)] == nil {
			return number
		}
	}
}

func (k *book) inOrder() []*document {
	if k.sorted == nil {
		k.sorted = slices.Clone(k.all)
		slices.SortFunc(k.sorted, func(a, b *document) int { return strings.Compare(a.id, b.id) })
	}
	return k.sorted
}
