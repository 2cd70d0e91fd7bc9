package document

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sf2xero/store"
)

const (
	markedOrg = "00DDn0000000001MAA"
	markedID  = "006Dn0000000001IAA"
)

var markedKey = store.Key{Entry: Invoices, ID: markedID}

func TestAMarkIsALinkToTheDeal(t *testing.T) {
	t.Parallel()
	mark := Mark{Org: markedOrg, Record: markedID, Entry: "default", Generation: 1}
	for _, c := range []struct {
		name, instance string
		sandbox        bool
		mark           Mark
		want           string
	}{
		{"as the org is called", "https://boats.my.salesforce.com", false, mark, "https://boats.my.salesforce.com/006Dn0000000001IAA?d=00DDn0000000001MAA.default.1"},
		{"an emulator", "http://127.0.0.1:8081", false, mark, "http://127.0.0.1:8081/006Dn0000000001IAA?d=00DDn0000000001MAA.default.1"},
		{"an org whose name Xero refuses", "https://XeroShop.my.salesforce.com", false, mark, "https://login.salesforce.com/006Dn0000000001IAA?d=00DDn0000000001MAA.default.1"},
		{"its sandbox", "https://fixeroo--dev.sandbox.my.salesforce.com", true, mark, "https://test.salesforce.com/006Dn0000000001IAA?d=00DDn0000000001MAA.default.1"},
		{"no instance", "", false, mark, "https://login.salesforce.com/006Dn0000000001IAA?d=00DDn0000000001MAA.default.1"},
		{"ids with Xero in them", "https://boats.my.salesforce.com", false, Mark{Org: "00DxEro000000000AA", Record: "006XEROxero0000IAA", Entry: "default", Generation: 12},
			"https://boats.my.salesforce.com/006%58ERO%78ero0000IAA?d=00D%78Ero000000000AA.default.12"},
	} {
		got := c.mark.URL(c.instance, c.sandbox)
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if back, ok := MarkOf(got); !ok || back != c.mark {
			t.Errorf("%s: %s is read as %+v", c.name, got, back)
		}
	}
}

// Whatever the ids and the host, Xero takes the link, and it is read as what it was made of.
func TestAMarkIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(rapid.StringMatching(`[0-9a-zA-Z]{18}`), rapid.StringMatching(`[0-9a-zA-Z]{7}[xX][eE][rR][oO][0-9a-zA-Z]{7}`), rapid.StringMatching(`([xX][eE][rR][oO]){4}[xX][eE]`))
		key := store.Key{Entry: Invoices, ID: id.Draw(t, "record")}
		if name := rapid.StringMatching(`([a-z][a-z_-]{0,12}|xeroed)?`).Draw(t, "entry"); name != "" && name != defaultEntry {
			key.Entry += "/" + name
		}
		mark := MarkFor(id.Draw(t, "org"), key, rapid.IntRange(1, 1000).Draw(t, "generation"))
		host := rapid.StringMatching(`[a-z]{1,8}([xX]ero)?[a-z]{0,4}\.my\.salesforce\.com`).Draw(t, "host")
		link := mark.URL("https://"+host, rapid.Bool().Draw(t, "sandbox"))
		if strings.Contains(strings.ToLower(link), "xero") {
			t.Fatalf("Xero refuses %s", link)
		}
		back, ok := MarkOf(link)
		if !ok || back != mark || back.Key() != key {
			t.Fatalf("%s is read as %+v of %v, want %+v of %v", link, back, back.Key(), mark, key)
		}
	})
}

func TestLinksThatAreNoMarks(t *testing.T) {
	t.Parallel()
	good := "https://boats.my.salesforce.com/006Dn0000000001IAA?d=00DDn0000000001MAA.default.1"
	for _, link := range []string{good, strings.Replace(good, "boats.my", "ferries.my", 1), "http" + good[5:], good + "&x=1", strings.Replace(good, "default", "%64efault", 1)} {
		if mark, ok := MarkOf(link); !ok || mark.Key() != markedKey {
			t.Errorf("%s is no mark of the deal", link)
		}
	}
	for name, link := range map[string]string{
		"empty":                  "",
		"a plain record link":    "https://boats.my.salesforce.com/006Dn0000000001IAA",
		"the long record link":   "https://boats.my.salesforce.com/lightning/r/Opportunity/006Dn0000000001IAA/view?d=00DDn0000000001MAA.default.1",
		"15 characters":          strings.Replace(good, "001IAA", "001", 1),
		"a short org":            strings.Replace(good, "001MAA", "001", 1),
		"no generation":          strings.TrimSuffix(good, ".1"),
		"generation 0":           strings.TrimSuffix(good, "1") + "0",
		"a negative generation":  strings.TrimSuffix(good, "1") + "-1",
		"a worded generation":    strings.TrimSuffix(good, "1") + "one",
		"a huge generation":      good + strings.Repeat("9", 30),
		"no entry":               strings.Replace(good, "default", "", 1),
		"a fourth part":          good + ".2",
		"another parameter":      strings.Replace(good, "?d=", "?e=", 1),
		"odd signs in an id":     strings.Replace(good, "006Dn", "006%00", 1),
		"odd signs in the org":   strings.Replace(good, "=00DDn", "=00D%2Fn", 1),
		"odd signs in the name":  strings.Replace(good, "default", "def%00ault", 1),
		"letters of other lands": strings.Replace(good, "/006Dn000000000", "/006é00000000", 1),
		"no URL at all":          "https://%zz/006Dn0000000001IAA?d=00DDn0000000001MAA.default.1",
	} {
		if mark, ok := MarkOf(link); ok {
			t.Errorf("%s: %s is read as %+v", name, link, mark)
		}
	}
}

// An entry's name is part of a document's identity; the first, unnamed one is default.
func TestAMarkNamesItsEntry(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{Invoices: "default", Invoices + "/deposit": "deposit"} {
		mark := MarkFor(markedOrg, store.Key{Entry: entry, ID: markedID}, 3)
		if mark.Entry != want || mark.Generation != 3 || mark.Key() != (store.Key{Entry: entry, ID: markedID}) {
			t.Errorf("%s: %+v of %v", entry, mark, mark.Key())
		}
	}
}

func TestNamesThatAreEqualOrNearlySo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b        string
		equal, near bool
	}{
		{"Acme Ltd", "ACME ltd", true, true},
		{" Acme  Ltd ", "Acme Ltd", true, true},
		{"Ärzte GmbH", "ärzte gmbh", true, true},
		{"Acme Ltd", "Acme Limited", false, true},
		{"Acme, Inc.", "Acme", false, true},
		{"The Acme Company", "Acme Pty", false, true},
		{"O'Neill & Sons", "ONeill and Sons", false, true},
		{"O’Neill Sons", "O'Neill & Sons", false, true},
		{"Acme-Boats", "Acme Boats", false, true},
		{"AcmeBoats", "Acme Boats", false, true},
		{"Acme North", "Acme South", false, false},
		{"Acme", "Acne", false, false},
		{"Acme 1", "Acme 2", false, false},
	} {
		if got := Fold(c.a) == Fold(c.b); got != c.equal {
			t.Errorf("%q and %q are equal: %v", c.a, c.b, got)
		}
		if got := Near(c.a) == Near(c.b); got != c.near {
			t.Errorf("%q and %q are near: %v", c.a, c.b, got)
		}
	}
	for _, empty := range []string{"", " ", "The Company Ltd", "&"} {
		if got := Near(empty); got != "" {
			t.Errorf("%q is near %q", empty, got)
		}
	}
}
