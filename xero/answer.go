package xero

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Element is what Xero says about one document of a write.
type Element struct {
	ID       string // "" when it was not stored
	Status   string // of the document: DRAFT, ACTIVE, …
	JSON     json.RawMessage
	Refusals []Refusal // why it was not stored; empty: it was
	Warnings []string  // it was stored, but not quite as sent
}

// decodeElements reads a 2xx answer: per-document results stand in it even where
// every document was refused.
func decodeElements(k Kind, body []byte) ([]Element, error) {
	keys, err := fold(body)
	if err != nil {
		return nil, errors.New("it is no JSON object")
	}
	list, ok := keys[strings.ToLower(string(k))]
	if !ok {
		return nil, fmt.Errorf("it has no %s", k)
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(list, &raw); err != nil {
		return nil, fmt.Errorf("its %s are no list", k)
	}
	if len(raw) == 0 {
		return nil, fmt.Errorf("its list of %s is empty", k)
	}
	for i, one := range raw {
		if _, err := fold(one); err != nil {
			return nil, fmt.Errorf("number %d of its %s is no object", i+1, k)
		}
	}
	elements := elementsOf(k, raw)
	for _, warning := range messages(keys["warnings"]) {
		// Of the whole answer: nobody can tell which document is meant, so each shows it.
		for i := range elements {
			if !slices.Contains(elements[i].Warnings, warning) {
				elements[i].Warnings = append(elements[i].Warnings, warning)
			}
		}
	}
	return elements, nil
}

func elementsOf(k Kind, raw []json.RawMessage) []Element {
	s, _ := k.shape()
	elements := make([]Element, 0, len(raw))
	for _, one := range raw {
		keys, err := fold(one)
		if err != nil {
			continue
		}
		e := Element{ID: realID(text(keys[strings.ToLower(s.id)])), JSON: one}
		if s.status != "" {
			e.Status = text(keys[strings.ToLower(s.status)])
		}
		var n notes
		n.collect(one, "")
		e.Refusals, e.Warnings = n.refusals, n.warnings
		said := strings.ToUpper(text(keys["statusattributestring"]))
		failed := said == "ERROR" || isTrue(keys["haserrors"]) || isTrue(keys["hasvalidationerrors"])
		if !failed && e.ID != "" && (said == "OK" || said == "WARNING") {
			// Xero's word on the document itself counts: it stands, whatever is complained of inside it.
			for _, r := range e.Refusals {
				e.Warnings = append(e.Warnings, r.Text)
			}
			e.Refusals = nil
		}
		if failed && len(e.Refusals) == 0 {
			e.Refusals = []Refusal{Classify("Xero refused this document without saying why.")}
		}
		elements = append(elements, e)
	}
	return elements
}

// notes gathers the messages of a document. Xero also hangs them on the contact,
// the lines and the addresses inside it.
type notes struct {
	refusals []Refusal
	warnings []string
}

func (n *notes) collect(raw json.RawMessage, where string) {
	switch first(raw) {
	case '{':
		n.object(raw, where)
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			for i, one := range list {
				n.collect(one, where+" "+strconv.Itoa(i+1))
			}
		}
	}
}

func (n *notes) object(raw json.RawMessage, where string) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return
	}
	names := make([]string, 0, len(fields))
	for name, value := range fields {
		switch strings.ToLower(name) {
		case "validationerrors":
			n.refuse(messages(value), where)
		case "warnings":
			n.warn(messages(value))
		default:
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		n.collect(fields[name], join(where, name))
	}
}

// refuse notes each text once. Xero says of a document what it says of its lines, too: where it hangs deepest tells more.
func (n *notes) refuse(texts []string, where string) {
	for _, t := range texts {
		i := slices.IndexFunc(n.refusals, func(r Refusal) bool { return r.Text == t })
		if i < 0 {
			i = len(n.refusals)
			n.refusals = append(n.refusals, Classify(t))
		}
		r := &n.refusals[i]
		if r.Where == "" {
			r.Where = where
		}
		if line := lineOf(where); line > 0 && !slices.Contains(r.Lines, line) {
			r.Lines = append(r.Lines, line)
		}
	}
}

// lineOf is the number of the line that a place lies in, 0 for none.
func lineOf(where string) int {
	rest, ok := strings.CutPrefix(where, "LineItems ")
	if !ok {
		return 0
	}
	number, _, _ := strings.Cut(rest, ",")
	line, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return line
}

func (n *notes) warn(texts []string) {
	for _, t := range texts {
		if !slices.Contains(n.warnings, t) {
			n.warnings = append(n.warnings, t)
		}
	}
}

func join(where, name string) string {
	if where == "" {
		return name
	}
	return where + ", " + name
}

func first(raw json.RawMessage) byte {
	for _, b := range raw {
		if b != ' ' && b != '\n' && b != '\t' && b != '\r' {
			return b
		}
	}
	return 0
}

// messages reads [{"Message": …}], and plain texts too.
func messages(raw json.RawMessage) []string {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var texts []string
	for _, one := range list {
		m := text(one)
		if keys, err := fold(one); err == nil {
			m = text(keys["message"])
		}
		if m != "" {
			texts = append(texts, m)
		}
	}
	return texts
}

func isTrue(raw json.RawMessage) bool {
	var b bool
	return json.Unmarshal(raw, &b) == nil && b
}

// refusalTexts joins what was refused into one line.
func refusalTexts(elements []Element) string {
	var texts []string
	for _, e := range elements {
		for _, r := range e.Refusals {
			if !slices.Contains(texts, r.Text) {
				texts = append(texts, r.Text)
			}
		}
	}
	return strings.Join(texts, " ")
}
