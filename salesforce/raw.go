package salesforce

import (
	"encoding/json"
	"iter"
)

// Answers are taken apart as text, not decoded into Go values: numbers stay exactly as Salesforce wrote them, and a page
// of 2,000 rows is not copied at each level. Everything here expects JSON that json.Valid has passed.

// members gives the names and values of an object in their order; of anything else, nothing.
func members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		i := skipBlank(object, 0)
		if i >= len(object) || object[i] != '{' {
			return
		}
		for i = skipBlank(object, i+1); i < len(object) && object[i] != '}'; {
			nameEnd := skipValue(object, i)
			name := text(object[i:nameEnd])
			start := skipBlank(object, skipBlank(object, nameEnd)+1)
			end := skipValue(object, start)
			if !yield(name, object[start:end]) {
				return
			}
			if i = skipBlank(object, end); i < len(object) && object[i] == ',' {
				i = skipBlank(object, i+1)
			}
		}
	}
}

// elements gives the values of an array in their order; of anything else, nothing.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i := skipBlank(array, 0)
		if i >= len(array) || array[i] != '[' {
			return
		}
		for i = skipBlank(array, i+1); i < len(array) && array[i] != ']'; {
			end := skipValue(array, i)
			if !yield(array[i:end]) {
				return
			}
			if i = skipBlank(array, end); i < len(array) && array[i] == ',' {
				i = skipBlank(array, i+1)
			}
		}
	}
}

func skipBlank(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue gives the place behind the value that begins at i.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			i++
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r':
			i++
			continue
		default:
			for i < len(b) && !isPunctuation(b[i]) {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

func isPunctuation(c byte) bool {
	switch c {
	case '"', '{', '}', '[', ']', ',', ':', ' ', '\n', '\t', '\r':
		return true
	}
	return false
}

func isObject(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }
func isArray(raw []byte) bool  { return len(raw) > 0 && raw[0] == '[' }

// text is the value of a JSON string; "" for null and for everything that is not a string.
func text(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	inner := raw[1 : len(raw)-1]
	for _, c := range inner {
		if c == '\\' {
			var s string
			if json.Unmarshal(raw, &s) != nil {
				return ""
			}
			return s
		}
	}
	return string(inner)
}

// appendClean appends a value without the `attributes` that Salesforce adds to every row and parent, and without blanks.
func appendClean(dst, raw []byte) []byte {
	switch {
	case isObject(raw):
		dst = append(dst, '{')
		first := true
		for name, value := range members(raw) {
			if name == "attributes" && isObject(value) {
				continue
			}
			dst = appendName(dst, name, first)
			dst, first = appendClean(dst, value), false
		}
		return append(dst, '}')
	case isArray(raw):
		dst = append(dst, '[')
		first := true
		for value := range elements(raw) {
			if !first {
				dst = append(dst, ',')
			}
			dst, first = appendClean(dst, value), false
		}
		return append(dst, ']')
	}
	return append(dst, raw...)
}

func appendName(dst []byte, name string, first bool) []byte {
	if !first {
		dst = append(dst, ',')
	}
	if isPlain(name) { // as every name of Salesforce is
		dst = append(dst, '"')
		dst = append(dst, name...)
		return append(dst, '"', ':')
	}
	quoted, _ := json.Marshal(name) // a string always marshals
	return append(append(dst, quoted...), ':')
}

func isPlain(name string) bool {
	for _, c := range []byte(name) {
		if !isWord(c) {
			return false
		}
	}
	return true
}
