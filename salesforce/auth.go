package salesforce

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"

	"sf2xero/sync/remote"
)

// A session is what one token answer gave. Salesforce does not say how long it lives.
type session struct {
	token    string
	instance *url.URL
	id       string // the identity URL: …/id/<organisation>/<user>
	from     *tokens
}

// Token gives this session's token and no later one: a later one may belong to another address.
func (s *session) Token(context.Context) (string, error) { return s.token, nil }

// Replace gives the token of a new session.
func (s *session) Replace(ctx context.Context, bad string) (string, error) {
	return s.from.Replace(ctx, bad)
}

// tokens keeps the current session. One fetch is in flight at a time: Salesforce limits logins per user and hour, and
// ends old sessions when new ones are made.
type tokens struct {
	fetch func(context.Context) (*session, error)

	mu      sync.Mutex
	current *session
	flight  chan struct{} // closed when the fetch in flight has ended
}

var _ remote.Tokens = (*tokens)(nil)

// Token gives the current token, fetching the first.
func (t *tokens) Token(ctx context.Context) (string, error) {
	s, err := t.session(ctx)
	if err != nil {
		return "", err
	}
	return s.token, nil
}

// Replace gives another token than the bad one; it fetches only if nobody has done so in the meantime.
func (t *tokens) Replace(ctx context.Context, bad string) (string, error) {
	s, err := t.renew(ctx, &session{token: bad})
	if err != nil {
		return "", err
	}
	return s.token, nil
}

func (t *tokens) renew(ctx context.Context, bad *session) (*session, error) {
	t.mu.Lock()
	if t.current != nil && t.current.token == bad.token {
		t.current = nil
	}
	t.mu.Unlock()
	return t.session(ctx)
}

func (t *tokens) session(ctx context.Context) (*session, error) {
	for {
		t.mu.Lock()
		current, flight := t.current, t.flight
		if current == nil && flight == nil {
			t.flight = make(chan struct{})
		}
		t.mu.Unlock()
		switch {
		case current != nil:
			return current, nil
		case flight == nil:
			return t.fetchInFlight(ctx)
		}
		select {
		case <-flight: // fetched, or failed by reasons of the other's own, such as its context: look again
		case <-ctx.Done():
			return nil, interrupted(ctx, opSignIn)
		}
	}
}

func (t *tokens) fetchInFlight(ctx context.Context) (s *session, err error) {
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.current = s
		close(t.flight)
		t.flight = nil
	}()
	if s, err = t.fetch(ctx); err != nil {
		return nil, err
	}
	s.from = t
	return s, nil
}

const (
	opSignIn   = "sign in"
	production = "login.salesforce.com"
	sandbox    = "test.salesforce.com"
)

// A signIn fetches tokens from the organisation's token endpoint.
type signIn struct {
	base http.RoundTripper
	host string
	get  func(context.Context) (*oauth2.Token, error)
}

func newSignIn(o Options) (*signIn, error) {
	login, err := remote.SecureURL(o.LoginURL)
	if err != nil {
		return nil, misconfigured(fmt.Sprintf("salesforce.login_url: %v", err), "Set it to the organisation's My Domain address, like https://example.my.salesforce.com.")
	}
	if o.ClientID == "" {
		return nil, misconfigured("salesforce.client_id is empty", "Set it to the consumer key of the External Client App.")
	}
	tokenURL := login.Scheme + "://" + login.Host + "/services/oauth2/token"
	sign := &signIn{base: o.Base, host: login.Host}
	switch o.Auth {
	case "", "client_credentials":
		if login.Hostname() == production || login.Hostname() == sandbox {
			return nil, misconfigured("salesforce.login_url is "+login.Host+", where Salesforce refuses client credentials",
				"Set it to the organisation's My Domain address, like https://example.my.salesforce.com.")
		}
		if o.ClientSecret == "" {
			return nil, misconfigured("salesforce.client_secret is empty", "Set it to the consumer secret of the External Client App.")
		}
		// The style is named because oauth2 otherwise sends every request that fails a second time.
		config := &clientcredentials.Config{
			ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams,
		}
		sign.get = config.Token
	case "jwt":
		if o.Username == "" {
			return nil, misconfigured("salesforce.username is empty", "Set it to the user name of the integration user.")
		}
		if err := checkKey(o.PrivateKey); err != nil {
			return nil, err
		}
		config := &jwt.Config{
			Email: o.ClientID, Subject: o.Username, PrivateKey: o.PrivateKey, TokenURL: tokenURL,
			Audience: audience(o.Audience, login.Hostname()),
			Expires:  3 * time.Minute, // of the assertion, not of the token
		}
		sign.get = func(ctx context.Context) (*oauth2.Token, error) { return config.TokenSource(ctx).Token() }
	default:
		return nil, misconfigured(fmt.Sprintf("salesforce.auth is %q", o.Auth), "It may be client_credentials or jwt.")
	}
	return sign, nil
}

// audience is to be Salesforce's own address, not the organisation's: one for sandboxes, one for everything else.
func audience(configured, host string) string {
	switch {
	case configured != "":
		return configured
	case host == sandbox, strings.HasSuffix(host, ".sandbox.my.salesforce.com"):
		return "https://" + sandbox
	}
	return "https://" + production
}

// checkKey finds out at once what would otherwise fail at the first sign-in. It never shows anything of the key.
func checkKey(key []byte) error {
	remedy := "Set salesforce.private_key_file to an RSA key in PEM (BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY) without a passphrase."
	block, _ := pem.Decode(key)
	switch {
	case block == nil:
		return misconfigured("the private key is not a PEM file", remedy)
	case strings.Contains(block.Type, "ENCRYPTED"), block.Headers["DEK-Info"] != "":
		return misconfigured("the private key has a passphrase", remedy)
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return misconfigured("the private key cannot be read", remedy)
	}
	if _, ok := parsed.(*rsa.PrivateKey); !ok {
		return misconfigured("the private key is not an RSA key", remedy)
	}
	return nil
}

func (s *signIn) fetch(ctx context.Context) (*session, error) {
	limited, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	gate := &tokenGate{ctx: limited, base: s.base}
	// oauth2 keeps the context it is given, so it gets one for this fetch alone.
	token, err := s.get(context.WithValue(limited, oauth2.HTTPClient, &http.Client{Transport: gate}))
	switch {
	case ctx.Err() != nil:
		return nil, interrupted(ctx, opSignIn)
	case gate.failed != nil:
		return nil, gate.failed
	case err != nil, token.AccessToken == "":
		// Not err itself: it may quote the answer, and the answer may hold a token.
		return nil, s.strange("its answer holds no token")
	}
	instance, _ := token.Extra("instance_url").(string)
	address, err := remote.SecureURL(instance)
	if err != nil {
		return nil, s.strange(fmt.Sprintf("its answer names no usable instance_url: %v", err))
	}
	id, _ := token.Extra("id").(string)
	return &session{token: token.AccessToken, instance: &url.URL{Scheme: address.Scheme, Host: address.Host}, id: id}, nil
}

func (s *signIn) strange(message string) *remote.Error {
	return &remote.Error{
		API: apiName, Op: opSignIn, Class: remote.Retry, Status: http.StatusOK, Sent: true,
		Message: s.host + " did not answer as Salesforce does: " + message,
		Remedy:  "Check that salesforce.login_url is the organisation's My Domain address.",
	}
}
