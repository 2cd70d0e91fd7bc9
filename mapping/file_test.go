package mapping

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// change replaces a text of the example that occurs once.
func change(t testing.TB, old, new string) []byte {
	t.Helper()
	text := string(exampleText(t))
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q occurs %d times in the example", old, strings.Count(text, old))
	}
	return []byte(strings.Replace(text, old, new, 1))
}

// complaints compiles a text and gives every problem in one line each.
func complaints(t testing.TB, text []byte) []string {
	t.Helper()
	f, problems := Parse("mapping.yaml", text)
	if f != nil {
		_, _, problems = f.Compile(company())
	}
	var all []string
	for _, p := range problems {
		all = append(all, p.String())
	}
	return all
}

func TestEverySlipInTheExampleIsShownWhereItIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, want string }{
		// formulas, one by one
		{"Name: =Name\n", "Name: =Nmae\n", `mapping.yaml:9:12: Account has no field "Nmae"; did you mean "Name"?`},
		{"=AccountNumber", "=AccountNumer", `mapping.yaml:10:21: Account has no field "AccountNumer"; did you mean "AccountNumber"?`},
		{"=Billing_Email__c", "=Billing_Mail__c", `mapping.yaml:11:20: Account has no field "Billing_Mail__c"; did you mean "Billing_Email__c"?`},
		{"=BillingStreet", "=BillingStret", `mapping.yaml:14:24: Account has no field "BillingStret"; did you mean "BillingStreet"?`},
		{"=BillingCity", "=BilingCity", `mapping.yaml:15:16: Account has no field "BilingCity"; did you mean "BillingCity"?`},
		{"=BillingState", "=BillingStat", `mapping.yaml:16:18: Account has no field "BillingStat"; did you mean "BillingState"?`},
		{"=BillingPostalCode", "=BillingPostcode", `mapping.yaml:17:22: Account has no field "BillingPostcode"; did you mean "BillingPostalCode"?`},
		{"=BillingCountry\n", "=BillingCuntry\n", `mapping.yaml:18:19: Account has no field "BillingCuntry"; did you mean "BillingCountry"?`},
		{"=AccountId", "=AcountId", `mapping.yaml:24:13: Opportunity has no field "AcountId"; did you mean "AccountId"?`},
		{"=Amount ", "=Amont ", `mapping.yaml:25:11: Opportunity has no field "Amont"; did you mean "Amount"?`},
		{"Date: =CloseDate\n", "Date: =Clsoe_Date\n", `mapping.yaml:29:12: Opportunity has no field "Clsoe_Date"; did you mean "CloseDate"?`},
		{"=CloseDate + 30", "=CloseDate + Thirty", `mapping.yaml:30:27: Opportunity has no field "Thirty", or the integration user may not see it`},
		{"=PO_Number__c", "=PO_Nummer__c", `mapping.yaml:31:17: Opportunity has no field "PO_Nummer__c"; did you mean "PO_Number__c"?`},
		{"=BLANKVALUE(Description, Product2.Name)", "=BLANKVALUE(Description, Product.Name)", `mapping.yaml:38:45: OpportunityLineItem has no relationship "Product"; did you mean "Product2"?`},
		{"=Quantity", "=Qantity", `mapping.yaml:39:18: OpportunityLineItem has no field "Qantity"; did you mean "Quantity"?`},
		{"=UnitPrice", "=Unit Price", `mapping.yaml:40:25: an operator is missing before "Price"`},
		{"=Discount\n", "=CloseDate\n", `mapping.yaml:41:22: OpportunityLineItem has no field "CloseDate"; did you mean "Opportunity.CloseDate"?`},
		{"=Product2.ProductCode", "=Product2.Code", `mapping.yaml:42:27: Product2 has no field "Code", or the integration user may not see it`},
		{`LOOKUP("revenue"`, `LOOKUP("revenues"`, `mapping.yaml:43:28: there is no table "revenues" in tables:; did you mean "revenue"?`},
		{"Opportunity.Account.BillingCountry)", "Opportunity.Account.BillingCountry", `mapping.yaml:44:23: this ( has no closing )`},
		{"=Opportunity.Account.Region__c", "=Opportunity.Account.Regio__c", `mapping.yaml:46:38: Account has no field "Regio__c"; did you mean "Region__c"?`},
		{"=InvoiceID", "=InvoiceId_", `mapping.yaml:51:26: Invoices has no field "InvoiceId_"; did you mean "InvoiceID"?`},
		{"=AmountDue", "=AmountPaidd", `mapping.yaml:55:26: Invoices has no field "AmountPaidd"; did you mean "AmountPaid"?`},
		{"=Hold", "=Holds", `mapping.yaml:58:26: Invoices has no field "Holds"; did you mean "Hold"?`},
		// types
		{"Date: =CloseDate\n", "Date: =Amount\n", `mapping.yaml:29:12: Date takes a date, and this formula gives a number`},
		{"=PO_Number__c", "=Amount * 2", `mapping.yaml:31:17: Reference takes text, and this formula gives a number; TEXT(…) makes text of it`},
		{"=Amount ", "=Name ", `mapping.yaml:25:11: total takes a number, and this formula gives text; VALUE(…) reads a number from text`},
		{"=FullyPaidOnDate", "=AmountPaid & \"\"", `mapping.yaml:57:29: Xero_Fully_Paid_On__c takes a date, and this formula gives text`},
		// the forgotten =, and other constants
		{"=CloseDate + 30", "CloseDate + 30", `mapping.yaml:30:14: DueDate takes a date, and not "CloseDate + 30"; a formula begins with =`},
		{"=PO_Number__c", "PO_Number__c", `mapping.yaml:31:16: "PO_Number__c" is a field of Opportunity; to send its value write =PO_Number__c, and to send these very words write ="PO_Number__c"`},
		{"=PO_Number__c", "Account.Name", `mapping.yaml:31:16: "Account.Name" is a field of Opportunity; to send its value write =Account.Name, and to send these very words write ="Account.Name"`},
		{"=Opportunity.Account.Region__c", "Opportunity.Account.Region__c", `mapping.yaml:46:17: "Opportunity.Account.Region__c" is a field of Opportunity; to send its value write =Opportunity.Account.Region__c, and to send these very words write ="Opportunity.Account.Region__c"`},
		{"=AmountDue", "AmountDue", `mapping.yaml:55:25: "AmountDue" is a field of Invoices; to send its value write =AmountDue, and to send these very words write ="AmountDue"`},
		{"Status: DRAFT ", "Status: Draft ", `mapping.yaml:28:13: Status cannot be "Draft"; did you mean "DRAFT"?`},
		{"Status: DRAFT ", "Status: PAID ", `mapping.yaml:28:13: Status cannot be "PAID"; there are DRAFT, SUBMITTED, AUTHORISED`},
		{"=CurrencyIsoCode", "Dollars", `mapping.yaml:32:19: CurrencyCode is 7 characters long, and Xero takes at most 3: "Dollars"`},
		{"=CurrencyIsoCode", "nzd", `mapping.yaml:32:19: CurrencyCode cannot be "nzd": a currency code has three capital letters`},
		{"=Quantity", "one", `mapping.yaml:39:17: Quantity takes a number, and not "one"; a formula begins with =`},
		{"=UnitPrice", "0.00001", `mapping.yaml:40:19: UnitAmount is 0.00001, and Xero keeps 4 decimals; ROUND(…, 4) says how it is to be rounded`},
		{"=UnitPrice", "1e5", `mapping.yaml:40:19: UnitAmount takes a number, and not "1e5"; a formula begins with =`},
		{"=BLANKVALUE(Description, Product2.Name)", `""`, `mapping.yaml:38:20: Description must not be empty: every record would be held for it`},
		{"=Quantity", "{a: 1}", `mapping.yaml:39:7: Quantity takes one value, not a block`},
		{"Tracking:\n        Region: =", "Tracking: =", `mapping.yaml:45:7: Tracking takes a block with a line for each of its parts`},
		{"        Region: =Opportunity.Account.Region__c", "        Region: {a: b}", `mapping.yaml:46:9: Tracking.Region takes one value, not a block`},
		{"      Tracking:\n", "      Tracking:\n        Team: x\n        Office: y\n", `mapping.yaml:45:7: Xero takes at most 2 tracking categories on a line`},
		{"      DiscountRate:", "      DiscountAmount: 5\n      DiscountRate:", `mapping.yaml:38:7: lines maps both DiscountRate and DiscountAmount; Xero takes one`},
		{"no_lines: hold", "no_lines: [{Quantity: 1}]", `mapping.yaml:47:14: line 1 of no_lines does not map Description: Xero refuses a line without a description`},
		{"no_lines: hold", "no_lines: []", `mapping.yaml:47:13: no_lines is hold, or a list of lines to send instead`},
		{"no_lines: hold", "no_lines: [{Description: =Quantity}]", `mapping.yaml:47:29: Opportunity has no field "Quantity", or the integration user may not see it`},
		{"    Name: =Name\n", "", `mapping.yaml:9:5: contacts does not map Name: Xero has no contact without a name`},
		// keys and names
		{"settle: 10m", "setle: 10m", `mapping.yaml:23:3: invoices has no key "setle"; did you mean "settle"?`},
		{"writeback:", "write_back:", `mapping.yaml:49:1: the file has no key "write_back"; did you mean "writeback"?`},
		{"DueDate:", "Duedate:", `mapping.yaml:30:5: Xero's invoice has no field "Duedate"; did you mean "DueDate"?`},
		{"City:", "Town:", `mapping.yaml:15:9: Xero's contact's Addresses.POBOX has no field "Town"`},
		{"POBOX:", "POSTAL:", `mapping.yaml:13:7: Xero's contact's Addresses has no field "POSTAL"`},
		{"UnitAmount:", "UnitPrice:", `mapping.yaml:40:7: Xero's invoice line has no field "UnitPrice"`},
		{"Reference: ", "Url: ", `mapping.yaml:31:5: Url cannot be mapped: Url is where the deal's address stands, by which an invoice is recognised; it is set without a mapping`},
		{"DiscountRate:", "LineAmount:", `mapping.yaml:41:7: LineAmount cannot be mapped: Xero computes LineAmount and refuses one that differs by a cent; map Quantity and UnitAmount`},
		{"    AccountNumber:", "    ContactNumber:", `mapping.yaml:10:5: ContactNumber cannot be mapped: ContactNumber is where the Account's id stands, by which a contact is recognised; it is set without a mapping`},
		{"from: OpportunityLineItems", "from: LineItems", `mapping.yaml:35:11: Opportunity has no child relationship "LineItems"`},
		{"order: SortOrder", "order: Sortorder DSC", `mapping.yaml:36:12: order takes fields with commas between them, each with ASC or DESC if needed: SortOrder, Name DESC`},
		{"order: SortOrder", "order: Name DESC, Sort_Order", `mapping.yaml:36:23: OpportunityLineItem has no field "Sort_Order"; did you mean "SortOrder"?`},
		{"[AccountNumber, Name]", "[AccountNumber, Nmae]", `mapping.yaml:6:26: contacts cannot be matched by "Nmae"; there are ContactNumber, AccountNumber, TaxNumber, CompanyNumber, EmailAddress, Name`},
		{"[AccountNumber, Name]", "[TaxNumber, Name]", `mapping.yaml:6:11: match names TaxNumber, but fields does not map it; add TaxNumber below fields:, or take it out here`},
		{"[EmailAddress, Phones]", "[EmailAddress, Phone]", `mapping.yaml:7:26: Xero's contacts have no field "Phone" that a mapping may write; did you mean "Phones"?`},
		{"[EmailAddress, Phones]", "[Name]", `mapping.yaml:7:12: Name cannot be updated: Xero shows a contact's name on past invoices too, so a person changes it there`},
		{"[EmailAddress, Phones]", "EmailAddress", `mapping.yaml:7:11: update takes a list of Xero's fields: [Name, EmailAddress]`},
		{"if_unwon: hold", "if_unwon: delete", `mapping.yaml:26:13: if_unwon is hold or delete_draft, and not "delete"`},
		{"settle: 10m", "settle: 10 minutes", `mapping.yaml:23:11: settle is a time such as 10m, 90s or 2h, at most 720h, and not "10 minutes"`},
		{"no_lines: hold", "no_lines: skip", `mapping.yaml:47:13: no_lines is hold, or a list of lines to send instead, and not "skip"`},
		{"contact: =AccountId", "contact: =OwnerId", `mapping.yaml:24:13: contact must name a field that points to Account, from which contacts are made; Opportunity.OwnerId does not`},
		{"contact: =AccountId", "contact: AccountId", `mapping.yaml:24:12: contact is a formula that names the deal's account: =AccountId`},
		{"version: 1", "version: 2", `mapping.yaml:1:10: version is "2"; this program reads version 1`},
		{"start: 2026-11-01", "start: 1.11.2026", `mapping.yaml:2:8: start is a day, written as 2026-11-01, and not "1.11.2026"`},
		{"start: 2026-11-01", "# start", `mapping.yaml:1:1: the key start is missing; deals won before that day are history and get no invoice: start: 2026-11-01`},
		{"from: Opportunity\n", "from: Oportunity\n", ""},
		// write-back
		{"Xero_Status__c:", "Xero_Stats__c:", `mapping.yaml:53:5: Opportunity has no field "Xero_Stats__c"; did you mean "Xero_Status__c"?`},
		{"Xero_Status__c:", "IsWon:", `mapping.yaml:53:5: Opportunity.IsWon cannot be written: it is computed, or the integration user may only read it`},
		{"Xero_Status__c:", "xero_total__c:", `mapping.yaml:54:5: Opportunity.Xero_Total__c is written twice`},
		{"  Opportunity:\n", "  Product2:\n", `mapping.yaml:50:3: nothing is made from Product2, so nothing can be written back to it; writeback takes the objects named by from:`},
		{"Xero_Invoice_Id__c: =InvoiceID", "Xero_Status__c: =InvoiceID", `mapping.yaml:51:5: Xero_Status__c has 20 characters, and an id of Xero's has 36`},
		{"=PO_Number__c", "=Xero_Status__c", `mapping.yaml:31:17: Opportunity.Xero_Status__c is read here and written back in line 53; a mapping must not read what it writes`},
		{"=PO_Number__c", "=Account.Xero_Contact_Id__c", `mapping.yaml:31:17: Account.Xero_Contact_Id__c is read here and written back in line 60; a mapping must not read what it writes`},
		{"where: IsWon = true", "where: IsWon = true AND Xero_Status__c = null", `mapping.yaml:22:27: Opportunity.Xero_Status__c is read here and written back in line 53; a mapping must not read what it writes`},
		{"=AmountPaid", "=IF(HasAttachments, 1, 0)", `mapping.yaml:56:30: Invoices has no field "HasAttachments"; there are AmountCredited, AmountDue, AmountPaid, BrandingThemeID, CurrencyCode, CurrencyRate, Date, DueDate, ExpectedPaymentDate, FullyPaidOnDate, Hold, InvoiceID, InvoiceNumber, LineAmountTypes, Reference, SentToContact, Status, SubTotal, Total, TotalDiscount, TotalTax, Type, UpdatedDateUTC, Url`},
		{"=AmountPaid", "=VALUE(Contact.EmailAddress)", `mapping.yaml:56:41: Contact has no field "EmailAddress"; there are ContactID, ContactNumber, Name`},
		{"=AmountPaid", "=TODAY() - DATE(2026, 1, 1)", `mapping.yaml:56:27: TODAY() in writeback would write something new every day; name one of Xero's dates`},
		// where
		{"where: IsWon = true", "where: IsWonn = true", `mapping.yaml:22:10: Opportunity has no field "IsWonn"; did you mean "IsWon"?`},
		{"where: IsWon = true", "where: IsWon = true AND CloseDate = LAST_N_DAYS:3", `mapping.yaml:22:39: LAST_N_DAYS:3 means another day tomorrow, so deals would fall out of the mapping by themselves; write a date, or leave it to start:`},
		{"where: IsWon = true", "where: CloseDate >= today", `mapping.yaml:22:23: today means another day tomorrow, so deals would fall out of the mapping by themselves; write a date, or leave it to start:`},
		{"where: IsWon = true", "where: IsWon = true LIMIT 5", `mapping.yaml:22:23: where takes conditions only, and not "LIMIT"`},
		{"where: IsWon = true", "where: WHERE IsWon = true", `mapping.yaml:22:10: leave the word WHERE out; it is put before the clause`},
		{"where: IsWon = true", `where: StageName = "Closed Won"`, `mapping.yaml:22:22: SOQL writes text in single quotes: 'Closed Won'`},
		{"where: IsWon = true", `where: StageName = 'Closed Won`, `mapping.yaml:22:22: this text has no closing '`},
		{"where: IsWon = true", "where: (IsWon = true", `mapping.yaml:22:10: where has a ( that is never closed`},
		{"where: IsWon = true", "where: =IsWon", `mapping.yaml:22:10: where is SOQL, not a formula: IsWon = true`},
		{"where: IsWon = true\n", "# where\n", `mapping.yaml:20:1: invoices lacks the key where`},
		// tables
		{"Licences: 200", "Licences: =1", `mapping.yaml:67:15: a table holds plain values, not formulas`},
		// YAML
		{"Status: DRAFT ", "Status: &s DRAFT ", `mapping.yaml:28:13: anchors (&s) are not allowed; write the value out where it is needed`},
		{"Status: DRAFT ", "Status: !!str DRAFT ", `mapping.yaml:28:13: tags (!!str) are not allowed; every value is read as it stands`},
		{"    Reference:", "    Date:", `mapping.yaml:31:5: "Date" stands here for the second time; the first is in line 29`},
		{"=PO_Number__c", "", `mapping.yaml:31:15: Reference has no value; give it one or leave the line out`},
		{"=PO_Number__c", "[a]", `mapping.yaml:31:16: Reference takes one value, not a list or a block`},
		{`=PO_Number__c`, `="Deal #" & " #" & Name`, `mapping.yaml:31:23: the text in quotes ends here, because " #" begins a comment in YAML; put the whole value in quotes, or a blank behind the # of a comment`},
		{`=PO_Number__c`, `="PO: " & Name`, `mapping.yaml:31:20: a colon is not allowed here: either the line is indented wrongly, or the value contains ": " and must stand in single quotes`},
		{`Services: 210`, `Services: "210`, `mapping.yaml:68:15: the quotes that begin here are never closed`},
		{`=PO_Number__c`, `'="it''s " & Nam'`, `mapping.yaml:31:29: Opportunity has no field "Nam"; did you mean "Name"?`},
		{`=PO_Number__c`, `"=\"\x41\u00e9 \" & Nam"`, `mapping.yaml:31:36: Opportunity has no field "Nam"; did you mean "Name"?`},
		{`=PO_Number__c`, ">\n      =IF(IsWon,\n      \"a\",\n\n      Nam)", `mapping.yaml:35:7: Opportunity has no field "Nam"; did you mean "Name"?`},
		{`=PO_Number__c`, ">-\n      =IF(IsWon,\n      Nam,  Name)", `mapping.yaml:33:7: Opportunity has no field "Nam"; did you mean "Name"?`},
		{`=PO_Number__c`, "|\n      =IF(IsWon,\n        Name,\n\n        Nam)", `mapping.yaml:35:9: Opportunity has no field "Nam"; did you mean "Name"?`},
		{`=PO_Number__c`, "\"=Name &\\\n      Nam\"", `mapping.yaml:32:7: Opportunity has no field "Nam"; did you mean "Name"?`},
		{`=PO_Number__c`, "'=Name &\n\n      Nam'", `mapping.yaml:33:7: Opportunity has no field "Nam"; did you mean "Name"?`},
		{`=PO_Number__c`, "=Name &\n      Nam", `mapping.yaml:32:7: Opportunity has no field "Nam"; did you mean "Name"?`},
		{"tables: ", "---\ntables: ", `mapping.yaml:63:1: a second document begins here; a mapping file has one, without ---`},
	} {
		got := complaints(t, change(t, c.old, c.new))
		if c.want == "" {
			continue // Compile says that it is missing; see below
		}
		found := false
		for _, g := range got {
			found = found || g == c.want || strings.HasPrefix(g, c.want+";")
		}
		if !found {
			t.Errorf("%q instead of %q:\nwant %s\n got %s", c.new, c.old, c.want, strings.Join(got, "\n     "))
		}
	}
}

