package mapping

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// edited replaces texts of the example, each of which occurs once: old, new, old, new.
func edited(t testing.TB, pairs ...string) []byte {
	t.Helper()
	text := string(exampleText(t))
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			t.Fatalf("%q occurs %d times", pairs[i], strings.Count(text, pairs[i]))
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return []byte(text)
}

// What Xero would show otherwise than it was sent, or never approve, is refused before anything is made.
// Cases: approved invoices without a DueDate stayed drafts for ever; a deal of USD 1,000 became an invoice of NZD 1,000.
func TestAMappingThatXeroWouldNeverFulfilIsRefused(t *testing.T) {
	t.Parallel()
	const (
		noDue    = "fields does not map DueDate, and without one Xero approves no invoice: add DueDate: =CloseDate + 30, or leave the Status DRAFT"
		currency = "this Salesforce org has several currencies, and each Opportunity says its own: CurrencyCode: =CurrencyIsoCode. Any other currency would turn the amount of a deal into the same number of something else"
		untaxed  = "with LineAmountTypes: NoTax Xero taxes nothing and shows the TaxType NONE on every line; take this line out, or write LineAmountTypes: Exclusive (line %d) to have the tax added"
		due      = "    DueDate: =CloseDate + 30\n"
		tax      = `=LOOKUP("tax", Opportunity.Account.BillingCountry)`
		iso      = "=CurrencyIsoCode "
	)
	for _, c := range []struct {
		pairs []string
		want  []string
	}{
		{[]string{"Status: DRAFT", "Status: AUTHORISED", due, ""}, []string{"28:13: " + noDue}},
		{[]string{"Status: DRAFT", "Status: SUBMITTED", due, ""}, []string{"28:13: " + noDue}},
		{[]string{"Status: DRAFT", `Status: =IF(Amount > 5, "AUTHORISED", "DRAFT")`, due, ""}, []string{"28:13: " + noDue}},
		{[]string{"Status: DRAFT", "Status: =PO_Number__c", due, ""}, []string{"28:13: " + noDue}},
		{[]string{due, ""}, nil},
		{[]string{"Status: DRAFT", `Status: =CASE(Amount, 5, "DRAFT", "DRAFT")`, due, ""}, nil},
		{[]string{"Status: DRAFT", "Status: AUTHORISED"}, nil},

		{[]string{iso, "NZD "}, []string{"32:19: " + currency}},
		{[]string{iso, `="NZD" `}, []string{"32:19: " + currency}},
		{[]string{iso, `=IF(CurrencyIsoCode = "USD", "USD", "NZD") `}, []string{"32:19: " + currency}},
		{[]string{iso, `=LOOKUP("tax", Account.BillingCountry) `}, []string{"32:19: " + currency}},
		{[]string{iso, `=BLANKVALUE(CurrencyIsoCode, "NZD") `}, nil},
		{[]string{iso, "=UPPER(PO_Number__c) "}, nil}, // the deal itself says it; one that differs from the deal's own is held
		{[]string{iso, `=LOOKUP("tax", CurrencyIsoCode) `}, nil},

		{[]string{"LineAmountTypes: Exclusive", "LineAmountTypes: NoTax"}, []string{"44:16: " + fmt.Sprintf(untaxed, 33)}},
		{[]string{"LineAmountTypes: Exclusive", "LineAmountTypes: NoTax", tax, "NONE"}, nil},
		{[]string{"LineAmountTypes: Exclusive", "LineAmountTypes: NoTax", "      TaxType: " + tax + "\n", "", "no_lines: hold", "no_lines: [{Description: x, TaxType: OUTPUT2}]"}, []string{"46:40: " + fmt.Sprintf(untaxed, 33)}},
		{[]string{"LineAmountTypes: Exclusive", `LineAmountTypes: =IF(Amount > 5, "NoTax", "Exclusive")`}, nil},
		{[]string{"    Reference:", "    BrandingTheme: Standard\n    BrandingThemeID: dabc7637-62c1-4941-8a6e-ee44fa5090e7\n    Reference:"}, []string{"28:5: fields maps both BrandingTheme and BrandingThemeID; write one of them"}},

		{[]string{"=Discount\n", "33.333\n"}, []string{"41:21: DiscountRate is 33.333, and Xero keeps 2 decimals; ROUND(…, 2) says how it is to be rounded, which may change the line's amount by cents; DiscountAmount takes the discount as an amount"}},
		{[]string{"[AccountNumber, Name]", "[ContactNumber, AccountNumber, EmailAddress, Name]"}, nil},
		{[]string{"  where: IsWon = true\n", "  where: IsWon = true\n  admit: soon\n"}, []string{"23:10: admit is the day up to which edits of this file let deals in, written as 2026-11-27, and not \"soon\""}},
		{[]string{"  match: [", "  admit: 2026-02-30\n  match: ["}, []string{"6:10: admit is the day up to which edits of this file let deals in, written as 2026-11-27, and not \"2026-02-30\""}},
	} {
		var want []string
		for _, w := range c.want {
			want = append(want, "mapping.yaml:"+w)
		}
		if d := cmp.Diff(want, complaints(t, edited(t, c.pairs...))); d != "" {
			t.Errorf("%q: %s", c.pairs, d)
		}
	}
}

