package salesforcetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// readColumns finds the field of each column. A custom field that the org lacks is added, and so is a standard one that this org is
// not built of; both are typed by the values that the file has. Any other name is a mistake.
func (o *Org) readColumns(t *table, m *mistakes, note func(string, ...any)) {
	for i, name := range t.head {
		f, left, wrong := o.column(t, i, name)
		switch {
		case wrong != "":
			m.cell(t, 1, name, "%s", wrong)
		case left != "":
			note("%s: the column %s is left out: %s", t.name, name, left)
		case t.given[f.name]:
			m.cell(t, 1, name, "the column %s is there twice", f.name)
		default:
			t.given[f.name] = true
		}
		t.columns = append(t.columns, f)
	}
}

func (o *Org) column(t *table, i int, name string) (f *field, left, wrong string) {
	if h := t.headings[i]; h.wrong != "" {
		return nil, "", h.wrong
	} else if h.said() {
		f, wrong := o.declared(t, h)
		return f, "", wrong
	}
	if strings.EqualFold(name, "OwnerId") && t.isDetail() {
		return nil, "", t.obj.name + " has no OwnerId: a detail belongs to whoever its master belongs to"
	}
	if f := t.obj.field(name); f != nil {
		if f.kind == kindAddress {
			return nil, "its parts have columns of their own", ""
		}
		return f, "", ""
	}
	add := func(f field) (*field, string, string) {
		g := t.obj.addField(f)
		t.added = append(t.added, g)
		return g, "", ""
	}
	if way, field, ok := strings.Cut(name, "."); ok && objectName.MatchString(way) {
		return o.parentColumn(t, way, field)
	}
	standard, known := standardField(t.obj.name, name)
	switch {
	case name == "":
		return nil, "", fmt.Sprintf("column %d has no name", i+1)
	case !objectName.MatchString(name):
		return nil, "", fmt.Sprintf("column %d, %q, is no field name; columns are named by API names, as in BillingCountry", i+1, name)
	case strings.EqualFold(name, "CurrencyIsoCode"):
		o.giveCurrency(t.obj)
		return t.obj.field(name), "", ""
	case strings.EqualFold(name, "RecordTypeId"):
		o.useRecordTypes(t.obj)
		return t.obj.field(name), "", ""
	case customName.MatchString(name):
		return add(o.infer(t, i, name).ours())
	case known:
		return add(o.infer(t, i, standard))
	case t.loose:
		return add(o.infer(t, i, name))
	}
	return nil, "", o.noField(t, name)
}

func (o *Org) noField(t *table, name string) string {
	var all []string
	for _, f := range t.obj.fields {
		all = append(all, f.name)
	}
	meant := didYouMean(name, append(all, otherFields[t.obj.name]...))
	return fmt.Sprintf("%s has no field %s%s; a custom field's name ends in __c", t.obj.name, name, meant)
}

// isDetail: some heading of the file names a master.
func (t *table) isDetail() bool {
	return slices.ContainsFunc(t.headings, func(h heading) bool { return h.detail })
}

// parentColumn is a column such as Account.Name, which Data Loader and the bulk API write for a field of a parent.
func (o *Org) parentColumn(t *table, way, field string) (*field, string, string) {
	hop := t.obj.parent(way)
	if hop == nil {
		if !strings.EqualFold(way, "RecordType") {
			return nil, "", fmt.Sprintf("%s has no relationship %s", t.obj.name, way)
		}
		return nil, "", "RecordType is a relationship through RecordTypeId: give the record types in RecordType.csv, and their ids here"
	}
	up := o.objects[strings.ToLower(hop.refTo)]
	if up == nil || !up.exported {
		return nil, "", fmt.Sprintf("%s is a field of another record: give it in %s.csv, and that record's id in the column %s", field, hop.refTo, hop.name)
	}
	return nil, "it stands in " + up.name + ".csv", ""
}

var (
	// plainNumber leaves texts such as 0200 alone: a leading zero means something to whoever wrote it. An exponent is written as Java writes it.
	plainNumber = regexp.MustCompile(`^-?((0|[1-9]\d{0,15})(\.\d{1,12})?|\d\.\d{1,16}E-?\d{1,2})$`)
	htmlTag     = regexp.MustCompile(`(?i)</?(p|br|b|i|u|s|ul|ol|li|a|em|strong|span|div|img|table|tr|td|h[1-6])(\s[^<>]*)?/?>`)
)

