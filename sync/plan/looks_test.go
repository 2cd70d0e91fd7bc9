package plan

import (
	"slices"
	"testing"
	"time"

	"sf2xero/xero"
)

// A hold for what Xero lacks names the one list that shows when it is mended; any other hold names none.
func TestWhichListShowsThatAHoldIsMended(t *testing.T) {
	t.Parallel()
	for cause, want := range map[string][]xero.Part{
		"reference.CurrencyCode": {xero.PartCurrencies}, "reference.AccountCode": {xero.PartAccounts}, "reference.TaxType": {xero.PartTaxRates}, "reference.ItemCode": {xero.PartItems},
		"reference.Tracking": {xero.PartTracking}, "reference.BrandingThemeID": {xero.PartThemes}, "xero.locked_period": {xero.PartOrganisation},
		"contact.archived": {PartContacts}, "contact.near_miss": {PartContacts}, "xero.exists.name": {PartContacts},
		"contact.held": nil, "total.mismatch": nil, "invoice.voided": nil, "deal.no_products": nil, "record.unmappable": nil, "xero.contact.email": nil, "currency.rate": nil,
	} {
		if got := MendedBy(Held(cause, Admin, "x", "y")); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", cause, got, want)
		}
	}
	if MendedBy(nil) != nil {
		t.Error("no hold is mended by something")
	}
	// What Xero itself says it lacks, in the words of the public reports.
	for text, want := range map[string]xero.Part{
		"Organisation is not subscribed to currency USD":                              xero.PartCurrencies,
		"Account code '999' is not a valid code for this document.":                   xero.PartAccounts,
		"Account code '200' has been archived, or deleted.":                           xero.PartAccounts,
		"The TaxType code 'X' does not exist":                                         xero.PartTaxRates,
		"The TaxType code 'OUTPUT' cannot be used with account code '200'.":           xero.PartTaxRates,
		"Item code 'OARS' is not valid":                                               xero.PartItems,
		"The tracking category 'Region' does not exist":                               xero.PartTracking,
		"The document date cannot be before the period lock date, currently set at x": xero.PartOrganisation,
	} {
		r := xero.Classify(text)
		if h := RefusalHold([]xero.Refusal{r}, ""); !r.Stale || r.Part != want || !slices.Contains(MendedBy(h), want) {
			t.Errorf("%q: held for %s, list %s, looked at %v", text, h.Cause, r.Part, MendedBy(h))
		}
	}
}

func TestHowOftenXeroIsLookedAt(t *testing.T) {
	t.Parallel()
	made := func(n int) Looked { return Looked{Made: n} }
	left := func(n int) Looked { return Looked{Spare: n, Known: true} }
	for _, c := range []struct {
		held, runs time.Duration
		looked     Looked
		want       time.Duration
	}{
		{time.Minute, 9 * time.Hour, made(0), LookSoon},
		{59 * time.Minute, 9 * time.Hour, made(0), LookSoon},
		{time.Hour, 9 * time.Hour, made(0), LookLater},
		{9 * time.Hour, time.Minute, made(0), LookSoon},
		{9 * time.Hour, 9 * time.Hour, made(0), LookLater},
		{-time.Minute, 9 * time.Hour, made(0), LookSoon},
		{-9 * time.Hour, 9 * time.Hour, made(0), LookLater},
		// New holds all day.
		{time.Minute, 9 * time.Hour, made(65), LookSoon},
		{time.Minute, 9 * time.Hour, made(66), 2 * LookSoon},
		{time.Minute, 9 * time.Hour, made(140), 4 * LookSoon},
		{time.Minute, 9 * time.Hour, made(198), 8 * LookSoon},
		{time.Minute, 9 * time.Hour, made(264), LookLater},
		{time.Minute, 9 * time.Hour, made(100_000), LookLater},
		{9 * time.Hour, 9 * time.Hour, made(66), LookLater},
		// The day's calls run low.
		{time.Minute, time.Minute, left(401), LookSoon},
		{time.Minute, time.Minute, left(400), time.Hour},
		{9 * time.Hour, 9 * time.Hour, left(101), time.Hour},
		{time.Minute, time.Minute, left(100), 0},
		{9 * time.Hour, 9 * time.Hour, left(0), 0},
		{time.Minute, time.Minute, left(-100), 0},
	} {
		if got := LookEvery(c.held, c.runs, c.looked); got != c.want {
			t.Errorf("held for %s by a process that runs for %s, %+v: every %s, want %s", c.held, c.runs, c.looked, got, c.want)
		}
	}
}

func TestHowSoonWhatXeroRefusedIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cause string
		tries int
		want  time.Duration
	}{
		{"xero.contact.email", 1, RefusedFor},
		{"xero.account.archived", 1, LookSoon},
		{"xero.account.archived", 2, 2 * LookSoon},
		{"xero.contact.archived", 5, 16 * LookSoon},
		{"xero.account.archived", 40, RefusedFor},
	} {
		if got := RetryAfter(Held(c.cause, Admin, "x", "y"), c.tries); got != c.want {
			t.Errorf("%s for the %d. time: %s, want %s", c.cause, c.tries, got, c.want)
		}
	}
}
