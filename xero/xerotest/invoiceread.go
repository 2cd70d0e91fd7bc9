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
		inv := o.invoices.find(r.path[1])
		if inv == nil {
			return notFound()
		}
		return o.one(r, "Invoices", func(b []byte) []byte { return inv.append(b, formFull, r.query.places(), true, nil) })
	case r.method == http.MethodGet:
		return o.listInvoices(r)
	case r.method == http.MethodPut && len(r.path) == 1, r.method == http.MethodPost:
		return o.writeDocuments(r, &o.invoices)
	}
	return notImplemented()
}

func (o *Organisation) listInvoices(r *request) *answer {
	l := listing[*document]{name: "Invoices", rows: o.invoices.all, pages: true, fields: invoiceFields,
		id: func(inv *document) string { return inv.id }, updated: func(inv *document) time.Time { return inv.updated }}
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
	l.keep = func(inv *document) bool {
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
	l.render = func(b []byte, inv *document, paged bool) []byte {
		switch {
		case summary:
			return inv.append(b, formSummary, places, url, nil)
		case paged:
			return append(b, inv.listed(places, !url)...)
		}
		return inv.append(b, formPlain, places, url, nil)
	}
	return list(o, r, l)
}

func invoiceFields(name string) (field[*document], bool) {
	switch name {
	case "invoiceid":
		return field[*document]{isGUID, func(inv *document) value { return guidValue(inv.id) }}, true
	case "invoicenumber":
		return field[*document]{isText, func(inv *document) value { return textValue(inv.number) }}, true
	case "url":
		return field[*document]{isText, func(inv *document) value { return textValue(inv.url) }}, true
	case "amountdue":
		return field[*document]{isNumber, func(inv *document) value { return numberValue(inv.due()) }}, true
	case "amountpaid":
		return field[*document]{isNumber, func(inv *document) value { return numberValue(inv.paid()) }}, true
	case "amountcredited":
		return field[*document]{isNumber, func(inv *document) value { return numberValue(inv.credited()) }}, true
	}
	return documentFields(name)
}
