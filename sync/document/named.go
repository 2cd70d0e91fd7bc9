package document

import (
	"encoding/json"

	"github.com/shopspring/decimal"
)

// Xero makes the lines of an invoice anew that an update does not name, from the rate of a discount as it is shown, which is
// rounded: a line whose discount was given in money loses a cent. Case: 2 x 148.00 less 20.00 came to 275.99 when it was approved.

// keepLines names our lines in an update that does not, where Xero would lose a cent of them.
func keepLines(update map[string]json.RawMessage, meant, seen json.RawMessage) {
	lines := Fields(meant)["LineItems"]
	if update["LineItems"] != nil || linesDiffer(lineTexts(lines), lineTexts(Fields(seen)["LineItems"])) != "" {
		return // or a person has been at them
	}
	for _, line := range lineTexts(lines) {
		if line[discountAmount] != "" {
			update["LineItems"] = withLineIDs(lines, Fields(seen)["LineItems"])
			return
		}
	}
}

// nameLines names a person's lines in an update that is not about them, where Xero would lose a cent of one: by their ids and
// nothing else, so that whatever they say stays. Seed 23294: a line by hand of 240.45 came to 240.43 when a new PO number was
// sent.
func nameLines(update map[string]json.RawMessage, seen json.RawMessage) {
	lines := elements(Fields(seen)["LineItems"])
	if update["LineItems"] != nil || len(lines) == 0 {
		return
	}
	named, lost := []map[string]json.RawMessage{}, false
	for i, text := range lineTexts(Fields(seen)["LineItems"]) {
		id := lines[i]["LineItemID"]
		if id == nil {
			return // a line that is not named would be deleted
		}
		named, lost = append(named, map[string]json.RawMessage{"LineItemID": id}), lost || losesCents(text)
	}
	if lost {
		update["LineItems"], _ = json.Marshal(named)
	}
}

// losesCents is true for a line that does not come to what price, quantity and the rate that Xero shows make of it.
func losesCents(line map[string]string) bool {
	var n [4]decimal.Decimal
	for i, name := range []string{"Quantity", "UnitAmount", "LineAmount", "DiscountRate"} {
		var err error
		if n[i], err = decimal.NewFromString(line[name]); err != nil && name != "DiscountRate" { // which is none, or rounds to none
			return false
		}
	}
	exact := n[0].Mul(n[1]).Mul(decimal.NewFromInt(100).Sub(n[3])).Shift(-2)
	return exact.Sub(n[2]).Abs().GreaterThan(decimal.New(5, -3))
}

// onlyNamed is true for lines that went along with an update by their ids alone: nothing was sent of them.
func onlyNamed(field string, value json.RawMessage) bool {
	if field != "LineItems" {
		return false
	}
	lines := elements(value)
	for _, line := range lines {
		if len(line) != 1 || line["LineItemID"] == nil {
			return false
		}
	}
	return len(lines) > 0
}
