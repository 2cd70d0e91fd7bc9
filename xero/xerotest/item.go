package xerotest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// item is a product or service of the price list.
type item struct {
	id, code, name, description, purchaseDescription string
	sold, purchased                                  bool
	sales, purchase                                  itemSide
	asset                                            string          // InventoryAssetAccountCode; with the cost of goods sold it makes an item tracked
	counted                                          decimal.Decimal // on hand, before what approved documents took and brought
	updated                                          time.Time
}

// itemSide is what an item costs when it is sold, or when it is bought.
type itemSide struct {
	price                  *decimal.Decimal
	account, cogs, taxType string // cogs: COGSAccountCode, of the purchase alone
}

// tracked tells whether Xero counts what is on hand.
func (it *item) tracked() bool { return it.asset != "" && it.purchase.cogs != "" }

// onHand is how many of a tracked item there are, leaving one document out of account.
func (o *Organisation) onHand(it *item, without *document) decimal.Decimal {
	there := it.counted
	for _, k := range []*book{&o.invoices, &o.notes} {
		for _, doc := range k.all {
			if doc.entered() && (without == nil || doc.id != without.id) {
				there = there.Add(doc.brings(it))
			}
		}
	}
	return there
}

// brings is how many of an item a document adds to what is on hand: sales take, credit to customers brings back.
func (doc *document) brings(it *item) decimal.Decimal {
	var sum decimal.Decimal
	for _, l := range doc.lines {
		if l.item == it {
			sum = sum.Add(l.quantity)
		}
	}
	if doc.sale() != doc.credit() {
		return sum.Neg()
	}
	return sum
}

// itemOfLine is what a line of another document says of an item. Lines follow their item: its new code shows on old ones.
func (it *item) itemOfLine(b []byte) []byte {
	b = append(b, `,"Item":{"ItemID":`...)
	b = appendText(b, it.id)
	b = appendField(b, "Name", it.name)
	return append(appendField(b, "Code", it.code), '}')
}

// changeItem replaces what an item says.
func (o *Organisation) changeItem(it *item, next item) {
	*it = next
	for _, doc := range o.invoices.all { // lists keep what they wrote
		if doc.uses(it) {
			doc.cache = [2]rendering{}
		}
	}
}

func (doc *document) uses(it *item) bool {
	return slices.ContainsFunc(doc.lines, func(l line) bool { return l.item == it })
}

func (o *Organisation) itemByCode(code string) *item {
	for _, it := range o.items {
		if it.code == code || !o.opt.CodesByCase && strings.EqualFold(it.code, code) {
			return it
		}
	}
	return nil
}

// findItem finds an item by the id or the code of its address.
func (o *Organisation) findItem(name string) *item {
	if id, ok := parseGUID(name); ok {
		if i := slices.IndexFunc(o.items, func(it *item) bool { return it.id == id }); i >= 0 {
			return o.items[i]
		}
	}
	return o.itemByCode(name)
}

func (o *Organisation) serveItems(r *request) *answer {
	switch {
	case len(r.path) > 2:
		return notFound()
	case r.method == http.MethodGet && len(r.path) == 2:
		it := o.findItem(r.path[1])
		if it == nil {
			return notFound()
		}
		return o.one(r, "Items", func(b []byte) []byte { return o.appendItem(b, it, r.query.places(), nil) })
	case r.method == http.MethodGet:
		return o.listItems(r)
	case r.method == http.MethodPut && len(r.path) == 1, r.method == http.MethodPost:
		return o.writeItems(r)
	case r.method == http.MethodDelete && len(r.path) == 2:
		return o.deleteItem(r.path[1])
	}
	return notImplemented()
}

func (o *Organisation) listItems(r *request) *answer {
	fields := func(name string) (field[*item], bool) {
		switch name {
		case "itemid":
			return field[*item]{isGUID, func(it *item) value { return guidValue(it.id) }}, true
		case "code":
			return field[*item]{isText, func(it *item) value { return textValue(it.code) }}, true
		case "name":
			return field[*item]{isText, func(it *item) value { return textValue(it.name) }}, true
		case "description":
			return field[*item]{isText, func(it *item) value { return textValue(it.description) }}, true
		case "istrackedasinventory":
			return field[*item]{isBool, func(it *item) value { return boolValue(it.tracked()) }}, true
		case "issold":
			return field[*item]{isBool, func(it *item) value { return boolValue(it.sold) }}, true
		case "ispurchased":
			return field[*item]{isBool, func(it *item) value { return boolValue(it.purchased) }}, true
		case "updateddateutc":
			return field[*item]{isDate, func(it *item) value { return dateValue(it.updated) }}, true
		}
		return field[*item]{}, false
	}
	places := r.query.places()
	return list(o, r, listing[*item]{name: "Items", rows: o.items, fields: fields, id: func(it *item) string { return it.id },
		updated: func(it *item) time.Time { return it.updated }, render: func(b []byte, it *item, _ bool) []byte { return o.appendItem(b, it, places, nil) }})
}

// deleteItem removes an item that no document uses.
func (o *Organisation) deleteItem(name string) *answer {
	it := o.findItem(name)
	if it == nil {
		return notFound()
	}
	if err := o.removeItem(it); err != nil {
		return validationText(err.Error())
	}
	return &answer{status: http.StatusNoContent}
}

// appendItem writes an item; v is the verdict of a write, nil otherwise. Xero's description knows no HasErrors on items.
func (o *Organisation) appendItem(b []byte, it *item, places int32, v *verdict) []byte {
	b = append(b, `{"ItemID":`...)
	b = appendText(b, it.id)
	b = appendField(b, "Code", it.code)
	b = appendOptional(b, "Name", it.name)
	b = appendOptional(b, "Description", it.description)
	b = appendOptional(b, "PurchaseDescription", it.purchaseDescription)
	b = appendStampField(b, "UpdatedDateUTC", it.updated)
	b = it.purchase.append(append(b, `,"PurchaseDetails":`...), places)
	b = it.sales.append(append(b, `,"SalesDetails":`...), places)
	b = appendBool(b, "IsTrackedAsInventory", it.tracked())
	if it.tracked() {
		b = appendField(b, "InventoryAssetAccountCode", it.asset)
		there := o.onHand(it, nil)
		b = appendAmount(b, "TotalCostPool", there.Mul(it.purchase.cost()), 2)
		b = appendAmount(b, "QuantityOnHand", there, 4)
	}
	b = appendBool(b, "IsSold", it.sold)
	b = appendBool(b, "IsPurchased", it.purchased)
	if v != nil {
		b = v.append(b, "")
	}
	return append(b, '}')
}

func (s *itemSide) append(b []byte, places int32) []byte {
	start := len(b)
	if s.price != nil {
		b = appendAmount(b, "UnitPrice", *s.price, places)
	}
	b = appendOptional(b, "AccountCode", s.account)
	b = appendOptional(b, "COGSAccountCode", s.cogs)
	b = appendOptional(b, "TaxType", s.taxType)
	if len(b) == start {
		return append(b, "{}"...)
	}
	b[start] = '{' // in place of the comma before the first field
	return append(b, '}')
}

func (s *itemSide) cost() decimal.Decimal {
	if s.price == nil {
		return decimal.Decimal{}
	}
	return *s.price
}
