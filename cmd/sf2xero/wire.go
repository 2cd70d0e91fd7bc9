package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"sf2xero/salesforce"
	"sf2xero/store"
	"sf2xero/sync"
	"sf2xero/sync/events"
	"sf2xero/sync/plan"
	"sf2xero/sync/remote"
	"sf2xero/xero"
)

// xeroLimits are what Xero allows one organisation. The day's quota differs by plan and is read from Xero's answers; the
// reserve is kept for watching, so that a backlog of writes never makes us blind.
func xeroLimits() remote.Limits {
	return remote.Limits{InFlight: 5, PerMinute: 60, PerDay: 5000, WriteReserve: 100}
}

// wire builds the cycle of one company on an open store.
func (p *program) wire(c *config, db *store.DB, log events.Log) (*sync.Cycle, error) {
	crm, err := salesforce.New(salesforce.Options{
		LoginURL: c.Salesforce.LoginURL, APIVersion: c.Salesforce.APIVersion, Auth: c.Salesforce.Auth,
		ClientID: c.Salesforce.ClientID, ClientSecret: c.Salesforce.ClientSecret, Username: c.Salesforce.Username,
		PrivateKey: []byte(c.Salesforce.PrivateKey.Reveal()), Base: p.Base, Pacer: remote.NewPacer(remote.Limits{InFlight: 5}),
	})
	if err != nil {
		return nil, err
	}
	books, err := xero.New(xero.Options{
		APIURL: c.Xero.APIURL, IdentityURL: c.Xero.IdentityURL, Auth: c.Xero.Auth,
		ClientID: c.Xero.ClientID, ClientSecret: c.Xero.ClientSecret, TenantID: c.Xero.TenantID,
		Base: p.Base, Pacer: remote.NewPacer(xeroLimits()),
	})
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return &sync.Cycle{
		Salesforce: crm, Xero: books, Store: db, Policy: plan.Everything, Log: log,
		Mapping:  func() (string, []byte, error) { return readMapping(c.Mapping) },
		Settings: sync.Settings{Settle: c.Xero.Settle, Overlap: c.Salesforce.Overlap, TenantID: c.Xero.TenantID, AllowSandbox: c.Xero.AllowSandbox, Holder: host},
	}, nil
}

// readMapping reads the mapping file, under the name that its problems are told by.
func readMapping(path string) (file string, text []byte, err error) {
	text, err = os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, usagef("the mapping file %s does not exist; set `mapping`, or make one with `sf2xero init`", path)
	}
	if err != nil {
		return "", nil, usagef("the mapping file %s cannot be read: %v", path, rootCause(err))
	}
	return filepath.Base(path), text, nil
}

// failure gives an error of the cycle its exit status: what a person must put right in the configuration is status 2.
func failure(err error) error {
	var problems *sync.MappingProblems
	var usage *usageError
	switch {
	case err == nil, errors.As(err, &usage):
		return err
	case errors.As(err, &problems), remote.ClassOf(err) == remote.BadConfig, remote.ClassOf(err) == remote.Auth:
		return &usageError{text: err.Error()}
	}
	return err
}
