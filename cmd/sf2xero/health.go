package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// health is what the daemon leaves beside the store after each completed cycle. It is a file of its own because nobody
// else can open the store while the daemon holds it.
type health struct {
	CycleDone time.Time `json:"cycle_done"`
	GoodUntil time.Time `json:"good_until"`       // a live daemon has completed another cycle by then
	Behind    time.Time `json:"behind,omitzero"`  // since when what changed accounts let in could not be read
	Holder    string    `json:"holder,omitempty"` // another daemon that serves the organisation: this one sends nothing
}

// leastHealthy is how long one completed cycle vouches for the daemon at least: a cycle that brings over years of deals
// needs its time at 60 calls a minute, and a restart in its middle would only make it longer.
const leastHealthy = 30 * time.Minute

func healthFile(store string) string { return store + ".health" }

// healthyFor is how long a completed cycle vouches for the daemon: some cycles may fail before somebody is woken.
func (c *config) healthyFor() time.Duration {
	return max(leastHealthy, 5*max(c.Salesforce.PollInterval, c.Xero.PollInterval))
}

// writeHealth says that a cycle was completed just now. A reader never sees half a file.
func writeHealth(store string, h health) error {
	h.CycleDone, h.GoodUntil = h.CycleDone.UTC(), h.GoodUntil.UTC()
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return replaceFile(healthFile(store), append(text, '\n'), 0o644)
}

// clearHealth takes the word back when the daemon stops.
func clearHealth(store string) error {
	if err := os.Remove(healthFile(store)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// checkHealth says when the last cycle was completed, or what is wrong.
func checkHealth(store string, now time.Time) (string, error) {
	file := healthFile(store)
	text, err := readSmallFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("not healthy: no cycle has been completed since the start, or nothing runs on %s; the log of `sf2xero run` says why", store)
	}
	if err != nil {
		return "", err
	}
	var h health
	if err := json.Unmarshal(text, &h); err != nil {
		return "", fmt.Errorf("not healthy: %s is not what sf2xero writes there (%w); delete it", file, err)
	}
	done := h.CycleDone.Format(time.RFC3339)
	if now.After(h.GoodUntil) {
		return "", fmt.Errorf("not healthy: the last cycle was completed at %s, %s ago; the log of `sf2xero run` says why", done, now.Sub(h.CycleDone).Round(time.Second))
	}
	if h.Holder != "" {
		return "", fmt.Errorf("not ready: another sf2xero (%s) serves this organisation, and this one sends nothing; stop one of the two", h.Holder)
	}
	if !h.Behind.IsZero() {
		return "healthy: the last cycle was completed at " + done + ", but Salesforce does not answer which deals or accounts were let in since " +
			h.Behind.UTC().Format(time.RFC3339) + " by a change of their account (or another parent); those wait, and are asked for again (pull.behind in the log)", nil
	}
	return "healthy: the last cycle was completed at " + done, nil
}

func newHealthCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Say whether the daemon completes its cycles (exit status 0 or 1; for HEALTHCHECK)",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.config(cmd)
			if err != nil {
				return err
			}
			text, err := checkHealth(c.Store, p.Now())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.Stdout, text)
			return err
		},
	}
	addConfigFlag(cmd)
	return cmd
}
