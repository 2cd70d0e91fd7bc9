package sync_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/store"
	"sf2xero/sync/document"
	"sf2xero/xero/xerotest"
)

// moneyDraw is what a seed chooses about currencies and cents. Each is drawn by itself, so that no other draw moves.
type moneyDraw struct {
	Says      string // how the mapping says the currency: own, none, or one that contradicts the deal now and then
	Enabled   bool   // several currencies are switched on while the daemon runs
	Unrounded bool   // the mapping takes Salesforce's sums as they are, until somebody has read the holds
	Money     int    // acts a day that are about money
}

func drawnMoney(seed uint64, several bool) moneyDraw {
	d := moneyDraw{Says: []string{"own", "own", "none", "none", "contradicts"}[hashed(seed, "says")%5], Unrounded: hashed(seed, "unrounded")%10 == 0, Money: int(hashed(seed, "money") % 13)}
	d.Enabled = !several && hashed(seed, "enabled")%5 == 0
	return d
}

// mapMoney has mapping.yaml say the currency and the total as the seed wants it.
func (s *simulation) mapMoney() {
	switch s.draw.Says {
	case "none":
		s.editMapping(currencyLine, "")
	case "contradicts":
		s.editMapping(currencyLine, `    CurrencyCode: =IF(CONTAINS(BLANKVALUE(PO_Number__c, "none"), "7"), "NZD", CurrencyIsoCode)`+"\n")
	}
	if s.draw.Unrounded {
		s.editMapping("total: =ROUND(Amount, 2) ", "total: =Amount ")
	}
	s.several, s.subscribed = s.draw.Currencies, map[string]bool{"NZD": true, "AUD": true}
}

// roundTheTotal is an admin who has read what the holds say.
func (s *simulation) roundTheTotal() {
	s.mapped.Lock()
	defer s.mapped.Unlock()
	s.mapping = rounded(s.mapping)
}

// moneyActs is what people do about currencies, rates, half cents and second invoices, beside everything else.
func (s *simulation) moneyActs() []act {
	acts := []act{
		{"wins a deal with half cents", 4, func(s *simulation, r *rand.Rand) string {
			var items []item
			for range 1 + r.IntN(3) {
				items = append(items, item{s.usual.licence, one(r, "1", "3"), one(r, "84.91", "33.30", "10.01", "169.83"), map[string]any{"Discount": json.Number(one(r, "50", "15", "12.5"))}})
			}
			return s.won(one(r, s.accounts...), r, items...)
		}},
		{"rounds the prices of a deal", 3, func(s *simulation, r *rand.Rand) string {
			deal, ok := s.heldFor(r, "total.cents")
			if !ok {
				return ""
			}
			for _, id := range s.lines(deal) {
				row, _ := s.crm.Get("OpportunityLineItem", id)
				quantity, _ := row["Quantity"].(decimal.Decimal)
				total, _ := row["TotalPrice"].(decimal.Decimal)
				if quantity.IsZero() || !quantity.IsInteger() {
					return ""
				}
				if s.crm.Update("OpportunityLineItem", id, map[string]any{"UnitPrice": json.Number(total.DivRound(quantity, 2).String()), "Discount": nil}) != nil {
					return ""
				}
			}
			return deal
		}},
		{"copies an invoice and takes the link off the first", 2, func(s *simulation, r *rand.Rand) string {
			if s.draw.Blind {
				return "" // nothing leads to the first any more
			}
			named := slices.DeleteFunc(s.world.books.Invoices(), func(inv xerotest.InvoiceView) bool {
				row, ok := s.crm.Get("Opportunity", s.ledger.markOf(inv).record)
				return !ok || !alive(inv.Status) || !strings.EqualFold(shown(row["Xero_Invoice_Id__c"]), inv.InvoiceID) || s.ledger.copies[inv.InvoiceID]
			})
			if len(named) == 0 {
				return ""
			}
			inv := one(r, named...)
			copied, ok := s.copied(r, inv)
			if !ok || s.world.books.Edit(inv.InvoiceID, func(e *xerotest.EditableInvoice) { e.Url = "" }) != nil {
				return ""
			}
			return inv.InvoiceNumber + " as " + copied
		}},
		{"subscribes to a currency", 1, func(s *simulation, r *rand.Rand) string {
			s.world.books.AddCurrency("USD")
			s.subscribed["USD"] = true
			return "USD"
		}},
		{"mends what Xero lacks, or spoils it", 3, func(s *simulation, r *rand.Rand) string {
			switch {
			case s.archived:
				s.world.books.AddAccount("210", "Services", "REVENUE", "OUTPUT2")
				s.archived = false
				return "restores 210"
			case s.lockDate != "":
				s.must(s.world.books.Lock(""))
				s.lockDate = ""
				return "unlocks"
			case r.IntN(2) == 0:
				s.must(s.world.books.ArchiveAccount("210"))
				s.archived = true
				return "archives 210"
			}
			s.lockDate = s.xero.now().AddDate(0, 0, -r.IntN(3)).Format(time.DateOnly)
			s.must(s.world.books.Lock(s.lockDate))
			return "locks " + s.lockDate
		}},
		{"sees the rate of a currency move", 2, func(s *simulation, r *rand.Rand) string {
			code, rate := one(r, "AUD", "USD"), one(r, "0", "0.6", "0.61", "0.62", "0.91", "0.40")
			s.world.books.SetRate(code, decimal.RequireFromString(rate))
			return code + " to " + rate
		}},
		{"wins a foreign deal", 3, func(s *simulation, r *rand.Rand) string {
			if !s.several {
				return ""
			}
			id := s.opened(one(r, s.accounts...), r, map[string]any{"CurrencyIsoCode": one(r, "AUD", "AUD", "USD")}, s.someItem(r))
			s.win(id)
			return id
		}},
	}
	if s.draw.Enabled {
		acts = append(acts, act{"switches several currencies on", 3, func(s *simulation, r *rand.Rand) string {
			if s.several || s.world.crm.EnableCurrencies("AUD", "USD") != nil {
				return ""
			}
			s.several = true
			return "AUD and USD"
		}})
	}
	if s.draw.Unrounded {
		acts = append(acts, act{"rounds the total in the mapping", 2, func(s *simulation, r *rand.Rand) string { s.roundTheTotal(); return "as the hold says" }})
	}
	return acts
}

