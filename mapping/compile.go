package mapping

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Compile checks the file against Salesforce's describes and Xero's fields.
// missing names the objects whose describes are needed to go on: describe them
// and compile again, with an Object without fields for one that Salesforce does
// not have. The mapping is nil while anything is missing or wrong.
func (f *File) Compile(salesforce Schema) (m *Mapping, missing []string, problems []Problem) {
	m, b := f.build(salesforce)
	missing = slices.Sorted(maps.Keys(b.salesforce.missing))
	problems = sorted(b.report.problems)
	if len(missing) > 0 || len(problems) > 0 {
		return nil, missing, problems
	}
	m.Hash = m.identity()
	return m, nil, nil
}

// Draft is what of a file with mistakes can be compiled: to ask what else is
// wrong with it, and never to be put in force.
func (f *File) Draft(salesforce Schema) *Mapping {
	m, _ := f.build(salesforce)
	return m
}

// Sorted gives problems in the order of the file; of several in one place the
// first, which is usually the cause of the others.
func Sorted(problems []Problem) []Problem {
	at := func(p Problem) position { return position{p.Line, p.Column} }
	problems = slices.Clone(problems)
	slices.SortStableFunc(problems, func(a, b Problem) int { return at(a).compare(at(b)) })
	return slices.CompactFunc(problems, func(a, b Problem) bool { return at(a) == at(b) && a.Text == b.Text })
}

// build compiles what can be compiled.
func (f *File) build(salesforce Schema) (*Mapping, *builder) {
	b := &builder{
		file:       f,
		report:     &report{src: f.src, problems: slices.Clone(f.problems)},
		salesforce: newView(salesforceName, salesforce),
		xero:       newView(xeroName, xeroSchema()),
		read:       map[[2]string]position{},
	}
	m := &Mapping{Start: f.start, src: f.src}
	if f.contacts != nil {
		m.Contacts = b.contacts(f.contacts)
	}
	if f.invoices != nil {
		m.Documents = append(m.Documents, b.invoices(f.invoices))
	} else if f.contacts != nil && f.contacts.where == nil {
		b.report.add(f.contacts.at, "nothing is to be done: there is no key invoices, and contacts has no where")
	}
	for _, w := range f.writeBack {
		if e := b.writeBack(w, m); e != nil {
			m.WriteBack = append(m.WriteBack, e)
		}
	}
	b.refuseLoops()
	m.loose = b.loose
	return m, b
}

// builder compiles one file.
type builder struct {
	file       *File
	report     *report
	salesforce *view
	xero       *view
	read       map[[2]string]position // object and field -> where it is read first
	written    []written
	loose      []Code // of values whose formula has a mistake
}

type written struct {
	object, field string
	at            position
}

// slot is one value of a document: a formula or a constant, and its target.
type slot struct {
	key     string // its place: "Addresses.POBOX.City"
	target  target
	code    *code
	formula string // as written, with =
	at      position
}

// piece is a part of a document: a value, a list, or an element of one.
type piece struct {
	name  string
	at    position // of a named part: of its name
	slot  *slot
	tag   string // of a list: the field that names each element
	parts []piece
}

// rows describes what a formula's rows are and collects what is read of them.
type rows struct {
	view   *view
	object string
	up     string // in lines: the relationship to the row they belong to
	upTo   string
	own    map[string]bool // paths of the row itself
	above  map[string]bool // paths of the row that lines belong to
}

func (b *builder) rows(v *view, object string) *rows {
	own := map[string]bool{}
	return &rows{view: v, object: object, own: own, above: own}
}

// compileFormula checks one formula; nil when it has a problem.
func (b *builder) compileFormula(s *scalar, rows *rows) *code {
	if s.formula == nil {
		return nil
	}
	c := &checker{
		report: b.report, places: s.places, view: rows.view, object: rows.object, up: rows.up, upTo: rows.upTo, tables: b.file.tables,
		reads: func(up bool, r resolved, at position) {
			if r.currency {
				return
			}
			if up {
				rows.above[strings.Join(r.path, ".")] = true
			} else {
				rows.own[strings.Join(r.path, ".")] = true
			}
			b.noteRead(rows.view, r, at)
		},
	}
	return c.check(s.formula)
}

func (b *builder) noteRead(v *view, r resolved, at position) {
	if !r.known || v.api != salesforceName {
		return
	}
	key := [2]string{r.object, r.path[len(r.path)-1]}
	if _, seen := b.read[key]; !seen {
		b.read[key] = at
	}
}

