package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheExampleIsWhatInitWrites(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if string(example) != configTemplate {
		t.Error("config.example.yaml and cmd/sf2xero/templates/config.yaml differ: change both")
	}
}

// Every key is explained, none is invented, and what is commented out is the value that holds without it.
func TestTheTemplateShowsEveryKeyWithItsStandardValue(t *testing.T) {
	t.Parallel()
	shown := map[string]string{}
	section := ""
	_, keys, _ := strings.Cut(configTemplate, "\n\n") // behind the words at its head
	for line := range strings.Lines(keys) {
		indented := strings.HasPrefix(line, "  ")
		line = strings.TrimPrefix(strings.TrimSpace(line), "# ")
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.ContainsAny(name, " ./") {
			continue
		}
		value, _, _ = strings.Cut(strings.TrimSpace(value), " ")
		switch {
		case indented:
			name = section + "." + name
		case value == "":
			section = name
			continue
		}
		shown[name] = strings.Trim(value, `"`)
	}
	for _, s := range settings() {
		if got, ok := shown[s.key]; !ok || got != s.standard {
			t.Errorf("%s: shown %t with %q, the standard value is %q", s.key, ok, got, s.standard)
		}
		delete(shown, s.key)
	}
	for key := range shown {
		t.Errorf("%s is explained but is no key", key)
	}
}

func TestInitStartsToday(t *testing.T) {
	t.Parallel()
	if n := strings.Count(mappingTemplate, templateStart); n != 1 {
		t.Fatalf("%q stands %d times in the template", templateStart, n)
	}
	dir := t.TempDir()
	if err := initFolder(dir, time.Date(2027, 3, 9, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "mapping.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(mappingTemplate, templateStart, "start: 2027-03-09", 1); string(text) != want {
		t.Errorf("mapping.yaml begins %q", string(text)[:80])
	}
}
