package salesforcetest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

// warehouse has one deal with many lines among deals with few.
func warehouse(t testing.TB, deals, lines, big int) *desk {
	d := newDesk(t, salesforcetest.Options{})
	acc := d.insert("Account", map[string]any{"Name": "Acme"})
	prod := d.insert("Product2", map[string]any{"Name": "P"})
	for i := range deals {
		deal := d.insert("Opportunity", map[string]any{"Name": fmt.Sprintf("D%04d", i), "AccountId": acc, "StageName": "Closed Won", "CloseDate": "2026-11-20"})
		n := lines
		if i == 1 {
			n = big
		}
		for range n {
			d.insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": prod, "Quantity": 1, "UnitPrice": 1})
		}
	}
	return d
}

// readAll follows every locator, those of the children too, and counts what came.
func (d *desk) readAll(soql string, headers ...string) (pages, parents, children int, most int) {
	d.t.Helper()
	next := queryPath(soql)
	for next != "" {
		r := decode[result](d.t, d.send("GET", next, "", headers...))
		pages++
		rows := len(r.Records)
		parents += len(r.Records)
		for _, rec := range r.Records {
			kids, ok := rec["OpportunityLineItems"].(map[string]any)
			if !ok {
				continue
			}
			got := len(kids["records"].([]any))
			rows += got
			for kids["done"] == false {
				w := decode[map[string]any](d.t, d.send("GET", kids["nextRecordsUrl"].(string), "", headers...))
				pages++
				got += len(w["records"].([]any))
				kids = w
			}
			children += got
			if fmt.Sprint(kids["totalSize"]) != fmt.Sprint(got) {
				d.t.Errorf("a child result says %v rows, %d came", kids["totalSize"], got)
			}
		}
		most = max(most, rows)
		if next = r.NextRecordsURL; r.Done != (next == "") {
			d.t.Fatalf("done is %v beside nextRecordsUrl %q", r.Done, next)
		}
	}
	return pages, parents, children, most
}

func TestAPageHoldsAsManyRowsAsAskedAndChildRowsCount(t *testing.T) {
	t.Parallel()
	d := warehouse(t, 260, 2, 450)
	soql := "SELECT Id, (SELECT Id FROM OpportunityLineItems) FROM Opportunity"
	for _, tt := range []struct {
		header string
		most   int
	}{{"", 2000}, {"batchSize=500", 500}, {"batchsize=10", 200}, {"batchSize=99999", 2000}, {"rubbish", 2000}} {
		_, parents, children, most := d.readAll(soql, "sforce-query-options", tt.header)
		if parents != 260 || children != 259*2+450 || most > tt.most {
			t.Errorf("%q: %d deals, %d lines, at most %d rows a page; want 260, 968, %d", tt.header, parents, children, most, tt.most)
		}
	}
	if pages, parents, _, _ := d.readAll("SELECT Id FROM Opportunity", "Sforce-Query-Options", "batchSize=200"); pages != 2 || parents != 260 {
		t.Errorf("260 deals at 200 a page: %d pages, %d deals", pages, parents)
	}
}

func TestAChildResultIsCutAndPagesOnItsOwn(t *testing.T) {
	t.Parallel()
	d := warehouse(t, 3, 2, 450)
	r := decode[result](t, d.send("GET", queryPath("SELECT Name, (SELECT Id FROM OpportunityLineItems) FROM Opportunity WHERE Name = 'D0001'"), "", "Sforce-Query-Options", "batchSize=200"))
	kids := r.Records[0]["OpportunityLineItems"].(map[string]any)
	if n := len(kids["records"].([]any)); n != 199 || kids["done"] != false || !r.Done || r.TotalSize != 1 {
		t.Fatalf("199 lines beside their deal fill a page of 200; got %d, done %v, outer done %v", n, kids["done"], r.Done)
	}
	next := kids["nextRecordsUrl"].(string)
	if !strings.HasPrefix(next, v+"/query/01g") || !strings.HasSuffix(next, "-199") {
		t.Errorf("locator %s", next)
	}
	two := decode[result](t, d.send("GET", next, "{}"))
	if len(two.Records) != 200 || two.TotalSize != 450 || two.Done {
		t.Errorf("second page: %d of %d, done %v", len(two.Records), two.TotalSize, two.Done)
	}
	again := decode[result](t, d.send("GET", next, ""))
	if again.column("Id") != two.column("Id") {
		t.Error("reading a locator twice gave different rows")
	}
}

func TestThreeLevelsPageAtEachLevel(t *testing.T) {
	t.Parallel()
	d := warehouse(t, 6, 60, 60)
	soql := "SELECT Id, (SELECT Name, (SELECT Id FROM OpportunityLineItems) FROM Opportunities ORDER BY Name) FROM Account"
	lines, deals := map[string]bool{}, map[string]bool{}
	var follow func(set map[string]any, found map[string]bool)
	follow = func(set map[string]any, found map[string]bool) {
		for {
			for _, rec := range set["records"].([]any) {
				m := rec.(map[string]any)
				found[fmt.Sprint(m["Id"], m["Name"])] = true
				for name, below := range map[string]map[string]bool{"Opportunities": deals, "OpportunityLineItems": lines} {
					if kids, ok := m[name].(map[string]any); ok {
						follow(kids, below)
					}
				}
			}
			next, ok := set["nextRecordsUrl"].(string)
			if !ok {
				return
			}
			set = decode[map[string]any](t, d.send("GET", next, "", "Sforce-Query-Options", "batchSize=200"))
		}
	}
	follow(decode[map[string]any](t, d.send("GET", queryPath(soql), "", "Sforce-Query-Options", "batchSize=200")), map[string]bool{})
	if len(deals) != 6 || len(lines) != 360 {
		t.Errorf("%d deals and %d lines, want 6 and 360", len(deals), len(lines))
	}
}

