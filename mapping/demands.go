package mapping

import (
	"slices"
	"strings"
	"time"
)

// What each value may be is checked where it is compiled. Here stands what
// Xero demands of several together: it would take the document and show it
// otherwise, or never approve it, so that every record would wait for ever.

func slotOf(pieces []piece, name string) *slot {
	for _, p := range pieces {
		if p.name == name {
			return p.slot
		}
	}
	return nil
}

func (b *builder) demands(s *section, e *Entry) {
	b.demandDueDate(s, e)
	b.demandOneTheme(s)
	b.demandTaxes(s, e)
	b.demandCurrency(e)
}

// demandDueDate: a draft may lack a DueDate, an approved invoice may not.
func (b *builder) demandDueDate(s *section, e *Entry) {
	status := slotOf(e.pieces, "Status")
	if status == nil || hasItem(s.fields, "DueDate") || !status.code.canGive("SUBMITTED", "AUTHORISED") {
		return
	}
	b.report.add(status.at, "fields does not map DueDate, and without one Xero approves no invoice: add DueDate: =CloseDate + 30, or leave the Status DRAFT")
}

func (b *builder) demandOneTheme(s *section) {
	if hasItem(s.fields, themeName) && hasItem(s.fields, themeID) {
		b.report.add(s.fields.at, "fields maps both %s and %s; write one of them", themeName, themeID)
	}
}

// demandTaxes: with NoTax Xero shows NONE on every line, whatever was sent.
// Where a formula decides, Apply leaves the TaxType out.
func (b *builder) demandTaxes(s *section, e *Entry) {
	types := slotOf(e.pieces, amountTypes)
	if types == nil || types.code.kind != constantCode || types.code.constant.text != noTax {
		return
	}
	for _, line := range append([][]piece{e.lines}, e.noLines...) {
		tax := slotOf(line, taxType)
		if tax == nil || tax.code.kind == constantCode && strings.EqualFold(tax.code.constant.text, "NONE") {
			continue
		}
		b.report.add(tax.at, "with %s: %s Xero taxes nothing and shows the TaxType NONE on every line; "+
			"take this line out, or write %s: Exclusive (line %d) to have the tax added", amountTypes, noTax, amountTypes, types.at.Line)
	}
}

// demandCurrency: where deals have currencies of their own, one that the
// mapping fixes would make USD 1,000 of NZD 1,000 without a word.
func (b *builder) demandCurrency(e *Entry) {
	currency := slotOf(e.pieces, "CurrencyCode")
	o, known := b.salesforce.object(e.From)
	if _, several := o.Fields[currencyField]; currency == nil || !known || !several || currency.code.fromRecord() {
		return
	}
	b.report.add(currency.at, "this Salesforce org has several currencies, and each %s says its own: CurrencyCode: =%s. "+
		"Any other currency would turn the amount of a deal into the same number of something else", o.Name, currencyField)
}

// startObjects are the objects of which it is known which day start: means.
var startObjects = []string{"Opportunity"}

// demandStart refuses objects for which start: would mean nothing, and every
// record there ever was would become an invoice.
func (b *builder) demandStart(s *section) {
	if s.from == nil || slices.ContainsFunc(startObjects, func(o string) bool { return strings.EqualFold(o, s.from.text) }) {
		return
	}
	b.report.add(s.from.at, "invoices cannot be made from %s yet, only from Opportunity: start: would have no meaning for it, "+
		"and every %s there ever was would become an invoice. Have a flow in Salesforce make a won Opportunity with the same products of each %s that is to be invoiced", s.from.text, s.from.text, s.from.text)
}

// matchFields are what a contact that is already in Xero is recognised by.
var matchFields = []string{"ContactNumber", "AccountNumber", "TaxNumber", "CompanyNumber", "EmailAddress", "Name"}

// match compiles match:. ContactNumber needs no mapping: it is the Account's id.
func (b *builder) match(s *section, e *Entry) {
	for _, m := range s.match {
		switch {
		case !slices.Contains(matchFields, m.text):
			b.report.add(m.at, "contacts cannot be matched by %q; there are %s", m.text, strings.Join(matchFields, ", "))
		case m.text != "ContactNumber" && !hasItem(s.fields, m.text):
			b.report.add(m.at, "match names %s, but fields does not map it; add %s below fields:, or take it out here", m.text, m.text)
		case slices.Contains(e.Match, m.text):
			b.report.add(m.at, "match names %s twice", m.text)
		default:
			e.Match = append(e.Match, m.text)
		}
	}
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func (b *builder) admit(s *section) string {
	if s.admit == nil {
		return ""
	}
	if !isDay(s.admit.text) {
		b.report.add(s.admit.at, "admit is the day up to which edits of this file let deals in, written as 2026-11-27, and not %q", shorten(s.admit.text))
	}
	return s.admit.text
}
