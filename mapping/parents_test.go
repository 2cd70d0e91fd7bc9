package mapping

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Which relationships a condition reads is known whatever it is written like, and nothing else is taken for one.
func TestParentsThatAConditionReads(t *testing.T) {
	t.Parallel()
	schema := company()
	for _, o := range schema {
		o.Fields["SystemModstamp"] = Field{Type: DateTime, ReadOnly: true}
	}
	delete(schema["User"].Fields, "SystemModstamp") // whose changes Salesforce does not tell
	for where, want := range map[string][]string{
		"IsWon = true": nil,
		"IsWon = true AND Account.Region__c = 'North'":                                             {"Account"},
		"iswon = TRUE and account.region__c = 'North'":                                             {"Account"},
		"Opportunity.Account.Region__c != null":                                                    {"Account"},
		"(IsWon = true OR Account.Parent.Region__c = 'Account.Owner')":                             {"Account", "Account.Parent"},
		"Account.Owner.Name LIKE 'Owner.Name%'":                                                    {"Account"},
		"AccountId IN (SELECT Id FROM Account WHERE Owner.Name = 'A' AND Parent.Region__c = 'x')":  {"Account"},
		"NOT (AccountId NOT IN (SELECT Id FROM Account)) AND Account.Name > 'a'":                   {"Account"},
		"Id IN (SELECT OpportunityId FROM OpportunityLineItem WHERE Product2.Family = 'Licences')": nil,
		"CALENDAR_YEAR(Account.CreatedDate) = 2026":                                                {"Account"},
		"Amount > 1.5 AND CloseDate > 2026-11-01":                                                  nil,
	} {
		m := compiledWith(t, where, schema)
		if m == nil {
			continue
		}
		var paths []string
		for _, parent := range m.Documents[0].Parents {
			if paths = append(paths, parent.Path); parent.Object != "Account" {
				t.Errorf("%s: %s leads to %s", where, parent.Path, parent.Object)
			}
		}
		if d := cmp.Diff(want, paths); d != "" {
			t.Errorf("%s: %s", where, d)
		}
	}
}

// Whether a record may stop matching though it was not changed itself is known of a condition, too.
func TestConditionsThatReadOthers(t *testing.T) {
	t.Parallel()
	schema := company()
	schema["Opportunity"].Fields["Ready__c"] = Field{Type: Bool, ReadOnly: true, Computed: true}
	for where, want := range map[string]bool{
		"IsWon = true AND Amount > 1.5 AND Name != 'Account.Name'":     false,
		"Opportunity.IsWon = true AND CALENDAR_YEAR(CloseDate) > 2025": false,
		"IsWon = true AND account.Region__c = 'North'":                 true,
		"IsWon = true AND Account.Owner.Name LIKE 'A%'":                true,
		"IsWon = true AND ready__c = true":                             true,
		"Id IN (SELECT OpportunityId FROM OpportunityLineItem)":        true,
	} {
		m := compiledWith(t, where, schema)
		if m == nil {
			continue
		}
		if got := m.Documents[0].ReadsOthers; got != want {
			t.Errorf("%s: %t, want %t", where, got, want)
		}
	}
}

func TestOneConditionHasManySpellings(t *testing.T) {
	t.Parallel()
	condition := func(where string) string { return (&Entry{From: "Opportunity", Where: where}).Condition() }
	same, other := condition("IsWon = true AND Type = 'New'"), condition("IsWon = true AND Type = 'new'")
	if same != condition("iswon=TRUE   and\n Type ='New'") || same == other {
		t.Errorf("%q, %q", same, other)
	}
}

func TestAProblemOfAConditionStandsAtItsPlace(t *testing.T) {
	t.Parallel()
	f, _ := Parse("mapping.yaml", exampleText(t))
	m, _, problems := f.Compile(company())
	if m == nil {
		t.Fatal(problems)
	}
	p := m.WhereProblem(m.Documents[0], "no")
	if line := strings.Split(string(exampleText(t)), "\n")[p.Line-1]; line != "  where: IsWon = true" || p.Column != 10 || !strings.Contains(p.Excerpt, "IsWon") {
		t.Errorf("%+v", p)
	}
}

// compiledWith is the usual mapping with another condition; nil, and the test fails, when that does not compile.
func compiledWith(t *testing.T, where string, schema Schema) *Mapping {
	t.Helper()
	f, problems := Parse("mapping.yaml", change(t, "where: IsWon = true\n", "where: "+where+"\n"))
	if f == nil {
		t.Fatalf("%s: %v", where, problems)
	}
	m, missing, problems := f.Compile(schema)
	if m == nil {
		t.Errorf("%s: missing %v, %v", where, missing, problems)
	}
	return m
}
