// Package xero is the client of Xero's accounting API: it signs in, keeps within
// Xero's limits, reads lists to their last page, and makes writes whose every
// outcome is told apart: done, refused, not sent, or not known.
package xero

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"sf2xero/sync/remote"
)

// Options say whom to talk to and as whom.
type Options struct {
	APIURL       string // "": https://api.xero.com
	IdentityURL  string // "": https://identity.xero.com
	Auth         string // "": custom_connection
	ClientID     string
	ClientSecret remote.Secret
	Scopes       []string // nil: DefaultScopes
	TenantID     string   // may be given later with Use
	Tokens       TokenStore
	Base         http.RoundTripper // nil: net/http's own
	Pacer        *remote.Pacer     // nil: one with DefaultLimits
}

// TokenStore keeps the token across restarts. Save returns when it is on disk.
// A custom connection needs none: it can have a new token at any time.
type TokenStore interface {
	Load() (*oauth2.Token, error)
	Save(*oauth2.Token) error
}

// DefaultLimits are what Xero allows one app in one organisation. The calls of
// the day depend on the app's plan; Xero tells them with each answer.
func DefaultLimits() remote.Limits {
	return remote.Limits{InFlight: 5, PerMinute: 60, WriteReserve: 100}
}

// Client talks to one Xero organisation. Safe for concurrent use.
type Client struct {
	api       *url.URL
	transport *remote.Transport
	auth      *customConnection
	pacer     *remote.Pacer
	time      *remote.Time
	tenant    atomic.Value // string
	reads     atomic.Int64
	writes    atomic.Int64
}

const (
	defaultAPI      = "https://api.xero.com"
	defaultIdentity = "https://identity.xero.com"
	accounting      = "/api.xro/2.0"
)

// New makes a client; it calls nobody yet.
func New(o Options) (*Client, error) {
	api, err := address("xero.api_url", o.APIURL, defaultAPI)
	if err != nil {
		return nil, err
	}
	api.Path = strings.TrimSuffix(strings.TrimSuffix(api.Path, "/"), accounting)
	identity, err := address("xero.identity_url", o.IdentityURL, defaultIdentity)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Auth != "" && o.Auth != "custom_connection":
		return nil, fmt.Errorf("xero.auth is %q; only custom_connection is known", o.Auth)
	case o.ClientID == "":
		return nil, fmt.Errorf("xero.client_id is missing; it stands on the app's Configuration page at developer.xero.com")
	case o.ClientSecret == "":
		return nil, fmt.Errorf("xero.client_secret is missing; make one on the app's Configuration page at developer.xero.com")
	}
	if o.Base == nil {
		o.Base = base()
	}
	if o.Pacer == nil {
		o.Pacer = remote.NewPacer(DefaultLimits())
	}
	c := &Client{api: api, pacer: o.Pacer, time: new(remote.Time), auth: newCustomConnection(o, identity)}
	c.transport = &remote.Transport{
		Base: o.Base, Host: api.Host, Tokens: c.auth, Time: c.time,
		NoReplay: true, // a replay is one more call: the pacer has to know, and a write has to be recorded
	}
	c.Use(o.TenantID)
	return c, nil
}

func address(key, raw, otherwise string) (*url.URL, error) {
	if raw == "" {
		raw = otherwise
	}
	u, err := remote.SecureURL(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return u, nil
}

// base gives up idle connections before a server does: a write on a connection
// that is just being closed ends with nobody knowing whether it was done.
func base() http.RoundTripper {
	if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t = t.Clone()
		t.IdleConnTimeout = 30 * time.Second
		return t
	}
	return http.DefaultTransport
}

// Use sets the tenant (the organisation) of every later call.
func (c *Client) Use(tenantID string) { c.tenant.Store(tenantID) }

// Time is Xero's time, once an answer has told it.
func (c *Client) Time() (time.Time, bool) { return c.time.Now() }

// Calls counts the calls made so far, without those for tokens.
func (c *Client) Calls() (reads, writes int) { return int(c.reads.Load()), int(c.writes.Load()) }

// Pacer is the one through which every call of this client goes.
func (c *Client) Pacer() *remote.Pacer { return c.pacer }

// Tenant is an organisation that this app is connected to.
type Tenant struct{ ID, Name, Type string }

// Is compares tenant ids, which Xero does not write in one case everywhere.
func (t Tenant) Is(id string) bool { return strings.EqualFold(t.ID, strings.TrimSpace(id)) }

// Tenants lists what the app is connected to, in Xero's order.
func (c *Client) Tenants(ctx context.Context) ([]Tenant, error) {
	a, err := c.get(ctx, reading{path: "/connections", global: true})
	if err != nil {
		return nil, err
	}
	var connections []struct {
		TenantID   string `json:"tenantId"`
		TenantName string `json:"tenantName"`
		TenantType string `json:"tenantType"`
	}
	if err := json.Unmarshal(a.body, &connections); err != nil {
		return nil, c.undecodable("GET /connections", a, err)
	}
	tenants := make([]Tenant, 0, len(connections))
	for _, x := range connections {
		tenants = append(tenants, Tenant{ID: x.TenantID, Name: x.TenantName, Type: x.TenantType})
	}
	return tenants, nil
}
