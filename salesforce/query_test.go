package salesforce

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"sf2xero/sync/remote"
)

// id makes a valid 18-character id.
func id(prefix string, n int) string {
	full, err := ID18(fmt.Sprintf("%s%012d", prefix, n))
	if err != nil {
		panic(err)
	}
	return full
}

func line(n int) string {
	return fmt.Sprintf(`{"attributes":{"type":"OpportunityLineItem"},"Id":%q,"SystemModstamp":"2026-11-21T10:00:%02d.000+0000"}`, id("00k", n), n)
}

// A page of two deals whose lines come in pages of their own, and a second page of deals: the links to lines are followed
// before the link to further deals, and no deal is given before it is whole.
func TestChildrenFirst(t *testing.T) {
	t.Parallel()
	lines := func(next string, lines ...string) string {
		return fmt.Sprintf(`{"totalSize":9,"done":%t,"nextRecordsUrl":"/services/data/v66.0/query/%s","records":[%s]}`, next == "", next, strings.Join(lines, ","))
	}
	deal := func(n int, lines string) string {
		return fmt.Sprintf(`{"attributes":{"type":"Opportunity"},"Id":%q,"SystemModstamp":"2026-11-21T10:00:00.000+0000","OpportunityLineItems":%s}`, id("006", n), lines)
	}
	pages := map[string]string{
		"query":   lines("deals-2", deal(1, lines("a-2", line(1))), deal(2, lines("", line(4))), deal(3, lines("c-2", line(5)))),
		"a-2":     lines("a-3", line(2)),
		"a-3":     lines("", line(3)),
		"c-2":     lines("", line(6)),
		"deals-2": lines("", deal(4, "null")),
	}
	var calls []string
	call := ""
	org := parts(func(sub compositePart) (int, string) {
		u, _ := url.Parse(sub.URL)
		name := u.Path[strings.LastIndex(u.Path, "/")+1:]
		call += " " + name
		if sub.HTTPHeaders["Sforce-Query-Options"] != "batchSize=2000" {
			t.Errorf("%s asks without a page size", name)
		}
		return 200, pages[name]
	})
	var got []string
	for r, err := range org.client(t).Query(context.Background(), Select{From: "Opportunity", Children: []Select{{Relationship: "OpportunityLineItems"}}}) {
		if err != nil {
			t.Fatal(err)
		}
		if call != "" {
			calls, call = append(calls, call), ""
		}
		got = append(got, fmt.Sprintf("after %d: %s %02d s, %d lines", len(calls), r.ID[:15], r.Modstamp.Second(), strings.Count(string(r.JSON), "00k")))
	}
	if diff := cmp.Diff([]string{" query a-2 c-2 a-3", " deals-2"}, calls); diff != "" {
		t.Errorf("what was asked before records came (-want +got):\n%s", diff)
	}
	want := []string{
		"after 1: 006000000000001 03 s, 3 lines", "after 1: 006000000000002 04 s, 1 lines",
		"after 1: 006000000000003 06 s, 2 lines", "after 2: 006000000000004 00 s, 0 lines",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// Children of children page as well.
func TestGrandchildren(t *testing.T) {
	t.Parallel()
	set := func(next, records string) string {
		return fmt.Sprintf(`{"done":%t,"nextRecordsUrl":"/services/data/v66.0/query/%s","records":[%s]}`, next == "", next, records)
	}
	pages := map[string]string{
		"query": set("", `{"Id":"`+id("001", 1)+`","Opportunities":`+set("o-2", `{"Id":"o1","Lines":`+set("l-2", `{"Id":"l1"}`)+`}`)+`}`),
		"o-2":   set("", `{"Id":"o2","Lines":`+set("l-4", `{"Id":"l3"}`)+`}`),
		"l-2":   set("", `{"Id":"l2"}`),
		"l-4":   set("", `{"Id":"l4"}`),
	}
	org := parts(func(sub compositePart) (int, string) {
		u, _ := url.Parse(sub.URL)
		return 200, pages[u.Path[strings.LastIndex(u.Path, "/")+1:]]
	})
	got, err := collect(org.client(t).Query(context.Background(), Select{From: "Account", Children: []Select{
		{Relationship: "Opportunities", Children: []Select{{Relationship: "Lines"}}},
	}}))
	want := `{"Id":"` + id("001", 1) + `","Opportunities":[{"Id":"o1","Lines":[{"Id":"l1"},{"Id":"l2"}]},{"Id":"o2","Lines":[{"Id":"l3"},{"Id":"l4"}]}]}`
	if err != nil || len(got) != 1 || string(got[0].JSON) != want {
		t.Errorf("%v, %v; want %s", err, got, want)
	}
}

func TestManyIDs(t *testing.T) {
	t.Parallel()
	ids := make([]string, 1450)
	for i := range ids {
		ids[i] = id("006", i)
	}
	var perCall []int
	org := &canned{}
	inner := parts(func(sub compositePart) (int, string) {
		u, _ := url.Parse(sub.URL)
		soql := u.Query().Get("q")
		if !strings.HasSuffix(u.Path, "/queryAll") {
			t.Errorf("asked %s, which hides deleted rows", u.Path)
		}
		perCall[len(perCall)-1] += strings.Count(soql, "','") + 1
		var rows []string
		for _, id := range literals(soql) {
			rows = append(rows, fmt.Sprintf(`{"Id":%q,"IsDeleted":true}`, id))
		}
		return 200, `{"done":true,"records":[` + strings.Join(rows, ",") + `]}`
	})
	org.answer = inner.answer
	client := org.client(t, func(o *Options) {
		o.Base = roundTripper(countCalls(org, &perCall))
	})
	got, err := collect(client.Query(context.Background(), Select{From: "Opportunity", IDs: ids, Deleted: true}, Select{From: "Account", IDs: []string{}}))
	if err != nil {
		t.Fatal(err)
	}
	var gotIDs []string
	for _, r := range got {
		if !r.Deleted || r.Select != 0 {
			t.Fatalf("record %+v", r)
		}
		gotIDs = append(gotIDs, r.ID)
	}
	if !slices.Equal(gotIDs, ids) {
		t.Errorf("%d records; want the %d asked for, in order", len(gotIDs), len(ids))
	}
	if diff := cmp.Diff([]int{1000, 450}, perCall); diff != "" {
		t.Errorf("ids per call (-want +got):\n%s", diff)
	}
}

func TestInnerErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		class  remote.Class
		words  string
		calls  int
	}{
		"a hidden field":   {400, `[{"errorCode":"INVALID_FIELD","message":"\nSELECT Id, Foo__c FROM Opportunity WHERE Account.Name = 'Acme'\n ^\nERROR at Row:1:Column:12\nNo such column 'Foo__c' on entity 'Opportunity'. If you are"}]`, remote.BadConfig, "query Opportunity: Opportunity has no field Foo__c", 1},
		"a lost link":      {400, `[{"errorCode":"INVALID_QUERY_LOCATOR","message":"invalid query locator"}]`, remote.Retry, "query Opportunity", 1},
		"a slow query":     {400, `[{"errorCode":"QUERY_TIMEOUT","message":"too long"}]`, remote.Retry, "query Opportunity", 4},
		"an inner failure": {500, `[{"errorCode":"UNKNOWN_EXCEPTION","message":"An unexpected error occurred."}]`, remote.Retry, "UNKNOWN_EXCEPTION", 4},
		"halted":           {400, `[{"errorCode":"PROCESSING_HALTED","message":"The transaction was rolled back"}]`, remote.Retry, "PROCESSING_HALTED", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				accounts := 0
				org := parts(func(sub compositePart) (int, string) {
					if strings.Contains(sub.URL, "FROM+Account") {
						accounts++
						return 200, `{"done":true,"records":[]}`
					}
					return c.status, c.body
				})
				client := org.client(t)
				_, err := collect(client.Query(context.Background(), Select{From: "Account"}, won))
				want(t, err, c.class, c.words)
				if client.Calls() != c.calls || accounts != 1 {
					t.Errorf("%d calls, Account asked %d times; want %d and 1: what was answered is not asked again", client.Calls(), accounts, c.calls)
				}
			})
		})
	}
}

