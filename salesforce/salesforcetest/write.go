package salesforcetest

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
	"time"
)

// origin tells who writes: the API, which is held to its rules, or a hand, which is not.
type origin struct {
	hand   bool
	export bool   // a hand that writes down what was true in another org
	id     string // the id a new row is to have; "" makes one
}

// late is when readers begin to see a write: an answered API call is committed, a change by hand may lag behind its stamp.
func (o *Org) late(who origin, obj *object, id string) time.Time {
	if !who.hand || o.opt.Visible == nil {
		return time.Time{}
	}
	if d := o.opt.Visible(obj.name, id); d > 0 {
		return o.opt.Now().Add(d)
	}
	return time.Time{}
}

func sortedNames(fields map[string]any) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		if !strings.EqualFold(name, "attributes") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// apply writes fields over vals, checking each; given tells which fields were named.
func (o *Org) apply(obj *object, vals []any, fields map[string]any, who origin, isNew bool) (given map[string]bool, err *refusal) {
	given = map[string]bool{}
	var readOnly []string
	for _, name := range sortedNames(fields) {
		v := fields[name]
		f := obj.field(name)
		if f == nil || f.hidden && !who.hand {
			if nested, ok := v.(map[string]any); ok && obj.parent(name) != nil {
				up := obj.parent(name)
				id, err := o.byExternalID(up, nested)
				if err != nil {
					return nil, err
				}
				f, v = up, id
			} else {
				return nil, badRequest("INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", name, obj.name))
			}
		}
		if !who.hand && (f.frozen || isNew && !f.createable || !isNew && !f.updateable) {
			readOnly = append(readOnly, f.name)
			continue
		}
		if given[f.name] {
			return nil, badRequest("INVALID_FIELD", "Duplicate field: "+f.name, f.name)
		}
		c, err := f.coerce(v)
		if err != nil {
			return nil, err
		}
		if err := o.checkReference(obj, f, c); err != nil {
			return nil, err
		}
		vals[f.pos] = c
		given[f.name] = true
	}
	if len(readOnly) > 0 {
		return nil, badRequest("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: "+strings.Join(readOnly, ", ")+
			". Please check the security settings of this field and verify that it is read/write for your profile or permission set.", readOnly...)
	}
	return given, nil
}

func (o *Org) checkReference(obj *object, f *field, v any) *refusal {
	id := str(v)
	if f.kind != kindReference || id == "" {
		return nil
	}
	if to := o.objects[strings.ToLower(f.refTo)]; to != nil && !strings.HasPrefix(id, to.prefix) {
		return badRequest("MALFORMED_ID", f.label+" ID: id value of incorrect type: "+id, f.name)
	}
	to := o.rows[id]
	if to == nil {
		return badRequest("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", f.name)
	}
	if to.deleted() && f.name != "MasterRecordId" {
		return badRequest("ENTITY_IS_DELETED", "entity is deleted", f.name)
	}
	return nil
}

// byExternalID resolves {"Account": {"Xero_Contact_Id__c": "…"}} to the parent's id.
func (o *Org) byExternalID(f *field, key map[string]any) (any, *refusal) {
	up := o.objects[strings.ToLower(f.refTo)]
	names := sortedNames(key)
	if len(names) != 1 {
		return nil, badRequest("INVALID_FIELD", "Exactly one external ID must be given for "+f.relationship)
	}
	name := names[0]
	ext := up.seen(name)
	if ext == nil || !ext.external {
		return nil, badRequest("INVALID_FIELD", fmt.Sprintf("Field name provided, %s is not an External ID or indexed field for %s", name, up.name))
	}
	found := up.live(ext, fmt.Sprint(key[name]))
	if len(found) != 1 {
		return nil, badRequest("INVALID_FIELD", fmt.Sprintf("Foreign key external ID: %v not found for field %s in entity %s", key[name], ext.name, up.name))
	}
	return found[0].id, nil
}

// live returns the undeleted rows with this value in an indexed field: what is in the recycle bin does not count.
func (obj *object) live(f *field, value string) []*row {
	var found []*row
	for _, r := range obj.index[f.pos][indexKey(f, value)] {
		if !r.deleted() && (!f.sensitive || str(f.in(r.vals)) == value) {
			found = append(found, r)
		}
	}
	return found
}

