package sync_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// written is what a mapping writes into one field: before and after the record says "second".
type written struct{ first, second string }

func (v written) formula(path string) string {
	return fmt.Sprintf(`=IF(%s = "second", %s, %s)`, path, v.second, v.first)
}

// writtenFields has for each field that a mapping may write two values that Xero takes.
func writtenFields() map[string]map[string]written {
	text := written{`"One"`, `"Two"`}
	address := func(slot string) map[string]written {
		parts := map[string]written{"Country": {`"New Zealand"`, `"Australia"`}}
		for _, part := range []string{"AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4", "City", "Region", "PostalCode", "AttentionTo"} {
			parts[part] = written{`"` + part + ` 1"`, `"` + part + ` 2"`}
		}
		return prefixed("Addresses."+slot+".", parts)
	}
	phone := func(slot string) map[string]written {
		return prefixed("Phones."+slot+".", map[string]written{"PhoneNumber": {`"555 0100"`, `"555 0199"`}, "PhoneAreaCode": {`"06"`, `"09"`}, "PhoneCountryCode": {`"64"`, `"61"`}})
	}
	contacts := map[string]written{
		"Name": {`"Napier Boats"`, `"Nelson Boats"`}, "AccountNumber": {`"A-1"`, `"A-2"`}, "FirstName": text, "LastName": text, "EmailAddress": {`"one@example.com"`, `"two@example.com"`},
		"CompanyNumber": {`"111"`, `"222"`}, "TaxNumber": {`"111"`, `"222"`}, "DefaultCurrency": {`"NZD"`, `"USD"`},
	}
	for _, slot := range []map[string]written{address("POBOX"), address("STREET"), phone("DEFAULT"), phone("DDI"), phone("MOBILE"), phone("FAX")} {
		for name, v := range slot {
			contacts[name] = v
		}
	}
	return map[string]map[string]written{
		"Contacts": contacts,
		"Invoices": {
			"InvoiceNumber": {`"D-1"`, `"D-2"`}, "Reference": text, "Date": {"CloseDate", "CloseDate + 1"}, "DueDate": {"CloseDate + 14", "CloseDate + 30"},
			"ExpectedPaymentDate": {"CloseDate + 40", "CloseDate + 50"}, "CurrencyCode": {`"NZD"`, `"USD"`}, "CurrencyRate": {"0.6012", "0.6"}, "LineAmountTypes": {`"Exclusive"`, `"Inclusive"`},
			"BrandingTheme": {`"Standard"`, `"Very orange invoice!"`}, "BrandingThemeID": text, "SentToContact": {"TRUE", "FALSE"}, "Status": {`"DRAFT"`, `"DRAFT"`},
		},
		"LineItems": {
			"Description": text, "Quantity": {"1", "2"}, "UnitAmount": {"10", "12.3456"}, "DiscountRate": {"10", "12.5"}, "DiscountAmount": {"1", "2.5"}, "ItemCode": {`"ONE"`, `"TWO"`},
			"AccountCode": {`"200"`, `"210"`}, "TaxType": {`"OUTPUT2"`, `"Zero Rated"`}, "Tracking.*.Option": {`"North"`, `"South"`},
		},
	}
}

func prefixed(prefix string, parts map[string]written) map[string]written {
	out := map[string]written{}
	for name, v := range parts {
		out[prefix+name] = v
	}
	return out
}

// maps has mapping.yaml write one field of a section, or the parts of one slot, in place of what it writes there.
func (w *world) maps(section, field, path string, values map[string]written) {
	w.Helper()
	indent, after, text := "    ", "    LineAmountTypes: Exclusive\n", ""
	switch section {
	case "Contacts":
		after = "    Name: =Name\n"
	case "LineItems":
		indent, after = "      ", "      Quantity: =Quantity\n"
	}
	name, _, _ := strings.Cut(field, ".")
	was := regexp.MustCompile(`(?m)^` + indent + name + `:.*\n(` + indent + `  .*\n)*`)
	if field == name {
		text = indent + name + ": " + values[field].formula(path) + "\n"
	} else {
		parts := strings.Split(field, ".")
		text = indent + parts[0] + ":\n"
		if parts[1] == "*" { // the organisation's own category
			text += indent + "  Region: " + values[field+".Option"].formula(path) + "\n"
		} else {
			text += indent + "  " + parts[1] + ":\n"
			for _, part := range document.SortedNames(values) {
				if strings.HasPrefix(part, field+".") {
					text += indent + "    " + strings.TrimPrefix(part, field+".") + ": " + values[part].formula(path) + "\n"
				}
			}
		}
	}
	if was.MatchString(w.mapping) {
		w.mapping = was.ReplaceAllLiteralString(w.mapping, text)
		return
	}
	if !strings.Contains(w.mapping, after) {
		w.Fatalf("the mapping has no %q", after)
	}
	w.mapping = strings.Replace(w.mapping, after, after+text, 1)
}

// slots reduces the fields that a mapping may write to what is compared as one: the parts of an address are one field.
func slots(kind string) (fields []string) {
	for _, name := range mapping.Mappable(kind) {
		if i := strings.LastIndex(name, "."); i > 0 {
			name = name[:i]
		}
		if !slices.Contains(fields, name) {
			fields = append(fields, name)
		}
	}
	return fields
}

