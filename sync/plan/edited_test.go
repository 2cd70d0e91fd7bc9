package plan

import (
	"slices"
	"testing"
	"time"

	"sf2xero/store"
)

// What only an edit lets in waits for the line admit: of a day that is not before the edit's, and then is judged like any other.
func TestWhatAnEditLetInWaitsForALine(t *testing.T) {
	t.Parallel()
	letIn := func(day, admit string, and func(*desk)) func(*desk) {
		return func(d *desk) {
			d.record.Cause, d.record.LetIn = CauseMapping, day
			if admit != "" {
				d.maps("  settle: 10m", "  admit: "+admit+"\n  settle: 10m")
			}
			if and != nil {
				and(d)
			}
		}
	}
	const waits = "mapping.changed"
	reached := func(and func(*desk)) func(*desk) {
		return func(d *desk) {
			d.maps("start: 2026-11-01", "start: 2026-10-01")
			d.sells("2026-11-20", "2026-10-15")
			d.record.Past = true
			d.facts.Start = Start{Begin: "2026-11-01"}.Under("2026-10-01", "", "2026-11-18")
			if and != nil {
				and(d)
			}
		}
	}
	for _, c := range []planCase{
		{name: "without a line", given: letIn("2026-11-20", "", nil), do: Hold, cause: waits, owner: Admin, says: []string{"`admit: 2026-11-20` below invoices:", "take the edit back"}},
		{name: "with one of the day before", given: letIn("2026-11-20", "2026-11-19", nil), do: Hold, cause: waits, owner: Admin},
		{name: "with one of that day", given: letIn("2026-11-20", "2026-11-20", nil), do: Create},
		{name: "with one of a later day", given: letIn("2026-11-20", "2026-11-21", nil), do: Create},
		{name: "admitted, it is judged like any other", given: letIn("2026-11-20", "2026-11-20", func(d *desk) { d.sells("2400.00", "1.00") }), do: Hold, cause: "total.mismatch", owner: Sales},
		{name: "admitted, and touched a minute ago", given: letIn("2026-11-20", "2026-11-20", func(d *desk) { d.record.Stamp = d.facts.SalesforceNow }), do: Wait},
		{name: "its date is before the books all the same", given: letIn("2026-11-20", "2026-11-20", func(d *desk) { d.sells("2026-11-20", "2026-10-31") }), do: Hold, cause: "deal.before_start", owner: Accountant},
		{name: "held by an earlier version, which kept no day: the day since when it is held", given: letIn("", "2026-11-20", func(d *desk) {
			d.record.Hold = Held(waits, Admin, "x", "y")
			d.record.Hold.Since = time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC) // the 20th in Auckland
		}), do: Create},
		{name: "… and a day too early", given: letIn("", "2026-11-19", func(d *desk) {
			d.record.Hold = Held(waits, Admin, "x", "y")
			d.record.Hold.Since = time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)
		}), do: Hold, cause: waits, owner: Admin, says: []string{"admit: 2026-11-20"}},
		{name: "let in just now: the organisation's day", given: letIn("", "", nil), do: Hold, cause: waits, owner: Admin, says: []string{"admit: 2026-11-21"}},
		{name: "of before the start, and an edited start reaches it", given: reached(nil), do: Hold, cause: waits, owner: Admin, says: []string{"`admit: 2026-11-18` below invoices:"}},
		{name: "… that an edited condition let in later", given: reached(letIn("2026-11-20", "", nil)), do: Hold, cause: waits, owner: Admin, says: []string{"admit: 2026-11-20"}},
		{name: "… of which only the condition is admitted", given: reached(letIn("2026-11-17", "2026-11-17", nil)), do: Hold, cause: waits, owner: Admin, says: []string{"admit: 2026-11-18"}},
		{name: "… and its date was moved into the books", given: reached(func(d *desk) { d.sells("2026-10-15", "2026-11-15") }), do: Create},
		{name: "… and a person has admitted that", given: reached(func(d *desk) { d.facts.Start = d.facts.Start.Under("2026-10-01", "2026-11-18", "2026-11-20") }), do: Create},
		{name: "won under the edited start", given: reached(func(d *desk) { d.record.Past = false }), do: Create},
		{name: "one with a cause of its own needs no line", given: func(d *desk) { d.record.LetIn = "2026-11-20" }, do: Create},
	} {
		c.run(t, (*desk).plan)
	}
	if got := DayShown("… (admin: " + WaysOut(newDesk(t).compile().Documents[0], "2026-11-20") + ")"); got != "2026-11-20" {
		t.Errorf("the row shows the day %q", got)
	}
	if got := DayShown("admit: soon"); got != "" {
		t.Errorf("got %q", got)
	}
}

