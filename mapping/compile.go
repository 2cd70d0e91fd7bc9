package mapping

import (
	"fmt"
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
	b := &builder{
		file:       f,
		report:     &report{src: f.src, problems: slices.Clone(f.problems)},
		salesforce: newView(salesforceName, salesforce),
		xero:       newView(xeroName, xeroSchema()),
		read:       map[[2]string]position{},
	}
	m = &Mapping{Hash: f.hash, Start: f.start}
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
	missing = slices.Sorted(maps.Keys(b.salesforce.missing))
	problems = sorted(b.report.problems)
	if len(missing) > 0 || len(problems) > 0 {
		m = nil
	}
	return m, missing, problems
}

// builder compiles one file.
type builder struct {
	file       *File
	report     *report
	salesforce *view
	xero       *view
	read       map[[2]string]position // object and field -> where it is read first
	written    []written
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
	e := &Entry{Name: s.name, Kind: kind, Line: s.at.Line}
	if s.from == nil {
		return e, nil
	}
	o, known, complaint := b.salesforce.visible(s.from.text)
	if complaint != "" {
		b.report.add(s.from.at, "%s", complaint)
	}
	e.From = o.Name
	if s.where != nil {
		e.Where = s.where.text
		b.checkWhere(s.where, o.Name, known)
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
	for _, m := range s.match {
		switch mapped := hasItem(s.fields, m.text); {
		case !slices.Contains([]string{"Name", "AccountNumber", "EmailAddress", "CompanyNumber", "TaxNumber"}, m.text):
			b.report.add(m.at, "contacts cannot be matched by %q; there are Name, AccountNumber, EmailAddress, CompanyNumber, TaxNumber", m.text)
		case !mapped:
			b.report.add(m.at, "match names %s, but fields does not map it", m.text)
		case slices.Contains(e.Match, m.text):
			b.report.add(m.at, "match names %s twice", m.text)
		default:
			e.Match = append(e.Match, m.text)
		}
	}
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

// longestSettle keeps a slip (10000h) from looking like a daemon that hangs.
const longestSettle = 30 * 24 * time.Hour

func (b *builder) invoices(s *section) *Entry {
	e, rows := b.entry(s, "Invoices")
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
		e.total = b.plainSlot(s.total, rows, number("total", 0, 2))
	}
	if o, known := b.salesforce.object(e.From); known {
		// Salesforce's own word on whether a deal has products, beside the rows
		// that this user may see.
		if name, f, ok := o.field(productsFlag); ok && f.Type == Bool {
			e.flagged = true
			rows.own[name] = true
		}
	}
	if s.lines != nil {
		b.lines(s, e, rows)
	}
	e.Reads.Fields = slices.Sorted(maps.Keys(rows.own))
	return e
}

// constantStatus is the Status that every document is to reach: DRAFT when
// none is mapped, "" when a formula decides.
func constantStatus(pieces []piece) string {
	for _, p := range pieces {
		if p.name == "Status" {
			if p.slot.code != nil && p.slot.code.kind == constantCode {
				return p.slot.code.constant.text
			}
			return ""
		}
	}
	return "DRAFT"
}

func (b *builder) lines(s *section, e *Entry, parent *rows) {
	l := s.lines
	if l.from == nil || l.fields == nil {
		return
	}
	from, known := b.salesforce.object(e.From)
	if !known || len(from.Fields) == 0 {
		// What needs no describe is checked all the same.
		b.salesforce.quietly(func() {
			b.lineFields(s, e, parent, &rows{view: b.salesforce, object: "the line", own: map[string]bool{}, above: parent.own})
		})
		return
	}
	name, child, ok := childNamed(from, l.from.text)
	if !ok {
		b.report.add(l.from.at, "%s has no child relationship %q%s", from.Name, l.from.text, didYouMean(l.from.text, slices.Collect(maps.Keys(from.Children))))
		return
	}
	o, known, complaint := b.salesforce.visible(child.Object)
	if complaint != "" {
		b.report.add(l.from.at, "%s", complaint)
		return
	}
	e.Lines, e.LinesObject, e.LinesParent, e.linesLine = name, o.Name, child.Field, l.at.Line
	own := map[string]bool{}
	b.lineFields(s, e, parent, &rows{view: b.salesforce, object: o.Name, up: relationship(child.Field), upTo: e.From, own: own, above: parent.own})
	reads := Reads{Fields: slices.Sorted(maps.Keys(own))}
	if l.order != nil {
		reads.Order = l.order.text
		b.checkOrder(l.order, o.Name, known)
	}
	e.Reads.Children = map[string]Reads{name: reads}
}

// lineFields compiles the lines, and those that are sent instead of them,
// whose formulas read the record itself.
func (b *builder) lineFields(s *section, e *Entry, parent, rows *rows) {
	targets := xeroTargets("LineItems")
	e.lines = b.pieces(s.lines.fields, "LineItems", "", targets, rows)
	b.requireLine(s.lines.fields, "lines")
	for i, n := range s.noLines {
		e.noLines = append(e.noLines, b.pieces(n, "LineItems", "", targets, parent))
		b.requireLine(n, fmt.Sprintf("line %d of no_lines", i+1))
	}
}

func childNamed(o Object, name string) (string, Child, bool) {
	for _, n := range slices.Sorted(maps.Keys(o.Children)) {
		if strings.EqualFold(n, name) {
			return n, o.Children[n], true
		}
	}
	return "", Child{}, false
}

// relationship is the name under which Salesforce follows a reference field:
// OpportunityId -> Opportunity, Deal__c -> Deal__r.
func relationship(field string) string {
	if custom, ok := strings.CutSuffix(field, "__c"); ok {
		return custom + "__r"
	}
	return strings.TrimSuffix(field, "Id")
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

func (b *builder) requireLine(fields *block, where string) {
	if !hasItem(fields, "ItemCode") {
		b.require(fields, where, []string{"Description"}, "Xero refuses a line without a description")
	}
	if hasItem(fields, "DiscountRate") && hasItem(fields, "DiscountAmount") {
		b.report.add(fields.at, "%s maps both DiscountRate and DiscountAmount; Xero takes one", where)
	}
}
