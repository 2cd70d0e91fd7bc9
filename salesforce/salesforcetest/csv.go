package salesforcetest

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"
	"unicode/utf8"
)

// A table is one file of a data export: the object is its name, the columns are API names.
type table struct {
	file    string
	obj     *object
	columns []*field
	rows    [][]string
	lines   []int // where each row begins
	given   map[string]bool
	loaded  []*row
}

// Load reads a folder of CSV files as Salesforce's data export writes them. Columns the object lacks become custom fields typed by
// their values, standard columns that are missing get their defaults, ids and a SystemModstamp that are given are kept.
func (o *Org) Load(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.[cC][sS][vV]"))
	if err != nil {
		return fmt.Errorf("load %s: %w", dir, err)
	}
	if len(files) == 0 {
		return fmt.Errorf("load %s: there is no CSV file in it; expected files such as Account.csv and Opportunity.csv", dir)
	}
	sort.Strings(files)
	o.mu.Lock()
	defer o.mu.Unlock()
	var tables []*table
	for _, file := range files {
		t, err := o.readTable(file)
		if err != nil {
			return err
		}
		tables = append(tables, t)
	}
	for _, t := range tables {
		if err := o.loadRows(t); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if err := o.complete(t); err != nil {
			return err
		}
	}
	for _, t := range tables {
		o.sumLines(t)
	}
	o.linkChildren()
	o.schemaAt = o.now()
	return nil
}

// UsesCurrencies tells whether an export comes from a multi-currency org: whether a file has a CurrencyIsoCode column.
func UsesCurrencies(dir string) (bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.[cC][sS][vV]"))
	if err != nil {
		return false, err
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return false, err
		}
		head, err := csv.NewReader(skipMark(f)).Read()
		f.Close()
		if err != nil && !errors.Is(err, io.EOF) {
			return false, fmt.Errorf("%s: %w", file, err)
		}
		for _, name := range head {
			if strings.EqualFold(strings.TrimSpace(name), "CurrencyIsoCode") {
				return true, nil
			}
		}
	}
	return false, nil
}

// skipMark drops the byte order mark that spreadsheets put in front.
func skipMark(r io.Reader) *bufio.Reader {
	b := bufio.NewReader(r)
	if c, _, err := b.ReadRune(); err == nil && c != '\uFEFF' {
		b.UnreadRune()
	}
	return b
}