// A record counts with those that stopped matching when it did, also when it is seen long after them.
func TestFromWhenADealStopsMatching(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	var all []Unmatched
	for _, c := range []struct {
		name               string
		stamp, seen, wants int
		count              int
	}{
		{"the first", -3, 0, 0, 1},
		{"seen with it", -1, 0, 0, 2},
		{"in the next pull", 1, 2, 2, 1},
		{"late", 2, 600, 0, 3},
		{"half an hour after the last of them, seen late", 29, 600, 0, 4},
		{"by itself", 40, 600, 600, 1},
		{"before them", -34, 600, 600, 2},
	} {
		got := StoppedAt(all, at(c.seen), at(c.stamp))
		all = CountUnmatched(all, got, at(c.seen), at(c.stamp))
		i := slices.IndexFunc(all, func(u Unmatched) bool { return u.At.Equal(got) })
		if !got.Equal(at(c.wants)) || all[i].Count != c.count {
			t.Errorf("%s: it counts from %s, with %d", c.name, got, all[i].Count)
		}
	}
	if got := StoppedAt([]Unmatched{{At: noon, Count: 30}}, at(600), at(1)); !got.Equal(at(600)) {
		t.Errorf("it joins what an earlier version noted, which kept no stamps: %s", got)
	}
}

// Many deals that stop matching together are held, and so are those that follow; a few are each one of their own.
func TestDealsThatStopMatchingTogether(t *testing.T) {
	t.Parallel()
	stops := func(ago time.Duration, policy string, all map[time.Duration]int, and func(*desk)) func(*desk) {
		return func(d *desk) {
			d.maps("if_unwon: hold", "if_unwon: "+policy)
			d.invoiced()
			d.record.Gone, d.record.GoneAt = "unmatched", d.facts.SalesforceNow.Add(-ago)
			for before, n := range all {
				d.facts.Unmatched = append(d.facts.Unmatched, Unmatched{At: d.facts.SalesforceNow.Add(-before), Count: n})
			}
			if and != nil {
				and(d)
			}
		}
	}
	type burst = map[time.Duration]int
	const many = "deal.unwon_together"
	for _, c := range []planCase{
		{name: "alone", given: stops(0, "delete_draft", burst{0: 1}, nil), do: Delete},
		{name: "ten", given: stops(0, "delete_draft", burst{0: 10}, nil), do: Delete},
		{name: "eleven: whether more follow is waited for", given: stops(0, "delete_draft", burst{0: 11}, nil), do: Wait},
		{name: "… for ten minutes", given: stops(10*time.Minute, "delete_draft", burst{10 * time.Minute: 11}, nil), do: Delete},
		{name: "twenty", given: stops(10*time.Minute, "delete_draft", burst{10 * time.Minute: 20}, nil), do: Delete},
		{name: "twenty-one", given: stops(10*time.Minute, "delete_draft", burst{10 * time.Minute: 21}, nil), do: Hold, cause: many, owner: Admin, says: []string{"more than 20", "INV-0007", "delete those drafts in Xero"}},
		{name: "in parts", given: stops(0, "delete_draft", burst{0: 7, 10 * time.Minute: 7, 29 * time.Minute: 7}, nil), do: Hold, cause: many, owner: Admin},
		{name: "over more than half an hour", given: stops(0, "delete_draft", burst{0: 7, 31 * time.Minute: 20}, nil), do: Delete},
		{name: "held for it once, an hour later", given: stops(time.Hour, "delete_draft", nil, func(d *desk) { d.record.Hold = Held(many, Admin, "x", "y") }), do: Hold, cause: many, owner: Admin},
		{name: "its draft was deleted by hand", given: stops(0, "delete_draft", burst{0: 30}, func(d *desk) { d.isNow("DELETED") }), do: Nothing},
		{name: "approved", given: stops(0, "delete_draft", burst{0: 30}, func(d *desk) { d.isNow("AUTHORISED") }), do: Hold, cause: many, owner: Admin, says: []string{"void it"}},
		{name: "where nothing is deleted anyway", given: stops(0, "hold", burst{0: 30}, nil), do: Hold, cause: many, owner: Admin},
		{name: "a few of those", given: stops(0, "hold", burst{0: 20}, nil), do: Hold, cause: "deal.unwon", owner: Accountant},
		{name: "stopped under an earlier version, which kept no time", given: stops(0, "delete_draft", burst{0: 30}, func(d *desk) { d.record.GoneAt = time.Time{} }), do: Delete},
		{name: "deleted in Salesforce", given: stops(0, "delete_draft", burst{0: 30}, func(d *desk) { d.record.Gone = "deleted" }), do: Hold, cause: "deal.deleted", owner: Accountant},
		{name: "noted by a clock that was wrong", given: stops(-5*time.Hour, "delete_draft", burst{-5 * time.Hour: 11}, nil), do: Delete},
	} {
		c.run(t, (*desk).plan)
	}
	var none store.Record
	if Admitted(none, newDesk(t).compile().Documents[0], Facts{}) != true {
		t.Error("what no edit let in is not admitted")
	}
}
