package salesforce_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce"
	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync/remote"
)

// What Salesforce has against a condition is known before anything is read by it, each with its own reason.
func TestWhetherSalesforceTakesASelect(t *testing.T) {
	t.Parallel()
	eachWay(t, salesforcetest.Options{}, func(t *testing.T, _ *salesforcetest.Org, client *salesforce.Client) {
		refusals, err := client.Takes(context.Background(),
			salesforce.Select{From: "Opportunity", Where: "IsWon = true AND Account.Type = 'Customer'", Parents: []string{"Account"}, Since: time.Now(), Before: time.Now()},
			salesforce.Select{From: "Opportunity", Where: "IsWon = true AND"},
			salesforce.Select{From: "Opportunity", Where: "Nonsense__c = 1"},
			salesforce.Select{From: "Account", Where: "Name != null"},
			salesforce.Select{From: "Account", Where: "Name > 5 AND (Name"},
			salesforce.Select{From: "Account"},
		)
		if err != nil || len(refusals) != 6 {
			t.Fatalf("%d answers, %v", len(refusals), err)
		}
		for i, want := range []string{"", "unexpected token", "Opportunity has no field Nonsense__c", "", "unexpected token", ""} {
			switch got := refusals[i]; {
			case got == nil && want != "", got != nil && (want == "" || !strings.Contains(got.Message, want) || got.Remedy == ""):
				t.Errorf("select %d: got %v, want %q", i, got, want)
			}
		}
	})
}

// A Salesforce that cannot answer has said nothing about the condition.
func TestAnOutageIsNoRefusal(t *testing.T) {
	t.Parallel()
	org := salesforcetest.New(salesforcetest.Options{DailyLimit: 1})
	client := connect(t, org, "https://example.my.salesforce.com", inMemory{org})
	for range 3 {
		refusals, err := client.Takes(context.Background(), salesforce.Select{From: "Opportunity"})
		if err == nil {
			continue
		}
		if remote.ClassOf(err) == remote.BadConfig || refusals != nil {
			t.Errorf("got %v, %v", refusals, err)
		}
		return
	}
	t.Error("the day's calls never ran out")
}
