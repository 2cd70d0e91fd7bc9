package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
)

// compile checks the mapping against the org's own describe and against the links that exist.
func (c *Cycle) compile(ctx context.Context, file string, text []byte) (*mapping.Mapping, error) {
	m, problems, err := c.draft(ctx, file, text)
	switch {
	case err != nil:
		return nil, err
	case len(problems) > 0:
		return nil, &MappingProblems{Problems: problems}
	}
	return m, nil
}

// draft compiles what can be compiled: with problems, only to find out what else is wrong. It is nil when the text is not even YAML.
func (c *Cycle) draft(ctx context.Context, file string, text []byte) (*mapping.Mapping, []mapping.Problem, error) {
	parsed, mistakes := mapping.Parse(file, text)
	if parsed == nil {
		return nil, mistakes, nil
	}
	var schema mapping.Schema
	missing := parsed.Objects()
	for range 10 { // each round goes one relationship further; Salesforce allows five
		known, err := c.schema(ctx, schema, missing)
		if err != nil {
			return parsed.Draft(schema), mistakes, unless(mistakes, err)
		}
		schema = known
		m, unknown, problems := parsed.Compile(schema)
		if missing = unknown; len(missing) > 0 {
			continue // more may be wrong behind them
		}
		if len(problems) == 0 {
			problems = mistakes
		}
		if m == nil || len(problems) > 0 {
			return parsed.Draft(schema), problems, nil
		}
		problems, err = c.keepsEntries(file, m)
		return m, problems, err
	}
	return parsed.Draft(schema), mistakes, unless(mistakes, fmt.Errorf("%s: its relationships go too deep", file))
}

// unless lets what is wrong with a file itself be told before what else went wrong.
func unless(mistakes []mapping.Problem, err error) error {
	if len(mistakes) > 0 {
		return nil
	}
	return err
}

// keepsEntries refuses a mapping that has lost an entry with links: its name is part of the identity of every document
// it made, and under another name each of them would be made again.
func (c *Cycle) keepsEntries(file string, m *mapping.Mapping) (problems []mapping.Problem, err error) {
	err = c.Store.View(func(tx *store.Tx) error {
		linked := tx.LinkedEntries()
		for _, name := range document.SortedNames(linked) {
			if m.Entry(name) == nil && !c.safeguardsOff.EntryIdentity {
				problems = append(problems, mapping.Problem{File: file, Line: 1, Column: 1,
					Text: fmt.Sprintf("the entry %q has %d linked documents in Xero and is no longer in the mapping; put it back under its old name", name, linked[name])})
			}
		}
		return nil
	})
	return problems, err
}

// MappingProblems is a mapping file that cannot be used, with every problem and its place.
type MappingProblems struct {
	Problems []mapping.Problem
	Xero     bool // it is what Xero lacks, which may be mended there
}

func (e *MappingProblems) Error() string {
	var lines []string
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// hasCodes refuses a mapping whose own values name what Xero does not have, before the first deal needs them: one wrong
// line of a table once made 85 contacts, no invoice and 4,238 holds.
func (c *Cycle) hasCodes(ctx context.Context, m *mapping.Mapping, earlier map[string]*mapping.Mapping) error {
	first, inForce := true, false
	if err := c.Store.View(func(tx *store.Tx) error {
		first, inForce = tx.Value(valueMatched) == "", tx.Value(valueCustomers+m.Hash) != ""
		return nil
	}); err != nil || inForce {
		return err
	}
	codes := m.Codes()
	named := func(before *mapping.Mapping) {
		old := before.Codes()
		codes = slices.DeleteFunc(codes, func(code mapping.Code) bool { return slices.ContainsFunc(old, code.Same) })
	}
	for _, before := range earlier {
		named(before)
	}
	if c.mappings.compiled.mapping != nil {
		named(c.mappings.compiled.mapping)
	}
	if len(codes) == 0 {
		return nil
	}
	foreign := plan.ForeignCurrency(m, codes, c.session.place)
	ref, err := c.referenceInForce(ctx, m)
	if err != nil {
		return err
	}
	problems := plan.Lacks(codes, ref, first)
	if len(problems) > 0 && ref.Read.Before(c.Log.Report.Began) {
		// Whoever has edited the file may have set the account up just before.
		for _, code := range codes {
			c.looks.doubt(plan.PartOf(code.Field))
		}
		if ref, err = c.referenceInForce(ctx, m); err != nil {
			return err
		}
		problems = plan.Lacks(codes, ref, first)
	}
	if len(problems)+len(foreign) == 0 {
		return nil
	}
	return &MappingProblems{Problems: mapping.Sorted(append(problems, foreign...)), Xero: len(foreign) == 0}
}

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
