package salesforcetest

import (
	"fmt"
	"strings"
)

// FieldSpec describes a custom field that an admin adds. Type is the name describe uses: string, textarea, picklist, multipicklist, email, phone,
// url, boolean, currency, double, int, percent, date, datetime or reference.
type FieldSpec struct {
	Name, Label, Type string
	Length            int
	Precision, Scale  int
	Required          bool
	Unique            bool
	ExternalID        bool
	ReadOnly          bool // a formula or roll-up: only hands can set it
	RichText          bool // of a textarea: its text is HTML
	Hidden            bool // as after creation through an API, until GrantField
	Restricted        bool // Picklist admits nothing else
	Picklist          []string
	ReferenceTo       string // of a reference: the object, its relationship name upward and, if any, downward
	Relationship      string
	ChildRelationship string
	MasterDetail      bool   // of a reference: the record is a detail, which is shared as its master is and deleted with it
	RollUp            string // what a field sums up of a record's details: SUM(Lines__r.Amount__c), COUNT(Lines__r); it needs no Type
}

// AddField adds a custom field. Unless the spec says Hidden, the integration user may see it at once.
func (o *Org) AddField(object string, s FieldSpec) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.objectNamed(object)
	if err != nil {
		return err
	}
	if obj.field(s.Name) != nil {
		return fmt.Errorf("salesforcetest: %s has a field %s already", obj.name, s.Name)
	}
	if !wordLiteral.MatchString(s.Name) || wordLiteral.FindString(s.Name) != s.Name {
		return fmt.Errorf("salesforcetest: %q is no field name", s.Name)
	}
	if s.RollUp != "" {
		return o.addRollUp(obj, s)
	}
	f := ofKind(s.Name, kind(s.Type))
	switch f.kind {
	case kindText, kindPicklist, kindMulti, kindURL, kindArea:
		f.length = orElse(s.Length, f.length)
	case kindMoney, kindNumber, kindPercent:
		if s.Precision != 0 || s.Scale != 0 {
			f.precision, f.scale = orElse(s.Precision, 18), s.Scale
		}
	case kindReference:
		if o.objects[strings.ToLower(s.ReferenceTo)] == nil {
			return fmt.Errorf("salesforcetest: %s refers to %q, which the org does not have", s.Name, s.ReferenceTo)
		}
		f.length, f.refTo, f.relationship, f.children = 18, s.ReferenceTo, s.Relationship, s.ChildRelationship
		if base, ok := strings.CutSuffix(s.Name, "__c"); ok && f.relationship == "" {
			f.relationship = base + "__r"
		}
		if s.MasterDetail {
			if f, err = o.detailField(obj, s, f.relationship); err != nil {
				return err
			}
			s.Required = true
		}
	case kindEmail, kindPhone, kindBool, kindInt, kindDate, kindTime:
	default:
		return fmt.Errorf("salesforcetest: field %s has the unknown type %q", s.Name, s.Type)
	}
	f.custom, f.label, f.required, f.unique, f.external, f.hidden, f.restricted, f.picklist = true, s.Label, s.Required, s.Unique, s.ExternalID, s.Hidden, s.Restricted, s.Picklist
	f.rich = s.RichText && f.kind == kindArea
	if s.ReadOnly {
		f = f.computed()
	}
	obj.addField(f)
	o.linkChildren()
	o.schemaAt = o.now()
	return nil
}

func (o *Org) addRollUp(obj *object, s FieldSpec) error {
	r, is, wrong := readRollUp(s.RollUp)
	if !is {
		wrong = fmt.Sprintf("%q is no roll-up", s.RollUp)
	}
	f := ofKind(s.Name, kindNumber).ours().computed()
	f.label, f.rollUp = s.Label, r
	if wrong == "" {
		wrong = o.resolve(obj, &f)
	}
	if wrong != "" {
		return fmt.Errorf("salesforcetest: %s.%s: %s", obj.name, s.Name, wrong)
	}
	g := obj.addField(f)
	for _, up := range obj.rows {
		vals := up.copy()
		vals[g.pos] = o.rolledUp(r, up)
		o.put(up, vals, o.late(origin{hand: true}, obj, up.id))
	}
	o.schemaAt = o.now()
	return nil
}

