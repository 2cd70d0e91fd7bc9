package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"sf2xero/sync/remote"
)

// Object is what Salesforce says of one of its objects: only what the integration user may see, so that a field missing
// here is missing or hidden.
type Object struct {
	Name, Label string
	Fields      []Field
	Children    []Child
}

// Field is one field of an object.
type Field struct {
	Name, Label, Type        string
	Relationship             string   // Account for AccountId
	ReferenceTo, Picklist    []string // Picklist: the active values
	Length, Precision, Scale int
	Createable, Updateable   bool
	Calculated               bool // a formula or a roll-up
	Unique, CaseSensitive    bool // Unique: no two rows may have one value, which CaseSensitive compares letter by letter
}

// Child is a relationship from an object down to the rows that refer to it.
type Child struct {
	Relationship, Object, Field string // OpportunityLineItems, OpportunityLineItem, OpportunityId
}

// Describe asks for the fields and relationships of objects, in the order given.
func (c *Client) Describe(ctx context.Context, objects ...string) ([]Object, error) {
	var described []Object
	for len(objects) > 0 {
		now := objects[:min(len(objects), subrequestsPerCall)]
		objects = objects[len(now):]
		subs := make([]subrequest, len(now))
		for i, name := range now {
			subs[i] = c.describeRequest(name)
		}
		answers, err := c.composite(ctx, subs)
		if err != nil {
			return nil, err
		}
		for i, a := range answers {
			object, err := readObject(now[i], a)
			if err != nil {
				return nil, err
			}
			described = append(described, object)
		}
	}
	return described, nil
}

func (c *Client) describeRequest(object string) subrequest {
	return subrequest{
		op: "describe " + object, method: http.MethodGet, url: c.path("sobjects/" + url.PathEscape(object) + "/describe"),
	}
}

// isMissing is true for the answer about an object that is not there, or hidden from the integration user: nobody can tell
// which.
func isMissing(e *remote.Error) bool {
	return e != nil && (e.Status == http.StatusNotFound || e.Code == "INVALID_TYPE")
}

func readObject(name string, a answer) (Object, error) {
	if a.err != nil {
		if isMissing(a.err) {
			e := *a.err
			e.Class = remote.BadConfig
			e.Message = fmt.Sprintf("Salesforce has no object %s, or the integration user may not see it", name)
			e.Remedy = "correct the name in the mapping, or give the integration user's permission set access to the object"
			return Object{}, &e
		}
		return Object{}, a.err
	}
	var wire struct {
		Name, Label string
		Fields      []struct {
			Name, Label, Type        string
			Length, Precision, Scale int
			Createable, Updateable   bool
			Calculated               bool
			Unique, CaseSensitive    bool
			RelationshipName         string
			ReferenceTo              []string
			PicklistValues           []struct {
				Value  string
				Active bool
			}
		}
		ChildRelationships []struct{ ChildSObject, Field, RelationshipName string }
	}
	if err := json.Unmarshal(a.body, &wire); err != nil || wire.Name == "" {
		return Object{}, unreadable("describe "+name, err)
	}
	object := Object{Name: wire.Name, Label: wire.Label}
	for _, f := range wire.Fields {
		field := Field{
			Name: f.Name, Label: f.Label, Type: f.Type, Relationship: f.RelationshipName, ReferenceTo: f.ReferenceTo,
			Length: f.Length, Precision: f.Precision, Scale: f.Scale, Createable: f.Createable, Updateable: f.Updateable, Calculated: f.Calculated, Unique: f.Unique, CaseSensitive: f.CaseSensitive,
		}
		for _, v := range f.PicklistValues {
			if v.Active {
				field.Picklist = append(field.Picklist, v.Value)
			}
		}
		object.Fields = append(object.Fields, field)
	}
	for _, r := range wire.ChildRelationships {
		if r.RelationshipName != "" { // some have none and cannot be queried
			object.Children = append(object.Children, Child{Relationship: r.RelationshipName, Object: r.ChildSObject, Field: r.Field})
		}
	}
	return object, nil
}
