package sync

import (
	"context"
	"errors"
	"time"

	"sf2xero/sync/events"
	"sf2xero/sync/remote"
	"sf2xero/sync/state"
)

// Once runs cycles until nothing is left that may be done now: it waits out what the protocol keeps waiting (an
// unsettled call, a quarantine, the first watch after a first batch), but not for a deal to be left alone.
func (c *Cycle) Once(ctx context.Context, done func(events.Report)) (events.Report, error) {
	total, idle := events.Report{}, 0
	for {
		r, err := c.Run(ctx)
		total, idle = total.Plus(r), idleAfter(r, idle)
		var e *remote.Error
		switch {
		case ctx.Err() != nil:
			return total, ctx.Err()
		case err == nil && r.Holder != "" && r.Queued > 0:
			return total, &LeaseHeld{Holder: r.Holder}
		case err == nil:
			done(r)
			c.Log.CycleDone(r)
		case errors.As(err, &e) && (e.Class == remote.Unknown || e.Class == remote.Throttled) && !r.Until.IsZero():
			c.Log.CycleFailed(err, 1)
		default:
			return total, err
		}
		wait := time.Duration(0)
		switch {
		case !r.Until.IsZero():
			wait = max(r.Until.Sub(c.xeroNow()), lookAgain(idle))
		case r.Made > 0 && !c.lease.there:
			wait = state.Soon // one look at what another daemon may have made meanwhile: it would go on unseen otherwise
		case !r.Progress() || r.Queued == 0:
			return total, nil
		}
		if err := sleep(ctx, wait); err != nil {
			return total, err
		}
	}
}

// idleAfter counts the cycles in a row that found nothing to do, and lookAgain waits the longer the more they are: lists
// that lag by minutes must not cost the calls of the day.
func idleAfter(r events.Report, idle int) int {
	if r.Progress() {
		return 0
	}
	return idle + 1
}

func lookAgain(idle int) time.Duration { return min(state.Soon<<min(idle, 4), 30*time.Second) }

// Loop repeats the cycle until ctx ends or the daemon must stop: another one serves this organisation. A failing cycle
// is told once, then counted, with ever longer pauses, and its end is told.
func (c *Cycle) Loop(ctx context.Context, every time.Duration, done func(events.Report)) error {
	failures, idle := 0, 0
	for {
		r, err := c.Run(ctx)
		idle = idleAfter(r, idle)
		pause := every
		var other *OtherWriter
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &other):
			return err
		case err != nil && c.mappings.compiled.mapping == nil && forPeople(err):
			return err // wrong from the start: better to say so and end than to look alive
		case err != nil:
			failures++
			c.Log.CycleFailed(err, failures)
			pause = pauseAfter(failures, every)
			if left := c.Xero.Pacer().Refuses(); left > 0 { // people may have mended something while no call was made
				pause = min(pause, max(left, lookAgain(0)))
			}
		default:
			if failures > 0 {
				c.Log.Recovered(failures)
				failures = 0
			}
			done(r)
			c.Log.CycleDone(r)
		}
		if err == nil && !r.Looks.IsZero() { // nobody waits for that but those who have just mended something
			pause = min(pause, max(time.Until(r.Looks), lookAgain(0)))
		}
		// A failing cycle may not even have come to what it waits for: there is no hurry then.
		if c.session.hurry = !r.Until.IsZero() && (err == nil || r.Until.After(c.xeroNow())); c.session.hurry {
			pause = min(pause, max(r.Until.Sub(c.xeroNow()), lookAgain(idle)))
		}
		if sleep(ctx, pause) != nil {
			return nil
		}
	}
}

// forPeople is true for what no waiting mends: a configuration, a mapping or credentials that are wrong.
func forPeople(err error) bool {
	var problems *MappingProblems
	class := remote.ClassOf(err)
	return errors.As(err, &problems) || class == remote.BadConfig || class == remote.Auth
}

// pauseAfter doubles the pause with each failure, up to a quarter of an hour.
func pauseAfter(failures int, every time.Duration) time.Duration {
	return min(every<<min(failures-1, 10), max(every, 15*time.Minute))
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
