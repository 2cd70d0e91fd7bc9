package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
