package mapping

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// JSON is written by hand, so that members keep their order and numbers stay
// plain decimals: never quoted, never with an exponent.
type (
	node    interface{ write(*bytes.Buffer) }
	object  []member
	array   []node
	rawJSON string
	member  struct {
		name  string
		value node
	}
)

func (o object) write(b *bytes.Buffer) {
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quoted(m.name))
		b.WriteByte(':')
		m.value.write(b)
	}
	b.WriteByte('}')
}

func (a array) write(b *bytes.Buffer) {
	b.WriteByte('[')
	for i, n := range a {
		if i > 0 {
			b.WriteByte(',')
		}
		n.write(b)
	}
	b.WriteByte(']')
}

func (r rawJSON) write(b *bytes.Buffer) { b.WriteString(string(r)) }

func scalarJSON(v value) rawJSON {
	switch v.typ {
	case Number:
		return rawJSON(v.num.String())
	case Bool:
		return rawJSON(strconv.FormatBool(v.flag))
	case DateTime:
		// Salesforce's own form and its precision of a second, so that what it
		// shows later is what was sent.
		return rawJSON(quoted(v.time.UTC().Truncate(time.Second).Format("2006-01-02T15:04:05.000+0000")))
	}
	return rawJSON(quoted(v.String()))
}

// quoted writes a JSON string with & < > as they stand.
func quoted(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return []byte(`""`) // a Go string always encodes
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
