package xero

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"sf2xero/sync/faults"
	"sf2xero/sync/remote"
	"sf2xero/xero/xerotest"
)

// count is how many calls a path has had.
func (x *company) count(path string) (n int) {
	for _, c := range x.door.Counts() {
		if strings.HasSuffix(c.Path, path) {
			n += c.Count
		}
	}
	return n
}

// What a person mends in Xero shows after one call for the list it stands in; what is in use stays as it is.
func TestOneListIsReadAgain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		part Part
		mend func(*xerotest.Organisation) error
		has  func(*Reference) bool
	}{
		{PartOrganisation, func(o *xerotest.Organisation) error { return o.Lock("2026-10-31") },
			func(r *Reference) bool { return r.Organisation.PeriodLockDate == "2026-10-31" }},
		{PartAccounts, func(o *xerotest.Organisation) error {
			o.AddAccount("205", "Licences", "REVENUE", "OUTPUT2")
			return nil
		},
			func(r *Reference) bool { _, err := r.Account("Licences"); return err == nil }},
		{PartCurrencies, func(o *xerotest.Organisation) error { o.AddCurrency("USD"); return nil },
			func(r *Reference) bool { return r.Currency("usd") == nil }},
		{PartActions, func(o *xerotest.Organisation) error { o.AddCurrency("USD"); return nil },
			func(r *Reference) bool { allowed, _ := r.Allowed("UseMulticurrency"); return allowed }},
		{PartTracking, func(o *xerotest.Organisation) error { o.AddTrackingOption("Region", "Mars"); return nil },
			func(r *Reference) bool { return r.TrackingOption("Region", "Mars") == nil }},
		{PartItems, func(o *xerotest.Organisation) error { o.AddItem("NEW", "New", decimal.New(1, 0)); return nil },
			func(r *Reference) bool { return r.Item("NEW") == nil }},
		{PartThemes, func(o *xerotest.Organisation) error { o.AddTheme("Boats"); return nil },
			func(r *Reference) bool { _, err := r.Theme("boats"); return err == nil }},
	} {
		t.Run(string(tc.part), func(t *testing.T) {
			inCompany(t, xerotest.Options{Empty: true, OneCurrency: true}, func(t *testing.T, x *company) {
				ref, err := x.Reference(t.Context(), Needs{Tracking: true, Items: true, Themes: true})
				if err != nil {
					t.Fatal(err)
				}
				before, err := json.Marshal(ref)
				if err != nil {
					t.Fatal(err)
				}
				if err := tc.mend(x.org); err != nil {
					t.Fatal(err)
				}
				if tc.has(ref) {
					t.Fatal("it was there before")
				}
				time.Sleep(2 * time.Minute)
				reads, _ := x.Calls()
				fresh, err := x.Refresh(t.Context(), ref, tc.part)
				if err != nil {
					t.Fatal(err)
				}
				if now, _ := x.Calls(); now != reads+1 || x.count("/"+string(tc.part)) != 2 {
					t.Errorf("%d calls for one list", now-reads)
				}
				if !tc.has(fresh) || tc.has(ref) || fresh.Hash() == ref.Hash() {
					t.Errorf("after the reading: %v, in what was in use: %v", tc.has(fresh), tc.has(ref))
				}
				if !fresh.Read.Equal(ref.Read) || fresh.ReadAt(tc.part).Sub(ref.Read) < 2*time.Minute-2*time.Second || !ref.ReadAt(tc.part).Equal(ref.Read) ||
					tc.part != PartTaxRates && !fresh.ReadAt(PartTaxRates).Equal(ref.Read) {
					t.Errorf("read at %s, all at %s", fresh.ReadAt(tc.part), fresh.Read)
				}
				again, err := x.Refresh(t.Context(), fresh, tc.part, PartTaxRates)
				if err != nil || again.Hash() != fresh.Hash() || len(fresh.Again) != 1 || len(again.Again) != 2 {
					t.Errorf("read once more: %v, %v, %v", err, fresh.Again, again.Again)
				}
				after, err := json.Marshal(ref)
				if err != nil || string(after) != string(before) {
					t.Errorf("what was in use has changed: %s", cmp.Diff(string(before), string(after)))
				}
			})
		})
	}
}

func TestAListThatWasNotReadBeforeIsAdded(t *testing.T) {
	t.Parallel()
	inCompany(t, xerotest.Options{}, func(t *testing.T, x *company) {
		ref, err := x.Reference(t.Context(), Needs{})
		if err != nil {
			t.Fatal(err)
		}
		if !ref.ReadAt(PartItems).IsZero() || x.count("/Items") != 0 {
			t.Error("items were read without need")
		}
		fresh, err := x.Refresh(t.Context(), ref, PartItems)
		if err != nil || !fresh.Has.Items || fresh.Item("BOOK") != nil || fresh.Item("NONE") == nil || ref.Has.Items || ref.Item("NONE") != nil {
			t.Errorf("%v: %+v", err, fresh)
		}
	})
}

// Whatever happens to the reading, what was in use is still there, and nothing half.
func TestAReadingThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	inCompany(t, xerotest.Options{}, func(t *testing.T, x *company) {
		ref, err := x.Reference(t.Context(), Needs{})
		if err != nil {
			t.Fatal(err)
		}
		hash := ref.Hash()
		x.org.AddCurrency("USD")
		if err := x.door.Add(faults.Fault{Method: "GET", Path: "/api.xro/2.0/TaxRates", Kind: "status", Status: 403, Times: 1}); err != nil {
			t.Fatal(err)
		}
		fresh, err := x.Refresh(t.Context(), ref, PartCurrencies, PartTaxRates)
		if remote.ClassOf(err) != remote.Auth || fresh != nil || ref.Hash() != hash || len(ref.Again) != 0 {
			t.Errorf("%v, %+v", err, fresh)
		}
		if _, err := x.Refresh(t.Context(), ref, "Wishes"); err == nil {
			t.Error("a list that is none was read")
		}
		other := *ref
		other.Organisation.OrganisationID = "another"
		if _, err := x.Refresh(t.Context(), &other, PartOrganisation); remote.ClassOf(err) != remote.BadConfig {
			t.Errorf("another organisation's settings: %v", err)
		}
	})
}

// A list that was not shown is no empty one: with it every account would be unknown.
func TestANullListIsNone(t *testing.T) {
	t.Parallel()
	s := serveXero(t, answering(200, `{"Accounts":null,"Currencies":null}`))
	for _, part := range []Part{PartAccounts, PartCurrencies} {
		if _, err := s.client(t).Refresh(t.Context(), &Reference{}, part); remote.ClassOf(err) != remote.BadConfig {
			t.Errorf("%s: %v", part, err)
		}
	}
}
