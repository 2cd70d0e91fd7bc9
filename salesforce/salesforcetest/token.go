package salesforcetest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type session struct {
	issued time.Time
	ended  bool
}

// tokenError is the token endpoint's own shape: an object, not an array, and HTTP 400.
func tokenError(code, description string) answer {
	return jsonAnswer(http.StatusBadRequest, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{code, description})
}

// formOf reads parameters from the body and, as Salesforce does, from the URL too.
func formOf(r *http.Request, body []byte) url.Values {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		form = url.Values{}
	}
	for k, v := range r.URL.Query() {
		form[k] = append(form[k], v...)
	}
	return form
}

func (o *Org) token(r *http.Request, body []byte) answer {
	if r.Method != http.MethodPost {
		return tokenError("invalid_request", "must use HTTP POST")
	}
	if o.noEntry != nil {
		return *o.noEntry
	}
	form := formOf(r, body)
	switch form.Get("grant_type") {
	case "client_credentials":
		return o.clientCredentials(r, form)
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		if refusal, ok := o.checkAssertion(r, form.Get("assertion")); !ok {
			return refusal
		}
		return o.issue(r, false)
	case "":
		return tokenError("unsupported_grant_type", "grant type not supported")
	case "password":
		return tokenError("invalid_grant", "authentication failure")
	}
	return tokenError("unsupported_grant_type", "grant type not supported")
}

// clientCredentials takes the app's key and secret from a Basic header or from the form, and only at the org's own domain.
func (o *Org) clientCredentials(r *http.Request, form url.Values) answer {
	if h := hostOnly(r.Host); h == "login.salesforce.com" || h == "test.salesforce.com" {
		return tokenError("invalid_grant", "request not supported on this domain")
	}
	id, secret, ok := r.BasicAuth()
	if ok {
		// RFC 6749 has both parts form-encoded; most clients send them as they are.
		if id != o.opt.ClientID {
			id, secret = unescaped(id), unescaped(secret)
		}
	} else {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if id == "" {
		return tokenError("invalid_request", "missing required parameter: client_id")
	}
	if !same(id, o.opt.ClientID) || !same(secret, o.opt.ClientSecret) {
		return tokenError("invalid_client", "invalid client credentials")
	}
	return o.issue(r, true)
}

func unescaped(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func hostOnly(host string) string {
	h, _, _ := strings.Cut(host, ":")
	return strings.ToLower(h)
}

// issue opens a session. There is never an expires_in: the client learns of the end by a 401.
func (o *Org) issue(r *http.Request, signed bool) answer {
	o.issued++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%d", o.opt.Seed, o.opt.ClientSecret, o.issued))
	token := o.orgID[:15] + "!AQ" + base64.RawURLEncoding.EncodeToString(sum[:])
	now := o.opt.Now()
	for t, s := range o.sessions {
		if now.Sub(s.issued) > 2*o.opt.SessionLife {
			delete(o.sessions, t)
		}
	}
	o.sessions[token] = session{issued: now}
	base := instanceOf(r)
	out := map[string]string{
		"access_token": token, "instance_url": base, "id": base + "/id/" + o.orgID + "/" + o.user, "token_type": "Bearer", "scope": "api",
	}
	if signed {
		out["issued_at"] = strconv.FormatInt(now.UnixMilli(), 10)
		mac := sha256.Sum256([]byte(out["id"] + out["issued_at"] + o.opt.ClientSecret))
		out["signature"] = base64.StdEncoding.EncodeToString(mac[:])
		out["api_instance_url"] = base
	}
	a := jsonAnswer(http.StatusOK, out)
	a.header = http.Header{"Cache-Control": {"no-store"}, "Pragma": {"no-cache"}}
	return a
}

// instanceOf is the scheme and host the request came to; a proxy in front may say that it was https.
func instanceOf(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") || r.URL.Scheme == "https" {
		scheme = "https"
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	return scheme + "://" + host
}

// authorised checks the bearer token; Salesforce also takes the scheme "OAuth".
func (o *Org) authorised(r *http.Request) *refusal {
	auth := header(r.Header, "Authorization")
	scheme, token, ok := strings.Cut(auth, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "OAuth") {
		return refuse(http.StatusUnauthorized, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
	}
	if !o.alive(strings.TrimSpace(token)) {
		return refuse(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	}
	return nil
}

// alive: a session ends a fixed time after its issue. A real one lives longer while it is used; a client must not count on that.
func (o *Org) alive(token string) bool {
	s, ok := o.sessions[token]
	return ok && !s.ended && o.opt.Now().Sub(s.issued) < o.opt.SessionLife
}

func (o *Org) revoke(form url.Values) answer {
	token := form.Get("token")
	s, ok := o.sessions[token]
	if !ok {
		return tokenError("unsupported_token_type", "this token type is not supported")
	}
	s.ended = true
	o.sessions[token] = s
	return answer{status: http.StatusOK, body: []byte{}}
}

func (o *Org) introspect(form url.Values) answer {
	if !same(form.Get("client_id"), o.opt.ClientID) || !same(form.Get("client_secret"), o.opt.ClientSecret) {
		return tokenError("invalid_client", "invalid client credentials")
	}
	token := form.Get("token")
	if !o.alive(token) {
		return jsonAnswer(http.StatusOK, map[string]any{"active": false})
	}
	issued := o.sessions[token].issued
	return jsonAnswer(http.StatusOK, map[string]any{
		"active": true, "scope": "api", "client_id": o.opt.ClientID, "username": o.opt.Username, "sub": o.user, "token_type": "access_token",
		"iat": issued.Unix(), "nbf": issued.Unix(), "exp": issued.Add(o.opt.SessionLife).Unix(),
	})
}

// identity answers the id URL of a token.
func (o *Org) identity(r *http.Request) answer {
	if o.authorised(r) != nil {
		return answer{status: http.StatusForbidden, header: http.Header{"Content-Type": {"text/html"}}, body: []byte("Bad_OAuth_Token")}
	}
	base := instanceOf(r)
	u := o.rows[o.user]
	return jsonAnswer(http.StatusOK, map[string]any{
		"id": base + "/id/" + o.orgID + "/" + o.user, "asserted_user": true, "user_id": o.user, "organization_id": o.orgID, "sub": base + "/id/" + o.orgID + "/" + o.user,
		"username": u.text("Username"), "preferred_username": u.text("Username"), "nick_name": u.text("LastName"), "display_name": u.text("Name"), "name": u.text("Name"),
		"email": u.text("Email"), "email_verified": true, "first_name": u.get("FirstName"), "last_name": u.text("LastName"), "timezone": u.text("TimeZoneSidKey"), "active": true,
		"user_type": "STANDARD", "language": "en_US", "locale": "en_NZ", "utcOffset": 43200000,
		"urls": map[string]string{
			"rest": base + "/services/data/v{version}/", "sobjects": base + "/services/data/v{version}/sobjects/", "query": base + "/services/data/v{version}/query/",
			"custom_domain": base,
		},
		"last_modified_date": u.get("LastModifiedDate").(time.Time).Format("2006-01-02T15:04:05Z"),
	})
}
