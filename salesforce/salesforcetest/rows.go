package salesforcetest

import (
	"sort"
	"strings"
	"time"
)

// A row's values are never changed in place: readers and cursors may hold them, so a write makes a new slice.
type row struct {
	obj         *object
	id          string
	seq         int
	vals        []any     // as last written
	older       []version // what readers still see, oldest first
	locked      bool
	busy        int           // so many API writes fail because somebody else holds the row
	furnished   bool          // the org had it from its first day: a file that has it too says what it is
	hidden      bool          // sharing was taken away from the integration user
	purged      bool          // taken out of the recycle bin: no API shows it any more
	deletedWith string        // id of the record whose deletion took this one along
	unlinked    []clearedLink // lookups that its deletion emptied
}

// A version is what readers see of a row until its successor's commit; nil values: nothing yet.
type version struct {
	vals  []any
	until time.Time
}

// copy returns the row's values in a slice of its own, as long as the object has fields.
func (r *row) copy() []any {
	vals := make([]any, len(r.obj.fields))
	for _, f := range r.obj.fields {
		vals[f.pos] = f.in(r.vals)
	}
	return vals
}

func (r *row) get(name string) any {
	return r.obj.field(name).in(r.vals)
}

func (r *row) text(name string) string {
	s, _ := r.get(name).(string)
	return s
}

func (r *row) deleted() bool { return r.get("IsDeleted") == true }

// seen is what a reader at that moment finds in the row; nil if it does not exist yet.
func (r *row) seen(now time.Time) []any {
	for _, v := range r.older {
		if v.until.After(now) {
			return v.vals
		}
	}
	return r.vals
}

// visible says whether the integration user's sharing includes the row; lines are shared as their parent is.
func (o *Org) visible(r *row) bool {
	for r != nil {
		if r.hidden || r.purged {
			return false
		}
		if r.obj.master == nil {
			return true
		}
		if s := r.obj.second; s != nil && !o.visible(o.rows[str(s.in(r.vals))]) {
			return false
		}
		r = o.rows[str(r.obj.master.in(r.vals))]
	}
	return true
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

// add puts a new row into its object; late says when readers begin to see it.
func (o *Org) add(r *row, late time.Time) {
	obj := r.obj
	if n := len(obj.rows); n > 0 {
		r.seq = obj.rows[n-1].seq + 1
	}
	obj.rows = append(obj.rows, r)
	o.rows[r.id] = r
	for _, f := range obj.fields {
		obj.reindex(r, f, nil, f.in(r.vals))
	}
	if !late.IsZero() {
		r.older = []version{{nil, late}}
		obj.pending[r] = true
	}
	o.journal(func() {
		obj.rows = obj.rows[:len(obj.rows)-1]
		delete(o.rows, r.id)
		delete(obj.pending, r)
		for _, f := range obj.fields {
			obj.reindex(r, f, f.in(r.vals), nil)
		}
	})
}

// put replaces a row's values.
func (o *Org) put(r *row, vals []any, late time.Time) {
	before, older := r.vals, r.older
	moved := o.swap(r, vals)
	now := o.opt.Now()
	r.forget(now)
	// A change cannot be seen before the one it builds on.
	if n := len(r.older); n > 0 && r.older[n-1].until.After(late) {
		late = r.older[n-1].until
	}
	if late.After(now) {
		r.older = append(append([]version(nil), r.older...), version{before, late})
		r.obj.pending[r] = true
		if moved {
			r.obj.moved[r] = true
		}
	}
	o.journal(func() {
		o.swap(r, before)
		if r.older = older; len(older) > 0 {
			r.obj.pending[r], r.obj.moved[r] = true, true
		}
	})
}

// forget drops the versions that nobody sees any more.
func (r *row) forget(now time.Time) {
	n := 0
	for n < len(r.older) && !r.older[n].until.After(now) {
		n++
	}
	if r.older = r.older[n:]; len(r.older) == 0 {
		r.older = nil
		delete(r.obj.pending, r)
		delete(r.obj.moved, r)
	}
}

// commit makes all changes of a row visible: an API write to it waits until the transactions before it are through.
func (r *row) commit() {
	r.older = nil
	delete(r.obj.pending, r)
	delete(r.obj.moved, r)
}

// swap moves a row to new values, in the indexes too, and says whether an index changed.
func (o *Org) swap(r *row, vals []any) (moved bool) {
	for _, f := range r.obj.fields {
		if !f.indexed() {
			continue
		}
		if was, is := f.in(r.vals), f.in(vals); was != is {
			r.obj.reindex(r, f, was, is)
			moved = true
		}
	}
	r.vals = vals
	return moved
}

// journal keeps how to take a change back while an all-or-none request runs.
func (o *Org) journal(back func()) {
	if o.undoing {
		o.undo = append(o.undo, back)
	}
}

// begin starts an all-or-none request; the function it returns ends it, taking everything back unless keep.
func (o *Org) begin() func(keep bool) {
	outer, mark := o.undoing, len(o.undo)
	o.undoing = true
	return func(keep bool) {
		o.undoing = false
		if !keep {
			for i := len(o.undo) - 1; i >= mark; i-- {
				o.undo[i]()
			}
			o.undo = o.undo[:mark]
		}
		if o.undoing = outer; !outer {
			o.undo = nil
		}
	}
}

func indexKey(f *field, v any) string {
	if f.kind == kindReference {
		return str(v)
	}
	return strings.ToLower(str(v))
}

// reindex moves a row from one value of an indexed field to another; rows below one value stay in the order of their making.
func (obj *object) reindex(r *row, f *field, from, to any) {
	ix := obj.index[f.pos]
	if ix == nil || from == to {
		return
	}
	if k := indexKey(f, from); k != "" {
		list := ix[k]
		for i, other := range list {
			if other == r {
				ix[k] = append(append(make([]*row, 0, len(list)-1), list[:i]...), list[i+1:]...)
				break
			}
		}
		if len(ix[k]) == 0 {
			delete(ix, k)
		}
	}
	if k := indexKey(f, to); k != "" {
		list := ix[k]
		at := sort.Search(len(list), func(i int) bool { return list[i].seq > r.seq })
		if at == len(list) {
			ix[k] = append(list, r)
			return
		}
		ix[k] = append(append(append(make([]*row, 0, len(list)+1), list[:at]...), r), list[at:]...)
	}
}

// below returns the rows whose reference field points to id, as last written.
func (obj *object) below(f *field, id string) []*row { return obj.index[f.pos][id] }

// candidates adds to rows found by an index those that readers still see under an older value.
func (obj *object) candidates(found []*row) []*row {
	if len(obj.moved) == 0 {
		return found
	}
	have := make(map[*row]bool, len(found))
	all := append([]*row(nil), found...)
	for _, r := range found {
		have[r] = true
	}
	for r := range obj.moved {
		if !have[r] {
			all = append(all, r)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].seq < all[j].seq })
	return all
}