func (o *Org) checkRequired(obj *object, vals []any) *refusal {
	var missing []string
	for _, f := range obj.fields {
		if f.required && f.in(vals) == nil {
			missing = append(missing, f.name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return badRequest("REQUIRED_FIELD_MISSING", "Required fields are missing: ["+strings.Join(missing, ", ")+"]", missing...)
}

func blank(obj *object) []any {
	vals := make([]any, len(obj.fields))
	for _, f := range obj.fields {
		vals[f.pos] = f.fallback
	}
	return vals
}

func (o *Org) insert(obj *object, fields map[string]any, who origin) (*row, *refusal) {
	vals := blank(obj)
	given, err := o.apply(obj, vals, fields, who, true)
	if err != nil {
		return nil, err
	}
	if f := obj.field("OwnerId"); f != nil && vals[f.pos] == nil {
		vals[f.pos] = o.user
	}
	if f := obj.field("CurrencyIsoCode"); f != nil && vals[f.pos] == nil {
		vals[f.pos] = o.currencyOf(obj, vals)
	}
	if !who.hand {
		if err := o.collide(obj, vals); err != nil {
			return nil, err
		}
	}
	r := &row{obj: obj, id: who.id, vals: vals}
	if err := o.settle(r, vals, given, who, true); err != nil {
		return nil, err
	}
	if id := str(obj.field("Id").in(vals)); id != "" {
		r.id = id
	}
	if r.id == "" {
		r.id = o.newID(obj)
	}
	if o.rows[r.id] != nil {
		return nil, badRequest("DUPLICATE_VALUE", "duplicate value found: Id duplicates value on record with id: "+r.id, "Id")
	}
	if err := o.checkOrderOpen(r, who); err != nil {
		return nil, err
	}
	o.number(obj, r.id, vals)
	o.stamp(obj, vals, given)
	vals[obj.field("Id").pos] = r.id
	late := o.late(who, obj, r.id)
	o.add(r, late)
	o.rollUp(r, nil, true, late)
	return r, nil
}

// stamp sets the audit fields that were not given.
func (o *Org) stamp(obj *object, vals []any, given map[string]bool) {
	now := o.now()
	set := func(name string, v any, onlyNew bool) {
		f := obj.field(name)
		if !given[name] && !(onlyNew && vals[f.pos] != nil) {
			vals[f.pos] = v
		}
	}
	set("CreatedDate", now, true)
	set("CreatedById", o.user, true)
	set("LastModifiedDate", now, false)
	set("LastModifiedById", o.user, false)
	set("SystemModstamp", now, false)
}

// change is an update by the API or by hand.
func (o *Org) change(r *row, fields map[string]any, who origin) *refusal {
	if err := o.mayEdit(r, who); err != nil {
		return err
	}
	obj := r.obj
	vals := r.copy()
	given, err := o.apply(obj, vals, fields, who, false)
	if err != nil {
		return err
	}
	if given["Id"] && vals[0] != r.id {
		return badRequest("INVALID_FIELD_FOR_INSERT_UPDATE", "The Id field should not be specified in the sobject data.", "Id")
	}
	if err := o.settle(r, vals, given, who, false); err != nil {
		return err
	}
	before := r.vals
	o.stamp(obj, vals, given)
	late := o.late(who, obj, r.id)
	o.put(r, vals, late)
	o.rollUp(r, before, false, late)
	return nil
}

// mayEdit refuses what the API may not write to; hands may edit locked and hidden records, nobody deleted ones.
func (o *Org) mayEdit(r *row, who origin) *refusal {
	if r.deleted() {
		return refuse(http.StatusNotFound, "ENTITY_IS_DELETED", "entity is deleted")
	}
	if who.hand {
		return nil
	}
	if !o.visible(r) {
		return refuse(http.StatusForbidden, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id")
	}
	// A detail is written under the lock of its master.
	for up := r; up != nil; up = o.masterOf(up) {
		if up.locked {
			return badRequest("ENTITY_IS_LOCKED", "the entity is locked for editing")
		}
		if up.busy > 0 {
			up.busy--
			return badRequest("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: "+up.id)
		}
	}
	r.commit()
	return nil
}

// remove moves a row and what hangs on it into the recycle bin.
func (o *Org) remove(r *row, who origin, with string) (refused *refusal) {
	end := o.begin()
	defer func() { end(refused == nil) }()
	if err := o.mayEdit(r, who); err != nil {
		return err
	}
	for _, refused := range []*refusal{o.needed(r), o.checkStays(r, who), o.checkOrderOpen(r, who)} {
		if refused != nil {
			return refused
		}
	}
	for _, obj := range o.ordered {
		for _, f := range obj.fields {
			if !f.cascade || f.refTo != r.obj.name {
				continue
			}
			for _, below := range append([]*row(nil), obj.below(f, r.id)...) {
				if below.deleted() {
					continue
				}
				root := with
				if root == "" {
					root = r.id
				}
				if err := o.remove(below, origin{hand: true}, root); err != nil {
					return err
				}
			}
		}
	}
	late := o.late(who, r.obj, r.id)
	o.mark(r, true, late)
	was := r.deletedWith
	r.deletedWith = with
	o.unlink(r, late)
	o.journal(func() { r.deletedWith, r.unlinked = was, nil })
	if with == "" {
		o.rollUp(r, nil, true, late)
	}
	return nil
}

// mark sets or clears IsDeleted and moves the stamp.
func (o *Org) mark(r *row, deleted bool, late time.Time) {
	vals := r.copy()
	vals[r.obj.field("IsDeleted").pos] = deleted
	o.stamp(r.obj, vals, nil)
	o.put(r, vals, late)
}

// restore takes a row, and what was deleted along with it, out of the recycle bin.
func (o *Org) restore(r *row) {
	late := o.late(origin{hand: true}, r.obj, r.id)
	o.mark(r, false, late)
	if f := r.obj.field("MasterRecordId"); f != nil && f.in(r.vals) != nil {
		vals := r.copy()
		vals[f.pos] = nil
		o.put(r, vals, late)
	}
	o.relink(r, late)
	for _, obj := range o.ordered {
		for _, below := range obj.rows {
			if below.deletedWith == r.id && below.deleted() {
				o.mark(below, false, late)
				o.relink(below, late)
				below.deletedWith = ""
			}
		}
	}
	o.rollUp(r, nil, true, late)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
