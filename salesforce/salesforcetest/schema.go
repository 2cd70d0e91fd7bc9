package salesforcetest

import (
	"sort"
	"strings"
	"unicode"
)

// A kind is a field type by the name that describe uses.
type kind string

const (
	kindID        kind = "id"
	kindText      kind = "string"
	kindArea      kind = "textarea"
	kindPicklist  kind = "picklist"
	kindMulti     kind = "multipicklist" // values joined by ;
	kindPhone     kind = "phone"
	kindURL       kind = "url"
	kindEmail     kind = "email"
	kindBool      kind = "boolean"
	kindMoney     kind = "currency"
	kindNumber    kind = "double"
	kindInt       kind = "int"
	kindPercent   kind = "percent"
	kindDate      kind = "date"
	kindTime      kind = "datetime"
	kindReference kind = "reference"
	kindAddress   kind = "address"
)

func (k kind) numeric() bool {
	return k == kindMoney || k == kindNumber || k == kindInt || k == kindPercent
}

func (k kind) textual() bool {
	switch k {
	case kindText, kindArea, kindPicklist, kindMulti, kindPhone, kindURL, kindEmail:
		return true
	}
	return false
}

func (k kind) isID() bool { return k == kindID || k == kindReference }

type field struct {
	name, label      string
	kind             kind
	length           int
	precision, scale int
	required         bool
	createable       bool
	updateable       bool
	calculated       bool
	custom           bool
	unique, external bool
	sensitive        bool // unique and external values are compared with regard to case
	restricted       bool // a picklist that takes only its own values
	refTo            string
	relationship     string // of the parent: Account
	children         string // of this object below the parent: Opportunities
	cascade          bool   // deleted with its parent
	picklist         []string
	limits           map[string][]string // of picklist values that a record type has, by its id
	labels           map[string]string   // of picklist values that read otherwise than they are kept
	translated       bool                // no picklist, but toLabel takes it
	guessed          bool                // typed by the values of an export, not by an admin
	rich             bool                // a text area whose text is HTML
	numbers          *numbering          // Salesforce counts its values up
	rollUp           *rollUp             // computed from a record's details
	fallback         any
	pos              int
	hidden           bool     // no permission to see it: as good as absent
	frozen           bool     // may be read, not edited
	parts            []*field // of a compound address
}

// in reads the field from a row's values; rows written before the field was added are shorter.
func (f *field) in(vals []any) any {
	if f.pos < len(vals) {
		return vals[f.pos]
	}
	return f.fallback
}

// filterable: long text areas cannot stand in WHERE or ORDER BY, nor can compound addresses.
func (f *field) filterable() bool {
	return f.kind != kindAddress && (f.kind != kindArea || f.length <= 255)
}

// sortable: the choice of a multi-select picklist has no order either.
func (f *field) sortable() bool { return f.filterable() && f.kind != kindMulti }

// isMaster: a record is a detail of what such a field names, is shared as that is, and goes with it.
func (f *field) isMaster() bool { return f.cascade && f.required }

func (f *field) indexed() bool { return f.kind == kindReference || f.unique || f.external }

type childLink struct {
	name   string
	object *object
	field  *field
}

type object struct {
	name, label, plural, prefix string
	custom, currency, exported  bool     // exported: its records come from a file
	fields                      []*field // in the order of describe
	byName                      map[string]*field
	parents                     map[string]*field // by lower-case relationship name
	children                    []childLink
	master                      *field // the parent whose sharing this object follows
	second                      *field // of a custom object between two: who may not see both sees no record of it
	rows                        []*row
	index                       map[int]map[string][]*row // by field position and value
	pending                     map[*row]bool             // rows that readers still see as they were
	moved                       map[*row]bool             // of those, the ones that an index no longer finds under what readers see
	counter                     int
	rules                       []func(map[string]any) string // validation rules
}

// field finds a field by its API name in any case; hidden ones are returned too.
func (obj *object) field(name string) *field { return obj.byName[strings.ToLower(name)] }

// seen finds a field that the integration user may see.
func (obj *object) seen(name string) *field {
	if f := obj.field(name); f != nil && !f.hidden {
		return f
	}
	return nil
}

func (obj *object) parent(relationship string) *field {
	if f := obj.parents[strings.ToLower(relationship)]; f != nil && !f.hidden {
		return f
	}
	return nil
}

