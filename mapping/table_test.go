package mapping

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableKeysCompareWithoutCaseAndBlanks(t *testing.T) {
	t.Parallel()
	e := compileText(t, exampleText(t)).Documents[0]
	for _, country := range []string{"New Zealand", "new zealand", " NEW  ZEALAND\t", "NewZealand", "New\u00a0Zealand", "New\u200b Zealand"} {
		got := apply(t, e, env, put(t, deal, "Account.BillingCountry", country))
		if len(got.Faults) > 0 || !strings.Contains(string(got.JSON), `"TaxType":"15% GST on Income"`) {
			t.Errorf("%q: %v", country, got.Faults)
		}
		if got.Sources["LineItems[0].TaxType"].TableLine == 0 {
			t.Errorf("%q: nothing says which line of the table it was", country)
		}
	}
}

func TestTwoLinesOfATableForOneKeyAreRefusedUnlessTheySayTheSame(t *testing.T) {
	t.Parallel()
	got := complaints(t, edited(t, "    Australia: Zero Rated\n", "    Australia: Zero Rated\n    australia : 15% GST on Income\n"))
	if d := cmp.Diff([]string{`mapping.yaml:66:5: "australia" is the key of line 65: case and blanks make no difference; keep one of the two lines`}, got); d != "" {
		t.Error(d)
	}
	if got := complaints(t, edited(t, "    Australia: Zero Rated\n", "    Australia: Zero Rated\n    AUSTRALIA: Zero Rated\n")); len(got) > 0 {
		t.Error(got)
	}
}

// Austria is no misspelt Australia, and a suggestion that is near in letters would be a wrong tax.
func TestAKeyThatIsNotInItsTableIsShownWhatTheTableHas(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ table, want string }{
		{"    New Zealand: NONE\n    Australia: NONE\n", `"Austria" is not in the table "tax" (mapping.yaml:63), which has Australia and New Zealand`},
		{"    Australia: NONE\n", `"Austria" is not in the table "tax" (mapping.yaml:63), which has Australia`},
		{"    A: NONE\n    B: NONE\n    C: NONE\n    D: NONE\n    E: NONE\n    F: NONE\n    G: NONE\n    H: NONE\n    I: NONE\n    J: NONE\n    K: NONE\n    L: NONE\n",
			`"Austria" is not in the table "tax" (mapping.yaml:63), which has A, B, C, D, E, F, G, H, I, J and 2 more`},
	} {
		e := compileText(t, edited(t, "    New Zealand: 15% GST on Income\n    Australia: Zero Rated\n", c.table)).Documents[0]
		got := apply(t, e, env, put(t, deal, "Account.BillingCountry", "Austria"))
		if len(got.Faults) != 2 || got.Faults[0].Text != "line 1: TaxType: "+c.want {
			t.Errorf("%v, want %s", got.Faults, c.want)
		}
	}
}

// YAML reads Order #1 as Order. Case: every reference was cut at its number, and nobody was told.
func TestTextThatYAMLTakesForACommentIsRefused(t *testing.T) {
	t.Parallel()
	const cut = ` " #" begins a comment in YAML; put the whole value in quotes, or a blank behind the # of a comment`
	for _, c := range []struct{ value, want string }{
		{"Order #1", "31:22: the value ends here, because" + cut},
		{"=Name #1", "31:22: the value ends here, because" + cut},
		{`="Order # " & Name`, "31:24: the text in quotes ends here, because" + cut},
		{`See "order # 1"`, "31:27: the text in quotes ends here, because" + cut},
		{"#1", `31:15: Reference has no value; give it one or leave the line out; " #" begins a comment in YAML, so a value that begins with # stands in quotes`},
		{"Order # one for each deal", ""}, {"Order   ## section", ""}, {"Order #", ""}, {"'Order #1'", ""}, {`"Order" #1`, ""}, {"Order#1", ""}, {"Bob's # what's that", ""}, {"|\n      Order #1", ""}, {"'=\"Order #\" & Name' # text", ""},
	} {
		var want []string
		if c.want != "" {
			want = []string{"mapping.yaml:" + c.want}
		}
		if d := cmp.Diff(want, complaints(t, change(t, "=PO_Number__c", c.value))); d != "" {
			t.Errorf("%q: %s", c.value, d)
		}
	}
	for where, want := range map[string]string{
		"Name = 'Order # 1'": "22:24: the text in quotes ends here, because" + cut, "Name = 'a' #2": "22:21: the value ends here, because" + cut,
	} {
		if d := cmp.Diff([]string{"mapping.yaml:" + want}, complaints(t, change(t, "where: IsWon = true", "where: "+where))); d != "" {
			t.Errorf("%q: %s", where, d)
		}
	}
	for _, c := range []struct{ old, new, want string }{
		{"[AccountNumber, Name]     #", "\n    - AccountNumber #1\n    - Name #", "7:21: the value ends here, because" + cut},
		{"Australia: Zero Rated", "Australia: Zero Rated #2", "65:27: the value ends here, because" + cut},
	} {
		if d := cmp.Diff([]string{"mapping.yaml:" + c.want}, complaints(t, change(t, c.old, c.new))); d != "" {
			t.Error(d)
		}
	}
}
