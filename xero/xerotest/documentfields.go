package xerotest

import "time"

// documentFields are what a filter or an order may name of invoices and credit notes alike.
func documentFields(name string) (field[*document], bool) {
	words := func(of func(*document) string) (field[*document], bool) {
		return field[*document]{isText, func(doc *document) value { return textValue(of(doc)) }}, true
	}
	day := func(of func(*document) time.Time) (field[*document], bool) {
		return field[*document]{isDate, func(doc *document) value { return dateValue(of(doc)) }}, true
	}
	switch name {
	case "contact.contactid":
		return field[*document]{isGUID, func(doc *document) value { return guidValue(doc.contact.id) }}, true
	case "contact.name":
		return words(func(doc *document) string { return doc.contact.name })
	case "contact.contactnumber":
		return words(func(doc *document) string { return doc.contact.number })
	case "type":
		return words(func(doc *document) string { return doc.kind })
	case "status":
		return words(func(doc *document) string { return doc.status })
	case "reference":
		return words(func(doc *document) string { return doc.reference })
	case "currencycode":
		return words(func(doc *document) string { return doc.currency })
	case "lineamounttypes":
		return words(func(doc *document) string { return doc.amounts })
	case "date":
		return day(func(doc *document) time.Time { return doc.date })
	case "duedate":
		return day(func(doc *document) time.Time { return doc.dueDate })
	case "fullypaidondate":
		return day(func(doc *document) time.Time { return doc.fullyPaid })
	case "updateddateutc":
		return day(func(doc *document) time.Time { return doc.updated })
	case "senttocontact":
		return field[*document]{isBool, func(doc *document) value { return boolValue(doc.sent) }}, true
	}
	return documentAmounts(name)
}

func documentAmounts(name string) (field[*document], bool) {
	switch name {
	case "subtotal":
		return field[*document]{isNumber, func(doc *document) value { return numberValue(doc.subTotal) }}, true
	case "totaltax":
		return field[*document]{isNumber, func(doc *document) value { return numberValue(doc.totalTax) }}, true
	case "total":
		return field[*document]{isNumber, func(doc *document) value { return numberValue(doc.total) }}, true
	}
	return field[*document]{}, false
}
