package mapping

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// table is one of tables: a value of Salesforce, and what Xero calls it.
type table struct {
	name   string
	at     position
	file   string
	values map[string]*scalar // by foldKey of their keys
	keys   []string           // as written, in the alphabet
}

func (rd *reader) table(name string, at position, n *yaml.Node) *table {
	t := &table{name: name, at: at, file: rd.report.src.file, values: map[string]*scalar{}}
	lines := map[string]int{}
	rd.each(n, "the table "+name, nil, func(key string, at position, n *yaml.Node) {
		s := rd.scalar(n, key)
		if s == nil {
			return
		}
		if s.isFormula() && !s.broken {
			rd.report.add(s.at, "a table holds plain values, not formulas")
			return
		}
		folded := foldKey(key)
		if other := t.values[folded]; other == nil {
			t.values[folded], lines[folded] = s, at.Line
			t.keys = append(t.keys, key)
		} else if other.text != s.text {
			rd.report.add(at, "%q is the key of line %d: case and blanks make no difference; keep one of the two lines", key, lines[folded])
		}
	})
	slices.Sort(t.keys)
	return t
}

// foldKey is a key as it is compared: "new  zealand " finds New Zealand.
func foldKey(key string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) { // Cf: characters without a shape, which come with pasted text
			return -1
		}
		return unicode.ToLower(r)
	}, key)
}

func (t *table) find(key string) *scalar { return t.values[foldKey(key)] }

// look gives the value for key. An empty key gives an empty value unless
// the table has a line for it ("": …). Nothing near is suggested for a key
// that is not there: Austria is no misspelt Australia.
func (t *table) look(key value, env *environment) (value, error) {
	if s := t.find(key.text); s != nil {
		env.looked = s
		return textValue(s.text), nil
	}
	if key.empty() {
		return value{}, nil
	}
	return value{}, &evalFault{
		text:  fmt.Sprintf("%q is not in the table %q (%s:%d)%s", shorten(key.text), t.name, t.file, t.at.Line, t.has()),
		owner: ownerAdmin,
		table: t.name,
	}
}

// has lists what a table has, as far as a person reads on.
func (t *table) has() string {
	const most = 10
	var shown []string
	for _, key := range t.keys[:min(len(t.keys), most)] {
		shown = append(shown, shorten(key))
	}
	switch more := len(t.keys) - len(shown); {
	case len(shown) == 0:
		return ", which is empty"
	case more > 0:
		return fmt.Sprintf(", which has %s and %d more", strings.Join(shown, ", "), more)
	}
	return ", which has " + conjunction(shown)
}