// Case: a company invoices its Orders; five years of them became invoices, because start: meant nothing for them.
func TestOnlyOpportunitiesBecomeInvoicesUntilOtherObjectsHaveADate(t *testing.T) {
	t.Parallel()
	_, problems := Parse("mapping.yaml", edited(t, "from: Opportunity\n", "from: Order\n"))
	want := "mapping.yaml:21:9: invoices cannot be made from Order yet, only from Opportunity: start: would have no meaning for it, and every Order there ever was would become an invoice. " +
		"Have a flow in Salesforce make a won Opportunity with the same products of each Order that is to be invoiced"
	if len(problems) == 0 || problems[0].String() != want {
		t.Errorf("%v", problems)
	}
}

func TestInOneCurrencyAnyCurrencyMayBeNamed(t *testing.T) {
	t.Parallel()
	s := company()
	delete(s["Opportunity"].Fields, currencyField)
	f, _ := Parse("mapping.yaml", change(t, "=CurrencyIsoCode", "AUD"))
	if m, _, problems := f.Compile(s); m == nil {
		t.Error(problems)
	}
}

// Xero refuses a discount of 0 on a line with a negative price. Case: a trade-in line, and a rebate field that is 0.
func TestADiscountOfNothingIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ mapped, value, want string }{
		{"DiscountAmount: =Discount", "0.00", ""}, {"DiscountRate: =Discount", "0", ""}, {"DiscountAmount: =Discount", "0.5", `"DiscountAmount":0.5`}, {"DiscountRate: =Discount", "33.33", `"DiscountRate":33.33`},
	} {
		m := compileText(t, edited(t, "DiscountRate: =Discount", c.mapped))
		row := fmt.Sprintf(`{"HasOpportunityLineItem":true,"OpportunityLineItems":[{"Description":"Trade-in","Quantity":1,"UnitPrice":-10,"Discount":%s}]}`, c.value)
		got := string(apply(t, m.Documents[0], env, []byte(row)).JSON)
		if strings.Contains(got, "Discount") != (c.want != "") || !strings.Contains(got, c.want) {
			t.Errorf("%s of %s: %s", c.mapped, c.value, got)
		}
	}
}

func TestAnUntaxedInvoiceHasNoTaxTypes(t *testing.T) {
	t.Parallel()
	m := compileText(t, edited(t, "LineAmountTypes: Exclusive", `LineAmountTypes: =IF(Account.BillingCountry = "Fiji", "NoTax", "Exclusive")`))
	if got := apply(t, m.Documents[0], env, []byte(deal)); !strings.Contains(string(got.JSON), `"TaxType":"15% GST on Income"`) {
		t.Errorf("%s", got.JSON)
	}
	// Fiji is in no table of taxes: none is looked up, so nothing is held for it.
	got := apply(t, m.Documents[0], env, put(t, deal, "Account.BillingCountry", "Fiji"))
	if strings.Contains(string(got.JSON), "TaxType") || len(got.Faults) > 0 {
		t.Errorf("%s %v", got.JSON, got.Faults)
	}
}

func TestAdmitAndMatchAreWhatTheFileSays(t *testing.T) {
	t.Parallel()
	m := compileText(t, edited(t, "  where: IsWon = true\n", "  where: IsWon = true\n  admit: 2026-11-27\n", "  match: [AccountNumber, Name]", "  admit: 2026-11-28\n  match: [Name, ContactNumber]"))
	if m.Documents[0].Admit != "2026-11-27" || m.Contacts.Admit != "2026-11-28" || !slices.Equal(m.Contacts.Match, []string{"Name", "ContactNumber"}) {
		t.Errorf("%q, %q, %v", m.Documents[0].Admit, m.Contacts.Admit, m.Contacts.Match)
	}
}

// Sales reads in Salesforce, by the labels that stand there, what is to be corrected.
func TestTextsForSalesBeginWithTheFieldsLabel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, path, value, want string }{
		{"=CloseDate + 30", "=CloseDate + Account.Credit_Days__c", "Account.Credit_Days__c", "0.5", "sales: Close Date and Account.Credit_Days__c: the number of days added to a date is 0.5; it must be a whole number between -1464000 and 1464000; Xero's DueDate is made from it"},
		{"=Quantity", "=ROUND(Quantity / UnitPrice, 4)", "OpportunityLineItems.1.UnitPrice", "0", "sales: line 2: Quantity and Sales Price: 1 is divided by zero; Xero's Quantity is made from it"},
		{"=UnitPrice", "=VALUE(Description)", "OpportunityLineItems.0.Description", "free", `sales: line 1: Line Description: "free" cannot be read as a number; Xero's UnitAmount is made from it`},
		{"=UnitPrice", "=1 / (2 - 2)", "Name", "x", "admin: line 1: UnitAmount: 1 is divided by zero"},
		{"=CloseDate + 30", `=IF(PO_Number__c = "x", NULL, CloseDate + 30)`, "PO_Number__c", "x", `admin: DueDate is empty: =IF(PO_Number__c = "x", NULL, CloseDate + 30) gives nothing for this record`},
	} {
		var value any = c.value
		if strings.Trim(c.value, "0123456789.") == "" {
			value = jsonNumber(c.value)
		}
		got := apply(t, compileText(t, change(t, c.old, c.new)).Documents[0], env, put(t, deal, c.path, value))
		if len(got.Faults) == 0 || got.Faults[0].Owner+": "+got.Faults[0].Text != c.want {
			t.Errorf("%s: %+v, want %s", c.new, got.Faults, c.want)
		}
	}
}

func jsonNumber(s string) any { return json.Number(s) }
