package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Project keeps of a row only what is read: keys sorted, numbers as written,
// empty fields and missing parents left out. Rows that Apply cannot tell apart
// by what they contain give equal bytes, which is what gets hashed.
func (r Reads) Project(row json.RawMessage) (json.RawMessage, error) {
	fields, err := decodeRow(row)
	if err != nil {
		return nil, fmt.Errorf("the record cannot be read: %w", err)
	}
	kept, err := r.project(fields)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(kept); err != nil { // maps are encoded with sorted keys
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Without is the same with one field of the record itself left out.
func (r Reads) Without(field string) Reads {
	r.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f string) bool { return f == field })
	return r
}

func (r Reads) project(fields map[string]any) (map[string]any, error) {
	kept := map[string]any{}
	for _, f := range r.Fields {
		path := strings.Split(f, ".")
		v, err := along(fields, path)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		to := kept
		for _, name := range path[:len(path)-1] {
			child, ok := to[name].(map[string]any)
			if !ok {
				child = map[string]any{}
				to[name] = child
			}
			to = child
		}
		to[path[len(path)-1]] = v
	}
	for _, name := range slices.Sorted(maps.Keys(r.Children)) {
		if fields[name] == nil {
			continue
		}
		rows, ok := fields[name].([]any)
		if !ok {
			return nil, fmt.Errorf("%s is not a list of rows", name)
		}
		var list []any
		for _, row := range rows {
			child, ok := row.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("%s has a row that is not a record", name)
			}
			one, err := r.Children[name].project(child)
			if err != nil {
				return nil, err
			}
			list = append(list, one)
		}
		if len(list) > 0 {
			kept[name] = list
		}
	}
	return kept, nil
}

// along follows a path through parents; a missing one gives nil.
func along(row map[string]any, path []string) (any, error) {
	for i, name := range path[:len(path)-1] {
		switch parent := row[name].(type) {
		case nil:
			return nil, nil
		case map[string]any:
			row = parent
		default:
			return nil, fmt.Errorf("%s is not a related record", strings.Join(path[:i+1], "."))
		}
	}
	return row[path[len(path)-1]], nil
}
