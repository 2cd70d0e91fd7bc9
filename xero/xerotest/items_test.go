package xerotest_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/xero/xerotest"
)

// postItem sends one item for an id.
func (c *client) postItem(id, fields string) result {
	c.t.Helper()
	return c.send("POST", "Items?unitdp=4", `{"Items":[{"ItemID":"`+id+`",`+fields+`}]}`)
}

func TestItems(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	res := c.send("PUT", "Items?unitdp=4", `{"Items":[{"Code":"LIC","Name":"Licence","SalesDetails":{"UnitPrice":1.2345,"AccountCode":"200","TaxType":"OUTPUT2"},"PurchaseDetails":{"UnitPrice":1}}]}`).want(200)
	id := res.text("Items", 0, "ItemID")
	if res.text("Items", 0, "SalesDetails", "UnitPrice") != "1.2345" || res.text("Items", 0, "IsSold") != "true" || res.text("Items", 0, "IsPurchased") != "true" ||
		res.text("Items", 0, "IsTrackedAsInventory") != "false" {
		t.Errorf("%s", res.body)
	}
	res = c.send("POST", "Items?unitdp=4", `{"Items":[{"Code":"LIC","Description":"A licence","IsPurchased":false},{"Code":"NEW"}]}`).want(200)
	if res.text("Items", 0, "ItemID") != id || res.text("Items", 0, "Name") != "Licence" || len(res.at("Items", 0, "PurchaseDetails").(map[string]any)) != 0 ||
		res.text("Items", 0, "SalesDetails", "UnitPrice") != "1.2345" {
		t.Errorf("%s", res.body)
	}
	c.send("POST", "Items/"+id, `{"Items":[{"Code":"LIC-2"}]}`).want(200)
	if got := c.raw("GET", "Items/LIC-2", "").want(200).text("Items", 0, "SalesDetails", "UnitPrice"); got != "1.23" {
		t.Errorf("%s", got)
	}
	c.send("PUT", "Invoices", `{"Invoices":[`+with(c.contact("Acme"), `"LineItems":[{"ItemCode":"LIC-2"}]`)+`]}`).want(200)
	c.send("DELETE", "Items/"+id, "").want(400)
	c.raw("DELETE", "Items/NEW", "").want(204)
	c.raw("DELETE", "Items/NEW", "").want(404)
}

func TestItemIsRefused(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	c.org.AddItem("LIC", "Licence", amount("10"))
	inventory := "Cost Of Goods Sold Account must be used with an Inventory Asset Account"
	for name, tc := range map[string]struct{ body, text string }{
		"a code in another case":          {`{"Code":"lic"}`, "Price List Item with Code 'lic' already exists"},
		"no code":                         {`{"Code":""}`, "Price List Item Code must be specified"},
		"a code that is too long":         {`{"Code":"` + strings.Repeat("x", 31) + `"}`, "The field Code must be a string with a maximum length of 30."},
		"a name that is too long":         {`{"Code":"B","Name":"` + strings.Repeat("x", 51) + `"}`, "The field Name must be a string with a maximum length of 50."},
		"a description that is too long":  {`{"Code":"B","Description":"` + strings.Repeat("x", 4001) + `"}`, "The field Description must be a string with a maximum length of 4000."},
		"an account that is not there":    {`{"Code":"B","SalesDetails":{"AccountCode":"999"}}`, "Account code '999' is not a valid code for this document."},
		"a tax rate that is not there":    {`{"Code":"B","SalesDetails":{"TaxType":"X"}}`, "The TaxType code X does not exist or cannot be used for this type of transaction."},
		"cost of goods without inventory": {`{"Code":"B","PurchaseDetails":{"COGSAccountCode":"310"}}`, inventory}, // quoted by a user of a library
		"inventory without cost of goods": {`{"Code":"B","InventoryAssetAccountCode":"630"}`, inventory},
		"an account that is no inventory": {`{"Code":"B","InventoryAssetAccountCode":"200","PurchaseDetails":{"COGSAccountCode":"310"}}`, "Account code '200' is not a valid code for this document."},
	} {
		t.Run(name, func(t *testing.T) {
			through := *c
			through.t = t
			through.raw("PUT", "Items", `{"Items":[`+tc.body+`]}`).wantError("Items", tc.text)
			res := through.raw("PUT", "Items?summarizeErrors=false", `{"Items":[`+tc.body+`,{"Code":"GOOD"}]}`).want(200)
			if res.text("Items", 0, "StatusAttributeString") != "ERROR" || res.text("Items", 0, "ItemID") != "00000000-0000-0000-0000-000000000000" ||
				res.text("Items", 1, "StatusAttributeString") != "OK" || strings.Contains(res.body, "HasErrors") {
				t.Errorf("%s", res.body)
			}
			through.done(through.org.RemoveItem("good"))
		})
	}
	if got := len(c.org.Items()); got != 1 {
		t.Errorf("%d items after refusals", got)
	}
	var many []string
	for range 501 {
		many = append(many, `{"Code":"LIC"}`)
	}
	c.send("POST", "Items", `{"Items":[`+strings.Join(many, ",")+`]}`).want(400)
	twice := c.send("PUT", "Items?summarizeErrors=false", `{"Items":[{"Code":"TWO"},{"Code":"two"}]}`, "Idempotency-Key", "k").want(200)
	if twice.text("Items", 1, "StatusAttributeString") != "ERROR" || c.send("PUT", "Items?summarizeErrors=false", `{"Items":[{"Code":"TWO"},{"Code":"two"}]}`, "Idempotency-Key", "k").body != twice.body {
		t.Errorf("%s", twice.body)
	}
}

