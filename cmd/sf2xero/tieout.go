package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// A tie-out puts the two sides next to each other, each from its own records: what was won in Salesforce must be
// invoiced in Xero, held or waiting, and what is invoiced must be paid, credited or due.

// tieDeal is a deal as Salesforce shows it.
type tieDeal struct {
	Name, Currency, CloseDate string
	Won                       bool
	Amount                    decimal.Decimal
	InvoiceID                 string // the Xero invoice that its own field names
	Hold                      string // why it is set aside, as the people in Salesforce read it
}

// tieInvoice is a sales invoice as Xero shows it.
type tieInvoice struct {
	ID, Number, Currency, Status string
	SubTotal, Tax, Total         decimal.Decimal
	Paid, Credited, Due          decimal.Decimal
}

// tieLine is the tie-out of one currency. Won = Invoiced + Held + Waiting + WonDifference, before tax;
// Total = Paid + Credited + Due + TotalDifference, with tax.
type tieLine struct {
	Currency                        string
	Deals                           int // won since the start
	Won, Invoiced, Held, Waiting    decimal.Decimal
	WonDifference                   decimal.Decimal
	Invoices                        int // live ones
	Tax, Total, Paid, Credited, Due decimal.Decimal
	TotalDifference                 decimal.Decimal
}

// tieOut compares the two sides, a line for each currency, and says in words where each difference comes from. Deals that
// closed before start are history unless they are invoiced or held all the same. A held deal that has an invoice counts
// with what the two differ by, which is what its hold is about.
func tieOut(start string, deals []tieDeal, invoices []tieInvoice) (lines []tieLine, findings []string) {
	byCurrency := map[string]*tieLine{}
	line := func(currency string) *tieLine {
		if byCurrency[currency] == nil {
			byCurrency[currency] = &tieLine{Currency: currency}
		}
		return byCurrency[currency]
	}
	live, named := map[string]tieInvoice{}, map[string]string{}
	for _, inv := range invoices {
		if inv.Status == "VOIDED" || inv.Status == "DELETED" {
			continue
		}
		live[inv.ID] = inv
		l := line(inv.Currency)
		l.Invoices++
		l.Invoiced, l.Tax, l.Total = l.Invoiced.Add(inv.SubTotal), l.Tax.Add(inv.Tax), l.Total.Add(inv.Total)
		l.Paid, l.Credited, l.Due = l.Paid.Add(inv.Paid), l.Credited.Add(inv.Credited), l.Due.Add(inv.Due)
		if sum := inv.Paid.Add(inv.Credited).Add(inv.Due); !sum.Equal(inv.Total) {
			findings = append(findings, fmt.Sprintf("%s: the invoice is over %s, but paid, credited and due come to %s", inv.Number, money(inv.Currency, inv.Total), money(inv.Currency, sum)))
		}
	}
	for _, d := range deals {
		inv, invoiced := live[d.InvoiceID]
		if !invoiced && d.Hold == "" && (!d.Won || d.CloseDate < start) {
			continue // not won, or history
		}
		won := decimal.Zero
		if d.Won {
			won = d.Amount
			line(d.Currency).Deals++
		}
		l := line(d.Currency)
		l.Won = l.Won.Add(won)
		if other, twice := named[d.InvoiceID]; twice && invoiced {
			findings = append(findings, fmt.Sprintf("%s: named by two deals, %q and %q", inv.Number, other, d.Name))
			invoiced = false // its amount counts once; the second deal's is the difference
		} else if invoiced {
			named[d.InvoiceID] = d.Name
		}
		switch {
		case invoiced && inv.Currency != d.Currency:
			findings = append(findings, fmt.Sprintf("%q: won in %s, but %s is in %s", d.Name, d.Currency, inv.Number, inv.Currency))
		case invoiced && d.Hold != "":
			l.Held = l.Held.Add(won).Sub(inv.SubTotal)
		case invoiced && !inv.SubTotal.Equal(won):
			findings = append(findings, fmt.Sprintf("%q: won %s, but %s is over %s before tax", d.Name, money(d.Currency, won), inv.Number, money(inv.Currency, inv.SubTotal)))
		case invoiced:
		case d.Hold != "":
			l.Held = l.Held.Add(won)
		case d.InvoiceID != "":
			findings = append(findings, fmt.Sprintf("%q: won %s, but Xero has no live invoice of its own for it", d.Name, money(d.Currency, won)))
		default:
			l.Waiting = l.Waiting.Add(won)
		}
	}
	for _, inv := range invoices {
		if _, alive := live[inv.ID]; alive && named[inv.ID] == "" {
			findings = append(findings, fmt.Sprintf("%s: over %s before tax, but no deal names it", inv.Number, money(inv.Currency, inv.SubTotal)))
		}
	}
	for _, l := range byCurrency {
		l.WonDifference = l.Won.Sub(l.Invoiced).Sub(l.Held).Sub(l.Waiting)
		l.TotalDifference = l.Total.Sub(l.Paid).Sub(l.Credited).Sub(l.Due)
		lines = append(lines, *l)
	}
	slices.SortFunc(lines, func(a, b tieLine) int { return strings.Compare(a.Currency, b.Currency) })
	return lines, findings
}