// A guess is what a column's values may be.
type guess struct {
	kinds             map[kind]bool
	any, empty        bool
	noughts, midnight bool // booleans as 0 and 1 alone; every time a midnight
	longest, scale    int
	html              bool
	joined, torn      bool // some value is several, joined by ; and some cannot be
	choices, words    int  // how many there are if they are taken apart, how many different ones
	prefix            string
}

// infer types a column by its values.
func (o *Org) infer(t *table, i int, name string) field {
	g := o.look(t, i, !customName.MatchString(name))
	f := text(name, 255)
	switch {
	case !g.any:
	case g.kinds[kindReference]:
		f = ref(name, "", "", "")
		if to := o.byPrefix[g.prefix]; to != nil {
			f.refTo = to.name
		}
		if base, ok := strings.CutSuffix(name, "__c"); ok {
			f.relationship = base + "__r"
		} else if base, ok := strings.CutSuffix(name, "Id"); ok && f.refTo != "" {
			f.relationship = base
		}
	// A column of nothing but 0 is a number, as a rebate that nobody got; a checkbox that nobody ticked is no loss as one.
	case g.kinds[kindBool] && !(g.noughts && (g.empty || g.words < 2)):
		f = check(name)
	case g.kinds[kindDate] || g.kinds[kindTime] && g.midnight:
		f = day(name)
	case g.kinds[kindTime]:
		f = moment(name)
	case g.kinds[kindNumber]:
		f = decimals(name, kindNumber, 18, g.scale)
		f.precision = 16 + g.scale
	case g.html:
		f = area(name, max(32768, g.longest))
		f.rich = true
	case g.joined && !g.torn && g.words < g.choices && g.words <= 100:
		f.kind, f.length = kindMulti, 4099
	case g.longest > 255:
		f = area(name, max(32768, g.longest))
	}
	f.guessed = true
	return f
}

func (o *Org) look(t *table, i int, standard bool) guess {
	g := guess{kinds: map[kind]bool{kindBool: true, kindDate: true, kindTime: true, kindNumber: true, kindReference: true}, noughts: true, midnight: true}
	words := map[string]bool{}
	for n, rec := range t.rows {
		if t.broken[n] {
			continue
		}
		s := strings.TrimSpace(rec[i])
		if s == "" {
			g.empty = true
			continue
		}
		g.any = true
		g.longest = max(g.longest, utf8.RuneCountInString(s))
		switch strings.ToLower(s) {
		case "true", "false":
			g.noughts = false
		case "0", "1":
		default:
			g.kinds[kindBool] = false
		}
		if _, ok := parseDate(s); !ok {
			g.kinds[kindDate] = false
		}
		if _, ok := exportTime(s); !ok {
			g.kinds[kindTime] = false
		}
		g.midnight = g.midnight && strings.HasSuffix(s, " 00:00:00")
		if !plainNumber.MatchString(s) {
			g.kinds[kindNumber] = false
		} else if d, ok := decimalOf(s); ok {
			g.scale = max(g.scale, int(-d.Exponent()))
		}
		if !isNoID(s) {
			g.kinds[kindReference] = g.kinds[kindReference] && o.isReference(s, g.prefix, standard)
			g.prefix = s[:min(3, len(s))]
		}
		g.html = g.html || htmlTag.MatchString(s)
		parts := strings.Split(s, ";")
		g.joined = g.joined || len(parts) > 1
		for _, w := range parts {
			g.choices++
			words[w] = true
			// A sentence has a blank behind its semicolon, a picklist has none.
			g.torn = g.torn || w == "" || len(w) > 255 || strings.TrimSpace(w) != w || strings.ContainsAny(w, "\n\r")
		}
	}
	g.words = len(words)
	return g
}

// isReference: an id with its three letters of proof, all of a column of one object. A custom field with ids of an object that the org
// does not have may as well be a text.
func (o *Org) isReference(s, prefix string, standard bool) bool {
	if len(s) != 18 || prefix != "" && s[:3] != prefix || o.byPrefix[s[:3]] == nil && !standard {
		return false
	}
	full, ok := id18(s[:15])
	return ok && full == s
}
