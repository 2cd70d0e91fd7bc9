package document

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// same compares two JSON texts by what they say.
func same(t *testing.T, what string, got json.RawMessage, want string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatalf("%s: %s: %v", what, got, err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatalf("%s: %s: %v", what, want, err)
	}
	if d := cmp.Diff(b, a); d != "" {
		t.Errorf("%s: %s", what, d)
	}
}

func TestAnUpdateSendsOnlyWhatIsOursToChange(t *testing.T) {
	t.Parallel()
	const lines = `[{"LineItemID":"l1","Description":"A","DiscountRate":0,"AccountCode":"200","TaxAmount":1},{"LineItemID":"l2","Description":"B","DiscountRate":10}]`
	for _, c := range []struct {
		name, wanted, seen string
		ours               []string
		want               string
	}{
		{"a changed field", `{"Reference":"B","Date":"2026-11-20"}`, `{"Reference":"A"}`, []string{"Reference"}, `{"Reference":"B"}`},
		{"an emptied field", `{"Date":"2026-11-20"}`, `{"Reference":"A"}`, []string{"Reference"}, `{"Reference":""}`},
		{"nothing", `{"Reference":"B"}`, `{"Reference":"A"}`, nil, `{}`},
		{"lines keep their ids", `{"LineItems":[{"Description":"A2","AccountCode":"200"},{"Description":"B","DiscountRate":20}]}`, `{"LineItems":` + lines + `}`, []string{"LineItems"},
			`{"LineItems":[{"LineItemID":"l1","Description":"A2","AccountCode":"200"},{"LineItemID":"l2","Description":"B","DiscountRate":20}]}`},
		{"a line more", `{"LineItems":[{"Description":"A","AccountCode":"200"},{"Description":"B","DiscountRate":10},{"Description":"C"}]}`, `{"LineItems":` + lines + `}`, []string{"LineItems"},
			`{"LineItems":[{"LineItemID":"l1","Description":"A","AccountCode":"200"},{"LineItemID":"l2","Description":"B","DiscountRate":10},{"Description":"C"}]}`},
		{"a line less", `{"LineItems":[{"Description":"A","AccountCode":"200"}]}`, `{"LineItems":` + lines + `}`, []string{"LineItems"},
			`{"LineItems":[{"LineItemID":"l1","Description":"A","AccountCode":"200"}]}`},
		{"a line that loses its discount is made anew: under its id it would keep it", `{"LineItems":[{"Description":"A","AccountCode":"200"},{"Description":"B"}]}`, `{"LineItems":` + lines + `}`,
			[]string{"LineItems"}, `{"LineItems":[{"LineItemID":"l1","Description":"A","AccountCode":"200"},{"Description":"B"}]}`},
		{"a telephone number, beside one of a person's", `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"2"}]}`,
			`{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"},{"PhoneType":"MOBILE","PhoneNumber":"021"}]}`, []string{"Phones/DEFAULT"},
			`{"Phones":[{"PhoneType":"MOBILE","PhoneNumber":"021"},{"PhoneType":"DEFAULT","PhoneNumber":"2"}]}`},
		{"an emptied telephone number", `{}`, `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1","PhoneAreaCode":"06"}]}`, []string{"Phones/DEFAULT"},
			`{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"","PhoneAreaCode":""}]}`},
		{"an address that loses its region", `{"Addresses":[{"AddressType":"POBOX","City":"Napier"}]}`,
			`{"Addresses":[{"AddressType":"POBOX","City":"Nelson","Region":"Tasman"},{"AddressType":"STREET","City":"Nelson"}]}`, []string{"Addresses/POBOX"},
			`{"Addresses":[{"AddressType":"STREET","City":"Nelson"},{"AddressType":"POBOX","City":"Napier","Region":""}]}`},
		{"two telephone numbers", `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"2"},{"PhoneType":"FAX","PhoneNumber":"3"}]}`, `{}`, []string{"Phones/DEFAULT", "Phones/FAX"},
			`{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"2"},{"PhoneType":"FAX","PhoneNumber":"3"}]}`},
	} {
		update, err := json.Marshal(Patch(json.RawMessage(c.wanted), c.ours, nil, json.RawMessage(c.seen)))
		if err != nil {
			t.Fatal(err)
		}
		same(t, c.name, update, c.want)
	}
}

