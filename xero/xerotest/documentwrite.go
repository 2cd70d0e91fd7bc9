package xerotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// writeDocuments answers PUT and POST. PUT creates. POST edits the document of the id it is given and, without an id,
// whichever one to a customer has that number; only when there is none does it create one.
func (o *Organisation) writeDocuments(r *request, k *book) *answer {
	elements, refused := elementsOf(r.body, k.plural)
	if refused != nil {
		return refused
	}
	ins, refused := decodeAll[documentIn](elements)
	if refused != nil {
		return refused
	}
	for i := range ins {
		ins[i].as(k.family)
	}
	if len(r.path) == 2 {
		doc := k.find(r.path[1])
		if doc == nil || len(ins) != 1 {
			return notFound()
		}
		ins[0].id = doc.id
	}
	outcomes := make([]outcome, len(ins))
	places := r.query.places()
	for i := range ins {
		v := &verdict{shown: r.noErrors}
		doc := o.saveDocument(r, k, &ins[i], elements[i], places, v)
		outcomes[i] = outcome{doc.appendWhole(make([]byte, 0, 2048), places, v), v.failed()}
	}
	return o.batch(r, k.plural, outcomes)
}

// appendWhole writes a document as it stands in the answer to a write, or alone.
func (doc *document) appendWhole(b []byte, places int32, v *verdict) []byte {
	if doc.credit() {
		return doc.appendCreditNote(b, formFull, places, v)
	}
	return doc.append(b, formFull, places, true, v)
}

// saveDocument does one element of a write and returns what the answer shows: after a refusal, what was asked for, under
// the all-zero id when it would have been new.
func (o *Organisation) saveDocument(r *request, k *book, in *documentIn, raw json.RawMessage, places int32, v *verdict) *document {
	var old *document
	post := r.method == http.MethodPost
	if post && in.id != "" {
		if old = k.byID[in.id]; old == nil {
			v.refuse("An existing " + k.name + " with the specified " + k.idField() + " could not be found")
			return echo(r, k, in)
		}
	} else if post && text(in.number) != "" && text(in.Type) != k.kinds[purchases] {
		old = k.byNumber[fold(*in.number)]
	}
	if old == nil {
		return o.createDocument(r, k, in, raw, places, v)
	}
	return o.editDocument(r, k, old, in, places, v)
}

// echo is what an answer shows of an element that was refused before anything could be made of it.
func echo(r *request, k *book, in *documentIn) *document {
	doc := &document{id: zeroID, updated: r.now, kind: k.kinds[sales], number: text(in.number), reference: text(in.Reference), url: text(in.URL)}
	if in.id != "" {
		doc.id = in.id
	}
	return doc
}

func (o *Organisation) createDocument(r *request, k *book, in *documentIn, raw json.RawMessage, places int32, v *verdict) *document {
	next := &document{id: zeroID, kind: text(in.Type), status: draft, amounts: exclusive, currency: o.company.baseCurrency, app: r.app, updated: r.now}
	if !slices.Contains(k.kinds[:], next.kind) {
		v.refuse("Type is mandatory and must be " + k.kinds[sales] + " or " + k.kinds[purchases])
		return echo(r, k, in)
	}
	if s := text(in.Status); s != "" {
		if next.status = s; !creatable(s) {
			v.refuse(k.name + " not of valid status for creation")
			next.status = draft
		}
	}
	o.takeDocument(r, next, nil, in, places, v)
	if next.date.IsZero() {
		next.date = o.today()
	}
	if next.kind == salesInvoice {
		o.fillIn(next)
	}
	if !next.rate.IsPositive() {
		next.rate = o.company.dayRate(next.currency)
	}
	o.checkDocument(next, nil, v)
	if v.failed() {
		return next
	}
	if next.number == "" && next.sale() {
		next.number = k.nextNumber()
	}
	next.id = o.madeFrom(k.lower(), raw)
	o.nameLines(next)
	next.settle()
	k.add(next)
	return next
}

// fillIn gives a new sales invoice what its contact and the organisation say where it says nothing itself.
func (o *Organisation) fillIn(next *document) {
	if next.theme == "" {
		next.theme = o.company.defaultTheme()
	}
	if next.dueDate.IsZero() && next.contact != nil && next.contact.sales != nil {
		next.dueDate = next.contact.sales.from(next.date)
	}
}

func (o *Organisation) editDocument(r *request, k *book, old *document, in *documentIn, places int32, v *verdict) *document {
	next := *old
	next.lines = slices.Clone(old.lines)
	next.cache = [2]rendering{}
	if old.dead() {
		v.refuse(o.textNotModifiable(k.name))
		return &next
	}
	if t := text(in.Type); t != "" && t != old.kind {
		v.refuse("The Type of an existing " + k.lower() + " cannot be changed")
		return &next
	}
	if s := text(in.Status); s != "" {
		if refused := o.checkTransition(old, s); refused != "" {
			v.refuse(refused)
			return &next
		}
		if old.status != paid {
			next.status = s
		}
	}
	if old.credit() && old.status == paid { // used up, it is frozen until an allocation is removed
		v.refuse(textMoneyOnDocument)
		return &next
	}
	o.takeDocument(r, &next, old, in, places, v)
	if old.entered() && !old.date.Equal(next.date) {
		v.refuse(o.company.locked(old.date))
	}
	if old.hasMoney() || old.status == paid {
		checkMoneyed(old, &next, v)
	}
	o.checkDocument(&next, old, v)
	if v.failed() {
		return &next
	}
	if !quiet(old, &next) {
		next.updated = r.now
	}
	o.nameLines(&next)
	next.settle()
	k.change(old, next)
	return old
}

// quiet tells whether a change leaves UpdatedDateUTC as it is: on a part-paid document, DueDate and SentToContact do.
func quiet(old, next *document) bool {
	return old.hasMoney() && (!old.dueDate.Equal(next.dueDate) || old.sent != next.sent) &&
		old.reference == next.reference && old.url == next.url && old.number == next.number && old.theme == next.theme && old.status == next.status &&
		slices.EqualFunc(old.lines, next.lines, func(a, b line) bool {
			return a.description == b.description && a.account == b.account && slices.Equal(a.tracking, b.tracking)
		})
}

// nameLines gives new lines their ids.
func (o *Organisation) nameLines(doc *document) {
	for i := range doc.lines {
		if doc.lines[i].id == "" {
			doc.lines[i].id = o.named("line", doc.id, fmt.Sprint(doc.linesMade, " ", i))
		}
	}
}
