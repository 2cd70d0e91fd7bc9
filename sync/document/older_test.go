package document

import (
	"encoding/json"
	"strings"
	"testing"
)

// What commit 7ba867b kept of what Xero showed, word for word: in testdata/older of sync is the store.
func TestWhatOlderVersionsKeptOfWhatXeroShowed(t *testing.T) {
	t.Parallel()
	line := "Description Harbour licence, Quantity 3, UnitAmount 19.99, DiscountRate 12.5%s, LineAmount 52.47, AccountCode 200, TaxType OUTPUT2, TaxAmount 7.87, Tracking Region=North"
	older, now := fill(line, ", DiscountAmount 7.5"), fill(line, "")
	for name, c := range map[string]struct{ kept, want string }{
		"a discounted line":             {older, now},
		"a discount at the end":         {"Quantity 1, UnitAmount 5, DiscountRate 10, DiscountAmount 0.5", "Quantity 1, UnitAmount 5, DiscountRate 10"},
		"several lines":                 {older + " | Description Hull, UnitAmount 5 | " + older, now + " | Description Hull, UnitAmount 5 | " + now},
		"what this version keeps":       {now, now},
		"a discount as an amount alone": {"Quantity 1, UnitAmount 5, DiscountAmount 0.5, LineAmount 4.5", "Quantity 1, UnitAmount 5, DiscountAmount 0.5, LineAmount 4.5"},
		"a description that says so":    {"Description DiscountRate 5, DiscountAmount 3, Quantity 1", "Description DiscountRate 5, DiscountAmount 3, Quantity 1"},
	} {
		t.Run(name, func(t *testing.T) {
			kept, err := json.Marshal(map[string]string{"LineItems": c.kept, "Reference": "PO-1", "ContactNumber": "001Dn0000000001IAA"})
			if err != nil {
				t.Fatal(err)
			}
			shown, ok := Shown(kept)
			if !ok || len(shown) != 2 || shown["LineItems"] != c.want || shown["Reference"] != "PO-1" {
				t.Errorf("it reads %q, want the lines %q", shown, c.want)
			}
		})
	}
	if shown, ok := Shown(nil); ok {
		t.Errorf("nothing reads %q", shown)
	}
}

func fill(line, discount string) string {
	before, after, _ := strings.Cut(line, "%s")
	return before + discount + after
}
