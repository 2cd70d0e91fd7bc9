package salesforcetest

import (
	"fmt"
	"slices"
	"strings"
)

// declared makes the field that a column's heading describes.
func (o *Org) declared(t *table, h heading) (f *field, wrong string) {
	had := t.obj.field(h.name)
	if _, standard := standardField(t.obj.name, h.name); had == nil && !customField.MatchString(h.name) && !standard && !t.loose {
		return nil, o.noField(t, h.name)
	}
	add := func(g field) (*field, string) {
		f := t.obj.addField(g)
		t.added = append(t.added, f)
		return f, ""
	}
	switch {
	case h.to != "":
		return o.declaredLink(t, h, had, add)
	case h.rollUp != nil:
		if had != nil {
			return nil, fmt.Sprintf("%s has the field %s already, and it is no roll-up", t.obj.name, had.name)
		}
		g := ofKind(h.name, kindNumber).ours().computed()
		g.rollUp = h.rollUp
		return add(g)
	}
	g := *h.typed
	if had == nil {
		if g.kind == kindPicklist && !g.restricted {
			g.picklist = t.values(h.name)
		}
		g.custom = customField.MatchString(h.name)
		return add(g)
	}
	if had.kind != g.kind || g.numbers != nil && (had.name != "Name" || !t.obj.custom || len(t.obj.rows) > 0) {
		return nil, fmt.Sprintf("%s.%s is a %s already, and cannot be what the heading says; leave out what stands behind the colon", t.obj.name, had.name, had.kind)
	}
	switch {
	case g.numbers != nil:
		had.numbers, had.createable, had.updateable = g.numbers, false, false
	case had.custom:
		t.obj.retype(had, g)
	case h.more:
		return nil, fmt.Sprintf("%s.%s is a standard field, which Salesforce says all about; leave out what stands behind the colon", t.obj.name, had.name)
	}
	return had, ""
}

// retype makes of a custom field that the org has from the beginning what the field of the same name is in the org of a file.
func (obj *object) retype(f *field, as field) {
	f.length, f.precision, f.scale, f.picklist, f.restricted, f.rich = as.length, as.precision, as.scale, as.picklist, as.restricted, as.rich
	f.required, f.unique, f.external, f.sensitive = as.required, as.unique, as.external, as.sensitive
	f.createable, f.updateable, f.calculated = as.createable, as.updateable, as.calculated
	if f.indexed() && obj.index[f.pos] == nil {
		obj.index[f.pos] = map[string][]*row{}
		for _, r := range obj.rows {
			obj.reindex(r, f, nil, f.in(r.vals))
		}
	}
}

// declaredLink: a standard field may be written out too, and then is what it is.
func (o *Org) declaredLink(t *table, h heading, had *field, add func(field) (*field, string)) (*field, string) {
	if had != nil {
		if had.kind != kindReference || !strings.EqualFold(had.refTo, h.to) || !strings.EqualFold(had.relationship, h.parent) || !strings.EqualFold(had.children, h.children) || had.isMaster() != h.detail && h.detail {
			return nil, fmt.Sprintf("%s.%s is %s already; leave out what stands behind the colon", t.obj.name, had.name, had.written())
		}
		return had, ""
	}
	if customField.MatchString(h.name) {
		g, wrong := o.relate(t.obj, h.name, h.to, h.parent, h.children, h.detail)
		if wrong != "" {
			return nil, wrong
		}
		if h.detail {
			t.obj.withoutOwner()
		}
		return add(g)
	}
	target := o.objects[strings.ToLower(h.to)]
	switch {
	case target == nil:
		return nil, fmt.Sprintf("it points to %s, which this org does not have; %s.csv with its column Id is enough", h.to, h.to)
	case h.detail:
		return nil, fmt.Sprintf("%s is a standard field, which is no master-detail relationship here; leave master-detail out", h.name)
	}
	return add(ref(h.name, target.name, h.parent, h.children))
}