// An answer that names its next page has one, also when it leaves out whether it is done.
func TestAPageThatDoesNotSayWhetherItIsTheLast(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"query": fmt.Sprintf(`{"totalSize":2,"nextRecordsUrl":"/services/data/v66.0/query/more","records":[{"Id":%q}]}`, id("006", 1)),
		"more":  fmt.Sprintf(`{"totalSize":2,"records":[{"Id":%q}]}`, id("006", 2)),
	}
	org := parts(func(sub compositePart) (int, string) {
		u, _ := url.Parse(sub.URL)
		return 200, pages[u.Path[strings.LastIndex(u.Path, "/")+1:]]
	})
	rows, err := collect(org.client(t).Query(context.Background(), Select{From: "Opportunity"}))
	if err != nil || len(rows) != 2 {
		t.Errorf("got %d rows (%v), want 2", len(rows), err)
	}
}

// Whoever stops reading stops the calls.
func TestStopReading(t *testing.T) {
	t.Parallel()
	org := parts(func(sub compositePart) (int, string) {
		return 200, fmt.Sprintf(`{"done":false,"nextRecordsUrl":"/services/data/v66.0/query/more","records":[{"Id":%q},{"Id":%q}]}`, id("006", 1), id("006", 2))
	})
	client := org.client(t)
	for range client.Query(context.Background(), won) {
		break
	}
	if client.Calls() != 1 {
		t.Errorf("%d calls; want 1", client.Calls())
	}
	if err := queryNothing(client); err != nil || client.Calls() != 1 {
		t.Errorf("no selects: %v, %d calls", err, client.Calls())
	}
}

func queryNothing(c *Client) error {
	_, err := collect(c.Query(context.Background()))
	return err
}
