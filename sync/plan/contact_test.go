package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

func TestAnAccountWithoutAContact(t *testing.T) {
	t.Parallel()
	// none has an empty Xero, but for the contacts given.
	none := func(contacts ...xero.Contact) func(*desk) {
		return func(d *desk) {
			delete(d.books.links, accountKey)
			clear(d.books.seen)
			for _, c := range contacts {
				d.customer(c)
			}
		}
	}
	also := func(a, b func(*desk)) func(*desk) { return func(d *desk) { a(d); b(d) } }
	for _, c := range []planCase{
		{name: "Xero has none like it", given: none(), do: Create},
		{name: "a call about it was not answered", given: also(none(), func(d *desk) { d.unanswered(accountKey, "create") }), do: Wait},
		{name: "out of sight", given: also(none(), func(d *desk) { d.record.Gone = "unseen" }), do: Hold, cause: "account.unseen", owner: Admin, says: []string{"does not show this account"}},
		{name: "a contact bears its id", given: none(xero.Contact{ContactID: contactID, ContactNumber: accountID, Name: "Something else", ContactStatus: "ACTIVE"}), do: Adopt, says: []string{"this account's id"}},
		{name: "two contacts bear its id", given: none(
			xero.Contact{ContactID: contactID, ContactNumber: accountID, Name: "A", ContactStatus: "ACTIVE"},
			xero.Contact{ContactID: contactID2, ContactNumber: accountID, Name: "B", ContactStatus: "ACTIVE"}),
			do: Hold, cause: "contact.ambiguous", owner: Accountant, says: []string{`"A"`, `"B"`, "merge them in Xero"}},
		{name: "the contact that bears its id is archived", given: none(xero.Contact{ContactID: contactID, ContactNumber: accountID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED"}),
			do: Hold, cause: "contact.archived", owner: Accountant, says: []string{"restore the contact"}},
		{name: "one archived contact bears its id, and a living one", given: none(
			xero.Contact{ContactID: contactID, ContactNumber: accountID, Name: "A", ContactStatus: "ARCHIVED"},
			xero.Contact{ContactID: contactID2, ContactNumber: accountID, Name: "B", ContactStatus: "ACTIVE"}), do: Adopt},
		{name: "an id that differs in case alone is another account's", given: none(xero.Contact{ContactID: contactID, ContactNumber: "001dN0000000001QAA", Name: "Other", ContactStatus: "ACTIVE"}), do: Create},
		{name: "the contact that bears its id was merged into another", given: none(
			xero.Contact{ContactID: contactID, ContactNumber: accountID, Name: "A", ContactStatus: "ARCHIVED", MergedToContactID: contactID2},
			xero.Contact{ContactID: contactID2, Name: "B", ContactStatus: "ACTIVE"}), do: Adopt},

		{name: "it matches only since the mapping was edited", given: also(none(), func(d *desk) { d.record.Cause = "mapping" }), do: Hold, cause: "mapping.changed", owner: Admin, says: []string{"only since mapping.yaml was edited"}},
		{name: "… and a contact bears its id", given: also(none(xero.Contact{ContactID: contactID, ContactNumber: accountID, Name: "Something else", ContactStatus: "ACTIVE"}), func(d *desk) { d.record.Cause = "mapping" }), do: Adopt},
		{name: "its account number is known", given: none(xero.Contact{ContactID: contactID, AccountNumber: "c-100", Name: "Z. F.", ContactStatus: "ACTIVE"}), do: Adopt, says: []string{`"Z. F."`}},
		{name: "its name is known, in other letters", given: none(xero.Contact{ContactID: contactID, Name: "ZANZIBAR  ferries ", ContactStatus: "ACTIVE"}), do: Adopt},
		{name: "number and name lead to one contact", given: none(xero.Contact{ContactID: contactID, AccountNumber: "C-100", Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"}), do: Adopt},
		{name: "number and name lead to two contacts", given: none(
			xero.Contact{ContactID: contactID, AccountNumber: "C-100", Name: "Z", ContactStatus: "ACTIVE"},
			xero.Contact{ContactID: contactID2, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"}),
			do: Hold, cause: "contact.ambiguous", owner: Accountant, says: []string{`"Z" (account number C-100)`, `"Zanzibar Ferries"`}},
		{name: "the contact of its name is another account's", given: none(xero.Contact{ContactID: contactID, ContactNumber: otherID, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"}),
			do: Hold, cause: "contact.name_taken", owner: Sales, says: []string{"account " + otherID, "another name"}},
		{name: "the contact of its name was another account's, and was merged into somebody's", given: none(
			xero.Contact{ContactID: contactID, ContactNumber: otherID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED", MergedToContactID: contactID2},
			xero.Contact{ContactID: contactID2, Name: "Passer-by", ContactStatus: "ACTIVE"}), do: Create},
		{name: "the contact of its number is another account's", given: none(xero.Contact{ContactID: contactID, ContactNumber: otherID, AccountNumber: "C-100", Name: "Other", ContactStatus: "ACTIVE"}), do: Create},
		{name: "another integration's number is no account's id", given: none(xero.Contact{ContactID: contactID, ContactNumber: "001-2026-ABCDEFGH-X", Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"}), do: Adopt},
		{name: "the contact of its name is archived", given: none(xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED"}), do: Create},
		{name: "a contact of nearly its name", given: none(xero.Contact{ContactID: contactID, Name: "The Zanzibar-Ferries Ltd.", ContactStatus: "ACTIVE"}),
			do: Hold, cause: "contact.near_miss", owner: Sales, says: []string{`"The Zanzibar-Ferries Ltd."`, `"Zanzibar Ferries"`}},
		{name: "a contact of nearly its name is another account's", given: none(xero.Contact{ContactID: contactID, ContactNumber: otherID, Name: "Zanzibar Ferries Ltd", ContactStatus: "ACTIVE"}), do: Create},
		{name: "matched by number alone, and the name is taken", given: also(none(xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ACTIVE"}),
			func(d *desk) { d.maps("match: [AccountNumber, Name]", "match: [AccountNumber]") }), do: Hold, cause: "contact.name_taken", owner: Sales},
		{name: "a name too long for Xero", given: also(none(), func(d *desk) { d.isCalled("Zanzibar Ferries", strings.Repeat("Z", 256)) }),
			do: Hold, cause: "record.unmappable", owner: Sales, says: []string{"256 characters"}},
	} {
		c.run(t, (*desk).planAccount)
	}
}

func TestAnAccountWithAContact(t *testing.T) {
	t.Parallel()
	// known has its contact made of the account as it was then.
	known := func(and func(*desk)) func(*desk) {
		return func(d *desk) {
			delete(d.books.links, accountKey)
			clear(d.books.seen)
			d.maps("    EmailAddress: =Billing_Email__c\n", "    EmailAddress: =Billing_Email__c\n    Phones:\n      DEFAULT: =Phone\n")
			s := d.planAccount()
			d.books.links[accountKey] = store.Link{Key: accountKey, Kind: "Contacts", XeroID: contactID, Number: "Zanzibar Ferries", Status: "ACTIVE", Decided: s.Hash, Meant: s.Document, Seen: s.Document}
			and(d)
		}
	}
	change := func(d *desk, f func(*store.Link)) {
		l := d.books.links[accountKey]
		f(&l)
		d.books.links[accountKey] = l
	}
	inXero := func(d *desk, edits ...string) {
		change(d, func(l *store.Link) {
			l.Shown = []byte(asText(document.Texts(l.Seen)))
			l.Seen = []byte(swap(d.t, string(l.Seen), edits))
		})
	}
	for _, c := range []planCase{
		{name: "nothing changed", given: known(func(*desk) {}), do: Nothing, says: []string{"in step"}},
		{name: "out of sight, in step", given: known(func(d *desk) { d.record.Gone = "unseen" }), do: Nothing, says: []string{"in step"}},
		{name: "out of sight, with a change that was not sent", given: known(func(d *desk) { d.record.Gone = "unseen"; d.isCalled("pay@", "ap@") }),
			do: Hold, cause: "account.unseen", owner: Admin, says: []string{"no longer shows this account", `EmailAddress "ap@zanzibar.example"`, "deleted for good, enter this in its contact in Xero, or archive the contact"}},
		{name: "out of sight for ever: what changed is entered in Xero", given: known(func(d *desk) {
			d.record.Gone = "unseen"
			inXero(d, "pay@", "ap@")
			d.isCalled("pay@", "ap@")
		}), do: Nothing},
		{name: "out of sight for ever: its contact is archived", given: known(func(d *desk) {
			d.record.Gone = "unseen"
			change(d, func(l *store.Link) { l.Status = "ARCHIVED" })
			d.isCalled("pay@", "ap@")
		}), do: Nothing, undecided: true, says: []string{"does not show the account"}},
		{name: "out of sight, held for what only the account can mend", given: known(func(d *desk) {
			d.record.Gone = "unseen"
			d.isCalled("Zanzibar Ferries", strings.Repeat("Z", 256))
		}), do: Hold, cause: "record.unmappable", owner: Sales, says: []string{"256 characters", "deleted for good, archive its contact in Xero"}},
		{name: "… for ever: its contact is archived", given: known(func(d *desk) {
			d.record.Gone = "unseen"
			change(d, func(l *store.Link) { l.Status = "ARCHIVED" })
			d.isCalled("Zanzibar Ferries", strings.Repeat("Z", 256))
		}), do: Nothing, undecided: true},
		{name: "out of sight, held", given: known(func(d *desk) { d.record.Gone = "unseen"; inXero(d, "pay@", "books@"); d.isCalled("pay@", "ap@") }),
			do: Hold, cause: "edited.both_sides", owner: Accountant},
		{name: "out of sight, held for what the accountant has mended since", given: known(func(d *desk) { d.record.Gone = "unseen"; inXero(d, "pay@", "ap@"); d.isCalled("pay@", "ap@") }), do: Nothing},
		{name: "deleted, with a change that was not sent", given: known(func(d *desk) {
			d.record.Gone, d.books.gone[accountID] = "unseen", ""
			d.isCalled("pay@", "ap@")
		}), do: Nothing, undecided: true, says: []string{"the account is gone"}},
		{name: "merged away, held", given: known(func(d *desk) {
			d.record.Gone, d.books.gone[accountID] = "unseen", otherID
			inXero(d, "pay@", "books@")
			d.isCalled("pay@", "ap@")
		}), do: Nothing, undecided: true},
		{name: "a new e-mail address", given: known(func(d *desk) { d.isCalled("pay@", "ap@") }), do: Update, says: []string{"EmailAddress"}},
		{name: "a new telephone number", given: known(func(d *desk) { d.isCalled("06 111", "06 222") }), do: Update, says: []string{"Phones/DEFAULT"}},
		{name: "a new street, which update: does not allow", given: known(func(d *desk) { d.isCalled("1 Quay", "2 Quay") }), do: Nothing, says: []string{"`update:` allows"}},
		{name: "a new name", given: known(func(d *desk) { d.isCalled("Zanzibar Ferries", "Zanzibar Group") }), do: Nothing, finds: "contact.renamed"},
		{name: "a new name and a new e-mail address", given: known(func(d *desk) { d.isCalled("Zanzibar Ferries", "Zanzibar Group", "pay@", "ap@") }), do: Update, finds: "contact.renamed"},
		{name: "a new name that the accountant has given it too", given: known(func(d *desk) {
			inXero(d, "Zanzibar Ferries", "Zanzibar Group")
			d.isCalled("Zanzibar Ferries", "Zanzibar Group")
		}), do: Nothing},
		{name: "both changed the e-mail address", given: known(func(d *desk) { inXero(d, "pay@", "books@"); d.isCalled("pay@", "ap@") }),
			do: Hold, cause: "edited.both_sides", owner: Accountant, says: []string{"EmailAddress", "pay@", "books@", "ap@", "on the account"}},
		{name: "both changed it to the same", given: known(func(d *desk) { inXero(d, "pay@", "ap@"); d.isCalled("pay@", "ap@") }), do: Nothing},
		{name: "the accountant changed the e-mail address, sales the telephone number", given: known(func(d *desk) {
			inXero(d, "pay@", "books@")
			d.isCalled("06 111", "06 222")
		}), do: Update, says: []string{"changed on the account: Phones/DEFAULT"}},
		{name: "a field that had a value of its own when the contact was adopted", given: known(func(d *desk) {
			change(d, func(l *store.Link) {
				shown := document.Texts(l.Seen)
				shown["EmailAddress"] = document.Foreign
				l.Shown = []byte(asText(shown))
			})
			d.isCalled("pay@", "ap@")
		}), do: Nothing},
		{name: "its contact is archived", given: known(func(d *desk) { change(d, func(l *store.Link) { l.Status = "ARCHIVED" }); d.isCalled("pay@", "ap@") }),
			do: Hold, cause: "contact.archived", owner: Accountant},
		{name: "updated five times today", given: known(func(d *desk) {
			change(d, func(l *store.Link) {
				l.Edits = []time.Time{d.facts.XeroNow, d.facts.XeroNow, d.facts.XeroNow, d.facts.XeroNow, d.facts.XeroNow}
			})
			d.isCalled("pay@", "ap@")
		}), do: Hold, cause: "edited.often", owner: Admin},
		{name: "found again by its mark", given: known(func(d *desk) {
			change(d, func(l *store.Link) { l.Decided, l.Meant = "", nil })
			d.isCalled("pay@", "ap@")
		}), do: Nothing},
	} {
		c.run(t, (*desk).planAccount)
	}
	// Found again, and read again with another value before it is decided upon: what it shows then is what counts as sent.
	d := newDesk(t)
	known(func(d *desk) {
		change(d, func(l *store.Link) { l.Decided, l.Meant, l.Shown = "", nil, []byte(asText(document.Texts(l.Seen))) })
		inXero(d, "pay@", "ap@")
		d.isCalled("pay@", "ap@")
	})(d)
	if got := d.planAccount().Baseline["EmailAddress"]; !strings.HasPrefix(got, "ap@") {
		t.Errorf("as shown by Xero counts %q", got)
	}
}

func asText(fields map[string]string) string {
	var parts []string
	for _, f := range document.SortedNames(fields) {
		parts = append(parts, string(document.Quote(f))+":"+string(document.Quote(fields[f])))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// Which of several accounts is the customer is not for a program to say: all of them are held.
func TestAccountsThatWantOneContactAreAllHeld(t *testing.T) {
	t.Parallel()
	step := func(id string, do Action, contact, name string) Step {
		s := Step{Key: store.Key{Entry: document.Contacts, ID: id}, Do: do, XeroID: contact, Record: &store.Record{}}
		if do == Create {
			s.Document = []byte(`{"Name":` + string(document.Quote(name)) + `}`)
		}
		return s
	}
	for _, c := range []struct {
		name  string
		steps []Step
		want  []string
	}{
		{"two new ones of one name, in other letters", []Step{step("1", Create, "", "Acme"), step("2", Create, "", " ACME"), step("3", Create, "", "Other")}, []string{"contact.name_taken", "contact.name_taken", ""}},
		{"three that match one contact", []Step{step("1", Adopt, "x", ""), step("2", Adopt, "x", ""), step("3", Adopt, "x", ""), step("4", Adopt, "y", "")},
			[]string{"contact.claimed", "contact.claimed", "contact.claimed", ""}},
		{"two without a step", []Step{step("1", Nothing, "x", ""), step("2", Update, "x", "")}, []string{"", ""}},
	} {
		var got []string
		for _, s := range SettleClaims(c.steps) {
			cause := ""
			if s.Hold != nil {
				cause = s.Hold.Cause
				if strings.Contains(s.Hold.Text, "account "+s.Key.ID+",") || s.Hold.Owner != Sales {
					t.Errorf("%s: account %s reads %q", c.name, s.Key.ID, s.Hold.Text)
				}
			}
			got = append(got, cause)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	steps := SettleClaims([]Step{step("1", Adopt, "x", ""), step("2", Adopt, "x", ""), step("3", Adopt, "x", "")})
	if got := steps[1].Hold.Text; got != "one contact in Xero matches both this account and account 1 and 3" {
		t.Errorf("it reads %q", got)
	}
}

func TestAMergeIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := func(n string) string { return "11111111-0000-4000-8000-0000000000" + n }
	for _, c := range [][2]string{{"10", "11"}, {"11", "12"}, {"12", ""}, {"20", "21"}, {"21", "20"}, {"30", "39"}} {
		contact := xero.Contact{ContactID: id(c[0]), Name: c[0], ContactStatus: "ACTIVE"}
		if c[1] != "" {
			contact.MergedToContactID, contact.ContactStatus = strings.ToUpper(id(c[1])), "ARCHIVED"
		}
		d.customer(contact)
	}
	for from, to := range map[string]string{"10": "12", "11": "12", "12": "12", "99": "99", "30": "30"} {
		if got := EndOfMerge(d.books, id(from)); got != id(to) {
			t.Errorf("%s is invoiced as %s, want %s", from, got, id(to))
		}
	}
	EndOfMerge(d.books, id("20")) // a ring ends too
}

func TestAccountIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"001Dn0000000001IAA": true, "001dN0000000001QAA": true, "001000000000001AAA": true, "006Dn0000000001IAA": false,
		"001Dn0000000001IAB": false, "001Dn0000000001": false, "": false, "001-2026-ABCDEFGH-X": false, "001Dn0000000001İA": false,
	} {
		if document.IsAccountID(id) != want {
			t.Errorf("%q is an account's id: %v, want %v", id, !want, want)
		}
	}
}
