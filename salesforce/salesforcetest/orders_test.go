package salesforcetest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce/salesforcetest"
)

// A sale with a quote, the order that came of it, and the contract above both, as Data Loader exports a few of their fields.
func orders(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, salesforcetest.Options{})
	must(t, d.org.Load(export(t, map[string]string{
		"Account.csv":     "Id,Name\n0015g0000000001AAA,Kowhai\n0015g0000000002AAA,Manuka\n",
		"Contract.csv":    "Id,AccountId,Status,StartDate,ContractTerm,ContractNumber\n8005g0000000001AAA,0015g0000000001AAA,Activated,2026-01-31,12,00000207\n8005g0000000002AAA,0015g0000000001AAA,Draft,2026-11-01,6,\n",
		"Opportunity.csv": "Id,Name,AccountId,StageName,CloseDate\n0065g0000000001AAA,Spring,0015g0000000001AAA,Closed Won,2026-11-20\n",
		"Quote.csv":       "Id,Name,OpportunityId,ContractId,Status,Tax,ShippingHandling\n0Q05g0000000001AAA,Spring quote,0065g0000000001AAA,8005g0000000001AAA,Accepted,15,12.5\n",
		"QuoteLineItem.csv": "Id,QuoteId,Product2Id,Quantity,UnitPrice,Discount\n0QL5g0000000001AAA,0Q05g0000000001AAA,01t5g0000000001AAA,2,50,10\n" +
			"0QL5g0000000002AAA,0Q05g0000000001AAA,01t5g0000000001AAA,1,100,\n",
		"Order.csv": "Id,AccountId,OpportunityId,QuoteId,ContractId,EffectiveDate,Status,OrderNumber,SystemModstamp\n" +
			"8015g0000000001AAA,0015g0000000001AAA,0065g0000000001AAA,0Q05g0000000001AAA,8005g0000000001AAA,2026-11-20,Activated,00000101,2026-11-20T09:00:00.000+0000\n" +
			"8015g0000000002AAA,0015g0000000001AAA,,,8005g0000000001AAA,2026-11-20,Draft,,2026-11-20T09:00:00.000+0000\n" +
			"8015g0000000003AAA,0015g0000000001AAA,,,,2026-11-20,Shipped,,2026-11-20T09:00:00.000+0000\n" +
			"8015g0000000004AAA,0015g0000000001AAA,,,,2026-11-20,Nobody knows,,2026-11-20T09:00:00.000+0000\n",
		"OrderItem.csv":   "Id,OrderId,Product2Id,QuoteLineItemId,Quantity,UnitPrice\n8025g0000000001AAA,8015g0000000001AAA,01t5g0000000001AAA,0QL5g0000000001AAA,2,45\n8025g0000000002AAA,8015g0000000001AAA,01t5g0000000001AAA,,1,100.005\n",
		"OrderStatus.csv": "Id,ApiName,MasterLabel,StatusCode\n01X5g0000000001AAA,Shipped,Shipped,Activated\n",
		"Product2.csv":    "Id,Name,ProductCode,Family\n01t5g0000000001AAA,Apples,AP,Fruit\n",
	})))
	return d
}

