package salesforcetest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// told is the account of an export that was loaded.
func (o *Org) told(tables []*table, notes []string) Export {
	e := Export{Currency: o.opt.Currency, Notes: notes}
	if types := o.objects["currencytype"]; types != nil {
		for _, r := range types.rows {
			if r.get("IsActive") == true {
				e.Currencies = append(e.Currencies, r.text("IsoCode"))
			}
		}
		slices.Sort(e.Currencies)
	}
	for _, t := range tables {
		x := ExportedObject{Name: t.obj.name, Rows: len(t.loaded)}
		for _, r := range t.loaded {
			if r.deleted() {
				x.Deleted++
			}
		}
		for _, f := range t.added {
			x.Fields = append(x.Fields, f.name+" ("+f.described()+")")
		}
		if t.obj.name == "Opportunity" {
			x.Won = o.won(t)
		}
		e.Objects = append(e.Objects, x)
		e.Notes = append(e.Notes, o.dangling(t)...)
	}
	slices.SortFunc(e.Objects, func(a, b ExportedObject) int { return cmp.Compare(a.Name, b.Name) })
	return e
}

// described is a field's type in the words of Setup.
func (f *field) described() string {
	switch {
	case f.rollUp != nil:
		return "roll-up"
	case f.numbers != nil:
		return "auto-number"
	case f.custom && f.isMaster():
		return "master-detail to " + f.refTo
	}
	switch f.kind {
	case kindBool:
		return "checkbox"
	case kindNumber:
		return "number"
	case kindTime:
		return "date/time"
	case kindMulti:
		return "multi-select picklist"
	case kindReference:
		if f.refTo == "" {
			return "lookup"
		}
		return "lookup to " + f.refTo
	case kindArea:
		if f.rich {
			return "rich text"
		}
		return "long text"
	case kindText:
		return "text"
	}
	return string(f.kind)
}

func (o *Org) won(t *table) []WonDeals {
	var all []WonDeals
	code := t.obj.field("CurrencyIsoCode")
	for _, r := range t.loaded {
		if r.deleted() || r.get("IsWon") != true {
			continue
		}
		currency := o.opt.Currency
		if code != nil {
			currency = str(code.in(r.vals))
		}
		i := slices.IndexFunc(all, func(w WonDeals) bool { return w.Currency == currency })
		if i < 0 {
			i, all = len(all), append(all, WonDeals{Currency: currency})
		}
		all[i].Deals++
		if amount, ok := r.get("Amount").(decimal.Decimal); ok {
			all[i].Amount = all[i].Amount.Add(amount)
		}
	}
	slices.SortFunc(all, func(a, b WonDeals) int { return cmp.Compare(a.Currency, b.Currency) })
	return all
}

// dangling tells of columns that name records which no file has. Users are seldom exported, and nothing hangs on them.
func (o *Org) dangling(t *table) []string {
	var notes []string
	for _, f := range t.columns {
		if f == nil || f.kind != kindReference || f.refTo == "" || f.refTo == "User" || f.name == "MasterRecordId" {
			continue
		}
		missing := map[string]bool{}
		example := ""
		for _, r := range t.loaded {
			if id := str(f.in(r.vals)); id != "" && o.rows[id] == nil {
				missing[id] = true
				example = cmp.Or(example, id)
			}
		}
		if n := len(missing); n > 0 {
			notes = append(notes, fmt.Sprintf("%s: %s names %s of %s that no file has, such as %s", t.name, f.name, counted(n, "record"), f.refTo, example))
		}
	}
	return notes
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func are(n int, what string) string {
	if n == 1 {
		return "is 1 " + what
	}
	return "are " + counted(n, what)
}
