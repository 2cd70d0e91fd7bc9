package xerotest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

func escape(s string) string { return url.QueryEscape(s) }

// shelf is an organisation with seven invoices, a second apart: five by the API, of which one is deleted, one voided and
// one paid, and two by hand.
func shelf(t *testing.T, opt xerotest.Options) (c *client, now *clock, ids []string) {
	t.Helper()
	now = newClock()
	opt.Empty, opt.Now = true, now.Now
	c = open(t, opt)
	acme, other := c.contact("Acme"), c.contact("Öther & Co")
	for i := range 5 {
		contact := acme
		if i == 4 {
			contact = other
		}
		ids = append(ids, c.invoice(contact, fmt.Sprintf(`"Reference":"PO-%d \"x\"","DueDate":"2026-12-%02d","Date":"2026-11-%02d"`, i, 10+i, 1+i)))
		now.forward(time.Second)
	}
	c.done(c.org.Delete(ids[1]))
	c.done(c.org.Approve(ids[2]))
	c.done(c.org.Void(ids[2]))
	c.done(c.org.Approve(ids[3]))
	c.must(c.org.Pay(ids[3], amount("115")))
	for range 2 {
		ids = append(ids, c.must(c.org.AddInvoice(xerotest.EditableInvoice{ContactID: acme, Reference: "by hand", Date: "2026-11-05",
			Lines: []xerotest.LineView{{Description: "x", Quantity: amount("1"), UnitAmount: amount("7"), AccountCode: "200", TaxType: "NONE"}}})))
	}
	return c, now, ids
}

func TestInvoiceFilters(t *testing.T) {
	t.Parallel()
	c, _, ids := shelf(t, xerotest.Options{})
	acme := c.org.Contacts()[0].ContactID
	where := func(s string) string { return "where=" + escape(s) }
	cases := []struct {
		query string
		want  string // indexes into ids
	}{
		{"page=1", "0 2 3 4 5 6"}, // nothing says that deleted ones are listed
		{"Statuses=DELETED", "1"},
		{"Statuses=VOIDED,PAID", "2 3"},
		{"statuses=%22DRAFT%22,%20%22PAID%22", "0 3 4 5 6"},
		{"IDs=" + ids[1] + "," + strings.ToUpper(ids[2]) + ",11111111-1111-1111-1111-111111111111", "1 2"},
		{"IDs=" + ids[0] + "&IDs=" + ids[2] + "&page=1", "0 2"},
		{"InvoiceNumbers=INV-0001,inv-0004,X", "0 3"},
		{"ContactIDs=" + acme, "0 2 3 5 6"},
		{"createdByMyApp=true", "0 2 3 4"},
		{"searchTerm=po-0", "0"},
		{"searchTerm=INV-000", "0 2 3 4 5 6"},
		{where(`Status=="DRAFT"`), "0 4 5 6"},
		{where(`Status=="DELETED"`), "1"},
		{where(`Type=="ACCREC" AND Status!="VOIDED"`), "0 1 3 4 5 6"},
		{where(`InvoiceId==guid("` + ids[4] + `")`), "4"},
		{where(`Contact.ContactID==Guid("` + acme + `") && AmountPaid>0`), "3"},
		{where(`Contact.Name=="oTHER & cO"`), "4"},
		{where(`Reference=="PO-0 ""x"""`), "0"},
		{where(`Reference!=null AND Reference.StartsWith("po-")`), "0 2 3 4"},
		{where(`Reference.Contains("HAND")`), "5 6"},
		{where(`Date>=DateTime(2026,11,04) AND Date<DateTime(2026,11,05)`), "3"},
		{where(`DueDate<=DateTime(2026,12,10)`), "0"},
		{where(`DueDate==null`), "5 6"},
		{where(`AmountDue>=115.00 and (Reference=="by hand" or InvoiceNumber=="INV-0005")`), "4"},
		{where(`SentToContact==true`), ""},
		{where(`Total<10`), "5 6"},
	}
	for _, tc := range cases {
		res := c.raw("GET", "Invoices?"+tc.query, "").want(200)
		var got []string
		for i := range ids {
			for j := range res.len("Invoices") {
				if res.text("Invoices", j, "InvoiceID") == ids[i] {
					got = append(got, fmt.Sprint(i))
				}
			}
		}
		if strings.Join(got, " ") != tc.want || res.len("Invoices") != len(got) {
			t.Errorf("%s finds %v, want %s", tc.query, got, tc.want)
		}
	}
}

