package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sf2xero/store"
	"sf2xero/sync/events"
)

const (
	demoPoll     = time.Second      // how often the daemon looks during the story: at most 60 calls a minute, like anybody's
	demoKeepPoll = 3 * time.Second  // and after it
	demoHistory  = 30               // days before today from which deals count
	storyLimit   = 90 * time.Second // it takes 15 on an idle machine; a busy one is no reason to call the story untrue
)

func newDemoCommand(p *program) *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch it work on a sample company: no account, no network, a quarter of a minute",
		Long: `Runs a small Salesforce and a small Xero inside this program, a sample company in them, and the real daemon
between the two, over real HTTP and with a real store file. Tells what happens as a short story and ends with a tie-out.
Needs no account, no network and no configuration, and touches none.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.demo(cmd.Context(), keep)
		},
	}
	cmd.Flags().BoolVar(&keep, "keep", false, "leave everything running after the story, until Ctrl-C")
	return cmd
}

func (p *program) demo(ctx context.Context, keep bool) (err error) {
	s, err := p.newStage()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	telling, stop := context.WithTimeout(ctx, storyLimit)
	defer stop()
	err = s.tell(telling)
	switch {
	case ctx.Err() != nil:
		return errors.Join(errors.New("stopped before the story was told to its end"), s.close(), os.RemoveAll(s.dir))
	case err != nil:
		return fmt.Errorf("the story did not turn out as it should: %w\nwhat the daemon did is in %s", err, s.logFile())
	case !keep:
		return nil
	}
	if err := s.stopDaemon(); err != nil {
		return err
	}
	if err := s.startDaemon(false, demoKeepPoll); err != nil {
		return err
	}
	if err := s.showAround(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.e.failed:
		return err
	case <-s.daemon.ended:
		return fmt.Errorf("the daemon ended by itself: %v; its log is %s", s.daemon.err, s.logFile())
	}
}

// stage is what a story is played on: both emulators, the company in them, and the daemon between them.
type stage struct {
	p       *program
	e       *emulators
	company *company
	config  *config
	dir     string
	today   time.Time
	log     *os.File
	events  events.Log
	daemon  *daemon
	killed  []*daemon
}

// newStage makes everything but the daemon. The folder stays behind: the log in it can be read in peace.
func (p *program) newStage() (s *stage, err error) {
	s = &stage{p: p}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(), os.RemoveAll(s.dir))
		}
	}()
	zone, err := time.LoadLocation("Pacific/Auckland") // where the emulated company lives
	if err != nil {
		return s, err
	}
	s.today = p.Now().In(zone)
	if s.e, err = startEmulators(emulatorOptions{Salesforce: "127.0.0.1:0", Xero: "127.0.0.1:0", Currencies: []string{"AUD", "USD"}, Now: p.Now}); err != nil {
		return s, err
	}
	if s.dir, err = os.MkdirTemp("", "sf2xero-demo-"); err != nil {
		return s, err
	}
	if err = os.WriteFile(filepath.Join(s.dir, "mapping.yaml"), []byte(demoMapping(s.start())), 0o644); err != nil {
		return s, err
	}
	if s.config, err = loadConfig(variablesOf(s.environment("sf2xero.db")), filepath.Join(s.dir, defaultConfigFile), false); err != nil {
		return s, err
	}
	if s.log, err = os.OpenFile(s.logFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return s, err
	}
	s.events = newLog(s.log, s.config.Log)
	s.company, err = moveIn(s.e, s.today)
	return s, err
}

// environment is what the daemon is configured by, with one store or another.
func (s *stage) environment(name string) []string {
	return append(s.e.environment(),
		"SF2XERO_MAPPING="+filepath.Join(s.dir, "mapping.yaml"),
		"SF2XERO_STORE="+filepath.Join(s.dir, name),
		"SF2XERO_XERO_SETTLE=1s", // the emulated Xero shows at once what it has; the real one is given ten minutes
		"SF2XERO_LOG_FORMAT=json")
}

// demoMapping is the mapping that `init` writes, for the demo's start and its impatience.
func demoMapping(start string) string {
	text := strings.Replace(mappingTemplate, templateStart, "start: "+start, 1)
	return strings.Replace(text, "settle: 10m ", "settle: 1s  ", 1)
}

func (s *stage) start() string { return s.today.AddDate(0, 0, -demoHistory).Format(time.DateOnly) }

func (s *stage) logFile() string { return filepath.Join(s.dir, "daemon.log") }

// daemon is one life of what `run` runs.
type daemon struct {
	db    *store.DB
	stop  context.CancelFunc
	ended chan struct{} // closed when the loop is over
	err   error         // why it ended, once it has
}

// startDaemon wires the daemon as `run` does. It is not tied to the story's context: it must outlive the step that it is
// in, and is ended by stopDaemon.
func (s *stage) startDaemon(fresh bool, every time.Duration) error {
	db, err := store.Open(s.config.Store, store.Options{Now: s.p.Now})
	if err != nil {
		return err
	}
	cycle, err := s.p.wire(s.config, db, s.events)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	cycle.Settings.New = fresh
	ctx, stop := context.WithCancel(context.Background())
	d := &daemon{db: db, stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(d.ended)
		d.err = cycle.Loop(ctx, every, func(events.Report) {})
	}()
	s.daemon = d
	return nil
}

// stopDaemon ends it as SIGTERM does: the step in hand is finished, the store closed cleanly.
func (s *stage) stopDaemon() error {
	d := s.daemon
	if d == nil {
		return nil
	}
	s.daemon = nil
	d.stop()
	<-d.ended
	return errors.Join(d.err, d.db.Close())
}

// killDaemon takes the store away from it as a power cut does: from this moment nothing it learns can be kept, and
// without its store it does nothing. What is left of it is waited for when the stage is cleared.
func (s *stage) killDaemon() error {
	d := s.daemon
	s.daemon = nil
	s.killed = append(s.killed, d)
	d.stop()
	return d.db.Abandon()
}

func (s *stage) close() error {
	err := s.stopDaemon()
	for _, d := range s.killed {
		<-d.ended
	}
	s.killed = nil
	if s.e != nil {
		s.e.Close()
		s.e = nil
	}
	if s.log != nil {
		err = errors.Join(err, s.log.Close())
		s.log = nil
	}
	return err
}

// showAround says how to look at what --keep leaves running, and how to make something happen there.
func (s *stage) showAround() error {
	file := filepath.Join(s.dir, "demo.env")
	if err := replaceFile(file, []byte(strings.Join(s.environment("second.db"), "\n")+"\n"), 0o600); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.p.Stdout, `
