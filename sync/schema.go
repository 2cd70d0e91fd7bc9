package sync

import (
	"context"
	"strings"

	"sf2xero/mapping"
	"sf2xero/salesforce"
)

// schema adds the describes of some objects to what is known already. An object that Salesforce does not show is known
// to be missing, so that the mapping can say so at its place.
func (c *Cycle) schema(ctx context.Context, known mapping.Schema, names []string) (mapping.Schema, error) {
	objects, err := c.Salesforce.Describe(ctx, names...)
	if err != nil {
		return nil, err
	}
	schema := mapping.Schema{}
	for name, object := range known {
		schema[name] = object
	}
	for _, name := range names {
		schema[name] = mapping.Object{Name: name}
	}
	for _, o := range objects {
		schema[o.Name] = objectSchema(o)
	}
	return schema, nil
}

func objectSchema(o salesforce.Object) mapping.Object {
	out := mapping.Object{Name: o.Name, Fields: map[string]mapping.Field{}, Children: map[string]mapping.Child{}}
	for _, f := range o.Fields {
		field := mapping.Field{Type: fieldType(f.Type), Label: f.Label, Length: f.Length, Scale: f.Scale, Enum: f.Picklist, ReadOnly: !f.Updateable, Computed: f.Calculated}
		if f.Type == "reference" {
			field.Reference = true
			if len(f.ReferenceTo) == 1 {
				field.Object = f.ReferenceTo[0]
			}
		}
		out.Fields[f.Name] = field
		// A relationship that may lead to several objects (Owner: a user or a queue) has no fields of its own.
		if f.Relationship != "" && len(f.ReferenceTo) == 1 {
			// The field is labelled "Account ID", and what it leads to is called Account everywhere else.
			label := strings.TrimSuffix(strings.TrimSuffix(f.Label, " ID"), " Id")
			out.Fields[f.Relationship] = mapping.Field{Type: mapping.Parent, Label: label, Object: f.ReferenceTo[0], ReadOnly: true}
		}
	}
	for _, child := range o.Children {
		if child.Relationship != "" {
			out.Children[child.Relationship] = mapping.Child{Object: child.Object, Field: child.Field}
		}
	}
	return out
}

// fieldType turns describe's types into the formula language's. Picklists, ids, urls and the like are text there.
func fieldType(name string) mapping.Type {
	switch name {
	case "double", "currency", "percent", "int", "long":
		return mapping.Number
	case "boolean":
		return mapping.Bool
	case "date":
		return mapping.Date
	case "datetime":
		return mapping.DateTime
	}
	return mapping.Text
}
