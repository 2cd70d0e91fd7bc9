package xerotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// item is a product or service of the price list.
type item struct {
	id, code, name, description, purchaseDescription string
	sold, purchased                                  bool
	sales, purchase                                  itemSide
	updated                                          time.Time
}

// itemSide is what an item costs when it is sold, or when it is bought.
type itemSide struct {
	price            *decimal.Decimal
	account, taxType string
}

// itemIn is an item of a request; nil is not sent.
type itemIn struct {
	ItemID                                       guidIn
	Code, Name, Description, PurchaseDescription *string
	IsSold, IsPurchased                          *bool
	SalesDetails, PurchaseDetails                *itemSideIn
}

type itemSideIn struct {
	UnitPrice                             number
	AccountCode, COGSAccountCode, TaxType *string
}

func (o *Organisation) itemByCode(code string) *item {
	for _, it := range o.items {
		if strings.EqualFold(it.code, code) {
			return it
		}
	}
	return nil
}

func (o *Organisation) findItem(name string) *item {
	id, isID := parseGUID(name)
	for _, it := range o.items {
		if isID && it.id == id || strings.EqualFold(it.code, name) {
			return it
		}
	}
	return nil
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
		return o.one(r, "Items", func(b []byte) []byte { return it.append(b, r.query.places(), nil) })
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
		updated: func(it *item) time.Time { return it.updated }, render: func(b []byte, it *item, _ bool) []byte { return it.append(b, places, nil) }})
}

// writeItems answers PUT, which creates, and POST, which edits the item of an id or a code and otherwise creates.
func (o *Organisation) writeItems(r *request) *answer {
	elements, refused := elementsOf(r.body, "Items")
	if refused != nil {
		return refused
	}
	ins, refused := decodeAll[itemIn](elements)
	if refused != nil {
		return refused
	}
	if len(ins) > 500 {
		return validationText("No more than 500 items can be sent in one request")
	}
	var addressed *item
	if len(r.path) == 2 {
		if addressed = o.findItem(r.path[1]); addressed == nil || len(ins) != 1 {
			return notFound()
		}
	}
	outcomes := make([]outcome, len(ins))
	places := r.query.places()
	for i := range ins {
		in, v := &ins[i], &verdict{shown: r.noErrors}
		old := addressed
		if old == nil && r.method == http.MethodPost {
			if old = o.findItem(in.ItemID.id); old == nil {
				old = o.itemByCode(text(in.Code))
			}
		}
		it := o.saveItem(r, old, in, elements[i], places, v)
		outcomes[i] = outcome{it.append(nil, places, v), v.failed()}
	}
	return o.batch(r, "Items", outcomes)
}

func (o *Organisation) saveItem(r *request, old *item, in *itemIn, raw json.RawMessage, places int32, v *verdict) *item {
	next := &item{id: zeroID, updated: r.now, sold: true, purchased: true}
	if old != nil {
		c := *old
		next = &c
	}
	for _, f := range [...]struct {
		name string
		to   *string
		from *string
		most int
	}{{"Code", &next.code, in.Code, 30}, {"Name", &next.name, in.Name, 50}, {"Description", &next.description, in.Description, 4000},
		{"PurchaseDescription", &next.purchaseDescription, in.PurchaseDescription, 4000}} {
		if f.from == nil {
			continue
		}
		*f.to = *f.from
		if utf8.RuneCountInString(*f.to) > f.most {
			v.refuse(fmt.Sprintf("The field %s must be a string with a maximum length of %d.", f.name, f.most))
			*f.to = string([]rune(*f.to)[:f.most])
		}
	}
	if in.IsSold != nil {
		next.sold = *in.IsSold
	}
	if in.IsPurchased != nil {
		next.purchased = *in.IsPurchased
	}
	o.takeSide(&next.sales, in.SalesDetails, places, v)
	o.takeSide(&next.purchase, in.PurchaseDetails, places, v)
	if !next.sold { // switching a side off wipes it
		next.sales = itemSide{}
	}
	if !next.purchased {
		next.purchase = itemSide{}
	}
	if next.code == "" {
		v.refuse("Price List Item Code must be specified")
	} else if other := o.itemByCode(next.code); other != nil && other != old {
		v.refuse("Price List Item with Code '" + next.code + "' already exists")
	}
	if v.failed() {
		return next
	}
	next.updated = r.now
	if old != nil {
		*old = *next
		return old
	}
	next.id = o.madeFrom("item", raw)
	o.items = append(o.items, next)
	return next
}

func (o *Organisation) takeSide(s *itemSide, in *itemSideIn, places int32, v *verdict) {
	if in == nil {
		return
	}
	if in.UnitPrice.sent {
		price := o.round(in.UnitPrice.Decimal, places)
		s.price = &price
	}
	if in.AccountCode != nil {
		if s.account = *in.AccountCode; s.account != "" && o.company.accountByCode(s.account) == nil {
			v.refuse("Account code '" + s.account + "' is not a valid code for this document.")
		}
	}
	if in.TaxType != nil {
		s.taxType = *in.TaxType
		if _, known := o.company.taxRate(s.taxType); !known && s.taxType != "" {
			v.refuse(o.textUnknownTaxType(s.taxType))
		}
	}
}

// deleteItem removes an item that no document uses.
func (o *Organisation) deleteItem(name string) *answer {
	it := o.findItem(name)
	if it == nil {
		return notFound()
	}
	for _, k := range []*book{&o.invoices, &o.notes} {
		for _, doc := range k.all {
			if slices.ContainsFunc(doc.lines, func(l line) bool { return strings.EqualFold(l.item, it.code) }) {
				return validationText("The item cannot be deleted because it has been used on a document")
			}
		}
	}
	for i := range o.items {
		if o.items[i] == it {
			o.items = append(o.items[:i:i], o.items[i+1:]...)
			break
		}
	}
	return &answer{status: http.StatusNoContent}
}

func (it *item) append(b []byte, places int32, v *verdict) []byte {
	b = append(b, `{"ItemID":`...)
	b = appendText(b, it.id)
	b = appendField(b, "Code", it.code)
	b = appendOptional(b, "Name", it.name)
	b = appendOptional(b, "Description", it.description)
	b = appendOptional(b, "PurchaseDescription", it.purchaseDescription)
	b = appendStampField(b, "UpdatedDateUTC", it.updated)
	b = it.purchase.append(append(b, `,"PurchaseDetails":`...), places)
	b = it.sales.append(append(b, `,"SalesDetails":`...), places)
	b = appendBool(b, "IsTrackedAsInventory", false)
	b = appendBool(b, "IsSold", it.sold)
	b = appendBool(b, "IsPurchased", it.purchased)
	if v != nil {
		b = v.append(b, "HasErrors")
	}
	return append(b, '}')
}

func (s *itemSide) append(b []byte, places int32) []byte {
	start := len(b)
	if s.price != nil {
		b = appendAmount(b, "UnitPrice", *s.price, places)
	}
	b = appendOptional(b, "AccountCode", s.account)
	b = appendOptional(b, "TaxType", s.taxType)
	if len(b) == start {
		return append(b, "{}"...)
	}
	b[start] = '{' // in place of the comma before the first field
	return append(b, '}')
}
