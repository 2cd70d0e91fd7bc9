package sync_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/xero/xerotest"
)

// accountantActs is what people do in Xero, to our invoices and to others.
func accountantActs() []act {
	hand := func(do func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error) func(*simulation, *rand.Rand) string {
		return func(s *simulation, r *rand.Rand) string {
			all := s.world.books.Invoices()
			if len(all) == 0 {
				return ""
			}
			inv := one(r, all...)
			if do(s.world.books, r, inv) != nil {
				return ""
			}
			return inv.InvoiceNumber
		}
	}
	return []act{
		{"pays", 6, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			_, err := o.Pay(inv.InvoiceID, inv.AmountDue)
			return err
		})},
		{"pays a part of", 4, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			_, err := o.Pay(inv.InvoiceID, inv.AmountDue.Div(decimal.New(3, 0)).Round(2))
			return err
		})},
		{"credits", 2, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			_, err := o.Credit(inv.InvoiceID, decimal.New(1, 0))
			return err
		})},
		{"credits all of", 1, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			_, err := o.Credit(inv.InvoiceID, inv.AmountDue)
			return err
		})},
		{"approves", 6, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			return o.Approve(inv.InvoiceID)
		})},
		{"submits", 2, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			return o.Submit(inv.InvoiceID)
		})},
		{"hands back", 4, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			return o.Reject(inv.InvoiceID)
		})},
		{"voids", 4, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			return o.Void(inv.InvoiceID)
		})},
		{"deletes", 4, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			return o.Delete(inv.InvoiceID)
		})},
		{"edits the reference of", 5, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			return o.Edit(inv.InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = fmt.Sprint("by hand ", r.IntN(100)) })
		})},
		{"sets back the reference of", 5, func(s *simulation, r *rand.Rand) string {
			inv := one(r, s.world.books.Invoices()...)
			before, ok := s.ledger.references[inv.InvoiceID]
			if s.draw.Twin {
				return "" // neither daemon knows what the other has sent, and so not what is set back
			}
			if !ok || before == inv.Reference || s.world.books.Edit(inv.InvoiceID, func(e *xerotest.EditableInvoice) { e.Reference = before }) != nil {
				return ""
			}
			return inv.InvoiceNumber + " to " + before
		}},
		{"edits the due date of", 3, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			return o.Edit(inv.InvoiceID, func(e *xerotest.EditableInvoice) { e.DueDate = "2028-12-31" })
		})},
		{"edits a line of", 4, hand(func(o *xerotest.Organisation, r *rand.Rand, inv xerotest.InvoiceView) error {
			return o.Edit(inv.InvoiceID, func(e *xerotest.EditableInvoice) {
				if len(e.Lines) > 0 {
					e.Lines[0].Description, e.Lines[0].UnitAmount = "by hand", e.Lines[0].UnitAmount.Add(decimal.New(1, 0))
				}
			})
		})},
		{"copies", 6, func(s *simulation, r *rand.Rand) string {
			all := s.world.books.Invoices()
			if len(all) == 0 {
				return ""
			}
			inv := one(r, all...)
			if _, ok := s.copied(r, inv); !ok {
				return ""
			}
			return inv.InvoiceNumber
		}},
		{"takes the link off", 4, func(s *simulation, r *rand.Rand) string {
			inv := one(r, s.world.books.Invoices()...)
			row, ok := s.crm.Get("Opportunity", s.ledger.markOf(inv).record)
			if !ok || !strings.EqualFold(shown(row["Xero_Invoice_Id__c"]), inv.InvoiceID) || s.ledger.copies[inv.InvoiceID] {
				return "" // without the mark and the deal's own field no rule can help
			}
			if s.world.books.Edit(inv.InvoiceID, func(e *xerotest.EditableInvoice) { e.Url = "" }) != nil {
				return ""
			}
			return inv.InvoiceNumber
		}},
		{"archives a contact", 1, contactAct(func(o *xerotest.Organisation, r *rand.Rand, a, b xerotest.ContactView) error {
			return o.ArchiveContact(a.ContactID)
		})},
		{"restores a contact", 2, contactAct(func(o *xerotest.Organisation, r *rand.Rand, a, b xerotest.ContactView) error {
			if a.ContactStatus != "ARCHIVED" || a.MergedToContactID != "" {
				return errNothing
			}
			return o.RestoreContact(a.ContactID)
		})},
		{"merges contacts", 1, contactAct(func(o *xerotest.Organisation, r *rand.Rand, a, b xerotest.ContactView) error {
			if a.ContactStatus == "ARCHIVED" || b.ContactStatus == "ARCHIVED" {
				return errNothing
			}
			return o.MergeContacts(a.ContactID, b.ContactID)
		})},
		{"edits a contact", 3, contactAct(func(o *xerotest.Organisation, r *rand.Rand, a, b xerotest.ContactView) error {
			return o.EditContact(a.ContactID, func(e *xerotest.EditableContact) { e.EmailAddress = fmt.Sprintf("hand%d@example.com", r.IntN(9)) })
		})},
		{"renames a contact", 1, contactAct(func(o *xerotest.Organisation, r *rand.Rand, a, b xerotest.ContactView) error {
			return o.EditContact(a.ContactID, func(e *xerotest.EditableContact) { e.Name = a.Name + " & Co" })
		})},
		{"adds a contact", 2, func(s *simulation, r *rand.Rand) string {
			name := one(r, "Napier Boat Hire", "Gulf Harbour Sails", "Oamaru Steam Ltd", "Passer-by")
			number := ""
			if r.IntN(3) == 0 {
				number = fmt.Sprint("ERP-", r.IntN(1000)) // another program's
			}
			if _, err := s.world.books.AddContact(xerotest.EditableContact{Name: name, ContactNumber: number}); err != nil {
				return ""
			}
			return name + " " + number
		}},
		{"locks the books", 1, func(s *simulation, r *rand.Rand) string {
			date := s.xero.now().AddDate(0, 0, -r.IntN(8)).Format(time.DateOnly)
			s.must(s.world.books.Lock(date))
			s.lockDate = date
			return date
		}},
		{"unlocks the books", 2, func(s *simulation, r *rand.Rand) string {
			s.must(s.world.books.Lock(""))
			s.lockDate = ""
			return "whole"
		}},
		{"archives an account code", 1, func(s *simulation, r *rand.Rand) string {
			s.must(s.world.books.ArchiveAccount("210"))
			s.archived = true
			return "210"
		}},
		{"restores an account code", 2, func(s *simulation, r *rand.Rand) string {
			s.world.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2")
			s.archived = false
			return "210"
		}},
		{"adds a currency", 1, func(s *simulation, r *rand.Rand) string {
			s.world.books.AddCurrency("USD")
			s.subscribed["USD"] = true
			return "USD"
		}},
		{"ends all tokens", 1, func(s *simulation, r *rand.Rand) string {
			s.world.books.ExpireTokens()
			return "of Xero"
		}},
		{"sets Xero's clock", 1, func(s *simulation, r *rand.Rand) string {
			ahead := s.draw.XeroAhead - s.jumped + upTo(r, s.draw.Step)
			if !s.xero.set(ahead) {
				return ""
			}
			return ahead.String()
		}},
	}
}

