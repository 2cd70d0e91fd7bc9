package document

import "testing"

// Which values of a field say whose it is. A number that somebody could have been given does, however short; what a form had to
// be filled with does not.
func TestWhatAnIdentifierIsWorth(t *testing.T) {
	t.Parallel()
	for field, values := range map[string]map[Worth][]string{
		"AccountNumber": {
			Nobodys: {"", " ", "N/A", "n/a", "na", "n.a.", "-", "--", "—", "?", ".", "...", "tba", "TBC", "t.b.d.", "none", "None.", "unknown", "UNKNOWN", "xxx", "XXX-XX", "null", "nil", "not known", "to be confirmed"},
			Filler:  {"0", "00", "000", "0-0", "999", "1111", "123456789", "0123456789", "987654321"},
			Shared:  {"ACME", "Smith", "X", "ABC", "XX-000"},
			Number:  {"7", "A1", "11", "10", "007", "1001", "C-100", "1234", "AB-112", "N/A 7", "TBA1", "2026-0001", "C-111", "12345", "12345678"},
		},
		"TaxNumber": {
			Nobodys: {"n/a", "exempt", "not registered", "GST", "Registered", "-"},
			Filler:  {"0", "00-000-000", "GB000000000", "GB999999999", "GB 123 456 789", "123-456-789", "111-111-111"},
			Number:  {"12-345-678", "DE129273398", "GB980780684", "51 824 753 556", "NL000099998B57"},
		},
		"CompanyNumber": {Nobodys: {"none", "Sole trader"}, Filler: {"0000000"}, Number: {"9429", "SC123456", "HRB 86891", "03977902"}},
		"ContactNumber": {Nobodys: {"n/a"}, Filler: {"000"}, Shared: {"POS"}, Number: {"POS-77", "ERP-9"}},
		"EmailAddress": {
			Nobodys: {"", "n/a", "none", "-", "none@none.com", "n/a@n/a.com", "unknown@acme.example", "ann@noemail.com", "no-email@acme.example", "@acme.example", "ann@", "tba@acme.example"},
			Filler:  {"noreply@acme.example", "no-reply@acme.example", "Do.Not.Reply@acme.example", "test@acme.example"},
			Shared:  {"ap@acme.example", "email@acme.example", "info@acme.example", "1@acme.example", "nona@acme.example"},
		},
		"PostalCode": {Nobodys: {"", "n/a"}, Shared: {"2222", "1111", "0000", "41 10", "SW1A 1AA"}},
		"Name":       {Nobodys: {"N/A", "tba", "?", "Unknown"}, Shared: {"Acme", "X", "3M", "111", "Unknown Pleasures", "Nil Satis Ltd", "Nona"}},
	} {
		for want, all := range values {
			for _, value := range all {
				if got := WorthOf(field, value); got != want {
					t.Errorf("%s %q is worth %d, want %d", field, value, got, want)
				}
			}
		}
	}
}
