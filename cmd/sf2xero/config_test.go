package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
)

func environment(pairs ...string) variables { return variablesOf(pairs) }

// enough is an environment that needs no file.
var enough = []string{
	"SF2XERO_SALESFORCE_LOGIN_URL=https://acme.my.salesforce.com/",
	"SF2XERO_SALESFORCE_CLIENT_ID=sf-id",
	"SF2XERO_SALESFORCE_CLIENT_SECRET=sf-secret",
	"SF2XERO_XERO_CLIENT_ID=xero-id",
	"SF2XERO_XERO_CLIENT_SECRET=xero-secret",
}

func with(more ...string) []string { return append(append([]string{}, enough...), more...) }

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func wantConfig() *config {
	return &config{
		Mapping: "./mapping.yaml",
		Store:   "./sf2xero.db",
		Control: "./sf2xero.sock",
		Log:     logConfig{Level: zerolog.InfoLevel, Format: "auto"},
		Salesforce: salesforceConfig{
			LoginURL: "https://acme.my.salesforce.com", Auth: "client_credentials", ClientID: "sf-id", ClientSecret: "sf-secret",
			APIVersion: "66.0", PollInterval: time.Minute, Overlap: 15 * time.Minute,
		},
		Xero: xeroConfig{
			APIURL: "https://api.xero.com", IdentityURL: "https://identity.xero.com", Auth: "custom_connection",
			ClientID: "xero-id", ClientSecret: "xero-secret", PollInterval: time.Minute, Settle: 10 * time.Minute,
		},
	}
}

func TestTheEnvironmentAloneIsEnough(t *testing.T) {
	t.Parallel()
	got, err := loadConfig(environment(enough...), filepath.Join(t.TempDir(), "config.yaml"), false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantConfig(), got); diff != "" {
		t.Error(diff)
	}
}

func TestTheFileAloneIsEnoughAndItsPathsCountFromItsFolder(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "acme.yaml", `
company: Acme
store: data/acme.db
log: {level: debug, format: json}
salesforce:
  login_url: https://acme.my.salesforce.com
  client_id: sf-id
  client_secret: sf-secret
  api_version: 66.0
xero:
  client_id: 0200               # digits stay the digits they are
  client_secret: 12345678901234567890123
  settle: 2s
  tenant_id:
`)
	got, err := loadConfig(environment(), file, true)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(file)
	want := wantConfig()
	want.File, want.Company = file, "Acme"
	want.Store, want.Mapping, want.Control = filepath.Join(dir, "data/acme.db"), filepath.Join(dir, "mapping.yaml"), filepath.Join(dir, "sf2xero.sock")
	want.Log = logConfig{Level: zerolog.DebugLevel, Format: "json"}
	want.Xero.ClientID, want.Xero.ClientSecret, want.Xero.Settle = "0200", "12345678901234567890123", 2*time.Second
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "config.yaml", "store: in-file.db\nxero:\n  settle: 1h\n  client_secret: in-file\n")
	secret := writeFile(t, "secret", "\ufeffin-secret-file\r\n") // as Windows writes it
	env := environment(append(enough[:4:4], "SF2XERO_STORE=here.db", "SF2XERO_XERO_SETTLE=20m", "SF2XERO_XERO_CLIENT_SECRET_FILE="+secret)...)
	got, err := loadConfig(env, file, true)
	if err != nil {
		t.Fatal(err)
	}
	if got.Store != "here.db" || got.Xero.Settle != 20*time.Minute || got.Xero.ClientSecret.Reveal() != "in-secret-file" {
		t.Errorf("store %q, settle %v, secret %q", got.Store, got.Xero.Settle, got.Xero.ClientSecret.Reveal())
	}
}

