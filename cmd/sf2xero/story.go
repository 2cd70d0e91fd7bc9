package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// tell plays the story. Every number in it is read back from Salesforce, Xero or the store when it is told, and each scene
// fails when what it tells of does not happen.
func (s *stage) tell(ctx context.Context) error {
	s.opening()
	for i, scene := range []struct {
		title string
		play  func(context.Context) error
	}{
		{"The first look", s.firstLook},
		{"A deal is won, the customer pays", s.wonAndPaid},
		{"What is held releases itself", s.released},
		{"What the accountant changed stays", s.editKept},
		{"A deal that was not won after all", s.unwon},
		{"The worst moment", s.worstMoment},
		{"The tie-out", s.tieOut},
	} {
		fmt.Fprintf(s.p.Stdout, "\n%d. %s\n", i+1, scene.title)
		if err := scene.play(ctx); err != nil {
			return fmt.Errorf("%q: %w", scene.title, err)
		}
	}
	return nil
}

func (s *stage) opening() {
	fmt.Fprintf(s.p.Stdout, `A small Salesforce and a small Xero run inside this program, and sf2xero between them.
Of %d customers and %d deals, each deal won since %s is to become one draft invoice.
`, len(s.e.Org.Rows("Account")), len(s.e.Org.Rows("Opportunity")), day(s.start()))
}

// firstLook starts the daemon on what is there already.
func (s *stage) firstLook(ctx context.Context) error {
	if err := s.startDaemon(true, demoPoll); err != nil {
		return err
	}
	var invoiced, held, history []string
	for _, x := range sales() {
		switch x.Expect {
		case "invoice":
			invoiced = append(invoiced, x.Name)
		case "history":
			history = append(history, x.Name)
		case "open":
		default:
			held = append(held, x.Name)
		}
	}
	took, err := s.until(ctx, "each deal is either invoiced or held", func() bool {
		for _, name := range invoiced {
			if !s.shows(name) {
				return false
			}
		}
		for _, name := range held {
			if s.company.deal(name).Hold == "" {
				return false
			}
		}
		return true
	})
	if err := errors.Join(err, s.asExpected()); err != nil {
		return err
	}
	first, last := s.invoiceNumbers()
	messages, discounted := s.company.invoice(dealFourDecimals), s.company.invoice(dealDiscounted)
	s.say("After %s, %d deals are drafts %s to %s, exact to the cent: %s text messages at %s come to %s, a discount of %s %% stands as one.",
		took, s.invoicedDeals(), first, last, wholeNumber(messages.Lines[0].Quantity), messages.Lines[0].UnitAmount, money(messages.CurrencyCode, messages.SubTotal), discounted.Lines[0].DiscountRate)
	s.say("%s was in Xero already and was used as it is. %q is from %s: history, left alone.", knownInXero, history[0], day(s.company.deal(history[0]).CloseDate))
	s.say("%d deals cannot be invoiced as they stand; the others did not wait for them. Salesforce shows why:", len(held))
	s.list(held)
	return nil
}

func (s *stage) wonAndPaid(ctx context.Context) error {
	if err := s.company.win(dealWonLive); err != nil {
		return err
	}
	took, err := s.waitInStep(ctx, dealWonLive)
	if err != nil {
		return err
	}
	inv := s.company.invoice(dealWonLive)
	s.say("Sales wins %q for %s. After %s the deal shows its invoice: %s, %s with tax, %s. The accountant approves it.", dealWonLive,
		money(inv.CurrencyCode, s.company.deal(dealWonLive).Amount), took, inv.InvoiceNumber, money(inv.CurrencyCode, inv.Total), inv.Status)
	half := inv.Total.DivRound(decimal.NewFromInt(2), 2)
	if err := s.e.Books.Approve(inv.InvoiceID); err != nil {
		return err
	}
	if _, err := s.e.Books.Pay(inv.InvoiceID, half); err != nil {
		return err
	}
	if took, err = s.waitInStep(ctx, dealWonLive); err != nil {
		return err
	}
	d := s.company.deal(dealWonLive)
	s.say("The customer pays half. After %s the deal shows %s, paid %s, due %s.", took, d.Status, thousands(d.Paid), thousands(d.Due))
	if _, err := s.e.Books.Pay(inv.InvoiceID, d.Due); err != nil {
		return err
	}
	credited := s.company.invoice(dealCredited)
	if err := s.e.Books.Approve(credited.InvoiceID); err != nil {
		return err
	}
	if _, err := s.e.Books.Credit(credited.InvoiceID, decimal.NewFromInt(500)); err != nil {
		return err
	}
	_, err = s.waitInStep(ctx, dealWonLive)
	if _, also := s.waitInStep(ctx, dealCredited); errors.Join(err, also) != nil {
		return errors.Join(err, also)
	}
	d = s.company.deal(dealWonLive)
	s.say("The customer pays the rest. The deal shows %s, due %s, fully paid on %s.", d.Status, thousands(d.Due), day(d.PaidOn))
	credited, d = s.company.invoice(dealCredited), s.company.deal(dealCredited)
	s.say("Another one is credited %s on %s, and %q shows what is left: due %s.", thousands(credited.AmountCredited), credited.InvoiceNumber, dealCredited, thousands(d.Due))
	return nil
}

