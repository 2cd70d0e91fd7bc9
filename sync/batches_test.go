package sync

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
	"sf2xero/xero"
)

// steps are n steps of one kind, their keys numbered on from first.
func stepsOf(first, n int, do plan.Action, group string, bytes int) []plan.Step {
	var steps []plan.Step
	for i := range n {
		steps = append(steps, plan.Step{Key: store.Key{Entry: document.Invoices, ID: fmt.Sprintf("%04d", first+i)}, Do: do, Document: []byte(strings.Repeat("x", bytes)), Record: &store.Record{Half: group}})
	}
	return steps
}

func TestWhatGoesOutInOneCall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps []plan.Step
		want  []string // do, first and last key, number
	}{
		{"nothing", nil, nil},
		{"nothing to send", slices.Concat(stepsOf(0, 3, plan.Nothing, "", 9), stepsOf(3, 1, plan.Wait, "", 9), stepsOf(4, 1, plan.Hold, "", 9)), nil},
		{"fifty", stepsOf(0, 50, plan.Create, "", 9), []string{"create 0000-0049 50"}},
		{"one more", stepsOf(0, 51, plan.Create, "", 9), []string{"create 0000-0049 50", "create 0050-0050 1"}},
		{"the order they came in", append(stepsOf(7, 1, plan.Create, "", 9), stepsOf(3, 1, plan.Create, "", 9)...), []string{"create 0007-0003 2"}},
		{"edits before what is created", slices.Concat(stepsOf(0, 1, plan.Create, "", 9), stepsOf(1, 1, plan.Promote, "", 9), stepsOf(2, 1, plan.Update, "", 9), stepsOf(3, 1, plan.Delete, "", 9), stepsOf(4, 1, plan.Adopt, "", 9)),
			[]string{"delete 0003-0003 1", "adopt 0004-0004 1", "update 0002-0002 1", "promote 0001-0001 1", "create 0000-0000 1"}},
		{"halves of a failed call keep to themselves", slices.Concat(stepsOf(0, 2, plan.Create, "a/0", 9), stepsOf(2, 2, plan.Create, "", 9), stepsOf(4, 1, plan.Create, "a/1", 9), stepsOf(5, 1, plan.Create, "a/0", 9)),
			[]string{"create 0002-0003 2", "create 0000-0005 3", "create 0004-0004 1"}},
		{"three megabytes", stepsOf(0, 4, plan.Create, "", 1<<20), []string{"create 0000-0002 3", "create 0003-0003 1"}},
		{"one that is too large goes alone", slices.Concat(stepsOf(0, 1, plan.Create, "", 9), stepsOf(1, 1, plan.Create, "", 4<<20), stepsOf(2, 1, plan.Create, "", 9)),
			[]string{"create 0000-0000 1", "create 0001-0001 1", "create 0002-0002 1"}},
	} {
		var got []string
		for _, b := range batches(xero.Invoices, c.steps) {
			if b.kind != xero.Invoices {
				t.Errorf("%s: a call for %s", c.name, b.kind)
			}
			for _, s := range b.steps {
				if s.Do != b.do || s.Record.Half != b.steps[0].Record.Half {
					t.Errorf("%s: %s of group %q in a call to %s those of %q", c.name, s.Do, s.Record.Half, b.do, b.steps[0].Record.Half)
				}
			}
			got = append(got, fmt.Sprintf("%s %s-%s %d", b.do, b.steps[0].Key.ID, b.steps[len(b.steps)-1].Key.ID, len(b.steps)))
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestPausesGrow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failures    int
		every, want time.Duration
	}{
		{1, time.Minute, time.Minute}, {2, time.Minute, 2 * time.Minute}, {4, time.Minute, 8 * time.Minute}, {5, time.Minute, 15 * time.Minute}, {5000, time.Minute, 15 * time.Minute},
		{1, time.Hour, time.Hour}, {9, time.Hour, time.Hour}, {3, 100 * time.Millisecond, 400 * time.Millisecond},
	} {
		if got := pauseAfter(c.failures, c.every); got != c.want {
			t.Errorf("after %d failures of a cycle every %s: %s, want %s", c.failures, c.every, got, c.want)
		}
	}
}

func TestGUIDs(t *testing.T) {
	t.Parallel()
	const anID = "22222222-0000-4000-8000-000000000001"
	for s, want := range map[string]bool{anID: true, strings.ToUpper("abcdef00-0000-4000-8000-00000000000f"): true, "": false, anID[1:]: false, anID + "0": false,
		strings.Replace(anID, "-", "0", 1): false, strings.Replace(anID, "2", "g", 1): false, strings.Replace(anID, "22", "é", 1): false} {
		if isGUID(s) != want {
			t.Errorf("%q is a GUID: %v", s, !want)
		}
	}
}