// tied is true when nothing is left unexplained.
func tied(lines []tieLine, findings []string) bool {
	return len(findings) == 0 && !slices.ContainsFunc(lines, func(l tieLine) bool {
		return !l.WonDifference.IsZero() || !l.TotalDifference.IsZero()
	})
}

// tieTable is a tie-out for people: a column for each currency, a row for each word.
func tieTable(lines []tieLine) string {
	var b strings.Builder
	row := func(label string, value func(tieLine) string) {
		fmt.Fprintf(&b, "%-28s", label)
		for _, l := range lines {
			fmt.Fprintf(&b, "%15s", value(l))
		}
		b.WriteByte('\n')
	}
	sum := func(label string, of func(tieLine) decimal.Decimal) {
		row(label, func(l tieLine) string { return thousands(of(l)) })
	}
	row("", func(l tieLine) string { return l.Currency })
	sum("Won in Salesforce", func(l tieLine) decimal.Decimal { return l.Won })
	sum("  invoiced in Xero", func(l tieLine) decimal.Decimal { return l.Invoiced })
	sum("  held for somebody", func(l tieLine) decimal.Decimal { return l.Held })
	sum("  waiting for the next look", func(l tieLine) decimal.Decimal { return l.Waiting })
	sum("Difference", func(l tieLine) decimal.Decimal { return l.WonDifference })
	b.WriteByte('\n')
	sum("Invoiced, with tax", func(l tieLine) decimal.Decimal { return l.Total })
	sum("  paid", func(l tieLine) decimal.Decimal { return l.Paid })
	sum("  credited", func(l tieLine) decimal.Decimal { return l.Credited })
	sum("  due", func(l tieLine) decimal.Decimal { return l.Due })
	sum("Difference", func(l tieLine) decimal.Decimal { return l.TotalDifference })
	return b.String()
}

// money is an amount as people write it: NZD 5,290.00.
func money(currency string, d decimal.Decimal) string { return currency + " " + thousands(d) }

// thousands has two decimals, or as many as the amount really has if these are more.
func thousands(d decimal.Decimal) string {
	text := d.StringFixed(max(2, -d.Exponent()))
	if trimmed := d.Truncate(2); trimmed.Equal(d) {
		text = d.StringFixed(2)
	}
	sign := ""
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		sign, text = "-", rest
	}
	whole, cents, _ := strings.Cut(text, ".")
	var groups []string
	for len(whole) > 3 {
		groups = append(groups, whole[len(whole)-3:])
		whole = whole[:len(whole)-3]
	}
	groups = append(groups, whole)
	slices.Reverse(groups)
	return sign + strings.Join(groups, ",") + "." + cents
}
