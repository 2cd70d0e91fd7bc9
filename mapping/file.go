package mapping

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// File is a mapping file that was read, not yet checked against Salesforce.
type File struct {
	src       *source
	problems  []Problem // found without any schema
	start     string
	contacts  *section
	invoices  *section
	writeBack []item // Salesforce object -> block of fields
	tables    map[string]*table
}

// section is contacts, invoices, or the lines of invoices, as read.
type section struct {
	name                          string
	at                            position
	from, where, order            *scalar
	settle, contact, total, unwon *scalar
	admit                         *scalar
	match, update                 []*scalar
	fields                        *block
	lines                         *section
	noLines                       []*block // nil: hold
	noLinesAt                     position
}

// block is a list of keys with values, in the order of the file.
type block struct {
	at    position
	items []item
}

type item struct {
	key   string
	at    position
	value *scalar // one of value and block is set, or neither after a problem
	block *block
}

// scalar is one value as text, with the place of each of its characters.
type scalar struct {
	text    string
	at      position
	places  []position
	formula *expr // of a value that begins with "=" and could be parsed
	broken  bool  // a problem was reported already
}

func (s *scalar) isFormula() bool { return strings.HasPrefix(s.text, "=") }

// Parse reads a mapping file. It reports every problem that shows without
// Salesforce; File is nil only when the text is not YAML at all.
func Parse(file string, text []byte) (*File, []Problem) {
	r := &report{src: newSource(file, strings.TrimPrefix(string(text), "\ufeff"))}
	root := readYAML(text, r)
	if root == nil {
		return nil, sorted(r.problems)
	}
	f := &File{src: r.src, tables: map[string]*table{}}
	(&reader{report: r}).file(root, f)
	f.problems = r.problems
	// Compiling against nothing finds what needs no schema: unknown Xero
	// fields, constants that Xero refuses, unknown functions and tables.
	_, _, problems := f.Compile(nil)
	return f, problems
}

