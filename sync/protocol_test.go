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
	var code strings.Builder
	files := map[string]bool{}
	if err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		code.Write(source)
		files[filepath.Base(path)] = true
		return err
	}); err != nil {
		t.Fatal(err)
	}
	named, places := regexp.MustCompile("`([A-Za-z]+)`"), regexp.MustCompile(`\b[a-z]+\.go\b`)
	rules := 0
	for line := range strings.Lines(string(text)) {
		_, where, found := strings.Cut(line, "*Where:*")
		if !found {
			continue
		}
		rules++
		where, _, _ = strings.Cut(where, "*Switched off by:*")
		for _, m := range named.FindAllStringSubmatch(where, -1) {
			if !regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + m[1] + `\b|^type ` + m[1] + `\b`).MatchString(code.String()) {
				t.Errorf("there is no %s, of which it says %s", m[1], strings.TrimSpace(where))
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
