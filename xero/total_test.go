package xero

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func taxes() *Reference {
	rate := func(code, name, percent string) TaxRate {
		return TaxRate{TaxType: code, Name: name, Status: "ACTIVE", CanApplyToRevenue: true, EffectiveRate: Money(decimal.RequireFromString(percent))}
	}
	return &Reference{
		TaxRates: []TaxRate{rate("OUTPUT2", "15% GST on Income", "15.0000"), rate("ZERORATED", "Zero Rated", "0"), rate("TAX001", "Odd", "8.875"), rate("TAX002", "Half of it", "100"), rate("MINUS", "Strange", "-100")},
		Accounts: []Account{{Code: "200", Name: "Sales", Status: "ACTIVE", TaxType: "OUTPUT2"}, {Code: "999", Name: "None", Status: "ACTIVE"}},
	}
}

func TestTotal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, kind, lines string
		sub, tax, total   string
		ties              []string
	}{
		{"one line", "", `[{"Quantity":3,"UnitAmount":10.10,"TaxType":"OUTPUT2"}]`, "30.30", "4.55", "34.85", []string{"line 1's tax is exactly 4.545"}},
		{"tax per line, then added", "Exclusive", `[{"Quantity":1,"UnitAmount":0.10,"TaxType":"TAX001"},{"Quantity":1,"UnitAmount":0.10,"TaxType":"TAX001"},{"Quantity":1,"UnitAmount":0.10,"TaxType":"TAX001"}]`, "0.30", "0.03", "0.33", nil},
		{"inclusive", "Inclusive", `[{"Quantity":1,"UnitAmount":115,"TaxType":"OUTPUT2"}]`, "100.00", "15.00", "115.00", nil},
		{"inclusive, not even", "Inclusive", `[{"Quantity":1,"UnitAmount":10,"TaxType":"OUTPUT2"}]`, "8.70", "1.30", "10.00", nil},
		{"inclusive, half a cent", "Inclusive", `[{"Quantity":1,"UnitAmount":0.115,"LineAmount":0.12,"TaxType":"ZERORATED"}]`, "0.12", "0.00", "0.12", []string{"line 1 is exactly 0.115"}},
		{"inclusive, the tax itself between two cents", "Inclusive", `[{"Quantity":1,"UnitAmount":0.03,"TaxType":"TAX002"},{"Quantity":-1,"UnitAmount":0.03,"TaxType":"TAX002"}]`, "0.00", "0.00", "0.00",
			[]string{"line 1's tax is exactly half a cent past 0.01", "line 2's tax is exactly half a cent past -0.01"}},
		{"no tax", "NoTax", `[{"Quantity":2,"UnitAmount":5.5}]`, "11.00", "0.00", "11.00", nil},
		{"discount in percent", "", `[{"Quantity":10,"UnitAmount":99.99,"DiscountRate":12.5,"TaxType":"ZERORATED"}]`, "874.91", "0.00", "874.91", nil},
		{"discount as an amount", "", `[{"Quantity":10,"UnitAmount":99.99,"DiscountAmount":99.90,"TaxType":"OUTPUT2"}]`, "900.00", "135.00", "1035.00", nil},
		{"a price of four decimals", "", `[{"Quantity":1000,"UnitAmount":0.1234,"TaxType":"ZERORATED"}]`, "123.40", "0.00", "123.40", nil},
		{"a price of five is kept as four", "", `[{"Quantity":1000,"UnitAmount":0.12345,"TaxType":"ZERORATED"}]`, "123.50", "0.00", "123.50", nil},
		{"half a cent goes away from zero", "", `[{"Quantity":0.5,"UnitAmount":0.01,"TaxType":"ZERORATED"},{"Quantity":-0.5,"UnitAmount":0.03,"TaxType":"ZERORATED"}]`, "-0.01", "0.00", "-0.01",
			[]string{"line 1 is exactly 0.005", "line 2 is exactly -0.015"}},
		{"a line of words only", "", `[{"Description":"As agreed"},{"Quantity":1,"UnitAmount":7,"TaxType":"ZERORATED"}]`, "7.00", "0.00", "7.00", nil},
		{"the account's own tax", "", `[{"Quantity":1,"UnitAmount":100,"AccountCode":"200"}]`, "100.00", "15.00", "115.00", nil},
		{"the tax by its name", "", `[{"Quantity":1,"UnitAmount":100,"TaxType":"15% gst on income"}]`, "100.00", "15.00", "115.00", nil},
		{"a tax that was set by hand", "", `[{"Quantity":1,"UnitAmount":100,"TaxType":"OUTPUT2","TaxAmount":14.99}]`, "100.00", "14.99", "114.99", nil},
		{"only a line amount", "", `[{"LineAmount":12.34,"TaxType":"ZERORATED"}]`, "12.34", "0.00", "12.34", nil},
		{"a line taken off", "", `[{"Quantity":1,"UnitAmount":100,"TaxType":"OUTPUT2"},{"Quantity":-1,"UnitAmount":10.10,"TaxType":"OUTPUT2"}]`, "89.90", "13.48", "103.38", []string{"line 2's tax is exactly -1.515"}},
		{"two decimals of a discount in percent", "", `[{"Quantity":1,"UnitAmount":30,"DiscountRate":33.3333,"TaxType":"ZERORATED"},{"Quantity":10,"UnitAmount":100,"DiscountRate":6.666,"TaxType":"ZERORATED"}]`, "953.30", "0.00", "953.30", nil},
		{"two decimals of a discount in money", "", `[{"Quantity":1,"UnitAmount":27.826,"DiscountAmount":7.826,"TaxType":"ZERORATED"}]`, "20.00", "0.00", "20.00", nil},
		{"a discount of nothing beside one", "", `[{"Quantity":1,"UnitAmount":100,"DiscountRate":0,"DiscountAmount":5,"TaxType":"ZERORATED"},{"Quantity":1,"UnitAmount":100,"DiscountRate":5,"DiscountAmount":0,"TaxType":"ZERORATED"}]`, "190.00", "0.00", "190.00", nil},
		{"both discounts as Xero answers them, the money counts", "", `[{"LineItemID":"l","Quantity":2,"UnitAmount":148,"DiscountRate":6.76,"DiscountAmount":20,"LineAmount":276,"TaxType":"ZERORATED"}]`, "276.00", "0.00", "276.00", nil},
		{"both discounts as Xero answers them, the rate counts", "", `[{"LineItemID":"l","Quantity":1,"UnitAmount":100,"DiscountRate":10,"DiscountAmount":10.01,"LineAmount":90,"TaxType":"ZERORATED"}]`, "90.00", "0.00", "90.00", nil},
		{"nothing at all", "", `[]`, "0.00", "0.00", "0.00", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			in := Invoice{LineAmountTypes: tc.kind}
			if err := json.Unmarshal([]byte(tc.lines), &in.LineItems); err != nil {
				t.Fatal(err)
			}
			p, err := Predict(in, taxes())
			if err != nil {
				t.Fatal(err)
			}
			if p.Sub.String() != tc.sub || p.Tax.String() != tc.tax || p.Total.String() != tc.total || !slices.Equal(p.Ties, tc.ties) {
				t.Errorf("got %s + %s = %s, ties %q\nwant %s + %s = %s, ties %q", p.Sub, p.Tax, p.Total, p.Ties, tc.sub, tc.tax, tc.total, tc.ties)
			}
			sub, tax, total, err := Total(in, taxes())
			if err != nil || !sub.Equal(p.Sub) || !tax.Equal(p.Tax) || !total.Equal(p.Total) {
				t.Errorf("Total says %s + %s = %s (%v)", sub, tax, total, err)
			}
		})
	}
}

