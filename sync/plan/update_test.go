package plan

import (
	"testing"
	"time"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero"
)

func TestADealWithAnInvoice(t *testing.T) {
	t.Parallel()
	for _, c := range []planCase{
		{name: "nothing changed", given: (*desk).invoiced, do: Nothing, says: []string{"in step"}},
		{name: "a call about it was not answered", given: func(d *desk) { d.invoiced(); d.unanswered(dealKey, "update") }, do: Wait},
		{name: "a change that the invoice does not show", given: func(d *desk) {
			d.invoiced()
			d.sells(`"Family":"Services","ProductCode":null`, `"Family":"Services","ProductCode":""`, "2400.00", "2400.000")
			d.link(func(l *store.Link) { l.Decided = "another" })
		}, do: Nothing, says: []string{"does not change its invoice"}},
		{name: "the reference changed", given: func(d *desk) { d.invoiced(); d.sells("Zanzibar 77", "Zanzibar 78") }, do: Update, says: []string{"Reference"}},
		{name: "a price changed", given: func(d *desk) { d.invoiced(); d.sells("1000.00", "1100.00", "2400.00", "2600.00") }, do: Update, says: []string{"LineItems"}},
		{name: "the deal moved to another account", given: func(d *desk) {
			d.invoiced()
			d.sells(`"AccountId":"`+accountID, `"AccountId":"`+otherID)
			key := store.Key{Entry: document.Contacts, ID: otherID}
			d.books.links[key] = store.Link{Key: key, Kind: "Contacts", XeroID: contactID2, Status: "ACTIVE"}
		}, do: Update, says: []string{"Contact"}},
		{name: "the deal moved to an account that is no contact yet", given: func(d *desk) {
			d.invoiced()
			d.sells(`"AccountId":"`+accountID, `"AccountId":"`+otherID)
		}, do: Wait, says: []string{"contact"}},
		{name: "the contact was merged in Xero", given: func(d *desk) {
			d.invoiced()
			d.customer(xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED", MergedToContactID: contactID2})
			d.customer(xero.Contact{ContactID: contactID2, Name: "Zanzibar Group", ContactStatus: "ACTIVE"})
			d.inXero(func(inv *xero.Invoice) { inv.Contact = &xero.ContactRef{ContactID: contactID2} })
			d.link(func(l *store.Link) { l.Decided = "another" })
		}, do: Nothing},

		{name: "the accountant changed the due date, sales the reference", given: func(d *desk) {
			d.invoiced()
			d.inXero(func(inv *xero.Invoice) { inv.DueDate = "2027-01-31" })
			d.sells("Zanzibar 77", "Zanzibar 78")
		}, do: Update, says: []string{"Reference"}},
		{name: "both changed the reference", given: func(d *desk) {
			d.invoiced()
			d.inXero(func(inv *xero.Invoice) { inv.Reference = "Zanzibar X" })
			d.sells("Zanzibar 77", "Zanzibar 78")
		}, do: Hold, cause: "edited.both_sides", owner: Accountant, says: []string{"INV-0007", `Reference was sent as "Zanzibar 77", is "Zanzibar X" in Xero and "Zanzibar 78" in Salesforce`}},
		{name: "both changed the reference to the same", given: func(d *desk) {
			d.invoiced()
			d.inXero(func(inv *xero.Invoice) { inv.Reference = "Zanzibar 78" })
			d.sells("Zanzibar 77", "Zanzibar 78")
		}, do: Nothing},
		{name: "both changed a line", given: func(d *desk) {
			d.invoiced()
			d.inXero(func(inv *xero.Invoice) { inv.LineItems[0].UnitAmount = amount("900") })
			d.sells("1000.00", "1100.00", "2400.00", "2600.00")
		}, do: Hold, cause: "edited.both_sides", owner: Accountant, says: []string{"line 1 was sent with UnitAmount 1000, has UnitAmount 900 in Xero and UnitAmount 1100 in Salesforce"}},
		{name: "the accountant gave a discount, sales changed the words", given: func(d *desk) {
			d.invoiced()
			d.inXero(func(inv *xero.Invoice) {
				inv.LineItems[0].DiscountRate, inv.LineItems[0].Description = amount("50"), "All seats for Zanzibar"
			})
			d.sells("Seats for Zanzibar", "All seats for Zanzibar")
		}, do: Hold, cause: "edited.both_sides", owner: Accountant, says: []string{"DiscountRate 50"}},
		{name: "both added a line", given: func(d *desk) {
			d.invoiced()
			d.inXero(func(inv *xero.Invoice) { inv.LineItems = append(inv.LineItems, xero.LineItem{Description: "Travel"}) })
			d.sells("1000.00", "1100.00", "2400.00", "2600.00")
		}, do: Hold, cause: "edited.both_sides", owner: Accountant, says: []string{"2 lines were sent, there are 3 in Xero and 2 in Salesforce"}},
		{name: "updated five times today", given: func(d *desk) {
			d.invoiced()
			d.sells("Zanzibar 77", "Zanzibar 78")
			d.link(func(l *store.Link) {
				for i := range 5 {
					l.Edits = append(l.Edits, d.facts.XeroNow.Add(-time.Duration(i)*time.Hour))
				}
			})
		}, do: Hold, cause: "edited.often", owner: Admin, says: []string{"INV-0007", "5 times"}},
		{name: "updated five times, the first a day ago", given: func(d *desk) {
			d.invoiced()
			d.sells("Zanzibar 77", "Zanzibar 78")
			d.link(func(l *store.Link) {
				for i := range 5 {
					l.Edits = append(l.Edits, d.facts.XeroNow.Add(-time.Duration(i)*6*time.Hour))
				}
			})
		}, do: Update},

		{name: "changed after it was submitted", given: func(d *desk) { d.invoiced(); d.isNow("SUBMITTED"); d.sells("Zanzibar 77", "Zanzibar 78") },
			do: Hold, cause: "edited.after_approval", owner: Accountant, says: []string{"INV-0007 was submitted for approval", `Reference is "Zanzibar 77" instead of "Zanzibar 78"`}},
		{name: "changed after it was approved", given: func(d *desk) {
			d.invoiced()
			d.isNow("AUTHORISED")
			d.sells("1000.00", "1100.00", "2400.00", "2600.00")
		},
			do: Hold, cause: "edited.after_approval", owner: Accountant, says: []string{"INV-0007 was approved", `line 1: UnitAmount is "1000" instead of "1100"`}},
		{name: "moved to another account after it was approved", given: func(d *desk) {
			d.invoiced()
			d.isNow("AUTHORISED")
			d.sells(`"AccountId":"`+accountID, `"AccountId":"`+otherID)
			key := store.Key{Entry: document.Contacts, ID: otherID}
			d.books.links[key] = store.Link{Key: key, Kind: "Contacts", XeroID: contactID2, Status: "ACTIVE"}
		}, do: Hold, cause: "edited.after_approval", owner: Accountant, says: []string{"made out to another contact"}},
		{name: "changed after it was paid, and the accountant made the same change", given: func(d *desk) {
			d.invoiced()
			d.inXero(func(inv *xero.Invoice) { inv.Status, inv.Reference = "PAID", "Zanzibar 78" })
			d.sells("Zanzibar 77", "Zanzibar 78")
		}, do: Nothing},
		{name: "looked at again after the books were closed and its account archived", given: func(d *desk) {
			d.invoiced()
			d.isNow("AUTHORISED")
			d.reference.Organisation.PeriodLockDate, d.reference.Accounts[0].Status = "2026-12-31", "ARCHIVED"
			d.customer(xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED"})
			d.link(func(l *store.Link) { l.Decided = "another" })
		}, do: Nothing},
		{name: "a draft changed after the books were closed", given: func(d *desk) {
			d.invoiced()
			d.reference.Organisation.PeriodLockDate = "2026-12-31"
			d.sells("Zanzibar 77", "Zanzibar 78")
		}, do: Hold, cause: "xero.locked_period", owner: Accountant},
		{name: "a draft changed after its contact was archived", given: func(d *desk) {
			d.invoiced()
			d.customer(xero.Contact{ContactID: contactID, Name: "Zanzibar Ferries", ContactStatus: "ARCHIVED"})
			d.sells("Zanzibar 77", "Zanzibar 78")
		}, do: Hold, cause: "contact.archived", owner: Accountant},
		{name: "a draft changed to a country without a tax rate", given: func(d *desk) { d.invoiced(); d.sells("New Zealand", "Tanzania") },
			do: Hold, cause: "record.unmappable", owner: Admin},
		{name: "a draft changed after its account was archived", given: func(d *desk) {
			d.invoiced()
			d.reference.Accounts[0].Status = "ARCHIVED"
			d.sells("Zanzibar 77", "Zanzibar 78")
		}, do: Hold, cause: "reference.AccountCode", owner: Admin},
		{name: "its lines no longer come to its amount", given: func(d *desk) { d.invoiced(); d.sells("2400.00", "2500.00") },
			do: Hold, cause: "total.mismatch", owner: Sales},

		{name: "un-won, a draft", given: func(d *desk) { d.invoiced(); d.record.Gone = "unmatched" },
			do: Hold, cause: "deal.unwon", owner: Accountant, says: []string{"INV-0007 is a draft in Xero", "delete the draft in Xero, or win the deal again"}},
		{name: "un-won, approved", given: func(d *desk) { d.invoiced(); d.isNow("AUTHORISED"); d.record.Gone = "unmatched" },
			do: Hold, cause: "deal.unwon", owner: Accountant, says: []string{"INV-0007 is approved in Xero", "void it in Xero"}},
		{name: "deleted in Salesforce", given: func(d *desk) { d.invoiced(); d.record.Gone = "deleted" },
			do: Hold, cause: "deal.deleted", owner: Accountant, says: []string{"INV-0007", "recycle bin"}},
		{name: "no longer visible", given: func(d *desk) { d.invoiced(); d.record.Gone = "unseen" },
			do: Hold, cause: "deal.unseen", owner: Admin, says: []string{"INV-0007", "access"}},
		{name: "no longer matching since the mapping was edited", given: func(d *desk) { d.invoiced(); d.record.Gone = "mapping" },
			do: Hold, cause: "deal.unmapped", owner: Admin, says: []string{"INV-0007", "mapping.yaml"}},
		{name: "un-won, and the invoice was voided", given: func(d *desk) { d.invoiced(); d.isNow("VOIDED"); d.record.Gone = "unmatched" }, do: Nothing},

		{name: "voided in Xero", given: func(d *desk) { d.invoiced(); d.isNow("VOIDED") },
			do: Hold, cause: "invoice.voided", owner: Accountant, says: []string{"INV-0007 was voided in Xero"}},
		{name: "voided in Xero, and copied there", given: func(d *desk) {
			d.invoiced()
			d.isNow("VOIDED")
			d.shows(invoiceID2, "INV-0008", "DRAFT", dealID, 1)
		}, do: Adopt, says: []string{"INV-0008"}},
		{name: "voided in Xero, and copied twice", given: func(d *desk) {
			d.invoiced()
			d.isNow("VOIDED")
			d.shows(invoiceID2, "INV-0008", "DRAFT", dealID, 1)
			d.shows(contactID2, "INV-0009", "DRAFT", dealID, 1)
		}, do: Hold, cause: "invoice.two", owner: Accountant, says: []string{"INV-0008", "INV-0009"}},
		{name: "copied in Xero beside the living one", given: func(d *desk) {
			d.invoiced()
			d.shows(invoiceID2, "INV-0008", "DRAFT", dealID, 1)
		}, do: Nothing},
	} {
		c.run(t, (*desk).plan)
	}
}

func TestADraftOfAnUnwonDealIsDeletedOnlyWhenNobodyTouchedIt(t *testing.T) {
	t.Parallel()
	opted := func(and func(*desk)) func(*desk) {
		return func(d *desk) {
			d.maps("if_unwon: hold", "if_unwon: delete_draft")
			d.invoiced()
			d.record.Gone = "unmatched"
			and(d)
		}
	}
	for _, c := range []planCase{
		{name: "untouched", given: opted(func(*desk) {}), do: Delete, says: []string{"INV-0007"}},
		{name: "touched", given: opted(func(d *desk) { d.inXero(func(inv *xero.Invoice) { inv.DueDate = "2027-01-31" }) }), do: Hold, cause: "deal.unwon", owner: Accountant},
		{name: "given an expected payment date", given: opted(func(d *desk) { d.inXero(func(inv *xero.Invoice) { inv.ExpectedPaymentDate = "2027-01-31" }) }), do: Hold, cause: "deal.unwon", owner: Accountant},
		{name: "submitted", given: opted(func(d *desk) { d.isNow("SUBMITTED") }), do: Hold, cause: "deal.unwon", owner: Accountant, says: []string{"submitted for approval"}},
		{name: "the deal was deleted", given: opted(func(d *desk) { d.record.Gone = "deleted" }), do: Hold, cause: "deal.deleted", owner: Accountant},
		{name: "the deal is out of sight", given: opted(func(d *desk) { d.record.Gone = "unseen" }), do: Hold, cause: "deal.unseen", owner: Admin},
		{name: "the mapping was edited", given: opted(func(d *desk) { d.record.Gone = "mapping" }), do: Hold, cause: "deal.unmapped", owner: Admin},
		{name: "found again after the store was lost, so it may have been touched", given: opted((*desk).rebuilt), do: Hold, cause: "deal.unwon", owner: Accountant},
	} {
		c.run(t, (*desk).plan)
	}
}

func TestADraftIsApprovedOnlyWhenItIsTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	wants := func(and func(*desk)) func(*desk) {
		return func(d *desk) {
			d.maps("Status: DRAFT", "Status: AUTHORISED")
			d.invoiced()
			and(d)
		}
	}
	for _, c := range []planCase{
		{name: "born a draft", given: func(d *desk) { d.maps("Status: DRAFT", "Status: AUTHORISED") }, do: Create},
		{name: "seen in Xero, the only one, untouched", given: wants(func(*desk) {}), do: Promote, says: []string{"INV-0007"}},
		{name: "not seen in Xero's list yet", given: wants(func(d *desk) { d.link(func(l *store.Link) { l.Watched = time.Time{} }) }), do: Wait},
		{name: "not to the cent", given: wants(func(d *desk) { d.link(func(l *store.Link) { l.Mismatch = "the tax is 1.00 instead of 1.01" }) }),
			do: Hold, cause: "invoice.differs", owner: Accountant, says: []string{"INV-0007 stays a draft", "1.00 instead of 1.01"}},
		{name: "touched by the accountant", given: wants(func(d *desk) { d.inXero(func(inv *xero.Invoice) { inv.Reference = "Zanzibar" }) }),
			do: Hold, cause: "invoice.edited", owner: Accountant, says: []string{"(Reference)", "approve it in Xero"}},
		{name: "a second one lives", given: wants(func(d *desk) { d.shows(invoiceID2, "INV-0008", "DRAFT", dealID, 1) }), do: Hold, cause: "invoice.two", owner: Accountant},
		{name: "the deal changed meanwhile", given: wants(func(d *desk) { d.sells("Zanzibar 77", "Zanzibar 78") }), do: Update},
		{name: "approved already", given: wants(func(d *desk) { d.isNow("AUTHORISED") }), do: Nothing},
		{name: "submitted by a person", given: wants(func(d *desk) { d.isNow("SUBMITTED") }), do: Nothing},
		{name: "the deal's own formula wants it approved", given: func(d *desk) {
			d.maps("Status: DRAFT", `Status: =IF(Amount > 1000, "AUTHORISED", "DRAFT")`)
			d.invoiced()
		}, do: Promote},
		{name: "the deal's own formula wants a draft", given: func(d *desk) {
			d.maps("Status: DRAFT", `Status: =IF(Amount > 9000, "AUTHORISED", "DRAFT")`)
			d.invoiced()
		}, do: Nothing},
		{name: "found again after a loss, though it is as the deal wants it", given: wants(func(d *desk) {
			hash := d.books.links[dealKey].Decided
			d.rebuilt()
			d.link(func(l *store.Link) { l.Decided = hash })
		}), do: Hold, cause: "invoice.found", owner: Accountant, says: []string{"approve it in Xero"}},
		{name: "a person's copy", given: wants(func(d *desk) {
			d.link(func(l *store.Link) { l.Origin = "copied" })
		}), do: Nothing, says: []string{"a copy that a person made"}},
		{name: "handed back by the approver", given: wants(func(d *desk) {
			d.link(func(l *store.Link) { l.Risen = true })
		}), do: Nothing, says: []string{"handed back"}},
	} {
		c.run(t, (*desk).plan)
	}
	d := newDesk(t)
	d.maps("Status: DRAFT", "Status: SUBMITTED")
	d.invoiced()
	if got, want := string(d.plan().Document), `{"InvoiceID":"`+invoiceID+`","Status":"SUBMITTED"}`; got != want {
		t.Errorf("a promotion sends %s, want %s", got, want)
	}
}

func TestAnInvoiceFoundAgainIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	for _, c := range []planCase{
		{name: "as the deal wants it", given: func(d *desk) { d.invoiced(); d.rebuilt() }, do: Nothing},
		{name: "edited by a person", given: func(d *desk) {
			d.invoiced()
			d.inXero(func(inv *xero.Invoice) { inv.Reference = "Zanzibar X" })
			d.rebuilt()
		}, do: Nothing, finds: "invoice.differs"},
		{name: "another total", given: func(d *desk) {
			d.invoiced()
			d.inXero(func(inv *xero.Invoice) { inv.Total = amount("1") })
			d.rebuilt()
		}, do: Nothing, finds: "invoice.differs"},
		{name: "the deal cannot be mapped any more", given: func(d *desk) { d.invoiced(); d.rebuilt(); d.sells("New Zealand", "Tanzania") }, do: Hold, cause: "record.unmappable", owner: Admin},
		{name: "approved, and the deal cannot be mapped any more", given: func(d *desk) {
			d.invoiced()
			d.isNow("AUTHORISED")
			d.rebuilt()
			d.sells("New Zealand", "Tanzania")
		}, do: Nothing, finds: "invoice.differs"},
		{name: "voided while the store was lost", given: func(d *desk) { d.invoiced(); d.isNow("VOIDED"); d.rebuilt() }, do: Hold, cause: "invoice.voided", owner: Accountant},
	} {
		c.run(t, (*desk).plan)
	}
}

