package salesforce_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"sf2xero/salesforce"
	"sf2xero/salesforce/salesforcetest"
)

// What the daemon will ask of custom objects, asked by its own client: describe, parents, children, deleted rows, and what it writes back.
func TestCustomObjectsThroughTheClient(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Account.csv": "Id,Name\n0015g0000000001AAA,Kowhai\n",
		"Billing__c.csv": "Id,Name:autonumber,Account__c:Account:Account__r:Billings__r,Total__c:SUM(Lines__r.Amount__c),Xero_Invoice_Id__c,IsDeleted\n" +
			"a015g0000000001AAA,B-1,0015g0000000001AAA,,,0\na015g0000000002AAA,B-2,0015g0000000001AAA,,,1\n",
		"Line__c.csv": "Billing__c:Billing__c:Billing__r:Lines__r:master-detail,Amount__c:currency\na015g0000000001AAA,33.335\na015g0000000001AAA,10\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	eachWay(t, salesforcetest.Options{}, func(t *testing.T, org *salesforcetest.Org, client *salesforce.Client) {
		if err := org.Load(dir); err != nil {
			t.Fatal(err)
		}
		objects, err := client.Describe(t.Context(), "Billing__c", "Line__c")
		if err != nil {
			t.Fatal(err)
		}
		want := []salesforce.Child{{Relationship: "Lines__r", Object: "Line__c", Field: "Billing__c"}}
		if got := objects[0].Children; len(got) != 1 || got[0] != want[0] {
			t.Errorf("below a billing: %+v, want %+v", got, want)
		}
		for _, f := range objects[0].Fields {
			switch f.Name {
			case "Account__c":
				if f.Relationship != "Account__r" || len(f.ReferenceTo) != 1 || f.ReferenceTo[0] != "Account" {
					t.Errorf("%+v", f)
				}
			case "Total__c":
				if !f.Calculated || f.Updateable || f.Type != "currency" {
					t.Errorf("%+v", f)
				}
			}
		}
		rows := collect(t, client.Query(t.Context(), salesforce.Select{
			From: "Billing__c", Fields: []string{"Name", "Account__r.Name", "Total__c"}, Order: "Name",
			Children: []salesforce.Select{{Relationship: "Lines__r", Fields: []string{"Amount__c"}, Order: "Amount__c"}},
		}))
		var billing struct {
			Name    string
			Total   json.Number           `json:"Total__c"`
			Account struct{ Name string } `json:"Account__r"`
			Lines   []struct {
				Amount json.Number `json:"Amount__c"`
			} `json:"Lines__r"`
		}
		if len(rows) != 1 {
			t.Fatalf("%d billings", len(rows))
		}
		if err := json.Unmarshal(rows[0].JSON, &billing); err != nil {
			t.Fatalf("%v: %s", err, rows[0].JSON)
		}
		if billing.Name != "B-1" || billing.Account.Name != "Kowhai" || billing.Total != "43.335" || len(billing.Lines) != 2 || billing.Lines[0].Amount != "10.0" {
			t.Errorf("%s", rows[0].JSON)
		}
		results, err := client.Update(t.Context(), []salesforce.Update{
			{Object: "Billing__c", ID: "a015g0000000001AAA", Fields: json.RawMessage(`{"Xero_Invoice_Id__c":"x-1"}`)},
			{Object: "Billing__c", ID: "a015g0000000001AAA", Fields: json.RawMessage(`{"Total__c":1}`)},
			{Object: "Billing__c", ID: "a015g0000000002AAA", Fields: json.RawMessage(`{"Xero_Invoice_Id__c":"x-2"}`)},
		})
		if err != nil || results[0].Err != nil || results[1].Err == nil || results[2].Err == nil {
			t.Errorf("written back: %+v, %v", results, err)
		}
		if row, _ := org.Get("Billing__c", "a015g0000000001AAA"); row["Xero_Invoice_Id__c"] != "x-1" {
			t.Errorf("%v", row)
		}
	})
}
