package xero

import (
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, cause, owner string
		stale, exists      bool
	}{
		{"The contact name Buzz Lightyear is already assigned to another contact. The contact name must be unique across all active contacts.", "exists.name", "accountant", false, true},
		{"Another contact has this contact number. Please enter a different contact number.", "exists.contact_number", "accountant", false, true},
		{"The Account Number already exists. Please enter a different Account Number.", "exists.account_number", "sales", false, true},
		{"The specified contact details matched an archived contact. Archived contacts cannot currently be edited via the API.", "contact.archived", "accountant", false, false},
		{"The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes.", "contact.archived", "accountant", false, false},
		{"Contact Name cannot be empty.", "contact.name_missing", "sales", false, false},
		{"Email address must be valid.", "contact.email", "sales", false, false},
		{"Additional people cannot be added when the primary person has no email address set.", "contact.people", "sales", false, false},
		{"A Contact must be specified for this type of transaction", "contact.missing", "admin", false, false},
		{"The Contact must contain at least 1 of the following elements to identify the contact: Name, ContactID, ContactNumber", "contact.missing", "admin", false, false},
		{"One or more line items must be specified", "lines.missing", "sales", false, false},
		{"The description field is mandatory for each line item.", "line.description", "admin", false, false},
		{"Invoice # must be unique.", "exists.invoice_number", "accountant", false, true},
		{"Invoice not of valid status for modification", "status.modification", "accountant", false, false},
		{"Invoice not of valid status for creation", "status.creation", "admin", false, false},
		{"An existing Invoice with the specified InvoiceID could not be found", "document.gone", "accountant", false, false},
		{"An existing Credit Note with the specified CreditNoteID could not be found", "document.gone", "accountant", false, false},
		{"The document with the supplied id was not found for this endpoint.", "document.gone", "accountant", false, false},
		{"This document cannot be edited as it has a payment or credit note allocated to it.", "document.paid", "accountant", false, false},
		{"The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.", "document.paid", "accountant", false, false},
		{"Date cannot be changed on an invoice that has payment or credit notes allocated to it.", "document.paid", "accountant", false, false},
		{"The document date cannot be before the period lock date, currently set at 31-Jul-2026", "date.locked", "accountant", true, false},
		{"The document date cannot be before the end of year lock date, currently set at 31-Jul-2013", "date.locked", "accountant", true, false},
		{"Organisation accounts are locked on the specified payment date", "date.locked", "accountant", true, false},
		{"Account code '9999' is not a valid code for this document.", "account.unknown", "admin", true, false},
		{"Account code '9999' has been archived, or deleted. Each line item must reference a valid account.", "account.archived", "admin", true, false},
		{"Account code '9999' has been removed as it does not match a recognised account.", "account.unknown", "admin", true, false},
		{"Account code must be specified", "account.missing", "admin", false, false},
		{"The TaxType field is mandatory", "tax.missing", "admin", false, false},
		{"The TaxType code 'INPUT2' cannot be used with account code '200'.", "account.tax", "admin", true, false},
		{"The TaxType code 'X' is not valid", "tax.unknown", "admin", true, false},
		{"The line total 9.99 does not match the expected line total 10.00", "amount.line", "admin", false, false},
		{"The document total does not equal the sum of the lines.", "amount.total", "admin", false, false},
		{"The tax amount cannot be greater than the line amount!", "amount.tax", "admin", false, false},
		{"Discounts may not be applied to ACCPAY invoices.", "discount.refused", "admin", false, false},
		{"Organisation is not subscribed to currency EUR", "currency.unsubscribed", "accountant", true, false},
		{"Users Organisation is not subscribed to currency NZD", "currency.unsubscribed", "accountant", true, false},
		{"Item code 'abc' is not valid", "item.unknown", "admin", true, false},
		{"Price List Item with Code 'abc' already exists", "exists.item_code", "admin", true, true},
		{"There is no ACTIVE tracking category with the name 'Region'", "tracking.unknown", "admin", true, false},
		{"For each specified tracking option the name must be unique.", "tracking.unknown", "admin", true, false},
		{"Payment amount exceeds the amount outstanding on this document", "payment.amount", "accountant", false, false},
		{"Payments can only be made against Authorised documents", "payment.status", "accountant", false, false},
		{"Account could not be found", "payment.account", "admin", true, false},
		{"The invoice you are trying to allocate to has already been paid off", "allocation.amount", "accountant", false, false},
		{"Credit Note cannot be allocated as amount is greater than amount outstanding", "allocation.amount", "accountant", false, false},
		{"You have reached the limit of invoices you can approve", "plan.limit", "accountant", false, false},
		{"Idempotency Key: abc-1 is used with a different request.", "idempotency.used", "admin", false, false},
		{"Something nobody has seen before", "refused.other", "admin", false, false},
	} {
		for _, text := range []string{tc.text, strings.ToUpper(tc.text), strings.ToLower(tc.text)} {
			r := Classify(text)
			if r.Text != text || r.Cause != tc.cause || r.Owner != tc.owner || r.Stale != tc.stale || r.Exists != tc.exists {
				t.Errorf("%s\ngot  %s, %s, stale %v, exists %v\nwant %s, %s, stale %v, exists %v",
					text, r.Cause, r.Owner, r.Stale, r.Exists, tc.cause, tc.owner, tc.stale, tc.exists)
			}
			if !strings.HasSuffix(r.Remedy, ".") {
				t.Errorf("%s: the remedy is no sentence: %q", text, r.Remedy)
			}
		}
	}
}