// Salesforce adds up line totals that it has not rounded; prices with tax are added up with it.
func TestWhatTheLinesComeToBeforeTheyAreRounded(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, kind, lines string
		exact, asPriced   string
		below             []int
	}{
		{"three discounted lines", "", `[{"Quantity":1,"UnitAmount":33.30,"DiscountRate":15,"TaxType":"OUTPUT2"},{"Quantity":1,"UnitAmount":33.30,"DiscountRate":15,"TaxType":"OUTPUT2"},{"Quantity":1,"UnitAmount":33.30,"DiscountRate":15,"TaxType":"OUTPUT2"}]`,
			"84.915", "84.93", nil},
		{"prices with tax", "Inclusive", `[{"Quantity":4,"UnitAmount":59.99,"TaxType":"OUTPUT2"}]`, "239.96", "239.96", nil},
		{"seven prices with tax", "inclusive", `[{"Quantity":7,"UnitAmount":0.55,"TaxType":"OUTPUT2"}]`, "3.85", "3.85", nil},
		{"no tax", "NoTax", `[{"Quantity":3,"UnitAmount":0.335}]`, "1.005", "1.01", nil},
		{"less than a cent, a free line and a line of words", "", `[{"Quantity":2,"UnitAmount":0.001,"TaxType":"ZERORATED"},{"Quantity":1,"UnitAmount":0,"TaxType":"ZERORATED"},{"Description":"x"},{"Quantity":1,"UnitAmount":0.01,"DiscountRate":50.01,"TaxType":"ZERORATED"},{"Quantity":1,"UnitAmount":5,"DiscountRate":100,"TaxType":"ZERORATED"}]`,
			"0.006999", "0.00", []int{1, 4}},
	} {
		in := Invoice{LineAmountTypes: tc.kind}
		if err := json.Unmarshal([]byte(tc.lines), &in.LineItems); err != nil {
			t.Fatal(err)
		}
		p, err := Predict(in, taxes())
		if err != nil {
			t.Fatal(err)
		}
		var below []int
		var sum decimal.Decimal
		for i, l := range p.Lines {
			sum = sum.Add(l.Amount)
			if l.BelowACent() {
				below = append(below, i+1)
			}
		}
		if p.Exact().String() != tc.exact || p.AsPriced().String() != tc.asPriced || !slices.Equal(below, tc.below) || !sum.Equal(p.AsPriced().Decimal) || len(p.Lines) != len(in.LineItems) {
			t.Errorf("%s: exactly %s, as priced %s, lines below a cent %v", tc.name, p.Exact(), p.AsPriced(), below)
		}
	}
}