func TestQueriesThatDoNotParse(t *testing.T) {
	t.Parallel()
	c, _, ids := shelf(t, xerotest.Options{})
	for query, text := range map[string]string{
		`Foo==1`:                             "No property or field 'Foo' exists in this type",
		`Status=="DRAFT`:                     "Unterminated string literal",
		`Reference=="a\"b"`:                  `Syntax error '\'`,
		`Status=`:                            "Expression expected",
		`Status=="DRAFT" XOR Type=="ACCREC"`: "Syntax error",
		`(Status=="DRAFT"`:                   "')' or operator expected",
		`InvoiceID=="` + ids[0] + `"`:        "Operator '==' incompatible with operand types 'Guid' and 'String'",
		`Date>="2026-11-01"`:                 "Operator '>=' incompatible with operand types 'DateTime' and 'String'",
		`Date>DateTime(2026,13,01)`:          "Year, Month, and Day parameters describe an un-representable DateTime.",
		`Reference.ToLower("x")`:             "No applicable method 'ToLower' exists in type 'String'",
		`InvoiceID==guid("x")`:               "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).",
		`Status>"A"`:                         "Syntax error",
		`Total==x`:                           "Unknown identifier 'x'",
		`Status=='DRAFT'`:                    "Syntax error '''",
	} {
		res := c.send("GET", "Invoices?where="+escape(query), "").want(400)
		if res.text("Type") != "QueryParseException" || res.text("Message") != text {
			t.Errorf("%s: %s, want %s", query, res.body, text)
		}
	}
	for _, order := range []string{"Foo", "Date UP", "Date ASC DESC", ","} {
		if res := c.send("GET", "Invoices?order="+escape(order), "").want(400); res.text("Type") != "QueryParseException" {
			t.Errorf("%s: %s", order, res.body)
		}
	}
}

