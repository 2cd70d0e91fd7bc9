package xero

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sf2xero/sync/remote"
)

const (
	// longestQuery is what the web server in front of Xero takes; it answers a longer one with 404, as if nothing were there.
	longestQuery = 2048
	// mostPages bounds what a page number may add to a query.
	mostPages = 999_999
)

// values is a parameter that lists what is asked for.
type values struct {
	name string
	all  []string
}

func (v values) text() string { return strings.Join(v.all, ",") }

func (v values) first(n int) values { return values{v.name, v.all[:n]} }

// queries are what a filter asks for: one query, or several where one would be longer than Xero takes. Then the longest
// of its lists goes out in pieces that are as long as can be.
func (k Kind) queries(f Filter) ([]url.Values, error) {
	q, lists, err := k.query(f)
	if err != nil {
		return nil, err
	}
	if len(lists) == 0 {
		return []url.Values{q}, tooLong(q)
	}
	// The longest list comes first; the others stand in every piece.
	slices.SortStableFunc(lists, func(a, b values) int { return cmp.Compare(len(b.text()), len(a.text())) })
	for _, l := range lists[1:] {
		q.Set(l.name, l.text())
	}
	var all []url.Values
	for rest := lists[0]; len(rest.all) > 0; {
		one, taken := maps.Clone(q), 0
		for n := 1; n <= len(rest.all); n++ {
			one.Set(rest.name, rest.first(n).text())
			if err = tooLong(one); err != nil {
				break
			}
			taken = n
		}
		if taken == 0 {
			return nil, err
		}
		one.Set(rest.name, rest.first(taken).text())
		all, rest.all = append(all, one), rest.all[taken:]
	}
	return all, nil
}

// tooLong says so of a query that Xero would not take, on whatever page.
func tooLong(q url.Values) error {
	longest := len(q.Encode()) + len("&page=") + len(strconv.Itoa(mostPages))
	if longest <= longestQuery {
		return nil
	}
	return &remote.Error{Class: remote.BadConfig, Message: fmt.Sprintf("the question is %d bytes long, and Xero takes %d", longest, longestQuery)}
}

// once leaves out what is asked for a second time: two pieces would show it twice.
func once(all []string) []string {
	var kept []string
	for _, one := range all {
		if !slices.Contains(kept, one) {
			kept = append(kept, one)
		}
	}
	return kept
}

// query is what a filter asks for, but for its lists.
func (k Kind) query(f Filter) (url.Values, []values, error) {
	s, ok := k.shape()
	if !ok {
		return nil, nil, &remote.Error{Class: remote.BadConfig, Message: fmt.Sprintf("%s is no list of Xero's", k)}
	}
	q := url.Values{}
	if s.pageSize {
		q.Set("pageSize", strconv.Itoa(pageSize))
	}
	if s.paged {
		q.Set("order", s.id)
	}
	if s.unitdp {
		q.Set("unitdp", "4")
	}
	var lists []values
	for _, l := range []struct {
		values
		known bool
	}{
		{values{"IDs", f.IDs}, k == Contacts || k == Invoices},
		{values{s.numbers, f.Numbers}, s.numbers != ""},
		{values{"ContactIDs", f.ContactIDs}, k == Invoices},
		{values{"Statuses", f.Statuses}, k == Invoices},
	} {
		if len(l.all) == 0 {
			continue
		}
		if !l.known {
			return nil, nil, &remote.Error{Class: remote.BadConfig, Message: fmt.Sprintf("%s cannot be listed by that", k)}
		}
		lists = append(lists, values{l.name, once(l.all)})
	}
	if f.Archived {
		q.Set("includeArchived", "true")
	}
	if f.OurApp {
		if k != Invoices { // Xero does not know the parameter elsewhere, and would list what others made too
			return nil, nil, &remote.Error{Class: remote.BadConfig, Message: fmt.Sprintf("of %s Xero does not say which this app made", k)}
		}
		q.Set("createdByMyApp", "true")
	}
	if f.Where != "" {
		q.Set("where", f.Where)
	}
	return q, lists, nil
}
