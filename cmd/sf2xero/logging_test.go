package main

import (
	"bytes"
	"encoding/json"
	"log"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestLogLinesAreJSONInUTC(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := newLog(&out, logConfig{Level: zerolog.InfoLevel, Format: "auto"}).Logger
	logger.Debug().Msg("too fine")
	logger.Info().Str("event", "cycle.done").Msg("done")
	var line map[string]string
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("not one line of JSON: %v\n%s", err, out.String())
	}
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`).MatchString(line["time"]) {
		t.Errorf("time %q", line["time"])
	}
	if line["event"] != "cycle.done" || line["level"] != "info" {
		t.Errorf("line %v", line)
	}
}

func TestConsoleLinesAreForReading(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := newLog(&out, logConfig{Level: zerolog.InfoLevel, Format: "console"}).Logger
	logger.Info().Str("event", "cycle.done").Msg("all is in step")
	if got := out.String(); !strings.Contains(got, "INF all is in step event=cycle.done") {
		t.Errorf("got %q", got)
	}
}

func TestTheStandardLoggerIsSilent(t *testing.T) {
	t.Parallel()
	if n, err := log.Writer().Write(nil); n != 0 || err != nil {
		t.Errorf("wrote %d, %v", n, err)
	}
	if _, noisy := log.Writer().(interface{ Fd() uintptr }); noisy {
		t.Error("simpleforce's lines would reach stderr")
	}
}
