package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	kills    = flag.Int("kills", 12, "how often TestKilledAtAnyMoment kills the daemon, over all its companies")
	killSeed = flag.Uint64("killseed", 0, "the seed of TestKilledAtAnyMoment; 0 takes one of its own")
)

// killsEach is how many kills one company's daemon meets at most; more kills are spread over more companies, which live
// at the same time, because Xero allows each of them 60 calls a minute.
const killsEach = 25

// The real binary, over real HTTP and with a real store file, is killed at random moments while deals keep being won and
// calls go wrong. Its store is replaced by an old copy once, and deleted once. When all is quiet again, both sides are equal.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "sf2xero")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("again with: go test ./cmd/sf2xero -run KilledAtAnyMoment -kills %d -killseed %d -parallel 8 -v", *kills, seed)
	companies := max(2, (*kills+killsEach-1)/killsEach)
	t.Run("companies", func(t *testing.T) {
		for i := range companies {
			share := *kills/companies + min(1, max(0, *kills%companies-i))
			h := hazards{kills: share, restored: max(1, share/3), deleted: 2 * share / 3}
			if share < killsEach/2 { // a store that may know too little waits out a minute: once is enough for a short test
				h.restored, h.deleted = -1, -1
				if i%2 == 0 {
					h.restored = share - 1
				} else {
					h.deleted = share - 1
				}
			}
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				w := newKilling(t, binary, rand.New(rand.NewPCG(seed, uint64(i))), "")
				w.survive(h)
				w.compare()
			})
		}
	})
}

// hazards are what one company's daemon goes through.
type hazards struct {
	kills    int
	restored int // the life after which the store becomes an old copy; -1: none
	deleted  int // the life after which the store is deleted; -1: none
}

// survive is the life of a company's daemon until nobody kills it any more.
func (w *killing) survive(h hazards) {
	w.winSome(3)
	w.pause(1500 * time.Millisecond)
	w.finish("--once", "--new")
	old := w.copyOf(w.someOf(w.store, w.backup()))
	for life := range h.kills {
		w.breakCalls()
		w.killAtSomeMoment(w.start("run"))
		if life < h.restored && w.rng.IntN(3) == 0 { // a store as a killed daemon left it is as old as any, and so is a backup
			old = w.copyOf(w.someOf(w.store, w.backup()))
		}
		if life == h.restored {
			w.replaceStore(old)
			w.lookAgain(life == h.kills-1)
		}
		if life == h.deleted {
			if err := os.Remove(w.store); err != nil {
				w.Fatal(err)
			}
			w.lookAgain(life == h.kills-1)
		}
	}
	w.mend()
	w.winSome(1)
	w.pause(2500 * time.Millisecond)
	w.finish("--once")
}

// lookAgain lets a daemon whose store is not what it was come so far that it makes calls again: until then there is
// nothing that a kill could interrupt. The last life needs no such help.
func (w *killing) lookAgain(last bool) {
	if last {
		return
	}
	d := w.start("run")
	before := w.xeroCalls("")
	for end := time.Now().Add(90 * time.Second); w.xeroCalls("") == before && time.Now().Before(end); {
		w.live(d, time.Second, 3)
	}
	w.live(d, time.Duration(w.rng.IntN(8000))*time.Millisecond, 3)
	w.kill(d)
}

// backup is the last one that the daemon has made of its store.
func (w *killing) backup() string {
	found, err := filepath.Glob(w.store + ".backup-????-??-??")
	if err != nil || len(found) == 0 {
		w.Fatalf("there is no backup of the store: %v", err)
	}
	return found[len(found)-1]
}

// copyOf keeps a file beside it.
func (w *killing) copyOf(path string) (kept string) {
	text, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	kept = path + ".kept"
	if err := os.WriteFile(kept, text, 0o600); err != nil {
		w.Fatal(err)
	}
	return kept
}

// replaceStore puts an old copy in the place of the store: a backup is copied over it, as the README says, and a copy of
// the file itself is moved there.
func (w *killing) replaceStore(old string) {
	if !strings.Contains(old, ".backup-") {
		if err := os.Rename(old, w.store); err != nil {
			w.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(old)
	if err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(w.store, text, 0o600); err != nil {
		w.Fatal(err)
	}
}

// process is one life of the program.
type process struct {
	cmd    *exec.Cmd
	ended  chan struct{}
	err    error
	stderr bytes.Buffer
}

func (w *killing) start(args ...string) *process {
	p := &process{cmd: exec.Command(w.binary, args...), ended: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = w.env, w.dir, w.log, &p.stderr
	if err := p.cmd.Start(); err != nil {
		w.Fatal(err)
	}
	w.running = p
	go func() {
		defer close(p.ended)
		p.err = p.cmd.Wait()
	}()
	return p
}

// finish runs the program to its end, which must be a good one.
func (w *killing) finish(args ...string) {
	p := w.start(append([]string{"run"}, args...)...)
	limit := time.NewTimer(4 * time.Minute)
	defer limit.Stop()
	select {
	case <-p.ended:
	case <-limit.C:
		w.Fatalf("run %s does not end", strings.Join(args, " "))
	}
	if p.err != nil || p.stderr.Len() > 0 {
		w.Errorf("run %s: %v\n%s", strings.Join(args, " "), p.err, p.stderr.String())
	}
}

// kill is SIGKILL. A daemon that ended by itself before is a failure.
func (w *killing) kill(p *process) {
	select {
	case <-p.ended:
		w.Fatalf("the daemon ended by itself: %v\n%s", p.err, p.stderr.String())
	default:
	}
	if err := p.cmd.Process.Kill(); err != nil {
		w.Fatal(err)
	}
	<-p.ended
	w.killed++
}

// killAtSomeMoment: after any length of time, or in the moments around a call or a write to Xero.
func (w *killing) killAtSomeMoment(p *process) {
	defer w.kill(p)
	switch w.rng.IntN(6) {
	case 0:
		w.live(p, time.Duration(w.rng.IntN(1000))*time.Millisecond, 3)
		return
	case 1:
		w.live(p, time.Duration(w.rng.IntN(9000))*time.Millisecond, 3)
		return
	}
	method := w.someOf("", "PUT", "PUT")
	before, calls := w.xeroCalls(method), 1+w.rng.IntN(3)
	if method != "" {
		calls = 1
	}
	for end := time.Now().Add(8 * time.Second); w.xeroCalls(method) < before+calls && time.Now().Before(end); {
		w.live(p, 2*time.Millisecond, 400)
	}
	w.live(p, time.Duration(w.rng.IntN(15_000))*time.Microsecond, 400)
}

// live lets time pass, in which deals are won: one in `oneIn` moments.
func (w *killing) live(p *process, d time.Duration, oneIn int) {
	for d > 0 {
		moment := min(d, time.Duration(1+w.rng.IntN(400))*time.Millisecond)
		d -= moment
		w.pause(moment)
		if w.rng.IntN(oneIn) == 0 {
			w.winSome(1 + w.rng.IntN(2))
		}
	}
	select {
	case <-p.ended:
		w.Fatalf("the daemon ended by itself: %v\n%s", p.err, p.stderr.String())
	default:
	}
}