// Words that users, vendors' help pages and Xero's staff quote in public. The first two mean that it is there already.
func TestClassifyKnowsWhatThePublicQuotes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, cause, owner, field string
		part                      Part
		exists                    bool
	}{
		{"The Contact Name already exists. Please enter a different Contact Name.", "exists.name", "accountant", "Name", "", true},
		{"The contact number 0015g0000000001AAA is already assigned to another contact. The contact number must be unique across all contacts.", "exists.contact_number", "accountant", "ContactNumber", "", true},
		{"The contact name Kea is already registered to another contact", "exists.name", "accountant", "Name", "", true},
		{"Credit Note # must be unique.", "exists.credit_note_number", "accountant", "CreditNoteNumber", "", true},
		{"The discount rate '27.83' is invalid. Discount must not be greater than the line total.", "line.discount", "sales", "DiscountRate", "", false},
		{"The discount rate '0.00' is invalid. Discount must not be greater than the line total.", "line.discount", "sales", "DiscountRate", "", false},
		{"Discounts are only supported on individual line items. You can specify the same DiscountRate on each line item to achieve a discount across an entire invoice.", "discount.refused", "admin", "DiscountRate", "", false},
		{"Account must be valid.", "line.below_a_cent", "sales", "", PartAccounts, false},
		{"Tax rate must be valid.", "line.below_a_cent", "sales", "", PartAccounts, false},
		{"The document DueDate field must be specified.", "date.due_missing", "admin", "DueDate", "", false},
		{"The quantity value '-1.0000' is invalid. Quantity must not be less than zero.", "line.quantity", "sales", "Quantity", "", false},
		{"A currency rate must be specified", "currency.rate", "accountant", "CurrencyRate", PartCurrencies, false},
		{"The status AUTHORISED cannot be applied to the invoice because it has payment or Credit notes allocated to it.", "document.paid", "accountant", "Status", "", false},
		{"Document not of valid status for modification", "status.modification", "accountant", "Status", "", false},
		{"The invoice total does not equal the sum of the lines.", "amount.total", "admin", "Total", "", false},
		{"The TaxType code 'GST on Income' is not valid", "tax.unknown", "admin", "TaxType", PartTaxRates, false},
		{"The TaxType code GST on Income does not exist or cannot be used for this type of transaction.", "tax.unknown", "admin", "TaxType", PartTaxRates, false},
		{"Both Day and Type must be supplied when adding or updating payment terms", "contact.terms", "admin", "PaymentTerms", "", false},
		{"Due Date for Sales Invoices must be between 1 and 31 when set to the following (or current) month", "contact.terms", "admin", "PaymentTerms", "", false},
		{"Xml for post data was invalid, '', hexadecimal value 0x02, is an invalid character. Line 149, position 251.", "text.character", "sales", "", "", false},
		{"The field Name must be a string with a maximum length of 255.", "text.too_long", "sales", "", "", false},
		{"The document date cannot be before the end of year lock date, currently set at 31-Jul-2013", "date.locked", "accountant", "Date", PartOrganisation, false},
		{"Organisation is not subscribed to currency EUR", "currency.unsubscribed", "accountant", "CurrencyCode", PartCurrencies, false},
		{"Item code 'abc' is not valid", "item.unknown", "admin", "ItemCode", PartItems, false},
		{"There is no ACTIVE tracking category with the name 'Region'", "tracking.unknown", "admin", "Tracking", PartTracking, false},
	} {
		r := Classify(tc.text)
		if r.Cause != tc.cause || r.Owner != tc.owner || r.Field != tc.field || r.Part != tc.part || r.Stale != (tc.part != "") || r.Exists != tc.exists {
			t.Errorf("%s\ngot  %s, %s, field %q, part %q, exists %v", tc.text, r.Cause, r.Owner, r.Field, r.Part, r.Exists)
		}
	}
}

func TestEveryRefusalSaysWhoseTurnItIs(t *testing.T) {
	t.Parallel()
	for _, p := range refusals() {
		if p.owner != sales && p.owner != admin && p.owner != accountant {
			t.Errorf("%s has the owner %q", p.cause, p.owner)
		}
		if p.cause == "" || p.remedy == "" || p.exists != strings.HasPrefix(p.cause, "exists.") {
			t.Errorf("incomplete: %+v", p)
		}
		for _, part := range p.all {
			if part != strings.ToLower(part) {
				t.Errorf("%s would never match %q", p.cause, part)
			}
		}
	}
}
