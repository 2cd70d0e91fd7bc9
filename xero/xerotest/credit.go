package xerotest

import (
	"net/http"
	"time"

	"github.com/shopspring/decimal"
)

// creditNote is read through the API; people make them by hand.
type creditNote struct {
	id, number, reference, status string
	contact                       *contact
	date                          time.Time
	currency, amounts             string
	rate                          decimal.Decimal
	lines                         []line
	subTotal, totalTax, total     decimal.Decimal
	allocations                   []*allocation
	updated                       time.Time
}

// allocation is the part of a credit note that was set against an invoice.
type allocation struct {
	id      string
	note    *creditNote
	invoice *invoice
	amount  decimal.Decimal
	date    time.Time
}

func (n *creditNote) applied() decimal.Decimal {
	var sum decimal.Decimal
	for _, a := range n.allocations {
		sum = sum.Add(a.amount)
	}
	return sum
}

func (o *Organisation) serveCreditNotes(r *request) *answer {
	if r.method != http.MethodGet {
		return notImplemented()
	}
	if len(r.path) > 2 {
		return notFound()
	}
	places := r.query.places()
	if len(r.path) == 2 {
		id, isID := parseGUID(r.path[1])
		for _, n := range o.credits {
			if isID && n.id == id || fold(n.number) == fold(r.path[1]) {
				return o.one(r, "CreditNotes", func(b []byte) []byte { return n.append(b, places, true) })
			}
		}
		return notFound()
	}
	return list(o, r, listing[*creditNote]{name: "CreditNotes", rows: o.credits, pages: true, fields: creditFields, id: func(n *creditNote) string { return n.id },
		updated: func(n *creditNote) time.Time { return n.updated }, render: func(b []byte, n *creditNote, paged bool) []byte { return n.append(b, places, paged) }})
}

func creditFields(name string) (field[*creditNote], bool) {
	words := func(of func(*creditNote) string) (field[*creditNote], bool) {
		return field[*creditNote]{isText, func(n *creditNote) value { return textValue(of(n)) }}, true
	}
	switch name {
	case "creditnoteid":
		return field[*creditNote]{isGUID, func(n *creditNote) value { return guidValue(n.id) }}, true
	case "contact.contactid":
		return field[*creditNote]{isGUID, func(n *creditNote) value { return guidValue(n.contact.id) }}, true
	case "contact.name":
		return words(func(n *creditNote) string { return n.contact.name })
	case "creditnotenumber":
		return words(func(n *creditNote) string { return n.number })
	case "reference":
		return words(func(n *creditNote) string { return n.reference })
	case "type":
		return words(func(*creditNote) string { return "ACCRECCREDIT" })
	case "status":
		return words(func(n *creditNote) string { return n.status })
	case "date":
		return field[*creditNote]{isDate, func(n *creditNote) value { return dateValue(n.date) }}, true
	case "updateddateutc":
		return field[*creditNote]{isDate, func(n *creditNote) value { return dateValue(n.updated) }}, true
	}
	return field[*creditNote]{}, false
}

func (n *creditNote) append(b []byte, places int32, lines bool) []byte {
	b = append(b, `{"CreditNoteID":`...)
	b = appendText(b, n.id)
	b = appendField(b, "CreditNoteNumber", n.number)
	b = append(b, `,"Type":"ACCRECCREDIT"`...)
	b = appendField(b, "Reference", n.reference)
	b = append(b, `,"Payments":[],"Contact":`...)
	b = n.contact.appendRef(b, false, nil)
	b = appendDate(b, "Date", n.date)
	b = appendField(b, "Status", n.status)
	b = appendField(b, "LineAmountTypes", n.amounts)
	b = append(b, `,"LineItems":[`...)
	for i := 0; lines && i < len(n.lines); i++ {
		if i > 0 {
			b = append(b, ',')
		}
		b = n.lines[i].append(b, places, true, nil)
	}
	b = append(b, ']')
	b = appendAmount(b, "SubTotal", n.subTotal, 2)
	b = appendAmount(b, "TotalTax", n.totalTax, 2)
	b = appendAmount(b, "Total", n.total, 2)
	b = appendAmount(b, "RemainingCredit", n.total.Sub(n.applied()), 2)
	b = appendStampField(b, "UpdatedDateUTC", n.updated)
	b = appendField(b, "UpdatedDateUTCString", n.updated.Format(time.RFC3339))
	b = appendField(b, "CurrencyCode", n.currency)
	b = appendAmount(b, "CurrencyRate", n.rate, 10)
	if n.status == paid {
		b = appendStampField(b, "FullyPaidOnDate", n.date)
	}
	b = append(b, `,"Allocations":[`...)
	for i, a := range n.allocations {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"AllocationID":`...)
		b = appendText(b, a.id)
		b = appendAmount(b, "Amount", a.amount, 2)
		b = appendDate(b, "Date", a.date)
		b = append(b, `,"Invoice":{"InvoiceID":`...)
		b = appendText(b, a.invoice.id)
		b = append(appendField(b, "InvoiceNumber", a.invoice.number), "}}"...)
	}
	return append(b, `],"HasAttachments":false,"HasErrors":false}`...)
}
