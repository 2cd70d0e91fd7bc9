package mapping

// ownCurrency notes whether each record says its currency, and reads it then whatever the formulas name: an invoice is in the
// currency of its record, and one that the mapping makes of something else is compared with it.
func (b *builder) ownCurrency(s *section, e *Entry, o Object, rows *rows) {
	name, field, ok := o.field(currencyField)
	if e.OwnCurrency = ok && field.Type == Text; e.OwnCurrency {
		rows.own[name] = true
		b.noteRead(b.salesforce, resolved{path: []string{name}, object: o.Name, field: field, known: true}, s.at)
	}
	for _, p := range e.pieces {
		if p.name == "CurrencyCode" && p.slot != nil && p.slot.code != nil {
			e.FixedCurrency = !p.slot.code.readsField()
		}
	}
}

// readsField is true for a formula whose value may differ from one record to the next.
func (c *code) readsField() bool {
	if c.kind == fieldCode && !c.currency {
		return true
	}
	for _, a := range c.args {
		if a.readsField() {
			return true
		}
	}
	return false
}
