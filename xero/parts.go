package xero

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"time"
)

// Part is one of the lists that reference data consists of; each is read in one call.
type Part string

// The parts of reference data. The lock dates are the organisation's.
const (
	PartOrganisation Part = "Organisation"
	PartActions      Part = "Organisation/Actions"
	PartAccounts     Part = "Accounts"
	PartTaxRates     Part = "TaxRates"
	PartCurrencies   Part = "Currencies"
	PartTracking     Part = "TrackingCategories"
	PartItems        Part = "Items"
	PartThemes       Part = "BrandingThemes"
)

// parts are those that a mapping with these needs is read with.
func (n Needs) parts() []Part {
	list := []Part{PartOrganisation, PartActions, PartAccounts, PartTaxRates, PartCurrencies}
	if n.Tracking {
		list = append(list, PartTracking)
	}
	if n.Items {
		list = append(list, PartItems)
	}
	if n.Themes {
		list = append(list, PartThemes)
	}
	return list
}

// Reference reads the organisation's set-up, each list in one call.
func (c *Client) Reference(ctx context.Context, needs Needs) (*Reference, error) {
	r := &Reference{}
	for _, part := range needs.parts() {
		asked, err := r.read(ctx, c, part)
		if err != nil {
			return nil, err
		}
		if r.Read.IsZero() {
			r.Read = asked
		}
	}
	return r, nil
}

// Refresh reads these parts of the reference data again, each in one call, and returns it with them; old stays as it is.
// A part that old had not read is added. An error leaves everything to old.
func (c *Client) Refresh(ctx context.Context, old *Reference, parts ...Part) (*Reference, error) {
	r := *old
	r.Again = maps.Clone(old.Again)
	if r.Again == nil {
		r.Again = map[Part]time.Time{}
	}
	for _, part := range parts {
		asked, err := r.read(ctx, c, part)
		if err != nil {
			return nil, err
		}
		if part == PartOrganisation && r.Organisation.OrganisationID != old.Organisation.OrganisationID {
			return nil, c.undecodable("GET "+accounting+"/"+string(part), answer{}, fmt.Errorf("it is another organisation's than before"))
		}
		r.Again[part] = asked
	}
	return &r, nil
}

// ReadAt is the server's time when a part was last asked for; zero if it never was.
func (r *Reference) ReadAt(part Part) time.Time {
	if at, again := r.Again[part]; again {
		return at
	}
	for _, read := range r.Has.parts() {
		if read == part {
			return r.Read
		}
	}
	return time.Time{}
}

// read replaces one part. It is a new slice each time, so that a copy shares nothing with what it was made of.
func (r *Reference) read(ctx context.Context, c *Client, part Part) (asked time.Time, err error) {
	switch part {
	case PartOrganisation:
		var all []Organisation
		if all, asked, err = settings[Organisation](ctx, c, part, "Organisations", nil); err != nil {
			return asked, err
		}
		if len(all) != 1 {
			return asked, c.undecodable("GET "+accounting+"/"+string(part), answer{}, fmt.Errorf("it names %d organisations", len(all)))
		}
		r.Organisation = all[0]
	case PartActions:
		r.Actions, asked, err = settings[Action](ctx, c, part, "Actions", nil)
	case PartAccounts:
		r.Accounts, asked, err = settings[Account](ctx, c, part, string(part), nil)
	case PartTaxRates:
		r.TaxRates, asked, err = settings[TaxRate](ctx, c, part, string(part), nil)
	case PartCurrencies:
		var all []struct{ Code string }
		all, asked, err = settings[struct{ Code string }](ctx, c, part, string(part), nil)
		r.Currencies = make([]string, 0, len(all))
		for _, currency := range all {
			r.Currencies = append(r.Currencies, currency.Code)
		}
	case PartTracking:
		r.Tracking, asked, err = settings[TrackingCategory](ctx, c, part, string(part), nil)
		r.Has.Tracking = true
	case PartItems:
		r.Items, asked, err = settings[Item](ctx, c, part, string(part), url.Values{"unitdp": {"4"}})
		r.Has.Items = true
	case PartThemes:
		r.Themes, asked, err = settings[Theme](ctx, c, part, string(part), nil)
		r.Has.Themes = true
	default:
		err = fmt.Errorf("%s is no part of the reference data", part)
	}
	return asked, err
}