func TestAllProblemsAreShownAtOnceWithTheirLines(t *testing.T) {
	t.Parallel()
	text := change(t, "=CloseDate + 30", "=CloseDat + 30")
	text = []byte(strings.Replace(strings.Replace(strings.Replace(string(text), "UnitAmount:", "Price:", 1), "settle: 10m", "settle: soon", 1), "=Quantity", "=Quantity *", 1))
	f, problems := Parse("mapping.yaml", text)
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d:%d", p.Line, p.Column))
	}
	if d := cmp.Diff([]string{"23:11", "39:28", "40:7"}, got); d != "" {
		t.Error("without Salesforce:", d)
	}
	_, _, problems = f.Compile(company())
	got = nil
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d:%d", p.Line, p.Column))
	}
	if d := cmp.Diff([]string{"23:11", "30:15", "39:28", "40:7"}, got); d != "" {
		t.Error("with Salesforce:", d)
	}
	if d := cmp.Diff("    DueDate: =CloseDat + 30\n              ^", problems[1].Excerpt); d != "" {
		t.Error(d)
	}
}

func TestFilesThatAreNoMappingGetOneClearLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"", "mapping.yaml:1:1: the file is empty; `sf2xero init` writes one to begin with"},
		{"# nothing\n", "mapping.yaml:1:1: the file is empty; `sf2xero init` writes one to begin with"},
		{"- a\n", "mapping.yaml:1:1: a mapping file consists of keys: version, start, contacts, invoices, writeback, tables"},
		{"\xff\xfe\x00", "mapping.yaml:1:1: the file is not UTF-8 text; save it as UTF-8"},
		{"version: 1\n\tstart: 2026-11-01\n", "mapping.yaml:2:1: indentation is made of blanks, not tabs"},
		{"version: 1\nstart: @x\n", "mapping.yaml:2:8: nothing can begin with this character: indentation is made of blanks, not tabs; a value that begins with @, ` or % stands in quotes"},
		{"contacts: {from: Account\n", "mapping.yaml:1:11: the bracket that begins here is never closed"},
		{strings.Repeat("#", 1<<20+1), "mapping.yaml:1:1: the file is larger than 1 MB; is it really a mapping?"},
	} {
		got := complaints(t, []byte(c.text))
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("%.40q: %s; want %s", c.text, strings.Join(got, "\n"), c.want)
		}
	}
	if got := complaints(t, []byte("a: "+strings.Repeat("[", 500000))); len(got) != 1 {
		t.Error("a file that nests without end:", got)
	}
	for _, text := range []string{"a: &a [x]\nb: *a\n", "a: {b: 1}\nc:\n  <<: {b: 1}\n", "? [a]\n: 1\n", "contacts: 5\n", "contacts:\n  fields: [1]\n", "invoices: {lines: [], no_lines: []}\n", "tables: {a: 1}\nwriteback: {x: 1}\n"} {
		if got := complaints(t, []byte(text)); len(got) == 0 {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestObjectsThatFormulasReachAreAskedFor(t *testing.T) {
	t.Parallel()
	f, problems := Parse("mapping.yaml", exampleText(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if d := cmp.Diff([]string{"Account", "Opportunity"}, f.Objects()); d != "" {
		t.Error(d)
	}
	have := []string{"Account", "Opportunity"}
	for _, want := range [][]string{{"OpportunityLineItem"}, {"Product2"}, nil} {
		m, missing, problems := f.Compile(only(company(), have...))
		if d := cmp.Diff(want, missing); d != "" || len(problems) > 0 || (m == nil) != (len(want) > 0) {
			t.Fatalf("with %v: %s, problems %v, mapping %v", have, d, problems, m != nil)
		}
		have = append(have, missing...)
	}
}

func TestAnObjectThatDoesNotExistIsAProblemAndIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	f, _ := Parse("mapping.yaml", change(t, "from: Opportunity\n", "from: Oportunity\n"))
	_, missing, _ := f.Compile(company())
	if d := cmp.Diff([]string{"Oportunity"}, missing); d != "" {
		t.Fatal(d)
	}
	s := company()
	s["Oportunity"] = Object{Name: "Oportunity"}
	_, missing, problems := f.Compile(s)
	if len(missing) > 0 || len(problems) == 0 || problems[0].String() != `mapping.yaml:21:9: Salesforce has no object "Oportunity" that the integration user may see; did you mean "Opportunity"?` {
		t.Errorf("missing %v, problems %v", missing, problems)
	}
}

// The caller notes what it asked for under the name it asked with.
func TestAnObjectMayBeAskedForInLowerCase(t *testing.T) {
	t.Parallel()
	f, _ := Parse("mapping.yaml", change(t, "from: Opportunity\n", "from: opportunity\n"))
	s := company()
	for _, name := range f.Objects() {
		if _, described := s[name]; !described {
			s[name] = Object{Name: name}
		}
	}
	m, missing, problems := f.Compile(s)
	if m == nil || m.Documents[0].From != "Opportunity" {
		t.Error(missing, problems)
	}
}

func TestEveryRelativeDateIsRefused(t *testing.T) {
	t.Parallel()
	for _, date := range []string{
		"TODAY", "yesterday", "TOMORROW", "LAST_WEEK", "THIS_WEEK", "NEXT_MONTH", "LAST_90_DAYS", "NEXT_90_DAYS", "LAST_N_DAYS:3", "NEXT_N_WEEKS:2", "N_DAYS_AGO:5", "N_MONTHS_AGO:1",
		"THIS_QUARTER", "LAST_N_QUARTERS:2", "THIS_YEAR", "N_YEARS_AGO:1", "THIS_FISCAL_QUARTER", "LAST_FISCAL_YEAR", "NEXT_N_FISCAL_YEARS:2", "N_FISCAL_QUARTERS_AGO:4",
	} {
		got := complaints(t, change(t, "where: IsWon = true", "where: IsWon = true AND CloseDate >= "+date))
		if len(got) != 1 || !strings.HasPrefix(got[0], "mapping.yaml:22:40: "+date+" means another day tomorrow") {
			t.Errorf("%s: %v", date, got)
		}
	}
}

func TestNamesMayBeWrittenInAnyCase(t *testing.T) {
	t.Parallel()
	text := string(exampleText(t))
	for _, change := range []struct{ old, new string }{
		{"from: Opportunity\n", "from: opportunity\n"}, {"from: OpportunityLineItems", "from: opportunitylineitems"}, {"=CloseDate\n", "=CLOSEDATE\n"},
		{"=LOOKUP(\"tax\", Opportunity.Account", "=lookup(\"tax\", OPPORTUNITY.account"}, {"Xero_Status__c:", "xero_status__C:"},
	} {
		text = strings.Replace(text, change.old, change.new, 1)
	}
	a, b := compileText(t, exampleText(t)), compileText(t, []byte(text))
	for i, pair := range [][2]*Entry{{a.Documents[0], b.Documents[0]}, {a.WriteBack[0], b.WriteBack[0]}} {
		if d := cmp.Diff(pair[0].Reads, pair[1].Reads); d != "" {
			t.Errorf("%d: %s", i, d)
		}
		if d := cmp.Diff(pair[0].WriteBack, pair[1].WriteBack); d != "" {
			t.Errorf("%d: %s", i, d)
		}
		if pair[0].From != pair[1].From || pair[0].Kind != pair[1].Kind || pair[0].Lines != pair[1].Lines {
			t.Errorf("%d: %v, %v", i, pair[0].From, pair[1].From)
		}
	}
	if a.Hash != b.Hash {
		t.Error("another spelling of the same names makes another mapping")
	}
}

func TestWhereClausesThatSalesforceUnderstandsAreLeftAlone(t *testing.T) {
	t.Parallel()
	for _, where := range []string{
		"IsWon = true AND (StageName = 'Closed Won' OR StageName LIKE 'TODAY%')",
		"StageName IN ('a', 'LIMIT 5') AND NOT (Amount = null)",
		"AccountId IN (SELECT Id FROM Account WHERE Whatever__c = 1) AND CloseDate >= 2026-01-01",
		"Account.Region__c NOT IN ('x') and opportunity.Amount > 5",
		"CALENDAR_YEAR(CloseDate) = 2026",
		`Name = 'It\'s = here' AND CreatedDate > 2026-01-01T00:00:00Z`,
	} {
		text := change(t, "where: IsWon = true", "where: "+where)
		if got := complaints(t, text); len(got) > 0 {
			t.Errorf("%s: %s", where, strings.Join(got, "\n"))
			continue
		}
		if got := compileText(t, text).Documents[0].Where; got != where {
			t.Errorf("%q became %q", where, got)
		}
	}
}

// FuzzParse looks for panics, and for problems outside of the file.
func FuzzParse(f *testing.F) {
	example := string(exampleText(f))
	f.Add(example)
	for _, seed := range []string{
		"a: >\n  =b\n  c\n\n d", "a: |2-\n    =x +\n   y", "contacts: {from: A, fields: {Name: \"=\\x41\\\n  b\"}}", "tables: {t: {'': 1}}", "invoices:\n  where: 'a = ''b'\n  lines:\n    order: ',,'\n",
		"a: &x [*x]", "--- a\n--- b\n", "\ufeffversion: 1\r\nstart: x\r\n", "contacts:\n  fields:\n    Phones: {DEFAULT: }\n    Addresses: 5\n", "invoices: {no_lines: [{Tracking: {a: {b: c}, d: =}}]}",
		"tables: {t: {a: 1 #2\n, A : 1, ' a': 2}}", "contacts:\n  where: \"a = 'b #c\" #d\n  fields: {Name: Order #1 }",
		"writeback:\n  Account: {x: {y: 1}, z: [1], z: =Hold}\n", "contacts:\n  fields:\n    Name: >+\n\n\n      =Nam\n\n\n",
	} {
		f.Add(seed)
	}
	schema := company()
	f.Fuzz(func(t *testing.T, text string) {
		file, problems := Parse("mapping.yaml", []byte(text))
		if file != nil {
			_ = file.Objects()
			var m *Mapping
			if m, _, problems = file.Compile(schema); m != nil {
				_ = m.Codes()
				for _, e := range append(append(m.Documents, m.WriteBack...), m.Contacts) {
					if _, err := e.Apply(env, []byte(deal)); err != nil {
						t.Error(err)
					}
				}
			}
		}
		lines := newSource("", text).lines
		for _, p := range problems {
			if p.Line < 1 || p.Line > len(lines)+1 || p.Column < 1 || p.Text == "" || strings.Contains(p.Text, "(MISSING)") {
				t.Errorf("%q: %+v", text, p)
			}
		}
	})
}
