package sync_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A deal whose document is longer than Xero takes is held; the others go on.
func TestADealThatIsTooLarge(t *testing.T) {
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

// A proxy on the way to Xero takes no call above a length: they are halved until they pass.
func TestAProxyThatTakesShortCallsOnly(t *testing.T) {
	inWorld(t, company{New: true}, func(w *world) {
		w.won("First")
		w.quiet()
		inner := w.network.Hosts["api.xero.com"]
		w.network.Hosts["api.xero.com"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			if len(body) > 10_000 {
				rw.WriteHeader(http.StatusRequestEntityTooLarge)
				_, _ = io.WriteString(rw, "<html>413 Request Entity Too Large</html>")
				return
			}
			inner.ServeHTTP(rw, r)
		})
		var deals []string
		for i := range 30 {
			deals = append(deals, w.won(fmt.Sprint("Deal ", i)))
		}
		w.later(2 * time.Hour)
		for _, deal := range deals {
			w.invoice(deal)
			w.wantFree(deal)
		}
		w.inStep()
	})
}
