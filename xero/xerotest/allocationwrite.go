package xerotest

import (
	"net/http"
	"slices"
	"strings"
)

// allocationIn is an allocation of a request. Its Date is not read: Xero takes the later one of the two documents'.
type allocationIn struct {
	Invoice *struct {
		InvoiceID     guidIn
		InvoiceNumber *string
	}
	Amount number
}

// serveAllocations answers what lies below a credit note: PUT …/Allocations, which never replaces what was allocated
// before, and DELETE …/Allocations/{AllocationID}.
func (o *Organisation) serveAllocations(r *request) *answer {
	n := o.notes.find(r.path[1])
	switch {
	case n == nil || !strings.EqualFold(r.path[2], "Allocations") || len(r.path) > 4:
		return notFound()
	case r.method == http.MethodPut && len(r.path) == 3:
		return o.writeAllocations(r, n)
	case r.method == http.MethodDelete && len(r.path) == 4:
		return o.deleteAllocation(r, n)
	}
	return notImplemented()
}

func (o *Organisation) writeAllocations(r *request, n *document) *answer {
	elements, refused := elementsOf(r.body, "Allocations")
	if refused != nil {
		return refused
	}
	ins, refused := decodeAll[allocationIn](elements)
	if refused != nil {
		return refused
	}
	outcomes := make([]outcome, len(ins))
	for i := range ins {
		v := &verdict{shown: r.noErrors}
		a := o.saveAllocation(r, n, &ins[i], v)
		outcomes[i] = outcome{a.append(v), v.failed()}
	}
	return o.batch(r, "Allocations", outcomes)
}

func (o *Organisation) saveAllocation(r *request, n *document, in *allocationIn, v *verdict) *allocation {
	a := &allocation{note: n, amount: in.Amount.Round(2), date: n.date}
	if in.Invoice != nil {
		if a.invoice = o.invoices.byNumber[fold(text(in.Invoice.InvoiceNumber))]; in.Invoice.InvoiceID.id != "" {
			a.invoice = o.invoices.byID[in.Invoice.InvoiceID.id]
		}
	}
	if a.invoice == nil {
		v.refuse("An existing Invoice with the specified InvoiceID could not be found")
		return a
	}
	if !a.amount.IsPositive() {
		v.refuse("The amount to allocate must be greater than zero")
	}
	for _, why := range o.unallocatable(n, a.invoice, a.amount) {
		v.refuse(why)
	}
	if v.failed() {
		return a
	}
	return o.allocate(n, a.invoice, a.amount, r.now)
}

// deleteAllocation answers with a list, as users of two libraries found; Xero's description says one allocation.
func (o *Organisation) deleteAllocation(r *request, n *document) *answer {
	id, _ := parseGUID(r.path[3])
	i := slices.IndexFunc(n.allocations, func(a *allocation) bool { return a.id == id })
	if i < 0 {
		return notFound()
	}
	a := n.allocations[i]
	if locked := o.company.locked(a.date); locked != "" {
		return validationText(locked)
	}
	o.unallocate(a, r.now)
	return o.one(r, "Allocations", func(b []byte) []byte {
		b = append(b, `{"AllocationID":`...)
		b = appendText(b, a.id)
		b = appendAmount(b, "Amount", a.amount, 2)
		b = appendStampField(b, "Date", a.date)
		b = append(b, `,"Invoice":{"InvoiceID":`...)
		return append(appendText(b, a.invoice.id), `},"IsDeleted":true}`...)
	})
}

// append writes what became of an allocation that was sent. Its id is not among it, as in the example of Xero's
// description: it is read from the credit note.
func (a *allocation) append(v *verdict) []byte {
	b := append([]byte(`{"Amount":`), a.amount.StringFixed(2)...)
	b = appendStampField(b, "Date", a.date)
	b = append(b, `,"Invoice":{"InvoiceID":`...)
	if a.invoice == nil {
		b = appendText(b, zeroID)
	} else {
		b = appendText(b, a.invoice.id)
	}
	b = append(b, `,"LineItems":[]},"CreditNote":{"CreditNoteID":`...)
	b = appendText(b, a.note.id)
	b = appendField(b, "ID", a.note.id)
	b = append(b, `,"LineItems":[]}`...)
	return append(v.append(b, ""), '}')
}
