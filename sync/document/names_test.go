package document

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"sf2xero/xero"
)

// Names come from keyboards, from the web and from other programs: what looks the same is the same.
func TestNamesThatLookAlike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b              string
		equal, xero, near bool
	}{
		{"Café Rotorua", "Cafe\u0301 Rotorua", true, true, true}, // typed on a Mac
		{"Harbour View Motel", "Harbour\u200b View Motel", true, true, true},
		{"Harbour View Motel", "\ufeffHarbour View\u00a0Motel\u200e", true, true, true},
		{"Harbour View", "Har\u00adbour View", true, true, true},
		{"Brown - Green Ltd", "Brown – Green Ltd", true, true, true},
		{"Brown - Green Ltd", "Brown \u2212 Green Ltd", true, true, true},
		{"Brown‑Green", "Brown-Green", true, true, true}, // a dash that does not break
		{"Brown-Green", "Brown - Green", false, false, true},
		{"Tui", "Tūi", false, true, true},
		{"Café Rotorua", "Cafe Rotorua", false, true, true},
		{"Ørsted Łódź", "Orsted Lodz", false, true, true},
		{"Straße", "Strasse", false, true, true},
		{"O’Neill", "O'Neill", false, false, true},
		{"ＡＣＭＥ", "Acme", false, false, true}, // as wide as Japanese letters
		{"Åse", "Ase", false, true, true},
		{"Tui Ltd", "Tūi Limited", false, false, true},
		{"Tui", "Kiwi", false, false, false},
		{"東京", "京都", false, false, false},
	} {
		if got := Fold(c.a) == Fold(c.b); got != c.equal {
			t.Errorf("%q and %q are equal: %v", c.a, c.b, got)
		}
		if got := AsXeroCompares(c.a) == AsXeroCompares(c.b); got != c.xero {
			t.Errorf("%q and %q are equal to Xero: %v", c.a, c.b, got)
		}
		if got := Near(c.a) == Near(c.b); got != c.near {
			t.Errorf("%q and %q are near: %v", c.a, c.b, got)
		}
	}
}

func TestTheNameThatIsSent(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Acme Ltd": "Acme Ltd", " Acme \t Ltd\n": "Acme Ltd", "Cafe\u0301": "Café", "Harbour\u200b View\u00a0 Motel": "Harbour View Motel",
		"Brown – Green": "Brown – Green", "a\x00\x07b": "ab", "\u200b": "", "東京　商事": "東京 商事",
	} {
		if got := SentName(name); got != want {
			t.Errorf("%q is sent as %q, want %q", name, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		sent := SentName(name)
		if SentName(sent) != sent || Fold(sent) != Fold(name) || !utf8.ValidString(sent) || sent != strings.TrimSpace(sent) || strings.Contains(sent, "  ") {
			t.Fatalf("%q is sent as %q, then as %q", name, sent, SentName(sent))
		}
		if Fold(norm.NFD.String(name)) != Fold(name) {
			t.Fatalf("%q is another name when it is decomposed: %q and %q", name, Fold(name), Fold(norm.NFD.String(name)))
		}
	})
}

// A contact is found under each of its identifiers, and under none that it lacks.
func TestTheWordsOfAContact(t *testing.T) {
	t.Parallel()
	all := IdentityWords(xero.Contact{Name: "Acme Ltd", AccountNumber: "A 1", ContactNumber: "001Dn0000000001IAA", TaxNumber: "12-345", CompanyNumber: "9 4", EmailAddress: "AP@acme.example"})
	want := []string{"name:acme ltd", "near:acme", "account:a 1", "number:001Dn0000000001IAA", "tax:12345", "company:94", "email:ap@acme.example"}
	if d := cmp.Diff(want, all); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"name:the company"}, IdentityWords(xero.Contact{Name: "The Company", TaxNumber: "-"})); d != "" {
		t.Error(d)
	}
}

func TestWhoIsAPerson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		contact xero.Contact
		want    bool
	}{
		{xero.Contact{Name: "David Smith", FirstName: "David", LastName: "Smith"}, true},
		{xero.Contact{Name: "SMITH, David", FirstName: "David", LastName: "Smith"}, true},
		{xero.Contact{Name: "Smith", LastName: "Smith"}, true},
		{xero.Contact{Name: "Acme Ltd", FirstName: "David", LastName: "Smith"}, false},
		{xero.Contact{Name: "David Smith", FirstName: "David", LastName: "Smith", CompanyNumber: "9429"}, false},
		{xero.Contact{Name: "David", FirstName: "David"}, false},
		{xero.Contact{Name: "David Smith"}, false},
	} {
		if got := IsPerson(c.contact); got != c.want {
			t.Errorf("%+v is a person: %v", c.contact, got)
		}
	}
}
