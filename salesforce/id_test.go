package salesforce

import (
	"strings"
	"testing"
)

func TestID18(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ give, want, complaint string }{
		{give: "001D000000IqhSL", want: "001D000000IqhSLIAZ"},
		{give: "001D000000IqhSLIAZ", want: "001D000000IqhSLIAZ"},
		{give: "001D000000IqhSLiaz", want: "001D000000IqhSLIAZ"},
		{give: "000000000000000", want: "000000000000000AAA"},
		{give: "ABCDEFGHIJKLMNO", want: "ABCDEFGHIJKLMNO555"},
		{give: "001d000000iqhslIAZ", complaint: "mistyped"},
		{give: "001D000000IqhS", complaint: "14 characters"},
		{give: "", complaint: "0 characters"},
		{give: "001D00000/IqhSL", complaint: "letters and digits"},
		{give: "001D000000IqhSé", complaint: "16 characters"},
	} {
		got, err := ID18(c.give)
		if c.complaint != "" {
			if err == nil || !strings.Contains(err.Error(), c.complaint) {
				t.Errorf("ID18(%q) = %q, %v; want a complaint with %q", c.give, got, err, c.complaint)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("ID18(%q) = %q, %v; want %q", c.give, got, err, c.want)
		}
	}
}
