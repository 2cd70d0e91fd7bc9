package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Record is one row as Salesforce gave it: parents nested, children as plain arrays, numbers as written.
type Record struct {
	Select   int       // which of the selects it answers
	Object   string    // its From
	ID       string    // 18 characters
	Modstamp time.Time // its own SystemModstamp or, if later, that of a child
	Deleted  bool
	JSON     json.RawMessage
}

// A row is on its way to becoming a record: it is one when none of its child sets has pages left to fetch.
type row struct {
	id       string
	modstamp time.Time
	deleted  bool
	members  []member
	open     int // child sets below it with pages left
}

type member struct {
	name  string
	value []byte    // as written, or
	set   *childSet // the rows of a child
}

// A childSet holds the rows of one child of one row; they may come in several pages of their own.
type childSet struct {
	of   *Select
	root *row
	rows []*row
	next string
}

// A page is one answer to a query or to the link that continues one.
type page struct {
	rows []*row
	next string      // the link to the page behind it
	open []*childSet // child sets of its rows that have pages left
}

func readPage(body []byte, of *Select) (page, error) { return readRows(body, of, nil) }

// add takes a further page of the set's rows. It gives the sets below them that have pages left.
func (s *childSet) add(body []byte) ([]*childSet, error) {
	p, err := readRows(body, s.of, s.root)
	if err != nil {
		return nil, err
	}
	s.rows, s.next = append(s.rows, p.rows...), p.next
	if s.next == "" {
		s.root.open--
	}
	return p.open, nil
}

// readRows reads {totalSize, done, nextRecordsUrl, records}. The root is the row of the select itself to which these rows
// belong; nil when they are such rows.
func readRows(body []byte, of *Select, root *row) (page, error) {
	var p page
	var records []byte
	done := "" // Salesforce has been seen to leave it out of empty results
	for name, value := range members(body) {
		switch name {
		case "records":
			records = value
		case "done":
			done = string(value)
		case "nextRecordsUrl":
			p.next = text(value)
		}
	}
	if !isArray(records) {
		return p, errors.New("an answer without records")
	}
	if done == "true" || done == "" && p.next == "" {
		p.next = ""
	} else if !strings.HasPrefix(p.next, "/services/data/") {
		return p, errors.New("an answer that says there is more, but not where")
	}
	for raw := range elements(records) {
		r, open, err := readRow(raw, of, root)
		if err != nil {
			return p, err
		}
		p.rows, p.open = append(p.rows, r), append(p.open, open...)
	}
	return p, nil
}

func readRow(raw []byte, of *Select, root *row) (*row, []*childSet, error) {
	r := &row{}
	if root == nil {
		root = r
	}
	var open []*childSet
	found := 0
	for name, value := range members(raw) {
		if name == "attributes" {
			continue
		}
		m := member{name: name, value: value}
		if child := of.child(name); child != nil {
			found++
			m.set = &childSet{of: child, root: root}
			if isObject(value) { // null when there are none
				p, err := readRows(value, child, root)
				if err != nil {
					return nil, nil, fmt.Errorf("%s: %w", name, err)
				}
				m.set.rows, m.set.next = p.rows, p.next
				if open = append(open, p.open...); m.set.next != "" {
					root.open++
					open = append(open, m.set)
				}
			}
		}
		switch {
		case strings.EqualFold(name, "Id"):
			r.id = text(value)
		case strings.EqualFold(name, "SystemModstamp"):
			stamp, err := ReadTime(text(value))
			if err != nil {
				return nil, nil, err
			}
			r.modstamp = stamp
		case strings.EqualFold(name, "IsDeleted"):
			r.deleted = string(value) == "true"
		}
		r.members = append(r.members, m)
	}
	if r.id == "" {
		return nil, nil, errors.New("a row without an Id")
	}
	if found < len(of.Children) {
		return nil, nil, fmt.Errorf("row %s without the children that were asked for", r.id)
	}
	return r, open, nil
}

func (s *Select) child(name string) *Select {
	for i := range s.Children {
		if strings.EqualFold(s.Children[i].Relationship, name) {
			return &s.Children[i]
		}
	}
	return nil
}

// record makes the record; the row must have no open child sets.
func (r *row) record(index int, of *Select) (Record, error) {
	id, err := ID18(r.id)
	if err != nil {
		return Record{}, err
	}
	return Record{
		Select: index, Object: of.From, ID: id, Modstamp: r.newest(), Deleted: r.deleted, JSON: r.append(nil),
	}, nil
}

func (r *row) newest() time.Time {
	newest := r.modstamp
	for _, m := range r.members {
		if m.set == nil {
			continue
		}
		for _, child := range m.set.rows {
			if t := child.newest(); t.After(newest) {
				newest = t
			}
		}
	}
	return newest
}

func (r *row) append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, m := range r.members {
		dst = appendName(dst, m.name, i == 0)
		if m.set == nil {
			dst = appendClean(dst, m.value)
			continue
		}
		dst = append(dst, '[')
		for j, child := range m.set.rows {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = child.append(dst)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// ReadTime reads a stamp as REST writes it, 2026-11-21T10:00:00.000+0000, and the forms with Z or a colon in the offset.
func ReadTime(stamp string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04:05.999-0700", time.RFC3339} {
		if t, err := time.Parse(layout, stamp); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("a SystemModstamp that is not a time")
}
