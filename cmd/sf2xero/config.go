package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/viper"

	"sf2xero/sync/remote"
)

// defaultConfigFile is read when it exists; only a file named with --config has to.
const defaultConfigFile = "config.yaml"

// config is everything a company's daemon is told from outside, checked. Each field stands for the key of the same name.
type config struct {
	File       string // the file that was read; empty when the environment was all there is
	Company    string
	Mapping    string
	Store      string
	Control    string
	Log        logConfig
	Salesforce salesforceConfig
	Xero       xeroConfig
}

type logConfig struct {
	Level  zerolog.Level
	Format string // auto, json, console
}

type salesforceConfig struct {
	LoginURL     string
	Auth         string // client_credentials, jwt
	ClientID     string
	ClientSecret remote.Secret
	Username     string
	PrivateKey   remote.Secret // what private_key_file holds, PEM
	APIVersion   string
	PollInterval time.Duration
	Overlap      time.Duration
}

type xeroConfig struct {
	APIURL       string
	IdentityURL  string
	Auth         string // custom_connection
	ClientID     string
	ClientSecret remote.Secret
	TenantID     string
	AllowSandbox bool
	PollInterval time.Duration
	Settle       time.Duration
}

// setting is one key of the configuration.
type setting struct {
	key      string
	standard string // the value nobody needs to write
	secret   bool   // may stand in a file of its own: SF2XERO_…_FILE names it
}

func settings() []setting {
	return []setting{
		{key: "company"},
		{key: "mapping", standard: "./mapping.yaml"},
		{key: "store", standard: "./sf2xero.db"},
		{key: "control", standard: "./sf2xero.sock"},
		{key: "log.level", standard: "info"},
		{key: "log.format", standard: "auto"},
		{key: "salesforce.login_url"},
		{key: "salesforce.auth", standard: "client_credentials"},
		{key: "salesforce.client_id"},
		{key: "salesforce.client_secret", secret: true},
		{key: "salesforce.username"},
		{key: "salesforce.private_key_file"},
		{key: "salesforce.api_version", standard: "66.0"},
		{key: "salesforce.poll_interval", standard: "1m"},
		{key: "salesforce.overlap", standard: "15m"},
		{key: "xero.api_url", standard: "https://api.xero.com"},
		{key: "xero.identity_url", standard: "https://identity.xero.com"},
		{key: "xero.auth", standard: "custom_connection"},
		{key: "xero.client_id"},
		{key: "xero.client_secret", secret: true},
		{key: "xero.tenant_id"},
		{key: "xero.allow_sandbox", standard: "false"},
		{key: "xero.poll_interval", standard: "1m"},
		{key: "xero.settle", standard: "10m"},
	}
}

// loadConfig reads the configuration: standard values, under the file, under the environment. A file that does not exist
// is an error only if it was asked for. Every problem is told at once, each in a line that names its place.
func loadConfig(env variables, file string, explicit bool) (*config, error) {
	r := &configReader{env: env, values: viper.New(), places: map[string]string{}}
	for _, s := range settings() {
		r.values.SetDefault(s.key, s.standard)
	}
	r.readFile(file, explicit)
	r.readEnvironment()
	r.checkNames()
	if len(r.problems) > 0 {
		return nil, r.failed() // what is missing cannot be told while a line is unreadable
	}
	c := r.config()
	if len(r.problems) > 0 {
		return nil, r.failed()
	}
	return c, nil
}

// configReader collects values and, for each, the place a person has to go to change it.
type configReader struct {
	env      variables
	values   *viper.Viper
	places   map[string]string // key -> "config.yaml:7:14: salesforce.overlap", "SF2XERO_SALESFORCE_OVERLAP"
	file     string            // as read; empty without a file
	problems []string
}

func (r *configReader) failed() error {
	return &usageError{text: strings.Join(r.problems, "\n")}
}

func (r *configReader) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

func (r *configReader) readEnvironment() {
	for _, s := range settings() {
		name := environmentName(s.key)
		value := r.env[name]
		if s.secret {
			if path := r.env[name+"_FILE"]; path != "" {
				if value != "" {
					r.problem("%s and %s_FILE are both set: keep one of them", name, name)
					continue
				}
				text, err := readSmallFile(path)
				if err != nil {
					r.problem("%s_FILE: %v", name, err)
					continue
				}
				if value = strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff")); value == "" {
					r.problem("%s_FILE: %s is empty: write the secret into it", name, path)
					continue
				}
				name += "_FILE"
			}
		}
		if value != "" {
			r.values.Set(s.key, value)
			r.places[s.key] = name
		}
	}
}