func TestEveryKeyIsReadFromFileAndEnvironment(t *testing.T) {
	t.Parallel()
	key := writeFile(t, "key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
	values := map[string]string{
		"company": "Acme", "mapping": "/m.yaml", "store": "/s.db", "control": "/c.sock", "log.level": "warn", "log.format": "console",
		"salesforce.login_url": "https://a.example", "salesforce.auth": "jwt", "salesforce.client_id": "a", "salesforce.client_secret": "b",
		"salesforce.username": "u@example", "salesforce.private_key_file": key, "salesforce.api_version": "61.0",
		"salesforce.poll_interval": "2m", "salesforce.overlap": "3m",
		"xero.api_url": "https://b.example", "xero.identity_url": "http://127.0.0.1:9", "xero.auth": "custom_connection", "xero.client_id": "c",
		"xero.client_secret": "d", "xero.tenant_id": "e", "xero.allow_sandbox": "true", "xero.poll_interval": "4m", "xero.settle": "5m",
	}
	want := &config{
		Company: "Acme", Mapping: "/m.yaml", Store: "/s.db", Control: "/c.sock", Log: logConfig{Level: zerolog.WarnLevel, Format: "console"},
		Salesforce: salesforceConfig{
			LoginURL: "https://a.example", Auth: "jwt", ClientID: "a", ClientSecret: "b", Username: "u@example", APIVersion: "61.0",
			PrivateKey:   "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
			PollInterval: 2 * time.Minute, Overlap: 3 * time.Minute,
		},
		Xero: xeroConfig{
			APIURL: "https://b.example", IdentityURL: "http://127.0.0.1:9", Auth: "custom_connection", ClientID: "c", ClientSecret: "d", TenantID: "e", AllowSandbox: true,
			PollInterval: 4 * time.Minute, Settle: 5 * time.Minute,
		},
	}
	var variables []string
	var text, section string
	for _, s := range settings() {
		value, ok := values[s.key]
		if !ok {
			t.Fatalf("no value for %s: a key without a test", s.key)
		}
		variables = append(variables, environmentName(s.key)+"="+value)
		name := s.key
		if head, tail, ok := strings.Cut(s.key, "."); ok {
			if head != section {
				text, section = text+head+":\n", head
			}
			name = "  " + tail
		}
		text += fmt.Sprintf("%s: %s\n", name, value)
	}
	got, err := loadConfig(environment(variables...), filepath.Join(t.TempDir(), "config.yaml"), false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment: %s", diff)
	}
	want.File = writeFile(t, "config.yaml", text)
	if got, err = loadConfig(environment(), want.File, true); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("file: %s", diff)
	}
}

