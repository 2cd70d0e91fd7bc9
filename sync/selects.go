package sync

import (
	"errors"
	"slices"
	"sort"
	"time"

	"sf2xero/mapping"
	"sf2xero/salesforce"
	"sf2xero/sync/document"
	"sf2xero/sync/plan"
)

// What each select of a pull is for; salesforce.Record.Select says which one a row came from.
type purpose struct {
	salesforce.Select
	take func(salesforce.Record) error
}

func (p *pull) selects(since, before time.Time) (all []purpose) {
	contacts := p.in.Mapping.Contacts
	if p.e != nil {
		all = p.dealSelects(since, before)
	}
	if p.incremental {
		account := p.selectOf(contacts)
		account.Since, account.Before, account.Deleted = since, before, true
		if account.Fields = slices.Clone(account.Fields); contacts.Merges {
			account.Fields = append(account.Fields, masterRecord)
		}
		all = append(all, purpose{account, p.takeAccount})
	}
	if contacts.Where != "" {
		account := p.selectOf(contacts)
		account.Where = contacts.Where
		if p.incremental {
			account.Since, account.Before = since, before
		}
		all = append(all, purpose{account, p.takeCustomer})
	}
	if len(p.waiting) > 0 {
		waiting := p.selectOf(p.e)
		waiting.Where, waiting.IDs = p.e.Where, p.waiting
		all = append(all, purpose{waiting, p.takeMatched})
	}
	if len(p.accounts) > 0 {
		account := p.selectOf(contacts)
		account.IDs = p.accounts
		all = append(all, purpose{account, p.takeNeeded})
		if contacts.Where != "" {
			all = append(all, purpose{salesforce.Select{From: contacts.From, Where: contacts.Where, IDs: p.accounts}, p.noteCustomer})
		}
	}
	if len(p.rivals) > 0 {
		gone := p.goneAccounts()
		gone.IDs = p.rivals
		all = append(all, purpose{gone, p.takeGone})
	}
	return all
}

// dealSelects ask for the deals that match and changed, for what changed of any kind, and for changed lines. Those that match
// because a parent changed, askParents finds.
func (p *pull) dealSelects(since, before time.Time) []purpose {
	e := p.e
	deals := p.selectOf(e)
	deals.Where = e.Where
	all := []purpose{{deals, p.takeMatched}}
	if !p.incremental {
		// The first pull reads what is to be invoiced whole, and of history only that it is history.
		past := salesforce.Select{From: e.From, Fields: append([]string{}, e.WriteBack...), Where: e.Where}
		if e.From == "Opportunity" {
			all[0].And = "CloseDate >= " + p.booksBegin()
			past.And = "CloseDate < " + p.in.Mapping.Start
			all = append(all, purpose{past, p.takeHistory})
			if p.in.Mapping.Start < p.booksBegin() {
				all = append(all, p.sweepReached())
			}
		}
		return all
	}
	all[0].Since, all[0].Before = since, before
	all = append(all, purpose{salesforce.Select{From: e.From, Since: since, Before: before, Deleted: true}, p.takeChanged})
	if e.LinesObject != "" {
		all = append(all, purpose{salesforce.Select{From: e.LinesObject, Fields: []string{e.LinesParent}, Since: since, Before: before, Deleted: true}, p.takeLine})
	}
	return all
}

// selectOf is what an entry reads, and what it read under the earlier mappings that are still compared with.
func (p *pull) selectOf(e *mapping.Entry) salesforce.Select {
	s := selectOf(e)
	for _, hash := range document.SortedNames(p.c.mappings.earlier) {
		before := p.c.mappings.under(hash, e)
		if before == nil {
			continue
		}
		was := selectOf(before)
		s.Fields = union(s.Fields, was.Fields)
		for _, child := range was.Children {
			if i := slices.IndexFunc(s.Children, func(c salesforce.Select) bool { return c.Relationship == child.Relationship }); i >= 0 {
				s.Children[i].Fields = union(s.Children[i].Fields, child.Fields)
			} else {
				s.Children = append(s.Children, child)
			}
		}
	}
	return s
}

func union(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	sort.Strings(all)
	return slices.Compact(all)
}

// selectOf is what an entry reads of its object: the fields of its formulas, and those it writes back, which are compared
// when they are written but stay outside the hash.
func selectOf(e *mapping.Entry) salesforce.Select {
	s := salesforce.Select{From: e.From, Fields: append(append([]string{}, e.Reads.Fields...), e.WriteBack...)}
	if e.From == "Opportunity" {
		s.Fields = append(s.Fields, "Name", "CloseDate")
	}
	if e.From == "Account" {
		s.Fields = append(s.Fields, "Name")
	}
	if e.Person {
		s.Fields = append(s.Fields, "IsPersonAccount") // says how the account is matched, not what its contact is to be
	}
	for _, relationship := range document.SortedNames(e.Reads.Children) {
		child := e.Reads.Children[relationship]
		s.Children = append(s.Children, salesforce.Select{Relationship: relationship, Fields: child.Fields, Order: child.Order})
	}
	return s
}

func (p *pull) takeMatched(row salesforce.Record) error {
	if p.matched[row.ID] {
		return nil
	}
	p.matched[row.ID] = true
	return p.take(received{entry: p.e, row: row})
}

func (p *pull) takeHistory(row salesforce.Record) error {
	return p.take(received{entry: p.e, row: row, past: true})
}

func (p *pull) takeChanged(row salesforce.Record) error {
	p.changed[row.ID] = true
	return nil
}

func (p *pull) takeLine(row salesforce.Record) error {
	if id := plan.RowText(row.JSON, p.e.LinesParent); id != "" {
		p.changed[id] = true
	}
	return nil
}

// takeAccount takes a changed account only if it is a customer already; the others wait for their first invoice.
func (p *pull) takeAccount(row salesforce.Record) error {
	if row.Deleted {
		return p.takeGone(row)
	}
	p.touched[row.ID] = row.Modstamp
	if known, err := p.knows(document.Contacts, row.ID); err != nil || !known {
		return err
	}
	return p.takeNeeded(row)
}

func (p *pull) takeNeeded(row salesforce.Record) error {
	p.returned[row.ID] = true
	return p.take(received{entry: p.in.Mapping.Contacts, row: row})
}

// takeCustomer takes an account that matches a condition of its own, and so is a customer without any deal.
func (p *pull) takeCustomer(row salesforce.Record) error {
	return errors.Join(p.noteCustomer(row), p.takeNeeded(row))
}

func (p *pull) noteCustomer(row salesforce.Record) error {
	p.customers[row.ID] = true
	return nil
}
