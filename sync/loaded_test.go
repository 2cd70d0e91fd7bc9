package sync_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sf2xero/store"
	"sf2xero/sync"
	"sf2xero/sync/document"
	"sf2xero/sync/remote"
)

// What a mapping is held against when it is loaded: Xero's own lists, and whose books these are.

// A new company writes a table with an account and a tax rate that its Xero does not have. Nothing is made, and every
// line that is wrong is told, with what Xero has instead. Case: one wrong table made 85 contacts and 4,238 holds.
func TestATableIsCheckedAgainstXeroBeforeAnythingIsMade(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"Services: 210", "Services: 219", "New Zealand: 15% GST on Income", "New Zealand: 15% GST", "Australia: Zero Rated", "Australia: Zero rated"}}, func(w *world) {
		w.won("Licence")
		time.Sleep(time.Hour)
		_, err := w.try()
		problems := wantError[*sync.MappingProblems](w, err)
		if len(problems.Problems) != 2 || !strings.Contains(err.Error(), `mapping.yaml:64:18: TaxType: there is no tax rate "15% GST" in Xero; it has `) ||
			!strings.Contains(err.Error(), `"15% GST on Income" (OUTPUT2)`) || !strings.Contains(err.Error(), `mapping.yaml:68:15: AccountCode: there is no account "219" in Xero; it has `) {
			w.Errorf("got %v", err)
		}
		if w.writes() != 0 {
			w.Errorf("%d writes", w.writes())
		}
		w.books.AddAccount("219", "Freight", "REVENUE", "OUTPUT2")
		w.editMapping("New Zealand: 15% GST", "New Zealand: 15% GST on Income")
		w.bury()
		w.quiet()
		w.inStep()
	})
}

// A new mapping with mistakes of every kind is refused once, with all of them: what the file itself says wrongly, what Salesforce
// refuses, and what Xero lacks, be it in a table that a mistaken formula names. Case: they came in three rounds.
func TestMistakesOfAllKindsComeTogether(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"=CloseDate\n", "=Clsoe_Date\n", "Product2.Family", "Product2.Famly", "Services: 210", "Services: 219",
		"Australia: Zero Rated", "Australia: Zero", "where: IsWon = true\n", "where: IsWon = true AND Amount > 1 OR Amount = 0\n"}}, func(w *world) {
		_, err := w.try()
		problems := wantError[*sync.MappingProblems](w, err)
		for _, part := range []string{"mapping.yaml:22:10: Salesforce refuses this condition: ", `mapping.yaml:29:12: Opportunity has no field "Clsoe_Date"`, `Product2 has no field "Famly"`,
			`TaxType: there is no tax rate "Zero" in Xero`, `AccountCode: there is no account "219" in Xero`} {
			if !strings.Contains(err.Error(), part) {
				w.Errorf("%v\ndoes not say %q", err, part)
			}
		}
		if len(problems.Problems) != 5 {
			w.Errorf("%d problems: %v", len(problems.Problems), err)
		}
		w.editMapping("Clsoe_Date", "CloseDate", "Product2.Famly", "Product2.Family", "219", "210", "Australia: Zero", "Australia: Zero Rated", " AND Amount > 1 OR Amount = 0", "")
		deal := w.won("Mended")
		w.bury()
		w.quiet()
		w.invoice(deal)
	})
}

// While the daemon runs an edit with mistakes of both kinds is told once, with both, and the mapping before goes on.
func TestAnEditWithMistakesOfAllKinds(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		w.editMapping("=CloseDate\n", "=Clsoe_Date\n", "Services: 210", "Services: 210\n    Rentals: 219")
		deal := w.won("Meanwhile")
		w.quiet()
		w.invoice(deal)
		w.runFor(time.Hour, time.Minute)
		told := w.logged("mapping.refused")
		if len(told) != 1 || !strings.Contains(told[0]["error"].(string), `no account "219"`) || !strings.Contains(told[0]["error"].(string), `"Clsoe_Date"`) {
			w.Errorf("told %d times: %v", len(told), told)
		}
	})
}

