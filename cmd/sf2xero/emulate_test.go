package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sf2xero/salesforce"
	"sf2xero/sync/remote"
)

// startTestEmulators runs both emulators on free ports for the length of a test.
func startTestEmulators(t *testing.T, data string) *emulators {
	t.Helper()
	e, err := startEmulators(emulatorOptions{Salesforce: "127.0.0.1:0", Xero: "127.0.0.1:0", Data: data, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func TestEmulatorsSignInTheEnvironmentTheyWrite(t *testing.T) {
	t.Parallel()
	e := startTestEmulators(t, "")
	c, err := loadConfig(environment(e.environment()...), filepath.Join(t.TempDir(), "config.yaml"), false)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {c.Salesforce.ClientID}, "client_secret": {c.Salesforce.ClientSecret.Reveal()},
	}
	var token struct {
		AccessToken string `json:"access_token"`
		InstanceURL string `json:"instance_url"`
	}
	postForm(t, c.Salesforce.LoginURL+"/services/oauth2/token", form, &token)
	if token.AccessToken == "" || token.InstanceURL != e.SalesforceURL {
		t.Errorf("Salesforce: token of %d characters, instance %q, want %q", len(token.AccessToken), token.InstanceURL, e.SalesforceURL)
	}
	form.Set("client_id", c.Xero.ClientID)
	form.Set("client_secret", c.Xero.ClientSecret.Reveal())
	form.Set("scope", "accounting.contacts")
	token.AccessToken = ""
	postForm(t, c.Xero.IdentityURL+"/connect/token", form, &token)
	if token.AccessToken == "" {
		t.Error("Xero: no token")
	}
}

func TestEachEmulatorStandsBehindItsDoor(t *testing.T) {
	t.Parallel()
	e := startTestEmulators(t, "")
	for _, base := range []string{e.SalesforceURL, e.XeroURL} {
		response, err := http.Post(base+"/_emulator/faults", "application/json", strings.NewReader(`{"method":"GET","path":"/asked","times":1,"kind":"status","status":503}`))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode/100 != 2 {
			t.Fatalf("%s: fault refused with %d", base, response.StatusCode)
		}
		if response, err = http.Get(base + "/asked"); err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s: status %d, want the 503 that was asked for", base, response.StatusCode)
		}
		if response, err = http.Get(base + "/_emulator/requests"); err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || !strings.Contains(string(text), `"/asked"`) {
			t.Errorf("%s: requests are %s, %v", base, text, err)
		}
	}
}

func TestEmulatorsTakeADataExport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	csv := "Id,Name,Region__c\n001000000000001AAA,Acme Ltd,North\n"
	if err := os.WriteFile(filepath.Join(dir, "Account.csv"), []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	e := startTestEmulators(t, dir)
	rows := e.Org.Rows("Account")
	if len(rows) != 1 || rows[0]["Name"] != "Acme Ltd" || rows[0]["Region__c"] != "North" {
		t.Errorf("rows %v", rows)
	}
}

// The env file serves both ways to sign in: the key of a JWT stands beside it.
func TestEmulatorsSignInByJWTToo(t *testing.T) {
	t.Parallel()
	e := startTestEmulators(t, "")
	file := filepath.Join(t.TempDir(), "emulate.env")
	if err := e.writeEnvironment(file); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := append(strings.Split(strings.TrimSpace(string(text)), "\n"), "SF2XERO_SALESFORCE_AUTH=jwt")
	c, err := loadConfig(environment(lines...), filepath.Join(t.TempDir(), "config.yaml"), false)
	if err != nil {
		t.Fatal(err)
	}
	client, err := salesforce.New(salesforce.Options{LoginURL: c.Salesforce.LoginURL, Auth: c.Salesforce.Auth, ClientID: c.Salesforce.ClientID,
		Username: c.Salesforce.Username, PrivateKey: []byte(c.Salesforce.PrivateKey.Reveal())})
	if err != nil {
		t.Fatal(err)
	}
	me, err := client.Identity(t.Context())
	if err != nil || me.OrgID != e.Org.OrgID() {
		t.Errorf("signed in to %q, %v", me.OrgID, err)
	}
}

// A sandbox is one by what Organization.csv says, for the token's audience too.
func TestEmulatorsAreASandboxIfTheExportIsOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	csv := "Id,Name,DefaultCurrencyIsoCode,IsSandbox,InstanceName,OrganizationType\n00D5g0000000002EAA,Kowhai Orchards,USD,true,CS99,Enterprise Edition\n"
	if err := os.WriteFile(filepath.Join(dir, "Organization.csv"), []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	e := startTestEmulators(t, dir)
	id, secret, _ := e.Org.Credentials()
	client, err := salesforce.New(salesforce.Options{LoginURL: e.SalesforceURL, ClientID: id, ClientSecret: remote.Secret(secret)})
	if err != nil {
		t.Fatal(err)
	}
	me, err := client.Identity(t.Context())
	if err != nil || !me.Sandbox || me.OrgID != "00D5g0000000002EAA" || me.Currency != "USD" || me.MultiCurrency {
		t.Errorf("%+v, %v", me, err)
	}
}

func TestPeopleActInTheEmulatedOrg(t *testing.T) {
	t.Parallel()
	e := startTestEmulators(t, "")
	account := func(name string) string {
		id, err := e.Org.Insert("Account", map[string]any{"Name": name})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	master, loser := account("Master"), account("Loser")
	response, err := http.Post(e.SalesforceURL+"/_emulator/hands", "application/json", strings.NewReader(`{"do":"merge_accounts","master":"`+master+`","losers":["`+loser+`"]}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if row, _ := e.Org.Get("Account", loser); response.StatusCode != http.StatusOK || row["MasterRecordId"] != master || row["IsDeleted"] != true {
		t.Errorf("%d, %v", response.StatusCode, row)
	}
}

func postForm(t *testing.T, address string, form url.Values, answer any) {
	t.Helper()
	response, err := http.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", address, response.StatusCode, text)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		t.Fatal(err)
	}
}

// The example that the help gives is two files that load as they stand.
func TestTheExampleOfTheHelpLoads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := []string{"Billing__c.csv", "Billing_Line__c.csv"}
	text := "Id,Name\n0015g0000000001AAA,Kowhai\n"
	if err := os.WriteFile(filepath.Join(dir, "Account.csv"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(newEmulateCommand(&program{}).Long, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "  Id,") {
			continue
		}
		text := strings.TrimSpace(line) + "\n" + strings.TrimSpace(lines[i+1]) + "\n"
		if len(files) == 0 {
			t.Fatalf("a further file: %s", text)
		}
		if err := os.WriteFile(filepath.Join(dir, files[0]), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files = files[1:]
	}
	e := startTestEmulators(t, dir)
	if row := e.Org.Rows("Billing__c")[0]; len(files) > 0 || fmt.Sprintf("%v %v", row["Total__c"], row["Name"]) != "100 B-0001" {
		t.Errorf("a billing %v; without example: %v", row, files)
	}
}
