package salesforcetest

import "errors"

// EnableCurrencies switches several currencies on, which nobody can take back: records get a CurrencyIsoCode, those that are there
// the org's own, and no stamp moves. Codes are active beside the org's own; more can be added later.
func (o *Org) EnableCurrencies(codes ...string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, code := range codes {
		if len(code) != 3 {
			return errors.New("salesforcetest: " + code + " is no currency code")
		}
	}
	if err := o.enableCurrencies(); err != nil {
		return err.asError()
	}
	for _, code := range codes {
		if err := o.activate(code); err != nil {
			return err.asError()
		}
	}
	return nil
}

// currencyField is what each record of an org with several currencies has.
func currencyField() field {
	code := choice("CurrencyIsoCode")
	code.length, code.restricted = 3, true
	return code
}

// hasCurrencies: only an org with several has the object that lists them.
func (o *Org) hasCurrencies() bool { return o.objects["currencytype"] != nil }

func (o *Org) enableCurrencies() *refusal {
	if o.hasCurrencies() {
		return nil
	}
	o.addObject(currencyType())
	for _, obj := range o.ordered {
		if obj.currency {
			o.giveCurrency(obj)
		}
	}
	o.schemaAt = o.now()
	return o.activate(o.opt.Currency)
}

// giveCurrency adds CurrencyIsoCode to an object whose records are then all in the org's own.
func (o *Org) giveCurrency(obj *object) {
	if obj.field("CurrencyIsoCode") != nil {
		return
	}
	f := obj.addField(currencyField())
	fill := func(vals []any) []any {
		filled := make([]any, len(obj.fields))
		for _, other := range obj.fields {
			filled[other.pos] = other.in(vals)
		}
		filled[f.pos] = o.opt.Currency
		return filled
	}
	for _, r := range obj.rows {
		r.vals = fill(r.vals)
		for i, v := range r.older {
			if v.vals != nil {
				r.older[i].vals = fill(v.vals)
			}
		}
	}
}

// activate adds a currency, or makes one active again. The org's own is the corporate one, in which a rate of 1 is counted.
func (o *Org) activate(code string) *refusal {
	types := o.objects["currencytype"]
	for _, t := range types.rows {
		if t.text("IsoCode") == code {
			if t.get("IsActive") == true {
				return nil
			}
			return o.change(t, map[string]any{"IsActive": true}, origin{hand: true})
		}
	}
	fields := map[string]any{"IsoCode": code, "ConversionRate": 1, "DecimalPlaces": 2, "IsActive": true, "IsCorporate": code == o.opt.Currency}
	_, err := o.insert(types, fields, origin{hand: true})
	return err
}
