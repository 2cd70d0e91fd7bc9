package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	done := time.Date(2026, 11, 21, 14, 2, 0, 0, time.UTC)
	tests := []struct {
		name  string
		write func(store string) error
		now   time.Time
		want  string // with "not healthy", an error
	}{
		{"never a cycle", func(string) error { return nil }, done, "not healthy: no cycle has been completed since the start"},
		{"just now", func(s string) error { return writeHealth(s, goodFor(done)) }, done, "healthy: the last cycle was completed at 2026-11-21T14:02:00Z"},
		{"in time", func(s string) error { return writeHealth(s, goodFor(done)) }, done.Add(time.Hour), "healthy: "},
		{"overdue", func(s string) error { return writeHealth(s, goodFor(done)) }, done.Add(61 * time.Minute),
			"not healthy: the last cycle was completed at 2026-11-21T14:02:00Z, 1h1m0s ago; "},
		{"cycle after cycle", func(s string) error {
			if err := writeHealth(s, goodFor(done)); err != nil {
				return err
			}
			return writeHealth(s, goodFor(done.Add(time.Hour)))
		}, done.Add(90 * time.Minute), "healthy: the last cycle was completed at 2026-11-21T15:02:00Z"},
		{"stopped", func(s string) error {
			if err := writeHealth(s, goodFor(done)); err != nil {
				return err
			}
			return clearHealth(s)
		}, done, "not healthy: no cycle"},
		{"stopped before its first cycle", clearHealth, done, "not healthy: no cycle"},
		{"aside of another daemon", func(s string) error {
			h := goodFor(done)
			h.Holder = "host-1, store 7"
			return writeHealth(s, h)
		}, done, "not ready: another sf2xero (host-1, store 7) serves this organisation"},
		{"something else's file", func(s string) error { return os.WriteFile(healthFile(s), []byte("ok"), 0o600) }, done, "not healthy: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := filepath.Join(t.TempDir(), "acme.db")
			if err := test.write(store); err != nil {
				t.Fatal(err)
			}
			got, err := checkHealth(store, test.now)
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, test.want) || (err != nil) != strings.HasPrefix(test.want, "not ") {
				t.Errorf("got  %s (error: %t)\nwant %s", got, err != nil, test.want)
			}
			left, err := filepath.Glob(store + "*")
			if err != nil || len(left) > 1 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestHealthyForCoversSlowPolling(t *testing.T) {
	t.Parallel()
	c := &config{Salesforce: salesforceConfig{PollInterval: time.Minute}, Xero: xeroConfig{PollInterval: 2 * time.Hour}}
	if got := c.healthyFor(); got != 10*time.Hour {
		t.Errorf("polling every 2h: healthy for %v", got)
	}
	c.Xero.PollInterval = time.Minute
	if got := c.healthyFor(); got != leastHealthy {
		t.Errorf("polling every minute: healthy for %v", got)
	}
}

// A daemon that was killed leaves its health file behind. The next one takes it away before it calls anybody: until its own
// first cycle is done, nothing is well.
func TestAStartTakesAwayWhatAKilledDaemonLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, mapping := filepath.Join(dir, "acme.db"), filepath.Join(dir, "mapping.yaml")
	if err := errors.Join(os.WriteFile(mapping, []byte("version: 1\n"), 0o600), writeHealth(db, goodFor(time.Now()))); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	called := make(chan error, 1)
	p := &program{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Now: time.Now,
		Env: environment(with("SF2XERO_STORE="+db, "SF2XERO_MAPPING="+mapping)...),
		Base: roundTrip(func(*http.Request) (*http.Response, error) {
			_, err := checkHealth(db, time.Now())
			select {
			case called <- err:
			default:
			}
			stop()
			return nil, errors.New("no way out")
		})}
	p.run(ctx, []string{"run"})
	select {
	case err := <-called:
		if err == nil {
			t.Error("healthy before the first cycle")
		}
	default:
		t.Error("nobody was called")
	}
}

// goodFor is the word of a cycle that was completed at a moment, good for an hour.
func goodFor(done time.Time) health {
	return health{CycleDone: done, GoodUntil: done.Add(time.Hour)}
}
