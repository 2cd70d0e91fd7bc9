package salesforcetest

import (
	"fmt"
	"strings"
)

// checkUnique refuses a second row with one value of a unique field. Over the API the refusal names no field, and the other
// row with 18 characters; as Help and older reports show it, with 15.
func (o *Org) checkUnique(obj *object, self *row, vals []any) *refusal {
	for _, f := range obj.fields {
		if !f.unique || f.in(vals) == nil {
			continue
		}
		for _, other := range obj.live(f, str(f.in(vals))) {
			if other != self {
				return duplicateValue(f.name, other.id)
			}
		}
	}
	return nil
}

func duplicateValue(name, id string) *refusal {
	return badRequest("DUPLICATE_VALUE", fmt.Sprintf("duplicate value found: %s duplicates value on record with id: %s", name, id))
}

// collide is what an insert over the API gets when it meets another one with the same unique value that is not committed
// yet. No page says what that is. People report both of these, and either may befall one insert or both: whoever depends on
// one of them is found out here.
func (o *Org) collide(obj *object, vals []any) *refusal {
	if o.opt.Collides == nil {
		return nil
	}
	for _, f := range obj.fields {
		value := str(f.in(vals))
		if !f.unique || value == "" {
			continue
		}
		at := strings.Join([]string{obj.name, f.name, value}, "\x00")
		nth := o.inserted[at]
		o.inserted[at]++
		switch {
		case !o.opt.Collides(obj.name, value, nth):
		case len(obj.live(f, value)) > 0:
			return duplicateValue("<unknown>", "<unknown>")
		default:
			return badRequest("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
		}
	}
	return nil
}

// only makes a field unique, minding one whose values count as different when they differ by case.
func (f field) only() field    { f.unique = true; return f }
func (f field) minding() field { f.sensitive = true; return f }
