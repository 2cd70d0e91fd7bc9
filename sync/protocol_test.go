package sync_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// PROTOCOL.md says where each rule's safeguard is: whoever goes there must find it.
func TestTheProtocolNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^(?:func (?:\([^)]*\) )?|type )(\w+)`)
	anywhere, files, in := map[string]bool{}, map[string]bool{}, map[string]map[string]bool{}
	if err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		names := map[string]bool{}
		for _, m := range declared.FindAllSubmatch(source, -1) {
			names[string(m[1])], anywhere[string(m[1])] = true, true
		}
		files[filepath.Base(path)], in[filepath.ToSlash(path)] = true, names
		return err
	}); err != nil {
		t.Fatal(err)
	}
	named, places, stand := regexp.MustCompile("`([A-Za-z]+)`"), regexp.MustCompile(`\b[a-z]+\.go\b`), regexp.MustCompile("((?:`[A-Za-z]+`, )*`[A-Za-z]+`) \\(([a-z/]+\\.go)(?: of ([a-z/]+))?")
	rules := 0
	for line := range strings.Lines(string(text)) {
		_, where, found := strings.Cut(line, "*Where:*")
		if !found {
			continue
		}
		rules++
		where, _, _ = strings.Cut(where, "*Switched off by:*")
		for _, m := range named.FindAllStringSubmatch(where, -1) {
			if !anywhere[m[1]] {
				t.Errorf("there is no %s, of which it says %s", m[1], strings.TrimSpace(where))
			}
		}
		for _, m := range stand.FindAllStringSubmatch(where, -1) {
			file := "../sync/" + m[2]
			if m[3] != "" {
				file = "../" + m[3] + "/" + m[2]
			}
			for _, name := range named.FindAllStringSubmatch(m[1], -1) {
				if !in[file][name[1]] {
					t.Errorf("%s is not in %s, as it says", name[1], file)
				}
			}
		}
		for _, file := range places.FindAllString(where, -1) {
			if !files[file] {
				t.Errorf("there is no file %s, of which it says %s", file, strings.TrimSpace(where))
			}
		}
	}
	if rules < 24 {
		t.Errorf("it says of %d rules only where they are kept", rules)
	}
}
