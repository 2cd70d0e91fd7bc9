package xerotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// elementsOf splits a body into its elements: {"Invoices":[…]}, the plural in any case, or one bare object.
func elementsOf(body []byte, plural string) ([]json.RawMessage, *answer) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '{' {
		return nil, postDataInvalid("JSON for post data was invalid,Unexpected token. Expected one object or an envelope of " + plural)
	}
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, postDataInvalid("JSON for post data was invalid," + err.Error())
	}
	raw, found := envelope[plural]
	if !found {
		for _, name := range slices.Sorted(maps.Keys(envelope)) {
			if fold(name) == fold(plural) {
				raw, found = envelope[name], true
			}
		}
	}
	if !found {
		return []json.RawMessage{body}, nil
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil || len(elements) == 0 {
		return nil, postDataInvalid("JSON for post data was invalid,No element of " + plural + " was given")
	}
	return elements, nil
}

// decodeAll reads every element before anything is done: one that cannot be read refuses the whole call, without
// Elements.
func decodeAll[T any](elements []json.RawMessage) ([]T, *answer) {
	list := make([]T, len(elements))
	for i, raw := range elements {
		if err := json.Unmarshal(raw, &list[i]); err != nil {
			if errors.Is(err, errCrash) {
				return nil, serverError()
			}
			return nil, postDataInvalid(decodeText(err))
		}
	}
	return list, nil
}

// errCrash marks input on which Xero fails with a 500 instead of refusing it.
var errCrash = errors.New("input that Xero does not survive")

func decodeText(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Sprintf("Error converting value %s to type '%s'. Path '%s'.", wrong.Value, wrong.Type, wrong.Field)
	}
	return err.Error()
}

// outcome is what became of one element of a write.
type outcome struct {
	json   []byte
	failed bool
}

// batch answers a write from its outcomes. Without summarizeErrors=false one bad element makes it a 400 that lists the
// bad ones alone, though the good ones have been stored.
func (o *Organisation) batch(r *request, plural string, outcomes []outcome) *answer {
	var bad []json.RawMessage
	size := len(outcomes)
	for _, out := range outcomes {
		size += len(out.json)
		if out.failed {
			bad = append(bad, out.json)
		}
	}
	if len(bad) > 0 && !r.noErrors {
		return validationException(bad)
	}
	a := o.envelope(r, plural, nil, size, func(b []byte) []byte {
		for i, out := range outcomes {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, out.json...)
		}
		return b
	})
	a.status = http.StatusOK
	return a
}

// verdict is what stands at the end of every element of a write's answer.
type verdict struct {
	errors, warnings []string
	contact          []string         // what is wrong with the contact inside the document
	line             int              // the one that is looked at, from 1; 0 while none is
	lines            map[int][]string // what is wrong with each: it stands there, and beside the document's own errors
	shown            bool             // StatusAttributeString is given with summarizeErrors=false only
}

func (v *verdict) refuse(text string) {
	if text == "" {
		return
	}
	v.errors = append(v.errors, text)
	if v.line > 0 {
		if v.lines == nil {
			v.lines = map[int][]string{}
		}
		v.lines[v.line] = append(v.lines[v.line], text)
	}
}

// ofLine are the errors of the line at an index.
func (v *verdict) ofLine(i int) []string {
	if v == nil {
		return nil
	}
	return v.lines[i+1]
}

func (v *verdict) warn(text string) { v.warnings = append(v.warnings, text) }

func (v *verdict) failed() bool { return len(v.errors)+len(v.contact) > 0 }

// append writes the verdict; flag is HasErrors or HasValidationErrors, by document, or "" for neither.
func (v *verdict) append(b []byte, flag string) []byte {
	if flag != "" {
		b = appendBool(b, flag, v.failed())
	}
	if v.shown {
		status := "OK"
		if len(v.warnings) > 0 {
			status = "WARNING"
		}
		if v.failed() {
			status = "ERROR"
		}
		b = appendField(b, "StatusAttributeString", status)
	}
	if len(v.errors) > 0 {
		b = appendMessages(b, "ValidationErrors", v.errors)
	}
	if len(v.warnings) > 0 {
		b = appendMessages(b, "Warnings", v.warnings)
	}
	return b
}