// withMoney adds them to what people do anyway, at moments of their own.
func (s *simulation) withMoney(events []event) []event {
	acts, r := s.moneyActs(), s.dice("money")
	for day := range s.draw.Days {
		for n := range s.draw.Money {
			at := time.Duration(day)*24*time.Hour + time.Minute + upTo(r, busy)
			total := 0
			for _, a := range acts {
				total += a.weight
			}
			lot := r.IntN(total)
			for _, a := range acts {
				if lot -= a.weight; lot < 0 {
					events = append(events, event{at: at, who: "money", act: a, dice: fmt.Sprint("money ", day, " ", n)})
					break
				}
			}
		}
	}
	sort.SliceStable(events, func(i, j int) bool { return events[i].at < events[j].at })
	return events
}

// heldFor is one of the deals that the daemon holds for a cause, as its row says: people read rows, not stores.
func (s *simulation) heldFor(r *rand.Rand, cause string) (string, bool) {
	says := map[string]string{"total.cents": "adds up before it rounds"}[cause]
	var held []string
	for _, deal := range s.deals {
		if row, ok := s.crm.Get("Opportunity", deal); ok && row["IsDeleted"] != true && strings.Contains(shown(row["Xero_Sync_Error__c"]), says) {
			held = append(held, deal)
		}
	}
	if len(held) == 0 {
		return "", false
	}
	return one(r, held...), true
}

// currencyOf is the currency of a deal: its own, or the org's.
func (s *simulation) currencyOf(row map[string]any) string {
	if code := shown(row["CurrencyIsoCode"]); code != "" {
		return code
	}
	return "NZD"
}

// auditCurrency looks at an invoice that a call has just made: it is in the currency of its deal.
func (l *ledger) auditCurrency(call string, now xerotest.InvoiceView, sent time.Time) {
	row, ok := l.s.crm.Get("Opportunity", l.markOf(now).record)
	stamp, _ := row["SystemModstamp"].(time.Time)
	if !ok || l.s.crmClock.now().Sub(stamp) < time.Since(sent)+racing+l.s.draw.Visible {
		return // it may have been quoted anew while the call was on its way
	}
	if want := l.s.currencyOf(row); now.CurrencyCode != want {
		l.s.breach("%s: %s is over %s %s, and its deal is in %s", call, now.InvoiceNumber, now.SubTotal, now.CurrencyCode, want)
	}
}