func contactAct(do func(o *xerotest.Organisation, r *rand.Rand, a, b xerotest.ContactView) error) func(*simulation, *rand.Rand) string {
	return func(s *simulation, r *rand.Rand) string {
		all := s.world.books.Contacts()
		a, b := one(r, all...), one(r, all...)
		if a.ContactID == b.ContactID || do(s.world.books, r, a, b) != nil {
			return ""
		}
		return a.Name + " (" + b.Name + ")"
	}
}

// adminActs is what the admin of sf2xero does to its mapping.
func adminActs() []act {
	swap := func(old, with string) func(*simulation, *rand.Rand) string {
		return func(s *simulation, r *rand.Rand) string {
			s.mapped.Lock()
			defer s.mapped.Unlock()
			if !strings.Contains(s.mapping, old) {
				return ""
			}
			s.mapping = strings.Replace(s.mapping, old, with, 1)
			return with
		}
	}
	return []act{
		{"adds a country to the tax table", 2, swap("    Australia: Zero Rated\n  revenue", "    Australia: Zero Rated\n    Fiji: Zero Rated\n  revenue")},
		{"stops updating addresses", 1, swap("update: [EmailAddress, Phones]", "update: [Phones]")},
		{"updates addresses again", 1, swap("update: [Phones]", "update: [EmailAddress, Phones]")},
		{"moves the start", 1, func(s *simulation, r *rand.Rand) string {
			s.edits.first = s.edits.first || len(s.logged("pull.done")) == 0
			return s.replace("start: 2026-11-01", "start: 2026-11-05")
		}},
		{"moves the start back", 1, swap("start: 2026-11-05", "start: 2026-11-01")},
		{"renames the entry", 1, swap("\ninvoices:\n", "\nbills:\n")},
		{"names the entry as before", 2, swap("\nbills:\n", "\ninvoices:\n")},
		{"narrows the condition", 1, func(s *simulation, r *rand.Rand) string { return s.narrow() }},
		{"widens the condition", 1, func(s *simulation, r *rand.Rand) string { return s.widen() }},
		{"makes a typing mistake", 1, swap("Reference: =PO_Number__c", "Reference: =PO_Numbre__c")},
		{"mends the typing mistake", 3, swap("Reference: =PO_Numbre__c", "Reference: =PO_Number__c")},
		{"deletes the newest row of the lease", 1, func(s *simulation, r *rand.Rand) string {
			if !s.draw.Lease {
				return ""
			}
			rows := s.crm.Rows("Xero_Act__c")
			for i := len(rows) - 1; i >= 0; i-- {
				if rows[i]["IsDeleted"] != true {
					id := fmt.Sprint(rows[i]["Id"])
					s.must(s.crm.Delete("Xero_Act__c", id))
					return id
				}
			}
			return ""
		}},
		{"changes the terms", 1, swap("DueDate: =CloseDate + 30", "DueDate: =CloseDate + 14")},
	}
}

