package salesforcetest

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// What custom lookups and master-detail relationships obey, whoever makes them: a file of an export or an admin.

var (
	customField  = regexp.MustCompile(`(?i)^[a-z][a-z0-9_]*__c$`)
	relationship = regexp.MustCompile(`(?i)^[a-z][a-z0-9_]*__r$`)
)

// relate makes a custom field of an object that points to another one, or says why Salesforce has none like it.
func (o *Org) relate(obj *object, name, to, parent, children string, detail bool) (f field, wrong string) {
	target := o.objects[strings.ToLower(to)]
	stem := name[:max(0, len(name)-len("__c"))]
	switch {
	case target == nil:
		var all []string
		for _, other := range o.ordered {
			all = append(all, other.name)
		}
		if known, ok := listed(to, otherObjects); ok {
			return f, fmt.Sprintf("it points to %s, of which there is no file; %s.csv with its column Id is enough", known, known)
		}
		if customName.MatchString(to) {
			return f, fmt.Sprintf("it points to %s, which this org does not have%s; its file would be %s.csv", to, didYouMean(to, all), to)
		}
		return f, fmt.Sprintf("it points to %q, and there is no such object%s", to, didYouMean(to, append(all, otherObjects...)))
	case !customField.MatchString(name):
		return f, fmt.Sprintf("%s is no custom field, whose name ends in __c", name)
	case !strings.EqualFold(parent, stem+"__r"):
		return f, fmt.Sprintf("the way from %s up is %s__r and not %s: Salesforce names it after the field", name, stem, parent)
	case children != "" && !relationship.MatchString(children):
		return f, fmt.Sprintf("%q is no name of children; a custom one ends in __r, as in Billings__r", children)
	case children == "" && detail:
		return f, "a master-detail relationship has a name for the details below the master, as in Billing_Lines__r"
	}
	for _, other := range o.ordered {
		for _, g := range other.fields {
			if children != "" && strings.EqualFold(g.refTo, target.name) && strings.EqualFold(g.children, children) {
				return f, fmt.Sprintf("%s is already the name of the children of %s that %s.%s makes", g.children, target.name, other.name, g.name)
			}
		}
	}
	f = ref(name, target.name, stem+"__r", children).ours()
	if !detail {
		return f, ""
	}
	return f.createOnly().must().withParent(), o.mayBeDetail(obj, target)
}

// mayBeDetail: a custom object has two masters at most and is never above itself; a standard object is no custom one's detail.
func (o *Org) mayBeDetail(obj, master *object) string {
	masters := 0
	for _, f := range obj.fields {
		if f.isMaster() {
			masters++
		}
	}
	switch {
	case !obj.custom:
		return fmt.Sprintf("%s is a standard object, which cannot be a detail; leave master-detail out", obj.name)
	case master.name == "User" || master.name == "RecordType" || master.name == "Organization":
		return fmt.Sprintf("%s cannot be a master; leave master-detail out", master.name)
	case masters == 2:
		return fmt.Sprintf("%s has two masters already, and Salesforce allows no third", obj.name)
	case o.above(master, obj):
		return fmt.Sprintf("%s cannot be above itself", obj.name)
	}
	return ""
}

// above: an object is another one, or a detail of it at any depth.
func (o *Org) above(obj, other *object) bool {
	if obj == other {
		return true
	}
	for _, f := range obj.fields {
		if up := o.objects[strings.ToLower(f.refTo)]; f.isMaster() && up != nil && up != obj && o.above(up, other) {
			return true
		}
	}
	return false
}

// withoutOwner takes OwnerId from an object that became a detail before it had records: whoever owns its master owns it.
func (obj *object) withoutOwner() {
	f := obj.field("OwnerId")
	if f == nil || len(obj.rows) > 0 {
		return
	}
	delete(obj.byName, "ownerid")
	delete(obj.parents, "owner")
	delete(obj.index, f.pos)
	obj.fields = append(obj.fields[:f.pos:f.pos], obj.fields[f.pos+1:]...)
	moved := map[int]map[string][]*row{}
	for pos, g := range obj.fields {
		if ix := obj.index[g.pos]; ix != nil {
			moved[pos] = ix
		}
		g.pos = pos
	}
	obj.index = moved
}

// A cleared link is a lookup that lost its record to the recycle bin.
type clearedLink struct {
	r *row
	f *field
}

// unlink empties the lookups that name a record when it goes, which is what becomes of custom ones unless their admin chose otherwise; a
// required one keeps it. No stamp moves: nothing says that it does, and whoever waits for one must find out otherwise.
func (o *Org) unlink(r *row, late time.Time) {
	for _, obj := range o.ordered {
		for _, f := range obj.fields {
			if !f.custom || f.cascade || f.required || f.refTo != r.obj.name {
				continue
			}
			for _, other := range append([]*row(nil), obj.below(f, r.id)...) {
				vals := other.copy()
				vals[f.pos] = nil
				o.put(other, vals, late)
				r.unlinked = append(r.unlinked, clearedLink{other, f})
			}
		}
	}
}

// relink fills them again when it comes back, unless they name another record since.
func (o *Org) relink(r *row, late time.Time) {
	for _, l := range r.unlinked {
		if l.f.in(l.r.vals) != nil {
			continue
		}
		vals := l.r.copy()
		vals[l.f.pos] = r.id
		o.put(l.r, vals, late)
	}
	r.unlinked = nil
}

// needed refuses to delete a record that a required lookup names: there is no clearing that.
func (o *Org) needed(r *row) *refusal {
	for _, obj := range o.ordered {
		for _, f := range obj.fields {
			if !f.custom || f.cascade || !f.required || f.refTo != r.obj.name {
				continue
			}
			for _, other := range obj.below(f, r.id) {
				if !other.deleted() {
					return inUse(r, other)
				}
			}
		}
	}
	return nil
}

// inUse is what the API says of a deletion that another record forbids.
func inUse(r, by *row) *refusal {
	name := r.id
	if r.obj.field("Name") != nil {
		name = r.text("Name")
	}
	return badRequest("DELETE_FAILED", fmt.Sprintf("Your attempt to delete %s could not be completed because it is associated with the following %s: %s", name, by.obj.plural, by.id))
}

// deletedMaster is a master in the recycle bin, without which a detail cannot come out of it.
func (o *Org) deletedMaster(r *row) *row {
	for _, f := range r.obj.fields {
		if up := o.rows[str(f.in(r.vals))]; f.isMaster() && up != nil && up.deleted() {
			return up
		}
	}
	return nil
}

// masterOf is the record whose detail a row is.
func (o *Org) masterOf(r *row) *row {
	if r.obj.master == nil {
		return nil
	}
	return o.rows[str(r.obj.master.in(r.vals))]
}
