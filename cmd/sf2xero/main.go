// Command sf2xero turns closed-won Salesforce Opportunities into Xero invoices and brings their payment status back.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // an invoice's date is a date in the organisation's zone, and an empty image knows no zones
)

// Exit statuses.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // wrong usage or configuration: trying again without changing something is useless
)

// program is the command line with everything it takes from the process around it, so that a test can be that process.
type program struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Env            variables
	Now            func() time.Time
	Base           http.RoundTripper // below both API clients; nil: the network
}

func main() {
	setProcessGlobals()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go obey(signals, stop, func() { os.Exit(exitFailed) }) // until the process ends
	p := &program{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: variablesOf(os.Environ()), Now: time.Now}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// obey lets the first signal finish the step in hand and the second end everything at once, which the store takes like a
// power cut and is made for.
func obey(signals <-chan os.Signal, stop, kill func()) {
	<-signals
	stop()
	<-signals
	kill()
}

// run executes one command line and returns the exit status. A failure is told on Stderr, one line for each thing to do.
func (p *program) run(ctx context.Context, args []string) (exit int) {
	root, entered := newRootCommand(p)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(p.Stderr, "sf2xero: "+strings.TrimRight(line, "\n"))
	}
	var usage *usageError
	if errors.As(err, &usage) || !*entered {
		return exitUsage
	}
	return exitFailed
}

// usageError is a command line or a configuration that cannot be obeyed: exit status 2.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{text: fmt.Sprintf(format, args...)}
}
