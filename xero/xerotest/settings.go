package xerotest

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// served answers a GET on settings that are small enough to be marshalled by reflection each time.
func served[T any](o *Organisation, r *request, name string, rows []T, id func(T) string, updated func(T) time.Time, fields fieldsOf[T], wire func(T) any) *answer {
	render := func(b []byte, row T, _ bool) []byte {
		j, err := json.Marshal(wire(row))
		if err != nil {
			j = []byte("{}") // these are plain structs of strings: it cannot fail
		}
		return append(b, j...)
	}
	if r.method != http.MethodGet {
		return notImplemented()
	}
	if len(r.path) > 1 {
		for _, row := range rows {
			if strings.EqualFold(id(row), strings.Join(r.path[1:], "/")) {
				return o.one(r, name, func(b []byte) []byte { return render(b, row, false) })
			}
		}
		return notFound()
	}
	if updated == nil {
		updated = func(T) time.Time { return o.company.created }
	}
	l := listing[T]{name: name, rows: rows, updated: updated, id: id, fields: fields, render: render, sorted: !r.query.has("order")}
	return list(o, r, l)
}

func stamp(t time.Time) string {
	b := appendStamp(nil, t)
	return string(b[1 : len(b)-1])
}

// serveOrganisation answers Organisation and Organisation/Actions.
func (o *Organisation) serveOrganisation(r *request) *answer {
	if r.method != http.MethodGet {
		return notImplemented()
	}
	if len(r.path) > 1 {
		if !strings.EqualFold(r.path[1], "Actions") || len(r.path) > 2 {
			return notFound()
		}
		return o.one(r, "Actions", func(b []byte) []byte {
			for i, name := range []string{"CreateApprovedInvoice", "CreateDraftPurchaseOrder", "CreateApprovedBill", "AttachFilesIntoInvoice", "UseMulticurrency",
				"CreateDraftInvoice", "CreateRepeatingInvoice", "CreateRepeatingBill", "CreateSentQuote", "CreateInvoicePayment", "CreateApprovedPurchaseOrder",
				"CreateDraftQuote", "CreateDraftBill"} {
				if i > 0 {
					b = append(b, ',')
				}
				status := "ALLOWED"
				if name == "UseMulticurrency" && o.company.oneCurrency {
					status = "NOT-ALLOWED"
				}
				b = append(b, `{"Name":"`+name+`","Status":"`+status+`"}`...)
			}
			return b
		})
	}
	type link struct{}
	v := struct {
		OrganisationID, Name, LegalName             string
		PaysTax                                     bool
		Version, OrganisationType, BaseCurrency     string
		CountryCode                                 string
		IsDemoCompany                               bool
		OrganisationStatus                          string
		TaxNumber                                   string
		FinancialYearEndDay, FinancialYearEndMonth  int
		SalesTaxBasis, SalesTaxPeriod               string
		DefaultSalesTax, DefaultPurchasesTax        string
		PeriodLockDate                              string `json:",omitempty"`
		EndOfYearLockDate                           string `json:",omitempty"`
		CreatedDateUTC                              string
		OrganisationEntityType, Timezone, ShortCode string
		Class, Edition                              string
		Addresses, Phones, ExternalLinks            []link
		PaymentTerms                                link
	}{
		OrganisationID: o.tenantID, Name: o.opt.Name, LegalName: o.opt.Name, PaysTax: true, Version: "NZ", OrganisationType: "COMPANY",
		BaseCurrency: o.company.baseCurrency, CountryCode: "NZ", IsDemoCompany: true, OrganisationStatus: "ACTIVE", TaxNumber: "101-2-303",
		FinancialYearEndDay: 31, FinancialYearEndMonth: 3, SalesTaxBasis: "PAYMENTS", SalesTaxPeriod: "TWOMONTHS",
		DefaultSalesTax: "Tax Exclusive", DefaultPurchasesTax: "Tax Exclusive", CreatedDateUTC: stamp(o.company.created),
		OrganisationEntityType: "COMPANY", Timezone: "NEWZEALANDSTANDARDTIME", ShortCode: "!" + o.named("short code")[:5], Class: "DEMO", Edition: "BUSINESS",
		Addresses: []link{}, Phones: []link{}, ExternalLinks: []link{},
	}
	if !o.company.periodLock.IsZero() {
		v.PeriodLockDate = stamp(o.company.periodLock)
	}
	if !o.company.yearLock.IsZero() {
		v.EndOfYearLockDate = stamp(o.company.yearLock)
	}
	return o.one(r, "Organisations", func(b []byte) []byte {
		j, err := json.Marshal(v)
		if err != nil {
			j = []byte("{}")
		}
		return append(b, j...)
	})
}

