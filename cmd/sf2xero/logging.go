package main

import (
	"io"
	"log"
	"os"
	"time"

	"github.com/rs/zerolog"

	"sf2xero/sync/events"
)

// timestampFormat is RFC 3339 with milliseconds, always three digits, so that lines sort as text.
const timestampFormat = "2006-01-02T15:04:05.000Z07:00"

// setProcessGlobals sets what two libraries keep for the whole process. Nothing else may set them.
func setProcessGlobals() {
	zerolog.TimeFieldFormat = timestampFormat
	zerolog.TimestampFunc = func() time.Time { return time.Now().UTC() }
	// simpleforce writes response bodies and queries, customers' data among them, to the standard logger.
	log.SetOutput(io.Discard)
}

// newLog returns the log of a command: JSON lines, or readable ones where a person is looking.
func newLog(out io.Writer, c logConfig) events.Log {
	if c.Format == "console" || c.Format == "auto" && isTerminal(out) {
		out = zerolog.ConsoleWriter{Out: out, TimeFormat: timestampFormat, TimeLocation: time.UTC, NoColor: !isTerminal(out)}
	}
	// Several calls are in flight at once; a line must stay whole whatever is behind out.
	log := events.New(zerolog.SyncWriter(out))
	log.Logger = log.Logger.Level(c.Level).With().Timestamp().Logger()
	return log
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
