package salesforcetest

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// draft reads and writes a row's values by name while they are being made.
type draft struct {
	obj  *object
	vals []any
}

func (d draft) get(name string) any    { return d.obj.field(name).in(d.vals) }
func (d draft) set(name string, v any) { d.vals[d.obj.field(name).pos] = v }
func (d draft) number(name string) (decimal.Decimal, bool) {
	n, ok := d.get(name).(decimal.Decimal)
	return n, ok
}

// settle computes what follows from the fields given, then checks the row as a whole.
func (o *Org) settle(r *row, vals []any, given map[string]bool, who origin, isNew bool) *refusal {
	d := draft{r.obj, vals}
	switch r.obj.name {
	case "Opportunity":
		if err := o.settleDeal(d, r, given, isNew); err != nil {
			return err
		}
	case "OpportunityLineItem", "QuoteLineItem", "OrderItem":
		if err := o.settleLine(d, given, who, isNew); err != nil {
			return err
		}
	case "Contact", "User":
		if !given["Name"] {
			d.set("Name", strings.TrimSpace(str(d.get("FirstName"))+" "+str(d.get("LastName"))))
		}
	case "Order":
		if err := o.settleOrder(d, r, given, who, isNew); err != nil {
			return err
		}
	case "Contract":
		if err := o.settleContract(d, r, given, who, isNew); err != nil {
			return err
		}
	case "Quote":
		o.settleQuote(d)
	case "RecordType":
		if of := o.objects[strings.ToLower(str(d.get("SobjectType")))]; of != nil {
			o.useRecordTypes(of)
		}
	case "PricebookEntry":
		if p := o.rows[str(d.get("Product2Id"))]; p != nil {
			d.set("Name", p.get("Name"))
			d.set("ProductCode", p.get("ProductCode"))
		}
	}
	if err := o.checkRequired(r.obj, vals); err != nil {
		return err
	}
	if err := o.checkCurrency(r.obj, vals, who); err != nil {
		return err
	}
	if err := o.checkRecordType(r.obj, vals, given, who); err != nil {
		return err
	}
	if err := o.checkLimits(r.obj, vals, given, who); err != nil {
		return err
	}
	if err := o.checkRules(r.obj, vals, who); err != nil {
		return err
	}
	return o.checkUnique(r.obj, r, vals)
}

// checkRules runs the validation rules that an admin wrote; hands are exempt, as the admin's own profile would be.
func (o *Org) checkRules(obj *object, vals []any, who origin) *refusal {
	if who.hand {
		return nil
	}
	for _, rule := range obj.rules {
		shown := &row{obj: obj, vals: vals}
		if message := rule(shown.fields()); message != "" {
			return badRequest("FIELD_CUSTOM_VALIDATION_EXCEPTION", message)
		}
	}
	return nil
}

// settleDeal: IsWon and IsClosed follow the stage unless a hand sets them; with lines the Amount is theirs and writes to it are dropped without a word.
func (o *Org) settleDeal(d draft, r *row, given map[string]bool, isNew bool) *refusal {
	if given["StageName"] || isNew {
		stage := str(d.get("StageName"))
		if s := o.stage(stage); s != nil {
			probability, _ := s.get("DefaultProbability").(decimal.Decimal)
			o.setStage(d, given, s.get("IsClosed") == true, s.get("IsWon") == true, probability)
		} else if stage != "" {
			o.setStage(d, given, false, false, decimal.Zero)
		}
		if isNew || stage != r.text("StageName") {
			d.set("LastStageChangeDate", o.now())
		}
	}
	if !isNew && r.get("HasOpportunityLineItem") == true {
		d.set("Amount", r.get("Amount"))
		if given["CurrencyIsoCode"] && d.get("CurrencyIsoCode") != r.get("CurrencyIsoCode") {
			return badRequest("FIELD_INTEGRITY_EXCEPTION", "the currency of an opportunity with products cannot be changed", "CurrencyIsoCode")
		}
	}
	if amount, ok := d.number("Amount"); ok {
		if p, ok := d.number("Probability"); ok {
			d.set("ExpectedRevenue", kept(amount.Mul(p).Shift(-2)))
		}
	}
	return nil
}