// entry begins an entry of any kind.
func (b *builder) entry(s *section, kind string) (*Entry, *rows) {
	e := &Entry{Name: s.name, Kind: kind, Line: s.at.Line, Admit: b.admit(s)}
	if s.from == nil {
		return e, nil
	}
	e.fromLine = s.from.at.Line
	o, known, complaint := b.salesforce.visible(s.from.text)
	if complaint != "" {
		b.report.add(s.from.at, "%s", complaint)
	}
	e.From = o.Name
	if s.where != nil {
		e.Where, e.where, e.whereEnd = s.where.text, s.where.at, s.where.places[len(s.where.places)-1].Line
		b.checkWhere(s.where, o.Name, known)
		if known {
			e.Parents, e.ReadsOthers = b.whereParents(e.Where, o.Name), b.whereReadsOthers(e.Where, o.Name)
		}
	}
	return e, b.rows(b.salesforce, o.Name)
}

func (b *builder) contacts(s *section) *Entry {
	e, rows := b.entry(s, "Contacts")
	if rows == nil || s.fields == nil {
		return e
	}
	targets := xeroTargets("Contacts")
	if o, known := b.salesforce.object(e.From); known {
		_, e.Person = o.Fields["IsPersonAccount"]
		_, e.Merges = o.Fields["MasterRecordId"]
	}
	e.pieces = b.pieces(s.fields, "Contacts", "", targets, rows)
	b.require(s.fields, "contacts", []string{"Name"}, "Xero has no contact without a name")
	names := fieldsOf(targets)
	b.match(s, e)
	for _, u := range s.update {
		switch {
		case u.text == "Name":
			b.report.add(u.at, "Name cannot be updated: Xero shows a contact's name on past invoices too, so a person changes it there")
		case !slices.Contains(names, u.text):
			b.report.add(u.at, "Xero's contacts have no field %q that a mapping may write%s", u.text, didYouMean(u.text, names))
		case slices.Contains(e.Update, u.text):
			b.report.add(u.at, "update names %s twice", u.text)
		default:
			e.Update = append(e.Update, u.text)
		}
	}
	e.Reads.Fields = slices.Sorted(maps.Keys(rows.own))
	return e
}

const totalName = "total"

// longestSettle keeps a slip (10000h) from looking like a daemon that hangs.
const longestSettle = 30 * 24 * time.Hour

func (b *builder) invoices(s *section) *Entry {
	e, rows := b.entry(s, "Invoices")
	b.demandStart(s)
	e.IfUnwon = "hold"
	if s.unwon != nil {
		if e.IfUnwon = s.unwon.text; e.IfUnwon != "hold" && e.IfUnwon != "delete_draft" {
			b.report.add(s.unwon.at, "if_unwon is hold or delete_draft, and not %q", e.IfUnwon)
		}
	}
	if s.settle != nil {
		d, err := time.ParseDuration(s.settle.text)
		if err != nil || d < 0 || d > longestSettle {
			b.report.add(s.settle.at, "settle is a time such as 10m, 90s or 2h, at most 720h, and not %q", s.settle.text)
		}
		e.Settle = d
	}
	if rows == nil || s.fields == nil {
		return e
	}
	e.pieces = b.pieces(s.fields, "Invoices", "", xeroTargets("Invoices"), rows)
	e.Status = constantStatus(e.pieces)
	if s.contact != nil {
		e.contact = b.contactSlot(s.contact, rows)
	}
	if s.total != nil {
		e.total = b.plainSlot(s.total, rows, number(totalName, 0, 2))
	}
	if o, known := b.salesforce.object(e.From); known {
		// Salesforce's own word on whether a deal has products, beside the rows
		// that this user may see.
		if name, f, ok := o.field(productsFlag); ok && f.Type == Bool {
			e.flagged = true
			rows.own[name] = true
		}
		b.ownCurrency(s, e, o, rows)
	}
	if s.lines != nil {
		b.lines(s, e, rows)
	}
	b.demands(s, e)
	e.Reads.Fields = slices.Sorted(maps.Keys(rows.own))
	return e
}

// constantStatus is the Status that every document is to reach: DRAFT when
// none is mapped, "" when a formula decides.
func constantStatus(pieces []piece) string {
	switch s := slotOf(pieces, "Status"); {
	case s == nil:
		return "DRAFT"
	case s.code.kind == constantCode:
		return s.code.constant.text
	}
	return ""
}

func hasItem(b *block, name string) bool {
	return slices.ContainsFunc(b.items, func(i item) bool { return i.key == name })
}

func (b *builder) require(fields *block, where string, names []string, why string) {
	for _, n := range names {
		if !hasItem(fields, n) {
			b.report.add(fields.at, "%s does not map %s: %s", where, n, why)
		}
	}
}
