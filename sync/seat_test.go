package sync_test

import (
	"context"
	"os"
	"path/filepath"
	gosync "sync"

	"sf2xero/store"
	"sf2xero/sync"
	"sf2xero/sync/events"
)

// seat is one of several daemons that serve one company, each with a store of its own.
type seat struct {
	w      *world
	holder string
	path   string
	db     *store.DB
	cycle  *sync.Cycle
}

// seats makes places for further daemons. The world's own one is the first.
func (w *world) seats(holders ...string) (all []*seat) {
	for i, holder := range holders {
		s := &seat{w: w, holder: holder, path: filepath.Join(filepath.Dir(w.path), holder+".db")}
		if i == 0 {
			s.path = w.path
		}
		all = append(all, s)
	}
	return all
}

// sits runs something as this daemon: what the world does with "the" daemon, it does with this one.
func (s *seat) sits(do func()) {
	w := s.w
	path, db, cycle, holder := w.path, w.db, w.cycle, w.Holder
	w.path, w.db, w.cycle, w.Holder = s.path, s.db, s.cycle, s.holder
	defer func() {
		s.path, s.db, s.cycle = w.path, w.db, w.cycle
		w.path, w.db, w.cycle, w.Holder = path, db, cycle, holder
	}()
	do()
}

// opens starts this daemon, as far as its store.
func (s *seat) opens() {
	s.sits(func() {
		if s.w.cycle == nil {
			s.w.start()
		}
	})
}

// meanwhile runs a cycle of each at the same time, and returns what came of them.
func (w *world) meanwhile(seats []*seat, run func(*seat) error) []error {
	errs := make([]error, len(seats))
	var running gosync.WaitGroup
	for i, s := range seats {
		s.opens()
		running.Go(func() { errs[i] = run(s) })
	}
	running.Wait()
	return errs
}

func (s *seat) cycles(ctx context.Context) error {
	_, err := s.cycle.Run(ctx)
	return err
}

func (s *seat) once(ctx context.Context) error {
	_, err := s.cycle.Once(ctx, func(events.Report) {})
	return err
}

// leaves ends every daemon that still runs.
func (w *world) leave(seats []*seat) {
	for _, s := range seats {
		s.sits(w.shutDown)
	}
}

// copyFrom begins this daemon's store as a copy of another's.
func (w *world) copyFrom(path string) {
	w.Helper()
	text, err := os.ReadFile(path)
	w.must(err)
	w.must(os.WriteFile(w.path, text, 0o600))
}
