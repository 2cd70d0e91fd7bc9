package salesforce_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"sf2xero/salesforce"
	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync/remote"
)

func act(key, token string) salesforce.NewRow {
	return salesforce.NewRow{Object: "Xero_Act__c", Fields: json.RawMessage(fmt.Sprintf(`{"Key__c":%q,"Token__c":%q}`, key, token))}
}

// A second row with one unique value is an answer, not a failure, beside rows that are made and rows that are refused.
func TestInsertsAndTheirDuplicates(t *testing.T) {
	t.Parallel()
	eachWay(t, salesforcetest.Options{Acts: true}, func(t *testing.T, org *salesforcetest.Org, client *salesforce.Client) {
		before := time.Now().Truncate(time.Second)
		results, err := client.Insert(t.Context(), []salesforce.NewRow{act("k1", "a"), act("k1", "b"), act("K1", "c"), act("k2", "a token that is longer than thirty-six characters")})
		if err != nil {
			t.Fatal(err)
		}
		if results[0].ID == "" || results[0].Err != nil || results[1].ID != "" || !results[1].Duplicate || results[1].Err != nil || results[2].ID == "" {
			t.Errorf("%+v", results)
		}
		refused(t, results[3].Err, remote.BadRecord, "Xero_Act__c", "STRING_TOO_LONG")
		if results, err = client.Insert(t.Context(), []salesforce.NewRow{act("k1", "d")}); err != nil || !results[0].Duplicate {
			t.Errorf("later: %+v, %v", results, err)
		}
		var rows []salesforce.Record
		for r, err := range client.Query(t.Context(), salesforce.Select{From: "Xero_Act__c", Fields: []string{"Token__c", "CreatedDate"}, Where: "Key__c = 'k1'"}) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, r)
		}
		if len(rows) != 1 {
			t.Fatalf("%d rows", len(rows))
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(rows[0].JSON, &fields); err != nil || string(fields["Token__c"]) != `"a"` {
			t.Errorf("the row is %s", rows[0].JSON)
		}
		// Its age is told by Salesforce's own clock.
		created, err := time.Parse(`"2006-01-02T15:04:05.000-0700"`, string(fields["CreatedDate"]))
		now, known := client.Time()
		if err != nil || !known || created.Before(before) || created.After(now.Add(time.Second)) {
			t.Errorf("it was made at %s (%v), and it is %s", created, err, now)
		}
	})
}

// One field is written, and the row's stamp moves with it.
func TestOneFieldMovesTheStamp(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	org := salesforcetest.New(salesforcetest.Options{Acts: true, Now: func() time.Time { return now }})
	client := connect(t, org, "https://example.my.salesforce.com", inMemory{org})
	results, err := client.Insert(t.Context(), []salesforce.NewRow{act("k", "a")})
	if err != nil || results[0].ID == "" {
		t.Fatalf("%+v, %v", results, err)
	}
	now = now.Add(90 * time.Second)
	updated, err := client.Update(t.Context(), []salesforce.Update{{Object: "Xero_Act__c", ID: results[0].ID, Fields: json.RawMessage(`{"Beat__c":"2026-11-21T10:01:30Z"}`)}})
	if err != nil || updated[0].Err != nil {
		t.Fatalf("%+v, %v", updated, err)
	}
	for r, err := range client.Query(t.Context(), salesforce.Select{From: "Xero_Act__c", Fields: []string{"Token__c"}}) {
		if err != nil || !r.Modstamp.Equal(now) {
			t.Errorf("%s, %v", r.Modstamp, err)
		}
	}
}

// Who we are comes with whether the organisation has an object, in one call, and an object that is hidden is not there.
func TestIdentityTellsOfFurtherObjects(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{false, true} {
		org := salesforcetest.New(salesforcetest.Options{Acts: there})
		client := connect(t, org, "https://example.my.salesforce.com", inMemory{org})
		who, err := client.Identity(t.Context(), "Xero_Act__c")
		if err != nil || client.Calls() != 1 {
			t.Fatalf("%d calls: %v", client.Calls(), err)
		}
		object, ok := who.Objects["Xero_Act__c"]
		if ok != there || who.OrgID != org.OrgID() {
			t.Errorf("there %t: %t", there, ok)
		}
		for _, f := range object.Fields {
			if f.Name == "Key__c" && !(f.Unique && f.CaseSensitive && f.Createable && f.Length == 255) {
				t.Errorf("%+v", f)
			}
		}
	}
}

// Two inserts that run into each other: whichever of the reported answers comes, it is one that is known.
func TestInsertsThatCollide(t *testing.T) {
	t.Parallel()
	org := salesforcetest.New(salesforcetest.Options{Acts: true, Collides: func(_, _ string, nth int) bool { return nth != 1 }})
	client := connect(t, org, "https://example.my.salesforce.com", inMemory{org})
	for n, check := range []func(salesforce.Inserted) bool{
		func(i salesforce.Inserted) bool {
			return i.Err != nil && i.Err.Class == remote.Retry && i.Err.Code == "UNABLE_TO_LOCK_ROW"
		},
		func(i salesforce.Inserted) bool { return i.ID != "" },
		func(i salesforce.Inserted) bool { return i.Duplicate },
	} {
		results, err := client.Insert(t.Context(), []salesforce.NewRow{act("k", "a")})
		if err != nil || !check(results[0]) {
			t.Errorf("insert %d: %+v, %v", n+1, results, err)
		}
	}
}
