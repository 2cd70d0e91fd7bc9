package salesforce

import (
	"testing"
	"time"
)

func TestSOQL(t *testing.T) {
	t.Parallel()
	auckland := time.FixedZone("NZDT", 13*3600)
	for name, c := range map[string]struct {
		give Select
		want string
	}{
		"id and stamp are always there": {
			Select{From: "Account"},
			"SELECT Id, SystemModstamp FROM Account",
		},
		"each field once, in whatever case it is named": {
			Select{From: "Account", Fields: []string{"Name", "id", "Parent.Name", "NAME", "systemmodstamp"}},
			"SELECT Id, SystemModstamp, Name, Parent.Name FROM Account",
		},
		"a window, in UTC and to the second": {
			Select{From: "Opportunity", Where: "IsWon = true",
				Since:  time.Date(2026, 11, 22, 1, 2, 3, 999e6, auckland),
				Before: time.Date(2026, 11, 21, 13, 0, 0, 1, time.UTC)},
			"SELECT Id, SystemModstamp FROM Opportunity WHERE IsWon = true AND SystemModstamp >= 2026-11-21T12:02:03Z AND SystemModstamp < 2026-11-21T13:00:00Z",
		},
		"a window that a changed parent comes into too": {
			Select{From: "Opportunity", Where: "IsWon = true AND Account.Credit__c = true", Parents: []string{"Account", "Account.Owner"}, Since: time.Unix(0, 0), Before: time.Unix(60, 0)},
			"SELECT Id, SystemModstamp FROM Opportunity WHERE IsWon = true AND Account.Credit__c = true AND ((SystemModstamp >= 1970-01-01T00:00:00Z AND SystemModstamp < 1970-01-01T00:01:00Z)" +
				" OR Account.SystemModstamp >= 1970-01-01T00:00:00Z OR Account.Owner.SystemModstamp >= 1970-01-01T00:00:00Z)",
		},
		"the rows of some parents": {
			Select{From: "Opportunity", Where: "IsWon = true", And: "CloseDate >= 2026-11-01", Of: "Account.Parent", IDs: []string{"001000000000001AAA"}},
			"SELECT Id, SystemModstamp FROM Opportunity WHERE IsWon = true AND CloseDate >= 2026-11-01 AND Account.Parent.Id IN ('001000000000001AAA')",
		},
		"parents without a window": {
			Select{From: "Opportunity", Parents: []string{"Account"}},
			"SELECT Id, SystemModstamp FROM Opportunity",
		},
		"only whether it may be asked": {
			Select{From: "Opportunity", Where: "IsWon = true", Nothing: true},
			"SELECT Id, SystemModstamp FROM Opportunity WHERE IsWon = true LIMIT 0",
		},
		"an or is bracketed": {
			Select{From: "Opportunity", Where: "IsWon = true or StageName = 'Signed'", Since: time.Unix(0, 0)},
			"SELECT Id, SystemModstamp FROM Opportunity WHERE (IsWon = true or StageName = 'Signed') AND SystemModstamp >= 1970-01-01T00:00:00Z",
		},
		"an or inside brackets, a text or a word is none": {
			Select{From: "Opportunity", Where: `(IsWon = true OR Amount > 5) AND Name != 'this or that\' or' AND Origin__c = 'x'`, Since: time.Unix(0, 0)},
			`SELECT Id, SystemModstamp FROM Opportunity WHERE (IsWon = true OR Amount > 5) AND Name != 'this or that\' or' AND Origin__c = 'x' AND SystemModstamp >= 1970-01-01T00:00:00Z`,
		},
		"a semi-join stays outside brackets": {
			Select{From: "Opportunity", Where: "Id IN (SELECT OpportunityId FROM OpportunityLineItem WHERE Quantity > 1 OR UnitPrice > 2)", IDs: []string{"006000000000001AAA"}},
			"SELECT Id, SystemModstamp FROM Opportunity WHERE Id IN (SELECT OpportunityId FROM OpportunityLineItem WHERE Quantity > 1 OR UnitPrice > 2) AND Id IN ('006000000000001AAA')",
		},
		"a leading not is bracketed": {
			Select{From: "Opportunity", Where: " NOT Name LIKE 'Test%' ", Since: time.Unix(0, 0)},
			"SELECT Id, SystemModstamp FROM Opportunity WHERE (NOT Name LIKE 'Test%') AND SystemModstamp >= 1970-01-01T00:00:00Z",
		},
		"not in is no leading not": {
			Select{From: "Opportunity", Where: "StageName NOT IN ('a','b')", Since: time.Unix(0, 0)},
			"SELECT Id, SystemModstamp FROM Opportunity WHERE StageName NOT IN ('a','b') AND SystemModstamp >= 1970-01-01T00:00:00Z",
		},
		"ids are escaped": {
			Select{From: "Account", IDs: []string{`a'b\`, "c\nd\"e"}},
			`SELECT Id, SystemModstamp FROM Account WHERE Id IN ('a\'b\\','c\nd\"e')`,
		},
		"children come in a fixed order": {
			Select{From: "Opportunity", Fields: []string{"Amount"}, Order: "CloseDate DESC NULLS LAST", Limit: 7, Children: []Select{
				{Relationship: "OpportunityLineItems", Fields: []string{"Quantity", "Product2.Name"}, Order: "SortOrder"},
				{Relationship: "OpportunityContactRoles", Where: "IsPrimary = true", Limit: 1},
			}},
			"SELECT Id, SystemModstamp, Amount, (SELECT Id, SystemModstamp, Quantity, Product2.Name FROM OpportunityLineItems ORDER BY SortOrder, Id), " +
				"(SELECT Id, SystemModstamp FROM OpportunityContactRoles WHERE IsPrimary = true ORDER BY Id LIMIT 1) " +
				"FROM Opportunity ORDER BY CloseDate DESC NULLS LAST, Id LIMIT 7",
		},
		"an order that has the id gets no second": {
			Select{From: "Account", Order: "Name, ID desc"},
			"SELECT Id, SystemModstamp FROM Account ORDER BY Name, ID desc",
		},
		"deleted deals keep deleted lines out of living ones": {
			Select{From: "Opportunity", Deleted: true, IDs: []string{"006000000000001AAA"}, Children: []Select{
				{Relationship: "OpportunityLineItems", Where: "Quantity > 1 OR Quantity < 0"},
			}},
			"SELECT Id, SystemModstamp, IsDeleted, (SELECT Id, SystemModstamp FROM OpportunityLineItems WHERE (Quantity > 1 OR Quantity < 0) AND IsDeleted = false ORDER BY Id) " +
				"FROM Opportunity WHERE Id IN ('006000000000001AAA')",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.give.SOQL(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What is open at the end of a condition must not let the scanner run past it.
func TestBracketedOddEnds(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"", "'", `Name = 'a\`, `'\`, "((", "a OR", ")) OR ((", "Name = 'x' OR Name = 'open"} {
		got := bracketed(where)
		if got != where && got != "("+where+")" {
			t.Errorf("bracketed(%q) = %q", where, got)
		}
	}
}

func FuzzBracketed(f *testing.F) {
	f.Add(`a = 'b\' or c' or (d)`)
	f.Fuzz(func(t *testing.T, where string) {
		bracketed(where)
		literals(where)
	})
}
