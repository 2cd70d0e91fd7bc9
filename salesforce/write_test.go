package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"sf2xero/sync/remote"
)

type sentRow struct {
	Attributes struct{ Type string }
	ID         string `json:"id"`
	Xero       *string
}

// collections is a canned Salesforce for writing: the answer to each row, or to a whole collection.
func collections(t *testing.T, sizes *[]int, whole func([]sentRow) string, each func(sentRow) string) *canned {
	return parts(func(sub compositePart) (int, string) {
		var body struct {
			AllOrNone *bool
			Records   []sentRow
		}
		if err := json.Unmarshal(sub.Body, &body); err != nil || body.AllOrNone == nil || *body.AllOrNone || len(body.Records) > 200 ||
			sub.Method != http.MethodPatch || sub.URL != "/services/data/v66.0/composite/sobjects" {
			t.Errorf("a collection that Salesforce would refuse: %s %s %v", sub.Method, sub.URL, err)
			return 400, `[{"errorCode":"INVALID_INPUT","message":"x"}]`
		}
		*sizes = append(*sizes, len(body.Records))
		if whole != nil {
			if refusal := whole(body.Records); refusal != "" {
				return 400, refusal
			}
		}
		var rows []string
		for _, r := range body.Records {
			answer := `{"success":true,"errors":[],"id":"` + r.ID + `"}`
			if each != nil && each(r) != "" {
				answer = `{"success":false,"errors":[` + each(r) + `]}` // a failed row may lack its id
			}
			rows = append(rows, answer)
		}
		return 200, "[" + strings.Join(rows, ",") + "]"
	})
}

func updates(n int, object func(int) string) []Update {
	all := make([]Update, n)
	for i := range all {
		all[i] = Update{Object: object(i), ID: id("006", i), Fields: json.RawMessage(`{"Xero":"INV-1"}`)}
	}
	return all
}

func deals(int) string { return "Opportunity" }

func failures(results []RowResult) map[int]string {
	failed := map[int]string{}
	for i, r := range results {
		if r.Err != nil {
			failed[i] = r.Err.Code
		}
	}
	return failed
}

func TestUpdateFillsItsCalls(t *testing.T) {
	t.Parallel()
	var sizes []int
	org := collections(t, &sizes, nil, nil)
	client := org.client(t)
	give := updates(2301, func(i int) string { return []string{"Opportunity", "Account"}[i%2] })
	results, err := client.Update(context.Background(), give)
	if err != nil || len(failures(results)) != 0 {
		t.Fatalf("%v, %v", err, failures(results))
	}
	for i, r := range results {
		if r.ID != give[i].ID {
			t.Fatalf("result %d is for %s; want %s", i, r.ID, give[i].ID)
		}
	}
	if len(sizes) != 12 || client.Calls() != 3 {
		t.Errorf("%d collections in %d calls; want 12 in 3", len(sizes), client.Calls())
	}
	if results, err := client.Update(context.Background(), nil); err != nil || len(results) != 0 || client.Calls() != 3 {
		t.Errorf("nothing to write: %v, %v, %d calls", results, err, client.Calls())
	}
}

func TestUpdateSortsByType(t *testing.T) {
	t.Parallel()
	var order []string
	var sizes []int
	org := collections(t, &sizes, nil, func(r sentRow) string {
		order = append(order, r.Attributes.Type)
		return ""
	})
	_, err := org.client(t).Update(context.Background(), updates(24, func(i int) string { return fmt.Sprintf("Type%02d__c", i%12) }))
	if err != nil || !slices.IsSorted(order) {
		t.Errorf("%v, order %v", err, order)
	}
	if diff := cmp.Diff([]int{20, 4}, sizes); diff != "" {
		t.Errorf("more than ten types in a collection (-want +got):\n%s", diff)
	}
}

func TestOneRefusedRowStopsNoOther(t *testing.T) {
	t.Parallel()
	var sizes []int
	org := collections(t, &sizes, nil, func(r sentRow) string {
		switch r.ID {
		case id("006", 3):
			return `{"statusCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","message":"Closed deals stay as they are","fields":[]}`
		case id("006", 250):
			return `{"statusCode":"INSUFFICIENT_ACCESS_OR_READONLY","message":"insufficient access rights on object id","fields":[]}`
		}
		return ""
	})
	give := updates(300, deals)
	give[7].Fields = json.RawMessage(`not JSON`)
	give[8].ID = ""
	results, err := org.client(t).Update(context.Background(), give)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[int]string{3: "FIELD_CUSTOM_VALIDATION_EXCEPTION", 250: "INSUFFICIENT_ACCESS_OR_READONLY", 7: "", 8: ""}, failures(results)); diff != "" {
		t.Errorf("refused rows (-want +got):\n%s", diff)
	}
	want(t, results[3].Err, remote.BadRecord, "update Opportunity "+id("006", 3), "Closed deals stay as they are", "A rule of the organisation")
	want(t, results[7].Err, remote.BadRecord, "not a JSON object")
}