func (o *Org) readTable(file string) (*table, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(skipMark(f))
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: the file is empty; its first line must name the columns", file)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	t := &table{file: file, given: map[string]bool{}}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		line, _ := r.FieldPos(0)
		t.rows, t.lines = append(t.rows, rec), append(t.lines, line)
	}
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	if d, ok := madeByHand(name); ok && o.objects[strings.ToLower(name)] == nil {
		d.prefix = o.freePrefix(t)
		o.addObject(d)
	}
	if t.obj = o.objects[strings.ToLower(name)]; t.obj == nil {
		if !wordLiteral.MatchString(name) || wordLiteral.FindString(name) != name {
			return nil, fmt.Errorf("%s: %q is no object name; a file is named after its object, as in Account.csv", file, name)
		}
		t.obj = o.addObject(definition{name: name, prefix: o.freePrefix(t), custom: true, fields: []field{text("Name", 80), ref("OwnerId", "User", "Owner", "")}})
	}
	for i, column := range head {
		if err := o.readColumn(t, i, strings.TrimSpace(column)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// freePrefix takes a custom object's key prefix from its ids, else the next one free.
func (o *Org) freePrefix(t *table) string {
	if len(t.rows) > 0 {
		if id, ok := id18(t.rows[0][0]); ok && o.byPrefix[id[:3]] == nil {
			return id[:3]
		}
	}
	for i := 0; ; i++ {
		p := "a0" + string(base62[i%62])
		if i >= 62 {
			p = "a" + string(base62[i/62%62]) + string(base62[i%62])
		}
		if o.byPrefix[p] == nil {
			return p
		}
	}
}

func (o *Org) readColumn(t *table, i int, name string) error {
	f := t.obj.field(name)
	if f == nil {
		if strings.EqualFold(name, "CurrencyIsoCode") {
			return fmt.Errorf("%s: the column CurrencyIsoCode comes from an org with several currencies; start this one with MultiCurrency", t.file)
		}
		if !wordLiteral.MatchString(name) || wordLiteral.FindString(name) != name {
			return fmt.Errorf("%s: column %d, %q, is no field name; columns are named by API names, as in BillingCountry", t.file, i+1, name)
		}
		f = t.obj.addField(t.infer(i, name))
	}
	if t.given[f.name] {
		return fmt.Errorf("%s: the column %s is there twice", t.file, f.name)
	}
	t.given[f.name] = true
	t.columns = append(t.columns, f)
	return nil
}

// plainNumber leaves texts such as 0200 alone: a leading zero means something to whoever wrote it.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9]\d{0,15})(\.\d{1,12})?$`)

// infer types a column by its values.
func (t *table) infer(i int, name string) field {
	fits := map[kind]bool{kindBool: true, kindDate: true, kindTime: true, kindNumber: true}
	longest, scale, any := 0, 0, false
	for _, rec := range t.rows {
		s := strings.TrimSpace(rec[i])
		if s == "" {
			continue
		}
		any = true
		longest = max(longest, utf8.RuneCountInString(s))
		if !strings.EqualFold(s, "true") && !strings.EqualFold(s, "false") {
			fits[kindBool] = false
		}
		if _, ok := parseDate(s); !ok {
			fits[kindDate] = false
		}
		if _, ok := parseTime(s); !ok {
			fits[kindTime] = false
		}
		if !plainNumber.MatchString(s) {
			fits[kindNumber] = false
		} else if _, frac, ok := strings.Cut(s, "."); ok {
			scale = max(scale, len(frac))
		}
	}
	f := text(name, 255).ours()
	switch {
	case !any:
	case fits[kindBool]:
		f = check(name).ours()
	case fits[kindDate]:
		f = day(name).ours()
	case fits[kindTime]:
		f = moment(name).ours()
	case fits[kindNumber]:
		f = decimals(name, kindNumber, 18, scale).ours()
		f.precision = 16 + scale
	case longest > 255:
		f = area(name, max(32768, longest)).ours()
	}
	return f
}

func (o *Org) loadRows(t *table) error {
	idPos := t.obj.field("Id").pos
	for n, rec := range t.rows {
		vals := blank(t.obj)
		for i, f := range t.columns {
			if strings.TrimSpace(rec[i]) == "" {
				if f.kind != kindBool {
					vals[f.pos] = nil
				}
				continue
			}
			if f.name == "CurrencyIsoCode" {
				o.activate(strings.TrimSpace(rec[i]))
			}
			v, err := f.coerce(rec[i])
			if err != nil {
				return fmt.Errorf("%s:%d: %s: %s", t.file, t.lines[n], f.name, err.message)
			}
			vals[f.pos] = v
		}
		r := &row{obj: t.obj, id: str(vals[idPos]), vals: vals}
		if r.id == "" {
			r.id = o.newID(t.obj)
			vals[idPos] = r.id
		}
		if o.rows[r.id] != nil {
			return fmt.Errorf("%s:%d: the id %s is there twice", t.file, t.lines[n], r.id)
		}
		if t.obj.name == "Organization" {
			o.replaceOrganization(r)
		}
		o.add(r, time.Time{})
		t.loaded = append(t.loaded, r)
	}
	return nil
}

// replaceOrganization: an org has one company record, and its id is the org's.
func (o *Org) replaceOrganization(r *row) {
	for _, old := range r.obj.rows {
		delete(o.rows, old.id)
	}
	r.obj.rows = nil
	o.orgID = r.id
}

// complete fills what the file leaves out, once all files are in and rows can look at each other.
func (o *Org) complete(t *table) error {
	for n, r := range t.loaded {
		vals := r.copy()
		d := draft{t.obj, vals}
		given := map[string]bool{}
		for _, f := range t.columns {
			given[f.name] = f.in(vals) != nil
		}
		for _, f := range t.columns {
			if f.kind == kindBool {
				given[f.name] = true
			}
		}
		if f := t.obj.field("OwnerId"); f != nil && vals[f.pos] == nil {
			vals[f.pos] = o.user
		}
		if f := t.obj.field("CurrencyIsoCode"); f != nil && vals[f.pos] == nil {
			vals[f.pos] = o.opt.Currency
		}
		if stamp := d.get("SystemModstamp"); stamp != nil {
			for _, name := range []string{"CreatedDate", "LastModifiedDate"} {
				if d.get(name) == nil {
					d.set(name, stamp)
					given[name] = true
				}
			}
		}
		if d.get("CreatedById") != nil {
			given["CreatedById"] = true
		}
		o.stamp(t.obj, vals, given)
		if err := o.settle(r, vals, given, origin{hand: true}, true); err != nil {
			return fmt.Errorf("%s:%d: %s", t.file, t.lines[n], err.message)
		}
		o.put(r, vals, time.Time{})
	}
	return nil
}

// sumLines gives deals whose file says nothing of it their amount and their mark that they have lines; stamps stay.
func (o *Org) sumLines(t *table) {
	if t.obj.name != "Opportunity" || t.given["Amount"] && t.given["HasOpportunityLineItem"] {
		return
	}
	lines := o.objects["opportunitylineitem"]
	for _, r := range t.loaded {
		total, n := lines.sum(r.id)
		vals := r.copy()
		d := draft{t.obj, vals}
		if !t.given["HasOpportunityLineItem"] {
			d.set("HasOpportunityLineItem", n > 0)
		}
		if !t.given["Amount"] && n > 0 {
			d.set("Amount", total)
		}
		o.put(r, vals, time.Time{})
	}
}
