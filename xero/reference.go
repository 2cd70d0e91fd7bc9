package xero

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Reference is what an organisation has set up: what documents may refer to. It
// goes through JSON unchanged, and nobody changes one that is in use.
type Reference struct {
	Organisation Organisation
	Actions      []Action
	Accounts     []Account
	TaxRates     []TaxRate
	Currencies   []string
	Tracking     []TrackingCategory `json:",omitempty"`
	Items        []Item             `json:",omitempty"`
	Themes       []Theme            `json:",omitempty"`
	Has          Needs              // which of the last three were read
	Read         time.Time          // server's time before the first of them was asked for
	Again        map[Part]time.Time `json:",omitempty"` // … and before those that were read again by themselves
}

// Needs says which reference data a mapping uses beyond what is always read.
type Needs struct{ Tracking, Items, Themes bool }

// Organisation is the company whose books these are.
type Organisation struct {
	OrganisationID     string
	Name               string
	LegalName          string `json:",omitempty"`
	BaseCurrency       string
	CountryCode        string
	Timezone           string // Windows-style, in capitals: NEWZEALANDSTANDARDTIME
	OrganisationStatus string
	OrganisationType   string `json:",omitempty"`
	Class              string `json:",omitempty"` // DEMO, TRIAL, …; gains values without notice
	Edition            string `json:",omitempty"`
	Version            string `json:",omitempty"`
	ShortCode          string `json:",omitempty"` // for links into the books
	IsDemoCompany      bool
	PaysTax            bool
	SalesTaxBasis      string `json:",omitempty"`
	DefaultSalesTax    string `json:",omitempty"`
	PeriodLockDate     Date   `json:",omitempty"` // a document dated on or before it is refused
	EndOfYearLockDate  Date   `json:",omitempty"`
}

// Action is something the app's user may or may not do: ALLOWED or NOT-ALLOWED.
type Action struct{ Name, Status string }

// Account is one of the chart of accounts.
type Account struct {
	AccountID               string
	Code                    string `json:",omitempty"`
	Name                    string
	Type                    string
	Class                   string `json:",omitempty"`
	Status                  string
	TaxType                 string `json:",omitempty"` // taken for a line that names none
	SystemAccount           string `json:",omitempty"`
	CurrencyCode            string `json:",omitempty"`
	EnablePaymentsToAccount bool   `json:",omitempty"`
}

// TaxRate is a tax by its code (OUTPUT2) and the name Xero shows (15% GST on Income).
type TaxRate struct {
	TaxType           string
	Name              string
	Status            string
	CanApplyToRevenue bool
	EffectiveRate     Amount
	DisplayTaxRate    Amount         `json:",omitzero"`
	TaxComponents     []TaxComponent `json:",omitempty"`
}

// TaxComponent is one of the taxes that a tax rate is made of.
type TaxComponent struct {
	Name             string
	Rate             Amount
	IsCompound       bool
	IsNonRecoverable bool `json:",omitempty"`
}

// TrackingCategory is one of up to two categories, with its options.
type TrackingCategory struct {
	TrackingCategoryID string
	Name               string
	Status             string
	Options            []TrackingOption
}

// TrackingOption is one option of a category.
type TrackingOption struct {
	TrackingOptionID string
	Name             string
	Status           string
}

// Item is a product or service.
type Item struct {
	ItemID               string
	Code                 string
	Name                 string `json:",omitempty"`
	Description          string `json:",omitempty"`
	IsSold               bool
	IsTrackedAsInventory bool `json:",omitempty"`
	SalesDetails         ItemDetails
}

// ItemDetails are an item's price and where its sales are booked.
type ItemDetails struct {
	UnitPrice   Amount `json:",omitzero"`
	AccountCode string `json:",omitempty"`
	TaxType     string `json:",omitempty"`
}

// Theme is how invoices look; SortOrder 0 is the default.
type Theme struct {
	BrandingThemeID string
	Name            string
	SortOrder       int
}

// settings reads one of the lists that Xero gives whole.
func settings[T any](ctx context.Context, c *Client, part Part, envelope string, query url.Values) ([]T, time.Time, error) {
	path := accounting + "/" + string(part)
	a, err := c.get(ctx, reading{path: path, query: query})
	if err != nil {
		return nil, time.Time{}, err
	}
	list, err := decodeList[T](a.body, envelope)
	if err != nil {
		return nil, time.Time{}, c.undecodable("GET "+path, a, err)
	}
	return list, c.askedAt(a), nil
}

func decodeList[T any](body []byte, envelope string) ([]T, error) {
	keys, err := fold(body)
	if err != nil {
		return nil, err
	}
	raw, ok := keys[strings.ToLower(envelope)]
	if !ok {
		return nil, fmt.Errorf("it has no %s", envelope)
	}
	var list []T
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	if list == nil { // a list that was not shown is no empty one
		return nil, fmt.Errorf("its %s are no list", envelope)
	}
	return list, nil
}

// Hash changes when anything in the reference data changes, but not with the time
// of reading it.
func (r *Reference) Hash() string {
	if r == nil {
		return ""
	}
	same := *r
	same.Read, same.Again = time.Time{}, nil
	raw, err := json.Marshal(same)
	if err != nil { // its types all marshal: a failure would be a mistake in this file
		panic("xero: reference data cannot be written as JSON: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
