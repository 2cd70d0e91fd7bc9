package mapping

import (
	"strings"
	"testing"
)

// Whatever stands to the right of a colon, and be it nothing in quotes, a mapping file is answered with sentences: a value that is
// empty has no first character to point at.
func TestAnEmptyValueAnywhereIsNoCrash(t *testing.T) {
	t.Parallel()
	schema := company()
	lines := strings.Split(string(exampleText(t)), "\n")
	for i, line := range lines {
		key, value, ok := strings.Cut(line, ": ")
		if !ok || strings.TrimSpace(value) == "" || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, nothing := range []string{`""`, `''`, `" "`, `"="`, `"= "`, "[]", "{}", "|", ">\n", `"#"`, "~", "[[]]", "[~]", `[""]`, "\n    - ", "[{}]"} {
			edited := append([]string{}, lines...)
			edited[i] = key + ": " + nothing
			f, _ := Parse("mapping.yaml", []byte(strings.Join(edited, "\n")))
			if f == nil {
				continue
			}
			f.Objects()
			if m, _, _ := f.Compile(schema); m != nil {
				m.Codes()
			}
		}
	}
}
