package document

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatCountsAsTheSameValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"numbers by value", `{"CurrencyRate":1.50}`, `{"CurrencyRate":1.5}`, true},
		{"numbers with exponents", `{"CurrencyRate":1.5E3}`, `{"CurrencyRate":1500.00}`, true},
		{"numbers beyond binary fractions", `{"CurrencyRate":0.1000000000000000000001}`, `{"CurrencyRate":0.1}`, false},
		{"texts are not numbers", `{"Reference":"1.50"}`, `{"Reference":"1.5"}`, false},
		{"blanks around a text", `{"Reference":" PO 1\r\n2 "}`, `{"Reference":"PO 1\n2"}`, true},
		{"letters", `{"Reference":"po"}`, `{"Reference":"PO"}`, false},
		{"null, blank and absent", `{"Reference":null}`, `{"Reference":""}`, true},
		{"absent", `{}`, `{"Reference":""}`, true},
		{"what Xero computes", `{"Total":1,"AmountDue":2,"UpdatedDateUTC":"x","Payments":[1]}`, `{"Total":3}`, true},
		{"status and link are not fields to compare", `{"Status":"DRAFT","Url":"a"}`, `{"Status":"PAID"}`, true},
		{"the contact by its id, in any case", `{"Contact":{"ContactID":"AB","Name":"x"}}`, `{"Contact":{"ContactID":"ab"}}`, true},
		{"another contact", `{"Contact":{"ContactID":"ab"}}`, `{"Contact":{"ContactID":"ac"}}`, false},
		{"empty slots", `{"Phones":[{"PhoneType":"FAX","PhoneNumber":""},{"PhoneType":"DEFAULT","PhoneNumber":"1"}]}`, `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"}]}`, true},
		{"another slot", `{"Phones":[{"PhoneType":"FAX","PhoneNumber":"1"}]}`, `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"}]}`, false},
		{"a discount of 0", `{"LineItems":[{"Description":"A","DiscountRate":0.00}]}`, `{"LineItems":[{"Description":"A"}]}`, true},
		{"both forms of a discount, and the rate alone", `{"LineItems":[{"DiscountRate":6.76,"DiscountAmount":20.00}]}`, `{"LineItems":[{"DiscountRate":6.76}]}`, true},
		{"a discount of less than a hundredth of a percent, likewise", `{"LineItems":[{"DiscountRate":0.00,"DiscountAmount":0.01}]}`, `{"LineItems":[{"DiscountRate":0.00}]}`, true},
		{"two discounts as amounts", `{"LineItems":[{"DiscountAmount":20.00}]}`, `{"LineItems":[{"DiscountAmount":20.01}]}`, false},
		{"line ids", `{"LineItems":[{"LineItemID":"1","Description":"A"}]}`, `{"LineItems":[{"LineItemID":"2","Description":"A"}]}`, true},
		{"the order of lines", `{"LineItems":[{"Description":"A"},{"Description":"B"}]}`, `{"LineItems":[{"Description":"B"},{"Description":"A"}]}`, false},
		{"the order of tracking", `{"LineItems":[{"Tracking":[{"Name":"A","Option":"1"},{"Name":"B","Option":"2"}]}]}`, `{"LineItems":[{"Tracking":[{"Name":"B","Option":"2"},{"Name":"A","Option":"1"}]}]}`, true},
		{"yes and no", `{"SentToContact":true}`, `{"SentToContact":false}`, false},
	} {
		if got := cmp.Equal(Texts(json.RawMessage(c.a)), Texts(json.RawMessage(c.b))); got != c.same {
			t.Errorf("%s: the same: %v\n%v\n%v", c.name, got, Texts(json.RawMessage(c.a)), Texts(json.RawMessage(c.b)))
		}
	}
	if got := Texts(json.RawMessage(`no JSON`)); len(got) != 0 {
		t.Errorf("no JSON has the fields %v", got)
	}
}

