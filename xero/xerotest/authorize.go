package xerotest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// authCode is what the consent page hands to the redirect address; it works once.
type authCode struct {
	app       *app
	scopes    []string
	event     string
	redirect  string
	challenge string
	expires   time.Time
}

// RefuseConsent makes the person at the consent page press Cancel from now on, or allow access again.
func (o *Organisation) RefuseConsent(refuse bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.identity.refused = refuse
}

// serveAuthorize is the consent page in its simplest form: whoever opens it has pressed "Allow access", and is sent
// back with a code at once.
func (o *Organisation) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	var a *answer
	o.alone(func() { a = o.authorize(r.URL.Query()) })
	o.write(w, a)
}

func (o *Organisation) authorize(q url.Values) *answer {
	page := func(code, text string) *answer { // errors about the app itself are shown, never sent to an unproven address
		return &answer{status: http.StatusBadRequest, contentType: typeHTML, body: []byte("Sorry, something went wrong. Error: " + code + ". " + text)}
	}
	a := o.appByID(q.Get("client_id"))
	if a == nil || a.kind == customConnection {
		return page("unauthorized_client", "Unknown client or client not enabled")
	}
	if !o.redirectable(q.Get("redirect_uri")) {
		return page("unauthorized_client", "Invalid redirect_uri")
	}
	if q.Get("response_type") != "code" {
		return page("unsupported_response_type", "")
	}
	scopes := strings.Fields(q.Get("scope"))
	for _, s := range scopes {
		_, ok := grantable(a, []string{s})
		if !ok && !slices.Contains(userScopes(), s) {
			return page("unauthorized_client", "Invalid scope for client")
		}
	}
	challenge := q.Get("code_challenge")
	if len(scopes) == 0 || a.kind == desktopApp && challenge == "" || challenge != "" && q.Get("code_challenge_method") != "S256" {
		return page("invalid_request", "")
	}
	back := url.Values{}
	if o.identity.refused {
		back.Set("error", "access_denied")
	} else {
		o.identity.issued++
		serial := fmt.Sprint(o.identity.issued)
		event := o.named("event", serial)
		code := strings.ReplaceAll(o.named("code", serial), "-", "")
		o.identity.codes[code] = &authCode{app: a, scopes: scopes, event: event, redirect: q.Get("redirect_uri"),
			challenge: challenge, expires: o.now().Add(codeLife)}
		o.connect(a, event)
		back.Set("code", code)
		back.Set("scope", strings.Join(scopes, " "))
	}
	if state := q.Get("state"); state != "" {
		back.Set("state", state)
	}
	join := "?"
	if strings.Contains(q.Get("redirect_uri"), "?") {
		join = "&"
	}
	return (&answer{status: http.StatusFound}).with("Location", q.Get("redirect_uri")+join+back.Encode())
}

// redirectable compares byte for byte with what is registered. Without a registration it takes what Xero would let one
// register: https, or http to the name localhost, not to 127.0.0.1.
func (o *Organisation) redirectable(raw string) bool {
	if o.opt.RedirectURIs != nil {
		return slices.Contains(o.opt.RedirectURIs, raw)
	}
	u, err := url.Parse(raw)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && u.Hostname() == "localhost")
}

// redeem exchanges an authorization code.
func (o *Organisation) redeem(a *app, form url.Values) *answer {
	if a.kind == customConnection {
		return oauthError("unauthorized_client")
	}
	c := o.identity.codes[form.Get("code")]
	delete(o.identity.codes, form.Get("code"))
	if c == nil || c.app != a || c.redirect != form.Get("redirect_uri") || !o.now().Before(c.expires) {
		return oauthError("invalid_grant")
	}
	if c.challenge != "" {
		verifier := form.Get("code_verifier")
		sum := sha256.Sum256([]byte(verifier))
		if len(verifier) < 43 || len(verifier) > 128 || base64.RawURLEncoding.EncodeToString(sum[:]) != c.challenge {
			return oauthError("invalid_grant")
		}
	}
	return o.grant(a, c.scopes, c.event, slices.Contains(c.scopes, "offline_access"))
}

// serveDiscovery answers /.well-known/openid-configuration with the addresses under which it was asked.
func (o *Organisation) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	base := "https://" + r.Host
	if r.TLS == nil {
		base = "http://" + r.Host
	}
	o.write(w, jsonAnswer(http.StatusOK, map[string]any{
		"issuer":                                base,
		"authorization_endpoint":                base + "/identity/connect/authorize",
		"token_endpoint":                        base + "/connect/token",
		"revocation_endpoint":                   base + "/connect/revocation",
		"response_types_supported":              []string{"code"},
		"grant_types_supported":                 []string{"authorization_code", "client_credentials", "refresh_token"},
		"code_challenge_methods_supported":      []string{"S256"},
		"scopes_supported":                      append(userScopes(), o.opt.Scopes...),
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
	}))
}
