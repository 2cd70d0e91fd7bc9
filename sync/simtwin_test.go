package sync_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sf2xero/store"
	"sf2xero/sync"
	"sf2xero/sync/remote"
)

// twin is a second daemon that somebody has started for the same company, with a store of its own. Where Salesforce has the
// object by which they know of each other, one serves and the other stands aside. Where it has not, both go on until each
// sees what the other has made; what they have both made by then is what no rule closes, unless the mapping numbers the
// invoices.
type twin struct {
	s     *simulation
	cycle *sync.Cycle
	db    *store.DB
	log   *logbook
	lives int
	knows bool // its store began as a copy of one that knows what there is
}

// The two daemons of a world, as its auditor calls them.
const (
	firstDaemon  = "the first daemon"
	secondDaemon = "the second daemon"
)

// RoundTrip is its way to the network. Nobody kills it.
func (w *twin) RoundTrip(r *http.Request) (*http.Response, error) {
	w.s.leaves(r, secondDaemon)
	return w.s.network.RoundTrip(r)
}

// live is its life: some of the time in which people are at work.
func (w *twin) live(end time.Time) {
	if !w.s.draw.TwinFirst {
		time.Sleep(time.Duration(w.s.hash("twin begins") % uint64(busy/2)))
	}
	time.Sleep(time.Duration(1 + w.s.hash("twin instant")%1_000_000)) // not at one instant with the first: who then goes first nobody has drawn
	for n := 0; time.Now().Before(end); n++ {
		if w.cycle == nil {
			w.start()
		}
		looked := w.looked()
		w.noteStart(looked)
		r, err := w.cycle.Run(w.s.Context())
		w.noteStart(looked)
		pause := time.Duration(30+w.s.hash("twin", n)%150)*time.Second + time.Duration(w.s.hash("twin grain", n)%1_000_000)
		if until := w.s.until(r); until > 0 && err == nil {
			pause = min(pause, max(until, 2*time.Second))
		}
		var other *sync.OtherWriter
		switch {
		case errors.As(err, &other):
			w.s.note("the second daemon ends: %v", err)
			w.s.stops(secondDaemon)
			w.stop()
			pause *= 4 // until somebody starts it again
		case remote.ClassOf(err) == remote.BadConfig && w.s.draw.New && w.lives == 1:
			w.s.note("the second daemon ends: %v", err) // a person was wrong in saying that nobody served this organisation
			w.stop()
		case err != nil:
			w.s.note("the second daemon's cycle failed: %v", err)
		case w.s.hash("twin stops", n)%40 == 0:
			w.s.note("the second daemon is stopped")
			w.stop()
		}
		w.rests(n, pause)
	}
	w.stop()
}

// rests until its next cycle, which in some worlds begins with the first daemon's.
func (w *twin) rests(n int, pause time.Duration) {
	if !w.s.draw.TwinTogether || w.cycle == nil {
		time.Sleep(pause)
		return
	}
	w.s.noted.Lock()
	begins := w.s.begins
	w.s.noted.Unlock()
	select {
	case <-begins:
		time.Sleep(time.Duration(1 + w.s.hash("together", n)%2_000_000_000))
	case <-time.After(pause + 8*time.Minute):
	}
}

// looked is true once it has read Salesforce whole, or begun with a copy of a store that has.
func (w *twin) looked() bool {
	return w.knows || strings.Contains(w.log.text(), `"first":true`)
}

// noteStart notes a new store that begins while the start is moved back: what it reaches, no edit has let in there (seed 20572).
func (w *twin) noteStart(looked bool) {
	w.s.mapped.Lock()
	defer w.s.mapped.Unlock()
	if !looked && strings.Contains(w.s.mapping, "start: 2026-10-01") {
		w.s.edits.twinEarly.Store(true)
	}
}

func (w *twin) start() {
	s := w.s
	w.lives++
	path := filepath.Join(s.dir, "twin.db")
	if w.lives == 1 && s.draw.TwinClone && s.db != nil {
		s.cloneStore(path)
		w.knows = s.sawWide()
	}
	db, err := store.Open(path, store.Options{NoSync: true, ID: fmt.Sprintf("S%dT%d", s.seed, w.lives), After: s.suspending("twin", w.lives)})
	s.must(err)
	w.db, w.cycle = db, s.daemon(db, w, crmURL, s.world.books, nil, w.log)
	life := w.lives
	w.cycle.Settings.Holder, w.cycle.Settings.New = secondDaemon, s.draw.New && life == 1 && !s.draw.TwinClone
	w.cycle.Settings.Takeover = hasStopped(db)
	w.cycle.SetStagger(func(call uint64) { time.Sleep(time.Duration(1 + s.hash("twin stagger", life, call)%1_000_000)) })
	w.cycle.SetTokens(s.tokens("twin", life))
	if s.cut.safeguard != "" {
		w.cycle.SetWithout(s.cut.safeguard)
	}
	s.note("a second daemon starts")
}

func (w *twin) stop() {
	if w.cycle == nil {
		return
	}
	w.cycle.Release(w.s.Context())
	if err := w.db.Close(); err != nil {
		w.s.breach("the second store does not close: %v", err)
	}
	w.db, w.cycle = nil, nil
}

