package mapping

import (
	"strings"
	"testing"
)

// A comment, a blank or another order is no edit: nothing is read anew or held for it.
func TestTextsThatMeanTheSameAreTheSameMapping(t *testing.T) {
	t.Parallel()
	base := compileText(t, exampleText(t)).Hash
	for _, pairs := range [][]string{
		{"    DueDate: =CloseDate + 30\n", "    # thirty days\n\n    DueDate:   =closedate  +30.0\n"},
		{"Status: DRAFT ", `Status: "DRAFT" `},
		{"Status: DRAFT ", `Status: ="DRAFT" `},
		{"    Date: =CloseDate\n", "", "    LineAmountTypes: Exclusive\n", "    LineAmountTypes: Exclusive\n    Date: =CloseDate\n"},
		{"=BLANKVALUE(Description, Product2.Name)", "=Description ?? (Product2.Name)"},
		{"where: IsWon = true", "where: iswon=TRUE"},
		{"settle: 10m", "settle: 600s"},
		{"  if_unwon: hold                   # or: delete_draft\n", ""},
		{"    New Zealand: 15% GST on Income\n    Australia: Zero Rated\n", "    australia: Zero Rated\n    NewZealand: 15% GST on Income\n"},
		{"tables: ", "tables:\n  unused:\n    a: b\n#"},
		{"from: Opportunity\n", "from: opportunity\n"},
		{"update: [EmailAddress, Phones]", "update: [Phones, EmailAddress]"},
		{"  no_lines: hold ", "  #"},
	} {
		if got := compileText(t, edited(t, pairs...)).Hash; got != base {
			t.Errorf("%q is another mapping", pairs)
		}
	}
	if got := compileText(t, []byte(strings.ReplaceAll(string(exampleText(t)), "\n", "\r\n"))).Hash; got != base {
		t.Error("saved by Windows it is another mapping")
	}
	// Salesforce gets a second currency: nobody has edited the file.
	s := company()
	delete(s["Opportunity"].Fields, currencyField)
	f, _ := Parse("mapping.yaml", exampleText(t))
	if m, _, _ := f.Compile(s); m == nil || m.Hash != base {
		t.Error("in an org with one currency it is another mapping")
	}
}

func TestTextsThatMeanSomethingElseAreAnotherMapping(t *testing.T) {
	t.Parallel()
	seen := map[string]string{compileText(t, exampleText(t)).Hash: "the example"}
	for _, pairs := range [][]string{
		{"=CloseDate + 30", "=CloseDate + 31"}, {"=CloseDate + 30", "=CloseDate - 30"}, {"Status: DRAFT ", "Status: SUBMITTED "}, {"where: IsWon = true", "where: IsWon = true AND Name = 'A'"},
		{"where: IsWon = true", "where: IsWon = true AND Name = 'a'"}, {"settle: 10m", "settle: 11m"}, {"if_unwon: hold", "if_unwon: delete_draft"}, {"Australia: Zero Rated", "Australia: 15% GST on Income"},
		{"Australia: Zero Rated", "Austria: Zero Rated"}, {"order: SortOrder", "order: SortOrder DESC"}, {"start: 2026-11-01", "start: 2026-11-02"}, {"[AccountNumber, Name]", "[Name, AccountNumber]"},
		{"[EmailAddress, Phones]", "[EmailAddress]"}, {"    Xero_Status__c: =Status\n", ""}, {"  no_lines: hold", "  no_lines: [{Description: x}]"}, {"total: =Amount ", "total: =ROUND(Amount, 2) "},
		{"contact: =AccountId", "contact: =Account.Id"}, {"  where: IsWon = true\n", "  where: IsWon = true\n  admit: 2026-11-27\n"}, {"=Discount\n", "=ServiceDate - Opportunity.CloseDate\n"},
		{"      Tracking:\n        Region: =", "      Tracking:\n        Team: ="}, {"        City: =BillingCity\n", ""}, {"=BLANKVALUE(Description, Product2.Name)", "=BLANKVALUE(Product2.Name, Description)"},
	} {
		hash := compileText(t, edited(t, pairs...)).Hash
		if other := seen[hash]; other != "" {
			t.Errorf("%q is the same mapping as %s", pairs, other)
		}
		seen[hash] = pairs[1]
	}
}
