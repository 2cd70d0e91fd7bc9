package xero

import (
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

// TaxType finds a tax rate by its code, or by the name Xero shows.
func (r *Reference) TaxType(codeOrName string) (TaxRate, error) {
	rate, err := find("tax rate", codeOrName, r.TaxRates, func(t TaxRate) (code, name string, active bool) {
		return t.TaxType, t.Name, isActive(t.Status)
	}, r.taxRates)
	switch {
	case err != nil:
		return TaxRate{}, err
	case !isActive(rate.Status):
		return TaxRate{}, closed("the tax rate %q is %s in Xero", codeOrName, strings.ToLower(rate.Status))
	case !rate.CanApplyToRevenue:
		return TaxRate{}, fmt.Errorf("the tax rate %q cannot be used on sales", codeOrName)
	}
	return rate, nil
}

// Account finds an account by its code, or by its name.
func (r *Reference) Account(codeOrName string) (Account, error) {
	account, err := find("account", codeOrName, r.Accounts, func(a Account) (code, name string, active bool) {
		return a.Code, a.Name, isActive(a.Status)
	}, r.salesAccounts)
	switch {
	case err != nil:
		return Account{}, err
	case !isActive(account.Status):
		return Account{}, closed("the account %q is %s in Xero", codeOrName, strings.ToLower(account.Status))
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
	item, err := find("item", code, r.Items, func(i Item) (string, string, bool) { return i.Code, "", true }, nil)
	if err == nil && !item.IsSold {
		err = fmt.Errorf("the item %q is not for sale in Xero", code)
	}
	return err
}

// TrackingOption says whether a tracking category has an option. Without the list
// of categories it says nothing.
func (r *Reference) TrackingOption(category, option string) error {
	found, err := r.trackingCategory(category)
	if err != nil || found == nil {
		return err
	}
	chosen, err := find(fmt.Sprintf("option of the tracking category %q", found.Name), option, found.Options, func(o TrackingOption) (string, string, bool) {
		return o.Name, "", isActive(o.Status)
	}, nil)
	if err == nil && !isActive(chosen.Status) {
		err = closed("the option %q of the tracking category %q is %s in Xero", option, found.Name, strings.ToLower(chosen.Status))
	}
	return err
}

// TrackingCategory says whether there is a tracking category, as TrackingOption does.
func (r *Reference) TrackingCategory(category string) error {
	_, err := r.trackingCategory(category)
	return err
}

func (r *Reference) trackingCategory(category string) (*TrackingCategory, error) {
	if !r.Has.Tracking {
		return nil, nil
	}
	found, err := find("tracking category", category, r.Tracking, func(c TrackingCategory) (string, string, bool) {
		return c.Name, "", isActive(c.Status)
	}, nil)
	if err == nil && !isActive(found.Status) {
		err = closed("the tracking category %q is %s in Xero", category, strings.ToLower(found.Status))
	}
	return &found, err
}

// Theme finds a branding theme by its id, or by the name Xero shows.
func (r *Reference) Theme(idOrName string) (Theme, error) {
	return find("branding theme", idOrName, r.Themes, func(t Theme) (string, string, bool) { return t.BrandingThemeID, t.Name, true }, r.themes)
}

// Closed is the error for what Xero has and takes no more: an archived account, a
// deleted tax rate.
type Closed struct{ text string }

func (e *Closed) Error() string { return e.text }

func closed(format string, args ...any) error { return &Closed{fmt.Sprintf(format, args...)} }

// isActive takes an absent status for an active one: not every list carries it.
func isActive(status string) bool { return status == "" || strings.EqualFold(status, "ACTIVE") }

// taxRates are those for sales that exist, by code and name.
func (r *Reference) taxRates() []string {
	var all []string
	for _, t := range r.TaxRates {
		if isActive(t.Status) && t.CanApplyToRevenue {
			all = append(all, fmt.Sprintf("%q (%s)", t.Name, t.TaxType))
		}
	}
	return all
}

// salesAccounts are the accounts that sales are booked to, by code and name.
func (r *Reference) salesAccounts() []string {
	var all, sales []string
	for _, a := range r.Accounts {
		if !isActive(a.Status) || a.Code == "" {
			continue
		}
		text := fmt.Sprintf("%s (%s)", a.Code, a.Name)
		all = append(all, text)
		if a.Class == "REVENUE" || slices.Contains([]string{"REVENUE", "SALES", "OTHERINCOME"}, a.Type) {
			sales = append(sales, text)
		}
	}
	if len(sales) > 0 {
		return sales
	}
	return all
}

// themes are the names of the branding themes.
func (r *Reference) themes() []string {
	var all []string
	for _, t := range r.Themes {
		all = append(all, t.Name)
	}
	return all
}

// listed ends a sentence with what there is, as far as a person reads on.
func listed(all []string) string {
	const most = 15
	switch more := len(all) - most; {
	case len(all) == 0:
		return "; it has none"
	case more > 0:
		return fmt.Sprintf("; it has %s and %d more", strings.Join(all[:most], ", "), more)
	}
	return "; it has " + strings.Join(all, ", ")
}

// find looks for an exact code, then for a code or name in any case. Of several
// with one name only a single active one will do. What is not there is answered
// with what is there, or with what is near in letters: never that of a tax rate
// or an account, where "No GST" is near to "15% GST" and 219 to 210.
func find[T any](what, wanted string, all []T, names func(T) (code, name string, active bool), there func() []string) (T, error) {
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
	if there != nil {
		return none, fmt.Errorf("there is no %s %q in Xero%s", what, wanted, listed(there()))
	}
	if near := nearest(wanted, known); near != "" {
		return none, fmt.Errorf("there is no %s %q in Xero; did you mean %q?", what, wanted, near)
	}
	return none, fmt.Errorf("there is no %s %q in Xero", what, wanted)
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
