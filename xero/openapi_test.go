package xero

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"sf2xero/xero/xerotest/conform"
)

// unread are the fields in the examples of Xero's OpenAPI file that this client knows
// and does not read, by the reason. What is in neither this list nor a struct fails the test.
func unread() map[string][]string {
	return map[string][]string{
		"DecodeInvoice reads it": {"Invoices.DateString", "Invoices.DueDateString"},
		"UpdatedDateUTC says it": {"Invoices.UpdatedDateUTCString"},
		"decodeElements reads it, wherever it hangs": {
			"Invoices.HasErrors", "Invoices.StatusAttributeString", "Invoices.ValidationErrors", "Invoices.LineItems.ValidationErrors",
			"Invoices.Contact.HasValidationErrors", "Invoices.Payments.HasValidationErrors",
			"Contacts.HasValidationErrors", "Contacts.ValidationErrors", "Contacts.Addresses.ValidationErrors", "Contacts.Phones.ValidationErrors",
			"Contacts.PaymentTerms.Bills.ValidationErrors", "Contacts.PaymentTerms.Sales.ValidationErrors",
		},
		"of an invoice's contact only the identity is read: the contact itself is read from Contacts": {
			"Invoices.Contact.Addresses", "Invoices.Contact.BankAccountDetails", "Invoices.Contact.ContactGroups", "Invoices.Contact.ContactPersons",
			"Invoices.Contact.ContactStatus", "Invoices.Contact.EmailAddress", "Invoices.Contact.FirstName",
			"Invoices.Contact.IsCustomer", "Invoices.Contact.IsSupplier", "Invoices.Contact.LastName", "Invoices.Contact.Phones",
			"Invoices.Contact.PurchasesTrackingCategories", "Invoices.Contact.SalesTrackingCategories", "Invoices.Contact.UpdatedDateUTC",
		},
		"attachments are not synchronised": {"Invoices.HasAttachments", "Invoices.Attachments", "Contacts.HasAttachments", "Contacts.Attachments"},
		"the lines say their discounts":    {"Invoices.IsDiscounted"},
		"a payment's own concern":          {"Invoices.Payments.HasAccount", "Invoices.Payments.CurrencyRate"},
		"a person's settings for the contact, never written": {
			"Contacts.BatchPayments", "Contacts.BrandingTheme", "Contacts.ContactGroups", "Contacts.Discount", "Contacts.SalesDefaultLineAmountType",
			"Contacts.SalesTrackingCategories", "Contacts.Website", "Contacts.Balances", "Contacts.IsCustomer", "Contacts.IsSupplier",
		},
		"purchases are none of this program's business": {
			"Contacts.AccountsPayableTaxType", "Contacts.PurchasesDefaultAccountCode", "Contacts.PurchasesDefaultLineAmountType", "Contacts.PurchasesTrackingCategories",
			"Items.IsPurchased", "Items.PurchaseDetails", "TaxRates.CanApplyToAssets", "TaxRates.CanApplyToEquity", "TaxRates.CanApplyToExpenses",
			"TaxRates.CanApplyToLiabilities", "Organisations.DefaultPurchasesTax",
		},
		"misspelt in the file": {"Contacts.TaxNumbeType"},
		"the organisation is described, not written to": {
			"Organisations.APIKey", "Organisations.Addresses", "Organisations.CreatedDateUTC", "Organisations.ExternalLinks", "Organisations.FinancialYearEndDay",
			"Organisations.FinancialYearEndMonth", "Organisations.OrganisationEntityType", "Organisations.PaymentTerms", "Organisations.Phones",
			"Organisations.SalesTaxPeriod", "Organisations.TaxNumber",
		},
		"bookkeeping that no document refers to": {
			"Accounts.BankAccountNumber", "Accounts.BankAccountType", "Accounts.Description",
			"BrandingThemes.CreatedDateUTC", "Currencies.Description", "Items.UpdatedDateUTC",
			"TaxRates.ReportTaxType",
		},
	}
}

// example is what the file says that Xero answers.
type example struct {
	path, method, status string
	body                 []byte
}

func (e example) String() string { return e.method + " " + e.path + " " + e.status }

// openAPI reads Xero's file as it is written.
func openAPI(t *testing.T) *yaml.Node {
	t.Helper()
	file := os.Getenv(conform.Env)
	if file == "" {
		t.Skipf("%s does not name Xero's OpenAPI file", conform.Env)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

// at follows keys down a YAML tree; nil where one is missing.
func at(node *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if node == nil {
			return nil
		}
		var next *yaml.Node
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				next = node.Content[i+1]
			}
		}
		node = next
	}
	return node
}

