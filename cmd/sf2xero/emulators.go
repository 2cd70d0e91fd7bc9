package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"sf2xero/salesforce/salesforcetest"
	"sf2xero/sync/faults"
	"sf2xero/xero/xerotest"
)

// emulatorOptions says where the two emulators listen and what is in them.
type emulatorOptions struct {
	Salesforce, Xero string   // addresses to listen on; port 0 takes a free one
	Data             string   // folder of a Salesforce data export; empty: an empty org
	Currencies       []string // that deals may have beside the org's own NZD; empty: a single-currency org
	Now              func() time.Time
}

// emulators are a Salesforce org and a Xero organisation, each behind a door for faults, each on a port.
type emulators struct {
	Org                      *salesforcetest.Org
	Books                    *xerotest.Organisation
	SalesforceDoor, XeroDoor *faults.Door
	SalesforceURL, XeroURL   string
	Export                   salesforcetest.Export // what was read from the folder of data

	servers []*http.Server
	serving sync.WaitGroup
	failed  chan error
}

// startEmulators fills the org and opens both ports, or neither.
func startEmulators(o emulatorOptions) (*emulators, error) {
	e := &emulators{
		Org:    salesforcetest.New(salesforcetest.Options{Now: o.Now, MultiCurrency: len(o.Currencies) > 0, Currencies: o.Currencies}),
		Books:  xerotest.New(xerotest.Options{Now: o.Now, Empty: true}), // what the daemon makes there should be all there is
		failed: make(chan error, 2),
	}
	if o.Data != "" {
		var err error
		if e.Export, err = e.Org.LoadExport(o.Data); err != nil {
			return nil, fmt.Errorf("the data for Salesforce cannot be used: %w", err)
		}
	}
	salesforce, err := listen("--salesforce", o.Salesforce)
	if err != nil {
		return nil, err
	}
	xero, err := listen("--xero", o.Xero)
	if err != nil {
		return nil, errors.Join(err, salesforce.Close())
	}
	e.SalesforceDoor, e.XeroDoor = faults.NewDoor(e.Org), faults.NewDoor(e.Books)
	e.SalesforceURL = e.serve(salesforce, handsBeside(e.SalesforceDoor, e.Org))
	e.XeroURL = e.serve(xero, e.XeroDoor)
	return e, nil
}

func listen(flag, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s %s: something else listens there already: stop it, or give another port", flag, address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s %s: this user may not open that port: give one above 1023", flag, address)
	case err != nil:
		return nil, usagef("%s %s: no address to listen on (%v); give host:port, like 127.0.0.1:8401", flag, address, rootCause(err))
	}
	return listener, nil
}

// handsBeside lets people act in the org beside what programs do through its API.
func handsBeside(api http.Handler, org *salesforcetest.Org) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_emulator/hands" {
			org.Hand(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

func (e *emulators) serve(listener net.Listener, handler http.Handler) (url string) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	e.servers = append(e.servers, server)
	e.serving.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			e.failed <- fmt.Errorf("the emulator on %s stopped: %w", listener.Addr(), err)
		}
	})
	return "http://" + reachable(listener.Addr())
}

// reachable is where a program on this machine reaches a listener: one that listens everywhere, on loopback.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return a.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// environment is what points `run` at the emulators, a line for each variable.
func (e *emulators) environment() []string {
	salesforceID, salesforceSecret, username := e.Org.Credentials()
	xeroID, xeroSecret := e.Books.Credentials()
	return []string{
		"SF2XERO_SALESFORCE_LOGIN_URL=" + e.SalesforceURL,
		"SF2XERO_SALESFORCE_AUTH=client_credentials",
		"SF2XERO_SALESFORCE_CLIENT_ID=" + salesforceID,
		"SF2XERO_SALESFORCE_CLIENT_SECRET=" + salesforceSecret,
		"SF2XERO_SALESFORCE_USERNAME=" + username,
		"SF2XERO_XERO_API_URL=" + e.XeroURL,
		"SF2XERO_XERO_IDENTITY_URL=" + e.XeroURL,
		"SF2XERO_XERO_AUTH=custom_connection",
		"SF2XERO_XERO_CLIENT_ID=" + xeroID,
		"SF2XERO_XERO_CLIENT_SECRET=" + xeroSecret,
		"SF2XERO_XERO_TENANT_ID=" + e.Books.TenantID(),
	}
}

// writeEnvironment writes those lines into a file, and beside it the key of a client that signs in by JWT: the key first, because
// whoever waits for the file goes on when it is there.
func (e *emulators) writeEnvironment(file string) error {
	key := file + ".key.pem"
	if err := replaceFile(key, e.Org.JWTKey(), 0o600); err != nil {
		return fmt.Errorf("--env-file %s cannot be written: %w", file, err)
	}
	text := strings.Join(append(e.environment(), "SF2XERO_SALESFORCE_PRIVATE_KEY_FILE="+key), "\n") + "\n"
	if err := replaceFile(file, []byte(text), 0o600); err != nil {
		return fmt.Errorf("--env-file %s cannot be written: %w", file, err)
	}
	return nil
}

// Wait returns when ctx ends, which is how emulators are meant to end, or when one of them cannot go on.
func (e *emulators) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-e.failed:
		return err
	}
}

// Close ends both emulators. Calls that hang on purpose are cut off, and work that a fault put off is not waited for: what
// it would change is in memory only.
func (e *emulators) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, server := range e.servers {
		if server.Shutdown(ctx) != nil {
			server.Close()
		}
	}
	e.serving.Wait()
}
