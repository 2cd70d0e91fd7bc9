package sync_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// sabotage switches one safeguard off, in a world where it matters.
type sabotage struct {
	safeguard string                                    // of the cycle
	base      func(http.RoundTripper) http.RoundTripper // beneath the clients
	draw      func(*draw)
}

var allSabotage = flag.Bool("sabotage", false, "look for the first seed that notices each missing safeguard, which takes minutes; without it begin at the one that is known to")

// tolerance is how many further seeds may be tried: a changed program makes another world of every seed.
const tolerance = 30

// Each safeguard is switched off in turn; the simulation must notice within some seeds. A draw that hides the marks or takes
// calls away takes the second daemon away, too, as every seed does: neither counts the other's calls, and without marks no rule
// tells what is whose. What it misses is in
// TestSafeguardsThatTheSimulationMisses, with the reason.
func TestSabotage(t *testing.T) {
	t.Parallel()
	rough := func(d *draw) { d.Faults, d.Kills = 300, 30 }
	slow := func(d *draw) { // work is done as late as can be
		d.Settle, d.Late, d.Stale, d.Step, d.Faults, d.Kills = 10*time.Minute, 8*time.Minute, time.Second, 0, 400, 0
	}
	deadly := func(d *draw) { d.Faults, d.Kills = 60, 90 }
	two := func(d *draw) { // daemons whose cycles fall together, and deals whose numbers Xero does not know
		d.Twin, d.TwinFirst, d.TwinTogether, d.TwinClone, d.Lease = true, true, true, false, true
		d.Numbered, d.Tight, d.Markless, d.Jumps, d.Poison, d.PerDay, d.Narrow = false, false, false, false, false, 0, 0
		d.Faults, d.Kills, d.Full, d.Suspends = 20, 0, 0, 0
	}
	clone := func(d *draw) { two(d); d.TwinFirst, d.TwinClone = false, true }
	drowsy := func(d *draw) { two(d); d.Suspends = 60 }
	for _, c := range []struct {
		what  string
		first int // seed from 5000 on that notices
		cut   sabotage
	}{
		{"settle", 62, sabotage{safeguard: "settle", draw: slow}},
		{"write ahead", 2, sabotage{safeguard: "write ahead", draw: rough}},
		{"GetBody nil", 1, sabotage{base: rewinding}},
		{"halving", 2, sabotage{safeguard: "halving", draw: func(d *draw) { d.Poison = true }}},
		{"born DRAFT", 1, sabotage{safeguard: "born DRAFT"}},
		{"update against last sent", 26, sabotage{safeguard: "last sent", draw: func(d *draw) { d.Status = "DRAFT" }}},
		{"marks are parsed", 5, sabotage{safeguard: "parsed marks", draw: func(d *draw) { d.Renamed = true; deadly(d) }}},
		{"first witness: the store", 1, sabotage{safeguard: "store witness", draw: rough}},
		{"second witness: marks in Xero", 5, sabotage{safeguard: "mark witness", draw: deadly}},
		{"third witness: the deal's own field", 208, sabotage{safeguard: "row witness", draw: deadly}},
		{"blank flag", 8, sabotage{safeguard: "blank", draw: deadly}},
		{"quarantine", 12, sabotage{safeguard: "quarantine", draw: func(d *draw) { d.Faults, d.Kills = 300, 90 }}},
		{"overlap >= settle", 4, sabotage{safeguard: "overlap", draw: rough}},
		{"server time", 14, sabotage{safeguard: "server time", draw: rough}},
		{"re-read of held records", 122, sabotage{safeguard: "re-read"}},
		{"absence rule", 11, sabotage{safeguard: "absence", draw: func(d *draw) { d.IfUnwon = "delete_draft"; d.Status = "DRAFT" }}},
		{"org pin", 65, sabotage{safeguard: "pin", draw: deadly}},
		{"what an approval answers", 8, sabotage{safeguard: "approval", draw: func(d *draw) { d.Status, d.Miscounts = "AUTHORISED", true }}},
		{"lines of which an approval would lose a cent are named", 1, sabotage{base: lineless, draw: func(d *draw) {
			d.Status, d.ByAmount, d.Sent, d.Miscounts, d.Evenly = "AUTHORISED", true, false, false, false
		}}},
		{"slots of an adoption", 1, sabotage{base: addressless, draw: func(d *draw) { d.Street = true }}},
		{"proof of the mark", 5, sabotage{safeguard: "proof", draw: func(d *draw) { d.Markless, d.Twin = true, false; rough(d) }}},
		{"an edit is taken back", 1, sabotage{safeguard: "restore", draw: func(d *draw) { d.Edited = true }}},
		{"many that stop matching together", 3, sabotage{safeguard: "together", draw: func(d *draw) {
			d.Stage, d.Status, d.IfUnwon, d.Tight, d.Twin = true, "DRAFT", "delete_draft", false, false
		}}},
		{"identifiers that contradict each other", 1, sabotage{safeguard: "contradiction", draw: func(d *draw) { d.Namesakes = true }}},
		{"accounts that are merged", 18, sabotage{safeguard: "merges", draw: func(d *draw) { d.Namesakes, d.Merging, d.Accounts = true, true, 6 }}},
		{"a contact with its first invoice only", 4, sabotage{safeguard: "first invoice"}},
		{"other writer", 2, sabotage{safeguard: "other writer", draw: func(d *draw) { two(d); d.Lease = false }}},
		{"check before the byte", 13, sabotage{safeguard: "check before the byte", draw: drowsy}},
		{"lease: bound", 2, sabotage{safeguard: "lease bound", draw: two}},
		{"lease: token", 3, sabotage{safeguard: "lease token", draw: clone}},
		{"lease: insert", 2, sabotage{safeguard: "lease insert", draw: two}},
		{"lease: beat", 43, sabotage{safeguard: "lease beat", draw: drowsy}},
		{"lease: look after the beat", 18, sabotage{safeguard: "lease look", draw: two}},
		{"budget after an unclean start", 36, sabotage{safeguard: "budget", draw: func(d *draw) { d.Tight, d.Lossy, d.Twin = true, true, false; deadly(d) }}},
		{"a currency is always sent", 1, sabotage{safeguard: "currency", draw: func(d *draw) { d.Currencies, d.Says, d.Money = true, "none", 14 }}},
		{"several currencies are noticed", 11, sabotage{safeguard: "describe", draw: func(d *draw) {
			d.Currencies, d.Enabled, d.Says, d.Money, d.Faults, d.Kills = false, true, "none", 14, 0, 0
		}}},
		{"a doubtful rate is not approved", 1, sabotage{safeguard: "rate", draw: func(d *draw) { d.Currencies, d.Status, d.Money = true, "AUTHORISED", 14 }}},
		{"Xero is looked at again", 144, sabotage{safeguard: "looks", draw: func(d *draw) { d.Money, d.Faults, d.Kills = 14, 0, 0 }}},
		{"what a row names beside the mark", 108, sabotage{safeguard: "beside", draw: func(d *draw) { d.Blind, d.Money = false, 14; deadly(d) }}},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			if stride > 1 && !*allSabotage {
				t.Skip("the race detector has nothing to say about this, and makes it slow")
			}
			from, to := c.first, c.first+tolerance
			if *allSabotage {
				from, to = 1, 400
			}
			for n := from; n <= to; n++ {
				o := simulate(t, uint64(4999+n), c.cut)
				if len(o.violations) == 0 {
					continue
				}
				if whole := simulate(t, o.seed, sabotage{draw: c.cut.draw}); len(whole.violations) > 0 {
					t.Fatalf("seed %d fails with all safeguards on: %s", o.seed, whole.violations[0])
				}
				t.Logf("%s: caught with seed %d, the %d. of them: %s", c.what, o.seed, n, o.violations[0])
				return
			}
			t.Errorf("nobody noticed within %d seeds", to)
		})
	}
}

