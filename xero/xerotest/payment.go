package xerotest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// payment is money received for an invoice, or given back for a credit note.
type payment struct {
	id, reference string
	document      *document
	account       *account
	date          time.Time
	amount, rate  decimal.Decimal
	reconciled    bool
	deleted       bool
	updated       time.Time
}

// paymentIn is a payment of a request.
type paymentIn struct {
	PaymentID guidIn
	Invoice   *struct {
		InvoiceID     guidIn
		InvoiceNumber *string
	}
	CreditNote *struct {
		CreditNoteID     guidIn
		CreditNoteNumber *string
	}
	Prepayment, Overpayment               json.RawMessage
	InvoiceNumber, CreditNoteNumber, Code *string
	Account                               *struct {
		AccountID guidIn
		Code      *string
	}
	Date                 date
	CurrencyRate, Amount number
	Reference, Status    *string
	IsReconciled         *bool
}

func (o *Organisation) servePayments(r *request) *answer {
	switch {
	case len(r.path) > 2:
		return notFound()
	case r.method == http.MethodGet && len(r.path) == 1:
		return o.listPayments(r)
	case r.method == http.MethodGet:
		p := o.findPayment(r.path[1])
		if p == nil {
			return notFound()
		}
		return o.one(r, "Payments", func(b []byte) []byte { return p.append(b, nil) })
	case r.method == http.MethodPost && len(r.path) == 2:
		return o.deletePayment(r)
	case (r.method == http.MethodPut || r.method == http.MethodPost) && len(r.path) == 1:
		return o.writePayments(r)
	}
	return notImplemented()
}

