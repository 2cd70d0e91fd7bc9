package salesforce

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sf2xero/sync/remote"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	org := parts(func(sub compositePart) (int, string) {
		name := strings.TrimSuffix(strings.TrimPrefix(sub.URL, "/services/data/v66.0/sobjects/"), "/describe")
		switch name {
		case "Gone__c":
			return 404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`
		case "Odd__c":
			return 200, `{"fields":"none"}`
		}
		return 200, `{"name":"` + name + `","label":"L","fields":[
			{"name":"AccountId","type":"reference","relationshipName":"Account","referenceTo":["Account"],"length":18,"updateable":true},
			{"name":"Amount","type":"currency","precision":18,"scale":2,"relationshipName":null},
			{"name":"StageName","type":"picklist","picklistValues":[{"value":"Won","active":true},{"value":"Old","active":false}]}],
			"childRelationships":[{"childSObject":"OpportunityLineItem","field":"OpportunityId","relationshipName":"OpportunityLineItems"},
			{"childSObject":"ActivityHistory","field":"WhatId","relationshipName":null}]}`
	})
	client := org.client(t)
	got, err := client.Describe(context.Background(), "Opportunity")
	want1 := []Object{{Name: "Opportunity", Label: "L", Fields: []Field{
		{Name: "AccountId", Type: "reference", Relationship: "Account", ReferenceTo: []string{"Account"}, Length: 18, Updateable: true},
		{Name: "Amount", Type: "currency", Precision: 18, Scale: 2},
		{Name: "StageName", Type: "picklist", Picklist: []string{"Won"}},
	}, Children: []Child{{"OpportunityLineItems", "OpportunityLineItem", "OpportunityId"}}}}
	if diff := cmp.Diff(want1, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}

	names := make([]string, 30)
	for i := range names {
		names[i] = fmt.Sprintf("Object%02d__c", i)
	}
	before := client.Calls()
	got, err = client.Describe(context.Background(), names...)
	if err != nil || len(got) != 30 || got[29].Name != "Object29__c" || client.Calls()-before != 2 {
		t.Errorf("%v, %d objects in %d calls; want 30 in 2", err, len(got), client.Calls()-before)
	}

	_, err = client.Describe(context.Background(), "Account", "Gone__c")
	want(t, err, remote.BadConfig, "describe Gone__c: Salesforce has no object Gone__c")
	_, err = client.Describe(context.Background(), "Odd__c")
	want(t, err, remote.Retry, "describe Odd__c")
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	org := func(organization, fields string) *canned {
		return parts(func(sub compositePart) (int, string) {
			if strings.Contains(sub.URL, "/describe") {
				return 200, `{"name":"Opportunity","fields":[` + fields + `]}`
			}
			return 200, `{"done":true,"records":[` + organization + `]}`
		})
	}
	example := `{"Id":"00D000000000062","Name":"Example Ltd","DefaultCurrencyIsoCode":"NZD","IsSandbox":true}`
	client := org(example, `{"name":"CurrencyIsoCode","type":"picklist"}`).client(t)
	got, err := client.Identity(context.Background())
	wanted := Identity{OrgID: "00D000000000062EAA", Name: "Example Ltd", User: "005000000000001AAA",
		Instance: "https://" + cannedHost, Currency: "NZD", Sandbox: true, MultiCurrency: true}
	if diff := cmp.Diff(wanted, got); err != nil || diff != "" || client.Calls() != 1 {
		t.Errorf("%v in %d calls (-want +got):\n%s", err, client.Calls(), diff)
	}
	if got, err := org(example, ``).client(t).Identity(context.Background()); err != nil || got.MultiCurrency {
		t.Errorf("%+v, %v; want one currency only", got, err)
	}
	_, err = org(`{"Id":"00D000000000063"}`, ``).client(t).Identity(context.Background())
	want(t, err, remote.BadConfig, "the token is for organisation 00D000000000062EAA")
	_, err = org(``, ``).client(t).Identity(context.Background())
	want(t, err, remote.Retry, "read Organization")
}

func TestIdentityURL(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://login.salesforce.com/id/00D000000000062EAA/005000000000001AAA": true,
		"https://example.my.salesforce.com/id/00D000000000062/005000000000001/": true,
		"":                                 false,
		"https://login.salesforce.com/id/": false,
		"https://login.salesforce.com/ID/00D000000000062EAA":        false,
		"https://login.salesforce.com/x/00D000000000062EAA/005":     false,
		"https://login.salesforce.com/id/00D000000000062EAA/nobody": false,
		"%zz": false,
	} {
		org, _, err := (&session{id: address}).who()
		if (err == nil) != ok || ok && org != "00D000000000062EAA" {
			t.Errorf("%q: %q, %v", address, org, err)
		}
		if !ok {
			want(t, err, remote.BadConfig, "which organisation")
		}
	}
}
