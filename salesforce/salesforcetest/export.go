package salesforcetest

import (
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// An Export is what Load has read from a folder, for people to compare with what they know of their org.
type Export struct {
	Objects    []ExportedObject // by name
	Currency   string           // the org's own
	Currencies []string         // those that records may have, in an org with several; else none
	Notes      []string         // what was left out, and what is missing
}

// An ExportedObject is what came of one file.
type ExportedObject struct {
	Name          string
	Rows, Deleted int
	Fields        []string   // that came with the file, with the type that their values suggest
	Won           []WonDeals // of Opportunity, by currency
}

// WonDeals are the deals of one currency that are won.
type WonDeals struct {
	Currency string
	Deals    int
	Amount   decimal.Decimal
}

// Load reads a folder of CSV files as Data Export, Data Loader and the bulk API write them: a file is its object, its columns are API
// names, or say more of a field as heading describes. Ids and stamps are kept, what is left out gets its defaults, a column CurrencyIsoCode makes an org with several currencies.
// Custom fields and objects that the org lacks are added. An *ExportError tells all mistakes at once; the org is of no use then.
func (o *Org) Load(dir string) error {
	_, err := o.LoadExport(dir)
	return err
}

// LoadExport does what Load does and tells what it has read.
func (o *Org) LoadExport(dir string) (Export, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.[cC][sS][vV]"))
	if err != nil {
		return Export{}, fmt.Errorf("load %s: %w", dir, err)
	}
	if len(paths) == 0 {
		return Export{}, fmt.Errorf("load %s: there is no CSV file in it; expected files such as Account.csv and Opportunity.csv", dir)
	}
	sort.Strings(paths)
	o.mu.Lock()
	defer o.mu.Unlock()
	m := newMistakes()
	tables := o.readTables(paths, m)
	var notes []string
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	for _, t := range tables {
		o.readColumns(t, m, note)
	}
	for _, t := range tables {
		o.resolveRollUps(t, m)
	}
	o.makeRoom(tables)
	for _, t := range tables {
		o.loadRows(t, m)
	}
	written := writtenIDs(tables)
	for _, t := range tables {
		o.checkLinks(t, written, m)
	}
	o.learnFrom(tables)
	for _, t := range tables {
		o.complete(t, m)
	}
	if err := m.err(dir); err != nil {
		return Export{}, err
	}
	for _, t := range tables {
		o.sumLines(t)
	}
	o.sumDetails(tables)
	for _, t := range tables {
		o.learnDeletions(t)
	}
	o.linkChildren()
	o.schemaAt = o.now()
	return o.told(tables, notes), nil
}

// readTables reads all files before anything is made of any: what one says decides what others mean.
func (o *Org) readTables(paths []string, m *mistakes) []*table {
	var tables []*table
	several := false
	for _, path := range paths {
		t := readTable(path, m)
		if t == nil {
			continue
		}
		tables = append(tables, t)
		_, has := listed("CurrencyIsoCode", t.head)
		several = several || has || strings.EqualFold(t.object(), "CurrencyType")
		o.ownCurrency(t)
	}
	if several {
		o.enableCurrencies()
	}
	taken := map[string]bool{}
	for _, t := range tables {
		t.foreign = taken
		taken[t.ownPrefix()] = true
	}
	return slices.DeleteFunc(tables, func(t *table) bool {
		if !o.findObject(t, m) {
			return true
		}
		t.obj.exported = true
		return false
	})
}

// ownCurrency takes the org's own currency from the company's record, before the first record is given one.
func (o *Org) ownCurrency(t *table) {
	if !strings.EqualFold(t.object(), "Organization") || len(t.rows) == 0 {
		return
	}
	for i, name := range t.head {
		if strings.EqualFold(name, "DefaultCurrencyIsoCode") && i < len(t.rows[0]) && strings.TrimSpace(t.rows[0][i]) != "" {
			o.opt.Currency = strings.TrimSpace(t.rows[0][i])
		}
	}
}

// makeRoom takes out what the org was furnished with and the files bring themselves: the company, its stages, its currencies.
func (o *Org) makeRoom(tables []*table) {
	for _, t := range tables {
		if len(t.rows) == 0 {
			continue
		}
		switch t.obj.name {
		case "Organization", "OpportunityStage", "CurrencyType", "Pricebook2":
			for _, r := range append([]*row(nil), t.obj.rows...) {
				o.drop(r)
			}
		}
	}
}

// learnFrom makes of the org what its records say of it: who it is, which currencies it has, which stages are won.
func (o *Org) learnFrom(tables []*table) {
	for _, t := range tables {
		if t.obj.name == "Organization" {
			for _, r := range t.live() {
				o.orgID = r.id
				if t.given["IsSandbox"] {
					o.opt.Sandbox = r.get("IsSandbox") == true
				}
			}
		}
	}
	for _, t := range tables {
		o.learnStatuses(t)
		if t.obj.name == "Opportunity" && t.given["IsWon"] && t.given["IsClosed"] {
			o.learnStages(t.live())
		}
		if f := t.obj.field("CurrencyIsoCode"); f != nil && t.given["CurrencyIsoCode"] {
			for _, r := range t.live() {
				if code := str(f.in(r.vals)); code != "" && !o.hasCurrency(code) {
					o.activate(code)
				}
			}
		}
	}
	if o.hasCurrencies() && !o.hasCurrency(o.opt.Currency) {
		o.activate(o.opt.Currency)
	}
}

// hasCurrency: active or not.
func (o *Org) hasCurrency(code string) bool {
	return slices.ContainsFunc(o.objects["currencytype"].rows, func(r *row) bool { return r.text("IsoCode") == code })
}

// live are the rows that were made of a file's lines.
func (t *table) live() []*row {
	return slices.DeleteFunc(append([]*row(nil), t.loaded...), func(r *row) bool { return r == nil })
}

// complete fills what the file leaves out, once all files are in and rows can look at each other.
func (o *Org) complete(t *table, m *mistakes) {
	for n, r := range t.loaded {
		if r == nil || t.broken[n] {
			continue
		}
		vals := r.copy()
		d := draft{t.obj, vals}
		given := map[string]bool{}
		for _, f := range t.columns {
			if f != nil {
				given[f.name] = f.in(vals) != nil || f.kind == kindBool
			}
		}
		if f := t.obj.field("OwnerId"); f != nil && vals[f.pos] == nil {
			vals[f.pos] = o.user
		}
		if f := t.obj.field("CurrencyIsoCode"); f != nil && vals[f.pos] == nil {
			if vals[f.pos] = o.currencyOf(t.obj, vals); vals[f.pos] == nil {
				vals[f.pos] = o.opt.Currency // what it hangs on says nothing either
			}
		}
		if stamp := d.get("SystemModstamp"); stamp != nil {
			for _, name := range []string{"CreatedDate", "LastModifiedDate"} {
				if d.get(name) == nil {
					d.set(name, stamp)
					given[name] = true
				}
			}
		}
		if d.get("CreatedById") != nil {
			given["CreatedById"] = true
		}
		o.number(t.obj, r.id, vals)
		o.stamp(t.obj, vals, given)
		if err := o.settle(r, vals, given, origin{hand: true, export: true}, true); err != nil {
			m.row(t, t.lines[n], "%s", strings.TrimSpace(err.message))
			continue
		}
		o.put(r, vals, time.Time{})
	}
}

// sumLines gives deals, quotes and orders whose file says nothing of it what their lines come to; stamps stay.
func (o *Org) sumLines(t *table) {
	lines := o.objects[map[string]string{"Opportunity": "opportunitylineitem", "Quote": "quotelineitem", "Order": "orderitem"}[t.obj.name]]
	if lines == nil || t.obj.name == "Opportunity" && t.given["Amount"] && t.given["HasOpportunityLineItem"] {
		return
	}
	for _, r := range t.loaded {
		total, n := lines.sum(r.id)
		vals := r.copy()
		d := draft{t.obj, vals}
		switch {
		case t.obj.name == "Opportunity":
			if !t.given["HasOpportunityLineItem"] {
				d.set("HasOpportunityLineItem", n > 0)
			}
			if !t.given["Amount"] && n > 0 {
				d.set("Amount", total)
			}
		case n == 0:
			continue
		case t.obj.name == "Quote":
			o.quoteTotals(d, r.id, t.given)
		case !t.given["TotalAmount"]:
			d.set("TotalAmount", total)
		}
		o.put(r, vals, time.Time{})
	}
}

// sumDetails fills roll-ups that a file leaves empty, from the lowest details up; stamps stay. What a file says is kept: the real field may
// leave some details out.
func (o *Org) sumDetails(tables []*table) {
	for again := true; again; {
		again = false
		for _, t := range tables {
			for _, f := range t.obj.fields {
				if f.rollUp == nil || f.rollUp.link == nil {
					continue
				}
				for n, r := range t.loaded {
					i := slices.Index(t.columns, f)
					if i >= 0 && strings.TrimSpace(t.rows[n][i]) != "" {
						continue
					}
					if v := o.rolledUp(f.rollUp, r); !sameValue(v, f.in(r.vals)) {
						vals := r.copy()
						vals[f.pos] = v
						o.put(r, vals, time.Time{})
						again = true
					}
				}
			}
		}
	}
}