// Objects lists the Salesforce objects that the file names.
func (f *File) Objects() []string {
	var names []string
	for _, s := range []*section{f.contacts, f.invoices} {
		if s != nil && s.from != nil {
			names = append(names, s.from.text)
		}
	}
	for _, w := range f.writeBack {
		names = append(names, w.key)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// reader turns nodes into sections.
type reader struct{ report *report }

// each calls take for every key of a mapping node, and reports unknown ones.
func (rd *reader) each(n *yaml.Node, where string, known []string, take func(key string, at position, value *yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		rd.report.add(nodeAt(n), "%s takes a block of keys below it", where)
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			continue // refused already
		}
		if known != nil && !slices.Contains(known, key.Value) {
			hint := didYouMean(key.Value, known)
			if hint == "" {
				hint = "; there are " + strings.Join(known, ", ")
			}
			rd.report.add(nodeAt(key), "%s has no key %q%s", where, key.Value, hint)
			continue
		}
		take(key.Value, nodeAt(key), value)
	}
	return true
}

func (rd *reader) file(root *yaml.Node, f *File) {
	seen := map[string]bool{}
	known := []string{"version", "start", "contacts", "invoices", "writeback", "tables"}
	rd.each(root, "the file", known, func(key string, at position, n *yaml.Node) {
		seen[key] = true
		switch key {
		case "version":
			if s := rd.scalar(n, key); s != nil && s.text != "1" {
				rd.report.add(s.at, "version is %q; this program reads version 1", s.text)
			}
		case "start":
			if s := rd.scalar(n, key); s != nil {
				if !isDay(s.text) {
					rd.report.add(s.at, "start is a day, written as 2026-11-01, and not %q", s.text)
				}
				f.start = s.text
			}
		case "contacts":
			f.contacts = rd.section(n, key, at, []string{"from", "where", "admit", "match", "update", "fields"})
		case "invoices":
			f.invoices = rd.section(n, key, at, []string{"from", "where", "admit", "settle", "contact", "total", "if_unwon", "fields", "lines", "no_lines"})
		case "writeback":
			rd.each(n, key, nil, func(key string, at position, n *yaml.Node) {
				f.writeBack = append(f.writeBack, item{key: key, at: at, block: rd.block(n, key)})
			})
		case "tables":
			rd.each(n, key, nil, func(key string, at position, n *yaml.Node) { f.tables[key] = rd.table(key, at, n) })
		}
	})
	top := nodeAt(root)
	if !seen["version"] {
		rd.report.add(top, "the key version is missing; write version: 1")
	}
	if !seen["start"] && seen["invoices"] {
		rd.report.add(top, "the key start is missing; deals won before that day are history and get no invoice: start: 2026-11-01")
	}
	if !seen["contacts"] {
		rd.report.add(top, "the key contacts is missing; every invoice needs a contact")
	}
}

func (rd *reader) section(n *yaml.Node, name string, at position, known []string) *section {
	s := &section{name: name, at: at}
	read := rd.each(n, name, known, func(key string, at position, n *yaml.Node) {
		switch key {
		case "from":
			s.from = rd.scalar(n, key)
		case "where":
			s.where = rd.scalar(n, key)
		case "order":
			s.order = rd.scalar(n, key)
		case "admit":
			s.admit = rd.scalar(n, key)
		case "settle":
			s.settle = rd.scalar(n, key)
		case "contact":
			s.contact = rd.scalar(n, key)
		case "total":
			s.total = rd.scalar(n, key)
		case "if_unwon":
			s.unwon = rd.scalar(n, key)
		case "match":
			s.match = rd.names(n, key)
		case "update":
			s.update = rd.names(n, key)
		case "fields":
			s.fields = rd.block(n, key)
		case "lines":
			s.lines = rd.section(n, key, at, []string{"from", "order", "fields"})
		case "no_lines":
			s.noLinesAt = at
			s.noLines = rd.noLines(n)
		}
	})
	if !read {
		return nil
	}
	for _, need := range []struct {
		key     string
		missing bool
	}{
		{"from", s.from == nil}, {"fields", s.fields == nil},
		{"where", s.where == nil && name == "invoices"}, {"contact", s.contact == nil && name == "invoices"}, {"lines", s.lines == nil && name == "invoices"},
	} {
		if need.missing && !hasKey(n, need.key) {
			rd.report.add(at, "%s lacks the key %s", name, need.key)
		}
	}
	return s
}

func hasKey(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// scalar reads one value; a formula is parsed at once.
func (rd *reader) scalar(n *yaml.Node, key string) *scalar {
	switch {
	case n.Kind == yaml.AliasNode:
		return nil // refused already
	case n.Kind != yaml.ScalarNode:
		rd.report.add(nodeAt(n), "%s takes one value, not a list or a block", key)
		return nil
	case n.Tag == "!!null" && n.Value == "":
		hint := ""
		if rd.report.src.commentIn(n.Line) {
			hint = `; " #" begins a comment in YAML, so a value that begins with # stands in quotes`
		}
		rd.report.add(nodeAt(n), "%s has no value; give it one or leave the line out%s", key, hint)
		return nil
	}
	s := &scalar{text: n.Value, at: nodeAt(n), places: rd.report.src.places(n)}
	if at, why := rd.report.src.swallowed(n, s.places); why != "" {
		rd.report.add(at, `%s " #" begins a comment in YAML; put the whole value in quotes, or a blank behind the # of a comment`, why)
		s.broken = true
		return s
	}
	if !s.isFormula() {
		return s
	}
	formula, err := parseFormula(s.text)
	if err != nil {
		rd.report.add(s.places[min(err.at, len(s.places)-1)], "%s", err.text)
		s.broken = true
	}
	s.formula = formula
	return s
}

func (rd *reader) names(n *yaml.Node, key string) []*scalar {
	if n.Kind != yaml.SequenceNode {
		rd.report.add(nodeAt(n), "%s takes a list of Xero's fields: [Name, EmailAddress]", key)
		return nil
	}
	var out []*scalar
	for _, c := range n.Content {
		if s := rd.scalar(c, key); s != nil {
			out = append(out, s)
		}
	}
	return out
}

func (rd *reader) block(n *yaml.Node, name string) *block {
	b := &block{at: nodeAt(n)}
	rd.each(n, name, nil, func(key string, at position, n *yaml.Node) {
		it := item{key: key, at: at}
		if n.Kind == yaml.MappingNode {
			it.block = rd.block(n, key)
		} else {
			it.value = rd.scalar(n, key)
		}
		b.items = append(b.items, it)
	})
	return b
}

func (rd *reader) noLines(n *yaml.Node) []*block {
	if n.Kind == yaml.ScalarNode {
		if s := rd.scalar(n, "no_lines"); s != nil && s.text != "hold" {
			rd.report.add(s.at, "no_lines is hold, or a list of lines to send instead, and not %q", s.text)
		}
		return nil
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		rd.report.add(nodeAt(n), "no_lines is hold, or a list of lines to send instead")
		return nil
	}
	var lines []*block
	for i, c := range n.Content {
		lines = append(lines, rd.block(c, "line "+strconv.Itoa(i+1)+" of no_lines"))
	}
	return lines
}