func TestOrderAndPages(t *testing.T) {
	t.Parallel()
	c, _, _ := shelf(t, xerotest.Options{ListDeleted: true})
	column := func(query, field string) string {
		t.Helper()
		res := c.raw("GET", "Invoices?"+query, "").want(200)
		var list []string
		for i := range res.len("Invoices") {
			list = append(list, res.text("Invoices", i, field))
		}
		return strings.Join(list, " ")
	}
	for query, want := range map[string]string{
		"order=InvoiceNumber": "INV-0001 INV-0002 INV-0003 INV-0004 INV-0005 INV-0006 INV-0007",
		"order=" + escape("InvoiceNumber DESC") + "&pageSize=3":                   "INV-0007 INV-0006 INV-0005",
		"order=InvoiceNumber&page=3&pageSize=3":                                   "INV-0007",
		"order=InvoiceNumber&page=4&pageSize=3":                                   "",
		"order=InvoiceNumber&page=0&pageSize=0":                                   "INV-0001",
		"order=" + escape("Total ASC, InvoiceNumber DESC") + "&page=1&pageSize=4": "INV-0007 INV-0006 INV-0005 INV-0004",
	} {
		if got := column(query, "InvoiceNumber"); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	byID := strings.Fields(column("order=InvoiceID&page=1", "InvoiceID"))
	for i := 1; i < len(byID); i++ {
		if byID[i-1] >= byID[i] {
			t.Errorf("not in order of InvoiceID: %v", byID)
		}
	}
	if again := column("order="+escape("InvoiceID DESC"), "InvoiceID"); strings.Fields(again)[0] != byID[len(byID)-1] {
		t.Errorf("descending begins with %s", again)
	}
	stamps := strings.Fields(column("page=1", "UpdatedDateUTCString"))
	for i := 1; i < len(stamps); i++ {
		if stamps[i-1] > stamps[i] {
			t.Errorf("the default order is not by UpdatedDateUTC: %v", stamps)
		}
	}
	res := c.send("GET", "Invoices?page=2&pageSize=3", "").want(200)
	for field, want := range map[string]string{"page": "2", "pageSize": "3", "pageCount": "3", "itemCount": "7"} {
		if got := res.text("pagination", field); got != want {
			t.Errorf("pagination.%s is %s, want %s", field, got, want)
		}
	}
	if got := c.send("GET", "Invoices?page=1&pageSize=5000", "").text("pagination", "pageSize"); got != "1000" {
		t.Errorf("the page size is clamped to %s", got)
	}
}

func TestFormsOfLists(t *testing.T) {
	t.Parallel()
	c, _, _ := shelf(t, xerotest.Options{})
	plain := c.send("GET", "Invoices", "").want(200)
	if plain.at("pagination") != nil || plain.len("Invoices", 0, "LineItems") != 0 {
		t.Errorf("an unpaged list has pages or lines: %s", plain.body)
	}
	paged := c.send("GET", "Invoices?page=1", "").want(200)
	if paged.len("Invoices", 0, "LineItems") != 1 {
		t.Errorf("a paged list has no lines: %s", paged.body)
	}
	summary := c.send("GET", "Invoices?summaryOnly=true", "").want(200)
	first := summary.at("Invoices", 0).(map[string]any)
	for _, gone := range []string{"Payments", "LineItems", "HasAttachments"} {
		if _, there := first[gone]; there {
			t.Errorf("%s stands in a summary", gone)
		}
	}
	if summary.at("pagination") == nil || c.send("GET", "Invoices?Statuses=DRAFT", "").at("pagination") == nil {
		t.Error("summaryOnly and Statuses enforce paging")
	}
	contact := c.send("GET", "Contacts?summaryOnly=true", "").want(200).at("Contacts", 0).(map[string]any)
	for _, gone := range []string{"Addresses", "Balances", "ContactGroups", "ContactPersons", "IsCustomer", "IsSupplier"} {
		if _, there := contact[gone]; there {
			t.Errorf("%s stands in a contact's summary", gone)
		}
	}
}

func TestIfModifiedSince(t *testing.T) {
	t.Parallel()
	c, now, ids := shelf(t, xerotest.Options{})
	now.forward(time.Minute + 300*time.Millisecond)
	at := now.now
	c.edit(ids[0], `"Reference":"changed"`).want(200)
	for _, tc := range []struct {
		since string
		want  int
	}{
		{at.Add(-time.Second).Format("2006-01-02T15:04:05"), 1},
		{at.Add(-time.Second).Format(time.RFC3339), 1},
		{at.Add(-time.Second).In(time.FixedZone("", 13*60*60)).Format(time.RFC3339), 1},
		{at.Add(-time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT"), 1},
		{at.Format("2006-01-02T15:04:05"), 0}, // within the second asked for: not shown
		{at.Add(-time.Hour).Format("2006-01-02T15:04:05.000Z"), 6},
	} {
		if got := c.raw("GET", "Invoices?page=1", "", "if-modified-since", tc.since).want(200).len("Invoices"); got != tc.want {
			t.Errorf("since %s: %d, want %d", tc.since, got, tc.want)
		}
	}
	c.raw("GET", "Invoices?page=1", "", "If-Modified-Since", "yesterday").want(412)
	sly := open(t, xerotest.Options{NotModified: true})
	if res := sly.send("GET", "Invoices?page=1", "", "If-Modified-Since", "2026-11-06T00:00:00Z").want(304); res.body != "" {
		t.Errorf("a body: %s", res.body)
	}
	sly.send("GET", "Invoices?page=1", "", "If-Modified-Since", "2020-11-06T00:00:00Z").want(200)
}

func TestContactFilters(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	add := func(e xerotest.EditableContact) string { return c.must(c.org.AddContact(e)) }
	a := add(xerotest.EditableContact{Name: "Ärzte", ContactNumber: "001A", EmailAddress: "x@a.example"})
	b := add(xerotest.EditableContact{Name: "Bakers", AccountNumber: "ACC-9", FirstName: "Ann"})
	old := add(xerotest.EditableContact{Name: "Old", ContactNumber: "001B"})
	c.done(c.org.ArchiveContact(old))
	for query, want := range map[string][]string{
		"":                                 {a, b},
		"includeArchived=true":             {a, b, old},
		"where=" + escape(`Name=="arzte"`): {a},
		"where=" + escape(`EmailAddress=="X@A.example"`):                            {a},
		"where=" + escape(`AccountNumber=="acc-9"`):                                 {b},
		"where=" + escape(`ContactNumber=="001B"`) + "&includeArchived=true&page=1": {old},
		"where=" + escape(`ContactStatus=="ARCHIVED"`):                              {},
		"searchTerm=ann":       {b},
		"IDs=" + a + "," + old: {a},
		"IDs=" + a + "," + old + "&includeArchived=true":      {a, old},
		"order=" + escape("Name DESC") + "&page=1&pageSize=1": {b},
	} {
		res := c.raw("GET", "Contacts?"+query, "").want(200)
		got := map[string]bool{}
		for i := range res.len("Contacts") {
			got[res.text("Contacts", i, "ContactID")] = true
		}
		if len(got) != len(want) {
			t.Errorf("%s finds %d, want %d", query, len(got), len(want))
		}
		for _, id := range want {
			if !got[id] {
				t.Errorf("%s does not find %s", query, id)
			}
		}
	}
	if got := c.raw("GET", "Contacts/001A", "").want(200).text("Contacts", 0, "ContactID"); got != a {
		t.Errorf("by number: %s", got)
	}
	c.send("GET", "Contacts/11111111-1111-1111-1111-111111111111", "").want(404)
}

func TestHideURL(t *testing.T) {
	t.Parallel()
	for _, hide := range []bool{false, true} {
		c, contact, _ := books(t, xerotest.Options{HideURL: hide})
		id := c.invoice(contact, `"Url":"https://a.example/1"`)
		for _, path := range []string{"Invoices?page=1&IDs=" + id, "Invoices?IDs=" + id, "Invoices?summaryOnly=true&IDs=" + id} {
			if got := c.send("GET", path, "").want(200).text("Invoices", 0, "Url") == ""; got != hide {
				t.Errorf("%s hides the link: %v", path, got)
			}
		}
		if c.send("GET", "Invoices/"+id, "").text("Invoices", 0, "Url") == "" {
			t.Error("a single invoice hides the link")
		}
	}
}
