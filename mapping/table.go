package mapping

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// table is one of tables: a value of Salesforce, and what Xero calls it.
type table struct {
	name   string
	at     position
	file   string
	values map[string]*scalar
	keys   []string // sorted
}

func (rd *reader) table(name string, at position, n *yaml.Node) *table {
	t := &table{name: name, at: at, file: rd.report.src.file, values: map[string]*scalar{}}
	rd.each(n, "the table "+name, nil, func(key string, _ position, n *yaml.Node) {
		s := rd.scalar(n, key)
		if s == nil {
			return
		}
		if s.isFormula() && !s.broken {
			rd.report.add(s.at, "a table holds plain values, not formulas")
			return
		}
		t.values[key] = s
		t.keys = append(t.keys, key)
	})
	slices.Sort(t.keys)
	return t
}

// find returns the value for key. An empty key gives an empty value unless
// the table has a line for it ("": …).
func (t *table) find(key value, env *environment) (value, error) {
	if s := t.values[key.text]; s != nil {
		env.looked = s
		return textValue(s.text), nil
	}
	if key.empty() {
		return value{}, nil
	}
	hint := didYouMean(key.text, t.keys)
	return value{}, &evalFault{
		text:  fmt.Sprintf("%q is not in the table %q (%s:%d)%s", shorten(key.text), t.name, t.file, t.at.Line, hint),
		owner: ownerAdmin,
		table: t.name,
	}
}
