package sync_test

import (
	"strings"
	"testing"
	"time"

	"sf2xero/store"
	"sf2xero/sync"
	"sf2xero/sync/document"
	"sf2xero/sync/remote"
	"sf2xero/xero/xerotest"
)

// A typing mistake in mapping.yaml is told once, and must not stop a company's invoices.
func TestABrokenMappingKeepsTheOneBefore(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		good := w.mapping
		for _, broken := range []string{"Date: =Clsoe_Date", "Date: =CloseDate +", "Date: CloseDate"} {
			w.mapping = strings.Replace(good, "Date: =CloseDate\n", broken+"\n", 1)
			deal := w.won(broken)
			w.quiet()
			w.invoice(deal)
			w.wantFree(deal)
		}
		told := w.logged("mapping.refused")
		if len(told) != 3 || !strings.Contains(told[0]["error"].(string), `did you mean "CloseDate"`) {
			w.Errorf("told %d times: %v", len(told), told)
		}
		w.mapping = strings.Replace(good, "Reference: =PO_Number__c", "Reference: PO unknown", 1)
		deal := w.won("Mended")
		w.quiet()
		if got := w.invoice(deal).Reference; got != "PO unknown" {
			w.Errorf("the mended mapping is not in force: the reference is %q", got)
		}
		w.inStep()
	})
}

// Broken from the start, it is an error with every mistake and its place, and nothing is called for it twice.
func TestABrokenMappingFromTheStart(t *testing.T) {
	inWorld(t, company{Edits: []string{"=CloseDate\n", "=Clsoe_Date\n", "=PO_Number__c", "=PO_Nmber__c"}}, func(w *world) {
		_, err := w.try()
		problems := wantError[*sync.MappingProblems](w, err)
		if len(problems.Problems) != 2 || !strings.Contains(err.Error(), "mapping.yaml:31:17") {
			w.Errorf("got %d problems: %v", len(problems.Problems), err)
		}
	})
}

// Narrowed, the invoices of the deals that matched before are held, and nothing is deleted for it.
func TestANarrowedMapping(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"if_unwon: hold", "if_unwon: delete_draft"}}, func(w *world) {
		one, other := w.won("One"), w.won("Other")
		w.change("Opportunity", one, map[string]any{"Type": "New Customer"})
		w.quiet()
		w.editMapping("where: IsWon = true", "where: IsWon = true AND Type = 'New Customer'")
		w.quiet()
		w.wantFree(one)
		w.wantHeld(other, "deal.unmapped", "admin", w.invoice(other).InvoiceNumber)
		if got := w.invoice(other).Status; got != "DRAFT" {
			w.Errorf("the draft is %s", got)
		}
		w.editMapping(" AND Type = 'New Customer'", "")
		w.quiet()
		w.wantFree(other)
		w.inStep()
	})
}

// Another formula is no reason to change what was sent: only a change in the deal is.
func TestAnEditedFormula(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Old formula")
		w.quiet()
		w.later(time.Hour)
		writes := w.writes()
		w.editMapping("Reference: =PO_Number__c", `Reference: ="Deal " & Name`)
		w.later(time.Hour)
		w.later(25 * time.Hour)
		if w.writes() != writes {
			w.Errorf("%d calls were made because mapping.yaml was edited", w.writes()-writes)
		}
		w.change("Opportunity", deal, map[string]any{"CloseDate": "2026-11-20"})
		w.quiet()
		if got := w.invoice(deal); got.Reference != "Deal Old formula" || got.Date != "2026-11-20" {
			w.Errorf("the invoice has reference %q and date %s", got.Reference, got.Date)
		}
	})
}

// An account's country is corrected, and a formula is edited before the nightly comparison has seen the correction: the
// invoice follows the account all the same.
func TestAnEditedFormulaHidesNoChange(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := w.won("Corrected")
		w.quiet()
		w.later(time.Hour)
		w.change("Account", w.usual.account, map[string]any{"BillingCountry": "Australia"})
		w.later(time.Minute)
		w.editMapping("Reference: =PO_Number__c", `Reference: =PO_Number__c & ""`)
		w.later(time.Hour)
		w.later(25 * time.Hour)
		if got := w.invoice(deal).TotalTax; !got.IsZero() {
			w.Errorf("an invoice to Australia has a tax of %s", got)
		}
		w.inStep()
	})
}

// An edit of mapping.yaml is taken back, or spoilt by a typing mistake, before it took force: the daemon does not compare
// everything anew in each cycle because of it.
func TestAnEditThatNeverTookForce(t *testing.T) {
	for name, second := range map[string]string{"taken back": "=PO_Number__c", "spoilt": "=Nonsense__c"} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				w.won("One")
				w.quiet()
				before := len(w.logged("sweep.done"))
				w.editMapping("Reference: =PO_Number__c", `Reference: ="x"`)
				w.run()
				w.editMapping(`Reference: ="x"`, "Reference: "+second)
				w.runFor(time.Hour, time.Minute)
				if n := len(w.logged("sweep.done")) - before; n > 3 {
					w.Errorf("everything was compared %d times within an hour", n)
				}
			})
		})
	}
}

