package xero

import "strings"

// Refusal is one reason why Xero did not take a document, and what to do about it.
type Refusal struct {
	Text   string // Xero's own words, whole
	Where  string // the part of the document that the words hang on; "" for the document itself
	Cause  string // stable dotted code
	Remedy string
	Owner  string // whose turn it is: sales, admin, accountant
	Stale  bool   // the reference data held here may be out of date
	Exists bool   // uniqueness: what was to be made is already there
}

const (
	sales      = "sales"
	admin      = "admin"
	accountant = "accountant"

	causeIdempotency = "idempotency.used"
	causeOther       = "refused.other"
)

// Classify reads a refusal's text. Below the level of documents Xero has no error
// codes: only the words tell, and they vary. Words not known here are a lasting
// refusal shown as they are.
func Classify(text string) Refusal {
	low := strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	for _, p := range refusals() {
		if p.in(low) {
			return Refusal{Text: text, Cause: p.cause, Remedy: p.remedy, Owner: p.owner, Stale: p.stale, Exists: p.exists}
		}
	}
	return Refusal{Text: text, Cause: causeOther, Owner: admin,
		Remedy: "Correct the deal or the mapping as Xero's words say; it is sent again when either changes."}
}

// pattern recognises a refusal by parts of its words that do not vary. An entry of
// all may offer alternatives, separated by |.
type pattern struct {
	all           []string
	cause, remedy string
	owner         string
	stale, exists bool
}

func (p pattern) in(low string) bool {
	for _, part := range p.all {
		found := false
		for alternative := range strings.SplitSeq(part, "|") {
			found = found || strings.Contains(low, alternative)
		}
		if !found {
			return false
		}
	}
	return true
}

