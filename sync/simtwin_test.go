package sync_test

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"sf2xero/store"
	"sf2xero/sync"
)

// twin is a second daemon that somebody has started for the same company, with a store of its own. Both go on until one
// sees what the other has made. It lives only in worlds whose mapping numbers the invoices: without that, two daemons
// that meet one new deal in the same minute are what no rule closes.
type twin struct {
	s     *simulation
	cycle *sync.Cycle
	db    *store.DB
	lives int
}

// RoundTrip is its way to the network. Nobody kills it.
func (w *twin) RoundTrip(r *http.Request) (*http.Response, error) {
	w.s.leaves(r)
	return w.s.network.RoundTrip(r)
}

// live is its life: some of the time in which people are at work.
func (w *twin) live(end time.Time) {
	time.Sleep(time.Duration(w.s.hash("twin begins") % uint64(busy/2)))
	for n := 0; time.Now().Before(end); n++ {
		if w.cycle == nil {
			w.start()
		}
		_, err := w.cycle.Run(w.s.Context())
		pause := time.Duration(30+w.s.hash("twin", n)%150)*time.Second + time.Duration(w.s.hash("twin grain", n)%1_000_000)
		var other *sync.OtherWriter
		if errors.As(err, &other) {
			w.s.note("the second daemon ends: %v", err)
			w.stop()
			pause *= 4 // until somebody starts it again
		} else if err != nil {
			w.s.note("the second daemon's cycle failed: %v", err)
		}
		time.Sleep(pause)
	}
	w.stop()
}

func (w *twin) start() {
	s := w.s
	w.lives++
	db, err := store.Open(filepath.Join(s.dir, "twin.db"), store.Options{NoSync: true, ID: fmt.Sprintf("S%dT%d", s.seed, w.lives)})
	s.must(err)
	w.db, w.cycle = db, s.daemon(db, w, crmURL, s.world.books, nil, &logbook{})
	w.cycle.SetStagger(func(call uint64) { time.Sleep(time.Duration(1 + s.hash("twin stagger", w.lives, call)%1_000_000)) })
	s.note("a second daemon starts")
}

func (w *twin) stop() {
	if w.cycle == nil {
		return
	}
	if err := w.db.Close(); err != nil {
		w.s.breach("the second store does not close: %v", err)
	}
	w.db, w.cycle = nil, nil
}
