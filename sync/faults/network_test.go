package faults_test

import (
	"context"
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sf2xero/sync/faults"
)

// lasting is a network whose calls take a second there and two back.
func lasting(fate faults.Fate) *faults.Network {
	return &faults.Network{
		Latency:  func(faults.Call) (there, back time.Duration) { return time.Second, 2 * time.Second },
		Lateness: func(faults.Call) time.Duration { return time.Minute },
		Fate:     func(faults.Call) faults.Fate { return fate },
	}
}

func TestFates(t *testing.T) {
	t.Parallel()
	for fate, want := range map[faults.Fate]struct {
		took   time.Duration
		answer string
		sent   bool
		done   int // when the client knows
		later  int // when the network is quiet
	}{
		faults.Deliver:     {took: 3 * time.Second, answer: "ID-1", sent: true, done: 1, later: 1},
		faults.Refuse:      {},
		faults.LoseRequest: {took: 3 * time.Second, sent: true},
		faults.LoseAnswer:  {took: 3 * time.Second, sent: true, done: 1, later: 1},
		faults.Twice:       {took: 3 * time.Second, answer: "ID-2", sent: true, done: 2, later: 2},
		faults.Late:        {took: time.Second, sent: true, later: 1},
	} {
		t.Run(fate.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := lasting(fate)
				r, end := memory(network)
				sent := false
				ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteHeaders: func() { sent = true }})
				req, err := http.NewRequestWithContext(ctx, "PUT", r.url+invoices, strings.NewReader("doc"))
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				resp, err := r.client.Do(req)
				if took := time.Since(began); took != want.took {
					t.Errorf("took %s, want %s", took, want.took)
				}
				if (err != nil) != (want.answer == "") {
					t.Errorf("error %v", err)
				}
				if err == nil {
					b, err := io.ReadAll(resp.Body)
					if err != nil || !strings.Contains(string(b), want.answer) {
						t.Errorf("answer %s, %v", b, err)
					}
					_ = resp.Body.Close()
				}
				if sent != want.sent || len(r.shop.writes()) != want.done {
					t.Errorf("sent %v, done %d times; want %v, %d", sent, len(r.shop.writes()), want.sent, want.done)
				}
				end()
				if n := len(r.shop.writes()); n != want.later {
					t.Errorf("in the end done %d times, want %d", n, want.later)
				}
			})
		})
	}
}

func TestGivingUpDoesNotUnsend(t *testing.T) {
	t.Parallel()
	for name, patience := range map[string]time.Duration{"before it arrives": 500 * time.Millisecond, "before the answer is back": 2 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, end := memory(lasting(faults.Deliver))
				r.client.Timeout = patience
				began := time.Now()
				if g := r.call("PUT", invoices, "doc"); !g.Err || time.Since(began) != patience {
					t.Errorf("after %s: %+v", time.Since(began), g)
				}
				end()
				if n := len(r.shop.writes()); n != 1 {
					t.Errorf("done %d times", n)
				}
			})
		})
	}
}

func TestAHangEndsWithTheClientsPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, end := memory(&faults.Network{})
		if err := r.door.Add(faults.Fault{Kind: "hang", DelayMS: 3_600_000}); err != nil {
			t.Fatal(err)
		}
		r.client.Timeout = 30 * time.Second
		began := time.Now()
		if g := r.call("PUT", invoices, "doc"); !g.Err {
			t.Errorf("answered: %+v", g)
		}
		end()
		if took := time.Since(began); took != 30*time.Second || len(r.shop.writes()) != 1 {
			t.Errorf("after %s done %d times", took, len(r.shop.writes()))
		}
	})
}

func TestAnUnknownHostAndAClosedNetwork(t *testing.T) {
	t.Parallel()
	network := &faults.Network{}
	client := &http.Client{Transport: network}
	for range 2 {
		sent := false
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent = true }})
		req, err := http.NewRequestWithContext(ctx, "GET", "http://nowhere/", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err == nil {
			_ = resp.Body.Close()
			t.Error("answered")
		}
		if sent {
			t.Error("something was sent")
		}
		network.Close()
	}
}

