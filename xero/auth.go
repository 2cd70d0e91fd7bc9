package xero

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"sf2xero/sync/remote"
)

// DefaultScopes are what the app must have ticked: a scope that is asked for and
// not ticked fails the whole sign-in.
func DefaultScopes() []string {
	return []string{"accounting.contacts", "accounting.invoices", "accounting.payments", "accounting.settings"}
}

const (
	tokenPath    = "/connect/token"
	tokenTimeout = 30 * time.Second
	tokenLife    = 30 * time.Minute // Xero's, should an answer not say
	earlyRefresh = 2 * time.Minute  // longer than a call may wait for its turn
)

// customConnection signs in with the app's own id and secret. It is a
// remote.Tokens: one token, one fetch in flight.
type customConnection struct {
	config clientcredentials.Config
	host   string
	client *http.Client
	store  TokenStore
	gate   chan struct{} // held by the one who fetches

	mu      sync.Mutex
	token   *oauth2.Token
	renewAt time.Time
	loaded  bool
}

func newCustomConnection(o Options, identity *url.URL) *customConnection {
	scopes := o.Scopes
	if scopes == nil {
		scopes = DefaultScopes()
	}
	return &customConnection{
		config: clientcredentials.Config{
			ClientID:     o.ClientID,
			ClientSecret: o.ClientSecret.Reveal(),
			TokenURL:     identity.JoinPath(tokenPath).String(),
			Scopes:       scopes,
			AuthStyle:    oauth2.AuthStyleInHeader,
		},
		host: identity.Host,
		client: &http.Client{
			Transport: o.Base,
			// The request carries the secret: it goes where it was addressed or nowhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		store: o.Tokens,
		gate:  make(chan struct{}, 1),
	}
}

// Token gives the current token, fetching one when there is none or it ends soon.
func (a *customConnection) Token(ctx context.Context) (string, error) {
	return a.get(ctx, "")
}

// Replace gives another token than the one that was refused.
func (a *customConnection) Replace(ctx context.Context, bad string) (string, error) {
	return a.get(ctx, bad)
}

func (a *customConnection) get(ctx context.Context, bad string) (string, error) {
	if token, ok := a.current(bad); ok {
		return token, nil
	}
	// Each waiter brings its own context to the fetch: a cancelled one fails alone,
	// and the next in line fetches for itself.
	select {
	case a.gate <- struct{}{}:
		defer func() { <-a.gate }()
	case <-ctx.Done():
		return "", &remote.Error{API: "Xero", Op: "sign in", Class: remote.Retry, Message: "stopped while signing in", Err: context.Cause(ctx)}
	}
	if token, ok := a.current(bad); ok {
		return token, nil
	}
	if token, ok := a.load(bad); ok {
		return token, nil
	}
	return a.fetch(ctx)
}

func (a *customConnection) current(bad string) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == nil || a.token.AccessToken == bad || !time.Now().Before(a.renewAt) {
		return "", false
	}
	return a.token.AccessToken, true
}

// load looks once for a token that an earlier process stored.
func (a *customConnection) load(bad string) (string, bool) {
	if a.store == nil || a.loaded {
		return "", false
	}
	a.loaded = true
	stored, err := a.store.Load()
	if err != nil || stored == nil || stored.AccessToken == "" || stored.Expiry.IsZero() {
		return "", false // a new one costs one call
	}
	a.keep(stored, stored.Expiry.Add(-earlyRefresh))
	return a.current(bad)
}

func (a *customConnection) keep(t *oauth2.Token, renewAt time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.token, a.renewAt = t, renewAt
}