func TestTotalSaysWhyItCannotTell(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, kind, line, want string }{
		{"unknown kind", "Net", `{}`, `LineAmountTypes is "Net"; Xero knows Exclusive, Inclusive and NoTax`},
		{"no quantity", "", `{"UnitAmount":1}`, "line 1 has a UnitAmount but no quantity"},
		{"no price", "", `{"Quantity":1}`, "line 1 has a quantity but no UnitAmount"},
		{"a line amount that is not its product", "", `{"Quantity":3,"UnitAmount":3.33,"LineAmount":10}`, "line 1 comes to 9.99, but its LineAmount says 10"},
		{"two discounts", "", `{"Quantity":1,"UnitAmount":1,"DiscountRate":1,"DiscountAmount":1}`, "line 1 has both a DiscountRate and a DiscountAmount; Xero takes one of them"},
		{"unknown tax", "", `{"Quantity":1,"UnitAmount":1,"TaxType":"OUTPUT3"}`, `line 1: there is no tax rate "OUTPUT3" in Xero; it has "15% GST on Income" (OUTPUT2), "Zero Rated" (ZERORATED), "Odd" (TAX001), "Half of it" (TAX002), "Strange" (MINUS)`},
		{"no tax anywhere", "", `{"Quantity":1,"UnitAmount":1,"AccountCode":"999"}`, "line 1 has no TaxType, and neither has its account"},
		{"a rate that eats the amount", "Inclusive", `{"Quantity":1,"UnitAmount":1,"TaxType":"MINUS"}`, "line 1's tax cannot be taken out of its amount: its rate is -100 % or less"},
	} {
		in := Invoice{LineAmountTypes: tc.kind, LineItems: make([]LineItem, 1)}
		if err := json.Unmarshal([]byte(tc.line), &in.LineItems[0]); err != nil {
			t.Fatal(err)
		}
		if _, err := Predict(in, taxes()); err == nil || err.Error() != tc.want {
			t.Errorf("%s: got %v, want %s", tc.name, err, tc.want)
		}
	}
}

