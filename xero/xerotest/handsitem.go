package xerotest

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// EditableItem is an item of the price list, open on the screen.
type EditableItem struct {
	Code, Name, Description, PurchaseDescription string
	IsSold, IsPurchased                          bool
	Sales, Purchase                              ItemSide
}

// ItemSide is what an item costs when it is sold or bought, and where that is booked. A price that was never entered is zero.
type ItemSide struct {
	UnitPrice            decimal.Decimal
	AccountCode, TaxType string
}

// ItemView is an item as a person sees it in the price list.
type ItemView struct {
	ItemID string
	EditableItem
	IsTrackedAsInventory bool
	QuantityOnHand       decimal.Decimal // of a tracked one
	Updated              time.Time
}

// Items are the price list, by age.
func (o *Organisation) Items() []ItemView {
	o.mu.Lock()
	defer o.mu.Unlock()
	return viewsOf(o.items, o.itemView)
}

// Item finds an item by its code or its id.
func (o *Organisation) Item(codeOrID string) (ItemView, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return viewOf(o.findItem(codeOrID), o.itemView)
}

func (o *Organisation) itemView(it *item) ItemView {
	v := ItemView{ItemID: it.id, EditableItem: it.onScreen(), IsTrackedAsInventory: it.tracked(), Updated: it.updated}
	if it.tracked() {
		v.QuantityOnHand = o.onHand(it, nil)
	}
	return v
}

func (it *item) onScreen() EditableItem {
	return EditableItem{Code: it.code, Name: it.name, Description: it.description, PurchaseDescription: it.purchaseDescription, IsSold: it.sold,
		IsPurchased: it.purchased, Sales: ItemSide{it.sales.cost(), it.sales.account, it.sales.taxType},
		Purchase: ItemSide{it.purchase.cost(), it.purchase.account, it.purchase.taxType}}
}

// AddItem adds an item to the price list, which stays as it is where it has one of this code.
func (o *Organisation) AddItem(code, name string, salesPrice decimal.Decimal) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.addItem(code, name, salesPrice)
}

func (o *Organisation) addItem(code, name string, salesPrice decimal.Decimal) {
	if o.itemByCode(code) != nil {
		return
	}
	o.items = append(o.items, &item{id: o.named("item", code), code: code, name: name, description: name, sold: true,
		sales: itemSide{price: &salesPrice, account: "200", taxType: "OUTPUT2"}, updated: o.now()})
}

// itemHand runs one act on an item; afterwards it bears a new stamp.
func (o *Organisation) itemHand(codeOrID string, act func(*item) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	it := o.findItem(codeOrID)
	if it == nil {
		return fmt.Errorf("item %s: %w", codeOrID, ErrNotThere)
	}
	next := *it
	if err := act(&next); err != nil {
		return fmt.Errorf("item %s: %w", it.code, err)
	}
	next.updated = o.now()
	o.changeItem(it, next)
	return nil
}

// EditItem opens an item, lets a person change it and saves it. A new code shows on every document that uses the item.
func (o *Organisation) EditItem(codeOrID string, change func(*EditableItem)) error {
	return o.itemHand(codeOrID, func(it *item) error {
		before := it.onScreen()
		e := before
		change(&e)
		if e.Code == "" {
			return refusal("Price List Item Code must be specified")
		}
		if other := o.itemByCode(e.Code); other != nil && other.id != it.id {
			return refusal("Price List Item with Code '" + e.Code + "' already exists")
		}
		it.code, it.name, it.description, it.purchaseDescription = e.Code, e.Name, e.Description, e.PurchaseDescription
		it.sold, it.purchased = e.IsSold, e.IsPurchased
		it.sales.enter(e.Sales, before.Sales)
		it.purchase.enter(e.Purchase, before.Purchase)
		it.wipe()
		return nil
	})
}

func (s *itemSide) enter(e, before ItemSide) {
	s.account, s.taxType = e.AccountCode, e.TaxType
	if !e.UnitPrice.Equal(before.UnitPrice) {
		price := e.UnitPrice
		s.price = &price
	}
}

// RemoveItem takes an item that no document uses off the price list.
func (o *Organisation) RemoveItem(codeOrID string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	it := o.findItem(codeOrID)
	if it == nil {
		return fmt.Errorf("item %s: %w", codeOrID, ErrNotThere)
	}
	return o.removeItem(it)
}

// removeItem says why an item stays, nil where it is gone.
func (o *Organisation) removeItem(it *item) error {
	for _, k := range []*book{&o.invoices, &o.notes} {
		if slices.ContainsFunc(k.all, func(doc *document) bool { return doc.uses(it) }) {
			return refusal("The item cannot be deleted because it has been used on a document")
		}
	}
	o.items = slices.DeleteFunc(slices.Clone(o.items), func(x *item) bool { return x == it })
	return nil
}

// TrackItem has Xero count an item from now on, of which there are so many on hand.
func (o *Organisation) TrackItem(codeOrID string, onHand decimal.Decimal) error {
	return o.itemHand(codeOrID, func(next *item) error {
		next.asset, next.purchased = "630", true
		next.purchase.cogs, next.purchase.account = "310", ""
		next.counted = next.counted.Add(onHand).Sub(o.onHand(o.findItem(next.id), nil))
		return nil
	})
}