// Xero works the lines out anew that a write does not name, and loses a cent of a discount that was given as an amount.
func TestLinesOfWhichXeroWouldLoseACentAreNamed(t *testing.T) {
	t.Parallel()
	const meant, rate = `{"LineItems":[{"Description":"A","Quantity":2,"UnitAmount":148,"DiscountAmount":20}]}`, `{"LineItems":[{"Description":"A","Quantity":2,"UnitAmount":148,"DiscountRate":10}]}`
	shown := func(amount string) string {
		return `{"LineItems":[{"LineItemID":"l1","Description":"A","Quantity":2.0000,"UnitAmount":148.0000,"DiscountRate":6.76,"LineAmount":` + amount + `}]}`
	}
	const named = `[{"LineItemID":"l1","Description":"A","Quantity":2,"UnitAmount":148,"DiscountAmount":20}]`
	for _, c := range []struct{ name, meant, seen, want string }{
		{"a discount as an amount", meant, shown("276.00"), `{"InvoiceID":"i","Status":"AUTHORISED","LineItems":` + named + `}`},
		{"one that a person has changed", meant, shown("270.00"), `{"InvoiceID":"i","Status":"AUTHORISED"}`},
		{"a discount as a rate", rate, `{"LineItems":[{"LineItemID":"l1","Description":"A","Quantity":2,"UnitAmount":148,"DiscountRate":10}]}`, `{"InvoiceID":"i","Status":"AUTHORISED"}`},
	} {
		same(t, c.name, Approval("i", "AUTHORISED", nil, json.RawMessage(c.meant), json.RawMessage(c.seen)), c.want)
	}
	update, err := json.Marshal(Patch(json.RawMessage(`{"Reference":"B"}`), []string{"Reference"}, json.RawMessage(meant), json.RawMessage(shown("276.00"))))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "an update of something else", update, `{"Reference":"B","LineItems":`+named+`}`)
}

// A person's line of which Xero would lose a cent goes along by its id alone; nothing of it counts as sent.
func TestAPersonsLinesAreNamedWhereXeroWouldLoseACent(t *testing.T) {
	t.Parallel()
	const meant = `{"LineItems":[{"Description":"A","Quantity":2,"UnitAmount":148,"DiscountAmount":20}]}`
	line := func(id, rest string) string {
		return `{"LineItemID":"` + id + `","Description":"by hand","Quantity":2.0000,"UnitAmount":147.0000,` + rest + `}`
	}
	const inMoney, atRate, lacking = `"DiscountRate":6.80,"LineAmount":274.00`, `"DiscountRate":6.80,"LineAmount":274.01`, `"DiscountRate":0.00,"LineAmount":293.99`
	for _, c := range []struct{ name, lines, want string }{
		{"a discount in money", line("l1", inMoney), `{"Reference":"B","LineItems":[{"LineItemID":"l1"}]}`},
		{"beside another line", line("l1", atRate) + `,` + line("l2", inMoney), `{"Reference":"B","LineItems":[{"LineItemID":"l1"},{"LineItemID":"l2"}]}`},
		{"a discount that rounds to none", line("l1", lacking), `{"Reference":"B","LineItems":[{"LineItemID":"l1"}]}`},
		{"a discount at a rate", line("l1", atRate), `{"Reference":"B"}`},
		{"no discount", line("l1", `"LineAmount":294.00`), `{"Reference":"B"}`},
		{"a line without an id, which would be deleted", `{"Quantity":2,"UnitAmount":147,` + inMoney + `}`, `{"Reference":"B"}`},
	} {
		seen := json.RawMessage(`{"LineItems":[` + c.lines + `]}`)
		update, err := json.Marshal(Patch(json.RawMessage(`{"Reference":"B"}`), []string{"Reference"}, json.RawMessage(meant), seen))
		if err != nil {
			t.Fatal(err)
		}
		same(t, c.name, update, c.want)
		same(t, c.name+": what was meant", MeantAfter(json.RawMessage(meant), update, seen), strings.Replace(meant, "{", `{"Reference":"B",`, 1))
		if got := SentFields(update); !slices.Equal(got, []string{"Reference"}) {
			t.Errorf("%s: %v were sent", c.name, got)
		}
		shown := map[string]string{"LineItems": "as it was made"}
		if got := ShownAfter(shown, Texts(seen), Texts(seen), update)["LineItems"]; got != shown["LineItems"] {
			t.Errorf("%s: the line is not the person's any more: %q", c.name, got)
		}
	}
}

