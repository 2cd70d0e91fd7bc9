package salesforcetest_test

import (
	"strings"
	"testing"

	"sf2xero/salesforce/salesforcetest"
)

// What Salesforce's own command line asks beside each query that it prints.
func TestAQueryTellsItsColumns(t *testing.T) {
	t.Parallel()
	d := newDesk(t, salesforcetest.Options{})
	const field = `{"aggregate":false,"apexType":"String","booleanType":false,"columnName":"Name","custom":false,"displayName":"Name","foreignKeyName":null,"insertable":%,"joinColumns":[],"numberType":false,"textType":true,"updatable":%}`
	own, account := strings.ReplaceAll(field, "%", "true"), strings.ReplaceAll(field, "%", "true")
	id := `{"aggregate":false,"apexType":"Id","booleanType":false,"columnName":"Id","custom":false,"displayName":"Id","foreignKeyName":null,"insertable":false,"joinColumns":[],"numberType":false,"textType":false,"updatable":false}`
	parent := `{"aggregate":false,"apexType":null,"booleanType":false,"columnName":"Account","custom":false,"displayName":"Account","foreignKeyName":"AccountId","insertable":false,"joinColumns":[` + account + `],"numberType":false,"textType":false,"updatable":false}`
	child := `{"aggregate":true,"apexType":null,"booleanType":false,"columnName":"OpportunityLineItems","custom":false,"displayName":"OpportunityLineItems","foreignKeyName":null,"insertable":false,"joinColumns":[` + id + `],"numberType":false,"textType":false,"updatable":false}`
	for soql, want := range map[string]string{
		"SELECT Id, Name FROM Opportunity":                                      `{"columnMetadata":[` + id + `,` + own + `],"entityName":"Opportunity","groupBy":false,"idSelected":true,"keyPrefix":"006"}`,
		"select account.name from opportunity":                                  `{"columnMetadata":[` + parent + `],"entityName":"Opportunity","groupBy":false,"idSelected":false,"keyPrefix":"006"}`,
		"SELECT Name, (SELECT Id FROM OpportunityLineItems) FROM Opportunity":   `{"columnMetadata":[` + own + `,` + child + `],"entityName":"Opportunity","groupBy":false,"idSelected":false,"keyPrefix":"006"}`,
		"SELECT COUNT() FROM Opportunity":                                       `"columnName":"expr0","custom":false,"displayName":"count()"`,
		"SELECT IsWon, Amount, CloseDate, Xero_Status__c FROM Opportunity":      `"apexType":"Boolean","booleanType":true,"columnName":"IsWon"`,
		"SELECT Amount, SystemModstamp, AccountId FROM Opportunity":             `"apexType":"Double","booleanType":false,"columnName":"Amount"`,
		"SELECT Xero_Status__c FROM Opportunity LIMIT 1":                        `"columnName":"Xero_Status__c","custom":true`,
		"SELECT NumberOfEmployees, BillingAddress FROM Account":                 `"apexType":"Integer"`,
		"SELECT TrialExpirationDate, InstanceName, IsSandbox FROM Organization": `"apexType":"Datetime"`,
	} {
		w := d.send("GET", queryPath(soql)+"&columns=true", "")
		if got := w.Body.String(); w.Code != 200 || !strings.Contains(got, want) {
			t.Errorf("%s: %d\ngot  %s\nwant %s", soql, w.Code, got, want)
		}
	}
	if w := d.send("GET", queryPath("SELECT Foo FROM Account")+"&columns=true", ""); w.Code != 400 {
		t.Errorf("a query that is refused: %d %s", w.Code, w.Body)
	}
	for soql, want := range map[string]string{
		"SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization": "Example Ltd",
		"SELECT name FROM Profile WHERE Id IN (SELECT ProfileId FROM User WHERE username='integration@example.com')":     "Minimum Access - API Only Integrations",
	} {
		if got := d.query(soql).column("Name"); got != want {
			t.Errorf("%s: %s", soql, got)
		}
	}
}
