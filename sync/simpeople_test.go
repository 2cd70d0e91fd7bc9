package sync_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sf2xero/xero/xerotest"
)

// furnishAll puts into both services what is there on the first day: accounts, products, contacts of other people.
func (s *simulation) furnishAll() {
	r := s.dice("furnish")
	s.usual.licence = s.insert("Product2", map[string]any{"Name": "Harbour licence", "Family": "Licences", "IsActive": true})
	s.usual.service = s.insert("Product2", map[string]any{"Name": "Skipper for a day", "Family": "Services", "IsActive": true})
	names := []string{"Napier Boat Hire", "Twin Peaks Ltd", "Kea & Sons", "Twin Peaks  LTD", "Gulf Harbour Sails", "Ōamaru Steam"}
	for i := range s.draw.Accounts {
		more := map[string]any{"BillingCountry": one(r, "New Zealand", "New Zealand", "New Zealand", "Australia", "Fiji"), "Region__c": one(r, "North", "South")}
		if r.IntN(3) == 0 {
			more["AccountNumber"] = fmt.Sprint("C-", i)
		}
		if s.draw.Namesakes {
			if s.hash("number", i)%3 > 0 {
				more["AccountNumber"] = fmt.Sprint("C-", i)
			}
			if s.hash("email", i)%3 > 0 {
				more["Billing_Email__c"] = fmt.Sprintf("pay%d@example.com", i)
			}
		}
		s.accounts = append(s.accounts, s.account(names[i], more))
	}
	s.usual.account = s.accounts[0]
	stranger, err := s.world.books.AddContact(xerotest.EditableContact{Name: "Somebody Else", EmailAddress: "else@example.com"})
	s.must(err)
	customer := xerotest.EditableContact{Name: one(r, names[0], names[2], "Kea and Sons"), EmailAddress: one(r, "", "old@example.com")}
	if s.draw.Street {
		customer.Street = xerotest.AddressView{Line1: "Shed 4", City: "Te Puke"}
	}
	known, err := s.world.books.AddContact(customer)
	s.must(err)
	for _, c := range []string{stranger, known} {
		_, err := s.world.books.AddInvoice(xerotest.EditableInvoice{ContactID: c, Lines: []xerotest.LineView{{Description: "By hand", Quantity: money("1"), UnitAmount: money("10"), AccountCode: "200", TaxType: "OUTPUT2"}}})
		s.must(err)
	}
	if s.draw.Namesakes {
		s.namesakes()
	}
	if s.draw.Poison {
		for range 1 + r.IntN(2) {
			s.won(s.usual.account, r, item{s.usual.licence, "1", "13.00", map[string]any{"Description": poison}})
		}
	}
	s.ledger.settle()
}

func (s *simulation) today() string { return s.crmClock.now().Format(time.DateOnly) }

// won is a deal that is opened and won at once; deal opens one.
func (s *simulation) won(account string, r *rand.Rand, items ...item) string {
	id := s.opened(account, r, nil, items...)
	s.win(id)
	return id
}

func (s *simulation) opened(account string, r *rand.Rand, more map[string]any, items ...item) string {
	fields := map[string]any{"CloseDate": s.today()}
	for k, v := range more {
		fields[k] = v
	}
	if s.several && fields["CurrencyIsoCode"] == nil {
		fields["CurrencyIsoCode"] = "NZD"
	}
	id := s.deal(account, fmt.Sprintf("Deal %d", len(s.deals)+1), fields, items...)
	s.deals = append(s.deals, id)
	return id
}

// act is one thing that a person does: what they did, "" when there was nothing to do it to.
type act struct {
	name   string
	weight int
	do     func(s *simulation, r *rand.Rand) string
}

