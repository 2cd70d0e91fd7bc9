package sync_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
)

// One seed is one company, the life in it, and everything that goes wrong there. How to use it:
//
//	go test ./sync -run Simulation               # the seeds of every build
//	go test ./sync -run Simulation -seeds 10000  # a search
//	go test ./sync -run Simulation -seed 17 -v   # one seed, with its history
//	go test ./sync -run 'Simulation$' -seeds 200 -history FILE   # a digest of each history: a pure move leaves all of them as they were
var (
	oneSeed  = flag.Uint64("seed", 0, "play this seed of the simulation alone and print its history")
	manySeed = flag.Int("seeds", 0, "how many seeds the simulation plays; 0: 200, and under the race detector, which takes ten times as long, 24")
	replays  = flag.Int("replays", 5, "how often one seed is played to see that its history is always the same")
	fromSeed = flag.Uint64("from", 1, "the first of them")
	digests  = flag.String("history", "", "write a digest of each seed's history to this file, to be compared with those of the code before a move")
)

func TestSimulation(t *testing.T) {
	t.Parallel()
	if *oneSeed != 0 {
		o := simulate(t, *oneSeed, sabotage{})
		fmt.Println(strings.Join(o.history, "\n"))
		o.report(t)
		return
	}
	percent := debug.SetGCPercent(400) // many small worlds, each thrown away whole
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	seeds := *manySeed
	if seeds == 0 {
		seeds = 200
		if stride > 1 { // under the race detector
			seeds = 24
		}
	}
	lines := make([]string, seeds)
	streets := min(8*runtime.GOMAXPROCS(0), seeds)
	for street := range streets {
		t.Run(fmt.Sprint("street ", street), func(t *testing.T) {
			t.Parallel()
			for n := street; n < seeds; n += streets {
				o := simulate(t, *fromSeed+uint64(n), sabotage{})
				lines[n] = o.digest()
				o.report(t)
			}
		})
	}
	if *digests != "" {
		t.Cleanup(func() { // after the streets
			if err := os.WriteFile(*digests, []byte(strings.Join(lines, "")), 0o600); err != nil {
				t.Error(err)
			}
		})
	}
}

// One seed gives one history, call by call and commit by commit, however the machine schedules what runs at once.
func TestSimulationReplaysExactly(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{
		2,  // its daemon dies twice; calls are lost, late and doubled, and answers broken
		18, // two daemons from the first instant
	} {
		first := simulate(t, seed, sabotage{})
		for range *replays - 1 {
			again := simulate(t, seed, sabotage{})
			if a, b, differ := parting(first.history, again.history); differ {
				t.Fatalf("two runs of seed %d part:\n%s\n%s", seed, a, b)
			}
		}
	}
}

func parting(one, two []string) (a, b string, differ bool) {
	for i := range max(len(one), len(two)) {
		a, b = "(the end)", "(the end)"
		if i < len(one) {
			a = one[i]
		}
		if i < len(two) {
			b = two[i]
		}
		if a != b {
			return a, b, true
		}
	}
	return "", "", false
}

// outcome is what became of a seed's world.
type outcome struct {
	seed       uint64
	draw       draw
	violations []string
	history    []string
	log        string
	invoices   int
	cycles     int
}

// digest is a line that changes when anything in the seed's history does: a call, a commit, a nanosecond.
func (o outcome) digest() string {
	stores := regexp.MustCompile(`\S*/host-`) // their folder has another name in every run
	sum := sha256.Sum256([]byte(stores.ReplaceAllString(strings.Join(o.history, "\n"), "host-")))
	return fmt.Sprintf("%d %d %x\n", o.seed, len(o.history), sum[:8])
}

func (o outcome) report(t *testing.T) {
	t.Helper()
	t.Logf("seed %d: %d cycles, %d invoices, %d lines of history", o.seed, o.cycles, o.invoices, len(o.history))
	if len(o.violations) == 0 {
		return
	}
	t.Errorf("seed %d: %s\nits world: %+v\nrun it again with -seed %d", o.seed, strings.Join(o.violations, "\n  "), o.draw, o.seed)
	if *oneSeed != 0 {
		t.Logf("the daemon's log:\n%s", o.log)
	}
}

// simulate plays one seed from the first to the last day.
func simulate(t *testing.T, seed uint64, cut sabotage) (o outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(t, seed, cut)
		defer func() { o = s.outcome() }()
		s.play()
	})
	return o
}
