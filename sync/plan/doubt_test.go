package plan

import (
	"encoding/json"
	"strings"
	"testing"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

// What two sides of a match may differ in, and still be one customer.
func TestWhatContradictsAMatch(t *testing.T) {
	t.Parallel()
	postal := func(codes ...string) (all []xero.Address) {
		for i, code := range codes {
			all = append(all, xero.Address{AddressType: []string{"POBOX", "STREET"}[i], PostalCode: code})
		}
		return all
	}
	account := xero.Contact{ContactNumber: accountID, Name: "Acme Pty Ltd", AccountNumber: "1001", EmailAddress: "ap@acme.example", TaxNumber: "12-345-678", CompanyNumber: "9429", Addresses: postal("4110")}
	person := xero.Contact{ContactNumber: accountID, Name: "David Smith", FirstName: "David", LastName: "Smith", EmailAddress: "david@south.example", Addresses: postal("4110")}
	for _, c := range []struct {
		name         string
		ours, theirs xero.Contact
		named        bool
		match        []string
		person       bool
		doubtful     bool
		rests        string
	}{
		{name: "everything agrees", ours: account, theirs: xero.Contact{Name: "ACME  Pty ltd", AccountNumber: "1001", EmailAddress: "AP@acme.example", TaxNumber: "12 345 678", CompanyNumber: "9429"},
			rests: "AccountNumber, TaxNumber, CompanyNumber, Name and EmailAddress agree"},
		{name: "the name alone, the other side has nothing else", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd"}, rests: "Name agrees"},
		{name: "the account number differs, all else agrees", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", AccountNumber: "1002", EmailAddress: "ap@acme.example", TaxNumber: "12345678"}, doubtful: true,
			rests: "TaxNumber, Name and EmailAddress agree; AccountNumber differs"},
		{name: "the tax number differs", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", AccountNumber: "1001", TaxNumber: "87-654-321"}, doubtful: true},
		{name: "the company number differs", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", AccountNumber: "1001", CompanyNumber: "9430"}, doubtful: true},
		{name: "the number agrees, name and e-mail both differ", ours: account, theirs: xero.Contact{Name: "Harbour Cleaning Services", AccountNumber: "1001", EmailAddress: "office@harbourclean.example"}, doubtful: true,
			rests: "AccountNumber agrees; Name and EmailAddress differ"},
		{name: "the number agrees, the name differs", ours: account, theirs: xero.Contact{Name: "Acme", AccountNumber: "1001"}, rests: "AccountNumber agrees; Name differs"},
		{name: "the number and the e-mail agree, the name differs", ours: account, theirs: xero.Contact{Name: "Acme", AccountNumber: "1001", EmailAddress: "ap@acme.example"}},
		{name: "the number and the name agree, the e-mail differs", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", AccountNumber: "1001", EmailAddress: "books@acme.example"}},
		{name: "the name agrees, the e-mail differs", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", EmailAddress: "books@acme.example"}, doubtful: true},
		{name: "the e-mail agrees, the name differs", ours: account, theirs: xero.Contact{Name: "Acme Group", EmailAddress: "ap@acme.example"}, doubtful: true},
		{name: "the tax number agrees, the name differs", ours: account, theirs: xero.Contact{Name: "Acme Group", TaxNumber: "12345678"}},
		{name: "companies in two places", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", Addresses: postal("9999")}},

		{name: "people in two places", ours: person, theirs: xero.Contact{Name: "David Smith", Addresses: postal("9999")}, doubtful: true, rests: "Name agrees; PostalCode differs"},
		{name: "people in two places whose codes are one digit over and over", ours: xero.Contact{Name: "David Smith", Addresses: postal("2222")}, theirs: xero.Contact{Name: "David Smith", Addresses: postal("3333")}, person: true, doubtful: true,
			rests: "Name agrees; PostalCode differs"},
		{name: "people, one of whose addresses is the same", ours: person, theirs: xero.Contact{Name: "David Smith", Addresses: postal("9999", "41 10")}},
		{name: "people of whom one has no address", ours: person, theirs: xero.Contact{Name: "David Smith"}},
		{name: "a person in Xero", ours: xero.Contact{Name: "David Smith", Addresses: postal("4110")}, theirs: xero.Contact{Name: "David Smith", FirstName: "David", LastName: "Smith", Addresses: postal("9999")}, doubtful: true},
		{name: "a person account", ours: xero.Contact{Name: "David Smith", Addresses: postal("4110")}, theirs: xero.Contact{Name: "David Smith", Addresses: postal("9999")}, person: true, doubtful: true},
		{name: "a company with a contact person", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", FirstName: "David", LastName: "Smith", Addresses: postal("9999")}},
		{name: "people in two places with one number", ours: xero.Contact{Name: "David Smith", AccountNumber: "7", Addresses: postal("4110")}, theirs: xero.Contact{Name: "David Smith", AccountNumber: "7", Addresses: postal("9999")}, person: true},

		{name: "both fill the number with N/A", ours: xero.Contact{Name: "Acme", AccountNumber: "N/A"}, theirs: xero.Contact{Name: "Beta", AccountNumber: "n/a"}, doubtful: true},
		{name: "both fill every number, and the name agrees", ours: xero.Contact{Name: "Acme", AccountNumber: "0", TaxNumber: "none", CompanyNumber: "-"}, theirs: xero.Contact{Name: "Acme", AccountNumber: "000", TaxNumber: "tba", CompanyNumber: "?"},
			rests: "Name agrees"},
		{name: "… and the e-mail address differs", ours: xero.Contact{Name: "Acme", AccountNumber: "0", EmailAddress: "a@acme.example"}, theirs: xero.Contact{Name: "Acme", AccountNumber: "0", EmailAddress: "b@beta.example"}, doubtful: true},
		{name: "two fillers that may be two numbers", ours: xero.Contact{Name: "Acme", AccountNumber: "111"}, theirs: xero.Contact{Name: "Acme", AccountNumber: "222"}, doubtful: true},
		{name: "one filler, spelt in two ways", ours: xero.Contact{Name: "Acme", TaxNumber: "GB 999 9999 99"}, theirs: xero.Contact{Name: "Acme", TaxNumber: "999-999-999"}, rests: "Name agrees"},
		{name: "two addresses of two firms that take no mail", ours: xero.Contact{Name: "Acme", EmailAddress: "noreply@acme.example"}, theirs: xero.Contact{Name: "Acme", EmailAddress: "no-reply@other.example"}, doubtful: true},
		{name: "… and of one", ours: xero.Contact{Name: "Acme", EmailAddress: "noreply@acme.example"}, theirs: xero.Contact{Name: "Acme", EmailAddress: "no-reply@acme.example"}, rests: "Name agrees"},
		{name: "one side says that there is no number", ours: xero.Contact{Name: "Acme", AccountNumber: "N/A"}, theirs: xero.Contact{Name: "Acme", AccountNumber: "1001"}, rests: "Name agrees"},
		{name: "one side has what may be a filler or a number", ours: xero.Contact{Name: "Acme", AccountNumber: "999"}, theirs: xero.Contact{Name: "Acme", AccountNumber: "1001"}, doubtful: true},
		{name: "both have a word for a number, the name differs", ours: xero.Contact{Name: "Acme", AccountNumber: "SMITH"}, theirs: xero.Contact{Name: "Beta", AccountNumber: "Smith"}, doubtful: true},
		{name: "… and the name agrees", ours: xero.Contact{Name: "Acme", AccountNumber: "SMITH"}, theirs: xero.Contact{Name: "Acme", AccountNumber: "Smith"}, rests: "AccountNumber and Name agree"},
		{name: "two have a different word for a number", ours: xero.Contact{Name: "Acme", AccountNumber: "SMITH"}, theirs: xero.Contact{Name: "Acme", AccountNumber: "JONES"}, doubtful: true},
		{name: "both say that there is no e-mail address", ours: xero.Contact{Name: "Acme", EmailAddress: "none@none.com"}, theirs: xero.Contact{Name: "Acme", EmailAddress: "n/a@n/a.com"}, rests: "Name agrees"},
		{name: "a short number is one", ours: xero.Contact{Name: "Acme", AccountNumber: "7"}, theirs: xero.Contact{Name: "Beta", AccountNumber: "7"}, rests: "AccountNumber agrees; Name differs"},

		{name: "another program's number", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", ContactNumber: "POS-77"}},
		{name: "another program's number, and the mapping matches by that", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", ContactNumber: "POS-77"}, match: []string{"ContactNumber", "Name"}, doubtful: true},
		{name: "the account's id in 15 characters", ours: account, theirs: xero.Contact{Name: "Acme Group", ContactNumber: accountID[:15]}, rests: "ContactNumber agrees; Name differs"},
		{name: "another account's id in 15 characters", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", ContactNumber: otherID[:15]}, doubtful: true},

		{name: "the account's own field names it, the name differs", ours: account, theirs: xero.Contact{Name: "Acme Group"}, named: true, rests: "ContactID agrees; Name differs"},
		{name: "… and its number differs", ours: account, theirs: xero.Contact{Name: "Acme Pty Ltd", AccountNumber: "1002"}, named: true, doubtful: true},
		{name: "… and its name and e-mail differ", ours: account, theirs: xero.Contact{Name: "Beta", EmailAddress: "pay@beta.example"}, named: true, doubtful: true},
	} {
		l := likenessOf(c.ours, []xero.Contact{c.theirs}, c.person, c.named, c.match)
		if l.doubtful() != c.doubtful || c.rests != "" && l.restsOn() != c.rests {
			t.Errorf("%s: doubtful %t: %s; want %t: %s", c.name, l.doubtful(), l.restsOn(), c.doubtful, c.rests)
		}
	}
}

// Doubtful is held with both sides named; correcting either side, or emptying the field, releases it.
func TestAMatchThatSomethingContradicts(t *testing.T) {
	t.Parallel()
	harbour := xero.Contact{ContactID: contactID, AccountNumber: "C-100", Name: "Harbour Cleaning", EmailAddress: "office@harbour.example", ContactStatus: "ACTIVE"}
	smith := xero.Contact{ContactID: contactID, AccountNumber: "C-200", Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"}
	with := func(c xero.Contact, change func(*xero.Contact)) xero.Contact { change(&c); return c }
	given := func(edits []string, contacts ...xero.Contact) func(*desk) {
		return func(d *desk) {
			delete(d.books.links, accountKey)
			clear(d.books.seen)
			for _, c := range contacts {
				d.customer(c)
			}
			if len(edits) > 0 {
				d.account = swap(d.t, d.account, edits)
			}
		}
	}
	matches := func(by string, contacts ...xero.Contact) func(*desk) {
		return func(d *desk) {
			given(nil, contacts...)(d)
			d.compile().Contacts.Match = strings.Split(by, ", ")
		}
	}
	for _, c := range []planCase{
		{name: "the bookkeeper numbers other customers alike", given: given(nil, harbour), do: Hold, cause: "contact.doubtful", owner: Accountant,
			says: []string{`"Zanzibar Ferries"`, `"Harbour Cleaning"`, `"C-100"`, "pay@zanzibar.example", "office@harbour.example", "change the AccountNumber of one of them"}},
		{name: "… the account gets another number", given: given([]string{"C-100", "C-300"}, harbour), do: Create},
		{name: "… the account's number is emptied", given: given([]string{`"C-100"`, "null"}, harbour), do: Create},
		{name: "… the contact's number is emptied", given: given(nil, with(harbour, func(c *xero.Contact) { c.AccountNumber = "" })), do: Create},
		{name: "… the contact's e-mail is corrected", given: given(nil, with(harbour, func(c *xero.Contact) { c.EmailAddress = "pay@zanzibar.example" })), do: Adopt, says: []string{"AccountNumber and EmailAddress agree; Name differs"}},
		{name: "… the contact's e-mail is emptied", given: given(nil, with(harbour, func(c *xero.Contact) { c.EmailAddress = "" })), do: Adopt, says: []string{"AccountNumber agrees; Name differs"}},
		{name: "two customers of one name", given: given(nil, smith), do: Hold, cause: "contact.doubtful", owner: Accountant, says: []string{`"C-100" in Salesforce and "C-200" in Xero`}},
		{name: "… the account's number is corrected", given: given([]string{"C-100", "C-200"}, smith), do: Adopt, says: []string{"AccountNumber and Name agree"}},
		{name: "… the account's number is emptied", given: given([]string{`"C-100"`, "null"}, smith), do: Adopt, says: []string{"Name agrees"}},
		{name: "… the contact's number is emptied", given: given(nil, with(smith, func(c *xero.Contact) { c.AccountNumber = "" })), do: Adopt},
		{name: "… the account gets a name of its own", given: given([]string{`"Zanzibar Ferries"`, `"Another Zanzibar"`}, smith), do: Create},

		{name: "matched by e-mail, under another name", given: matches("EmailAddress", xero.Contact{ContactID: contactID, Name: "Z. F.", EmailAddress: "Pay@zanzibar.example", ContactStatus: "ACTIVE"}),
			do: Hold, cause: "contact.doubtful", owner: Accountant, says: []string{`"Z. F."`}},
		{name: "matched by e-mail and by name", given: matches("EmailAddress", xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", EmailAddress: "pay@zanzibar.example", ContactStatus: "ACTIVE"}),
			do: Adopt, says: []string{"Name and EmailAddress agree"}},
		{name: "matched by the short form of its id", given: matches("ContactNumber", xero.Contact{ContactID: contactID, ContactNumber: accountID[:15], Name: "Z. F.", ContactStatus: "ACTIVE"}), do: Adopt, says: []string{"ContactNumber agrees; Name differs"}},
		{name: "the mapping does not match by e-mail", given: matches("AccountNumber", xero.Contact{ContactID: contactID, Name: "Z. F.", EmailAddress: "pay@zanzibar.example", ContactStatus: "ACTIVE"}), do: Create},

		{name: "a branch shares the e-mail address and has a number of its own", given: matches("AccountNumber, EmailAddress, Name",
			xero.Contact{ContactID: contactID, AccountNumber: "C-100", Name: "Zanzibar Ferries", EmailAddress: "pay@zanzibar.example", ContactStatus: "ACTIVE"},
			xero.Contact{ContactID: contactID2, AccountNumber: "C-101", Name: "Zanzibar North", EmailAddress: "pay@zanzibar.example", ContactStatus: "ACTIVE"}), do: Adopt, says: []string{"AccountNumber, Name and EmailAddress agree"}},
		{name: "one has its name, another its e-mail address", given: matches("EmailAddress, Name",
			xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"},
			xero.Contact{ContactID: contactID2, Name: "Z. F.", EmailAddress: "pay@zanzibar.example", ContactStatus: "ACTIVE"}), do: Hold, cause: "contact.ambiguous", owner: Accountant},
		{name: "one has its name, another, contradicted, its number", given: given(nil,
			xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"},
			with(harbour, func(c *xero.Contact) { c.ContactID = contactID2 })), do: Hold, cause: "contact.ambiguous", owner: Accountant},
		{name: "its name was merged into another contact in Xero", given: given(nil,
			xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED", MergedToContactID: contactID2},
			xero.Contact{ContactID: contactID2, Name: "All Ferries", ContactStatus: "ACTIVE"}), do: Adopt, says: []string{`"All Ferries"`, "Name agrees"}},
		{name: "… into one of another number", given: given(nil,
			xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED", MergedToContactID: contactID2},
			xero.Contact{ContactID: contactID2, Name: "All Ferries", AccountNumber: "C-7", ContactStatus: "ACTIVE"}), do: Hold, cause: "contact.doubtful", owner: Accountant},

		{name: "its number is a filler that another contact has", given: given([]string{"C-100", "n/a"}, xero.Contact{ContactID: contactID, AccountNumber: "N/A", Name: "Harbour", ContactStatus: "ACTIVE"}), do: Create},
		{name: "… and one of its own name has", given: given([]string{"C-100", "n/a"}, xero.Contact{ContactID: contactID, AccountNumber: "N/A", Name: "Harbour", ContactStatus: "ACTIVE"},
			xero.Contact{ContactID: contactID2, AccountNumber: "N/A", Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"}), do: Adopt, says: []string{"Name agrees"}},
		{name: "its e-mail address is that of nobody", given: func(d *desk) {
			given([]string{"pay@zanzibar.example", "none@none.com"}, xero.Contact{ContactID: contactID, Name: "Harbour", EmailAddress: "none@none.com", ContactStatus: "ACTIVE"})(d)
			d.compile().Contacts.Match = []string{"EmailAddress"}
		}, do: Create},

		{name: "a firm that is called what people write for nobody", given: given([]string{"Zanzibar Ferries", "Exempt"}, xero.Contact{ContactID: contactID, Name: "EXEMPT", ContactStatus: "ACTIVE"}),
			do: Hold, cause: "contact.name_taken", owner: Sales, says: []string{"does not say whether", "if they are one customer, enter the contact's id " + contactID + " in the account's field Xero_Contact_Id__c"}},
		{name: "… a person says that it is this customer", given: given([]string{"Zanzibar Ferries", "Exempt", `"Xero_Contact_Id__c":null`, `"Xero_Contact_Id__c":"` + contactID + `"`},
			xero.Contact{ContactID: contactID, Name: "EXEMPT", ContactStatus: "ACTIVE"}), do: Adopt},
		{name: "… a person says that it is another", given: given([]string{"Zanzibar Ferries", "Exempt Zanzibar"}, xero.Contact{ContactID: contactID, Name: "EXEMPT", ContactStatus: "ACTIVE"}), do: Create},
		{name: "… the account has no field for it", given: func(d *desk) {
			given([]string{"Zanzibar Ferries", "Exempt"}, xero.Contact{ContactID: contactID, Name: "EXEMPT", ContactStatus: "ACTIVE"})(d)
			d.compile().Contacts.IDField = ""
		}, do: Hold, cause: "contact.name_taken", owner: Sales, says: []string{"if they are one customer, give both the same AccountNumber"}},
		{name: "… and both are given one number", given: func(d *desk) {
			given([]string{"Zanzibar Ferries", "Exempt"}, xero.Contact{ContactID: contactID, Name: "EXEMPT", AccountNumber: "c-100", ContactStatus: "ACTIVE"})(d)
			d.compile().Contacts.IDField = ""
		}, do: Adopt},
		{name: "… nor a number to be matched by", given: func(d *desk) {
			given([]string{"Zanzibar Ferries", "Exempt"}, xero.Contact{ContactID: contactID, Name: "EXEMPT", ContactStatus: "ACTIVE"})(d)
			d.compile().Contacts.IDField, d.compile().Contacts.Match = "", []string{"Name"}
		}, do: Hold, cause: "contact.name_taken", owner: Sales, says: []string{"if they are one customer, give both one name that says who it is"}},
		{name: "… both are called Exempt of Zanzibar", given: func(d *desk) {
			given([]string{"Zanzibar Ferries", "Exempt of Zanzibar"}, xero.Contact{ContactID: contactID, Name: "Exempt of Zanzibar", ContactStatus: "ACTIVE"})(d)
			d.compile().Contacts.IDField, d.compile().Contacts.Match = "", []string{"Name"}
		}, do: Adopt},

		{name: "its own field names a contact of another number", given: func(d *desk) {
			given([]string{`"Xero_Contact_Id__c":null`, `"Xero_Contact_Id__c":"` + contactID + `"`}, smith)(d)
		}, do: Hold, cause: "contact.doubtful", owner: Accountant, says: []string{"ContactID"}},
		{name: "its own field names a contact of another name", given: func(d *desk) {
			given([]string{`"Xero_Contact_Id__c":null`, `"Xero_Contact_Id__c":"` + contactID + `"`}, xero.Contact{ContactID: contactID, Name: "Z. F.", ContactStatus: "ACTIVE"})(d)
		}, do: Adopt, says: []string{"the account's own field names this contact"}},

		{name: "accents are a near miss", given: given([]string{"Zanzibar Ferries", "Zānzibar Ferries"}, xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"}),
			do: Hold, cause: "contact.near_miss", owner: Sales, says: []string{`"Zanzibar Ferries"`, `"Zānzibar Ferries"`, "they differ in an accent"}},
		{name: "accents, and the mapping does not match by name", given: func(d *desk) {
			given([]string{"Zanzibar Ferries", "Zānzibar Ferries"}, xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"})(d)
			d.maps("match: [AccountNumber, Name]", "match: [AccountNumber]")
		}, do: Hold, cause: "contact.name_taken", owner: Sales},
		{name: "the same name, composed otherwise, with a sign that nobody sees and another dash", given: given([]string{"Zanzibar Ferries", "Zānzibar\u200b\u00a0– Ferries"},
			xero.Contact{ContactID: contactID, Name: "Za\u0304nzibar - Ferries", ContactStatus: "ACTIVE"}), do: Adopt, says: []string{"Name agrees"}},
		{name: "a name of which nothing can be seen", given: given([]string{`"Name":"Zanzibar Ferries"`, `"Name":"\u200b"`}), do: Hold, cause: "record.unmappable", owner: Sales},
	} {
		c.run(t, (*desk).planAccount)
	}
}

// The name that is sent is the one that people see.
func TestTheNameThatIsSentIsNormalised(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	delete(d.books.links, accountKey)
	clear(d.books.seen)
	d.isCalled("Zanzibar Ferries", "Cafe\u0301\u00a0Zanzibar\u200b –  Ferries")
	if got := document.Texts(d.planAccount().Document)["Name"]; got != "Café Zanzibar – Ferries" {
		t.Errorf("it is sent as %q", got)
	}
	// An older version sent it as it was typed: that is no new name.
	s := d.planAccount()
	sent := []byte(strings.ReplaceAll(string(s.Document), "Café", "Cafe\u0301"))
	d.books.links[accountKey] = store.Link{Key: accountKey, Kind: "Contacts", XeroID: contactID, Status: "ACTIVE", Decided: "?", Meant: sent, Seen: sent}
	if s := d.planAccount(); s.Do != Nothing || len(s.Findings) > 0 {
		t.Errorf("%s: %s, %v", s.Do, s.Why, s.Findings)
	}
}

// Salesforce's own word says that an account is a person, whatever the mapping makes of it.
func TestAPersonAccountIsToldFromItsNamesake(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]Action{"true": Hold, "false": Adopt} {
		d := newDesk(t)
		delete(d.books.links, accountKey)
		clear(d.books.seen)
		d.maps("match: [AccountNumber, Name]", "match: [Name]")
		d.customer(xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE", Addresses: []xero.Address{{AddressType: "STREET", PostalCode: "9999"}}})
		m := d.compile()
		e := *m.Contacts
		e.Person = true
		r := store.Record{Key: accountKey, Hash: "h", JSON: json.RawMessage(strings.Replace(d.account, "{", `{"IsPersonAccount":`+flag+`,`, 1))}
		if s := Plan(r, &e, d.all(m)); s.Do != want {
			t.Errorf("IsPersonAccount %s: %s: %s", flag, s.Do, s.Why)
		}
	}
}