// What Xero keeps of approved invoices only is sent with the approval, and no sooner.
func TestWhatADraftCannotHave(t *testing.T) {
	t.Parallel()
	wanted := func(sent string) json.RawMessage {
		return json.RawMessage(`{"Reference":"A","SentToContact":` + sent + `}`)
	}
	same(t, "a draft", Draft(wanted("true")), `{"Reference":"A"}`)
	same(t, "never sent", Sendable(wanted("true"), json.RawMessage(`{"Reference":"A"}`)), `{"Reference":"A"}`)
	same(t, "sent with its approval", Sendable(wanted("false"), wanted("true")), string(wanted("false")))
	for _, c := range []struct{ name, status, sent, want string }{
		{"approved", "AUTHORISED", "true", `{"InvoiceID":"i","Status":"AUTHORISED","SentToContact":true}`},
		{"submitted", "SUBMITTED", "true", `{"InvoiceID":"i","Status":"SUBMITTED"}`},
		{"what it is by itself", "AUTHORISED", "false", `{"InvoiceID":"i","Status":"AUTHORISED"}`},
	} {
		same(t, c.name, Approval("i", c.status, wanted(c.sent), nil, nil), c.want)
	}
	same(t, "unanswered", Agreeing(json.RawMessage(`{"InvoiceID":"i","Status":"AUTHORISED","SentToContact":true,"Reference":"A"}`), wanted("false")), `{"InvoiceID":"i","Status":"AUTHORISED","Reference":"A"}`)
}

func TestWhatIsMeantAfterAnUpdate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, meant, sent, shown, want string }{
		{"a changed field", `{"Reference":"A","Date":"d"}`, `{"InvoiceID":"i","Status":"DRAFT","Reference":"B"}`, `{}`, `{"Reference":"B","Date":"d"}`},
		{"a cleared field", `{"Reference":"A","Date":"d"}`, `{"InvoiceID":"i","Reference":""}`, `{}`, `{"Date":"d"}`},
		{"a person's telephone number that went along is none of ours", `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"}]}`,
			`{"ContactID":"c","Phones":[{"PhoneType":"MOBILE","PhoneNumber":"021"},{"PhoneType":"DEFAULT","PhoneNumber":"2"}]}`,
			`{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"},{"PhoneType":"MOBILE","PhoneNumber":"021"}]}`, `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"2"}]}`},
		{"a new telephone number of ours", `{}`, `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"2"}]}`, `{}`, `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"2"}]}`},
		{"a cleared telephone number", `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"}]}`, `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":""}]}`,
			`{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"}]}`, `{"Phones":[]}`},
	} {
		same(t, c.name, MeantAfter(json.RawMessage(c.meant), json.RawMessage(c.sent), json.RawMessage(c.shown)), c.want)
	}
	same(t, "of a step", MeantWith(json.RawMessage(`{"Reference":"A","Date":"d"}`), json.RawMessage(`{"Date":"e","Phones":[1]}`), []string{"Reference", "Date", "Phones/DEFAULT"}), `{"Date":"e","Phones":[1]}`)
	same(t, "found again with a street address of a person's", Restricted(json.RawMessage(`{"Addresses":[{"AddressType":"STREET","City":"A"},{"AddressType":"POBOX","City":"B"}]}`),
		json.RawMessage(`{"Addresses":[{"AddressType":"POBOX","City":"C"}]}`)), `{"Addresses":[{"AddressType":"POBOX","City":"B"}]}`)
	same(t, "found again", Restricted(json.RawMessage(`{"Reference":"A","Total":5,"Contact":{"ContactID":"c"}}`), json.RawMessage(`{"Reference":"B","Date":"d"}`)), `{"Reference":"A","Contact":{"ContactID":"c"}}`)
}

func TestFieldsThatAnUpdateSpeaksOf(t *testing.T) {
	t.Parallel()
	got := SentFields(json.RawMessage(`{"InvoiceID":"i","ContactID":"c","Status":"DRAFT","Reference":"","LineItems":[],"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":""},{"PhoneType":"FAX"}]}`))
	if d := cmp.Diff([]string{"LineItems", "Phones/DEFAULT", "Phones/FAX", "Reference"}, got); d != "" {
		t.Error(d)
	}
}

// The customer of an invoice is the Xero id and nothing else: any further field would edit the contact.
func TestAnInvoiceNamesItsContactByIDAlone(t *testing.T) {
	t.Parallel()
	same(t, "contact", WithContact(json.RawMessage(`{"Type":"ACCREC"}`), "c-1"), `{"Type":"ACCREC","Contact":{"ContactID":"c-1"}}`)
}
