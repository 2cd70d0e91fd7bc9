package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	setProcessGlobals()
	testscript.Main(m, map[string]func(){"sf2xero": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"taken":     takenPort,
			"terminate": terminate,
			"waitfile":  waitForFile,
			"mode":      fileMode,
			"today":     today,
			"soql":      soql,
		},
	})
}

func TestTheFirstSignalStopsAndTheSecondKills(t *testing.T) {
	t.Parallel()
	signals, told := make(chan os.Signal), make(chan string)
	go obey(signals, func() { told <- "stop" }, func() { told <- "kill" })
	for _, want := range []string{"stop", "kill"} {
		signals <- os.Interrupt
		if got := <-told; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// exits STATUS ARGS… runs sf2xero and wants exactly that exit status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits STATUS [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec("sf2xero", args[1:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// taken NAME sets NAME to an address on which something else listens until the script ends.
func takenPort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: taken NAME")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	ts.Setenv(args[0], listener.Addr().String())
}

// terminate sends SIGTERM to what runs in the background, as `docker stop` does.
func terminate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: terminate")
	}
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}

// waitfile FILE waits until a program in the background has written FILE.
func waitForFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfile FILE")
	}
	for range 1200 { // a minute, on the slowest machine
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s was never written", args[0])
}

// mode FILE OCTAL wants these permissions.
func fileMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode FILE OCTAL")
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := strconv.FormatInt(int64(info.Mode().Perm()), 8); got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}

// soql ENVFILE QUERY [all] asks the Salesforce that an env file points at, deleted rows too if told, and puts the answer on stdout.
func soql(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: soql ENVFILE QUERY [all]")
	}
	said := map[string]string{}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		said[strings.TrimPrefix(name, "SF2XERO_SALESFORCE_")] = value
	}
	body := func(response *http.Response, err error) []byte {
		ts.Check(err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		ts.Check(err)
		return text
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {said["CLIENT_ID"]}, "client_secret": {said["CLIENT_SECRET"]}}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	ts.Check(json.Unmarshal(body(http.PostForm(said["LOGIN_URL"]+"/services/oauth2/token", form)), &token))
	resource := map[bool]string{true: "queryAll", false: "query"}[len(args) == 3]
	request, err := http.NewRequest(http.MethodGet, said["LOGIN_URL"]+"/services/data/v66.0/"+resource+"?q="+url.QueryEscape(args[1]), nil)
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+token.AccessToken)
	fmt.Fprintln(ts.Stdout(), string(body(http.DefaultClient.Do(request))))
}

// today NAME sets NAME to the local date.
func today(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: today NAME")
	}
	ts.Setenv(args[0], time.Now().Format(time.DateOnly))
}
