package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sf2xero/store"
	"sf2xero/sync/events"
	"sf2xero/sync/plan"
)

func newPlanCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what `run` would do now, with reasons; changes nothing anywhere",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.config(cmd)
			if err != nil {
				return err
			}
			return p.plan(cmd.Context(), c)
		},
	}
	addConfigFlag(cmd)
	return cmd
}

// plan watches, pulls and plans on a copy of the store that is thrown away. The store itself stays locked meanwhile: only
// the holder of its lock may call Xero.
func (p *program) plan(ctx context.Context, c *config) (err error) {
	if _, _, err := readMapping(c.Mapping); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sf2xero-plan-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	scratch := filepath.Join(dir, "plan.db")
	if _, err := os.Stat(c.Store); !errors.Is(err, fs.ErrNotExist) { // a store that may not be looked at is not a new one
		original, err := store.Open(c.Store, store.Options{ReadOnly: true})
		if err != nil {
			return err
		}
		defer func() { _ = original.Close() }()
		if err := original.Copy(scratch); err != nil {
			return err
		}
	}
	db, err := store.Open(scratch, store.Options{Now: p.Now, NoSync: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	cycle, err := p.wire(c, db, events.New(io.Discard))
	if err != nil {
		return failure(err)
	}
	sheet := &sheet{out: p.Stdout}
	cycle.Planned = sheet.add
	report, err := cycle.Preview(ctx)
	if err != nil {
		return failure(err)
	}
	return sheet.print(report)
}

// sheet gathers a plan for people: what would be done, and what is held.
type sheet struct {
	out   io.Writer
	steps []plan.Step
}

func (s *sheet) add(step plan.Step) {
	if step.Do != plan.Nothing {
		step.Document, step.Meant = nil, nil
		s.steps = append(s.steps, step)
	}
}

func (s *sheet) print(report events.Report) error {
	counts := map[plan.Action]int{}
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	if len(s.steps) > 0 {
		fmt.Fprintln(w, "STEP\tRECORD\tNAME\tAMOUNT\tWHY")
	}
	for _, step := range s.steps {
		counts[step.Do]++
		why := step.Why
		if step.Hold != nil {
			why = step.Hold.Text + " (" + step.Hold.Owner + ": " + step.Hold.Remedy + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", step.Do, step.Key, step.Name, step.Amount, why)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if report.Reached > 0 {
		fmt.Fprintf(s.out, "%d deals of before the books stay history, although start: in mapping.yaml reaches them now: %s.\n", report.Reached, report.WayOut)
	}
	if len(s.steps) == 0 {
		fmt.Fprintln(s.out, "Nothing to do: both sides are in step.")
		return nil
	}
	fmt.Fprintf(s.out, "\n%d to create, %d to adopt, %d to update, %d to approve, %d to delete, %d waiting, %d held. Nothing was changed.\n",
		counts[plan.Create], counts[plan.Adopt], counts[plan.Update], counts[plan.Promote], counts[plan.Delete], counts[plan.Wait], counts[plan.Hold])
	return nil
}
