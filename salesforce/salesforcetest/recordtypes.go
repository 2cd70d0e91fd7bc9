package salesforcetest

import (
	"fmt"
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
