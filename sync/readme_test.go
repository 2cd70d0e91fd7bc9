package sync_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sf2xero/sync/events"
)

// The log is an interface: whoever reads the README's table must find every event there, and no other.
func TestTheReadmeListsEveryEvent(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "<!-- events: held equal to the code by a test -->\n")
	table, _, ended := strings.Cut(rest, "<!-- /events -->")
	if !found || !ended {
		t.Fatal("the README has no table of events between its two markers")
	}
	if want := eventTable(); table != want {
		t.Errorf("the README's table of events is not the code's; it should be:\n%s", want)
	}
}

func eventTable() string {
	var b strings.Builder
	b.WriteString("| event | fields | meaning |\n| --- | --- | --- |\n")
	for _, e := range events.Events() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.Name, e.Fields, e.Meaning)
	}
	return b.String()
}