// cloneStore begins a store as a copy of the daemon's own while that one goes on, as a copied machine does.
func (s *simulation) cloneStore(path string) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	s.must(err)
	s.must(s.db.Backup(f))
	s.must(f.Close())
	s.note("the second daemon's store is a copy of the first's")
}

// hasStopped is true for a store whose daemon has stopped for another one: a person starts it again, with the word for that.
func hasStopped(db *store.DB) (stopped bool) {
	_ = db.View(func(tx *store.Tx) error { stopped = tx.Value("other.writer") != ""; return nil })
	return stopped
}

// tokens are the numbers that one life of a daemon makes up: by chance in the world outside, by the seed here.
func (s *simulation) tokens(who string, life int) func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("%016x%016x", s.hash("token", who, life, n, "a"), s.hash("token", who, life, n, "b"))
	}
}

// suspending suspends the machine now and then, mostly just after an attempt was stored, before its first byte has left.
func (s *simulation) suspending(who string, life int) func() error {
	n := 0
	return func() error {
		n++
		h := s.hash("suspend", who, life, n)
		often := 40 * s.draw.Suspends / 100
		if inside("sync.(*Cycle).writeAhead") {
			often = 10 * s.draw.Suspends
		}
		if s.isCalm() || int(h%1000) >= often {
			return nil
		}
		d := time.Duration(h >> 12 % uint64(2*s.draw.Settle))
		if h>>8%3 == 0 {
			d %= s.draw.Settle / 4 // about the bound
		}
		s.note("the machine of %s is suspended for %s", who, d)
		time.Sleep(d)
		return nil
	}
}

// stops notes that a daemon has stopped for another writer. With the object nobody ever does, but for what a person made at
// the time at which another daemon could have made it.
func (s *simulation) stops(who string) {
	s.noted.Lock()
	s.otherWriters[who]++
	early := s.copiedEarly
	s.noted.Unlock()
	if s.draw.Lease && !early {
		s.breach("%s stops for another writer, although there is a lease", who)
	}
}

// staysStopped is whatever restarts a container: it has looked at nothing, and so nothing may come of it.
func (s *simulation) staysStopped() {
	if s.hash("policy", s.lives)%2 == 0 || s.dead.Load() {
		return
	}
	calls := s.booksDoor.Counts()
	if !s.boot() {
		return
	}
	s.cycle.Settings.Takeover = false
	_, err := s.oneCycle()
	var other *sync.OtherWriter
	if !s.dead.Load() && !errors.As(err, &other) {
		s.breach("a daemon that has stopped for another writer is started again, and that is the end of it: %v", err)
	}
	if after := s.booksDoor.Counts(); !s.draw.Twin && fmt.Sprint(after) != fmt.Sprint(calls) {
		s.breach("a daemon that has stopped calls Xero")
	}
	if s.dead.Load() {
		s.bury()
		return
	}
	s.stopped()
}

// namesAll is true for a hold that says all that can still be known of a pair: somebody has taken the mark off one of the two, and
// then the store was lost, or an older one put back, that knew of both. What is left is the mark on one and the deal's own field on
// the other: no witness says any more who made that. The accountant reads both numbers all the same. Seed 23740.
func (s *simulation) namesAll(h *store.Hold, live []string) bool {
	unmarked := false
	for _, id := range live {
		inv := s.ledger.invoices[id]
		unmarked = unmarked || inv.Url == ""
		if !strings.Contains(h.Text, inv.InvoiceNumber) {
			return false
		}
	}
	return h.Cause == "witness.other" && unmarked && s.forgot.Load()
}

// pairsAreHeld looks, when nothing is on its way any more, at what two daemons have both made: each such deal is held with both
// numbers, and they have stopped. Then the accountant deletes all but one of each.
func (s *simulation) pairsAreHeld() {
	found := false
	for _, record := range sorted(s.ledger.pairs) {
		var live []string
		for _, inv := range s.world.books.Invoices() {
			if s.ledger.markOf(inv).record == record && alive(inv.Status) && !s.ledger.copies[inv.InvoiceID] {
				live = append(live, inv.InvoiceID)
			}
		}
		if len(live) < 2 {
			continue // somebody has ended one of them already
		}
		found = true
		if h := s.held(record); h == nil || h.Cause != "invoice.twice" && h.Cause != "invoice.two" && !s.namesAll(h, live) {
			row, _ := s.crm.Get("Opportunity", record)
			// A store that was lost does not know of a deal that is out of its mapping's sight.
			if row["IsWon"] == true && row["IsDeleted"] != true && !s.hidden(record) && !s.narrowed() {
				s.breach("two daemons have made an invoice each for %s, and it is held for %v", record, h)
			}
		}
		s.ledger.person(func() {
			keep := int(s.hash("keep", record) % uint64(len(live)))
			for i, id := range live {
				if i != keep && s.world.books.Delete(id) != nil {
					_ = s.world.books.Void(id) // a paid one stays, and so do both
				}
			}
		})
		s.note("accountant ends all but one of the invoices of %s", record)
	}
	if found && s.otherWriters[firstDaemon]+s.otherWriters[secondDaemon] == 0 {
		s.breach("two daemons have made the same invoices, and neither has stopped")
	}
}
