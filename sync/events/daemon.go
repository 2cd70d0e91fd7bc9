package events

import (
	"time"

	"github.com/rs/zerolog"

	"sf2xero/mapping"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
)

// What happens to the daemon: its cycles, its mapping, its turn.

// Watched tells that a list of Xero was read.
func (l Log) Watched(kind string, count int, full bool) {
	l.event(zerolog.DebugLevel, "watch.done").Str("kind", kind).Int("count", count).Bool("full", full).Send()
}

// Pulled tells that Salesforce was read.
func (l Log) Pulled(count int, first bool) {
	l.event(zerolog.DebugLevel, "pull.done").Int("count", count).Bool("first", first).Send()
}

// PullBehind tells that Salesforce does not say what changed parents let in, since a moment in its own time.
func (l Log) PullBehind(entry string, since time.Time, err error, failures int) {
	if !often(failures) {
		return
	}
	l.event(zerolog.ErrorLevel, "pull.behind").Str("entry", entry).Time("since", since.UTC()).Str("error", err.Error()).Int("failures", failures).Send()
}

// PullCaughtUp tells that it does again.
func (l Log) PullCaughtUp(entry string, failures int) {
	l.event(zerolog.InfoLevel, "pull.caught_up").Str("entry", entry).Int("failures", failures).Send()
}

// ReferenceChanged tells that Xero has other accounts, currencies, tax rates, … than before.
func (l Log) ReferenceChanged(parts []xero.Part) {
	var lists []string
	for _, part := range parts {
		lists = append(lists, string(part))
	}
	l.event(zerolog.InfoLevel, "reference.changed").Strs("lists", lists).Send()
}

// Swept tells that everything that matches was compared with everything that is linked.
func (l Log) Swept(count int) { l.event(zerolog.InfoLevel, "sweep.done").Int("count", count).Send() }

// QuarantineOver tells that creating begins.
func (l Log) QuarantineOver() { l.event(zerolog.InfoLevel, "quarantine.over").Send() }

// LeaseTaken tells that this daemon alone sends now; from is Salesforce's time at which it begins to create.
func (l Log) LeaseTaken(n int, from time.Time) {
	e := l.event(zerolog.InfoLevel, "lease.taken").Int("number", n)
	if !from.IsZero() {
		e = e.Time("until", from)
	}
	e.Send()
}

// LeaseWaits tells whose last sign of life is waited out.
func (l Log) LeaseWaits(holder string, until time.Time) {
	l.event(zerolog.WarnLevel, "lease.waits").Str("holder", holder).Time("until", until).Send()
}

// LeaseOther tells that another daemon serves this organisation.
func (l Log) LeaseOther(holder string, since time.Time) {
	l.event(zerolog.ErrorLevel, "lease.other").Str("holder", holder).Time("since", since).Send()
}

// LeaseGone tells that our row of the lease was deleted.
func (l Log) LeaseGone() { l.event(zerolog.ErrorLevel, "lease.gone").Send() }

// Started tells that both connections stand.
func (l Log) Started(place plan.Place, quarantine string) {
	e := l.event(zerolog.InfoLevel, "daemon.started").Str("org", place.Org).Str("tenant", place.Tenant)
	if quarantine != "" {
		e = e.Str("quarantine", quarantine)
	}
	e.Send()
}

// Stopped tells that the daemon ended cleanly.
func (l Log) Stopped() { l.event(zerolog.InfoLevel, "daemon.stopped").Send() }

// MappingLoaded tells which mapping is in force.
func (l Log) MappingLoaded(file string, m *mapping.Mapping) {
	l.event(zerolog.InfoLevel, "mapping.loaded").Str("file", file).Str("hash", m.Hash).Send()
}

// MappingAccepted tells that what the file says is in force again, after a refusal.
func (l Log) MappingAccepted(file string, m *mapping.Mapping) {
	l.event(zerolog.InfoLevel, "mapping.accepted").Str("file", file).Str("hash", m.Hash).Send()
}

// LetIn tells how many records an edit of the mapping let in, which wait as one group.
func (l Log) LetIn(e *mapping.Entry, count int, day string) {
	if count == 0 {
		l.event(zerolog.InfoLevel, "mapping.let_in").Str("entry", e.Name).Int("count", 0).Send()
		return
	}
	l.event(zerolog.WarnLevel, "mapping.let_in").Str("entry", e.Name).Int("count", count).Str("remedy", plan.WaysOut(e, day)).Send()
}

// MappingRefused tells why an edited mapping does not come into force.
func (l Log) MappingRefused(text string) {
	l.event(zerolog.ErrorLevel, "mapping.refused").Str("error", text).Send()
}

// CycleDone tells what a cycle did.
func (l Log) CycleDone(r Report) {
	l.event(zerolog.InfoLevel, "cycle.done").Int("made", r.Made).Int("changed", r.Changed).Int("adopted", r.Adopted).Int("held", r.Held).
		Int("released", r.Released).Int("queued", r.Queued).Int("wrote_back", r.WroteBack).
		Int("xero_reads", r.Reads).Int("xero_writes", r.Writes).Int("salesforce_calls", r.SalesforceCalls).Send()
}

// CycleFailed tells that a cycle failed, for the n-th time in a row.
func (l Log) CycleFailed(err error, failures int) {
	if !often(failures) {
		return
	}
	l.event(zerolog.ErrorLevel, "cycle.failed").Str("class", remote.ClassOf(err).String()).Str("error", err.Error()).Int("failures", failures).Send()
}

// Recovered tells that a cycle completed after failures.
func (l Log) Recovered(failures int) {
	l.event(zerolog.InfoLevel, "cycle.recovered").Int("failures", failures).Send()
}

// BackedUp tells that the night's copy of the store is there.
func (l Log) BackedUp(file string, size int64) {
	l.event(zerolog.InfoLevel, "backup.done").Str("file", file).Int64("bytes", size).Send()
}

// BackupFailed tells, at the first failure and every tenth, that there is none.
func (l Log) BackupFailed(err error, failures int) {
	if often(failures) {
		l.event(zerolog.ErrorLevel, "backup.failed").Str("error", err.Error()).Int("failures", failures).Send()
	}
}

// Failed tells what went wrong inside without stopping the cycle.
func (l Log) Failed(op string, err error) {
	l.event(zerolog.ErrorLevel, "internal.failed").Str("op", op).Str("error", err.Error()).Send()
}
