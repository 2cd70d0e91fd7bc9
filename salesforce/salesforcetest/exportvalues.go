package salesforcetest

import (
	"fmt"
	"strings"
	"time"
)

// How values stand in the files of an export. Data Loader and the bulk API write them as the API does. Setup, Data Export writes
// 1 and 0, "2026-11-20 09:00:00" in UTC, and an id of noughts where there is none.

func isNoID(s string) bool {
	return s == "000000000000000" || s == "000000000000000AAA" || s == masterRecordType || s == masterRecordType[:15]
}

const exportedTime = "2006-01-02 15:04:05"

func exportTime(s string) (time.Time, bool) {
	if t, err := time.Parse(exportedTime, s); err == nil {
		return t, true
	}
	return parseTime(s)
}

// exportDate reads a day, behind which Data Export and some tools write a midnight.
func exportDate(s string) (date, bool) {
	if t, ok := exportTime(s); ok && t.Equal(t.Truncate(24*time.Hour)) && strings.HasPrefix(s, t.Format("2006-01-02")) {
		return date(t.Format("2006-01-02")), true
	}
	return parseDate(s)
}

// imported reads a value of a file, not empty, as the field keeps it, or says what is wrong with it and how it is to be written.
func (f *field) imported(s string) (v any, wrong string) {
	s = strings.TrimSpace(s)
	shown := shownBytes(s)
	switch f.kind {
	case kindBool:
		switch strings.ToLower(s) {
		case "1", "true":
			return true, ""
		case "0", "false":
			return false, ""
		}
		return nil, shown + " is neither true nor false; write true or false, 1 or 0"
	case kindDate:
		if d, ok := exportDate(s); ok {
			return d, ""
		}
		return nil, shown + " is no date; write it like 2026-11-20"
	case kindTime:
		if t, ok := exportTime(s); ok {
			return t, ""
		}
		return nil, shown + " is no time; write it like 2026-11-20T09:00:00.000Z or 2026-11-20 09:00:00"
	case kindReference, kindID:
		if isNoID(s) && f.kind == kindReference {
			return nil, ""
		}
		if id, ok := id18(s); ok {
			return id, ""
		}
		return nil, shown + " is no id; an id has 15 or 18 letters and digits"
	case kindMoney, kindNumber, kindInt, kindPercent:
		if _, ok := numberOf(s); !ok {
			return nil, shown + " is no number; write it like 1000.50"
		}
	}
	v, err := f.coerce(s)
	if err != nil {
		return nil, err.message
	}
	return v, ""
}

// loadRows makes rows of a file's lines; what is left out, and what follows from what, comes later.
func (o *Org) loadRows(t *table, m *mistakes) {
	idPos := t.obj.field("Id").pos
	t.loaded = make([]*row, len(t.rows))
	for n, rec := range t.rows {
		if t.broken[n] {
			continue
		}
		vals := blank(t.obj)
		for i, f := range t.columns {
			if f == nil {
				continue
			}
			if strings.TrimSpace(rec[i]) == "" {
				if f.kind != kindBool {
					vals[f.pos] = nil
				}
				continue
			}
			v, wrong := f.imported(rec[i])
			if wrong != "" {
				m.cell(t, t.lines[n], f.name, "%s", wrong)
				t.broken[n] = true
			}
			vals[f.pos] = v
		}
		if t.broken[n] {
			continue
		}
		r := &row{obj: t.obj, id: str(vals[idPos]), vals: vals}
		if wrong := o.checkID(r); wrong != "" {
			m.cell(t, t.lines[n], "Id", "%s", wrong)
			t.broken[n] = true
			continue
		}
		o.add(r, time.Time{})
		t.loaded[n] = r
		for _, f := range t.obj.fields {
			if s := str(f.in(vals)); f.numbers != nil && s != "" {
				f.numbers.learn(s)
			}
		}
	}
}

// checkID gives a row without an id a new one, and refuses one that another row has or that another object's records have. What the
// org was furnished with gives way to the file.
func (o *Org) checkID(r *row) string {
	if r.id == "" {
		r.id = o.newID(r.obj)
		r.vals[r.obj.field("Id").pos] = r.id
		return ""
	}
	if r.id[:3] != r.obj.prefix {
		other := o.byPrefix[r.id[:3]]
		if other == nil || other == r.obj {
			return fmt.Sprintf("%s is no id of %s, which begins with %s", r.id, r.obj.name, r.obj.prefix)
		}
		return fmt.Sprintf("%s is the id of %s, not of %s", r.id, other.name, r.obj.name)
	}
	if old := o.rows[r.id]; old != nil {
		if !old.furnished {
			return "the id " + r.id + " is there twice"
		}
		o.drop(old)
	}
	return ""
}

// drop takes a row out of the org as if it had never been there.
func (o *Org) drop(r *row) {
	for i, other := range r.obj.rows {
		if other == r {
			r.obj.rows = append(append([]*row(nil), r.obj.rows[:i]...), r.obj.rows[i+1:]...)
			break
		}
	}
	for _, f := range r.obj.fields {
		r.obj.reindex(r, f, f.in(r.vals), nil)
	}
	delete(o.rows, r.id)
}