// refusals is the table, the more particular before the more general.
func refusals() []pattern {
	return []pattern{
		// The call.
		{all: []string{"idempotency key", "different request"}, cause: causeIdempotency, owner: admin,
			remedy: "An earlier copy of this call reached Xero; what it did is looked up before anything is sent again."},

		// Contacts.
		{all: []string{"contact name", "already assigned|must be unique"}, cause: "exists.name", owner: accountant, exists: true,
			remedy: "Xero has an active contact of this name: link the account to it, or rename one of the two."},
		{all: []string{"another contact has this contact number"}, cause: "exists.contact_number", owner: accountant, exists: true,
			remedy: "A contact in Xero, perhaps an archived one, already carries this account's id: restore it or link it."},
		{all: []string{"account number already exists"}, cause: "exists.account_number", owner: sales, exists: true,
			remedy: "Another contact in Xero has this account number: correct it on the account or in Xero."},
		{all: []string{"archived contact|contact details has been archived|contact must be un-archived|contact must be unarchived"}, cause: "contact.archived", owner: accountant,
			remedy: "Restore the contact in Xero (Contacts, Archived, Restore): it cannot be done from outside."},
		{all: []string{"contact name cannot be empty"}, cause: "contact.name_missing", owner: sales,
			remedy: "Give the account a name in Salesforce."},
		{all: []string{"email address must be valid"}, cause: "contact.email", owner: sales,
			remedy: "Correct the e-mail address in Salesforce."},
		{all: []string{"additional people cannot be added"}, cause: "contact.people", owner: sales,
			remedy: "Give the account an e-mail address in Salesforce: further people need one."},
		{all: []string{"contact must be specified|elements to identify the contact"}, cause: "contact.missing", owner: admin,
			remedy: "Check contact: in mapping.yaml, and that the deal has an account."},

		// Numbers and states of documents.
		{all: []string{"invoice # must be unique|invoice number must be unique"}, cause: "exists.invoice_number", owner: accountant, exists: true,
			remedy: "Xero already has this invoice number, perhaps on a voided invoice: choose another."},
		{all: []string{"credit note", "must be unique"}, cause: "exists.credit_note_number", owner: accountant, exists: true,
			remedy: "Xero already has this credit note number: choose another."},
		{all: []string{"not of valid status for modification"}, cause: "status.modification", owner: accountant,
			remedy: "The document is approved, paid, voided or deleted in Xero and can only be changed there."},
		{all: []string{"not of valid status for creation"}, cause: "status.creation", owner: admin,
			remedy: "Check Status in mapping.yaml: DRAFT, SUBMITTED or AUTHORISED."},
		{all: []string{"could not be found|was not found", "existing|document with the supplied id"}, cause: "document.gone", owner: accountant,
			remedy: "The document is no longer in Xero; decide there whether it is to be made again."},
		{all: []string{"cannot be edited as it has a payment|date cannot be changed", "payment|credit note"}, cause: "document.paid", owner: accountant,
			remedy: "Something has been paid or credited on it: take the payment off in Xero, or make the change there."},
		{all: []string{"status", "cannot be applied", "payments or credit notes allocated"}, cause: "document.paid", owner: accountant,
			remedy: "Something has been paid or credited on it: take the payment off in Xero first."},
		{all: []string{"limit of invoices you can approve"}, cause: "plan.limit", owner: accountant,
			remedy: "The Xero plan allows no more approved invoices this month: approve later or change the plan."},

		// Dates.
		{all: []string{"lock date|accounts are locked"}, cause: "date.locked", owner: accountant, stale: true,
			remedy: "The books are closed for this date: move the lock date in Xero, or give the deal a later date."},

		// Accounts, taxes, currencies, items, tracking.
		{all: []string{"tax type|taxtype", "cannot be used with account code|cannot be used with account"}, cause: "account.tax", owner: admin, stale: true,
			remedy: "Choose another TaxType or AccountCode in mapping.yaml: Xero does not allow these two together."},
		{all: []string{"taxtype|tax type", "mandatory|must be specified"}, cause: "tax.missing", owner: admin,
			remedy: "Map TaxType in mapping.yaml."},
		{all: []string{"taxtype|tax type", "not valid|not a valid|does not exist|invalid"}, cause: "tax.unknown", owner: admin, stale: true,
			remedy: "Correct the TaxType in mapping.yaml to one that Xero has."},
		{all: []string{"account code", "archived|deleted"}, cause: "account.archived", owner: admin, stale: true,
			remedy: "Restore the account in Xero, or map another one in mapping.yaml."},
		{all: []string{"account code", "not a valid code|not valid|does not match a recognised account|removed"}, cause: "account.unknown", owner: admin, stale: true,
			remedy: "Correct the AccountCode in mapping.yaml to one that Xero has."},
		{all: []string{"account code must be specified"}, cause: "account.missing", owner: admin,
			remedy: "Map AccountCode in mapping.yaml."},
		{all: []string{"not subscribed to currency"}, cause: "currency.unsubscribed", owner: accountant, stale: true,
			remedy: "Add the currency in Xero (Settings, Currencies), or correct the deal's currency."},
		{all: []string{"item", "with code", "already exists"}, cause: "exists.item_code", owner: admin, exists: true, stale: true,
			remedy: "Xero already has an item of this code."},
		{all: []string{"item code", "not valid|does not exist|invalid"}, cause: "item.unknown", owner: admin, stale: true,
			remedy: "Add the item in Xero, or correct the product code in Salesforce."},
		{all: []string{"tracking category|tracking option"}, cause: "tracking.unknown", owner: admin, stale: true,
			remedy: "Add the tracking category or option in Xero, or correct the mapping or the deal."},

		// Lines and amounts.
		{all: []string{"line items must be specified"}, cause: "lines.missing", owner: sales,
			remedy: "Add products to the deal in Salesforce."},
		{all: []string{"description", "mandatory|required|must be specified|cannot be empty"}, cause: "line.description", owner: admin,
			remedy: "Map a Description that is never empty."},
		{all: []string{"line total", "does not match"}, cause: "amount.line", owner: admin,
			remedy: "Map Quantity and UnitAmount so that they come to the line's amount, and leave LineAmount out."},
		{all: []string{"document total does not equal|total", "sum of the lines|does not equal"}, cause: "amount.total", owner: admin,
			remedy: "Leave totals out of the mapping: Xero computes them."},
		{all: []string{"tax amount cannot be greater"}, cause: "amount.tax", owner: admin,
			remedy: "Leave TaxAmount out of the mapping: Xero computes it."},
		{all: []string{"discounts may not be applied"}, cause: "discount.refused", owner: admin,
			remedy: "Leave discounts out of the mapping for this kind of document and send net prices."},
		{all: []string{"total", "negative|less than zero|below zero"}, cause: "amount.negative", owner: accountant,
			remedy: "Xero takes no invoice below zero: make a credit note in Xero."},

		// Payments and allocations.
		{all: []string{"payment amount exceeds", "outstanding"}, cause: "payment.amount", owner: accountant,
			remedy: "The payment is more than what is due in Xero."},
		{all: []string{"payments can only be made against authorised"}, cause: "payment.status", owner: accountant,
			remedy: "Approve the invoice in Xero first; it may also be paid already."},
		{all: []string{"already been paid off|cannot be allocated|greater than amount outstanding"}, cause: "allocation.amount", owner: accountant,
			remedy: "The invoice in Xero has less outstanding than is to be allocated."},
		{all: []string{"account could not be found"}, cause: "payment.account", owner: admin, stale: true,
			remedy: "Correct the bank account in the mapping to one that Xero has."},
	}
}
