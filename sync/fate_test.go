package sync_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"sf2xero/sync/faults"
)

// fate is what the network does to some of the next calls.
type fate struct {
	method, path string
	skip, times  int
	what         faults.Fate
	meanwhile    func() // what a person does while the call is on its way
}

// next gives the next calls of a kind a fate, after so many have gone well.
func (w *world) next(method, path string, skip, times int, what faults.Fate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fates = append(w.fates, fate{method, path, skip, times, what, nil})
}

// whenCalled has a person do something while the next call of a kind is on its way.
func (w *world) whenCalled(method, path string, act func()) {
	w.nextMeanwhile(method, path, faults.Deliver, act)
}

// nextMeanwhile gives the next call of a kind a fate, and has something happen while it is on its way.
func (w *world) nextMeanwhile(method, path string, what faults.Fate, act func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fates = append(w.fates, fate{method: method, path: path, times: 1, what: what, meanwhile: act})
}

// calm ends all fates and faults.
func (w *world) calm() {
	w.mu.Lock()
	w.fates, w.answered = nil, nil
	w.mu.Unlock()
	w.crmDoor.Clear()
	w.booksDoor.Clear()
}

// breaks makes Xero itself, or what stands before it, fail.
func (w *world) breaks(f ...faults.Fault) {
	w.Helper()
	if err := w.booksDoor.Add(f...); err != nil {
		w.Fatal(err)
	}
}

// altered changes the answers of a host on their way to the daemon, as a proxy or one server of many may.
func (w *world) altered(host string, change func(r *http.Request, answer *httptest.ResponseRecorder)) {
	inner := w.network.Hosts[host]
	w.network.Hosts[host] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		inner.ServeHTTP(answer, r)
		answer.Header().Del("Content-Length")
		change(r, answer)
		maps.Copy(rw.Header(), answer.Header())
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(answer.Body.Bytes())
	})
}

// afterCalled has a person do something when the next call of a kind has been done and before its answer is read.
func (w *world) afterCalled(method, path string, act func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answered = append(w.answered, fate{method: method, path: path, times: 1, meanwhile: act})
}

// afterwards lets the people act who waited for a call.
func (w *world) afterwards(method, path string) {
	w.mu.Lock()
	var act func()
	for i := range w.answered {
		if f := &w.answered[i]; f.times > 0 && f.method == method && strings.HasSuffix(path, f.path) {
			f.times--
			act = f.meanwhile
			break
		}
	}
	w.mu.Unlock()
	if act != nil {
		act()
	}
}

func (w *world) fateOf(c faults.Call) faults.Fate {
	what, meanwhile := w.drawFate(c)
	if meanwhile != nil {
		meanwhile() // which may make calls itself
	}
	return what
}

func (w *world) drawFate(c faults.Call) (what faults.Fate, meanwhile func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.fates {
		f := &w.fates[i]
		if c.Method != f.method || !strings.HasSuffix(c.Path, f.path) || f.times == 0 {
			continue
		}
		if f.skip > 0 {
			f.skip--
			return faults.Deliver, nil
		}
		f.times--
		return f.what, f.meanwhile
	}
	return faults.Deliver, nil
}

// moment is where the daemon can be killed.
type moment uint8

const (
	never moment = iota
	beforeCommit
	afterCommit
	beforeCall
	afterCall
)

func (m moment) String() string {
	return [...]string{"never", "before a commit", "after a commit", "before a call", "after a call"}[m]
}

// killer kills the daemon at the n-th moment of a kind.
type killer struct {
	at    atomic.Uint32 // a moment
	left  atomic.Int64
	fired atomic.Bool
}

var errKilled = errors.New("killed")

// killAt has the daemon killed at the n-th moment of a kind from now.
func (w *world) killAt(at moment, n int) {
	w.killing.at.Store(uint32(at))
	w.killing.fired.Store(false)
	w.killing.left.Store(int64(n))
}

// dies is true from the moment on at which the daemon is killed: nothing that it still does has any effect.
func (w *world) dies(at moment) bool {
	if w.dead.Load() {
		return true
	}
	if moment(w.killing.at.Load()) != at || w.killing.left.Add(-1) != 0 {
		return false
	}
	w.killing.fired.Store(true)
	w.dead.Store(true)
	if w.stop != nil {
		w.stop()
	}
	return true
}

func (w *world) beforeCommit() error {
	if w.dies(beforeCommit) {
		return errKilled
	}
	return nil
}

func (w *world) afterCommit() error {
	w.commits.Add(1)
	if w.dies(afterCommit) {
		return errKilled
	}
	if w.suspends.Load() > 0 && inside("sync.(*Cycle).writeAhead") {
		time.Sleep(time.Duration(w.suspends.Swap(0)))
	}
	return nil
}
