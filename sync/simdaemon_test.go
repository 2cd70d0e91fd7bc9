package sync_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync"
	"sf2xero/sync/events"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
	"sf2xero/xero/xerotest"
)

// play is the life of a world: people work and things go wrong, then nothing goes wrong any more and all comes to rest.
func (s *simulation) play() {
	done := make(chan struct{})
	defer func() {
		if p := recover(); p != nil {
			s.breach("the world ended: %v", p)
			<-done
		}
	}()
	end := time.Now().Add(time.Duration(s.draw.Days-1)*24*time.Hour + busy + 15*time.Minute)
	events := s.acts()
	go func() {
		defer close(done)
		s.liveThrough(events)
	}()
	second := make(chan struct{})
	go func() {
		defer close(second)
		if s.draw.Twin {
			(&twin{s: s, log: &logbook{}}).live(time.Now().Add(busy))
		}
	}()
	s.serve(end)
	<-done
	<-second
	s.comeToRest()
}

// serve is the daemon's life and deaths until a moment.
func (s *simulation) serve(end time.Time) {
	began := time.Now()
	cyclesLeft := 0
	for time.Now().Before(end) {
		if s.cycle == nil {
			if !s.boot() {
				time.Sleep(time.Minute)
				continue
			}
			cyclesLeft = 4 + int(s.hash("stop", s.lives)%60)
		}
		r, err := s.oneCycle()
		pause := s.pause(began)
		if wait := s.until(r); wait > 0 {
			pause = min(pause, max(wait, 2*time.Second))
		}
		var other *sync.OtherWriter
		cyclesLeft--
		switch {
		case s.dead.Load():
			s.bury()
			s.note("the daemon is dead")
			s.afterlife()
			continue
		case errors.As(err, &other):
			s.note("the daemon ends: %v", err)
			s.stops(firstDaemon)
			s.stopped()
			s.staysStopped()
			time.Sleep(time.Duration(s.hash("other", s.lives) % uint64(10*time.Minute)))
			continue
		case s.astray && (remote.ClassOf(err) == remote.BadConfig || cyclesLeft <= 0):
			s.note("the daemon ends: %v", err)
			s.backHome()
			continue
		case remote.ClassOf(err) == remote.BadConfig && s.company.New:
			s.company.New = false // a person was wrong in saying that nobody served this organisation
			s.stopped()
			continue
		case cyclesLeft <= 0:
			s.stopped()
			s.note("the daemon is stopped")
			s.afterlife()
			continue
		}
		time.Sleep(pause)
	}
}

// stopped ends the daemon as SIGTERM does: it gives its lease back. It may be killed in that.
func (s *simulation) stopped() {
	s.cycle.Release(s.Context())
	if err := s.db.Close(); err != nil && !s.dead.Load() && !errors.Is(err, errFull) {
		s.breach("the store does not close: %v", err)
	}
	s.db, s.cycle = nil, nil
}

// pause is the time between two cycles: short while people are at work, long at night.
func (s *simulation) pause(began time.Time) time.Duration {
	into := time.Since(began) % (24 * time.Hour)
	if into < busy+10*time.Minute {
		return time.Duration(60+s.hash("pause", s.cycles)%400)*time.Second + time.Duration(s.hash("grain", s.cycles)%1_000_000)
	}
	return min(24*time.Hour-into, 9*time.Hour) + time.Duration(s.hash("grain", s.cycles)%1_000_000)
}