func (a *customConnection) fetch(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, a.client), tokenTimeout)
	defer cancel()
	asked := time.Now()
	token, err := a.config.Token(ctx)
	if err != nil {
		return "", a.explain(err)
	}
	if token.Expiry.IsZero() { // x/oauth2 would take it for a token that never ends
		token.Expiry = asked.Add(tokenLife)
	}
	if a.store != nil {
		if err := a.store.Save(token); err != nil {
			return "", &remote.Error{API: "Xero", Op: "sign in", Class: remote.Retry, Message: "the new token could not be stored: " + err.Error(), Err: err}
		}
	}
	life := token.Expiry.Sub(asked)
	a.keep(token, token.Expiry.Add(-min(earlyRefresh, life/4)))
	return token.AccessToken, nil
}

// explain turns what the token endpoint said into what to do about it. The
// library's own error holds the answer's body, so it is not passed on.
func (a *customConnection) explain(err error) error {
	e := &remote.Error{API: "Xero", Op: "sign in at " + a.host}
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		var address *url.Error
		if !errors.As(err, &address) {
			// Half an answer or a maintenance page passes by itself, and must not end a daemon that has just begun.
			e.Class = remote.Retry
			e.Message = "the answer is no token"
			e.Remedy = "Check xero.identity_url if this stays."
			return e
		}
		e.Class, e.Err = remote.Retry, address.Err
		e.Message = a.redact("no answer: " + address.Err.Error())
		e.Remedy = "Check the network and xero.identity_url if this stays."
		return e
	}
	e.Code = a.redact(refused.ErrorCode)
	if refused.Response != nil {
		e.Status = refused.Response.StatusCode
	}
	switch refused.ErrorCode {
	case "invalid_client":
		e.Class = remote.Auth
		e.Message = "Xero does not accept the client id or the client secret"
		e.Remedy = "Compare xero.client_id and xero.client_secret with the app's Configuration page at developer.xero.com."
		return e
	case "invalid_scope":
		e.Class = remote.Auth
		e.Message = "the app lacks a permission that is needed"
		e.Remedy = "Tick these scopes on the custom connection and let the organisation authorise it again: " + strings.Join(a.config.Scopes, " ") + "."
		return e
	case "unauthorized_client", "unsupported_grant_type":
		e.Class = remote.Auth
		e.Message = "this app may not sign in by itself"
		e.Remedy = "Use an app of the kind Custom connection, authorised by the organisation, or a different client id."
		return e
	case "invalid_grant", "access_denied":
		e.Class = remote.Auth
		e.Message = "the organisation has not authorised this app, or has disconnected it"
		e.Remedy = "Have the custom connection authorised again from developer.xero.com."
		return e
	case "invalid_request":
		e.Class = remote.BadConfig
		e.Message = "Xero does not understand the sign-in"
		e.Remedy = "Check xero.client_id, xero.client_secret and xero.identity_url."
		return e
	}
	switch {
	case e.Status == http.StatusTooManyRequests:
		e.Class, e.Message = remote.Throttled, "too many sign-ins"
		e.RetryAfter = remote.RetryAfter(refused.Response.Header, time.Now())
	case e.Status >= 500:
		e.Class, e.Message = remote.Retry, "the sign-in service has trouble"
		e.RetryAfter = remote.RetryAfter(refused.Response.Header, time.Now())
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		e.Class = remote.Auth
		e.Message = "Xero does not let this app sign in"
		e.Remedy = "Compare xero.client_id and xero.client_secret with the app's Configuration page at developer.xero.com."
	default:
		e.Class = remote.BadConfig
		e.Message = "the sign-in was refused"
		e.Remedy = "Check xero.identity_url and the app's Configuration page at developer.xero.com."
	}
	return e
}

// redact takes out of a text what must never be shown, should a server have echoed it.
func (a *customConnection) redact(s string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	secret := a.config.ClientSecret
	hide := []string{
		base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(a.config.ClientID) + ":" + url.QueryEscape(secret))),
		url.QueryEscape(secret),
		secret,
	}
	if a.token != nil {
		hide = append(hide, a.token.AccessToken)
	}
	for _, h := range hide {
		if h != "" {
			s = strings.ReplaceAll(s, h, "***")
		}
	}
	return s
}