// auditRate looks at an invoice that a call has just approved: no rate of 1, and none that is far from all others that
// anybody has approved in its currency.
func (l *ledger) auditRate(change string, inv xerotest.InvoiceView, sent time.Time) {
	if inv.CurrencyCode == "NZD" {
		return
	}
	if inv.CurrencyRate.Equal(decimal.New(1, 0)) {
		l.s.breach("%s, although its rate for %s is 1", change, inv.CurrencyCode)
	}
	far, near := 0, 0
	for _, id := range sorted(l.invoices) {
		other := l.invoices[id]
		if id == inv.InvoiceID || other.CurrencyCode != inv.CurrencyCode || other.Status != "AUTHORISED" && other.Status != "PAID" || other.CurrencyRate.Equal(decimal.New(1, 0)) {
			continue
		}
		if l.since[id].After(sent.Add(-racing)) || inv.CurrencyRate.Sub(other.CurrencyRate).Abs().LessThan(other.CurrencyRate.Mul(decimal.New(2, -1))) {
			near++
		} else {
			far++
		}
	}
	if far > 0 && near == 0 && l.approvedLately[inv.CurrencyCode].Before(sent.Add(-racing)) {
		l.s.breach("%s, although its rate for %s is %s and all that were approved before have another", change, inv.CurrencyCode, inv.CurrencyRate)
	}
}

// exact is what the lines of a deal come to before anybody rounds them.
func (s *simulation) exact(deal string) decimal.Decimal {
	total := decimal.Zero
	for _, id := range s.lines(deal) {
		row, _ := s.crm.Get("OpportunityLineItem", id)
		sum, _ := row["TotalPrice"].(decimal.Decimal)
		total = total.Add(sum)
	}
	return total
}

// moneyUntrue says why what a deal is held for is not so, of the causes that are about money; "" when it is.
func (s *simulation) moneyUntrue(h *store.Hold, row map[string]any, live []xerotest.InvoiceView) (why string, known bool) {
	deal, _ := row["Id"].(string)
	unless := func(ok bool, why string) (string, bool) {
		if ok {
			return "", true
		}
		return why, true
	}
	switch h.Cause {
	case "total.cents":
		amount, _ := row["Amount"].(decimal.Decimal)
		return unless(s.exact(deal).Round(2).Equal(amount.Round(2)) && !s.sum(deal).Equal(amount.Round(2)), "its lines come to whole cents")
	case "currency.differs":
		return unless(s.draw.Says == "contradicts" && s.currencyOf(row) != "NZD", "the mapping does not contradict it")
	case "currency.rate":
		return unless(len(live) > 0 && slices.ContainsFunc(live, func(inv xerotest.InvoiceView) bool { return inv.CurrencyCode != "NZD" }), "it has no foreign invoice")
	case "witness.other":
		return unless(len(live) > 1, "there are not two invoices")
	case "record.unmappable":
		return unless(!strings.Contains(h.Text, "ROUND(") || strings.Contains(s.mapping, "total: =Amount "), "its total is rounded")
	}
	return "", false
}

// nothingMended looks for holds whose cause was mended in Xero a while ago. What Xero itself refused is sent again less and
// less often, and is looked at when all is at rest.
func (s *simulation) nothingMended() {
	if s.draw.PerDay > 0 {
		return // the reserve of the day's calls is not spent on looking
	}
	for _, row := range s.crm.Rows("Opportunity") {
		deal, _ := row["Id"].(string)
		h := s.held(deal)
		if h == nil || s.xero.now().Sub(h.Since) < 3*time.Minute { // the next cycle looks
			continue
		}
		mended := false
		switch h.Cause {
		case "reference.CurrencyCode":
			mended = s.subscribed[s.currencyOf(row)] && strings.Contains(h.Text, s.currencyOf(row))
		case "xero.locked_period":
			mended = s.lockDate == ""
		case "reference.AccountCode":
			mended = !s.archived
		case "contact.archived":
			mended = s.contactIsActive(shown(row["AccountId"])) && !s.draftOnArchived(deal)
		}
		if mended {
			s.breach("%v %s is held for %s (%s), which has been mended in Xero", row["Name"], deal, h.Cause, h.Text)
		}
	}
}

// draftOnArchived is true for a deal with a draft whose own contact is archived. Xero does not approve that, whatever the account's
// contact has become since. Seed 34765: an account that another one was merged into took over the contact of that one.
func (s *simulation) draftOnArchived(deal string) bool {
	return slices.ContainsFunc(s.world.books.Invoices(), func(inv xerotest.InvoiceView) bool {
		c, ok := s.world.books.Contact(inv.ContactID)
		return s.ledger.markOf(inv).record == deal && inv.Status == "DRAFT" && ok && c.ContactStatus == "ARCHIVED" && c.MergedToContactID == ""
	})
}

// contactIsActive is true when the one contact of an account is active.
func (s *simulation) contactIsActive(account string) bool {
	active := false
	var id string
	s.view(func(tx *store.Tx) error {
		link, _ := tx.Link(store.Key{Entry: document.Contacts, ID: account})
		id = link.XeroID
		return nil
	})
	for _, c := range s.world.books.Contacts() {
		active = active || strings.EqualFold(c.ContactID, id) && c.ContactStatus == "ACTIVE" && c.MergedToContactID == ""
	}
	return active
}
