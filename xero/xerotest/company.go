package xerotest

import (
	"time"
	_ "time/tzdata" // the organisation's zone must be known on any machine

	"github.com/shopspring/decimal"
)

// company is what stands under Settings in Xero.
type company struct {
	zone         *time.Location
	baseCurrency string
	created      time.Time
	periodLock   time.Time // documents dated on or before it are refused; zero without
	yearLock     time.Time
	accounts     []*account
	taxRates     []taxRate
	tracking     []*trackingCategory
	currencies   []currency
	rates        map[string]decimal.Decimal // of the day, by currency
	oneCurrency  bool                       // a plan without multi-currency
	themes       []theme
}

type account struct {
	id, code, name, kind, class, taxType, system, currency, number string
	archived, payable                                              bool // payable: EnablePaymentsToAccount
	updated                                                        time.Time
}

type taxRate struct {
	code, name, report                             string
	rate                                           decimal.Decimal
	assets, equity, expenses, liabilities, revenue bool
}

type trackingCategory struct {
	id, name string
	archived bool
	options  []*trackingOption
}

type trackingOption struct {
	id, name string
	archived bool
}

type theme struct {
	id, name string
	order    int
}

// newCompany is a New Zealand organisation: 15 % GST with New Zealand's tax codes, a chart of accounts, one tracking
// category, two currencies.
func (o *Organisation) newCompany() company {
	zone, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		zone = time.FixedZone("NZST", 12*60*60) // cannot happen with the embedded zones
	}
	c := company{zone: zone, baseCurrency: "NZD", created: time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC), rates: dayRates(), oneCurrency: o.opt.OneCurrency}
	for _, a := range []account{
		{code: "090", name: "Business Bank Account", kind: "BANK", taxType: "NONE", currency: "NZD", number: "0209087654321050"},
		{code: "091", name: "Business Savings Account", kind: "BANK", taxType: "NONE", currency: "NZD", number: "0209087654321051"},
		{code: "200", name: "Sales", kind: "REVENUE", taxType: "OUTPUT2"},
		{code: "210", name: "Services", kind: "REVENUE", taxType: "OUTPUT2"},
		{code: "260", name: "Other Revenue", kind: "REVENUE", taxType: "OUTPUT2"},
		{code: "270", name: "Interest Income", kind: "REVENUE", taxType: "NONE"},
		{code: "300", name: "Purchases", kind: "DIRECTCOSTS", taxType: "INPUT2"},
		{code: "310", name: "Cost of Goods Sold", kind: "DIRECTCOSTS", taxType: "INPUT2"},
		{code: "400", name: "Advertising", kind: "EXPENSE", taxType: "INPUT2"},
		{code: "404", name: "Bank Fees", kind: "EXPENSE", taxType: "NONE"},
		{code: "412", name: "Consulting & Accounting", kind: "EXPENSE", taxType: "INPUT2"},
		{code: "497", name: "Bank Revaluations", kind: "EXPENSE", taxType: "NONE", system: "BANKCURRENCYGAIN"},
		{code: "498", name: "Unrealised Currency Gains", kind: "EXPENSE", taxType: "NONE", system: "UNREALISEDCURRENCYGAIN"},
		{code: "499", name: "Realised Currency Gains", kind: "EXPENSE", taxType: "NONE", system: "REALISEDCURRENCYGAIN"},
		{code: "610", name: "Accounts Receivable", kind: "CURRENT", taxType: "NONE", system: "DEBTORS"},
		{code: "620", name: "Prepayments", kind: "CURRENT", taxType: "NONE"},
		{code: "630", name: "Inventory", kind: "INVENTORY", taxType: "NONE"},
		{code: "800", name: "Accounts Payable", kind: "CURRLIAB", taxType: "NONE", system: "CREDITORS"},
		{code: "820", name: "GST", kind: "CURRLIAB", taxType: "NONE", system: "GST"},
		{code: "825", name: "Deferred Revenue", kind: "CURRLIAB", taxType: "NONE"},
		{code: "840", name: "Historical Adjustment", kind: "CURRLIAB", taxType: "NONE", system: "HISTORICAL"},
		{code: "860", name: "Rounding", kind: "CURRLIAB", taxType: "NONE", system: "ROUNDING"},
		{code: "877", name: "Tracking Transfers", kind: "CURRLIAB", taxType: "NONE", system: "TRACKINGTRANSFERS"},
		{code: "960", name: "Retained Earnings", kind: "EQUITY", taxType: "NONE", system: "RETAINEDEARNINGS"},
		{code: "970", name: "Owner A Funds Introduced", kind: "EQUITY", taxType: "NONE", payable: true},
		{code: "980", name: "Owner A Drawings", kind: "EQUITY", taxType: "NONE"},
	} {
		a.id, a.class, a.updated = o.named("account", a.code), accountClass(a.kind), c.created
		c.accounts = append(c.accounts, &a)
	}
	fifteen := decimal.New(15, 0)
	c.taxRates = []taxRate{
		{code: "INPUT2", name: "15% GST on Expenses", report: "INPUT", rate: fifteen, assets: true, equity: true, expenses: true, liabilities: true},
		{code: "OUTPUT2", name: "15% GST on Income", report: "OUTPUT", rate: fifteen, assets: true, equity: true, liabilities: true, revenue: true},
		{code: "EXEMPTOUTPUT", name: "Exempt Income", report: "EXEMPTOUTPUT", assets: true, equity: true, liabilities: true, revenue: true},
		{code: "GSTONIMPORTS", name: "GST on Imports", report: "GSTONIMPORTS", liabilities: true},
		{code: "NONE", name: "No GST", report: "NONE", assets: true, equity: true, expenses: true, liabilities: true, revenue: true},
		{code: "ZERORATED", name: "Zero Rated", report: "OUTPUT", liabilities: true, revenue: true},
	}
	region := &trackingCategory{id: o.named("tracking", "Region"), name: "Region"}
	for _, name := range []string{"Eastside", "North", "South", "West Coast"} {
		region.options = append(region.options, &trackingOption{id: o.named("tracking", "Region", name), name: name})
	}
	c.tracking = []*trackingCategory{region}
	if c.currencies = []currency{{"NZD", "New Zealand Dollar"}}; !c.oneCurrency {
		c.currencies = []currency{{"AUD", "Australian Dollar"}, {"NZD", "New Zealand Dollar"}}
	}
	c.themes = []theme{{o.named("theme", "Standard"), "Standard", 0}, {o.named("theme", "Very orange invoice!"), "Very orange invoice!", 1}}
	return c
}