func TestALocatorShowsWhatTheQueryFoundAndDiesAfterTwoDays(t *testing.T) {
	t.Parallel()
	d := warehouse(t, 250, 0, 0)
	r := decode[result](t, d.send("GET", queryPath("SELECT Name FROM Opportunity ORDER BY Name"), "", "Sforce-Query-Options", "batchSize=200"))
	id := d.query("SELECT Id FROM Opportunity WHERE Name = 'D0249'").column("Id")
	if err := d.org.Update("Opportunity", id, map[string]any{"Name": "A renamed deal"}); err != nil {
		t.Fatal(err)
	}
	two := decode[result](t, d.send("GET", r.NextRecordsURL, ""))
	if len(two.Records) != 50 || !strings.HasSuffix(two.column("Name"), "D0249") {
		t.Errorf("second page: %s", two.column("Name"))
	}
	for _, bad := range []string{"/query/01gDn0000000001-200", "/query/nonsense", "/query/01g-", r.NextRecordsURL[len(v):] + "999"} {
		if w := d.send("GET", v+bad, ""); w.Code != 400 || !strings.Contains(w.Body.String(), "INVALID_QUERY_LOCATOR") {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
	d.now = d.now.Add(49 * time.Hour)
	d.signIn()
	if w := d.send("GET", r.NextRecordsURL, ""); !strings.Contains(w.Body.String(), `"errorCode":"INVALID_QUERY_LOCATOR"`) {
		t.Errorf("after two days: %d %s", w.Code, w.Body)
	}
}

func TestLocatorsDoNotDependOnWhoAskedFirst(t *testing.T) {
	t.Parallel()
	locator := func(order ...string) map[string]string {
		d := warehouse(t, 230, 0, 0)
		got := map[string]string{}
		for _, soql := range order {
			got[soql] = decode[result](t, d.send("GET", queryPath(soql), "", "Sforce-Query-Options", "batchSize=200")).NextRecordsURL
		}
		return got
	}
	a, b := "SELECT Id FROM Opportunity", "SELECT Name FROM Opportunity"
	one, two := locator(a, b), locator(b, a)
	if one[a] != two[a] || one[b] != two[b] || one[a] == one[b] {
		t.Errorf("%v and %v", one, two)
	}
}

func TestNumbersAreWrittenAsJavaWritesThem(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	for _, tt := range []struct{ in, want string }{
		{"1054", "1054.0"}, {"0", "0.0"}, {"0.00", "0.0"}, {"-12.50", "-12.5"}, {"9999999.99", "9999999.99"}, {"10000000", "1.0E7"}, {"15000000", "1.5E7"},
		{"-12345678.90", "-1.23456789E7"}, {"0.001", "0.001"}, {"0.0005", "5.0E-4"}, {"0.10", "0.1"}, {"123.4567", "123.4567"}, {"1.5e7", "1.5E7"},
	} {
		body := `{"Name":"n","AnnualRevenue":` + tt.in + `,"NumberOfEmployees":12000000}`
		made := decode[struct{ ID string }](t, d.send("POST", v+"/sobjects/Account", body))
		got := d.send("GET", queryPath("SELECT AnnualRevenue, NumberOfEmployees FROM Account WHERE Id = '"+made.ID+"'"), "").Body.String()
		if !strings.Contains(got, `"AnnualRevenue":`+tt.want+`,"NumberOfEmployees":12000000}`) {
			t.Errorf("%s: want %s, got %s", tt.in, tt.want, got)
		}
	}
}

func BenchmarkQueryDealsWithLines(b *testing.B) {
	d := warehouse(b, 10000, 2, 2)
	soql := url.QueryEscape("SELECT Id, Name, Amount, AccountId, Account.Name, CloseDate, IsWon, SystemModstamp, (SELECT Id, Quantity, UnitPrice, TotalPrice, Product2.Name FROM OpportunityLineItems ORDER BY SortOrder) FROM Opportunity WHERE IsWon = true")
	b.ReportAllocs()
	for b.Loop() {
		next, rows := v+"/query?q="+soql, 0
		for next != "" {
			w := d.send("GET", next, "")
			head := w.Body.String()
			_, head, _ = strings.Cut(head, `"done":`)
			next = ""
			if strings.HasPrefix(head, "false") {
				_, head, _ = strings.Cut(head, `"nextRecordsUrl":"`)
				next, _, _ = strings.Cut(head, `"`)
			}
			rows += w.Body.Len()
		}
		b.SetBytes(int64(rows))
	}
}

func BenchmarkUpdateDeals(b *testing.B) {
	d := warehouse(b, 10000, 0, 0)
	var ids []string
	for _, r := range d.org.Rows("Opportunity") {
		ids = append(ids, r["Id"].(string))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		var recs []string
		for j := range 200 {
			recs = append(recs, fmt.Sprintf(`{"attributes":{"type":"Opportunity"},"id":"%s","Xero_Invoice_Id__c":"%d","Xero_Total__c":%d.50,"Xero_Status__c":"DRAFT"}`, ids[(i*200+j)%len(ids)], i, j))
		}
		if w := d.send("PATCH", v+"/composite/sobjects", `{"allOrNone":false,"records":[`+strings.Join(recs, ",")+`]}`); strings.Contains(w.Body.String(), "false") {
			b.Fatal(w.Body)
		}
	}
}
