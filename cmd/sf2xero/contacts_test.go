package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// commandLine runs one command against emulators, as a shell would after reading the file that `emulate` writes.
func commandLine(t *testing.T, e *emulators, dir string, more []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := append(e.environment(), "SF2XERO_STORE="+filepath.Join(dir, "sf2xero.db"), "SF2XERO_MAPPING="+filepath.Join(dir, "mapping.yaml"), "SF2XERO_XERO_SETTLE=1s", "SF2XERO_LOG_FORMAT=json")
	p := &program{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Env: variablesOf(append(env, more...)), Now: time.Now}
	status = p.run(t.Context(), args)
	return status, out.String(), errs.String()
}

// A company that has Xero keep its customers and invoices by hand.
func TestAMappingWithContactsAlone(t *testing.T) {
	t.Parallel()
	e, dir := startTestEmulators(t, ""), t.TempDir()
	mapping := "version: 1\ncontacts:\n  from: Account\n  where: AccountNumber != null\n  match: [ContactNumber, AccountNumber, Name]\n  fields:\n    Name: =Name\n    AccountNumber: =AccountNumber\n"
	if err := os.WriteFile(filepath.Join(dir, "mapping.yaml"), []byte(mapping), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, number := range map[string]any{"Napier Boat Hire": "C-1", "No customer": nil} {
		if _, err := e.Org.Insert("Account", map[string]any{"Name": name, "AccountNumber": number}); err != nil {
			t.Fatal(err)
		}
	}
	if status, stdout, stderr := commandLine(t, e, dir, nil, "plan"); status != exitDone || !strings.Contains(stdout, "1 to create") {
		t.Errorf("plan: %d\n%s%s", status, stdout, stderr)
	}
	for _, args := range [][]string{{"run", "--once", "--new"}, {"run", "--once"}} {
		if status, stdout, stderr := commandLine(t, e, dir, nil, args...); status != exitDone {
			t.Fatalf("%v: %d\n%s%s", args, status, stdout, stderr)
		}
	}
	if contacts := e.Books.Contacts(); len(contacts) != 1 || contacts[0].AccountNumber != "C-1" {
		t.Errorf("%+v", contacts)
	}
}

// What a mapping names and Xero lacks is wrong configuration: status 2, every place in a line of its own, nothing made.
func TestAMappingThatNamesWhatXeroLacks(t *testing.T) {
	t.Parallel()
	e, dir := startTestEmulators(t, ""), t.TempDir()
	text := strings.Replace(mappingTemplate, "Services: 210", "Services: 219", 1)
	if err := os.WriteFile(filepath.Join(dir, "mapping.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"plan"}, {"run", "--once", "--new"}} {
		status, stdout, stderr := commandLine(t, e, dir, nil, args...)
		if status != exitUsage || strings.Contains(stdout, "invoice.created") || !strings.HasPrefix(stderr, "sf2xero: mapping.yaml:") || !strings.Contains(stderr, `AccountCode: there is no account "219" in Xero; it has `) {
			t.Errorf("%v: %d\n%s%s", args, status, stdout, stderr)
		}
	}
}