func (s *stage) released(ctx context.Context) error {
	hold, _ := s.held(dealNoProducts)
	s.say("%q waits because %s. It is up to %s: %s.", dealNoProducts, hold.Text, who(hold.Owner), hold.Remedy)
	if err := s.company.addProducts(dealNoProducts, days("2")); err != nil {
		return err
	}
	took, err := s.waitInStep(ctx, dealNoProducts)
	if err != nil {
		return err
	}
	inv := s.company.invoice(dealNoProducts)
	s.say("Sales adds %s consulting days and does nothing else. After %s the deal shows %s, over %s with tax.", inv.Lines[0].Quantity, took, inv.InvoiceNumber, money(inv.CurrencyCode, inv.Total))
	if err := s.e.Org.Update("Account", s.company.accounts[sharedName][1], map[string]any{"Name": sharedName + " Nelson"}); err != nil {
		return err
	}
	for _, deal := range []string{dealRimuOne, dealRimuTwo} {
		if _, err := s.waitInStep(ctx, deal); err != nil {
			return err
		}
	}
	one, two := s.company.invoice(dealRimuOne), s.company.invoice(dealRimuTwo)
	s.say("Then it gives one of the two accounts named %s a name of its own, and both their deals are free: %s is for %s, %s for %s.", sharedName, one.InvoiceNumber, one.ContactName, two.InvoiceNumber, two.ContactName)
	return nil
}

func (s *stage) editKept(ctx context.Context) error {
	before := s.company.invoice(dealEdited)
	later := s.today.AddDate(0, 0, 60).Format(time.DateOnly)
	if err := s.e.Books.Edit(before.InvoiceID, func(e *xerotest.EditableInvoice) { e.DueDate = later }); err != nil {
		return err
	}
	const order = "PO-8000"
	if err := s.company.change(dealEdited, "PO_Number__c", order); err != nil {
		return err
	}
	took, err := s.until(ctx, "the draft has the new order number", func() bool { return s.company.invoice(dealEdited).Reference == order })
	if err != nil {
		return err
	}
	after := s.company.invoice(dealEdited)
	if after.DueDate != later || after.Status != before.Status || !after.Total.Equal(before.Total) {
		return fmt.Errorf("the accountant's due date %s of %s is now %s", later, after.InvoiceNumber, after.DueDate)
	}
	s.say("On the draft %s the accountant grants more time: due %s, not %s. On its deal sales corrects the order number, %s to %s. After %s the draft has %s and is still due %s.",
		after.InvoiceNumber, day(later), day(before.DueDate), before.Reference, order, took, after.Reference, day(after.DueDate))
	return nil
}

func (s *stage) unwon(ctx context.Context) error {
	id := s.company.invoice(dealUnwon).InvoiceID
	if err := s.e.Books.Approve(id); err != nil {
		return err
	}
	if err := s.company.change(dealUnwon, "StageName", "Negotiation/Review"); err != nil {
		return err
	}
	if _, err := s.until(ctx, fmt.Sprintf("%q asks for its invoice to be voided", dealUnwon), func() bool {
		hold, held := s.held(dealUnwon)
		d := s.company.deal(dealUnwon)
		return held && hold.Cause == "deal.unwon" && d.Hold != "" && d.Status == "AUTHORISED"
	}); err != nil {
		return err
	}
	hold, _ := s.held(dealUnwon)
	inv := s.company.invoice(dealUnwon)
	s.say("Sales takes %q back when %s is %s already. sf2xero voids nothing by itself; on the deal it asks %s: %s.", dealUnwon, inv.InvoiceNumber, inv.Status, who(hold.Owner), hold.Remedy)
	if err := s.e.Books.Void(id); err != nil {
		return err
	}
	if _, err := s.until(ctx, fmt.Sprintf("%q has nothing left to ask for", dealUnwon), func() bool {
		d := s.company.deal(dealUnwon)
		return d.Hold == "" && d.Status == s.company.invoice(dealUnwon).Status
	}); err != nil {
		return err
	}
	s.say("The accountant voids it. The deal shows %s, and asks for nothing more.", s.company.deal(dealUnwon).Status)
	return nil
}

