package plan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/store"
	"sf2xero/xero"
)

// planCase is one row of the case table in plan.go, in a user's words.
type planCase struct {
	name         string
	given        func(d *desk)
	do           Action
	cause, owner string   // of a hold
	says         []string // in the hold's text or remedy, or in the reason
	finds        string   // what finding it tells, if any
	undecided    bool     // what changed on the record is still to be dealt with
}

func (c planCase) run(t *testing.T, plan func(*desk) Step) {
	t.Run(c.name, func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		if c.given != nil {
			c.given(d)
		}
		s := plan(d)
		c.check(t, s)
		if s.Undecided != c.undecided {
			t.Errorf("undecided: %t", s.Undecided)
		}
		again := plan(d)
		if a, b := asJSON(t, s), asJSON(t, again); a != b {
			t.Errorf("planned again, it differs:\n%s\n%s", a, b)
		}
		keepsNames(t, s)
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (c planCase) check(t *testing.T, s Step) {
	t.Helper()
	cause, owner, text := "", "", s.Why
	if s.Hold != nil {
		cause, owner, text = s.Hold.Cause, s.Hold.Owner, s.Hold.Text+" | "+s.Hold.Remedy
		if s.Hold.Text == "" || s.Hold.Remedy == "" {
			t.Errorf("the hold %q lacks a text or a remedy", text)
		}
	}
	if s.Do != c.do || cause != c.cause || owner != c.owner {
		t.Errorf("%s, held for %q by %q, want %s, %q, %q\n%s", s.Do, cause, owner, c.do, c.cause, c.owner, text)
	}
	if s.Why == "" {
		t.Error("the step gives no reason")
	}
	for _, say := range c.says {
		if !strings.Contains(text, say) {
			t.Errorf("%q does not say %q", text, say)
		}
	}
	var found []string
	for _, f := range s.Findings {
		found = append(found, f.What)
	}
	if got := strings.Join(found, ","); got != c.finds {
		t.Errorf("it finds %q, want %q", got, c.finds)
	}
}

func TestADealWithoutAnInvoice(t *testing.T) {
	t.Parallel()
	for _, c := range []planCase{
		{name: "all well", do: Create, says: []string{"no invoice"}},
		{name: "a call about it was not answered", given: func(d *desk) { d.unanswered(dealKey, "create") },
			do: Wait, says: []string{"not known yet"}},
		{name: "an answered call is no reason to wait", given: func(d *desk) {
			d.unanswered(dealKey, "create")
			d.books.intents[dealKey][0].Attempts[0].Answer = "200"
		}, do: Create},

		{name: "Xero has its invoice already", given: func(d *desk) { d.shows(invoiceID, "INV-0001", "AUTHORISED", dealID, 1) }, do: Adopt, says: []string{"INV-0001"}},
		{name: "Xero has its invoice and a dead one", given: func(d *desk) {
			d.shows(invoiceID, "INV-0001", "VOIDED", dealID, 1)
			d.shows(invoiceID2, "INV-0002", "PAID", dealID, 1)
		}, do: Adopt, says: []string{"INV-0002"}},
		{name: "Xero has two invoices for it", given: func(d *desk) {
			d.shows(invoiceID, "INV-0001", "DRAFT", dealID, 1)
			d.shows(invoiceID2, "INV-0002", "AUTHORISED", dealID, 1)
		}, do: Hold, cause: "invoice.two", owner: Accountant, says: []string{"INV-0001 (a draft)", "INV-0002 (approved)", "void or delete all but one"}},
		{name: "its invoice was voided", given: func(d *desk) { d.shows(invoiceID, "INV-0001", "VOIDED", dealID, 1) },
			do: Hold, cause: "invoice.voided", owner: Accountant, says: []string{"INV-0001 was voided in Xero on 2026-11-21", "not made again by itself"}},
		{name: "its draft was deleted by a person", given: func(d *desk) { d.shows(invoiceID, "INV-0001", "DELETED", dealID, 1) },
			do: Hold, cause: "invoice.deleted", owner: Accountant, says: []string{"INV-0001 was deleted in Xero"}},
		{name: "we deleted its draft when it was un-won; it is won again", given: func(d *desk) {
			d.books.links[dealKey] = store.Link{Key: dealKey, Kind: "Invoices", Generation: 2}
			d.shows(invoiceID, "INV-0001", "DELETED", dealID, 1)
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"`+strings.ToUpper(invoiceID)+`"`)
		}, do: Create},
		{name: "another deal's invoice is none of its own", given: func(d *desk) { d.shows(invoiceID, "INV-0001", "DRAFT", otherDeal, 1) }, do: Create},

		{name: "its field names its invoice", given: func(d *desk) {
			d.shows(invoiceID, "INV-0001", "DRAFT", dealID, 1)
			d.books.seen["Invoices/"+invoiceID] = nameless1(d.books.seen["Invoices/"+invoiceID]) // not found by its mark
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"`+invoiceID+`"`)
		}, do: Adopt, says: []string{"own field"}},
		{name: "its field names its invoice, which was voided", given: func(d *desk) {
			d.shows(invoiceID, "INV-0001", "VOIDED", dealID, 1)
			d.books.seen["Invoices/"+invoiceID] = nameless1(d.books.seen["Invoices/"+invoiceID])
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"`+invoiceID+`"`)
		}, do: Hold, cause: "invoice.voided", owner: Accountant},
		{name: "it was cloned, and its field names the other deal's invoice", given: func(d *desk) {
			d.shows(invoiceID, "INV-0001", "VOIDED", otherDeal, 1)
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"`+invoiceID+`"`)
		}, do: Create, finds: "deal.cloned"},
		{name: "its field names an invoice made by hand", given: func(d *desk) {
			d.shows(invoiceID, "INV-0001", "DRAFT", dealID, 0)
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"`+invoiceID+`"`)
		}, do: Hold, cause: "witness.unmarked", owner: Accountant, says: []string{"Xero_Invoice_Id__c", "INV-0001", "not made for this deal"}},
		{name: "its field names the invoice of the org this one is a copy of", given: func(d *desk) {
			d.shows(invoiceID, "INV-0001", "DRAFT", dealID, 1)
			d.books.seen["Invoices/"+invoiceID] = nameless1(d.books.seen["Invoices/"+invoiceID])
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"`+invoiceID+`"`)
			d.facts.Place.Org = "00DDn0000000002MAA"
		}, do: Hold, cause: "witness.unmarked", owner: Accountant},
		{name: "its field names a purchase bill with its link", given: func(d *desk) {
			d.shows(invoiceID, "INV-0001", "DRAFT", dealID, 1)
			seen := nameless1(d.books.seen["Invoices/"+invoiceID])
			seen.JSON = json.RawMessage(strings.Replace(string(seen.JSON), "ACCREC", "ACCPAY", 1))
			d.books.seen["Invoices/"+invoiceID] = seen
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"`+invoiceID+`"`)
		}, do: Hold, cause: "witness.unmarked", owner: Accountant},
		{name: "its field names something that is to be looked up", given: func(d *desk) {
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"`+invoiceID+`"`)
		}, do: Wait, says: []string{"looked up"}},
		{name: "its field names something Xero does not have", given: func(d *desk) {
			d.sells(`"Xero_Invoice_Id__c":null`, `"Xero_Invoice_Id__c":"See Zanzibar"`)
			d.facts.UnknownIDs["see zanzibar"] = true
		}, do: Hold, cause: "witness.unknown", owner: Accountant, says: []string{"see zanzibar", "empty that field"}},

		{name: "un-won before it was invoiced", given: func(d *desk) { d.record.Gone = "unmatched" }, do: Nothing},
		{name: "deleted before it was invoiced", given: func(d *desk) { d.record.Gone = "deleted" }, do: Nothing},
		{name: "un-won, but Xero has its invoice", given: func(d *desk) {
			d.record.Gone = "unmatched"
			d.shows(invoiceID, "INV-0001", "DRAFT", dealID, 1)
		}, do: Adopt},
		{name: "hidden before it was invoiced", given: func(d *desk) { d.record.Gone = "unseen" },
			do: Hold, cause: "deal.unseen", owner: Admin, says: []string{"no longer shows this deal", "access"}},

		{name: "won with a date before the books begin", given: func(d *desk) { d.sells("2026-11-20", "2026-10-31") },
			do: Hold, cause: "deal.before_start", owner: Accountant, says: []string{"2026-10-31", "2026-11-01"}},
		{name: "won on the day the books begin", given: func(d *desk) { d.sells("2026-11-20", "2026-11-01") }, do: Create},
		{name: "matching only since the mapping was edited", given: func(d *desk) { d.record.Cause = "mapping" },
			do: Hold, cause: "mapping.changed", owner: Admin, says: []string{"only since mapping.yaml was edited"}},
		{name: "touched nine minutes ago", given: func(d *desk) { d.record.Stamp = d.facts.SalesforceNow.Add(-9 * time.Minute) }, do: Wait, says: []string{"less than 10m"}},
		{name: "touched ten minutes ago", given: func(d *desk) { d.record.Stamp = d.facts.SalesforceNow.Add(-10 * time.Minute) }, do: Create},
		{name: "touched a minute ago and still wrong is not judged before it is left alone", given: func(d *desk) {
			d.record.Stamp = d.facts.SalesforceNow.Add(-time.Minute)
			d.sells("2400.00", "1.00")
		}, do: Wait},
		{name: "held and touched a minute ago, still wrong", given: func(d *desk) {
			d.record.Stamp, d.record.Hold = d.facts.SalesforceNow.Add(-time.Minute), Held("total.mismatch", Sales, "x", "y")
			d.sells("2400.00", "1.00")
		}, do: Hold, cause: "total.mismatch", owner: Sales, says: []string{"1.00"}},
		{name: "held and mended a minute ago", given: func(d *desk) {
			d.record.Stamp, d.record.Hold = d.facts.SalesforceNow.Add(-time.Minute), Held("total.mismatch", Sales, "x", "y")
		}, do: Wait},

		{name: "no products", given: func(d *desk) {
			var row map[string]any
			_ = json.Unmarshal([]byte(d.row), &row)
			row["OpportunityLineItems"], row["HasOpportunityLineItem"] = []any{}, false
			text, _ := json.Marshal(row)
			d.row = string(text)
		}, do: Hold, cause: "deal.no_products", owner: Sales, says: []string{"the deal has no products", "add its products"}},
		{name: "no account", given: func(d *desk) { d.sells(`"AccountId":"001Dn0000000001IAA"`, `"AccountId":null`) },
			do: Hold, cause: "deal.no_account", owner: Sales, says: []string{"nobody to invoice"}},
		{name: "a country that is not in the tax table, on each of its lines", given: func(d *desk) { d.sells("New Zealand", "Tanzania") },
			do: Hold, cause: "record.unmappable", owner: Admin, says: []string{`lines 1 and 2: TaxType: "Tanzania" is not in the table "tax" (mapping.yaml:`, "complete mapping.yaml"}},
		{name: "a product without a price", given: func(d *desk) { d.sells(`"UnitPrice":1000.00`, `"UnitPrice":null`) },
			do: Hold, cause: "record.unmappable", owner: Sales, says: []string{"line 1: UnitPrice has no value in Salesforce; Xero's UnitAmount is made from it", "(mapping.yaml line ", "correct it in Salesforce"}},
		{name: "lines that miss the amount by a cent", given: func(d *desk) { d.sells("2400.00", "2400.01") },
			do: Hold, cause: "total.mismatch", owner: Sales, says: []string{"2400.00 before tax", "the deal says 2400.01", "difference 0.01"}},
		{name: "an amount with more digits than an invoice has", given: func(d *desk) { d.sells("2400.00", "2400.0049") },
			do: Hold, cause: "record.unmappable", owner: Admin, says: []string{"total is 2400.0049", "ROUND(", fmt.Sprintf("(mapping.yaml line %d)", newDesk(t).lineOf("total: =Amount"))}},
		{name: "a currency Xero is not set up for", given: func(d *desk) { d.sells(`"NZD"`, `"AUD"`) },
			do: Hold, cause: "reference.CurrencyCode", owner: Accountant, says: []string{"AUD", "add the currency in Xero"}},
		{name: "an account that Xero archived", given: func(d *desk) { d.reference.Accounts[1].Status = "ARCHIVED" },
			do: Hold, cause: "reference.AccountCode", owner: Admin, says: []string{`line 2: AccountCode: the account "210" is archived in Xero`, "correct mapping.yaml line "}},
		{name: "a tracking option that Xero lacks", given: func(d *desk) { d.sells(`"North"`, `"Zanzibar"`) },
			do: Hold, cause: "reference.Tracking", owner: Admin, says: []string{"line 1: Tracking", "Zanzibar"}},
		{name: "a date in a locked period", given: func(d *desk) { d.reference.Organisation.PeriodLockDate = "2026-11-20" },
			do: Hold, cause: "xero.locked_period", owner: Accountant, says: []string{"2026-11-20", "locked in Xero"}},
		{name: "the day after the locked period", given: func(d *desk) { d.reference.Organisation.EndOfYearLockDate = "2026-11-19" }, do: Create},
		{name: "its account is held", given: func(d *desk) {
			delete(d.books.links, accountKey)
			d.books.records[accountKey] = store.Record{Key: accountKey, Hold: Held("contact.near_miss", Sales, "nearly Zanzibar", "rename it")}
		}, do: Hold, cause: "contact.held", owner: Sales, says: []string{"its account is held: nearly Zanzibar", "rename it"}},
		{name: "its account is still to become a contact", given: func(d *desk) { delete(d.books.links, accountKey) }, do: Create},
		{name: "its contact is archived", given: func(d *desk) {
			d.customer(xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED"})
		}, do: Hold, cause: "contact.archived", owner: Accountant, says: []string{"Zanzibar Ferries", "restore the contact"}},
		{name: "its contact was merged into another", given: func(d *desk) {
			d.customer(xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED", MergedToContactID: contactID2})
			d.customer(xero.Contact{ContactID: contactID2, Name: "Zanzibar Group", ContactStatus: "ACTIVE"})
		}, do: Create},
	} {
		c.run(t, (*desk).plan)
	}
}