// A value that Salesforce cannot read refuses the collection, not the row. The row at fault is found.
func TestUnreadableRowIsFound(t *testing.T) {
	t.Parallel()
	var sizes []int
	bad := id("006", 137)
	org := collections(t, &sizes, func(rows []sentRow) string {
		for _, r := range rows {
			if r.ID == bad {
				return `[{"errorCode":"JSON_PARSER_ERROR","message":"Cannot deserialize instance of date from VALUE_STRING value soon"}]`
			}
		}
		return ""
	}, nil)
	client := org.client(t)
	results, err := client.Update(context.Background(), updates(400, deals))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[int]string{137: "JSON_PARSER_ERROR"}, failures(results)); diff != "" {
		t.Errorf("refused rows (-want +got):\n%s", diff)
	}
	if client.Calls() > 10 {
		t.Errorf("%d calls to find one row among 400", client.Calls())
	}
}

func TestLockedRowsComeAgainInSmallerCollections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		seen := map[string]int{}
		locked := `{"statusCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access to this record","fields":[]}`
		org := collections(t, &sizes, nil, func(r sentRow) string {
			seen[r.ID]++
			if r.ID == id("006", 5) || r.ID < id("006", 120) && seen[r.ID] <= 2 { // each row is asked about twice an answer
				return locked
			}
			return ""
		})
		results, err := org.client(t).Update(context.Background(), updates(200, deals))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[int]string{5: "UNABLE_TO_LOCK_ROW"}, failures(results)); diff != "" {
			t.Errorf("refused rows (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]int{200, 50, 50, 20, 1, 1}, sizes); diff != "" {
			t.Errorf("collections (-want +got):\n%s", diff)
		}
		want(t, results[5].Err, remote.Retry, "exclusive access")
	})
}

func TestUpdateFailsAsAWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		good := collections(t, &sizes, nil, nil)
		org := &canned{}
		n := 0
		org.answer = func(w http.ResponseWriter, r *http.Request, body []byte) {
			if n++; n > 1 {
				w.WriteHeader(503)
				return
			}
			good.answer(w, r, body)
		}
		results, err := org.client(t).Update(context.Background(), updates(1200, deals))
		want(t, err, remote.Retry, "503")
		failed := failures(results)
		if len(failed) != 200 || results[999].Err != nil || results[1000].Err == nil {
			t.Errorf("%d rows failed; want the 200 of the second call", len(failed))
		}
		want(t, results[1100].Err, remote.Retry, id("006", 1100))
	})
}

func TestUpdateStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		org := &canned{answer: func(w http.ResponseWriter, _ *http.Request, _ []byte) { cancel(); w.WriteHeader(503) }}
		results, err := org.client(t).Update(ctx, updates(3, deals))
		if remote.ClassOf(err) != remote.Unknown {
			t.Errorf("%v is classed %v", err, remote.ClassOf(err))
		}
		for _, r := range results {
			want(t, r.Err, remote.Retry, "stopped before it was known to be done")
		}
	})
}

func TestOddResults(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"too few":    `[{"success":true}]`,
		"none":       `[]`,
		"null":       `null`,
		"no array":   `{}`,
		"other rows": `[1,2]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := parts(func(compositePart) (int, string) { return 200, body })
			results, err := org.client(t).Update(context.Background(), updates(2, deals))
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				want(t, r.Err, remote.Retry, "update Opportunity", "not what was asked for")
			}
		})
	}
	org := parts(func(compositePart) (int, string) { return 200, `[null,{"success":false}]` })
	results, err := org.client(t).Update(context.Background(), updates(2, deals))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		want(t, r.Err, remote.BadRecord, "gave no reason")
	}
}

func TestUpdateAsItTravels(t *testing.T) {
	t.Parallel()
	u := Update{Object: "Opportunity", ID: "006", Fields: json.RawMessage(` { "A__c" : 1.50 , "B__c":null , "C__c":"<é>" } `)}
	if got, want := string(u.wire()), `{"attributes":{"type":"Opportunity"},"id":"006","A__c":1.50,"B__c":null,"C__c":"<é>"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := string(Update{Object: "O", ID: "1", Fields: json.RawMessage(`{}`)}.wire()), `{"attributes":{"type":"O"},"id":"1"}`; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}