func TestOrdersQuotesAndContractsAreRead(t *testing.T) {
	t.Parallel()
	d := orders(t)
	for soql, want := range map[string]string{
		"SELECT OrderNumber, Status, StatusCode, TotalAmount, Account.Name, Opportunity.Name, Quote.QuoteNumber, Contract.ContractNumber FROM Order ORDER BY OrderNumber": "OrderNumber=00000101,00000102,00000103,00000104 Status=Activated,Draft,Shipped,Nobody knows " +
			"StatusCode=Activated,Draft,Activated,Draft TotalAmount=190.005,<nil>,<nil>,<nil> Account.Name=Kowhai,Kowhai,Kowhai,Kowhai Opportunity.Name=Spring,<nil>,<nil>,<nil> Quote.QuoteNumber=00000001,<nil>,<nil>,<nil> Contract.ContractNumber=00000207,00000207,<nil>,<nil>",
		"SELECT OrderItemNumber, TotalPrice, Order.Account.Name, Product2.Family, QuoteLineItem.Quote.Name FROM OrderItem ORDER BY OrderItemNumber": "OrderItemNumber=0000000001,0000000002 TotalPrice=90.0,100.005 Order.Account.Name=Kowhai,Kowhai " +
			"Product2.Family=Fruit,Fruit QuoteLineItem.Quote.Name=Spring quote,<nil>",
		"SELECT QuoteNumber, Account.Name, Opportunity.Name, Subtotal, Discount, TotalPrice, Tax, ShippingHandling, GrandTotal, LineItemCount FROM Quote": "QuoteNumber=00000001 Account.Name=Kowhai Opportunity.Name=Spring Subtotal=200.0 Discount=5.0 " +
			"TotalPrice=190.0 Tax=15.0 ShippingHandling=12.5 GrandTotal=217.5 LineItemCount=2",
		"SELECT LineNumber, Subtotal, TotalPrice FROM QuoteLineItem ORDER BY LineNumber":           "LineNumber=00000001,00000002 Subtotal=100.0,100.0 TotalPrice=90.0,100.0",
		"SELECT ContractNumber, Status, StatusCode, EndDate FROM Contract ORDER BY ContractNumber": "ContractNumber=00000207,00000208 Status=Activated,Draft StatusCode=Activated,Draft EndDate=2027-01-30,2027-04-30",
	} {
		r := d.query(soql)
		names, _, _ := strings.Cut(strings.TrimPrefix(soql, "SELECT "), " FROM")
		var got []string
		for _, name := range strings.Split(names, ", ") {
			got = append(got, name+"="+r.column(strings.Split(name, ".")...))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s:\ngot  %s\nwant %s", soql, strings.Join(got, " "), want)
		}
	}
	for soql, want := range map[string]string{
		"SELECT (SELECT TotalPrice FROM OrderItems) FROM Order WHERE OrderNumber = '00000101'":          "OrderItems",
		"SELECT (SELECT TotalPrice FROM QuoteLineItems) FROM Quote":                                     "QuoteLineItems",
		"SELECT (SELECT Name FROM Quotes) FROM Opportunity":                                             "Quotes",
		"SELECT (SELECT OrderNumber FROM Orders) FROM Opportunity":                                      "Orders",
		"SELECT (SELECT OrderNumber FROM Orders) FROM Contract WHERE StatusCode = 'Activated'":          "Orders",
		"SELECT (SELECT OrderNumber FROM Orders) FROM Account WHERE Name = 'Kowhai'":                    "Orders",
		"SELECT (SELECT ContractNumber FROM Contracts) FROM Account WHERE Name = 'Kowhai'":              "Contracts",
		"SELECT (SELECT Quantity FROM QuoteLineItems), (SELECT Quantity FROM OrderItems) FROM Product2": "OrderItems",
	} {
		if r := d.query(soql); r.Records[0][want] == nil {
			t.Errorf("%s: %v", soql, r.Records)
		}
	}
}

