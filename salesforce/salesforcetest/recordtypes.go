package salesforcetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// masterRecordType stands for having none; records keep null.
const masterRecordType = "012000000000000AAA"

// useRecordTypes gives an object the field RecordTypeId, which it has only when it has record types.
func (o *Org) useRecordTypes(obj *object) {
	if obj.field("RecordTypeId") == nil {
		obj.addField(ref("RecordTypeId", "RecordType", "RecordType", ""))
		o.schemaAt = o.now()
	}
}

// recordTypes are those of one object, in the order of their making.
func (o *Org) recordTypes(obj *object) []*row {
	var all []*row
	for _, r := range o.objects["recordtype"].rows {
		if strings.EqualFold(r.text("SobjectType"), obj.name) && !r.deleted() {
			all = append(all, r)
		}
	}
	return all
}

// checkRecordType: the API takes only active record types of the record's own object.
func (o *Org) checkRecordType(obj *object, vals []any, given map[string]bool, who origin) *refusal {
	f := obj.field("RecordTypeId")
	if f == nil || who.hand || !given["RecordTypeId"] {
		return nil
	}
	id := str(f.in(vals))
	if id == "" || id == masterRecordType {
		return nil
	}
	for _, r := range o.recordTypes(obj) {
		if r.id == id && r.get("IsActive") == true {
			return nil
		}
	}
	return badRequest("INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value isn't valid for the user: "+id, f.name)
}

// LimitPicklist leaves a record type only some values of a picklist, as an admin does in its setup. Describe goes on to list them all, and
// a record of that type is refused the others.
func (o *Org) LimitPicklist(object, recordType, name string, values ...string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.objectNamed(object)
	if err != nil {
		return err
	}
	f := obj.field(name)
	if f == nil || f.kind != kindPicklist && f.kind != kindMulti {
		return fmt.Errorf("salesforcetest: %s has no picklist %s", obj.name, name)
	}
	for _, r := range o.recordTypes(obj) {
		if strings.EqualFold(r.text("DeveloperName"), recordType) {
			limits := maps.Clone(f.limits)
			if limits == nil {
				limits = map[string][]string{}
			}
			limits[r.id] = values
			f.limits = limits
			o.schemaAt = o.now()
			return nil
		}
	}
	return fmt.Errorf("salesforcetest: %s has no record type %s", obj.name, recordType)
}

// checkLimits: a value that the record's type does not have is refused, whether the picklist has it or not.
func (o *Org) checkLimits(obj *object, vals []any, given map[string]bool, who origin) *refusal {
	of := obj.field("RecordTypeId")
	if of == nil || who.hand {
		return nil
	}
	for _, f := range obj.fields {
		allowed, limited := f.limits[str(of.in(vals))]
		if !limited || !given[f.name] || f.in(vals) == nil {
			continue
		}
		for value := range strings.SplitSeq(str(f.in(vals)), ";") {
			if !slices.Contains(allowed, value) {
				return badRequest("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f.label+": bad value for restricted picklist field: "+value, f.name)
			}
		}
	}
	return nil
}

type recordTypeInfo struct {
	Active                   bool              `json:"active"`
	Available                bool              `json:"available"`
	DefaultRecordTypeMapping bool              `json:"defaultRecordTypeMapping"`
	DeveloperName            string            `json:"developerName"`
	Master                   bool              `json:"master"`
	Name                     string            `json:"name"`
	RecordTypeID             string            `json:"recordTypeId"`
	URLs                     map[string]string `json:"urls"`
}

// recordTypeInfos are an object's record types as describe lists them, the master last.
func (o *Org) recordTypeInfos(c *call, obj *object) []recordTypeInfo {
	layout := func(id string) map[string]string {
		return map[string]string{"layout": c.base() + "/sobjects/" + obj.name + "/describe/layouts/" + id}
	}
	all := []recordTypeInfo{}
	for _, r := range o.recordTypes(obj) {
		active := r.get("IsActive") == true
		all = append(all, recordTypeInfo{
			Active: active, Available: active, DeveloperName: r.text("DeveloperName"), Name: r.text("Name"), RecordTypeID: r.id, URLs: layout(r.id),
		})
	}
	return append(all, recordTypeInfo{
		Active: true, Available: true, DefaultRecordTypeMapping: true, DeveloperName: "Master", Master: true, Name: "Master",
		RecordTypeID: masterRecordType, URLs: layout(masterRecordType),
	})
}

// AddRecordType adds an active record type to an object and returns its id. With the first one the object gets RecordTypeId.
func (o *Org) AddRecordType(object, developerName, name string) (string, error) {
	id, err := o.Insert("RecordType", map[string]any{"SobjectType": object, "DeveloperName": developerName, "Name": name, "IsActive": true})
	if err != nil {
		return "", fmt.Errorf("record type %s of %s: %w", developerName, object, err)
	}
	return id, nil
}
