package sync_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A deal whose document is longer than Xero takes is held; the others go on.
func TestADealThatIsTooLarge(t *testing.T) {
	slowUnderRace(t)
	inWorld(t, company{New: true, Edits: []string{"Description: =BLANKVALUE(Description, Product2.Name)", "Description: =Product2.Description"}}, func(w *world) {
		long := w.insert("Product2", map[string]any{"Name": "Long", "Family": "Licences", "IsActive": true, "Description": strings.Repeat("字", 3900)})
		w.change("Product2", w.usual.licence, map[string]any{"Description": "short"})
		w.change("Product2", w.usual.service, map[string]any{"Description": "short"})
		var items []item
		for range 310 {
			items = append(items, item{long, "1", "1.00", nil})
		}
		huge := w.deal(w.usual.account, "Huge", nil, items...)
		w.win(huge)
		good := []string{w.won("Good"), w.won("Better")}
		w.quiet()
		for _, deal := range good {
			w.invoice(deal)
			w.wantFree(deal)
		}
		w.wantHeld(huge, "record.too_large", "sales", "bytes and Xero takes")
		for _, line := range w.lines(huge)[5:] {
			w.must(w.crm.Delete("OpportunityLineItem", line))
		}
		w.later(time.Hour)
		w.invoice(huge)
		w.wantFree(huge)
	})
}

// behindAProxy is Xero behind a proxy that takes no call with a body of more bytes.
func (w *world) behindAProxy(most int) (mend func()) {
	return w.failingAt(http.StatusRequestEntityTooLarge, func(body string) bool { return len(body) > most })
}

// A proxy on the way to Xero takes no call above a length: they are halved until they pass, by run --once too.
func TestAProxyThatTakesShortCallsOnly(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		w.behindAProxy(10_000)
		var deals []string
		for i := range 30 {
			deals = append(deals, w.won(fmt.Sprint("Deal ", i)))
		}
		time.Sleep(20 * time.Minute)
		w.once()
		for _, deal := range deals {
			w.invoice(deal)
			w.wantFree(deal)
		}
		w.inStep()
	})
}

// A proxy takes nothing at all for a while: when it is mended, everything goes out within an hour.
func TestAProxyThatTakesNothingForAWhile(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		mend := w.behindAProxy(0)
		var deals []string
		for i := range 30 {
			deals = append(deals, w.won(fmt.Sprint("Deal ", i)))
		}
		w.runFor(40*time.Minute, time.Minute)
		mend()
		w.runFor(time.Hour+10*time.Minute, time.Minute)
		for _, deal := range deals {
			w.invoice(deal)
			w.wantFree(deal)
		}
		if told := w.logged("hold.added"); len(told) == 0 || told[0]["cause"] != "xero.too_long" || told[0]["owner"] != "admin" {
			w.Errorf("told was %v", told)
		}
	})
}
