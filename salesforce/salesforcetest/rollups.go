package salesforcetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// A rollUp is a roll-up summary field: what it makes of a record's details.
type rollUp struct {
	op       string // SUM, COUNT, MIN, MAX
	children string // the name of the way down
	of       string // the details' field; none for COUNT
	details  *object
	link     *field // the details' master-detail field
	summed   *field // of, resolved
}

// readRollUp reads SUM(Lines__r.Amount__c) and its like; is tells whether it is meant to be one.
func readRollUp(text string) (r *rollUp, is bool, wrong string) {
	m := rollUpForm.FindStringSubmatch(text)
	if m == nil {
		op, _, braced := strings.Cut(strings.ToUpper(text), "(")
		switch strings.TrimSpace(op) {
		case "SUM", "COUNT", "MIN", "MAX":
			if braced {
				return nil, true, fmt.Sprintf("%q is no roll-up; one is written like SUM(Lines__r.Amount__c) or COUNT(Lines__r)", text)
			}
		}
		return nil, false, ""
	}
	r = &rollUp{op: strings.ToUpper(m[1]), children: m[2], of: m[3]}
	if (r.op == "COUNT") != (r.of == "") {
		return nil, true, fmt.Sprintf("%q: COUNT counts records, as in COUNT(Lines__r); the others name a field, as in SUM(Lines__r.Amount__c)", text)
	}
	return r, true, ""
}

// resolve finds the details of a roll-up field and gives the field its type.
func (o *Org) resolve(obj *object, f *field) (wrong string) {
	r := f.rollUp
	for _, below := range o.ordered {
		for _, up := range below.fields {
			if up.refTo != obj.name || !strings.EqualFold(up.children, r.children) {
				continue
			}
			if !up.isMaster() {
				return fmt.Sprintf("%s is a lookup: only master-detail relationships have roll-ups", r.children)
			}
			r.details, r.link = below, up
			if r.op == "COUNT" {
				f.kind, f.precision, f.scale = kindNumber, 18, 0
				return ""
			}
			if r.summed = below.field(r.of); r.summed == nil {
				return fmt.Sprintf("%s has no field %s", below.name, r.of)
			}
			k := r.summed.kind
			if !k.numeric() && (r.op == "SUM" || k != kindDate && k != kindTime) {
				return fmt.Sprintf("%s of %s cannot be: it is a %s", r.op, r.of, k)
			}
			f.kind, f.precision, f.scale = k, 18, r.summed.scale
			return ""
		}
	}
	return fmt.Sprintf("%s has no children %s", obj.name, r.children)
}

// value computes it from the live details.
func (o *Org) rolledUp(r *rollUp, up *row) any {
	n, total := 0, decimal.Zero
	var best any
	for _, line := range r.details.below(r.link, up.id) {
		if line.deleted() {
			continue
		}
		n++
		if r.summed == nil {
			continue
		}
		v := r.summed.in(line.vals)
		if d, ok := v.(decimal.Decimal); ok {
			if r.summed.kind == kindMoney {
				d = o.converted(d, line, up)
			}
			total, v = total.Add(d), d
		}
		if v == nil {
			continue
		}
		if c := 0; best != nil {
			if c = compareValues(v, best); r.op == "MIN" && c >= 0 || r.op == "MAX" && c <= 0 {
				continue
			}
		}
		best = v
	}
	switch r.op {
	case "COUNT":
		return decimal.NewFromInt(int64(n))
	case "SUM":
		return total
	}
	return best
}

// converted is an amount of a detail in its master's currency.
func (o *Org) converted(d decimal.Decimal, line, up *row) decimal.Decimal {
	from, to := line.obj.field("CurrencyIsoCode"), up.obj.field("CurrencyIsoCode")
	if from == nil || to == nil {
		return d
	}
	here, there := str(from.in(line.vals)), str(to.in(up.vals))
	rate := o.rate(here)
	if here == there || rate.IsZero() {
		return d
	}
	return kept(d.Mul(o.rate(there)).DivRound(rate, keptDecimals))
}

// summarise carries a detail's change to the roll-ups of its masters. A roll-up that comes out as before moves nothing: a client that
// waits for the master's stamp to see a line's new text waits for ever. Which of them do move it is documented for those alone that change.
func (o *Org) summarise(r *row, late time.Time) {
	for _, f := range r.obj.fields {
		if !f.isMaster() {
			continue
		}
		if up := o.rows[str(f.in(r.vals))]; up != nil && !up.deleted() {
			o.sumUp(up, f, late)
		}
	}
}

func (o *Org) sumUp(up *row, link *field, late time.Time) {
	vals := up.copy()
	changed := false
	for _, f := range up.obj.fields {
		if f.rollUp == nil || f.rollUp.link != link {
			continue
		}
		if v := o.rolledUp(f.rollUp, up); !sameValue(v, f.in(vals)) {
			vals[f.pos], changed = v, true
		}
	}
	if !changed {
		return
	}
	before := up.vals
	o.stamp(up.obj, vals, nil)
	o.put(up, vals, late)
	o.rollUp(up, before, false, late)
}

func sameValue(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return compareValues(a, b) == 0
}
