package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// Two daemons with two stores, `run --once` at one moment, against a Xero that takes half a second over everything. The real
// binary, over real HTTP. Where Salesforce has the object Xero_Act__c, no deal is invoiced twice and all are invoiced. Where
// it has not, what they have both made is held with both numbers, and both end with 1 until a person says that one is gone.
func TestTwoDaemonsAtOneMoment(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "sf2xero")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, there := range []bool{true, false} {
		t.Run(fmt.Sprint("with the object: ", there), func(t *testing.T) {
			t.Parallel()
			data := ""
			if there {
				data = t.TempDir()
				if err := os.WriteFile(filepath.Join(data, "Xero_Act__c.csv"), []byte("Id,Key__c,Token__c,Kind__c,State__c,Holder__c\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			w := newKilling(t, binary, rand.New(rand.NewPCG(1, 2)), data)
			two := []*pairOf{{w: w, store: w.store}, {w: w, store: w.store + ".second"}}
			// Their customer is in Xero already: otherwise Xero itself lets only one of them make the contact.
			account := w.insert("Account", map[string]any{"Name": "Customer 0", "BillingCountry": "New Zealand", "Region__c": "North"})
			if _, err := w.e.Books.AddContact(xerotest.EditableContact{Name: "Customer 0", ContactNumber: account}); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				w.win(account)
			}
			w.pause(1500 * time.Millisecond)
			w.door(w.e.XeroURL, []faults.Fault{{Path: "/api.xro/*", Times: 10_000, Kind: "hang", DelayMS: 500}})
			first, second := two[0].run("--once", "--new"), two[1].run("--once", "--new")
			first.wait()
			second.wait()
			w.mend()
			twice := w.madeTwice()
			t.Logf("%d of %d deals are invoiced twice; exit status %d and %d", len(twice), w.won, first.status(), second.status())
			if there {
				// One of them has served; the other one has found all done, or ends because that one lives.
				for _, e := range []*ended{first, second} {
					if s := e.status(); s != 0 && (s != 1 || !strings.Contains(e.stderr.String(), "another sf2xero serves this organisation")) {
						t.Errorf("run %s ends with %d: %s", e.args, s, e.stderr.String())
					}
				}
				if first.status()+second.status() > 1 {
					t.Error("neither has served")
				}
				w.compare()
				return
			}
			if len(twice) == 0 {
				t.Skip("they did not meet this time")
			}
			// At the latest its next look tells each of them, and it stays so whoever starts it again.
			for range 2 {
				for _, p := range two {
					again := p.run("--once")
					again.ends(1)
					if text := again.stderr.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "INV-") || !strings.Contains(text, "run --takeover") {
						t.Errorf("it says %q", text)
					}
				}
			}
			calls := w.xeroCalls("")
			two[0].run().ends(1)
			if n := w.xeroCalls(""); n != calls {
				t.Errorf("a daemon that has stopped makes %d calls to Xero", n-calls)
			}
			for _, deal := range w.e.Org.Rows("Opportunity") {
				numbers := twice[fmt.Sprint(deal["Id"])]
				for _, number := range numbers {
					if text := fmt.Sprint(deal["Xero_Sync_Error__c"]); !strings.Contains(text, number) {
						t.Errorf("%v is invoiced as %v and shows %q", deal["Name"], numbers, text)
					}
				}
			}
			// The accountant deletes one of each pair, and a person lifts the stop of the daemon that stays.
			for _, inv := range w.e.Books.Invoices() {
				for _, numbers := range twice {
					if inv.InvoiceNumber == numbers[1] {
						if err := w.e.Books.Delete(inv.InvoiceID); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			two[0].run("--once", "--takeover").ends(0)
			w.compare()
			two[0].run("--once", "--takeover").ends(2) // there is nothing to lift any more
			two[1].run("--once").ends(1)
		})
	}
}

// madeTwice are the deals with more than one live invoice, and the numbers of those.
func (w *killing) madeTwice() map[string][]string {
	live := map[string][]string{}
	for _, inv := range w.e.Books.Invoices() {
		if inv.Status == "VOIDED" || inv.Status == "DELETED" {
			continue
		}
		for _, deal := range w.e.Org.Rows("Opportunity") {
			if id := fmt.Sprint(deal["Id"]); strings.Contains(inv.Url, id) {
				live[id] = append(live[id], inv.InvoiceNumber)
			}
		}
	}
	for id, numbers := range live {
		if len(numbers) < 2 {
			delete(live, id)
		}
	}
	return live
}

// pairOf is one of two daemons of a company.
type pairOf struct {
	w     *killing
	store string
}

// ended is one run of it.
type ended struct {
	p      *pairOf
	args   string
	cmd    *exec.Cmd
	done   chan error
	err    error
	stderr bytes.Buffer
}

func (p *pairOf) run(args ...string) *ended {
	e := &ended{p: p, args: strings.Join(args, " "), cmd: exec.Command(p.w.binary, append([]string{"run"}, args...)...), done: make(chan error, 1)}
	for _, v := range p.w.env {
		if !strings.HasPrefix(v, "SF2XERO_STORE=") {
			e.cmd.Env = append(e.cmd.Env, v)
		}
	}
	e.cmd.Env = append(e.cmd.Env, "SF2XERO_STORE="+p.store)
	e.cmd.Dir, e.cmd.Stdout, e.cmd.Stderr = p.w.dir, p.w.log, &e.stderr
	if err := e.cmd.Start(); err != nil {
		p.w.Fatal(err)
	}
	go func() { e.done <- e.cmd.Wait() }()
	return e
}

// wait waits until it has ended, which must not take for ever.
func (e *ended) wait() {
	if e.done == nil {
		return
	}
	select {
	case e.err = <-e.done:
	case <-time.After(3 * time.Minute):
		_ = e.cmd.Process.Kill()
		<-e.done
		e.p.w.Fatalf("run %s does not end", e.args)
	}
	e.done = nil
}

func (e *ended) status() int {
	e.wait()
	return e.cmd.ProcessState.ExitCode()
}

func (e *ended) ends(status int) {
	e.p.w.Helper()
	if got := e.status(); got != status {
		e.p.w.Errorf("run %s ends with %d, want %d (%v): %s", e.args, got, status, e.err, e.stderr.String())
	}
}