// wireAccount is an account on the wire.
type wireAccount struct {
	AccountID               string
	Code                    string `json:",omitempty"`
	Name, Status, Type      string
	TaxType, Class          string
	EnablePaymentsToAccount bool
	ShowInExpenseClaims     bool
	SystemAccount           string `json:",omitempty"`
	BankAccountNumber       string `json:",omitempty"`
	BankAccountType         string `json:",omitempty"`
	CurrencyCode            string `json:",omitempty"`
	ReportingCode           string
	HasAttachments          bool
	UpdatedDateUTC          string
	AddToWatchlist          bool
}

func (o *Organisation) serveAccounts(r *request) *answer {
	fields := func(name string) (field[*account], bool) {
		switch name {
		case "accountid":
			return field[*account]{isGUID, func(a *account) value { return guidValue(a.id) }}, true
		case "code":
			return field[*account]{isText, func(a *account) value { return textValue(a.code) }}, true
		case "name":
			return field[*account]{isText, func(a *account) value { return textValue(a.name) }}, true
		case "type":
			return field[*account]{isText, func(a *account) value { return textValue(a.kind) }}, true
		case "status":
			return field[*account]{isText, func(a *account) value { return textValue(a.status()) }}, true
		case "class":
			return field[*account]{isText, func(a *account) value { return textValue(a.class) }}, true
		case "taxtype":
			return field[*account]{isText, func(a *account) value { return textValue(a.taxType) }}, true
		case "systemaccount":
			return field[*account]{isText, func(a *account) value { return textValue(a.system) }}, true
		case "enablepaymentstoaccount":
			return field[*account]{isBool, func(a *account) value { return boolValue(a.payable) }}, true
		case "updateddateutc":
			return field[*account]{isDate, func(a *account) value { return dateValue(a.updated) }}, true
		}
		return field[*account]{}, false
	}
	return served(o, r, "Accounts", o.company.accounts, func(a *account) string { return a.id }, func(a *account) time.Time { return a.updated }, fields, func(a *account) any {
		w := wireAccount{AccountID: a.id, Code: a.code, Name: a.name, Status: a.status(), Type: a.kind, TaxType: a.taxType, Class: a.class,
			EnablePaymentsToAccount: a.payable, SystemAccount: a.system, BankAccountNumber: a.number, CurrencyCode: a.currency, UpdatedDateUTC: stamp(a.updated)}
		if a.kind == "BANK" {
			w.BankAccountType = "BANK"
		}
		return w
	})
}

func (a *account) status() string {
	if a.archived {
		return "ARCHIVED"
	}
	return "ACTIVE"
}

func (o *Organisation) serveTaxRates(r *request) *answer {
	type component struct {
		Name                         string
		Rate                         json.Number
		IsCompound, IsNonRecoverable bool
	}
	type wire struct {
		Name, TaxType, ReportTaxType                           string
		CanApplyToAssets, CanApplyToEquity, CanApplyToExpenses bool
		CanApplyToLiabilities, CanApplyToRevenue               bool
		DisplayTaxRate, EffectiveRate                          json.Number
		Status                                                 string
		TaxComponents                                          []component
	}
	fields := func(name string) (field[taxRate], bool) {
		switch name {
		case "name":
			return field[taxRate]{isText, func(t taxRate) value { return textValue(t.name) }}, true
		case "taxtype":
			return field[taxRate]{isText, func(t taxRate) value { return textValue(t.code) }}, true
		case "status":
			return field[taxRate]{isText, func(taxRate) value { return textValue("ACTIVE") }}, true
		case "canapplytorevenue":
			return field[taxRate]{isBool, func(t taxRate) value { return boolValue(t.revenue) }}, true
		case "canapplytoexpenses":
			return field[taxRate]{isBool, func(t taxRate) value { return boolValue(t.expenses) }}, true
		}
		return field[taxRate]{}, false
	}
	return served(o, r, "TaxRates", o.company.taxRates, func(t taxRate) string { return t.code }, nil, fields, func(t taxRate) any {
		rate := json.Number(t.rate.StringFixed(4))
		return wire{Name: t.name, TaxType: t.code, ReportTaxType: t.report, CanApplyToAssets: t.assets, CanApplyToEquity: t.equity,
			CanApplyToExpenses: t.expenses, CanApplyToLiabilities: t.liabilities, CanApplyToRevenue: t.revenue, DisplayTaxRate: rate,
			EffectiveRate: rate, Status: "ACTIVE", TaxComponents: []component{{Name: "GST", Rate: rate}}}
	})
}