// event is an act at its time.
type event struct {
	at   time.Duration // since the beginning
	who  string
	act  act
	dice string // what its dice are named by
}

// acts draws what people will do and when: in a few busy hours of each day, now and then several at one instant.
func (s *simulation) acts() []event {
	r := s.dice("acts")
	var events []event
	last := time.Duration(0)
	per := s.draw.Acts / s.draw.Days
	for day := range s.draw.Days {
		last = time.Duration(day)*24*time.Hour + time.Minute
		for range per {
			if r.IntN(6) > 0 {
				last += upTo(r, 2*busy/time.Duration(per))
			}
			who, acts := "sales", salesActs()
			switch n := r.IntN(20); {
			case n == 0:
				who, acts = "admin", adminActs()
			case n < 8:
				who, acts = "accountant", accountantActs()
			}
			if sales, accountant := identityActs(); s.draw.Namesakes && who == "sales" {
				acts = append(acts, sales...)
			} else if s.draw.Namesakes && who == "accountant" {
				acts = append(acts, accountant...)
			}
			if s.draw.Merging {
				for i := range acts {
					if strings.HasPrefix(acts[i].name, "merges ") {
						acts[i].weight *= 8
					}
				}
			}
			total := 0
			for _, a := range acts {
				total += a.weight
			}
			n := r.IntN(total)
			for _, a := range acts {
				if n -= a.weight; n < 0 {
					events = append(events, event{last, who, a, fmt.Sprint(len(events))})
					break
				}
			}
		}
	}
	events = append(events, s.editEvents()...)
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	return s.withMoney(events)
}

// busy is how long people are at work in a day.
const busy = 50 * time.Minute

// liveThrough is the people's life.
func (s *simulation) liveThrough(events []event) {
	began := time.Now()
	for _, e := range events {
		time.Sleep(time.Until(began.Add(e.at)))
		var done string
		s.ledger.person(func() { done = e.act.do(s, s.dice("act", e.dice)) })
		if done != "" {
			s.note("%s %s: %s", e.who, e.act.name, done)
		}
	}
}

// copied is an invoice that a person copies. Within settle of its making the copy could be another daemon's, and is taken for
// one.
func (s *simulation) copied(r *rand.Rand, inv xerotest.InvoiceView) (id string, ok bool) {
	early := time.Since(s.ledger.since[inv.InvoiceID]) < s.draw.Settle+6*time.Minute
	if early && (s.draw.Twin || r.IntN(8) > 0) {
		return "", false
	}
	id, err := s.world.books.Copy(inv.InvoiceID)
	if err != nil {
		return "", false
	}
	s.noted.Lock()
	s.copiedEarly = s.copiedEarly || early
	s.noted.Unlock()
	return id, true
}
