package sync_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	gosync "sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/salesforce"
	"sf2xero/salesforce/salesforcetest"
	"sf2xero/store"
	"sf2xero/store/storetest"
	"sf2xero/sync"
	"sf2xero/sync/events"
	"sf2xero/sync/faults"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
	"sf2xero/xero/xerotest"
	"sf2xero/xero/xerotest/conform"
)

// company says what kind of company a world holds; the zero value is the one of the example mapping.
type company struct {
	Edits      []string // changes of the example mapping: old, new, old, new, …
	Settle     time.Duration
	Salesforce salesforcetest.Options
	Xero       xerotest.Options
	Slow       time.Duration  // how long Xero takes over a write; zero: as any call
	Behind     time.Duration  // how far the daemon's own clock is behind that of both services
	New        bool           // as run --new
	Takeover   bool           // as run --takeover
	Holder     string         // what the daemon is called in its row
	Limits     *remote.Limits // how the daemon paces itself towards Xero; nil: as Xero asks
}

// world is one company with everything around it: both services, the network between, the people, and a daemon that can
// be killed. Nothing in it is a stand-in but the services themselves: real clients, a real store file, the real cycle.
type world struct {
	testing.TB
	company
	crm       *salesforcetest.Org
	books     *xerotest.Organisation
	crmDoor   *faults.Door
	booksDoor *faults.Door
	network   *faults.Network
	mapping   string // what mapping.yaml says now
	path      string // of the store file
	db        *store.DB
	cycle     *sync.Cycle
	log       *logbook
	usual     customer

	mu       gosync.Mutex
	fates    []fate
	answered []fate
	killing  killer
	tokens   atomic.Int64             // of leases that were made up
	opened   atomic.Pointer[store.DB] // the store of the daemon that was started last: several may be at work at once
	suspends atomic.Int64             // nanoseconds: for how long the machine is suspended once, right after an attempt was stored
	sent     atomic.Int64             // writes to Xero
	commits  atomic.Int64             // of the store
	dead     atomic.Bool              // the daemon was killed: whatever it still tries has no effect
	stop     context.CancelFunc
	refused  bool // the test itself makes Xero refuse calls for their number
}

// The library beneath the Salesforce client writes to the standard logger; the program silences it in main.
func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	if stride > 1 {
		debug.SetGCPercent(400) // many small worlds, each thrown away whole: the race detector pays most for collecting them
	}
	os.Exit(m.Run())
}

// monday is when every world begins: 21:00 in Auckland, 08:00 UTC.
func monday() time.Time { return time.Date(2026, time.November, 9, 8, 0, 0, 0, time.UTC) }

const (
	crmURL  = "https://example.my.salesforce.com"
	crmHost = "example.my.salesforce.com"
)

// inWorld runs a test in a world of its own, in fake time.
func inWorld(t *testing.T, c company, test func(w *world)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(newWorld(t, c)) })
}

// newWorld makes a company and its services. The daemon starts with the first cycle.
func newWorld(t testing.TB, c company) *world {
	t.Helper()
	if c.Settle == 0 {
		c.Settle = 10 * time.Minute
	}
	time.Sleep(time.Until(monday().Add(-c.Behind)))
	if c.Behind != 0 {
		ahead := func() time.Time { return time.Now().Add(c.Behind) }
		c.Salesforce.Now, c.Xero.Now = ahead, ahead
	}
	w := &world{TB: t, company: c, log: &logbook{}, path: filepath.Join(t.TempDir(), "sf2xero.db")}
	w.crm, w.books = salesforcetest.New(c.Salesforce), xerotest.New(c.Xero)
	w.crmDoor = faults.NewDoor(w.crm)
	w.booksDoor = faults.NewDoor(conform.Handler(t, w.books)) // behind the door: what the door breaks on purpose is no finding
	w.network = &faults.Network{
		Hosts:   map[string]http.Handler{crmHost: encrypted(w.crmDoor), "api.xero.com": w.booksDoor, "identity.xero.com": w.booksDoor},
		Latency: w.latency, Fate: w.fateOf,
	}
	example, err := os.ReadFile(filepath.Join("..", "mapping", "testdata", "example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	w.mapping = rounded(string(example))
	w.editMapping(c.Edits...)
	w.furnish()
	t.Cleanup(w.end)
	return w
}

// encrypted is a server behind the proxy that takes the encryption off, as each of Salesforce's is.
func encrypted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Forwarded-Proto", "https")
		h.ServeHTTP(rw, r)
	})
}

