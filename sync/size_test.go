package sync_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"sf2xero/store"
)

var days = flag.Int("days", 10, "how many days of steady work TestTheStoreStaysSmall simulates; a year takes about 20 minutes")

// A company that wins 20 deals on every day, edits some afterwards, sees most of them approved and paid, and has one held
// for a day. What a deal costs in the store is stated, and what the nightly backup takes.
func TestTheStoreStaysSmall(t *testing.T) {
	slowUnderRace(t)
	inWorld(t, company{New: true}, func(w *world) {
		size := func(path string) int64 {
			info, err := os.Stat(path)
			w.must(err)
			return info.Size()
		}
		var deals []string
		for day := range *days {
			at := time.Now()
			if day%3 == 0 {
				w.usual.account = w.account(fmt.Sprint("Customer ", day), nil)
			}
			date := map[string]any{"CloseDate": at.Format(time.DateOnly)}
			for n := range 20 {
				items := []item{w.licence("2", "100.00"), w.service("1", "50.00")}
				if n == 0 {
					items = nil // held until somebody adds a product
				}
				deal := w.deal(w.usual.account, fmt.Sprintf("Deal %d of day %d", n, day), date, items...)
				w.win(deal)
				deals = append(deals, deal)
			}
			for range 4 { // every cycle leaves the same behind; what matters is what there is to do
				time.Sleep(3 * time.Hour)
				w.run()
			}
			today := deals[20*day:]
			w.addLine(today[0], 1, w.licence("1", "100.00"))
			for _, deal := range today[1:5] {
				w.change("Opportunity", deal, map[string]any{"PO_Number__c": "PO-" + deal})
			}
			if day > 0 { // yesterday's are approved and paid
				for _, deal := range deals[20*day-20 : 20*day-2] {
					inv := w.invoice(deal)
					w.must(w.books.Approve(inv.InvoiceID))
					_, err := w.books.Pay(inv.InvoiceID, inv.AmountDue)
					w.must(err)
				}
			}
			for time.Since(at) < 24*time.Hour {
				time.Sleep(3 * time.Hour)
				w.run()
			}
			if day == 0 || day+1 == *days || (day+1)%73 == 0 {
				backups := w.backups()
				stored, backup := size(w.path), size(w.path+backups[len(backups)-1])
				w.Logf("after %d days and %d deals: the store has %.1f MB, its backup %.1f MB; %.1f kB for each deal", day+1, len(deals),
					float64(stored)/1e6, float64(backup)/1e6, float64(backup)/1e3/float64(len(deals)))
			}
		}
		w.quiet()
		w.inStep()
		if events, kept := w.journal(), 100_000; events > kept {
			w.Errorf("the journal has %d events, at most %d are kept", events, kept)
		}
		if stored := size(w.path); stored > int64(1<<20+len(deals)*30_000) {
			w.Errorf("%d bytes for %d deals", stored, len(deals))
		}
	})
}

// journal counts the events that the store remembers.
func (w *world) journal() (n int) {
	w.view(func(tx *store.Tx) error {
		for range tx.Events(time.Time{}) {
			n++
		}
		return nil
	})
	return n
}