Everything is still running, the daemon with a look every %s, until Ctrl-C.
   Salesforce  %s
   Xero        %s

To look at it, in another terminal:
   set -a; . %s; set +a
   sf=$SF2XERO_SALESFORCE_LOGIN_URL; xero=$SF2XERO_XERO_API_URL
   token() { sed 's/.*"access_token":"\([^"]*\)".*/Authorization: Bearer \1/'; }
   crm=$(curl -s $sf/services/oauth2/token -d grant_type=client_credentials \
      -d client_id=$SF2XERO_SALESFORCE_CLIENT_ID -d client_secret=$SF2XERO_SALESFORCE_CLIENT_SECRET | token)
   books=$(curl -s $xero/connect/token -d grant_type=client_credentials \
      -d client_id=$SF2XERO_XERO_CLIENT_ID -d client_secret=$SF2XERO_XERO_CLIENT_SECRET | token)
   curl -s -H "$crm" "$sf/services/data/v66.0/query?q=SELECT+Name,Xero_Invoice_Number__c,Xero_Status__c,Xero_Amount_Due__c+FROM+Opportunity"
   curl -s -H "$books" -H "Accept: application/json" -H "xero-tenant-id: $SF2XERO_XERO_TENANT_ID" "$xero/api.xro/2.0/Invoices?summaryOnly=true&page=1"
   curl -s $xero/_emulator/requests
To win the deal that was lost, and see it invoiced:
   curl -s -X PATCH -H "$crm" -H "Content-Type: application/json" -d '{"StageName":"Closed Won"}' \
      $sf/services/data/v66.0/sobjects/Opportunity/%s
With the first of these lines set, `+"`sf2xero plan` and `sf2xero run --once`"+` work here too, on a second, empty store.
They begin with a minute's wait: an empty store cannot know how often Xero was just called.
`, demoKeepPoll, s.e.SalesforceURL, s.e.XeroURL, file, s.company.deals[dealLost])
	return err
}
