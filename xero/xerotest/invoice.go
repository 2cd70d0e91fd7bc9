package xerotest

import (
	"slices"
	"time"
)

// discounted tells whether a discount was given on a line, be it of nothing: TotalDiscount is there, if only with 0.00.
func (inv *document) discounted() bool {
	return slices.ContainsFunc(inv.lines, func(l line) bool { return l.discount.given })
}

// Forms of a document in answers.
type documentForm uint8

const (
	formFull    documentForm = iota // single and write answers
	formPaged                       // lists with a page
	formPlain                       // lists without: no lines
	formSummary                     // summaryOnly=true
)

// append writes an invoice; v is the verdict of a write, nil otherwise.
func (inv *document) append(b []byte, form documentForm, places int32, url bool, v *verdict) []byte {
	b = append(b, `{"Type":`...)
	b = appendText(b, inv.kind)
	b = appendField(b, "InvoiceID", inv.id)
	b = appendField(b, "InvoiceNumber", inv.number)
	if inv.kind == salesInvoice {
		b = appendField(b, "Reference", inv.reference)
	}
	if url {
		b = appendOptional(b, "Url", inv.url)
	}
	if form != formSummary {
		b = inv.appendPayments(b)
	}
	b = inv.appendCredits(b)
	b = append(b, `,"Prepayments":[],"Overpayments":[]`...)
	b = appendAmount(b, "AmountDue", inv.due(), 2)
	b = appendAmount(b, "AmountPaid", inv.paid(), 2)
	b = appendAmount(b, "AmountCredited", inv.credited(), 2)
	b = appendBool(b, "SentToContact", inv.sent)
	b = appendAmount(b, "CurrencyRate", inv.rate, 10)
	// Without the lines Xero does not know of discounts: what it says of them in a summary is always no.
	b = appendBool(b, "IsDiscounted", form != formSummary && !inv.discount.IsZero())
	if form != formSummary {
		b = appendBool(b, "HasAttachments", false)
	}
	b = append(b, `,"Contact":`...)
	if inv.contact == nil {
		b = append(b, "{}"...)
	} else {
		b = inv.contact.appendRef(b, form == formFull, v)
	}
	b = appendDate(b, "Date", inv.date)
	b = appendDate(b, "DueDate", inv.dueDate)
	b = appendDate(b, "ExpectedPaymentDate", inv.expected)
	b = appendDate(b, "PlannedPaymentDate", inv.planned)
	b = appendOptional(b, "BrandingThemeID", inv.theme)
	b = appendOptional(b, "Status", inv.status)
	b = appendOptional(b, "LineAmountTypes", inv.amounts)
	switch form {
	case formPlain:
		b = append(b, `,"LineItems":[]`...)
	case formFull, formPaged:
		b = append(b, `,"LineItems":[`...)
		for i := range inv.lines {
			if i > 0 {
				b = append(b, ',')
			}
			b = inv.lines[i].append(b, places, form == formFull, v.ofLine(i))
		}
		b = append(b, ']')
	}
	b = appendAmount(b, "SubTotal", inv.subTotal, 2)
	b = appendAmount(b, "TotalTax", inv.totalTax, 2)
	b = appendAmount(b, "Total", inv.total, 2)
	if inv.discounted() && form != formSummary {
		b = appendAmount(b, "TotalDiscount", inv.discount, 2)
	}
	b = appendStampField(b, "UpdatedDateUTC", inv.updated)
	b = appendField(b, "UpdatedDateUTCString", inv.updated.Format(time.RFC3339))
	b = appendOptional(b, "CurrencyCode", inv.currency)
	if !inv.fullyPaid.IsZero() {
		b = appendStampField(b, "FullyPaidOnDate", inv.fullyPaid)
	}
	if v == nil {
		b = appendBool(b, "HasErrors", false)
	} else {
		b = v.append(b, "HasErrors")
	}
	return append(b, '}')
}

func (inv *document) appendPayments(b []byte) []byte {
	b = append(b, `,"Payments":[`...)
	for i, p := range inv.payments {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"PaymentID":`...)
		b = appendText(b, p.id)
		b = appendStampField(b, "Date", p.date)
		b = appendAmount(b, "Amount", p.amount, 2)
		b = appendOptional(b, "Reference", p.reference)
		b = appendAmount(b, "CurrencyRate", p.rate, 10)
		b = append(b, `,"HasAccount":false,"HasValidationErrors":false}`...)
	}
	return append(b, ']')
}

func (inv *document) appendCredits(b []byte) []byte {
	b = append(b, `,"CreditNotes":[`...)
	for i, a := range inv.allocations {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"CreditNoteID":`...)
		b = appendText(b, a.note.id)
		b = appendField(b, "CreditNoteNumber", a.note.number)
		b = appendField(b, "ID", a.note.id)
		b = appendDate(b, "Date", a.date)
		b = appendAmount(b, "AppliedAmount", a.amount, 2)
		b = appendAmount(b, "Total", a.note.total, 2)
		b = append(b, `,"LineItems":[],"HasErrors":false}`...)
	}
	return append(b, ']')
}

// listed returns the element of a paged list, written anew only after a change: lists of thousands are read over and
// over.
func (inv *document) listed(places int32, hideURL bool) []byte {
	c := &inv.cache[places/4]
	if c.json == nil || c.revision != inv.revision || c.contact != inv.contact.revision || c.hideURL != hideURL {
		*c = rendering{inv.revision, inv.contact.revision, hideURL, inv.append(c.json[:0], formPaged, places, !hideURL, nil)}
	}
	return c.json
}
