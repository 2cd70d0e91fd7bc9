package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

func TestTieOut(t *testing.T) {
	t.Parallel()
	amount := decimal.RequireFromString
	deal := func(name, currency, sum, invoice, hold string) tieDeal {
		return tieDeal{Name: name, Currency: currency, CloseDate: "2026-11-10", Won: true, Amount: amount(sum), InvoiceID: invoice, Hold: hold}
	}
	unwon := func(d tieDeal) tieDeal { d.Won = false; return d }
	old := func(d tieDeal) tieDeal { d.CloseDate = "2026-10-31"; return d }
	// Tax is a tenth, to be reckoned in the head; nothing is paid yet.
	invoice := func(id, currency, sub string) tieInvoice {
		s := amount(sub)
		tax := s.Shift(-1)
		return tieInvoice{ID: id, Number: "INV-" + id, Currency: currency, Status: "AUTHORISED", SubTotal: s, Tax: tax, Total: s.Add(tax), Due: s.Add(tax)}
	}
	dead := func(status string, i tieInvoice) tieInvoice { i.Status = status; return i }
	paid := func(i tieInvoice, paid, credited, due string) tieInvoice {
		i.Paid, i.Credited, i.Due = amount(paid), amount(credited), amount(due)
		return i
	}
	tests := []struct {
		name     string
		deals    []tieDeal
		invoices []tieInvoice
		// currency, deals, won = invoiced + held + waiting + difference; invoices, total = paid + credited + due + difference
		lines    []string
		findings []string
	}{
		{"nothing at all", nil, nil, nil, nil},
		{"won and invoiced", []tieDeal{deal("A", "NZD", "100.00", "1", "")}, []tieInvoice{invoice("1", "NZD", "100.00")},
			[]string{"NZD 1: 100.00 = 100.00 + 0.00 + 0.00 + 0.00; 1: 110.00 = 0.00 + 0.00 + 110.00 + 0.00"}, nil},
		{"half paid, a little credited", []tieDeal{deal("A", "NZD", "100.00", "1", "")}, []tieInvoice{paid(invoice("1", "NZD", "100.00"), "55.00", "5.01", "49.99")},
			[]string{"NZD 1: 100.00 = 100.00 + 0.00 + 0.00 + 0.00; 1: 110.00 = 55.00 + 5.01 + 49.99 + 0.00"}, nil},
		{"one held, one waiting", []tieDeal{deal("A", "NZD", "70.00", "", "no products"), deal("B", "NZD", "30.00", "", "")}, nil,
			[]string{"NZD 2: 100.00 = 0.00 + 70.00 + 30.00 + 0.00; 0: 0.00 = 0.00 + 0.00 + 0.00 + 0.00"}, nil},
		{"each currency by itself, in order", []tieDeal{deal("A", "NZD", "100.00", "1", ""), deal("B", "AUD", "20.00", "2", "")}, []tieInvoice{invoice("1", "NZD", "100.00"), invoice("2", "AUD", "20.00")},
			[]string{"AUD 1: 20.00 = 20.00 + 0.00 + 0.00 + 0.00; 1: 22.00 = 0.00 + 0.00 + 22.00 + 0.00",
				"NZD 1: 100.00 = 100.00 + 0.00 + 0.00 + 0.00; 1: 110.00 = 0.00 + 0.00 + 110.00 + 0.00"}, nil},
		{"not won, and won before the start", []tieDeal{unwon(deal("A", "NZD", "100.00", "", "")), old(deal("B", "NZD", "50.00", "", ""))}, nil, nil, nil},
		{"before the start, but held", []tieDeal{old(deal("A", "NZD", "50.00", "", "its close date is before the start"))}, nil,
			[]string{"NZD 1: 50.00 = 0.00 + 50.00 + 0.00 + 0.00; 0: 0.00 = 0.00 + 0.00 + 0.00 + 0.00"}, nil},
		{"changed after approval: held with what the two differ by", []tieDeal{deal("A", "NZD", "120.00", "1", "changed after approval")}, []tieInvoice{invoice("1", "NZD", "100.00")},
			[]string{"NZD 1: 120.00 = 100.00 + 20.00 + 0.00 + 0.00; 1: 110.00 = 0.00 + 0.00 + 110.00 + 0.00"}, nil},
		{"un-won with a live invoice: held against the invoice", []tieDeal{unwon(deal("A", "NZD", "100.00", "1", "no longer won"))}, []tieInvoice{invoice("1", "NZD", "100.00")},
			[]string{"NZD 0: 0.00 = 100.00 + -100.00 + 0.00 + 0.00; 1: 110.00 = 0.00 + 0.00 + 110.00 + 0.00"}, nil},
		{"un-won and its invoice voided", []tieDeal{unwon(deal("A", "NZD", "100.00", "1", ""))}, []tieInvoice{dead("VOIDED", invoice("1", "NZD", "100.00"))}, nil, nil},
		{"voided and held", []tieDeal{deal("A", "NZD", "100.00", "1", "INV-1 was voided")}, []tieInvoice{dead("VOIDED", invoice("1", "NZD", "100.00"))},
			[]string{"NZD 1: 100.00 = 0.00 + 100.00 + 0.00 + 0.00; 0: 0.00 = 0.00 + 0.00 + 0.00 + 0.00"}, nil},

		{"deleted and nobody said so", []tieDeal{deal("A", "NZD", "100.00", "1", "")}, []tieInvoice{dead("DELETED", invoice("1", "NZD", "100.00"))},
			[]string{"NZD 1: 100.00 = 0.00 + 0.00 + 0.00 + 100.00; 0: 0.00 = 0.00 + 0.00 + 0.00 + 0.00"},
			[]string{`"A": won NZD 100.00, but Xero has no live invoice of its own for it`}},
		{"one cent less", []tieDeal{deal("A", "NZD", "1234.57", "1", "")}, []tieInvoice{invoice("1", "NZD", "1234.56")},
			[]string{"NZD 1: 1,234.57 = 1,234.56 + 0.00 + 0.00 + 0.01; 1: 1,358.016 = 0.00 + 0.00 + 1,358.016 + 0.00"},
			[]string{`"A": won NZD 1,234.57, but INV-1 is over NZD 1,234.56 before tax`}},
		{"invoiced twice", []tieDeal{deal("A", "NZD", "100.00", "1", "")}, []tieInvoice{invoice("1", "NZD", "100.00"), invoice("2", "NZD", "100.00")},
			[]string{"NZD 1: 100.00 = 200.00 + 0.00 + 0.00 + -100.00; 2: 220.00 = 0.00 + 0.00 + 220.00 + 0.00"},
			[]string{"INV-2: over NZD 100.00 before tax, but no deal names it"}},
		{"one invoice for two deals", []tieDeal{deal("A", "NZD", "100.00", "1", ""), deal("B", "NZD", "100.00", "1", "")}, []tieInvoice{invoice("1", "NZD", "100.00")},
			[]string{"NZD 2: 200.00 = 100.00 + 0.00 + 0.00 + 100.00; 1: 110.00 = 0.00 + 0.00 + 110.00 + 0.00"},
			[]string{`INV-1: named by two deals, "A" and "B"`, `"B": won NZD 100.00, but Xero has no live invoice of its own for it`}},
		{"un-won and nobody said so", []tieDeal{unwon(deal("A", "NZD", "100.00", "1", ""))}, []tieInvoice{invoice("1", "NZD", "100.00")},
			[]string{"NZD 0: 0.00 = 100.00 + 0.00 + 0.00 + -100.00; 1: 110.00 = 0.00 + 0.00 + 110.00 + 0.00"},
			[]string{`"A": won NZD 0.00, but INV-1 is over NZD 100.00 before tax`}},
		{"in another currency", []tieDeal{deal("A", "NZD", "100.00", "1", "")}, []tieInvoice{invoice("1", "AUD", "100.00")},
			[]string{"AUD 0: 0.00 = 100.00 + 0.00 + 0.00 + -100.00; 1: 110.00 = 0.00 + 0.00 + 110.00 + 0.00",
				"NZD 1: 100.00 = 0.00 + 0.00 + 0.00 + 100.00; 0: 0.00 = 0.00 + 0.00 + 0.00 + 0.00"},
			[]string{`"A": won in NZD, but INV-1 is in AUD`}},
		{"money that Xero cannot account for", []tieDeal{deal("A", "NZD", "100.00", "1", "")}, []tieInvoice{paid(invoice("1", "NZD", "100.00"), "50.00", "0", "50.00")},
			[]string{"NZD 1: 100.00 = 100.00 + 0.00 + 0.00 + 0.00; 1: 110.00 = 50.00 + 0.00 + 50.00 + 10.00"},
			[]string{"INV-1: the invoice is over NZD 110.00, but paid, credited and due come to NZD 100.00"}},
		{"two mistakes that cancel out", []tieDeal{deal("A", "NZD", "100.00", "1", ""), deal("B", "NZD", "100.00", "2", "")}, []tieInvoice{invoice("1", "NZD", "90.00"), invoice("2", "NZD", "110.00")},
			[]string{"NZD 2: 200.00 = 200.00 + 0.00 + 0.00 + 0.00; 2: 220.00 = 0.00 + 0.00 + 220.00 + 0.00"},
			[]string{`"A": won NZD 100.00, but INV-1 is over NZD 90.00 before tax`, `"B": won NZD 100.00, but INV-2 is over NZD 110.00 before tax`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lines, findings := tieOut("2026-11-01", test.deals, test.invoices)
			var got []string
			for _, l := range lines {
				got = append(got, tieText(l))
			}
			if diff := cmp.Diff(test.lines, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.findings, findings); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if got, want := tied(lines, findings), len(test.findings) == 0; got != want {
				t.Errorf("tied: %v, want %v", got, want)
			}
		})
	}
}