func (o *Org) setStage(d draft, given map[string]bool, closed, won bool, probability decimal.Decimal) {
	if !given["IsClosed"] {
		d.set("IsClosed", closed || given["IsWon"] && d.get("IsWon") == true)
	}
	if !given["IsWon"] {
		d.set("IsWon", won)
	}
	if !given["Probability"] {
		d.set("Probability", probability)
	}
	if given["ForecastCategoryName"] {
		return
	}
	switch {
	case won:
		d.set("ForecastCategoryName", "Closed")
	case closed:
		d.set("ForecastCategoryName", "Omitted")
	default:
		d.set("ForecastCategoryName", "Pipeline")
	}
}

// keptDecimals is how many digits behind the point an amount keeps. Salesforce shows as many as the currency has and rounds
// nowhere: three lines of 33.30 less 15 % are 28.305 each and 84.915 together, in every answer of the API.
const keptDecimals = 8

func kept(d decimal.Decimal) decimal.Decimal {
	if d.Exponent() < -keptDecimals {
		return d.Round(keptDecimals)
	}
	return d
}

// settleLine fills a line from its product and computes its total after discount, unrounded.
func (o *Org) settleLine(d draft, given map[string]bool, who origin, isNew bool) *refusal {
	if e := o.rows[str(d.get("PricebookEntryId"))]; e != nil {
		if d.get("Product2Id") == nil {
			d.set("Product2Id", e.get("Product2Id"))
		}
		d.set("ListPrice", e.get("UnitPrice"))
		if isNew && !who.hand && e.get("IsActive") != true {
			return badRequest("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: PricebookEntryId (pricebook entry is inactive)", "PricebookEntryId")
		}
		if f := d.obj.field("CurrencyIsoCode"); f != nil && f.in(d.vals) != e.get("CurrencyIsoCode") && !who.export {
			return badRequest("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: PricebookEntryId (pricebook entry currency code does not match opportunity currency code)", "PricebookEntryId")
		}
	}
	if isNew && !who.hand && d.get("Product2Id") == nil {
		return badRequest("REQUIRED_FIELD_MISSING", "Required fields are missing: [PricebookEntryId]", "PricebookEntryId")
	}
	if d.obj.name == "OpportunityLineItem" {
		if given["TotalPrice"] && given["UnitPrice"] && !who.hand {
			return badRequest("FIELD_INTEGRITY_EXCEPTION", "specify either the unit price or the total price, not both", "TotalPrice", "UnitPrice")
		}
		if p := o.rows[str(d.get("Product2Id"))]; p != nil && isNew {
			if !given["ProductCode"] {
				d.set("ProductCode", p.get("ProductCode"))
			}
			if !given["Name"] {
				name := str(p.get("Name"))
				if deal := o.rows[str(d.get("OpportunityId"))]; deal != nil {
					name = deal.text("Name") + " " + name
				}
				d.set("Name", name)
			}
		}
	}
	quantity, ok := d.number("Quantity")
	if !ok {
		return nil // checkRequired says so
	}
	share := decimal.NewFromInt(1)
	if f := d.obj.field("Discount"); f != nil {
		if discount, ok := d.number("Discount"); ok {
			share = share.Sub(discount.Shift(-2))
		}
	}
	if given["TotalPrice"] && !given["UnitPrice"] && d.obj.name == "OpportunityLineItem" {
		if total, ok := d.number("TotalPrice"); ok && !quantity.IsZero() && !share.IsZero() {
			d.set("UnitPrice", total.DivRound(quantity.Mul(share), keptDecimals))
		}
	}
	price, ok := d.number("UnitPrice")
	if !ok {
		if d.obj.name == "OpportunityLineItem" {
			return badRequest("REQUIRED_FIELD_MISSING", "Required fields are missing: [UnitPrice]", "UnitPrice")
		}
		return nil
	}
	if !given["Subtotal"] && d.obj.field("Subtotal") != nil {
		d.set("Subtotal", kept(quantity.Mul(price)))
	}
	if !given["TotalPrice"] {
		d.set("TotalPrice", kept(quantity.Mul(price).Mul(share)))
	}
	return nil
}

