package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// readFile reads the configuration file into values. It is read as nodes, not by viper: viper would hand on a client
// secret of digits as a number, of two spellings of a key take a random one, and knows no positions.
func (r *configReader) readFile(file string, explicit bool) {
	text, err := readSmallFile(file)
	if errors.Is(err, fs.ErrNotExist) && !explicit {
		return
	}
	if err != nil {
		r.problem("%v", err)
		return
	}
	r.file = file
	var documents []yaml.Node
	if err := yaml.Load(text, &documents, yaml.WithAllDocuments()); err != nil {
		r.syntaxProblem(err)
		return
	}
	if len(documents) == 0 {
		return // nothing but comments
	}
	if len(documents) > 1 {
		r.at(documents[1].Content[0], "a second document begins here; a configuration is one")
		return
	}
	top := documents[0].Content[0]
	if isEmpty(top) {
		return
	}
	if top.Kind != yaml.MappingNode {
		r.at(top, "a configuration is made of lines like `store: ./sf2xero.db`")
		return
	}
	known := map[string]bool{}
	sections := map[string]bool{}
	for _, s := range settings() {
		known[s.key] = true
		if section, _, ok := strings.Cut(s.key, "."); ok {
			sections[section] = true
		}
	}
	found := map[string]any{}
	r.pairs(top, "", func(key string, name, value *yaml.Node) {
		if !sections[key] {
			r.keep(found, key, known, name, value)
			return
		}
		if isEmpty(value) {
			return // every line of the section is commented out
		}
		if value.Kind != yaml.MappingNode {
			r.at(value, "%s is a section: its keys stand below it, indented", key)
			return
		}
		inner := map[string]any{}
		r.pairs(value, key+".", func(full string, name, value *yaml.Node) { r.keep(inner, full, known, name, value) })
		found[key] = inner
	})
	if err := r.values.MergeConfigMap(found); err != nil {
		r.problem("%s: %v", file, err)
	}
}

// pairs walks one level and refuses what would silently win or lose: a key written twice.
func (r *configReader) pairs(n *yaml.Node, prefix string, each func(key string, name, value *yaml.Node)) {
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		key := prefix + name.Value
		if first := lines[key]; first > 0 {
			r.at(name, "%s stands twice; it is in line %d already", key, first)
			continue
		}
		lines[key] = name.Line
		each(key, name, value)
	}
}

func (r *configReader) keep(into map[string]any, key string, known map[string]bool, name, value *yaml.Node) {
	switch {
	case !known[key]:
		r.at(name, "unknown key %q%s", key, didYouMean(key, knownKeys()))
	case isEmpty(value):
	case value.Kind != yaml.ScalarNode:
		r.at(value, "%s takes one value", key)
	default:
		into[key[strings.LastIndex(key, ".")+1:]] = value.Value
		r.places[key] = fmt.Sprintf("%s:%d:%d: %s", r.file, value.Line, value.Column, key)
	}
}

func knownKeys() []string {
	var keys []string
	for _, s := range settings() {
		keys = append(keys, s.key)
	}
	return keys
}

// isEmpty: a key with nothing behind it, or with "", leaves the standard value.
func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Value == "" || n.ShortTag() == "!!null")
}

func (r *configReader) at(n *yaml.Node, format string, args ...any) {
	r.problem("%s:%d:%d: %s", r.file, n.Line, n.Column, fmt.Sprintf(format, args...))
}

// syntaxProblem tells where the file stops being YAML. What the parser quotes of the file may be a secret, and is left out.
func (r *configReader) syntaxProblem(err error) {
	var load *yaml.LoadError
	switch {
	case !errors.As(err, &load) || load.Mark.Line <= 0:
		r.problem("%s: this is not YAML: look for unclosed quotes and brackets", r.file)
	case strings.ContainsAny(load.Message, "'\"`"):
		r.problem("%s:%d:%d: this is not YAML: put the value in quotes", r.file, load.Mark.Line, load.Mark.Column)
	default:
		r.problem("%s:%d:%d: this is not YAML: %s", r.file, load.Mark.Line, load.Mark.Column, load.Message)
	}
}
