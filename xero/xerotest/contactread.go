package xerotest

import (
	"net/http"
	"strings"
	"time"
)

func (o *Organisation) serveContacts(r *request) *answer {
	switch {
	case len(r.path) > 2:
		return notFound()
	case r.method == http.MethodGet && len(r.path) == 2:
		return o.contact(r)
	case r.method == http.MethodGet:
		return o.listContacts(r)
	case r.method == http.MethodPut && len(r.path) == 1, r.method == http.MethodPost:
		return o.writeContacts(r)
	}
	return notImplemented()
}

// contact answers Contacts/{ContactID} and Contacts/{ContactNumber}; of several with one number it silently returns
// one.
func (o *Organisation) contact(r *request) *answer {
	var c *contact
	if id, ok := parseGUID(r.path[1]); ok {
		c = o.contacts.byID[id]
	} else {
		c = holder(o.contacts.byNumber, r.path[1], nil)
	}
	if c == nil {
		return notFound()
	}
	today := o.today()
	return o.one(r, "Contacts", func(b []byte) []byte { return c.append(b, contactFull, today, nil) })
}

func (o *Organisation) listContacts(r *request) *answer {
	l := listing[*contact]{name: "Contacts", rows: o.contacts.all, pages: true, fields: contactFields,
		id: func(c *contact) string { return c.id }, updated: func(c *contact) time.Time { return c.updated }}
	ids, refused := r.query.ids("IDs")
	if refused != nil {
		return refused
	}
	switch {
	case ids != nil:
		l.rows = nil
		for _, id := range unique(ids) {
			if c := o.contacts.byID[id]; c != nil {
				l.rows = append(l.rows, c)
			}
		}
	case r.ordersBy("ContactID"):
		l.rows, l.sorted = o.contacts.inOrder(), true
	}
	archived, term := r.query.is("includeArchived", "true"), fold(r.query.get("searchTerm"))
	l.keep = func(c *contact) bool {
		return (archived || !c.archived) && (term == "" || c.mentions(term))
	}
	summary := r.query.is("summaryOnly", "true")
	l.always = summary
	today := o.today()
	l.render = func(b []byte, c *contact, paged bool) []byte {
		switch {
		case summary:
			return c.append(b, contactSummary, today, nil)
		case paged:
			return c.append(b, contactPaged, today, nil)
		}
		return c.append(b, contactPlain, today, nil)
	}
	return list(o, r, l)
}

func unique(list []string) []string {
	seen := make(map[string]bool, len(list))
	var once []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			once = append(once, s)
		}
	}
	return once
}

// mentions is searchTerm: a part of any of these fields.
func (c *contact) mentions(term string) bool {
	for _, s := range [...]string{c.name, c.first, c.last, c.number, c.companyNumber, c.email} {
		if strings.Contains(fold(s), term) {
			return true
		}
	}
	return false
}

func contactFields(name string) (field[*contact], bool) {
	words := func(of func(*contact) string) (field[*contact], bool) {
		return field[*contact]{isText, func(c *contact) value { return textValue(of(c)) }}, true
	}
	switch name {
	case "contactid":
		return field[*contact]{isGUID, func(c *contact) value { return guidValue(c.id) }}, true
	case "name":
		return words(func(c *contact) string { return c.name })
	case "contactnumber":
		return words(func(c *contact) string { return c.number })
	case "accountnumber":
		return words(func(c *contact) string { return c.accountNumber })
	case "emailaddress":
		return words(func(c *contact) string { return c.email })
	case "firstname":
		return words(func(c *contact) string { return c.first })
	case "lastname":
		return words(func(c *contact) string { return c.last })
	case "contactstatus":
		return words((*contact).status)
	case "companynumber":
		return words(func(c *contact) string { return c.companyNumber })
	case "taxnumber":
		return words(func(c *contact) string { return c.taxNumber })
	case "iscustomer":
		return field[*contact]{isBool, func(c *contact) value { return boolValue(c.customer) }}, true
	case "issupplier":
		return field[*contact]{isBool, func(c *contact) value { return boolValue(c.supplier) }}, true
	case "updateddateutc":
		return field[*contact]{isDate, func(c *contact) value { return dateValue(c.updated) }}, true
	}
	return field[*contact]{}, false
}