// A line more in a table names an account that somebody forgot to make: the mapping before stays in force, is told once,
// and the new one comes into force by itself when the account is there.
func TestAnEditThatNamesWhatXeroLacksWaitsForXero(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		w.editMapping("Services: 210", "Services: 210\n    Rentals: 219")
		deal := w.won("Meanwhile")
		w.quiet()
		w.invoice(deal)
		w.runFor(time.Hour, time.Minute)
		told := w.logged("mapping.refused")
		if len(told) != 1 || !strings.Contains(told[0]["error"].(string), `mapping.yaml:69:14: AccountCode: there is no account "219" in Xero`) {
			w.Fatalf("told %d times: %v", len(told), told)
		}
		w.books.AddAccount("219", "Rentals", "REVENUE", "OUTPUT2")
		w.runFor(20*time.Minute, time.Minute)
		if n := len(w.logged("mapping.loaded")); n != 2 {
			w.Errorf("mapping.loaded was told %d times, want 2", n)
		}
		rental := w.insert("Product2", map[string]any{"Name": "Dinghy for a week", "Family": "Rentals", "IsActive": true})
		deal = w.won("Dinghy", item{rental, "1", "10.00", nil})
		w.quiet()
		if got := w.invoice(deal).Lines[0].AccountCode; got != "219" {
			w.Errorf("booked to %s", got)
		}
		w.inStep()
	})
}

// While the daemon is off a mapping is edited that has named an archived account all along: the new process tells of the mistakes,
// and of the account that is new, but not of the one that is let be once they are mended.
func TestAnEditWithMistakesWhileItIsOff(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		w.must(w.books.ArchiveAccount("210"))
		w.later(25 * time.Hour)
		w.shutDown()
		w.editMapping("=CloseDate + 30", "=Clsoe_Date + 30", "    Licences: 200\n", "    Licences: 200\n    Rentals: 219\n")
		_, err := w.try()
		wantError[*sync.MappingProblems](w, err)
		if text := err.Error(); !strings.Contains(text, "Clsoe_Date") || !strings.Contains(text, `no account "219"`) || strings.Contains(text, `"210"`) {
			w.Errorf("it says: %s", text)
		}
		w.editMapping("=Clsoe_Date + 30", "=CloseDate + 30", "    Rentals: 219\n", "")
		w.quiet()
	})
}

// An account of the table is archived, and then the store is lost or another line is edited. The other deals go on, and
// those that need the account are held, as they were before.
func TestAnArchivedAccountStopsOnlyTheDealsThatNeedIt(t *testing.T) {
	for name, then := range map[string]func(w *world){
		"the store is lost":      func(w *world) { w.bury(); w.loseStore() },
		"another line is edited": func(w *world) { w.editMapping("=CloseDate + 30", "=CloseDate + 20") },
		"edited while it is off": func(w *world) { w.shutDown(); w.editMapping("=CloseDate + 30", "=CloseDate + 20") },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.quiet()
				w.must(w.books.ArchiveAccount("210"))
				w.later(25 * time.Hour)
				then(w)
				w.New = false
				w.later(time.Hour)
				licence, skipper := w.won("Licence", w.licence("1", "10.00")), w.won("Skipper", w.service("1", "10.00"))
				w.quiet()
				w.invoice(licence)
				w.wantHeld(skipper, "reference.AccountCode", "admin", "210", "archived")
				w.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2")
				w.later(2 * time.Hour)
				w.invoice(skipper)
			})
		})
	}
}

