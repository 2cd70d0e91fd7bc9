package salesforce_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce"
	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync/remote"
)

// Everything here talks to the emulator, once in memory and once over a loopback port.
func eachWay(t *testing.T, o salesforcetest.Options, run func(*testing.T, *salesforcetest.Org, *salesforce.Client)) {
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		org := salesforcetest.New(o)
		run(t, org, connect(t, org, "https://example.my.salesforce.com", inMemory{org}))
	})
	t.Run("over TCP", func(t *testing.T) {
		t.Parallel()
		org := salesforcetest.New(o)
		server := httptest.NewServer(org)
		t.Cleanup(server.Close)
		run(t, org, connect(t, org, server.URL, server.Client().Transport))
	})
}

func connect(t *testing.T, org *salesforcetest.Org, address string, base http.RoundTripper, change ...func(*salesforce.Options)) *salesforce.Client {
	t.Helper()
	id, secret, user := org.Credentials()
	o := salesforce.Options{LoginURL: address, ClientID: id, ClientSecret: remote.Secret(secret), Username: user, Base: base}
	for _, f := range change {
		f(&o)
	}
	client, err := salesforce.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w.Result(), nil
}

func insert(t *testing.T, org *salesforcetest.Org, object string, fields map[string]any) string {
	t.Helper()
	id, err := org.Insert(object, fields)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// deals makes n won deals of one account, each with so many lines.
func deals(t *testing.T, org *salesforcetest.Org, n, lines int) (ids []string) {
	t.Helper()
	account := insert(t, org, "Account", map[string]any{"Name": "Acme", "BillingCountry": "New Zealand"})
	product := insert(t, org, "Product2", map[string]any{"Name": "Licence", "ProductCode": "LIC", "IsActive": true})
	for i := range n {
		deal := insert(t, org, "Opportunity", map[string]any{
			"Name": fmt.Sprintf("Deal %d", i), "AccountId": account, "StageName": "Closed Won", "CloseDate": "2026-11-20",
		})
		for l := range lines {
			insert(t, org, "OpportunityLineItem", map[string]any{
				"OpportunityId": deal, "Product2Id": product, "Quantity": 1, "UnitPrice": json.Number("10.50"), "SortOrder": lines - l,
			})
		}
		ids = append(ids, deal)
	}
	return ids
}

var wholeDeals = salesforce.Select{
	From: "Opportunity", Where: "IsWon = true", Fields: []string{"Name", "Amount", "Account.BillingCountry"}, Order: "Name",
	Children: []salesforce.Select{{Relationship: "OpportunityLineItems", Fields: []string{"SortOrder", "Quantity", "UnitPrice", "Product2.ProductCode"}, Order: "SortOrder"}},
}

func collect(t *testing.T, records iter.Seq2[salesforce.Record, error]) []salesforce.Record {
	t.Helper()
	var all []salesforce.Record
	for r, err := range records {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// What a first run with the sample export costs: 4,238 deals of 85 accounts with a line each are read in 5 calls (a page
// holds 1,000 deals with their line; accounts and lines by themselves travel in the same calls), and written in 5
// (22 collections of 200 rows, five a call).
func TestCallsOfAFirstRun(t *testing.T) {
	t.Parallel()
	org := salesforcetest.New(salesforcetest.Options{})
	ids := deals(t, org, 4238, 1)
	for i := range 84 {
		insert(t, org, "Account", map[string]any{"Name": fmt.Sprintf("Account %d", i)})
	}
	client := connect(t, org, "https://example.my.salesforce.com", inMemory{org})

	until := org.Now().Add(time.Minute)
	counts := map[string]int{}
	for r, err := range client.Query(context.Background(),
		salesforce.Select{From: wholeDeals.From, Fields: wholeDeals.Fields, Children: wholeDeals.Children, Where: wholeDeals.Where, Before: until},
		salesforce.Select{From: "Account", Fields: []string{"Name"}, Before: until},
		salesforce.Select{From: "OpportunityLineItem", Fields: []string{"OpportunityId"}, Before: until},
	) {
		if err != nil {
			t.Fatal(err)
		}
		counts[r.Object]++
		if r.Object == "Opportunity" && strings.Count(string(r.JSON), `"ProductCode":"LIC"`) != 1 {
			t.Fatalf("a deal without its line: %s", r.JSON)
		}
	}
	if got := fmt.Sprint(counts); got != "map[Account:85 Opportunity:4238 OpportunityLineItem:4238]" || client.Calls() != 5 {
		t.Errorf("read %s in %d calls; want 5", got, client.Calls())
	}

	before := client.Calls()
	updates := make([]salesforce.Update, len(ids))
	for i, id := range ids {
		updates[i] = salesforce.Update{Object: "Opportunity", ID: id, Fields: json.RawMessage(fmt.Sprintf(`{"Xero_Invoice_Number__c":"INV-%d"}`, i))}
	}
	results, err := client.Update(context.Background(), updates)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Err != nil || r.ID != ids[i] {
			t.Fatalf("row %d: %+v", i, r)
		}
	}
	if calls := client.Calls() - before; calls != 5 {
		t.Errorf("wrote in %d calls; want 5", calls)
	}
	if row, _ := org.Get("Opportunity", ids[4237]); row["Xero_Invoice_Number__c"] != "INV-4237" {
		t.Errorf("the last deal shows %v", row["Xero_Invoice_Number__c"])
	}
	if client.Usage().Used != client.Calls() {
		t.Errorf("Salesforce says %d calls were used; the client counted %d", client.Usage().Used, client.Calls())
	}
}

func TestFiveThousandRows(t *testing.T) {
	t.Parallel()
	eachWay(t, salesforcetest.Options{}, func(t *testing.T, org *salesforcetest.Org, client *salesforce.Client) {
		for i := range 5000 {
			insert(t, org, "Account", map[string]any{"Name": fmt.Sprintf("Account %04d", i)})
		}
		got := collect(t, client.Query(t.Context(), salesforce.Select{From: "Account", Fields: []string{"Name"}, Order: "Name"}))
		for i, r := range got {
			if !strings.Contains(string(r.JSON), fmt.Sprintf(`"Name":"Account %04d"`, i)) {
				t.Fatalf("record %d is %s", i, r.JSON)
			}
		}
		if len(got) != 5000 || client.Calls() != 3 {
			t.Errorf("%d records in %d calls; want 5000 in 3", len(got), client.Calls())
		}
	})
}

func TestAThousandLines(t *testing.T) {
	t.Parallel()
	eachWay(t, salesforcetest.Options{}, func(t *testing.T, org *salesforcetest.Org, client *salesforce.Client) {
		deals(t, org, 4, 1000)
		got := collect(t, client.Query(t.Context(), wholeDeals))
		if len(got) != 4 {
			t.Fatalf("%d deals; want 4", len(got))
		}
		for i, r := range got {
			var deal struct {
				Name                 string
				Amount               json.Number
				Account              struct{ BillingCountry string }
				OpportunityLineItems []struct {
					SortOrder int
					UnitPrice json.Number
				}
			}
			if err := json.Unmarshal(r.JSON, &deal); err != nil {
				t.Fatal(err)
			}
			if deal.Name != fmt.Sprintf("Deal %d", i) || len(deal.OpportunityLineItems) != 1000 || deal.Account.BillingCountry != "New Zealand" {
				t.Errorf("deal %d: %s with %d lines", i, deal.Name, len(deal.OpportunityLineItems))
			}
			for l, line := range deal.OpportunityLineItems {
				if line.SortOrder != l+1 {
					t.Fatalf("line %d has the place %d", l, line.SortOrder)
				}
			}
			if strings.Contains(string(r.JSON), "attributes") || r.Modstamp.IsZero() {
				t.Errorf("record %.200s, stamp %v", r.JSON, r.Modstamp)
			}
		}
	})
}

func TestSessionEndsInMidQuery(t *testing.T) {
	t.Parallel()
	eachWay(t, salesforcetest.Options{}, func(t *testing.T, org *salesforcetest.Org, client *salesforce.Client) {
		deals(t, org, 2500, 0)
		n := 0
		for r, err := range client.Query(t.Context(), wholeDeals) {
			if err != nil {
				t.Fatalf("after %d records: %v", n, err)
			}
			if n++; n == 100 {
				org.ExpireSessions()
			}
			if !strings.Contains(string(r.JSON), `"OpportunityLineItems":[]`) {
				t.Fatalf("a deal without lines: %s", r.JSON)
			}
		}
		if n != 2500 || client.Calls() != 3 {
			t.Errorf("%d records in %d calls; want 2500 in 3, one of them refused", n, client.Calls())
		}
	})
}

func first(records iter.Seq2[salesforce.Record, error]) (salesforce.Record, error) {
	for r, err := range records {
		return r, err
	}
	return salesforce.Record{}, errors.New("no record")
}

// A deleted deal is seen as deleted, and a living one without the lines that were deleted.
func TestDeletedRows(t *testing.T) {
	t.Parallel()
	org := salesforcetest.New(salesforcetest.Options{})
	ids := deals(t, org, 3, 2)
	line := ""
	for _, row := range org.Rows("OpportunityLineItem") {
		if row["OpportunityId"] == ids[1] {
			line = fmt.Sprint(row["Id"])
		}
	}
	if err := errors.Join(org.Delete("Opportunity", ids[0]), org.Delete("OpportunityLineItem", line)); err != nil {
		t.Fatal(err)
	}
	client := connect(t, org, "https://example.my.salesforce.com", inMemory{org})
	ask := wholeDeals
	ask.Where, ask.IDs = "", ids
	if got := collect(t, client.Query(t.Context(), ask)); len(got) != 2 {
		t.Errorf("%d living deals; want 2", len(got))
	}
	ask.Deleted = true
	got := collect(t, client.Query(t.Context(), ask))
	if len(got) != 3 || !got[0].Deleted || got[1].Deleted || got[2].Deleted {
		t.Fatalf("%+v; want three, the first deleted", got)
	}
	for i, lines := range []int{0, 1, 2} {
		if n := strings.Count(string(got[i].JSON), `"UnitPrice":`); n != lines {
			t.Errorf("deal %d has %d lines; want %d", i, n, lines)
		}
	}
}

// A window takes what was changed in it and nothing else, and the stamp of a line that is newer than its deal counts.
func TestWindow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	org := salesforcetest.New(salesforcetest.Options{Now: func() time.Time { return now }})
	early := deals(t, org, 1, 1)
	now = now.Add(time.Hour)
	late := insert(t, org, "Opportunity", map[string]any{"Name": "Late", "StageName": "Closed Won", "CloseDate": "2026-11-20"})
	client := connect(t, org, "https://example.my.salesforce.com", inMemory{org})
	window := func(since, before time.Time) string {
		ask := wholeDeals
		ask.Since, ask.Before = since, before
		var ids []string
		for _, r := range collect(t, client.Query(t.Context(), ask)) {
			ids = append(ids, r.ID)
		}
		return strings.Join(ids, " ")
	}
	if got := window(now.Add(-2*time.Hour), now); got != early[0] {
		t.Errorf("the first window has %q; want %q", got, early[0])
	}
	if got := window(now, now.Add(time.Hour)); got != late {
		t.Errorf("the second window has %q; want %q", got, late)
	}
	line := fmt.Sprint(org.Rows("OpportunityLineItem")[0]["Id"])
	now = now.Add(time.Hour)
	if err := org.Update("OpportunityLineItem", line, map[string]any{"Description": "as agreed"}); err != nil {
		t.Fatal(err)
	}
	got, err := first(client.Query(t.Context(), salesforce.Select{From: "Opportunity", IDs: early, Children: wholeDeals.Children}))
	if err != nil || !got.Modstamp.Equal(now) {
		t.Errorf("stamp %v, %v; want %v, when its line was described", got.Modstamp, err, now)
	}
}