// boot starts the daemon on the store that is there.
func (s *simulation) boot() bool {
	s.lives++
	s.booted.Store(true)
	s.dead.Store(false)
	s.killing.at.Store(uint32(never))
	if h := s.hash("kill", s.lives); !s.isCalm() && int(h%100) < s.draw.Kills {
		at := []moment{beforeCommit, afterCommit, beforeCall, afterCall}[h>>8%4]
		nth := 1 + int(h>>16%60)
		if h>>24%3 == 0 {
			nth = 1 + int(h>>16%12) // between two pages of a first watch, between a cursor and its plan
		}
		s.killAt(at, nth)
	}
	_, err := os.Stat(s.path)
	fresh := err != nil
	db, err := store.Open(s.path, store.Options{Before: s.commits(beforeCommit), After: s.commits(afterCommit), NoSync: true, ID: fmt.Sprintf("S%dL%d", s.seed, s.lives)})
	if err != nil {
		s.note("the daemon cannot open its store: %v", err)
		if !s.dead.Load() {
			s.breach("the store does not open: %v", err)
		}
		return false
	}
	unclean, why := db.Unclean()
	s.note("daemon %d starts on %s: new %t, unclean %t %s", s.lives, filepath.Base(s.path), fresh, unclean, why)
	base := http.RoundTripper(s)
	if s.cut.base != nil {
		base = s.cut.base(s)
	}
	serving := s.world.books
	if s.astray {
		serving = s.strangers
	}
	var pacer *remote.Pacer
	if s.draw.Tight {
		pacer = remote.NewPacer(remote.Limits{InFlight: 2, PerMinute: 9})
	}
	s.db = db
	s.cycle = s.daemon(db, base, s.address(), serving, pacer, s.followed(s.log))
	read := s.cycle.Mapping
	s.cycle.Mapping = func() (string, []byte, error) {
		file, text, err := read()
		s.edits.force.mu.Lock()
		defer s.edits.force.mu.Unlock()
		s.edits.force.read = string(text)
		return file, text, err
	}
	s.cycle.Settings.New = s.company.New && s.lives == 1
	s.cycle.Settings.Holder, s.cycle.Settings.Takeover = firstDaemon, hasStopped(db)
	s.cycle.SetTokens(s.tokens("first", s.lives))
	planned := map[store.Key]string{}
	s.cycle.Planned = func(step plan.Step) {
		if text := fmt.Sprintf("%s: %s", step.Do, step.Why); planned[step.Key] != text {
			planned[step.Key] = text
			s.note("  plan %s %s", step.Key, text)
		}
	}
	life := s.lives
	s.cycle.SetStagger(func(call uint64) { time.Sleep(time.Duration(1 + s.hash("stagger", life, call)%1_000_000)) })
	if s.cut.safeguard != "" {
		s.cycle.SetWithout(s.cut.safeguard)
	}
	return true
}

// daemon is a cycle on a store, with its own way to the two services.
func (s *simulation) daemon(db *store.DB, base http.RoundTripper, crmURL string, serving *xerotest.Organisation, pacer *remote.Pacer, log io.Writer) *sync.Cycle {
	id, secret, _ := s.crm.Credentials()
	crm, err := salesforce.New(salesforce.Options{LoginURL: crmURL, ClientID: id, ClientSecret: remote.Secret(secret), Base: base, Pacer: remote.NewPacer(remote.Limits{InFlight: 5})})
	s.must(err)
	id, secret = serving.Credentials()
	books, err := xero.New(xero.Options{ClientID: id, ClientSecret: remote.Secret(secret), Base: base, Pacer: pacer})
	s.must(err)
	return &sync.Cycle{
		Salesforce: crm, Xero: books, Store: db, Policy: plan.Everything, Log: events.New(log),
		Mapping: func() (string, []byte, error) {
			s.mapped.Lock()
			defer s.mapped.Unlock()
			return "mapping.yaml", []byte(s.mapping), nil
		},
		Settings: sync.Settings{Settle: s.draw.Settle, Overlap: 15 * time.Minute},
	}
}

// address is where Salesforce is found at this start.
func (s *simulation) address() string {
	if s.draw.Renamed && s.lives > 1 {
		return "https://" + renamedHost
	}
	return crmURL
}

func (s *simulation) commits(at moment) func() error {
	life, n := s.lives, 0
	suspend := s.suspending("first", life)
	return func() error {
		if s.dies(at) {
			return errKilled
		}
		n++
		if at == beforeCommit && !s.isCalm() && s.cycle != nil && int(s.hash("full", life, n)%100) < s.draw.Full {
			s.note("the disk is full")
			return errFull
		}
		if at == afterCommit {
			s.note("commit")
			return suspend()
		}
		return nil
	}
}