func (o *Organisation) serveTracking(r *request) *answer {
	type option struct{ TrackingOptionID, Name, Status string }
	type wire struct {
		TrackingCategoryID, Name, Status string
		Options                          []option
	}
	status := func(archived bool) string {
		if archived {
			return "ARCHIVED"
		}
		return "ACTIVE"
	}
	archived := r.query.is("includeArchived", "true")
	var rows []*trackingCategory
	for _, c := range o.company.tracking {
		if !c.archived || archived {
			rows = append(rows, c)
		}
	}
	fields := func(name string) (field[*trackingCategory], bool) {
		switch name {
		case "name":
			return field[*trackingCategory]{isText, func(c *trackingCategory) value { return textValue(c.name) }}, true
		case "status":
			return field[*trackingCategory]{isText, func(c *trackingCategory) value { return textValue(status(c.archived)) }}, true
		case "trackingcategoryid":
			return field[*trackingCategory]{isGUID, func(c *trackingCategory) value { return guidValue(c.id) }}, true
		}
		return field[*trackingCategory]{}, false
	}
	return served(o, r, "TrackingCategories", rows, func(c *trackingCategory) string { return c.id }, nil, fields, func(c *trackingCategory) any {
		w := wire{TrackingCategoryID: c.id, Name: c.name, Status: status(c.archived), Options: []option{}}
		for _, p := range c.options {
			if !p.archived || archived {
				w.Options = append(w.Options, option{p.id, p.name, status(p.archived)})
			}
		}
		return w
	})
}

// serveCurrencies answers Currencies; PUT subscribes the organisation to one more.
func (o *Organisation) serveCurrencies(r *request) *answer {
	type wire struct{ Code, Description string }
	if r.method == http.MethodPut && len(r.path) == 1 {
		elements, refused := elementsOf(r.body, "Currencies")
		if refused != nil {
			return refused
		}
		var in struct{ Code, Description *string }
		if err := json.Unmarshal(elements[0], &in); err != nil {
			return postDataInvalid(decodeText(err))
		}
		code := strings.ToUpper(text(in.Code))
		if len(code) != 3 {
			return validationText("Currency code is not valid")
		}
		if o.company.oneCurrency && code != o.company.baseCurrency {
			return validationText("The organisation's plan does not include multi-currency")
		}
		o.addCurrency(code, text(in.Description))
		return o.one(r, "Currencies", func(b []byte) []byte {
			b = append(b, `{"Code":`...)
			b = appendText(b, code)
			return append(appendField(b, "Description", text(in.Description)), '}')
		})
	}
	fields := func(name string) (field[currency], bool) {
		if name != "code" && name != "description" {
			return field[currency]{}, false
		}
		return field[currency]{isText, func(c currency) value {
			if name == "code" {
				return textValue(c.code)
			}
			return textValue(c.description)
		}}, true
	}
	return served(o, r, "Currencies", o.company.currencies, func(c currency) string { return c.code }, nil, fields, func(c currency) any {
		return wire{c.code, c.description}
	})
}

func (o *Organisation) serveThemes(r *request) *answer {
	type wire struct {
		BrandingThemeID, Name string
		LogoURL               string `json:"LogoUrl,omitempty"`
		Type                  string
		SortOrder             int
		CreatedDateUTC        string
	}
	none := func(string) (field[theme], bool) { return field[theme]{}, false }
	return served(o, r, "BrandingThemes", o.company.themes, func(t theme) string { return t.id }, nil, none, func(t theme) any {
		return wire{BrandingThemeID: t.id, Name: t.name, Type: "INVOICE", SortOrder: t.order, CreatedDateUTC: stamp(o.company.created)}
	})
}
