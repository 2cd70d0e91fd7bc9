package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Apply makes of one row the target document. Equal input gives equal bytes.
// What is wrong with the row's values stands in Result.Faults; an error means
// that the row is not the JSON object it should be.
func (e *Entry) Apply(env Env, row json.RawMessage) (Result, error) {
	fields, err := decodeRow(row)
	if err != nil {
		return Result{}, fmt.Errorf("%s: the record cannot be read: %w", e.Name, err)
	}
	a := &application{entry: e, result: Result{Sources: map[string]Source{}}}
	a.env = &environment{row: fields, root: fields, currency: env.Currency, location: env.Location}
	if a.env.location == nil {
		a.env.location = time.UTC
	}
	if !e.writeBack { // where TODAY() is refused
		if a.env.today, err = time.Parse(time.DateOnly, env.Today); err != nil {
			return Result{}, fmt.Errorf("%s: the organisation's date %q is not a day", e.Name, env.Today)
		}
	}
	document := a.object(e.pieces, "", a.env)
	a.noTax = slices.ContainsFunc(document, func(m member) bool { return m.name == amountTypes && m.value == scalarJSON(textValue(noTax)) })
	if e.contact != nil {
		a.contact()
	}
	if e.Lines != "" {
		if lines := a.lines(); len(lines) > 0 {
			document = append(document, member{"LineItems", lines})
		}
	}
	if e.total != nil {
		a.total()
	}
	var b bytes.Buffer
	document.write(&b)
	a.result.JSON = b.Bytes()
	return a.result, nil
}

func decodeRow(row json.RawMessage) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(row))
	d.UseNumber() // money never passes through a float
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	if fields == nil {
		return nil, errors.New("it is null")
	}
	return fields, nil
}

// application is one run of Apply.
type application struct {
	entry  *Entry
	env    *environment
	noTax  bool // the document's LineAmountTypes is NoTax
	result Result
}

// value evaluates one slot. It gives false when there is a fault.
func (a *application) value(s *slot, prefix string, env *environment) (value, bool) {
	key := prefix + s.key
	env.looked = nil
	v, err := s.code.run(env)
	if err != nil {
		a.note(s, key, value{}, nil)
		a.failed(s, key, faultOf(err))
		return value{}, false
	}
	if !v.empty() {
		fitted, complaint := s.target.fit(v, s.target.name)
		if complaint != "" {
			a.note(s, key, v, env.looked)
			a.unfit(s, key, v, complaint)
			return value{}, false
		}
		v = fitted
	}
	a.note(s, key, v, env.looked)
	if v.empty() && s.target.holds && !a.entry.writeBack {
		a.missing(s, key, env)
		return value{}, false
	}
	return v, true
}

func (a *application) note(s *slot, key string, v value, looked *scalar) {
	source := Source{Line: s.at.Line, Column: s.at.Column, Formula: s.formula, Value: v.String()}
	if looked != nil && looked.text == source.Value {
		source.TableLine = looked.at.Line
	}
	a.result.Sources[key] = source
}

// object makes the members of pieces that have a value; in write-back an empty
// value is written as null, so that it clears. A checkbox of Salesforce's is
// never empty: null for one would have the whole row refused.
func (a *application) object(pieces []piece, prefix string, env *environment) object {
	var out object
	for _, p := range pieces {
		if p.tag != "" {
			if list := a.list(p, prefix, env); len(list) > 0 {
				out = append(out, member{p.name, list})
			}
			continue
		}
		if a.noTax && p.name == taxType {
			continue // Xero shows NONE on every line, and another one would look like a person's edit
		}
		v, ok := a.value(p.slot, prefix, env)
		switch {
		case !ok:
		case p.slot.target.idle && v.typ == Number && v.num.IsZero():
		case !v.empty():
			out = append(out, member{p.slot.target.wireName(), scalarJSON(v)})
		case a.entry.writeBack && p.slot.target.Type == Bool:
			out = append(out, member{p.name, rawJSON("false")})
		case a.entry.writeBack:
			out = append(out, member{p.name, rawJSON("null")})
		}
	}
	return out
}

// list makes Xero's array form of named parts: the name becomes a field of
// each element. An element without values is left out.
func (a *application) list(p piece, prefix string, env *environment) array {
	var out array
	for _, element := range p.parts {
		if fields := a.object(element.parts, prefix, env); len(fields) > 0 {
			out = append(out, append(object{{p.tag, scalarJSON(textValue(element.name))}}, fields...))
		}
	}
	return out
}

func (a *application) contact() {
	s := a.entry.contact
	v, ok := a.value(s, "", a.env)
	if !ok || v.empty() {
		return // a deal without an account has a hold of its own: Result.Contact says so
	}
	id, ok := id18(v.text)
	if !ok {
		a.fault(s, s.key, ownerAdmin, "", "contact gives %q, which is not the id of a record", shorten(v.text))
		return
	}
	a.result.Contact = id
}

func (a *application) total() {
	s := a.entry.total
	v, ok := a.value(s, "", a.env)
	switch {
	case !ok:
	case !v.empty():
		a.result.Total = v.num.String()
	case !a.result.NoLines:
		a.missing(s, s.key, a.env)
	}
}

// lines makes the LineItems from the child rows, or from no_lines when
// Salesforce itself says that there are none.
func (a *application) lines() array {
	e := a.entry
	var out array
	children, ok := a.env.root[e.Lines].([]any)
	if !ok && a.env.root[e.Lines] != nil {
		a.fault(e.linesSlot(), "LineItems", ownerAdmin, "", "%s is not a list of rows", e.Lines)
		return nil
	}
	for i, c := range children {
		row, ok := c.(map[string]any)
		if !ok {
			a.fault(e.linesSlot(), "LineItems", ownerAdmin, "", "row %d of %s is not a record", i+1, e.Lines)
			continue
		}
		env := *a.env
		env.row = row
		out = append(out, a.object(e.lines, fmt.Sprintf("LineItems[%d].", i), &env))
	}
	if len(children) > 0 {
		return out
	}
	if e.flagged && a.env.root[productsFlag] != false {
		a.fault(e.linesSlot(), "LineItems", ownerAdmin, "",
			"its products are not visible: Salesforce says that the record has products, but shows the integration user none of them")
		return nil
	}
	if e.noLines == nil {
		a.result.NoLines = true
		return nil
	}
	for i, line := range e.noLines {
		out = append(out, a.object(line, fmt.Sprintf("LineItems[%d].", i), a.env))
	}
	return out
}

// linesSlot stands for the lines as a whole in a fault.
func (e *Entry) linesSlot() *slot { return &slot{key: "LineItems", at: position{Line: e.linesLine}} }