// config checks what was read. It never prints the value of a secret.
func (r *configReader) config() *config {
	c := &config{
		File:    r.file,
		Company: r.text("company"),
		Mapping: r.path("mapping"),
		Store:   r.path("store"),
		Control: r.path("control"),
		Log:     logConfig{Format: r.choice("log.format", "auto", "json", "console")},
		Salesforce: salesforceConfig{
			LoginURL:     r.loginURL("salesforce.login_url"),
			Auth:         r.choice("salesforce.auth", "client_credentials", "jwt"),
			ClientID:     r.text("salesforce.client_id"),
			ClientSecret: remote.Secret(r.text("salesforce.client_secret")),
			Username:     r.text("salesforce.username"),
			APIVersion:   r.text("salesforce.api_version"),
			PollInterval: r.duration("salesforce.poll_interval"),
			Overlap:      r.duration("salesforce.overlap"),
		},
		Xero: xeroConfig{
			APIURL:       r.origin("xero.api_url"),
			IdentityURL:  r.origin("xero.identity_url"),
			Auth:         r.choice("xero.auth", "custom_connection"),
			ClientID:     r.text("xero.client_id"),
			ClientSecret: remote.Secret(r.text("xero.client_secret")),
			TenantID:     r.text("xero.tenant_id"),
			AllowSandbox: r.choice("xero.allow_sandbox", "true", "false") == "true",
			PollInterval: r.duration("xero.poll_interval"),
			Settle:       r.duration("xero.settle"),
		},
	}
	// "disabled" and its like are not offered: a daemon that moves money says what it does.
	c.Log.Level, _ = zerolog.ParseLevel(r.choice("log.level", "trace", "debug", "info", "warn", "error"))
	required := []string{"salesforce.login_url", "salesforce.client_id"}
	if c.Salesforce.Auth == "jwt" {
		required = append(required, "salesforce.username", "salesforce.private_key_file")
		c.Salesforce.PrivateKey = r.privateKey("salesforce.private_key_file")
	} else {
		required = append(required, "salesforce.client_secret")
		r.checkOwnDomain(c.Salesforce.LoginURL)
	}
	if !regexp.MustCompile(`^[1-9][0-9]{1,2}\.0$`).MatchString(c.Salesforce.APIVersion) {
		r.problem("%s: %q is not an API version; write it like 66.0", r.place("salesforce.api_version"), c.Salesforce.APIVersion)
	}
	r.checkPresent(append(required, "xero.client_id", "xero.client_secret"))
	return c
}

// checkPresent tells all missing keys in one line: on a first run it is the whole list of what to look up.
func (r *configReader) checkPresent(keys []string) {
	var missing, names []string
	for _, key := range keys {
		if r.text(key) == "" {
			missing = append(missing, key)
			names = append(names, environmentName(key))
		}
	}
	switch {
	case len(missing) == 0:
	case r.file != "":
		r.problem("%s does not say %s: write it there, or set %s", r.file, strings.Join(missing, ", "), strings.Join(names, ", "))
	default:
		r.problem("there is no %s here (`sf2xero init .` writes one), and the environment does not set %s", defaultConfigFile, strings.Join(names, ", "))
	}
}

// checkOwnDomain: Salesforce refuses client credentials at its general login hosts, with a text that does not say so.
func (r *configReader) checkOwnDomain(loginURL string) {
	for _, host := range []string{"https://login.salesforce.com", "https://test.salesforce.com"} {
		if loginURL == host {
			r.problem("%s: sign-in with client_credentials works only at your own domain, like https://acme.my.salesforce.com (Setup, My Domain)", r.place("salesforce.login_url"))
		}
	}
}

// place is where a person changes a value.
func (r *configReader) place(key string) string {
	if place := r.places[key]; place != "" {
		return place
	}
	return key
}

func (r *configReader) text(key string) string { return strings.TrimSpace(r.values.GetString(key)) }

func (r *configReader) choice(key string, allowed ...string) string {
	value := r.text(key)
	for _, a := range allowed {
		if value == a {
			return value
		}
	}
	r.problem("%s: %q is not known%s; it can be %s", r.place(key), value, didYouMean(value, allowed), strings.Join(allowed, ", "))
	return ""
}

func (r *configReader) duration(key string) time.Duration {
	value := r.text(key)
	d, err := time.ParseDuration(value)
	switch {
	case err != nil:
		r.problem("%s: %q is not a length of time; write it like 30s, 10m or 1h30m", r.place(key), value)
	case d < time.Second:
		r.problem("%s: %s is too short; one second is the least", r.place(key), value)
	}
	return d
}

// path makes what the file says relative to the file, so that `--config acme/config.yaml` works from anywhere; what the
// environment says is relative to where the program runs.
func (r *configReader) path(key string) string {
	value := r.text(key)
	if value == "" || filepath.IsAbs(value) || r.file == "" || r.places[key] == environmentName(key) {
		return value
	}
	return filepath.Join(filepath.Dir(r.file), value)
}

// origin reads the address of a service: scheme and host, nothing behind.
func (r *configReader) origin(key string) string {
	value := r.text(key)
	if value == "" {
		return ""
	}
	u, err := remote.SecureURL(value)
	if err != nil {
		r.problem("%s: %v", r.place(key), err)
		return ""
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		r.problem("%s: give only the host, like %s://%s", r.place(key), u.Scheme, u.Host)
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (r *configReader) privateKey(key string) remote.Secret {
	path := r.path(key)
	if path == "" {
		return "" // told with what else is missing
	}
	text, err := readSmallFile(path)
	if err == nil && !strings.Contains(string(text), "PRIVATE KEY-----") {
		err = errors.New(path + " is no private key in PEM form (-----BEGIN PRIVATE KEY-----): name the key, not the certificate")
	}
	if err != nil {
		r.problem("%s: %v", r.place(key), err)
	}
	return remote.Secret(text)
}