// Contacts alone, without any invoice: accounts become contacts, follow, and are swept. It used to panic.
func TestContactsAlone(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		example, others := w.mapping, len(w.books.Contacts())
		before, _, _ := strings.Cut(example, "invoices:")
		w.mapping = strings.Replace(before, "  from: Account ", "  where: AccountNumber != null\n  from: Account ", 1) + "writeback:\n  Account:\n    Xero_Contact_Id__c: =ContactID\n"
		known := w.account("Known Kayaks", map[string]any{"AccountNumber": "K-1", "Billing_Email__c": "old@kayaks.example"})
		deal := w.won("Nobody invoices this")
		w.quiet()
		if got := w.contact(known); got.EmailAddress != "old@kayaks.example" {
			w.Errorf("%+v", got)
		}
		w.change("Account", known, map[string]any{"Billing_Email__c": "new@kayaks.example"})
		later := w.account("Later Launches", map[string]any{"AccountNumber": "L-1"})
		w.quiet()
		if got := w.contact(known).EmailAddress; got != "new@kayaks.example" {
			w.Errorf("the contact has %s", got)
		}
		w.later(25 * time.Hour) // the nightly sweep
		w.shutDown()
		w.later(26 * time.Hour)
		row, _ := w.crm.Get("Account", later)
		if got, want := row["Xero_Contact_Id__c"], w.contact(later).ContactID; got != want {
			w.Errorf("the account shows the contact %v, want %s", got, want)
		}
		if n := len(w.invoices(deal)); n != 0 || len(w.books.Contacts()) != others+2 {
			w.Errorf("%d invoices, %d contacts", n, len(w.books.Contacts()))
		}
		// Invoices are added later: what was won before waits for a person.
		w.mapping = strings.Replace(example, "  from: Account ", "  where: AccountNumber != null\n  from: Account ", 1)
		w.quiet()
		w.wantHeld(deal, "mapping.changed", "admin")
		fresh := w.won("Fresh")
		w.quiet()
		w.invoice(fresh)
	})
}

// A full copy of the company, a sandbox, is put before the books that are in earnest. Case: one deal, two invoices.
func TestASandboxKeepsOffLiveBooks(t *testing.T) {
	live := func(w *world) {
		w.altered("api.xero.com", func(_ *http.Request, answer *httptest.ResponseRecorder) {
			body := bytes.ReplaceAll(answer.Body.Bytes(), []byte(`"IsDemoCompany":true`), []byte(`"IsDemoCompany":false`))
			answer.Body = bytes.NewBuffer(body)
		})
	}
	for _, c := range []struct {
		name                    string
		sandbox, earnest, allow bool
		refused                 bool
	}{
		{"a sandbox and live books", true, true, false, true},
		{"a sandbox and live books, allowed", true, true, true, false},
		{"a sandbox and the demo company", true, false, false, false},
		{"production and live books", false, true, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			co := company{New: true}
			co.Salesforce.Sandbox = c.sandbox
			inWorld(t, co, func(w *world) {
				if c.earnest {
					live(w)
				}
				deal := w.won("Copied")
				w.start()
				w.cycle.Settings.AllowSandbox = c.allow
				time.Sleep(time.Hour)
				if !c.refused {
					w.quiet()
					w.invoice(deal)
					return
				}
				_, err := w.try()
				e := wantError[*remote.Error](w, err)
				if e.Class != remote.BadConfig || !strings.Contains(err.Error(), "is a sandbox") || !strings.Contains(err.Error(), "xero.allow_sandbox: true") || w.writes() != 0 {
					w.Errorf("%d writes, %v", w.writes(), err)
				}
			})
		})
	}
}

// A comment in mapping.yaml is no edit: nothing is compared or written anew for it.
func TestACommentIsNoEdit(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("Old")
		w.quiet()
		sweeps, writes := len(w.logged("sweep.done")), w.writes()
		w.editMapping("    DueDate: =CloseDate + 30\n", "    # a month\n    DueDate:   =closedate+30\n")
		w.runFor(time.Hour, time.Minute)
		if len(w.logged("sweep.done")) != sweeps || w.writes() != writes || len(w.logged("mapping.loaded")) != 2 {
			w.Errorf("%d sweeps, %d writes, loaded %d times", len(w.logged("sweep.done"))-sweeps, w.writes()-writes, len(w.logged("mapping.loaded")))
		}
	})
}