// examples are the file's own response examples of an endpoint.
func examples(t *testing.T, doc *yaml.Node, path string) []example {
	t.Helper()
	var all []example
	for _, method := range []string{"get", "put", "post"} {
		for _, status := range []string{"200", "400"} {
			r := at(doc, "paths", path, method, "responses", status)
			if ref := at(r, "$ref"); ref != nil {
				r = at(doc, strings.Split(strings.TrimPrefix(ref.Value, "#/"), "/")...)
			}
			node := at(r, "content", "application/json", "example")
			if node == nil || method != "get" && !slices.Contains([]string{"/Invoices", "/Contacts"}, path) {
				continue // only invoices and contacts are written
			}
			var body bytes.Buffer
			writeJSON(t, &body, node)
			all = append(all, example{path, method, status, body.Bytes()})
		}
	}
	return all
}

// writeJSON turns YAML into JSON with its scalars as they are written: 1.10 stays 1.10.
func writeJSON(t *testing.T, out *bytes.Buffer, node *yaml.Node) {
	t.Helper()
	switch node.Kind {
	case yaml.DocumentNode:
		writeJSON(t, out, node.Content[0])
	case yaml.MappingNode:
		out.WriteByte('{')
		for i := 0; i < len(node.Content); i += 2 {
			if i > 0 {
				out.WriteByte(',')
			}
			key, err := json.Marshal(node.Content[i].Value)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(key)
			out.WriteByte(':')
			writeJSON(t, out, node.Content[i+1])
		}
		out.WriteByte('}')
	case yaml.SequenceNode:
		out.WriteByte('[')
		for i, one := range node.Content {
			if i > 0 {
				out.WriteByte(',')
			}
			writeJSON(t, out, one)
		}
		out.WriteByte(']')
	case yaml.ScalarNode:
		switch node.Tag {
		case "!!int", "!!float", "!!bool", "!!null":
			if json.Valid([]byte(node.Value)) {
				out.WriteString(node.Value)
				return
			}
		}
		text, err := json.Marshal(node.Value)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	default:
		t.Fatalf("line %d: a YAML node of kind %d", node.Line, node.Kind)
	}
}

// unknown lists the fields of a JSON value that a Go type has no place for.
func unknown(raw json.RawMessage, into reflect.Type, path string) []string {
	for into.Kind() == reflect.Pointer {
		into = into.Elem()
	}
	if _, ok := reflect.New(into).Interface().(json.Unmarshaler); ok {
		return nil
	}
	var found []string
	switch into.Kind() {
	case reflect.Slice:
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return []string{path + " is no list"}
		}
		for _, one := range list {
			found = append(found, unknown(one, into.Elem(), path)...)
		}
	case reflect.Struct:
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) != nil {
			return []string{path + " is no object"}
		}
		for name, value := range object {
			field, ok := into.FieldByName(name)
			if !ok {
				found = append(found, path+"."+name)
				continue
			}
			found = append(found, unknown(value, field.Type, path+"."+name)...)
		}
	}
	return found
}

