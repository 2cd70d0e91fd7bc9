package xerotest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Lifetimes of what the identity service hands out.
const (
	accessLife  = 30 * time.Minute
	refreshLife = 60 * 24 * time.Hour
	graceLife   = 30 * time.Minute // in which a used refresh token may be used again, for a client that lost the answer
	codeLife    = 5 * time.Minute
)

// identity is the state of the identity service.
type identity struct {
	access  map[string]*accessToken
	refresh map[string]*refreshToken
	codes   map[string]*authCode
	issued  int
	refused bool // the person at the consent page presses Cancel
}

type accessToken struct {
	app     *app
	scopes  []string
	event   string
	expires time.Time
}

type refreshToken struct {
	app     *app
	scopes  []string
	event   string
	expires time.Time
	used    time.Time // when it was first exchanged; zero while it is the current one
}

func newIdentity() identity {
	return identity{access: map[string]*accessToken{}, refresh: map[string]*refreshToken{}, codes: map[string]*authCode{}}
}

// RevokeTokens ends every access and refresh token, as a user does who disconnects the app and connects it again.
func (o *Organisation) RevokeTokens() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.identity.access)
	clear(o.identity.refresh)
}

// ExpireTokens lets every access token reach the end of its life now; refresh tokens stay good.
func (o *Organisation) ExpireTokens() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, t := range o.identity.access {
		t.expires = o.now()
	}
}

func oauthError(code string) *answer {
	return jsonAnswer(http.StatusBadRequest, map[string]string{"error": code})
}

// serveToken answers /connect/token. The body is a form, with or without a Content-Length; credentials stand in a Basic
// header or in the form.
func (o *Organisation) serveToken(w http.ResponseWriter, r *http.Request) {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || media != "application/x-www-form-urlencoded" {
		o.write(w, oauthError("invalid_request"))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		o.write(w, oauthError("invalid_request"))
		return
	}
	var a *answer
	o.alone(func() { a = o.token(r, r.PostForm) })
	o.write(w, a.with("Cache-Control", "no-store"))
}

// authenticate finds the app that a token request comes from.
func (o *Organisation) authenticate(r *http.Request, form url.Values) (*app, *answer) {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
		if id == "" {
			return nil, oauthError("invalid_request")
		}
	}
	if a := o.appByID(id); a != nil && a.secret == secret {
		return a, nil
	}
	// Some clients escape the two halves of the Basic header, as the RFC says; others send them as they are.
	plainID, err := url.QueryUnescape(id)
	if err != nil {
		return nil, oauthError("invalid_client")
	}
	plainSecret, err := url.QueryUnescape(secret)
	if a := o.appByID(plainID); err == nil && a != nil && a.secret == plainSecret {
		return a, nil
	}
	return nil, oauthError("invalid_client")
}

func (o *Organisation) token(r *http.Request, form url.Values) *answer {
	a, refused := o.authenticate(r, form)
	if refused != nil {
		return refused
	}
	switch form.Get("grant_type") {
	case "client_credentials":
		if a.kind != customConnection {
			return oauthError("unauthorized_client")
		}
		scopes, ok := grantable(a, strings.Fields(form.Get("scope")))
		if !ok {
			return oauthError("invalid_scope")
		}
		return o.grant(a, scopes, o.named("event", "custom connection"), false)
	case "authorization_code":
		return o.redeem(a, form)
	case "refresh_token":
		return o.refresh(a, form.Get("refresh_token"))
	case "":
		return oauthError("invalid_request")
	default:
		return oauthError("unsupported_grant_type")
	}
}

// grantable checks the scopes of a client credentials request; none asked for means all that are ticked.
func grantable(a *app, asked []string) ([]string, bool) {
	if len(asked) == 0 {
		return slices.DeleteFunc(slices.Clone(a.scopes), func(s string) bool { return slices.Contains(userScopes(), s) }), true
	}
	for _, s := range asked {
		if !slices.Contains(a.scopes, s) && !slices.Contains(a.scopes, strings.TrimSuffix(s, ".read")) {
			return nil, false
		}
	}
	return asked, true
}

// refresh exchanges a refresh token. Each use returns a new one; the used one stays good for half an hour, because a
// client may never have seen the answer.
func (o *Organisation) refresh(a *app, token string) *answer {
	t := o.identity.refresh[token]
	now := o.now()
	if t == nil || t.app != a || !now.Before(t.expires) || a.connection == nil {
		return oauthError("invalid_grant")
	}
	if t.used.IsZero() {
		t.used = now
	} else if now.Sub(t.used) >= graceLife {
		return oauthError("invalid_grant")
	}
	return o.grant(a, t.scopes, t.event, true)
}

// grant issues an access token and, where the user consented to offline access, a refresh token.
func (o *Organisation) grant(a *app, scopes []string, event string, offline bool) *answer {
	o.identity.issued++
	serial := fmt.Sprint(o.identity.issued)
	expires := o.now().Add(accessLife)
	token := o.jwt(a, scopes, event, serial, expires)
	o.identity.access[token] = &accessToken{app: a, scopes: scopes, event: event, expires: expires}
	body := map[string]any{"access_token": token, "expires_in": int(accessLife / time.Second), "token_type": "Bearer", "scope": strings.Join(scopes, " ")}
	if offline {
		next := strings.ReplaceAll(o.named("refresh", a.id, serial), "-", "")
		o.identity.refresh[next] = &refreshToken{app: a, scopes: scopes, event: event, expires: o.now().Add(refreshLife)}
		body["refresh_token"] = next
	}
	return jsonAnswer(http.StatusOK, body)
}

// jwt writes a token with the claims that clients look into.
func (o *Organisation) jwt(a *app, scopes []string, event, serial string, expires time.Time) string {
	claims, err := json.Marshal(map[string]any{
		"iss": "https://identity.xero.com", "aud": "https://identity.xero.com/resources", "client_id": a.id,
		"jti": o.named("jti", serial), "nbf": expires.Add(-accessLife).Unix(), "exp": expires.Unix(),
		"xero_userid": o.named("user"), "authentication_event_id": event, "scope": scopes,
	})
	if err != nil {
		return serial
	}
	encode := base64.RawURLEncoding.EncodeToString
	head := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(claims)
	mac := hmac.New(sha256.New, []byte(o.named("signature")))
	mac.Write([]byte(head))
	return head + "." + encode(mac.Sum(nil))
}

// serveRevocation answers /connect/revocation: it ends the refresh token and all the connections of the app.
func (o *Organisation) serveRevocation(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		o.write(w, oauthError("invalid_request"))
		return
	}
	done := &answer{status: http.StatusOK}
	o.alone(func() {
		a, refused := o.authenticate(r, r.PostForm)
		if refused != nil {
			done = refused
		} else if t := o.identity.refresh[r.PostForm.Get("token")]; t != nil && t.app == a {
			o.disconnect(a)
		}
	})
	o.write(w, done)
}

// disconnect ends a connection together with the refresh tokens that stand on it.
func (o *Organisation) disconnect(a *app) {
	a.connection = nil
	for token, t := range o.identity.refresh {
		if t.app == a {
			delete(o.identity.refresh, token)
		}
	}
}