func salesActs() []act {
	return []act{
		{"wins a deal", 30, func(s *simulation, r *rand.Rand) string {
			var items []item
			for range 1 + r.IntN(3) {
				items = append(items, s.someItem(r))
			}
			return s.won(one(r, s.accounts...), r, items...)
		}},
		{"wins an awkward deal", 8, func(s *simulation, r *rand.Rand) string { return s.awkwardDeal(r) }},
		{"un-wins", 5, s2(func(s *simulation, r *rand.Rand, deal string) error {
			return s.update(deal, "StageName", "Negotiation/Review")
		})},
		{"wins again", 5, s2(func(s *simulation, r *rand.Rand, deal string) error { return s.update(deal, "StageName", "Closed Won") })},
		{"edits the PO number", 8, s2(func(s *simulation, r *rand.Rand, deal string) error {
			return s.update(deal, "PO_Number__c", fmt.Sprint("PO-", r.IntN(1000)))
		})},
		{"clears the PO number", 2, s2(func(s *simulation, r *rand.Rand, deal string) error { return s.update(deal, "PO_Number__c", nil) })},
		{"moves the close date", 4, s2(func(s *simulation, r *rand.Rand, deal string) error {
			return s.update(deal, "CloseDate", s.crmClock.now().AddDate(0, 0, r.IntN(30)-10).Format(time.DateOnly))
		})},
		{"gives the deal another account", 3, s2(func(s *simulation, r *rand.Rand, deal string) error {
			return s.update(deal, "AccountId", one(r, s.accounts...))
		})},
		{"edits a line", 8, s2(func(s *simulation, r *rand.Rand, deal string) error {
			lines := s.lines(deal)
			if len(lines) == 0 {
				return errNothing
			}
			return s.world.crm.Update("OpportunityLineItem", one(r, lines...), map[string]any{"UnitPrice": json.Number(one(r, "11.00", "0.3333", "250.00"))})
		})},
		{"adds a line", 4, s2(func(s *simulation, r *rand.Rand, deal string) error {
			it := s.someItem(r)
			_, err := s.world.crm.Insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": it.product, "Quantity": json.Number(it.quantity), "UnitPrice": json.Number(it.price), "SortOrder": 9})
			return err
		})},
		{"takes a line off", 2, s2(func(s *simulation, r *rand.Rand, deal string) error {
			lines := s.lines(deal)
			if len(lines) == 0 {
				return errNothing
			}
			return s.world.crm.Delete("OpportunityLineItem", one(r, lines...))
		})},
		{"deletes the deal", 2, s2(func(s *simulation, r *rand.Rand, deal string) error { return s.world.crm.Delete("Opportunity", deal) })},
		{"undeletes the deal", 2, s2(func(s *simulation, r *rand.Rand, deal string) error {
			return s.world.crm.Undelete("Opportunity", deal)
		})},
		{"clones the deal", 4, func(s *simulation, r *rand.Rand) string {
			if len(s.deals) == 0 {
				return ""
			}
			return s.clone(one(r, s.deals...), r)
		}},
		{"touches the deal", 3, s2(func(s *simulation, r *rand.Rand, deal string) error { return s.world.crm.Touch("Opportunity", deal) })},
		{"locks the deal", 2, s2(func(s *simulation, r *rand.Rand, deal string) error {
			s.lockedRows[deal] = true
			return s.world.crm.LockRecord(deal)
		})},
		{"unlocks the deal", 2, s2(func(s *simulation, r *rand.Rand, deal string) error {
			s.lockedRows[deal] = false
			return s.world.crm.UnlockRecord(deal)
		})},
		{"keeps the deal busy", 2, s2(func(s *simulation, r *rand.Rand, deal string) error { return s.world.crm.BusyRecord(deal, 1+r.IntN(3)) })},
		{"takes the deal out of sight", 4, s2(func(s *simulation, r *rand.Rand, deal string) error {
			s.outOfSight[deal], s.hiddenOnce[deal] = true, true
			return s.world.crm.HideRecord(deal)
		})},
		{"shows the deal again", 2, s2(func(s *simulation, r *rand.Rand, deal string) error {
			s.outOfSight[deal] = false
			return s.world.crm.ShowRecord(deal)
		})},
		{"edits an account", 4, func(s *simulation, r *rand.Rand) string {
			id := one(r, s.accounts...)
			field := one(r, "Billing_Email__c", "BillingCity", "BillingCountry", "Region__c", "Name")
			value := map[string]string{"Billing_Email__c": fmt.Sprintf("pay%d@example.com", r.IntN(9)), "BillingCity": "Napier", "BillingCountry": one(r, "New Zealand", "Australia"),
				"Region__c": one(r, "North", "South"), "Name": fmt.Sprint("Customer ", r.IntN(4))}[field]
			if s.world.crm.Update("Account", id, map[string]any{field: value}) != nil {
				return ""
			}
			return id + " " + field + " " + value
		}},
		{"corrects a country", 3, func(s *simulation, r *rand.Rand) string {
			for _, id := range s.accounts {
				if row, ok := s.world.crm.Get("Account", id); ok && row["BillingCountry"] == "Fiji" && s.world.crm.Update("Account", id, map[string]any{"BillingCountry": "New Zealand"}) == nil {
					return id
				}
			}
			return ""
		}},
		{"quotes again in another currency", 2, s2(func(s *simulation, r *rand.Rand, deal string) error {
			for _, line := range s.lines(deal) { // Salesforce lets the currency go only of a deal without products
				if err := s.world.crm.Delete("OpportunityLineItem", line); err != nil {
					return err
				}
			}
			err := s.update(deal, "CurrencyIsoCode", one(r, "NZD", "USD", "AUD"))
			it := s.someItem(r)
			_, lineErr := s.world.crm.Insert("OpportunityLineItem", map[string]any{"OpportunityId": deal, "Product2Id": it.product, "Quantity": json.Number(it.quantity), "UnitPrice": json.Number(it.price), "SortOrder": 1})
			return errors.Join(err, lineErr)
		})},
		{"takes View All away", 1, func(s *simulation, r *rand.Rand) string {
			for _, deal := range s.deals {
				s.outOfSight[deal], s.hiddenOnce[deal] = true, true
				s.must(s.world.crm.HideRecord(deal))
			}
			return "from the integration user"
		}},
		{"gives View All back", 2, func(s *simulation, r *rand.Rand) string {
			for _, deal := range s.deals {
				s.outOfSight[deal] = false
				s.must(s.world.crm.ShowRecord(deal))
			}
			return "to the integration user"
		}},
		{"merges two accounts", 3, func(s *simulation, r *rand.Rand) string {
			a, b := one(r, s.accounts...), one(r, s.accounts...)
			if a == b || s.world.crm.Merge("Account", a, b) != nil {
				return ""
			}
			s.accounts = slices.DeleteFunc(slices.Clone(s.accounts), func(id string) bool { return id == b })
			return b + " into " + a
		}},
		{"ends all sessions", 1, func(s *simulation, r *rand.Rand) string { s.world.crm.ExpireSessions(); return "of Salesforce" }},
		{"sets Salesforce's clock", 1, func(s *simulation, r *rand.Rand) string {
			ahead := s.draw.SalesAhead - s.jumped + time.Duration(r.Int64N(int64(2*time.Minute)))
			if !s.crmClock.set(ahead) {
				return ""
			}
			return ahead.String()
		}},
	}
}

