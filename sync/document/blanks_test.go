package document

import (
	"encoding/json"
	"testing"
)

// What a person has entered stays as it is, and what nobody has entered is filled, slot by slot.
func TestWhatAnAdoptionFillsIn(t *testing.T) {
	t.Parallel()
	const postal = `{"AddressType":"POBOX","AddressLine1":"12 Quay St","City":"Tauranga"}`
	for _, c := range []struct{ name, wanted, now, want string }{
		{"nothing is blank", `{"Name":"A","EmailAddress":"a@b.example"}`, `{"Name":"B","EmailAddress":"c@d.example"}`, `{}`},
		{"an e-mail address", `{"Name":"A","EmailAddress":"a@b.example"}`, `{"Name":"B","EmailAddress":""}`, `{"EmailAddress":"a@b.example"}`},
		{"what the account has not got either", `{"EmailAddress":""}`, `{}`, `{}`},
		{"its mark and status are nobody's blanks", `{"ContactNumber":"001","ContactStatus":"ACTIVE","ContactID":"x"}`, `{}`, `{}`},
		{"the first address", `{"Addresses":[` + postal + `]}`, `{}`, `{"Addresses":[` + postal + `]}`},
		{"a postal address beside a street address", `{"Addresses":[` + postal + `]}`, `{"Addresses":[{"AddressType":"STREET","AddressLine1":"Shed 4"}]}`,
			`{"Addresses":[{"AddressType":"STREET","AddressLine1":"Shed 4"},` + postal + `]}`},
		{"a slot that Xero shows with blanks", `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"07 555 0100"}]}`,
			`{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"","PhoneAreaCode":""},{"PhoneType":"MOBILE","PhoneNumber":"021"}]}`,
			`{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"07 555 0100","PhoneAreaCode":""},{"PhoneType":"MOBILE","PhoneNumber":"021"}]}`},
		{"another postal address", `{"Addresses":[` + postal + `]}`, `{"Addresses":[{"AddressType":"POBOX","AddressLine1":"PO Box 5"}]}`, `{}`},
		{"another postal address that has no town", `{"Addresses":[{"AddressType":"POBOX","City":"Tauranga"}]}`, `{"Addresses":[{"AddressType":"POBOX","AddressLine1":"PO Box 5"}]}`, `{}`},
		{"the same address without its town", `{"Addresses":[` + postal + `]}`, `{"Addresses":[{"AddressType":"POBOX","AddressLine1":"12 Quay St","City":"","AttentionTo":"Ann"}]}`,
			`{"Addresses":[{"AddressType":"POBOX","AddressLine1":"12 Quay St","City":"Tauranga","AttentionTo":"Ann"}]}`},
		{"the same address", `{"Addresses":[` + postal + `]}`, `{"Addresses":[` + postal + `]}`, `{}`},
		{"a country code, and another number", `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"5550100"}]}`, `{"Phones":[{"PhoneType":"DEFAULT","PhoneCountryCode":"64"}]}`, `{}`},
		{"one slot of two", `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"},{"PhoneType":"FAX","PhoneNumber":"2"}]}`, `{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"9"}]}`,
			`{"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"9"},{"PhoneType":"FAX","PhoneNumber":"2"}]}`},
	} {
		got, err := json.Marshal(Blanks(json.RawMessage(c.wanted), json.RawMessage(c.now)))
		if err != nil {
			t.Fatal(err)
		}
		same(t, c.name, got, c.want)
	}
}
