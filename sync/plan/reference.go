package plan

import (
	"errors"
	"fmt"
	"strings"

	"sf2xero/mapping"
	"sf2xero/store"
	"sf2xero/xero"
)

// resolveCodes puts Xero's own codes in place of the names that people wrote, and holds what this organisation does not
// have: an account, a tax rate, a currency, an item, a tracking option. Xero would refuse it, or worse, drop it. It goes
// on after the first: what can be resolved is, so that an unchanged document is seen to be unchanged.
func resolveCodes(inv *xero.Invoice, ref *xero.Reference, sources map[string]mapping.Source) *store.Hold {
	var first *store.Hold
	lacks := func(hold *store.Hold) {
		if first == nil {
			first = hold
		}
	}
	if inv.CurrencyCode != "" {
		inv.CurrencyCode = strings.ToUpper(inv.CurrencyCode)
		if ref.Currency(inv.CurrencyCode) != nil {
			lacks(Held("reference.CurrencyCode", Accountant, "the deal is in "+inv.CurrencyCode+", a currency that this Xero organisation does not use",
				"add the currency in Xero (Settings, Currencies), or correct the deal"))
		}
	}
	if base := ref.Organisation.BaseCurrency; base != "" && (inv.CurrencyCode == "" || inv.CurrencyCode == base) {
		inv.CurrencyRate = xero.Amount{} // which is 1, whatever is sent
	}
	if inv.BrandingThemeID != "" && ref.Has.Themes {
		source, byName := sources["BrandingTheme"]
		if !byName {
			source = sources["BrandingThemeID"]
		}
		theme, err := ref.Theme(inv.BrandingThemeID)
		if err != nil {
			lacks(lackingHold("BrandingThemeID", 0, err, source))
		} else {
			inv.BrandingThemeID = theme.BrandingThemeID
		}
	}
	for i := range inv.LineItems {
		line := &inv.LineItems[i]
		refuse := func(field, key string, err error) {
			lacks(lackingHold(field, i+1, err, sources[fmt.Sprintf("LineItems[%d].%s", i, key)]))
		}
		if line.AccountCode != "" {
			account, err := ref.Account(line.AccountCode)
			if err != nil {
				refuse("AccountCode", "AccountCode", err)
			} else {
				line.AccountCode = account.Code
			}
		}
		if line.TaxType != "" {
			rate, err := ref.TaxType(line.TaxType)
			if err != nil {
				refuse("TaxType", "TaxType", err)
			} else {
				line.TaxType = rate.TaxType
			}
		}
		if line.ItemCode != "" {
			if err := ref.Item(line.ItemCode); err != nil {
				refuse("ItemCode", "ItemCode", err)
			}
			line.ItemCode = itemAsInXero(ref, line.ItemCode)
		}
		for j := range line.Tracking {
			t := &line.Tracking[j]
			if err := ref.TrackingOption(t.Name, t.Option); err != nil {
				refuse("Tracking", "Tracking."+t.Name, err)
			}
			*t = trackingAsInXero(ref, *t)
		}
	}
	return first
}

// Lacks says of values that a mapping itself names, in a table or in a formula, whether Xero has them. What was named
// before is let be: it was there, and an account that is archived since holds the deals that need it, and not the
// company. So it is with a first mapping, which may be that of a lost store: it is refused for what Xero does not have,
// and not for what Xero has closed.
func Lacks(codes []mapping.Code, ref *xero.Reference, first bool) []mapping.Problem {
	var problems []mapping.Problem
	for _, code := range codes {
		var shut *xero.Closed
		if err := lacks(code, ref); err != nil && !(first && errors.As(err, &shut)) {
			problems = append(problems, code.Problem(code.Field+": "+err.Error()))
		}
	}
	return problems
}

func lacks(code mapping.Code, ref *xero.Reference) error {
	var err error
	switch code.Field {
	case "AccountCode":
		_, err = ref.Account(code.Value)
	case "TaxType":
		_, err = ref.TaxType(code.Value)
	case "ItemCode":
		err = ref.Item(code.Value)
	case "CurrencyCode":
		if err = ref.Currency(code.Value); err != nil {
			err = fmt.Errorf("%w; add it there (Settings, Currencies)", err)
		}
	case "BrandingThemeID":
		if ref.Has.Themes {
			_, err = ref.Theme(code.Value)
		}
	case "Tracking":
		if err = ref.TrackingCategory(code.Category); err == nil && code.Value != "" {
			err = ref.TrackingOption(code.Category, code.Value)
		} else if code.Value != "" {
			err = nil // the category has a line of its own
		}
	}
	return err
}

// lackingHold names the field, and the line of mapping.yaml where a person wrote the value: of the table if it came from
// one, else of the formula.
func lackingHold(field string, line int, err error, source mapping.Source) *store.Hold {
	text, remedy := field+": "+err.Error(), "correct mapping.yaml"
	if line > 0 {
		text = fmt.Sprintf("line %d: %s", line, text)
	}
	if at := source.TableLine; at > 0 {
		remedy = fmt.Sprintf("correct mapping.yaml line %d", at)
	} else if source.Line > 0 {
		remedy = fmt.Sprintf("correct mapping.yaml line %d", source.Line)
	}
	return Held("reference."+field, Admin, text, remedy+", or mend it in Xero")
}

// itemAsInXero is an item's code as Xero writes it: it answers so, and another case would look like an edit.
func itemAsInXero(ref *xero.Reference, code string) string {
	found := code
	for _, item := range ref.Items {
		if item.Code == code {
			return code
		}
		if strings.EqualFold(item.Code, code) {
			found = item.Code
		}
	}
	return found
}

func trackingAsInXero(ref *xero.Reference, t xero.Tracking) xero.Tracking {
	for _, category := range ref.Tracking {
		if !strings.EqualFold(category.Name, t.Name) {
			continue
		}
		found := t.Option
		for _, option := range category.Options {
			if option.Name == t.Option {
				found = t.Option
				break
			}
			if strings.EqualFold(option.Name, t.Option) {
				found = option.Name
			}
		}
		return xero.Tracking{Name: category.Name, Option: found}
	}
	return t
}
