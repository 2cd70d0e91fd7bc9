package xerotest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// checkDocument refuses what Xero refuses in a document that is about to be stored in place of old, nil for a new one.
func (o *Organisation) checkDocument(doc, old *document, v *verdict) {
	if doc.contact != nil && doc.contact.archived {
		v.refuse(textArchivedInvoice)
	}
	k := o.bookOf(doc)
	if o.taken(doc.number, doc) {
		v.refuse(k.name + " # must be unique.")
	}
	if strings.ContainsFunc(doc.number, func(r rune) bool { return r < ' ' || r > '~' }) {
		v.refuse("The " + k.lower() + " number can only contain printable ASCII characters.")
	}
	if len(doc.number) > 255 {
		v.refuse(k.name + " # must not exceed 255 characters.")
		doc.number = strings.ToValidUTF8(doc.number[:255], "")
	}
	if utf8.RuneCountInString(doc.reference) > 255 {
		v.refuse("Reference must not exceed 255 characters.")
	}
	if doc.url != "" && !validURL(doc.url) {
		v.refuse("Url must be a valid link and must not contain xero")
	}
	if doc.theme != "" && !slices.ContainsFunc(o.company.themes, func(t theme) bool { return t.id == doc.theme }) {
		v.refuse("The branding theme could not be found")
	}
	if doc.total.IsNegative() {
		v.refuse("The " + k.lower() + " total cannot be negative")
	}
	if doc.total.GreaterThan(maxAmount) {
		v.refuse(fmt.Sprintf("The %s total cannot be more than %s", k.lower(), maxAmount))
	}
	needsLines := old == nil
	if doc.credit() { // it may wait for them as a draft
		needsLines = doc.status != draft && !doc.dead()
	}
	if needsLines && len(doc.lines) == 0 {
		v.refuse("One or more line items must be specified")
	}
	if !doc.credit() && doc.status != draft && doc.status != deleted && doc.dueDate.IsZero() {
		v.refuse("The document DueDate field must be specified.")
	}
	if doc.entered() || old != nil && old.entered() { // a draft, or one that waits for approval, is not in the books yet
		v.refuse(o.company.locked(doc.date))
	}
	if doc.entered() {
		o.checkApproval(doc, v)
	}
}

// validURL takes web links; Xero refuses its own name in them.
func validURL(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !strings.ContainsAny(raw, " <>\"") &&
		!strings.Contains(strings.ToLower(raw), "xero")
}
