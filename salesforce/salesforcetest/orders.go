package salesforcetest

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// What contracts, quotes and orders obey beside what every record does. Hands are exempt from the refusals. The object
// reference has that an order's account changes only while it is a draft, and which totals are read only. That a record begins as a
// draft, and the texts of FAILED_ACTIVATION and DELETE_FAILED, are as people tell; those about an activated order's products and
// account are our own.

const activated = "Activated"

// settleOrder: an order begins as a draft, is activated once it has products, and keeps its account from then on.
func (o *Org) settleOrder(d draft, r *row, given map[string]bool, who origin, isNew bool) *refusal {
	if !given["StatusCode"] && (isNew || given["Status"]) {
		d.set("StatusCode", o.statusCode(d))
	}
	now := str(d.get("StatusCode")) == activated
	was := !isNew && r.text("StatusCode") == activated
	if now && !was && !who.export {
		o.activatedBy(d, given)
	}
	if who.hand {
		return nil
	}
	switch {
	case isNew && d.get("AccountId") == nil:
		return badRequest("REQUIRED_FIELD_MISSING", "Required fields are missing: [AccountId]", "AccountId")
	case isNew && now:
		return badRequest("FAILED_ACTIVATION", "Choose a valid order status and save your changes. Ask your Salesforce admin for details.", "Status")
	case now && !was && len(o.objects["orderitem"].standing(r.id)) == 0:
		return badRequest("FAILED_ACTIVATION", "An order must have at least one product.")
	case was && given["AccountId"] && d.get("AccountId") != r.get("AccountId"):
		return badRequest("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: AccountId (the account of an activated order cannot be changed)", "AccountId")
	}
	return nil
}

// settleContract: a contract begins in another state than activated, never leaves that one, and ends as many months after it starts.
func (o *Org) settleContract(d draft, r *row, given map[string]bool, who origin, isNew bool) *refusal {
	if d.get("Status") == nil {
		d.set("Status", "Draft")
	}
	if !given["StatusCode"] && (isNew || given["Status"]) {
		d.set("StatusCode", o.statusCode(d))
	}
	start, _ := d.get("StartDate").(date)
	if months, ok := d.number("ContractTerm"); ok && start != "" && !given["EndDate"] {
		if t, err := time.Parse(time.DateOnly, string(start)); err == nil {
			d.set("EndDate", date(t.AddDate(0, int(months.IntPart()), -1).Format(time.DateOnly)))
		}
	}
	now := str(d.get("StatusCode")) == activated
	was := !isNew && r.text("StatusCode") == activated
	if now && !was && !who.export {
		o.activatedBy(d, given)
	}
	switch {
	case who.hand:
	case isNew && now:
		return badRequest("FAILED_ACTIVATION", "Choose a valid contract status and save your changes. Ask your Salesforce admin for details.", "Status")
	case was && !now:
		return badRequest("FAILED_ACTIVATION", "The status of an activated contract cannot be changed.", "Status")
	}
	return nil
}

// statusCode is the category that a status belongs to: by its name, by the file of the org's statuses, or by a record of the export that has it. One
// that nobody knows is a draft's.
func (o *Org) statusCode(d draft) any {
	status := str(d.get("Status"))
	switch status {
	case "Draft", activated:
		return status
	case "In Approval Process":
		return "InApproval"
	}
	if known := o.objects[strings.ToLower(d.obj.name)+"status"]; known != nil && known.field("ApiName") != nil && known.field("StatusCode") != nil {
		for _, s := range known.rows {
			if s.text("ApiName") == status {
				return s.get("StatusCode")
			}
		}
	}
	if code, ok := o.statusCodes[d.obj.name+"."+status]; ok {
		return code
	}
	return "Draft"
}

// learnStatuses takes from an export which of the company's own statuses are activated ones.
func (o *Org) learnStatuses(t *table) {
	if t.obj.name != "Order" && t.obj.name != "Contract" || !t.given["Status"] || !t.given["StatusCode"] {
		return
	}
	for _, r := range t.live() {
		if code := r.text("StatusCode"); code != "" {
			o.statusCodes[t.obj.name+"."+r.text("Status")] = code
		}
	}
}

func (o *Org) activatedBy(d draft, given map[string]bool) {
	if !given["ActivatedDate"] {
		d.set("ActivatedDate", o.now())
	}
	if !given["ActivatedById"] {
		d.set("ActivatedById", o.user)
	}
}

// settleQuote: a quote is for the account of its deal.
func (o *Org) settleQuote(d draft) {
	if deal := o.rows[str(d.get("OpportunityId"))]; deal != nil && d.get("AccountId") == nil {
		d.set("AccountId", deal.get("AccountId"))
	}
}

// checkOrderOpen: an activated order gains no product and loses none over the API.
func (o *Org) checkOrderOpen(line *row, who origin) *refusal {
	if who.hand || line.obj.name != "OrderItem" {
		return nil
	}
	if order := o.rows[line.text("OrderId")]; order != nil && order.text("StatusCode") == activated {
		return badRequest("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: OrderId (products cannot be added to or removed from an activated order)", "OrderId")
	}
	return nil
}

// standing are the live rows below a record.
func (obj *object) standing(parent string) []*row {
	var all []*row
	for _, line := range obj.below(obj.master, parent) {
		if !line.deleted() {
			all = append(all, line)
		}
	}
	return all
}

// quoteTotals are what a quote's lines come to: before discounts, the discount in percent as the lines have it on the whole, after them.
func (o *Org) quoteTotals(d draft, id string, given map[string]bool) {
	lines := o.objects["quotelineitem"].standing(id)
	before, after := decimal.Zero, decimal.Zero
	for _, line := range lines {
		if n, ok := line.get("Subtotal").(decimal.Decimal); ok {
			before = before.Add(n)
		}
		if n, ok := line.get("TotalPrice").(decimal.Decimal); ok {
			after = after.Add(n)
		}
	}
	set := func(name string, v any) {
		if !given[name] {
			d.set(name, v)
		}
	}
	set("Subtotal", before)
	set("TotalPrice", after)
	set("LineItemCount", decimal.NewFromInt(int64(len(lines))))
	if !before.IsZero() {
		set("Discount", before.Sub(after).Shift(2).DivRound(before, 2))
	}
	d.grandTotal(given)
}

// grandTotal is what a quote comes to with tax and shipping, which are nowhere on the deal.
func (d draft) grandTotal(given map[string]bool) {
	grand, ok := d.number("TotalPrice")
	if !ok || given["GrandTotal"] {
		return
	}
	for _, name := range []string{"Tax", "ShippingHandling"} {
		if n, ok := d.number(name); ok {
			grand = grand.Add(n)
		}
	}
	d.set("GrandTotal", grand)
}

// checkStays: an activated contract stays, and so does a product that was sold.
func (o *Org) checkStays(r *row, who origin) *refusal {
	if who.hand {
		return nil
	}
	switch r.obj.name {
	case "Contract":
		if r.text("StatusCode") == activated {
			return badRequest("DELETE_FAILED", "An activated contract cannot be deleted.")
		}
	case "Product2":
		for _, name := range []string{"opportunitylineitem", "quotelineitem", "orderitem"} {
			lines := o.objects[name]
			for _, line := range lines.below(lines.field("Product2Id"), r.id) {
				if !line.deleted() {
					return inUse(r, line)
				}
			}
		}
	}
	return nil
}