// currencyOf is the currency a new record takes from what it hangs on, else the org's own.
func (o *Org) currencyOf(obj *object, vals []any) any {
	for _, name := range []string{"OpportunityId", "QuoteId", "OrderId"} {
		if f := obj.field(name); f != nil {
			if up := o.rows[str(f.in(vals))]; up != nil {
				return up.get("CurrencyIsoCode")
			}
		}
	}
	if obj.custom && obj.master != nil {
		if up := o.rows[str(obj.master.in(vals))]; up != nil && up.obj.field("CurrencyIsoCode") != nil {
			return up.get("CurrencyIsoCode")
		}
	}
	return o.opt.Currency
}

// checkCurrency: records keep a currency that was made inactive since; new values are of active ones.
func (o *Org) checkCurrency(obj *object, vals []any, who origin) *refusal {
	f := obj.field("CurrencyIsoCode")
	if f == nil || !f.restricted {
		return nil
	}
	code := str(f.in(vals))
	for _, t := range o.objects["currencytype"].rows {
		if t.text("IsoCode") == code && (t.get("IsActive") == true || who.hand) && !t.deleted() {
			return nil
		}
	}
	return badRequest("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f.label+": bad value for restricted picklist field: "+code, f.name)
}

// rollUp carries a line's change to the record above it. The parent's stamp moves when a line comes or goes or the sum changes, not for a line edit that leaves the sum alone.
func (o *Org) rollUp(r *row, before []any, cameOrWent bool, late time.Time) {
	o.summarise(r, late)
	var up *row
	sum, has := "", ""
	switch r.obj.name {
	case "OpportunityLineItem":
		up, sum, has = o.rows[r.text("OpportunityId")], "Amount", "HasOpportunityLineItem"
	case "QuoteLineItem":
		up, sum = o.rows[r.text("QuoteId")], "TotalPrice"
	case "OrderItem":
		up, sum = o.rows[r.text("OrderId")], "TotalAmount"
	case "Quote":
		o.totalQuote(r, late)
	}
	if up == nil || up.deleted() {
		return
	}
	total, n := r.obj.sum(up.id)
	vals := up.copy()
	d := draft{up.obj, vals}
	was, hadSum := d.number(sum)
	changed := cameOrWent || !hadSum || !was.Equal(total)
	if !changed {
		return
	}
	// Taking the last product off a deal leaves the amount where it was.
	if n > 0 || has == "" {
		d.set(sum, total)
	}
	if has != "" {
		d.set(has, n > 0)
		if p, ok := d.number("Probability"); ok {
			if a, ok := d.number(sum); ok {
				d.set("ExpectedRevenue", kept(a.Mul(p).Shift(-2)))
			}
		}
	}
	if up.obj.name == "Quote" {
		o.quoteTotals(d, up.id, nil)
	}
	o.stamp(up.obj, vals, nil)
	o.put(up, vals, late)
	o.summarise(up, late)
}

// sum adds up the live lines below a record.
func (obj *object) sum(parent string) (total decimal.Decimal, n int) {
	for _, line := range obj.below(obj.master, parent) {
		if line.deleted() {
			continue
		}
		n++
		if t, ok := line.get("TotalPrice").(decimal.Decimal); ok {
			total = total.Add(t)
		}
	}
	return total, n
}

// totalQuote follows a change of a quote's tax or shipping.
func (o *Org) totalQuote(r *row, late time.Time) {
	vals := r.copy()
	draft{r.obj, vals}.grandTotal(nil)
	o.put(r, vals, late)
}