func TestXerosOwnExamplesAreRead(t *testing.T) {
	t.Parallel()
	doc := openAPI(t)
	why := map[string]string{}
	for reason, fields := range unread() {
		for _, field := range fields {
			why[field] = reason
		}
	}
	used := map[string]bool{}
	read := 0
	for _, e := range []struct {
		path, envelope string
		element        reflect.Type
		decode         func(json.RawMessage) (string, error)
	}{
		{"/Invoices", "Invoices", reflect.TypeFor[Invoice](), func(raw json.RawMessage) (string, error) { i, err := DecodeInvoice(raw); return i.InvoiceID, err }},
		{"/Invoices/{InvoiceID}", "Invoices", reflect.TypeFor[Invoice](), func(raw json.RawMessage) (string, error) { i, err := DecodeInvoice(raw); return i.InvoiceID, err }},
		{"/Contacts", "Contacts", reflect.TypeFor[Contact](), func(raw json.RawMessage) (string, error) { c, err := DecodeContact(raw); return c.Name, err }},
		{"/Contacts/{ContactID}", "Contacts", reflect.TypeFor[Contact](), func(raw json.RawMessage) (string, error) { c, err := DecodeContact(raw); return c.Name, err }},
		{"/Organisation", "Organisations", reflect.TypeFor[Organisation](), into(func(o Organisation) string { return o.OrganisationID })},
		{"/Organisation/Actions", "Actions", reflect.TypeFor[Action](), into(func(a Action) string { return a.Name })},
		{"/Accounts", "Accounts", reflect.TypeFor[Account](), into(func(a Account) string { return a.AccountID })},
		{"/TaxRates", "TaxRates", reflect.TypeFor[TaxRate](), into(func(r TaxRate) string { return r.TaxType })},
		{"/TrackingCategories", "TrackingCategories", reflect.TypeFor[TrackingCategory](), into(func(c TrackingCategory) string { return c.TrackingCategoryID })},
		{"/Currencies", "Currencies", reflect.TypeFor[struct{ Code string }](), into(func(c struct{ Code string }) string { return c.Code })},
		{"/BrandingThemes", "BrandingThemes", reflect.TypeFor[Theme](), into(func(b Theme) string { return b.BrandingThemeID })},
		{"/Items", "Items", reflect.TypeFor[Item](), into(func(i Item) string { return i.Code })},
	} {
		for _, x := range examples(t, doc, e.path) {
			keys, err := fold(x.body)
			if err != nil {
				t.Errorf("%s: %v", x, err)
				continue
			}
			envelope := e.envelope
			if x.status != "200" {
				envelope = "Elements"
			}
			var list []json.RawMessage
			if err := json.Unmarshal(keys[strings.ToLower(envelope)], &list); err != nil || len(list) == 0 {
				t.Errorf("%s: no %s: %v", x, envelope, err)
				continue
			}
			read++
			for _, raw := range list {
				id, err := e.decode(raw)
				if err != nil || id == "" && x.status == "200" {
					t.Errorf("%s: read as %q: %v", x, id, err)
				}
				for _, name := range unknown(raw, e.element, e.envelope) {
					if why[name] == "" {
						t.Errorf("%s: nothing is known of %s", x, name)
					}
					used[name] = true
				}
			}
			if x.method != "get" && x.status == "400" {
				if elements := elementsOf(Kind(e.envelope), list); len(elements) == 0 || len(elements[0].Refusals) == 0 || elements[0].Refusals[0].Cause == causeOther {
					t.Errorf("%s: the refusals were read as %+v", x, elements)
				}
			}
		}
	}
	for name := range why {
		if !used[name] {
			t.Errorf("%s stands in no example any more", name)
		}
	}
	if read < 15 {
		t.Errorf("only %d examples were read", read)
	}
}

// into decodes an element of a settings list and names it.
func into[T any](name func(T) string) func(json.RawMessage) (string, error) {
	return func(raw json.RawMessage) (string, error) {
		list, err := decodeList[T](fmt.Appendf(nil, `{"x":[%s]}`, raw), "X")
		if err != nil {
			return "", err
		}
		return name(list[0]), nil
	}
}

func TestEveryFieldIsOneOfXeros(t *testing.T) {
	t.Parallel()
	doc := openAPI(t)
	for name, of := range map[string]reflect.Type{
		"Invoice": reflect.TypeFor[Invoice](), "LineItem": reflect.TypeFor[LineItem](), "LineItemTracking": reflect.TypeFor[Tracking](),
		"Contact": reflect.TypeFor[Contact](), "Address": reflect.TypeFor[Address](), "Phone": reflect.TypeFor[Phone](),
		"ContactPerson": reflect.TypeFor[ContactPerson](), "PaymentTerm": reflect.TypeFor[PaymentTerms](), "Bill": reflect.TypeFor[PaymentTerm](),
		"Organisation": reflect.TypeFor[Organisation](), "Action": reflect.TypeFor[Action](), "Account": reflect.TypeFor[Account](),
		"TaxRate": reflect.TypeFor[TaxRate](), "TaxComponent": reflect.TypeFor[TaxComponent](), "TrackingCategory": reflect.TypeFor[TrackingCategory](),
		"TrackingOption": reflect.TypeFor[TrackingOption](), "Item": reflect.TypeFor[Item](), "Purchase": reflect.TypeFor[ItemDetails](),
		"BrandingTheme": reflect.TypeFor[Theme](),
	} {
		schema := at(doc, "components", "schemas", name, "properties")
		if schema == nil {
			t.Errorf("the file has no %s", name)
			continue
		}
		for field := range of.Fields() {
			if at(schema, field.Name) == nil {
				t.Errorf("%s has no %s", name, field.Name)
			}
		}
	}
}

func TestEveryTimeZoneOfXerosIsKnown(t *testing.T) {
	t.Parallel()
	zones := at(openAPI(t), "components", "schemas", "TimeZone", "enum")
	if zones == nil || len(zones.Content) < 100 {
		t.Fatal("the file lists no time zones")
	}
	for _, zone := range zones.Content {
		name := ianaName(zone.Value)
		if name == "" {
			t.Errorf("%s is not known", zone.Value)
		} else if got := location(zone.Value); got.String() != name {
			t.Errorf("%s: %s cannot be loaded", zone.Value, name)
		}
	}
}
