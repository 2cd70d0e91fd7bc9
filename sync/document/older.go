package document

import (
	"encoding/json"
	"regexp"
)

// bothDiscounts is a line's discount as older versions kept it of what Xero showed: in both forms, of which lists show the rate
// alone. It stands behind the price, and so is no part of a description.
var bothDiscounts = regexp.MustCompile(`(, UnitAmount -?[0-9.]+, DiscountRate -?[0-9.]+), DiscountAmount -?[0-9.]+(, [A-Z]| \| |$)`)

// Shown reads the texts of what Xero showed, which this version or an older one has kept, as Texts makes them today: false where
// there are none. Case: once the discount's other form was left out, each discounted draft of the store read as edited in Xero.
func Shown(kept json.RawMessage) (map[string]string, bool) {
	shown := map[string]string{}
	if json.Unmarshal(kept, &shown) != nil {
		return nil, false
	}
	for name := range shown {
		if !FieldOf(name).compared() { // the number of a contact, which is its mark
			delete(shown, name)
		}
	}
	if lines, ok := shown["LineItems"]; ok {
		shown["LineItems"] = bothDiscounts.ReplaceAllString(lines, "$1$2")
	}
	return shown, true
}
