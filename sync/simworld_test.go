package sync_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	gosync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// draw is what a seed chooses about its world before anything happens in it.
type draw struct {
	Begin                 time.Time
	Days                  int           // for so long people are at work and things go wrong
	Settle                time.Duration // xero.settle
	Late, Stale, Step     time.Duration // the most that work is done late, lists lag, Xero's clock is set; together less than Settle
	DealSettle            time.Duration // settle: in mapping.yaml
	Visible               time.Duration // the most that rows of Salesforce are seen after their stamp
	XeroAhead, SalesAhead time.Duration // of the daemon's own clock
	Accounts, Acts        int
	Faults                uint64 // of a thousand calls go wrong
	Kills                 int    // of a hundred starts end in a kill
	Status, IfUnwon       string
	Currencies            bool
	New                   bool // begins as run --new
	Tight                 bool // Xero allows so few calls that it matters
	PageMax               int
	NotModified           bool
	ListDeleted           bool
	Poison                bool // one deal at which Xero always fails
	Numbered              bool // the mapping sets InvoiceNumber from the deal
	Renamed               bool // Salesforce's domain is renamed
	Meddler               bool // somebody edits an invoice between any two pages of a list
	Full                  int  // of a hundred commits meet a full disk
	PerDay                int  // calls that Xero allows in a day; 0: 5000
	Blind                 bool // the mapping does not write Xero's id back: there is no third witness
	Twin                  bool // somebody starts a second daemon with a store of its own
	TwinFirst             bool // at the very beginning
	TwinClone             bool // with a copy of the first one's store
	TwinTogether          bool // their cycles fall together
	Lease                 bool // Salesforce has the object by which they know of each other
	Suspends              int  // of a hundred stored attempts are followed by a suspension of the machine
	WrongDates            bool // now and then an answer bears the date of another clock
	Lossy                 bool // whoever restarts the daemon loses its store, at once; set by sabotage only
	Markless              bool // Xero leaves the links out of its lists
	Jumps                 bool // the daemon's own clock is set forward while it is down
	Evenly                bool // Xero rounds half cents to the even one
	Narrow                int  // bytes of a call that a proxy on the way to Xero takes; 0: any
	Match                 string
	Namesakes             bool // Xero has contacts of other customers that share something with an account
	Merging               bool // people clean up: they merge accounts and contacts all day
	Edited                bool // the admin edits which deals are invoiced, and mostly takes it back
	Credit                bool // the condition asks for a field of the account
	Stage                 bool // there are many deals, which are un-won at one instant
	Miscounts             bool // an approval changes a cent of every third invoice
	ByAmount              bool // the mapping gives discounts as amounts
	Sent                  bool // the mapping marks approved invoices as sent
	Street                bool // the customer who is in Xero already has a street address there, and no postal one
	moneyDraw
}

// simulation is the world of one seed.
type simulation struct {
	*world
	seed uint64
	draw draw
	cut  sabotage

	noted      gosync.Mutex // guards the following
	violations []string
	history    []string
	sent       map[string]time.Time // by Idempotency-Key: when a daemon first let a write go
	sentBy     map[string]string    // the same: which
	// By daemon: how often it has stopped because it has met another one.
	otherWriters map[string]int
	begins       chan struct{} // closed when the first daemon's next cycle begins
	copiedEarly  bool          // a person has copied an invoice when another daemon could have made the copy

	refusedLife int       // the daemon that Xero last told that the day's calls are used up
	refusedAt   time.Time // and when

	mapped          gosync.Mutex // guards world.mapping
	calm            bool         // faults have ended
	ledger          ledger
	xero, crmClock  clock
	deals, accounts []string

	booted                 atomic.Bool     // the daemon has been started once: what people see depends on it
	outOfSight, lockedRows map[string]bool // deals, by what people did to them
	hiddenOnce             map[string]bool
	lockDate               string // up to which the books are locked
	archived               bool   // account 210 is
	widened                bool   // the mapping's condition was narrower for a while
	edits                  edits
	several                bool            // Salesforce has several currencies
	subscribed             map[string]bool // currencies that Xero has

	dir       string
	oldStores [][]byte
	hosts     []string               // store files of other hosts
	strangers *xerotest.Organisation // somebody else's books, to which the daemon may be connected by mistake
	connected bool                   // the store has done a whole cycle: it knows whom it serves
	jumped    time.Duration          // by how much the daemon's own clock was set forward
	astray    bool                   // this daemon is connected to the strangers
	forgot    atomic.Bool            // a store was lost, or another one took its place
	lives     int                    // how many daemons have been started
	told      map[string]bool        // deal and cause: holds that the log told of
	linked    map[string]bool        // account and contact: links that were looked at
	cycles    int
}