func TestTheListOfItemsHasNoPages(t *testing.T) {
	t.Parallel()
	now := newClock()
	c := open(t, xerotest.Options{Empty: true, Now: now.Now})
	for _, code := range []string{"A", "B", "C"} {
		c.org.AddItem(code, "Name of "+code, amount("1"))
		now.forward(time.Second)
	}
	if res := c.raw("GET", "Items?page=2&pageSize=1", "").want(200); res.len("Items") != 3 || res.at("pagination") != nil {
		t.Errorf("%s", res.body)
	}
	for query, want := range map[string]string{
		"where=" + escape(`Code=="b"`): "B", "where=" + escape(`Name.StartsWith("name of c")`): "C", "where=" + escape(`IsTrackedAsInventory==true`): "",
		"where=" + escape(`Description=="name of a"`): "A", "order=" + escape("Code DESC"): "CBA",
	} {
		res, got := c.raw("GET", "Items?"+query, "").want(200), ""
		for i := range res.len("Items") {
			got += res.text("Items", i, "Code")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	seen := now.now.Format(time.RFC3339)
	now.forward(2 * time.Second)
	c.done(c.org.EditItem("b", func(e *xerotest.EditableItem) { e.Name = "Other" }))
	if res := c.send("GET", "Items", "", "If-Modified-Since", seen).want(200); res.len("Items") != 1 || res.text("Items", 0, "Name") != "Other" {
		t.Errorf("%s", res.body)
	}
}

func TestASideThatIsSwitchedOffIsWiped(t *testing.T) {
	t.Parallel()
	c := open(t, xerotest.Options{Empty: true})
	res := c.send("PUT", "Items", `{"Items":[{"Code":"LIC","Name":"Licence","Description":"To sell","PurchaseDescription":"To buy",
		"SalesDetails":{"UnitPrice":10,"AccountCode":"200"},"PurchaseDetails":{"UnitPrice":5,"AccountCode":"300"}}]}`).want(200)
	id := res.text("Items", 0, "ItemID")
	c.postItem(id, `"Code":"LIC","Name":"Licence A"`).want(200)
	if v, _ := c.org.Item("lic"); v.Name != "Licence A" || v.Description != "To sell" || v.Sales.UnitPrice.String() != "10" || v.Purchase.AccountCode != "300" {
		t.Errorf("what is not sent is gone: %+v", v)
	}
	c.postItem(id, `"Code":"LIC","IsSold":false`).want(200)
	if v, _ := c.org.Item(id); v.IsSold || v.Description != "" || !v.Sales.UnitPrice.IsZero() || v.Sales.AccountCode != "" || v.PurchaseDescription != "To buy" {
		t.Errorf("%+v", v)
	}
	c.postItem(id, `"Code":"LIC","IsSold":true`).want(200)
	if v, _ := c.org.Item(id); !v.IsSold || v.Description != "" || v.Sales.AccountCode != "" {
		t.Errorf("switched on again it has what was wiped: %+v", v)
	}
	c.postItem(id, `"Code":"LIC","IsPurchased":false`).want(200)
	if v, _ := c.org.Item(id); v.PurchaseDescription != "" || v.Purchase.AccountCode != "" {
		t.Errorf("%+v", v)
	}
}

func TestLinesFollowTheirItem(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	c.org.AddItem("LIC", "Licence", amount("10"))
	inv := c.invoice(contact, "")
	c.edit(inv, `"LineItems":[{"ItemCode":"lic","Quantity":2,"UnitAmount":9,"AccountCode":"200"}]`).want(200)
	credit := c.creditNote(contact, line(`,"ItemCode":"LIC"`))
	if got := c.send("GET", "Invoices?page=1&IDs="+inv, "").text("Invoices", 0, "LineItems", 0, "ItemCode"); got != "LIC" {
		t.Errorf("the line shows %q, not the item's own code", got)
	}
	c.done(c.org.EditItem("LIC", func(e *xerotest.EditableItem) { e.Code = "LIC-9" }))
	if err := c.org.EditItem("LIC-9", func(e *xerotest.EditableItem) { e.Code = "" }); err == nil {
		t.Error("an item without a code")
	}
	for path, plural := range map[string]string{"Invoices?page=1&IDs=" + inv: "Invoices", "Invoices/" + inv: "Invoices", "CreditNotes/" + credit: "CreditNotes"} {
		res := c.send("GET", path, "").want(200)
		if res.text(plural, 0, "LineItems", 0, "ItemCode") != "LIC-9" || res.text(plural, 0, "LineItems", 0, "Item", "Name") != "Licence" {
			t.Errorf("%s: %s", path, res.body)
		}
	}
	c.edit(inv, `"LineItems":[{"ItemCode":"LIC"}]`).wantError("Invoices", "Item code 'LIC' is not valid")
	if c.org.RemoveItem("LIC-9") == nil {
		t.Error("an item that documents use is removed")
	}
	c.done(c.org.Delete(inv))
	if c.org.RemoveItem("LIC-9") == nil {
		t.Error("an item that a credit note uses is removed")
	}
	if err := c.org.Edit(c.invoice(contact, ""), func(e *xerotest.EditableInvoice) { e.Lines[0].ItemCode = "NONE" }); err == nil {
		t.Error("a person enters an item that is not there")
	}
}

func TestTrackedItems(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{})
	res := c.send("PUT", "Items", `{"Items":[{"Code":"OAR","IsTrackedAsInventory":true}]}`).want(200)
	id := res.text("Items", 0, "ItemID")
	if res.text("Items", 0, "IsTrackedAsInventory") != "false" || res.at("Items", 0, "QuantityOnHand") != nil {
		t.Errorf("the word alone makes it tracked, which a user of a library found it not to do: %s", res.body)
	}
	res = c.postItem(id, `"Code":"OAR","InventoryAssetAccountCode":"630","PurchaseDetails":{"COGSAccountCode":"310","UnitPrice":5}`).want(200)
	if res.text("Items", 0, "IsTrackedAsInventory") != "true" || res.text("Items", 0, "QuantityOnHand") != "0.0000" {
		t.Errorf("%s", res.body)
	}
	c.postItem(id, `"Code":"OAR","PurchaseDetails":{"AccountCode":"300"}`).want(400)
	sale := `{"Invoices":[` + with(contact, `"Status":"AUTHORISED",`+lines(`{"ItemCode":"OAR","Quantity":3,"UnitAmount":10}`)) + `]}`
	c.send("PUT", "Invoices", sale).wantError("Invoices", "Item 'OAR' has a quantity on hand of 0, which is less than is sold")
	c.send("PUT", "Invoices", strings.Replace(sale, "AUTHORISED", "DRAFT", 1)).want(200)
	c.done(c.org.TrackItem("OAR", amount("4")))
	sold := c.send("PUT", "Invoices", sale).want(200).text("Invoices", 0, "InvoiceID")
	c.edit(sold, `"Reference":"still the same three"`).want(200)
	res = c.send("GET", "Items/"+id, "").want(200)
	if res.text("Items", 0, "QuantityOnHand") != "1.0000" || res.text("Items", 0, "TotalCostPool") != "5.00" || res.text("Items", 0, "PurchaseDetails", "COGSAccountCode") != "310" {
		t.Errorf("%s", res.body)
	}
	c.send("PUT", "Invoices", sale).wantError("Invoices", "Item 'OAR' has a quantity on hand of 1, which is less than is sold")
	c.creditNote(contact, `"Status":"AUTHORISED",`+lines(`{"ItemCode":"OAR","Quantity":2,"UnitAmount":10}`))
	if v, _ := c.org.Item("OAR"); v.QuantityOnHand.String() != "3" {
		t.Errorf("credited goods are back: %+v", v)
	}
	c.send("PUT", "Invoices", sale).want(200)
}

func TestCodesThatDifferByCase(t *testing.T) {
	t.Parallel()
	c, contact, _ := books(t, xerotest.Options{CodesByCase: true})
	c.org.AddItem("LIC", "Licence", amount("10"))
	c.send("PUT", "Items", `{"Items":[{"Code":"lic"}]}`).want(200)
	c.send("PUT", "Items", `{"Items":[{"Code":"lic"}]}`).wantError("Items", "Price List Item with Code 'lic' already exists")
	for _, code := range []string{"LIC", "lic"} {
		res := c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, line(`,"ItemCode":"`+code+`"`))+`]}`).want(200)
		if got := res.text("Invoices", 0, "LineItems", 0, "ItemCode"); got != code {
			t.Errorf("%s: %s", code, got)
		}
	}
	c.send("PUT", "Invoices", `{"Invoices":[`+with(contact, line(`,"ItemCode":"Lic"`))+`]}`).wantError("Invoices", "Item code 'Lic' is not valid")
}