func (o *Organisation) findPayment(name string) *payment {
	id, _ := parseGUID(name)
	i := slices.IndexFunc(o.payments, func(p *payment) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	return o.payments[i]
}

// listPayments lists payments, the deleted ones among them: that is how a reader learns that they are gone.
func (o *Organisation) listPayments(r *request) *answer {
	fields := func(name string) (field[*payment], bool) {
		switch name {
		case "paymentid":
			return field[*payment]{isGUID, func(p *payment) value { return guidValue(p.id) }}, true
		case "paymenttype":
			return field[*payment]{isText, func(p *payment) value { return textValue(p.kind()) }}, true
		case "status":
			return field[*payment]{isText, func(p *payment) value { return textValue(p.status()) }}, true
		case "reference":
			return field[*payment]{isText, func(p *payment) value { return textValue(p.reference) }}, true
		case "date":
			return field[*payment]{isDate, func(p *payment) value { return dateValue(p.date) }}, true
		case "amount":
			return field[*payment]{isNumber, func(p *payment) value { return numberValue(p.amount) }}, true
		case "invoice.invoiceid":
			return field[*payment]{isGUID, func(p *payment) value { return guidValue(p.document.id) }}, true
		case "invoice.invoicenumber":
			return field[*payment]{isText, func(p *payment) value { return textValue(p.document.number) }}, true
		case "updateddateutc":
			return field[*payment]{isDate, func(p *payment) value { return dateValue(p.updated) }}, true
		}
		return field[*payment]{}, false
	}
	return list(o, r, listing[*payment]{name: "Payments", rows: o.payments, pages: true, fields: fields, id: func(p *payment) string { return p.id },
		updated: func(p *payment) time.Time { return p.updated }, render: func(b []byte, p *payment, _ bool) []byte { return p.append(b, nil) }})
}

func (o *Organisation) writePayments(r *request) *answer {
	elements, refused := elementsOf(r.body, "Payments")
	if refused != nil {
		return refused
	}
	ins, refused := decodeAll[paymentIn](elements)
	if refused != nil {
		return refused
	}
	outcomes := make([]outcome, len(ins))
	for i := range ins {
		v := &verdict{shown: r.noErrors}
		p := o.createPayment(r, &ins[i], elements[i], v)
		outcomes[i] = outcome{p.append(nil, v), v.failed()}
	}
	return o.batch(r, "Payments", outcomes)
}

func (o *Organisation) createPayment(r *request, in *paymentIn, raw json.RawMessage, v *verdict) *payment {
	p := &payment{id: zeroID, updated: r.now, date: o.today(), amount: in.Amount.Decimal.Round(2), reference: text(in.Reference)}
	if in.PaymentID.id != "" {
		v.refuse("Payments cannot be updated, only created and deleted")
	}
	if in.Date.sent {
		p.date = in.Date.Time
	}
	if in.IsReconciled != nil {
		p.reconciled = *in.IsReconciled
	}
	p.document = o.paymentTarget(in, v)
	p.account = o.paymentAccount(in, v)
	p.rate = decimal.New(1, 0)
	if p.document != nil {
		p.rate = p.document.rate
	}
	if in.CurrencyRate.IsPositive() {
		p.rate = in.CurrencyRate.Round(6)
	}
	if refused := o.company.locked(p.date); refused != "" {
		v.refuse("Organisation accounts are locked on the specified payment date")
	}
	if !p.amount.IsPositive() {
		v.refuse("Payment amount must be greater than zero")
	}
	if p.document != nil {
		v.refuse(payable(p.document, p.amount))
	}
	if v.failed() {
		return p
	}
	p.id = o.madeFrom("payment", raw)
	o.pay(p)
	return p
}

// payable says why an amount may not be paid, "" if it may.
func payable(inv *document, amount decimal.Decimal) string {
	switch {
	case inv.status != authorised:
		return "Payments can only be made against Authorised documents"
	case amount.GreaterThan(inv.due()):
		return "Payment amount exceeds the amount outstanding on this document"
	}
	return ""
}

// pay enters a payment that has been checked.
func (o *Organisation) pay(p *payment) {
	o.payments = append(o.payments, p)
	o.touch(p.document, p.updated, func(inv *document) { inv.payments = append(slices.Clip(inv.payments), p) })
}

// unpay takes a payment back.
func (o *Organisation) unpay(p *payment, now time.Time) {
	p.deleted, p.updated = true, now
	o.touch(p.document, now, func(inv *document) {
		inv.payments = slices.DeleteFunc(slices.Clone(inv.payments), func(x *payment) bool { return x == p })
	})
}

// touch changes the money on a document and whatever follows from it.
func (o *Organisation) touch(inv *document, now time.Time, change func(*document)) {
	next := *inv
	next.cache = [2]rendering{}
	change(&next)
	next.settle()
	next.updated = now
	o.bookOf(inv).change(inv, next)
}

// paymentTarget finds what a payment is for: one invoice, or one credit note.
func (o *Organisation) paymentTarget(in *paymentIn, v *verdict) *document {
	if len(in.Prepayment)+len(in.Overpayment) > 0 {
		v.refuse("Only payments on invoices and credit notes are supported here")
		return nil
	}
	k, id, number := &o.invoices, "", text(in.InvoiceNumber)
	if in.CreditNote != nil || text(in.CreditNoteNumber) != "" {
		k, number = &o.notes, text(in.CreditNoteNumber)
	}
	switch {
	case in.CreditNote != nil:
		id, number = in.CreditNote.CreditNoteID.id, cmp.Or(text(in.CreditNote.CreditNoteNumber), number)
	case in.Invoice != nil:
		id, number = in.Invoice.InvoiceID.id, cmp.Or(text(in.Invoice.InvoiceNumber), number)
	}
	doc := k.byNumber[fold(number)]
	if id != "" {
		doc = k.byID[id]
	}
	if doc == nil {
		v.refuse("An existing " + k.name + " with the specified " + k.idField() + " could not be found")
	}
	return doc
}

// paymentAccount finds the account that the money went to: a bank account, or one that payments are enabled for.
func (o *Organisation) paymentAccount(in *paymentIn, v *verdict) *account {
	var a *account
	switch {
	case in.Account != nil && in.Account.AccountID.id != "":
		a = o.company.accountByID(in.Account.AccountID.id)
	case in.Account != nil:
		a = o.company.accountByCode(text(in.Account.Code))
	default:
		a = o.company.accountByCode(text(in.Code))
	}
	if a == nil || a.archived || a.kind != "BANK" && !a.payable {
		v.refuse("Account could not be found")
		return nil
	}
	return a
}

// deletePayment answers POST Payments/{id}, which can do nothing but delete.
func (o *Organisation) deletePayment(r *request) *answer {
	p := o.findPayment(r.path[1])
	if p == nil {
		return notFound()
	}
	elements, refused := elementsOf(r.body, "Payments")
	if refused != nil {
		return refused
	}
	ins, refused := decodeAll[paymentIn](elements)
	if refused != nil {
		return refused
	}
	v := &verdict{shown: r.noErrors}
	switch {
	case len(ins) != 1 || text(ins[0].Status) != deleted:
		v.refuse("Payments cannot be updated, only created and deleted")
	case p.deleted:
		v.refuse("The payment has already been deleted")
	case p.reconciled:
		v.refuse("The payment cannot be deleted because it has been reconciled")
	case o.company.locked(p.date) != "":
		v.refuse("Organisation accounts are locked on the specified payment date")
	default:
		o.unpay(p, r.now)
	}
	return o.batch(r, "Payments", []outcome{{p.append(nil, v), v.failed()}})
}

func (p *payment) kind() string {
	if p.document == nil {
		return "ACCRECPAYMENT"
	}
	return map[string]string{salesInvoice: "ACCRECPAYMENT", bill: "ACCPAYPAYMENT", salesCredit: "ARCREDITPAYMENT", purchaseCredit: "APCREDITPAYMENT"}[p.document.kind]
}

func (p *payment) status() string {
	if p.deleted {
		return deleted
	}
	return authorised
}

func (p *payment) append(b []byte, v *verdict) []byte {
	b = append(b, `{"PaymentID":`...)
	b = appendText(b, p.id)
	b = appendDate(b, "Date", p.date)
	b = appendAmount(b, "BankAmount", p.amount, 2)
	b = appendAmount(b, "Amount", p.amount, 2)
	b = appendOptional(b, "Reference", p.reference)
	b = appendAmount(b, "CurrencyRate", p.rate, 10)
	b = appendField(b, "PaymentType", p.kind())
	b = appendField(b, "Status", p.status())
	b = appendStampField(b, "UpdatedDateUTC", p.updated)
	b = appendField(b, "UpdatedDateUTCString", p.updated.Format(time.RFC3339))
	b = appendBool(b, "HasAccount", p.account != nil)
	b = appendBool(b, "IsReconciled", p.reconciled)
	if a := p.account; a != nil {
		b = append(b, `,"Account":{"AccountID":`...)
		b = appendText(b, a.id)
		b = append(appendField(b, "Code", a.code), '}')
	}
	if inv := p.document; inv != nil { // a credit note stands there as an invoice, too
		b = append(b, `,"Invoice":{"Type":`...)
		b = appendText(b, inv.kind)
		b = appendField(b, "InvoiceID", inv.id)
		b = appendField(b, "InvoiceNumber", inv.number)
		b = append(b, `,"Payments":[],"CreditNotes":[],"Prepayments":[],"Overpayments":[],"IsDiscounted":false,"HasErrors":false,"Contact":`...)
		b = inv.contact.appendRef(b, false, nil)
		b = append(b, `,"LineItems":[]`...)
		b = append(appendField(b, "CurrencyCode", inv.currency), '}')
	}
	if v == nil {
		b = appendBool(b, "HasValidationErrors", false)
	} else {
		b = v.append(b, "HasValidationErrors")
	}
	return append(b, '}')
}