func TestConfigurationProblemsNamePlaceAndRemedy(t *testing.T) {
	t.Parallel()
	notKey := writeFile(t, "cert.pem", "-----BEGIN CERTIFICATE-----\n")
	empty := writeFile(t, "empty", "\n")
	tests := []struct {
		name, file string
		env        []string
		want       string // FILE stands for the configuration file
	}{
		{"unknown key", "salesforce:\n  login_ulr: x\n", enough, `FILE:2:3: unknown key "salesforce.login_ulr"; did you mean "salesforce.login_url"?`},
		{"unknown key in capitals", "Store: x\n", enough, `FILE:1:1: unknown key "Store"; did you mean "store"?`},
		{"unknown key, nothing near", "kubernetes: x\n", enough, `FILE:1:1: unknown key "kubernetes"`},
		{"two problems", "shop: 1\nxero:\n  settle: 5m\n  polls: 1m\n", enough, "FILE:1:1: unknown key \"shop\"\nFILE:4:3: unknown key \"xero.polls\""},
		{"key twice", "store: a\ncompany: b\nstore: c\n", enough, "FILE:3:1: store stands twice; it is in line 1 already"},
		{"section without keys", "xero: yes\n", enough, "FILE:1:7: xero is a section: its keys stand below it, indented"},
		{"list for a value", "store: [a]\n", enough, "FILE:1:8: store takes one value"},
		{"alias", "company: &a b\nstore: *a\n", enough, "FILE:2:8: store takes one value"},
		{"merge key", "xero:\n  <<: {settle: 1s}\n", enough, `FILE:2:3: unknown key "xero.<<"`},
		{"not a mapping", "hello\n", enough, "FILE:1:1: a configuration is made of lines like `store: ./sf2xero.db`"},
		{"duration in words", "xero:\n  settle: ten minutes\n", enough, `FILE:2:11: xero.settle: "ten minutes" is not a length of time; write it like 30s, 10m or 1h30m`},
		{"duration without unit", "", with("SF2XERO_SALESFORCE_OVERLAP=15"), `SF2XERO_SALESFORCE_OVERLAP: "15" is not a length of time; write it like 30s, 10m or 1h30m`},
		{"duration of nothing", "xero:\n  poll_interval: 0s\n", enough, "FILE:2:18: xero.poll_interval: 0s is too short; one second is the least"},
		{"log level", "log:\n  level: inf\n", enough, `FILE:2:10: log.level: "inf" is not known; did you mean "info"?; it can be trace, debug, info, warn, error`},
		{"plain http", "xero:\n  api_url: http://api.xero.com\n", enough, "FILE:2:12: xero.api_url: "},
		{"token endpoint pasted", "", with("SF2XERO_SALESFORCE_LOGIN_URL=https://acme.my.salesforce.com/services/oauth2/token"), "SF2XERO_SALESFORCE_LOGIN_URL: give only the host, like https://acme.my.salesforce.com"},
		{"general login host", "", with("SF2XERO_SALESFORCE_LOGIN_URL=https://login.salesforce.com"), "SF2XERO_SALESFORCE_LOGIN_URL: sign-in with client_credentials works only at your own domain, like https://acme.my.salesforce.com (Setup, My Domain)"},
		{"Lightning address", "", with("SF2XERO_SALESFORCE_LOGIN_URL=https://acme--uat.sandbox.lightning.force.com/lightning/page/home"),
			"SF2XERO_SALESFORCE_LOGIN_URL: acme--uat.sandbox.lightning.force.com is an address for people; programs sign in at your own domain, most likely https://acme--uat.sandbox.my.salesforce.com (Setup, My Domain)"},
		{"set-up address", "salesforce:\n  login_url: https://acme.my.salesforce-setup.com\n", enough[1:],
			"FILE:2:14: salesforce.login_url: acme.my.salesforce-setup.com is an address for people; programs sign in at your own domain, most likely https://acme.my.salesforce.com (Setup, My Domain)"},
		{"as the browser shows it", "", with("SF2XERO_SALESFORCE_LOGIN_URL=acme.my.salesforce.com"), "SF2XERO_SALESFORCE_LOGIN_URL: write it with https:// and only the host: https://acme.my.salesforce.com"},
		{"misspelt variable", "", with("SF2XERO_XERO_POLLINTERVAL=5m"), "there is no setting SF2XERO_XERO_POLLINTERVAL; did you mean SF2XERO_XERO_POLL_INTERVAL?; `sf2xero init` writes a config.yaml with all of them"},
		{"misspelt secret", "", with("SF2XERO_XERO_CLIENT_SECERT=xero-secret"), "there is no setting SF2XERO_XERO_CLIENT_SECERT; did you mean SF2XERO_XERO_CLIENT_SECRET?; `sf2xero init` writes a config.yaml with all of them"},
		{"variable of nothing", "", with("SF2XERO_KUBERNETES=5m"), "there is no setting SF2XERO_KUBERNETES; `sf2xero init` writes a config.yaml with all of them"},
		{"variable in small letters", "", with("sf2xero_store=a"), "sf2xero_store is written in capitals: SF2XERO_STORE"},
		{"a file for what is no secret", "", with("SF2XERO_SALESFORCE_CLIENT_ID_FILE=a"), "SF2XERO_SALESFORCE_CLIENT_ID_FILE: only secrets can stand in a file of their own; set SF2XERO_SALESFORCE_CLIENT_ID"},
		{"yes for true", "xero:\n  allow_sandbox: yes\n", enough, `FILE:2:18: xero.allow_sandbox: "yes" is not known; it can be true, false`},
		{"API version", "", with("SF2XERO_SALESFORCE_API_VERSION=v66"), `SF2XERO_SALESFORCE_API_VERSION: "v66" is not an API version; write it like 66.0`},
		{"jwt without user and key", "", with("SF2XERO_SALESFORCE_AUTH=jwt"), "FILE does not say salesforce.username, salesforce.private_key_file: write it there, or set SF2XERO_SALESFORCE_USERNAME, SF2XERO_SALESFORCE_PRIVATE_KEY_FILE"},
		{"a certificate for a key", "", with("SF2XERO_SALESFORCE_AUTH=jwt", "SF2XERO_SALESFORCE_USERNAME=u", "SF2XERO_SALESFORCE_PRIVATE_KEY_FILE="+notKey), "SF2XERO_SALESFORCE_PRIVATE_KEY_FILE: " + notKey + " is no private key in PEM form (-----BEGIN PRIVATE KEY-----): name the key, not the certificate"},
		{"secret missing", "", enough[:4], "FILE does not say xero.client_secret: write it there, or set SF2XERO_XERO_CLIENT_SECRET"},
		{"secret twice", "", with("SF2XERO_XERO_CLIENT_SECRET_FILE=x"), "SF2XERO_XERO_CLIENT_SECRET and SF2XERO_XERO_CLIENT_SECRET_FILE are both set: keep one of them"},
		{"secret file empty", "", append(enough[:4:4], "SF2XERO_XERO_CLIENT_SECRET_FILE="+empty), "SF2XERO_XERO_CLIENT_SECRET_FILE: " + empty + " is empty: write the secret into it"},
		{"secret file not there", "", append(enough[:4:4], "SF2XERO_XERO_CLIENT_SECRET_FILE=/no/such"), "SF2XERO_XERO_CLIENT_SECRET_FILE: /no/such does not exist: correct the path"},
		{"two documents", "store: a\n---\nstore: b\n", enough, "FILE:3:1: a second document begins here; a configuration is one"},
		{"not YAML", "store: a\n\tb: c\n", enough, "FILE:2:1: this is not YAML: found a tab character"},
		{"a secret that looks like an alias", "xero:\n  client_secret: *Sup3rSecret\n", enough, "FILE:2:18: this is not YAML: put the value in quotes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := writeFile(t, "config.yaml", test.file)
			_, err := loadConfig(environment(test.env...), file, true)
			if err == nil {
				t.Fatal("accepted")
			}
			got := strings.ReplaceAll(err.Error(), file, "FILE")
			if !strings.HasPrefix(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if strings.Contains(got, "xero-secret") || strings.Contains(got, "sf-secret") || strings.Contains(got, "Sup3rSecret") {
				t.Error("a secret is in the message")
			}
		})
	}
}

