package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

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

func (b *builder) requireLine(fields *block, where string) {
	if !hasItem(fields, "ItemCode") {
		b.require(fields, where, []string{"Description"}, "Xero refuses a line without a description")
	}
	if hasItem(fields, "DiscountRate") && hasItem(fields, "DiscountAmount") {
		b.report.add(fields.at, "%s maps both DiscountRate and DiscountAmount; Xero takes one", where)
	}
}