// worstMoment kills the daemon while Xero's answer to a create is on its way.
func (s *stage) worstMoment(ctx context.Context) error {
	before := s.company.liveInvoices()
	if err := s.e.XeroDoor.Add(faults.Fault{Method: "PUT", Path: "/api.xro/2.0/Invoices", Kind: "hang", DelayMS: 2000}); err != nil {
		return err
	}
	deals := wonTogether()
	for _, deal := range deals {
		if err := s.company.win(deal); err != nil {
			return err
		}
	}
	if _, err := s.until(ctx, "Xero makes drafts of the deals", func() bool { return s.company.liveInvoices() > before }); err != nil {
		return err
	}
	if err := s.killDaemon(); err != nil {
		return err
	}
	s.say("%d more deals are won. Xero makes %d drafts, and before its answer is back the daemon is killed. All it has written down is that it was about to ask.",
		len(deals), s.company.liveInvoices()-before)
	for _, deal := range deals {
		if d := s.company.deal(deal); d.Number != "" {
			return fmt.Errorf("%q shows %s already, so the daemon was not killed in time", deal, d.Number)
		}
	}
	if err := s.startDaemon(false, demoPoll); err != nil {
		return err
	}
	// One more, to see that it does not merely sit still.
	if err := s.company.win(dealAfterwards); err != nil {
		return err
	}
	began := time.Now()
	for _, deal := range append(deals, dealAfterwards) {
		if _, err := s.waitInStep(ctx, deal); err != nil {
			return err
		}
	}
	if live, want := s.company.liveInvoices(), before+len(deals)+1; live != want || s.invoicedDeals() != want {
		return fmt.Errorf("there are %d invoices in Xero for %d deals, and %d would be right", live, s.invoicedDeals(), want)
	}
	var numbers []string
	for _, deal := range deals {
		numbers = append(numbers, s.company.deal(deal).Number)
	}
	s.say("Started again, it does not ask twice. It reads Xero first, and knows each draft by the deal that it links to: after %.1f seconds the deals show %s. Another one, won meanwhile, has %s. %d deals, %d invoices, none twice.",
		time.Since(began).Seconds(), strings.Join(numbers, ", "), s.company.deal(dealAfterwards).Number, s.invoicedDeals(), s.company.liveInvoices())
	s.say("(Before it made anything new it gave Xero %g s to show everything. The real Xero gets 10 minutes.)", s.config.Xero.Settle.Seconds())
	return nil
}

func (s *stage) tieOut(context.Context) error {
	deals, invoices := s.company.sides()
	lines, findings := tieOut(s.start(), deals, invoices)
	s.say("Each side by its own records: deals by Salesforce, before tax; invoices and money by Xero.")
	for row := range strings.Lines(tieTable(lines)) {
		fmt.Fprintln(s.p.Stdout, strings.TrimRight("     "+row, " \n"))
	}
	if !tied(lines, findings) {
		return fmt.Errorf("the two sides do not tie: %s", strings.Join(findings, "; "))
	}
	var open []string
	for _, d := range deals {
		if hold, held := s.held(d.Name); held {
			open = append(open, fmt.Sprintf("%q (%s)", d.Name, hold.Owner))
		}
	}
	s.say("Still held: %s.", strings.Join(open, ", "))
	s.say("Xero was called at most %d times within a minute; it allows %d.", s.e.XeroDoor.MaxPerMinute(), xeroLimits().PerMinute)
	fmt.Fprintf(s.p.Stdout, "\nThe mapping behind all this, the daemon's log and its store are in %s\n", s.dir)
	return nil
}
