package sync

import (
	"time"

	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

const (
	elementsPerCall = 50      // what Xero advises; there is no limit but the bytes
	bytesPerCall    = 3 << 20 // Xero refuses 3.5 MB
)

// batch is what one call is made of.
type batch struct {
	kind   xero.Kind
	do     plan.Action
	steps  []plan.Step
	plan   []plan.Step // the same, as they were before their documents were read
	read   time.Time   // when those were
	watch  time.Time   // when the watch of Xero began that it rests on
	again  int         // how often they were read once more
	number uint64      // of the call in this process: given in the order of the plan, not in that of the workers
}

// batches groups steps into calls: edits first, because they concern what exists; then what is created. The members of a
// half that is being searched for poison go with nobody else.
func batches(kind xero.Kind, steps []plan.Step) []batch {
	var out []batch
	for _, do := range []plan.Action{plan.Delete, plan.Adopt, plan.Update, plan.Promote, plan.Create} {
		groups := map[string][]plan.Step{}
		for _, s := range steps {
			if s.Do == do {
				groups[s.Record.Half] = append(groups[s.Record.Half], s)
			}
		}
		for _, group := range document.SortedNames(groups) {
			b, size := batch{kind: kind, do: do}, 0
			for _, s := range groups[group] {
				if len(b.steps) > 0 && (len(b.steps) == elementsPerCall || size+len(s.Document) > bytesPerCall) {
					out = append(out, b)
					b, size = batch{kind: kind, do: do}, 0
				}
				b.steps, size = append(b.steps, s), size+len(s.Document)
			}
			out = append(out, b)
		}
	}
	return out
}

// idsPerCall keeps a list by ids well within the length of a URL.
const idsPerCall = elementsPerCall

func chunks[T any](all []T, size int) [][]T {
	var out [][]T
	for len(all) > size {
		out, all = append(out, all[:size]), all[size:]
	}
	if len(all) > 0 {
		out = append(out, all)
	}
	return out
}
