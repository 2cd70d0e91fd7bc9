package salesforcetest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A table is one file of a data export: the object is its name, the columns are API names.
type table struct {
	name     string // of the file, without its folder
	obj      *object
	head     []string  // the columns' names
	headings []heading // beside head: what the first line says of them
	columns  []*field  // beside head; nil for a column that is left out
	rows     [][]string
	lines    []int        // where each row begins
	broken   map[int]bool // rows with mistakes
	given    map[string]bool
	loaded   []*row          // beside rows; nil for a broken one
	foreign  map[string]bool // the key prefixes of all files
	loose    bool            // of an object that this org is not built of: whatever columns it has are its fields
	added    []*field
}

func (t *table) object() string { return strings.TrimSuffix(t.name, filepath.Ext(t.name)) }

// readTable reads a file as far as it can be read.
func readTable(path string, m *mistakes) *table {
	t := &table{name: filepath.Base(path), given: map[string]bool{}, broken: map[int]bool{}}
	text, err := os.ReadFile(path)
	if err != nil {
		var of *os.PathError
		if errors.As(err, &of) {
			err = of.Err
		}
		m.file(t, "the file cannot be read: %v", err)
		return nil
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // spreadsheets put it in front
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		m.file(t, "the file is in UTF-16: export it again as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8")
		return nil
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			m.row(t, broken.StartLine, "a quote is missing, or one is too many, up to line %d, character %d: "+
				"a value with quotes, commas or line breaks stands in quotes, and a quote in it is doubled", broken.Line, broken.Column)
			return nil // what follows is read wrongly
		}
		line, _ := r.FieldPos(0)
		if !t.take(rec, line, m) {
			return nil
		}
	}
	if t.head == nil {
		m.file(t, "the file is empty; its first line must name the columns")
		return nil
	}
	return t
}

// take adds a line; false says that the rest would only repeat the mistake.
func (t *table) take(rec []string, line int, m *mistakes) bool {
	for i, s := range rec {
		if utf8.ValidString(s) {
			continue
		}
		column := ""
		if i < len(t.head) {
			column = t.head[i]
		}
		m.cell(t, line, column, "%s is not UTF-8: export it again as UTF-8, or convert the file: iconv -f ISO-8859-1 -t UTF-8", shownBytes(s))
		return false
	}
	if t.head == nil {
		for i := range rec {
			h := readHeading(strings.TrimSpace(rec[i]))
			rec[i], t.headings = h.name, append(t.headings, h)
		}
		if t.head = rec; len(rec) == 1 && strings.ContainsAny(t.headings[0].cell, ";\t|") && !t.headings[0].said() {
			m.file(t, "the columns are not separated by commas: %s", shownBytes(t.headings[0].cell))
			return false
		}
		return true
	}
	if len(rec) != len(t.head) {
		m.row(t, line, "there %s for %s", are(len(rec), "value"), counted(len(t.head), "column"))
		t.broken[len(t.rows)] = true
	}
	t.rows, t.lines = append(t.rows, rec), append(t.lines, line)
	return true
}

// shownBytes is the beginning of a text in quotes, with what is no letter as it stands in the file: "M\xfcller".
func shownBytes(s string) string {
	b := []byte(s)
	more := ""
	if len(b) > 40 {
		b, more = b[:40], "…"
	}
	var out strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			const hex = "0123456789abcdef"
			out.WriteString(`\x` + string(hex[b[0]>>4]) + string(hex[b[0]&15]))
		} else {
			out.WriteRune(r)
		}
		b = b[n:]
	}
	return `"` + out.String() + more + `"`
}

var (
	objectName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	customName = regexp.MustCompile(`__[A-Za-z]+$`) // __c, and __mdt, __x, __Share and their like
)

// findObject says whose records a file holds; an object that the org lacks is made for it.
func (o *Org) findObject(t *table, m *mistakes) bool {
	name := t.object()
	if d, ok := madeByHand(name); ok && o.objects[strings.ToLower(name)] == nil {
		d.prefix = o.freePrefix(t)
		o.addObject(d)
	}
	if t.obj = o.objects[strings.ToLower(name)]; t.obj != nil {
		if t.obj.custom && o.hasCurrencies() {
			o.giveCurrency(t.obj)
		}
		return true
	}
	standard, known := listed(name, otherObjects)
	switch {
	case !objectName.MatchString(name):
		m.file(t, "%q is no object name; a file is named after its object, as in Account.csv", name)
		return false
	case known:
		t.loose = true
		t.obj = o.addObject(definition{name: standard, prefix: o.freePrefix(t), currency: true})
	case customName.MatchString(name):
		t.obj = o.addObject(customObject(name, o.freePrefix(t)))
	default:
		var all []string
		for _, obj := range o.ordered {
			all = append(all, obj.name)
		}
		m.file(t, "Salesforce has no object %s%s; a file is named after its object, as in Account.csv, and a custom object's with __c: %s__c.csv",
			name, didYouMean(name, append(all, otherObjects...)), name)
		return false
	}
	if o.hasCurrencies() {
		o.giveCurrency(t.obj)
	}
	return true
}

// ownPrefix is the key prefix of a file's ids, "" if it has none.
func (t *table) ownPrefix() string {
	for i, name := range t.head {
		if strings.EqualFold(name, "Id") && len(t.rows) > 0 && i < len(t.rows[0]) {
			if id, ok := id18(strings.TrimSpace(t.rows[0][i])); ok {
				return id[:3]
			}
		}
	}
	return ""
}

// freePrefix takes an object's key prefix from its ids, else the next one that neither the org nor another file has.
func (o *Org) freePrefix(t *table) string {
	if p := t.ownPrefix(); p != "" && o.byPrefix[p] == nil {
		return p
	}
	for i := 0; ; i++ {
		p := "a0" + string(base62[i%62])
		if i >= 62 {
			p = "a" + string(base62[i/62%62]) + string(base62[i%62])
		}
		if o.byPrefix[p] == nil && !t.foreign[p] {
			return p
		}
	}
}