// Kubernetes tells every container of a service that is called as we are, in variables that look like ours.
func TestVariablesThatOthersSetAreNoMistakes(t *testing.T) {
	t.Parallel()
	env := environment(with("SF2XERO_SERVICE_HOST=10.0.0.1", "SF2XERO_SERVICE_PORT=8080", "SF2XERO_SERVICE_PORT_HTTP=8080", "SF2XERO_PORT=tcp://10.0.0.1:8080", "SF2XERO_PORT_8080_TCP=x", "SF2XERO_PORT_8080_TCP_ADDR=10.0.0.1", "PATH=/bin", "SF2XEROX=1")...)
	if _, err := loadConfig(env, filepath.Join(t.TempDir(), "config.yaml"), false); err != nil {
		t.Error(err)
	}
}

// Case: people paste what their browser shows.
func TestTheOwnDomainOfEveryAddressOfAnOrganisation(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"acme.lightning.force.com": "acme", "ACME.lightning.force.com": "acme", "acme--uat.sandbox.lightning.force.com": "acme--uat.sandbox", "acme-dev-ed.develop.lightning.force.com": "acme-dev-ed.develop",
		"acme.my.salesforce-setup.com": "acme", "acme--uat.sandbox.my.salesforce-setup.com": "acme--uat.sandbox", "acme.my.site.com": "acme", "acme.my.salesforce.com": "acme", "acme--uat.lightning.force.com": "acme--uat",
		"acme--c.vf.force.com": "acme", "acme--uat--c.sandbox.vf.force.com": "acme--uat.sandbox", "acme--c.documentforce.com": "acme", "acme.file.force.com": "acme",
		"login.salesforce.com": "", "na139.salesforce.com": "", "127.0.0.1": "", "acme.example.com": "", "": "",
	} {
		if want != "" {
			want = "https://" + want + ".my.salesforce.com"
		}
		if got := ownDomain(host); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}

func TestAFileThatWasAskedForHasToExist(t *testing.T) {
	t.Parallel()
	_, err := loadConfig(environment(enough...), "/no/such/config.yaml", true)
	if want := "/no/such/config.yaml does not exist: correct the path"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWithoutAnyConfigurationTheFirstStepIsNamed(t *testing.T) {
	t.Parallel()
	_, err := loadConfig(environment(), filepath.Join(t.TempDir(), "config.yaml"), false)
	want := "there is no config.yaml here (`sf2xero init .` writes one), and the environment does not set SF2XERO_SALESFORCE_LOGIN_URL, SF2XERO_SALESFORCE_CLIENT_ID, " +
		"SF2XERO_SALESFORCE_CLIENT_SECRET, SF2XERO_XERO_CLIENT_ID, SF2XERO_XERO_CLIENT_SECRET"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestConfigPrintsNoSecret(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(environment(enough...), "config.yaml", false)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v", *c, *c, *c); strings.Contains(text, "-secret") {
		t.Errorf("printed: %s", text)
	}
}
