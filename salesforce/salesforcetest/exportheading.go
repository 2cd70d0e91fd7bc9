package salesforcetest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A heading is a cell of a file's first line. It is a field's name alone, or says behind a colon what the field is:
//
//	Status__c                                          typed by the values below it
//	Status__c:picklist(Draft;Sent)                     of that type
//	Account__c:Account:Account__r:Billings__r          a lookup: the object, the name of the way up, the name of the way down
//	Billing__c:Billing__c:Billing__r:Lines__r:master-detail
//	Total__c:SUM(Lines__r.Amount__c)                   a roll-up summary of details
type heading struct {
	cell, name string
	typed      *field // name:type
	more       bool   // behind the type stands a size, or a word
	to         string // name:object:parent:children
	parent     string
	children   string
	detail     bool
	rollUp     *rollUp
	wrong      string
}

// said: something stands behind a colon.
func (h heading) said() bool { return h.typed != nil || h.to != "" || h.rollUp != nil }

const headingForms = "a column is a field's name, or Field:type, or Field:Object:Parent__r:Children__r, or that with :master-detail behind it"

func readHeading(cell string) heading {
	h := heading{cell: cell, name: cell}
	name, rest, ok := strings.Cut(cell, ":")
	if !ok {
		return h
	}
	h.name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
	if h.name == "" {
		h.wrong = fmt.Sprintf("%q names no field before its first colon; %s", cell, headingForms)
		return h
	}
	if strings.Count(rest, "(") > strings.Count(rest, ")") {
		h.wrong = fmt.Sprintf("%q lacks its closing bracket: a comma ends the column, so write currency(16.2) and picklist(Draft;Sent), or put the cell in quotes", cell)
		return h
	}
	// A picklist's values may have colons of their own.
	if before, _, braced := strings.Cut(rest, "("); braced && !strings.Contains(before, ":") {
		h.sayType(rest)
		return h
	}
	parts := strings.Split(rest, ":")
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	switch len(parts) {
	case 1:
		h.sayType(rest)
	case 4:
		if !strings.EqualFold(parts[3], "master-detail") {
			h.wrong = fmt.Sprintf("%q ends in %q, where only master-detail can stand; %s", cell, parts[3], headingForms)
			return h
		}
		h.detail = true
		fallthrough
	case 3:
		h.to, h.parent, h.children = parts[0], parts[1], parts[2]
		if h.to == "" || h.parent == "" {
			h.wrong = fmt.Sprintf("%q leaves out the object that the field points to, or the name of the way there; %s", cell, headingForms)
		}
	default:
		h.wrong = fmt.Sprintf("%q has %d colons; %s", cell, len(parts), headingForms)
	}
	return h
}

var (
	typeForm   = regexp.MustCompile(`^([A-Za-z-]+)\s*(?:\(([^()]*)\))?((?:\s+[A-Za-z-]+)*)$`)
	rollUpForm = regexp.MustCompile(`(?i)^(SUM|COUNT|MIN|MAX)\s*\(\s*(\w+)\s*(?:\.\s*(\w+)\s*)?\)$`)
)

// kindNames are the words for a type: those of describe, and the short ones of Setup.
var kindNames = map[string]kind{
	"string": kindText, "text": kindText, "autonumber": kindText, "textarea": kindArea, "richtext": kindArea, "picklist": kindPicklist,
	"multipicklist": kindMulti, "email": kindEmail, "phone": kindPhone, "url": kindURL, "boolean": kindBool, "checkbox": kindBool,
	"currency": kindMoney, "double": kindNumber, "number": kindNumber, "int": kindInt, "percent": kindPercent, "date": kindDate, "datetime": kindTime,
}

// typesToSay are they as people are told of them.
const typesToSay = "string, textarea, richtext, picklist, multipicklist, email, phone, url, boolean, currency, double, int, percent, date, datetime and autonumber"

// sayType reads string(80) unique, currency(16.2), picklist(Draft;Sent) required, autonumber, or SUM(Lines__r.Amount__c).
func (h *heading) sayType(text string) {
	if r, is, wrong := readRollUp(text); is {
		if h.rollUp = r; wrong != "" {
			h.wrong = wrong
		}
		return
	}
	m := typeForm.FindStringSubmatch(text)
	var k kind
	if m != nil {
		k = kindNames[strings.ToLower(m[1])]
	}
	if k == "" {
		h.wrong = fmt.Sprintf("%q is no type of a field; types are %s", text, typesToSay)
		return
	}
	word := strings.ToLower(m[1])
	f := ofKind(h.name, k)
	h.more = m[2] != "" || m[3] != ""
	f.rich = word == "richtext"
	if word == "autonumber" {
		f.numbers = &numbering{prefix: m[2]}
		f.length, f = 30, f.readOnly()
	} else if m[2] != "" {
		h.wrong = f.sized(m[2])
	}
	for _, w := range strings.Fields(strings.ToLower(m[3])) {
		switch w {
		case "required":
			f.required = true
		case "unique":
			f.unique = true
		case "case-sensitive":
			f.sensitive = true
		case "external":
			f.external = true
		case "formula":
			f = f.computed()
		default:
			h.wrong = fmt.Sprintf("%q says %q of the field; it can be required, unique, case-sensitive, external or formula", h.cell, w)
		}
	}
	h.typed = &f
}

// ofKind is a new field with the sizes that Setup proposes.
func ofKind(name string, k kind) field {
	f := base(name, k, 0)
	switch k {
	case kindText, kindPicklist, kindURL:
		f.length = 255
	case kindMulti:
		f.length = 4099
	case kindArea:
		f.length = 32768
	case kindEmail:
		f.length = 80
	case kindPhone:
		f.length = 40
	case kindMoney, kindNumber, kindPercent:
		f.precision, f.scale = 18, 2
	}
	return f
}

// sized reads what stands in the brackets behind a type.
func (f *field) sized(text string) (wrong string) {
	switch f.kind {
	case kindPicklist, kindMulti:
		for v := range strings.SplitSeq(text, ";") {
			if v = strings.TrimSpace(v); v == "" || slices.Contains(f.picklist, v) {
				return fmt.Sprintf("picklist(%s) has an empty value, or one twice; values are separated by semicolons", text)
			}
			f.picklist = append(f.picklist, v)
		}
		f.restricted = true
		return ""
	case kindText, kindArea:
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if most := map[kind]int{kindText: 255, kindArea: 131072}[f.kind]; err != nil || n < 1 || n > most {
			return fmt.Sprintf("%s(%s): the length is a number from 1 to %d", f.kind, text, most)
		}
		f.length = n
		return ""
	case kindMoney, kindNumber, kindPercent:
		before, behind, _ := strings.Cut(strings.ReplaceAll(text, ",", "."), ".")
		digits, err := strconv.Atoi(strings.TrimSpace(before))
		scale, err2 := strconv.Atoi(strings.TrimSpace(behind))
		if err != nil || err2 != nil || scale < 0 || digits < 0 || digits+scale < 1 || digits+scale > 18 {
			return fmt.Sprintf("%s(%s): as in Setup, the digits before the point and those behind it, 18 together at most, such as %s(16.2)", f.kind, text, f.kind)
		}
		f.precision, f.scale = digits+scale, scale
		return ""
	}
	return fmt.Sprintf("a %s has no size; leave (%s) out", f.kind, text)
}