// The same rounding in fractions, as a second opinion: a tie is noted exactly when there is one.
func TestRoundingAgainstFractions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.Int64Range(-99_999_999, 99_999_999).Draw(t, "price in 1/10000")
		quantity := rapid.Int64Range(1, 50_000).Draw(t, "quantity in 1/100")
		percent := rapid.Int64Range(0, 30_000).Draw(t, "tax in 1/1000 %")
		inclusive := rapid.Bool().Draw(t, "inclusive")
		in := Invoice{LineAmountTypes: "Exclusive", LineItems: []LineItem{{
			Quantity: Money(decimal.New(quantity, -2)), UnitAmount: Money(decimal.New(price, -4)), TaxType: "X"}}}
		if inclusive {
			in.LineAmountTypes = "Inclusive"
		}
		ref := &Reference{TaxRates: []TaxRate{{TaxType: "X", CanApplyToRevenue: true, EffectiveRate: Money(decimal.New(percent, -3))}}}
		p, err := Predict(in, ref)
		if err != nil {
			t.Fatal(err)
		}
		lineCents, lineTie := roundFraction(big.NewInt(quantity*price), big.NewInt(10_000))
		base := big.NewInt(100_000)
		if inclusive {
			base = big.NewInt(100_000 + percent)
		}
		taxCents, taxTie := roundFraction(new(big.Int).Mul(lineCents, big.NewInt(percent)), base)
		if got := p.Tax.Shift(2).BigInt(); got.Cmp(taxCents) != 0 {
			t.Errorf("tax of %s: got %s cents, want %s", lineCents, got, taxCents)
		}
		want := lineCents
		if !inclusive {
			want = new(big.Int).Add(lineCents, taxCents)
		}
		if got := p.Total.Shift(2).BigInt(); got.Cmp(want) != 0 {
			t.Errorf("total: got %s cents, want %s", got, want)
		}
		if got, want := len(p.Ties), lineTie+taxTie; got != want {
			t.Errorf("%d ties noted (%q), want %d", got, p.Ties, want)
		}
	})
}

// roundFraction rounds n/d half away from zero; tie is 1 when it was exactly a half.
func roundFraction(n, d *big.Int) (*big.Int, int) {
	sign := int64(n.Sign())
	twice := new(big.Int).Mul(new(big.Int).Abs(n), big.NewInt(2))
	q, r := new(big.Int).QuoRem(new(big.Int).Add(twice, d), new(big.Int).Mul(d, big.NewInt(2)), new(big.Int))
	tie := 0
	if r.Sign() == 0 && new(big.Int).Rem(twice, d).Sign() == 0 && n.Sign() != 0 && new(big.Int).Rem(new(big.Int).Quo(twice, d), big.NewInt(2)).Sign() != 0 {
		tie = 1
	}
	return q.Mul(q, big.NewInt(sign)), tie
}

func TestAmountsAreNumbersOnTheWireWithBothCents(t *testing.T) {
	t.Parallel()
	p, err := Predict(Invoice{LineItems: []LineItem{{Quantity: amount(t, "1"), UnitAmount: amount(t, "40"), TaxType: "OUTPUT2"}}}, taxes())
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(Invoice{SubTotal: p.Sub, Total: p.Total})
	if err != nil || !strings.Contains(string(out), `"SubTotal":40.00`) || !strings.Contains(fmt.Sprint(p.Total), "46.00") {
		t.Errorf("got %s (%v)", out, err)
	}
}
