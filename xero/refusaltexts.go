package xero

// refusals is the table of Xero's words, the more particular before the more general.
func refusals() []pattern {
	var table []pattern
	for _, part := range [][]pattern{callRefusals(), contactRefusals(), documentRefusals(), referenceRefusals(), lineRefusals(), paymentRefusals()} {
		table = append(table, part...)
	}
	return table
}

func callRefusals() []pattern {
	return []pattern{
		{all: []string{"idempotency key", "different request"}, cause: causeIdempotency, owner: admin,
			remedy: "An earlier copy of this call reached Xero; what it did is looked up before anything is sent again."},
		{all: []string{"post data was invalid", "invalid character"}, cause: "text.character", owner: sales,
			remedy: "A text of the record holds a character that cannot be written, mostly pasted from a document: type that text anew in Salesforce."},
		{all: []string{"maximum length of|must not exceed"}, cause: "text.too_long", owner: sales,
			remedy: "Shorten the text that Xero names, or cut it in mapping.yaml with LEFT."},
	}
}

func contactRefusals() []pattern {
	return []pattern{
		{all: []string{"contact name", "already assigned|already registered|already exists|must be unique"},
			field: "Name", cause: "exists.name", owner: accountant, exists: true,
			remedy: "Xero has an active contact of this name: if it is this customer, enter its Xero id in the account's field for that, where mapping.yaml names one; else rename one of the two."},
		{all: []string{"contact number", "another contact has this|already assigned|already exists|must be unique"},
			field: "ContactNumber", cause: "exists.contact_number", owner: accountant, exists: true,
			remedy: "A contact in Xero, perhaps an archived one, already carries this account's id: restore it (Contacts, Archived, Restore); one in use is found by itself."},
		{all: []string{"account number", "already exists|already assigned|must be unique"},
			field: "AccountNumber", cause: "exists.account_number", owner: sales, exists: true,
			remedy: "Another contact in Xero has this account number: correct it on the account or in Xero."},
		{all: []string{"archived contact|contact details has been archived|contact must be un-archived|contact must be unarchived"},
			field: "Contact", cause: "contact.archived", owner: accountant,
			remedy: "Restore the contact in Xero (Contacts, Archived, Restore): it cannot be done from outside."},
		{all: []string{"contact name cannot be empty"}, field: "Name", cause: "contact.name_missing", owner: sales,
			remedy: "Give the account a name in Salesforce."},
		{all: []string{"email address must be valid"}, field: "EmailAddress", cause: "contact.email", owner: sales,
			remedy: "Correct the e-mail address in Salesforce: one address, without umlauts."},
		{all: []string{"additional people cannot be added"}, field: "ContactPersons", cause: "contact.people", owner: sales,
			remedy: "Give the account an e-mail address in Salesforce: further people need one."},
		{all: []string{"due date for sales invoices|due date for bills|payment terms"}, field: "PaymentTerms", cause: "contact.terms", owner: admin,
			remedy: "Map PaymentTerms with a Day and a Type; counted within a month, the Day is 1 to 31."},
		{all: []string{"contact must be specified|elements to identify the contact"}, field: "Contact", cause: "contact.missing", owner: admin,
			remedy: "Check contact: in mapping.yaml, and that the deal has an account."},
	}
}

