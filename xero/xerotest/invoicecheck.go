package xerotest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// checkInvoice refuses what Xero refuses in an invoice that is about to be stored in place of old, nil for a new one.
func (o *Organisation) checkInvoice(inv, old *invoice, v *verdict) {
	if inv.contact != nil && inv.contact.archived {
		v.refuse(textArchivedInvoice)
	}
	if other := o.invoices.byNumber[fold(inv.number)]; inv.number != "" && inv.kind == salesInvoice && other != nil && other != old {
		v.refuse("Invoice # must be unique.")
	}
	if strings.ContainsFunc(inv.number, func(r rune) bool { return r < ' ' || r > '~' }) {
		v.refuse("The invoice number can only contain printable ASCII characters.")
	}
	if len(inv.number) > 255 {
		v.refuse("Invoice # must not exceed 255 characters.")
		inv.number = strings.ToValidUTF8(inv.number[:255], "")
	}
	if utf8.RuneCountInString(inv.reference) > 255 {
		v.refuse("Reference must not exceed 255 characters.")
	}
	if inv.url != "" && !validURL(inv.url) {
		v.refuse("Url must be a valid link and must not contain xero")
	}
	if inv.theme != "" && !slices.ContainsFunc(o.company.themes, func(t theme) bool { return t.id == inv.theme }) {
		v.refuse("The branding theme could not be found")
	}
	if inv.total.IsNegative() {
		v.refuse("The invoice total cannot be negative")
	}
	if inv.total.GreaterThan(maxAmount) {
		v.refuse(fmt.Sprintf("The invoice total cannot be more than %s", maxAmount))
	}
	if inv.status != draft && inv.status != deleted && inv.dueDate.IsZero() {
		v.refuse("The document DueDate field must be specified.")
	}
	if inv.entered() || old != nil && old.entered() { // a draft, or one that waits for approval, is not in the books yet
		v.refuse(o.company.locked(inv.date))
	}
	if inv.entered() {
		o.checkApproval(inv, v)
	}
}

// validURL takes web links; Xero refuses its own name in them.
func validURL(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !strings.ContainsAny(raw, " <>\"") &&
		!strings.Contains(strings.ToLower(raw), "xero")
}