// clock is how far a service's clock is ahead of the daemon's own.
type clock struct {
	mu     gosync.Mutex
	ahead  time.Duration
	frozen time.Time // what it shows while the daemon's machine jumps ahead; zero: it runs
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return time.Now().Add(c.ahead)
}

func (c *clock) set(ahead time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen.IsZero() {
		c.ahead = ahead
	}
	return c.frozen.IsZero()
}

// freeze stops it, and thaw lets it go on from there.
func (c *clock) freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = time.Now().Add(c.ahead)
}

func (c *clock) thaw() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead, c.frozen = time.Until(c.frozen), time.Time{}
}

// hash is what everything in a seed's world is decided by: the seed and the thing itself, never the order of arrival.
func (s *simulation) hash(parts ...any) uint64 { return hashed(s.seed, parts...) }

func hashed(seed uint64, parts ...any) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		if b, ok := p.([]byte); ok {
			_, _ = h.Write(b)
			continue
		}
		fmt.Fprint(h, p, "\x00")
	}
	x := h.Sum64() ^ seed*0x9e3779b97f4a7c15 // neighbouring seeds must not be neighbouring worlds
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (s *simulation) dice(parts ...any) *rand.Rand {
	return rand.New(rand.NewPCG(s.hash(append(parts, "a")...), s.hash(append(parts, "b")...)))
}

