package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"sf2xero/store"
	"sf2xero/sync/events"
)

func newRunCommand(p *program) *cobra.Command {
	var once, fresh, takeover bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Serve one company: the daemon",
		Long: `Repeats the cycle until it is told to stop: watch Xero, pull Salesforce, plan, push, write back.
The first SIGTERM finishes the calls in hand and stops; the second stops at once, which is safe too.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.config(cmd)
			if err != nil {
				return err
			}
			return p.serve(cmd.Context(), c, serving{once: once, fresh: fresh, takeover: takeover})
		},
	}
	addConfigFlag(cmd)
	cmd.Flags().BoolVar(&once, "once", false, "bring everything in step that can be, then end")
	cmd.Flags().BoolVar(&fresh, "new", false, "say that no sf2xero served this organisation lately, so a new store need not wait")
	cmd.Flags().BoolVar(&takeover, "takeover", false, "say that the other sf2xero, for which this one has stopped, is gone, and serve again")
	cmd.MarkFlagsMutuallyExclusive("new", "takeover")
	return cmd
}

// serving is how a person has started the daemon.
type serving struct{ once, fresh, takeover bool }

// releaseTimeout is how long a stopping daemon may take to give its lease back: less than what kills containers waits.
const releaseTimeout = 5 * time.Second

// serve is the daemon. The store is closed cleanly whatever happens: only so does the next start know that nothing is in doubt.
func (p *program) serve(ctx context.Context, c *config, how serving) (err error) {
	// Read before the store is opened: a new store next to a mistyped mapping would look like the beginning of something.
	if _, _, err := readMapping(c.Mapping); err != nil {
		return err
	}
	db, err := store.Open(c.Store, store.Options{Now: p.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	log := newLog(p.Stdout, c.Log)
	cycle, err := p.wire(c, db, log)
	if err != nil {
		return failure(err)
	}
	cycle.Settings.New, cycle.Settings.Takeover = how.fresh, how.takeover
	done := func(r events.Report) {
		if err := writeHealth(c.Store, health{CycleDone: p.Now(), GoodUntil: p.Now().Add(c.healthyFor()), Holder: r.Holder, Behind: r.Behind}); err != nil {
			log.Failed("write the health file", err)
		}
	}
	// What a killed daemon last wrote says nothing about this one.
	if err := clearHealth(c.Store); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clearHealth(c.Store)) }()
	defer cycle.Log.Stopped()
	defer func() {
		// Not by the context that was ended: what is given back now, nobody has to wait for.
		releasing, end := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
		defer end()
		cycle.Release(releasing)
	}()
	if !how.once {
		cycle.Settings.WatchEvery, cycle.Settings.PullEvery = c.Xero.PollInterval, c.Salesforce.PollInterval
		return failure(cycle.Loop(ctx, min(c.Salesforce.PollInterval, c.Xero.PollInterval), done))
	}
	report, err := cycle.Once(ctx, done)
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped before everything was done; what is left is found again by the next run")
	}
	if err != nil {
		return failure(err)
	}
	if report.Held > 0 {
		fmt.Fprintf(p.Stderr, "sf2xero: %d held; each one's cause and remedy is in the log (event hold.added) and in Salesforce\n", report.Held)
	}
	if !report.Behind.IsZero() {
		fmt.Fprintln(p.Stderr, "sf2xero: Salesforce did not answer which deals or accounts a changed account (or another parent) lets in; the next run asks again")
	}
	if report.LetIn > 0 {
		fmt.Fprintf(p.Stderr, "sf2xero: %d wait because only an edit of mapping.yaml lets them in: %s\n", report.LetIn, report.WayOut)
	}
	return nil
}