// Each field has three values: last sent, in Xero now, wanted now; and what Xero showed when it was sent.
func TestThreeValuesOfAField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                     string
		wanted, sent, shown, now string
		ours, clash              bool
	}{
		{"nothing changed", "a", "a", "a", "a", false, false},
		{"changed in Salesforce", "b", "a", "a", "a", true, false},
		{"emptied in Salesforce", "", "a", "a", "a", true, false},
		{"filled in Salesforce", "b", "", "", "", true, false},
		{"changed in Xero", "a", "a", "a", "x", false, false},
		{"emptied in Xero", "a", "a", "a", "", false, false},
		{"changed on both sides", "b", "a", "a", "x", false, true},
		{"changed in Salesforce, emptied in Xero", "b", "a", "a", "", false, true},
		{"changed on both sides to the same", "x", "a", "a", "x", false, false},
		{"shown by Xero in its own way from the start", "b", "a", "A", "A", true, false},
		{"shown in its own way, then edited", "b", "a", "A", "x", false, true},
		{"a person's since the contact was adopted", "b", "a", Foreign, "x", false, false},
		{"never ours, filled by a person", "", "", "", "x", false, false},
	} {
		field := func(v string) map[string]string {
			m := map[string]string{}
			Put(m, "F", v)
			return m
		}
		wanted := field(c.wanted)
		now := field(c.now)
		ours, clashes := CompareFields(wanted, field(c.sent), field(c.shown), now, func(f string) bool { return wanted[f] == now[f] })
		if (len(ours) == 1) != c.ours || (len(clashes) == 1) != c.clash {
			t.Errorf("%s: ours %v, clashes %v", c.name, ours, clashes)
		}
	}
}

