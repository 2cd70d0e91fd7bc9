package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// roundTrip is a network made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// demoFolder is the folder that a demo named; it is removed with the test.
func demoFolder(t *testing.T, told string) string {
	t.Helper()
	folder := regexp.MustCompile(`\S*sf2xero-demo-[0-9]+`).FindString(told)
	if folder == "" {
		t.Fatalf("no folder is named in:\n%s", told)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

// With --keep both services can be looked at, and a deal won there is invoiced, by the very lines that are printed.
func TestDemoKeepsRunning(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "curl", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("the printed lines need " + tool)
		}
	}
	out, in := io.Pipe()
	var stderr bytes.Buffer
	p := &program{Stdin: strings.NewReader(""), Stdout: in, Stderr: &stderr, Now: time.Now}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	exit := make(chan int, 1)
	go func() {
		exit <- p.run(ctx, []string{"demo", "--keep"})
		in.Close()
	}()
	var told, script strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		told.WriteString(lines.Text() + "\n")
		if command, ok := strings.CutPrefix(lines.Text(), "   "); ok && strings.Contains(told.String(), "in another terminal:") {
			script.WriteString(command + "\n")
		}
		if strings.HasPrefix(lines.Text(), "With the first of these lines set") {
			break
		}
	}
	if script.Len() == 0 {
		t.Fatalf("exit %d: %s\n%s", <-exit, stderr.String(), told.String())
	}
	demoFolder(t, told.String())
	first := shell(t, script.String()) // which wins the deal that was lost
	for _, want := range []string{`"Xero_Invoice_Number__c":"INV-0013"`, `"InvoiceNumber":"INV-0013"`, `"max_per_minute"`} {
		if !strings.Contains(first, want) {
			t.Errorf("the printed lines do not show %s:\n%s", want, first)
		}
	}
	// Looking on, only Salesforce is asked: the daemon needs what is left of the minute at Xero.
	asking, _, _ := strings.Cut(script.String(), `curl -s -H "$books"`)
	answer := ""
	for range 60 {
		if answer = shell(t, asking); strings.Contains(answer, `"Xero_Invoice_Number__c":"INV-0021"`) {
			break
		}
		wait(t, time.Second)
	}
	if !strings.Contains(answer, `"Xero_Invoice_Number__c":"INV-0021"`) {
		t.Errorf("the deal that was won afterwards has no invoice:\n%s", answer)
	}
	stop()
	if status := <-exit; status != exitDone {
		t.Errorf("exit status %d after Ctrl-C: %s", status, stderr.String())
	}
	if diff := cmp.Diff("", stderr.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
}

func shell(t *testing.T, script string) string {
	t.Helper()
	answer, err := exec.CommandContext(t.Context(), "sh", "-e", "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, answer)
	}
	return string(answer)
}

func wait(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
		t.Fatal("the test was stopped")
	}
}

func TestDemoSaysWhatDidNotTurnOut(t *testing.T) {
	t.Parallel()
	refused := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(`{"error":"invalid_client","error_description":"invalid client credentials"}`))}, nil
	})
	var stdout, stderr bytes.Buffer
	p := &program{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: time.Now, Base: refused}
	status := p.run(t.Context(), []string{"demo"})
	folder := demoFolder(t, stderr.String())
	if status != exitFailed {
		t.Errorf("exit status %d, want %d", status, exitFailed)
	}
	for _, want := range []string{`sf2xero: the story did not turn out as it should: "The first look": the daemon ended by itself: `, "\nsf2xero: what the daemon did is in " + filepath.Join(folder, "daemon.log")} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("stderr lacks %q:\n%s", want, stderr.String())
		}
	}
}

func TestDemoStopsWhenToldTo(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var stdout, stderr bytes.Buffer
	p := &program{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: time.Now}
	p.Base = roundTrip(func(r *http.Request) (*http.Response, error) {
		stop() // Ctrl-C while the daemon is at work
		return http.DefaultTransport.RoundTrip(r)
	})
	if status := p.run(ctx, []string{"demo"}); status != exitFailed {
		t.Errorf("exit status %d, want %d", status, exitFailed)
	}
	if diff := cmp.Diff("sf2xero: stopped before the story was told to its end\n", stderr.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
}

// The demo's mapping is the one that `init` writes: nothing but its start and its impatience is the demo's own.
func TestDemoMappingIsTheExample(t *testing.T) {
	t.Parallel()
	ours, theirs := strings.Split(demoMapping("2026-01-02"), "\n"), strings.Split(mappingTemplate, "\n")
	if len(ours) != len(theirs) {
		t.Fatalf("%d lines, the example has %d", len(ours), len(theirs))
	}
	var differing []string
	for i := range ours {
		if ours[i] != theirs[i] {
			value, _, _ := strings.Cut(ours[i], "#")
			differing = append(differing, strings.TrimSpace(value))
		}
	}
	if diff := cmp.Diff([]string{"start: 2026-01-02", "settle: 1s"}, differing); diff != "" {
		t.Errorf("lines that differ (-want +got):\n%s", diff)
	}
}

func TestWrapped(t *testing.T) {
	t.Parallel()
	got := wrapped("  ", 12, "one two  three éééééééé averyveryverylongword end")
	want := "  one two\n  three\n  éééééééé\n  averyveryverylongword\n  end\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
