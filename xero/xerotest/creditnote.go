package xerotest

import (
	"net/http"
	"strings"
	"time"
)

func (o *Organisation) serveCreditNotes(r *request) *answer {
	switch {
	case len(r.path) > 2:
		return o.serveAllocations(r)
	case r.method == http.MethodGet && len(r.path) == 2:
		n := o.notes.find(r.path[1])
		if n == nil {
			return notFound()
		}
		return o.one(r, "CreditNotes", func(b []byte) []byte { return n.appendWhole(b, r.query.places(), nil) })
	case r.method == http.MethodGet:
		return o.listCreditNotes(r)
	case r.method == http.MethodPut && len(r.path) == 1, r.method == http.MethodPost:
		return o.writeDocuments(r, &o.notes)
	}
	return notImplemented()
}

// listCreditNotes knows where, order, If-Modified-Since and pages. IDs, numbers and statuses, by which invoices can be
// asked for, are passed over as any unknown parameter is: all credit notes are listed.
func (o *Organisation) listCreditNotes(r *request) *answer {
	l := listing[*document]{name: "CreditNotes", rows: o.notes.all, pages: true, fields: creditNoteFields,
		id: func(n *document) string { return n.id }, updated: func(n *document) time.Time { return n.updated }}
	shown := o.opt.ListDeleted || strings.Contains(strings.ToLower(r.query.get("where")), "status")
	l.keep = func(n *document) bool { return shown || n.status != deleted }
	places := r.query.places()
	l.render = func(b []byte, n *document, paged bool) []byte {
		form := formPlain
		if paged {
			form = formPaged
		}
		return n.appendCreditNote(b, form, places, nil)
	}
	return list(o, r, l)
}

func creditNoteFields(name string) (field[*document], bool) {
	switch name {
	case "creditnoteid":
		return field[*document]{isGUID, func(n *document) value { return guidValue(n.id) }}, true
	case "creditnotenumber":
		return field[*document]{isText, func(n *document) value { return textValue(n.number) }}, true
	case "remainingcredit":
		return field[*document]{isNumber, func(n *document) value { return numberValue(n.due()) }}, true
	}
	return documentFields(name)
}

// appendCreditNote writes a credit note; v is the verdict of a write, nil otherwise. Its id stands there twice, and the
// date that it is due only once: DueDateString is in none of Xero's examples.
func (n *document) appendCreditNote(b []byte, form documentForm, places int32, v *verdict) []byte {
	b = append(b, `{"CreditNoteID":`...)
	b = appendText(b, n.id)
	b = appendField(b, "CreditNoteNumber", n.number)
	b = n.appendPayments(b)
	b = appendField(b, "ID", n.id)
	b = appendAmount(b, "CurrencyRate", n.rate, 10)
	b = appendField(b, "Type", n.kind)
	b = appendField(b, "Reference", n.reference)
	b = appendBool(b, "SentToContact", n.sent)
	b = appendAmount(b, "RemainingCredit", n.due(), 2)
	b = n.appendAllocations(b)
	b = append(b, `,"HasAttachments":false,"Contact":`...)
	if n.contact == nil {
		b = append(b, "{}"...)
	} else {
		b = n.contact.appendRef(b, form == formFull, v)
	}
	b = appendDate(b, "Date", n.date)
	if !n.dueDate.IsZero() {
		b = appendStampField(b, "DueDate", n.dueDate)
	}
	b = appendOptional(b, "BrandingThemeID", n.theme)
	b = appendOptional(b, "Status", n.status)
	b = appendOptional(b, "LineAmountTypes", n.amounts)
	b = append(b, `,"LineItems":[`...)
	for i := 0; form != formPlain && i < len(n.lines); i++ {
		if i > 0 {
			b = append(b, ',')
		}
		b = n.lines[i].append(b, places, form == formFull, v.ofLine(i))
	}
	b = append(b, ']')
	b = appendAmount(b, "SubTotal", n.subTotal, 2)
	b = appendAmount(b, "TotalTax", n.totalTax, 2)
	b = appendAmount(b, "Total", n.total, 2)
	b = appendStampField(b, "UpdatedDateUTC", n.updated)
	b = appendField(b, "UpdatedDateUTCString", n.updated.Format(time.RFC3339))
	b = appendOptional(b, "CurrencyCode", n.currency)
	if !n.fullyPaid.IsZero() {
		b = appendStampField(b, "FullyPaidOnDate", n.fullyPaid)
	}
	if v == nil {
		b = appendBool(b, "HasErrors", false)
	} else {
		b = v.append(b, "HasErrors")
	}
	return append(b, '}')
}

func (n *document) appendAllocations(b []byte) []byte {
	b = append(b, `,"Allocations":[`...)
	for i, a := range n.allocations {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"AllocationID":`...)
		b = appendText(b, a.id)
		b = appendAmount(b, "Amount", a.amount, 2)
		b = appendStampField(b, "Date", a.date)
		b = append(b, `,"Invoice":{"InvoiceID":`...)
		b = appendText(b, a.invoice.id)
		b = append(appendField(b, "InvoiceNumber", a.invoice.number), "}}"...)
	}
	return append(b, ']')
}