// errFull is a commit for which there is no room: nothing of it is written, and the next one may find some.
var errFull = fmt.Errorf("the store cannot grow: %w", syscall.ENOSPC)

func (s *simulation) oneCycle() (events.Report, error) {
	s.cycles++
	ctx, stop := context.WithCancel(s.Context())
	defer stop()
	s.stop = stop
	s.noted.Lock()
	close(s.begins)
	s.begins = make(chan struct{})
	s.noted.Unlock()
	r, err := s.cycle.Run(ctx)
	if !s.dead.Load() {
		s.linkedRightly()
	}
	switch {
	case err != nil:
		s.note("cycle %d failed: %v", s.cycles, err)
	default:
		s.connected = s.connected || !s.astray
		s.note("cycle %d: made %d, changed %d, adopted %d, held %d, queued %d, wrote %d until %v", s.cycles, r.Made, r.Changed, r.Adopted, r.Held, r.Queued, r.WroteBack, s.until(r))
	}
	return r, err
}

// afterlife is what becomes of a daemon that has ended: it starts again on its store, on an older copy of it, without
// any, or on another host with a store of its own.
func (s *simulation) afterlife() {
	h := s.hash("afterlife", s.lives)
	pause := time.Duration(h >> 16 % uint64(5*time.Minute))
	switch h >> 40 % 6 {
	case 0, 1:
		pause %= 10 * time.Second // as whatever restarts containers does
	case 2:
		pause *= 8
	}
	now, err := os.ReadFile(s.path)
	if err != nil { // it was killed before there was one
		time.Sleep(pause)
		return
	}
	old := s.oldStores
	if s.oldStores = append(s.oldStores, now); len(s.oldStores) > 3 {
		s.oldStores = s.oldStores[1:]
	}
	away := func() {
		// The old file stays where it is under another name: its place on the disk must not be given to the next.
		s.must(os.Rename(s.path, filepath.Join(s.dir, fmt.Sprint("gone-", s.lives))))
		s.connected, s.astray = false, false
		s.forgot.Store(true)
	}
	if s.draw.Jumps && h>>50%2 == 0 {
		s.clockJumps(time.Duration(h >> 13 % uint64(3*time.Hour)))
	}
	n := h % 100
	if s.draw.Lossy {
		n, pause = 20, pause%(10*time.Second)
	}
	switch {
	case s.draw.Markless: // without marks in Xero only the store knows what was made: the one thing that must not be lost there
	case n < 12 && len(old) > 0:
		copied := filepath.Join(s.dir, "copy")
		s.must(os.WriteFile(copied, old[h>>8%uint64(len(old))], 0o600))
		away()
		s.must(os.Rename(copied, s.path))
		s.note("an older copy of the store is put back")
	case n < 24:
		away()
		s.note("the store is lost")
	case n < 28 && s.connected:
		s.astray = true
		s.note("somebody connects the daemon to another organisation")
	case n < 36:
		// Another host takes over, or hands back. What the one before sent must have shown by then.
		next := filepath.Join(s.dir, fmt.Sprintf("host-%d.db", h>>8%2))
		if next != s.path {
			s.path = next
			pause += s.draw.Settle + time.Minute
			s.connected, s.astray = false, false
			s.forgot.Store(true)
		}
		s.note("the daemon moves to %s", filepath.Base(s.path))
	}
	time.Sleep(pause)
}

// backHome is a person who reads why the daemon refused to serve the strangers, whose books it has not touched.
func (s *simulation) backHome() {
	if n := len(s.strangers.Invoices()) + len(s.strangers.Contacts()); n > 0 {
		s.breach("%d documents are in somebody else's books", n)
	}
	if s.astray = false; s.cycle != nil {
		s.stopped()
	}
}

// clockJumps sets the clock of the daemon's machine forward: time passes there, and nowhere else.
func (s *simulation) clockJumps(by time.Duration) {
	s.note("the machine's clock is set forward by %s", by)
	s.xero.freeze()
	s.crmClock.freeze()
	time.Sleep(by)
	s.xero.thaw()
	s.crmClock.thaw()
	s.jumped += by
}
