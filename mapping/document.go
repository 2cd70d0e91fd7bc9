package mapping

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// largestFile is far more than any mapping needs.
const largestFile = 1 << 20

// readYAML reads the one document of a mapping file as nodes, so that case,
// text and positions are kept, and refuses by hand what a node tree lets pass:
// duplicate keys, further documents, aliases, merge keys and tags. It returns
// nil when there is nothing to go on with.
func readYAML(text []byte, r *report) *yaml.Node {
	start := position{1, 1}
	switch {
	case len(text) > largestFile:
		r.add(start, "the file is larger than 1 MB; is it really a mapping?")
		return nil
	case !utf8.Valid(text):
		r.add(start, "the file is not UTF-8 text; save it as UTF-8")
		return nil
	}
	var documents []yaml.Node
	if err := yaml.Load(bytes.TrimPrefix(text, []byte("\ufeff")), &documents, yaml.WithAllDocuments()); err != nil {
		at, text := syntaxProblem(err)
		r.add(at, "%s", text)
		return nil
	}
	if len(documents) == 0 || len(documents[0].Content) == 0 {
		r.add(start, "the file is empty; `sf2xero init` writes one to begin with")
		return nil
	}
	for _, more := range documents[1:] {
		at := position{more.Line, more.Column}
		if len(more.Content) > 0 {
			at = nodeAt(more.Content[0])
		}
		r.add(at, "a second document begins here; a mapping file has one, without ---")
	}
	root := documents[0].Content[0]
	if root.Kind != yaml.MappingNode {
		r.add(nodeAt(root), "a mapping file consists of keys: version, start, contacts, invoices, writeback, tables")
		return nil
	}
	refuse(root, r)
	return root
}

func nodeAt(n *yaml.Node) position { return position{n.Line, n.Column} }

// syntaxProblem says in people's words what YAML's parser found.
func syntaxProblem(err error) (position, string) {
	var le *yaml.LoadError
	if !errors.As(err, &le) {
		return position{1, 1}, "this is not YAML: " + err.Error()
	}
	at := position{max(le.Mark.Line, 1), max(le.Mark.Column, 1)}
	context := position{le.ContextMark.Line, le.ContextMark.Column}
	switch m := le.Message; {
	case strings.Contains(m, "mapping values are not allowed"):
		return at, `a colon is not allowed here: either the line is indented wrongly, or the value contains ": " and must stand in single quotes`
	case strings.Contains(m, "cannot start any token"):
		return at, "nothing can begin with this character: indentation is made of blanks, not tabs; a value that begins with @, ` or % stands in quotes"
	case strings.Contains(m, "tab character"):
		return at, "indentation is made of blanks, not tabs"
	case strings.Contains(m, "unexpected end of stream") && context.Line > 0:
		return context, "the quotes that begin here are never closed"
	case strings.Contains(m, "could not find expected ':'"):
		return at, "a colon with a blank behind it is missing here or in the line before"
	case strings.Contains(m, "did not find expected ',' or"):
		return context, "the bracket that begins here is never closed"
	case strings.Contains(m, "did not find expected key"):
		return at, "a key is expected here: look at the indentation, and at quotes that end in the middle of a value"
	default:
		return at, "this is not YAML: " + m
	}
}

// refuse reports everything in the tree that would be silently accepted.
func refuse(n *yaml.Node, r *report) {
	switch {
	case n.Kind == yaml.AliasNode:
		r.add(nodeAt(n), "aliases (*%s) are not allowed; write the value out", n.Value)
		return
	case n.Anchor != "":
		r.add(nodeAt(n), "anchors (&%s) are not allowed; write the value out where it is needed", n.Anchor)
	}
	if n.Style&yaml.TaggedStyle != 0 {
		r.add(nodeAt(n), "tags (%s) are not allowed; every value is read as it stands", strings.Replace(n.Tag, "tag:yaml.org,2002:", "!!", 1))
	}
	if n.Kind == yaml.MappingNode {
		first := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			switch line, seen := first[key.Value]; {
			case key.Kind != yaml.ScalarNode:
				r.add(nodeAt(key), "a key must be a name")
			case key.Tag == "!!merge":
				r.add(nodeAt(key), "merge keys (<<) are not allowed; write the keys out")
			case seen:
				r.add(nodeAt(key), "%q stands here for the second time; the first is in line %d", key.Value, line)
			default:
				first[key.Value] = key.Line
			}
		}
	}
	for _, child := range n.Content {
		refuse(child, r)
	}
}