func one[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func upTo(r *rand.Rand, d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return time.Duration(r.Int64N(int64(d)))
}

// drawn is the world of a seed.
func drawn(seed uint64) draw {
	r := rand.New(rand.NewPCG(hashed(seed, "world"), 1))
	d := draw{
		Begin: one(r, monday(), monday().Add(34*time.Hour), time.Date(2027, 4, 3, 9, 0, 0, 0, time.UTC), // Auckland sets its clocks back that night
			time.Date(2026, 12, 30, 20, 0, 0, 0, time.UTC), time.Date(2027, 9, 25, 8, 0, 0, 0, time.UTC), time.Date(2028, 2, 28, 8, 0, 0, 0, time.UTC)),
		Days: one(r, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3), Settle: one(r, 10*time.Minute, 10*time.Minute, 4*time.Minute), DealSettle: one(r, 0, 2*time.Minute, 10*time.Minute),
		Accounts: 2 + r.IntN(5), Acts: 18 + r.IntN(25), Faults: one[uint64](r, 0, 20, 60, 150, 300), Kills: one(r, 0, 30, 60, 90),
		Status: one(r, "DRAFT", "DRAFT", "SUBMITTED", "AUTHORISED", "AUTHORISED"), IfUnwon: one(r, "hold", "delete_draft"),
		Currencies: r.IntN(3) == 0, New: r.IntN(2) == 0, Tight: r.IntN(5) == 0, PageMax: one(r, 0, 3, 5, 8),
		NotModified: r.IntN(2) == 0, ListDeleted: r.IntN(3) == 0, Poison: r.IntN(4) == 0, Numbered: r.IntN(4) == 0,
		Renamed: r.IntN(3) == 0, Meddler: r.IntN(6) == 0,
		Visible:   one(r, 0, 0, 2*time.Minute, 10*time.Minute),
		XeroAhead: one(r, 0, 3*time.Second, -2*time.Minute, 3*time.Hour, -3*time.Hour), SalesAhead: one(r, 0, -5*time.Second, 90*time.Second, 25*time.Minute, -2*time.Hour),
	}
	// The one assumption of the protocol: what Xero has not shown a settle time after it was sent, it will never do.
	room := d.Settle - 30*time.Second
	d.Late, d.Stale = upTo(r, room*9/20), upTo(r, room*9/20)
	if d.Step = upTo(r, (room-d.Late-d.Stale)/2); d.Tight {
		d.Step = 0
	}
	d.Full = one(r, 0, 0, 0, 2, 10)
	if d.Tight && d.PageMax == 3 {
		d.PageMax = 8 // or reading what one call edits takes all calls of a minute, and none is left to send it
	}
	if r.IntN(8) == 0 && !d.Tight {
		d.PerDay, d.Poison = 220+r.IntN(200), false // what Xero always fails at is tried again every hour
	}
	d.Markless, d.Jumps = r.IntN(50) == 0, r.IntN(4) == 0 && !d.Tight
	d.WrongDates, d.Blind = r.IntN(4) == 0, r.IntN(8) == 0
	numbered := d.Numbered && !d.Tight && !d.Markless && d.PerDay == 0 && r.IntN(2) == 0
	// What came later is drawn by itself, so that the rest of each seed's world stays as it was.
	if d.Twin = numbered || hashed(seed, "twin")%4 == 0 && !d.Tight && !d.Markless && d.PerDay == 0; d.Twin {
		d.Jumps = false
	}
	d.Edited, d.Credit = hashed(seed, "edited")%4 == 0, hashed(seed, "credit")%6 == 0
	if hashed(seed, "stage")%25 == 0 && !d.Tight && !d.Twin {
		d.Stage, d.Status, d.IfUnwon = true, "DRAFT", "delete_draft"
	}
	d.TwinFirst, d.TwinClone = d.Twin && hashed(seed, "twin first")%3 > 0, d.Twin && hashed(seed, "twin clone")%4 == 0
	d.Lease = hashed(seed, "acts")%3 == 0 || d.Twin && hashed(seed, "twin acts")%2 == 0
	d.Suspends = []int{0, 0, 0, 5, 30}[hashed(seed, "suspends")%5]
	d.TwinTogether = d.Twin && hashed(seed, "together")%2 == 0
	if d.TwinClone {
		d.TwinFirst = false
	}
	if d.Twin && d.Lease && hashed(seed, "unnumbered")%4 > 0 {
		d.Numbered = false // or Xero itself would refuse the second invoice
	}
	d.Evenly = hashed(seed, "evenly")%12 == 0
	if hashed(seed, "narrow")%25 == 0 {
		d.Narrow = 6000
	}
	d.Match = []string{"AccountNumber, Name", "AccountNumber, Name", "AccountNumber, EmailAddress, Name", "EmailAddress, Name", "AccountNumber"}[hashed(seed, "match")%5]
	d.Namesakes, d.Merging = hashed(seed, "namesakes")%2 == 0, hashed(seed, "merging")%6 == 0
	d.Miscounts, d.ByAmount, d.Sent = hashed(seed, "miscounts")%8 == 0, hashed(seed, "by amount")%6 == 0, hashed(seed, "sent")%6 == 0
	d.Street = hashed(seed, "street")%2 == 0
	d.moneyDraw = drawnMoney(seed, d.Currencies)
	return d
}

// newSimulation makes the world of a seed, furnished, at its first moment.
func newSimulation(t *testing.T, seed uint64, cut sabotage) *simulation {
	s := &simulation{seed: seed, draw: drawn(seed), cut: cut, sent: map[string]time.Time{}, sentBy: map[string]string{}, begins: make(chan struct{}), otherWriters: map[string]int{}, outOfSight: map[string]bool{}, hiddenOnce: map[string]bool{}, lockedRows: map[string]bool{}, linked: map[string]bool{}, dir: t.TempDir()}
	if cut.draw != nil {
		cut.draw(&s.draw)
	}
	time.Sleep(time.Until(s.draw.Begin))
	s.xero.set(s.draw.XeroAhead)
	s.crmClock.set(s.draw.SalesAhead)
	s.world = &world{TB: judge{t, s}, log: &logbook{}, path: filepath.Join(s.dir, "host-0.db")}
	s.hosts = []string{s.path}
	s.company.Settle, s.company.New = s.draw.Settle, s.draw.New
	s.world.crm = salesforcetest.New(salesforcetest.Options{Now: s.crmClock.now, Acts: s.draw.Lease, Collides: s.collides, Visible: s.visible, MultiCurrency: s.draw.Currencies, Currencies: currencies(s.draw.Currencies)})
	books := xerotest.Options{Now: s.xero.now, Empty: true, PageMax: s.draw.PageMax, NotModified: s.draw.NotModified, ListDeleted: s.draw.ListDeleted, HideURL: s.draw.Markless, HalfEven: s.draw.Evenly}
	books.PerDay = s.draw.PerDay
	if s.draw.Miscounts {
		books.Miscount = s.miscount
	}
	s.draw.Acts *= s.draw.Days
	if s.draw.Tight {
		books.InFlight, books.PerMinute = 2, 9
	}
	s.world.books = xerotest.New(books)
	s.strangers = xerotest.New(xerotest.Options{Now: s.xero.now, Seed: "strangers", Empty: true})
	s.crmDoor = faults.NewDoor(s.world.crm)
	s.booksDoor = faults.NewDoor(http.HandlerFunc(s.audited))
	s.crmDoor.Choose, s.booksDoor.Choose = s.faultInSalesforce, s.faultInXero
	s.network = &faults.Network{
		Hosts: map[string]http.Handler{crmHost: dated(encrypted(s.crmDoor), s.crmClock.now), renamedHost: dated(encrypted(s.crmDoor), s.crmClock.now),
			"api.xero.com": dated(s.booksDoor, s.xero.now), "identity.xero.com": dated(s.booksDoor, s.xero.now),
			"api.xero.com.strangers": dated(s.strangers, s.xero.now), "identity.xero.com.strangers": dated(s.strangers, s.xero.now)},
		Latency: s.latencyOf, Fate: s.fateOf, Lateness: s.latenessOf,
	}
	example, err := os.ReadFile(filepath.Join("..", "mapping", "testdata", "example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.mapping = rounded(string(example))
	s.editMapping("Status: DRAFT ", "Status: "+s.draw.Status+" ", "if_unwon: hold", "if_unwon: "+s.draw.IfUnwon, "settle: 10m ", "settle: "+s.draw.DealSettle.String()+" ")
	s.editMapping("match: [AccountNumber, Name]", "match: ["+s.draw.Match+"]")
	if s.draw.Blind {
		s.editMapping("    Xero_Invoice_Id__c: =InvoiceID\n", "")
	}
	s.mapMoney()
	if s.draw.Numbered {
		s.editMapping("    Date: =CloseDate\n", "    InvoiceNumber: =\"D-\" & Id\n    Date: =CloseDate\n")
	}
	if s.draw.Credit {
		s.editMapping("where: IsWon = true\n", "where: IsWon = true AND Account.Type = '"+released+"'\n")
	}
	if s.draw.ByAmount {
		// List prices three times as high: the rate that such a discount comes to is never exact.
		s.editMapping("      UnitAmount: =UnitPrice\n", "      UnitAmount: =UnitPrice * 3\n", "      DiscountRate: =Discount\n",
			"      DiscountAmount: =ROUND(Quantity * UnitPrice * 3, 2) - ROUND(Quantity * UnitPrice * (100 - BLANKVALUE(Discount, 0)) / 100, 2)\n")
	}
	if s.draw.Sent {
		s.editMapping("    Date: =CloseDate\n", "    SentToContact: =TRUE\n    Date: =CloseDate\n")
	}
	s.ledger = newLedger(s)
	s.furnishAll()
	s.furnishForEdits()
	t.Cleanup(s.close)
	return s
}

// dated is a service whose error pages bear the date of its own clock, as its answers do.
func dated(h http.Handler, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", now().UTC().Format(http.TimeFormat))
		h.ServeHTTP(w, r)
	})
}

// miscount is by how much Xero changes an invoice that it approves.
func (s *simulation) miscount(number string) decimal.Decimal {
	if s.hash("miscount", number)%3 != 0 {
		return decimal.Zero
	}
	return decimal.New(-1, -2)
}

// renamedHost is Salesforce's address once the company has given its domain another name.
const renamedHost = "renamed.my.salesforce.com"

func currencies(multi bool) []string {
	if multi {
		return []string{"AUD", "USD"}
	}
	return nil
}

func (s *simulation) close() {
	if s.db != nil {
		_ = s.db.Abandon()
		s.db = nil
	}
	s.network.Close()
	s.crmDoor.Close()
	s.booksDoor.Close()
}

// note writes a line of the history: when by the daemon's own clock, and what.
func (s *simulation) note(format string, args ...any) {
	line := time.Now().Format("Mon 15:04:05.000000000 ") + fmt.Sprintf(format, args...)
	s.noted.Lock()
	defer s.noted.Unlock()
	s.history = append(s.history, line)
}

// breach notes that a promise was broken.
func (s *simulation) breach(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.note("BREACH %s", text)
	s.noted.Lock()
	defer s.noted.Unlock()
	s.violations = append(s.violations, time.Now().Format("Mon 15:04:05 ")+text)
}

func (s *simulation) outcome() outcome {
	s.noted.Lock()
	defer s.noted.Unlock()
	return outcome{seed: s.seed, draw: s.draw, violations: s.violations, history: s.history, log: s.log.text(), cycles: s.cycles, invoices: len(s.world.books.Invoices())}
}

// judge is the testing.TB of a simulated world: a failing check is a broken promise, which the sabotage table wants to see.
type judge struct {
	testing.TB
	s *simulation
}

func (j judge) Errorf(format string, args ...any) { j.s.breach(format, args...) }
func (j judge) Error(args ...any)                 { j.s.breach("%s", fmt.Sprint(args...)) }
func (j judge) Fatalf(format string, args ...any) {
	j.s.breach(format, args...)
	panic(fmt.Sprintf(format, args...))
}
func (j judge) Fatal(args ...any) { j.Fatalf("%s", fmt.Sprint(args...)) }