func (o *Org) detailField(obj *object, s FieldSpec, parent string) (field, error) {
	f, wrong := o.relate(obj, s.Name, s.ReferenceTo, parent, s.ChildRelationship, true)
	if wrong == "" && len(obj.rows) > 0 {
		wrong = "the object has records, and a master-detail relationship is made before there are any"
	}
	if wrong != "" {
		return f, fmt.Errorf("salesforcetest: %s.%s: %s", obj.name, s.Name, wrong)
	}
	obj.withoutOwner()
	return f, nil
}

// AddObject adds a custom object with fields of its own beside Name and OwnerId.
func (o *Org) AddObject(name string, fields ...FieldSpec) error {
	if err := o.addCustomObject(name); err != nil {
		return err
	}
	for _, f := range fields {
		if err := o.AddField(name, f); err != nil {
			return err
		}
	}
	return nil
}

func (o *Org) addCustomObject(name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case !customField.MatchString(name):
		return fmt.Errorf("salesforcetest: %q is no name of a custom object, which ends in __c", name)
	case o.objects[strings.ToLower(name)] != nil:
		return fmt.Errorf("salesforcetest: the org has an object %s already", name)
	}
	obj := o.addObject(customObject(name, o.freePrefix(&table{})))
	if o.hasCurrencies() {
		o.giveCurrency(obj)
	}
	o.schemaAt = o.now()
	return nil
}

// customObject is one as Setup makes it.
func customObject(name, prefix string) definition {
	fields := []field{text("Name", 80), ref("OwnerId", "User", "Owner", "")}
	return definition{name: name, prefix: prefix, custom: true, currency: true, fields: fields}
}

func orElse(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

func (o *Org) setField(object, name string, set func(*field)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.objectNamed(object)
	if err != nil {
		return err
	}
	f := obj.field(name)
	if f == nil {
		return fmt.Errorf("salesforcetest: %s has no field %s", obj.name, name)
	}
	set(f)
	o.schemaAt = o.now()
	return nil
}

// HideField takes the permission to see a field away: it then looks as if it did not exist.
func (o *Org) HideField(object, name string) error {
	return o.setField(object, name, func(f *field) { f.hidden = true })
}

// FreezeField leaves the permission to read a field and takes the one to edit it.
func (o *Org) FreezeField(object, name string) error {
	return o.setField(object, name, func(f *field) { f.hidden, f.frozen = false, true })
}

// GrantField gives the permission to read and edit a field.
func (o *Org) GrantField(object, name string) error {
	return o.setField(object, name, func(f *field) { f.hidden, f.frozen = false, false })
}

// LabelValue gives a value of a picklist another label, as an admin or a translator does: records keep the value.
func (o *Org) LabelValue(object, name, value, label string) error {
	return o.setField(object, name, func(f *field) {
		labels := map[string]string{value: label}
		for v, l := range f.labels {
			if v != value {
				labels[v] = l
			}
		}
		f.labels = labels
	})
}

func (o *Org) setRow(id string, set func(*row)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	full, _ := id18(id)
	r := o.rows[full]
	if r == nil {
		return fmt.Errorf("salesforcetest: there is no record %s", id)
	}
	set(r)
	return nil
}

// HideRecord takes a record out of the integration user's sharing: reads silently miss it. No stamp moves.
func (o *Org) HideRecord(id string) error { return o.setRow(id, func(r *row) { r.hidden = true }) }

// ShowRecord shares a record again. No stamp moves.
func (o *Org) ShowRecord(id string) error { return o.setRow(id, func(r *row) { r.hidden = false }) }

// LockRecord locks a record as an approval process does: writes through the API answer ENTITY_IS_LOCKED.
func (o *Org) LockRecord(id string) error { return o.setRow(id, func(r *row) { r.locked = true }) }

// UnlockRecord ends a lock.
func (o *Org) UnlockRecord(id string) error { return o.setRow(id, func(r *row) { r.locked = false }) }

// BusyRecord makes the next writes of the API to a record fail with UNABLE_TO_LOCK_ROW, as while another transaction holds it.
func (o *Org) BusyRecord(id string, times int) error {
	return o.setRow(id, func(r *row) { r.busy = times })
}

// AddRule adds a validation rule: it sees a record as it would be saved by the API and returns the message that refuses it, or "".
// It must not call the org.
func (o *Org) AddRule(object string, rule func(fields map[string]any) string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.objectNamed(object)
	if err != nil {
		return err
	}
	obj.rules = append(obj.rules, rule)
	return nil
}
