package xero

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Location is the organisation's time zone; UTC if Xero names one not known here.
func (r *Reference) Location() *time.Location {
	if r == nil {
		return time.UTC
	}
	return location(r.Organisation.Timezone)
}

// Allowed says whether the app's user may do what Xero calls name, and whether
// Xero says anything about it.
func (r *Reference) Allowed(name string) (allowed, known bool) {
	for _, a := range r.Actions {
		if strings.EqualFold(a.Name, name) {
			return strings.EqualFold(a.Status, "ALLOWED"), true
		}
	}
	return false, false
}

// SalesTaxRates are the tax rates that a sales invoice may name.
func (r *Reference) SalesTaxRates() []TaxRate {
	return kept(r.TaxRates, func(t TaxRate) bool { return isActive(t.Status) && t.CanApplyToRevenue })
}

// SalesAccounts are the accounts that sales are booked to.
func (r *Reference) SalesAccounts() []Account {
	return kept(r.Accounts, func(a Account) bool {
		return isActive(a.Status) && a.Code != "" && strings.EqualFold(a.Class, "REVENUE")
	})
}

func kept[T any](all []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(one T) bool { return !keep(one) })
}

// TaxType finds a tax rate by its code, or by the name Xero shows.
func (r *Reference) TaxType(codeOrName string) (TaxRate, error) {
	rate, err := find("tax rate", codeOrName, r.TaxRates, func(t TaxRate) (code, name string, active bool) {
		return t.TaxType, t.Name, isActive(t.Status)
	})
	switch {
	case isMissing(err):
		// No "did you mean": "15% GST" looks most like "No GST", and would be sold untaxed.
		return TaxRate{}, missing{"tax rate", codeOrName, choices(r.SalesTaxRates(), func(t TaxRate) (string, string) { return t.TaxType, t.Name })}
	case err != nil:
		return TaxRate{}, err
	case !isActive(rate.Status):
		return TaxRate{}, fmt.Errorf("the tax rate %q is %s in Xero", codeOrName, strings.ToLower(rate.Status))
	case !rate.CanApplyToRevenue:
		return TaxRate{}, fmt.Errorf("the tax rate %q cannot be used on sales", codeOrName)
	}
	return rate, nil
}

// Account finds an account by its code, or by its name.
func (r *Reference) Account(codeOrName string) (Account, error) {
	account, err := find("account", codeOrName, r.Accounts, func(a Account) (code, name string, active bool) {
		return a.Code, a.Name, isActive(a.Status)
	})
	switch {
	case isMissing(err):
		// Nor here: 219 is not 210.
		return Account{}, missing{"account", codeOrName, choices(r.SalesAccounts(), func(a Account) (string, string) { return a.Code, a.Name })}
	case err != nil:
		return Account{}, err
	case !isActive(account.Status):
		return Account{}, fmt.Errorf("the account %q is %s in Xero", codeOrName, strings.ToLower(account.Status))
	case account.Code == "":
		return Account{}, fmt.Errorf("the account %q has no code in Xero; give it one there", codeOrName)
	}
	return account, nil
}

// Currency says whether the organisation is subscribed to a currency.
func (r *Reference) Currency(code string) error {
	if !slices.ContainsFunc(r.Currencies, func(c string) bool { return strings.EqualFold(c, code) }) {
		// No "did you mean": a deal in USD is not a misspelt one in AUD.
		return fmt.Errorf("there is no currency %q in Xero", code)
	}
	return nil
}

// Item says whether the organisation sells an item of that code. Without the list
// of items it says nothing.
func (r *Reference) Item(code string) error {
	if !r.Has.Items {
		return nil
	}
	item, err := find("item", code, r.Items, func(i Item) (string, string, bool) { return i.Code, "", true })
	if err == nil && !item.IsSold {
		err = fmt.Errorf("the item %q is not for sale in Xero", code)
	}
	return err
}