// nameless1 is a document of the mirror that is found by its id alone.
func nameless1(s store.Seen) store.Seen { s.Names = nil; return s }

func TestWhatXeroRefusedIsNotSentAgainUntilSomethingChanged(t *testing.T) {
	t.Parallel()
	refused := func(d *desk) {
		s := d.plan()
		h := RefusalHold([]xero.Refusal{xero.Classify("Email address must be valid.")}, s.Inputs)
		d.record.Hold, d.record.NotBefore = h, d.facts.XeroNow.Add(RefusedFor)
	}
	for _, c := range []planCase{
		{name: "the same bytes", given: refused, do: Hold, cause: "xero.contact.email", owner: Sales, says: []string{"Xero refused: Email address must be valid"}},
		{name: "a day later", given: func(d *desk) {
			refused(d)
			d.facts.XeroNow = d.facts.XeroNow.Add(RefusedFor)
			d.record.Today = "2026-11-21"
		}, do: Create},
		{name: "the deal changed", given: func(d *desk) { refused(d); d.sells("Zanzibar 77", "Zanzibar 78") }, do: Create},
		{name: "the accountant changed a tax rate", given: func(d *desk) { refused(d); d.reference.TaxRates[0].Name = "GST" }, do: Hold, cause: "reference.TaxType", owner: Admin},
		{name: "the accountant added an account", given: func(d *desk) {
			refused(d)
			d.reference.Accounts = append(d.reference.Accounts, xero.Account{Code: "220", Status: "ACTIVE"})
		}, do: Create},
		{name: "the contact was restored", given: func(d *desk) {
			refused(d)
			d.customer(xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "GDPRREQUEST"})
		}, do: Create},
	} {
		c.run(t, (*desk).plan)
	}
}