// An update sends what changed, the id, and the status last seen; nothing else.
func TestWhatAnUpdateSends(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.invoiced()
	d.sells("Zanzibar 77", "Zanzibar 78")
	if got, want := string(d.plan().Document), `{"InvoiceID":"`+invoiceID+`","Reference":"Zanzibar 78","Status":"DRAFT"}`; got != want {
		t.Errorf("it sends %s, want %s", got, want)
	}
	d.sells(`"Zanzibar 78"`, `null`)
	if got, want := string(d.plan().Document), `{"InvoiceID":"`+invoiceID+`","Reference":"","Status":"DRAFT"}`; got != want {
		t.Errorf("an emptied field sends %s, want %s", got, want)
	}
}

// A tax rate, or an account's own tax, changes between a draft and its approval: the draft is what was meant when it was sent.
func TestARateThatChangesBeforeTheApproval(t *testing.T) {
	d := newDesk(t)
	d.maps("Status: DRAFT", "Status: AUTHORISED", "      TaxType: =LOOKUP(\"tax\", Opportunity.Account.BillingCountry)\n", "")
	d.invoiced()
	d.inXero(func(inv *xero.Invoice) {
		for i := range inv.LineItems {
			inv.LineItems[i].TaxType = "OUTPUT2"
		}
	})
	d.link(func(l *store.Link) { l.Shown = nil })
	for i := range d.reference.Accounts {
		d.reference.Accounts[i].TaxType = "ZERORATEDOUTPUT"
	}
	if s := d.plan(); s.Do != Promote {
		t.Errorf("%s: %s %+v", s.Do, s.Why, s.Hold)
	}
}
