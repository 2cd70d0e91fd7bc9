package sync_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sf2xero/sync/remote"
	"sf2xero/xero/xerotest"
)

// The deals of a benchmark are as plain as most: one customer for every 50 deals, two products each.
func (w *world) manyDeals(n int) {
	account := ""
	for i := range n {
		if i%50 == 0 {
			account = w.account(fmt.Sprintf("Customer %05d", i/50), nil)
		}
		w.win(w.deal(account, fmt.Sprintf("Deal %05d", i), nil, w.licence("2", "100.00"), w.service("1", "50.00")))
	}
}

// BenchmarkFirstRun brings a company's won deals over, without limits and latency: what it costs us, and how often each
// side is asked.
func BenchmarkFirstRun(b *testing.B) {
	for _, deals := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("deals=%d", deals), func(b *testing.B) {
			var total tally
			for b.Loop() {
				b.StopTimer()
				var ahead atomic.Int64
				now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
				c := company{New: true, Limits: &remote.Limits{InFlight: 5}, Xero: xerotest.Options{Now: now, PerMinute: -1, PerDay: -1}}
				c.Salesforce.Now = now
				w := newWorld(b, c)
				w.network.Latency = nil
				w.manyDeals(deals)
				ahead.Store(int64(time.Hour)) // the deals have been left alone
				b.StartTimer()
				total.add(w.measured(func() { w.once() }))
				b.StopTimer()
				if got := len(w.books.Invoices()); got < deals {
					b.Fatalf("%d invoices for %d deals", got, deals)
				}
				b.StartTimer()
			}
			total.report(b, deals, "invoice")
		})
	}
}

// BenchmarkIdleCycle is a cycle in which nothing has happened.
func BenchmarkIdleCycle(b *testing.B) {
	var behind atomic.Int64
	now := func() time.Time { return time.Now().Add(-time.Duration(behind.Load())) }
	c := company{New: true, Limits: &remote.Limits{InFlight: 5}, Xero: xerotest.Options{Now: now, PerMinute: -1, PerDay: -1}}
	c.Salesforce.Now = now
	behind.Store(int64(100 * time.Minute))
	w := newWorld(b, c)
	w.network.Latency = nil
	w.manyDeals(100)
	behind.Store(int64(40 * time.Minute))
	w.once()
	behind.Store(0) // all clocks agree, beyond every overlap; and contacts were watched within the hour
	w.run()
	w.run() // a clock that jumps is believed when two answers agree
	var total tally
	for b.Loop() {
		total.add(w.measured(func() { w.run() }))
	}
	total.report(b, 1, "cycle")
}

// tally adds up what runs have cost.
type tally struct {
	runs, reads, writes, salesforce int
	commits                         int64
	bytes, allocations              uint64
}

func (t *tally) add(o tally) {
	t.runs++
	t.reads, t.writes, t.salesforce = t.reads+o.reads, t.writes+o.writes, t.salesforce+o.salesforce
	t.commits, t.bytes, t.allocations = t.commits+o.commits, t.bytes+o.bytes, t.allocations+o.allocations
}

func (w *world) measured(do func()) tally {
	var before, after runtime.MemStats
	reads, writes, calls := 0, 0, 0
	if w.cycle != nil {
		reads, writes = w.cycle.Xero.Calls()
		calls = w.cycle.Salesforce.Calls()
	}
	commits := w.commits.Load()
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	r, wr := w.cycle.Xero.Calls()
	return tally{reads: r - reads, writes: wr - writes, salesforce: w.cycle.Salesforce.Calls() - calls, commits: w.commits.Load() - commits,
		bytes: after.TotalAlloc - before.TotalAlloc, allocations: after.Mallocs - before.Mallocs}
}

// report states the cost of one of n things that each run did.
func (t *tally) report(b *testing.B, n int, thing string) {
	per := func(sum float64, what string) { b.ReportMetric(sum/float64(t.runs)/float64(n), what+"/"+thing) }
	per(float64(t.reads), "xero-reads")
	per(float64(t.writes), "xero-writes")
	per(float64(t.salesforce), "salesforce-calls")
	per(float64(t.commits), "fsyncs")
	per(float64(t.bytes), "B") // both emulators and the network included
	per(float64(t.allocations), "allocs")
}

// backfill is the environment in which TestBackfillPace is a benchmark's measuring run.
const backfill = "SF2XERO_BACKFILL_DEALS"

// BenchmarkBackfill measures, in fake time, how close a first run over 10,000 deals comes to the best that 5 calls in
// flight and 60 in any minute allow when Xero takes 3 s over each write. Fake time needs a test around it, so the
// measuring run is a process of its own.
func BenchmarkBackfill(b *testing.B) {
	for b.Loop() {
		cmd := exec.Command(os.Args[0], "-test.run=^TestBackfillPace$", "-test.v")
		cmd.Env = append(os.Environ(), backfill+"=10000")
		out, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		found := regexp.MustCompile(`pace (\S+) % of the best: (\d+) calls in (\S+)`).FindSubmatch(out)
		if found == nil {
			b.Fatalf("no pace in:\n%s", out)
		}
		pace, _ := strconv.ParseFloat(string(found[1]), 64)
		took, _ := time.ParseDuration(string(found[3]))
		b.ReportMetric(pace, "%-of-best")
		b.ReportMetric(took.Seconds(), "fake-seconds")
	}
}

// TestBackfillPace: the limits are kept while the pace is near the best they allow.
func TestBackfillPace(t *testing.T) {
	deals := 600
	if n, err := strconv.Atoi(os.Getenv(backfill)); err == nil {
		deals = n
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, company{New: true, Slow: 3 * time.Second})
		w.manyDeals(deals)
		time.Sleep(time.Hour)
		began := time.Now()
		w.once()
		took := time.Since(began)
		reads, writes := w.cycle.Xero.Calls()
		if got := len(w.books.Invoices()); got < deals {
			t.Fatalf("%d invoices for %d deals", got, deals)
		}
		best := bestPace(reads, writes, 3*time.Second)
		t.Logf("pace %.1f %% of the best: %d calls in %s (best %s)", 100*best.Seconds()/took.Seconds(), reads+writes, took.Round(time.Second), best)
		if took > 2*best+2*time.Minute {
			t.Errorf("%d deals took %s, the limits would allow %s", deals, took, best)
		}
	})
}

// bestPace is the least time in which calls can be made: 60 in any minute, 5 in flight, each write taking its time. The
// last minute's calls are over after as many rounds of five as they need.
func bestPace(reads, writes int, write time.Duration) time.Duration {
	calls := reads + writes
	last := min(writes, (calls-1)%60+1)
	return time.Duration((calls-1)/60)*time.Minute + time.Duration((last+4)/5)*write
}