// documentRefusals are about numbers, states and dates of documents.
func documentRefusals() []pattern {
	return []pattern{
		{all: []string{"invoice # must be unique|invoice number must be unique"},
			field: "InvoiceNumber", cause: "exists.invoice_number", owner: accountant, exists: true,
			remedy: "Xero already has this invoice number, perhaps on a voided invoice: choose another."},
		{all: []string{"credit note", "must be unique"}, field: "CreditNoteNumber", cause: "exists.credit_note_number", owner: accountant, exists: true,
			remedy: "Xero already has this credit note number: choose another."},
		{all: []string{"not of valid status for modification"}, field: "Status", cause: "status.modification", owner: accountant,
			remedy: "The document is approved, paid, voided or deleted in Xero and can only be changed there."},
		{all: []string{"not of valid status for creation"}, field: "Status", cause: "status.creation", owner: admin,
			remedy: "Check Status in mapping.yaml: DRAFT, SUBMITTED or AUTHORISED."},
		{all: []string{"could not be found|was not found", "existing|document with the supplied id"}, cause: "document.gone", owner: accountant,
			remedy: "The document is no longer in Xero; decide there whether it is to be made again."},
		{all: []string{"cannot be edited as it has a payment|date cannot be changed", "payment|credit note"}, cause: "document.paid", owner: accountant,
			remedy: "Something has been paid or credited on it: take the payment off in Xero, or make the change there."},
		{all: []string{"status", "cannot be applied", "payments or credit notes allocated|payment or credit notes allocated|payment or credit note allocated"},
			field: "Status", cause: "document.paid", owner: accountant,
			remedy: "Something has been paid or credited on it: take the payment off in Xero first."},
		{all: []string{"limit of invoices you can approve"}, field: "Status", cause: "plan.limit", owner: accountant,
			remedy: "The Xero plan allows no more approved invoices this month: approve later or change the plan."},
		{all: []string{"lock date|accounts are locked"}, field: "Date", cause: "date.locked", owner: accountant, stale: PartOrganisation,
			remedy: "The books are closed for this date: move the lock date in Xero, or give the deal a later date."},
		{all: []string{"duedate|due date", "must be specified|mandatory|required"}, field: "DueDate", cause: "date.due_missing", owner: admin,
			remedy: "Map DueDate in mapping.yaml: without one an invoice can be a draft and nothing more."},
	}
}

// referenceRefusals are about what documents refer to: accounts, taxes, currencies, items, tracking.
func referenceRefusals() []pattern {
	return []pattern{
		{all: []string{"tax type|taxtype", "cannot be used with account code|cannot be used with account"},
			field: "TaxType", cause: "account.tax", owner: admin, stale: PartTaxRates,
			remedy: "Choose another TaxType or AccountCode in mapping.yaml: Xero does not allow these two together."},
		{all: []string{"taxtype|tax type", "mandatory|must be specified"}, field: "TaxType", cause: "tax.missing", owner: admin,
			remedy: "Map TaxType in mapping.yaml."},
		{all: []string{"taxtype|tax type", "not valid|not a valid|does not exist|invalid"},
			field: "TaxType", cause: "tax.unknown", owner: admin, stale: PartTaxRates,
			remedy: "Correct the TaxType in mapping.yaml to one that Xero has."},
		{all: []string{"account code", "archived|deleted"}, field: "AccountCode", cause: "account.archived", owner: admin, stale: PartAccounts,
			remedy: "Restore the account in Xero, or map another one in mapping.yaml."},
		{all: []string{"account code", "not a valid code|not valid|does not match a recognised account|removed"},
			field: "AccountCode", cause: "account.unknown", owner: admin, stale: PartAccounts,
			remedy: "Correct the AccountCode in mapping.yaml to one that Xero has."},
		{all: []string{"account code must be specified"}, field: "AccountCode", cause: "account.missing", owner: admin,
			remedy: "Map AccountCode in mapping.yaml."},
		// Both are said of lines whose account and tax rate are good, and which come to less than a cent.
		{all: []string{"account must be valid|tax rate must be valid"}, cause: "line.below_a_cent", owner: sales, stale: PartAccounts,
			remedy: "Look at this line: Xero approves none that comes to less than a cent. Take it off the deal, or give it a price of nothing or of a cent."},
		{all: []string{"currency rate", "must be specified"}, field: "CurrencyRate", cause: "currency.rate", owner: accountant, stale: PartCurrencies,
			remedy: "Xero has no rate for this currency and date: enter one there (Settings, Currencies), or map CurrencyRate."},
		{all: []string{"not subscribed to currency"}, field: "CurrencyCode", cause: "currency.unsubscribed", owner: accountant, stale: PartCurrencies,
			remedy: "Add the currency in Xero (Settings, Currencies), or correct the deal's currency."},
		{all: []string{"item", "with code", "already exists"}, field: "Code", cause: "exists.item_code", owner: admin, exists: true, stale: PartItems,
			remedy: "Xero already has an item of this code."},
		{all: []string{"item code", "not valid|does not exist|invalid"}, field: "ItemCode", cause: "item.unknown", owner: admin, stale: PartItems,
			remedy: "Add the item in Xero, or correct the product code in Salesforce."},
		{all: []string{"tracking category|tracking option"}, field: "Tracking", cause: "tracking.unknown", owner: admin, stale: PartTracking,
			remedy: "Add the tracking category or option in Xero, or correct the mapping or the deal."},
	}
}