// end is the end of every world: nothing on its way, the promises kept, the store sound.
func (w *world) end() {
	if w.db != nil {
		_ = w.db.Abandon()
	}
	w.network.Close()
	w.crmDoor.Close()
	w.booksDoor.Close()
	w.nothingTwice()
	w.withinLimits()
	w.keepsSecrets()
	storetest.Check(w, w.path)
	if w.Failed() {
		w.Logf("the daemon's log:\n%s", w.log.tail(20_000))
	}
}

// rounded has the total in cents: Salesforce keeps its sums unrounded, and an invoice cannot come to 84.915.
func rounded(mapping string) string {
	return strings.Replace(mapping, "total: =Amount ", "total: =ROUND(Amount, 2) ", 1)
}

// editMapping replaces parts of mapping.yaml; each must be there.
func (w *world) editMapping(edits ...string) {
	w.Helper()
	for i := 0; i+1 < len(edits); i += 2 {
		if !strings.Contains(w.mapping, edits[i]) {
			w.Fatalf("the mapping has no %q", edits[i])
		}
		w.mapping = strings.Replace(w.mapping, edits[i], edits[i+1], 1)
	}
}

// start opens the store and connects, as a new process does.
func (w *world) start() {
	w.Helper()
	if err := w.tryStart(); err != nil {
		w.Fatal(err)
	}
}

func (w *world) tryStart() error {
	w.dead.Store(false)
	db, err := store.Open(w.path, store.Options{Before: w.beforeCommit, After: w.afterCommit, NoSync: true})
	if err != nil {
		return err
	}
	w.opened.Store(db)
	id, secret, _ := w.crm.Credentials()
	crm, err := salesforce.New(salesforce.Options{LoginURL: crmURL, ClientID: id, ClientSecret: remote.Secret(secret), Base: w, Pacer: remote.NewPacer(remote.Limits{InFlight: 5})})
	if err != nil {
		return errors.Join(err, db.Abandon())
	}
	id, secret = w.books.Credentials()
	options := xero.Options{ClientID: id, ClientSecret: remote.Secret(secret), Base: w}
	if w.Limits != nil {
		options.Pacer = remote.NewPacer(*w.Limits)
	}
	books, err := xero.New(options)
	if err != nil {
		return errors.Join(err, db.Abandon())
	}
	w.db = db
	w.cycle = &sync.Cycle{
		Salesforce: crm, Xero: books, Store: db, Policy: plan.Everything, Log: events.New(w.log),
		Mapping:  func() (string, []byte, error) { return "mapping.yaml", []byte(w.mapping), nil },
		Settings: sync.Settings{Settle: w.Settle, Overlap: 15 * time.Minute, New: w.New, Takeover: w.Takeover, Holder: w.Holder},
	}
	w.cycle.SetTokens(func() string { return fmt.Sprintf("token-%d", w.tokens.Add(1)) })
	return nil
}

// shutDown ends the daemon as SIGTERM does: it gives its lease back, and the store knows that it was closed.
func (w *world) shutDown() {
	w.Helper()
	if w.db == nil {
		return
	}
	w.cycle.Release(w.Context())
	if err := w.db.Close(); err != nil {
		w.Fatal(err)
	}
	w.db, w.cycle = nil, nil
}