func tieText(l tieLine) string {
	sum := func(amounts ...decimal.Decimal) string {
		var texts []string
		for _, a := range amounts {
			texts = append(texts, thousands(a))
		}
		return strings.Join(texts, " + ")
	}
	count := func(n int) string { return decimal.NewFromInt(int64(n)).String() }
	return l.Currency + " " + count(l.Deals) + ": " + thousands(l.Won) + " = " + sum(l.Invoiced, l.Held, l.Waiting, l.WonDifference) +
		"; " + count(l.Invoices) + ": " + thousands(l.Total) + " = " + sum(l.Paid, l.Credited, l.Due, l.TotalDifference)
}

func TestTieTable(t *testing.T) {
	t.Parallel()
	lines, _ := tieOut("2026-11-01", []tieDeal{
		{Name: "A", Currency: "NZD", CloseDate: "2026-11-10", Won: true, Amount: decimal.RequireFromString("1234567.5"), InvoiceID: "1"},
		{Name: "B", Currency: "USD", CloseDate: "2026-11-10", Won: true, Amount: decimal.RequireFromString("10"), Hold: "no products"},
	}, []tieInvoice{{ID: "1", Currency: "NZD", SubTotal: decimal.RequireFromString("1234567.50"), Total: decimal.RequireFromString("1234567.50"), Due: decimal.RequireFromString("1234567.50")}})
	want := `                                        NZD            USD
Won in Salesforce              1,234,567.50          10.00
  invoiced in Xero             1,234,567.50           0.00
  held for somebody                    0.00          10.00
  waiting for the next look            0.00           0.00
Difference                             0.00           0.00

Invoiced, with tax             1,234,567.50           0.00
  paid                                 0.00           0.00
  credited                             0.00           0.00
  due                          1,234,567.50           0.00
Difference                             0.00           0.00
`
	if diff := cmp.Diff(want, tieTable(lines)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for amount, want := range map[string]string{
		"0": "0.00", "0.5": "0.50", "999.999": "999.999", "1000": "1,000.00", "-1234.5": "-1,234.50", "-12": "-12.00", "123456": "123,456.00",
		"1234567.10": "1,234,567.10", "5.1000": "5.10", "1e3": "1,000.00", "0.0375": "0.0375",
	} {
		if got := thousands(decimal.RequireFromString(amount)); got != want {
			t.Errorf("%s: %s, want %s", amount, got, want)
		}
	}
}
