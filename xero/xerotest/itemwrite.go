package xerotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"unicode/utf8"
)

// itemIn is an item of a request; nil is not sent. IsTrackedAsInventory is not read: the two accounts decide.
type itemIn struct {
	ItemID                                       guidIn
	Code, Name, Description, PurchaseDescription *string
	InventoryAssetAccountCode                    *string
	IsSold, IsPurchased                          *bool
	SalesDetails, PurchaseDetails                *itemSideIn
}

type itemSideIn struct {
	UnitPrice                             number
	AccountCode, COGSAccountCode, TaxType *string
}

// writeItems answers PUT, which creates, and POST, which edits the item of an id or a code and otherwise creates, also
// where it names an id that is gone.
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
		outcomes[i] = outcome{o.appendItem(nil, it, places, v), v.failed()}
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
	next.wipe()
	o.takeInventory(next, in, v)
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
		o.changeItem(old, *next)
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
	if in.COGSAccountCode != nil {
		if s.cogs = *in.COGSAccountCode; s.cogs != "" && o.company.accountByCode(s.cogs) == nil {
			v.refuse("Account code '" + s.cogs + "' is not a valid code for this document.")
		}
	}
	if in.TaxType != nil {
		s.taxType = *in.TaxType
		if _, known := o.company.taxRate(s.taxType); !known && s.taxType != "" {
			v.refuse(o.textUnknownTaxType(s.taxType))
		}
	}
}

// takeInventory makes an item tracked that has both accounts, and refuses one that has only one of them. So one that is
// there already can become tracked, as people can convert it; there is no way back.
func (o *Organisation) takeInventory(it *item, in *itemIn, v *verdict) {
	if in.InventoryAssetAccountCode != nil {
		it.asset = *in.InventoryAssetAccountCode
		if a := o.company.accountByCode(it.asset); it.asset != "" && (a == nil || a.archived || a.kind != "INVENTORY") {
			v.refuse("Account code '" + it.asset + "' is not a valid code for this document.")
		}
	}
	it.sales.cogs = ""
	switch {
	case (it.asset == "") != (it.purchase.cogs == ""):
		v.refuse("Cost Of Goods Sold Account must be used with an Inventory Asset Account")
	case it.tracked() && it.purchase.account != "":
		v.refuse("An item cannot have both a Cost Of Goods Sold Account and a purchase account")
	}
}

// wipe empties the sides that are switched off, descriptions included.
func (it *item) wipe() {
	if !it.sold {
		it.sales, it.description = itemSide{}, ""
	}
	if !it.purchased {
		it.purchase, it.purchaseDescription = itemSide{}, ""
	}
}