func TestACallAlreadyGivenUpIsNotSent(t *testing.T) {
	t.Parallel()
	r, end := memory(&faults.Network{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(ctx, "PUT", r.url+invoices, strings.NewReader("doc"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := r.client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	end()
	if !errors.Is(err, context.Canceled) || len(r.shop.writes()) != 0 {
		t.Errorf("%v, done %d times", err, len(r.shop.writes()))
	}
}

func TestSeenCountsTheVerySameCall(t *testing.T) {
	t.Parallel()
	var seen []int
	network := &faults.Network{Fate: func(c faults.Call) faults.Fate { seen = append(seen, c.Seen); return faults.Deliver }}
	r, end := memory(network)
	defer end()
	r.call("PUT", "/a", "x")
	r.call("PUT", "/a", "x")
	r.call("PUT", "/a", "y")
	r.call("POST", "/a", "x")
	r.call("PUT", "/a?q=1", "x")
	r.call("PUT", "/a", "x")
	if diff := cmp.Diff([]int{0, 1, 0, 0, 0, 2}, seen); diff != "" {
		t.Error(diff)
	}
}

// What the server sees and what the client gets must not depend on the way.
func TestTheNetworkLooksLikeTCP(t *testing.T) {
	t.Parallel()
	type exchange struct {
		Method, URI, Agent, Body string
		Length                   int64
		Status                   int
		Kind, Answer             string
		AnswerLength             int64
		Dated                    bool
	}
	var mu sync.Mutex
	var results []exchange
	for _, way := range []string{"TCP", "memory"} {
		var x exchange
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			x = exchange{Method: r.Method, URI: r.RequestURI, Agent: r.UserAgent(), Body: string(b), Length: r.ContentLength}
			if r.URL.Path == "/nothing" {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			w.Header().Set("X-Before", "1")
			w.WriteHeader(http.StatusTeapot)
			w.Header().Set("X-After", "too late")
			_, _ = io.WriteString(w, "<html>short</html>")
		})
		client, url, end := reach(way, handler)
		for _, c := range []struct{ method, path, body string }{{"PUT", "/a%20b?c=d", "doc"}, {"GET", "/", ""}, {"HEAD", "/", ""}, {"GET", "/nothing", ""}} {
			req, err := http.NewRequestWithContext(t.Context(), c.method, url+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Error(err)
			}
			_ = resp.Body.Close()
			if resp.Header.Get("X-After") != "" {
				t.Errorf("%s: a header set too late arrived", way)
			}
			x.Status, x.Kind, x.Answer, x.AnswerLength, x.Dated = resp.StatusCode, resp.Header.Get("Content-Type"), string(b), resp.ContentLength, resp.Header.Get("Date") != ""
			mu.Lock()
			results = append(results, x)
			mu.Unlock()
		}
		end()
	}
	half := len(results) / 2
	if diff := cmp.Diff(results[:half], results[half:]); diff != "" {
		t.Errorf("over TCP (-), in memory (+):\n%s", diff)
	}
}

// One seed must be one world: goroutines that wake at one instant run in any
// order, and the fate of none may depend on it.
func TestTheSameCallsHaveTheSameHistory(t *testing.T) {
	t.Parallel()
	history := func(t *testing.T) (lines map[string]string) {
		lines = map[string]string{}
		synctest.Test(t, func(t *testing.T) {
			draw := func(c faults.Call) uint64 {
				h := fnv.New64a()
				_, _ = io.WriteString(h, c.Method+c.Path+string(c.Body)+string(rune('0'+c.Seen)))
				return h.Sum64()
			}
			r, end := memory(&faults.Network{
				Latency: func(c faults.Call) (there, back time.Duration) {
					n := draw(c)
					return time.Duration(n % 1e9), time.Duration(n >> 32 % 1e9)
				},
				Fate: func(c faults.Call) faults.Fate { return faults.Fate(draw(c) % 6) },
			})
			var mu sync.Mutex
			var workers sync.WaitGroup
			began := time.Now()
			for w := range 5 {
				workers.Go(func() {
					for i := range 8 {
						body := string(rune('a'+w)) + string(rune('a'+i))
						g := r.call("PUT", "/x", body)
						mu.Lock()
						lines[body] = time.Since(began).String() + " " + g.Body
						mu.Unlock()
					}
				})
			}
			workers.Wait()
			end()
			lines["arrived"] = strings.Join(r.shop.writes(), " ")
		})
		return lines
	}
	first := history(t)
	for range 20 {
		if diff := cmp.Diff(first, history(t)); diff != "" {
			t.Fatal(diff)
		}
	}
}
