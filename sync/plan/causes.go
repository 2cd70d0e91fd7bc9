package plan

// Nameless is true for causes and findings whose texts never hold a customer's name: they are made of ids, numbers, dates,
// amounts and codes. Whatever shows a value out of a record (a reference, a description, a tracking option, what somebody
// typed into a field) is not among them; its text is in the store and in Salesforce.
func Nameless(cause string) bool {
	switch cause {
	case "deal.unseen", "deal.before_start", "deal.no_products", "deal.no_account", "deal.cloned", "deal.deleted", "deal.elsewhere", "deal.unmapped", "deal.unwon", "deal.unwon_together",
		"invoice.two", "invoice.twice", "invoice.voided", "invoice.deleted", "invoice.edited", "invoice.copied",
		"line.below_a_cent", "total.mismatch", "total.cents", "total.unknown", "currency.unread", "currency.unknown", "currency.differs", "currency.rate", "mapping.changed", "witness.unmarked", "witness.other", "xero.locked_period", "xero.failing",
		"reference.CurrencyCode", "reference.AccountCode", "reference.TaxType", "reference.ItemCode", "reference.BrandingThemeID":
		return true
	}
	return false
}