// What a person changed stays theirs although we then wrote another field; and what we wrote counts as ours.
func TestAPersonsEditOutlivesOurNextUpdate(t *testing.T) {
	t.Parallel()
	fields := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for _, c := range []struct {
		name                 string
		shown, before, after map[string]string
		sent                 string
		want                 map[string]string
	}{
		{"nobody touched it", fields("A", "1", "B", "1"), fields("A", "1", "B", "1"), fields("A", "2", "B", "1"), `{"A":"2"}`, fields("A", "2", "B", "1")},
		{"a person edited another field", fields("A", "1", "B", "1"), fields("A", "1", "B", "x"), fields("A", "2", "B", "x"), `{"A":"2"}`, fields("A", "2", "B", "1")},
		{"a person filled another field", fields("A", "1"), fields("A", "1", "B", "x"), fields("A", "2", "B", "x"), `{"A":"2"}`, fields("A", "2", "B", "")},
		{"a person emptied another field", fields("A", "1", "B", "1"), fields("A", "1"), fields("A", "2"), `{"A":"2"}`, fields("A", "2", "B", "1")},
		{"a person's value since adoption", fields("A", "1", "B", Foreign), fields("A", "1", "B", "x"), fields("A", "2", "B", "x"), `{"A":"2"}`, fields("A", "2", "B", Foreign)},
		{"Xero computed another field", fields("A", "1", "T", "5"), fields("A", "1", "T", "5"), fields("A", "2", "T", "6"), `{"A":"2"}`, fields("A", "2", "T", "6")},
		{"a person edited a telephone number that goes along", fields("Phones/FAX", "1", "Phones/DDI", "1"), fields("Phones/FAX", "x", "Phones/DDI", "1"), fields("Phones/FAX", "x", "Phones/DDI", "2"),
			`{"Phones":[]}`, fields("Phones/FAX", "1", "Phones/DDI", "2")},
	} {
		if d := cmp.Diff(c.want, ShownAfter(c.shown, c.before, c.after, json.RawMessage(c.sent))); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// Of a line only what is wanted is compared: Xero fills in the rest. But nobody gets a discount by themselves.
func TestHowADocumentDeparts(t *testing.T) {
	t.Parallel()
	line := func(fields string) string { return `{"LineItems":[{"Description":"A",` + fields + `}]}` }
	for _, c := range []struct{ name, field, wanted, now, want string }{
		{"equal", "Reference", `{"Reference":"A"}`, `{"Reference":"A"}`, ""},
		{"another", "Reference", `{"Reference":"A"}`, `{"Reference":"B"}`, `Reference is "B" instead of "A"`},
		{"empty in Xero", "Reference", `{"Reference":"A"}`, `{}`, `Reference is empty instead of "A"`},
		{"not cleared", "Reference", `{"Reference":""}`, `{"Reference":"B"}`, `Reference is "B" instead of empty`},
		{"a telephone number", "Phones/DEFAULT", `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"}]}`, `{}`, `Phones (DEFAULT) is empty instead of "PhoneNumber 1"`},
		{"contact", "Contact", `{"Contact":{"ContactID":"a"}}`, `{"Contact":{"ContactID":"b"}}`, "it is made out to another contact"},
		{"a line as wanted", "LineItems", line(`"Quantity":1.00`), line(`"Quantity":1,"UnitAmount":5,"TaxType":"OUTPUT2","LineAmount":5,"TaxAmount":0.75,"AccountCode":"200"`), ""},
		{"a line's quantity", "LineItems", line(`"Quantity":1`), line(`"Quantity":2`), `line 1: Quantity is "2" instead of "1"`},
		{"a discount nobody wants", "LineItems", line(`"Quantity":1`), line(`"Quantity":1,"DiscountRate":50`), `line 1: DiscountRate is "50" instead of empty`},
		{"a discount in money that Xero computed of ours", "LineItems", line(`"DiscountRate":50`), line(`"DiscountRate":50.0000,"DiscountAmount":2`), ""},
		{"a discount in money, of which Xero shows the rate", "LineItems", line(`"DiscountAmount":20`), line(`"Quantity":2,"UnitAmount":148,"DiscountRate":6.76,"LineAmount":276.00`), ""},
		{"a cent less of it", "LineItems", line(`"DiscountAmount":20`), line(`"Quantity":2,"UnitAmount":148,"DiscountRate":6.76,"LineAmount":275.99`), `line 1: DiscountAmount is "20.01" instead of "20"`},
		{"none of it", "LineItems", line(`"DiscountAmount":20`), line(`"Quantity":2,"UnitAmount":148,"LineAmount":296`), `line 1: DiscountAmount is empty instead of "20"`},
		{"a line more", "LineItems", line(`"Quantity":1`), `{"LineItems":[{},{}]}`, "it has 2 lines instead of 1"},
		{"no lines", "LineItems", line(`"Quantity":1`), `{}`, "it has 0 lines instead of 1"},
	} {
		if got := Compare(json.RawMessage(c.wanted), json.RawMessage(c.now)).Differs(c.field); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFieldsInWhichADocumentDeparts(t *testing.T) {
	t.Parallel()
	const wanted = `{"Reference":"A","CurrencyRate":0.6,"LineItems":[{"Description":"A","TaxType":"OUTPUT2"},{"Description":"B","TaxType":"OUTPUT2","DiscountRate":33.3333}]}`
	for _, c := range []struct {
		name, now string
		except    []string
		want      []string
	}{
		{"none", wanted, nil, nil},
		{"of the document and of its lines, each once", `{"Reference":"A","CurrencyRate":1,"LineItems":[{"Description":"A","TaxType":"NONE"},{"Description":"B","TaxType":"NONE","DiscountRate":33.33}]}`, nil,
			[]string{"CurrencyRate", "LineItems.DiscountRate", "LineItems.TaxType"}},
		{"but for a person's", `{"Reference":"B","CurrencyRate":1,"LineItems":[]}`, []string{"Reference", "LineItems"}, []string{"CurrencyRate"}},
		{"lines more and less", `{"Reference":"A","CurrencyRate":0.6,"LineItems":[]}`, nil, []string{"LineItems"}},
	} {
		if d := cmp.Diff(c.want, Compare(json.RawMessage(wanted), json.RawMessage(c.now)).Differing(c.except...)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestAllThreeValuesAreShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, sent, now, wanted, want string
		fields                        []string
	}{
		{"two fields", `{"A":"1","B":"1"}`, `{"A":"2"}`, `{"A":"3","B":"3"}`, `A was sent as "1", is "2" in Xero and "3" in Salesforce; B was sent as "1", is empty in Xero and "3" in Salesforce`, []string{"A", "B"}},
		{"a line, and of it what differs", `{"LineItems":[{"Description":"A","Quantity":1},{"Description":"B","Quantity":1}]}`,
			`{"LineItems":[{"Description":"A","Quantity":1,"TaxType":"OUTPUT2","LineAmount":3},{"Description":"B","Quantity":2,"DiscountRate":5}]}`,
			`{"LineItems":[{"Description":"A","Quantity":1},{"Description":"B","Quantity":3}]}`,
			"LineItems: line 2 was sent with Quantity 1, no DiscountRate, has Quantity 2, DiscountRate 5 in Xero and Quantity 3, no DiscountRate in Salesforce", []string{"LineItems"}},
		{"a discount in money", `{"LineItems":[{"Quantity":1,"DiscountAmount":20}]}`, `{"LineItems":[{"Quantity":2,"UnitAmount":148,"DiscountRate":6.76,"LineAmount":276}]}`, `{"LineItems":[{"Quantity":1,"DiscountAmount":30}]}`,
			"LineItems: line 1 was sent with Quantity 1, DiscountAmount 20, has Quantity 2, DiscountAmount 20 in Xero and Quantity 1, DiscountAmount 30 in Salesforce", []string{"LineItems"}},
		{"lines more and less", `{"LineItems":[{}]}`, `{"LineItems":[{},{}]}`, `{"LineItems":[{},{},{}]}`, "LineItems: 1 lines were sent, there are 2 in Xero and 3 in Salesforce", []string{"LineItems"}},
		{"the customer", `{}`, `{}`, `{}`, "the invoice was moved to another contact in Xero, and the deal to another account in Salesforce", []string{"Contact"}},
	} {
		if got := ThreeValues(c.fields, json.RawMessage(c.sent), json.RawMessage(c.now), json.RawMessage(c.wanted)); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
}

// What was sent and never answered shows whether a person has been at it: Xero's own half cents are nobody's doing.
func TestWhatXeroTookAsItWasSent(t *testing.T) {
	t.Parallel()
	const sent = `{"Reference":"A","LineItems":[{"Quantity":0.5,"UnitAmount":33.35,"DiscountAmount":0.45}]}`
	for _, c := range []struct {
		name, line string
		taken      bool
	}{
		{"rounded away from zero", `"Quantity":0.5,"UnitAmount":33.35,"DiscountRate":2.70,"LineAmount":16.23`, true},
		{"rounded to the even cent", `"Quantity":0.5,"UnitAmount":33.35,"DiscountRate":2.70,"LineAmount":16.22`, true},
		{"another cent", `"Quantity":0.5,"UnitAmount":33.35,"DiscountRate":2.70,"LineAmount":16.21`, false},
		{"another rate", `"Quantity":0.5,"UnitAmount":33.35,"DiscountRate":2.71,"LineAmount":16.22`, false},
		{"another price", `"Quantity":0.5,"UnitAmount":33.36,"DiscountRate":2.70,"LineAmount":16.22`, false},
		{"no discount", `"Quantity":0.5,"UnitAmount":33.35,"LineAmount":16.22`, false},
	} {
		found := Compare(json.RawMessage(sent), json.RawMessage(`{"Reference":"B","LineItems":[{`+c.line+`}]}`))
		if got := found.Taken("LineItems"); got != c.taken {
			t.Errorf("%s: taken is %t", c.name, got)
		}
		if found.Taken("Reference") {
			t.Errorf("%s: another reference counts as sent", c.name)
		}
	}
}