// A store from before knows its mapping by a hash of the file's bytes. With the new one nothing counts as edited: not even
// what moved no stamp meanwhile is lost.
func TestAStoreThatKnowsItsMappingByAnOlderHash(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Corrected")
		fiji := w.account("Suva Sails", map[string]any{"BillingCountry": "Fiji"})
		held := w.deal(fiji, "Held", nil, w.licence("1", "10.00"))
		w.win(held)
		w.quiet()
		w.wantHeld(held, "record.unmappable", "admin")
		w.later(time.Hour)
		sum := sha256.Sum256([]byte(w.mapping))
		older := hex.EncodeToString(sum[:])
		w.must(w.db.Update(func(tx *store.Tx) error {
			hash := tx.Value("matched")
			for _, name := range []string{"condition/", "customers/"} {
				w.must(tx.SetValue(name+older, tx.Value(name+hash)))
				w.must(tx.SetValue(name+hash, ""))
			}
			var links []store.Link
			for _, entry := range []string{document.Invoices, document.Contacts} {
				for link := range tx.Links(entry, "") {
					links = append(links, link)
				}
			}
			for _, link := range links {
				link.Mapping = older
				w.must(tx.PutLink(link))
			}
			w.must(tx.SetValue("writeback.mapping", older))
			return tx.SetValue("matched", older)
		}))
		w.shutDown()
		w.change("Account", w.usual.account, map[string]any{"BillingCountry": "Australia"})
		w.New = false
		writes := w.writes()
		w.later(time.Hour)
		w.later(25 * time.Hour)
		if got := w.invoice(deal).Lines[0].TaxType; got != "ZERORATED" {
			w.Errorf("the account moved to Australia while the program was changed, and the draft still has %s", got)
		}
		if n := w.writes() - writes; n != 1 {
			w.Errorf("%d writes for one correction", n)
		}
		w.wantHeld(held, "record.unmappable", "admin")
	})
}

// Sales reads in Salesforce what is to be corrected there, by the label of the field.
func TestAHoldForSalesBeginsWithTheFieldsLabel(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{`=LOOKUP("tax", Opportunity.Account.BillingCountry)`, "OUTPUT2"}}, func(w *world) {
		account := w.account("Suva Sails", map[string]any{"BillingCountry": "NZ 1"})
		deal := w.deal(account, "No address", nil, w.licence("1", "10.00"))
		w.win(deal)
		w.quiet()
		hold := w.heldAs(document.Contacts, account)
		if hold == nil || hold.Owner != "sales" || !strings.HasPrefix(hold.Text, `Billing Country (Xero's Country) cannot be "NZ 1"`) {
			w.Errorf("%+v", hold)
		}
	})
}

// The mapping names a theme as Xero shows it, and the invoice bears it, approved and after another look.
func TestABrandingThemeByTheNameThatXeroShows(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"Status: DRAFT ", "Status: AUTHORISED ", "    Reference:", "    BrandingTheme: very orange invoice!\n    Reference:"}}, func(w *world) {
		deal := w.won("Themed")
		w.quiet()
		w.later(25 * time.Hour)
		seen := ""
		w.view(func(tx *store.Tx) error {
			link, _ := tx.Link(store.Key{Entry: document.Invoices, ID: deal})
			seen = string(link.Seen)
			return nil
		})
		if got := w.invoice(deal).Status; got != "AUTHORISED" || !strings.Contains(seen, `"BrandingThemeID":"`) {
			w.Errorf("%s: %s", got, seen)
		}
		w.editMapping("very orange invoice!", "Sails")
		w.quiet()
		if told := w.logged("mapping.refused"); len(told) != 1 || !strings.Contains(told[0]["error"].(string), `mapping.yaml:31:20: BrandingThemeID: there is no branding theme "Sails" in Xero`) {
			w.Errorf("%v", told)
		}
		w.inStep()
	})
}