// errNothing is what an act gives that finds nothing to be done to.
var errNothing = fmt.Errorf("nothing to do")

// s2 is an act upon one of the deals there are.
func s2(do func(s *simulation, r *rand.Rand, deal string) error) func(*simulation, *rand.Rand) string {
	return func(s *simulation, r *rand.Rand) string {
		if len(s.deals) == 0 {
			return ""
		}
		deal := one(r, s.deals...)
		if do(s, r, deal) != nil {
			return ""
		}
		return deal
	}
}

func (s *simulation) update(deal, field string, value any) error {
	return s.world.crm.Update("Opportunity", deal, map[string]any{field: value})
}

func (s *simulation) someItem(r *rand.Rand) item {
	it := item{product: one(r, s.usual.licence, s.usual.service), quantity: one(r, "1", "2", "3", "0.5", "7"), price: one(r, "100.00", "33.35", "0.3333", "12.3456", "15.00", "1250.00")}
	if r.IntN(4) == 0 {
		it.more = map[string]any{"Discount": json.Number(one(r, "10", "12.5"))}
	}
	if s.draw.Evenly && r.IntN(3) == 0 {
		it = item{product: it.product, quantity: "1", price: "0.30"} // 0.045 of tax
	}
	return it
}

func (s *simulation) awkwardDeal(r *rand.Rand) string {
	account, more := one(r, s.accounts...), map[string]any{}
	items := []item{s.someItem(r)}
	switch r.IntN(6) {
	case 0:
		items = nil
		more["Amount"] = json.Number("500")
	case 1:
		account = ""
	case 2:
		more["CloseDate"] = "2026-10-15"
	case 3:
		items[0].more = map[string]any{"TotalPrice": json.Number("1.99")}
	case 4:
		if s.several {
			more["CurrencyIsoCode"] = one(r, "USD", "AUD")
		}
	case 5:
		more["Xero_Invoice_Id__c"] = one(r, "11111111-2222-3333-4444-555555555555", "see Ann")
	}
	id := s.opened(account, r, more, items...)
	s.win(id)
	return id
}

// clone copies a deal with all its fields, the Xero fields among them, as Salesforce's own button does.
func (s *simulation) clone(deal string, r *rand.Rand) string {
	row := s.row(deal)
	more := map[string]any{}
	for _, f := range []string{"Xero_Invoice_Id__c", "Xero_Invoice_Number__c", "Xero_Status__c", "PO_Number__c", "CloseDate", "CurrencyIsoCode"} {
		if v, ok := row[f].(string); ok && v != "" {
			more[f] = v
		}
	}
	account, _ := row["AccountId"].(string)
	if customer, ok := s.crm.Get("Account", account); !ok || customer["IsDeleted"] == true {
		return "" // Salesforce takes no deal of an account that is deleted
	}
	id := s.opened(account, r, more, s.someItem(r))
	s.win(id)
	return id + " of " + deal
}
