package xerotest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func (o *Organisation) serveInvoices(r *request) *answer {
	switch {
	case len(r.path) > 2:
		return notFound()
	case r.method == http.MethodGet && len(r.path) == 2:
		inv := o.findInvoice(r.path[1])
		if inv == nil {
			return notFound()
		}
		return o.one(r, "Invoices", func(b []byte) []byte { return inv.append(b, invoiceFull, r.query.places(), true, nil) })
	case r.method == http.MethodGet:
		return o.listInvoices(r)
	case r.method == http.MethodPut && len(r.path) == 1, r.method == http.MethodPost:
		return o.writeInvoices(r)
	}
	return notImplemented()
}

// findInvoice finds an invoice by the id or the number of its address.
func (o *Organisation) findInvoice(name string) *invoice {
	if id, ok := parseGUID(name); ok {
		return o.invoices.byID[id]
	}
	return o.invoices.byNumber[fold(name)]
}

func (o *Organisation) listInvoices(r *request) *answer {
	l := listing[*invoice]{name: "Invoices", rows: o.invoices.all, pages: true, fields: invoiceFields,
		id: func(inv *invoice) string { return inv.id }, updated: func(inv *invoice) time.Time { return inv.updated }}
	ids, refused := r.query.ids("IDs")
	if refused != nil {
		return refused
	}
	contacts, refused := r.query.ids("ContactIDs")
	if refused != nil {
		return refused
	}
	numbers, statuses := r.query.list("InvoiceNumbers"), r.query.list("Statuses")
	for i := range numbers {
		numbers[i] = fold(numbers[i])
	}
	switch {
	case ids != nil:
		l.rows = nil
		for _, id := range unique(ids) {
			if inv := o.invoices.byID[id]; inv != nil {
				l.rows = append(l.rows, inv)
			}
		}
	case numbers != nil:
		l.rows = nil
		for _, number := range unique(numbers) {
			if inv := o.invoices.byNumber[number]; inv != nil {
				l.rows = append(l.rows, inv)
			}
		}
	case contacts != nil:
		l.rows = nil
		for _, id := range unique(contacts) {
			if c := o.contacts.byID[id]; c != nil {
				l.rows = append(l.rows, c.invoices...)
			}
		}
	case r.ordersBy("InvoiceID"):
		l.rows, l.sorted = o.invoices.inOrder(), true
	}
	// Nothing Xero publishes says that deleted documents stand in a list that does not ask for them.
	shown := o.opt.ListDeleted || ids != nil || numbers != nil || statuses != nil || strings.Contains(strings.ToLower(r.query.get("where")), "status")
	mine, term := r.query.is("createdByMyApp", "true"), fold(r.query.get("searchTerm"))
	l.keep = func(inv *invoice) bool {
		return (shown || inv.status != deleted) &&
			(statuses == nil || slices.ContainsFunc(statuses, func(s string) bool { return strings.EqualFold(s, inv.status) })) &&
			(numbers == nil || slices.Contains(numbers, fold(inv.number))) &&
			(contacts == nil || slices.Contains(contacts, inv.contact.id)) &&
			(!mine || inv.app == r.app) &&
			(term == "" || strings.Contains(fold(inv.number), term) || strings.Contains(fold(inv.reference), term))
	}
	summary := r.query.is("summaryOnly", "true")
	l.always = summary || statuses != nil
	places, url := r.query.places(), !o.opt.HideURL
	l.render = func(b []byte, inv *invoice, paged bool) []byte {
		switch {
		case summary:
			return inv.append(b, invoiceSummary, places, url, nil)
		case paged:
			return append(b, inv.listed(places, !url)...)
		}
		return inv.append(b, invoicePlain, places, url, nil)
	}
	return list(o, r, l)
}

func invoiceFields(name string) (field[*invoice], bool) {
	words := func(of func(*invoice) string) (field[*invoice], bool) {
		return field[*invoice]{isText, func(inv *invoice) value { return textValue(of(inv)) }}, true
	}
	day := func(of func(*invoice) time.Time) (field[*invoice], bool) {
		return field[*invoice]{isDate, func(inv *invoice) value { return dateValue(of(inv)) }}, true
	}
	switch name {
	case "invoiceid":
		return field[*invoice]{isGUID, func(inv *invoice) value { return guidValue(inv.id) }}, true
	case "contact.contactid":
		return field[*invoice]{isGUID, func(inv *invoice) value { return guidValue(inv.contact.id) }}, true
	case "contact.name":
		return words(func(inv *invoice) string { return inv.contact.name })
	case "contact.contactnumber":
		return words(func(inv *invoice) string { return inv.contact.number })
	case "type":
		return words(func(inv *invoice) string { return inv.kind })
	case "status":
		return words(func(inv *invoice) string { return inv.status })
	case "invoicenumber":
		return words(func(inv *invoice) string { return inv.number })
	case "reference":
		return words(func(inv *invoice) string { return inv.reference })
	case "url":
		return words(func(inv *invoice) string { return inv.url })
	case "currencycode":
		return words(func(inv *invoice) string { return inv.currency })
	case "lineamounttypes":
		return words(func(inv *invoice) string { return inv.amounts })
	case "date":
		return day(func(inv *invoice) time.Time { return inv.date })
	case "duedate":
		return day(func(inv *invoice) time.Time { return inv.dueDate })
	case "fullypaidondate":
		return day(func(inv *invoice) time.Time { return inv.fullyPaid })
	case "updateddateutc":
		return day(func(inv *invoice) time.Time { return inv.updated })
	case "senttocontact":
		return field[*invoice]{isBool, func(inv *invoice) value { return boolValue(inv.sent) }}, true
	}
	return invoiceAmounts(name)
}

func invoiceAmounts(name string) (field[*invoice], bool) {
	switch name {
	case "amountdue":
		return field[*invoice]{isNumber, func(inv *invoice) value { return numberValue(inv.due()) }}, true
	case "amountpaid":
		return field[*invoice]{isNumber, func(inv *invoice) value { return numberValue(inv.paid()) }}, true
	case "amountcredited":
		return field[*invoice]{isNumber, func(inv *invoice) value { return numberValue(inv.credited()) }}, true
	case "subtotal":
		return field[*invoice]{isNumber, func(inv *invoice) value { return numberValue(inv.subTotal) }}, true
	case "totaltax":
		return field[*invoice]{isNumber, func(inv *invoice) value { return numberValue(inv.totalTax) }}, true
	case "total":
		return field[*invoice]{isNumber, func(inv *invoice) value { return numberValue(inv.total) }}, true
	}
	return field[*invoice]{}, false
}