// values are the different ones of a column, in their order.
func (t *table) values(column string) []string {
	at := slices.Index(t.head, column)
	var all []string
	for n, rec := range t.rows {
		if t.broken[n] {
			continue
		}
		if v := strings.TrimSpace(rec[at]); v != "" && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// written is a field as a heading would say it.
func (f *field) written() string {
	if f.kind != kindReference {
		return "a " + string(f.kind)
	}
	return strings.Join([]string{f.name, f.refTo, f.relationship, f.children}, ":")
}

// resolveRollUps finds the details of the roll-ups of a file, once all files have said what they are.
func (o *Org) resolveRollUps(t *table, m *mistakes) {
	for i, f := range t.columns {
		if f == nil || f.rollUp == nil || t.headings[i].rollUp == nil {
			continue
		}
		if wrong := o.resolve(t.obj, f); wrong != "" {
			m.cell(t, 1, f.name, "%s", wrong)
			f.rollUp = nil
		}
	}
}

// checkLinks looks at what a file's references name, once all files are in. An export may well leave out the records behind a standard
// lookup, and then is told so; what a heading describes must be there.
func (o *Org) checkLinks(t *table, written map[string]bool, m *mistakes) {
	for i, f := range t.columns {
		if f == nil || f.kind != kindReference {
			continue
		}
		for n, r := range t.loaded {
			if r == nil || o.rows[str(f.in(r.vals))] == nil && written[str(f.in(r.vals))] {
				continue // a row with mistakes of its own is there all the same
			}
			if wrong := o.checkLink(t, f, t.headings[i].to != "", r); wrong != "" {
				m.cell(t, t.lines[n], f.name, "%s", wrong)
				t.broken[n] = true
			}
		}
	}
}

// writtenIDs are the ids in the column Id of all files, those of rows with mistakes too.
func writtenIDs(tables []*table) map[string]bool {
	all := map[string]bool{}
	for _, t := range tables {
		at := slices.IndexFunc(t.head, func(name string) bool { return strings.EqualFold(name, "Id") })
		for _, rec := range t.rows {
			if at >= 0 && at < len(rec) {
				id, _ := id18(strings.TrimSpace(rec[at]))
				all[id] = true
			}
		}
	}
	delete(all, "")
	return all
}

func (o *Org) checkLink(t *table, f *field, declared bool, r *row) string {
	id := str(f.in(r.vals))
	if id == "" {
		if f.isMaster() && declared {
			return fmt.Sprintf("it is empty, and a detail has a master: give the id of its %s", f.refTo)
		}
		return ""
	}
	up := o.rows[id]
	to := o.objects[strings.ToLower(f.refTo)]
	switch {
	case to == nil || f.refTo == "User" && !declared: // an owner may be a queue
		return ""
	case id[:3] != to.prefix && o.byPrefix[id[:3]] != nil:
		return fmt.Sprintf("%s is the id of %s, not of %s", id, o.byPrefix[id[:3]].name, to.name)
	case up == nil && (declared || to.name == "RecordType" && to.exported):
		return fmt.Sprintf("no %s has the id %s; give it in %s.csv", to.name, id, to.name)
	case up == nil:
		return ""
	case to.name == "RecordType" && !strings.EqualFold(up.text("SobjectType"), t.obj.name):
		return fmt.Sprintf("%s is a record type of %s, not of %s", id, up.text("SobjectType"), t.obj.name)
	case f.isMaster() && declared && up.deleted() && !r.deleted():
		return fmt.Sprintf("%s is deleted, and its details went with it: this record needs IsDeleted true", id)
	}
	return ""
}

// learnDeletions takes from equal stamps which records went with which: they come out of the recycle bin together.
func (o *Org) learnDeletions(t *table) {
	for _, r := range t.loaded {
		if !r.deleted() {
			continue
		}
		for up := o.wentWith(r); up != nil; up = o.wentWith(up) {
			r.deletedWith = up.id
		}
	}
}

func (o *Org) wentWith(r *row) *row {
	for _, f := range r.obj.fields {
		if up := o.rows[str(f.in(r.vals))]; f.cascade && up != nil && up != r && up.deleted() && up.get("SystemModstamp") == r.get("SystemModstamp") {
			return up
		}
	}
	return nil
}