// roundTripper is a function that is one.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// lineless takes the lines out of approvals.
func lineless(base http.RoundTripper) http.RoundTripper {
	return rewriting(base, "/Invoices", regexp.MustCompile(`"LineItems":\[.*?\}\],("Status":"AUTHORISED")`))
}

// addressless fills in of an adopted contact what has one slot only.
func addressless(base http.RoundTripper) http.RoundTripper {
	return rewriting(base, "/Contacts", regexp.MustCompile(`"Addresses":\[[^\]]*\],("ContactID":"[^"]*","ContactNumber")`))
}

// rewriting replaces parts of edits with their first group.
func rewriting(base http.RoundTripper, path string, part *regexp.Regexp) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodPost || r.Body == nil || !strings.HasSuffix(r.URL.Path, path) {
			return base.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, fmt.Errorf("the body cannot be read: %w", err)
		}
		body = part.ReplaceAll(body, []byte("$1"))
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return base.RoundTrip(r)
	})
}

// rewinding gives each request a body that can be sent again, as http.NewRequest does.
func rewinding(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Body == nil || r.Body == http.NoBody {
			return base.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, fmt.Errorf("the body cannot be read: %w", err)
		}
		r = r.Clone(r.Context())
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = r.GetBody()
		return base.RoundTrip(r)
	})
}