// TrackingOption says whether a tracking category has an option. Without the list
// of categories it says nothing.
func (r *Reference) TrackingOption(category, option string) error {
	if !r.Has.Tracking {
		return nil
	}
	found, err := find("tracking category", category, r.Tracking, func(c TrackingCategory) (string, string, bool) {
		return c.Name, "", isActive(c.Status)
	})
	switch {
	case err != nil:
		return err
	case !isActive(found.Status):
		return fmt.Errorf("the tracking category %q is %s in Xero", category, strings.ToLower(found.Status))
	}
	chosen, err := find(fmt.Sprintf("option of the tracking category %q", found.Name), option, found.Options, func(o TrackingOption) (string, string, bool) {
		return o.Name, "", isActive(o.Status)
	})
	if err == nil && !isActive(chosen.Status) {
		err = fmt.Errorf("the option %q of the tracking category %q is %s in Xero", option, found.Name, strings.ToLower(chosen.Status))
	}
	return err
}

// Theme finds a branding theme by its id, or by the name Xero shows.
func (r *Reference) Theme(idOrName string) (Theme, error) {
	theme, err := find("branding theme", idOrName, r.Themes, func(t Theme) (string, string, bool) { return t.BrandingThemeID, t.Name, true })
	if isMissing(err) {
		return Theme{}, missing{"branding theme", idOrName, choices(r.Themes, func(t Theme) (string, string) { return t.Name, "" })}
	}
	return theme, err
}

// missing is an error about something that Xero does not have, with what there is instead.
type missing struct{ what, wanted, instead string }

func (m missing) Error() string {
	return fmt.Sprintf("there is no %s %q in Xero%s", m.what, m.wanted, m.instead)
}

func isMissing(err error) bool { return errors.As(err, new(missing)) }

// mostChoices is how many of a list a message names: a chart of accounts can be long.
const mostChoices = 12

// choices lists what there is, each by the code to write and the name that Xero shows.
func choices[T any](all []T, names func(T) (code, name string)) string {
	var texts []string
	for _, one := range all[:min(len(all), mostChoices)] {
		code, name := names(one)
		if name != "" {
			code += " (" + name + ")"
		}
		texts = append(texts, code)
	}
	switch more := len(all) - len(texts); {
	case len(texts) == 0:
		return ""
	case more > 0:
		return fmt.Sprintf("; it has %s and %d more", strings.Join(texts, ", "), more)
	}
	return "; it has " + strings.Join(texts, ", ")
}

// isActive takes an absent status for an active one: not every list carries it.
func isActive(status string) bool { return status == "" || strings.EqualFold(status, "ACTIVE") }

// find looks for an exact code, then for a code or name in any case. Of several
// with one name only a single active one will do.
func find[T any](what, wanted string, all []T, names func(T) (code, name string, active bool)) (T, error) {
	var none T
	var hits, active []T
	var known []string
	for _, one := range all {
		code, name, current := names(one)
		if code != "" && code == wanted {
			return one, nil
		}
		if strings.EqualFold(code, wanted) || name != "" && strings.EqualFold(name, wanted) {
			hits = append(hits, one)
			if current {
				active = append(active, one)
			}
		}
		if current {
			known = append(known, code, name)
		}
	}
	switch {
	case len(active) == 1:
		return active[0], nil
	case len(active) > 1:
		return none, fmt.Errorf("of %ss called %q there are %d in Xero; write the code instead", what, wanted, len(active))
	case len(hits) > 0:
		return hits[0], nil
	}
	if near := nearest(wanted, known); near != "" {
		return none, missing{what, wanted, fmt.Sprintf("; did you mean %q?", near)}
	}
	return none, missing{what, wanted, ""}
}

// nearest is the known name that a person most likely meant, "" if none is close.
func nearest(wanted string, known []string) string {
	best, closest := "", len([]rune(wanted))/3+1
	for _, k := range known {
		if k == "" {
			continue
		}
		if d := distance(strings.ToLower(wanted), strings.ToLower(k)); d <= closest && (best == "" || d < closest) {
			best, closest = k, d
		}
	}
	return best
}

// distance counts the letters to put in, take out or exchange.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			exchange := diagonal
			if x != y {
				exchange++
			}
			diagonal = row[j+1]
			row[j+1] = min(exchange, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
