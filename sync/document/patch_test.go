package document

import (
	"encoding/json"
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