// What a create sends: born a draft, bearing the mark, with the organisation's own codes and no contact yet.
func TestWhatACreateSends(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.maps("Status: DRAFT", "Status: AUTHORISED")
	s := d.plan()
	want := `{"Type":"ACCREC","Reference":"Zanzibar 77","Url":"https://example.my.salesforce.com/006Dn0000000001IAA?d=00DDn0000000001MAA.default.1","Date":"2026-11-20","DueDate":"2026-12-20","Status":"DRAFT","LineAmountTypes":"Exclusive","LineItems":[` +
		`{"Description":"Seats for Zanzibar","Quantity":2,"UnitAmount":1000,"ItemCode":"SEAT","AccountCode":"200","TaxType":"OUTPUT2","Tracking":[{"Name":"Region","Option":"North"}]},` +
		`{"Description":"Setup in Zanzibar","Quantity":1,"UnitAmount":500,"AccountCode":"210","TaxType":"OUTPUT2","DiscountRate":20,"Tracking":[{"Name":"Region","Option":"North"}]}],"CurrencyCode":"NZD"}`
	var a, b any
	if json.Unmarshal(s.Document, &a) != nil || json.Unmarshal([]byte(want), &b) != nil || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("it sends\n%s\nwant\n%s", s.Document, want)
	}
	if s.Contact != accountKey || s.Status != "AUTHORISED" || s.Generation != 1 || s.Today != "2026-11-21" || s.Name != "Zanzibar Ferries, spring" {
		t.Errorf("contact %v, status %s, generation %d, today %s, name %q", s.Contact, s.Status, s.Generation, s.Today, s.Name)
	}
}

// A formula that says TODAY() gives the day of the record's first plan for ever.
func TestTodayIsTheDayOfTheFirstPlan(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.maps("Date: =CloseDate", "Date: =TODAY()")
	d.invoiced()
	d.facts.XeroNow = d.facts.XeroNow.Add(72 * time.Hour)
	d.sells("Zanzibar 77", "Zanzibar 78")
	if s := d.plan(); s.Today != "2026-11-21" || s.Do != Update || s.Why != "changed on the deal: Reference" {
		t.Errorf("three days later: %s, %s: %s", s.Today, s.Do, s.Why)
	}
	delete(d.books.links, dealKey)
	d.record.Today = "2026-11-19" // planned before, and held since
	if s := d.plan(); s.Today != "2026-11-19" || !strings.Contains(string(s.Document), `"Date":"2026-11-19"`) && s.Do == Create {
		t.Errorf("a deal first planned on the 19th: %s, %s", s.Today, s.Document)
	}
}
