package xerotest

import "slices"

// creatable are the statuses a document may be born with.
func creatable(status string) bool {
	return status == draft || status == submitted || status == authorised
}

// checkTransition says why a document may not go from its status to another, "" if it may. PAID is set by Xero alone.
func (o *Organisation) checkTransition(old *document, to string) string {
	k := o.bookOf(old)
	var allowed []string
	switch old.status {
	case draft, submitted:
		allowed = []string{draft, submitted, authorised, deleted}
	case authorised:
		allowed = []string{authorised, voided}
	case paid:
		allowed = []string{paid}
		if to == authorised { // it says what it was when it was approved: nothing changes
			return ""
		}
	}
	if (to == voided || to == deleted) && old.hasMoney() {
		return o.textMoneyOnIt(k.lower(), to)
	}
	if !slices.Contains(allowed, to) {
		return o.textNotModifiable(k.name)
	}
	return ""
}

// checkApproval refuses what is good enough for a draft but not for an approved document.
func (o *Organisation) checkApproval(doc *document, v *verdict) {
	defer func() { v.line = 0 }()
	for i := range doc.lines {
		l := &doc.lines[i]
		if v.line = i + 1; !l.priced {
			continue
		}
		if o.belowACent(l) { // in these words, however good both are
			v.refuse("Account must be valid.")
			v.refuse("Tax rate must be valid.")
		}
		if l.account == nil {
			v.refuse("Account code must be specified")
		}
		if l.taxType == "" {
			v.refuse("The TaxType field is mandatory")
		}
		o.checkStock(doc, l, v)
	}
}

// checkStock refuses to sell more of a tracked item than there is; nobody quotes the words.
func (o *Organisation) checkStock(doc *document, l *line, v *verdict) {
	if l.item == nil || !l.item.tracked() || !doc.sale() || doc.credit() {
		return
	}
	if there := o.onHand(l.item, doc); doc.brings(l.item).Neg().GreaterThan(there) {
		v.refuse("Item '" + l.item.code + "' has a quantity on hand of " + there.String() + ", which is less than is sold")
	}
}

// checkMoneyed refuses what may not change any more once a payment or credit stands on a document.
func checkMoneyed(old, next *document, v *verdict) {
	if !next.date.Equal(old.date) && !old.credit() {
		v.refuse("Date cannot be changed on an invoice that has payment or credit notes allocated to it.")
	}
	same := next.kind == old.kind && (!old.credit() || next.date.Equal(old.date)) && next.currency == old.currency && next.rate.Equal(old.rate) && next.amounts == old.amounts &&
		next.contact == old.contact && len(next.lines) == len(old.lines)
	for i := 0; same && i < len(next.lines); i++ {
		a, b := &next.lines[i], &old.lines[i]
		same = a.id == b.id && a.quantity.Equal(b.quantity) && a.unit.Equal(b.unit) && a.taxType == b.taxType && a.item == b.item &&
			a.discount.equal(b.discount) && a.tax.Equal(b.tax)
	}
	if !same {
		v.refuse(textMoneyOnDocument)
	}
}
