package sync_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync"
	"sf2xero/sync/document"
	"sf2xero/sync/events"
	"sf2xero/sync/remote"
)

// until is how long what the daemon keeps waiting has still to wait.
func (s *simulation) until(r events.Report) time.Duration {
	if r.Until.IsZero() {
		return 0
	}
	return r.Until.Sub(s.xero.now())
}

// restCycles is the number of cycles within which the daemon comes to rest once nothing goes wrong any more. While Xero
// fails at two deals and takes nothing else, it needs hours to tell that from an outage.
func (s *simulation) restCycles() int {
	if s.draw.Poison {
		return 120
	}
	return 60
}

// comeToRest ends all faults. The daemon must come to rest, and then all must be as it should.
func (s *simulation) comeToRest() {
	s.noted.Lock()
	s.calm = true
	s.noted.Unlock()
	s.crmDoor.Clear()
	s.booksDoor.Clear()
	s.killing.at.Store(uint32(never))
	if s.dead.Load() {
		s.bury()
	}
	if s.astray {
		s.backHome()
	}
	for _, deal := range s.deals {
		s.lockedRows[deal] = false
		s.must(s.crm.UnlockRecord(deal))
	}
	// The admin has read the log.
	s.mapping = strings.Replace(strings.Replace(s.mapping, "PO_Numbre__c", "PO_Number__c", 1), "\nbills:\n", "\ninvoices:\n", 1)
	s.roundTheTotal()
	s.note("all is calm")
	// Rows of Salesforce must be visible; then a day is the longest that anything waits for: for what Xero refused, and for
	// the nightly sweep.
	time.Sleep(20 * time.Minute)
	if s.draw.Markless { // it has stopped creating, and says so; what it made before, the ledger has looked at
		for range 6 {
			if s.cycle == nil && !s.boot() {
				return
			}
			_, _ = s.oneCycle()
			time.Sleep(11 * time.Minute)
		}
		return
	}
	if !s.rests() {
		return
	}
	if len(s.ledger.pairs) > 0 {
		if s.pairsAreHeld(); !s.rests() {
			return
		}
	}
	s.nothingForgotten()
	s.nothingMended()
	time.Sleep(25 * time.Hour)
	if !s.rests() {
		return
	}
	s.atRest()
}

func (s *simulation) owed() (text string) {
	s.view(func(tx *store.Tx) error {
		for w := range tx.WriteBacks(store.Key{}) {
			row, ok := s.crm.Get(map[string]string{document.Invoices: "Opportunity", document.Contacts: "Account"}[w.Entry], w.ID)
			if !ok || row["IsDeleted"] == true || s.outOfSight[w.ID] || s.hiddenOnce[w.ID] || w.Tries > 0 {
				continue
			}
			text += fmt.Sprintf("\nthe row of %s (%d tries: %s)", w.Key, w.Tries, w.Error)
		}
		return nil
	})
	return text
}

func (s *simulation) rests() bool {
	var last error
	for range s.restCycles() {
		if s.cycle == nil && !s.boot() {
			return false
		}
		r, err := s.oneCycle()
		last = err
		var other *sync.OtherWriter
		if errors.As(err, &other) {
			s.stops(firstDaemon)
		}
		if errors.As(err, &other) || remote.ClassOf(err) == remote.BadConfig && s.company.New {
			s.company.New = false
			s.stopped()
			continue
		}
		if err == nil && r.Queued == 0 && r.Until.IsZero() && s.owed() == "" {
			return true
		}
		wait := 10 * time.Minute
		if until := s.until(r); until > 0 {
			wait = min(wait, until+time.Minute)
		}
		if s.draw.PerDay > 0 {
			wait = max(wait, 30*time.Minute) // it may have to wait for tomorrow's calls
		}
		time.Sleep(wait + time.Duration(s.hash("grain", s.cycles)%1_000_000))
	}
	if s.cycle == nil && !s.boot() {
		return false
	}
	s.breach("the daemon does not come to rest within %d cycles (%v): %s%s", s.restCycles(), last, s.undecided(), s.owed())
	return false
}