// lineRefusals are about lines and amounts.
func lineRefusals() []pattern {
	return []pattern{
		{all: []string{"line items must be specified"}, field: "LineItems", cause: "lines.missing", owner: sales,
			remedy: "Add products to the deal in Salesforce."},
		{all: []string{"description", "mandatory|required|must be specified|cannot be empty"}, field: "Description", cause: "line.description", owner: admin,
			remedy: "Map a Description that is never empty."},
		{all: []string{"quantity", "less than zero|invalid"}, field: "Quantity", cause: "line.quantity", owner: sales,
			remedy: "Xero takes no quantity below zero: give the line a positive quantity and a negative price, on the deal or by a formula in mapping.yaml."},
		{all: []string{"discount", "is invalid|greater than the line total"}, field: "DiscountRate", cause: "line.discount", owner: sales,
			remedy: "Correct the discount of this line on the deal: it may not be more than the line itself, and a line below zero takes none in money."},
		{all: []string{"discounts may not be applied|discounts are only supported"}, field: "DiscountRate", cause: "discount.refused", owner: admin,
			remedy: "Leave discounts out of the mapping for this kind of document and send net prices."},
		{all: []string{"line total", "does not match"}, field: "LineAmount", cause: "amount.line", owner: admin,
			remedy: "Map Quantity and UnitAmount so that they come to the line's amount, and leave LineAmount out."},
		{all: []string{"document total does not equal|total", "sum of the lines|does not equal"}, field: "Total", cause: "amount.total", owner: admin,
			remedy: "Leave totals out of the mapping: Xero computes them."},
		{all: []string{"tax amount cannot be greater"}, field: "TaxAmount", cause: "amount.tax", owner: admin,
			remedy: "Leave TaxAmount out of the mapping: Xero computes it."},
		{all: []string{"total", "negative|less than zero|below zero"}, field: "Total", cause: "amount.negative", owner: accountant,
			remedy: "Xero takes no invoice below zero: make a credit note in Xero."},
	}
}

// paymentRefusals are about payments and allocations.
func paymentRefusals() []pattern {
	return []pattern{
		{all: []string{"payment amount exceeds", "outstanding"}, field: "Amount", cause: "payment.amount", owner: accountant,
			remedy: "The payment is more than what is due in Xero."},
		{all: []string{"payments can only be made against authorised"}, field: "Status", cause: "payment.status", owner: accountant,
			remedy: "Approve the invoice in Xero first; it may also be paid already."},
		{all: []string{"already been paid off|cannot be allocated|greater than amount outstanding"},
			field: "Amount", cause: "allocation.amount", owner: accountant,
			remedy: "The invoice in Xero has less outstanding than is to be allocated."},
		{all: []string{"account could not be found"}, field: "Account", cause: "payment.account", owner: admin, stale: PartAccounts,
			remedy: "Correct the bank account in the mapping to one that Xero has."},
	}
}
