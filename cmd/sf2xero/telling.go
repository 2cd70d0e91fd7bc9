package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"sf2xero/store"
	"sf2xero/sync/document"
)

// What the scenes of the story are made of: waiting for something to be so, looking at both sides, and saying it.

// patience is how long a scene waits for what must come.
const patience = 30 * time.Second

const lineWidth = 100

// say writes one paragraph of the story.
func (s *stage) say(format string, args ...any) {
	fmt.Fprint(s.p.Stdout, wrapped("   ", lineWidth, fmt.Sprintf(format, args...)))
}

// wrapped breaks a text into lines of at most width characters, each behind the indent.
func wrapped(indent string, width int, text string) string {
	var b strings.Builder
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(indent+line+" "+word) > width {
			b.WriteString(indent + line + "\n")
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return b.String() + indent + line + "\n"
}

// until waits for something to be so, and says how long it took.
func (s *stage) until(ctx context.Context, what string, so func() bool) (took string, err error) {
	began := time.Now()
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-s.daemon.ended:
			return "", fmt.Errorf("the daemon ended by itself: %v", s.daemon.err)
		case <-ctx.Done():
			return "", fmt.Errorf("%s: this did not come about within %.0f seconds", what, time.Since(began).Seconds())
		}
	}
	return fmt.Sprintf("%.1f seconds", time.Since(began).Seconds()), nil
}

// held is the hold of a deal as the daemon has it in its store.
func (s *stage) held(deal string) (hold store.Hold, ok bool) {
	err := s.daemon.db.View(func(tx *store.Tx) error {
		r, queued := tx.Record(store.Key{Entry: document.Invoices, ID: s.company.deals[deal]})
		if ok = queued && r.Hold != nil; ok {
			hold = *r.Hold
		}
		return nil
	})
	return hold, ok && err == nil
}

// shows is true when Salesforce shows an invoice for a deal, and no hold.
func (s *stage) shows(deal string) bool {
	d := s.company.deal(deal)
	return d.Number != "" && d.Hold == ""
}

// inStep is an error when Salesforce does not show of a deal what Xero has, or Xero not what was won.
func (s *stage) inStep(deal string) error {
	d, inv := s.company.deal(deal), s.company.invoice(deal)
	switch {
	case inv.InvoiceNumber == "" || d.Number != inv.InvoiceNumber || d.Status != inv.Status:
		return fmt.Errorf("%q shows invoice %q %s, Xero has %q %s", deal, d.Number, d.Status, inv.InvoiceNumber, inv.Status)
	case !inv.SubTotal.Equal(d.Amount) || inv.CurrencyCode != d.Currency:
		return fmt.Errorf("%q was won for %s, %s is over %s before tax", deal, money(d.Currency, d.Amount), inv.InvoiceNumber, money(inv.CurrencyCode, inv.SubTotal))
	case !d.Total.Equal(inv.Total) || !d.Paid.Equal(inv.AmountPaid) || !d.Due.Equal(inv.AmountDue) || d.PaidOn != inv.FullyPaidOnDate:
		return fmt.Errorf("%q shows total %s, paid %s, due %s; %s has total %s, paid %s, due %s", deal, d.Total, d.Paid, d.Due, inv.InvoiceNumber, inv.Total, inv.AmountPaid, inv.AmountDue)
	}
	return nil
}

// waitInStep waits until a deal shows what Xero has for it.
func (s *stage) waitInStep(ctx context.Context, deal string) (took string, err error) {
	took, err = s.until(ctx, fmt.Sprintf("%q shows what Xero has", deal), func() bool { return s.inStep(deal) == nil })
	if err != nil {
		return "", errors.Join(err, s.inStep(deal))
	}
	return took, nil
}

// list tells of held deals: whose turn it is, and what is wrong.
func (s *stage) list(deals []string) {
	last := ""
	for _, name := range deals {
		hold, _ := s.held(name)
		d, why := s.company.deal(name), hold.Text
		if hold.Cause == last {
			why = "the same"
		}
		last = hold.Cause
		text := wrapped(strings.Repeat(" ", 31), lineWidth, name+": "+why)
		fmt.Fprintf(s.p.Stdout, "     %-11s%13s  %s", hold.Owner, money(d.Currency, d.Amount), strings.TrimLeft(text, " "))
	}
}

// asExpected compares what became of each deal with what was to become of it.
func (s *stage) asExpected() error {
	var wrong []error
	for _, x := range sales() {
		d := s.company.deal(x.Name)
		hold, held := s.held(x.Name)
		switch x.Expect {
		case "invoice":
			wrong = append(wrong, s.inStep(x.Name))
		case "history", "open":
			if held || d.Number != "" || d.Hold != "" {
				wrong = append(wrong, fmt.Errorf("%q was to be left alone, and shows invoice %q, hold %q", x.Name, d.Number, d.Hold))
			}
		default:
			if hold.Cause != x.Expect || d.Number != "" || !strings.HasPrefix(d.Hold, strings.TrimRight(hold.Text, ". ")) {
				wrong = append(wrong, fmt.Errorf("%q was to be held for %s, and is held for %q; it shows invoice %q, hold %q", x.Name, x.Expect, hold.Cause, d.Number, d.Hold))
			}
		}
	}
	return errors.Join(wrong...)
}

// invoicedDeals counts the deals that name a live invoice of Xero's in Salesforce.
func (s *stage) invoicedDeals() int {
	n := 0
	for _, x := range sales() {
		if inv := s.company.invoice(x.Name); inv.InvoiceID != "" && inv.Status != "VOIDED" && inv.Status != "DELETED" {
			n++
		}
	}
	return n
}

// invoiceNumbers are the first and the last number in Xero's books.
func (s *stage) invoiceNumbers() (first, last string) {
	for _, inv := range s.e.Books.Invoices() {
		if first == "" || inv.InvoiceNumber < first {
			first = inv.InvoiceNumber
		}
		last = max(last, inv.InvoiceNumber)
	}
	return first, last
}

// day is a date as people write it.
func day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format("2 January 2006")
}

func wholeNumber(d decimal.Decimal) string { return strings.TrimSuffix(thousands(d), ".00") }

// who is how a sentence speaks of the owner of a hold.
func who(owner string) string {
	if owner == "sales" {
		return owner
	}
	return "the " + owner
}
