package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sf2xero/sync/remote"
)

const (
	rowsPerCollection  = 200
	typesPerCollection = 10 // Salesforce works a collection off in runs of one type, of which it takes ten
)

// Update sets fields of one record to the values given; null clears a field.
type Update struct {
	Object, ID string
	Fields     json.RawMessage // an object: field name to value
}

// RowResult is what became of one update.
type RowResult struct {
	ID  string
	Err *remote.Error // nil: it is done
}

// Update writes fields, each row for itself: one that is refused stops no other. The results stand in the order given.
// If a call fails as a whole, its error is returned too, and every row that is not known to be done carries it; updating
// such a row again is safe.
func (c *Client) Update(ctx context.Context, updates []Update) ([]RowResult, error) {
	w := &writing{client: c, updates: updates, results: make([]RowResult, len(updates))}
	var rows []int
	for i, u := range updates {
		w.results[i].ID = u.ID
		if w.results[i].Err = check(u); w.results[i].Err == nil {
			rows = append(rows, i)
		}
	}
	// By type, because a collection may change its type only so often.
	slices.SortStableFunc(rows, func(a, b int) int { return strings.Compare(updates[a].Object, updates[b].Object) })

	size := rowsPerCollection
	for try := 1; len(rows) > 0; try++ {
		locked, err := w.write(ctx, w.collections(rows, size))
		if err != nil || len(locked) == 0 {
			return w.results, err
		}
		first := w.results[locked[0]].Err
		if stop := pause(ctx, try, first, []byte(updates[locked[0]].ID)); stop != nil {
			if ctx.Err() != nil {
				return w.results, stop
			}
			return w.results, nil
		}
		// Rows that could not be locked come again in smaller collections: what holds the lock, mostly somebody's change
		// of the Account above, lasts longer than the ten seconds that Salesforce waits, and large collections collide more.
		rows, size = locked, max(1, size/4)
	}
	return w.results, nil
}

// A writing is one Update on its way.
type writing struct {
	client  *Client
	updates []Update
	results []RowResult
}

func (w *writing) collections(rows []int, size int) [][]int {
	var all [][]int
	for len(rows) > 0 {
		n, types := 0, 0
		for n < len(rows) && n < size {
			if n == 0 || w.updates[rows[n]].Object != w.updates[rows[n-1]].Object {
				if types++; types > typesPerCollection {
					break
				}
			}
			n++
		}
		all, rows = append(all, rows[:n]), rows[n:]
	}
	return all
}

// write sends the collections, five in a call, and notes each row's result. It gives the rows that failed for a moment.
func (w *writing) write(ctx context.Context, collections [][]int) (again []int, err error) {
	for len(collections) > 0 {
		now := collections[:min(len(collections), heavyPerCall)]
		later := collections[len(now):]
		subs := make([]subrequest, len(now))
		for i, rows := range now {
			subs[i] = w.request(rows)
		}
		answers, err := w.client.composite(ctx, subs)
		if err != nil {
			w.fail(slices.Concat(collections...), err)
			w.fail(again, err)
			return nil, err
		}
		var halves [][]int
		for i, a := range answers {
			// A value that Salesforce cannot even read refuses the collection as a whole. In halves, the one row at fault
			// is found, and the others are written.
			if a.err != nil && a.err.Class == remote.BadRecord && len(now[i]) > 1 {
				middle := len(now[i]) / 2
				halves = append(halves, now[i][:middle], now[i][middle:])
				continue
			}
			again = append(again, w.settle(now[i], a)...)
		}
		collections = slices.Concat(halves, later)
	}
	return again, nil
}

func (w *writing) request(rows []int) subrequest {
	var body bytes.Buffer
	body.WriteString(`{"allOrNone":false,"records":[`)
	for n, i := range rows {
		if n > 0 {
			body.WriteByte(',')
		}
		body.Write(w.updates[i].wire())
	}
	body.WriteString(`]}`)
	return subrequest{
		op: "update " + w.updates[rows[0]].Object, method: http.MethodPatch,
		url: w.client.path("composite/sobjects"), body: body.Bytes(),
	}
}

// settle notes the results of one collection, which come in the order of its rows: a row that failed may lack its id.
func (w *writing) settle(rows []int, a answer) (again []int) {
	var results []struct {
		Success bool
		Errors  []complaint
	}
	if a.err == nil {
		if err := json.Unmarshal(a.body, &results); err != nil || len(results) != len(rows) {
			a.err = unreadable("update "+w.updates[rows[0]].Object, errors.New("not one result for each row"))
		}
	}
	for n, i := range rows {
		u := w.updates[i]
		switch {
		case a.err != nil:
			w.fail([]int{i}, a.err)
		case results[n].Success:
			w.results[i].Err = nil
		default:
			e := rowRefusal("update "+u.Object+" "+u.ID, results[n].Errors)
			w.results[i].Err = e
			if e.Class == remote.Retry {
				again = append(again, i)
			}
		}
	}
	return again
}

func (w *writing) fail(rows []int, err error) {
	for _, i := range rows {
		e := remote.Error{API: apiName, Class: remote.Retry, Sent: true, Message: "stopped before it was known to be done", Err: err}
		var reason *remote.Error
		if errors.As(err, &reason) {
			e = *reason
		}
		e.Op = "update " + w.updates[i].Object + " " + w.updates[i].ID
		w.results[i].Err = &e
	}
}

func check(u Update) *remote.Error {
	wrong := ""
	switch {
	case !json.Valid(u.Fields) || !isObject(bytes.TrimSpace(u.Fields)):
		wrong = "its fields are not a JSON object"
	case u.Object == "" || u.ID == "":
		wrong = "it has no object or no id"
	default:
		return nil
	}
	return &remote.Error{API: apiName, Op: fmt.Sprintf("update %s %s", u.Object, u.ID), Class: remote.BadRecord, Message: wrong}
}

// wire is the record as a collection takes it: type and id before the fields. A new row has no id.
func (u Update) wire() []byte {
	out := append([]byte(`{"attributes":{"type":`), quoted(u.Object)...)
	out = append(out, '}')
	if u.ID != "" {
		out = append(append(out, `,"id":`...), quoted(u.ID)...)
	}
	for name, value := range members(u.Fields) {
		out = appendName(out, name, false)
		out = append(out, value...)
	}
	return append(out, '}')
}

func quoted(s string) []byte {
	q, _ := json.Marshal(s) // a string always marshals
	return q
}
