package salesforce

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"

	"sf2xero/sync/remote"
)

// idsPerSelect keeps a query's text far below the lengths that Salesforce and what stands before it accept.
const idsPerSelect = 200

// Query reads all selects together: each round is one Composite call, with at most five queries and links that continue
// them. A record is given once its children are complete. The records of one select come in its order (for more than 200
// IDs: those of the first 200, then those of the next, each in order), mixed with those of other selects. After an error
// there are no more; what came before it stands.
func (c *Client) Query(ctx context.Context, selects ...Select) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		readings := newReadings(selects)
		for {
			fetches := nextFetches(readings)
			if len(fetches) == 0 {
				return
			}
			subs := make([]subrequest, len(fetches))
			for i, f := range fetches {
				subs[i] = c.fetchRequest(f)
			}
			answers, err := c.composite(ctx, subs)
			if err != nil {
				yield(Record{}, err)
				return
			}
			for i, a := range answers {
				if err := fetches[i].take(a); err != nil {
					yield(Record{}, err)
					return
				}
			}
			if !yieldComplete(readings, yield) {
				return
			}
		}
	}
}

// Takes asks whether Salesforce would answer each of some selects, without any rows: nil, or what it has against it. The
// error is of the call as a whole, and says nothing about the selects.
func (c *Client) Takes(ctx context.Context, selects ...Select) ([]*remote.Error, error) {
	var refusals []*remote.Error
	for len(selects) > 0 {
		part := selects[:min(len(selects), heavyPerCall)]
		selects = selects[len(part):]
		subs := make([]subrequest, len(part))
		for i, s := range part {
			s.Nothing = true
			subs[i] = c.fetchRequest(fetch{reading: &reading{of: &s}})
		}
		answers, err := c.composite(ctx, subs)
		if err != nil {
			return nil, err
		}
		for _, a := range answers {
			if a.err != nil && (a.err.Class != remote.BadConfig || a.err.Status != http.StatusBadRequest) {
				return nil, a.err
			}
			refusals = append(refusals, a.err)
		}
	}
	return refusals, nil
}

// A reading is one query on its way: its next link and the rows of the last page that wait for their children.
type reading struct {
	index   int // of the select in the caller's list
	of      *Select
	before  *reading // the one whose records come first: the 200 ids before these
	started bool
	next    string
	rows    []*row
	open    []*childSet
}

func newReadings(selects []Select) []*reading {
	var all []*reading
	for i, s := range selects {
		if s.IDs != nil && len(s.IDs) == 0 {
			continue // an empty list asks for nothing, not for everything
		}
		if len(s.IDs) <= idsPerSelect {
			all = append(all, &reading{index: i, of: &s})
			continue
		}
		var before *reading
		for ids := s.IDs; len(ids) > 0; {
			part := s
			part.IDs = ids[:min(len(ids), idsPerSelect)]
			ids = ids[len(part.IDs):]
			before = &reading{index: i, of: &part, before: before}
			all = append(all, before)
		}
	}
	return all
}

func (r *reading) done() bool {
	return r.started && r.next == "" && len(r.rows) == 0
}

// A fetch is one thing to ask for a reading: its query, its next page, or the next page of a child set.
type fetch struct {
	reading *reading
	set     *childSet
}

// nextFetches chooses what the next call carries. Children go first: fetching more parents used to invalidate the links to
// children not read yet, and only complete rows can leave memory.
func nextFetches(readings []*reading) []fetch {
	var fetches []fetch
	for _, r := range readings {
		for _, set := range r.open {
			if len(fetches) < heavyPerCall {
				fetches = append(fetches, fetch{reading: r, set: set})
			}
		}
	}
	for _, r := range readings {
		if len(fetches) == heavyPerCall {
			break
		}
		if len(r.open) == 0 && (!r.started || r.next != "") {
			fetches = append(fetches, fetch{reading: r})
		}
	}
	return fetches
}

func (c *Client) fetchRequest(f fetch) subrequest {
	sub := subrequest{op: "query " + f.reading.of.From, method: http.MethodGet, paged: true}
	switch {
	case f.set != nil:
		sub.url = f.set.next
	case f.reading.started:
		sub.url = f.reading.next
	default:
		resource := "query"
		if f.reading.of.Deleted {
			resource = "queryAll"
		}
		sub.soql = f.reading.of.SOQL()
		sub.url = c.path(resource) + "?q=" + url.QueryEscape(sub.soql)
	}
	return sub
}

func (f fetch) take(a answer) error {
	if a.err != nil {
		return a.err
	}
	r := f.reading
	if f.set == nil {
		p, err := readPage(a.body, r.of)
		if err != nil {
			return unreadable("query "+r.of.From, err)
		}
		r.started, r.next, r.open = true, p.next, p.open
		r.rows = append(r.rows, p.rows...)
		return nil
	}
	below, err := f.set.add(a.body)
	if err != nil {
		return unreadable("query "+r.of.From, fmt.Errorf("%s: %w", f.set.of.Relationship, err))
	}
	still := below
	for _, set := range r.open {
		if set != f.set || set.next != "" {
			still = append(still, set)
		}
	}
	r.open = still
	return nil
}

// yieldComplete hands out, in order, the rows whose children are all there.
func yieldComplete(readings []*reading, yield func(Record, error) bool) bool {
	for _, r := range readings {
		if r.before != nil && !r.before.done() {
			continue
		}
		for len(r.rows) > 0 && r.rows[0].open == 0 {
			record, err := r.rows[0].record(r.index, r.of)
			if err != nil {
				yield(Record{}, unreadable("query "+r.of.From, err))
				return false
			}
			r.rows[0], r.rows = nil, r.rows[1:]
			if !yield(record, nil) {
				return false
			}
		}
	}
	return true
}