// The rules of orders, quotes and contracts that a program meets; people are held to none of them here.
func TestWhatOrdersQuotesAndContractsRefuse(t *testing.T) {
	t.Parallel()
	d := orders(t)
	d.now = d.now.Add(time.Minute)
	for _, tt := range []struct{ name, method, path, body, want string }{
		{"an order that begins activated", "POST", "Order", `{"AccountId":"0015g0000000001AAA","EffectiveDate":"2026-11-20","Status":"Activated"}`, "FAILED_ACTIVATION"},
		{"an order for nobody", "POST", "Order", `{"EffectiveDate":"2026-11-20","Status":"Draft"}`, "Required fields are missing: [AccountId]"},
		{"an order without a date", "POST", "Order", `{"AccountId":"0015g0000000001AAA","Status":"Draft"}`, "Required fields are missing: [EffectiveDate]"},
		{"an order activated with no product", "PATCH", "Order/8015g0000000002AAA", `{"Status":"Activated"}`, "An order must have at least one product."},
		{"another account of an activated order", "PATCH", "Order/8015g0000000001AAA", `{"AccountId":"0015g0000000002AAA"}`, "FIELD_INTEGRITY_EXCEPTION"},
		{"another account of a draft", "PATCH", "Order/8015g0000000002AAA", `{"AccountId":"0015g0000000002AAA"}`, ""},
		{"an order's total", "PATCH", "Order/8015g0000000001AAA", `{"TotalAmount":1}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"an order's number", "PATCH", "Order/8015g0000000001AAA", `{"OrderNumber":"1"}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"a product more on an activated order", "POST", "OrderItem", `{"OrderId":"8015g0000000001AAA","Product2Id":"01t5g0000000001AAA","Quantity":1,"UnitPrice":1}`, "FIELD_INTEGRITY_EXCEPTION"},
		{"a product less", "DELETE", "OrderItem/8025g0000000001AAA", "", "FIELD_INTEGRITY_EXCEPTION"},
		{"a product on a draft", "POST", "OrderItem", `{"OrderId":"8015g0000000002AAA","Product2Id":"01t5g0000000001AAA","Quantity":1,"UnitPrice":1}`, ""},
		{"that draft activated", "PATCH", "Order/8015g0000000002AAA", `{"Status":"Activated"}`, ""},
		{"a status of the company's own", "PATCH", "Order/8015g0000000002AAA", `{"Status":"Shipped"}`, ""},
		{"an activated order deleted", "DELETE", "Order/8015g0000000003AAA", "", ""},
		{"a quote of no deal", "POST", "Quote", `{"Name":"x"}`, "Required fields are missing: [OpportunityId]"},
		{"a quote's discount", "PATCH", "Quote/0Q05g0000000001AAA", `{"Discount":1}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"a quote's other deal", "PATCH", "Quote/0Q05g0000000001AAA", `{"OpportunityId":"0065g0000000001AAA"}`, "INVALID_FIELD_FOR_INSERT_UPDATE"},
		{"a contract that begins activated", "POST", "Contract", `{"AccountId":"0015g0000000001AAA","Status":"Activated"}`, "FAILED_ACTIVATION"},
		{"a contract back to draft", "PATCH", "Contract/8005g0000000001AAA", `{"Status":"Draft"}`, "FAILED_ACTIVATION"},
		{"an activated contract deleted", "DELETE", "Contract/8005g0000000001AAA", "", "DELETE_FAILED"},
		{"a product that was sold", "DELETE", "Product2/01t5g0000000001AAA", "", "DELETE_FAILED"},
		{"a contract activated", "PATCH", "Contract/8005g0000000002AAA", `{"Status":"Activated"}`, ""},
	} {
		w := d.send(tt.method, v+"/sobjects/"+tt.path, tt.body)
		if got := w.Body.String(); tt.want == "" && w.Code/100 != 2 || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %d %s, want %q", tt.name, w.Code, got, tt.want)
		}
	}
	r := d.query("SELECT StatusCode, ActivatedDate, ActivatedById, TotalAmount FROM Order WHERE Id = '8015g0000000002AAA'")
	if got := r.column("StatusCode") + r.column("ActivatedDate") + r.column("TotalAmount"); got != "Activated2026-11-21T10:01:00.000+00001.0" || r.column("ActivatedById") != d.org.UserID() {
		t.Errorf("the order that was activated: %s", got)
	}
}

func TestAQuoteFollowsItsLinesItsTaxAndItsShipping(t *testing.T) {
	t.Parallel()
	d := orders(t)
	quote := func() string {
		r := d.query("SELECT Subtotal, Discount, TotalPrice, GrandTotal, LineItemCount FROM Quote")
		return fmt.Sprint(r.column("Subtotal"), " less ", r.column("Discount"), " % ", r.column("TotalPrice"), " in all ", r.column("GrandTotal"), " of ", r.column("LineItemCount"))
	}
	for _, tt := range []struct {
		name string
		do   func() error
		want string
	}{
		{"shipping", func() error {
			return d.org.Update("Quote", "0Q05g0000000001AAA", map[string]any{"ShippingHandling": 20})
		}, "200.0 less 5.0 % 190.0 in all 225.0 of 2"},
		{"a price", func() error {
			return d.org.Update("QuoteLineItem", "0QL5g0000000002AAA", map[string]any{"UnitPrice": 300})
		}, "400.0 less 2.5 % 390.0 in all 425.0 of 2"},
		{"a line less", func() error { return d.org.Delete("QuoteLineItem", "0QL5g0000000002AAA") }, "100.0 less 10.0 % 90.0 in all 125.0 of 1"},
	} {
		must(t, tt.do())
		if got := quote(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	must(t, d.org.Delete("Opportunity", "0065g0000000001AAA"))
	if n := d.query("SELECT Id FROM QuoteLineItem").TotalSize + d.query("SELECT Id FROM Quote").TotalSize; n != 0 {
		t.Errorf("%d records of the deal's quote outlive it", n)
	}
}

// A company names its statuses as it likes; which of them are activated ones is learnt from the orders that say it.
func TestStatusesOfTheCompanysOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	const row = "0015g0000000001AAA,2026-11-20,"
	must(t, d.org.Load(export(t, map[string]string{
		"Account.csv": "Id,Name\n0015g0000000001AAA,Kowhai\n",
		"Order.csv":   "AccountId,EffectiveDate,Status,StatusCode\n" + row + "In work,Draft\n" + row + "Done,\n" + row + "Done,Activated\n" + row + "In work,\n",
	})))
	if got := d.query("SELECT StatusCode FROM Order ORDER BY OrderNumber").column("StatusCode"); got != "Draft,Activated,Activated,Draft" {
		t.Errorf("%s", got)
	}
	w := d.send("POST", v+"/sobjects/Order", `{"AccountId":"0015g0000000001AAA","EffectiveDate":"2026-11-21","Status":"Done"}`)
	if !strings.Contains(w.Body.String(), "FAILED_ACTIVATION") {
		t.Errorf("an order that begins done: %d %s", w.Code, w.Body)
	}
}