// An account's country is corrected, and the daemon is started anew, with an edited formula or without, before the nightly
// comparison has seen the correction: the invoice follows the account all the same.
func TestAnEditAndARestartHideNoChange(t *testing.T) {
	for name, formula := range map[string]string{"restart alone": "=PO_Number__c", "edit and restart": "=TRIM(PO_Number__c)"} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, company{New: true}, func(w *world) {
				deal := w.won("Corrected")
				w.quiet()
				w.later(time.Hour)
				w.change("Account", w.usual.account, map[string]any{"BillingCountry": "Australia"})
				w.later(time.Minute)
				w.shutDown()
				w.New = false
				w.editMapping("Reference: =PO_Number__c", "Reference: "+formula)
				w.later(time.Hour)
				w.later(26 * time.Hour)
				w.later(26 * time.Hour)
				if got := w.invoice(deal).Lines[0].TaxType; got != "ZERORATED" {
					w.Errorf("the account moved to Australia, and the draft still has %s", got)
				}
				w.wantFree(deal)
				w.inStep()
			})
		})
	}
}

// A field more in writeback: is brought to the rows that are there.
func TestAnEditedWriteback(t *testing.T) {
	inWorld(t, company{New: true, Edits: []string{"    Xero_Total__c: =Total\n", ""}}, func(w *world) {
		deal := w.won("Total")
		w.quiet()
		if got := w.field(deal, "Xero_Total__c"); got != "" {
			w.Fatalf("the total is %s already", got)
		}
		w.editMapping("    Xero_Status__c: =Status\n", "    Xero_Status__c: =Status\n    Xero_Total__c: =Total\n")
		w.later(25 * time.Hour)
		if got := w.field(deal, "Xero_Total__c"); got != "287.50" {
			w.Errorf("the total shows as %q", got)
		}
	})
}

// A field that the mapping reads is taken away from the integration user: held or told, never invoiced without it.
func TestAFieldIsTakenAway(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		w.must(w.crm.HideField("Opportunity", "PO_Number__c"))
		deal := w.won("Hidden field")
		time.Sleep(11 * time.Minute)
		if _, err := w.tryOnce(); err == nil || !strings.Contains(err.Error(), "PO_Number__c") {
			w.Errorf("got %v, want an error that names the field", err)
		}
		if len(w.invoices(deal)) != 0 {
			w.Errorf("invoiced without a field that the mapping reads")
		}
		w.must(w.crm.GrantField("Opportunity", "PO_Number__c"))
		w.quiet()
		w.inStep()
	})
}

// The store belongs to one org and one organisation; with another it refuses to start.
func TestTheStoreBelongsToOneCompany(t *testing.T) {
	t.Run("another Xero organisation", func(t *testing.T) {
		inWorld(t, company{New: true}, func(w *world) {
			w.quiet()
			w.shutDown()
			w.otherOrganisation("second")
			_, err := w.try()
			e := wantError[*remote.Error](w, err)
			if e.Class != remote.BadConfig || !strings.Contains(err.Error(), w.path) {
				w.Errorf("got %v", err)
			}
			if n := w.writes(); n != 0 {
				w.Errorf("%d writes", n)
			}
		})
	})
	t.Run("another Salesforce org", func(t *testing.T) {
		inWorld(t, company{New: true}, func(w *world) {
			w.quiet()
			w.shutDown()
			w.otherOrg("second")
			_, err := w.try()
			if e := wantError[*remote.Error](w, err); e.Class != remote.BadConfig || !strings.Contains(err.Error(), w.path) {
				w.Errorf("got %v", err)
			}
		})
	})
	t.Run("a tenant that the connection does not have", func(t *testing.T) {
		inWorld(t, company{New: true}, func(w *world) {
			w.start()
			w.cycle.Settings.TenantID = "11111111-2222-3333-4444-555555555555"
			_, err := w.try()
			if e := wantError[*remote.Error](w, err); e.Class != remote.BadConfig || !strings.Contains(err.Error(), "xero.tenant_id") {
				w.Errorf("got %v", err)
			}
		})
	})
}

// renamed is a store and a Xero in which a deal has an invoice of an entry that the mapping has no more.
func renamed(w *world, start func()) (deal string) {
	w.Helper()
	deal = w.won("Deposit")
	start()
	customer, err := w.books.AddContact(xerotest.EditableContact{Name: "Napier Boat Hire", ContactNumber: w.usual.account})
	w.must(err)
	inv, err := w.books.AddInvoice(xerotest.EditableInvoice{ContactID: customer, Url: crmURL + "/" + deal + "?d=" + w.crm.OrgID() + ".deposit.1",
		Lines: []xerotest.LineView{{Description: "Deposit", Quantity: money("1"), UnitAmount: money("250"), AccountCode: "200", TaxType: "OUTPUT2"}}})
	w.must(err)
	w.must(w.db.Update(func(tx *store.Tx) error {
		return tx.PutLink(store.Link{Key: store.Key{Entry: document.Invoices + "/deposit", ID: deal}, Kind: "Invoices", XeroID: inv, Status: "DRAFT", Origin: "created", Generation: 1})
	}))
	time.Sleep(11 * time.Minute)
	return deal
}

// An entry that has made invoices and is gone from the mapping stops the daemon at its start.
func TestAnEntryThatIsGone(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		deal := renamed(w, w.start)
		_, err := w.try()
		wantError[*sync.MappingProblems](w, err)
		if !strings.Contains(err.Error(), `the entry "invoices/deposit" has 1 linked documents in Xero`) || len(w.invoices(deal)) != 1 {
			w.Errorf("got %v", err)
		}
	})
}

// While the daemon runs, a mapping whose entry was renamed is refused, and the one before goes on.
func TestARenamedEntry(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.quiet()
		w.editMapping("\ninvoices:\n", "\nsales:\n")
		deal := w.won("Meanwhile")
		w.quiet()
		w.invoice(deal)
		if told := w.logged("mapping.refused"); len(told) != 1 {
			w.Errorf("told %d times: %v", len(told), told)
		}
	})
}
