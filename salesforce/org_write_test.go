package salesforce_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"sf2xero/salesforce"
	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync/remote"
)

func TestRowsRefusedByTheirState(t *testing.T) {
	t.Parallel()
	eachWay(t, salesforcetest.Options{}, func(t *testing.T, org *salesforcetest.Org, client *salesforce.Client) {
		ids := deals(t, org, 3, 1)
		if err := errors.Join(org.LockRecord(ids[0]), org.Delete("Opportunity", ids[1])); err != nil {
			t.Fatal(err)
		}
		var updates []salesforce.Update
		for _, id := range ids {
			updates = append(updates, salesforce.Update{Object: "Opportunity", ID: id, Fields: json.RawMessage(`{"NextStep":"invoiced","Description":null}`)})
		}
		results, err := client.Update(t.Context(), updates)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, results[0].Err, remote.BadRecord, ids[0], "ENTITY_IS_LOCKED", "approval")
		refused(t, results[1].Err, remote.BadRecord, ids[1], "ENTITY_IS_DELETED")
		if row, _ := org.Get("Opportunity", ids[2]); results[2].Err != nil || row["NextStep"] != "invoiced" {
			t.Errorf("the third row: %v, %v", results[2].Err, row["NextStep"])
		}
	})
}

// One date that Salesforce cannot read must not keep the other rows from being written.
func TestValueOfTheWrongKind(t *testing.T) {
	t.Parallel()
	org := salesforcetest.New(salesforcetest.Options{})
	ids := deals(t, org, 5, 0)
	client := connect(t, org, "https://example.my.salesforce.com", inMemory{org})
	var updates []salesforce.Update
	for i, id := range ids {
		fields := `{"CloseDate":"2026-12-01"}`
		if i == 2 {
			fields = `{"CloseDate":"soon"}`
		}
		updates = append(updates, salesforce.Update{Object: "Opportunity", ID: id, Fields: json.RawMessage(fields)})
	}
	results, err := client.Update(t.Context(), updates)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if (r.Err != nil) != (i == 2) {
			t.Errorf("row %d: %v", i, r.Err)
		}
	}
	refused(t, results[2].Err, remote.BadRecord, ids[2])
}

// The answer to a write is lost: it is asked again, and the rows end as they should.
func TestLostAnswerToAWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		org := salesforcetest.New(salesforcetest.Options{})
		ids := deals(t, org, 250, 0)
		lost := 0
		client := connect(t, org, "https://example.my.salesforce.com", roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := inMemory{org}.RoundTrip(r)
			if strings.HasSuffix(r.URL.Path, "/composite") && lost == 0 {
				lost++
				return nil, io.ErrUnexpectedEOF
			}
			return resp, err
		}))
		var updates []salesforce.Update
		for _, id := range ids {
			updates = append(updates, salesforce.Update{Object: "Opportunity", ID: id, Fields: json.RawMessage(`{"NextStep":"invoiced"}`)})
		}
		results, err := client.Update(context.Background(), updates)
		if err != nil || client.Calls() != 2 {
			t.Fatalf("%v after %d calls; want 2", err, client.Calls())
		}
		for i, r := range results {
			if row, _ := org.Get("Opportunity", ids[i]); r.Err != nil || row["NextStep"] != "invoiced" {
				t.Fatalf("row %d: %v, %v", i, r.Err, row["NextStep"])
			}
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