// bury ends the daemon as kill -9 does.
func (w *world) bury() {
	w.Helper()
	if w.db == nil {
		return
	}
	if err := w.db.Abandon(); err != nil {
		w.Fatal(err)
	}
	w.db, w.cycle = nil, nil
}

// loseStore deletes the store file of a daemon that is not running.
func (w *world) loseStore() {
	w.Helper()
	if err := os.Remove(w.path); err != nil {
		w.Fatal(err)
	}
}

// copyStore keeps the store file as it is now, and returns how to put it back.
func (w *world) copyStore() (restore func()) {
	w.Helper()
	kept, err := os.ReadFile(w.path)
	if err != nil {
		w.Fatal(err)
	}
	return func() {
		w.Helper()
		if err := errors.Join(os.Remove(w.path), os.WriteFile(w.path, kept, 0o600)); err != nil {
			w.Fatal(err)
		}
	}
}

// otherOrganisation connects the daemon's next start to another Xero organisation, whose books are as new.
func (w *world) otherOrganisation(seed string) {
	w.Xero.Seed = seed
	w.books = xerotest.New(w.Xero)
	w.booksDoor = faults.NewDoor(conform.Handler(w, w.books))
	w.network.Hosts["api.xero.com"], w.network.Hosts["identity.xero.com"] = w.booksDoor, w.booksDoor
}

// otherOrg connects the daemon's next start to another Salesforce org with nothing in it.
func (w *world) otherOrg(seed string) {
	w.Salesforce.Seed = seed
	w.crm = salesforcetest.New(w.Salesforce)
	w.crmDoor = faults.NewDoor(w.crm)
	w.network.Hosts[crmHost] = encrypted(w.crmDoor)
}

// RoundTrip is how the daemon reaches the network: not at all while a write transaction of the store is open in the same
// goroutine, because bbolt would wait for itself, and everybody else with it.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if db := w.opened.Load(); db != nil && db.InUpdate() && insideUpdate() {
		w.Errorf("%s %s is called inside a write transaction of the store", r.Method, r.URL.Path)
	}
	if w.dead.Load() || w.dies(beforeCall) {
		return nil, errKilled
	}
	if r.Method != http.MethodGet && strings.HasPrefix(r.URL.Path, "/api.xro/") {
		w.sent.Add(1)
	}
	answer, err := w.network.RoundTrip(r)
	w.afterwards(r.Method, r.URL.Path)
	if w.dead.Load() || w.dies(afterCall) {
		return nil, errKilled
	}
	return answer, err
}

func insideUpdate() bool { return inside("store.(*DB).Update") }

// inside is true while a function runs that has this name.
func inside(name string) bool {
	var pcs [200]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, name) {
			return true
		}
		if !more {
			return false
		}
	}
}

// latency is a function of the call alone, to the nanosecond: two worlds with the same calls are the same world.
func (w *world) latency(c faults.Call) (there, back time.Duration) {
	h := sha256.New()
	fmt.Fprint(h, c.Method, c.Path, c.Query, c.Seen)
	h.Write(c.Body)
	sum := h.Sum(nil)
	there = 20*time.Millisecond + time.Duration(binary.LittleEndian.Uint32(sum)%80_000_000)
	back = 20*time.Millisecond + time.Duration(binary.LittleEndian.Uint32(sum[4:])%80_000_000)
	if w.Slow > 0 && c.Method != http.MethodGet && strings.HasPrefix(c.Path, "/api.xro/") {
		back += w.Slow
	}
	return there, back
}

// logbook is the daemon's log.
type logbook struct {
	mu  gosync.Mutex
	buf bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logbook) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *logbook) tail(n int) string {
	text := l.text()
	return text[max(0, len(text)-n):]
}

// slowUnderRace skips what is long and sequential: the race detector has nothing to say about it, and makes it ten times longer.
func slowUnderRace(t *testing.T) {
	t.Helper()
	if stride > 1 {
		t.Skip("the race detector has nothing to say about this, and makes it slow")
	}
}
