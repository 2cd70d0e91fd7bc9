package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// view looks names up in a schema in any case, and notes which objects were
// asked for and are not there yet.
type view struct {
	api     string // whose objects these are, for sentences
	schema  Schema
	names   map[string]string // lower case -> API name
	missing map[string]bool
}

func newView(api string, s Schema) *view {
	v := &view{api: api, schema: s, names: map[string]string{}, missing: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		key := strings.ToLower(name)
		if other, twice := v.names[key]; twice && len(s[name].Fields) == 0 && len(s[other].Fields) > 0 {
			continue // asked for as "opportunity", described as "Opportunity"
		}
		v.names[key] = name
	}
	return v
}

// object returns an object with its API name. It is not known while its
// describe is missing; known without fields, it does not exist for this user.
func (v *view) object(name string) (o Object, known bool) {
	key, ok := v.names[strings.ToLower(name)]
	if !ok {
		v.missing[name] = true
		return Object{Name: name}, false
	}
	o = v.schema[key]
	if o.Name == "" {
		o.Name = key
	}
	return o, true
}

// quietly looks names up without asking for their describes: what merely looks
// like a path, or hangs on an object that is not described itself.
func (v *view) quietly(look func()) {
	missing := v.missing
	v.missing = map[string]bool{}
	look()
	v.missing = missing
}

// visible is object for the places that name an object: from: and writeback:.
func (v *view) visible(name string) (o Object, known bool, complaint string) {
	o, known = v.object(name)
	if known && len(o.Fields) == 0 {
		var others []string
		for n, other := range v.schema {
			if len(other.Fields) > 0 {
				others = append(others, n)
			}
		}
		return o, false, fmt.Sprintf("%s has no object %q that the integration user may see%s", v.api, name, didYouMean(name, others))
	}
	return o, known, ""
}

// field finds a field of an object in any case.
func (o Object) field(name string) (string, Field, bool) {
	if f, ok := o.Fields[name]; ok {
		return name, f, true
	}
	for _, n := range slices.Sorted(maps.Keys(o.Fields)) {
		if strings.EqualFold(n, name) {
			return n, o.Fields[n], true
		}
	}
	return "", Field{}, false
}

func (o Object) fieldNames(parents bool) []string {
	var names []string
	for n, f := range o.Fields {
		if (f.Type == Parent) == parents {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// resolved is a path found in a schema.
type resolved struct {
	path     []string // API names
	labels   []string // of each name
	object   string   // the object that has the last field
	field    Field
	known    bool // false while a describe on the way is missing
	currency bool // a CurrencyIsoCode that this org does not have
}

// label is what people see the field called: "Close Date", and of a parent's
// field "Billing Country of the Account".
func (r resolved) label() string {
	n := len(r.path)
	switch {
	case len(r.labels) < n || r.labels[n-1] == "" || n > 1 && r.labels[n-2] == "":
		return strings.Join(r.path, ".")
	case n > 1:
		return r.labels[n-1] + " of the " + r.labels[n-2]
	}
	return r.labels[0]
}

// unresolved says which name of a path is wrong.
type unresolved struct {
	index int
	text  string
}

// mostParents is how many relationships SOQL follows upwards.
const mostParents = 5

func (v *view) resolve(object string, path []string) (resolved, *unresolved) {
	r := resolved{}
	if len(path)-1 > mostParents {
		return r, &unresolved{mostParents, fmt.Sprintf("Salesforce follows at most %d relationships from one record", mostParents)}
	}
	for i, name := range path {
		o, known := v.object(object)
		if !known {
			r.path, r.field = append(r.path, path[i:]...), Field{}
			return r, nil
		}
		r.object = o.Name
		last := i == len(path)-1
		n, f, ok := o.field(name)
		switch {
		case !ok && last && v.api == salesforceName && strings.EqualFold(name, currencyField):
			r.path = append(r.path, currencyField)
			r.field, r.known, r.currency = Field{Type: Text}, true, true
			return r, nil
		case !ok && last:
			return r, &unresolved{i, o.noField(v.api, name)}
		case !ok && i == 0 && strings.EqualFold(name, o.Name):
			return r, &unresolved{i, fmt.Sprintf("the record is the %s itself; leave %q out", o.Name, name+".")}
		case !ok:
			return r, &unresolved{i, fmt.Sprintf("%s has no relationship %q%s", o.Name, name, didYouMean(name, o.fieldNames(true)))}
		case last && f.Type == Parent:
			return r, &unresolved{i, fmt.Sprintf("%s.%s is a related record, not a value; name one of its fields, such as %s.Name", o.Name, n, n)}
		case !last && f.Type != Parent:
			return r, &unresolved{i, fmt.Sprintf("%s.%s is %s and has no fields of its own%s", o.Name, n, f.Type, didYouMean(name, o.fieldNames(true)))}
		case !last && f.Object == "":
			return r, &unresolved{i, fmt.Sprintf("%s.%s may point to records of several kinds; its fields cannot be read", o.Name, n)}
		}
		r.path, r.labels = append(r.path, n), append(r.labels, f.Label)
		r.field, object = f, f.Object
	}
	r.known = true
	return r, nil
}

func (o Object) noField(api, name string) string {
	known := o.fieldNames(false)
	if hint := didYouMean(name, known); hint != "" {
		return fmt.Sprintf("%s has no field %q%s", o.Name, name, hint)
	}
	if api == xeroName {
		return fmt.Sprintf("%s has no field %q; there are %s", o.Name, name, strings.Join(known, ", "))
	}
	return fmt.Sprintf("%s has no field %q, or the integration user may not see it", o.Name, name)
}

const (
	salesforceName = "Salesforce"
	xeroName       = "Xero"
	currencyField  = "CurrencyIsoCode" // only multi-currency orgs have it
	productsFlag   = "HasOpportunityLineItem"
)