// defaultTheme is what an invoice looks like that names no theme.
func (c *company) defaultTheme() string {
	for _, t := range c.themes {
		if t.order == 0 {
			return t.id
		}
	}
	return ""
}

func accountClass(kind string) string {
	switch kind {
	case "REVENUE", "SALES", "OTHERINCOME":
		return "REVENUE"
	case "EXPENSE", "OVERHEADS", "DIRECTCOSTS", "DEPRECIATN":
		return "EXPENSE"
	case "CURRLIAB", "LIABILITY", "TERMLIAB":
		return "LIABILITY"
	case "EQUITY":
		return "EQUITY"
	}
	return "ASSET"
}

func (c *company) accountByCode(code string) *account {
	for _, a := range c.accounts {
		if a.code == code {
			return a
		}
	}
	return nil
}

func (c *company) accountByID(id string) *account {
	for _, a := range c.accounts {
		if a.id == id {
			return a
		}
	}
	return nil
}

func (c *company) taxRate(code string) (taxRate, bool) {
	for _, t := range c.taxRates {
		if t.code == code {
			return t, true
		}
	}
	return taxRate{}, false
}

// fits tells whether a rate may stand beside an account of this class.
func (t taxRate) fits(class string) bool {
	switch class {
	case "REVENUE":
		return t.revenue
	case "EXPENSE":
		return t.expenses
	case "LIABILITY":
		return t.liabilities
	case "EQUITY":
		return t.equity
	}
	return t.assets
}

// locked says why a document of this date cannot be entered or changed, "" if it can. The year-end lock is told first:
// no role may pass it.
func (c *company) locked(day time.Time) string {
	if !c.yearLock.IsZero() && !day.After(c.yearLock) {
		return "The document date cannot be before the end of year lock date, currently set at " + c.yearLock.Format("02-Jan-2006")
	}
	if !c.periodLock.IsZero() && !day.After(c.periodLock) {
		return "The document date cannot be before the period lock date, currently set at " + c.periodLock.Format("02-Jan-2006")
	}
	return ""
}