func (obj *object) child(relationship string) (childLink, bool) {
	for _, c := range obj.children {
		if strings.EqualFold(c.name, relationship) && !c.field.hidden {
			return c, true
		}
	}
	return childLink{}, false
}

func (obj *object) addField(f field) *field {
	g := &f
	g.pos = len(obj.fields)
	if g.label == "" {
		g.label = labelOf(g.name)
	}
	if g.kind == kindBool && g.fallback == nil {
		g.fallback = false
	}
	obj.fields = append(obj.fields, g)
	obj.byName[strings.ToLower(g.name)] = g
	if g.relationship != "" {
		obj.parents[strings.ToLower(g.relationship)] = g
	}
	switch {
	case !g.isMaster():
	case obj.master == nil: // with two masters the first is the primary one
		obj.master = g
	case obj.custom:
		obj.second = g
	}
	if g.kind == kindAddress {
		prefix := strings.TrimSuffix(g.name, "Address")
		for _, part := range []string{"City", "Country", "PostalCode", "State", "Street"} {
			g.parts = append(g.parts, obj.field(prefix+part))
		}
	}
	if g.indexed() {
		obj.index[g.pos] = map[string][]*row{}
		for _, r := range obj.rows {
			obj.reindex(r, g, nil, g.in(r.vals))
		}
	}
	return g
}

// A definition is an object as objects.go writes it down.
type definition struct {
	name, prefix string
	plural       string
	custom       bool
	currency     bool // has CurrencyIsoCode with multi-currency
	merges       bool // has MasterRecordId
	fields       []field
}

func (o *Org) addObject(d definition) *object {
	obj := &object{
		name: d.name, prefix: d.prefix, plural: d.plural, custom: d.custom, currency: d.currency, label: labelOf(d.name),
		byName: map[string]*field{}, parents: map[string]*field{}, index: map[int]map[string][]*row{}, pending: map[*row]bool{}, moved: map[*row]bool{},
	}
	if obj.plural == "" {
		obj.plural = obj.label + "s"
	}
	obj.addField(field{name: "Id", label: d.name + " ID", kind: kindID, length: 18})
	obj.addField(field{name: "IsDeleted", label: "Deleted", kind: kindBool})
	if d.merges {
		obj.addField(field{name: "MasterRecordId", kind: kindReference, length: 18, refTo: d.name, relationship: "MasterRecord"})
	}
	for _, f := range d.fields {
		obj.addField(f)
	}
	for _, f := range []field{
		{name: "CreatedDate", kind: kindTime},
		{name: "CreatedById", label: "Created By ID", kind: kindReference, length: 18, refTo: "User", relationship: "CreatedBy"},
		{name: "LastModifiedDate", kind: kindTime},
		{name: "LastModifiedById", label: "Last Modified By ID", kind: kindReference, length: 18, refTo: "User", relationship: "LastModifiedBy"},
		{name: "SystemModstamp", kind: kindTime},
	} {
		obj.addField(f)
	}
	o.objects[strings.ToLower(d.name)] = obj
	o.byPrefix[d.prefix] = obj
	o.ordered = append(o.ordered, obj)
	sort.Slice(o.ordered, func(i, j int) bool { return o.ordered[i].name < o.ordered[j].name })
	o.linkChildren()
	return obj
}

// linkChildren collects, below each object, the relationships that point up to it.
func (o *Org) linkChildren() {
	for _, obj := range o.ordered {
		obj.children = nil
	}
	for _, obj := range o.ordered {
		for _, f := range obj.fields {
			if f.refTo == "" {
				continue
			}
			if up := o.objects[strings.ToLower(f.refTo)]; up != nil && f.children != "" {
				up.children = append(up.children, childLink{f.children, obj, f})
			}
		}
	}
}

// labelOf reads an API name as Salesforce would label it: Xero_Invoice_Id__c is "Xero Invoice Id", CloseDate "Close Date".
func labelOf(name string) string {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "__c"), "Id")
	var b strings.Builder
	for i, c := range name {
		switch {
		case c == '_':
			c = ' '
		case i > 0 && unicode.IsUpper(c) && !strings.HasSuffix(b.String(), " ") && !unicode.IsUpper(rune(name[i-1])):
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	if b.Len() == 0 {
		return name
	}
	return strings.TrimSpace(b.String())
}