// shownIn is a field of the document of a record, as the store has it from Xero.
func (w *world) shownIn(section string, key store.Key, field string) (text string) {
	w.Helper()
	w.view(func(tx *store.Tx) error {
		link, ok := tx.Link(key)
		if !ok {
			w.Fatalf("%s has no link", key)
		}
		if section != "LineItems" {
			if field == "BrandingTheme" {
				field = "BrandingThemeID"
			}
			text = document.Texts(link.Seen)[strings.Replace(field, ".", "/", 1)]
			return nil
		}
		var lines []map[string]json.RawMessage
		w.must(json.Unmarshal(document.Fields(link.Seen)["LineItems"], &lines))
		name, _, _ := strings.Cut(field, ".")
		text = document.Plain(document.Decode(lines[0][name]))
		return nil
	})
	return text
}

// The store is lost. Whatever field a mapping writes, the invoice is found again, nothing of it is updated and nothing is a
// finding; and then the field still follows the deal.
func TestEachFieldOfAnInvoiceOutlivesTheStore(t *testing.T) {
	values := writtenFields()
	for _, section := range []string{"Invoices", "LineItems"} {
		path := "NextStep"
		if section == "LineItems" {
			path = "Opportunity.NextStep"
		}
		for _, field := range slots(section) {
			t.Run(field, func(t *testing.T) {
				inWorld(t, company{New: true}, func(w *world) {
					w.mapping = regexp.MustCompile(`(?m)^  total: .*\n`).ReplaceAllString(w.mapping, "")
					w.books.AddCurrency("USD")
					w.books.AddItem("ONE", "One", money("1"))
					w.books.AddItem("TWO", "Two", money("2"))
					if _, known := values[section][field]; !known && !strings.Contains(field, ".") {
						w.Fatalf("this test does not know what to write into %s", field)
					}
					w.furnishField(section, field, path, values[section])
					w.followsAfterALoss(section, field)
				})
			})
		}
	}
}

func (w *world) furnishField(section, field, path string, values map[string]written) {
	w.Helper()
	switch field {
	case "BrandingThemeID":
		w.quiet() // connects
		ref, err := w.cycle.Xero.Reference(w.Context(), xero.Needs{Themes: true})
		w.must(err)
		values = map[string]written{field: {`"` + ref.Themes[0].BrandingThemeID + `"`, `"` + ref.Themes[1].BrandingThemeID + `"`}}
	case "CurrencyRate":
		w.maps(section, "CurrencyCode", path, map[string]written{"CurrencyCode": {`"USD"`, `"USD"`}})
		w.approvedIn("USD") // else the first rate for it is told
	case "DiscountAmount":
		w.editMapping("      DiscountRate: =Discount\n", "")
	}
	w.maps(section, field, path, values)
}

func (w *world) followsAfterALoss(section, field string) {
	w.Helper()
	deal := w.won("Deal", w.licence("1", "10.00"))
	key := store.Key{Entry: document.Invoices, ID: deal}
	w.quiet()
	made := w.invoice(deal)
	first := w.shownIn(section, key, field)
	time.Sleep(time.Hour)
	w.startsAnew()
	w.later(26 * time.Hour)
	if now := w.invoice(deal); !now.Updated.Equal(made.Updated) {
		w.Errorf("it was updated: %+v, was %+v", now, made)
	}
	if found := w.logged("finding"); len(found) > 0 {
		w.Errorf("something is told of it: %v", found)
	}
	w.wantFree(deal)
	w.change("Opportunity", deal, map[string]any{"NextStep": "second"})
	w.later(time.Hour)
	w.wantFree(deal)
	if second := w.shownIn(section, key, field); (second == first) != (field == "Status" || field == "SentToContact") {
		w.Errorf("%s was %q and is %q", field, first, second)
	}
}

// The same for contacts, where a change arrives only in what `update:` names.
func TestEachFieldOfAContactOutlivesTheStore(t *testing.T) {
	values := writtenFields()["Contacts"]
	for _, field := range slots("Contacts") {
		if field == "Phones.OFFICE" {
			continue // which Xero's description has and Xero's answers have not
		}
		t.Run(field, func(t *testing.T) {
			top, _, _ := strings.Cut(field, ".")
			if field == "Name" { // which past invoices would show too
				top = "EmailAddress"
			}
			inWorld(t, company{New: true, Edits: []string{"update: [EmailAddress, Phones] ", "update: [" + top + "] "}}, func(w *world) {
				w.books.AddCurrency("USD")
				w.maps("Contacts", field, "Site", values)
				w.won("Deal")
				key := store.Key{Entry: document.Contacts, ID: w.usual.account}
				w.quiet()
				made := w.contact(w.usual.account)
				first := w.shownIn("Contacts", key, field)
				if first == "" {
					w.Fatalf("%s was not written", field)
				}
				time.Sleep(time.Hour)
				w.startsAnew()
				w.later(26 * time.Hour)
				if now := w.contact(w.usual.account); !now.Updated.Equal(made.Updated) {
					w.Errorf("it was updated: %+v, was %+v", now, made)
				}
				if found := w.logged("finding"); len(found) > 0 {
					w.Errorf("something is told of it: %v", found)
				}
				w.change("Account", w.usual.account, map[string]any{"Site": "second"})
				w.later(2 * time.Hour)
				if second := w.shownIn("Contacts", key, field); (second == first) != (field == "Name") {
					w.Errorf("%s was %q and is %q", field, first, second)
				}
			})
		})
	}
}
