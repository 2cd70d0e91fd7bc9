package salesforce_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sf2xero/salesforce"
	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync/remote"
)

func TestWrongCredentials(t *testing.T) {
	t.Parallel()
	org := salesforcetest.New(salesforcetest.Options{})
	client := connect(t, org, "https://example.my.salesforce.com", inMemory{org}, func(o *salesforce.Options) { o.ClientSecret = "guessed" })
	_, err := client.Identity(t.Context())
	refused(t, err, remote.BadConfig, "sign in: invalid client credentials", "salesforce.client_secret")
	if strings.Contains(err.Error(), "guessed") {
		t.Errorf("the secret shows in %v", err)
	}
}

func refused(t *testing.T, err error, class remote.Class, words ...string) {
	t.Helper()
	if remote.ClassOf(err) != class {
		t.Errorf("%v is classed %v; want %v", err, remote.ClassOf(err), class)
	}
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not say %q", err, word)
		}
	}
}

func TestJWT(t *testing.T) {
	t.Parallel()
	org := salesforcetest.New(salesforcetest.Options{})
	client := connect(t, org, "https://example.my.salesforce.com", inMemory{org}, func(o *salesforce.Options) {
		o.Auth, o.PrivateKey = "jwt", org.JWTKey()
	})
	me, err := client.Identity(t.Context())
	if err != nil || me.OrgID != org.OrgID() || me.User != org.UserID() {
		t.Errorf("%+v, %v; want the organisation %s and the user %s", me, err, org.OrgID(), org.UserID())
	}

	other := salesforcetest.New(salesforcetest.Options{Seed: "another"})
	client = connect(t, org, "https://example.my.salesforce.com", inMemory{org}, func(o *salesforce.Options) {
		o.Auth, o.PrivateKey = "jwt", other.JWTKey()
	})
	_, err = client.Identity(t.Context())
	refused(t, err, remote.Auth, "sign in", "invalid assertion")

	client = connect(t, org, "https://example.my.salesforce.com", inMemory{org}, func(o *salesforce.Options) {
		o.Auth, o.PrivateKey, o.Audience = "jwt", org.JWTKey(), "https://test.salesforce.com"
	})
	_, err = client.Identity(t.Context())
	refused(t, err, remote.BadConfig, "audience", "sandbox")
}

func TestWhoseData(t *testing.T) {
	t.Parallel()
	eachWay(t, salesforcetest.Options{Company: "Example Ltd", Currency: "AUD", MultiCurrency: true, Sandbox: true}, func(t *testing.T, org *salesforcetest.Org, client *salesforce.Client) {
		me, err := client.Identity(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if me.OrgID != org.OrgID() || me.Name != "Example Ltd" || me.Currency != "AUD" || !me.MultiCurrency || !me.Sandbox || client.Calls() != 1 {
			t.Errorf("%+v in %d calls", me, client.Calls())
		}
	})
	eachWay(t, salesforcetest.Options{}, func(t *testing.T, org *salesforcetest.Org, client *salesforce.Client) {
		if me, err := client.Identity(t.Context()); err != nil || me.Currency != "NZD" || me.MultiCurrency || me.Sandbox {
			t.Errorf("%+v, %v", me, err)
		}
		if now, known := client.Time(); !known || now.IsZero() {
			t.Errorf("Salesforce's time is %v, %v", now, known)
		}
	})
}

func TestHiddenField(t *testing.T) {
	t.Parallel()
	org := salesforcetest.New(salesforcetest.Options{})
	ids := deals(t, org, 2, 1)
	if err := org.AddField("Opportunity", salesforcetest.FieldSpec{Name: "PO__c", Type: "string", Length: 20}); err != nil {
		t.Fatal(err)
	}
	client := connect(t, org, "https://example.my.salesforce.com", inMemory{org})
	read := salesforce.Select{From: "Opportunity", Fields: []string{"PO__c"}}
	if got := collect(t, client.Query(t.Context(), read)); len(got) != 2 {
		t.Errorf("%d deals; want 2", len(got))
	}
	if err := org.HideField("Opportunity", "PO__c"); err != nil {
		t.Fatal(err)
	}
	_, err := first(client.Query(t.Context(), read))
	refused(t, err, remote.BadConfig, "query Opportunity: Opportunity has no field PO__c, or it is hidden from the integration user")

	results, err := client.Update(t.Context(), []salesforce.Update{{Object: "Opportunity", ID: ids[0], Fields: json.RawMessage(`{"PO__c":"7"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, results[0].Err, remote.BadConfig, ids[0], "PO__c")

	objects, err := client.Describe(t.Context(), "Opportunity", "Account")
	if err != nil || len(objects) != 2 {
		t.Fatalf("%v, %v", objects, err)
	}
	for _, f := range objects[0].Fields {
		if f.Name == "PO__c" {
			t.Error("describe shows the hidden field")
		}
	}
	_, err = client.Describe(t.Context(), "Opportunity", "Oportunity")
	refused(t, err, remote.BadConfig, "Salesforce has no object Oportunity")
	_, err = first(client.Query(t.Context(), salesforce.Select{From: "Oportunity"}))
	refused(t, err, remote.BadConfig, "Oportunity", "INVALID_TYPE")
	_, err = first(client.Query(t.Context(), salesforce.Select{From: "Opportunity", Where: "Name = 'Acme secret"}))
	refused(t, err, remote.BadConfig, "query Opportunity", "MALFORMED_QUERY")
	if strings.Contains(err.Error(), "Acme") {
		t.Errorf("the query shows in %v", err)
	}
}
