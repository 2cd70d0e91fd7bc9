package mapping

import (
	"slices"
	"strings"
)

// stampField is the field that tells when a record last changed.
const stampField = "SystemModstamp"

// whereParents are the relationships through which a where clause reads other
// records: Account.Owner.IsActive = true reads Account and Account.Owner. Such
// a record may let deals in by changing, and their own stamps tell nothing.
func (b *builder) whereParents(where, object string) (parents []Relation) {
	all, _ := words([]rune(where))
	depth, selects := 0, 0
	for i, w := range all {
		switch {
		case w.quoted:
		case w.text == "(":
			if depth++; selects == 0 && is(all, i+1, "SELECT") {
				selects = depth
			}
		case w.text == ")":
			if depth == selects {
				selects = 0
			}
			depth--
		case selects == 0 && isNameStart([]rune(w.text)[0]):
			parents = append(parents, b.parentsOf(object, w.text, joins(all, i+1))...)
		}
	}
	slices.SortFunc(parents, func(a, b Relation) int { return strings.Compare(a.Path, b.Path) })
	return slices.Compact(parents)
}

// whereReadsOthers is true for a condition that may end for a record that was
// not changed itself: it reads other records, or fields that Salesforce works
// out, of others perhaps.
func (b *builder) whereReadsOthers(where, object string) (others bool) {
	all, _ := words([]rune(where))
	for i, w := range all {
		if w.quoted || !isNameStart([]rune(w.text)[0]) {
			continue
		}
		path := strings.Split(w.text, ".")
		if len(path) > 1 && strings.EqualFold(path[0], object) {
			path = path[1:]
		}
		b.salesforce.quietly(func() {
			r, bad := b.salesforce.resolve(object, path)
			others = others || is(all, i, "SELECT") || len(path) > 1 || bad == nil && r.field.Computed
		})
	}
	return others
}

func is(all []word, i int, text string) bool {
	return i < len(all) && !all[i].quoted && strings.EqualFold(all[i].text, text)
}

// joins is true before IN (SELECT …: AccountId IN (SELECT Id FROM Account …)
// reads the account as Account.… does.
func joins(all []word, i int) bool {
	if is(all, i, "NOT") {
		i++
	}
	return is(all, i, "IN") && is(all, i+1, "(") && is(all, i+2, "SELECT")
}

// parentsOf are the relationships that a path follows, as far as Salesforce
// tells when the records behind them changed.
func (b *builder) parentsOf(object, name string, joined bool) (parents []Relation) {
	path := strings.Split(name, ".")
	if len(path) > 1 && strings.EqualFold(path[0], object) {
		path = path[1:]
	}
	if len(path) == 1 && !joined {
		return nil
	}
	find := func() { parents = b.parentsAlong(object, path, joined) }
	if joined {
		find()
	} else {
		b.salesforce.quietly(find) // it may only look like a path
	}
	return parents
}

func (b *builder) parentsAlong(object string, path []string, joined bool) (parents []Relation) {
	r, bad := b.salesforce.resolve(object, path)
	if bad != nil || !r.known {
		return nil
	}
	followed := slices.Clone(r.path)
	if last := len(followed) - 1; joined && r.field.Reference {
		followed[last] = relationship(followed[last])
	} else {
		followed = followed[:last]
	}
	for n := 1; n <= len(followed); n++ {
		stamp, bad := b.salesforce.resolve(object, append(slices.Clone(followed[:n]), stampField))
		if bad == nil && stamp.known {
			parents = append(parents, Relation{Path: strings.Join(stamp.path[:n], "."), Object: stamp.object})
		}
	}
	return parents
}
