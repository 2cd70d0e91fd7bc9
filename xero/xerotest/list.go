package xerotest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listing is how one kind of document is listed.
type listing[T any] struct {
	name    string // of the array in the answer
	rows    []T    // to be filtered; not changed
	sorted  bool   // rows already stand in the order the request asks for
	updated func(T) time.Time
	id      func(T) string
	fields  fieldsOf[T]
	keep    func(T) bool // beyond where and If-Modified-Since; nil keeps all
	pages   bool         // this resource pages
	always  bool         // …and pages even when no page is asked for
	render  func(b []byte, row T, paged bool) []byte
}

type pagination struct{ page, size, count, items int }

const (
	pageDefault = 100
	pageMax     = 1000
)

// list answers a GET on a collection.
func list[T any](o *Organisation, r *request, l listing[T]) *answer {
	keep, refused := l.filter(r)
	if refused != nil {
		return refused
	}
	rows := make([]T, 0, len(l.rows))
	for _, row := range l.rows {
		if keep(row) {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 && !r.since.IsZero() && o.opt.NotModified {
		return &answer{status: http.StatusNotModified}
	}
	if !l.sorted {
		order, err := l.order(r)
		if err != nil {
			return queryParse(err.Error())
		}
		slices.SortFunc(rows, order)
	}
	var pages *pagination
	if l.pages && (l.always || r.query.has("page") || r.query.has("pageSize")) {
		pages = &pagination{page: max(1, r.query.int("page", 1)), size: min(max(1, r.query.int("pageSize", pageDefault)), o.pageMax()), items: len(rows)}
		pages.count = (len(rows) + pages.size - 1) / pages.size
		from := min(len(rows), (pages.page-1)*pages.size)
		rows = rows[from:min(len(rows), from+pages.size)]
	}
	return o.envelope(r, l.name, pages, 1536*len(rows), func(b []byte) []byte {
		for i, row := range rows {
			if i > 0 {
				b = append(b, ',')
			}
			b = l.render(b, row, pages != nil)
		}
		return b
	})
}

func (o *Organisation) pageMax() int {
	if o.opt.PageMax > 0 {
		return o.opt.PageMax
	}
	return pageMax
}

// filter joins everything that decides whether a row is listed. If-Modified-Since counts in whole seconds and is
// exclusive: what changed within the very second asked for is not shown.
func (l listing[T]) filter(r *request) (func(T) bool, *answer) {
	where := func(T) bool { return true }
	if text := r.query.get("where"); text != "" {
		test, err := parseWhere(text, l.fields)
		if err != nil {
			return nil, queryParse(err.Error())
		}
		where = test
	}
	return func(row T) bool {
		if l.keep != nil && !l.keep(row) {
			return false
		}
		if !r.since.IsZero() && !l.updated(row).Truncate(time.Second).After(r.since) {
			return false
		}
		return where(row)
	}, nil
}

// order is what was asked for, then UpdatedDateUTC and id, which is Xero's order when nothing is asked for.
func (l listing[T]) order(r *request) (func(a, b T) int, error) {
	last := func(a, b T) int {
		if c := l.updated(a).Compare(l.updated(b)); c != 0 {
			return c
		}
		return strings.Compare(l.id(a), l.id(b))
	}
	text := r.query.get("order")
	if text == "" {
		return last, nil
	}
	first, err := parseOrder(text, l.fields)
	if err != nil {
		return nil, err
	}
	return func(a, b T) int {
		if c := first(a, b); c != 0 {
			return c
		}
		return strings.Compare(l.id(a), l.id(b))
	}, nil
}

// ordersBy tells whether the request asks for exactly this field, ascending.
func (r *request) ordersBy(field string) bool {
	words := strings.Fields(r.query.get("order"))
	return len(words) > 0 && strings.EqualFold(words[0], field) && (len(words) == 1 || len(words) == 2 && strings.EqualFold(words[1], "ASC"))
}

// int reads a number of the query string; what is none counts as not given.
func (q query) int(name string, otherwise int) int {
	n, err := strconv.Atoi(q.get(name))
	if err != nil {
		return otherwise
	}
	return n
}

// places is the number of decimals of unit amounts that unitdp asks for.
func (q query) places() int32 {
	if q.int("unitdp", 2) == 4 {
		return 4
	}
	return 2
}

// one answers a GET on a single document.
func (o *Organisation) one(r *request, name string, render func([]byte) []byte) *answer {
	return o.envelope(r, name, nil, 2048, render)
}

// ids reads a comma list of GUIDs. Xero crashes on what is none.
func (q query) ids(name string) ([]string, *answer) {
	list := q.list(name)
	for i, s := range list {
		id, ok := parseGUID(s)
		if !ok {
			return nil, serverError()
		}
		list[i] = id
	}
	return list, nil
}
